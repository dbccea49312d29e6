package main

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"zhibu/demo"
	"zhibu/service/wechat/standin"
)

const (
	oauthAppID  = "wxofficial0000000001"
	oauthSecret = "the service account's secret"
)

// bootWithOfficial is boot with a service account beside the mini-program.
func bootWithOfficial(t *testing.T, clock string, env map[string]string, openPlatform bool) *program {
	t.Helper()
	settings := map[string]string{"WECHAT_OFFICIAL_APPID": oauthAppID, "WECHAT_OFFICIAL_SECRET": oauthSecret, "WECHAT_VERIFY_FILES": "MP_verify_AbCd.txt=AbCd"}
	for k, v := range env {
		settings[k] = v
	}
	p := boot(t, clock, settings)
	if err := p.wx.AddApp(standin.App{AppID: oauthAppID, Secret: oauthSecret, Kind: standin.Official, Published: true, OpenPlatform: openPlatform}); err != nil {
		t.Fatal(err)
	}
	return p
}

// browser is somebody's browser: it keeps the cookie, and comes back from WeChat's page with what stands in the address.
type browser struct {
	p      *program
	cookie string
	codes  []string
}

// begin asks for the way to WeChat's page.
func (b *browser) begin(returnTo string) string {
	b.p.t.Helper()
	got := b.p.must(200, "GET", "/auth/oauth?return_to="+url.QueryEscape(returnTo), "", nil)
	b.take(got)
	return got.text("url")
}

// take keeps the cookie that an answer sets, or forgets it.
func (b *browser) take(got response) {
	b.p.t.Helper()
	for _, c := range (&http.Response{Header: got.header}).Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/api/v1/auth/oauth" {
			b.p.t.Errorf("the cookie is open to scripts or other sites: %s", c)
		}
		if b.cookie = ""; c.MaxAge > 0 {
			b.cookie = c.Name + "=" + c.Value
		}
	}
}

// visit opens WeChat's page as somebody, and returns where it leads: code and state.
func (b *browser) visit(page, openID string) (code, state string) {
	b.p.t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		b.p.t.Fatal(err)
	}
	q := u.Query()
	q.Set("openid", openID)
	u.RawQuery, u.Fragment = q.Encode(), ""
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(u.String())
	if err != nil {
		b.p.t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != 302 || !strings.HasPrefix(back.String(), b.p.base+"/m/?") {
		b.p.t.Fatalf("WeChat's page answers %d %s %s", res.StatusCode, res.Header.Get("Location"), body)
	}
	b.codes = append(b.codes, back.Query().Get("code"))
	return back.Query().Get("code"), back.Query().Get("state")
}

// finish exchanges what the address holds.
func (b *browser) finish(code, state string) response {
	b.p.t.Helper()
	var headers []string
	if b.cookie != "" {
		headers = []string{"Cookie", b.cookie}
	}
	got := b.p.call("POST", "/auth/oauth", "", object{"code": code, "state": state}, headers...)
	b.take(got)
	return got
}

// signIn goes the whole way, over WeChat's second page where that is asked for.
func (b *browser) signIn(openID, returnTo string) response {
	b.p.t.Helper()
	got := b.finish(b.visit(b.begin(returnTo), openID))
	if got.status == 409 && got.text("code") == "oauth_userinfo_required" {
		if !strings.Contains(got.text("url"), "scope=snsapi_userinfo") {
			b.p.t.Errorf("the second page: %s", got.raw)
		}
		got = b.finish(b.visit(got.text("url"), openID))
	}
	if got.status != 200 {
		b.p.t.Fatalf("signing in by the service account: %s", got.describe())
	}
	return got
}

// TestStoryOAuth lives the browser's sign-in by the service account: the same person as at the mini-program, bound to the browser that began it, and
// nothing of it where it should not be.
func TestStoryOAuth(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := bootWithOfficial(t, "", env, true)
		s := p.found()
		wang, li := s.enrol(s.branch, "王建国", "full"), s.enrol(s.branch, "李秀英", "full")
		for _, m := range []person{wang, li} {
			p.wx.AddPerson(standin.Person{OpenID: m.openID, OfficialOpenID: "p-" + m.openID, UnionID: "u-" + m.openID, Phone: m.phone})
		}
		mini := p.bind(wang.openID, wang.phone)
		if got := p.must(200, "GET", "/client", "", nil); !strings.Contains(string(got.raw), `"wechat_oauth"`) || got.at("demo") != false || len(got.list("personas")) != 0 || got.text("name") != "康复医学会党委" {
			t.Errorf("what a client knows before: %s", got.raw)
		}
		b := &browser{p: p}
		got := b.signIn(wang.openID, "/pages/meeting/detail?id=42")
		if got.text("me", "id") != wang.id || got.at("me", "bound") != true || got.text("return_to") != "/pages/meeting/detail?id=42" || got.text("refresh_token") == "" {
			t.Errorf("signed in by the service account: %s", got.raw)
		}
		if b.cookie != "" {
			t.Error("the cookie stays when it has served")
		}
		if again := b.finish(b.visit(b.begin(""), wang.openID)); again.status != 200 || again.at("return_to") != nil {
			t.Errorf("the second time WeChat need not ask: %s", again.describe())
		}
		if n := len(p.must(200, "GET", "/me/sessions", mini, nil).list("items")); n != 3 {
			t.Errorf("%d sessions of the one person", n)
		}
		oauthIsBound(t, p, wang)
		oauthReturnsHome(t, p)
		domainIsProven(t, p)
		oauthThenMini(t, p, s, li)
		snapshot(t, p, wang)
		secrets := map[string]string{"the account's secret": oauthSecret, "a token": got.text("access_token")}
		for _, code := range b.codes {
			secrets["a code "+code[:4]] = code
		}
		secretsAreKept(t, p, secrets)
	})
}

// oauthIsBound: what one browser began, no other ends; a code serves once; and nobody may take their time.
func oauthIsBound(t *testing.T, p *program, m person) {
	t.Helper()
	thief, victim := &browser{p: p}, &browser{p: p}
	code, state := thief.visit(thief.begin(""), m.openID)
	for what, other := range map[string]*browser{"a browser that began nothing": victim, "a cookie that is none": {p: p, cookie: "zhibu_oauth=abc"}} {
		if got := other.finish(code, state); got.status != 409 || got.text("code") != "oauth_state_invalid" {
			t.Errorf("%s: %s", what, got.describe())
		}
	}
	victim.begin("")
	if got := victim.finish(code, state); got.status != 409 || got.text("code") != "oauth_state_invalid" {
		t.Errorf("a browser that began its own: %s", got.describe())
	}
	if got := thief.finish(code, state+"x"); got.status != 409 {
		t.Errorf("another state: %s", got.describe())
	}
	kept := thief.cookie
	if got := thief.finish(code, state); got.status != 200 {
		t.Errorf("the browser that began: %s", got.describe())
	}
	thief.cookie = kept
	if got := thief.finish(code, state); got.status != 401 || got.text("code") != "wechat_code_invalid" {
		t.Errorf("the same code again: %s", got.describe())
	}
	thief.cookie = kept
	if got := thief.finish("x&appid=evil", state); got.status != 401 || got.text("code") != "wechat_code_invalid" {
		t.Errorf("a made-up code: %s", got.describe())
	}
}

// oauthReturnsHome: WeChat leads back to the client alone, and the client to places within itself.
func oauthReturnsHome(t *testing.T, p *program) {
	t.Helper()
	for _, to := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "meetings", "javascript:alert(1)", "/a//b#c", "/a\r\nSet-Cookie: x=1", "/" + strings.Repeat("a", 200)} {
		if got := p.call("GET", "/auth/oauth?return_to="+url.QueryEscape(to), "", nil); got.status != 422 {
			t.Errorf("%q: %s", to, got.describe())
		}
	}
	page := (&browser{p: p}).begin("/")
	u, err := url.Parse(page)
	if err != nil || u.Query().Get("redirect_uri") != p.base+"/m/" || u.Query().Get("scope") != "snsapi_base" || u.Fragment != "wechat_redirect" {
		t.Errorf("the way to WeChat: %s", page)
	}
}

// domainIsProven: WeChat finds its file at the root, and no other.
func domainIsProven(t *testing.T, p *program) {
	t.Helper()
	for name, want := range map[string]string{"MP_verify_AbCd.txt": "200 AbCd", "MP_verify_EfGh.txt": "404 "} {
		res, err := http.Get(p.base + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if got := strconv.Itoa(res.StatusCode) + " " + string(body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// oauthThenMini: who comes by the service account first is a visitor there, binds by invitation, and is the same person at the mini-program.
func oauthThenMini(t *testing.T, p *program, s *society, li person) {
	t.Helper()
	p.wx.SetQuirks(standin.Quirks{UnionIDLate: true}) // by the person's particulars alone
	defer p.wx.SetQuirks(standin.Quirks{})
	web := (&browser{p: p}).signIn(li.openID, "")
	token := web.text("access_token")
	if web.at("me", "bound") != false {
		t.Errorf("never seen before: %s", web.raw)
	}
	p.refused(403, "not_bound", "GET", "/notices", token, nil)
	invite := p.must(201, "POST", "/orgs/"+s.branch+"/invites", s.admin, nil).text("code")
	bound := p.must(200, "POST", "/auth/bind", token, object{"consent_version": p.must(200, "GET", "/consent", "", nil).text("version"), "invite_code": invite, "name": "李秀英"})
	if bound.text("me", "id") != li.id {
		t.Errorf("bound by invitation: %s", bound.raw)
	}
	// The mini-program's openid is not known yet: what needs it says so instead of asking WeChat with a wrong one.
	p.refused(409, "conflict", "POST", "/subscriptions", token, object{"results": object{demo.Society(time.Now()).Templates[0].ID: "accept"}})
	if mini := p.visit(li.openID); mini.text("me", "id") != li.id {
		t.Errorf("the same person at the mini-program: %s", mini.raw)
	}
	if again := (&browser{p: p}).signIn(li.openID, ""); again.text("me", "id") != li.id {
		t.Errorf("and by the service account again: %s", again.raw)
	}
}

// snapshot: WeChat may show a page by a user that it has invented.
func snapshot(t *testing.T, p *program, m person) {
	t.Helper()
	p.wx.SetQuirks(standin.Quirks{SnapshotUser: true})
	b := &browser{p: p}
	if got := b.finish(b.visit(b.begin(""), m.openID)); got.status != 403 || !strings.Contains(got.text("detail"), "使用完整服务") {
		t.Errorf("a snapshot: %s", got.describe())
	}
	p.wx.SetQuirks(standin.Quirks{})
}

// TestStoryOAuthTakesTooLong: what was begun ends after ten minutes.
func TestStoryOAuthTakesTooLong(t *testing.T) {
	t.Parallel()
	p := bootWithOfficial(t, "2026-11-26T18:40:00+08:00", nil, true)
	b := &browser{p: p}
	code, state := b.visit(b.begin(""), "o1")
	p.moveTo(p.now().Add(10*time.Minute + time.Second).Format(time.RFC3339))
	if got := b.finish(code, state); got.status != 409 || got.text("code") != "oauth_state_invalid" {
		t.Errorf("ten minutes later: %s", got.describe())
	}
}

// TestStoryOAuthWithoutOpenPlatform: where nothing joins the two accounts, the person is asked once, and is a visitor of the service account's own.
func TestStoryOAuthWithoutOpenPlatform(t *testing.T) {
	t.Parallel()
	p := bootWithOfficial(t, "", nil, false)
	b := &browser{p: p}
	first := b.signIn("o1", "")
	if len(b.codes) != 2 || first.at("me", "bound") != false {
		t.Errorf("%d pages of WeChat's, %s", len(b.codes), first.raw)
	}
	again := b.signIn("o1", "")
	if len(b.codes) != 3 || again.text("me", "id") != first.text("me", "id") {
		t.Errorf("%d pages of WeChat's, then %s", len(b.codes), again.raw)
	}
	mini := p.visit("o1")
	if mini.text("me", "id") == first.text("me", "id") {
		t.Error("two accounts that nothing joins are taken for one")
	}
}

// TestStoryOAuthLateUnionID: two visitors turn out to be one person; the sessions of the one that goes end, and nothing bound is lost.
func TestStoryOAuthLateUnionID(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := bootWithOfficial(t, "", env, true)
		s := p.found()
		m := s.enrol(s.branch, "王建国", "full")
		bare := standin.App{AppID: testAppID, Secret: testSecret, Kind: standin.Mini, Token: testToken, AESKey: testAESKey, Published: true}
		if err := p.wx.AddApp(bare); err != nil {
			t.Fatal(err)
		}
		p.wx.AddPerson(standin.Person{OpenID: m.openID, OfficialOpenID: "p-1", UnionID: "u-1", Phone: m.phone})
		visitor := p.visit(m.openID).text("access_token") // without unionid: the account was not bound yet
		web := (&browser{p: p}).signIn(m.openID, "").text("access_token")
		invite := p.must(201, "POST", "/orgs/"+s.branch+"/invites", s.admin, nil).text("code")
		web = p.must(200, "POST", "/auth/bind", web, object{"consent_version": p.must(200, "GET", "/consent", "", nil).text("version"), "invite_code": invite, "name": "王建国"}).text("access_token")
		bare.OpenPlatform = true
		if err := p.wx.AddApp(bare); err != nil {
			t.Fatal(err)
		}
		if got := p.visit(m.openID); got.text("me", "id") != m.id {
			t.Errorf("the mini-program knows who they are now: %s", got.raw)
		}
		p.eventually("the visitor's session is the member's", 5*time.Second, func() bool { return p.call("GET", "/me", visitor, nil).at("bound") == true })
		p.eventually("the session of the identity that went ends", 5*time.Second, func() bool { return p.call("GET", "/me", web, nil).status == 401 })
		if got := (&browser{p: p}).signIn(m.openID, ""); got.text("me", "id") != m.id {
			t.Errorf("by the service account again: %s", got.raw)
		}
	})
}
