package model

import "time"

// ActionState is how far what a resolution asks has come.
type ActionState string

// An action is open until it is closed with what was done.
const (
	ActionOpen   ActionState = "open"
	ActionClosed ActionState = "closed"
)

// ActionStep counts who has been told of an action's day: nobody, the owner, the secretary too, the office too.
type ActionStep int

// The steps, each taken once and in this order.
const (
	ActionUntold ActionStep = iota
	ActionOwnerTold
	ActionSecretaryTold
	ActionOfficeTold
)

// Action is what a resolution asks of somebody by a day (督办事项).
type Action struct {
	ID           string `gorm:"primaryKey"`
	MeetingID    string
	Seq          int // the resolution's place in the minutes, from 1
	MeetingType  MeetingType
	OrgID        string
	OrgPath      string
	Content      string
	OwnerID      string
	FirstOwnerID string // to whom the minutes gave it, when it went to somebody else since
	DueOn        Date
	State        ActionState
	Step         ActionStep
	Closing      string // what was done
	ClosedBy     string
	ClosedAt     *time.Time
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Overdue reports whether the day has passed and the action is open.
func (x *Action) Overdue(now time.Time) bool {
	return x.State == ActionOpen && DateOf(now) > x.DueOn
}

// Due is the next step whose day has come, by the working days of the policy; the present one when there is none. Whoever finds that
// several have come takes them one after the other.
func (x *Action) Due(cal Calendar, p ActionClocks, now time.Time) ActionStep {
	today := DateOf(now)
	if x.State != ActionOpen || !x.DueOn.Valid() {
		return x.Step
	}
	come := false
	switch x.Step {
	case ActionUntold:
		come = today > x.DueOn || cal.WorkdaysBetween(today, x.DueOn) <= p.OwnerBefore
	case ActionOwnerTold:
		come = today > x.DueOn && cal.WorkdaysBetween(x.DueOn, today) >= p.SecretaryAfter
	case ActionSecretaryTold:
		come = today > x.DueOn && cal.WorkdaysBetween(x.DueOn, today) >= p.OfficeAfter
	case ActionOfficeTold:
	}
	if come {
		return x.Step + 1
	}
	return x.Step
}

// leads holds for who runs meetings of the type that resolved the action.
func (x *Action) leads(a *Actor) bool { return CanRunMeeting(a, x.MeetingType, x.OrgPath) }

// CanSeeAction: an action is for its owner and for those who run such meetings.
func CanSeeAction(a *Actor, x *Action) bool {
	return a.Bound() && (a.MemberID == x.OwnerID || x.leads(a))
}
