package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"zhibu/model"
)

// AddHandover writes a new hand-over; a second open one of the same organisation is refused, which it reports as false.
func (s *Store) AddHandover(ctx context.Context, h *model.Handover) (bool, error) {
	h.Version = 1
	return s.insertOnce(ctx, h)
}

// Handover reads one hand-over.
func (s *Store) Handover(ctx context.Context, id string) (*model.Handover, error) {
	return one[model.Handover](s.read(ctx).Where("id = ?", id), "这次交接")
}

// LockHandover reads one hand-over and keeps others from changing it until the transaction ends: of two who confirm at the same moment, the second
// sees what the first has done.
func (s *Store) LockHandover(ctx context.Context, id string) (*model.Handover, error) {
	return one[model.Handover](s.write(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id), "这次交接")
}

// SaveHandover writes a hand-over that is still open and of the version that was read.
func (s *Store) SaveHandover(ctx context.Context, h *model.Handover) error {
	read := h.Version
	h.Version++
	n, err := changed(s.write(ctx).Model(&model.Handover{}).Where("id = ? AND version = ? AND state = ?", h.ID, read, model.HandoverOpen).
		Select("*").Omit("id", "created_at").Updates(h))
	if err == nil && n == 0 {
		err = model.Conflict("这次交接刚有变化，请刷新后再试。")
	}
	return err
}

// Handovers lists the hand-overs of one organisation, the newest first.
func (s *Store) Handovers(ctx context.Context, orgID string, page model.Page) ([]model.Handover, string, error) {
	q := s.read(ctx).Where("org_id = ?", orgID).Order("id DESC").Limit(page.Size() + 1)
	list := "handovers:" + orgID
	var after string
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("id < ?", after)
	}
	rows, err := many[model.Handover](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, func(h model.Handover) any { return h.ID })
	return rows, next, nil
}

// OpenHandover is the organisation's open hand-over; not found where there is none.
func (s *Store) OpenHandover(ctx context.Context, orgID string) (*model.Handover, error) {
	return one[model.Handover](s.write(ctx).Where("open_key = ?", orgID), "这次交接")
}

// OpenHandoversOf are the open hand-overs in which somebody hands over or takes over, kept from others until the transaction ends.
func (s *Store) OpenHandoversOf(ctx context.Context, memberID string) ([]model.Handover, error) {
	return many[model.Handover](s.write(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("state = ? AND (from_id = ? OR to_id = ?)", model.HandoverOpen, memberID, memberID).Order("id"))
}

// OverdueHandovers are open ones whose time is over, the oldest first.
func (s *Store) OverdueHandovers(ctx context.Context, now time.Time, limit int) ([]model.Handover, error) {
	return many[model.Handover](s.read(ctx).Where("state = ? AND expires_at <= ?", model.HandoverOpen, now.UTC()).Order("expires_at, id").Limit(limit))
}

// SecretariesOf are those who hold the secretary's role at the organisation itself, the longest first.
func (s *Store) SecretariesOf(ctx context.Context, orgID string) ([]model.Grant, error) {
	return many[model.Grant](s.read(ctx).Where("org_id = ? AND role = ?", orgID, model.RoleSecretary).Order("created_at, id"))
}

// mostHandedOver bounds each part of a package: nobody reads more, and a branch has less.
const mostHandedOver = 500

// OpenSuggestionsUnder are those of the subtree of path that wait for an answer, the oldest first.
func (s *Store) OpenSuggestionsUnder(ctx context.Context, path string) ([]model.Suggestion, error) {
	return many[model.Suggestion](under(s.read(ctx), "org_path", path).Where("state IN ?", model.OpenSuggestionStates()).
		Order("clock_at, id").Limit(mostHandedOver))
}

// ComingMeetings are the meetings of the subtree of path that are not over and not cancelled, the next first.
func (s *Store) ComingMeetings(ctx context.Context, path string, now time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](under(s.read(ctx), "org_path", path).Where("cancelled_at IS NULL AND ends_at > ?", now.UTC()).
		Order("starts_at, id").Limit(mostHandedOver))
}

// UnpublishedArticles are the drafts of the subtree of path and what is to be published, the newest first.
func (s *Store) UnpublishedArticles(ctx context.Context, path string) ([]model.Article, error) {
	return many[model.Article](under(s.read(ctx), "org_path", path).Where("state IN ?", []model.ArticleState{model.ArticleDraft, model.ArticleScheduled}).
		Order("updated_at DESC, id DESC").Limit(mostHandedOver))
}

// PushesAwaiting are the pushes of the subtree of path that somebody has made for a later time. Those that follow from a meeting go with it.
func (s *Store) PushesAwaiting(ctx context.Context, path string) ([]model.Push, error) {
	return many[model.Push](under(s.read(ctx), "org_path", path).Where("state = ? AND private = ? AND subject NOT LIKE ?", model.PushScheduled, false, "meeting%").
		Order("send_at, id").Limit(mostHandedOver))
}

// LivingReminders are the reminders of the subtree of path that still have a time to come or are paused.
func (s *Store) LivingReminders(ctx context.Context, path string) ([]model.Reminder, error) {
	return many[model.Reminder](under(s.read(ctx).Model(&model.Reminder{}).Select("reminders.*").Joins("JOIN orgs ON orgs.id = reminders.org_id"), "orgs.path", path).
		Where("reminders.next_at IS NOT NULL OR reminders.paused = ?", true).Order("reminders.id").Limit(mostHandedOver))
}

// HandOnReminders makes the reminders of these ids the new one's.
func (s *Store) HandOnReminders(ctx context.Context, ids []string, to string) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Model(&model.Reminder{}).Where("id IN ?", ids).UpdateColumn("created_by", to).Error)
}

// HandOnMeetings makes the new one the caller of these meetings, whom the notices name.
func (s *Store) HandOnMeetings(ctx context.Context, ids []string, to string) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Model(&model.Meeting{}).Where("id IN ?", ids).
		UpdateColumns(map[string]any{"created_by": to, "version": gormExpr("version + 1")}).Error)
}

// OpenActionsUnder are the open actions of the subtree of path, the first due first.
func (s *Store) OpenActionsUnder(ctx context.Context, path string) ([]model.Action, error) {
	return many[model.Action](under(s.read(ctx), "org_path", path).Where("state = ?", model.ActionOpen).Order("due_on, id").Limit(mostHandedOver))
}
