package model

import "time"

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
	NextPlanned    *time.Time // the rule's next instant that has not been dealt with; nil when paused or at an end
	NextAt         *time.Time // when the next message goes out
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

// OccurrenceState is what became of one time of a reminder.
type OccurrenceState string

// A time has fired, was missed because the program stood still until it made no sense, or was skipped for a holiday.
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
	Reason     string
	At         time.Time // when the message was to go out
	CreatedAt  time.Time
}

// CanRemind: reminders are kept by those who may push to the organisation: the secretary and above, and for a group its leader.
func CanRemind(a *Actor, o *Org) bool { return CanPush(a, o) }

// CanSeeReminder: an organisation's reminders are seen by those who lead it.
func CanSeeReminder(a *Actor, o *Org) bool { return a.Has(RoleGroupLeader, o.Path) }
