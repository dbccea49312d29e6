package store

import "context"

// MigrateToForTest brings the database to an older version than the program's, as it was when that version was new.
func (s *Store) MigrateToForTest(ctx context.Context, version int64) error {
	p, done, err := s.migrator()
	if err != nil {
		return err
	}
	defer done()
	_, err = p.UpTo(ctx, version)
	return err
}
