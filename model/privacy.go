package model

import "time"

// Erasure says that a person's data was erased, when and why, and what was found. Who it was cannot be told from it.
type Erasure struct {
	ID       string `gorm:"primaryKey"`
	MemberID string // of the row that stands for 已注销成员
	Cause    ErasureCause
	ByID     string        // empty: the person
	Report   ErasureReport `gorm:"serializer:json"`
	ErasedAt time.Time
}

// ErasureCause is why a person was erased.
type ErasureCause string

// The causes: the person withdrew the consent, or the office erased them, for example on a letter.
const (
	ErasureWithdrawn ErasureCause = "withdrawn"
	ErasureOffice    ErasureCause = "office"
)

// ErasureReport names everything that was erased, and everything that was kept with the reason. Nothing is left out silently.
type ErasureReport struct {
	Erased []ErasureLine
	Kept   []ErasureLine
}

// ErasureLine is one kind of data: how much of it, and why it is kept.
type ErasureLine struct {
	What  string
	Count int
	Why   string `json:",omitempty"`
}

// ErasureMark is a keyed digest of a phone number, an openid or a unionid that was erased. It tells nothing by itself; it lets a roster, or
// WeChat's list of followers, not bring the person back without their knowing. All marks of one erasure are lifted when the person comes back.
type ErasureMark struct {
	Mark      string `gorm:"primaryKey"`
	ErasureID string
	CreatedAt time.Time
}

// The texts whose keyed digests are marks.
func ErasedPhone(phone string) string   { return "erased:phone:" + phone }
func ErasedOpenID(openID string) string { return "erased:openid:" + openID }

// ConsentNotice is a version of the privacy notice beside the built-in one.
type ConsentNotice struct {
	Version   string `gorm:"primaryKey"`
	Title     string
	BodyHTML  string `gorm:"column:body_html"`
	AsksAgain bool   // its meaning is another: who agreed to an earlier one is asked again
	HoldsFrom time.Time
	CreatedBy string
	CreatedAt time.Time
}

// RetentionRun is what the nightly job removed because its days were over.
type RetentionRun struct {
	Day    string `gorm:"primaryKey"`
	At     time.Time
	Report []RetentionLine `gorm:"serializer:json"`
}

// RetentionLine is one kind of data: how long it is kept, and how much of it went. Days of 0 keep it.
type RetentionLine struct {
	Kind    string
	What    string
	Days    int
	Removed int
	Fault   string `json:",omitempty"`
}

// RoleRevealPhone is the right to see a whole phone number. It is granted apart, by the office; no role brings it along.
const RoleRevealPhone Role = "reveal_phone"

// HasPhoneRight reports whether the actor was granted whole phone numbers for the organisation at path.
func (a *Actor) HasPhoneRight(path string) bool {
	if a == nil {
		return false
	}
	for _, p := range a.Powers {
		if p.Role == RoleRevealPhone && Within(path, p.Path) {
			return true
		}
	}
	return false
}

// CanGrantPhoneRight: the office gives and takes the right, in its own part of the tree.
func CanGrantPhoneRight(a *Actor, path string) bool { return a.Has(RoleStaff, path) }

// CanEraseMember: the office erases on a person's request, nobody who may do more than the office itself.
func CanEraseMember(a *Actor, path string, held []Grant) bool {
	return a.Has(RoleStaff, path) && CanManageAccount(a, path, held)
}

// CanPublishNotice: the privacy notice is one for everybody, so the office that leads everything writes it.
func CanPublishNotice(a *Actor) bool { return a.Has(RoleStaff, EverywherePath) || a.leadsRoot() }

// leadsRoot: the path of a root holds one number.
func (a *Actor) leadsRoot() bool {
	if a == nil {
		return false
	}
	for _, p := range a.Powers {
		if p.Role.Rank() >= RoleStaff.Rank() && len(PathIDs(p.Path)) <= 1 {
			return true
		}
	}
	return false
}
