package model

import "time"

// PushKind names what a push is about; each kind has its own WeChat template and its own fields.
type PushKind string

// The kinds, with the fields that their templates know.
const (
	PushMeeting      PushKind = "meeting"      // topic, time, place, note
	PushStudy        PushKind = "study"        // title, due, note
	PushAnnouncement PushKind = "announcement" // title, from, time, note
	PushSuggestion   PushKind = "suggestion"   // title, state, time, note
	PushDigest       PushKind = "digest"       // one evening card instead of several pushes; uses the study template
)

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
}
