package signin

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"zhibu/model"
)

// actors keeps the actors of tokens seen lately. An entry is good until its session or its member changes anywhere.
type actors struct {
	byToken *otter.Cache[string, *known]
	seq     atomic.Int64
	mu      sync.RWMutex
	stale   map[string]int64 // session id, or model.MemberChange → the change's place in the sequence
	all     int64
}

type known struct {
	actor   *model.Actor
	expires time.Time
	since   time.Time
	read    int64 // the sequence before the rows were read
}

// Entries are re-read after a minute, so that a lost change does no lasting harm.
const actorLife = time.Minute

func newActors() *actors {
	c := otter.Must(&otter.Options[string, *known]{MaximumSize: 100_000}) // without expiry of its own, which would need a goroutine
	return &actors{byToken: c, stale: map[string]int64{}}
}

func (a *actors) forget(key string) {
	n := a.seq.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.stale) > 10_000 { // long forgotten by the entries too
		clear(a.stale)
		a.all = n
	}
	a.stale[key] = n
}

func (a *actors) forgetAll() {
	n := a.seq.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = n
}

func (a *actors) get(token string) (*known, bool) {
	k, ok := a.byToken.GetIfPresent(token)
	if !ok {
		return nil, false
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if k.read < a.all || k.read < a.stale[k.actor.SessionID] || k.read < a.stale[model.MemberChange(k.actor.MemberID)] {
		return nil, false
	}
	return k, true
}

// AtHand finds the actor of a token that was seen lately and is good; anything else is for Actor to find out.
func (s *Service) AtHand(access string, now time.Time) (*model.Actor, bool) {
	k, ok := s.actors.get(access)
	if !ok {
		return nil, false
	}
	if now.Sub(k.since) >= actorLife || now.After(k.expires) || k.actor.Held {
		return nil, false
	}
	return k.actor, true
}

// Actor finds who a live access token belongs to. Errors: unauthenticated, token_expired.
func (s *Service) Actor(ctx context.Context, access string) (*model.Actor, error) {
	now := s.clock()
	expired := model.Fail(model.CodeTokenExpired, "登录已过期，请刷新登录。")
	if k, ok := s.actors.get(access); ok && now.Sub(k.since) < actorLife {
		if now.After(k.expires) {
			return nil, expired
		}
		return k.actor, nil
	}
	read := s.actors.seq.Load()
	ended := model.Fail(model.CodeUnauthenticated, "登录已失效，请重新登录。")
	token, err := s.store.Token(ctx, hash(access))
	if model.IsNotFound(err) || (err == nil && token.Refresh) {
		return nil, ended
	}
	if err != nil {
		return nil, err
	}
	session, err := s.store.Session(ctx, token.SessionID)
	if model.IsNotFound(err) || (err == nil && session.RevokedAt != nil) {
		return nil, ended
	}
	if err != nil {
		return nil, err
	}
	if s.idle(session, now) {
		return nil, sessionIdle()
	}
	if now.After(token.ExpiresAt) {
		return nil, expired
	}
	s.touch(ctx, session, now)
	actor, err := s.actorOf(ctx, session)
	if err != nil {
		return nil, err
	}
	s.actors.byToken.Set(access, &known{actor: actor, expires: token.ExpiresAt, since: now, read: read})
	return actor, nil
}

// idle: nobody used this session of the console for longer than the profile allows. What is at hand notes no use, so it is allowed for; a phone's
// session lives long.
func (s *Service) idle(session *model.Session, now time.Time) bool {
	return ofConsole(session) && now.Sub(session.LastSeenAt) > time.Duration(s.policy().IdleMinutes)*time.Minute+actorLife
}

func ofConsole(session *model.Session) bool {
	return session.Kind == model.SessionPassword || session.Kind == model.SessionConsole
}

func sessionIdle() error {
	return model.Fail(model.CodeSessionIdle, "您有一段时间没有操作，为安全起见已自动退出，请重新登录。")
}

// touch notes, at most once a minute, that a session of the console is in use. One that could not be noted only ends earlier.
func (s *Service) touch(ctx context.Context, session *model.Session, now time.Time) {
	if ofConsole(session) && now.Sub(session.LastSeenAt) >= actorLife {
		_ = s.store.TouchSession(ctx, session.ID, now)
	}
}

// actorFor is the actor of fresh tokens. Of a session that was just opened, only its owner is read.
func (s *Service) actorFor(ctx context.Context, t *Tokens) (*model.Actor, error) {
	if t.opened == nil {
		return s.Actor(ctx, t.Access)
	}
	actor, err := s.actorOf(ctx, t.opened)
	if err == nil {
		s.actors.byToken.Set(t.Access, &known{actor: actor, expires: t.at.Add(accessLife), since: t.at, read: t.read})
	}
	return actor, err
}

// actorOf reads what the session's owner is and may do.
func (s *Service) actorOf(ctx context.Context, session *model.Session) (*model.Actor, error) {
	actor := &model.Actor{SessionID: session.ID, SessionKind: session.Kind, IdentityID: session.IdentityID}
	if session.IdentityID != "" {
		identity, err := s.store.Identity(ctx, session.IdentityID)
		if err != nil {
			return nil, err
		}
		actor.OpenID = identity.MiniOpenID()
	}
	if session.MemberID == "" {
		return actor, nil
	}
	m, err := s.store.Member(ctx, session.MemberID)
	if err != nil {
		return nil, err
	}
	actor.MemberID, actor.Name, actor.PartyStatus, actor.Consent = m.ID, m.Name, m.PartyStatus, m.ConsentVersion
	places, err := s.store.Memberships(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		actor.Places = append(actor.Places, model.Place{OrgID: p.OrgID, Path: p.OrgPath})
	}
	grants, err := s.store.Grants(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		actor.Powers = append(actor.Powers, model.Power{OrgID: g.OrgID, Path: g.OrgPath, Role: g.Role})
	}
	if session.Kind == model.SessionPassword && model.NeedsSecondFactor(grants) {
		actor.Held, err = s.held(ctx, m.ID)
	}
	return actor, err
}

// held: a session opened with the password alone, whose owner has come to a role since that needs a second factor, or has had the time for setting
// one up. Signing in would ask for it now.
func (s *Service) held(ctx context.Context, memberID string) (bool, error) {
	cred, err := s.store.CredentialOf(ctx, memberID)
	if model.IsNotFound(err) || (err == nil && s.clock().Before(s.graceEnd(cred))) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = s.store.SecondFactor(ctx, cred.Username)
	if model.IsNotFound(err) {
		return true, nil
	}
	return false, err
}

// Standing is what a member is in one organisation.
type Standing struct {
	Org       model.Org
	Ancestors []model.Org // the nearest first
	Roles     []model.Role
}

// Unread counts what waits for a member.
type Unread struct{ Notices, RequiredReading, Todo int }

// Me is what the client shows of its owner.
type Me struct {
	Actor     *model.Actor
	Standings []Standing
	Unread    Unread
}

// Me reads what the client shows of the actor: where they stand, with which roles, and what waits for them.
func (s *Service) Me(ctx context.Context, actor *model.Actor) (*Me, error) {
	me := &Me{Actor: actor}
	if !actor.Bound() {
		return me, nil
	}
	var root *model.Org
	if slices.ContainsFunc(actor.Powers, func(p model.Power) bool { return p.OrgID == "" }) {
		var err error
		if root, err = s.store.RootOrg(ctx); err != nil && !model.IsNotFound(err) {
			return nil, err
		}
	}
	ids, at, roles := standingIDs(actor, root)
	rows, err := s.store.OrgsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[string]model.Org{}
	for _, o := range rows {
		byID[o.ID] = o
	}
	for _, id := range at {
		o, ok := byID[id]
		if !ok {
			continue
		}
		st := Standing{Org: o, Roles: roles[id]}
		line := model.PathIDs(o.Path)
		for i := len(line) - 2; i >= 0; i-- {
			if up, ok := byID[line[i]]; ok {
				st.Ancestors = append(st.Ancestors, up)
			}
		}
		me.Standings = append(me.Standings, st)
	}
	me.Unread, err = s.waiting.Unread(ctx, actor)
	return me, err
}

// standingIDs lists every organisation to read, those where the actor stands in order, and the roles held at each.
func standingIDs(actor *model.Actor, root *model.Org) (ids, at []string, roles map[string][]model.Role) {
	roles = map[string][]model.Role{}
	seen := map[string]bool{}
	stand := func(id, path string) {
		if !seen[id] {
			seen[id] = true
			at = append(at, id)
			ids = append(ids, model.PathIDs(path)...)
		}
	}
	for _, p := range actor.Places {
		stand(p.OrgID, p.Path)
		roles[p.OrgID] = append(roles[p.OrgID], model.RoleMember)
	}
	for _, p := range actor.Powers {
		id, path := p.OrgID, p.Path
		if id == "" { // a grant for everything stands at the root, once there is one
			if root == nil {
				continue
			}
			id, path = root.ID, root.Path
		}
		stand(id, path)
		roles[id] = append(roles[id], p.Role)
	}
	return ids, at, roles
}
