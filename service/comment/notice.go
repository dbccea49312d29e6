package comment

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Subject names a comment's notices in the outbox.
func Subject(commentID string) string { return "comment:" + commentID }

// The lengths at which quotations are cut.
const (
	quoteTitle   = 30
	quoteComment = 60
)

// notice is what all messages about a comment have in common: one person's own, ordinary, and counted towards the week's budget.
func notice(ar *model.Article, c *model.Comment, to, from, title, body string, now time.Time) *model.Push {
	return &model.Push{
		Kind: model.PushAnnouncement, Title: title, Body: body,
		Fields: map[string]string{"title": title, "from": from, "time": minuteText(now), "note": "文章：" + ar.Title},
		Page:   "pages/article/detail?id=" + ar.ID, Audience: model.Audience{MemberIDs: []string{to}},
		Hours: model.HoursOrdinary, Counted: true, Private: true, Subject: Subject(c.ID),
	}
}

func quoted(ar *model.Article, c *model.Comment) string {
	return "您在《" + model.CutRunes(ar.Title, quoteTitle) + "》下的评论“" + model.CutRunes(model.SingleLine(c.Content), quoteComment) + "”"
}

const moderators = "评论审核"

func deletedNotice(ar *model.Article, c *model.Comment, actor *model.Actor, now time.Time) *model.Push {
	p := notice(ar, c, c.AuthorID, moderators, "您的评论已被删除", quoted(ar, c)+"已由管理人员删除。如有疑问，请与支部联系。", now)
	p.CreatedBy = actor.MemberID
	return p
}

// tellDecision tells the author what a moderator decided; what becomes visible is told to whom it answers, what is hidden no longer is.
func (s *Service) tellDecision(ctx context.Context, tx *store.Store, actor *model.Actor, ar *model.Article, c *model.Comment, from model.CommentState) error {
	now := *c.ModeratedAt
	var p *model.Push
	if c.State == model.CommentVisible {
		if err := s.tellAnswered(ctx, tx, ar, c); err != nil {
			return err
		}
		p = notice(ar, c, c.AuthorID, moderators, "您的评论已公开显示", quoted(ar, c)+"已通过审核，公开显示。", now)
	} else {
		if err := s.outbox.Drop(ctx, tx, Subject(c.ID), "评论已隐藏"); err != nil {
			return err
		}
		title, outcome := "您的评论未予公开", "未予公开"
		if from == model.CommentVisible {
			title, outcome = "您的评论已被隐藏", "已被隐藏"
		}
		p = notice(ar, c, c.AuthorID, moderators, title, quoted(ar, c)+outcome+"。理由："+c.Reason, now)
	}
	if c.AuthorID == actor.MemberID {
		return nil
	}
	p.CreatedBy = actor.MemberID
	return s.outbox.Push(ctx, tx, p)
}

// tellAnswered tells the author of the comment that a visible one answers, unless they answer themselves, have left, or may no longer see the article.
func (s *Service) tellAnswered(ctx context.Context, tx *store.Store, ar *model.Article, c *model.Comment) error {
	whom := c.AnswerTo
	if whom == "" {
		whom = c.ReplyTo
	}
	if whom == "" {
		return nil
	}
	if now, err := readSwitches(ctx, tx); err != nil || !now.Open(ar.Category) || s.closed(ar.Category) { // what is closed is shown to nobody
		return err
	}
	before, err := tx.Comment(ctx, whom)
	if model.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if before.AuthorID == c.AuthorID || before.State != model.CommentVisible {
		return nil
	}
	reader, err := standing(ctx, tx, before.AuthorID)
	if err != nil || !model.CanSeeComment(reader, ar, c) {
		return err
	}
	author, err := tx.Member(ctx, c.AuthorID)
	if err != nil {
		return err
	}
	now := s.clock()
	p := notice(ar, c, before.AuthorID, author.Name, "您的评论有了新回复",
		author.Name+"在《"+model.CutRunes(ar.Title, quoteTitle)+"》下回复您：“"+model.CutRunes(model.SingleLine(c.Content), quoteComment)+"”", now)
	p.CreatedBy = c.AuthorID
	key := Subject(c.ID) + ":reply"
	p.DedupeKey = &key
	return s.outbox.Push(ctx, tx, p)
}

// standing reads what a member is and may do now; nil for who is no more.
func standing(ctx context.Context, tx *store.Store, memberID string) (*model.Actor, error) {
	m, err := tx.Member(ctx, memberID)
	if model.IsNotFound(err) || (err == nil && m.ErasedAt != nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a := &model.Actor{MemberID: m.ID, Name: m.Name, PartyStatus: m.PartyStatus}
	places, err := tx.Memberships(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		a.Places = append(a.Places, model.Place{OrgID: p.OrgID, Path: p.OrgPath})
	}
	grants, err := tx.Grants(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		a.Powers = append(a.Powers, model.Power{OrgID: g.OrgID, Path: g.OrgPath, Role: g.Role})
	}
	return a, nil
}
