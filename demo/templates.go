package demo

import (
	"encoding/json"
	"strings"
)

// Template is one subscribe-message template of the WeChat stand-in. Name is the notice it serves: meeting, study,
// announcement or suggestion. Kind is one_time (Type 2) or long_term (Type 3). Fields maps our words to WeChat's keys.
type Template struct {
	Name, ID, Title, Kind string
	Type                  int
	Fields                map[string]string
	Content, Example      string
}

func templates() []Template {
	return []Template{
		{
			Name: "meeting", ID: "DEMOmeeting00000000000000000000000000000001", Title: "会议通知", Kind: "one_time", Type: 2,
			Fields:  map[string]string{"topic": "thing1", "time": "time2", "place": "thing3", "note": "thing4"},
			Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n会议地点:{{thing3.DATA}}\n备注:{{thing4.DATA}}\n",
			Example: "会议主题:支部党员大会\n会议时间:2026年11月24日 19:30\n会议地点:线上会议\n备注:点击查看入会方式，可一键请假\n",
		},
		{
			Name: "study", ID: "DEMOstudy0000000000000000000000000000000002", Title: "学习任务提醒", Kind: "one_time", Type: 2,
			Fields:  map[string]string{"title": "thing1", "due": "time2", "note": "thing3"},
			Content: "学习内容:{{thing1.DATA}}\n截止时间:{{time2.DATA}}\n温馨提示:{{thing3.DATA}}\n",
			Example: "学习内容:个人信息保护法学习要点\n截止时间:2026年12月02日 21:00\n温馨提示:三分钟读完，单位已学可登记\n",
		},
		{
			Name: "announcement", ID: "DEMOannouncement000000000000000000000000003", Title: "通知公告提醒", Kind: "one_time", Type: 2,
			Fields:  map[string]string{"title": "thing1", "from": "thing2", "time": "time3", "note": "thing4"},
			Content: "公告标题:{{thing1.DATA}}\n发布单位:{{thing2.DATA}}\n发布时间:{{time3.DATA}}\n备注:{{thing4.DATA}}\n",
			Example: "公告标题:学术年会期间支部活动安排\n发布单位:学会党委\n发布时间:2026年11月25日 19:30\n备注:点击查看全文\n",
		},
		{
			Name: "suggestion", ID: "DEMOsuggestion00000000000000000000000000004", Title: "意见反馈处理通知", Kind: "one_time", Type: 2,
			Fields:  map[string]string{"title": "thing1", "state": "phrase2", "time": "time3", "note": "thing4"},
			Content: "反馈主题:{{thing1.DATA}}\n处理状态:{{phrase2.DATA}}\n处理时间:{{time3.DATA}}\n备注:{{thing4.DATA}}\n",
			Example: "反馈主题:会议材料能否提供大字版\n处理状态:已答复\n处理时间:2026年11月21日 19:15\n备注:点击查看答复并评价\n",
		},
	}
}

// officialTemplates are those of the service account: the same words under ids of its own.
func officialTemplates() []Template {
	list := templates()
	for i := range list {
		list[i].ID = "OFCL" + strings.TrimPrefix(list[i].ID, "DEMO")
	}
	return list
}

// WeChatTemplates is the value of ZHIBU_WECHAT_TEMPLATES that fits the stand-in's templates.
func WeChatTemplates() string { return settingOf(templates()) }

// WeChatOfficialTemplates is that of ZHIBU_WECHAT_OFFICIAL_TEMPLATES.
func WeChatOfficialTemplates() string { return settingOf(officialTemplates()) }

func settingOf(list []Template) string {
	type entry struct {
		ID     string            `json:"id"`
		Kind   string            `json:"kind"`
		Fields map[string]string `json:"fields"`
	}
	all := map[string]entry{}
	for _, t := range list {
		all[t.Name] = entry{t.ID, t.Kind, t.Fields}
	}
	out, err := json.Marshal(all)
	if err != nil {
		panic("demo: templates: " + err.Error()) // strings and maps of strings always marshal
	}
	return string(out)
}
