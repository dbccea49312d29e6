package store_test

import (
	"context"
	"fmt"
	"testing"

	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// On MySQL a step and the note that it was taken are two commits: a start that is killed between them leaves a table that the next start is about to
// make again. Whichever kind of step it was, the next start goes on.
func TestStepThatWasNotNoted(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		kind    string
		version int64
		forget  string
	}{
		{"the first table, with nothing noted at all", 1, "1 = 1"},
		{"columns", 100, "version_id = 100"},
		{"a table that is gone", 102, "version_id = 102"},
		{"an index that is gone", 119, "version_id = 119"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			s, err := store.Open(ctx, storetest.MariaDBURL(t), "", storetest.Clock)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := s.MigrateToForTest(ctx, c.version); err != nil {
				t.Fatal(err)
			}
			if err := s.ExecForTest(ctx, "DELETE FROM goose_db_version WHERE "+c.forget); err != nil {
				t.Fatal(err)
			}
			if err := s.Migrate(ctx); err != nil {
				t.Fatalf("the next start: %v", err)
			}
			at, target, err := s.Version(ctx)
			if err != nil || at != target {
				t.Errorf("version %d of %d: %v", at, target, err)
			}
			if err := s.QueueReady(ctx); err != nil {
				t.Error(fmt.Errorf("after it: %w", err))
			}
		})
	}
}
