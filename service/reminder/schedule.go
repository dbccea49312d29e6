package reminder

import (
	"fmt"
	"time"

	"github.com/teambition/rrule-go"

	"zhibu/model"
)

// schedule is a reminder's rule with the two calendars that move and skip its times.
type schedule struct {
	rule         *rrule.RRule
	afterHours   bool
	skipHolidays bool
	calendar     model.Calendar
	hours        model.PushHours
}

func newSchedule(r *model.Reminder, cal model.Calendar, hours model.PushHours) (*schedule, error) {
	rule, err := parse(r.Rule, r.StartsOn, r.At)
	if err != nil {
		return nil, fmt.Errorf("the rule %q of reminder %s: %w", r.Rule, r.ID, err)
	}
	return &schedule{rule: rule, afterHours: r.OnlyAfterHours, skipHolidays: r.SkipHolidays, calendar: cal, hours: hours}, nil
}

// turn is one time of a rule with what the calendars make of it.
type turn struct {
	planned     time.Time // by the rule
	at          time.Time // when the message goes out; planned when it does not
	skipped     string    // why it does not, in Chinese
	moved       string    // why it goes out later than planned, in Chinese
	provisional bool      // the year's holidays are not known yet
}

// from walks along the rule beginning with the first time at or after t. It ends with the rule, at the horizon, or when it has walked too far.
func (s *schedule) from(t time.Time) func() (turn, bool) {
	next := s.rule.Iterator()
	horizon := t.AddDate(horizonYears, 0, 0)
	walked := 0
	return func() (turn, bool) {
		for walked < maxWalk {
			walked++
			planned, ok := next()
			if !ok || planned.After(horizon) {
				break
			}
			if !planned.Before(t) {
				return s.reckon(planned.UTC()), true
			}
		}
		walked = maxWalk
		return turn{}, false
	}
}

// reckon asks the calendars about one time of the rule.
func (s *schedule) reckon(planned time.Time) turn {
	day := model.DateOf(planned)
	t := turn{planned: planned, at: planned, provisional: s.calendar.Provisional(day)}
	if s.skipHolidays && s.calendar.Kind(day) == model.DayHoliday {
		t.skipped = s.calendar.Reason(day) + "，本次不提醒"
		return t
	}
	t.at, t.moved = s.place(planned)
	t.provisional = t.provisional || s.calendar.Provisional(model.DateOf(t.at))
	return t
}

// place is the first instant, at or after t, at which this reminder may go out, and why when that is later. The night is never disturbed.
// Working hours, where they are to be left alone, include the lunch break: the next push window behind them counts.
func (s *schedule) place(t time.Time) (at time.Time, why string) {
	at, why = s.hours.Next(t, model.HoursTimed)
	if day := model.DateOf(at); s.working(at) {
		at = s.behindWork(at)
		why = s.calendar.Reason(day) + "，改在 " + clockText(at) + " 提醒"
	}
	return at.UTC(), why
}

func (s *schedule) working(t time.Time) bool { return s.afterHours && s.calendar.WorkingHours(t, t) }

// behindWork is the first push window behind the working hours in which t lies.
func (s *schedule) behindWork(t time.Time) time.Time {
	for s.working(t) {
		for s.working(t) { // they begin and end on the hour
			t = t.Truncate(time.Hour).Add(time.Hour)
		}
		t, _ = s.hours.Next(t, model.HoursOrdinary)
	}
	return t
}

func clockText(t time.Time) string { return t.In(model.Zone).Format("15:04") }

// next is the first time at or after from that is not skipped.
func (s *schedule) next(from time.Time) (turn, bool) {
	for walk := s.from(from); ; {
		t, ok := walk()
		if !ok || t.skipped == "" {
			return t, ok
		}
	}
}

// upcoming is the first time whose message, or whose skipping, still lies ahead of now, leaving out what was dealt with already.
func (s *schedule) upcoming(now time.Time, done *model.ReminderOccurrence) (turn, bool) {
	for walk := s.from(begin(now, done)); ; {
		t, ok := walk()
		if !ok || t.at.After(now) {
			return t, ok
		}
	}
}

// begin is where to look for what is upcoming: today from the morning on, since a time may have been moved into the evening.
func begin(now time.Time, done *model.ReminderOccurrence) time.Time {
	begin := model.DateOf(now).Start()
	if done != nil && !done.PlannedAt.Before(begin) {
		begin = done.PlannedAt.Add(time.Second)
	}
	return begin
}

// fate is what becomes of one time of a rule: it lies ahead, or it is fired, skipped or missed.
type fate struct {
	turn
	state  model.OccurrenceState // empty while it lies ahead
	sendAt time.Time             // when its message goes out
	reason string                // why it does not, or why later than the rule says, in Chinese
}

const pausedReason = "提醒已暂停，本次不提醒"

// judge decides about one time as things stand at now.
func (s *schedule) judge(t turn, paused bool, now time.Time) fate {
	f := fate{turn: t, sendAt: t.at, reason: t.moved}
	if t.skipped != "" {
		f.reason = t.skipped
	}
	if t.at.After(now) {
		return f
	}
	switch {
	case paused:
		f.state, f.reason = model.OccurrenceSkipped, pausedReason
	case t.skipped != "":
		f.state = model.OccurrenceSkipped
	default:
		s.settle(&f, now)
	}
	return f
}

// punctual is how late a message may go out as if it were in time.
const punctual = 10 * time.Minute

// settle decides about a time that is due: it goes out now, still waits for a better hour of its day because it comes late, or no longer makes
// sense. The server may have stood still. What is late keeps to the push windows, since nobody chose that minute.
func (s *schedule) settle(f *fate, now time.Time) {
	if now.Sub(f.at) <= punctual {
		if at, _ := s.hours.Next(now, model.HoursTimed); at.Equal(now) {
			f.state = model.OccurrenceFired
			return
		}
	}
	at, _ := s.hours.Next(now, model.HoursOrdinary)
	at = s.behindWork(at).UTC()
	if model.DateOf(at) != model.DateOf(f.at) {
		f.state, f.reason = model.OccurrenceMissed, "原定 "+clockText(f.at)+"，当时服务中断，恢复时已过当天的提醒时段，不再补发"
		return
	}
	f.sendAt, f.reason = at, "未能在 "+clockText(f.at)+" 按时发出，改在 "+clockText(at)+" 补发"
	if !at.After(now) {
		f.state = model.OccurrenceFired
	}
}

// waiting is the time of a reminder that came late and waits for a better hour, if there is one.
func (s *schedule) waiting(r *model.Reminder, now time.Time) (fate, bool) {
	_, next := s.over(r, now)
	if next.NextPlanned == nil {
		return fate{}, false
	}
	t, ok := s.from(*next.NextPlanned)()
	if !ok || t.at.After(now) {
		return fate{}, false
	}
	f := s.judge(t, false, now)
	return f, f.state == ""
}

// setTimes writes a reminder's times to come, from the first time of its rule that is to be dealt with on. At the end of a rule there are none.
func (s *schedule) setTimes(r *model.Reminder, first fate, ok bool) {
	r.NextPlanned, r.NextAt, r.WakeAt = nil, nil, nil
	if !ok {
		return
	}
	r.NextPlanned, r.WakeAt = &first.planned, &first.sendAt
	if r.Paused {
		return
	}
	if first.skipped == "" {
		r.NextAt = &first.sendAt
	} else if t, ok := s.next(first.planned); ok {
		r.NextAt = &t.at
	}
}
