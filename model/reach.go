package model

import (
	"fmt"
	"time"
)

// DefaultPushBudget is two ordinary pushes a week, a digest of what is over at half past seven in the evening, and one request for subscriptions a day.
func DefaultPushBudget() PushBudget { return PushBudget{PerWeek: 2, DigestAt: 19*60 + 30, AskEvery: 1} }

// ReachFacts are what is known of one member when a push is planned.
type ReachFacts struct {
	MemberID  string
	OpenID    string // empty: not bound, so that neither WeChat nor the inbox reaches them
	Available int    // grants for the kind's template that no other delivery has reserved
	Official  string // the openid at the service account; empty: does not follow it
	Counted   int    // ordinary pushes of the week so far
}

// Reach is how a push reaches one member, when, and why not sooner or better. But for the OpenID it is the same for many, so that a chunk of
// an audience is written in as many statements as there are different ones.
type Reach struct {
	State      DeliveryState // queued, held or inbox_only
	Channel    Channel
	TemplateID string
	OpenID     string
	Reserve    bool      // takes a one-time grant from the book
	At         time.Time // when a phone may ring
	Deferred   string    // why that is later than asked
	Reason     string    // why there is no bell
	Phone      bool      // nothing of ours reaches them: to be phoned
}

// Way is one of WeChat's templates that may carry a push; the zero Way is none.
type Way struct {
	Template *PushTemplate
	Down     bool // WeChat has banned it, or it has changed
}

func (w Way) open() bool { return w.Template != nil && w.Template.ID != "" && !w.Down }

// Ways are what a push may ring by: a subscribe message, where the member has a grant, else a message of the service account to who follows it.
type Ways struct{ Subscribe, Official Way }

// Reacher plans one push for any number of members. Planning and sending use the same one, so that the plan is true.
type Reacher struct {
	push     *Push
	ways     Ways
	at       time.Time
	deferred string
	budget   PushBudget
	now      time.Time
}

// NewReacher fixes what is the same for all members: the ways there are, and the hour.
func NewReacher(p *Push, ways Ways, hours PushHours, budget PushBudget, now time.Time) Reacher {
	from := now
	if p.SendAt.After(now) {
		from = p.SendAt
	}
	at, deferred := hours.Next(from, p.Hours)
	return Reacher{push: p, ways: ways, at: at.UTC(), deferred: deferred, budget: budget, now: now}
}

// At is when phones may ring, the same for all but those over their budget.
func (r Reacher) At() time.Time { return r.at }

// Reach plans one member.
func (r Reacher) Reach(f ReachFacts) Reach {
	inbox := func(reason string) Reach {
		return Reach{State: DeliveryInboxOnly, Channel: ChannelInbox, At: r.now, Reason: reason}
	}
	if f.OpenID == "" {
		out := inbox("尚未绑定微信小程序，微信和站内信都无法送达" + r.push.PhoneAdvice())
		out.Phone = true
		return out
	}
	out := Reach{State: DeliveryQueued, At: r.at, Deferred: r.deferred}
	switch sub, off := r.ways.Subscribe, r.ways.Official; {
	case sub.open() && f.Available >= 1:
		out.Channel, out.TemplateID, out.OpenID = ChannelSubscribe, sub.Template.ID, f.OpenID
		out.Reserve = sub.Template.Kind != QuotaLongTerm
	case off.open() && f.Official != "":
		out.Channel, out.TemplateID, out.OpenID = ChannelOfficial, off.Template.ID, f.Official
	case sub.Template == nil || sub.Template.ID == "":
		return inbox("没有为这类消息配置微信模板，已放入站内信，请管理员配置模板")
	case sub.Down:
		return inbox("微信模板已停用，已放入站内信" + r.push.PhoneAdvice())
	case r.push.Over(r.at):
		return inbox("到推送时段时事项已经结束，已放入站内信，不必再通知")
	default:
		return inbox("没有剩余的订阅次数，已放入站内信" + r.push.PhoneAdvice())
	}
	if r.push.Over(r.at) {
		return inbox("到推送时段时事项已经结束，已放入站内信，不必再通知")
	}
	if !r.push.Counted || f.Counted < r.budget.PerWeek {
		return out
	}
	out.State, out.At, out.Reserve = DeliveryHeld, r.budget.NextDigest(r.at), false
	if r.push.Over(out.At) {
		return inbox(fmt.Sprintf("本周提醒已满 %d 条，晚间摘要前事项已经结束，已放入站内信", r.budget.PerWeek))
	}
	out.Deferred = fmt.Sprintf("本周提醒已满 %d 条，并入%s的晚间摘要", r.budget.PerWeek, out.At.In(Zone).Format("1月2日 15:04"))
	return out
}

// NextDigest is the first digest after t, in the evening in China.
func (b PushBudget) NextDigest(t time.Time) time.Time {
	at := DateOf(t).Start().Add(time.Duration(b.DigestAt) * time.Minute)
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
