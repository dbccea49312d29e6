package store_test

import (
	"context"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func TestUnusedUploads(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	add := func(at time.Time) *model.Upload {
		t.Helper()
		u := &model.Upload{ID: store.NewID(), OwnerID: "m1", Name: "计划★.pdf", MIME: model.MIMEPDF, Size: 5 << 30, SHA256: "ab", BlobKey: "k", Width: 1, Height: 2, CreatedAt: at}
		if err := s.AddUpload(ctx, u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	old, used, fresh := add(now.Add(-time.Hour)), add(now.Add(-time.Hour)), add(now)
	if err := s.SetArticleFiles(ctx, "a1", []model.ArticleFile{{ArticleID: "a1", Role: model.FileCover, UploadID: used.ID}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Upload(ctx, old.ID)
	if err != nil || got.Name != old.Name || got.Size != old.Size || got.SHA256 != "ab" || got.MIME != model.MIMEPDF || got.Height != 2 || !got.CreatedAt.Equal(old.CreatedAt) {
		t.Errorf("read back %+v %v", got, err)
	}
	rows, err := s.UnusedUploads(ctx, now, "", 10)
	if err != nil || len(rows) != 1 || rows[0].ID != old.ID {
		t.Errorf("unused: %+v %v, want the old one alone", rows, err)
	}
	for u, want := range map[*model.Upload]bool{old: true, used: false} {
		if ok, err := s.DropUnusedUpload(ctx, u.ID); err != nil || ok != want {
			t.Errorf("dropped: %v %v, want %v", ok, err, want)
		}
	}
	if byID, err := s.UploadsByID(ctx, []string{old.ID, used.ID, fresh.ID, "x"}); err != nil || len(byID) != 2 {
		t.Errorf("left: %v %v", byID, err)
	}
	if mine, err := s.UploadsOf(ctx, "m1"); err != nil || len(mine) != 2 {
		t.Errorf("of the owner: %v %v", mine, err)
	}
}
