package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// A statement that is kept serves again after a refusal, more kinds than are kept all work, and the second of two at once is compiled apart.
func TestKeptStatementsServeAgain(t *testing.T) {
	s := storetest.Open(t)
	ctx := context.Background()
	put := func(tx *store.Store, name string) error {
		return tx.AddSession(ctx, &model.Session{ID: name, IdentityID: "i", Kind: model.SessionWechat, CreatedAt: storetest.Clock(), LastSeenAt: storetest.Clock(), ExpiresAt: storetest.Clock()})
	}
	for round := range 3 {
		if err := put(s, "twice"); (err == nil) != (round == 0) || (err != nil && model.CodeOf(err) != model.CodeConflict) {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := s.Session(ctx, "twice"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 400 {
		if err := s.ExecForTest(ctx, fmt.Sprintf("UPDATE settings SET name = 'n%d' WHERE name = 'x'", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(s, "after"); err != nil {
		t.Error(err)
	}
	undone := errors.New("undone")
	if err := s.Tx(ctx, func(tx *store.Store) error {
		if err := put(tx, "inside"); err != nil {
			return err
		}
		if _, err := tx.Session(ctx, "inside"); err != nil {
			return err
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Error(err)
	}
	if _, err := s.Session(ctx, "inside"); !model.IsNotFound(err) {
		t.Errorf("what was undone is there: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Session(gone, "after"); err == nil {
		t.Error("who has gone is answered")
	}
	if _, err := s.Session(ctx, "after"); err != nil {
		t.Error(err)
	}
}

// The same statement may be carried out while its own rows are still being read.
func TestKeptStatementIsReadTwiceAtOnce(t *testing.T) {
	s := storetest.Open(t)
	ctx := context.Background()
	for i := range 3 {
		if err := s.PutSetting(ctx, fmt.Sprint("k", i), fmt.Sprint(i), storetest.Clock()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tx(ctx, func(tx *store.Store) error { return tx.NestForTest(ctx, 3) }); err != nil {
		t.Error(err)
	}
}
