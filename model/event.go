package model

import "time"

// Event is a congress of an organisation: days on which its people are together, with its programme.
type Event struct {
	ID        string `gorm:"primaryKey"`
	OrgID     string
	OrgPath   string
	Name      string
	Place     string
	StartsOn  Date
	EndsOn    Date
	Sessions  []EventSession `gorm:"serializer:json"`
	CreatedBy string
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// EventSession is one part of a congress's programme.
type EventSession struct {
	Title       string    `json:"title"`
	StartsAt    time.Time `json:"starts_at"`
	EndsAt      time.Time `json:"ends_at"`
	Place       string    `json:"place,omitempty"`
	ForBranches bool      `json:"for_branches,omitempty"` // kept free for the branches' own meetings
}

// Span is the session's time.
func (s EventSession) Span() Span { return Span{s.StartsAt, s.EndsAt} }

// Holds reports whether a span lies within the congress's days.
func (e *Event) Holds(s Span) bool {
	return !s.StartsAt.Before(e.StartsOn.Start()) && !s.EndsAt.After(e.EndsOn.Add(1).Start())
}

// Taken reports whether the programme needs people at the time: a session that is not kept for the branches.
func (e *Event) Taken(s Span) bool {
	for _, x := range e.Sessions {
		if !x.ForBranches && x.Span().Overlaps(s) {
			return true
		}
	}
	return false
}

// CanKeepEvents: the congresses of an organisation are kept by its office.
func CanKeepEvents(a *Actor, orgPath string) bool { return a.Bound() && a.Has(RoleStaff, orgPath) }

// CanSeeEvent: a congress is for all who belong below its organisation, and for those who lead there.
func CanSeeEvent(a *Actor, e *Event) bool { return CanSeeOrg(a, e.OrgPath) }
