package store

import (
	"context"

	"zhibu/model"
)

// AddEvent writes a new congress.
func (s *Store) AddEvent(ctx context.Context, e *model.Event) error {
	e.Version = 1
	return fault(s.write(ctx).Create(e).Error)
}

// Event reads one congress.
func (s *Store) Event(ctx context.Context, id string) (*model.Event, error) {
	return one[model.Event](s.read(ctx).Where("id = ?", id), "该活动")
}

// SaveEvent writes a congress whose version is still the one that was read.
func (s *Store) SaveEvent(ctx context.Context, e *model.Event) error {
	read := e.Version
	e.Version++
	n, err := changed(s.write(ctx).Model(&model.Event{}).Where("id = ? AND version = ?", e.ID, read).Select("*").Omit("id", "created_at").Updates(e))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "该活动刚被他人修改，请刷新后再试。")
	}
	return err
}

// DropEvent removes a congress. The meetings held within it stay.
func (s *Store) DropEvent(ctx context.Context, id string) error {
	return fault(s.write(ctx).Where("id = ?", id).Delete(&model.Event{}).Error)
}

// EventFilter narrows the list of congresses.
type EventFilter struct {
	Paths    []string   // of the organisations whose congresses these are
	From, To model.Date // days that it touches; empty does not narrow
}

// Events lists the congresses of these organisations by their first day.
func (s *Store) Events(ctx context.Context, f EventFilter, page model.Page) ([]model.Event, string, error) {
	if len(f.Paths) == 0 {
		return []model.Event{}, "", nil
	}
	q := s.read(ctx).Where("org_path IN ?", f.Paths).Order("starts_on, id").Limit(page.Size() + 1)
	if f.From != "" {
		q = q.Where("ends_on >= ?", f.From)
	}
	if f.To != "" {
		q = q.Where("starts_on <= ?", f.To)
	}
	var after struct {
		On model.Date
		ID string
	}
	if ok, err := model.ReadCursor(page.Cursor, "events", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(starts_on > ? OR (starts_on = ? AND id > ?))", after.On, after.On, after.ID)
	}
	rows, err := many[model.Event](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "events", func(e model.Event) any {
		return struct {
			On model.Date
			ID string
		}{e.StartsOn, e.ID}
	})
	return rows, next, nil
}
