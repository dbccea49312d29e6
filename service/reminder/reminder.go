// Package reminder is the whole life of a study reminder: its rule and the two calendars that bend it, its times, and the messages they fire.
package reminder

import (
	"context"
	"sync/atomic"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox tells people something. It writes into the transaction, so that a time and its message are there together or not at all.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	// Drop cancels the pushes of the subject that have not been sent.
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Counter tells how many a message would go to. The store is one.
type Counter interface {
	CountAudience(ctx context.Context, a model.Audience) (int, error)
}

// Calendars tells the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Service is the room.
type Service struct {
	store     *store.Store
	outbox    Outbox
	counter   Counter
	calendars Calendars
	clock     model.Clock
	hours     model.PushHours
	stale     atomic.Bool // the calendar may have changed since the times to come were reckoned
}

// New makes the room. The store's change feed tells it when the calendar changed; the first Tick looks for what changed before.
func New(s *store.Store, outbox Outbox, counter Counter, calendars Calendars, clock model.Clock) *Service {
	svc := &Service{store: s, outbox: outbox, counter: counter, calendars: calendars, clock: clock, hours: model.DefaultPushHours()}
	svc.stale.Store(true)
	s.OnChange(model.TopicCalendar, func(string) { svc.stale.Store(true) })
	return svc
}

// Subject names a reminder's messages in the outbox.
func Subject(reminderID string) string { return "reminder:" + reminderID }

// View is a reminder as those who lead its organisation see it.
type View struct {
	store.ReminderRow
	Last *model.ReminderOccurrence // what became of its latest time; nil before the first
}

// List lists the reminders of the organisations that the actor leads, the newest first; orgID, where given, narrows them to its subtree.
// Errors: not_found for an organisation that the actor does not lead, validation_failed.
func (s *Service) List(ctx context.Context, actor *model.Actor, orgID string, page model.Page) ([]View, string, error) {
	within := ""
	if orgID != "" {
		org, err := s.store.Org(ctx, orgID)
		if err != nil {
			return nil, "", err
		}
		if !model.CanSeeReminder(actor, org) {
			return nil, "", model.NotFound("该组织")
		}
		within = org.Path
	}
	var paths []string
	for _, p := range actor.Powers {
		if p.Role.Rank() >= model.RoleGroupLeader.Rank() {
			paths = append(paths, p.Path)
		}
	}
	rows, next, err := s.store.RemindersUnder(ctx, paths, within, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, s.store, rows)
	return views, next, err
}

// Get reads one reminder. Errors: not_found, also for who does not lead its organisation.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	row, err := find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, s.store, row)
}

// find reads a reminder for who may see it.
func find(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*store.ReminderRow, error) {
	row, err := from.Reminder(ctx, id)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeReminder(actor, &row.Org) {
		return nil, model.NotFound("该提醒")
	}
	return row, nil
}

// findOwn reads a reminder for who may change it.
func findOwn(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*store.ReminderRow, error) {
	row, err := find(ctx, from, actor, id)
	if err == nil && !model.CanRemind(actor, &row.Org) {
		return nil, refuse(&row.Org)
	}
	return row, err
}

// refuse says who may keep the reminders of an organisation.
func refuse(o *model.Org) error {
	if o.Kind == model.OrgGroup {
		return model.Forbidden("党小组的提醒由党小组组长或支部书记设置。")
	}
	return model.Forbidden("提醒由支部书记或党办设置。")
}

func (s *Service) view(ctx context.Context, from *store.Store, row *store.ReminderRow) (*View, error) {
	views, err := s.views(ctx, from, []store.ReminderRow{*row})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

func (s *Service) views(ctx context.Context, from *store.Store, rows []store.ReminderRow) ([]View, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	last, err := from.LastOccurrences(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, r := range rows {
		views[i] = View{ReminderRow: r}
		if o, ok := last[r.ID]; ok {
			views[i].Last = &o
		}
	}
	return views, nil
}

// Draft is what makes a reminder. Without OnlyAfterHours and SkipHolidays both are so.
type Draft struct {
	OrgID          string
	Name           string
	Rule           string
	At             string
	StartsOn       string // today when empty
	OnlyAfterHours *bool
	SkipHolidays   *bool
	Audience       model.Audience
	Template       string // study when empty
	Title          string
	Note           string
	ArticleID      string
}

// Create makes a reminder and plans its first time.
// Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Create(ctx context.Context, actor *model.Actor, d Draft) (*View, error) {
	now := s.clock()
	r, org, err := s.prepare(ctx, actor, d, now)
	if err != nil {
		return nil, err
	}
	var out *View
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddReminder(ctx, r); err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "reminder.create", Subject(r.ID), org.ID, map[string]string{"rule": r.Rule, "at": r.At}); err != nil {
			return err
		}
		row, err := tx.Reminder(ctx, r.ID)
		if err != nil {
			return err
		}
		out, err = s.view(ctx, tx, row)
		return err
	})
	return out, err
}

// CheckCreate finds the faults that Create would find, and makes nothing. Of a draft for an organisation whose reminders are not the actor's it
// finds those that the draft shows by itself. Errors: validation_failed.
func (s *Service) CheckCreate(ctx context.Context, actor *model.Actor, d Draft) error {
	now := s.clock()
	_, _, err := s.prepare(ctx, actor, d, now)
	switch model.CodeOf(err) {
	case model.CodeNotFound, model.CodeForbidden:
		var v model.Invalid
		s.check(&v, d.reminder(&model.Org{}, actor, now))
		return v.Err()
	}
	return err
}

// prepare makes the reminder of a draft, its first time planned, or names every fault.
func (s *Service) prepare(ctx context.Context, actor *model.Actor, d Draft, now time.Time) (*model.Reminder, *model.Org, error) {
	var v model.Invalid
	if d.OrgID == "" {
		v.Add("org_id", "required", "请选择提醒所属的组织。")
		s.check(&v, d.reminder(&model.Org{}, actor, now))
		return nil, nil, v.Err()
	}
	org, err := s.store.Org(ctx, d.OrgID)
	if err != nil {
		return nil, nil, err
	}
	if !model.CanRemind(actor, org) {
		if !model.CanSeeOrg(actor, org.Path) {
			return nil, nil, model.NotFound("该组织")
		}
		return nil, nil, refuse(org)
	}
	r := d.reminder(org, actor, now)
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.check(&v, r)
	if err := checkReach(ctx, s.store, &v, actor, org, r, &model.Reminder{}); err != nil {
		return nil, nil, err
	}
	return r, org, s.plan(&v, r, cal, nil, now)
}

func (d Draft) reminder(org *model.Org, actor *model.Actor, now time.Time) *model.Reminder {
	r := &model.Reminder{
		ID: store.NewID(), OrgID: org.ID, Name: model.SingleLine(d.Name), Rule: cleanRule(d.Rule), StartsOn: model.Date(d.StartsOn), At: d.At,
		OnlyAfterHours: d.OnlyAfterHours == nil || *d.OnlyAfterHours, SkipHolidays: d.SkipHolidays == nil || *d.SkipHolidays,
		Audience: d.Audience, Template: model.PushKind(d.Template), Title: model.SingleLine(d.Title), Note: model.SingleLine(d.Note),
		ArticleID: d.ArticleID, CreatedBy: actor.MemberID, CreatedAt: now, UpdatedAt: now,
	}
	if r.StartsOn == "" {
		r.StartsOn = model.DateOf(now)
	}
	if r.Template == "" {
		r.Template = model.PushStudy
	}
	return r
}

// plan reckons a reminder's next times and raises the faults that were collected. A rule that would never fire again is one of them.
func (s *Service) plan(v *model.Invalid, r *model.Reminder, cal model.Calendar, done *model.ReminderOccurrence, now time.Time) error {
	if err := v.Err(); err != nil {
		return err
	}
	plan, err := newSchedule(r, cal, s.hours)
	if err != nil {
		return model.BadField("rule", "invalid_rule", "规则的写法有误，"+ruleExample+"。").Because(err)
	}
	first, ok := plan.upcoming(now, done)
	if !ok {
		return model.BadField("rule", "never", "按这条规则今后不会再有提醒，请检查日期、次数与截止日期，"+ruleExample+"。")
	}
	plan.setNext(r, first, ok)
	return nil
}

// Preview is one of the times to come.
type Preview struct {
	Planned     time.Time // by the rule
	At          time.Time // when it goes out
	Provisional bool      // the year's holidays are not published yet
	Skipped     string    // why it does not go out
	Moved       string    // why it goes out later than the rule says
	Recipients  *int      // how many would get it; nil where the number would tell who has not read
}

const (
	previewLength = 10
	fewest        = 5 // readers are counted among five or more, never fewer
)

// Preview lists the next ten times by the rule, those to be skipped among them, and how many would get each if it went out now.
// Errors: not_found.
func (s *Service) Preview(ctx context.Context, actor *model.Actor, id string) ([]Preview, error) {
	now := s.clock()
	row, err := find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	view, err := s.view(ctx, s.store, row)
	if err != nil {
		return nil, err
	}
	plan, err := newSchedule(&row.Reminder, cal, s.hours)
	if err != nil {
		return nil, err
	}
	count, err := s.count(ctx, row.Recipients())
	if err != nil {
		return nil, err
	}
	items := []Preview{}
	walk := plan.from(plan.begin(now, view.Last))
	for t, ok := walk(); ok && len(items) < previewLength; t, ok = walk() {
		if !t.at.After(now) {
			continue
		}
		p := Preview{Planned: t.planned, At: t.at, Provisional: t.provisional, Skipped: t.skipped, Moved: t.moved, Recipients: count}
		if t.skipped != "" {
			p.Recipients = new(int)
		}
		items = append(items, p)
	}
	return items, nil
}

// count counts an audience. Among fewer than five it does not tell how many have not read something.
func (s *Service) count(ctx context.Context, a model.Audience) (*int, error) {
	if a.NotReadArticleID != "" {
		everybody := a
		everybody.NotReadArticleID = ""
		n, err := s.counter.CountAudience(ctx, everybody)
		if err != nil || n < fewest {
			return nil, err
		}
	}
	n, err := s.counter.CountAudience(ctx, a)
	if err != nil {
		return nil, err
	}
	return &n, nil
}
