package main

import (
	"slices"
	"strings"
	"testing"
)

// TestStorySecretaryErased: people withdraw in the midst of the work. A hand-over to somebody who is gone ends; one from a secretary who is gone waits for
// the office; what was theirs to do goes to who answers for the branch, and from the office to the next secretary.
func TestStorySecretaryErased(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		b := &branchLife{society: boot(t, "2026-11-23T19:10:00+08:00", env).found()}
		b.secretary = b.join(b.branch, "钱书记", "full", "secretary")
		b.recorder = b.join(b.branch, "吴支委", "full", "committee_member")
		b.voter = b.join(b.branch, "周党员", "full")
		b.away = b.join(b.branch, "王出差", "full")
		b.staff = b.join(b.root, "党办小孙", "full", "staff")
		action := b.resolved(b.secretary)
		b.successorErased(t)
		b.secretaryErased(t, action)
	})
}

// resolved holds a meeting whose minutes are signed, and returns the action that its one resolution gives to somebody.
func (b *branchLife) resolved(owner person) string {
	b.t.Helper()
	b.meeting = b.must(201, "POST", "/meetings", b.secretary.token, object{"org_id": b.branch, "type": "branch_assembly", "topic": "部署基层帮扶工作", "mode": "onsite", "place": "会议室",
		"starts_at": "2026-11-23T19:20:00+08:00", "ends_at": "2026-11-23T20:20:00+08:00", "reminders": []int{}}).text("id")
	for _, p := range []person{b.secretary, b.recorder} {
		b.must(200, "POST", "/meetings/"+b.meeting+"/checkin", p.token, nil)
	}
	path := "/meetings/" + b.meeting + "/minutes"
	b.must(200, "PUT", path, b.recorder.token, object{"host_id": b.secretary.id, "recorder_id": b.recorder.id, "passed_on": "无。", "discussion": []object{{"text": "同意。"}},
		"resolutions": []object{{"text": "联系两家县级医院", "owner_id": owner.id, "due_on": "2026-12-04"}}})
	b.must(200, "POST", path+"/sign", b.secretary.token, nil)
	if got := b.must(200, "POST", path+"/sign", b.recorder.token, nil); got.text("state") != "locked" {
		b.t.Fatalf("not locked: %s", got.raw)
	}
	return b.must(200, "GET", "/actions?mine=true", owner.token, nil).text("items", 0, "id")
}

// successorErased: nothing has moved, and the secretary and the office are told.
func (b *branchLife) successorErased(t *testing.T) {
	t.Helper()
	path := "/handovers/" + b.must(201, "POST", "/orgs/"+b.branch+"/handovers", b.secretary.token, object{"to_member_id": b.voter.id}).text("id")
	b.must(200, "POST", path+"/confirm", b.secretary.token, object{})
	b.must(200, "DELETE", "/me", b.voter.token, nil)
	got := b.must(200, "GET", path, b.secretary.token, nil)
	if got.text("state") != "cancelled" || !strings.Contains(got.text("end_reason"), "已注销") || got.text("to", "name") != "已注销成员" {
		t.Errorf("handed over to nobody: %s", got.raw)
	}
	for who, token := range map[string]string{"the secretary": b.secretary.token, "the office": b.staff.token} {
		if find(b.inbox(token), "title", "支部工作交接已终止") == nil {
			t.Errorf("%s was not told: %v", who, b.inbox(token))
		}
	}
	b.must(200, "GET", "/orgs/"+b.branch+"/members", b.secretary.token, nil) // still the secretary
}

// secretaryErased: the only secretary goes in the midst of a hand-over.
func (b *branchLife) secretaryErased(t *testing.T, action string) {
	t.Helper()
	coming := b.must(201, "POST", "/meetings", b.secretary.token, object{"org_id": b.branch, "type": "party_day", "topic": "主题党日", "mode": "onsite", "place": "会议室",
		"starts_at": "2026-11-30T19:30:00+08:00", "ends_at": "2026-11-30T20:30:00+08:00"}).text("id")
	path := "/handovers/" + b.must(201, "POST", "/orgs/"+b.branch+"/handovers", b.secretary.token, object{"to_member_id": b.away.id}).text("id")
	receipt := b.must(200, "DELETE", "/me", b.secretary.token, nil)
	said := texts(receipt.list("erased"), "what")
	for _, want := range []string{"未办结的督办事项（已移交）", "由您交出的支部交接（已转党办办理）"} {
		if !slices.Contains(said, want) {
			t.Errorf("the receipt lacks %s: %q", want, said)
		}
	}
	if got := b.must(200, "GET", "/actions/"+action, b.staff.token, nil); got.text("owner", "id") != b.staff.id || got.text("state") != "open" {
		t.Errorf("the action is nobody's: %s", got.raw)
	}
	bells := texts(b.inbox(b.staff.token), "title")
	for _, want := range []string{"督办事项转交：联系两家县级医院", "请代为确认支部工作交接", branchName + "需要指定新书记"} {
		if !slices.Contains(bells, want) {
			t.Errorf("the office was not told %s: %q", want, bells)
		}
	}
	for verb, object := range map[string]string{"action.hand": "action:" + action, "handover.left": "handover:" + path[len("/handovers/"):]} {
		if log := b.must(200, "GET", "/audit?action="+verb+"&object="+object, b.staff.token, nil).list("items"); len(log) != 1 {
			t.Errorf("%s in the audit: %v", verb, log)
		}
	}
	if f := b.refused(422, "validation_failed", "POST", path+"/confirm", b.staff.token, object{}).faults(); f["reason"] == "" {
		t.Errorf("in the place of somebody without a reason: %v", f)
	}
	b.must(200, "POST", path+"/confirm", b.staff.token, object{"reason": "原书记已注销账号"})
	done := b.must(200, "POST", path+"/confirm", b.away.token, object{})
	for _, id := range []string{action, coming} {
		if it := find(done.list("items"), "id", id); it == nil || it.at("handed_on") != true {
			t.Errorf("not handed on: %v of %s", it, done.raw)
		}
	}
	if got := b.must(200, "GET", "/actions/"+action, b.away.token, nil); got.text("owner", "id") != b.away.id {
		t.Errorf("the action is still the office's: %s", got.raw)
	}
	if got := b.must(200, "GET", "/meetings/"+coming, b.away.token, nil); strings.Contains(string(got.raw), "已注销成员") {
		t.Errorf("the coming meeting is still called by who is gone: %s", got.raw)
	}
	b.must(200, "GET", "/orgs/"+b.branch+"/members", b.away.token, nil)
}
