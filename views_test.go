package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/content"
)

// What was gathered since the last beat is written when the program stops.
func TestViewsAreWrittenAtTheEnd(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	cfg, err := config.Load(func(name string) string {
		if name == "ZHIBU_DATA_DIR" {
			return dir
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	clock := newClock(time.Time{})
	h, err := build(ctx, cfg, clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var id string
	category, title, body, visibility, now := model.CategoryNews, "题", "正文", model.VisiblePublic, clock()
	err = h.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddOrg(ctx, &model.Org{ID: "o", Kind: model.OrgSociety, Name: "学会党委", Path: "/o/"}); err != nil {
			return err
		}
		id, err = h.content.Place(ctx, tx, content.Placed{OrgID: "o", State: model.ArticlePublished, CreatedAt: now, PublishedAt: &now,
			Input: content.Input{Category: &category, Title: &title, BodyMarkdown: &body, Visibility: &visibility}})
		return err
	})
	if err == nil {
		_, err = h.content.Read(ctx, &model.Actor{SessionID: "s", MemberID: "m"}, id, 10)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n, err := h.store.ArticleCount(ctx, id); err != nil || n.Views != 0 {
		t.Errorf("before the end: %+v %v", n, err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(ctx, cfg, clock)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.ArticleCount(ctx, id); err != nil || n.Views != 1 {
		t.Errorf("after the end: %+v %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
