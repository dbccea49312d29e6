package store

import (
	"context"
	"time"

	"zhibu/model"
)

// LoginLock tells until when a name is locked; the zero time when it is not.
func (s *Store) LoginLock(ctx context.Context, username string) (time.Time, error) {
	f, err := one[model.LoginFailure](s.read(ctx).Where("username = ?", username), "该账号")
	if model.IsNotFound(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return f.LockedUntil, nil
}

// HoldLogin is LoginLock inside a transaction that keeps others waiting: of many who guess at once, each sees what those before have spent.
func (s *Store) HoldLogin(ctx context.Context, username string) (time.Time, error) {
	// An update takes the row's lock, also where it changes nothing.
	if err := s.write(ctx).Model(&model.LoginFailure{}).Where("username = ?", username).UpdateColumn("failures", gormExpr("failures")).Error; err != nil {
		return time.Time{}, fault(err)
	}
	row, err := one[model.LoginFailure](s.write(ctx).Where("username = ?", username), "该账号")
	if model.IsNotFound(err) { // one that was let in meanwhile has cleared it
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return row.LockedUntil, nil
}

// OpenLogin makes the row that HoldLogin locks. It stands before the transaction: a second insert would share the lock of the first, and two that share
// one wait for each other.
func (s *Store) OpenLogin(ctx context.Context, username string, now time.Time) error {
	_, err := s.insertOnce(ctx, &model.LoginFailure{Username: username, FirstAt: now, LockedUntil: now})
	return err
}

// NoteLoginFailure counts one wrong password or code. The failure that reaches the limit within the lock's time locks the name, which is reported, with
// how many there were since the audit was told.
func (s *Store) NoteLoginFailure(ctx context.Context, username string, now time.Time, limit int, lock time.Duration) (locks bool, total int, err error) {
	err = s.Tx(ctx, func(tx *Store) error {
		locks, total = false, 0
		f := &model.LoginFailure{Username: username, Failures: 0, FirstAt: now, LockedUntil: now}
		if _, err := tx.insertOnce(ctx, f); err != nil {
			return err
		}
		// A first failure of long ago, or a lock that has ended, begins a new count.
		err := tx.write(ctx).Model(f).Where("username = ? AND (first_at < ? OR (failures >= ? AND locked_until <= ?))", username, now.Add(-lock), limit, now).
			Updates(map[string]any{"failures": 0, "first_at": now}).Error
		if err != nil {
			return fault(err)
		}
		if err := tx.write(ctx).Model(f).Where("username = ?", username).UpdateColumns(map[string]any{"failures": gormExpr("failures + 1"), "total": gormExpr("total + 1")}).Error; err != nil {
			return fault(err)
		}
		row, err := one[model.LoginFailure](tx.write(ctx).Where("username = ?", username), "该账号")
		if err != nil || row.Failures < limit {
			return err
		}
		set := map[string]any{"locked_until": now.Add(lock)}
		if locks = row.Failures == limit; locks {
			total, set["total"] = row.Total, 0
		}
		return fault(tx.write(ctx).Model(f).Where("username = ?", username).Updates(set).Error)
	})
	return locks, total, err
}

// LoginFailures counts the wrong passwords and codes of a name of which the audit has not been told.
func (s *Store) LoginFailures(ctx context.Context, username string) (int, error) {
	f, err := one[model.LoginFailure](s.read(ctx).Where("username = ?", username), "该账号")
	if model.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return f.Total, nil
}

// StaleLoginFailures are the counts that began before the instant and lock nothing any more.
func (s *Store) StaleLoginFailures(ctx context.Context, before, now time.Time, limit int) ([]model.LoginFailure, error) {
	return many[model.LoginFailure](s.read(ctx).Where("first_at < ? AND locked_until <= ?", before, now).Order("username").Limit(limit))
}

// DropLoginFailure forgets a count, and reports whether it is still the one that was read.
func (s *Store) DropLoginFailure(ctx context.Context, f model.LoginFailure) (bool, error) {
	n, err := changed(s.write(ctx).Where("username = ? AND total = ? AND failures = ?", f.Username, f.Total, f.Failures).Delete(&model.LoginFailure{}))
	return n > 0, err
}

// ClearLoginFailures forgets the wrong passwords of a name.
func (s *Store) ClearLoginFailures(ctx context.Context, username string) error {
	return fault(s.write(ctx).Where("username = ?", username).Delete(&model.LoginFailure{}).Error)
}
