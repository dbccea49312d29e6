package comment

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// CheckReport finds fault with the reason of a report. Errors: validation_failed.
func CheckReport(reason string) error {
	var v model.Invalid
	switch n := utf8.RuneCountInString(model.SingleLine(reason)); {
	case n == 0:
		v.Add("reason", "required", "请说明举报的理由。")
	case n > model.MaxReason:
		v.Add("reason", "too_long", "理由不能超过 200 个字。")
	}
	return v.Err()
}

// Report asks for a moderator's look at a comment, which stays as it is until then. Neither its author nor anybody else learns who asked.
// Errors: not_found, conflict (not visible, one's own, reported before), validation_failed.
func (s *Service) Report(ctx context.Context, actor *model.Actor, id, reason string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		c, ar, err := seen(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !model.CanSeeArticle(actor, ar) {
			return model.NotFound("这条评论")
		}
		if !model.CanReport(actor, c) {
			return model.Conflict("这条评论尚未公开显示，或是您自己的评论，无需举报。")
		}
		if err := CheckReport(reason); err != nil {
			return err
		}
		first, err := tx.ReportComment(ctx, &model.CommentReport{CommentID: c.ID, MemberID: actor.MemberID, Reason: model.SingleLine(reason), CreatedAt: now})
		if err == nil && !first {
			err = model.Conflict("您已举报过这条评论，管理人员会尽快处理。")
		}
		return err
	})
}

// settle notes that a comment was looked at, and tells those who had asked for it what came of it; not the one who looked.
func (s *Service) settle(ctx context.Context, tx *store.Store, actor *model.Actor, ar *model.Article, c *model.Comment, outcome string, now time.Time) error {
	reporters, err := tx.SettleReports(ctx, c.ID)
	if err != nil {
		return err
	}
	reporters = slices.DeleteFunc(reporters, func(id string) bool { return id == actor.MemberID })
	if len(reporters) == 0 {
		return nil
	}
	title := "您举报的评论已处理"
	p := notice(ar, c, "", moderators, title, "您举报的《"+model.CutRunes(ar.Title, quoteTitle)+"》下的评论“"+
		model.CutRunes(model.SingleLine(c.Content), quoteComment)+"”"+outcome+"。感谢您的监督。", now)
	p.Audience.MemberIDs, p.CreatedBy, p.Subject = reporters, actor.MemberID, Subject(c.ID)+":report" // not taken back with what is told of the comment
	return s.outbox.Push(ctx, tx, p)
}
