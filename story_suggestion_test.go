package main

import (
	"slices"
	"strings"
	"testing"
)

// TestStorySuggestion lives point 5: a suggestion, open or anonymous, is accepted and answered, its author is told, rates it, and may reopen it.
func TestStorySuggestion(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		openSuggestion(t, r)
		anonymousSuggestion(t, r)
	})
}

// step takes a step of a suggestion's life.
func (p *program) step(token, id string, body object) response {
	p.t.Helper()
	return p.must(200, "POST", "/suggestions/"+id+"/transitions", token, body)
}

func openSuggestion(t *testing.T, r *readership) {
	t.Helper()
	faults := r.refused(422, "validation_failed", "POST", "/suggestions", r.member.token, object{"to_org_id": r.branch, "title": "", "content": ""}).faults()
	if faults["title"] == "" || faults["content"] == "" {
		t.Errorf("faults: %v", faults)
	}
	r.refused(403, "not_bound", "POST", "/suggestions", r.visitor, object{"to_org_id": r.branch, "title": "访客", "content": "访客"})
	r.refused(404, "not_found", "POST", "/suggestions", r.member.token, object{"to_org_id": r.neighbour, "title": "别的支部", "content": "不归我"})
	made := r.must(201, "POST", "/suggestions", r.member.token, object{"to_org_id": r.branch, "title": "会议材料提供大字版", "content": "老专家看手机吃力。", "anonymous": false})
	id, path := made.text("id"), "/suggestions/"+made.text("id")
	if made.text("state") != "submitted" || made.text("author", "id") != r.member.id || made.at("anonymous") != false || len(made.list("timeline")) != 1 {
		t.Errorf("submitted: %s", made.raw)
	}
	// Tuesday evening: five working days on is Tuesday, December 1.
	if due := made.text("due_at"); !strings.HasPrefix(due, "2026-12-01T") {
		t.Errorf("to be accepted by %s", due)
	}
	bell := r.inbox(r.secretary.token)
	if len(bell) != 1 || !strings.Contains(bell[0].text("title"), "会议材料提供大字版") || bell[0].text("kind") != "suggestion" {
		t.Errorf("the secretary's inbox: %v", bell)
	}
	for _, token := range []string{r.other.token, r.party.token} {
		r.refused(404, "not_found", "GET", path, token, nil)
		r.refused(404, "not_found", "POST", path+"/transitions", token, object{"action": "accept"})
	}
	r.refused(404, "not_found", "GET", path+"x", r.secretary.token, nil)
	r.refused(409, "conflict", "POST", path+"/transitions", r.secretary.token, object{"action": "reply", "text": "未受理不能答复"})
	r.refused(403, "forbidden", "POST", path+"/transitions", r.member.token, object{"action": "accept"})
	inbox := r.must(200, "GET", "/suggestions?box=inbox&state=submitted", r.secretary.token, nil).list("items")
	if !slices.Contains(texts(inbox, "id"), id) || r.must(200, "GET", "/me", r.secretary.token, nil).number("unread", "todo") != 1 {
		t.Errorf("the secretary's box: %v", inbox)
	}

	accepted := r.step(r.secretary.token, id, object{"action": "accept", "assignee_id": r.committee.id})
	if accepted.text("state") != "accepted" || accepted.text("assignee", "id") != r.committee.id || !strings.HasPrefix(accepted.text("due_at"), "2026-12-15T") {
		t.Errorf("accepted: %s", accepted.raw)
	}
	if f := r.refused(422, "validation_failed", "POST", path+"/transitions", r.committee.token, object{"action": "reply"}).faults(); f["text"] == "" {
		t.Errorf("an empty answer: %v", f)
	}
	replied := r.step(r.committee.token, id, object{"action": "reply", "text": "下次起提供大字版。"})
	if replied.text("state") != "replied" || replied.text("reply") != "下次起提供大字版。" || replied.at("due_at") != nil {
		t.Errorf("replied: %s", replied.raw)
	}
	told := texts(r.inbox(r.member.token), "title")
	if len(told) != 2 || told[0] != "意见建议已答复：会议材料提供大字版" || told[1] != "意见建议已受理：会议材料提供大字版" {
		t.Errorf("the author was told: %v", told)
	}
	if !strings.Contains(r.inbox(r.member.token)[0].text("body"), "下次起提供大字版。") {
		t.Error("the answer is not in the notice")
	}
	reopenAndRate(t, r, path)
}

func reopenAndRate(t *testing.T, r *readership, path string) {
	t.Helper()
	id := strings.TrimPrefix(path, "/suggestions/")
	r.refused(403, "forbidden", "POST", path+"/rating", r.secretary.token, object{"stars": 5})
	again := r.step(r.member.token, id, object{"action": "reopen", "text": "上次的材料仍是小字。"})
	if again.text("state") != "submitted" || again.at("reply") != nil {
		t.Errorf("reopened: %s", again.raw)
	}
	r.refused(409, "conflict", "POST", path+"/rating", r.member.token, object{"stars": 4})
	r.step(r.secretary.token, id, object{"action": "accept"})
	r.refused(409, "conflict", "POST", path+"/transitions", r.secretary.token, object{"action": "accept"})
	r.step(r.secretary.token, id, object{"action": "extend", "text": "印刷需要时间"})
	r.refused(409, "conflict", "POST", path+"/transitions", r.secretary.token, object{"action": "extend", "text": "再来一次"})
	r.step(r.secretary.token, id, object{"action": "reply", "text": "已重印。"})
	if f := r.refused(422, "validation_failed", "POST", path+"/rating", r.member.token, object{"stars": 6}).faults(); f["stars"] == "" {
		t.Errorf("six stars: %v", f)
	}
	rated := r.must(200, "POST", path+"/rating", r.member.token, object{"stars": 5, "text": "谢谢"})
	if rated.text("state") != "closed" || rated.number("rating", "stars") != 5 {
		t.Errorf("rated: %s", rated.raw)
	}
	r.refused(409, "conflict", "POST", path+"/rating", r.member.token, object{"stars": 1})
	actions := texts(rated.list("timeline"), "action")
	if want := []string{"submit", "accept", "reply", "reopen", "accept", "extend", "reply", "rate"}; !slices.Equal(actions, want) {
		t.Errorf("timeline %v, want %v", actions, want)
	}
	at := ""
	for _, e := range rated.list("timeline") {
		if e.text("at") < at {
			t.Errorf("the timeline goes back in time: %v", rated.list("timeline"))
		}
		at = e.text("at")
	}
}

// anonymousSuggestion: the author is hidden from everybody, and still gets the answer.
func anonymousSuggestion(t *testing.T, r *readership) {
	t.Helper()
	made := r.must(201, "POST", "/suggestions", r.party.token, object{"to_org_id": r.branch, "title": "例会太长", "content": "建议压缩到四十分钟。", "anonymous": true})
	id, path := made.text("id"), "/suggestions/"+made.text("id")
	if made.at("author") != nil || made.at("mine") != true || made.at("anonymous") != true {
		t.Errorf("to the author: %s", made.raw)
	}
	readers := map[string]string{"secretary": r.secretary.token, "office": r.staff.token, "administrator": r.admin}
	hidden := func(when string) {
		t.Helper()
		for who, token := range readers {
			one := r.must(200, "GET", path, token, nil)
			if v, has := one.object["author"]; !has || v != nil || one.at("mine") != false || one.at("timeline", 0, "by") != nil {
				t.Errorf("%s the %s learns of the author: %s", when, who, one.raw)
			}
			box := r.must(200, "GET", "/suggestions?box=inbox", token, nil)
			for _, answer := range []response{one, box} {
				for _, trace := range []string{r.party.id, "周党员", r.party.openID} {
					if strings.Contains(string(answer.raw), trace) {
						t.Errorf("%s the %s finds %q: %s", when, who, trace, answer.raw)
					}
				}
			}
		}
	}
	hidden("when new")
	r.step(r.secretary.token, id, object{"action": "accept"})
	r.step(r.secretary.token, id, object{"action": "reply", "text": "例会改为四十分钟。"})
	hidden("when answered")
	mine := r.must(200, "GET", "/suggestions?box=mine", r.party.token, nil).list("items")
	if len(mine) != 1 || mine[0].text("id") != id || mine[0].text("reply") != "例会改为四十分钟。" {
		t.Errorf("mine: %v", mine)
	}
	for _, token := range readers {
		for _, push := range r.must(200, "GET", "/pushes?limit=100", token, nil).list("items") {
			rows := r.must(200, "GET", "/pushes/"+push.text("id")+"/deliveries", token, nil)
			if strings.Contains(string(rows.raw), r.party.id) && push.text("kind") == "suggestion" {
				t.Errorf("the ledger tells who wrote: %s", rows.raw)
			}
		}
	}
	r.must(200, "POST", path+"/rating", r.party.token, object{"stars": 4})
	hidden("when rated")
	nobodyFindsOut(t, r, id)
	r.refused(404, "not_found", "GET", path, r.other.token, nil)
	r.refused(404, "not_found", "GET", path, r.member.token, nil)
}

// nobodyFindsOut reads what only those read who run the program: no line of the log and no row of a table holds suggestion and author together.
func nobodyFindsOut(t *testing.T, r *readership, id string) {
	t.Helper()
	var tables strings.Builder
	if url := r.env["DATABASE_URL"]; url != "" {
		r.dumpTables(&tables, url)
		if !strings.Contains(tables.String(), "例会太长") {
			t.Error("the search is blind")
		}
	}
	for _, line := range strings.Split(r.log.String()+tables.String(), "\n") {
		about := strings.Contains(line, id) || strings.Contains(line, "例会太长")
		if about && (strings.Contains(line, r.party.id) || strings.Contains(line, r.party.openID) || strings.Contains(line, "周党员")) {
			t.Errorf("a line tells who wrote: %s", line)
		}
	}
}

// unreadNotices is what the badge of the inbox shows.
func (p *program) unreadNotices(token string) int {
	p.t.Helper()
	return p.must(200, "GET", "/me", token, nil).number("unread", "notices")
}
