package model

import (
	"strings"
	"testing"
	"time"
)

func TestOfficialRetryIn(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 9: 10 * time.Minute, 1000: 10 * time.Minute} {
		if got := OfficialRetryIn(failures, 10*time.Minute); got != want {
			t.Errorf("after %d failures %v, want %v", failures, got, want)
		}
	}
}

func TestOfficialSyncDue(t *testing.T) {
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, Zone).UTC()
	}
	for _, c := range []struct {
		last, now time.Time
		want      bool
	}{
		{time.Time{}, at(23, 3, 0), true}, // never before
		{at(22, 4, 10), at(23, 3, 59), false},
		{at(22, 4, 10), at(23, 4, 0), true},
		{at(23, 4, 0), at(23, 4, 10), false},
		{at(23, 4, 0), at(23, 23, 59), false},
		{at(23, 4, 0), at(24, 0, 30), false},
		{at(23, 3, 59), at(23, 4, 30), true}, // the first one came before the hour
		{at(20, 4, 0), at(23, 1, 0), true},   // it stood still for days
	} {
		if got := OfficialSyncDue(c.last, c.now, 4); got != c.want {
			t.Errorf("last %v, now %v: %v", c.last, c.now, got)
		}
	}
}

func TestValidOpenID(t *testing.T) {
	for s, want := range map[string]bool{"o6_bmjrPTlm6_2sgVt7hMZOPfL2M": true, "": false, "a b": false, "号": false, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false} {
		if ValidOpenID(s) != want {
			t.Errorf("%q", s)
		}
	}
}
