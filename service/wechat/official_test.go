package wechat

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zhibu/model"
)

func TestFollowers(t *testing.T) {
	f := newFake(t, answers(
		`{"total":3,"count":2,"data":{"openid":["","oA","oB"]},"next_openid":"oB"}`,
		`{"total":3,"count":1,"data":{"openid":["oC"]},"next_openid":"oC"}`,
		`{"total":3,"count":0,"next_openid":""}`,
	))
	want := []model.OfficialListing{
		{Total: 3, OpenIDs: []string{"oA", "oB"}, Next: "oB"},
		{Total: 3, OpenIDs: []string{"oC"}, Next: "oC"},
		{Total: 3},
	}
	next := ""
	for i, w := range want {
		got, err := f.door.Followers(t.Context(), next)
		if err != nil || !reflect.DeepEqual(got, w) {
			t.Errorf("page %d: %+v, %v", i, got, err)
		}
		next = got.Next
	}
	calls := f.seen()
	if c := calls[0]; c.method != http.MethodGet || c.path != APIFollowers || strings.Contains(c.query, "next_openid") {
		t.Errorf("first asked %+v", c)
	}
	if !strings.Contains(calls[1].query, "next_openid=oB") {
		t.Errorf("then asked %+v", calls[1])
	}
	// A page that leads to itself ends the listing, and an answer without a total is none.
	f = newFake(t, answers(`{"total":1,"count":1,"data":{"openid":["oA"]},"next_openid":"oA"}`, `{}`, fault(40003, "invalid openid")))
	if got, err := f.door.Followers(t.Context(), "oA"); err != nil || got.Next != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := f.door.Followers(t.Context(), ""); ClassOf(err) != ClassRetry {
		t.Errorf("no total: %v", err)
	}
	if _, err := f.door.Followers(t.Context(), "oX"); ClassOf(err) != ClassRecipient {
		t.Errorf("a stranger's openid: %v", err)
	}
}

func TestFollowersInfo(t *testing.T) {
	f := newFake(t, answers(
		`{"user_info_list":[{"subscribe":1,"openid":"oA","unionid":"uA","nickname":""},{"subscribe":0,"openid":"oB"},{"subscribe":"1","openid":"oC"}]}`,
		`{}`, fault(40003, "invalid openid hint: [x]"), fault(45009, "limit")))
	got, err := f.door.FollowersInfo(t.Context(), []string{"oA", "oB", "oC"})
	want := []model.OfficialProfile{{OpenID: "oA", UnionID: "uA", Following: true}, {OpenID: "oB"}, {OpenID: "oC", Following: true}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	c := f.seen()[0]
	list := []any{map[string]any{"openid": "oA", "lang": "zh_CN"}, map[string]any{"openid": "oB", "lang": "zh_CN"}, map[string]any{"openid": "oC", "lang": "zh_CN"}}
	if c.method != http.MethodPost || c.path != APIFollowersInfo || !reflect.DeepEqual(c.body, map[string]any{"user_list": list}) {
		t.Errorf("asked %+v", c)
	}
	for _, class := range []RetryClass{ClassRetry, ClassRecipient, ClassDaily} {
		if _, err := f.door.FollowersInfo(t.Context(), []string{"oA"}); ClassOf(err) != class {
			t.Errorf("%v, want %s", err, class)
		}
	}
	n := len(f.seen())
	if got, err := f.door.FollowersInfo(t.Context(), nil); got != nil || err != nil {
		t.Errorf("nobody: %v, %v", got, err)
	}
	if _, err := f.door.FollowersInfo(t.Context(), make([]string, FollowersPerCall+1)); ClassOf(err) != ClassBug {
		t.Errorf("too many: %v", err)
	}
	if len(f.seen()) != n {
		t.Error("WeChat was asked in vain")
	}
}

func TestFollower(t *testing.T) {
	f := newFake(t, answers(`{"subscribe":1,"openid":"oA","unionid":"uA"}`, `{"subscribe":0,"openid":"oB"}`, `{}`))
	for _, want := range []model.OfficialProfile{{OpenID: "oA", UnionID: "uA", Following: true}, {OpenID: "oB"}} {
		if got, err := f.door.Follower(t.Context(), want.OpenID); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := f.door.Follower(t.Context(), "oC"); ClassOf(err) != ClassRetry {
		t.Error(err)
	}
	if c := f.seen()[0]; c.method != http.MethodGet || c.path != APIFollower || !strings.Contains(c.query, "openid=oA") || !strings.Contains(c.query, "lang=zh_CN") {
		t.Errorf("asked %+v", c)
	}
}

func TestOfficialTemplates(t *testing.T) {
	f := newFake(t, answers(`{"template_list":[
		{"template_id":"A","title":"会议通知","primary_industry":"","content":"会议主题:{{thing1.DATA}}\n时间:{{time2.DATA}}\n","example":"x"},
		{"template_id":"B","title":"领取奖金提醒","content":"{{first.DATA}}\n\n领奖金额:{{withdrawMoney.DATA}}\n时间: {{ keyword1.DATA }}\n{{first.DATA}}"}]}`, `{"errcode":0}`))
	got, err := f.door.OfficialTemplates(t.Context())
	want := []Template{
		{ID: "A", Title: "会议通知", Keys: []string{"thing1", "time2"}},
		{ID: "B", Title: "领取奖金提醒", Keys: []string{"first", "withdrawMoney", "keyword1"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if c := f.seen()[0]; c.method != http.MethodGet || c.path != APIOfficialTemplates {
		t.Errorf("asked %+v", c)
	}
	if _, err := f.door.OfficialTemplates(t.Context()); ClassOf(err) != ClassRetry {
		t.Errorf("no list: %v", err)
	}
}

// WeChat's own sample names the keys of the lists with .DATA after them.
func TestTemplateEnums(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"data":[{"priTmplId":"A","title":"洗衣机故障提醒","type":3,"content":"完成时间:{{time1.DATA}}\n所在位置:{{enum_string2.DATA}}\n",
		"keywordEnumValueList":[{"enumValueList":["客厅","餐厅"],"keywordCode":"enum_string2.DATA"}]}]}`))
	got, err := f.door.Templates(t.Context())
	if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0].Enums, map[string][]string{"enum_string2": {"客厅", "餐厅"}}) || !slices.Equal(got[0].Keys, []string{"time1", "enum_string2"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFitAmong(t *testing.T) {
	states := []string{"已受理", "已答复", "不通过", "通过"}
	for _, c := range []struct {
		key, value string
		list       []string
		want       string
		ok         bool
	}{
		{"phrase3", "已受理", states, "已受理", true},
		{"phrase3", " 已 答复 ", []string{"已 答复"}, "已 答复", true},
		{"phrase3", "已受理，正在办理", states, "已受理", true},
		{"phrase3", "已答复！", states, "已答复", true},
		{"phrase3", "未通过", states, "", false},
		{"phrase3", "不通过审核", states, "", false},
		{"phrase3", "", states, "", false},
		{"phrase3", "转办", append(states, "其他"), "其他", false},
		{"enum_string2", "客厅", []string{"客厅", "餐厅"}, "客厅", true},
		{"enum_string2", "厨房", []string{"客厅", "餐厅"}, "", false},
		{"enum_string3", "洗好了", []string{"设备发生故障，请及时查看"}, "设备发生故障，请及时查看", false},
		{"thing1", "支部大会", nil, "支部大会", true},
		{"enum_string2", "客厅", nil, "", false},
		{"character_string1", "Ａ　１", []string{"A-1"}, "A-1", true},
	} {
		if got, ok := FitAmong(c.key, c.value, c.list); got != c.want || ok != c.ok {
			t.Errorf("FitAmong(%s, %q, %v) = %q, %v; want %q, %v", c.key, c.value, c.list, got, ok, c.want, c.ok)
		}
	}
}

// Of all errors of a template message only the unknown outcome leaves open whether it was sent.
func TestTemplateSendClasses(t *testing.T) {
	for code, want := range map[int]RetryClass{
		-1: ClassUnknownOutcome, 43004: ClassNotFollowing, 43019: ClassNotFollowing, 40003: ClassRecipient, 40036: ClassTemplate, 40037: ClassTemplate, 43116: ClassTemplate,
		40249: ClassContent, 47003: ClassData, 45009: ClassDaily, 45011: ClassMinute, 40001: ClassToken, 40013: ClassConfig, 40165: ClassPage, 48001: ClassConfig, 40032: ClassBug,
	} {
		if got := Class(APITemplateSend, code); got != want {
			t.Errorf("%d is %q, want %q", code, got, want)
		}
	}
}

func TestFollowEvents(t *testing.T) {
	clock := func() model.Clock { f := newFake(t, answers("")); return f.clock }()
	r := Receiver{AppID: "wxofficial", Clock: clock}
	read := func(body string) Event {
		t.Helper()
		tr, err := parseTree("", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.event(tr, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	body := func(event, openID, at, more string) string {
		return `<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[` + openID + `]]></FromUserName><CreateTime>` + at +
			`</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[` + event + `]]></Event>` + more + `</xml>`
	}
	follow := read(body("subscribe", "oA", "1700000000", "<EventKey><![CDATA[qrscene_1]]></EventKey>"))
	if follow.Name != EventFollow || follow.OpenID != "oA" || follow.CreatedAt.Unix() != 1700000000 {
		t.Errorf("%+v", follow)
	}
	if again := read(body("SUBSCRIBE", "oA", "1700000000", "<EventKey></EventKey>")); again.Key != follow.Key {
		t.Errorf("a redelivery is another event: %s, %s", again.Key, follow.Key)
	}
	if !strings.HasPrefix(follow.Key, "subscribe:") {
		t.Error(follow.Key)
	}
	keys := map[string]bool{follow.Key: true}
	for _, other := range []string{body("unsubscribe", "oA", "1700000000", ""), body("subscribe", "oB", "1700000000", ""), body("subscribe", "oA", "1700000001", "")} {
		e := read(other)
		if keys[e.Key] {
			t.Errorf("%s has another's key", other)
		}
		keys[e.Key] = true
	}
	job := read(`{"ToUserName":"gh_1","FromUserName":"oA","CreateTime":1700000000,"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","MsgID":294402298110051942,"Status":"failed:user block"}`)
	if job.Name != EventTemplateJob || job.TemplateJob == nil || job.TemplateJob.OK || job.TemplateJob.MsgID != "294402298110051942" || job.TemplateJob.Status != "failed:user block" {
		t.Errorf("%+v", job.TemplateJob)
	}
}
