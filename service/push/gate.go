package push

import (
	"context"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// gatesAge is how old this process's knowledge of the gates may be: what another has learned holds here a second later.
const gatesAge = time.Second

// gates is what this process knows of the shared gates.
type gates struct {
	mu   sync.Mutex
	shut map[string]model.PushGate
	read time.Time
}

// refreshGates reads the gates again when what is known is old. A database that is away leaves what was known.
func (s *Service) refreshGates(ctx context.Context, from *store.Store) {
	now := s.now()
	g := &s.gates
	g.mu.Lock()
	fresh := g.shut != nil && now.Sub(g.read).Abs() < gatesAge
	g.mu.Unlock()
	if fresh {
		return
	}
	rows, err := from.PushGates(ctx, now)
	if err != nil {
		return
	}
	shut := make(map[string]model.PushGate, len(rows))
	for _, r := range rows {
		shut[r.Name] = r
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut, g.read = shut, now
}

// until is when a gate opens, if it is shut now.
func (g *gates) until(name string, now time.Time) (time.Time, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	row, ok := g.shut[name]
	return row.Until, ok && now.Before(row.Until)
}

// isShut reports whether a gate is shut as far as this process knows.
func (g *gates) isShut(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.shut[name]
	return ok
}

// forget drops a gate that was opened.
func (g *gates) forget(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.shut, name)
}

// note remembers at once what this process has learned itself.
func (g *gates) note(row model.PushGate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		g.shut = map[string]model.PushGate{}
	}
	if old, ok := g.shut[row.Name]; !ok || row.Until.After(old.Until) {
		g.shut[row.Name] = row
	}
}

// shut shuts a gate for all processes, and reports whether that is news to them.
func (s *Service) shut(ctx context.Context, tx *store.Store, name, why string, until, now time.Time) (bool, error) {
	if shutUntil, ok := s.gates.until(name, now); ok && !until.After(shutUntil) {
		return false, nil
	}
	news, err := tx.ShutGate(ctx, name, until, why, now)
	if err == nil {
		tx.After(func() { s.gates.note(model.PushGate{Name: name, Until: until, Why: why}) })
	}
	return news, err
}
