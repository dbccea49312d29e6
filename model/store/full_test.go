package store_test

import (
	"context"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// A full disk: what cannot be written is refused as something that may succeed later, what is there is read as before, and once there is room again the
// program goes on without being started anew.
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, "", t.TempDir(), storetest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	root := model.Org{ID: store.NewID(), Kind: model.OrgSociety, Name: "学会党委", Version: 1, CreatedAt: storetest.Now()}
	root.Path = model.PathUnder("", root.ID)
	if err := s.AddOrg(ctx, &root); err != nil {
		t.Fatal(err)
	}
	// SQLite's own word for a full disk, at so many pages as there are.
	if err := s.ExecForTest(ctx, "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	add := func() error {
		members := make([]*model.Member, 500)
		for i := range members {
			members[i] = &model.Member{ID: store.NewID(), Name: strings.Repeat("成", 40), PartyStatus: model.PartyFull}
		}
		return s.Tx(ctx, func(tx *store.Store) error { return tx.AddMembers(ctx, members) })
	}
	for range 3 {
		if err := add(); model.CodeOf(err) != model.CodeUnavailable {
			t.Fatalf("with a full disk: %v", err)
		}
	}
	if got, err := s.Org(ctx, root.ID); err != nil || got.Name != "学会党委" {
		t.Errorf("reading with a full disk: %v", err)
	}
	if err := s.ExecForTest(ctx, "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := add(); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
