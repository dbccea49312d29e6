package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/demo"
)

// ear is a WeChat that only listens: it takes subscribe messages, remembers who got which, and keeps the book of grants that WeChat never shows.
// It is here beside the stand-in because thousands of messages go through it in a second, and because a call that the caller has given up is
// delivered or not by a toss.
type ear struct {
	url string

	mu       sync.Mutex
	changed  chan struct{}
	random   *rand.Rand
	takes    time.Duration // of one send
	gate     chan struct{} // while set, sends stand there
	standing int
	accepted int
	got      map[string]map[string]int // openid → title → how often it rang
	by       map[string]int            // first part of the path, which names the sender → messages
	grants   map[string]int            // openid → what may still be sent
	talking  map[string]bool           // openids that are being sent to
	inFlight int
	most     int
	calls    int
	faults   []string
	serial   int64
}

// listen starts an ear; the seed decides the tosses.
func listen(t *testing.T, seed uint64, takes time.Duration) *ear {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{
		url: "http://" + l.Addr().String(), changed: make(chan struct{}), random: rand.New(rand.NewPCG(seed, 1)), takes: takes,
		got: map[string]map[string]int{}, by: map[string]int{}, grants: map[string]int{}, talking: map[string]bool{}, serial: 1 << 53,
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l) // it ends by Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return e
}

// ServeHTTP answers what the program asks of WeChat in these tests. Whatever stands before the path tells senders apart.
func (e *ear) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sender, api := "", r.URL.Path
	for _, root := range []string{"/cgi-bin/", "/wxaapi/", "/sns/"} {
		if i := strings.Index(api, root); i >= 0 {
			sender, api = api[:i], api[i:]
		}
	}
	w.Header().Set("Content-Type", "application/json")
	var answer any
	switch api {
	case "/cgi-bin/stable_token":
		answer = object{"access_token": "86_" + strings.Repeat("t", 133), "expires_in": 7200}
	case "/wxaapi/newtmpl/gettemplate":
		answer = object{"errcode": 0, "errmsg": "ok", "data": templatesAtWechat()}
	case "/cgi-bin/message/subscribe/send":
		answer = e.send(r, sender)
	default:
		answer = object{"errcode": 40066, "errmsg": "invalid url rid: 00000000-00000000-00000000"}
	}
	_ = json.NewEncoder(w).Encode(answer) // the caller may have gone
}

// templatesAtWechat is WeChat's own list of the account's templates.
func templatesAtWechat() []object {
	out := []object{}
	for _, t := range demo.Society(time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)).Templates {
		out = append(out, object{"priTmplId": t.ID, "title": t.Title, "content": t.Content, "example": t.Example, "type": t.Type})
	}
	return out
}

// send takes its time, and then the message. Who has hung up meanwhile is one of those whose message went out or not: nobody knows.
func (e *ear) send(r *http.Request, sender string) any {
	var m struct {
		ToUser     string `json:"touser"`
		TemplateID string `json:"template_id"`
		Data       map[string]struct{ Value string }
	}
	body, err := io.ReadAll(r.Body) // to its end, without which the server does not notice that the caller has hung up
	if err != nil || json.Unmarshal(body, &m) != nil {
		return object{"errcode": 47001, "errmsg": "data format error"}
	}
	release, busy := e.enter(m.ToUser)
	defer release()
	if busy {
		return object{"errcode": 43108, "errmsg": "concurrent sends to one user"}
	}
	e.mu.Lock()
	takes, gate := e.takes, e.gate
	e.mu.Unlock()
	if gate != nil {
		e.stand(1)
		select {
		case <-gate:
		case <-r.Context().Done():
		}
		e.stand(-1)
	}
	if takes > 0 {
		wait := time.NewTimer(takes)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.Context().Err() != nil && e.random.IntN(2) == 0 {
		return object{"errcode": -1, "errmsg": "system error"}
	}
	if e.grants[m.ToUser] <= 0 {
		return object{"errcode": 43101, "errmsg": "user refuse to accept the msg"}
	}
	e.grants[m.ToUser]--
	if e.got[m.ToUser] == nil {
		e.got[m.ToUser] = map[string]int{}
	}
	e.got[m.ToUser][m.Data["thing1"].Value]++
	e.by[sender]++
	e.accepted++
	e.serial++
	e.notify()
	return object{"errcode": 0, "errmsg": "ok", "msgid": e.serial}
}

// enter notes a call under way. Two at once to one person is what must never be.
func (e *ear) enter(openID string) (release func(), busy bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	e.inFlight++
	e.most = max(e.most, e.inFlight)
	if e.talking[openID] {
		e.faults = append(e.faults, "two calls at once to "+openID)
		busy = true
	}
	e.talking[openID] = true
	e.notify()
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.inFlight--
		if !busy {
			delete(e.talking, openID)
		}
		e.notify()
	}, busy
}

func (e *ear) stand(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.standing += n
	e.notify()
}

// notify wakes who waits. The caller holds the lock.
func (e *ear) notify() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// hold lets no send come to its end until release is called.
func (e *ear) hold() (release func()) {
	gate := make(chan struct{})
	e.mu.Lock()
	e.gate = gate
	e.mu.Unlock()
	return sync.OnceFunc(func() {
		e.mu.Lock()
		e.gate = nil
		e.mu.Unlock()
		close(gate)
	})
}

// until waits until right is true of the ear, which is locked while it is asked.
func (e *ear) until(t *testing.T, what string, right func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for {
		e.mu.Lock()
		ok, changed, state := right(), e.changed, fmt.Sprintf("%d accepted, %d calls, %d in flight", e.accepted, e.calls, e.inFlight)
		e.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("not within a minute: %s (%s)", what, state)
		}
	}
}

// reach waits until so many messages have gone out.
func (e *ear) reach(t *testing.T, n int) {
	t.Helper()
	e.until(t, fmt.Sprintf("%d messages", n), func() bool { return e.accepted >= n })
}

// sent is how many messages have gone out.
func (e *ear) sent() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.accepted
}

// busiest is how many calls there were at one time at most.
func (e *ear) busiest() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.most
}

// rang is how often a push has reached somebody.
func (e *ear) rang(openID, title string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.got[openID][title]
}
