package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// ledgerRow is what the tables say of one delivery. These are the only statements of these tests.
type ledgerRow struct {
	openID, member, state, owner, holds string
	retried, open                       bool // open: something is still to be done
	attempts                            int
}

func (p *plant) query(each func(*sql.Rows) error, statement string, args ...any) {
	p.t.Helper()
	db := p.database()
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(context.Background(), statement, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
}

// database opens the program's database beside it.
func (p *plant) database() *sql.DB {
	p.t.Helper()
	driver, dsn := "sqlite", "file:"+filepath.Join(p.env["DATA_DIR"], "zhibu.db")+"?_pragma=busy_timeout(5000)"
	if p.direct == "" {
		p.direct = p.env["DATABASE_URL"]
	}
	if p.direct != "" {
		u, err := url.Parse(p.direct)
		if err != nil {
			p.t.Fatal(err)
		}
		password, _ := u.User.Password()
		driver, dsn = "mysql", fmt.Sprintf("%s:%s@tcp(%s)%s", u.User.Username(), password, u.Host, u.Path)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		p.t.Fatal(err)
	}
	return db
}

// rows are the deliveries of a push as they are kept, by openid.
func (p *plant) rows(id string) map[string]ledgerRow {
	p.t.Helper()
	out := map[string]ledgerRow{}
	p.query(func(r *sql.Rows) error {
		var d ledgerRow
		err := r.Scan(&d.openID, &d.member, &d.state, &d.owner, &d.holds, &d.retried, &d.open, &d.attempts)
		if _, twice := out[d.openID]; twice {
			p.t.Errorf("two rows for %s", d.openID)
		}
		out[d.openID] = d
		return err
	}, `SELECT openid, member_id, state, owner, holds, retried, due_at IS NOT NULL OR owner <> '' OR state IN ('queued', 'held', 'sending'), attempts
		FROM deliveries WHERE push_id = ?`, id)
	return out
}

// book is one user's book of grants.
type book struct{ granted, available, reserved, spent, void, inDoubt int }

// books are all books, and holds that each adds up.
func (p *plant) books() map[string]book {
	p.t.Helper()
	out := map[string]book{}
	p.query(func(r *sql.Rows) error {
		var openID string
		var b book
		err := r.Scan(&openID, &b.granted, &b.available, &b.reserved, &b.spent, &b.void, &b.inDoubt)
		if b.granted != b.available+b.reserved+b.spent+b.void+b.inDoubt || min(b.available, b.reserved, b.spent, b.void, b.inDoubt) < 0 {
			p.t.Errorf("the book of %s does not add up: %+v", openID, b)
		}
		out[openID] = b
		return err
	}, `SELECT openid, granted, available, reserved, spent, void, in_doubt FROM quotas WHERE template_id = ?`, announcementTemplate)
	return out
}

// endStates are those in which a delivery may rest.
const endStates = " sent failed in_doubt inbox_only cancelled "

// accounts holds what must be true of a finished push: everybody is in exactly one end state, nobody was missed or told twice but those whom the
// ledger names, at most so many, and the books agree. It returns how many were told twice.
func (p *plant) accounts(id string, mayBeDoubtful int) (twice int) {
	p.t.Helper()
	rows, books := p.rows(id), p.books()
	if len(rows) != p.members {
		p.fault("%d rows for %d members", len(rows), p.members)
	}
	doubtful := 0
	for openID, d := range rows {
		rang := p.rang(openID, faultTitle)
		b := books[openID]
		named := d.retried || d.state == "in_doubt" // the ledger says that this one's first call had no answer
		if named {
			doubtful++
		}
		switch {
		case !strings.Contains(endStates, " "+d.state+" ") || d.open || d.owner != "":
			p.fault("%s has not ended: %+v", openID, d)
		case rang == 0 && d.state == "sent" && !named, rang == 0 && d.state != "sent" && d.state != "in_doubt":
			p.fault("%s was missed: %+v", openID, d)
		case rang == 1 && d.state != "sent" && d.state != "in_doubt":
			p.fault("%s got it and is called otherwise: %+v", openID, d)
		case rang > 1 && !named:
			p.fault("%s got it %d times, and the ledger does not say so: %+v", openID, rang, d)
		case rang > 2:
			p.fault("%s got it %d times: %+v", openID, rang, d)
		}
		if rang > 1 {
			twice++
		}
		if b.reserved != 0 || b.granted != p.grants || d.state == "sent" && b.spent < 1 {
			p.fault("the book of %s: %+v, delivery %+v", openID, b, d)
		}
	}
	if doubtful > mayBeDoubtful {
		p.fault("%d are or were in doubt, at most %d could be under way", doubtful, mayBeDoubtful)
	}
	for _, f := range p.ear.faults {
		p.t.Error(f)
	}
	p.listed(id, rows)
	return twice
}

// listed holds that the list people see says the same of everybody as the tables do.
func (p *plant) listed(id string, rows map[string]ledgerRow) {
	p.t.Helper()
	states := map[string]string{}
	for path := "/pushes/" + id + "/deliveries?limit=100"; path != ""; {
		page := p.must(200, "GET", path, p.token, nil)
		for _, d := range page.list("items") {
			member := d.text("member", "id")
			if states[member] != "" {
				p.fault("listed twice: %v", d)
			}
			states[member] = d.text("state")
		}
		path = ""
		if next := page.text("next_cursor"); next != "" {
			path = "/pushes/" + id + "/deliveries?limit=100&cursor=" + url.QueryEscape(next)
		}
	}
	for _, d := range rows {
		if states[d.member] != d.state {
			p.fault("listed as %q: %+v", states[d.member], d)
		}
	}
	if len(states) != p.members {
		p.fault("%d listed, %d members", len(states), p.members)
	}
}
