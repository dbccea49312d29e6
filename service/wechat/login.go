package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"zhibu/model"
)

// codePattern is what wx.login and the phone button really give. Everything else is refused before it comes near an address.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// redeemPauses are the waits before a code is tried again.
var redeemPauses = [...]time.Duration{200 * time.Millisecond, 500 * time.Millisecond}

// Session is who signed in. WeChat's session_key never leaves the door: it is not even read.
type Session struct {
	OpenID  string
	UnionID string // only when the mini-program is bound to an Open Platform account
}

// Login exchanges the code of wx.login.
// Errors: wechat_code_invalid for a bad, expired or used code, forbidden for a blocked person, wechat_unavailable for the rest.
func (d *Door) Login(ctx context.Context, code string) (Session, error) {
	if !codePattern.MatchString(code) {
		return Session{}, model.Fail(model.CodeWechatCode, "微信登录凭证无效，请重新登录。")
	}
	if err := d.need(d.mini); err != nil {
		return Session{}, err
	}
	query := url.Values{"appid": {d.mini.AppID}, "secret": {d.mini.Secret}, "js_code": {code}, "grant_type": {"authorization_code"}}
	var out struct {
		head
		OpenID  string `json:"openid"`
		UnionID string `json:"unionid"`
	}
	err := d.redeem(ctx, APILogin, func() (reply, error) {
		res, err := d.try(ctx, request{api: APILogin, app: d.mini, query: query, secret: code}, "", &out)
		if err == nil && out.OpenID == "" {
			err = unreadable(APILogin, "answer without an openid")
		}
		return res, err
	})
	if err != nil {
		return Session{}, err
	}
	return Session{OpenID: out.OpenID, UnionID: out.UnionID}, nil
}

// Phone exchanges the code of the phone button for the eleven digits of a mainland number.
// Errors: as of Login, and validation_failed for a number from elsewhere.
func (d *Door) Phone(ctx context.Context, code string) (string, error) {
	if !codePattern.MatchString(code) {
		return "", model.Fail(model.CodeWechatCode, "手机号授权凭证无效，请重新点击授权按钮。")
	}
	var out struct {
		head
		Info struct {
			Phone   string `json:"phoneNumber"`
			Pure    string `json:"purePhoneNumber"`
			Country loose  `json:"countryCode"`
		} `json:"phone_info"`
	}
	err := d.redeem(ctx, APIPhone, func() (reply, error) {
		res, err := d.do(ctx, request{api: APIPhone, app: d.mini, body: map[string]string{"code": code}, secret: code}, &out)
		if err == nil && out.Info.Pure == "" && out.Info.Phone == "" {
			err = unreadable(APIPhone, "answer without a number")
		}
		return res, err
	})
	if err != nil {
		return "", err
	}
	number := out.Info.Pure
	if number == "" {
		number = out.Info.Phone
	}
	phone, ok := model.NormalizePhone(number)
	country := strings.TrimLeft(string(out.Info.Country), "+0")
	if !ok || (country != "" && country != "86") {
		return "", model.BadField("phone_code", "not_mainland", "目前仅支持中国大陆手机号，请联系支部书记协助绑定。")
	}
	return phone, nil
}

// redeem tries a single-use code again while WeChat gives no clear answer. When such a call had consumed the code after all, the next
// one finds it used: that is no fault of the person's, and another code will do.
func (d *Door) redeem(ctx context.Context, api string, try func() (reply, error)) error {
	uncertain := false
	for n := 0; ; n++ {
		res, err := try()
		var c *CallError
		if !errors.As(err, &c) {
			return err
		}
		spent := c.Code == 40163 || (api == APIPhone && c.Code == 40029)
		if spent && (uncertain || res.resent) {
			return unreadable(api, "the code was spent by a call that had no clear answer")
		}
		// After a timeout the person has waited long enough.
		if (c.Class != ClassRetry && c.Class != ClassNotSent) || c.Unwrap() != nil || n == len(redeemPauses) {
			return err
		}
		uncertain = uncertain || (c.API == api && c.Class == ClassRetry)
		if d.pause(ctx, redeemPauses[n]) != nil {
			return err
		}
	}
}

// loose reads what WeChat writes now as a string, now as a number.
type loose string

// UnmarshalJSON takes a string, a number or null.
func (l *loose) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) >= 2 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		*l = loose(s)
		return err
	}
	if s := string(b); s != "null" {
		*l = loose(s)
	}
	return nil
}
