package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// ReminderRow is a reminder with its organisation and the name of who made it.
type ReminderRow struct {
	model.Reminder
	Org         model.Org `gorm:"embedded;embeddedPrefix:org__"`
	CreatorName string
}

// reminderColumns reads a reminder with the organisation beside it, whose path is not kept twice.
const reminderColumns = `reminders.*, orgs.id AS org__id, orgs.kind AS org__kind, orgs.name AS org__name, orgs.path AS org__path,
	COALESCE(members.name, '') AS creator_name`

func (s *Store) reminders(ctx context.Context) *gorm.DB {
	return s.read(ctx).Model(&model.Reminder{}).Select(reminderColumns).
		Joins("JOIN orgs ON orgs.id = reminders.org_id").
		Joins("LEFT JOIN members ON members.id = reminders.created_by")
}

// Reminder reads one reminder.
func (s *Store) Reminder(ctx context.Context, id string) (*ReminderRow, error) {
	return one[ReminderRow](s.reminders(ctx).Where("reminders.id = ?", id), "该提醒")
}

// RemindersUnder lists the reminders of organisations that lie below any of the paths, and below within where that is given, the newest first.
func (s *Store) RemindersUnder(ctx context.Context, paths []string, within string, page model.Page) ([]ReminderRow, string, error) {
	if len(paths) == 0 {
		return []ReminderRow{}, "", nil
	}
	anyOf := under(s.read(ctx), "orgs.path", paths[0])
	for _, p := range paths[1:] {
		anyOf = anyOf.Or("orgs.path LIKE ?", p+"%")
	}
	q := s.reminders(ctx).Where(anyOf).Order("reminders.id DESC").Limit(page.Size() + 1)
	if within != "" {
		q = under(q, "orgs.path", within)
	}
	var after string
	if ok, err := model.ReadCursor(page.Cursor, "reminders", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("reminders.id < ?", after)
	}
	rows, err := many[ReminderRow](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "reminders", func(r ReminderRow) any { return r.ID })
	return rows, next, nil
}

// AddReminder writes a new reminder.
func (s *Store) AddReminder(ctx context.Context, r *model.Reminder) error {
	r.Version = 1
	return fault(s.write(ctx).Create(r).Error)
}

// SaveReminder writes a reminder whose version is still the one that was read.
func (s *Store) SaveReminder(ctx context.Context, r *model.Reminder) error {
	read := r.Version
	r.Version++
	n, err := changed(s.write(ctx).Model(&model.Reminder{}).Where("id = ? AND version = ?", r.ID, read).
		Select("*").Omit("id", "org_id", "created_by", "created_at").Updates(r))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "该提醒刚被他人修改，请刷新后再试。")
	}
	return err
}

// DropReminder removes a reminder with the record of its times.
func (s *Store) DropReminder(ctx context.Context, id string) error {
	n, err := changed(s.write(ctx).Where("id = ?", id).Delete(&model.Reminder{}))
	if err == nil && n == 0 {
		err = model.NotFound("该提醒")
	}
	if err != nil {
		return err
	}
	return fault(s.write(ctx).Where("reminder_id = ?", id).Delete(&model.ReminderOccurrence{}).Error)
}

// DueReminders reads those of which some time is to be dealt with by now, the longest overdue first; paused ones are among them, since what a
// pause leaves out is noted at its time.
func (s *Store) DueReminders(ctx context.Context, now time.Time, limit int) ([]model.Reminder, error) {
	return many[model.Reminder](s.read(ctx).Where("wake_at <= ?", now.UTC()).Order("wake_at, id").Limit(limit))
}

// PlannedReminders reads, in the order of their ids after the given one, those that have times to come.
func (s *Store) PlannedReminders(ctx context.Context, after string, limit int) ([]model.Reminder, error) {
	return many[model.Reminder](s.read(ctx).Where("next_planned IS NOT NULL AND id > ?", after).Order("id").Limit(limit))
}

// RemindersAbout reads the reminders about these articles, or, with all, about any.
func (s *Store) RemindersAbout(ctx context.Context, articleIDs []string, all bool) ([]model.Reminder, error) {
	q := s.read(ctx).Where("article_id IN ? OR (article_id = '' AND audience LIKE ?)", articleIDs, "%not_read_article_id%")
	if all {
		q = s.read(ctx).Where("article_id <> '' OR audience LIKE ?", "%not_read_article_id%")
	}
	rows, err := many[model.Reminder](q.Order("id"))
	return slices.DeleteFunc(rows, func(r model.Reminder) bool { return !all && !slices.Contains(articleIDs, r.About()) }), err
}

// AdvanceReminder sets the times to come of a reminder that was read as r. It reports false, and changes nothing, when somebody else advanced,
// changed, paused or removed it since. The version stays: who edits the reminder is not disturbed by its clock.
func (s *Store) AdvanceReminder(ctx context.Context, r *model.Reminder, next model.Reminder) (bool, error) {
	q := s.write(ctx).Model(&model.Reminder{}).Where("id = ? AND version = ?", r.ID, r.Version)
	if r.NextPlanned == nil {
		q = q.Where("next_planned IS NULL")
	} else {
		q = q.Where("next_planned = ?", r.NextPlanned)
	}
	n, err := changed(q.UpdateColumns(map[string]any{"next_planned": next.NextPlanned, "next_at": next.NextAt, "wake_at": next.WakeAt}))
	return n > 0, err
}

// AddOccurrence notes what became of one time of a reminder, and reports whether it was this call that noted it.
func (s *Store) AddOccurrence(ctx context.Context, o *model.ReminderOccurrence) (bool, error) {
	return s.insertOnce(ctx, o)
}

// TellOccurrence adds to a time that was noted which message went out at it, and to how many.
func (s *Store) TellOccurrence(ctx context.Context, o *model.ReminderOccurrence) error {
	return fault(s.write(ctx).Model(&model.ReminderOccurrence{}).Where("reminder_id = ? AND planned_at = ?", o.ReminderID, o.PlannedAt).
		UpdateColumns(map[string]any{"push_id": o.PushID, "recipients": o.Recipients}).Error)
}

// LastOccurrences are the latest times dealt with, keyed by reminder; where states are given, the latest of these.
func (s *Store) LastOccurrences(ctx context.Context, reminderIDs []string, states ...model.OccurrenceState) (map[string]model.ReminderOccurrence, error) {
	last := map[string]model.ReminderOccurrence{}
	if len(reminderIDs) == 0 {
		return last, nil
	}
	newest := s.read(ctx).Model(&model.ReminderOccurrence{}).Select("reminder_id, MAX(planned_at) AS planned_at").
		Where("reminder_id IN ?", reminderIDs).Group("reminder_id")
	if len(states) > 0 {
		newest = newest.Where("state IN ?", states)
	}
	rows, err := many[model.ReminderOccurrence](s.read(ctx).Table("reminder_occurrences AS o").Select("o.*").
		Joins("JOIN (?) AS n ON n.reminder_id = o.reminder_id AND n.planned_at = o.planned_at", newest))
	for _, o := range rows {
		last[o.ReminderID] = o
	}
	return last, err
}

// Occurrences are the times of a reminder that have been dealt with, the latest first.
func (s *Store) Occurrences(ctx context.Context, reminderID string, page model.Page) ([]model.ReminderOccurrence, string, error) {
	q := s.read(ctx).Where("reminder_id = ?", reminderID).Order("planned_at DESC").Limit(page.Size() + 1)
	list := "occurrences:" + reminderID
	var after time.Time
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("planned_at < ?", after.UTC())
	}
	rows, err := many[model.ReminderOccurrence](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, func(o model.ReminderOccurrence) any { return o.PlannedAt })
	return rows, next, nil
}
