package push

import (
	"sync"
	"time"
)

// The breaker opens after so many failures in a row, for a pause that doubles from the first to the last.
const (
	tripAfter  = 10
	firstPause = 5 * time.Second
	lastPause  = time.Minute
)

// breaker keeps the senders from a WeChat that does not answer. Nothing is lost meanwhile: deliveries stay queued.
// After the pause one trial goes out, and its outcome closes or reopens the breaker.
type breaker struct {
	mu       sync.Mutex
	failures int
	pause    time.Duration
	opens    time.Time
	trial    bool
	quiet    time.Time         // a rate limit: until when nobody asks again
	parked   time.Time         // 45009: until when nothing is sent at all
	down     map[string]string // templates that WeChat has banned, with its words
	badPages map[string]bool   // pages that WeChat does not know: cards go without
}

func newBreaker() *breaker { return &breaker{down: map[string]string{}, badPages: map[string]bool{}} }

// room is how many sends may begin now, of those that would fit.
func (b *breaker) room(now time.Time, fit int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case now.Before(b.quiet):
		return 0
	case b.failures < tripAfter:
		return fit
	case now.Before(b.opens) || b.trial || fit == 0:
		return 0
	}
	b.trial = true
	return 1
}

// unused gives a trial back for which nothing was found to send.
func (b *breaker) unused() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = false
}

// note counts one outcome. It reports true when it was the one that opened the breaker.
func (b *breaker) note(answered bool, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		b.failures, b.pause, b.trial = 0, 0, false
		return false
	}
	b.failures++
	if b.failures < tripAfter || (b.failures > tripAfter && !b.trial) { // late failures of the same outage
		return false
	}
	b.trial = false
	b.pause = min(max(2*b.pause, firstPause), lastPause)
	b.opens = now.Add(b.pause)
	return true
}

// hush keeps all senders quiet for as long as WeChat asks.
func (b *breaker) hush(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.quiet) {
		b.quiet = until
	}
}

func (b *breaker) park(until time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	news := until.After(b.parked)
	b.parked = until
	return news
}

func (b *breaker) parkedUntil(now time.Time) (time.Time, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.parked, now.Before(b.parked)
}

// takeDown puts a template out of service until the program starts again with other settings, and reports whether that is news.
func (b *breaker) takeDown(templateID, why string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, known := b.down[templateID]
	b.down[templateID] = why
	return !known
}

func (b *breaker) isDown(templateID string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.down[templateID]
	return ok
}

func (b *breaker) forgetPage(page string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.badPages[page]
	b.badPages[page] = true
	return !known
}

func (b *breaker) isBadPage(page string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.badPages[page]
}
