package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// batch is how many rows go into one statement: far below the number of variables that either database takes.
const batch = 200

// RootNamed finds an organisation without a parent by its name; the database's own unique key does not hold where there is no parent.
func (s *Store) RootNamed(ctx context.Context, name string) (*model.Org, error) {
	return one[model.Org](s.read(ctx).Where("parent_id IS NULL AND name = ?", name), "该组织")
}

// ChildOrgs are the organisations directly below one, in the order in which they were made.
func (s *Store) ChildOrgs(ctx context.Context, parentID string) ([]model.Org, error) {
	return many[model.Org](s.read(ctx).Where("parent_id = ?", parentID).Order("created_at, id"))
}

// MembersByPhones reads the persons of these blind indexes, keyed by index.
func (s *Store) MembersByPhones(ctx context.Context, indexes []string) (map[string]*model.Member, error) {
	byIndex := make(map[string]*model.Member, len(indexes))
	rows, err := inBatches[model.Member](s.read(ctx), "phone_index", indexes)
	for i := range rows {
		byIndex[*rows[i].PhoneIndex] = &rows[i]
	}
	return byIndex, err
}

// MembershipsOf reads the places of these persons, keyed by person, the oldest first.
func (s *Store) MembershipsOf(ctx context.Context, memberIDs []string) (map[string][]model.Membership, error) {
	byMember := make(map[string][]model.Membership, len(memberIDs))
	rows, err := inBatches[model.Membership](s.read(ctx).Order("created_at, id"), "member_id", memberIDs)
	for _, m := range rows {
		byMember[m.MemberID] = append(byMember[m.MemberID], m)
	}
	return byMember, err
}

// GrantsOf reads the roles of these persons, keyed by person.
func (s *Store) GrantsOf(ctx context.Context, memberIDs []string) (map[string][]model.Grant, error) {
	byMember := make(map[string][]model.Grant, len(memberIDs))
	rows, err := inBatches[model.Grant](s.read(ctx).Order("org_path, role"), "member_id", memberIDs)
	for _, g := range rows {
		byMember[g.MemberID] = append(byMember[g.MemberID], g)
	}
	return byMember, err
}

// inBatches reads the rows whose column is one of many values.
func inBatches[T any](q *gorm.DB, column string, values []string) ([]T, error) {
	q = q.Session(&gorm.Session{})
	var all []T
	for start := 0; start < len(values); start += batch {
		rows, err := many[T](q.Where(column+" IN ?", values[start:min(start+batch, len(values))]))
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// PhonelessUnder are the persons of the subtree of path whose phone is not known.
func (s *Store) PhonelessUnder(ctx context.Context, path string) ([]model.Member, error) {
	ids := under(s.read(ctx).Model(&model.Membership{}).Select("member_id"), "org_path", path)
	return many[model.Member](s.read(ctx).Where("phone_index IS NULL AND erased_at IS NULL AND id IN (?)", ids).Order("id"))
}

// AddMembers writes new persons.
func (s *Store) AddMembers(ctx context.Context, rows []*model.Member) error {
	if len(rows) == 0 {
		return nil
	}
	for _, m := range rows {
		m.Version = 1
	}
	return fault(s.write(ctx).CreateInBatches(rows, batch).Error)
}

// AddMemberships writes new places.
func (s *Store) AddMemberships(ctx context.Context, rows []*model.Membership) error {
	if len(rows) == 0 {
		return nil
	}
	return fault(s.write(ctx).CreateInBatches(rows, batch).Error)
}

// DropPlaces removes memberships by their ids, and nothing else.
func (s *Store) DropPlaces(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Where("id IN ?", ids).Delete(&model.Membership{}).Error)
}

// DropGrants removes roles by their ids.
func (s *Store) DropGrants(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Where("id IN ?", ids).Delete(&model.Grant{}).Error)
}

// Rulers are the grants that make somebody administrator of everything, locked until the transaction ends, so that
// of two administrators who demote each other at the same moment one remains.
func (s *Store) Rulers(ctx context.Context) ([]model.Grant, error) {
	return many[model.Grant](s.write(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).
		Where("org_path = ? AND role = ?", model.EverywherePath, model.RoleAdmin))
}
