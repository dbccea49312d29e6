package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// meetingMember writes a person with memberships at the paths, whose last identifier is the organisation's.
func meetingMember(t *testing.T, s *store.Store, id string, status model.PartyStatus, paths ...string) {
	t.Helper()
	ctx := context.Background()
	if err := s.AddMember(ctx, &model.Member{ID: id, Name: "成员" + id, NameSort: id, PartyStatus: status}); err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		ids := model.PathIDs(p)
		if err := s.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: ids[len(ids)-1], OrgPath: p}); err != nil {
			t.Fatal(err)
		}
	}
}

func meetingAt(id, path string, starts time.Time) *model.Meeting {
	ids := model.PathIDs(path)
	return &model.Meeting{
		ID: id, OrgID: ids[len(ids)-1], OrgPath: path, Type: model.MeetingLecture, Topic: "线上党课", StartsAt: starts.UTC(), EndsAt: starts.Add(50 * time.Minute).UTC(),
		Mode: model.ModeOnline, Provider: model.ProviderManual, JoinURL: "https://meeting.example.org/j/1", Agenda: []model.AgendaItem{{Title: "领学", Minutes: 10}},
		Reminders: []int{1440, 30}, CreatedBy: "a", Plan: 1,
	}
}

func invite(meetingID string, members ...string) (out []model.MeetingInvitee) {
	for _, m := range members {
		out = append(out, model.MeetingInvitee{MeetingID: meetingID, MemberID: m, Entitled: true, Voting: true, Answer: model.RSVPNone})
	}
	return out
}

func TestMeetingIsWrittenAndReadBack(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	m := meetingAt("m1", "/r/b/", now.Add(24*time.Hour))
	if err := s.AddMeeting(ctx, m, invite("m1", "a", "b", "c")); err != nil {
		t.Fatal(err)
	}
	got, err := s.Meeting(ctx, "m1")
	if err != nil {
		t.Fatal(err)
	}
	if got.Topic != m.Topic || !got.StartsAt.Equal(m.StartsAt) || got.Version != 1 || len(got.Agenda) != 1 || got.Agenda[0].Title != "领学" || !slices.Equal(got.Reminders, []int{1440, 30}) {
		t.Errorf("read back %+v", got)
	}
	stale := *got
	got.Topic, got.CancelReason = "改了", ""
	if err := s.SaveMeeting(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveMeeting(ctx, &stale); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("saving what is stale: %v", err)
	}
	got.CancelledAt = &now
	if err := s.SaveMeeting(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveMeeting(ctx, got); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("saving what is cancelled: %v", err)
	}
	if _, err := s.Meeting(ctx, "none"); !model.IsNotFound(err) {
		t.Errorf("a meeting that is not there: %v", err)
	}
}

func TestAnswersAreCounted(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddMeeting(ctx, meetingAt("m1", "/r/b/", now.Add(24*time.Hour)), invite("m1", "a", "b", "c")))
	must(s.AddMeeting(ctx, meetingAt("past", "/r/b/", now.Add(-24*time.Hour)), invite("past", "a")))
	must(s.AddMeetingInvitee(ctx, &model.MeetingInvitee{MeetingID: "m1", MemberID: "d", Answer: model.RSVPNone, Attendance: model.AttendanceObserver}))
	if n, err := s.OpenInvites(ctx, "a", now); err != nil || n != 1 {
		t.Errorf("open invitations %d %v, want the coming one", n, err)
	}
	must(s.SetAnswer(ctx, "m1", "a", model.RSVPAccept, "", now))
	must(s.SetAnswer(ctx, "m1", "b", model.RSVPLeave, "值班", now))
	counts, err := s.AnswerCounts(ctx, []string{"m1", "past"})
	if err != nil || counts["m1"] != (store.AnswerCounts{Invited: 3, Accept: 1, Leave: 1, None: 1}) {
		t.Errorf("counts %+v %v", counts, err)
	}
	if n, _ := s.OpenInvites(ctx, "a", now); n != 0 {
		t.Errorf("%d open after answering", n)
	}
	must(s.ResetAnswers(ctx, "m1"))
	b, err := s.MeetingInvitee(ctx, "m1", "b")
	if err != nil || b.Answer != model.RSVPNone || b.LeaveReason != "" || b.AnsweredAt != nil {
		t.Errorf("after the reset %+v %v", b, err)
	}
	mine, err := s.InvitationsOf(ctx, "a", []string{"m1", "past", "none"})
	if err != nil || len(mine) != 2 {
		t.Errorf("invitations %v %v", mine, err)
	}
}

func TestCheckInYieldsToACorrection(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	if err := s.AddMeeting(ctx, meetingAt("m1", "/r/b/", now), invite("m1", "a")); err != nil {
		t.Fatal(err)
	}
	read, err := s.MeetingInvitee(ctx, "m1", "a")
	if err != nil {
		t.Fatal(err)
	}
	corrected := *read
	corrected.Attendance, corrected.AttendanceReason, corrected.ChangedBy = model.AttendanceAbsent, "误签", "sec"
	if err := s.SetAttendance(ctx, &corrected); err != nil {
		t.Fatal(err)
	}
	read.Attendance, read.CheckedInAt = model.AttendancePresent, &now
	if first, err := s.CheckIn(ctx, read); err != nil || first {
		t.Errorf("a check-in over a correction: %v %v", first, err)
	}
	if err := s.NoteWrongCode(ctx, "m1", "a"); err != nil {
		t.Fatal(err)
	}
	got, _ := s.MeetingInvitee(ctx, "m1", "a")
	if got.Attendance != model.AttendanceAbsent || got.WrongCodes != 1 {
		t.Errorf("%+v", got)
	}
}

func TestMeetingsListsWhatOneMaySee(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	add := func(id, path string, typ model.MeetingType, hours int, members ...string) {
		t.Helper()
		m := meetingAt(id, path, now.Add(time.Duration(hours)*time.Hour))
		m.Type = typ
		if err := s.AddMeeting(ctx, m, invite(id, members...)); err != nil {
			t.Fatal(err)
		}
	}
	add("m1", "/r/b/", model.MeetingLecture, 24, "a", "b")
	add("m2", "/r/b/g/", model.MeetingGroup, 25, "b")
	add("m3", "/r/b/", model.MeetingCommittee, 26, "c")
	add("m4", "/r/c/", model.MeetingLecture, 27, "x")
	add("m5", "/r/b/", model.MeetingLecture, -24, "a")
	power := func(path string, r model.Role) []model.Power { return []model.Power{{Path: path, Role: r}} }
	for _, c := range []struct {
		name string
		f    store.MeetingFilter
		want string
	}{
		{"a member: the own", store.MeetingFilter{MemberID: "a"}, "[m5 m1]"},
		{"a role of member adds nothing", store.MeetingFilter{MemberID: "a", Powers: power("/r/b/", model.RoleMember)}, "[m5 m1]"},
		{"the branch's group leader: not the committee", store.MeetingFilter{MemberID: "z", Powers: power("/r/b/", model.RoleGroupLeader)}, "[m5 m1 m2]"},
		{"a group's leader", store.MeetingFilter{MemberID: "z", Powers: power("/r/b/g/", model.RoleGroupLeader)}, "[m2]"},
		{"the secretary", store.MeetingFilter{MemberID: "z", Powers: power("/r/b/", model.RoleSecretary)}, "[m5 m1 m2 m3]"},
		{"the secretary's own", store.MeetingFilter{MemberID: "c", Mine: true, Powers: power("/r/b/", model.RoleSecretary)}, "[m3]"},
		{"the office below one place", store.MeetingFilter{MemberID: "z", Powers: power("/", model.RoleAdmin), OrgPath: "/r/c/"}, "[m4]"},
		{"from now on", store.MeetingFilter{MemberID: "a", From: now}, "[m1]"},
		{"until now", store.MeetingFilter{MemberID: "a", To: now}, "[m5]"},
		{"a stranger", store.MeetingFilter{MemberID: "nobody"}, "[]"},
	} {
		var ids []string
		page := model.Page{Limit: 2}
		for {
			rows, next, err := s.Meetings(ctx, c.f, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range rows {
				ids = append(ids, m.ID)
			}
			if next == "" {
				break
			}
			page.Cursor = next
		}
		if got := fmt.Sprint(ids); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, _, err := s.Meetings(ctx, store.MeetingFilter{}, model.Page{Cursor: model.Cursor("audit", 1)}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("another list's cursor: %v", err)
	}
	spans, err := s.MeetingSpans(ctx, "/r/b/", now, now.Add(25*time.Hour))
	if err != nil || len(spans) != 1 || !spans[0].StartsAt.Equal(now.Add(24*time.Hour)) {
		t.Errorf("spans %v %v: m2 begins as the stretch ends", spans, err)
	}
}

func TestCandidates(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	meetingMember(t, s, "a", model.PartyFull, "/r/b/", "/r/b/g/")
	meetingMember(t, s, "b", model.PartyNone, "/r/b/g/")
	meetingMember(t, s, "c", model.PartyFull, "/r/c/")
	meetingMember(t, s, "d", model.PartyFull)
	gone := storetest.Now()
	if err := s.AddMember(ctx, &model.Member{ID: "e", Name: "已注销成员", PartyStatus: model.PartyFull, ErasedAt: &gone}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddMembership(ctx, &model.Membership{ID: "e", MemberID: "e", OrgID: "b", OrgPath: "/r/b/"}); err != nil {
		t.Fatal(err)
	}
	for _, g := range []model.Grant{{MemberID: "d", Role: model.RoleSecretary}, {MemberID: "a", Role: model.RoleCommitteeMember}, {MemberID: "a", Role: model.RoleSecretary}, {MemberID: "b", Role: model.RoleGroupLeader}} {
		g.ID, g.OrgID, g.OrgPath = store.NewID(), "b", "/r/b/"
		if err := s.AddGrant(ctx, &g); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := s.Candidates(ctx, "/r/b/")
	if got := fmt.Sprint(rows); err != nil || got != "[{a full /r/b/} {a full /r/b/g/} {b non_party /r/b/g/}]" {
		t.Errorf("candidates %s %v", got, err)
	}
	rows, err = s.CommitteeOf(ctx, "b")
	if got := fmt.Sprint(rows); err != nil || got != "[{a full /r/b/} {d full /r/b/}]" {
		t.Errorf("committee %s %v", got, err)
	}
}

func TestAttendedInAYearOfChina(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	meetingMember(t, s, "a", model.PartyFull, "/r/b/")
	for id, c := range map[string]struct {
		starts string
		how    model.Attendance
	}{
		"new year":  {"2025-12-31T16:30:00Z", model.AttendancePresent}, // 0:30 of 2026 in China
		"spring":    {"2026-03-03T11:30:00Z", model.AttendanceObserver},
		"missed":    {"2026-04-03T11:30:00Z", model.AttendanceAbsent},
		"next year": {"2026-12-31T16:30:00Z", model.AttendancePresent},
	} {
		at, err := time.Parse(time.RFC3339, c.starts)
		if err != nil {
			t.Fatal(err)
		}
		list := invite(id, "a")
		list[0].Attendance, list[0].AttendanceReason, list[0].LeaveReason = c.how, "补登", "门诊"
		if err := s.AddMeeting(ctx, meetingAt(id, "/r/b/", at), list); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.AttendedMinutes(ctx, "a", 2026); err != nil || n != 100 {
		t.Errorf("attended %d minutes %v, want 100", n, err)
	}
	rows, err := s.AttendanceOf(ctx, "spring")
	if err != nil || len(rows) != 1 || rows[0].Name != "成员a" || rows[0].AttendanceReason != "补登" {
		t.Errorf("sheet %+v %v", rows, err)
	}
	if err := s.EraseMeetingTexts(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	i, _ := s.MeetingInvitee(ctx, "spring", "a")
	if i.AttendanceReason != "" || i.LeaveReason != "" || i.Attendance != model.AttendanceObserver {
		t.Errorf("after the erasure %+v", i)
	}
}

func TestCalendarTokenIsTheOnlyOne(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	for _, h := range []string{"h1", "h2"} {
		if err := s.PutCalendarToken(ctx, &model.CalendarToken{MemberID: "a", Hash: h, CreatedAt: now}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.CalendarToken(ctx, "h1"); !model.IsNotFound(err) {
		t.Errorf("the token before: %v", err)
	}
	if c, err := s.CalendarToken(ctx, "h2"); err != nil || c.MemberID != "a" {
		t.Errorf("the token: %+v %v", c, err)
	}
}
