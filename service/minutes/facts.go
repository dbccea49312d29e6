package minutes

import (
	"context"
	"fmt"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
)

// facts are what the system knows of a meeting now.
func (s *Service) facts(ctx context.Context, st *store.Store, m *model.Meeting, min *model.Minutes) (*model.MinutesFacts, error) {
	org, err := st.Org(ctx, m.OrgID)
	if err != nil {
		return nil, err
	}
	year := m.StartsAt.In(model.Zone).Year()
	f := &model.MinutesFacts{
		OrgName: org.Name, Type: m.Type, Topic: m.Topic, Year: year, StartsAt: m.StartsAt, EndsAt: m.EndsAt, Where: where(m), Agenda: append([]model.AgendaItem{}, m.Agenda...),
		Attending: []model.FactPerson{}, Observers: []model.FactPerson{}, Absent: []model.FactPerson{}, Polls: []model.FactPoll{}, Unclosed: []model.FactAction{}, Names: map[string]string{},
	}
	if f.Ordinal, err = st.MeetingOrdinal(ctx, m, model.Date(fmt.Sprintf("%04d-01-01", year)).Start()); err != nil {
		return nil, err
	}
	if err := s.attendance(ctx, st, m, f); err != nil {
		return nil, err
	}
	if err := polls(ctx, st, m, f); err != nil {
		return nil, err
	}
	open, err := st.OpenActionsOf(ctx, m.OrgID, m.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range open {
		if !x.CreatedAt.After(m.EndsAt) { // what a later meeting resolved was no matter of this one
			f.Unclosed = append(f.Unclosed, model.FactAction{Text: x.Content, OwnerID: x.OwnerID, DueOn: x.DueOn})
		}
	}
	ids := min.People()
	for _, u := range f.Unclosed {
		ids = append(ids, u.OwnerID)
	}
	people, err := st.MembersByID(ctx, ids)
	for id, who := range people {
		f.Names[id] = who.ShownName()
	}
	return f, err
}

// attendance counts and names who came. What is still open counts as absent, since the minutes are of a meeting that has been.
func (s *Service) attendance(ctx context.Context, st *store.Store, m *model.Meeting, f *model.MinutesFacts) error {
	rows, err := st.AttendanceOf(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		status := r.Effective(model.MeetingOver)
		p := model.FactPerson{ID: r.MemberID, Name: r.Name}
		if r.Entitled {
			f.Entitled++
			if r.Voting {
				f.Voting++
			}
		}
		switch {
		case status == model.AttendanceObserver || (!r.Entitled && status == model.AttendancePresent):
			f.Observers = append(f.Observers, p)
		case status == model.AttendancePresent:
			f.Present++
			if r.Voting {
				f.VotingIn++
			}
			f.Attending = append(f.Attending, p)
		case r.Entitled:
			p.Leave, p.Reason = status == model.AttendanceLeave, r.AttendanceReason
			if p.Reason == "" && p.Leave {
				p.Reason = r.LeaveReason
			}
			f.Absent = append(f.Absent, p)
		}
	}
	return nil
}

// polls are the votes that are closed.
func polls(ctx context.Context, st *store.Store, m *model.Meeting, f *model.MinutesFacts) error {
	rows, err := st.Polls(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, p := range rows {
		if p.State != model.PollClosed {
			continue
		}
		_, candidates, err := p.Outcome()
		if err != nil {
			return model.Fail(model.CodeInternal, "表决结果有误，请联系管理员。").Because(err)
		}
		f.Polls = append(f.Polls, model.FactPoll{Poll: p, Candidates: candidates})
	}
	return nil
}

// where is the place and how people joined.
func where(m *model.Meeting) string {
	var parts []string
	if m.Mode.InPlace() {
		parts = append(parts, m.Place)
	}
	if m.Mode.Remote() {
		text := m.Provider.Label()
		switch {
		case m.JoinCode != "":
			text += "（会议号 " + m.JoinCode + "）"
		case m.JoinURL != "":
			text += "（" + m.JoinURL + "）"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "；")
}
