package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"zhibu/model"
)

// Replays keeps the first answer to each idempotency key. The store is one.
type Replays interface {
	BeginReplay(ctx context.Context, r *model.Replay, stale time.Time) (*model.Replay, error)
	EndReplay(ctx context.Context, r *model.Replay) error
	DropReplay(ctx context.Context, caller, key string) error
}

// underWay is how long a first request may take before its key may be taken over.
const underWay = time.Minute

// replay answers a repeated POST with the first answer. A POST without a key, and signing in, pass by.
func (a *API) replay(c *gin.Context) {
	key := c.GetHeader("Idempotency-Key")
	if key == "" || c.Request.Method != http.MethodPost || strings.HasPrefix(c.Request.URL.Path, basePath+"/auth/") {
		c.Next()
		return
	}
	ctx := c.Request.Context()
	actor := actorOf(ctx)
	if len(key) > 128 || model.CleanText(key) != key {
		a.abort(c, model.BadField("Idempotency-Key", "invalid", "Idempotency-Key 应为不超过 128 个字符的可见文字。"))
		return
	}
	if !actor.SignedIn() { // nothing can be created without a session
		c.Next()
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, a.options.MaxUpload+maxJSON))
	if err != nil {
		a.abort(c, model.Fail(model.CodeTooLarge, "提交的内容过大，请精简后重试。").Because(err))
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	row := &model.Replay{Caller: callerOf(actor), Key: key, Hash: requestHash(c.Request, body), CreatedAt: a.clock()}
	before, err := a.rooms.Replays.BeginReplay(ctx, row, a.clock().Add(-underWay))
	switch {
	case err != nil:
		a.abort(c, err)
	case before == nil:
		a.firstTime(c, row)
	case before.Hash != row.Hash:
		a.abort(c, model.Fail(model.CodeKeyReused, "同一个 Idempotency-Key 已用于另一次提交，请更换后重试。"))
	case before.Status == 0:
		a.abort(c, model.Conflict("同样的提交正在处理，请稍候查看结果。"))
	default:
		for k, v := range before.Header {
			c.Header(k, v)
		}
		c.Header("Idempotent-Replay", "true")
		c.Status(before.Status)
		_, _ = c.Writer.Write(before.Body)
		c.Abort()
	}
}

func callerOf(actor *model.Actor) string {
	if actor.Bound() {
		return actor.MemberID
	}
	return actor.IdentityID
}

// requestHash tells two requests apart. Of a multipart body the boundary, which a client makes anew each time, does not count.
func requestHash(r *http.Request, body []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n")
	if _, boundary, ok := strings.Cut(r.Header.Get("Content-Type"), "boundary="); ok {
		body = bytes.ReplaceAll(body, []byte(strings.Trim(boundary, `"`)), nil)
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// firstTime runs the request and keeps its answer, unless it failed in a way that may succeed later.
func (a *API) firstTime(c *gin.Context, row *model.Replay) {
	w := &recorder{ResponseWriter: c.Writer}
	c.Writer = w
	done := false
	// The answer is kept also when the client has gone away meanwhile: it will ask again.
	ctx := context.WithoutCancel(c.Request.Context())
	defer func() {
		if !done {
			a.noteReplay(ctx, a.rooms.Replays.DropReplay(ctx, row.Caller, row.Key))
		}
	}()
	c.Next()
	row.Status = w.Status()
	switch {
	case row.Status >= 500, row.Status == http.StatusTooManyRequests, row.Status == http.StatusUnauthorized:
		return
	}
	row.Body, row.Header = w.body.Bytes(), map[string]string{}
	for _, k := range []string{"Content-Type", "ETag", "Location"} {
		if v := w.Header().Get(k); v != "" {
			row.Header[k] = v
		}
	}
	a.noteReplay(ctx, a.rooms.Replays.EndReplay(ctx, row))
	done = true
}

func (a *API) noteReplay(ctx context.Context, err error) {
	if err != nil {
		a.log.ErrorContext(ctx, "idempotency key not kept", "request_id", requestID(ctx), "cause", err)
	}
}

// recorder keeps a copy of what is answered.
type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

func (r *recorder) WriteString(s string) (int, error) {
	r.body.WriteString(s)
	return r.ResponseWriter.WriteString(s)
}
