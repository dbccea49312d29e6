package model

import "time"

// What an anonymous author does, and what they are told, bears no time by which it could be laid beside other records: the act counts from the
// beginning of its day, and notices wait for an opening of the push hours, when others go out too.

// TellOpenings is among how many openings of the push hours the one is drawn at which an anonymous author is told that there is news.
const TellOpenings = 4

// QuietAt is the instant that stands for what an anonymous author does: the beginning of the day, or what happened to the suggestion last when
// that was later, so that the timeline does not go back.
func QuietAt(now, last time.Time) time.Time {
	day := DateOf(now).Start().UTC()
	if day.Before(last) {
		return last
	}
	return day
}

// Opening is the n-th instant after t at which the push hours open, counted from 1.
func (h PushHours) Opening(t time.Time, n int) time.Time {
	for d := DateOf(t); ; d = d.Add(1) {
		for _, w := range h.Open {
			at := d.Start().Add(time.Duration(w.From) * time.Minute)
			if !at.After(t) {
				continue
			}
			if n--; n <= 0 {
				return at.UTC()
			}
		}
		if len(h.Open) == 0 {
			return t
		}
	}
}
