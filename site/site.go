// Package site is the public site, 网上党建: what is public, as pages that need neither JavaScript nor an account, with a feed and a sitemap.
//
// It knows nothing of the database. What it shows comes through Source, which is to answer as it would answer a stranger. Every page is kept
// compressed until anything changes that a page may show; whoever plugs the site in tells it so by Forget.
package site

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// Item is an article in a list.
type Item struct {
	ID        string
	Category  model.Category
	Title     string
	Digest    string
	Org       string
	Published time.Time
	Updated   time.Time
	Minutes   int
	Pinned    bool
}

// Article is everything that an article's page shows.
type Article struct {
	Item
	KeyPoints   []string
	BodyHTML    string // cleaned and balanced, with pictures of our own alone
	CoverURL    string
	DocNo       string
	SourceName  string
	SourceURL   string
	SourceDate  model.Date
	Attachments []model.FileRef
	Corrections []Correction // the newest first
}

// Correction is what was put right after an article had come out.
type Correction struct {
	At   time.Time
	Note string
}

// Hit is an article that was found, with the place where.
type Hit struct {
	Item
	Highlight string // HTML: escaped, but for <em> around what was sought
}

// Address is an article as the sitemap names it.
type Address struct {
	ID      string
	Updated time.Time
}

// Notice is the privacy notice in force.
type Notice struct{ Version, Title, BodyHTML string }

// Source is what the site shows. It answers as to a stranger: nothing but what is published and public.
type Source interface {
	// Society is the name of the whole; empty before there is one.
	Society(ctx context.Context) (string, error)
	// List is one page of a category, or of everything: pinned first, the newest first.
	List(ctx context.Context, c model.Category, p model.Page) (items []Item, next string, err error)
	// Article is one article. Errors: not_found.
	Article(ctx context.Context, id string) (*Article, error)
	// Search finds articles. Errors: validation_failed.
	Search(ctx context.Context, query string, p model.Page) (hits []Hit, next string, err error)
	// After walks through everything in the order of the ids; last is where to go on, empty at the end.
	After(ctx context.Context, id string, limit int) (list []Address, last string, err error)
	Notice() Notice
}

// Options are the site's settings.
type Options struct {
	PublicURL string // without a slash at its end; empty: from the request
	Clock     model.Clock
	Log       *slog.Logger
}

// Site is the handler. It serves GET and HEAD alone.
type Site struct {
	source      Source
	options     Options
	copies      *copies
	looks       *looks
	mux         *http.ServeMux
	sitemapMost int // addresses in one file of the sitemap
}

// New makes the site.
func New(source Source, options Options) *Site {
	s := &Site{source: source, options: options, copies: newCopies(copiesWeight), looks: newLooks(), mux: http.NewServeMux(), sitemapMost: sitemapMost}
	for _, path := range Paths() {
		s.mux.HandleFunc("GET "+path, s.handler(path))
	}
	s.mux.HandleFunc("/", s.nowhere)
	return s
}

// Paths are the addresses of the site, as patterns of net/http. Every other address gets the page that says so.
func Paths() []string {
	return []string{
		"/{$}", "/c/{category}", "/c/{category}/feed.xml", "/a/{id}", "/search", "/privacy", "/feed.xml", "/sitemap.xml", "/sitemaps/{file}", "/robots.txt", "/site/{file}",
	}
}

func (s *Site) handler(path string) http.HandlerFunc {
	switch path {
	case "/{$}":
		return s.kept(s.home)
	case "/c/{category}":
		return s.kept(s.category)
	case "/a/{id}":
		return s.kept(s.article)
	case "/search":
		return s.search
	case "/privacy":
		return s.kept(s.privacy)
	case "/feed.xml", "/c/{category}/feed.xml":
		return s.kept(s.feed)
	case "/sitemap.xml":
		return s.kept(s.sitemap)
	case "/sitemaps/{file}":
		return s.kept(s.sitemapPart)
	case "/robots.txt":
		return s.kept(s.robots)
	}
	return s.asset
}

// Forget lets every page be made anew: something of what they show has changed.
func (s *Site) Forget() { s.copies.forget(s.options.Clock()) }

// policy lets a page show what comes from here, and do nothing: there is no script, no frame and no style but the file's.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		s.fault(w, r, http.StatusMethodNotAllowed, "这个地址只供浏览", "请从首页或栏目进入。")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// request is what making a page may depend on, apart from what is shown.
type request struct {
	base     string // the site's address, without a slash at its end
	category model.Category
	id       string
	after    string // the cursor
	file     string
}

// page tells the copy from others of the same pattern.
func (q request) page() string { return q.id + q.file + string(q.category) + " " + q.after }

// maxID bounds what is taken for an id or a cursor; longer ones are nobody's.
const (
	maxID     = 64
	maxCursor = 1024
)

var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// kept serves a page from its copy, which make makes when there is none.
func (s *Site) kept(make func(ctx context.Context, q request) (*leaf, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := request{base: s.base(r), category: model.Category(r.PathValue("category")), id: r.PathValue("id"), file: r.PathValue("file")}
		if strings.HasSuffix(r.Pattern, "/c/{category}") {
			q.after = r.URL.Query().Get("after")
		}
		if q.category != "" && !q.category.Valid() || q.id != "" && !plainID.MatchString(q.id) || len(q.file) > 2*maxID || len(q.after) > maxCursor {
			s.nowhere(w, r)
			return
		}
		l, err := s.copies.get(r.Context(), s.options.Clock(), place{r.Pattern + " " + q.page(), q.base}, func(ctx context.Context) (*leaf, error) { return make(ctx, q) })
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.write(w, r, l, checked)
	}
}

// plainHost is a host and port as a browser sends it. Others are not repeated in a page.
var plainHost = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$`)

// base is the site's address: the settings', or the one under which the request came.
func (s *Site) base(r *http.Request) string {
	if s.options.PublicURL != "" {
		return s.options.PublicURL
	}
	if !plainHost.MatchString(r.Host) {
		return ""
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + strings.ToLower(r.Host)
}

// checked is for what may be kept by whoever likes, and is asked about each time: what is withdrawn is gone at once.
const checked = "public, no-cache"

// write answers with a copy, or says that the client's own is still good.
func (s *Site) write(w http.ResponseWriter, r *http.Request, l *leaf, cache string) {
	h := w.Header()
	h.Set("ETag", l.tag)
	h.Set("Cache-Control", cache)
	h.Set("Vary", "Accept-Encoding")
	if !l.modified.IsZero() {
		h.Set("Last-Modified", l.modified.Format(http.TimeFormat))
	}
	if unchanged(r.Header, l) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", l.mime)
	packed := takesGzip(r.Header.Get("Accept-Encoding"))
	length := l.length
	if packed {
		h.Set("Content-Encoding", "gzip")
		length = len(l.packed)
	}
	h.Set("Content-Length", strconv.Itoa(length))
	if r.Method == http.MethodHead {
		return
	}
	var err error
	if packed {
		_, err = w.Write(l.packed)
	} else {
		err = l.unpacked(w)
	}
	if err != nil { // the client has gone
		s.options.Log.DebugContext(r.Context(), "page not sent", "request_id", model.RequestID(r.Context()), "cause", err)
	}
}

// unchanged reports whether the client's copy is still good. A date counts only where there is no tag, and only when it is exactly ours.
func unchanged(asked http.Header, l *leaf) bool {
	if tags := asked.Get("If-None-Match"); tags != "" {
		for _, t := range strings.Split(tags, ",") {
			t = strings.TrimSpace(t)
			if t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(l.tag, "W/") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(asked.Get("If-Modified-Since"))
	return err == nil && !l.modified.IsZero() && since.Equal(l.modified)
}

// takesGzip reads Accept-Encoding: gzip is named, and not with a weight of zero.
func takesGzip(accept string) bool {
	for _, part := range strings.Split(accept, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		n, err := strconv.ParseFloat(q, 64)
		return !ok || err != nil || n > 0
	}
	return false
}

// nowhere answers for addresses that are none.
func (s *Site) nowhere(w http.ResponseWriter, r *http.Request) {
	s.fault(w, r, http.StatusNotFound, "没有找到这个页面", "它可能已经撤回、移动，或者地址有误。您可以回到首页，或搜索标题中的词。")
}

// fail answers for what went wrong. The cause is for the log alone.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	switch code := model.CodeOf(err); {
	case code == model.CodeNotFound:
		s.nowhere(w, r)
		return
	case code == model.CodeInvalid:
		s.fault(w, r, http.StatusNotFound, "这一页已经失效", "列表在您浏览时有了更新，请从第一页重新进入。")
		return
	case code == model.CodeUnavailable:
		w.Header().Set("Retry-After", "10")
		s.fault(w, r, http.StatusServiceUnavailable, "服务暂时不可用", "请稍后再试，给您带来不便，敬请谅解。")
	case errors.Is(err, context.Canceled): // the client has gone; nobody reads this
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	default:
		s.fault(w, r, http.StatusInternalServerError, "页面出错了", "问题已经记录，请稍后再试。")
	}
	s.options.Log.ErrorContext(ctx, "site", "request_id", model.RequestID(ctx), "page", r.Pattern, "cause", err)
}

// articleAddress is the path of an article's page.
func articleAddress(id string) string { return "/a/" + url.PathEscape(id) }

// categoryAddress is the path of a category's page; of none, the home page.
func categoryAddress(c model.Category) string {
	if c == "" {
		return "/"
	}
	return "/c/" + string(c)
}
