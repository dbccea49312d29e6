package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rawDatabase opens the program's database beside it, as somebody with its password would.
func rawDatabase(p *program) *sql.DB {
	p.t.Helper()
	driver, dsn := "sqlite", "file:"+filepath.Join(p.env["DATA_DIR"], "zhibu.db")+"?_pragma=busy_timeout(5000)"
	if address := p.env["DATABASE_URL"]; address != "" {
		u, err := url.Parse(address)
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
	p.t.Cleanup(func() { _ = db.Close() })
	return db
}

// tampering is what somebody with the database's password does, how it is undone, and what the verification must name.
type tampering struct {
	name       string
	do, undo   []string
	kind       string
	entry, blk int // 0: not asked
}

// TestStoryAudit lives the audit: what people do is sealed, and whatever is done to it by hand is named.
func TestStoryAudit(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		env["LIMITS"] = "off"
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		s := p.found()
		ann := s.join(s.branch, "安书记", "full", "secretary")
		blocks := s.sealed(0)
		s.join(s.branch, "白成员", "full")
		blocks = s.sealed(blocks)
		s.must(200, "PATCH", "/me", ann.token, object{"title": "主任医师"})
		blocks = s.sealed(blocks)
		s.readAudit(ann)
		blocks = s.sealed(blocks) // the export is in it too
		s.tamper(rawDatabase(p), blocks)
		s.forge(rawDatabase(p))
	})
}

// verified is what the verification says.
func (s *society) verified() response { return s.must(200, "GET", "/audit/verify", s.admin, nil) }

// sealed waits until everything that happened stands in blocks, of which there are more than before.
func (s *society) sealed(before int) (blocks int) {
	s.t.Helper()
	s.eventually("what happened is sealed", 20*time.Second, func() bool {
		v := s.verified()
		blocks = v.number("blocks")
		return v.at("ok") == true && v.number("unsealed") == 0 && blocks > before && v.number("anchors") > 0
	})
	return blocks
}

// readAudit looks at the list and the export as the office does.
func (s *society) readAudit(ann person) {
	s.t.Helper()
	items := s.must(200, "GET", "/audit?actor="+ann.id+"&action=member.update", s.admin, nil).list("items")
	if len(items) != 1 || items[0].text("actor", "name") != "安书记" || items[0].text("action_name") != "修改成员资料" || items[0].text("detail", "fields") != "title" {
		s.t.Errorf("the list: %v", items)
	}
	first := s.must(200, "GET", "/audit?limit=2", s.admin, nil)
	second := s.must(200, "GET", "/audit?limit=2&cursor="+first.text("next_cursor"), s.admin, nil)
	if a, b := first.list("items"), second.list("items"); len(a) != 2 || len(b) != 2 || a[1].number("id") <= b[0].number("id") {
		s.t.Errorf("two pages: %v %v", a, b)
	}
	if none := s.must(200, "GET", "/audit?from=2026-11-25T00:00:00%2B08:00", s.admin, nil).list("items"); len(none) != 0 {
		s.t.Errorf("of tomorrow: %v", none)
	}
	s.refused(403, "forbidden", "GET", "/audit", ann.token, nil)
	file := s.must(200, "GET", "/audit/export?actor="+ann.id, s.admin, nil)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file.raw, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) < 3 || rows[0][2] != "操作人" || rows[1][2] != "安书记" {
		s.t.Errorf("the export: %v %v", err, rows)
	}
	if len(s.must(200, "GET", "/audit?action=audit.export", s.admin, nil).list("items")) != 1 {
		s.t.Error("the export is not in the audit")
	}
}

// tamper does one thing after the other to the tables, holds what is named, and undoes it.
func (s *society) tamper(db *sql.DB, last int) {
	s.t.Helper()
	run := func(statements ...string) {
		for _, q := range statements {
			if _, err := db.ExecContext(context.Background(), q); err != nil {
				s.t.Fatalf("%s: %v", q, err)
			}
		}
	}
	run("CREATE TABLE spare_entries AS SELECT * FROM audit_entries", "CREATE TABLE spare_blocks AS SELECT * FROM audit_blocks")
	entries := []string{"DELETE FROM audit_entries", "INSERT INTO audit_entries SELECT * FROM spare_entries"}
	blocks := []string{"DELETE FROM audit_blocks", "INSERT INTO audit_blocks SELECT * FROM spare_blocks"}
	all := append(append([]string{}, entries...), blocks...)
	end := fmt.Sprint(last)
	of := func(entry int) (block int) { // on a slow machine the first block is sealed before much has happened
		if err := db.QueryRowContext(context.Background(), fmt.Sprintf("SELECT block_no FROM audit_entries WHERE id = %d", entry)).Scan(&block); err != nil {
			s.t.Fatal(err)
		}
		return block
	}
	second, third, next := of(2), fmt.Sprint(of(3)), fmt.Sprint(of(2)+1)
	in := fmt.Sprint(second)
	for _, c := range []tampering{
		{"an entry altered", []string{"UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = 3"}, entries, "entry_changed", 3, 0},
		{"its time altered", []string{"UPDATE audit_entries SET at = '2026-01-01 00:00:00' WHERE id = 4"}, entries, "entry_changed", 4, 0},
		{"its detail and digest altered", []string{`UPDATE audit_entries SET detail = '{"fields":"phone"}', mac = '' WHERE id = 3`}, entries, "entry_changed", 3, 0},
		{"replaced by another with its digest", []string{"DELETE FROM audit_entries WHERE id = 3",
			"INSERT INTO audit_entries (id, at, actor_id, action, object, org_id, detail, request_id, nonce, mac, block_no) SELECT 3, at, actor_id, action, object, org_id, detail, request_id, nonce, mac, " + third + " FROM spare_entries WHERE id = 4"}, entries, "entry_changed", 3, 0},
		{"an entry removed", []string{"DELETE FROM audit_entries WHERE id = 2"}, entries, "entry_removed", 2, second},
		{"an entry moved", []string{"UPDATE audit_entries SET block_no = " + next + " WHERE id = 2"}, entries, "entry_moved", 2, second},
		{"an entry inserted into a block", []string{"INSERT INTO audit_entries (id, at, actor_id, action, object, org_id, request_id, block_no) VALUES (990, '2026-11-24 11:00:00', '', 'member.roles', 'member:x', '', '', " + in + ")"}, entries, "entry_inserted", 990, second},
		{"an entry copied", []string{"INSERT INTO audit_entries (id, at, actor_id, action, object, org_id, detail, request_id, nonce, mac, block_no) SELECT 991, at, actor_id, action, object, org_id, detail, request_id, nonce, mac, " + in + " FROM spare_entries WHERE id = 2"}, entries, "entry_copied", 991, second},
		{"a block altered", []string{"UPDATE audit_blocks SET sealed_at = '2026-01-01 00:00:00' WHERE number = 2"}, blocks, "block_changed", 0, 2},
		{"a block's hash altered", []string{"UPDATE audit_blocks SET hash = prev_hash WHERE number = 2"}, blocks, "block_changed", 0, 2},
		{"a block's roll altered", []string{"UPDATE audit_blocks SET roll = '' WHERE number = 2"}, blocks, "block_changed", 0, 2},
		{"a block given out as pruned", []string{"DELETE FROM audit_entries WHERE block_no = 2", "UPDATE audit_blocks SET roll = NULL, pruned_at = '2026-11-24 12:00:00' WHERE number = 2"}, all, "block_changed", 0, 2},
		{"a block removed with its entries", []string{"DELETE FROM audit_entries WHERE block_no = 2", "DELETE FROM audit_blocks WHERE number = 2"}, all, "block_removed", 0, 2},
		{"the tail cut", []string{"DELETE FROM audit_entries WHERE block_no = " + end, "DELETE FROM audit_blocks WHERE number = " + end}, all, "tail_cut", 0, last},
		{"everything removed", []string{"DELETE FROM audit_entries", "DELETE FROM audit_blocks"}, all, "tail_cut", 0, last},
	} {
		run(c.do...)
		s.named(c)
		run(c.undo...)
		if v := s.verified(); v.at("ok") != true {
			s.t.Fatalf("%s, undone: %s", c.name, v.raw)
		}
	}
}

func (s *society) named(c tampering) {
	s.t.Helper()
	v := s.verified()
	for _, f := range v.list("faults") {
		if f.text("kind") == c.kind && (c.entry == 0 || f.number("entry") == c.entry) && (c.blk == 0 || f.number("block") == c.blk) && f.text("detail") != "" {
			return
		}
	}
	s.t.Errorf("%s: not named: %s", c.name, v.raw)
}

// forge puts an entry in between two seals: it is named at once, and for good.
func (s *society) forge(db *sql.DB) {
	s.t.Helper()
	_, err := db.ExecContext(context.Background(), "INSERT INTO audit_entries (id, at, actor_id, action, object, org_id, request_id, nonce, mac) VALUES (995, '2026-11-24 11:00:00', 'x', 'member.roles', 'member:x', '', '', 'abc', '"+strings.Repeat("0", 64)+"')")
	if err != nil {
		s.t.Fatal(err)
	}
	s.named(tampering{name: "forged before the seal", kind: "entry_changed", entry: 995})
	s.eventually("it is sealed as it is", 20*time.Second, func() bool { return s.verified().number("unsealed") == 0 })
	s.named(tampering{name: "forged, after the seal", kind: "entry_changed", entry: 995})
}
