package standin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// send posts a meeting message; overrides replace whole fields of the body.
func (w *world) send(openid string, overrides map[string]any) body {
	w.t.Helper()
	in := map[string]any{"touser": openid, "template_id": meeting, "page": "pages/meeting?id=1", "miniprogram_state": "formal", "lang": "zh_CN",
		"data": map[string]any{"thing1": map[string]any{"value": "十一月支部党员大会"}, "time2": map[string]any{"value": "2026年11月24日 19:30"}}}
	for k, v := range overrides {
		in[k] = v
		if v == nil {
			delete(in, k)
		}
	}
	raw, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.post(w.as(mini, sendAPI), string(raw))
}

func (w *world) grant(openid, template string, n int) {
	w.t.Helper()
	if err := w.Grant(openid, template, n); err != nil {
		w.t.Fatal(err)
	}
}

func TestSendSpendsOneGrant(t *testing.T) {
	w := openWorld(t)
	w.grant(alice, meeting, 2)
	_, raw, err := w.do("POST", w.as(mini, sendAPI), `{"touser":"oAlice","template_id":"tpl-meeting","data":{"thing1":{"value":"大会"},"time2":{"value":"19:30"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	b := decodeBody(t, raw)
	if b.code() != 0 || b["errcode"] == nil || b.text("errmsg") != "ok" || b.number("msgid") <= 1<<53 || int64(float64(b.number("msgid"))) == b.number("msgid") {
		t.Errorf("msgid is an integer beyond 2^53: %s", raw)
	}
	if !strings.Contains(string(raw), `"msgid":`+decimal(b.number("msgid"))) {
		t.Errorf("msgid is not an integer: %s", raw)
	}
	w.want(w.send(alice, nil), 0, "ok")
	w.want(w.send(alice, nil), 43101, "user refuse to accept the msg rid: ")
	w.want(w.send(bob, nil), 43101, "user refuse to accept the msg rid: ")
	sent := w.Sent(alice)
	if len(sent) != 2 || sent[0].Value("thing1") != "大会" || sent[0].Title != "会议通知" || sent[0].MsgID != b.number("msgid") || sent[0].Fields[0].Label != "会议主题" ||
		sent[1].Page != "pages/meeting?id=1" || sent[1].State != "formal" || sent[1].MsgID <= sent[0].MsgID {
		t.Errorf("%+v", sent)
	}
	if all := w.Sent(""); len(all) != 2 || all[0].MsgID > all[1].MsgID {
		t.Errorf("%+v", all)
	}
}

func TestLongTermTemplateIsNeverSpent(t *testing.T) {
	w := openWorld(t)
	w.grant(alice, longTerm, 1)
	for range 3 {
		w.want(w.send(alice, map[string]any{"template_id": longTerm, "data": map[string]any{"thing1": map[string]any{"value": "好"}}}), 0, "ok")
	}
	if w.Granted(alice, longTerm) != -1 {
		t.Error(w.Granted(alice, longTerm))
	}
}

func TestSendRefusals(t *testing.T) {
	w := openWorld(t, func(o *Options) { o.Sensitive = []string{"违禁"} })
	w.grant(alice, meeting, 1)
	w.AddUser(other, "oCarol")
	value := func(key string, v any) map[string]any {
		data := map[string]any{"thing1": map[string]any{"value": "大会"}, "time2": map[string]any{"value": "19:30"}}
		if v == nil {
			delete(data, key)
		} else {
			data[key] = v
		}
		return map[string]any{"data": data}
	}
	at := func(v string) map[string]any { return map[string]any{"value": v} }
	for name, c := range map[string]struct {
		in   map[string]any
		code int64
		text string
	}{
		"no touser":        {map[string]any{"touser": nil, "toUser": alice}, 40003, "invalid openid rid:"},
		"unknown user":     {map[string]any{"touser": "oNobody"}, 40003, "invalid openid rid:"},
		"other app's user": {map[string]any{"touser": "oCarol"}, 40003, "invalid openid rid:"},
		"unknown template": {map[string]any{"template_id": "x"}, 40037, "invalid template_id rid: "},
		"no template":      {map[string]any{"template_id": nil}, 40037, "invalid template_id rid: "},
		"account template": {map[string]any{"template_id": "tpl-official"}, 40037, "invalid template_id rid: "},
		"bad page":         {map[string]any{"page": "pages/none?x=1"}, 41030, "invalid page rid: "},
		"user first":       {map[string]any{"touser": "x", "template_id": "x", "page": "x"}, 40003, "invalid openid"},
		"template second":  {map[string]any{"template_id": "x", "page": "x"}, 40037, "invalid template_id"},
		"page before data": {map[string]any{"page": "x", "data": nil}, 41030, "invalid page"},
		"no data":          {map[string]any{"data": nil}, 47003, "argument invalid! data.thing1.value rid: "},
		"missing key":      {value("time2", nil), 47003, "argument invalid! data.time2.value rid: "},
		"missing value":    {value("time2", map[string]any{}), 47003, "argument invalid! data.time2.value rid: "},
		"value as Value":   {value("time2", map[string]any{"Value": "19:30"}), 47003, "argument invalid! data.time2.value rid: "},
		"empty value":      {value("thing1", at("")), 47003, "argument invalid! data.thing1.value is empty rid: "},
		"too long":         {value("thing1", at(strings.Repeat("长", 21))), 47003, "argument invalid! data.thing1.value invalid rid: "},
		"newline":          {value("thing1", at("一\n二")), 47003, "argument invalid! data.thing1.value invalid rid: "},
		"full-width ～":     {value("time2", at("19:30～20:30")), 47003, "argument invalid! data.time2.value invalid rid: "},
		"number":           {value("thing1", map[string]any{"value": 5}), 47003, "argument invalid! data.thing1.value invalid rid: "},
		"data is text":     {map[string]any{"data": "x"}, 47001, "data format error"},
		"state":            {map[string]any{"miniprogram_state": "beta"}, 47003, ""},
		"sensitive":        {value("thing1", at("违禁词")), 45168, ""},
	} {
		t.Run(name, func(t *testing.T) { (&world{t: t}).want(w.send(alice, c.in), c.code, c.text) })
	}
	w.SetQuirks(Quirks{OldEmptySpelling: true})
	w.want(w.send(alice, value("thing1", at(""))), 47003, "argument invalid! data.thing1.value is emtpy rid: ")
	w.BanTemplate(meeting, true)
	w.want(w.send(alice, nil), 43107, "")
	w.BanTemplate(meeting, false)
	if w.Granted(alice, meeting) != 1 || len(w.Sent(alice)) != 0 {
		t.Error("a refused send spends nothing")
	}
	w.want(w.send(alice, map[string]any{"page": nil, "miniprogram_state": "", "lang": ""}), 0, "ok")
}

func TestTwoSendsToOneUserMustNotOverlap(t *testing.T) {
	w := openWorld(t)
	w.grant(alice, meeting, 5)
	w.grant(bob, meeting, 5)
	release := w.Hold(sendAPI)
	first, other := make(chan body, 1), make(chan body, 1)
	go func() { first <- w.send(alice, nil) }()
	if err := w.WaitHolding(w.ctx, sendAPI, 1); err != nil {
		t.Fatal(err)
	}
	go func() { other <- w.send(bob, nil) }()
	if err := w.WaitHolding(w.ctx, sendAPI, 2); err != nil {
		t.Fatal(err)
	}
	release2 := make(chan body, 1)
	go func() { release2 <- w.send(alice, nil) }()
	// The refusal waits at the gate too, as every call of the endpoint does.
	if err := w.WaitHolding(w.ctx, sendAPI, 3); err != nil {
		t.Fatal(err)
	}
	release()
	w.want(<-first, 0, "ok")
	w.want(<-other, 0, "ok")
	w.want(<-release2, 43108, "")
	w.want(w.send(alice, nil), 0, "ok")
	if w.Granted(alice, meeting) != 3 {
		t.Errorf("43108 spends nothing: %d", w.Granted(alice, meeting))
	}
}

func TestPopupAndChange(t *testing.T) {
	w := openWorld(t)
	got, err := w.Popup(alice, map[string]string{meeting: Accept, study: Reject})
	if err != nil || got[meeting] != Accept || got[study] != Reject {
		t.Fatal(got, err)
	}
	if _, err := w.Popup(alice, map[string]string{meeting: Accept}); err != nil {
		t.Fatal(err)
	}
	if w.Granted(alice, meeting) != 2 || w.Granted(alice, study) != 0 {
		t.Error("accepts add up")
	}
	if err := w.Change(alice, meeting); err != nil {
		t.Fatal(err)
	}
	w.want(w.send(alice, nil), 43101, "user refuse to accept the msg rid: ")
	if _, err := w.Popup(alice, map[string]string{meeting: Accept}); err != nil {
		t.Fatal(err)
	}
	w.want(w.send(alice, nil), 0, "ok")

	w.BanTemplate(study, true)
	if got, _ = w.Popup(alice, map[string]string{study: Accept}); got[study] != Banned || w.Granted(alice, study) != 0 {
		t.Errorf("banned: %v", got)
	}
	twin := templates()
	twin = append(twin, Template{ID: "tpl-twin", Title: "会议通知", Kind: OneTime, Content: "x:{{thing1.DATA}}"})
	if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, Templates: twin}); err != nil {
		t.Fatal(err)
	}
	if got, _ = w.Popup(bob, map[string]string{meeting: Accept, "tpl-twin": Accept}); got[meeting] != Accept || got["tpl-twin"] != Filter {
		t.Errorf("of two equal titles one is filtered: %v", got)
	}
	w.MainSwitch(mini, bob, false)
	six := map[string]string{}
	for i := range 6 {
		id := fmt.Sprint("t", i)
		twin = append(twin, Template{ID: id, Title: id, Kind: OneTime, Content: "x:{{thing1.DATA}}"})
		six[id] = Accept
	}
	if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, Templates: twin}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who     string
		answers map[string]string
		code    int
	}{
		"none":            {alice, nil, 20001},
		"unknown":         {alice, map[string]string{"x": Accept}, 20001},
		"mixed kinds":     {alice, map[string]string{meeting: Accept, longTerm: Accept}, 20002},
		"six":             {alice, six, 20003},
		"main switch off": {bob, map[string]string{meeting: Accept}, 20004},
	} {
		if _, err := w.Popup(c.who, c.answers); IsClientError(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListTemplates(t *testing.T) {
	w := openWorld(t)
	_, raw, err := w.do("GET", w.as(mini, "/wxaapi/newtmpl/gettemplate"), "")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ErrCode *int `json:"errcode"`
		Data    []struct {
			ID      string `json:"priTmplId"`
			Title   string `json:"title"`
			Content string `json:"content"`
			Type    int    `json:"type"`
			Enums   []struct {
				Key    string   `json:"keywordCode"`
				Values []string `json:"enumValueList"`
			} `json:"keywordEnumValueList"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &got); err != nil || got.ErrCode == nil || len(got.Data) != 3 {
		t.Fatalf("%v %s", err, raw)
	}
	if got.Data[0].ID != meeting || got.Data[0].Type != 2 || got.Data[2].Type != 3 || !strings.Contains(got.Data[0].Content, "{{thing1.DATA}}") ||
		len(got.Data[1].Enums) != 1 || got.Data[1].Enums[0].Key != "enum_string2.DATA" || len(got.Data[1].Enums[0].Values) != 2 {
		t.Errorf("%s", raw)
	}
	w.grant(alice, study, 1)
	data := func(v string) map[string]any {
		return map[string]any{"template_id": study, "data": map[string]any{"thing1": map[string]any{"value": "学"}, "enum_string2": map[string]any{"value": v}}}
	}
	w.want(w.send(alice, data("电话")), 47003, "argument invalid! data.enum_string2.value invalid rid: ")
	w.want(w.send(alice, data("线上")), 0, "ok")
}

func TestDailySendLimitIsTripledByPay(t *testing.T) {
	for _, pay := range []bool{false, true} {
		w := openWorld(t)
		if err := w.AddApp(App{AppID: mini, Secret: miniSecret, Kind: Mini, Pay: pay, Templates: templates()}); err != nil {
			t.Fatal(err)
		}
		q, _ := w.post(w.as(mini, "/cgi-bin/openapi/quota/get"), `{"cgi_path":"`+sendAPI+`"}`)["quota"].(map[string]any)
		want := int64(10_000_000)
		if pay {
			want = 30_000_000
		}
		if body(q).number("daily_limit") != want {
			t.Errorf("pay=%v: %v", pay, q)
		}
	}
}

func TestManyUsersAtOnce(t *testing.T) {
	w := openWorld(t)
	r := newReceiver(t)
	w.calling(r, ModeSafe, FormatJSON)
	path := w.as(mini, sendAPI)
	const users, each = 20, 5
	done := make(chan int64, users)
	for i := range users {
		openid := fmt.Sprint("oMany", i)
		w.grant(openid, longTerm, 1)
		go func() {
			var refused int64
			for range each {
				b := w.post(path, `{"touser":"`+openid+`","template_id":"tpl-long","data":{"thing1":{"value":"好"}}}`)
				if b.code() != 0 {
					refused = b.code()
				}
			}
			done <- refused
		}()
	}
	for range users {
		if code := <-done; code != 0 {
			t.Errorf("refused with %d", code)
		}
	}
	seen := map[int64]bool{}
	for _, m := range w.Sent("") {
		seen[m.MsgID] = true
	}
	for range users * each {
		w.next(r)
	}
	if err := w.WaitPushes(w.ctx, mini); err != nil || len(seen) != users*each {
		t.Errorf("%v, %d messages with ids of their own", err, len(seen))
	}
}
