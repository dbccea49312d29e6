// Package store is the cellar: the only place that knows the database. One file per noun, statements only; the rules live in service and model.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"zhibu/model"
)

// Store reads and writes. Readers have a pool of their own on SQLite, so that they never wait for the writer.
// Inside Tx both are the transaction: use only the store that Tx hands out.
type Store struct {
	writer  *gorm.DB
	reader  *gorm.DB
	late    *gorm.DB // the reader, or a replica that may be a little behind
	replica *replica // nil for none
	dialect string
	feed    *feed
	after   *[]func() // what to do once the transaction is committed; nil outside
	pools   []*sql.DB
	small   *queue // writes that share commits

	migrations string // the address with which SQLite is migrated
	audit      *auditKey
}

// The dialects, as DATABASE_URL names them.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Open connects to the database of the URL, or to SQLite in dataDir when the URL is empty or "sqlite". It does not migrate.
// The clock fills CreatedAt and UpdatedAt where a room leaves them empty.
func Open(ctx context.Context, databaseURL, dataDir string, clock model.Clock) (*Store, error) {
	if strings.HasPrefix(databaseURL, "mysql://") {
		return openMySQL(ctx, databaseURL, clock)
	}
	path := filepath.Join(dataDir, "zhibu.db")
	if rest, ok := strings.CutPrefix(databaseURL, "sqlite://"); ok && rest != "" {
		path = rest
	} else if databaseURL != "" && databaseURL != SQLite {
		return nil, fmt.Errorf("ZHIBU_DATABASE_URL must be sqlite or mysql://user:password@host:3306/name")
	}
	return openSQLite(ctx, path, clock)
}

func openSQLite(ctx context.Context, path string, clock model.Clock) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	// SQLite makes its other files with the mode of the first.
	made, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	if err := errors.Join(made.Chmod(0o600), made.Close()); err != nil {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + sqliteTimes + "&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)"
	migrations := file + "&_pragma=synchronous(NORMAL)&_txlock=immediate"
	file += "&_pragma=synchronous(FULL)"
	// The writer finds its rows by keys that are all over the file; with the default of 2 MB it would read most pages from the disk's cache each time.
	writing, err := connectSQLite(file + "&_txlock=immediate&_pragma=cache_size(-16000)")
	if err != nil {
		return nil, err
	}
	reading, err := connectSQLite(file + "&_pragma=query_only(1)&_pragma=cache_size(-4000)")
	if err != nil {
		return nil, err
	}
	writer, err := openGorm(sqliteDialect{writing}, clock)
	if err != nil {
		return nil, err
	}
	reader, err := openGorm(sqliteDialect{reading}, clock)
	if err != nil {
		return nil, err
	}
	s := &Store{writer: writer, reader: reader, late: reader, dialect: SQLite, feed: newFeed(), small: &queue{}, audit: &auditKey{}, migrations: migrations}
	// One writer, since SQLite has one; as many readers as cores, since more only compete.
	return s, s.pool(ctx, []*gorm.DB{writer, reader}, []int{1, max(2, runtime.NumCPU())})
}

func openMySQL(ctx context.Context, databaseURL string, clock model.Clock) (*Store, error) {
	cfg, err := mysqlConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	db, err := openGorm(mysql.New(mysql.Config{DSNConfig: cfg, DisableWithReturning: true}), clock)
	if err != nil {
		return nil, err
	}
	s := &Store{writer: db, reader: db, late: db, dialect: MySQL, feed: newFeed(), small: &queue{}, audit: &auditKey{}}
	return s, s.pool(ctx, []*gorm.DB{db}, []int{64})
}

// mysqlConfig reads mysql://user:password@host:port/name?tls=…; the password never appears in an error.
func mysqlConfig(databaseURL string) (*mysqldriver.Config, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return nil, errors.New("ZHIBU_DATABASE_URL must look like mysql://user:password@host:3306/name")
	}
	cfg := mysqldriver.NewConfig()
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Net, cfg.Addr = "tcp", u.Host
	if u.Port() == "" {
		cfg.Addr += ":3306"
	}
	cfg.DBName = strings.Trim(u.Path, "/")
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.Collation = "utf8mb4_bin"
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true // an update that changes nothing still says that the row was there
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = 5*time.Second, 30*time.Second, 30*time.Second
	if tls := u.Query().Get("tls"); tls != "" {
		cfg.TLSConfig = tls
	}
	cfg.Logger = &mysqldriver.NopLogger{} // whatever it would say comes back as an error, and the log is ours: one object a line
	cfg.Params = map[string]string{"time_zone": "'+00:00'"}
	return cfg, nil
}

// openGorm prepares nothing: connections of SQLite keep their compiled statements by themselves, and on MySQL the driver puts the values in, which
// saves a round trip.
func openGorm(d gorm.Dialector, clock model.Clock) (*gorm.DB, error) {
	db, err := gorm.Open(d, &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		NowFunc:                clock,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", hideDSN(err))
	}
	return db, nil
}

func (s *Store) pool(ctx context.Context, dbs []*gorm.DB, sizes []int) error {
	for i, db := range dbs {
		pool, err := db.DB()
		if err != nil {
			return err
		}
		pool.SetMaxOpenConns(sizes[i])
		pool.SetMaxIdleConns(sizes[i])
		pool.SetConnMaxIdleTime(5 * time.Minute)
		s.pools = append(s.pools, pool)
		if err := pool.PingContext(ctx); err != nil {
			return fmt.Errorf("reach the database: %w", hideDSN(err))
		}
	}
	return nil
}

// hideDSN keeps only the message of a driver's error: some name the whole address with its password.
func hideDSN(err error) error {
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) {
		return e
	}
	return err
}

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	for _, p := range s.pools {
		errs = append(errs, p.Close())
	}
	if s.replica != nil {
		errs = append(errs, s.replica.far.Close())
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for _, p := range s.pools {
		if err := p.PingContext(ctx); err != nil {
			return fault(err)
		}
	}
	return nil
}

// Pools are the figures of the connections, by what they are for.
func (s *Store) Pools() map[string]sql.DBStats {
	names := []string{"all"}
	if len(s.pools) == 2 {
		names = []string{"writer", "reader"}
	}
	out := map[string]sql.DBStats{}
	for i, p := range s.pools {
		out[names[i]] = p.Stats()
	}
	if s.replica != nil {
		out["replica"] = s.replica.far.Stats()
	}
	return out
}

// Dialect is sqlite or mysql.
func (s *Store) Dialect() string { return s.dialect }

// NewID makes an identifier in time order that nobody can guess.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// NewQuietID makes an id that tells nothing of when it was made, for what must not be laid beside other records by its time.
func NewQuietID() string { return uuid.NewString() }

// Tx runs fn in one transaction and hands it a store of its own; inside a transaction it joins it.
// A deadlock is tried again, so fn must do nothing outside the database: use tx.After for that.
func (s *Store) Tx(ctx context.Context, fn func(tx *Store) error) error {
	if s.after != nil {
		return fn(s)
	}
	for try := 1; ; try++ {
		var after []func()
		err := s.writer.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return fn(&Store{writer: db, reader: db, late: db, dialect: s.dialect, feed: s.feed, audit: s.audit, after: &after})
		})
		if err == nil {
			for _, f := range after {
				f()
			}
			return nil
		}
		if !retryable(err) || try == 4 || ctx.Err() != nil {
			return fault(err)
		}
	}
}

// After runs f once the transaction is committed; outside a transaction at once.
func (s *Store) After(f func()) {
	if s.after == nil {
		f()
		return
	}
	*s.after = append(*s.after, f)
}

func (s *Store) read(ctx context.Context) *gorm.DB  { return s.reader.WithContext(ctx) }
func (s *Store) write(ctx context.Context) *gorm.DB { return s.writer.WithContext(ctx) }

// reading and writing are the pools, or inside a transaction the transaction, for the few statements that are asked so often that gorm's part of
// the work would be the greater one.
func (s *Store) reading() gorm.ConnPool { return s.reader.Statement.ConnPool }
func (s *Store) writing() gorm.ConnPool { return s.writer.Statement.ConnPool }

// exec carries out a statement without gorm; its error is ours.
func (s *Store) exec(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	res, err := s.writing().ExecContext(ctx, statement, args...)
	if t, ok := s.writer.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		err = t.Translate(err)
	}
	return res, fault(err)
}

// retryable: MySQL rolled the transaction back because of a deadlock or a lock that came too late.
func retryable(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && (e.Number == 1213 || e.Number == 1205)
}

// fault turns a driver's error into ours; our own pass through.
func fault(err error) error {
	var own *model.Error
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), incomparable(err):
		return model.NotFound("这条记录").Because(err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return model.Conflict("内容已存在，请刷新后再试。").Because(err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return model.Fail(model.CodeUnavailable, "请求已中断，请重试。").Because(err)
	case unreachable(err):
		e := model.Fail(model.CodeUnavailable, "系统暂时繁忙，请稍后再试。").Because(err)
		e.RetryAfter = 5 * time.Second
		return e
	}
	return model.Fail(model.CodeInternal, "系统出错了，请稍后再试。").Because(err)
}

// incomparable: MySQL will not compare a column of identifiers, which hold plain letters only, with a text that has others. No row can have that one.
func incomparable(err error) bool {
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && e.Number == 1267
}

// unreachable: the database is away or too busy, so the same request may succeed later.
func unreachable(err error) bool {
	var e *mysqldriver.MySQLError
	if errors.As(err, &e) {
		switch e.Number {
		case 1040, 1053, 1203, 1205, 1213: // too many connections, stopping, waits for locks, deadlocks
			return true
		case 1021, 1041, 1114, 3675: // no room on the disk or in memory
			return true
		case 1290, 1792, 1836: // writing is shut while another server takes over
			return true
		case 8022, 8027, 8028, 9001, 9002, 9003, 9004, 9005, 9007, 9010: // TiDB: its parts are busy, or somebody else has just written there
			return true
		}
		return e.Number == 1030 && strings.Contains(e.Message, "28") // the storage engine's own word for a full disk
	}
	s := err.Error()
	for _, sign := range []string{"connection refused", "invalid connection", "bad connection", "database is locked", "SQLITE_BUSY", "connection reset", "broken pipe", "disk is full", "no space left", "database is closed"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// one reads a single row; what is not there is a NotFound naming what was sought.
func one[T any](db *gorm.DB, what string) (*T, error) {
	var rows []T
	err := db.Limit(1).Find(&rows).Error
	if err != nil && !incomparable(err) {
		return nil, fault(err)
	}
	if len(rows) == 0 {
		return nil, model.NotFound(what)
	}
	return &rows[0], nil
}

// many reads rows; none is an empty list.
func many[T any](db *gorm.DB) ([]T, error) {
	rows := []T{}
	err := db.Find(&rows).Error
	return rows, fault(err)
}

// changed turns the result of an update into how many rows it reached.
func changed(db *gorm.DB) (int64, error) { return db.RowsAffected, fault(db.Error) }
