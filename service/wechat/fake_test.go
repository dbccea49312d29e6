package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
)

const (
	testAppID  = "wx0123456789abcdef"
	testSecret = "5ecre7-5ecre7-5ecre7-5ecre7-5ecr"
)

// fake is a WeChat of a few lines: a token endpoint with a current token, and one handler for all else.
type fake struct {
	t      *testing.T
	server *httptest.Server
	door   *Door
	log    *bytes.Buffer
	pauses []time.Duration

	mu      sync.Mutex
	now     time.Time
	current string // the token that is handed out and accepted
	handout string // handed out instead, when set
	fetches int
	forces  int
	calls   []call
	handle  http.HandlerFunc
}

type call struct {
	method, path, query, token string
	body                       map[string]any
}

// lockedBuffer lets the log be read while calls still write it.
type lockedBuffer struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (l lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func newFake(t *testing.T, handle http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{t: t, log: &bytes.Buffer{}, now: time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone), current: "TOKEN-000001", handle: handle}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	f.door = f.open(f.server.URL, nil)
	t.Cleanup(func() {
		f.door.Close()
		f.server.Close()
	})
	return f
}

func (f *fake) open(base string, tokens TokenStore) *Door {
	d := New(Config{
		BaseURL: base, Clock: f.clock, Tokens: tokens, Timeout: 5 * time.Second,
		MiniProgram: App{AppID: testAppID, Secret: testSecret, Token: "pushtoken-mini", AESKey: strings.Repeat("k", 43)},
		Official:    App{AppID: "wxofficial", Secret: "official-" + testSecret},
		Log:         slog.New(slog.NewTextHandler(lockedBuffer{&sync.Mutex{}, f.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	d.pause = func(ctx context.Context, p time.Duration) error {
		f.mu.Lock()
		f.pauses = append(f.pauses, p)
		f.now = f.now.Add(p)
		f.mu.Unlock()
		return ctx.Err()
	}
	return d
}

func (f *fake) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fake) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var body map[string]any
	_ = json.Unmarshal(raw, &body)
	if r.URL.Path == APIToken {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fetches++
		if body["force_refresh"] == true {
			f.forces++
			f.current = fmt.Sprintf("TOKEN-F%05d", f.forces)
			f.handout = ""
		}
		token := f.current
		if f.handout != "" {
			token = f.handout
		}
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":7200}`, token)
		return
	}
	token := r.URL.Query().Get("access_token")
	f.mu.Lock()
	f.calls = append(f.calls, call{method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, token: token, body: body})
	dead := !strings.HasPrefix(r.URL.Path, "/sns/") && token != f.current // people who sign in bring codes and tokens of their own
	f.mu.Unlock()
	if dead {
		fmt.Fprintf(w, `{"errcode":40001,"errmsg":"invalid credential, access_token %s is invalid or not latest rid: 6166f719-1234abcd-5678ef01"}`, token)
		return
	}
	f.handle(w, r)
}

func (f *fake) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call{}, f.calls...)
}

// answers gives one body after the other; the last one stays.
func answers(bodies ...string) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, bodies[min(n, len(bodies)-1)])
		n++
	}
}

func fault(code int, msg string) string {
	return fmt.Sprintf(`{"errcode":%d,"errmsg":%q}`, code, msg+" rid: 6166f719-1234abcd-5678ef01")
}

// reset ends the connection without an answer, after the request was read.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func callError(t *testing.T, err error) *CallError {
	t.Helper()
	c, ok := err.(*CallError)
	if !ok {
		t.Fatalf("want a *CallError, got %T: %v", err, err)
	}
	return c
}

// everyForm is every way in which an error or value could be printed.
func everyForm(v any) string {
	j, _ := json.Marshal(v)
	return fmt.Sprintf("%v %+v %#v %s", v, v, v, j)
}
