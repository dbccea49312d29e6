package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// Call is one request to WeChat as the journal keeps it.
type Call struct {
	Seq     int64
	At      time.Time
	Took    time.Duration
	API     string
	Method  string
	Query   url.Values
	Body    []byte
	Parsed  map[string]any // the JSON body, nil when there is none; numbers are json.Number
	IP      string
	AppID   string
	OpenID  string
	Status  int // 0 when the connection was reset before an answer
	ErrCode int
	ErrMsg  string
	Rid     string
	Reply   []byte
	Fault   FaultKind // the fault that spoilt the call, empty for none
}

// record enters a call into the journal before its answer leaves, so that whoever has the answer finds the entry.
func (s *Server) record(c *call, out reply, f Fault) {
	entry := Call{At: c.at, Took: s.opt.Clock().Sub(c.at), API: c.api, Method: c.r.Method, Query: c.query, Body: c.body,
		IP: c.callerIP(), OpenID: c.openid, Status: out.status, ErrCode: out.code, ErrMsg: out.msg, Rid: c.rid, Reply: out.body, Fault: f.Kind}
	if f.Kind == FaultResetBefore || f.Kind == FaultResetAfter || f.Kind == FaultHangAfter {
		entry.Status = 0
	}
	if c.app != nil {
		entry.AppID = c.app.AppID
	}
	if len(c.body) > 0 {
		entry.Parsed = parse(c.body)
	}
	if out.code != 0 {
		s.log.Debug("stand-in refused a call", "api", c.api, "errcode", out.code, "errmsg", out.msg)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	entry.Seq = s.seq
	s.journal = append(s.journal, entry)
	if over := len(s.journal) - s.opt.JournalSize; over > s.opt.JournalSize/10 {
		s.journal = append([]Call(nil), s.journal[over:]...)
	}
	if out.code != 0 {
		s.rids[c.rid] = ridEntry{entry.AppID, entry}
		s.ridOrder = append(s.ridOrder, c.rid)
		if len(s.ridOrder) > s.opt.JournalSize {
			delete(s.rids, s.ridOrder[0])
			s.ridOrder = s.ridOrder[1:]
		}
	}
	s.notify()
}

func parse(body []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var m map[string]any
	if d.Decode(&m) != nil {
		return nil
	}
	return m
}

// Journal lists the calls, oldest first, as far back as JournalSize.
func (s *Server) Journal() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.journal...)
}

// CallsTo lists the calls of one endpoint.
func (s *Server) CallsTo(api string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.journal {
		if c.API == api {
			out = append(out, c)
		}
	}
	return out
}

// notify wakes those who wait for something to happen. The caller holds the lock.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// WaitFor waits until happened reports true; it is asked again after each call, message and push, and may use any method of s.
func (s *Server) WaitFor(ctx context.Context, happened func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if happened() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitSent waits until n messages have reached a user, or everybody together when openid is empty.
func (s *Server) WaitSent(ctx context.Context, openid string, n int) ([]SentMessage, error) {
	var got []SentMessage
	err := s.WaitFor(ctx, func() bool { got = s.Sent(openid); return len(got) >= n })
	return got, err
}

// WaitCalls waits until an endpoint has been called n times.
func (s *Server) WaitCalls(ctx context.Context, api string, n int) ([]Call, error) {
	var got []Call
	err := s.WaitFor(ctx, func() bool { got = s.CallsTo(api); return len(got) >= n })
	return got, err
}

// WaitPushes waits until no event of an app is on its way any more; an empty appid means all apps.
func (s *Server) WaitPushes(ctx context.Context, appid string) error {
	return s.WaitFor(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range s.events {
			if (appid == "" || e.AppID == appid) && e.State == PushPending {
				return false
			}
		}
		for id, q := range s.queues {
			if (appid == "" || id == appid) && (len(q.pending) > 0 || q.running) {
				return false
			}
		}
		return true
	})
}

// WaitHolding waits until n calls stand at the gate of Hold.
func (s *Server) WaitHolding(ctx context.Context, api string, n int) error {
	return s.WaitFor(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.holding[api] >= n
	})
}
