package meeting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/meeting"
)

func ptr[T any](v T) *T { return &v }

func TestAMovedMeeting(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	if _, err := h.room.Answer(h.ctx(), h.as("doc"), m.ID, model.RSVPAccept, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.room.Answer(h.ctx(), h.as("nurse"), m.ID, model.RSVPLeave, "夜班"); err != nil {
		t.Fatal(err)
	}
	from, to := china(t, "2026-11-25 20:00"), china(t, "2026-11-25 21:00")
	v, err := h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{Version: 1, StartsAt: &from, EndsAt: &to, Reason: "主讲人临时手术"})
	h.must(err)
	if v.Version != 2 || !v.StartsAt.Equal(from) || v.Counts.None != 5 || v.Topic != m.Topic {
		t.Errorf("after the move %+v", v)
	}
	pushes, dropped := h.outbox.take()
	if got := fmt.Sprint(dropped); got != fmt.Sprint([]string{meeting.ReminderSubject(m.ID), meeting.Subject(m.ID)}) {
		t.Errorf("dropped %s", got)
	}
	if len(pushes) != 3 {
		t.Fatalf("%d pushes, want the urgent one and two reminders", len(pushes))
	}
	u := pushes[0]
	if u.Hours != model.HoursUrgent || u.Reason == "" || len(u.Audience.RSVP) != 0 || u.Audience.MeetingID != m.ID || u.Fields["time"] != "2026年11月25日 20:00" || !u.ExpiresAt.Equal(to) {
		t.Errorf("the urgent notice %+v", u)
	}
	for _, part := range []string{"会议时间已改为11月25日（周三）20:00–21:00，原定11月24日（周二）19:30–20:20", "主讲人临时手术", "重新答复", "https://meeting.example.org/j/860215477"} {
		if !strings.Contains(u.Body, part) {
			t.Errorf("the notice does not say %q:\n%s", part, u.Body)
		}
	}
	keys := map[string]bool{}
	for _, p := range pushes {
		keys[*p.DedupeKey] = true
	}
	if len(keys) != 3 || !keys["meeting:"+m.ID+":2:reminder:30"] {
		t.Errorf("the keys %v would be taken for the old ones", keys)
	}
	if got := pushes[2].SendAt.In(model.Zone).Format("01-02 15:04"); got != "11-25 19:30" {
		t.Errorf("the last reminder at %s", got)
	}
	_, err = h.room.Change(h.ctx(), h.as("com"), m.ID, meeting.Patch{Version: 1, Topic: ptr("改题")})
	wantCode(t, "an edit of what was read before", err, model.CodeEditConflict)
	entries, _, err := h.store.AuditEntries(h.ctx(), store.AuditFilter{Object: "meeting:" + m.ID, Action: "meeting.change"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].Detail["fields"] != "time" || entries[0].ActorID != "sec" {
		t.Errorf("audit %+v %v", entries, err)
	}
}

func TestWhatAChangeTells(t *testing.T) {
	online := meeting.Online{Provider: model.ProviderManual, JoinURL: "https://meeting.example.org/j/2"}
	for _, c := range []struct {
		name            string
		p               meeting.Patch
		urgent          bool
		reminders, kept int
	}{
		{"nothing", meeting.Patch{}, false, 0, 1},
		{"the same time", meeting.Patch{StartsAt: ptr(time.Date(2026, 11, 24, 11, 30, 0, 0, time.UTC))}, false, 0, 1},
		{"the agenda", meeting.Patch{Agenda: &[]model.AgendaItem{{Title: "新议题"}}}, false, 0, 1},
		{"the topic, which reminders name", meeting.Patch{Topic: ptr("改题")}, false, 2, 1},
		{"the reminders", meeting.Patch{Reminders: &[]int{60}}, false, 1, 1},
		{"the link", meeting.Patch{Online: &online}, true, 2, 1},
		{"the mode and place", meeting.Patch{Mode: ptr(model.ModeOnsite), Place: ptr("三楼会议室")}, true, 2, 1},
		{"the end", meeting.Patch{EndsAt: ptr(time.Date(2026, 11, 24, 13, 0, 0, 0, time.UTC))}, true, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			m := h.called()
			_, err := h.room.Answer(h.ctx(), h.as("doc"), m.ID, model.RSVPAccept, "")
			h.must(err)
			v, err := h.room.Change(h.ctx(), h.as("sec"), m.ID, c.p)
			h.must(err)
			pushes, dropped := h.outbox.take()
			urgent, reminders := false, 0
			for _, p := range pushes {
				urgent = urgent || p.Hours == model.HoursUrgent
				if p.Hours == model.HoursTimed {
					reminders++
				}
			}
			if urgent != c.urgent || reminders != c.reminders || v.Counts.Accept != c.kept || (len(dropped) > 0) != (reminders > 0) {
				t.Errorf("urgent %v, %d reminders, dropped %v, %d answers kept", urgent, reminders, dropped, v.Counts.Accept)
			}
			if v.Mode == model.ModeOnsite && (v.JoinURL != "" || v.Provider != "") {
				t.Error("a meeting at a place still has a link")
			}
		})
	}
}

func TestAChangeKeepsTheRules(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	at := func(s string) *time.Time { return ptr(china(t, s)) }
	for _, c := range []struct {
		name string
		p    meeting.Patch
		want string
	}{
		{"into working hours", meeting.Patch{StartsAt: at("2026-11-25 15:00"), EndsAt: at("2026-11-25 16:00")}, "starts_at within_working_hours"},
		{"into the past", meeting.Patch{StartsAt: at("2026-11-22 19:30"), EndsAt: at("2026-11-22 20:00")}, "starts_at in_the_past"},
		{"the end alone before the start", meeting.Patch{EndsAt: at("2026-11-24 19:00")}, "ends_at before_start"},
		{"to a place without one", meeting.Patch{Mode: ptr(model.ModeOnsite)}, "place required"},
		{"without a topic and with a bad link", meeting.Patch{Topic: ptr(" "), Online: &meeting.Online{JoinURL: "ftp://x"}}, "online.join_url invalid_url, topic required"},
	} {
		_, err := h.room.Change(h.ctx(), h.as("sec"), m.ID, c.p)
		if got := fieldsOf(err); got != c.want {
			t.Errorf("%s: %s (%v)", c.name, got, err)
		}
	}
	if pushes, dropped := h.outbox.take(); len(pushes)+len(dropped) != 0 {
		t.Errorf("what was refused told %d, dropped %v", len(pushes), dropped)
	}
	work := meeting.Patch{StartsAt: at("2026-11-25 15:00"), EndsAt: at("2026-11-25 16:00"), OverrideReason: ptr("督导只有这天下午")}
	v, err := h.room.Change(h.ctx(), h.as("sec"), m.ID, work)
	h.must(err)
	if v.OverrideReason != "督导只有这天下午" {
		t.Errorf("the reason: %q", v.OverrideReason)
	}
	_, err = h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{StartsAt: at("2026-11-26 15:00"), EndsAt: at("2026-11-26 16:00")})
	wantCode(t, "the old reason for a new hour", err, model.CodeWorkingHours)
	v, err = h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{StartsAt: at("2026-11-26 19:30"), EndsAt: at("2026-11-26 20:30")})
	h.must(err)
	if v.OverrideReason != "" {
		t.Error("an evening needs no reason")
	}
}

func TestAMeetingUnderWayCanBeProlonged(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	_, err := h.room.Answer(h.ctx(), h.as("doc"), m.ID, model.RSVPAccept, "")
	h.must(err)
	h.now = china(t, "2026-11-24 20:00")
	_, err = h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{StartsAt: ptr(china(t, "2026-11-24 20:05"))})
	if got := fieldsOf(err); got != "starts_at already_started" {
		t.Errorf("moving the start of a meeting under way: %s", got)
	}
	_, err = h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{EndsAt: ptr(china(t, "2026-11-24 19:55"))})
	if got := fieldsOf(err); got != "ends_at in_the_past" {
		t.Errorf("an end that is past: %s", got)
	}
	v, err := h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{EndsAt: ptr(china(t, "2026-11-24 21:00"))})
	h.must(err)
	if v.Counts.Accept != 1 {
		t.Error("the answers of those who are there were taken back")
	}
}

func TestCancelling(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	_, err := h.room.Cancel(h.ctx(), h.as("sec"), m.ID, " ", false)
	if got := fieldsOf(err); got != "reason required" {
		t.Errorf("without a reason: %s", got)
	}
	_, err = h.room.Cancel(h.ctx(), h.as("doc"), m.ID, "不开了", false)
	wantCode(t, "by a member", err, model.CodeForbidden)
	v, err := h.room.Cancel(h.ctx(), h.as("sec"), m.ID, "主讲人临时手术", false)
	h.must(err)
	if v.State != model.MeetingCancelled || v.CancelReason != "主讲人临时手术" || v.Version != 2 {
		t.Errorf("%+v", v)
	}
	pushes, dropped := h.outbox.take()
	if len(dropped) != 2 || len(pushes) != 1 || pushes[0].Hours != model.HoursUrgent || pushes[0].Reason == "" || !strings.Contains(pushes[0].Body, "已取消。\n原因：主讲人临时手术") {
		t.Errorf("dropped %v, told %+v", dropped, pushes)
	}
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), m.ID, "再取消", false)
	wantCode(t, "again", err, model.CodeConflict)
	_, err = h.room.Change(h.ctx(), h.as("sec"), m.ID, meeting.Patch{Topic: ptr("改题")})
	wantCode(t, "changing what is cancelled", err, model.CodeConflict)
	_, err = h.room.Answer(h.ctx(), h.as("doc"), m.ID, model.RSVPAccept, "")
	wantCode(t, "answering what is cancelled", err, model.CodeConflict)

	over := h.called()
	h.now = over.EndsAt
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), over.ID, "晚了", false)
	wantCode(t, "cancelling what is over", err, model.CodeConflict)
	_, err = h.room.Change(h.ctx(), h.as("sec"), over.ID, meeting.Patch{Topic: ptr("改题")})
	wantCode(t, "changing what is over", err, model.CodeConflict)
}
