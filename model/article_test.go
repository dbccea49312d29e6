package model

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestArticleSteps(t *testing.T) {
	all := []ArticleState{ArticleDraft, ArticleScheduled, ArticlePublished, ArticleWithdrawn}
	want := map[ArticleState]string{
		ArticleDraft:     "[scheduled published]",
		ArticleScheduled: "[scheduled published withdrawn]",
		ArticlePublished: "[withdrawn]",
		ArticleWithdrawn: "[scheduled published]",
	}
	for _, from := range all {
		var may []ArticleState
		for _, to := range all {
			if from.May(to) {
				may = append(may, to)
			}
		}
		if got := fmt.Sprint(may); got != want[from] {
			t.Errorf("from %s to %s, want %s", from, got, want[from])
		}
	}
}

func TestDocKeyIsOneSpelling(t *testing.T) {
	for _, same := range []string{"中发〔2026〕8号", "中发[2026]8 号", "中发（2026）８号", " 中发【2026】 8号 "} {
		if got := DocKey(same); got != "中发[2026]8号" {
			t.Errorf("%q becomes %q", same, got)
		}
	}
	if DocKey("中发〔2026〕8号") == DocKey("中发〔2026〕18号") {
		t.Error("two numbers became one")
	}
}

const (
	rootPath   = "/root/"
	branchPath = "/root/branch/"
	groupPath  = "/root/branch/group/"
	nextPath   = "/root/next/"
)

func at(path string) Place { ids := PathIDs(path); return Place{OrgID: ids[len(ids)-1], Path: path} }

func power(role Role, path string) Power {
	p := Power{Path: path, Role: role}
	if ids := PathIDs(path); len(ids) > 0 {
		p.OrgID = ids[len(ids)-1]
	}
	return p
}

func person(status PartyStatus, places []Place, powers ...Power) *Actor {
	return &Actor{SessionID: "s", MemberID: "m", PartyStatus: status, Places: places, Powers: powers}
}

// Who sees which published article: the letters are public, members, party, committee.
func TestWhoSeesWhat(t *testing.T) {
	home := []Place{at(branchPath)}
	for _, c := range []struct {
		name                      string
		actor                     *Actor
		root, branch, group, next string
	}{
		{"stranger", nil, "p", "p", "p", "p"},
		{"visitor", &Actor{SessionID: "s", IdentityID: "i"}, "p", "p", "p", "p"},
		{"non-party member", person(PartyNone, home), "pm", "pm", "p", "p"},
		{"applicant", person(PartyApplicant, home), "pm", "pm", "p", "p"},
		{"party member", person(PartyFull, home), "pmP", "pmP", "p", "p"},
		{"probationary member of the group", person(PartyProbationary, []Place{at(groupPath)}), "pmP", "pmP", "pmP", "p"},
		{"group leader", person(PartyFull, []Place{at(groupPath)}, power(RoleGroupLeader, groupPath)), "pmP", "pmP", "pmPc", "p"},
		{"committee member", person(PartyFull, home, power(RoleCommitteeMember, branchPath)), "pmPc", "pmPc", "pmPc", "p"},
		{"secretary without a place", person(PartyNone, nil, power(RoleSecretary, branchPath)), "pmc", "pmPc", "pmPc", "p"},
		{"office", person(PartyNone, nil, power(RoleStaff, rootPath)), "pmPc", "pmPc", "pmPc", "pmPc"},
		{"admin of everything", person(PartyNone, nil, power(RoleAdmin, EverywherePath)), "pmPc", "pmPc", "pmPc", "pmPc"},
	} {
		for path, want := range map[string]string{rootPath: c.root, branchPath: c.branch, groupPath: c.group, nextPath: c.next} {
			got := ""
			for _, v := range []struct {
				v      Visibility
				letter string
			}{{VisiblePublic, "p"}, {VisibleMembers, "m"}, {VisibleParty, "P"}, {VisibleCommittee, "c"}} {
				ar := &Article{OrgPath: path, State: ArticlePublished, Visibility: v.v, Category: CategoryNews}
				if path == groupPath {
					ar.OrgKind = OrgGroup
				}
				if CanSeeArticle(c.actor, ar) {
					got += v.letter
				}
				for _, hidden := range []ArticleState{ArticleDraft, ArticleScheduled, ArticleWithdrawn} {
					ar.State = hidden
					if CanSeeArticle(c.actor, ar) != CanEditArticle(c.actor, ar) {
						t.Errorf("%s sees a %s article at %s otherwise than as an editor", c.name, hidden, path)
					}
				}
			}
			if got != want {
				t.Errorf("%s sees %q at %s, want %q", c.name, got, path, want)
			}
		}
	}
}

func TestWhoEdits(t *testing.T) {
	for _, c := range []struct {
		name                      string
		actor                     *Actor
		root, branch, group, news bool // the last: the group's news
	}{
		{"stranger", nil, false, false, false, false},
		{"member", person(PartyFull, []Place{at(groupPath)}), false, false, false, false},
		{"group leader", person(PartyFull, []Place{at(groupPath)}, power(RoleGroupLeader, groupPath)), false, false, false, true},
		{"committee member", person(PartyFull, nil, power(RoleCommitteeMember, branchPath)), false, true, true, true},
		{"neighbour's secretary", person(PartyFull, nil, power(RoleSecretary, nextPath)), false, false, false, false},
		{"office", person(PartyNone, nil, power(RoleStaff, rootPath)), true, true, true, true},
	} {
		for _, a := range []struct {
			ar   Article
			want bool
		}{
			{Article{OrgPath: rootPath, OrgKind: OrgSociety, Category: CategoryNews}, c.root},
			{Article{OrgPath: branchPath, OrgKind: OrgBranch, Category: CategoryNews}, c.branch},
			{Article{OrgPath: groupPath, OrgKind: OrgGroup, Category: CategoryTheory}, c.group},
			{Article{OrgPath: groupPath, OrgKind: OrgGroup, Category: CategoryNews}, c.news},
		} {
			if got := CanEditArticle(c.actor, &a.ar); got != a.want {
				t.Errorf("%s edits %s %s: %v, want %v", c.name, a.ar.Category, a.ar.OrgPath, got, a.want)
			}
		}
	}
	// A leader's role given at the branch is no right to the branch's news.
	leader := person(PartyFull, nil, power(RoleGroupLeader, branchPath))
	if CanEditArticle(leader, &Article{OrgPath: branchPath, OrgKind: OrgBranch, Category: CategoryNews}) {
		t.Error("a group leader edits the branch's news")
	}
}

// What a query is told agrees with what is decided article by article, and who has the same standing key sees the same.
func TestSightAgreesWithCanSee(t *testing.T) {
	paths := []string{"/a/", "/a/b/", "/a/b/g/", "/a/b/h/", "/a/c/", "/z/"}
	anyone := rapid.Custom(func(t *rapid.T) *Actor {
		var a Actor
		a.MemberID = rapid.SampledFrom([]string{"", "m"}).Draw(t, "member")
		a.PartyStatus = rapid.SampledFrom([]PartyStatus{PartyFull, PartyNone}).Draw(t, "status")
		for range rapid.IntRange(0, 2).Draw(t, "places") {
			a.Places = append(a.Places, at(rapid.SampledFrom(paths).Draw(t, "place")))
		}
		for range rapid.IntRange(0, 2).Draw(t, "powers") {
			role := rapid.SampledFrom([]Role{RoleMember, RoleGroupLeader, RoleCommitteeMember, RoleSecretary, RoleStaff, RoleAdmin}).Draw(t, "role")
			a.Powers = append(a.Powers, power(role, rapid.SampledFrom(append(paths, EverywherePath)).Draw(t, "power")))
		}
		return &a
	})
	sees := func(s Sight, ar *Article) bool {
		return ar.Visibility == VisiblePublic ||
			slices.ContainsFunc(s.Chain, func(o OrgSight) bool { return o.OrgID == ar.OrgID && slices.Contains(o.Visibilities, ar.Visibility) }) ||
			slices.ContainsFunc(s.Under, func(p string) bool { return Within(ar.OrgPath, p) }) ||
			slices.ContainsFunc(s.NewsUnder, func(p string) bool {
				return Within(ar.OrgPath, p) && ar.OrgKind == OrgGroup && ar.Category == CategoryNews
			})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyone.Draw(t, "a"), anyone.Draw(t, "b")
		for _, p := range paths {
			for _, v := range []Visibility{VisiblePublic, VisibleMembers, VisibleParty, VisibleCommittee} {
				for _, k := range []OrgKind{OrgBranch, OrgGroup} {
					ids := PathIDs(p)
					ar := &Article{OrgID: ids[len(ids)-1], OrgPath: p, OrgKind: k, State: ArticlePublished, Visibility: v, Category: CategoryNews}
					if got, want := sees(SightOf(a), ar), CanSeeArticle(a, ar); got != want {
						t.Fatalf("the sight says %v and the rule %v of %s %s", got, want, p, v)
					}
				}
			}
		}
		if StandingKey(a) == StandingKey(b) && fmt.Sprint(SightOf(a).Chain) != fmt.Sprint(SightOf(b).Chain) {
			t.Fatalf("one key %q, two feeds: %v and %v", StandingKey(a), SightOf(a).Chain, SightOf(b).Chain)
		}
	})
}

func TestAudienceOfAnArticle(t *testing.T) {
	for v, want := range map[Visibility]string{
		VisiblePublic:    "[] []",
		VisibleMembers:   "[] []",
		VisibleParty:     "[] [full probationary]",
		VisibleCommittee: "[committee_member secretary staff admin] []",
	} {
		to := ArticleAudience(&Article{ID: "a", OrgID: "o", Visibility: v})
		if got := fmt.Sprint(to.Roles, to.PartyStatus); got != want || to.OrgID != "o" || to.NotReadArticleID != "a" {
			t.Errorf("%s: %s, %+v", v, got, to)
		}
	}
}
