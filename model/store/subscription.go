package store

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
)

// Quotas are the books of one user, keyed by template.
func (s *Store) Quotas(ctx context.Context, openID string) (map[string]model.Quota, error) {
	rows, err := many[model.Quota](s.read(ctx).Where("openid = ?", openID))
	byTemplate := make(map[string]model.Quota, len(rows))
	for _, q := range rows {
		byTemplate[q.TemplateID] = q
	}
	return byTemplate, err
}

// OpenQuota makes sure that there is a book, and locks it for the transaction.
func (s *Store) OpenQuota(ctx context.Context, openID, templateID string, kind model.QuotaKind, now time.Time) error {
	take := func() (int64, error) {
		return changed(s.write(ctx).Model(&model.Quota{}).Where("openid = ? AND template_id = ?", openID, templateID).Update("updated_at", now))
	}
	if n, err := take(); err != nil || n > 0 {
		return err
	}
	if _, err := s.insertOnce(ctx, &model.Quota{OpenID: openID, TemplateID: templateID, Kind: kind, CreatedAt: now, UpdatedAt: now}); err != nil {
		return err
	}
	_, err := take()
	return err
}

// MoveQuotas books one step for each of these users, who must be different, where the book allows it, and reports for how many it did.
func (s *Store) MoveQuotas(ctx context.Context, step model.QuotaStep, templateID string, openIDs []string, now time.Time) (int64, error) {
	if len(openIDs) == 0 || step == model.QuotaNone {
		return 0, nil
	}
	set, where := quotaSQL(step)
	sql := "UPDATE quotas SET " + set + ", updated_at = ? WHERE template_id = ? AND openid IN ?" + where
	return changed(s.write(ctx).Exec(sql, now, templateID, padded(openIDs)))
}

// quotaSQL makes the conditional update of a step from the model's table. Each column is set once and what is emptied comes last,
// because MySQL reads a column after it was set.
func quotaSQL(step model.QuotaStep) (set, where string) {
	sums := map[model.QuotaPart]string{}
	var order []model.QuotaPart
	add := func(p model.QuotaPart, term string) {
		if sums[p] == "" {
			order = append(order, p)
			sums[p] = string(p)
		}
		sums[p] += term
	}
	var last []string
	for _, m := range step.Moves() {
		switch {
		case m.From == "":
			add("granted", " + 1")
			add(m.To, " + 1")
		case m.All:
			add(m.To, " + "+string(m.From))
			last = append(last, string(m.From)+" = 0")
		default:
			add(m.From, " - 1")
			add(m.To, " + 1")
			where += " AND " + string(m.From) + " >= 1"
		}
	}
	var parts []string
	for _, p := range order {
		parts = append(parts, string(p)+" = "+sums[p])
	}
	return strings.Join(append(parts, last...), ", "), where
}

// ReserveQuotas reserves one grant for each of these users who has one, and tells who had. Users with a long-term grant need no reservation.
func (s *Store) ReserveQuotas(ctx context.Context, templateID string, openIDs []string, now time.Time) (reserved, longTerm map[string]bool, err error) {
	reserved, longTerm = map[string]bool{}, map[string]bool{}
	rows, err := many[model.Quota](s.locked(s.read(ctx)).Where("template_id = ? AND openid IN ? AND available >= 1", templateID, padded(openIDs)))
	if err != nil || len(rows) == 0 {
		return reserved, longTerm, err
	}
	var take []string
	for _, q := range rows {
		if q.Kind == model.QuotaLongTerm {
			longTerm[q.OpenID] = true
			continue
		}
		reserved[q.OpenID] = true
		take = append(take, q.OpenID)
	}
	n, err := s.MoveQuotas(ctx, model.QuotaReserve, templateID, take, now)
	if err == nil && int(n) != len(take) {
		err = model.Conflict("订阅次数刚被占用，请重试。")
	}
	return reserved, longTerm, err
}

// MatchTap finds the other report of the same tap, the oldest first, and marks it as reported twice. It reports whether there was one.
// The book of the user and template must be locked.
func (s *Store) MatchTap(ctx context.Context, openID, templateID string, accept, client bool, at time.Time) (bool, error) {
	mine, other := "event_at", "client_at"
	if client {
		mine, other = other, mine
	}
	t, err := one[model.Tap](s.locked(s.read(ctx)).
		Where("openid = ? AND template_id = ? AND accept = ? AND "+mine+" IS NULL", openID, templateID, accept).
		Where(other+" >= ? AND "+other+" <= ?", at.Add(-model.TapWindow), at.Add(model.TapWindow)).Order("id"), "这次订阅")
	if model.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := changed(s.write(ctx).Model(&model.Tap{}).Where("id = ? AND "+mine+" IS NULL", t.ID).Update(mine, at))
	return n > 0, err
}

// AddTap writes a tap of which this is the first report.
func (s *Store) AddTap(ctx context.Context, t *model.Tap) error {
	return fault(s.write(ctx).Create(t).Error)
}

// AskedSince reports whether the user answered a dialog since the instant, by the client's report or, where that was lost, by WeChat's event.
func (s *Store) AskedSince(ctx context.Context, openID string, since time.Time) (bool, error) {
	var ids []int64
	err := s.read(ctx).Model(&model.Tap{}).Where("openid = ? AND COALESCE(client_at, event_at) >= ?", openID, since).Limit(1).Pluck("id", &ids).Error
	return len(ids) > 0, fault(err)
}

// PruneTaps forgets taps that no second report can match any more.
func (s *Store) PruneTaps(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("COALESCE(client_at, event_at) < ?", before).Delete(&model.Tap{}).Error)
}
