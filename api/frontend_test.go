package api_test

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"zhibu/api"
)

func newFrontend(t *testing.T) http.Handler {
	t.Helper()
	files := fstest.MapFS{
		"index.html":       {Data: []byte(`<meta property="csp-nonce" nonce="__CSP_NONCE__"><script src="/console/assets/a-1.js" nonce="__CSP_NONCE__"></script>`)},
		"assets/a-1.js":    {Data: []byte(strings.Repeat("let a = 1;\n", 100))},
		"assets/_b-2.css":  {Data: []byte("b{}")},
		"assets/p-3.woff2": {Data: []byte("font")},
		"favicon.svg":      {Data: []byte("<svg/>")},
	}
	return api.New(api.Rooms{}, api.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Frontends: []api.Frontend{{Path: "/console/", Files: files}}})
}

func frontendGet(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFrontend(t *testing.T) {
	h := newFrontend(t)
	for _, c := range []struct {
		path   string
		status int
		kind   string
		cache  string
		holds  string
	}{
		{"/console", 301, "", "", ""},
		{"/console/", 200, "text/html", "no-store", "csp-nonce"},
		{"/console/index.html", 200, "text/html", "no-store", "csp-nonce"},
		{"/console/meetings/0190-abc/host?org=1", 200, "text/html", "no-store", "csp-nonce"}, // the client's own addresses
		{"/console/assets/a-1.js", 200, "text/javascript", "public, max-age=31536000, immutable", "let a"},
		{"/console/assets/_b-2.css", 200, "text/css", "public, max-age=31536000, immutable", "b{}"},
		{"/console/favicon.svg", 200, "image/svg+xml", "no-cache", "<svg/>"},
		{"/console/assets/a-0.js", 404, "application/problem+json", "", "not_found"},
		{"/console/assets/", 404, "application/problem+json", "", "not_found"},
		{"/console/missing.png", 404, "application/problem+json", "", "not_found"},
		{"/console/../../etc/passwd", 200, "text/html", "no-store", "csp-nonce"},
	} {
		w := frontendGet(h, c.path)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s: %d %s %s", c.path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if c.cache != "" && w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: Cache-Control %q", c.path, w.Header().Get("Cache-Control"))
		}
	}
}

func TestFrontendNonceIsFreshAndScriptsComeFromFiles(t *testing.T) {
	h := newFrontend(t)
	seen := map[string]bool{}
	for range 3 {
		w := frontendGet(h, "/console/")
		csp := w.Header().Get("Content-Security-Policy")
		m := regexp.MustCompile(`style-src 'self' 'nonce-([\w-]{20,})'`).FindStringSubmatch(csp)
		if m == nil || seen[m[1]] {
			t.Fatalf("no fresh nonce: %s", csp)
		}
		seen[m[1]] = true
		if strings.Contains(w.Body.String(), "__CSP_NONCE__") || strings.Count(w.Body.String(), m[1]) != 2 {
			t.Errorf("the page lacks the nonce: %s", w.Body)
		}
		if !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("scripts may be inline: %s", csp)
		}
	}
}

func TestFrontendIsPackedAndKept(t *testing.T) {
	h := newFrontend(t)
	w := frontendGet(h, "/console/assets/a-1.js", "Accept-Encoding", "br, gzip")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" || w.Body.Len() > 200 {
		t.Fatalf("not packed: %v, %d bytes", w.Header(), w.Body.Len())
	}
	r, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || !strings.HasPrefix(string(b), "let a = 1;") {
		t.Errorf("unpacked: %v", err)
	}
	if again := frontendGet(h, "/console/assets/a-1.js", "Accept-Encoding", "gzip", "If-None-Match", w.Header().Get("ETag")); again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("sent again: %d", again.Code)
	}
	if plain := frontendGet(h, "/console/assets/a-1.js"); plain.Header().Get("Content-Encoding") != "" || plain.Header().Get("ETag") == w.Header().Get("ETag") {
		t.Errorf("plain: %v", plain.Header())
	}
}
