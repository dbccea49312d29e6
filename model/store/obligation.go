package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// HeldMeetings are the meetings of the subtree that begin within the stretch and were not cancelled. Of those held together the leading one's list
// says whether anybody came.
func (s *Store) HeldMeetings(ctx context.Context, path string, from, to time.Time) ([]model.HeldMeeting, error) {
	return many[model.HeldMeeting](under(s.read(ctx).Model(&model.Meeting{}), "meetings.org_path", path).
		Select(`meetings.id, meetings.org_id, meetings.type, meetings.starts_at, meetings.ends_at, EXISTS (SELECT 1 FROM meeting_invitees i
			WHERE i.meeting_id = CASE WHEN meetings.joint_id = '' THEN meetings.id ELSE meetings.joint_id END AND i.attendance = ?) AS attended`, model.AttendancePresent).
		Where("meetings.cancelled_at IS NULL AND meetings.starts_at >= ? AND meetings.starts_at < ?", from.UTC(), to.UTC()).Order("meetings.starts_at, meetings.id"))
}

// OrgsUnder is a subtree, parents first, in the order in which they were made.
func (s *Store) OrgsUnder(ctx context.Context, path string) ([]model.Org, error) {
	return many[model.Org](under(s.read(ctx), "path", path).Order("depth, created_at, id"))
}

// ObligationExcuses are the reasons stated for periods of a year in the subtree.
func (s *Store) ObligationExcuses(ctx context.Context, path string, year int) ([]model.ObligationExcuse, error) {
	orgs := under(s.read(ctx).Model(&model.Org{}).Select("id"), "path", path)
	return many[model.ObligationExcuse](s.read(ctx).Where("org_id IN (?) AND duty_key LIKE ?", orgs, fmt.Sprintf("%%.%04d%%", year)).Order("org_id, duty_key"))
}

// PutObligationExcuse writes the reason for one period over the one that was there.
func (s *Store) PutObligationExcuse(ctx context.Context, e *model.ObligationExcuse) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(e).Error)
}

// DropObligationExcuse takes a reason back, and reports whether there was one.
func (s *Store) DropObligationExcuse(ctx context.Context, orgID, key string) (bool, error) {
	n, err := changed(s.write(ctx).Where("org_id = ? AND duty_key = ?", orgID, key).Delete(&model.ObligationExcuse{}))
	return n > 0, err
}

// HelpLinks say which branch helps which, in the subtree of those who are helped.
func (s *Store) HelpLinks(ctx context.Context, path string) ([]model.HelpLink, error) {
	return many[model.HelpLink](s.helped(ctx, path).Order("org_id"))
}

func (s *Store) helped(ctx context.Context, path string) *gorm.DB {
	return s.read(ctx).Where("org_id IN (?)", under(s.read(ctx).Model(&model.Org{}).Select("id"), "path", path))
}

// PutHelpLink writes who helps a branch over who did.
func (s *Store) PutHelpLink(ctx context.Context, l *model.HelpLink) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(l).Error)
}

// DropHelpLink ends the help for a branch, and reports whether there was any.
func (s *Store) DropHelpLink(ctx context.Context, orgID string) (bool, error) {
	n, err := changed(s.write(ctx).Where("org_id = ?", orgID).Delete(&model.HelpLink{}))
	return n > 0, err
}
