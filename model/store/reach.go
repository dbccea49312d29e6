package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// ReachFacts reads what planning needs to know of these members: who they are for WeChat, how many grants nobody has reserved, and how many
// counted deliveries their week has. It asks only for what the push needs. With lock, it waits for other writers of the same books.
func (s *Store) ReachFacts(ctx context.Context, ids []string, need FactsNeeded, lock bool) (map[string]model.ReachFacts, error) {
	facts := make(map[string]model.ReachFacts, len(ids))
	for _, id := range ids {
		facts[id] = model.ReachFacts{MemberID: id}
	}
	q := s.read(ctx).Table("identities i").Select("i.member_id, i.openid, COALESCE(q.available, 0) AS available, '' AS official").
		Joins("LEFT JOIN quotas q ON q.openid = i.openid AND q.template_id = ?", need.TemplateID).
		Where("i.member_id IN ?", padded(ids))
	if lock && need.TemplateID != "" {
		q = s.locked(q)
	}
	if err := scanFacts(q, func(f model.ReachFacts) { facts[f.MemberID] = f }); err != nil {
		return nil, err
	}
	if need.Official {
		if err := s.addOfficial(ctx, ids, facts); err != nil {
			return nil, err
		}
	}
	return facts, s.CountWeek(ctx, ids, facts, need, lock)
}

// CountWeek adds to what is known of these members how many counted deliveries their week has, where the push needs it.
func (s *Store) CountWeek(ctx context.Context, ids []string, facts map[string]model.ReachFacts, need FactsNeeded, lock bool) error {
	if !need.Counted {
		return nil
	}
	counted, err := s.countedOf(ctx, ids, need.From, need.To, lock)
	for id, n := range counted {
		f := facts[id]
		f.Counted = n
		facts[id] = f
	}
	return err
}

// AudienceFacts are the next members of an audience in the order of their ids, with what ReachFacts tells of them but for their week: in one
// statement, which locks nothing. What changes before their lines are written, EnterDeliveries finds.
func (s *Store) AudienceFacts(ctx context.Context, a model.Audience, after string, limit int, dense bool, need FactsNeeded) ([]string, map[string]model.ReachFacts, error) {
	ids, facts := make([]string, 0, limit), make(map[string]model.ReachFacts, limit)
	q, err := s.audience(ctx, a, dense)
	if err != nil || q == nil {
		return ids, facts, err
	}
	page := q.Select("m.id").Where("m.id > ?", after).Order("m.id").Limit(limit)
	known := s.read(ctx).Table("(?) AS a", page).Select("a.id, COALESCE(i.openid, '') AS openid, COALESCE(q.available, 0) AS available, '' AS official").
		Joins("LEFT JOIN identities i ON i.member_id = a.id").
		Joins("LEFT JOIN quotas q ON q.openid = i.openid AND q.template_id = ?", need.TemplateID).Order("a.id")
	err = scanFacts(known, func(f model.ReachFacts) {
		ids = append(ids, f.MemberID)
		facts[f.MemberID] = f
	})
	if err == nil && need.Official && len(ids) > 0 {
		err = s.addOfficial(ctx, ids, facts)
	}
	return ids, facts, err
}

// addOfficial adds the openids of those who follow the service account.
func (s *Store) addOfficial(ctx context.Context, ids []string, facts map[string]model.ReachFacts) error {
	follow, err := s.OfficialOpenIDs(ctx, ids)
	for id, openID := range follow {
		f := facts[id]
		f.Official = openID
		facts[id] = f
	}
	return err
}

// followers joins the users of the mini-program with the followers of the service account, who are the same persons by their unionid.
const followers = "identities x JOIN official_followers f ON f.unionid = x.unionid AND x.unionid <> '' AND f.following = 1"

// FactsNeeded says which facts a push's plan depends on.
type FactsNeeded struct {
	TemplateID string // of the subscription; empty: none
	Official   bool   // whether there is a way by the service account
	Counted    bool   // whether the push counts towards the budget of the week From to To
	From, To   time.Time
}

// scanFacts reads without reflection: an audience has a hundred thousand of these rows.
func scanFacts(q *gorm.DB, keep func(model.ReachFacts)) error {
	rows, err := q.Rows()
	if err != nil {
		return fault(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f model.ReachFacts
		if err := rows.Scan(&f.MemberID, &f.OpenID, &f.Available, &f.Official); err != nil {
			return fault(err)
		}
		keep(f)
	}
	return fault(rows.Err())
}

// budgetLooksBack is how long before the week a delivery of the week may have been written: it may have been put off for some days.
const budgetLooksBack = 8 * 24 * time.Hour

// countedOf counts the ordinary pushes of the week, by member. What never rang, being in the inbox alone or held for the digest, does not count.
func (s *Store) countedOf(ctx context.Context, ids []string, from, to time.Time, lock bool) (map[string]int, error) {
	var rows []struct{ MemberID string }
	states := []model.DeliveryState{model.DeliveryQueued, model.DeliverySending, model.DeliverySent, model.DeliveryInDoubt}
	q := s.read(ctx).Table("deliveries").Select("member_id").
		Where("member_id IN ? AND created_at >= ? AND not_before >= ? AND not_before < ? AND counted = ? AND state IN ?",
			padded(ids), from.Add(-budgetLooksBack), from, to, true, states)
	if lock {
		q = s.locked(q)
	}
	err := q.Scan(&rows).Error
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.MemberID]++
	}
	return counts, fault(err)
}

// enterColumns are what a delivery has when it is entered; the rest is empty.
const enterColumns = `push_id, member_id, openid, state, channel, template_id, counted, retried, holds, attempts, errcode, errmsg, reason, deferred_reason,
	not_before, due_at, msg_id, owner, lane, held_until, own_title, created_at, updated_at`

// EnterDeliveries writes the lines of a push in inbox and ledger for members whose reach is the same but for the openid, and reserves their
// grants. A conflict means that a grant or a binding changed meanwhile.
func (s *Store) EnterDeliveries(ctx context.Context, p *model.Push, r model.Reach, ids, openIDs []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if r.Channel == model.ChannelOfficial { // one person may have followed twice, so that the openids can't be joined to
		rows := make([]model.Delivery, len(ids))
		for i, id := range ids {
			r.OpenID = openIDs[i]
			rows[i] = model.NewDelivery(p, r, id, now)
		}
		return s.AddDeliveries(ctx, rows)
	}
	if err := s.enter(ctx, p, r, ids, openIDs, now); err != nil || !r.Reserve {
		return err
	}
	n, err := s.MoveQuotas(ctx, model.QuotaReserve, r.TemplateID, openIDs, now)
	if err == nil && int(n) != len(ids) {
		err = model.Conflict("订阅次数刚被占用，请重试。")
	}
	return err
}

// enter writes the lines in one statement, which takes the openids from where they stand, as long as they are those that were planned with: else a
// line would go to one openid and the grant be reserved of another.
func (s *Store) enter(ctx context.Context, p *model.Push, r model.Reach, ids, openIDs []string, now time.Time) error {
	d := model.NewDelivery(p, r, "", now)
	from, which := "members x WHERE x.id IN ?", []any{padded(ids)}
	member, openID := "x.id", "''"
	if d.Channel == model.ChannelSubscribe {
		from, member, openID = "identities x WHERE x.member_id IN ? AND x.openid IN ?", "x.member_id", "x.openid"
		which = append(which, padded(openIDs))
	}
	sql := "INSERT INTO deliveries (" + enterColumns + ") SELECT ?, " + member + ", " + openID +
		", ?, ?, ?, ?, ?, ?, 0, 0, '', ?, ?, ?, ?, '', '', ?, ?, '', ?, ? FROM " + from
	values := []any{p.ID, d.State, d.Channel, d.TemplateID, d.Counted, false, d.Holds, d.Reason, d.Deferred, d.NotBefore, d.DueAt, d.Lane, d.HeldUntil, now, now}
	n, err := changed(s.write(ctx).Exec(sql, append(values, which...)...))
	if err == nil && int(n) != len(ids) {
		err = model.Conflict("成员的微信绑定刚有变化，请重试。")
	}
	return err
}
