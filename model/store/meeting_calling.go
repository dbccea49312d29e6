package store

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
)

// chunk is how many identifiers one statement names.
const chunk = 500

// Engagement is a time at which a person is taken.
type Engagement struct {
	MemberID  string
	MeetingID string
	StartsAt  time.Time
	EndsAt    time.Time
}

// Span is the engagement's time.
func (e Engagement) Span() model.Span { return model.Span{StartsAt: e.StartsAt, EndsAt: e.EndsAt} }

// EngagementsOf are the meetings of these people that touch the stretch: not cancelled, and not those they asked leave from.
func (s *Store) EngagementsOf(ctx context.Context, memberIDs []string, from, to time.Time) ([]Engagement, error) {
	var out []Engagement
	for ids := range slices.Chunk(memberIDs, chunk) {
		rows, err := many[Engagement](s.read(ctx).Table("meeting_invitees").
			Select("meeting_invitees.member_id, meetings.id AS meeting_id, meetings.starts_at, meetings.ends_at").
			Joins("JOIN meetings ON meetings.id = meeting_invitees.meeting_id").
			Where("meeting_invitees.member_id IN ? AND meeting_invitees.answer <> ?", ids, model.RSVPLeave).
			Where("meetings.cancelled_at IS NULL AND meetings.starts_at < ? AND meetings.ends_at > ?", to.UTC(), from.UTC()).
			Order("meetings.starts_at, meetings.id, meeting_invitees.member_id"))
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// UncalledSpans are the times of the planned meetings of an organisation whose invited were not told yet, so that no list names them.
func (s *Store) UncalledSpans(ctx context.Context, orgID string, from, to time.Time) ([]model.Span, error) {
	return many[model.Span](s.read(ctx).Model(&model.Meeting{}).Select("starts_at, ends_at").
		Where("org_id = ? AND notice_at IS NOT NULL AND cancelled_at IS NULL AND starts_at < ? AND ends_at > ?", orgID, to.UTC(), from.UTC()).Order("starts_at, id"))
}

// AddBusyMark writes a busy mark.
func (s *Store) AddBusyMark(ctx context.Context, b *model.BusyMark) error {
	return fault(s.write(ctx).Create(b).Error)
}

// BusyMarks are a member's own marks that still matter after the instant.
func (s *Store) BusyMarks(ctx context.Context, memberID string, since time.Time) ([]model.BusyMark, error) {
	return many[model.BusyMark](s.read(ctx).Where("member_id = ? AND (over_at IS NULL OR over_at > ?)", memberID, since.UTC()).Order("starts_at, id"))
}

// BusyMarksOf are the marks of these people that may touch the stretch.
func (s *Store) BusyMarksOf(ctx context.Context, memberIDs []string, from, to time.Time) ([]model.BusyMark, error) {
	var out []model.BusyMark
	for ids := range slices.Chunk(memberIDs, chunk) {
		rows, err := many[model.BusyMark](s.read(ctx).Where("member_id IN ? AND starts_at < ? AND (over_at IS NULL OR over_at > ?)", ids, to.UTC(), from.UTC()).Order("id"))
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// DropBusyMark removes a member's own mark.
func (s *Store) DropBusyMark(ctx context.Context, memberID, id string) error {
	n, err := changed(s.write(ctx).Where("id = ? AND member_id = ?", id, memberID).Delete(&model.BusyMark{}))
	if err == nil && n == 0 {
		err = model.NotFound("这条忙碌时段")
	}
	return err
}

// MeetingKind is when a meeting of a type is held.
type MeetingKind struct {
	Type     model.MeetingType
	StartsAt time.Time
}

// MeetingKinds are the types of an organisation's own meetings that begin within the stretch and are not cancelled.
func (s *Store) MeetingKinds(ctx context.Context, orgID string, from, to time.Time) ([]MeetingKind, error) {
	return many[MeetingKind](s.read(ctx).Model(&model.Meeting{}).Select("type, starts_at").
		Where("org_id = ? AND cancelled_at IS NULL AND starts_at >= ? AND starts_at < ?", orgID, from.UTC(), to.UTC()).Order("starts_at, id"))
}

// LastMeetings are an organisation's latest meetings, the newest first, from which the next one takes its place and link.
func (s *Store) LastMeetings(ctx context.Context, orgID string, n int) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("org_id = ? AND cancelled_at IS NULL", orgID).Order("starts_at DESC, id DESC").Limit(n))
}

// JointMeetings are the meetings held together under a leading one, itself first.
func (s *Store) JointMeetings(ctx context.Context, jointID string) ([]model.Meeting, error) {
	rows, err := many[model.Meeting](s.read(ctx).Where("joint_id = ?", jointID).Order("id"))
	slices.SortStableFunc(rows, func(a, b model.Meeting) int {
		switch {
		case a.ID == jointID && b.ID != jointID:
			return -1
		case b.ID == jointID && a.ID != jointID:
			return 1
		}
		return 0
	})
	return rows, err
}

// AddMeetingSeries writes a series.
func (s *Store) AddMeetingSeries(ctx context.Context, x *model.MeetingSeries) error {
	return fault(s.write(ctx).Create(x).Error)
}

// MeetingSeries reads a series.
func (s *Store) MeetingSeries(ctx context.Context, id string) (*model.MeetingSeries, error) {
	return one[model.MeetingSeries](s.read(ctx).Where("id = ?", id), "该系列会议")
}

// SeriesMeetings are the occurrences of a series from the instant on, in order, cancelled ones too.
func (s *Store) SeriesMeetings(ctx context.Context, seriesID string, from time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("series_id = ? AND starts_at >= ?", seriesID, from.UTC()).Order("starts_at, id"))
}

// UncalledMeetings are the planned meetings whose invited are to be told by now, those that wait longest first.
func (s *Store) UncalledMeetings(ctx context.Context, now time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("notice_at <= ? AND cancelled_at IS NULL", now.UTC()).Order("notice_at, id").Limit(50))
}

// PlannedMeetings are some of the meetings to come whose invited were not told yet, by id after the one given.
func (s *Store) PlannedMeetings(ctx context.Context, now time.Time, after string, limit int) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("notice_at IS NOT NULL AND cancelled_at IS NULL AND starts_at > ? AND id > ?", now.UTC(), after).Order("id").Limit(limit))
}

// CallMeeting notes that a planned meeting is called, and writes its frozen list; false when another process was first or it was cancelled or changed meanwhile.
func (s *Store) CallMeeting(ctx context.Context, m *model.Meeting, invitees []model.MeetingInvitee) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Meeting{}).Where("id = ? AND notice_at IS NOT NULL AND cancelled_at IS NULL AND version = ?", m.ID, m.Version).
		UpdateColumn("notice_at", nil))
	if err != nil || n == 0 || len(invitees) == 0 {
		return n > 0, err
	}
	return true, fault(s.write(ctx).CreateInBatches(invitees, chunk).Error)
}

// ProvisionalMeetings are the meetings to come that were planned on days whose year had no published holidays.
func (s *Store) ProvisionalMeetings(ctx context.Context, now time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("provisional = ? AND cancelled_at IS NULL AND starts_at > ?", true, now.UTC()).Order("starts_at, id"))
}

// SettleProvisional notes that the holidays of a meeting's day are known now; false when another process was first.
func (s *Store) SettleProvisional(ctx context.Context, id string) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Meeting{}).Where("id = ? AND provisional = ?", id, true).UpdateColumn("provisional", false))
	return n > 0, err
}

// DueRooms are the meetings for whose rooms the meeting service is to be asked by now.
func (s *Store) DueRooms(ctx context.Context, now time.Time) ([]model.Meeting, error) {
	return many[model.Meeting](s.read(ctx).Where("room_next_at <= ?", now.UTC()).Order("room_next_at, id").Limit(20))
}

// ClaimRoom puts off the next question about a room to the instant, so that no other process asks meanwhile; false when one was first.
func (s *Store) ClaimRoom(ctx context.Context, m *model.Meeting, until time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Meeting{}).Where("id = ? AND room_next_at = ? AND room_tries = ?", m.ID, m.RoomNextAt, m.RoomTries).
		UpdateColumns(map[string]any{"room_next_at": until, "room_tries": m.RoomTries + 1}))
	m.RoomTries++
	return n > 0, err
}

// SetRoom writes how far a room is, if it is still where it was; false when the meeting was changed meanwhile.
func (s *Store) SetRoom(ctx context.Context, m *model.Meeting, was model.MeetingRoom) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Meeting{}).Where("id = ? AND room_state = ?", m.ID, was).
		UpdateColumns(map[string]any{"room_state": m.RoomState, "room_id": m.RoomID, "room_tries": m.RoomTries, "room_next_at": m.RoomNextAt}))
	return n > 0, err
}

// SetJoin writes how one joins a meeting and those held together with it, whose calendar entries change with it and whose reminders are planned anew.
func (s *Store) SetJoin(ctx context.Context, m *model.Meeting, now time.Time) error {
	q := s.write(ctx).Model(&model.Meeting{}).Where("id = ?", m.ID)
	if m.JointID != "" {
		q = s.write(ctx).Model(&model.Meeting{}).Where("joint_id = ?", m.JointID)
	}
	return fault(q.UpdateColumns(map[string]any{"join_url": m.JoinURL, "join_code": m.JoinCode, "plan": m.Plan, "version": gormExpr("version + 1"), "updated_at": now}).Error)
}

// Leads are the people who hold at least a role at the organisation itself, by the role's rank; for a notice to those who run it now.
func (s *Store) Leads(ctx context.Context, orgID string, roles ...model.Role) ([]string, error) {
	var ids []string
	err := s.read(ctx).Table("grants").Joins("JOIN members ON members.id = grants.member_id AND members.erased_at IS NULL").
		Where("grants.org_id = ? AND grants.role IN ?", orgID, roles).Distinct().Order("grants.member_id").Pluck("grants.member_id", &ids).Error
	return ids, fault(err)
}

// DropMeetingInvitee takes a person off a meeting's list.
func (s *Store) DropMeetingInvitee(ctx context.Context, meetingID, memberID string) error {
	return fault(s.write(ctx).Where("meeting_id = ? AND member_id = ?", meetingID, memberID).Delete(&model.MeetingInvitee{}).Error)
}

// SetListRole writes how a person stands on a meeting's list.
func (s *Store) SetListRole(ctx context.Context, i *model.MeetingInvitee) error {
	return fault(s.invitee(ctx, i.MeetingID, i.MemberID).
		Updates(map[string]any{"entitled": i.Entitled, "voting": i.Voting, "attendance": i.Attendance}).Error)
}

// AddMeetingListChange writes a change of the frozen list into its log.
func (s *Store) AddMeetingListChange(ctx context.Context, c *model.MeetingListChange) error {
	return fault(s.write(ctx).Create(c).Error)
}

// ListChangeRow is a change of the list with the names of those concerned.
type ListChangeRow struct {
	model.MeetingListChange
	Name          string
	ChangedByName string
}

// MeetingListChanges are the changes of a meeting's frozen list, the first first.
func (s *Store) MeetingListChanges(ctx context.Context, meetingID string) ([]ListChangeRow, error) {
	return many[ListChangeRow](s.read(ctx).Table("meeting_list_changes").
		Select("meeting_list_changes.*, members.name, changers.name AS changed_by_name").
		Joins("LEFT JOIN members ON members.id = meeting_list_changes.member_id").
		Joins("LEFT JOIN members changers ON changers.id = meeting_list_changes.changed_by").
		Where("meeting_list_changes.meeting_id = ?", meetingID).Order("meeting_list_changes.changed_at, meeting_list_changes.id"))
}
