package store

import (
	"context"
	"fmt"
	"time"

	"zhibu/model"
)

// WriteChangeForTest writes a change of another replica, with a number of its own.
func (s *Store) WriteChangeForTest(ctx context.Context, c model.Change) error {
	return s.write(ctx).Create(&c).Error
}

// PolledForTest is the change behind which the next poll begins.
func (s *Store) PolledForTest(now time.Time) int64 {
	_, top, _ := s.feed.standing(now)
	return top
}

// NestForTest reads the same rows inside its own reading, so many deep.
func (s *Store) NestForTest(ctx context.Context, deep int) error {
	if deep == 0 {
		return nil
	}
	rows, err := s.read(ctx).Raw("SELECT name FROM settings WHERE name LIKE 'k%' ORDER BY name").Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // it is read to its end
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
		if s.dialect == SQLite { // MySQL has one answer at a time
			if err := s.NestForTest(ctx, deep-1); err != nil {
				return err
			}
		}
	}
	if len(names) != 3 || names[2] != "k2" {
		return fmt.Errorf("read %q", names)
	}
	return rows.Err()
}
