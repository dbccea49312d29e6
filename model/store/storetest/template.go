package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"zhibu/model/store"
)

// templates are an empty, migrated database of each kind, made by this process's first test that opens one. Each later test copies it: to take all
// migrations again took most of the time of a suite, above all under the race detector. The migrations have tests of their own.
type templates struct {
	sqliteOnce sync.Once
	sqlite     []byte
	sqliteErr  error

	mysqlOnce sync.Once
	mysql     []string // the statements that make the tables and fill in what the migrations wrote
	mysqlErr  error
}

// file writes a copy of the migrated SQLite database into a data folder.
func (t *templates) file(dir string) error {
	t.sqliteOnce.Do(func() { t.sqlite, t.sqliteErr = migratedFile() })
	if t.sqliteErr != nil {
		return t.sqliteErr
	}
	return os.WriteFile(filepath.Join(dir, "zhibu.db"), t.sqlite, 0o600)
}

func migratedFile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "zhibu-template-")
	if err != nil {
		return nil, err
	}
	err = migrated("", dir)
	file, rerr := os.ReadFile(filepath.Join(dir, "zhibu.db")) //nolint:gosec // the folder made above
	return file, errors.Join(err, rerr, os.RemoveAll(dir))
}

// database makes the migrated tables in an empty database of this process's MariaDB.
func (t *templates) database(tb testing.TB, m *mariadb, name string) error {
	t.mysqlOnce.Do(func() {
		_, template := freshDatabase(tb, nil)
		t.mysqlErr = migrated(m.url(template), "")
		if t.mysqlErr == nil {
			t.mysql, t.mysqlErr = m.statements(tb.Context(), template)
		}
	})
	if t.mysqlErr != nil {
		return t.mysqlErr
	}
	conn, err := m.admin.Conn(tb.Context())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // an error would have shown in the statements
	for _, statement := range append([]string{"USE " + name}, t.mysql...) {
		if _, err := conn.ExecContext(tb.Context(), statement); err != nil {
			return fmt.Errorf("%.100s: %w", statement, err)
		}
	}
	return nil
}

func migrated(url, dir string) error {
	s, err := store.Open(context.Background(), url, dir, Clock)
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(context.Background()), s.Close())
}

// statements read how the tables of a database are made again. Only the table of the migrations has rows.
func (m *mariadb) statements(ctx context.Context, database string) (all []string, err error) {
	tables, err := m.texts(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", database)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		var name, create string
		var rows int
		if err := m.admin.QueryRowContext(ctx, "SHOW CREATE TABLE `"+database+"`.`"+table+"`").Scan(&name, &create); err != nil {
			return nil, err
		}
		all = append(all, create)
		if err := m.admin.QueryRowContext(ctx, "SELECT COUNT(*) FROM `"+database+"`.`"+table+"`").Scan(&rows); err != nil { //nolint:gosec // names of our own tables
			return nil, err
		}
		if rows > 0 && !strings.HasPrefix(table, "goose_") { // of goose's own tables, the lock is made again when it is asked for
			return nil, fmt.Errorf("the migrations fill %s: copy its rows here too", table)
		}
	}
	versions, err := m.texts(ctx, "SELECT CONCAT('(', version_id, ',', is_applied, ')') FROM `"+database+"`.goose_db_version ORDER BY id") //nolint:gosec // our own name
	return append(all, "INSERT INTO goose_db_version (version_id, is_applied) VALUES "+strings.Join(versions, ",")), err
}

func (m *mariadb) texts(ctx context.Context, query string, args ...any) (all []string, err error) {
	rows, err := m.admin.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var text sql.NullString
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text.String)
	}
	return all, nil
}
