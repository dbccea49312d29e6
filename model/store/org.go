package store

import (
	"context"

	"gorm.io/gorm"

	"zhibu/model"
)

// Org reads one organisation.
func (s *Store) Org(ctx context.Context, id string) (*model.Org, error) {
	return one[model.Org](s.read(ctx).Where("id = ?", id), "该组织")
}

// Orgs reads the whole tree, parents first, in the order in which they were made.
func (s *Store) Orgs(ctx context.Context) ([]model.Org, error) {
	return many[model.Org](s.read(ctx).Order("depth, created_at, id"))
}

// OrgsByID reads the organisations of these ids, parents first.
func (s *Store) OrgsByID(ctx context.Context, ids []string) ([]model.Org, error) {
	return many[model.Org](s.read(ctx).Where("id IN ?", ids).Order("depth, created_at, id"))
}

// ChildOrg finds a child by its name.
func (s *Store) ChildOrg(ctx context.Context, parentID, name string) (*model.Org, error) {
	return one[model.Org](s.read(ctx).Where("parent_id = ? AND name = ?", parentID, name), "该组织")
}

// RootOrg is the first organisation without a parent.
func (s *Store) RootOrg(ctx context.Context) (*model.Org, error) {
	return one[model.Org](s.read(ctx).Where("parent_id IS NULL").Order("created_at, id"), "根组织")
}

// AddOrg writes a new organisation.
func (s *Store) AddOrg(ctx context.Context, o *model.Org) error {
	return fault(s.write(ctx).Create(o).Error)
}

// SaveOrg writes the name of an organisation whose version is still the one that was read.
func (s *Store) SaveOrg(ctx context.Context, o *model.Org) error {
	n, err := changed(s.write(ctx).Model(&model.Org{}).Where("id = ? AND version = ?", o.ID, o.Version).
		Updates(map[string]any{"name": o.Name, "version": o.Version + 1, "updated_at": o.UpdatedAt}))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "该组织刚被他人修改，请刷新后再试。")
	}
	return err
}

// OrgSizes counts the distinct members of each organisation, those of the subtree included. Keyed by organisation.
func (s *Store) OrgSizes(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		OrgID string
		N     int
	}
	err := s.read(ctx).Raw(`SELECT o.id AS org_id, COUNT(DISTINCT m.member_id) AS n FROM orgs o
		JOIN memberships m ON m.org_path LIKE ` + s.concat("o.path", "'%'") + ` GROUP BY o.id`).Scan(&rows).Error
	sizes := make(map[string]int, len(rows))
	for _, r := range rows {
		sizes[r.OrgID] = r.N
	}
	return sizes, fault(err)
}

// concat joins two expressions in the dialect's way.
func (s *Store) concat(a, b string) string {
	if s.dialect == MySQL {
		return "CONCAT(" + a + ", " + b + ")"
	}
	return a + " || " + b
}

// under narrows a query to the subtree of path. Paths are made of identifiers and slashes, so that they hold no wildcard.
func under(q *gorm.DB, column, path string) *gorm.DB {
	return q.Where(column+" LIKE ?", path+"%")
}
