package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// errBehind rolls a chunk back that another process has written meanwhile.
var errBehind = model.Conflict("这条推送正由另一进程展开。")

// chunkTries is how often a chunk is written again whose grants or bindings changed at that moment.
const chunkTries = 5

// chunk is the next part of an audience. facts are what was read of its members before the transaction; nil, and they are read and locked in it.
type chunk struct {
	ids   []string
	facts map[string]model.ReachFacts
	last  bool
}

// expand writes one chunk of a push: the lines of inbox and ledger, and the cursor by which each chunk is written once.
func (s *Service) expand(ctx context.Context, tx *store.Store, p *model.Push, c chunk, now time.Time) error {
	ids := c.ids
	if p.Counted && len(ids) > 0 {
		if err := tx.Gate(ctx, "budget", now); err != nil {
			return err
		}
	}
	cursor := p.ExpandCursor
	if len(ids) > 0 {
		cursor = ids[len(ids)-1]
	}
	mine, err := tx.AdvancePush(ctx, p, cursor, len(ids), c.last, now)
	if err != nil {
		return err
	}
	if !mine {
		return errBehind
	}
	p.State, p.ExpandCursor = model.PushSending, cursor
	if err := s.write(ctx, tx, p, c, now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// write adds the lines of a push for these members, those of the same reach together.
func (s *Service) write(ctx context.Context, tx *store.Store, p *model.Push, c chunk, now time.Time) error {
	if len(c.ids) == 0 {
		return nil
	}
	s.refreshGates(ctx, tx)
	r := s.reacher(p, p.Kind, now)
	facts, err := s.factsOf(ctx, tx, c, s.factsNeeded(p.Kind, p.Counted, r.At()))
	if err != nil {
		return err
	}
	type group struct{ ids, openIDs []string }
	groups := map[model.Reach]*group{}
	var order []model.Reach
	for _, id := range c.ids {
		reach := r.Reach(facts[id])
		openID := reach.OpenID
		reach.OpenID = ""
		g := groups[reach]
		if g == nil {
			g = &group{}
			groups[reach] = g
			order = append(order, reach)
		}
		g.ids, g.openIDs = append(g.ids, id), append(g.openIDs, openID)
	}
	for _, reach := range order {
		if err := tx.EnterDeliveries(ctx, p, reach, groups[reach].ids, groups[reach].openIDs, now); err != nil {
			return err
		}
	}
	return nil
}

// factsOf are what is known of a chunk's members, with their week, which the gate of the budget keeps as it is read.
func (s *Service) factsOf(ctx context.Context, tx *store.Store, c chunk, need store.FactsNeeded) (map[string]model.ReachFacts, error) {
	if c.facts == nil {
		return tx.ReachFacts(ctx, c.ids, need, true)
	}
	return c.facts, tx.CountWeek(ctx, c.ids, c.facts, need, true)
}

// expandDue writes all pushes whose time has come, chunk by chunk, each in a transaction of its own. A crash loses at most a chunk
// that was not committed; the next process goes on from the cursor.
func (s *Service) expandDue(ctx context.Context) error {
	pushes, err := s.store.DuePushes(ctx, s.now(), 100)
	if err != nil {
		return err
	}
	// What is urgent goes first, also into the inboxes.
	slices.SortStableFunc(pushes, func(a, b model.Push) int { return int(model.LaneOf(&a, "")) - int(model.LaneOf(&b, "")) })
	var failed []error
	for i := range pushes { // one that cannot be written must not hold up those behind it
		if err := s.expandAll(ctx, &pushes[i]); err != nil {
			failed = append(failed, fmt.Errorf("push %s: %w", pushes[i].ID, err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) expandAll(ctx context.Context, p *model.Push) error {
	if err := s.count(ctx, p); err != nil {
		return err
	}
	tries := 0
	for {
		c, err := s.nextChunk(ctx, p)
		if err != nil {
			return err
		}
		before := *p
		err = s.store.Tx(ctx, func(tx *store.Store) error {
			*p = before
			now := s.now()
			if p.Over(now) {
				c.last = true
				return s.expire(ctx, tx, p, now)
			}
			return s.expand(ctx, tx, p, c, now)
		})
		switch {
		case errors.Is(err, errBehind):
			return nil
		case model.CodeOf(err) == model.CodeConflict && tries < chunkTries:
			*p = before
			tries++
			continue
		case err != nil || c.last:
			return err
		}
		tries = 0
	}
}

// nextChunk reads the part of a push's audience that comes after its cursor.
func (s *Service) nextChunk(ctx context.Context, p *model.Push) (c chunk, err error) {
	need := s.factsNeeded(p.Kind, p.Counted, s.now())
	c.ids, c.facts, err = s.store.AudienceFacts(ctx, p.Audience, p.ExpandCursor, chunkSize+1, p.Recipients > smallAudience, need)
	c.last = len(c.ids) <= chunkSize
	c.ids = c.ids[:min(len(c.ids), chunkSize)]
	return c, err
}

// count notes how many a large audience has, outside any transaction.
func (s *Service) count(ctx context.Context, p *model.Push) error {
	if p.Recipients > 0 || p.ExpandedAt != nil {
		return nil
	}
	n, err := s.store.CountAudience(ctx, p.Audience)
	if err != nil || n == 0 {
		return err
	}
	p.Recipients = n
	return s.store.CountedPush(ctx, p.ID, n)
}

// followUp does what a committed change of a push left to the job: to count a large audience, or to close what waits of a stopped push.
func (s *Service) followUp(ctx context.Context) error {
	for id := s.touched.next(); id != ""; id = s.touched.next() {
		p, err := s.store.PushOf(ctx, id)
		if model.IsNotFound(err) {
			continue
		}
		if err == nil && p.StopReason != "" {
			err = s.closeAll(ctx, p)
		} else if err == nil {
			err = s.count(ctx, p)
		}
		if err != nil {
			s.touched.add(id)
			return err
		}
	}
	return nil
}

// closeAll cancels what waits of a stopped push, chunk by chunk.
func (s *Service) closeAll(ctx context.Context, p *model.Push) error {
	for all := false; !all; {
		err := s.store.Tx(ctx, func(tx *store.Store) (err error) {
			all, err = s.closeWaiting(ctx, tx, p.ID, p.StopReason, s.now())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mostTouched bounds what is remembered where nobody looks, as in a process that only serves.
const mostTouched = 10_000

// touched are the pushes that the change feed has named and nobody has looked at yet.
type touched struct {
	mu    sync.Mutex
	ids   []string
	known map[string]bool
}

func (t *touched) add(ids ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]bool{}
	}
	for _, id := range ids {
		if id != "" && !t.known[id] && len(t.ids) < mostTouched {
			t.known[id] = true
			t.ids = append(t.ids, id)
		}
	}
}

func (t *touched) next() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ids) == 0 {
		return ""
	}
	id := t.ids[0]
	t.ids = t.ids[1:]
	delete(t.known, id)
	return id
}
