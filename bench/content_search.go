package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// searchMeasures are the waits of those who search.
func searchMeasures() []measure {
	return []measure{
		{Name: "search-sqlite", About: "p99 of mixed searches at 100/s among 10,000 articles of 8 KB, SQLite", Once: true, Run: func(ctx context.Context, h *house) ([]reading, error) { return searchRow(ctx, h, onSQLite) }},
		{Name: "search-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Once: true, Run: func(ctx context.Context, h *house) ([]reading, error) { return searchRow(ctx, h, onMariaDB) }},
	}
}

const (
	searchesPerSecond = 100
	distinctTexts     = 500
)

// sought are what is searched for, by its kind, in turns.
func sought() []struct {
	kind  string
	words []string
} {
	return []struct {
		kind  string
		words []string
	}{
		{"one character", []string{"学", "党", "康", "医", "患"}},
		{"two", []string{"学习", "会议", "康复", "选举", "党费"}},
		{"four", []string{"三会一课", "主题党日", "从严治党", "乡村振兴", "谈心谈话"}},
		{"a sentence", []string{"学习会议精神，落实支部党员组织生活", "会议由支部书记主持，全体党员参加", "患者服务基层社区健康发展建设工作要求"}},
		{"Latin", []string{"ICF", "WHO", "who icf"}},
		{"nothing", []string{"量子纠缠", "麒麟", "zebra"}},
	}
}

// openSearchRoom makes a site whose articles are in the index. The program's own command writes it for the first of them, and in a long run for all;
// the others have the same texts again, and so the same terms, which are copied inside the database. It takes the program a tenth of a second each.
func (h *house) openSearchRoom(ctx context.Context, kind string, articles int) (_ *readingRoom, indexed time.Duration, err error) {
	s, err := h.openSite(ctx, kind, 1000, evening())
	if err != nil {
		return nil, 0, err
	}
	r := &readingRoom{site: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	written := min(articles, distinctTexts)
	if h.options.Smoke {
		written = articles / 2
	}
	if h.options.Long {
		written = articles
	}
	if r.lib, err = seedArticles(ctx, s, 0, written); err != nil {
		return nil, 0, err
	}
	if err := seedBodies(ctx, s.db, r.lib); err != nil {
		return nil, 0, err
	}
	began := time.Now()
	reindex := exec.CommandContext(ctx, h.binary, "reindex")
	reindex.Env = s.env("all")
	if text, err := reindex.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("zhibu reindex: %w\n%s", err, text)
	}
	indexed = time.Since(began) / time.Duration(written)
	if written < articles {
		if err := r.copyTexts(ctx, written, articles); err != nil {
			return nil, 0, err
		}
	}
	if kind == onMariaDB {
		if _, err := s.db.ExecContext(ctx, "ANALYZE TABLE search_terms, article_bodies"); err != nil {
			return nil, 0, err
		}
	}
	if r.tokens, err = seedSessions(ctx, s, connections); err != nil {
		return nil, 0, err
	}
	r.v, err = s.serve(ctx, "all", h.cores.server)
	return r, indexed, err
}

// copyTexts adds articles up to so many with the texts and terms of those that are there.
func (r *readingRoom) copyTexts(ctx context.Context, have, articles int) (err error) {
	if r.lib, err = seedArticles(ctx, r.site, have, articles); err != nil {
		return err
	}
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	if r.db.kind == onSQLite {
		if _, err := conn.ExecContext(ctx, "PRAGMA cache_size = -400000"); err != nil {
			return err
		}
	}
	for from := have; from < articles; from += have {
		copied := fmt.Sprintf("concat('01a20000-0000-7000-8006-', substr(concat('000000000000', substr(article_id, -12) + %d), -12))", from)
		last := articleID(min(have, articles-from) - 1)
		for _, statement := range []string{
			"INSERT INTO article_bodies (article_id, markdown, html, plain) SELECT " + copied + ", markdown, html, plain FROM article_bodies WHERE article_id <= ?",
			"INSERT INTO search_terms (term, article_id) SELECT term, " + copied + " FROM search_terms WHERE article_id <= ?",
		} {
			if _, err := conn.ExecContext(ctx, statement, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// searchRow searches at a fixed rate.
func searchRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	n := h.options.size(10_000)
	if h.options.Smoke {
		n = 60
	}
	r, indexed, err := h.openSearchRoom(ctx, kind, n)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	rows, err := r.db.count(ctx, "SELECT COUNT(*) FROM search_terms")
	if err != nil {
		return nil, err
	}
	var alone []fact
	for _, s := range sought() { // it warms, too
		took, err := r.searchAlone(ctx, s.words)
		if err != nil {
			return nil, err
		}
		alone = append(alone, fact{"alone, " + s.kind, took, "ms"})
	}
	cpu, err := r.v.cpu()
	if err != nil {
		return nil, err
	}
	span := h.options.span(20 * time.Second)
	began := time.Now()
	all, err := r.search(ctx, span)
	if err != nil {
		return nil, err
	}
	after, err := r.v.cpu()
	if err != nil {
		return nil, err
	}
	facts := []fact{{"answered", all.total.Success, ""}, {"p50", milliseconds(all.total.Latencies.P50), "ms"}, {"longest", milliseconds(all.total.Latencies.Max), "ms"}}
	for i, s := range sought() {
		facts = append(facts, fact{"p99 of " + s.kind, milliseconds(all.kinds[i].Latencies.P99), "ms"})
	}
	facts = append(facts, alone...)
	facts = append(facts, fact{"server's core busy", (after - cpu).Seconds() / time.Since(began).Seconds(), ""}, fact{"index", float64(rows), "rows"}, fact{"an article takes zhibu reindex", milliseconds(indexed), "ms"})
	if err := r.searchProfile(ctx, kind); err != nil {
		return nil, err
	}
	return []reading{{
		Row: "search-" + kind, Title: fmt.Sprintf("p99 of searches at 100/s, %d articles, %s", n, databaseName(kind)), Unit: "ms",
		Figure: milliseconds(all.total.Latencies.P99), Goal: atMost(30), Facts: facts,
	}}, nil
}

// searches is how those who search fared, all together and by kind.
type searches struct {
	total vegeta.Metrics
	kinds []vegeta.Metrics
}

// search asks everything sought in turns, at the fixed rate.
func (r *readingRoom) search(ctx context.Context, span time.Duration) (*searches, error) {
	kinds := sought()
	var targets []vegeta.Target
	for i := range 60 { // of every word the kinds' turns
		s := kinds[i%len(kinds)]
		path := "/api/v1/search?q=" + url.QueryEscape(s.words[i/len(kinds)%len(s.words)])
		targets = append(targets, vegeta.Target{Method: http.MethodGet, URL: r.v.url + path, Header: http.Header{"Authorization": {"Bearer " + r.tokens[i%len(r.tokens)]}}})
	}
	attacker := vegeta.NewAttacker(vegeta.Timeout(10 * time.Second))
	out := &searches{kinds: make([]vegeta.Metrics, len(kinds))}
	for result := range attacker.Attack(vegeta.NewStaticTargeter(targets...), vegeta.Rate{Freq: searchesPerSecond, Per: time.Second}, span, "search") {
		if ctx.Err() != nil {
			attacker.Stop()
		}
		out.total.Add(result)
		out.kinds[int(result.Seq)%len(kinds)].Add(result)
	}
	out.total.Close()
	for i := range out.kinds {
		out.kinds[i].Close()
	}
	for code := range out.total.StatusCodes {
		if code != "200" && code != "0" { // 0: patience ended, which the figures say
			return nil, fmt.Errorf("of %d searches %.2f %% succeeded: %v", out.total.Requests, 100*out.total.Success, out.total.StatusCodes)
		}
	}
	return out, ctx.Err()
}

// searchAlone is the median wait for some words while nobody else searches, in milliseconds.
func (r *readingRoom) searchAlone(ctx context.Context, words []string) (float64, error) {
	var waits []float64
	for range 3 {
		for _, w := range words {
			began := time.Now()
			if _, err := r.get(ctx, "/search?q="+url.QueryEscape(w)); err != nil {
				return 0, err
			}
			waits = append(waits, milliseconds(time.Since(began)))
		}
	}
	return median(waits), nil
}

// searchProfile is a profile while the program searches as fast as it can.
func (r *readingRoom) searchProfile(ctx context.Context, kind string) error {
	kinds := sought()
	return r.profile(ctx, "search-"+kind, r.rival(&stream{want: http.StatusOK, next: func(n int) []byte {
		s := kinds[n%len(kinds)]
		return request(http.MethodGet, "/api/v1/search?q="+url.QueryEscape(s.words[n/len(kinds)%len(s.words)]), r.tokens[n%len(r.tokens)], "")
	}}))
}
