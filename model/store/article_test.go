package store_test

import (
	"context"
	"slices"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// articleRows writes an organisation and published articles of these visibilities, named by them.
func articleRows(t *testing.T, s *store.Store, visibilities ...model.Visibility) {
	t.Helper()
	ctx, now := context.Background(), storetest.Now()
	if err := s.AddOrg(ctx, &model.Org{ID: "o", Kind: model.OrgBranch, Name: "支部", Path: "/o/"}); err != nil {
		t.Fatal(err)
	}
	for _, v := range visibilities {
		id := string(v)
		a := &model.Article{
			ID: id, OrgID: "o", OrgPath: "/o/", OrgKind: model.OrgBranch, Category: model.CategoryNews, Title: id, KeyPoints: []string{"一"}, Visibility: v,
			State: model.ArticlePublished, PublishedAt: &now, Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		if err := s.AddArticle(ctx, a, &model.ArticleBody{ArticleID: id, HTML: "<p>文</p>", Plain: "文"}); err != nil {
			t.Fatal(err)
		}
		if err := s.IndexArticle(ctx, id, []string{"文", "新"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestArticleIsSavedAndSteppedOnlyAsItWasRead(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	articleRows(t, s, model.VisiblePublic)
	read, err := s.Article(ctx, "public")
	if err != nil {
		t.Fatal(err)
	}
	first, second, third := *read, *read, *read
	first.Title, second.Title = "甲", "乙"
	if err := s.SaveArticle(ctx, &first, nil, "e", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveArticle(ctx, &second, nil, "e", ""); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("saving what is stale: %v", err)
	}
	third.State = model.ArticleWithdrawn
	if taken, err := s.StepArticle(ctx, &third, model.ArticlePublished); err != nil || taken {
		t.Errorf("stepping what was edited meanwhile: %v %v", taken, err)
	}
	first.State = model.ArticleWithdrawn
	for i, want := range []bool{true, false} {
		if taken, err := s.StepArticle(ctx, &first, model.ArticlePublished); err != nil || taken != want {
			t.Errorf("step %d: %v %v, want %v", i, taken, err, want)
		}
	}
	got, err := s.Article(ctx, "public")
	if err != nil || got.Title != "甲" || got.Version != 2 || got.State != model.ArticleWithdrawn || !slices.Equal(got.KeyPoints, []string{"一"}) {
		t.Errorf("read back %+v %v", got, err)
	}
}

func TestSearchRowsKeepToTheSight(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	all := []model.Visibility{model.VisibleCommittee, model.VisibleMembers, model.VisibleParty, model.VisiblePublic}
	articleRows(t, s, all...)
	for name, c := range map[string]struct {
		sight model.Sight
		want  []string
	}{
		"stranger": {model.Sight{}, []string{"public"}},
		"member":   {model.Sight{Chain: []model.OrgSight{{OrgID: "o", Visibilities: []model.Visibility{model.VisiblePublic, model.VisibleMembers}}}}, []string{"public", "members"}},
		"editor":   {model.Sight{Under: []string{"/o/"}}, []string{"public", "party", "members", "committee"}},
		"other":    {model.Sight{Under: []string{"/p/"}, NewsUnder: []string{"/o/"}}, []string{"public"}}, // the branch is no group
	} {
		few, err := s.SeesFew(ctx, c.sight, len(c.want))
		if err != nil || few != (len(c.sight.Under) == 0) {
			t.Errorf("%s sees few: %v %v", name, few, err)
		}
		for _, few := range []bool{false, few} {
			rows, err := s.SearchArticles(ctx, store.SearchLook{Terms: []string{"文", "新"}, Sight: c.sight, Few: few}, 10)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s finds %v, want %v", name, got, c.want)
			}
		}
	}
}
