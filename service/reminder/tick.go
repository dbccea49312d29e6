package reminder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// How much one beat looks at; the rest comes with the next.
const (
	batch    = 200
	maxTurns = 100 // of one reminder, after a long standstill

	maxReason = 150 // characters
)

// Tick fires what is due. It may run on several replicas at once and after any standstill: the row of each time is written once,
// in the transaction of its message. One reminder that fails does not hold up the others.
func (s *Service) Tick(ctx context.Context) error {
	now := s.clock()
	if s.stale.CompareAndSwap(true, false) {
		if err := s.Replan(ctx); err != nil {
			s.stale.Store(true)
			return err
		}
	}
	failed := s.dropWithdrawn(ctx)
	due, err := s.store.DueReminders(ctx, now, batch)
	if err != nil || len(due) == 0 {
		return errors.Join(failed, err)
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	errs := []error{failed}
	for i := range due {
		if err := s.fire(ctx, &due[i], cal, now); err != nil {
			errs = append(errs, fmt.Errorf("reminder %s: %w", due[i].ID, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// Replan reckons the next message of every reminder by the calendar in force: a published holiday moves or skips what was provisional.
func (s *Service) Replan(ctx context.Context) error {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	for after := ""; ; {
		rows, err := s.store.PlannedReminders(ctx, after, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		var errs []error
		for i := range rows {
			errs = append(errs, s.reckonAnew(ctx, &rows[i], cal))
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}

func (s *Service) reckonAnew(ctx context.Context, r *model.Reminder, cal model.Calendar) error {
	plan, err := newSchedule(r, cal, s.policy().Push)
	if err != nil {
		return err
	}
	next := *r
	first, ok := plan.from(*r.NextPlanned)()
	plan.setTimes(&next, fate{turn: first, sendAt: first.at}, ok)
	if same(next.NextAt, r.NextAt) && same(next.WakeAt, r.WakeAt) {
		return nil
	}
	_, err = s.store.AdvanceReminder(ctx, r, next)
	return err
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// fire deals with every time of a reminder that is over, and sets the next one. Whom it reaches is looked up before the transaction, which an
// audience of many thousands would hold open.
func (s *Service) fire(ctx context.Context, r *model.Reminder, cal model.Calendar, now time.Time) error {
	plan, err := newSchedule(r, cal, s.policy().Push)
	if err != nil {
		return err
	}
	row, err := s.store.Reminder(ctx, r.ID)
	if model.IsNotFound(err) { // its organisation is gone, if not the reminder itself: it never wakes again
		_, err = s.store.AdvanceReminder(ctx, r, model.Reminder{})
		return err
	}
	if err != nil {
		return err
	}
	to, err := s.reachOf(ctx, s.store, row)
	if err != nil {
		return err
	}
	if err := to.look(ctx, s.store); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		return s.deal(ctx, tx, &store.ReminderRow{Reminder: *r, Org: row.Org}, to, plan, now)
	})
}

// deal is fire within a transaction, for a reminder as it was read.
func (s *Service) deal(ctx context.Context, tx *store.Store, row *store.ReminderRow, to *reach, plan *schedule, now time.Time) error {
	over, next := plan.over(&row.Reminder, now)
	for _, f := range over {
		if f.state == model.OccurrenceFired && to.waits(f.at, now) {
			return nil // the next beat finds it published
		}
	}
	ours, err := tx.AdvanceReminder(ctx, &row.Reminder, next)
	if err != nil || !ours {
		return err // another replica, or the secretary, was faster
	}
	advanced := store.ReminderRow{Reminder: next, Org: row.Org}
	for _, f := range over {
		if err := s.occur(ctx, tx, &advanced, to, f, now); err != nil {
			return err
		}
	}
	return nil
}

// over lists what becomes of the times of a reminder that are over by now, and the reminder with its times to come.
func (s *schedule) over(r *model.Reminder, now time.Time) (done []fate, next model.Reminder) {
	next = *r
	if r.NextPlanned == nil {
		return nil, next
	}
	walk := s.from(*r.NextPlanned)
	for {
		t, ok := walk()
		var f fate
		if ok {
			f = s.judge(t, r.Paused, now)
		}
		if !ok || f.state == "" || len(done) == maxTurns {
			s.setTimes(&next, f, ok)
			return done, next
		}
		done = append(done, f)
	}
}

// occur notes one time, and puts its message into the outbox where it fires. The note comes first: its key makes sure that the message is made once.
func (s *Service) occur(ctx context.Context, tx *store.Store, row *store.ReminderRow, to *reach, f fate, now time.Time) error {
	if f.state == model.OccurrenceFired {
		if why := to.hindrance(now); why != "" {
			f.state, f.reason = model.OccurrenceSkipped, why
		}
	}
	o := &model.ReminderOccurrence{ReminderID: row.ID, PlannedAt: f.planned, State: f.state, Reason: model.CutRunes(f.reason, maxReason), At: f.sendAt, CreatedAt: now}
	fresh, err := tx.AddOccurrence(ctx, o)
	if err != nil || !fresh || f.state != model.OccurrenceFired {
		return err
	}
	p := message(row, to, f, s.policy().Push)
	if err := s.outbox.Push(ctx, tx, p); err != nil {
		return err
	}
	if p.ID != "" {
		o.PushID = &p.ID
	}
	if !to.discreet {
		o.Recipients = &p.Recipients
	}
	return tx.TellOccurrence(ctx, o)
}

const momentLayout = "2006年1月2日 15:04"
