package api

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/service/push"
)

// pushCardInput is a draft that is still being written.
type pushCardInput struct {
	Body struct {
		OrgID  string            `json:"org_id" minLength:"1" maxLength:"36"`
		Kind   string            `json:"kind" enum:"meeting,study,announcement,suggestion"`
		Title  string            `json:"title,omitempty" maxLength:"200"`
		Body   string            `json:"body,omitempty" maxLength:"2000"`
		Fields map[string]string `json:"fields,omitempty"`
		SendAt *time.Time        `json:"send_at,omitempty"`
	}
}

type pushCardLineView struct {
	Field string `json:"field"`
	Label string `json:"label"`
	Given string `json:"given"`
	Shown string `json:"shown" doc:"empty where WeChat's field takes nothing of it: such a card cannot be sent"`
	Whole bool   `json:"whole" doc:"nothing was shortened or replaced"`
}

type pushCardView struct {
	Channel string             `json:"channel" enum:"subscribe,official"`
	Lines   []pushCardLineView `json:"lines" nullable:"false"`
}

// pushCards shows a draft as WeChat will, field by field.
func (a *API) pushCards(ctx context.Context, actor *model.Actor, in *pushCardInput) (items[pushCardView], error) {
	b := in.Body
	cards, err := a.rooms.Push.Cards(ctx, actor, push.Draft{OrgID: b.OrgID, Kind: model.PushKind(b.Kind), Title: b.Title, Body: b.Body, Fields: b.Fields, SendAt: b.SendAt})
	if err != nil {
		return items[pushCardView]{}, err
	}
	return items[pushCardView]{Items: mapped(cards, func(c push.Card) pushCardView {
		return pushCardView{string(c.Channel), mapped(c.Lines, func(l push.CardLine) pushCardLineView { return pushCardLineView(l) })}
	})}, nil
}
