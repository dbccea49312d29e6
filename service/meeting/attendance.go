package meeting

import (
	"context"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Sheet is who came. Only the entitled count in its numbers; observers are listed.
type Sheet struct {
	Entitled, VotingEntitled, Present, Leave, Absent int
	Items                                            []SheetItem
	Changes                                          []ListChange // of the frozen list, with their reasons
}

// ListChange is one change of the list, with the names of those concerned.
type ListChange = store.ListChangeRow

// SheetItem is one person of the sheet.
type SheetItem struct {
	store.AttendanceRow
	Status model.Attendance // with what follows from the answer and the clock; empty while it is open
	Reason string
}

// Attendance is a meeting's sheet, for those who run it. Errors: not_found, forbidden.
func (s *Service) Attendance(ctx context.Context, actor *model.Actor, id string) (*Sheet, error) {
	m, err := s.manage(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	return s.sheet(ctx, m)
}

func (s *Service) sheet(ctx context.Context, m *model.Meeting) (*Sheet, error) {
	rows, err := s.store.AttendanceOf(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	changes, err := s.store.MeetingListChanges(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	state := m.State(s.clock())
	out := &Sheet{Items: make([]SheetItem, len(rows)), Changes: changes}
	for i, r := range rows {
		item := SheetItem{AttendanceRow: r, Status: r.Effective(state), Reason: r.AttendanceReason}
		if item.Reason == "" && item.Status == model.AttendanceLeave {
			item.Reason = r.LeaveReason
		}
		out.Items[i] = item
		out.count(item)
	}
	return out, nil
}

func (out *Sheet) count(i SheetItem) {
	if !i.Entitled {
		return
	}
	out.Entitled++
	if i.Voting {
		out.VotingEntitled++
	}
	switch i.Status {
	case model.AttendancePresent:
		out.Present++
	case model.AttendanceLeave:
		out.Leave++
	case model.AttendanceAbsent:
		out.Absent++
	}
}

// Note writes how a person took part, with the reason. Who is not on the list may only be added as an observer, since the list of the
// entitled is frozen. Errors: not_found, forbidden, conflict for a cancelled meeting, not_open before the check-in, validation_failed.
func (s *Service) Note(ctx context.Context, actor *model.Actor, id, memberID string, status model.Attendance, reason string) (*Sheet, error) {
	now := s.clock()
	reason = model.SingleLine(reason)
	var m *model.Meeting
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		var err error
		if m, err = s.manage(ctx, tx, actor, id); err != nil {
			return err
		}
		if err := CheckNote(status, reason); err != nil {
			return err
		}
		switch {
		case m.State(now) == model.MeetingCancelled:
			return model.Conflict("会议已取消，不能登记出席情况。")
		case (status == model.AttendancePresent || status == model.AttendanceAbsent) && !m.UnderWay(now, s.calls(m)):
			return s.notOpen(m, now)
		}
		i, err := s.listed(ctx, tx, actor, m, memberID, status, reason, now)
		if err != nil {
			return err
		}
		detail := map[string]string{"member": memberID, "from": string(i.Attendance), "to": string(status)}
		i.Attendance, i.AttendanceReason, i.ChangedBy = status, reason, actor.MemberID
		err = eachTogether(ctx, tx, m, func(id string) error {
			i.MeetingID = id
			return tx.SetAttendance(ctx, i)
		})
		if err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "meeting.attendance", "meeting:"+id, m.OrgID, detail)
	})
	if err != nil {
		return nil, err
	}
	return s.sheet(ctx, m)
}

// CheckNote finds fault with what is noted of a person's attendance.
func CheckNote(status model.Attendance, reason string) error {
	var v model.Invalid
	reason = model.SingleLine(reason)
	if !status.Valid() {
		v.Add("status", "not_allowed", "出席情况只能是 present（出席）、observer（列席）、leave（请假）或 absent（缺席）。")
	}
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		v.Add("reason", "required", "请填写登记或更正的原因。")
	case n > maxReason:
		v.Add("reason", "too_long", "登记或更正的原因不能超过 200 个字。")
	}
	return v.Err()
}

// listed reads a person of the list, or adds one of the organisation as an observer.
func (s *Service) listed(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, memberID string, status model.Attendance, reason string, now time.Time) (*model.MeetingInvitee, error) {
	i, err := tx.MeetingInvitee(ctx, m.ID, memberID)
	if !model.IsNotFound(err) {
		return i, err
	}
	if err := belongs(ctx, tx, m, memberID); err != nil {
		return nil, err
	}
	if status != model.AttendanceObserver {
		return nil, model.BadField("status", "not_entitled", "这位成员不在应到名单中，只能登记为列席（observer）。")
	}
	err = eachTogether(ctx, tx, m, func(id string) error {
		return putOnList(ctx, tx, id, memberID, model.ListNone, model.ListObserver, func(x *model.MeetingListChange) {
			x.Reason, x.ChangedBy, x.ChangedAt = reason, actor.MemberID, now
		})
	})
	if err != nil {
		return nil, err
	}
	return tx.MeetingInvitee(ctx, m.ID, memberID)
}
