package model

import (
	"slices"
	"strings"
)

// CanEditArticle: the committee of an organisation writes, publishes and withdraws its articles, and so do those above it.
// The leader of a group may post the group's own news.
func CanEditArticle(a *Actor, ar *Article) bool {
	return a.Has(RoleCommitteeMember, ar.OrgPath) || (ar.Category == CategoryNews && ar.OrgKind == OrgGroup && a.Has(RoleGroupLeader, ar.OrgPath))
}

// CanSeeArticle: what is published is for its audience; everything else is for those who may edit it.
func CanSeeArticle(a *Actor, ar *Article) bool {
	if ar.State == ArticlePublished && ar.Visibility == VisiblePublic {
		return true
	}
	if !a.Bound() {
		return false
	}
	if ar.State == ArticlePublished && meantFor(a, ar) {
		return true
	}
	return CanEditArticle(a, ar)
}

// meantFor reports whether a member belongs to the audience of an article that is not public.
func meantFor(a *Actor, ar *Article) bool {
	switch ar.Visibility {
	case VisibleMembers:
		return standsUnder(a, ar.OrgPath)
	case VisibleParty:
		return a.InParty() && standsUnder(a, ar.OrgPath)
	case VisibleCommittee:
		return servesUnder(a, ar.OrgPath)
	}
	return false
}

// standsUnder: the actor is a member, or holds a role, at the organisation of path or below it.
func standsUnder(a *Actor, path string) bool { return a.BelongsTo(path) || a.ownsUnder(path) }

// servesUnder: the actor sits on the committee of the organisation of path or of one below it.
func servesUnder(a *Actor, path string) bool {
	return slices.ContainsFunc(a.Powers, func(p Power) bool {
		return p.Role.Rank() >= RoleCommitteeMember.Rank() && Within(p.Path, path)
	})
}

// CanSeeReach: how far an article has got is told, in counts only, to those who lead its organisation.
func CanSeeReach(a *Actor, ar *Article) bool { return a.Has(RoleGroupLeader, ar.OrgPath) }

// Sight is what an actor may see of published articles, in a form that a query can use. What is public, everybody sees.
type Sight struct {
	Chain     []OrgSight // the actor's own organisations and those above them
	Under     []string   // the paths below which the actor sees everything, as an editor
	NewsUnder []string   // the paths of groups whose news the actor edits
}

// OrgSight is what an actor may see of one organisation's articles.
type OrgSight struct {
	OrgID        string
	Visibilities []Visibility
}

// SightOf agrees with CanSeeArticle on everything that is published.
func SightOf(a *Actor) Sight {
	var s Sight
	if !a.Bound() {
		return s
	}
	for _, p := range a.Powers {
		switch {
		case p.Role.Rank() >= RoleCommitteeMember.Rank():
			s.Under = append(s.Under, p.Path)
		case p.Role.Rank() >= RoleGroupLeader.Rank():
			s.NewsUnder = append(s.NewsUnder, p.Path)
		}
	}
	for _, path := range chainPaths(a) {
		ids := PathIDs(path)
		o := OrgSight{OrgID: ids[len(ids)-1], Visibilities: []Visibility{VisiblePublic, VisibleMembers}}
		edits := a.Has(RoleCommitteeMember, path)
		if a.InParty() || edits {
			o.Visibilities = append(o.Visibilities, VisibleParty)
		}
		if servesUnder(a, path) || edits {
			o.Visibilities = append(o.Visibilities, VisibleCommittee)
		}
		s.Chain = append(s.Chain, o)
	}
	return s
}

// chainPaths are the paths of the actor's own organisations and of all above them, each once, in order.
func chainPaths(a *Actor) []string {
	seen := map[string]bool{}
	up := func(path string) {
		p := EverywherePath
		for _, id := range PathIDs(path) {
			p = PathUnder(p, id)
			seen[p] = true
		}
	}
	for _, p := range a.Places {
		up(p.Path)
	}
	for _, p := range a.Powers {
		up(p.Path)
	}
	paths := make([]string, 0, len(seen))
	for p := range seen {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// StandingKey is the same for all who see the same feed: those with the same places, the same right to the Party's items and to committees'.
func StandingKey(a *Actor) string {
	if !a.Bound() {
		return "public"
	}
	if len(a.Places) == 1 && len(a.Powers) == 0 { // most people; it is asked for with every page
		if a.InParty() {
			return "party " + a.Places[0].Path
		}
		return "other " + a.Places[0].Path
	}
	parts := make([]string, 0, len(a.Places)+len(a.Powers))
	for _, p := range a.Places {
		parts = append(parts, p.Path)
	}
	for _, p := range a.Powers {
		if p.Role.Rank() >= RoleCommitteeMember.Rank() {
			parts = append(parts, "c"+p.Path)
		} else {
			parts = append(parts, p.Path)
		}
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if a.InParty() {
		return "party " + strings.Join(parts, " ")
	}
	return "other " + strings.Join(parts, " ")
}

// ArticleAudience is whom a push about an article is for: those it is meant for who have neither read nor claimed it.
func ArticleAudience(ar *Article) Audience {
	to := Audience{OrgID: ar.OrgID, NotReadArticleID: ar.ID}
	switch ar.Visibility {
	case VisibleParty:
		to.PartyStatus = []PartyStatus{PartyFull, PartyProbationary}
	case VisibleCommittee:
		to.Roles = []Role{RoleCommitteeMember, RoleSecretary, RoleStaff, RoleAdmin}
	}
	return to
}
