package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"zhibu/service/wechat/standin"
)

// The templates that the stand-in and the program know.
const (
	meetingTemplate      = "DEMOmeeting00000000000000000000000000000001"
	studyTemplate        = "DEMOstudy0000000000000000000000000000000002"
	announcementTemplate = "DEMOannouncement000000000000000000000000003"
)

// longTopic has sixty characters, three times what WeChat's card takes.
var longTopic = strings.Repeat("学习贯彻会议精神暨部署年度工作座谈讨论", 4)[:60*3]

// TestStoryMeeting lives points 6 and 7: a meeting called for tomorrow evening, answered, moved, reminded of at its minute, and cancelled, with the ledger of every message.
func TestStoryMeeting(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-09-28T19:00:00+08:00", env) // the Monday after one holiday and before another
		r := p.found().readership()
		unbound := r.enrol(r.branch, "未绑定的老同志", "full")
		r.keep(r.member, meetingTemplate, 4) // call, change, reminder, cancellation
		r.keep(r.party, meetingTemplate, 1)  // the call alone
		// The secretary and the committee member keep none.

		workingHours(t, r)
		id := call(t, r)
		called(t, r, id, unbound)
		answers(t, r, id)
		moved(t, r, id)
		reminded(t, r, id)
		cancelled(t, r, id)
		ledgersAddUp(t, r)
	})
}

// keep lets somebody always keep the choice, so that each tap grants silently: WeChat knows, and the client reports.
func (s *society) keep(m person, template string, taps int) {
	s.t.Helper()
	if err := s.wx.Grant(m.openID, template, taps); err != nil {
		s.t.Fatal(err)
	}
	for range taps {
		s.must(200, "POST", "/subscriptions", m.token, object{"results": object{template: "accept"}})
	}
}

// remaining is what somebody's book says is left of a template.
func (p *program) remaining(m person, template string) int {
	p.t.Helper()
	return find(p.must(200, "GET", "/subscriptions", m.token, nil).list("quotas"), "template_id", template).number("remaining")
}

// rings waits until n messages have reached somebody's WeChat, and returns them.
func (s *society) rings(m person, n int) []standin.SentMessage {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 15*time.Second)
	defer cancel()
	got, err := s.wx.WaitSent(ctx, m.openID, n)
	if err != nil || len(got) != n {
		s.t.Fatalf("%d messages reached WeChat, want %d: %v\n%s", len(got), n, err, s.log)
	}
	return got
}

func meetingAt(org, starts, ends string) object {
	return object{
		"org_id": org, "type": "branch_assembly", "topic": longTopic, "starts_at": starts, "ends_at": ends, "mode": "online",
		"online":    object{"provider": "tencent", "join_url": "https://meeting.tencent.com/dm/AbCdEf", "code": "860 215 477"},
		"agenda":    []object{{"title": "传达学习会议精神", "minutes": 20}, {"title": "讨论年度计划", "minutes": 40}},
		"reminders": []int{30, 5},
	}
}

// workingHours are refused with their reason, by the calendar of holidays.
func workingHours(t *testing.T, r *readership) {
	t.Helper()
	for when, reason := range map[string]string{"2026-09-29T15:00:00+08:00": "工作日", "2026-10-10T10:00:00+08:00": "调休", "2026-09-29T17:59:00+08:00": "工作日"} {
		at, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		body := meetingAt(r.branch, when, at.Add(time.Hour).Format(time.RFC3339))
		refusal := r.refused(422, "within_working_hours", "POST", "/meetings", r.secretary.token, body)
		if !strings.Contains(refusal.text("detail"), reason) || refusal.faults()["starts_at"] == "" {
			t.Errorf("%s: %s", when, refusal.raw)
		}
	}
	holiday := r.must(201, "POST", "/meetings", r.secretary.token, object{"org_id": r.branch, "type": "committee", "topic": "假期里的支委会", "mode": "onsite", "place": "会议室",
		"starts_at": "2026-10-05T10:00:00+08:00", "ends_at": "2026-10-05T11:00:00+08:00", "reminders": []int{}})
	if holiday.number("counts", "invited") != 2 {
		t.Errorf("the committee's meeting invites %s", holiday.raw)
	}
	override := meetingAt(r.branch, "2026-10-12T15:00:00+08:00", "2026-10-12T16:00:00+08:00")
	override["type"], override["override_reason"], override["reminders"], override["topic"] = "committee", "上级要求当日传达", []int{}, "紧急支委会"
	if m := r.must(201, "POST", "/meetings", r.secretary.token, override); m.text("override_reason") != "上级要求当日传达" {
		t.Errorf("with a reason: %s", m.raw)
	}
	faults := r.refused(422, "validation_failed", "POST", "/meetings", r.secretary.token, object{"org_id": r.branch, "type": "party", "topic": "", "mode": "online",
		"starts_at": "2026-09-29T19:30:00+08:00", "ends_at": "2026-09-29T19:00:00+08:00", "agenda": []object{{"title": ""}}, "reminders": []int{1}}).faults()
	for _, field := range []string{"type", "topic", "online.join_url", "ends_at", "agenda[0].title", "reminders[0]"} {
		if faults[field] == "" {
			t.Errorf("%s is not named among the faults %v", field, faults)
		}
	}
	r.refused(404, "not_found", "POST", "/meetings", r.other.token, meetingAt(r.branch, "2026-09-29T19:30:00+08:00", "2026-09-29T20:30:00+08:00"))
	r.refused(403, "forbidden", "POST", "/meetings", r.member.token, meetingAt(r.branch, "2026-09-29T19:30:00+08:00", "2026-09-29T20:30:00+08:00"))
	slots := r.must(200, "GET", "/meetings/slots?org_id="+r.branch+"&from=2026-09-29&days=10&minutes=60", r.secretary.token, nil).list("items")
	reasons := texts(slots, "reason")
	if len(slots) == 0 || !slices.Contains(reasons, "evening") || !slices.Contains(reasons, "holiday") {
		t.Errorf("slots: %v", slots)
	}
}

func call(t *testing.T, r *readership) string {
	t.Helper()
	m := r.must(201, "POST", "/meetings", r.secretary.token, meetingAt(r.branch, "2026-09-29T19:30:00+08:00", "2026-09-29T20:30:00+08:00"))
	if m.text("state") != "planned" || m.text("starts_at") != "2026-09-29T19:30:00+08:00" || m.text("topic") != longTopic || m.number("counts", "invited") != 5 ||
		m.number("counts", "none") != 5 || m.text("online", "join_url") == "" || len(m.list("agenda")) != 2 || m.text("my_rsvp") != "none" {
		t.Errorf("called: %s", m.raw)
	}
	return m.text("id")
}

// called: everybody has it in full in the inbox, and who has a grant on WeChat, fitted.
func called(t *testing.T, r *readership, id string, unbound person) {
	t.Helper()
	for name, m := range map[string]person{"secretary": r.secretary, "member": r.member, "party": r.party, "committee": r.committee} {
		notice := find(r.inbox(m.token), "title", "会议通知："+longTopic)
		if notice == nil {
			t.Errorf("the %s's inbox holds %v", name, texts(r.inbox(m.token), "title"))
			continue
		}
		for _, part := range []string{longTopic, "9月29日", "19:30", "https://meeting.tencent.com/dm/AbCdEf", "860 215 477", "讨论年度计划"} {
			if !strings.Contains(notice.text("body"), part) {
				t.Errorf("the notice lacks %q: %s", part, notice.text("body"))
			}
		}
		if notice.text("kind") != "meeting" || notice.text("subject") != "meeting:"+id || !strings.Contains(notice.text("page"), id) || notice.at("read_at") != nil {
			t.Errorf("notice: %v", notice)
		}
	}
	if len(r.inbox(r.other.token)) != 0 {
		t.Error("the neighbour was told")
	}
	mine := r.inbox(r.committee.token)
	if n := r.unreadNotices(r.committee.token); n != len(mine) {
		t.Errorf("%d unread of %d", n, len(mine))
	}
	r.must(204, "POST", "/notices/"+mine[0].text("id")+"/read", r.committee.token, nil)
	if n := r.unreadNotices(r.committee.token); n != len(mine)-1 || r.inbox(r.committee.token)[0].at("read_at") == nil {
		t.Errorf("%d unread after one was read", n)
	}
	r.must(204, "POST", "/notices/read-all", r.committee.token, nil)
	if n := r.unreadNotices(r.committee.token); n != 0 {
		t.Errorf("%d unread after all were read", n)
	}
	card := r.rings(r.member, 1)[0]
	topic := card.Value("thing1")
	if card.TemplateID != meetingTemplate || utf8.RuneCountInString(topic) != 20 || !strings.HasSuffix(topic, "…") || !strings.HasPrefix(longTopic, strings.TrimSuffix(topic, "…")) {
		t.Errorf("the topic on the card: %q", topic)
	}
	if !strings.Contains(card.Value("time2"), "2026年") || !strings.Contains(card.Value("time2"), "19:30") || !strings.Contains(card.Value("thing3"), "860") ||
		card.Value("thing4") == "" || !strings.HasPrefix(card.Page, "pages/meeting/detail?id="+id) || card.State != "formal" || card.Lang != "zh_CN" {
		t.Errorf("card: %+v", card)
	}
	r.rings(r.party, 1)
	push := r.pushDone("会议通知：" + longTopic)
	wantCounts(t, push, 5, 2, 3)
	rows := r.deliveries(push)
	for m, want := range map[string][2]string{
		r.member.id: {"subscribe", "sent"}, r.party.id: {"subscribe", "sent"}, r.secretary.id: {"inbox", "inbox_only"},
		r.committee.id: {"inbox", "inbox_only"}, unbound.id: {"inbox", "inbox_only"},
	} {
		d := rows[m]
		if d.text("channel") != want[0] || d.text("state") != want[1] || (want[1] == "sent") != (d.at("sent_at") != nil) || d.text("reason") == "" ||
			(want[1] == "sent") != (d.number("attempts") == 1) || d.number("errcode") != 0 {
			t.Errorf("delivery: %v", d)
		}
	}
	if !strings.Contains(rows[r.secretary.id].text("reason"), "订阅") || !strings.Contains(rows[unbound.id].text("reason"), "尚未绑定") || !strings.Contains(rows[unbound.id].text("reason"), "电话") {
		t.Errorf("reasons: %v", rows)
	}
	r.refused(404, "not_found", "GET", "/pushes/"+push.text("id"), r.other.token, nil)
	r.refused(403, "forbidden", "GET", "/pushes/"+push.text("id")+"/deliveries", r.member.token, nil)
}

// pushOf is the push of a title as the secretary sees it, nil while there is none.
func (r *readership) pushOf(title string) object {
	r.t.Helper()
	return find(r.must(200, "GET", "/pushes?limit=100", r.secretary.token, nil).list("items"), "title", title)
}

// pushDone waits until nothing of a push is open.
func (r *readership) pushDone(title string) object {
	r.t.Helper()
	var p object
	r.eventually("done: "+title, 15*time.Second, func() bool { p = r.pushOf(title); return p.text("state") == "done" })
	return p
}

// deliveries are the ledger of a push by member.
func (r *readership) deliveries(push object) map[string]object {
	r.t.Helper()
	out := map[string]object{}
	for _, d := range r.must(200, "GET", "/pushes/"+push.text("id")+"/deliveries?limit=100", r.secretary.token, nil).list("items") {
		out[d.text("member", "id")] = d
	}
	return out
}

func wantCounts(t *testing.T, push object, recipients, sent, inboxOnly int) {
	t.Helper()
	c := object(push.at("counts").(map[string]any))
	if c.number("recipients") != recipients || c.number("sent") != sent || c.number("inbox_only") != inboxOnly {
		t.Errorf("%s: counts %v, want %d recipients, %d sent, %d by inbox", push.text("title"), c, recipients, sent, inboxOnly)
	}
}

func answers(t *testing.T, r *readership, id string) {
	t.Helper()
	path := "/meetings/" + id
	if m := r.must(200, "PUT", path+"/rsvp", r.member.token, object{"status": "accept"}); m.text("my_rsvp") != "accept" {
		t.Errorf("accepted: %s", m.raw)
	}
	if f := r.refused(422, "validation_failed", "PUT", path+"/rsvp", r.party.token, object{"status": "leave"}).faults(); f["reason"] == "" {
		t.Errorf("leave without a reason: %v", f)
	}
	r.must(200, "PUT", path+"/rsvp", r.party.token, object{"status": "leave", "reason": "当晚值班"})
	r.must(200, "PUT", path+"/rsvp", r.member.token, object{"status": "accept"}) // twice is once
	m := r.must(200, "GET", path, r.secretary.token, nil)
	if m.number("counts", "accept") != 1 || m.number("counts", "leave") != 1 || m.number("counts", "none") != 3 {
		t.Errorf("answers: %s", m.raw)
	}
	r.refused(404, "not_found", "PUT", path+"/rsvp", r.other.token, object{"status": "accept"})
	r.refused(404, "not_found", "GET", path, r.other.token, nil)
	r.refused(409, "not_open", "POST", path+"/checkin", r.member.token, nil)
	sheet := r.must(200, "GET", path+"/attendance", r.secretary.token, nil)
	if sheet.number("entitled") != 5 || sheet.number("voting_entitled") != 4 || len(sheet.list("items")) != 5 {
		t.Errorf("attendance: %s", sheet.raw)
	}
	ics := string(r.must(200, "GET", path+".ics", r.member.token, nil).raw)
	if !strings.Contains(ics, "BEGIN:VEVENT") || !strings.Contains(strings.ReplaceAll(ics, "\r\n ", ""), "https://meeting.tencent.com/dm/AbCdEf") {
		t.Errorf("calendar: %s", ics)
	}
}

// moved: another time is told at once, answers are asked for again, and the old reminders are dropped.
func moved(t *testing.T, r *readership, id string) {
	t.Helper()
	path := "/meetings/" + id
	read := r.must(200, "GET", path, r.secretary.token, nil)
	later := object{"starts_at": "2026-09-29T20:00:00+08:00", "ends_at": "2026-09-29T21:00:00+08:00", "reason": "报告厅设备检修"}
	r.refused(412, "edit_conflict", "PATCH", path, r.secretary.token, later, "If-Match", `"999"`)
	r.refused(422, "within_working_hours", "PATCH", path, r.secretary.token, object{"starts_at": "2026-09-29T15:00:00+08:00", "ends_at": "2026-09-29T16:00:00+08:00"})
	m := r.must(200, "PATCH", path, r.secretary.token, later, "If-Match", read.header.Get("ETag"))
	if m.text("starts_at") != "2026-09-29T20:00:00+08:00" || m.number("counts", "none") != 5 {
		t.Errorf("moved: %s", m.raw)
	}
	title := "会议变更：" + longTopic
	for _, p := range []person{r.secretary, r.member, r.party, r.committee} {
		n := find(r.inbox(p.token), "title", title)
		if n == nil || !strings.Contains(n.text("body"), "20:00") || !strings.Contains(n.text("body"), "报告厅设备检修") {
			t.Errorf("told of the change: %v", n)
		}
	}
	if card := r.rings(r.member, 2)[1]; !strings.Contains(card.Value("time2"), "20:00") {
		t.Errorf("card: %+v", card)
	}
	push := r.pushDone(title)
	wantCounts(t, push, 5, 1, 4)
	if push.text("urgent_reason") == "" {
		t.Errorf("the change is not urgent: %v", push)
	}
	if rows := r.deliveries(push); !strings.Contains(rows[r.party.id].text("reason"), "订阅次数") {
		t.Errorf("without a grant: %v", rows[r.party.id])
	}
	states := map[string]int{}
	for _, p := range r.must(200, "GET", "/pushes?limit=100", r.secretary.token, nil).list("items") {
		if p.text("title") == "会议提醒："+longTopic {
			states[p.text("state")]++
			if p.text("state") == "cancelled" && p.text("stop_reason") == "" {
				t.Errorf("dropped without a reason: %v", p)
			}
		}
	}
	if states["cancelled"] != 2 || states["scheduled"] != 2 || len(states) != 2 {
		t.Errorf("reminders: %v", states)
	}
	r.must(200, "PUT", path+"/rsvp", r.member.token, object{"status": "accept"})
	r.must(200, "PUT", path+"/rsvp", r.committee.token, object{"status": "leave", "reason": "出差"})
}

// reminded: three seconds before the minute the program starts again, and the reminder goes out at its minute, once, to who has not asked for leave.
func reminded(t *testing.T, r *readership, id string) {
	t.Helper()
	r.moveTo("2026-09-29T19:29:57+08:00")
	for _, p := range []*person{&r.secretary, &r.member, &r.party, &r.committee, &r.other} {
		p.token = r.visit(p.openID).text("access_token")
	}
	title := "会议提醒：" + longTopic
	minute := time.Date(2026, 9, 29, 11, 30, 0, 0, time.UTC)
	if early := find(r.inbox(r.member.token), "title", title); early != nil && r.now().Before(minute) {
		t.Error("the reminder came before its minute")
	}
	card := r.rings(r.member, 3)[2]
	if card.At.Before(minute) || card.At.After(minute.Add(30*time.Second)) || !strings.Contains(card.Value("time2"), "20:00") {
		t.Errorf("the reminder rang at %s: %+v", card.At, card)
	}
	for _, p := range []person{r.secretary, r.party} {
		n := find(r.inbox(p.token), "title", title)
		if n == nil || !strings.HasPrefix(n.text("created_at"), "2026-09-29T19:30:") {
			t.Errorf("reminded: %v", n)
		}
	}
	if find(r.inbox(r.committee.token), "title", title) != nil {
		t.Error("who asked for leave was reminded")
	}
	var done object
	r.eventually("the reminder is done", 15*time.Second, func() bool {
		done = nil
		for _, p := range r.must(200, "GET", "/pushes?limit=100", r.secretary.token, nil).list("items") {
			if p.text("title") == title && p.text("state") == "done" {
				done = p
			}
		}
		return done != nil
	})
	wantCounts(t, done, 4, 1, 3)
	if at := r.deliveries(done)[r.member.id].text("sent_at"); !strings.HasPrefix(at, "2026-09-29T19:30:") {
		t.Errorf("sent at %s", at)
	}
}

func cancelled(t *testing.T, r *readership, id string) {
	t.Helper()
	path := "/meetings/" + id + "/cancel"
	if f := r.refused(422, "validation_failed", "POST", path, r.secretary.token, object{"reason": ""}).faults(); f["reason"] == "" {
		t.Errorf("cancelled without a reason: %v", f)
	}
	m := r.must(200, "POST", path, r.secretary.token, object{"reason": "主讲人突发急诊手术"})
	if m.text("state") != "cancelled" || m.text("cancel_reason") != "主讲人突发急诊手术" {
		t.Errorf("cancelled: %s", m.raw)
	}
	r.refused(409, "conflict", "POST", path, r.secretary.token, object{"reason": "再次取消"})
	r.refused(409, "conflict", "PUT", "/meetings/"+id+"/rsvp", r.member.token, object{"status": "accept"})
	title := "会议取消：" + longTopic
	for _, p := range []person{r.secretary, r.member, r.party, r.committee} {
		if n := find(r.inbox(p.token), "title", title); n == nil || !strings.Contains(n.text("body"), "主讲人突发急诊手术") {
			t.Errorf("told of the cancellation: %v", n)
		}
	}
	if card := r.rings(r.member, 4)[3]; !strings.Contains(card.Value("thing4"), "取消") {
		t.Errorf("card: %+v", card)
	}
	wantCounts(t, r.pushDone(title), 5, 1, 4)
}

// ledgersAddUp: the states of every push make its recipients, nothing that was dropped went out, and the books agree with WeChat's own.
func ledgersAddUp(t *testing.T, r *readership) {
	t.Helper()
	states := map[string]int{}
	for _, p := range r.must(200, "GET", "/pushes?limit=100", r.secretary.token, nil).list("items") {
		c := object(p.at("counts").(map[string]any))
		sum := 0
		for _, state := range []string{"queued", "deferred", "sent", "failed", "in_doubt", "inbox_only", "cancelled"} {
			sum += c.number(state)
		}
		// What is stopped before its time has recipients, but no rows yet.
		if sum != c.number("recipients") || (p.text("state") != "cancelled" && len(r.deliveries(p)) != sum) {
			t.Errorf("%s: the states make %d, recipients %v, rows %d", p.text("title"), sum, c, len(r.deliveries(p)))
		}
		if p.text("title") == "会议提醒："+longTopic {
			states[p.text("state")]++
		}
	}
	if states["cancelled"] != 3 || states["done"] != 1 || len(states) != 2 {
		t.Errorf("reminders in the end: %v", states)
	}
	for name, p := range map[string]person{"member": r.member, "party": r.party} {
		if left := r.remaining(p, meetingTemplate); left != 0 || r.wx.Granted(p.openID, meetingTemplate) != 0 {
			t.Errorf("the %s has %d left here and %d at WeChat", name, left, r.wx.Granted(p.openID, meetingTemplate))
		}
	}
	if sends := r.wx.CallsTo("/cgi-bin/message/subscribe/send"); len(sends) != 5 {
		t.Errorf("WeChat was asked %d times", len(sends))
	}
}
