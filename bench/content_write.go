package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// writeMeasures are what members write, durable at every answer.
func writeMeasures() []measure {
	return []measure{
		{Name: "comment-sqlite", About: "comments, checked by WeChat at once, against one insert and one commit by GORM, SQLite", Run: func(ctx context.Context, h *house) ([]reading, error) { return commentRow(ctx, h, onSQLite) }},
		{Name: "comment-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return commentRow(ctx, h, onMariaDB) }},
		{Name: "signin-sqlite", About: "sign-in with WeChat, which answers at once, against Gin and GORM with the same inserts, SQLite", Run: func(ctx context.Context, h *house) ([]reading, error) { return signInRow(ctx, h, onSQLite) }},
		{Name: "signin-mysql", About: "the same, MariaDB", Needs: []string{"mariadb"}, Run: func(ctx context.Context, h *house) ([]reading, error) { return signInRow(ctx, h, onMariaDB) }},
	}
}

const commentText = "今天的学习很有收获，康复服务行的安排也很清楚，我们支部下周就按要求落实。"

// commentRow lets members comment below many articles.
func commentRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	r, err := h.openReadingRoom(ctx, kind, feedArticles, connections, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	own := r.rival(&stream{want: http.StatusCreated, next: func(n int) []byte {
		return request(http.MethodPost, "/api/v1/articles/"+articleID(n%feedArticles)+"/comments", r.tokens[n%len(r.tokens)], `{"content":"`+strconv.Itoa(n)+" "+commentText+`"}`)
	}})
	yard, err := r.plainRival(ctx, &stream{want: http.StatusCreated, next: func(n int) []byte {
		body := fmt.Sprintf(`{"article_id":"%s","author_id":"%s","content":"%d %s"}`, articleID(n%feedArticles), memberID(n%connections), n, commentText)
		return request(http.MethodPost, "/comments", "", body)
	}})
	if err != nil {
		return nil, err
	}
	defer yard.kill()
	if err := h.duel(ctx, 5, own, yard); err != nil {
		return nil, err
	}
	kept, err := r.db.count(ctx, "SELECT COUNT(*) FROM comments WHERE state = 'visible'")
	if err != nil {
		return nil, err
	}
	if made := own.answers + yard.answers; kept < made {
		return nil, fmt.Errorf("%d comments were made, %d are visible", made, kept)
	}
	if err := r.profile(ctx, "comment-"+kind, own); err != nil {
		return nil, err
	}
	return []reading{{
		Row: "comment-" + kind, Title: "comment, checked and durable, " + databaseName(kind), Unit: "/s", Figure: own.rate(), Yardstick: yard.rate(),
		YardstickName: "an insert of GORM's", Goal: atLeast(1.5), Facts: sideBySide(own, yard),
	}}, nil
}

// signInRow lets members sign in again and again.
func signInRow(ctx context.Context, h *house, kind string) (_ []reading, err error) {
	r, err := h.openReadingRoom(ctx, kind, feedArticles, connections, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	ask := func(path string) func(n int) []byte {
		return func(n int) []byte { return request(http.MethodPost, path, "", `{"code":"`+openIDOf(n%1000)+`"}`) }
	}
	own := r.rival(&stream{want: http.StatusOK, next: ask("/api/v1/auth/wechat")})
	yard, err := r.plainRival(ctx, &stream{want: http.StatusOK, next: ask("/signin")})
	if err != nil {
		return nil, err
	}
	defer yard.kill()
	if err := h.duel(ctx, 5, own, yard); err != nil {
		return nil, err
	}
	if err := r.profile(ctx, "signin-"+kind, own); err != nil {
		return nil, err
	}
	return []reading{{
		Row: "signin-" + kind, Title: "sign-in, WeChat at once, " + databaseName(kind), Unit: "/s", Figure: own.rate(), Yardstick: yard.rate(),
		YardstickName: "Gin and GORM", Goal: atLeast(0.8), Facts: sideBySide(own, yard),
	}}, nil
}
