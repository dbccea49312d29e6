package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	nudgeChannel = prefix + "nudge"
	// maxWaiting is how many keys may wait for a busy subscriber before it is told to look at everything instead.
	maxWaiting = 1000
	// quiet is how long the other side may say nothing before it is asked whether it is still there.
	quiet = 3 * time.Second
)

// localNudge delivers within this process. Each subscriber has a goroutine of its own, so that a slow one holds up nobody.
type localNudge struct {
	stop chan struct{}
	work sync.WaitGroup

	mu     sync.Mutex
	closed bool
	topics map[string][]*subscriber
}

type subscriber struct {
	call func(key string)
	wake chan struct{}

	mu      sync.Mutex
	waiting []string
	known   map[string]bool // the keys in waiting
}

func newLocalNudge() *localNudge {
	return &localNudge{stop: make(chan struct{}), topics: map[string][]*subscriber{}}
}

func (n *localNudge) Publish(_ context.Context, topic, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.topics[topic] {
		s.push(key)
	}
}

func (n *localNudge) Subscribe(topic string, f func(key string)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	s := &subscriber{call: f, wake: make(chan struct{}, 1), known: map[string]bool{}}
	n.topics[topic] = append(n.topics[topic], s)
	n.work.Go(func() { s.run(n.stop) })
}

// all tells every subscriber that something may have been missed.
func (n *localNudge) all() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, list := range n.topics {
		for _, s := range list {
			s.push("")
		}
	}
}

func (n *localNudge) close() {
	n.mu.Lock()
	if !n.closed {
		n.closed = true
		close(n.stop)
	}
	n.mu.Unlock()
	n.work.Wait()
}

func (s *subscriber) push(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.known[key] || s.known[""]: // an empty key stands for all
		return
	case key == "" || len(s.waiting) >= maxWaiting:
		s.waiting, s.known = []string{""}, map[string]bool{"": true}
	default:
		s.waiting, s.known[key] = append(s.waiting, key), true
	}
	select {
	case s.wake <- struct{}{}:
	default: // It is to be woken already.
	}
}

func (s *subscriber) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.waiting
	s.waiting, s.known = nil, map[string]bool{}
	return keys
}

func (s *subscriber) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-s.wake:
		}
		for _, key := range s.take() {
			select {
			case <-stop:
				return
			default:
				s.call(key)
			}
		}
	}
}

// redisNudge delivers here at once and to the other replicas through one channel, which carries sender, topic and key.
type redisNudge struct {
	local  *localNudge
	link   *link
	sender string
	cancel context.CancelFunc
	done   chan struct{}
}

func newRedisNudge(ctx context.Context, l *link) *redisNudge {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // It lives until close, not until the start is over.
	n := &redisNudge{local: newLocalNudge(), link: l, sender: rand.Text(), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(n.done)
		n.listen(ctx)
	}()
	return n
}

func (n *redisNudge) Publish(ctx context.Context, topic, key string) {
	n.local.Publish(ctx, topic, key)
	n.link.do(ctx, func(ctx context.Context) error {
		return n.link.client.Publish(ctx, nudgeChannel, n.sender+"\x00"+topic+"\x00"+key).Err()
	})
}

func (n *redisNudge) Subscribe(topic string, f func(key string)) { n.local.Subscribe(topic, f) }

func (n *redisNudge) close() {
	n.cancel()
	<-n.done
	n.local.close()
}

// listen receives until ctx ends, and connects anew whenever the connection breaks, waiting longer from time to time up to the link's pause.
func (n *redisNudge) listen(ctx context.Context) {
	wait := pause / 20
	for attempt := 0; ctx.Err() == nil; attempt++ {
		if connected := n.receive(ctx, attempt > 0); connected {
			wait = pause / 20
		} else {
			wait = min(2*wait, pause)
		}
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

// receive takes messages over one connection until it breaks, and reports whether it ever stood.
func (n *redisNudge) receive(ctx context.Context, again bool) (connected bool) {
	channel := n.link.client.Subscribe(ctx, nudgeChannel)
	// A read that waits does not see the context end; it does see its connection close.
	stop := context.AfterFunc(ctx, func() { _ = channel.Close() })
	defer func() {
		stop()
		_ = channel.Close() // It is broken or not wanted any more.
	}()
	asked := false
	for ctx.Err() == nil {
		got, err := channel.ReceiveTimeout(ctx, quiet)
		var timeout net.Error
		switch {
		case err == nil:
		case errors.As(err, &timeout) && timeout.Timeout() && !asked && connected:
			if asked = true; channel.Ping(ctx) != nil {
				return connected
			}
			continue
		default:
			return connected
		}
		asked = false
		switch m := got.(type) {
		case *redis.Subscription:
			if connected = true; again {
				n.local.all() // What was said meanwhile is lost.
			}
		case *redis.Message:
			n.deliver(ctx, m.Payload)
		}
	}
	return connected
}

func (n *redisNudge) deliver(ctx context.Context, payload string) {
	sender, rest, _ := strings.Cut(payload, "\x00")
	topic, key, ok := strings.Cut(rest, "\x00")
	if ok && sender != n.sender {
		n.local.Publish(ctx, topic, key)
	}
}
