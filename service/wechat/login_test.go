package wechat

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zhibu/model"
)

const loginGood = `{"openid":"oABC","session_key":"c2Vzc2lvbi1rZXktMTY=","unionid":"uXYZ"}`

func TestLogin(t *testing.T) {
	f := newFake(t, answers(loginGood))
	s, err := f.door.Login(t.Context(), "0a1B-_code")
	if err != nil || s != (Session{OpenID: "oABC", UnionID: "uXYZ"}) {
		t.Fatalf("%+v, %v", s, err)
	}
	q, _ := url.ParseQuery(f.seen()[0].query)
	want := url.Values{"appid": {testAppID}, "secret": {testSecret}, "js_code": {"0a1B-_code"}, "grant_type": {"authorization_code"}}
	if q.Encode() != want.Encode() {
		t.Errorf("asked with %s", q.Encode())
	}
	if f.fetches != 0 {
		t.Error("a login needs no access token")
	}
	for _, hidden := range []string{"c2Vzc2lvbi1rZXktMTY", testSecret, "0a1B-_code"} {
		if contains(f.log.String()+everyForm(s), hidden) {
			t.Errorf("%s shows", hidden)
		}
	}
}

func TestLoginFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []string
		calls   int
		want    model.Code
	}{
		{"invalid", []string{fault(40029, "invalid code")}, 1, model.CodeWechatCode},
		{"used", []string{fault(40163, "code been used")}, 1, model.CodeWechatCode},
		{"blocked", []string{fault(40226, "code blocked")}, 1, model.CodeForbidden},
		{"wrong secret", []string{fault(40125, "invalid appsecret")}, 1, model.CodeWechatDown},
		{"40001 is no dead token here", []string{fault(40001, "AppSecret error")}, 1, model.CodeWechatDown},
		{"minute quota", []string{fault(45011, "slow")}, 1, model.CodeWechatDown},
		{"busy, then good", []string{fault(-1, "system error"), loginGood}, 2, ""},
		{"HTML, then good", []string{"<html>", loginGood}, 2, ""},
		{"no openid, then good", []string{`{}`, loginGood}, 2, ""},
		{"busy for ever", []string{fault(-1, "system error")}, 3, model.CodeWechatDown},
		// The first call had consumed the code: the person did nothing wrong, and is asked to sign in again.
		{"busy, then used", []string{fault(-1, "system error"), fault(40163, "code been used")}, 2, model.CodeWechatDown},
		{"busy, then invalid", []string{fault(-1, "system error"), fault(40029, "invalid code")}, 2, model.CodeWechatCode},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, answers(c.answers...))
			_, err := f.door.Login(t.Context(), "code")
			if n := len(f.seen()); n != c.calls {
				t.Errorf("%d calls", n)
			}
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if model.CodeOf(err) != c.want {
				t.Errorf("got %v, public %v", err, Public(err))
			}
			if contains(everyForm(err)+f.log.String(), testSecret) {
				t.Errorf("the secret shows: %v", err)
			}
			if c.name == "busy, then used" && !contains(Public(err).(*model.Error).Detail, "重新登录") {
				t.Errorf("people read %v", Public(err))
			}
		})
	}
}

// The connection dies after WeChat has read the request: net/http may send a GET again by itself, and we do.
func TestLoginAfterReset(t *testing.T) {
	n := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			reset(w, r)
			return
		}
		answers(fault(40163, "code been used"))(w, r)
	})
	_, err := f.door.Login(t.Context(), "code")
	if model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("got %v", err)
	}
}

// On a connection that had served before, net/http sends the GET again without a word, and the second one finds the code used.
func TestLoginSentTwiceByTheTransport(t *testing.T) {
	n := 0
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		switch n++; n {
		case 1:
			answers(loginGood)(w, r)
		case 2:
			reset(w, r)
		default:
			answers(fault(40163, "code been used"))(w, r)
		}
	})
	if _, err := f.door.Login(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	_, err := f.door.Login(t.Context(), "second")
	if model.CodeOf(err) != model.CodeWechatDown || len(f.pauses) != 0 || len(f.seen()) != 3 {
		t.Errorf("%d calls, %d pauses, %v", len(f.seen()), len(f.pauses), err)
	}
}

var injections = []string{
	"", " ", "x&appid=evil", "x&secret=", "x%26appid%3Devil", "x#", "x?y", "x/../y", "x y", "x\n", "x\x00", "x;y", "x\r\nHost: evil",
	"代码", "ｘ", `x"`, "x+y", "x=y", "x.y", strings.Repeat("x", 129),
}

func TestInjectionInCodes(t *testing.T) {
	f := newFake(t, answers(loginGood))
	for _, code := range injections {
		if _, err := f.door.Login(t.Context(), code); model.CodeOf(err) != model.CodeWechatCode {
			t.Errorf("login with %q: %v", code, err)
		}
		if _, err := f.door.Phone(t.Context(), code); model.CodeOf(err) != model.CodeWechatCode {
			t.Errorf("phone with %q: %v", code, err)
		}
	}
	if n := len(f.seen()); n != 0 {
		t.Errorf("%d calls went out", n)
	}
	if _, err := f.door.Login(t.Context(), strings.Repeat("x", 128)); err != nil {
		t.Errorf("128 characters: %v", err)
	}
}

func TestPhone(t *testing.T) {
	for _, c := range []struct {
		answer, want string
		code         model.Code
	}{
		{`{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"13800138000","purePhoneNumber":"13800138000","countryCode":"86","watermark":{"timestamp":1,"appid":"x"}}}`, "13800138000", ""},
		{`{"errcode":0,"phone_info":{"phoneNumber":"13800138000","purePhoneNumber":"13800138000","countryCode":86}}`, "13800138000", ""},
		{`{"errcode":0,"phone_info":{"phoneNumber":"+8613800138000","countryCode":"+86"}}`, "13800138000", ""},
		{`{"errcode":0,"phone_info":{"phoneNumber":"+85291234567","purePhoneNumber":"91234567","countryCode":"852"}}`, "", model.CodeInvalid},
		{`{"errcode":0,"phone_info":{"phoneNumber":"+113800138000","purePhoneNumber":"13800138000","countryCode":1}}`, "", model.CodeInvalid},
		{`{"errcode":0,"phone_info":{}}`, "", model.CodeWechatDown},
		{fault(40029, "invalid code"), "", model.CodeWechatCode},
		{fault(40013, "invalid appid"), "", model.CodeWechatCode},
	} {
		f := newFake(t, answers(c.answer))
		got, err := f.door.Phone(t.Context(), "phonecode")
		if got != c.want || (err == nil) != (c.code == "") || (err != nil && model.CodeOf(err) != c.code) {
			t.Errorf("%s: %q, %v", c.answer, got, err)
		}
		if contains(f.log.String(), "13800138000") || contains(f.log.String(), "phonecode") {
			t.Errorf("the log shows personal data:\n%s", f.log)
		}
	}
	// A code that the unclear first call has spent is no fault of the person's.
	f := newFake(t, answers(fault(-1, "system error"), fault(40029, "invalid code")))
	if _, err := f.door.Phone(t.Context(), "phonecode"); model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("got %v", err)
	}
	if b := f.seen()[0].body; b["code"] != "phonecode" {
		t.Errorf("sent %v", b)
	}
}
