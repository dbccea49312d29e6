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
	policies  model.Policies // nil: the built-in profile
	stale     atomic.Bool    // the calendar may have changed since the times to come were reckoned
	heard     heard
}

// New makes the room. The store's change feed tells it when the calendar or an article changed; the first Tick looks for what changed before.
func New(s *store.Store, outbox Outbox, counter Counter, calendars Calendars, clock model.Clock) *Service {
	svc := &Service{store: s, outbox: outbox, counter: counter, calendars: calendars, clock: clock}
	svc.stale.Store(true)
	svc.heard.everything()
	s.OnChange(model.TopicCalendar, func(string) { svc.stale.Store(true) })
	s.OnChange(model.TopicArticle, func(id string) { svc.heard.add(id) })
	return svc
}

// Follow makes the room go by the office's profiles instead of the built-in one. Call it before the room is used.
func (s *Service) Follow(p model.Policies) {
	s.policies = p
}

// Turned tells that another profile holds: the next Tick reckons the times to come anew.
func (s *Service) Turned() { s.stale.Store(true) }

func (s *Service) policy() *model.Policy {
	if s.policies == nil {
		return model.DefaultPolicy()
	}
	return s.policies.PolicyAt(s.clock())
}

// Subject names a reminder's messages in the outbox.
func Subject(reminderID string) string { return "reminder:" + reminderID }

// View is a reminder as those who lead its organisation see it.
type View struct {
	store.ReminderRow
	Last      *model.ReminderOccurrence // what became of its latest time; nil before the first
	LastFired *model.ReminderOccurrence // when it last went out; nil before the first
	Words     string                    // the rule as people say it
	NextNote  string                    // what there is to know of the next time, in Chinese; often empty
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
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, s.store, rows, cal)
	return views, next, err
}

// Get reads one reminder. Errors: not_found, also for who does not lead its organisation.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	row, err := find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, s.store, row, cal)
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

func (s *Service) view(ctx context.Context, from *store.Store, row *store.ReminderRow, cal model.Calendar) (*View, error) {
	views, err := s.views(ctx, from, []store.ReminderRow{*row}, cal)
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

func (s *Service) views(ctx context.Context, from *store.Store, rows []store.ReminderRow, cal model.Calendar) ([]View, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	last, err := from.LastOccurrences(ctx, ids)
	if err != nil {
		return nil, err
	}
	fired, err := from.LastOccurrences(ctx, ids, model.OccurrenceFired)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, r := range rows {
		v := View{ReminderRow: r, Last: pick(last, r.ID), LastFired: pick(fired, r.ID), Words: ruleWords(&r.Reminder, model.DateOf(s.clock()))}
		if v.NextNote, err = s.note(ctx, from, &r, cal); err != nil {
			return nil, err
		}
		views[i] = v
	}
	return views, nil
}

func pick(of map[string]model.ReminderOccurrence, id string) *model.ReminderOccurrence {
	if o, ok := of[id]; ok {
		return &o
	}
	return nil
}

// note says what there is to know of a reminder's next time: that it does not come, or comes later than the rule says.
func (s *Service) note(ctx context.Context, from *store.Store, row *store.ReminderRow, cal model.Calendar) (string, error) {
	switch row.State() {
	case model.ReminderPaused:
		return "提醒已暂停，恢复后从下一次起照常提醒，暂停期间的不补发", nil
	case model.ReminderEnded:
		return endedNote, nil
	}
	to, err := s.reachOf(ctx, from, row)
	if err != nil {
		return "", err
	}
	if why := to.bar(*row.NextAt); why != "" {
		return why, nil
	}
	plan, err := newSchedule(&row.Reminder, cal, s.policy().Push)
	if err != nil {
		return "", err
	}
	t, ok := plan.next(*row.NextPlanned)
	switch {
	case !ok:
		return "", nil
	case !t.at.Equal(*row.NextAt):
		return "未能在 " + clockText(t.at) + " 按时发出，改在 " + clockText(*row.NextAt) + " 补发", nil
	case t.moved != "" && t.provisional:
		return t.moved, nil // it says itself that the year is not published
	case t.provisional:
		return provisionalNote, nil
	}
	return t.moved, nil
}

const (
	endedNote       = "规则已到期，今后不再提醒"
	provisionalNote = "当年的放假安排尚未公布，届时可能顺延或取消"
)

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
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	r, org, err := s.prepare(ctx, actor, d, cal, now)
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
		out, err = s.view(ctx, tx, row, cal)
		return err
	})
	return out, err
}

// CheckCreate finds the faults that Create would find, and makes nothing. Of a draft for an organisation whose reminders are not the actor's it
// finds those that the draft shows by itself. Errors: validation_failed.
func (s *Service) CheckCreate(ctx context.Context, actor *model.Actor, d Draft) error {
	now := s.clock()
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	_, _, err = s.prepare(ctx, actor, d, cal, now)
	switch model.CodeOf(err) {
	case model.CodeNotFound, model.CodeForbidden:
		var v model.Invalid
		s.check(&v, d.reminder(&model.Org{}, actor, now))
		return v.Err()
	}
	return err
}

// prepare makes the reminder of a draft, its first time planned, or names every fault.
func (s *Service) prepare(ctx context.Context, actor *model.Actor, d Draft, cal model.Calendar, now time.Time) (*model.Reminder, *model.Org, error) {
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

// plan reckons a reminder's times to come and raises the faults that were collected. A rule that would never fire again is one of them, except
// of a reminder that is merely paused.
func (s *Service) plan(v *model.Invalid, r *model.Reminder, cal model.Calendar, done *model.ReminderOccurrence, now time.Time) error {
	if err := v.Err(); err != nil {
		return err
	}
	plan, err := newSchedule(r, cal, s.policy().Push)
	if err != nil {
		return model.BadField("rule", "invalid_rule", "规则的写法有误，"+ruleExample+"。").Because(err)
	}
	first, ok := plan.upcoming(now, done)
	plan.setTimes(r, fate{turn: first, sendAt: first.at}, ok)
	switch {
	case r.Paused || r.NextAt != nil:
		return nil
	case !ok:
		return model.BadField("rule", "never", never(r, now))
	}
	return model.BadField("rule", "never", "按这条规则，今后的每一次都在法定节假日，都不会提醒；请修改规则，或关闭 skip_holidays（节假日不提醒）。")
}

// never says why a rule does not fire any more, and how to mend it.
func never(r *model.Reminder, now time.Time) string {
	parts, _ := splitRule(r.Rule)
	if until, err := untilOf(parts["UNTIL"]); err == nil && until.Before(now) {
		return "截止日期 " + until.In(model.Zone).Format("2006年1月2日") + " 已过，今后不会再有提醒，请改用以后的日期，或去掉 UNTIL。"
	}
	if n := parts["COUNT"]; n != "" && r.StartsOn < model.DateOf(now) {
		return "自 " + string(r.StartsOn) + " 起的 " + n + " 次都已过去，今后不会再有提醒，请增加 COUNT，或另定起始日期 starts_on。"
	}
	return "今后没有符合这条规则的日子，不会有提醒，请检查规则中的日期，" + ruleExample + "。"
}
