package push

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// digestDue turns what was held over the week's budget into one card a member that names its parts.
func (s *Service) digestDue(ctx context.Context) error {
	for {
		now := s.now()
		members, err := s.store.HeldMembers(ctx, now, 256)
		if err != nil || len(members) == 0 {
			return err
		}
		if err := s.store.Tx(ctx, func(tx *store.Store) error { return s.digest(ctx, tx, members, now) }); err != nil {
			return err
		}
	}
}

// digest writes the cards of these members, and then closes the folded deliveries with where their cards went.
func (s *Service) digest(ctx context.Context, tx *store.Store, members []string, now time.Time) error {
	held, err := tx.HeldDeliveries(ctx, members, now)
	if err != nil || len(held) == 0 {
		return err
	}
	card, err := s.digestPush(ctx, tx, now)
	if err != nil {
		return err
	}
	pushIDs := map[string]bool{}
	for _, d := range held {
		pushIDs[d.PushID] = true
	}
	pushes, err := tx.PushesByID(ctx, slices.Collect(maps.Keys(pushIDs)))
	if err != nil {
		return err
	}
	have, err := tx.HaveDelivery(ctx, card.ID, members)
	if err != nil {
		return err
	}
	parts := map[string][]model.Push{}
	for _, d := range held {
		if p := pushes[d.PushID]; !p.Over(now) && p.StopReason == "" && !have[d.MemberID] {
			parts[d.MemberID] = append(parts[d.MemberID], p)
		}
	}
	cards, err := s.writeDigests(ctx, tx, card, parts, now)
	if err != nil {
		return err
	}
	for _, d := range held {
		p := pushes[d.PushID]
		reason := foldedReason(cards[d.MemberID])
		if p.StopReason != "" { // stopped while it waited, and not yet closed
			if err := s.close(ctx, tx, d, model.DeliveryCancelled, p.StopReason, now); err != nil {
				return err
			}
			continue
		}
		switch {
		case p.Over(now):
			reason = "晚间摘要前事项已经结束，已放入站内信"
		case have[d.MemberID]: // written by another process after this minute's card
			reason = "当晚的摘要已经发出，已放入站内信"
		}
		if err := s.close(ctx, tx, d, model.DeliveryInboxOnly, reason, now); err != nil {
			return err
		}
	}
	if err := tx.ReopenPush(ctx, card.ID, len(cards), now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, card.ID)
}

// writeDigests adds the members' own cards to inbox and ledger, and returns their deliveries by member. Each rides on the first
// template for which the member has a grant: that of study, or of the kinds of the parts.
func (s *Service) writeDigests(ctx context.Context, tx *store.Store, card *model.Push, parts map[string][]model.Push, now time.Time) (map[string]model.Delivery, error) {
	ids := slices.Sorted(maps.Keys(parts))
	if len(ids) == 0 {
		return nil, nil
	}
	facts := map[model.PushKind]map[string]model.ReachFacts{}
	for _, k := range model.PushDigest.Carriers() {
		var err error
		if facts[k], err = tx.ReachFacts(ctx, ids, s.factsNeeded(k, false, now), true); err != nil {
			return nil, err
		}
	}
	rows, cards := make([]model.Delivery, len(ids)), make(map[string]model.Delivery, len(ids))
	grants := map[string][]string{}
	for i, id := range ids {
		var titles []string
		var kinds []model.PushKind
		for _, p := range parts[id] {
			titles, kinds = append(titles, p.Title), append(kinds, p.Kind)
		}
		d := s.digestDelivery(card, id, model.DigestCarriers(kinds), facts, now)
		body := strings.Join(titles, "\n")
		d.OwnTitle, d.OwnBody = fmt.Sprintf("晚间摘要：%d 条消息", len(titles)), &body
		if d.Holds == model.HoldReserved {
			grants[d.TemplateID] = append(grants[d.TemplateID], d.OpenID)
		}
		rows[i], cards[id] = d, d
	}
	for _, template := range slices.Sorted(maps.Keys(grants)) {
		if err := s.book(ctx, tx, model.QuotaReserve, template, grants[template], now); err != nil {
			return nil, err
		}
	}
	return cards, tx.AddDeliveries(ctx, rows)
}

// digestDelivery plans one member's card by the first carrier that rings. Where none does, it says why not by the first one that is in use.
func (s *Service) digestDelivery(card *model.Push, id string, carriers []model.PushKind, facts map[model.PushKind]map[string]model.ReachFacts, now time.Time) model.Delivery {
	silent := model.NewDelivery(card, s.reacher(card, carriers[0], now).Reach(facts[carriers[0]][id]), id, now)
	known, policy := false, s.policy()
	for _, k := range carriers {
		ways := s.ways(k)
		if ways.Subscribe.Template == nil && ways.Official.Template == nil {
			continue
		}
		d := model.NewDelivery(card, model.NewReacher(card, ways, policy.Push, policy.Budget, now).Reach(facts[k][id]), id, now)
		if d.State == model.DeliveryQueued {
			return d
		}
		if !known {
			silent, known = d, true
		}
	}
	return silent
}

// foldedReason tells a secretary who looks at a folded push which card carried it: the card itself is its reader's own and in no list.
func foldedReason(card model.Delivery) string {
	reason := "已并入" + card.NotBefore.In(model.Zone).Format("1月2日15:04") + "的晚间摘要"
	if card.State == model.DeliveryInboxOnly {
		reason += "（仅站内信）"
	}
	return reason
}

// digestPush is the one push of the evening that carries all digests. It is private: its texts differ from member to member.
func (s *Service) digestPush(ctx context.Context, tx *store.Store, now time.Time) (*model.Push, error) {
	key := "digest:" + now.In(model.Zone).Format("2006-01-02T15:04")
	p := &model.Push{
		ID: store.NewID(), Kind: model.PushDigest, Title: "晚间摘要", Page: "pages/notice/index", Hours: model.HoursTimed, Private: true,
		Subject: "digest:" + string(model.DateOf(now)), DedupeKey: &key, SendAt: now, State: model.PushSending, CreatedAt: now, UpdatedAt: now, ExpandedAt: &now,
	}
	first, err := tx.AddPush(ctx, p)
	if err != nil || first {
		return p, err
	}
	return tx.PushByKey(ctx, key)
}
