package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/push"
)

type noticesInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	Unread bool   `query:"unread" doc:"what is unread alone"`
}

type noticeView struct {
	ID        string            `json:"id"`
	Kind      string            `json:"kind" enum:"meeting,study,announcement,suggestion,digest"`
	Title     string            `json:"title"`
	Body      string            `json:"body"`
	Fields    map[string]string `json:"fields"`
	Page      string            `json:"page"`
	Subject   string            `json:"subject" doc:"such as meeting:id"`
	ReadAt    *timeView         `json:"read_at" nullable:"true"`
	CreatedAt timeView          `json:"created_at"`
}

func (a *API) listNotices(ctx context.Context, actor *model.Actor, in *noticesInput) (list[noticeView], error) {
	rows, next, err := a.rooms.Push.Notices(ctx, actor, in.Unread, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[noticeView]{}, err
	}
	return listOf(rows, next, func(r push.NoticeRow) noticeView {
		v := noticeView{
			ID: push.NoticeID(r.PushID, r.MemberID), Kind: string(r.Push.Kind), Title: r.Push.Title, Body: r.Push.Body, Fields: r.Push.Fields, Page: r.Push.Page, Subject: r.Push.Subject,
			ReadAt: timeOrNil(r.ReadAt), CreatedAt: timeView(r.CreatedAt),
		}
		if v.Fields == nil {
			v.Fields = map[string]string{}
		}
		return v
	}), nil
}

func (a *API) readNotice(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Push.ReadNotice(ctx, actor, in.ID)
}

func (a *API) readAllNotices(ctx context.Context, actor *model.Actor, _ *struct{}) (empty, error) {
	return empty{}, a.rooms.Push.ReadAllNotices(ctx, actor)
}
