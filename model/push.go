package model

import (
	"slices"
	"time"
)

// PushKind names what a push is about; each kind has its own WeChat template and its own fields.
type PushKind string

// The kinds, with the fields that their templates know.
const (
	PushMeeting      PushKind = "meeting"      // topic, time, place, note
	PushStudy        PushKind = "study"        // title, due, note
	PushAnnouncement PushKind = "announcement" // title, from, time, note
	PushSuggestion   PushKind = "suggestion"   // title, state, time, note
	PushDigest       PushKind = "digest"       // one evening card instead of several pushes; rides on another kind's template
)

// pushFields are the names a kind's fields may have. A digest is written by the program and borrows the template and the fields of another kind.
var pushFields = map[PushKind][]string{
	PushMeeting:      {"topic", "time", "place", "note"},
	PushStudy:        {"title", "due", "note"},
	PushAnnouncement: {"title", "from", "time", "note"},
	PushSuggestion:   {"title", "state", "time", "note"},
	PushDigest:       {"title", "due", "note"},
}

// FieldNames are the fields a kind's message has, in the order of its card.
func (k PushKind) FieldNames() []string { return pushFields[k] }

// Carriers are the kinds whose WeChat templates may carry this one, the best first. A digest rides on any for which the person has a grant.
func (k PushKind) Carriers() []PushKind {
	if k == PushDigest {
		return []PushKind{PushStudy, PushAnnouncement, PushSuggestion, PushMeeting}
	}
	return []PushKind{k}
}

// DigestCarriers are the carriers of a digest that folds parts of these kinds: that of study, and then the parts' own.
func DigestCarriers(parts []PushKind) []PushKind {
	out := []PushKind{}
	for _, k := range PushDigest.Carriers() {
		if k == PushStudy || slices.Contains(parts, k) {
			out = append(out, k)
		}
	}
	return out
}

// Ordinary reports whether what a person sends of this kind counts towards the week's budget. What is about the member's own meetings
// and suggestions does not.
func (k PushKind) Ordinary() bool { return k == PushStudy || k == PushAnnouncement }

// Valid reports whether k is one of the kinds a person may send.
func (k PushKind) Valid() bool {
	return k == PushMeeting || k == PushStudy || k == PushAnnouncement || k == PushSuggestion
}

// PushState is how far a push has come.
type PushState string

// A push waits for its time, is being sent, and is done when no delivery is open; a scheduled one may be cancelled.
const (
	PushScheduled PushState = "scheduled"
	PushSending   PushState = "sending"
	PushDone      PushState = "done"
	PushCancelled PushState = "cancelled"
)

// Audience says who gets a push. All given conditions hold together; MemberIDs alone names persons.
type Audience struct {
	OrgID            string        `json:"org_id,omitempty"`
	Roles            []Role        `json:"roles,omitempty"`
	PartyStatus      []PartyStatus `json:"party_status,omitempty"`
	NotReadArticleID string        `json:"not_read_article_id,omitempty"` // neither read nor claimed as 单位已学
	MeetingID        string        `json:"meeting_id,omitempty"`          // invited to it
	RSVP             []RSVP        `json:"rsvp,omitempty"`                // with these answers
	MemberIDs        []string      `json:"member_ids,omitempty"`
}

// RSVP is the answer to an invitation.
type RSVP string

// Nobody has answered at first.
const (
	RSVPNone   RSVP = "none"
	RSVPAccept RSVP = "accept"
	RSVPLeave  RSVP = "leave"
)

// Push is one message to an audience. It goes into everybody's in-app inbox, and to WeChat where the person has a subscription.
type Push struct {
	ID        string `gorm:"primaryKey"`
	OrgID     string // on whose behalf; empty for a person's own messages
	OrgPath   string
	Kind      PushKind
	Title     string
	Body      string            // what the inbox shows below the title
	Fields    map[string]string `gorm:"serializer:json"` // by the names of the kind; the templates say which WeChat key each goes to
	Page      string            // where a tap leads, such as pages/meeting/detail?id=…
	Audience  Audience          `gorm:"serializer:json"`
	Hours     HoursClass        // urgent, timed (to the minute, but not at night) or ordinary
	Reason    string            // why it is urgent
	Counted   bool              // counts towards the week's budget of ordinary pushes
	Private   bool              // a person's own message: in nobody's list, since it would tell who wrote an anonymous suggestion
	Subject   string            // "meeting:id", "article:id", "suggestion:id"
	DedupeKey *string           // a second push of the same key is not made, such as "meeting:id:reminder:60"
	SendAt    time.Time
	ExpiresAt *time.Time // pointless afterwards, for example when the meeting is over
	State     PushState
	CreatedBy string
	CreatedAt time.Time
	UpdatedAt time.Time

	// How far the audience has been turned into deliveries; kept by the outbox.
	Recipients   int        // counted when it was made, and exact once all expanded; what is cancelled before keeps the first number
	ExpandCursor string     // the last member written
	ExpandedAt   *time.Time // nil while members are missing
	StopReason   string     // why it was cancelled or cut short
}

// Over reports whether the push has become pointless at t.
func (p *Push) Over(t time.Time) bool { return p.ExpiresAt != nil && !t.Before(*p.ExpiresAt) }

// OverReason says why a push that has become pointless is not sent.
func (p *Push) OverReason() string {
	if p.Kind == PushMeeting {
		return "会议已结束，不再推送"
	}
	return "事项已结束，不再推送"
}

// PhoneAdvice is what a secretary is advised where no bell rang: to phone, when it is about a meeting or urgent. Nobody is to phone around
// because of something to read.
func (p *Push) PhoneAdvice() string {
	if p == nil || p.Kind == PushMeeting || p.Hours == HoursUrgent {
		return "，建议电话通知"
	}
	return ""
}

// NamesNobody reports whether lists about the push must not name its recipients: who gets it tells who has not read something.
func (p *Push) NamesNobody() bool { return p.Audience.NotReadArticleID != "" }

// DeliveryCancelled is a delivery whose push was stopped before its bell rang. The notice stays in the inbox, and nothing leads out of it.
const DeliveryCancelled DeliveryState = "cancelled"

// MayBeCancelled reports whether a delivery in state s still waits for its bell: what a call was begun for can no longer be taken back.
func (s DeliveryState) MayBeCancelled() bool { return s == DeliveryQueued || s == DeliveryHeld }

// Tally is the counts of a push with those who were cancelled, in the ledger or before they came into it. Recipients is the sum of all.
type Tally struct {
	Counts
	Cancelled int
}

// Of is the count that a stored state belongs to: what is at this moment being sent, or waits for the digest, is still queued.
func (t *Tally) Of(state DeliveryState) *int {
	switch state {
	case DeliverySent:
		return &t.Sent
	case DeliveryFailed:
		return &t.Failed
	case DeliveryInDoubt:
		return &t.InDoubt
	case DeliveryInboxOnly:
		return &t.InboxOnly
	case DeliveryCancelled:
		return &t.Cancelled
	}
	return &t.Queued
}

// PushTemplate is the WeChat template that serves a kind: its id, whether a grant is used up by a send, and which of its keys carries which field.
type PushTemplate struct {
	ID     string
	Kind   QuotaKind
	Fields map[string]string
}

// CanTryTemplates: the committee's office sees how WeChat is set up, and sends itself a card to see that it works.
func CanTryTemplates(a *Actor, officePath string) bool {
	return a.Bound() && a.Has(RoleStaff, officePath)
}

// CanPush: messages are sent by the secretary and above; the leader of a group sends to the own group.
func CanPush(a *Actor, o *Org) bool {
	return a.Has(RoleSecretary, o.Path) || (o.Kind == OrgGroup && a.Has(RoleGroupLeader, o.Path))
}

// CanSeePush: the ledger of a push is for those who lead its organisation. A private one is nobody's: it would tell who wrote an anonymous suggestion.
func CanSeePush(a *Actor, p *Push) bool {
	return !p.Private && p.OrgPath != "" && a.Has(RoleGroupLeader, p.OrgPath)
}

// CanSteerPush: cancelling and trying again is for those who might have sent it.
func CanSteerPush(a *Actor, p *Push, o *Org) bool { return CanSeePush(a, p) && CanPush(a, o) }
