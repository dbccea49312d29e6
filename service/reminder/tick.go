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
	due, err := s.store.DueReminders(ctx, now, batch)
	if err != nil || len(due) == 0 {
		return err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	var errs []error
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
	plan, err := newSchedule(r, cal, s.hours)
	if err != nil {
		return err
	}
	var at *time.Time
	if t, ok := plan.next(*r.NextPlanned); ok {
		at = &t.at
	}
	if same(at, r.NextAt) {
		return nil
	}
	_, err = s.store.AdvanceReminder(ctx, r, r.NextPlanned, at)
	return err
}

func same(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// fire deals with every time of a reminder that is over, and sets the next one.
func (s *Service) fire(ctx context.Context, r *model.Reminder, cal model.Calendar, now time.Time) error {
	plan, err := newSchedule(r, cal, s.hours)
	if err != nil {
		return err
	}
	over, first, more := plan.over(r, now)
	next := *r
	plan.setNext(&next, first, more)
	return s.store.Tx(ctx, func(tx *store.Store) error {
		ours, err := tx.AdvanceReminder(ctx, r, next.NextPlanned, next.NextAt)
		if err != nil || !ours {
			return err // another replica, or the secretary, was faster
		}
		row, err := tx.Reminder(ctx, r.ID)
		if err != nil {
			return err
		}
		for _, o := range over {
			o.CreatedAt = now
			fresh, err := tx.AddOccurrence(ctx, &o)
			if err != nil {
				return err
			}
			if !fresh || o.State != model.OccurrenceFired {
				continue
			}
			if err := s.outbox.Push(ctx, tx, message(row, o)); err != nil {
				return err
			}
		}
		return nil
	})
}

// over lists what becomes of the times of a reminder that are over by now, and the first that is not.
func (s *schedule) over(r *model.Reminder, now time.Time) (done []model.ReminderOccurrence, first turn, more bool) {
	walk := s.from(*r.NextPlanned)
	for {
		t, ok := walk()
		if !ok || t.at.After(now) || len(done) == maxTurns {
			return done, t, ok
		}
		o := model.ReminderOccurrence{ReminderID: r.ID, PlannedAt: t.planned, At: t.at, State: model.OccurrenceFired, Reason: t.moved}
		if t.skipped != "" {
			o.State, o.Reason = model.OccurrenceSkipped, t.skipped
		} else if sendAt, missed := s.settle(t, now); missed != "" {
			o.State, o.Reason = model.OccurrenceMissed, missed
		} else {
			o.At = sendAt
		}
		done = append(done, o)
	}
}

const momentLayout = "2006年1月2日 15:04"

// message is what a reminder says at one of its times. It is pointless when the day is over.
func message(r *store.ReminderRow, o model.ReminderOccurrence) *model.Push {
	expires := model.DateOf(o.At).Add(1).Start().UTC()
	key := Subject(r.ID) + ":" + o.PlannedAt.In(model.Zone).Format(time.RFC3339)
	note := r.Note
	if note == "" {
		note = "请安排时间完成，点击查看"
	}
	at := o.At.In(model.Zone).Format(momentLayout)
	fields := map[string]string{"title": r.Headline(), "due": at, "note": note}
	if r.Template == model.PushAnnouncement {
		fields = map[string]string{"title": r.Headline(), "from": r.Org.Name, "time": at, "note": note}
	}
	p := &model.Push{
		OrgID: r.Org.ID, OrgPath: r.Org.Path, Kind: r.Template, Title: r.Headline(), Body: note, Fields: fields,
		Audience: r.Recipients(), Hours: model.HoursTimed, Counted: true, Subject: Subject(r.ID), DedupeKey: &key,
		SendAt: o.At, ExpiresAt: &expires, CreatedBy: r.CreatedBy,
	}
	if r.ArticleID != "" {
		p.Page = "pages/article/detail?id=" + r.ArticleID
	}
	return p
}
