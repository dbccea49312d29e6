package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// insertOnce writes a row unless its key is taken, and reports whether it was this call that wrote it.
// Not an "on conflict do nothing": on MySQL with found rows counted, that cannot tell the two apart.
func (s *Store) insertOnce(ctx context.Context, row any) (bool, error) {
	err := s.write(ctx).Create(row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return false, nil
	}
	return err == nil, fault(err)
}

func gormExpr(sql string, args ...any) clause.Expr { return gorm.Expr(sql, args...) }

// Setting reads one value; a missing one is "".
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	rows, err := many[model.Setting](s.read(ctx).Where("name = ?", name))
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Value, nil
}

// PutSetting writes one value.
func (s *Store) PutSetting(ctx context.Context, name, value string, now time.Time) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&model.Setting{Name: name, Value: value, UpdatedAt: now}).Error)
}

// CalendarDays are the days the office or a published notice has set beside the built-in ones.
func (s *Store) CalendarDays(ctx context.Context) ([]model.CalendarDay, error) {
	var rows []struct {
		Day, Kind, Name string
	}
	if err := s.read(ctx).Table("calendar_days").Order("day").Scan(&rows).Error; err != nil {
		return nil, fault(err)
	}
	days := make([]model.CalendarDay, len(rows))
	for i, r := range rows {
		days[i] = model.CalendarDay{Date: model.Date(r.Day), Kind: model.DayKind(r.Kind), Name: r.Name}
	}
	return days, nil
}

// PutCalendarDays writes days over those of the same dates.
func (s *Store) PutCalendarDays(ctx context.Context, days []model.CalendarDay) error {
	for _, d := range days {
		row := map[string]any{"day": string(d.Date), "kind": string(d.Kind), "name": d.Name}
		if err := s.write(ctx).Table("calendar_days").Where("day = ?", string(d.Date)).Delete(nil).Error; err != nil {
			return fault(err)
		}
		if err := s.write(ctx).Table("calendar_days").Create(row).Error; err != nil {
			return fault(err)
		}
	}
	return nil
}

// BeginReplay claims an idempotency key. It returns the row that was there before, or nil when the caller is the first.
func (s *Store) BeginReplay(ctx context.Context, r *model.Replay, stale time.Time) (*model.Replay, error) {
	// Of those whose first request never ended, a stale one may be taken over.
	if err := s.write(ctx).Where("caller = ? AND idem_key = ? AND status = 0 AND created_at < ?", r.Caller, r.Key, stale).Delete(&model.Replay{}).Error; err != nil {
		return nil, fault(err)
	}
	if first, err := s.insertOnce(ctx, r); err != nil || first {
		return nil, err
	}
	return one[model.Replay](s.write(ctx).Where("caller = ? AND idem_key = ?", r.Caller, r.Key), "这个请求")
}

// EndReplay stores the answer to the first request.
func (s *Store) EndReplay(ctx context.Context, r *model.Replay) error {
	return fault(s.write(ctx).Where("caller = ? AND idem_key = ?", r.Caller, r.Key).Select("status", "header", "body").Updates(r).Error)
}

// DropReplay frees a key whose request failed in a way that may succeed later.
func (s *Store) DropReplay(ctx context.Context, caller, key string) error {
	return fault(s.write(ctx).Where("caller = ? AND idem_key = ?", caller, key).Delete(&model.Replay{}).Error)
}

// PruneReplays forgets answers older than the instant.
func (s *Store) PruneReplays(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("created_at < ?", before).Delete(&model.Replay{}).Error)
}

// ClaimJob takes the turn of a job that is due and not held by anyone. The row is made on first use.
func (s *Store) ClaimJob(ctx context.Context, name, owner string, now, lease time.Time) (bool, error) {
	row := model.Job{Name: name, NextAt: now, LeaseUntil: now}
	if _, err := s.insertOnce(ctx, &row); err != nil {
		return false, err
	}
	n, err := changed(s.write(ctx).Model(&model.Job{}).Where("name = ? AND next_at <= ? AND lease_until <= ?", name, now, now).
		Updates(map[string]any{"owner": owner, "lease_until": lease}))
	return n > 0, err
}

// EndJob gives the turn back and sets the next; a turn that was lost meanwhile is left alone.
func (s *Store) EndJob(ctx context.Context, name, owner string, now, next time.Time, failure string) error {
	return fault(s.write(ctx).Model(&model.Job{}).Where("name = ? AND owner = ?", name, owner).
		Updates(map[string]any{"owner": "", "lease_until": now, "next_at": next, "last_at": now, "last_error": failure}).Error)
}
