package push

import (
	"sync"
	"time"

	"zhibu/model"
)

// The breaker opens after so many failures in a row, for a pause that doubles from the first to the last.
const (
	tripAfter  = 10
	firstPause = 5 * time.Second
	lastPause  = time.Minute
	// trialLife is how long a trial may be out. One that never went out after all, since what it was claimed in was rolled back or its push was
	// stopped, must not keep the API shut for ever.
	trialLife = time.Minute
)

// breaker keeps the senders from an API of WeChat that does not answer. Nothing is lost meanwhile: deliveries stay queued.
// After the pause one trial goes out, and its outcome closes or reopens the breaker. Each process finds out for itself: what it cannot reach
// another perhaps can.
type breaker struct {
	mu       sync.Mutex
	failures int
	pause    time.Duration
	opens    time.Time
	trial    time.Time // since when one is out to find out whether WeChat is back; zero: none
}

// breakers are those of all APIs.
type breakers map[model.Channel]*breaker

func newBreakers() breakers {
	return breakers{model.ChannelSubscribe: {}, model.ChannelOfficial: {}}
}

// room is how many sends may begin now, of those that would fit; trial says that the one is to find out whether WeChat is back.
func (b *breaker) room(now time.Time, fit int) (n int, trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failures < tripAfter:
		return fit, false
	case b.rests(now) || b.onTrial(now) || fit == 0:
		return 0, false
	}
	b.trial = now
	return 1, true
}

// rests reports whether the pause lasts. A clock that was set back does not make it any longer than it may be.
func (b *breaker) rests(now time.Time) bool {
	return now.Before(b.opens) && b.opens.Sub(now) <= lastPause
}

func (b *breaker) onTrial(now time.Time) bool {
	return !b.trial.IsZero() && now.Sub(b.trial).Abs() < trialLife
}

// isOpen reports whether calls would be in vain; the trial itself may pass.
func (b *breaker) isOpen(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= tripAfter && !b.onTrial(now) && b.rests(now)
}

// unused gives a trial back for which nothing was found to send.
func (b *breaker) unused() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = time.Time{}
}

// note counts one outcome. It reports true when it was the one that opened the breaker.
func (b *breaker) note(answered bool, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		b.failures, b.pause, b.trial = 0, 0, time.Time{}
		return false
	}
	b.failures++
	if b.failures < tripAfter || (b.failures > tripAfter && b.trial.IsZero()) { // late failures of the same outage
		return false
	}
	b.trial = time.Time{}
	b.pause = min(max(2*b.pause, firstPause), lastPause)
	b.opens = now.Add(b.pause)
	return true
}
