package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"zhibu/model"
	"zhibu/model/store"
)

// After so many failures a name is locked for so long.
const (
	lockAfter = 5
	lockFor   = 15 * time.Minute
)

// The costs of a password's hash, after RFC 9106's second recommendation.
const (
	argonTime    = 3
	argonMemory  = 64 * 1024 // KiB
	argonThreads = 2
)

// wrongPassword is the same for names that do not exist.
func wrongPassword() error {
	return model.Fail(model.CodeUnauthenticated, "用户名或密码不正确。")
}

// PasswordRequest signs in by name and password, with what proves the phone where it is at hand already.
type PasswordRequest struct {
	Username, Password string
	Proof              Proof
	Device             string
}

// Password signs in to the console. An account with a second factor, or whose role needs one, is asked for it.
// Errors: unauthenticated, login_locked, second_factor_required, second_factor_invalid, forbidden when it is closed, unavailable.
func (s *Service) Password(ctx context.Context, req PasswordRequest) (*Tokens, error) {
	now := s.clock()
	cred, err := s.store.Credential(ctx, foldUsername(req.Username))
	if model.IsNotFound(err) {
		cred = &model.Credential{Username: foldUsername(req.Username)}
	} else if err != nil {
		return nil, err
	}
	if err := s.checkPassword(ctx, cred, req.Password, now); err != nil {
		return nil, err
	}
	if cred.DisabledAt != nil {
		return nil, model.Forbidden("该账号已停用，请联系管理员。")
	}
	var out *Tokens
	_, err = s.store.SecondFactor(ctx, cred.Username)
	switch {
	case err == nil && req.Proof.empty():
		return nil, asked(s.ask(cred, model.ChallengeCode, false, now))
	case err == nil:
		err = s.proven(ctx, cred.Username, req.Proof, now, func(tx *store.Store, by string) error {
			out, err = s.enterConsole(ctx, tx, cred, req.Device, by, now)
			return err
		})
	case model.IsNotFound(err):
		var grants []model.Grant
		if grants, err = s.store.Grants(ctx, cred.MemberID); err != nil {
			return nil, err
		}
		if model.NeedsSecondFactor(grants) && !now.Before(s.graceEnd(cred)) {
			return nil, asked(s.ask(cred, model.ChallengeEnrol, false, now))
		}
		err = s.store.Tx(ctx, func(tx *store.Store) error {
			if err := forgive(ctx, tx, cred.Username, cred.MemberID, now); err != nil {
				return err
			}
			out, err = s.enterConsole(ctx, tx, cred, req.Device, "", now)
			return err
		})
	}
	return out, s.withMe(ctx, out, err)
}

// enterConsole opens a session of an account whose owner has shown all that is asked.
func (s *Service) enterConsole(ctx context.Context, tx *store.Store, cred *model.Credential, device, by string, now time.Time) (*Tokens, error) {
	out, err := s.open(ctx, tx, &model.Session{MemberID: cred.MemberID, Kind: model.SessionPassword, Device: device}, now)
	if err != nil {
		return nil, err
	}
	var detail map[string]string
	if by != "" {
		detail = map[string]string{"second_factor": by}
	}
	return out, tx.Audit(ctx, now, &model.Actor{MemberID: cred.MemberID}, "session.password", "member:"+cred.MemberID, "", detail)
}

// forgive forgets the wrong tries before the right one; how many they were stands in the audit.
func forgive(ctx context.Context, tx *store.Store, username, memberID string, now time.Time) error {
	n, err := tx.LoginFailures(ctx, username)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := tx.Audit(ctx, now, nil, "account.failed", objectOf(memberID), "", map[string]string{"failures": strconv.Itoa(n)}); err != nil {
			return err
		}
	}
	return tx.ClearLoginFailures(ctx, username)
}

// checkPassword holds a password against an account; one without a member stands for a name that does not exist and takes as long.
// Errors: unauthenticated, login_locked, unavailable.
func (s *Service) checkPassword(ctx context.Context, cred *model.Credential, password string, now time.Time) error {
	if until, err := s.store.LoginLock(ctx, cred.Username); err != nil {
		return err
	} else if now.Before(until) {
		return locked(until.Sub(now))
	}
	leave, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if until, err := s.store.LoginLock(ctx, cred.Username); err != nil { // those who waited before may have locked the name
		return err
	} else if now.Before(until) {
		return locked(until.Sub(now))
	}
	stored := cred.PasswordHash
	if stored == "" {
		stored = strangerHash
	}
	if !matches(stored, password) || cred.MemberID == "" {
		if err := s.countFailure(ctx, s.store, cred.Username, cred.MemberID, now); err != nil {
			return err
		}
		return wrongPassword() // the failure that locks the name is still answered as wrong, the next as locked
	}
	return nil
}

// countFailure counts a wrong password or code; that a name was locked stands in the audit.
func (s *Service) countFailure(ctx context.Context, in *store.Store, username, memberID string, now time.Time) error {
	return in.Tx(ctx, func(tx *store.Store) error {
		locks, total, err := tx.NoteLoginFailure(ctx, username, now, lockAfter, lockFor)
		if err != nil || !locks {
			return err
		}
		return tx.Audit(ctx, now, nil, "account.locked", objectOf(memberID), "", map[string]string{"failures": strconv.Itoa(total)})
	})
}

// objectOf is whose account the audit speaks of; of a name that is none's it does not tell the name, since what was typed may be a password.
func objectOf(memberID string) string {
	if memberID == "" {
		return "account:unknown"
	}
	return "member:" + memberID
}

// TellFailures writes into the audit how often wrong passwords and codes were tried that neither locked the name nor were followed by the right one:
// one entry for each account and one for all names that are none's, however many there were. Until then they are counted. It is run by a job.
func (s *Service) TellFailures(ctx context.Context) error {
	const most = 500
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		rows, err := tx.StaleLoginFailures(ctx, now.Add(-lockFor), now, most)
		if err != nil {
			return err
		}
		strangers, names := 0, 0
		for _, f := range rows {
			mine, err := tx.DropLoginFailure(ctx, f)
			if err != nil {
				return err
			}
			if !mine || f.Total == 0 {
				continue
			}
			cred, err := tx.Credential(ctx, f.Username)
			switch {
			case model.IsNotFound(err):
				strangers, names = strangers+f.Total, names+1
				continue
			case err != nil:
				return err
			}
			if err := tx.Audit(ctx, now, nil, "account.failed", objectOf(cred.MemberID), "", map[string]string{"failures": strconv.Itoa(f.Total)}); err != nil {
				return err
			}
		}
		if strangers == 0 {
			return nil
		}
		return tx.Audit(ctx, now, nil, "account.failed", objectOf(""), "", map[string]string{"failures": strconv.Itoa(strangers), "names": strconv.Itoa(names)})
	})
}

// turn waits for one of the places at which passwords are hashed, each of which takes memory; where too many wait already it says so.
func (s *Service) turn(ctx context.Context) (leave func(), err error) {
	select {
	case s.queue <- struct{}{}:
	default:
		e := model.Fail(model.CodeUnavailable, "此刻登录的人较多，请稍后再试。")
		e.RetryAfter = 5 * time.Second
		return nil, e
	}
	select {
	case s.slow <- struct{}{}:
		return func() { <-s.slow; <-s.queue }, nil
	case <-ctx.Done():
		<-s.queue
		return nil, ctx.Err()
	}
}

func locked(left time.Duration) error {
	e := model.Failf(model.CodeLoginLocked, "连续多次输入错误，账号已暂时锁定，请约 %d 分钟后再试。", int(math.Ceil(left.Minutes())))
	e.RetryAfter = left
	return e
}

// foldUsername makes names that look alike the same.
func foldUsername(s string) string {
	name := []rune(strings.ToLower(model.CleanText(s)))
	return string(name[:min(len(name), 51)]) // one more than is allowed, so that it is refused and not taken for a shorter one
}

// CreateAdmin makes a console account that may do everything, with a person of its own. Errors: validation_failed, conflict.
func (s *Service) CreateAdmin(ctx context.Context, username, password string) error {
	username = foldUsername(username)
	if err := checkCredential(username, password); err != nil {
		return err
	}
	hashed, err := hashPassword(password)
	if err != nil {
		return err
	}
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if _, err := tx.Credential(ctx, username); !model.IsNotFound(err) {
			if err == nil {
				err = model.Conflict("用户名 " + username + " 已存在，请换一个。")
			}
			return err
		}
		m := &model.Member{ID: store.NewID(), Name: "管理员（" + username + "）", NameSort: username, PartyStatus: model.PartyNone, CreatedAt: now, UpdatedAt: now}
		if err := tx.AddMember(ctx, m); err != nil {
			return err
		}
		grant := &model.Grant{ID: store.NewID(), MemberID: m.ID, OrgPath: model.EverywherePath, Role: model.RoleAdmin, CreatedAt: now}
		if err := tx.AddGrant(ctx, grant); err != nil {
			return err
		}
		if err := tx.AddCredential(ctx, &model.Credential{Username: username, MemberID: m.ID, PasswordHash: hashed, CreatedAt: now, UpdatedAt: now}); err != nil {
			return err
		}
		return tx.Audit(ctx, now, nil, "admin.create", "member:"+m.ID, "", nil)
	})
}

func checkCredential(username, password string) error {
	var v model.Invalid
	_ = v.With(checkUsername(username)) // gathers its faults
	return v.With(checkPasswordText(username, password))
}

func hashPassword(password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, 32)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemory, argonTime, argonThreads, enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// strangerHash is compared against when there is no such name, so that a guesser cannot tell names by the time it takes.
const strangerHash = "$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// matches compares a password with a stored hash. The caller has its turn.
func matches(stored, password string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || len(password) > 1000 {
		return false
	}
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
