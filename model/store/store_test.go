package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestMemberIsWrittenAndReadBack(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	index := "aa"
	m := &model.Member{ID: store.NewID(), Name: "林知远", NameSort: "lin", PhoneCipher: []byte{1, 0, 2}, PhoneIndex: &index, PartyStatus: model.PartyFull}
	if err := s.AddMember(ctx, m); err != nil {
		t.Fatal(err)
	}
	got, err := s.MemberByPhone(ctx, "aa")
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "林知远" || string(got.PhoneCipher) != "\x01\x00\x02" || !got.CreatedAt.Equal(storetest.Now()) {
		t.Errorf("read back %+v", got)
	}
	if err := s.AddMember(ctx, &model.Member{ID: store.NewID(), Name: "又一人", PhoneIndex: &index}); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("a second person of the same phone: %v, want a conflict", err)
	}
	stale := *got
	got.Title = "主任医师"
	if err := s.SaveMember(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveMember(ctx, &stale); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("saving what is stale: %v, want an edit conflict", err)
	}
}

func TestTxRollsBackAndRunsAfterOnlyOnCommit(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	ran := 0
	boom := errors.New("boom")
	err := s.Tx(ctx, func(tx *store.Store) error {
		tx.After(func() { ran++ })
		if err := tx.PutSetting(ctx, "a", "1", storetest.Now()); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) || model.CodeOf(err) != model.CodeInternal || ran != 0 {
		t.Fatalf("err %v, after ran %d times", err, ran)
	}
	if v, _ := s.Setting(ctx, "a"); v != "" {
		t.Errorf("setting survived the roll-back: %q", v)
	}
	if err := s.Tx(ctx, func(tx *store.Store) error {
		tx.After(func() { ran++ })
		return tx.PutSetting(ctx, "a", "2", storetest.Now())
	}); err != nil || ran != 1 {
		t.Fatalf("err %v, after ran %d times, want once", err, ran)
	}
	if err := s.PutSetting(ctx, "a", "3", storetest.Now()); err != nil {
		t.Fatal(err)
	}
	if v, _ := s.Setting(ctx, "a"); v != "3" {
		t.Errorf("setting is %q, want the last one written", v)
	}
}

func TestReplayIsClaimedOnce(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	now := storetest.Now()
	first := &model.Replay{Caller: "m", Key: "k", Hash: "h", CreatedAt: now}
	if was, err := s.BeginReplay(ctx, first, now.Add(-time.Minute)); err != nil || was != nil {
		t.Fatalf("first claim: %v %v", was, err)
	}
	was, err := s.BeginReplay(ctx, &model.Replay{Caller: "m", Key: "k", Hash: "h", CreatedAt: now}, now.Add(-time.Minute))
	if err != nil || was == nil || was.Status != 0 {
		t.Fatalf("second claim: %+v %v, want the first row", was, err)
	}
	first.Status, first.Body, first.Header = 201, []byte("{}"), map[string]string{"ETag": "x"}
	if err := s.EndReplay(ctx, first); err != nil {
		t.Fatal(err)
	}
	was, err = s.BeginReplay(ctx, &model.Replay{Caller: "m", Key: "k", CreatedAt: now}, now.Add(-time.Minute))
	if err != nil || was.Status != 201 || string(was.Body) != "{}" || was.Header["ETag"] != "x" {
		t.Fatalf("stored answer: %+v %v", was, err)
	}
}

func TestJobTurnIsTakenByOne(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	now := storetest.Now()
	a, err := s.ClaimJob(ctx, "j", "a", now, now.Add(time.Minute))
	if err != nil || !a {
		t.Fatalf("first claim: %v %v", a, err)
	}
	if b, err := s.ClaimJob(ctx, "j", "b", now, now.Add(time.Minute)); err != nil || b {
		t.Fatalf("claim of a held job: %v %v", b, err)
	}
	if b, err := s.ClaimJob(ctx, "j", "b", now.Add(2*time.Minute), now.Add(3*time.Minute)); err != nil || !b {
		t.Fatalf("claim after the lease ran out: %v %v", b, err)
	}
	if err := s.EndJob(ctx, "j", "a", now, now, ""); err != nil {
		t.Fatal(err)
	}
	if c, _ := s.ClaimJob(ctx, "j", "c", now.Add(2*time.Minute), now.Add(3*time.Minute)); c {
		t.Error("the one who lost the lease gave back another's turn")
	}
}

func TestChangesReachAnotherReplica(t *testing.T) {
	dir := t.TempDir()
	ctx, now := context.Background(), storetest.Now()
	open := func() *store.Store {
		s, err := store.Open(ctx, "", dir, storetest.Clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, b := open(), open()
	var heard []string
	b.OnChange(model.TopicSession, func(key string) { heard = append(heard, key) })
	if err := b.Poll(ctx, now); err != nil {
		t.Fatal(err)
	}
	if err := a.Tx(ctx, func(tx *store.Store) error { return tx.Changed(ctx, now, model.TopicSession, "s1") }); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := b.Poll(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(heard) != 1 || heard[0] != "s1" {
		t.Errorf("heard %v, want s1 once", heard)
	}
}
