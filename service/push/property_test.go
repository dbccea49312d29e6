package push

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// paper is the ledger of one user and one template without a database: what the rules alone make of any order of events.
type paper struct {
	t    *testing.T
	r    *rand.Rand
	now  time.Time
	book model.Quota
	rows []*model.Delivery
}

func (p *paper) step(step model.QuotaStep) bool {
	next, ok := p.book.After(step)
	if !ok && next != p.book {
		p.t.Fatalf("%s was not possible and changed %+v to %+v", step, p.book, next)
	}
	p.book = next
	return ok
}

// must books a step that the ledger's rows say to be possible.
func (p *paper) must(step model.QuotaStep) {
	if step != model.QuotaNone && !p.step(step) {
		p.t.Fatalf("the ledger asks for %s of %+v", step, p.book)
	}
}

// end writes how an attempt ended, as the store does it.
func (p *paper) end(d *model.Delivery, e store.DeliveryEnd) {
	if e.State != d.State && !d.State.MayBecome(e.State) && (e.State != model.DeliveryCancelled || !d.State.MayBeCancelled()) {
		p.t.Fatalf("a delivery may not go from %s to %s", d.State, e.State)
	}
	d.State, d.Holds, d.DueAt, d.Retried, d.Owner = e.State, e.Holds, e.DueAt, e.Retried, ""
}

// pick is a row of which that holds, or nil.
func (p *paper) pick(is func(*model.Delivery) bool) *model.Delivery {
	rows := slices.DeleteFunc(slices.Clone(p.rows), func(d *model.Delivery) bool { return !is(d) })
	if len(rows) == 0 {
		return nil
	}
	return rows[p.r.IntN(len(rows))]
}

func (p *paper) enter() {
	d := &model.Delivery{State: model.DeliveryInboxOnly, NotBefore: p.now}
	if p.step(model.QuotaReserve) {
		due := p.now
		d.State, d.Holds, d.DueAt = model.DeliveryQueued, model.HoldReserved, &due
	}
	p.rows = append(p.rows, d)
}

// send claims what is due and begins its call. Nobody is sent two messages at once.
func (p *paper) send() {
	if p.pick(func(d *model.Delivery) bool { return d.Owner != "" }) != nil {
		return
	}
	d := p.pick(func(d *model.Delivery) bool { return d.DueAt != nil && !d.DueAt.After(p.now) })
	if d == nil {
		return
	}
	switch {
	case d.Holds == model.HoldDoubt:
		p.must(model.QuotaRetry)
		d.Holds, d.Retried = model.HoldReserved, true
	case d.Holds == model.HoldNothing && !p.step(model.QuotaReserve):
		p.end(d, store.DeliveryEnd{State: model.DeliveryInboxOnly})
		return
	default:
		d.Holds = model.HoldReserved
	}
	if !d.State.MayBecome(model.DeliverySending) {
		p.t.Fatalf("%s is sent", d.State)
	}
	at := p.now
	d.State, d.Owner, d.DueAt, d.SendingAt = model.DeliverySending, "somebody", nil, &at
	d.Attempts++
}

// answer ends the call under way: WeChat's answer, or its lease.
func (p *paper) answer(v Verdict) {
	d := p.pick(func(d *model.Delivery) bool { return d.Owner != "" })
	if d == nil {
		return
	}
	e := judge(result{job: job{d: *d}, verdict: v}, p.now, p.now.Add(12*time.Hour))
	p.end(d, e.end)
	p.must(e.step)
	if e.revoke {
		p.must(model.QuotaRevoke)
	}
}

// event is WeChat's own report, which ends a doubt that nobody is working on.
func (p *paper) event(ok bool) {
	d := p.pick(func(d *model.Delivery) bool { return unsettled(*d) && d.Owner == "" })
	if d == nil {
		return
	}
	holds := d.Holds
	to := model.DeliverySent
	if !ok {
		to = model.DeliveryFailed
	}
	if d.State == model.DeliveryQueued && ok { // tried again by hand meanwhile
		return
	}
	p.end(d, store.DeliveryEnd{State: to, Retried: d.Retried})
	if holds == model.HoldDoubt {
		p.must(model.QuotaSettle)
	}
}

// cancel stops what waits; what may have been sent stays in doubt.
func (p *paper) cancel() {
	d := p.pick(func(d *model.Delivery) bool { return d.State == model.DeliveryQueued && d.Holds == model.HoldReserved })
	if d != nil {
		p.end(d, store.DeliveryEnd{State: model.DeliveryCancelled})
		p.must(model.QuotaRelease)
	}
}

// again is a retry by hand.
func (p *paper) again() {
	d := p.pick(func(d *model.Delivery) bool {
		return d.Owner == "" && (d.State == model.DeliveryFailed || (d.State == model.DeliveryInDoubt && d.DueAt == nil))
	})
	if d != nil {
		due := p.now
		p.end(d, store.DeliveryEnd{State: model.DeliveryQueued, Holds: d.Holds, DueAt: &due})
	}
}

func (p *paper) check(after string) {
	holds := map[model.Hold]int{}
	for _, d := range p.rows {
		holds[d.Holds]++
		if d.Holds == model.HoldReserved && d.State != model.DeliveryQueued && d.State != model.DeliverySending {
			p.t.Fatalf("after %s: %s holds a reserved grant", after, d.State)
		}
	}
	if !p.book.Balanced() || holds[model.HoldReserved] != p.book.Reserved || holds[model.HoldDoubt] != p.book.InDoubt {
		p.t.Fatalf("after %s: the ledger holds %v, the book says %+v", after, holds, p.book)
	}
}

// answers are what a call may come to, those of every day more often.
var answers = []VerdictKind{VerdictSent, VerdictSent, VerdictSent, VerdictSent, VerdictNoGrant, VerdictUnknown, VerdictUnknown, VerdictRetry, VerdictBusy, VerdictDown,
	VerdictDaily, VerdictRecipient, VerdictTemplate, VerdictPage, VerdictContent, VerdictNotBegun}

// walk takes one random way and follows it to its end.
func (p *paper) walk() {
	for range 20 + p.r.IntN(60) {
		what := p.r.IntN(12)
		switch what {
		case 0, 1:
			p.must(model.QuotaGrant)
		case 2, 3:
			p.enter()
		case 4, 5:
			p.send()
		case 6:
			v := Verdict{Kind: answers[p.r.IntN(len(answers))]}
			if v.Kind == VerdictSent && p.r.IntN(8) == 0 {
				v.ErrCode = 10
			}
			p.answer(v)
		case 7:
			p.event(p.r.IntN(4) > 0)
		case 8:
			p.cancel()
		case 9:
			p.again()
		case 10:
			p.must(model.QuotaRevoke)
		case 11:
			p.now = p.now.Add(time.Duration(p.r.IntN(300)) * time.Minute)
		}
		p.check(fmt.Sprint("step ", what))
	}
	for range 14 + 6*len(p.rows) {
		p.answer(Verdict{Kind: VerdictUnknown})
		p.now = p.now.Add(time.Hour)
		p.send()
		p.answer(Verdict{Kind: VerdictSent})
		p.check("the end")
	}
	for _, d := range p.rows {
		if d.DueAt != nil || d.Owner != "" || d.State == model.DeliveryQueued || d.State == model.DeliverySending {
			p.t.Fatalf("in the end: %+v", d)
		}
	}
	if p.book.Reserved != 0 {
		p.t.Fatalf("in the end: %+v", p.book)
	}
}

// Thousands of random interleavings of the rules alone: no step is asked for that the book does not allow, the book always adds up and matches
// what the ledger holds, and everything comes to an end.
func TestRulesInAnyOrder(t *testing.T) {
	walks := 20000
	if testing.Short() || raceOn {
		walks = 5000
	}
	for seed := range walks {
		p := &paper{t: t, r: rand.New(rand.NewPCG(uint64(seed), 3)), now: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)}
		p.walk()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// platform is a WeChat that knows what really happened: how many messages each user may still get, and which it took.
type platform struct {
	mu     sync.Mutex
	r      map[string]*rand.Rand // of each user, whose messages come one after the other
	left   map[string]int
	took   map[string]int  // by client id, whatever it answered
	failed map[string]bool // users of whom it reported that a message did not arrive after all
	lost   map[string]bool // client ids of which an answer was lost
	events []model.WechatEvent
	busy   map[string]bool
	twice  bool
	calm   bool
}

func (w *platform) Send(_ context.Context, m Message) (string, error) {
	w.mu.Lock()
	w.twice = w.twice || w.busy[m.OpenID]
	w.busy[m.OpenID] = true
	w.mu.Unlock()
	runtime.Gosched()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[m.OpenID] = false
	roll := w.r[m.OpenID].IntN(24)
	if w.calm {
		roll = 24
	}
	early := map[int]VerdictKind{0: VerdictRetry, 1: VerdictBusy, 2: VerdictContent, 3: VerdictUnknown, 4: VerdictNotBegun}
	if kind, ok := early[roll]; ok {
		w.lost[m.ClientID] = w.lost[m.ClientID] || kind == VerdictUnknown
		return "", verdictError{Verdict{Kind: kind}}
	}
	if m.TemplateID == meetingTemplate {
		if w.left[m.OpenID] == 0 {
			return "", verdictError{Verdict{Kind: VerdictNoGrant, ErrCode: 43101}}
		}
		w.left[m.OpenID]--
	}
	w.took[m.ClientID]++
	id := fmt.Sprintf("%s.%d", m.ClientID, w.took[m.ClientID])
	fails := roll == 5
	w.failed[m.OpenID] = w.failed[m.OpenID] || fails
	w.events = append(w.events, model.WechatEvent{Key: "sent " + id, Name: model.WechatSent, OpenID: m.OpenID,
		Sent: []model.WechatSendResult{{TemplateID: m.TemplateID, MsgID: id, OK: !fails, Status: "said"}}})
	if roll >= 6 && roll < 10 { // it took the message, and its answer is lost
		w.lost[m.ClientID] = true
		return "", verdictError{Verdict{Kind: VerdictUnknown}}
	}
	return id, nil
}

func (w *platform) Fit(_, value string, _ []string) (string, bool) { return value, true }

func (w *platform) Classify(err error) Verdict { return (&wire{}).Classify(err) }

func (w *platform) Templates(context.Context) ([]model.TemplateFact, error) {
	return factsOf(templates()), nil
}

// walker takes one random way through the real ledgers of two processes.
type walker struct {
	*house
	r         *rand.Rand
	wechat    *platform
	processes []*Service
	members   []string
	pushes    []string
	reports   []func() // of taps, of which the other report has come
	granted   map[string]int
	late      []func() // answers that their process has not yet written
	keys      int
	retried   map[string]bool // pushes that were retried by hand
}

func newWalker(t *testing.T, seed uint64) *walker {
	w := &walker{house: newHouse(t), r: rand.New(rand.NewPCG(seed, 7)), members: []string{"a", "b", "c"}, granted: map[string]int{}, retried: map[string]bool{}}
	w.wechat = &platform{r: map[string]*rand.Rand{}, left: map[string]int{}, took: map[string]int{}, failed: map[string]bool{}, lost: map[string]bool{}, busy: map[string]bool{}}
	for i, id := range w.members {
		w.member(id, "open-"+id, 0, "heart")
		w.wechat.r["open-"+id] = rand.New(rand.NewPCG(seed, uint64(i)))
	}
	for _, owner := range []string{"first", "second"} {
		w.processes = append(w.processes, New(w.store, map[model.Channel]Carrier{model.ChannelSubscribe: w.wechat},
			Options{Templates: map[model.Channel]Templates{model.ChannelSubscribe: templates()}, Owner: owner, InFlight: 20, Log: slog.New(alarm{t})}, w.clock.now))
	}
	w.svc = w.processes[0]
	for _, id := range w.members[1:] {
		w.grant("open-"+id, longTemplate)
	}
	return w
}

// alarm is a log in which nothing may be said of a book that does not match the ledger.
type alarm struct{ t *testing.T }

func (a alarm) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (a alarm) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "book") {
		r.Attrs(func(at slog.Attr) bool { r.Message += " " + at.String(); return true })
		a.t.Error(r.Message)
	}
	return nil
}

func (a alarm) WithAttrs([]slog.Attr) slog.Handler { return a }

func (a alarm) WithGroup(string) slog.Handler { return a }

func (w *walker) any() *Service { return w.processes[w.r.IntN(2)] }

func (w *walker) someone() string { return "open-" + w.members[w.r.IntN(len(w.members))] }

func (w *walker) receive(e model.WechatEvent) {
	for range 1 + w.r.IntN(2) { // delivered again, to whichever process
		w.must(w.any().Receive(w.ctx, model.WechatMiniProgram, e))
	}
}

// tap is an answer to the dialog: reported by the client and by WeChat, in either order, the second sooner or later.
func (w *walker) tap(accept bool) {
	openID := w.someone()
	w.keys++
	e := popup(fmt.Sprint("tap ", w.keys), openID, meetingTemplate, accept)
	answer := model.TapReject
	if accept {
		answer = model.TapAccept
		w.wechat.left[openID]++
		w.granted[openID]++
	} else {
		w.wechat.left[openID] = 0
	}
	both := []func(){
		func() { w.receive(e) },
		func() {
			_, err := w.any().Report(w.ctx, &model.Actor{SessionID: "s", OpenID: openID}, map[string]model.TapAnswer{meetingTemplate: answer})
			w.must(err)
		},
	}
	w.r.Shuffle(2, func(i, j int) { both[i], both[j] = both[j], both[i] })
	both[0]()
	w.reports = append(w.reports, both[1])
}

// next does one of what waits in a list, in any order.
func (w *walker) next(list *[]func()) {
	if n := len(*list); n > 0 {
		i := w.r.IntN(n)
		do := (*list)[i]
		*list = slices.Delete(*list, i, i+1)
		do()
	}
}

// pass lets time pass; a second report comes within some minutes.
func (w *walker) pass(d time.Duration) {
	for len(w.reports) > 0 {
		w.next(&w.reports)
	}
	w.clock.add(d)
}

// die is a process that ends with what it has: claimed, marked, or sent with an answer that is never written, or late.
func (w *walker) die() {
	svc := w.any()
	jobs := w.claim(svc, 2)
	if len(jobs) == 0 || w.r.IntN(3) == 0 {
		return
	}
	if jobs = w.start(svc, jobs); len(jobs) == 0 || w.r.IntN(3) == 0 {
		return
	}
	for _, j := range jobs {
		w.wechat.lost[fmt.Sprint("zhibu-", j.d.ID)] = true
	}
	answer := svc.call(w.ctx, jobs[0])
	if w.r.IntN(2) == 0 {
		w.late = append(w.late, func() { w.must(svc.acknowledge(w.ctx, []result{answer})) })
	}
}

func (w *walker) hear() {
	if n := len(w.wechat.events); n > 0 {
		i := w.r.IntN(n)
		e := w.wechat.events[i]
		w.wechat.events = slices.Delete(w.wechat.events, i, i+1)
		if w.r.IntN(5) > 0 { // now and then one never comes
			w.receive(e)
		}
	}
}

func (w *walker) steer(do func(*Service, context.Context, *model.Actor, string) (*Line, error), id string) {
	if _, err := do(w.any(), w.ctx, w.secretary(), id); err != nil && model.CodeOf(err) != model.CodeConflict {
		w.t.Fatal(err)
	}
}

func (w *walker) step() {
	switch w.r.IntN(16) {
	case 0, 1, 2:
		w.tap(true)
	case 3:
		w.tap(w.r.IntN(4) > 0)
	case 4:
		w.next(&w.reports)
	case 5, 6:
		p := meetingPush(w.members...)
		if w.r.IntN(5) == 0 {
			p.Kind = model.PushSuggestion // goes by a long-term template
		}
		w.pushes = append(w.pushes, w.push(p).ID)
	case 7, 8:
		w.must(w.any().Drain(w.ctx))
	case 9:
		w.die()
	case 10:
		w.pass(time.Duration(w.r.IntN(200)) * time.Second)
	case 11, 12:
		w.hear()
	case 13:
		w.next(&w.late)
	case 14:
		e := popup(fmt.Sprint("change ", len(w.pushes), w.keys), w.someone(), meetingTemplate, false)
		e.Name = model.WechatChange
		w.wechat.left[e.OpenID] = 0
		w.receive(e)
		w.keys++
	case 15:
		if len(w.pushes) == 0 {
			return
		}
		id := w.pushes[w.r.IntN(len(w.pushes))]
		what := w.r.IntN(4)
		if what > 0 {
			w.retried[id] = true
			w.steer((*Service).Retry, id)
		}
		if what < 2 {
			w.steer((*Service).Cancel, id)
		}
	}
}

// check holds the books against the ledger and against what the users did.
func (w *walker) check() {
	w.consistent(w.pushes, w.members)
	for openID, n := range w.granted {
		// While second reports are missing, the first of two taps may be taken for one tap; never is one tap taken for two.
		if q := w.book(openID, meetingTemplate); q.Granted > n || (q.Granted < n && len(w.reports) == 0) {
			w.t.Fatalf("%s accepted %d times: %+v", openID, n, q)
		}
	}
}

// end follows everything to its end, with a WeChat that takes what it can.
func (w *walker) end() {
	w.wechat.calm = true
	for range 8 {
		for len(w.late) > 0 {
			w.next(&w.late)
		}
		w.pass(time.Hour)
		w.must(w.any().Drain(w.ctx))
	}
	w.check()
	sent := map[string]int{}
	for _, id := range w.pushes {
		if s := w.state(id); s != model.PushDone && s != model.PushCancelled {
			w.t.Errorf("in the end %+v, %s", w.counts(id), s)
		}
		for _, d := range w.rows(id) {
			w.ended(id, d.Delivery)
			if d.State == model.DeliverySent && d.TemplateID == meetingTemplate {
				sent[d.OpenID]++
			}
		}
	}
	for openID, n := range sent {
		if q := w.book(openID, meetingTemplate); q.Spent < n {
			w.t.Errorf("%s was sent %d messages: %+v", openID, n, q)
		}
	}
	if w.wechat.twice {
		w.t.Error("two messages to one person at once")
	}
}

// ended holds one delivery's end against what WeChat knows.
func (w *walker) ended(push string, d model.Delivery) {
	over := d.State == model.DeliverySent || d.State == model.DeliveryFailed || d.State == model.DeliveryInDoubt || d.State == model.DeliveryInboxOnly || d.State == model.DeliveryCancelled
	if !over || d.DueAt != nil || d.Owner != "" || d.Busy != nil || d.Holds == model.HoldReserved || (d.Holds == model.HoldDoubt && d.State != model.DeliveryInDoubt) {
		w.t.Errorf("in the end: %+v", d)
	}
	client := fmt.Sprint("zhibu-", d.ID)
	took := w.wechat.took[client]
	if took > 1 && !w.wechat.lost[client] && !w.retried[push] {
		w.t.Errorf("sent %d times: %+v", took, d)
	}
	// Which of two doubts about one person a report of failure means nobody can tell.
	if took > 0 && d.State != model.DeliverySent && d.State != model.DeliveryInDoubt && !w.wechat.failed[d.OpenID] {
		w.t.Errorf("WeChat took it: %+v", d)
	}
}

// The same through the real ledgers, with taps, events, two processes of which either may die at any moment, answers that come late, refusals,
// stops and retries by hand: after each step every book adds up, matches what the deliveries hold and counts each tap once; in the end each
// delivery is in one state, which does not contradict what WeChat knows.
func TestRandomInterleavings(t *testing.T) {
	seeds := 20
	if testing.Short() || raceOn { // the race detector looks at the accesses, which are the same for each seed
		seeds = 3
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newWalker(t, uint64(seed))
			for range 80 {
				w.step()
				w.check()
			}
			w.end()
		})
	}
}
