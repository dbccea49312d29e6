package model

import (
	"regexp"
	"time"
)

// The events by which WeChat tells that somebody follows the service account, or no longer does; names in lower case.
const (
	WechatFollow   = "subscribe"
	WechatUnfollow = "unsubscribe"
)

// OfficialRepeatWithin is how long WeChat recognises a repeated client_msg_id of a template message: an unknown outcome may be tried
// again with the same one until then. A minute of the ten is left for clocks that differ and for the call itself.
const OfficialRepeatWithin = 9 * time.Minute

// OfficialFollower is somebody who follows the service account, or once did. The openid is theirs at that account; the unionid joins it to
// the user of the mini-program.
type OfficialFollower struct {
	OpenID     string `gorm:"primaryKey;column:openid"`
	UnionID    string `gorm:"column:unionid"` // empty until it was looked up, and for accounts that no Open Platform account binds
	Following  bool
	EventAt    *time.Time // WeChat's time of the last event about them
	ToldAt     *time.Time // when that event came in
	LookUpAt   *time.Time // when to ask WeChat about them; nil when nothing is to be asked
	Tries      int        // how often asking has failed since it last did not
	LookedUpAt *time.Time // when WeChat last answered
	SeenAt     *time.Time // the last whole listing of followers that had them
	CreatedAt  time.Time
}

// OfficialProfile is what WeChat says of one openid of the service account.
type OfficialProfile struct {
	OpenID    string
	UnionID   string
	Following bool
}

// OfficialListing is one page of the followers. Total counts all of them; Next is empty after the last page.
type OfficialListing struct {
	Total   int
	OpenIDs []string
	Next    string
}

// OfficialCoverage says how many the service account can reach.
type OfficialCoverage struct {
	Following   int // the followers
	WithUnionID int // those of them who can be joined to a user of the mini-program
	Members     int // those of them who are bound members
}

var openIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ValidOpenID reports whether s can be an openid or a unionid.
func ValidOpenID(s string) bool { return openIDPattern.MatchString(s) }

// OfficialRetryIn is how long to wait after so many failures in a row: seconds at first, minutes soon, and never more than most.
func OfficialRetryIn(failures int, most time.Duration) time.Duration {
	wait := 5 * time.Second
	for i := 1; i < failures && wait < most; i++ {
		wait *= 2
	}
	return min(wait, most)
}

// OfficialSyncDue reports whether the followers are to be listed again at now: once a day from the given hour in China, and at once where
// they never were.
func OfficialSyncDue(last, now time.Time, hour int) bool {
	turn := DateOf(now).Start().Add(time.Duration(hour) * time.Hour)
	if now.Before(turn) {
		turn = turn.AddDate(0, 0, -1)
	}
	return last.Before(turn)
}
