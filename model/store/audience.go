package store

import (
	"context"
	"reflect"
	"slices"

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

// WideAudience reports whether an audience may be so large that nobody should look at it while holding locks. It asks for no more than most
// memberships of the place; few persons by name, of one meeting or with a role are never many.
func (s *Store) WideAudience(ctx context.Context, a model.Audience, most int) (bool, error) {
	if a.OrgID == "" || a.MeetingID != "" || len(a.MemberIDs) > 0 || (len(a.Roles) > 0 && !slices.Contains(a.Roles, model.RoleMember)) {
		return false, nil
	}
	org, err := s.Org(ctx, a.OrgID)
	if model.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var n int64
	some := under(s.read(ctx).Table("memberships x").Select("1"), "x.org_path", org.Path).Limit(most + 1)
	err = s.read(ctx).Table("(?) AS some", some).Count(&n).Error
	return n > int64(most), fault(err)
}

// CountAudience counts the members of an audience.
func (s *Store) CountAudience(ctx context.Context, a model.Audience) (int, error) {
	var n int64
	if whole := (model.Audience{OrgID: a.OrgID}); a.OrgID != "" && reflect.DeepEqual(a, whole) { // a whole subtree is counted by its memberships
		org, err := s.Org(ctx, a.OrgID)
		if model.IsNotFound(err) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		err = under(s.read(ctx).Table("memberships x").Joins("JOIN members m ON m.id = x.member_id AND m.erased_at IS NULL"), "x.org_path", org.Path).
			Distinct("x.member_id").Count(&n).Error
		return int(n), fault(err)
	}
	q, err := s.audience(ctx, a, true)
	if err != nil || q == nil {
		return 0, err
	}
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
	// With its LIMIT a subquery is looked up for each member on the way; MariaDB would turn an EXISTS into a list of everybody, for each page anew.
	exists := func(sub *gorm.DB) {
		q = q.Where("(?) IS NOT NULL", sub.Select("1").Where("x.member_id = m.id").Limit(1))
	}
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
		not := func(sub *gorm.DB) { q = q.Where("(?) IS NULL", sub.Select("1").Where("x.member_id = m.id").Limit(1)) }
		not(s.read(ctx).Table("article_reads x").Where("x.article_id = ? AND x.percent >= ?", id, model.ReadPercent))
		not(s.read(ctx).Table("article_claims x").Where("x.article_id = ?", id))
	}
	if len(a.MemberIDs) > 0 {
		q = q.Where("m.id IN ?", a.MemberIDs)
	}
	return q, nil
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
