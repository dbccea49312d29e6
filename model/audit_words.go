package model

import "strings"

// ErasedName stands for who has left and asked to be forgotten.
const ErasedName = "已注销成员"

// auditActions says in Chinese what the actions of the audit are. What is not here is put together from its parts.
var auditActions = map[string]string{
	"account.create": "开通后台账号", "account.setup_code": "发放账号设置链接", "account.setup": "设置账号密码", "account.disable": "停用后台账号", "account.enable": "启用后台账号",
	"account.password": "修改密码", "account.factor_enrol": "设置动态验证码", "account.factor_replace": "更换动态验证码", "account.factor_reset": "重置动态验证码", "account.recovery_codes": "重新生成恢复码",
	"account.locked": "连续输错，账号暂时锁定", "account.failed": "密码或验证码输错", "session.end": "退出一台设备", "session.end_others": "退出其他设备", "session.idle": "闲置自动退出",
	"admin.create": "创建管理账号", "session.password": "密码登录", "session.console": "扫码登录后台",
	"member.bind": "绑定身份", "member.join": "凭邀请码加入", "member.add": "新增成员", "member.update": "修改成员资料", "member.leave": "移出组织",
	"member.unbind": "解除微信绑定", "member.roles": "调整角色", "member.phone_released": "释放旧手机号", "member.reveal_phone": "查看完整手机号",
	"member.phone_right_grant": "授予查看手机号的权限", "member.phone_right_revoke": "收回查看手机号的权限",
	"member.consent": "同意个人信息告知书", "member.export": "导出本人数据", "member.erase": "注销并删除个人信息", "member.rejoin": "注销后重新加入",
	"roster.import": "导入花名册", "roster.export": "导出花名册", "org.create": "新增组织", "org.rename": "修改组织名称", "invite.create": "发放邀请码",
	"article.official_draft": "放入公众号草稿箱", "article.remind": "提醒未学人员", "article.relay": "转发文章", "article.unrelay": "取消转发",
	"article.schedule": "定时发布文章", "push.phone_list": "导出电话名单", "push.create": "发送推送", "push.try": "给自己试发模板消息", "setting.comments": "设置评论开关",
	"comment.keep": "处理举报：保留评论", "calendar.load": "导入放假安排", "calendar.subscribe": "获取日历订阅地址", "meeting.attendance": "登记出席情况",
	"suggestion.overdue": "意见建议超期", "suggestion.replan": "按放假安排重算期限",
	"action.hand": "移交督办事项", "action.begin": "下达督办事项", "handover.left": "交出书记已注销，转党办确认", "handover.done": "完成支部交接", "handover.expire": "支部交接过期",
	"audit.export": "导出审计记录", "audit.prune": "按保存期清理审计记录", "privacy.retention": "按保存期清理数据", "privacy.notice": "发布个人信息告知书",
}

var auditNouns = map[string]string{
	"article": "文章", "comment": "评论", "meeting": "会议", "minutes": "会议记录", "poll": "表决", "action": "督办事项", "suggestion": "意见建议", "push": "推送", "reminder": "定时提醒",
	"upload": "图片", "member": "成员", "org": "组织", "policy": "制度配置", "handover": "交接", "annual": "年检", "annual_check": "年检", "work_record": "工作纪实", "workrecord": "工作纪实",
	"event": "学术会议", "calendar": "日历", "setting": "设置", "session": "登录", "roster": "花名册", "privacy": "个人信息", "audit": "审计", "series": "系列会议",
	"obligation": "应办事项", "supervision": "督导", "profile": "制度配置", "ballot": "表决", "invite": "邀请码", "excuse": "说明情况",
}

var auditVerbs = map[string]string{
	"create": "新建", "add": "新增", "edit": "修改", "update": "修改", "change": "修改", "delete": "删除", "remove": "移除", "publish": "发布", "withdraw": "撤回", "call": "召集", "cancel": "取消",
	"approve": "通过审核", "hide": "不予通过", "submit": "提交", "accept": "受理", "reply": "答复", "decline": "不予采纳", "escalate": "转上级", "extend": "延期", "assign": "交办", "close": "办结",
	"reopen": "重新提出", "rate": "评价", "merge": "合并", "retry": "重发", "pause": "暂停", "resume": "恢复", "sign": "签字", "lock": "锁定", "addendum": "补记", "open": "开始", "confirm": "确认",
	"freeze": "存档", "export": "导出", "import": "导入", "load": "载入", "note": "补充说明", "excuse": "说明原因", "plan": "安排", "complete": "完成", "revoke": "撤销", "split": "拆分", "start": "开始",
	"save": "保存", "put": "保存", "reassign": "改派", "finish": "完成", "unsign": "撤回签字", "vote": "投票", "entitle": "调整应到", "host": "更换主持人", "draft": "起草", "set": "设置", "reply_late": "补答复",
}

// AuditWords is an action in Chinese; one of an unknown kind is shown as it is.
func AuditWords(action string) string {
	if words, ok := auditActions[action]; ok {
		return words
	}
	noun, verb, _ := strings.Cut(action, ".")
	n, v := auditNouns[noun], auditVerbs[verb]
	if n == "" || v == "" {
		return action
	}
	return v + n
}
