package push

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// acknowledge writes the outcomes of a batch into both ledgers in one transaction.
func (s *Service) acknowledge(ctx context.Context, results []result) error {
	if len(results) == 0 {
		return nil
	}
	now := s.now()
	for _, r := range results {
		s.learn(ctx, r, now)
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		ids := make([]int64, len(results))
		for i, r := range results {
			ids[i] = r.d.ID
		}
		owned, err := tx.OwnedDeliveries(ctx, ids, s.options.Owner)
		if err != nil {
			return err
		}
		mine := make(map[int64]bool, len(owned))
		for _, id := range owned {
			mine[id] = true
		}
		var plain []result
		for _, r := range results {
			switch {
			case !mine[r.d.ID]:
				err = s.late(ctx, tx, r, now)
			case r.verdict.Kind == VerdictSent && !r.d.Retried:
				plain = append(plain, r)
			default:
				err = s.settle(ctx, tx, r, s.options.Owner, now)
			}
			if err != nil {
				return err
			}
		}
		return s.settlePlain(ctx, tx, plain, now)
	})
}

// settlePlain books what simply went out, in one statement for the ledger and one for each template's book.
func (s *Service) settlePlain(ctx context.Context, tx *store.Store, results []result, now time.Time) error {
	if len(results) == 0 {
		return nil
	}
	rows, spent := make([]store.SentDelivery, len(results)), map[string][]string{}
	for i, r := range results {
		rows[i] = store.SentDelivery{ID: r.d.ID, MsgID: model.CutRunes(r.msgID, 64)}
		if r.d.Holds == model.HoldReserved {
			spent[r.d.TemplateID] = append(spent[r.d.TemplateID], r.d.OpenID)
		}
	}
	if _, err := tx.EndSent(ctx, rows, s.options.Owner, now); err != nil {
		return err
	}
	for template, openIDs := range spent {
		if err := s.book(ctx, tx, model.QuotaSpend, template, openIDs, now); err != nil {
			return err
		}
	}
	return nil
}

// settle writes the outcome of one attempt. An unknown one may already be known by an event that came before the doubt.
func (s *Service) settle(ctx context.Context, tx *store.Store, r result, owner string, now time.Time) error {
	if r.verdict.Kind == VerdictUnknown && r.d.SendingAt != nil {
		found, err := s.reported(ctx, tx, r.d)
		if err != nil {
			return err
		}
		if found != nil {
			r.msgID, r.verdict = found.MsgID, Verdict{Kind: VerdictSent}
			if !found.OK {
				r.verdict = Verdict{Kind: VerdictSent, ErrCode: found.ErrorCode, ErrMsg: found.Status}
			}
		}
	}
	e := judge(r, now, s.tomorrow(now))
	e.end.MsgID = r.msgID
	done, err := tx.EndDelivery(ctx, r.d.ID, owner, model.DeliverySending, e.end, now)
	if err != nil || !done {
		return err
	}
	if e.step != model.QuotaNone {
		if err := s.book(ctx, tx, e.step, r.d.TemplateID, []string{r.d.OpenID}, now); err != nil {
			return err
		}
	}
	if e.revoke {
		return s.book(ctx, tx, model.QuotaRevoke, r.d.TemplateID, []string{r.d.OpenID}, now)
	}
	return nil
}

// reported looks for WeChat's event about a send whose answer was lost: one that no other delivery is known by.
func (s *Service) reported(ctx context.Context, tx *store.Store, d model.Delivery) (*model.WechatSendResult, error) {
	seen, err := tx.SendResults(ctx, d.OpenID, *d.SendingAt)
	if err != nil {
		return nil, err
	}
	for _, r := range seen {
		if r.TemplateID != d.TemplateID || r.MsgID == "" {
			continue
		}
		_, err := tx.DeliveryByMsgID(ctx, d.OpenID, d.TemplateID, r.MsgID)
		if model.IsNotFound(err) {
			return &r, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// late handles an answer that came after the lease had ended: the delivery is in doubt by now, and a success ends the doubt.
func (s *Service) late(ctx context.Context, tx *store.Store, r result, now time.Time) error {
	if r.verdict.Kind != VerdictSent {
		return nil
	}
	return s.undoubt(ctx, tx, r.d.ID, r.d.OpenID, r.d.TemplateID, r.msgID, now)
}

// undoubt ends the doubt about a delivery that nobody is working on: WeChat took it.
func (s *Service) undoubt(ctx context.Context, tx *store.Store, id int64, openID, templateID, msgID string, now time.Time) error {
	open, err := tx.UnsettledDeliveries(ctx, openID, templateID)
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.ID != id || d.Owner != "" || d.State == model.DeliverySending {
			continue
		}
		end := store.DeliveryEnd{State: model.DeliverySent, MsgID: msgID, SentAt: &now, Reason: "微信的答复来得较晚，已确认送达", Retried: d.Retried}
		done, err := tx.EndDelivery(ctx, d.ID, "", d.State, end, now)
		if err != nil || !done {
			return err
		}
		if d.Holds == model.HoldDoubt {
			return s.book(ctx, tx, model.QuotaSettle, templateID, []string{openID}, now)
		}
	}
	return nil
}

// learn draws from an outcome what concerns more than its own delivery, one line in the log for each fault.
func (s *Service) learn(ctx context.Context, r result, now time.Time) {
	v := r.verdict
	answered := v.Kind != VerdictUnknown && v.Kind != VerdictDown
	if opened := s.breaker.note(answered, now); opened {
		s.log.ErrorContext(ctx, "wechat does not take messages; sending pauses", "errcode", v.ErrCode, "errmsg", v.ErrMsg)
	}
	switch v.Kind {
	case VerdictRetry:
		s.breaker.hush(now.Add(v.RetryAfter))
	case VerdictTemplate:
		if s.breaker.takeDown(r.d.TemplateID, v.ErrMsg) {
			s.log.ErrorContext(ctx, "template out of service", "template", r.d.TemplateID, "errcode", v.ErrCode, "errmsg", v.ErrMsg)
		}
	case VerdictPage:
		if s.breaker.forgetPage(pathOf(r.page)) {
			s.log.ErrorContext(ctx, "page unknown to wechat; cards go without it", "page", pathOf(r.page), "errmsg", v.ErrMsg)
		}
	case VerdictDaily:
		if until := s.tomorrow(now); s.breaker.park(until) {
			s.log.ErrorContext(ctx, "daily quota of wechat used up", "until", until, "errmsg", v.ErrMsg)
		}
	case VerdictContent:
		s.log.ErrorContext(ctx, "wechat refuses a message's content", "push", r.d.PushID, "errcode", v.ErrCode, "errmsg", v.ErrMsg)
	}
}

// tomorrow is when phones may ring again on the next day in China.
func (s *Service) tomorrow(now time.Time) time.Time {
	at, _ := s.options.Hours.Next(model.DateOf(now).Add(1).Start(), model.HoursTimed)
	return at.UTC()
}
