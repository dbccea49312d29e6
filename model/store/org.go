package store

import (
	"context"
	"strings"

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
// Places are counted by the index of paths and summed up the tree; who has several is then taken off where they were counted twice. A join of
// the tree with the places would look at each pair of them.
func (s *Store) OrgSizes(ctx context.Context) (map[string]int, error) {
	var at []struct {
		OrgPath string
		N       int
	}
	err := s.read(ctx).Model(&model.Membership{}).Select("org_path, COUNT(*) AS n").Group("org_path").Scan(&at).Error
	if err != nil {
		return nil, fault(err)
	}
	sizes := make(map[string]int, len(at))
	for _, r := range at {
		for _, id := range model.PathIDs(r.OrgPath) {
			sizes[id] += r.N
		}
	}
	var twice []struct{ MemberID, OrgPath string }
	several := s.read(ctx).Model(&model.Membership{}).Select("member_id").Group("member_id").Having("COUNT(*) > 1")
	err = s.read(ctx).Model(&model.Membership{}).Select("member_id, org_path").Where("member_id IN (?)", several).Order("member_id").Scan(&twice).Error
	met := map[string]bool{}
	for i, r := range twice {
		if i > 0 && twice[i-1].MemberID != r.MemberID {
			clear(met)
		}
		for _, id := range model.PathIDs(r.OrgPath) {
			if met[id] {
				sizes[id]--
			}
			met[id] = true
		}
	}
	return sizes, fault(err)
}

// under narrows a query to the subtree of path, as a range, since SQLite uses no index for LIKE here. A path ends with a slash, and 0 is the
// character after it; paths are made of identifiers and slashes alone.
func under(q *gorm.DB, column, path string) *gorm.DB {
	if stem, ok := strings.CutSuffix(path, "/"); ok {
		return q.Where(column+" >= ? AND "+column+" < ?", path, stem+"0")
	}
	return q.Where(column+" LIKE ?", path+"%")
}
