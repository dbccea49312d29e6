package push

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"zhibu/model"
)

// mostTogether is how many events share a transaction at most, so that no lock is held for long.
const mostTogether = 256

// arrivals are the events that wait while others are being written. The first to come when nobody writes goes at once and alone; those that
// come meanwhile go together when it has ended, led by the one that has waited longest. There is no goroutine but the callers' own, and none
// of them serves others after its own event is through. The zero value is ready.
type arrivals struct {
	mu      sync.Mutex
	waiting []*arrival
	busy    bool // somebody leads, or was told to
}

// arrival is one event on its way.
type arrival struct {
	ctx    context.Context
	source model.WechatSource
	event  model.WechatEvent
	err    error
	leads  bool          // it was told to lead the next batch
	wake   chan struct{} // it was told to lead, or err is its answer
}

// pass brings an event through handle, which answers a batch by setting each one's err, and returns the event's own answer. Of one user's
// events the earlier is handled before the later.
func (l *arrivals) pass(ctx context.Context, source model.WechatSource, e model.WechatEvent, handle func(context.Context, []*arrival)) error {
	a := &arrival{ctx: ctx, source: source, event: e, wake: make(chan struct{}, 1)}
	a.err = model.Fail(model.CodeUnavailable, "请求已中断，请重试。") // unless it is handled
	if !l.enter(a) {
		select {
		case <-a.wake:
		case <-ctx.Done():
			if l.leave(a) {
				return a.err
			}
			<-a.wake
		}
		if !a.leads {
			return a.err
		}
	}
	batch := l.take()
	defer l.end(a, batch) // also should the handling panic: nobody waits for ever
	handle(ctx, batch)
	return a.err
}

// enter puts an event in the line, and reports whether it is to lead at once.
func (l *arrivals) enter(a *arrival) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, a)
	a.leads = !l.busy
	l.busy = true
	return a.leads
}

// leave takes an event whose caller has gone out of the line, unless it is being handled or leads.
func (l *arrivals) leave(a *arrival) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting, a)
	if i < 0 || a.leads {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	return true
}

// take takes the next batch out of the line; its leader stands first in it. All processes handle the users' events in the same order, so that
// they lock the same rows in the same order.
func (l *arrivals) take() []*arrival {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), mostTogether)
	batch := slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	slices.SortStableFunc(batch, func(a, b *arrival) int { return cmp.Compare(a.event.OpenID, b.event.OpenID) })
	return batch
}

// end gives the others of a batch their answers, and has the next one lead.
func (l *arrivals) end(leader *arrival, batch []*arrival) {
	for _, a := range batch {
		if a != leader {
			a.wake <- struct{}{}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy = len(l.waiting) > 0; l.busy {
		l.waiting[0].leads = true
		l.waiting[0].wake <- struct{}{}
	}
}
