package meeting_test

import (
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/meeting"
)

func TestAnswering(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	for _, c := range []struct {
		who    string
		answer model.RSVP
		reason string
		code   model.Code
		fields string
	}{
		{"doc", model.RSVPAccept, "", "", ""},
		{"doc", model.RSVPLeave, "", model.CodeInvalid, "reason required"},
		{"doc", model.RSVPLeave, "  ", model.CodeInvalid, "reason required"},
		{"doc", model.RSVPLeave, strings.Repeat("忙", 201), model.CodeInvalid, "reason too_long"},
		{"doc", "maybe", "", model.CodeInvalid, "status not_allowed"},
		{"doc", model.RSVPNone, "", model.CodeInvalid, "status not_allowed"},
		{"doc", model.RSVPLeave, "当晚值班", "", ""},
		{"office", model.RSVPAccept, "", model.CodeForbidden, ""}, // sees it, but is not invited
		{"other", model.RSVPAccept, "", model.CodeNotFound, ""},
	} {
		_, err := h.room.Answer(h.ctx(), h.as(c.who), m.ID, c.answer, c.reason)
		wantCode(t, c.who+" "+string(c.answer), err, c.code)
		if got := fieldsOf(err); got != c.fields {
			t.Errorf("%s %s: %s", c.who, c.answer, got)
		}
	}
	v, err := h.room.Get(h.ctx(), h.as("doc"), m.ID)
	h.must(err)
	if v.Mine.Answer != model.RSVPLeave || v.Mine.LeaveReason != "当晚值班" || v.Counts.Leave != 1 || v.Counts.Accept != 0 {
		t.Errorf("%+v %+v", v.Mine, v.Counts)
	}
	v, err = h.room.Answer(h.ctx(), h.as("doc"), m.ID, model.RSVPAccept, "来得了")
	h.must(err)
	if v.Mine.LeaveReason != "" {
		t.Error("who comes has no reason for leave")
	}
	h.now = m.StartsAt.Add(-time.Second)
	_, err = h.room.Answer(h.ctx(), h.as("nurse"), m.ID, model.RSVPAccept, "")
	h.must(err)
	for _, at := range []time.Time{m.StartsAt, m.EndsAt.Add(time.Hour)} {
		h.now = at
		_, err = h.room.Answer(h.ctx(), h.as("nurse"), m.ID, model.RSVPLeave, "走了")
		wantCode(t, "after the start", err, model.CodeConflict)
	}
}

func TestCheckingIn(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	h.now = m.StartsAt.Add(-30*time.Minute - time.Second)
	_, err := h.room.Checkin(h.ctx(), h.as("doc"), m.ID, "")
	wantCode(t, "too early", err, model.CodeNotOpen)
	if !strings.Contains(err.Error(), "11月24日（周二）19:00") {
		t.Errorf("it does not say from when: %v", err)
	}
	h.now = m.StartsAt.Add(-30 * time.Minute)
	for range 2 { // again changes nothing
		v, err := h.room.Checkin(h.ctx(), h.as("doc"), m.ID, "")
		h.must(err)
		if v.Mine.Attendance != model.AttendancePresent || !v.Mine.CheckedInAt.Equal(m.StartsAt.Add(-30*time.Minute)) {
			t.Errorf("%+v", v.Mine)
		}
		h.now = h.now.Add(time.Minute)
	}
	_, err = h.room.Checkin(h.ctx(), h.as("office"), m.ID, "")
	wantCode(t, "who is not invited", err, model.CodeForbidden)
	_, err = h.room.Checkin(h.ctx(), h.as("other"), m.ID, "")
	wantCode(t, "the neighbour", err, model.CodeNotFound)
	_, err = h.room.Code(h.ctx(), h.as("sec"), m.ID)
	wantCode(t, "a code that was not asked for", err, model.CodeNotOpen)
	h.now = m.EndsAt
	_, err = h.room.Checkin(h.ctx(), h.as("nurse"), m.ID, "")
	wantCode(t, "too late", err, model.CodeNotOpen)
}

func TestTheRotatingCode(t *testing.T) {
	h := newHouse(t)
	d := h.draft("2026-11-24 19:30", "2026-11-24 20:20")
	d.CheckinCode = true
	m, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	_, err = h.room.Code(h.ctx(), h.as("sec"), m.ID)
	wantCode(t, "before it opens", err, model.CodeNotOpen)
	h.now = m.StartsAt
	_, err = h.room.Code(h.ctx(), h.as("doc"), m.ID)
	wantCode(t, "a member reads the code", err, model.CodeForbidden)
	code, err := h.room.Code(h.ctx(), h.as("sec"), m.ID)
	h.must(err)
	if len(code.Code) != 6 || strings.Trim(code.Code, "0123456789") != "" || !code.ExpiresAt.Equal(h.now.Add(30*time.Second)) {
		t.Errorf("the code %+v", code)
	}
	h.now = m.StartsAt.Add(59 * time.Second) // the last moment of the window after
	_, err = h.room.Checkin(h.ctx(), h.as("doc"), m.ID, code.Code)
	h.must(err)
	h.now = m.StartsAt.Add(60 * time.Second)
	for _, wrong := range []string{code.Code, "", "abcdef"} {
		_, err = h.room.Checkin(h.ctx(), h.as("nurse"), m.ID, wrong)
		if got := fieldsOf(err); got != "code wrong_code" {
			t.Errorf("the code %q: %s", wrong, got)
		}
	}
	for range 7 {
		_, err = h.room.Checkin(h.ctx(), h.as("nurse"), m.ID, "abcdef")
		wantCode(t, "guessing", err, model.CodeInvalid)
	}
	fresh, err := h.room.Code(h.ctx(), h.as("sec"), m.ID)
	h.must(err)
	_, err = h.room.Checkin(h.ctx(), h.as("nurse"), m.ID, fresh.Code)
	wantCode(t, "after ten wrong ones", err, model.CodeConflict)
	_, err = h.room.Checkin(h.ctx(), h.as("com"), m.ID, fresh.Code)
	h.must(err)
}

func TestAttendance(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	_, err := h.room.Answer(h.ctx(), h.as("nurse"), m.ID, model.RSVPLeave, "夜班")
	h.must(err)
	note := func(who, member string, status model.Attendance, reason string) (*meeting.Sheet, error) {
		return h.room.Note(h.ctx(), h.as(who), m.ID, member, status, reason)
	}
	_, err = note("sec", "doc", model.AttendancePresent, "现场签到")
	wantCode(t, "present a day before", err, model.CodeNotOpen)
	_, err = note("sec", "doc", model.AttendanceLeave, "电话请假")
	h.must(err)
	h.now = m.StartsAt
	_, err = h.room.Checkin(h.ctx(), h.as("com"), m.ID, "")
	h.must(err)
	for _, c := range []struct {
		who, member, reason string
		status              model.Attendance
		code                model.Code
		fields              string
	}{
		{"sec", "doc", " ", model.AttendancePresent, model.CodeInvalid, "reason required"},
		{"sec", "doc", "x", "late", model.CodeInvalid, "status not_allowed"},
		{"doc", "doc", "我在", model.AttendancePresent, model.CodeForbidden, ""},
		{"other", "doc", "他在", model.AttendancePresent, model.CodeNotFound, ""},
		{"sec", "nobody", "他在", model.AttendanceObserver, model.CodeNotFound, ""},
		{"sec", "other", "他在", model.AttendanceObserver, model.CodeNotFound, ""},
		{"sec", "doc", "赶回来了", model.AttendancePresent, "", ""},
	} {
		_, err := note(c.who, c.member, c.status, c.reason)
		wantCode(t, c.who+" notes "+c.member, err, c.code)
		if got := fieldsOf(err); got != c.fields {
			t.Errorf("%s", got)
		}
	}
	h.person("late", model.PartyFull, "", "", "/r/b/")
	_, err = note("sec", "late", model.AttendancePresent, "也来了")
	if got := fieldsOf(err); got != "status not_entitled" {
		t.Errorf("who is not on the frozen list: %s", got)
	}
	sheet, err := note("sec", "late", model.AttendanceObserver, "新转入，列席")
	h.must(err)
	if sheet.Entitled != 5 || sheet.VotingEntitled != 3 || sheet.Present != 2 || sheet.Leave != 1 || sheet.Absent != 0 || len(sheet.Items) != 6 {
		t.Errorf("during the meeting %+v", sheet)
	}
	_, err = h.room.Checkin(h.ctx(), h.as("doc"), m.ID, "")
	wantCode(t, "a check-in over what was noted", err, model.CodeConflict)
	h.now = m.EndsAt
	sheet, err = h.room.Attendance(h.ctx(), h.as("com"), m.ID)
	h.must(err)
	if sheet.Present != 2 || sheet.Leave != 1 || sheet.Absent != 2 {
		t.Errorf("after the meeting %+v", sheet)
	}
	for _, i := range sheet.Items {
		switch i.MemberID {
		case "nurse":
			if i.Reason != "夜班" || i.Status != model.AttendanceLeave || i.ChangedBy != "" {
				t.Errorf("%+v", i)
			}
		case "doc":
			if i.Reason != "赶回来了" || i.ChangedBy != "sec" || i.ChangedByName != "成员sec" {
				t.Errorf("%+v", i)
			}
		}
	}
	entries, _, err := h.store.AuditEntries(h.ctx(), store.AuditFilter{Action: "meeting.attendance"}, model.Page{})
	if err != nil || len(entries) != 3 || entries[1].Detail["from"] != "leave" || entries[1].Detail["to"] != "present" {
		t.Errorf("audit %+v %v", entries, err)
	}
	if n, err := h.store.AttendedMinutes(h.ctx(), "doc", 2026); err != nil || n != 50 {
		t.Errorf("%d minutes %v", n, err)
	}
}

func TestSlots(t *testing.T) {
	h := newHouse(t)
	h.called()
	rows, err := h.room.Slots(h.ctx(), h.as("sec"), meeting.SlotQuery{OrgID: "b", From: "2026-11-24", Days: 1, Minutes: 60})
	h.must(err)
	var texts []string
	for _, s := range rows {
		texts = append(texts, s.StartsAt.In(model.Zone).Format("15:04 ")+s.Text)
	}
	want := "19:00 11月24日（周二）晚上，工作日下班后，有 5 人当时另有会议; 19:30 11月24日（周二）晚上，工作日下班后，有 5 人当时另有会议; 20:00 11月24日（周二）晚上，工作日下班后，有 5 人当时另有会议"
	if got := strings.Join(texts, "; "); got != want {
		t.Errorf("slots %s", got)
	}
	rows, err = h.room.Slots(h.ctx(), h.as("lead"), meeting.SlotQuery{OrgID: "g"})
	if err != nil || len(rows) == 0 || rows[0].Conflicts != 0 || !rows[0].StartsAt.After(h.now) {
		t.Errorf("a fortnight of the group: %d %v", len(rows), err)
	}
	rows, err = h.room.Slots(h.ctx(), h.as("sec"), meeting.SlotQuery{OrgID: "b", From: "2027-01-01", Days: 1})
	if err != nil || len(rows) == 0 || !rows[0].Provisional || !strings.Contains(rows[0].Text, "2027 年放假安排尚未公布") {
		t.Errorf("a year without published days: %+v %v", rows, err)
	}
	for who, code := range map[string]model.Code{"doc": model.CodeForbidden, "lead": model.CodeForbidden, "other": model.CodeNotFound} {
		_, err := h.room.Slots(h.ctx(), h.as(who), meeting.SlotQuery{OrgID: "b"})
		wantCode(t, who, err, code)
	}
	_, err = h.room.Slots(h.ctx(), h.as("sec"), meeting.SlotQuery{From: "tomorrow", Days: 93, Minutes: 721})
	if got := fieldsOf(err); got != "days out_of_range, from invalid_date, minutes out_of_range, org_id required" {
		t.Errorf("%s", got)
	}
}
