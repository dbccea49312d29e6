package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// accountHouse is a sessionHouse with the account office of an administrator, past the time in which it may do without a second factor.
type accountHouse struct {
	*sessionHouse
	secret string
}

const accountPassword = "correct-horse-1"

func newAccountHouse(t *testing.T) *accountHouse {
	h := &accountHouse{sessionHouse: newSessionHouse(t)}
	if err := h.signin.CreateAdmin(context.Background(), "office", accountPassword); err != nil {
		t.Fatal(err)
	}
	return h
}

// digits are what an app shows, steps of thirty seconds away from now; made apart from the program's own.
func (h *accountHouse) digits(steps int64) string {
	key, err := base32.StdEncoding.DecodeString(h.secret)
	if err != nil {
		h.t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, h.tell().Unix()/30+steps)
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1000000)
}

func (h *accountHouse) password(status int, code, more string) map[string]any {
	h.t.Helper()
	return h.must(status, code, "POST", "/auth/password", "", `{"username":"office","password":"`+accountPassword+`"`+more+`}`)
}

// enrol sets up the second factor and returns the session.
func (h *accountHouse) enrol() map[string]any {
	h.t.Helper()
	h.pass(8 * 24 * time.Hour)
	asked := h.password(401, "second_factor_required", "")
	if text(asked, "challenge", "kind") != "enrol" || !strings.HasPrefix(text(asked, "challenge", "otpauth_url"), "otpauth://totp/") {
		h.t.Fatalf("an administrator without a second factor: %v", asked)
	}
	h.secret = text(asked, "challenge", "secret")
	h.must(401, "second_factor_invalid", "POST", "/auth/factor", "", h.answer(asked, h.digits(5)))
	return h.must(200, "", "POST", "/auth/factor", "", h.answer(asked, h.digits(0)))
}

func (h *accountHouse) answer(asked map[string]any, code string) string {
	return `{"challenge":"` + text(asked, "challenge", "token") + `","code":"` + code + `"}`
}

func TestSecondFactorIsRequiredOfTheOffice(t *testing.T) {
	h := newAccountHouse(t)
	first := h.password(200, "", "") // while the installation is set up
	account := h.must(200, "", "GET", "/me/account", text(first, "access_token"), "")
	if account["second_factor_required"] != true || account["second_factor"] != false || account["second_factor_due_at"] == nil {
		t.Errorf("account before: %v", account)
	}
	got := h.enrol()
	codes := got["recovery_codes"].([]any)
	if len(codes) != 10 || text(got, "access_token") == "" {
		t.Fatalf("enrolled: %v", got)
	}
	account = h.must(200, "", "GET", "/me/account", text(got, "access_token"), "")
	if account["second_factor"] != true || account["recovery_codes_left"] != 10.0 || account["second_factor_due_at"] != nil {
		t.Errorf("account after: %v", account)
	}
	// The digits of the enrolment are spent.
	asked := h.password(401, "second_factor_required", "")
	if text(asked, "challenge", "kind") != "code" || text(asked, "challenge", "secret") != "" {
		t.Fatalf("asked: %v", asked)
	}
	h.must(401, "second_factor_invalid", "POST", "/auth/factor", "", h.answer(asked, h.digits(0)))
	h.pass(30 * time.Second)
	h.must(200, "", "POST", "/auth/factor", "", h.answer(asked, h.digits(0)))
	h.must(401, "second_factor_invalid", "POST", "/auth/factor", "", h.answer(asked, h.digits(0))) // the same once more
	h.must(401, "second_factor_invalid", "POST", "/auth/factor", "", h.answer(asked, h.digits(-1)))
	// In one request, and by a recovery code, once.
	h.pass(30 * time.Second)
	h.password(200, "", `,"code":"`+h.digits(0)+`"`)
	recovery := `,"recovery_code":"` + strings.ToUpper(codes[3].(string)) + `"`
	h.password(200, "", recovery)
	h.password(401, "second_factor_invalid", recovery)
	h.must(401, "unauthenticated", "POST", "/auth/factor", "", `{"challenge":"made-up","code":"123456"}`)
	h.must(422, "validation_failed", "POST", "/auth/factor", "", h.answer(asked, ""))
	h.pass(6 * time.Minute)
	h.must(401, "unauthenticated", "POST", "/auth/factor", "", h.answer(asked, h.digits(0)))
}

func TestWrongDigitsLockTheName(t *testing.T) {
	h := newAccountHouse(t)
	h.enrol()
	h.pass(30 * time.Second)
	asked := h.password(401, "second_factor_required", "")
	for range 5 {
		h.must(401, "second_factor_invalid", "POST", "/auth/factor", "", h.answer(asked, h.digits(7)))
	}
	h.must(429, "login_locked", "POST", "/auth/factor", "", h.answer(asked, h.digits(0)))
	h.password(429, "login_locked", "")
	h.pass(15*time.Minute + time.Second)
	h.password(200, "", `,"code":"`+h.digits(0)+`"`)
	entries, _, err := h.store.AuditEntries(context.Background(), store.AuditFilter{}, model.Page{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range entries {
		seen[e.Action]++
		if model.AuditWords(e.Action) == e.Action {
			t.Errorf("%s has no words", e.Action)
		}
	}
	if seen["account.locked"] != 1 || seen["account.factor_enrol"] != 1 || seen["session.password"] != 2 {
		t.Errorf("audit: %v", seen)
	}
}

// TestManyGuessesAtOnce: of guesses that come at the same moment no more are looked at than the lock allows, and digits let one in.
func TestManyGuessesAtOnce(t *testing.T) {
	h := newAccountHouse(t)
	h.enrol()
	h.pass(30 * time.Second)
	asked := h.password(401, "second_factor_required", "")
	var mu sync.Mutex
	status := map[int]int{}
	guess := func(body string) {
		req := httptest.NewRequest("POST", "/api/v1/auth/factor", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.api.ServeHTTP(w, req)
		mu.Lock()
		defer mu.Unlock()
		status[w.Code]++
	}
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { guess(h.answer(asked, h.digits(9))) })
	}
	all.Wait()
	if status[401] != 5 || status[429] != 7 {
		t.Errorf("guesses: %v", status)
	}
	h.pass(16 * time.Minute)
	asked = h.password(401, "second_factor_required", "")
	clear(status)
	for range 4 {
		all.Go(func() { guess(h.answer(asked, h.digits(0))) })
	}
	all.Wait()
	if status[200] != 1 {
		t.Errorf("the same digits at once: %v", status)
	}
}

func TestOwnAccount(t *testing.T) {
	h := newAccountHouse(t)
	token, other := text(h.password(200, "", ""), "access_token"), text(h.password(200, "", ""), "access_token")
	visitor := text(h.visitor("o1"), "access_token")
	h.must(403, "not_bound", "PUT", "/me/password", visitor, `{"old":"x","new":"a quite different one"}`)
	change := func(status int, code, old, fresh string) {
		t.Helper()
		h.must(status, code, "PUT", "/me/password", token, `{"old":"`+old+`","new":"`+fresh+`"}`)
	}
	change(401, "unauthenticated", "wrong", "a quite different one")
	for _, weak := range []string{"short", "office12", "1234567890", "aaaaaaaaaaaa", "password123", "qwertyuiop", accountPassword} {
		change(422, "validation_failed", accountPassword, weak)
	}
	change(204, "", accountPassword, "a quite different one")
	h.must(200, "", "GET", "/me", token, "")
	h.must(401, "unauthenticated", "GET", "/me", other, "")
	h.password(401, "unauthenticated", "")
	begun := h.must(200, "", "POST", "/me/second-factor", token, `{"password":"a quite different one"}`)
	h.secret = text(begun, "secret")
	body := `{"challenge":"` + text(begun, "token") + `","code":"` + h.digits(0) + `"}`
	got := h.must(200, "", "POST", "/me/second-factor/confirm", token, body)
	if len(got["recovery_codes"].([]any)) != 10 {
		t.Errorf("confirmed: %v", got)
	}
	h.must(409, "conflict", "POST", "/me/second-factor/confirm", token, body)
	h.must(422, "validation_failed", "POST", "/me/second-factor", token, `{"password":"a quite different one"}`)
	if err := h.signin.ResetFactor(context.Background(), nil, "OFFICE", ""); err != nil {
		t.Fatal(err)
	}
	h.must(401, "unauthenticated", "GET", "/me", token, "")
	if err := h.signin.ResetFactor(context.Background(), nil, "office", ""); !model.IsNotFound(err) {
		t.Errorf("reset twice: %v", err)
	}
}

func TestConsoleSessionsEndWhenIdle(t *testing.T) {
	h := newAccountHouse(t)
	first := h.password(200, "", "")
	token := text(first, "access_token")
	phone := text(h.visitor("o1"), "access_token")
	for range 6 { // in use
		h.pass(10 * time.Minute)
		h.must(200, "", "GET", "/me", token, "")
	}
	items := h.must(200, "", "GET", "/me/sessions", token, "")["items"].([]any)
	seen := text(items[0].(map[string]any), "last_seen_at")
	if len(items) != 1 || !strings.Contains(seen, ":00:00+08:00") || text(items[0].(map[string]any), "device") != "未知设备" {
		t.Errorf("sessions: %v", items)
	}
	h.pass(32 * time.Minute)
	h.must(401, "session_idle", "GET", "/me", token, "")
	h.must(401, "session_idle", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(first, "refresh_token")+`"}`)
	h.must(200, "", "GET", "/me", phone, "")
	a, b := text(h.password(200, "", ""), "access_token"), text(h.password(200, "", ""), "access_token")
	h.must(204, "", "DELETE", "/me/sessions", a, "")
	h.must(200, "", "GET", "/me", a, "")
	h.must(401, "unauthenticated", "GET", "/me", b, "")
}

func TestDevicesInWords(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0":           "Windows 电脑 · Edge 浏览器",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49 NetType/WIFI miniProgram/wx12": "iPhone · 微信小程序",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15":           "苹果电脑 · Safari 浏览器",
		"curl/8.5.0": "命令行", "": "未知设备", "苹果电脑 · Safari 浏览器": "苹果电脑 · Safari 浏览器",
	} {
		if got := model.DeviceWords(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
