package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// AddDeliveries writes the ledger's rows of one chunk.
func (s *Store) AddDeliveries(ctx context.Context, rows []model.Delivery) error {
	return portions(rows, 512, func(part []model.Delivery) error { return fault(s.write(ctx).Create(&part).Error) })
}

// ClaimDeliveries takes up to limit deliveries that are due, at most one for each openid, and none for an openid that anybody is sending to.
// It runs in a transaction. A conflict means that another process was faster; nothing is claimed then.
func (s *Store) ClaimDeliveries(ctx context.Context, owner string, now, lease time.Time, limit int) ([]model.Delivery, error) {
	var window []struct {
		ID     int64
		Openid string
	}
	err := s.read(ctx).Table("deliveries d").Select("d.id, d.openid").
		Where("d.due_at <= ? AND NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.busy = d.openid)", now).
		Order("d.due_at, d.id").Limit(2 * limit).Scan(&window).Error
	if err != nil {
		return nil, fault(err)
	}
	ids, taken := make([]int64, 0, limit), make(map[string]bool, limit)
	for _, w := range window {
		if len(ids) < limit && !taken[w.Openid] {
			taken[w.Openid] = true
			ids = append(ids, w.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	set := map[string]any{"owner": owner, "lease_until": lease, "busy": gormExpr("openid"), "due_at": nil, "updated_at": now}
	if n, err := changed(s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND due_at <= ?", padded(ids), now).Updates(set)); err != nil || n == 0 {
		return nil, err
	}
	return many[model.Delivery](s.locked(s.read(ctx)).Where("id IN ? AND owner = ?", padded(ids), owner).Order("id"))
}

// SetHolds writes what claimed deliveries hold in the subscription ledger, and whether this is the one retry of an unknown outcome.
func (s *Store) SetHolds(ctx context.Context, ids []int64, hold model.Hold, retried bool) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Model(&model.Delivery{}).Where("id IN ?", padded(ids)).Updates(map[string]any{"holds": hold, "retried": retried}).Error)
}

// StartDeliveries marks claimed deliveries as being sent, before the call, and returns the ids of those that may go: what was dropped
// meanwhile, or belongs to somebody else since the lease ran out, may not.
func (s *Store) StartDeliveries(ctx context.Context, ids []int64, owner string, now time.Time) ([]int64, error) {
	claimed := []model.DeliveryState{model.DeliveryQueued, model.DeliveryInDoubt}
	n, err := changed(s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND owner = ? AND state IN ?", padded(ids), owner, claimed).
		Updates(map[string]any{"state": model.DeliverySending, "sending_at": now, "attempts": gormExpr("attempts + 1"), "updated_at": now}))
	if err != nil || int(n) == len(ids) {
		return ids, err
	}
	return s.OwnedDeliveries(ctx, ids, owner)
}

// OwnedDeliveries are those of the ids that this owner is still sending.
func (s *Store) OwnedDeliveries(ctx context.Context, ids []int64, owner string) ([]int64, error) {
	owned := []int64{}
	err := s.locked(s.read(ctx).Model(&model.Delivery{})).Where("id IN ? AND owner = ? AND state = ?", padded(ids), owner, model.DeliverySending).Pluck("id", &owned).Error
	return owned, fault(err)
}

// DeliveryEnd is how an attempt, or a delivery as a whole, ended.
type DeliveryEnd struct {
	State    model.DeliveryState
	Holds    model.Hold
	ErrCode  int
	ErrMsg   string
	Reason   string
	DueAt    *time.Time // when it is tried again
	Postpone bool       // DueAt is also when a phone may ring at the earliest, because of Deferred
	Deferred string
	MsgID    string
	SentAt   *time.Time
	Retried  bool
}

// EndDelivery writes the end of a delivery that is in this state with this owner (nobody: ""), frees it, and reports whether it still was.
func (s *Store) EndDelivery(ctx context.Context, id int64, owner string, from model.DeliveryState, e DeliveryEnd, now time.Time) (bool, error) {
	cancels := e.State == model.DeliveryCancelled && from.MayBeCancelled()
	if e.State != from && !from.MayBecome(e.State) && !cancels {
		return false, fault(fmt.Errorf("delivery %d may not go from %s to %s", id, from, e.State))
	}
	set := map[string]any{
		"state": e.State, "holds": e.Holds, "errcode": e.ErrCode, "errmsg": e.ErrMsg, "reason": e.Reason, "due_at": e.DueAt,
		"retried": e.Retried, "owner": "", "lease_until": nil, "busy": nil, "updated_at": now,
	}
	if e.Postpone {
		set["not_before"], set["deferred_reason"] = e.DueAt, e.Deferred
	}
	if e.MsgID != "" {
		set["msg_id"] = e.MsgID
	}
	if e.SentAt != nil {
		set["sent_at"] = e.SentAt
	}
	if e.State == model.DeliveryInboxOnly || cancels {
		set["channel"] = model.ChannelInbox
	}
	n, err := changed(s.write(ctx).Model(&model.Delivery{}).Where("id = ? AND owner = ? AND state = ?", id, owner, from).Updates(set))
	return n > 0, err
}

// SentDelivery is one message that WeChat took, with WeChat's id of it.
type SentDelivery struct {
	ID    int64
	MsgID string
}

// EndSent writes in one statement that WeChat took these messages. The caller has made sure that it owns them.
func (s *Store) EndSent(ctx context.Context, rows []SentDelivery, owner string, now time.Time) (int64, error) {
	rows = padded(rows)
	ids, args := make([]int64, len(rows)), make([]any, 0, 2*len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		args = append(args, r.ID, r.MsgID)
	}
	msgIDs := gorm.Expr("CASE id"+strings.Repeat(" WHEN ? THEN ?", len(rows))+" ELSE msg_id END", args...)
	return changed(s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND owner = ? AND state = ?", ids, owner, model.DeliverySending).Updates(map[string]any{
		"state": model.DeliverySent, "holds": model.HoldNothing, "errcode": 0, "errmsg": "", "reason": "", "msg_id": msgIDs, "sent_at": now,
		"owner": "", "lease_until": nil, "busy": nil, "updated_at": now,
	}))
}

// ExpiredDeliveries are those whose owner has not answered for them in time.
func (s *Store) ExpiredDeliveries(ctx context.Context, now time.Time, limit int) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("lease_until < ?", now).Order("lease_until, id").Limit(limit))
}

// ParkDeliveries puts off up to limit deliveries that are due, with the reason, and reports how many.
func (s *Store) ParkDeliveries(ctx context.Context, now, until time.Time, reason string, limit int) (int, error) {
	var ids []int64
	if err := s.read(ctx).Model(&model.Delivery{}).Where("due_at <= ?", now).Order("due_at, id").Limit(limit).Pluck("id", &ids).Error; err != nil || len(ids) == 0 {
		return 0, fault(err)
	}
	err := s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND due_at <= ?", padded(ids), now).
		Updates(map[string]any{"due_at": until, "not_before": until, "deferred_reason": reason, "updated_at": now}).Error
	return len(ids), fault(err)
}

// WaitingDeliveries are a push's deliveries on which no call was begun, up to limit, locked for the transaction.
func (s *Store) WaitingDeliveries(ctx context.Context, pushID string, limit int) ([]model.Delivery, error) {
	states := []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld}
	return many[model.Delivery](s.locked(s.read(ctx)).Where("push_id = ? AND state IN ?", pushID, states).Order("id").Limit(limit))
}

// RetryDeliveries queues a push's failed deliveries again, and those in doubt on which nothing more is done, and reports how many.
func (s *Store) RetryDeliveries(ctx context.Context, pushID string, due time.Time, deferred string, now time.Time) (int64, error) {
	return changed(s.write(ctx).Model(&model.Delivery{}).
		Where("push_id = ? AND openid <> '' AND owner = '' AND (state = ? OR (state = ? AND due_at IS NULL))", pushID, model.DeliveryFailed, model.DeliveryInDoubt).
		Updates(map[string]any{
			"state": model.DeliveryQueued, "retried": false, "reason": "", "due_at": due, "not_before": due, "deferred_reason": deferred, "updated_at": now,
		}))
}

// DeliveryByMsgID finds the delivery of a message by WeChat's id of it.
func (s *Store) DeliveryByMsgID(ctx context.Context, openID, templateID, msgID string) (*model.Delivery, error) {
	return one[model.Delivery](s.locked(s.read(ctx)).Where("openid = ? AND template_id = ? AND msg_id = ?", openID, templateID, msgID).Order("id"), "这次发送")
}

// UnsettledDeliveries are those of one user and template that are being sent or in doubt, the oldest first.
func (s *Store) UnsettledDeliveries(ctx context.Context, openID, templateID string) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("openid = ? AND template_id = ? AND (state IN ? OR holds = ?)", openID, templateID,
		[]model.DeliveryState{model.DeliverySending, model.DeliveryInDoubt}, model.HoldDoubt).Order("sending_at, id"))
}

// DeliveryRow is a delivery with the name of its member, as lists show it.
type DeliveryRow struct {
	model.Delivery
	MemberName string
}

// DeliveriesOf lists a push's deliveries, optionally of one state as shown at now.
func (s *Store) DeliveriesOf(ctx context.Context, pushID string, shown model.DeliveryState, now time.Time, page model.Page) ([]DeliveryRow, string, error) {
	q := s.read(ctx).Table("deliveries").Select("deliveries.*, m.name AS member_name").
		Joins("LEFT JOIN members m ON m.id = deliveries.member_id").
		Where("deliveries.push_id = ?", pushID).Order("deliveries.id").Limit(page.Size() + 1)
	waiting := []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld}
	switch shown {
	case "":
	case model.DeliveryDeferred:
		q = q.Where("deliveries.state IN ? AND deliveries.not_before > ?", waiting, now)
	case model.DeliveryQueued: // as in the counts, what is at this moment being sent is still queued
		q = q.Where("((deliveries.state IN ? AND deliveries.not_before <= ?) OR deliveries.state = ?)", waiting, now, model.DeliverySending)
	default:
		q = q.Where("deliveries.state = ?", shown)
	}
	list := "deliveries " + pushID
	var after int64
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("deliveries.id > ?", after)
	}
	rows, err := many[DeliveryRow](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, func(r DeliveryRow) any { return r.ID })
	return rows, next, nil
}

// HeldMembers lists members who have deliveries held for a digest that is due.
func (s *Store) HeldMembers(ctx context.Context, now time.Time, limit int) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.Delivery{}).Distinct("member_id").Where("state = ? AND not_before <= ?", model.DeliveryHeld, now).
		Order("member_id").Limit(limit).Pluck("member_id", &ids).Error
	return ids, fault(err)
}

// HeldDeliveries are the deliveries of these members that are held for a digest that is due, locked for the transaction.
func (s *Store) HeldDeliveries(ctx context.Context, memberIDs []string, now time.Time) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("state = ? AND not_before <= ? AND member_id IN ?", model.DeliveryHeld, now, padded(memberIDs)).Order("member_id, id"))
}

// HaveDelivery tells which of these members a push already has.
func (s *Store) HaveDelivery(ctx context.Context, pushID string, memberIDs []string) (map[string]bool, error) {
	var ids []string
	err := s.read(ctx).Model(&model.Delivery{}).Where("push_id = ? AND member_id IN ?", pushID, padded(memberIDs)).Pluck("member_id", &ids).Error
	have := make(map[string]bool, len(ids))
	for _, id := range ids {
		have[id] = true
	}
	return have, fault(err)
}

// QueueReady reports whether the queue of deliveries can be read.
func (s *Store) QueueReady(ctx context.Context) error {
	var n []int64
	return fault(s.read(ctx).Model(&model.Delivery{}).Limit(1).Pluck("id", &n).Error)
}
