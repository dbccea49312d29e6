package reminder_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/reminder"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// outbox records what was committed.
type outbox struct {
	mu      sync.Mutex
	pushes  []model.Push
	dropped []string
	fails   error
}

func (o *outbox) Push(ctx context.Context, tx *store.Store, p *model.Push) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fails != nil {
		return o.fails
	}
	n, err := tx.CountAudience(ctx, p.Audience)
	if err != nil {
		return err
	}
	p.ID, p.Recipients = store.NewID(), n
	tx.After(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.pushes = append(o.pushes, *p)
	})
	return nil
}

func (o *outbox) Drop(_ context.Context, _ *store.Store, subject, reason string) error {
	o.dropped = append(o.dropped, subject+" "+reason)
	return nil
}

// sent are the times at which messages were to go out, in China.
func (o *outbox) sent() (at []string) {
	for _, p := range o.pushes {
		at = append(at, p.SendAt.In(model.Zone).Format("01-02 15:04"))
	}
	return at
}

// calendars is the calendar in force; a test may publish another.
type calendars struct{ days []model.CalendarDay }

func (c *calendars) Calendar(context.Context) (model.Calendar, error) {
	return model.NewCalendar(c.days, model.CoverageOf(c.days)), nil
}

// house is the room on a real store with a clock that the test moves.
type house struct {
	t         *testing.T
	ctx       context.Context
	store     *store.Store
	outbox    *outbox
	calendars *calendars
	now       time.Time
	room      *reminder.Service
	branch    *model.Org
	secretary *model.Actor
	members   []*model.Actor // without a role
}

func newHouse(t *testing.T, start string) *house {
	h := &house{t: t, ctx: context.Background(), outbox: &outbox{}, calendars: &calendars{days: model.BuiltinDays()}}
	h.move(start)
	h.store = storetest.OpenAt(t, h.clock)
	h.room = h.start()
	h.branch = h.org(nil, model.OrgBranch, "心肺康复党支部")
	h.secretary = h.actor(h.branch, model.RoleSecretary)
	return h
}

func (h *house) clock() time.Time { return h.now }

func (h *house) start() *reminder.Service {
	return reminder.New(h.store, h.outbox, h.store, h.calendars, h.clock)
}

func (h *house) move(to string) {
	h.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", to, model.Zone)
	h.must(err)
	h.now = at.UTC()
}

// at moves the clock and lets the room look for what is due.
func (h *house) at(to string) {
	h.t.Helper()
	h.move(to)
	h.must(h.room.Tick(h.ctx))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) org(parent *model.Org, kind model.OrgKind, name string) *model.Org {
	h.t.Helper()
	o := &model.Org{ID: store.NewID(), Kind: kind, Name: name, Version: 1}
	o.Path = model.PathUnder("", o.ID)
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
	}
	h.must(h.store.AddOrg(h.ctx, o))
	return o
}

// actor puts a person with a role into an organisation.
func (h *house) actor(o *model.Org, role model.Role) *model.Actor {
	h.t.Helper()
	m := &model.Member{ID: store.NewID(), Name: "沈若谷", PartyStatus: model.PartyFull}
	h.must(h.store.AddMember(h.ctx, m))
	h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: o.ID, OrgPath: o.Path}))
	return &model.Actor{MemberID: m.ID, Name: m.Name, PartyStatus: m.PartyStatus,
		Places: []model.Place{{OrgID: o.ID, Path: o.Path}}, Powers: []model.Power{{OrgID: o.ID, Path: o.Path, Role: role}}}
}

// people puts so many more into the branch.
func (h *house) people(n int) {
	h.t.Helper()
	for range n {
		h.members = append(h.members, h.actor(h.branch, model.RoleMember))
	}
}

func (h *house) weekly(change func(*reminder.Draft)) *reminder.View {
	h.t.Helper()
	d := reminder.Draft{OrgID: h.branch.ID, Name: "周二学习", Rule: "FREQ=WEEKLY;BYDAY=TU", At: "20:00"}
	if change != nil {
		change(&d)
	}
	v, err := h.room.Create(h.ctx, h.secretary, d)
	h.must(err)
	return v
}

func (h *house) history(id string) []model.ReminderOccurrence {
	h.t.Helper()
	rows, _, err := h.store.Occurrences(h.ctx, id, model.Page{Limit: 100})
	h.must(err)
	return rows
}

func (h *house) preview(id string) []reminder.Preview {
	h.t.Helper()
	o, err := h.room.Preview(h.ctx, h.secretary, id)
	h.must(err)
	return o.Times
}

func (h *house) states(id string) (out []string) {
	h.t.Helper()
	for _, o := range slices.Backward(h.history(id)) {
		out = append(out, o.PlannedAt.In(model.Zone).Format("01-02 15:04 ")+string(o.State))
	}
	return out
}

func (h *house) wantSent(want ...string) {
	h.t.Helper()
	if got := h.outbox.sent(); !slices.Equal(got, want) {
		h.t.Fatalf("sent at %q, want %q", got, want)
	}
}

func (h *house) wantNext(id, want string) {
	h.t.Helper()
	v, err := h.room.Get(h.ctx, h.secretary, id)
	h.must(err)
	got := ""
	if v.NextAt != nil {
		got = v.NextAt.In(model.Zone).Format("2006-01-02 15:04")
	}
	if got != want {
		h.t.Fatalf("next at %q, want %q", got, want)
	}
}

func TestEveryTuesdayAtEightOverTheNationalDay(t *testing.T) {
	h := newHouse(t, "2026-09-28 19:00")
	v := h.weekly(func(d *reminder.Draft) { d.Note = "三分钟读完" })
	h.wantNext(v.ID, "2026-09-29 20:00")
	h.at("2026-09-29 19:59")
	h.wantSent()
	h.at("2026-09-29 20:00")
	h.wantSent("09-29 20:00")
	h.at("2026-09-29 20:01")
	h.wantNext(v.ID, "2026-10-13 20:00") // the 6th of October is a day off
	h.room = h.start()                   // a restart
	h.at("2026-10-06 20:00")
	h.wantStates(v.ID, "09-29 20:00 fired", "10-06 20:00 skipped")
	h.at("2026-10-07 09:00")
	h.wantSent("09-29 20:00")
	h.at("2026-10-13 20:00")
	h.room = h.start()
	h.at("2026-10-13 20:00")
	h.wantSent("09-29 20:00", "10-13 20:00")
	if got, want := h.states(v.ID), []string{"09-29 20:00 fired", "10-06 20:00 skipped", "10-13 20:00 fired"}; !slices.Equal(got, want) {
		t.Errorf("times: %q, want %q", got, want)
	}
	p := h.outbox.pushes[0]
	if p.Kind != model.PushStudy || p.Hours != model.HoursTimed || !p.Counted || p.Subject != "reminder:"+v.ID || p.Audience.OrgID != h.branch.ID || p.OrgPath != h.branch.Path ||
		*p.DedupeKey != "reminder:"+v.ID+":2026-09-29T20:00:00+08:00" || !p.ExpiresAt.Equal(model.Date("2026-09-30").Start().Add(21*time.Hour)) || p.CreatedBy != h.secretary.MemberID {
		t.Errorf("message: %+v", p)
	}
	if p.Page != "pages/notice/index" || *h.history(v.ID)[2].Recipients != 1 || *h.history(v.ID)[2].PushID != p.ID {
		t.Errorf("message: %+v, noted %+v", p, h.history(v.ID)[2])
	}
	if f := p.Fields; p.Title != "周二学习" || f["title"] != "周二学习" || f["due"] != "2026年9月29日 20:00" || f["note"] != "三分钟读完" || len(f) != len(p.Kind.FieldNames()) {
		t.Errorf("fields: %v", p.Fields)
	}
}

func TestTwoReplicasFireOnce(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	for i := range 5 {
		h.weekly(func(d *reminder.Draft) { d.Name = fmt.Sprint("提醒", i) })
	}
	rooms := []*reminder.Service{h.start(), h.start(), h.start()}
	h.move("2026-11-24 20:00")
	var wg sync.WaitGroup
	errs := make([]error, len(rooms))
	for i, r := range rooms {
		wg.Go(func() { errs[i] = r.Tick(h.ctx) })
	}
	wg.Wait()
	h.must(errors.Join(errs...))
	if len(h.outbox.pushes) != 5 {
		t.Errorf("%d messages, want 5: %q", len(h.outbox.pushes), h.outbox.sent())
	}
}

func TestStandstill(t *testing.T) {
	h := newHouse(t, "2026-11-23 18:00")
	v := h.weekly(func(d *reminder.Draft) { d.Rule, d.At = "FREQ=DAILY", "19:00" })
	h.at("2026-11-23 20:30") // late, but the same evening
	h.wantSent("11-23 20:30")
	h.at("2026-11-26 21:30")
	h.wantSent("11-23 20:30")
	h.at("2026-11-27 19:00")
	h.wantSent("11-23 20:30", "11-27 19:00")
	want := []string{"11-23 19:00 fired", "11-24 19:00 missed", "11-25 19:00 missed", "11-26 19:00 missed", "11-27 19:00 fired"}
	if got := h.states(v.ID); !slices.Equal(got, want) {
		t.Errorf("times: %q, want %q", got, want)
	}
	if v, err := h.room.Get(h.ctx, h.secretary, v.ID); err != nil || v.Last == nil || v.Last.State != model.OccurrenceFired {
		t.Errorf("last: %+v %v", v.Last, err)
	}
	h.at("2027-11-27 21:30") // a year later, more than one beat deals with
	for range 5 {
		h.must(h.room.Tick(h.ctx))
	}
	h.wantSent("11-23 20:30", "11-27 19:00")
	h.wantNext(v.ID, "2027-11-28 19:00")
}

func TestAFailingOutboxLosesNothing(t *testing.T) {
	h := newHouse(t, "2026-11-23 18:00")
	v := h.weekly(nil)
	h.outbox.fails = errors.New("away")
	h.move("2026-11-24 20:00")
	if err := h.room.Tick(h.ctx); err == nil {
		t.Fatal("the failure went unnoticed")
	}
	if got := h.states(v.ID); len(got) != 0 {
		t.Errorf("a time was noted without its message: %q", got)
	}
	h.outbox.fails = nil
	h.at("2026-11-24 20:01")
	h.wantSent("11-24 20:00")
}

func TestPauseResumeChangeAndDelete(t *testing.T) {
	h := newHouse(t, "2026-11-23 18:00")
	v := h.weekly(nil)
	yes, no := true, false
	update := func(p reminder.Patch) *reminder.View {
		t.Helper()
		out, err := h.room.Update(h.ctx, h.secretary, v.ID, p)
		h.must(err)
		return out
	}
	update(reminder.Patch{Paused: &yes})
	h.wantNext(v.ID, "")
	if len(h.outbox.dropped) != 1 || !strings.HasPrefix(h.outbox.dropped[0], "reminder:"+v.ID) {
		t.Errorf("a pause takes back what waits: %q", h.outbox.dropped)
	}
	h.at("2026-11-24 20:00")
	h.wantSent()
	h.at("2026-11-25 20:00")
	update(reminder.Patch{Paused: &no})
	h.wantNext(v.ID, "2026-12-01 20:00")
	rule, at, bad := "freq=weekly;byday=th", "9:30", "FREQ=WEEKLY;BYDAY=XX"
	update(reminder.Patch{Rule: &rule})
	h.wantNext(v.ID, "2026-11-26 20:00")
	got := update(reminder.Patch{At: &at})
	h.wantNext(v.ID, "2026-11-26 18:30") // half past nine is working time
	if got.Rule != "FREQ=WEEKLY;BYDAY=TH" || got.At != "09:30" || got.StartsOn != "2026-11-25" {
		t.Errorf("changed: %+v", got.Reminder)
	}
	if _, err := h.room.Update(h.ctx, h.secretary, v.ID, reminder.Patch{Rule: &bad}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a bad rule: %v", err)
	}
	if _, err := h.room.Update(h.ctx, h.secretary, v.ID, reminder.Patch{At: &at, Version: 1}); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("an old version: %v", err)
	}
	// A change of name at noon does not lose the time that was moved into the evening, and after it fired it does not fire again.
	h.at("2026-11-26 12:00")
	name := "周四学习"
	update(reminder.Patch{Name: &name})
	update(reminder.Patch{OnlyAfterHours: &no})
	h.wantNext(v.ID, "2026-12-03 09:30")
	update(reminder.Patch{OnlyAfterHours: &yes})
	h.wantNext(v.ID, "2026-11-26 18:30")
	h.at("2026-11-26 18:30")
	h.wantSent("11-26 18:30")
	update(reminder.Patch{SkipHolidays: &no})
	h.wantNext(v.ID, "2026-12-03 18:30")

	h.move("2026-12-03 18:30") // due, and deleted before the beat
	h.must(h.room.Delete(h.ctx, h.secretary, v.ID))
	h.must(h.room.Tick(h.ctx))
	h.wantSent("11-26 18:30")
	if _, err := h.room.Get(h.ctx, h.secretary, v.ID); !model.IsNotFound(err) {
		t.Errorf("after the deletion: %v", err)
	}
	if len(h.states(v.ID)) != 0 || len(h.outbox.dropped) != 2 {
		t.Errorf("left behind: %q, dropped %q", h.states(v.ID), h.outbox.dropped)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Object: "reminder:" + v.ID}, model.Page{})
	h.must(err)
	if len(entries) < 5 || entries[0].Action != "reminder.delete" || entries[len(entries)-1].Action != "reminder.create" {
		t.Errorf("audit: %+v", entries)
	}
}

func TestANewCalendarMovesWhatWasProvisional(t *testing.T) {
	h := newHouse(t, "2026-12-01 18:00")
	v := h.weekly(func(d *reminder.Draft) { d.Rule, d.At = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=9", "10:00" }) // 2027-02-09, a Tuesday
	h.wantNext(v.ID, "2027-02-09 18:30")
	items := h.preview(v.ID)
	if len(items) != 10 || !items[0].Provisional {
		t.Fatalf("preview: %+v", items)
	}
	h.must(h.room.Tick(h.ctx))
	h.calendars.days = append(h.calendars.days, model.CalendarDay{Date: "2027-02-09", Kind: model.DayHoliday, Name: "春节"})
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return tx.Changed(h.ctx, h.now, model.TopicCalendar, "2027") }))
	h.must(h.room.Tick(h.ctx))
	h.wantNext(v.ID, "2028-02-09 18:30")
	h.at("2027-02-10 09:00")
	h.at("2028-02-09 18:30")
	if got, want := h.states(v.ID), []string{"02-09 10:00 skipped", "02-09 10:00 fired"}; !slices.Equal(got, want) {
		t.Errorf("times: %q, want %q", got, want)
	}
}
