// Package cache holds what may be lost: cached answers, rate limits, nudges between replicas and WeChat's shared access tokens. Each has one
// implementation in this process and one over Redis. Nothing lives here alone: when Redis is lost, work goes on, more slowly.
package cache

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"zhibu/model"
)

// memoryBytes is how much an in-process cache of values may hold.
const memoryBytes = 32 << 20

// Bytes keeps values for a while. A value that is not there, or cannot be had, is a miss; nothing here fails.
type Bytes interface {
	// Get returns the value of a key. The caller must not change it.
	Get(ctx context.Context, key string) ([]byte, bool)
	// Set keeps a value for ttl; a ttl of zero or less only removes the one before. The caller must not change val afterwards.
	Set(ctx context.Context, key string, val []byte, ttl time.Duration)
	// Delete forgets keys.
	Delete(ctx context.Context, keys ...string)
}

// Rate is a limit: Count each Per in the long run, Burst at once. No Burst means Count at once. A Rate without a Count limits nothing.
type Rate struct {
	Per          time.Duration
	Count, Burst int
}

// Limiter counts what each key does against its rate.
type Limiter interface {
	// Allow books one act; when it is one too many it books nothing, and tells after how long the next is allowed.
	Allow(ctx context.Context, key string, r Rate) (ok bool, retryAfter time.Duration)
}

// Nudge wakes whoever waits for a topic, in this replica and the others. A nudge may be lost: receivers look for themselves from time to time.
type Nudge interface {
	// Publish tells every subscriber of a topic about a key, without waiting for them.
	Publish(ctx context.Context, topic, key string)
	// Subscribe has f called for each key published under a topic, one call at a time; keys that came while f was busy are told once each. An
	// empty key means that some may have been missed: look at everything.
	Subscribe(topic string, f func(key string))
}

// Tokens keeps WeChat's access tokens, so that replicas share them.
type Tokens interface {
	// Get returns a token that has not expired.
	Get(ctx context.Context, key string) (token string, expires time.Time, ok bool)
	// Set keeps a token until it expires. It cannot fail: at worst the other replicas fetch their own.
	Set(ctx context.Context, key, token string, expires time.Time)
	// DeleteIfEqual forgets a token that WeChat has refused, unless a newer one has taken its place.
	DeleteIfEqual(ctx context.Context, key, token string)
}

// Set is everything of this package, over Redis or in this process.
type Set struct {
	Bytes   Bytes
	Limiter Limiter
	Nudge   Nudge
	Tokens  Tokens

	ping  func(context.Context) error
	close func() error
}

// Open makes the set. Without an address all is in this process. Redis need not be there yet: only an address that cannot be read is an error.
func Open(ctx context.Context, redisURL string, log *slog.Logger, clock model.Clock) (*Set, error) {
	tokens := newMemoryTokens(clock)
	if redisURL == "" {
		nudge := newLocalNudge()
		return &Set{
			Bytes: NewMemory(memoryBytes, clock), Limiter: NewMemoryLimiter(clock), Nudge: nudge, Tokens: tokens,
			ping:  func(context.Context) error { return nil },
			close: func() error { nudge.close(); return nil },
		}, nil
	}
	client, err := dial(redisURL)
	if err != nil {
		return nil, err
	}
	logging.Disable() // The client tells of each failed attempt on standard error; the link tells of an outage once, in our log.
	l := &link{client: client, log: log, clock: clock}
	nudge := newRedisNudge(ctx, l)
	return &Set{
		Bytes: newRedisBytes(l), Limiter: newRedisLimiter(l, NewMemoryLimiter(clock)), Nudge: nudge, Tokens: newRedisTokens(l, tokens),
		ping: l.ping,
		close: func() error {
			nudge.close()
			return client.Close()
		},
	}, nil
}

// Ping reports whether Redis answers; in-process there is nothing to ask. The program works without it, only more slowly.
func (s *Set) Ping(ctx context.Context) error { return s.ping(ctx) }

// Close ends the set and waits for its goroutines, and so for a subscriber that is at work; a subscriber must not call it.
func (s *Set) Close() error { return s.close() }
