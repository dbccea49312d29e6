package model

import "testing"

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
