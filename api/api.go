// Package api is the front of the house: the only place that knows gin, HTTP and JSON. One file per noun: bind, who, call, answer.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"zhibu/model"
	"zhibu/service/action"
	"zhibu/service/annual"
	"zhibu/service/audit"
	"zhibu/service/ballot"
	"zhibu/service/cache"
	"zhibu/service/comment"
	"zhibu/service/content"
	"zhibu/service/draftbox"
	"zhibu/service/handover"
	"zhibu/service/meeting"
	"zhibu/service/member"
	"zhibu/service/minutes"
	"zhibu/service/policy"
	"zhibu/service/privacy"
	"zhibu/service/push"
	"zhibu/service/reminder"
	"zhibu/service/setting"
	"zhibu/service/signin"
	"zhibu/service/suggestion"
	"zhibu/service/supervision"
	"zhibu/service/upload"
	"zhibu/service/workrecord"
)

const (
	basePath = "/api/v1"
	maxJSON  = 1 << 20
	maxPaste = 12 << 20
)

// Rooms are the services that the routes call.
type Rooms struct {
	Signin      *signin.Service
	Member      *member.Service
	Comment     *comment.Service
	Content     *content.Service
	Upload      *upload.Service
	DraftBox    *draftbox.Service
	Meeting     *meeting.Service
	Ballot      *ballot.Service
	Minutes     *minutes.Service
	Action      *action.Service
	Setting     *setting.Service
	Reminder    *reminder.Service
	Suggestion  *suggestion.Service
	Push        *push.Service
	Policy      *policy.Service
	Supervision *supervision.Service
	Handover    *handover.Service
	Annual      *annual.Service
	WorkRecord  *workrecord.Service
	Audit       *audit.Service
	Privacy     *privacy.Service
	// Where WeChat pushes to; nil for an account without settings.
	MiniProgramCallback Callback
	OfficialCallback    Callback

	Limiter cache.Limiter
	Replays Replays
	Ready   func(ctx context.Context) map[string]error // what /readyz asks: database, cache, queue
}

// Options are the settings that the front of the house needs.
type Options struct {
	Log       *slog.Logger
	Clock     model.Clock
	Limits    bool
	PublicURL string // empty: from the request
	Wechat    WechatFacts
	Version   string
	MaxUpload int64
	Tracer    model.Tracer // nil: nobody wants to know
	Proxies   []string     // whose word about a client's address is taken
	// Patience is how long a request waits for the first with its Idempotency-Key; zero: ten seconds.
	Patience time.Duration
	// Site is the public site; nil for none.
	Site      http.Handler
	SitePaths []string // its addresses, as patterns of net/http
	Frontends []Frontend
	RootFiles map[string]string // small texts at the root, by their names
}

// API is the front of the house.
type API struct {
	rooms   Rooms
	options Options
	log     *slog.Logger
	clock   model.Clock
	engine  *gin.Engine
	huma    huma.API
	gates   map[string]who // "GET /api/v1/feed" → who may enter; the permission test walks it
	metrics *metrics
	demo    Demonstration // nil but in the demonstration

	draining   atomic.Bool     // the process is about to end
	streams    context.Context // ends with the server
	endStreams context.CancelFunc
}

// New builds the handler of everything that is served on the public listener.
func New(rooms Rooms, options Options) *API {
	humaOnce.Do(speakChinese)
	gin.SetMode(gin.ReleaseMode)
	a := &API{rooms: rooms, options: options, log: options.Log, clock: options.Clock, gates: map[string]who{}, metrics: newMetrics(options.Log)}
	if rooms.Push != nil {
		a.metrics.registry.MustRegister(pushMetrics{rooms.Push})
	}
	a.streams, a.endStreams = context.WithCancel(context.Background())
	a.engine = gin.New()
	a.engine.HandleMethodNotAllowed = true
	a.engine.RedirectTrailingSlash = false
	_ = a.engine.SetTrustedProxies(options.Proxies) // the settings were parsed before
	a.engine.Use(a.identify)
	if options.Tracer != nil {
		a.engine.Use(a.trace)
	}
	a.engine.Use(a.record, a.rescue, harden, a.authenticate, a.limit, a.replay)
	a.engine.NoRoute(a.nowhere)
	a.engine.NoMethod(func(c *gin.Context) { a.abort(c, model.Fail(model.CodeMethod, "这个地址不支持该方法。")) })
	a.huma = humagin.New(a.engine, humaConfig(options.Version))
	a.routes()
	a.declareFaults()
	return a
}

// ServeHTTP answers one request. HEAD is answered as GET would be, without the body.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	if r.Method == http.MethodHead {
		r = r.WithContext(r.Context())
		r.Method = http.MethodGet
		w = headOnly{w}
	} else if a.atHand(w, r) {
		return
	}
	a.engine.ServeHTTP(w, r)
}

// headOnly lets an answer's head pass and drops its body.
type headOnly struct{ http.ResponseWriter }

func (headOnly) Write(b []byte) (int, error) { return len(b), nil }

func humaConfig(version string) huma.Config {
	c := huma.DefaultConfig("手机党支部", version)
	c.CreateHooks = nil
	c.DocsPath, c.OpenAPIPath, c.SchemasPath = "", "", ""
	c.Info.Description = "学会分支机构功能型党支部的小程序后端。错误一律为 application/problem+json，code 供程序判断，detail 为给人看的中文说明。"
	c.Tags = sections()
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer"}}
	return c
}

// publicURL is the address under which clients reach us.
func (a *API) publicURL(host string, tls bool) string {
	if a.options.PublicURL != "" {
		return a.options.PublicURL
	}
	scheme := "http"
	if tls {
		scheme = "https"
	}
	return scheme + "://" + host
}

// timeView writes an instant as the contract wants it: RFC 3339 in China's zone.
type timeView time.Time

// MarshalJSON writes the time to the second, at +08:00.
func (t timeView) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).In(model.Zone).Format(time.RFC3339) + `"`), nil
}

// Schema tells the reference that this is a date-time.
func (timeView) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-11-23T19:00:00+08:00"}}
}

// timeOrNil is an optional instant.
func timeOrNil(t *time.Time) *timeView {
	if t == nil || t.IsZero() {
		return nil
	}
	v := timeView(*t)
	return &v
}

// textOrNil is an optional text.
func textOrNil(s string) *string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return &s
}
