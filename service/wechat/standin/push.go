package standin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"zhibu/model"
)

// maxAttempts is a first delivery and three more.
const maxAttempts = 4

// The states of a push event.
const (
	PushPending    = "pending"
	PushDelivered  = "delivered"
	PushGivenUp    = "given_up"
	PushNoCallback = "no_callback"
	PushDropped    = "dropped"
)

// PushKnobs spoil the events of an app, for the tests of a receiver. The zero value is a healthy WeChat.
type PushKnobs struct {
	Copies       int           // how often each event is delivered; 0 is once
	Silent       bool          // events are dropped, as when WeChat loses them
	Reverse      bool          // ResumePush delivers what was paused newest first
	BadSignature bool          // msg_signature (or signature in plain mode) is wrong; in safe mode signature stays right
	WrongAppID   bool          // the encrypted text names another appid
	PlainBody    bool          // plaintext although the app is in safe mode, signed as plain mode is
	Age          time.Duration // the timestamp is this old
}

// PushEvent is one event on its way to a callback URL.
type PushEvent struct {
	ID       int       `json:"id"`
	At       time.Time `json:"at"`
	AppID    string    `json:"appid"`
	OpenID   string    `json:"openid"`
	Event    string    `json:"event"`
	Body     string    `json:"body"` // as plain text, even where it is delivered encrypted
	State    string    `json:"state"`
	Attempts int       `json:"attempts"`
	Status   int       `json:"status"` // of the last answer, 0 for none

	wire *wire
}

// wire is a request as it is sent; a redelivery sends the same body.
type wire struct {
	query   url.Values
	body    []byte
	ctype   string
	encrypt string
}

// pushQueue delivers an app's events one after the other.
type pushQueue struct {
	pending []*PushEvent
	running bool
	paused  bool
}

// SetPush spoils or heals the later events of an app.
func (s *Server) SetPush(appid string, k PushKnobs) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.apps[appid]; a != nil {
		a.push = k
	}
}

// PausePush keeps an app's events back until ResumePush.
func (s *Server) PausePush(appid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue(appid).paused = true
}

// ResumePush delivers what was kept back, newest first when the knob Reverse is set.
func (s *Server) ResumePush(appid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue(appid)
	q.paused = false
	if a := s.apps[appid]; a != nil && a.push.Reverse {
		for i, j := 0, len(q.pending)-1; i < j; i, j = i+1, j-1 {
			q.pending[i], q.pending[j] = q.pending[j], q.pending[i]
		}
	}
	s.kick(appid)
}

func (s *Server) queue(appid string) *pushQueue {
	if s.queues[appid] == nil {
		s.queues[appid] = &pushQueue{}
	}
	return s.queues[appid]
}

// Events lists the events of an app, oldest first; an empty appid lists all.
func (s *Server) Events(appid string) []PushEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []PushEvent
	for _, e := range s.events {
		if appid == "" || e.AppID == appid {
			c := *e
			c.wire = nil
			out = append(out, c)
		}
	}
	return out
}

// enqueue freezes an event's body and queues it. The caller holds the lock.
func (s *Server) enqueue(a *app, openid, event string, fields []field) {
	e := &PushEvent{At: s.opt.Clock(), AppID: a.AppID, OpenID: openid, Event: event, State: PushPending}
	e.Body = string(s.format(a, fields))
	if n := len(s.events); n > 0 {
		e.ID = s.events[n-1].ID
	}
	e.ID++
	s.events = append(s.events, e)
	if over := len(s.events) - s.opt.JournalSize; over > s.opt.JournalSize/10 {
		s.events = append([]*PushEvent(nil), s.events[over:]...)
	}
	defer s.notify()
	switch {
	case a.push.Silent:
		e.State = PushDropped
		return
	case a.CallbackURL == "":
		e.State = PushNoCallback
		return
	}
	w, err := s.wrap(a, openid, fields)
	if err != nil {
		s.log.Error("stand-in cannot encrypt an event", "appid", a.AppID, "error", err)
		e.State = PushDropped
		return
	}
	e.wire = w
	q := s.queue(a.AppID)
	for range max(1, a.push.Copies) {
		q.pending = append(q.pending, e)
	}
	s.kick(a.AppID)
}

func (s *Server) format(a *app, fields []field) []byte {
	if a.CallbackFormat == FormatXML {
		return xmlOf(fields)
	}
	return jsonOf(fields)
}

// wrap makes the request of an event in the app's mode. The caller holds the lock.
func (s *Server) wrap(a *app, openid string, fields []field) (*wire, error) {
	w := &wire{ctype: "application/json"}
	if a.CallbackFormat == FormatXML {
		w.ctype = "text/xml"
	}
	w.body = s.format(a, fields)
	if a.CallbackMode != ModePlain && !a.push.PlainBody {
		owner := a.AppID
		if a.push.WrongAppID {
			owner = "wx" + digest("wrong", a.AppID)[:16]
		}
		encrypted, err := seal(a.aes, []byte(s.word(16)), w.body, owner)
		if err != nil {
			return nil, err
		}
		w.encrypt = encrypted
		outer := []field{{"ToUserName", a.OriginalID}}
		if a.CallbackMode == ModeCompat {
			outer = fields
		}
		w.body = s.format(a, append(append([]field(nil), outer...), field{"Encrypt", encrypted}))
	}
	w.query = s.signed(a, openid, w.encrypt)
	return w, nil
}

// signed makes the query of a delivery. The caller holds the lock.
func (s *Server) signed(a *app, openid, encrypted string) url.Values {
	ts, nonce := decimal(s.opt.Clock().Add(-a.push.Age).Unix()), decimal(100_000_000+s.random.Int64N(1_900_000_000))
	q := url.Values{"signature": {sign(a.Token, ts, nonce)}, "timestamp": {ts}, "nonce": {nonce}, "openid": {openid}}
	wrong := digest("bad signature", nonce)[:40]
	if encrypted == "" {
		if a.push.BadSignature {
			q.Set("signature", wrong)
		}
		return q
	}
	q.Set("encrypt_type", "aes")
	q.Set("msg_signature", sign(a.Token, ts, nonce, encrypted))
	if a.push.BadSignature {
		q.Set("msg_signature", wrong)
	}
	return q
}

// kick starts the queue's goroutine unless it runs. The caller holds the lock.
func (s *Server) kick(appid string) {
	q := s.queue(appid)
	if q.running || q.paused || s.closed || len(q.pending) == 0 {
		return
	}
	q.running = true
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		s.drain(q)
	}()
}

// drain delivers until the queue is empty; it keeps no goroutine when there is nothing to do.
func (s *Server) drain(q *pushQueue) {
	for {
		s.mu.Lock()
		if q.paused || s.closed || len(q.pending) == 0 {
			q.running = false
			s.notify()
			s.mu.Unlock()
			return
		}
		e := q.pending[0]
		q.pending = q.pending[1:]
		e.Attempts++
		a := s.apps[e.AppID]
		if e.Attempts > 1 && s.quirks.FreshNonceOnRetry {
			e.wire.query = s.signed(a, e.OpenID, e.wire.encrypt)
		}
		target, w := a.CallbackURL, *e.wire
		s.mu.Unlock()
		status, timedOut := s.post(target, w)
		s.settle(e, status, timedOut)
	}
}

// post delivers one request: the status of the answer, 0 when there was none in time.
func (s *Server) post(target string, w wire) (status int, timedOut bool) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	stop := s.timers.After(s.opt.PushTimeout, func() { cancel(context.DeadlineExceeded) })
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, withQuery(target, w.query), bytes.NewReader(w.body))
	if err != nil {
		return 0, false
	}
	req.Header.Set("Content-Type", w.ctype)
	req.Header.Set("User-Agent", "Mozilla/4.0")
	res, err := s.client.Do(req)
	if err != nil {
		return 0, errors.Is(context.Cause(ctx), context.DeadlineExceeded)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	_ = res.Body.Close()
	if err != nil {
		return 0, errors.Is(context.Cause(ctx), context.DeadlineExceeded)
	}
	return res.StatusCode, false
}

func withQuery(target string, q url.Values) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	all := u.Query()
	for k, v := range q {
		all[k] = v
	}
	u.RawQuery = all.Encode()
	return u.String()
}

// settle notes the outcome of a delivery, and delivers again what nobody answered: at once when five seconds
// have passed already, else after them.
func (s *Server) settle(e *PushEvent, status int, timedOut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.notify()
	e.Status = status
	switch {
	case status == http.StatusOK:
		e.State = PushDelivered
		return
	case e.State == PushDelivered:
		return // a copy had been answered
	case e.Attempts >= maxAttempts:
		e.State = PushGivenUp
		s.log.Warn("stand-in gave up an event", "event", e.Event, "appid", e.AppID, "status", status)
		return
	case s.closed:
		return
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if !timedOut && !s.sleep(s.ctx, s.opt.PushTimeout) {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		q := s.queue(e.AppID)
		q.pending = append(q.pending, e)
		s.kick(e.AppID)
	}()
}

// VerifyCallback asks the callback URL to prove itself, as saving it in WeChat's console does: GET with a signed
// echostr, which must come back as it is.
func (s *Server) VerifyCallback(ctx context.Context, appid string) error {
	s.mu.Lock()
	a := s.apps[appid]
	if a == nil || a.CallbackURL == "" {
		s.mu.Unlock()
		return model.NotFound("该账号的消息推送地址")
	}
	q := s.signed(a, "", "")
	q.Del("openid")
	echo := decimal(s.random.Int64N(1 << 62))
	q.Set("echostr", echo)
	target := a.CallbackURL
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, withQuery(target, q), nil)
	if err != nil {
		return model.BadField("callback_url", "invalid", "消息推送地址不正确。").Because(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return model.Fail(model.CodeUnavailable, "消息推送地址没有应答。").Because(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err != nil || res.StatusCode != http.StatusOK || string(body) != echo {
		return model.Conflict("消息推送地址未通过验证：应原样返回 echostr。").Because(err)
	}
	return nil
}
