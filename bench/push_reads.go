package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// readMeasures are the waits of readers while a push runs in the same process.
func readMeasures() []measure {
	return []measure{
		{Name: "reads-sqlite", About: "p99 of the feed at 1,000/s while a push to 100,000 runs, SQLite", Run: func(ctx context.Context, h *house) ([]reading, error) { return readsRow(ctx, h, onSQLite) }},
		{Name: "reads-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return readsRow(ctx, h, onMariaDB) }},
	}
}

const (
	readsPerSecond = 1000
	feedArticles   = 40 // two pages
)

// readsRow asks one process that does everything, as a small installation has it: first with nothing else to do, then while it sends.
func readsRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	n := h.options.size(100_000)
	s, err := h.openSite(ctx, kind, n, evening())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	v, err := s.serve(ctx, "all", h.cores.server)
	if err != nil {
		return nil, err
	}
	defer v.kill() // nothing of it is needed any more
	if err := s.publish(ctx, v, feedArticles); err != nil {
		return nil, err
	}
	if err := h.wechat.reset(); err != nil {
		return nil, err
	}
	span := h.options.span(10 * time.Second)
	if _, err := readFeed(ctx, v, h.options.span(time.Second), nil); err != nil { // warm
		return nil, err
	}
	alone, err := readFeed(ctx, v, span, nil)
	if err != nil {
		return nil, err
	}
	var running bool
	beside, err := readFeed(ctx, v, span, func() error {
		id, err := s.push(ctx, v)
		if err != nil {
			return err
		}
		if err := wait(ctx, span); err != nil {
			return err
		}
		left, err := s.db.count(ctx, "SELECT COUNT(*) FROM pushes WHERE id = ? AND state <> 'done'", id)
		running = left == 1
		return err
	})
	if err != nil {
		return nil, err
	}
	t, err := h.wechat.traffic()
	if err != nil {
		return nil, err
	}
	if !running && !h.options.Smoke && h.options.N == 0 {
		return nil, errors.New("the push ended before the readers did: they were not measured beside it")
	}
	return []reading{{
		Row: "reads-" + kind, Title: "p99 of the feed at 1,000/s during a push, " + databaseName(kind), Unit: "ms", Figure: beside.p99,
		Yardstick: alone.p99, YardstickName: "without it", Goal: goal{MaxRatio: 2, MaxFigure: 20},
		Facts: []fact{
			{"p50", beside.p50, "ms"}, {"p50 without it", alone.p50, "ms"}, {"longest", beside.longest, "ms"}, {"longest without it", alone.longest, "ms"},
			{"server's core busy", beside.busy, ""}, {"without it", alone.busy, ""}, {"sent meanwhile", t.Rate, "/s"},
		},
	}}, nil
}

// reads is how readers fared.
type reads struct {
	p50, p99, longest float64 // ms
	busy              float64 // the server's share of one core
}

// readFeed reads the first page at the fixed rate for a span, or while something else runs.
func readFeed(ctx context.Context, v *server, span time.Duration, meanwhile func() error) (reads, error) {
	if meanwhile == nil {
		meanwhile = func() error { return wait(ctx, span) }
	}
	before, err := v.cpu()
	if err != nil {
		return reads{}, err
	}
	began := time.Now()
	stream := startLoad(v, readsPerSecond, http.MethodGet, "/feed?limit=20", "")
	err = meanwhile()
	m, readErr := stream.stop()
	took := time.Since(began)
	after, cpuErr := v.cpu()
	if err := errors.Join(err, readErr, cpuErr); err != nil {
		return reads{}, fmt.Errorf("%w\n%s", err, v.tail())
	}
	return reads{
		p50: milliseconds(m.Latencies.P50), p99: milliseconds(m.Latencies.P99), longest: milliseconds(m.Latencies.Max), busy: (after - before).Seconds() / took.Seconds(),
	}, nil
}

// publish fills the feed.
func (s *site) publish(ctx context.Context, v *server, articles int) error {
	for i := range articles {
		var made struct {
			ID string `json:"id"`
		}
		err := v.call(ctx, http.MethodPost, "/articles", map[string]any{
			"org_id": s.society.OrgID, "category": "news", "title": fmt.Sprintf("第 %d 次党员大会在会员医院召开，学习贯彻会议精神", i+1),
			"visibility":    "members",
			"body_markdown": "会议由支部书记主持，全体党员参加。\n\n会上学习了有关文件，并就康复服务行活动的安排进行了讨论。",
		}, &made)
		if err != nil {
			return err
		}
		if err := v.call(ctx, http.MethodPost, "/articles/"+made.ID+"/publish", map[string]any{}, nil); err != nil {
			return err
		}
	}
	return nil
}
