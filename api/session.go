package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/signin"
)

type orgRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind" enum:"association,society,branch,group"`
}

func orgRefOf(o model.Org) orgRef { return orgRef{ID: o.ID, Name: o.Name, Kind: string(o.Kind)} }

type membershipView struct {
	Org       orgRef   `json:"org"`
	Ancestors []orgRef `json:"ancestors" nullable:"false" doc:"the nearest first"`
	Roles     []string `json:"roles" nullable:"false"`
}

type unreadView struct {
	Notices         int `json:"notices"`
	RequiredReading int `json:"required_reading"`
	Todo            int `json:"todo"`
}

type meView struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Bound       bool             `json:"bound"`
	PartyStatus *string          `json:"party_status" nullable:"true" enum:"full,probationary,applicant,non_party"`
	Org         maybe[orgRef]    `json:"org" doc:"the first membership's; null for a visitor"`
	Memberships []membershipView `json:"memberships" nullable:"false"`
	Unread      unreadView       `json:"unread"`
	// A new notice with another meaning holds: what writes personal data answers consent_required until it is agreed to.
	ConsentRequired bool `json:"consent_required" doc:"agree to GET /consent by POST /me/consent"`
}

type sessionView struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type" enum:"Bearer"`
	ExpiresIn    int    `json:"expires_in" doc:"seconds"`
	RefreshToken string `json:"refresh_token"`
	Me           meView `json:"me"`
	// Of a second factor that was just set up; shown once.
	RecoveryCodes []string `json:"recovery_codes,omitempty" nullable:"false"`
	// Of a sign-in by the service account.
	ReturnTo string `json:"return_to,omitempty" doc:"the place within the client to go back to"`
}

func sessionOf(t *signin.Tokens) sessionView {
	return sessionView{AccessToken: t.Access, TokenType: "Bearer", ExpiresIn: t.ExpiresIn, RefreshToken: t.Refresh, Me: meOf(t.Me), RecoveryCodes: t.RecoveryCodes}
}

func meOf(me *signin.Me) meView {
	a := me.Actor
	v := meView{ID: a.MemberID, Name: a.Name, Bound: a.Bound(), Memberships: []membershipView{}, Unread: unreadView(me.Unread)}
	if !v.Bound {
		v.ID = a.IdentityID
		return v
	}
	status := string(a.PartyStatus)
	v.PartyStatus = &status
	for i, st := range me.Standings {
		if i == 0 {
			v.Org = some(orgRefOf(st.Org))
		}
		v.Memberships = append(v.Memberships, membershipView{Org: orgRefOf(st.Org), Ancestors: mapped(st.Ancestors, orgRefOf), Roles: rolesView(st.Roles)})
	}
	return v
}

func rolesView(roles []model.Role) []string {
	return mapped(roles, func(r model.Role) string { return string(r) })
}

type codeInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"512" doc:"from wx.login"`
	}
}

func (a *API) signInWechat(ctx context.Context, _ *model.Actor, in *codeInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.Wechat(ctx, in.Body.Code, deviceOf(ctx)))
}

func sessionFrom(t *signin.Tokens, err error) (sessionView, error) {
	if err != nil {
		return sessionView{}, err
	}
	return sessionOf(t), nil
}

type bindInput struct {
	Body struct {
		ConsentVersion string `json:"consent_version,omitempty" maxLength:"20"`
		PhoneCode      string `json:"phone_code,omitempty" maxLength:"512" doc:"from the getPhoneNumber button"`
		InviteCode     string `json:"invite_code,omitempty" maxLength:"64"`
		Name           string `json:"name,omitempty" maxLength:"50"`
	}
}

func (a *API) bind(ctx context.Context, actor *model.Actor, in *bindInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.Bind(ctx, actor, signin.BindRequest(in.Body)))
}

type consentView struct {
	Version  string `json:"version"`
	Title    string `json:"title"`
	BodyHTML string `json:"body_html"`
}

func (a *API) consent(ctx context.Context, _ *model.Actor, _ *struct{}) (consentView, error) {
	n, err := a.rooms.Signin.ConsentNow(ctx)
	return consentView(n), err
}

type refreshInput struct {
	Body struct {
		RefreshToken string `json:"refresh_token" minLength:"1" maxLength:"512"`
	}
}

func (a *API) refresh(ctx context.Context, _ *model.Actor, in *refreshInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.Refresh(ctx, in.Body.RefreshToken))
}

func (a *API) logout(ctx context.Context, actor *model.Actor, _ *struct{}) (empty, error) {
	return empty{}, a.rooms.Signin.Logout(ctx, actor)
}

type passwordInput struct {
	Body struct {
		Username     string `json:"username" minLength:"1" maxLength:"50"`
		Password     string `json:"password" minLength:"1" maxLength:"200"`
		Code         string `json:"code,omitempty" maxLength:"20" doc:"six digits of the app"`
		RecoveryCode string `json:"recovery_code,omitempty" maxLength:"40"`
	}
}

func (a *API) signInPassword(ctx context.Context, _ *model.Actor, in *passwordInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.Password(ctx, signin.PasswordRequest{Username: in.Body.Username, Password: in.Body.Password,
		Proof: signin.Proof{Code: in.Body.Code, Recovery: in.Body.RecoveryCode}, Device: deviceOf(ctx)}))
}

type consoleCodeView struct {
	ID        string   `json:"id"`
	QRCodeURL string   `json:"qrcode_url" doc:"what the phone scans"`
	Page      string   `json:"page" doc:"the same place in the mini-program"`
	ExpiresAt timeView `json:"expires_at"`
}

// HostInput lets an answer carry absolute addresses when none is set.
type HostInput struct {
	host string
	tls  bool
}

// Resolve notes under which address the request came.
func (h *HostInput) Resolve(ctx huma.Context) []error {
	h.host, h.tls = ctx.Host(), ctx.TLS() != nil || ctx.Header("X-Forwarded-Proto") == "https"
	return nil
}

func (a *API) createConsoleCode(ctx context.Context, _ *model.Actor, in *HostInput) (consoleCodeView, error) {
	c, err := a.rooms.Signin.NewConsoleCode(ctx, deviceOf(ctx))
	if err != nil {
		return consoleCodeView{}, err
	}
	return consoleCodeView{ID: c.ID, QRCodeURL: a.publicURL(in.host, in.tls) + "/m/#/console?code=" + c.ID, Page: "pages/console/index?code=" + c.ID, ExpiresAt: timeView(c.ExpiresAt)}, nil
}

type consolePollView struct {
	State   string       `json:"state" enum:"pending,approved,expired"`
	Session *sessionView `json:"session,omitempty" doc:"handed out once"`
}

func (a *API) pollConsoleCode(ctx context.Context, _ *model.Actor, in *IDPath) (consolePollView, error) {
	state, t, err := a.rooms.Signin.PollConsoleCode(ctx, in.ID)
	if err != nil {
		return consolePollView{}, err
	}
	v := consolePollView{State: string(state)}
	if t != nil {
		s := sessionOf(t)
		v.Session = &s
	}
	return v, nil
}

func (a *API) approveConsoleCode(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Signin.ApproveConsoleCode(ctx, actor, in.ID)
}

func (a *API) me(ctx context.Context, actor *model.Actor, _ *struct{}) (meView, error) {
	me, err := a.rooms.Signin.Me(ctx, actor)
	if err != nil {
		return meView{}, err
	}
	v := meOf(me)
	holds, err := a.rooms.Signin.ConsentHolds(ctx, actor.Consent)
	v.ConsentRequired = v.Bound && !holds
	return v, err
}

type deviceView struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind" enum:"wechat,password,console"`
	Device     string   `json:"device" doc:"in words"`
	CreatedAt  timeView `json:"created_at"`
	LastSeenAt timeView `json:"last_seen_at" doc:"to the hour"`
	Current    bool     `json:"current"`
}

func (a *API) mySessions(ctx context.Context, actor *model.Actor, _ *struct{}) (items[deviceView], error) {
	rows, err := a.rooms.Signin.Sessions(ctx, actor)
	if err != nil {
		return items[deviceView]{}, err
	}
	return items[deviceView]{Items: mapped(rows, func(s model.Session) deviceView {
		return deviceView{ID: s.ID, Kind: string(s.Kind), Device: model.DeviceWords(s.Device), CreatedAt: timeView(s.CreatedAt), LastSeenAt: timeView(s.LastSeenAt.Truncate(time.Hour)), Current: s.ID == actor.SessionID}
	})}, nil
}

func (a *API) endMySession(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Signin.EndSession(ctx, actor, in.ID)
}
