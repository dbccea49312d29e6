package model

import (
	"slices"
	"time"
)

// SuggestionState is how far a suggestion has come.
type SuggestionState string

// The states of the contract. What the author reopens is submitted again, with its clocks anew and a line in the timeline.
const (
	SuggestionSubmitted SuggestionState = "submitted"
	SuggestionAccepted  SuggestionState = "accepted"
	SuggestionReplied   SuggestionState = "replied"
	SuggestionClosed    SuggestionState = "closed"
	SuggestionDeclined  SuggestionState = "declined"
	SuggestionEscalated SuggestionState = "escalated" // with an organisation further up, which has not accepted it yet
)

// Valid reports whether s is one of the states.
func (s SuggestionState) Valid() bool { return s.Label() != "" }

// Label is the state in Chinese, short enough for WeChat's phrase field; empty for what is none.
func (s SuggestionState) Label() string {
	switch s {
	case SuggestionSubmitted:
		return "待受理"
	case SuggestionAccepted:
		return "已受理"
	case SuggestionReplied:
		return "已答复"
	case SuggestionClosed:
		return "已办结"
	case SuggestionDeclined:
		return "未采纳"
	case SuggestionEscalated:
		return "已转交"
	}
	return ""
}

// Open reports whether an answer is still owed.
func (s SuggestionState) Open() bool { return slices.Contains(OpenSuggestionStates(), s) }

// OpenSuggestionStates are those in which an answer is still owed.
func OpenSuggestionStates() []SuggestionState {
	return []SuggestionState{SuggestionSubmitted, SuggestionEscalated, SuggestionAccepted}
}

// SuggestionAction is a step of a suggestion's life.
type SuggestionAction string

// The steps that people take.
const (
	SuggestionAccept   SuggestionAction = "accept"
	SuggestionReply    SuggestionAction = "reply"
	SuggestionDecline  SuggestionAction = "decline"
	SuggestionEscalate SuggestionAction = "escalate"
	SuggestionExtend   SuggestionAction = "extend"
	SuggestionAssign   SuggestionAction = "assign"
	SuggestionClose    SuggestionAction = "close"
	SuggestionReopen   SuggestionAction = "reopen"
)

// What stands in the timeline beside them: the beginning, the author's verdict, and that the top of the tree has let a deadline pass.
const (
	SuggestionSubmit  SuggestionAction = "submit"
	SuggestionRate    SuggestionAction = "rate"
	SuggestionOverdue SuggestionAction = "overdue"
	SuggestionMerge   SuggestionAction = "merge"  // with one that asks the same
	SuggestionReplan  SuggestionAction = "replan" // a year's holidays were published, and the deadlines moved

	SuggestionPublication SuggestionAction = "publication" // whether question and answer are shown to everybody
)

// SuggestionSide is in which capacity somebody meets a suggestion; one person may have several, so it is a set of bits.
type SuggestionSide uint8

// The sides.
const (
	SideAuthor   SuggestionSide = 1 << iota
	SideHandler                 // secretary or above of the organisation that holds it
	SideAssignee                // whom the handler has asked to answer
	SideClock                   // the program, when a deadline has passed
)

// suggestionRule is one row of the state machine. An empty to leaves the state as it is.
type suggestionRule struct {
	from []SuggestionState
	to   SuggestionState
	by   SuggestionSide
	text bool // the reason or the answer is required
}

var suggestionRules = map[SuggestionAction]suggestionRule{
	SuggestionAccept:   {from: []SuggestionState{SuggestionSubmitted, SuggestionEscalated}, to: SuggestionAccepted, by: SideHandler},
	SuggestionReply:    {from: []SuggestionState{SuggestionAccepted}, to: SuggestionReplied, by: SideHandler | SideAssignee, text: true},
	SuggestionDecline:  {from: OpenSuggestionStates(), to: SuggestionDeclined, by: SideHandler, text: true},
	SuggestionEscalate: {from: OpenSuggestionStates(), to: SuggestionEscalated, by: SideHandler | SideClock},
	SuggestionExtend:   {from: []SuggestionState{SuggestionAccepted}, by: SideHandler, text: true},
	SuggestionAssign:   {from: OpenSuggestionStates(), by: SideHandler},
	SuggestionClose:    {from: []SuggestionState{SuggestionReplied}, to: SuggestionClosed, by: SideAuthor | SideHandler},
	SuggestionReopen:   {from: []SuggestionState{SuggestionReplied, SuggestionClosed, SuggestionDeclined}, to: SuggestionSubmitted, by: SideAuthor},
	SuggestionRate:     {from: []SuggestionState{SuggestionReplied, SuggestionClosed}, to: SuggestionClosed, by: SideAuthor},
}

// SuggestionActions are the steps that people take, in the order in which a client shows them.
func SuggestionActions() []SuggestionAction {
	return []SuggestionAction{SuggestionAccept, SuggestionReply, SuggestionDecline, SuggestionAssign, SuggestionExtend, SuggestionEscalate,
		SuggestionClose, SuggestionReopen}
}

// NeedsText reports whether the action asks for a reason or an answer.
func (a SuggestionAction) NeedsText() bool { return suggestionRules[a].text }

// From is the state after the action, and whether it is possible in state s at all.
func (a SuggestionAction) From(s SuggestionState) (SuggestionState, bool) {
	rule := suggestionRules[a]
	if !slices.Contains(rule.from, s) {
		return s, false
	}
	if rule.to == "" {
		return s, true
	}
	return rule.to, true
}

// The limits of a suggestion.
const (
	MaxSuggestionTitle   = 100
	MaxSuggestionContent = 5000
	MaxSuggestionText    = 2000
	MaxSuggestionFiles   = 9
	ReopenDays           = 30 // how long after the answer the author may come back to it
)

// Suggestion is one 意见建议. Of an anonymous one the author is sealed and found by a keyed index alone: no column, no audit entry and no
// notice to others names the person.
type Suggestion struct {
	ID              string `gorm:"primaryKey"`
	ToOrgID         string
	ToOrgPath       string
	OrgID           string // who holds it now: ToOrg, or one above it
	OrgPath         string
	Title           string
	Content         string
	Anonymous       bool
	AuthorID        string // empty when anonymous, like AuthorOrgID
	AuthorOrgID     string
	AuthorSealed    []byte // when anonymous, else nil
	AuthorKeyID     string
	AuthorIndex     string
	AttachmentIDs   []string `gorm:"column:attachment_ids;serializer:json"`
	State           SuggestionState
	StateAt         time.Time
	AssigneeID      string
	ClockAt         time.Time // since when the deadlines run: the submission, the last escalation or reopening
	AcceptDays      int       // the working days in force when the clock was started
	ReplyDays       int
	ExtendDays      int // 0 until the one extension that each run of the clock allows
	AcceptBy        time.Time
	ReplyBy         time.Time
	ExtensionReason string
	Reminded        int    // how far the reminders of the present deadline have come
	Reply           string // the answer, or why it was declined
	RepliedAt       *time.Time
	RatingStars     int // 0 until it is rated
	RatingText      string
	RatedAt         *time.Time
	MergedInto      string // the one together with which it is handled: while open, state and clocks follow that one's
	Publication     PublicationState
	PublicTitle     string // what is to be published, or is: the words that the author agreed to
	PublicQuestion  *string
	PublicAnswer    *string
	PublicAt        *time.Time
	Hushed          int        // the first step of an anonymous author of which neither a notice nor the audit knows yet; 0: none
	HushUntil       *time.Time // when they may
	TellAt          *time.Time // when an anonymous author is told that there is news
	Version         int
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"` // as the room says: the database's own minute would tell when an anonymous author acted
}

// SuggestionStep is one line of a suggestion's timeline. Seq is the suggestion's version after the step.
type SuggestionStep struct {
	SuggestionID string `gorm:"primaryKey"`
	Seq          int    `gorm:"primaryKey;autoIncrement:false"`
	Action       SuggestionAction
	ByID         string // empty for the program and for an anonymous author
	ByRole       string // in Chinese, as it was at that time
	AssigneeID   string // to whom it was given
	OrgID        string // who held it afterwards
	Note         string
	At           time.Time
}

// CanSuggest: a member writes to the own organisations and to those above them.
func CanSuggest(a *Actor, path string) bool {
	return a.Bound() && (a.BelongsTo(path) || a.ownsUnder(path))
}

// CanSeeSuggestion: the author, whom it is given to, and the secretaries of where it went and of all above. They keep sight of it
// when it is escalated. For everybody else it is not there. Whether the actor is the author only the room can tell.
func CanSeeSuggestion(a *Actor, s *Suggestion, author bool) bool {
	return a.Bound() && (author || s.AssigneeID == a.MemberID || a.Has(RoleSecretary, s.ToOrgPath))
}

// SidesOf are the capacities in which the actor meets the suggestion.
func SidesOf(a *Actor, s *Suggestion, author bool) SuggestionSide {
	var side SuggestionSide
	if !a.Bound() {
		return side
	}
	if author {
		side |= SideAuthor
	}
	if a.Has(RoleSecretary, s.OrgPath) {
		side |= SideHandler
	}
	if s.AssigneeID == a.MemberID {
		side |= SideAssignee
	}
	return side
}

// Check says why the action is not for this side, or not possible now; nil when it is.
func (s *Suggestion) Check(action SuggestionAction, side SuggestionSide, now time.Time) error {
	rule := suggestionRules[action]
	if rule.by&side == 0 {
		if rule.by == SideAuthor {
			return Forbidden("这一步只能由提出人操作。")
		}
		return Forbidden("这一步由承办组织的书记或经办人操作。")
	}
	if _, ok := action.From(s.State); !ok && !(action == SuggestionReopen && s.Follows()) {
		return Conflict("当前状态为“" + s.State.Label() + "”，不能进行这一步，请刷新后再看。")
	}
	if s.Follows() && action != SuggestionReopen {
		return Conflict("这条意见建议已与另一条合并办理，请在那一条上操作。")
	}
	switch action {
	case SuggestionExtend:
		if s.ExtendDays > 0 {
			return Conflict("答复期限只能延长一次，请尽快答复。")
		}
		if now.After(s.ReplyBy) {
			return Conflict("答复期限已过，不能再延长，请尽快答复。")
		}
	case SuggestionEscalate:
		if len(PathIDs(s.OrgPath)) < 2 {
			return Conflict("已在最上级组织，不能继续转交，请直接答复。")
		}
	case SuggestionReopen:
		if !s.Follows() && now.After(s.StateAt.AddDate(0, 0, ReopenDays)) {
			return Conflict("答复已超过 30 天，请重新提交一条意见建议。")
		}
	case SuggestionRate:
		if s.RatingStars > 0 {
			return Conflict("您已评价过，感谢您的反馈。")
		}
	}
	return nil
}

// Possible lists what this side may do now.
func (s *Suggestion) Possible(side SuggestionSide, now time.Time) []SuggestionAction {
	can := []SuggestionAction{}
	for _, a := range SuggestionActions() {
		if s.Check(a, side, now) == nil {
			can = append(can, a)
		}
	}
	return can
}
