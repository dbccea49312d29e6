package push

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// errBehind rolls a chunk back that another process has written meanwhile.
var errBehind = model.Conflict("这条推送正由另一进程展开。")

// expand writes one chunk of a push: the inbox rows and the ledger, and the cursor by which each chunk is written once.
func (s *Service) expand(ctx context.Context, tx *store.Store, p *model.Push, ids []string, last bool, now time.Time) error {
	if p.Counted && len(ids) > 0 {
		if err := tx.Gate(ctx, "budget", now); err != nil {
			return err
		}
	}
	cursor := p.ExpandCursor
	if len(ids) > 0 {
		cursor = ids[len(ids)-1]
	}
	mine, err := tx.AdvancePush(ctx, p, cursor, len(ids), last, now)
	if err != nil {
		return err
	}
	if !mine {
		return errBehind
	}
	if p.ExpandCursor == "" {
		p.Recipients = 0
	}
	p.State, p.ExpandCursor, p.Recipients = model.PushSending, cursor, p.Recipients+len(ids)
	if err := s.write(ctx, tx, p, ids, nil, now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// words are a member's own text of a push, as in a digest.
type words struct{ title, body string }

// write adds notices and deliveries of a push for these members.
func (s *Service) write(ctx context.Context, tx *store.Store, p *model.Push, ids []string, own map[string]words, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	r := s.reacher(p, now)
	templateID := ""
	if t := s.template(p.Kind); t != nil {
		templateID = t.ID
	}
	from, to := model.WeekOf(r.At())
	facts, err := tx.ReachFacts(ctx, ids, templateID, from, to, p.Counted)
	if err != nil {
		return err
	}
	notices, rows := make([]model.Notice, len(ids)), make([]model.Delivery, len(ids))
	for i, id := range ids {
		notices[i] = model.Notice{ID: store.NewID(), PushID: p.ID, MemberID: id, Title: own[id].title, Body: own[id].body, CreatedAt: now}
		rows[i] = delivery(p, r.Reach(facts[id]), id, templateID, now)
	}
	if err := tx.AddNotices(ctx, notices); err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, rows)
}

// delivery is the ledger's row of what was planned for one member.
func delivery(p *model.Push, r model.Reach, memberID, templateID string, now time.Time) model.Delivery {
	d := model.Delivery{
		PushID: p.ID, MemberID: memberID, State: r.State, Channel: r.Channel, Reason: r.Reason, Deferred: r.Deferred,
		NotBefore: r.At, Counted: p.Counted, CreatedAt: now, UpdatedAt: now,
	}
	if r.State != model.DeliveryInboxOnly {
		d.OpenID, d.TemplateID = r.OpenID, templateID
	}
	if r.State == model.DeliveryQueued {
		d.DueAt = &r.At
	}
	return d
}

// expandDue writes all pushes whose time has come, chunk by chunk, each in a transaction of its own. A crash loses at most a chunk
// that was not committed; the next process goes on from the cursor.
func (s *Service) expandDue(ctx context.Context) error {
	pushes, err := s.store.DuePushes(ctx, s.now(), 100)
	if err != nil {
		return err
	}
	for i := range pushes {
		if err := s.expandAll(ctx, &pushes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) expandAll(ctx context.Context, p *model.Push) error {
	for {
		ids, err := s.store.AudienceIDs(ctx, p.Audience, p.ExpandCursor, chunkSize+1, p.Recipients > smallAudience)
		if err != nil {
			return err
		}
		last := len(ids) <= chunkSize
		ids = ids[:min(len(ids), chunkSize)]
		before := *p
		err = s.store.Tx(ctx, func(tx *store.Store) error {
			*p = before
			return s.expand(ctx, tx, p, ids, last, s.now())
		})
		if errors.Is(err, errBehind) {
			return nil
		}
		if err != nil || last {
			return err
		}
	}
}

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

func (s *Service) digest(ctx context.Context, tx *store.Store, members []string, now time.Time) error {
	held, err := tx.HeldDeliveries(ctx, members, now)
	if err != nil || len(held) == 0 {
		return err
	}
	card, err := s.digestPush(ctx, tx, now)
	if err != nil {
		return err
	}
	parts := map[string][]string{}
	pushIDs := map[string]bool{}
	for _, d := range held {
		pushIDs[d.PushID] = true
	}
	pushes, err := tx.PushesByID(ctx, keys(pushIDs))
	if err != nil {
		return err
	}
	have, err := tx.HaveDelivery(ctx, card.ID, members)
	if err != nil {
		return err
	}
	var ids []string
	for _, d := range held {
		if err := s.close(ctx, tx, d, "已并入晚间摘要", now); err != nil {
			return err
		}
		p := pushes[d.PushID]
		if p.Over(now) {
			continue // the part is pointless by now; it stays in the inbox
		}
		if len(parts[d.MemberID]) == 0 && !have[d.MemberID] {
			ids = append(ids, d.MemberID)
		}
		parts[d.MemberID] = append(parts[d.MemberID], p.Title)
	}
	own := map[string]words{}
	for _, id := range ids {
		own[id] = words{fmt.Sprintf("晚间摘要：%d 条消息", len(parts[id])), strings.Join(parts[id], "\n")}
	}
	if err := s.write(ctx, tx, card, ids, own, now); err != nil {
		return err
	}
	if err := tx.ReopenPush(ctx, card.ID, len(ids), now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, card.ID)
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

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
