package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zhibu/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	mini, miniSecret         = "wx0000000000000001", "secret-of-mini"
	other, otherSecret       = "wx0000000000000002", "secret-of-other"
	official, officialSecret = "wx0000000000000003", "secret-of-official"
	alice, bob               = "oAlice", "oBob"
	meeting, study, longTerm = "tpl-meeting", "tpl-study", "tpl-long"
	sendAPI                  = "/cgi-bin/message/subscribe/send"
	testKey                  = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// hands is a clock that stands still until it is moved.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

type world struct {
	*Server
	t      *testing.T
	hands  *hands
	timers *HandTimers
	ctx    context.Context
}

func templates() []Template {
	return []Template{
		{ID: meeting, Title: "会议通知", Kind: OneTime, Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n"},
		{ID: study, Title: "学习提醒", Kind: OneTime, Content: "内容:{{thing1.DATA}}\n方式:{{enum_string2.DATA}}\n", Enums: map[string][]string{"enum_string2": {"线上", "线下"}}},
		{ID: longTerm, Title: "长期通知", Kind: LongTerm, Content: "内容:{{thing1.DATA}}"},
	}
}

// openWorld starts a stand-in on the loopback with three apps and two users of the first.
func openWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	h := &hands{now: time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone)}
	timers := NewHandTimers()
	o := Options{Clock: h.clock, Timers: timers, Seed: 7}
	for _, f := range change {
		f(&o)
	}
	s := New(o)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	for _, a := range []App{
		{AppID: mini, Secret: miniSecret, Kind: Mini, Token: "AAAAA", AESKey: testKey, Published: true, Templates: templates(), Pages: []string{"pages/index", "pages/meeting"}},
		{AppID: other, Secret: otherSecret, Kind: Mini, Published: true, OpenPlatform: true},
		{AppID: official, Secret: officialSecret, Kind: Official, Token: "BBBBB", Templates: []Template{{ID: "tpl-official", Title: "公众号通知", Kind: OneTime, Content: "主题:{{thing1.DATA}}"}}},
	} {
		if err := s.AddApp(a); err != nil {
			t.Fatal(err)
		}
	}
	s.AddUser(mini, alice)
	s.AddUser(mini, bob)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	})
	return &world{Server: s, t: t, hands: h, timers: timers, ctx: ctx}
}

// body is a decoded JSON answer; numbers keep their digits.
type body map[string]any

func (b body) code() int64 {
	n, ok := b["errcode"].(json.Number)
	if !ok {
		return 0
	}
	i, _ := n.Int64()
	return i
}

func (b body) text(key string) string { s, _ := b[key].(string); return s }
func (b body) number(key string) int64 {
	n, _ := b[key].(json.Number)
	i, _ := n.Int64()
	return i
}

func decodeBody(t *testing.T, raw []byte) body {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var b body
	if err := d.Decode(&b); err != nil {
		t.Fatalf("not JSON: %v: %s", err, raw)
	}
	return b
}

func (w *world) do(method, path, payload string) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(w.ctx, method, w.URL()+path, strings.NewReader(payload))
	if err != nil {
		return nil, nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res, raw, err
}

func (w *world) get(path string) body {
	w.t.Helper()
	_, raw, err := w.do("GET", path, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return decodeBody(w.t, raw)
}

func (w *world) post(path, payload string) body {
	w.t.Helper()
	_, raw, err := w.do("POST", path, payload)
	if err != nil {
		w.t.Fatal(err)
	}
	return decodeBody(w.t, raw)
}

// stable fetches a stable token.
func (w *world) stable(appid, secret string) body {
	w.t.Helper()
	return w.post("/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+appid+`","secret":"`+secret+`"}`)
}

// as adds an app's token to a path.
func (w *world) as(appid, path string) string {
	w.t.Helper()
	secrets := map[string]string{mini: miniSecret, other: otherSecret, official: officialSecret}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "access_token=" + w.stable(appid, secrets[appid]).text("access_token")
}

func (w *world) want(b body, code int64, text string) {
	w.t.Helper()
	if b.code() != code || !strings.HasPrefix(b.text("errmsg"), text) {
		w.t.Errorf("got %v, want %d %q", b, code, text)
	}
	if code != 0 && !ridEnd.MatchString(b.text("errmsg")) {
		w.t.Errorf("errmsg %q does not end with a rid", b.text("errmsg"))
	}
}

var ridEnd = regexp.MustCompile(` rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$`)

func TestStartRefusesEveryAddressButLoopback(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.168.1.2:0", "example.com:80", "127.0.0.1"} {
		s := New(Options{Clock: (&hands{}).clock})
		if err := s.Start(addr); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("Start(%q) = %v", addr, err)
		}
		if s.URL() != "" {
			t.Errorf("%q listens", addr)
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsHeldCallsAndCanBeStartedOnce(t *testing.T) {
	w := openWorld(t)
	if err := w.Start("127.0.0.1:0"); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("second Start: %v", err)
	}
	w.Hold("/cgi-bin/token")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _, _ = w.do("GET", "/cgi-bin/token", "")
	}()
	if err := w.WaitHolding(w.ctx, "/cgi-bin/token", 1); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(w.ctx); err != nil {
		t.Error(err)
	}
	<-done
}

func TestServesAsHandlerWithoutStart(t *testing.T) {
	s := New(Options{Clock: (&hands{now: time.Unix(1634137881, 0)}).clock})
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest("GET", "/cgi-bin/token?grant_type=client_credential&appid=x&secret=y", nil))
	b := decodeBody(t, rec.Body.Bytes())
	// 6166f719 is the first part of a rid of 13 October 2021 seen in the community.
	if rec.Code != 200 || b.code() != 40013 || !strings.Contains(b.text("errmsg"), " rid: 6166f719-") {
		t.Errorf("%d %v", rec.Code, b)
	}
}

func TestAddAppNamesEveryMistake(t *testing.T) {
	s := New(Options{Clock: (&hands{}).clock})
	err := s.AddApp(App{Kind: "x", CallbackMode: ModeSafe, AESKey: "short", Templates: []Template{{ID: "a", Title: "空", Kind: 1}}})
	e, ok := err.(*model.Error)
	if !ok || len(e.Fields) != 4 {
		t.Errorf("%v", err)
	}
}

func TestCommonChecks(t *testing.T) {
	w := openWorld(t)
	for name, c := range map[string]struct {
		method, path, body string
		code               int64
		text               string
	}{
		"unknown path":    {"GET", "/cgi-bin/nothing", "", 40066, "invalid url"},
		"GET for POST":    {"GET", sendAPI, "", 43002, "require POST method"},
		"POST for GET":    {"POST", "/cgi-bin/token", "{}", 43001, "require GET method"},
		"empty body":      {"POST", sendAPI, " ", 44002, "empty post data"},
		"bad JSON":        {"POST", sendAPI, "{", 47001, "data format error"},
		"array":           {"POST", sendAPI, "[]", 47001, "data format error"},
		"JSON goes first": {"POST", sendAPI + "?access_token=x", "nonsense", 47001, "data format error"},
		"no token":        {"POST", sendAPI, "{}", 41001, "access_token missing"},
		"garbage token":   {"POST", sendAPI + "?access_token=garbage", "{}", 40014, "invalid access_token"},
		"unknown token":   {"POST", sendAPI + "?access_token=86_" + strings.Repeat("a", 133), "{}", 40001, "invalid credential, access_token is invalid or not latest"},
	} {
		t.Run(name, func(t *testing.T) {
			_, raw, err := w.do(c.method, c.path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			(&world{t: t}).want(decodeBody(t, raw), c.code, c.text)
		})
	}
	w.want(w.post(w.as(official, sendAPI), "{}"), 48001, "api unauthorized")
	w.want(w.post(w.as(mini, "/cgi-bin/message/subscribe/bizsend"), "{}"), 48001, "api unauthorized")
	w.want(w.post(w.as(mini, "/cgi-bin/message/template/send"), "{}"), 48001, "api unauthorized")
}
