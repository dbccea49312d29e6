package meeting

import (
	"context"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// together are the meetings held together with m, m itself among them.
func together(ctx context.Context, st *store.Store, m *model.Meeting) ([]model.Meeting, error) {
	if m.JointID == "" {
		return []model.Meeting{*m}, nil
	}
	return st.JointMeetings(ctx, m.JointID)
}

// eachTogether does one thing for m and for all that are held together with it.
func eachTogether(ctx context.Context, tx *store.Store, m *model.Meeting, do func(meetingID string) error) error {
	rows, err := together(ctx, tx, m)
	for _, x := range rows {
		if err == nil {
			err = do(x.ID)
		}
	}
	return err
}

// share gives the others what all that are held together have in common.
func share(ctx context.Context, tx *store.Store, m *model.Meeting) error {
	rows, err := together(ctx, tx, m)
	if err != nil {
		return err
	}
	for i := range rows {
		x := &rows[i]
		if x.ID == m.ID {
			continue
		}
		x.StartsAt, x.EndsAt, x.Mode, x.Place, x.Provider = m.StartsAt, m.EndsAt, m.Mode, m.Place, m.Provider
		x.JoinURL, x.JoinCode, x.OverrideReason, x.CheckinCode = m.JoinURL, m.JoinCode, m.OverrideReason, m.CheckinCode
		x.Reminders, x.Plan, x.Provisional, x.CancelledAt, x.CancelReason, x.UpdatedAt = m.Reminders, m.Plan, m.Provisional, m.CancelledAt, m.CancelReason, m.UpdatedAt
		if err := tx.SaveMeeting(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// complete adds to the view of one meeting what would be too much for a list.
func (s *Service) complete(ctx context.Context, actor *model.Actor, v *View) error {
	rows, err := together(ctx, s.store, &v.Meeting)
	if err != nil {
		return err
	}
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	if v.JointID != "" {
		v.Together = rows
	}
	if v.State != model.MeetingPlanned {
		return nil
	}
	if v.Mine != nil {
		if v.Clashes, err = s.clashes(ctx, actor.MemberID, v, ids); err != nil {
			return err
		}
	}
	if !v.CanManage || !v.Called() {
		return nil
	}
	list, err := s.store.AttendanceOf(ctx, v.ID)
	if err != nil {
		return err
	}
	people := make([]string, len(list))
	for i, x := range list {
		people[i] = x.MemberID
	}
	taken, err := s.store.EngagementsOf(ctx, people, v.StartsAt, v.EndsAt)
	taken = slices.DeleteFunc(taken, func(e store.Engagement) bool { return slices.Contains(ids, e.MeetingID) })
	v.Elsewhere = countPeople(model.Span{StartsAt: v.StartsAt, EndsAt: v.EndsAt}, taken)
	return err
}

// clashes are a member's other meetings at the time of this one.
func (s *Service) clashes(ctx context.Context, memberID string, v *View, own []string) ([]model.Meeting, error) {
	taken, err := s.store.EngagementsOf(ctx, []string{memberID}, v.StartsAt, v.EndsAt)
	if err != nil {
		return nil, err
	}
	var out []model.Meeting
	for _, e := range taken {
		if slices.Contains(own, e.MeetingID) {
			continue
		}
		m, err := s.store.Meeting(ctx, e.MeetingID)
		if err != nil {
			return nil, err
		}
		if m.Leads() {
			out = append(out, *m)
		}
	}
	return out, nil
}

// Invitation is a meeting in plain words, to be pasted into a chat. Errors: not_found.
func (s *Service) Invitation(ctx context.Context, actor *model.Actor, id string) (string, error) {
	m, _, err := s.find(ctx, s.store, actor, id)
	if err != nil {
		return "", err
	}
	rows, err := together(ctx, s.store, m)
	if err != nil {
		return "", err
	}
	org, err := s.store.Org(ctx, m.OrgID)
	if err != nil {
		return "", err
	}
	return invitation(rows, org.Name, s.clock()), nil
}
