package store

import "context"

// ExecForTest writes rows of other nouns whose own statements a test does not need.
func (s *Store) ExecForTest(ctx context.Context, sql string) error {
	return s.write(ctx).Exec(sql).Error
}
