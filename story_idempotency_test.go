package main

import (
	"bytes"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// TestStoryIdempotency: a client that does not know whether its request arrived sends it again, and nothing is there twice.
func TestStoryIdempotency(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-23T19:00:00+08:00", env)
		r := p.found().readership()
		creations := map[string]object{
			"/articles":                      {"org_id": r.branch, "category": "news", "title": "重复提交的新闻", "body_markdown": "正文。", "visibility": "members"},
			"/suggestions":                   {"to_org_id": r.branch, "title": "重复提交的建议", "content": "内容。", "anonymous": true},
			"/meetings":                      meetingAt(r.branch, "2026-11-24T19:30:00+08:00", "2026-11-24T20:30:00+08:00"),
			"/reminders":                     {"org_id": r.branch, "name": "重复提交的提醒", "rule": "FREQ=WEEKLY;BYDAY=TU", "at": "20:00"},
			"/pushes":                        {"org_id": r.branch, "kind": "announcement", "title": "重复提交的推送", "audience": object{"org_id": r.branch}},
			"/orgs/" + r.branch + "/members": {"name": "重复提交的成员", "phone": "13512345678", "party_status": "full"},
			"/orgs/" + r.branch + "/invites": {"days": 3},
		}
		for path, body := range creations {
			again(t, r, path, body)
		}
		// Another caller's key is another key, though it reads the same; and so is the same caller's other key.
		twin := r.must(201, "POST", "/articles", r.staff.token, creations["/articles"], "Idempotency-Key", "key of /articles")
		third := r.must(201, "POST", "/articles", r.secretary.token, creations["/articles"], "Idempotency-Key", "a new key")
		// What was refused may be mended and sent again under a new key; the old one remembers the refusal.
		r.refused(422, "validation_failed", "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": ""}, "Idempotency-Key", "refused")
		r.refused(422, "validation_failed", "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": ""}, "Idempotency-Key", "refused")
		atOnce(t, r)
		if n := len(r.must(200, "GET", "/articles?q="+url.QueryEscape("重复提交"), r.secretary.token, nil).list("items")); n != 3 || twin.text("id") == third.text("id") {
			t.Errorf("%d articles, three requests wanted three", n)
		}
		got := slices.DeleteFunc(texts(r.inbox(r.member.token), "title"), func(title string) bool { return title != "重复提交的推送" })
		if len(got) != 1 {
			t.Errorf("the message is in the inbox %d times", len(got))
		}
		if n := len(r.must(200, "GET", "/meetings", r.secretary.token, nil).list("items")); n != 1 {
			t.Errorf("%d meetings", n)
		}
		if n := len(r.must(200, "GET", "/suggestions?box=inbox", r.secretary.token, nil).list("items")); n != 2 {
			t.Errorf("%d suggestions, the one sent at once and the one sent again", n)
		}
	})
}

// again: the same key and body give the first answer, another body is refused.
func again(t *testing.T, r *readership, path string, body object) {
	t.Helper()
	key := []string{"Idempotency-Key", "key of " + path}
	first := r.must(201, "POST", path, r.secretary.token, body, key...)
	for range 2 {
		second := r.must(201, "POST", path, r.secretary.token, body, key...)
		if !bytes.Equal(first.raw, second.raw) {
			t.Errorf("%s: another answer:\n%s\n%s", path, first.raw, second.raw)
		}
	}
	other := object{}
	for k, v := range body {
		other[k] = v
	}
	for _, k := range []string{"title", "topic", "name"} {
		if _, has := other[k]; has {
			other[k] = "另一个"
		}
	}
	if _, has := other["days"]; has {
		other["days"] = 5
	}
	r.refused(409, "idempotency_key_reused", "POST", path, r.secretary.token, other, key...)
}

// atOnce: ten copies of one request arrive together.
func atOnce(t *testing.T, r *readership) {
	t.Helper()
	body := object{"to_org_id": r.branch, "title": "同时提交的建议", "content": "内容。", "anonymous": false}
	answers := make([]response, 10)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = r.call("POST", "/suggestions", r.member.token, body, "Idempotency-Key", "at-once")
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, a := range answers {
		switch {
		case a.status == 201:
			ids[a.text("id")] = true
		case a.status != 409: // the first is still being worked on
			t.Errorf("answer: %s", a.describe())
		}
	}
	if len(ids) != 1 {
		t.Errorf("ten copies made %d suggestions", len(ids))
	}
	if r.must(201, "POST", "/suggestions", r.member.token, body, "Idempotency-Key", "at-once").text("id") == "" {
		t.Error("no answer is kept")
	}
}
