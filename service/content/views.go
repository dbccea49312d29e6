package content

import (
	"context"
	"slices"
	"sync"

	"zhibu/model"
	"zhibu/model/store"
)

// views gathers who opened which article until they are written together: one row of counts would otherwise be written for every reader of what
// everybody reads at once. A crash loses the seconds since the last writing, of a number that nobody lives by; who read what is kept at once.
type views struct {
	mu      sync.Mutex
	waiting map[string]int
}

func newViews() *views { return &views{waiting: map[string]int{}} }

func (v *views) add(id string, n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waiting[id] += n
}

// take hands out what waits, and forgets it.
func (v *views) take() map[string]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.waiting) == 0 {
		return nil
	}
	taken := v.waiting
	v.waiting = map[string]int{}
	return taken
}

// viewsAtOnce is how many articles one writing takes.
const viewsAtOnce = 200

// WriteViews writes the views that were gathered in this process. A job calls it every few seconds, and main when the program stops; without any it
// writes nothing.
func (s *Service) WriteViews(ctx context.Context) error {
	taken := s.views.take()
	ids := make([]string, 0, len(taken))
	for id := range taken {
		ids = append(ids, id)
	}
	slices.Sort(ids) // all replicas in one order, so that they never wait for each other in a circle
	now := s.now()
	for start := 0; start < len(ids); start += viewsAtOnce {
		some := ids[start:min(start+viewsAtOnce, len(ids))]
		err := s.store.Tx(ctx, func(tx *store.Store) error {
			for _, id := range some {
				if err := tx.BumpArticle(ctx, id, taken[id], 0, 0); err != nil && !model.IsNotFound(err) { // a draft that is gone has no views
					return err
				}
				if err := tx.Changed(ctx, now, model.TopicArticle, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil { // they wait for the next time
			for _, id := range ids[start:] {
				s.views.add(id, taken[id])
			}
			return err
		}
	}
	return nil
}
