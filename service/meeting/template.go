package meeting

import (
	"context"
	"slices"
	"strings"

	"zhibu/model"
)

// Template is a meeting of a type as it is usually called: posting its draft calls it.
type Template struct {
	Draft
	Owed *Owed // nil when none is missing in the period
	Slot *Slot // the proposed hour; nil when there is none
}

// templateDays is how far ahead a template looks for its hour.
const templateDays = 14

// Templates are the types of meetings that the actor may call at an organisation, in the profile's order, each filled in from the profile, the
// calendar and the organisation's last meeting. Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Templates(ctx context.Context, actor *model.Actor, orgID string) ([]Template, error) {
	if orgID == "" {
		return nil, model.BadField("org_id", "required", "请指定召集会议的组织。")
	}
	org, err := s.store.Org(ctx, orgID)
	if err != nil {
		return nil, err
	}
	if !model.CanCallMeeting(actor, model.MeetingOther, org.Path) {
		return nil, refuseCall(actor, model.MeetingOther, org)
	}
	today := model.DateOf(s.clock())
	policy := s.policies.PolicyAt(s.clock())
	last, err := s.store.LastMeetings(ctx, org.ID, 20)
	if err != nil {
		return nil, err
	}
	var out []Template
	for _, duty := range policy.Meetings {
		if !model.CanCallMeeting(actor, duty.Type, org.Path) || !offered(duty.Type, org.Kind) {
			continue
		}
		minutes := duty.Minutes
		if minutes <= 0 {
			minutes = slotMinutes
		}
		slots, err := s.propose(ctx, org, SlotQuery{OrgID: org.ID, Type: duty.Type, From: today, Days: templateDays, Minutes: minutes})
		if err != nil {
			return nil, err
		}
		t := Template{Draft: draftOf(org, duty, last, s.rooms != nil)}
		day := today
		if len(slots) > 0 {
			t.Slot = &slots[0]
			t.StartsAt, t.EndsAt = slots[0].StartsAt, slots[0].EndsAt
			day = model.DateOf(t.StartsAt)
			if t.Slot.Event != nil {
				t.EventID = t.Slot.Event.ID
			}
		}
		t.Topic = topicOf(duty, day)
		debts, err := s.debtsOf(ctx, org, policy, day, day)
		if err != nil {
			return nil, err
		}
		if n := debts.missing(duty, day); n > 0 {
			t.Owed = &Owed{Type: duty.Type, Missing: n, Period: duty.Every.Words(day)}
		}
		out = append(out, t)
	}
	return out, nil
}

// offered: a group is offered its own meeting and study, a branch all but the group's; others all.
func offered(t model.MeetingType, k model.OrgKind) bool {
	switch k {
	case model.OrgGroup:
		return slices.Contains([]model.MeetingType{model.MeetingGroup, model.MeetingLecture, model.MeetingPartyDay, model.MeetingTraining, model.MeetingOther}, t)
	case model.OrgBranch:
		return t != model.MeetingGroup
	}
	return true
}

// topicOf is the profile's topic with the period in words.
func topicOf(duty model.MeetingDuty, day model.Date) string {
	topic := duty.Topic
	if topic == "" {
		topic = duty.Type.Label()
	}
	return fillPeriod(topic, duty, day)
}

// fillPeriod puts the period of the day into a topic. A type without a period has none to name.
func fillPeriod(topic string, duty model.MeetingDuty, day model.Date) string {
	return strings.ReplaceAll(topic, "{period}", duty.Every.Words(day))
}

func agendaFor(duty model.MeetingDuty) []model.AgendaItem {
	agenda := make([]model.AgendaItem, len(duty.Agenda))
	for i, a := range duty.Agenda {
		agenda[i] = model.AgendaItem(a)
	}
	return agenda
}

// draftOf fills in a duty's draft; place, mode and link are those of the last meeting of the type, else of the last of any.
// Where rooms are booked by the program, the next meeting gets one of its own.
func draftOf(org *model.Org, duty model.MeetingDuty, last []model.Meeting, books bool) Draft {
	d := Draft{OrgID: org.ID, Type: duty.Type, Mode: model.ModeOnline, Agenda: agendaFor(duty), Note: duty.Note, Reminders: defaultReminders[:]}
	i := slices.IndexFunc(last, func(m model.Meeting) bool { return m.Type == duty.Type })
	if i < 0 && len(last) > 0 {
		i = 0
	}
	if i >= 0 {
		m := last[i]
		d.Mode, d.Place = m.Mode, m.Place
		if m.Mode.Remote() {
			d.Online = &Online{Provider: m.Provider, JoinURL: m.JoinURL, Code: m.JoinCode}
		}
	}
	if d.Mode.Remote() && books && (d.Online == nil || d.Online.Provider == model.ProviderTencent) {
		d.Online = &Online{Provider: model.ProviderTencent}
	}
	return d
}
