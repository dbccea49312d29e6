package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/meeting"
)

type meetingSlotsInput struct {
	OrgID   string `query:"org_id" maxLength:"64" doc:"required"`
	Type    string `query:"type" maxLength:"20" doc:"the type of meeting, which says whom it concerns; everybody when left out"`
	From    string `query:"from" maxLength:"10" day:"yes" doc:"a day; today when left out"`
	Days    int    `query:"days" doc:"1 to 92, 14 when left out"`
	Minutes int    `query:"minutes" doc:"1 to 720, 60 when left out"`
}

type slotView struct {
	StartsAt    timeView        `json:"starts_at"`
	EndsAt      timeView        `json:"ends_at"`
	Reason      string          `json:"reason" enum:"evening,weekend,holiday,event" doc:"event: a congress keeps the hour for its branches"`
	Text        string          `json:"text" doc:"the reason in Chinese"`
	Conflicts   int             `json:"conflicts" doc:"how many of the invited cannot come: another meeting, or where they are five or more a busy mark of their own"`
	Meetings    int             `json:"meetings" doc:"how many of the invited have another meeting then"`
	Busy        *int            `json:"busy" nullable:"true" doc:"how many have marked themselves busy; null when fewer than five are invited"`
	Provisional bool            `json:"provisional" doc:"the year's holidays are not published yet"`
	Event       maybe[eventRef] `json:"event" doc:"the congress within which it lies; null otherwise"`
	Owed        []owedView      `json:"owed" nullable:"false" doc:"within a congress: what the branch still owes and could do then all together"`
}

type eventRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type owedView struct {
	Type      string `json:"type"`
	TypeLabel string `json:"type_label"`
	Missing   int    `json:"missing" doc:"how many more the period wants"`
	Period    string `json:"period" doc:"in Chinese, such as 2026年第四季度"`
}

func owedOf(o meeting.Owed) owedView {
	return owedView{Type: string(o.Type), TypeLabel: o.Type.Label(), Missing: o.Missing, Period: o.Period}
}

func slotOf(s meeting.Slot) slotView {
	v := slotView{
		StartsAt: timeView(s.StartsAt), EndsAt: timeView(s.EndsAt), Reason: string(s.Reason), Text: s.Text, Conflicts: s.Conflicts, Meetings: s.Meetings, Busy: s.Busy,
		Provisional: s.Provisional, Owed: mapped(s.Owed, owedOf),
	}
	if s.Event != nil {
		v.Event = some(eventRef{s.Event.ID, s.Event.Name})
	}
	return v
}

func (a *API) meetingSlots(ctx context.Context, actor *model.Actor, in *meetingSlotsInput) (items[slotView], error) {
	q := meeting.SlotQuery{OrgID: in.OrgID, Type: model.MeetingType(in.Type), From: model.Date(in.From), Days: in.Days, Minutes: in.Minutes}
	rows, err := a.rooms.Meeting.Slots(ctx, actor, q)
	if err != nil {
		return items[slotView]{}, err
	}
	return items[slotView]{Items: mapped(rows, slotOf)}, nil
}

type meetingTemplatesInput struct {
	OrgID string `query:"org_id" maxLength:"64" doc:"required"`
}

// meetingDraftView has the names of the body that calls a meeting, and nothing else.
type meetingDraftView struct {
	OrgID     string              `json:"org_id"`
	Type      string              `json:"type"`
	Topic     string              `json:"topic"`
	StartsAt  *timeView           `json:"starts_at,omitempty"`
	EndsAt    *timeView           `json:"ends_at,omitempty"`
	Mode      string              `json:"mode"`
	Place     string              `json:"place,omitempty"`
	Online    *meetingOnlineBody  `json:"online,omitempty"`
	Agenda    []meetingAgendaView `json:"agenda" nullable:"false"`
	Reminders []int               `json:"reminders" nullable:"false"`
	Note      string              `json:"note,omitempty"`
	EventID   string              `json:"event_id,omitempty"`
}

type meetingTemplateView struct {
	Type      string           `json:"type"`
	TypeLabel string           `json:"type_label"`
	Owed      maybe[owedView]  `json:"owed" doc:"null when none is missing in the period"`
	Slot      maybe[slotView]  `json:"slot" doc:"the proposed hour; null when there is none in a fortnight"`
	Call      meetingDraftView `json:"call" doc:"the body of POST /meetings, filled in"`
}

func (a *API) meetingTemplates(ctx context.Context, actor *model.Actor, in *meetingTemplatesInput) (items[meetingTemplateView], error) {
	rows, err := a.rooms.Meeting.Templates(ctx, actor, in.OrgID)
	if err != nil {
		return items[meetingTemplateView]{}, err
	}
	return items[meetingTemplateView]{Items: mapped(rows, templateOf)}, nil
}

func templateOf(t meeting.Template) meetingTemplateView {
	v := meetingTemplateView{Type: string(t.Type), TypeLabel: t.Type.Label(), Call: meetingDraftView{
		OrgID: t.OrgID, Type: string(t.Type), Topic: t.Topic, Mode: string(t.Mode), Place: t.Place, Note: t.Note, EventID: t.EventID,
		Agenda: mapped(t.Agenda, func(i model.AgendaItem) meetingAgendaView { return meetingAgendaView(i) }), Reminders: append([]int{}, t.Reminders...),
	}}
	if t.Online != nil {
		v.Call.Online = &meetingOnlineBody{Provider: string(t.Online.Provider), JoinURL: t.Online.JoinURL, Code: t.Online.Code}
	}
	if t.Owed != nil {
		v.Owed = some(owedOf(*t.Owed))
	}
	if t.Slot != nil {
		v.Slot = some(slotOf(*t.Slot))
		v.Call.StartsAt, v.Call.EndsAt = timeOrNil(&t.StartsAt), timeOrNil(&t.EndsAt)
	}
	return v
}

type invitationView struct {
	Text string `json:"text" doc:"plain words, to be pasted into a chat"`
}

func (a *API) meetingInvitation(ctx context.Context, actor *model.Actor, in *IDPath) (invitationView, error) {
	text, err := a.rooms.Meeting.Invitation(ctx, actor, in.ID)
	return invitationView{Text: text}, err
}

type leftOutView struct {
	Date   string `json:"date"`
	Reason string `json:"reason" doc:"in Chinese"`
}

type seriesView struct {
	ID      string        `json:"id"`
	Rule    string        `json:"rule"`
	Items   []meetingView `json:"items" nullable:"false" doc:"all its occurrences, in order"`
	LeftOut []leftOutView `json:"left_out" nullable:"false" doc:"days of the rule on which no meeting is planned"`
}

func (a *API) meetingSeries(ctx context.Context, actor *model.Actor, in *IDPath) (seriesView, error) {
	s, err := a.rooms.Meeting.SeriesOf(ctx, actor, in.ID)
	if err != nil {
		return seriesView{}, err
	}
	return seriesView{ID: s.ID, Rule: s.Rule, Items: mapped(s.Items, meetingOf), LeftOut: mapped(s.LeftOut, func(l model.SeriesLeftOut) leftOutView {
		return leftOutView{Date: string(l.Date), Reason: l.Reason}
	})}, nil
}

type meetingListInput struct {
	ID       string `path:"id" maxLength:"64"`
	MemberID string `path:"member_id" maxLength:"64"`
	Body     struct {
		Role   string `json:"role,omitempty" doc:"required: entitled, observer, or none to take the person off the list"`
		Reason string `json:"reason,omitempty" doc:"required, 1 to 200 characters"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *meetingListInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		return meeting.CheckListRole(model.ListRole(in.Body.Role), in.Body.Reason)
	})
}

func (a *API) changeMeetingList(ctx context.Context, actor *model.Actor, in *meetingListInput) (attendanceView, error) {
	return sheetFrom(a.rooms.Meeting.ChangeList(ctx, actor, in.ID, in.MemberID, model.ListRole(in.Body.Role), in.Body.Reason))
}

type busyMarkView struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	StartsAt timeView `json:"starts_at"`
	EndsAt   timeView `json:"ends_at"`
	Rule     *string  `json:"rule" nullable:"true" doc:"null when it does not come again"`
}

func busyMarkOf(b model.BusyMark) busyMarkView {
	return busyMarkView{ID: b.ID, Label: b.Label, StartsAt: timeView(b.StartsAt), EndsAt: timeView(b.EndsAt), Rule: textOrNil(b.Rule)}
}

func (a *API) myBusy(ctx context.Context, actor *model.Actor, _ *struct{}) (items[busyMarkView], error) {
	rows, err := a.rooms.Meeting.Busy(ctx, actor)
	if err != nil {
		return items[busyMarkView]{}, err
	}
	return items[busyMarkView]{Items: mapped(rows, busyMarkOf)}, nil
}

type busyMarkInput struct {
	Body struct {
		Label    string    `json:"label,omitempty" doc:"for yourself alone, such as 值班 or 门诊; up to 20 characters"`
		StartsAt time.Time `json:"starts_at,omitempty" doc:"required"`
		EndsAt   time.Time `json:"ends_at,omitempty" doc:"required"`
		Rule     string    `json:"rule,omitempty" doc:"for what comes again every week, such as FREQ=WEEKLY;BYDAY=TU,TH"`
	}
}

func (a *API) addBusy(ctx context.Context, actor *model.Actor, in *busyMarkInput) (busyMarkView, error) {
	b, err := a.rooms.Meeting.AddBusy(ctx, actor, model.BusyMark{Label: in.Body.Label, StartsAt: in.Body.StartsAt, EndsAt: in.Body.EndsAt, Rule: in.Body.Rule})
	if err != nil {
		return busyMarkView{}, err
	}
	return busyMarkOf(*b), nil
}

func (a *API) dropBusy(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Meeting.DropBusy(ctx, actor, in.ID)
}
