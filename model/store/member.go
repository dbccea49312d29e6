package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// Member reads one person.
func (s *Store) Member(ctx context.Context, id string) (*model.Member, error) {
	return one[model.Member](s.read(ctx).Where("id = ?", id), "该成员")
}

// MembersByID reads the persons of these ids, keyed by id.
func (s *Store) MembersByID(ctx context.Context, ids []string) (map[string]model.Member, error) {
	byID := make(map[string]model.Member, len(ids))
	for start := 0; start < len(ids); start += 500 {
		rows, err := many[model.Member](s.read(ctx).Where("id IN ?", ids[start:min(start+500, len(ids))]))
		if err != nil {
			return nil, err
		}
		for _, m := range rows {
			byID[m.ID] = m
		}
	}
	return byID, nil
}

// MemberByPhone finds a person by the phone's blind index.
func (s *Store) MemberByPhone(ctx context.Context, index string) (*model.Member, error) {
	return one[model.Member](s.read(ctx).Where("phone_index = ?", index), "该手机号")
}

// AddMember writes a new person.
func (s *Store) AddMember(ctx context.Context, m *model.Member) error {
	m.Version = 1
	return fault(s.write(ctx).Create(m).Error)
}

// SaveMember writes a person whose version is still the one that was read.
func (s *Store) SaveMember(ctx context.Context, m *model.Member) error {
	read := m.Version
	m.Version++
	n, err := changed(s.write(ctx).Model(&model.Member{}).Where("id = ? AND version = ?", m.ID, read).Select("*").Omit("id", "created_at").Updates(m))
	if err == nil && n == 0 {
		err = model.Fail(model.CodeEditConflict, "该成员的资料刚被他人修改，请刷新后再试。")
	}
	return err
}

// RosterRow is one person of a roster with the membership that put them there.
type RosterRow struct {
	model.Member
	OrgID    string
	OrgPath  string
	JoinedOn model.Date
	Bound    bool
}

// RosterFilter narrows a roster; what is empty narrows nothing.
type RosterFilter struct {
	Text   string // within the name, the employer or the title
	Status model.PartyStatus
	Bound  *bool
	Leads  bool // who holds a role there or below
}

// Roster lists the members of the subtree of path in pinyin order, each person once with the nearest membership.
func (s *Store) Roster(ctx context.Context, path string, f RosterFilter, page model.Page) ([]RosterRow, string, error) {
	q := s.roster(ctx, path)
	if f.Leads {
		q = q.Where("members.id IN (?)", under(s.read(ctx).Model(&model.Grant{}).Select("member_id"), "org_path", path))
	}
	q = f.narrow(q).Order("members.name_sort, members.id").Limit(page.Size() + 1)
	var after struct{ Sort, ID string }
	if ok, err := model.ReadCursor(page.Cursor, "roster", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(members.name_sort > ? OR (members.name_sort = ? AND members.id > ?))", after.Sort, after.Sort, after.ID)
	}
	rows, err := many[RosterRow](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "roster", func(r RosterRow) any { return struct{ Sort, ID string }{r.NameSort, r.ID} })
	return rows, next, nil
}

func (f RosterFilter) narrow(q *gorm.DB) *gorm.DB {
	if f.Text != "" {
		text := "%" + escapeLike(f.Text) + "%"
		q = q.Where("(members.name LIKE ? ESCAPE '!' OR members.employer LIKE ? ESCAPE '!' OR members.title LIKE ? ESCAPE '!')", text, text, text)
	}
	if f.Status != "" {
		q = q.Where("members.party_status = ?", f.Status)
	}
	if f.Bound != nil {
		has := "identities.member_id IS NULL"
		if *f.Bound {
			has = "identities.member_id IS NOT NULL"
		}
		q = q.Where(has)
	}
	return q
}

// WholeRoster is Roster without pages, for the export.
func (s *Store) WholeRoster(ctx context.Context, path string) ([]RosterRow, error) {
	return many[RosterRow](s.roster(ctx, path).Order("members.name_sort, members.id"))
}

// roster joins each person of the subtree once: with several memberships there, the one highest in the tree stands for all.
func (s *Store) roster(ctx context.Context, path string) *gorm.DB {
	nearest := under(s.read(ctx).Model(&model.Membership{}).Select("member_id, MIN(org_path) AS org_path"), "org_path", path).Group("member_id")
	return s.read(ctx).Table("(?) AS near", nearest).
		Select("members.*, memberships.org_id, memberships.org_path, memberships.joined_on, (identities.member_id IS NOT NULL) AS bound").
		Joins("JOIN memberships ON memberships.member_id = near.member_id AND memberships.org_path = near.org_path").
		Joins("JOIN members ON members.id = near.member_id AND members.erased_at IS NULL").
		Joins("LEFT JOIN identities ON identities.member_id = members.id")
}

// NamesakesUnder finds the persons of this name in the subtree of path.
func (s *Store) NamesakesUnder(ctx context.Context, path, name string) ([]model.Member, error) {
	ids := under(s.read(ctx).Model(&model.Membership{}).Select("member_id"), "org_path", path)
	return many[model.Member](s.read(ctx).Where("name = ? AND id IN (?)", name, ids).Order("id"))
}

// Memberships are all places of one person, the oldest first.
func (s *Store) Memberships(ctx context.Context, memberID string) ([]model.Membership, error) {
	return many[model.Membership](s.read(ctx).Where("member_id = ?", memberID).Order("created_at, id"))
}

// AddMembership writes a place.
func (s *Store) AddMembership(ctx context.Context, m *model.Membership) error {
	return fault(s.write(ctx).Create(m).Error)
}

// MoveMembership puts a membership into another organisation.
func (s *Store) MoveMembership(ctx context.Context, id string, to *model.Org) error {
	return fault(s.write(ctx).Model(&model.Membership{}).Where("id = ?", id).
		Updates(map[string]any{"org_id": to.ID, "org_path": to.Path}).Error)
}

// SetJoinedOn writes the day a person joined.
func (s *Store) SetJoinedOn(ctx context.Context, id string, day model.Date) error {
	return fault(s.write(ctx).Model(&model.Membership{}).Where("id = ?", id).Update("joined_on", day).Error)
}

// Grants are all roles of one person.
func (s *Store) Grants(ctx context.Context, memberID string) ([]model.Grant, error) {
	return many[model.Grant](s.read(ctx).Where("member_id = ?", memberID).Order("org_path, role"))
}

// GrantsUnder are all roles held at organisations of the subtree of path.
func (s *Store) GrantsUnder(ctx context.Context, path string) ([]model.Grant, error) {
	return many[model.Grant](under(s.read(ctx), "org_path", path).Order("member_id, org_path, role"))
}

// HoldersOver are the members who hold one of the roles for the organisation at path, from there up to the root.
func (s *Store) HoldersOver(ctx context.Context, path string, roles ...model.Role) ([]model.Grant, error) {
	paths := []string{model.EverywherePath}
	p := model.EverywherePath
	for _, id := range model.PathIDs(path) {
		p = model.PathUnder(p, id)
		paths = append(paths, p)
	}
	return many[model.Grant](s.read(ctx).Where("org_path IN ? AND role IN ?", paths, roles).Order("org_path DESC, member_id"))
}

// SetGrants makes the roles of one person at one organisation exactly these.
func (s *Store) SetGrants(ctx context.Context, memberID string, org *model.Org, roles []model.Role, now time.Time) error {
	if err := s.write(ctx).Where("member_id = ? AND org_id = ?", memberID, org.ID).Delete(&model.Grant{}).Error; err != nil {
		return fault(err)
	}
	for _, r := range roles {
		g := model.Grant{ID: NewID(), MemberID: memberID, OrgID: org.ID, OrgPath: org.Path, Role: r, CreatedAt: now}
		if err := s.AddGrant(ctx, &g); err != nil {
			return err
		}
	}
	return nil
}

// OfficeIDs are the members of the office and the administrators, wherever their role holds.
func (s *Store) OfficeIDs(ctx context.Context) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.Grant{}).Distinct("member_id").Where("role IN ?", []model.Role{model.RoleStaff, model.RoleAdmin}).
		Order("member_id").Limit(200).Pluck("member_id", &ids).Error
	return ids, fault(err)
}

// AddGrant writes one role.
func (s *Store) AddGrant(ctx context.Context, g *model.Grant) error {
	return fault(s.write(ctx).Create(g).Error)
}
