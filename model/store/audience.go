package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// AudienceIDs lists up to limit members of an audience in the order of their ids, after the given one. Each person is there once, however
// many memberships they have; erased persons are not. A sparse audience is looked up from its own rows; a dense one is walked along the
// members, so that no page sorts the whole audience.
func (s *Store) AudienceIDs(ctx context.Context, a model.Audience, after string, limit int, dense bool) ([]string, error) {
	q, err := s.audience(ctx, a, dense)
	if err != nil || q == nil {
		return []string{}, err
	}
	ids := []string{}
	err = q.Where("m.id > ?", after).Order("m.id").Limit(limit).Pluck("m.id", &ids).Error
	return ids, fault(err)
}

// CountAudience counts the members of an audience.
func (s *Store) CountAudience(ctx context.Context, a model.Audience) (int, error) {
	q, err := s.audience(ctx, a, true)
	if err != nil || q == nil {
		return 0, err
	}
	var n int64
	err = q.Count(&n).Error
	return int(n), fault(err)
}

// audience builds the one query. It is nil for an audience that names no place, meeting or person, or an organisation that is gone.
func (s *Store) audience(ctx context.Context, a model.Audience, dense bool) (*gorm.DB, error) {
	if a.OrgID == "" && a.MeetingID == "" && len(a.MemberIDs) == 0 {
		return nil, nil
	}
	q := s.read(ctx).Table("members m").Where("m.erased_at IS NULL")
	in := func(sub *gorm.DB) { q = q.Where("m.id IN (?)", sub.Select("x.member_id")) }
	exists := func(sub *gorm.DB) { q = q.Where("EXISTS (?)", sub.Select("1").Where("x.member_id = m.id")) }
	if !dense {
		exists = in
	}
	place := model.EverywherePath
	if a.OrgID != "" {
		org, err := s.Org(ctx, a.OrgID)
		if model.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		place = org.Path
		exists(under(s.read(ctx).Table("memberships x"), "x.org_path", place))
	}
	if len(a.Roles) > 0 && !slices.Contains(a.Roles, model.RoleMember) { // everybody is a member
		exists(under(s.read(ctx).Table("grants x"), "x.org_path", place).Where("x.role IN ?", a.Roles))
	}
	if a.MeetingID != "" {
		invited := s.read(ctx).Table("meeting_invitees x").Where("x.meeting_id = ?", a.MeetingID)
		if len(a.RSVP) > 0 {
			invited = invited.Where("x.answer IN ?", a.RSVP)
		}
		in(invited)
	}
	if len(a.PartyStatus) > 0 {
		q = q.Where("m.party_status IN ?", a.PartyStatus)
	}
	if id := a.NotReadArticleID; id != "" {
		not := func(sub *gorm.DB) { q = q.Where("NOT EXISTS (?)", sub.Select("1").Where("x.member_id = m.id")) }
		not(s.read(ctx).Table("article_reads x").Where("x.article_id = ? AND x.percent >= ?", id, model.ReadPercent))
		not(s.read(ctx).Table("article_claims x").Where("x.article_id = ?", id))
	}
	if len(a.MemberIDs) > 0 {
		q = q.Where("m.id IN ?", a.MemberIDs)
	}
	return q, nil
}

// ReachFacts reads what planning needs to know of these members: who they are for WeChat, how many grants no other delivery waits for,
// and how many counted deliveries their week has. With lock, counting waits for other writers of the same rows.
func (s *Store) ReachFacts(ctx context.Context, ids []string, templateID string, from, to time.Time, lock bool) (map[string]model.ReachFacts, error) {
	facts := make(map[string]model.ReachFacts, len(ids))
	var who []struct {
		MemberID, Openid string
		Available        int
	}
	err := s.read(ctx).Table("identities i").Select("i.member_id, i.openid, COALESCE(q.available, 0) AS available").
		Joins("LEFT JOIN quotas q ON q.openid = i.openid AND q.template_id = ?", templateID).
		Where("i.member_id IN ?", padded(ids)).Scan(&who).Error
	if err != nil {
		return nil, fault(err)
	}
	openids := make([]string, 0, len(who))
	for _, w := range who {
		openids = append(openids, w.Openid)
	}
	waiting, err := s.waitingFor(ctx, openids, templateID)
	if err != nil {
		return nil, err
	}
	counted, err := s.countedOf(ctx, ids, from, to, lock)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		facts[id] = model.ReachFacts{MemberID: id, Counted: counted[id]}
	}
	for _, w := range who {
		f := facts[w.MemberID]
		f.OpenID, f.Available = w.Openid, w.Available-waiting[w.Openid]
		facts[w.MemberID] = f
	}
	return facts, nil
}

// waitingFor counts the deliveries that will each use up a one-time grant, by openid.
func (s *Store) waitingFor(ctx context.Context, openids []string, templateID string) (map[string]int, error) {
	var rows []struct {
		Openid string
		N      int
	}
	err := s.read(ctx).Table("deliveries d").Select("d.openid, COUNT(*) AS n").
		Joins("JOIN quotas q ON q.openid = d.openid AND q.template_id = d.template_id AND q.kind = ?", model.QuotaOneTime).
		Where("d.openid IN ? AND d.template_id = ? AND d.state = ? AND d.holds = ?", padded(openids), templateID, model.DeliveryQueued, model.HoldNothing).
		Group("d.openid").Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Openid] = r.N
	}
	return counts, fault(err)
}

// countedOf counts the ordinary pushes of the week, by member. What never rang, being in the inbox alone or held for the digest, does not count.
func (s *Store) countedOf(ctx context.Context, ids []string, from, to time.Time, lock bool) (map[string]int, error) {
	var rows []struct{ MemberID string }
	states := []model.DeliveryState{model.DeliveryQueued, model.DeliverySending, model.DeliverySent, model.DeliveryInDoubt}
	q := s.read(ctx).Table("deliveries").Select("member_id").
		Where("member_id IN ? AND not_before >= ? AND not_before < ? AND counted = ? AND state IN ?", padded(ids), from, to, true, states)
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

// locked makes a read wait for other writers and see what they committed. SQLite has one writer and needs nothing.
func (s *Store) locked(q *gorm.DB) *gorm.DB {
	if s.dialect == MySQL && s.after != nil {
		return q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return q
}

// padded repeats the last of a list up to a power of two, so that lists of all lengths share a dozen prepared statements.
func padded[T any](list []T) []T {
	if len(list) == 0 {
		return list
	}
	size := 1
	for size < len(list) {
		size *= 2
	}
	out := make([]T, size)
	for i := range out {
		out[i] = list[min(i, len(list)-1)]
	}
	return out
}

// portions cuts rows into pieces whose lengths are powers of two, for the same reason.
func portions[T any](rows []T, most int, write func([]T) error) error {
	for len(rows) > 0 {
		size := most
		for size > len(rows) {
			size /= 2
		}
		if err := write(rows[:size]); err != nil {
			return err
		}
		rows = rows[size:]
	}
	return nil
}
