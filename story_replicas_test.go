package main

import (
	"slices"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// TestStoryReplicas: what one replica changes the other shows within a second, also while Redis is away: losing it slows and never breaks.
// It measures seconds, so that it does not run beside the other stories.
func TestStoryReplicas(t *testing.T) {
	redis := storetest.Redis(t)
	a := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"DATABASE_URL": storetest.MariaDBURL(t), "REDIS_URL": redis.URL()})
	r := a.found().readership()
	b := a.replica()
	liveOnTwo(t, r, b)
	redis.Stop()
	if ready := b.must(200, "GET", "/readyz", "", nil); ready.text("status") != "ready" || ready.text("checks", "cache") == "ok" {
		t.Errorf("without Redis: %s", ready.raw)
	}
	liveOnTwo(t, r, b)
	second := a.visit(r.party.openID)
	b.must(200, "GET", "/me", second.text("access_token"), nil)
	b.must(200, "POST", "/auth/refresh", "", object{"refresh_token": second.text("refresh_token")})
}

// liveOnTwo lets the first replica change what the second has in its cache.
func liveOnTwo(t *testing.T, r *readership, b *program) {
	t.Helper()
	within := func(what string, right func() bool) {
		t.Helper()
		began := time.Now()
		b.eventually(what, 5*time.Second, right)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %s", what, took)
		}
	}
	before := b.feedIDs(r.member.token)
	id := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "两个副本都要看到", "body_markdown": "第一版。", "visibility": "members"})
	if slices.Contains(before, id) {
		t.Fatal("it was there before")
	}
	within("the other replica's feed", func() bool { return slices.Contains(b.feedIDs(r.member.token), id) })
	b.must(200, "GET", "/articles/"+id, r.member.token, nil)
	r.must(200, "PATCH", "/articles/"+id, r.secretary.token, object{"title": "改过的标题"})
	within("the other replica's article", func() bool {
		return b.must(200, "GET", "/articles/"+id, r.member.token, nil).text("title") == "改过的标题"
	})
	r.must(200, "POST", "/articles/"+id+"/withdraw", r.secretary.token, nil)
	within("what was withdrawn", func() bool {
		return b.call("GET", "/articles/"+id, r.member.token, nil).status == 404 && !slices.Contains(b.feedIDs(r.member.token), id)
	})
	token := r.visit(r.party.openID).text("access_token")
	b.must(200, "GET", "/me", token, nil)
	r.must(204, "POST", "/auth/logout", token, nil)
	within("the logout", func() bool { return b.call("GET", "/me", token, nil).status == 401 })
	// A right that is taken away is gone, too.
	roles := "/orgs/" + r.branch + "/members/" + r.committee.id + "/roles"
	b.must(200, "GET", "/moderation/comments", r.committee.token, nil)
	r.must(200, "PUT", roles, r.admin, object{"roles": []string{}})
	within("the role", func() bool { return b.call("GET", "/moderation/comments", r.committee.token, nil).status == 403 })
	r.must(200, "PUT", roles, r.admin, object{"roles": []string{"committee_member"}})
	within("the role again", func() bool { return b.call("GET", "/moderation/comments", r.committee.token, nil).status == 200 })
}
