package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// oauthLife is how long somebody may take at WeChat's page.
const oauthLife = 10 * time.Minute

// WebUser is who came through the service account's page.
type WebUser struct {
	OpenID  string // at the service account
	UnionID string // empty where WeChat has not told it
	Asked   bool   // the person was asked to show who they are
}

// Official is what signing in needs of the service account.
type Official interface {
	// Ready reports whether the account is set up.
	Ready() bool
	// AuthorizeURL is WeChat's page that leads back to redirect with a code and the state. With ask the person is asked to show who they are.
	AuthorizeURL(redirect, state string, ask bool) (string, error)
	// WebLogin turns the code into the user.
	WebLogin(ctx context.Context, code string) (WebUser, error)
}

// EnterBy lets browsers sign in by the service account. Call it before the room is used.
func (s *Service) EnterBy(o Official) { s.official = o }

// HasOfficial reports whether browsers can sign in by the service account.
func (s *Service) HasOfficial() bool { return s.official != nil && s.official.Ready() }

// Society is the root organisation's name; empty before there is one.
func (s *Service) Society(ctx context.Context) (string, error) {
	root, err := s.store.RootOrg(ctx)
	switch {
	case model.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", err
	}
	return root.Name, nil
}

// OAuthStart is how a browser goes to WeChat's page.
type OAuthStart struct {
	URL  string
	Keep string // what this browser alone keeps, and shows when it comes back
	Life time.Duration
}

// kept is what the browser's cookie says, sealed. Nothing of it is kept here, so any replica can read it.
type kept struct {
	State    string `json:"s"` // its hash
	Redirect string `json:"u"`
	ReturnTo string `json:"r,omitempty"`
	Expires  int64  `json:"e"`
}

const oauthPlace = "signin/oauth"

// returnPattern is a place within the client: never another site, whatever a browser makes of slashes.
var returnPattern = regexp.MustCompile(`^/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]*)?(?:\?[A-Za-z0-9_.~=&%-]*)?$`)

// StartOAuth makes the address of WeChat's page. What the browser is to keep ties the state to it, so that nobody can have somebody else finish a
// sign-in that they began. Errors: validation_failed, wechat_unavailable.
func (s *Service) StartOAuth(_ context.Context, redirect, returnTo string) (*OAuthStart, error) {
	if len(returnTo) > 200 || (returnTo != "" && !returnPattern.MatchString(returnTo)) {
		return nil, model.BadField("return_to", "invalid", "返回的页面应为本站会员端内的地址，以 / 开头。")
	}
	if s.official == nil {
		return nil, model.Fail(model.CodeWechatDown, "尚未配置微信公众号，请在微信小程序中登录。")
	}
	state, err := newSecret()
	if err != nil {
		return nil, err
	}
	out := &OAuthStart{Life: oauthLife}
	if out.URL, err = s.official.AuthorizeURL(redirect, state, false); err != nil {
		return nil, err
	}
	text, err := json.Marshal(kept{State: hash(state), Redirect: redirect, ReturnTo: returnTo, Expires: s.clock().Add(oauthLife).UnixMilli()})
	if err != nil {
		return nil, err
	}
	sealed, err := s.vault.Seal(string(text), oauthPlace)
	out.Keep = base64.RawURLEncoding.EncodeToString(sealed)
	return out, err
}

// openKept reads what the browser kept, if it belongs to the state and has not ended.
func (s *Service) openKept(keep, state string) (*kept, error) {
	refused := model.Fail(model.CodeOAuthState, "登录步骤已超时，或不是从这个浏览器开始的，请重新点击登录。")
	sealed, err := base64.RawURLEncoding.DecodeString(keep)
	if err != nil || keep == "" {
		return nil, refused
	}
	text, err := s.vault.Open(sealed, s.vault.KeyID(), oauthPlace)
	if err != nil {
		return nil, refused
	}
	k := &kept{}
	if json.Unmarshal([]byte(text), k) != nil || s.clock().UnixMilli() > k.Expires || subtle.ConstantTimeCompare([]byte(hash(state)), []byte(k.State)) != 1 {
		return nil, refused
	}
	return k, nil
}

// FinishOAuth signs in with what WeChat's page gave, and tells the place within the client to go back to. Who was never seen at the mini-program
// becomes a visitor. Where WeChat has not told who of the mini-program's users this is, the person is asked once, at another page of WeChat's.
// Errors: oauth_state_invalid, oauth_userinfo_required, wechat_code_invalid, wechat_unavailable, forbidden.
func (s *Service) FinishOAuth(ctx context.Context, keep, state, code, device string) (out *Tokens, returnTo string, err error) {
	k, err := s.openKept(keep, state)
	if err != nil {
		return nil, "", err
	}
	if s.official == nil {
		return nil, "", model.Fail(model.CodeWechatDown, "尚未配置微信公众号，请在微信小程序中登录。")
	}
	user, err := s.official.WebLogin(ctx, code)
	if err != nil {
		return nil, "", err
	}
	out, ask, err := s.enterWeb(ctx, user, device)
	if model.CodeOf(err) == model.CodeConflict { // the same person's other window was first
		out, ask, err = s.enterWeb(ctx, user, device)
	}
	if err == nil && ask {
		e := model.Fail(model.CodeOAuthAsk, "请在微信页面上确认授权，以便找到您的会员身份。")
		if e.Location, err = s.official.AuthorizeURL(k.Redirect, state, true); err == nil {
			err = e
		}
	}
	return out, k.ReturnTo, s.withMe(ctx, out, err)
}

// enterWeb opens a session of the person, in one transaction; ask says that WeChat should tell more first.
func (s *Service) enterWeb(ctx context.Context, user WebUser, device string) (out *Tokens, ask bool, err error) {
	now := s.clock()
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		out, ask = nil, false
		if user.UnionID == "" {
			known, err := tx.Follower(ctx, user.OpenID)
			switch {
			case err == nil:
				user.UnionID = known.UnionID
			case !model.IsNotFound(err):
				return err
			}
		}
		identity, err := tx.IdentityOfWeb(ctx, user.OpenID, user.UnionID)
		switch {
		case model.IsNotFound(err) && user.UnionID == "" && !user.Asked:
			ask = true
			return nil
		case model.IsNotFound(err):
			identity = &model.Identity{
				ID: store.NewID(), OpenID: model.WebOnlyOpenID(user.OpenID), UnionID: user.UnionID, OfficialOpenID: user.OpenID, LastSeenAt: now, CreatedAt: now,
			}
			err = tx.AddIdentity(ctx, identity)
		case err == nil:
			err = tx.TouchWebIdentity(ctx, identity.ID, user.OpenID, user.UnionID, now)
		}
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
	return out, ask, err
}

// settle finds the identity of a user of the mini-program whose first visit was by the service account, and joins the two: one person stands once.
// It returns nil where there is nothing to join.
func (s *Service) settle(ctx context.Context, tx *store.Store, openID, unionID string, mine *model.Identity, now time.Time) (*model.Identity, error) {
	if unionID == "" {
		return nil, nil
	}
	web, err := tx.WebOnlyIdentity(ctx, unionID)
	if model.IsNotFound(err) {
		return nil, nil
	}
	if err != nil || (mine != nil && mine.MemberID != nil && web.MemberID != nil) { // two members: that is for people to sort out
		return nil, err
	}
	if mine == nil {
		web.OpenID = openID
		return web, tx.GiveOpenID(ctx, web.ID, openID)
	}
	// The mini-program's identity stays; what was bound to the other passes to it.
	sessions, err := tx.LiveSessionsOfIdentity(ctx, web.ID, now)
	if err != nil {
		return nil, err
	}
	for _, v := range sessions {
		if err := s.revoke(ctx, tx, v.ID, "joined", now); err != nil {
			return nil, err
		}
	}
	if err := tx.DropIdentity(ctx, web.ID); err != nil {
		return nil, err
	}
	if err := tx.TouchWebIdentity(ctx, mine.ID, web.OfficialOpenID, unionID, now); err != nil {
		return nil, err
	}
	if web.MemberID != nil {
		mine.MemberID = web.MemberID
		if err := tx.BindIdentity(ctx, mine.ID, web.MemberID, now); err != nil {
			return nil, err
		}
		return mine, s.admitAll(ctx, tx, mine.ID, *web.MemberID, now)
	}
	return mine, nil
}

// admitAll makes all sessions of a WeChat user the member's.
func (s *Service) admitAll(ctx context.Context, tx *store.Store, identityID, memberID string, now time.Time) error {
	sessions, err := tx.LiveSessionsOfIdentity(ctx, identityID, now)
	if err != nil {
		return err
	}
	for _, v := range sessions {
		if err := tx.SetSessionMember(ctx, v.ID, memberID); err != nil {
			return err
		}
		if err := tx.Changed(ctx, now, model.TopicSession, v.ID); err != nil {
			return err
		}
	}
	return nil
}
