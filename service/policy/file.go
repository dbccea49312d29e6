package policy

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zhibu/model"
)

// table is the whole file, in its order. What a profile says nothing of stays as in the built-in one.
func table() []entry {
	return []entry{
		{key: "version", label: "版本", note: "版本名，由党办自定，不可与以往重复", read: readVersion, write: func(p *model.Policy) string { return quote(p.Version) }},
		{key: "holds_from", label: "生效日期", note: "自哪一天起生效（含当日），不早于上传当日；首次上传不限", read: readHoldsFrom, write: func(p *model.Policy) string { return quote(string(p.HoldsFrom)) }},
		{key: "meetings", label: "组织生活", note: "组织生活：各类会议的频次与通知模板，按此顺序显示", read: readMeetings},
		window("working_hours", "工作时间", "工作日的工作时间（调休上班日同），会议避开这一时段", func(p *model.Policy) *model.Window { return &p.Work }),
		{key: "meeting_slots", label: "会议时段", note: "推荐的开会时刻", group: []entry{
			clocks("evenings", "工作日晚间推荐开始时刻", "工作日晚间", func(p *model.Policy) *[]int { return &p.Slots.Evenings }),
			clocks("rest_days", "休息日推荐开始时刻", "周末和节假日", func(p *model.Policy) *[]int { return &p.Slots.RestDays }),
			clock("latest_end", "会议最晚结束时刻", "最晚结束时刻", func(p *model.Policy) *int { return &p.Slots.LatestEnd }),
		}},
		{key: "calling", label: "会议通知与签到", note: "会议通知与签到", group: []entry{
			number("notice_days", "系列会议的通知时间", "天前", "系列会议提前几天发出每次的通知，并确定应到名单", 1, 60, func(p *model.Policy) *int { return &p.Calls.NoticeDays }),
			number("checkin_minutes", "签到开始时间", "分钟前", "会前几分钟开始签到", 0, 240, func(p *model.Policy) *int { return &p.Calls.CheckinMinutes }),
		}},
		{key: "push", label: "推送", note: "手机提醒：时段之外的顺延，不丢弃；夜间一律不打扰（紧急变更除外）", group: []entry{
			windows("open", "推送时段", "推送时段", func(p *model.Policy) *[]model.Window { return &p.Push.Open }),
			clock("night_from", "夜间免打扰开始", "夜间免打扰开始", func(p *model.Policy) *int { return &p.Push.NightFrom }),
			clock("night_to", "夜间免打扰结束", "夜间免打扰结束（次日）", func(p *model.Policy) *int { return &p.Push.NightTo }),
			number("per_week", "每人每周普通推送上限", "条", "每人每周普通推送（内容、学习）上限，超出的并入晚间摘要", 0, 20, func(p *model.Policy) *int { return &p.Budget.PerWeek }),
			number("ask_every_days", "订阅授权的询问间隔", "天", "小程序至多几天请一次订阅授权，不少于 1 天", 1, 365, func(p *model.Policy) *int { return &p.Budget.AskEvery }),
			clock("digest_at", "晚间摘要时刻", "晚间摘要发出的时刻，应在推送时段内", func(p *model.Policy) *int { return &p.Budget.DigestAt }),
		}},
		{key: "suggestions", label: "意见建议", note: "意见建议的办理时限，均为工作日", group: []entry{
			number("accept_days", "意见受理时限", "个工作日", "受理", 1, 60, func(p *model.Policy) *int { return &p.Suggestions.AcceptDays }),
			number("reply_days", "意见答复时限", "个工作日", "答复（自提交之日起算）", 1, 120, func(p *model.Policy) *int { return &p.Suggestions.ReplyDays }),
			number("extend_days", "意见延期时限", "个工作日", "可延期一次，需公开理由", 0, 60, func(p *model.Policy) *int { return &p.Suggestions.ExtendDays }),
		}},
		{key: "votes", label: "表决", note: "线上表决", group: []entry{
			flag("formal_online", "线上表决", "可作为正式表决", "仅供征求意见", "线上表决是否可作为正式表决", func(p *model.Policy) *bool { return &p.Votes.FormalOnline }),
			flag("admission", "接收党员表决", "启用", "不启用", "是否启用接收党员的表决（组织关系在单位的，一般不启用）", func(p *model.Policy) *bool { return &p.Votes.Admission }),
			number("overrun_hours", "会后可发起表决的时限", "小时", "会议超时的，原定结束后几小时内仍可发起表决", 0, 72, func(p *model.Policy) *int { return &p.Votes.OverrunHours }),
		}},
		{key: "minutes", label: "会议记录", note: "会议记录", group: []entry{
			number("late_after_days", "会议记录时限", "天", "会后超过几天形成的标为“补录”", 0, 60, func(p *model.Policy) *int { return &p.Minutes.LateAfterDays }),
		}},
		{key: "actions", label: "督办事项", note: "督办事项的提醒，均为工作日", group: []entry{
			number("owner_before", "督办到期前提醒责任人", "个工作日", "到期前几个工作日提醒责任人", 0, 30, func(p *model.Policy) *int { return &p.Actions.OwnerBefore }),
			number("secretary_after", "督办逾期后告知支部书记", "个工作日", "逾期几个工作日后告知支部书记", 0, 60, func(p *model.Policy) *int { return &p.Actions.SecretaryAfter }),
			number("office_after", "督办逾期后告知党办", "个工作日", "逾期几个工作日后告知党办", 0, 120, func(p *model.Policy) *int { return &p.Actions.OfficeAfter }),
		}},
		{key: "study", label: "学习", note: "学习", group: []entry{
			number("chars_per_minute", "阅读速度", "字/分钟", "估算阅读时长所用的速度（字/分钟）", 100, 2000, func(p *model.Policy) *int { return &p.Study.CharsPerMinute }),
			number("long_minutes", "短学时长", "分钟", "超过几分钟提示编辑者过长", 1, 60, func(p *model.Policy) *int { return &p.Study.LongMinutes }),
			number("monthly_minutes", "每月学习时间预算", "分钟", "支部每月要求每人学习的总时长", 0, 3000, func(p *model.Policy) *int { return &p.Study.MonthlyMinutes }),
			number("key_points", "要点条数上限", "条", "每篇文章的要点最多几条", 1, 10, func(p *model.Policy) *int { return &p.Study.KeyPoints }),
			number("proposed_days", "建议学习时间", "天", "必读文章没有期限时，通知中建议几天内读完", 1, 60, func(p *model.Policy) *int { return &p.Study.ProposedDays }),
		}},
		{key: "content", label: "评论", note: "评论：栏目可填 theory 党建理论、central 中央声音、law 法律法规、example 先进事迹、news 动态", group: []entry{
			categories("moderated_first", "评论先审后发的栏目", "先审后发", func(p *model.Policy) *[]model.Category { return &p.Content.ModeratedFirst }),
			categories("comments_closed", "关闭评论的栏目", "关闭评论", func(p *model.Policy) *[]model.Category { return &p.Content.CommentsClosed }),
		}},
		{key: "retention", label: "保存期限", note: "保存期限（天），0 表示一直保存", group: []entry{
			number("audit", "审计记录保存期限", "天", "审计记录，不少于 180 天", 180, 36500, func(p *model.Policy) *int { return &p.Retention.Audit }),
			number("notices", "站内信保存期限", "天", "站内信", 0, 36500, func(p *model.Policy) *int { return &p.Retention.Notices }),
			number("deliveries", "推送台账保存期限", "天", "推送台账", 0, 36500, func(p *model.Policy) *int { return &p.Retention.Deliveries }),
			number("sessions", "已失效登录的保存期限", "天", "已失效的登录", 0, 36500, func(p *model.Policy) *int { return &p.Retention.Sessions }),
			number("reads", "本人学习记录保存期限", "天", "本人学习记录", 0, 36500, func(p *model.Policy) *int { return &p.Retention.Reads }),
			number("drafts", "闲置草稿保存期限", "天", "闲置的草稿", 0, 36500, func(p *model.Policy) *int { return &p.Retention.Drafts }),
			number("erasure_marks", "注销标记保存期限", "天", "注销标记，使已注销的人不会被花名册重新录入，不少于 365 天", 365, 36500, func(p *model.Policy) *int { return &p.Retention.Marks }),
		}},
		{key: "records", label: "工作纪实", note: "工作纪实与交接", group: []entry{
			number("late_after_days", "工作纪实后补界限", "天", "一段时期结束几天后补充的内容标为“后补”", 0, 90, func(p *model.Policy) *int { return &p.Records.LateAfterDays }),
			number("handover_days", "交接确认时限", "天", "交接等待双方确认的天数", 1, 90, func(p *model.Policy) *int { return &p.Records.HandoverDays }),
		}},
		{key: "console", label: "管理后台", note: "管理后台的登录", group: []entry{
			number("idle_minutes", "后台闲置退出时限", "分钟", "几分钟没有操作即自动退出后台（小程序不受影响）", 5, 720, func(p *model.Policy) *int { return &p.Console.IdleMinutes }),
			number("grace_hours", "动态验证码设置期限", "小时", "命令行创建的管理账号，几小时内可暂不设置动态验证码；0 表示首次登录即须设置", 0, 720, func(p *model.Policy) *int { return &p.Console.GraceHours }),
		}},
		sentences("excuses", "可说明的情形", "未能按期开展时可以选择的理由", 50, func(p *model.Policy) *[]string { return &p.Excuses }),
		{key: "help", label: "帮扶", note: "一对一帮扶", group: []entry{
			number("missed", "提供帮扶的界限", "个周期", "一年内有几个周期未完成时，由党办提供帮扶", 1, 60, func(p *model.Policy) *int { return &p.Help.Missed }),
		}},
		{key: "figures", label: "人数统计", note: "人数统计", group: []entry{
			number("fewest", "人数统计的下限", "人", "少于几人的人数不予显示，不少于 5", model.CrowdSize, 1000, func(p *model.Policy) *int { return &p.Figures.Fewest }),
		}},
	}
}

func readVersion(r *reader, n ast.Node, at string, p *model.Policy) {
	if text, ok := r.text(n, at, 1, 40); ok {
		p.Version = text
	}
}

func readHoldsFrom(r *reader, n ast.Node, at string, p *model.Policy) {
	text, _ := scalar(n)
	if p.HoldsFrom = model.Date(text); !p.HoldsFrom.Valid() {
		r.fault(n, at, "invalid_value", "应填写日期，例如 2027-01-01")
	}
}

// Parse reads a profile. All faults are named at once, each with its line. Errors: validation_failed.
func Parse(file []byte) (*model.Policy, error) {
	p := model.DefaultPolicy()
	p.Version = ""
	r := &reader{lines: map[string]int{}}
	if body, ok := r.open(file); ok {
		r.mapping(body, "", table(), p)
		for _, key := range []string{"version", "holds_from"} {
			if r.lines[key] == 0 {
				r.say(0, key, "required", "必须填写")
			}
		}
		if r.faults.Err() == nil {
			r.together(p)
		}
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// together finds what is wrong with values that are each right alone.
func (r *reader) together(p *model.Policy) {
	if err := p.Push.Check(); err != nil {
		r.say(r.lines["push"], "push", "inconsistent", "%s", err)
	}
	if p.Suggestions.ReplyDays < p.Suggestions.AcceptDays {
		r.say(r.lines["suggestions"], "suggestions.reply_days", "inconsistent", "答复时限不应短于受理时限")
	}
	if p.Actions.OfficeAfter < p.Actions.SecretaryAfter {
		r.say(r.lines["actions"], "actions.office_after", "inconsistent", "告知党办不应早于告知支部书记")
	}
	at := model.Date("2026-01-01").Start().Add(minutes(p.Budget.DigestAt))
	if later, _ := p.Push.Next(at, model.HoursOrdinary); !later.Equal(at) {
		r.say(r.lines["push.digest_at"], "push.digest_at", "inconsistent", "晚间摘要应在推送时段内发出")
	}
	r.slots(p)
}

func (r *reader) slots(p *model.Policy) {
	line := r.lines["meeting_slots"]
	for _, m := range append(append([]int{}, p.Slots.Evenings...), p.Slots.RestDays...) {
		if m >= p.Slots.LatestEnd {
			r.say(line, "meeting_slots", "inconsistent", "推荐的开始时刻 %s 不早于最晚结束时刻 %s", clockText(m), clockText(p.Slots.LatestEnd))
		}
	}
	for _, m := range p.Slots.Evenings {
		if m < p.Work.To {
			r.say(line, "meeting_slots.evenings", "inconsistent", "工作日推荐的开始时刻 %s 仍在工作时间内", clockText(m))
		}
	}
}

// Write is a profile as an annotated file, such as Parse reads.
func Write(p *model.Policy) []byte {
	var b strings.Builder
	b.WriteString("# 手机党支部 · 制度参数\n# 本文件列出系统所依据的全部数字。修改后上传，可先试算（dry_run）查看会带来哪些变化，再正式启用。\n# 未写明的参数沿用内置值。文件须为 UTF-8 编码。\n\n")
	writeEntries(&b, table(), p, "")
	return []byte(b.String())
}

func writeEntries(b *strings.Builder, entries []entry, p *model.Policy, indent string) {
	for _, e := range entries {
		switch {
		case e.key == "meetings":
			fmt.Fprintf(b, "\n# %s\n", e.note)
			writeMeetings(b, p)
		case e.group != nil:
			fmt.Fprintf(b, "\n# %s\n%s:\n", e.note, e.key)
			writeEntries(b, e.group, p, "  ")
		default:
			fmt.Fprintf(b, "%s%s: %s  # %s\n", indent, e.key, e.write(p), e.note)
		}
	}
}

// Numbers is a profile by the keys of the file, but for the meetings, as JSON shows it.
func Numbers(p *model.Policy) map[string]any { return numbersOf(table(), p) }

func numbersOf(entries []entry, p *model.Policy) map[string]any {
	out := map[string]any{}
	for _, e := range entries {
		switch {
		case e.group != nil:
			out[e.key] = numbersOf(e.group, p)
		case e.words != nil:
			out[e.key] = json.RawMessage(e.write(p)) // numbers, quoted texts and lists in one line are the same in both languages
		}
	}
	return out
}

// Often is how often a kind of meeting is owed, in words.
func Often(d model.MeetingDuty) string { return often(d) }
