package standin

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func webAccessPath(appid, secret, code string) string {
	return "/sns/oauth2/access_token?" + url.Values{"appid": {appid}, "secret": {secret}, "code": {code}, "grant_type": {"authorization_code"}}.Encode()
}

func webInfoPath(token, openid string) string {
	return "/sns/userinfo?" + url.Values{"access_token": {token}, "openid": {openid}}.Encode()
}

func TestWebSignIn(t *testing.T) {
	w := openWorld(t)
	p := Person{OpenID: alice, OfficialOpenID: "pAlice", UnionID: "uAlice", Name: "王建国"}
	w.AddPerson(p)
	code := w.MintWebCode(official, p, false)
	silent := w.get(webAccessPath(official, officialSecret, code))
	if silent.text("openid") != "pAlice" || silent.text("scope") != "snsapi_base" || silent.text("unionid") != "" || silent.text("access_token") == "" {
		t.Errorf("silently: %v", silent)
	}
	w.want(w.get(webAccessPath(official, officialSecret, code)), 40163, "code been used, rid: ")
	w.want(w.get(webInfoPath(silent.text("access_token"), "pAlice")), 48001, "api unauthorized")
	asked := w.get(webAccessPath(official, officialSecret, w.MintWebCode(official, p, true)))
	w.want(w.get(webInfoPath(asked.text("access_token"), "pBob")), 40003, "invalid openid")
	w.want(w.get(webInfoPath("nonsense", "pAlice")), 40001, "invalid credential")
	if info := w.get(webInfoPath(asked.text("access_token"), "pAlice")); info.text("openid") != "pAlice" {
		t.Errorf("who it is: %v", info)
	}
	stranger := Person{OpenID: bob, Name: "李秀英"} // does not follow the account, and has an openid there all the same
	w.AddPerson(stranger)
	first := w.get(webAccessPath(official, officialSecret, w.MintWebCode(official, stranger, false))).text("openid")
	if again := w.get(webAccessPath(official, officialSecret, w.MintWebCode(official, stranger, false))).text("openid"); first == "" || again != first {
		t.Errorf("an openid is for good: %q, %q", first, again)
	}
	if got := w.get(w.as(official, "/cgi-bin/user/info?openid="+first)); got.number("subscribe") != 0 {
		t.Errorf("who signs in follows nobody by that: %v", got)
	}
	old := w.MintWebCode(official, p, false)
	login := w.MintCode(mini, alice)
	for name, c := range map[string]struct {
		path string
		code int64
		text string
	}{
		"unknown":      {webAccessPath(official, officialSecret, "nonsense"), 40029, "invalid code, rid: "},
		"a login code": {webAccessPath(official, officialSecret, login), 40029, "invalid code, rid: "},
		"mini-program": {webAccessPath(mini, miniSecret, old), 40013, "invalid appid"},
		"bad secret":   {webAccessPath(official, "wrong", old), 40125, "invalid appsecret"},
		"grant type":   {"/sns/oauth2/access_token?appid=" + official + "&secret=" + url.QueryEscape(officialSecret) + "&code=" + old, 40002, "invalid grant_type"},
	} {
		t.Run(name, func(t *testing.T) { w.want(w.get(c.path), c.code, c.text) })
	}
	w.hands.move(5 * time.Minute)
	w.want(w.get(webAccessPath(official, officialSecret, old)), 40029, "invalid code, rid: ")
	w.SetQuirks(Quirks{SnapshotUser: true})
	if got := w.get(webAccessPath(official, officialSecret, w.MintWebCode(official, p, false))); got.number("is_snapshotuser") != 1 {
		t.Errorf("a snapshot: %v", got)
	}
}

// TestAuthorizePage: the page leads back to pages of this machine alone, and no foreign page opens it.
func TestAuthorizePage(t *testing.T) {
	w := openWorld(t)
	w.AddPerson(Person{OpenID: alice, OfficialOpenID: "pAlice", Name: "王建国<b>"})
	ask := func(set ...string) *httptest.ResponseRecorder {
		q := url.Values{"appid": {official}, "redirect_uri": {"http://127.0.0.1:8080/m/"}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {"s1"}}
		r := httptest.NewRequest("GET", "/connect/oauth2/authorize", nil)
		r.Host = "127.0.0.1:8081"
		for i := 0; i < len(set); i += 2 {
			if set[i] == "Host" {
				r.Host = set[i+1]
				continue
			}
			q.Set(set[i], set[i+1])
		}
		r.URL.RawQuery = q.Encode()
		got := httptest.NewRecorder()
		w.ServeHTTP(got, r)
		return got
	}
	page := ask()
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "王建国&lt;b&gt;") || !strings.Contains(page.Body.String(), "openid="+alice) || strings.Contains(page.Header().Get("Content-Security-Policy"), "script") {
		t.Errorf("the page: %d %s", page.Code, page.Body)
	}
	back, err := url.Parse(ask("openid", alice).Header().Get("Location"))
	if err != nil || back.Host != "127.0.0.1:8080" || back.Path != "/m/" || back.Query().Get("state") != "s1" || back.Query().Get("code") == "" {
		t.Errorf("back to %s, %v", back, err)
	}
	for name, set := range map[string][]string{
		"another site": {"redirect_uri", "https://evil.example/m/"}, "a script": {"redirect_uri", "javascript:alert(1)"}, "no scope": {"scope", "all"}, "no response type": {"response_type", "token"},
		"a mini-program": {"appid", mini}, "a name that leads here": {"Host", "evil.example"}, "a long state": {"state", strings.Repeat("a", 129)},
	} {
		if got := ask(append(set, "openid", alice)...); got.Code < 400 || got.Header().Get("Location") != "" {
			t.Errorf("%s: %d %s", name, got.Code, got.Header().Get("Location"))
		}
	}
}
