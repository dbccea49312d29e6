package model

import (
	"slices"
	"time"
)

// Reminder is a message that comes again by a rule of RFC 5545, at a time of day in China.
type Reminder struct {
	ID             string `gorm:"primaryKey"`
	OrgID          string
	Name           string
	Rule           string   // as RFC 5545 writes it, in capitals and without a name before it
	StartsOn       Date     // the day from which COUNT and INTERVAL are counted
	At             string   // 20:00
	OnlyAfterHours bool     // what falls into working hours is moved behind them
	SkipHolidays   bool     // nothing on the days off of a statutory holiday
	Audience       Audience `gorm:"serializer:json"`
	Template       PushKind
	Title          string // of the message; empty for the name
	Note           string
	ArticleID      string // where a tap leads; who has read it is left in peace
	Paused         bool
	NextPlanned    *time.Time // the rule's next instant that has not been dealt with; nil at the end of the rule
	NextAt         *time.Time // when the next message goes out; nil when paused or at an end
	WakeAt         *time.Time // when NextPlanned is dealt with: also what is skipped has its time
	CreatedBy      string
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Headline is what the message is called.
func (r *Reminder) Headline() string {
	if r.Title != "" {
		return r.Title
	}
	return r.Name
}

// Recipients is the audience with what a reminder leaves to be understood: the own organisation, and of an article those who do not know it yet.
func (r *Reminder) Recipients() Audience {
	a := r.Audience
	if a.OrgID == "" {
		a.OrgID = r.OrgID
	}
	if a.NotReadArticleID == "" {
		a.NotReadArticleID = r.ArticleID
	}
	return a
}

// About is the article that a reminder is about: where a tap leads, or else the one that is to be read.
func (r *Reminder) About() string {
	if r.ArticleID != "" {
		return r.ArticleID
	}
	return r.Audience.NotReadArticleID
}

// ReminderState is how a reminder stands.
type ReminderState string

// A reminder goes on, is paused, or has come to the end of its rule.
const (
	ReminderActive ReminderState = "active"
	ReminderPaused ReminderState = "paused"
	ReminderEnded  ReminderState = "ended"
)

// State is how the reminder stands.
func (r *Reminder) State() ReminderState {
	switch {
	case r.Paused:
		return ReminderPaused
	case r.NextAt == nil:
		return ReminderEnded
	}
	return ReminderActive
}

// ForReaders narrows an audience, whose organisation has that path, to those for whom an article is meant: nobody is sent to a page that does
// not open for them. It reports false when nobody is left.
func (a Audience) ForReaders(path string, ar *Article) (Audience, bool) {
	if ar.Visibility == VisiblePublic {
		return a, true
	}
	switch {
	case Within(path, ar.OrgPath):
	case Within(ar.OrgPath, path):
		a.OrgID = ar.OrgID
	default:
		return a, false
	}
	switch ar.Visibility {
	case VisibleParty:
		if len(a.PartyStatus) == 0 {
			a.PartyStatus = []PartyStatus{PartyFull, PartyProbationary}
			return a, true
		}
		a.PartyStatus = slices.DeleteFunc(slices.Clone(a.PartyStatus), func(p PartyStatus) bool { return p != PartyFull && p != PartyProbationary })
		return a, len(a.PartyStatus) > 0
	case VisibleCommittee:
		if len(a.Roles) == 0 || slices.Contains(a.Roles, RoleMember) { // everybody is a member
			a.Roles = []Role{RoleCommitteeMember, RoleSecretary, RoleStaff, RoleAdmin}
			return a, true
		}
		a.Roles = slices.DeleteFunc(slices.Clone(a.Roles), func(r Role) bool { return r.Rank() < RoleCommitteeMember.Rank() })
		return a, len(a.Roles) > 0
	}
	return a, true
}

// OccurrenceState is what became of one time of a reminder.
type OccurrenceState string

// A time has fired, was missed because the program stood still until it made no sense, or was skipped: for a holiday, a pause, an article that
// is not to be read now, or because nobody was left to be reminded.
const (
	OccurrenceFired   OccurrenceState = "fired"
	OccurrenceMissed  OccurrenceState = "missed"
	OccurrenceSkipped OccurrenceState = "skipped"
)

// ReminderOccurrence is one time of a reminder that has been dealt with. Its key makes sure that it is dealt with once,
// however many replicas look at it and however often they start.
type ReminderOccurrence struct {
	ReminderID string    `gorm:"primaryKey"`
	PlannedAt  time.Time `gorm:"primaryKey"` // by the rule
	State      OccurrenceState
	Reason     string    // why it was skipped or missed, or went out later than the rule said, in Chinese
	At         time.Time // when the message went out, or was to
	Recipients *int      // how many it went to; nil where it did not, or where the number would tell who has not read
	PushID     *string   // the message, whose ledger tells how it reached everybody
	CreatedAt  time.Time
}

// CanRemind: reminders are kept by those who may push to the organisation: the secretary and above, and for a group its leader.
func CanRemind(a *Actor, o *Org) bool { return CanPush(a, o) }

// CanSeeReminder: an organisation's reminders are seen by those who lead it.
func CanSeeReminder(a *Actor, o *Org) bool { return a.Has(RoleGroupLeader, o.Path) }
