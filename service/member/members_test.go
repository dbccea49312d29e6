package member_test

import (
	"slices"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/member"
)

// actors in the order of the table's columns.
var actors = []string{"stranger", "visitor", "plain", "leader", "committee", "secretary", "neighbour", "staff", "admin"}

// . may, F is forbidden, N is told that there is no such thing. Who may acts in a house of their own; the others all in one, where nothing changes.
func TestWhoMayDoWhat(t *testing.T) {
	shut := newHouse(t)
	shut.cast()
	shut.bind("plain")
	for _, act := range []struct {
		name, may string
		do        func(h *house, a *model.Actor) error
	}{
		// columns: stranger visitor plain leader committee secretary neighbour staff admin
		{"see the branch's roster", "NNFF..N..", func(h *house, a *model.Actor) error {
			_, _, err := h.svc.Roster(h.ctx, a, "cardio", member.Filter{}, model.Page{})
			return err
		}},
		{"see the group's roster", "NNF...N..", func(h *house, a *model.Actor) error {
			_, _, err := h.svc.Roster(h.ctx, a, "first", member.Filter{}, model.Page{})
			return err
		}},
		{"see a member", "NNN...N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.Member(h.ctx, a, "plain")
			return err
		}},
		{"see somebody without any place", "NNNNNNNN.", func(h *house, a *model.Actor) error {
			_, err := h.svc.Member(h.ctx, a, "admin")
			return err
		}},
		{"add a member", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.Add(h.ctx, a, "cardio", member.Details{Name: "新人", Phone: "13900000000", PartyStatus: model.PartyFull})
			return err
		}},
		{"change a member", "NNNFF.N..", func(h *house, a *model.Actor) error {
			title := "主任医师"
			_, err := h.svc.Update(h.ctx, a, "plain", member.Changes{Title: &title})
			return err
		}},
		{"give a member another phone", "NNNFF.N..", func(h *house, a *model.Actor) error {
			phone := "13900000000"
			_, err := h.svc.Update(h.ctx, a, "plain", member.Changes{Phone: &phone})
			return err
		}},
		{"give the office another phone", "NNNNNNN..", func(h *house, a *model.Actor) error {
			phone := "13900000000"
			_, err := h.svc.Update(h.ctx, a, "staff", member.Changes{Phone: &phone})
			return err
		}},
		{"remove a member", "NNNFF.N..", func(h *house, a *model.Actor) error { return h.svc.Remove(h.ctx, a, "plain", "") }},
		{"remove a member from the branch", "NNNFF.N..", func(h *house, a *model.Actor) error { return h.svc.Remove(h.ctx, a, "plain", "cardio") }},
		{"reveal a phone", "NNNFFFNFF", func(h *house, a *model.Actor) error {
			phone, err := h.svc.RevealPhone(h.ctx, a, "plain")
			if err == nil && phone != "13910000001" || err != nil && phone != "" {
				h.t.Errorf("revealed %q with %v", phone, err)
			}
			return err
		}},
		{"unbind a member", "NNNFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.Unbind(h.ctx, a, "plain")
			return err
		}},
		{"invite", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.Invite(h.ctx, a, "cardio", 0, 0)
			return err
		}},
		{"import", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.ImportFile(h.ctx, a, "cardio", strings.NewReader("姓名,手机号\n新人,13900000000\n"), -1, "a.csv", false)
			return err
		}},
		{"try an import", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.ImportFile(h.ctx, a, "cardio", strings.NewReader("姓名,手机号\n新人,13900000000\n"), -1, "a.csv", true)
			return err
		}},
		{"export", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.Export(h.ctx, a, "cardio")
			return err
		}},
		{"add a group", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.AddOrg(h.ctx, a, "cardio", model.OrgGroup, "第九党小组")
			return err
		}},
		{"add a branch", "NNFFFFF..", func(h *house, a *model.Actor) error {
			_, err := h.svc.AddOrg(h.ctx, a, "society", model.OrgBranch, "儿童康复党支部")
			return err
		}},
		{"add a root", "FFFFFFFF.", func(h *house, a *model.Actor) error {
			_, err := h.svc.AddOrg(h.ctx, a, "", model.OrgSociety, "另一个学会")
			return err
		}},
		{"rename the group", "NNFFF.N..", func(h *house, a *model.Actor) error {
			name := "甲组"
			_, err := h.svc.RenameOrg(h.ctx, a, "first", &name, 0)
			return err
		}},
		{"rename the branch", "NNFFFFN..", func(h *house, a *model.Actor) error {
			name := "甲支部"
			_, err := h.svc.RenameOrg(h.ctx, a, "cardio", &name, 0)
			return err
		}},
		{"make a group leader", "NNFFF.N..", func(h *house, a *model.Actor) error {
			_, err := h.svc.SetRoles(h.ctx, a, "first", "plain", []model.Role{model.RoleGroupLeader})
			return err
		}},
	} {
		t.Run(act.name, func(t *testing.T) {
			for i, who := range actors {
				h := shut
				if act.may[i] == '.' {
					h = newHouse(t)
					h.cast()
					h.bind("plain")
				}
				want := map[byte]model.Code{'.': "", 'F': model.CodeForbidden, 'N': model.CodeNotFound}[act.may[i]]
				h.t = t
				wantCode(t, who, act.do(h, h.as(who)), want)
			}
		})
	}
	entries, _, err := shut.store.AuditEntries(shut.ctx, store.AuditFilter{}, model.Page{})
	if err != nil || len(entries) != 0 {
		t.Errorf("a refused act left an audit entry: %v %v", entries, err)
	}
}

func TestOrgsShowTheActorsPart(t *testing.T) {
	h := newHouse(t)
	h.cast()
	for who, want := range map[string]string{
		"stranger": "", "visitor": "",
		"plain":     "root society cardio first",
		"secretary": "root society cardio first",
		"neighbour": "root society neuro stroke",
		"staff":     "root society cardio neuro first stroke",
		"admin":     "root society cardio neuro first stroke",
	} {
		list, err := h.svc.Orgs(h.ctx, h.as(who))
		h.must(err)
		var ids []string
		for _, o := range list {
			ids = append(ids, o.ID)
			if o.ID == "root" && o.Members != 6 {
				t.Errorf("the root has %d members, want 6", o.Members)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s sees %q, want %q", who, got, want)
		}
	}
}

func TestAddOrgChecksKindAndName(t *testing.T) {
	h := newHouse(t)
	h.cast()
	admin := h.as("admin")
	for _, c := range []struct {
		parent string
		kind   model.OrgKind
		name   string
		want   model.Code
	}{
		{"first", model.OrgGroup, "组中组", model.CodeInvalid},
		{"cardio", model.OrgSociety, "倒置", model.CodeInvalid},
		{"cardio", "club", "俱乐部", model.CodeInvalid},
		{"", model.OrgGroup, "无根之组", model.CodeInvalid},
		{"cardio", model.OrgGroup, " \u200b ", model.CodeInvalid},
		{"cardio", model.OrgGroup, strings.Repeat("长", 101), model.CodeInvalid},
		{"cardio", model.OrgGroup, " 第一党小组 ", model.CodeConflict},
		{"neuro", model.OrgGroup, "第一党小组", ""},
		{"", model.OrgAssociation, "全国康复医学会", model.CodeConflict},
		{"", model.OrgAssociation, "又一学会", ""},
		{"nowhere", model.OrgGroup, "某组", model.CodeNotFound},
	} {
		o, err := h.svc.AddOrg(h.ctx, admin, c.parent, c.kind, c.name)
		wantCode(t, c.name, err, c.want)
		if err == nil {
			kept, err := h.store.Org(h.ctx, o.ID)
			h.must(err)
			up := h.orgs[c.parent]
			if up != nil && (kept.Path != up.Path+o.ID+"/" || kept.Depth != up.Depth+1) || up == nil && kept.Path != "/"+o.ID+"/" {
				t.Errorf("%s stands at %s, depth %d", c.name, kept.Path, kept.Depth)
			}
		}
	}
	name := "卒中康复党小组"
	_, err := h.svc.RenameOrg(h.ctx, admin, "stroke", &name, 1)
	wantCode(t, "the same name again", err, "")
	name = "心肺康复专业委员会党支部"
	_, err = h.svc.RenameOrg(h.ctx, admin, "neuro", &name, 0)
	wantCode(t, "a name that is taken", err, model.CodeConflict)
	name = "神经支部"
	_, err = h.svc.RenameOrg(h.ctx, admin, "neuro", &name, 7)
	wantCode(t, "a stale version", err, model.CodeEditConflict)
	o, err := h.svc.RenameOrg(h.ctx, admin, "neuro", &name, 1)
	wantCode(t, "a new name", err, "")
	if o == nil || o.Version != 2 || o.Members != 1 {
		t.Errorf("renamed: %+v", o)
	}
}

func TestAddFindsThePersonByPhone(t *testing.T) {
	h := newHouse(t)
	h.cast()
	secretary, neighbour := h.as("secretary"), h.as("neighbour")

	e, err := h.svc.Add(h.ctx, secretary, "first", member.Details{Name: " 周 海燕 ", Phone: "+86 139-0000-0001", PartyStatus: model.PartyProbationary,
		Employer: "北京协和医院", JoinedOn: "2015-07-01"})
	h.must(err)
	if e.Member.Name != "周海燕" || e.Member.PhoneMask != "139****0001" || e.OrgID != "first" || e.JoinedOn != "2015-07-01" || e.Bound ||
		!slices.Equal(e.Roles, []model.Role{model.RoleMember}) {
		t.Errorf("added %+v", e)
	}
	_, err = h.svc.Add(h.ctx, secretary, "cardio", member.Details{Name: "周海燕", Phone: "13900000001", PartyStatus: model.PartyFull})
	wantCode(t, "a second time", err, model.CodeConflict)

	_, err = h.svc.Add(h.ctx, neighbour, "neuro", member.Details{Name: "周海雁", Phone: "13900000001", PartyStatus: model.PartyFull})
	wantCode(t, "under another name", err, model.CodeInvalid)
	if said := err.Error(); !strings.Contains(said, "周*") || strings.Contains(said, "海燕") {
		t.Errorf("said %v", said)
	}

	again, err := h.svc.Add(h.ctx, neighbour, "neuro", member.Details{Name: "周海燕", Phone: "13900000001", PartyStatus: model.PartyFull, Title: "主任医师"})
	h.must(err)
	if again.Member.ID != e.Member.ID || again.Member.PartyStatus != model.PartyFull || again.Member.Employer != "北京协和医院" || again.Member.Title != "主任医师" {
		t.Errorf("in the second branch: %+v", again)
	}
	if at := h.places(e.Member.ID); len(at) != 2 || !at["first"] || !at["neuro"] {
		t.Errorf("stands at %v", at)
	}
	moved, err := h.svc.Add(h.ctx, neighbour, "stroke", member.Details{Name: "周海燕", Phone: "13900000001", PartyStatus: model.PartyFull})
	h.must(err)
	if at := h.places(e.Member.ID); len(at) != 2 || !at["stroke"] || moved.OrgID != "stroke" {
		t.Errorf("after joining the group of the own branch: %v", at)
	}

	_, err = h.svc.Add(h.ctx, secretary, "cardio", member.Details{Phone: "123", PartyStatus: "youth", Employer: strings.Repeat("长", 101), JoinedOn: "2026-11-24"})
	wantCode(t, "everything wrong", err, model.CodeInvalid)
	if own, ok := err.(*model.Error); !ok || len(own.Fields) != 5 {
		t.Errorf("the faults: %v", err)
	}
}

// A number is given out again by the telephone company: who has left altogether gives it up, who is still here keeps it.
func TestANumberOfSomebodyWhoLeftIsFree(t *testing.T) {
	h := newHouse(t)
	h.cast()
	secretary := h.as("secretary")
	h.must(h.svc.Remove(h.ctx, secretary, "plain", ""))
	e, err := h.svc.Add(h.ctx, secretary, "cardio", member.Details{Name: "别人", Phone: "13910000001", PartyStatus: model.PartyFull})
	h.must(err)
	if e.Member.ID == "plain" {
		t.Error("the new bearer of the number became the old one")
	}
	old, err := h.store.Member(h.ctx, "plain")
	h.must(err)
	if old.PhoneIndex != nil || old.Name != "林知远" {
		t.Errorf("the old bearer: %+v", old)
	}
}

func TestUpdate(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.bind("plain")
	h.enrol("both", "双支部", "13910000009", "first", "neuro")
	h.grant("both", "neuro", model.RoleSecretary)
	secretary := h.as("secretary")
	told := ""
	h.store.OnChange(model.TopicSession, func(key string) { told = key })

	name, phone, status, day := "林 致远", "139 0000 0002", model.PartyApplicant, model.Date("2020-07-01")
	e, err := h.svc.Update(h.ctx, secretary, "plain", member.Changes{Name: &name, Phone: &phone, PartyStatus: &status, JoinedOn: &day, Version: 1})
	h.must(err)
	if e.Member.Name != "林致远" || e.Member.NameSort != member.SortKey("林致远") || e.Member.PhoneMask != "139****0002" ||
		e.Member.PartyStatus != model.PartyApplicant || e.JoinedOn != day || !e.Bound {
		t.Errorf("changed to %+v", e)
	}
	if got, err := h.svc.RevealPhone(h.ctx, withNumbers(secretary), "plain"); err != nil || got != "13900000002" {
		t.Errorf("the new number reads %q %v", got, err)
	}
	if told != "member:plain" {
		t.Errorf("told of %q", told)
	}
	_, err = h.svc.Update(h.ctx, secretary, "plain", member.Changes{Name: &name, Version: 1})
	wantCode(t, "a stale version", err, model.CodeEditConflict)
	taken := "13910000002"
	_, err = h.svc.Update(h.ctx, secretary, "plain", member.Changes{Phone: &taken})
	wantCode(t, "another's number", err, model.CodeConflict)
	bad, long := "12", strings.Repeat("长", 51)
	_, err = h.svc.Update(h.ctx, secretary, "plain", member.Changes{Phone: &bad, Title: &long})
	if own, ok := err.(*model.Error); !ok || own.Code != model.CodeInvalid || len(own.Fields) != 2 {
		t.Errorf("two faults: %v", err)
	}

	// The secretary of another branch is a member here: they may be corrected, but not taken over.
	title := "主任医师"
	_, err = h.svc.Update(h.ctx, secretary, "both", member.Changes{Title: &title})
	wantCode(t, "the title of another branch's secretary", err, "")
	fresh := "13900000003"
	_, err = h.svc.Update(h.ctx, secretary, "both", member.Changes{Phone: &fresh})
	wantCode(t, "the phone of another branch's secretary", err, model.CodeForbidden)
	h.bind("both")
	_, err = h.svc.Unbind(h.ctx, secretary, "both")
	wantCode(t, "the WeChat of another branch's secretary", err, model.CodeForbidden)

	h.must(h.svc.UpdateSelf(h.ctx, h.as("plain"), &title, nil))
	if m, err := h.store.Member(h.ctx, "plain"); err != nil || m.Employer != "主任医师" || m.PartyStatus != model.PartyApplicant {
		t.Errorf("the own correction: %+v %v", m, err)
	}
}

func TestUnbind(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.bind("plain")
	h.session("scanned", "plain", "", model.SessionConsole)
	h.session("password", "plain", "", model.SessionPassword)
	e, err := h.svc.Unbind(h.ctx, h.as("secretary"), "plain")
	h.must(err)
	if e.Bound || h.alive("session-plain") || h.alive("scanned") || !h.alive("password") {
		t.Errorf("bound %v, WeChat session %v, scanned console %v, password %v", e.Bound, h.alive("session-plain"), h.alive("scanned"), h.alive("password"))
	}
	if _, err := h.store.IdentityOf(h.ctx, "plain"); !model.IsNotFound(err) {
		t.Errorf("the WeChat user is still tied: %v", err)
	}
	_, err = h.svc.Unbind(h.ctx, h.as("secretary"), "plain")
	wantCode(t, "again", err, model.CodeConflict)
}

func TestLeavingOneBranchKeepsTheOther(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.enrol("both", "双支部", "13910000009", "first", "stroke")
	h.bind("both")
	h.grant("both", "first", model.RoleGroupLeader)
	h.grant("both", "cardio", model.RoleCommitteeMember)
	h.grant("both", "stroke", model.RoleGroupLeader)
	told := map[string]bool{}
	h.store.OnChange(model.TopicSession, func(key string) { told[key] = true })

	h.must(h.svc.Remove(h.ctx, h.as("secretary"), "both", ""))
	if at := h.places("both"); len(at) != 1 || !at["stroke"] {
		t.Errorf("stands at %v", at)
	}
	if held := h.roles("both"); len(held) != 1 || !held["stroke/group_leader"] {
		t.Errorf("holds %v", held)
	}
	if _, err := h.store.IdentityOf(h.ctx, "both"); err != nil || !h.alive("session-both") {
		t.Errorf("who is still in a branch was unbound: %v", err)
	}
	if !told["member:both"] {
		t.Errorf("told of %v", told)
	}
	wantCode(t, "removing whom one no longer leads", h.svc.Remove(h.ctx, h.as("secretary"), "both", ""), model.CodeNotFound)
	wantCode(t, "from a branch they are not in", h.svc.Remove(h.ctx, h.as("staff"), "both", "cardio"), model.CodeNotFound)

	h.must(h.svc.Remove(h.ctx, h.as("neighbour"), "both", "neuro"))
	if len(h.places("both")) != 0 || len(h.roles("both")) != 0 {
		t.Errorf("left %v %v", h.places("both"), h.roles("both"))
	}
	if _, err := h.store.IdentityOf(h.ctx, "both"); !model.IsNotFound(err) || h.alive("session-both") {
		t.Errorf("who has left altogether is still bound: %v", err)
	}
}

func TestRemoveRespectsWhoIsAbove(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.enrol("chief", "总书记", "13910000010", "first")
	h.grant("chief", "society", model.RoleStaff)
	h.enrol("ruler", "总管理", "13910000011", "cardio")
	h.grant("ruler", "", model.RoleAdmin)
	secretary := h.as("secretary")
	wantCode(t, "who would lose the office's role", h.svc.Remove(h.ctx, secretary, "chief", ""), model.CodeForbidden)
	wantCode(t, "an administrator", h.svc.Remove(h.ctx, secretary, "ruler", "cardio"), model.CodeForbidden)
	if len(h.places("chief")) != 1 || len(h.places("ruler")) != 1 {
		t.Error("something was removed all the same")
	}
	wantCode(t, "the office by an administrator", h.svc.Remove(h.ctx, h.as("admin"), "chief", ""), "")
	wantCode(t, "a fellow secretary", h.svc.Remove(h.ctx, secretary, "secretary", ""), "")
}

func TestSetRoles(t *testing.T) {
	h := newHouse(t)
	h.cast()
	for _, c := range []struct {
		name, actor, org, member string
		roles                    []model.Role
		want                     model.Code
		held                     string
	}{
		{"a secretary makes a committee member", "secretary", "cardio", "plain", []model.Role{"member", "committee_member"}, "", "cardio/committee_member"},
		{"member alone takes it off", "secretary", "cardio", "plain", []model.Role{"member"}, "", ""},
		{"twice the same", "secretary", "first", "plain", []model.Role{"group_leader", "group_leader"}, "", "first/group_leader"},
		{"a role elsewhere stays", "secretary", "cardio", "plain", nil, "", "first/group_leader"},
		{"a secretary makes a secretary", "secretary", "cardio", "plain", []model.Role{"secretary"}, "", "cardio/secretary first/group_leader"},
		{"not above oneself", "secretary", "cardio", "plain", []model.Role{"secretary", "staff"}, model.CodeForbidden, "cardio/secretary first/group_leader"},
		{"not in another branch", "secretary", "neuro", "neighbour", nil, model.CodeNotFound, ""},
		{"not above the own branch", "secretary", "society", "plain", []model.Role{"secretary"}, model.CodeForbidden, ""},
		{"a committee member gives nothing", "committee", "cardio", "plain", nil, model.CodeForbidden, ""},
		{"not for somebody of another branch", "staff", "cardio", "neighbour", []model.Role{"secretary"}, model.CodeNotFound, "neuro/secretary"},
		{"the office takes the secretary's role", "staff", "cardio", "plain", nil, "", "first/group_leader"},
		{"the office makes staff", "staff", "society", "plain", []model.Role{"staff"}, "", "first/group_leader society/staff"},
		{"the office makes no administrator", "staff", "society", "plain", []model.Role{"staff", "admin"}, model.CodeForbidden, "first/group_leader society/staff"},
		{"a secretary does not take the office's role", "secretary", "society", "plain", nil, model.CodeForbidden, "first/group_leader society/staff"},
		{"an unknown role", "secretary", "cardio", "plain", []model.Role{"member", "chairman"}, model.CodeInvalid, ""},
		{"an administrator makes one", "admin", "root", "plain", []model.Role{"admin"}, "", "first/group_leader root/admin society/staff"},
	} {
		e, err := h.svc.SetRoles(h.ctx, h.as(c.actor), c.org, c.member, c.roles)
		wantCode(t, c.name, err, c.want)
		if c.want == model.CodeInvalid && err.(*model.Error).Fields[0].Field != "roles[1]" {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && e.Roles[0] != model.RoleMember {
			t.Errorf("%s answers %v", c.name, e.Roles)
		}
		if c.held == "" && c.want != "" {
			continue
		}
		var held []string
		for r := range h.roles(c.member) {
			held = append(held, r)
		}
		slices.Sort(held)
		if got := strings.Join(held, " "); got != c.held {
			t.Errorf("%s: holds %q, want %q", c.name, got, c.held)
		}
	}
	e, err := h.svc.SetRoles(h.ctx, h.as("admin"), "society", "plain", []model.Role{"staff"})
	h.must(err)
	if !slices.Equal(e.Roles, []model.Role{"member", "group_leader", "staff"}) || len(e.Grants) != 2 {
		t.Errorf("shown at the society: %v %v", e.Roles, e.Grants)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := newHouse(t)
	h.cast()
	_, err := h.svc.SetRoles(h.ctx, h.as("admin"), "root", "admin", []model.Role{"member"})
	wantCode(t, "the last one", err, model.CodeConflict)
	h.enrol("second", "第二管理员", "", "society")
	h.grant("second", "", model.RoleAdmin)
	h.grant("second", "root", model.RoleAdmin)
	_, err = h.svc.SetRoles(h.ctx, h.as("second"), "root", "admin", nil)
	wantCode(t, "one of two", err, "")
	if len(h.roles("admin")) != 0 {
		t.Errorf("still holds %v", h.roles("admin"))
	}
	_, err = h.svc.SetRoles(h.ctx, h.as("second"), "root", "second", []model.Role{"admin"})
	wantCode(t, "keeping the own role", err, "")
	if !h.roles("second")["/admin"] {
		t.Errorf("holds %v", h.roles("second"))
	}
}

func TestInvite(t *testing.T) {
	h := newHouse(t)
	h.cast()
	secretary := h.as("secretary")
	v, err := h.svc.Invite(h.ctx, secretary, "cardio", 0, 0)
	h.must(err)
	if len(v.Code) != 10 || strings.ContainsAny(v.Code, "01IOabcdefghijklmnopqrstuvwxyz") || !v.ExpiresAt.Equal(storetest.Now().AddDate(0, 0, 7)) {
		t.Errorf("a code %+v", v)
	}
	for range 50 {
		other, err := h.svc.Invite(h.ctx, secretary, "cardio", 1, 1)
		h.must(err)
		if other.Code == v.Code {
			t.Fatal("the same code twice")
		}
	}
	_, err = h.svc.Invite(h.ctx, secretary, "cardio", 31, -1)
	if own, ok := err.(*model.Error); !ok || len(own.Fields) != 2 {
		t.Errorf("out of bounds: %v", err)
	}
}

func TestSecretariesAreToldOfWhoJoined(t *testing.T) {
	for _, c := range []struct{ org, want string }{{"first", "secretary"}, {"cardio", "secretary"}, {"society", "staff"}} {
		h := newHouse(t)
		h.cast()
		m := &model.Member{ID: "new", Name: "单新人", NameSort: "单新人", PartyStatus: model.PartyNone}
		err := h.store.Tx(h.ctx, func(tx *store.Store) error {
			if err := tx.AddMember(h.ctx, m); err != nil {
				return err
			}
			return h.svc.JoinedByInvite(h.ctx, tx, m, h.orgs[c.org])
		})
		h.must(err)
		if len(h.outbox.pushed) != 1 || !slices.Equal(h.outbox.pushed[0].Audience.MemberIDs, []string{c.want}) {
			t.Fatalf("into %s: told %+v", c.org, h.outbox.pushed)
		}
		p := h.outbox.pushed[0]
		if !p.Private || p.Kind != model.PushAnnouncement || !strings.Contains(p.Body, "请在花名册中核对") || p.Fields["title"] == "" {
			t.Errorf("the notice: %+v", p)
		}
		kept, err := h.store.Member(h.ctx, "new")
		h.must(err)
		if kept.NameSort != member.SortKey("单新人") {
			t.Errorf("stands in the roster at %q", kept.NameSort)
		}
	}
}

func TestSortKey(t *testing.T) {
	ordered := []string{"Alice", "bob", "陈一", "仇英", "单田芳", "沈从文", "解缙", "尉迟恭", "曾国藩", "翟一", "张伟", "章子怡"}
	names := slices.Clone(ordered)
	slices.Reverse(names)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(member.SortKey(a), member.SortKey(b)) })
	if !slices.Equal(names, ordered) {
		t.Errorf("sorted %v", names)
	}
	if member.SortKey("") != "" || len([]rune(member.SortKey(strings.Repeat("双", 80)))) > 200 {
		t.Error("an empty or an endless name")
	}
	if member.SortKey("王 伟") != member.SortKey("王伟") {
		t.Error("blanks inside a name count")
	}
}
