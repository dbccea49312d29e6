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

// office adds somebody of the office, who is to hear of what must be mended.
func (h *house) office() {
	h.t.Helper()
	h.member("office", "open-office", 0, "root")
	h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: "office", OrgID: "root", OrgPath: h.orgs["root"].Path, Role: model.RoleStaff}))
}

// admin adds an account as the command line makes it, which belongs to no organisation.
func (h *house) admin() {
	h.t.Helper()
	h.must(h.store.AddMember(h.ctx, &model.Member{ID: "admin", Name: "管理员"}))
	h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: "admin", OrgPath: model.EverywherePath, Role: model.RoleAdmin}))
}

func (h *house) inbox(member string) string {
	h.t.Helper()
	rows, _, err := h.svc.Notices(h.ctx, &model.Actor{SessionID: "s", MemberID: member}, false, model.Page{})
	h.must(err)
	var titles []string
	for _, r := range rows {
		titles = append(titles, r.Push.Title)
	}
	return strings.Join(titles, "|")
}

// What one process learns of WeChat holds for the others a second later, and after a new start; the office hears of it once.
func TestGatesAreShared(t *testing.T) {
	h := newHouse(t)
	h.office()
	for _, id := range []string{"a", "b", "c"} {
		h.member(id, "open-"+id, 3, "heart")
	}
	other := h.open("second")
	h.must(other.Drain(h.ctx)) // it has looked at the gates before
	h.wire.say("open-a", VerdictTemplate)
	h.push(meetingPush("a"))
	h.drain()
	h.clock.add(gatesAge)
	for name, svc := range map[string]*Service{"the other process": other, "a new start": h.open("third")} {
		plan, err := svc.Plan(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: model.PushMeeting, Title: "会议"})
		h.must(err)
		if plan.ByWechat != 0 || plan.InboxOnly != 3 {
			t.Errorf("%s plans %+v", name, plan)
		}
	}
	h.wire.say("open-b", VerdictTemplate)
	if got := h.inbox("office"); got != "一个微信消息模板已停用" {
		t.Errorf("the office's inbox: %q", got)
	}
	h.clock.add(templateRest)
	p := h.push(meetingPush("c"))
	h.drain()
	h.is(p.ID, "c", model.DeliverySent)
}

func TestDailyQuotaIsToldToTheOffice(t *testing.T) {
	h := newHouse(t)
	h.office()
	h.admin()
	h.member("a", "open-a", 1, "heart")
	h.member("b", "open-b", 2, "heart")
	h.wire.say("open-a", VerdictDaily)
	h.wire.say("open-b", VerdictDaily)
	h.push(meetingPush("a", "b"))
	h.drain()
	for _, who := range []string{"office", "admin"} {
		if got := h.inbox(who); got != "微信今日发送额度已用完" {
			t.Errorf("the inbox of %s: %q", who, got)
		}
	}
	second := h.open("second") // parked for it as well
	p := h.push(meetingPush("b"))
	h.must(second.Drain(h.ctx))
	if d := h.rows(p.ID)["b"]; d.State != model.DeliveryQueued || !strings.Contains(d.Deferred, "额度") || len(h.wire.sent) != 0 {
		t.Errorf("the other process: %+v", d.Delivery)
	}
}

// The settings' templates are held against the account's list: what does not fit goes out of service with an alarm and comes back when it fits.
func TestTemplatesAreChecked(t *testing.T) {
	h := newHouse(t)
	log, said := logLines()
	h.svc.log = log
	h.office()
	h.member("a", "open-a", 5, "heart")
	h.must(h.svc.checkTemplates(h.ctx))
	fits := h.wire.facts
	for i, f := range fits {
		if f.ID == meetingTemplate { // somebody changed the template in WeChat's console
			fits = append([]model.TemplateFact{}, fits...)
			fits[i].Keys = append(fits[i].Keys[:len(fits[i].Keys):len(fits[i].Keys)], "thing9")
		}
	}
	good := factsOf(templates())
	h.wire.facts = fits
	h.clock.add(time.Minute)
	h.must(h.svc.checkTemplates(h.ctx))
	if p := h.push(meetingPush("a")); h.rows(p.ID)["a"].State != model.DeliveryQueued {
		t.Error("the list was looked at again within the hour, unasked")
	}
	h.wire.say("open-a", VerdictContent) // a refused card asks
	h.drain()
	h.must(h.svc.checkTemplates(h.ctx))
	p := h.push(meetingPush("a"))
	if d := h.is(p.ID, "a", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "模板已停用") {
		t.Errorf("%+v", d.Delivery)
	}
	if !strings.Contains(said.String(), "thing9") || !strings.Contains(h.inbox("office"), "模板已停用") {
		t.Errorf("log %q, office %q", said, h.inbox("office"))
	}
	study := meetingPush("a")
	study.Kind, study.Subject = model.PushStudy, "article:1"
	h.push(study)
	h.drain()
	h.is(study.ID, "a", model.DeliverySent)
	h.wire.facts, h.wire.factsErr = nil, errors.New("WeChat is away") // which says nothing about the templates
	h.clock.add(checkEvery)
	h.must(h.svc.checkTemplates(h.ctx))
	h.wire.facts, h.wire.factsErr = good, nil
	h.clock.add(checkEvery)
	h.must(h.svc.checkTemplates(h.ctx))
	back := h.push(meetingPush("a"))
	h.drain()
	h.is(back.ID, "a", model.DeliverySent)
}

// A queue that ran late never rings at a bad hour: what was due in the evening and is claimed at night waits for the next day.
func TestNeverAtABadHour(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 20, 59, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 3, "heart")
	h.wire.say("open-a", VerdictDown)
	p := meetingPush("a")
	p.Hours = model.HoursOrdinary
	h.push(p)
	h.drain()
	urgent := h.push(meetingPush("a"))
	h.clock.set(time.Date(2026, 11, 23, 23, 30, 0, 0, model.Zone).UTC())
	h.drain()
	h.is(urgent.ID, "a", model.DeliverySent)
	next := time.Date(2026, 11, 24, 12, 0, 0, 0, model.Zone)
	if d := h.is(p.ID, "a", model.DeliveryQueued); !d.NotBefore.Equal(next) || d.Deferred == "" || d.Busy != nil || len(h.wire.sent) != 1 {
		t.Errorf("%+v, sent %d", d.Delivery, len(h.wire.sent))
	}
	h.clock.set(next.UTC())
	h.drain()
	h.is(p.ID, "a", model.DeliverySent)
}

// What is urgent overtakes a message to everybody that is already under way.
func TestUrgentOvertakes(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 19, 0, 0, 0, model.Zone).UTC())
	var all []string
	for i := range 30 {
		id := fmt.Sprintf("m%02d", i)
		h.member(id, "open-"+id, 2, "heart")
		all = append(all, id)
	}
	everybody := meetingPush(all...)
	everybody.Kind, everybody.Subject, everybody.Hours = model.PushStudy, "article:1", model.HoursOrdinary
	h.push(everybody)
	h.clock.add(time.Second)
	urgent := h.push(meetingPush("m29"))
	jobs := h.claim(h.svc, 3)
	if len(jobs) != 3 || jobs[0].push.ID != urgent.ID && jobs[1].push.ID != urgent.ID && jobs[2].push.ID != urgent.ID {
		t.Errorf("the first claim has no place for the urgent one: %d", len(jobs))
	}
}

// The rate is one for all processes together.
func TestRateIsShared(t *testing.T) {
	h := newHouse(t)
	var all []string
	for i := range 30 {
		id := fmt.Sprintf("m%02d", i)
		h.member(id, "open-"+id, 1, "heart")
		all = append(all, id)
	}
	h.push(meetingPush(all...))
	got := 0
	processes := []*Service{h.svc, h.open("second")}
	for second := range 3 {
		for range 4 {
			for _, svc := range processes {
				svc.options.Rate = 5
				got += svc.allowed(h.ctx, 3)
			}
		}
		if want := 5 * (second + 1); got != want {
			t.Errorf("after %d seconds %d were let through, want %d", second+1, got, want)
		}
		h.clock.add(time.Second)
	}
}

// A large push that is cancelled is closed chunk by chunk, and gives every grant back.
func TestCancelOfALargePush(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 9, 0, 0, 0, model.Zone).UTC())
	const people = chunkSize + 50
	h.crowd(people)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range people {
			id, openID := fmt.Sprintf("p%05d", i), fmt.Sprintf("open-p%05d", i)
			if err := tx.AddIdentity(h.ctx, &model.Identity{ID: store.NewID(), OpenID: openID, MemberID: &id}); err != nil {
				return err
			}
			if err := tx.OpenQuota(h.ctx, openID, studyTemplate, model.QuotaOneTime, h.clock.now()); err != nil {
				return err
			}
			if _, err := tx.MoveQuotas(h.ctx, model.QuotaGrant, studyTemplate, []string{openID}, h.clock.now()); err != nil {
				return err
			}
		}
		return nil
	}))
	p, err := h.svc.Create(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: model.PushStudy, Title: "学习"})
	h.must(err)
	h.drain()
	if c := h.tally(p.ID).Tally; c.Deferred != people {
		t.Fatalf("before: %+v", c)
	}
	if q := h.book("open-p00000", studyTemplate); q.Reserved != 1 {
		t.Errorf("book before: %+v", q)
	}
	_, err = h.svc.Cancel(h.ctx, h.secretary(), p.ID)
	h.must(err)
	h.drain()
	if c := h.tally(p.ID).Tally; c.Cancelled != people || c.Recipients != people {
		t.Errorf("after: %+v", c)
	}
	for _, i := range []int{0, people - 1} {
		if q := h.book(fmt.Sprintf("open-p%05d", i), studyTemplate); q.Reserved != 0 || q.Available != 1 {
			t.Errorf("book of %d afterwards: %+v", i, q)
		}
	}
}

// Too little that arrived is an alarm in the log, once.
func TestAlarm(t *testing.T) {
	h := newHouse(t)
	log, said := logLines()
	h.svc.log = log
	var ids []string
	for i := range alarmFewest {
		id := fmt.Sprintf("m%02d", i)
		h.member(id, "open-"+id, 1, "heart")
		if i%4 == 0 {
			h.wire.say("open-"+id, VerdictContent)
		}
		ids = append(ids, id)
	}
	p := h.push(meetingPush(ids...))
	h.drain()
	h.drain()
	if n := strings.Count(said.String(), "alarm: too little"); n != 1 || !strings.Contains(said.String(), p.ID) {
		t.Errorf("%d alarms: %s", n, said)
	}
}

// What has served its time leaves inbox and ledger; what is younger, or not at its end, stays.
func TestOldPushesLeave(t *testing.T) {
	h := newHouse(t)
	const kept = 365 * 24 * time.Hour
	remove := func() {
		_, err := h.store.RemoveOldPushes(h.ctx, h.clock.now().Add(-kept))
		h.must(err)
	}
	h.member("a", "open-a", 1, "heart")
	old := h.push(meetingPush("a"))
	h.drain()
	h.clock.add(kept - time.Hour)
	young := h.push(meetingPush("a"))
	h.drain()
	remove()
	if h.unread("a") != 2 {
		t.Fatalf("%d notices before its time", h.unread("a"))
	}
	h.clock.add(2 * time.Hour)
	remove()
	if _, err := h.store.PushOf(h.ctx, old.ID); !model.IsNotFound(err) || h.unread("a") != 1 || len(h.rows(young.ID)) != 1 {
		t.Errorf("the old one: %v, %d notices", err, h.unread("a"))
	}
}
