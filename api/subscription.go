package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/push"
)

type quotaView struct {
	TemplateID string `json:"template_id"`
	Kind       string `json:"kind" enum:"one_time,long_term"`
	Remaining  int    `json:"remaining" doc:"messages that may still be sent; of a long-term template 1 stands for any number"`
	Needed     int    `json:"needed" doc:"messages that the next 30 days are likely to bring; of a long-term template 1 stands for any number"`
}

type quotasView struct {
	Quotas []quotaView `json:"quotas" nullable:"false"`
}

func quotasFrom(books []push.Book, err error) (quotasView, error) {
	if err != nil {
		return quotasView{}, err
	}
	return quotasView{mapped(books, func(b push.Book) quotaView { return quotaView{b.TemplateID, string(b.Kind), b.Remaining, b.Needed} })}, nil
}

func (a *API) subscriptions(ctx context.Context, actor *model.Actor, _ *struct{}) (quotasView, error) {
	return quotasFrom(a.rooms.Push.Books(ctx, actor))
}

type subscribeInput struct {
	Body struct {
		Results map[string]string `json:"results" doc:"template id to accept, reject, ban or filter, as wx.requestSubscribeMessage gave it"`
	}
}

func (in *subscribeInput) answers() map[string]model.TapAnswer {
	answers := make(map[string]model.TapAnswer, len(in.Body.Results))
	for id, answer := range in.Body.Results {
		answers[id] = model.TapAnswer(answer)
	}
	return answers
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *subscribeInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error { return a.rooms.Push.CheckReport(in.answers()) })
}

func (a *API) reportSubscriptions(ctx context.Context, actor *model.Actor, in *subscribeInput) (quotasView, error) {
	return quotasFrom(a.rooms.Push.Report(ctx, actor, in.answers()))
}

type promptsInput struct {
	Scene string `query:"scene" maxLength:"50" doc:"where the member taps: meeting, study, announcement, suggestion or any other word"`
}

type promptsView struct {
	TemplateIDs []string `json:"template_ids" nullable:"false" doc:"at most 3, none of them when the member was asked today"`
}

func (a *API) subscriptionPrompts(ctx context.Context, actor *model.Actor, in *promptsInput) (promptsView, error) {
	ids, err := a.rooms.Push.Prompts(ctx, actor, in.Scene)
	return promptsView{ids}, err
}
