package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// Statements that are made for the first time, inside transactions and beside them, never wait for each other in a circle.
func TestFirstStatementsDoNotLockEachOther(t *testing.T) {
	s := storetest.Open(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for round := range 100 {
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if err := s.ExecForTest(ctx, fmt.Sprintf("UPDATE settings SET name = 'beside%d' WHERE name = 'x'", round)); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := s.Tx(ctx, func(tx *store.Store) error {
					for part := range 3 {
						if err := tx.ExecForTest(ctx, fmt.Sprintf("UPDATE settings SET name = 'inside%d' WHERE name = 'y%d'", round, part)); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if ctx.Err() != nil {
			t.Fatalf("round %d: %v", round, ctx.Err())
		}
	}
}
