package wechat

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zhibu/model"
)

// The official vectors of WeChat's documentation.
const (
	vectorToken     = "AAAAA"
	vectorAppID     = "wxba5fad812f8e6fb9"
	vectorEncrypted = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)

var vectorKey = strings.Repeat("A", 43)

func at(unix int64) model.Clock { return func() time.Time { return time.Unix(unix, 0) } }

func params(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestOfficialVectors(t *testing.T) {
	r := Receiver{Token: vectorToken, AESKey: vectorKey, AppID: vectorAppID, Clock: at(1714112445)}
	echo, ok := r.Verify(params("signature", "f464b24fc39322e44b38aa78f5edd27bd1441696", "timestamp", "1714036504", "nonce", "1514711492", "echostr", "4375120948345356249"))
	if !ok || echo != "4375120948345356249" {
		t.Errorf("echo %q %v", echo, ok)
	}

	plain := Receiver{Token: vectorToken, AppID: vectorAppID, Clock: at(1714037059)}
	q := params("signature", "899cf89e464efb63f54ddac96b0a0a235f53aa78", "timestamp", "1714037059", "nonce", "486452656")
	body := `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714037059,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`
	e, err := plain.Open(q, "application/json", []byte(body))
	if err != nil || e.Name != "debug_demo" || e.OpenID != "o9AgO5Kd5ggOC-bXrbNODIiE3bGY" || e.CreatedAt.Unix() != 1714037059 {
		t.Errorf("plain: %+v, %v", e, err)
	}

	q = params("signature", "6c5c811b55cc85e0e1b54100749188c20beb3f5d", "timestamp", "1714112445", "nonce", "415670741", "openid", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
		"encrypt_type", "aes", "msg_signature", "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3")
	safe := `{"ToUserName":"gh_97417a04a28d","Encrypt":"` + vectorEncrypted + `"}`
	e, err = r.Open(q, "application/json", []byte(safe))
	if err != nil || e.Name != "debug_demo" || e.MsgType != "event" || e.Key == "" {
		t.Fatalf("safe: %+v, %v", e, err)
	}
	inXML := `<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName><Encrypt><![CDATA[` + vectorEncrypted + `]]></Encrypt></xml>`
	again, err := r.Open(q, "text/xml", []byte(inXML))
	if err != nil || again.Key != e.Key {
		t.Errorf("the same message in XML: %+v, %v", again, err)
	}

	if got := util.Signature(vectorToken, "1713424427", "415670741", "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="); got != "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1" {
		t.Errorf("reply signature %s", got)
	}
}

func TestVerifyRefuses(t *testing.T) {
	r := Receiver{Token: vectorToken}
	for _, signature := range []string{"", "f464b24fc39322e44b38aa78f5edd27bd1441697", "F464B24FC39322E44B38AA78F5EDD27BD1441696"} {
		if echo, ok := r.Verify(params("signature", signature, "timestamp", "1714036504", "nonce", "1514711492", "echostr", "x")); ok || echo != "" {
			t.Errorf("%q is taken", signature)
		}
	}
	// Without a token anybody could compute the signature.
	q := params("signature", util.Signature("", "1", "2"), "timestamp", "1", "nonce", "2", "echostr", "x")
	if _, ok := (Receiver{}).Verify(q); ok {
		t.Error("an empty token is taken")
	}
	if _, err := (Receiver{Clock: at(1)}).Open(q, "", []byte(`{"Event":"x"}`)); model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("an empty token: %v", err)
	}
}

const pushNow = 1764000000

// safePush encrypts and signs a message as WeChat does.
func safePush(t testing.TB, appID, key, token string, timestamp int64, message string) (url.Values, []byte) {
	t.Helper()
	sealed, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(message), appID, key)
	if err != nil {
		t.Fatal(err)
	}
	ts := strconv.FormatInt(timestamp, 10)
	q := params("timestamp", ts, "nonce", "n1", "encrypt_type", "aes", "signature", util.Signature(token, ts, "n1"), "msg_signature", util.Signature(token, ts, "n1", string(sealed)))
	body, _ := json.Marshal(map[string]string{"ToUserName": "gh_1", "Encrypt": string(sealed)})
	return q, body
}

func plainQuery(timestamp int64) url.Values {
	ts := strconv.FormatInt(timestamp, 10)
	return params("timestamp", ts, "nonce", "n1", "signature", util.Signature("tok", ts, "n1"))
}

const revokeMessage = `{"ToUserName":"gh_1","FromUserName":"oPlatform","CreateTime":1764000000,"MsgType":"event","Event":"user_authorization_revoke","OpenID":"oABC","AppID":"wx1","RevokeInfo":"8"}`

func TestSafeModeRefuses(t *testing.T) {
	key := base64.RawStdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	r := Receiver{Token: "tok", AESKey: key, AppID: "wx1", Clock: at(pushNow)}
	q, body := safePush(t, "wx1", key, "tok", pushNow, revokeMessage)
	if e, err := r.Open(q, "", body); err != nil || e.Revoke.OpenID != "oABC" {
		t.Fatalf("%+v, %v", e, err)
	}
	other := func(edit func(url.Values)) url.Values {
		c := params()
		for k, v := range q {
			c[k] = append([]string{}, v...)
		}
		edit(c)
		return c
	}
	foreign, foreignBody := safePush(t, "wxEVIL", key, "tok", pushNow, revokeMessage)
	otherKey := base64.RawStdEncoding.EncodeToString([]byte("ffffffffffffffffffffffffffffffff"))
	wrongKey, wrongKeyBody := safePush(t, "wx1", otherKey, "tok", pushNow, revokeMessage)
	empty, emptyBody := safePush(t, "wx1", key, "tok", pushNow, `nothing`)
	var compat map[string]any
	_ = json.Unmarshal([]byte(revokeMessage), &compat)
	compat["OpenID"] = "oVICTIM"
	compat["Encrypt"] = func() string { var b map[string]string; _ = json.Unmarshal(body, &b); return b["Encrypt"] }()
	compatBody, _ := json.Marshal(compat)

	for _, c := range []struct {
		name  string
		query url.Values
		body  []byte
		want  model.Code
	}{
		{"msg_signature wrong", other(func(v url.Values) { v.Set("msg_signature", strings.Repeat("0", 40)) }), body, model.CodeForbidden},
		{"msg_signature missing, signature right", other(func(v url.Values) { v.Del("msg_signature") }), body, model.CodeForbidden},
		{"signature in its place", other(func(v url.Values) { v.Set("msg_signature", v.Get("signature")) }), body, model.CodeForbidden},
		{"another nonce", other(func(v url.Values) { v.Set("nonce", "n2") }), body, model.CodeForbidden},
		{"another timestamp", other(func(v url.Values) { v.Set("timestamp", strconv.Itoa(pushNow+1)) }), body, model.CodeForbidden},
		{"plain message with a right signature", q, []byte(revokeMessage), model.CodeForbidden},
		{"plain message, no encrypt_type", plainQuery(pushNow), []byte(revokeMessage), model.CodeForbidden},
		{"plain message in XML", plainQuery(pushNow), []byte(`<xml><Event>user_authorization_revoke</Event><OpenID>oABC</OpenID></xml>`), model.CodeForbidden},
		{"another app inside", foreign, foreignBody, model.CodeMalformed},
		{"another key", wrongKey, wrongKeyBody, model.CodeMalformed},
		{"no message inside", empty, emptyBody, model.CodeMalformed},
		{"empty body", q, nil, model.CodeMalformed},
		{"garbage", q, []byte("\x00\x01"), model.CodeMalformed},
		{"half JSON", q, []byte(`{"Encrypt":"`), model.CodeMalformed},
		{"Encrypt no base64", func() url.Values {
			v := params("timestamp", strconv.Itoa(pushNow), "nonce", "n1")
			v.Set("msg_signature", util.Signature("tok", strconv.Itoa(pushNow), "n1", "!!!"))
			return v
		}(), []byte(`{"Encrypt":"!!!"}`), model.CodeMalformed},
	} {
		if e, err := r.Open(c.query, "application/json", c.body); model.CodeOf(err) != c.want || !reflect.DeepEqual(e, Event{}) {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
	}
	// In compat mode the plain fields stand beside Encrypt; only what is signed counts.
	if e, err := r.Open(q, "", compatBody); err != nil || e.Revoke.OpenID != "oABC" {
		t.Errorf("compat: %+v, %v", e, err)
	}
}

func TestWrongKeyInTheSettings(t *testing.T) {
	q, body := safePush(t, "wx1", vectorKey, "tok", pushNow, revokeMessage)
	_, err := Receiver{Token: "tok", AESKey: vectorKey[1:], AppID: "wx1", Clock: at(pushNow)}.Open(q, "", body)
	if model.CodeOf(err) != model.CodeWechatDown || !contains(err.Error(), "AES_KEY") {
		t.Errorf("got %v", err)
	}
}

func TestPushWindow(t *testing.T) {
	key := vectorKey
	for offset, fresh := range map[int64]bool{0: true, -30: true, -600: true, 600: true, -601: false, 601: false, -86400 * 3650: false} {
		r := Receiver{Token: "tok", AESKey: key, AppID: "wx1", Clock: at(pushNow)}
		q, body := safePush(t, "wx1", key, "tok", pushNow+offset, revokeMessage)
		if _, err := r.Open(q, "", body); (err == nil) != fresh {
			t.Errorf("safe, %d s: %v", offset, err)
		}
		r.AESKey = ""
		if _, err := r.Open(plainQuery(pushNow+offset), "", []byte(revokeMessage)); (err == nil) != fresh {
			t.Errorf("plain, %d s: %v", offset, err)
		}
	}
	for _, ts := range []string{"", "x", "1764000000.5", "99999999999999999999", "-9223372036854775808", "9223372036854775807"} {
		q := params("timestamp", ts, "nonce", "n1", "signature", util.Signature("tok", ts, "n1"))
		if _, err := (Receiver{Token: "tok", Clock: at(pushNow)}).Open(q, "", []byte(revokeMessage)); model.CodeOf(err) != model.CodeForbidden {
			t.Errorf("timestamp %q: %v", ts, err)
		}
	}
}

func TestPlainMode(t *testing.T) {
	r := Receiver{Token: "tok", AppID: "wx1", Clock: at(pushNow)}
	if _, err := r.Open(plainQuery(pushNow), "", []byte(revokeMessage)); err != nil {
		t.Error(err)
	}
	bad := plainQuery(pushNow)
	bad.Set("signature", strings.Repeat("0", 40))
	if _, err := r.Open(bad, "", []byte(revokeMessage)); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("wrong signature: %v", err)
	}
	_, err := r.Open(plainQuery(pushNow), "", []byte(`{"ToUserName":"gh_1","Encrypt":"abc"}`))
	if model.CodeOf(err) != model.CodeWechatDown || !contains(err.Error(), "AES_KEY") {
		t.Errorf("encrypted without a key: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range eventSamples {
		f.Add([]byte(s.body))
	}
	f.Add([]byte(`{"Event":"x","List":[[[[[[]]]]]]}`))
	f.Add([]byte(`<xml><a><b></a></b></xml>`))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>`))
	f.Fuzz(func(t *testing.T, message []byte) {
		plain := Receiver{Token: "tok", AppID: "wx1", Clock: at(pushNow)}
		safe := Receiver{Token: "tok", AESKey: vectorKey, AppID: "wx1", Clock: at(pushNow)}
		q, body := safePush(t, "wx1", vectorKey, "tok", pushNow, string(message))
		e, err := plain.Open(plainQuery(pushNow), "", message)
		if err == nil && (e.Key == "" || len(e.Key) > 80 || e.Name+e.MsgType == "") {
			t.Fatalf("%+v", e)
		}
		if again, errAgain := plain.Open(plainQuery(pushNow), "", message); (err == nil) != (errAgain == nil) || !reflect.DeepEqual(e, again) {
			t.Fatalf("not the same twice: %+v and %+v", e, again)
		}
		sealed, errSealed := safe.Open(q, "", body)
		if errSealed == nil && (err != nil || !reflect.DeepEqual(e, sealed)) {
			t.Fatalf("safe %+v, plain %+v, %v", sealed, e, err)
		}
		// Raw bytes, unsigned, never pass.
		if _, err := safe.Open(plainQuery(pushNow), "", message); err == nil {
			t.Fatal("an unsigned message passes")
		}
	})
}
