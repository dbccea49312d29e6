package comment

import (
	"context"
	"sync"

	"zhibu/model"
	"zhibu/model/store"
)

// orgs keeps the organisations where authors stand. They are few, and all are forgotten when one changes.
type orgs struct {
	mu      sync.Mutex
	kept    map[string]*model.Org
	changes int // counts the changes heard of, so that what was read before one is not kept after it
}

func (o *orgs) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept, o.changes = nil, o.changes+1
}

func (o *orgs) get(ctx context.Context, s *store.Store, id string) (*model.Org, error) {
	o.mu.Lock()
	kept, read := o.kept[id], o.changes
	o.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	org, err := s.Org(ctx, id)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changes == read {
		if o.kept == nil {
			o.kept = map[string]*model.Org{}
		}
		o.kept[id] = org
	}
	return org, nil
}
