package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// fleet is an installation as it is deployed: three processes that serve behind a balancer, and two that send.
type fleet struct {
	*plant  // its base is the balancer
	front   *balancer
	apis    []*process
	workers []*process
}

// newFleet starts all five at the same moment on an empty database, and fills it with a society.
func newFleet(t *testing.T, env map[string]string) *fleet {
	t.Helper()
	env["LIMITS"], env["DRAIN_SECONDS"], env["PUSH_IN_FLIGHT"] = "on", "1", "20"
	f := &fleet{plant: emptyPlant(t, env, 50*time.Millisecond)}
	f.members, f.grants = sized(400, 200, 5000), 2
	f.clockAt("2026-11-24T19:59:40+08:00") // a reminder is due while they are restarted in turn
	f.front = newBalancer(t, 3)
	for range 3 {
		api := f.twin()
		api.env["ROLE"] = "api"
		f.apis = append(f.apis, api)
	}
	f.workers = []*process{f.worker("first"), f.worker("second")}
	f.together(slices.Concat(f.apis, f.workers)...)
	f.base = f.front.url
	for i, api := range f.apis {
		f.front.lead(i, api.base)
	}
	rows, steps := 0, 0
	f.query(func(r *sql.Rows) error { return r.Scan(&rows, &steps) }, "SELECT COUNT(*), COUNT(DISTINCT version_id) FROM goose_db_version")
	if rows != steps || rows < 2 {
		t.Errorf("five that started at once took %d steps of %d", rows, steps)
	}
	f.settle()
	f.office()
	f.signIn()
	return f
}

// from is a header with which a request comes from an address of its own, as the balancer would add it.
func from(n int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("198.51.100.%d", 1+n%250)} }

// TestFaultReplicas lives three processes that serve and two that send, on one database and Redis: they behave as one, are restarted in turn under
// load without one failed request, and one that is killed loses nothing.
func TestFaultReplicas(t *testing.T) {
	onMariaDB(t, func(t *testing.T, env map[string]string, _ *storetest.RedisServer) {
		f := newFleet(t, env)
		f.sessionsAreOne()
		f.limitsAreOne()
		f.cachesAreOne()
		f.roll()
		f.loseOne()
	})
}

// sessionsAreOne: a session opened at one is known to the others at once, and dead on all within a second.
func (f *fleet) sessionsAreOne() {
	f.t.Helper()
	session := f.apis[0].must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"})
	token := session.text("access_token")
	for _, api := range f.apis {
		api.must(200, "GET", "/me", token, nil)
	}
	f.apis[1].must(204, "POST", "/auth/logout", token, nil)
	f.within("the logout", func(api *process) bool { return api.call("GET", "/me", token, nil).status == 401 })
	for i := range 5 { // wrong passwords are counted together, wherever they are tried
		f.apis[i%3].must(401, "POST", "/auth/password", "", object{"username": "nobody", "password": "a wrong password"}, from(i)...)
	}
	f.apis[2].refused(429, "login_locked", "POST", "/auth/password", "", object{"username": "nobody", "password": "a wrong password"}, from(9)...)
}

// within holds that each process comes to see something within a second.
func (f *fleet) within(what string, right func(api *process) bool) {
	f.t.Helper()
	began := time.Now()
	for i, api := range f.apis {
		f.eventually(what, 5*time.Second, func() bool { return right(api) })
		if took := time.Since(began); took > time.Second {
			f.t.Errorf("%s: replica %d learned of it after %s", what, i+1, took)
		}
	}
}

// limitsAreOne: who asks at one after the other gets no more than who asks at one.
func (f *fleet) limitsAreOne() {
	f.t.Helper()
	token := f.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}, from(20)...).text("access_token")
	began, passed := time.Now(), 0
	for i := range 300 {
		if f.apis[i%3].call("GET", "/me", token, nil).status == 200 {
			passed++
		}
	}
	if may := 125 + int(30*time.Since(began).Seconds()); passed > may || passed < 100 {
		f.t.Errorf("%d of 300 requests were let through in %s, at most %d may be", passed, time.Since(began), may)
	}
}

// cachesAreOne: what one changes the others show within a second.
func (f *fleet) cachesAreOne() {
	f.t.Helper()
	body := object{"org_id": f.org, "category": "news", "title": "第一个标题", "body_markdown": "正文。", "visibility": "members"}
	id := f.apis[0].must(201, "POST", "/articles", f.token, body).text("id")
	f.apis[0].must(200, "POST", "/articles/"+id+"/publish", f.token, object{})
	f.within("the article", func(api *process) bool { return api.call("GET", "/articles/"+id, f.token, nil).status == 200 })
	f.apis[1].must(200, "PATCH", "/articles/"+id, f.token, object{"title": "第二个标题"})
	f.within("the new title", func(api *process) bool {
		return api.must(200, "GET", "/articles/"+id, f.token, nil).text("title") == "第二个标题"
	})
	f.apis[2].must(200, "POST", "/articles/"+id+"/withdraw", f.token, nil)
	f.within("the withdrawal", func(api *process) bool {
		return api.must(200, "GET", "/articles/"+id, f.token, nil).text("status") == "withdrawn"
	})
}

// roll restarts one after the other, as a new version is brought in, while people use the program, a push is under way and a reminder comes due.
func (f *fleet) roll() {
	f.t.Helper()
	const reminder = "每晚学习提醒"
	f.must(201, "POST", "/reminders", f.token, object{"org_id": f.org, "name": reminder, "rule": "FREQ=DAILY", "at": "20:00", "audience": object{"org_id": f.org}, "template": "announcement"})
	people := f.crowd(false)
	id := f.announce()
	for i, api := range f.apis {
		api.terminate()
		if said := f.front.heard(i); said != 503 {
			f.t.Errorf("the last that replica %d said of itself was %d: nobody was told that it would stop", i+1, said)
		}
		f.restart(api)
		f.front.lead(i, api.base)
	}
	for _, w := range f.workers {
		w.terminate()
		f.restart(w)
	}
	people.end()
	if lost := f.front.broken(); len(lost) > 0 {
		f.t.Errorf("%d connections broke under a request: %v", len(lost), lost[:min(5, len(lost))])
	}
	f.quiet(id)
	f.eventually("it is eight, and everybody is reminded", time.Minute, func() bool {
		for i := range f.members {
			if f.ear.rang(openIDOf(i), reminder) == 0 {
				return false
			}
		}
		return true
	})
	rung := 0
	for _, p := range f.must(200, "GET", "/pushes", f.token, nil).list("items") {
		if p.text("title") == reminder {
			rung++
			f.quiet(p.text("id"))
		}
	}
	for i := range f.members {
		if n := f.ear.rang(openIDOf(i), reminder); n != 1 {
			f.fault("member %d was reminded %d times", i, n)
		}
	}
	if rung != 1 {
		f.t.Errorf("the reminder fired %d times", rung)
	}
	if twice := f.accounts(id, 0); twice != 0 {
		f.t.Errorf("%d were told twice", twice)
	}
}

// restart starts a process that has ended, with the clock where it is by now.
func (f *fleet) restart(p *process) {
	f.t.Helper()
	p.env["CLOCK"] = f.now().Format(time.RFC3339Nano)
	p.spawn()
}

// loseOne kills a process that serves while people write. What was promised is there, and what had no answer and was tried again with its key is
// there once.
func (f *fleet) loseOne() {
	f.t.Helper()
	people := f.crowd(true)
	f.eventually("they write", 20*time.Second, func() bool { return people.done.Load() > 30 })
	f.apis[0].kill()
	from := people.done.Load()
	f.eventually("they go on with the others", 20*time.Second, func() bool { return people.done.Load() > from+60 })
	f.restart(f.apis[0])
	f.front.lead(0, f.apis[0].base)
	people.end()
}

// crowd are people who use the program through the balancer, each over and over.
type crowd struct {
	f    *fleet
	stop atomic.Bool
	work sync.WaitGroup
	done atomic.Int64

	mu       sync.Mutex
	failed   []string
	unsure   []string // titles of those that the killed one had begun
	promised []string // titles of articles that were answered with 201
}

// crowd starts them. Patient ones try again what had no answer, with the same key, as the clients of the program do; the others take it for failed.
func (f *fleet) crowd(patient bool) *crowd {
	f.t.Helper()
	c := &crowd{f: f}
	for i := range 8 {
		token := f.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}, from(30+i)...).text("access_token")
		client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
		c.work.Go(func() {
			defer client.CloseIdleConnections()
			pace := time.NewTicker(45 * time.Millisecond) // under the limit for one session
			defer pace.Stop()
			for n := 0; !c.stop.Load(); n++ {
				<-pace.C
				c.act(client, token, i, n, patient)
			}
		})
	}
	return c
}

// act is one thing that somebody does.
func (c *crowd) act(client *http.Client, token string, i, n int, patient bool) {
	method, path, body, want := "GET", []string{"/feed", "/me", "/pushes", "/orgs"}[i%4], "", 200
	title := ""
	switch {
	case i%2 == 1 && n%3 == 0:
		title = fmt.Sprintf("第 %d 人的第 %d 篇（%t）", i, n, patient)
		b, _ := json.Marshal(object{"org_id": c.f.org, "category": "news", "title": title, "body_markdown": "正文。", "visibility": "members"})
		method, path, body, want = "POST", "/articles", string(b), 201
	case i == 2 && n%10 == 0:
		method, path, body, token = "POST", "/auth/password", `{"username":"office","password":"a long enough password"}`, ""
	}
	for try := 0; ; try++ {
		status, said := c.ask(client, method, path, token, body, title, i*37+n)
		if status == want {
			break
		}
		if patient && (status == 502 || status == 0) && try < 20 {
			continue
		}
		c.mu.Lock()
		if patient && status == 409 && try > 0 { // the one that was killed had begun it: for a minute nobody else does
			c.unsure = append(c.unsure, title)
			c.mu.Unlock()
			return
		}
		c.failed = append(c.failed, fmt.Sprintf("%s %s: %d %.200s", method, path, status, said))
		c.mu.Unlock()
		return
	}
	c.done.Add(1)
	if title != "" {
		c.mu.Lock()
		c.promised = append(c.promised, title)
		c.mu.Unlock()
	}
}

func (c *crowd) ask(client *http.Client, method, path, token, body, key string, n int) (int, string) {
	req, err := http.NewRequestWithContext(context.Background(), method, c.f.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", from(n)[1])
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", fmt.Sprintf("%x", key))
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(bytes.TrimSpace(said))
}

// end lets the people go. None of them may have been refused, and what they were promised is there once.
func (c *crowd) end() {
	c.f.t.Helper()
	c.stop.Store(true)
	c.work.Wait()
	for i, failed := range c.failed {
		if i < 10 {
			c.f.t.Errorf("failed: %s", failed)
		}
	}
	there := map[string]int{}
	c.f.query(func(r *sql.Rows) error {
		var title string
		err := r.Scan(&title)
		there[title]++
		return err
	}, "SELECT title FROM articles")
	for _, title := range c.promised {
		if there[title] != 1 {
			c.f.fault("%s was promised and is there %d times", title, there[title])
		}
	}
	for _, title := range c.unsure {
		if there[title] > 1 {
			c.f.fault("%s was asked for once and is there %d times", title, there[title])
		}
	}
	c.f.t.Logf("%d requests, %d of them writing, %d failed", c.done.Load(), len(c.promised), len(c.failed))
}
