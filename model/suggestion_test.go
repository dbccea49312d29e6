package model

import (
	"slices"
	"testing"
	"time"
)

// suggestionSteps is the state machine as the contract tells it, written down once more: action, side, and for each state the next one;
// a state that is left out is a conflict.
var suggestionSteps = map[SuggestionAction]struct {
	sides []SuggestionSide
	next  map[SuggestionState]SuggestionState
}{
	"accept":   {[]SuggestionSide{SideHandler}, map[SuggestionState]SuggestionState{"submitted": "accepted", "escalated": "accepted"}},
	"reply":    {[]SuggestionSide{SideHandler, SideAssignee}, map[SuggestionState]SuggestionState{"accepted": "replied"}},
	"decline":  {[]SuggestionSide{SideHandler}, map[SuggestionState]SuggestionState{"submitted": "declined", "accepted": "declined", "escalated": "declined"}},
	"escalate": {[]SuggestionSide{SideHandler, SideClock}, map[SuggestionState]SuggestionState{"submitted": "escalated", "accepted": "escalated", "escalated": "escalated"}},
	"extend":   {[]SuggestionSide{SideHandler}, map[SuggestionState]SuggestionState{"accepted": "accepted"}},
	"assign":   {[]SuggestionSide{SideHandler}, map[SuggestionState]SuggestionState{"submitted": "submitted", "accepted": "accepted", "escalated": "escalated"}},
	"close":    {[]SuggestionSide{SideAuthor, SideHandler}, map[SuggestionState]SuggestionState{"replied": "closed"}},
	"reopen":   {[]SuggestionSide{SideAuthor}, map[SuggestionState]SuggestionState{"replied": "submitted", "closed": "submitted", "declined": "submitted"}},
	"rate":     {[]SuggestionSide{SideAuthor}, map[SuggestionState]SuggestionState{"replied": "closed", "closed": "closed"}},
}

func TestEveryStepOfASuggestion(t *testing.T) {
	states := []SuggestionState{"submitted", "accepted", "replied", "closed", "declined", "escalated"}
	sides := []SuggestionSide{0, SideAuthor, SideHandler, SideAssignee, SideClock, SideAuthor | SideAssignee}
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	checked := 0
	for action, want := range suggestionSteps {
		for _, state := range states {
			for _, side := range sides {
				s := &Suggestion{State: state, StateAt: now, OrgPath: "/root/branch/", ReplyBy: now.Add(time.Hour)}
				code := Code("")
				if err := s.Check(action, side, now); err != nil {
					code = CodeOf(err)
				}
				next, possible := want.next[state]
				expect := Code("")
				switch {
				case !slices.ContainsFunc(want.sides, func(w SuggestionSide) bool { return side&w != 0 }):
					expect = CodeForbidden
				case !possible:
					expect = CodeConflict
				}
				if code != expect {
					t.Errorf("%s from %s by %b: %q, want %q", action, state, side, code, expect)
				}
				if got, ok := action.From(state); ok != possible || (ok && got != next) {
					t.Errorf("%s from %s leads to %s %v, want %s %v", action, state, got, ok, next, possible)
				}
				checked++
			}
		}
	}
	if len(suggestionSteps) != len(suggestionRules) || checked != 9*6*6 {
		t.Errorf("%d actions of %d, %d cases", len(suggestionSteps), len(suggestionRules), checked)
	}
	for _, s := range states {
		if n := len([]rune(s.Label())); !s.Valid() || n == 0 || n > 5 {
			t.Errorf("%s has the label %q, which WeChat's phrase cannot hold", s, s.Label())
		}
	}
	if SuggestionState("reopened").Valid() || SuggestionAction("submit").NeedsText() || !SuggestionAction("decline").NeedsText() || SuggestionAction("reopen").NeedsText() || SuggestionAction("escalate").NeedsText() {
		t.Error("states and texts are not those of the contract")
	}
}

func TestStepsWithConditions(t *testing.T) {
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		s      Suggestion
		action SuggestionAction
		side   SuggestionSide
		ok     bool
	}{
		{"extend in time", Suggestion{State: "accepted", ReplyBy: now}, "extend", SideHandler, true},
		{"extend when it is late", Suggestion{State: "accepted", ReplyBy: now.Add(-time.Second)}, "extend", SideHandler, false},
		{"extend twice", Suggestion{State: "accepted", ReplyBy: now, ExtendDays: 10}, "extend", SideHandler, false},
		{"escalate at the top", Suggestion{State: "accepted", OrgPath: "/root/"}, "escalate", SideHandler, false},
		{"escalate below it", Suggestion{State: "accepted", OrgPath: "/root/branch/"}, "escalate", SideClock, true},
		{"reopen on the thirtieth day", Suggestion{State: "closed", StateAt: now.AddDate(0, 0, -30)}, "reopen", SideAuthor, true},
		{"reopen later", Suggestion{State: "closed", StateAt: now.AddDate(0, 0, -30).Add(-time.Second)}, "reopen", SideAuthor, false},
		{"rate twice", Suggestion{State: "closed", RatingStars: 1}, "rate", SideAuthor, false},
	} {
		err := c.s.Check(c.action, c.side, now)
		if (err == nil) != c.ok || (err != nil && CodeOf(err) != CodeConflict) {
			t.Errorf("%s: %v", c.name, err)
		}
		if can := slices.Contains(c.s.Possible(c.side, now), c.action); c.action != SuggestionRate && can != c.ok {
			t.Errorf("%s: among the possible steps: %v", c.name, can)
		}
	}
}

func TestWhoSeesASuggestion(t *testing.T) {
	// It was written to the branch and is now with the society.
	s := &Suggestion{ToOrgPath: "/root/soc/b1/", OrgPath: "/root/soc/", AssigneeID: "helper"}
	power := func(role Role, path string) *Actor {
		return &Actor{MemberID: "m", Powers: []Power{{OrgID: "o", Path: path, Role: role}}}
	}
	for _, c := range []struct {
		name   string
		actor  *Actor
		author bool
		see    bool
		side   SuggestionSide
	}{
		{"stranger", nil, false, false, 0},
		{"visitor", &Actor{SessionID: "s"}, false, false, 0},
		{"visitor taken for the author", &Actor{SessionID: "s"}, true, false, 0},
		{"member", &Actor{MemberID: "m", Places: []Place{{Path: "/root/soc/b1/"}}}, false, false, 0},
		{"author", &Actor{MemberID: "m"}, true, true, SideAuthor},
		{"assignee", &Actor{MemberID: "helper"}, false, true, SideAssignee},
		{"committee member", power(RoleCommitteeMember, "/root/soc/b1/"), false, false, 0},
		{"secretary of the branch", power(RoleSecretary, "/root/soc/b1/"), false, true, 0},
		{"secretary of the neighbour", power(RoleSecretary, "/root/soc/b2/"), false, false, 0},
		{"secretary of the society", power(RoleSecretary, "/root/soc/"), false, true, SideHandler},
		{"staff of the root", power(RoleStaff, "/root/"), false, true, SideHandler},
		{"admin", power(RoleAdmin, "/"), false, true, SideHandler},
		{"secretary who wrote it", power(RoleSecretary, "/root/soc/"), true, true, SideHandler | SideAuthor},
	} {
		if got := CanSeeSuggestion(c.actor, s, c.author); got != c.see {
			t.Errorf("%s sees it: %v", c.name, got)
		}
		if got := SidesOf(c.actor, s, c.author); got != c.side {
			t.Errorf("%s has sides %b, want %b", c.name, got, c.side)
		}
	}
	member := &Actor{MemberID: "m", Places: []Place{{OrgID: "b1", Path: "/root/soc/b1/"}}}
	for path, want := range map[string]bool{"/root/soc/b1/": true, "/root/soc/": true, "/root/": true, "/root/soc/b2/": false, "/root/soc/b1/g/": false} {
		if CanSuggest(member, path) != want {
			t.Errorf("a member of b1 may write to %s: %v", path, !want)
		}
	}
	if CanSuggest(nil, "/root/") || CanSuggest(&Actor{SessionID: "s"}, "/root/") {
		t.Error("who is not bound may not write")
	}
}

func TestAlarmsOfASuggestion(t *testing.T) {
	cal, clocks := BuiltinCalendar(), DefaultSuggestionClocks()
	// Submitted before National Day 2026: 1-7 off, Saturday 10 worked. To be accepted by Monday 12, so a working day before is Saturday 10.
	for _, c := range []struct {
		path, now string
		reminded  SuggestionAlarm
		want      SuggestionAlarm
	}{
		{"/r/b/", "2026-09-29 10:00", AlarmNone, AlarmNone},
		{"/r/b/", "2026-10-09 23:59", AlarmNone, AlarmNone},
		{"/r/b/", "2026-10-10 00:00", AlarmNone, AlarmSoon},
		{"/r/b/", "2026-10-11 12:00", AlarmNone, AlarmSoon}, // the Sunday between
		{"/r/b/", "2026-10-11 12:00", AlarmSoon, AlarmNone},
		{"/r/b/", "2026-10-12 23:59", AlarmSoon, AlarmNone},
		{"/r/b/", "2026-10-13 00:00", AlarmSoon, AlarmLate},
		{"/r/b/", "2026-10-13 12:00", AlarmLate, AlarmNone},
		{"/r/b/", "2026-10-13 12:00", AlarmNone, AlarmLate}, // nobody ticked before
		{"/r/b/", "2026-10-14 00:00", AlarmLate, AlarmEscalate},
		{"/r/", "2026-10-14 00:00", AlarmLate, AlarmTop},
		{"/r/", "2026-12-14 00:00", AlarmTop, AlarmNone},
	} {
		s := &Suggestion{State: SuggestionSubmitted, OrgPath: c.path}
		s.StartClock(cal, clocks, chinaTime(t, "2026-09-29 09:00"))
		s.Reminded = int(c.reminded)
		if got := s.Alarm(cal, chinaTime(t, c.now)); got != c.want {
			t.Errorf("%s at %s after %d: alarm %d, want %d", c.path, c.now, c.reminded, got, c.want)
		}
		for _, quiet := range []SuggestionState{SuggestionReplied, SuggestionClosed, SuggestionDeclined} {
			s.State = quiet
			if s.Alarm(cal, chinaTime(t, c.now)) != AlarmNone || !s.Due().IsZero() || s.Overdue(chinaTime(t, c.now)) {
				t.Errorf("a suggestion that is %s has a clock", quiet)
			}
		}
	}
	short := &Suggestion{State: SuggestionSubmitted, OrgPath: "/r/b/"}
	short.StartClock(cal, SuggestionClocks{AcceptDays: 1, ReplyDays: 2}, chinaTime(t, "2026-11-23 09:00"))
	if short.Alarm(cal, chinaTime(t, "2026-11-23 12:00")) != AlarmNone {
		t.Error("nobody is reminded on the day of the submission")
	}
}

func TestDeadlinesFollowTheState(t *testing.T) {
	cal, clocks := BuiltinCalendar(), DefaultSuggestionClocks()
	s := &Suggestion{State: SuggestionSubmitted}
	s.StartClock(cal, clocks, chinaTime(t, "2026-11-02 09:00"))
	day := func() Date { return DateOf(s.Due()) }
	if day() != "2026-11-09" {
		t.Errorf("to be accepted by %s", day())
	}
	s.State = SuggestionAccepted
	if day() != "2026-11-23" {
		t.Errorf("to be answered by %s", day())
	}
	s.Extend(cal, clocks.ExtendDays, "征求意见")
	if day() != "2026-12-07" || s.ExtensionReason == "" {
		t.Errorf("extended to %s", day())
	}
	if s.Replan(cal) {
		t.Error("the same calendar moved the deadline")
	}
	s.State = SuggestionEscalated
	s.StartClock(cal, clocks, chinaTime(t, "2026-12-08 09:00"))
	if day() != "2026-12-15" || s.ExtendDays != 0 || s.ExtensionReason != "" {
		t.Errorf("anew: %s, %d", day(), s.ExtendDays)
	}
}

func TestDeadlinesMoveWhenHolidaysArePublished(t *testing.T) {
	days := BuiltinDays()
	s := &Suggestion{State: SuggestionSubmitted}
	s.StartClock(NewCalendar(days, CoverageOf(days)), DefaultSuggestionClocks(), chinaTime(t, "2026-12-28 09:00"))
	if DateOf(s.AcceptBy) != "2027-01-04" {
		t.Fatalf("by weekdays alone: %s", DateOf(s.AcceptBy))
	}
	days = append(days, CalendarDay{Date: "2027-01-01", Kind: DayHoliday, Name: "元旦"}, CalendarDay{Date: "2027-01-03", Kind: DayMakeup, Name: "元旦"}, CalendarDay{Date: "2027-01-04", Kind: DayHoliday, Name: "元旦"})
	if !s.Replan(NewCalendar(days, CoverageOf(days))) || DateOf(s.AcceptBy) != "2027-01-05" {
		t.Errorf("after the notice: %s", DateOf(s.AcceptBy))
	}
}
