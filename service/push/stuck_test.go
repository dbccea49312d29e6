package push

import (
	"errors"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// requeuedInDoubt is a push whose only message stayed in doubt after its retry, and which a secretary has sent again; nobody has claimed it yet.
func requeuedInDoubt(t *testing.T, h *house, p *model.Push) {
	t.Helper()
	h.member("a", "oa", 3, "heart")
	h.wire.say("oa", VerdictUnknown, VerdictUnknown)
	h.push(p)
	h.drain()
	h.clock.add(model.DoubtWait + time.Second)
	h.drain()
	h.is(p.ID, "a", model.DeliveryInDoubt)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		_, err := h.svc.requeue(h.ctx, tx, p)
		return err
	}))
	h.is(p.ID, "a", model.DeliveryQueued)
}

// What is sent again after an unknown outcome may end before the next call: then it is in doubt as before, and nothing else is held up by it.
func TestRequeuedDoubtEndsBeforeItsCall(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(h *house, p *model.Push)
		want model.DeliveryState
	}{
		{"the meeting is cancelled", func(h *house, p *model.Push) {
			h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Drop(h.ctx, tx, p.Subject, "会议已取消") }))
		}, model.DeliveryInDoubt},
		{"the meeting is over", func(h *house, _ *model.Push) { h.clock.add(2 * time.Hour) }, model.DeliveryInDoubt},
		{"the template is gone", func(h *house, _ *model.Push) { h.svc = h.openWith("second", Templates{}) }, model.DeliveryInDoubt},
		{"wechat reports the first message", func(h *house, _ *model.Push) {
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, model.WechatEvent{Key: "late", Name: model.WechatSent, OpenID: "oa",
				Sent: []model.WechatSendResult{{TemplateID: meetingTemplate, MsgID: "m-late", OK: true}}}))
		}, model.DeliverySent},
		{"wechat reports that the first message failed", func(h *house, _ *model.Push) {
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, model.WechatEvent{Key: "late", Name: model.WechatSent, OpenID: "oa",
				Sent: []model.WechatSendResult{{TemplateID: meetingTemplate, MsgID: "m-late", ErrorCode: 1, Status: "failed"}}}))
		}, model.DeliveryFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			p := meetingPush("a")
			end := h.clock.now().Add(time.Hour)
			p.ExpiresAt = &end
			requeuedInDoubt(t, h, p)
			c.end(h, p)
			h.drain()
			h.is(p.ID, "a", c.want)
			if n := len(h.wire.sent); n != 0 {
				t.Errorf("%d messages went out", n)
			}
			if q := h.book("oa", meetingTemplate); q.Reserved != 0 {
				t.Errorf("a grant stays reserved: %+v", q)
			}
		})
	}
}

// tripped is a house whose breaker has opened, with one message that waits.
func tripped(t *testing.T) (*house, *model.Push) {
	t.Helper()
	h := newHouse(t)
	h.member("a", "oa", 1, "heart")
	for range tripAfter {
		h.svc.breakers[model.ChannelSubscribe].note(false, h.clock.now())
	}
	return h, h.push(meetingPush("a"))
}

// A trial that never goes out does not keep the API shut for ever.
func TestTrialThatNeverGoesOut(t *testing.T) {
	for name, lose := range map[string]func(h *house){
		"its transaction is rolled back": func(h *house) {
			lost := errors.New("the disk is full")
			err := h.store.Tx(h.ctx, func(tx *store.Store) error {
				if jobs, _, err := h.svc.claim(h.ctx, tx, 10, h.clock.now()); err != nil || len(jobs) != 1 {
					h.t.Fatalf("no trial was claimed: %d, %v", len(jobs), err)
				}
				return lost
			})
			if !errors.Is(err, lost) {
				h.t.Fatal(err)
			}
		},
		"it is held back before its call": func(h *house) {
			jobs, _, err := h.svc.next(h.ctx, 10)
			h.must(err)
			h.must(h.svc.acknowledge(h.ctx, []result{{job: jobs[0], verdict: Verdict{Kind: VerdictNotBegun}}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, p := tripped(t)
			h.clock.add(firstPause)
			lose(h)
			h.clock.add(trialLife)
			h.drain()
			h.is(p.ID, "a", model.DeliverySent)
		})
	}
}

// A clock that is set back does not prolong the pause.
func TestBreakerOnAClockThatIsSetBack(t *testing.T) {
	h, p := tripped(t)
	h.svc.breakers[model.ChannelSubscribe].opens = h.clock.now().Add(time.Hour) // by the clock as it was
	h.drain()
	h.is(p.ID, "a", model.DeliverySent)
}

// A page that WeChat does not know is left out once; where that does not help, the message has failed and is not sent over and over.
func TestPageRefusedWithoutAPage(t *testing.T) {
	for _, page := range []string{"", "pages/gone/index"} {
		h := newHouse(t)
		h.member("a", "oa", 1, "heart")
		h.wire.say("oa", VerdictPage, VerdictPage, VerdictPage, VerdictPage, VerdictPage)
		p := meetingPush("a")
		p.Page = page
		h.push(p)
		h.drain()
		if d := h.is(p.ID, "a", model.DeliveryFailed); d.Attempts > 2 {
			t.Errorf("%d attempts for the page %q", d.Attempts, page)
		}
		if q := h.book("oa", meetingTemplate); q.Available != 1 {
			t.Errorf("the grant was not given back: %+v", q)
		}
	}
}

// What waits for a way that no process has any more ends after a day; until then another process may have it.
func TestWayThatIsGone(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 1, "heart")
	p := h.push(meetingPush("a"))
	with := h.svc
	h.svc = New(h.store, map[model.Channel]Carrier{}, Options{Owner: "without"}, h.clock.now)
	h.clock.add(time.Hour)
	h.drain()
	h.is(p.ID, "a", model.DeliveryQueued)
	h.clock.add(model.GiveUpAfter)
	h.drain()
	if d := h.is(p.ID, "a", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "建议电话通知") {
		t.Errorf("%q", d.Reason)
	}
	if q := h.book("oa", meetingTemplate); q.Available != 1 {
		t.Errorf("the grant was not given back: %+v", q)
	}
	if line, err := h.store.PushOf(h.ctx, p.ID); err != nil || line.State != model.PushDone {
		t.Errorf("%+v, %v", line, err)
	}
	h.svc = with
	again := meetingPush("a")
	again.Subject = "meeting:2"
	h.push(again)
	h.clock.add(2 * model.GiveUpAfter)
	h.drain() // who has the way sends what is late
	h.is(again.ID, "a", model.DeliverySent)
}

// What failed of a meeting that was cancelled since is not sent again.
func TestNoRetryOnceTheSubjectIsDropped(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 2, "heart")
	h.wire.say("oa", VerdictContent)
	p := h.push(meetingPush("a"))
	h.drain()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Drop(h.ctx, tx, p.Subject, "会议已取消") }))
	if _, err := h.svc.Retry(h.ctx, h.secretary(), p.ID); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("%v", err)
	}
	h.drain()
	h.is(p.ID, "a", model.DeliveryFailed)
	line, err := h.svc.Get(h.ctx, h.secretary(), p.ID)
	h.must(err)
	if got := line.Summary(); !strings.HasSuffix(got, "不再重发：会议已取消。") {
		t.Error(got)
	}
}
