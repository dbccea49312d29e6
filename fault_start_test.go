package main

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

// TestFaultMigrationInterrupted kills the program's first start at several of its steps. The start after goes on where the last one was, and what it
// has made is whole.
func TestFaultMigrationInterrupted(t *testing.T) {
	if !plain() {
		return
	}
	onEach(t, func(t *testing.T, env map[string]string) {
		p := emptyPlant(t, env, 0)
		p.members, p.grants = 3, 1
		for _, steps := range []int{2, 40, 41, 90} {
			free := p.halt(steps)
			if _, err := p.launch(); err != nil {
				t.Fatal(err)
			}
			p.eventually("some steps are taken", 20*time.Second, func() bool { return p.steps() >= steps })
			p.kill()
			free()
			p.freeSteps()
		}
		half := p.steps()
		p.spawn()
		if whole := p.steps(); whole <= half && len(env) > 0 { // SQLite may take them all between two looks
			t.Errorf("it was killed after all %d of %d steps: the test shows nothing", half, whole)
		}
		p.terminate()
		p.settle()
		p.office()
		p.up()
		id := p.announce()
		p.quiet(id)
		p.accounts(id, 0)
	})
}

// halt makes the database wait before it notes one step more than these, so that the program is killed there and not after its last one, however
// fast it is. What it answers lets the database go on. SQLite has nothing to wait with, and no table of steps is there before the first start.
func (p *plant) halt(steps int) (free func()) {
	p.t.Helper()
	if p.env["DATABASE_URL"] == "" || p.steps() == 0 {
		return func() {}
	}
	db, ctx := p.database(), p.t.Context()
	gate, err := db.Conn(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	do := func(statement string, args ...any) {
		if _, err := gate.ExecContext(ctx, statement, args...); err != nil {
			p.t.Fatal(err)
		}
	}
	do("DO GET_LOCK('halt', 10)")
	do(fmt.Sprintf("CREATE TRIGGER halt BEFORE INSERT ON goose_db_version FOR EACH ROW SET @halt = "+
		"IF((SELECT COUNT(*) FROM goose_db_version) >= %d, GET_LOCK('halt', 60), 0)", steps))
	return func() {
		do("DO RELEASE_LOCK('halt')")
		do("DROP TRIGGER halt")
		_ = gate.Close()
		_ = db.Close()
	}
}

// steps are how many steps the database has noted; 0 while it has no table of them.
func (p *plant) steps() (n int) {
	db := p.database()
	defer func() { _ = db.Close() }()
	_ = db.QueryRowContext(p.t.Context(), "SELECT COUNT(*) FROM goose_db_version").Scan(&n) // without the table there is none
	return n
}

// freeSteps ends the turn of one that was killed while it took steps, as its lease would after some seconds.
func (p *plant) freeSteps() {
	if p.env["DATABASE_URL"] == "" {
		return // SQLite has no such turn
	}
	p.query(func(*sql.Rows) error { return nil }, "DELETE FROM goose_lock")
}
