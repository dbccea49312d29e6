package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zhibu/model"
	"zhibu/service/wechat"
	"zhibu/service/wechat/standin"
)

// These tests hold the door against the stand-in, which others wrote from the same facts: where both agree, a misreading of one is unlikely.

const (
	miniID   = "wx0123456789abcdef"
	aesKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	meeting  = "tmpl-meeting"
	study    = "tmpl-study"
	someone  = "oMember"
	callback = "/wechat/callback/miniprogram"
)

// world is a stand-in, a door to it, and a callback that opens what is pushed.
type world struct {
	wechat *standin.Server
	door   *wechat.Door
	mu     sync.Mutex
	events []wechat.Event
	faults []error
}

func newWorld(t *testing.T, mode, format string, quirks standin.Quirks) *world {
	t.Helper()
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone)
	clock := func() time.Time { return now }
	w := &world{wechat: standin.New(standin.Options{Clock: clock, Seed: 1, Quirks: quirks})}
	if err := w.wechat.AddApp(standin.App{
		AppID: miniID, Secret: "mini-secret-mini-secret", Kind: standin.Mini, Token: "push-token", AESKey: aesKey, Published: true, OpenPlatform: true,
		CallbackMode: mode, CallbackFormat: format,
		Templates: []standin.Template{
			{ID: meeting, Title: "会议通知", Kind: standin.OneTime, Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n"},
			{ID: study, Title: "学习提醒", Kind: standin.OneTime, Content: "学习内容:{{thing1.DATA}}\n"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.wechat.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	app := wechat.App{AppID: miniID, Secret: "mini-secret-mini-secret", Token: "push-token", AESKey: aesKey}
	if mode == standin.ModePlain {
		app.AESKey = ""
	}
	w.door = wechat.New(wechat.Config{BaseURL: w.wechat.URL(), Clock: clock, MiniProgram: app})
	ours := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if echo, ok := w.door.MiniProgramReceiver().Verify(r.URL.Query()); ok {
				_, _ = io.WriteString(rw, echo)
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		e, err := w.door.MiniProgramReceiver().Open(r.URL.Query(), r.Header.Get("Content-Type"), body)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil {
			w.faults = append(w.faults, err)
		} else {
			w.events = append(w.events, e)
		}
		_, _ = io.WriteString(rw, "success")
	}))
	w.wechat.SetCallback(miniID, ours.URL+callback)
	t.Cleanup(func() {
		w.door.Close()
		if err := w.wechat.Close(context.Background()); err != nil {
			t.Error(err)
		}
		ours.Close()
	})
	return w
}

// pushed waits for the pushes and gives those since the last time.
func (w *world) pushed(t *testing.T) ([]wechat.Event, []error) {
	t.Helper()
	if err := w.wechat.WaitPushes(t.Context(), miniID); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	events, faults := w.events, w.faults
	w.events, w.faults = nil, nil
	return events, faults
}

var notice = wechat.SubscribeMessage{OpenID: someone, TemplateID: meeting, Data: map[string]string{"thing1": "支部党员大会", "time2": "2026年11月24日 19:30"}}

func classIs(t *testing.T, err error, want wechat.RetryClass) {
	t.Helper()
	if got := wechat.ClassOf(err); got != want {
		t.Errorf("class %q, want %q: %v", got, want, err)
	}
}

func TestStandinLoginAndPhone(t *testing.T) {
	w := newWorld(t, standin.ModePlain, standin.FormatJSON, standin.Quirks{NumericCountryCode: true})
	ctx := t.Context()
	code := w.wechat.MintCode(miniID, someone)
	s, err := w.door.Login(ctx, code)
	if err != nil || s.OpenID != someone || s.UnionID == "" {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, bad := range []string{code, "neverMinted"} {
		if _, err = w.door.Login(ctx, bad); model.CodeOf(err) != model.CodeWechatCode {
			t.Errorf("%s: %v", bad, err)
		}
	}
	phone, err := w.door.Phone(ctx, w.wechat.MintPhoneCode(miniID, someone, "13800138000"))
	if err != nil || phone != "13800138000" {
		t.Errorf("%q, %v", phone, err)
	}
	if _, err = w.door.Phone(ctx, w.wechat.MintCode(miniID, someone)); model.CodeOf(err) != model.CodeWechatCode {
		t.Errorf("a login code for a phone code: %v", err)
	}
	w.wechat.Block(miniID, someone, true)
	if _, err = w.door.Login(ctx, w.wechat.MintCode(miniID, someone)); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("blocked: %v", err)
	}
	// WeChat consumes the code and answers that it is busy.
	w.wechat.Block(miniID, someone, false)
	w.wechat.SetFault(wechat.APILogin, standin.Fault{Kind: standin.FaultBusyAfter, Times: 1})
	if _, err = w.door.Login(ctx, w.wechat.MintCode(miniID, someone)); model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("busy after: %v", err)
	}
	w.wechat.SetFault(wechat.APILogin, standin.Fault{Kind: standin.FaultBusy, Times: 1})
	if _, err = w.door.Login(ctx, w.wechat.MintCode(miniID, someone)); err != nil {
		t.Errorf("busy before: %v", err)
	}
}

func TestStandinSends(t *testing.T) {
	w := newWorld(t, standin.ModeSafe, standin.FormatJSON, standin.Quirks{})
	ctx := t.Context()
	w.wechat.AddUser(miniID, someone)
	grant := func() {
		t.Helper()
		if err := w.wechat.Grant(someone, meeting, 1); err != nil {
			t.Fatal(err)
		}
	}
	grant()
	id, err := w.door.SendSubscribe(ctx, notice)
	if err != nil || id == "" || id != fmt.Sprint(w.wechat.Sent(someone)[0].MsgID) {
		t.Fatalf("id %q, %v", id, err)
	}
	_, err = w.door.SendSubscribe(ctx, notice)
	classIs(t, err, wechat.ClassNoGrant)

	for kind, want := range map[standin.FaultKind]wechat.RetryClass{
		standin.FaultBusyAfter: wechat.ClassUnknownOutcome, standin.FaultResetAfter: wechat.ClassUnknownOutcome, standin.FaultResetBefore: wechat.ClassUnknownOutcome,
		standin.FaultTruncate: wechat.ClassUnknownOutcome, standin.FaultHTTP: wechat.ClassUnknownOutcome, standin.FaultBusy: wechat.ClassUnknownOutcome,
	} {
		grant()
		before := len(w.wechat.CallsTo(wechat.APISubscribeSend))
		w.wechat.SetFault(wechat.APISubscribeSend, standin.Fault{Kind: kind, Times: 1})
		_, err = w.door.SendSubscribe(ctx, notice)
		classIs(t, err, want)
		if n := len(w.wechat.CallsTo(wechat.APISubscribeSend)) - before; n != 1 {
			t.Errorf("%s: %d calls", kind, n)
		}
	}
	bad := notice
	bad.TemplateID = "no-such"
	_, err = w.door.SendSubscribe(ctx, bad)
	classIs(t, err, wechat.ClassTemplate)
	bad = notice
	bad.Data = map[string]string{"thing1": "", "time2": "19:30"}
	_, err = w.door.SendSubscribe(ctx, bad)
	classIs(t, err, wechat.ClassData)
	var c *wechat.CallError
	if !errors.As(err, &c) || c.FieldKey != "thing1" || c.RID == "" || c.Code != 47003 {
		t.Errorf("%+v", c)
	}
	templates, err := w.door.Templates(ctx)
	if err != nil || len(templates) != 2 || !reflect.DeepEqual(templates[0].Keys, []string{"thing1", "time2"}) || templates[0].Kind != wechat.KindOneTime {
		t.Errorf("%+v, %v", templates, err)
	}
}

func TestStandinTokens(t *testing.T) {
	w := newWorld(t, standin.ModeSafe, standin.FormatJSON, standin.Quirks{})
	for name, kill := range map[string]func(string){"revoked": w.wechat.RevokeTokens, "expired": w.wechat.ExpireTokens, "stuck": w.wechat.RevokeTokensStuck} {
		if _, err := w.door.Templates(t.Context()); err != nil {
			t.Fatal(err)
		}
		kill(miniID)
		if _, err := w.door.Templates(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStandinChecks(t *testing.T) {
	w := newWorld(t, standin.ModeSafe, standin.FormatJSON, standin.Quirks{StringLabel: true})
	ctx := t.Context()
	w.wechat.SetWords([]standin.Word{{Text: "坏词", Suggest: standin.Risky, Label: 20003}, {Text: "时政", Suggest: standin.Review, Label: 20001}})
	w.wechat.AddUser(miniID, someone)
	_, err := w.door.CheckText(ctx, wechat.TextCheck{OpenID: someone, Content: "好"})
	classIs(t, err, wechat.ClassNotRecent)
	w.wechat.Visit(miniID, someone)
	for text, want := range map[string]wechat.Suggest{"好": wechat.Pass, "有坏词": wechat.Risky, "谈时政": wechat.Review} {
		if v, err := w.door.CheckText(ctx, wechat.TextCheck{OpenID: someone, Content: text}); err != nil || v.Suggest != want || v.TraceID == "" {
			t.Errorf("%s: %+v, %v", text, v, err)
		}
	}
	picture, mime, err := w.door.QRCode(ctx, wechat.QRCode{Scene: "m=1"})
	if err != nil || len(picture) == 0 || mime != "image/jpeg" {
		t.Errorf("%s, %v", mime, err)
	}
	if q, err := w.door.Quota(ctx, wechat.APITextCheck); err != nil || q.Used == 0 || q.DailyLimit == 0 {
		t.Errorf("%+v, %v", q, err)
	}
}

// Every mode, format and quirk of the pushes is opened, and every forgery refused.
func TestStandinPushes(t *testing.T) {
	odd := standin.Quirks{StringCreateTime: true, NumericMsgID: true, StringLabel: true, SpacedOpenID: true, ChangeWithPopupTag: true}
	for _, mode := range []string{standin.ModePlain, standin.ModeCompat, standin.ModeSafe} {
		for _, format := range []string{standin.FormatJSON, standin.FormatXML} {
			for _, quirks := range []standin.Quirks{{}, odd} {
				t.Run(fmt.Sprintf("%s %s odd=%v", mode, format, quirks.SpacedOpenID), func(t *testing.T) { pushes(t, mode, format, quirks) })
			}
		}
	}
}

func pushes(t *testing.T, mode, format string, quirks standin.Quirks) {
	w := newWorld(t, mode, format, quirks)
	if err := w.wechat.VerifyCallback(t.Context(), miniID); err != nil {
		t.Error(err)
	}
	w.wechat.Visit(miniID, someone)
	one := func(event string) wechat.Event {
		t.Helper()
		events, faults := w.pushed(t)
		if len(events) != 1 || len(faults) != 0 || events[0].Name != event {
			t.Fatalf("want one %s: %+v, %v", event, events, faults)
		}
		return events[0]
	}
	for _, answers := range []map[string]string{{meeting: standin.Accept}, {meeting: standin.Accept, study: standin.Reject}} {
		if _, err := w.wechat.Popup(someone, answers); err != nil {
			t.Fatal(err)
		}
		e := one(wechat.EventPopup)
		if e.OpenID != someone || len(e.Popup) != len(answers) {
			t.Errorf("popup %+v", e)
		}
		for _, g := range e.Popup {
			if g.Accept != (answers[g.TemplateID] == standin.Accept) {
				t.Errorf("popup %+v", g)
			}
		}
	}
	id, err := w.door.SendSubscribe(t.Context(), notice)
	if err != nil {
		t.Fatal(err)
	}
	if e := one(wechat.EventSent); len(e.Sent) != 1 || e.Sent[0].MsgID != id || !e.Sent[0].OK || e.Sent[0].TemplateID != meeting {
		t.Errorf("sent %+v, id %s", e, id)
	}
	if err := w.wechat.Change(someone, study); err != nil {
		t.Fatal(err)
	}
	if e := one(wechat.EventChange); len(e.Change) != 1 || e.Change[0].Accept || e.Change[0].TemplateID != study {
		t.Errorf("change %+v", e)
	}
	w.wechat.Authorisation(standin.EventRevoke, miniID, someone, "8")
	if e := one(wechat.EventRevoke); e.OpenID != someone || !reflect.DeepEqual(e.Revoke.Info, []int{8}) {
		t.Errorf("revoke %+v", e)
	}

	w.wechat.SetPush(miniID, standin.PushKnobs{Copies: 2})
	w.wechat.Authorisation(standin.EventCancelled, miniID, someone, "")
	if events, _ := w.pushed(t); len(events) != 2 || events[0].Key != events[1].Key {
		t.Errorf("two deliveries: %+v", events)
	}
	forged := map[string]standin.PushKnobs{"signature": {BadSignature: true}, "age": {Age: 11 * time.Minute}}
	if mode != standin.ModePlain {
		forged["appid"], forged["plain"] = standin.PushKnobs{WrongAppID: true}, standin.PushKnobs{PlainBody: true}
	}
	for name, knobs := range forged {
		w.wechat.SetPush(miniID, knobs)
		w.wechat.Authorisation(standin.EventRevoke, miniID, someone, "8")
		if events, faults := w.pushed(t); len(events) != 0 || len(faults) == 0 {
			t.Errorf("%s: %+v", name, events)
		}
	}
}

// What Fit makes, the stand-in's own reading of WeChat's limits takes.
func TestStandinTakesWhatFits(t *testing.T) {
	kinds := []string{"thing", "number", "letter", "symbol", "character_string", "time", "date", "amount", "phone_number", "car_number", "name", "phrase"}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		value := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("支部会议，。（）~～·…0123 :年月日-/ABxy¥元*+#😀\n")))).Draw(t, "value")
		if got, _ := wechat.Fit(kind+"1", value); got != "" && !standin.FieldFits(kind, got) {
			t.Fatalf("Fit(%s, %q) = %q", kind, value, got)
		}
	})
	from := time.Date(2026, 11, 24, 19, 30, 0, 0, model.Zone)
	for _, kind := range []string{"time", "date"} {
		for _, value := range []string{wechat.FitTime(from), wechat.FitSpan(from, from.Add(time.Hour))} {
			if got, ok := wechat.Fit(kind+"1", value); !ok || !standin.FieldFits(kind, got) {
				t.Errorf("%s: %q", kind, got)
			}
		}
	}
}
