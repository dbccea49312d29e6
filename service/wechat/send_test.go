package wechat

import (
	"encoding/base64"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"zhibu/model"
)

func TestSendSubscribe(t *testing.T) {
	f := newFake(t, answers(good))
	if _, err := f.door.SendSubscribe(t.Context(), card); err != nil {
		t.Fatal(err)
	}
	got := f.seen()[0]
	want := map[string]any{
		"touser": "oABC", "template_id": "tmpl-1", "page": "pages/a?id=1&b=<2>", "miniprogram_state": "formal", "lang": "zh_CN",
		"data": map[string]any{"thing1": map[string]any{"value": "支部大会 <一>"}},
	}
	if got.method != http.MethodPost || got.path != APISubscribeSend || !reflect.DeepEqual(got.body, want) {
		t.Errorf("sent %+v", got)
	}
	m := card
	m.Page, m.State, m.Lang = "", "trial", "zh_HK"
	_, _ = f.door.SendSubscribe(t.Context(), m)
	b := f.seen()[1].body
	if _, has := b["page"]; has || b["miniprogram_state"] != "trial" || b["lang"] != "zh_HK" {
		t.Errorf("sent %v", b)
	}
}

func TestSendTemplate(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"errmsg":"ok","msgid":200228332}`))
	id, err := f.door.SendTemplate(t.Context(), TemplateMessage{OpenID: "oOA", TemplateID: "t", Data: map[string]string{"thing1": "会"}, URL: "https://x/?a=1&b=2",
		MiniProgramPage: "pages/a", ClientMsgID: "d-1"})
	if err != nil || id != "200228332" {
		t.Fatal(id, err)
	}
	want := map[string]any{
		"touser": "oOA", "template_id": "t", "url": "https://x/?a=1&b=2", "client_msg_id": "d-1",
		"miniprogram": map[string]any{"appid": testAppID, "pagepath": "pages/a"}, "data": map[string]any{"thing1": map[string]any{"value": "会"}},
	}
	if got := f.seen()[0]; got.path != APITemplateSend || !reflect.DeepEqual(got.body, want) {
		t.Errorf("sent %+v", got)
	}
	// The SDK would send an empty miniprogram.
	_, _ = f.door.SendTemplate(t.Context(), TemplateMessage{OpenID: "oOA", TemplateID: "t", Data: map[string]string{"thing1": "会"}})
	if b := f.seen()[1].body; len(b) != 3 {
		t.Errorf("sent %v", b)
	}
}

// A refusal is never tried again in here, and says what it is.
func TestSendFaults(t *testing.T) {
	for code, want := range map[int]RetryClass{
		40003: ClassRecipient, 40037: ClassTemplate, 41030: ClassPage, 43101: ClassNoGrant, 43107: ClassTemplate, 43108: ClassConcurrent,
		45168: ClassContent, 45009: ClassDaily, 45011: ClassMinute, 48001: ClassConfig, 12345: ClassOther,
	} {
		f := newFake(t, answers(fault(code, "no")))
		_, err := f.door.SendSubscribe(t.Context(), card)
		if e := callError(t, err); e.Class != want || e.Code != code || e.Msg != "no" || e.RID != "6166f719-1234abcd-5678ef01" {
			t.Errorf("%d: %+v", code, e)
		}
		if n := len(f.seen()); n != 1 || len(f.pauses) != 0 {
			t.Errorf("%d: %d calls", code, n)
		}
	}
	f := newFake(t, answers(fault(47003, "argument invalid! data.thing3.value is empty")))
	_, err := f.door.SendSubscribe(t.Context(), card)
	if e := callError(t, err); e.Class != ClassData || e.FieldKey != "thing3" {
		t.Errorf("%+v", e)
	}
}

func TestTemplates(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"errmsg":"ok","data":[
		{"priTmplId":"A","title":"会议通知","content":"会议主题:{{thing1.DATA}}\n时间:{{time2.DATA}}\n编号:{{character_string13.DATA}}\n","example":"x","type":2},
		{"priTmplId":"B","title":"进度","content":"{{enum4.DATA}}","type":3,"keywordEnumValueList":[{"enumValueList":["已受理","已答复"],"keywordCode":"enum4"}]}]}`))
	got, err := f.door.Templates(t.Context())
	want := []Template{
		{ID: "A", Title: "会议通知", Kind: KindOneTime, Keys: []string{"thing1", "time2", "character_string13"}},
		{ID: "B", Title: "进度", Kind: KindLongTerm, Keys: []string{"enum4"}, Enums: map[string][]string{"enum4": {"已受理", "已答复"}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if c := f.seen()[0]; c.method != http.MethodGet || c.path != APITemplates {
		t.Errorf("asked %+v", c)
	}
}

func TestQRCode(t *testing.T) {
	jpeg, _ := base64.StdEncoding.DecodeString("/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//")
	png := []byte("\x89PNG\r\n\x1a\n0000")
	for _, c := range []struct {
		body []byte
		kind string // what WeChat declares, which is not believed
		want string
	}{{jpeg, "image/jpeg", "image/jpeg"}, {png, "image/jpeg", "image/png"}, {png, "text/plain", "image/png"}} {
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			_, _ = w.Write(c.body)
		})
		data, mime, err := f.door.QRCode(t.Context(), QRCode{Scene: "id=1", Page: "/pages/a", Version: "trial", SkipVerify: true})
		if err != nil || mime != c.want || string(data) != string(c.body) {
			t.Errorf("%s, %v", mime, err)
		}
		want := map[string]any{"scene": "id=1", "page": "pages/a", "env_version": "trial", "check_path": false}
		if b := f.seen()[0].body; !reflect.DeepEqual(b, want) {
			t.Errorf("sent %v", b)
		}
	}
	for _, c := range []struct {
		answer string
		want   RetryClass
	}{{fault(41030, "invalid page"), ClassPage}, {fault(45009, "limit"), ClassMinute}, {`{"errcode":0}`, ClassRetry}, {"<html>", ClassRetry}, {"", ClassRetry}} {
		f := newFake(t, answers(c.answer))
		_, _, err := f.door.QRCode(t.Context(), QRCode{Scene: "a"})
		if e := callError(t, err); e.Class != c.want {
			t.Errorf("%s: %v", c.answer, err)
		}
	}
	// The dead token of a picture comes as JSON too.
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(png) })
	_, _, _ = f.door.QRCode(t.Context(), QRCode{Scene: "a"})
	f.mu.Lock()
	f.current = "TOKEN-000002"
	f.mu.Unlock()
	if _, mime, err := f.door.QRCode(t.Context(), QRCode{Scene: "a"}); err != nil || mime != "image/png" {
		t.Errorf("%s, %v", mime, err)
	}
	// Too large a picture is refused before it fills the memory.
	f = newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(png)
		_, _ = io.WriteString(w, strings.Repeat("x", imageLimit))
	})
	if _, _, err := f.door.QRCode(t.Context(), QRCode{Scene: "a"}); err == nil {
		t.Error("a picture of more than 5 MiB is taken")
	}
	for _, scene := range []string{"", "a%20b", "中文", "a b", strings.Repeat("x", 33), "a\n"} {
		if _, _, err := f.door.QRCode(t.Context(), QRCode{Scene: scene}); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("scene %q: %v", scene, err)
		}
	}
}

func TestQuotaAndTrace(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"errmsg":"ok","quota":{"daily_limit":100,"used":3,"remain":97},"rate_limit":{"call_count":5}}`))
	if q, err := f.door.Quota(t.Context(), APITextCheck); err != nil || q != (Quota{100, 3, 97}) {
		t.Errorf("%+v, %v", q, err)
	}
	if b := f.seen()[0].body; b["cgi_path"] != APITextCheck {
		t.Errorf("sent %v", b)
	}
	f = newFake(t, answers(`{"errcode":0,"request":{"invoke_time":5,"cost_in_ms":30,"request_url":"access_token=SECRET","client_ip":"1.2.3.4"}}`))
	tr, err := f.door.Trace(t.Context(), "6166f719-1234abcd-5678ef01")
	if err != nil || tr != (Trace{5, 30, "1.2.3.4"}) {
		t.Errorf("%+v, %v", tr, err)
	}
}
