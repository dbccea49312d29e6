package model

import "testing"

func TestVerdictJudge(t *testing.T) {
	for _, c := range []struct {
		suggest string
		label   int
		held    HeldBecause
		refused bool
	}{
		{"pass", 100, "", false},
		{"pass", LabelPolitics, HeldPolitics, false},
		{"review", 20002, HeldReview, false},
		{"review", LabelPolitics, HeldPolitics, false},
		{"risky", 20002, "", true},
		{"risky", LabelPolitics, HeldPolitics, false},
		{"", 0, HeldReview, false},
		{"something new", 100, HeldReview, false},
	} {
		held, refused := Verdict{c.suggest, c.label}.Judge()
		if held != c.held || refused != c.refused {
			t.Errorf("%s %d: held %q refused %v, want %q %v", c.suggest, c.label, held, refused, c.held, c.refused)
		}
	}
}

func TestCommentSteps(t *testing.T) {
	states := []CommentState{CommentPending, CommentVisible, CommentHidden}
	want := map[CommentState]map[Moderation]bool{
		CommentPending: {ModerationApprove: true, ModerationHide: true},
		CommentVisible: {ModerationHide: true},
		CommentHidden:  {ModerationApprove: true},
	}
	for _, from := range states {
		if !from.Valid() || from.Label() == "" {
			t.Errorf("%s must be a state with a name", from)
		}
		for _, m := range []Moderation{ModerationApprove, ModerationHide, "burn"} {
			if got := from.May(m.To()); got != want[from][m] {
				t.Errorf("%s of what is %s: %v", m, from, got)
			}
		}
	}
	if CommentState("gone").Valid() {
		t.Error("a foreign state is valid")
	}
}

func TestWhoMayDoWhatWithComments(t *testing.T) {
	const root, branch, other = "/r/", "/r/a/", "/r/b/"
	member := func(id, path string, roles ...Role) *Actor {
		a := &Actor{MemberID: id, Places: []Place{{OrgID: id, Path: path}}}
		for _, r := range roles {
			a.Powers = append(a.Powers, Power{OrgID: "x", Path: path, Role: r})
		}
		return a
	}
	news := &Article{OrgPath: branch, OrgKind: OrgBranch, Category: CategoryNews, Visibility: VisibleMembers, State: ArticlePublished}
	central := &Article{OrgPath: root, OrgKind: OrgSociety, Category: CategoryCentral, Visibility: VisiblePublic, State: ArticlePublished}
	draft := &Article{OrgPath: branch, OrgKind: OrgBranch, Category: CategoryNews, Visibility: VisibleMembers, State: ArticleDraft}
	for _, c := range []struct {
		who                                 string
		actor                               *Actor
		article                             *Article
		comment, moderate                   bool
		seeVisible, seePending, seeHidden   bool // of another's comment
		deleteOther, deleteOwn, seeOwnQueue bool
	}{
		{"a member, own branch", member("m", branch), news, true, false, true, false, false, false, true, false},
		{"a committee member, own branch", member("c", branch, RoleCommitteeMember), news, true, true, true, true, true, true, true, true},
		{"a group leader, own branch", member("g", branch, RoleGroupLeader), news, true, false, true, false, false, false, true, false},
		{"the office", member("o", root, RoleStaff), news, true, true, true, true, true, true, true, true},
		{"a neighbour", member("n", other), news, false, false, false, false, false, false, true, false},
		{"the neighbours' secretary", member("s", other, RoleSecretary), news, false, false, false, false, false, false, true, true},
		{"a visitor", &Actor{IdentityID: "i", SessionID: "s"}, news, false, false, false, false, false, false, false, false},
		{"a stranger", nil, news, false, false, false, false, false, false, false, false},
		{"a neighbour below a public text", member("n", other), central, true, false, true, false, false, false, true, false},
		{"a branch's secretary below the society's text", member("s", other, RoleSecretary), central, true, false, true, false, false, false, true, true},
		{"a stranger below a public text", nil, central, false, false, true, false, false, false, false, false},
		{"an editor below a draft", member("c", branch, RoleCommitteeMember), draft, false, true, true, true, true, true, true, true},
		{"a member below a draft", member("m", branch), draft, false, false, false, false, false, false, true, false},
	} {
		other := func(s CommentState) *Comment { return &Comment{AuthorID: "another", State: s} }
		own := &Comment{AuthorID: "nobody", State: CommentPending}
		if c.actor.Bound() {
			own.AuthorID = c.actor.MemberID
		}
		for name, got := range map[string][2]bool{
			"comment":      {CanComment(c.actor, c.article), c.comment},
			"moderate":     {CanModerate(c.actor, c.article), c.moderate},
			"see visible":  {CanSeeComment(c.actor, c.article, other(CommentVisible)), c.seeVisible},
			"see pending":  {CanSeeComment(c.actor, c.article, other(CommentPending)), c.seePending},
			"see hidden":   {CanSeeComment(c.actor, c.article, other(CommentHidden)), c.seeHidden},
			"delete other": {CanDeleteComment(c.actor, c.article, other(CommentVisible)), c.deleteOther},
			"delete own":   {CanDeleteComment(c.actor, c.article, own), c.deleteOwn},
			"queue":        {CanModerateAnywhere(c.actor), c.seeOwnQueue},
			"paths":        {len(ModerationPaths(c.actor)) > 0, c.seeOwnQueue},
		} {
			if got[0] != got[1] {
				t.Errorf("%s, %s: %v, want %v", c.who, name, got[0], got[1])
			}
		}
	}
}

func TestCommentSwitches(t *testing.T) {
	open := CommentSwitches{Site: true, Categories: map[Category]bool{CategoryNews: true, CategoryLaw: false}}
	closed := CommentSwitches{Categories: map[Category]bool{CategoryNews: true}}
	if !open.Open(CategoryNews) || open.Open(CategoryLaw) || open.Open("gossip") || closed.Open(CategoryNews) {
		t.Error("the site's switch goes before the category's, and what has none is closed")
	}
	for _, c := range []struct {
		label int
		want  string
	}{{0, ""}, {100, ""}, {LabelPolitics, "时政"}, {20003, "辱骂"}, {12345, "其他"}} {
		if got := CheckLabel(c.label); got != c.want {
			t.Errorf("%d is %q", c.label, got)
		}
	}
	for q, want := range map[CommentQueue]bool{QueueWaiting: true, QueueReported: true, "visible": true, "hidden": true, "": false, "all": false} {
		if q.Valid() != want {
			t.Errorf("queue %q: %v", q, !want)
		}
	}
}

func TestWhoMayReport(t *testing.T) {
	a := &Actor{MemberID: "m"}
	for name, c := range map[string]struct {
		actor *Actor
		c     Comment
		want  bool
	}{
		"another's":      {a, Comment{AuthorID: "x", State: CommentVisible}, true},
		"one's own":      {a, Comment{AuthorID: "m", State: CommentVisible}, false},
		"what waits":     {a, Comment{AuthorID: "x", State: CommentPending}, false},
		"what is hidden": {a, Comment{AuthorID: "x", State: CommentHidden}, false},
		"as a visitor":   {&Actor{SessionID: "s"}, Comment{AuthorID: "x", State: CommentVisible}, false},
	} {
		if CanReport(c.actor, &c.c) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}

func TestWhoseOfficeDecidesForAll(t *testing.T) {
	at := func(kind OrgKind, path string) Org {
		ids := PathIDs(path)
		o := Org{ID: ids[len(ids)-1], Kind: kind, Path: path}
		if len(ids) > 1 {
			o.ParentID = &ids[len(ids)-2]
		}
		return o
	}
	association, society, branch := at(OrgAssociation, "/a/"), at(OrgSociety, "/a/s/"), at(OrgBranch, "/a/s/b/")
	for want, orgs := range map[string][]Org{
		"/":     nil,
		"/s/":   {at(OrgSociety, "/s/"), at(OrgBranch, "/s/b/")},
		"/a/s/": {association, society, branch},
		"/a/":   {association, society, at(OrgSociety, "/a/t/"), branch},
		"/x/":   {at(OrgAssociation, "/x/")},
		"/r/":   {at(OrgSociety, "/r/"), at(OrgSociety, "/r/s/")},
	} {
		if got := OfficePath(orgs); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
