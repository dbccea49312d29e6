package store

import (
	"context"
	"time"

	"zhibu/model"
)

// NoticeRow is a line of an inbox with the push that it shows.
type NoticeRow struct {
	model.Delivery
	Push model.Push
}

// noticePlace is where a page of an inbox ends. The line's number stays inside: it would tell how many messages the whole society got.
type noticePlace struct {
	At   int64
	Push string
}

// Notices lists a member's inbox, the newest first, optionally what is unread alone.
func (s *Store) Notices(ctx context.Context, memberID string, unread bool, page model.Page) ([]NoticeRow, string, error) {
	q := s.read(ctx).Where("member_id = ?", memberID).Order("created_at DESC, push_id DESC").Limit(page.Size() + 1)
	if unread {
		q = q.Where("read_at IS NULL")
	}
	var after noticePlace
	if ok, err := model.ReadCursor(page.Cursor, "notices", &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("created_at <= ? AND (created_at < ? OR push_id < ?)", at, at, after.Push)
	}
	rows, err := many[model.Delivery](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "notices", func(d model.Delivery) any { return noticePlace{d.CreatedAt.UnixMilli(), d.PushID} })
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.PushID
	}
	pushes, err := s.PushesByID(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	out := make([]NoticeRow, len(rows))
	for i, d := range rows {
		out[i] = NoticeRow{Delivery: d, Push: pushes[d.PushID]}
	}
	return out, next, nil
}

// OwnWords are the lines of a push that have words of their own, by member.
func (s *Store) OwnWords(ctx context.Context, pushID string, memberIDs []string) (map[string]model.Delivery, error) {
	rows, err := many[model.Delivery](s.read(ctx).Select("member_id, own_title, own_body").Where("push_id = ? AND member_id IN ?", pushID, padded(memberIDs)))
	byMember := make(map[string]model.Delivery, len(rows))
	for _, d := range rows {
		byMember[d.MemberID] = d
	}
	return byMember, err
}

// ReadNotice marks a push as read by a member; reading it again changes nothing.
func (s *Store) ReadNotice(ctx context.Context, memberID, pushID string, now time.Time) error {
	n, err := changed(s.write(ctx).Model(&model.Delivery{}).Where("push_id = ? AND member_id = ?", pushID, memberID).
		UpdateColumn("read_at", gormExpr("COALESCE(read_at, ?)", now)))
	if err == nil && n == 0 {
		err = model.NotFound("这条消息")
	}
	return err
}

// ReadAllNotices marks a member's whole inbox as read.
func (s *Store) ReadAllNotices(ctx context.Context, memberID string, now time.Time) error {
	return fault(s.write(ctx).Model(&model.Delivery{}).Where("member_id = ? AND read_at IS NULL", memberID).UpdateColumn("read_at", now).Error)
}

// UnreadNotices counts what a member has not read.
func (s *Store) UnreadNotices(ctx context.Context, memberID string) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.Delivery{}).Where("member_id = ? AND read_at IS NULL", memberID).Count(&n).Error
	return int(n), fault(err)
}
