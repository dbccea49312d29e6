package signin

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestDigitsAreThoseOfTheStandard holds the digits against RFC 6238, appendix B, of which ours are the last six.
func TestDigitsAreThoseOfTheStandard(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		got, err := digitsAt(secret, stepAt(time.Unix(at, 0)))
		if err != nil || got != want[2:] {
			t.Errorf("at %d: %s %v, want %s", at, got, err, want[2:])
		}
	}
}

func TestDriftIsOneStep(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	secret := factorSecret()
	for off, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		digits, err := digitsAt(secret, stepAt(now)+off)
		if err != nil {
			t.Fatal(err)
		}
		if step, ok := stepOf(secret, digits[:3]+" "+digits[3:], now); ok != want || (ok && step != stepAt(now)+off) {
			t.Errorf("%d steps off: %d %t", off, step, ok)
		}
	}
	for _, digits := range []string{"", "12345", "abcdef", "1234567"} {
		if _, ok := stepOf(secret, digits, now); ok {
			t.Errorf("%q was taken", digits)
		}
	}
}

func TestAppsCanReadTheAddress(t *testing.T) {
	secret := factorSecret()
	u, err := url.Parse(factorURL("office", secret))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/手机党支部:office" || u.Query().Get("secret") != secret || u.Query().Get("issuer") != "手机党支部" {
		t.Errorf("%v %v", u, err)
	}
	if foldRecovery(" "+strings.ToUpper(recoveryText())+" ") == "" || len(foldRecovery(recoveryText())) != 10 {
		t.Error("a recovery code is ten characters")
	}
}
