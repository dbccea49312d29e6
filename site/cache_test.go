package site

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func TestCopiesAreMadeOnceAndForgotten(t *testing.T) {
	a := articleNo(1, model.CategoryNews)
	s := newStand(t, a)
	path := "/a/" + a.ID
	for range 3 {
		s.want(s.get(path), 200, "第1篇")
	}
	if n := s.shelf.times("article"); n != 1 {
		t.Errorf("three readers, and the source was asked %d times", n)
	}
	first := s.get(path)
	s.shelf.articles[0].Title = "改过的标题"
	s.want(s.get(path), 200, "第1篇")
	s.now = s.now.Add(5 * time.Second)
	s.site.Forget()
	s.want(s.get(path), 200, "改过的标题", "!第1篇")
	if w := s.get(path, "If-None-Match", first.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("the tag of the version before: %d", w.Code)
	}
	s.want(s.get("/"), 200, "改过的标题")
	s.shelf.articles = nil
	s.site.Forget()
	s.want(s.get(path), 404)
	for _, list := range []string{"/", "/c/news", "/feed.xml", "/sitemap.xml"} {
		s.want(s.get(list), 200, "!改过的标题", "!"+a.ID)
	}
	s.shelf.articles = []Article{a} // published again
	s.want(s.get(path), 200, "第1篇")
	s.shelf.articles[0].Title = "没有听说的修改"
	s.now = s.now.Add(copyLife)
	s.want(s.get(path), 200, "没有听说的修改")
}

// A page that was being made when its article changed reaches only those who had asked before.
func TestNoCopyOfWhatChangedMeanwhile(t *testing.T) {
	a := articleNo(1, model.CategoryNews)
	s := newStand(t, a)
	s.shelf.wait = make(chan struct{})
	done := make(chan string)
	go func() { done <- s.get("/a/" + a.ID).Body.String() }()
	for s.shelf.times("article") == 0 {
		time.Sleep(time.Millisecond)
	}
	s.shelf.mu.Lock()
	wait := s.shelf.wait
	s.shelf.wait, s.shelf.articles = nil, nil // withdrawn while it is read
	s.shelf.mu.Unlock()
	s.site.Forget()
	s.want(s.get("/a/"+a.ID), 404)
	close(wait)
	if body := <-done; !strings.Contains(body, "第1篇") {
		t.Errorf("who had asked before got %s", body)
	}
	s.want(s.get("/a/"+a.ID), 404)
	if len(s.site.copies.kept) != 0 || s.site.copies.weight != 0 {
		t.Errorf("kept %v", s.site.copies.kept)
	}
}

func TestConditionalRequests(t *testing.T) {
	a := articleNo(1, model.CategoryNews)
	s := newStand(t, a)
	for _, path := range []string{"/", "/a/" + a.ID, "/feed.xml", "/sitemap.xml", "/robots.txt", "/c/news"} {
		w := s.get(path)
		tag, modified := w.Header().Get("ETag"), w.Header().Get("Last-Modified")
		if w.Header().Get("Cache-Control") != checked || w.Header().Get("Vary") != "Accept-Encoding" || tag == "" || modified == "" {
			t.Errorf("%s: %v", path, w.Header())
		}
		for _, c := range []struct {
			headers []string
			want    int
		}{
			{[]string{"If-None-Match", tag}, 304},
			{[]string{"If-None-Match", `"x", ` + strings.TrimPrefix(tag, "W/")}, 304},
			{[]string{"If-None-Match", "*"}, 304},
			{[]string{"If-None-Match", `"x"`}, 200},
			{[]string{"If-Modified-Since", modified}, 304},
			{[]string{"If-Modified-Since", s.now.Add(time.Hour).UTC().Format(http.TimeFormat)}, 200}, // not ours
			{[]string{"If-Modified-Since", "yesterday"}, 200},
			{[]string{"If-None-Match", `"x"`, "If-Modified-Since", modified}, 200},
		} {
			got := s.get(path, c.headers...)
			if got.Code != c.want || got.Code == 304 && got.Body.Len() > 0 {
				t.Errorf("%s %v: %d with %d bytes, want %d", path, c.headers, got.Code, got.Body.Len(), c.want)
			}
		}
	}
	// Two versions of one second are told apart by their tags alone.
	s.site.Forget()
	if w := s.get("/"); w.Header().Get("Last-Modified") != "" {
		t.Errorf("made in the second of a change, and dated %s", w.Header().Get("Last-Modified"))
	}
}

func TestEncodingsAndHead(t *testing.T) {
	a := articleNo(1, model.CategoryNews)
	s := newStand(t, a)
	for _, path := range []string{"/", "/a/" + a.ID, "/feed.xml"} {
		plain := s.get(path)
		for accept, packed := range map[string]bool{"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "br": false, "identity, gzip; q=0.0": false} {
			w := s.get(path, "Accept-Encoding", accept)
			body := w.Body.String()
			if w.Header().Get("Content-Length") != fmt.Sprint(len(body)) {
				t.Errorf("%s %s: length %s of %d", path, accept, w.Header().Get("Content-Length"), len(body))
			}
			if packed != (w.Header().Get("Content-Encoding") == "gzip") {
				t.Errorf("%s %s: %v", path, accept, w.Header())
			}
			if packed {
				z, err := gzip.NewReader(strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(z)
				if err != nil {
					t.Fatal(err)
				}
				body = string(b)
			}
			if body != plain.Body.String() {
				t.Errorf("%s %s: another body", path, accept)
			}
		}
		head := s.do(http.MethodHead, path)
		if head.Code != 200 || head.Body.Len() > 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") || head.Header().Get("ETag") != plain.Header().Get("ETag") {
			t.Errorf("HEAD %s: %d %v with %d bytes", path, head.Code, head.Header(), head.Body.Len())
		}
	}
	for _, path := range []string{"/nowhere", "/search?q=x"} {
		if head := s.do(http.MethodHead, path); head.Body.Len() > 0 || head.Header().Get("Content-Length") == "" {
			t.Errorf("HEAD %s: %v with %d bytes", path, head.Header(), head.Body.Len())
		}
	}
	if w := s.do(http.MethodPost, "/"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
}
