package model

import "time"

// AuditEntry says who did what to which object and when; it is written in the transaction of the act.
// Names, phones and texts do not belong into Detail: it is kept longer than they are.
type AuditEntry struct {
	ID        int64 `gorm:"primaryKey;autoIncrement"`
	At        time.Time
	ActorID   string // empty for the program itself
	Action    string // noun.verb, such as article.publish
	Object    string // noun:id
	OrgID     string
	Detail    map[string]string `gorm:"serializer:json"`
	RequestID string
	Nonce     string // makes the digests of two like entries differ, so that a copied one is found
	MAC       string `gorm:"column:mac"` // the digest under the key of the audit; empty in what older programs wrote
	BlockNo   *int64 // the block that seals it; nil until then
}

// Change tells the other replicas what they must forget: a topic such as "session" and the key within it.
type Change struct {
	ID    int64 `gorm:"primaryKey;autoIncrement"`
	Topic string
	Key   string `gorm:"column:subject"`
	At    time.Time
}

// The topics of changes.
const (
	TopicSession  = "session"  // key: session id, or MemberChange
	TopicOrg      = "org"      // the tree changed
	TopicArticle  = "article"  // key: article id
	TopicFeed     = "feed"     // what feeds show changed
	TopicSetting  = "setting"  // key: name
	TopicPush     = "push"     // work for the senders
	TopicCalendar = "calendar" // calendar days changed
	TopicPolicy   = "policy"   // a policy profile was put in
)

// MemberChange is the key under which a change of a member's name or rights travels on the session topic.
func MemberChange(memberID string) string { return "member:" + memberID }

// Replay is the stored answer to a creating request, by caller and idempotency key.
type Replay struct {
	Caller    string            `gorm:"primaryKey"`
	Key       string            `gorm:"primaryKey;column:idem_key"`
	Hash      string            // of method, path and body
	Status    int               // 0 while the first request is still under way
	Header    map[string]string `gorm:"serializer:json"`
	Body      []byte
	CreatedAt time.Time
}

// Job is a named background job's turn: whoever holds the lease runs it.
type Job struct {
	Name       string `gorm:"primaryKey"`
	Owner      string
	LeaseUntil time.Time
	NextAt     time.Time
	LastAt     *time.Time
	LastError  string
}

// Setting is one value the office may change at run time.
type Setting struct {
	Name      string `gorm:"primaryKey"`
	Value     string
	UpdatedAt time.Time
}
