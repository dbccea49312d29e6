package model

import (
	"slices"
	"time"
)

// QuotaKind says whether a send uses a grant up.
type QuotaKind string

// A one-time grant is one message; a long-term one is any number until it is taken back.
const (
	QuotaOneTime  QuotaKind = "one_time"
	QuotaLongTerm QuotaKind = "long_term"
)

// Quota is our book of one user's grants for one template. WeChat has no call that tells how many remain, so every step is booked:
// at all times Granted = Available + Reserved + Spent + Void + InDoubt.
type Quota struct {
	OpenID     string `gorm:"primaryKey;column:openid"`
	TemplateID string `gorm:"primaryKey"`
	Kind       QuotaKind
	Granted    int
	Available  int
	Reserved   int // taken for a send that is under way
	Spent      int // WeChat took the message
	Void       int // taken back, or WeChat said that there was none
	InDoubt    int // the outcome of the send is not known
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TableName is said here because the plural that is made of the word by rule is the word itself.
func (Quota) TableName() string { return "quotas" }

// Balanced reports whether the equation holds and nothing is below zero.
func (q Quota) Balanced() bool {
	return q.Granted == q.Available+q.Reserved+q.Spent+q.Void+q.InDoubt &&
		min(q.Granted, q.Available, q.Reserved, q.Spent, q.Void, q.InDoubt) >= 0
}

// QuotaStep is one booking.
type QuotaStep string

// The steps of the book.
const (
	QuotaNone    QuotaStep = ""
	QuotaGrant   QuotaStep = "grant"   // the user accepted
	QuotaReserve QuotaStep = "reserve" // before the call
	QuotaSpend   QuotaStep = "spend"   // WeChat took the message
	QuotaRelease QuotaStep = "release" // surely not sent
	QuotaDoubt   QuotaStep = "doubt"   // no clear answer
	QuotaRetry   QuotaStep = "retry"   // the one more try after an unknown outcome
	QuotaSettle  QuotaStep = "settle"  // WeChat's event: it was sent
	QuotaRefuse  QuotaStep = "refuse"  // 43101: there was none, so the rest of the book is void too
	QuotaRevoke  QuotaStep = "revoke"  // the user took it back, or WeChat says so where nothing was reserved
)

// QuotaPart is a column of the book.
type QuotaPart string

// The parts whose sum is what was granted.
const (
	PartAvailable QuotaPart = "available"
	PartReserved  QuotaPart = "reserved"
	PartSpent     QuotaPart = "spent"
	PartVoid      QuotaPart = "void"
	PartDoubt     QuotaPart = "in_doubt"
)

// QuotaMove takes one grant, or with All everything, from one part to another. An empty From is a new grant.
type QuotaMove struct {
	From, To QuotaPart
	All      bool
}

// quotaSteps is the one table of the book; the store makes its conditional updates of it. Each move but those of All needs one grant in From.
var quotaSteps = map[QuotaStep][]QuotaMove{
	QuotaGrant:   {{To: PartAvailable}},
	QuotaReserve: {{From: PartAvailable, To: PartReserved}},
	QuotaSpend:   {{From: PartReserved, To: PartSpent}},
	QuotaRelease: {{From: PartReserved, To: PartAvailable}},
	QuotaDoubt:   {{From: PartReserved, To: PartDoubt}},
	QuotaRetry:   {{From: PartDoubt, To: PartReserved}},
	QuotaSettle:  {{From: PartDoubt, To: PartSpent}},
	QuotaRefuse:  {{From: PartReserved, To: PartVoid}, {From: PartAvailable, To: PartVoid, All: true}},
	QuotaRevoke:  {{From: PartAvailable, To: PartVoid, All: true}},
}

// Moves are the bookings of a step.
func (s QuotaStep) Moves() []QuotaMove { return quotaSteps[s] }

// After is the book after a step, and whether the step was possible; where it was not, the book is as before.
func (q Quota) After(step QuotaStep) (Quota, bool) {
	before := q
	for _, m := range step.Moves() {
		if m.From == "" {
			q.Granted++
			*q.part(m.To)++
			continue
		}
		from, n := q.part(m.From), 1
		if m.All {
			n = *from
		}
		if *from < n {
			return before, false
		}
		*from -= n
		*q.part(m.To) += n
	}
	return q, len(step.Moves()) > 0
}

func (q *Quota) part(p QuotaPart) *int {
	switch p {
	case PartAvailable:
		return &q.Available
	case PartReserved:
		return &q.Reserved
	case PartSpent:
		return &q.Spent
	case PartVoid:
		return &q.Void
	}
	return &q.InDoubt
}

// Holds reports what a delivery holds in the book after the step.
func (s QuotaStep) Holds() Hold {
	switch s {
	case QuotaReserve, QuotaRetry:
		return HoldReserved
	case QuotaDoubt:
		return HoldDoubt
	}
	return HoldNothing
}

// Tap is one answer to a subscription dialog. The client reports it and WeChat pushes an event: two reports of one tap count once.
type Tap struct {
	ID         int64  `gorm:"primaryKey;autoIncrement"`
	OpenID     string `gorm:"column:openid"`
	TemplateID string
	Accept     bool
	ClientAt   *time.Time
	EventAt    *time.Time
}

// TapWindow is how far the two reports of one tap may lie apart.
const TapWindow = 10 * time.Minute

// TapAnswer is what the client reports of one template.
type TapAnswer string

// The answers of wx.requestSubscribeMessage.
const (
	TapAccept TapAnswer = "accept"
	TapReject TapAnswer = "reject"
	TapBan    TapAnswer = "ban"
	TapFilter TapAnswer = "filter"
)

// Valid reports whether a is one of the four.
func (a TapAnswer) Valid() bool {
	return a == TapAccept || a == TapReject || a == TapBan || a == TapFilter
}

// NeedDays is how far ahead a member is asked for grants, and how far back it is looked at what messages bring where nothing is known ahead.
const NeedDays = 30

// Ring is one time at which a member's phone is to ring, or was.
type Ring struct {
	Kind    PushKind
	At      time.Time
	Counted bool // towards the week's budget
}

// CountRings counts by kind how often a phone rings from one instant to another. What is over a week's budget does not ring by itself: the
// evening's digest takes it along, and is counted as one. Rings before the first instant use up the budget of their week alone.
func CountRings(rings []Ring, budget PushBudget, from, to time.Time) map[PushKind]int {
	rings = slices.Clone(rings)
	slices.SortStableFunc(rings, func(a, b Ring) int { return a.At.Compare(b.At) })
	n, used, digests := map[PushKind]int{}, map[time.Time]int{}, map[time.Time]bool{}
	for _, r := range rings {
		kind, at := r.Kind, r.At
		if week, _ := WeekOf(at); r.Counted && used[week] >= budget.PerWeek {
			if kind, at = PushDigest, budget.NextDigest(at); digests[at] {
				continue
			}
			digests[at] = true
		} else if r.Counted {
			used[week]++
		}
		if !at.Before(from) && at.Before(to) {
			n[kind]++
		}
	}
	return n
}

// Needs are the grants that a member needs by kind, of the kinds in use: what is known of the days to come and, of a kind of which nothing is
// known, what as many days brought of it. One of each is always needed.
func Needs(inUse []PushKind, known, brought map[PushKind]int) map[PushKind]int {
	needs := map[PushKind]int{}
	for _, k := range inUse {
		needs[k] = known[k]
		if needs[k] == 0 {
			needs[k] = max(brought[k], 1)
		}
	}
	digests := known[PushDigest]
	if digests == 0 {
		digests = brought[PushDigest]
	}
	for _, k := range PushDigest.Carriers() {
		if slices.Contains(inUse, k) {
			needs[k] += digests
			break
		}
	}
	return needs
}
