package store

import (
	"context"
	"time"

	"zhibu/model"
)

// AddNotices writes the inbox rows of one chunk.
func (s *Store) AddNotices(ctx context.Context, rows []model.Notice) error {
	return portions(rows, 512, func(part []model.Notice) error { return fault(s.write(ctx).Create(&part).Error) })
}

// NoticeRow is a notice with the push that it shows.
type NoticeRow struct {
	model.Notice
	Push model.Push
}

// Notices lists a member's inbox, the newest first, optionally what is unread alone.
func (s *Store) Notices(ctx context.Context, memberID string, unread bool, page model.Page) ([]NoticeRow, string, error) {
	q := s.read(ctx).Where("member_id = ?", memberID).Order("id DESC").Limit(page.Size() + 1)
	if unread {
		q = q.Where("read_at IS NULL")
	}
	var after string
	if ok, err := model.ReadCursor(page.Cursor, "notices", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("id < ?", after)
	}
	rows, err := many[model.Notice](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "notices", func(n model.Notice) any { return n.ID })
	ids := make([]string, len(rows))
	for i, n := range rows {
		ids[i] = n.PushID
	}
	pushes, err := s.PushesByID(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	out := make([]NoticeRow, len(rows))
	for i, n := range rows {
		out[i] = NoticeRow{Notice: n, Push: pushes[n.PushID]}
	}
	return out, next, nil
}

// NoticesOf are the notices of these members for one push, keyed by member.
func (s *Store) NoticesOf(ctx context.Context, pushID string, memberIDs []string) (map[string]model.Notice, error) {
	rows, err := many[model.Notice](s.read(ctx).Where("push_id = ? AND member_id IN ?", pushID, padded(memberIDs)))
	byMember := make(map[string]model.Notice, len(rows))
	for _, n := range rows {
		byMember[n.MemberID] = n
	}
	return byMember, err
}

// ReadNotice marks one notice of a member as read; reading it again changes nothing.
func (s *Store) ReadNotice(ctx context.Context, memberID, id string, now time.Time) error {
	n, err := changed(s.write(ctx).Model(&model.Notice{}).Where("id = ? AND member_id = ?", id, memberID).
		Update("read_at", gormExpr("COALESCE(read_at, ?)", now)))
	if err == nil && n == 0 {
		err = model.NotFound("这条消息")
	}
	return err
}

// ReadAllNotices marks a member's whole inbox as read.
func (s *Store) ReadAllNotices(ctx context.Context, memberID string, now time.Time) error {
	return fault(s.write(ctx).Model(&model.Notice{}).Where("member_id = ? AND read_at IS NULL", memberID).Update("read_at", now).Error)
}

// UnreadNotices counts what a member has not read.
func (s *Store) UnreadNotices(ctx context.Context, memberID string) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.Notice{}).Where("member_id = ? AND read_at IS NULL", memberID).Count(&n).Error
	return int(n), fault(err)
}
