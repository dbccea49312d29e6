package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// Pair is an empty database on a MariaDB of its own, and a replica of it that really replicates.
type Pair struct {
	tb        testing.TB
	name      string
	near, far *mariadb
}

// Replicated starts both; they end with the test.
func Replicated(tb testing.TB) *Pair {
	tb.Helper()
	Need(tb, "mariadb")
	p := &Pair{tb: tb, name: "t_" + strings.ToLower(rand.Text()[:16])}
	for i, options := range [][]string{{"--server-id=1", "--log-bin=log", "--binlog-format=ROW"}, {"--server-id=2"}} {
		m, err := startMariaDB(options...)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			_ = m.admin.Close() // the server is about to be killed: nothing can be lost
			m.proc.kill()
		})
		*[]**mariadb{&p.near, &p.far}[i] = m
	}
	var file string
	var place int64
	var only, not sql.NullString
	if err := p.near.admin.QueryRowContext(context.Background(), "SHOW MASTER STATUS").Scan(&file, &place, &only, &not); err != nil {
		tb.Fatal(err)
	}
	p.far.exec(tb, fmt.Sprintf("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=%d, MASTER_USER='zhibu', MASTER_PASSWORD='%s', MASTER_LOG_FILE='%s', MASTER_LOG_POS=%d, MASTER_CONNECT_RETRY=1",
		p.near.port, p.near.password, file, place))
	p.far.exec(tb, "START SLAVE")
	p.near.exec(tb, "CREATE DATABASE "+p.name)
	return p
}

// URL is the primary's, and ReplicaURL the replica's, as the settings name them.
func (p *Pair) URL() string { return p.near.url(p.name) }

// ReplicaURL is the address of the replica.
func (p *Pair) ReplicaURL() string { return p.far.url(p.name) }

// AtReplica carries out a statement at the replica alone; table names are completed with its database's where they stand as {}.
func (p *Pair) AtReplica(statement string) {
	p.tb.Helper()
	p.far.exec(p.tb, strings.ReplaceAll(statement, "{}", p.name))
}

// Stall has the replica go on receiving, and take in no more.
func (p *Pair) Stall() { p.far.exec(p.tb, "STOP SLAVE SQL_THREAD") }

// Resume ends Stall.
func (p *Pair) Resume() { p.far.exec(p.tb, "START SLAVE SQL_THREAD") }

// Kill ends the replica at once, as a crash would.
func (p *Pair) Kill() { p.far.proc.kill() }
