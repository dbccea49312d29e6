package meeting

import (
	"context"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// CheckListRole finds fault with a change of the list.
func CheckListRole(role model.ListRole, reason string) error {
	var v model.Invalid
	if role.Label() == "" {
		v.Add("role", "not_allowed", "名单身份只能是 entitled（应到）、observer（列席）或 none（移出名单）。")
	}
	switch n := utf8.RuneCountInString(model.SingleLine(reason)); {
	case n == 0:
		v.Add("reason", "required", "名单在发出通知时已经确定，变更请填写原因。")
	case n > maxReason:
		v.Add("reason", "too_long", "变更的原因不能超过 200 个字。")
	}
	return v.Err()
}

// ChangeList puts a person on the frozen list, takes them off, or makes them an observer. Each change has a reason and stands in the list's log and,
// without the reason, which can be forgotten, in the audit; the person is told while the meeting lies ahead. Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) ChangeList(ctx context.Context, actor *model.Actor, id, memberID string, role model.ListRole, reason string) (*Sheet, error) {
	now := s.clock()
	reason = model.SingleLine(reason)
	var m *model.Meeting
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		var err error
		if m, err = s.manage(ctx, tx, actor, id); err != nil {
			return err
		}
		if err := CheckListRole(role, reason); err != nil {
			return err
		}
		switch {
		case m.State(now) == model.MeetingCancelled:
			return model.Conflict("会议已取消，不能再变更名单。")
		case !m.Called():
			return model.Conflict("参会名单在发出通知时才确定，届时以花名册为准。")
		}
		from, err := listRole(ctx, tx, m, memberID)
		if err != nil || from == role {
			return err
		}
		if role != model.ListNone {
			if err := belongs(ctx, tx, m, memberID); err != nil && from == model.ListNone {
				return err
			}
		}
		err = eachTogether(ctx, tx, m, func(meetingID string) error {
			return putOnList(ctx, tx, meetingID, memberID, from, role, func(x *model.MeetingListChange) {
				x.Reason, x.ChangedBy, x.ChangedAt = reason, actor.MemberID, now
			})
		})
		if err != nil {
			return err
		}
		detail := map[string]string{"member": memberID, "from": string(from), "to": string(role)}
		if err := tx.Audit(ctx, now, actor, "meeting.list", "meeting:"+id, m.OrgID, detail); err != nil {
			return err
		}
		return s.tellListed(ctx, tx, actor, m, memberID, role, reason)
	})
	if err != nil {
		return nil, err
	}
	return s.sheet(ctx, m)
}

// listRole is how a person stands on a meeting's list.
func listRole(ctx context.Context, tx *store.Store, m *model.Meeting, memberID string) (model.ListRole, error) {
	i, err := tx.MeetingInvitee(ctx, m.ID, memberID)
	if model.IsNotFound(err) {
		return model.ListNone, nil
	}
	if err != nil {
		return model.ListNone, err
	}
	return i.ListRole(), nil
}

// belongs refuses who is no member of the organisation that meets.
func belongs(ctx context.Context, tx *store.Store, m *model.Meeting, memberID string) error {
	places, err := tx.Memberships(ctx, memberID)
	if err != nil {
		return err
	}
	for _, p := range places {
		if model.Within(p.OrgPath, m.OrgPath) {
			return nil
		}
	}
	return model.NotFound("该成员")
}

// putOnList writes one change of one list with its line in the log.
func putOnList(ctx context.Context, tx *store.Store, meetingID, memberID string, from, to model.ListRole, sign func(*model.MeetingListChange)) error {
	person, err := tx.Member(ctx, memberID)
	if err != nil {
		return err
	}
	entitled := to == model.ListEntitled
	i := &model.MeetingInvitee{MeetingID: meetingID, MemberID: memberID, Entitled: entitled, Voting: entitled && person.PartyStatus.MayVote(), Answer: model.RSVPNone}
	switch {
	case to == model.ListNone:
		err = tx.DropMeetingInvitee(ctx, meetingID, memberID)
	case from == model.ListNone:
		err = tx.AddMeetingInvitee(ctx, i)
	default:
		var was *model.MeetingInvitee
		if was, err = tx.MeetingInvitee(ctx, meetingID, memberID); err != nil {
			return err
		}
		i.Attendance = listAttendance(was.Attendance, to)
		err = tx.SetListRole(ctx, i)
	}
	if err != nil {
		return err
	}
	line := &model.MeetingListChange{ID: store.NewID(), MeetingID: meetingID, MemberID: memberID, FromRole: from, ToRole: to}
	sign(line)
	return tx.AddMeetingListChange(ctx, line)
}

// listAttendance is what was noted of a person, in the words of their new place on the list: who is there stays there.
func listAttendance(was model.Attendance, to model.ListRole) model.Attendance {
	switch {
	case was == model.AttendancePresent && to == model.ListObserver:
		return model.AttendanceObserver
	case was == model.AttendanceObserver && to == model.ListEntitled:
		return model.AttendancePresent
	}
	return was
}

// tellListed tells a person that they are on the list now, or no longer. After the meeting there is nothing to tell.
func (s *Service) tellListed(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, memberID string, role model.ListRole, reason string) error {
	now := s.clock()
	if m.State(now) != model.MeetingPlanned || memberID == actor.MemberID {
		return nil
	}
	org, err := tx.Org(ctx, m.OrgID)
	if err != nil {
		return err
	}
	p := callNotice(m, nil, org, now)
	p.Body += "\n您的身份：" + role.Label() + "。名单变更原因：" + reason
	if role == model.ListNone {
		p = notice(m, org, "名单变更", org.Name+"定于"+whenText(m, now)+"召开的"+m.Type.Label()+"“"+m.Topic+"”，您已不在参会名单中。\n原因："+reason, "您已不在参会名单中")
	}
	p.DedupeKey, p.CreatedBy = nil, actor.MemberID
	p.Audience = model.Audience{MemberIDs: []string{memberID}}
	return s.outbox.Push(ctx, tx, p)
}
