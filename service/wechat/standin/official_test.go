package standin

import (
	"strings"
	"testing"
	"time"
)

func TestTemplateMessage(t *testing.T) {
	w := openWorld(t)
	w.AddUser(official, "pAlice")
	send := func(in string) body { return w.post(w.as(official, "/cgi-bin/message/template/send"), in) }
	good := `{"touser":"pAlice","template_id":"tpl-official","url":"https://example.org/","data":{"thing1":{"value":"通知"}}`
	b := send(good + `}`)
	if b.code() != 0 || b.number("msgid") == 0 || w.Sent("pAlice")[0].URL == "" {
		t.Errorf("%v", b)
	}
	ev := w.Events(official)
	if len(ev) != 1 || !strings.EqualFold(ev[0].Event, "templatesendjobfinish") || !strings.Contains(ev[0].Body, `"Status":"success"`) || !strings.Contains(ev[0].Body, `"MsgID":`+decimal(b.number("msgid"))) {
		t.Errorf("%+v", ev)
	}
	one := send(good + `,"client_msg_id":"a"}`)
	w.hands.move(10*time.Minute - time.Second)
	if again := send(good + `,"client_msg_id":"a"}`); again.number("msgid") != one.number("msgid") || len(w.Sent("pAlice")) != 2 {
		t.Errorf("the same client_msg_id is sent once: %v", again)
	}
	w.hands.move(time.Second)
	if later := send(good + `,"client_msg_id":"a"}`); later.number("msgid") == one.number("msgid") || len(w.Sent("pAlice")) != 3 {
		t.Errorf("after ten minutes it is sent again: %v", later)
	}
	w.want(send(good+`,"miniprogram":{"appid":"wx-none","pagepath":"x"}}`), 40013, "invalid appid")
	w.want(send(good+`,"miniprogram":{"appid":"`+mini+`","pagepath":"pages/index"}}`), 0, "ok")
	if got := w.Sent("pAlice"); got[3].MiniAppID != mini || got[3].Page != "pages/index" {
		t.Errorf("both set, the mini-program wins: %+v", got[3])
	}
	w.want(send(good+`,"miniprogram":{}}`), 0, "ok")
	w.want(send(strings.Replace(good, "pAlice", alice, 1)+`}`), 40003, "invalid openid")
	w.want(send(strings.Replace(good, "tpl-official", "x", 1)+`}`), 40037, "invalid template_id")
	w.want(send(`{"touser":"pAlice"}`), 40036, "")
	w.want(send(`{"touser":"pAlice","template_id":"tpl-official","data":{}}`), 47003, "argument invalid! thing1.DATA is invalid rid: ")
	w.BanTemplate("tpl-official", true)
	w.want(send(good+`}`), 43116, "")
	w.BanTemplate("tpl-official", false)
	w.Follow(official, "pAlice", false)
	w.want(send(good+`}`), 43004, "require subscribe")
}

func TestBizSend(t *testing.T) {
	w := openWorld(t)
	w.AddUser(official, "pAlice")
	send := func(in string) body { return w.post(w.as(official, "/cgi-bin/message/subscribe/bizsend"), in) }
	good := `{"touser":"pAlice","template_id":"tpl-official","data":{"thing1":{"value":"通知"}}}`
	w.want(send(good), 43101, "user refuse to accept the msg rid: ")
	w.grant("pAlice", "tpl-official", 1)
	w.want(send(strings.Replace(good, "通知", "", 1)), 47003, "argument invalid! data.thing1.value is empty rid: ")
	w.want(send(good), 0, "ok")
	w.want(send(good), 43101, "user refuse to accept the msg rid: ")
	w.want(send(strings.Replace(good, "pAlice", "x", 1)), 40003, "invalid openid")
}

func TestPeopleShareAUnionID(t *testing.T) {
	w := openWorld(t)
	if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, OpenPlatform: true}); err != nil {
		t.Fatal(err)
	}
	w.AddPerson(Person{OpenID: "oDan", OfficialOpenID: "pDan", UnionID: "uDan", Name: "丹"})
	if b := w.get(login(mini, miniSecret, w.MintCode(mini, "oDan"))); b.text("unionid") != "uDan" {
		t.Errorf("%v", b)
	}
	b := w.post(w.as(official, "/cgi-bin/message/template/send"), `{"touser":"pDan","template_id":"tpl-official","data":{"thing1":{"value":"通知"}}}`)
	w.want(b, 0, "ok")
}
