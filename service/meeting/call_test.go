package meeting_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/meeting"
)

func TestCallingTellsTheInvitedAndPlansReminders(t *testing.T) {
	h := newHouse(t)
	m, err := h.room.Call(h.ctx(), h.as("sec"), h.draft("2026-11-24 19:30", "2026-11-24 20:20"))
	h.must(err)
	if m.State != model.MeetingPlanned || m.Counts.Invited != 5 || m.Counts.None != 5 || m.Mine == nil || m.Mine.Answer != model.RSVPNone || !m.CanManage ||
		m.Org.Name != "心肺康复支部" || m.CreatorName != "成员sec" || m.Version != 1 {
		t.Errorf("the meeting: %+v", m)
	}
	pushes, dropped := h.outbox.take()
	if len(pushes) != 3 || len(dropped) != 0 { // the notice; a day before, which is in half an hour; and half an hour before
		t.Fatalf("%d pushes, %v dropped", len(pushes), dropped)
	}
	call := pushes[0]
	if call.Kind != model.PushMeeting || call.Hours != model.HoursOrdinary || call.Counted || call.Subject != meeting.Subject(m.ID) ||
		call.Audience.MeetingID != m.ID || !call.SendAt.IsZero() || call.ExpiresAt == nil || !call.ExpiresAt.Equal(m.EndsAt) || call.OrgPath != "/r/b/" || call.CreatedBy != "sec" {
		t.Errorf("the notice: %+v", call)
	}
	if call.Fields["topic"] != m.Topic || call.Fields["time"] != "2026年11月24日 19:30" || call.Fields["place"] != "腾讯会议 860 215 477" || call.Fields["note"] == "" {
		t.Errorf("its fields: %v", call.Fields)
	}
	for _, part := range []string{"心肺康复支部定于11月24日（周二）19:30–20:20召开党课", "入会链接：https://meeting.example.org/j/860215477", "2. 讨论（40 分钟）", "请答复参加或请假"} {
		if !strings.Contains(call.Body, part) {
			t.Errorf("the notice does not say %q:\n%s", part, call.Body)
		}
	}
	var at []string
	for _, p := range pushes[1:] {
		at = append(at, p.SendAt.In(model.Zone).Format("01-02 15:04")+" "+string(p.Hours))
		if p.Subject != meeting.ReminderSubject(m.ID) || !slices.Equal(p.Audience.RSVP, []model.RSVP{model.RSVPNone, model.RSVPAccept}) || p.DedupeKey == nil {
			t.Errorf("a reminder: %+v", p)
		}
	}
	if got := strings.Join(at, ", "); got != "11-23 19:30 timed, 11-24 19:00 timed" {
		t.Errorf("reminders at %s", got)
	}
}

func TestReminderTimesThatArePastAreLeftOut(t *testing.T) {
	h := newHouse(t)
	d := h.draft("2026-11-23 20:00", "2026-11-23 21:00") // in an hour
	d.Reminders = []int{30, 60, 1440}
	_, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	pushes, _ := h.outbox.take()
	if len(pushes) != 2 || pushes[1].SendAt.In(model.Zone).Format("15:04") != "19:30" {
		t.Errorf("%d pushes, want the notice and the reminder of half an hour", len(pushes))
	}
	d.Reminders = []int{}
	_, err = h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	if pushes, _ := h.outbox.take(); len(pushes) != 1 {
		t.Errorf("%d pushes without reminders", len(pushes))
	}
}

func TestNothingIsCalledWhenTellingFails(t *testing.T) {
	h := newHouse(t)
	h.outbox.fail = errors.New("boom")
	if _, err := h.room.Call(h.ctx(), h.as("sec"), h.draft("2026-11-24 19:30", "2026-11-24 20:20")); err == nil {
		t.Fatal("the failure is swallowed")
	}
	rows, _, err := h.room.List(h.ctx(), h.as("sec"), meeting.Query{})
	if err != nil || len(rows) != 0 {
		t.Errorf("%d meetings %v without a notice", len(rows), err)
	}
}

func TestWorkingHours(t *testing.T) {
	for _, c := range []struct {
		name, now, from, to, override string
		refused                       string // part of the reason
	}{
		{"an evening", "2026-11-23 19:00", "2026-11-24 19:30", "2026-11-24 20:20", "", ""},
		{"sharp after work", "2026-11-23 19:00", "2026-11-24 18:00", "2026-11-24 19:00", "", ""},
		{"a weekday afternoon", "2026-11-23 19:00", "2026-11-24 15:00", "2026-11-24 16:00", "", "2026-11-24（星期二）是工作日"},
		{"running into the morning", "2026-11-23 19:00", "2026-11-24 07:00", "2026-11-24 08:30", "", "工作日"},
		{"with a reason", "2026-11-23 19:00", "2026-11-24 15:00", "2026-11-24 16:00", "上级现场督导", ""},
		{"a blank is no reason", "2026-11-23 19:00", "2026-11-24 15:00", "2026-11-24 16:00", "  ", "工作日"},
		{"a Saturday morning", "2026-11-23 19:00", "2026-11-28 09:30", "2026-11-28 11:00", "", ""},
		{"a make-up Saturday", "2026-09-01 19:00", "2026-10-10 09:30", "2026-10-10 11:00", "", "国庆节调休上班日"},
		{"a make-up Saturday's evening", "2026-09-01 19:00", "2026-10-10 19:30", "2026-10-10 20:30", "", ""},
		{"National Day, a Thursday", "2026-09-01 19:00", "2026-10-01 09:30", "2026-10-01 11:00", "", ""},
		{"a year without published days", "2026-11-23 19:00", "2027-01-01 09:30", "2027-01-01 11:00", "", "尚无 2027 年放假安排"},
		{"over midnight", "2026-11-23 19:00", "2026-11-24 23:00", "2026-11-25 01:00", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.now = china(t, c.now)
			d := h.draft(c.from, c.to)
			d.OverrideReason = c.override
			m, err := h.room.Call(h.ctx(), h.as("sec"), d)
			if c.refused == "" {
				h.must(err)
				if m.OverrideReason != strings.TrimSpace(c.override) {
					t.Errorf("the reason kept: %q", m.OverrideReason)
				}
				return
			}
			wantCode(t, "call", err, model.CodeWorkingHours)
			var e *model.Error
			if !errors.As(err, &e) || !strings.Contains(e.Detail, c.refused) || fieldsOf(err) != "starts_at within_working_hours" {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	h := newHouse(t)
	zero := meeting.Draft{OrgID: "b"}
	_, err := h.room.Call(h.ctx(), h.as("sec"), zero)
	wantCode(t, "nothing given", err, model.CodeInvalid)
	if got := fieldsOf(err); got != "ends_at required, mode not_allowed, starts_at required, topic required, type not_allowed" {
		t.Errorf("nothing given: %s", got)
	}
	for _, c := range []struct {
		name  string
		wrong func(d *meeting.Draft)
		want  string
	}{
		{"no link", func(d *meeting.Draft) { d.Online = nil }, "online.join_url required"},
		{"a number alone", func(d *meeting.Draft) { d.Online = &meeting.Online{Code: "123"} }, ""},
		{"a script for a link", func(d *meeting.Draft) { d.Online.JoinURL = "javascript:alert(1)" }, "online.join_url invalid_url"},
		{"no host", func(d *meeting.Draft) { d.Online.JoinURL = "https:///j/1" }, "online.join_url invalid_url"},
		{"an unknown provider", func(d *meeting.Draft) { d.Online.Provider = "zoom" }, "online.provider not_allowed"},
		{"no place", func(d *meeting.Draft) { d.Mode = model.ModeHybrid }, "place required"},
		{"a place", func(d *meeting.Draft) { d.Mode, d.Place, d.Online = model.ModeOnsite, "门诊楼三楼会议室", nil }, ""},
		{"the agenda", func(d *meeting.Draft) {
			d.Agenda = []model.AgendaItem{{Title: " "}, {Title: "议", Minutes: -1}, {Title: strings.Repeat("长", 101)}}
		}, "agenda[0].title required, agenda[1].minutes out_of_range, agenda[2].title too_long"},
		{"the end before the start", func(d *meeting.Draft) { d.EndsAt = d.StartsAt }, "ends_at before_start"},
		{"a whole day", func(d *meeting.Draft) { d.EndsAt = d.StartsAt.Add(12*time.Hour + time.Second) }, "ends_at too_long"},
		{"the past", func(d *meeting.Draft) { d.StartsAt, d.EndsAt = h.now, h.now.Add(time.Hour) }, "starts_at in_the_past"},
		{"a long topic", func(d *meeting.Draft) { d.Topic = strings.Repeat("题", 101) }, "topic too_long"},
		{"a topic of a hundred", func(d *meeting.Draft) { d.Topic = strings.Repeat("题", 100) }, ""},
		{"reminders", func(d *meeting.Draft) { d.Reminders = []int{4, 30, 30, 20161, 60, 90} },
			"reminders too_many, reminders[0] out_of_range, reminders[2] duplicate, reminders[3] out_of_range"},
		{"somebody of another branch", func(d *meeting.Draft) { d.Invitees = &meeting.Invitees{MemberIDs: []string{"doc", "other"}} }, "invitees.member_ids[1] not_in_org"},
		{"another branch", func(d *meeting.Draft) { d.Invitees = &meeting.Invitees{OrgIDs: []string{"c", "g"}} }, "invitees.org_ids[0] not_in_org"},
		{"nobody", func(d *meeting.Draft) {
			d.Invitees = &meeting.Invitees{PartyStatus: []model.PartyStatus{model.PartyApplicant}}
		}, "invitees nobody"},
		{"no such role or status", func(d *meeting.Draft) {
			d.Invitees = &meeting.Invitees{Roles: []model.Role{"chairman"}, PartyStatus: []model.PartyStatus{"x"}}
		}, "invitees.party_status[0] not_allowed, invitees.roles[0] not_allowed"},
		{"in working hours too", func(d *meeting.Draft) {
			d.Topic, d.StartsAt, d.EndsAt = "", china(t, "2026-11-24 15:00"), china(t, "2026-11-24 16:00")
		}, "starts_at within_working_hours, topic required"},
	} {
		d := h.draft("2026-11-24 19:30", "2026-11-24 20:20")
		c.wrong(&d)
		_, err := h.room.Call(h.ctx(), h.as("sec"), d)
		if got := fieldsOf(err); got != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, got, err, c.want)
		}
	}
}

func TestWhoIsInvited(t *testing.T) {
	for _, c := range []struct {
		name string
		by   string
		d    func(d *meeting.Draft)
		want string
	}{
		{"the branch and its group, each once", "sec", func(*meeting.Draft) {}, "com doc lead nurse sec"},
		{"the committee", "com", func(d *meeting.Draft) { d.Type = model.MeetingCommittee }, "com sec"},
		{"the group", "lead", func(d *meeting.Draft) { d.Type, d.OrgID = model.MeetingGroup, "g" }, "lead nurse"},
		{"the Party's", "sec", func(d *meeting.Draft) {
			d.Invitees = &meeting.Invitees{PartyStatus: []model.PartyStatus{model.PartyFull, model.PartyProbationary}}
		}, "com doc lead sec"},
		{"by role", "sec", func(d *meeting.Draft) { d.Invitees = &meeting.Invitees{Roles: []model.Role{model.RoleGroupLeader}} }, "lead"},
		{"by place", "sec", func(d *meeting.Draft) { d.Invitees = &meeting.Invitees{OrgIDs: []string{"g"}} }, "lead nurse"},
		{"by name", "sec", func(d *meeting.Draft) { d.Invitees = &meeting.Invitees{MemberIDs: []string{"doc", "nurse"}} }, "doc nurse"},
		{"all conditions together", "sec", func(d *meeting.Draft) {
			d.Invitees = &meeting.Invitees{OrgIDs: []string{"g"}, PartyStatus: []model.PartyStatus{model.PartyNone}}
		}, "nurse"},
		{"the whole society by the office", "office", func(d *meeting.Draft) { d.OrgID = "r" }, "com doc lead nurse other sec"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			d := h.draft("2026-11-24 19:30", "2026-11-24 20:20")
			c.d(&d)
			m, err := h.room.Call(h.ctx(), h.as(c.by), d)
			h.must(err)
			sheet, err := h.room.Attendance(h.ctx(), h.as("office"), m.ID)
			h.must(err)
			var ids []string
			voting := 0
			for _, i := range sheet.Items {
				ids = append(ids, i.MemberID)
				if i.Voting {
					voting++
				}
			}
			if got := strings.Join(ids, " "); got != c.want || sheet.Entitled != len(ids) || sheet.VotingEntitled != voting {
				t.Errorf("invited %s (%d, %d with a vote)", got, sheet.Entitled, sheet.VotingEntitled)
			}
			if slices.Contains(ids, "nurse") && slices.Contains(ids, "doc") && slices.ContainsFunc(sheet.Items, func(i meeting.SheetItem) bool {
				return i.Voting != (i.MemberID != "nurse" && i.MemberID != "lead")
			}) {
				t.Error("only full members have a vote")
			}
		})
	}
}

func TestTheListIsFrozen(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	h.person("new", model.PartyFull, "", "", "/r/b/")
	_, err := h.room.Get(h.ctx(), h.as("new"), m.ID)
	wantCode(t, "who came into the branch later", err, model.CodeNotFound)
	if v, _ := h.room.Get(h.ctx(), h.as("sec"), m.ID); v.Counts.Invited != 5 {
		t.Errorf("%d invited", v.Counts.Invited)
	}
}

func TestWhoCallsAndSees(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	group := h.draft("2026-11-25 19:30", "2026-11-25 20:20")
	group.OrgID, group.Type = "g", model.MeetingGroup
	committee := h.draft("2026-11-26 19:30", "2026-11-26 20:20")
	committee.Type = model.MeetingCommittee
	secret, err := h.room.Call(h.ctx(), h.as("sec"), committee)
	h.must(err)
	for _, c := range []struct {
		who                           string
		call, group, see, secret, run model.Code
	}{
		{"sec", "", "", "", "", ""},
		{"com", "", "", "", "", ""},
		{"office", "", "", "", "", ""},
		{"lead", model.CodeForbidden, "", "", model.CodeNotFound, model.CodeForbidden},
		{"doc", model.CodeForbidden, model.CodeForbidden, "", model.CodeNotFound, model.CodeForbidden},
		{"other", model.CodeNotFound, model.CodeNotFound, model.CodeNotFound, model.CodeNotFound, model.CodeNotFound},
	} {
		a := h.as(c.who)
		_, err := h.room.Call(h.ctx(), a, h.draft("2026-11-24 20:30", "2026-11-24 21:00"))
		wantCode(t, c.who+" calls the branch", err, c.call)
		_, err = h.room.Call(h.ctx(), a, group)
		wantCode(t, c.who+" calls the group", err, c.group)
		_, err = h.room.Get(h.ctx(), a, m.ID)
		wantCode(t, c.who+" sees the lecture", err, c.see)
		_, err = h.room.Get(h.ctx(), a, secret.ID)
		wantCode(t, c.who+" sees the committee's", err, c.secret)
		_, err = h.room.Attendance(h.ctx(), a, m.ID)
		wantCode(t, c.who+" sees who came", err, c.run)
		topic := "改题"
		_, err = h.room.Change(h.ctx(), a, m.ID, meeting.Patch{Topic: &topic})
		wantCode(t, c.who+" changes", err, c.run)
	}
	_, err = h.room.Call(h.ctx(), h.as("lead"), committee)
	wantCode(t, "the group's leader calls the committee", err, model.CodeForbidden)
	rows, _, err := h.room.List(h.ctx(), h.as("other"), meeting.Query{OrgID: "b"})
	wantCode(t, "the neighbour lists the branch's", err, model.CodeNotFound)
	if len(rows) != 0 {
		t.Errorf("the neighbour sees %d", len(rows))
	}
	_, _, err = h.room.List(h.ctx(), h.as("doc"), meeting.Query{From: "soon", To: "2026-13-01"})
	if got := fieldsOf(err); got != "from invalid_time, to invalid_time" {
		t.Errorf("days that are none: %s", got)
	}
	rows, _, err = h.room.List(h.ctx(), h.as("doc"), meeting.Query{From: "2026-11-24", To: "2026-11-24"})
	if err != nil || len(rows) == 0 || rows[0].ID != m.ID {
		t.Errorf("a day counts whole: %d %v", len(rows), err)
	}
}
