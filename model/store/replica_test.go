package store_test

import (
	"context"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// TestReplica lives with a real replica: what may be late is asked there while it is well, and at the primary while it is behind or gone; what is
// decided upon never.
func TestReplica(t *testing.T) {
	pair := storetest.Replicated(t)
	ctx := t.Context()
	s, err := store.Open(ctx, pair.URL(), "", storetest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.ReadFrom(pair.ReplicaURL()); err != nil {
		t.Fatal(err)
	}
	write := func(object string) {
		t.Helper()
		if err := s.Audit(ctx, storetest.Now(), nil, "replica.tried", object, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	late := func(s *store.Store) string { // what an export would begin with
		t.Helper()
		rows, err := s.AuditEntriesBelow(ctx, store.AuditFilter{Action: "replica.tried"}, 0, 1)
		if err != nil || len(rows) == 0 {
			t.Fatalf("%v %v", rows, err)
		}
		return rows[0].Object
	}
	now := func() string { // what the list shows
		t.Helper()
		rows, _, err := s.AuditEntries(ctx, store.AuditFilter{Action: "replica.tried"}, model.Page{Limit: 1})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%v %v", rows, err)
		}
		return rows[0].Object
	}
	until := func(used bool) {
		t.Helper()
		end, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		for s.Replica().Used != used {
			if err := s.WatchReplica(ctx); err != nil {
				t.Fatal(err)
			}
			select {
			case <-look.C:
			case <-end.Done():
				t.Fatalf("the replica never became used=%v: %+v", used, s.Replica())
			}
		}
	}

	write("thing:1")
	if got := late(s); s.Replica().Used || got != "thing:1" {
		t.Errorf("before anybody looked at the replica: %s, %+v", got, s.Replica())
	}
	until(true)
	pair.AtReplica("UPDATE {}.audit_entries SET object = 'at:replica' WHERE object = 'thing:1'") // by which its answers are known
	if got := late(s); got != "at:replica" {
		t.Errorf("what may be late was read of the primary: %s", got)
	}
	if got := now(); got != "thing:1" {
		t.Errorf("what must not be late was read of the replica: %s", got)
	}
	if err := s.Tx(ctx, func(tx *store.Store) error {
		if got := late(tx); got != "thing:1" {
			t.Errorf("a transaction read of the replica: %s", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	pair.Stall()
	write("thing:2")
	if got := late(s); got != "at:replica" {
		t.Errorf("the replica has stalled a moment ago, and gives %s", got)
	}
	until(false)
	if got := late(s); got != "thing:2" {
		t.Errorf("the replica is behind, and what it holds is still read: %s, %+v", got, s.Replica())
	}
	pair.Resume()
	until(true)
	pair.AtReplica("UPDATE {}.audit_entries SET object = 'at:replica' WHERE object = 'thing:2'")
	if got := late(s); got != "at:replica" {
		t.Errorf("a replica that has caught up is not read: %s", got)
	}

	pair.Kill()
	if got := late(s); got != "thing:2" || s.Replica().Used { // the first question after its death, before anybody looked
		t.Errorf("a replica that is gone: %s, %+v", got, s.Replica())
	}
	if err := s.WatchReplica(ctx); err != nil || s.Replica().Used {
		t.Errorf("looking at a replica that is gone: %v, %+v", err, s.Replica())
	}
	if other := storetest.Open(t); other.Dialect() == store.SQLite && other.ReadFrom(pair.ReplicaURL()) == nil {
		t.Error("the embedded database was given a replica")
	}
}
