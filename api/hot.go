package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"zhibu/model"
	"zhibu/service/content"
)

// The routes that answer from ready copies, as the router names them.
const (
	routeFeed    = basePath + "/feed"
	routeArticle = basePath + "/articles/:id"
)

// atHand answers a signed-in reader's feed page or article when both the reader and the bytes are at hand in memory, before the router and all that
// stands behind it. It does for the request everything that the chain does: the same limits, headers, log line and figures. Whatever is in any way
// unusual (an error, a limit that is reached, a query that must be checked) is left to the chain, and nothing has been done by then.
func (a *API) atHand(w http.ResponseWriter, r *http.Request) bool {
	start := time.Now()
	if r.Method != http.MethodGet || r.ContentLength != 0 || r.URL.RawPath != "" {
		return false
	}
	route := routeOfHot(r.URL.Path)
	if route == "" {
		return false
	}
	tokens := r.Header["Authorization"]
	if len(tokens) != 1 {
		return false
	}
	token, ok := strings.CutPrefix(tokens[0], "Bearer ")
	if !ok {
		return false
	}
	now := a.clock()
	actor, ok := a.rooms.Signin.AtHand(token, now)
	if !ok {
		return false
	}
	ready, ok := a.readyFor(actor, route, r, now)
	if !ok || !a.allowed(r, actor) {
		return false
	}
	id := requestIDOf(r)
	status, size := answerReady(w, r, id, &ready)
	a.noteHot(r, route, id, status, size, actor, time.Since(start))
	if a.options.Tracer != nil {
		a.traceHot(r, route, id, status, start)
	}
	return true
}

// requestIDOf is the id that the client gave, or a new one.
func requestIDOf(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && plainID(given[0]) {
		return given[0]
	}
	return uuid.NewString()
}

// routeOfHot is the route of an address that may be answered from a copy, or nothing.
func routeOfHot(path string) string {
	rest, ok := strings.CutPrefix(path, basePath)
	switch {
	case !ok:
		return ""
	case rest == "/feed":
		return routeFeed
	case len(rest) > len("/articles/") && len(rest) <= len("/articles/")+64 && strings.HasPrefix(rest, "/articles/") && strings.IndexByte(rest[len("/articles/"):], '/') < 0:
		return routeArticle
	}
	return ""
}

// readyFor finds the bytes in memory.
func (a *API) readyFor(actor *model.Actor, route string, r *http.Request, now time.Time) (content.Ready, bool) {
	if route == routeArticle {
		if r.URL.RawQuery != "" {
			return content.Ready{}, false
		}
		return a.rooms.Content.ArticleAtHand(actor, r.URL.Path[len(basePath+"/articles/"):], now)
	}
	category, page, ok := plainFeedQuery(r.URL.RawQuery)
	if !ok {
		return content.Ready{}, false
	}
	return a.rooms.Content.FeedAtHand(actor, category, page, now)
}

// plainFeedQuery reads the query of a feed that needs neither decoding nor a word about what is wrong with it.
func plainFeedQuery(query string) (c model.Category, p model.Page, ok bool) {
	p.Limit = 20
	var seen [3]bool
	for query != "" {
		var part string
		part, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(part, "=")
		at := 0
		switch name {
		case "limit":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 100 {
				return c, p, false
			}
			p.Limit = n
		case "cursor":
			at, p.Cursor = 1, value
		case "category":
			at, c = 2, model.Category(value)
		default:
			return c, p, false
		}
		if seen[at] || strings.ContainsAny(value, "%+;") {
			return c, p, false
		}
		seen[at] = true
	}
	return c, p, len(p.Cursor) <= 1024 && (c == "" || c.Valid())
}

// allowed books the request against the reader's limit, as the chain does.
func (a *API) allowed(r *http.Request, actor *model.Actor) bool {
	if !a.options.Limits {
		return true
	}
	ok, _ := a.rooms.Limiter.Allow(r.Context(), "actor:"+actor.SessionID, limitActor)
	return ok
}

// hotHead are the lines that every ready answer carries.
const hotHead = "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\nContent-Security-Policy: " + contentSecurity +
	"\r\nCache-Control: private, no-cache\r\nVary: Accept-Encoding\r\nContent-Type: application/json\r\nX-Request-Id: "

// answerReady writes ready bytes, or that the client has them already.
func answerReady(w http.ResponseWriter, r *http.Request, id string, ready *content.Ready) (status, size int) {
	body, tag, packed := ready.Body, ready.ETag, false
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		if z := ready.Packed(); z != nil {
			body, tag, packed = z, "W/"+tag, true
		}
	}
	unchanged := etagMatches(r.Header.Get("If-None-Match"), ready.ETag)
	if !unchanged && writeWhole(w, r, func(head []byte) []byte {
		head = append(append(append(head, hotHead...), id...), "\r\nEtag: "...)
		head = append(append(head, tag...), "\r\n"...)
		if packed {
			head = append(head, "Content-Encoding: gzip\r\n"...)
		}
		return head
	}, body) {
		return http.StatusOK, len(body)
	}
	h := w.Header()
	hardenHead(h)
	h.Set("X-Request-Id", id)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Etag", tag)
	if unchanged {
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, -1
	}
	h.Set("Content-Type", "application/json")
	if packed {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone cannot be told
	return http.StatusOK, len(body)
}

// noteHot counts the request and writes its line, as record does.
func (a *API) noteHot(r *http.Request, route, id string, status, size int, actor *model.Actor, took time.Duration) {
	hot := a.metrics.hot[route]
	hot.note(status, took)
	ctx := r.Context()
	if !a.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	member := ""
	if actor.Bound() {
		member = actor.MemberID
	}
	hot.log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request_id", id), slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int("bytes", size), slog.String("actor", member))
}

// hotFigures are the figures of a route that is answered so often that even finding them by their names would count.
type hotFigures struct {
	ok, unchanged prometheus.Counter
	latency       prometheus.Observer
	log           *slog.Logger // with what is the same in every line
}

func (m *metrics) hotFigures(route string, log *slog.Logger) *hotFigures {
	return &hotFigures{
		log: log.With("method", http.MethodGet, "route", route),
		ok:  m.requests.WithLabelValues(http.MethodGet, route, "200"), unchanged: m.requests.WithLabelValues(http.MethodGet, route, "304"),
		latency: m.latency.WithLabelValues(route),
	}
}

func (f *hotFigures) note(status int, took time.Duration) {
	if status == http.StatusNotModified {
		f.unchanged.Inc()
	} else {
		f.ok.Inc()
	}
	f.latency.Observe(took.Seconds())
}
