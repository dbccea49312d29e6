package push

import (
	"context"
	"errors"
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
	p.State, p.ExpandCursor = model.PushSending, cursor
	if err := s.write(ctx, tx, p, ids, now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// write adds notices and deliveries of a push for these members.
func (s *Service) write(ctx context.Context, tx *store.Store, p *model.Push, ids []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	t := s.template(p.Kind)
	r := s.reacher(p, t, now)
	from, to := model.WeekOf(r.At())
	facts, err := tx.ReachFacts(ctx, ids, idOf(t), from, to, p.Counted)
	if err != nil {
		return err
	}
	notices, rows := make([]model.Notice, len(ids)), make([]model.Delivery, len(ids))
	for i, id := range ids {
		notices[i] = model.Notice{ID: store.NewID(), PushID: p.ID, MemberID: id, CreatedAt: now}
		rows[i] = delivery(p, r.Reach(facts[id]), id, idOf(t), now)
	}
	if err := tx.AddNotices(ctx, notices); err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, rows)
}

// idOf is a template's id, empty for none.
func idOf(t *model.PushTemplate) string {
	if t == nil {
		return ""
	}
	return t.ID
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
			now := s.now()
			if p.Over(now) {
				last = true
				return s.expire(ctx, tx, p, now)
			}
			return s.expand(ctx, tx, p, ids, last, now)
		})
		if errors.Is(err, errBehind) {
			return nil
		}
		if err != nil || last {
			return err
		}
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
