package store

import (
	"context"
	"strings"
	"time"
)

// Facts are what an operator should know of the server that keeps the data; the embedded database has no clock or version of its own.
type Facts struct {
	Now            time.Time // by the server's clock
	Version        string
	ReadOnly       bool // a replica that takes no writes
	Durable        bool // a commit is on the disk when it is answered
	MaxConnections int
	OddTables      []string // tables whose letters are not utf8mb4
}

// Facts asks the server.
func (s *Store) Facts(ctx context.Context) (Facts, error) {
	var f Facts
	if s.dialect != MySQL {
		f.Durable = true
		return f, nil
	}
	var row struct {
		Version  string
		ReadOnly bool
		Most     int
		Now      time.Time
	}
	if err := s.read(ctx).Raw("SELECT VERSION() AS version, @@global.read_only AS read_only, @@global.max_connections AS most, UTC_TIMESTAMP(3) AS now").Scan(&row).Error; err != nil {
		return f, fault(err)
	}
	f.Version, f.ReadOnly, f.MaxConnections, f.Now, f.Durable = row.Version, row.ReadOnly, row.Most, row.Now, true
	if !strings.Contains(row.Version, "TiDB") { // whose commits are durable by themselves
		var flush string
		if err := s.read(ctx).Raw("SELECT @@global.innodb_flush_log_at_trx_commit").Scan(&flush).Error; err != nil {
			return f, fault(err)
		}
		f.Durable = flush == "1"
	}
	err := s.read(ctx).Raw(`SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
		AND table_name NOT LIKE 'goose\_%' AND table_collation NOT LIKE 'utf8mb4\_%' AND table_collation NOT LIKE 'ascii\_%'`).Scan(&f.OddTables).Error
	return f, fault(err)
}
