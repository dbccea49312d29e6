package meeting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Draft is what calls a meeting.
type Draft struct {
	OrgID            string
	Type             model.MeetingType
	Topic            string
	StartsAt, EndsAt time.Time
	Mode             model.MeetingMode
	Place            string
	Online           *Online
	Agenda           []model.AgendaItem
	Invitees         *Invitees
	Reminders        []int // nil for the usual ones, empty for none
	OverrideReason   string
	CheckinCode      bool
}

// Invitees narrow those whom the type of the meeting concerns. All given conditions hold together.
type Invitees struct {
	Roles       []model.Role
	PartyStatus []model.PartyStatus
	MemberIDs   []string
	OrgIDs      []string
}

// Call calls a meeting: the list of those entitled is frozen, they are told, and the reminders are planned.
// Errors: not_found and forbidden for the organisation, validation_failed, within_working_hours.
func (s *Service) Call(ctx context.Context, actor *model.Actor, d Draft) (*View, error) {
	now := s.clock()
	m, org, invitees, err := s.prepare(ctx, actor, d, now)
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddMeeting(ctx, m, invitees); err != nil {
			return err
		}
		detail := map[string]string{"type": string(m.Type), "entitled": strconv.Itoa(len(invitees)), "starts_at": m.StartsAt.Format(time.RFC3339)}
		if m.OverrideReason != "" {
			detail["override"] = "true"
		}
		if err := tx.Audit(ctx, now, actor, "meeting.call", "meeting:"+m.ID, m.OrgID, detail); err != nil {
			return err
		}
		if err := s.outbox.Push(ctx, tx, callNotice(m, org, now)); err != nil {
			return err
		}
		return s.planReminders(ctx, tx, m, org, actor, now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, m.ID)
}

// CheckCall finds the faults that Call would find, and calls nothing. Of a draft for an organisation that is not the actor's to call at it
// finds those that the draft shows by itself.
func (s *Service) CheckCall(ctx context.Context, actor *model.Actor, d Draft) error {
	now := s.clock()
	_, _, _, err := s.prepare(ctx, actor, d, now)
	switch model.CodeOf(err) {
	case model.CodeNotFound, model.CodeForbidden:
		return d.faults(d.meeting(&model.Org{}, actor, now), now).Err()
	}
	return err
}

// prepare makes the meeting of a draft and its list, or names every fault.
func (s *Service) prepare(ctx context.Context, actor *model.Actor, d Draft, now time.Time) (*model.Meeting, *model.Org, []model.MeetingInvitee, error) {
	org := &model.Org{}
	if d.OrgID != "" {
		var err error
		if org, err = s.store.Org(ctx, d.OrgID); err != nil {
			return nil, nil, nil, err
		}
		if !model.CanCallMeeting(actor, d.Type, org.Path) {
			return nil, nil, nil, refuseCall(actor, d.Type, org)
		}
	}
	m := d.meeting(org, actor, now)
	v := d.faults(m, now)
	var invitees []model.MeetingInvitee
	var err error
	if d.OrgID == "" {
		v.Add("org_id", "required", "请选择召集会议的组织。")
	} else if invitees, err = s.invitees(ctx, v, m, d.Invitees); err != nil {
		return nil, nil, nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	return m, org, invitees, checkHours(v, m, cal)
}

// faults are those that a draft shows by itself.
func (d Draft) faults(m *model.Meeting, now time.Time) *model.Invalid {
	v := &model.Invalid{}
	checkMeeting(v, m)
	checkReminders(v, d.Reminders)
	checkTimes(v, m, now, false)
	if d.Invitees != nil {
		checkInvitees(v, *d.Invitees)
	}
	return v
}

func checkInvitees(v *model.Invalid, want Invitees) {
	for i, r := range want.Roles {
		if r.Rank() == 0 {
			v.Add(fmt.Sprintf("invitees.roles[%d]", i), "not_allowed", "角色不正确，请从列出的角色中选择。")
		}
	}
	for i, p := range want.PartyStatus {
		if !p.Valid() {
			v.Add(fmt.Sprintf("invitees.party_status[%d]", i), "not_allowed", "政治面貌不正确，请从列出的选项中选择。")
		}
	}
}

func refuseCall(actor *model.Actor, t model.MeetingType, org *model.Org) error {
	switch {
	case !model.CanSeeOrg(actor, org.Path):
		return model.NotFound("该组织")
	case t == model.MeetingCommittee:
		return model.Forbidden("支委会由支部书记或支委召集。")
	}
	return model.Forbidden("召集会议需要该组织的党小组组长、支委或支部书记身份。")
}

func (d Draft) meeting(org *model.Org, actor *model.Actor, now time.Time) *model.Meeting {
	reminders := d.Reminders
	if reminders == nil {
		reminders = defaultReminders[:]
	}
	m := &model.Meeting{
		ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, Type: d.Type, Topic: model.SingleLine(d.Topic),
		StartsAt: d.StartsAt.UTC().Truncate(time.Second), EndsAt: d.EndsAt.UTC().Truncate(time.Second), Mode: d.Mode, Place: model.SingleLine(d.Place),
		Agenda: cleanAgenda(d.Agenda), Reminders: cleanReminders(reminders), OverrideReason: model.SingleLine(d.OverrideReason),
		CheckinCode: d.CheckinCode, Plan: 1, CreatedBy: actor.MemberID, CreatedAt: now, UpdatedAt: now,
	}
	setOnline(m, d.Online)
	return m
}

// person is one who may be invited, with all their places and roles in the subtree.
type person struct {
	store.Candidate
	paths []string
	roles []model.Role
}

// invitees makes the frozen list: whom the type concerns, narrowed by what was asked.
func (s *Service) invitees(ctx context.Context, v *model.Invalid, m *model.Meeting, want *Invitees) ([]model.MeetingInvitee, error) {
	people, err := s.concerned(ctx, m)
	if err != nil {
		return nil, err
	}
	if want != nil {
		if people, err = s.narrow(ctx, v, m, people, *want); err != nil {
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
func (s *Service) concerned(ctx context.Context, m *model.Meeting) ([]person, error) {
	var rows []store.Candidate
	var err error
	if m.Type == model.MeetingCommittee {
		rows, err = s.store.CommitteeOf(ctx, m.OrgID)
	} else {
		rows, err = s.store.Candidates(ctx, m.OrgPath)
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
	grants, err := s.store.GrantsUnder(ctx, m.OrgPath)
	for _, g := range grants {
		if i, known := at[g.MemberID]; known {
			people[i].roles = append(people[i].roles, g.Role)
		}
	}
	return people, err
}

// narrow keeps those for whom all the conditions hold, and names every person and place that cannot be meant.
func (s *Service) narrow(ctx context.Context, v *model.Invalid, m *model.Meeting, people []person, want Invitees) ([]person, error) {
	for i, id := range want.MemberIDs {
		if !slices.ContainsFunc(people, func(p person) bool { return p.MemberID == id }) {
			v.Add(fmt.Sprintf("invitees.member_ids[%d]", i), "not_in_org", "这位成员不在本次会议的参会范围内。")
		}
	}
	orgs, err := s.store.OrgsByID(ctx, want.OrgIDs)
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
	return slices.DeleteFunc(people, func(p person) bool { return !want.includes(p, paths) }), nil
}

func (want Invitees) includes(p person, paths []string) bool {
	anyRole := slices.ContainsFunc(want.Roles, func(r model.Role) bool { return slices.Contains(p.roles, r) })
	anyPlace := slices.ContainsFunc(paths, func(path string) bool {
		return slices.ContainsFunc(p.paths, func(at string) bool { return model.Within(at, path) })
	})
	return (len(want.Roles) == 0 || anyRole) && (len(want.OrgIDs) == 0 || anyPlace) &&
		(len(want.PartyStatus) == 0 || slices.Contains(want.PartyStatus, p.PartyStatus)) &&
		(len(want.MemberIDs) == 0 || slices.Contains(want.MemberIDs, p.MemberID))
}
