package signin

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// setupLife is how long a set-up code waits for its owner.
const setupLife = 72 * time.Hour

// unnamed begins the place of a name that its owner has yet to choose. No name that can be chosen has a blank in it.
const unnamed = "new "

func hasName(username string) bool { return !strings.HasPrefix(username, unnamed) }

// AccountEntry is an account as those see it who keep accounts.
type AccountEntry struct {
	store.AccountRow
	Required  bool // the owner's role needs a second factor
	Locked    bool
	Waits     bool // for its owner to set it up
	CanChange bool // by the one who asks
}

// Username is empty until its owner has chosen one.
func (e *AccountEntry) Username() string {
	if !hasName(e.Credential.Username) {
		return ""
	}
	return e.Credential.Username
}

// Offer is a set-up code, shown once to whoever hands it to the owner.
type Offer struct {
	Account   AccountEntry
	Code      string
	ExpiresAt time.Time
}

// rootPath is where those stand who keep accounts.
func rootPath(ctx context.Context, tx *store.Store) (string, error) {
	root, err := tx.RootOrg(ctx)
	switch {
	case model.IsNotFound(err):
		return model.EverywherePath, nil
	case err != nil:
		return "", err
	}
	return root.Path, nil
}

// Accounts are all accounts of the console, by their names. Errors: forbidden.
func (s *Service) Accounts(ctx context.Context, actor *model.Actor) ([]AccountEntry, error) {
	path, err := rootPath(ctx, s.store)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeAccounts(actor, path) {
		return nil, model.Forbidden("后台账号由学会党办和管理员查看。")
	}
	rows, err := s.store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]AccountEntry, len(rows))
	for i := range rows {
		out[i] = s.entryOf(actor, path, rows[i])
	}
	return out, nil
}

func (s *Service) entryOf(actor *model.Actor, path string, row store.AccountRow) AccountEntry {
	now := s.clock()
	return AccountEntry{
		AccountRow: row, Required: model.NeedsSecondFactor(row.Grants), Locked: now.Before(row.LockedUntil),
		Waits:     row.SetupHash != "" && row.SetupExpiresAt != nil && now.Before(*row.SetupExpiresAt) && row.DisabledAt == nil,
		CanChange: row.MemberID != actor.MemberID && model.CanKeepAccount(actor, path, row.Grants),
	}
}

// keeping reads an account's owner in the transaction, if the actor may change their account.
// Errors: not_found, forbidden, conflict for the actor's own, which has ways that ask for the password.
func keeping(ctx context.Context, tx *store.Store, actor *model.Actor, memberID string) (*model.Member, []model.Grant, error) {
	path, err := rootPath(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	if !model.CanKeepAccounts(actor, path) {
		return nil, nil, model.Forbidden("后台账号由学会管理员办理。")
	}
	m, err := tx.Member(ctx, memberID)
	if err == nil && m.ErasedAt != nil {
		err = model.NotFound("该成员")
	}
	if err != nil {
		return nil, nil, err
	}
	held, err := tx.Grants(ctx, memberID)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case memberID == actor.MemberID:
		return nil, nil, model.Conflict("这是您自己的账号：密码和动态验证码请在“我的账号”中修改。")
	case !model.CanKeepAccount(actor, path, held):
		return nil, nil, model.Forbidden("该成员的职权在您之上，其账号须由上级管理员办理。")
	}
	return m, held, nil
}

// OfferAccount gives a member a set-up code, by which they choose the password themselves and, for a new account, the name. What was set before
// opens nothing any more; an account that was disabled is open again. Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) OfferAccount(ctx context.Context, actor *model.Actor, memberID, username string) (*Offer, error) {
	now := s.clock()
	code, err := newSecret()
	if err != nil {
		return nil, err
	}
	username = foldUsername(username)
	if username != "" {
		if err := checkUsername(username); err != nil {
			return nil, err
		}
	}
	out := &Offer{Code: code, ExpiresAt: now.Add(setupLife)}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		m, held, err := keeping(ctx, tx, actor, memberID)
		if err != nil {
			return err
		}
		if !model.GrantsConsole(held) {
			return model.Conflict("该成员还没有工作职务，用不到后台账号；请先设置角色。")
		}
		cred, err := tx.CredentialOf(ctx, memberID)
		switch {
		case model.IsNotFound(err):
			cred, err = s.newAccount(ctx, tx, actor, m, username, hash(code), out.ExpiresAt)
		case err == nil:
			err = s.offerAgain(ctx, tx, actor, cred, username, hash(code), out.ExpiresAt)
		}
		if err != nil {
			return err
		}
		path, err := rootPath(ctx, tx)
		if err != nil {
			return err
		}
		out.Account = s.entryOf(actor, path, store.AccountRow{Credential: *cred, Member: *m, Grants: held})
		_, err = tx.SecondFactor(ctx, cred.Username)
		if out.Account.Factor = err == nil; model.IsNotFound(err) {
			err = nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) newAccount(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Member, username, setup string, expires time.Time) (*model.Credential, error) {
	now := s.clock()
	if username == "" {
		username = unnamed + m.ID
	}
	if _, err := tx.Credential(ctx, username); !model.IsNotFound(err) {
		if err == nil {
			err = nameTaken()
		}
		return nil, err
	}
	cred := &model.Credential{Username: username, MemberID: m.ID, SetupHash: setup, SetupExpiresAt: &expires, CreatedBy: actor.MemberID, CreatedAt: now, UpdatedAt: now}
	if err := tx.AddCredential(ctx, cred); err != nil {
		return nil, err
	}
	return cred, tx.Audit(ctx, now, actor, "account.create", "member:"+m.ID, "", nil)
}

func nameTaken() error {
	return model.BadField("username", "taken", "这个用户名已有人使用，请换一个。")
}

func (s *Service) offerAgain(ctx context.Context, tx *store.Store, actor *model.Actor, cred *model.Credential, username, setup string, expires time.Time) error {
	now := s.clock()
	if username != "" && username != cred.Username {
		return model.BadField("username", "unchangeable", "该成员已有账号，用户名不能更改；请留空。")
	}
	reopened, err := tx.DisableCredential(ctx, cred.Username, nil, now)
	if err != nil {
		return err
	}
	if reopened {
		if err := tx.Audit(ctx, now, actor, "account.enable", "member:"+cred.MemberID, "", nil); err != nil {
			return err
		}
	}
	if err := tx.OfferSetup(ctx, cred.Username, setup, expires, now); err != nil {
		return err
	}
	cred.DisabledAt, cred.PasswordHash, cred.SetupHash, cred.SetupExpiresAt = nil, "", setup, &expires
	if err := s.endOthers(ctx, tx, cred.MemberID, "", "account", now, model.SessionPassword); err != nil {
		return err
	}
	return tx.Audit(ctx, now, actor, "account.setup_code", "member:"+cred.MemberID, "", nil)
}

// DisableAccount closes an account and ends its owner's sessions of the console. Errors: not_found, forbidden, conflict.
func (s *Service) DisableAccount(ctx context.Context, actor *model.Actor, memberID string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if _, _, err := keeping(ctx, tx, actor, memberID); err != nil {
			return err
		}
		cred, err := tx.CredentialOf(ctx, memberID)
		if err != nil {
			return err
		}
		fresh, err := tx.DisableCredential(ctx, cred.Username, &now, now)
		if err != nil {
			return err
		}
		if !fresh {
			return model.Conflict("该账号已经停用。")
		}
		if err := s.endOthers(ctx, tx, memberID, "", "account", now, model.SessionPassword, model.SessionConsole); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "account.disable", "member:"+memberID, "", nil)
	})
}

// ResetFactorOf is ResetFactor by somebody who keeps accounts. Errors: not_found, forbidden, conflict for one's own, validation_failed.
func (s *Service) ResetFactorOf(ctx context.Context, actor *model.Actor, memberID, reason string) error {
	reason = model.SingleLine(reason)
	if reason == "" {
		return model.BadField("reason", "required", "请写明重置的原因，例如“更换手机，恢复码遗失，已当面核实”。")
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if _, _, err := keeping(ctx, tx, actor, memberID); err != nil {
			return err
		}
		cred, err := tx.CredentialOf(ctx, memberID)
		if err != nil {
			return err
		}
		return s.resetFactor(ctx, tx, actor, cred, reason)
	})
}
