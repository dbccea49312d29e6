package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/signin"
)

type accountRow struct {
	ID        string    `json:"id" doc:"the member's"`
	Name      string    `json:"name"`
	Username  string    `json:"username" doc:"empty until its owner has chosen one"`
	State     string    `json:"state" enum:"active,waiting,expired,disabled" doc:"waiting: the set-up link is out; expired: it was not used in time"`
	Roles     []string  `json:"roles" nullable:"false"`
	Factor    bool      `json:"second_factor" doc:"is set up"`
	Required  bool      `json:"second_factor_required" doc:"the role needs one"`
	Locked    bool      `json:"locked" doc:"for some minutes, after wrong passwords or codes"`
	SetupEnds *timeView `json:"setup_expires_at" nullable:"true"`
	CreatedAt timeView  `json:"created_at"`
	CanChange bool      `json:"can_change" doc:"by the one who asks; one's own account has its own ways"`
}

func accountRowOf(e signin.AccountEntry) accountRow {
	v := accountRow{
		ID: e.Member.ID, Name: e.Member.Name, Username: e.Username(), State: "active", Roles: []string{}, Factor: e.Factor, Required: e.Required, Locked: e.Locked,
		CreatedAt: timeView(e.CreatedAt), CanChange: e.CanChange,
	}
	switch {
	case e.DisabledAt != nil:
		v.State = "disabled"
	case e.Waits:
		v.State, v.SetupEnds = "waiting", timeOrNil(e.SetupExpiresAt)
	case e.PasswordHash == "":
		v.State = "expired"
	}
	seen := map[model.Role]bool{}
	for _, g := range e.Grants {
		if !seen[g.Role] {
			v.Roles = append(v.Roles, string(g.Role))
		}
		seen[g.Role] = true
	}
	return v
}

func (a *API) listAccounts(ctx context.Context, actor *model.Actor, _ *struct{}) (items[accountRow], error) {
	rows, err := a.rooms.Signin.Accounts(ctx, actor)
	return items[accountRow]{Items: mapped(rows, accountRowOf)}, err
}

type offerInput struct {
	HostInput
	Body struct {
		MemberID string `json:"member_id" minLength:"1" maxLength:"64"`
		Username string `json:"username,omitempty" maxLength:"50" doc:"left out: a new account's owner chooses it"`
	}
}

type offerView struct {
	Account   accountRow `json:"account"`
	Code      string     `json:"code" doc:"shown once: for POST /auth/setup"`
	URL       string     `json:"url" doc:"the page on which its owner sets the account up; to be handed over by a way that nobody else reads"`
	ExpiresAt timeView   `json:"expires_at"`
}

// offerAccount puts the code behind the address's mark, which browsers send to no server.
func (a *API) offerAccount(ctx context.Context, actor *model.Actor, in *offerInput) (offerView, error) {
	o, err := a.rooms.Signin.OfferAccount(ctx, actor, in.Body.MemberID, in.Body.Username)
	if err != nil {
		return offerView{}, err
	}
	return offerView{Account: accountRowOf(o.Account), Code: o.Code, URL: a.publicURL(in.host, in.tls) + "/console/setup#code=" + o.Code, ExpiresAt: timeView(o.ExpiresAt)}, nil
}

func (a *API) disableAccount(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Signin.DisableAccount(ctx, actor, in.ID)
}

type resetFactorInput struct {
	IDPath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"stands in the audit"`
	}
}

func (a *API) resetFactor(ctx context.Context, actor *model.Actor, in *resetFactorInput) (empty, error) {
	return empty{}, a.rooms.Signin.ResetFactorOf(ctx, actor, in.ID, in.Body.Reason)
}

type setupLookInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"100"`
	}
}

type setupView struct {
	Name      string   `json:"name"`
	Username  string   `json:"username" doc:"empty: the owner chooses it"`
	Required  bool     `json:"second_factor_required" doc:"is set up, or asked for, next"`
	ExpiresAt timeView `json:"expires_at"`
}

func (a *API) lookAtSetup(ctx context.Context, _ *model.Actor, in *setupLookInput) (setupView, error) {
	v, err := a.rooms.Signin.Setup(ctx, in.Body.Code)
	if err != nil {
		return setupView{}, err
	}
	return setupView{Name: v.Name, Username: v.Username, Required: v.Required, ExpiresAt: timeView(v.ExpiresAt)}, nil
}

type setupInput struct {
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"100" doc:"of the link"`
		Username string `json:"username,omitempty" maxLength:"50" doc:"where the owner chooses it"`
		Password string `json:"password" minLength:"1" maxLength:"200" doc:"10 characters and more"`
	}
}

func (a *API) setUpAccount(ctx context.Context, _ *model.Actor, in *setupInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.SetUp(ctx, in.Body.Code, in.Body.Username, in.Body.Password, deviceOf(ctx)))
}

type renewCodesInput struct {
	Body struct {
		Password     string `json:"password,omitempty" maxLength:"200" doc:"or one of the two below"`
		Code         string `json:"code,omitempty" maxLength:"20" doc:"six digits of the app"`
		RecoveryCode string `json:"recovery_code,omitempty" maxLength:"40"`
	}
}

func (a *API) renewRecoveryCodes(ctx context.Context, actor *model.Actor, in *renewCodesInput) (recoveryView, error) {
	codes, err := a.rooms.Signin.RenewRecoveryCodes(ctx, actor, in.Body.Password, signin.Proof{Code: in.Body.Code, Recovery: in.Body.RecoveryCode})
	return recoveryView{RecoveryCodes: codes}, err
}
