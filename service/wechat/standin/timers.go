package standin

import (
	"context"
	"sort"
	"sync"
	"time"
)

// Timers runs f once, d from now, in whatever goroutine; stop forgets it if it has not run.
type Timers interface {
	After(d time.Duration, f func()) (stop func())
}

type realTimers struct{}

func (realTimers) After(d time.Duration, f func()) func() {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// HandTimers stand still until Advance is called, so that a test decides when five seconds have passed.
type HandTimers struct {
	mu      sync.Mutex
	now     time.Duration
	next    int
	pending map[int]handTimer
	changed chan struct{}
}

type handTimer struct {
	due time.Duration
	f   func()
}

// NewHandTimers makes timers at the instant zero.
func NewHandTimers() *HandTimers {
	return &HandTimers{pending: map[int]handTimer{}, changed: make(chan struct{})}
}

// After implements Timers.
func (t *HandTimers) After(d time.Duration, f func()) func() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	id := t.next
	t.pending[id] = handTimer{due: t.now + d, f: f}
	close(t.changed)
	t.changed = make(chan struct{})
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.pending, id)
	}
}

// Advance lets d pass and runs what has come due, in order of its time, before it returns.
func (t *HandTimers) Advance(d time.Duration) {
	t.mu.Lock()
	t.now += d
	var due []handTimer
	for id, p := range t.pending {
		if p.due <= t.now {
			due = append(due, p)
			delete(t.pending, id)
		}
	}
	t.mu.Unlock()
	sort.Slice(due, func(i, j int) bool { return due[i].due < due[j].due })
	for _, p := range due {
		p.f()
	}
}

// WaitPending waits until a timer is set that is due in d, which tells a test what the other side has begun to wait for.
func (t *HandTimers) WaitPending(ctx context.Context, d time.Duration) error {
	for {
		t.mu.Lock()
		found, changed := false, t.changed
		for _, p := range t.pending {
			found = found || p.due == t.now+d
		}
		t.mu.Unlock()
		if found {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sleep waits d on the server's timers; it reports false when ctx or the server ended first.
func (s *Server) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	done := make(chan struct{})
	stop := s.timers.After(d, func() { close(done) })
	defer stop()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	return false
}
