package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
)

// hotMeasures are what everybody reads, from the copies.
func hotMeasures() []measure {
	return []measure{
		{Name: "feed", About: "the feed's first page, signed in, hot, against a bare Gin with the same bytes", Run: func(ctx context.Context, h *house) ([]reading, error) {
			return hotRow(ctx, h, "feed", "feed page, signed in, hot", "/feed?limit=20")
		}},
		{Name: "article", About: "an article of 8 KB, signed in, hot, against a bare Gin with the same bytes", Run: func(ctx context.Context, h *house) ([]reading, error) {
			return hotRow(ctx, h, "article", "article of 8 KB, signed in, hot", "/articles/"+articleID(7))
		}},
	}
}

// readers are enough members that at full speed none of them goes beyond what the limits allow one person.
const readers = 2000

// hotRow reads one page as many members, with everything on that a real site has on: sessions, limits, log and metrics.
func hotRow(ctx context.Context, h *house, name, title, path string) (_ []reading, err error) {
	r, err := h.openReadingRoom(ctx, onSQLite, feedArticles, readers, true, "ZHIBU_LIMITS=on")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	body, err := r.get(ctx, path)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(r.db.data, "bytes")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	bare, address, err := h.part(ctx, "bytes", "-file", file)
	if err != nil {
		return nil, err
	}
	defer bare.kill()
	var asks [][]byte
	for _, token := range r.tokens {
		asks = append(asks, request(http.MethodGet, "/api/v1"+path, token, ""))
	}
	plainAsk := request(http.MethodGet, "/", "", "")
	own := r.rival(&stream{want: http.StatusOK, length: len(body), next: func(n int) []byte { return asks[n%len(asks)] }})
	yard := &rival{process: bare, stream: &stream{address: address, want: http.StatusOK, length: len(body), next: func(int) []byte { return plainAsk }}}
	if err := h.duel(ctx, 5, own, yard); err != nil {
		return nil, err
	}
	now, _, err := r.v.memory()
	if err != nil {
		return nil, err
	}
	if err := r.profile(ctx, name, own); err != nil {
		return nil, err
	}
	return []reading{{
		Row: name, Title: title, Unit: "/s", Figure: own.rate(), Yardstick: yard.rate(), YardstickName: "bare Gin", Goal: atLeast(0.75),
		Facts: append([]fact{{"answer", float64(len(body)), "bytes"}, {"memory under the load", now, "MB"}}, sideBySide(own, yard)...),
	}}, nil
}
