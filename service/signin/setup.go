package signin

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Setup is what a set-up code opens.
type Setup struct {
	Name      string // the owner's
	Username  string // empty where the owner chooses it
	Required  bool   // a second factor is set up next, or asked for
	ExpiresAt time.Time
}

func (s *Service) bySetup(ctx context.Context, in *store.Store, code string) (*model.Credential, error) {
	cred, err := in.CredentialBySetup(ctx, hash(code))
	if model.IsNotFound(err) || (err == nil && (cred.DisabledAt != nil || cred.SetupExpiresAt == nil || s.clock().After(*cred.SetupExpiresAt))) {
		return nil, setupGone()
	}
	return cred, err
}

func setupGone() error {
	return model.Fail(model.CodeNotFound, "账号设置链接无效、已使用或已过期，请向管理员索取新的链接。")
}

// Setup tells whose account a set-up code opens. Errors: not_found.
func (s *Service) Setup(ctx context.Context, code string) (*Setup, error) {
	cred, err := s.bySetup(ctx, s.store, code)
	if err != nil {
		return nil, err
	}
	m, err := s.store.Member(ctx, cred.MemberID)
	if err != nil {
		return nil, err
	}
	grants, err := s.store.Grants(ctx, cred.MemberID)
	if err != nil {
		return nil, err
	}
	out := &Setup{Name: m.Name, Required: model.NeedsSecondFactor(grants), ExpiresAt: *cred.SetupExpiresAt}
	if hasName(cred.Username) {
		out.Username = cred.Username
	}
	return out, nil
}

// SetUp sets an account's password by its set-up code, once, and signs in; an account whose role needs a second factor is asked to set it up, or for its
// digits. Errors: not_found, validation_failed, and those of Password.
func (s *Service) SetUp(ctx context.Context, code, username, password, device string) (*Tokens, error) {
	now := s.clock()
	cred, err := s.bySetup(ctx, s.store, code)
	if err != nil {
		return nil, err
	}
	if username, err = nameFor(cred, username, password); err != nil {
		return nil, err
	}
	leave, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	hashed, err := hashPassword(password)
	leave()
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if username != cred.Username {
			if err := s.rename(ctx, tx, cred.Username, username); err != nil {
				return err
			}
		}
		mine, err := tx.TakeSetup(ctx, username, hash(code), hashed, now)
		if err != nil {
			return err
		}
		if !mine { // somebody else was first
			return setupGone()
		}
		if err := forgive(ctx, tx, username, cred.MemberID, now); err != nil { // somebody's guesses were of the password before
			return err
		}
		return tx.Audit(ctx, now, &model.Actor{MemberID: cred.MemberID}, "account.setup", "member:"+cred.MemberID, "", nil)
	})
	if err != nil {
		return nil, err
	}
	return s.Password(ctx, PasswordRequest{Username: username, Password: password, Device: device})
}

// nameFor checks what the owner has chosen, and tells the account's name from now on. Errors: validation_failed, with all that is wrong.
func nameFor(cred *model.Credential, username, password string) (string, error) {
	username = foldUsername(username)
	if hasName(cred.Username) {
		if username != "" && username != cred.Username {
			return "", model.BadField("username", "unchangeable", "用户名已定为“"+cred.Username+"”，不能更改。")
		}
		return cred.Username, checkCredential(cred.Username, password)
	}
	if username == "" {
		var v model.Invalid
		v.Add("username", "required", "请取一个用户名，2 到 50 个字符，不含空格。")
		return "", v.With(checkPasswordText("", password))
	}
	return username, checkCredential(username, password)
}

func (s *Service) rename(ctx context.Context, tx *store.Store, from, to string) error {
	if _, err := tx.Credential(ctx, to); !model.IsNotFound(err) {
		if err == nil {
			err = nameTaken()
		}
		return err
	}
	mine, err := tx.RenameCredential(ctx, from, to)
	if model.CodeOf(err) == model.CodeConflict {
		return nameTaken()
	}
	if err == nil && !mine {
		err = setupGone()
	}
	return err
}

func checkUsername(username string) error {
	var v model.Invalid
	if n := utf8.RuneCountInString(username); n < 2 || n > 50 || strings.ContainsAny(username, " \t\r\n") {
		v.Add("username", "invalid", "用户名应为 2 到 50 个字符，且不含空格。")
	}
	return v.Err()
}

func checkPasswordText(username, password string) error {
	var v model.Invalid
	if f := model.PasswordFault(username, password); f != nil {
		v.Add("password", f.Code, f.Detail)
	}
	return v.Err()
}
