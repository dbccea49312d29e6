package meeting_test

import (
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/meeting"
)

// monthly is a party day of the branch on each second Tuesday, three times: 8 December, 12 January, 9 February.
func (h *house) monthly() *meeting.View {
	h.t.Helper()
	d := h.draft("2026-12-08 19:30", "2026-12-08 20:30")
	d.Type, d.Topic, d.Repeat = model.MeetingPartyDay, "{period}主题党日", "rrule:freq=monthly; byday=2tu;count=3"
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	return v
}

func (h *house) seriesOf(id string) []meeting.View {
	h.t.Helper()
	s, err := h.room.SeriesOf(h.ctx(), h.as("sec"), id)
	h.must(err)
	return s.Items
}

func (h *house) tick(at string) {
	h.t.Helper()
	h.now = china(h.t, at).UTC() // as the program's clock is
	h.must(h.room.Tick(h.ctx()))
}

func titles(pushes []model.Push) string {
	var out []string
	for _, p := range pushes {
		out = append(out, p.Title)
	}
	return strings.Join(out, ", ")
}

func TestASeriesIsCalledInItsTurn(t *testing.T) {
	h := newHouse(t)
	first := h.monthly()
	rows := h.seriesOf(first.ID)
	if len(rows) != 3 || first.NoticeAt == nil || first.Counts.Invited != 0 || rows[1].Topic != "2027年1月主题党日" || !rows[1].Provisional || rows[0].Provisional {
		t.Fatalf("planned: %+v", rows)
	}
	if pushes, _ := h.outbox.take(); len(pushes) != 0 {
		t.Errorf("a fortnight before, somebody was told: %s", titles(pushes))
	}
	if _, err := h.room.Get(h.ctx(), h.as("doc"), first.ID); model.CodeOf(err) != model.CodeNotFound {
		t.Errorf("a member sees what nobody was called to: %v", err)
	}
	h.person("new", model.PartyFull, "", "", "/r/b/") // joins the branch before the notice
	h.tick("2026-12-01 19:29")
	if pushes, _ := h.outbox.take(); len(pushes) != 0 {
		t.Errorf("a minute early: %s", titles(pushes))
	}
	h.tick("2026-12-01 19:30")
	h.must(h.room.Tick(h.ctx())) // again is once
	pushes, _ := h.outbox.take()
	if got := titles(pushes); got != "会议通知：2026年12月主题党日, 会议提醒：2026年12月主题党日, 会议提醒：2026年12月主题党日" {
		t.Errorf("told: %s", got)
	}
	v, err := h.room.Get(h.ctx(), h.as("new"), first.ID)
	if err != nil || v.Counts.Invited != 6 || v.NoticeAt != nil {
		t.Errorf("called: %+v %v", v, err)
	}
}

func TestASeriesRespectsTheCalendar(t *testing.T) {
	h := newHouse(t)
	h.now = china(t, "2026-09-01 12:00").UTC()
	d := h.draft("2026-09-19 09:30", "2026-09-19 10:30") // Saturdays: 10-03 is the national holiday, 10-10 a make-up workday
	d.Repeat = "FREQ=WEEKLY;BYDAY=SA;UNTIL=20261017"
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	s, err := h.room.SeriesOf(h.ctx(), h.as("sec"), v.ID)
	h.must(err)
	var days, out []string
	for _, m := range s.Items {
		days = append(days, m.StartsAt.In(model.Zone).Format("01-02"))
	}
	for _, l := range s.LeftOut {
		out = append(out, string(l.Date)[5:]+" "+l.Reason)
	}
	if strings.Join(days, " ") != "09-19 10-17" || len(out) != 3 || !strings.Contains(out[0], "中秋") || !strings.Contains(out[1], "国庆") || !strings.Contains(out[2], "调休") {
		t.Errorf("planned %v, left out %v", days, out)
	}
	for repeat, want := range map[string]string{
		"FREQ=WEEKLY;BYDAY=MO": "starts_at not_in_rule", "FREQ=DAILY": "repeat invalid_rule", "每周": "repeat invalid_rule", "FREQ=MONTHLY;BYDAY=53TU": "repeat invalid_rule",
		"FREQ=WEEKLY;COUNT=2;UNTIL=20261231": "repeat invalid_rule", "FREQ=MONTHLY;BYSETPOS=-1": "repeat invalid_rule", "FREQ=WEEKLY;BYHOUR=3": "repeat invalid_rule",
	} {
		d.Repeat = repeat
		_, err := h.room.Call(h.ctx(), h.as("sec"), d)
		if got := fieldsOf(err); got != want {
			t.Errorf("%s: %s (%v)", repeat, got, err)
		}
	}
}

func TestOneOccurrenceOrFromHereOn(t *testing.T) {
	h := newHouse(t)
	first := h.monthly()
	rows := h.seriesOf(first.ID)
	at := func(s string) *time.Time { return ptr(china(t, s)) }
	_, err := h.room.Change(h.ctx(), h.as("sec"), rows[0].ID, meeting.Patch{StartsAt: at("2026-12-09 19:30"), EndsAt: at("2026-12-09 20:30")})
	h.must(err)
	_, err = h.room.Change(h.ctx(), h.as("sec"), rows[1].ID, meeting.Patch{StartsAt: at("2027-01-12 20:00"), EndsAt: at("2027-01-12 21:30"), Topic: ptr("专题"), Following: true})
	h.must(err)
	var got []string
	for _, m := range h.seriesOf(first.ID) {
		got = append(got, m.StartsAt.In(model.Zone).Format("01-02 15:04")+m.EndsAt.In(model.Zone).Format("-15:04 ")+m.Topic+m.NoticeAt.In(model.Zone).Format(" 01-02"))
	}
	if s := strings.Join(got, "; "); s != "12-09 19:30-20:30 2026年12月主题党日 12-02; 01-12 20:00-21:30 专题 01-05; 02-09 20:00-21:30 专题 02-02" {
		t.Errorf("%s", s)
	}
	if pushes, _ := h.outbox.take(); len(pushes) != 0 {
		t.Errorf("nobody knew of them, and still: %s", titles(pushes))
	}
	_, err = h.room.Change(h.ctx(), h.as("sec"), rows[1].ID, meeting.Patch{StartsAt: at("2027-01-12 10:00"), EndsAt: at("2027-01-12 11:00"), Following: true})
	wantCode(t, "into working hours", err, model.CodeWorkingHours)
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), rows[1].ID, "春节前后不安排", true)
	h.must(err)
	rows = h.seriesOf(first.ID)
	if rows[0].State != model.MeetingPlanned || rows[1].State != model.MeetingCancelled || rows[2].State != model.MeetingCancelled {
		t.Errorf("from here on: %v %v %v", rows[0].State, rows[1].State, rows[2].State)
	}
	alone := h.called()
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), alone.ID, "不开了", true)
	if got := fieldsOf(err); got != "scope not_a_series" {
		t.Errorf("%s", got)
	}
	if v, err := h.room.Get(h.ctx(), h.as("sec"), alone.ID); err != nil || v.State != model.MeetingPlanned {
		t.Errorf("what was refused was done: %+v %v", v, err)
	}
}

// A year without published holidays: plans over it say so, and when the notice comes, what collides is taken back or told.
func TestHolidaysThatArriveLater(t *testing.T) {
	h := newHouse(t)
	first := h.monthly() // the third is on 9 February 2027, which will be a holiday here
	d := h.draft("2027-01-12 19:30", "2027-01-12 20:30")
	d.Topic = "已发通知的"
	called, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	pushes, _ := h.outbox.take()
	if !called.Provisional || !strings.Contains(pushes[0].Body, "当年放假安排尚未公布") {
		t.Errorf("provisional: %v %s", called.Provisional, pushes[0].Body)
	}
	h.must(h.room.Tick(h.ctx())) // nothing is known yet
	h.resigns("sec")
	h.person("sec2", model.PartyFull, model.RoleSecretary, "/r/b/", "/r/b/") // the secretary changed in between
	days := append(model.BuiltinDays(), model.CalendarDay{Date: "2027-01-01", Kind: model.DayHoliday, Name: "元旦"},
		model.CalendarDay{Date: "2027-01-12", Kind: model.DayHoliday, Name: "测试节"}, model.CalendarDay{Date: "2027-02-09", Kind: model.DayHoliday, Name: "春节"})
	h.cal = model.NewCalendar(days, model.CoverageOf(days))
	h.must(h.store.Tx(h.ctx(), func(tx *store.Store) error { return tx.Changed(h.ctx(), h.now, model.TopicCalendar, "2027") }))
	h.must(h.room.Tick(h.ctx()))
	h.must(h.room.Tick(h.ctx()))
	pushes, _ = h.outbox.take()
	if got := titles(pushes); strings.Count(got, "会议与放假安排冲突") != 3 || len(pushes) != 3 {
		t.Fatalf("told: %s", got)
	}
	for _, p := range pushes {
		if len(p.Audience.MemberIDs) != 1 || p.Audience.MemberIDs[0] != "sec2" {
			t.Errorf("told %v, not who runs it now", p.Audience.MemberIDs)
		}
	}
	h.must(h.store.AddGrant(h.ctx(), &model.Grant{ID: "g-back", MemberID: "sec", OrgID: "b", OrgPath: "/r/b/", Role: model.RoleCommitteeMember}))
	rows := h.seriesOf(first.ID)
	if rows[0].State != model.MeetingPlanned || rows[1].State != model.MeetingCancelled || rows[2].State != model.MeetingCancelled || !strings.Contains(rows[2].CancelReason, "春节") {
		t.Errorf("the series: %v %v %v", rows[0].State, rows[1].State, rows[2].State)
	}
	v, err := h.room.Get(h.ctx(), h.as("doc"), called.ID)
	if err != nil || v.State != model.MeetingPlanned || v.Provisional {
		t.Errorf("what people know of stays: %+v %v", v, err)
	}
}

// Of two processes that read the same planned meeting, one calls it; a change or a cancellation in between keeps both from it.
func TestAPlannedMeetingIsCalledOnce(t *testing.T) {
	h := newHouse(t)
	rows := h.seriesOf(h.monthly().ID)
	list := []model.MeetingInvitee{{MeetingID: rows[0].ID, MemberID: "doc", Entitled: true, Answer: model.RSVPNone}}
	for i, want := range []bool{true, false} {
		if first, err := h.store.CallMeeting(h.ctx(), &rows[0].Meeting, list); err != nil || first != want {
			t.Errorf("try %d: %v %v", i, first, err)
		}
	}
	_, err := h.room.Change(h.ctx(), h.as("sec"), rows[1].ID, meeting.Patch{Topic: ptr("改题")})
	h.must(err)
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), rows[2].ID, "不开了", false)
	h.must(err)
	for _, m := range rows[1:] {
		if first, err := h.store.CallMeeting(h.ctx(), &m.Meeting, nil); err != nil || first {
			t.Errorf("what was read before: %v %v", first, err)
		}
	}
}
