package comment

import (
	"context"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Queue lists the comments of a queue (what waits for a look when empty) that the actor moderates, the oldest first.
// Errors: forbidden, validation_failed.
func (s *Service) Queue(ctx context.Context, actor *model.Actor, which model.CommentQueue, page model.Page) ([]Entry, string, error) {
	if !model.CanModerateAnywhere(actor) {
		return nil, "", model.Forbidden("评论审核由支委及以上人员负责。")
	}
	if which == "" {
		which = model.QueueWaiting
	}
	if !which.Valid() {
		return nil, "", model.BadField("state", "not_allowed", "只能是以下之一：pending、reported、visible、hidden。")
	}
	rows, next, err := s.store.CommentQueue(ctx, model.ModerationPaths(actor), which, page)
	if err != nil {
		return nil, "", err
	}
	entries, err := s.entries(ctx, actor, rows)
	if err != nil {
		return nil, "", err
	}
	var ids, comments []string
	for _, c := range rows {
		ids, comments = append(ids, c.ArticleID), append(comments, c.ID)
	}
	articles, err := s.store.ArticlesByID(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	reports, err := s.store.OpenReports(ctx, comments)
	if err != nil {
		return nil, "", err
	}
	for i := range entries {
		for _, r := range reports[entries[i].ID] {
			entries[i].Reasons = append(entries[i].Reasons, r.Reason)
		}
		if ar, ok := articles[entries[i].ArticleID]; ok {
			entries[i].Article = &ar
		}
	}
	return entries, next, nil
}

// PendingFor counts what waits in the actor's queue; nothing for who moderates nowhere.
func (s *Service) PendingFor(ctx context.Context, actor *model.Actor) (int, error) {
	return s.store.CountCommentQueue(ctx, model.ModerationPaths(actor), model.QueueWaiting)
}

// Moderate shows or hides a comment and tells its author. Hiding takes a reason. Errors: not_found, forbidden, validation_failed,
// conflict (it is so already, or another moderator was faster).
func (s *Service) Moderate(ctx context.Context, actor *model.Actor, id string, decision model.Moderation, reason string) (*Entry, error) {
	now := s.clock()
	reason = model.SingleLine(reason)
	var out *model.Comment
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		c, ar, err := seen(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !model.CanModerate(actor, ar) {
			return model.Forbidden("评论审核由文章所在组织的支委及以上人员负责。")
		}
		if err := CheckDecision(decision, reason); err != nil {
			return err
		}
		out = c
		return s.decide(ctx, tx, actor, ar, c, decision, reason, now)
	})
	if err != nil {
		return nil, err
	}
	return s.entry(ctx, actor, *out)
}

// CheckDecision finds fault with a decision and its reason. Errors: validation_failed.
func CheckDecision(decision model.Moderation, reason string) error {
	var v model.Invalid
	reason = model.SingleLine(reason)
	if decision.To() == "" {
		v.Add("action", "not_allowed", "只能是以下之一：approve、hide。")
	}
	switch n := utf8.RuneCountInString(reason); {
	case decision == model.ModerationHide && n == 0:
		v.Add("reason", "required", "隐藏评论请说明理由，作者会看到。")
	case n > model.MaxReason:
		v.Add("reason", "too_long", "理由不能超过 200 个字。")
	}
	return v.Err()
}

// decide writes the decision with all that follows from it.
func (s *Service) decide(ctx context.Context, tx *store.Store, actor *model.Actor, ar *model.Article, c *model.Comment, decision model.Moderation, reason string, now time.Time) error {
	from := c.State
	if from == decision.To() && c.Reports > 0 {
		return s.stays(ctx, tx, actor, ar, c, now)
	}
	if !from.May(decision.To()) {
		return model.Conflict("这条评论" + from.Label() + "，不能重复处理，请刷新后查看。")
	}
	c.State, c.Reason, c.ModeratorID, c.ModeratedAt = decision.To(), "", actor.MemberID, &now
	if decision == model.ModerationHide {
		c.Reason = reason
	}
	ok, err := tx.ModerateComment(ctx, c, from)
	if err == nil && !ok {
		err = model.Conflict("这条评论刚被他人处理，请刷新后查看。")
	}
	if err != nil {
		return err
	}
	if err := s.tellDecision(ctx, tx, actor, ar, c, from); err != nil {
		return err
	}
	if err := s.settle(ctx, tx, actor, ar, c, "，经审核已隐藏", now); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, actor, "comment."+string(decision), "comment:"+c.ID, ar.OrgID, map[string]string{"article": ar.ID, "from": string(from)}); err != nil {
		return err
	}
	if from != model.CommentVisible && c.State != model.CommentVisible {
		return nil // nothing that readers see has changed
	}
	return tx.Changed(ctx, now, model.TopicArticle, ar.ID)
}

// stays writes that a reported comment was looked at and is shown on; its author never learns of the report.
func (s *Service) stays(ctx context.Context, tx *store.Store, actor *model.Actor, ar *model.Article, c *model.Comment, now time.Time) error {
	c.ModeratorID, c.ModeratedAt = actor.MemberID, &now
	ok, err := tx.ModerateComment(ctx, c, c.State)
	if err == nil && !ok {
		err = model.Conflict("这条评论刚被他人处理，请刷新后查看。")
	}
	if err != nil {
		return err
	}
	if err := s.settle(ctx, tx, actor, ar, c, "，经审核予以保留", now); err != nil {
		return err
	}
	c.Reports = 0
	return tx.Audit(ctx, now, actor, "comment.keep", "comment:"+c.ID, ar.OrgID, map[string]string{"article": ar.ID})
}

// Delete removes a comment: the author's own in whatever state, or as a moderator, whereupon the author is told.
// Errors: not_found, forbidden, conflict (just moderated).
func (s *Service) Delete(ctx context.Context, actor *model.Actor, id string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		c, ar, err := seen(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !model.CanDeleteComment(actor, ar, c) {
			return model.Forbidden("只能删除自己的评论。")
		}
		if err := s.settle(ctx, tx, actor, ar, c, "已删除", now); err != nil {
			return err
		}
		ok, err := tx.DropComment(ctx, c)
		if err == nil && !ok {
			err = model.Conflict("这条评论刚被他人处理，请刷新后重试。")
		}
		if err != nil {
			return err
		}
		if err := s.outbox.Drop(ctx, tx, Subject(c.ID), "评论已删除"); err != nil {
			return err
		}
		if c.AuthorID != actor.MemberID {
			if err := s.outbox.Push(ctx, tx, deletedNotice(ar, c, actor, now)); err != nil {
				return err
			}
		}
		if err := tx.Audit(ctx, now, actor, "comment.delete", "comment:"+c.ID, ar.OrgID, map[string]string{"article": ar.ID, "from": string(c.State)}); err != nil {
			return err
		}
		if c.State != model.CommentVisible {
			return nil
		}
		return tx.Changed(ctx, now, model.TopicArticle, ar.ID)
	})
}
