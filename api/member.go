package api

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/member"
)

type grantView struct {
	OrgID string `json:"org_id" doc:"empty for a role that holds everywhere"`
	Role  string `json:"role" enum:"group_leader,committee_member,secretary,staff,admin"`
}

type memberView struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Phone       string      `json:"phone" doc:"masked, 138****8000; empty when it is not known"`
	PartyStatus string      `json:"party_status" enum:"full,probationary,applicant,non_party"`
	Employer    string      `json:"employer"`
	Title       string      `json:"title"`
	OrgID       string      `json:"org_id" doc:"the branch or group of the membership; of several, the one nearest to the organisation asked about"`
	JoinedOn    *string     `json:"joined_on" nullable:"true" format:"date" doc:"joining the Party, as the roster gives it; null when it is not known"`
	Bound       bool        `json:"bound" doc:"whether they have signed in with WeChat"`
	Roles       []string    `json:"roles" nullable:"false" enum:"member,group_leader,committee_member,secretary,staff,admin" doc:"member first, then what they hold at the organisation asked about and below it"`
	Grants      []grantView `json:"grants" nullable:"false" doc:"the same roles, each with the organisation at which it is held"`
	version     int
}

func (v memberView) etag() string { return rowTag(v.version) }

func memberOf(e member.Entry) memberView {
	m := e.Member
	return memberView{ID: m.ID, Name: m.Name, Phone: m.PhoneMask, PartyStatus: string(m.PartyStatus), Employer: m.Employer, Title: m.Title,
		OrgID: e.OrgID, JoinedOn: textOrNil(string(e.JoinedOn)), Bound: e.Bound, Roles: rolesView(e.Roles), version: m.Version,
		Grants: mapped(e.Grants, func(g model.Grant) grantView { return grantView{OrgID: g.OrgID, Role: string(g.Role)} })}
}

func memberFrom(e *member.Entry, err error) (memberView, error) {
	if err != nil {
		return memberView{}, err
	}
	return memberOf(*e), nil
}

type rosterInput struct {
	ID     string `path:"id" maxLength:"64"`
	Text   string `query:"q" maxLength:"50" doc:"within the name, the employer or the title"`
	Status string `query:"party_status" enum:"full,probationary,applicant,non_party" doc:"those alone"`
	Bound  string `query:"bound" enum:"yes,no" doc:"who has signed in with WeChat, or who has not"`
	Leads  bool   `query:"leads" doc:"who holds a role there or below"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (in *rosterInput) filter() member.Filter {
	f := member.Filter{Text: strings.TrimSpace(in.Text), Status: model.PartyStatus(in.Status), Leads: in.Leads}
	if in.Bound != "" {
		f.Bound = new(in.Bound == "yes")
	}
	return f
}

func (a *API) listMembers(ctx context.Context, actor *model.Actor, in *rosterInput) (list[memberView], error) {
	rows, next, err := a.rooms.Member.Roster(ctx, actor, in.ID, in.filter(), model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[memberView]{}, err
	}
	return listOf(rows, next, memberOf), nil
}

func (a *API) getMember(ctx context.Context, actor *model.Actor, in *IDPath) (memberView, error) {
	return memberFrom(a.rooms.Member.Member(ctx, actor, in.ID))
}

type createMemberInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Name        string  `json:"name" minLength:"1" maxLength:"50"`
		Phone       string  `json:"phone" minLength:"1" maxLength:"40" doc:"a phone known elsewhere is the same person, who gains a membership"`
		PartyStatus string  `json:"party_status" enum:"full,probationary,applicant,non_party"`
		Employer    string  `json:"employer,omitempty" maxLength:"100"`
		Title       string  `json:"title,omitempty" maxLength:"50"`
		JoinedOn    *string `json:"joined_on,omitempty" nullable:"true" format:"date"`
	}
}

func (in *createMemberInput) details() member.Details {
	b := in.Body
	d := member.Details{Name: b.Name, Phone: b.Phone, PartyStatus: model.PartyStatus(b.PartyStatus), Employer: b.Employer, Title: b.Title}
	if b.JoinedOn != nil {
		d.JoinedOn = model.Date(*b.JoinedOn)
	}
	return d
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *createMemberInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error {
		return a.rooms.Member.CheckDetails(in.details())
	})
}

func (a *API) createMember(ctx context.Context, actor *model.Actor, in *createMemberInput) (memberView, error) {
	return memberFrom(a.rooms.Member.Add(ctx, actor, in.ID, in.details()))
}

// newPhone is a number that may be left out, but not be null: a number is changed, never taken away. Null is read as the empty text, which the room refuses.
type newPhone struct{ text *string }

// UnmarshalJSON reads a text or null.
func (p *newPhone) UnmarshalJSON(data []byte) error {
	p.text = new("")
	return json.Unmarshal(data, p.text)
}

// Schema is a text.
func (newPhone) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, MinLength: new(1), MaxLength: new(40)}
	s.PrecomputeMessages()
	return s
}

type changeMemberInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Name        *string  `json:"name,omitempty" minLength:"1" maxLength:"50"`
		Phone       newPhone `json:"phone,omitzero" doc:"null is refused"`
		PartyStatus *string  `json:"party_status,omitempty" enum:"full,probationary,applicant,non_party"`
		Employer    *string  `json:"employer,omitempty" maxLength:"100"`
		Title       *string  `json:"title,omitempty" maxLength:"50"`
		JoinedOn    *string  `json:"joined_on,omitempty" nullable:"true" format:"date"`
	}
}

func (in *changeMemberInput) changes() member.Changes {
	b := in.Body
	return member.Changes{
		Name: b.Name, Phone: b.Phone.text, PartyStatus: as[model.PartyStatus](b.PartyStatus), Employer: b.Employer, Title: b.Title,
		JoinedOn: as[model.Date](b.JoinedOn), Version: rowVersion(in.IfMatch),
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *changeMemberInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error {
		return a.rooms.Member.CheckChanges(in.changes())
	})
}

func (a *API) changeMember(ctx context.Context, actor *model.Actor, in *changeMemberInput) (memberView, error) {
	return memberFrom(a.rooms.Member.Update(ctx, actor, in.ID, in.changes()))
}

// as gives an optional text its type.
func as[T ~string](s *string) *T {
	if s == nil {
		return nil
	}
	v := T(*s)
	return &v
}

type removeMemberInput struct {
	ID    string `path:"id" maxLength:"64"`
	OrgID string `query:"org_id" maxLength:"64" doc:"which organisation to leave, with all below it; may be left out where there is one only whose roster the caller keeps"`
}

func (a *API) removeMember(ctx context.Context, actor *model.Actor, in *removeMemberInput) (empty, error) {
	return empty{}, a.rooms.Member.Remove(ctx, actor, in.ID, in.OrgID)
}

type phoneView struct {
	Phone string `json:"phone"`
}

func (a *API) revealPhone(ctx context.Context, actor *model.Actor, in *IDPath) (phoneView, error) {
	phone, err := a.rooms.Member.RevealPhone(ctx, actor, in.ID)
	return phoneView{Phone: phone}, err
}

func (a *API) unbindMember(ctx context.Context, actor *model.Actor, in *IDPath) (memberView, error) {
	return memberFrom(a.rooms.Member.Unbind(ctx, actor, in.ID))
}

type rolesInput struct {
	ID       string `path:"id" maxLength:"64"`
	MemberID string `path:"member_id" maxLength:"64"`
	Body     struct {
		Roles []string `json:"roles" nullable:"false" maxItems:"20" doc:"what they hold at this organisation, exactly; member may be left out. Roles held at other organisations stay"`
	}
}

func (in *rolesInput) roles() []model.Role {
	return mapped(in.Body.Roles, func(r string) model.Role { return model.Role(r) })
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *rolesInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return member.CheckRoles(in.roles()) })
}

func (a *API) setRoles(ctx context.Context, actor *model.Actor, in *rolesInput) (memberView, error) {
	return memberFrom(a.rooms.Member.SetRoles(ctx, actor, in.ID, in.MemberID, in.roles()))
}

type changeMeInput struct {
	Body struct {
		Employer *string `json:"employer,omitempty" maxLength:"100"`
		Title    *string `json:"title,omitempty" maxLength:"50"`
	}
}

// changeMe is for what a member alone knows best; name, phone and party status are the secretary's to change.
func (a *API) changeMe(ctx context.Context, actor *model.Actor, in *changeMeInput) (meView, error) {
	if err := a.rooms.Member.UpdateSelf(ctx, actor, in.Body.Employer, in.Body.Title); err != nil {
		return meView{}, err
	}
	return a.me(ctx, actor, nil)
}
