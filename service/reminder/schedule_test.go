package reminder

import (
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, model.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestCalendarsMoveAndSkip(t *testing.T) {
	for _, c := range []struct {
		name, planned, at, moved, skipped string
		anyHour, holidays                 bool
	}{
		{name: "a workday's evening", planned: "2026-11-24 20:00", at: "2026-11-24 20:00"},
		{name: "a workday's morning waits for the evening, not for lunch", planned: "2026-11-24 10:00", at: "2026-11-24 18:30", moved: "上班时间，改在 18:30 提醒"},
		{name: "lunch is within working hours", planned: "2026-11-24 12:30", at: "2026-11-24 18:30", moved: "改在 18:30"},
		{name: "the last minute of work", planned: "2026-11-24 17:59", at: "2026-11-24 18:30", moved: "改在 18:30"},
		{name: "after work", planned: "2026-11-24 18:00", at: "2026-11-24 18:00"},
		{name: "before work", planned: "2026-11-24 07:30", at: "2026-11-24 07:30"},
		{name: "any hour is wished", planned: "2026-11-24 10:00", at: "2026-11-24 10:00", anyHour: true},
		{name: "a Sunday", planned: "2026-11-29 10:00", at: "2026-11-29 10:00"},
		{name: "a Sunday that is made up for", planned: "2026-09-20 10:00", at: "2026-09-20 18:30", moved: "国庆节调休上班日"},
		{name: "a holiday", planned: "2026-10-01 20:00", at: "2026-10-01 20:00", skipped: "国庆节假期，不上班，本次不提醒"},
		{name: "a holiday that is wished", planned: "2026-10-01 10:00", at: "2026-10-01 10:00", holidays: true},
		{name: "the night, should the push hours have changed", planned: "2026-11-28 22:30", at: "2026-11-29 07:00", moved: "夜间免打扰"},
	} {
		s := scheduleOf(t, "FREQ=DAILY", "20:00")
		s.afterHours, s.skipHolidays = !c.anyHour, !c.holidays
		got := s.reckon(moment(t, c.planned))
		if !got.at.Equal(moment(t, c.at)) || !holds(got.moved, c.moved) || !holds(got.skipped, c.skipped) || got.provisional {
			t.Errorf("%s: out at %v, moved %q, skipped %q, provisional %v", c.name, got.at.In(model.Zone), got.moved, got.skipped, got.provisional)
		}
	}
	if got := scheduleOf(t, "FREQ=DAILY", "20:00").reckon(moment(t, "2027-10-01 20:00")); !got.provisional || got.skipped != "" {
		t.Errorf("beyond the published calendar: %+v", got)
	}
}

// holds: an empty want wants nothing.
func holds(got, want string) bool { return (want == "") == (got == "") && strings.Contains(got, want) }

func TestStandstillIsMadeUpForWhileItMakesSense(t *testing.T) {
	for _, c := range []struct {
		name, at, now string
		state         model.OccurrenceState // empty: it waits
		sendAt        string
		anyHour       bool
	}{
		{name: "in time", at: "2026-11-24 20:00", now: "2026-11-24 20:00", state: "fired", sendAt: "2026-11-24 20:00"},
		{name: "ahead", at: "2026-11-24 20:00", now: "2026-11-24 19:59", sendAt: "2026-11-24 20:00"},
		{name: "a little late", at: "2026-11-24 20:00", now: "2026-11-24 20:05", state: "fired", sendAt: "2026-11-24 20:00"},
		{name: "a little late in the late evening", at: "2026-11-24 21:30", now: "2026-11-24 21:35", state: "fired", sendAt: "2026-11-24 21:30"},
		{name: "later in the late evening", at: "2026-11-24 21:30", now: "2026-11-24 21:41", state: "missed"},
		{name: "late, but still the same evening", at: "2026-11-24 19:00", now: "2026-11-24 20:59", state: "fired", sendAt: "2026-11-24 20:59"},
		{name: "too late in the evening", at: "2026-11-24 20:00", now: "2026-11-24 21:00", state: "missed"},
		{name: "the night has begun", at: "2026-11-24 21:59", now: "2026-11-24 22:03", state: "missed"},
		{name: "the next morning", at: "2026-11-24 20:00", now: "2026-11-25 08:00", state: "missed"},
		{name: "the next evening, within the hours", at: "2026-11-24 20:00", now: "2026-11-25 19:00", state: "missed"},
		{name: "just after midnight", at: "2026-11-24 21:59", now: "2026-11-25 00:01", state: "missed"},
		{name: "into working hours", at: "2026-11-24 07:30", now: "2026-11-24 10:00", sendAt: "2026-11-24 18:30"},
		{name: "into the lunch of a workday", at: "2026-11-24 07:30", now: "2026-11-24 12:10", sendAt: "2026-11-24 18:30"},
		{name: "into the lunch of a workday, at any hour", at: "2026-11-24 07:30", now: "2026-11-24 12:10", state: "fired", sendAt: "2026-11-24 12:10", anyHour: true},
		{name: "into a morning, at any hour", at: "2026-11-24 07:30", now: "2026-11-24 10:00", sendAt: "2026-11-24 12:00", anyHour: true},
		{name: "from a Sunday morning to its noon", at: "2026-11-29 09:00", now: "2026-11-29 12:30", state: "fired", sendAt: "2026-11-29 12:30"},
		{name: "into a Sunday's afternoon", at: "2026-11-29 09:00", now: "2026-11-29 14:00", sendAt: "2026-11-29 18:30"},
	} {
		at := moment(t, c.at)
		s := scheduleOf(t, "FREQ=DAILY", "20:00")
		s.afterHours = !c.anyHour
		f := s.judge(turn{planned: at, at: at}, false, moment(t, c.now))
		if f.state != c.state || (c.sendAt != "" && !f.sendAt.Equal(moment(t, c.sendAt))) {
			t.Errorf("%s: %q at %v, %q", c.name, f.state, f.sendAt.In(model.Zone), f.reason)
		}
		if late := c.state == "missed" || c.sendAt != c.at; late != (f.reason != "") {
			t.Errorf("%s says %q", c.name, f.reason)
		}
		if p := s.judge(turn{planned: at, at: at}, true, moment(t, c.now)); (p.state == "skipped") == (c.now < c.at) {
			t.Errorf("%s, paused: %q", c.name, p.state)
		}
	}
}

func TestEndsOfRules(t *testing.T) {
	for _, c := range []struct{ rule, last string }{
		{"FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201", "2026-12-01 20:00"}, // a day counts whole
		{"FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201T195959", "2026-11-24 20:00"},
		{"FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201T120000Z", "2026-12-01 20:00"},
		{"FREQ=WEEKLY;BYDAY=TU;COUNT=3", "2026-12-08 20:00"},
		{"FREQ=WEEKLY;INTERVAL=2;COUNT=2", "2026-12-07 20:00"}, // without a day, that of the first day
	} {
		var last time.Time
		walk := scheduleOf(t, c.rule, "20:00").from(evening("2026-11-23"))
		for turn, ok := walk(); ok; turn, ok = walk() {
			last = turn.planned
		}
		if !last.Equal(moment(t, c.last)) {
			t.Errorf("%s ends at %v, want %s", c.rule, last.In(model.Zone), c.last)
		}
	}
}
