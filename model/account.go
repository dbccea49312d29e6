package model

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// SecondFactor is the secret that an account shares with an app on the phone, by which both make the same six digits every thirty seconds.
type SecondFactor struct {
	Username     string `gorm:"primaryKey"`
	MemberID     string
	SecretCipher []byte // sealed for this account
	SecretKeyID  string
	LastStep     int64 // the latest step whose digits were taken: none counts twice
	CreatedAt    time.Time
}

// RecoveryCode lets its owner in once when the phone is lost. Only a keyed digest is kept.
type RecoveryCode struct {
	Hash      string `gorm:"primaryKey"`
	Username  string
	MemberID  string
	UsedAt    *time.Time
	CreatedAt time.Time
}

// Challenge is the second half of a sign-in that an answer asks for. It travels through the client, sealed.
type Challenge struct {
	Token     string
	Kind      ChallengeKind
	ExpiresAt time.Time
	Secret    string // to be typed into the app; for an enrolment alone
	URL       string // the same as an otpauth address, for a picture to scan
}

// ChallengeKind tells what is asked for.
type ChallengeKind string

// Digits of the app that is set up, or setting one up.
const (
	ChallengeCode  ChallengeKind = "code"
	ChallengeEnrol ChallengeKind = "enrol"
)

// ConsolePolicy is how accounts of the console are guarded.
type ConsolePolicy struct {
	IdleMinutes int // a session of the console ends when nobody used it for so long
	GraceHours  int // how long an account made at the command line may do without the second factor that its role needs
}

// DefaultConsolePolicy is what holds until the office says otherwise.
func DefaultConsolePolicy() ConsolePolicy { return ConsolePolicy{IdleMinutes: 30, GraceHours: 7 * 24} }

// NeedsSecondFactor: whoever has a say over the whole society signs in by two things.
func NeedsSecondFactor(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Role == RoleStaff || g.Role == RoleAdmin })
}

// GrantsConsole: the console is for those who hold a role.
func GrantsConsole(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Role.Rank() >= RoleGroupLeader.Rank() })
}

// CanSeeAccounts: the office looks after who may enter the console, and how well that is guarded.
func CanSeeAccounts(a *Actor, rootPath string) bool { return a.Has(RoleStaff, rootPath) }

// CanKeepAccounts: accounts of the console are for those who administer the whole society.
func CanKeepAccounts(a *Actor, rootPath string) bool { return a.Has(RoleAdmin, rootPath) }

// CanKeepAccount: and nobody touches the account of somebody with a wider reach.
func CanKeepAccount(a *Actor, rootPath string, held []Grant) bool {
	return CanKeepAccounts(a, rootPath) && !slices.ContainsFunc(held, func(g Grant) bool { return !a.Has(RoleAdmin, g.OrgPath) })
}

// Bounds of a password. Its upper one keeps the digest's cost in bounds.
const (
	passwordMin = 10
	passwordMax = 200
)

// PasswordFault says what is wrong with a new password, nil when nothing is: too short, hardly more than the name, or what everybody tries first.
func PasswordFault(username, password string) *Field {
	folded := strings.ToLower(password)
	kinds := map[rune]bool{}
	for _, r := range folded {
		kinds[r] = true
	}
	bare := folded
	if username != "" {
		bare = strings.ReplaceAll(folded, strings.ToLower(username), "")
	}
	switch n := utf8.RuneCountInString(password); {
	case n < passwordMin || n > passwordMax:
		return &Field{Code: "invalid", Detail: "密码应为 10 到 200 个字符，可以用一句好记的话。"}
	case utf8.RuneCountInString(bare) < 6:
		return &Field{Code: "like_username", Detail: "密码不能与用户名相近，请换一个。"}
	case len(kinds) < 5 || onlyDigits(folded) || inARow(folded) || usual(folded):
		return &Field{Code: "too_simple", Detail: "密码过于简单，容易被猜到；请换一句较长的话，或混用字母、数字和符号。"}
	}
	return nil
}

func onlyDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// inARow: letters and digits as they stand on the keyboard or in the alphabet.
func inARow(s string) bool {
	return strings.Contains("abcdefghijklmnopqrstuvwxyz|1234567890|qwertyuiopasdfghjklzxcvbnm|1qaz2wsx3edc4rfv5tgb6yhn|1q2w3e4r5t6y7u8i9o0p", s)
}

// usual are the beginnings of what guessers try first, when little more follows.
func usual(s string) bool {
	for _, word := range []string{"password", "passw0rd", "p@ssw0rd", "p@ssword", "admin", "administrator", "woaini", "iloveyou", "qwerty", "abc123", "a123456", "zhibu", "dangjian", "changeme", "letmein", "welcome"} {
		if rest, ok := strings.CutPrefix(s, word); ok && strings.Trim(rest, "0123456789!@#$._-") == "" {
			return true
		}
	}
	return false
}
