package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"zhibu/model"
	"zhibu/model/store"
)

const meetingNotice = `{"org_id":"b","kind":"meeting","title":"支部党员大会","fields":{"note":"请准时"},"audience":{},"urgent_reason":"会议改期"}`

// numbered gives everybody a phone number, whose end is the order of the names.
func (h *pushHouse) numbered(ids ...string) {
	h.Helper()
	for i, id := range ids {
		m, err := h.store.Member(h.ctx, id)
		h.must(err)
		number := fmt.Sprintf("1390000%04d", i)
		m.PhoneCipher, m.PhoneIndex, m.PhoneMask = []byte(number), &number, model.MaskPhone(number)
		h.must(h.store.SaveMember(h.ctx, m))
	}
}

func TestWhoGetsThePhoneList(t *testing.T) {
	h := newPushHouse(t)
	h.numbered("member", "unbound", "leader", "committee", "secretary")
	for who, path := range map[string]string{"secretary": "/r/b/", "office": "/r/"} { // granted apart: no role brings numbers along
		h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: who, OrgID: "b", OrgPath: path, Role: model.RoleRevealPhone}))
	}
	id := h.expect("secretary", "POST", "/pushes", meetingNotice, 201)["id"].(string)
	h.must(h.push.Drain(h.ctx))
	notice := h.expect("member", "GET", "/notices", "", 200)["items"].([]any)[0].(map[string]any)["id"].(string)
	h.expect("member", "POST", "/notices/"+notice+"/read", "", 204)
	path := "/pushes/" + id + "/phone-list.xlsx"
	for _, c := range []struct {
		who    string
		status int
		code   string
	}{
		{"stranger", 401, "unauthenticated"}, {"visitor", 403, "not_bound"}, {"member", 403, "forbidden"}, {"leader", 404, "not_found"}, {"neighbour", 404, "not_found"},
	} {
		h.expect(c.who, "GET", path, "", c.status, c.code, "!13900")
	}
	for _, c := range []struct{ who, number, not string }{
		{"secretary", "13900000001", "139****0001"}, {"office", "13900000001", "139****0001"}, {"committee", "139****0001", "13900000001"},
	} {
		rec := h.call(c.who, "GET", path, "")
		if rec.Code != 200 || rec.Header().Get("Cache-Control") != "private, no-store" || !strings.Contains(rec.Header().Get("Content-Disposition"), "filename*=UTF-8''%E7%94%B5%E8%AF%9D") {
			t.Fatalf("%s: %d %v", c.who, rec.Code, rec.Header())
		}
		x, err := excelize.OpenReader(bytes.NewReader(rec.Body.Bytes()))
		h.must(err)
		rows, err := x.GetRows("电话名单")
		h.must(err)
		text := fmt.Sprint(rows)
		if len(rows) != 3+4 || !strings.Contains(text, c.number) || strings.Contains(text, c.not) || strings.Contains(text, "姓名member") || !strings.Contains(text, "心肺康复支部 · 第一党小组") {
			t.Errorf("%s: %s", c.who, text)
		}
		h.must(x.Close())
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Object: "push:" + id, Action: "push.phone_list"}, model.Page{})
	h.must(err)
	if len(entries) != 3 || entries[2].Detail["numbers"] != "4" || entries[0].Detail["numbers"] != "0" {
		t.Errorf("audit %+v", entries)
	}
	if strings.Contains(h.logged.String(), "13900") || !strings.Contains(h.logged.String(), "phone-list.xlsx") {
		t.Errorf("a number in the log, or no log: %s", &h.logged)
	}
	unread := strings.Replace(announcement, `"audience":{}`, `"audience":{"not_read_article_id":"x"}`, 1)
	if rec := h.call("secretary", "POST", "/pushes", unread); rec.Code == 201 {
		t.Fatal("a push for those who have not read an article that is not there")
	}
	hidden := &model.Push{OrgID: "b", OrgPath: "/r/b/", Kind: model.PushStudy, Title: "请补学", Audience: model.Audience{OrgID: "b", NotReadArticleID: "x"}}
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.push.Push(h.ctx, tx, hidden) }))
	h.expect("secretary", "GET", "/pushes/"+hidden.ID+"/phone-list.xlsx", "", 409, "conflict", "不提供电话名单", "!姓名")
	h.expect("neighbour", "GET", "/pushes/"+hidden.ID+"/phone-list.xlsx", "", 404)
	h.expect("secretary", "GET", "/pushes/"+hidden.ID+"/deliveries", "", 200, `"advice":""`, "!请电话通知")
}

func TestWhatHappenedToAMembersMessages(t *testing.T) {
	h := newPushHouse(t)
	id := h.expect("secretary", "POST", "/pushes", meetingNotice, 201)["id"].(string)
	h.expect("office", "POST", "/pushes", strings.NewReplacer(`"org_id":"b"`, `"org_id":"r"`, "学术年会", "全会").Replace(announcement), 201)
	h.must(h.push.Drain(h.ctx))
	h.expect("secretary", "GET", "/pushes/"+id, "", 200, `"summary":"共 5 人：仅站内信 5（可导出电话名单）。"`)
	h.expect("secretary", "GET", "/pushes", "", 200, `"summary":"共 5 人：`)
	h.expect("secretary", "GET", "/pushes/"+id+"/deliveries", "", 200, `"advice":"请电话通知。方便时请对方进入小程序，用登记的手机号完成绑定。"`)
	for _, c := range []struct {
		who, member string
		status      int
		holds       []string
	}{
		{"stranger", "member", 401, []string{"unauthenticated"}}, {"visitor", "member", 403, []string{"not_bound"}}, {"member", "member", 403, []string{"forbidden"}},
		{"leader", "member", 404, []string{"not_found"}}, {"neighbour", "member", 404, []string{"not_found", "!支部党员大会"}}, {"secretary", "neighbour", 404, nil}, {"secretary", "none", 404, nil},
		{"leader", "leader", 200, []string{`"items":[]`}},
		{"committee", "member", 200, []string{"支部党员大会"}},
		{"secretary", "member", 200, []string{`"push":{"id":"` + id + `","kind":"meeting","title":"支部党员大会"}`, `"state":"inbox_only"`, `"channel":"inbox"`, `"read":false`, "订阅次数", "请电话通知", "!全会"}},
		{"office", "member", 200, []string{"支部党员大会", "全会"}},
	} {
		h.expect(c.who, "GET", "/members/"+c.member+"/deliveries", "", c.status, c.holds...)
	}
	h.expect("member", "POST", "/notices/read-all", "", 204)
	page := h.expect("office", "GET", "/members/member/deliveries?limit=1", "", 200, "全会", "!read")
	h.expect("office", "GET", "/members/member/deliveries?limit=1&cursor="+page["next_cursor"].(string), "", 200, "支部党员大会", `"read":true`, `"next_cursor":""`)
	h.expect("office", "GET", "/members/member/deliveries?cursor=rubbish", "", 422, "cursor")
}
