package model

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPushHoursNext(t *testing.T) {
	h := DefaultPushHours()
	for _, c := range []struct {
		now    string
		class  HoursClass
		want   string
		reason string
	}{
		{"2026-11-24 03:00", HoursUrgent, "2026-11-24 03:00", ""},
		{"2026-11-24 23:30", HoursUrgent, "2026-11-24 23:30", ""},

		{"2026-11-24 09:00", HoursTimed, "2026-11-24 09:00", ""},
		{"2026-11-24 21:59:59", HoursTimed, "2026-11-24 21:59:59", ""},
		{"2026-11-24 22:00", HoursTimed, "2026-11-25 07:00", "夜间免打扰，推迟到次日 7:00"},
		{"2026-11-24 23:59:59", HoursTimed, "2026-11-25 07:00", "夜间免打扰，推迟到次日 7:00"},
		{"2026-11-25 00:00", HoursTimed, "2026-11-25 07:00", "夜间免打扰，推迟到 7:00"},
		{"2026-11-25 06:59:59", HoursTimed, "2026-11-25 07:00", "夜间免打扰，推迟到 7:00"},
		{"2026-11-25 07:00", HoursTimed, "2026-11-25 07:00", ""},

		{"2026-11-24 11:59:59", HoursOrdinary, "2026-11-24 12:00", "当前不在推送时段，推迟到 12:00"},
		{"2026-11-24 12:00", HoursOrdinary, "2026-11-24 12:00", ""},
		{"2026-11-24 13:29:59", HoursOrdinary, "2026-11-24 13:29:59", ""},
		{"2026-11-24 13:30", HoursOrdinary, "2026-11-24 18:30", "当前不在推送时段，推迟到 18:30"},
		{"2026-11-24 18:29:59", HoursOrdinary, "2026-11-24 18:30", "当前不在推送时段，推迟到 18:30"},
		{"2026-11-24 18:30", HoursOrdinary, "2026-11-24 18:30", ""},
		{"2026-11-24 20:59:59", HoursOrdinary, "2026-11-24 20:59:59", ""},
		{"2026-11-24 21:00", HoursOrdinary, "2026-11-25 12:00", "当前不在推送时段，推迟到次日 12:00"},
		{"2026-11-24 22:00", HoursOrdinary, "2026-11-25 12:00", "夜间免打扰，推迟到次日 12:00"},
		{"2026-11-25 00:00", HoursOrdinary, "2026-11-25 12:00", "夜间免打扰，推迟到 12:00"},
		{"2026-12-31 21:30", HoursOrdinary, "2027-01-01 12:00", "当前不在推送时段，推迟到次日 12:00"},
	} {
		now, want := chinaTime(t, c.now), chinaTime(t, c.want)
		for _, in := range []time.Time{now, now.UTC()} {
			got, reason := h.Next(in, c.class)
			if !got.Equal(want) || reason != c.reason {
				t.Errorf("Next(%s, %s) = %s %q, want %s %q", c.now, c.class, got, reason, c.want, c.reason)
			}
		}
	}
}

// Hours that people set in their profile, odd ones included.
func TestPushHoursOfAProfile(t *testing.T) {
	for name, c := range map[string]struct {
		h     PushHours
		now   string
		class HoursClass
		want  string
	}{
		"windows out of order":          {PushHours{[]Window{{1110, 1260}, {720, 810}}, 1320, 420}, "2026-11-24 09:00", HoursOrdinary, "2026-11-24 12:00"},
		"window begins in the night":    {PushHours{[]Window{{360, 480}}, 1320, 420}, "2026-11-24 05:00", HoursOrdinary, "2026-11-24 07:00"},
		"window reaches into the night": {PushHours{[]Window{{1200, 1440}}, 1320, 420}, "2026-11-24 23:00", HoursOrdinary, "2026-11-25 20:00"},
		"no night":                      {PushHours{[]Window{{0, 60}}, 0, 0}, "2026-11-24 23:00", HoursTimed, "2026-11-24 23:00"},
		"no night, window at midnight":  {PushHours{[]Window{{0, 60}}, 0, 0}, "2026-11-24 23:00", HoursOrdinary, "2026-11-25 00:00"},
		"night within one day":          {PushHours{[]Window{{600, 720}}, 60, 360}, "2026-11-24 05:59", HoursTimed, "2026-11-24 06:00"},
		"no windows, by day":            {PushHours{nil, 1320, 420}, "2026-11-24 09:00", HoursOrdinary, "2026-11-24 09:00"},
		"no windows, at night":          {PushHours{nil, 1320, 420}, "2026-11-24 23:00", HoursOrdinary, "2026-11-25 07:00"},
		"windows at night only":         {PushHours{[]Window{{1380, 1410}}, 1320, 420}, "2026-11-24 23:10", HoursOrdinary, "2026-11-25 07:00"},
		"a class nobody knows waits":    {DefaultPushHours(), "2026-11-24 09:00", "", "2026-11-24 12:00"},
	} {
		if got, _ := c.h.Next(chinaTime(t, c.now), c.class); !got.Equal(chinaTime(t, c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPushHoursCheck(t *testing.T) {
	if err := DefaultPushHours().Check(); err != nil {
		t.Error(err)
	}
	if err := (PushHours{[]Window{{420, 1320}}, 1320, 420}).Check(); err != nil {
		t.Errorf("a window may fill the whole day: %v", err)
	}
	for name, h := range map[string]PushHours{
		"no window":       {nil, 1320, 420},
		"empty window":    {[]Window{{720, 720}}, 1320, 420},
		"backward window": {[]Window{{810, 720}}, 1320, 420},
		"past midnight":   {[]Window{{1200, 1441}}, 0, 0},
		"before midnight": {[]Window{{-1, 60}}, 0, 0},
		"ends in night":   {[]Window{{1200, 1321}}, 1320, 420},
		"begins in night": {[]Window{{419, 500}}, 1320, 420},
		"around a night":  {[]Window{{0, 1440}}, 60, 360},
		"night too late":  {[]Window{{720, 810}}, 1440, 420},
		"night too early": {[]Window{{720, 810}}, 1320, -1},
	} {
		if h.Check() == nil {
			t.Errorf("%s should be refused", name)
		}
	}
}

// Whatever the hours: never earlier, never lost, never at night, within two days, and stable.
func TestPushHoursNextAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.IntRange(0, 1439)
		h := PushHours{NightFrom: minute.Draw(t, "from"), NightTo: minute.Draw(t, "to")}
		for range rapid.IntRange(0, 3).Draw(t, "windows") {
			a, b := minute.Draw(t, "a"), minute.Draw(t, "b")
			h.Open = append(h.Open, Window{min(a, b), max(a, b) + 1})
		}
		class := rapid.SampledFrom([]HoursClass{HoursTimed, HoursOrdinary}).Draw(t, "class")
		now := Date("2026-11-24").Start().Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "second")) * time.Second)
		got, reason := h.Next(now, class)
		if got.Before(now) || got.Sub(now) > 48*time.Hour {
			t.Fatalf("%s for %s", got, now)
		}
		if (reason == "") != got.Equal(now) {
			t.Fatalf("deferred to %s with reason %q", got, reason)
		}
		m := got.Hour()*60 + got.Minute()
		for n := h.NightFrom; n != h.NightTo; n = (n + 1) % 1440 {
			if m == n {
				t.Fatalf("%s is at night", got)
			}
		}
		if again, _ := h.Next(got, class); !again.Equal(got) {
			t.Fatalf("%s is deferred again to %s", got, again)
		}
		if class != HoursOrdinary || h.Check() != nil {
			return
		}
		for _, w := range h.Open {
			if w.From <= m && m < w.To {
				return
			}
		}
		t.Fatalf("%s is in no window", got)
	})
}
