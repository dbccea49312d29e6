package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/push"
)

type pushFiguresInput struct {
	OrgID string `query:"org_id" required:"true" minLength:"1" maxLength:"64" doc:"this organisation and all below it"`
}

type reachWeekView struct {
	Week      string `json:"week" doc:"its Monday"`
	Subscribe int    `json:"subscribe" doc:"taken by WeChat for the mini-program"`
	Official  int    `json:"official" doc:"taken by WeChat for the service account"`
	Inbox     int    `json:"inbox" doc:"in the inbox alone"`
	Failed    int    `json:"failed" doc:"failed or in doubt"`
}

type forecastView struct {
	TemplateID string   `json:"template_id"`
	Quota      string   `json:"quota" enum:"one_time,long_term"`
	Kinds      []string `json:"kinds" nullable:"false" doc:"what the template carries"`
	Needed     int      `json:"needed" doc:"messages that the next 30 days are likely to bring to these members"`
	Covered    int      `json:"covered" doc:"of these, what the members' subscriptions are enough for"`
	Short      int      `json:"short" doc:"members whose subscriptions are not enough"`
}

type pushFiguresView struct {
	Weeks     []reachWeekView `json:"weeks" nullable:"false" doc:"the last twelve that had any, the oldest first"`
	Members   int             `json:"members" doc:"bound to WeChat"`
	Forecasts []forecastView  `json:"forecasts" nullable:"false"`
}

func (a *API) pushFigures(ctx context.Context, actor *model.Actor, in *pushFiguresInput) (pushFiguresView, error) {
	f, err := a.rooms.Push.Figures(ctx, actor, in.OrgID)
	if err != nil {
		return pushFiguresView{}, err
	}
	return pushFiguresView{
		Members: f.Members,
		Weeks: mapped(f.Weeks, func(w push.ReachWeek) reachWeekView {
			return reachWeekView{string(w.Monday), w.Subscribe, w.Official, w.Inbox, w.Failed}
		}),
		Forecasts: mapped(f.Forecasts, func(c push.Forecast) forecastView {
			return forecastView{c.TemplateID, string(c.Kind), mapped(c.Serves, func(k model.PushKind) string { return string(k) }), c.Needed, c.Covered, c.Short}
		}),
	}, nil
}
