package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStorySuggestionsClose lives what makes suggestions close by themselves: several that ask the same get one answer, which is published with its
// author's consent; the clocks are made again when holidays are published, and what is neglected goes up; figures tell of answering alone.
func TestStorySuggestionsClose(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		r := boot(t, "2026-12-28T19:00:00+08:00", env).found().readership()
		late := r.must(201, "POST", "/suggestions", r.committee.token, object{"to_org_id": r.branch, "title": "没有人理的一条", "content": "看看期限。"})
		if late.at("provisional") != true || !strings.HasPrefix(late.text("due_at"), "2027-01-04T") {
			t.Errorf("into a year without published holidays: %s", late.raw)
		}
		mergedAnswer(t, r)
		r.must(200, "PUT", "/calendar/2027", r.staff.token, object{"$schema": "x", "year": 2027, "papers": []string{}, "days": []object{{"name": "元旦", "date": "2027-01-01", "isOffDay": true}}})
		r.moveTo("2026-12-29T12:10:00+08:00")
		neglected(t, r, late.text("id"))
	})
}

func mergedAnswer(t *testing.T, r *readership) {
	t.Helper()
	write := func(token string, anonymous bool, title, content string) string {
		return r.must(201, "POST", "/suggestions", token, object{"to_org_id": r.branch, "title": title, "content": content, "anonymous": anonymous}).text("id")
	}
	lead := write(r.member.token, false, "支部例会时间太长", "每次例会都超过两小时，建议压缩到四十分钟以内。")
	other := write(r.party.token, true, "建议缩短支部例会时间", "例会时间太长了，经常超过两小时，希望压缩到四十分钟。")
	alike := r.must(200, "GET", "/suggestions/"+lead+"/similar", r.secretary.token, nil).list("items")
	if len(alike) != 1 || alike[0].text("id") != other || !strings.HasPrefix(alike[0].text("why"), "文字相近") {
		t.Errorf("alike: %v", alike)
	}
	if hint := r.must(200, "POST", "/suggestions/hints", r.committee.token, object{"to_org_id": r.branch, "title": "支部例会时间太长"}); len(hint.list("own"))+len(hint.list("published")) != 0 {
		t.Errorf("a third one learns of what others wrote: %s", hint.raw)
	}
	r.refused(404, "not_found", "POST", "/suggestions/"+other+"/merge", r.other.token, object{"into": lead})
	merged := r.must(200, "POST", "/suggestions/"+other+"/merge", r.secretary.token, object{"into": lead})
	if merged.text("merged_into") != lead || merged.at("together") != true {
		t.Errorf("merged: %s", merged.raw)
	}
	r.refused(409, "conflict", "POST", "/suggestions/"+other+"/transitions", r.secretary.token, object{"action": "accept"})
	r.step(r.secretary.token, lead, object{"action": "accept"})
	r.step(r.secretary.token, lead, object{"action": "extend", "text": "征求各组意见"})
	r.step(r.secretary.token, lead, object{"action": "reply", "text": "改为四十分钟。"})
	for id, token := range map[string]string{lead: r.member.token, other: r.party.token} {
		one := r.must(200, "GET", "/suggestions/"+id, token, nil)
		if one.text("state") != "replied" || one.text("reply") != "改为四十分钟。" || one.at("merged_into") != nil || len(one.list("timeline")) != 5 {
			t.Errorf("to its author: %s", one.raw)
		}
		for _, trace := range []string{lead, other, "李会员", "周党员", r.member.id, r.party.id} {
			own := trace == id || (id == lead && (trace == "李会员" || trace == r.member.id))
			if !own && strings.Contains(string(one.raw), trace) {
				t.Errorf("one author finds %q of the other: %s", trace, one.raw)
			}
		}
	}
	r.refused(404, "not_found", "GET", "/suggestions/"+other, r.member.token, nil)
	if again := r.step(r.party.token, other, object{"action": "reopen", "text": "还要算上签到"}); again.text("state") != "submitted" || again.at("together") != false {
		t.Errorf("reopened alone: %s", again.raw)
	}
	publishedAnswer(t, r, lead)
}

func publishedAnswer(t *testing.T, r *readership, id string) {
	t.Helper()
	path := "/suggestions/" + id + "/publication"
	asked := r.must(200, "POST", path, r.secretary.token, object{"action": "ask", "question": "例会能否短些？"})
	r.refused(403, "forbidden", "POST", path, r.secretary.token, object{"action": "agree", "version": asked.number("version")})
	if shown := r.must(200, "GET", "/suggestions/published", r.party.token, nil).list("items"); len(shown) != 0 {
		t.Errorf("shown without consent: %v", shown)
	}
	if title := r.inbox(r.member.token)[0].text("title"); !strings.HasPrefix(title, "征求公开答复的意见") {
		t.Errorf("the author is asked by %q", title)
	}
	r.refused(412, "edit_conflict", "POST", path, r.member.token, object{"action": "agree", "version": asked.number("version") - 1})
	r.must(200, "POST", path, r.member.token, object{"action": "agree", "version": asked.number("version")})
	shown := r.must(200, "GET", "/suggestions/published?org_id="+r.branch, r.party.token, nil)
	if one := shown.list("items"); len(one) != 1 || one[0].text("question") != "例会能否短些？" || one[0].text("answer") != "改为四十分钟。" {
		t.Errorf("published: %s", shown.raw)
	}
	if strings.Contains(string(shown.raw), "李会员") || strings.Contains(string(shown.raw), r.member.id) {
		t.Errorf("the published one names its author: %s", shown.raw)
	}
	r.refused(404, "not_found", "GET", "/suggestions/published?org_id="+r.branch, r.other.token, nil)
	hint := r.must(200, "POST", "/suggestions/hints", r.party.token, object{"to_org_id": r.branch, "title": "支部例会时间太长"})
	if len(hint.list("published")) != 1 || len(hint.list("own")) != 1 {
		t.Errorf("while writing: %s", hint.raw)
	}
	r.must(200, "POST", path, r.member.token, object{"action": "end"})
	if left := r.must(200, "GET", "/suggestions/published", r.party.token, nil).list("items"); len(left) != 0 {
		t.Errorf("shown after it was taken back: %v", left)
	}
}

// neglected: its clock is made again, and then it goes up by itself.
func neglected(t *testing.T, r *readership, id string) {
	t.Helper()
	r.again(&r.committee)
	get := func() response { return r.must(200, "GET", "/suggestions/"+id, r.committee.token, nil) }
	r.eventually("the clock is made again and said", 20*time.Second, func() bool {
		return slices.Contains(texts(get().list("timeline"), "action"), "replan")
	})
	if one := get(); one.at("provisional") != false || !strings.HasPrefix(one.text("due_at"), "2027-01-05T") || !strings.Contains(one.text("timeline", 1, "text"), "受理期限由1月4日调整为1月5日") {
		t.Errorf("the clock made again: %s", one.raw)
	}
	r.moveTo("2027-01-07T09:00:00+08:00")
	r.again(&r.committee)
	r.eventually("it goes up by itself", 20*time.Second, func() bool { return get().text("state") == "escalated" })
	if one := get(); one.text("org", "id") != r.root {
		t.Errorf("it is with %s", one.raw)
	}
	r.again(&r.staff)
	figures := r.must(200, "GET", "/suggestions/figures?year=2027&org_id="+r.root, r.staff.token, nil)
	items := figures.list("items")
	if len(items) != 3 || items[0].text("org", "id") != r.root {
		t.Errorf("figures: %s", figures.raw)
	}
	for _, it := range items {
		if it.at("figures", "received") != nil {
			t.Errorf("figures under five: %v", it)
		}
	}
}
