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
	if !s.afterHours {
		return at.UTC(), why
	}
	for s.calendar.WorkingHours(at, at) {
		why = s.calendar.Reason(model.DateOf(at))
		for s.calendar.WorkingHours(at, at) { // they begin and end on the hour
			at = at.Truncate(time.Hour).Add(time.Hour)
		}
		at, _ = s.hours.Next(at, model.HoursOrdinary)
		why += "，改在 " + at.In(model.Zone).Format("15:04") + " 提醒"
	}
	return at.UTC(), why
}

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
	for walk := s.from(s.begin(now, done)); ; {
		t, ok := walk()
		if !ok || t.at.After(now) {
			return t, ok
		}
	}
}

// begin is where to look for what is upcoming: today from the morning on, since a time may have been moved into the evening.
func (s *schedule) begin(now time.Time, done *model.ReminderOccurrence) time.Time {
	begin := model.DateOf(now).Start()
	if done != nil && !done.PlannedAt.Before(begin) {
		begin = done.PlannedAt.Add(time.Second)
	}
	return begin
}

// lateLimit is the hour after which what was missed by day is no longer made up for; punctual is how late a message may go out at any hour.
const (
	lateLimit = 21
	punctual  = 10 * time.Minute
)

// settle decides about a time that is due: when its message goes out, or why it no longer makes sense. The server may have stood still.
func (s *schedule) settle(t turn, now time.Time) (sendAt time.Time, missed string) {
	late := now.Sub(t.at)
	if late <= punctual {
		if at, _ := s.hours.Next(now, model.HoursTimed); at.Equal(now) {
			return t.at, ""
		}
	}
	missed = "服务中断，恢复时已过当天适宜提醒的时间"
	if model.DateOf(now) != model.DateOf(t.at) || now.In(model.Zone).Hour() >= lateLimit {
		return time.Time{}, missed
	}
	sendAt, _ = s.place(now)
	if model.DateOf(sendAt) != model.DateOf(t.at) {
		return time.Time{}, missed
	}
	return sendAt, ""
}

// setNext writes a reminder's next times, from the first time of its rule that is to be dealt with on. At the end of a rule both are nil.
func (s *schedule) setNext(r *model.Reminder, first turn, ok bool) {
	r.NextPlanned, r.NextAt = nil, nil
	if !ok {
		return
	}
	r.NextPlanned = &first.planned
	if t, ok := s.next(first.planned); ok {
		r.NextAt = &t.at
	}
}
