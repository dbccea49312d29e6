package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// planned is a database, of whichever kind the tests run on, with enough articles for its planner to have a choice.
func planned(t *testing.T) *store.Store {
	t.Helper()
	ctx, now := context.Background(), storetest.Now()
	s := storetest.Open(t)
	err := s.Tx(ctx, func(tx *store.Store) error {
		for o := range 4 {
			if err := tx.AddOrg(ctx, &model.Org{ID: fmt.Sprint("o", o), Kind: model.OrgBranch, Name: fmt.Sprint("o", o), Path: fmt.Sprintf("/o%d/", o)}); err != nil {
				return err
			}
		}
		for i := range 1200 {
			at := now.Add(-time.Duration(i) * time.Hour)
			id := fmt.Sprintf("a%04d", i)
			a := &model.Article{
				ID: id, OrgID: fmt.Sprint("o", i%4), OrgPath: fmt.Sprintf("/o%d/", i%4), Category: model.CategoryNews, Title: id, State: model.ArticlePublished,
				Visibility: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}[i%3], Pinned: i%50 == 0, PublishedAt: &at, Version: 1, DocKey: fmt.Sprint("k", i),
			}
			if err := tx.AddArticle(ctx, a, &model.ArticleBody{ArticleID: id, Plain: "康复"}); err != nil {
				return err
			}
			terms := []string{"康", "复", "康复", fmt.Sprint("w", i%9)}
			if err := tx.IndexArticle(ctx, id, terms); err != nil {
				return err
			}
			if err := tx.SetArticlePrints(ctx, id, []int{i % 200, 256 + i*7%256}); err != nil {
				return err
			}
			if i%10 == 3 {
				if _, err := tx.PutRelay(ctx, &model.ArticleRelay{ArticleID: id, OrgID: "o0", OrgPath: "/o0/", CreatedAt: now.Add(-time.Duration(i) * time.Minute)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		err = s.Analyze(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// whole tells which tables a plan reads from end to end.
func whole(s *store.Store, rows []map[string]any) []string {
	var scanned []string
	for _, r := range rows {
		if s.Dialect() == store.SQLite {
			detail := fmt.Sprint(r["detail"])
			if name, ok := strings.CutPrefix(detail, "SCAN "); ok && !strings.HasPrefix(name, "t") && !strings.HasPrefix(name, "merged") && !strings.HasPrefix(name, "k") && !strings.Contains(name, "subquery") {
				scanned = append(scanned, name)
			}
			continue
		}
		table, kind := text(r["table"]), text(r["type"])
		if (kind == "ALL" || kind == "index") && !strings.HasPrefix(table, "<") {
			scanned = append(scanned, table)
		}
	}
	return scanned
}

func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

// Feeds, searches and what is like a text read ranges of indexes and the rows they show, never a table from end to end.
func TestPlansReadRangesOnEveryDatabase(t *testing.T) {
	s := planned(t)
	ctx := context.Background()
	chain := []model.OrgSight{
		{OrgID: "o0", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers}},
		{OrgID: "o1", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}},
	}
	middle := storetest.Now().Add(-300 * time.Hour).UnixMilli()
	for _, c := range []struct {
		name string
		of   func() (string, []any)
		keys []string // on MySQL: the indexes that must be used
	}{
		{"feed", func() (string, []any) { return s.FeedPlanOf(store.FeedFilter{Chain: chain}, middle, "a0300") }, []string{"articles_feed", "article_relays_feed"}},
		{"feed of a category", func() (string, []any) {
			return s.FeedPlanOf(store.FeedFilter{Chain: chain, Category: model.CategoryNews}, middle, "a0300")
		}, []string{"articles_feed_category", "article_relays_feed"}},
		{"what is public", func() (string, []any) { return s.FeedPlanOf(store.FeedFilter{}, middle, "a0300") }, []string{"articles_open"}},
		{"one character", func() (string, []any) {
			return s.SearchPlanOf([]string{"康"}, model.Sight{Chain: chain, Under: []string{"/o2/"}}, "a0900")
		}, []string{"PRIMARY"}},
		{"a sentence", func() (string, []any) {
			return s.SearchPlanOf([]string{"康复", "w3", "复"}, model.Sight{Chain: chain}, "")
		}, []string{"PRIMARY"}},
		{"alike", func() (string, []any) {
			return "SELECT article_id FROM article_prints WHERE chunk IN (1, 257, 600) GROUP BY article_id ORDER BY COUNT(*) DESC LIMIT 20", nil
		}, []string{"PRIMARY"}},
		{"sharing words", func() (string, []any) { return s.SharingPlanOf([]string{"康复", "w3", "复"}) }, []string{"PRIMARY"}},
		{"the same document", func() (string, []any) {
			return "SELECT * FROM articles WHERE doc_key = 'k7' ORDER BY id DESC LIMIT 50", nil
		}, []string{"articles_doc"}},
		{"the month", func() (string, []any) {
			return "SELECT SUM(reading_minutes) FROM articles WHERE org_id = 'o0' AND published_at >= ? AND published_at < ? AND state = 'published'", []any{storetest.Now().Add(-48 * time.Hour), storetest.Now()}
		}, []string{"articles_month"}},
	} {
		query, args := c.of()
		rows, err := s.Explain(ctx, query, args...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if scanned := whole(s, rows); len(scanned) > 0 {
			t.Errorf("%s reads all of %v:\n%v", c.name, scanned, rows)
		}
		if s.Dialect() == store.SQLite {
			continue
		}
		for _, key := range c.keys {
			if !slices.ContainsFunc(rows, func(r map[string]any) bool { return text(r["key"]) == key }) {
				t.Errorf("%s does not use %s:\n%v", c.name, key, rows)
			}
		}
		for _, r := range rows {
			if table := text(r["table"]); (table == "articles" || table == "r" || table == "t0") && strings.Contains(text(r["Extra"]), "filesort") {
				t.Errorf("%s sorts what it could read in order: %v", c.name, r)
			}
		}
	}
}

// The walk through a feed with relays gives everything once, in one order.
func TestFeedWithRelaysIsWalkedOnce(t *testing.T) {
	s := planned(t)
	ctx := context.Background()
	chain := []model.OrgSight{
		{OrgID: "o0", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers}},
		{OrgID: "o1", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}},
	}
	_, err := s.PutRelay(ctx, &model.ArticleRelay{ArticleID: "a0003", OrgID: "o1", OrgPath: "/o1/", CreatedAt: storetest.Now().Add(-1000 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	relayed, walked := 0, 0
	last := time.Time{}
	for p := (model.Page{Limit: 7}); ; {
		rows, next, err := s.Feed(ctx, store.FeedFilter{Chain: chain}, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			at := *r.PublishedAt
			if r.Relay != nil {
				relayed++
				if !r.Pinned {
					at = r.Relay.CreatedAt
				}
				if r.ID == "a0003" && r.Relay.OrgID != "o0" {
					t.Errorf("the earlier relay of %s stands in place of the later", r.ID)
				}
			}
			if seen[r.ID] {
				t.Fatalf("%s twice", r.ID)
			}
			if !r.Pinned && !last.IsZero() && at.After(last) {
				t.Fatalf("%s at %s after %s", r.ID, at, last)
			}
			if !r.Pinned {
				last = at
			}
			seen[r.ID] = true
			walked++
		}
		if p.Cursor = next; next == "" {
			break
		}
	}
	var want int
	for i := range 1200 {
		org, v := i%4, i%3
		if org == 0 && v < 2 || org == 1 || org > 1 && i%10 == 3 && v == 0 {
			want++
		}
	}
	if walked != want || relayed == 0 {
		t.Errorf("walked %d, want %d; %d relayed", walked, want, relayed)
	}
}
