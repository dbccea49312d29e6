package api_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store/storetest"
	"zhibu/service/cache"
	"zhibu/service/content"
	"zhibu/service/signin"
)

// hotWire asks over one connection, as a client does, and tells whether an answer came from what is at hand: only there the length stands before
// the headers that the router's chain writes in the order of the alphabet.
type hotWire struct {
	*testing.T
	conn net.Conn
	read *bufio.Reader
}

func dialHot(t *testing.T, handler http.Handler) *hotWire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler, ConnContext: api.Gathered}
	done := make(chan error, 1)
	go func() { done <- s.Serve(api.Gather(l)) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = s.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return &hotWire{t, c, bufio.NewReader(c)}
}

type hotAnswer struct {
	status int
	header http.Header
	body   string
	hot    bool
}

func (w *hotWire) ask(method, path string, header ...string) hotAnswer {
	w.Helper()
	_, err := fmt.Fprintf(w.conn, "%s %s HTTP/1.1\r\nHost: x\r\nX-Request-Id: same\r\n%s\r\n", method, path, strings.Join(append(header, ""), "\r\n"))
	if err != nil {
		w.Fatal(err)
	}
	var head strings.Builder
	for {
		line, err := w.read.ReadString('\n')
		if err != nil {
			w.Fatal(err)
		}
		head.WriteString(line)
		if line == "\r\n" {
			break
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader(head.String()), w.read)), &http.Request{Method: method})
	if err != nil {
		w.Fatalf("%v: %q", err, head.String())
	}
	a := hotAnswer{status: res.StatusCode, header: res.Header}
	if res.ContentLength > 0 && method != http.MethodHead {
		body := make([]byte, res.ContentLength)
		if _, err := io.ReadFull(res.Body, body); err != nil {
			w.Fatal(err)
		}
		a.body = string(body)
	}
	length, first := strings.Index(head.String(), "Content-Length:"), strings.Index(head.String(), "Cache-Control:")
	a.hot = length >= 0 && length < first
	return a
}

// The first answer is made by the router and its chain, the second is at hand: nobody can tell them apart.
func TestWhatIsAtHandIsAnsweredAsTheChainDoes(t *testing.T) {
	h := newArticleHouse(t)
	long := strings.Repeat("会议精神的学习要点。", 600)
	id := h.published("secretary", "b", long)
	w := dialHot(t, h.api)
	bearer := "Authorization: Bearer member"
	for _, path := range []string{"/api/v1/feed", "/api/v1/feed?limit=5", "/api/v1/feed?category=news&limit=20", "/api/v1/articles/" + id} {
		for _, more := range []string{"Accept: */*", "Accept-Encoding: gzip"} {
			cold := w.ask("GET", oddly(path), bearer, more)
			hot := w.ask("GET", path, bearer, more)
			if !hot.hot || cold.hot {
				t.Errorf("%s: hot %v, cold %v", path, hot.hot, cold.hot)
			}
			cold.header.Del("Date")
			hot.header.Del("Date")
			if fmt.Sprint(cold.header) != fmt.Sprint(hot.header) || cold.body != hot.body || cold.status != hot.status {
				t.Errorf("%s with %s:\n%d %v\nat hand\n%d %v", path, more, cold.status, cold.header, hot.status, hot.header)
			}
			if strings.HasPrefix(path, "/api/v1/articles") && strings.Contains(more, "gzip") {
				z, err := gzip.NewReader(strings.NewReader(hot.body))
				h.must(err)
				text, err := io.ReadAll(z)
				h.must(err)
				if !strings.Contains(string(text), "会议精神的学习要点") {
					t.Errorf("packed: %.80s", text)
				}
			}
			same := w.ask("GET", path, bearer, more, "If-None-Match: "+hot.header.Get("Etag"))
			if same.status != http.StatusNotModified || same.body != "" || same.header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s again: %d %v", path, same.status, same.header)
			}
			if head := w.ask("HEAD", path, bearer, more); head.status != 200 {
				t.Errorf("HEAD %s: %d", path, head.status)
			}
		}
	}
	if a := w.ask("GET", "/api/v1/articles/"+id, "Authorization: Bearer neighbour"); a.status != http.StatusNotFound || a.hot {
		t.Errorf("the neighbour reads %d %s", a.status, a.body)
	}
	for _, query := range []string{"?limit=0", "?limit=x", "?category=none", "?limit=5&limit=6", "?cursor=%41", "?limit=101"} {
		if a := w.ask("GET", "/api/v1/feed"+query, bearer); a.hot {
			t.Errorf("%s was answered from what is at hand: %d", query, a.status)
		}
	}
	h.must(errOf(h.room.Withdraw(h.ctx, h.actor("secretary"), id, 0)))
	if a := w.ask("GET", "/api/v1/articles/"+id, bearer); a.status != http.StatusNotFound {
		t.Errorf("withdrawn: %d", a.status)
	}
	if a := w.ask("GET", "/api/v1/feed", bearer); strings.Contains(a.body, id) {
		t.Error("the feed shows what was withdrawn")
	}
}

// oddly is the same address written such that it must be decoded, so that the chain answers it.
func oddly(path string) string { return strings.Replace(path, "/api/v1/", "/api/v%31/", 1) }

// Who logs out, or asks too often, is refused at once, whatever is at hand.
func TestWhatIsAtHandKeepsTheLimitsAndTheSession(t *testing.T) {
	h := newArticleHouse(t)
	id := h.published("secretary", "b", "正文")
	clock := storetest.Clock
	door := signin.New(h.store, nil, nil, nil, nil, clock)
	limited := api.New(api.Rooms{Signin: door, Content: h.room, Replays: h.store, Limiter: cache.NewMemoryLimiter(clock)},
		api.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, Limits: true})
	w := dialHot(t, limited)
	path, bearer := "/api/v1/articles/"+id, "Authorization: Bearer member"
	hot, refused := 0, 0
	for range 130 {
		switch a := w.ask("GET", path, bearer); {
		case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "":
			refused++
		case a.status == http.StatusOK && a.hot:
			hot++
		}
	}
	if hot < 110 || refused < 9 || hot+refused > 130 {
		t.Errorf("%d at hand, %d refused, of 130 where 120 are allowed", hot, refused)
	}
	other := "Authorization: Bearer secretary"
	w.ask("GET", path, other)
	w.ask("GET", path, other)
	actor, err := door.Actor(h.ctx, "secretary")
	h.must(err)
	h.must(door.Logout(h.ctx, actor))
	if a := w.ask("GET", path, other); a.status != http.StatusUnauthorized {
		t.Errorf("after logging out: %d", a.status)
	}
}

func errOf[T any](_ T, err error) error { return err }

func (h *articleHouse) actor(id string) *model.Actor {
	h.Helper()
	a, err := signin.New(h.store, nil, nil, nil, nil, storetest.Clock).Actor(h.ctx, id)
	h.must(err)
	return a
}

// published writes and publishes an article of a branch for its members.
func (h *articleHouse) published(author, org, text string) string {
	h.Helper()
	category, title := model.CategoryNews, "一篇文章"
	f, err := h.room.Create(context.Background(), h.actor(author), org, content.Input{Category: &category, Title: &title, BodyMarkdown: &text})
	h.must(err)
	h.must(errOf(h.room.Publish(h.ctx, h.actor(author), f.ID, 0, nil, false)))
	return f.ID
}
