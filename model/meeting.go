package model

import (
	"slices"
	"time"
)

// MeetingType is the kind of a meeting, as the Party's rules on organisational life name them.
type MeetingType string

// The types.
const (
	MeetingAssembly  MeetingType = "branch_assembly"
	MeetingCommittee MeetingType = "committee"
	MeetingGroup     MeetingType = "group"
	MeetingLecture   MeetingType = "lecture"
	MeetingPartyDay  MeetingType = "party_day"
	MeetingLife      MeetingType = "life"
	MeetingReview    MeetingType = "review"
	MeetingTraining  MeetingType = "training"
	MeetingOther     MeetingType = "other"
)

// Label is the type's Chinese name; empty for what is no type.
func (t MeetingType) Label() string {
	switch t {
	case MeetingAssembly:
		return "支部党员大会"
	case MeetingCommittee:
		return "支委会"
	case MeetingGroup:
		return "党小组会"
	case MeetingLecture:
		return "党课"
	case MeetingPartyDay:
		return "主题党日"
	case MeetingLife:
		return "组织生活会"
	case MeetingReview:
		return "民主评议党员"
	case MeetingTraining:
		return "培训"
	case MeetingOther:
		return "其他会议"
	}
	return ""
}

// Valid reports whether t is one of the types.
func (t MeetingType) Valid() bool { return t.Label() != "" }

// MeetingMode says where people meet.
type MeetingMode string

// The modes.
const (
	ModeOnline MeetingMode = "online"
	ModeOnsite MeetingMode = "onsite"
	ModeHybrid MeetingMode = "hybrid"
)

// Valid reports whether m is one of the modes.
func (m MeetingMode) Valid() bool { return m == ModeOnline || m == ModeOnsite || m == ModeHybrid }

// Remote reports whether one can join from elsewhere, so that a link or a code is needed.
func (m MeetingMode) Remote() bool { return m == ModeOnline || m == ModeHybrid }

// InPlace reports whether people come to a place.
func (m MeetingMode) InPlace() bool { return m == ModeOnsite || m == ModeHybrid }

// MeetingProvider tells by whose service one joins.
type MeetingProvider string

// The providers: any service, its link put in by hand, or Tencent Meeting.
const (
	ProviderManual  MeetingProvider = "manual"
	ProviderTencent MeetingProvider = "tencent"
)

// Valid reports whether p is one of the providers.
func (p MeetingProvider) Valid() bool { return p == ProviderManual || p == ProviderTencent }

// Label is how a notice names the service.
func (p MeetingProvider) Label() string {
	if p == ProviderTencent {
		return "腾讯会议"
	}
	return "线上会议"
}

// MeetingState is where a meeting stands; only the cancellation is stored, the rest follows from the clock.
type MeetingState string

// The states.
const (
	MeetingPlanned   MeetingState = "planned"
	MeetingCancelled MeetingState = "cancelled"
	MeetingOver      MeetingState = "over"
)

// AgendaItem is one point of a meeting's agenda.
type AgendaItem struct {
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
}

// Meeting is one meeting of an organisation.
type Meeting struct {
	ID             string `gorm:"primaryKey"`
	OrgID          string
	OrgPath        string
	Type           MeetingType
	Topic          string
	StartsAt       time.Time
	EndsAt         time.Time
	Mode           MeetingMode
	Place          string
	Provider       MeetingProvider // empty when nobody joins from elsewhere
	JoinURL        string
	JoinCode       string
	Agenda         []AgendaItem `gorm:"serializer:json"`
	Reminders      []int        `gorm:"serializer:json"` // minutes before the start, the longest first
	OverrideReason string       // why it is held in working hours
	CheckinCode    bool         // checking in asks for the rotating code on the host's screen
	Plan           int          // counts how often the reminders were planned, so that new ones are not taken for the old
	CancelledAt    *time.Time
	CancelReason   string
	CreatedBy      string
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time

	Note        string      // what the notice adds for those who are invited
	EventID     string      // the congress within which it is held
	JointID     string      // the leading one of the meetings that are held together, its own included; empty when held alone
	SeriesID    string      // the series of which it is one occurrence
	NoticeAt    *time.Time  // when the list is frozen and the invited are told; nil once that is done
	Provisional bool        // planned on a day whose year had no published holidays
	RoomState   MeetingRoom // how far the room at the meeting service is booked; empty when the link was put in by hand
	RoomID      string      // the service's own name of the room
	RoomTries   int
	RoomNextAt  *time.Time // when the service is asked next; nil when there is nothing to ask
}

// MeetingRoom is how far the room at the meeting service is booked.
type MeetingRoom string

// A room is wanted until the service gives it; a moved meeting moves it, a cancelled one gives it back. A room that could not be had in time is
// failed: the link is then put in by hand.
const (
	RoomWanted MeetingRoom = "wanted"
	RoomBooked MeetingRoom = "booked"
	RoomMoving MeetingRoom = "moving"
	RoomEnding MeetingRoom = "ending"
	RoomEnded  MeetingRoom = "ended"
	RoomFailed MeetingRoom = "failed"
)

// Leads reports whether the meeting speaks for those that are held together with it: one notice, one list of answers and one attendance for all.
func (m *Meeting) Leads() bool { return m.JointID == "" || m.JointID == m.ID }

// LeadID is the meeting that speaks for this one and those that are held together with it.
func (m *Meeting) LeadID() string {
	if m.JointID == "" {
		return m.ID
	}
	return m.JointID
}

// Called reports whether the invited were told, so that the list of the entitled is frozen.
func (m *Meeting) Called() bool { return m.NoticeAt == nil }

// State is where the meeting stands at the instant.
func (m *Meeting) State(now time.Time) MeetingState {
	switch {
	case m.CancelledAt != nil:
		return MeetingCancelled
	case !now.Before(m.EndsAt):
		return MeetingOver
	}
	return MeetingPlanned
}

// Started reports whether the meeting has begun, after which answers no longer change.
func (m *Meeting) Started(now time.Time) bool { return !now.Before(m.StartsAt) }

// CheckinOpen reports whether one can check in: from so long before the start to the end, unless it is cancelled.
func (m *Meeting) CheckinOpen(now time.Time, p CallPolicy) bool {
	return m.State(now) == MeetingPlanned && m.UnderWay(now, p)
}

// Attendance says how a person took part; empty while nothing is noted.
type Attendance string

// What can be noted. An observer (列席) sits in without counting among those entitled.
const (
	AttendanceNone     Attendance = ""
	AttendancePresent  Attendance = "present"
	AttendanceObserver Attendance = "observer"
	AttendanceLeave    Attendance = "leave"
	AttendanceAbsent   Attendance = "absent"
)

// Valid reports whether a is something that can be noted.
func (a Attendance) Valid() bool {
	return slices.Contains([]Attendance{AttendancePresent, AttendanceObserver, AttendanceLeave, AttendanceAbsent}, a)
}

// Label is the attendance in Chinese.
func (a Attendance) Label() string {
	switch a {
	case AttendancePresent:
		return "出席"
	case AttendanceObserver:
		return "列席"
	case AttendanceLeave:
		return "请假"
	case AttendanceAbsent:
		return "缺席"
	}
	return "未登记"
}

// MeetingInvitee is one person on a meeting's list. The entitled (应到) are frozen when the meeting is called; observers may be added later.
type MeetingInvitee struct {
	MeetingID        string `gorm:"primaryKey"`
	MemberID         string `gorm:"primaryKey"`
	Entitled         bool
	Voting           bool // a full Party member when the list was frozen
	Answer           RSVP
	LeaveReason      string
	AnsweredAt       *time.Time
	Attendance       Attendance
	AttendanceReason string
	ChangedBy        string // who noted the attendance by hand; empty when the person checked in
	CheckedInAt      *time.Time
	WrongCodes       int // how often a wrong check-in code was tried
}

// Effective is the attendance with what follows from the answer and the clock: who asked for leave is on leave, and after the end
// who is not noted at all was absent. Before that it is open. A cancelled meeting makes nobody absent.
func (i *MeetingInvitee) Effective(state MeetingState) Attendance {
	switch {
	case i.Attendance != AttendanceNone:
		return i.Attendance
	case i.Answer == RSVPLeave:
		return AttendanceLeave
	case state == MeetingOver:
		return AttendanceAbsent
	}
	return AttendanceNone
}

// CanRunMeeting holds for who may call, change and cancel a meeting of this type at an organisation, and sees who came:
// the group leader and above, for the committee's meetings a member of the committee and above.
func CanRunMeeting(a *Actor, t MeetingType, orgPath string) bool {
	if t == MeetingCommittee {
		return a.Has(RoleCommitteeMember, orgPath)
	}
	return a.Has(RoleGroupLeader, orgPath)
}

// CanCallMeeting is CanRunMeeting for a meeting that is not there yet. The caller must be a person, whose name the notice bears.
func CanCallMeeting(a *Actor, t MeetingType, orgPath string) bool {
	return a.Bound() && CanRunMeeting(a, t, orgPath)
}

// CanSeeMeeting holds for the invited and for those who run it. For everybody else it is not there.
func CanSeeMeeting(a *Actor, m *Meeting, invited bool) bool {
	return a.Bound() && (invited || CanRunMeeting(a, m.Type, m.OrgPath))
}

// CanSetCalendar: holidays are loaded by the office of the whole society.
func CanSetCalendar(a *Actor, rootPath string) bool { return a.Has(RoleStaff, rootPath) }

// CalendarToken lets a phone's calendar read its owner's meetings without signing in. Only its hash is kept; a new one ends the old.
type CalendarToken struct {
	MemberID  string `gorm:"primaryKey"`
	Hash      string
	CreatedAt time.Time
}
