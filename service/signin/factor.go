package signin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// How long a challenge may be answered; who sets an app up needs longer.
const (
	codeLife  = 5 * time.Minute
	enrolLife = 15 * time.Minute
)

// recoveryCount is how many recovery codes are given out at a time.
const recoveryCount = 10

// Proof is what shows that the phone is at hand, or that its owner kept the recovery codes.
type Proof struct{ Code, Recovery string }

func (p Proof) empty() bool { return p.Code == "" && p.Recovery == "" }

// challenge is what a sealed token says. Nothing of it is kept, so any replica can read it.
type challenge struct {
	Username string              `json:"u"`
	Kind     model.ChallengeKind `json:"k"`
	Secret   string              `json:"s,omitempty"`
	Stamp    string              `json:"p"` // of the password: who changes it ends what was begun with the old one
	Replace  bool                `json:"r,omitempty"`
	Expires  int64               `json:"e"`
}

const challengePlace = "signin/challenge"

func stampOf(c *model.Credential) string { return hash(c.PasswordHash)[:16] }

// ask makes a challenge for an account.
func (s *Service) ask(cred *model.Credential, kind model.ChallengeKind, replace bool, now time.Time) (*model.Challenge, error) {
	c := challenge{Username: cred.Username, Kind: kind, Stamp: stampOf(cred), Replace: replace}
	out := &model.Challenge{Kind: kind, ExpiresAt: now.Add(codeLife)}
	if kind == model.ChallengeEnrol {
		c.Secret, out.ExpiresAt = factorSecret(), now.Add(enrolLife)
		out.Secret, out.URL = c.Secret, factorURL(cred.Username, c.Secret)
	}
	c.Expires = out.ExpiresAt.UnixMilli()
	text, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	sealed, err := s.vault.Seal(string(text), challengePlace)
	out.Token = base64.RawURLEncoding.EncodeToString(sealed)
	return out, err
}

// read opens a challenge and finds its account. Errors: unauthenticated when it has ended.
func (s *Service) read(ctx context.Context, token string, now time.Time) (*challenge, *model.Credential, error) {
	ended := model.Fail(model.CodeUnauthenticated, "登录步骤已超时，请重新输入用户名和密码。")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, nil, ended
	}
	text, err := s.vault.Open(sealed, s.vault.KeyID(), challengePlace)
	if err != nil {
		return nil, nil, ended
	}
	c := &challenge{}
	if json.Unmarshal([]byte(text), c) != nil || now.UnixMilli() > c.Expires {
		return nil, nil, ended
	}
	cred, err := s.store.Credential(ctx, c.Username)
	if model.IsNotFound(err) || (err == nil && (stampOf(cred) != c.Stamp || cred.DisabledAt != nil)) {
		return nil, nil, ended
	}
	return c, cred, err
}

// asked is the answer that a second step is needed.
func asked(c *model.Challenge, err error) error {
	if err != nil {
		return err
	}
	detail := "请输入手机验证器上的 6 位动态验证码。"
	if c.Kind == model.ChallengeEnrol {
		detail = "您的职责需要动态验证码保护：请用手机验证器扫描二维码，再输入显示的 6 位数字。"
	}
	e := model.Fail(model.CodeSecondFactor, detail)
	e.Challenge = c
	return e
}

func wrongProof() error {
	return model.Fail(model.CodeFactorWrong, "验证码不正确或已用过，请输入手机上最新的 6 位数字，或改用恢复码。")
}

// prove takes a proof in the transaction: digits count once, a recovery code once. It tells by what.
func (s *Service) prove(ctx context.Context, tx *store.Store, f *model.SecondFactor, p Proof, now time.Time) (by string, ok bool, err error) {
	if p.Code == "" {
		ok, err = tx.UseRecoveryCode(ctx, f.Username, s.recoveryHash(f.Username, p.Recovery), now)
		return "recovery_code", ok, err
	}
	secret, err := s.vault.Open(f.SecretCipher, f.SecretKeyID, factorPlace(f.Username))
	if err != nil {
		return "", false, err
	}
	step, ok := stepOf(secret, p.Code, now)
	if ok {
		ok, err = tx.UseFactorStep(ctx, f.Username, step)
	}
	return "code", ok, err
}

func factorPlace(username string) string { return "second_factors/secret/" + username }

// recoveryHash is keyed, so that who reads the database cannot try codes against it.
func (s *Service) recoveryHash(username, code string) string {
	return s.vault.Index("recovery/" + username + "/" + foldRecovery(code))
}

// proven runs then in one transaction with the proof. Guesses at once wait for each other, so that none outruns the lock of the name.
// Errors: login_locked, second_factor_invalid.
func (s *Service) proven(ctx context.Context, username string, p Proof, now time.Time, then func(tx *store.Store, by string) error) error {
	if err := s.store.OpenLogin(ctx, username, now); err != nil {
		return err
	}
	var refused error // decided inside, but answered only after the count is committed
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		refused = nil
		until, err := tx.HoldLogin(ctx, username)
		if err != nil {
			return err
		}
		if now.Before(until) {
			refused = locked(until.Sub(now))
			return nil
		}
		f, err := tx.SecondFactor(ctx, username)
		if model.IsNotFound(err) { // taken away meanwhile
			return model.Fail(model.CodeUnauthenticated, "登录步骤已失效，请重新输入用户名和密码。")
		}
		if err != nil {
			return err
		}
		by, ok, err := s.prove(ctx, tx, f, p, now)
		if err != nil {
			return err
		}
		if !ok {
			refused = wrongProof()
			return s.countFailure(ctx, tx, username, f.MemberID, now)
		}
		if err := forgive(ctx, tx, username, f.MemberID, now); err != nil {
			return err
		}
		return then(tx, by)
	})
	if err == nil {
		err = refused
	}
	return err
}

// enrol writes an account's second factor and returns its recovery codes, which are never shown again.
func (s *Service) enrol(ctx context.Context, tx *store.Store, cred *model.Credential, c *challenge, step int64, now time.Time) ([]string, error) {
	sealed, err := s.vault.Seal(c.Secret, factorPlace(cred.Username))
	if err != nil {
		return nil, err
	}
	action := "account.factor_enrol"
	if c.Replace {
		action = "account.factor_replace"
		if _, err := tx.DropSecondFactor(ctx, cred.Username); err != nil {
			return nil, err
		}
	}
	texts, rows := s.recoveryCodes(cred, now)
	f := &model.SecondFactor{Username: cred.Username, MemberID: cred.MemberID, SecretCipher: sealed, SecretKeyID: s.vault.KeyID(), LastStep: step, CreatedAt: now}
	fresh, err := tx.AddSecondFactor(ctx, f, rows)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, model.Conflict("该账号已经设置过动态验证码，请重新登录。")
	}
	if err := tx.Changed(ctx, now, model.TopicSession, model.MemberChange(cred.MemberID)); err != nil { // sessions that were held are free
		return nil, err
	}
	return texts, tx.Audit(ctx, now, &model.Actor{MemberID: cred.MemberID}, action, "member:"+cred.MemberID, "", nil)
}

func (s *Service) recoveryCodes(cred *model.Credential, now time.Time) (texts []string, rows []model.RecoveryCode) {
	for range recoveryCount {
		text := recoveryText()
		texts = append(texts, text)
		rows = append(rows, model.RecoveryCode{Hash: s.recoveryHash(cred.Username, text), Username: cred.Username, MemberID: cred.MemberID, CreatedAt: now})
	}
	return texts, rows
}

// Answer finishes a sign-in by its challenge. An enrolment gives the recovery codes, once.
// Errors: unauthenticated, second_factor_invalid, login_locked, validation_failed, conflict.
func (s *Service) Answer(ctx context.Context, token string, p Proof, device string) (*Tokens, error) {
	now := s.clock()
	c, cred, err := s.read(ctx, token, now)
	if err != nil {
		return nil, err
	}
	if p.empty() || (c.Kind == model.ChallengeEnrol && p.Code == "") {
		return nil, model.BadField("code", "required", "请输入手机验证器上的 6 位动态验证码。")
	}
	var out *Tokens
	switch c.Kind {
	case model.ChallengeCode:
		err = s.proven(ctx, cred.Username, p, now, func(tx *store.Store, by string) error {
			out, err = s.enterConsole(ctx, tx, cred, device, by, now)
			return err
		})
	case model.ChallengeEnrol:
		step, ok := stepOf(c.Secret, p.Code, now)
		if !ok {
			return nil, wrongProof()
		}
		err = s.store.Tx(ctx, func(tx *store.Store) error {
			codes, err := s.enrol(ctx, tx, cred, c, step, now)
			if err != nil {
				return err
			}
			out, err = s.enterConsole(ctx, tx, cred, device, "enrolment", now)
			if err == nil {
				out.RecoveryCodes = codes
			}
			return err
		})
	}
	return out, s.withMe(ctx, out, err)
}

// BeginFactor lets the actor set up an app, or another one in its place, by password and, where there is one, a proof of the present one.
// Errors: not_found without an account, unauthenticated, login_locked, second_factor_required, second_factor_invalid.
func (s *Service) BeginFactor(ctx context.Context, actor *model.Actor, password string, p Proof) (*model.Challenge, error) {
	now := s.clock()
	cred, err := s.ownAccount(ctx, actor)
	if err != nil {
		return nil, err
	}
	if err := s.checkPassword(ctx, cred, password, now); err != nil {
		return nil, err
	}
	_, err = s.store.SecondFactor(ctx, cred.Username)
	switch {
	case model.IsNotFound(err):
		return s.ask(cred, model.ChallengeEnrol, false, now)
	case err != nil:
		return nil, err
	case p.empty():
		return nil, model.BadField("code", "required", "请输入现有的动态验证码，或一个恢复码。")
	}
	var out *model.Challenge
	err = s.proven(ctx, cred.Username, p, now, func(*store.Store, string) error {
		out, err = s.ask(cred, model.ChallengeEnrol, true, now)
		return err
	})
	return out, err
}

// ConfirmFactor finishes what BeginFactor began, and gives the recovery codes, once. Errors: unauthenticated, second_factor_invalid, conflict.
func (s *Service) ConfirmFactor(ctx context.Context, actor *model.Actor, token, code string) ([]string, error) {
	now := s.clock()
	c, cred, err := s.read(ctx, token, now)
	if err != nil {
		return nil, err
	}
	if cred.MemberID != actor.MemberID || c.Kind != model.ChallengeEnrol {
		return nil, model.Fail(model.CodeUnauthenticated, "设置步骤已失效，请重新开始。")
	}
	step, ok := stepOf(c.Secret, code, now)
	if !ok {
		return nil, wrongProof()
	}
	var codes []string
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		codes, err = s.enrol(ctx, tx, cred, c, step, now)
		return err
	})
	return codes, err
}

// ResetFactor takes an account's second factor away, for whoever lost phone and recovery codes; a nil actor is the command line.
// The next sign-in sets one up again. Errors: not_found.
func (s *Service) ResetFactor(ctx context.Context, actor *model.Actor, username, reason string) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		cred, err := tx.Credential(ctx, foldUsername(username))
		if err != nil {
			return err
		}
		return s.resetFactor(ctx, tx, actor, cred, reason)
	})
}

func (s *Service) resetFactor(ctx context.Context, tx *store.Store, actor *model.Actor, cred *model.Credential, reason string) error {
	now := s.clock()
	had, err := tx.DropSecondFactor(ctx, cred.Username)
	if err != nil {
		return err
	}
	if !had {
		return model.NotFound("该账号的动态验证码")
	}
	if err := s.endOthers(ctx, tx, cred.MemberID, "", "account", now, model.SessionPassword); err != nil {
		return err
	}
	var detail map[string]string
	if reason != "" {
		detail = map[string]string{"reason": reason}
	}
	return tx.Audit(ctx, now, actor, "account.factor_reset", "member:"+cred.MemberID, "", detail)
}
