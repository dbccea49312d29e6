package meeting

import (
	"context"
	"fmt"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// person is one who may be invited, with all their places and roles in the subtree.
type person struct {
	store.Candidate
	paths []string
	roles []model.Role
}

// invitees makes the frozen list: whom the type concerns, narrowed by what was asked.
func (s *Service) invitees(ctx context.Context, st *store.Store, v *model.Invalid, m *model.Meeting, want *Invitees) ([]model.MeetingInvitee, error) {
	people, err := s.concerned(ctx, st, m)
	if err != nil {
		return nil, err
	}
	if want != nil {
		if people, err = s.narrow(ctx, st, v, m, people, *want); err != nil {
			return nil, err
		}
	}
	if len(people) == 0 && v.Err() == nil {
		v.Add("invitees", "nobody", "按所选的范围没有可以邀请的成员，请先完善花名册或调整邀请范围。")
	}
	out := make([]model.MeetingInvitee, len(people))
	for i, p := range people {
		out[i] = model.MeetingInvitee{MeetingID: m.ID, MemberID: p.MemberID, Entitled: true, Voting: p.PartyStatus.MayVote(), Answer: model.RSVPNone}
	}
	return out, nil
}

// concerned are the committee of the organisation for its meetings, and for every other type the members of the subtree, each once.
func (s *Service) concerned(ctx context.Context, st *store.Store, m *model.Meeting) ([]person, error) {
	var rows []store.Candidate
	var err error
	if m.Type == model.MeetingCommittee {
		rows, err = st.CommitteeOf(ctx, m.OrgID)
	} else {
		rows, err = st.Candidates(ctx, m.OrgPath)
	}
	if err != nil {
		return nil, err
	}
	var people []person
	at := map[string]int{}
	for _, r := range rows {
		i, known := at[r.MemberID]
		if !known {
			i = len(people)
			at[r.MemberID] = i
			people = append(people, person{Candidate: r, roles: []model.Role{model.RoleMember}})
		}
		people[i].paths = append(people[i].paths, r.OrgPath)
	}
	grants, err := st.GrantsUnder(ctx, m.OrgPath)
	for _, g := range grants {
		if i, known := at[g.MemberID]; known {
			people[i].roles = append(people[i].roles, g.Role)
		}
	}
	return people, err
}

// narrow keeps those for whom all the conditions hold, and names every person and place that cannot be meant.
func (s *Service) narrow(ctx context.Context, st *store.Store, v *model.Invalid, m *model.Meeting, people []person, want Invitees) ([]person, error) {
	for i, id := range want.MemberIDs {
		if !slices.ContainsFunc(people, func(p person) bool { return p.MemberID == id }) {
			v.Add(fmt.Sprintf("invitees.member_ids[%d]", i), "not_in_org", "这位成员不在本次会议的参会范围内。")
		}
	}
	orgs, err := st.OrgsByID(ctx, want.OrgIDs)
	if err != nil {
		return nil, err
	}
	var paths []string
	for i, id := range want.OrgIDs {
		at := slices.IndexFunc(orgs, func(o model.Org) bool { return o.ID == id && model.Within(o.Path, m.OrgPath) })
		if at < 0 {
			v.Add(fmt.Sprintf("invitees.org_ids[%d]", i), "not_in_org", "这个组织不在召集会议的组织之内。")
			continue
		}
		paths = append(paths, orgs[at].Path)
	}
	return slices.DeleteFunc(people, func(p person) bool { return !included(want, p, paths) }), nil
}

func included(want Invitees, p person, paths []string) bool {
	anyRole := slices.ContainsFunc(want.Roles, func(r model.Role) bool { return slices.Contains(p.roles, r) })
	anyPlace := slices.ContainsFunc(paths, func(path string) bool {
		return slices.ContainsFunc(p.paths, func(at string) bool { return model.Within(at, path) })
	})
	return (len(want.Roles) == 0 || anyRole) && (len(want.OrgIDs) == 0 || anyPlace) &&
		(len(want.PartyStatus) == 0 || slices.Contains(want.PartyStatus, p.PartyStatus)) &&
		(len(want.MemberIDs) == 0 || slices.Contains(want.MemberIDs, p.MemberID))
}
