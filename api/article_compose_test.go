package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// written writes an article as somebody, and gives its id.
func (h *articleHouse) written(token, body string) string {
	h.Helper()
	return h.field(h.want(token, "POST", "/articles", body, 201, `"status":"draft"`, ""), "id")
}

func TestAssessingOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	id := h.written("office", `{"org_id":"r","category":"news","title":"关于学习的通知","body_markdown":"请各支部学习。","visibility":"members","doc_no":"学会发[2026]第08号"}`)
	h.want("office", "POST", "/articles/"+id+"/publish", "", 200, `"doc_no":"学会发〔2026〕8号"`, "")
	body := `{"org_id":"b","category":"central","title":"关于学习的通知","body_html":"<p style='mso-bidi-font-size:1pt'>` + strings.Repeat("学习贯彻精神", 300) + `<o:p></o:p></p>","doc_no":"学会发（2026）8号"}`
	w := h.want("secretary", "POST", "/articles/assess", body, 200, `"reading_minutes":5`, "mso")
	for _, want := range []string{
		`"chars":1800`, `"doc_no":"学会发〔2026〕8号"`, `"budget":{"month":"2026-11","minutes":60,"used":0,"own":0,"above":0,"left":60}`,
		`"faults":[{"field":"source.name"`, `超过 3 分钟`, `"why":["文号相同","标题相同"]`, `"relayable":true`, `已有同类内容`, `可以转发`, `"id":"` + id + `"`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in %s", want, w.Body)
		}
	}
	h.want("secretary", "GET", "/articles?q=关于学习", "", 200, `"items":[]`, "") // nothing was kept
	h.want("member", "POST", "/articles/assess", body, 403, `"code":"forbidden"`, "")
	h.want("neighbour-secretary", "POST", "/articles/assess", body, 404, `"code":"not_found"`, "心肺")
	h.want("", "POST", "/articles/assess", body, 401, `"unauthenticated"`, "")
	h.want("secretary", "POST", "/articles/assess", `{"title":"x"}`, 422, `"field":"org_id"`, "")
	h.want("secretary", "POST", "/articles/assess", `{"org_id":"b"}`, 200, `"field":"title"`, "")
}

// Pictures in a pasted text make it larger than any other body; what others send is not let in that large.
func TestPasteWithPicturesIsTaken(t *testing.T) {
	h := newArticleHouse(t)
	picture := strings.Repeat("QUJD", 700_000)
	body := `{"org_id":"b","category":"news","title":"图","body_html":"<p>字<img src='data:image/png;base64,` + picture + `'></p>"}`
	h.want("secretary", "POST", "/articles/assess", body, 200, `"body_html":"<p>字`, "")
	id := h.written("secretary", body)
	h.want("secretary", "PATCH", "/articles/"+id, `{"body_html":"<p>词<img src='data:image/png;base64,`+picture+`'></p>"}`, 200, `"body_html":"<p>词</p>"`, picture)
	h.want("secretary", "POST", "/articles/"+id+"/relay", `{"org_id":"b","note":"`+picture+`"}`, 413, "payload_too_large", "")
	h.want("secretary", "POST", "/articles", `{"title":"`+strings.Repeat(picture, 5)+`"}`, 413, "payload_too_large", "")
}

func TestCorrectingOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	id := h.written("secretary", `{"org_id":"b","category":"news","title":"会议","body_markdown":"周五开会。","visibility":"public"}`)
	edit := func(tag, body string, status int, holds string) {
		t.Helper()
		if w := h.call("secretary", "PATCH", "/articles/"+id, body, "If-Match", tag); w.Code != status || !strings.Contains(w.Body.String(), holds) {
			t.Errorf("%s with %s: %d %s", body, tag, w.Code, w.Body)
		}
	}
	edit(`"v1"`, `{"correction":"写错了"}`, 422, `"field":"correction"`)
	if w := h.call("secretary", "POST", "/articles/"+id+"/publish", "", "If-Match", `"v9"`); w.Code != 412 || !strings.Contains(w.Body.String(), "edit_conflict") {
		t.Errorf("publishing what was not read: %d %s", w.Code, w.Body)
	}
	if w := h.call("secretary", "POST", "/articles/"+id+"/publish", "", "If-Match", `"v1"`); w.Code != 200 {
		t.Errorf("publishing: %d %s", w.Code, w.Body)
	}
	edit(`"v1"`, `{"body_markdown":"周六开会。","correction":"会议改在周六。"}`, 200, `"corrections":[{"text":"会议改在周六。","at":"2026-11-23T19:00:00+08:00"}]`)
	edit(`"v1"`, `{"title":"旧"}`, 412, "edit_conflict")
	h.want("", "GET", "/articles/"+id, "", 200, `"corrections":[{"text":"会议改在周六。"`, "notes")
	h.want("secretary", "GET", "/articles/"+id+"/revisions/2/diff", "", 200, `{"field":"body","kind":"changed","was":"周五开会。","is":"周六开会。"}`, "")
	h.want("secretary", "GET", "/articles/"+id+"/revisions/2/diff", "", 200, `"against":1`, "")
	h.want("secretary", "GET", "/articles/"+id+"/revisions", "", 200, `"correction":"会议改在周六。"`, "")
	h.want("secretary", "GET", "/articles/"+id+"/revisions/3/diff", "", 404, "not_found", "")
	h.want("secretary", "GET", "/articles/"+id+"/revisions/0/diff", "", 422, "version", "")
	h.want("member", "GET", "/articles/"+id+"/revisions/2/diff", "", 403, "forbidden", "周五")
	if w := h.call("secretary", "POST", "/articles/"+id+"/withdraw", "", "If-Match", `"v1"`); w.Code != 412 {
		t.Errorf("withdrawing what was not read: %d %s", w.Code, w.Body)
	}
	draft := h.written("secretary", `{"org_id":"b","category":"news","title":"稿","body_markdown":"稿"}`)
	if w := h.call("secretary", "DELETE", "/articles/"+draft, "", "If-Match", `"v2"`); w.Code != 412 {
		t.Errorf("deleting what was not read: %d %s", w.Code, w.Body)
	}
	if w := h.call("secretary", "DELETE", "/articles/"+draft, "", "If-Match", `"v1"`); w.Code != 204 {
		t.Errorf("deleting: %d %s", w.Code, w.Body)
	}
}

func TestPassingOnOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	id := h.written("office", `{"org_id":"r","category":"news","title":"学会要闻","body_markdown":"要闻。","visibility":"party"}`)
	h.want("office", "POST", "/articles/"+id+"/publish", "", 200, "", "")
	h.now = h.now.Add(time.Minute)
	h.want("member", "GET", "/feed", "", 200, "学会要闻", "relay")
	h.want("secretary", "POST", "/articles/"+id+"/relay", `{"org_id":"b","note":"请党员同志阅读"}`, 201, `"org":{"id":"b","name":"心肺康复支部"},"note":"请党员同志阅读"`, "")
	h.want("member", "GET", "/feed", "", 200, `"relay":{"org":{"id":"b","name":"心肺康复支部"},"note":"请党员同志阅读","at":"2026-11-23T19:01:00+08:00"}`, "")
	h.want("layman", "GET", "/feed", "", 200, `"items":[]`, "要闻")
	h.want("neighbour", "GET", "/feed", "", 200, "学会要闻", "relay")
	h.want("secretary", "POST", "/articles/"+id+"/relay", `{"org_id":"b","note":"`+strings.Repeat("长", 101)+`"}`, 422, `"field":"note"`, "")
	h.want("secretary", "POST", "/articles/"+id+"/relay", `{"org_id":"c"}`, 404, "not_found", "儿童")
	h.want("layman", "GET", "/articles/"+id+"/related", "", 404, "not_found", "")
	h.want("member", "GET", "/articles/"+id+"/related", "", 200, `"items":[]`, "")
	h.want("secretary", "DELETE", "/articles/"+id+"/relay?org_id=b", "", 204, "", "")
	h.want("secretary", "DELETE", "/articles/"+id+"/relay", "", 422, `"field":"org_id"`, "")
	h.want("member", "GET", "/feed", "", 200, "学会要闻", "relay")
}

func TestForYouOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	for _, body := range []string{
		`{"org_id":"b","category":"news","title":"新","body_markdown":"新"}`,
		`{"org_id":"r","category":"theory","title":"必学","body_markdown":"必学","required":true,"due_at":"2026-11-30T21:00:00+08:00"}`,
	} {
		h.want("office", "POST", "/articles/"+h.written("office", body)+"/publish", "", 200, "", "")
	}
	w := h.want("member", "GET", "/feed/for-you", "", 200, `"why":"required"`, "")
	var out struct {
		Items []struct {
			Title string `json:"title"`
			Why   string `json:"why"`
		} `json:"items"`
	}
	h.must(json.Unmarshal(w.Body.Bytes(), &out))
	if len(out.Items) != 2 || out.Items[0].Title != "必学" || out.Items[1].Why != "new" {
		t.Errorf("%+v", out)
	}
	h.want("neighbour", "GET", "/feed/for-you", "", 200, "必学", `"title":"新"`)
	h.want("", "GET", "/feed/for-you", "", 401, "unauthenticated", "")
	h.want("visitor", "GET", "/feed/for-you", "", 403, "not_bound", "")
}

func TestStudyRecordAsADocument(t *testing.T) {
	h := newArticleHouse(t)
	for _, title := range []string{"深入学习贯彻党的二十届四中全会精神", "康复服务行：县医院义诊纪实"} {
		id := h.written("office", `{"org_id":"b","category":"theory","title":"`+title+`","body_markdown":"正文。","reading_minutes":3}`)
		h.want("office", "POST", "/articles/"+id+"/publish", "", 200, "", "")
		h.want("member", "POST", "/articles/"+id+"/reads", `{"percent":100}`, 200, "", "")
		h.want("member", "PUT", "/articles/"+id+"/claim", `{"studied_on":"2026-11-02","where":"医院"}`, 200, "", "")
	}
	w := h.want("member", "GET", "/me/study.pdf?year=2026", "", 200, "%PDF-", "")
	if w.Header().Get("Content-Type") != "application/pdf" || !strings.Contains(w.Header().Get("Content-Disposition"), "UTF-8''2026%20") || !strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("headers %v", w.Header())
	}
	if !bytes.Contains(w.Body.Bytes(), []byte("%%EOF")) {
		t.Error("the document has no end")
	}
	if at := os.Getenv("ZHIBU_TEST_PDF"); at != "" { // to look at
		h.must(os.WriteFile(at, w.Body.Bytes(), 0o600))
	}
	h.want("layman", "GET", "/me/study.pdf", "", 200, "%PDF-", "")
	h.want("member", "GET", "/me/study.pdf?year=1", "", 422, `"field":"year"`, "")
	h.want("", "GET", "/me/study.pdf", "", 401, "unauthenticated", "")
	h.want("visitor", "GET", "/me/study.pdf", "", 403, "not_bound", "")
}

// What is read most is compressed once, for clients that take it, and known by one tag in both forms.
func TestFeedIsPackedForWhoTakesIt(t *testing.T) {
	h := newArticleHouse(t)
	for range 6 {
		id := h.written("office", `{"org_id":"b","category":"news","title":"`+strings.Repeat("长标题", 20)+`","body_markdown":"`+strings.Repeat("正文。", 60)+`"}`)
		h.want("office", "POST", "/articles/"+id+"/publish", "", 200, "", "")
	}
	plain := h.want("member", "GET", "/feed", "", 200, "长标题", "")
	packed := h.call("member", "GET", "/feed", "", "Accept-Encoding", "br;q=1, gzip;q=0.8")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Vary") != "Accept-Encoding" || packed.Body.Len() >= plain.Body.Len()/2 {
		t.Errorf("%v, %d bytes of %d", packed.Header(), packed.Body.Len(), plain.Body.Len())
	}
	z, err := gzip.NewReader(packed.Body)
	h.must(err)
	body, err := io.ReadAll(z)
	h.must(err)
	if string(body) != plain.Body.String() {
		t.Error("unpacked it is another")
	}
	if tag := packed.Header().Get("ETag"); tag != "W/"+plain.Header().Get("ETag") || h.call("member", "GET", "/feed", "", "If-None-Match", tag).Code != 304 {
		t.Errorf("the tag %s", tag)
	}
	for _, header := range []string{"", "br", "gzip;q=0", "gzip; q=0.0", "identity"} {
		if w := h.call("member", "GET", "/feed", "", "Accept-Encoding", header); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%q gets it packed", header)
		}
	}
}
