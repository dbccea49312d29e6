package model

import "testing"

const (
	treeSociety = "/r/s/"
	treeBranch  = "/r/s/b/"
	treeGroup   = "/r/s/b/g/"
	treeOther   = "/r/s/n/"
)

func leads(role Role, path string) *Actor {
	return &Actor{SessionID: "s", MemberID: "m", Powers: []Power{{OrgID: "x", Path: path, Role: role}}}
}

func TestCanManageAccount(t *testing.T) {
	for _, c := range []struct {
		name  string
		actor *Actor
		held  []Grant
		want  bool
	}{
		{"a member without roles", leads(RoleSecretary, treeBranch), nil, true},
		{"the leader of an own group", leads(RoleSecretary, treeBranch), []Grant{{OrgPath: treeGroup, Role: RoleGroupLeader}}, true},
		{"a fellow secretary", leads(RoleSecretary, treeBranch), []Grant{{OrgPath: treeBranch, Role: RoleSecretary}}, true},
		{"the secretary of another branch", leads(RoleSecretary, treeBranch), []Grant{{OrgPath: treeOther, Role: RoleSecretary}}, false},
		{"the group leader of another branch", leads(RoleSecretary, treeBranch), []Grant{{OrgPath: treeOther, Role: RoleGroupLeader}}, false},
		{"the office", leads(RoleSecretary, treeBranch), []Grant{{OrgPath: treeSociety, Role: RoleStaff}}, false},
		{"an administrator of everything, by the office", leads(RoleStaff, treeSociety), []Grant{{OrgPath: EverywherePath, Role: RoleAdmin}}, false},
		{"a secretary, by the office", leads(RoleStaff, treeSociety), []Grant{{OrgPath: treeOther, Role: RoleSecretary}}, true},
		{"anybody, by a committee member", leads(RoleCommitteeMember, treeBranch), nil, false},
	} {
		if got := CanManageAccount(c.actor, treeBranch, c.held); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestCanRemoveMember(t *testing.T) {
	secretary := leads(RoleSecretary, treeBranch)
	office := []Grant{{OrgPath: treeSociety, Role: RoleStaff}}
	admin := []Grant{{OrgPath: EverywherePath, Role: RoleAdmin}}
	for _, c := range []struct {
		name       string
		actor      *Actor
		held, lost []Grant
		want       bool
	}{
		{"somebody without roles", secretary, nil, nil, true},
		{"the office, who stays in another branch", secretary, office, nil, true},
		{"the office, who would lose that", secretary, office, office, false},
		{"an administrator, though nothing is lost", secretary, admin, nil, false},
		{"an administrator by one", leads(RoleAdmin, EverywherePath), admin, nil, true},
		{"anybody in another branch", leads(RoleSecretary, treeOther), nil, nil, false},
	} {
		if got := CanRemoveMember(c.actor, treeBranch, c.held, c.lost); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestGrantsLost(t *testing.T) {
	held := []Grant{
		{ID: "group", OrgID: "g", OrgPath: treeGroup, Role: RoleGroupLeader},
		{ID: "branch", OrgID: "b", OrgPath: treeBranch, Role: RoleSecretary},
		{ID: "society", OrgID: "s", OrgPath: treeSociety, Role: RoleCommitteeMember},
		{ID: "other", OrgID: "n", OrgPath: treeOther, Role: RoleStaff},
		{ID: "all", OrgPath: EverywherePath, Role: RoleAdmin},
	}
	at := func(paths ...string) (list []Membership) {
		for _, p := range paths {
			list = append(list, Membership{OrgPath: p})
		}
		return list
	}
	for _, c := range []struct {
		name          string
		before, after []Membership
		want          []string
	}{
		{"nothing changes", at(treeGroup), at(treeGroup), nil},
		{"from the group into the branch", at(treeGroup), at(treeBranch), []string{"group"}},
		{"out of the only branch", at(treeGroup), nil, []string{"group", "branch", "society"}},
		{"out of one branch of two", at(treeGroup, treeOther), at(treeOther), []string{"group", "branch"}},
		{"out of the other", at(treeGroup, treeOther), at(treeGroup), []string{"other"}},
		{"of a role that never rested on a place", at(treeOther), nil, []string{"society", "other"}},
	} {
		var got []string
		for _, g := range GrantsLost(held, c.before, c.after) {
			got = append(got, g.ID)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}
