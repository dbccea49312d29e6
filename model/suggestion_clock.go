package model

import "time"

// SuggestionClocks are the working days within which a suggestion is accepted and answered, and by which the answer may be put off, once.
// They come from the policy profile; the calendar decides what a working day is. A suggestion that is reopened or escalated starts
// its clocks anew at that moment.
type SuggestionClocks struct{ AcceptDays, ReplyDays, ExtendDays int }

// DefaultSuggestionClocks are 5, 15 and 10 working days.
func DefaultSuggestionClocks() SuggestionClocks {
	return SuggestionClocks{AcceptDays: 5, ReplyDays: 15, ExtendDays: 10}
}

// AcceptBy is the last second in which a suggestion submitted then is accepted in time. The day of submission is not counted.
func (s SuggestionClocks) AcceptBy(cal Calendar, submitted time.Time) time.Time {
	return cal.AddWorkdays(submitted, s.AcceptDays)
}

// ReplyBy is the last second in which it is answered in time. It runs from the submission, not from the acceptance,
// so that accepting late gains no time.
func (s SuggestionClocks) ReplyBy(cal Calendar, submitted time.Time) time.Time {
	return cal.AddWorkdays(submitted, s.ReplyDays)
}

// Extended is the new deadline after the one extension. It counts on from the deadline it replaces, not from the day on which
// the extension was asked for; that there is only one, and a public reason, the caller sees to.
func (s SuggestionClocks) Extended(cal Calendar, replyBy time.Time) time.Time {
	return cal.AddWorkdays(replyBy, s.ExtendDays)
}
