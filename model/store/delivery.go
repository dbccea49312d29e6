package store

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// AddDeliveries writes the ledger's rows of one chunk.
func (s *Store) AddDeliveries(ctx context.Context, rows []model.Delivery) error {
	return portions(rows, 512, func(part []model.Delivery) error { return fault(s.write(ctx).Create(&part).Error) })
}

// claimColumns are what a sender needs to know of a delivery; reading a row costs by the column.
const claimColumns = `d.id, d.push_id, d.member_id, d.state, d.channel, d.template_id, d.openid, d.retried, d.holds, d.attempts, d.errcode, d.errmsg,
	d.reason, d.deferred_reason, d.not_before, d.sending_at, d.lane, COALESCE(i.openid, '')`

// Claimed is a delivery in a sender's hands, with the openid that its member is bound to now; empty when they are bound to none.
type Claimed struct {
	model.Delivery
	BoundTo string
}

// ClaimDeliveries takes up to limit deliveries of these lanes that are due, the first lane first, at most one for each member, and none for
// a member that anybody is sending to. It runs in a transaction. A conflict means that another process was faster; nothing is claimed then.
func (s *Store) ClaimDeliveries(ctx context.Context, owner string, lanes []model.Lane, now, lease time.Time, limit int) ([]Claimed, error) {
	ids, taken := make([]int64, 0, limit), make(map[string]bool, limit)
	for _, lane := range lanes {
		if len(ids) == limit {
			break
		}
		window, err := s.dueWindow(ctx, owner, lane, now, limit-len(ids))
		if err != nil {
			return nil, err
		}
		for _, w := range window {
			if len(ids) < limit && !taken[w.member] {
				taken[w.member] = true
				ids = append(ids, w.id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids) // two processes that want the same rows lock them in the same order
	n, err := changed(s.write(ctx).Exec("UPDATE deliveries SET owner = ?, lease_until = ?, busy = member_id, due_at = NULL WHERE id IN ? AND due_at <= ?",
		owner, lease, padded(ids), now))
	if err != nil || n == 0 {
		return nil, err
	}
	return s.claimed(ctx, owner, ids)
}

// AnyDue reports whether anything waits to be sent.
func (s *Store) AnyDue(ctx context.Context, now time.Time) (bool, error) {
	for _, lane := range model.Lanes() {
		var ids []int64
		err := s.read(ctx).Model(&model.Delivery{}).Where("lane = ? AND due_at <= ?", lane, now).Order("due_at").Limit(1).Pluck("id", &ids).Error
		if err != nil || len(ids) > 0 {
			return len(ids) > 0, fault(err)
		}
	}
	return false, nil
}

// candidate is a delivery that might be claimed.
type candidate struct {
	id     int64
	member string
}

// dueWindow looks at what has waited longest in a lane, at more than is wanted: persons may be there twice. Several processes that share a
// MySQL look at the same rows; each prefers others of them, so that they rarely wait for each other.
func (s *Store) dueWindow(ctx context.Context, owner string, lane model.Lane, now time.Time, limit int) ([]candidate, error) {
	size := limit + limit/2 + 1
	if s.dialect == MySQL {
		size = 2 * limit
	}
	rows, err := s.read(ctx).Raw(`SELECT d.id, d.member_id FROM deliveries d WHERE d.lane = ? AND d.due_at <= ?
		AND NOT EXISTS (SELECT 1 FROM deliveries b WHERE b.busy = d.member_id) ORDER BY d.due_at, d.id LIMIT ?`, lane, now, size).Rows()
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.id, &c.member); err != nil {
			return nil, fault(err)
		}
		out = append(out, c)
	}
	if s.dialect == MySQL && len(out) > limit {
		mine := crc32.ChecksumIEEE([]byte(owner))
		slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(preference(mine, a.id), preference(mine, b.id)) })
	}
	return out, fault(rows.Err())
}

// preference mixes a process and a run of rows into a number that has no pattern.
func preference(owner uint32, id int64) uint32 {
	x := owner ^ uint32(id>>4)*2654435761
	x ^= x >> 15
	x *= 2246822519
	return x ^ x>>13
}

// claimed reads those of the ids that this owner has, without reflection: it is done for every message.
func (s *Store) claimed(ctx context.Context, owner string, ids []int64) ([]Claimed, error) {
	rows, err := s.read(ctx).Raw("SELECT "+claimColumns+" FROM deliveries d LEFT JOIN identities i ON i.member_id = d.member_id WHERE d.id IN ? AND d.owner = ? ORDER BY d.id", padded(ids), owner).Rows()
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }()
	out := make([]Claimed, 0, len(ids))
	for rows.Next() {
		d := Claimed{Delivery: model.Delivery{Owner: owner}}
		if err := rows.Scan(&d.ID, &d.PushID, &d.MemberID, &d.State, &d.Channel, &d.TemplateID, &d.OpenID, &d.Retried, &d.Holds, &d.Attempts,
			&d.ErrCode, &d.ErrMsg, &d.Reason, &d.Deferred, &d.NotBefore, &d.SendingAt, &d.Lane, &d.BoundTo); err != nil {
			return nil, fault(err)
		}
		out = append(out, d)
	}
	return out, fault(rows.Err())
}

// ClaimedBy are the deliveries that an owner has claimed and not begun.
func (s *Store) ClaimedBy(ctx context.Context, owner string) ([]model.Delivery, error) {
	return many[model.Delivery](s.read(ctx).Where("busy IS NOT NULL AND owner = ? AND state <> ?", owner, model.DeliverySending))
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
func (s *Store) StartDeliveries(ctx context.Context, ids []int64, owner string, now, lease time.Time) ([]int64, error) {
	n, err := changed(s.write(ctx).Exec(`UPDATE deliveries SET state = ?, sending_at = ?, lease_until = ?, attempts = attempts + 1
		WHERE id IN ? AND owner = ? AND state IN ?`, model.DeliverySending, now, lease, padded(ids), owner, []model.DeliveryState{model.DeliveryQueued, model.DeliveryInDoubt}))
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

// CountOwned counts those of the ids that this owner is still sending, locked for the transaction.
func (s *Store) CountOwned(ctx context.Context, ids []int64, owner string) (int, error) {
	if s.dialect == MySQL { // a count locks nothing that could be relied on
		owned, err := s.OwnedDeliveries(ctx, ids, owner)
		return len(owned), err
	}
	var n int64
	err := s.read(ctx).Model(&model.Delivery{}).Where("id IN ? AND owner = ? AND state = ?", slices.Compact(padded(ids)), owner, model.DeliverySending).Count(&n).Error
	return int(n), fault(err)
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
	NotBegun bool // the call that was marked was never made
}

// EndDelivery writes the end of a delivery that is in this state with this owner (nobody: ""), frees it, and reports whether it still was.
func (s *Store) EndDelivery(ctx context.Context, id int64, owner string, from model.DeliveryState, e DeliveryEnd, now time.Time) (bool, error) {
	cancels := e.State == model.DeliveryCancelled && from.MayBeCancelled()
	if e.State != from && !from.MayBecome(e.State) && !cancels {
		return false, fault(fmt.Errorf("delivery %d may not go from %s to %s", id, from, e.State))
	}
	set := map[string]any{
		"state": e.State, "holds": e.Holds, "errcode": e.ErrCode, "errmsg": e.ErrMsg, "reason": e.Reason, "due_at": e.DueAt,
		"retried": e.Retried, "owner": "", "lease_until": nil, "busy": nil, "held_until": nil, "updated_at": now,
	}
	if e.NotBegun {
		set["attempts"] = gormExpr("attempts - 1")
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

// EndSent writes in one statement that WeChat took these messages, and reports how many of them this owner was still sending.
func (s *Store) EndSent(ctx context.Context, rows []SentDelivery, owner string, now time.Time) (int64, error) {
	rows = padded(rows)
	args := []any{model.DeliverySent, model.HoldNothing, now, now}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		args = append(args, r.ID, r.MsgID)
	}
	sql := `UPDATE deliveries SET state = ?, holds = ?, errcode = 0, errmsg = '', reason = '', owner = '', lease_until = NULL, busy = NULL,
		sent_at = ?, updated_at = ?, msg_id = CASE id` + strings.Repeat(" WHEN ? THEN ?", len(rows)) + ` ELSE msg_id END
		WHERE id IN ? AND owner = ? AND state = ?`
	return changed(s.write(ctx).Exec(sql, append(args, ids, owner, model.DeliverySending)...))
}

// ExpiredDeliveries are those whose owner has not answered for them in time. What is claimed is few at any time, and an index knows it.
func (s *Store) ExpiredDeliveries(ctx context.Context, now time.Time, limit int) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("busy IS NOT NULL AND lease_until < ?", now).Order("lease_until, id").Limit(limit))
}

// ParkDeliveries puts off up to limit deliveries of a lane that are due, with the reason, and reports how many.
func (s *Store) ParkDeliveries(ctx context.Context, lane model.Lane, now, until time.Time, reason string, limit int) (int, error) {
	var ids []int64
	err := s.read(ctx).Model(&model.Delivery{}).Where("lane = ? AND due_at <= ?", lane, now).Order("due_at, id").Limit(limit).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, fault(err)
	}
	err = s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND due_at <= ?", padded(ids), now).
		Updates(map[string]any{"due_at": until, "not_before": until, "deferred_reason": reason, "updated_at": now}).Error
	return len(ids), fault(err)
}

// OverdueDeliveries are up to limit deliveries of a lane that have been due since before the instant, locked for the transaction.
func (s *Store) OverdueDeliveries(ctx context.Context, lane model.Lane, before time.Time, limit int) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("lane = ? AND due_at <= ?", lane, before).Order("due_at, id").Limit(limit))
}

// PostponeDeliveries hands claimed deliveries back until their hour, with the reason.
func (s *Store) PostponeDeliveries(ctx context.Context, ids []int64, owner string, until time.Time, reason string, now time.Time) error {
	return fault(s.write(ctx).Model(&model.Delivery{}).Where("id IN ? AND owner = ?", padded(ids), owner).Updates(map[string]any{
		"due_at": until, "not_before": until, "deferred_reason": reason, "owner": "", "lease_until": nil, "busy": nil, "updated_at": now}).Error)
}

// WaitingDeliveries are a push's deliveries on which no call was begun, up to limit, locked for the transaction.
func (s *Store) WaitingDeliveries(ctx context.Context, pushID string, limit int) ([]model.Delivery, error) {
	states := []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld}
	return many[model.Delivery](s.locked(s.read(ctx)).Where("push_id = ? AND state IN ?", pushID, states).Order("id").Limit(limit))
}

// CancelDeliveries ends waiting deliveries of a stopped push, in one statement.
func (s *Store) CancelDeliveries(ctx context.Context, ids []int64, reason string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Model(&model.Delivery{}).Where("id IN ?", padded(ids)).Updates(map[string]any{
		"state": model.DeliveryCancelled, "channel": model.ChannelInbox, "reason": reason, "holds": model.HoldNothing, "due_at": nil, "held_until": nil,
		"owner": "", "lease_until": nil, "busy": nil, "updated_at": now}).Error)
}

// RetryDeliveries queues up to limit of a push's failed deliveries again, and of those in doubt on which nothing more is done, and reports how many.
func (s *Store) RetryDeliveries(ctx context.Context, pushID string, due time.Time, deferred string, now time.Time, limit int) (int, error) {
	var ids []int64
	again := func(q *gorm.DB) *gorm.DB {
		return q.Where("push_id = ? AND openid <> '' AND owner = '' AND (state = ? OR (state = ? AND due_at IS NULL))", pushID, model.DeliveryFailed, model.DeliveryInDoubt)
	}
	if err := again(s.locked(s.read(ctx).Model(&model.Delivery{}))).Order("id").Limit(limit).Pluck("id", &ids).Error; err != nil || len(ids) == 0 {
		return 0, fault(err)
	}
	n, err := changed(again(s.write(ctx).Model(&model.Delivery{})).Where("id IN ?", padded(ids)).Updates(map[string]any{
		"state": model.DeliveryQueued, "retried": false, "reason": "", "due_at": due, "not_before": due, "deferred_reason": deferred, "updated_at": now,
		// Who was asked to bind anew is reached at the new WeChat user.
		"openid": gormExpr("CASE WHEN channel = ? AND holds = '' THEN COALESCE((SELECT i.openid FROM identities i WHERE i.member_id = deliveries.member_id), openid) ELSE openid END", model.ChannelSubscribe),
	}))
	return int(n), err
}

// RecentDeliveries are a member's deliveries to one WeChat user since an instant, the oldest first, locked for the transaction. An empty
// template means any. The lines are found by the member, which needs no index of the openids.
func (s *Store) RecentDeliveries(ctx context.Context, memberID, openID, templateID string, since time.Time) ([]model.Delivery, error) {
	q := s.locked(s.read(ctx)).Where("member_id = ? AND created_at >= ? AND openid = ?", memberID, since, openID)
	if templateID != "" {
		q = q.Where("template_id = ?", templateID)
	}
	return many[model.Delivery](q.Order("sending_at, id"))
}

// RecipientOf is the member behind an openid of the mini-program or of the service account; empty when there is none.
func (s *Store) RecipientOf(ctx context.Context, openID string, official bool) (string, error) {
	var ids []string
	q := s.read(ctx).Table("identities x").Where("x.openid = ? AND x.member_id IS NOT NULL", openID)
	if official {
		q = s.read(ctx).Table(followers).Where("f.openid = ? AND x.member_id IS NOT NULL", openID)
	}
	err := q.Limit(1).Pluck("x.member_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return "", fault(err)
	}
	return ids[0], nil
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

// HeldMembers lists members who have deliveries held for a digest that is due. The index is named because a planner that wants to sort the
// members would walk the whole ledger, each second.
func (s *Store) HeldMembers(ctx context.Context, now time.Time, limit int) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Raw("SELECT DISTINCT member_id FROM deliveries "+s.force("deliveries_held_until")+" WHERE held_until <= ? LIMIT ?", now, limit).Scan(&ids).Error
	return ids, fault(err)
}

// HeldDeliveries are the deliveries of these members that are held for a digest that is due, locked for the transaction.
func (s *Store) HeldDeliveries(ctx context.Context, memberIDs []string, now time.Time) ([]model.Delivery, error) {
	return many[model.Delivery](s.locked(s.read(ctx)).Where("held_until <= ? AND member_id IN ?", now, padded(memberIDs)).Order("member_id, id"))
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
