package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// A change is heard once, whichever order the numbers become visible in: those passed over are looked for while they may still come.
func TestPollHearsWhatIsCommittedLate(t *testing.T) {
	s := storetest.Open(t)
	ctx, now := context.Background(), storetest.Clock()
	var heard []string
	s.OnChange("t", func(key string) { heard = append(heard, key) })
	poll := func(after time.Duration) {
		t.Helper()
		now = now.Add(after)
		if err := s.Poll(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	write := func(id int64) {
		t.Helper()
		if err := s.WriteChangeForTest(ctx, model.Change{ID: id, Topic: "t", Key: fmt.Sprint(id), At: now}); err != nil {
			t.Fatal(err)
		}
	}
	hears := func(want ...string) {
		t.Helper()
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
		heard = nil
	}
	poll(0)
	write(3)
	poll(time.Second)
	hears("3")
	write(1)
	poll(3 * time.Second)
	hears("1")
	write(2)
	poll(time.Second)
	hears("2")
	poll(time.Second)
	hears()
	write(5) // 4 is never written
	poll(time.Second)
	poll(6 * time.Second)
	hears("5")
	for i := range int64(2500) {
		write(10 + 2*i) // every other number is missing
	}
	poll(time.Second)
	if len(heard) != 2500 {
		t.Errorf("heard %d of 2500", len(heard))
	}
	heard = nil
	write(11)
	write(5007)
	poll(time.Second)
	hears("11", "5007")
}

// What this process changed by itself is told once, at the commit, and the poll does not even read it.
func TestPollDoesNotReadOwnChanges(t *testing.T) {
	s := storetest.Open(t)
	ctx, now := context.Background(), storetest.Clock()
	heard := 0
	s.OnChange("t", func(string) { heard++ })
	if err := s.Poll(ctx, now); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := s.Tx(ctx, func(tx *store.Store) error { return tx.Changed(ctx, now, "t", "own") }); err != nil {
			t.Fatal(err)
		}
	}
	before := s.PolledForTest(now)
	if err := s.Poll(ctx, now); err != nil {
		t.Fatal(err)
	}
	if heard != 20 || before < 20 {
		t.Errorf("heard %d times of 20 changes; the next poll would begin behind %d", heard, before)
	}
}
