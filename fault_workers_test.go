package main

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// onMariaDB runs a test of several processes where they share a database and Redis.
func onMariaDB(t *testing.T, live func(t *testing.T, env map[string]string, redis *storetest.RedisServer)) {
	t.Parallel()
	if !plain() {
		return
	}
	t.Run("mariadb+redis", func(t *testing.T) {
		redis := storetest.Redis(t)
		live(t, map[string]string{"DATABASE_URL": storetest.MariaDBURL(t), "REDIS_URL": redis.URL()}, redis)
	})
}

// worker is another process over the plant's data, which only sends; what it sends is known by its name.
func (p *plant) worker(name string) *process {
	w := &process{program: &program{t: p.t, dir: p.dir, env: maps.Clone(p.env), log: &logBook{}}}
	w.env["ROLE"], w.env["WECHAT_BASE_URL"] = "worker", p.ear.url+"/"+name
	p.t.Cleanup(w.stopIfRunning)
	return w
}

// together starts processes at the same moment, with one clock.
func (p *plant) together(some ...*process) {
	p.t.Helper()
	p.later(0)
	var starts sync.WaitGroup
	errs := make([]error, len(some))
	for i, w := range some {
		w.env["CLOCK"] = p.env["CLOCK"]
		starts.Go(func() { errs[i] = w.trySpawn() })
	}
	starts.Wait()
	for i, err := range errs {
		if err != nil {
			p.t.Fatalf("the program did not start: %v\n%s", err, some[i].log)
		}
	}
}

// share is how many messages a worker has sent.
func (e *ear) share(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.by["/"+name]
}

// TestFaultTwoWorkers: two that start together on one push share it, and nobody is told twice. One is killed in the middle; the other sends all
// the rest, and what the dead one had claimed once its lease has ended.
func TestFaultTwoWorkers(t *testing.T) {
	onMariaDB(t, func(t *testing.T, env map[string]string, _ *storetest.RedisServer) {
		env["ROLE"] = "api"
		p := newPlant(t, env, sized(1200, 600, 10000), 3, 50*time.Millisecond)
		p.up()
		id := p.announce()
		if n := p.ear.sent(); n != 0 {
			t.Errorf("an api process sent %d", n)
		}
		first, second := p.worker("first"), p.worker("second")
		p.together(first, second)
		p.ear.reach(t, p.members/2)
		if a, b := p.ear.share("first"), p.ear.share("second"); a < p.members/10 || b < p.members/10 {
			t.Errorf("of %d the one sent %d and the other %d", p.members/2, a, b)
		}
		first.kill()
		p.eventually("the other sends the rest", time.Minute, func() bool {
			return p.push(id).number("counts", "queued") <= 3*inFlight // under way at the dead one, standing ready there, and claimed
		})
		p.ear.until(t, "no call is under way", func() bool { return p.ear.inFlight == 0 })
		before := p.ear.share("second")
		for range 2 { // the lease ends, and then the wait for WeChat's word
			second.terminate()
			p.terminate()
			p.later(passes)
			p.up()
			p.together(second)
			p.quiet(id)
		}
		p.eventually("done", time.Minute, func() bool { return p.push(id).text("state") == "done" })
		if p.ear.share("second") <= before {
			t.Error("the other took nothing over")
		}
		p.accounts(id, 2*inFlight)
	})
}

// TestFaultOneAtATime: many messages to few persons wait for each other, also where two workers send them; WeChat refuses two at once to one.
func TestFaultOneAtATime(t *testing.T) {
	onMariaDB(t, func(t *testing.T, env map[string]string, _ *storetest.RedisServer) {
		const pushes = 12
		p := newPlant(t, env, 4, pushes, 30*time.Millisecond)
		second := p.worker("second")
		p.up()
		p.together(second)
		titles := map[string]string{}
		for i := range pushes {
			title := fmt.Sprintf("第 %d 条通知", i+1)
			titles[p.must(201, "POST", "/pushes", p.token, p.announcement(title)).text("id")] = title
		}
		for id, title := range titles {
			p.quiet(id)
			for i := range p.members {
				if n := p.rang(openIDOf(i), title); n != 1 {
					t.Errorf("%s reached member %d %d times", title, i, n)
				}
			}
		}
		for _, f := range p.ear.faults {
			p.fault("%s", f)
		}
	})
}

// TestFaultTwoStartOnEmptyDatabase: of two that start at once on an empty database both serve. Started at once again when a reminder is due, they
// fire it once.
func TestFaultTwoStartOnEmptyDatabase(t *testing.T) {
	if !plain() {
		return
	}
	onEach(t, func(t *testing.T, env map[string]string) {
		p := emptyPlant(t, env, 0)
		p.members, p.grants = 3, 2
		twin := p.twin()
		p.together(p.process, twin)
		for _, one := range []*process{p.process, twin} {
			if r := one.must(200, "GET", "/readyz", "", nil); r.text("status") != "ready" {
				t.Errorf("readyz: %s", r.raw)
			}
			one.terminate()
		}
		p.settle()
		p.office()
		p.up()
		p.must(201, "POST", "/reminders", p.token, object{"org_id": p.org, "name": faultTitle, "rule": "FREQ=DAILY", "at": "20:00", "audience": object{"org_id": p.org}, "template": "announcement"})
		p.terminate()
		for _, clock := range []string{"2026-11-24T20:00:00+08:00", "2026-11-24T19:59:58+08:00"} { // and once more with the clock put back
			p.clockAt(clock)
			twin.env["CLOCK"] = p.env["CLOCK"]
			p.together(p.process, twin)
			p.signIn()
			p.ear.reach(t, p.members)
			p.eventually("the reminder's push is done", 20*time.Second, func() bool {
				rung := p.must(200, "GET", "/pushes", p.token, nil).list("items")
				return len(rung) > 0 && rung[0].text("state") == "done"
			})
			if p.now().Before(time.Date(2026, 11, 24, 12, 0, 1, 0, time.UTC)) {
				p.eventually("it is past eight", 10*time.Second, func() bool { return p.now().After(time.Date(2026, 11, 24, 12, 0, 2, 0, time.UTC)) })
			}
			if rung := p.must(200, "GET", "/pushes", p.token, nil).list("items"); len(rung) != 1 {
				t.Errorf("fired %d times: %v", len(rung), rung)
			}
			for i := range p.members {
				if n := p.ear.rang(openIDOf(i), faultTitle); n != 1 {
					t.Errorf("member %d was told %d times", i, n)
				}
			}
			p.terminate()
			twin.terminate()
		}
	})
}

// twin is the same program once more, on the same data.
func (p *plant) twin() *process {
	w := &process{program: &program{t: p.t, dir: p.dir, env: maps.Clone(p.env), log: &logBook{}}}
	p.t.Cleanup(w.stopIfRunning)
	return w
}

// TestFaultRedis loses Redis in the middle of a push of two workers, and has it back empty: nothing is lost, and nobody is told twice.
func TestFaultRedis(t *testing.T) {
	onMariaDB(t, func(t *testing.T, env map[string]string, redis *storetest.RedisServer) {
		p := newPlant(t, env, sized(800, 400, 5000), 1, 50*time.Millisecond)
		second := p.worker("second")
		p.later(0)
		p.up()
		p.together(second)
		id := p.announce()
		p.ear.reach(t, p.members/4)
		redis.Stop()
		p.ear.reach(t, p.members/2)
		if r := p.must(200, "GET", "/readyz", "", nil); r.text("status") != "ready" || r.text("checks", "cache") == "ok" {
			t.Errorf("without Redis: %s", r.raw)
		}
		p.must(200, "GET", "/me", p.token, nil)
		for range 3 { // it comes and goes
			redis.Start()
			p.must(200, "GET", "/me", p.token, nil)
			redis.Stop()
			p.must(200, "GET", "/me", p.token, nil)
		}
		redis.Start()
		p.done(id)
		if twice := p.accounts(id, 0); twice != 0 {
			t.Errorf("%d were told twice", twice)
		}
		p.eventually("Redis is used again", 30*time.Second, func() bool { return p.must(200, "GET", "/readyz", "", nil).text("checks", "cache") == "ok" })
	})
}
