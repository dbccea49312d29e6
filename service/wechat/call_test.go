package wechat

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

var card = SubscribeMessage{OpenID: "oABC", TemplateID: "tmpl-1", Page: "pages/a?id=1&b=<2>", Data: map[string]string{"thing1": "支部大会 <一>"}}

// What each broken call is for a send, for a read, and how the cause looks.
func TestOutcomes(t *testing.T) {
	big := strings.Repeat(" ", jsonLimit+1)
	for _, c := range []struct {
		name   string
		handle http.HandlerFunc
	}{
		{"reset after the request was read", reset},
		{"truncated JSON", answers(`{"errcode":0,"errm`)},
		{"no HTTP at all, with a secret in it", func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = io.WriteString(conn, testSecret+" secret="+testSecret+"\r\n\r\n")
				_ = conn.Close()
			}
		}},
		{"empty answer", answers("")},
		{"HTML with 200", answers("<html><body>系统维护中 secret=" + testSecret + "</body></html>")},
		{"JSON of another kind", answers(`[1,2]`)},
		{"too much", answers(`{"errcode":0,"errmsg":"ok"}` + big)},
		{"system busy", answers(fault(-1, "system error"))},
		{"502", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); _, _ = io.WriteString(w, "<h1>Bad") }},
		{"302", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://127.0.0.1:1/?x", 302) }},
		{"half an announced body", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"errcode":0`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, c.handle)
			_, err := f.door.SendSubscribe(t.Context(), card)
			if e := callError(t, err); e.Class != ClassUnknownOutcome || e.API != APISubscribeSend {
				t.Errorf("a send: %v", err)
			}
			if n := len(f.seen()); n != 1 {
				t.Errorf("the send was made %d times", n)
			}
			_, err = f.door.Quota(t.Context(), APITextCheck)
			if e := callError(t, err); e.Class != ClassRetry {
				t.Errorf("a read: %v", err)
			}
			if model.CodeOf(err) != model.CodeWechatDown {
				t.Errorf("people see %v", Public(err))
			}
			if contains(everyForm(err)+f.log.String(), testSecret) {
				t.Errorf("the secret shows: %v\n%s", err, f.log)
			}
		})
	}
}

// An answer without errcode is no success for a send.
func TestSendWithoutErrcode(t *testing.T) {
	f := newFake(t, answers(`{}`))
	_, err := f.door.SendSubscribe(t.Context(), card)
	if e := callError(t, err); e.Class != ClassUnknownOutcome {
		t.Errorf("got %v", err)
	}
}

func TestNotSent(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"errmsg":"ok","msgid":1}`))
	// The token is there, so that the send itself is what fails.
	tokens := NewMemoryTokens(f.clock)
	tokens.Set(t.Context(), f.door.mini.key(), f.current, f.clock().Add(time.Hour))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := l.Addr().String()
	_ = l.Close()
	for _, base := range []string{"http://" + refusing, "http://no-such-host.invalid"} {
		d := f.open(base, tokens)
		_, err := d.SendSubscribe(t.Context(), card)
		if e := callError(t, err); e.Class != ClassNotSent || e.API != APISubscribeSend {
			t.Errorf("%s: %v", base, err)
		}
		if shown := everyForm(err) + f.log.String(); contains(shown, f.current) || contains(shown, "http://") {
			t.Errorf("the token or its address shows: %v", err)
		}
		d.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.door.SendSubscribe(ctx, card)
	if e := callError(t, err); e.Class != ClassNotSent || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

func TestTimeoutAndCancel(t *testing.T) {
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	f := newFake(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	f.door.timeout = 50 * time.Millisecond
	_, err := f.door.SendSubscribe(t.Context(), card)
	if e := callError(t, err); e.Class != ClassUnknownOutcome || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timeout: %v", err)
	}
	<-arrived
	f.door.timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err = f.door.SendSubscribe(ctx, card)
	if e := callError(t, err); e.Class != ClassUnknownOutcome || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled on the way: %v", err)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	followed := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer other.Close()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	if _, err := f.door.SendSubscribe(t.Context(), card); err == nil || followed {
		t.Errorf("followed %v, error %v", followed, err)
	}
}

func TestMissingSettings(t *testing.T) {
	clock := func() time.Time { return time.Unix(1, 0) }
	d := New(Config{Clock: clock})
	defer d.Close()
	ctx := t.Context()
	calls := map[string]func() error{
		"login":    func() error { _, err := d.Login(ctx, "code"); return err },
		"phone":    func() error { _, err := d.Phone(ctx, "code"); return err },
		"send":     func() error { _, err := d.SendSubscribe(ctx, card); return err },
		"check":    func() error { _, err := d.CheckText(ctx, TextCheck{Content: "x"}); return err },
		"media":    func() error { _, err := d.MediaCheck(ctx, MediaCheck{}); return err },
		"qr":       func() error { _, _, err := d.QRCode(ctx, QRCode{Scene: "a"}); return err },
		"template": func() error { _, err := d.Templates(ctx); return err },
		"quota":    func() error { _, err := d.Quota(ctx, APILogin); return err },
		"trace":    func() error { _, err := d.Trace(ctx, "x"); return err },
	}
	for name, call := range calls {
		err := call()
		if model.CodeOf(err) != model.CodeWechatDown || !contains(err.Error(), "ZHIBU_WECHAT_MINIPROGRAM_APPID") || !contains(err.Error(), "ZHIBU_WECHAT_MINIPROGRAM_SECRET") {
			t.Errorf("%s: %v", name, err)
		}
		if ClassOf(err) != ClassConfig {
			t.Errorf("%s has class %q", name, ClassOf(err))
		}
	}
	if _, err := d.SendTemplate(ctx, TemplateMessage{}); !contains(err.Error(), "ZHIBU_WECHAT_OFFICIAL_SECRET") {
		t.Errorf("template message: %v", err)
	}
	half := New(Config{Clock: clock, MiniProgram: App{AppID: "wx1"}})
	defer half.Close()
	if _, err := half.Login(ctx, "code"); contains(err.Error(), "_APPID") || !contains(err.Error(), "_SECRET") {
		t.Errorf("only the missing one is named: %v", err)
	}
	for _, base := range []string{"api.weixin.qq.com", "ftp://x", "http://", "::"} {
		bad := New(Config{Clock: clock, BaseURL: base, MiniProgram: App{AppID: "wx1", Secret: "s"}})
		if _, err := bad.Login(ctx, "code"); model.CodeOf(err) != model.CodeWechatDown || !contains(err.Error(), "ZHIBU_WECHAT_BASE_URL") {
			t.Errorf("base %q: %v", base, err)
		}
		bad.Close()
	}
}
