package model

import (
	"fmt"
	"time"
)

// The week's budget of ordinary pushes, and when the digest of what is over goes out, in minutes from midnight.
const (
	WeekBudget   = 2
	digestMinute = 19*60 + 30
)

// ReachFacts are what is known of one member when a push is planned.
type ReachFacts struct {
	MemberID  string
	OpenID    string // empty: not bound, so that neither WeChat nor the inbox reaches them
	Available int    // grants for the kind's template that no other waiting delivery will use
	Counted   int    // ordinary pushes of the week so far
}

// Reach is how a push reaches one member, when, and why not sooner or better.
type Reach struct {
	State    DeliveryState // queued, held or inbox_only
	Channel  Channel
	OpenID   string
	At       time.Time // when a phone may ring
	Deferred string    // why that is later than asked
	Reason   string    // why there is no bell
	Phone    bool      // nothing of ours reaches them: to be phoned
}

// Reacher plans one push for any number of members. Planning and sending use the same one, so that the plan is true.
type Reacher struct {
	push     *Push
	template *PushTemplate
	down     bool
	at       time.Time
	deferred string
	now      time.Time
}

// NewReacher fixes what is the same for all members: the template (nil when none is set), whether WeChat has banned it, and the hour.
func NewReacher(p *Push, template *PushTemplate, down bool, hours PushHours, now time.Time) Reacher {
	from := now
	if p.SendAt.After(now) {
		from = p.SendAt
	}
	at, deferred := hours.Next(from, p.Hours)
	return Reacher{push: p, template: template, down: down, at: at.UTC(), deferred: deferred, now: now}
}

// At is when phones may ring, the same for all but those over their budget.
func (r Reacher) At() time.Time { return r.at }

// Reach plans one member.
func (r Reacher) Reach(f ReachFacts) Reach {
	inbox := func(reason string) Reach {
		return Reach{State: DeliveryInboxOnly, Channel: ChannelInbox, At: r.now, Reason: reason}
	}
	switch {
	case f.OpenID == "":
		out := inbox("尚未绑定微信小程序，微信和站内信都无法送达，建议电话通知")
		out.Phone = true
		return out
	case r.template == nil || r.template.ID == "":
		return inbox("没有为这类消息配置微信模板，已放入站内信")
	case r.down:
		return inbox("微信模板已停用，已放入站内信，建议电话通知")
	case r.push.Over(r.at):
		return inbox("可以提醒时事项已经结束，已放入站内信")
	case f.Available < 1:
		return inbox("没有剩余的订阅次数，已放入站内信，建议电话通知")
	}
	out := Reach{State: DeliveryQueued, Channel: ChannelSubscribe, OpenID: f.OpenID, At: r.at, Deferred: r.deferred}
	if !r.push.Counted || f.Counted < WeekBudget {
		return out
	}
	out.State, out.At = DeliveryHeld, NextDigest(r.at)
	if r.push.Over(out.At) {
		return inbox(fmt.Sprintf("本周提醒已满 %d 条，晚间摘要前事项已经结束，已放入站内信", WeekBudget))
	}
	out.Deferred = fmt.Sprintf("本周提醒已满 %d 条，并入%s的晚间摘要", WeekBudget, out.At.In(Zone).Format("1月2日 15:04"))
	return out
}

// NextDigest is the first digest after t, in the evening in China.
func NextDigest(t time.Time) time.Time {
	at := DateOf(t).Start().Add(digestMinute * time.Minute)
	if !t.Before(at) {
		at = at.AddDate(0, 0, 1)
	}
	return at.UTC()
}

// WeekOf is the calendar week of t in China, from Monday, half-open.
func WeekOf(t time.Time) (from, to time.Time) {
	day := DateOf(t)
	monday := day.Start().AddDate(0, 0, -(int(day.Start().Weekday())+6)%7)
	return monday.UTC(), monday.AddDate(0, 0, 7).UTC()
}

// ReadPercent is from how far on an article counts as read.
const ReadPercent = 90
