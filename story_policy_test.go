package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStoryPolicy lives the policy profile: the office takes the file, tries a change, is told every fault, puts it in, and the radar, the comments and the
// other replica go by it; what cannot be held is explained, and a neighbour helps.
func TestStoryPolicy(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		profile(t, r)
		radar(t, r)
	})
}

// file sends a profile as it is, and returns the answer whatever it is.
func (p *program) file(token, query, body string, headers ...string) response {
	p.t.Helper()
	return p.call("PUT", "/policy"+query, token, body, append(headers, "Content-Type", "application/yaml")...)
}

func profile(t *testing.T, r *readership) {
	t.Helper()
	got := r.must(200, "GET", "/policy?format=yaml", r.admin, nil)
	text, tag := string(got.raw), got.header.Get("ETag")
	if !strings.Contains(text, "accept_days: 5  # 受理") || !strings.HasPrefix(got.header.Get("Content-Type"), "application/yaml") {
		t.Fatalf("the file: %s", text)
	}
	next := strings.NewReplacer("version: \"built-in\"", "version: 试行", "accept_days: 5", "accept_days: 4", "moderated_first: [\"central\", \"law\"]", "moderated_first: [\"news\"]").Replace(text)

	faulty := r.file(r.admin, "", strings.NewReplacer("accept_days: 4", "accept_days: 四", "per_week: 2", "per_week: 200").Replace(next))
	details := fmt.Sprint(texts(faulty.list("fields"), "detail"))
	if faulty.status != 422 || len(faulty.list("fields")) != 2 || !strings.Contains(details, "第 ") || !strings.Contains(details, "suggestions.accept_days") || !strings.Contains(details, "push.per_week") {
		t.Errorf("two faults: %s", faulty.raw)
	}
	if denied := r.file(r.secretary.token, "", next); denied.status != 403 {
		t.Errorf("a secretary: %s", denied.raw)
	}
	dry := r.file(r.admin, "?dry_run=true", next)
	if dry.status != 200 || dry.at("stored") != false || !slices.Contains(texts(dry.list("changes"), "text"), "意见受理时限：由5个工作日改为4个工作日") {
		t.Errorf("dry run: %s", dry.raw)
	}
	if state := r.must(200, "GET", "/policy", r.member.token, nil).at("built_in"); state != true {
		t.Errorf("a dry run was stored")
	}
	if made := r.file(r.admin, "", next, "If-Match", tag); made.status != 200 || made.at("stored") != true {
		t.Fatalf("put: %s", made.raw)
	}
	if stale := r.file(r.admin, "", strings.Replace(next, "试行", "再试", 1), "If-Match", tag); stale.status != 412 || stale.text("code") != "edit_conflict" {
		t.Errorf("a stale tag: %s", stale.raw)
	}
	past := strings.NewReplacer("试行", "倒签", "2026-11-24", "2026-11-01").Replace(next)
	if old := r.file(r.admin, "", past); old.status != 422 || old.faults()["holds_from"] != "in_the_past" {
		t.Errorf("in the past: %s", old.raw)
	}
	now := r.must(200, "GET", "/policy", r.member.token, nil)
	if now.text("version") != "试行" || now.number("profile", "suggestions", "accept_days") != 4 {
		t.Errorf("in force: %s", now.raw)
	}
	rows := r.must(200, "GET", "/policies", r.admin, nil).list("items")
	if want := []string{"past", "in_force"}; !slices.Equal(texts(rows, "state"), want) {
		t.Errorf("versions: %v", rows)
	}
	// A suggestion made now has four working days: Wednesday, Thursday, Friday and Monday.
	made := r.must(201, "POST", "/suggestions", r.member.token, object{"to_org_id": r.branch, "title": "按新时限", "content": "请受理。", "anonymous": false})
	if due := made.text("due_at"); !strings.HasPrefix(due, "2026-11-30T") {
		t.Errorf("to be accepted by %s", due)
	}
	check := r.must(200, "GET", "/policy/self-check", r.admin, nil)
	if check.at("ok") != true || len(check.list("checks")) < 6 {
		t.Errorf("self-check: %s", check.raw)
	}
}

func radar(t *testing.T, r *readership) {
	t.Helper()
	rows := r.must(200, "GET", "/supervision/overview?year=2026", r.admin, nil).list("items")
	if want := []string{branchName, neighbourName}; !slices.Equal(texts(rows, "org", "name"), want) {
		t.Errorf("the order of the tree: %v", texts(rows, "org", "name"))
	}
	path := "/orgs/" + r.branch + "/obligations"
	// Founded on November 24: of the periods only December's are owed.
	sheet := r.must(200, "GET", path, r.secretary.token, nil)
	if keys := texts(sheet.list("items"), "key"); !slices.Equal(keys, []string{"committee.2026-12", "party_day.2026-12"}) || sheet.number("owed") != 2 || sheet.at("needs_help") != false {
		t.Errorf("owed: %v %s", keys, sheet.raw)
	}
	r.refused(404, "not_found", "GET", "/orgs/"+r.neighbour+"/obligations", r.secretary.token, nil)
	r.refused(422, "validation_failed", "PUT", path+"/committee.2026-12", r.secretary.token, object{"reason": "太忙"})
	done := r.must(200, "PUT", path+"/committee.2026-12", r.secretary.token, object{"reason": "承担重大医疗保障任务", "note": "支援高原"})
	if done.text("state") != "excused" || done.text("note") != "支援高原" {
		t.Errorf("excused: %s", done.raw)
	}
	begin := time.Date(2026, 12, 3, 19, 30, 0, 0, time.FixedZone("", 8*60*60))
	r.must(201, "POST", "/meetings", r.secretary.token, object{"org_id": r.branch, "type": "party_day", "topic": "主题党日", "starts_at": begin.Format(time.RFC3339),
		"ends_at": begin.Add(time.Hour).Format(time.RFC3339), "mode": "onsite", "place": "会议室"})
	sheet = r.must(200, "GET", path, r.secretary.token, nil)
	if sheet.number("planned") != 1 || sheet.number("excused") != 1 {
		t.Errorf("planned and excused: %s", sheet.raw)
	}
	r.must(204, "PUT", "/orgs/"+r.branch+"/helper", r.admin, object{"helper_id": r.neighbour, "note": "联合主题党日"})
	if s := r.must(200, "GET", path, r.secretary.token, nil); s.text("helper", "id") != r.neighbour {
		t.Errorf("helper: %s", s.raw)
	}
}

// TestStoryPolicyDay: a profile that was put in for a later day changes nothing until then. When the day begins, what was reckoned ahead is reckoned
// anew, by itself and at once: the time of a reminder that falls into the new night, and the notice of a series.
func TestStoryPolicyDay(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		reminder := r.must(201, "POST", "/reminders", r.secretary.token, object{"org_id": r.branch, "name": "每周学习", "rule": "FREQ=WEEKLY;BYDAY=SA", "at": "20:00"}).text("id")
		next := func() string {
			return r.must(200, "GET", "/reminders/"+reminder, r.secretary.token, nil).text("next_at")
		}
		r.must(201, "POST", "/meetings", r.secretary.token, object{"org_id": r.branch, "type": "party_day", "topic": "主题党日", "mode": "onsite", "place": "会议室",
			"starts_at": "2026-12-19T19:30:00+08:00", "ends_at": "2026-12-19T20:30:00+08:00", "repeat": "FREQ=MONTHLY;COUNT=2"})
		notice := func() string {
			t.Helper()
			var at string
			db := rawDatabase(r.program)
			if err := db.QueryRowContext(t.Context(), "SELECT CAST(notice_at AS CHAR) FROM meetings WHERE notice_at IS NOT NULL ORDER BY starts_at LIMIT 1").Scan(&at); err != nil {
				t.Fatal(err)
			}
			return at[:10]
		}
		if next() != "2026-11-28T20:00:00+08:00" || notice() != "2026-12-12" {
			t.Fatalf("reckoned: %s, %s", next(), notice())
		}
		text := string(r.must(200, "GET", "/policy?format=yaml", r.admin, nil).raw)
		file := strings.NewReplacer("version: \"built-in\"", "version: 冬季", "holds_from: \"2026-11-24\"", "holds_from: \"2026-11-26\"", "night_from: \"22:00\"", "night_from: \"19:00\"",
			`open: ["12:00-13:30", "18:30-21:00"]`, `open: ["12:00-13:30"]`, "digest_at: \"19:30\"", "digest_at: \"12:30\"", "notice_days: 7", "notice_days: 10").Replace(text)
		if made := r.file(r.admin, "", file); made.status != 200 || made.at("stored") != true {
			t.Fatalf("put: %s", made.raw)
		}
		r.moveTo("2026-11-25T23:59:56+08:00")
		r.secretary.token = r.visit(r.secretary.openID).text("access_token")
		if next() != "2026-11-28T20:00:00+08:00" || notice() != "2026-12-12" {
			t.Errorf("before its day: %s, %s", next(), notice())
		}
		r.eventually("the day of the profile", 20*time.Second, func() bool { return next() == "2026-11-29T07:00:00+08:00" && notice() == "2026-12-09" })
	})
}
