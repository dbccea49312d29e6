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
	return s.store.Tx(ctx, func(tx *store.Store) error { return s.settleAll(ctx, tx, results, s.now()) })
}

// settleAll writes a batch of outcomes in the transaction of the caller: what simply went out together, the rest one by one.
func (s *Service) settleAll(ctx context.Context, tx *store.Store, results []result, now time.Time) error {
	var plain, other []result
	for _, r := range results {
		if r.verdict.Kind == VerdictSent && r.verdict.ErrCode == 0 && !r.d.Retried {
			plain = append(plain, r)
		} else {
			other = append(other, r)
		}
	}
	mine, err := s.settlePlain(ctx, tx, plain, now)
	if err != nil {
		return err
	}
	if !mine {
		other = append(other, plain...)
	}
	for _, r := range other {
		if err := s.settleOne(ctx, tx, r, now); err != nil {
			return err
		}
	}
	return s.learn(ctx, tx, results, now)
}

// settleOne writes one outcome, also of a delivery that belongs to somebody else by now.
func (s *Service) settleOne(ctx context.Context, tx *store.Store, r result, now time.Time) error {
	owned, err := tx.OwnedDeliveries(ctx, []int64{r.d.ID}, s.options.Owner)
	if err != nil {
		return err
	}
	if len(owned) == 0 {
		return s.late(ctx, tx, r, now)
	}
	return s.settle(ctx, tx, r, s.options.Owner, now)
}

// settlePlain books what simply went out, in one statement for the ledger and one for each template's book. It reports false, having changed
// nothing that the single settling would not change too, when some of the deliveries are not this owner's any more.
func (s *Service) settlePlain(ctx context.Context, tx *store.Store, results []result, now time.Time) (bool, error) {
	if len(results) == 0 {
		return true, nil
	}
	ids := make([]int64, len(results))
	rows, spent := make([]store.SentDelivery, len(results)), map[string][]string{}
	for i, r := range results {
		ids[i] = r.d.ID
		rows[i] = store.SentDelivery{ID: r.d.ID, MsgID: model.CutRunes(r.msgID, 64)}
		if r.d.Holds == model.HoldReserved {
			spent[r.d.TemplateID] = append(spent[r.d.TemplateID], r.d.OpenID)
		}
	}
	owned, err := tx.CountOwned(ctx, ids, s.options.Owner)
	if err != nil || owned != len(ids) {
		return false, err
	}
	if _, err := tx.EndSent(ctx, rows, s.options.Owner, now); err != nil {
		return false, err
	}
	for template, openIDs := range spent {
		if err := s.book(ctx, tx, model.QuotaSpend, template, openIDs, now); err != nil {
			return false, err
		}
	}
	return true, nil
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
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	recent, err := tx.RecentDeliveries(ctx, d.MemberID, d.OpenID, "", d.SendingAt.Add(-eventLife))
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range recent {
		known[r.MsgID] = true
	}
	for _, r := range seen {
		if (r.TemplateID == d.TemplateID || r.TemplateID == "") && r.MsgID != "" && !known[r.MsgID] {
			return &r, nil
		}
	}
	return nil, nil
}

// late handles an answer that came after the lease had ended: the delivery is in doubt by now, and a success ends the doubt.
func (s *Service) late(ctx context.Context, tx *store.Store, r result, now time.Time) error {
	if r.verdict.Kind != VerdictSent {
		return nil
	}
	open, err := tx.RecentDeliveries(ctx, r.d.MemberID, r.d.OpenID, r.d.TemplateID, now.Add(-eventLife))
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.ID == r.d.ID && unsettled(d) {
			return s.undoubt(ctx, tx, d, r.msgID, now)
		}
	}
	return nil
}

// unsettled reports whether it is not yet known how a send of the delivery ended.
func unsettled(d model.Delivery) bool {
	return d.State == model.DeliverySending || d.State == model.DeliveryInDoubt || d.Holds == model.HoldDoubt
}

// undoubt ends the doubt about a delivery that nobody is working on: WeChat took it.
func (s *Service) undoubt(ctx context.Context, tx *store.Store, d model.Delivery, msgID string, now time.Time) error {
	if d.Owner != "" || d.State == model.DeliverySending {
		return nil
	}
	end := store.DeliveryEnd{State: model.DeliverySent, MsgID: msgID, SentAt: &now, Reason: "微信的答复来得较晚，已确认送达", Retried: d.Retried}
	done, err := tx.EndDelivery(ctx, d.ID, "", d.State, end, now)
	if err != nil || !done || d.Holds != model.HoldDoubt {
		return err
	}
	return s.book(ctx, tx, model.QuotaSettle, d.TemplateID, []string{d.OpenID}, now)
}

// tomorrow is when phones may ring again on the next day in China.
func (s *Service) tomorrow(now time.Time) time.Time {
	at, _ := s.policy().Push.Next(model.DateOf(now).Add(1).Start(), model.HoursTimed)
	return at.UTC()
}
