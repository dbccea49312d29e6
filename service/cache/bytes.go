package cache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"

	"zhibu/model"
)

// ticks gives an in-process cache the injected clock. It never ticks: what has expired goes when room is needed, and no goroutine is kept for it.
type ticks struct{ clock model.Clock }

func (t ticks) NowNano() int64                      { return t.clock().UnixNano() }
func (t ticks) Tick(time.Duration) <-chan time.Time { return nil }

type value struct {
	b   []byte
	ttl time.Duration
}

type memory struct {
	cache *otter.Cache[string, value]
}

// NewMemory makes a cache in this process that holds at most so many bytes, keys and some room for each entry included.
func NewMemory(maxBytes uint64, clock model.Clock) Bytes {
	const perEntry = 128 // about what the cache itself keeps for an entry
	return &memory{cache: otter.Must(&otter.Options[string, value]{
		MaximumWeight:    maxBytes,
		Weigher:          func(key string, v value) uint32 { return uint32(min(len(key)+len(v.b)+perEntry, 1<<31)) },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, value]) time.Duration { return e.Value.ttl }),
		Clock:            ticks{clock},
	})}
}

func (m *memory) Get(_ context.Context, key string) ([]byte, bool) {
	v, ok := m.cache.GetIfPresent(key)
	return v.b, ok
}

func (m *memory) Set(_ context.Context, key string, val []byte, ttl time.Duration) {
	if ttl <= 0 {
		m.cache.Invalidate(key)
		return
	}
	m.cache.Set(key, value{b: val, ttl: ttl})
}

func (m *memory) Delete(_ context.Context, keys ...string) {
	for _, key := range keys {
		m.cache.Invalidate(key)
	}
}

const (
	bytesPrefix = prefix + "b:"
	// maxMissed is how many single keys an outage may leave behind; past it every value in Redis is swept away when it is over.
	maxMissed = 20_000
)

// redisBytes remembers which keys it could not write or delete: Redis may come back with what it held before, and that must not be believed.
type redisBytes struct {
	link *link

	pending atomic.Bool // missed or sweep hold something
	mu      sync.Mutex
	missed  map[string]uint64 // key → the number of its last miss
	count   uint64
	sweep   bool
}

func newRedisBytes(l *link) *redisBytes {
	r := &redisBytes{link: l, missed: map[string]uint64{}}
	l.mend = r.mend
	return r
}

func (r *redisBytes) Get(ctx context.Context, key string) (val []byte, found bool) {
	r.link.do(ctx, func(ctx context.Context) (err error) {
		val, err = r.link.client.Get(ctx, bytesPrefix+key).Bytes()
		found = err == nil
		return err
	})
	return val, found
}

func (r *redisBytes) Set(ctx context.Context, key string, val []byte, ttl time.Duration) {
	if ttl < time.Millisecond { // Redis counts in milliseconds, and takes zero for eternity.
		r.Delete(ctx, key)
		return
	}
	if !r.link.do(ctx, func(ctx context.Context) error { return r.link.client.Set(ctx, bytesPrefix+key, val, ttl).Err() }) {
		r.miss(key)
	}
}

func (r *redisBytes) Delete(ctx context.Context, keys ...string) {
	if len(keys) == 0 {
		return
	}
	if !r.link.do(ctx, func(ctx context.Context) error { return unlink(ctx, r.link.client, keys) }) {
		r.miss(keys...)
	}
}

// unlink deletes keys one by one in a single exchange: in a cluster they live on different nodes.
func unlink(ctx context.Context, client redis.UniversalClient, keys []string) error {
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Del(ctx, bytesPrefix+key)
		}
		return nil
	})
	return err
}

func (r *redisBytes) miss(keys ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		r.count++
		r.missed[key] = r.count
	}
	if len(r.missed) > maxMissed {
		r.missed, r.sweep = map[string]uint64{}, true
	}
	r.pending.Store(true)
}

func (r *redisBytes) mend(ctx context.Context) error {
	if !r.pending.Load() {
		return nil
	}
	r.mu.Lock()
	missed, sweep := maps.Clone(r.missed), r.sweep
	r.mu.Unlock()
	if sweep {
		if err := sweepAll(ctx, r.link.client); err != nil {
			return err
		}
	}
	for keys := range slices.Chunk(slices.Collect(maps.Keys(missed)), 1000) {
		if err := unlink(ctx, r.link.client, keys); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, n := range missed {
		if r.missed[key] == n { // not missed once more meanwhile
			delete(r.missed, key)
		}
	}
	// A sweep asked for since the copy was taken implies a full list since then; it is done again rather than not at all.
	r.sweep = r.sweep && !sweep
	r.pending.Store(r.sweep || len(r.missed) > 0)
	return nil
}

// sweepAll deletes every cached value, on each node of a cluster.
func sweepAll(ctx context.Context, client redis.UniversalClient) error {
	node := func(ctx context.Context, c *redis.Client) error {
		var cursor uint64
		for {
			keys, next, err := c.Scan(ctx, cursor, bytesPrefix+"*", 1000).Result()
			if err != nil {
				return err
			}
			_, err = c.Pipelined(ctx, func(p redis.Pipeliner) error {
				for _, key := range keys {
					p.Del(ctx, key)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if cursor = next; cursor == 0 {
				return nil
			}
		}
	}
	switch c := client.(type) {
	case *redis.Client:
		return node(ctx, c)
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, node)
	}
	return errors.New("a client of an unknown kind")
}
