package push

import (
	"context"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	pollEvery = time.Second // also when nudged, since a nudge may be lost
	// pace is the least time between two transactions of the pump while it is busy: fewer of them carry more messages each.
	pace     = 20 * time.Millisecond
	ackPause = 200 * time.Millisecond
	// stoppedEvery is after how many rounds of the housekeeper pushes are looked for that a crash left half closed.
	stoppedEvery = 300
	lastTries    = 25 // when the program is stopping
)

// Run sends what is due until the context ends. It returns when every goroutine it started has ended: calls under way are waited for
// and written down, and what was claimed but not begun is handed back.
func (s *Service) Run(ctx context.Context) error {
	var house sync.WaitGroup
	house.Go(func() { s.keepHouse(ctx) })
	s.pump(ctx)
	house.Wait()
	return nil
}

// keepHouse sweeps, expands, bundles and finishes, each second or when nudged.
func (s *Service) keepHouse(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		if looks%stoppedEvery == 0 { // what a crash left half closed
			if ids, err := s.store.StoppedPushes(ctx); err == nil {
				s.touched.add(ids...)
			}
		}
		for _, chore := range []func(context.Context) error{s.housekeep, s.finish, s.checkTemplates} {
			if err := chore(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "push housekeeping failed", "cause", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.chores:
		}
	}
}

// line is what stands between the database and WeChat: messages that are claimed, those that are marked as being sent and wait for a free
// slot, and answers that are not yet written down. One goroutine, the pump, owns it; the senders only take and give.
type line struct {
	claimed []job
	ready   chan job    // marked as being sent; as many as would fit again while the pump is at the database
	results chan result // never blocks: there are no more than slots and ready
	answers []result    // taken from results, not yet written down
	unsure  bool        // a claim failed whose commit may have happened all the same
}

// pump moves messages through the line, turn by turn: the answers that have come are settled, those that go next are marked, and more are claimed.
func (s *Service) pump(ctx context.Context) {
	n := s.options.InFlight
	l := &line{ready: make(chan job, n), results: make(chan result, 2*n+1)}
	var senders sync.WaitGroup
	for range n {
		senders.Go(func() { s.sender(ctx, l) })
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	rest := time.NewTimer(pace)
	defer rest.Stop()
	for ctx.Err() == nil {
		l.gather()
		moved, err := s.move(ctx, l)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "deliveries not claimed or written down", "answers", len(l.answers), "cause", err)
		}
		pause := time.Duration(0)
		switch {
		case err != nil:
			pause = ackPause
		case moved:
			pause = pace
		}
		if pause > 0 {
			rest.Reset(pause)
			select {
			case <-ctx.Done():
			case <-rest.C:
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.wake:
		case r := <-l.results:
			l.answers = append(l.answers, r)
		}
	}
	s.drainLine(ctx, l, &senders)
}

// gather takes the answers that have come.
func (l *line) gather() {
	for {
		select {
		case r := <-l.results:
			l.answers = append(l.answers, r)
		default:
			return
		}
	}
}

// move is one turn of the pump. It reports whether anything went through the line.
func (s *Service) move(ctx context.Context, l *line) (bool, error) {
	if l.unsure {
		if err := s.handBackUnknown(ctx, l.claimed); err != nil {
			return false, err
		}
		l.unsure = false
	}
	free := cap(l.ready) - len(l.ready)
	starting := l.claimed[:min(free, len(l.claimed))]
	rest := l.claimed[len(starting):]
	want := cap(l.ready) - len(rest)
	if len(l.answers) == 0 && len(starting) == 0 { // an idle process only looks
		if due, err := s.anyDue(ctx, want); err != nil || !due {
			return false, err
		}
	}
	want = s.allowed(ctx, want)
	var started, claimed []job
	progress := false
	settle := func(tx *store.Store) error { return s.settleAll(ctx, tx, l.answers, s.now()) }
	next := func(tx *store.Store) (err error) {
		now := s.now()
		if started, err = s.start(ctx, tx, starting, now); err != nil {
			return err
		}
		claimed, progress, err = s.claim(ctx, tx, want, now)
		return err
	}
	settleErr, nextErr := s.both(ctx, len(l.answers) > 0, settle, next)
	moved := false
	if settleErr == nil && len(l.answers) > 0 {
		moved = true
		s.figures.count(l.answers)
		l.answers = l.answers[:0]
	}
	l.unsure = l.unsure || nextErr != nil
	if nextErr != nil { // rolled back, or so it seems: what was claimed before is still there, and nothing more is known to be taken
		return moved, nextErr
	}
	moved = moved || progress || len(started) > 0
	l.claimed = append(append([]job(nil), rest...), claimed...)
	for _, j := range started {
		l.ready <- j
	}
	return moved, settleErr
}

// handBackUnknown frees what this process has claimed by a commit whose answer was lost: it knows nothing of it, and the lease would keep it.
func (s *Service) handBackUnknown(ctx context.Context, known []job) error {
	mine := make(map[int64]bool, len(known))
	for _, j := range known {
		mine[j.d.ID] = true
	}
	rows, err := s.store.ClaimedBy(ctx, s.options.Owner)
	if err != nil {
		return err
	}
	var lost []job
	for _, d := range rows {
		if !mine[d.ID] {
			lost = append(lost, job{d: d})
		}
	}
	return s.handBack(ctx, lost)
}

// both settles what was answered and takes what comes next: in one transaction where there is one writer, side by side where there are many.
func (s *Service) both(ctx context.Context, answers bool, settle, next func(tx *store.Store) error) (settleErr, nextErr error) {
	if !answers {
		return nil, s.store.Tx(ctx, next)
	}
	if s.store.Dialect() == store.SQLite {
		err := s.store.Tx(ctx, func(tx *store.Store) error {
			if err := settle(tx); err != nil {
				return err
			}
			return next(tx)
		})
		return err, err
	}
	var aside sync.WaitGroup
	aside.Go(func() { settleErr = s.store.Tx(ctx, settle) })
	nextErr = s.store.Tx(ctx, next)
	aside.Wait()
	return settleErr, nextErr
}

func (s *Service) anyDue(ctx context.Context, want int) (bool, error) {
	if want <= 0 {
		return false, nil
	}
	return s.store.AnyDue(ctx, s.now())
}

// allowed is how many of the wanted messages the rate that all processes share leaves for now.
func (s *Service) allowed(ctx context.Context, want int) int {
	if s.options.Rate <= 0 || want <= 0 {
		return want
	}
	got, err := s.store.TakeRate(ctx, model.GateRate+"wechat", want, s.options.Rate, s.now())
	if err != nil {
		return 0 // the transaction that would follow could not be made either
	}
	return got
}

// sender sends one message after the other. What is learned after the claim still holds a message back.
func (s *Service) sender(ctx context.Context, l *line) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-l.ready:
			if ctx.Err() != nil || s.heldUp(j) {
				l.results <- result{job: j, verdict: Verdict{Kind: VerdictNotBegun}}
				continue
			}
			l.results <- s.call(ctx, j)
		}
	}
}

// heldUp reports whether a message that is marked as being sent had better not be sent now.
func (s *Service) heldUp(j job) bool {
	now := s.now()
	if j.d.SendingAt != nil && now.Sub(*j.d.SendingAt) > leaseLife-s.options.CallTimeout { // this process stood still, and another may have taken it over
		return true
	}
	for _, gate := range []string{model.GateDaily + string(j.d.Channel), model.GateQuiet + string(j.d.Channel), model.GateTemplate + j.d.TemplateID} {
		if _, shut := s.gates.until(gate, now); shut {
			return true
		}
	}
	return s.breakers[j.d.Channel].isOpen(now)
}

// drainLine lets the calls under way end, writes them down, and hands back what was not begun. While the database is away it tries for some
// seconds; what is not written down then is known by its lease to be in doubt.
func (s *Service) drainLine(ctx context.Context, l *line, senders *sync.WaitGroup) {
	senders.Wait()
	close(l.ready)
	for j := range l.ready {
		l.answers = append(l.answers, result{job: j, verdict: Verdict{Kind: VerdictNotBegun}})
	}
	l.gather()
	again := time.NewTimer(0)
	defer again.Stop()
	var err error
	for range lastTries {
		<-again.C
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		if err = s.acknowledge(try, l.answers); err == nil {
			l.answers = nil
			err = s.handBack(try, l.claimed)
		}
		cancel()
		if err == nil {
			return
		}
		again.Reset(ackPause)
	}
	s.log.ErrorContext(ctx, "outcomes not written down; their deliveries will be in doubt", "count", len(l.answers), "claimed", len(l.claimed), "cause", err)
}
