package model

import "time"

// DeliveryState is what has become of one push for one member.
type DeliveryState string

// Deferred is how lists call a queued or held delivery whose time has not come; it is not stored.
const (
	DeliveryQueued    DeliveryState = "queued"
	DeliveryHeld      DeliveryState = "held" // over the week's budget: waits for the evening digest; shown as queued or deferred
	DeliveryDeferred  DeliveryState = "deferred"
	DeliverySending   DeliveryState = "sending"
	DeliverySent      DeliveryState = "sent"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryInDoubt   DeliveryState = "in_doubt" // WeChat's answer is missing: it may have arrived
	DeliveryInboxOnly DeliveryState = "inbox_only"
)

// deliverySteps is every step a delivery may take. Only an answer that came late leads out of sent. One whose first call has an unknown outcome
// may be queued again by a secretary: then the doubt may still be settled, or come back, before the next call.
var deliverySteps = map[DeliveryState][]DeliveryState{
	DeliveryQueued:    {DeliverySending, DeliveryInboxOnly, DeliveryFailed, DeliverySent, DeliveryInDoubt},
	DeliveryHeld:      {DeliveryInboxOnly},
	DeliverySending:   {DeliverySent, DeliveryQueued, DeliveryInboxOnly, DeliveryFailed, DeliveryInDoubt},
	DeliveryInDoubt:   {DeliverySending, DeliverySent, DeliveryFailed, DeliveryQueued},
	DeliveryFailed:    {DeliveryQueued},
	DeliverySent:      {DeliveryFailed},
	DeliveryInboxOnly: {},
}

// MayBecome reports whether a delivery in state s may take the step to that state.
func (s DeliveryState) MayBecome(to DeliveryState) bool {
	for _, next := range deliverySteps[s] {
		if next == to {
			return true
		}
	}
	return false
}

// Channel is the way a delivery takes beside the inbox.
type Channel string

// The channels.
const (
	ChannelSubscribe Channel = "subscribe"
	ChannelOfficial  Channel = "official"
	ChannelInbox     Channel = "inbox"
)

// Lane is where a delivery queues. The first with anything due goes first, so that what is urgent never waits behind a message to everybody;
// each API of WeChat has lanes of its own, so that one that is out of order does not hold up the other.
type Lane int8

// The lanes, in the order in which they are served.
const (
	LaneUrgentSubscribe Lane = iota
	LaneUrgentOfficial
	LaneSubscribe
	LaneOfficial
)

// Lanes are all lanes, the first to be served first.
func Lanes() []Lane {
	return []Lane{LaneUrgentSubscribe, LaneUrgentOfficial, LaneSubscribe, LaneOfficial}
}

// LaneOf is the lane of a push on a channel: what is urgent or about a meeting overtakes what may be read any time.
func LaneOf(p *Push, channel Channel) Lane {
	lane := LaneSubscribe
	if p.Hours == HoursUrgent || p.Kind == PushMeeting {
		lane = LaneUrgentSubscribe
	}
	if channel == ChannelOfficial {
		lane++
	}
	return lane
}

// Channel is the API of WeChat that serves the lane.
func (l Lane) Channel() Channel {
	if l == LaneUrgentOfficial || l == LaneOfficial {
		return ChannelOfficial
	}
	return ChannelSubscribe
}

// Delivery is one push for one member: their inbox's line and the ledger's in one. The ledger is the queue: a row with DueAt is work, one with
// Owner is being worked on.
type Delivery struct {
	ID         int64 `gorm:"primaryKey;autoIncrement"`
	PushID     string
	MemberID   string
	State      DeliveryState
	Channel    Channel
	TemplateID string
	OpenID     string `gorm:"column:openid"`
	Counted    bool   // counts towards the week's budget
	Retried    bool   // the one retry of an unknown outcome was used
	Holds      Hold   // what it holds in the subscription ledger
	Attempts   int
	ErrCode    int    `gorm:"column:errcode"`
	ErrMsg     string `gorm:"column:errmsg"`
	Reason     string // what happened, in words a secretary understands
	Deferred   string `gorm:"column:deferred_reason"` // why NotBefore is later than it might be
	NotBefore  time.Time
	DueAt      *time.Time // when a sender may take it; nil when there is nothing to do, or somebody is doing it
	SendingAt  *time.Time // written before the call, so that what a crash leaves is known as in doubt
	SentAt     *time.Time
	MsgID      string
	Owner      string
	LeaseUntil *time.Time
	Busy       *string    // the member while claimed; unique, so that never two messages go to one person at once
	Lane       Lane       // where it queues
	HeldUntil  *time.Time // the digest that it waits for
	ReadAt     *time.Time // when the member opened it in the inbox
	OwnTitle   string     // the member's own words, as in a digest; empty: the push's
	OwnBody    *string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// NewDelivery is the line of a push for one member, as it was planned.
func NewDelivery(p *Push, r Reach, memberID string, now time.Time) Delivery {
	d := Delivery{
		PushID: p.ID, MemberID: memberID, State: r.State, Channel: r.Channel, TemplateID: r.TemplateID, OpenID: r.OpenID, Reason: r.Reason, Deferred: r.Deferred,
		NotBefore: r.At, Counted: p.Counted, Lane: LaneOf(p, r.Channel), CreatedAt: now, UpdatedAt: now,
	}
	at := r.At
	switch r.State {
	case DeliveryQueued:
		d.DueAt = &at
	case DeliveryHeld:
		d.HeldUntil = &at
	}
	if r.Reserve {
		d.Holds = HoldReserved
	}
	return d
}

// Shown is the state as lists and counts have it at now; the sum over all shown states is the number of recipients.
func (d *Delivery) Shown(now time.Time) DeliveryState {
	if d.State != DeliveryQueued && d.State != DeliveryHeld {
		return d.State
	}
	if d.NotBefore.After(now) {
		return DeliveryDeferred
	}
	return DeliveryQueued
}

// Hold is what a delivery holds in the subscription ledger.
type Hold string

// A delivery holds a grant from its claim to its end; with an unknown outcome the grant is in doubt as well.
const (
	HoldNothing  Hold = ""
	HoldReserved Hold = "reserved"
	HoldDoubt    Hold = "in_doubt"
)

// Counts are how many deliveries of a push are in each state as shown. Their sum is Recipients.
type Counts struct{ Recipients, Queued, Deferred, Sent, Failed, InDoubt, InboxOnly int }

// DoubtWait is how long an unknown outcome waits for WeChat's own event before the one retry.
const DoubtWait = 2 * time.Minute

// GiveUpAfter is how long a delivery is tried after its time when WeChat never takes it.
const GiveUpAfter = 24 * time.Hour

// Backoff is the pause before the next attempt: doubling from a second, at most ten minutes, and never less than WeChat asked for.
func Backoff(attempts int, asked time.Duration) time.Duration {
	pause := 10 * time.Minute
	if attempts < 10 {
		pause = min(pause, time.Second<<max(attempts-1, 0))
	}
	return max(pause, asked)
}
