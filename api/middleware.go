package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"zhibu/model"
	"zhibu/service/cache"
)

type contextKey int

const (
	keyState contextKey = iota
)

// state is what the middleware knows of a request; one value in the context instead of several.
type state struct {
	id     string
	actor  *model.Actor
	fault  error // why a token that was sent gave no actor
	device string
	addr   string
}

func stateOf(ctx context.Context) *state {
	s, _ := ctx.Value(keyState).(*state)
	if s == nil {
		return &state{}
	}
	return s
}

func requestID(ctx context.Context) string     { return stateOf(ctx).id }
func actorOf(ctx context.Context) *model.Actor { return stateOf(ctx).actor }
func tokenFault(ctx context.Context) error     { return stateOf(ctx).fault }
func deviceOf(ctx context.Context) string      { return model.DeviceWords(stateOf(ctx).device) }
func addressOf(ctx context.Context) string     { return stateOf(ctx).addr }

// identify gives the request its id and everybody downstream the state.
func (a *API) identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !plainID(id) {
		id = uuid.NewString()
	}
	c.Header("X-Request-Id", id)
	s := &state{id: id, device: model.CutRunes(model.SingleLine(c.GetHeader("User-Agent")), 200), addr: c.ClientIP()}
	ctx := context.WithValue(model.WithRequestID(c.Request.Context(), id), keyState, s)
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// plainID accepts ids of other systems only when they can stand in a log line as they are.
func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' || r == '.')
	}) < 0
}

// record writes one line a request, without query, names or numbers, and counts it. Of suggestions there is neither: beside the other lines of
// the same minutes even one without an actor would tell who writes an anonymous one, and when.
func (a *API) record(c *gin.Context) {
	start := time.Now()
	c.Next()
	took := time.Since(start)
	route := c.FullPath()
	quiet := strings.HasPrefix(route, basePath+"/suggestions")
	if route == "" || quiet {
		route = "none"
	}
	a.metrics.request(c.Request.Method, route, c.Writer.Status(), took)
	ctx := c.Request.Context()
	if quiet || !a.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	member := ""
	if actor := actorOf(ctx); actor.Bound() {
		member = actor.MemberID
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("request_id", requestID(ctx)), slog.String("method", c.Request.Method), slog.String("route", route),
		slog.Int("status", c.Writer.Status()), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int("bytes", c.Writer.Size()), slog.String("actor", member))
}

// rescue turns a panic into an answer; the stack is for the log alone.
func (a *API) rescue(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		ctx := c.Request.Context()
		a.log.ErrorContext(ctx, "panic", "request_id", requestID(ctx), "panic", v, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			writeProblem(c.Writer, problemOf(ctx, errors.New("panic")))
		}
		c.Abort()
	}()
	c.Next()
}

// contentSecurity lets pages load what is the program's own, and nothing else.
const contentSecurity = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

// harden sets the headers that every answer carries.
func harden(c *gin.Context) {
	hardenHead(c.Writer.Header())
	c.Next()
}

func hardenHead(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", contentSecurity)
}

// authenticate finds the actor of a bearer token. A bad token is only held against the request where one is needed, but never taken for a stranger's.
func (a *API) authenticate(c *gin.Context) {
	token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok {
		c.Next()
		return
	}
	ctx := c.Request.Context()
	actor, err := a.rooms.Signin.Actor(ctx, token)
	s := stateOf(ctx)
	if err != nil {
		if code := model.CodeOf(err); code != model.CodeUnauthenticated && code != model.CodeTokenExpired && code != model.CodeSessionIdle {
			a.abort(c, err)
			return
		}
		s.fault = err
		if !strings.HasPrefix(c.Request.URL.Path, basePath+"/auth/") {
			a.abort(c, err) // a client whose token has ended must learn it, also on public routes, or it would show too little
			return
		}
	}
	s.actor = actor
	if actor != nil && actor.Held && !openToHeld(c.Request.Method, c.Request.URL.Path) {
		a.abort(c, model.Fail(model.CodeFactorSetup, "您的职责需要动态验证码保护：请先在“我的账号”中设置，再继续使用。"))
		return
	}
	c.Next()
}

// openToHeld are the paths at which a second factor is set up, and what a client asks on the way there.
func openToHeld(method, path string) bool {
	path, in := strings.CutPrefix(path, basePath)
	if strings.HasPrefix(path, "/auth/console-codes/") { // approving one would open a session that nothing holds
		return false
	}
	for _, p := range []string{"/auth/", "/me/second-factor", "/me/sessions", "/me/consent"} {
		if in && strings.HasPrefix(path, p) {
			return true
		}
	}
	return in && (method == http.MethodGet && path == "/me" || path == "/me/account" || path == "/me/password" || path == "/consent" || path == "/client")
}

// abort answers with an error in the middle of the chain.
func (a *API) abort(c *gin.Context, err error) {
	ctx := c.Request.Context()
	p := problemOf(ctx, err)
	logFault(ctx, a.log, p)
	writeProblem(c.Writer, p)
	c.Abort()
}

// The limits are wide enough for a hospital behind one address, and too narrow for a guesser.
var (
	limitAddress = cache.Rate{Per: time.Second, Count: 100, Burst: 400}
	limitActor   = cache.Rate{Per: time.Second, Count: 30, Burst: 120}
	limitSignIn  = cache.Rate{Per: time.Minute, Count: 300, Burst: 300}
	limitSecret  = cache.Rate{Per: time.Minute, Count: 30, Burst: 30}
)

// guessable are the paths at which a secret could be guessed.
func guessable(path string) bool {
	switch strings.TrimPrefix(path, basePath) {
	case "/auth/password", "/auth/factor", "/auth/bind", "/me/password", "/auth/setup", "/auth/setup/look", "/me/second-factor", "/me/second-factor/confirm", "/me/recovery-codes":
		return true
	}
	return false
}

type limitCheck struct {
	key  string
	rate cache.Rate
}

// limit slows who asks too much: by address, by member, and more strictly where secrets are guessed.
func (a *API) limit(c *gin.Context) {
	if !a.options.Limits || strings.HasPrefix(c.Request.URL.Path, "/wechat/callback/") { // WeChat's events prove themselves, and come in bursts
		c.Next()
		return
	}
	ctx := c.Request.Context()
	addr := networkOf(addressOf(ctx))
	checks := []limitCheck{{"addr:" + addr, limitAddress}}
	path := c.Request.URL.Path
	switch {
	case guessable(path):
		checks = append(checks, limitCheck{"secret:" + addr, limitSecret})
	case signingIn(path):
		checks = append(checks, limitCheck{"signin:" + addr, limitSignIn})
	}
	if actor := actorOf(ctx); actor.SignedIn() {
		checks[0] = limitCheck{"actor:" + actor.SessionID, limitActor}
	}
	for _, check := range checks {
		if ok, wait := a.rooms.Limiter.Allow(ctx, check.key, check.rate); !ok {
			e := model.Fail(model.CodeRateLimited, "操作过于频繁，请稍后再试。")
			e.RetryAfter = max(wait, time.Second)
			a.abort(c, e)
			return
		}
	}
	c.Next()
}

// networkOf puts the addresses of one IPv6 customer together.
func networkOf(addr string) string {
	ip := net.ParseIP(addr)
	if ip == nil || ip.To4() != nil {
		return addr
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
