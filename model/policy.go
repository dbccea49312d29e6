package model

import "time"

// Policy is the policy profile in force: every number by which branches are guided. It comes from one versioned file that the office
// keeps; DefaultPolicy is what holds until there is one. It is a value that is read only: a change is a new profile with its own day.
type Policy struct {
	Version   string // the office's own name of it, such as 2026-1
	HoldsFrom Date   // the first day on which it holds; empty for the built-in one, which always held

	Meetings    []MeetingDuty // what is owed and how it is called, in the order shown to people
	Work        Window        // working hours of a workday, in minutes from midnight
	Slots       SlotHours
	Calls       CallPolicy
	Push        PushHours
	Budget      PushBudget
	Suggestions SuggestionClocks
	Votes       VotePolicy
	Minutes     MinutesPolicy
	Actions     ActionClocks
	Study       StudyPolicy
	Content     ContentPolicy
	Retention   RetentionPolicy
	Records     RecordPolicy
	Console     ConsolePolicy
	Excuses     []string // reasons that excuse a branch from what it owes
	Help        HelpPolicy
	Figures     FigurePolicy
}

// MeetingDuty is one kind of meeting: how often a branch owes it, and the template by which it is called in three taps.
type MeetingDuty struct {
	Type    MeetingType
	Times   int        // how many in each period; 0 owes none
	Every   DutyPeriod // the period
	Minutes int        // how long it usually takes
	Rule    VoteRule   // how it usually votes
	Topic   string     // what the template writes as topic; {period} stands for the month, quarter or year in words
	Agenda  []DutyItem
	Note    string // what the notice adds for those who are invited
}

// DutyItem is a line of a template's agenda.
type DutyItem struct {
	Title   string
	Minutes int
}

// DutyPeriod is the stretch of the calendar within which something is owed.
type DutyPeriod string

// The periods.
const (
	EveryMonth   DutyPeriod = "month"
	EveryQuarter DutyPeriod = "quarter"
	EveryHalf    DutyPeriod = "half_year"
	EveryYear    DutyPeriod = "year"
)

// SlotHours are the minutes of a day, from midnight, at which a meeting may be proposed to begin, and the one by which it has to be over.
type SlotHours struct {
	Evenings  []int // of workdays
	RestDays  []int // of weekends and holidays
	LatestEnd int
}

// PushBudget is how often a member's phone may ring for ordinary pushes.
type PushBudget struct {
	PerWeek  int // ordinary pushes a member and week
	AskEvery int // days between two requests for subscriptions; at least one
	DigestAt int // minutes from midnight at which the evening digest of what was over goes out
}

// CallPolicy is when the invited are told of a planned meeting, and from when they check in.
type CallPolicy struct {
	NoticeDays     int // an occurrence of a series is called so many days before: who joins meanwhile is on its list
	CheckinMinutes int // before the start
}

// CheckinLead is how long before its start a meeting can be checked in to.
func (p CallPolicy) CheckinLead() time.Duration { return time.Duration(p.CheckinMinutes) * time.Minute }

// FigurePolicy says of how many people at the least a number is told. It may ask for more than the five of the program, never for less.
type FigurePolicy struct{ Fewest int }

// VotePolicy says what an online ballot may decide.
type VotePolicy struct {
	FormalOnline bool // false: online ballots are consultative
	Admission    bool // whether votes on admission are held at all
	OverrunHours int  // how long after a meeting's planned end a vote may still be opened: meetings run over
}

// MinutesPolicy says when minutes count as made late.
type MinutesPolicy struct{ LateAfterDays int } // calendar days after the meeting; later ones are marked 补录

// ActionClocks are the working days by which what a resolution asks of somebody comes back by itself.
type ActionClocks struct {
	OwnerBefore    int // the owner is reminded so many working days before the day it is due
	SecretaryAfter int // the secretary hears so many working days after it
	OfficeAfter    int // and the office
}

// ContentPolicy is how comments are looked at and where they are open.
type ContentPolicy struct {
	ModeratedFirst []Category // comments wait for a person
	CommentsClosed []Category // no comments at all
}

// RecordPolicy is about what the office files: work records and hand-overs.
type RecordPolicy struct {
	LateAfterDays int // what is recorded so many days after the end of a period is marked 后补
	HandoverDays  int // how long a hand-over waits for both sides
}

// RetentionPolicy is how long things are kept, in days; 0 keeps them.
type RetentionPolicy struct {
	Audit      int // never under 180
	Notices    int // a member's inbox
	Deliveries int // the ledger of pushes that are over
	Sessions   int // sign-ins that ended
	Reads      int // what a member read, for their own record
	Drafts     int // drafts nobody touched
	Marks      int // marks of erasures, by which nobody is brought back without their knowing; never under a year
}

// HelpPolicy says when a branch is offered help.
type HelpPolicy struct {
	Missed int // so many periods of a year with something missing
}

// Policies knows the profile that holds at an instant.
type Policies interface {
	// PolicyAt is the profile in force then; the built-in one when none was put in. It comes from memory, so it may be asked at each call.
	PolicyAt(at time.Time) *Policy
}

// PolicyProfile is one profile as it was put in. Profiles are never changed; of several for one day the last counts.
type PolicyProfile struct {
	Seq       int `gorm:"primaryKey;autoIncrement:false"` // 1, 2, 3 in the order in which they came
	Version   string
	HoldsFrom Date
	Body      string // the file, to the byte
	CreatedBy string
	CreatedAt time.Time
}

// DefaultPolicy is the built-in profile for functional branches.
func DefaultPolicy() *Policy {
	return &Policy{
		Version:  "built-in",
		Meetings: defaultDuties(),
		Work:     DefaultWork(),
		Slots:    SlotHours{Evenings: []int{19 * 60, 19*60 + 30, 20 * 60}, RestDays: []int{9*60 + 30, 15 * 60, 19*60 + 30}, LatestEnd: 21*60 + 30},
		Calls:    CallPolicy{NoticeDays: 7, CheckinMinutes: 30},
		Push:     DefaultPushHours(),
		Budget:   DefaultPushBudget(),

		Suggestions: DefaultSuggestionClocks(),
		Votes:       VotePolicy{OverrunHours: 3},
		Minutes:     MinutesPolicy{LateAfterDays: 3},
		Actions:     ActionClocks{OwnerBefore: 2, SecretaryAfter: 1, OfficeAfter: 5},
		Study:       DefaultStudyPolicy(),
		Content:     ContentPolicy{ModeratedFirst: []Category{CategoryCentral, CategoryLaw}},
		Retention:   RetentionPolicy{Audit: 365, Notices: 365, Deliveries: 365, Sessions: 30, Reads: 3 * 365, Drafts: 180, Marks: 3 * 365},
		Records:     RecordPolicy{LateAfterDays: 7, HandoverDays: 14},
		Console:     DefaultConsolePolicy(),
		Excuses:     []string{"疫情、灾害等突发公共事件", "承担重大医疗保障任务", "与学术年会合并召开", "支部换届或成员调整", "其他经党办同意的情形"},
		Help:        HelpPolicy{Missed: 2},
		Figures:     FigurePolicy{Fewest: CrowdSize},
	}
}

// Duty is the duty for a type of meeting; a type that the profile does not name is owed never and has no template.
func (p *Policy) Duty(t MeetingType) MeetingDuty {
	for _, d := range p.Meetings {
		if d.Type == t {
			return d
		}
	}
	return MeetingDuty{Type: t, Minutes: 60, Rule: VoteOrdinary}
}

func defaultDuties() []MeetingDuty {
	return []MeetingDuty{
		{Type: MeetingAssembly, Times: 1, Every: EveryQuarter, Minutes: 60, Rule: VoteOrdinary, Topic: "{period}支部党员大会",
			Agenda: []DutyItem{{"上次决议落实情况", 10}, {"传达上级精神", 15}, {"议题讨论", 25}, {"形成决议", 10}}},
		{Type: MeetingCommittee, Times: 1, Every: EveryMonth, Minutes: 45, Rule: VoteCommittee, Topic: "{period}支委会",
			Agenda: []DutyItem{{"上次决议落实情况", 10}, {"近期工作研究", 25}, {"形成决议", 10}}},
		{Type: MeetingGroup, Times: 1, Every: EveryMonth, Minutes: 40, Rule: VoteOrdinary, Topic: "{period}党小组会",
			Agenda: []DutyItem{{"集中学习", 20}, {"交流讨论", 20}}},
		{Type: MeetingLecture, Times: 1, Every: EveryQuarter, Minutes: 60, Rule: VoteOrdinary, Topic: "{period}党课",
			Agenda: []DutyItem{{"党课讲授", 40}, {"交流体会", 20}}},
		{Type: MeetingPartyDay, Times: 1, Every: EveryMonth, Minutes: 60, Rule: VoteOrdinary, Topic: "{period}主题党日",
			Agenda: []DutyItem{{"主题学习", 30}, {"交流讨论", 30}}},
		{Type: MeetingLife, Times: 1, Every: EveryYear, Minutes: 120, Rule: VoteOrdinary, Topic: "{period}组织生活会",
			Agenda: []DutyItem{{"通报准备情况", 15}, {"对照检查", 45}, {"批评与自我批评", 45}, {"整改措施", 15}}},
		{Type: MeetingReview, Times: 1, Every: EveryYear, Minutes: 90, Rule: VoteOrdinary, Topic: "{period}民主评议党员",
			Agenda: []DutyItem{{"学习动员", 15}, {"个人自评与互评", 50}, {"组织评定", 25}}},
		{Type: MeetingTraining, Minutes: 60, Rule: VoteConsultative, Topic: "培训"},
		{Type: MeetingOther, Minutes: 60, Rule: VoteOrdinary},
	}
}
