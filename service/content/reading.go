package content

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Row is an article as lists read it.
type Row = store.ArticleRow

// Mark is what a member did with one article.
type Mark = store.ArticleMark

// Marks are the member's own marks, one for each id, in the order asked for.
func (s *Service) Marks(ctx context.Context, actor *model.Actor, ids []string) ([]Mark, error) {
	var each []string
	for _, id := range ids {
		if id = strings.TrimSpace(id); id != "" && !slices.Contains(each, id) {
			each = append(each, id)
		}
	}
	switch {
	case len(each) == 0:
		return []Mark{}, nil
	case len(each) > 100:
		return nil, model.BadField("ids", "too_many", "一次最多查询 100 篇文章。")
	}
	return s.store.ArticleMarks(ctx, actor.MemberID, each)
}

// do changes one mark of the actor on an article they may see, and answers with all marks on it.
func (s *Service) do(ctx context.Context, actor *model.Actor, id string, change func(tx *store.Store, now time.Time) error) (Mark, error) {
	now := s.now()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		if _, err := readable(ctx, tx, actor, id); err != nil {
			return err
		}
		return change(tx, now)
	})
	if err != nil {
		return Mark{}, err
	}
	return s.mark(ctx, actor, id)
}

// mark is what the actor did with one article.
func (s *Service) mark(ctx context.Context, actor *model.Actor, id string) (Mark, error) {
	marks, err := s.store.ArticleMarks(ctx, actor.MemberID, []string{id})
	if err != nil {
		return Mark{}, err
	}
	return marks[0], nil
}

// count adds to an article's likes and lets every copy of them know.
func count(ctx context.Context, tx *store.Store, now time.Time, id string, likes int) error {
	if err := tx.BumpArticle(ctx, id, 0, likes, 0); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicArticle, id)
}

// Read notes how far the member got, at its greatest; the first time counts as a view. What says nothing new writes nothing.
// Errors: not_found, conflict (not published), validation_failed.
func (s *Service) Read(ctx context.Context, actor *model.Actor, id string, percent int) (Mark, error) {
	if percent < 0 || percent > 100 {
		return Mark{}, model.BadField("percent", "out_of_range", "阅读进度应在 0 至 100 之间。")
	}
	so, err := s.store.ReadSoFar(ctx, id, actor.MemberID)
	if err != nil {
		return Mark{}, err
	}
	if so.ArticleID != "" && percent <= so.Percent {
		if _, err := readable(ctx, s.store, actor, id); err != nil {
			return Mark{}, err
		}
		return s.mark(ctx, actor, id)
	}
	return s.do(ctx, actor, id, func(tx *store.Store, now time.Time) error {
		first, err := tx.PutRead(ctx, id, actor.MemberID, percent, now)
		if err != nil || !first {
			return err
		}
		tx.After(func() { s.views.add(id, 1) })
		return nil
	})
}

// Claim notes 单位已学: the member studied the text at the employer's own branch, and with it whatever else stands here under the same document number.
// Errors: not_found, conflict, validation_failed.
func (s *Service) Claim(ctx context.Context, actor *model.Actor, id string, on model.Date, where string) (Mark, error) {
	where = model.SingleLine(where)
	if err := s.CheckClaim(on, where); err != nil {
		return Mark{}, err
	}
	return s.do(ctx, actor, id, func(tx *store.Store, now time.Time) error {
		same, err := sameDocument(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, each := range same {
			if err := tx.PutClaim(ctx, &model.ArticleClaim{ArticleID: each, MemberID: actor.MemberID, StudiedOn: on, Place: where, CreatedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// sameDocument are the ids of all articles that hold the document of one.
func sameDocument(ctx context.Context, tx *store.Store, id string) ([]string, error) {
	a, err := tx.Article(ctx, id)
	if model.IsNotFound(err) {
		return []string{id}, nil
	}
	if err != nil {
		return nil, err
	}
	return tx.SameDocument(ctx, a)
}

// CheckClaim finds fault with a claim. Errors: validation_failed.
func (s *Service) CheckClaim(on model.Date, where string) error {
	var v model.Invalid
	switch {
	case !on.Valid():
		v.Add("studied_on", "invalid_date", "日期格式应如 2026-11-23。")
	case on > model.DateOf(s.clock()):
		v.Add("studied_on", "in_future", "学习日期不能晚于今天。")
	case on < "2000-01-01":
		v.Add("studied_on", "too_early", "请核对学习日期。")
	}
	if utf8.RuneCountInString(model.SingleLine(where)) > 100 {
		v.Add("where", "too_long", "学习地点不能超过 100 个字。")
	}
	return v.Err()
}

// Unclaim takes a claim back; without one nothing happens. It works on withdrawn articles too, since the record is the member's own.
func (s *Service) Unclaim(ctx context.Context, actor *model.Actor, id string) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		same, err := sameDocument(ctx, tx, id)
		if err != nil {
			return err
		}
		return tx.DropClaims(ctx, same, actor.MemberID)
	})
}

// Like likes an article, once.
// Errors: not_found, conflict.
func (s *Service) Like(ctx context.Context, actor *model.Actor, id string) (Mark, error) {
	return s.do(ctx, actor, id, func(tx *store.Store, now time.Time) error {
		added, err := tx.AddLike(ctx, id, actor.MemberID, now)
		if err != nil || !added {
			return err
		}
		return count(ctx, tx, now, id, 1)
	})
}

// Unlike takes a like back; without one nothing happens.
func (s *Service) Unlike(ctx context.Context, actor *model.Actor, id string) error {
	now := s.now()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		dropped, err := tx.DropLike(ctx, id, actor.MemberID)
		if err != nil || !dropped {
			return err
		}
		return count(ctx, tx, now, id, -1)
	})
}

// Favorite keeps an article among the member's favourites.
// Errors: not_found, conflict.
func (s *Service) Favorite(ctx context.Context, actor *model.Actor, id string) (Mark, error) {
	return s.do(ctx, actor, id, func(tx *store.Store, now time.Time) error {
		return tx.AddFavorite(ctx, id, actor.MemberID, now)
	})
}

// Unfavorite takes an article out of the favourites; where it is not among them nothing happens.
func (s *Service) Unfavorite(ctx context.Context, actor *model.Actor, id string) error {
	return s.store.DropFavorite(ctx, id, actor.MemberID)
}

// Favorites are the member's own, the latest first. What the member may no longer see is left out, so that a page may be shorter than asked for.
// Errors: validation_failed (the cursor).
func (s *Service) Favorites(ctx context.Context, actor *model.Actor, p model.Page) ([]Item, string, error) {
	rows, next, err := s.store.Favorites(ctx, actor.MemberID, p)
	if err != nil {
		return nil, "", err
	}
	rows = slices.DeleteFunc(rows, func(r store.ArticleRow) bool { return !model.CanSeeArticle(actor, &r.Article) })
	list, err := s.items(ctx, rows)
	return list, next, err
}

// RequiredUnread counts the required articles in the member's feed that they have neither read nor claimed.
func (s *Service) RequiredUnread(ctx context.Context, actor *model.Actor) (int, error) {
	if !actor.Bound() {
		return 0, nil
	}
	return s.store.RequiredUnread(ctx, actor.MemberID, model.SightOf(actor).Chain)
}
