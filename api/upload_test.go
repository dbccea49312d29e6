package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"zhibu/model"
)

// uploadBody is a multipart body with one file part of this field.
func uploadBody(t *testing.T, field, name string, content []byte) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err := w.WriteField("note", "before the file")
	if err == nil {
		var part io.Writer
		if part, err = w.CreateFormFile(field, name); err == nil {
			_, err = part.Write(content)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func (h *commentHouse) send(who, contentType string, body []byte, header ...string) *httptest.ResponseRecorder {
	h.Helper()
	req := httptest.NewRequest("POST", "/api/v1/uploads", bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	if who != "stranger" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

type uploadAnswer struct {
	ID, URL, Name, MIME, SHA256, Code string
	Size                              int64
	Width, Height                     int
	Fields                            []model.Field
}

func (h *commentHouse) upload(who, name string, content []byte) (int, uploadAnswer) {
	h.Helper()
	contentType, body := uploadBody(h.T, "file", name, content)
	w := h.send(who, contentType, body)
	var out uploadAnswer
	h.must(json.Unmarshal(w.Body.Bytes(), &out))
	return w.Code, out
}

// fetch asks for a file by its address.
func (h *commentHouse) fetch(who, method, address string, header ...string) *httptest.ResponseRecorder {
	h.Helper()
	req := httptest.NewRequest(method, address, nil)
	if who != "stranger" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

var uploadPDF = []byte("%PDF-1.7\n" + strings.Repeat("0123456789", 100))

func TestUploadOverHTTP(t *testing.T) {
	h := newCommentHouse(t)
	var pic bytes.Buffer
	h.must(png.Encode(&pic, image.NewGray(image.Rect(0, 0, 3, 2))))
	for _, c := range []struct {
		who, name string
		content   []byte
		status    int
		code      string
		field     string
	}{
		{"member", "通知.pdf", uploadPDF, 201, "", ""},
		{"member", "图.png", pic.Bytes(), 201, "", ""},
		{"visitor", "通知.pdf", uploadPDF, 403, "not_bound", ""},
		{"stranger", "通知.pdf", uploadPDF, 401, "unauthenticated", ""},
		{"member", "p.jpg", []byte("<html><script>1</script>"), 415, "unsupported_media_type", ""},
		{"member", "p.pdf", append(bytes.Clone(uploadPDF), make([]byte, 1<<20)...), 413, "payload_too_large", ""},
		{"member", "p.pdf", append(bytes.Clone(uploadPDF), make([]byte, 3<<20)...), 413, "payload_too_large", ""},
		{"member", "p.pdf", nil, 422, "validation_failed", "empty"},
		{"member", "机密.pdf", uploadPDF, 422, "validation_failed", "classified_name"},
		{"member", "../../内部资料（一）.pdf", uploadPDF, 422, "validation_failed", "classified_name"},
	} {
		status, out := h.upload(c.who, c.name, c.content)
		if status != c.status || out.Code != c.code {
			t.Errorf("%s, %s: %d %+v, want %d %s", c.who, c.name, status, out, c.status, c.code)
		}
		if c.field != "" && (len(out.Fields) != 1 || out.Fields[0].Field != "file" || out.Fields[0].Code != c.field) {
			t.Errorf("%s: %+v, want %s", c.name, out.Fields, c.field)
		}
		if status == 201 && (out.Name != c.name || len(out.SHA256) != 64 || out.Size == 0 || !strings.HasPrefix(out.URL, "/files/"+out.ID+"/")) {
			t.Errorf("%s: %+v", c.name, out)
		}
		if strings.HasSuffix(c.name, ".png") && (out.Width != 3 || out.Height != 2) {
			t.Errorf("%s: %+v", c.name, out)
		}
	}
	contentType, body := uploadBody(t, "document", "a.pdf", uploadPDF)
	for _, c := range []struct {
		contentType string
		body        []byte
		status      int
		part        string
	}{
		{contentType, body, 422, `"field":"file","code":"required"`},
		{"application/json", []byte(`{}`), 415, `"unsupported_media_type"`},
		{contentType, body[:len(body)/2], 400, `"malformed_json"`},
		{"multipart/form-data", body, 415, ""},
	} {
		if w := h.send("member", c.contentType, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.part) || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %s, want %d", c.contentType, w.Code, w.Body, c.status)
		}
	}
	cutType, cut := uploadBody(t, "file", "a.pdf", uploadPDF)
	if w := h.send("member", cutType, cut[:len(cut)-200]); w.Code != 400 {
		t.Errorf("half a file: %d %s", w.Code, w.Body)
	}
}

func TestUploadTwiceUnderOneKey(t *testing.T) {
	h := newCommentHouse(t)
	var ids []string
	for range 2 { // a client makes another boundary each time
		contentType, body := uploadBody(t, "file", "a.pdf", uploadPDF)
		w := h.send("member", contentType, body, "Idempotency-Key", "k1")
		var out uploadAnswer
		h.must(json.Unmarshal(w.Body.Bytes(), &out))
		if w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		ids = append(ids, out.ID)
	}
	if mine, err := h.store.UploadsOf(h.ctx, "member"); err != nil || len(mine) != 1 || ids[0] != ids[1] {
		t.Errorf("%d files of %v (%v)", len(mine), ids, err)
	}
}

func TestFilePermissions(t *testing.T) {
	h := newCommentHouse(t)
	_, u := h.upload("author", "通知 一.pdf", uploadPDF)
	plain := strings.SplitN(u.URL, "?", 2)[0]
	everybody := []string{"author", "member", "leader", "moderator", "office", "neighbour", "neighbour-moderator", "visitor", "stranger"}
	sees := func(what string, want ...string) {
		t.Helper()
		for _, who := range everybody {
			w, status := h.fetch(who, "GET", plain), 404
			for _, name := range want {
				if name == who {
					status = 200
				}
			}
			if w.Code != status || (status == 200) != bytes.Equal(w.Body.Bytes(), uploadPDF) {
				t.Errorf("%s: the %s gets %d", what, who, w.Code)
			}
		}
	}
	use := func(id string) {
		t.Helper()
		h.must(h.store.SetArticleFiles(h.ctx, id, []model.ArticleFile{{ArticleID: id, Role: model.FileAttachment, UploadID: u.ID}}))
	}
	sees("used by nothing", "author")
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	use("news")
	sees("used by the branch's text", "author", "member", "leader", "moderator", "office")
	h.article("inner", "/r/c/", model.CategoryNews, model.VisibleCommittee)
	use("inner")
	sees("used by the neighbours' committee too", "author", "member", "leader", "moderator", "office", "neighbour-moderator")
	h.article("open", "/r/", model.CategoryTheory, model.VisiblePublic)
	use("open")
	sees("used by a public text", everybody...)
	if w := h.fetch("member", "GET", "/files/unknown/a.pdf"); w.Code != 404 || !strings.Contains(w.Body.String(), `"not_found"`) {
		t.Errorf("an unknown file: %d %s", w.Code, w.Body)
	}
}

func TestSignedFileAddresses(t *testing.T) {
	h := newCommentHouse(t)
	_, u := h.upload("author", "通知.pdf", uploadPDF)
	_, other := h.upload("author", "另.pdf", uploadPDF)
	at, err := url.Parse(u.URL)
	h.must(err)
	with := func(id, e, s string) string {
		return "/files/" + id + "/x.pdf?" + url.Values{"e": {e}, "s": {s}}.Encode()
	}
	e, s := at.Query().Get("e"), at.Query().Get("s")
	tampered := "A" + s[1:]
	if s[0] == 'A' {
		tampered = "B" + s[1:]
	}
	for what, c := range map[string]struct {
		address string
		status  int
	}{
		"as given":            {u.URL, 200},
		"under another name":  {with(u.ID, e, s), 200},
		"for another file":    {with(other.ID, e, s), 404},
		"for longer":          {with(u.ID, e+"0", s), 404},
		"with a changed sign": {with(u.ID, e, tampered), 404},
		"with half a sign":    {with(u.ID, e, s[:8]), 404},
		"without a sign":      {with(u.ID, e, ""), 404},
		"with a silly end":    {with(u.ID, "soon", s), 404},
	} {
		if w := h.fetch("stranger", "GET", c.address); w.Code != c.status {
			t.Errorf("%s: %d, want %d", what, w.Code, c.status)
		}
	}
	h.now = model.FileLinkExpiry(h.now)
	if w := h.fetch("stranger", "GET", u.URL); w.Code != 404 {
		t.Errorf("after its end: %d", w.Code)
	}
	if w := h.fetch("author", "GET", u.URL); w.Code != 200 {
		t.Errorf("the owner needs no live address: %d", w.Code)
	}
}

func TestFileHeadersAndParts(t *testing.T) {
	h := newCommentHouse(t)
	_, u := h.upload("author", `通知"一" 100%.pdf`, uploadPDF)
	w := h.fetch("stranger", "GET", u.URL)
	for k, want := range map[string]string{
		"ETag": `"` + u.SHA256 + `"`, "Cache-Control": "private, max-age=86400", "Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": `inline; filename="__ _ 100_.pdf"; filename*=UTF-8''%E9%80%9A%E7%9F%A5%20%E4%B8%80%20100%25.pdf`,
		"Content-Length":      fmt.Sprint(len(uploadPDF)), "Accept-Ranges": "bytes",
	} {
		if got := w.Header().Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	if p := w.Header().Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "script-src") {
		t.Errorf("policy %q", p)
	}
	for _, c := range []struct {
		method string
		header []string
		status int
		body   string
	}{
		{"HEAD", nil, 200, ""},
		{"GET", []string{"Range", "bytes=0-4"}, 206, "%PDF-"},
		{"GET", []string{"Range", "bytes=-3"}, 206, "789"},
		{"GET", []string{"Range", "bytes=99999-"}, 416, ""},
		{"GET", []string{"If-None-Match", `"` + u.SHA256 + `"`}, 304, ""},
		{"GET", []string{"If-None-Match", `W/"` + u.SHA256 + `"`}, 304, ""},
		{"GET", []string{"If-None-Match", `"another"`}, 200, string(uploadPDF)},
		{"POST", nil, 405, ""},
	} {
		w := h.fetch("stranger", c.method, u.URL, c.header...)
		if w.Code != c.status || (c.status < 400 && w.Body.String() != c.body) {
			t.Errorf("%s %v: %d with %d bytes, want %d", c.method, c.header, w.Code, w.Body.Len(), c.status)
		}
	}
	var pic bytes.Buffer
	h.must(png.Encode(&pic, image.NewGray(image.Rect(0, 0, 3, 2))))
	_, p := h.upload("author", "图.png", pic.Bytes())
	if w := h.fetch("stranger", "GET", p.URL); !strings.HasPrefix(w.Header().Get("Content-Disposition"), "inline") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a picture is shown with %v", w.Header())
	}
}

func TestUploadIsInTheReference(t *testing.T) {
	h := newCommentHouse(t)
	req := httptest.NewRequest(http.MethodGet, "/openapi.json", nil)
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct {
					Schema struct{ Required []string }
				}
			}
			Responses map[string]any
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	h.must(json.Unmarshal(w.Body.Bytes(), &doc))
	up := doc.Paths["/api/v1/uploads"]["post"]
	if got := up.RequestBody.Content["multipart/form-data"].Schema.Required; len(got) != 1 || got[0] != "file" || up.Responses["201"] == nil || up.Responses["413"] == nil || up.Responses["415"] == nil {
		t.Errorf("uploads are described as %+v", up)
	}
	var names []string
	for _, p := range doc.Paths["/api/v1/articles/{id}/comments"]["get"].Parameters {
		names = append(names, p.In+" "+p.Name)
	}
	if all := strings.Join(names, ", "); !strings.Contains(all, "path id") || !strings.Contains(all, "query limit") || !strings.Contains(all, "query cursor") {
		t.Errorf("the list of comments takes %s", all)
	}
	for schema, fields := range map[string]string{
		"CommentView": "id author content reply_to state created_at likes liked", "ModeratedView": "id author content reply_to state created_at likes article held_because reason",
		"CommentsView": "items next_cursor open", "UploadView": "id url name size mime sha256",
	} {
		for _, f := range strings.Fields(fields) {
			if doc.Components.Schemas[schema].Properties[f] == nil {
				t.Errorf("%s lacks %s", schema, f)
			}
		}
	}
}

// uploadForm is a multipart body of fields and files, in this order: "field=value" or "file:name".
func uploadForm(t *testing.T, parts ...string) (contentType string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		var err error
		if name, ok := strings.CutPrefix(p, "file:"); ok {
			var part io.Writer
			if part, err = w.CreateFormFile("file", name); err == nil {
				_, err = part.Write(uploadPDF)
			}
		} else {
			field, value, _ := strings.Cut(p, "=")
			err = w.WriteField(field, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

func TestUploadsAreAskedWhetherTheyMayBePublic(t *testing.T) {
	h := newCommentHouse(t)
	for _, c := range []struct {
		parts  []string
		status int
		part   string
	}{
		{[]string{"disclosure=public", "file:a.pdf"}, 201, `"check":"none"`},
		{[]string{"file:a.pdf", "disclosure=public"}, 201, ""},
		{[]string{"disclosure=internal", "file:a.pdf"}, 422, `"field":"disclosure","code":"internal"`},
		{[]string{"file:a.pdf", "disclosure=internal"}, 422, `"field":"disclosure","code":"internal"`},
		{[]string{"disclosure=maybe", "file:a.pdf"}, 422, `"field":"disclosure","code":"not_allowed"`},
		{[]string{"disclosure=internal", "file:绝密.pdf"}, 422, `"field":"file","code":"classified_name"`},
		{[]string{"file:a.pdf", "file:b.pdf"}, 422, `"field":"file","code":"too_many"`},
		{[]string{"disclosure=public"}, 422, `"field":"file","code":"required"`},
	} {
		contentType, body := uploadForm(t, c.parts...)
		if w := h.send("member", contentType, body); w.Code != c.status || !strings.Contains(w.Body.String(), c.part) {
			t.Errorf("%v: %d %s, want %d %s", c.parts, w.Code, w.Body, c.status, c.part)
		}
	}
	if mine, err := h.store.UploadsOf(h.ctx, "member"); err != nil || len(mine) != 2 {
		t.Errorf("%d files are kept (%v)", len(mine), err)
	}
}

func TestSmallerPicturesOverHTTP(t *testing.T) {
	h := newCommentHouse(t)
	img := image.NewNRGBA(image.Rect(0, 0, 900, 30))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32()) | 0x80
	}
	var pic bytes.Buffer
	h.must(png.Encode(&pic, img))
	_, u := h.upload("author", "图.png", pic.Bytes())
	width := func(query string, header ...string) (int, string) {
		t.Helper()
		w := h.fetch("stranger", "GET", u.URL+query, header...)
		if w.Code != 200 {
			return w.Code, w.Header().Get("ETag")
		}
		c, err := png.DecodeConfig(w.Body)
		h.must(err)
		return c.Width, w.Header().Get("ETag")
	}
	tags := map[string]bool{}
	for query, want := range map[string]int{"": 900, "&w=240": 240, "&w=1": 240, "&w=750": 750, "&w=751": 900, "&w=odd": 900, "&w=-1": 900} {
		got, tag := width(query)
		if got != want {
			t.Errorf("%q: %d wide, want %d", query, got, want)
		}
		tags[tag] = true
		if again, _ := width(query, "If-None-Match", tag); again != 304 {
			t.Errorf("%q: asked again it answers %d", query, again)
		}
	}
	if len(tags) != 3 {
		t.Errorf("three pictures have %d tags", len(tags))
	}
	h.expect(200, "author", "GET", "/uploads/"+u.ID, "", `"widths":[240,750]`, `"check":"none"`)
	h.expect(404, "member", "GET", "/uploads/"+u.ID, "")
	h.expect(200, "moderator", "GET", "/uploads/"+u.ID, "")
	h.expect(422, "moderator", "POST", "/uploads/"+u.ID+"/moderate", `{"action":"hide"}`, `"field":"reason"`)
	h.expect(403, "author", "POST", "/uploads/"+u.ID+"/moderate", `{"action":"hide","reason":"r"}`)
	h.expect(404, "neighbour-moderator", "POST", "/uploads/"+u.ID+"/moderate", `{"action":"hide","reason":"r"}`)
	h.expect(200, "moderator", "POST", "/uploads/"+u.ID+"/moderate", `{"action":"hide","reason":"含有患者隐私"}`, `"check":"refused"`, "含有患者隐私")
	if w := h.fetch("stranger", "GET", u.URL); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a refused picture: %d %s", w.Code, w.Header().Get("Cache-Control"))
	}
	h.expect(200, "moderator", "GET", "/moderation/files?state=refused", "", u.ID)
	h.expect(200, "neighbour-moderator", "GET", "/moderation/files?state=refused", "", "!"+u.ID)
	h.expect(422, "moderator", "GET", "/moderation/files?state=odd", "", `"field":"state"`)
}
