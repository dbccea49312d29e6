package cache

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"zhibu/model"
)

type memoryTokens struct {
	clock model.Clock

	mu   sync.Mutex
	held map[string]heldToken // as few as the program has WeChat accounts
}

type heldToken struct {
	token   string
	expires time.Time
}

func newMemoryTokens(clock model.Clock) *memoryTokens {
	return &memoryTokens{clock: clock, held: map[string]heldToken{}}
}

func (m *memoryTokens) Get(_ context.Context, key string) (string, time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.held[key]
	if !ok || !h.expires.After(m.clock()) {
		delete(m.held, key)
		return "", time.Time{}, false
	}
	return h.token, h.expires, true
}

func (m *memoryTokens) Set(_ context.Context, key, token string, expires time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if token == "" || !expires.After(m.clock()) {
		delete(m.held, key)
		return
	}
	m.held[key] = heldToken{token, expires}
}

func (m *memoryTokens) DeleteIfEqual(_ context.Context, key, token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[key].token == token {
		delete(m.held, key)
	}
}

const tokenPrefix = prefix + "token:"

// redisTokens looks here first and in Redis second; the value there is the expiry in Unix milliseconds, a line break, and the token.
type redisTokens struct {
	link          *link
	local         *memoryTokens
	deleteIfEqual *redis.Script
}

func newRedisTokens(l *link, local *memoryTokens) *redisTokens {
	return &redisTokens{link: l, local: local, deleteIfEqual: redis.NewScript(`
		local held = redis.call('GET', KEYS[1])
		if held and string.sub(held, (string.find(held, '\n', 1, true) or 0) + 1) == ARGV[1] then
			return redis.call('DEL', KEYS[1])
		end
		return 0`)}
}

func (r *redisTokens) Get(ctx context.Context, key string) (string, time.Time, bool) {
	if token, expires, ok := r.local.Get(ctx, key); ok {
		return token, expires, true
	}
	var held string
	r.link.do(ctx, func(ctx context.Context) (err error) {
		held, err = r.link.client.Get(ctx, tokenPrefix+key).Result()
		return err
	})
	at, token, _ := strings.Cut(held, "\n")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return "", time.Time{}, false // nothing there, or nothing of ours
	}
	r.local.Set(ctx, key, token, time.UnixMilli(ms).UTC())
	return r.local.Get(ctx, key)
}

func (r *redisTokens) Set(ctx context.Context, key, token string, expires time.Time) {
	r.local.Set(ctx, key, token, expires)
	ttl := expires.Sub(r.local.clock())
	if token == "" || ttl < time.Millisecond { // Redis takes zero for eternity.
		return
	}
	r.link.do(ctx, func(ctx context.Context) error {
		return r.link.client.Set(ctx, tokenPrefix+key, strconv.FormatInt(expires.UnixMilli(), 10)+"\n"+token, ttl).Err()
	})
}

func (r *redisTokens) DeleteIfEqual(ctx context.Context, key, token string) {
	r.local.DeleteIfEqual(ctx, key, token)
	r.link.do(ctx, func(ctx context.Context) error {
		return r.deleteIfEqual.Run(ctx, r.link.client, []string{tokenPrefix + key}, token).Err()
	})
}
