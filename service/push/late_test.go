package push

import (
	"fmt"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// tally is a push's counts as its secretary sees them, whose sum is the recipients.
func (h *house) tally(id string) Line {
	h.t.Helper()
	l, err := h.svc.Get(h.ctx, h.secretary(), id)
	h.must(err)
	if c := l.Tally; c.Recipients != sum(c) {
		h.t.Errorf("the states do not add up: %+v", c)
	}
	return *l
}

func (h *house) unread(member string) int {
	h.t.Helper()
	n, err := h.store.UnreadNotices(h.ctx, member)
	h.must(err)
	return n
}

// crowd adds so many members to the branch.
func (h *house) crowd(n int) {
	h.t.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range n {
			id := fmt.Sprintf("p%05d", i)
			h.must(tx.AddMember(h.ctx, &model.Member{ID: id, Name: id}))
			h.must(tx.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: "heart", OrgPath: h.orgs["heart"].Path}))
		}
		return nil
	}))
}

// The program was down over a meeting: its reminder is expanded when the meeting is over, and nobody hears of it.
func TestLatePushReachesNobody(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   model.PushKind
		back   time.Duration // after the reminder's time
		state  model.PushState
		reason string
	}{
		{"a meeting that still lasts", model.PushMeeting, 39 * time.Minute, model.PushDone, ""},
		{"a meeting at its end", model.PushMeeting, 40 * time.Minute, model.PushCancelled, "会议已结束，不再推送"},
		{"a meeting long over", model.PushMeeting, 70 * time.Minute, model.PushCancelled, "会议已结束，不再推送"},
		{"something to study", model.PushStudy, 70 * time.Minute, model.PushCancelled, "事项已结束，不再推送"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "open-a", 1, "heart")
			h.member("b", "open-b", 0, "heart")
			at := h.clock.now().Add(80 * time.Minute)
			ends := at.Add(40 * time.Minute)
			p := meetingPush("a", "b")
			p.Kind, p.Hours, p.SendAt, p.ExpiresAt = c.kind, model.HoursTimed, at, &ends
			h.push(p)
			h.clock.set(at.Add(c.back))
			h.drain()
			l := h.tally(p.ID)
			if l.State != c.state || l.StopReason != c.reason || l.Tally.Recipients != 2 {
				t.Errorf("push %s %q %+v", l.State, l.StopReason, l.Tally)
			}
			told, cancelled := 1, 0
			if c.state == model.PushCancelled {
				told, cancelled = 0, 2
			}
			if h.unread("a") != told || h.unread("b") != told || len(h.wire.sent) != told || l.Cancelled != cancelled {
				t.Errorf("%d and %d notices, %d cards, %+v", h.unread("a"), h.unread("b"), len(h.wire.sent), l.Tally)
			}
			if q := h.book("open-a", h.svc.template(model.ChannelSubscribe, c.kind).ID); q.Available != 1-told {
				t.Errorf("book %+v", q)
			}
			h.drain()
			if again := h.tally(p.ID); again.Tally != l.Tally {
				t.Errorf("later %+v", again.Tally)
			}
		})
	}
}

// What is over when it is made reaches nobody either, and its dedupe key stays taken.
func TestPushThatIsOverAtOnce(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	ends, key := h.clock.now(), "meeting:1:called"
	for i := range 2 {
		p := meetingPush("a")
		p.ExpiresAt, p.DedupeKey = &ends, &key
		h.push(p)
		if want := []model.PushState{model.PushCancelled, ""}[i]; p.State != want {
			t.Errorf("push %d is %q, want %q", i, p.State, want)
		}
	}
	h.drain()
	if h.unread("a") != 0 || len(h.wire.sent) != 0 {
		t.Errorf("%d notices, %d cards", h.unread("a"), len(h.wire.sent))
	}
}

// A large push of which a part is written when its time is over keeps the number that was counted.
func TestLatePushHalfWritten(t *testing.T) {
	h := newHouse(t)
	const people = chunkSize + 10
	h.crowd(people)
	p := meetingPush()
	ends := h.clock.now().Add(time.Minute)
	p.Audience, p.ExpiresAt = model.Audience{OrgID: "heart"}, &ends
	h.push(p)
	h.must(h.svc.count(h.ctx, p))
	ids, err := h.store.AudienceIDs(h.ctx, p.Audience, "", chunkSize, true)
	h.must(err)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.expand(h.ctx, tx, p, chunk{ids: ids}, h.clock.now()) }))
	if c := h.tally(p.ID).Tally; c.Recipients != people || c.InboxOnly != chunkSize || c.Queued != people-chunkSize {
		t.Errorf("half written: %+v", c)
	}
	h.clock.set(ends)
	h.drain()
	l := h.tally(p.ID)
	if l.State != model.PushCancelled || l.Tally.Recipients != people || l.InboxOnly != chunkSize || l.Cancelled != people-chunkSize {
		t.Errorf("%s %q %+v", l.State, l.StopReason, l.Tally)
	}
	if h.unread(ids[0]) != 1 || h.unread(fmt.Sprintf("p%05d", people-1)) != 0 {
		t.Error("what is in an inbox has to stay, and nothing may be added")
	}
}

// Who was cancelled before coming into the ledger is still counted.
func TestCancelBeforeItsTime(t *testing.T) {
	for _, people := range []int{47, smallAudience + 1} {
		h := newHouse(t)
		h.crowd(people)
		at := h.clock.now().Add(24 * time.Hour)
		p, err := h.svc.Create(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: model.PushStudy, Title: "学习", SendAt: &at})
		h.must(err)
		if c := h.tally(p.ID).Tally; p.Recipients != people || c.Recipients != people || c.Deferred != people {
			t.Errorf("scheduled: %d, %+v", p.Recipients, c)
		}
		l, err := h.svc.Cancel(h.ctx, h.secretary(), p.ID)
		h.must(err)
		if l.State != model.PushCancelled || l.Tally.Recipients != people || l.Cancelled != people || h.tally(p.ID).Tally != l.Tally {
			t.Errorf("cancelled: %s %+v", l.State, l.Tally)
		}
		h.clock.set(at)
		h.drain()
		if h.unread("p00000") != 0 || h.tally(p.ID).Tally != l.Tally {
			t.Errorf("at its time: %d notices, %+v", h.unread("p00000"), h.tally(p.ID).Tally)
		}
	}
}

// Of a half-sent push, what rang stays sent, what waits is cancelled with its grant back, and no notice leaves an inbox.
func TestCancelHalfSent(t *testing.T) {
	h := newHouse(t)
	for id, n := range map[string]int{"a": 1, "b": 0, "c": 1, "d": 1} {
		h.member(id, "open-"+id, n, "heart")
	}
	h.wire.say("open-c", VerdictBusy)
	h.wire.say("open-d", VerdictUnknown)
	p := h.push(meetingPush("a", "b", "c", "d"))
	h.drain()
	l, err := h.svc.Cancel(h.ctx, h.secretary(), p.ID)
	h.must(err)
	want := model.Tally{Counts: model.Counts{Recipients: 4, Sent: 1, InboxOnly: 1, InDoubt: 1}, Cancelled: 1}
	if l.Tally != want || l.State != model.PushCancelled {
		t.Errorf("%s %+v, want %+v", l.State, l.Tally, want)
	}
	rows, _, err := h.svc.Deliveries(h.ctx, h.secretary(), p.ID, model.DeliveryCancelled, model.Page{})
	h.must(err)
	if len(rows) != 1 || rows[0].MemberID != "c" || rows[0].Reason != "推送已取消" || rows[0].Channel != model.ChannelInbox || rows[0].DueAt != nil {
		t.Errorf("cancelled: %+v", rows)
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		if h.unread(id) != 1 {
			t.Errorf("%s has %d notices", id, h.unread(id))
		}
	}
	if q := h.book("open-c", meetingTemplate); q.Available != 1 || q.Reserved != 0 {
		t.Errorf("book %+v", q)
	}
	for range 3 {
		h.clock.add(time.Hour)
		h.drain()
	}
	h.is(p.ID, "c", model.DeliveryCancelled)
	if len(h.wire.sent) != 1 {
		t.Errorf("%d cards", len(h.wire.sent))
	}
	for name, again := range map[string]func() (*Line, error){
		"cancel": func() (*Line, error) { return h.svc.Cancel(h.ctx, h.secretary(), p.ID) },
		"retry":  func() (*Line, error) { return h.svc.Retry(h.ctx, h.secretary(), p.ID) },
	} {
		if _, err := again(); model.CodeOf(err) != model.CodeConflict {
			t.Errorf("%s afterwards: %v", name, err)
		}
	}
}

// A call that is under way when its push is cancelled is waited for; where it sent nothing, nothing is tried again.
func TestCancelDuringACall(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.wire.say("open-a", VerdictBusy)
	p := h.push(meetingPush("a"))
	jobs := h.claim(h.svc, 10)
	jobs = h.start(h.svc, jobs)
	l, err := h.svc.Cancel(h.ctx, h.secretary(), p.ID)
	h.must(err)
	if l.Queued != 1 || l.Tally.Recipients != 1 {
		t.Errorf("during the call: %+v", l.Tally)
	}
	h.must(h.svc.acknowledge(h.ctx, []result{h.svc.call(h.ctx, jobs[0])}))
	h.clock.add(time.Minute)
	h.drain()
	if d := h.is(p.ID, "a", model.DeliveryCancelled); d.Reason != "推送已取消" || len(h.wire.sent) != 0 {
		t.Errorf("%+v", d.Delivery)
	}
	if q := h.book("open-a", meetingTemplate); q.Available != 1 || q.Reserved != 0 {
		t.Errorf("book %+v", q)
	}
}

// A connection that breaks is told in words; WeChat's own message stays as it is.
func TestBrokenConnectionInWords(t *testing.T) {
	h := newHouse(t)
	for i, c := range []struct{ said, want string }{
		{"EOF", "connection broken before an answer"}, {"unexpected EOF", "connection broken before an answer"},
		{`Post "x": EOF`, "connection broken before an answer"}, {"system error", "system error"}, {"", ""},
	} {
		id := fmt.Sprint("m", i)
		h.member(id, "open-"+id, 1, "heart")
		h.wire.script["open-"+id] = []Verdict{{Kind: VerdictUnknown, ErrMsg: c.said}}
		p := h.push(meetingPush(id))
		h.drain()
		if d := h.is(p.ID, id, model.DeliveryInDoubt); d.ErrMsg != c.want || d.Reason == "" {
			t.Errorf("%q is told as %q (%s)", c.said, d.ErrMsg, d.Reason)
		}
	}
}
