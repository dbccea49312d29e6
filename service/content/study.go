package content

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"zhibu/model"
)

// Study is a member's own record of one year.
type Study struct {
	Year     int
	Hours    float64
	Articles int
	Meetings int
	Months   []StudyMonth // all twelve
	Entries  []StudyEntry // by day
}

// StudyMonth is one month of it.
type StudyMonth struct {
	Month    string // 2026-11
	Hours    float64
	Articles int
	Meetings int
}

// StudyEntry is one thing that was studied.
type StudyEntry struct {
	On      model.Date
	Title   string
	Kind    StudyKind
	Minutes int
}

// StudyKind is how something was studied.
type StudyKind string

// The kinds of study.
const (
	StudyRead    StudyKind = "read"
	StudyClaimed StudyKind = "claimed" // 单位已学
	StudyMeeting StudyKind = "meeting"
)

// Label is the kind's Chinese name.
func (k StudyKind) Label() string {
	switch k {
	case StudyRead:
		return "阅读"
	case StudyClaimed:
		return "单位已学"
	case StudyMeeting:
		return "会议"
	}
	return string(k)
}

// Study adds up what the member read or claimed, by the texts' reading time, and the meetings attended. It is for nobody else's eyes.
// Errors: validation_failed (the year).
func (s *Service) Study(ctx context.Context, actor *model.Actor, year int) (*Study, error) {
	if year == 0 {
		year = s.clock().In(model.Zone).Year()
	}
	if year < 2000 || year > 2100 {
		return nil, model.BadField("year", "out_of_range", "年份应在 2000 至 2100 之间。")
	}
	first := time.Date(year, 1, 1, 0, 0, 0, 0, model.Zone)
	last := first.AddDate(1, 0, 0)
	texts, err := s.store.StudiedBetween(ctx, actor.MemberID, model.DateOf(first), model.DateOf(last))
	if err != nil {
		return nil, err
	}
	var entries []StudyEntry
	for _, t := range texts {
		e := StudyEntry{On: t.On, Title: t.Title, Kind: StudyRead, Minutes: t.Minutes}
		if t.Claimed {
			e.Kind = StudyClaimed
		}
		entries = append(entries, e)
	}
	if s.meetings != nil {
		attended, err := s.meetings.Attended(ctx, actor.MemberID, first, last)
		if err != nil {
			return nil, err
		}
		for _, a := range attended {
			entries = append(entries, StudyEntry{On: model.DateOf(a.StartsAt), Title: a.Topic, Kind: StudyMeeting, Minutes: a.Minutes})
		}
	}
	slices.SortStableFunc(entries, func(a, b StudyEntry) int { return cmp.Compare(a.On, b.On) })
	return addUp(year, entries), nil
}

// addUp makes the sums of a year out of its entries.
func addUp(year int, entries []StudyEntry) *Study {
	st := &Study{Year: year, Months: make([]StudyMonth, 12), Entries: entries}
	minutes, total := make([]int, 12), 0
	for _, e := range entries {
		m := int(e.On.Start().Month()) - 1
		minutes[m] += e.Minutes
		if e.Kind == StudyMeeting {
			st.Months[m].Meetings++
		} else {
			st.Months[m].Articles++
		}
	}
	for i := range st.Months {
		m := &st.Months[i]
		m.Month, m.Hours = time.Date(year, time.Month(i+1), 1, 0, 0, 0, 0, model.Zone).Format("2006-01"), hoursOf(minutes[i])
		total += minutes[i]
		st.Articles += m.Articles
		st.Meetings += m.Meetings
	}
	st.Hours = hoursOf(total)
	return st
}

// hoursOf is minutes in hours, to a tenth.
func hoursOf(minutes int) float64 { return math.Round(float64(minutes)/6) / 10 }

// Places are the names of the organisations that the actor is a member of, in the order of the memberships.
func (s *Service) Places(ctx context.Context, actor *model.Actor) ([]string, error) {
	ids := make([]string, len(actor.Places))
	for i, p := range actor.Places {
		ids[i] = p.OrgID
	}
	orgs, err := s.store.OrgsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range ids {
		for _, o := range orgs {
			if o.ID == id {
				names = append(names, o.Name)
			}
		}
	}
	return names, nil
}
