package site

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
)

// shelf is a source in memory, which counts how often it is asked.
type shelf struct {
	mu       sync.Mutex
	society  string
	articles []Article // the newest first
	asked    map[string]int
	err      error
	wait     chan struct{} // where set, Article waits for it to close
}

func (s *shelf) ask(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[what]++
	return s.err
}

func (s *shelf) times(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[what]
}

func (s *shelf) Society(context.Context) (string, error) { return s.society, s.ask("society") }

func (s *shelf) List(_ context.Context, c model.Category, p model.Page) (items []Item, next string, err error) {
	after := ""
	if _, err := model.ReadCursor(p.Cursor, "shelf", &after); err != nil {
		return nil, "", err
	}
	for _, pinned := range []bool{true, false} {
		for _, a := range s.articles {
			if a.Pinned == pinned && (c == "" || a.Category == c) {
				items = append(items, a.Item)
			}
		}
	}
	if i := slices.IndexFunc(items, func(i Item) bool { return i.ID == after }); i >= 0 {
		items = items[i+1:]
	}
	if len(items) > p.Size() {
		items = items[:p.Size()]
		next = model.Cursor("shelf", items[len(items)-1].ID)
	}
	return items, next, s.ask("list")
}

func (s *shelf) Article(_ context.Context, id string) (*Article, error) {
	if err := s.ask("article"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.articles, func(a Article) bool { return a.ID == id })
	var a Article
	if i >= 0 {
		a = s.articles[i]
	}
	wait := s.wait
	s.mu.Unlock()
	if wait != nil {
		<-wait
	}
	if i < 0 {
		return nil, model.NotFound("这篇文章")
	}
	return &a, nil
}

func (s *shelf) Search(_ context.Context, query string, _ model.Page) (hits []Hit, next string, err error) {
	for _, a := range s.articles {
		if strings.Contains(a.Title, query) {
			hits = append(hits, Hit{Item: a.Item, Highlight: "<em>" + html.EscapeString(query) + "</em>&lt;i&gt;"})
		}
	}
	return hits, "", s.ask("search")
}

func (s *shelf) After(_ context.Context, id string, limit int) (list []Address, last string, err error) {
	sorted := slices.Clone(s.articles)
	slices.SortFunc(sorted, func(a, b Article) int { return strings.Compare(a.ID, b.ID) })
	for _, a := range sorted {
		if a.ID > id && len(list) < limit {
			list = append(list, Address{a.ID, a.Updated})
		}
	}
	if len(list) == limit {
		last = list[limit-1].ID
	}
	return list, last, s.ask("after")
}

func (s *shelf) Notice() Notice {
	return Notice{Version: "1", Title: "告知书", BodyHTML: "<p>我们如何处理信息</p>"}
}

// stand is a site over a shelf, with a clock that can be moved.
type stand struct {
	*testing.T
	shelf *shelf
	site  *Site
	now   time.Time
}

func newStand(t *testing.T, articles ...Article) *stand {
	t.Helper()
	s := &stand{T: t, shelf: &shelf{society: "康复医学会", articles: articles}, now: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)}
	s.site = New(s.shelf, Options{PublicURL: "https://party.example.org", Clock: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler)})
	return s
}

// get makes a request; headers come in pairs.
func (s *stand) get(path string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	return s.do(http.MethodGet, path, headers...)
}

func (s *stand) do(method, path string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.site.ServeHTTP(w, r)
	return w
}

// want holds status and content; what begins with "!" must not be there.
func (s *stand) want(w *httptest.ResponseRecorder, status int, parts ...string) {
	s.Helper()
	if w.Code != status {
		s.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	for _, p := range parts {
		if not, ok := strings.CutPrefix(p, "!"); ok && strings.Contains(w.Body.String(), not) {
			s.Errorf("the page holds %q:\n%s", not, w.Body)
		} else if !ok && !strings.Contains(w.Body.String(), p) {
			s.Errorf("the page lacks %q:\n%s", p, w.Body)
		}
	}
}

func articleNo(n int, c model.Category) Article {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Add(-time.Duration(n) * time.Hour)
	return Article{Item: Item{
		ID: fmt.Sprintf("018f0000-0000-7000-8000-%012d", 1000-n), Category: c, Title: fmt.Sprintf("第%d篇", n), Digest: "摘要", Org: "心肺康复党支部", Published: at, Updated: at, Minutes: 2,
	}, BodyHTML: "<p>正文</p>"}
}

func many(n int, c model.Category) (list []Article) {
	for i := range n {
		list = append(list, articleNo(i, c))
	}
	return list
}

func TestPages(t *testing.T) {
	law, news, old := articleNo(1, model.CategoryLaw), articleNo(2, model.CategoryNews), articleNo(3, model.CategoryTheory)
	old.Pinned, old.Title = true, "置顶的一篇"
	law.KeyPoints, law.DocNo = []string{"要点一", "要点二"}, "国发〔2026〕8号"
	law.SourceName, law.SourceURL, law.SourceDate = "中国人大网", "http://www.npc.gov.cn/x?a=1&b=2", "2026-08-20"
	law.Attachments = []model.FileRef{{ID: "f", Name: "全文.pdf", Size: 1_300_000, MIME: model.MIMEPDF, URL: "/files/f/全文.pdf"}}
	law.Corrections = []Correction{{At: law.Updated, Note: "更正了日期"}}
	law.CoverURL = "/files/c/cover.jpg"
	s := newStand(t, law, news, old)
	for _, c := range []struct {
		path   string
		status int
		parts  []string
	}{
		{"/", 200, []string{
			`<html lang="zh-CN"`, "<title>网上党建 - 康复医学会</title>", "置顶的一篇", "第1篇", "第2篇", `<a href="/c/central">中央声音</a>`, ">党建理论<", ">法律法规<", ">先进事迹<", ">动态<",
			`<link rel="canonical" href="https://party.example.org/">`, `href="/feed.xml"`, `aria-current="page">首页`, `content="website"`, "!<script", "!style=",
		}},
		{"/c/law", 200, []string{"<h1>法律法规</h1>", "第1篇", "!第2篇", `href="/c/law/feed.xml"`, `href="https://party.example.org/c/law"`, "!下一页"}},
		{"/c/central", 200, []string{"还没有公开的内容"}},
		{"/c/secret", 404, []string{"没有找到这个页面", `content="noindex"`}},
		{"/a/" + law.ID, 200, []string{
			"<h1>第1篇</h1>", "心肺康复党支部", `datetime="2026-11-01T19:00:00&#43;08:00">2026年11月1日<`, "约 2 分钟", "要点一", "<p>正文</p>", "国发〔2026〕8号",
			`<a href="http://www.npc.gov.cn/x?a=1&amp;b=2" rel="nofollow noopener">中国人大网</a>`, "2026年8月20日", ">全文.pdf</a>", "PDF，1.2 MB", "更正了日期",
			`property="og:image" content="https://party.example.org/files/c/cover.jpg"`, `property="og:title" content="第1篇"`, `property="article:published_time" content="2026-11-01T19:00:00&#43;08:00"`,
			`<link rel="canonical" href="https://party.example.org/a/` + law.ID + `">`,
		}},
		{"/a/018f0000-0000-7000-8000-999999999999", 404, []string{"没有找到这个页面"}},
		{"/a/..%2fetc", 404, []string{"没有找到这个页面"}},
		{"/search", 200, []string{"输入一个词", `content="noindex"`}},
		{"/search?q=%E7%AC%AC1", 200, []string{"<em>第1</em>&lt;i&gt;", `value="第1"`, "!第2篇"}},
		{"/search?q=nothing", 200, []string{"没有找到含有“nothing”"}},
		{"/search?q=" + strings.Repeat("x", 101), 200, []string{"不能超过 100 个字"}},
		{"/privacy", 200, []string{"告知书", "<p>我们如何处理信息</p>", "版本 1"}},
		{"/robots.txt", 200, []string{"Sitemap: https://party.example.org/sitemap.xml", "Disallow: /search"}},
		{"/nowhere", 404, []string{"没有找到这个页面"}},
		{"/site/other.css", 404, []string{"没有找到这个页面"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			w := (&stand{T: t, site: s.site}).get(c.path)
			(&stand{T: t}).want(w, c.status, c.parts...)
			h := w.Header()
			if h.Get("Content-Security-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("headers %v", h)
			}
		})
	}
	// The key points come before the text.
	body := s.get("/a/" + law.ID).Body.String()
	if strings.Index(body, "要点一") > strings.Index(body, "<p>正文</p>") {
		t.Error("the key points stand behind the text")
	}
	if n := strings.Count(s.get("/").Body.String(), "置顶的一篇"); n != 1 {
		t.Errorf("the home page names what is pinned %d times", n)
	}
}

// A page asks for nothing but itself: no address in an attribute that a browser would fetch leads elsewhere.
func TestPagesFetchNothingFromElsewhere(t *testing.T) {
	s := newStand(t, articleNo(1, model.CategoryNews))
	fetched := regexp.MustCompile(`(?:src|srcset|action|poster)="([^"]*)"|<link rel="(?:stylesheet|icon)[^>]*href="([^"]*)"`)
	for _, path := range []string{"/", "/c/news", "/a/" + articleNo(1, model.CategoryNews).ID, "/search?q=x", "/privacy", "/nowhere"} {
		body := s.get(path).Body.String()
		if strings.Contains(body, "<script") || strings.Contains(body, " style=") || strings.Contains(body, "<style") || regexp.MustCompile(` on[a-z]+=`).MatchString(body) {
			t.Errorf("%s holds script or style", path)
		}
		for _, m := range fetched.FindAllStringSubmatch(body, -1) {
			address := m[1] + m[2]
			if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
				t.Errorf("%s fetches %s", path, address)
			}
			if strings.HasPrefix(address, "/site/") {
				w := s.get(address)
				if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
					t.Errorf("%s: %d %v", address, w.Code, w.Header())
				}
			}
		}
	}
	if css := s.get("/site/style-00000000.css"); css.Code != 200 || css.Header().Get("Cache-Control") != checked || strings.Contains(css.Body.String(), "url(") || strings.Contains(css.Body.String(), "@import") {
		t.Errorf("the style under another release's name: %d %v", css.Code, css.Header())
	}
}

func TestOddTextsAreEscaped(t *testing.T) {
	a := articleNo(1, model.CategoryNews)
	evil := `</title><script>alert(1)</script>"><img src=x onerror=alert(1)>`
	a.Title, a.Digest, a.Org, a.DocNo, a.SourceName, a.SourceURL, a.KeyPoints = evil, evil, evil, evil, evil, "javascript:alert(1)", []string{evil}
	a.Attachments = []model.FileRef{{Name: evil, URL: "javascript:alert(1)"}}
	a.Corrections = []Correction{{Note: evil}}
	s := newStand(t, a)
	s.shelf.society = evil
	for _, path := range []string{"/", "/c/news", "/a/" + a.ID, "/search?q=%3Cscript%3Ealert(1)", "/privacy"} {
		w := s.get(path)
		s.want(w, 200, "!<script", "!<img src=x", "!href=\"javascript:", "&lt;script&gt;")
	}
	s.want(s.get("/feed.xml"), 200, "!<script", "&lt;script&gt;")
}

func TestCategoryPages(t *testing.T) {
	s := newStand(t, many(45, model.CategoryNews)...)
	next := regexp.MustCompile(`rel="next" href="(/c/news\?after=[^"]+)">下一页`)
	path, seen := "/c/news", 0
	for range 3 {
		w := s.get(path)
		seen += strings.Count(w.Body.String(), `<a href="/a/`)
		m := next.FindStringSubmatch(w.Body.String())
		if m == nil {
			path = ""
			break
		}
		path = m[1]
	}
	if seen != 45 || path != "" {
		t.Errorf("the pages name %d articles, and end with %q", seen, path)
	}
	s.want(s.get("/c/news?after=xyz"), 404, "已经失效")
	s.want(s.get("/c/news?after="+strings.Repeat("x", 2000)), 404)
}

func TestFaults(t *testing.T) {
	s := newStand(t, articleNo(1, model.CategoryNews))
	for _, c := range []struct {
		err    error
		status int
		part   string
	}{
		{errors.New("no such table: articles"), 500, "页面出错了"},
		{model.Fail(model.CodeUnavailable, "x"), 503, "暂时不可用"},
	} {
		s.shelf.err = c.err
		for _, path := range []string{"/", "/c/news", "/a/" + articleNo(1, model.CategoryNews).ID, "/search?q=x", "/feed.xml", "/sitemap.xml"} {
			w := s.get(path)
			s.want(w, c.status, c.part, "!no such table")
			if c.status == 503 && w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", path, w.Header())
			}
		}
	}
	s.shelf.err = nil
	s.want(s.get("/"), 200, "第1篇") // a fault is not kept
}

// The address of a request is repeated only where it is one.
func TestForeignHosts(t *testing.T) {
	s := newStand(t, articleNo(1, model.CategoryNews))
	s.site.options.PublicURL = ""
	for host, want := range map[string]string{
		"party.example.org": "http://party.example.org/", "[::1]:8080": "http://[::1]:8080/", "127.0.0.1:8080": "http://127.0.0.1:8080/", `x"><script>`: "", "": "", "a b": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.site.ServeHTTP(w, r)
		if want != "" {
			s.want(w, 200, `rel="canonical" href="`+want+`"`)
		}
		s.want(w, 200, "!<script")
	}
}

func TestEmptyInstallation(t *testing.T) {
	s := newStand(t)
	s.shelf.society = ""
	s.want(s.get("/"), 200, "<title>网上党建</title>", "还没有公开的内容")
	s.want(s.get("/sitemap.xml"), 200, "https://party.example.org/c/news")
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1 KB", 1_048_575: "1024 KB", 5 << 20: "5.0 MB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
