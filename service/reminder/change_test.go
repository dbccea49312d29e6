package reminder_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"zhibu/model"
	"zhibu/service/reminder"
)

func (h *house) update(id string, p reminder.Patch) *reminder.View {
	h.t.Helper()
	v, err := h.room.Update(h.ctx, h.secretary, id, p)
	h.must(err)
	return v
}

func (h *house) wantStates(id string, want ...string) {
	h.t.Helper()
	if got := h.states(id); !slices.Equal(got, want) {
		h.t.Fatalf("times: %q, want %q", got, want)
	}
}

func everyDay(at string) func(*reminder.Draft) {
	return func(d *reminder.Draft) { d.Rule, d.At = "FREQ=DAILY", at }
}

func TestAPauseIsToldAndNeverMadeUpFor(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	yes, no := true, false
	v := h.weekly(everyDay("20:00"))
	h.at("2026-11-23 20:00")
	h.move("2026-11-24 20:00") // due, and paused before the beat
	paused := h.update(v.ID, reminder.Patch{Paused: &yes})
	if paused.NextAt != nil || !strings.Contains(paused.NextNote, "已暂停") || len(h.outbox.dropped) != 1 {
		t.Errorf("paused: %+v, dropped %q", paused, h.outbox.dropped)
	}
	h.must(h.room.Tick(h.ctx))
	h.at("2026-11-25 20:00")
	h.move("2026-11-26 20:00") // due, and resumed before the beat
	o, err := h.room.Preview(h.ctx, h.secretary, v.ID)
	h.must(err)
	if !strings.Contains(o.Note, "已暂停") || len(o.Times) != 10 || o.Times[0].Planned.In(model.Zone).Format("01-02") != "11-27" {
		t.Errorf("preview of a paused one: %+v", o)
	}
	h.update(v.ID, reminder.Patch{Paused: &no})
	h.must(h.room.Tick(h.ctx))
	h.wantSent("11-23 20:00")
	h.wantNext(v.ID, "2026-11-27 20:00")
	h.at("2026-11-27 20:00")
	h.wantSent("11-23 20:00", "11-27 20:00")
	h.wantStates(v.ID, "11-23 20:00 fired", "11-24 20:00 skipped", "11-25 20:00 skipped", "11-26 20:00 skipped", "11-27 20:00 fired")
	if o := h.history(v.ID)[1]; o.Reason != "提醒已暂停，本次不提醒" {
		t.Errorf("told: %q", o.Reason)
	}
}

func TestAChangeNeitherLosesNorRepeatsWhatIsDue(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	at, thursday := "20:30", "FREQ=WEEKLY;BYDAY=TH"
	v := h.weekly(everyDay("20:00"))
	h.move("2026-11-23 20:00") // due, and changed before the beat
	h.update(v.ID, reminder.Patch{Rule: &thursday})
	h.wantSent("11-23 20:00")
	h.must(h.room.Tick(h.ctx))
	h.wantSent("11-23 20:00")
	h.wantNext(v.ID, "2026-11-26 20:00")
	h.at("2026-11-26 20:10")
	h.update(v.ID, reminder.Patch{At: &at}) // it went out today already, and comes once more by the new hour, which lies ahead
	h.wantNext(v.ID, "2026-11-26 20:30")
	earlier := "19:00"
	h.update(v.ID, reminder.Patch{At: &earlier}) // the past is not fired
	h.wantNext(v.ID, "2026-12-03 19:00")
	h.at("2026-11-26 20:40")
	h.wantSent("11-23 20:00", "11-26 20:00")
}

func TestWhatIsLateWaitsForABetterHour(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	no := false
	first, second := h.weekly(everyDay("7:30")), h.weekly(everyDay("7:30"))
	h.room = h.start()
	h.at("2026-11-24 10:00") // the server stood still in the morning
	h.wantSent()
	h.wantStates(first.ID)
	h.wantNext(first.ID, "2026-11-24 18:30")
	got, err := h.room.Get(h.ctx, h.secretary, first.ID)
	h.must(err)
	if got.NextNote != "未能在 07:30 按时发出，改在 18:30 补发" {
		t.Errorf("note: %q", got.NextNote)
	}
	if p := h.preview(first.ID)[0]; p.At.In(model.Zone).Format("01-02 15:04") != "11-24 18:30" || p.Moved != got.NextNote {
		t.Errorf("preview: %+v", p)
	}
	h.move("2026-11-24 11:00")
	h.update(second.ID, reminder.Patch{SkipHolidays: &no}) // a new plan leaves out what waits, and says so
	h.wantStates(second.ID, "11-24 07:30 skipped")
	h.wantNext(second.ID, "2026-11-25 07:30")
	h.room = h.start()
	h.at("2026-11-24 11:01")
	h.at("2026-11-24 18:30")
	h.at("2026-11-24 18:31")
	h.wantSent("11-24 18:30")
	h.wantTold(first.ID, "11-24 07:30 fired 未能在 07:30 按时发出，改在 18:30 补发")
	h.at("2026-11-25 22:00")
	h.wantTold(first.ID, "11-25 07:30 missed 原定 07:30，当时服务中断，恢复时已过当天的提醒时段，不再补发")
}

func TestTheEndOfARule(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	yes, no := true, false
	v := h.weekly(func(d *reminder.Draft) { d.Rule = "FREQ=DAILY;COUNT=1" })
	h.at("2026-11-23 20:00")
	got, err := h.room.Get(h.ctx, h.secretary, v.ID)
	h.must(err)
	if got.State() != model.ReminderEnded || !strings.Contains(got.NextNote, "已到期") || got.LastFired == nil || *got.LastFired.Recipients != 1 {
		t.Errorf("ended: %+v", got)
	}
	h.update(v.ID, reminder.Patch{Paused: &yes})
	var e *model.Error
	if _, err := h.room.Update(h.ctx, h.secretary, v.ID, reminder.Patch{Paused: &no}); !errors.As(err, &e) || e.Fields[0].Code != "never" {
		t.Errorf("taken up again: %v", err)
	}
	// The last day is a day off: it is told at its time, and the end with it.
	v = h.weekly(func(d *reminder.Draft) { d.Rule = "FREQ=YEARLY;BYMONTH=10,12;BYMONTHDAY=1;UNTIL=20271001" })
	h.calendars.days = append(h.calendars.days, model.CalendarDay{Date: "2027-10-01", Kind: model.DayHoliday, Name: "国庆节"})
	h.must(h.room.Replan(h.ctx))
	h.at("2026-12-01 20:00")
	h.wantNext(v.ID, "")
	h.at("2027-10-01 20:00")
	h.wantStates(v.ID, "12-01 20:00 fired", "10-01 20:00 skipped")
	_, err = h.room.Create(h.ctx, h.secretary, reminder.Draft{OrgID: h.branch.ID, Name: "国庆", Rule: "FREQ=DAILY;COUNT=1", StartsOn: "2027-10-01", At: "20:30"})
	if !errors.As(err, &e) || e.Fields[0].Code != "never" || !strings.Contains(e.Detail, "法定节假日") {
		t.Errorf("nothing but days off: %v", err)
	}
}

func TestAPlanIsThePreviewOfWhatIsNotMade(t *testing.T) {
	h := newHouse(t, "2026-09-28 19:00")
	h.people(3)
	d := reminder.Draft{OrgID: h.branch.ID, Name: "周二学习", Rule: "FREQ=WEEKLY;BYDAY=TU", At: "9:00"}
	plan, err := h.room.Plan(h.ctx, h.secretary, d)
	h.must(err)
	if rows, _, err := h.room.List(h.ctx, h.secretary, "", model.Page{}); err != nil || len(rows) != 0 {
		t.Fatalf("the plan made %+v %v", rows, err)
	}
	v, err := h.room.Create(h.ctx, h.secretary, d)
	h.must(err)
	made := h.preview(v.ID)
	if plan.Words != "每周二 09:00" || len(plan.Times) != 10 || !slices.EqualFunc(plan.Times, made, func(a, b reminder.Preview) bool {
		return a.At.Equal(b.At) && a.Planned.Equal(b.Planned) && a.Moved == b.Moved && a.Skipped == b.Skipped && a.Provisional == b.Provisional && *a.Recipients == *b.Recipients
	}) {
		t.Errorf("plan: %+v\nmade: %+v", plan, made)
	}
	d.Rule = ""
	if _, err := h.room.Plan(h.ctx, h.secretary, d); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a plan of nothing: %v", err)
	}
}

// Editors and the clock at the same instant: whoever is first, the message is made once.
func TestAnEditorAndTheClockMeet(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	var ids []string
	for range 8 {
		ids = append(ids, h.weekly(everyDay("20:00")).ID)
	}
	other := h.start()
	h.move("2026-11-23 20:00")
	late := "20:45"
	var wg sync.WaitGroup
	errs := make([]error, 2+len(ids))
	wg.Go(func() { errs[0] = h.room.Tick(h.ctx) })
	wg.Go(func() { errs[1] = other.Tick(h.ctx) })
	for i, id := range ids {
		wg.Go(func() { _, errs[2+i] = h.room.Update(h.ctx, h.secretary, id, reminder.Patch{At: &late}) })
	}
	wg.Wait()
	h.must(errors.Join(errs...))
	h.must(h.room.Tick(h.ctx))
	for _, id := range ids {
		h.wantStates(id, "11-23 20:00 fired")
		h.wantNext(id, "2026-11-23 20:45")
	}
	h.at("2026-11-23 20:45")
	if n := len(h.outbox.pushes); n != 2*len(ids) {
		t.Errorf("%d messages, want %d", n, 2*len(ids))
	}
}
