package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// listMeasures are pages that no copy can serve.
func listMeasures() []measure {
	return []measure{
		{Name: "list-sqlite", About: "a page of the feed from another place each time, against plain Gin and GORM, SQLite", Run: func(ctx context.Context, h *house) ([]reading, error) { return listRow(ctx, h, onSQLite) }},
		{Name: "list-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return listRow(ctx, h, onMariaDB) }},
		{Name: "deep-sqlite", About: "the same page among many more articles (BENCH_LONG: a million), against among 10,000, SQLite", Once: true, Run: func(ctx context.Context, h *house) ([]reading, error) { return deepRow(ctx, h, onSQLite) }},
		{Name: "deep-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Once: true, Run: func(ctx context.Context, h *house) ([]reading, error) { return deepRow(ctx, h, onMariaDB) }},
	}
}

const listArticles = 10_000

// places are where a page may begin: any moment at which articles were published, so that hardly any is asked for twice.
type places struct {
	lib library

	mu   sync.Mutex
	dice *rand.Rand
}

func (l library) places() *places { return &places{lib: l, dice: rand.New(rand.NewPCG(7, 11))} }

// next is a moment, with at least a page of articles before it, and an identifier below all articles'.
func (p *places) next() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lib.First.UnixMilli() + 25_000 + p.dice.Int64N(int64(p.lib.Articles-25)*1000)
}

const lowestID = "01a20000-0000-7000-8006-000000000000"

// cursorAt makes the program's own cursor for a place, from one that it has given: its form is its own affair.
func cursorAt(given string) (func(ms int64) string, error) {
	text, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		return nil, fmt.Errorf("the feed's cursor is no longer what the benchmark takes it for: %w", err)
	}
	var c struct {
		List string `json:"l"`
		Keys struct {
			Pinned bool
			At     int64
			ID     string
		} `json:"k"`
	}
	if err := json.Unmarshal(text, &c); err != nil || c.Keys.At == 0 || c.Keys.ID == "" {
		return nil, fmt.Errorf("the feed's cursor is no longer what the benchmark takes it for: %s", text)
	}
	return func(ms int64) string {
		c := c
		c.Keys.At, c.Keys.ID = ms, lowestID
		text, err := json.Marshal(c)
		if err != nil {
			panic(err) // numbers and texts always marshal
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}, nil
}

// pages asks for one page after the other, each from another place.
func (r *readingRoom) pages(ctx context.Context) (*stream, error) {
	first, err := r.get(ctx, "/feed?limit=20")
	if err != nil {
		return nil, err
	}
	var page struct {
		Next string `json:"next_cursor"`
	}
	if err := json.Unmarshal(first, &page); err != nil {
		return nil, err
	}
	cursor, err := cursorAt(page.Next)
	if err != nil {
		return nil, err
	}
	from := r.lib.places()
	at := from.next()
	sample, err := r.get(ctx, "/feed?limit=20&cursor="+cursor(at))
	if err != nil {
		return nil, err
	}
	var got struct {
		Items []struct {
			PublishedAt time.Time `json:"published_at"`
		} `json:"items"`
	}
	if err := json.Unmarshal(sample, &got); err != nil {
		return nil, err
	}
	if len(got.Items) != 20 || got.Items[0].PublishedAt.UnixMilli() > at || at-got.Items[0].PublishedAt.UnixMilli() > 1000 {
		return nil, fmt.Errorf("not the 20 articles before %d: %s", at, sample)
	}
	return &stream{want: http.StatusOK, next: func(n int) []byte {
		return request(http.MethodGet, "/api/v1/feed?limit=20&cursor="+cursor(from.next()), r.tokens[n%len(r.tokens)], "")
	}}, nil
}

// listRow compares with a plain server that lists the same rows of the same database.
func listRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	r, err := h.openReadingRoom(ctx, kind, h.options.size(listArticles), connections, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	asked, err := r.pages(ctx)
	if err != nil {
		return nil, err
	}
	from := r.lib.places()
	yard, err := r.plainRival(ctx, &stream{want: http.StatusOK, next: func(int) []byte {
		return request(http.MethodGet, fmt.Sprintf("/list?org=%s&at=%d&id=%s", r.society.OrgID, from.next(), lowestID), "", "")
	}})
	if err != nil {
		return nil, err
	}
	defer yard.kill()
	own := r.rival(asked)
	if err := h.duel(ctx, 5, own, yard); err != nil {
		return nil, err
	}
	if err := r.profile(ctx, "list-"+kind, own); err != nil {
		return nil, err
	}
	return []reading{{
		Row: "list-" + kind, Title: "list that no cache holds, " + databaseName(kind), Unit: "/s", Figure: own.rate(), Yardstick: yard.rate(), YardstickName: "Gin and GORM",
		Goal: atLeast(1), Facts: sideBySide(own, yard),
	}}, nil
}

// deepRow compares the program with itself over fewer articles.
func deepRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	many := 100_000
	if h.options.Long {
		many = 1_000_000
	}
	var rivals []*rival
	for _, n := range []int{h.options.size(many), h.options.size(listArticles)} {
		r, err2 := h.openReadingRoom(ctx, kind, n, connections, false)
		if err2 != nil {
			return nil, err2
		}
		defer func() { err = errors.Join(err, r.close()) }()
		asked, err := r.pages(ctx)
		if err != nil {
			return nil, err
		}
		rivals = append(rivals, r.rival(asked))
	}
	if err := h.duel(ctx, 5, rivals[0], rivals[1]); err != nil {
		return nil, err
	}
	return []reading{{
		Row: "deep-" + kind, Title: fmt.Sprintf("the same among %s, %s", amount(float64(h.options.size(many)), ""), databaseName(kind)), Unit: "/s",
		Figure: rivals[0].rate(), Yardstick: rivals[1].rate(), YardstickName: "among 10,000", Goal: atLeast(0.77), Facts: sideBySide(rivals[0], rivals[1]), // 1 / 1.3
	}}, nil
}
