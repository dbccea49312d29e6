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
	SlotEvent   SlotReason = "event" // a congress has kept the hour for its branches
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
	Conflicts        int  // how many cannot come
	Provisional      bool // the day's year has no published holidays yet
}

const slotMaxDays = 366

// Slots lists the free hours of so many days from a day on for a meeting of so many minutes, best first: fewest conflicts, then earliest.
// Workdays offer the evening, rest days morning, afternoon and evening, as the profile says. What began before now, begins just now, ends too late
// or touches working hours is not offered. taken counts who cannot come. Without minutes or days there is nothing; more than a year is cut to a year.
func Slots(cal Calendar, hours SlotHours, now time.Time, from Date, days, minutes int, taken func(Span) int) []Slot {
	if minutes <= 0 || minutes > hours.LatestEnd || !from.Valid() {
		return nil
	}
	var slots []Slot
	for i := range min(max(days, 0), slotMaxDays) {
		day := from.Add(i)
		starts, reason := hours.starts(cal, day)
		for _, m := range starts {
			begin := day.Start().Add(time.Duration(m) * time.Minute)
			span := Span{begin, begin.Add(time.Duration(minutes) * time.Minute)}
			if m+minutes > hours.LatestEnd || !begin.After(now) || cal.WorkingHours(span.StartsAt, span.EndsAt) {
				continue
			}
			slots = append(slots, Slot{StartsAt: span.StartsAt, EndsAt: span.EndsAt, Reason: reason, Conflicts: taken(span), Provisional: cal.Provisional(day)})
		}
	}
	SortSlots(slots)
	return slots
}

// SortSlots puts the best first: fewest conflicts, then earliest.
func SortSlots(slots []Slot) {
	slices.SortStableFunc(slots, func(a, b Slot) int {
		if a.Conflicts != b.Conflicts {
			return a.Conflicts - b.Conflicts
		}
		return a.StartsAt.Compare(b.StartsAt)
	})
}

func (h SlotHours) starts(cal Calendar, day Date) ([]int, SlotReason) {
	switch cal.Kind(day) {
	case DayHoliday:
		return h.RestDays, SlotHoliday
	case DayWeekend:
		return h.RestDays, SlotWeekend
	}
	return h.Evenings, SlotEvening
}
