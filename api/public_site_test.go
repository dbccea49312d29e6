package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/api"
)

// The public site is asked at its own addresses, and by browsers at addresses that are none; programs get a problem there.
func TestPublicSiteIsMounted(t *testing.T) {
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "its own")
		if r.URL.Path == "/nowhere" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, "page "+r.Method+" "+r.URL.Path)
	})
	options := api.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Site: site, SitePaths: []string{"/{$}", "/a/{id}", "/c/{category}/feed.xml"}}
	with := api.New(api.Rooms{}, options)
	options.Site = nil
	without := api.New(api.Rooms{}, options)
	for _, c := range []struct {
		method, path, accept string
		status               int
		body                 string
	}{
		{"GET", "/", "", 200, "page GET /"},
		{"GET", "/a/1", "application/json", 200, "page GET /a/1"},
		{"GET", "/c/law/feed.xml", "", 200, "page"},
		{"HEAD", "/a/1", "", 200, ""},
		{"GET", "/nowhere", "text/html,*/*;q=0.8", 404, "page GET /nowhere"},
		{"GET", "/nowhere", "", 404, `"not_found"`},
		{"GET", "/nowhere", "application/json", 404, `"not_found"`},
		{"POST", "/nowhere", "text/html", 404, `"not_found"`},
		{"GET", "/api/v1/nowhere", "text/html", 404, `"not_found"`},
		{"GET", "/files/x", "text/html", 404, `"not_found"`},
		{"POST", "/", "text/html", 405, `"method_not_allowed"`},
		{"GET", "/healthz", "text/html", 200, `"ok"`},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		with.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s for %q: %d %s", c.method, c.path, c.accept, w.Code, w.Body)
		}
		if own := w.Header().Get("Content-Security-Policy") == "its own"; own != strings.HasPrefix(c.body, "page") && c.method != "HEAD" {
			t.Errorf("%s %s: policy %v", c.method, c.path, w.Header())
		}
	}
	w := httptest.NewRecorder()
	if without.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)); w.Code != 404 {
		t.Errorf("without a site: %d", w.Code)
	}
}
