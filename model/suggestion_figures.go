package model

import (
	"slices"
	"time"
)

// SuggestionFigures are how one organisation answered in a year. They tell of those who answer; nothing in them is about who asks.
type SuggestionFigures struct {
	OrgID    string
	Fewest   int // under how many nothing is told: with fewer, figures would tell of persons
	Received int // came to it: written to it, handed up to it, or reopened
	Answered int // with an answer, or a reason why not
	Late     int // went up by themselves, since a deadline had passed

	AcceptDays []int // working days from the arrival to the acceptance, of each
	AnswerDays []int // and to the answer
}

// Withheld reports whether too few came for figures.
func (f *SuggestionFigures) Withheld() bool { return f.Received < max(f.Fewest, CrowdSize) }

// Median is the middle of some numbers of days, and whether there are at least so many that they may be told; of an even number the upper one, which flatters nobody.
func Median(days []int, fewest int) (int, bool) {
	if len(days) < max(fewest, CrowdSize) {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(days))
	return sorted[len(sorted)/2], true
}

// CountSuggestion adds one suggestion's timeline, the oldest step first, to the figures by organisation. What happened in the year counts, by the
// organisation that held it then.
func CountSuggestion(by map[string]*SuggestionFigures, steps []SuggestionStep, cal Calendar, year int) {
	of := func(org string) *SuggestionFigures {
		f := by[org]
		if f == nil {
			f = &SuggestionFigures{OrgID: org}
			by[org] = f
		}
		return f
	}
	holder, begun := "", time.Time{}
	for _, st := range steps {
		counts := st.At.In(Zone).Year() == year
		days := func() int { return cal.WorkdaysBetween(DateOf(begun), DateOf(st.At)) } // asked for only where somebody holds it: else it would count from the year one
		switch st.Action {
		case SuggestionEscalate, SuggestionSubmit, SuggestionReopen:
			if counts && st.Action == SuggestionEscalate && st.ByID == "" {
				of(holder).Late++
			}
			holder, begun = st.OrgID, st.At
			if counts {
				of(holder).Received++
			}
		case SuggestionAccept:
			if counts {
				of(holder).AcceptDays = append(of(holder).AcceptDays, days())
			}
		case SuggestionReply, SuggestionDecline:
			if counts {
				of(holder).Answered++
				of(holder).AnswerDays = append(of(holder).AnswerDays, days())
			}
		}
	}
}
