package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// Candidate is somebody who may be invited: one membership in the subtree, or a role held there.
type Candidate struct {
	MemberID    string
	PartyStatus model.PartyStatus
	OrgPath     string
}

// Candidates are the members of the subtree of path, one row for each membership.
func (s *Store) Candidates(ctx context.Context, path string) ([]Candidate, error) {
	return many[Candidate](under(s.read(ctx).Table("memberships"), "memberships.org_path", path).
		Select("members.id AS member_id, members.party_status, memberships.org_path").
		Joins("JOIN members ON members.id = memberships.member_id AND members.erased_at IS NULL").
		Order("members.name_sort, members.id, memberships.org_path"))
}

// CommitteeOf are those who hold the secretary's or a committee member's role at the organisation itself, each once.
func (s *Store) CommitteeOf(ctx context.Context, orgID string) ([]Candidate, error) {
	return many[Candidate](s.read(ctx).Table("grants").Distinct("members.id AS member_id, members.party_status, grants.org_path, members.name_sort").
		Joins("JOIN members ON members.id = grants.member_id AND members.erased_at IS NULL").
		Where("grants.org_id = ? AND grants.role IN ?", orgID, []model.Role{model.RoleSecretary, model.RoleCommitteeMember}).
		Order("members.name_sort, members.id"))
}

// AddMeeting writes a new meeting with its frozen list.
func (s *Store) AddMeeting(ctx context.Context, m *model.Meeting, invitees []model.MeetingInvitee) error {
	m.Version = 1
	if err := s.write(ctx).Create(m).Error; err != nil {
		return fault(err)
	}
	if len(invitees) == 0 {
		return nil
	}
	return fault(s.write(ctx).CreateInBatches(invitees, 500).Error)
}

// Meeting reads one meeting.
func (s *Store) Meeting(ctx context.Context, id string) (*model.Meeting, error) {
	return one[model.Meeting](s.read(ctx).Where("id = ?", id), "该会议")
}

// SaveMeeting writes a meeting whose version is still the one that was read, and which is not cancelled meanwhile.
func (s *Store) SaveMeeting(ctx context.Context, m *model.Meeting) error {
	read := m.Version
	m.Version++
	n, err := changed(s.write(ctx).Model(&model.Meeting{}).Where("id = ? AND version = ? AND cancelled_at IS NULL", m.ID, read).
		Select("*").Omit("id", "created_at").Updates(m))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "该会议刚被他人修改，请刷新后再试。")
	}
	return err
}

// MeetingFilter narrows the list of meetings to what one member may see. Empty fields do not narrow.
type MeetingFilter struct {
	MemberID string        // whose list it is: the invited see a meeting
	Powers   []model.Power // and so do those who run it
	Mine     bool          // only where the member is invited
	OrgPath  string        // only of this subtree
	From, To time.Time     // only what ends after From and begins before To
}

// Meetings lists meetings by their start.
func (s *Store) Meetings(ctx context.Context, f MeetingFilter, page model.Page) ([]model.Meeting, string, error) {
	q := s.visible(ctx, f).Order("starts_at, id").Limit(page.Size() + 1)
	if f.OrgPath != "" {
		q = under(q, "org_path", f.OrgPath)
	}
	if !f.From.IsZero() {
		q = q.Where("ends_at > ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		q = q.Where("starts_at < ?", f.To.UTC())
	}
	var after struct {
		At time.Time
		ID string
	}
	if ok, err := model.ReadCursor(page.Cursor, "meetings", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(starts_at > ? OR (starts_at = ? AND id > ?))", after.At.UTC(), after.At.UTC(), after.ID)
	}
	rows, err := many[model.Meeting](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "meetings", func(m model.Meeting) any {
		return struct {
			At time.Time
			ID string
		}{m.StartsAt, m.ID}
	})
	return rows, next, nil
}

// visible says in SQL what model.CanSeeMeeting says.
func (s *Store) visible(ctx context.Context, f MeetingFilter) *gorm.DB {
	conds, args := []string{"id IN (SELECT meeting_id FROM meeting_invitees WHERE member_id = ?)"}, []any{f.MemberID}
	for _, p := range f.Powers {
		if f.Mine || p.Role.Rank() < model.RoleGroupLeader.Rank() {
			continue
		}
		if p.Role.Rank() >= model.RoleCommitteeMember.Rank() {
			conds, args = append(conds, "org_path LIKE ?"), append(args, p.Path+"%")
		} else {
			conds, args = append(conds, "(org_path LIKE ? AND type <> ?)"), append(args, p.Path+"%", model.MeetingCommittee)
		}
	}
	return s.read(ctx).Where("("+strings.Join(conds, " OR ")+")", args...)
}

// MeetingSpans are the times of the meetings in the subtree of path that touch the stretch and are not cancelled.
func (s *Store) MeetingSpans(ctx context.Context, path string, from, to time.Time) ([]model.Span, error) {
	return many[model.Span](under(s.read(ctx).Model(&model.Meeting{}).Select("starts_at, ends_at"), "org_path", path).
		Where("cancelled_at IS NULL AND starts_at < ? AND ends_at > ?", to.UTC(), from.UTC()).Order("starts_at, id"))
}

// MeetingInvitee reads one person of a meeting's list.
func (s *Store) MeetingInvitee(ctx context.Context, meetingID, memberID string) (*model.MeetingInvitee, error) {
	return one[model.MeetingInvitee](s.read(ctx).Where("meeting_id = ? AND member_id = ?", meetingID, memberID), "该成员的会议邀请")
}

// AddMeetingInvitee puts one more person on a meeting's list.
func (s *Store) AddMeetingInvitee(ctx context.Context, i *model.MeetingInvitee) error {
	return fault(s.write(ctx).Create(i).Error)
}

// SetAnswer writes a person's answer to an invitation.
func (s *Store) SetAnswer(ctx context.Context, meetingID, memberID string, answer model.RSVP, reason string, now time.Time) error {
	return fault(s.invitee(ctx, meetingID, memberID).Updates(map[string]any{"answer": answer, "leave_reason": reason, "answered_at": now}).Error)
}

// ResetAnswers takes all answers back, because the meeting is at another time.
func (s *Store) ResetAnswers(ctx context.Context, meetingID string) error {
	return fault(s.write(ctx).Model(&model.MeetingInvitee{}).Where("meeting_id = ? AND answer <> ?", meetingID, model.RSVPNone).
		Updates(map[string]any{"answer": model.RSVPNone, "leave_reason": "", "answered_at": nil}).Error)
}

// CheckIn notes that a person is there, unless somebody noted the attendance by hand meanwhile, which it reports as false.
func (s *Store) CheckIn(ctx context.Context, i *model.MeetingInvitee) (bool, error) {
	n, err := changed(s.invitee(ctx, i.MeetingID, i.MemberID).Where("changed_by = ?", i.ChangedBy).
		Updates(map[string]any{"attendance": i.Attendance, "checked_in_at": i.CheckedInAt}))
	return n > 0, err
}

// NoteWrongCode counts a wrong check-in code.
func (s *Store) NoteWrongCode(ctx context.Context, meetingID, memberID string) error {
	return fault(s.invitee(ctx, meetingID, memberID).UpdateColumn("wrong_codes", gormExpr("wrong_codes + 1")).Error)
}

// SetAttendance writes how a person took part, with the reason and who noted it.
func (s *Store) SetAttendance(ctx context.Context, i *model.MeetingInvitee) error {
	return fault(s.invitee(ctx, i.MeetingID, i.MemberID).
		Updates(map[string]any{"attendance": i.Attendance, "attendance_reason": i.AttendanceReason, "changed_by": i.ChangedBy}).Error)
}

func (s *Store) invitee(ctx context.Context, meetingID, memberID string) *gorm.DB {
	return s.write(ctx).Model(&model.MeetingInvitee{}).Where("meeting_id = ? AND member_id = ?", meetingID, memberID)
}

// AttendanceRow is one line of the attendance sheet.
type AttendanceRow struct {
	model.MeetingInvitee
	Name          string
	ChangedByName string
}

// AttendanceOf is a meeting's whole list in pinyin order, the entitled first.
func (s *Store) AttendanceOf(ctx context.Context, meetingID string) ([]AttendanceRow, error) {
	return many[AttendanceRow](s.read(ctx).Table("meeting_invitees").
		Select("meeting_invitees.*, members.name, changers.name AS changed_by_name").
		Joins("LEFT JOIN members ON members.id = meeting_invitees.member_id").
		Joins("LEFT JOIN members changers ON changers.id = meeting_invitees.changed_by").
		Where("meeting_invitees.meeting_id = ?", meetingID).
		Order("meeting_invitees.entitled DESC, members.name_sort, meeting_invitees.member_id"))
}

// AnswerCounts are the numbers of the entitled by their answers.
type AnswerCounts struct{ Invited, Accept, Leave, None int }

// AnswerCounts counts the answers to each of these meetings.
func (s *Store) AnswerCounts(ctx context.Context, ids []string) (map[string]AnswerCounts, error) {
	counts := make(map[string]AnswerCounts, len(ids))
	if len(ids) == 0 {
		return counts, nil
	}
	var rows []struct {
		MeetingID string
		Answer    model.RSVP
		N         int
	}
	err := s.read(ctx).Model(&model.MeetingInvitee{}).Select("meeting_id, answer, COUNT(*) AS n").
		Where("meeting_id IN ? AND entitled = ?", ids, true).Group("meeting_id, answer").Scan(&rows).Error
	for _, r := range rows {
		c := counts[r.MeetingID]
		c.Invited += r.N
		switch r.Answer {
		case model.RSVPAccept:
			c.Accept += r.N
		case model.RSVPLeave:
			c.Leave += r.N
		default:
			c.None += r.N
		}
		counts[r.MeetingID] = c
	}
	return counts, fault(err)
}

// InvitationsOf are one member's places on the lists of these meetings, by meeting.
func (s *Store) InvitationsOf(ctx context.Context, memberID string, ids []string) (map[string]model.MeetingInvitee, error) {
	byMeeting := make(map[string]model.MeetingInvitee, len(ids))
	if len(ids) == 0 {
		return byMeeting, nil
	}
	rows, err := many[model.MeetingInvitee](s.read(ctx).Where("member_id = ? AND meeting_id IN ?", memberID, ids))
	for _, r := range rows {
		byMeeting[r.MeetingID] = r
	}
	return byMeeting, err
}

// leading takes one of the meetings that are held together: they are one hour of a person's life.
const leading = "(meetings.joint_id = '' OR meetings.joint_id = meetings.id)"

// OpenInvites counts the coming meetings whose invitation a member has not answered.
func (s *Store) OpenInvites(ctx context.Context, memberID string, now time.Time) (int, error) {
	var n int64
	err := s.read(ctx).Table("meeting_invitees").Joins("JOIN meetings ON meetings.id = meeting_invitees.meeting_id").
		Where("meeting_invitees.member_id = ? AND meeting_invitees.answer = ? AND meeting_invitees.entitled = ?", memberID, model.RSVPNone, true).
		Where("meetings.cancelled_at IS NULL AND meetings.starts_at > ?", now.UTC()).Where(leading).Count(&n).Error
	return int(n), fault(err)
}

// AttendedMeetings are the meetings of a year, by China's calendar, that a member took part in or observed.
func (s *Store) AttendedMeetings(ctx context.Context, memberID string, year int) ([]model.Meeting, error) {
	first := func(y int) time.Time { return model.Date(fmt.Sprintf("%04d-01-01", y)).Start().UTC() }
	return many[model.Meeting](s.read(ctx).Model(&model.Meeting{}).
		Joins("JOIN meeting_invitees ON meeting_invitees.meeting_id = meetings.id").
		Where("meeting_invitees.member_id = ? AND meeting_invitees.attendance IN ?", memberID, []model.Attendance{model.AttendancePresent, model.AttendanceObserver}).
		Where("meetings.cancelled_at IS NULL AND meetings.starts_at >= ? AND meetings.starts_at < ?", first(year), first(year+1)).Where(leading).
		Order("meetings.starts_at, meetings.id"))
}

// AttendedMinutes is how long the meetings of a year were that a member took part in.
func (s *Store) AttendedMinutes(ctx context.Context, memberID string, year int) (int, error) {
	rows, err := s.AttendedMeetings(ctx, memberID, year)
	var sum time.Duration
	for _, m := range rows {
		sum += m.EndsAt.Sub(m.StartsAt)
	}
	return int(sum.Minutes()), err
}

// InvitedMeetings are the meetings that end after the instant, cancelled ones too, to which a member is invited and has not asked for leave.
func (s *Store) InvitedMeetings(ctx context.Context, memberID string, since time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Model(&model.Meeting{}).
		Joins("JOIN meeting_invitees ON meeting_invitees.meeting_id = meetings.id").
		Where("meeting_invitees.member_id = ? AND meeting_invitees.answer <> ? AND meetings.ends_at > ?", memberID, model.RSVPLeave, since.UTC()).Where(leading).
		Order("meetings.starts_at, meetings.id").Limit(500))
}

// PutCalendarToken makes this the member's only calendar token.
func (s *Store) PutCalendarToken(ctx context.Context, t *model.CalendarToken) error {
	if err := s.DropCalendarToken(ctx, t.MemberID); err != nil {
		return err
	}
	return fault(s.write(ctx).Create(t).Error)
}

// DropCalendarToken ends a member's calendar token.
func (s *Store) DropCalendarToken(ctx context.Context, memberID string) error {
	return fault(s.write(ctx).Where("member_id = ?", memberID).Delete(&model.CalendarToken{}).Error)
}

// CalendarToken finds a token by its hash.
func (s *Store) CalendarToken(ctx context.Context, hash string) (*model.CalendarToken, error) {
	return one[model.CalendarToken](s.read(ctx).Where("hash = ?", hash), "这个日历订阅")
}

// EraseMeetingTexts forgets what a member wrote and what was written about them in meetings, and their busy marks, and ends their calendar token.
// That they were invited and came stays, since signed minutes rest on it.
func (s *Store) EraseMeetingTexts(ctx context.Context, memberID string) error {
	err := s.write(ctx).Model(&model.MeetingInvitee{}).Where("member_id = ?", memberID).
		Updates(map[string]any{"leave_reason": "", "attendance_reason": ""}).Error
	if err != nil {
		return fault(err)
	}
	if err := s.write(ctx).Model(&model.MeetingListChange{}).Where("member_id = ?", memberID).Update("reason", "").Error; err != nil {
		return fault(err)
	}
	if err := s.write(ctx).Where("member_id = ?", memberID).Delete(&model.BusyMark{}).Error; err != nil {
		return fault(err)
	}
	return s.DropCalendarToken(ctx, memberID)
}
