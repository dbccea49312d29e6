package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/action"
)

type actionView struct {
	ID        string    `json:"id"`
	Org       idName    `json:"org"`
	MeetingID string    `json:"meeting_id"`
	Text      string    `json:"text" doc:"the resolution"`
	Owner     personRef `json:"owner"`
	DueOn     string    `json:"due_on"`
	State     string    `json:"state" enum:"open,closed"`
	Overdue   bool      `json:"overdue"`
	Told      string    `json:"told" enum:"nobody,owner,secretary,office" doc:"who has been reminded of its day so far"`
	Closing   *string   `json:"closing" nullable:"true" doc:"what was done"`
	ClosedAt  *timeView `json:"closed_at" nullable:"true"`
	CanClose  bool      `json:"can_close"`
	CreatedAt timeView  `json:"created_at"`
}

// idName names a thing without telling more.
type idName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func actionOf(x action.View) actionView {
	told := "nobody"
	switch x.Step {
	case model.ActionOwnerTold:
		told = "owner"
	case model.ActionSecretaryTold:
		told = "secretary"
	case model.ActionOfficeTold:
		told = "office"
	case model.ActionUntold:
	}
	return actionView{
		ID: x.ID, Org: idName{x.OrgID, x.OrgName}, MeetingID: x.MeetingID, Text: x.Content, Owner: personRef{x.OwnerID, x.OwnerName}, DueOn: string(x.DueOn), State: string(x.State),
		Overdue: x.Overdue, Told: told, Closing: textOrNil(x.Closing), ClosedAt: timeOrNil(x.ClosedAt), CanClose: x.CanClose, CreatedAt: timeView(x.CreatedAt),
	}
}

func actionFrom(v *action.View, err error) (actionView, error) {
	if err != nil {
		return actionView{}, err
	}
	return actionOf(*v), nil
}

type actionsInput struct {
	PageQuery
	OrgID string `query:"org_id" maxLength:"64" doc:"this organisation and all below it"`
	State string `query:"state" maxLength:"20" doc:"open or closed"`
	Mine  bool   `query:"mine" doc:"only those I am to do"`
}

func (a *API) listActions(ctx context.Context, actor *model.Actor, in *actionsInput) (list[actionView], error) {
	rows, next, err := a.rooms.Action.List(ctx, actor, action.Query{OrgID: in.OrgID, State: model.ActionState(in.State), Mine: in.Mine, Page: in.page()})
	if err != nil {
		return list[actionView]{}, err
	}
	return listOf(rows, next, actionOf), nil
}

func (a *API) getAction(ctx context.Context, actor *model.Actor, in *IDPath) (actionView, error) {
	return actionFrom(a.rooms.Action.Get(ctx, actor, in.ID))
}

type actionCloseInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text string `json:"text,omitempty" doc:"required: what was done, 1 to 500 characters"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *actionCloseInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return action.CheckClosing(in.Body.Text) })
}

func (a *API) closeAction(ctx context.Context, actor *model.Actor, in *actionCloseInput) (actionView, error) {
	return actionFrom(a.rooms.Action.Close(ctx, actor, in.ID, in.Body.Text))
}
