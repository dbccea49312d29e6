package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
)

// A read replica takes the long statements off the primary: figures and exports, which nobody minds to be some seconds old, and of which nothing is kept.
// Whatever a decision or a cache is made of is read at the primary, since a replica that lags would let in somebody who was just shut out, and would put
// the old back into a cache that was told of the new. So a statement goes there only where it is asked through late.

// mostLag is how far a replica may be behind. Its lag is found by a heartbeat, which is up to a second old by itself.
const mostLag = 4 * time.Second

// heartbeat is the row of the settings by whose age at the replica its lag is known. No right of administration is needed for that, and it notices
// whatever keeps the replica back.
const heartbeat = "replica.heartbeat"

// replica is asked in place of the primary while it is well, and the primary when it is not.
type replica struct {
	far  *sql.DB
	near gorm.ConnPool
	used atomic.Bool

	mu    sync.Mutex
	lag   time.Duration
	cause error // why it is not used
}

// ReplicaState is what is known of the replica.
type ReplicaState struct {
	Set   bool // there is one
	Used  bool
	Lag   time.Duration // when it was looked at last
	Cause error         // why it is not used
}

var errUnwatched = errors.New("the replica has not been looked at yet")

// ReadFrom names a replica of the database, for the statements that bear to be a little late. It may be away: it is used once WatchReplica has found it
// well. Call it before the store is used.
func (s *Store) ReadFrom(replicaURL string) error {
	if s.dialect != MySQL {
		return errors.New("ZHIBU_DATABASE_REPLICA_URL needs ZHIBU_DATABASE_URL to be mysql://…")
	}
	cfg, err := mysqlConfig(replicaURL)
	if err != nil {
		return errors.New("ZHIBU_DATABASE_REPLICA_URL must look like mysql://user:password@host:3306/name")
	}
	cfg.Timeout, cfg.ReadTimeout = time.Second, 10*time.Second // the primary is there to be asked
	door, err := mysqldriver.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("the replica: %w", hideDSN(err))
	}
	far := sql.OpenDB(door)
	far.SetMaxOpenConns(32)
	far.SetMaxIdleConns(32)
	far.SetConnMaxIdleTime(5 * time.Minute)
	s.replica = &replica{far: far, near: s.reading(), cause: errUnwatched}
	s.late = s.reader.Session(&gorm.Session{NewDB: true, Context: context.Background()})
	s.late.Statement.ConnPool = s.replica
	return nil
}

// readLate is for statements whose answer may be some seconds old, and is neither decided upon nor kept.
func (s *Store) readLate(ctx context.Context) *gorm.DB { return s.late.WithContext(ctx) }

// Replica tells what is known of the replica.
func (s *Store) Replica() ReplicaState {
	if s.replica == nil {
		return ReplicaState{}
	}
	s.replica.mu.Lock()
	defer s.replica.mu.Unlock()
	return ReplicaState{Set: true, Used: s.replica.used.Load(), Lag: s.replica.lag, Cause: s.replica.cause}
}

// WatchReplica looks once whether the replica answers and how late it is, and has it used or passed over. It fails when the primary does.
func (s *Store) WatchReplica(ctx context.Context) error {
	if s.replica == nil {
		return nil
	}
	var now time.Time
	err := s.beat(ctx)
	if err == nil {
		err = s.writing().QueryRowContext(ctx, "SELECT UTC_TIMESTAMP(3)").Scan(&now)
	}
	if err != nil {
		s.replica.found(0, errors.New("its lag cannot be known while the primary is away"))
		return fault(err)
	}
	soon, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var seen time.Time
	err = s.replica.far.QueryRowContext(soon, "SELECT updated_at FROM settings WHERE name = ?", heartbeat).Scan(&seen)
	lag := max(0, now.Sub(seen))
	switch {
	case ctx.Err() != nil: // we are told to stop: nothing is known of the replica
		return nil
	case err != nil:
		s.replica.found(0, hideDSN(err))
	case lag > mostLag:
		s.replica.found(lag, fmt.Errorf("it is %s behind", lag))
	default:
		s.replica.found(lag, nil)
	}
	return nil
}

// beat sets the heartbeat by the primary's clock. Of several processes each does, and none minds the others.
func (s *Store) beat(ctx context.Context) error {
	n, err := changed(s.write(ctx).Exec("UPDATE settings SET updated_at = UTC_TIMESTAMP(3) WHERE name = ?", heartbeat))
	if err != nil || n > 0 {
		return err
	}
	return fault(s.write(ctx).Exec("INSERT IGNORE INTO settings (name, value, updated_at) VALUES (?, '', UTC_TIMESTAMP(3))", heartbeat).Error)
}

func (r *replica) found(lag time.Duration, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lag, r.cause = lag, cause
	r.used.Store(cause == nil)
}

// gave reports whether the replica's answer is to be taken. One that has gone is passed over until it is found well again; of a statement that it does
// not understand, such as one of a table that has not arrived, the primary is asked that once.
func (r *replica) gave(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil {
		return true
	}
	if unreachable(err) {
		r.found(0, hideDSN(err))
	}
	return false
}

// QueryContext asks the replica, or the primary.
func (r *replica) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if r.used.Load() {
		if rows, err := r.far.QueryContext(ctx, query, args...); r.gave(ctx, err) {
			return rows, err
		}
	}
	return r.near.QueryContext(ctx, query, args...)
}

// QueryRowContext asks the replica, or the primary.
func (r *replica) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if r.used.Load() {
		if row := r.far.QueryRowContext(ctx, query, args...); r.gave(ctx, row.Err()) {
			return row
		}
	}
	return r.near.QueryRowContext(ctx, query, args...)
}

// ExecContext goes to the primary: whatever writes is no business of a replica.
func (r *replica) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return r.near.ExecContext(ctx, query, args...)
}

// PrepareContext goes to the primary, since what will be done with it is not known.
func (r *replica) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return r.near.PrepareContext(ctx, query)
}
