// Package storetest opens fresh databases for tests and starts private servers from the installed programs.
package storetest

import (
	"context"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zhibu/model"
	"zhibu/model/store"
)

// Now is the instant at which tests stand: a Monday evening in China, a workday, inside the push hours.
func Now() time.Time { return time.Date(2026, 11, 23, 19, 0, 0, 0, model.Zone).UTC() }

// Clock stands still at Now until it is set forward. It is safe for use by many goroutines only while nobody sets it.
func Clock() time.Time { return Now() }

// Open gives a fresh, migrated database: SQLite in a temporary folder, or with ZHIBU_TEST_DATABASE=mysql a new database of a private MariaDB.
func Open(tb testing.TB) *store.Store {
	tb.Helper()
	return OpenAt(tb, Clock)
}

// OpenAt is Open with a clock of the test's own.
func OpenAt(tb testing.TB, clock model.Clock) *store.Store {
	tb.Helper()
	url, dir := "", tb.TempDir()
	var err error
	if os.Getenv("ZHIBU_TEST_DATABASE") == "mysql" {
		m, name := freshDatabase(tb, nil)
		url, err = m.url(name), house.templates.database(tb, m, name)
	} else {
		err = house.templates.file(dir)
	}
	if err != nil {
		tb.Fatalf("copy the migrated database: %v", err)
	}
	s, err := store.Open(context.Background(), url, dir, clock)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the database: %v", err)
		}
	})
	return s
}

// LibraryGoroutines are those that libraries start and never stop; a search for leaks leaves them out.
func LibraryGoroutines() []goleak.Option {
	return []goleak.Option{
		// gorm's cache of prepared statements sweeps itself for as long as the process lives.
		goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"),
	}
}
