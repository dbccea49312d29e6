package member

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// SetPhoneRight grants a person whole phone numbers in an organisation and all below it, or takes that right back. It is granted apart, by the
// office, and no role brings it along; each use is in the audit too. Errors: not_found, forbidden.
func (s *Service) SetPhoneRight(ctx context.Context, actor *model.Actor, orgID, memberID string, has bool) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := leadOrg(ctx, tx, actor, orgID, model.CanGrantPhoneRight, "查看完整手机号的权限由党办授予。")
		if err != nil {
			return err
		}
		p, err := read(ctx, tx, memberID)
		if err != nil {
			return err
		}
		if has && !worksFor(p, o) {
			return model.NotFound("该成员")
		}
		action := "member.phone_right_grant"
		var changed bool
		if has {
			changed, err = grantPhones(ctx, tx, p, o, now)
		} else {
			action = "member.phone_right_revoke"
			changed, err = revokePhones(ctx, tx, p, o)
		}
		if err != nil || !changed {
			return err
		}
		if err := tx.Audit(ctx, now, actor, action, "member:"+memberID, o.ID, nil); err != nil {
			return err
		}
		return rightsChanged(ctx, tx, now, memberID)
	})
}

// worksFor: the right is for those who belong to the organisation or hold a role for it.
func worksFor(p *person, o *model.Org) bool {
	if standsIn(p, o) {
		return true
	}
	for _, g := range p.held {
		if g.Role.Rank() > 0 && model.Within(o.Path, g.OrgPath) {
			return true
		}
	}
	return false
}

func grantPhones(ctx context.Context, tx *store.Store, p *person, o *model.Org, now time.Time) (bool, error) {
	for _, g := range p.held {
		if g.Role == model.RoleRevealPhone && g.OrgID == o.ID {
			return false, nil
		}
	}
	return true, tx.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: p.ID, OrgID: o.ID, OrgPath: o.Path, Role: model.RoleRevealPhone, CreatedAt: now})
}

func revokePhones(ctx context.Context, tx *store.Store, p *person, o *model.Org) (bool, error) {
	for _, g := range p.held {
		if g.Role == model.RoleRevealPhone && g.OrgID == o.ID {
			return true, tx.DropGrants(ctx, []string{g.ID})
		}
	}
	return false, nil
}
