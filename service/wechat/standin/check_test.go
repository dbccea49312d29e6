package standin

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func (w *world) text(content string, more string) body {
	w.t.Helper()
	return w.post(w.as(mini, "/wxa/msg_sec_check"), `{"content":"`+content+`","version":2,"scene":2,"openid":"oAlice"`+more+`}`)
}

func TestTextCheckVerdicts(t *testing.T) {
	w := openWorld(t)
	w.Visit(mini, alice)
	for content, want := range map[string]struct {
		suggest string
		label   int64
	}{
		"今天学习了新条例":  {"pass", 100},
		"我们是党的支部":   {"pass", 100}, // political only where the list says so
		"这里可以赌博":    {"risky", 20006},
		"你这个混蛋":     {"review", 20003},
		"混蛋，加微信领红包": {"risky", 10001}, // the gravest word decides
	} {
		b := w.text(content, "")
		result, _ := b["result"].(map[string]any)
		if b.code() != 0 || b["errcode"] == nil || b.text("trace_id") == "" || body(result).text("suggest") != want.suggest || body(result).number("label") != want.label {
			t.Errorf("%s: %v", content, b)
		}
		for _, d := range b["detail"].([]any) {
			if one := body(d.(map[string]any)); one.code() != 0 || one.text("strategy") == "" || one.text("suggest") == "" {
				t.Errorf("detail %v", d)
			}
		}
	}
	if b := w.text("好", `,"nickname":"赌博"`); body(b["result"].(map[string]any)).text("suggest") != "risky" {
		t.Errorf("nickname counts: %v", b)
	}
	w.SetWords(PartyWords())
	if b := w.text("我们是党的支部", ""); b.code() != 0 || body(b["result"].(map[string]any)).text("suggest") != "review" || body(b["result"].(map[string]any)).number("label") != 20001 {
		t.Errorf("party words: %v", b)
	}
	w.SetWords([]Word{{"赌博", Risky, LabelCrime}})
	w.want(w.post(w.as(mini, "/wxa/msg_sec_check"), `{"content":"赌博"}`), 87014, "risky content")
	w.want(w.post(w.as(mini, "/wxa/msg_sec_check"), `{"content":"好"}`), 0, "ok")
}

func TestTextCheckErrors(t *testing.T) {
	w := openWorld(t)
	w.want(w.text("好", ""), 61010, "code is expired")
	w.MintCode(mini, alice)
	w.AddUser(other, "oCarol")
	w.want(w.text("好", `,"scene":5`), 40129, "")
	w.want(w.text("好", `,"scene":0`), 40129, "")
	w.want(w.text("好", `,"openid":"oCarol"`), 43104, "")
	w.want(w.text("好", `,"openid":"oNobody"`), 40003, "invalid openid")
	w.want(w.text("", ""), 44002, "")
	w.want(w.text(strings.Repeat("好", 2500), ""), 0, "ok")
	if b := w.text(strings.Repeat("好", 2501), ""); b.code() == 0 {
		t.Errorf("over 2500: %v", b)
	}
	w.hands.move(2 * time.Hour)
	w.want(w.text("好", ""), 0, "ok")
	w.hands.move(time.Second)
	w.want(w.text("好", ""), 61010, "code is expired")
}

func TestTextCheckLimits(t *testing.T) {
	w := openWorld(t)
	w.Visit(mini, alice)
	path := w.as(mini, "/wxa/msg_sec_check")
	ask := func() int64 {
		return w.post(path, `{"content":"好","version":2,"scene":2,"openid":"oAlice"}`).code()
	}
	w.mu.Lock()
	w.usage[bucket("minute:"+mini+"/wxa/msg_sec_check", time.Minute, w.hands.clock())] = tally{n: 3999}
	w.mu.Unlock()
	if a, b := ask(), ask(); a != 0 || b != 44991 {
		t.Errorf("4000 a minute: %d %d", a, b)
	}
	w.hands.move(time.Minute)
	if got := ask(); got != 0 {
		t.Errorf("next minute: %d", got)
	}
	if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini}); err != nil {
		t.Fatal(err)
	}
	w.hands.move(-time.Minute + 24*time.Hour) // another day; the user comes again
	w.Visit(mini, alice)
	path = w.as(mini, "/wxa/msg_sec_check")
	for i := range 100 {
		if got := ask(); got != 0 {
			t.Fatalf("check %d: %d", i, got)
		}
	}
	if got := ask(); got != 45009 {
		t.Errorf("unpublished: 100 a day, then %d", got)
	}
}

func TestMediaCheck(t *testing.T) {
	files := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "gone") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("picture"))
	}))
	defer files.Close()
	w := openWorld(t, func(o *Options) { o.MediaDelay = 10 * time.Minute })
	w.Visit(mini, alice)
	w.SetMediaVerdict("bad", Risky, LabelPorn)
	ask := func(name string, more string) body {
		return w.post(w.as(mini, "/wxa/media_check_async"), `{"media_url":"`+files.URL+name+`","media_type":2,"version":2,"scene":1,"openid":"oAlice"`+more+`}`)
	}
	event := func(name string) (body, body) {
		t.Helper()
		before := len(w.Events(mini))
		b := ask(name, "")
		w.want(b, 0, "ok")
		if err := w.timers.WaitPending(w.ctx, 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		w.timers.Advance(10*time.Minute - time.Second)
		if len(w.Events(mini)) != before {
			t.Error("the verdict comes later")
		}
		w.timers.Advance(time.Second)
		if err := w.WaitFor(w.ctx, func() bool { return len(w.Events(mini)) > before }); err != nil {
			t.Fatal(err)
		}
		e := w.Events(mini)[before]
		return b, decodeBody(t, []byte(e.Body))
	}
	b, e := event("/fine.png")
	result, _ := e["result"].(map[string]any)
	if e.text("Event") != "wxa_media_check" || e.text("trace_id") != b.text("trace_id") || e.number("version") != 2 || e.code() != 0 || e["errcode"] == nil ||
		body(result).text("suggest") != "pass" || body(result).number("label") != 100 || e.text("appid") != mini || len(e["detail"].([]any)) != 1 {
		t.Errorf("%v", e)
	}
	_, e = event("/bad.png")
	if body(e["result"].(map[string]any)).number("label") != 20002 {
		t.Errorf("%v", e)
	}
	_, e = event("/gone.png")
	if e.code() != -1008 {
		t.Errorf("%v", e)
	}
	w.SetQuirks(Quirks{StringLabel: true})
	_, e = event("/string.png")
	if body(e["result"].(map[string]any)).text("label") != "100" || e["errcode"] != nil {
		t.Errorf("%v", e)
	}
	w.want(ask("/fine.png", ""), 87020, "")
	w.want(ask("/x.png", `,"media_type":3`), 40004, "")
	w.want(ask("/x.png", `,"scene":9`), 40129, "")
	w.hands.move(3 * time.Hour)
	w.want(ask("/x.png", ""), 61010, "code is expired")
}

func TestMediaVerdictMayNeverCome(t *testing.T) {
	w := openWorld(t, func(o *Options) { o.MediaDelay = -1 })
	w.Visit(mini, alice)
	w.want(w.post(w.as(mini, "/wxa/media_check_async"), `{"media_url":"http://127.0.0.1:1/","media_type":2,"version":2,"scene":1,"openid":"oAlice"}`), 0, "ok")
	if err := w.Close(w.ctx); err != nil || len(w.Events("")) != 0 {
		t.Error(err, w.Events(""))
	}
}

func TestQRCode(t *testing.T) {
	w := openWorld(t)
	path := w.as(mini, "/wxa/getwxacodeunlimit")
	res, raw, err := w.do("POST", path, `{"scene":"a=1&b=2","page":"pages/index"}`)
	if err != nil || res.Header.Get("Content-Type") != "image/jpeg" {
		t.Fatal(res, err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(raw)); err != nil {
		t.Error(err)
	}
	_, again, _ := w.do("POST", path, `{"scene":"a=1&b=3","page":"pages/index"}`)
	if bytes.Equal(raw, again) {
		t.Error("two scenes, one picture")
	}
	for name, c := range map[string]struct {
		body string
		code int64
	}{
		"no scene":       {`{"page":"pages/index"}`, 40169},
		"33 characters":  {`{"scene":"` + strings.Repeat("a", 33) + `"}`, 40169},
		"32 characters":  {`{"scene":"` + strings.Repeat("a", 32) + `"}`, 0},
		"per cent":       {`{"scene":"a%20"}`, 40129},
		"Chinese":        {`{"scene":"会议"}`, 40129},
		"unknown page":   {`{"scene":"a","page":"pages/none"}`, 41030},
		"unchecked page": {`{"scene":"a","page":"pages/none","check_path":false}`, 0},
		"leading slash":  {`{"scene":"a","page":"/pages/index","check_path":false}`, 41030},
		"query":          {`{"scene":"a","page":"pages/index?x=1"}`, 41030},
		"narrow":         {`{"scene":"a","width":100}`, 40097},
		"env":            {`{"scene":"a","env_version":"beta"}`, 40097},
	} {
		t.Run(name, func(t *testing.T) {
			res, raw, err := w.do("POST", path, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if c.code == 0 {
				if res.Header.Get("Content-Type") != "image/jpeg" {
					t.Errorf("%s", raw)
				}
				return
			}
			if res.Header.Get("Content-Type") != "application/json; encoding=utf-8" {
				t.Error(res.Header)
			}
			(&world{t: t}).want(decodeBody(t, raw), c.code, "")
		})
	}
}
