package push

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outcome is how often sends ended in one way since the program started.
type Outcome struct {
	Channel model.Channel
	Verdict VerdictKind
	ErrCode int // WeChat's; 0 when there is none
}

// figures counts outcomes for whoever watches the program.
type figures struct {
	mu sync.Mutex
	n  map[Outcome]int64
}

func (f *figures) count(results []result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n == nil {
		f.n = map[Outcome]int64{}
	}
	for _, r := range results {
		if r.verdict.Kind != VerdictNotBegun {
			f.n[Outcome{r.d.Channel, r.verdict.Kind, r.verdict.ErrCode}]++
		}
	}
}

// Outcomes are the sends of this process since its start, by how they ended.
func (s *Service) Outcomes() map[Outcome]int64 {
	s.figures.mu.Lock()
	defer s.figures.mu.Unlock()
	out := make(map[Outcome]int64, len(s.figures.n))
	for k, n := range s.figures.n {
		out[k] = n
	}
	return out
}

// QueueFigures are how the queue and the books of subscriptions stand for all processes together.
type QueueFigures = store.QueueFigures

// Queue looks at the queue and at the books.
func (s *Service) Queue(ctx context.Context) (QueueFigures, error) {
	return s.store.QueueFigures(ctx, s.now())
}

// A push that rang for at least alarmFewest phones and was taken for fewer than alarmPercent of them is told to whoever watches the log.
const (
	alarmFewest  = 20
	alarmPercent = 90
)

// giveUpUnserved closes what waits for a way that this process does not have, as after the settings of the service account were removed. Another
// process may have it: only what nobody has taken for as long as a message is tried at all is closed.
func (s *Service) giveUpUnserved(ctx context.Context) error {
	for _, lane := range model.Lanes() {
		if s.carriers[lane.Channel()] != nil {
			continue
		}
		before := s.now().Add(-model.GiveUpAfter)
		for {
			if some, err := s.store.OverdueDeliveries(ctx, lane, before, 1); err != nil {
				return err
			} else if len(some) == 0 { // an idle process takes no lock
				break
			}
			err := s.store.Tx(ctx, func(tx *store.Store) error { return s.closeUnserved(ctx, tx, lane, before) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// closeUnserved closes a chunk of a lane.
func (s *Service) closeUnserved(ctx context.Context, tx *store.Store, lane model.Lane, before time.Time) error {
	rows, err := tx.OverdueDeliveries(ctx, lane, before, chunkSize)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := map[string]bool{}
	for _, d := range rows {
		ids[d.PushID] = true
	}
	pushes, err := tx.PushesByID(ctx, slices.Collect(maps.Keys(ids)))
	if err != nil {
		return err
	}
	now := s.now()
	for _, d := range rows {
		p := pushes[d.PushID]
		if err := s.close(ctx, tx, d, model.DeliveryInboxOnly, "微信模板的设置已更改，已放入站内信"+p.PhoneAdvice(), now); err != nil {
			return err
		}
	}
	return nil
}

// finish marks as done what is at its end, and raises the alarm where too little of it arrived.
func (s *Service) finish(ctx context.Context) error {
	if err := s.giveUpUnserved(ctx); err != nil {
		return err
	}
	if running, err := s.store.AnySending(ctx); err != nil || !running {
		return err
	}
	var now time.Time
	var done int64
	err := s.store.Tx(ctx, func(tx *store.Store) (err error) { // a transaction is tried again after a deadlock with the senders
		now = s.now()
		done, err = tx.FinishPushes(ctx, now)
		return err
	})
	if err != nil || done == 0 {
		return err
	}
	ids, err := s.store.DoneAt(ctx, now)
	if err != nil || len(ids) == 0 {
		return err
	}
	counts, err := s.store.PushCounts(ctx, ids, now)
	for id, c := range counts {
		rang := c.Sent + c.Failed + c.InDoubt
		if rang >= alarmFewest && c.Sent*100 < rang*alarmPercent {
			s.log.ErrorContext(ctx, "alarm: too little of a push arrived", "push", id, "sent", c.Sent, "failed", c.Failed, "in_doubt", c.InDoubt, "inbox_only", c.InboxOnly)
		}
	}
	return err
}
