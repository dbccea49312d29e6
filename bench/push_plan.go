package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// planMeasures are the times of planning: asking what a push would do, and writing it out for everybody; and how long others wait meanwhile.
func planMeasures() []measure {
	return []measure{
		{Name: "plan-sqlite", About: "plan and expansion for 100,000 members and the wait of small writes, SQLite", Run: func(ctx context.Context, h *house) ([]reading, error) { return planRows(ctx, h, onSQLite) }},
		{Name: "plan-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return planRows(ctx, h, onMariaDB) }},
	}
}

// smallWritesPerSecond: one each 5 ms.
const smallWritesPerSecond = 200

// planRows works at an hour when nothing is sent: every delivery is written with its grant in view and deferred to the evening.
func planRows(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	n := h.options.size(100_000)
	s, err := h.openSite(ctx, kind, n, working())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	v, err := s.serve(ctx, "all", h.cores.server)
	if err != nil {
		return nil, err
	}
	defer v.kill() // nothing of it is needed any more
	quiet, err := besideSmallWrites(h, v, func() error { return wait(ctx, h.options.span(2*time.Second)) })
	if err != nil {
		return nil, err
	}
	var plan struct {
		Recipients int `json:"recipients"`
		ByWechat   int `json:"by_wechat"`
	}
	planning, err := besideSmallWrites(h, v, func() error { return v.call(ctx, http.MethodPost, "/pushes/plan", s.pushBody(), &plan) })
	if err != nil {
		return nil, err
	}
	if plan.Recipients != n || plan.ByWechat != n {
		return nil, fmt.Errorf("the plan has %d recipients, %d by WeChat, not %d", plan.Recipients, plan.ByWechat, n)
	}
	var made time.Duration
	expanding, err := besideSmallWrites(h, v, func() error {
		began := time.Now()
		id, err := s.push(ctx, v)
		made = time.Since(began)
		if err != nil {
			return err
		}
		return s.awaitPush(ctx, id, "expanded_at IS NOT NULL", 5*time.Millisecond, 5*time.Minute)
	})
	if err != nil {
		return nil, err
	}
	written, err := s.db.count(ctx, "SELECT COUNT(*) FROM deliveries WHERE state = 'queued'")
	if err != nil {
		return nil, err
	}
	if written != n {
		return nil, fmt.Errorf("%d deliveries are queued, not %d", written, n)
	}
	who := fmt.Sprintf(" for %s members, %s", amount(float64(n), ""), databaseName(kind))
	return []reading{
		{Row: "plan-" + kind, Title: "plan of a push" + who, Unit: "s", Figure: planning.took.Seconds(), Goal: atMost(2), Facts: planning.facts(n)},
		{Row: "expand-" + kind, Title: "work of the expansion" + who, Unit: "s", Figure: expanding.workBeside(quiet).Seconds(), Goal: atMost(2),
			Facts: append(expanding.facts(n), fact{"from the request to the last line", expanding.took.Seconds(), "s"}, fact{"the request itself", made.Seconds(), "s"})},
		{Row: "wait-" + kind, Title: "longest small write meanwhile, " + databaseName(kind), Unit: "ms", Figure: max(planning.longest, expanding.longest), Goal: atMost(100),
			Facts: []fact{
				{"during the plan", planning.longest, "ms"}, {"during the expansion", expanding.longest, "ms"}, {"p99 there", expanding.p99, "ms"},
				{"longest without either", quiet.longest, "ms"}, {"p99 without either", quiet.p99, "ms"},
			}},
	}, nil
}

// beside is how something went, and how small writes fared beside it.
type beside struct {
	took    time.Duration
	cpu     time.Duration // of the server
	maria   time.Duration // of MariaDB
	longest float64       // ms
	p99     float64
}

// workBeside is the processor time of the program and of its database for the thing itself: all of it, less what the small writes alone
// take in as long a time.
func (b beside) workBeside(quiet beside) time.Duration {
	alone := float64(quiet.cpu+quiet.maria) / float64(quiet.took)
	return b.cpu + b.maria - time.Duration(alone*float64(b.took))
}

func (b beside) facts(n int) []fact {
	return []fact{{"CPU of the server", b.cpu.Seconds(), "s"}, {"per member", float64(b.cpu.Microseconds()) / float64(n), "µs"}, {"CPU of MariaDB", b.maria.Seconds(), "s"}}
}

// besideSmallWrites does something while another user makes a small write every 5 ms.
func besideSmallWrites(h *house, v *server, do func() error) (b beside, err error) {
	writes := startLoad(v, smallWritesPerSecond, http.MethodPost, "/notices/read-all", "")
	time.Sleep(200 * time.Millisecond) // the stream is under way
	before, err := v.cpu()
	maria, mariaErr := h.mariaCPU()
	began := time.Now()
	if err = errors.Join(err, mariaErr); err == nil {
		err = do()
	}
	b.took = time.Since(began)
	after, cpuErr := v.cpu()
	mariaAfter, mariaErr := h.mariaCPU()
	b.cpu, b.maria = after-before, mariaAfter-maria
	m, writeErr := writes.stop()
	if err := errors.Join(err, cpuErr, mariaErr, writeErr); err != nil {
		return b, fmt.Errorf("%w\n%s", err, v.tail())
	}
	b.longest, b.p99 = milliseconds(m.Latencies.Max), milliseconds(m.Latencies.P99)
	return b, nil
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
