package standin

import (
	"strings"
	"testing"
	"time"
)

const plainPath = "/cgi-bin/token?grant_type=client_credential&appid=" + mini + "&secret=" + miniSecret

// alive asks a harmless endpoint with a token.
func (w *world) alive(token string) int64 {
	w.t.Helper()
	return w.get("/wxaapi/newtmpl/gettemplate?access_token=" + token).code()
}

func (w *world) force() string {
	w.t.Helper()
	return w.post("/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+mini+`","secret":"`+miniSecret+`","force_refresh":true}`).text("access_token")
}

func TestPlainTokenReplacesItsPredecessorAfterFiveMinutes(t *testing.T) {
	w := openWorld(t)
	first := w.get(plainPath)
	if len(first) != 2 || first.number("expires_in") != 7200 {
		t.Fatalf("success has no errcode: %v", first)
	}
	one := first.text("access_token")
	two := w.get(plainPath).text("access_token")
	if one == two {
		t.Fatal("each call makes a new token")
	}
	w.hands.move(5*time.Minute - time.Second)
	if a, b := w.alive(one), w.alive(two); a != 0 || b != 0 {
		t.Errorf("within five minutes both work: %d %d", a, b)
	}
	w.hands.move(time.Second)
	if a, b := w.alive(one), w.alive(two); a != 40001 || b != 0 {
		t.Errorf("after five minutes only the new one: %d %d", a, b)
	}
	w.hands.move(2 * time.Hour)
	if a := w.alive(two); a != 42001 {
		t.Errorf("expired: %d", a)
	}
}

func TestPlainTokenTwoThousandADay(t *testing.T) {
	w := openWorld(t)
	w.SetDailyLimit(mini, "/cgi-bin/token", 2)
	w.get(plainPath)
	w.get(plainPath)
	w.want(w.get(plainPath), 45009, "reach max api daily quota limit")
	if b := w.stable(mini, miniSecret); b.code() != 0 {
		t.Errorf("the stable family is apart: %v", b)
	}
	w.hands.move(24 * time.Hour)
	if b := w.get(plainPath); b.code() != 0 {
		t.Errorf("next day: %v", b)
	}
	q := w.post(w.as(mini, "/cgi-bin/openapi/quota/get"), `{"cgi_path":"/cgi-bin/token"}`)
	if quota, _ := q["quota"].(map[string]any); quota == nil {
		t.Errorf("%v", q)
	}
}

func TestStableTokenStaysUntilItsLastFiveMinutes(t *testing.T) {
	w := openWorld(t)
	b := w.stable(mini, miniSecret)
	if len(b) != 2 || b.number("expires_in") != 7200 {
		t.Fatalf("%v", b)
	}
	one := b.text("access_token")
	plain := w.get(plainPath).text("access_token")
	w.hands.move(7200*time.Second - 300*time.Second)
	b = w.stable(mini, miniSecret)
	if b.text("access_token") != one || b.number("expires_in") != 300 {
		t.Errorf("the same token with what is left of it: %v", b)
	}
	w.hands.move(time.Second)
	b = w.stable(mini, miniSecret)
	two := b.text("access_token")
	if two == one || b.number("expires_in") != 7200 {
		t.Errorf("a new one in the last five minutes: %v", b)
	}
	w.hands.move(5*time.Minute - time.Second)
	if a, b := w.alive(one), w.alive(two); a != 0 || b != 0 {
		t.Errorf("five minutes of both: %d %d", a, b)
	}
	w.hands.move(time.Second)
	if a, b := w.alive(one), w.alive(two); a == 0 || b != 0 {
		t.Errorf("then the new one alone: %d %d", a, b)
	}
	if plain == one || plain == two {
		t.Error("the families share a token")
	}
}

func TestForceRefresh(t *testing.T) {
	w := openWorld(t)
	one := w.stable(mini, miniSecret).text("access_token")
	two := w.force()
	if two == one || w.alive(one) != 40001 || w.alive(two) != 0 {
		t.Error("a forced refresh ends the old token")
	}
	w.hands.move(29 * time.Second)
	if w.force() != two {
		t.Error("within 30 s nothing is refreshed")
	}
	last := two
	for i := range 19 {
		w.hands.move(30 * time.Second)
		next := w.force()
		if next == "" || next == last {
			t.Fatalf("refresh %d", i+2)
		}
		last = next
	}
	w.hands.move(30 * time.Second)
	w.want(w.post("/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+mini+`","secret":"`+miniSecret+`","force_refresh":true}`), 45009, "reach max api daily quota limit")
	if w.alive(last) != 0 {
		t.Error("a refused refresh ends nothing")
	}
}

func TestRevokedAndExpiredTokens(t *testing.T) {
	w := openWorld(t)
	one := w.stable(mini, miniSecret).text("access_token")
	w.RevokeTokens(mini)
	if got := w.alive(one); got != 40001 {
		t.Errorf("revoked: %d", got)
	}
	two := w.stable(mini, miniSecret).text("access_token")
	if two == one || w.alive(two) != 0 {
		t.Error("a new token after the revocation")
	}
	w.RevokeTokensStuck(mini)
	if got := w.stable(mini, miniSecret).text("access_token"); got != two {
		t.Error("stuck: normal mode hands out the dead token")
	}
	three := w.force()
	if three == two || w.alive(three) != 0 {
		t.Error("force_refresh mends it")
	}
	w.ExpireTokens(mini)
	if got := w.alive(three); got != 42001 {
		t.Errorf("expired: %d", got)
	}
	if got := w.stable(mini, miniSecret).text("access_token"); w.alive(got) != 0 {
		t.Error("a new token after expiry")
	}
}

func TestTokenErrors(t *testing.T) {
	w := openWorld(t)
	for name, c := range map[string]struct {
		body, query string
		code        int64
	}{
		"appid missing":  {`{"grant_type":"client_credential","secret":"x"}`, "grant_type=client_credential&secret=x", 41002},
		"secret missing": {`{"grant_type":"client_credential","appid":"` + mini + `"}`, "grant_type=client_credential&appid=" + mini, 41004},
		"bad appid":      {`{"grant_type":"client_credential","appid":"x","secret":"x"}`, "grant_type=client_credential&appid=x&secret=x", 40013},
		"bad secret":     {`{"grant_type":"client_credential","appid":"` + mini + `","secret":"x"}`, "grant_type=client_credential&appid=" + mini + "&secret=x", 40125},
		"grant type":     {`{"appid":"` + mini + `","secret":"x"}`, "appid=" + mini + "&secret=x", 40002},
	} {
		t.Run(name, func(t *testing.T) {
			sub := &world{t: t}
			sub.want(w.post("/cgi-bin/stable_token", c.body), c.code, "")
			sub.want(w.get("/cgi-bin/token?"+c.query), c.code, "")
		})
	}
	w.want(w.get("/cgi-bin/stable_token"), 43002, "require POST method")
	if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, IPWhitelist: []string{"203.0.113.9"}}); err != nil {
		t.Fatal(err)
	}
	w.want(w.stable(mini, miniSecret), 40164, "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: ")
	w.want(w.get(plainPath), 40164, "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist rid: ")
	if b := w.get(login(mini, miniSecret, w.MintCode(mini, alice))); b.text("openid") != alice {
		t.Errorf("login asks for no whitelist: %v", b)
	}
}

func TestQuotaRidAndClear(t *testing.T) {
	w := openWorld(t)
	w.Visit(mini, alice)
	check := func() body {
		return w.post(w.as(mini, "/wxa/msg_sec_check"), `{"content":"好","version":2,"scene":2,"openid":"oAlice"}`)
	}
	w.SetDailyLimit(mini, "/wxa/msg_sec_check", 2)
	check()
	check()
	refused := check()
	w.want(refused, 45009, "reach max api daily quota limit")
	quota := func(path string) body {
		return w.post(w.as(mini, "/cgi-bin/openapi/quota/get"), `{"cgi_path":"`+path+`"}`)
	}
	q := quota("/wxa/msg_sec_check")
	got, _ := q["quota"].(map[string]any)
	per, _ := q["rate_limit"].(map[string]any)
	if body(got).number("daily_limit") != 2 || body(got).number("used") != 2 || body(got).number("remain") != 0 || body(per).number("call_count") != 4000 || body(per).number("refresh_second") != 60 {
		t.Errorf("%v", q)
	}
	w.want(quota("/cgi-bin/none"), 76021, "")
	w.want(quota("/cgi-bin/message/template/send"), 76022, "")

	rid := refused.text("errmsg")[strings.LastIndex(refused.text("errmsg"), " ")+1:]
	ask := func(appid, rid string) body {
		return w.post(w.as(appid, "/cgi-bin/openapi/rid/get"), `{"rid":"`+rid+`"}`)
	}
	found := ask(mini, rid)
	req, _ := found["request"].(map[string]any)
	if found.code() != 0 || !strings.Contains(body(req).text("request_body"), "好") || !strings.Contains(body(req).text("response_body"), "45009") ||
		strings.Contains(body(req).text("request_url"), "86_") || body(req).text("client_ip") != "127.0.0.1" {
		t.Errorf("%v", found)
	}
	w.want(ask(mini, ""), 76002, "")
	w.want(ask(mini, "00000000-00000000-00000000"), 76001, "")
	w.want(ask(other, rid), 76003, "")

	for range 10 {
		w.want(w.post(w.as(mini, "/cgi-bin/clear_quota"), `{"appid":"`+mini+`"}`), 0, "ok")
	}
	w.want(check(), 0, "ok")
	w.want(w.post(w.as(mini, "/cgi-bin/clear_quota"), `{"appid":"`+mini+`"}`), 48006, "")
	w.want(w.post("/cgi-bin/clear_quota/v2", `{"appid":"`+mini+`","appsecret":"`+miniSecret+`"}`), 48006, "")
	w.want(w.post(w.as(mini, "/cgi-bin/clear_quota"), `{"appid":"x"}`), 40013, "")
	w.hands.move(7*24*time.Hour + time.Minute)
	w.want(ask(mini, rid), 76004, "")
	if ips, _ := w.get(w.as(mini, "/cgi-bin/getcallbackip"))["ip_list"].([]any); len(ips) == 0 {
		t.Error("no callback addresses")
	}
}
