package push

import (
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// A person who binds another WeChat and is sent the failed message again.
func TestRetryAfterRebind(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 1, "heart")
	h.wire.say("oa", VerdictRecipient)
	p := h.push(meetingPush("a"))
	h.drain()
	h.is(p.ID, "a", model.DeliveryFailed)
	i, err := h.store.IdentityOf(h.ctx, "a")
	h.must(err)
	h.must(h.store.BindIdentity(h.ctx, i.ID, nil, h.clock.now()))
	a := "a"
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: store.NewID(), OpenID: "new", MemberID: &a}))
	h.grant("new", meetingTemplate)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { _, err := h.svc.requeue(h.ctx, tx, p); return err }))
	h.drain()
	for _, m := range h.wire.sent {
		t.Log(m.openID)
	}
	if len(h.wire.sent) != 1 || h.wire.sent[0].openID != "new" {
		t.Errorf("%+v %s %s", h.wire.sent, h.rows(p.ID)["a"].State, h.rows(p.ID)["a"].Reason)
	}
}

// The meeting is cancelled when its notice is done; a failed line is sent again.
func TestRetryOfACancelledSubject(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 2, "heart")
	h.wire.say("oa", VerdictContent)
	p := h.push(meetingPush("a"))
	h.drain()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Drop(h.ctx, tx, "meeting:1", "会议已取消") }))
	_, err := h.svc.Retry(h.ctx, h.secretary(), p.ID)
	h.drain()
	t.Log(err, len(h.wire.sent))
	if len(h.wire.sent) != 0 {
		t.Error("an invitation to a cancelled meeting went out")
	}
}

// A process that was suspended for long goes on with what it had marked.
func TestSuspendedProcess(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 2, "heart")
	h.push(meetingPush("a"))
	jobs, _, err := h.svc.next(h.ctx, 10)
	h.must(err)
	h.clock.add(leaseLife + time.Minute)
	other := h.open("second")
	h.must(other.Drain(h.ctx))
	h.clock.add(model.DoubtWait + time.Second)
	h.must(other.Drain(h.ctx))
	if !h.svc.heldUp(jobs[0]) {
		t.Errorf("it would be sent a second time: %d were sent", len(h.wire.sent))
	}
}
