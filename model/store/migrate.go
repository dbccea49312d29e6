package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
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
	current, target, err := s.versions(ctx, p)
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
		if step, taken := takenStep(err); taken && s.dialect == MySQL {
			if err := s.note(ctx, step); err != nil {
				return fmt.Errorf("migrate the database: %w", err)
			}
			try--
			continue
		}
		now, _, verr := s.versions(ctx, p)
		if verr != nil || now == current || try == 10 {
			return fmt.Errorf("migrate the database: %w", err)
		}
		current = now
	}
}

// versions are the database's and the program's. MySQL makes the table of versions and its first row one after the other: whoever looks in between
// waits for the row, and writes it where the one who made the table was killed there.
func (s *Store) versions(ctx context.Context, p *goose.Provider) (current, target int64, err error) {
	for try := 0; ; try++ {
		current, target, err = p.GetVersions(ctx)
		if err == nil || !strings.Contains(err.Error(), "missing zero version") { // the library gives this error no name
			return current, target, err
		}
		if try == 20 {
			return 0, target, s.note(ctx, 0)
		}
		select {
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-time.After(50 * time.Millisecond): // the other tells nobody when it has written
		}
	}
}

// takenStep finds the step that failed only because what it makes is there already, or what it removes is gone. MySQL cannot change a table and note
// the step in one transaction; a start that was killed in between has left it so. Each file holds one such statement, which takes place whole or not
// at all, so that there is nothing left of it to do.
func takenStep(err error) (version int64, taken bool) {
	var partial *goose.PartialError
	var refused *mysqldriver.MySQLError
	if !errors.As(err, &partial) || !errors.As(err, &refused) {
		return 0, false
	}
	switch refused.Number {
	case 1050, 1051, 1060, 1061, 1091: // a table, a column or an index that is there, or is gone
		return partial.Failed.Source.Version, true
	}
	return 0, false
}

// note writes down that a step was taken.
func (s *Store) note(ctx context.Context, version int64) error {
	_, err := s.pools[0].ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) SELECT ?, 1 FROM (SELECT 1) AS one WHERE NOT EXISTS (SELECT 1 FROM goose_db_version AS v WHERE v.version_id = ?)", version, version)
	return err
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
		// Whoever waits for another's steps looks again soon; the turn of one that was killed ends after the lease, which the living renew.
		locker, err := lock.NewMySQLTableLocker(lock.WithTableLeaseDuration(15*time.Second), lock.WithTableHeartbeatInterval(3*time.Second),
			lock.WithTableLockTimeout(250*time.Millisecond, 1200))
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
