package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// Writes that share a commit stand each for itself: who fails or panics undoes its own alone, who is answered is in the database, and what is to
// be done after the commit is done for those who succeeded.
func TestTogetherEachStandsForItself(t *testing.T) {
	s := storetest.Open(t)
	ctx, now := context.Background(), storetest.Clock()
	refused := model.Conflict("不行。")
	var after, heard atomic.Int64
	s.OnChange("t", func(string) { heard.Add(1) })
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			defer func() {
				if v := recover(); (v != nil) != (i%10 == 4) {
					t.Errorf("%d: panic %v", i, v)
				}
			}()
			err := s.Together(ctx, func(ctx context.Context, tx *store.Store) error {
				tx.After(func() { after.Add(1) })
				if err := tx.PutSetting(ctx, fmt.Sprint("k", i), "v", now); err != nil {
					return err
				}
				switch i % 10 {
				case 3:
					return refused
				case 4:
					panic("bad")
				}
				return tx.Changed(ctx, now, "t", fmt.Sprint(i))
			})
			if want := i%10 == 3; errors.Is(err, refused) != want || (err != nil) != want {
				t.Errorf("%d: %v", i, err)
			}
			kept, err := s.Setting(ctx, fmt.Sprint("k", i))
			if err != nil || (kept == "v") != (i%10 != 3) {
				t.Errorf("%d: answered, and the database has %q, %v", i, kept, err)
			}
		})
	}
	all.Wait()
	for i := 4; i < 300; i += 10 {
		if kept, err := s.Setting(ctx, fmt.Sprint("k", i)); err != nil || kept != "" {
			t.Errorf("%d: a panic left %q, %v", i, kept, err)
		}
	}
	if after.Load() != 240 || heard.Load() != 240 {
		t.Errorf("%d done after the commit and %d changes heard, of 240", after.Load(), heard.Load())
	}
}

// Who has gone while others write does not take theirs along, and inside a transaction it is that transaction.
func TestTogetherInsideAndGone(t *testing.T) {
	s := storetest.Open(t)
	ctx, now := context.Background(), storetest.Clock()
	gone, cancel := context.WithCancel(ctx)
	if err := s.Together(gone, func(ctx context.Context, tx *store.Store) error {
		cancel()
		return tx.PutSetting(context.WithoutCancel(ctx), "gone", "v", now)
	}); err != nil && s.Dialect() == store.SQLite {
		t.Error(err)
	}
	if err := s.Together(gone, func(context.Context, *store.Store) error { return nil }); err == nil {
		t.Error("who had gone before is served")
	}
	undone := errors.New("undone")
	err := s.Tx(ctx, func(tx *store.Store) error {
		if err := tx.Together(ctx, func(ctx context.Context, tx *store.Store) error { return tx.PutSetting(ctx, "inside", "v", now) }); err != nil {
			return err
		}
		return undone
	})
	if kept, _ := s.Setting(ctx, "inside"); err == nil || kept != "" {
		t.Errorf("%v, and the database has %q", err, kept)
	}
}
