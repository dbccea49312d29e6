package model

import (
	"fmt"
	"time"
)

// MeetingSeries is a meeting that comes again by a rule of RFC 5545. Each occurrence is a meeting of its own; the series keeps what they share.
type MeetingSeries struct {
	ID        string `gorm:"primaryKey"`
	OrgID     string
	Rule      string          // as RFC 5545 writes it, in capitals and without a name before it
	Invitees  *MeetingCircle  `gorm:"serializer:json"` // whom each occurrence invites when its list is frozen; nil for all whom the type concerns
	LeftOut   []SeriesLeftOut `gorm:"serializer:json"` // days of the rule on which no meeting was planned
	CreatedBy string
	CreatedAt time.Time
}

// MeetingCircle narrows those whom a meeting concerns. All given conditions hold together.
type MeetingCircle struct {
	Roles       []Role        `json:"roles,omitempty"`
	PartyStatus []PartyStatus `json:"party_status,omitempty"`
	MemberIDs   []string      `json:"member_ids,omitempty"`
	OrgIDs      []string      `json:"org_ids,omitempty"`
}

// SeriesLeftOut is a day of a rule on which no meeting is planned, and why, in Chinese.
type SeriesLeftOut struct {
	Date   Date   `json:"date"`
	Reason string `json:"reason"`
}

// MeetingListChange is one change of the frozen list: who was put on it or taken off it, why, and by whom.
type MeetingListChange struct {
	ID        string `gorm:"primaryKey"`
	MeetingID string
	MemberID  string
	FromRole  ListRole
	ToRole    ListRole
	Reason    string
	ChangedBy string
	ChangedAt time.Time
}

// ListRole is how a person stands on a meeting's list.
type ListRole string

// Entitled are 应到, observers 列席; none is not on the list.
const (
	ListEntitled ListRole = "entitled"
	ListObserver ListRole = "observer"
	ListNone     ListRole = "none"
)

// Label is the role in Chinese.
func (r ListRole) Label() string {
	switch r {
	case ListEntitled:
		return "应到"
	case ListObserver:
		return "列席"
	case ListNone:
		return "不在名单"
	}
	return ""
}

// ListRole is how the person stands on the list.
func (i *MeetingInvitee) ListRole() ListRole {
	if i.Entitled {
		return ListEntitled
	}
	return ListObserver
}

// Bounds are the first day of the period that holds the day, and the first day after it. What is no period has no bounds.
func (p DutyPeriod) Bounds(day Date) (from, to Date) {
	t := day.Start()
	months := map[DutyPeriod]int{EveryMonth: 1, EveryQuarter: 3, EveryHalf: 6, EveryYear: 12}[p]
	if months == 0 || !day.Valid() {
		return "", ""
	}
	first := time.Date(t.Year(), time.Month((int(t.Month())-1)/months*months+1), 1, 0, 0, 0, 0, Zone)
	return DateOf(first), DateOf(first.AddDate(0, months, 0))
}

// Words name the period that holds the day, as a topic begins: 2026年11月, 2026年第四季度, 2026年下半年, 2026年度.
func (p DutyPeriod) Words(day Date) string {
	if !day.Valid() {
		return ""
	}
	t := day.Start()
	switch p {
	case EveryMonth:
		return fmt.Sprintf("%d年%d月", t.Year(), t.Month())
	case EveryQuarter:
		return fmt.Sprintf("%d年第%s季度", t.Year(), [...]string{"一", "二", "三", "四"}[(int(t.Month())-1)/3])
	case EveryHalf:
		return fmt.Sprintf("%d年%s半年", t.Year(), [...]string{"上", "下"}[(int(t.Month())-1)/6])
	case EveryYear:
		return fmt.Sprintf("%d年度", t.Year())
	}
	return ""
}

// Concerns reports whether an organisation of this kind owes meetings of the type: a group its own, a branch all the others.
func (t MeetingType) Concerns(k OrgKind) bool {
	switch k {
	case OrgGroup:
		return t == MeetingGroup
	case OrgBranch:
		return t != MeetingGroup
	}
	return false
}
