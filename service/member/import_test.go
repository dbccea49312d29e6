package member_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/member"
	"zhibu/service/member/roster"
)

func (h *house) importText(actor, org, text string, dry bool) *member.Result {
	h.t.Helper()
	r, err := h.svc.ImportFile(h.ctx, h.as(actor), org, strings.NewReader(text), int64(len(text)), "名单.csv", dry)
	h.must(err)
	return r
}

// trace is everything an import could change, to be compared before and after.
func (h *house) trace() string {
	h.t.Helper()
	rows, err := h.store.WholeRoster(h.ctx, "/")
	h.must(err)
	orgs, err := h.store.Orgs(h.ctx)
	h.must(err)
	audit, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{}, model.Page{Limit: 100})
	h.must(err)
	b, err := json.Marshal([]any{rows, orgs, len(audit)})
	h.must(err)
	return string(b)
}

func TestImportOfTheSample(t *testing.T) {
	h := newHouse(t)
	h.cast()
	data, err := os.ReadFile("roster/testdata/花名册-心肺康复.xlsx")
	h.must(err)
	do := func(dry bool) *member.Result {
		t.Helper()
		r, err := h.svc.ImportFile(h.ctx, h.as("secretary"), "cardio", bytes.NewReader(data), int64(len(data)), "花名册-心肺康复.xlsx", dry)
		h.must(err)
		return r
	}
	before := h.trace()
	dry := do(true)
	if h.trace() != before {
		t.Error("a dry run wrote something")
	}
	if dry.Created != 39 || dry.Updated != 0 || dry.Unchanged != 0 || len(dry.Errors) != 5 {
		t.Errorf("the dry run: %+v", dry)
	}
	if diff := cmp.Diff([]string{"序号", "性别", "民族", "出生年月", "身份证号"}, dry.IgnoredColumns); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(dry, do(false)); diff != "" {
		t.Errorf("the real run differs from the dry one:\n%s", diff)
	}
	after := h.trace()
	again := do(false)
	if again.Created != 0 || again.Updated != 0 || again.Unchanged != 39 || len(again.Errors) != 5 {
		t.Errorf("the second time: %+v", again)
	}
	if h.trace() != after {
		t.Error("the second import changed something")
	}

	groups, err := h.store.ChildOrgs(h.ctx, "cardio")
	h.must(err)
	if len(groups) != 2 || groups[0].Name != "第一党小组" || groups[0].ID != "first" || groups[1].Name != "第二党小组" || groups[1].Path != h.orgs["cardio"].Path+groups[1].ID+"/" {
		t.Errorf("the groups: %+v", groups)
	}
	m, err := h.store.MemberByPhone(h.ctx, h.vault.Index("13910000137"))
	h.must(err)
	if m.Name != "赵海燕" || m.PartyStatus != model.PartyFull || m.Employer != "华中科技大学同济医学院附属同济医院" || m.Title != "副主任医师" || m.PhoneMask != "139****0137" {
		t.Errorf("read as %+v", m)
	}
	if phone, err := h.svc.RevealPhone(h.ctx, withNumbers(h.as("secretary")), m.ID); err != nil || phone != "13910000137" {
		t.Errorf("the sealed number reads %q %v", phone, err)
	}
	if at := h.places(m.ID); len(at) != 1 || !at[groups[1].ID] {
		t.Errorf("stands at %v", at)
	}
}

func TestImportCompares(t *testing.T) {
	h := newHouse(t)
	h.cast()
	const phone = "13900000001"
	const head = "姓名,手机号,政治面貌,单位,职务,党小组\n"
	type want struct{ created, updated, unchanged, errors int }
	for _, c := range []struct {
		name, actor, org, text string
		want                   want
		code, places           string
	}{
		{"somebody new, without a group", "secretary", "cardio", head + "周海燕," + phone + ",中共党员,协和医院,主任医师,\n", want{created: 1}, "", "cardio"},
		{"empty cells erase nothing", "secretary", "cardio", head + "周海燕," + phone + ",中共党员,,,\n", want{unchanged: 1}, "", "cardio"},
		{"columns that are absent erase nothing", "secretary", "cardio", "姓名,手机号\n周 海燕,+86 139-0000-0001\n", want{unchanged: 1}, "", "cardio"},
		{"into a group", "secretary", "cardio", head + "周海燕," + phone + ",中共党员,,,第一小组\n", want{updated: 1}, "", "first"},
		{"a group left empty moves nobody", "secretary", "cardio", head + "周海燕," + phone + ",中共党员,,,\n", want{unchanged: 1}, "", "first"},
		{"into another group, which is made", "secretary", "cardio", head + "周海燕," + phone + ",中共党员,,,第三党小组\n", want{updated: 1}, "", "第三党小组"},
		{"with another title", "secretary", "cardio", head + "周海燕," + phone + ",预备党员,,副主任医师,第三党小组\n", want{updated: 1}, "", "第三党小组"},
		{"into another branch too", "neighbour", "neuro", head + "周海燕," + phone + ",中共党员,,,卒中康复党小组\n", want{created: 1}, "", "stroke 第三党小组"},
		{"of another name", "neighbour", "neuro", head + "周海雁," + phone + ",中共党员,,,\n", want{errors: 1}, member.CodeNameMismatch, "stroke 第三党小组"},
		{"a list of one group, with a line of another", "neighbour", "stroke", head + "周海燕," + phone + ",中共党员,,,脊髓损伤党小组\n", want{errors: 1}, member.CodeOtherGroup, "stroke 第三党小组"},
		{"a list of one group", "neighbour", "stroke", head + "周海燕," + phone + ",中共党员,,,卒中康复\n", want{unchanged: 1}, "", "stroke 第三党小组"},
		{"the whole society's list", "staff", "society", head + "周海燕," + phone + ",中共党员,,,\n", want{unchanged: 1}, "", "stroke 第三党小组"},
	} {
		dry := h.importText(c.actor, c.org, c.text, true)
		r := h.importText(c.actor, c.org, c.text, false)
		if diff := cmp.Diff(dry, r); diff != "" {
			t.Errorf("%s: the dry run says otherwise:\n%s", c.name, diff)
		}
		if got := (want{r.Created, r.Updated, r.Unchanged, len(r.Errors)}); got != c.want {
			t.Errorf("%s: %+v %v, want %+v", c.name, got, r.Errors, c.want)
		}
		if c.code != "" && (len(r.Errors) == 0 || r.Errors[0].Code != c.code || strings.Contains(r.Errors[0].Detail, "海燕") || strings.Contains(r.Errors[0].Detail, phone)) {
			t.Errorf("%s: %+v", c.name, r.Errors)
		}
		m, err := h.store.MemberByPhone(h.ctx, h.vault.Index(phone))
		h.must(err)
		var at []string
		for id := range h.places(m.ID) {
			o, err := h.store.Org(h.ctx, id)
			h.must(err)
			if h.orgs[id] == nil {
				id = o.Name
			}
			at = append(at, id)
		}
		if len(at) == 2 && at[0] > at[1] {
			at[0], at[1] = at[1], at[0]
		}
		if got := strings.Join(at, " "); got != c.places {
			t.Errorf("%s: stands at %q, want %q", c.name, got, c.places)
		}
		if m.Employer != "协和医院" || m.Name != "周海燕" {
			t.Errorf("%s: became %+v", c.name, m)
		}
	}
}

// Moving to another group ends what was held in the old one; a role there that the importer may not take stops the row.
func TestImportMovesRoles(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.grant("leader", "cardio", model.RoleCommitteeMember)
	h.enrol("odd", "特殊人", "13910000020", "first")
	h.grant("odd", "first", model.RoleStaff)
	r := h.importText("secretary", "cardio", "姓名,手机号,党小组\n王组长,13910000002,第二党小组\n特殊人,13910000020,第二党小组\n林知远,13910000001,第二党小组\n", false)
	if r.Updated != 2 || len(r.Errors) != 1 || r.Errors[0].Code != member.CodeHoldsRole || r.Errors[0].Row != 3 {
		t.Errorf("imported %+v", r)
	}
	if held := h.roles("leader"); len(held) != 1 || !held["cardio/committee_member"] {
		t.Errorf("the leader who moved holds %v", held)
	}
	if !h.places("odd")["first"] || !h.roles("odd")["first/staff"] {
		t.Errorf("the stopped row changed something: %v %v", h.places("odd"), h.roles("odd"))
	}
}

// A list of one group takes people out of the branch itself into the group, and leaves them what they hold in the branch.
func TestImportIntoAGroup(t *testing.T) {
	h := newHouse(t)
	h.cast()
	r := h.importText("secretary", "first", "姓名,手机号,入党时间\n赵支委,13910000003,2015年7月\n林知远,13910000001,\n", false)
	if r.Created != 1 || r.Unchanged != 1 {
		t.Errorf("imported %+v", r)
	}
	rows, err := h.store.Memberships(h.ctx, "committee")
	h.must(err)
	if len(rows) != 1 || rows[0].OrgID != "first" || rows[0].JoinedOn != "2015-07-01" || !h.roles("committee")["cardio/committee_member"] {
		t.Errorf("stands at %+v, holds %v", rows, h.roles("committee"))
	}
	if r := h.importText("secretary", "first", "姓名,手机号,入党时间\n赵支委,13910000003,2015-07-01\n", false); r.Unchanged != 1 {
		t.Errorf("again: %+v", r)
	}
}

// Whoever came in by an invitation typed their name themselves: a roster's line of the same name must not make them that person unasked.
func TestImportAsksAboutNamesakesWithoutPhone(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.enrol("guest", "周海燕", "", "cardio")
	r := h.importText("secretary", "cardio", "姓名,手机号\n周海燕,13900000001\n吴晓明,13900000002\n", false)
	if r.Created != 1 || len(r.Errors) != 1 || r.Errors[0].Code != member.CodeNamesake {
		t.Errorf("imported %+v", r)
	}
	phone := "13900000001"
	_, err := h.svc.Update(h.ctx, h.as("secretary"), "guest", member.Changes{Phone: &phone})
	h.must(err)
	if r := h.importText("secretary", "cardio", "姓名,手机号\n周海燕,13900000001\n", false); r.Unchanged != 1 {
		t.Errorf("once the number is known: %+v", r)
	}
}

func TestImportRefusesWhatIsNoRoster(t *testing.T) {
	h := newHouse(t)
	h.cast()
	for text, want := range map[string]model.Code{"": model.CodeInvalid, "姓名,电邮\n甲,a\n": model.CodeInvalid, "%PDF-1.7\x00\x01\x02": model.CodeMediaType} {
		_, err := h.svc.ImportFile(h.ctx, h.as("secretary"), "cardio", strings.NewReader(text), -1, "a", false)
		wantCode(t, fmt.Sprintf("%q", text), err, want)
	}
	_, err := h.svc.ImportFile(h.ctx, model.SystemActor(), "cardio", strings.NewReader("姓名,手机号\n甲,13900000001\n"), -1, "a.csv", false)
	wantCode(t, "by the command line", err, "")
}

func TestExport(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.bind("plain")
	f, err := h.svc.Export(h.ctx, h.as("secretary"), "cardio")
	h.must(err)
	if f.Name != "心肺康复专业委员会党支部花名册-2026-11-23.xlsx" {
		t.Errorf("named %q", f.Name)
	}
	// The masked numbers read back as faults, one for each person.
	sheet, err := roster.Read(bytes.NewReader(f.Data), int64(len(f.Data)), f.Name, roster.Limits{})
	h.must(err)
	if len(sheet.Rows) != 0 || len(sheet.Problems) != 4 {
		t.Errorf("read back %+v", sheet)
	}
	if bytes.Contains(f.Data, []byte("13910000001")) {
		t.Error("a whole number is in the export")
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "roster.export"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].ActorID != "secretary" || entries[0].Detail["rows"] != "4" {
		t.Errorf("audit: %+v %v", entries, err)
	}
}

// The audit keeps neither numbers nor names, whatever was done.
func TestAuditKeepsNoPersonalData(t *testing.T) {
	h := newHouse(t)
	h.cast()
	h.bind("plain")
	secretary := h.as("secretary")
	_, err := h.svc.RevealPhone(h.ctx, withNumbers(secretary), "plain")
	h.must(err)
	phone, name := "13900000005", "林改名"
	_, err = h.svc.Update(h.ctx, secretary, "plain", member.Changes{Phone: &phone, Name: &name})
	h.must(err)
	_, err = h.svc.Unbind(h.ctx, secretary, "plain")
	h.must(err)
	_, err = h.svc.Add(h.ctx, secretary, "cardio", member.Details{Name: "周海燕", Phone: "13900000006", PartyStatus: model.PartyFull})
	h.must(err)
	h.importText("secretary", "cardio", "姓名,手机号\n吴晓明,13900000007\n", false)
	h.must(h.svc.Remove(h.ctx, secretary, "plain", ""))
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{}, model.Page{Limit: 100})
	h.must(err)
	actions := map[string]bool{}
	for _, e := range entries {
		actions[e.Action] = true
	}
	for _, a := range []string{"member.reveal_phone", "member.update", "member.unbind", "member.add", "roster.import", "member.leave"} {
		if !actions[a] {
			t.Errorf("%s is not in the audit", a)
		}
	}
	all := fmt.Sprintf("%+v", entries)
	for _, secret := range []string{"1391000", "1390000", "138****", "139****", "林", "周海燕", "吴晓明"} {
		if strings.Contains(all, secret) {
			t.Errorf("the audit holds %q: %s", secret, all)
		}
	}
}

func BenchmarkImport(b *testing.B) {
	var text strings.Builder
	text.WriteString("姓名,手机号,政治面貌,单位,职务,党小组\n")
	for i := range 4900 {
		fmt.Fprintf(&text, "某某,139%08d,中共党员,协和医院,主任医师,第%d党小组\n", i, i%20)
	}
	h := newHouse(b)
	for b.Loop() {
		r, err := h.svc.ImportFile(context.Background(), model.SystemActor(), "cardio", strings.NewReader(text.String()), -1, "a.csv", false)
		if err != nil || len(r.Errors) > 0 {
			b.Fatal(r, err)
		}
	}
}
