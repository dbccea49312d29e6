package model

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slotList writes slots so that a table can hold them: start, end, reason, conflicts, ? when provisional.
func slotList(slots []Slot) string {
	var list []string
	for _, s := range slots {
		p := ""
		if s.Provisional {
			p = "?"
		}
		list = append(list, fmt.Sprintf("%s-%s %s %d%s", s.StartsAt.In(Zone).Format("02 15:04"), s.EndsAt.In(Zone).Format("15:04"), s.Reason, s.Conflicts, p))
	}
	return strings.Join(list, ", ")
}

// overlaps counts the spans that a slot touches.
func overlaps(busy []Span) func(Span) int {
	return func(s Span) int {
		n := 0
		for _, b := range busy {
			if s.Overlaps(b) {
				n++
			}
		}
		return n
	}
}

func TestSlots(t *testing.T) {
	busy := func(spans ...string) []Span {
		var list []Span
		for i := 0; i < len(spans); i += 2 {
			list = append(list, Span{chinaTime(t, spans[i]), chinaTime(t, spans[i+1])})
		}
		return list
	}
	early := "2026-01-01 00:00"
	for _, c := range []struct {
		name          string
		now           string
		from          Date
		days, minutes int
		busy          []Span
		want          string
	}{
		{"workday", early, "2026-11-24", 1, 60, nil,
			"24 19:00-20:00 evening 0, 24 19:30-20:30 evening 0, 24 20:00-21:00 evening 0"},
		{"ends at 21:30 sharp", early, "2026-11-24", 1, 90, nil,
			"24 19:00-20:30 evening 0, 24 19:30-21:00 evening 0, 24 20:00-21:30 evening 0"},
		{"a minute more loses the last", early, "2026-11-24", 1, 91, nil,
			"24 19:00-20:31 evening 0, 24 19:30-21:01 evening 0"},
		{"the longest evening", early, "2026-11-24", 1, 150, nil, "24 19:00-21:30 evening 0"},
		{"too long for an evening", early, "2026-11-24", 1, 151, nil, ""},
		{"weekend", early, "2026-11-28", 1, 60, nil,
			"28 09:30-10:30 weekend 0, 28 15:00-16:00 weekend 0, 28 19:30-20:30 weekend 0"},
		{"a long one on a weekend", early, "2026-11-28", 1, 151, nil, "28 09:30-12:01 weekend 0, 28 15:00-17:31 weekend 0"},
		{"holiday", early, "2026-10-01", 1, 60, nil,
			"01 09:30-10:30 holiday 0, 01 15:00-16:00 holiday 0, 01 19:30-20:30 holiday 0"},
		{"make-up Saturday", early, "2026-10-10", 1, 90, nil,
			"10 19:00-20:30 evening 0, 10 19:30-21:00 evening 0, 10 20:00-21:30 evening 0"},
		{"a year without data", early, "2027-01-01", 1, 150, nil, "01 19:00-21:30 evening 0?"},
		{"over the turn of the year", early, "2026-12-31", 2, 150, nil, "31 19:00-21:30 evening 0, 01 19:00-21:30 evening 0?"},
		{"nothing past, nothing now", "2026-11-24 19:30", "2026-11-23", 2, 60, nil, "24 20:00-21:00 evening 0"},
		{"a second before", "2026-11-24 19:29:59", "2026-11-24", 1, 60, nil, "24 19:30-20:30 evening 0, 24 20:00-21:00 evening 0"},
		{"fewest conflicts first, then earliest", early, "2026-11-27", 2, 60,
			busy("2026-11-27 19:00", "2026-11-27 20:00", "2026-11-27 19:00", "2026-11-27 19:30", "2026-11-28 08:00", "2026-11-28 12:00"),
			"27 20:00-21:00 evening 0, 28 15:00-16:00 weekend 0, 28 19:30-20:30 weekend 0, " +
				"27 19:30-20:30 evening 1, 28 09:30-10:30 weekend 1, 27 19:00-20:00 evening 2"},
		{"touching is no conflict", early, "2026-11-24", 1, 150, busy("2026-11-24 18:00", "2026-11-24 19:00", "2026-11-24 21:30", "2026-11-24 22:00"),
			"24 19:00-21:30 evening 0"},
		{"a minute of overlap is", early, "2026-11-24", 1, 150, busy("2026-11-24 18:00", "2026-11-24 19:01", "2026-11-24 21:29", "2026-11-24 22:00"),
			"24 19:00-21:30 evening 2"},
		{"busy for days", early, "2026-11-24", 1, 150, busy("2026-11-20 00:00", "2026-11-30 00:00"), "24 19:00-21:30 evening 1"},
		{"no minutes", early, "2026-11-24", 1, 0, nil, ""},
		{"negative minutes", early, "2026-11-24", 1, -60, nil, ""},
		{"no days", early, "2026-11-24", 0, 60, nil, ""},
		{"negative days", early, "2026-11-24", -1, 60, nil, ""},
		{"no date", early, "x", 1, 60, nil, ""},
		{"longer than a day", early, "2026-11-28", 1, 1 << 40, nil, ""},
	} {
		got := slotList(Slots(BuiltinCalendar(), DefaultPolicy().Slots, chinaTime(t, c.now), c.from, c.days, c.minutes, overlaps(c.busy)))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	last := Slots(BuiltinCalendar(), DefaultPolicy().Slots, chinaTime(t, early), "2026-01-01", 100000, 60, overlaps(nil))
	if end := DateOf(last[len(last)-1].EndsAt); end != "2027-01-01" {
		t.Errorf("more than a year is cut, not to %s", end)
	}
}

// No slot is ever in working hours, past, or too late, and better ones never stand behind worse.
func TestSlotsAlways(t *testing.T) {
	cal := BuiltinCalendar()
	rapid.Check(t, func(t *rapid.T) {
		from := Date("2026-01-01").Add(rapid.IntRange(0, 400).Draw(t, "from"))
		now := from.Start().Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "hours")) * time.Hour)
		minutes := rapid.IntRange(1, 300).Draw(t, "minutes")
		var busy []Span
		for range rapid.IntRange(0, 4).Draw(t, "busy") {
			start := from.Start().Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "start")) * 30 * time.Minute)
			busy = append(busy, Span{start, start.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "length")) * time.Minute)})
		}
		slots := Slots(cal, DefaultPolicy().Slots, now, from, rapid.IntRange(1, 14).Draw(t, "days"), minutes, overlaps(busy))
		for i, s := range slots {
			if cal.WorkingHours(s.StartsAt, s.EndsAt) {
				t.Fatalf("in working hours: %v", s)
			}
			if !s.StartsAt.After(now) || s.EndsAt.Sub(s.StartsAt) != time.Duration(minutes)*time.Minute {
				t.Fatalf("past, or of another length: %v", s)
			}
			if end := s.EndsAt.In(Zone); end.Hour()*60+end.Minute() > 21*60+30 || DateOf(end) != DateOf(s.StartsAt) {
				t.Fatalf("too late: %v", s)
			}
			if i > 0 && (slots[i-1].Conflicts > s.Conflicts || slots[i-1].Conflicts == s.Conflicts && !slots[i-1].StartsAt.Before(s.StartsAt)) {
				t.Fatalf("out of order: %v, %v", slots[i-1], s)
			}
		}
	})
}
