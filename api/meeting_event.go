package api

import (
	"context"
	"strconv"
	"time"

	"zhibu/model"
	"zhibu/service/meeting"
)

type eventSessionView struct {
	Title       string   `json:"title"`
	StartsAt    timeView `json:"starts_at"`
	EndsAt      timeView `json:"ends_at"`
	Place       string   `json:"place"`
	ForBranches bool     `json:"for_branches" doc:"kept free for the branches' own meetings"`
}

type eventView struct {
	ID        string             `json:"id"`
	OrgID     string             `json:"org_id"`
	Name      string             `json:"name"`
	Place     string             `json:"place"`
	StartsOn  string             `json:"starts_on"`
	EndsOn    string             `json:"ends_on"`
	Sessions  []eventSessionView `json:"sessions" nullable:"false"`
	CreatedAt timeView           `json:"created_at"`
	UpdatedAt timeView           `json:"updated_at"`
	Version   int                `json:"version"`
}

func (v eventView) etag() string { return `"` + strconv.Itoa(v.Version) + `"` }

func eventOf(e model.Event) eventView {
	return eventView{
		ID: e.ID, OrgID: e.OrgID, Name: e.Name, Place: e.Place, StartsOn: string(e.StartsOn), EndsOn: string(e.EndsOn), CreatedAt: timeView(e.CreatedAt),
		UpdatedAt: timeView(e.UpdatedAt), Version: e.Version, Sessions: mapped(e.Sessions, func(s model.EventSession) eventSessionView {
			return eventSessionView{Title: s.Title, StartsAt: timeView(s.StartsAt), EndsAt: timeView(s.EndsAt), Place: s.Place, ForBranches: s.ForBranches}
		}),
	}
}

func eventFrom(e *model.Event, err error) (eventView, error) {
	if err != nil {
		return eventView{}, err
	}
	return eventOf(*e), nil
}

type eventSessionBody struct {
	Title       string    `json:"title,omitempty" doc:"required, 1 to 100 characters"`
	StartsAt    time.Time `json:"starts_at,omitempty" doc:"required, within the congress's days"`
	EndsAt      time.Time `json:"ends_at,omitempty" doc:"required"`
	Place       string    `json:"place,omitempty"`
	ForBranches bool      `json:"for_branches,omitempty" doc:"kept free for the branches' own meetings"`
}

// EventBody is what a congress is made of.
type EventBody struct {
	Name     *string             `json:"name,omitempty" doc:"required at first, 1 to 100 characters"`
	Place    *string             `json:"place,omitempty"`
	StartsOn *string             `json:"starts_on,omitempty" day:"yes" doc:"required at first, a day"`
	EndsOn   *string             `json:"ends_on,omitempty" day:"yes" doc:"required at first, a day, at most a month later"`
	Sessions *[]eventSessionBody `json:"sessions,omitempty" doc:"the programme, at most 100"`
}

func (b EventBody) draft() meeting.EventDraft {
	d := meeting.EventDraft{Name: b.Name, Place: b.Place, StartsOn: as[model.Date](b.StartsOn), EndsOn: as[model.Date](b.EndsOn)}
	if b.Sessions != nil {
		rows := mapped(*b.Sessions, func(s eventSessionBody) model.EventSession { return model.EventSession(s) })
		d.Sessions = &rows
	}
	return d
}

type eventCreateInput struct {
	Body struct {
		EventBody
		OrgID string `json:"org_id" doc:"the organisation whose people meet"`
	}
}

func (a *API) createEvent(ctx context.Context, actor *model.Actor, in *eventCreateInput) (eventView, error) {
	d := in.Body.draft()
	d.OrgID = in.Body.OrgID
	return eventFrom(a.rooms.Meeting.AddEvent(ctx, actor, d))
}

type eventChangeInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    EventBody
}

func (a *API) changeEvent(ctx context.Context, actor *model.Actor, in *eventChangeInput) (eventView, error) {
	d := in.Body.draft()
	var err error
	if d.Version, err = meetingVersion(in.IfMatch); err != nil {
		return eventView{}, err
	}
	return eventFrom(a.rooms.Meeting.ChangeEvent(ctx, actor, in.ID, d))
}

func (a *API) getEvent(ctx context.Context, actor *model.Actor, in *IDPath) (eventView, error) {
	return eventFrom(a.rooms.Meeting.Event(ctx, actor, in.ID))
}

func (a *API) dropEvent(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Meeting.DropEvent(ctx, actor, in.ID)
}

type eventsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	OrgID  string `query:"org_id" maxLength:"64" doc:"those that concern it: its own and those of the organisations above"`
	From   string `query:"from" maxLength:"10" day:"yes" doc:"a day: what is not over before it"`
	To     string `query:"to" maxLength:"10" day:"yes" doc:"a day: what has begun by it"`
}

func (a *API) listEvents(ctx context.Context, actor *model.Actor, in *eventsInput) (list[eventView], error) {
	q := meeting.EventQuery{OrgID: in.OrgID, From: model.Date(in.From), To: model.Date(in.To), Page: model.Page{Limit: in.Limit, Cursor: in.Cursor}}
	rows, next, err := a.rooms.Meeting.Events(ctx, actor, q)
	if err != nil {
		return list[eventView]{}, err
	}
	return listOf(rows, next, eventOf), nil
}
