package api

import (
	"maps"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Routes lists what is served, such as "GET /api/v1/feed", as the router knows it: for whatever must hold something against every route.
func (a *API) Routes() []string {
	rows := a.engine.Routes()
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Method + " " + r.Path
	}
	return out
}

// declareFaults says in the reference that whatever else a route answers is a problem: every room has errors of its own, such as conflict.
func (a *API) declareFaults() {
	doc := a.huma.OpenAPI()
	fault := &huma.Response{Description: "any other error", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "")},
	}}
	for item := range maps.Values(doc.Paths) {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch} {
			if op != nil && op.Responses["default"] == nil {
				op.Responses["default"] = fault
			}
		}
	}
}

// sections are the reference's, in the order in which a newcomer meets them.
func sections() []*huma.Tag {
	return []*huma.Tag{
		{Name: "auth", Description: "登录、绑定与告知书"},
		{Name: "me", Description: "我的：身份、设备、收藏、学习记录"},
		{Name: "orgs", Description: "组织与花名册"},
		{Name: "members", Description: "成员"},
		{Name: "accounts", Description: "后台账号"},
		{Name: "feed", Description: "信息流"},
		{Name: "articles", Description: "文章：阅读、编辑、发布"},
		{Name: "search", Description: "全文检索"},
		{Name: "comments", Description: "评论"},
		{Name: "moderation", Description: "评论审核"},
		{Name: "uploads", Description: "文件上传"},
		{Name: "settings", Description: "党办的设置：评论开关"},
		{Name: "suggestions", Description: "意见建议"},
		{Name: "meetings", Description: "会议：召集、答复、签到、出席"},
		{Name: "events", Description: "学会活动：年会及其日程"},
		{Name: "polls", Description: "表决"},
		{Name: "actions", Description: "督办事项"},
		{Name: "calendar", Description: "放假安排与日历订阅"},
		{Name: "subscriptions", Description: "微信订阅"},
		{Name: "notices", Description: "站内信"},
		{Name: "pushes", Description: "推送与送达台账"},
		{Name: "reminders", Description: "定时提醒"},
		{Name: "handovers", Description: "支部工作交接"},
		{Name: "supervision", Description: "督导：应开、已开、进程反馈、年检，不作排名"},
		{Name: "policy", Description: "制度参数与制度自查"},
		{Name: "audit", Description: "审计记录与核验"},
		{Name: "privacy", Description: "个人信息：告知书、注销、到期清理"},
	}
}

// section is where a path stands in the reference: under its first word.
func section(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	word = strings.TrimSuffix(word, ".ics")
	switch word {
	case "consent", "client":
		return "auth"
	case "policies":
		return "policy"
	}
	return word
}
