package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStorySuggestionAnonymity lets somebody write anonymously, with a picture, get an answer, reopen and rate it; and then tries, as the office with
// every list and export, as the reader of every table without the secret key, and as the reader of the log, to find out who it was.
func TestStorySuggestionAnonymity(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		open := r.must(201, "POST", "/suggestions", r.party.token, object{"to_org_id": r.branch, "title": "署名的一条", "content": "署名的内容。"}).text("id")
		r.must(201, "POST", "/articles/"+r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "支部动态", "body_markdown": "正文若干。", "visibility": "members"})+"/comments",
			r.party.token, object{"content": "很好。"}, "Idempotency-Key", "key-of-the-comment")
		h := &hidden{readership: r, open: open, title: "例会太长了"}
		h.write()
		h.live()
		h.office()
		h.tables()
		h.logs()
		for _, who := range []*person{&r.party, &r.secretary, &r.staff} {
			r.again(who)
		}
		if mine := texts(r.must(200, "GET", "/suggestions?box=mine", r.party.token, nil).list("items"), "id"); !slices.Contains(mine, h.id) || !slices.Contains(mine, open) {
			t.Errorf("the author finds %v", mine)
		}
	})
}

// hidden is an anonymous suggestion of r.party, and what its author did beside it.
type hidden struct {
	*readership
	open, title, id  string
	oldFile, newFile string // the picture's number before and after
	body             object
}

// again signs a person in anew, as after some hours.
func (r *readership) again(who *person) {
	r.t.Helper()
	who.token = r.visit(who.openID).text("access_token")
}

// write submits it, at seventeen past eight.
func (h *hidden) write() {
	h.t.Helper()
	h.moveTo("2026-11-24T20:17:00+08:00")
	h.again(&h.party)
	up := h.upload("/uploads", h.party.token, "周党员的照片.png", pictureBy(h.t, "周党员"))
	doc := h.upload("/uploads", h.party.token, "说明.pdf", []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"))
	if up.status != 201 || doc.status != 201 {
		h.t.Fatalf("%s %s", up.describe(), doc.describe())
	}
	h.oldFile = up.text("id")
	h.body = object{"to_org_id": h.branch, "title": h.title, "content": "建议压缩到四十分钟。", "anonymous": true, "attachment_ids": []string{doc.text("id")}}
	if f := h.refused(422, "validation_failed", "POST", "/suggestions", h.party.token, h.body).faults(); f["attachment_ids[0]"] != "names_author" {
		h.t.Errorf("a document, which names its author inside: %v", f)
	}
	h.body["attachment_ids"] = []string{h.oldFile}
	hint := h.must(200, "POST", "/suggestions/hints", h.party.token, object{"to_org_id": h.branch, "title": h.title, "content": "建议压缩到四十分钟。"})
	if hint.at("few_members") != true {
		h.t.Errorf("in a branch of four nobody is warned: %s", hint.raw)
	}
	made := h.must(201, "POST", "/suggestions", h.party.token, h.body, "Idempotency-Key", "key-of-the-suggestion")
	twice := h.must(201, "POST", "/suggestions", h.party.token, h.body, "Idempotency-Key", "key-of-the-suggestion")
	h.id, h.newFile = made.text("id"), made.text("attachments", 0, "id")
	if twice.text("id") != h.id || made.at("mine") != true {
		h.t.Errorf("the repeated one: %s", twice.raw)
	}
	file := h.must(200, "GET", made.text("attachments", 0, "url"), "", nil)
	if strings.Contains(string(file.raw), "周党员") || made.text("attachments", 0, "name") != "附件1.png" || h.newFile == h.oldFile {
		h.t.Errorf("the picture tells who took it: %s", made.raw)
	}
	h.refused(404, "not_found", "GET", "/uploads/"+h.oldFile, h.party.token, nil)
	for _, id := range []string{h.id, h.newFile} {
		if id[14] != '4' {
			h.t.Errorf("%s tells when it was made", id)
		}
	}
	h.replays(h.rows()["replays"])
}

// live takes it through its life, each side at other times.
func (h *hidden) live() {
	h.t.Helper()
	h.moveTo("2026-11-25T12:00:00+08:00")
	h.again(&h.secretary)
	h.eventually("the secretary is told when the push hours open", 20*time.Second, func() bool {
		return slices.ContainsFunc(h.inbox(h.secretary.token), func(n object) bool { return strings.Contains(n.text("title"), h.title) })
	})
	h.moveTo("2026-11-25T19:03:00+08:00")
	h.again(&h.secretary)
	h.step(h.secretary.token, h.id, object{"action": "accept"})
	h.step(h.secretary.token, h.id, object{"action": "extend", "text": "征求各组意见"})
	h.step(h.secretary.token, h.id, object{"action": "reply", "text": "改为四十分钟。"})
	h.must(200, "POST", "/suggestions/"+h.id+"/publication", h.secretary.token, object{"action": "ask"})
	h.moveTo("2026-11-25T20:40:00+08:00")
	h.again(&h.party)
	if me := h.must(200, "GET", "/me", h.party.token, nil); me.number("unread", "todo") != 1 {
		h.t.Errorf("the author does not find the answer at once: %s", me.raw)
	}
	read := h.must(200, "GET", "/suggestions/"+h.id, h.party.token, nil)
	h.must(200, "POST", "/suggestions/"+h.id+"/publication", h.party.token, object{"action": "agree", "version": read.number("version")})
	h.moveTo("2026-11-26T12:00:00+08:00")
	h.noted(2)
	h.moveTo("2026-11-27T20:00:00+08:00")
	h.again(&h.party)
	news := func() int {
		n := 0
		for _, o := range h.inbox(h.party.token) {
			if o.text("title") == "意见建议有新进展" {
				n++
			}
		}
		return n
	}
	h.eventually("the author is told two days later", 20*time.Second, func() bool { return news() == 1 })
	h.eventually("the notice has run its course", 20*time.Second, func() bool {
		return !slices.ContainsFunc(h.rows()["pushes"], func(row string) bool {
			return strings.Contains(row, "有新进展") && strings.Contains(row, "sending")
		})
	})
	h.moveTo("2026-11-27T20:50:00+08:00")
	h.again(&h.party)
	h.step(h.party.token, h.id, object{"action": "reopen", "text": "仍然超时"})
	h.moveTo("2026-11-28T12:00:00+08:00")
	h.noted(3)
	h.moveTo("2026-11-28T13:00:00+08:00")
	h.again(&h.secretary)
	h.step(h.secretary.token, h.id, object{"action": "accept"})
	h.step(h.secretary.token, h.id, object{"action": "reply", "text": "已设计时。"})
	h.moveTo("2026-11-28T21:20:00+08:00")
	h.again(&h.party)
	h.must(200, "POST", "/suggestions/"+h.id+"/rating", h.party.token, object{"stars": 4})
	h.moveTo("2026-11-29T12:00:00+08:00")
	h.noted(4)
	h.moveTo("2026-12-03T12:30:00+08:00")
	h.again(&h.party)
	h.eventually("the author is told of the second answer", 20*time.Second, func() bool { return news() == 2 })
}

// noted waits until the audit holds so many acts of nobody.
func (h *hidden) noted(acts int) {
	h.t.Helper()
	token := h.program.office()
	h.eventually("the audit follows", 20*time.Second, func() bool {
		n := 0
		for _, e := range h.must(200, "GET", "/audit?object=suggestion:"+h.id, token, nil).list("items") {
			if e.text("actor", "id") == "" {
				n++
			}
		}
		return n == acts
	})
}

// office asks for everything that the office may see.
func (h *hidden) office() {
	h.t.Helper()
	h.again(&h.staff)
	h.again(&h.secretary)
	admin := h.program.office()
	for who, token := range map[string]string{"the office": h.staff.token, "the secretary": h.secretary.token, "the administrator": admin} {
		one := h.must(200, "GET", "/suggestions/"+h.id, token, nil)
		if one.at("author") != nil || one.at("mine") != false {
			h.t.Errorf("%s: %s", who, one.raw)
		}
		for _, e := range one.list("timeline") {
			byAuthor := slices.Contains([]string{"submit", "reopen", "rate"}, e.text("action"))
			if byAuthor && (e.at("by") != nil || strings.Contains("20:17 20:40 20:50 21:20", e.text("at")[11:16])) {
				h.t.Errorf("%s sees %v", who, e)
			}
		}
		answers := []response{one, h.must(200, "GET", "/suggestions?box=inbox", token, nil), h.must(200, "GET", "/suggestions/published", token, nil),
			h.must(200, "GET", "/suggestions/figures?org_id="+h.branch, token, nil), h.must(200, "GET", "/suggestions/"+h.id+"/similar", token, nil)}
		if who != "the secretary" {
			answers = append(answers, h.must(200, "GET", "/audit?object=suggestion:"+h.id, token, nil))
		}
		for _, answer := range answers {
			for _, trace := range []string{h.party.id, "周党员", h.party.openID, h.oldFile} {
				if at := strings.Index(string(answer.raw), trace); at >= 0 && !strings.Contains(string(answer.raw), "署名的一条") {
					h.t.Errorf("%s finds %q: %s", who, trace, answer.raw)
				}
			}
		}
		for _, push := range h.must(200, "GET", "/pushes?limit=100", token, nil).list("items") {
			if push.text("kind") == "suggestion" {
				h.t.Errorf("%s sees a notice about suggestions: %v", who, push)
			}
		}
		for _, line := range h.must(200, "GET", "/members/"+h.party.id+"/deliveries?limit=100", token, nil).list("items") {
			if line.text("kind") == "suggestion" {
				h.t.Errorf("%s sees what the author was told: %v", who, line)
			}
		}
	}
}

var timePattern = regexp.MustCompile(`(20\d\d-\d\d-\d\d)[ T](\d\d:\d\d):\d\d`)

// tables reads every row of every table and lays those that tell of the suggestion beside those that tell of the author: by words, by numbers
// and by minutes.
func (h *hidden) tables() {
	h.t.Helper()
	rows := h.rows()
	author := []string{h.party.id, h.party.openID, "周党员", h.party.phone}
	for _, table := range []string{"identities", "sessions"} {
		for _, row := range rows[table] {
			if slices.ContainsFunc(author, func(a string) bool { return strings.Contains(row, a) }) {
				author = append(author, strings.SplitN(row, "\t", 2)[0])
			}
		}
	}
	holds := func(row string, marks []string) bool {
		return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(row, m) })
	}
	about, beside := map[string]string{}, map[string]string{}
	controls := 0
	for table, list := range rows {
		for _, row := range list {
			switch mine, theirs := holds(row, []string{h.id, h.title, h.newFile}), holds(row, author); {
			case mine && theirs:
				h.t.Errorf("a row of %s holds both: %q", table, row)
			case mine:
				if !slices.Contains([]string{"suggestions", "suggestion_steps", "audit_entries", "pushes", "uploads"}, table) {
					h.t.Errorf("%s tells of the suggestion: %q", table, row)
				}
				for _, m := range minutesIn(row) {
					about[m] = table
				}
			case theirs:
				if strings.Contains(row, h.open) {
					controls++
				}
				for _, m := range minutesIn(row) {
					beside[m] = table
				}
			}
		}
	}
	if controls == 0 || len(about) == 0 || len(beside) == 0 {
		h.t.Errorf("the search is blind: %d rows of the open one, %d and %d minutes", controls, len(about), len(beside))
	}
	for minute, table := range about {
		if other, ok := beside[minute]; ok {
			h.t.Errorf("at %s %s tells of the suggestion, and %s of the author", minute, table, other)
		}
	}
}

// minutesIn are the minutes that a row tells.
func minutesIn(row string) (out []string) {
	for _, m := range timePattern.FindAllStringSubmatch(row, -1) {
		out = append(out, m[1]+" "+m[2])
	}
	return out
}

// replays: whoever knows the request, as everybody does who reads the row that it made, must not find it among those kept for repetition, nor find out
// which of them are by one person.
func (h *hidden) replays(rows []string) {
	h.t.Helper()
	body, err := json.Marshal(h.body)
	if err != nil {
		h.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("POST /api/v1/suggestions\n" + string(body)))
	callers := map[string]bool{}
	for _, row := range rows {
		if strings.Contains(row, hex.EncodeToString(sum[:])) || strings.Contains(row, h.id) {
			h.t.Errorf("the request is found among those kept: %q", row)
		}
		callers[strings.SplitN(row, "\t", 2)[0]] = true
	}
	if len(rows) < 2 || len(callers) != len(rows) {
		h.t.Errorf("%d requests by %d callers", len(rows), len(callers))
	}
}

// rows are all rows of all tables.
func (h *hidden) rows() map[string][]string {
	h.t.Helper()
	out := map[string][]string{}
	if url := h.env["DATABASE_URL"]; url != "" {
		h.eachTable(url, func(table string, rows []string) { out[table] = rows })
		return out
	}
	db, err := sql.Open("sqlite", filepath.Join(h.env["DATA_DIR"], "zhibu.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range queryTexts(h.t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%fts%'") {
		out[table] = queryTexts(h.t, db, `SELECT * FROM "`+table+`"`)
	}
	return out
}

// logs: no line tells that a suggestion was written or read, and none of its number, its words or its old file.
func (h *hidden) logs() {
	h.t.Helper()
	lines := strings.Split(h.log.String(), "\n")
	seen := 0
	for _, line := range lines {
		for _, word := range []string{"/suggestions", h.id, h.title, h.oldFile, h.newFile, "key-of-the-suggestion"} {
			if strings.Contains(line, word) {
				h.t.Errorf("the log tells of it: %s", line)
			}
		}
		if strings.Contains(line, "/comments") && strings.Contains(line, h.party.id) {
			seen++
		}
	}
	if seen == 0 {
		h.t.Error("the log holds nothing of what the author did elsewhere, so that the search proves nothing")
	}
}

// pictureBy is a picture into which the camera has written a name.
func pictureBy(t *testing.T, name string) []byte {
	t.Helper()
	plain := picture(t)
	text := append([]byte("tEXtAuthor\x00"), name...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(text)-4))
	chunk = append(chunk, text...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(text))
	const head = 8 + 25 // signature and IHDR
	return bytes.Join([][]byte{plain[:head], chunk, plain[head:]}, nil)
}
