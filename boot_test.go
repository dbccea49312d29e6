package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zhibu/demo"
	"zhibu/model"
	"zhibu/model/store/storetest"
	"zhibu/service/wechat/standin"
)

// TestMain stops private servers, and holds that a program that has stopped leaves nothing running. Most of what stories and faults take is waiting,
// for a beat, a lease or a deadline, so that twice as many as there are cores run at once unless somebody says otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	// A server that has closed a connection waits half a second before it lets go of it.
	passing := append(storetest.LibraryGoroutines(), goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
	storetest.Main(m, func() error { return goleak.Find(passing...) })
}

// onBoth runs a story on the embedded database, and again on MySQL with Redis. With the race detector it is the first alone: races are in our
// code, which is the same; make test runs both without it.
func onBoth(t *testing.T, story func(t *testing.T, env map[string]string)) {
	t.Run("sqlite", func(t *testing.T) { story(t, map[string]string{}) })
	if underRace {
		return
	}
	t.Run("mysql+redis", func(t *testing.T) {
		story(t, map[string]string{"DATABASE_URL": storetest.MariaDBURL(t), "REDIS_URL": storetest.Redis(t).URL()})
	})
}

// program is the whole program, started by run as its user would, with the WeChat stand-in for its other side.
type program struct {
	t    *testing.T
	base string // of the public listener
	dir  string // its data directory
	wx   *standin.Server
	env  map[string]string
	time atomic.Pointer[model.Clock] // the stand-in's clock, set again with the program's
	stop context.CancelFunc
	done chan error
	log  *logBook
	said *logBook // what it printed, where a test wants it
}

// startWithin is how long a program may take until it serves; the demonstration's first start loads its society.
const startWithin = 60 * time.Second

// logBook keeps what the program logs.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	testAppID  = "wxtest00000000000001"
	testSecret = "0123456789abcdef0123456789abcdef"
	testToken  = "push-token"
	testAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// boot starts the stand-in and the program at the clock's instant (empty: the real time), and ends both with the test.
func boot(t *testing.T, clock string, env map[string]string) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir(), env: map[string]string{}, log: &logBook{}}
	start := p.setClock(clock)
	p.wx = standin.New(standin.Options{Clock: p.now, Seed: 1, Log: slog.New(slog.DiscardHandler)})
	app := standin.App{AppID: testAppID, Secret: testSecret, Kind: standin.Mini, Token: testToken, AESKey: testAESKey, Published: true, OpenPlatform: true,
		CallbackMode: standin.ModeSafe, CallbackFormat: standin.FormatJSON}
	for _, tpl := range demo.Society(start).Templates {
		app.Templates = append(app.Templates, standin.Template{ID: tpl.ID, Title: tpl.Title, Kind: tpl.Type, Content: tpl.Content})
	}
	if err := p.wx.AddApp(app); err != nil {
		t.Fatal(err)
	}
	if err := p.wx.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.wx.Close(ctx); err != nil {
			t.Errorf("close the stand-in: %v", err)
		}
	})
	for k, v := range map[string]string{
		"LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0", "DATA_DIR": filepath.Join(p.dir, "data"), "WECHAT_BASE_URL": p.wx.URL(),
		"WECHAT_MINIPROGRAM_APPID": testAppID, "WECHAT_MINIPROGRAM_SECRET": testSecret, "WECHAT_MINIPROGRAM_TOKEN": testToken, "WECHAT_MINIPROGRAM_AES_KEY": testAESKey,
		"WECHAT_TEMPLATES": demo.WeChatTemplates(), "SECRET_KEY": "the secret key of the stories, long enough",
	} {
		p.env[k] = v
	}
	for k, v := range env {
		p.env[k] = v
	}
	p.start("serve")
	t.Cleanup(p.end)
	return p
}

// setClock sets the stand-in's clock now, and the program's for its next start; empty is the real time.
func (p *program) setClock(clock string) (start time.Time) {
	p.t.Helper()
	if clock != "" {
		var err error
		if start, err = time.Parse(time.RFC3339, clock); err != nil {
			p.t.Fatal(err)
		}
		p.env["CLOCK"] = clock
	}
	c := newClock(start)
	p.time.Store(&c)
	return start
}

// now is the story's time: the stand-in's clock, and the program's but for the moment that starting took.
func (p *program) now() time.Time { return (*p.time.Load())() }

// moveTo ends the program and starts it on the same data at another instant, which WeChat's side then has too.
func (p *program) moveTo(clock string) {
	p.t.Helper()
	p.end()
	p.setClock(clock)
	p.start("serve")
}

// replica starts the program once more, beside the first and on the same data.
func (p *program) replica() *program {
	p.t.Helper()
	b := &program{t: p.t, dir: p.dir, wx: p.wx, env: maps.Clone(p.env), log: &logBook{}}
	b.time.Store(p.time.Load())
	if b.env["CLOCK"] != "" {
		b.env["CLOCK"] = p.now().Format(time.RFC3339Nano)
	}
	b.start("serve")
	p.t.Cleanup(b.end)
	return b
}

func (p *program) getenv(name string) string { return p.env[strings.TrimPrefix(name, "ZHIBU_")] }

var servingAt = regexp.MustCompile(`http://([0-9.:]+)/api/v1`)

// start runs a serving command and returns once it says where it listens.
func (p *program) start(args ...string) {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p.stop, p.done = stop, make(chan error, 1)
	said, say := io.Pipe()
	go func() {
		err := run(ctx, args, p.getenv, strings.NewReader(""), say, p.log)
		_ = say.CloseWithError(io.EOF)
		p.done <- err
	}()
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			p.base = "http://" + m[1]
			rest := io.Discard
			if p.said != nil {
				rest = p.said
			}
			go func() {
				for lines.Scan() {
					_, _ = io.WriteString(rest, lines.Text()+"\n")
				}
			}()
			if p.wx != nil {
				p.wx.SetCallback(testAppID, p.base+"/wechat/callback/miniprogram")
			}
			return
		}
	}
	p.t.Fatalf("the program did not start: %v\n%s", <-p.done, p.log)
}

// end stops the program as a signal would and holds that it ended well and in time.
func (p *program) end() {
	p.t.Helper()
	if p.done == nil {
		return
	}
	began := time.Now()
	p.stop()
	if err := <-p.done; err != nil {
		p.t.Errorf("the program ended with %v\n%s", err, p.log)
	}
	if took := time.Since(began); took > 10*time.Second {
		p.t.Errorf("stopping took %s", took)
	}
	p.done = nil
	http.DefaultClient.CloseIdleConnections()
}

// restart ends the program and starts it again on the same data.
func (p *program) restart() {
	p.t.Helper()
	p.end()
	p.start("serve")
}

// command runs another command of the program on the same data, and returns what it printed.
func (p *program) command(stdin string, args ...string) string {
	p.t.Helper()
	var out bytes.Buffer
	if err := run(context.Background(), args, p.getenv, strings.NewReader(stdin), &out, p.log); err != nil {
		p.t.Fatalf("zhibu %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

// object is a JSON object of an answer.
type object map[string]any

// at walks down an answer by keys and indexes: v.at("items", 0, "id").
func (o object) at(path ...any) any {
	var v any = map[string]any(o)
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// text is at for strings, "" when there is none.
func (o object) text(path ...any) string { s, _ := o.at(path...).(string); return s }

// number is at for numbers, -1 when there is none.
func (o object) number(path ...any) int {
	n, ok := o.at(path...).(float64)
	if !ok {
		return -1
	}
	return int(n)
}

// list is at for arrays of objects.
func (o object) list(path ...any) []object {
	l, _ := o.at(path...).([]any)
	out := make([]object, 0, len(l))
	for _, v := range l {
		m, _ := v.(map[string]any)
		out = append(out, m)
	}
	return out
}

// response is one answer.
type response struct {
	status int
	header http.Header
	raw    []byte
	object
}

// call makes one request. The body is nil, a string of JSON, or anything that marshals.
func (p *program) call(method, path, token string, body any, headers ...string) response {
	p.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case io.Reader:
		in = b
	default:
		j, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(j)
	}
	url := p.base + path
	if !strings.HasPrefix(path, "/files") && !strings.HasPrefix(path, "/openapi") && !strings.HasPrefix(path, "/healthz") && !strings.HasPrefix(path, "/readyz") && !strings.HasPrefix(path, "/docs") {
		url = p.base + "/api/v1" + path
	}
	req, err := http.NewRequestWithContext(context.Background(), method, url, in)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", method, path, err, p.log)
	}
	defer func() { _ = res.Body.Close() }()
	out := response{status: res.StatusCode, header: res.Header}
	if out.raw, err = io.ReadAll(res.Body); err != nil {
		p.t.Fatal(err)
	}
	_ = json.Unmarshal(out.raw, &out.object) // some answers are no JSON; then the object is empty
	return out
}

// must is call, and fails the test unless the status is as expected.
func (p *program) must(status int, method, path, token string, body any, headers ...string) response {
	p.t.Helper()
	r := p.call(method, path, token, body, headers...)
	if r.status != status {
		p.t.Fatalf("%s %s: %d, want %d: %s\n", method, path, r.status, status, r.raw)
	}
	return r
}

// upload posts a file as multipart.
func (p *program) upload(path, token, name string, content []byte) response {
	p.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		p.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	return p.call("POST", path, token, &b, "Content-Type", w.FormDataContentType())
}

// admin makes the first account and signs in with it.
func (p *program) admin() string {
	p.t.Helper()
	p.account("office")
	return p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
}

// org makes an organisation and returns its id.
func (p *program) org(token, parent, kind, name string) string {
	p.t.Helper()
	body := object{"kind": kind, "name": name, "parent_id": nil}
	if parent != "" {
		body["parent_id"] = parent
	}
	return p.must(201, "POST", "/orgs", token, body).text("id")
}

// visit signs a WeChat user in.
func (p *program) visit(openID string) response {
	p.t.Helper()
	return p.must(200, "POST", "/auth/wechat", "", object{"code": p.wx.MintCode(testAppID, openID)})
}

// bind signs a WeChat user in and binds it by phone; it returns the token.
func (p *program) bind(openID, phone string) string {
	p.t.Helper()
	token := p.visit(openID).text("access_token")
	r := p.must(200, "POST", "/auth/bind", token, object{"consent_version": p.must(200, "GET", "/consent", "", nil).text("version"), "phone_code": p.wx.MintPhoneCode(testAppID, openID, phone)})
	return r.text("access_token")
}

// eventually asks until the answer is right or the time is up; what it waits for happens in the background of the program.
func (p *program) eventually(what string, within time.Duration, right func() bool) {
	p.t.Helper()
	deadline := time.Now().Add(within)
	for !right() {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within %s: %s\n%s", within, what, p.log)
		}
		time.Sleep(20 * time.Millisecond) // a poll of another process, for which there is no event
	}
}

func decode(t *testing.T, r io.Reader) object {
	t.Helper()
	out := object{}
	if err := json.NewDecoder(r).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// describe names an answer in a failure.
func (r response) describe() string { return fmt.Sprintf("%d %s", r.status, r.raw) }
