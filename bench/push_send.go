package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// sendMeasures are the rates of sending: against the ideal of so many calls in flight to a WeChat that answers in 50 ms.
func sendMeasures() []measure {
	return []measure{
		{Name: "send-sqlite", About: "rate of sending, SQLite, 200 in flight", Run: func(ctx context.Context, h *house) ([]reading, error) { return sendRow(ctx, h, onSQLite) }},
		{Name: "send-mysql", About: "rate of sending, MariaDB, 200 in flight", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return sendRow(ctx, h, onMariaDB) }},
		{Name: "workers-mysql", About: "two workers against one, MariaDB, 40 in flight each", Needs: []string{"mariadb"}, Run: workersRow},
	}
}

// ideal is the rate of so many calls in flight when nothing but WeChat takes time.
func ideal(inFlight int) float64 { return float64(inFlight) / wechatDelay.Seconds() }

// titles of databases in rows.
func databaseName(kind string) string {
	if kind == onMariaDB {
		return "MariaDB"
	}
	return "SQLite"
}

func sendRow(ctx context.Context, h *house, kind string) ([]reading, error) {
	n := h.options.size(40_000)
	bare, err := h.bareLoop(ctx, n, 200)
	if err != nil {
		return nil, err
	}
	out, err := sendPush(ctx, h, sending{kind: kind, members: n, workers: 1, inFlight: 200})
	if err != nil {
		return nil, err
	}
	return []reading{{
		Row: "send-" + kind, Title: "pushes sent, " + databaseName(kind) + ", 200 in flight", Unit: "/s", Figure: out.Rate,
		Yardstick: ideal(200), YardstickName: "ideal", Goal: atLeast(0.93),
		Facts: append(out.facts(), fact{"bare loop", bare.Rate, "/s"}, fact{"of the bare loop", out.Rate / bare.Rate, ""}, fact{"bare loop's mean answer", bare.Held, "ms"}),
	}}, nil
}

// workersRow asks at a rate where waiting for WeChat is the limit and not this machine's processor: 40 in flight for each worker.
// What two workers do at full size here is said too, though two cores cannot carry them with the database and the fake.
func workersRow(ctx context.Context, h *house) ([]reading, error) {
	redis, err := h.redisURL(ctx)
	if err != nil {
		return nil, err
	}
	n := h.options.size(8_000)
	one, err := sendPush(ctx, h, sending{kind: onMariaDB, members: n, workers: 1, inFlight: 40, redis: redis})
	if err != nil {
		return nil, err
	}
	two, err := sendPush(ctx, h, sending{kind: onMariaDB, members: 2 * n, workers: 2, inFlight: 40, redis: redis})
	if err != nil {
		return nil, err
	}
	full, err := sendPush(ctx, h, sending{kind: onMariaDB, members: h.options.size(40_000), workers: 2, inFlight: 200, redis: redis, anywhere: true})
	if err != nil {
		return nil, err
	}
	return []reading{{
		Row: "workers-mysql", Title: "two workers, MariaDB, 40 in flight each", Unit: "/s", Figure: two.Rate,
		Yardstick: one.Rate, YardstickName: "one worker", Goal: atLeast(1.8),
		Facts: append(two.facts(), fact{"two at 200 in flight each, on all cores", full.Rate, "/s"}, fact{"CPU per delivery there", full.cpuEach(), "µs"}),
	}}, nil
}

// sending is one push that is sent to its end.
type sending struct {
	kind     string
	members  int
	workers  int
	inFlight int
	redis    string
	anywhere bool // the workers use all cores
}

// sent is what came of it.
type sent struct {
	traffic
	cpu     time.Duration // of all workers
	maria   time.Duration // CPU of MariaDB
	members int
	slots   int     // of all workers
	now     float64 // memory of the first worker in MB
	peak    float64
}

func (s sent) cpuEach() float64 { return float64(s.cpu.Microseconds()) / float64(s.members) }

func (s sent) facts() []fact {
	return []fact{
		{"CPU of the workers per delivery", s.cpuEach(), "µs"}, {"of MariaDB", float64(s.maria.Microseconds()) / float64(s.members), "µs"}, {"deliveries", float64(s.members), ""}, {"WeChat's mean answer", s.Held, "ms"},
		{"slots kept busy", s.Rate * s.Held / 1000 / float64(s.slots), ""}, {"most in flight", float64(s.Most), ""}, {"worker's memory, peak", s.peak, "MB"},
	}
}

// sendPush makes a society, creates the push through the API of one process, which then leaves, and has workers send it.
// Afterwards the ledger and the book of subscriptions must agree with what the fake WeChat saw.
func sendPush(ctx context.Context, h *house, c sending) (out sent, err error) {
	out.members, out.slots = c.members, c.workers*c.inFlight
	s, err := h.openSite(ctx, c.kind, c.members, evening())
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.redis = c.redis
	id, err := s.pushAndLeave(ctx)
	if err != nil {
		return out, err
	}
	if err := h.wechat.reset(); err != nil {
		return out, err
	}
	maria, err := h.mariaCPU()
	if err != nil {
		return out, err
	}
	cores := h.cores.server
	if c.anywhere {
		cores = h.cores.all
	}
	workers := make([]*server, c.workers)
	for i := range workers {
		if workers[i], err = s.serve(ctx, "worker", cores, fmt.Sprintf("ZHIBU_PUSH_IN_FLIGHT=%d", c.inFlight)); err != nil {
			return out, err
		}
		defer workers[i].kill() // nothing of it is needed any more
	}
	within := time.Minute + time.Duration(c.members)*5*time.Millisecond
	if err := s.awaitPush(ctx, id, "state = 'done'", 100*time.Millisecond, within); err != nil {
		return out, fmt.Errorf("%w\n%s", err, workers[0].tail())
	}
	for _, w := range workers {
		used, err := w.cpu()
		if err != nil {
			return out, err
		}
		out.cpu += used
	}
	after, err := h.mariaCPU()
	if err != nil {
		return out, err
	}
	out.maria = after - maria
	if out.now, out.peak, err = workers[0].memory(); err != nil {
		return out, err
	}
	if out.traffic, err = h.wechat.traffic(); err != nil {
		return out, err
	}
	return out, s.verify(ctx, id, out.traffic)
}

// pushAndLeave creates the push in a process that does not send, and ends that.
func (s *site) pushAndLeave(ctx context.Context) (string, error) {
	v, err := s.serve(ctx, "api", s.h.cores.load)
	if err != nil {
		return "", err
	}
	defer v.stop()
	return s.push(ctx, v)
}

// verify holds the ledger against the fake's own count: everybody was sent to, once, and each grant is in one place of the book.
func (s *site) verify(ctx context.Context, pushID string, t traffic) error {
	n := s.society.Members
	var faults []string
	check := func(what string, got, want int) {
		if got != want {
			faults = append(faults, fmt.Sprintf("%s: %d, not %d", what, got, want))
		}
	}
	check("sends that WeChat saw", t.Sends, n)
	check("persons that WeChat saw", t.Persons, n)
	for _, c := range []struct {
		what, query string
		want        int
	}{
		{"deliveries in the ledger", "SELECT COUNT(*) FROM deliveries WHERE push_id = ?", n},
		{"deliveries sent", "SELECT COUNT(*) FROM deliveries WHERE push_id = ? AND state = 'sent'", n},
		{"grants spent", "SELECT COALESCE(SUM(spent), 0) FROM quotas WHERE ? <> ''", n},
		{"books out of balance", "SELECT COUNT(*) FROM quotas WHERE ? <> '' AND (granted <> available + reserved + spent + void + in_doubt OR reserved <> 0 OR in_doubt <> 0)", 0},
	} {
		got, err := s.db.count(ctx, c.query, pushID)
		if err != nil {
			return err
		}
		check(c.what, got, c.want)
	}
	if len(faults) > 0 {
		return errors.New("the push did not go as it must: " + strings.Join(faults, "; "))
	}
	return nil
}
