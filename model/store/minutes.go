package store

import (
	"context"
	"time"

	"zhibu/model"
)

// Minutes reads a meeting's minutes.
func (s *Store) Minutes(ctx context.Context, meetingID string) (*model.Minutes, error) {
	return one[model.Minutes](s.read(ctx).Where("meeting_id = ?", meetingID), "会议记录")
}

// AddMinutes writes the first draft, and reports whether it was this call that did.
func (s *Store) AddMinutes(ctx context.Context, m *model.Minutes) (bool, error) {
	m.Version = 1
	return s.insertOnce(ctx, m)
}

// SaveMinutes writes minutes whose version is still the one that was read, and which are not locked meanwhile.
func (s *Store) SaveMinutes(ctx context.Context, m *model.Minutes) error {
	read := m.Version
	m.Version++
	n, err := changed(s.write(ctx).Model(&model.Minutes{}).Where("meeting_id = ? AND version = ? AND state <> ?", m.MeetingID, read, model.MinutesLocked).
		Select("*").Omit("meeting_id", "created_at").Updates(m))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "会议记录刚被他人修改，请刷新后再试。")
	}
	return err
}

// AddMinutesAddition writes an addendum, the next in order.
func (s *Store) AddMinutesAddition(ctx context.Context, a *model.MinutesAddition) error {
	var last struct{ Seq int }
	err := s.read(ctx).Model(&model.MinutesAddition{}).Where("meeting_id = ?", a.MeetingID).Select("COALESCE(MAX(seq), 0) AS seq").Scan(&last).Error
	if err != nil {
		return fault(err)
	}
	a.Seq = last.Seq + 1
	return fault(s.write(ctx).Create(a).Error)
}

// MinutesAdditions are the addenda in order.
func (s *Store) MinutesAdditions(ctx context.Context, meetingID string) ([]model.MinutesAddition, error) {
	return many[model.MinutesAddition](s.read(ctx).Where("meeting_id = ?", meetingID).Order("seq"))
}

// MeetingOrdinal is the place of a meeting among those of its type at its organisation in a year that begins at from; cancelled ones do not count.
func (s *Store) MeetingOrdinal(ctx context.Context, m *model.Meeting, from time.Time) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.Meeting{}).
		Where("org_id = ? AND type = ? AND cancelled_at IS NULL AND starts_at >= ?", m.OrgID, m.Type, from.UTC()).
		Where("(starts_at < ? OR (starts_at = ? AND id < ?))", m.StartsAt.UTC(), m.StartsAt.UTC(), m.ID).Count(&n).Error
	return int(n) + 1, fault(err)
}

// EraseMinutes takes a member's name and reasons out of the facts of all locked minutes; the member's number stays and is shown as 已注销成员.
func (s *Store) EraseMinutes(ctx context.Context, memberID string) error {
	rows, err := many[model.Minutes](s.read(ctx).Where("state = ? AND facts LIKE ?", model.MinutesLocked, "%\""+memberID+"\"%").Order("meeting_id"))
	if err != nil {
		return err
	}
	for _, m := range rows {
		if m.Facts == nil || !m.Facts.Forget(memberID) {
			continue
		}
		if err := s.write(ctx).Model(&model.Minutes{}).Where("meeting_id = ?", m.MeetingID).Select("facts").Updates(&m).Error; err != nil {
			return fault(err)
		}
	}
	return nil
}
