package model

import (
	"slices"
	"testing"
	"time"
)

func TestReminderLeavesToBeUnderstood(t *testing.T) {
	r := Reminder{OrgID: "b", Name: "周二学习", ArticleID: "a", Audience: Audience{Roles: []Role{RoleMember}}}
	if got := r.Recipients(); got.OrgID != "b" || got.NotReadArticleID != "a" || len(got.Roles) != 1 {
		t.Errorf("recipients: %+v", got)
	}
	r.Audience.OrgID, r.Audience.NotReadArticleID, r.Title = "g", "x", "本周要点"
	if got := r.Recipients(); got.OrgID != "g" || got.NotReadArticleID != "x" || r.Headline() != "本周要点" {
		t.Errorf("recipients: %+v of %s", got, r.Headline())
	}
}

func TestWhoKeepsReminders(t *testing.T) {
	branch, group := &Org{Kind: OrgBranch, Path: "/r/b/"}, &Org{Kind: OrgGroup, Path: "/r/b/g/"}
	for _, c := range []struct {
		role                             Role
		path                             string
		see, keep, seeGroup, keepOfGroup bool
	}{
		{RoleSecretary, "/r/b/", true, true, true, true},
		{RoleStaff, "/r/", true, true, true, true},
		{RoleCommitteeMember, "/r/b/", true, false, true, true},
		{RoleGroupLeader, "/r/b/g/", false, false, true, true},
		{RoleMember, "/r/b/", false, false, false, false},
		{RoleSecretary, "/r/c/", false, false, false, false},
	} {
		a := &Actor{MemberID: "m", Powers: []Power{{Path: c.path, Role: c.role}}}
		if CanSeeReminder(a, branch) != c.see || CanRemind(a, branch) != c.keep || CanSeeReminder(a, group) != c.seeGroup || CanRemind(a, group) != c.keepOfGroup {
			t.Errorf("%s at %s", c.role, c.path)
		}
	}
	if CanSeeReminder(nil, branch) || CanRemind(nil, branch) {
		t.Error("a stranger")
	}
}

func TestReminderStands(t *testing.T) {
	at := time.Date(2026, 11, 24, 20, 0, 0, 0, Zone)
	for _, c := range []struct {
		r    Reminder
		want ReminderState
	}{
		{Reminder{NextAt: &at}, ReminderActive},
		{Reminder{NextAt: nil}, ReminderEnded},
		{Reminder{Paused: true}, ReminderPaused},
		{Reminder{Paused: true, NextAt: &at}, ReminderPaused},
	} {
		if got := c.r.State(); got != c.want {
			t.Errorf("%+v: %s", c.r, got)
		}
	}
	if r := (Reminder{ArticleID: "a", Audience: Audience{NotReadArticleID: "x"}}); r.About() != "a" {
		t.Errorf("about %s", r.About())
	}
	if r := (Reminder{Audience: Audience{NotReadArticleID: "x"}}); r.About() != "x" {
		t.Errorf("about %s", r.About())
	}
}

// TestAudienceOfReaders holds that whoever is left may open the article, and whoever is left out may not.
func TestAudienceOfReaders(t *testing.T) {
	const branch, group, other = "/r/b/", "/r/b/g/", "/r/c/"
	people := map[string]struct {
		actor *Actor
		roles []Role
	}{
		"member":    {&Actor{MemberID: "m", PartyStatus: PartyNone, Places: []Place{{OrgID: "b", Path: branch}}}, nil},
		"party":     {&Actor{MemberID: "p", PartyStatus: PartyFull, Places: []Place{{OrgID: "b", Path: branch}}}, nil},
		"grouped":   {&Actor{MemberID: "g", PartyStatus: PartyNone, Places: []Place{{OrgID: "g", Path: group}}}, nil},
		"committee": {&Actor{MemberID: "c", PartyStatus: PartyFull, Places: []Place{{OrgID: "b", Path: branch}}, Powers: []Power{{OrgID: "b", Path: branch, Role: RoleCommitteeMember}}}, []Role{RoleCommitteeMember}},
	}
	in := func(a Audience, path string, p *Actor, roles []Role) bool {
		if a.OrgID == "g" {
			path = group
		}
		return p.BelongsTo(path) && (len(a.PartyStatus) == 0 || slices.Contains(a.PartyStatus, p.PartyStatus)) &&
			(len(a.Roles) == 0 || slices.Contains(a.Roles, RoleMember) || slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) }))
	}
	for _, place := range []struct{ id, path string }{{"b", branch}, {"g", group}, {"c", other}, {"r", "/r/"}} {
		for _, visible := range []Visibility{VisiblePublic, VisibleMembers, VisibleParty, VisibleCommittee} {
			for _, whole := range []Audience{{OrgID: "b"}, {OrgID: "b", PartyStatus: []PartyStatus{PartyNone}}, {OrgID: "b", PartyStatus: []PartyStatus{PartyNone, PartyFull}},
				{OrgID: "b", Roles: []Role{RoleMember}}, {OrgID: "b", Roles: []Role{RoleGroupLeader}}, {OrgID: "b", Roles: []Role{RoleGroupLeader, RoleCommitteeMember}}} {
				ar := &Article{OrgID: place.id, OrgPath: place.path, State: ArticlePublished, Visibility: visible}
				left, some := whole.ForReaders(branch, ar)
				for name, p := range people {
					got := some && in(left, branch, p.actor, p.roles)
					want := in(whole, branch, p.actor, p.roles) && CanSeeArticle(p.actor, ar)
					if got && !want || (want && !got && place.path != group) { // the group's own also reaches who edits it above, whom no reminder need reach
						t.Errorf("%s article of %s for %+v: %s is in: %v, may read: %v", visible, place.id, whole, name, got, want)
					}
				}
			}
		}
	}
}
