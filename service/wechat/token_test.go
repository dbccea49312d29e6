package wechat

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const good = `{"errcode":0,"errmsg":"ok","msgid":294402298110051942}`

func TestDeadTokenIsRenewedOnce(t *testing.T) {
	f := newFake(t, answers(good))
	if _, err := f.door.SendSubscribe(t.Context(), card); err != nil {
		t.Fatal(err)
	}
	// Somebody forces a refresh elsewhere: our token is dead, and WeChat's current one is another.
	f.mu.Lock()
	f.current = "TOKEN-000002"
	f.mu.Unlock()
	id, err := f.door.SendSubscribe(t.Context(), card)
	if err != nil || id != "294402298110051942" {
		t.Fatalf("id %q, error %v", id, err)
	}
	var tokens []string
	for _, c := range f.seen() {
		tokens = append(tokens, c.token)
	}
	if got := strings.Join(tokens, " "); got != "TOKEN-000001 TOKEN-000001 TOKEN-000002" {
		t.Errorf("calls with %s", got)
	}
	if f.fetches != 2 || f.forces != 0 {
		t.Errorf("%d fetches, %d forced", f.fetches, f.forces)
	}
	if contains(f.log.String(), "TOKEN-") || contains(f.log.String(), testSecret) {
		t.Errorf("the log shows secrets:\n%s", f.log)
	}
}

func TestEachTokenCodeIsRenewed(t *testing.T) {
	for _, code := range []int{40001, 40014, 42001} {
		f := newFake(t, answers(fault(code, "access_token expired"), good))
		f.handout = ""
		if _, err := f.door.SendSubscribe(t.Context(), card); err != nil {
			t.Errorf("%d: %v", code, err)
		}
		if n := len(f.seen()); n != 2 {
			t.Errorf("%d: %d calls", code, n)
		}
		// stable_token handed out the same token, so a new one was forced.
		if f.forces != 1 {
			t.Errorf("%d: %d forced", code, f.forces)
		}
	}
}

func TestTokenThatStaysDead(t *testing.T) {
	f := newFake(t, answers(fault(40001, "invalid credential")))
	_, err := f.door.SendSubscribe(t.Context(), card)
	if e := callError(t, err); e.Class != ClassToken {
		t.Errorf("got %v", err)
	}
	if n := len(f.seen()); n != 2 {
		t.Errorf("%d calls: it must be tried again once, never more", n)
	}
	for range 5 {
		_, err = f.door.SendSubscribe(t.Context(), card)
	}
	if f.forces != 1 {
		t.Errorf("%d forced refreshes within 30 s", f.forces)
	}
	if e := callError(t, err); e.Class != ClassToken || e.RetryAfter != forceEvery {
		t.Errorf("got %v", err)
	}
	if contains(everyForm(err), "TOKEN-") {
		t.Errorf("the error shows the token: %v", err)
	}
}

func TestForcedRefreshesADay(t *testing.T) {
	f := newFake(t, answers(fault(42001, "access_token expired")))
	for range 40 { // twenty minutes, all of one day
		_, _ = f.door.SendSubscribe(t.Context(), card)
		f.advance(forceEvery)
	}
	if f.forces != forcePerDay {
		t.Errorf("%d forced refreshes in a day", f.forces)
	}
	f.advance(24 * time.Hour)
	_, _ = f.door.SendSubscribe(t.Context(), card)
	if f.forces != forcePerDay+1 {
		t.Errorf("%d forced refreshes: the next day has its own", f.forces)
	}
}

func TestReplicasShareTokens(t *testing.T) {
	f := newFake(t, answers(good))
	shared := NewMemoryTokens(f.clock)
	one, two := f.open(f.server.URL, shared), f.open(f.server.URL+"/", shared)
	defer one.Close()
	defer two.Close()
	send := func(d *Door) {
		t.Helper()
		if _, err := d.SendSubscribe(t.Context(), card); err != nil {
			t.Fatal(err)
		}
	}
	send(one)
	send(two)
	if f.fetches != 1 {
		t.Errorf("%d fetches for two replicas", f.fetches)
	}
	f.mu.Lock()
	f.current = "TOKEN-000002"
	f.mu.Unlock()
	send(one)
	send(two) // its copy is dead, the shared one is not: it must neither drop it nor fetch
	if f.fetches != 2 {
		t.Errorf("%d fetches, want one more for both", f.fetches)
	}
}

// lostTokens forgets everything, like a Redis that is down.
type lostTokens struct{}

func (lostTokens) Get(context.Context, string) (string, time.Time, bool) {
	return "", time.Time{}, false
}
func (lostTokens) Set(context.Context, string, string, time.Time) {}
func (lostTokens) DeleteIfEqual(context.Context, string, string)  {}

func TestLostStoreKeepsTheCopy(t *testing.T) {
	f := newFake(t, answers(good))
	d := f.open(f.server.URL, lostTokens{})
	defer d.Close()
	for range 5 {
		if _, err := d.SendSubscribe(t.Context(), card); err != nil {
			t.Fatal(err)
		}
	}
	if f.fetches != 1 {
		t.Errorf("%d fetches", f.fetches)
	}
}

func TestSingleFlight(t *testing.T) {
	f := newFake(t, answers(good))
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := f.door.SendSubscribe(t.Context(), card); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.fetches != 1 {
		t.Errorf("%d fetches", f.fetches)
	}
	f.mu.Lock()
	f.current = "TOKEN-000002"
	f.mu.Unlock()
	for range 50 {
		wg.Go(func() {
			if _, err := f.door.SendSubscribe(t.Context(), card); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f.fetches != 2 {
		t.Errorf("%d fetches after the token died", f.fetches)
	}
}

// The first caller's leaving must not take the token from the others.
func TestLeaverDoesNotFailOthers(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, answers(good))
	inner := f.server.Config.Handler
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == APIToken {
			close(arrived)
			<-release
		}
		inner.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := f.door.SendSubscribe(ctx, card)
		left <- err
	}()
	<-arrived
	cancel()
	if e := callError(t, <-left); e.Class != ClassNotSent {
		t.Errorf("who leaves before the token has sent nothing: %v", e)
	}
	stays := make(chan error, 1)
	go func() {
		_, err := f.door.SendSubscribe(t.Context(), card)
		stays <- err
	}()
	close(release)
	if err := <-stays; err != nil {
		t.Error(err)
	}
	if f.fetches != 1 {
		t.Errorf("%d fetches", f.fetches)
	}
}

func TestTokenLife(t *testing.T) {
	for expires, want := range map[int64]time.Duration{7200: 6900 * time.Second, 300: 150 * time.Second, 600: 300 * time.Second, 1: 500 * time.Millisecond, 1 << 40: 6900 * time.Second} {
		if got := usable(expires); got != want {
			t.Errorf("a token of %d s is used for %v, want %v", expires, got, want)
		}
	}
	f := newFake(t, answers(good))
	for _, step := range []struct {
		after   time.Duration
		fetches int
	}{{0, 1}, {6899 * time.Second, 1}, {2 * time.Second, 2}} {
		f.advance(step.after)
		if _, err := f.door.SendSubscribe(t.Context(), card); err != nil || f.fetches != step.fetches {
			t.Errorf("after %v more: %d fetches, error %v", step.after, f.fetches, err)
		}
	}
}

func TestTokenEndpointFaults(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   RetryClass
	}{
		{fault(40125, "invalid appsecret "+testSecret), ClassConfig},
		{fault(40001, "AppSecret error"), ClassConfig},
		{fault(40164, "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist"), ClassConfig},
		{fault(-1, "system error"), ClassRetry},
		{fault(45011, "slow"), ClassMinute},
		{`{}`, ClassRetry},
		{`{"access_token":"x","expires_in":0}`, ClassRetry},
		{`<html>`, ClassRetry},
	} {
		f := newFake(t, answers(good))
		f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.answer) })
		_, err := f.door.SendSubscribe(t.Context(), card)
		// A send that found no token has surely not been made, so its class is never the unknown outcome.
		if e := callError(t, err); e.Class != c.want || e.API != APIToken {
			t.Errorf("%s: %v", c.answer, err)
		}
		if contains(everyForm(err)+f.log.String(), testSecret) {
			t.Errorf("the secret shows: %v", err)
		}
	}
}

func TestClosedDoor(t *testing.T) {
	f := newFake(t, answers(good))
	f.door.Close()
	_, err := f.door.SendSubscribe(t.Context(), card)
	if e := callError(t, err); e.Class != ClassNotSent {
		t.Errorf("got %v", err)
	}
	f.door.Close()
}

func TestMemoryTokens(t *testing.T) {
	now := time.Unix(1000, 0)
	m := NewMemoryTokens(func() time.Time { return now })
	ctx := t.Context()
	m.Set(ctx, "k", "a", now.Add(time.Minute))
	m.DeleteIfEqual(ctx, "k", "b")
	if token, expires, ok := m.Get(ctx, "k"); !ok || token != "a" || !expires.Equal(now.Add(time.Minute)) {
		t.Errorf("got %q %v %v", token, expires, ok)
	}
	now = now.Add(time.Minute)
	if _, _, ok := m.Get(ctx, "k"); ok {
		t.Error("an expired token is given out")
	}
	now = now.Add(-time.Second)
	m.DeleteIfEqual(ctx, "k", "a")
	if _, _, ok := m.Get(ctx, "k"); ok {
		t.Error("a dropped token is given out")
	}
}
