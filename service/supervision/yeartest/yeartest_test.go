package yeartest

import (
	"context"
	"reflect"
	"testing"

	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestSameSeedSameYear(t *testing.T) {
	a, b := Make(7, 2026, 20, storetest.Now()), Make(7, 2026, 20, storetest.Now())
	if !reflect.DeepEqual(a, b) {
		t.Error("one seed gave two years")
	}
	if reflect.DeepEqual(a.Meetings, Make(8, 2026, 20, storetest.Now()).Meetings) {
		t.Error("two seeds gave one year")
	}
}

// The traps are there, since a year without them would prove little.
func TestYearHasItsTraps(t *testing.T) {
	y := Make(7, 2026, 20, storetest.Now())
	var cancelled, empty, planned, joint, early, groups, late int
	for _, m := range y.Meetings {
		switch {
		case m.Cancelled():
			cancelled++
		case m.EndsAt.After(y.Now):
			planned++
		case m.JointID != "" && m.JointID != m.ID:
			joint++
		case len(m.Came) == 0:
			empty++
		}
		if m.StartsAt.UTC().Hour() == 23 {
			early++
		}
		if m.Group >= 0 {
			groups++
		}
	}
	for _, b := range y.Branches {
		if b.Founded >= "2026-01-02" {
			late++
		}
	}
	if cancelled == 0 || empty == 0 || planned == 0 || joint == 0 || early == 0 || groups == 0 || late == 0 {
		t.Errorf("cancelled %d, empty %d, planned %d, joint %d, early %d, of groups %d, founded late %d", cancelled, empty, planned, joint, early, groups, late)
	}
}

func TestYearCanBeWritten(t *testing.T) {
	s, y := storetest.Open(t), Make(7, 2026, 20, storetest.Now())
	if err := y.Write(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	orgs, err := s.Orgs(context.Background())
	if err != nil || len(orgs) < 21 {
		t.Errorf("%d organisations: %v", len(orgs), err)
	}
}
