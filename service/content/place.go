package content

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Placed is an article brought in as it is: by the demonstration and by imports.
type Placed struct {
	OrgID, AuthorID                          string
	State                                    model.ArticleState
	CreatedAt                                time.Time
	PublishAt, PublishedAt, WithdrawnAt, Due *time.Time
	Input
}

// Place writes an article in the state and with the times it is given, without asking who may; main calls it for the demonstration.
// Errors: not_found, validation_failed.
func (s *Service) Place(ctx context.Context, tx *store.Store, p Placed) (string, error) {
	org, err := tx.Org(ctx, p.OrgID)
	if err != nil {
		return "", err
	}
	a := &model.Article{
		ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Visibility: model.VisibleMembers, State: p.State, AuthorID: p.AuthorID,
		DigestMade: true, MinutesMade: true, Version: 1, CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.CreatedAt.UTC(),
		PublishAt: utc(p.PublishAt), PublishedAt: utc(p.PublishedAt), WithdrawnAt: utc(p.WithdrawnAt),
	}
	p.DueAt = utc(p.Due)
	body, err := s.bodyOf(&p.Input)
	if err != nil {
		return "", err
	}
	if body == nil {
		return "", model.BadField("body_markdown", "required", "请填写正文。")
	}
	var v model.Invalid
	compose(a, &p.Input, body.plain, s.study(), &v)
	if err := v.Err(); err != nil {
		return "", err
	}
	if err := tx.AddArticle(ctx, a, rowOf(a.ID, body)); err != nil {
		return "", err
	}
	if err := tx.SetArticlePrints(ctx, a.ID, model.Prints(body.plain)); err != nil {
		return "", err
	}
	if a.State == model.ArticlePublished {
		if err := index(ctx, tx, a); err != nil {
			return "", err
		}
	}
	return a.ID, tx.Changed(ctx, a.CreatedAt, model.TopicFeed, "")
}

func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC().Truncate(time.Millisecond)
	return &u
}
