package push

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// gatedMedia hears of media checks: it stands at a gate, and fails for one trace, once.
type gatedMedia struct {
	mu           sync.Mutex
	heard        []string
	enter, gate  chan struct{} // of the trace "gate"
	fails        string
	panics       string
	transactions map[*store.Store]int
}

func (g *gatedMedia) MediaChecked(_ context.Context, tx *store.Store, m *model.WechatMedia) error {
	if m.TraceID == "gate" {
		g.enter <- struct{}{}
		<-g.gate
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.transactions[tx]++
	switch m.TraceID {
	case g.fails:
		return errors.New("not now")
	case g.panics:
		panic("a fault in the program")
	}
	g.heard = append(g.heard, m.TraceID)
	return nil
}

func newGatedMedia(h *house) *gatedMedia {
	g := &gatedMedia{enter: make(chan struct{}), gate: make(chan struct{}), transactions: map[*store.Store]int{}}
	h.svc.options.Media = g
	return g
}

func mediaEvent(key, trace string) model.WechatEvent {
	return model.WechatEvent{Key: key, Name: model.WechatMediaCheck, OpenID: "open-" + key, Media: &model.WechatMedia{TraceID: trace}}
}

// waitFor waits until so many events stand in the line.
func (l *arrivals) waitFor(n int) {
	for {
		l.mu.Lock()
		reached := len(l.waiting) == n
		l.mu.Unlock()
		if reached {
			return
		}
		runtime.Gosched()
	}
}

// Events that come while one is being written share a transaction; each has its own answer, and a redelivery among them counts once.
func TestEventsShareATransaction(t *testing.T) {
	h := newHouse(t)
	noLeaks(t)
	g := newGatedMedia(h)
	var all sync.WaitGroup
	receive := func(e model.WechatEvent) {
		all.Go(func() { h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e)) })
	}
	receive(mediaEvent("first", "gate"))
	<-g.enter // it went at once
	for i := range 20 {
		receive(mediaEvent(fmt.Sprint("k", i), fmt.Sprint("t", i)))
		receive(mediaEvent(fmt.Sprint("k", i), fmt.Sprint("t", i)))
	}
	for range 5 {
		receive(popup("tap", "open-a", meetingTemplate, true))
	}
	h.svc.arrivals.waitFor(45)
	close(g.gate)
	all.Wait()
	if len(g.heard) != 21 || len(g.transactions) != 2 {
		t.Errorf("%d events in %d transactions: %v", len(g.heard), len(g.transactions), g.heard)
	}
	if q := h.book("open-a", meetingTemplate); q.Granted != 1 {
		t.Errorf("book %+v", q)
	}
	if h.svc.arrivals.busy || len(h.svc.arrivals.waiting) != 0 {
		t.Error("the line is not at rest")
	}
}

// An event that fails fails alone, and is taken as new when it comes again.
func TestOneEventFails(t *testing.T) {
	h := newHouse(t)
	g := newGatedMedia(h)
	g.fails = "t3"
	answers := make([]error, 8)
	var all sync.WaitGroup
	all.Go(func() { h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent("first", "gate"))) })
	<-g.enter
	for i := range answers {
		all.Go(func() {
			answers[i] = h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent(fmt.Sprint("k", i), fmt.Sprint("t", i)))
		})
	}
	h.svc.arrivals.waitFor(len(answers))
	close(g.gate)
	all.Wait()
	for i, err := range answers {
		if (err != nil) != (i == 3) {
			t.Errorf("event %d: %v", i, err)
		}
	}
	g.fails = ""
	g.heard = nil
	for i := range answers {
		h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent(fmt.Sprint("k", i), fmt.Sprint("t", i))))
	}
	if fmt.Sprint(g.heard) != "[t3]" {
		t.Errorf("delivered again: %v", g.heard)
	}
}

// Who waits may go: the event is not handled then, and nobody else is disturbed. Not even a panic holds the others up.
func TestWaitingCallersGo(t *testing.T) {
	h := newHouse(t)
	noLeaks(t)
	g := newGatedMedia(h)
	g.panics = "t1"
	var all sync.WaitGroup
	all.Go(func() { h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent("first", "gate"))) })
	<-g.enter
	ctx, gone := context.WithCancel(h.ctx)
	left := make(chan error)
	go func() { left <- h.svc.Receive(ctx, model.WechatMiniProgram, mediaEvent("k0", "t0")) }()
	h.svc.arrivals.waitFor(1)
	gone()
	if err := <-left; model.CodeOf(err) != model.CodeUnavailable {
		t.Errorf("who left: %v", err)
	}
	panicked := make(chan any)
	go func() {
		defer func() { panicked <- recover() }()
		_ = h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent("k1", "t1"))
	}()
	h.svc.arrivals.waitFor(1)
	all.Go(func() {
		if err := h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent("k2", "t2")); model.CodeOf(err) != model.CodeUnavailable {
			t.Errorf("in the batch of the panic: %v", err)
		}
	})
	h.svc.arrivals.waitFor(2)
	close(g.gate)
	if <-panicked == nil {
		t.Error("no panic")
	}
	all.Wait()
	h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, mediaEvent("k2", "t2")))
	if fmt.Sprint(g.heard) != "[gate t2]" {
		t.Errorf("heard %v", g.heard)
	}
}

// A batch has a bound, keeps the order of one user's events, and nobody serves others once the own event is through.
func TestArrivalsAreBounded(t *testing.T) {
	var l arrivals
	enter, gate := make(chan struct{}), make(chan struct{})
	var sizes []int
	led := map[*arrival]int{}
	handle := func(_ context.Context, batch []*arrival) {
		if len(sizes) == 0 {
			enter <- struct{}{}
			<-gate
		}
		sizes = append(sizes, len(batch))
		for i, a := range batch {
			a.err = nil
			if a.leads {
				led[a]++
			}
			if i > 0 && a.event.OpenID == batch[i-1].event.OpenID && a.event.Key < batch[i-1].event.Key {
				t.Error("out of order")
			}
		}
	}
	var all sync.WaitGroup
	pass := func(i int) {
		e := model.WechatEvent{Key: fmt.Sprintf("%04d", i), OpenID: fmt.Sprint("open-", i%7)}
		all.Go(func() {
			if err := l.pass(context.Background(), model.WechatMiniProgram, e, handle); err != nil {
				t.Error(err)
			}
		})
	}
	pass(0)
	<-enter
	const n = 2*mostTogether + 10
	for i := range n {
		pass(i + 1)
		l.waitFor(i + 1)
	}
	close(gate)
	all.Wait()
	if fmt.Sprint(sizes) != fmt.Sprint([]int{1, mostTogether, mostTogether, 10}) {
		t.Errorf("batches of %v", sizes)
	}
	for a, times := range led {
		if times != 1 {
			t.Errorf("%s led %d times", a.event.Key, times)
		}
	}
}

// BenchmarkEvents settles messages by WeChat's reports, one after the other and as they come while a push runs. Each is on disk when its
// caller has its answer.
func BenchmarkEvents(b *testing.B) {
	h := newHouse(b)
	const people = 500
	var ids []string
	for i := range people {
		id := fmt.Sprintf("p%03d", i)
		h.member(id, "open-"+id, 0, "heart")
		ids = append(ids, id)
	}
	h.push(meetingPush(ids...))
	n := 0
	event := func() model.WechatEvent {
		n++
		return model.WechatEvent{Key: fmt.Sprint("bench:", n), Name: model.WechatSent, OpenID: "open-" + ids[n%people],
			Sent: []model.WechatSendResult{{TemplateID: meetingTemplate, MsgID: fmt.Sprint("m", n), OK: true, Status: "success"}}}
	}
	measure := func(callers, events int) float64 {
		queue := make(chan model.WechatEvent, events)
		for range events {
			queue <- event()
		}
		close(queue)
		var all sync.WaitGroup
		began := time.Now()
		for range callers {
			all.Go(func() {
				for e := range queue {
					if err := h.svc.Receive(h.ctx, model.WechatMiniProgram, e); err != nil {
						b.Error(err)
					}
				}
			})
		}
		all.Wait()
		return float64(events) / time.Since(began).Seconds()
	}
	for b.Loop() {
		alone := measure(1, 200)
		together := measure(mostTogether, 4000)
		b.ReportMetric(alone, "alone/s")
		b.ReportMetric(together, "together/s")
		b.ReportMetric(together/alone, "ratio")
	}
}
