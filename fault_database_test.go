package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// load is people using the program while something is wrong with it.
type load struct {
	p      *plant
	client *http.Client
	stop   atomic.Bool
	work   sync.WaitGroup

	mu     sync.Mutex
	seen   map[string]map[int]int // what was asked → status → how often
	faults []string
}

// asks are what each of the people does over and over: reads that caches hold and that none does, and writes.
var asks = []struct{ name, method, path, body string }{
	{"feed", "GET", "/feed", ""},
	{"me", "GET", "/me", ""},
	{"pushes", "GET", "/pushes", ""},
	{"orgs", "GET", "/orgs", ""},
	{"write", "POST", "/articles", `{"org_id":"%s","category":"news","title":"写在故障中的动态","body_markdown":"正文。","visibility":"members"}`},
	{"sign in", "POST", "/auth/password", `{"username":"office","password":"a long enough password"}`},
}

// use starts the people, each of whom does one thing over and over.
func (p *plant) use(what []string) *load {
	l := &load{p: p, client: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}, seen: map[string]map[int]int{}}
	for _, a := range asks {
		if !slices.Contains(what, a.name) {
			continue
		}
		l.seen[a.name] = map[int]int{}
		l.work.Go(func() {
			pace := time.NewTicker(20 * time.Millisecond)
			defer pace.Stop()
			for !l.stop.Load() {
				<-pace.C
				l.ask(a.name, a.method, a.path, strings.ReplaceAll(a.body, "%s", p.org))
			}
		})
	}
	return l
}

// end lets the people go, and tells what was wrong with the answers they had.
func (l *load) end() {
	l.p.t.Helper()
	l.stop.Store(true)
	l.work.Wait()
	l.client.CloseIdleConnections()
	for _, f := range l.faults {
		l.p.fault("%s", f)
	}
	l.p.t.Logf("answers: %v", l.seen)
}

// ask makes one request. Only two answers are right: the one of any other day, and 503 that says when to come again.
func (l *load) ask(name, method, path, body string) {
	fault := ""
	req, err := http.NewRequestWithContext(context.Background(), method, l.p.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		panic(err) // the table is wrong
	}
	req.Header.Set("Content-Type", "application/json")
	if method != "POST" || path != "/auth/password" {
		req.Header.Set("Authorization", "Bearer "+l.p.token)
	}
	status := 0
	res, err := l.client.Do(req)
	if err != nil {
		fault = err.Error()
	} else {
		said, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		status = res.StatusCode
		switch {
		case status == 200 || status == 201:
		case status != 503:
			fault = fmt.Sprintf("%s: %d %s", name, status, said)
		case res.Header.Get("Retry-After") == "":
			fault = fmt.Sprintf("%s: 503 without Retry-After: %s", name, said)
		case res.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(said), `"code":"unavailable"`):
			fault = fmt.Sprintf("%s: 503 that is no problem of the contract: %s", name, said)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[name][status]++
	if fault != "" && len(l.faults) < 20 && !slices.Contains(l.faults, fault) {
		l.faults = append(l.faults, fault)
	}
}

// count is how often something was answered so.
func (l *load) count(name string, statuses ...int) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range statuses {
		n += l.seen[name][s]
	}
	return n
}

// more waits until each of these was answered so many times more.
func (l *load) more(within time.Duration, n int, names []string, statuses ...int) {
	l.p.t.Helper()
	from := map[string]int{}
	for _, name := range names {
		from[name] = l.count(name, statuses...)
	}
	l.p.eventually(fmt.Sprintf("%d more answers %v to each of %v", n, statuses, names), within, func() bool {
		return !slices.ContainsFunc(names, func(name string) bool { return l.count(name, statuses...) < from[name]+n })
	})
}

var everything = []string{"feed", "me", "pushes", "orgs", "write", "sign in"}

// outage is at least how long the database is away.
func outage() time.Duration { return time.Duration(sized(3, 2, 10)) * time.Second }

// TestFaultDatabaseGone takes MariaDB away in the middle of a push while people use the program, and then lets it hang: 503 with Retry-After and
// no 500, recovery by itself, and of the push nothing is lost or sent twice.
func TestFaultDatabaseGone(t *testing.T) {
	t.Parallel()
	direct := storetest.MariaDBURL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	between := newProxy(t, u.Host)
	u.Host = between.addr
	p := newPlant(t, map[string]string{"DATABASE_URL": u.String(), "PUSH_IN_FLIGHT": "20"}, sized(900, 300, 10000), 1, 100*time.Millisecond)
	p.direct = direct
	p.up()
	people := p.use(everything)
	people.more(20*time.Second, 1, everything, 200, 201)
	id := p.announce()

	p.ear.reach(t, p.members/5)
	between.cut()
	began := time.Now()
	people.more(60*time.Second, 3, []string{"pushes", "orgs", "write", "sign in"}, 503)
	if r := p.call("GET", "/readyz", "", nil); r.status != 503 {
		t.Errorf("readyz without a database: %s", r.describe())
	}
	if r := p.call("GET", "/healthz", "", nil); r.status != 200 {
		t.Errorf("healthz without a database, which would have it restarted: %s", r.describe())
	}
	p.eventually("the outage has lasted", 20*time.Second, func() bool { return time.Since(began) >= outage() })
	between.mend()
	began = time.Now()
	people.more(20*time.Second, 2, everything, 200, 201)
	t.Logf("%s after it was back everything was answered again", time.Since(began))

	p.ear.reach(t, min(p.members, p.ear.sent()+p.members/10)) // a slow machine may have sent everything by now
	between.stall()
	began = time.Now()
	p.eventually("it has hung", 20*time.Second, func() bool { return time.Since(began) >= outage() })
	between.resume()
	people.more(20*time.Second, 2, everything, 200, 201)

	people.end()
	p.done(id) // what was claimed by a commit whose answer was lost waits for the lease
	if twice := p.accounts(id, 0); twice != 0 {
		t.Errorf("%d were told twice", twice)
	}
	if people.count("write", 201) > p.articles() {
		t.Errorf("%d articles were promised, %d are there", people.count("write", 201), p.articles())
	}
}

// articles is how many there are.
func (p *plant) articles() int {
	p.t.Helper()
	n := 0
	p.query(func(r *sql.Rows) error { return r.Scan(&n) }, "SELECT COUNT(*) FROM articles")
	return n
}

// TestFaultDatabaseLocked keeps the embedded database's one writer away, as a backup by hand does: reads go on, writes are told to come again,
// and the push goes on where it was.
func TestFaultDatabaseLocked(t *testing.T) {
	t.Parallel()
	if !plain() {
		return
	}
	p := newPlant(t, map[string]string{"PUSH_IN_FLIGHT": "20"}, sized(600, 300, 5000), 1, 100*time.Millisecond)
	p.up()
	reading := []string{"feed", "me", "pushes", "orgs"}
	people := p.use(append(reading, "write"))
	people.more(20*time.Second, 1, append(reading, "write"), 200, 201)
	id := p.announce()
	p.ear.reach(t, p.members/5)
	db := p.database()
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	people.more(60*time.Second, 1, []string{"write"}, 503)
	people.more(20*time.Second, 2, reading, 200)
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	people.more(20*time.Second, 2, []string{"write"}, 201)
	p.quiet(id)
	people.end()
	if twice := p.accounts(id, 0); twice != 0 {
		t.Errorf("%d were told twice", twice)
	}
}
