package push

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
)

// weeksShown is how far back the reach is told.
const weeksShown = 12

// ReachWeek is what became of the messages of one week, by the way that they took.
type ReachWeek struct {
	Monday                             model.Date
	Subscribe, Official, Inbox, Failed int
}

// Forecast is what is left of one template against what the next thirty days are likely to bring.
type Forecast struct {
	TemplateID string
	Kind       model.QuotaKind
	Serves     []model.PushKind
	Needed     int // messages that the members are likely to get
	Covered    int // of these, what their grants are enough for
	Short      int // members whose grants are not enough
}

// Figures are numbers to look at, of one organisation and all below it; nobody is named in them.
type Figures struct {
	Weeks     []ReachWeek
	Members   int // bound to WeChat
	Forecasts []Forecast
}

// Figures tells the reach of the last weeks and how far the subscriptions go, to the committee of the organisation and those above.
// Errors: not_found, forbidden.
func (s *Service) Figures(ctx context.Context, actor *model.Actor, orgID string) (*Figures, error) {
	org, err := s.store.Org(ctx, orgID)
	switch {
	case err != nil:
		return nil, err
	case actor.Has(model.RoleCommitteeMember, org.Path):
	case model.CanSeeOrg(actor, org.Path):
		return nil, model.Forbidden("推送的触达情况供本组织的支委、书记和上级组织查看。")
	default:
		return nil, model.NotFound("该组织")
	}
	now, out := s.now(), &Figures{}
	if out.Weeks, err = s.reachWeeks(ctx, org.Path, now); err != nil {
		return nil, err
	}
	out.Members, out.Forecasts, err = s.forecasts(ctx, org.Path, now)
	return out, err
}

func (s *Service) reachWeeks(ctx context.Context, path string, now time.Time) ([]ReachWeek, error) {
	this, _ := model.WeekOf(now)
	lines, err := s.store.ReachSince(ctx, path, this.AddDate(0, 0, -7*(weeksShown-1)).UTC(), now)
	weeks := []ReachWeek{}
	for _, l := range lines {
		monday, _ := model.WeekOf(l.SendAt)
		if n := len(weeks); n == 0 || weeks[n-1].Monday != model.DateOf(monday) { // they come in the order of time
			weeks = append(weeks, ReachWeek{Monday: model.DateOf(monday)})
		}
		w := &weeks[len(weeks)-1]
		switch {
		case l.State == model.DeliverySent && l.Channel == model.ChannelOfficial:
			w.Official += l.Members
		case l.State == model.DeliverySent:
			w.Subscribe += l.Members
		case l.State == model.DeliveryInboxOnly:
			w.Inbox += l.Members
		case l.State == model.DeliveryFailed || l.State == model.DeliveryInDoubt:
			w.Failed += l.Members
		}
	}
	return weeks, err
}

// forecasts takes of each member what the last thirty days brought as what the next will, and one of each kind at least, as the member is asked for.
func (s *Service) forecasts(ctx context.Context, path string, now time.Time) (int, []Forecast, error) {
	grants, err := s.store.SubscriptionsUnder(ctx, path)
	if err != nil {
		return 0, nil, err
	}
	lines, err := s.store.BroughtUnder(ctx, path, now.AddDate(0, 0, -model.NeedDays))
	if err != nil {
		return 0, nil, err
	}
	have, brought := map[string]map[string]int{}, map[string]map[model.PushKind]int{}
	for _, g := range grants {
		if have[g.MemberID] == nil {
			have[g.MemberID], brought[g.MemberID] = map[string]int{}, map[model.PushKind]int{}
		}
		have[g.MemberID][g.TemplateID] = g.Available
	}
	for _, l := range lines {
		if brought[l.MemberID] != nil {
			brought[l.MemberID][l.Kind] = l.Messages
		}
	}
	out, inUse := s.served()
	for member, left := range have {
		needs := model.Needs(inUse, nil, brought[member])
		for i := range out {
			out[i].count(needs, left[out[i].TemplateID])
		}
	}
	return len(have), out, nil
}

// served are the templates in use with the kinds that they carry, the kind whose missing bell hurts most first.
func (s *Service) served() ([]Forecast, []model.PushKind) {
	out, inUse := []Forecast{}, []model.PushKind{}
	for _, k := range promptOrder {
		t := s.template(model.ChannelSubscribe, k)
		if t == nil {
			continue
		}
		inUse = append(inUse, k)
		i := slices.IndexFunc(out, func(f Forecast) bool { return f.TemplateID == t.ID })
		if i < 0 {
			kind, _ := s.kindOf(t.ID)
			i, out = len(out), append(out, Forecast{TemplateID: t.ID, Kind: kind})
		}
		out[i].Serves = append(out[i].Serves, k)
	}
	return out, inUse
}

// count adds one member. A grant for long is enough for any number.
func (f *Forecast) count(needs map[model.PushKind]int, left int) {
	need := 0
	for _, k := range f.Serves {
		need += needs[k]
	}
	if f.Kind == model.QuotaLongTerm && left > 0 {
		left = need
	}
	f.Needed += need
	f.Covered += min(left, need)
	if left < need {
		f.Short++
	}
}
