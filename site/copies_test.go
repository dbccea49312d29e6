package site

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestCopiesKeepToTheirWeight(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	c := newCopies(5_000)
	body := func(i int) func(context.Context) (*leaf, error) {
		return func(context.Context) (*leaf, error) { return newLeaf("", fmt.Append(nil, i), now) }
	}
	for i := range 100 {
		if _, err := c.get(ctx, now, place{fmt.Sprint("p", i), ""}, body(i)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.get(ctx, now, place{"often", ""}, body(1000)); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, e := range c.kept {
			sum += e.size()
		}
		if c.weight > 5_000 || c.weight != sum || c.order.Len() != len(c.kept) {
			t.Fatalf("after %d: weight %d, really %d, %d in order and %d kept", i, c.weight, sum, c.order.Len(), len(c.kept))
		}
	}
	if c.kept[place{"often", ""}] == nil || c.kept[place{"p0", ""}] != nil || len(c.kept) < 5 {
		t.Errorf("kept %d, of them what is asked for often: %v", len(c.kept), c.kept[place{"often", ""}] != nil)
	}
	if c.forget(now); c.weight != 0 || len(c.kept) != 0 || c.order.Len() != 0 {
		t.Errorf("after forgetting: %d of weight %d", len(c.kept), c.weight)
	}
}

func TestCopiesAreMadeByOneForAll(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	c := newCopies(1 << 20)
	var made atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			l, err := c.get(ctx, now, place{"p", ""}, func(context.Context) (*leaf, error) {
				made.Add(1)
				return newLeaf("", []byte("x"), now)
			})
			if err != nil || l.length != 1 {
				t.Errorf("%v %v", l, err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

func TestWhatCannotBeMadeIsNotKept(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	c := newCopies(1 << 20)
	broken := errors.New("broken")
	if _, err := c.get(ctx, now, place{"p", ""}, func(context.Context) (*leaf, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = c.get(ctx, now, place{"p", ""}, func(context.Context) (*leaf, error) { panic("broken") })
	}()
	if len(c.kept) != 0 || c.order.Len() != 0 {
		t.Errorf("kept %v", c.kept)
	}
	if l, err := c.get(ctx, now, place{"p", ""}, func(context.Context) (*leaf, error) { return newLeaf("", []byte("x"), now) }); err != nil || l.length != 1 {
		t.Errorf("%v %v", l, err)
	}
}
