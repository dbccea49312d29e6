package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// stepLength is how long the digits of an app stand (RFC 6238), and stepDrift how many steps a phone's clock may be off.
const (
	stepLength = 30 * time.Second
	stepDrift  = 1
)

// factorSecret is a new secret to share with an app, as apps take it.
func factorSecret() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base32.StdEncoding.EncodeToString(b)
}

// stepAt is the step in which an instant falls.
func stepAt(t time.Time) int64 { return t.Unix() / int64(stepLength/time.Second) }

// digitsAt are the six digits of a step: RFC 4226 with the step as counter, as every app makes them.
func digitsAt(secret string, step int64) (string, error) {
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		return "", err
	}
	m := hmac.New(sha1.New, key)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff)%1_000_000), nil
}

// stepOf finds the step whose digits these are, among those near the instant.
func stepOf(secret, digits string, now time.Time) (int64, bool) {
	digits = strings.NewReplacer(" ", "", "-", "").Replace(digits)
	found, ok := int64(0), false
	for step := stepAt(now) - stepDrift; step <= stepAt(now)+stepDrift; step++ {
		want, err := digitsAt(secret, step)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(digits)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}

// factorURL is the secret as apps scan it.
func factorURL(username, secret string) string {
	const issuer = "手机党支部"
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+username) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// recoveryText is a new recovery code: ten characters that are not mistaken for each other.
func recoveryText() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789x"
	b := make([]byte, 10)
	_, _ = rand.Read(b) // never fails since Go 1.24
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b[:5]) + "-" + string(b[5:])
}

// foldRecovery is a recovery code as people may type it.
func foldRecovery(code string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(strings.TrimSpace(code)))
}
