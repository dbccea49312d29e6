package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/service/signin"
)

// oauthCookie ties a sign-in at the service account to the browser that began it. It is the only cookie there is, and opens nothing.
const oauthCookie = "zhibu_oauth"

// clientPath is where the members' client is served, and where WeChat leads back to.
const clientPath = "/m/"

type oauthStartInput struct {
	HostInput
	ReturnTo string `query:"return_to" maxLength:"200" doc:"the place within the client to go back to, such as /meetings/1"`
}

type oauthStartView struct {
	URL       string `json:"url" doc:"WeChat's page"`
	ExpiresIn int    `json:"expires_in" doc:"seconds in which to come back"`
}

type oauthInput struct {
	HostInput
	Keep string `cookie:"zhibu_oauth" maxLength:"4000" doc:"set by GET /auth/oauth"`
	Body struct {
		Code  string `json:"code" minLength:"1" maxLength:"512" doc:"of the address that WeChat led back to"`
		State string `json:"state" minLength:"1" maxLength:"200" doc:"of the same address"`
	}
}

// oauthAnswer is an answer that sets the cookie, or takes it away.
type oauthAnswer[O any] struct {
	SetCookie    string `header:"Set-Cookie"`
	CacheControl string `header:"Cache-Control"`
	Body         O
}

// oauthRoutes are the sign-in of browsers by the service account: the way to WeChat's page, and back. They stand apart since they set a cookie.
func (a *API) oauthRoutes(path string) {
	huma.Register(a.huma, a.operation(http.MethodGet, anyone, path, "网页登录：前往微信授权页"), func(ctx context.Context, in *oauthStartInput) (*oauthAnswer[oauthStartView], error) {
		site := a.publicURL(in.host, in.tls)
		start, err := a.rooms.Signin.StartOAuth(ctx, site+clientPath, in.ReturnTo)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &oauthAnswer[oauthStartView]{
			SetCookie: oauthCookieOf(site, start), CacheControl: "no-store", Body: oauthStartView{URL: start.URL, ExpiresIn: int(start.Life / time.Second)},
		}, nil
	})
	huma.Register(a.huma, a.operation(http.MethodPost, anyone, path, "网页登录：用微信授权码登录"), func(ctx context.Context, in *oauthInput) (*oauthAnswer[sessionView], error) {
		tokens, returnTo, err := a.rooms.Signin.FinishOAuth(ctx, in.Keep, in.Body.State, in.Body.Code, deviceOf(ctx))
		v, err := sessionFrom(tokens, err)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		v.ReturnTo = returnTo
		return &oauthAnswer[sessionView]{SetCookie: oauthCookieOf(a.publicURL(in.host, in.tls), &signin.OAuthStart{Life: -1}), CacheControl: "no-store", Body: v}, nil
	})
}

// oauthCookieOf is the cookie that keeps what a browser is to keep; a life below zero takes it away. No script reads it, and no other site sends it.
func oauthCookieOf(site string, start *signin.OAuthStart) string {
	c := http.Cookie{
		Name: oauthCookie, Value: start.Keep, Path: basePath + "/auth/oauth", MaxAge: int(start.Life / time.Second), HttpOnly: true,
		Secure: strings.HasPrefix(site, "https://"), SameSite: http.SameSiteLaxMode,
	}
	if start.Life < 0 {
		c.MaxAge = -1
	}
	return c.String()
}
