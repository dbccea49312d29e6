package model

import "testing"

func TestSuggestionClocks(t *testing.T) {
	cal, clocks := BuiltinCalendar(), DefaultSuggestionClocks()
	for _, c := range []struct{ submitted, accept, reply, extended string }{
		// Monday; no holiday near.
		{"2026-11-02 09:00", "2026-11-09 23:59:59", "2026-11-23 23:59:59", "2026-12-07 23:59:59"},
		// A Saturday night counts like the Friday before.
		{"2026-10-31 23:59", "2026-11-06 23:59:59", "2026-11-20 23:59:59", "2026-12-04 23:59:59"},
		// Before National Day: 1-7 off, Saturday 10 worked.
		{"2026-09-29 09:00", "2026-10-12 23:59:59", "2026-10-26 23:59:59", "2026-11-09 23:59:59"},
		// Spring Festival: 14 and 28 worked, 15-23 off.
		{"2026-02-12 20:00", "2026-02-26 23:59:59", "2026-03-11 23:59:59", "2026-03-25 23:59:59"},
		// Into a year without data: plain weekdays.
		{"2026-12-28 09:00", "2027-01-04 23:59:59", "2027-01-18 23:59:59", "2027-02-01 23:59:59"},
	} {
		submitted := chinaTime(t, c.submitted)
		accept, reply := clocks.AcceptBy(cal, submitted), clocks.ReplyBy(cal, submitted)
		if !accept.Equal(chinaTime(t, c.accept)) || !reply.Equal(chinaTime(t, c.reply)) {
			t.Errorf("submitted %s: accept by %s, reply by %s", c.submitted, accept, reply)
		}
		if got := clocks.Extended(cal, reply); !got.Equal(chinaTime(t, c.extended)) {
			t.Errorf("submitted %s: extended to %s", c.submitted, got)
		}
	}
}

func TestSuggestionClocksOfAProfile(t *testing.T) {
	clocks := SuggestionClocks{AcceptDays: 1, ReplyDays: 2, ExtendDays: 1}
	submitted := chinaTime(t, "2026-11-26 09:00") // Thursday
	reply := clocks.ReplyBy(BuiltinCalendar(), submitted)
	if DateOf(clocks.AcceptBy(BuiltinCalendar(), submitted)) != "2026-11-27" || DateOf(reply) != "2026-11-30" ||
		DateOf(clocks.Extended(BuiltinCalendar(), reply)) != "2026-12-01" {
		t.Error("the profile's days should count")
	}
}
