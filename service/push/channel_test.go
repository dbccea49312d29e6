package push

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

const officialTemplate = "tmpl-official"

func officialTemplates() Templates {
	return Templates{model.PushMeeting: {ID: officialTemplate, Fields: map[string]string{"topic": "thing1", "time": "time2"}}}
}

// withOfficial opens the room with a service account beside the mini-program, and its own wire.
func (h *house) withOfficial() *wire {
	off := &wire{script: map[string][]Verdict{}, busy: map[string]bool{}, facts: factsOf(officialTemplates())}
	h.svc = New(h.store, map[model.Channel]Carrier{model.ChannelSubscribe: h.wire, model.ChannelOfficial: off},
		Options{Templates: map[model.Channel]Templates{model.ChannelSubscribe: templates(), model.ChannelOfficial: officialTemplates()}, Owner: "both", InFlight: 20}, h.clock.now)
	return off
}

// follows makes a member follow the service account.
func (h *house) follows(member, official string) {
	h.t.Helper()
	now := h.clock.now()
	i, err := h.store.IdentityOf(h.ctx, member)
	h.must(err)
	h.must(h.store.TouchIdentity(h.ctx, i.ID, "union-"+member, now))
	h.must(h.store.TellFollower(h.ctx, official, true, now, now))
	_, err = h.store.TakeLookUps(h.ctx, now.Add(time.Minute), now.Add(2*time.Minute), 10)
	h.must(err)
	h.must(h.store.EndLookUps(h.ctx, now.Add(2*time.Minute), []model.OfficialProfile{{OpenID: official, UnionID: "union-" + member, Following: true}}, now))
	if got, err := h.store.OfficialOpenIDs(h.ctx, []string{member}); err != nil || got[member] != official {
		h.t.Fatalf("%s follows as %v: %v", member, got, err)
	}
}

// Who has no grant left is told by the service account, where they follow it; the plan says so, and no grant is touched.
func TestOfficialChannel(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 19, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 1, "heart")
	h.member("b", "open-b", 0, "heart")
	h.member("c", "open-c", 0, "heart")
	off := h.withOfficial()
	h.follows("a", "official-a")
	h.follows("b", "official-b")
	plan, err := h.svc.Plan(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: model.PushMeeting, Title: "会议"})
	h.must(err)
	if plan.ByWechat != 2 || plan.InboxOnly != 1 {
		t.Errorf("plan %+v", plan)
	}
	p := h.push(meetingPush("a", "b", "c"))
	h.drain()
	if d := h.is(p.ID, "a", model.DeliverySent); d.Channel != model.ChannelSubscribe {
		t.Errorf("a grant is used first: %s", d.Channel)
	}
	if d := h.is(p.ID, "b", model.DeliverySent); d.Channel != model.ChannelOfficial || d.OpenID != "official-b" || d.TemplateID != officialTemplate || d.MsgID == "" {
		t.Errorf("by the service account: %+v", d.Delivery)
	}
	h.is(p.ID, "c", model.DeliveryInboxOnly)
	if len(off.sent) != 1 || len(h.wire.sent) != 1 {
		t.Errorf("%d by the service account, %d by subscription", len(off.sent), len(h.wire.sent))
	}
}

// A follower who has left is in the inbox, and is not tried again; WeChat's report that a message failed is believed.
func TestOfficialChannelEnds(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 0, "heart")
	off := h.withOfficial()
	h.follows("a", "official-a")
	p := h.push(meetingPush("a"))
	h.drain()
	d := h.is(p.ID, "a", model.DeliverySent)
	h.must(h.svc.Receive(h.ctx, model.WechatOfficial, model.WechatEvent{Key: "job1", Name: model.WechatTemplateJob, OpenID: "official-a",
		Sent: []model.WechatSendResult{{MsgID: d.MsgID, Status: "failed:user block"}}}))
	if d := h.is(p.ID, "a", model.DeliveryFailed); !strings.Contains(d.Reason, "电话") || d.ErrMsg != "failed:user block" {
		t.Errorf("reported: %+v", d.Delivery)
	}
	off.say("official-a", VerdictLeft)
	p = h.push(meetingPush("a"))
	h.drain()
	if d := h.is(p.ID, "a", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "取消关注") {
		t.Errorf("left: %+v", d.Delivery)
	}
	p = h.push(meetingPush("a"))
	h.drain()
	h.is(p.ID, "a", model.DeliveryInboxOnly)
	if len(off.sent) != 1 {
		t.Errorf("%d messages, want none after the follower left", len(off.sent))
	}
}

// WeChat knows the repetition of a template message by its client id for ten minutes: within them an unknown outcome is tried again with the
// same one, and after them it stays in doubt.
func TestOfficialUnknownOutcome(t *testing.T) {
	for _, c := range []struct {
		wait  time.Duration
		state model.DeliveryState
		sends int
	}{{model.DoubtWait, model.DeliverySent, 1}, {model.OfficialRepeatWithin + time.Second, model.DeliveryInDoubt, 0}} {
		h := newHouse(t)
		h.member("a", "open-a", 0, "heart")
		off := h.withOfficial()
		h.follows("a", "official-a")
		off.say("official-a", VerdictUnknown)
		p := h.push(meetingPush("a"))
		h.drain()
		h.is(p.ID, "a", model.DeliveryInDoubt)
		h.clock.add(c.wait)
		h.drain()
		h.clock.add(time.Hour)
		h.drain()
		h.is(p.ID, "a", c.state)
		ids := 0
		off.ids.Range(func(any, any) bool { ids++; return true })
		if len(off.sent) != c.sends || ids != 1 || h.state(p.ID) != model.PushDone {
			t.Errorf("after %v: %d sent under %d client ids, push %s", c.wait, len(off.sent), ids, h.state(p.ID))
		}
	}
}

// When one API is out of order the other goes on.
func TestOneAPIDownTheOtherGoesOn(t *testing.T) {
	h := newHouse(t)
	off := h.withOfficial()
	var ids []string
	for i := range tripAfter + 5 {
		id := string(rune('a' + i))
		h.member(id, "open-"+id, 2, "heart")
		h.wire.say("open-"+id, VerdictDown)
		ids = append(ids, id)
	}
	h.member("z", "open-z", 0, "heart")
	h.follows("z", "official-z")
	down := h.push(meetingPush(ids...))
	h.drain()
	p := h.push(meetingPush("a", "z"))
	h.drain()
	h.is(p.ID, "z", model.DeliverySent)
	h.is(p.ID, "a", model.DeliveryQueued)
	if c := h.counts(down.ID); c.Queued != len(ids) || len(off.sent) != 1 {
		t.Errorf("%+v, %d by the other", c, len(off.sent))
	}
}

// logLines is a log that a test reads.
func logLines() (*slog.Logger, *strings.Builder) {
	b := &strings.Builder{}
	return slog.New(slog.NewTextHandler(b, nil)), b
}
