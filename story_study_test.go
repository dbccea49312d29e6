package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/service/wechat/standin"
)

// TestStoryStudy lives point 7: subscriptions are booked once, a weekly study reminder goes to the branch on Tuesday at 20:00, once though two
// replicas run, and the book follows what WeChat says.
func TestStoryStudy(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:30:00+08:00", env) // a Tuesday
		r := p.found().readership()
		unbound := r.enrol(r.branch, "未绑定的老同志", "full")
		subscriptions(t, r)
		id := weekly(t, r)
		tuesday(t, r, id, unbound)
		lostAnswer(t, r)
	})
}

// tap is one tap on the subscription button, of which the server hears twice: from the client and from WeChat.
func (s *society) tap(m person, eventFirst bool, answers map[string]string) {
	s.t.Helper()
	told := func() {
		if err := s.wx.WaitPushes(s.t.Context(), testAppID); err != nil {
			s.t.Fatal(err)
		}
	}
	if !eventFirst {
		s.wx.PausePush(testAppID)
	}
	results, err := s.wx.Popup(m.openID, answers)
	if err != nil {
		s.t.Fatal(err)
	}
	if eventFirst {
		told()
	}
	s.must(200, "POST", "/subscriptions", m.token, object{"results": results})
	if !eventFirst {
		s.wx.ResumePush(testAppID)
		told()
	}
	for _, e := range s.wx.Events(testAppID) {
		if e.State != standin.PushDelivered {
			s.t.Errorf("the callback did not take an event: %+v", e)
		}
	}
}

func subscriptions(t *testing.T, r *readership) {
	t.Helper()
	quotas := r.must(200, "GET", "/subscriptions", r.member.token, nil).list("quotas")
	if len(quotas) != 4 || slices.ContainsFunc(quotas, func(q object) bool { return q.number("remaining") != 0 || q.text("kind") != "one_time" }) {
		t.Errorf("a new book: %v", quotas)
	}
	prompts := func() []any {
		ids, _ := r.must(200, "GET", "/subscriptions/prompts?scene=study", r.member.token, nil).at("template_ids").([]any)
		return ids
	}
	if ids := prompts(); len(ids) != 3 || ids[0] != studyTemplate {
		t.Errorf("prompts: %v", ids)
	}
	r.tap(r.member, false, map[string]string{studyTemplate: "accept", meetingTemplate: "reject", announcementTemplate: "accept"})
	if n := r.remaining(r.member, studyTemplate); n != 1 {
		t.Errorf("one tap, reported by the client and then by WeChat, books %d", n)
	}
	if n := r.remaining(r.member, meetingTemplate); n != 0 {
		t.Errorf("a refusal books %d", n)
	}
	if ids := prompts(); len(ids) != 0 {
		t.Errorf("asked twice a day: %v", ids)
	}
	r.tap(r.party, true, map[string]string{studyTemplate: "accept"})
	if n := r.remaining(r.party, studyTemplate); n != 1 {
		t.Errorf("one tap, reported by WeChat and then by the client, books %d", n)
	}
	// A client that makes its grants up: the book believes it until WeChat says 43101.
	r.must(200, "POST", "/subscriptions", r.committee.token, object{"results": object{studyTemplate: "accept"}})
	got := r.must(200, "POST", "/subscriptions", r.committee.token, object{"results": object{studyTemplate: "accept"}})
	if find(got.list("quotas"), "template_id", studyTemplate).number("remaining") != 2 {
		t.Errorf("two reports: %s", got.raw)
	}
	faults := r.refused(422, "validation_failed", "POST", "/subscriptions", r.member.token, object{"results": object{"no-such-template": "accept", studyTemplate: "perhaps"}}).faults()
	if faults["results.no-such-template"] == "" || faults["results."+studyTemplate] == "" {
		t.Errorf("faults: %v", faults)
	}
}

const weeklyName = "每周二学习一刻钟"

func weekly(t *testing.T, r *readership) string {
	t.Helper()
	body := object{"org_id": r.branch, "name": weeklyName, "rule": "FREQ=WEEKLY;BYDAY=TU", "at": "20:00", "only_after_hours": true,
		"audience": object{"org_id": r.branch}, "template": "study"}
	r.refused(403, "forbidden", "POST", "/reminders", r.member.token, body)
	r.refused(404, "not_found", "POST", "/reminders", r.other.token, body)
	if f := r.refused(422, "validation_failed", "POST", "/reminders", r.secretary.token, object{"org_id": r.branch, "name": "坏的", "rule": "FREQ=SOMETIMES", "at": "25:00"}).faults(); f["rule"] == "" || f["at"] == "" {
		t.Errorf("faults: %v", f)
	}
	made := r.must(201, "POST", "/reminders", r.secretary.token, body)
	if made.text("next_at") != "2026-11-24T20:00:00+08:00" || made.text("rule") != "FREQ=WEEKLY;BYDAY=TU" || made.text("at") != "20:00" {
		t.Errorf("reminder: %s", made.raw)
	}
	preview := r.must(200, "GET", "/reminders/"+made.text("id")+"/preview", r.secretary.token, nil).list("items")
	if len(preview) != 10 || preview[0].text("at") != "2026-11-24T20:00:00+08:00" || preview[0].number("recipients") != 5 || preview[1].text("at") != "2026-12-01T20:00:00+08:00" {
		t.Errorf("preview: %v", preview)
	}
	return made.text("id")
}

// tuesday starts two replicas three seconds before the time.
func tuesday(t *testing.T, r *readership, id string, unbound person) {
	t.Helper()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	r.moveTo("2026-11-24T19:59:57+08:00")
	second := r.replica()
	if n := len(r.inbox(r.member.token)); n != 0 && r.now().Before(at) {
		t.Errorf("%d notices before the time", n)
	}
	for _, p := range []person{r.member, r.party} {
		card := r.rings(p, 1)[0]
		if card.At.Before(at) || card.At.After(at.Add(30*time.Second)) || card.TemplateID != studyTemplate || card.Value("thing1") != weeklyName || !strings.Contains(card.Value("time2"), "20:00") {
			t.Errorf("the reminder rang at %s: %+v", card.At, card)
		}
	}
	push := r.pushDone(weeklyName)
	wantCounts(t, push, 5, 2, 3)
	rows := r.deliveries(push)
	if d := rows[r.committee.id]; d.text("state") != "inbox_only" || d.number("errcode") != 43101 || d.number("attempts") != 1 || !strings.Contains(d.text("reason"), "订阅次数") {
		t.Errorf("after 43101: %v", d)
	}
	if d := rows[r.secretary.id]; d.text("state") != "inbox_only" || d.number("attempts") != 0 || d.text("reason") == "" {
		t.Errorf("without a grant: %v", d)
	}
	if d := rows[unbound.id]; !strings.Contains(d.text("reason"), "尚未绑定") {
		t.Errorf("not bound: %v", d)
	}
	for name, p := range map[string]person{"secretary": r.secretary, "member": r.member, "party": r.party, "committee": r.committee} {
		for _, replica := range []*program{r.program, second} {
			got := replica.inbox(p.token)
			if len(got) != 1 || got[0].text("title") != weeklyName || got[0].text("kind") != "study" {
				t.Errorf("the %s's inbox: %v", name, texts(got, "title"))
			}
		}
		if n := r.remaining(p, studyTemplate); n != 0 {
			t.Errorf("the %s has %d left after the reminder", name, n)
		}
	}
	if len(r.inbox(r.other.token)) != 0 {
		t.Error("the neighbour was reminded")
	}
	after := r.must(200, "GET", "/reminders/"+id, r.secretary.token, nil)
	if after.text("last", "state") != "fired" || after.text("last", "planned_at") != "2026-11-24T20:00:00+08:00" || after.text("next_at") != "2026-12-01T20:00:00+08:00" {
		t.Errorf("afterwards: %s", after.raw)
	}
	second.end()
	pushes := 0
	for _, p := range r.must(200, "GET", "/pushes", r.secretary.token, nil).list("items") {
		if p.text("title") == weeklyName {
			pushes++
		}
	}
	if sends := len(r.wx.CallsTo("/cgi-bin/message/subscribe/send")); pushes != 1 || sends != 3 {
		t.Errorf("two replicas made %d messages and %d sends", pushes, sends)
	}
	r.wx.SetCallback(testAppID, r.base+"/wechat/callback/miniprogram")
}

// lostAnswer: WeChat takes a message and its answer is lost. That is in doubt until WeChat's own event tells; nothing is sent twice.
func lostAnswer(t *testing.T, r *readership) {
	t.Helper()
	r.wx.SetFault("/cgi-bin/message/subscribe/send", standin.Fault{Kind: standin.FaultResetAfter, Times: 1})
	r.wx.PausePush(testAppID)
	body := object{"org_id": r.branch, "kind": "announcement", "title": "本周学习安排有调整", "fields": object{"title": "本周学习安排有调整", "from": "党支部"},
		"audience": object{"org_id": r.branch, "party_status": []string{"non_party"}}}
	plan := r.must(200, "POST", "/pushes/plan", r.secretary.token, body)
	if plan.number("recipients") != 1 || plan.number("by_wechat") != 1 || plan.number("inbox_only") != 0 || plan.number("over_budget") != 0 {
		t.Errorf("plan: %s", plan.raw)
	}
	made := r.must(201, "POST", "/pushes", r.secretary.token, body)
	if made.text("id") == "" || made.number("recipients") != 1 {
		t.Errorf("pushed: %s", made.raw)
	}
	state := func() string {
		return r.deliveries(object{"id": made.text("id")})[r.member.id].text("state")
	}
	r.eventually("the lost answer is a doubt", 15*time.Second, func() bool { return state() == "in_doubt" })
	push := r.must(200, "GET", "/pushes/"+made.text("id"), r.secretary.token, nil)
	if push.number("counts", "in_doubt") != 1 || push.number("counts", "recipients") != 1 || r.remaining(r.member, announcementTemplate) != 0 {
		t.Errorf("in doubt: %s", push.raw)
	}
	r.wx.ResumePush(testAppID)
	r.eventually("WeChat's event ends the doubt", 15*time.Second, func() bool { return state() == "sent" })
	if n := len(r.rings(r.member, 2)); n != 2 {
		t.Errorf("%d messages reached the member", n)
	}
}
