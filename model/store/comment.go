package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// Comment reads one comment, in whatever state.
func (s *Store) Comment(ctx context.Context, id string) (*model.Comment, error) {
	return one[model.Comment](s.read(ctx).Where("id = ?", id), "这条评论")
}

const addComment = `INSERT INTO comments (id, article_id, author_id, author_org_id, reply_to, answer_to, content, state, held, reason,
	moderator_id, moderated_at, likes, created_at, label, reports) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AddComment writes a new comment, and counts it where it is visible.
func (s *Store) AddComment(ctx context.Context, c *model.Comment) error {
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.writer.NowFunc()
	}
	_, err := s.exec(ctx, addComment, c.ID, c.ArticleID, c.AuthorID, c.AuthorOrgID, c.ReplyTo, c.AnswerTo, c.Content, string(c.State), string(c.Held), c.Reason,
		c.ModeratorID, c.ModeratedAt, c.Likes, c.CreatedAt, c.Label, c.Reports)
	if err != nil {
		return err
	}
	return s.countComment(ctx, c.ArticleID, "", c.State)
}

// countComment keeps the article's number of visible comments right when one goes from a state to another; "" is no comment.
func (s *Store) countComment(ctx context.Context, articleID string, from, to model.CommentState) error {
	delta := 0
	if from == model.CommentVisible {
		delta--
	}
	if to == model.CommentVisible {
		delta++
	}
	if delta == 0 {
		return nil
	}
	return s.BumpArticle(ctx, articleID, 0, 0, delta)
}

// ModerateComment writes a moderator's decision if the comment is still in the state that was read, and reports whether it was.
func (s *Store) ModerateComment(ctx context.Context, c *model.Comment, from model.CommentState) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Comment{}).Where("id = ? AND state = ?", c.ID, from).
		Select("state", "reason", "moderator_id", "moderated_at").Updates(c))
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.countComment(ctx, c.ArticleID, from, c.State)
}

// ReportComment counts a member's report once, and reports whether this was it.
func (s *Store) ReportComment(ctx context.Context, r *model.CommentReport) (bool, error) {
	first, err := s.insertOnce(ctx, r)
	if err != nil || !first {
		return false, err
	}
	return true, fault(s.write(ctx).Model(&model.Comment{}).Where("id = ?", r.CommentID).UpdateColumn("reports", gormExpr("reports + 1")).Error)
}

// OpenReports are the reports of these comments that nobody has looked at yet, the oldest first, by comment.
func (s *Store) OpenReports(ctx context.Context, ids []string) (map[string][]model.CommentReport, error) {
	byID := map[string][]model.CommentReport{}
	if len(ids) == 0 {
		return byID, nil
	}
	rows, err := many[model.CommentReport](s.read(ctx).Where("comment_id IN ? AND settled = ?", ids, false).Order("created_at, member_id"))
	for _, r := range rows {
		byID[r.CommentID] = append(byID[r.CommentID], r)
	}
	return byID, err
}

// SettleReports notes that somebody has looked at a comment, and tells who had asked for it.
func (s *Store) SettleReports(ctx context.Context, commentID string) ([]string, error) {
	open, err := s.OpenReports(ctx, []string{commentID})
	if err != nil {
		return nil, err
	}
	var members []string
	for _, r := range open[commentID] {
		members = append(members, r.MemberID)
	}
	if err := s.write(ctx).Model(&model.CommentReport{}).Where("comment_id = ? AND settled = ?", commentID, false).Update("settled", true).Error; err != nil {
		return nil, fault(err)
	}
	return members, fault(s.write(ctx).Model(&model.Comment{}).Where("id = ?", commentID).UpdateColumn("reports", 0).Error)
}

// DropComment removes a comment with its likes, if it is still in the state that was read, and reports whether it was. Answers to it stay.
func (s *Store) DropComment(ctx context.Context, c *model.Comment) (bool, error) {
	n, err := changed(s.write(ctx).Where("id = ? AND state = ?", c.ID, c.State).Delete(&model.Comment{}))
	if err != nil || n == 0 {
		return false, err
	}
	for _, row := range []any{&model.CommentLike{}, &model.CommentReport{}} {
		if err := s.write(ctx).Where("comment_id = ?", c.ID).Delete(row).Error; err != nil {
			return false, fault(err)
		}
	}
	return true, s.countComment(ctx, c.ArticleID, c.State, "")
}

// commentKeys is the place of a comment in a list, to the millisecond, as the database keeps times.
type commentKeys struct {
	At int64
	ID string
}

func commentKeysOf(c model.Comment) any { return commentKeys{c.CreatedAt.UnixMilli(), c.ID} }

// CommentsOn lists what is visible below an article, and of what is pending the reader's own; the newest first.
func (s *Store) CommentsOn(ctx context.Context, articleID, readerID string, page model.Page) ([]model.Comment, string, error) {
	q := s.read(ctx).Where("article_id = ?", articleID).Order("created_at DESC, id DESC").Limit(page.Size() + 1)
	if readerID == "" {
		q = q.Where("state = ?", model.CommentVisible)
	} else {
		q = q.Where("(state = ? OR (state = ? AND author_id = ?))", model.CommentVisible, model.CommentPending, readerID)
	}
	var after commentKeys
	if ok, err := model.ReadCursor(page.Cursor, "comments", &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("created_at <= ? AND (created_at < ? OR id < ?)", at, at, after.ID)
	}
	rows, err := many[model.Comment](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "comments", commentKeysOf)
	return rows, next, nil
}

// CommentQueue lists the comments of a queue below the published articles of these subtrees, the oldest first, so that none waits for ever.
func (s *Store) CommentQueue(ctx context.Context, paths []string, which model.CommentQueue, page model.Page) ([]model.Comment, string, error) {
	if len(paths) == 0 {
		return []model.Comment{}, "", nil
	}
	q := s.queue(ctx, paths, which).Select("c.*").Order("c.created_at, c.id").Limit(page.Size() + 1)
	var after commentKeys
	list := "moderation:" + string(which)
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("c.created_at >= ? AND (c.created_at > ? OR c.id > ?)", at, at, after.ID)
	}
	rows, err := many[model.Comment](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, commentKeysOf)
	return rows, next, nil
}

// CountCommentQueue counts what CommentQueue lists.
func (s *Store) CountCommentQueue(ctx context.Context, paths []string, which model.CommentQueue) (int, error) {
	if len(paths) == 0 {
		return 0, nil
	}
	var n int64
	err := s.queue(ctx, paths, which).Count(&n).Error
	return int(n), fault(err)
}

// queue joins from the comments of a queue, which are few where they wait, to their articles.
func (s *Store) queue(ctx context.Context, paths []string, which model.CommentQueue) *gorm.DB {
	q := s.read(ctx).Table("comments c").Joins(s.inOrder()+" articles a ON a.id = c.article_id AND a.state = ?", model.ArticlePublished)
	switch which {
	case model.QueueWaiting:
		q = q.Where("(c.state = ? OR (c.reports > 0 AND c.state = ?))", model.CommentPending, model.CommentVisible)
	case model.QueueReported:
		q = q.Where("c.reports > 0 AND c.state = ?", model.CommentVisible)
	default:
		q = q.Where("c.state = ?", string(which))
	}
	mine := s.read(ctx)
	for _, p := range paths {
		mine = mine.Or("a.org_path LIKE ?", p+"%")
	}
	return q.Where(mine)
}

// LikedComments are those of these comments that a member likes.
func (s *Store) LikedComments(ctx context.Context, memberID string, ids []string) (map[string]bool, error) {
	liked := map[string]bool{}
	if memberID == "" || len(ids) == 0 {
		return liked, nil
	}
	var found []string
	if err := s.read(ctx).Model(&model.CommentLike{}).Where("member_id = ? AND comment_id IN ?", memberID, ids).Pluck("comment_id", &found).Error; err != nil {
		return nil, fault(err)
	}
	for _, id := range found {
		liked[id] = true
	}
	return liked, nil
}

// LikeComment counts a member's like once.
func (s *Store) LikeComment(ctx context.Context, id, memberID string, now time.Time) error {
	first, err := s.insertOnce(ctx, &model.CommentLike{CommentID: id, MemberID: memberID, CreatedAt: now})
	if err != nil || !first {
		return err
	}
	return s.bumpLikes(ctx, id, 1)
}

// UnlikeComment takes a like back, where there is one.
func (s *Store) UnlikeComment(ctx context.Context, id, memberID string) error {
	n, err := changed(s.write(ctx).Where("comment_id = ? AND member_id = ?", id, memberID).Delete(&model.CommentLike{}))
	if err != nil || n == 0 {
		return err
	}
	return s.bumpLikes(ctx, id, -1)
}

func (s *Store) bumpLikes(ctx context.Context, id string, delta int) error {
	return fault(s.write(ctx).Model(&model.Comment{}).Where("id = ?", id).UpdateColumn("likes", gormExpr("likes + ?", delta)).Error)
}

// CommentsBy are all comments of one member, the oldest first, for the export of personal data.
func (s *Store) CommentsBy(ctx context.Context, memberID string) ([]model.Comment, error) {
	return many[model.Comment](s.read(ctx).Where("author_id = ?", memberID).Order("created_at, id"))
}
