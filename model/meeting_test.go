package model

import (
	"testing"
	"time"
)

func TestMeetingState(t *testing.T) {
	start := time.Date(2026, 11, 24, 19, 30, 0, 0, Zone)
	end, called := start.Add(time.Hour), start.Add(-48*time.Hour)
	for _, c := range []struct {
		name      string
		cancelled bool
		now       time.Time
		state     MeetingState
		started   bool
		checkin   bool
	}{
		{"long before", false, start.Add(-24 * time.Hour), MeetingPlanned, false, false},
		{"a second before the check-in opens", false, start.Add(-30*time.Minute - time.Second), MeetingPlanned, false, false},
		{"the check-in opens", false, start.Add(-30 * time.Minute), MeetingPlanned, false, true},
		{"a second before the start", false, start.Add(-time.Second), MeetingPlanned, false, true},
		{"the start", false, start, MeetingPlanned, true, true},
		{"a second before the end", false, end.Add(-time.Second), MeetingPlanned, true, true},
		{"the end", false, end, MeetingOver, true, false},
		{"cancelled", true, start, MeetingCancelled, true, false},
		{"cancelled and past", true, end.Add(time.Hour), MeetingCancelled, true, false},
	} {
		m := Meeting{StartsAt: start, EndsAt: end}
		if c.cancelled {
			m.CancelledAt = &called
		}
		if got := m.State(c.now); got != c.state {
			t.Errorf("%s: state %s, want %s", c.name, got, c.state)
		}
		if got := m.Started(c.now); got != c.started {
			t.Errorf("%s: started %v", c.name, got)
		}
		if got := m.CheckinOpen(c.now, DefaultPolicy().Calls); got != c.checkin {
			t.Errorf("%s: check-in open %v", c.name, got)
		}
	}
}

func TestEffectiveAttendance(t *testing.T) {
	for _, c := range []struct {
		noted  Attendance
		answer RSVP
		state  MeetingState
		want   Attendance
	}{
		{AttendanceNone, RSVPNone, MeetingPlanned, AttendanceNone},
		{AttendanceNone, RSVPAccept, MeetingPlanned, AttendanceNone},
		{AttendanceNone, RSVPLeave, MeetingPlanned, AttendanceLeave},
		{AttendanceNone, RSVPNone, MeetingOver, AttendanceAbsent},
		{AttendanceNone, RSVPAccept, MeetingOver, AttendanceAbsent},
		{AttendanceNone, RSVPLeave, MeetingOver, AttendanceLeave},
		{AttendanceNone, RSVPNone, MeetingCancelled, AttendanceNone},
		{AttendancePresent, RSVPLeave, MeetingOver, AttendancePresent}, // came after all
		{AttendanceAbsent, RSVPAccept, MeetingPlanned, AttendanceAbsent},
		{AttendanceObserver, RSVPNone, MeetingOver, AttendanceObserver},
	} {
		i := MeetingInvitee{Attendance: c.noted, Answer: c.answer}
		if got := i.Effective(c.state); got != c.want {
			t.Errorf("noted %q, answered %s, %s: %q, want %q", c.noted, c.answer, c.state, got, c.want)
		}
	}
}

func TestWhoRunsAMeeting(t *testing.T) {
	power := func(path string, r Role) *Actor {
		return &Actor{SessionID: "s", MemberID: "m", Powers: []Power{{Path: path, Role: r}}}
	}
	const root, branch, group, other = "/r/", "/r/b/", "/r/b/g/", "/r/c/"
	for _, c := range []struct {
		name         string
		actor        *Actor
		at           string
		any, special bool // any meeting; the committee's
	}{
		{"a stranger", nil, branch, false, false},
		{"a visitor", &Actor{SessionID: "s", IdentityID: "i"}, branch, false, false},
		{"a member", &Actor{SessionID: "s", MemberID: "m", Places: []Place{{"b", branch}}}, branch, false, false},
		{"the group's leader for the group", power(group, RoleGroupLeader), group, true, false},
		{"the group's leader for the branch", power(group, RoleGroupLeader), branch, false, false},
		{"a committee member", power(branch, RoleCommitteeMember), branch, true, true},
		{"the secretary", power(branch, RoleSecretary), branch, true, true},
		{"the secretary for a group below", power(branch, RoleSecretary), group, true, true},
		{"the neighbour's secretary", power(other, RoleSecretary), branch, false, false},
		{"the office", power(root, RoleStaff), branch, true, true},
		{"an admin", power(EverywherePath, RoleAdmin), branch, true, true},
	} {
		if got := CanCallMeeting(c.actor, MeetingLecture, c.at); got != c.any {
			t.Errorf("%s calls a lecture: %v", c.name, got)
		}
		if got := CanCallMeeting(c.actor, MeetingCommittee, c.at); got != c.special {
			t.Errorf("%s calls the committee: %v", c.name, got)
		}
		m := &Meeting{Type: MeetingCommittee, OrgPath: c.at}
		if got := CanSeeMeeting(c.actor, m, false); got != c.special {
			t.Errorf("%s sees the committee's meeting: %v", c.name, got)
		}
		if got := CanSeeMeeting(c.actor, m, true); got != c.actor.Bound() {
			t.Errorf("%s, invited, sees the committee's meeting: %v", c.name, got)
		}
	}
	if CanCallMeeting(SystemActor(), MeetingLecture, branch) {
		t.Error("a meeting is called by a person")
	}
	if !CanSetCalendar(power(root, RoleStaff), root) || CanSetCalendar(power(branch, RoleStaff), root) || CanSetCalendar(power(root, RoleSecretary), root) {
		t.Error("holidays are for the office of the whole society")
	}
}

func TestMeetingWords(t *testing.T) {
	for _, typ := range []MeetingType{MeetingAssembly, MeetingCommittee, MeetingGroup, MeetingLecture, MeetingPartyDay, MeetingLife, MeetingReview, MeetingTraining, MeetingOther} {
		if !typ.Valid() {
			t.Errorf("%s has no name", typ)
		}
	}
	if MeetingType("party").Valid() || MeetingMode("").Valid() || MeetingProvider("zoom").Valid() || Attendance("").Valid() {
		t.Error("what is no word is taken for one")
	}
	if ModeOnline.InPlace() || ModeOnsite.Remote() || !ModeHybrid.InPlace() || !ModeHybrid.Remote() {
		t.Error("where a mode meets")
	}
}
