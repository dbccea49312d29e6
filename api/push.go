package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/push"
)

// pushInput is the body of POST /pushes and of its plan.
type pushInput struct {
	Body struct {
		OrgID    string            `json:"org_id" minLength:"1" maxLength:"36" doc:"on whose behalf"`
		Kind     string            `json:"kind" enum:"meeting,study,announcement,suggestion"`
		Title    string            `json:"title" minLength:"1" maxLength:"100"`
		Body     string            `json:"body,omitempty" maxLength:"2000" doc:"what the inbox shows; made of the fields when left out"`
		Fields   map[string]string `json:"fields,omitempty" doc:"meeting: topic, time, place, note; study: title, due, note; announcement: title, from, time, note; suggestion: title, state, time, note"`
		Page     string            `json:"page,omitempty" maxLength:"300" doc:"such as pages/meeting/detail?id=…"`
		Audience struct {
			OrgID            string                       `json:"org_id,omitempty" maxLength:"36" doc:"the organisation and all below it; org_id when left out"`
			Roles            oneOrMany[model.Role]        `json:"roles,omitempty" doc:"member, group_leader, committee_member, secretary, staff, admin"`
			PartyStatus      oneOrMany[model.PartyStatus] `json:"party_status,omitempty" doc:"full, probationary, applicant, non_party"`
			NotReadArticleID string                       `json:"not_read_article_id,omitempty" maxLength:"36" doc:"neither read nor claimed as 单位已学"`
			MeetingID        string                       `json:"meeting_id,omitempty" maxLength:"36" doc:"invited to it"`
			RSVP             oneOrMany[model.RSVP]        `json:"rsvp,omitempty" doc:"none, accept, leave"`
		} `json:"audience"`
		SendAt       *time.Time `json:"send_at,omitempty"`
		UrgentReason string     `json:"urgent_reason,omitempty" maxLength:"100" doc:"goes out at once, at any hour, and is not counted against the week's budget"`
	}
}

func (in *pushInput) draft() push.Draft {
	b := in.Body
	return push.Draft{
		OrgID: b.OrgID, Kind: model.PushKind(b.Kind), Title: b.Title, Body: b.Body, Fields: b.Fields, Page: b.Page, SendAt: b.SendAt, UrgentReason: b.UrgentReason,
		Audience: model.Audience{
			OrgID: b.Audience.OrgID, Roles: b.Audience.Roles, PartyStatus: b.Audience.PartyStatus, NotReadArticleID: b.Audience.NotReadArticleID,
			MeetingID: b.Audience.MeetingID, RSVP: b.Audience.RSVP,
		},
	}
}

// Resolve leaves how to ask for the room's part of the faults, without planning what cannot be sent anyhow.
func (in *pushInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Push.Check(ctx, actor, in.draft())
	})
}

type pushCreatedView struct {
	ID         string `json:"id"`
	State      string `json:"state" enum:"scheduled,sending,done,cancelled"`
	Recipients int    `json:"recipients"`
}

func (a *API) createPush(ctx context.Context, actor *model.Actor, in *pushInput) (pushCreatedView, error) {
	p, err := a.rooms.Push.Create(ctx, actor, in.draft())
	if err != nil {
		return pushCreatedView{}, err
	}
	return pushCreatedView{ID: p.ID, State: string(p.State), Recipients: p.Recipients}, nil
}

type recipientRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type deferralView struct {
	Until  timeView `json:"until"`
	Count  int      `json:"count"`
	Reason string   `json:"reason"`
}

type silenceView struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

type pushPlanView struct {
	Recipients       int            `json:"recipients" doc:"by_wechat and inbox_only together"`
	ByWechat         int            `json:"by_wechat"`
	InboxOnly        int            `json:"inbox_only" doc:"the unreachable included"`
	Unreachable      []recipientRef `json:"unreachable" nullable:"false" doc:"who sees neither WeChat nor the inbox, to be phoned; the first 200"`
	UnreachableCount int            `json:"unreachable_count"`
	Deferred         []deferralView `json:"deferred" nullable:"false"`
	OverBudget       int            `json:"over_budget" doc:"who gets it in an evening digest"`
	Silent           []silenceView  `json:"inbox_only_reasons" nullable:"false" doc:"why no bell rings for those of the inbox alone, in words"`
}

func (a *API) planPush(ctx context.Context, actor *model.Actor, in *pushInput) (pushPlanView, error) {
	p, err := a.rooms.Push.Plan(ctx, actor, in.draft())
	if err != nil {
		return pushPlanView{}, err
	}
	return pushPlanView{
		Recipients: p.Recipients, ByWechat: p.ByWechat, InboxOnly: p.InboxOnly, UnreachableCount: p.UnreachableCount, OverBudget: p.OverBudget,
		Unreachable: mapped(p.Unreachable, func(m model.Member) recipientRef { return recipientRef{m.ID, m.Name} }),
		Silent:      mapped(p.Silent, func(w push.Silence) silenceView { return silenceView(w) }),
		Deferred:    mapped(p.Deferred, func(d push.Deferral) deferralView { return deferralView{timeView(d.Until), d.Count, d.Reason} }),
	}, nil
}

type pushCountsView struct {
	Recipients int `json:"recipients" doc:"the sum of the others"`
	Queued     int `json:"queued"`
	Deferred   int `json:"deferred"`
	Sent       int `json:"sent"`
	Failed     int `json:"failed"`
	InDoubt    int `json:"in_doubt"`
	InboxOnly  int `json:"inbox_only"`
	Cancelled  int `json:"cancelled" doc:"stopped before the bell rang; what is in an inbox stays there"`
}

type pushView struct {
	ID         string         `json:"id"`
	OrgID      string         `json:"org_id"`
	Kind       string         `json:"kind"`
	Title      string         `json:"title"`
	Body       string         `json:"body"`
	Page       string         `json:"page"`
	State      string         `json:"state" enum:"scheduled,sending,done,cancelled"`
	Urgent     *string        `json:"urgent_reason" nullable:"true"`
	StopReason *string        `json:"stop_reason" nullable:"true" doc:"why it was cancelled or cut short"`
	SendAt     timeView       `json:"send_at"`
	ExpiresAt  *timeView      `json:"expires_at" nullable:"true"`
	CreatedAt  timeView       `json:"created_at"`
	Counts     pushCountsView `json:"counts"`
	Summary    string         `json:"summary" doc:"how it stands, in one sentence"`
}

func pushOf(l push.Line) pushView {
	c := l.Tally
	return pushView{
		ID: l.ID, OrgID: l.OrgID, Kind: string(l.Kind), Title: l.Title, Body: l.Body, Page: l.Page, State: string(l.State), Urgent: textOrNil(l.Reason),
		StopReason: textOrNil(l.StopReason), SendAt: timeView(l.SendAt), ExpiresAt: timeOrNil(l.ExpiresAt), CreatedAt: timeView(l.CreatedAt),
		Counts:  pushCountsView{c.Recipients, c.Queued, c.Deferred, c.Sent, c.Failed, c.InDoubt, c.InboxOnly, c.Cancelled},
		Summary: l.Summary(),
	}
}

func pushFrom(l *push.Line, err error) (pushView, error) {
	if err != nil {
		return pushView{}, err
	}
	return pushOf(*l), nil
}

func (a *API) listPushes(ctx context.Context, actor *model.Actor, in *PageQuery) (list[pushView], error) {
	rows, next, err := a.rooms.Push.List(ctx, actor, in.page())
	if err != nil {
		return list[pushView]{}, err
	}
	return listOf(rows, next, pushOf), nil
}

func (a *API) getPush(ctx context.Context, actor *model.Actor, in *IDPath) (pushView, error) {
	return pushFrom(a.rooms.Push.Get(ctx, actor, in.ID))
}

func (a *API) cancelPush(ctx context.Context, actor *model.Actor, in *IDPath) (pushView, error) {
	return pushFrom(a.rooms.Push.Cancel(ctx, actor, in.ID))
}

func (a *API) retryPush(ctx context.Context, actor *model.Actor, in *IDPath) (pushView, error) {
	return pushFrom(a.rooms.Push.Retry(ctx, actor, in.ID))
}

type deliveriesInput struct {
	ID     string `path:"id" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	State  string `query:"state" enum:"queued,deferred,sending,sent,failed,in_doubt,inbox_only,cancelled"`
}

type deliveryView struct {
	Member         recipientRef `json:"member" doc:"empty id where naming members would tell who has not read something"`
	Channel        string       `json:"channel" enum:"subscribe,official,inbox"`
	State          string       `json:"state" enum:"queued,deferred,sending,sent,failed,in_doubt,inbox_only,cancelled"`
	Attempts       int          `json:"attempts"`
	ErrCode        int          `json:"errcode" doc:"WeChat's; 0 when there is none"`
	ErrMsg         string       `json:"errmsg"`
	Reason         string       `json:"reason" doc:"what happened, in words a secretary understands"`
	Advice         string       `json:"advice" doc:"the next step; empty where there is nothing to do"`
	DeferredReason string       `json:"deferred_reason"`
	NotBefore      timeView     `json:"not_before"`
	SentAt         *timeView    `json:"sent_at" nullable:"true"`
}

func (a *API) listDeliveries(ctx context.Context, actor *model.Actor, in *deliveriesInput) (list[deliveryView], error) {
	rows, next, err := a.rooms.Push.Deliveries(ctx, actor, in.ID, model.DeliveryState(in.State), model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[deliveryView]{}, err
	}
	return listOf(rows, next, func(r push.DeliveryRow) deliveryView {
		return deliveryView{
			Member: recipientRef{r.MemberID, r.MemberName}, Channel: string(r.Channel), State: string(r.State), Attempts: r.Attempts, ErrCode: r.ErrCode, ErrMsg: r.ErrMsg,
			Reason: r.Reason, Advice: r.Advice, DeferredReason: r.Deferred, NotBefore: timeView(r.NotBefore), SentAt: timeOrNil(r.SentAt),
		}
	}), nil
}

type pushRef struct {
	ID    string `json:"id"`
	Kind  string `json:"kind" enum:"meeting,study,announcement,suggestion,digest"`
	Title string `json:"title"`
}

type memberDeliveryView struct {
	Push           pushRef   `json:"push"`
	Channel        string    `json:"channel" enum:"subscribe,official,inbox"`
	State          string    `json:"state" enum:"queued,deferred,sending,sent,failed,in_doubt,inbox_only,cancelled"`
	Reason         string    `json:"reason" doc:"what happened, in words a secretary understands"`
	Advice         string    `json:"advice" doc:"the next step; empty where there is nothing to do"`
	DeferredReason string    `json:"deferred_reason"`
	NotBefore      timeView  `json:"not_before"`
	SentAt         *timeView `json:"sent_at" nullable:"true"`
	Read           *bool     `json:"read,omitempty" doc:"whether a meeting's notice was opened in the inbox; of everything else nobody is told"`
}

type memberDeliveriesInput struct {
	IDPath
	PageQuery
}

func (a *API) memberDeliveries(ctx context.Context, actor *model.Actor, in *memberDeliveriesInput) (list[memberDeliveryView], error) {
	rows, next, err := a.rooms.Push.MemberHistory(ctx, actor, in.ID, in.page())
	if err != nil {
		return list[memberDeliveryView]{}, err
	}
	return listOf(rows, next, func(r push.MemberLine) memberDeliveryView {
		return memberDeliveryView{
			Push: pushRef{r.PushID, string(r.PushKind), r.PushTitle}, Channel: string(r.Channel), State: string(r.State), Reason: r.Reason, Advice: r.Advice,
			DeferredReason: r.Deferred, NotBefore: timeView(r.NotBefore), SentAt: timeOrNil(r.SentAt), Read: r.Read,
		}
	}), nil
}

// phoneList adds the route that answers with a spreadsheet, written as it goes out.
func (a *API) phoneList(w who, path, summary string) {
	const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	op := a.operation(http.MethodGet, w, path, summary)
	op.Errors = append(op.Errors, http.StatusConflict)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		sheet: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
		list, err := a.rooms.Push.PhoneList(ctx, actorOf(ctx), in.ID)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", sheet)
			hc.SetHeader("Content-Disposition", `attachment; filename="phone-list.xlsx"; filename*=UTF-8''`+url.PathEscape(list.FileName))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := list.Write(ctx, hc.BodyWriter()); err != nil {
				// What has gone out lacks its end, so that the file is seen to be broken.
				a.log.WarnContext(ctx, "phone list not written to its end", "push", in.ID, "cause", err)
			}
		}}, nil
	})
}
