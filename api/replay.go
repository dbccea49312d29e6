package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// replay answers a repeated POST with the first answer. A POST without a key, and signing in, pass by. So does a ballot: of a secret vote
// nothing may be kept by which the choice could be found out, and a fingerprint of three possible bodies is no secret. It counts once anyway.
func (a *API) replay(c *gin.Context) {
	key := c.GetHeader("Idempotency-Key")
	if key == "" || c.Request.Method != http.MethodPost || strings.HasPrefix(c.Request.URL.Path, basePath+"/auth/") ||
		strings.HasPrefix(c.Request.URL.Path, basePath+"/me/second-factor") || // its secrets are shown once and kept nowhere
		c.FullPath() == basePath+"/polls/:id/ballots" {
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
	before, err := a.claimReplay(ctx, row)
	switch {
	case err != nil:
		a.abort(c, err)
	case before == nil:
		a.firstTime(c, row)
	case before.Hash != row.Hash:
		a.abort(c, model.Fail(model.CodeKeyReused, "同一个 Idempotency-Key 已用于另一次提交，请更换后重试。"))
	case before.Status == 0:
		e := model.Conflict("同样的提交正在处理，请稍候查看结果。")
		e.RetryAfter = replayAgain
		a.abort(c, e)
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

// replayPause is how often a second request looks whether the first has ended, and replayPatience how long: the two may be at different replicas.
const (
	replayPause    = 50 * time.Millisecond
	replayPatience = 10 * time.Second
	replayAgain    = 5 * time.Second // after which a client that was told to wait asks once more, with the same key
)

// claimReplay claims the key, or waits for the same request that is under way and returns its answer.
func (a *API) claimReplay(ctx context.Context, row *model.Replay) (*model.Replay, error) {
	patience, cancel := context.WithTimeout(ctx, cmp.Or(a.options.Patience, replayPatience))
	defer cancel()
	pause := time.NewTicker(replayPause)
	defer pause.Stop()
	for {
		before, err := a.rooms.Replays.BeginReplay(ctx, row, a.clock().Add(-underWay))
		if err != nil || before == nil || before.Status != 0 || before.Hash != row.Hash {
			return before, err
		}
		select {
		case <-pause.C:
		case <-patience.Done():
			return before, ctx.Err()
		}
	}
}

func callerOf(actor *model.Actor) string {
	if actor.Bound() {
		return actor.MemberID
	}
	return actor.IdentityID
}

// requestHash tells two requests apart. The order of a JSON object's keys does not count, nor does a multipart body's boundary, which a client
// makes anew each time.
func requestHash(r *http.Request, body []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n")
	if _, boundary, ok := strings.Cut(r.Header.Get("Content-Type"), "boundary="); ok {
		body = bytes.ReplaceAll(body, []byte(strings.Trim(boundary, `"`)), nil)
	}
	if same, ok := canonical(body); ok {
		body = same
	}
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// canonical is JSON with its keys in order; numbers keep their digits.
func canonical(body []byte) ([]byte, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, false
	}
	out, err := json.Marshal(v)
	return out, err == nil
}

// firstTime runs the request and keeps its answer. What was refused is not kept: nothing was created, and the form may be mended and sent again.
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
	if row.Status = w.Status(); row.Status >= 400 {
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
