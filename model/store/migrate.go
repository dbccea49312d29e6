package store

import (
	"context"
	"database/sql"
	"embed"
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
	p, done, err := s.migrator()
	if err != nil {
		return err
	}
	defer done()
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
	p, done, err := s.migrator()
	if err != nil {
		return 0, 0, err
	}
	defer done()
	return p.GetVersions(ctx)
}

// migrator applies the embedded steps. On SQLite it has a connection of its own that does not wait for the disk at each of them:
// what a power cut takes back is applied again at the next start, in order.
func (s *Store) migrator() (*goose.Provider, func(), error) {
	if s.dialect == MySQL {
		locker, err := lock.NewMySQLTableLocker()
		if err != nil {
			return nil, nil, err
		}
		p, err := provider(goose.DialectMySQL, s.pools[0], "migration/mysql", goose.WithLocker(locker))
		return p, func() {}, err
	}
	db, err := sql.Open(SQLite, s.migrations)
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	done := func() { _ = db.Close() } // nothing is left to lose
	p, err := provider(goose.DialectSQLite3, db, "migration/sqlite")
	if err != nil {
		done()
	}
	return p, done, err
}

func provider(dialect goose.Dialect, db *sql.DB, folder string, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, files, options...)
}
