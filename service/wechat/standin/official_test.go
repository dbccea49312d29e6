package standin

import (
	"net/url"
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

// openOfficial is a world whose service account is bound to an Open Platform account and pages by three.
func openOfficial(t *testing.T) *world {
	t.Helper()
	w := openWorld(t, func(o *Options) { o.FollowerPage = 3 })
	if err := w.AddApp(App{AppID: official, Secret: officialSecret, Kind: Official, Token: "BBBBB", OpenPlatform: true,
		Templates: []Template{{ID: "tpl-official", Title: "公众号通知", Kind: OneTime, Content: "主题:{{thing1.DATA}}"}}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func openIDs(b body) []string {
	data, _ := b["data"].(map[string]any)
	list, _ := data["openid"].([]any)
	var out []string
	for _, id := range list {
		out = append(out, id.(string))
	}
	return out
}

func TestFollowerPages(t *testing.T) {
	w := openOfficial(t)
	page := func(next string) body {
		path := w.as(official, "/cgi-bin/user/get")
		if next != "" {
			path += "&next_openid=" + next
		}
		return w.get(path)
	}
	if b := page(""); b.number("total") != 0 || b.number("count") != 0 || b["data"] != nil || b.text("next_openid") != "" || b["errcode"] != nil {
		t.Errorf("nobody: %v", b)
	}
	for _, id := range []string{"p1", "p2", "p3", "p4"} {
		w.AddUser(official, id)
	}
	w.AddUser(mini, "oNotOurs")
	b := page("")
	if got := openIDs(b); strings.Join(got, ",") != "p1,p2,p3" || b.number("total") != 4 || b.number("count") != 3 || b.text("next_openid") != "p3" {
		t.Errorf("first page: %v", b)
	}
	w.Follow(official, "p3", false) // who leaves meanwhile still marks the place
	b = page("p3")
	if got := openIDs(b); strings.Join(got, ",") != "p4" || b.number("total") != 3 || b.text("next_openid") != "p4" {
		t.Errorf("second page: %v", b)
	}
	if b := page("p4"); b.number("count") != 0 || b["data"] != nil || b.text("next_openid") != "" {
		t.Errorf("the end: %v", b)
	}
	w.want(page("oNotOurs"), 40003, "invalid openid")
	w.want(w.get(w.as(mini, "/cgi-bin/user/get")), 48001, "")
	w.SetDailyLimit(official, "/cgi-bin/user/get", 1)
	w.want(page(""), 45009, "reach max api daily quota limit")
}

func TestFollowerInfo(t *testing.T) {
	w := openOfficial(t)
	w.AddPerson(Person{OpenID: "oDan", OfficialOpenID: "pDan", UnionID: "uDan", Name: "丹", Phone: "13800138000"})
	w.AddUser(official, "pEve")
	w.Follow(official, "pEve", false)
	one := func(openid string) body {
		return w.get(w.as(official, "/cgi-bin/user/info") + "&lang=zh_CN&openid=" + openid)
	}
	if b := one("pDan"); b.number("subscribe") != 1 || b.text("unionid") != "uDan" || b.text("openid") != "pDan" || b.number("subscribe_time") == 0 {
		t.Errorf("%v", b)
	}
	if b := one("pEve"); b.number("subscribe") != 0 || b["unionid"] != nil || len(b) != 2 {
		t.Errorf("of who has left only the openid: %v", b)
	}
	w.want(one("oDan"), 40003, "invalid openid")
	batch := func(ids ...string) body {
		in := `{"user_list":[`
		for i, id := range ids {
			if i > 0 {
				in += ","
			}
			in += `{"openid":"` + id + `","lang":"zh_CN"}`
		}
		return w.post(w.as(official, "/cgi-bin/user/info/batchget"), in+`]}`)
	}
	list, _ := batch("pDan", "pEve")["user_info_list"].([]any)
	if len(list) != 2 || body(list[0].(map[string]any)).text("unionid") != "uDan" || body(list[1].(map[string]any)).number("subscribe") != 0 {
		t.Errorf("%v", list)
	}
	w.want(batch("pDan", "oDan"), 40003, "invalid openid")
	w.want(batch(), 40032, "invalid openid list size")
	w.want(batch(strings.Split(strings.Repeat("pDan,", 100)+"pDan", ",")...), 40032, "invalid openid list size")
	// An account that no Open Platform account binds tells no unionid.
	if err := w.AddApp(App{AppID: official, Secret: officialSecret, Kind: Official}); err != nil {
		t.Fatal(err)
	}
	if b := one("pDan"); b["unionid"] != nil {
		t.Errorf("%v", b)
	}
}

func TestFollowEvents(t *testing.T) {
	w := openOfficial(t)
	w.AddUser(official, "pOld")
	w.Follow(official, "pOld", true) // no news
	w.Follow(official, "pNew", true)
	w.Follow(official, "pNew", false)
	w.Follow(official, "pNew", false)
	var got []string
	for _, e := range w.Events(official) {
		got = append(got, e.Event+" "+e.OpenID)
	}
	if strings.Join(got, ", ") != "subscribe pNew, unsubscribe pNew" {
		t.Errorf("%v", got)
	}
	if b := w.Events(official)[0].Body; !strings.Contains(b, `"FromUserName":"pNew"`) || !strings.Contains(b, `"Event":"subscribe"`) {
		t.Error(b)
	}
}

func TestFollowControls(t *testing.T) {
	w := openOfficial(t)
	w.AddPerson(Person{OpenID: "oDan", OfficialOpenID: "pDan", Name: "丹", Phone: "13800138000"})
	for _, c := range []struct{ path, in, want string }{
		{"/standin/follow", `{"phone":"13800138000","follows":false}`, `"openid":"pDan"`},
		{"/standin/follow", `{"openid":"pNew"}`, `"follows":true`},
		{"/standin/follow", `{"appid":"` + mini + `","openid":"pNew"}`, "not_found"},
		{"/standin/follow", `{"name":"无名"}`, "not_found"},
		{"/standin/ban", `{"template_id":"tpl-meeting"}`, `"banned":true`},
		{"/standin/ban", `{"template_id":"x"}`, "validation_failed"},
	} {
		if _, raw, err := w.do("POST", c.path, c.in); err != nil || !strings.Contains(string(raw), c.want) {
			t.Errorf("%s %s: %s, %v", c.path, c.in, raw, err)
		}
	}
	w.want(w.send(alice, nil), 43107, "")
	if got := w.Events(official); len(got) != 2 || got[0].Event != "unsubscribe" || got[1].OpenID != "pNew" {
		t.Errorf("%+v", got)
	}
}

func TestAccountTemplates(t *testing.T) {
	w := openOfficial(t)
	list := func() []any {
		items, _ := w.get(w.as(official, "/cgi-bin/template/get_all_private_template"))["template_list"].([]any)
		return items
	}
	if got := list(); len(got) != 1 || body(got[0].(map[string]any)).text("content") != "主题:{{thing1.DATA}}" || body(got[0].(map[string]any)).text("template_id") != "tpl-official" {
		t.Errorf("%v", got)
	}
	w.want(w.get(w.as(mini, "/cgi-bin/template/get_all_private_template")), 48001, "")
	w.SetTemplates(official)
	if got := list(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// WeChat changes a template's keys or somebody deletes one: what was right before is refused, and the grant is not spent.
func TestTemplatesChange(t *testing.T) {
	w := openWorld(t)
	w.grant(alice, meeting, 1)
	w.SetTemplates(mini, Template{ID: meeting, Title: "会议通知", Kind: OneTime, Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n地点:{{thing3.DATA}}\n"})
	w.want(w.send(alice, nil), 47003, "argument invalid! data.thing3.value rid: ")
	b := w.get(w.as(mini, "/wxaapi/newtmpl/gettemplate"))
	if data, _ := b["data"].([]any); len(data) != 1 || !strings.Contains(body(data[0].(map[string]any)).text("content"), "thing3") {
		t.Errorf("%v", b)
	}
	w.SetTemplates(mini)
	w.want(w.send(alice, nil), 40037, "invalid template_id")
	w.SetTemplates(mini, templates()...)
	w.want(w.send(alice, nil), 0, "ok")
}

func TestTemplateJobFails(t *testing.T) {
	w := openWorld(t)
	w.AddUser(official, "pAlice")
	send := func() body {
		return w.post(w.as(official, "/cgi-bin/message/template/send"), `{"touser":"pAlice","template_id":"tpl-official","data":{"thing1":{"value":"通知"}}}`)
	}
	w.SetJobStatus("pAlice", "failed:user block")
	b := send()
	w.want(b, 0, "ok")
	if ev := w.Events(official); len(ev) != 1 || !strings.Contains(ev[0].Body, `"Status":"failed:user block"`) || !strings.Contains(ev[0].Body, decimal(b.number("msgid"))) || len(w.Sent("pAlice")) != 0 {
		t.Errorf("%+v", ev)
	}
	w.SetJobStatus("pAlice", "")
	w.want(send(), 0, "ok")
	if len(w.Sent("pAlice")) != 1 {
		t.Error("healed, it is not delivered")
	}
}

// The answer is lost after the message went out; the repeat with the same client_msg_id finds the first success, and nothing goes out twice.
func TestTemplateAnswerLost(t *testing.T) {
	w := openWorld(t)
	w.AddUser(official, "pAlice")
	const api = "/cgi-bin/message/template/send"
	in := `{"touser":"pAlice","template_id":"tpl-official","client_msg_id":"d1","data":{"thing1":{"value":"通知"}}}`
	for _, f := range []Fault{{Kind: FaultBusyAfter, Times: 1}, {Kind: FaultResetAfter, Times: 1}, {Kind: FaultHTTP, Code: 200, Times: 1}} {
		w.SetFault(api, f)
		_, _, _ = w.do("POST", w.as(official, api), in)
		w.want(w.post(w.as(official, api), in), 0, "ok")
		if n := len(w.Sent("pAlice")); n != 1 {
			t.Errorf("after %s: %d messages", f.Kind, n)
		}
	}
	w.SetDailyLimit(official, api, 1)
	w.want(w.post(w.as(official, api), in), 45009, "reach max api daily quota limit")
}

func TestPageFollows(t *testing.T) {
	w := openWorld(t, func(o *Options) {
		o.People = []Person{{OpenID: alice, OfficialOpenID: "pAlice", Name: "李秀英", Phone: "13800138000"}, {OpenID: bob, Name: "王伟"}}
	})
	if html := w.html("/standin/?openid=" + alice); !strings.Contains(html, "已关注") || !strings.Contains(html, `value="unfollow"`) {
		t.Error("she follows, and the page does not say so")
	}
	if html := w.press(url.Values{"openid": {alice}, "act": {"unfollow"}}); !strings.Contains(html, "未关注") || !strings.Contains(html, `value="follow"`) {
		t.Error("she left, and the page does not say so")
	}
	w.press(url.Values{"openid": {alice}, "act": {"follow"}})
	if ev := w.Events(official); len(ev) != 2 || ev[0].Event != "unsubscribe" || ev[1].Event != "subscribe" || ev[1].OpenID != "pAlice" {
		t.Errorf("%+v", ev)
	}
	if html := w.html("/standin/?openid=" + bob); strings.Contains(html, "公众号") {
		t.Error("who has no openid at the account cannot follow it")
	}
	w.press(url.Values{"openid": {bob}, "act": {"follow"}})
	if len(w.Events(official)) != 2 {
		t.Error("somebody without an openid followed")
	}
}
