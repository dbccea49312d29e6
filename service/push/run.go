package push

import (
	"context"
	"sync"
	"time"

	"zhibu/model"
)

const (
	pollEvery = time.Second // also when nudged, since a nudge may be lost
	ackBatch  = 256
	ackPause  = 200 * time.Millisecond
	ackTries  = 300 // a minute
	lastTries = 25  // when the program is stopping
)

// Run sends what is due until the context ends. It returns when every goroutine it started has ended: calls under way are waited for
// and written down, and what was claimed but not begun is handed back.
func (s *Service) Run(ctx context.Context) error {
	var house sync.WaitGroup
	house.Go(func() { s.keepHouse(ctx) })
	s.dispatch(ctx)
	house.Wait()
	return nil
}

// keepHouse sweeps, expands, bundles and finishes, each second or when nudged.
func (s *Service) keepHouse(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		for _, chore := range []func(context.Context) error{s.housekeep, s.finish} {
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

// dispatch claims as much as there are free slots and sends it, one goroutine a call.
func (s *Service) dispatch(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	slots := make(chan struct{}, s.options.InFlight)
	results := make(chan result, s.options.InFlight)
	var sends, acks sync.WaitGroup
	acks.Go(func() { s.collect(ctx, results) })
	for ctx.Err() == nil {
		free := cap(slots) - len(slots)
		jobs, progress, err := s.next(ctx, free)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "deliveries not claimed", "cause", err)
		}
		for _, j := range jobs {
			slots <- struct{}{}
			sends.Go(func() {
				results <- s.call(ctx, j)
				<-slots
				s.nudgeSenders()
			})
		}
		if progress && err == nil && free > len(jobs) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-s.wake:
		}
	}
	sends.Wait()
	close(results)
	acks.Wait()
}

func (s *Service) nudgeSenders() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next claims and starts up to fit deliveries; what cannot be started is handed back.
func (s *Service) next(ctx context.Context, fit int) ([]job, bool, error) {
	claimed, progress, err := s.claim(ctx, fit)
	if err != nil || len(claimed) == 0 {
		return nil, progress, err
	}
	started, err := []job(nil), ctx.Err()
	if err == nil {
		started, err = s.start(ctx, claimed)
	}
	if err != nil {
		s.breaker.unused()
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := s.handBack(back, claimed); err != nil {
			s.log.ErrorContext(ctx, "claimed deliveries not handed back; their lease will end", "cause", err)
		}
		return nil, progress, err
	}
	return started, progress, nil
}

// collect writes outcomes down in batches, as many as have come meanwhile. While the database is away it keeps them and tries again.
func (s *Service) collect(ctx context.Context, results <-chan result) {
	batch := make([]result, 0, ackBatch)
	for r := range results {
		batch = append(batch[:0], r)
	more:
		for len(batch) < ackBatch {
			select {
			case r, open := <-results:
				if !open {
					break more
				}
				batch = append(batch, r)
			default:
				break more
			}
		}
		s.persist(ctx, batch)
		s.nudgeSenders()
	}
}

// persist writes one batch, patiently: an answer that is not written down becomes a doubt.
func (s *Service) persist(ctx context.Context, batch []result) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	var err error
	for n := 0; n < ackTries && (ctx.Err() == nil || n < lastTries); n++ {
		<-pause.C
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err = s.acknowledge(try, batch)
		cancel()
		if err == nil {
			return
		}
		if model.CodeOf(err) == model.CodeInternal {
			s.log.ErrorContext(ctx, "outcomes not written", "count", len(batch), "cause", err)
		}
		pause.Reset(ackPause)
	}
	s.log.ErrorContext(ctx, "outcomes lost; their deliveries will be in doubt", "count", len(batch), "cause", err)
}
