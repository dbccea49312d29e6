package push

import (
	"context"

	"zhibu/model"
)

// CardLine is one line of a card: what was written, and what WeChat's field leaves of it.
type CardLine struct {
	Field, Label string
	Given, Shown string // Shown is empty where no legal value exists: such a card cannot be sent
	Whole        bool   // nothing was shortened or replaced
}

// Card is a draft as one of WeChat's ways will show it.
type Card struct {
	Channel model.Channel
	Lines   []CardLine
}

// Cards shows a draft, which may be unfinished, as it will look on each way that there is; none where no template serves the kind.
// Errors: not_found for an organisation the actor may not see, forbidden where they may not send.
func (s *Service) Cards(ctx context.Context, actor *model.Actor, d Draft) ([]Card, error) {
	org, err := s.onBehalf(ctx, actor, d.OrgID)
	if err != nil {
		return nil, err
	}
	p := &model.Push{OrgID: org.ID, Kind: d.Kind, Title: model.SingleLine(d.Title), Fields: map[string]string{}, SendAt: s.now()}
	if d.SendAt != nil {
		p.SendAt = *d.SendAt
	}
	for name, v := range d.Fields {
		p.Fields[name] = model.SingleLine(v)
	}
	if d.Kind == model.PushAnnouncement && p.Fields["from"] == "" {
		p.Fields["from"] = org.Name
	}
	given := fieldsOf(p, d.Kind, p.Title, d.Body)
	var cards []Card
	for _, c := range []model.Channel{model.ChannelSubscribe, model.ChannelOfficial} {
		t := s.template(c, d.Kind)
		if t == nil {
			continue
		}
		card := Card{Channel: c, Lines: s.cardLines(c, d.Kind, t, given)}
		cards = append(cards, card)
	}
	return cards, nil
}

// cardLines are the lines of a card, in its order.
func (s *Service) cardLines(c model.Channel, k model.PushKind, t *model.PushTemplate, given map[string]string) (lines []CardLine) {
	for _, name := range k.FieldNames() {
		key, ok := t.Fields[name]
		if !ok {
			continue
		}
		shown, kept := s.carriers[c].Fit(key, given[name], s.check.among(t.ID, key))
		lines = append(lines, CardLine{Field: name, Label: fieldLabels[name], Given: given[name], Shown: shown, Whole: kept && shown == given[name]})
	}
	return lines
}
