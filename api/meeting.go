package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/meeting"
)

type meetingOnlineBody struct {
	Provider string `json:"provider,omitempty" doc:"manual or tencent; manual when empty"`
	JoinURL  string `json:"join_url,omitempty" doc:"https or http"`
	Code     string `json:"code,omitempty" doc:"the meeting's number, such as 860 215 477"`
}

func (o *meetingOnlineBody) online() *meeting.Online {
	if o == nil {
		return nil
	}
	return &meeting.Online{Provider: model.MeetingProvider(o.Provider), JoinURL: o.JoinURL, Code: o.Code}
}

type meetingAgendaBody struct {
	Title   string `json:"title,omitempty" doc:"1 to 100 characters"`
	Minutes int    `json:"minutes,omitempty" doc:"0 when open"`
}

func agendaOf(items []meetingAgendaBody) []model.AgendaItem {
	return mapped(items, func(i meetingAgendaBody) model.AgendaItem { return model.AgendaItem(i) })
}

type meetingInviteesBody struct {
	Roles       oneOrMany[model.Role]        `json:"roles,omitempty" doc:"member, group_leader, committee_member, secretary, staff, admin"`
	PartyStatus oneOrMany[model.PartyStatus] `json:"party_status,omitempty" doc:"full, probationary, applicant, non_party"`
	MemberIDs   []string                     `json:"member_ids,omitempty" maxItems:"2000"`
	OrgIDs      []string                     `json:"org_ids,omitempty" maxItems:"200"`
}

// meetingCallInput has no limits in its schema: the room names all faults of a meeting at once, those of one field and those between fields.
type meetingCallInput struct {
	Body struct {
		OrgID          string               `json:"org_id" doc:"the organisation that meets"`
		Type           string               `json:"type,omitempty" doc:"required: branch_assembly, committee, group, lecture, party_day, life, review, training or other"`
		Topic          string               `json:"topic,omitempty" doc:"required, 1 to 100 characters"`
		StartsAt       time.Time            `json:"starts_at,omitempty" doc:"required, in the future and outside working hours"`
		EndsAt         time.Time            `json:"ends_at,omitempty" doc:"required, at most 12 hours after the start"`
		Mode           string               `json:"mode,omitempty" doc:"required: online, onsite or hybrid"`
		Place          string               `json:"place,omitempty" doc:"required for onsite and hybrid"`
		Online         *meetingOnlineBody   `json:"online,omitempty" doc:"a link or a number is required for online and hybrid; left out of account for onsite"`
		Agenda         []meetingAgendaBody  `json:"agenda,omitempty" doc:"at most 30"`
		Invitees       *meetingInviteesBody `json:"invitees,omitempty" doc:"narrows those whom the type concerns; all conditions hold together"`
		Reminders      []int                `json:"reminders,omitempty" doc:"minutes before the start, 5 to 20160, at most 5; a day and half an hour when left out"`
		OverrideReason string               `json:"override_reason,omitempty" doc:"why it must be in working hours"`
		CheckinCode    bool                 `json:"checkin_code,omitempty" doc:"checking in asks for the rotating code on the host's screen"`
		Note           string               `json:"note,omitempty" doc:"what the notice adds, up to 200 characters"`
		EventID        string               `json:"event_id,omitempty" doc:"the congress within which it is held; its reason to meet in working hours"`
		Also           []meetingJointBody   `json:"also,omitempty" doc:"the meetings held together with it: one answer and one attendance for all, minutes of its own for each"`
		Repeat         string               `json:"repeat,omitempty" doc:"comes again by this rule of RFC 5545, such as FREQ=MONTHLY;BYDAY=2TU;COUNT=6; each time is a meeting of its own, called a week before; {period} in the topic is filled in"`
	}
}

type meetingJointBody struct {
	Type   string              `json:"type,omitempty" doc:"required: another type than the others"`
	Topic  string              `json:"topic,omitempty" doc:"the profile's when left out"`
	Agenda []meetingAgendaBody `json:"agenda,omitempty" doc:"the profile's when left out"`
}

func (in *meetingCallInput) draft() meeting.Draft {
	b := in.Body
	d := meeting.Draft{
		OrgID: b.OrgID, Type: model.MeetingType(b.Type), Topic: b.Topic, StartsAt: b.StartsAt, EndsAt: b.EndsAt, Mode: model.MeetingMode(b.Mode),
		Place: b.Place, Online: b.Online.online(), Agenda: agendaOf(b.Agenda), Reminders: b.Reminders, OverrideReason: b.OverrideReason,
		CheckinCode: b.CheckinCode, Note: b.Note, EventID: b.EventID, Repeat: b.Repeat,
		Also: mapped(b.Also, func(j meetingJointBody) meeting.Joint {
			return meeting.Joint{Type: model.MeetingType(j.Type), Topic: j.Topic, Agenda: agendaOf(j.Agenda)}
		}),
	}
	if b.Invitees != nil {
		d.Invitees = &meeting.Invitees{Roles: b.Invitees.Roles, PartyStatus: b.Invitees.PartyStatus, MemberIDs: b.Invitees.MemberIDs, OrgIDs: b.Invitees.OrgIDs}
	}
	return d
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *meetingCallInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Meeting.CheckCall(ctx, actor, in.draft())
	})
}

func (a *API) callMeeting(ctx context.Context, actor *model.Actor, in *meetingCallInput) (meetingView, error) {
	return meetingFrom(a.rooms.Meeting.Call(ctx, actor, in.draft()))
}

type meetingChangeInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Topic          *string              `json:"topic,omitempty"`
		StartsAt       *time.Time           `json:"starts_at,omitempty"`
		EndsAt         *time.Time           `json:"ends_at,omitempty"`
		Mode           *string              `json:"mode,omitempty"`
		Place          *string              `json:"place,omitempty"`
		Online         *meetingOnlineBody   `json:"online,omitempty"`
		Agenda         *[]meetingAgendaBody `json:"agenda,omitempty"`
		Reminders      *[]int               `json:"reminders,omitempty"`
		OverrideReason *string              `json:"override_reason,omitempty" doc:"needed again when the new time is in working hours"`
		CheckinCode    *bool                `json:"checkin_code,omitempty"`
		Note           *string              `json:"note,omitempty"`
		Reason         string               `json:"reason,omitempty" doc:"why, for the invited"`
		Scope          string               `json:"scope,omitempty" enum:"this,following" doc:"of a series: this time alone, which is usual, or it and all after it"`
	}
}

func (in *meetingChangeInput) patch() meeting.Patch {
	b := in.Body
	p := meeting.Patch{
		Topic: b.Topic, StartsAt: b.StartsAt, EndsAt: b.EndsAt, Mode: as[model.MeetingMode](b.Mode), Place: b.Place, Online: b.Online.online(),
		Reminders: b.Reminders, OverrideReason: b.OverrideReason, CheckinCode: b.CheckinCode, Note: b.Note, Reason: b.Reason,
		Following: b.Scope == scopeFollowing,
	}
	if b.Agenda != nil {
		agenda := agendaOf(*b.Agenda)
		p.Agenda = &agenda
	}
	return p
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *meetingChangeInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Meeting.CheckChange(ctx, actor, in.ID, in.patch())
	})
}

func (a *API) changeMeeting(ctx context.Context, actor *model.Actor, in *meetingChangeInput) (meetingView, error) {
	p := in.patch()
	var err error
	if p.Version, err = meetingVersion(in.IfMatch); err != nil {
		return meetingView{}, err
	}
	return meetingFrom(a.rooms.Meeting.Change(ctx, actor, in.ID, p))
}

// meetingVersion reads the version out of If-Match; 0 when any will do. A tag that no meeting ever had is stale.
func meetingVersion(ifMatch string) (int, error) {
	tag := strings.Trim(strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/"), `"`)
	if tag == "" || tag == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(tag)
	if err != nil || n <= 0 {
		return 0, model.Fail(model.CodeEditConflict, "该会议刚被他人修改，请刷新后再试。")
	}
	return n, nil
}

type meetingCancelInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason,omitempty" doc:"required, 1 to 200 characters; the invited read it"`
		Scope  string `json:"scope,omitempty" enum:"this,following" doc:"of a series: this time alone, which is usual, or it and all after it"`
	}
}

// scopeFollowing means an occurrence and all after it.
const scopeFollowing = "following"

// Resolve leaves how to ask for the room's part of the faults.
func (in *meetingCancelInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return meeting.CheckCancel(in.Body.Reason) })
}

func (a *API) cancelMeeting(ctx context.Context, actor *model.Actor, in *meetingCancelInput) (meetingView, error) {
	return meetingFrom(a.rooms.Meeting.Cancel(ctx, actor, in.ID, in.Body.Reason, in.Body.Scope == scopeFollowing))
}

type meetingAnswerInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Status string `json:"status,omitempty" doc:"required: accept or leave"`
		Reason string `json:"reason,omitempty" doc:"required for leave"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *meetingAnswerInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		return meeting.CheckAnswer(model.RSVP(in.Body.Status), in.Body.Reason)
	})
}

func (a *API) answerMeeting(ctx context.Context, actor *model.Actor, in *meetingAnswerInput) (meetingView, error) {
	return meetingFrom(a.rooms.Meeting.Answer(ctx, actor, in.ID, model.RSVP(in.Body.Status), in.Body.Reason))
}

type meetingCheckinInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body *struct {
		Code string `json:"code,omitempty" doc:"the six digits on the host's screen, where the meeting asks for them"`
	}
}

func (a *API) checkinMeeting(ctx context.Context, actor *model.Actor, in *meetingCheckinInput) (meetingView, error) {
	code := ""
	if in.Body != nil {
		code = strings.TrimSpace(in.Body.Code)
	}
	return meetingFrom(a.rooms.Meeting.Checkin(ctx, actor, in.ID, code))
}

type checkinCodeView struct {
	Code      string   `json:"code"`
	ExpiresAt timeView `json:"expires_at" doc:"ask again then; the code before is accepted for half a minute more"`
}

func (a *API) meetingCode(ctx context.Context, actor *model.Actor, in *IDPath) (checkinCodeView, error) {
	c, err := a.rooms.Meeting.Code(ctx, actor, in.ID)
	if err != nil {
		return checkinCodeView{}, err
	}
	return checkinCodeView{Code: c.Code, ExpiresAt: timeView(c.ExpiresAt)}, nil
}

// meetingsInput spells the page out: huma does not look into an embedded struct whose name is not exported.
type meetingsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	From   string `query:"from" maxLength:"40" day:"yes" doc:"a day or an instant: what ends after it"`
	To     string `query:"to" maxLength:"40" day:"yes" doc:"a day, which counts whole, or an instant: what begins before it"`
	OrgID  string `query:"org_id" maxLength:"64" doc:"this organisation and all below it"`
	Mine   bool   `query:"mine" doc:"only those I am invited to"`
}

func (a *API) listMeetings(ctx context.Context, actor *model.Actor, in *meetingsInput) (list[meetingView], error) {
	rows, next, err := a.rooms.Meeting.List(ctx, actor, meeting.Query{OrgID: in.OrgID, From: in.From, To: in.To, Mine: in.Mine, Page: model.Page{Limit: in.Limit, Cursor: in.Cursor}})
	if err != nil {
		return list[meetingView]{}, err
	}
	return listOf(rows, next, meetingOf), nil
}

// getMeeting registers the meeting itself. Its identifier may end in ".ics", since gin cannot tell the two patterns apart: then it is the calendar file.
func (a *API) getMeeting() {
	op := a.operation(http.MethodGet, bound, "/meetings/{id}", "会议详情；编号后加 .ics 为日历文件")
	op.Description = "With .ics after the identifier the answer is a calendar file (text/calendar); a phone's calendar may show ?token= of POST /me/calendar-token instead of signing in."
	op.Middlewares = append(huma.Middlewares{a.meetingFile}, op.Middlewares...)
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*answer[meetingView], error) {
		v, err := meetingFrom(a.rooms.Meeting.Get(ctx, actorOf(ctx), in.ID))
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &answer[meetingView]{Status: http.StatusOK, ETag: v.etag(), Body: v}, nil
	})
	a.huma.OpenAPI().Paths[op.Path].Get.Responses["200"].Content["text/calendar"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
}

// meetingFile answers for /meetings/{id}.ics, before the gate, because a phone's calendar has no session.
func (a *API) meetingFile(hc huma.Context, next func(huma.Context)) {
	id, ok := strings.CutSuffix(hc.Param("id"), ".ics")
	if !ok {
		next(hc)
		return
	}
	ctx := hc.Context()
	var file []byte
	var err error
	if token := hc.Query("token"); token != "" {
		file, err = a.rooms.Meeting.FileByToken(ctx, token, id)
	} else if err = admit(ctx, bound); err == nil {
		file, err = a.rooms.Meeting.File(ctx, actorOf(ctx), id)
	}
	if err != nil {
		p := problemOf(ctx, err)
		logFault(ctx, a.log, p)
		_ = huma.WriteErr(a.huma, hc, p.Status, p.Detail, p) // a client that has gone away is not our fault to report
		return
	}
	writeCalendar(hc, file, "meeting.ics")
}

func writeCalendar(hc huma.Context, file []byte, name string) {
	hc.SetHeader("Content-Type", "text/calendar; charset=utf-8")
	hc.SetHeader("Content-Disposition", `inline; filename="`+name+`"`)
	hc.SetHeader("Cache-Control", "private, no-cache")
	hc.SetStatus(http.StatusOK)
	_, _ = hc.BodyWriter().Write(file)
}

type calendarFeedInput struct {
	Token string `query:"token" maxLength:"128" doc:"from POST /me/calendar-token"`
}

// calendarFeed registers the subscription of a phone's calendar; the token in the address is all it has to show.
func (a *API) calendarFeed() {
	op := a.operation(http.MethodGet, anyone, "/calendar.ics", "日历订阅")
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/calendar": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	op.Errors = append(op.Errors, http.StatusUnauthorized)
	huma.Register(a.huma, op, func(ctx context.Context, in *calendarFeedInput) (*huma.StreamResponse, error) {
		file, err := a.rooms.Meeting.Feed(ctx, in.Token)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) { writeCalendar(hc, file, "calendar.ics") }}, nil
	})
}

type calendarTokenView struct {
	Token string `json:"token"`
	URL   string `json:"url" doc:"to subscribe to in the phone's calendar; whoever has it reads the owner's meetings"`
}

func (a *API) createCalendarToken(ctx context.Context, actor *model.Actor, in *HostInput) (calendarTokenView, error) {
	token, err := a.rooms.Meeting.NewCalendarToken(ctx, actor)
	if err != nil {
		return calendarTokenView{}, err
	}
	return calendarTokenView{Token: token, URL: a.publicURL(in.host, in.tls) + basePath + "/calendar.ics?token=" + token}, nil
}

func (a *API) dropCalendarToken(ctx context.Context, actor *model.Actor, _ *struct{}) (empty, error) {
	return empty{}, a.rooms.Meeting.DropCalendarToken(ctx, actor)
}
