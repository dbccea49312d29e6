package main

import (
	"strings"
	"testing"
	"time"
)

// TestStoryBudget: two ordinary pushes a week ring; what is over comes as one card in the evening; an urgent one rings at once; at night phones are silent.
func TestStoryBudget(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T18:40:00+08:00", env) // a Tuesday
		r := p.found().readership()
		r.keep(r.member, announcementTemplate, 5)
		r.keep(r.member, studyTemplate, 2) // the evening's card
		overBudget(t, r)
		digest(t, r)
		urgentAndNight(t, r)
	})
}

// announce is the body of a push to the branch's only member who is not in the Party.
func announce(org, title string) object {
	return object{"org_id": org, "kind": "announcement", "title": title, "audience": object{"org_id": org, "party_status": []string{"non_party"}}}
}

func overBudget(t *testing.T, r *readership) {
	t.Helper()
	for i, title := range []string{"第一条", "第二条"} {
		r.must(201, "POST", "/pushes", r.secretary.token, announce(r.branch, title))
		r.rings(r.member, i+1)
	}
	plan := r.must(200, "POST", "/pushes/plan", r.secretary.token, announce(r.branch, "第三条"))
	if plan.number("over_budget") != 1 || plan.number("recipients") != 1 || plan.number("by_wechat")+plan.number("inbox_only") != 1 || plan.text("deferred", 0, "until") != "2026-11-24T19:30:00+08:00" {
		t.Errorf("plan: %s", plan.raw)
	}
	for _, title := range []string{"第三条", "第四条"} {
		r.must(201, "POST", "/pushes", r.secretary.token, announce(r.branch, title))
		push := r.pushOf(title)
		d := r.deliveries(push)[r.member.id]
		if push.number("counts", "deferred") != 1 || push.number("counts", "sent") != 0 || d.text("state") != "deferred" || d.text("not_before") != "2026-11-24T19:30:00+08:00" || !strings.Contains(d.text("deferred_reason"), "晚间摘要") {
			t.Errorf("over the budget: %v %v", push, d)
		}
		if r.inbox(r.member.token)[0].text("title") != title {
			t.Error("what waits for the evening is not in the inbox at once")
		}
	}
}

func digest(t *testing.T, r *readership) {
	t.Helper()
	at := time.Date(2026, 11, 24, 11, 30, 0, 0, time.UTC)
	r.moveTo("2026-11-24T19:29:57+08:00")
	card := r.rings(r.member, 3)[2]
	if card.At.Before(at) || card.At.After(at.Add(30*time.Second)) || card.TemplateID != studyTemplate {
		t.Errorf("the evening's card rang at %s: %+v", card.At, card)
	}
	newest := r.inbox(r.member.token)[0]
	if newest.text("kind") != "digest" || !strings.Contains(newest.text("title"), "2 条") || !strings.Contains(newest.text("body"), "第三条") || !strings.Contains(newest.text("body"), "第四条") {
		t.Errorf("the digest: %v", newest)
	}
	for _, title := range []string{"第三条", "第四条"} {
		push := r.pushDone(title)
		if d := r.deliveries(push)[r.member.id]; d.text("state") != "inbox_only" || !strings.Contains(d.text("reason"), "晚间摘要") {
			t.Errorf("bundled: %v", d)
		}
	}
	if n := r.remaining(r.member, announcementTemplate); n != 3 {
		t.Errorf("%d announcements left: what was bundled spends none", n)
	}
}

func urgentAndNight(t *testing.T, r *readership) {
	t.Helper()
	r.moveTo("2026-11-24T22:30:00+08:00")
	for _, p := range []*person{&r.secretary, &r.member} {
		p.token = r.visit(p.openID).text("access_token")
	}
	urgent := announce(r.branch, "线路故障，今晚课程取消")
	urgent["urgent_reason"] = "课程临时取消"
	r.must(201, "POST", "/pushes", r.secretary.token, urgent)
	r.rings(r.member, 4)
	study := object{"org_id": r.branch, "kind": "study", "title": "夜里写的学习提醒", "audience": object{"org_id": r.branch, "party_status": []string{"full"}}}
	r.keep(r.secretary, studyTemplate, 1)
	r.must(201, "POST", "/pushes", r.secretary.token, study)
	push := r.pushOf("夜里写的学习提醒")
	d := r.deliveries(push)[r.secretary.id]
	if d.text("state") != "deferred" || d.text("not_before") != "2026-11-25T12:00:00+08:00" || !strings.Contains(d.text("deferred_reason"), "夜间") {
		t.Errorf("at night: %v", d)
	}
	stopped := r.must(200, "POST", "/pushes/"+push.text("id")+"/cancel", r.secretary.token, nil)
	if stopped.number("counts", "deferred") != 0 || stopped.number("counts", "inbox_only")+stopped.number("counts", "cancelled") != stopped.number("counts", "recipients") {
		t.Errorf("cancelled: %s", stopped.raw)
	}
	if n := r.remaining(r.secretary, studyTemplate); n != 1 {
		t.Errorf("a cancelled push kept the grant: %d left", n)
	}
}
