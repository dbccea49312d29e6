package wechat

import (
	"context"
	"net/url"
	"strings"

	"zhibu/model"
)

// openHost is where WeChat's pages for browsers are; a stand-in has them at its own address.
const openHost = "https://open.weixin.qq.com"

// scopeUserInfo asks the person to show who they are; without it WeChat tells the openid alone, and asks nothing.
const scopeUserInfo = "snsapi_userinfo"

// WebUser is who came through the service account's page.
type WebUser struct {
	OpenID  string // at the service account
	UnionID string // only after asking, and when the account is bound to an Open Platform account
	Asked   bool   // the person was asked
}

// HasOfficial reports whether the service account's settings are there.
func (d *Door) HasOfficial() bool { return d.need(d.oa) == nil }

// AuthorizeURL is WeChat's page that leads back to redirect with a code and the state. With ask the person is asked to show who they are.
// Errors: wechat_unavailable without the settings.
func (d *Door) AuthorizeURL(redirect, state string, ask bool) (string, error) {
	if err := d.need(d.oa); err != nil {
		return "", err
	}
	host, scope := d.base, "snsapi_base"
	if d.base == DefaultBaseURL {
		host = openHost
	}
	if ask {
		scope = scopeUserInfo
	}
	// WeChat wants the parameters in this order.
	return host + "/connect/oauth2/authorize?appid=" + url.QueryEscape(d.oa.AppID) + "&redirect_uri=" + url.QueryEscape(redirect) +
		"&response_type=code&scope=" + scope + "&state=" + url.QueryEscape(state) + "#wechat_redirect", nil
}

// WebLogin exchanges the code that WeChat's page gave to a browser. The tokens that come with it are used at once, at most, and never kept.
// Errors: wechat_code_invalid for a bad, expired or used code, forbidden for a blocked person and for a page without a person, wechat_unavailable.
func (d *Door) WebLogin(ctx context.Context, code string) (WebUser, error) {
	if !codePattern.MatchString(code) {
		return WebUser{}, model.Fail(model.CodeWechatCode, "微信登录凭证无效，请重新登录。")
	}
	if err := d.need(d.oa); err != nil {
		return WebUser{}, err
	}
	query := url.Values{"appid": {d.oa.AppID}, "secret": {d.oa.Secret}, "code": {code}, "grant_type": {"authorization_code"}}
	var out struct {
		head
		Token    string `json:"access_token"`
		OpenID   string `json:"openid"`
		UnionID  string `json:"unionid"`
		Scope    string `json:"scope"`
		Snapshot int    `json:"is_snapshotuser"`
	}
	err := d.redeem(ctx, APIWebLogin, func() (reply, error) {
		res, err := d.try(ctx, request{api: APIWebLogin, app: d.oa, query: query, secret: code}, "", &out)
		if err == nil && out.OpenID == "" {
			err = unreadable(APIWebLogin, "answer without an openid")
		}
		return res, err
	})
	if err != nil {
		return WebUser{}, err
	}
	if out.Snapshot == 1 { // the openid is invented, and another one each time
		return WebUser{}, model.Forbidden("当前是微信的快照页，无法确认您的身份，请点击页面下方的“使用完整服务”后再登录。")
	}
	user := WebUser{OpenID: out.OpenID, UnionID: out.UnionID, Asked: strings.Contains(out.Scope, scopeUserInfo)}
	if user.UnionID != "" || !user.Asked {
		return user, nil
	}
	var info struct {
		head
		UnionID string `json:"unionid"`
	}
	query = url.Values{"openid": {user.OpenID}, "lang": {"zh_CN"}}
	err = d.redeem(ctx, APIWebUser, func() (reply, error) {
		return d.try(ctx, request{api: APIWebUser, app: d.oa, query: query, secret: code}, out.Token, &info)
	})
	if err != nil {
		return WebUser{}, err
	}
	user.UnionID = info.UnionID
	return user, nil
}
