package member

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// SetRoles makes the roles that a person holds at an organisation, and only there, exactly these; "member" is what everybody is and may be left out.
// At the root the roles for everything are meant too. Errors: not_found, validation_failed, forbidden for a role above the actor's own or outside
// their part of the tree, conflict when the last administrator of everything would go.
func (s *Service) SetRoles(ctx context.Context, actor *model.Actor, orgID, memberID string, roles []model.Role) (*Entry, error) {
	now := s.clock()
	var out *Entry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := leadOrg(ctx, tx, actor, orgID, model.CanEditRoster, "角色由支部书记及上级组织授予。")
		if err != nil {
			return err
		}
		wanted, err := checkRoles(roles)
		if err != nil {
			return err
		}
		p, err := read(ctx, tx, memberID)
		if err != nil {
			return err
		}
		if !standsIn(p, o) {
			return model.NotFound("该成员")
		}
		added, removed := compareRoles(p.held, o, wanted)
		if err := mayGrant(ctx, tx, actor, o, added, removed); err != nil {
			return err
		}
		if err := writeRoles(ctx, tx, actor, o, p, added, removed, now); err != nil {
			return err
		}
		out, err = s.entryAt(ctx, tx, memberID, o)
		return err
	})
	return out, err
}

// CheckRoles names every role that does not exist. Errors: validation_failed.
func CheckRoles(roles []model.Role) error {
	_, err := checkRoles(roles)
	return err
}

// checkRoles takes "member" and repetitions out and names every unknown role.
func checkRoles(roles []model.Role) ([]model.Role, error) {
	var v model.Invalid
	var wanted []model.Role
	for i, r := range roles {
		switch {
		case r.Rank() == 0:
			v.Add(fmt.Sprintf("roles[%d]", i), "not_allowed", "没有这个角色，只能是成员、党小组组长、支委、支部书记、党办或管理员。")
		case r != model.RoleMember && !slices.Contains(wanted, r):
			wanted = append(wanted, r)
		}
	}
	return wanted, v.Err()
}

// standsIn: a role is for those who belong to the organisation, and may be taken from whoever holds one there.
func standsIn(p *person, o *model.Org) bool {
	for _, m := range p.places {
		if model.Within(m.OrgPath, o.Path) {
			return true
		}
	}
	return slices.ContainsFunc(p.held, func(g model.Grant) bool { return standsAt(g, o) })
}

func compareRoles(held []model.Grant, o *model.Org, wanted []model.Role) (added []model.Role, removed []model.Grant) {
	has := map[model.Role]bool{}
	for _, g := range held {
		if !standsAt(g, o) || g.Role == model.RoleRevealPhone { // which is granted apart
			continue
		}
		has[g.Role] = true
		if !slices.Contains(wanted, g.Role) {
			removed = append(removed, g)
		}
	}
	for _, r := range wanted {
		if !has[r] {
			added = append(added, r)
		}
	}
	return added, removed
}

func mayGrant(ctx context.Context, tx *store.Store, actor *model.Actor, o *model.Org, added []model.Role, removed []model.Grant) error {
	refuse := func(r model.Role) error {
		return model.Forbidden("您不能授予或撤销“" + r.Label() + "”：只能办理本组织之内、不高于自己的角色。")
	}
	for _, r := range added {
		if !model.CanGrant(actor, r, o.Path) {
			return refuse(r)
		}
	}
	for _, g := range removed {
		if !model.CanGrant(actor, g.Role, g.OrgPath) {
			return refuse(g.Role)
		}
		if g.OrgPath != model.EverywherePath || g.Role != model.RoleAdmin {
			continue
		}
		rulers, err := tx.Rulers(ctx)
		if err != nil {
			return err
		}
		if len(rulers) <= 1 {
			return model.Conflict("这是最后一位系统管理员，请先指定另一位，再撤销。")
		}
	}
	return nil
}

func writeRoles(ctx context.Context, tx *store.Store, actor *model.Actor, o *model.Org, p *person, added []model.Role, removed []model.Grant, now time.Time) error {
	if len(added)+len(removed) == 0 {
		return nil
	}
	if err := tx.DropGrants(ctx, grantIDs(removed)); err != nil {
		return err
	}
	var plus, minus []string
	for _, r := range added {
		plus = append(plus, string(r))
		g := &model.Grant{ID: store.NewID(), MemberID: p.ID, OrgID: o.ID, OrgPath: o.Path, Role: r, CreatedAt: now}
		if err := tx.AddGrant(ctx, g); err != nil {
			return err
		}
	}
	for _, g := range removed {
		minus = append(minus, string(g.Role))
	}
	detail := map[string]string{"added": strings.Join(plus, ","), "removed": strings.Join(minus, ",")}
	if err := tx.Audit(ctx, now, actor, "member.roles", "member:"+p.ID, o.ID, detail); err != nil {
		return err
	}
	return rightsChanged(ctx, tx, now, p.ID)
}
