package model

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// HoursClass says how a push stands to the push hours.
type HoursClass string

// The classes of pushes.
const (
	HoursUrgent   HoursClass = "urgent"   // a meeting moved or cancelled: at once, at any hour
	HoursTimed    HoursClass = "timed"    // set to a minute by a person: kept, but never at night
	HoursOrdinary HoursClass = "ordinary" // everything else waits for the next window
)

const minutesOfDay = 24 * 60

// Window is a part of a day in minutes from midnight, half-open: To itself is outside.
type Window struct{ From, To int }

// PushHours say when phones may ring. A push outside them is deferred, never dropped.
// The night runs from NightFrom over midnight to NightTo (or within one day, when NightFrom is the smaller); equal means no night.
type PushHours struct {
	Open               []Window
	NightFrom, NightTo int
}

// DefaultPushHours are lunch and evening, 12:00-13:30 and 18:30-21:00, with a night from 22:00 to 7:00.
func DefaultPushHours() PushHours {
	return PushHours{
		Open:      []Window{{12 * 60, 13*60 + 30}, {18*60 + 30, 21 * 60}},
		NightFrom: 22 * 60,
		NightTo:   7 * 60,
	}
}

// Check reports what makes the hours unusable, in Chinese: they come from a policy profile that people edit.
func (h PushHours) Check() error {
	if h.NightFrom < 0 || h.NightFrom >= minutesOfDay || h.NightTo < 0 || h.NightTo >= minutesOfDay {
		return errors.New("夜间免打扰的起止时间应在 0:00 至 23:59 之间")
	}
	if len(h.Open) == 0 {
		return errors.New("至少要有一个推送时段")
	}
	for _, w := range h.Open {
		if w.From < 0 || w.To > minutesOfDay || w.From >= w.To {
			return fmt.Errorf("推送时段 %s–%s 不正确，结束应晚于开始且不跨越零点", clockOf(w.From), clockOf(w.To))
		}
		for m := w.From; m < w.To; m++ {
			if h.nightAt(m) {
				return fmt.Errorf("推送时段 %s–%s 与夜间免打扰 %s–%s 重叠", clockOf(w.From), clockOf(w.To), clockOf(h.NightFrom), clockOf(h.NightTo))
			}
		}
	}
	return nil
}

// Next is the earliest instant, at or after t, at which a push of the class may go out, and the reason in Chinese when that is
// later than t (empty otherwise). The night outranks the windows. Hours without any usable window keep only the night.
func (h PushHours) Next(t time.Time, class HoursClass) (at time.Time, reason string) {
	if class == HoursUrgent || h.allows(t, class) {
		return t, ""
	}
	if class != HoursTimed && !h.reachable() {
		class = HoursTimed
		if h.allows(t, class) {
			return t, ""
		}
	}
	at = h.firstOpening(t, class)
	why := "当前不在推送时段"
	if h.night(t) {
		why = "夜间免打扰"
	}
	day := " " // Chinese and the digits of a clock stand apart
	if DateOf(at) != DateOf(t) {
		day = "次日 "
	}
	return at, why + "，推迟到" + day + clockOf(minuteOf(at))
}

// firstOpening tries, in order, every moment at which something begins: a window, or the day after the night.
func (h PushHours) firstOpening(t time.Time, class HoursClass) time.Time {
	begins := []int{h.NightTo}
	for _, w := range h.Open {
		begins = append(begins, w.From)
	}
	slices.Sort(begins)
	midnight := DateOf(t).Start()
	for day := range 2 {
		for _, m := range begins {
			at := midnight.AddDate(0, 0, day).Add(time.Duration(m) * time.Minute)
			if at.After(t) && h.allows(at, class) {
				return at
			}
		}
	}
	return t // not reached: reachable found an opening, and each recurs every day
}

// reachable reports whether some moment of the day is open to ordinary pushes.
func (h PushHours) reachable() bool {
	for _, w := range h.Open {
		if w.From >= 0 && w.From < w.To && w.To <= minutesOfDay && !h.nightAt(w.From) {
			return true
		}
		if w.From <= h.NightTo && h.NightTo < w.To && h.NightFrom != h.NightTo {
			return true
		}
	}
	return false
}

func (h PushHours) allows(t time.Time, class HoursClass) bool {
	if h.night(t) {
		return false
	}
	if class == HoursTimed {
		return true
	}
	m := minuteOf(t)
	return slices.ContainsFunc(h.Open, func(w Window) bool { return w.From <= m && m < w.To })
}

func (h PushHours) night(t time.Time) bool { return h.nightAt(minuteOf(t)) }

func (h PushHours) nightAt(m int) bool {
	if h.NightFrom <= h.NightTo {
		return h.NightFrom <= m && m < h.NightTo
	}
	return m >= h.NightFrom || m < h.NightTo
}

// minuteOf is the minute of the day in China; seconds do not matter to half-open windows that begin and end on minutes.
func minuteOf(t time.Time) int {
	t = t.In(Zone)
	return t.Hour()*60 + t.Minute()
}

func clockOf(minute int) string { return fmt.Sprintf("%d:%02d", minute/60, minute%60) }
