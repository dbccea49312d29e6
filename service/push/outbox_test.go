package push

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

func TestPushIsPartOfItsCause(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	boom := errors.New("boom")
	err := h.store.Tx(h.ctx, func(tx *store.Store) error {
		h.must(h.svc.Push(h.ctx, tx, meetingPush("a")))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	h.drain()
	if n, _ := h.store.UnreadNotices(h.ctx, "a"); n != 0 || len(h.wire.sent) != 0 {
		t.Errorf("what was rolled back left %d notices and %d messages", n, len(h.wire.sent))
	}
}

func TestDedupeKey(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 2, "heart")
	key := "meeting:1:reminder:60"
	for i := range 3 {
		p := meetingPush("a")
		p.DedupeKey = &key
		h.push(p)
		if (p.State == "") != (i > 0) {
			t.Errorf("push %d has the state %q", i, p.State)
		}
	}
	h.drain()
	if n, _ := h.store.UnreadNotices(h.ctx, "a"); n != 1 || len(h.wire.sent) != 1 {
		t.Errorf("%d notices, %d messages", n, len(h.wire.sent))
	}
}

func TestAudienceMustNameSomebody(t *testing.T) {
	h := newHouse(t)
	for _, a := range []model.Audience{{}, {PartyStatus: []model.PartyStatus{model.PartyFull}}, {NotReadArticleID: "x"}} {
		p := meetingPush()
		p.Audience = a
		if err := h.svc.Push(h.ctx, h.store, p); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("audience %+v: %v", a, err)
		}
	}
}

// A large audience is expanded in chunks, each once, also by two processes and after a crash in the middle.
func TestLargeAudience(t *testing.T) {
	h := newHouse(t)
	const people = 2*chunkSize + 100
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range people {
			id := fmt.Sprintf("p%05d", i)
			h.must(tx.AddMember(h.ctx, &model.Member{ID: id, Name: id}))
			for _, o := range []string{"heart", "heart-1"} { // two memberships, told once
				h.must(tx.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: o, OrgPath: h.orgs[o].Path}))
			}
		}
		return nil
	}))
	p := meetingPush()
	p.Audience = model.Audience{OrgID: "heart"}
	h.push(p)
	h.must(h.svc.count(h.ctx, p))
	if p.Recipients != people || h.counts(p.ID).Recipients != 0 {
		t.Fatalf("recipients %d, written in the cause's transaction %d", p.Recipients, h.counts(p.ID).Recipients)
	}
	lines, err := h.svc.lines(h.ctx, []model.Push{*p})
	h.must(err)
	if c := lines[0].Counts; c.Recipients != people || c.Queued != people {
		t.Errorf("counts before it is expanded: %+v", c)
	}
	// One chunk, and then the process is gone; another had read the push before that.
	stale, err := h.store.DuePushes(h.ctx, h.clock.now(), 10)
	h.must(err)
	ids, err := h.store.AudienceIDs(h.ctx, p.Audience, "", chunkSize, true)
	h.must(err)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.expand(h.ctx, tx, p, chunk{ids: ids}, h.clock.now()) }))
	h.must(h.open("second").expandAll(h.ctx, &stale[0]))
	if c := h.counts(p.ID); c.Recipients != chunkSize {
		t.Errorf("a stale reader wrote: %+v", c)
	}
	h.drain()
	if c := h.counts(p.ID); c.Recipients != people || c.InboxOnly != people {
		t.Errorf("counts %+v", c)
	}
	if row, _ := h.store.PushOf(h.ctx, p.ID); row.State != model.PushDone || row.Recipients != people || row.ExpandedAt == nil {
		t.Errorf("push %+v", row)
	}
}

func TestScheduledPushWaits(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	p := meetingPush("a")
	p.SendAt = h.clock.now().Add(time.Hour)
	h.push(p)
	h.drain()
	if n, _ := h.store.UnreadNotices(h.ctx, "a"); n != 0 || h.state(p.ID) != model.PushScheduled {
		t.Errorf("before its time: %d notices, %s", n, h.state(p.ID))
	}
	h.clock.add(time.Hour)
	h.drain()
	h.is(p.ID, "a", model.DeliverySent)
}

func TestQuietHoursDeferAndNeverDrop(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 9, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 1, "heart")
	p := meetingPush("a")
	p.Hours = model.HoursOrdinary
	h.push(p)
	h.drain()
	if d := h.is(p.ID, "a", model.DeliveryQueued); d.Shown(h.clock.now()) != model.DeliveryDeferred || d.Deferred == "" {
		t.Errorf("in working hours: %+v", d.Delivery)
	}
	if n, _ := h.store.UnreadNotices(h.ctx, "a"); n != 1 {
		t.Error("the inbox has to have it at once")
	}
	if c := h.counts(p.ID); c.Deferred != 1 {
		t.Errorf("counts %+v", c)
	}
	h.clock.set(time.Date(2026, 11, 23, 12, 0, 0, 0, model.Zone).UTC())
	h.drain()
	h.is(p.ID, "a", model.DeliverySent)
}

func ordinary(title string, members ...string) *model.Push {
	return &model.Push{OrgID: "heart", OrgPath: "/root/heart/", Kind: model.PushMeeting, Title: title, Subject: "article:1",
		Hours: model.HoursOrdinary, Counted: true, Audience: model.Audience{MemberIDs: members}}
}

func TestWeekBudgetAndEveningDigest(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 12, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 5, "heart")
	h.member("b", "open-b", 5, "heart")
	one, two := h.push(ordinary("第一条", "a")), h.push(ordinary("第二条", "a"))
	three, four := h.push(ordinary("第三条", "a", "b")), h.push(ordinary("第四条", "a"))
	urgent := h.push(meetingPush("a"))
	h.drain()
	for _, p := range []*model.Push{one, two, urgent} {
		h.is(p.ID, "a", model.DeliverySent)
	}
	h.is(three.ID, "b", model.DeliverySent)
	h.is(three.ID, "a", model.DeliveryHeld)
	if c := h.counts(three.ID); c.Deferred != 1 || c.Sent != 1 {
		t.Errorf("counts of the third: %+v", c)
	}
	h.clock.set(time.Date(2026, 11, 23, 19, 30, 0, 0, model.Zone).UTC())
	before := len(h.wire.sent)
	h.drain()
	for _, p := range []*model.Push{three, four} {
		if d := h.is(p.ID, "a", model.DeliveryInboxOnly); d.Reason != "已并入11月23日19:30的晚间摘要" || h.state(p.ID) != model.PushDone {
			t.Errorf("part: %+v, push %s", d.Delivery, h.state(p.ID))
		}
	}
	if len(h.wire.sent) != before+1 {
		t.Fatalf("%d messages in the evening, want one card", len(h.wire.sent)-before)
	}
	card := h.wire.sent[before]
	if card.template != studyTemplate || card.data["thing1"] != "晚间摘要：2 条消息" || card.data["thing3"] != "第三条 第四条" {
		t.Errorf("card %+v", card)
	}
	notices, _, err := h.store.Notices(h.ctx, "a", true, model.Page{})
	h.must(err)
	if n := notices[0]; len(notices) != 6 || n.Push.Kind != model.PushDigest || *n.OwnBody != "第三条\n第四条" {
		t.Errorf("inbox %+v", notices)
	}
	h.drain()
	if len(h.wire.sent) != before+1 {
		t.Error("the digest went out twice")
	}
	// The next week begins anew.
	h.clock.set(time.Date(2026, 11, 30, 19, 0, 0, 0, model.Zone).UTC())
	next := h.push(ordinary("下周", "a"))
	h.drain()
	h.is(next.ID, "a", model.DeliverySent)
}

func TestDrop(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 9, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 3, "heart")
	waiting := meetingPush("a")
	waiting.Hours = model.HoursOrdinary
	h.push(waiting)
	later := meetingPush("a")
	later.SendAt = h.clock.now().Add(24 * time.Hour)
	h.push(later)
	other := meetingPush("a")
	other.Subject, other.Hours = "meeting:2", model.HoursOrdinary
	h.push(other)
	h.clock.set(time.Date(2026, 11, 23, 12, 0, 0, 0, model.Zone).UTC())
	jobs := h.claim(h.svc, 10) // one is already in a sender's hands
	if len(jobs) != 1 {
		t.Fatalf("claimed %d", len(jobs))
	}
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Drop(h.ctx, tx, "meeting:1", "会议已取消") }))
	if started := h.start(h.svc, jobs); len(started) != 0 {
		t.Errorf("a dropped delivery was started: %v", started)
	}
	if d := h.is(waiting.ID, "a", model.DeliveryCancelled); d.Reason != "会议已取消" || d.Channel != model.ChannelInbox {
		t.Errorf("dropped: %+v", d.Delivery)
	}
	if q := h.book("open-a", meetingTemplate); q.Available != 2 || q.Reserved != 1 { // that of the other meeting
		t.Errorf("book %+v", q)
	}
	h.drain()
	if h.state(waiting.ID) != model.PushDone || h.state(later.ID) != model.PushCancelled {
		t.Errorf("states %s and %s", h.state(waiting.ID), h.state(later.ID))
	}
	h.clock.add(25 * time.Hour)
	h.drain()
	if len(h.wire.sent) != 1 {
		t.Errorf("%d messages, want that of the other meeting alone", len(h.wire.sent))
	}
	h.is(other.ID, "a", model.DeliverySent)
}

func TestWhatIsOverIsNotSent(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.wire.say("open-a", VerdictDown)
	p := meetingPush("a")
	end := h.clock.now().Add(time.Minute)
	p.ExpiresAt = &end
	h.push(p)
	h.drain()
	h.clock.add(time.Minute)
	h.drain()
	if d := h.is(p.ID, "a", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "已经结束") || len(h.wire.sent) != 0 {
		t.Errorf("%+v", d.Delivery)
	}
	if q := h.book("open-a", meetingTemplate); q.Available != 1 {
		t.Errorf("book %+v", q)
	}
}

func TestGrantsThatOthersWaitForAreNotCounted(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 9, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 1, "heart")
	first, second := meetingPush("a"), meetingPush("a")
	first.Hours, second.Hours = model.HoursOrdinary, model.HoursOrdinary
	h.push(first)
	h.push(second)
	h.is(first.ID, "a", model.DeliveryQueued)
	h.is(second.ID, "a", model.DeliveryInboxOnly)
}
