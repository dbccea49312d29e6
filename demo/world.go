// Package demo holds the demonstration society that `serve --demo` starts with: plain values, no database. The texts are
// Markdown and YAML beside the code, the crowd is drawn from a fixed seed, and every time is counted from an instant
// handed in, so the same instant always gives the same world. All people, hospitals and events in it are invented.
package demo

import "time"

// World is the whole demonstration society. References between its parts are keys, never positions.
type World struct {
	Orgs        []Org // parents before children
	People      []Person
	Personas    []Persona
	Articles    []Article
	Comments    []Comment // in the order of writing within an article
	Suggestions []Suggestion
	Meetings    []Meeting
	Reminders   []Reminder
	Templates   []Template

	OfficialTemplates []Template // those of the service account
}

// Org is one place in the tree. Kind is association, society, branch or group; the root has no Parent.
type Org struct{ Key, Parent, Kind, Name string }

// Person is one line of the roster. PartyStatus is full, probationary, applicant or non_party. OpenID is the account in the
// WeChat stand-in; everybody has one, but only a Bound person has consented and joined it to the roster at BoundAt.
type Person struct {
	Key, Name, Phone, PartyStatus, Employer, Title string
	Memberships                                    []Membership // the first is the person's own place
	Bound                                          bool
	OpenID                                         string
	BoundAt                                        time.Time // zero when not bound
}

// UnionID is the person to both of the society's WeChat accounts.
func (p Person) UnionID() string { return "u" + p.OpenID }

// OfficialOpenID is the account at the service account of those who follow it, about half of them; empty for the others.
func (p Person) OfficialOpenID() string {
	if p.OpenID == "" || p.Phone == "" || (p.Phone[len(p.Phone)-1]-'0')%2 == 1 {
		return ""
	}
	return "p" + p.OpenID
}

// Membership is a place in the tree with the roles held there, beside member, which everybody is. JoinedOn is a day, 2026-11-23.
type Membership struct {
	Org      string
	Roles    []string // member, then group_leader, committee_member, secretary, staff or admin
	JoinedOn string
}

// Persona is somebody to sign in as. Person is empty for the visitor, who stands on no roster.
type Persona struct{ Key, Label, Person, OpenID, Hint string }

// Source names where a central or law item was published.
type Source struct{ Name, URL, Date string }

// Article is one material. State is published, draft, scheduled or withdrawn; PublishAt is zero for a draft and to come
// for a scheduled one. Category and Visibility are the contract's words.
type Article struct {
	Key, Category, Title, Digest string
	KeyPoints                    []string
	BodyMarkdown                 string
	Visibility, Org, Author      string
	State                        string
	CreatedAt, PublishAt         time.Time
	WithdrawnAt                  time.Time // zero unless withdrawn
	Required                     bool
	DueAt                        time.Time // zero when nothing is due
	Pinned                       bool
	Source                       *Source
	Reads                        []Read
	Likes                        []string // keys of readers who liked it
	Claims                       []Claim
}

// Read is how far one person got.
type Read struct {
	Person  string
	Percent int
	At      time.Time
}

// Claim says that the person studied the text at the employer's own branch (单位已学).
type Claim struct{ Person, StudiedOn, Where string }

// Comment is one remark. State is visible, pending or hidden; Reason is why a moderator hid it. ReplyTo is a comment's key.
type Comment struct {
	Key, Article, Author, Content, ReplyTo, State, Reason string
	CreatedAt                                             time.Time
	Likes                                                 []string
}

// Suggestion is one suggestion with the steps that led to its State: submitted, accepted, replied, closed, declined,
// escalated or reopened. Holder is the organisation that has it now.
type Suggestion struct {
	Key, To, Holder, Author, Title, Content, State, Assignee string
	Anonymous                                                bool
	Steps                                                    []Step
	Rating                                                   *Rating
}

// Step is one line of the timeline. Action is submit, accept, reply, close, decline, escalate, extend or reopen.
type Step struct {
	Action, By, Text, Assignee, To string
	At                             time.Time
}

// Rating is the author's verdict.
type Rating struct {
	Stars int
	Text  string
	At    time.Time
}

// Meeting is one meeting, past or to come; Past says which. Type and Mode are the contract's words.
type Meeting struct {
	Key, Org, Type, Topic, By  string
	CalledAt, StartsAt, EndsAt time.Time
	Mode, Place, JoinURL, Code string
	Agenda                     []AgendaItem
	Reminders                  []int // minutes before the start
	Invited                    []string
	RSVPs                      []RSVP
	Past                       bool
	Attendance                 []Attendance // past meetings only, one line for each invited
	Minutes                    *Minutes     // nil when none were written yet
	Cancel                     *Cancel
}

// AgendaItem is one point of the agenda.
type AgendaItem struct {
	Title   string
	Minutes int
}

// RSVP is an answer to the invitation: accept, or leave with a reason.
type RSVP struct {
	Person, Status, Reason string
	At                     time.Time
}

// Attendance is who was there: present, leave or absent.
type Attendance struct{ Person, Status, Reason string }

// Minutes is the record of a past meeting; it was signed by host and recorder on the same evening.
type Minutes struct {
	Host, Recorder, PassedOn, Discussion string
	Vote                                 *Vote
	Resolutions                          []Resolution
	SignedAt                             time.Time
}

// Vote is a tally among the full members present, by the ordinary rule.
type Vote struct {
	Question                                     string
	Entitled, Present, Approve, Against, Abstain int
}

// Resolution has an owner and a day, or says NoFollowUp.
type Resolution struct {
	Text, Owner, DueOn string
	NoFollowUp         bool
}

// Cancel says who called a meeting off, when and why.
type Cancel struct {
	By, Reason string
	At         time.Time
}

// Reminder is a scheduled study reminder; Rule is an RFC 5545 RRULE and Template names a kind of WeChatTemplates.
type Reminder struct {
	Org, Name, Rule, At string
	OnlyAfterHours      bool
	Audience, Template  string
}
