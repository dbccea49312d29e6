package store

import (
	"context"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// mostTogether is how many small writes share a commit at most, so that the writer is not held for long.
const mostTogether = 64

// queue are the small writes that wait while others are being committed. The first to come when nobody writes goes at once and alone; those that
// come meanwhile go together when it has ended, led by the one that has waited longest. There is no goroutine but the callers' own.
type queue struct {
	mu      sync.Mutex
	waiting []*guest
	busy    bool // somebody leads, or was told to
}

// guest is one small write on its way.
type guest struct {
	fn     func(tx *Store) error
	after  []func()
	err    error
	panics any
	leads  bool          // it was told to lead the next batch
	wake   chan struct{} // it was told to lead, or err is its answer
}

// Together is Tx for a small write that many make at the same time. On SQLite, where each commit waits for the disk and only one at a time can,
// those who wait for each other share one commit; each has a savepoint of its own, so that whoever fails undoes nothing of the others, and nobody
// is answered before the commit. Elsewhere commits share the disk by themselves, and it is Tx. The context given to fn does not end: a statement
// that were interrupted would take the others' with it.
func (s *Store) Together(ctx context.Context, fn func(ctx context.Context, tx *Store) error) error {
	if s.after != nil || s.dialect != SQLite {
		return s.Tx(ctx, func(tx *Store) error { return fn(ctx, tx) })
	}
	if err := ctx.Err(); err != nil {
		return fault(err)
	}
	kept := context.WithoutCancel(ctx)
	g := &guest{fn: func(tx *Store) error { return fn(kept, tx) }, wake: make(chan struct{}, 1)}
	if !s.small.enter(g) {
		<-g.wake
	}
	if g.leads {
		s.small.lead(g, func(batch []*guest) { s.commitTogether(kept, batch) })
	}
	if g.panics != nil {
		panic(g.panics)
	}
	return g.err
}

// commitTogether carries out a batch in one transaction and sets each one's answer.
func (s *Store) commitTogether(ctx context.Context, batch []*guest) {
	err := s.writer.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		for _, g := range batch {
			g.after = nil
			if err := g.serve(ctx, db, &Store{writer: db, reader: db, dialect: s.dialect, feed: s.feed, audit: s.audit, after: &g.after}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, g := range batch {
		switch {
		case err != nil && g.panics == nil:
			g.err = fault(err)
		case g.err == nil && g.panics == nil:
			for _, f := range g.after {
				f()
			}
		}
	}
}

// serve carries out one write inside its savepoint. Its own failure is its own; an error is one of the whole transaction.
func (g *guest) serve(ctx context.Context, db *gorm.DB, tx *Store) error {
	pool := db.Statement.ConnPool
	if _, err := pool.ExecContext(ctx, "SAVEPOINT guest"); err != nil {
		return err
	}
	func() {
		defer func() { g.panics = recover() }()
		g.err = fault(g.fn(tx))
	}()
	if g.err != nil || g.panics != nil {
		if _, err := pool.ExecContext(ctx, "ROLLBACK TO guest"); err != nil {
			return err
		}
	}
	_, err := pool.ExecContext(ctx, "RELEASE guest")
	return err
}

// enter puts a write in the line, and reports whether it is to lead at once.
func (q *queue) enter(g *guest) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, g)
	g.leads = !q.busy
	q.busy = true
	return g.leads
}

// lead takes the next batch, in which the leader stands first, has it carried out, gives the others their answers, and has the next one lead.
func (q *queue) lead(leader *guest, commit func([]*guest)) {
	q.mu.Lock()
	n := min(len(q.waiting), mostTogether)
	batch := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	q.mu.Unlock()
	defer func() {
		for _, g := range batch {
			if g != leader {
				g.wake <- struct{}{}
			}
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.busy = len(q.waiting) > 0; q.busy {
			q.waiting[0].leads = true
			q.waiting[0].wake <- struct{}{}
		}
	}()
	commit(batch)
}
