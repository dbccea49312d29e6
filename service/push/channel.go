package push

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Carrier is one of WeChat's APIs by which a message goes out; the inbox needs none.
type Carrier interface {
	// Send sends one message and returns WeChat's id of it.
	Send(ctx context.Context, m Message) (msgID string, err error)
	// Fit brings a value into the limits of the template's key, among the listed values where there are any; an empty text means that no legal
	// value exists.
	Fit(key, value string, among []string) (string, bool)
	// Classify tells what an error of Send means. A nil error is VerdictSent.
	Classify(err error) Verdict
	// Templates are the account's own, as WeChat has them now.
	Templates(ctx context.Context) ([]model.TemplateFact, error)
}

// Message is one card to one person. ClientID is the same for each try of a delivery, for an API that can tell them from a new message.
type Message struct {
	OpenID, TemplateID, Page, ClientID string
	Data                               map[string]string // key, such as thing1, to a value that fits
}

// Templates are the settings' templates of one channel, by the kind that they serve.
type Templates map[model.PushKind]model.PushTemplate

// template is the template of a kind on a channel, or nil where none is set or nothing carries it.
func (s *Service) template(c model.Channel, k model.PushKind) *model.PushTemplate {
	t, ok := s.options.Templates[c][k]
	if !ok || t.ID == "" || s.carriers[c] == nil {
		return nil
	}
	return &t
}

// ways are the templates that may carry a push by those of a kind.
func (s *Service) ways(k model.PushKind) model.Ways {
	way := func(c model.Channel) model.Way {
		t := s.template(c, k)
		return model.Way{Template: t, Down: t != nil && s.gates.isShut(model.GateTemplate+t.ID)}
	}
	return model.Ways{Subscribe: way(model.ChannelSubscribe), Official: way(model.ChannelOfficial)}
}

// kindOf is the kind of a subscription by its template's id, or false for a template that is not ours.
func (s *Service) kindOf(templateID string) (model.QuotaKind, bool) {
	for _, t := range s.options.Templates[model.ChannelSubscribe] {
		if t.ID == templateID && t.ID != "" {
			if t.Kind == "" {
				return model.QuotaOneTime, true
			}
			return t.Kind, true
		}
	}
	return "", false
}

// carrierOf is the template by which a delivery was planned, with the kind whose fields fill it; nil when the settings have changed.
func (s *Service) carrierOf(p *model.Push, d model.Delivery) (*model.PushTemplate, model.PushKind) {
	for _, k := range p.Kind.Carriers() {
		if t := s.template(d.Channel, k); t != nil && t.ID == d.TemplateID {
			return t, k
		}
	}
	return nil, ""
}

// reacher plans a push by the templates of a kind, which is its own but for a digest.
func (s *Service) reacher(p *model.Push, k model.PushKind, now time.Time) model.Reacher {
	policy := s.policy()
	return model.NewReacher(p, s.ways(k), policy.Push, policy.Budget, now)
}

// factsNeeded says what must be known of the members for a push that goes by the templates of a kind.
func (s *Service) factsNeeded(k model.PushKind, counted bool, at time.Time) store.FactsNeeded {
	need := store.FactsNeeded{Official: s.template(model.ChannelOfficial, k) != nil, Counted: counted}
	if t := s.template(model.ChannelSubscribe, k); t != nil {
		need.TemplateID = t.ID
	}
	need.From, need.To = model.WeekOf(at)
	return need
}
