package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/signin"
)

// challengeView is what second_factor_required carries: how to go on with POST /auth/factor.
type challengeView struct {
	Token     string   `json:"token"`
	Kind      string   `json:"kind" enum:"code,enrol" doc:"code: digits of the app that is set up; enrol: set one up first"`
	ExpiresAt timeView `json:"expires_at"`
	Secret    string   `json:"secret,omitempty" doc:"to be typed into the app"`
	URL       string   `json:"otpauth_url,omitempty" doc:"to be scanned by the app"`
}

func challengeOf(c *model.Challenge) *challengeView {
	return &challengeView{Token: c.Token, Kind: string(c.Kind), ExpiresAt: timeView(c.ExpiresAt), Secret: c.Secret, URL: c.URL}
}

type answerInput struct {
	Body struct {
		Challenge    string `json:"challenge" minLength:"1" maxLength:"2000"`
		Code         string `json:"code,omitempty" maxLength:"20" doc:"six digits of the app"`
		RecoveryCode string `json:"recovery_code,omitempty" maxLength:"40"`
	}
}

func (a *API) answerChallenge(ctx context.Context, _ *model.Actor, in *answerInput) (sessionView, error) {
	return sessionFrom(a.rooms.Signin.Answer(ctx, in.Body.Challenge, signin.Proof{Code: in.Body.Code, Recovery: in.Body.RecoveryCode}, deviceOf(ctx)))
}

func (a *API) endOtherSessions(ctx context.Context, actor *model.Actor, _ *struct{}) (empty, error) {
	return empty{}, a.rooms.Signin.EndOtherSessions(ctx, actor)
}

type accountView struct {
	Username string    `json:"username"`
	Enrolled bool      `json:"second_factor" doc:"is set up"`
	Required bool      `json:"second_factor_required" doc:"the role needs one"`
	DueAt    *timeView `json:"second_factor_due_at" nullable:"true" doc:"from when on signing in asks for it, where it is required and not set up"`
	Recovery int       `json:"recovery_codes_left"`
}

func (a *API) myAccount(ctx context.Context, actor *model.Actor, _ *struct{}) (accountView, error) {
	v, err := a.rooms.Signin.Account(ctx, actor)
	if err != nil {
		return accountView{}, err
	}
	return accountView{Username: v.Username, Enrolled: v.Enrolled, Required: v.Required, DueAt: timeOrNil(v.DueAt), Recovery: v.RecoveryLeft}, nil
}

type newPasswordInput struct {
	Body struct {
		Old string `json:"old" minLength:"1" maxLength:"200"`
		New string `json:"new" minLength:"1" maxLength:"200" doc:"10 characters and more"`
	}
}

func (a *API) changePassword(ctx context.Context, actor *model.Actor, in *newPasswordInput) (empty, error) {
	return empty{}, a.rooms.Signin.ChangePassword(ctx, actor, in.Body.Old, in.Body.New)
}

type beginFactorInput struct {
	Body struct {
		Password     string `json:"password" minLength:"1" maxLength:"200"`
		Code         string `json:"code,omitempty" maxLength:"20" doc:"of the present app, where one is set up"`
		RecoveryCode string `json:"recovery_code,omitempty" maxLength:"40"`
	}
}

func (a *API) beginFactor(ctx context.Context, actor *model.Actor, in *beginFactorInput) (challengeView, error) {
	c, err := a.rooms.Signin.BeginFactor(ctx, actor, in.Body.Password, signin.Proof{Code: in.Body.Code, Recovery: in.Body.RecoveryCode})
	if err != nil {
		return challengeView{}, err
	}
	return *challengeOf(c), nil
}

type confirmFactorInput struct {
	Body struct {
		Challenge string `json:"challenge" minLength:"1" maxLength:"2000"`
		Code      string `json:"code" minLength:"1" maxLength:"20"`
	}
}

type recoveryView struct {
	RecoveryCodes []string `json:"recovery_codes" nullable:"false" doc:"shown once; each lets its owner in once"`
}

func (a *API) confirmFactor(ctx context.Context, actor *model.Actor, in *confirmFactorInput) (recoveryView, error) {
	codes, err := a.rooms.Signin.ConfirmFactor(ctx, actor, in.Body.Challenge, in.Body.Code)
	return recoveryView{RecoveryCodes: codes}, err
}
