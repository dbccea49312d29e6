package meeting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/meeting"
)

func (h *house) slots(q meeting.SlotQuery) []meeting.Slot {
	h.t.Helper()
	rows, err := h.room.Slots(h.ctx(), h.as("sec"), q)
	h.must(err)
	return rows
}

// brief writes slots so that a table can hold them.
func brief(rows []meeting.Slot) string {
	var out []string
	for _, s := range rows {
		busy := "-"
		if s.Busy != nil {
			busy = fmt.Sprint(*s.Busy)
		}
		out = append(out, fmt.Sprintf("%s %s %d/%d/%s", s.StartsAt.In(model.Zone).Format("02 15:04"), s.Reason, s.Conflicts, s.Meetings, busy))
	}
	return strings.Join(out, ", ")
}

func TestBusyMarksCountWithoutAName(t *testing.T) {
	h := newHouse(t)
	mark := func(who, from, to, rule string) {
		t.Helper()
		_, err := h.room.AddBusy(h.ctx(), h.as(who), model.BusyMark{Label: "门诊", StartsAt: china(t, from), EndsAt: china(t, to), Rule: rule})
		h.must(err)
	}
	mark("doc", "2026-11-10 18:00", "2026-11-10 19:30", "FREQ=WEEKLY;BYDAY=TU") // the 24th is a Tuesday
	mark("nurse", "2026-11-24 19:00", "2026-11-25 07:00", "")                   // a night shift over midnight
	mark("nurse", "2026-11-24 19:15", "2026-11-24 19:20", "")                   // the same person is one person
	day := meeting.SlotQuery{OrgID: "b", From: "2026-11-24", Days: 1, Minutes: 30}
	if got := brief(h.slots(day)); got != "24 19:30 evening 1/0/1, 24 20:00 evening 1/0/1, 24 19:00 evening 2/0/2" {
		t.Errorf("five invited: %s", got)
	}
	if text := h.slots(day)[2].Text; !strings.Contains(text, "有 2 人当时不便") || strings.Contains(text, "门诊") {
		t.Errorf("in words: %s", text)
	}
	day.Type = model.MeetingCommittee // two people: a number would tell who
	if got := brief(h.slots(day)); got != "24 19:00 evening 0/0/-, 24 19:30 evening 0/0/-, 24 20:00 evening 0/0/-" {
		t.Errorf("two invited: %s", got)
	}
	mine, err := h.room.Busy(h.ctx(), h.as("nurse"))
	if err != nil || len(mine) != 2 || mine[0].Label != "门诊" {
		t.Errorf("own marks: %+v %v", mine, err)
	}
	wantCode(t, "another's mark", h.room.DropBusy(h.ctx(), h.as("doc"), mine[0].ID), model.CodeNotFound)
	h.must(h.room.DropBusy(h.ctx(), h.as("nurse"), mine[0].ID))
	for what, b := range map[string]model.BusyMark{
		"rule invalid_rule":            {StartsAt: china(t, "2026-11-24 19:00"), EndsAt: china(t, "2026-11-24 20:00"), Rule: "FREQ=MONTHLY"},
		"ends_at before_start":         {StartsAt: china(t, "2026-11-24 19:00"), EndsAt: china(t, "2026-11-24 19:00")},
		"ends_at in_the_past":          {StartsAt: china(t, "2026-11-20 19:00"), EndsAt: china(t, "2026-11-20 20:00")},
		"starts_at invalid_time":       {},
		"ends_at too_long":             {StartsAt: china(t, "2026-11-24 19:00"), EndsAt: china(t, "2026-12-30 20:00")},
		"ends_at in_the_past (weekly)": {StartsAt: china(t, "2026-10-06 19:00"), EndsAt: china(t, "2026-10-06 20:00"), Rule: "FREQ=WEEKLY;UNTIL=20261101"},
	} {
		_, err := h.room.AddBusy(h.ctx(), h.as("doc"), b)
		want, _, _ := strings.Cut(what, " (")
		if got := fieldsOf(err); got != want {
			t.Errorf("%s: %s (%v)", what, got, err)
		}
	}
}

func TestSlotsCountOtherMeetingsOfTheInvited(t *testing.T) {
	h := newHouse(t)
	h.must(h.store.AddMembership(h.ctx(), &model.Membership{ID: "m-x", MemberID: "doc", OrgID: "c", OrgPath: "/r/c/"}))
	d := h.draft("2026-11-24 19:30", "2026-11-24 20:30")
	d.OrgID = "c"
	v, err := h.room.Call(h.ctx(), h.as("other"), d) // the neighbours' meeting, to which doc is invited too
	h.must(err)
	q := meeting.SlotQuery{OrgID: "b", From: "2026-11-24", Days: 2, Minutes: 30}
	if got := brief(h.slots(q)[:6]); got != "24 19:00 evening 0/0/0, 25 19:00 evening 0/0/0, 25 19:30 evening 0/0/0, 25 20:00 evening 0/0/0, 24 19:30 evening 1/1/0, 24 20:00 evening 1/1/0" {
		t.Errorf("%s", got)
	}
	_, err = h.room.Answer(h.ctx(), h.as("doc"), v.ID, model.RSVPLeave, "值班")
	h.must(err)
	if got := h.slots(q)[1]; got.Conflicts != 0 {
		t.Errorf("leave was asked, and still %+v", got)
	}
}

// congress is the society's, on two workdays, with an hour kept for the branches on the second.
func (h *house) congress() *model.Event {
	h.t.Helper()
	name, from, to := "2026 年学术年会", model.Date("2026-12-10"), model.Date("2026-12-11")
	e, err := h.room.AddEvent(h.ctx(), h.as("office"), meeting.EventDraft{OrgID: "r", Name: &name, StartsOn: &from, EndsOn: &to, Sessions: &[]model.EventSession{
		{Title: "开幕晚宴", StartsAt: china(h.t, "2026-12-10 18:30"), EndsAt: china(h.t, "2026-12-10 22:00")},
		{Title: "支部活动时段", StartsAt: china(h.t, "2026-12-11 14:00"), EndsAt: china(h.t, "2026-12-11 16:00"), ForBranches: true},
	}})
	h.must(err)
	return e
}

func TestSlotsWithinACongress(t *testing.T) {
	h := newHouse(t)
	e := h.congress()
	rows := h.slots(meeting.SlotQuery{OrgID: "b", From: "2026-12-10", Days: 2, Minutes: 60})
	if got := brief(rows); got != "11 14:00 event 0/0/0, 11 15:00 event 0/0/0, 11 19:00 evening 0/0/0, 11 19:30 evening 0/0/0, 11 20:00 evening 0/0/0" {
		t.Fatalf("the dinner's evening is not offered, the branches' hours are: %s", got)
	}
	var owed []string
	for _, o := range rows[0].Owed {
		owed = append(owed, fmt.Sprintf("%s %d %s", o.Type, o.Missing, o.Period))
	}
	if got := strings.Join(owed, ", "); got != "branch_assembly 1 2026年第四季度, lecture 1 2026年第四季度, party_day 1 2026年12月, life 1 2026年度, review 1 2026年度" {
		t.Errorf("owed: %s", got)
	}
	if rows[0].Event.ID != e.ID || !strings.Contains(rows[0].Text, "留给支部的时段") || !strings.Contains(rows[0].Text, "主题党日") || !strings.Contains(rows[2].Text, "可与其合并召开") {
		t.Errorf("in words: %s; %s", rows[0].Text, rows[2].Text)
	}
	d := h.draft("2026-12-11 14:00", "2026-12-11 16:00") // within working hours: the congress is the reason
	d.EventID, d.Also = e.ID, []meeting.Joint{{Type: model.MeetingPartyDay}, {Type: model.MeetingLife, Topic: "组织生活会"}}
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	if !strings.Contains(v.OverrideReason, "学术年会") || len(v.Together) != 3 || v.Together[0].ID != v.ID || v.Together[1].Topic != "2026年12月主题党日" || len(v.Together[1].Agenda) == 0 {
		t.Errorf("called %+v", v.Together)
	}
	rows = h.slots(meeting.SlotQuery{OrgID: "b", From: "2026-12-10", Days: 2, Minutes: 60})
	for _, o := range rows[0].Owed {
		if o.Type == model.MeetingLecture || o.Type == model.MeetingPartyDay || o.Type == model.MeetingLife {
			t.Errorf("%s is planned and still owed", o.Type)
		}
	}
	d.EventID, d.StartsAt, d.EndsAt = e.ID, china(t, "2026-12-15 19:30"), china(t, "2026-12-15 20:30")
	d.Also = []meeting.Joint{{Type: model.MeetingLecture}, {Type: model.MeetingCommittee}, {Type: "x"}}
	_, err = h.room.Call(h.ctx(), h.as("sec"), d)
	if got := fieldsOf(err); got != "also[0].type duplicate, also[1].type not_allowed, also[2].type not_allowed, event_id outside" {
		t.Errorf("%s", got)
	}
}

func TestAnOfficeKeepsCongresses(t *testing.T) {
	h := newHouse(t)
	e := h.congress()
	name, bad := "年会", model.Date("2026-12-09")
	_, err := h.room.ChangeEvent(h.ctx(), h.as("sec"), e.ID, meeting.EventDraft{Name: &name})
	wantCode(t, "a secretary", err, model.CodeForbidden)
	_, err = h.room.ChangeEvent(h.ctx(), h.as("office"), e.ID, meeting.EventDraft{EndsOn: &bad})
	if got := fieldsOf(err); got != "ends_on before_start, sessions[0].starts_at outside, sessions[1].starts_at outside" {
		t.Errorf("%s", got)
	}
	_, err = h.room.ChangeEvent(h.ctx(), h.as("office"), e.ID, meeting.EventDraft{Name: &name, Version: 7})
	wantCode(t, "stale", err, model.CodeEditConflict)
	got, err := h.room.ChangeEvent(h.ctx(), h.as("office"), e.ID, meeting.EventDraft{Name: &name, Version: 1})
	if err != nil || got.Name != name || got.Version != 2 || len(got.Sessions) != 2 {
		t.Errorf("%+v %v", got, err)
	}
	for who, n := range map[string]int{"doc": 1, "other": 1} {
		rows, _, err := h.room.Events(h.ctx(), h.as(who), meeting.EventQuery{From: "2026-12-11"})
		if err != nil || len(rows) != n {
			t.Errorf("%s sees %d %v", who, len(rows), err)
		}
	}
	h.must(h.room.DropEvent(h.ctx(), h.as("office"), e.ID))
	_, err = h.room.Event(h.ctx(), h.as("doc"), e.ID)
	wantCode(t, "gone", err, model.CodeNotFound)
}

func TestATemplateCallsByItself(t *testing.T) {
	h := newHouse(t)
	rows, err := h.room.Templates(h.ctx(), h.as("sec"), "b")
	h.must(err)
	if len(rows) != 8 || rows[0].Type != model.MeetingAssembly || rows[0].Topic != "2026年第四季度支部党员大会" || rows[0].Owed == nil || len(rows[0].Agenda) != 4 || rows[0].Slot == nil {
		t.Fatalf("%d templates, the first %+v", len(rows), rows[0])
	}
	if got := rows[0].EndsAt.Sub(rows[0].StartsAt); got != time.Hour {
		t.Errorf("it takes %s", got)
	}
	_, err = h.room.Call(h.ctx(), h.as("sec"), rows[0].Draft)
	if got := fieldsOf(err); got != "online.join_url required" {
		t.Errorf("the first has no link to take over: %s %v", got, err)
	}
	d := rows[0].Draft
	d.Online = &meeting.Online{JoinURL: "https://meeting.example.org/j/1", Code: "111 222 333"}
	_, err = h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	rows, err = h.room.Templates(h.ctx(), h.as("sec"), "b")
	h.must(err)
	party := rows[3]
	if rows[0].Owed != nil || party.Type != model.MeetingPartyDay || party.Online == nil || party.Online.Code != "111 222 333" || !party.StartsAt.After(d.StartsAt) {
		t.Errorf("after the first: %+v", party)
	}
	v, err := h.room.Call(h.ctx(), h.as("sec"), party.Draft) // three taps: open, choose, send
	if err != nil || v.Topic != "2026年11月主题党日" || v.Counts.Invited != 5 {
		t.Errorf("%+v %v", v, err)
	}
	_, err = h.room.Templates(h.ctx(), h.as("doc"), "b")
	wantCode(t, "a member", err, model.CodeForbidden)
	group, err := h.room.Templates(h.ctx(), h.as("lead"), "g")
	if err != nil || group[0].Type != model.MeetingGroup {
		t.Errorf("the group's %+v %v", group, err)
	}
}
