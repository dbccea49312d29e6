package reminder

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Patch changes what is given of a reminder. Version, where it is not 0, must be the one the reminder has.
type Patch struct {
	Name           *string
	Rule           *string
	At             *string
	StartsOn       *string
	OnlyAfterHours *bool
	SkipHolidays   *bool
	Audience       *model.Audience
	Template       *string
	Title          *string
	Note           *string
	ArticleID      *string
	Paused         *bool
	Version        int
}

// Update changes a reminder. A new rule, hour or first day, and taking it up again, plan its next time anew; a rule that is new is counted from
// today unless its first day is given too. A pause also takes back the message that still waits for its hour.
// Errors: not_found, forbidden, edit_conflict, validation_failed.
func (s *Service) Update(ctx context.Context, actor *model.Actor, id string, p Patch) (*View, error) {
	now := s.clock()
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	var out *View
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		row, err := findOwn(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if p.Version != 0 && p.Version != row.Version {
			return model.Fail(model.CodeEditConflict, "该提醒刚被他人修改，请刷新后再试。")
		}
		was := row.Reminder
		p.apply(&row.Reminder, now)
		if err := s.replan(ctx, tx, actor, row, &was, cal, now); err != nil {
			return err
		}
		if err := tx.SaveReminder(ctx, &row.Reminder); err != nil {
			return err
		}
		if row.Paused && !was.Paused {
			if err := s.outbox.Drop(ctx, tx, Subject(id), "提醒已暂停"); err != nil {
				return err
			}
		}
		if err := tx.Audit(ctx, now, actor, verbOf(&was, &row.Reminder), Subject(id), row.OrgID, map[string]string{"rule": row.Rule, "at": row.At}); err != nil {
			return err
		}
		out, err = s.view(ctx, tx, row, cal)
		return err
	})
	return out, err
}

// CheckUpdate finds the faults that Update would find, and changes nothing. Errors: those of Update but edit_conflict.
func (s *Service) CheckUpdate(ctx context.Context, actor *model.Actor, id string, p Patch) error {
	row, err := findOwn(ctx, s.store, actor, id)
	if err != nil {
		return err
	}
	was := row.Reminder
	p.apply(&row.Reminder, s.clock())
	var v model.Invalid
	s.check(&v, &row.Reminder)
	if err := checkReach(ctx, s.store, &v, actor, &row.Org, &row.Reminder, &was); err != nil {
		return err
	}
	return v.Err()
}

func verbOf(was, is *model.Reminder) string {
	switch {
	case is.Paused && !was.Paused:
		return "reminder.pause"
	case was.Paused && !is.Paused:
		return "reminder.resume"
	}
	return "reminder.update"
}

// apply writes what is given over a reminder.
func (p Patch) apply(r *model.Reminder, now time.Time) {
	line := func(to *string, from *string) {
		if from != nil {
			*to = model.SingleLine(*from)
		}
	}
	line(&r.Name, p.Name)
	line(&r.Title, p.Title)
	line(&r.Note, p.Note)
	line(&r.At, p.At)
	line(&r.ArticleID, p.ArticleID)
	if p.Rule != nil {
		if rule := cleanRule(*p.Rule); rule != r.Rule {
			r.Rule, r.StartsOn = rule, model.DateOf(now)
		}
	}
	if p.StartsOn != nil {
		r.StartsOn = model.Date(*p.StartsOn)
	}
	if p.Template != nil {
		r.Template = model.PushKind(*p.Template)
	}
	if p.Audience != nil {
		r.Audience = *p.Audience
	}
	flag := func(to *bool, from *bool) {
		if from != nil {
			*to = *from
		}
	}
	flag(&r.OnlyAfterHours, p.OnlyAfterHours)
	flag(&r.SkipHolidays, p.SkipHolidays)
	flag(&r.Paused, p.Paused)
	r.UpdatedAt = now
}

// replan checks a changed reminder and, where its times are others now, reckons them anew. What was due by the old ones is dealt with first, so
// that no change loses it, and none fires what is over.
func (s *Service) replan(ctx context.Context, tx *store.Store, actor *model.Actor, row *store.ReminderRow, was *model.Reminder, cal model.Calendar, now time.Time) error {
	r := &row.Reminder
	var v model.Invalid
	s.check(&v, r)
	if err := checkReach(ctx, tx, &v, actor, &row.Org, r, was); err != nil {
		return err
	}
	if err := v.Err(); err != nil {
		return err
	}
	if sameTimes(r, was) && r.Paused == was.Paused {
		return nil
	}
	if err := s.dealBefore(ctx, tx, &store.ReminderRow{Reminder: *was, Org: row.Org}, r.Paused, cal, now); err != nil {
		return err
	}
	last, err := tx.LastOccurrences(ctx, []string{r.ID})
	if err != nil {
		return err
	}
	return s.plan(&v, r, cal, pick(last, r.ID), now)
}

// dealBefore deals with what is due by the old times of a reminder that changes. One that is being paused fires nothing more, and what still
// waited for a better hour of today gives way to the new rule.
func (s *Service) dealBefore(ctx context.Context, tx *store.Store, old *store.ReminderRow, pausing bool, cal model.Calendar, now time.Time) error {
	if old.NextPlanned == nil {
		return nil
	}
	old.Paused = old.Paused || pausing
	plan, err := newSchedule(&old.Reminder, cal, s.policy().Push)
	if err != nil {
		return err
	}
	to, err := s.reachOf(ctx, tx, old)
	if err != nil {
		return err
	}
	if err := to.look(ctx, tx); err != nil {
		return err
	}
	if err := s.deal(ctx, tx, old, to, plan, now); err != nil || old.Paused {
		return err
	}
	if f, ok := plan.waiting(&old.Reminder, now); ok {
		_, err = tx.AddOccurrence(ctx, &model.ReminderOccurrence{ReminderID: old.ID, PlannedAt: f.planned, At: f.sendAt, CreatedAt: now,
			State: model.OccurrenceSkipped, Reason: "规则已修改，原定 " + clockText(f.at) + " 的这一次不再补发"})
	}
	return err
}

func sameTimes(a, b *model.Reminder) bool {
	return a.Rule == b.Rule && a.At == b.At && a.StartsOn == b.StartsOn && a.OnlyAfterHours == b.OnlyAfterHours && a.SkipHolidays == b.SkipHolidays
}

// Delete removes a reminder and takes back the message that still waits for its hour. Errors: not_found, forbidden.
func (s *Service) Delete(ctx context.Context, actor *model.Actor, id string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		row, err := findOwn(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := tx.DropReminder(ctx, id); err != nil {
			return err
		}
		if err := s.outbox.Drop(ctx, tx, Subject(id), "提醒已删除"); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "reminder.delete", Subject(id), row.OrgID, nil)
	})
}

// The longest texts of a reminder, in characters.
const (
	maxName  = 50
	maxTitle = 100
	maxNote  = 200
)

// checkPlan looks at when a reminder comes, and brings its hour into the one form.
func checkPlan(v *model.Invalid, r *model.Reminder, hours model.PushHours) {
	for _, fault := range checkRule(r.Rule) {
		v.Add("rule", "invalid_rule", fault)
	}
	if !r.StartsOn.Valid() || r.StartsOn < "2000-01-01" || r.StartsOn > "2100-12-31" {
		v.Add("starts_on", "invalid_date", "起始日期格式应如 2026-11-24。")
	}
	clock, ok := cleanClock(r.At)
	if !ok {
		v.Add("at", "invalid_time", "提醒时刻应为 24 小时制的时和分，如 20:00。")
		return
	}
	r.At = clock
	if t, err := instant("2026-11-24", clock); err == nil {
		if at, _ := hours.Next(t, model.HoursTimed); !at.Equal(t) {
			v.Add("at", "at_night", fmt.Sprintf("%s 在夜间免打扰时段内，请改在 %s 至 %s 之间。", clock, minuteText(hours.NightTo), minuteText((hours.NightFrom+24*60-1)%(24*60))))
		}
	}
}

func minuteText(m int) string { return fmt.Sprintf("%d:%02d", m/60, m%60) }

// check finds the faults that a reminder shows by itself, and brings its hour into the one form.
func (s *Service) check(v *model.Invalid, r *model.Reminder) {
	checkPlan(v, r, s.policy().Push)
	checkMessage(v, r)
}

// checkMessage looks at what a reminder says.
func checkMessage(v *model.Invalid, r *model.Reminder) {
	if r.Name == "" {
		v.Add("name", "required", "请填写提醒的名称。")
	}
	for _, t := range []struct {
		field, text string
		most        int
	}{{"name", r.Name, maxName}, {"title", r.Title, maxTitle}, {"note", r.Note, maxNote}} {
		if utf8.RuneCountInString(t.text) > t.most {
			v.Add(t.field, "too_long", fmt.Sprintf("不能超过 %d 个字。", t.most))
		}
	}
	if r.Template != model.PushStudy && r.Template != model.PushAnnouncement {
		v.Add("template", "not_allowed", "定时提醒的消息模板只能是 study（学习任务）或 announcement（通知公告）。")
	}
	for i, role := range r.Audience.Roles {
		if role.Rank() == 0 {
			v.Add(fmt.Sprintf("audience.roles[%d]", i), "not_allowed", "没有这个角色，可用的是 member（成员）、group_leader（党小组组长）、committee_member（支委）、secretary（支部书记）、staff（党办）、admin（管理员）。")
		}
	}
	for i, status := range r.Audience.PartyStatus {
		if !status.Valid() {
			v.Add(fmt.Sprintf("audience.party_status[%d]", i), "not_allowed", "没有这种政治面貌，可用的是 full（中共党员）、probationary（预备党员）、applicant（入党积极分子）、non_party（群众）。")
		}
	}
}

// checkReach looks at to whom a reminder goes and what it points to. What was there before is not asked about again: an article may have been
// withdrawn since.
func checkReach(ctx context.Context, from *store.Store, v *model.Invalid, actor *model.Actor, org *model.Org, r, was *model.Reminder) error {
	if err := checkAudience(ctx, from, v, org, r.Audience); err != nil {
		return err
	}
	for _, a := range []struct{ field, is, was string }{
		{"article_id", r.ArticleID, was.ArticleID},
		{"audience.not_read_article_id", r.Audience.NotReadArticleID, was.Audience.NotReadArticleID},
	} {
		if a.is == "" || a.is == a.was {
			continue
		}
		article, err := from.Article(ctx, a.is)
		if err != nil && !model.IsNotFound(err) {
			return err
		}
		if err != nil || !model.CanSeeArticle(actor, article) {
			v.Add(a.field, "not_found", "没有找到这篇文章，可能已删除，或您无权查看。")
		}
	}
	return nil
}

// checkAudience looks at to whom a reminder goes: some of the own organisation, never others.
func checkAudience(ctx context.Context, from *store.Store, v *model.Invalid, org *model.Org, a model.Audience) error {
	if a.OrgID == "" || a.OrgID == org.ID {
		return nil
	}
	to, err := from.Org(ctx, a.OrgID)
	if err != nil && !model.IsNotFound(err) {
		return err
	}
	if err != nil || !model.Within(to.Path, org.Path) {
		v.Add("audience.org_id", "not_found", "接收范围须是本组织或其下级组织。")
	}
	return nil
}
