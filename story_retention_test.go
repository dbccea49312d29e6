package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// aged is one line of the retention profile: its days, and the statement that counts what of it lies before an instant.
type aged struct {
	kind  string
	days  int
	count string
}

// agedKinds have days of their own each, so that no two can be taken for each other.
func agedKinds() []aged {
	return []aged{
		{"audit", 200, "SELECT COUNT(*) FROM audit_entries e JOIN audit_blocks b ON b.number = e.block_no WHERE b.sealed_at < '%s'"},
		{"notices", 30, "SELECT COUNT(*) FROM pushes WHERE state IN ('done', 'cancelled') AND send_at < '%s'"},
		{"deliveries", 20, "SELECT COUNT(*) FROM deliveries WHERE openid <> '' AND created_at < '%s' AND push_id NOT IN (SELECT id FROM pushes WHERE send_at < '2026-10-25 19:50:00')"},
		{"sessions", 10, "SELECT COUNT(*) FROM sessions WHERE expires_at < '%[1]s' OR revoked_at < '%[1]s'"},
		{"reads", 40, "SELECT COUNT(*) FROM article_reads WHERE read_at < '%s'"},
		{"drafts", 15, "SELECT COUNT(*) FROM articles WHERE state = 'draft' AND updated_at < '%s'"},
		{"marks", 365, "SELECT COUNT(*) FROM erasure_marks WHERE created_at < '%s'"},
	}
}

// night is when the job of the story runs.
var night = time.Date(2026, 11, 24, 19, 50, 0, 0, time.UTC)

func instant(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

// edge is the instant so many days before the night, and five minutes to either side of it.
func edge(days int) (at, older, younger time.Time) {
	at = night.AddDate(0, 0, -days)
	return at, at.Add(-5 * time.Minute), at.Add(5 * time.Minute)
}

// TestStoryRetention puts an old and a young one of everything that has its days into both databases, ten minutes apart; the night takes the old ones
// and nothing else, and says how many.
func TestStoryRetention(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		env["LIMITS"] = "off"
		_, older, younger := edge(200)
		r := boot(t, older.Format(time.RFC3339), env).found().readership()
		r.sealed(0)
		r.retentionProfile()
		r.moveTo(younger.Format(time.RFC3339))
		r.staff.token = r.visit(r.staff.openID).text("access_token") // the sign-in of the young side; what follows is sealed after the line
		r.must(200, "PATCH", "/me", r.staff.token, object{"title": "主任"})
		r.eventually("the young entries are sealed", 20*time.Second, func() bool {
			v := r.must(200, "GET", "/audit/verify", r.staff.token, nil)
			return v.number("unsealed") == 0 && v.number("blocks") > 1
		})
		r.moveTo("2026-11-24T19:00:00+08:00")
		r.afresh()
		r.admin = r.staff.token // the account's own sign-in is of half a year ago
		r.plantAged(t)
		r.nightComes(t)
	})
}

func (r *readership) retentionProfile() {
	r.t.Helper()
	text := string(r.must(200, "GET", "/policy?format=yaml", r.admin, nil).raw)
	file := strings.NewReplacer("version: \"built-in\"", "version: 保存期", "audit: 365", "audit: 200", "notices: 365", "notices: 30", "deliveries: 365", "deliveries: 20", "sessions: 30", "sessions: 10",
		"reads: 1095", "reads: 40", "drafts: 180", "drafts: 15", "erasure_marks: 1095", "erasure_marks: 365").Replace(text)
	if made := r.file(r.admin, "", file); made.status != 200 || len(made.list("changes")) != 7 {
		r.t.Fatalf("the profile: %s", made.raw)
	}
}

// plantAged makes two of each kind as people do, and sets the one back beyond its days and the other within them.
func (r *readership) plantAged(t *testing.T) {
	t.Helper()
	db := rawDatabase(r.program)
	set := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf(query, args...)); err != nil {
			t.Fatalf("%s: %v", fmt.Sprintf(query, args...), err)
		}
	}
	article := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "动态", "body_markdown": "正文", "visibility": "members"})
	for i, side := range []string{"old", "young"} {
		at := func(days int) string {
			_, older, younger := edge(days)
			return instant([]time.Time{older, younger}[i])
		}
		push := r.must(201, "POST", "/pushes", r.secretary.token, object{"org_id": r.branch, "kind": "announcement", "title": "通知" + side, "audience": object{}}).text("id")
		r.eventually("the push is over", 20*time.Second, func() bool {
			return r.must(200, "GET", "/pushes/"+push, r.secretary.token, nil).text("state") == "done"
		})
		set("UPDATE pushes SET send_at = '%s' WHERE id = '%s'", at(30), push)
		ledger := r.must(201, "POST", "/pushes", r.secretary.token, object{"org_id": r.branch, "kind": "announcement", "title": "台账" + side, "audience": object{}}).text("id")
		r.eventually("the ledger's push is over", 20*time.Second, func() bool {
			return r.must(200, "GET", "/pushes/"+ledger, r.secretary.token, nil).text("state") == "done"
		})
		set("UPDATE deliveries SET openid = 'went-to-%s', state = 'sent', created_at = '%s', due_at = NULL, owner = '' WHERE push_id = '%s' AND member_id = '%s'", side, at(20), ledger, r.member.id)

		ended := r.visit(r.member.openID).text("access_token")
		r.must(204, "POST", "/auth/logout", ended, nil)
		set("UPDATE sessions SET revoked_at = '%s', device = 'ended %s' WHERE member_id = '%s' AND revoked_at IS NOT NULL AND device NOT LIKE 'ended%%'", at(10), side, r.member.id)

		reader := []person{r.member, r.party}[i]
		r.must(200, "POST", "/articles/"+article+"/reads", reader.token, object{"percent": 100})
		set("UPDATE article_reads SET read_at = '%s' WHERE member_id = '%s'", at(40), reader.id)
		draft := r.must(201, "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "草稿" + side, "body_markdown": "正文"}).text("id")
		set("UPDATE articles SET updated_at = '%s' WHERE id = '%s'", at(15), draft)
		leaver := r.join(r.branch, "离去者"+side, "non_party")
		r.must(200, "DELETE", "/me", leaver.token, nil)
		set("UPDATE erasure_marks SET created_at = '%s' WHERE erasure_id IN (SELECT id FROM erasures WHERE member_id = '%s')", at(365), leaver.id)
	}
}

// nightComes runs the job and holds its report and the tables against what was counted before it.
func (r *readership) nightComes(t *testing.T) {
	t.Helper()
	db := rawDatabase(r.program)
	count := func(query string) (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return n
	}
	old, young := map[string]int{}, map[string]int{}
	for _, k := range agedKinds() {
		at, _, younger := edge(k.days)
		old[k.kind] = count(fmt.Sprintf(k.count, instant(at)))
		young[k.kind] = count(fmt.Sprintf(k.count, instant(younger.Add(time.Minute)))) - old[k.kind]
		if old[k.kind] == 0 || young[k.kind] == 0 {
			t.Errorf("%s: %d old and %d young ones: nothing is tested", k.kind, old[k.kind], young[k.kind])
		}
	}
	r.moveTo("2026-11-25T03:50:05+08:00")
	token := r.visit(r.staff.openID).text("access_token")
	var report response
	r.eventually("the night's report", 30*time.Second, func() bool {
		report = r.must(200, "GET", "/privacy/retention", token, nil)
		return report.text("items", 0, "day") == "2026-11-25"
	})
	for _, k := range agedKinds() {
		line := find(report.list("items", 0, "lines"), "kind", k.kind)
		if line == nil || line.number("days") != k.days || line.number("removed") != old[k.kind] || line.text("fault") != "" || line.text("what") == "" {
			t.Errorf("%s: %v of the report, want %d of %d days", k.kind, line, old[k.kind], k.days)
		}
		at, _, younger := edge(k.days)
		if n := count(fmt.Sprintf(k.count, instant(at))); n != 0 {
			t.Errorf("%s: %d old ones are left", k.kind, n)
		}
		if n := count(fmt.Sprintf(k.count, instant(younger.Add(time.Minute)))); n != young[k.kind] {
			t.Errorf("%s: %d young ones are left of %d", k.kind, n, young[k.kind])
		}
	}
	if n := len(report.list("items", 0, "lines")); n != len(agedKinds()) {
		t.Errorf("%d lines in the report, of which %d are tested", n, len(agedKinds()))
	}
	if n := count("SELECT COUNT(*) FROM tokens WHERE session_id NOT IN (SELECT id FROM sessions)"); n != 0 {
		t.Errorf("%d tokens of sessions that are gone", n)
	}
	if n := count("SELECT COUNT(*) FROM deliveries WHERE push_id NOT IN (SELECT id FROM pushes)"); n != 0 {
		t.Errorf("%d lines of pushes that are gone", n)
	}
	if v := r.must(200, "GET", "/audit/verify", token, nil); v.at("ok") != true || v.number("pruned") == 0 {
		t.Errorf("the chain after the night: %s", v.raw)
	}
	if r.must(200, "GET", "/audit?action=privacy.retention", token, nil).list("items")[0].text("detail", "drafts") != "1" {
		t.Error("the audit does not say how many went")
	}
}
