package model

import "time"

// Clock tells the time. It is injected everywhere, so that tests and demonstrations can set it.
type Clock func() time.Time

// Zone is China's civil time, UTC+8 without daylight saving since 1991. A fixed zone needs no zone files on the machine.
var Zone = time.FixedZone("CST", 8*3600)

// Date is a civil day in China, written 2026-11-23. The empty Date is no day.
type Date string

// DateOf is the civil day of an instant in China.
func DateOf(t time.Time) Date { return Date(t.In(Zone).Format(time.DateOnly)) }

// Start is midnight at which the day begins in China; the zero time when d is no day.
func (d Date) Start() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// FirstYear and LastYear are those whose days and instants are kept. Beyond, databases and JSON know no times, in one zone or another.
const (
	FirstYear = 1900
	LastYear  = 9998
)

// Keepable reports whether an instant lies in the years that are kept.
func Keepable(t time.Time) bool {
	year := t.In(Zone).Year()
	return year >= FirstYear && year <= LastYear
}

// Valid reports whether d is a real day in the years that are kept.
func (d Date) Valid() bool {
	t, err := time.ParseInLocation(time.DateOnly, string(d), Zone)
	return err == nil && Keepable(t)
}

// Add moves by whole days.
func (d Date) Add(days int) Date { return DateOf(d.Start().AddDate(0, 0, days)) }
