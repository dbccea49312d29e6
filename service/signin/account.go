package signin

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Account is what its owner sees of an account of the console.
type Account struct {
	Username     string // empty without an account
	Enrolled     bool   // a second factor is set up
	Required     bool   // the owner's role needs one
	DueAt        *time.Time
	RecoveryLeft int
}

func (s *Service) ownAccount(ctx context.Context, actor *model.Actor) (*model.Credential, error) {
	cred, err := s.store.CredentialOf(ctx, actor.MemberID)
	if model.IsNotFound(err) {
		return nil, model.Fail(model.CodeNotFound, "您还没有用户名和密码，可以用手机扫码登录管理后台。")
	}
	return cred, err
}

// Account is the actor's own account of the console; one without a name for who signs in by scanning alone.
func (s *Service) Account(ctx context.Context, actor *model.Actor) (*Account, error) {
	cred, err := s.store.CredentialOf(ctx, actor.MemberID)
	if model.IsNotFound(err) {
		return &Account{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &Account{Username: cred.Username}
	grants, err := s.store.Grants(ctx, cred.MemberID)
	if err != nil {
		return nil, err
	}
	out.Required = model.NeedsSecondFactor(grants)
	switch _, err := s.store.SecondFactor(ctx, cred.Username); {
	case err == nil:
		out.Enrolled = true
	case !model.IsNotFound(err):
		return nil, err
	case out.Required:
		due := s.graceEnd(cred)
		out.DueAt = &due
	}
	out.RecoveryLeft, err = s.store.RecoveryCodesLeft(ctx, cred.Username)
	return out, err
}

// graceEnd is until when an account may do without a second factor: only one made at the command line, so that an installation can be set up.
func (s *Service) graceEnd(cred *model.Credential) time.Time {
	if cred.CreatedBy != "" {
		return cred.CreatedAt
	}
	return cred.CreatedAt.Add(time.Duration(s.policy().GraceHours) * time.Hour)
}

// ChangePassword replaces the actor's password, and ends the other sessions. Errors: not_found, unauthenticated, login_locked, validation_failed, conflict.
func (s *Service) ChangePassword(ctx context.Context, actor *model.Actor, old, fresh string) error {
	now := s.clock()
	cred, err := s.ownAccount(ctx, actor)
	if err != nil {
		return err
	}
	if err := s.checkPassword(ctx, cred, old, now); err != nil {
		return err
	}
	if f := model.PasswordFault(cred.Username, fresh); f != nil {
		return model.BadField("new", f.Code, f.Detail)
	}
	if fresh == old {
		return model.BadField("new", "unchanged", "新密码不能与原密码相同。")
	}
	hashed, err := hashPassword(fresh)
	if err != nil {
		return err
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		mine, err := tx.SetPassword(ctx, cred.Username, cred.PasswordHash, hashed, now)
		if err != nil {
			return err
		}
		if !mine {
			return model.Conflict("密码刚刚已在别处修改，请用新密码重新登录。")
		}
		if err := s.endOthers(ctx, tx, actor.MemberID, actor.SessionID, "password", now); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "account.password", "member:"+actor.MemberID, "", nil)
	})
}

// EndOtherSessions ends all of the actor's sessions but the present one.
func (s *Service) EndOtherSessions(ctx context.Context, actor *model.Actor) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if err := s.endOthers(ctx, tx, actor.MemberID, actor.SessionID, "logout", now); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "session.end_others", "member:"+actor.MemberID, "", nil)
	})
}

// endOthers ends a member's sessions of these kinds, or of all when none is named, but the one to keep.
func (s *Service) endOthers(ctx context.Context, tx *store.Store, memberID, keep, reason string, now time.Time, kinds ...model.SessionKind) error {
	sessions, err := tx.LiveSessions(ctx, memberID, now)
	if err != nil {
		return err
	}
	for _, v := range sessions {
		if v.ID == keep || (len(kinds) > 0 && !slices.Contains(kinds, v.Kind)) {
			continue
		}
		if err := s.revoke(ctx, tx, v.ID, reason, now); err != nil {
			return err
		}
	}
	return nil
}

// RenewRecoveryCodes gives the actor new recovery codes, once, in the place of those before, by the password or by a proof of the second factor.
// Errors: not_found without an account, conflict without a second factor, unauthenticated, login_locked, second_factor_invalid, validation_failed.
func (s *Service) RenewRecoveryCodes(ctx context.Context, actor *model.Actor, password string, p Proof) ([]string, error) {
	now := s.clock()
	cred, err := s.ownAccount(ctx, actor)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.SecondFactor(ctx, cred.Username); model.IsNotFound(err) {
		return nil, model.Conflict("您还没有设置动态验证码，无须恢复码。")
	} else if err != nil {
		return nil, err
	}
	texts, rows := s.recoveryCodes(cred, now)
	renew := func(tx *store.Store, _ string) error {
		if err := tx.PutRecoveryCodes(ctx, cred.Username, rows); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "account.recovery_codes", "member:"+actor.MemberID, "", nil)
	}
	switch {
	case !p.empty():
		err = s.proven(ctx, cred.Username, p, now, renew)
	case password == "":
		err = model.BadField("password", "required", "请输入密码，或手机上的动态验证码。")
	default:
		if err = s.checkPassword(ctx, cred, password, now); err == nil {
			err = s.store.Tx(ctx, func(tx *store.Store) error { return renew(tx, "password") })
		}
	}
	if err != nil {
		return nil, err
	}
	return texts, nil
}
