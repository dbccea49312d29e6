package push

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

func TestInboxFirstAndWeChatWhereThereIsAGrant(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.member("b", "open-b", 0, "heart")
	h.member("c", "", 0, "heart")
	p := meetingPush("a", "b", "c")
	p.Fields = map[string]string{"topic": strings.Repeat("长", 60), "time": "2026年11月24日 19:30"}
	p.Page = "pages/meeting/detail?id=1"
	h.push(p)
	for _, id := range []string{"a", "b", "c"} {
		rows, _, err := h.store.Notices(h.ctx, id, true, model.Page{})
		h.must(err)
		if len(rows) != 1 || rows[0].Push.Title != "支部党员大会" || rows[0].Push.Fields["topic"] != strings.Repeat("长", 60) {
			t.Errorf("inbox of %s before anything was sent: %+v", id, rows)
		}
	}
	h.drain()
	d := h.is(p.ID, "a", model.DeliverySent)
	if d.MsgID != "msg-1" || d.SentAt == nil || d.Attempts != 1 || d.Busy != nil || d.Owner != "" {
		t.Errorf("sent delivery: %+v", d.Delivery)
	}
	if d := h.is(p.ID, "b", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "没有剩余的订阅次数") || d.Channel != model.ChannelInbox {
		t.Errorf("without a grant: %+v", d.Delivery)
	}
	if d := h.is(p.ID, "c", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "尚未绑定") {
		t.Errorf("not bound: %+v", d.Delivery)
	}
	m := h.wire.sent[0]
	if len(h.wire.sent) != 1 || m.openID != "open-a" || m.page != p.Page || m.data["time2"] != "2026年11月24日 19:30" || len([]rune(m.data["thing1"])) != 20 {
		t.Errorf("WeChat got %+v", h.wire.sent)
	}
	if q := h.book("open-a", meetingTemplate); q.Spent != 1 || q.Available != 0 {
		t.Errorf("book after the send: %+v", q)
	}
	if c := h.counts(p.ID); c.Recipients != 3 || c.Sent != 1 || c.InboxOnly != 2 || h.state(p.ID) != model.PushDone {
		t.Errorf("counts %+v, state %s", c, h.state(p.ID))
	}
	h.drain()
	if len(h.wire.sent) != 1 {
		t.Error("sent again")
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		kind  VerdictKind
		state model.DeliveryState
		due   time.Duration // from now; 0: nothing more is done
		word  string
		want  model.Quota
	}{
		{VerdictNoGrant, model.DeliveryInboxOnly, 0, "建议电话通知", model.Quota{Granted: 2, Void: 2}},
		{VerdictRecipient, model.DeliveryFailed, 0, "账号已失效", model.Quota{Granted: 2, Void: 2}},
		{VerdictContent, model.DeliveryFailed, 0, "不接受", model.Quota{Granted: 2, Available: 2}},
		{VerdictTemplate, model.DeliveryInboxOnly, 0, "模板已停用", model.Quota{Granted: 2, Available: 2}},
		{VerdictRetry, model.DeliveryQueued, time.Second, "自动重试", model.Quota{Granted: 2, Available: 1, Reserved: 1}},
		{VerdictBusy, model.DeliveryQueued, time.Second, "自动重试", model.Quota{Granted: 2, Available: 1, Reserved: 1}},
		{VerdictDown, model.DeliveryQueued, time.Second, "自动重试", model.Quota{Granted: 2, Available: 1, Reserved: 1}},
		{VerdictUnknown, model.DeliveryInDoubt, model.DoubtWait, "没有明确答复", model.Quota{Granted: 2, Available: 1, InDoubt: 1}},
		{VerdictDaily, model.DeliveryQueued, 12 * time.Hour, "额度", model.Quota{Granted: 2, Available: 1, Reserved: 1}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "open-a", 2, "heart")
			h.wire.say("open-a", c.kind)
			p := h.push(meetingPush("a"))
			h.drain()
			d := h.is(p.ID, "a", c.state)
			if !strings.Contains(d.Reason, c.word) || d.ErrCode != 1 || d.ErrMsg != "scripted" || d.Busy != nil || d.Owner != "" {
				t.Errorf("delivery %+v", d.Delivery)
			}
			if c.due == 0 && d.DueAt != nil || c.due > 0 && (d.DueAt == nil || !d.DueAt.Equal(h.clock.now().Add(c.due))) {
				t.Errorf("due %v, want after %v", d.DueAt, c.due)
			}
			q := h.book("open-a", meetingTemplate)
			if q.Granted != c.want.Granted || q.Available != c.want.Available || q.Void != c.want.Void || q.InDoubt != c.want.InDoubt || q.Reserved != c.want.Reserved || q.Spent != 0 {
				t.Errorf("book %+v", q)
			}
			if c.due == 0 {
				if h.state(p.ID) != model.PushDone {
					t.Errorf("push is %s", h.state(p.ID))
				}
				return
			}
			h.clock.add(c.due)
			h.drain()
			if d := h.is(p.ID, "a", model.DeliverySent); d.Attempts != 2 {
				t.Errorf("attempts %d", d.Attempts)
			}
			if q := h.book("open-a", meetingTemplate); q.Spent != 1 || q.Available != 1 || q.InDoubt != 0 {
				t.Errorf("book afterwards %+v", q)
			}
		})
	}
}

// What a timeout may have delivered ends in exactly one state, whichever comes first.
func TestUnknownOutcome(t *testing.T) {
	sent := func(id string, ok bool) model.WechatEvent {
		r := model.WechatSendResult{TemplateID: meetingTemplate, MsgID: id, OK: ok, Status: "success"}
		if !ok {
			r.ErrorCode, r.Status = 10, "system failed"
		}
		return model.WechatEvent{Key: "sent:" + id, Name: model.WechatSent, OpenID: "open-a", Sent: []model.WechatSendResult{r}}
	}
	for _, c := range []struct {
		name  string
		then  func(h *house)
		state model.DeliveryState
		calls int
		word  string
		want  model.Quota
	}{
		{"the event comes", func(h *house) { h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, sent("x1", true))) },
			model.DeliverySent, 1, "确认送达", model.Quota{Granted: 1, Spent: 1}},
		{"the event comes twice", func(h *house) {
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, sent("x1", true)))
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, sent("x1", true)))
		}, model.DeliverySent, 1, "确认送达", model.Quota{Granted: 1, Spent: 1}},
		{"the event says it failed", func(h *house) { h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, sent("x1", false))) },
			model.DeliveryFailed, 1, "报告发送失败", model.Quota{Granted: 1, Spent: 1}},
		{"the retry succeeds", func(*house) {}, model.DeliverySent, 2, "", model.Quota{Granted: 1, Spent: 1}},
		{"the retry finds no grant", func(h *house) { h.wire.say("open-a", VerdictNoGrant) },
			model.DeliverySent, 2, "应当已经送达", model.Quota{Granted: 1, Spent: 1}},
		{"the retry is unknown too", func(h *house) { h.wire.say("open-a", VerdictUnknown) },
			model.DeliveryInDoubt, 2, "电话确认", model.Quota{Granted: 1, InDoubt: 1}},
		{"the retry is refused for its words", func(h *house) { h.wire.say("open-a", VerdictContent) },
			model.DeliveryInDoubt, 2, "电话确认", model.Quota{Granted: 1, InDoubt: 1}},
		{"the meeting is over before the retry", func(h *house) {
			h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Drop(h.ctx, tx, "meeting:1", "会议已取消") }))
		}, model.DeliveryInDoubt, 1, "会议已取消", model.Quota{Granted: 1, InDoubt: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "open-a", 1, "heart")
			h.wire.say("open-a", VerdictUnknown)
			p := h.push(meetingPush("a"))
			h.drain()
			h.is(p.ID, "a", model.DeliveryInDoubt)
			if h.state(p.ID) != model.PushSending {
				t.Errorf("push is %s while a doubt waits", h.state(p.ID))
			}
			h.clock.add(time.Minute)
			h.drain() // too early for the retry
			c.then(h)
			for range 5 {
				h.clock.add(time.Hour)
				h.drain()
			}
			d := h.is(p.ID, "a", c.state)
			if !strings.Contains(d.Reason, c.word) || d.Attempts != c.calls {
				t.Errorf("reason %q after %d attempts, want %q after %d", d.Reason, d.Attempts, c.word, c.calls)
			}
			q := h.book("open-a", meetingTemplate)
			if q.Granted != c.want.Granted || q.Spent != c.want.Spent || q.InDoubt != c.want.InDoubt || q.Available+q.Reserved+q.Void != 0 {
				t.Errorf("book %+v", q)
			}
			if h.state(p.ID) != model.PushDone {
				t.Errorf("push is %s", h.state(p.ID))
			}
			// An event that comes after everything still ends a doubt, and changes nothing else.
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, sent("x9", true)))
			if c.state == model.DeliveryInDoubt {
				h.is(p.ID, "a", model.DeliverySent)
				if q := h.book("open-a", meetingTemplate); q.Spent != 1 {
					t.Errorf("book after the late event %+v", q)
				}
			} else {
				h.is(p.ID, "a", c.state)
			}
		})
	}
}

// The event of a send may come before the call's answer is lost.
func TestEventBeforeTheDoubt(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.wire.say("open-a", VerdictUnknown)
	h.wire.gate, h.wire.enter = make(chan struct{}), make(chan struct{})
	p := h.push(meetingPush("a"))
	done := make(chan error)
	go func() { done <- h.svc.Drain(h.ctx) }()
	<-h.wire.enter
	e := model.WechatEvent{Key: "early", Name: model.WechatSent, OpenID: "open-a", Sent: []model.WechatSendResult{{TemplateID: meetingTemplate, MsgID: "m7", OK: true}}}
	h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
	close(h.wire.gate)
	h.must(<-done)
	if d := h.is(p.ID, "a", model.DeliverySent); d.MsgID != "m7" {
		t.Errorf("message id %q", d.MsgID)
	}
	if q := h.book("open-a", meetingTemplate); q.Spent != 1 {
		t.Errorf("book %+v", q)
	}
}

// A process dies at each point between the claim and the answer; another one ends every delivery in exactly one state.
func TestCrash(t *testing.T) {
	for _, c := range []struct {
		name  string
		crash func(h *house)
		doubt bool
	}{
		{"after the claim", func(h *house) {
			h.claim(h.svc, 10)
		}, false},
		{"before the call", func(h *house) {
			jobs := h.claim(h.svc, 10)
			h.start(h.svc, jobs)
		}, true},
		{"before the answer is written", func(h *house) {
			jobs := h.claim(h.svc, 10)
			jobs = h.start(h.svc, jobs)
			h.svc.call(h.ctx, jobs[0])
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "open-a", 1, "heart")
			p := h.push(meetingPush("a"))
			c.crash(h)
			if q := h.book("open-a", meetingTemplate); q.Reserved != 1 {
				t.Errorf("book during the crash %+v", q)
			}
			other := h.open("second")
			h.must(other.Drain(h.ctx))
			if d := h.rows(p.ID)["a"]; d.Owner != "first" {
				t.Fatalf("taken over before the lease ended: %+v", d.Delivery)
			}
			h.clock.add(leaseLife + time.Second)
			h.must(other.Drain(h.ctx))
			if c.doubt {
				h.is(p.ID, "a", model.DeliveryInDoubt)
				if q := h.book("open-a", meetingTemplate); q.InDoubt != 1 {
					t.Errorf("book in doubt %+v", q)
				}
				h.clock.add(model.DoubtWait)
				h.must(other.Drain(h.ctx))
			}
			h.is(p.ID, "a", model.DeliverySent)
			if q := h.book("open-a", meetingTemplate); q.Spent != 1 || q.Reserved+q.InDoubt+q.Available != 0 {
				t.Errorf("book %+v", q)
			}
			if c := h.counts(p.ID); c.Sent != 1 || c.Recipients != 1 {
				t.Errorf("counts %+v", c)
			}
		})
	}
}

// An answer that comes after the lease has ended is not lost, and not written over somebody else's work.
func TestLateAnswer(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	p := h.push(meetingPush("a"))
	jobs := h.claim(h.svc, 10)
	jobs = h.start(h.svc, jobs)
	answer := h.svc.call(h.ctx, jobs[0])
	h.clock.add(leaseLife + time.Second)
	h.must(h.open("second").Drain(h.ctx))
	h.is(p.ID, "a", model.DeliveryInDoubt)
	h.must(h.svc.acknowledge(h.ctx, []result{answer}))
	if d := h.is(p.ID, "a", model.DeliverySent); d.MsgID != "msg-1" {
		t.Errorf("message id %q", d.MsgID)
	}
	if q := h.book("open-a", meetingTemplate); q.Spent != 1 || q.InDoubt != 0 {
		t.Errorf("book %+v", q)
	}
}

func TestNeverTwoAtOnceToOnePerson(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 3, "heart")
	h.member("b", "open-b", 3, "heart")
	for range 3 {
		h.push(meetingPush("a", "b"))
	}
	first := h.claim(h.svc, 10)
	if len(first) != 2 {
		t.Fatalf("claimed %d at once, want one for each person", len(first))
	}
	other := h.open("second")
	if more := h.claim(other, 10); len(more) != 0 {
		t.Fatalf("another process claimed %d of the same persons", len(more))
	}
	h.must(h.svc.handBack(h.ctx, first))
	h.drain()
	if h.wire.twice || len(h.wire.sent) != 6 {
		t.Errorf("at once: %v, sent %d", h.wire.twice, len(h.wire.sent))
	}
}

func TestBannedTemplateGoesOutOfService(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 2, "heart")
	h.member("b", "open-b", 2, "heart")
	h.wire.say("open-a", VerdictTemplate)
	h.push(meetingPush("a"))
	h.drain()
	p := h.push(meetingPush("b"))
	h.drain()
	if d := h.is(p.ID, "b", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "模板已停用") {
		t.Errorf("reason %q", d.Reason)
	}
	study := meetingPush("b")
	study.Kind, study.Subject = model.PushStudy, "article:1"
	h.push(study)
	h.drain()
	h.is(study.ID, "b", model.DeliverySent)
}

func TestDailyQuotaParksTheRest(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range 3 {
		id := fmt.Sprint("m", i)
		h.member(id, "open-"+id, 1, "heart")
		ids = append(ids, id)
	}
	h.wire.say("open-m0", VerdictDaily)
	h.push(meetingPush("m0"))
	h.drain()
	p := h.push(meetingPush(ids[1:]...))
	h.drain()
	c := h.counts(p.ID)
	d := h.rows(p.ID)["m1"]
	want := time.Date(2026, 11, 24, 7, 0, 0, 0, model.Zone)
	if len(h.wire.sent) != 0 || c.Deferred != 2 || !d.NotBefore.Equal(want) || !strings.Contains(d.Deferred, "额度") {
		t.Fatalf("sent %d, counts %+v, %+v", len(h.wire.sent), c, d.Delivery)
	}
	h.clock.set(want.UTC())
	h.drain()
	if c := h.counts(p.ID); c.Sent != 2 {
		t.Errorf("the next morning: %+v", c)
	}
}

func TestBreakerPausesAndTriesOne(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range tripAfter + 10 {
		id := fmt.Sprintf("m%02d", i)
		h.member(id, "open-"+id, 1, "heart")
		h.wire.say("open-"+id, VerdictDown)
		ids = append(ids, id)
	}
	p := h.push(meetingPush(ids...))
	h.drain()
	if c := h.counts(p.ID); c.Queued != len(ids) {
		t.Fatalf("something was lost: %+v", c)
	}
	h.clock.add(firstPause - time.Millisecond)
	h.drain()
	if n := h.tries(p.ID); n != len(ids) {
		t.Errorf("%d tries while the breaker is open, want %d", n, len(ids))
	}
	h.wire.say("open-m00", VerdictDown)
	h.clock.add(time.Millisecond)
	h.drain()
	if n := h.tries(p.ID); n != len(ids)+1 {
		t.Errorf("%d tries after the pause, want one trial more than %d", n, len(ids))
	}
	h.clock.add(2 * firstPause)
	h.drain()
	if c := h.counts(p.ID); c.Sent != len(ids) {
		t.Errorf("after WeChat came back: %+v", c)
	}
}

func (h *house) tries(pushID string) (n int) {
	for _, d := range h.rows(pushID) {
		n += d.Attempts
	}
	return n
}

func TestUnknownPageGoesWithoutIt(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.wire.say("open-a", VerdictPage)
	p := meetingPush("a")
	p.Page = "pages/gone?id=1"
	h.push(p)
	h.drain()
	h.is(p.ID, "a", model.DeliverySent)
	if len(h.wire.sent) != 1 || h.wire.sent[0].page != "" {
		t.Errorf("sent %+v", h.wire.sent)
	}
}

// Run sends what is pushed while it runs, and hands back at its end what it has not begun.
func TestRunSendsAndStops(t *testing.T) {
	h := newHouse(t)
	noLeaks(t)
	var ids []string
	for i := range 60 {
		id := fmt.Sprintf("m%02d", i)
		h.member(id, "open-"+id, 1, "heart")
		ids = append(ids, id)
	}
	h.wire.gate, h.wire.enter = make(chan struct{}), make(chan struct{}, 100)
	ctx, stop := context.WithCancel(h.ctx)
	done := make(chan error)
	go func() { done <- h.svc.Run(ctx) }()
	p := h.push(meetingPush(ids...))
	for range 20 { // as many as may be in flight
		<-h.wire.enter
	}
	stop()
	close(h.wire.gate)
	h.must(<-done)
	c := h.counts(p.ID)
	if c.Sent != 20 || c.Queued != 40 || c.InDoubt != 0 {
		t.Errorf("after the stop: %+v", c)
	}
	for id, d := range h.rows(p.ID) {
		if d.Owner != "" || d.Busy != nil {
			t.Errorf("%s is still claimed", id)
		}
	}
	h.drain()
	if c := h.counts(p.ID); c.Sent != 60 || h.wire.twice {
		t.Errorf("in the end: %+v, two at once: %v", c, h.wire.twice)
	}
}
