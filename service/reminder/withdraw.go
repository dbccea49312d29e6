package reminder

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"zhibu/model"
	"zhibu/model/store"
)

// heard are the articles that may have been withdrawn since the last beat.
type heard struct {
	mu  sync.Mutex
	all bool // nobody knows what happened before the start
	ids map[string]bool
}

func (h *heard) add(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids == nil {
		h.ids = map[string]bool{}
	}
	for _, id := range ids {
		h.ids[id] = true
	}
}

func (h *heard) everything() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = true
}

func (h *heard) take() (ids []string, all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids, all = slices.Collect(maps.Keys(h.ids)), h.all
	h.ids, h.all = nil, false
	return ids, all
}

// dropWithdrawn takes back what reminders still have in the outbox about articles that nobody may read any more: a message may wait for an
// evening's digest, or for WeChat.
func (s *Service) dropWithdrawn(ctx context.Context) error {
	ids, all := s.heard.take()
	if len(ids) == 0 && !all {
		return nil
	}
	err := s.dropAbout(ctx, ids, all)
	if err != nil { // the next beat tries again
		s.heard.add(ids...)
		if all {
			s.heard.everything()
		}
	}
	return err
}

func (s *Service) dropAbout(ctx context.Context, ids []string, all bool) error {
	rows, err := s.store.RemindersAbout(ctx, ids, all)
	if err != nil || len(rows) == 0 {
		return err
	}
	abouts := make([]string, len(rows))
	for i, r := range rows {
		abouts[i] = r.About()
	}
	articles, err := s.store.ArticlesByID(ctx, abouts)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range rows {
		a, ok := articles[r.About()]
		if ok && a.State == model.ArticlePublished {
			continue
		}
		reason := "所附文章已删除"
		if ok {
			reason = named(&a) + a.State.Label()
		}
		errs = append(errs, s.store.Tx(ctx, func(tx *store.Store) error { return s.outbox.Drop(ctx, tx, Subject(r.ID), reason) }))
	}
	return errors.Join(errs...)
}
