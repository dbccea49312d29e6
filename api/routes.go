package api

// routes is every JSON route on one page, grouped by noun; the first word says who may enter.
// What an actor may do with an object is decided behind the door, by the functions of model.
func (a *API) routes() {
	a.siteRoutes()

	// Session
	post(a, anyone, "/auth/wechat", "微信登录", a.signInWechat)
	post(a, signedIn, "/auth/bind", "绑定身份", a.bind)
	post(a, anyone, "/auth/refresh", "换取新令牌", a.refresh)
	post(a, signedIn, "/auth/logout", "退出登录", a.logout)
	post(a, anyone, "/auth/password", "密码登录（管理后台）", a.signInPassword)
	create(a, anyone, "/auth/console-codes", "申请扫码登录", a.createConsoleCode)
	get(a, anyone, "/auth/console-codes/{id}", "查询扫码结果", a.pollConsoleCode)
	post(a, bound, "/auth/console-codes/{id}/approve", "在手机上确认登录后台", a.approveConsoleCode)
	get(a, anyone, "/consent", "现行个人信息告知书", a.consent)
	get(a, signedIn, "/me", "我的身份", a.me)
	get(a, bound, "/me/sessions", "我的登录设备", a.mySessions)
	del(a, bound, "/me/sessions/{id}", "退出某个设备", a.endMySession)

	// Organisation and roster
	get(a, bound, "/orgs", "组织树", a.listOrgs)
	create(a, leader, "/orgs", "新增组织", a.createOrg)
	patch(a, leader, "/orgs/{id}", "修改组织名称", a.changeOrg)
	get(a, leader, "/orgs/{id}/members", "花名册", a.listMembers)
	create(a, leader, "/orgs/{id}/members", "新增成员", a.createMember)
	a.rosterImport(leader, "/orgs/{id}/members/import", "导入花名册")
	a.rosterExport(leader, "/orgs/{id}/members/export", "导出花名册")
	put(a, leader, "/orgs/{id}/members/{member_id}/roles", "设置成员在本组织的角色", a.setRoles)
	create(a, leader, "/orgs/{id}/invites", "发放邀请码", a.createInvite)
	get(a, leader, "/members/{id}", "成员资料", a.getMember)
	patch(a, leader, "/members/{id}", "修改成员资料", a.changeMember)
	del(a, leader, "/members/{id}", "移出组织", a.removeMember)
	post(a, leader, "/members/{id}/reveal-phone", "查看完整手机号", a.revealPhone)
	post(a, leader, "/members/{id}/unbind", "解除微信绑定", a.unbindMember)
	patch(a, bound, "/me", "更正我的单位和职务", a.changeMe)

	// Content

	// Comments and files
	get(a, anyone, "/articles/{id}/comments", "文章的评论", a.listComments)
	create(a, bound, "/articles/{id}/comments", "发表评论", a.addComment)
	del(a, bound, "/comments/{id}", "删除评论", a.deleteComment)
	put(a, bound, "/comments/{id}/like", "点赞评论", a.likeComment)
	del(a, bound, "/comments/{id}/like", "取消点赞评论", a.unlikeComment)
	get(a, leader, "/moderation/comments", "评论审核队列", a.moderationQueue)
	post(a, leader, "/comments/{id}/moderate", "审核评论", a.moderateComment)
	a.uploadRoutes()

	// Suggestions
	create(a, bound, "/suggestions", "提交意见建议", a.submitSuggestion)
	get(a, bound, "/suggestions", "意见建议列表", a.listSuggestions)
	get(a, bound, "/suggestions/{id}", "意见建议及办理过程", a.getSuggestion)
	post(a, bound, "/suggestions/{id}/transitions", "办理意见建议", a.stepSuggestion)
	post(a, bound, "/suggestions/{id}/rating", "评价答复", a.rateSuggestion)

	// Meetings
	create(a, leader, "/meetings", "召集会议", a.callMeeting)
	get(a, bound, "/meetings", "会议列表", a.listMeetings)
	get(a, leader, "/meetings/slots", "可选的会议时间", a.meetingSlots)
	a.getMeeting()
	patch(a, leader, "/meetings/{id}", "修改会议", a.changeMeeting)
	post(a, leader, "/meetings/{id}/cancel", "取消会议", a.cancelMeeting)
	put(a, bound, "/meetings/{id}/rsvp", "答复参加或请假", a.answerMeeting)
	post(a, bound, "/meetings/{id}/checkin", "会议签到", a.checkinMeeting)
	get(a, leader, "/meetings/{id}/checkin-code", "主持人屏幕上的签到码", a.meetingCode)
	get(a, leader, "/meetings/{id}/attendance", "出席情况", a.meetingAttendance)
	put(a, leader, "/meetings/{id}/attendance/{member_id}", "登记或更正出席情况", a.noteAttendance)
	a.calendarFeed()
	create(a, bound, "/me/calendar-token", "获取日历订阅地址", a.createCalendarToken)
	del(a, bound, "/me/calendar-token", "停用日历订阅地址", a.dropCalendarToken)
	get(a, bound, "/calendar", "放假与调休安排", a.calendar)
	put(a, office, "/calendar/{year}", "导入一年的放假安排", a.loadCalendar)

	// Pushes
	get(a, leader, "/reminders", "定时提醒", a.listReminders)
	create(a, leader, "/reminders", "新建定时提醒", a.createReminder)
	get(a, leader, "/reminders/{id}", "定时提醒的内容", a.getReminder)
	patch(a, leader, "/reminders/{id}", "修改、暂停或恢复定时提醒", a.changeReminder)
	del(a, leader, "/reminders/{id}", "删除定时提醒", a.deleteReminder)
	get(a, leader, "/reminders/{id}/preview", "接下来十次提醒", a.previewReminder)

	// Supervision
}
