package push

import (
	"context"
	"slices"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// claim takes what is due, as far as it fits, and closes or puts off what cannot go out now. It runs in the transaction of the caller.
// progress tells whether anything happened, also when nothing is left to send.
func (s *Service) claim(ctx context.Context, tx *store.Store, fit int, now time.Time) (jobs []job, progress bool, err error) {
	var open []model.Lane
	trials := map[model.Channel][]model.Lane{}
	for _, c := range []model.Channel{model.ChannelSubscribe, model.ChannelOfficial} {
		if s.carriers[c] == nil {
			continue
		}
		if until, parked := s.gates.until(model.GateDaily+string(c), now); parked {
			n, err := s.park(ctx, tx, c, until, now)
			if err != nil {
				return nil, false, err
			}
			progress = progress || n > 0
			continue
		}
		if _, quiet := s.gates.until(model.GateQuiet+string(c), now); quiet {
			continue
		}
		switch n, trial := s.breakers[c].room(now, fit); {
		case trial:
			trials[c] = lanesOf(c)
		case n > 0:
			open = append(open, lanesOf(c)...)
		}
	}
	slices.Sort(open)
	rows, err := s.take(ctx, tx, open, fit, now)
	if err != nil {
		s.unusedTrials(trials)
		return nil, false, err
	}
	for c, lanes := range trials {
		one, err := s.take(ctx, tx, lanes, 1, now)
		if err != nil || len(one) == 0 {
			s.breakers[c].unused()
		}
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, one...)
	}
	if len(rows) == 0 {
		return nil, progress, nil
	}
	if jobs, err = s.gather(ctx, tx, rows, now); err != nil {
		return nil, false, err
	}
	if jobs, err = s.reserve(ctx, tx, jobs, now); err != nil {
		return nil, false, err
	}
	s.faces(jobs)
	if len(jobs) == 0 {
		s.unusedTrials(trials)
	}
	return jobs, true, nil
}

// take claims deliveries. Another process that was faster is no error: what it left is found at the next look.
func (s *Service) take(ctx context.Context, tx *store.Store, lanes []model.Lane, fit int, now time.Time) ([]store.Claimed, error) {
	if len(lanes) == 0 || fit <= 0 {
		return nil, nil
	}
	rows, err := tx.ClaimDeliveries(ctx, s.options.Owner, lanes, now, now.Add(leaseLife), fit)
	if model.CodeOf(err) == model.CodeConflict {
		return nil, nil
	}
	return rows, err
}

func (s *Service) unusedTrials(trials map[model.Channel][]model.Lane) {
	for c := range trials {
		s.breakers[c].unused()
	}
}

func lanesOf(c model.Channel) []model.Lane {
	return slices.DeleteFunc(model.Lanes(), func(l model.Lane) bool { return l.Channel() != c })
}

// park puts off what is due of an API whose quota of the day is used up.
func (s *Service) park(ctx context.Context, tx *store.Store, c model.Channel, until, now time.Time) (parked int, err error) {
	for _, lane := range lanesOf(c) {
		n, err := tx.ParkDeliveries(ctx, lane, now, until, dailyReason, chunkSize)
		if err != nil {
			return 0, err
		}
		parked += n
	}
	return parked, nil
}

// reserve makes sure that each job holds what it needs. A one-time grant was reserved when the line was entered, and the retry of an unknown
// outcome takes back the grant in doubt; a line that holds nothing, as a long-term one does, asks the book now. Who has no grant is left with
// the inbox.
func (s *Service) reserve(ctx context.Context, tx *store.Store, jobs []job, now time.Time) ([]job, error) {
	bare, doubtful := map[string][]string{}, map[string][]string{}
	for _, j := range jobs {
		switch {
		case j.d.Holds == model.HoldDoubt:
			doubtful[j.d.TemplateID] = append(doubtful[j.d.TemplateID], j.d.OpenID)
		case j.d.Holds == model.HoldNothing && j.d.Channel == model.ChannelSubscribe && j.d.State == model.DeliveryQueued:
			bare[j.d.TemplateID] = append(bare[j.d.TemplateID], j.d.OpenID)
		}
	}
	had, free := map[string]map[string]bool{}, map[string]map[string]bool{}
	for template, openIDs := range bare {
		var err error
		if had[template], free[template], err = tx.ReserveQuotas(ctx, template, openIDs, now); err != nil {
			return nil, err
		}
	}
	for template, openIDs := range doubtful {
		if err := s.book(ctx, tx, model.QuotaRetry, template, openIDs, now); err != nil {
			return nil, err
		}
	}
	kept, changed := jobs[:0], map[holding][]int64{}
	for _, j := range jobs {
		was := holding{j.d.Holds, j.d.Retried}
		bare := j.d.Holds == model.HoldNothing && j.d.Channel == model.ChannelSubscribe && j.d.State == model.DeliveryQueued
		j.d.Retried = j.d.Holds == model.HoldDoubt || j.d.State == model.DeliveryInDoubt
		switch {
		case j.d.Holds == model.HoldDoubt, bare && had[j.d.TemplateID][j.d.OpenID]:
			j.d.Holds = model.HoldReserved
		case bare && !free[j.d.TemplateID][j.d.OpenID]:
			if err := s.close(ctx, tx, j.d, model.DeliveryInboxOnly, "没有剩余的订阅次数，已放入站内信"+j.push.PhoneAdvice(), now); err != nil {
				return nil, err
			}
			continue
		}
		if is := (holding{j.d.Holds, j.d.Retried}); is != was {
			changed[is] = append(changed[is], j.d.ID)
		}
		kept = append(kept, j)
	}
	for is, ids := range changed {
		if err := tx.SetHolds(ctx, ids, is.hold, is.retried); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// holding is what a claimed delivery holds, and whether this is its one retry.
type holding struct {
	hold    model.Hold
	retried bool
}

// book moves one grant of each of these users, and says so in the log when the book does not allow what the ledger holds.
func (s *Service) book(ctx context.Context, tx *store.Store, step model.QuotaStep, template string, openIDs []string, now time.Time) error {
	if step == model.QuotaNone {
		return nil
	}
	n, err := tx.MoveQuotas(ctx, step, template, openIDs, now)
	if err == nil && int(n) != len(openIDs) && step != model.QuotaRevoke {
		s.log.ErrorContext(ctx, "subscription book does not match the ledger", "step", step, "template", template, "wanted", len(openIDs), "booked", n)
	}
	return err
}

// start marks jobs as being sent and returns those that may go. It runs in the transaction of the caller.
func (s *Service) start(ctx context.Context, tx *store.Store, jobs []job, now time.Time) ([]job, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(jobs))
	for i, j := range jobs {
		ids[i] = j.d.ID
	}
	started, err := tx.StartDeliveries(ctx, ids, s.options.Owner, now, now.Add(leaseLife))
	if err != nil {
		return nil, err
	}
	may := make(map[int64]bool, len(started))
	for _, id := range started {
		may[id] = true
	}
	kept := make([]job, 0, len(started))
	for _, j := range jobs {
		if may[j.d.ID] {
			j.d.State, j.d.SendingAt = model.DeliverySending, &now
			j.d.Attempts++
			kept = append(kept, j)
		}
	}
	return kept, nil
}

// handBack frees claimed deliveries on which no call was begun, so that another process, or the next start, sends them at once.
func (s *Service) handBack(ctx context.Context, jobs []job) error {
	if len(jobs) == 0 {
		return nil
	}
	now := s.now()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		for _, j := range jobs {
			if err := s.free(ctx, tx, j.d, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// free puts a claimed delivery that was not begun back into the queue; it keeps its grant, and a retry its doubt.
func (s *Service) free(ctx context.Context, tx *store.Store, d model.Delivery, now time.Time) error {
	end, step := store.DeliveryEnd{State: d.State, ErrCode: d.ErrCode, ErrMsg: d.ErrMsg, Reason: d.Reason, DueAt: &now, Holds: d.Holds}, model.QuotaNone
	if d.Retried && d.Holds == model.HoldReserved {
		step = model.QuotaDoubt
		end.Holds = step.Holds()
	}
	done, err := tx.EndDelivery(ctx, d.ID, d.Owner, d.State, end, now)
	if err != nil || !done {
		return err
	}
	return s.book(ctx, tx, step, d.TemplateID, []string{d.OpenID}, now)
}

// sweep takes over from owners that have gone: what they had not begun is queued again, what they had begun is in doubt.
func (s *Service) sweep(ctx context.Context) error {
	for {
		if gone, err := s.store.ExpiredDeliveries(ctx, s.now(), 1); err != nil || len(gone) == 0 { // an idle process takes no lock
			return err
		}
		n := 0
		err := s.store.Tx(ctx, func(tx *store.Store) error {
			now := s.now()
			rows, err := tx.ExpiredDeliveries(ctx, now, chunkSize)
			if err != nil {
				return err
			}
			n = len(rows)
			for _, d := range rows {
				if d.State != model.DeliverySending {
					err = s.free(ctx, tx, d, now)
				} else {
					r := result{job: job{d: d}, verdict: Verdict{Kind: VerdictUnknown, ErrMsg: "the process that was sending has ended"}}
					err = s.settle(ctx, tx, r, d.Owner, now)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < chunkSize {
			return err
		}
	}
}

// Drain does everything that is due at this instant and returns when nothing is left to do now. Tests and one-shot runs drive the room with it.
func (s *Service) Drain(ctx context.Context) error {
	for {
		if err := s.housekeep(ctx); err != nil {
			return err
		}
		jobs, progress, err := s.next(ctx, s.options.InFlight)
		if err != nil {
			return err
		}
		if !progress {
			return s.finish(ctx)
		}
		results := make([]result, len(jobs))
		var sends sync.WaitGroup
		for i, j := range jobs {
			sends.Go(func() { results[i] = s.call(ctx, j) })
		}
		sends.Wait()
		if err := s.acknowledge(ctx, results); err != nil {
			return err
		}
	}
}

// next claims and starts up to fit deliveries in one transaction.
func (s *Service) next(ctx context.Context, fit int) (jobs []job, progress bool, err error) {
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		now := s.now()
		if jobs, progress, err = s.claim(ctx, tx, fit, now); err != nil {
			return err
		}
		jobs, err = s.start(ctx, tx, jobs, now)
		return err
	})
	return jobs, progress, err
}

// housekeep does what is not sending: gates, leases, audiences, what was stopped, digests.
func (s *Service) housekeep(ctx context.Context) error {
	s.refreshGates(ctx, s.store)
	for _, chore := range []func(context.Context) error{s.sweep, s.expandDue, s.followUp, s.digestDue} {
		if err := chore(ctx); err != nil {
			return err
		}
	}
	return nil
}
