package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/glebarez/go-sqlite" // the drivers with which databases are filled and read
	_ "github.com/go-sql-driver/mysql"
)

// The kinds of database that rows are measured on.
const (
	onSQLite  = "sqlite"
	onMariaDB = "mysql"
)

// database is a fresh one of the program, with a data folder of its own, and the harness's connection to it.
type database struct {
	*sql.DB
	kind string
	url  string // as the program's settings take it
	dsn  string // as a plain server's driver takes it
	data string
	drop func() error
}

// fresh makes an empty database.
func (h *house) fresh(ctx context.Context, kind string) (*database, error) {
	data, err := os.MkdirTemp(h.dir, "data-")
	if err != nil {
		return nil, err
	}
	if kind == onMariaDB {
		m, err := h.mariadb(ctx)
		if err != nil {
			return nil, err
		}
		return m.fresh(ctx, data)
	}
	path := filepath.Join(data, "zhibu.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &database{DB: db, kind: onSQLite, url: "sqlite", dsn: path, data: data, drop: func() error { return os.RemoveAll(data) }}, nil
}

func (d *database) close() error { return errors.Join(d.Close(), d.drop()) }

// instant writes a time as the program does.
func (d *database) instant(t time.Time) string {
	if d.kind == onMariaDB {
		return t.UTC().Format("2006-01-02 15:04:05.000")
	}
	return t.UTC().Format("2006-01-02 15:04:05.000") + "+00:00"
}

// count asks for one number.
func (d *database) count(ctx context.Context, query string, args ...any) (n int, err error) {
	return n, d.QueryRowContext(ctx, query, args...).Scan(&n)
}

// perBranch is how many members a branch has; goals speak of 100 to 150.
const perBranch = 125

// society is what seed has written.
type society struct {
	OrgID   string // the root, under which everybody is
	Members int
	Path    string // of the organisation
}

// The shapes of seeded identifiers: in time order like the program's own, while WeChat's are scattered over their whole range, as an index feels it.
// The statements run inside the database, which is ten times as fast as sending it rows.
const (
	memberIDs     = `concat('01a20000-0000-7000-8000-', substr(concat('000000000000', n.i), -12))`
	membershipIDs = `concat('01a20000-0000-7000-8001-', substr(concat('000000000000', n.i), -12))`
	identityIDs   = `concat('01a20000-0000-7000-8002-', substr(concat('000000000000', n.i), -12))`
	branchIDs     = `concat('01a20000-0000-7000-8003-', substr(concat('000000000000', %s), -12))`
	openIDs       = `concat('oBench', substr(concat('0000000000000000000000', (n.i * 2654435761) % 4294967311), -22))`
)

// seed writes a society with so many members, each with a WeChat user and two grants of the template.
func seed(ctx context.Context, d *database, members int, at time.Time) (society, error) {
	root, committee := "01a20000-0000-7000-8004-000000000001", "01a20000-0000-7000-8004-000000000002"
	path := "/" + root + "/" + committee + "/"
	s := society{OrgID: committee, Members: members, Path: path}
	when, branches := d.instant(at), (members+perBranch-1)/perBranch
	branch := fmt.Sprintf(branchIDs, fmt.Sprintf("n.i %% %d", branches))
	numbers := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)", n-1)
	}
	conn, err := d.Conn(ctx)
	if err != nil {
		return s, err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	run := func(statement string, args ...any) {
		if err == nil {
			_, err = conn.ExecContext(ctx, statement, args...)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", strings.Fields(statement)[:3], err)
		}
	}
	if d.kind == onMariaDB {
		run("SET SESSION max_recursive_iterations = 100000000, unique_checks = 0")
	}
	run("INSERT INTO orgs (id, parent_id, kind, name, path, depth, version, created_at, updated_at) VALUES (?, NULL, 'association', '康复医学会', ?, 1, 1, ?, ?), (?, ?, 'society', '学会党委', ?, 2, 1, ?, ?)",
		root, "/"+root+"/", when, when, committee, root, path, when, when)
	run("INSERT INTO orgs (id, parent_id, kind, name, path, depth, version, created_at, updated_at) "+numbers(branches)+
		" SELECT "+fmt.Sprintf(branchIDs, "n.i")+", ?, 'branch', concat('第', n.i + 1, '党支部'), concat(?, "+fmt.Sprintf(branchIDs, "n.i")+", '/'), 3, 1, ?, ? FROM n",
		committee, path, when, when)
	run("INSERT INTO members (id, name, name_sort, phone_key_id, phone_mask, party_status, employer, title, consent_version, consent_at, version, created_at, updated_at) "+numbers(members)+
		" SELECT "+memberIDs+", concat('党员', n.i), concat('dangyuan', n.i), '', '', 'full', '第一人民医院', '主治医师', '1', ?, 1, ?, ? FROM n", when, when, when)
	run("INSERT INTO memberships (id, member_id, org_id, org_path, joined_on, created_at) "+numbers(members)+
		" SELECT "+membershipIDs+", "+memberIDs+", "+branch+", concat(?, "+branch+", '/'), '2026-01-05', ? FROM n", path, when)
	run("INSERT INTO identities (id, openid, unionid, official_openid, member_id, bound_at, last_seen_at, created_at) "+numbers(members)+
		" SELECT "+identityIDs+", "+openIDs+", '', '', "+memberIDs+", ?, ?, ? FROM n", when, when, when)
	run("INSERT INTO quotas (openid, template_id, kind, granted, available, reserved, spent, void, in_doubt, created_at, updated_at) "+numbers(members)+
		" SELECT "+openIDs+", ?, 'one_time', 2, 2, 0, 0, 0, 0, ?, ? FROM n", templateID, when, when)
	if d.kind == onMariaDB {
		run("ANALYZE TABLE orgs, members, memberships, identities, quotas") // a plan made without figures would measure the optimiser's guess
	}
	return s, err
}
