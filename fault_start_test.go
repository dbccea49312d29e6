package main

import (
	"database/sql"
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
			if _, err := p.launch(); err != nil {
				t.Fatal(err)
			}
			p.eventually("some steps are taken", 20*time.Second, func() bool { return p.steps() >= steps })
			p.kill()
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
