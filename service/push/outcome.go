package push

import (
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// VerdictKind says what an attempt to send came to. Of all but VerdictUnknown it is certain whether the message went out.
type VerdictKind string

// The verdicts.
const (
	VerdictSent      VerdictKind = "sent"
	VerdictRetry     VerdictKind = "retry"         // not sent; again after a pause
	VerdictBusy      VerdictKind = "busy"          // not sent, because of this one person; again after a pause
	VerdictDown      VerdictKind = "down"          // not sent: WeChat does not answer, or our settings are wrong; all wait
	VerdictDaily     VerdictKind = "daily_limit"   // not sent; nothing goes out until tomorrow
	VerdictNoGrant   VerdictKind = "no_grant"      // 43101
	VerdictRecipient VerdictKind = "bad_recipient" // the openid is not valid
	VerdictLeft      VerdictKind = "left"          // does not follow the service account any more
	VerdictTemplate  VerdictKind = "template_down" // banned or gone
	VerdictPage      VerdictKind = "bad_page"
	VerdictContent   VerdictKind = "content"   // never with the same text
	VerdictUnknown   VerdictKind = "unknown"   // it may have gone out
	VerdictNotBegun  VerdictKind = "not_begun" // no call was made, because of what was learned since the claim
)

// Verdict is what an error of WeChat means to the ledger.
type Verdict struct {
	Kind       VerdictKind
	RetryAfter time.Duration
	ErrCode    int
	ErrMsg     string // without secrets; empty on success
}

// job is one claimed delivery with all that sending it needs.
type job struct {
	d        model.Delivery
	push     *model.Push
	face     *face
	template *model.PushTemplate
	kind     model.PushKind // whose fields fill the template; a digest rides on another kind's
}

func (j job) title() string {
	if j.d.OwnTitle != "" {
		return j.d.OwnTitle
	}
	return j.push.Title
}

func (j job) body() string {
	if j.d.OwnTitle != "" && j.d.OwnBody != nil {
		return *j.d.OwnBody
	}
	return j.push.Body
}

// result is a job that was tried.
type result struct {
	job
	msgID   string
	page    string // the page that was sent
	verdict Verdict
}

// ending is what the ledgers learn of a result.
type ending struct {
	end    store.DeliveryEnd
	step   model.QuotaStep // for the grant that the delivery holds
	revoke bool            // the rest of the book is void
}

// judge decides how an attempt ends. tomorrow is when WeChat's daily quota is tried again.
func judge(r result, now, tomorrow time.Time) ending {
	d, v := r.d, r.verdict
	e := ending{end: store.DeliveryEnd{NotBegun: v.Kind == VerdictNotBegun, ErrCode: v.ErrCode, ErrMsg: model.CutRunes(v.ErrMsg, 300), Retried: d.Retried}}
	holds := d.Holds == model.HoldReserved
	if d.Retried {
		return judgeRetry(e, d, v, now)
	}
	after := func(step model.QuotaStep) {
		if holds {
			e.step = step
		}
	}
	end := func(state model.DeliveryState, reason string, step model.QuotaStep) {
		e.end.State, e.end.Reason = state, reason
		after(step)
	}
	again := func(pause time.Duration, reason string) {
		due := now.Add(pause)
		e.end.DueAt, e.end.Holds = &due, d.Holds // it keeps its grant for the next try
		end(model.DeliveryQueued, reason, model.QuotaNone)
	}
	switch v.Kind {
	case VerdictSent:
		if v.ErrCode != 0 {
			end(model.DeliveryFailed, reportedFailure, model.QuotaSpend)
			break
		}
		e.end.SentAt = &now
		end(model.DeliverySent, "", model.QuotaSpend)
	case VerdictNoGrant:
		end(model.DeliveryInboxOnly, "微信提示订阅次数已用完或已拒收，已放入站内信"+r.push.PhoneAdvice(), model.QuotaRefuse)
		e.revoke = !holds
	case VerdictRecipient:
		end(model.DeliveryFailed, "登记的微信账号已失效（可能换了微信），请本人重新进入小程序绑定"+r.push.PhoneAdvice(), model.QuotaRefuse)
		e.revoke = !holds
	case VerdictLeft:
		end(model.DeliveryInboxOnly, "已取消关注公众号，已放入站内信"+r.push.PhoneAdvice(), model.QuotaNone)
	case VerdictTemplate:
		end(model.DeliveryInboxOnly, "微信模板已停用，已放入站内信"+r.push.PhoneAdvice(), model.QuotaRelease)
	case VerdictContent:
		end(model.DeliveryFailed, "微信不接受这条消息的内容，已放入站内信，请修改后另发", model.QuotaRelease)
	case VerdictNotBegun:
		e.end.ErrCode, e.end.ErrMsg = d.ErrCode, d.ErrMsg
		again(v.RetryAfter, d.Reason)
	case VerdictPage:
		if r.page == "" { // it went without a page already
			end(model.DeliveryFailed, "微信不接受这条消息的页面，已放入站内信"+r.push.PhoneAdvice(), model.QuotaRelease)
			break
		}
		again(0, "微信找不到点开后的页面，改为不带页面重发")
	case VerdictUnknown:
		due := now.Add(model.DoubtWait)
		e.end.DueAt, e.end.Holds = &due, model.HoldNothing
		end(model.DeliveryInDoubt, "微信没有明确答复，可能已经送达，正在等待确认", model.QuotaDoubt)
		e.end.Holds = e.step.Holds()
	case VerdictDaily:
		again(0, "微信今日发送额度已用完")
		e.end.DueAt, e.end.Postpone, e.end.Deferred = &tomorrow, true, dailyReason
	default:
		if now.Sub(d.NotBefore) > model.GiveUpAfter {
			end(model.DeliveryFailed, "微信持续无法发送，已放入站内信"+r.push.PhoneAdvice(), model.QuotaRelease)
			break
		}
		again(model.Backoff(d.Attempts, v.RetryAfter), "微信暂时无法发送，将自动重试")
	}
	return e
}

// reportedFailure: WeChat took the message, and its event says that it did not arrive after all.
const reportedFailure = "微信接收后报告发送失败，已放入站内信，建议电话通知"

const dailyReason = "微信今日发送额度已用完，推迟到明日"

// judgeRetry decides how the one more try after an unknown outcome ends. Whatever happens now, the first try may have arrived, so that
// only a clear success, or 43101, which says that the first has used the grant up, ends the doubt.
func judgeRetry(e ending, d model.Delivery, v Verdict, now time.Time) ending {
	holds := d.Holds == model.HoldReserved
	switch v.Kind {
	case VerdictSent:
		e.end.State, e.end.SentAt, e.step = model.DeliverySent, &now, model.QuotaSpend
		if v.ErrCode != 0 {
			e.end.State, e.end.SentAt, e.end.Reason = model.DeliveryFailed, nil, reportedFailure
		}
	case VerdictNoGrant:
		e.revoke = true
		e.end.SentAt = d.SendingAt
		e.end.State, e.end.Reason, e.step = model.DeliverySent, "首次发送没有得到答复，重试时订阅次数已用完，应当已经送达", model.QuotaSpend
		if !holds { // a long-term grant is not used up by the first, so that a refusal says nothing of it
			e.end.State, e.end.SentAt = model.DeliveryInDoubt, nil
			e.end.Reason = "微信没有明确答复，可能已经送达；已放入站内信，建议电话确认"
		}
	default:
		e.end.State, e.step = model.DeliveryInDoubt, model.QuotaDoubt
		e.end.Reason = "微信没有明确答复，可能已经送达；已放入站内信，建议电话确认"
		again := v.Kind == VerdictRetry || v.Kind == VerdictBusy || v.Kind == VerdictDown || v.Kind == VerdictDaily || v.Kind == VerdictPage || v.Kind == VerdictNotBegun
		if again && now.Sub(d.NotBefore) <= model.GiveUpAfter { // this try did not happen, so that it is still to be had
			due := now.Add(model.Backoff(d.Attempts, max(v.RetryAfter, model.DoubtWait)))
			e.end.DueAt, e.end.Retried = &due, false
		}
	}
	if !holds {
		e.step = model.QuotaNone
	}
	e.end.Holds = e.step.Holds()
	return e
}
