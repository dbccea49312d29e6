package model

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// PollState is how far a vote has come.
type PollState string

// A vote is prepared, opened once and closed once; it is never opened again.
const (
	PollDraft  PollState = "draft"
	PollOpen   PollState = "open"
	PollClosed PollState = "closed"
)

// Choice is what one ballot says of a question.
type Choice string

// The choices. An abstention is present and not approval.
const (
	ChoiceApprove Choice = "approve"
	ChoiceAgainst Choice = "against"
	ChoiceAbstain Choice = "abstain"
)

// Valid reports whether c is one of the choices.
func (c Choice) Valid() bool {
	return c == ChoiceApprove || c == ChoiceAgainst || c == ChoiceAbstain
}

// Label is the choice in Chinese.
func (c Choice) Label() string {
	switch c {
	case ChoiceApprove:
		return "赞成"
	case ChoiceAgainst:
		return "反对"
	case ChoiceAbstain:
		return "弃权"
	}
	return ""
}

// Label is the rule in Chinese.
func (r VoteRule) Label() string {
	switch r {
	case VoteOrdinary:
		return "一般表决"
	case VoteAdmission:
		return "接收党员表决"
	case VoteElection:
		return "选举"
	case VoteCommittee:
		return "支委会表决"
	case VoteConsultative:
		return "征求意见"
	}
	return ""
}

// Poll is one vote of a meeting. Its counts are written when it is closed and never before, so that nobody reads a tally that still grows.
type Poll struct {
	ID         string `gorm:"primaryKey"`
	MeetingID  string
	OrgID      string
	OrgPath    string
	AgendaItem int // the number on the agenda, from 1; 0 for none
	Question   string
	Rule       VoteRule
	Secret     bool
	Options    []string `gorm:"serializer:json"` // the candidates of an election, or what opinions are asked on; empty for a plain question
	Seats      int      // how many options one ballot may approve, and how many are elected
	ByHand     bool     // voted by hand in the room, its tally put in by who runs the meeting
	State      PollState
	Formal     bool // whether it resolves anything, by the policy in force when it was opened
	Entitled   int  // frozen when it was opened; for a committee, its seats
	Present    int  // with a vote and present when it was opened, and in the end
	Cast       int  `gorm:"column:ballots"`
	Approve    int
	Against    int
	Abstain    int
	Approvals  []int `gorm:"serializer:json"` // of each option
	Passed     bool
	CreatedBy  string
	OpenedBy   string
	ClosedBy   string
	CreatedAt  time.Time
	OpenedAt   *time.Time
	ClosedAt   *time.Time
}

// PollVoter says that somebody has voted, and nothing else: no time, no order, no choice.
type PollVoter struct {
	PollID   string `gorm:"primaryKey"`
	MemberID string `gorm:"primaryKey"`
}

// PollTally counts the ballots of a vote while it is open. Sealed holds the counts of a secret one; who reads the database, or the log of its
// changes, learns nothing from it, since it is made anew with each ballot. It goes when the vote is closed.
type PollTally struct {
	PollID  string `gorm:"primaryKey"`
	Taking  bool   // ballots are taken
	Ballots int
	Sealed  []byte
	KeyID   string
}

// PollBallot is what somebody voted in an open vote, as raising a hand shows it. A secret vote has none.
type PollBallot struct {
	PollID   string `gorm:"primaryKey"`
	MemberID string `gorm:"primaryKey"`
	Choice   Choice
	Options  []int `gorm:"serializer:json"` // the approved ones, by their places
}

// Count is the counts of ballots: of a plain question by choice, of options by approval.
type Count struct {
	Cast, Approve, Against, Abstain int
	Approvals                       []int
}

// NewCount is nothing counted yet.
func NewCount(options int) Count { return Count{Approvals: make([]int, options)} }

// Add counts one ballot. One that approves options has no choice beside them.
func (c *Count) Add(choice Choice, options []int) {
	c.Cast++
	for _, o := range options {
		if o >= 0 && o < len(c.Approvals) {
			c.Approvals[o]++
		}
	}
	switch choice {
	case ChoiceApprove:
		c.Approve++
	case ChoiceAgainst:
		c.Against++
	case ChoiceAbstain:
		c.Abstain++
	}
}

// ErrCount is a packed count that cannot be read.
var ErrCount = errors.New("vote: a count of another form")

// Pack writes the counts, always to the same length, so that the length tells nothing.
func (c Count) Pack() []byte {
	b := make([]byte, 0, 4*(4+len(c.Approvals)))
	for _, n := range append([]int{c.Cast, c.Approve, c.Against, c.Abstain}, c.Approvals...) {
		b = binary.BigEndian.AppendUint32(b, uint32(n)) //nolint:gosec // a count of voters is small and not negative
	}
	return b
}

// UnpackCount reads what Pack wrote for so many options.
func UnpackCount(b []byte, options int) (Count, error) {
	if len(b) != 4*(4+options) {
		return Count{}, ErrCount
	}
	n := make([]int, 4+options)
	for i := range n {
		n[i] = int(binary.BigEndian.Uint32(b[4*i:]))
	}
	return Count{Cast: n[0], Approve: n[1], Against: n[2], Abstain: n[3], Approvals: n[4:]}, nil
}

// CandidateOutcome is what an option's approvals come to.
type CandidateOutcome struct {
	Approve int
	Passed  bool // has the majority that the rule asks for
	Elected bool // and one of the seats
	Tied    bool // has the majority, but shares the last seats with others of as many approvals: they are voted on again
}

// Elect says who has a seat: of those with the majority by the rule, the ones with the most approvals. Where more share the last seats
// than there are, none of these is elected. Nobody's place among the candidates matters. Errors: those of Decide.
func Elect(rule VoteRule, entitled, present, seats int, approvals []int) ([]CandidateOutcome, error) {
	out := make([]CandidateOutcome, len(approvals))
	var majority []int
	for i, n := range approvals {
		o, err := Decide(rule, entitled, present, n)
		if err != nil {
			return nil, err
		}
		out[i] = CandidateOutcome{Approve: n, Passed: o.Passed}
		if o.Passed {
			majority = append(majority, n)
		}
	}
	slices.SortFunc(majority, func(a, b int) int { return b - a })
	for i := range out {
		if !out[i].Passed || seats <= 0 {
			continue
		}
		// With its equals the option is among the best so many; before its equals stand so many with more.
		notLess := len(majority) - countIf(majority, func(n int) bool { return n < out[i].Approve })
		more := countIf(majority, func(n int) bool { return n > out[i].Approve })
		out[i].Elected = notLess <= seats
		out[i].Tied = !out[i].Elected && more < seats
	}
	return out, nil
}

func countIf[T any](list []T, hit func(T) bool) int {
	n := 0
	for _, v := range list {
		if hit(v) {
			n++
		}
	}
	return n
}

// Outcome works the result out of what is stored, so that it can be worked out again by anybody at any time.
func (p *Poll) Outcome() (Outcome, []CandidateOutcome, error) {
	o, err := Decide(p.Rule, p.Entitled, p.Present, p.Approve)
	if err != nil || len(p.Options) == 0 {
		return o, nil, err
	}
	c, err := Elect(p.Rule, p.Entitled, p.Present, p.Seats, p.Approvals)
	// An election has come to something when every seat has somebody.
	o.Passed = p.Rule == VoteElection && electedOf(c) == p.Seats
	return o, c, err
}

func electedOf(list []CandidateOutcome) int {
	return countIf(list, func(c CandidateOutcome) bool { return c.Elected })
}

// Take writes the counts and the result into a vote that is being closed. present are those with a vote who are there in the end.
func (p *Poll) Take(c Count, present int) error {
	p.Present = max(present, c.Cast)
	if p.Rule == VoteConsultative {
		p.Present = c.Cast // an opinion is of those who gave one
	}
	p.Entitled = max(p.Entitled, p.Present) // somebody may have been put on the list, with a reason, while it was open
	p.Cast, p.Approve, p.Against, p.Abstain, p.Approvals = c.Cast, c.Approve, c.Against, c.Abstain, c.Approvals
	o, _, err := p.Outcome()
	p.Passed = o.Passed
	return err
}

// NotCast are those present with a vote who have not used it; like an abstention, that is no approval.
func (p *Poll) NotCast() int { return max(0, p.Present-p.Cast) }

// Standing says in Chinese what a vote counts for.
func (p *Poll) Standing() string {
	switch {
	case p.Rule == VoteConsultative:
		return "本次为征求意见，不作为正式表决结果。"
	case !p.Formal:
		return "本次为线上投票，按现行规定用于征求意见，不作为正式表决结果；正式表决请在会上进行后登记票数。"
	case p.ByHand:
		return "本次为现场表决，票数由会议召集人登记。"
	}
	return "本次为正式表决。"
}

// FormalVote says whether a vote resolves anything: by hand in the room always, online when the policy allows it, an opinion never.
func FormalVote(rule VoteRule, byHand bool, p VotePolicy) bool {
	return rule.Binding() && (byHand || p.FormalOnline)
}

// MayVoteIn says whether somebody on a meeting's list has a vote by this rule and may cast it now. Only full members among the entitled have one.
// What resolves something is voted on by those who are there.
func (i *MeetingInvitee) MayVoteIn(rule VoteRule) (has, now bool) {
	if i == nil || !i.Entitled || !i.Voting {
		return false, false
	}
	return true, rule == VoteConsultative || i.Attendance == AttendancePresent
}
