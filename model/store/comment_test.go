package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// commentArticle publishes an article of the organisation at path.
func commentArticle(t *testing.T, s *store.Store, path string) *model.Article {
	t.Helper()
	now := storetest.Now()
	a := &model.Article{ID: store.NewID(), OrgID: "o", OrgPath: path, OrgKind: model.OrgBranch, Category: model.CategoryNews, Title: "支部动态",
		Visibility: model.VisibleMembers, State: model.ArticlePublished, PublishedAt: &now, Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := s.AddArticle(context.Background(), a, &model.ArticleBody{ArticleID: a.ID}); err != nil {
		t.Fatal(err)
	}
	return a
}

func addComment(t *testing.T, s *store.Store, ar *model.Article, author string, state model.CommentState, at time.Time) *model.Comment {
	t.Helper()
	c := &model.Comment{ID: store.NewID(), ArticleID: ar.ID, AuthorID: author, Content: "学习了", State: state, CreatedAt: at}
	if err := s.AddComment(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCommentsAreCountedWhereVisible(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	ar := commentArticle(t, s, "/r/a/")
	count := func(want int64) {
		t.Helper()
		got, err := s.ArticleCount(ctx, ar.ID)
		if err != nil || got.Comments != want {
			t.Fatalf("%d comments are counted, want %d (%v)", got.Comments, want, err)
		}
	}
	visible, pending := addComment(t, s, ar, "m1", model.CommentVisible, now), addComment(t, s, ar, "m2", model.CommentPending, now)
	count(1)
	step := func(c *model.Comment, to model.CommentState, want bool) {
		t.Helper()
		from := c.State
		after := *c
		after.State, after.ModeratorID, after.ModeratedAt = to, "mod", &now
		if ok, err := s.ModerateComment(ctx, &after, from); err != nil || ok != want {
			t.Fatalf("%s to %s: %v %v, want %v", from, to, ok, err, want)
		}
	}
	step(pending, model.CommentVisible, true)
	count(2)
	step(pending, model.CommentVisible, false) // another was faster
	count(2)
	step(visible, model.CommentHidden, true)
	count(1)
	if ok, err := s.DropComment(ctx, visible); err != nil || ok {
		t.Fatalf("dropped what has changed meanwhile: %v %v", ok, err)
	}
	hidden, err := s.Comment(ctx, visible.ID)
	if err != nil || hidden.State != model.CommentHidden || hidden.ModeratorID != "mod" || hidden.ModeratedAt == nil {
		t.Fatalf("read back %+v %v", hidden, err)
	}
	if ok, err := s.DropComment(ctx, hidden); err != nil || !ok {
		t.Fatal(ok, err)
	}
	count(1)
	shown, err := s.Comment(ctx, pending.ID)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := s.DropComment(ctx, shown); err != nil || !ok {
		t.Fatal(ok, err)
	}
	count(0)
}

func TestCommentLikesCountOnce(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	c := addComment(t, s, commentArticle(t, s, "/r/a/"), "m1", model.CommentVisible, now)
	likes := func(want int64) {
		t.Helper()
		if got, err := s.Comment(ctx, c.ID); err != nil || got.Likes != want {
			t.Fatalf("%d likes, want %d (%v)", got.Likes, want, err)
		}
	}
	for range 2 {
		if err := s.Tx(ctx, func(tx *store.Store) error { return tx.LikeComment(ctx, c.ID, "m2", now) }); err != nil {
			t.Fatal(err)
		}
	}
	likes(1)
	if liked, err := s.LikedComments(ctx, "m2", []string{c.ID, "other"}); err != nil || !liked[c.ID] || liked["other"] {
		t.Fatalf("liked %v %v", liked, err)
	}
	for range 2 {
		if err := s.Tx(ctx, func(tx *store.Store) error { return tx.UnlikeComment(ctx, c.ID, "m2") }); err != nil {
			t.Fatal(err)
		}
	}
	likes(0)
}

func TestCommentPagesHoldWhileOthersWrite(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	ar := commentArticle(t, s, "/r/a/")
	var want []string
	for i := range 7 { // three at one instant
		c := addComment(t, s, ar, "m1", model.CommentVisible, now.Add(time.Duration(i/3)*time.Second))
		want = append(want, c.ID)
	}
	slices.Reverse(want)
	mine := addComment(t, s, ar, "me", model.CommentPending, now.Add(-time.Hour))
	addComment(t, s, ar, "m3", model.CommentPending, now)
	addComment(t, s, ar, "me", model.CommentHidden, now)
	addComment(t, s, commentArticle(t, s, "/r/a/"), "m1", model.CommentVisible, now)
	walk := func(reader string) []string {
		t.Helper()
		var got []string
		for page := (model.Page{Limit: 2}); ; {
			rows, next, err := s.CommentsOn(ctx, ar.ID, reader, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range rows {
				got = append(got, c.ID)
			}
			if next == "" {
				return got
			}
			page.Cursor = next
		}
	}
	if got := walk(""); !slices.Equal(got, want) {
		t.Errorf("a stranger sees %v, want %v", got, want)
	}
	if got := walk("me"); !slices.Equal(got, append(slices.Clone(want), mine.ID)) {
		t.Errorf("the author of a pending one sees %v", got)
	}
	first, next, err := s.CommentsOn(ctx, ar.ID, "", model.Page{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	addComment(t, s, ar, "m9", model.CommentVisible, now.Add(time.Minute))
	rest, _, err := s.CommentsOn(ctx, ar.ID, "", model.Page{Limit: 50, Cursor: next})
	if err != nil || len(first)+len(rest) != len(want) {
		t.Errorf("%d and %d comments on two pages, want %d (%v)", len(first), len(rest), len(want), err)
	}
	if _, _, err := s.CommentsOn(ctx, ar.ID, "", model.Page{Cursor: model.Cursor("feed", 1)}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a foreign cursor: %v", err)
	}
}

func TestCommentQueueIsOfOnesOwnTree(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	a, b := commentArticle(t, s, "/r/a/"), commentArticle(t, s, "/r/b/")
	gone := commentArticle(t, s, "/r/a/")
	inA := addComment(t, s, a, "m1", model.CommentPending, now.Add(time.Second))
	inB := addComment(t, s, b, "m1", model.CommentPending, now)
	addComment(t, s, a, "m1", model.CommentVisible, now)
	addComment(t, s, gone, "m1", model.CommentPending, now)
	gone.State = model.ArticleWithdrawn
	if ok, err := s.StepArticle(ctx, gone, model.ArticlePublished); err != nil || !ok {
		t.Fatal(ok, err)
	}
	for _, c := range []struct {
		paths []string
		want  []string
	}{
		{nil, nil},
		{[]string{"/r/a/"}, []string{inA.ID}},
		{[]string{"/r/b/"}, []string{inB.ID}},
		{[]string{"/r/b/", "/r/a/"}, []string{inB.ID, inA.ID}},
		{[]string{"/"}, []string{inB.ID, inA.ID}},
		{[]string{"/x/"}, nil},
	} {
		rows, next, err := s.CommentQueue(ctx, c.paths, model.CommentQueue(model.CommentPending), model.Page{Limit: 1})
		var got []string
		for _, r := range rows {
			got = append(got, r.ID)
		}
		if err == nil && next != "" {
			rows, _, err = s.CommentQueue(ctx, c.paths, model.CommentQueue(model.CommentPending), model.Page{Limit: 1, Cursor: next})
			for _, r := range rows {
				got = append(got, r.ID)
			}
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("below %v: %v %v, want %v", c.paths, got, err, c.want)
		}
		if n, err := s.CountCommentQueue(ctx, c.paths, model.QueueWaiting); err != nil || n != len(c.want) {
			t.Errorf("below %v %d are counted (%v), want %d", c.paths, n, err, len(c.want))
		}
	}
}
