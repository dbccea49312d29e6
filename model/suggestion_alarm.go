package model

import "time"

// StartClock lets the deadlines run from the instant, with the working days in force. Each run may be extended once.
func (s *Suggestion) StartClock(cal Calendar, clocks SuggestionClocks, now time.Time) {
	s.ClockAt, s.AcceptDays, s.ReplyDays, s.ExtendDays = now, clocks.AcceptDays, clocks.ReplyDays, 0
	s.ExtensionReason, s.Reminded = "", 0
	s.Replan(cal)
}

// Extend puts the answer off by the working days, for a reason that the author reads.
func (s *Suggestion) Extend(cal Calendar, days int, reason string) {
	s.ExtendDays, s.ExtensionReason, s.Reminded = days, reason, 0
	s.Replan(cal)
}

// Replan computes the deadlines anew and reports whether they moved, as they do when provisional days have been published.
func (s *Suggestion) Replan(cal Calendar) bool {
	clocks := SuggestionClocks{AcceptDays: s.AcceptDays, ReplyDays: s.ReplyDays, ExtendDays: s.ExtendDays}
	accept, reply := clocks.AcceptBy(cal, s.ClockAt).UTC(), clocks.ReplyBy(cal, s.ClockAt).UTC()
	if s.ExtendDays > 0 {
		reply = clocks.Extended(cal, reply).UTC()
	}
	moved := !s.AcceptBy.Equal(accept) || !s.ReplyBy.Equal(reply)
	s.AcceptBy, s.ReplyBy = accept, reply
	return moved
}

// Due is the next deadline: of the acceptance, then of the answer; the zero time when no answer is owed.
func (s *Suggestion) Due() time.Time {
	switch s.State {
	case SuggestionSubmitted, SuggestionEscalated:
		return s.AcceptBy
	case SuggestionAccepted:
		return s.ReplyBy
	}
	return time.Time{}
}

// Overdue reports whether the present deadline has passed.
func (s *Suggestion) Overdue(now time.Time) bool { return s.State.Open() && now.After(s.Due()) }

// SuggestionAlarm is what the clock asks for.
type SuggestionAlarm int

// The alarms in their order; Reminded holds the last one given for the present deadline.
const (
	AlarmNone     SuggestionAlarm = iota
	AlarmSoon                     // from the working day before the deadline: the holder is reminded
	AlarmLate                     // the deadline has passed: the holder is reminded again
	AlarmTop                      // a working day later, where nobody is further up: the office is told
	AlarmEscalate                 // a working day later: it goes to the parent organisation by itself
)

// Alarm is what is to be done now and was not done yet for the present deadline.
func (s *Suggestion) Alarm(cal Calendar, now time.Time) SuggestionAlarm {
	if !s.State.Open() {
		return AlarmNone
	}
	due, alarm := s.Due(), AlarmNone
	switch {
	case now.After(cal.AddWorkdays(due, 1)):
		if len(PathIDs(s.OrgPath)) > 1 {
			return AlarmEscalate
		}
		alarm = AlarmTop
	case now.After(due):
		alarm = AlarmLate
	case DateOf(now) >= workdayBefore(cal, DateOf(due)) && DateOf(now) > DateOf(s.ClockAt):
		alarm = AlarmSoon
	}
	if int(alarm) <= s.Reminded {
		return AlarmNone
	}
	return alarm
}

func workdayBefore(cal Calendar, d Date) Date {
	d = d.Add(-1)
	for !cal.IsWorkday(d) {
		d = d.Add(-1)
	}
	return d
}
