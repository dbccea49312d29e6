package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// TestStoryRoster lives point 2: a roster as a society really keeps it is imported, and a person in two branches is one account.
func TestStoryRoster(t *testing.T) {
	sample := readFile(t, "testdata/roster/花名册-心肺康复.xlsx")
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "", env)
		s := p.found()
		var answers bytes.Buffer

		path := "/orgs/" + s.branch + "/members/import"
		if r := p.upload(path, "", "花名册.xlsx", sample); r.status != 401 || r.text("code") != "unauthenticated" {
			t.Errorf("an import by nobody: %s", r.describe())
		}
		dry := p.upload(path+"?dry_run=true", s.admin, "花名册.xlsx", sample)
		answers.Write(dry.raw)
		wantImport(t, "dry run", dry, 39, 0)
		if n := len(p.roster(s.admin, s.branch)); n != 0 {
			t.Errorf("the dry run wrote %d members", n)
		}
		if got := p.must(200, "GET", "/orgs", s.admin, nil).list("items"); len(got) != 3 {
			t.Errorf("the dry run made organisations: %v", got)
		}
		if strings.Contains(p.everythingKept(), "江苏省人民医院") {
			t.Error("the dry run left something behind")
		}

		real := p.upload(path, s.admin, "花名册.xlsx", sample)
		answers.Write(real.raw)
		wantImport(t, "import", real, 39, 0)
		again := p.upload(path, s.admin, "花名册.xlsx", sample)
		answers.Write(again.raw)
		wantImport(t, "second import", again, 0, 39)

		rows := p.roster(s.admin, s.branch)
		if len(rows) != 39 {
			t.Fatalf("the roster has %d members", len(rows))
		}
		groups := p.groupsOf(s.admin, s.branch)
		if len(groups) != 2 || groups["第一党小组"] == "" || groups["第二党小组"] == "" {
			t.Errorf("groups: %v", groups)
		}
		if m := find(rows, "name", "邓桂芳"); m.text("phone") != "139****0548" || m.text("party_status") != "probationary" ||
			m.text("org_id") != groups["第二党小组"] || m.text("employer") != "江苏省人民医院" || m.text("title") != "副主任护师" || m.at("bound") != false {
			t.Errorf("a row with blanks in the name: %v", m)
		}
		if m := find(rows, "name", "胡春兰"); m.text("org_id") != s.branch || m.text("party_status") != "non_party" {
			t.Errorf("a row without a group: %v", m)
		}

		oneAccountTwoMemberships(t, s, &answers)
		noIdentityNumbers(t, p, answers.String())
	})
}

// wantImport holds the sample's numbers and its five bad rows.
func wantImport(t *testing.T, what string, r response, created, unchanged int) {
	t.Helper()
	if r.status != 200 || r.number("created") != created || r.number("updated") != 0 || r.number("unchanged") != unchanged {
		t.Fatalf("%s: %s", what, r.describe())
	}
	at := map[int]string{}
	for _, e := range r.list("errors") {
		at[e.number("row")] = e.text("column")
		if e.text("code") == "" || !regexp.MustCompile(`\p{Han}`).MatchString(e.text("detail")) {
			t.Errorf("%s: a row is refused without a reason: %v", what, e)
		}
	}
	want := map[int]string{16: "手机号码", 24: "政治面貌", 29: "姓 名", 37: "手机号码", 42: "姓 名"}
	for row, column := range want {
		if strings.ReplaceAll(at[row], " ", "") != strings.ReplaceAll(column, " ", "") {
			t.Errorf("%s: row %d is named at %q, want %q", what, row, at[row], column)
		}
	}
	if len(r.list("errors")) != len(want) {
		t.Errorf("%s: errors %s", what, r.raw)
	}
	ignored, _ := r.at("ignored_columns").([]any)
	if !slices.Contains(ignored, any("身份证号")) {
		t.Errorf("%s: ignored columns %v", what, ignored)
	}
}

// roster reads all pages of an organisation's roster.
func (p *program) roster(token, org string) []object {
	p.t.Helper()
	var rows []object
	for cursor := ""; ; {
		r := p.must(200, "GET", "/orgs/"+org+"/members?limit=15&cursor="+cursor, token, nil)
		rows = append(rows, r.list("items")...)
		if cursor = r.text("next_cursor"); cursor == "" {
			return rows
		}
	}
}

// groupsOf maps the names of a branch's groups to their identifiers.
func (p *program) groupsOf(token, branch string) map[string]string {
	p.t.Helper()
	out := map[string]string{}
	for _, o := range p.must(200, "GET", "/orgs", token, nil).list("items") {
		if o.text("parent_id") == branch {
			out[o.text("name")] = o.text("id")
		}
	}
	return out
}

// oneAccountTwoMemberships lets a member of the first branch appear in the roster of the second, and leave it again.
func oneAccountTwoMemberships(t *testing.T, s *society, answers *bytes.Buffer) {
	t.Helper()
	p := s.program
	csv := "姓名,手机号,政治面貌,单位,职务,党小组\n王建国,13910000000,中共党员,北京协和医院,主任医师,\n新来者,13700000001,群众,,,\n"
	r := p.upload("/orgs/"+s.neighbour+"/members/import", s.admin, "骨科.csv", []byte(csv))
	answers.Write(r.raw)
	if r.status != 200 || r.number("created") != 2 || len(r.list("errors")) != 0 {
		t.Fatalf("the second branch: %s", r.describe())
	}
	first, second := find(p.roster(s.admin, s.branch), "name", "王建国"), find(p.roster(s.admin, s.neighbour), "name", "王建国")
	if first.text("id") == "" || first.text("id") != second.text("id") {
		t.Errorf("one person is two accounts: %v %v", first, second)
	}
	token := p.bind("wang", "13910000000")
	me := p.must(200, "GET", "/me", token, nil)
	answers.Write(me.raw)
	if n := len(me.list("memberships")); n != 2 || me.at("bound") != true || me.text("name") != "王建国" || me.text("party_status") != "full" {
		t.Errorf("me: %s", me.raw)
	}
	p.must(204, "DELETE", "/members/"+first.text("id")+"?org_id="+s.neighbour, s.admin, nil)
	left := p.must(200, "GET", "/me", token, nil)
	if got := left.list("memberships"); len(got) != 1 || got[0].text("org", "name") == neighbourName {
		t.Errorf("after leaving one: %s", left.raw)
	}
	if find(p.roster(s.admin, s.branch), "name", "王建国") == nil || find(p.roster(s.admin, s.neighbour), "name", "王建国") != nil {
		t.Error("leaving one branch touched the other, or did nothing")
	}
	export := p.must(200, "GET", "/orgs/"+s.branch+"/members/export", s.admin, nil)
	if !bytes.HasPrefix(export.raw, []byte("PK")) || http.DetectContentType(export.raw) != "application/zip" {
		t.Errorf("export: %.20q", export.raw)
	}
}

var identityNumber = regexp.MustCompile(`1101011960\d{7}[\dX]`)

// noIdentityNumbers searches everything the program keeps and says: its folder, its tables, its log, its answers.
func noIdentityNumbers(t *testing.T, p *program, answers string) {
	t.Helper()
	kept := p.everythingKept()
	if !strings.Contains(kept, "江苏省人民医院") {
		t.Error("the search is blind: what the roster says of employers is not found either")
	}
	for where, text := range map[string]string{"the database": kept, "the log": p.log.String(), "an answer": answers} {
		if hit := identityNumber.FindString(text); hit != "" {
			t.Errorf("%s holds an identity number", where)
		}
	}
	if strings.Contains(kept, "13910000548") || strings.Contains(p.log.String(), "13910000548") {
		t.Error("a phone number is kept in the clear")
	}
}

// everythingKept is all that the program has written: the files of its data directory, and every row of every table on a database server.
func (p *program) everythingKept() string {
	p.t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(p.env["DATA_DIR"], func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		out.Write(b)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if url := p.env["DATABASE_URL"]; url != "" {
		p.dumpTables(&out, url)
	}
	return out.String()
}

func (p *program) dumpTables(out *strings.Builder, url string) {
	p.t.Helper()
	p.eachTable(url, func(_ string, rows []string) {
		for _, row := range rows {
			fmt.Fprintln(out, row)
		}
	})
}

// eachTable hands out every table of a database server with its rows.
func (p *program) eachTable(url string, f func(table string, rows []string)) {
	p.t.Helper()
	m := regexp.MustCompile(`^mysql://([^:@]*):?([^@]*)@([^/]+)/(\w+)`).FindStringSubmatch(url)
	if m == nil {
		p.t.Fatalf("cannot read the address of the database")
	}
	cfg := mysqldriver.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = m[1], m[2], "tcp", m[3], m[4]
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range queryTexts(p.t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()") {
		f(table, queryTexts(p.t, db, "SELECT * FROM `"+table+"`"))
	}
}

// queryTexts reads all rows, the columns of each one after the other.
func queryTexts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		cells, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, string(bytes.Join(rawBytes(cells), []byte("\t"))))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func rawBytes(cells []sql.RawBytes) [][]byte {
	out := make([][]byte, len(cells))
	for i, c := range cells {
		out[i] = c
	}
	return out
}
