package cache

import (
	"context"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"zhibu/model"
)

// maxLimited is how many keys the in-process limiter remembers; who is seen often is remembered before who came once.
const maxLimited = 100_000

func (r Rate) burst() int {
	if r.Burst > 0 {
		return r.Burst
	}
	return r.Count
}

// unlimited is a rate that allows everything.
func (r Rate) unlimited() bool { return r.Count <= 0 || r.Per <= 0 }

// limited is one key under one rate: the same key may be under several.
type limited struct {
	key  string
	rate Rate
}

type memoryLimiter struct {
	clock   model.Clock
	buckets *otter.Cache[limited, *rate.Limiter]
}

// NewMemoryLimiter makes a limiter of this process alone. It forgets a key when its bucket would be full again, since a new one is full too.
func NewMemoryLimiter(clock model.Clock) Limiter {
	full := func(e otter.Entry[limited, *rate.Limiter]) time.Duration {
		r := e.Key.rate
		return r.Per/time.Duration(r.Count)*time.Duration(r.burst()) + time.Second
	}
	return &memoryLimiter{clock: clock, buckets: otter.Must(&otter.Options[limited, *rate.Limiter]{
		MaximumSize: maxLimited, ExpiryCalculator: otter.ExpiryAccessingFunc(full), Clock: ticks{clock},
	})}
}

func (m *memoryLimiter) Allow(_ context.Context, key string, r Rate) (bool, time.Duration) {
	if r.unlimited() {
		return true, 0
	}
	at := limited{key, r}
	bucket, ok := m.buckets.GetIfPresent(at)
	if !ok {
		bucket, _ = m.buckets.ComputeIfAbsent(at, func() (*rate.Limiter, bool) {
			return rate.NewLimiter(rate.Every(r.Per/time.Duration(r.Count)), r.burst()), false
		})
	}
	now := m.clock()
	booking := bucket.ReserveN(now, 1)
	wait := booking.DelayFrom(now)
	if wait > 0 {
		booking.CancelAt(now)
		return false, wait
	}
	return true, 0
}

type redisLimiter struct {
	link     *link
	shared   *redis_rate.Limiter
	fallback Limiter
}

func newRedisLimiter(l *link, fallback Limiter) *redisLimiter {
	return &redisLimiter{link: l, shared: redis_rate.NewLimiter(prefixed{l.client}), fallback: fallback}
}

// Allow asks Redis, so that replicas count together; without Redis each counts alone.
func (r *redisLimiter) Allow(ctx context.Context, key string, limit Rate) (bool, time.Duration) {
	if limit.unlimited() {
		return true, 0
	}
	var result *redis_rate.Result
	ok := r.link.do(ctx, func(ctx context.Context) (err error) {
		result, err = r.shared.Allow(ctx, key, redis_rate.Limit{Rate: limit.Count, Burst: limit.burst(), Period: limit.Per})
		return err
	})
	switch {
	case !ok:
		return r.fallback.Allow(ctx, key, limit)
	case result.Allowed > 0:
		return true, 0
	}
	return false, result.RetryAfter
}

// prefixed puts our prefix before the keys of redis_rate, which knows only its own.
type prefixed struct{ redis.UniversalClient }

func (p prefixed) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return p.UniversalClient.Eval(ctx, script, ours(keys), args...)
}

func (p prefixed) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return p.UniversalClient.EvalSha(ctx, sha, ours(keys), args...)
}

func ours(keys []string) []string {
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = prefix + key
	}
	return out
}
