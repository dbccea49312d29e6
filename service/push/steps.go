package push

import (
	"fmt"
	"strings"

	"zhibu/model"
)

// matterOver stands in the reasons of what ended because there was nothing left to tell.
const matterOver = "事项已经结束"

// nextSteps say what a volunteer does about a line that ended without a bell, by a mark in its reason; the first that fits holds. What mends the
// cause comes after the call.
var nextSteps = []struct {
	mark string
	call bool // where the message is worth one
	mend string
}{
	{matterOver, false, "事项已经结束，不必再通知。"},
	{"尚未绑定", true, "方便时请对方进入小程序，用登记的手机号完成绑定。"},
	{"账号已失效", true, "请对方重新进入小程序完成绑定，以后才能收到提醒。"},
	{"取消关注", true, "也可请对方重新关注公众号。"},
	{"订阅次数", true, "请对方下次进入小程序时，在弹窗里点“允许”。"},
	{"模板", true, "请管理员检查微信模板的设置。"},
	{"不接受这条消息的内容", true, "请改写后另发一条。"},
	{"不接受这条消息的页面", true, "请管理员检查小程序的页面。"},
	{"（仅站内信）", true, inInbox},
	{foldedWord, false, "已在晚间摘要里，一般不必再通知。"},
}

const inInbox = "消息已在站内信里，对方进入小程序就能看到。"

// foldedWord begins the reason of a line that became part of an evening card.
const foldedWord = "已并入"

// worthACall reports whether a message that no bell announced is worth a call: nobody is to phone around because of something to read.
func worthACall(kind model.PushKind, hours model.HoursClass) bool {
	return kind == model.PushMeeting || hours == model.HoursUrgent
}

// advise is the next step about a line of the ledger, in words for a volunteer; empty where there is nothing to do.
func advise(d *model.Delivery, call bool) string {
	phone := func(call bool, rest string) string {
		if call {
			return "请电话通知。" + rest
		}
		return rest
	}
	switch d.State {
	case model.DeliveryInDoubt:
		switch {
		case d.DueAt != nil || d.Owner != "": // it is still being found out
			return ""
		case call:
			return "请电话确认是否收到。"
		}
		return "多半已经收到，" + inInbox
	case model.DeliveryFailed, model.DeliveryInboxOnly:
	default:
		return ""
	}
	for _, n := range nextSteps {
		if strings.Contains(d.Reason, n.mark) {
			return phone(call && n.call, n.mend)
		}
	}
	switch {
	case d.State == model.DeliveryFailed && call:
		return "可以重发一次；仍未送达时请电话通知。"
	case d.State == model.DeliveryFailed:
		return "可以重发一次。" + inInbox
	}
	return phone(call, inInbox)
}

// plainWords fills in what happened where the ledger needs no reason of its own.
func plainWords(d *model.Delivery) string {
	switch {
	case d.Reason != "":
		return d.Reason
	case d.State == model.DeliverySent && d.Channel == model.ChannelOfficial:
		return "已通过公众号发送"
	case d.State == model.DeliverySent:
		return "已通过微信发送"
	case d.State == model.DeliverySending:
		return "正在发送"
	case d.State == model.DeliveryQueued:
		return "正在排队，很快发送"
	case d.State == model.DeliveryDeferred && d.Deferred != "":
		return d.Deferred
	case d.State == model.DeliveryDeferred:
		return "还没有到发送时间"
	}
	return ""
}

// Summary says in one sentence how a push stands.
func (l *Line) Summary() string {
	c := l.Tally
	if c.Recipients == 0 {
		if l.ExpandedAt == nil && l.StopReason == "" {
			return "收件人将在发送时确定。"
		}
		return "没有符合条件的收件人。" + l.stopped()
	}
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", what, n))
		}
	}
	add(c.Sent, "微信送达")
	add(c.Queued, "等待发送")
	add(c.Deferred, "稍后发送")
	add(c.InDoubt, "尚未确认")
	add(c.InboxOnly, "仅站内信")
	add(c.Failed, "失败")
	if n := len(parts); n > 0 && c.InboxOnly+c.Failed+c.InDoubt > 0 && !l.NamesNobody() {
		parts[n-1] += "（可导出电话名单）"
	}
	add(c.Cancelled, "已取消")
	return fmt.Sprintf("共 %d 人：%s。", c.Recipients, strings.Join(parts, "，")) + l.stopped()
}

// stopped says why nothing more goes out.
func (l *Line) stopped() string {
	switch {
	case l.StopReason == "":
		return ""
	case l.State == model.PushDone && l.Cancelled == 0: // all had gone out when it was stopped
		return "不再重发：" + l.StopReason + "。"
	}
	return "已停止发送：" + l.StopReason + "。"
}
