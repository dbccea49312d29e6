package store

import (
	"context"
	"time"

	"zhibu/model"
)

// Credentials are all accounts of the console, by their names.
func (s *Store) Credentials(ctx context.Context) ([]model.Credential, error) {
	return many[model.Credential](s.read(ctx).Order("username"))
}

// CredentialOf finds a member's account of the console.
func (s *Store) CredentialOf(ctx context.Context, memberID string) (*model.Credential, error) {
	return one[model.Credential](s.read(ctx).Where("member_id = ?", memberID).Order("created_at"), "该账号")
}

// CredentialBySetup finds the account for which a set-up code was given out.
func (s *Store) CredentialBySetup(ctx context.Context, hash string) (*model.Credential, error) {
	return one[model.Credential](s.read(ctx).Where("setup_hash = ? AND setup_hash <> ''", hash), "这个账号设置链接")
}

// SetPassword replaces a password's hash, and reports whether it was still the one before. A set-up code ends with it.
func (s *Store) SetPassword(ctx context.Context, username, before, hash string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Credential{}).Where("username = ? AND password_hash = ?", username, before).
		Updates(map[string]any{"password_hash": hash, "setup_hash": "", "setup_expires_at": nil, "updated_at": now}))
	return n > 0, err
}

// TakeSetup sets the password by a set-up code, and reports whether this call was the one to use the code.
func (s *Store) TakeSetup(ctx context.Context, username, setup, hash string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Credential{}).Where("username = ? AND setup_hash = ? AND setup_expires_at > ? AND disabled_at IS NULL", username, setup, now).
		Updates(map[string]any{"password_hash": hash, "setup_hash": "", "setup_expires_at": nil, "updated_at": now}))
	return n > 0, err
}

// RenameCredential gives an account that was never used the name that its owner has chosen, and reports whether it was still there.
func (s *Store) RenameCredential(ctx context.Context, from, to string) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Credential{}).Where("username = ?", from).Update("username", to))
	return n > 0, err
}

// OfferSetup lets the owner set a password anew by a code; the password before opens nothing any more.
func (s *Store) OfferSetup(ctx context.Context, username, setup string, expires, now time.Time) error {
	return fault(s.write(ctx).Model(&model.Credential{}).Where("username = ?", username).
		Updates(map[string]any{"password_hash": "", "setup_hash": setup, "setup_expires_at": expires, "updated_at": now}).Error)
}

// DisableCredential closes an account, or with nil opens it again. It reports whether that changed anything.
func (s *Store) DisableCredential(ctx context.Context, username string, at *time.Time, now time.Time) (bool, error) {
	was := "disabled_at IS NOT NULL"
	if at != nil {
		was = "disabled_at IS NULL"
	}
	n, err := changed(s.write(ctx).Model(&model.Credential{}).Where("username = ? AND "+was, username).Updates(map[string]any{"disabled_at": at, "updated_at": now}))
	return n > 0, err
}

// SecondFactor reads an account's second factor.
func (s *Store) SecondFactor(ctx context.Context, username string) (*model.SecondFactor, error) {
	return one[model.SecondFactor](s.read(ctx).Where("username = ?", username), "该账号的动态验证码")
}

// AddSecondFactor writes an account's second factor with its recovery codes, and reports whether the account had none.
func (s *Store) AddSecondFactor(ctx context.Context, f *model.SecondFactor, codes []model.RecoveryCode) (bool, error) {
	fresh, err := s.insertOnce(ctx, f)
	if err != nil || !fresh {
		return false, err
	}
	return true, s.PutRecoveryCodes(ctx, f.Username, codes)
}

// DropSecondFactor forgets an account's second factor with its recovery codes, and reports whether there was one.
func (s *Store) DropSecondFactor(ctx context.Context, username string) (bool, error) {
	if err := s.write(ctx).Where("username = ?", username).Delete(&model.RecoveryCode{}).Error; err != nil {
		return false, fault(err)
	}
	n, err := changed(s.write(ctx).Where("username = ?", username).Delete(&model.SecondFactor{}))
	return n > 0, err
}

// UseFactorStep takes the digits of a step, and reports whether they were still good: each step counts once, and none before a later one.
func (s *Store) UseFactorStep(ctx context.Context, username string, step int64) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.SecondFactor{}).Where("username = ? AND last_step < ?", username, step).Update("last_step", step))
	return n > 0, err
}

// PutRecoveryCodes replaces an account's recovery codes.
func (s *Store) PutRecoveryCodes(ctx context.Context, username string, codes []model.RecoveryCode) error {
	if err := s.write(ctx).Where("username = ?", username).Delete(&model.RecoveryCode{}).Error; err != nil {
		return fault(err)
	}
	return fault(s.write(ctx).Create(&codes).Error)
}

// UseRecoveryCode takes a recovery code, and reports whether it was one that had not been used.
func (s *Store) UseRecoveryCode(ctx context.Context, username, hash string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.RecoveryCode{}).Where("hash = ? AND username = ? AND used_at IS NULL", hash, username).Update("used_at", now))
	return n > 0, err
}

// RecoveryCodesLeft counts an account's recovery codes that nobody has used.
func (s *Store) RecoveryCodesLeft(ctx context.Context, username string) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.RecoveryCode{}).Where("username = ? AND used_at IS NULL", username).Count(&n).Error
	return int(n), fault(err)
}

// AccountRow is an account with its owner, for the list.
type AccountRow struct {
	model.Credential
	Member      model.Member
	Grants      []model.Grant
	Factor      bool
	LockedUntil time.Time
}

// Accounts are all accounts with their owners, by their names.
func (s *Store) Accounts(ctx context.Context) ([]AccountRow, error) {
	creds, err := s.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	var ids, names, enrolled []string
	for _, c := range creds {
		ids, names = append(ids, c.MemberID), append(names, c.Username)
	}
	members, err := s.MembersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	grants, err := many[model.Grant](s.read(ctx).Where("member_id IN ?", orNone(ids)).Order("org_path, role"))
	if err != nil {
		return nil, err
	}
	if err := s.read(ctx).Model(&model.SecondFactor{}).Where("username IN ?", orNone(names)).Pluck("username", &enrolled).Error; err != nil {
		return nil, fault(err)
	}
	locks, err := many[model.LoginFailure](s.read(ctx).Where("username IN ?", orNone(names)))
	if err != nil {
		return nil, err
	}
	rows := make([]AccountRow, len(creds))
	at := map[string]*AccountRow{}
	for i, c := range creds {
		rows[i] = AccountRow{Credential: c, Member: members[c.MemberID]}
		at[c.Username] = &rows[i]
		for _, g := range grants {
			if g.MemberID == c.MemberID {
				rows[i].Grants = append(rows[i].Grants, g)
			}
		}
	}
	for _, name := range enrolled {
		at[name].Factor = true
	}
	for _, l := range locks {
		at[l.Username].LockedUntil = l.LockedUntil
	}
	return rows, nil
}

// TouchSession notes that a session was used.
func (s *Store) TouchSession(ctx context.Context, id string, now time.Time) error {
	_, err := s.exec(ctx, "UPDATE sessions SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?", now, id, now)
	return err
}
