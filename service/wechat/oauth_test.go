package wechat

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zhibu/model"
)

const (
	webGood  = `{"access_token":"WEBTOKEN-0123456789","expires_in":7200,"refresh_token":"WEBREFRESH-0123456789","openid":"pABC","scope":"snsapi_base"}`
	webAsked = `{"access_token":"WEBTOKEN-0123456789","expires_in":7200,"refresh_token":"WEBREFRESH-0123456789","openid":"pABC","scope":"snsapi_userinfo"}`
	webAtOne = `{"access_token":"WEBTOKEN-0123456789","openid":"pABC","scope":"snsapi_userinfo","unionid":"uXYZ"}`
	webInfo  = `{"openid":"pABC","nickname":"微信用户","privilege":[],"unionid":"uXYZ"}`
)

func TestAuthorizeURL(t *testing.T) {
	f := newFake(t, answers(webGood))
	for _, c := range []struct {
		base  string
		ask   bool
		start string
		scope string
	}{
		{"", false, "https://open.weixin.qq.com/connect/oauth2/authorize?", "snsapi_base"},
		{"", true, "https://open.weixin.qq.com/connect/oauth2/authorize?", "snsapi_userinfo"},
		{f.server.URL, false, f.server.URL + "/connect/oauth2/authorize?", "snsapi_base"},
	} {
		door := f.open(c.base, nil)
		defer door.Close()
		got, err := door.AuthorizeURL("https://party.example.org/m/", "state-1&x", c.ask)
		if err != nil {
			t.Fatal(err)
		}
		want := c.start + "appid=wxofficial&redirect_uri=https%3A%2F%2Fparty.example.org%2Fm%2F&response_type=code&scope=" + c.scope + "&state=state-1%26x#wechat_redirect"
		if got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	if strings.Contains(f.log.String(), "state-1") || len(f.seen()) != 0 {
		t.Error("making an address needs no call and no log")
	}
}

func TestOfficialIsNotSetUp(t *testing.T) {
	f := newFake(t, answers(webGood))
	door := New(Config{BaseURL: f.server.URL, Clock: f.clock, MiniProgram: App{AppID: testAppID, Secret: testSecret}})
	defer door.Close()
	if door.HasOfficial() || !f.door.HasOfficial() {
		t.Error("who is set up is told wrong")
	}
	if _, err := door.AuthorizeURL("https://party.example.org/m/", "s", false); model.CodeOf(err) != model.CodeWechatDown || !contains(err.Error(), "ZHIBU_WECHAT_OFFICIAL_APPID") {
		t.Errorf("the address: %v", err)
	}
	if _, err := door.WebLogin(t.Context(), "code"); model.CodeOf(err) != model.CodeWechatDown || len(f.seen()) != 0 {
		t.Errorf("the exchange: %v", err)
	}
}

func TestWebLogin(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []string
		calls   int
		want    WebUser
		code    model.Code
	}{
		{"openid alone", []string{webGood}, 1, WebUser{OpenID: "pABC"}, ""},
		{"asked, the unionid at once", []string{webAtOne}, 1, WebUser{OpenID: "pABC", UnionID: "uXYZ", Asked: true}, ""},
		{"asked, the unionid by userinfo", []string{webAsked, webInfo}, 2, WebUser{OpenID: "pABC", UnionID: "uXYZ", Asked: true}, ""},
		{"asked, and no unionid anywhere", []string{webAsked, `{"openid":"pABC"}`}, 2, WebUser{OpenID: "pABC", Asked: true}, ""},
		{"userinfo busy, then good", []string{webAsked, fault(-1, "system error"), webInfo}, 3, WebUser{OpenID: "pABC", UnionID: "uXYZ", Asked: true}, ""},
		{"a snapshot is no person", []string{`{"access_token":"t","openid":"pFAKE","scope":"snsapi_base","is_snapshotuser":1}`}, 1, WebUser{}, model.CodeForbidden},
		{"invalid", []string{fault(40029, "invalid code")}, 1, WebUser{}, model.CodeWechatCode},
		{"used", []string{fault(40163, "code been used")}, 1, WebUser{}, model.CodeWechatCode},
		{"blocked", []string{fault(40226, "code blocked")}, 1, WebUser{}, model.CodeForbidden},
		{"wrong secret", []string{fault(40125, "invalid appsecret")}, 1, WebUser{}, model.CodeWechatDown},
		{"40001 is no dead token here", []string{fault(40001, "AppSecret error")}, 1, WebUser{}, model.CodeWechatDown},
		{"no right to ask", []string{webAsked, fault(48001, "api unauthorized")}, 2, WebUser{}, model.CodeWechatDown},
		{"busy, then good", []string{fault(-1, "system error"), webGood}, 2, WebUser{OpenID: "pABC"}, ""},
		{"busy, then used", []string{fault(-1, "system error"), fault(40163, "code been used")}, 2, WebUser{}, model.CodeWechatDown},
		{"HTML for ever", []string{"<html>"}, 3, WebUser{}, model.CodeWechatDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, answers(c.answers...))
			got, err := f.door.WebLogin(t.Context(), "0a1B-_webcode")
			if len(f.seen()) != c.calls || got != c.want || (err == nil) != (c.code == "") || (err != nil && model.CodeOf(err) != c.code) {
				t.Errorf("%d calls, %+v, %v", len(f.seen()), got, err)
			}
			if f.fetches != 0 {
				t.Error("a sign-in needs no access token of the account")
			}
			q, _ := url.ParseQuery(f.seen()[0].query)
			want := url.Values{"appid": {"wxofficial"}, "secret": {"official-" + testSecret}, "code": {"0a1B-_webcode"}, "grant_type": {"authorization_code"}}
			if f.seen()[0].path != APIWebLogin || q.Encode() != want.Encode() {
				t.Errorf("asked %s with %s", f.seen()[0].path, q.Encode())
			}
			for _, hidden := range []string{testSecret, "0a1B-_webcode", "WEBTOKEN", "WEBREFRESH"} {
				if contains(f.log.String()+everyForm(err)+everyForm(got), hidden) {
					t.Errorf("%s shows: %v %s", hidden, err, f.log)
				}
			}
		})
	}
}

func TestWebLoginIsNotInjected(t *testing.T) {
	f := newFake(t, answers(webGood))
	for _, code := range injections {
		if _, err := f.door.WebLogin(t.Context(), code); model.CodeOf(err) != model.CodeWechatCode {
			t.Errorf("%q: %v", code, err)
		}
	}
	if len(f.seen()) != 0 {
		t.Error("a made-up code came near an address")
	}
}

// A connection that dies tells of the whole address, with the code and the secret in it.
func TestWebLoginBrokenConnectionTellsNoSecret(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) { reset(w, r) })
	_, err := f.door.WebLogin(t.Context(), "0a1B-_webcode")
	if model.CodeOf(err) != model.CodeWechatDown || contains(everyForm(err)+f.log.String(), "0a1B-_webcode") || contains(everyForm(err)+f.log.String(), testSecret) {
		t.Errorf("got %v, log %s", err, f.log)
	}
}
