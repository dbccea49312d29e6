package member

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Remove takes a person out of one organisation and all below it; it may be left open where there is one only whose roster the actor keeps. Other
// memberships and their roles stay. Roles that rested on the places left end with them.
// Errors: not_found, validation_failed when one of several must be chosen, forbidden when the person is above the actor or would lose a role that the actor may not take.
func (s *Service) Remove(ctx context.Context, actor *model.Actor, id, orgID string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		p, err := seen(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		leaving, staying, err := partPlaces(ctx, tx, actor, p, orgID)
		if err != nil {
			return err
		}
		lost := model.GrantsLost(p.held, p.places, staying)
		for _, m := range leaving {
			if !model.CanRemoveMember(actor, m.OrgPath, p.held, lost) {
				return model.Forbidden("该成员还担任上级组织或其他组织的职务，请由上级组织办理。")
			}
		}
		if err := drop(ctx, tx, leaving, lost); err != nil {
			return err
		}
		if len(staying) == 0 && len(lost) == len(p.held) {
			if err := s.untie(ctx, tx, id, now, true); err != nil {
				return err
			}
		}
		for _, m := range leaving {
			if err := tx.Audit(ctx, now, actor, "member.leave", "member:"+id, m.OrgID, nil); err != nil {
				return err
			}
		}
		return rightsChanged(ctx, tx, now, id)
	})
}

// partPlaces parts a person's places into those to leave and those that stay.
func partPlaces(ctx context.Context, tx *store.Store, actor *model.Actor, p *person, orgID string) (leaving, staying []model.Membership, err error) {
	const refusal = "移除成员由支部书记办理。"
	leaves := func(m model.Membership) bool { return model.CanEditRoster(actor, m.OrgPath) }
	if orgID != "" {
		o, err := leadOrg(ctx, tx, actor, orgID, model.CanEditRoster, refusal)
		if err != nil {
			return nil, nil, err
		}
		leaves = func(m model.Membership) bool { return model.Within(m.OrgPath, o.Path) }
	}
	for _, m := range p.places {
		if leaves(m) {
			leaving = append(leaving, m)
		} else {
			staying = append(staying, m)
		}
	}
	switch {
	case orgID == "" && len(leaving) > 1:
		return nil, nil, model.BadField("org_id", "required", "该成员同时属于您管理的多个组织，请选择要移出的组织。")
	case len(leaving) > 0:
		return leaving, staying, nil
	case orgID == "" && len(p.places) > 0:
		return nil, nil, model.Forbidden(refusal)
	}
	return nil, nil, model.NotFound("该成员")
}

func drop(ctx context.Context, tx *store.Store, places []model.Membership, grants []model.Grant) error {
	ids := make([]string, len(places))
	for i, m := range places {
		ids[i] = m.ID
	}
	if err := tx.DropPlaces(ctx, ids); err != nil {
		return err
	}
	return tx.DropGrants(ctx, grantIDs(grants))
}

func grantIDs(grants []model.Grant) []string {
	ids := make([]string, len(grants))
	for i, g := range grants {
		ids[i] = g.ID
	}
	return ids
}

// Unbind frees a person from their WeChat, which they have changed or lost, and ends what was opened with it.
// Errors: not_found, forbidden, conflict when they are not bound.
func (s *Service) Unbind(ctx context.Context, actor *model.Actor, id string) (*Entry, error) {
	now := s.clock()
	var out *Entry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, at, err := edited(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !model.CanManageAccount(actor, at.OrgPath, p.held) {
			return model.Forbidden("该成员在其他组织担任职务，解除微信绑定须由上级组织办理。")
		}
		if _, err := tx.IdentityOf(ctx, id); model.IsNotFound(err) {
			return model.Conflict("该成员尚未绑定微信，无须解除。")
		}
		if err := s.untie(ctx, tx, id, now, false); err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "member.unbind", "member:"+id, at.OrgID, nil); err != nil {
			return err
		}
		if err := rightsChanged(ctx, tx, now, id); err != nil {
			return err
		}
		out, err = s.entry(ctx, tx, actor, p, at)
		return err
	})
	return out, err
}

// untie frees a person's WeChat user and ends the sessions opened with it, those of a console that the phone let in among them. Those opened with
// a password end only where the person has left altogether.
func (s *Service) untie(ctx context.Context, tx *store.Store, id string, now time.Time, passwords bool) error {
	identity, err := tx.IdentityOf(ctx, id)
	if err != nil && !model.IsNotFound(err) {
		return err
	}
	sessions, err := tx.LiveSessions(ctx, id, now)
	if err != nil {
		return err
	}
	if identity != nil {
		if err := tx.BindIdentity(ctx, identity.ID, nil, now); err != nil {
			return err
		}
		more, err := tx.LiveSessionsOfIdentity(ctx, identity.ID, now)
		if err != nil {
			return err
		}
		sessions = append(sessions, more...)
	}
	for _, v := range sessions {
		if v.Kind == model.SessionPassword && !passwords {
			continue
		}
		ended, err := tx.RevokeSession(ctx, v.ID, "unbound", now)
		if err != nil {
			return err
		}
		if !ended { // met before, in the other list
			continue
		}
		if err := tx.Changed(ctx, now, model.TopicSession, v.ID); err != nil {
			return err
		}
	}
	return nil
}

// RevealPhone shows a person's whole number, for a call. Each time is in the audit.
// Errors: not_found, forbidden, conflict when no number is known.
func (s *Service) RevealPhone(ctx context.Context, actor *model.Actor, id string) (string, error) {
	now := s.clock()
	var phone string
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, err := seen(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		at, ok := p.where(actor, model.CanRevealPhone)
		if !ok {
			return model.Forbidden("查看完整手机号须由党办单独授权。")
		}
		if p.PhoneIndex == nil {
			return model.Conflict("该成员没有登记手机号。")
		}
		if phone, err = s.vault.Open(p.PhoneCipher, p.PhoneKeyID, PhonePlace(p.ID)); err != nil {
			return model.Fail(model.CodeInternal, "手机号无法解密，请联系系统管理员检查密钥设置。").Because(err)
		}
		return tx.Audit(ctx, now, actor, "member.reveal_phone", "member:"+id, at.OrgID, nil)
	})
	if err != nil {
		return "", err
	}
	return phone, nil
}
