package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// planHouse is a SQLite database with enough articles for a planner to have a choice.
func planHouse(t *testing.T) *Store {
	t.Helper()
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	s, err := Open(ctx, "", t.TempDir(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	err = s.Tx(ctx, func(tx *Store) error {
		for o := range 4 {
			org := &model.Org{ID: fmt.Sprint("o", o), Kind: model.OrgBranch, Name: fmt.Sprint("o", o), Path: fmt.Sprintf("/o%d/", o)}
			if err := tx.AddOrg(ctx, org); err != nil {
				return err
			}
		}
		for i := range 800 {
			at := now.Add(-time.Duration(i) * time.Hour)
			id := fmt.Sprintf("a%04d", i)
			a := &model.Article{
				ID: id, OrgID: fmt.Sprint("o", i%4), OrgPath: fmt.Sprintf("/o%d/", i%4), Category: model.CategoryNews, Title: id, State: model.ArticlePublished,
				Visibility: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}[i%3], Pinned: i%50 == 0, Required: i%40 == 0, PublishedAt: &at, Version: 1,
			}
			if err := tx.AddArticle(ctx, a, &model.ArticleBody{ArticleID: id, Plain: "康复"}); err != nil {
				return err
			}
			if err := tx.IndexArticle(ctx, id, []string{"康", "复", "康复"}); err != nil {
				return err
			}
		}
		return tx.write(ctx).Exec("ANALYZE").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plan is how SQLite will carry out a query.
func (s *Store) plan(t *testing.T, query string, args ...any) string {
	t.Helper()
	var rows []struct{ Detail string }
	if err := s.reader.Raw("EXPLAIN QUERY PLAN "+query, args...).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.Detail + "\n")
	}
	return b.String()
}

// drawn is the plan of a query built by gorm.
func (s *Store) drawn(t *testing.T, build func(*gorm.DB) *gorm.DB) string {
	t.Helper()
	return s.plan(t, s.reader.ToSQL(func(tx *gorm.DB) *gorm.DB { return build(tx) }))
}

func (s *Store) wantPlan(t *testing.T, what, plan string, must []string, mustNot ...string) {
	t.Helper()
	for _, m := range must {
		if !strings.Contains(plan, m) {
			t.Errorf("%s: the plan lacks %q:\n%s", what, m, plan)
		}
	}
	for _, m := range mustNot {
		if strings.Contains(plan, m) {
			t.Errorf("%s: the plan has %q:\n%s", what, m, plan)
		}
	}
}

// Every page of a feed reads index ranges and then its own rows; nothing is scanned, and only the few merged keys are sorted.
func TestFeedPlan(t *testing.T) {
	s := planHouse(t)
	chain := []model.OrgSight{
		{OrgID: "o0", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers}},
		{OrgID: "o1", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}},
	}
	middle := feedKeys{At: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC).UnixMilli(), ID: "a0300"}
	range1 := "org_id=? AND state=? AND visibility=? AND pinned=?"
	for _, c := range []struct {
		name  string
		f     FeedFilter
		after feedKeys
		next  bool
		must  []string
	}{
		{"first page", FeedFilter{Chain: chain}, feedKeys{Pinned: true}, false, []string{"COVERING INDEX articles_feed (" + range1 + ")"}},
		{"a page in the middle", FeedFilter{Chain: chain}, middle, true, []string{"COVERING INDEX articles_feed (" + range1 + " AND published_at<?)"}},
		{"of a category", FeedFilter{Chain: chain, Category: model.CategoryNews}, middle, true, []string{"COVERING INDEX articles_feed_category (org_id=? AND state=? AND category=? AND visibility=? AND pinned=? AND published_at<?)"}},
		{"what is public", FeedFilter{}, middle, true, []string{"COVERING INDEX articles_open (state=? AND visibility=? AND pinned=? AND published_at<?)"}},
		{"what is public of a category", FeedFilter{Category: model.CategoryNews}, feedKeys{Pinned: true}, false, []string{"COVERING INDEX articles_open_category (state=? AND category=? AND visibility=? AND pinned=?)"}},
	} {
		query, args := s.feedQuery(c.f, c.after, c.next, 21)
		plan := s.plan(t, query, args...)
		s.wantPlan(t, c.name, plan, append(c.must, "SEARCH a USING INDEX sqlite_autoindex_articles_1 (id=?)"), "SCAN articles", "SCAN a\n", "SCAN a ")
		if branches := strings.Count(query, "FROM articles"); c.next && strings.Count(query, "AND pinned = ?") != branches {
			t.Errorf("%s: %d branches", c.name, branches)
		}
	}
	// The walk gives exactly what sorting everything gives.
	ctx := context.Background()
	var all, walked []string
	err := s.reader.Table("articles").Where("(org_id = 'o0' AND visibility IN ('public','members')) OR (org_id = 'o1')").
		Order("pinned DESC, published_at DESC, id DESC").Pluck("id", &all).Error
	if err != nil {
		t.Fatal(err)
	}
	walk := func(f FeedFilter) (walked []string) {
		t.Helper()
		for p := (model.Page{Limit: 7}); ; {
			rows, next, err := s.Feed(ctx, f, p)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				walked = append(walked, r.ID)
			}
			if p.Cursor = next; next == "" {
				return walked
			}
		}
	}
	walked = walk(FeedFilter{Chain: chain})
	if !slices.Equal(all, walked) {
		t.Errorf("walked %d, want %d in the same order", len(walked), len(all))
	}
	// Neither does leaving out the ranges that hold nothing change anything.
	wide := append(slices.Clone(chain), model.OrgSight{OrgID: "nobody's", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty, model.VisibleCommittee}})
	for _, f := range []FeedFilter{{Chain: wide}, {Chain: wide, Category: model.CategoryNews}, {Chain: wide, Category: model.CategoryLaw}, {}} {
		plain := walk(f)
		var err error
		if f.Ranges, err = s.FeedRanges(ctx, f); err != nil {
			t.Fatal(err)
		}
		if len(f.Ranges.relays) != 0 || len(f.Ranges.plain) > 5 {
			t.Errorf("%+v: %+v", f, f.Ranges)
		}
		if known := walk(f); !slices.Equal(plain, known) {
			t.Errorf("%+v: walked %d, and %d by the ranges that are known", f, len(plain), len(known))
		}
	}
}

func TestSearchPlan(t *testing.T) {
	s := planHouse(t)
	sight := model.Sight{Chain: []model.OrgSight{{OrgID: "o0", Visibilities: []model.Visibility{model.VisibleMembers}}}, Under: []string{"/o1/"}}
	for _, terms := range [][]string{{"康"}, {"康复", "康", "复"}} {
		query, args := s.searchQuery(SearchLook{Terms: terms, Sight: sight, Category: model.CategoryNews, Before: "a0500"}, 21)
		plan := s.plan(t, query, args...)
		must := []string{"SEARCH t0 USING PRIMARY KEY (term=? AND article_id<?)", "SEARCH a USING INDEX sqlite_autoindex_articles_1 (id=?)"}
		if len(terms) > 1 {
			must = append(must, "SEARCH t1 USING PRIMARY KEY (term=? AND article_id=?)", "SEARCH t2 USING PRIMARY KEY (term=? AND article_id=?)")
		}
		s.wantPlan(t, fmt.Sprint(terms), plan, must, "SCAN a", "SCAN t0", "b.")
	}
	few := model.Sight{Chain: sight.Chain}
	query, args := s.searchQuery(SearchLook{Terms: []string{"康"}, Sight: few, Before: "a0500", Few: true}, 21)
	s.wantPlan(t, "few", s.plan(t, query, args...), []string{
		"SEARCH articles USING COVERING INDEX articles_open (state=? AND visibility=?)", "SEARCH t1 USING PRIMARY KEY (term=? AND article_id=?)",
	}, "SCAN a", "SCAN t1")
	parts, args := s.sightParts(few, " LIMIT ?", 10)
	s.wantPlan(t, "how many", s.plan(t, parts, args...), []string{
		"SEARCH articles USING COVERING INDEX articles_open (state=? AND visibility=?)", "SEARCH articles USING COVERING INDEX articles_feed (org_id=? AND state=? AND visibility=?)",
	}, "SCAN articles")
}

func TestOtherListPlans(t *testing.T) {
	s := planHouse(t)
	s.wantPlan(t, "due", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return db.Model(&model.Article{}).Where("state = ? AND publish_at <= ?", model.ArticleScheduled, time.Now().UTC()).Order("publish_at, id").Limit(50).Find(&[]model.Article{})
	}), []string{"articles_due (state=? AND publish_at<?)"})
	s.wantPlan(t, "the same document", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return db.Where("doc_key = ?", "x").Order("id DESC").Limit(50).Find(&[]model.Article{})
	}), []string{"articles_doc (doc_key=?)"})
	s.wantPlan(t, "required", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return db.Table("articles a").Where("a.required = ? AND a.state = ?", true, model.ArticlePublished).
			Where("(a.org_id = ? AND a.visibility IN ?) OR (a.org_id = ? AND a.visibility IN ?)", "o0", []string{"members"}, "o1", []string{"members"}).Find(&[]model.Article{})
	}), []string{"articles_required (required=? AND state=?"}, "SCAN a")
	s.wantPlan(t, "editors", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return db.Table("articles a").Select(rowColumns).Joins(rowJoins).Where("a.org_path LIKE ?", "/o1/%").Where("a.id < ?", "a0500").Order("a.id DESC").Limit(21).Find(&[]ArticleRow{})
	}), []string{"SEARCH a USING INDEX sqlite_autoindex_articles_1 (id<?)"}, "USE TEMP B-TREE")
}
