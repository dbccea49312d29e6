package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

// appDigits are what a phone's app shows for a secret; made apart from the program's own.
func appDigits(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, at.Unix()/30)
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1000000)
}

// office signs the first account in, with its second factor where that is asked for; one that was set up before is reset at the command line, as
// the story that keeps no phone would have it.
func (p *program) office() string {
	p.t.Helper()
	body := object{"username": "office", "password": "a long enough password"}
	got := p.call("POST", "/auth/password", "", body)
	if got.status == 401 && got.text("challenge", "kind") == "code" {
		p.command("", "admin", "reset-factor", "--username", "office")
		got = p.call("POST", "/auth/password", "", body)
	}
	if got.status == 401 && got.text("challenge", "kind") == "enrol" {
		got = p.call("POST", "/auth/factor", "", object{"challenge": got.text("challenge", "token"), "code": appDigits(p.t, got.text("challenge", "secret"), p.now())})
	}
	if got.status != 200 {
		p.t.Fatalf("the office signs in: %s", got.describe())
	}
	return got.text("access_token")
}

// TestStoryConsoleSignIn lives the second factor: the first days without, then set up, digits and recovery codes once each, a lost phone, and none of
// its secrets where it should not be.
func TestStoryConsoleSignIn(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-26T18:40:00+08:00", env)
		p.admin()
		password := object{"username": "office", "password": "a long enough password"}
		p.moveTo("2026-12-04T18:40:00+08:00") // the eighth day
		asked := p.refused(401, "second_factor_required", "POST", "/auth/password", "", password)
		secret := asked.text("challenge", "secret")
		digits := appDigits(t, secret, p.now())
		entered := p.must(200, "POST", "/auth/factor", "", object{"challenge": asked.text("challenge", "token"), "code": digits})
		codes := entered.at("recovery_codes").([]any)
		if len(codes) != 10 || entered.text("me", "name") == "" {
			t.Fatalf("set up: %s", entered.raw)
		}
		withCode := func(field, value string) object {
			return object{"username": "office", "password": "a long enough password", field: value}
		}
		p.refused(401, "second_factor_invalid", "POST", "/auth/password", "", withCode("code", digits)) // spent by the enrolment
		kept := codes[0].(string)
		p.must(200, "POST", "/auth/password", "", withCode("recovery_code", kept))
		p.refused(401, "second_factor_invalid", "POST", "/auth/password", "", withCode("recovery_code", kept))
		if got := p.must(200, "GET", "/me/account", entered.text("access_token"), nil); got.number("recovery_codes_left") != 9 {
			t.Errorf("account: %s", got.raw)
		}
		p.must(401, "POST", "/auth/password", "", password)
		// The phone is lost, and the codes with it: whoever keeps the machine helps.
		p.command("", "admin", "reset-factor", "--username", "office")
		p.eventually("sessions of the lost phone end", 10*time.Second, func() bool {
			return p.call("GET", "/me", entered.text("access_token"), nil).status == 401
		})
		again := p.refused(401, "second_factor_required", "POST", "/auth/password", "", password)
		if again.text("challenge", "kind") != "enrol" || again.text("challenge", "secret") == secret {
			t.Errorf("after the reset: %s", again.raw)
		}
		token := p.office()
		words := string(p.must(200, "GET", "/audit?limit=50", token, nil).raw)
		for _, want := range []string{"account.factor_enrol", "account.factor_reset", "session.password"} {
			if !strings.Contains(words, want) {
				t.Errorf("the audit does not tell %s", want)
			}
		}
		log, rows := p.log.String(), p.everythingKept()
		for what, text := range map[string]string{"the secret": secret, "a recovery code": codes[1].(string), "a challenge": asked.text("challenge", "token"), "the password": "a long enough password"} {
			if strings.Contains(log, text) || strings.Contains(rows, text) {
				t.Errorf("%s stands in the log or the database", what)
			}
		}
	})
}
