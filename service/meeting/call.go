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
	Note             string  // what the notice adds
	EventID          string  // the congress within which it is held
	Also             []Joint // the meetings held together with it
	Repeat           string  // the rule by which it comes again; empty for once
}

// Joint is one more meeting of another type at the same hour: one list, one answer and one attendance for all, minutes of its own.
type Joint struct {
	Type   model.MeetingType
	Topic  string             // empty for the profile's
	Agenda []model.AgendaItem // empty for the profile's
}

// Invitees narrow those whom the type of the meeting concerns. All given conditions hold together.
type Invitees = model.MeetingCircle

// calling is a meeting about to be called, with all that goes with it.
type calling struct {
	m        *model.Meeting
	also     []*model.Meeting
	org      *model.Org
	invitees []model.MeetingInvitee
	policy   *model.Policy
	cal      model.Calendar
}

// Call calls a meeting: the list of those entitled is frozen, they are told, and the reminders are planned. One that comes again is planned as a
// series, whose occurrences are called in their turn. Errors: not_found and forbidden for the organisation, validation_failed, within_working_hours.
func (s *Service) Call(ctx context.Context, actor *model.Actor, d Draft) (*View, error) {
	now := s.clock()
	c, err := s.prepare(ctx, actor, d, now)
	if err != nil {
		return nil, err
	}
	if d.Repeat != "" {
		return s.callSeries(ctx, actor, d, c, now)
	}
	s.bookFirst(ctx, c.m, now)
	err = s.store.Tx(ctx, func(tx *store.Store) error { return s.write(ctx, tx, actor, c, now) })
	if err != nil {
		s.giveBack(ctx, c.m)
		return nil, err
	}
	return s.Get(ctx, actor, c.m.ID)
}

// write puts a meeting and those held together with it into the house, and tells the invited once.
func (s *Service) write(ctx context.Context, tx *store.Store, actor *model.Actor, c *calling, now time.Time) error {
	for _, m := range append([]*model.Meeting{c.m}, c.also...) {
		m.JoinURL, m.JoinCode = c.m.JoinURL, c.m.JoinCode
		list := slices.Clone(c.invitees)
		for i := range list {
			list[i].MeetingID = m.ID
		}
		if err := tx.AddMeeting(ctx, m, list); err != nil {
			return err
		}
		detail := map[string]string{"type": string(m.Type), "entitled": strconv.Itoa(len(list)), "starts_at": m.StartsAt.Format(time.RFC3339)}
		if m.OverrideReason != "" {
			detail["override"] = "true"
		}
		if m.JointID != "" {
			detail["together_with"] = m.JointID
		}
		if err := tx.Audit(ctx, now, actor, "meeting.call", "meeting:"+m.ID, m.OrgID, detail); err != nil {
			return err
		}
	}
	if err := s.outbox.Push(ctx, tx, callNotice(c.m, c.also, c.org, now)); err != nil {
		return err
	}
	return s.planReminders(ctx, tx, c.m, c.org, actor, now)
}

// CheckCall finds the faults that Call would find, and calls nothing. Of a draft for an organisation that is not the actor's to call at it
// finds those that the draft shows by itself.
func (s *Service) CheckCall(ctx context.Context, actor *model.Actor, d Draft) error {
	now := s.clock()
	_, err := s.prepare(ctx, actor, d, now)
	switch model.CodeOf(err) {
	case model.CodeNotFound, model.CodeForbidden:
		m := d.meeting(&model.Org{}, actor, now)
		s.wantRoom(m, now)
		return d.faults(m, now).Err()
	}
	return err
}

// prepare makes the meeting of a draft and its list, or names every fault.
func (s *Service) prepare(ctx context.Context, actor *model.Actor, d Draft, now time.Time) (*calling, error) {
	c := &calling{org: &model.Org{}, policy: s.policies.PolicyAt(now)}
	var err error
	if d.OrgID != "" {
		if c.org, err = s.store.Org(ctx, d.OrgID); err != nil {
			return nil, err
		}
		if !model.CanCallMeeting(actor, d.Type, c.org.Path) {
			return nil, refuseCall(actor, d.Type, c.org)
		}
	}
	if !d.StartsAt.IsZero() {
		c.policy = s.policies.PolicyAt(d.StartsAt)
	}
	if c.cal, err = s.calendars.Calendar(ctx); err != nil {
		return nil, err
	}
	c.cal = c.cal.WithWork(c.policy.Work)
	c.m = d.meeting(c.org, actor, now)
	c.m.Topic = fillPeriod(c.m.Topic, c.policy.Duty(d.Type), model.DateOf(c.m.StartsAt))
	c.m.Provisional = c.cal.Provisional(model.DateOf(c.m.StartsAt))
	s.wantRoom(c.m, now)
	v := d.faults(c.m, now)
	if d.OrgID == "" {
		v.Add("org_id", "required", "请选择召集会议的组织。")
	} else if c.invitees, err = s.invitees(ctx, s.store, v, c.m, d.Invitees); err != nil {
		return nil, err
	}
	if err := s.inEvent(ctx, actor, v, c.m, c.org); err != nil {
		return nil, err
	}
	c.also = d.joint(v, c)
	if d.Repeat != "" {
		if why := ruleFault(cleanRule(d.Repeat), "WEEKLY", "MONTHLY"); why != "" {
			v.Add("repeat", "invalid_rule", why)
		}
	}
	return c, checkHours(v, c.m, c.cal)
}

// inEvent holds a meeting against the congress that it is said to be held in; that congress is the reason to meet in working hours.
func (s *Service) inEvent(ctx context.Context, actor *model.Actor, v *model.Invalid, m *model.Meeting, org *model.Org) error {
	if m.EventID == "" {
		return nil
	}
	e, err := s.store.Event(ctx, m.EventID)
	switch {
	case model.IsNotFound(err), err == nil && (!model.CanSeeEvent(actor, e) || org.ID != "" && !model.Within(org.Path, e.OrgPath)):
		v.Add("event_id", "not_found", "没有这项活动，或它与本组织无关。")
	case err != nil:
		return err
	case !e.Holds(model.Span{StartsAt: m.StartsAt, EndsAt: m.EndsAt}):
		v.Add("event_id", "outside", "会议时间不在“"+e.Name+"”的日期之内。")
	case m.OverrideReason == "":
		m.OverrideReason = model.CutRunes("与“"+e.Name+"”合并召开", maxReason)
	}
	return nil
}

// joint makes the meetings held together with the leading one.
func (d Draft) joint(v *model.Invalid, c *calling) []*model.Meeting {
	if len(d.Also) == 0 {
		return nil
	}
	if d.Repeat != "" {
		v.Add("also", "not_allowed", "重复召开的会议不能同时合并其他会议，请逐次合并。")
	}
	c.m.JointID = c.m.ID
	seen := map[model.MeetingType]bool{d.Type: true}
	out := make([]*model.Meeting, len(d.Also))
	for i, x := range d.Also {
		at := fmt.Sprintf("also[%d]", i)
		m := *c.m
		m.ID, m.Type, m.Topic, m.Agenda = store.NewID(), x.Type, model.SingleLine(x.Topic), cleanAgenda(x.Agenda)
		m.RoomState, m.RoomID, m.RoomNextAt = "", "", nil
		duty := c.policy.Duty(x.Type)
		if m.Topic == "" {
			m.Topic = topicOf(duty, model.DateOf(m.StartsAt))
		}
		m.Topic = fillPeriod(m.Topic, duty, model.DateOf(m.StartsAt))
		if len(m.Agenda) == 0 {
			m.Agenda = agendaFor(duty)
		}
		checkText(v, at+".topic", "会议主题", m.Topic, maxTopic, false)
		checkAgenda(v, at+".agenda", m.Agenda)
		switch {
		case !x.Type.Valid():
			v.Add(at+".type", "not_allowed", "会议类型不正确，请从列出的类型中选择。")
		case seen[x.Type]:
			v.Add(at+".type", "duplicate", "同一类会议只能合并一次。")
		case x.Type == model.MeetingCommittee || d.Type == model.MeetingCommittee:
			v.Add(at+".type", "not_allowed", "支委会的参会范围不同，不能与其他会议合并召开。")
		}
		seen[x.Type] = true
		out[i] = &m
	}
	return out
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
		Note: model.SingleLine(d.Note), EventID: d.EventID, CheckinCode: d.CheckinCode, Plan: 1, CreatedBy: actor.MemberID, CreatedAt: now, UpdatedAt: now,
	}
	setOnline(m, d.Online)
	return m
}
