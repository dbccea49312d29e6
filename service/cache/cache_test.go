package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"zhibu/model"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) {
	storetest.Main(m, func() error { return goleak.Find() })
}

// hand is a clock that moves only when a test moves it.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func newHand() *hand { return &hand{now: time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone)} }

func (h *hand) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// journal keeps what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) count(s string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), s)
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func openSet(t *testing.T, url string, h *hand, j *journal) *Set {
	t.Helper()
	s, err := Open(t.Context(), url, j.log(), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// everywhere runs a test in this process, on the imitation of Redis, and on a real one.
func everywhere(t *testing.T, f func(t *testing.T, s *Set, h *hand)) {
	t.Run("in process", func(t *testing.T) {
		h := newHand()
		f(t, openSet(t, "", h, &journal{}), h)
	})
	t.Run("miniredis", func(t *testing.T) {
		h := newHand()
		f(t, openSet(t, "redis://"+miniredis.RunT(t).Addr(), h, &journal{}), h)
	})
	t.Run("redis", func(t *testing.T) {
		h := newHand()
		f(t, openSet(t, storetest.Redis(t).URL(), h, &journal{}), h)
	})
}

func wantBytes(t *testing.T, b Bytes, key, want string) {
	t.Helper()
	got, ok := b.Get(t.Context(), key)
	if string(got) != want || ok != (want != "") {
		t.Fatalf("%s: got %q, %v; want %q", key, got, ok, want)
	}
}

func TestBytes(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Set, _ *hand) {
		ctx, b := t.Context(), s.Bytes
		wantBytes(t, b, "a", "")
		b.Set(ctx, "a", []byte("1"), time.Minute)
		b.Set(ctx, "b", []byte("2"), time.Minute)
		b.Set(ctx, "c", []byte("3"), time.Minute)
		wantBytes(t, b, "a", "1")
		b.Set(ctx, "a", []byte("4"), time.Minute)
		wantBytes(t, b, "a", "4")
		b.Delete(ctx)
		b.Delete(ctx, "a", "b", "never there")
		wantBytes(t, b, "a", "")
		wantBytes(t, b, "b", "")
		wantBytes(t, b, "c", "3")
		b.Set(ctx, "c", []byte("5"), 0)
		wantBytes(t, b, "c", "")
	})
}

func TestBytesExpire(t *testing.T) {
	h := newHand()
	b := NewMemory(1<<20, h.clock)
	b.Set(t.Context(), "a", []byte("1"), time.Minute)
	h.move(59 * time.Second)
	wantBytes(t, b, "a", "1")
	h.move(2 * time.Second)
	wantBytes(t, b, "a", "")

	m := miniredis.RunT(t)
	s := openSet(t, "redis://"+m.Addr(), h, &journal{})
	s.Bytes.Set(t.Context(), "a", []byte("1"), time.Minute)
	m.FastForward(59 * time.Second)
	wantBytes(t, s.Bytes, "a", "1")
	m.FastForward(2 * time.Second)
	wantBytes(t, s.Bytes, "a", "")
}

func TestMemoryKeepsToItsWeight(t *testing.T) {
	const limit = 100 << 10
	b := NewMemory(limit, newHand().clock)
	for i := range 1000 {
		b.Set(t.Context(), fmt.Sprint("key", i), make([]byte, 1<<10), time.Hour)
	}
	m := b.(*memory)
	m.cache.CleanUp()
	if w := m.cache.WeightedSize(); w == 0 || w > limit {
		t.Fatalf("holds %d of %d bytes", w, limit)
	}
	b.Set(t.Context(), "whale", make([]byte, 2*limit), time.Hour)
	m.cache.CleanUp()
	wantBytes(t, b, "whale", "")
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		url   string
		addrs string // empty: refused
		db    int
		user  string
		tls   bool
	}{
		{url: "redis://127.0.0.1:6379", addrs: "127.0.0.1:6379"},
		{url: "redis://cache.example", addrs: "cache.example:6379"},
		{url: "redis://u:p%40ss@cache.example:7000/3", addrs: "cache.example:7000", db: 3, user: "u"},
		{url: "rediss://u:pass@cache.example:7000", addrs: "cache.example:7000", user: "u", tls: true},
		{url: "redis://u:pass@a:7000,b:7001,c", addrs: "a:7000 b:7001 c:6379", user: "u"},
		{url: "redis://u:pass@a:7000,b:7001?protocol=2", addrs: "a:7000 b:7001", user: "u"},
		{url: "rediss://u:pass@a:7000, rediss://u:pass@b:7001", addrs: "a:7000 b:7001", user: "u", tls: true},
		{url: "redis://a:7000,rediss://b:7001"},
		{url: "redis://a:7000,b:7001/2"},
		{url: "redis://a:7000,,b:7001"},
		{url: "127.0.0.1:6379"},
		{url: "http://cache.example"},
		{url: "unix:///run/redis.sock"},
		{url: "redis://u:topsecret@cache.example:bad/x"},
	} {
		client, err := dial(c.url)
		if err != nil {
			if c.addrs != "" || !errors.Is(err, errURL) || strings.Contains(err.Error(), "topsecret") {
				t.Errorf("%s: %v", c.url, err)
			}
			continue
		}
		var addrs, user string
		var db int
		var tls bool
		switch r := client.(type) {
		case *redis.Client:
			o := r.Options()
			addrs, user, db, tls = o.Addr, o.Username, o.DB, o.TLSConfig != nil
		case *redis.ClusterClient:
			o := r.Options()
			addrs, user, tls = strings.Join(o.Addrs, " "), o.Username, o.TLSConfig != nil
		}
		if addrs != c.addrs || user != c.user || db != c.db || tls != c.tls {
			t.Errorf("%s: read as %q, user %q, database %d, tls %v", c.url, addrs, user, db, tls)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(t.Context(), "nonsense", slog.New(slog.DiscardHandler), newHand().clock); !errors.Is(err, errURL) {
		t.Errorf("Open took nonsense: %v", err)
	}
}

func allow(t *testing.T, l Limiter, key string, r Rate, want bool) time.Duration {
	t.Helper()
	ok, after := l.Allow(t.Context(), key, r)
	if ok != want || ok != (after == 0) {
		t.Fatalf("%s: got %v, retry after %v; want %v", key, ok, after, want)
	}
	return after
}

func TestLimiter(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Set, _ *hand) {
		r := Rate{Per: time.Minute, Count: 6, Burst: 3}
		for range 3 {
			allow(t, s.Limiter, "a", r, true)
		}
		// One each ten seconds; that the real clock has moved a little since the first does not matter.
		if after := allow(t, s.Limiter, "a", r, false); after > 10*time.Second || after < 5*time.Second {
			t.Errorf("retry after %v, want about 10 s", after)
		}
		allow(t, s.Limiter, "b", r, true)
		for range 4 {
			allow(t, s.Limiter, "no burst", Rate{Per: time.Hour, Count: 4}, true)
		}
		allow(t, s.Limiter, "no burst", Rate{Per: time.Hour, Count: 4}, false)
		for range 100 {
			allow(t, s.Limiter, "free", Rate{}, true)
		}
	})
}

func TestMemoryLimiterRefillsAndForgets(t *testing.T) {
	h := newHand()
	l := NewMemoryLimiter(h.clock)
	r := Rate{Per: time.Minute, Count: 6, Burst: 2}
	allow(t, l, "a", r, true)
	allow(t, l, "a", r, true)
	after := allow(t, l, "a", r, false)
	h.move(after - time.Millisecond)
	allow(t, l, "a", r, false) // a refusal books nothing, so waiting is not made longer by asking
	h.move(time.Millisecond)
	allow(t, l, "a", r, true)
	allow(t, l, "a", r, false)
	h.move(time.Hour)
	m := l.(*memoryLimiter)
	m.buckets.CleanUp()
	if n := m.buckets.EstimatedSize(); n != 0 {
		t.Errorf("still remembers %d keys", n)
	}
	allow(t, l, "a", r, true)
}

func TestMemoryLimiterUnderCrowds(t *testing.T) {
	l := NewMemoryLimiter(newHand().clock)
	var work sync.WaitGroup
	var mu sync.Mutex
	passed := 0
	for range 50 {
		work.Go(func() {
			for range 10 {
				if ok, _ := l.Allow(context.Background(), "a", Rate{Per: time.Hour, Count: 30}); ok {
					mu.Lock()
					passed++
					mu.Unlock()
				}
			}
		})
	}
	work.Wait()
	if passed != 30 {
		t.Fatalf("%d passed, want 30", passed)
	}
}

func TestTokens(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Set, h *hand) {
		ctx, k := t.Context(), s.Tokens
		expires := h.clock().Add(2 * time.Hour).UTC()
		wantToken(t, k, "mini", "")
		k.Set(ctx, "mini", "T1", expires)
		k.Set(ctx, "official", "T9", expires)
		if _, at, _ := k.Get(ctx, "mini"); !at.Equal(expires) {
			t.Fatalf("expires %v, want %v", at, expires)
		}
		wantToken(t, k, "mini", "T1")
		k.DeleteIfEqual(ctx, "mini", "T0")
		wantToken(t, k, "mini", "T1")
		k.DeleteIfEqual(ctx, "mini", "T1")
		wantToken(t, k, "mini", "")
		k.DeleteIfEqual(ctx, "mini", "T1")
		wantToken(t, k, "official", "T9")
		for _, stale := range []time.Time{{}, h.clock(), h.clock().Add(-time.Hour)} {
			k.Set(ctx, "dead", "T2", stale)
			wantToken(t, k, "dead", "")
		}
		k.Set(ctx, "empty", "", expires)
		wantToken(t, k, "empty", "")
		h.move(2 * time.Hour)
		wantToken(t, k, "official", "")
	})
}

func wantToken(t *testing.T, k Tokens, key, want string) {
	t.Helper()
	if got, _, ok := k.Get(t.Context(), key); got != want || ok != (want != "") {
		t.Fatalf("%s: got %q, %v; want %q", key, got, ok, want)
	}
}

func TestTokensAreShared(t *testing.T) {
	m, h := miniredis.RunT(t), newHand()
	one, two := openSet(t, "redis://"+m.Addr(), h, &journal{}), openSet(t, "redis://"+m.Addr(), h, &journal{})
	ctx, expires := t.Context(), h.clock().Add(time.Hour)
	one.Tokens.Set(ctx, "mini", "T1", expires)
	wantToken(t, two.Tokens, "mini", "T1")
	one.Tokens.DeleteIfEqual(ctx, "mini", "T1")
	one.Tokens.Set(ctx, "mini", "T2", expires)
	// The other replica still uses the old one; when WeChat refuses it, the new one stays and is found.
	two.Tokens.DeleteIfEqual(ctx, "mini", "T1")
	wantToken(t, two.Tokens, "mini", "T2")
	one.Tokens.Set(ctx, "dead", "T3", h.clock())
	if m.Exists(tokenPrefix + "dead") {
		t.Error("a dead token was kept")
	}
	for _, key := range m.Keys() {
		if !strings.HasPrefix(key, "zhibu:") {
			t.Errorf("key %q lacks our prefix", key)
		}
		if m.TTL(key) <= 0 {
			t.Errorf("key %q would stay for ever", key)
		}
	}
	if err := m.Set(tokenPrefix+"foreign", "not ours"); err != nil {
		t.Fatal(err)
	}
	wantToken(t, one.Tokens, "foreign", "")
}
