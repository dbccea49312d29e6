package push

import (
	"context"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// claim takes what is due, as far as it fits, reserves a grant for each in the same transaction, and closes what cannot go out any more.
// progress tells whether anything happened, also when nothing is left to send.
func (s *Service) claim(ctx context.Context, fit int) (jobs []job, progress bool, err error) {
	now := s.now()
	if until, parked := s.breaker.parkedUntil(now); parked {
		n, err := s.store.ParkDeliveries(ctx, now, until, dailyReason, 2*chunkSize)
		return nil, n > 0, err
	}
	fit = s.breaker.room(now, min(fit, chunkSize))
	if fit == 0 || s.wechat == nil {
		return nil, false, nil
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		jobs, progress = nil, false
		rows, err := tx.ClaimDeliveries(ctx, s.options.Owner, now, now.Add(leaseLife), fit)
		if err != nil || len(rows) == 0 {
			return err
		}
		progress = true
		if jobs, err = s.gather(ctx, tx, rows, now); err != nil {
			return err
		}
		jobs, err = s.reserve(ctx, tx, jobs, now)
		return err
	})
	if err != nil || len(jobs) == 0 {
		jobs = nil
		s.breaker.unused()
	}
	if model.CodeOf(err) == model.CodeConflict { // another process was faster; what it left is found at the next look
		return nil, false, nil
	}
	return jobs, progress, err
}

// gather reads what sending needs, and closes deliveries whose push is over or whose template is gone.
func (s *Service) gather(ctx context.Context, tx *store.Store, rows []model.Delivery, now time.Time) ([]job, error) {
	pushIDs := map[string]bool{}
	for _, d := range rows {
		pushIDs[d.PushID] = true
	}
	pushes, err := tx.PushesByID(ctx, keys(pushIDs))
	if err != nil {
		return nil, err
	}
	jobs := make([]job, 0, len(rows))
	digests := map[string][]string{}
	for _, d := range rows {
		p := pushes[d.PushID]
		t, kind := s.carrier(&p, d.TemplateID)
		over, to := "", model.DeliveryInboxOnly
		switch {
		case p.State == model.PushCancelled || p.StopReason != "":
			over, to = p.StopReason, model.DeliveryCancelled
		case p.Over(now):
			over = "轮到发送时事项已经结束，已放入站内信"
		case t == nil:
			over = "微信模板的设置已更改，已放入站内信"
		case s.breaker.isDown(t.ID):
			over = "微信模板已停用，已放入站内信，建议电话通知"
		}
		if over != "" {
			if err := s.close(ctx, tx, d, to, over, now); err != nil {
				return nil, err
			}
			continue
		}
		if p.Kind == model.PushDigest {
			digests[p.ID] = append(digests[p.ID], d.MemberID)
		}
		jobs = append(jobs, job{d: d, push: &p, template: t, kind: kind})
	}
	for pushID, members := range digests {
		notices, err := tx.NoticesOf(ctx, pushID, members)
		if err != nil {
			return nil, err
		}
		for i, j := range jobs {
			if j.push.ID == pushID {
				jobs[i].notice = notices[j.d.MemberID]
			}
		}
	}
	return jobs, nil
}

// reserve takes a grant for each job from the book; who has none is left with the inbox. The retry of an unknown outcome uses the grant in doubt.
func (s *Service) reserve(ctx context.Context, tx *store.Store, jobs []job, now time.Time) ([]job, error) {
	fresh, doubtful := map[string][]string{}, map[string][]string{}
	for _, j := range jobs {
		to := fresh
		if j.d.Holds == model.HoldDoubt {
			to = doubtful
		}
		to[j.d.TemplateID] = append(to[j.d.TemplateID], j.d.OpenID)
	}
	had := map[string]map[string]bool{}
	free := map[string]map[string]bool{}
	for template, openIDs := range fresh {
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
	kept := jobs[:0]
	groups := map[[2]bool][]int64{} // reserved, retried → ids
	for _, j := range jobs {
		doubt := j.d.Holds == model.HoldDoubt
		reserved, longTerm := had[j.d.TemplateID][j.d.OpenID], free[j.d.TemplateID][j.d.OpenID]
		if !doubt && !reserved && !longTerm {
			if err := s.close(ctx, tx, j.d, model.DeliveryInboxOnly, "没有剩余的订阅次数，已放入站内信，建议电话通知", now); err != nil {
				return nil, err
			}
			continue
		}
		j.d.Retried = doubt || j.d.State == model.DeliveryInDoubt
		j.d.Holds = model.HoldNothing
		if doubt || reserved {
			j.d.Holds = model.HoldReserved
		}
		k := [2]bool{j.d.Holds == model.HoldReserved, j.d.Retried}
		groups[k] = append(groups[k], j.d.ID)
		kept = append(kept, j)
	}
	for k, ids := range groups {
		hold := model.HoldNothing
		if k[0] {
			hold = model.HoldReserved
		}
		if err := tx.SetHolds(ctx, ids, hold, k[1]); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// book moves one grant of each of these users, and says so in the log when the book does not allow what the ledger holds.
func (s *Service) book(ctx context.Context, tx *store.Store, step model.QuotaStep, template string, openIDs []string, now time.Time) error {
	n, err := tx.MoveQuotas(ctx, step, template, openIDs, now)
	if err == nil && int(n) != len(openIDs) && step != model.QuotaRevoke {
		s.log.ErrorContext(ctx, "subscription book does not match the ledger", "step", step, "template", template, "wanted", len(openIDs), "booked", n)
	}
	return err
}

// start marks jobs as being sent and returns those that may go.
func (s *Service) start(ctx context.Context, jobs []job) ([]job, error) {
	ids := make([]int64, len(jobs))
	for i, j := range jobs {
		ids[i] = j.d.ID
	}
	now := s.now()
	started, err := s.store.StartDeliveries(ctx, ids, s.options.Owner, now)
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
			j.d.Attempts++
			j.d.SendingAt = &now
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

// free puts a claimed delivery that was not begun back into the queue, with its grant.
func (s *Service) free(ctx context.Context, tx *store.Store, d model.Delivery, now time.Time) error {
	end, step := store.DeliveryEnd{State: d.State, ErrCode: d.ErrCode, ErrMsg: d.ErrMsg, Reason: d.Reason, DueAt: &now}, model.QuotaNone
	if d.Holds == model.HoldReserved {
		step = model.QuotaRelease
		if d.Retried {
			step = model.QuotaDoubt
		}
	}
	end.Holds = step.Holds()
	done, err := tx.EndDelivery(ctx, d.ID, d.Owner, d.State, end, now)
	if err != nil || !done {
		return err
	}
	_, err = tx.MoveQuotas(ctx, step, d.TemplateID, []string{d.OpenID}, now)
	return err
}

// sweep takes over from owners that have gone: what they had not begun is queued again, what they had begun is in doubt.
func (s *Service) sweep(ctx context.Context) error {
	for {
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
		jobs, progress, err := s.claim(ctx, s.options.InFlight)
		if err != nil {
			return err
		}
		if !progress {
			return s.finish(ctx)
		}
		if jobs, err = s.start(ctx, jobs); err != nil {
			return err
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

// housekeep does what is not sending: leases, audiences, digests.
func (s *Service) housekeep(ctx context.Context) error {
	for _, chore := range []func(context.Context) error{s.sweep, s.expandDue, s.digestDue} {
		if err := chore(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) finish(ctx context.Context) error {
	return s.store.Tx(ctx, func(tx *store.Store) error { // a transaction is tried again after a deadlock with the senders
		_, err := tx.FinishPushes(ctx, s.now())
		return err
	})
}
