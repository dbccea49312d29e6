package meeting_test

import (
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/service/meeting"
)

func TestTheFrozenListChangesWithAReason(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	h.person("new", model.PartyFull, "", "", "/r/b/") // joins after the list was frozen
	change := func(who, role, why string) *meeting.Sheet {
		t.Helper()
		s, err := h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, who, model.ListRole(role), why)
		h.must(err)
		return s
	}
	s := change("new", "entitled", "新转入")
	if s.Entitled != 6 || s.VotingEntitled != 4 || len(s.Changes) != 1 {
		t.Errorf("%+v", s)
	}
	change("new", "entitled", "再来一次") // changes nothing
	change("doc", "observer", "已转出组织关系")
	s = change("nurse", "none", "已退会")
	if s.Entitled != 4 || len(s.Items) != 5 || len(s.Changes) != 3 || s.Changes[2].Reason != "已退会" || s.Changes[1].FromRole != model.ListEntitled || s.Changes[1].ChangedByName != "成员sec" {
		t.Errorf("%+v", s)
	}
	pushes, _ := h.outbox.take()
	if len(pushes) != 3 || pushes[0].Audience.MemberIDs[0] != "new" || !strings.Contains(pushes[0].Body, "新转入") || !strings.Contains(pushes[2].Title, "名单变更") {
		t.Errorf("told %s", titles(pushes))
	}
	_, err := h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, "doc", "guest", " ")
	if got := fieldsOf(err); got != "reason required, role not_allowed" {
		t.Errorf("%s", got)
	}
	_, err = h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, "other", model.ListObserver, "邀请列席")
	wantCode(t, "a neighbour", err, model.CodeNotFound)
	_, err = h.room.ChangeList(h.ctx(), h.as("doc"), m.ID, "new", model.ListNone, "x")
	wantCode(t, "a member", err, model.CodeForbidden)
	h.now = m.StartsAt
	if _, err := h.room.Checkin(h.ctx(), h.as("doc"), m.ID, ""); err != nil {
		t.Fatal(err)
	}
	sheet, err := h.room.Attendance(h.ctx(), h.as("sec"), m.ID)
	h.must(err)
	for _, i := range sheet.Items {
		if i.MemberID == "doc" && i.Status != model.AttendanceObserver {
			t.Errorf("an observer who checks in is %s", i.Status)
		}
	}
	series := h.monthly()
	_, err = h.room.ChangeList(h.ctx(), h.as("sec"), series.ID, "doc", model.ListNone, "x")
	wantCode(t, "a list that is not frozen yet", err, model.CodeConflict)
}

// A member who moves to another branch, or leaves the roster, stays on the list that was frozen, and may answer and come.
func TestTheListStandsWhenTheRosterChanges(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	h.leaves("doc")
	h.must(h.store.AddMembership(h.ctx(), &model.Membership{ID: "x", MemberID: "doc", OrgID: "c", OrgPath: "/r/c/"})) // moved
	h.leaves("nurse")                                                                                                 // left
	for _, who := range []string{"doc", "nurse"} {
		v, err := h.room.Answer(h.ctx(), h.as(who), m.ID, model.RSVPAccept, "")
		if err != nil || v.Counts.Invited != 5 {
			t.Errorf("%s: %+v %v", who, v, err)
		}
	}
	s, err := h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, "doc", model.ListObserver, "已转到儿童康复支部")
	if err != nil || s.Entitled != 4 {
		t.Errorf("%+v %v", s, err)
	}
	s, err = h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, "nurse", model.ListNone, "已不在花名册")
	if err != nil || s.Entitled != 3 {
		t.Errorf("%+v %v", s, err)
	}
	_, err = h.room.ChangeList(h.ctx(), h.as("sec"), m.ID, "nurse", model.ListEntitled, "恢复")
	wantCode(t, "who is on no roster", err, model.CodeNotFound)
}

// Held together: one notice, one answer, one attendance, and each kind a meeting of its own.
func TestMeetingsHeldTogether(t *testing.T) {
	h := newHouse(t)
	d := h.draft("2026-11-24 19:30", "2026-11-24 20:30")
	d.Also, d.CheckinCode = []meeting.Joint{{Type: model.MeetingPartyDay, Agenda: []model.AgendaItem{{Title: "重温誓词", Minutes: 5}}}}, true
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	pushes, _ := h.outbox.take()
	if len(pushes) != 3 || !strings.Contains(pushes[0].Body, "合并召开") || !strings.Contains(pushes[0].Body, "重温誓词") || !strings.Contains(pushes[0].Body, "2026年11月主题党日") {
		t.Fatalf("told %s: %s", titles(pushes), pushes[0].Body)
	}
	other := v.Together[1].ID
	_, err = h.room.Answer(h.ctx(), h.as("doc"), other, model.RSVPLeave, "值班")
	h.must(err)
	if got, err := h.room.Get(h.ctx(), h.as("doc"), v.ID); err != nil || got.Counts.Leave != 1 || len(got.Clashes) != 0 || got.Elsewhere != 0 {
		t.Errorf("one answer: %+v %v", got, err)
	}
	if n, err := h.store.OpenInvites(h.ctx(), "nurse", h.now); err != nil || n != 1 {
		t.Errorf("%d open invitations %v", n, err)
	}
	from, to := china(t, "2026-11-24 20:00"), china(t, "2026-11-24 21:00")
	_, err = h.room.Change(h.ctx(), h.as("sec"), other, meeting.Patch{StartsAt: &from, EndsAt: &to})
	h.must(err)
	pushes, dropped := h.outbox.take()
	lead, err := h.room.Get(h.ctx(), h.as("doc"), v.ID)
	if err != nil || !lead.StartsAt.Equal(from) || lead.Counts.Leave != 0 || len(pushes) != 3 || dropped[0] != meeting.ReminderSubject(v.ID) || pushes[0].Audience.MeetingID != v.ID {
		t.Errorf("moved together: %+v %v; told %s, dropped %v", lead, err, titles(pushes), dropped)
	}
	h.now = from
	code, err := h.room.Code(h.ctx(), h.as("sec"), v.ID)
	h.must(err)
	_, err = h.room.Checkin(h.ctx(), h.as("doc"), other, code.Code)
	h.must(err)
	_, err = h.room.Note(h.ctx(), h.as("sec"), v.ID, "nurse", model.AttendancePresent, "信号不好未能签到")
	h.must(err)
	for _, id := range []string{v.ID, other} {
		s, err := h.room.Attendance(h.ctx(), h.as("sec"), id)
		if err != nil || s.Present != 2 || s.Entitled != 5 {
			t.Errorf("one attendance: %+v %v", s, err)
		}
	}
	if n, err := h.store.AttendedMinutes(h.ctx(), "doc", 2026); err != nil || n != 60 {
		t.Errorf("one hour counts as %d minutes %v", n, err)
	}
	file, err := h.room.File(h.ctx(), h.as("doc"), v.ID)
	if err != nil || strings.Count(string(file), "BEGIN:VALARM") != 2 || !strings.Contains(string(file), "TRIGGER:-PT30M") || !strings.Contains(string(file), "SEQUENCE:1") {
		t.Errorf("calendar %s %v", file, err)
	}
	text, err := h.room.Invitation(h.ctx(), h.as("doc"), other)
	if err != nil || !strings.HasPrefix(text, "【会议通知】心肺康复支部\n主题：线上党课") || !strings.Contains(text, "会议号 860 215 477") || !strings.Contains(text, "主题党日议程：\n1. 重温誓词（5 分钟）") {
		t.Errorf("%s %v", text, err)
	}
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), other, "停电", false)
	h.must(err)
	if got, err := h.room.Get(h.ctx(), h.as("doc"), v.ID); err != nil || got.State != model.MeetingCancelled {
		t.Errorf("cancelled together: %+v %v", got, err)
	}
}

func TestTwoMeetingsAtOnceAndOneOverMidnight(t *testing.T) {
	h := newHouse(t)
	h.must(h.store.AddMembership(h.ctx(), &model.Membership{ID: "m-x", MemberID: "doc", OrgID: "c", OrgPath: "/r/c/"}))
	d := h.draft("2026-11-24 22:30", "2026-11-25 00:30")
	night, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	d.OrgID, d.StartsAt, d.EndsAt = "c", china(t, "2026-11-25 00:00"), china(t, "2026-11-25 01:00")
	clash, err := h.room.Call(h.ctx(), h.as("other"), d)
	h.must(err)
	if clash.Elsewhere != 1 || len(clash.Clashes) != 0 {
		t.Errorf("who calls it learns that one is elsewhere: %d %v", clash.Elsewhere, clash.Clashes)
	}
	v, err := h.room.Get(h.ctx(), h.as("doc"), night.ID)
	if err != nil || len(v.Clashes) != 1 || v.Clashes[0].ID != clash.ID || v.Elsewhere != 0 {
		t.Errorf("the member sees the other: %+v %v", v, err)
	}
	pushes, _ := h.outbox.take()
	if !strings.Contains(pushes[0].Body, "11月24日（周二）22:30–11月25日（周三）00:30") {
		t.Errorf("told: %s", pushes[0].Body)
	}
	h.now = china(t, "2026-11-25 00:20").UTC()
	for _, id := range []string{night.ID, clash.ID} {
		if got, err := h.room.Checkin(h.ctx(), h.as("doc"), id, ""); err != nil || got.Mine.Attendance != model.AttendancePresent {
			t.Errorf("after midnight: %+v %v", got, err)
		}
	}
}
