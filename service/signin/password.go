package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

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

// Password signs in to the console by name and password. Errors: unauthenticated, login_locked.
func (s *Service) Password(ctx context.Context, username, password, device string) (*Tokens, error) {
	now := s.clock()
	username = foldUsername(username)
	if until, err := s.store.LoginLock(ctx, username); err != nil {
		return nil, err
	} else if now.Before(until) {
		return nil, locked(until.Sub(now))
	}
	cred, err := s.store.Credential(ctx, username)
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	stored := strangerHash
	if cred != nil {
		stored = cred.PasswordHash
	}
	if !s.matches(ctx, stored, password) || cred == nil {
		return nil, s.noteFailure(ctx, username, now)
	}
	var out *Tokens
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.ClearLoginFailures(ctx, username); err != nil {
			return err
		}
		var err error
		out, err = s.open(ctx, tx, &model.Session{MemberID: cred.MemberID, Kind: model.SessionPassword, Device: device}, now)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, now, &model.Actor{MemberID: cred.MemberID}, "session.password", "member:"+cred.MemberID, "", nil)
	})
	return out, s.withMe(ctx, out, err)
}

// noteFailure counts a wrong password; the one that locks the name is still answered as wrong, the next as locked.
func (s *Service) noteFailure(ctx context.Context, username string, now time.Time) error {
	if err := s.store.NoteLoginFailure(ctx, username, now, lockAfter, lockFor); err != nil {
		return err
	}
	return model.Fail(model.CodeUnauthenticated, "用户名或密码不正确。")
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
	if n := utf8.RuneCountInString(username); n < 2 || n > 50 || strings.ContainsAny(username, " \t\r\n") {
		v.Add("username", "invalid", "用户名应为 2 到 50 个字符，且不含空格。")
	}
	if n := utf8.RuneCountInString(password); n < 10 || n > 200 {
		v.Add("password", "invalid", "密码应为 10 到 200 个字符。")
	}
	return v.Err()
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

// matches compares a password with a stored hash; few at once, since each takes memory.
func (s *Service) matches(ctx context.Context, stored, password string) bool {
	select {
	case s.slow <- struct{}{}:
		defer func() { <-s.slow }()
	case <-ctx.Done():
		return false
	}
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
