package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// TestStoryHandover lives the light hand-over: one package, both confirm, rights and work move at one moment on every replica; where the old secretary
// is gone, the office confirms in their place.
func TestStoryHandover(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		heir := r.join(r.branch, "钱接任", "full")
		handOver(t, r, heir)
		handOverInPlace(t, r, heir)
		handOverNot(t, r, heir)
	})
}

// hand begins a hand-over to somebody.
func (r *readership) hand(token, to string) response {
	r.t.Helper()
	return r.must(201, "POST", "/orgs/"+r.branch+"/handovers", token, object{"to_member_id": to, "note": "任期届满"})
}

func handOver(t *testing.T, r *readership, heir person) {
	t.Helper()
	old, base := r.secretary, "/orgs/"+r.branch+"/handovers"
	suggestion := r.must(201, "POST", "/suggestions", r.member.token, object{"to_org_id": r.branch, "title": "会议材料提供大字版", "content": "看手机吃力。"}).text("id")
	r.step(old.token, suggestion, object{"action": "accept", "assignee_id": old.id})
	meeting := r.must(201, "POST", "/meetings", old.token, object{"org_id": r.branch, "type": "party_day", "topic": "主题党日", "mode": "onsite", "place": "会议室",
		"starts_at": "2026-11-30T19:30:00+08:00", "ends_at": "2026-11-30T20:30:00+08:00"}).text("id")
	reminder := r.must(201, "POST", "/reminders", old.token, object{"org_id": r.branch, "name": "每周学习", "rule": "FREQ=WEEKLY;BYDAY=TU", "at": "20:00"}).text("id")
	r.must(201, "POST", "/articles", old.token, object{"org_id": r.branch, "category": "news", "title": "未发布的动态", "body_markdown": "正文"})

	if f := r.refused(422, "validation_failed", "POST", base, old.token, object{"to_member_id": old.id}).faults(); f["to_member_id"] == "" {
		t.Errorf("to oneself: %v", f)
	}
	if f := r.refused(422, "validation_failed", "POST", base, old.token, object{"to_member_id": r.other.id}).faults(); f["to_member_id"] == "" {
		t.Errorf("to the neighbours: %v", f)
	}
	r.refused(403, "forbidden", "POST", base, heir.token, object{"to_member_id": heir.id})
	made := r.hand(old.token, heir.id)
	path := "/handovers/" + made.text("id")
	kinds := texts(made.list("items"), "kind")
	for _, kind := range []string{"meeting", "suggestion", "draft", "reminder"} {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no %s in the package: %s", kind, made.raw)
		}
	}
	if it := find(made.list("items"), "id", suggestion); it == nil || it.at("handed_on") != true {
		t.Errorf("the suggestion given to the old secretary: %v", it)
	}
	r.refused(409, "conflict", "POST", base, old.token, object{"to_member_id": heir.id})
	for _, token := range []string{r.other.token, r.party.token} {
		r.refused(404, "not_found", "GET", path, token, nil)
		r.refused(404, "not_found", "POST", path+"/confirm", token, object{})
	}
	if bell := r.inbox(heir.token); len(bell) == 0 || !strings.Contains(bell[0].text("title"), "确认接任") {
		t.Errorf("the new secretary was told: %v", bell)
	}

	// One side alone moves nothing, and confirming twice is confirming once.
	for range 2 {
		if one := r.must(200, "POST", path+"/confirm", old.token, object{}); one.text("state") != "open" || one.at("can_confirm") != false {
			t.Errorf("half: %s", one.raw)
		}
	}
	r.refused(403, "forbidden", "GET", "/orgs/"+r.branch+"/members", heir.token, nil)
	other := r.replica()
	other.must(200, "GET", "/orgs/"+r.branch+"/members", old.token, nil) // both replicas know the old rights
	other.refused(403, "forbidden", "GET", "/orgs/"+r.branch+"/members", heir.token, nil)

	done := r.must(200, "POST", path+"/confirm", heir.token, object{})
	if done.text("state") != "done" || done.text("from_confirmation", "by", "id") != old.id || done.at("from_confirmation", "in_place") != false {
		t.Errorf("done: %s", done.raw)
	}
	r.must(200, "GET", "/orgs/"+r.branch+"/members", heir.token, nil)
	r.refused(403, "forbidden", "GET", "/orgs/"+r.branch+"/members", old.token, nil)
	r.eventually("the other replica knows", time.Second, func() bool {
		return other.call("GET", "/orgs/"+r.branch+"/members", old.token, nil).status == 403 && other.call("GET", "/orgs/"+r.branch+"/members", heir.token, nil).status == 200
	})

	s := r.must(200, "GET", "/suggestions/"+suggestion, heir.token, nil)
	if s.text("assignee", "id") != heir.id {
		t.Errorf("the suggestion is still with another: %s", s.raw)
	}
	r.refused(404, "not_found", "GET", "/suggestions/"+suggestion, old.token, nil)
	if m := r.must(200, "GET", "/meetings/"+meeting, heir.token, nil); !strings.Contains(string(m.raw), "钱接任") {
		t.Errorf("the meeting is still called by another: %s", m.raw)
	}
	if got := r.must(200, "GET", "/reminders/"+reminder, heir.token, nil); !strings.Contains(string(got.raw), "钱接任") {
		t.Errorf("the reminder is still another's: %s", got.raw)
	}
	again := r.must(200, "GET", path, old.token, nil) // who signed keeps sight of what was handed over
	if len(again.list("items")) < 4 || again.at("can_cancel") != false {
		t.Errorf("afterwards: %s", again.raw)
	}
	if bell := r.inbox(old.token); len(bell) == 0 || !strings.Contains(bell[0].text("body"), "书记权限同时结束") {
		t.Errorf("the old secretary was told: %v", bell)
	}
	r.refused(409, "conflict", "POST", path+"/cancel", heir.token, object{"reason": "反悔"})
	list := r.call("GET", path+"/package.xlsx", old.token, nil)
	if first := r.call("GET", path+"/package.xlsx", heir.token, nil); !bytes.Equal(first.raw, list.raw) || list.status != 200 {
		t.Error("the package is another file for another reader")
	}
	if cells := cellsOf(t, list.raw); !strings.Contains(cells, "书记工作交接清单") || !strings.Contains(cells, "会议材料提供大字版") || !strings.Contains(cells, "接任方确认：钱接任") {
		t.Errorf("the package: %s", cells)
	}
}

// cellsOf is all text of a workbook.
func cellsOf(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatalf("open the workbook: %v", err)
	}
	defer func() { _ = f.Close() }()
	var b strings.Builder
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, "\t") + "\n")
		}
	}
	return b.String()
}

// handOverInPlace: the secretary has left the branch, so the office confirms with its reason, and that is logged.
func handOverInPlace(t *testing.T, r *readership, gone person) {
	t.Helper()
	made := r.hand(r.staff.token, r.committee.id)
	path := "/handovers/" + made.text("id")
	if made.text("from", "id") != gone.id || made.at("needs_reason") != true {
		t.Errorf("by the office: %s", made.raw)
	}
	if f := r.refused(422, "validation_failed", "POST", path+"/confirm", r.staff.token, object{}).faults(); f["reason"] == "" {
		t.Errorf("without a reason: %v", f)
	}
	r.must(200, "POST", path+"/confirm", r.committee.token, object{})
	done := r.must(200, "POST", path+"/confirm", r.staff.token, object{"reason": "原书记已调离，联系不上"})
	if done.text("state") != "done" || done.at("from_confirmation", "in_place") != true || done.text("from_confirmation", "by", "id") != r.staff.id {
		t.Errorf("in place: %s", done.raw)
	}
	r.refused(403, "forbidden", "GET", "/orgs/"+r.branch+"/members", gone.token, nil)
	r.must(200, "GET", "/orgs/"+r.branch+"/members", r.committee.token, nil)
	log := r.must(200, "GET", "/audit?object=handover:"+done.text("id"), r.staff.token, nil)
	if !slices.Contains(texts(log.list("items"), "action"), "handover.done") {
		t.Errorf("the log: %s", log.raw)
	}
	if bell := r.inbox(gone.token); len(bell) == 0 || !strings.Contains(bell[0].text("body"), "原书记已调离，联系不上") {
		t.Errorf("who was gone was told: %v", bell)
	}
}

// handOverNot: one is taken back, and one that nobody confirms ends by itself; nothing moves.
func handOverNot(t *testing.T, r *readership, heir person) {
	t.Helper()
	path := "/handovers/" + r.hand(r.committee.token, heir.id).text("id")
	if f := r.refused(422, "validation_failed", "POST", path+"/cancel", heir.token, object{}).faults(); f["reason"] == "" {
		t.Errorf("cancelled without a reason: %v", f)
	}
	if got := r.must(200, "POST", path+"/cancel", heir.token, object{"reason": "另有任用"}); got.text("state") != "cancelled" {
		t.Errorf("cancelled: %s", got.raw)
	}
	r.refused(409, "conflict", "POST", path+"/confirm", heir.token, object{})
	path = "/handovers/" + r.hand(r.committee.token, heir.id).text("id")
	r.must(200, "POST", path+"/confirm", heir.token, object{})
	r.moveTo("2026-12-09T08:00:00+08:00")
	r.committee.token = r.visit(r.committee.openID).text("access_token")
	r.refused(409, "conflict", "POST", path+"/confirm", r.committee.token, object{})
	if got := r.must(200, "GET", path, r.committee.token, nil); got.text("state") != "expired" {
		t.Errorf("expired: %s", got.raw)
	}
	r.must(200, "GET", "/orgs/"+r.branch+"/members", r.committee.token, nil)
	r.hand(r.committee.token, heir.id) // the next may begin
}
