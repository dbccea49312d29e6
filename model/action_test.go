package model

import (
	"testing"
	"time"
)

// By the calendar of 2026: due on Friday 12-04; and on 09-30, before the holiday week of 10-01 to 10-07.
func TestWhenAnActionComesBack(t *testing.T) {
	cal, clocks := BuiltinCalendar(), ActionClocks{OwnerBefore: 2, SecretaryAfter: 1, OfficeAfter: 5}
	for _, c := range []struct {
		due, today Date
		step, want ActionStep
	}{
		{"2026-12-04", "2026-12-01", ActionUntold, ActionUntold},
		{"2026-12-04", "2026-12-02", ActionUntold, ActionOwnerTold}, // Thursday and Friday are left
		{"2026-12-04", "2026-12-04", ActionOwnerTold, ActionOwnerTold},
		{"2026-12-04", "2026-12-06", ActionOwnerTold, ActionOwnerTold}, // a Sunday: no working day has passed
		{"2026-12-04", "2026-12-07", ActionOwnerTold, ActionSecretaryTold},
		{"2026-12-04", "2026-12-10", ActionSecretaryTold, ActionSecretaryTold},
		{"2026-12-04", "2026-12-11", ActionSecretaryTold, ActionOfficeTold},
		{"2026-12-04", "2027-12-11", ActionOfficeTold, ActionOfficeTold},
		{"2026-12-04", "2026-12-20", ActionUntold, ActionOwnerTold}, // steps are taken one after the other
		{"2026-09-30", "2026-10-07", ActionOwnerTold, ActionOwnerTold},
		{"2026-09-30", "2026-10-08", ActionOwnerTold, ActionSecretaryTold},
	} {
		x := &Action{State: ActionOpen, DueOn: c.due, Step: c.step}
		if got := x.Due(cal, clocks, c.today.Start().Add(10*time.Hour)); got != c.want {
			t.Errorf("due %s on %s after step %d: %d, want %d", c.due, c.today, c.step, got, c.want)
		}
	}
	if x := (&Action{State: ActionClosed, DueOn: "2026-01-01"}); x.Due(cal, clocks, Date("2026-12-01").Start()) != ActionUntold {
		t.Error("a closed action comes back")
	}
}

func TestMadeLate(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, Zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		ended, written string
		want           bool
	}{
		{"2026-11-23 20:20", "2026-11-23 20:30", false}, {"2026-11-23 20:20", "2026-11-26 23:59", false}, {"2026-11-23 20:20", "2026-11-27 00:00", true},
		{"2026-11-24 00:30", "2026-11-27 23:59", false}, // over midnight: from the day on which it ended
	} {
		if got := MadeLate(at(c.ended), at(c.written), 3); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestSignaturesAreOfOneDocument(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	m := &Minutes{HostID: "h", RecorderID: "r", Mode: MinutesFull}
	f := &MinutesFacts{Present: 4}
	was := m.Digest(f)
	if m.Sign("r", was, now) || m.State != MinutesSigned {
		t.Error("one signature locked the minutes")
	}
	f.Present = 3
	if m.Sign("h", m.Digest(f), now) || m.RecorderSignedAt != nil {
		t.Error("two signatures under two documents locked the minutes")
	}
	if !m.Sign("r", m.Digest(f), now) || m.State != MinutesLocked {
		t.Error("two signatures under one document did not lock it")
	}
	m.Unsign()
	if m.Summary = "改"; m.Digest(f) == was || m.HostSignedAt != nil || m.State != MinutesDraft {
		t.Error("the digest does not know the text")
	}
}
