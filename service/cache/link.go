package cache

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"zhibu/model"
)

const (
	// prefix sets our keys apart in a Redis that others use too.
	prefix = "zhibu:"
	// patience is how long one step of talking to Redis may take: longer than that, the database is faster.
	patience = 200 * time.Millisecond
	// pause is how long Redis is left alone after a failure.
	pause = time.Second
)

// errURL says how the address is written; it never repeats the address, which may hold a password.
var errURL = errors.New("Redis 地址写法有误，应为 redis://[用户:密码@]主机:端口[/库号] 或 rediss://…；集群写多个地址，用逗号隔开，不带库号")

// dial reads the address. Several addresses, each whole or the host and port alone, make a cluster. No connection is made yet.
func dial(rawURL string) (redis.UniversalClient, error) {
	parts := strings.Split(strings.TrimSpace(rawURL), ",")
	first := parts[0]
	scheme, _, ok := strings.Cut(first, "://")
	if !ok {
		return nil, errURL
	}
	var more []string
	for _, part := range parts[1:] {
		part = strings.TrimSpace(part)
		if strings.Contains(part, "://") {
			other, err := redis.ParseURL(part)
			if err != nil || !strings.HasPrefix(part, scheme+"://") {
				return nil, errURL
			}
			more = append(more, other.Addr)
			continue
		}
		// What follows the last host belongs to the whole address.
		host := part
		if i := strings.IndexAny(part, "/?"); i >= 0 {
			host, first = part[:i], first+part[i:]
		}
		if host == "" {
			return nil, errURL
		}
		if !strings.Contains(host, ":") {
			host += ":6379"
		}
		more = append(more, host)
	}
	one, err := redis.ParseURL(first)
	if err != nil || one.Network == "unix" || (len(more) > 0 && one.DB != 0) {
		return nil, errURL
	}
	opts := &redis.UniversalOptions{
		Addrs: append([]string{one.Addr}, more...), DB: one.DB, Username: one.Username, Password: one.Password, TLSConfig: one.TLSConfig, Protocol: one.Protocol,
		PoolSize: one.PoolSize, ContextTimeoutEnabled: true, DisableIdentity: true,
		DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
		// A connection that died unnoticed costs one more try, no more: the link decides when to give up.
		MaxRetries: 1, MinRetryBackoff: time.Millisecond, MaxRetryBackoff: 5 * time.Millisecond, DialerRetries: 1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if opts.TLSConfig != nil && len(more) > 0 {
		opts.TLSConfig.ServerName = "" // It names the first host only; without it each is checked against its own name.
	}
	return redis.NewUniversalClient(opts), nil
}

// link is the way to Redis. After a failure it is closed for a second, then one caller tries again while the others go on without; an outage is
// logged when it begins and when it ends.
type link struct {
	client redis.UniversalClient
	log    *slog.Logger
	clock  model.Clock

	mu     sync.Mutex
	down   bool
	failed time.Time
	// mend runs before anything else is asked of Redis: what could not be deleted during an outage is deleted first.
	mend func(context.Context) error
}

// do runs one exchange with Redis and reports whether it took place. A missing key is an answer, not a failure.
func (l *link) do(ctx context.Context, f func(context.Context) error) bool {
	recovering, ok := l.enter()
	if !ok {
		return false
	}
	own, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	var err error
	if l.mend != nil {
		err = l.mend(own)
	}
	if err == nil {
		err = f(own)
	}
	switch {
	case err == nil || errors.Is(err, redis.Nil):
		if recovering { // An answer to a question from before the outage does not end it.
			l.up()
		}
		return true
	case ctx.Err() != nil || errors.Is(err, redis.ErrClosed):
		return false // The caller has gone away, or we are stopping: that says nothing about Redis.
	}
	l.fail(err)
	return false
}

// enter lets everybody in while Redis is well, and one caller each pause while it is not.
func (l *link) enter() (recovering, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.down {
		return false, true
	}
	now := l.clock()
	if since := now.Sub(l.failed); since >= 0 && since < pause {
		return false, false
	}
	l.failed = now
	return true, true
}

func (l *link) up() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		l.down = false
		l.log.Info("redis is back")
	}
}

func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = l.clock()
	if !l.down {
		l.down = true
		l.log.Warn("redis is lost, going on without it", "error", plain(err))
	}
}

// ping asks Redis directly, whatever the link believes; when it answers, the next caller need not wait for the pause to end.
func (l *link) ping(ctx context.Context) error {
	own, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := l.client.Ping(own).Err(); err != nil {
		if ctx.Err() == nil {
			l.fail(err)
		}
		return errors.New("redis: " + plain(err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		l.failed = time.Time{}
	}
	return nil
}

// plain is an error without the arguments that Redis repeats in some of its answers: they could be a secret.
func plain(err error) string {
	text := err.Error()
	var answer redis.Error
	if errors.As(err, &answer) {
		if i := strings.IndexAny(text, ",'`\""); i >= 0 {
			text = text[:i]
		}
	}
	return text
}
