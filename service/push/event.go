package push

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// eventLife is how long events and taps are kept: WeChat delivers an event again within seconds, and doubts are settled within a day.
const eventLife = 7 * 24 * time.Hour

// Receive takes an event that WeChat pushed, once: a redelivery changes nothing and is no error. An event is kept and handled in one
// transaction, so that one that could not be handled is taken as new when WeChat delivers it again. While a push runs WeChat reports each of
// its messages; events that come while others are being written share the next transaction, and each waits for its own end.
// Errors: malformed for what is no event, unavailable.
func (s *Service) Receive(ctx context.Context, source model.WechatSource, e model.WechatEvent) error {
	if len(e.OpenID) > 64 || len(e.Key) == 0 || len(e.Key) > 100 {
		return model.Fail(model.CodeMalformed, "微信消息的内容无法识别。")
	}
	return s.arrivals.pass(ctx, source, e, s.receiveAll)
}

// receiveAll handles events together. Where that fails they are handled one by one, so that each has its own answer; when the database is
// away the rest need not find that out for themselves, since WeChat delivers them again.
func (s *Service) receiveAll(ctx context.Context, batch []*arrival) {
	if len(batch) > 1 { // the leader's caller may go away; the others are still waiting
		if s.receive(context.WithoutCancel(ctx), batch...) == nil {
			for _, a := range batch {
				a.err = nil
			}
			return
		}
	}
	for i, a := range batch {
		if a.err = s.receive(a.ctx, a); a.ctx.Err() == nil && model.CodeOf(a.err) == model.CodeUnavailable {
			for _, rest := range batch[i+1:] {
				rest.err = a.err
			}
			return
		}
	}
}

// receive handles events in one transaction, each if it is there for the first time.
func (s *Service) receive(ctx context.Context, batch ...*arrival) error {
	settled := false
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		now := s.now()
		settled = false
		for _, a := range batch {
			e := a.event
			row := &model.WechatEventRow{DedupeKey: e.Key, Source: a.source, Name: model.CutRunes(e.Name, 60), OpenID: e.OpenID, Sent: e.Sent, ReceivedAt: now}
			first, err := tx.AddWechatEvent(ctx, row)
			if err != nil {
				return err
			}
			if !first {
				continue
			}
			settled = settled || len(e.Sent) > 0
			if err := s.handle(ctx, tx, a.source, e, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && settled {
		s.nudge()
	}
	return err
}

func (s *Service) handle(ctx context.Context, tx *store.Store, source model.WechatSource, e model.WechatEvent, now time.Time) error {
	switch e.Name {
	case model.WechatPopup:
		for _, g := range e.Grants {
			if err := s.tap(ctx, tx, e.OpenID, g.TemplateID, g.Accept, false, now); err != nil {
				return err
			}
		}
	case model.WechatChange:
		for _, g := range e.Grants {
			if _, ours := s.kindOf(g.TemplateID); !ours || g.Accept { // only refusals mean anything here
				continue
			}
			if _, err := tx.MoveQuotas(ctx, model.QuotaRevoke, g.TemplateID, []string{e.OpenID}, now); err != nil {
				return err
			}
		}
	case model.WechatFollow, model.WechatUnfollow:
		if source == model.WechatOfficial && s.options.Followers != nil {
			return s.options.Followers.Followed(ctx, tx, e)
		}
	case model.WechatSent, model.WechatTemplateJob:
		for _, r := range e.Sent {
			if err := s.sent(ctx, tx, source, e.OpenID, r, now); err != nil {
				return err
			}
		}
	case model.WechatMediaCheck:
		if e.Media != nil && s.options.Media != nil {
			return s.options.Media.MediaChecked(ctx, tx, e.Media)
		}
	case model.WechatRevoke, model.WechatCancellation, model.WechatInfoModified:
		if e.Revoked != nil && e.OpenID != "" && s.options.Revocations != nil {
			return s.options.Revocations.Revoked(ctx, tx, e.OpenID, e.Revoked)
		}
	}
	return nil
}

// tap books one report of an answer to the dialog. The client's report and WeChat's event for one tap count once, in either order.
// Both are taken at the time they came in: an event comes within seconds, and WeChat's clock need not be the program's.
func (s *Service) tap(ctx context.Context, tx *store.Store, openID, templateID string, accept, client bool, at time.Time) error {
	kind, ours := s.kindOf(templateID)
	if !ours || openID == "" {
		return nil
	}
	now := s.now()
	if err := tx.OpenQuota(ctx, openID, templateID, kind, now); err != nil {
		return err
	}
	twice, err := tx.MatchTap(ctx, openID, templateID, accept, client, at)
	if err != nil {
		return err
	}
	if !twice {
		t := &model.Tap{OpenID: openID, TemplateID: templateID, Accept: accept}
		if client {
			t.ClientAt = &at
		} else {
			t.EventAt = &at
		}
		if err := tx.AddTap(ctx, t); err != nil {
			return err
		}
	}
	step := model.QuotaNone
	switch {
	case accept && !twice:
		step = model.QuotaGrant
		if kind == model.QuotaLongTerm {
			books, err := tx.Quotas(ctx, openID)
			if err != nil {
				return err
			}
			if books[templateID].Available > 0 { // one acceptance is any number of messages
				step = model.QuotaNone
			}
		}
	case !accept && !client: // of a refusal only WeChat's word counts; a client could only harm its own user
		step = model.QuotaRevoke
	}
	_, err = tx.MoveQuotas(ctx, step, templateID, []string{openID}, now)
	return err
}

// sent settles a send by WeChat's own report. While a call to the same user is under way the report may be about that one: it is kept,
// and looked up should the call's answer not come. The service account's report names no template.
func (s *Service) sent(ctx context.Context, tx *store.Store, source model.WechatSource, openID string, r model.WechatSendResult, now time.Time) error {
	if r.MsgID == "" || len(r.MsgID) > 64 {
		return nil
	}
	memberID, err := tx.RecipientOf(ctx, openID, source == model.WechatOfficial)
	if err != nil || memberID == "" {
		return err
	}
	recent, err := tx.RecentDeliveries(ctx, memberID, openID, r.TemplateID, now.Add(-eventLife))
	if err != nil {
		return err
	}
	var open []model.Delivery
	for _, d := range recent {
		if d.MsgID == r.MsgID {
			if r.OK || d.State != model.DeliverySent {
				return nil
			}
			_, err = tx.EndDelivery(ctx, d.ID, "", model.DeliverySent, failure(r, d.Retried), now)
			return err
		}
		if unsettled(d) {
			open = append(open, d)
		}
	}
	for _, d := range open {
		if d.State == model.DeliverySending || d.Owner != "" {
			return nil
		}
	}
	if len(open) == 0 {
		return nil
	}
	d := open[0]
	if r.OK {
		return s.undoubt(ctx, tx, d, r.MsgID, now)
	}
	end := failure(r, d.Retried)
	end.MsgID = r.MsgID
	done, err := tx.EndDelivery(ctx, d.ID, "", d.State, end, now)
	if err != nil || !done || d.Holds != model.HoldDoubt {
		return err
	}
	return s.book(ctx, tx, model.QuotaSettle, d.TemplateID, []string{openID}, now)
}

func failure(r model.WechatSendResult, retried bool) store.DeliveryEnd {
	return store.DeliveryEnd{State: model.DeliveryFailed, ErrCode: r.ErrorCode, ErrMsg: model.CutRunes(r.Status, 300), Reason: reportedFailure, Retried: retried}
}

// Prune forgets events and taps that nothing can refer to any more; it is run by a nightly job. Pushes are kept as long as the profile says.
func (s *Service) Prune(ctx context.Context) error {
	now := s.now()
	if err := s.store.PruneWechatEvents(ctx, now.Add(-eventLife)); err != nil {
		return err
	}
	return s.store.PruneTaps(ctx, now.Add(-eventLife))
}
