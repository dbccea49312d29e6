package standin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"testing"
	"time"
)

func login(appid, secret, code string) string {
	return "/sns/jscode2session?" + url.Values{"appid": {appid}, "secret": {secret}, "js_code": {code}, "grant_type": {"authorization_code"}}.Encode()
}

func TestLoginSuccessHasNoErrcode(t *testing.T) {
	w := openWorld(t)
	res, raw, err := w.do("GET", login(mini, miniSecret, w.MintCode(mini, alice)), "")
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/plain" {
		t.Fatal(res, err)
	}
	b := decodeBody(t, raw)
	key, err := base64.StdEncoding.DecodeString(b.text("session_key"))
	if len(b) != 2 || b.text("openid") != alice || err != nil || len(key) != 16 {
		t.Errorf("%s", raw)
	}
	bound := w.get(login(other, otherSecret, w.MintCode(other, "oCarol")))
	if bound.text("unionid") == "" || len(bound) != 3 {
		t.Errorf("bound app: %v", bound)
	}
}

func TestLoginErrors(t *testing.T) {
	w := openWorld(t)
	used := w.MintCode(mini, alice)
	w.get(login(mini, miniSecret, used))
	foreign := w.MintCode(other, "oCarol")
	w.Block(mini, bob, true)
	blocked := w.MintCode(mini, bob)
	old := w.MintCode(mini, alice)
	almost := w.MintCode(mini, alice)
	for name, c := range map[string]struct {
		path string
		code int64
		text string
	}{
		"used":         {login(mini, miniSecret, used), 40163, "code been used, rid: "},
		"unknown":      {login(mini, miniSecret, "nonsense"), 40029, "invalid code, rid: "},
		"wrong app":    {login(mini, miniSecret, foreign), 40029, "invalid code, rid: "},
		"high risk":    {login(mini, miniSecret, blocked), 40226, "code blocked"},
		"no appid":     {login("", miniSecret, old), 41002, "appid missing"},
		"no secret":    {login(mini, "", old), 41004, "appsecret missing"},
		"bad appid":    {login("wx-none", miniSecret, old), 40013, "invalid appid"},
		"bad secret":   {login(mini, "wrong", old), 40125, "invalid appsecret"},
		"phone code":   {login(mini, miniSecret, w.MintPhoneCode(mini, alice, "13800138000")), 40029, "invalid code, rid: "},
		"grant type":   {"/sns/jscode2session?appid=" + mini + "&secret=" + miniSecret + "&js_code=" + old + "&grant_type=x", 40002, "invalid grant_type"},
		"service acct": {login(official, officialSecret, old), 40013, "invalid appid"},
	} {
		t.Run(name, func(t *testing.T) { (&world{t: t}).want(w.get(c.path), c.code, c.text) })
	}
	w.hands.move(5*time.Minute - time.Second)
	if b := w.get(login(mini, miniSecret, almost)); b.text("openid") != alice {
		t.Errorf("a second before five minutes: %v", b)
	}
	w.hands.move(time.Second)
	w.want(w.get(login(mini, miniSecret, old)), 40029, "invalid code, rid: ")
}

func TestLoginAtMostHundredAMinuteForOneUser(t *testing.T) {
	w := openWorld(t)
	for i := range 100 {
		if b := w.get(login(mini, miniSecret, w.MintCode(mini, alice))); b.code() != 0 {
			t.Fatalf("login %d: %v", i, b)
		}
	}
	w.want(w.get(login(mini, miniSecret, w.MintCode(mini, alice))), 45011, "api minute-quota reach limit mustslower retry next minute")
	if b := w.get(login(mini, miniSecret, w.MintCode(mini, bob))); b.code() != 0 {
		t.Errorf("another user: %v", b)
	}
	w.hands.move(time.Minute)
	if b := w.get(login(mini, miniSecret, w.MintCode(mini, alice))); b.code() != 0 {
		t.Errorf("next minute: %v", b)
	}
}

func TestPhoneNumber(t *testing.T) {
	w := openWorld(t)
	api := w.as(mini, "/wxa/business/getuserphonenumber")
	code := w.MintPhoneCode(mini, alice, "13800138000")
	ask := func(code, more string) body { return w.post(api, fmt.Sprintf(`{"code":%q%s}`, code, more)) }
	w.want(ask(code, `,"openid":"oBob"`), 40029, "invalid code hint: [")
	b := ask(code, `,"openid":"oAlice"`)
	info, _ := b["phone_info"].(map[string]any)
	if b["errcode"] == nil || info["phoneNumber"] != "13800138000" || info["purePhoneNumber"] != "13800138000" || info["countryCode"] != "86" {
		t.Errorf("%v", b)
	}
	if mark, _ := info["watermark"].(map[string]any); mark["appid"] != mini {
		t.Errorf("watermark %v", info)
	}
	w.want(ask(code, ""), 40029, "invalid code hint: [")
	w.want(ask(w.MintCode(mini, alice), ""), 40029, "invalid code hint: [")
	w.want(ask(w.MintPhoneCode(other, "oCarol", "1"), ""), 40013, "invalid appid")
	late := w.MintPhoneCode(mini, alice, "13800138000")
	w.SetQuirks(Quirks{NumericCountryCode: true})
	info, _ = ask(w.MintPhoneCode(mini, alice, "13800138000"), "")["phone_info"].(map[string]any)
	if fmt.Sprintf("%T", info["countryCode"]) != "json.Number" {
		t.Errorf("quirk: %v", info)
	}
	w.hands.move(5 * time.Minute)
	w.want(ask(late, ""), 40029, "invalid code hint: [")
}

func TestSessionKey(t *testing.T) {
	w := openWorld(t)
	sig := func(key string) string {
		m := hmac.New(sha256.New, []byte(key))
		return hex.EncodeToString(m.Sum(nil))
	}
	// The official vector for an empty message proves that the key is the base64 text itself.
	if got := sig("o0q0otL8aEzpcZL/FT9WsQ=="); got != "46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128" {
		t.Fatal(got)
	}
	key := w.get(login(mini, miniSecret, w.MintCode(mini, alice))).text("session_key")
	check := func(path, key, method string) body {
		return w.get(w.as(mini, path+"?openid=oAlice&signature="+sig(key)+"&sig_method="+method))
	}
	w.want(check("/wxa/checksession", key, "hmac_sha256"), 0, "ok")
	w.want(check("/wxa/checksession", key, "md5"), 87008, "")
	w.want(check("/wxa/checksession", "other", "hmac_sha256"), 87009, "invalid signature")
	w.want(w.get(w.as(mini, "/wxa/checksession?openid=oBob&sig_method=hmac_sha256&signature="+sig(key))), 87007, "")
	w.MintCode(mini, alice) // a new wx.login replaces the key
	w.want(check("/wxa/checksession", key, "hmac_sha256"), 87009, "invalid signature")
	key = w.get(login(mini, miniSecret, w.MintCode(mini, alice))).text("session_key")
	b := check("/wxa/resetusersessionkey", key, "hmac_sha256")
	if b.code() != 0 || b.text("openid") != alice || b.text("session_key") == "" || b.text("session_key") == key {
		t.Errorf("reset: %v", b)
	}
	w.want(check("/wxa/checksession", b.text("session_key"), "hmac_sha256"), 0, "ok")
}
