package wechat

import (
	"reflect"
	"strings"
	"testing"

	"zhibu/model"
)

// eventSamples are the shapes of the contract, among them the odd ones that were seen.
var eventSamples = []struct {
	name string
	body string
	want Event // Key and CreatedAt aside
}{
	{
		"popup, one item as an object, CreateTime as text",
		`{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":"1764000000","MsgType":"event","Event":"subscribe_msg_popup_event","List":{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":"0"}}`,
		Event{Name: EventPopup, MsgType: "event", OpenID: "oABC", Popup: []Grant{{"T1", true, "0"}}},
	},
	{
		"popup, several items, numbers for text",
		`{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"T1","SubscribeStatusString":"accept","PopupScene":0},{"TemplateId":"T2","SubscribeStatusString":"reject","PopupScene":"1"}]}`,
		Event{Name: EventPopup, MsgType: "event", OpenID: "oABC", Popup: []Grant{{"T1", true, "0"}, {"T2", false, "1"}}},
	},
	{
		"popup in XML under its wrapper",
		`<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oABC]]></FromUserName><CreateTime>1764000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_popup_event]]></Event><SubscribeMsgPopupEvent><List><TemplateId><![CDATA[T1]]></TemplateId><SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString><PopupScene>2</PopupScene></List><List><TemplateId>T2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString><PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent></xml>`,
		Event{Name: EventPopup, MsgType: "event", OpenID: "oABC", Popup: []Grant{{"T1", true, "2"}, {"T2", false, "2"}}},
	},
	{
		"popup in JSON under its wrapper",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"subscribe_msg_popup_event","SubscribeMsgPopupEvent":{"List":[{"TemplateId":"T1","SubscribeStatusString":"acceptWithAudio","PopupScene":"0"}]}}`,
		Event{Name: EventPopup, MsgType: "event", OpenID: "oABC", Popup: []Grant{{"T1", true, "0"}}},
	},
	{
		"change in XML under the popup's wrapper",
		`<xml><FromUserName>oABC</FromUserName><CreateTime>1764000000</CreateTime><MsgType>event</MsgType><Event>subscribe_msg_change_event</Event><SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List></SubscribeMsgPopupEvent></xml>`,
		Event{Name: EventChange, MsgType: "event", OpenID: "oABC", Change: []Grant{{"T1", false, ""}}},
	},
	{
		"sent, number MsgID beyond 2^53",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"subscribe_msg_sent_event","List":{"TemplateId":"T1","MsgID":294402298110051942,"ErrorCode":"0","ErrorStatus":"success"}}`,
		Event{Name: EventSent, MsgType: "event", OpenID: "oABC", Sent: []SendResult{{"T1", "294402298110051942", true, 0, "success"}}},
	},
	{
		"sent, failed, text MsgID and number code",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"subscribe_msg_sent_event","List":[{"TemplateId":"T1","MsgID":"7","ErrorCode":20001,"ErrorStatus":"system error"}]}`,
		Event{Name: EventSent, MsgType: "event", OpenID: "oABC", Sent: []SendResult{{"T1", "7", false, 20001, "system error"}}},
	},
	{
		"media, label as text, no errcode",
		`{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"wxa_media_check","appid":"wx1","trace_id":"tr","version":2,"result":{"suggest":"pass","label":"100"},"detail":[{"strategy":"content_model","errcode":0,"suggest":"pass","label":"100","prob":90}]}`,
		Event{Name: EventMedia, MsgType: "event", OpenID: "oABC", Media: &MediaResult{"tr", Pass, 100, 0}},
	},
	{
		"media, label as number, risky",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"wxa_media_check","trace_id":"tr","version":2,"errcode":0,"errmsg":"ok","result":{"suggest":"risky","label":20002}}`,
		Event{Name: EventMedia, MsgType: "event", OpenID: "oABC", Media: &MediaResult{"tr", Risky, 20002, 0}},
	},
	{
		"media that could not be fetched is no pass",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"wxa_media_check","trace_id":"tr","errcode":-1008,"result":{"suggest":"pass","label":100}}`,
		Event{Name: EventMedia, MsgType: "event", OpenID: "oABC", Media: &MediaResult{"tr", Review, 100, -1008}},
	},
	{
		"media of the first version",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"wxa_media_check","trace_id":"tr","isrisky":1,"extra_info_json":"","status_code":0}`,
		Event{Name: EventMedia, MsgType: "event", OpenID: "oABC", Media: &MediaResult{"tr", Risky, 0, 0}},
	},
	{
		"media without a verdict is no pass",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"wxa_media_check","trace_id":"tr"}`,
		Event{Name: EventMedia, MsgType: "event", OpenID: "oABC", Media: &MediaResult{"tr", Review, 0, 0}},
	},
	{
		"revoke names the person in OpenID, the sender is the platform",
		revokeMessage,
		Event{Name: EventRevoke, MsgType: "event", OpenID: "oABC", Revoke: &Revoke{"oABC", []int{8}}},
	},
	{
		"revoke with a leading space in the keys and several permissions",
		`{"ToUserName":"gh_1","FromUserName":"oPlatform","CreateTime":1764000000,"MsgType":"event","Event":"user_authorization_revoke"," OpenID":"oABC"," RevokeInfo":[6,"8"]}`,
		Event{Name: EventRevoke, MsgType: "event", OpenID: "oABC", Revoke: &Revoke{"oABC", []int{6, 8}}},
	},
	{
		"cancellation",
		`{"FromUserName":"oPlatform","CreateTime":1764000000,"MsgType":"event","Event":"user_authorization_cancellation","OpenID":"oABC"}`,
		Event{Name: EventCancellation, MsgType: "event", OpenID: "oABC", Revoke: &Revoke{OpenID: "oABC"}},
	},
	{
		"modified without OpenID: nobody, not the platform",
		`{"FromUserName":"oPlatform","CreateTime":1764000000,"MsgType":"event","Event":"user_info_modified"}`,
		Event{Name: EventInfoModified, MsgType: "event", Revoke: &Revoke{}},
	},
	{
		"template job in XML, whatever the case",
		`<xml><FromUserName>oOA</FromUserName><CreateTime>1764000000</CreateTime><MsgType>event</MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>200163836</MsgID><Status><![CDATA[success]]></Status></xml>`,
		Event{Name: EventTemplateJob, MsgType: "event", OpenID: "oOA", TemplateJob: &JobResult{"200163836", true, "success"}},
	},
	{
		"template job refused",
		`{"FromUserName":"oOA","CreateTime":1764000000,"MsgType":"event","Event":"TemplateSendJobFinish","MsgID":200163836,"Status":"failed:user block"}`,
		Event{Name: EventTemplateJob, MsgType: "event", OpenID: "oOA", TemplateJob: &JobResult{"200163836", false, "failed:user block"}},
	},
	{
		"a person's message",
		`{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":1764000000,"MsgType":"text","Content":"你好","MsgId":12345678901234567}`,
		Event{MsgType: "text", OpenID: "oABC"},
	},
	{
		"an event we do not know",
		`{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"weapp_audit_success","SuccTime":1}`,
		Event{Name: "weapp_audit_success", MsgType: "event", OpenID: "oABC"},
	},
}

func openPlain(t *testing.T, body string) (Event, error) {
	t.Helper()
	return Receiver{Token: "tok", AppID: "wx1", Clock: at(pushNow)}.Open(plainQuery(pushNow), "", []byte(body))
}

func TestEvents(t *testing.T) {
	for _, c := range eventSamples {
		t.Run(c.name, func(t *testing.T) {
			e, err := openPlain(t, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if e.CreatedAt.Unix() != 1764000000 {
				t.Errorf("created %v", e.CreatedAt)
			}
			if e.Key == "" || len(e.Key) > 80 {
				t.Errorf("key %q", e.Key)
			}
			got := e
			got.Key, got.CreatedAt = "", c.want.CreatedAt
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestEventKeys(t *testing.T) {
	popup := func(time, list string) string {
		return `{"FromUserName":"oABC","CreateTime":` + time + `,"MsgType":"event","Event":"subscribe_msg_popup_event","List":` + list + `}`
	}
	one, two := `{"TemplateId":"T1","SubscribeStatusString":"accept"}`, `{"TemplateId":"T2","SubscribeStatusString":"accept"}`
	base := popup("1764000000", one)
	key := func(body string) string {
		t.Helper()
		e, err := openPlain(t, body)
		if err != nil {
			t.Fatal(err)
		}
		return e.Key
	}
	for name, body := range map[string]string{
		"a redelivery": base, "CreateTime as text": popup(`"1764000000"`, one), "a list of one": popup("1764000000", "["+one+"]"),
		"other blanks": strings.ReplaceAll(base, ",", " , "),
	} {
		if key(body) != key(base) {
			t.Errorf("%s has another key", name)
		}
	}
	if key(popup("1764000000", "["+one+","+two+"]")) != key(popup("1764000000", "["+two+","+one+"]")) {
		t.Error("the order of the list changes the key")
	}
	for name, body := range map[string]string{
		"another template in the same second": popup("1764000000", two), "another second": popup("1764000001", one),
		"another person":        strings.Replace(base, "oABC", "oDEF", 1),
		"another event":         strings.Replace(base, "popup", "change", 1),
		"a refusal":             strings.Replace(base, "accept", "reject", 1),
		"no time":               strings.Replace(base, `"CreateTime":1764000000,`, "", 1),
		"a message":             `{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"text","MsgId":1}`,
		"the next message":      `{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"text","MsgId":2}`,
		"an unknown event":      `{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"x","a":1}`,
		"another unknown event": `{"FromUserName":"oABC","CreateTime":1764000000,"MsgType":"event","Event":"x","a":2}`,
	} {
		if key(body) == key(base) {
			t.Errorf("%s has the same key", name)
		}
	}
	if key(`{"FromUserName":"o","CreateTime":1,"MsgType":"text","MsgId":1}`) == key(`{"FromUserName":"o","CreateTime":1,"MsgType":"text","MsgId":2}`) {
		t.Error("two messages of one second have the same key")
	}
}

func TestUnreadablePushes(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50)
	for _, body := range []string{
		``, ` `, `null`, `[]`, `"x"`, `{}`, `{"a":1}`, `{"Event":""}`, `{"Event":{}}`, `{"Event":"x"}{"Event":"y"}`, `{"Event":"x",`, deep,
		`<xml/>`, `<xml>text</xml>`, `<xml><Event>x</xml>`, `<xml><Event>x</Event>`, `<xml><a></b></xml>`, `hello`,
		`<xml>` + strings.Repeat("<a>", 60) + strings.Repeat("</a>", 60) + `</xml>`,
		`<!DOCTYPE x [<!ENTITY e "subscribe">]><xml><Event>&e;</Event></xml>`,
		`{"Event":"x","List":[` + strings.Repeat("1,", maxNodes) + `1]}`,
	} {
		if e, err := openPlain(t, body); model.CodeOf(err) != model.CodeMalformed {
			t.Errorf("%.60q: %+v, %v", body, e, err)
		}
	}
}
