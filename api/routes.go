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

	// Content

	// Comments and files
	get(a, anyone, "/articles/{id}/comments", "文章的评论", a.listComments)
	create(a, bound, "/articles/{id}/comments", "发表评论", a.addComment)
	del(a, bound, "/comments/{id}", "删除评论", a.deleteComment)
	put(a, bound, "/comments/{id}/like", "点赞评论", a.likeComment)
	del(a, bound, "/comments/{id}/like", "取消点赞评论", a.unlikeComment)
	get(a, leader, "/moderation/comments", "评论审核队列", a.moderationQueue)
	post(a, leader, "/comments/{id}/moderate", "审核评论", a.moderateComment)

	// Suggestions

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

	// Supervision
}
