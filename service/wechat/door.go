// Package wechat is our thin, typed, context-aware door to WeChat, and the only room that imports silenceper/wechat.
//
// The SDK's types and its message cryptography are used. Its HTTP calls are not: they share process-wide globals, know no context
// for sends, never drop a dead token, and put secrets into errors. Two doors with different addresses live side by side here.
package wechat

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"zhibu/model"
)

// DefaultBaseURL is WeChat's own address.
const DefaultBaseURL = "https://api.weixin.qq.com"

// defaultTimeout bounds one exchange. WeChat answers in tens of milliseconds; the content check in about 400.
const defaultTimeout = 5 * time.Second

// App is what WeChat's console gives for one mini-program or one service account. Token and AESKey belong to the message push.
type App struct {
	AppID  string
	Secret string
	Token  string
	AESKey string
}

// Format keeps the secrets out of every fmt verb, so that a printed configuration gives nothing away.
func (a App) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.safe()) }

// LogValue keeps the secrets out of structured logs.
func (a App) LogValue() slog.Value { return slog.StringValue(a.safe()) }

// MarshalText keeps the secrets out of JSON.
func (a App) MarshalText() ([]byte, error) { return []byte(a.safe()), nil }

func (a App) safe() string { return "App(" + a.AppID + ")" }

// Config is everything a Door needs. Clock is required; the zero value of the rest is useful.
type Config struct {
	BaseURL     string
	MiniProgram App
	Official    App
	Timeout     time.Duration // of one exchange with WeChat
	Clock       model.Clock
	Tokens      TokenStore // shared by the replicas; in-process when nil
	Log         *slog.Logger
	Tracer      model.Tracer // nil: nobody wants to know
}

// Door makes every call to WeChat. It is safe for concurrent use.
type Door struct {
	base    string
	client  *http.Client
	timeout time.Duration
	clock   model.Clock
	tokens  TokenStore
	log     *slog.Logger
	mini    *account
	oa      *account
	// pause waits between tries; tests put their own in, so that they need not sleep.
	pause func(context.Context, time.Duration) error

	life    context.Context
	stop    context.CancelFunc
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup

	figures figures
}

// account is one App with its token.
type account struct {
	App
	name   string // for people
	prefix string // of its settings

	mu        sync.Mutex
	token     string
	until     time.Time
	flight    *flight
	forcedAt  time.Time
	forcedDay model.Date
	forced    int
}

// New opens a door. It makes no call; what is missing or wrong is told by the first call that needs it.
func New(cfg Config) *Door {
	d := &Door{
		timeout: cfg.Timeout, clock: cfg.Clock, tokens: cfg.Tokens, log: cfg.Log, pause: pause,
		mini: &account{App: cfg.MiniProgram, name: "小程序", prefix: "ZHIBU_WECHAT_MINIPROGRAM_"},
		oa:   &account{App: cfg.Official, name: "公众号", prefix: "ZHIBU_WECHAT_OFFICIAL_"},
	}
	if d.timeout <= 0 {
		d.timeout = defaultTimeout
	}
	if d.tokens == nil {
		d.tokens = NewMemoryTokens(cfg.Clock)
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	base := strings.TrimRight(strings.TrimSpace(cfg.BaseURL), "/")
	if base == "" {
		base = DefaultBaseURL
	}
	if u, err := url.Parse(base); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		d.base = base
	}
	d.client = &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: d.timeout, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: d.timeout,
			MaxIdleConns:        512,
			MaxIdleConnsPerHost: 512, // a push keeps some two hundred calls in flight to this one host
			IdleConnTimeout:     90 * time.Second,
		},
		// A redirect would carry the secrets of the query to another address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if cfg.Tracer != nil {
		d.client.Transport = tracedTransport{d.client.Transport, cfg.Tracer}
	}
	d.life, d.stop = context.WithCancel(context.Background())
	return d
}

// Close ends the door's own work, which is at most one token fetch an app, waits for it, and lets the connections go.
func (d *Door) Close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.stop()
	d.running.Wait()
	d.client.CloseIdleConnections()
}

// spawn runs f on a goroutine that Close waits for. It reports false when the door is closed.
func (d *Door) spawn(f func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.running.Go(f)
	return true
}

// need tells which settings are missing before a call is tried.
func (d *Door) need(a *account) error {
	if d.base == "" {
		return model.Fail(model.CodeWechatDown, "微信接口地址的设置有误（ZHIBU_WECHAT_BASE_URL），请联系管理员。")
	}
	var missing []string
	if a.AppID == "" {
		missing = append(missing, a.prefix+"APPID")
	}
	if a.Secret == "" {
		missing = append(missing, a.prefix+"SECRET")
	}
	if len(missing) == 0 {
		return nil
	}
	return model.Failf(model.CodeWechatDown, "尚未配置微信%s，此功能暂不可用，请联系管理员补充设置：%s。", a.name, strings.Join(missing, "、"))
}

// pause waits, or ends early with the context.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
