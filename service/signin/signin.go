// Package signin is the whole life of a session: WeChat and password sign-in, binding, tokens, revocation, and who the actor of a token is.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// The lives of tokens. A session lives as long as it is refreshed within its time.
const (
	accessLife  = 2 * time.Hour
	sessionLife = 30 * 24 * time.Hour
)

// Wechat is what signing in needs of WeChat.
type Wechat interface {
	// Login turns a wx.login code into the user's openid and, when WeChat tells it, unionid.
	Login(ctx context.Context, code string) (openID, unionID string, err error)
	// Phone turns a getPhoneNumber code into the number.
	Phone(ctx context.Context, code string) (string, error)
}

// Vault finds a phone number without storing it in the clear, and keeps secrets.
type Vault interface {
	Index(phone string) string
	// Seal and Open keep a second factor's secret for one place.
	Seal(text, place string) ([]byte, error)
	Open(sealed []byte, keyID, place string) (string, error)
	KeyID() string
}

// Inviter tells those who lead an organisation that somebody came in by an invitation. It writes into the transaction.
type Inviter interface {
	JoinedByInvite(ctx context.Context, tx *store.Store, member *model.Member, org *model.Org) error
}

// Waiting counts what waits for a member, in all rooms.
type Waiting interface {
	Unread(ctx context.Context, actor *model.Actor) (Unread, error)
}

// Service opens, keeps and ends sessions.
type Service struct {
	store   *store.Store
	wechat  Wechat
	vault   Vault
	inviter Inviter
	waiting Waiting
	clock   model.Clock
	actors  *actors
	notices notices
	slow    chan struct{} // how many passwords are hashed at once, since each takes 64 MiB
	queue   chan struct{} // how many wait for that, those included

	official Official       // nil: browsers cannot sign in by the service account
	policies model.Policies // nil: the built-in profile
}

// New makes the room. The store's change feed keeps its copies of actors true.
func New(s *store.Store, w Wechat, v Vault, inviter Inviter, waiting Waiting, clock model.Clock) *Service {
	svc := &Service{store: s, wechat: w, vault: v, inviter: inviter, waiting: waiting, clock: clock, actors: newActors(), slow: make(chan struct{}, 2), queue: make(chan struct{}, 128)}
	s.OnChange(model.TopicSession, svc.actors.forget)
	s.OnChange(model.TopicSetting, svc.notices.forget)
	s.OnChange(model.TopicOrg, func(string) { svc.actors.forgetAll() })
	return svc
}

// Follow makes the room go by the office's profiles instead of the built-in one. Call it before the room is used.
func (s *Service) Follow(p model.Policies) { s.policies = p }

func (s *Service) policy() model.ConsolePolicy {
	if s.policies == nil {
		return model.DefaultConsolePolicy()
	}
	return s.policies.PolicyAt(s.clock()).Console
}

// Tokens is a fresh pair with what the client shows of its owner.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresIn int // seconds
	Me        *Me

	RecoveryCodes []string // of a second factor that was just set up, shown once

	opened *model.Session // the session, where it is a new one: nothing of it need be read again
	read   int64          // the changes heard of before it was written
	at     time.Time
}

// Wechat signs in with a wx.login code; a new openid becomes a visitor.
// Errors: wechat_code_invalid, wechat_unavailable.
func (s *Service) Wechat(ctx context.Context, code, device string) (*Tokens, error) {
	openID, unionID, err := s.wechat.Login(ctx, code)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var out *Tokens
	err = s.store.Together(ctx, func(ctx context.Context, tx *store.Store) error {
		identity, err := s.arrive(ctx, tx, openID, unionID, now)
		if err != nil {
			return err
		}
		session := &model.Session{IdentityID: identity.ID, Kind: model.SessionWechat, Device: device}
		if identity.MemberID != nil {
			session.MemberID = *identity.MemberID
		}
		out, err = s.open(ctx, tx, session, now)
		return err
	})
	return out, s.withMe(ctx, out, err)
}

// arrive finds or makes the user of the mini-program.
func (s *Service) arrive(ctx context.Context, tx *store.Store, openID, unionID string, now time.Time) (*model.Identity, error) {
	identity, err := tx.IdentityByOpenID(ctx, openID)
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	known := err == nil
	if !known {
		identity = nil
	}
	if !known || identity.UnionID != unionID { // otherwise whatever was to be joined has been
		joined, err := s.settle(ctx, tx, openID, unionID, identity, now)
		if err != nil {
			return nil, err
		}
		if joined != nil {
			identity, known = joined, true
		}
	}
	if known {
		return identity, tx.TouchIdentity(ctx, identity.ID, unionID, now)
	}
	identity = &model.Identity{ID: store.NewID(), OpenID: openID, UnionID: unionID, LastSeenAt: now, CreatedAt: now}
	return identity, tx.AddIdentity(ctx, identity)
}

// open writes a session with its first tokens.
func (s *Service) open(ctx context.Context, tx *store.Store, session *model.Session, now time.Time) (*Tokens, error) {
	session.ID, session.CreatedAt, session.LastSeenAt, session.ExpiresAt = store.NewID(), now, now, now.Add(sessionLife)
	if err := tx.AddSession(ctx, session); err != nil {
		return nil, err
	}
	read := s.actors.seq.Load() // before the session can be seen, so that no revocation is missed
	out, err := s.issue(ctx, tx, session, now)
	if err == nil {
		out.opened, out.read, out.at = session, read, now
	}
	return out, err
}

// issue adds a pair of tokens to a session.
func (s *Service) issue(ctx context.Context, tx *store.Store, session *model.Session, now time.Time) (*Tokens, error) {
	out := &Tokens{ExpiresIn: int(accessLife / time.Second)}
	var rows []model.Token
	for _, t := range []struct {
		to      *string
		refresh bool
		life    time.Duration
	}{{&out.Access, false, accessLife}, {&out.Refresh, true, sessionLife}} {
		secret, err := newSecret()
		if err != nil {
			return nil, err
		}
		*t.to = secret
		rows = append(rows, model.Token{Hash: hash(secret), SessionID: session.ID, Refresh: t.refresh, ExpiresAt: now.Add(t.life)})
	}
	return out, tx.AddTokens(ctx, rows)
}

// withMe completes fresh tokens with what the client shows.
func (s *Service) withMe(ctx context.Context, t *Tokens, err error) error {
	if err != nil {
		return err
	}
	actor, err := s.actorFor(ctx, t)
	if err != nil {
		return err
	}
	t.Me, err = s.Me(ctx, actor)
	return err
}

// Refresh trades a refresh token for a new pair. A token that was traded before ends the whole family, since one of its two bearers is a thief.
// Errors: unauthenticated, token_reused.
func (s *Service) Refresh(ctx context.Context, refresh string) (*Tokens, error) {
	now := s.clock()
	ended := model.Fail(model.CodeUnauthenticated, "登录已失效，请重新登录。")
	var out *Tokens
	var refused error // decided inside, but answered only after the revocation is committed
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		out, refused = nil, nil
		token, err := tx.Token(ctx, hash(refresh))
		if model.IsNotFound(err) || (err == nil && !token.Refresh) {
			refused = ended
			return nil
		}
		if err != nil {
			return err
		}
		session, err := tx.Session(ctx, token.SessionID)
		if err != nil {
			return err
		}
		fresh, err := tx.UseToken(ctx, token.Hash, now)
		if err != nil {
			return err
		}
		if !fresh {
			refused = model.Fail(model.CodeTokenReused, "检测到登录凭证被重复使用，为安全起见已退出，请重新登录。")
			return s.revoke(ctx, tx, session.ID, "token_reused", now)
		}
		if session.RevokedAt != nil || now.After(token.ExpiresAt) || now.After(session.ExpiresAt) {
			refused = ended
			return nil
		}
		if s.idle(session, now) {
			refused = sessionIdle()
			return s.revoke(ctx, tx, session.ID, "idle", now)
		}
		if err := tx.ExtendSession(ctx, session.ID, now, now.Add(sessionLife)); err != nil {
			return err
		}
		out, err = s.issue(ctx, tx, session, now)
		return err
	})
	if err == nil {
		err = refused
	}
	return out, s.withMe(ctx, out, err)
}

// Logout ends the actor's session on every replica.
func (s *Service) Logout(ctx context.Context, actor *model.Actor) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		return s.revoke(ctx, tx, actor.SessionID, "logout", s.clock())
	})
}

// revoke ends a session in the transaction and tells every replica.
func (s *Service) revoke(ctx context.Context, tx *store.Store, sessionID, reason string, now time.Time) error {
	if _, err := tx.RevokeSession(ctx, sessionID, reason, now); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicSession, sessionID)
}

// Sessions are the actor's own live sessions, the newest first.
func (s *Service) Sessions(ctx context.Context, actor *model.Actor) ([]model.Session, error) {
	return s.store.LiveSessions(ctx, actor.MemberID, s.clock())
}

// EndSession ends one of the actor's own sessions.
func (s *Service) EndSession(ctx context.Context, actor *model.Actor, id string) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		session, err := tx.Session(ctx, id)
		if err != nil {
			return err
		}
		if session.MemberID != actor.MemberID || session.RevokedAt != nil {
			return model.NotFound("这次登录")
		}
		now := s.clock()
		if err := tx.Audit(ctx, now, actor, "session.end", "member:"+actor.MemberID, "", nil); err != nil {
			return err
		}
		return s.revoke(ctx, tx, id, "logout", now)
	})
}

// Prune forgets sessions that ended more than a month ago; it is run by a nightly job.
func (s *Service) Prune(ctx context.Context) error {
	return s.store.PruneSessions(ctx, s.clock().Add(-sessionLife))
}

// newSecret is a token that nobody can guess.
func newSecret() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// HashCode is how an invitation code is stored; its case and the blanks around it do not matter.
func HashCode(code string) string { return hash(strings.ToUpper(strings.TrimSpace(code))) }

// hash is how a secret is stored: whoever reads the database cannot use it.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
