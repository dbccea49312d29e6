package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestStoryRecord lives the record that writes itself, the progress report and the annual check: nothing is typed, each line has its evidence, made
// again it is the same to the byte, what came late says so, and what is frozen can be held against what is.
func TestStoryRecord(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		november(t, r)
		recordOfNovember(t, r)
		recordLater(t, r)
		annualCheck(t, r)
	})
}

// november: a meeting to which three of four come, an article that six read, a suggestion that is answered.
func november(t *testing.T, r *readership) {
	t.Helper()
	article := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "进社区义诊", "body_markdown": "正文", "visibility": "members"})
	for i := range 3 {
		more := r.join(r.branch, fmt.Sprintf("读者%d", i+1), "non_party")
		r.must(200, "POST", "/articles/"+article+"/reads", more.token, object{"percent": 100})
	}
	for _, who := range []person{r.member, r.party, r.committee} {
		r.must(200, "POST", "/articles/"+article+"/reads", who.token, object{"percent": 100})
	}
	id := r.must(201, "POST", "/suggestions", r.member.token, object{"to_org_id": r.branch, "title": "提供大字版", "content": "看手机吃力。"}).text("id")
	r.step(r.secretary.token, id, object{"action": "accept"})
	r.step(r.secretary.token, id, object{"action": "reply", "text": "已安排。"})
	r.must(201, "POST", "/pushes", r.secretary.token, object{"org_id": r.branch, "kind": "announcement", "title": "义诊集合通知", "audience": object{}})
	meeting := r.must(201, "POST", "/meetings", r.secretary.token, object{"org_id": r.branch, "type": "party_day", "topic": "进社区义诊", "mode": "onsite", "place": "社区中心",
		"starts_at": "2026-11-26T19:30:00+08:00", "ends_at": "2026-11-26T20:30:00+08:00"}).text("id")
	r.must(200, "PUT", "/meetings/"+meeting+"/rsvp", r.party.token, object{"status": "leave", "reason": "值班"})
	r.moveTo("2026-11-26T19:40:00+08:00")
	for _, who := range []*person{&r.secretary, &r.committee, &r.member} {
		who.token = r.visit(who.openID).text("access_token")
		r.must(200, "POST", "/meetings/"+meeting+"/checkin", who.token, object{})
	}
	r.moveTo("2026-12-02T09:00:00+08:00")
	r.afresh()
}

// afresh signs everybody in again, since days have passed.
func (r *readership) afresh() {
	for _, who := range []*person{&r.secretary, &r.staff, &r.member, &r.party, &r.committee, &r.other} {
		who.token = r.visit(who.openID).text("access_token")
	}
}

func recordOfNovember(t *testing.T, r *readership) {
	t.Helper()
	path := "/orgs/" + r.branch + "/work-record"
	got := r.must(200, "GET", path+"?month=2026-11", r.secretary.token, nil)
	lines := got.list("lines")
	if kinds := texts(lines, "kind"); strings.Join(kinds, " ") != "meeting content study suggestion push" {
		t.Fatalf("kinds: %v: %s", kinds, got.raw)
	}
	// Worked out by hand: seven were on the list, three came, one asked for leave.
	for i, want := range []string{"应到 7 人，实到 3 人，请假 1 人，缺席 3 人。会议记录尚未形成。", "已发布。", "读完文章 6 人次（1 篇）。", "收到 1 件，答复 1 件（其中按期答复 1 件）。", "已发送，收件 7 人。"} {
		if text := lines[i].text("text"); !strings.HasSuffix(text, want) {
			t.Errorf("line %d: %q, want %q", i, text, want)
		}
		evidence := lines[i].text("evidence", "path")
		if answer := r.call("GET", evidence, r.secretary.token, nil); answer.status != 200 {
			t.Errorf("the evidence %s: %s", evidence, answer.describe())
		}
		if lines[i].at("late") != nil {
			t.Errorf("line %d is late: %v", i, lines[i])
		}
	}
	for _, name := range []string{"李会员", "周党员", "读者1"} {
		if strings.Contains(string(got.raw), name) {
			t.Errorf("the record names %s", name)
		}
	}
	for field, query := range map[string]string{"month": "?month=2026-13", "quarter": "?quarter=2026-Q5", "year": "?month=2026-11&year=2026"} {
		if f := r.refused(422, "validation_failed", "GET", path+query, r.secretary.token, nil).faults(); f[field] == "" {
			t.Errorf("%s: %v", query, f)
		}
	}
	r.refused(404, "not_found", "GET", path+"?month=2026-11", r.other.token, nil)
	r.refused(403, "forbidden", "GET", path+"?month=2026-11", r.member.token, nil)
	for _, q := range []string{"?quarter=2026-Q4", "?year=2026"} {
		if n := len(r.must(200, "GET", path+q, r.secretary.token, nil).list("lines")); n != 5 {
			t.Errorf("%s: %d lines", q, n)
		}
	}
	report := r.must(200, "GET", "/supervision/progress-report?month=2026-11", r.staff.token, nil)
	branches := report.list("kinds", 0, "branches")
	if strings.Join(texts(branches, "org", "name"), " ") != branchName+" "+neighbourName || len(branches[0].list("lines")) != 1 || len(branches[1].list("lines")) != 0 {
		t.Errorf("the report: %s", report.raw)
	}
	if book := r.call("GET", "/supervision/progress-report.xlsx?month=2026-11", r.staff.token, nil); !strings.Contains(cellsOf(t, book.raw), "进社区义诊") {
		t.Error("the report as a workbook lacks the meeting")
	}
}

// recordLater: days on, the files are the same to the byte; a sentence changes them, and one that comes late says so.
func recordLater(t *testing.T, r *readership) {
	t.Helper()
	path := "/orgs/" + r.branch + "/work-record"
	files := func() (out [4][]byte) {
		t.Helper()
		for i, f := range []string{path + ".xlsx", path + ".docx", "/supervision/progress-report.xlsx", "/supervision/progress-report.docx"} {
			got := r.call("GET", f+"?month=2026-11", r.staff.token, nil)
			if got.status != 200 {
				t.Fatal(got.describe())
			}
			out[i] = got.raw
		}
		return out
	}
	first := files()
	if cells := cellsOf(t, first[0]); !strings.Contains(cells, "主题党日：进社区义诊") || !strings.Contains(cells, "2026 年 11 月") {
		t.Errorf("the sheet: %s", cells)
	}
	if text := docText(t, first[1]); !strings.Contains(text, "读完文章 6 人次") || !strings.Contains(text, branchName+"工作纪实") {
		t.Errorf("the document: %s", text)
	}
	r.moveTo("2026-12-15T09:00:00+08:00")
	r.afresh()
	for i, again := range files() {
		if !bytes.Equal(first[i], again) {
			t.Errorf("file %d is another, though nothing has changed", i)
		}
	}
	r.refused(403, "forbidden", "PUT", path+"/note?month=2026-11", r.committee.token, object{"text": "不归我写"})
	noted := r.must(200, "PUT", path+"/note?month=2026-11", r.secretary.token, object{"text": "义诊服务群众约八十人。"})
	if noted.text("note", "text") != "义诊服务群众约八十人。" || noted.text("note", "late", "text") != "后补（2026-12-15）" {
		t.Errorf("a late sentence: %s", noted.raw)
	}
	changed := files()
	for i := range changed {
		if i < 3 && bytes.Equal(first[i], changed[i]) {
			t.Errorf("file %d is the same, though a sentence was added", i)
		}
	}
	if !strings.Contains(cellsOf(t, changed[0]), "后补（2026-12-15）") || !strings.Contains(docText(t, changed[1]), "后补（2026-12-15）") {
		t.Error("the files do not say that the sentence came late")
	}
	r.must(200, "PUT", path+"/note?month=2026-11", r.secretary.token, object{"text": ""})
	for i, again := range files() {
		if !bytes.Equal(first[i], again) {
			t.Errorf("file %d did not come back to what it was", i)
		}
	}
	if on := r.must(200, "PUT", path+"/note?month=2026-12", r.secretary.token, object{"text": "本月筹备换届。"}); on.at("note", "late") != nil {
		t.Errorf("a sentence in time: %s", on.raw)
	}
}

// docText is what a Word document says.
func docText(t *testing.T, doc []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatalf("open the document: %v", err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func annualCheck(t *testing.T, r *readership) {
	t.Helper()
	path := "/orgs/" + r.branch + "/annual-check"
	check := r.must(200, "GET", path+"?year=2026", r.secretary.token, nil)
	items := check.list("items")
	var minutes, meeting object
	for _, it := range items {
		if it.text("mend", "path") == "" || it.text("mend", "text") == "" || it.text("text") == "" {
			t.Errorf("nothing mends %v", it)
		}
		switch it.text("kind") {
		case "minutes":
			minutes = it
		case "meeting":
			meeting = it
			if strings.HasPrefix(it.text("key"), "meeting:party_day.2026-11") {
				t.Errorf("the meeting was held: %v", it)
			}
		}
	}
	if minutes == nil || meeting == nil || check.at("frozen") != nil || check.number("missing") != len(items) {
		t.Fatalf("the check: %s", check.raw)
	}
	r.refused(404, "not_found", "PUT", path+"/items/nothing?year=2026", r.secretary.token, object{"reason": "无"})
	said := r.must(200, "PUT", path+"/items/"+meeting.text("key")+"?year=2026", r.secretary.token, object{"reason": "支部十一月成立，年底一并召开"})
	if said.number("missing") != len(items)-1 || said.list("items")[len(items)-1].text("key") != meeting.text("key") {
		t.Errorf("with a reason: %s", said.raw)
	}
	frozen := r.must(200, "POST", path+"/freeze?year=2026", r.secretary.token, nil)
	sum := sha256.Sum256([]byte(frozen.text("frozen", "body")))
	if frozen.text("frozen", "sha256") != hex.EncodeToString(sum[:]) || frozen.at("frozen", "matches") != true || frozen.at("frozen", "intact") != true || frozen.number("frozen", "seq") != 1 {
		t.Errorf("frozen: %s", frozen.raw)
	}
	if again := r.must(200, "POST", path+"/freeze?year=2026", r.secretary.token, nil); again.number("frozen", "seq") != 1 || again.text("frozen", "at") != frozen.text("frozen", "at") {
		t.Errorf("frozen again without a change: %s", again.raw)
	}
	r.must(200, "PUT", path+"/items/"+minutes.text("key")+"?year=2026", r.staff.token, object{"reason": "记录人住院，延后补写"})
	after := r.must(200, "GET", path+"?year=2026", r.secretary.token, nil)
	if after.at("frozen", "matches") != false || len(after.list("frozen", "items")) != len(items) || !strings.Contains(fmt.Sprint(after.at("frozen", "changed")), minutes.text("key")) {
		t.Errorf("after a change: %s", after.raw)
	}
	r.refused(404, "not_found", "GET", path+"?year=2026", r.other.token, nil)
	r.refused(422, "validation_failed", "GET", path+"?year=2027", r.secretary.token, nil)

	all := r.must(200, "GET", "/supervision/annual-check?year=2026", r.staff.token, nil)
	if strings.Join(texts(all.list("items"), "org", "name"), " ") != branchName+" "+neighbourName {
		t.Errorf("the office's order: %s", all.raw)
	}
	book := r.call("GET", "/supervision/annual-check.xlsx?year=2026", r.staff.token, nil)
	if cells := cellsOf(t, book.raw); !strings.Contains(cells, "此后有变化") || !strings.Contains(cells, "记录人住院") || !strings.Contains(cells, neighbourName) {
		t.Errorf("the workbook: %s", cells)
	}
	r.moveTo(r.now().Add(time.Minute).Format(time.RFC3339))
	if again := r.call("GET", "/supervision/annual-check.xlsx?year=2026", r.staff.token, nil); !bytes.Equal(book.raw, again.raw) {
		t.Error("the workbook is another, though nothing has changed")
	}
}
