package model

import (
	"strings"
	"time"
)

// Member is one person, found by the blind index of the phone. What the person is in each branch is in Membership and Grant.
type Member struct {
	ID             string `gorm:"primaryKey"`
	Name           string
	NameSort       string // pinyin, so that rosters stand in the customary order
	PhoneCipher    []byte // sealed with the member's id as associated data; nil when unknown
	PhoneKeyID     string
	PhoneIndex     *string // blind index; nil when unknown
	PhoneMask      string  // 138****8000, so that lists need no decryption
	PartyStatus    PartyStatus
	Employer       string
	Title          string
	ConsentVersion string
	ConsentAt      *time.Time
	ErasedAt       *time.Time
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Membership puts a member into a branch or a group.
type Membership struct {
	ID        string `gorm:"primaryKey"`
	MemberID  string
	OrgID     string
	OrgPath   string // the organisation's path, kept beside it so that a subtree's members are one range of an index
	JoinedOn  Date
	CreatedAt time.Time
}

// Grant is a role held at an organisation and all below it. An empty OrgID with the path "/" holds everywhere.
type Grant struct {
	ID        string `gorm:"primaryKey"`
	MemberID  string
	OrgID     string
	OrgPath   string
	Role      Role
	CreatedAt time.Time
}

// Identity is a WeChat user of the mini-program: a visitor until MemberID is set.
type Identity struct {
	ID             string `gorm:"primaryKey"`
	OpenID         string `gorm:"column:openid"` // of who came by the service account alone: WebOnlyOpenID
	UnionID        string `gorm:"column:unionid"`
	OfficialOpenID string `gorm:"column:official_openid"` // the same person's openid at the service account, joined by unionid
	MemberID       *string
	BoundAt        *time.Time
	LastSeenAt     time.Time
	CreatedAt      time.Time
}

// webOnly begins the place of an openid that is not known: no openid of WeChat's has a colon.
const webOnly = "official:"

// WebOnlyOpenID stands in the place of the mini-program's openid for a person who has come by the service account alone.
func WebOnlyOpenID(officialOpenID string) string { return webOnly + officialOpenID }

// MiniOpenID is the openid at the mini-program; empty for who was never there.
func (i *Identity) MiniOpenID() string {
	if strings.HasPrefix(i.OpenID, webOnly) {
		return ""
	}
	return i.OpenID
}

// Credential is a name and password for the console.
type Credential struct {
	Username       string `gorm:"primaryKey"`
	MemberID       string
	PasswordHash   string     // empty until its owner has set one
	DisabledAt     *time.Time // since when it opens nothing
	SetupHash      string     // of the code by which its owner sets the password, once; empty when there is none
	SetupExpiresAt *time.Time
	CreatedBy      string // empty for one made at the command line
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Invite is a code with which a person who has no phone on the roster joins an organisation.
type Invite struct {
	ID        string `gorm:"primaryKey"`
	CodeHash  string
	OrgID     string
	CreatedBy string
	Uses      int
	MaxUses   int
	ExpiresAt time.Time
	CreatedAt time.Time
}

// Session is one sign-in on one device, and the family of all its tokens.
type Session struct {
	ID         string `gorm:"primaryKey"`
	IdentityID string // empty for the console
	MemberID   string // empty for a visitor
	Kind       SessionKind
	Device     string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	Reason     string // why it was revoked: logout, token_reused, unbound, rebound, password, idle, account
}

// SessionKind tells how a session was opened.
type SessionKind string

// The three ways to sign in.
const (
	SessionWechat   SessionKind = "wechat"
	SessionPassword SessionKind = "password"
	SessionConsole  SessionKind = "console"
)

// Token is one access or refresh token of a session, kept as a hash.
type Token struct {
	Hash      string `gorm:"primaryKey"`
	SessionID string
	Refresh   bool
	ExpiresAt time.Time
	UsedAt    *time.Time // a refresh token is used once
}

// ConsoleCode lets a phone open a session for a console.
type ConsoleCode struct {
	ID        string `gorm:"primaryKey"` // unguessable: who knows it collects the session
	State     ConsoleState
	MemberID  string
	Device    string
	ExpiresAt time.Time
	CreatedAt time.Time
}

// ConsoleState is what has become of a console code.
type ConsoleState string

// A code is pending until a phone approves it; its session is handed out once.
const (
	ConsolePending  ConsoleState = "pending"
	ConsoleApproved ConsoleState = "approved"
	ConsoleTaken    ConsoleState = "taken"
	ConsoleExpired  ConsoleState = "expired"
)

// LoginFailure counts wrong passwords for a name, also for one that does not exist.
type LoginFailure struct {
	Username    string `gorm:"primaryKey"`
	Failures    int
	Total       int // since the audit was last told
	FirstAt     time.Time
	LockedUntil time.Time
}
