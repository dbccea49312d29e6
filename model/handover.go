package model

import "time"

// HandoverState is how far the hand-over of a branch has come.
type HandoverState string

// A hand-over is open until both sides have confirmed it, somebody takes it back, or its time is over.
const (
	HandoverOpen      HandoverState = "open"
	HandoverDone      HandoverState = "done"
	HandoverCancelled HandoverState = "cancelled"
	HandoverExpired   HandoverState = "expired"
)

// Label is the state in Chinese.
func (s HandoverState) Label() string {
	switch s {
	case HandoverOpen:
		return "待双方确认"
	case HandoverDone:
		return "已交接"
	case HandoverCancelled:
		return "已取消"
	case HandoverExpired:
		return "已过期"
	}
	return string(s)
}

// MaxHandoverText is the limit of a note or reason, in characters.
const MaxHandoverText = 300

// Handover is the passing of a secretary's work to the next one. Names are looked up when it is shown, so that they can be forgotten.
type Handover struct {
	ID              string `gorm:"primaryKey"`
	OrgID           string
	OrgPath         string
	FromID          string // empty where the branch has no secretary any more
	ToID            string
	Note            string
	State           HandoverState
	OpenKey         *string // the organisation while it is open, so that there is one at a time; nil afterwards
	StartedBy       string
	FromConfirmedAt *time.Time
	FromConfirmedBy string // the old secretary, or who of the office confirmed in their place
	FromReason      string // why the office did
	ToConfirmedAt   *time.Time
	EndedAt         *time.Time
	EndedBy         string // who confirmed last or took it back; empty when its time was over
	EndReason       string
	ExpiresAt       time.Time
	Package         []HandoverItem `gorm:"serializer:json"` // what was handed over, kept at that moment; nil before
	Version         int
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// HandoverKind is what a line of the package is about.
type HandoverKind string

// The parts of a package, in their order.
const (
	HandoverAction       HandoverKind = "action"
	HandoverMeeting      HandoverKind = "meeting"
	HandoverSuggestion   HandoverKind = "suggestion"
	HandoverDraft        HandoverKind = "draft"
	HandoverPush         HandoverKind = "push"
	HandoverReminder     HandoverKind = "reminder"
	HandoverSubscription HandoverKind = "subscription"
)

// HandoverKinds are the parts in their order.
func HandoverKinds() []HandoverKind {
	return []HandoverKind{HandoverAction, HandoverMeeting, HandoverSuggestion, HandoverDraft, HandoverPush, HandoverReminder, HandoverSubscription}
}

// Label is the part's Chinese name.
func (k HandoverKind) Label() string {
	switch k {
	case HandoverAction:
		return "督办事项"
	case HandoverMeeting:
		return "即将召开的会议"
	case HandoverSuggestion:
		return "未办结的意见建议"
	case HandoverDraft:
		return "未发布的文章"
	case HandoverPush:
		return "待发送的推送"
	case HandoverReminder:
		return "定时提醒"
	case HandoverSubscription:
		return "微信订阅"
	}
	return string(k)
}

// HandoverItem is one line of the package. It names no person, since it is kept.
type HandoverItem struct {
	Kind     HandoverKind `json:"kind"`
	ID       string       `json:"id"`
	Title    string       `json:"title"`
	At       *time.Time   `json:"at,omitempty"` // when it is due, begins or goes out
	Note     string       `json:"note"`
	Path     string       `json:"path"`      // where it is read, below the base path; empty where there is nothing to open
	HandedOn bool         `json:"handed_on"` // it was the old secretary's to do and becomes the new one's
}

// Expired reports whether an open hand-over's time is over.
func (h *Handover) Expired(now time.Time) bool {
	return h.State == HandoverOpen && !now.Before(h.ExpiresAt)
}

// Ready reports whether both sides have confirmed.
func (h *Handover) Ready() bool { return h.FromConfirmedAt != nil && h.ToConfirmedAt != nil }

// InPlace reports whether somebody confirmed in the old secretary's place.
func (h *Handover) InPlace() bool { return h.FromConfirmedAt != nil && h.FromConfirmedBy != h.FromID }

// CanStartHandover: the secretary hands over, or whoever is above the branch does it for one who is gone.
func CanStartHandover(a *Actor, orgPath string) bool {
	return a.Bound() && a.Has(RoleSecretary, orgPath)
}

// CanSeeHandover: the two whom it concerns and the secretaries of the organisation and above it. The old one keeps sight of what they signed.
func CanSeeHandover(a *Actor, h *Handover) bool {
	return a.Bound() && (a.MemberID == h.FromID || a.MemberID == h.ToID || a.Has(RoleSecretary, h.OrgPath))
}

// CanConfirmInPlace: only the office confirms for a secretary who is gone, and never one who is the new secretary.
func CanConfirmInPlace(a *Actor, h *Handover) bool {
	return a.Bound() && a.MemberID != h.ToID && a.MemberID != h.FromID && a.Has(RoleStaff, h.OrgPath)
}

// CanCancelHandover: either side, whoever started it, or the office.
func CanCancelHandover(a *Actor, h *Handover) bool {
	return CanSeeHandover(a, h) && (a.MemberID == h.FromID || a.MemberID == h.ToID || a.MemberID == h.StartedBy || a.Has(RoleStaff, h.OrgPath))
}
