package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestStoryClientInABrowser: who opens the demonstration in a browser signs in as somebody, and a newcomer binds.
func TestStoryClientInABrowser(t *testing.T) {
	t.Parallel()
	p, _ := demonstration(t, nil)
	got := p.must(200, "GET", "/client", "", nil)
	people := got.list("personas")
	if got.at("demo") != true || got.text("sign_in", 0) != "demo" || !strings.Contains(string(got.raw), `"wechat_oauth"`) || len(people) != 5 || got.text("name") == "" {
		t.Fatalf("the client: %s", got.raw)
	}
	for _, who := range people {
		key := who.text("key")
		code := p.must(200, "POST", "/client/persona", "", object{"persona": key})
		if who.text("name") == "" || !inChinese(who.text("role")) || !inChinese(who.text("hint")) || code.number("expires_in") != 300 {
			t.Errorf("%v: %s", who, code.raw)
		}
		session := p.must(200, "POST", "/auth/wechat", "", object{"code": code.text("code")})
		if session.at("me", "bound") != who.at("bound") {
			t.Errorf("%s: bound %v, and the client was told %v", key, session.at("me", "bound"), who.at("bound"))
		}
		p.refused(401, "wechat_code_invalid", "POST", "/auth/wechat", "", object{"code": code.text("code")})
	}
	p.refused(404, "not_found", "POST", "/client/persona", "", object{"persona": "nobody"})
	p.refused(404, "not_found", "POST", "/client/persona/phone", "", object{"persona": "nobody"})
	p.refused(422, "validation_failed", "POST", "/client/persona/phone", "", object{"persona": "visitor"})
	p.refused(422, "validation_failed", "POST", "/client/persona", "", object{})

	newcomer := p.must(200, "POST", "/auth/wechat", "", object{"code": p.must(200, "POST", "/client/persona", "", object{"persona": "newcomer"}).text("code")})
	phone := p.must(200, "POST", "/client/persona/phone", "", object{"persona": "newcomer"}).text("code")
	bound := p.must(200, "POST", "/auth/bind", newcomer.text("access_token"), object{"consent_version": p.must(200, "GET", "/consent", "", nil).text("version"), "phone_code": phone})
	if bound.at("me", "bound") != true {
		t.Errorf("the newcomer: %s", bound.raw)
	}

	b := &browser{p: p}
	if web := b.signIn("oDEMO00000000000000000member", "/"); web.at("me", "bound") != true || web.text("me", "id") == "" {
		t.Errorf("by the stand-in's service account: %s", web.raw)
	}
	console := p.must(201, "POST", "/auth/console-codes", "", nil)
	if id := console.text("id"); console.text("qrcode_url") != p.base+"/m/#/console?code="+id || console.text("page") != "pages/console/index?code="+id {
		t.Errorf("the code on the console's screen: %s", console.raw)
	}
	limited := false
	for range 400 { // as signing in is
		if got := p.call("POST", "/client/persona", "", object{"persona": "nobody"}); got.status == 429 {
			limited = got.text("code") == "rate_limited" && got.header.Get("Retry-After") != ""
			break
		}
	}
	if !limited {
		t.Error("codes are handed out without end")
	}
	for path, holds := range map[string]string{"/m/": "手机党支部", "/m": "手机党支部", "/": `href="/m/"`} {
		res, err := http.Get(p.base + path)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		policy := res.Header.Get("Content-Security-Policy")
		if res.StatusCode != 200 || !strings.Contains(string(page), holds) || !strings.Contains(policy, "default-src '") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %d %s %.300s", path, res.StatusCode, policy, page)
		}
	}
}

// TestPersonasAreOfTheDemonstrationAlone: elsewhere there is no way to become somebody by naming them, whatever is sent.
func TestPersonasAreOfTheDemonstrationAlone(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	admin := p.admin()
	for _, token := range []string{"", admin} {
		for _, method := range []string{"POST", "GET", "PUT", "DELETE"} {
			for _, path := range []string{"/client/persona", "/client/persona/phone", "/client/persona/"} {
				p.refused(404, "not_found", method, path, token, object{"persona": "member"})
			}
		}
	}
	got := p.must(200, "GET", "/client", "", nil)
	if got.at("demo") != false || len(got.list("personas")) != 0 || string(got.raw) != `{"demo":false,"name":"手机党支部","sign_in":["password"],"personas":[]}`+"\n" {
		t.Errorf("the client: %s", got.raw)
	}
	if strings.Contains(string(p.call("GET", "/openapi.json", "", nil).raw), "persona/phone") {
		t.Error("the reference names the demonstration's routes")
	}
	p.refused(502, "wechat_unavailable", "GET", "/auth/oauth", "", nil)
}
