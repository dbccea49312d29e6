package model

import (
	"slices"
	"time"
)

// SlotReason says why people are free at a slot.
type SlotReason string

// The reasons.
const (
	SlotEvening SlotReason = "evening" // the evening of a workday
	SlotWeekend SlotReason = "weekend"
	SlotHoliday SlotReason = "holiday"
)

// Span is a stretch of time, half-open: EndsAt itself is free again.
type Span struct{ StartsAt, EndsAt time.Time }

// Overlaps reports whether the two share any time.
func (s Span) Overlaps(o Span) bool {
	return s.StartsAt.Before(o.EndsAt) && o.StartsAt.Before(s.EndsAt)
}

// Slot is a time at which a meeting may well be held.
type Slot struct {
	StartsAt, EndsAt time.Time
	Reason           SlotReason
	Conflicts        int  // how many of the busy spans it touches
	Provisional      bool // the day's year has no published holidays yet
}

const (
	slotLatestEnd = 21*60 + 30 // nobody is kept longer, on rest days neither
	slotMaxDays   = 366
)

var (
	eveningStarts = []int{19 * 60, 19*60 + 30, 20 * 60}
	restDayStarts = []int{9*60 + 30, 15 * 60, 19*60 + 30}
)

// Slots lists the free hours of so many days from a day on for a meeting of so many minutes, best first: fewest conflicts, then earliest.
// Workdays offer the evening, from 19:00 and never past 21:30; rest days the morning, afternoon and evening. What began before now,
// or begins just now, is not offered. Without minutes or days there is nothing; more than a year is cut to a year.
func Slots(cal Calendar, now time.Time, from Date, days, minutes int, busy []Span) []Slot {
	if minutes <= 0 || minutes > slotLatestEnd || !from.Valid() {
		return nil
	}
	var slots []Slot
	for i := range min(max(days, 0), slotMaxDays) {
		day := from.Add(i)
		starts, reason := slotStarts(cal, day)
		for _, m := range starts {
			if m+minutes > slotLatestEnd {
				continue
			}
			begin := day.Start().Add(time.Duration(m) * time.Minute)
			if !begin.After(now) {
				continue
			}
			span := Span{begin, begin.Add(time.Duration(minutes) * time.Minute)}
			slots = append(slots, Slot{
				StartsAt: span.StartsAt, EndsAt: span.EndsAt, Reason: reason,
				Conflicts: countOverlaps(span, busy), Provisional: cal.Provisional(day),
			})
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int {
		if a.Conflicts != b.Conflicts {
			return a.Conflicts - b.Conflicts
		}
		return a.StartsAt.Compare(b.StartsAt)
	})
	return slots
}

func slotStarts(cal Calendar, day Date) ([]int, SlotReason) {
	switch cal.Kind(day) {
	case DayHoliday:
		return restDayStarts, SlotHoliday
	case DayWeekend:
		return restDayStarts, SlotWeekend
	}
	return eveningStarts, SlotEvening
}

func countOverlaps(s Span, busy []Span) int {
	n := 0
	for _, b := range busy {
		if s.Overlaps(b) {
			n++
		}
	}
	return n
}
