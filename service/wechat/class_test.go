package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"zhibu/model"
)

// The expectations are copied from the contract's table, not from the code.
func TestClass(t *testing.T) {
	const any = "/wxa/any"
	for _, c := range []struct {
		api   string
		codes []int
		want  RetryClass
	}{
		{any, []int{0}, ""},
		{any, []int{-1}, ClassRetry},
		{APILogin, []int{-1}, ClassRetry},
		{APITextCheck, []int{-1}, ClassRetry},
		{APIToken, []int{-1}, ClassRetry},
		{APISubscribeSend, []int{-1}, ClassUnknownOutcome},
		{APITemplateSend, []int{-1}, ClassUnknownOutcome},
		{any, []int{40001, 40014, 42001}, ClassToken},
		{APISubscribeSend, []int{40001, 40014, 42001}, ClassToken},
		{APIToken, []int{40001, 40125, 40013, 40002, 41002, 41004}, ClassConfig},
		{any, []int{40164, 89503, 89506, 89507, 40243, 50004, 50007, 48001, 48004, 50001, 50002, 61007}, ClassConfig},
		{any, []int{45011, 44991}, ClassMinute},
		{any, []int{44990}, ClassSecond},
		{any, []int{45009}, ClassDaily},
		{APIQRCode, []int{45009}, ClassMinute},
		{APISubscribeSend, []int{40003}, ClassRecipient},
		{APITemplateSend, []int{43004, 43019}, ClassNotFollowing},
		{APISubscribeSend, []int{43101}, ClassNoGrant},
		{APISubscribeSend, []int{43107, 40037}, ClassTemplate},
		{APISubscribeSend, []int{43108}, ClassConcurrent},
		{APISubscribeSend, []int{45168}, ClassContent},
		{APITextCheck, []int{87014}, ClassContent},
		{APISubscribeSend, []int{41030}, ClassPage},
		{APISubscribeSend, []int{47003}, ClassData},
		{APITextCheck, []int{61010}, ClassNotRecent},
		{APILogin, []int{40029, 40163}, ClassCode},
		{APIPhone, []int{40029, 40013}, ClassCode},
		{APILogin, []int{40013, 40125}, ClassConfig},
		{APILogin, []int{40226}, ClassBlocked},
		{APIMediaCheck, []int{87020}, ClassDuplicate},
		{any, []int{41001, 43002, 43003, 44002, 47001, 40066}, ClassBug},
		{any, []int{99999, -5}, ClassOther},
	} {
		for _, code := range c.codes {
			if got := Class(c.api, code); got != c.want {
				t.Errorf("Class(%s, %d) = %q, want %q", c.api, code, got, c.want)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for code, want := range map[int]time.Duration{89506: 24 * time.Hour, 89507: time.Hour, 45011: time.Minute, 44990: time.Second, 43101: 0, 40164: 0} {
		if got := refused("/x", code, "", nil).RetryAfter; got != want {
			t.Errorf("RetryAfter of %d is %v, want %v", code, got, want)
		}
	}
}

func TestErrmsg(t *testing.T) {
	for _, c := range []struct {
		code           int
		text           string
		msg, rid, name string
	}{
		{47003, "argument invalid! data.thing3.value is emtpy rid: 6166f719-1234abcd-5678ef01", "argument invalid! data.thing3.value is emtpy", "6166f719-1234abcd-5678ef01", "thing3"},
		{47003, "argument invalid! data.phone_number6.value invalid rid: 6166f719-1234abcd-5678ef01", "argument invalid! data.phone_number6.value invalid", "6166f719-1234abcd-5678ef01", "phone_number6"},
		{47003, "argument invalid! data.character_string13.value rid: 6166f719-1234abcd-5678ef01", "argument invalid! data.character_string13.value", "6166f719-1234abcd-5678ef01", "character_string13"},
		{47003, "thing01.DATA is invalid", "thing01.DATA is invalid", "", "thing01"},
		{40029, "invalid code, hints: [ req_id: AbC.d12-f ]", "invalid code", "AbC.d12-f", ""},
		{40003, "invalid openid rid:6166f719-1234abcd-5678ef01", "invalid openid", "6166f719-1234abcd-5678ef01", ""},
		{43101, "user refuse to accept\x00the\r\nmsg", "user refuse to accept the  msg", "", ""},
	} {
		e := refused(APISubscribeSend, c.code, c.text, nil)
		if e.Msg != c.msg || e.RID != c.rid || e.FieldKey != c.name {
			t.Errorf("%q became %q, rid %q, field %q", c.text, e.Msg, e.RID, e.FieldKey)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, c := range []struct {
		api  string
		code int
		want model.Code
	}{
		{APILogin, 40029, model.CodeWechatCode},
		{APILogin, 40163, model.CodeWechatCode},
		{APIPhone, 40029, model.CodeWechatCode},
		{APILogin, 40226, model.CodeForbidden},
		{APILogin, -1, model.CodeWechatDown},
		{APILogin, 40125, model.CodeWechatDown},
		{APITextCheck, 87014, model.CodeRejected},
		{APITextCheck, 45009, model.CodeWechatDown},
		{APISubscribeSend, 43101, model.CodeWechatDown},
	} {
		call := refused(c.api, c.code, "wrong", nil)
		var m *model.Error
		if !errors.As(Public(call), &m) || m.Code != c.want || m.Detail == "" {
			t.Errorf("Public(%s %d) = %v, want %s", c.api, c.code, Public(call), c.want)
		}
		// A room that has never heard of this package sees the same.
		if got := model.CodeOf(fmt.Errorf("wrapped: %w", call)); got != c.want {
			t.Errorf("CodeOf(%s %d) = %s, want %s", c.api, c.code, got, c.want)
		}
		if !errors.Is(m.Cause, call) {
			t.Errorf("%d: the cause is lost", c.code)
		}
	}
	foreign := errors.New("foreign")
	if Public(foreign) != foreign || Public(nil) != nil {
		t.Error("foreign errors must come back unchanged")
	}
	missing := model.Fail(model.CodeWechatDown, "x")
	if ClassOf(missing) != ClassConfig || ClassOf(foreign) != "" || ClassOf(nil) != "" {
		t.Error("ClassOf")
	}
}

func TestRedact(t *testing.T) {
	for _, s := range []string{
		`Get "https://x/sns/jscode2session?appid=wx1&secret=HIDDEN-VALUE&js_code=HIDDEN-VALUE": EOF`,
		`{"access_token":"HIDDEN-VALUE","expires_in":7200}`,
		`{"session_key": "HIDDEN-VALUE", "openid":"o"}`,
		`appsecret=HIDDEN-VALUE`, `AppSecret: HIDDEN-VALUE`, `app_secret="HIDDEN-VALUE"`,
		`body of HIDDEN-VALUE without a name`, `escaped HIDDEN%2FVALUE too`,
	} {
		got := redact(s, "HIDDEN-VALUE", "HIDDEN/VALUE")
		if contains(got, "HIDDEN") {
			t.Errorf("redact(%q) = %q", s, got)
		}
	}
	if got := redact("a b", "", "a"); got != "a b" {
		t.Errorf("short values blank innocent text: %q", got)
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	app := App{AppID: "wx1", Secret: "HIDDEN-1", Token: "HIDDEN-2", AESKey: "HIDDEN-3"}
	cfg := Config{MiniProgram: app, Official: app}
	cfg.Clock = nil
	j, err := json.Marshal(app)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{everyForm(app), everyForm(&app), fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), string(j), app.LogValue().String()} {
		if contains(s, "HIDDEN") || !contains(s, "wx1") {
			t.Errorf("printed %q", s)
		}
	}
}
