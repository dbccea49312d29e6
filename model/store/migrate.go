package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migration/sqlite/*.sql migration/mysql/*.sql
var migrations embed.FS

// Migrate brings the database to this program's version; several starting at once apply each step once.
// A database that is already newer than the program is refused, since the program would not know its columns.
func (s *Store) Migrate(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the database is of version %d, newer than this program's %d: start the newer program", current, target)
	}
	if current == target {
		return nil
	}
	// On SQLite there is no table lock: of two programs starting at once one may find a step already taken, and looks again.
	for try := 0; ; try++ {
		_, err := p.Up(ctx)
		if err == nil {
			return nil
		}
		now, _, verr := p.GetVersions(ctx)
		if verr != nil || now == current || try == 10 {
			return fmt.Errorf("migrate the database: %w", err)
		}
		current = now
	}
}

// Version tells the database's version and the program's.
func (s *Store) Version(ctx context.Context) (database, program int64, err error) {
	p, err := s.migrator()
	if err != nil {
		return 0, 0, err
	}
	return p.GetVersions(ctx)
}

func (s *Store) migrator() (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migration/sqlite"
	var options []goose.ProviderOption
	if s.dialect == MySQL {
		dialect, folder = goose.DialectMySQL, "migration/mysql"
		locker, err := lock.NewMySQLTableLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	if len(s.pools) == 0 {
		return nil, errors.New("the store is not open")
	}
	return goose.NewProvider(dialect, s.pools[0], files, options...)
}
