package api

import (
	"context"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/reminder"
)

// reminderAudience narrows the recipients; all given conditions hold together.
type reminderAudience struct {
	OrgID            string                       `json:"org_id,omitempty" maxLength:"64" doc:"the reminder's organisation or one below it; the former when empty"`
	Roles            oneOrMany[model.Role]        `json:"roles,omitempty" doc:"member, group_leader, committee_member, secretary, staff, admin"`
	PartyStatus      oneOrMany[model.PartyStatus] `json:"party_status,omitempty" doc:"full, probationary, applicant, non_party"`
	NotReadArticleID string                       `json:"not_read_article_id,omitempty" maxLength:"64" doc:"only those who have neither read it nor claimed it as 单位已学"`
}

func (b reminderAudience) audience() model.Audience {
	return model.Audience{OrgID: b.OrgID, Roles: b.Roles, PartyStatus: b.PartyStatus, NotReadArticleID: b.NotReadArticleID}
}

type reminderAudienceView struct {
	OrgID            string   `json:"org_id,omitempty"`
	Roles            []string `json:"roles,omitempty" enum:"member,group_leader,committee_member,secretary,staff,admin"`
	PartyStatus      []string `json:"party_status,omitempty" enum:"full,probationary,applicant,non_party"`
	NotReadArticleID string   `json:"not_read_article_id,omitempty"`
}

func reminderAudienceOf(a model.Audience) reminderAudienceView {
	return reminderAudienceView{OrgID: a.OrgID, Roles: rolesView(a.Roles), NotReadArticleID: a.NotReadArticleID,
		PartyStatus: mapped(a.PartyStatus, func(p model.PartyStatus) string { return string(p) })}
}

type reminderAuthor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// reminderOccurrenceView is what became of one time.
type reminderOccurrenceView struct {
	PlannedAt  timeView `json:"planned_at" doc:"by the rule"`
	At         timeView `json:"at" doc:"when the message went out, or was to"`
	Local      string   `json:"local" doc:"at in Chinese, for people"`
	State      string   `json:"state" enum:"fired,missed,skipped"`
	Text       string   `json:"text" doc:"what happened, in Chinese, for people"`
	Reason     *string  `json:"reason" nullable:"true" doc:"why it was skipped or missed, or went out later than the rule said"`
	Recipients *int     `json:"recipients" nullable:"true" doc:"how many it went to; null where it did not, or where the number would tell who has not read"`
	PushID     *string  `json:"push_id" nullable:"true" doc:"the push, whose ledger tells how it reached everybody"`
}

func reminderOccurrenceOf(o model.ReminderOccurrence) reminderOccurrenceView {
	v := reminderOccurrenceView{
		PlannedAt: timeView(o.PlannedAt), At: timeView(o.At), Local: reminderTimeText(o.At), State: string(o.State), Reason: textOrNil(o.Reason),
		Recipients: o.Recipients, PushID: o.PushID,
	}
	switch o.State {
	case model.OccurrenceFired:
		v.Text = "已发出"
		if o.Recipients != nil {
			v.Text = "已发给 " + strconv.Itoa(*o.Recipients) + " 人"
		}
		if o.Reason != "" {
			v.Text += "（" + o.Reason + "）"
		}
		return v
	case model.OccurrenceMissed:
		v.Text = "错过"
	default:
		v.Text = "未提醒"
	}
	if o.Reason != "" {
		v.Text += "：" + o.Reason
	}
	return v
}

type reminderView struct {
	ID             string               `json:"id"`
	Org            orgRef               `json:"org"`
	OrgID          string               `json:"org_id" doc:"the same as in org"`
	Name           string               `json:"name"`
	Rule           string               `json:"rule" doc:"RFC 5545, such as FREQ=WEEKLY;BYDAY=TU"`
	RuleText       string               `json:"rule_text" doc:"the rule and its hour in Chinese, such as 每周二 20:00"`
	At             string               `json:"at" doc:"the time of day in China" example:"20:00"`
	StartsOn       string               `json:"starts_on" format:"date" doc:"from which COUNT and INTERVAL are counted"`
	OnlyAfterHours bool                 `json:"only_after_hours"`
	SkipHolidays   bool                 `json:"skip_holidays"`
	Audience       reminderAudienceView `json:"audience"`
	Template       string               `json:"template" enum:"study,announcement"`
	Title          *string              `json:"title" nullable:"true"`
	Note           *string              `json:"note" nullable:"true"`
	ArticleID      *string              `json:"article_id" nullable:"true"`
	Paused         bool                 `json:"paused"`
	NextAt         *timeView            `json:"next_at" nullable:"true" doc:"null when paused, or when the rule has come to its end"`
	State          string               `json:"state" enum:"active,paused,ended"`
	NextNote       *string              `json:"next_note" nullable:"true" doc:"what there is to know of the next time, in Chinese: why it comes later than the rule says, or not at all"`
	LastFiredAt    *timeView            `json:"last_fired_at" nullable:"true" doc:"when it last went out"`

	Last      maybe[reminderOccurrenceView] `json:"last" doc:"what became of its latest time; null before the first"`
	CreatedBy reminderAuthor                `json:"created_by"`
	CreatedAt timeView                      `json:"created_at"`
	UpdatedAt timeView                      `json:"updated_at"`
	Version   int                           `json:"version"`
}

func (v reminderView) etag() string { return rowTag(v.Version) }

func reminderOf(r reminder.View) reminderView {
	v := reminderView{
		ID: r.ID, Org: orgRefOf(r.Org), OrgID: r.OrgID, Name: r.Name, Rule: r.Rule, At: r.At, StartsOn: string(r.StartsOn),
		OnlyAfterHours: r.OnlyAfterHours, SkipHolidays: r.SkipHolidays, Audience: reminderAudienceOf(r.Audience), Template: string(r.Template),
		Title: textOrNil(r.Title), Note: textOrNil(r.Note), ArticleID: textOrNil(r.ArticleID), Paused: r.Paused, NextAt: timeOrNil(r.NextAt),
		RuleText: r.Words, State: string(r.State()), NextNote: textOrNil(r.NextNote),
		CreatedBy: reminderAuthor{ID: r.CreatedBy, Name: r.CreatorName}, CreatedAt: timeView(r.CreatedAt), UpdatedAt: timeView(r.UpdatedAt), Version: r.Version,
	}
	if r.Last != nil {
		v.Last = some(reminderOccurrenceOf(*r.Last))
	}
	if r.LastFired != nil {
		v.LastFiredAt = timeOrNil(&r.LastFired.At)
	}
	return v
}

func reminderFrom(v *reminder.View, err error) (reminderView, error) {
	if err != nil {
		return reminderView{}, err
	}
	return reminderOf(*v), nil
}

type listRemindersInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	OrgID  string `query:"org_id" maxLength:"64" doc:"only of this organisation and those below it"`
}

func (a *API) listReminders(ctx context.Context, actor *model.Actor, in *listRemindersInput) (list[reminderView], error) {
	rows, next, err := a.rooms.Reminder.List(ctx, actor, in.OrgID, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[reminderView]{}, err
	}
	return listOf(rows, next, reminderOf), nil
}

type createReminderInput struct {
	Body struct {
		OrgID          string           `json:"org_id" minLength:"1" maxLength:"64"`
		Name           string           `json:"name" minLength:"1" maxLength:"50"`
		Rule           string           `json:"rule" maxLength:"500" doc:"RFC 5545, DAILY to YEARLY, without BYHOUR, BYMINUTE and BYSECOND" example:"FREQ=WEEKLY;BYDAY=TU"`
		At             string           `json:"at" maxLength:"10" doc:"the time of day in China, not at night" example:"20:00"`
		StartsOn       string           `json:"starts_on,omitempty" format:"date" doc:"from which COUNT and INTERVAL are counted; today when empty"`
		OnlyAfterHours *bool            `json:"only_after_hours,omitempty" doc:"what falls into working hours goes out in the next push window behind them; true when missing"`
		SkipHolidays   *bool            `json:"skip_holidays,omitempty" doc:"nothing on the days off of a statutory holiday; true when missing"`
		Audience       reminderAudience `json:"audience,omitempty"`
		Template       string           `json:"template,omitempty" enum:"study,announcement" doc:"study when missing"`
		Title          string           `json:"title,omitempty" maxLength:"100" doc:"of the message; the name when missing"`
		Note           string           `json:"note,omitempty" maxLength:"200"`
		ArticleID      string           `json:"article_id,omitempty" maxLength:"64" doc:"where a tap leads; who knows it already is not reminded"`
	}
}

func (in *createReminderInput) draft() reminder.Draft {
	b := in.Body
	return reminder.Draft{
		OrgID: b.OrgID, Name: b.Name, Rule: b.Rule, At: b.At, StartsOn: b.StartsOn, OnlyAfterHours: b.OnlyAfterHours, SkipHolidays: b.SkipHolidays,
		Audience: b.Audience.audience(), Template: b.Template, Title: b.Title, Note: b.Note, ArticleID: b.ArticleID,
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *createReminderInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Reminder.CheckCreate(ctx, actor, in.draft())
	})
}

func (a *API) createReminder(ctx context.Context, actor *model.Actor, in *createReminderInput) (reminderView, error) {
	return reminderFrom(a.rooms.Reminder.Create(ctx, actor, in.draft()))
}

func (a *API) getReminder(ctx context.Context, actor *model.Actor, in *IDPath) (reminderView, error) {
	return reminderFrom(a.rooms.Reminder.Get(ctx, actor, in.ID))
}

type changeReminderInput struct {
	ID      string `path:"id" maxLength:"64" doc:"identifier"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Name           *string           `json:"name,omitempty" minLength:"1" maxLength:"50"`
		Rule           *string           `json:"rule,omitempty" maxLength:"500" doc:"a new rule is counted from today, unless starts_on is given too"`
		At             *string           `json:"at,omitempty" maxLength:"10"`
		StartsOn       *string           `json:"starts_on,omitempty" format:"date"`
		OnlyAfterHours *bool             `json:"only_after_hours,omitempty"`
		SkipHolidays   *bool             `json:"skip_holidays,omitempty"`
		Audience       *reminderAudience `json:"audience,omitempty" doc:"replaces the whole audience"`
		Template       *string           `json:"template,omitempty" enum:"study,announcement"`
		Title          *string           `json:"title,omitempty" maxLength:"100"`
		Note           *string           `json:"note,omitempty" maxLength:"200"`
		ArticleID      *string           `json:"article_id,omitempty" maxLength:"64" doc:"empty removes it"`
		Paused         *bool             `json:"paused,omitempty"`
	}
}

func (in *changeReminderInput) patch() reminder.Patch {
	b := in.Body
	p := reminder.Patch{
		Name: b.Name, Rule: b.Rule, At: b.At, StartsOn: b.StartsOn, OnlyAfterHours: b.OnlyAfterHours, SkipHolidays: b.SkipHolidays,
		Template: b.Template, Title: b.Title, Note: b.Note, ArticleID: b.ArticleID, Paused: b.Paused, Version: rowVersion(in.IfMatch),
	}
	if b.Audience != nil {
		audience := b.Audience.audience()
		p.Audience = &audience
	}
	return p
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *changeReminderInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Reminder.CheckUpdate(ctx, actor, in.ID, in.patch())
	})
}

func (a *API) changeReminder(ctx context.Context, actor *model.Actor, in *changeReminderInput) (reminderView, error) {
	return reminderFrom(a.rooms.Reminder.Update(ctx, actor, in.ID, in.patch()))
}

func (a *API) deleteReminder(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Reminder.Delete(ctx, actor, in.ID)
}

type reminderTimeView struct {
	At          timeView `json:"at" doc:"when the message goes out; for a skipped time, when it would have"`
	PlannedAt   timeView `json:"planned_at" doc:"by the rule alone"`
	Local       string   `json:"local" doc:"the time in Chinese, for people"`
	Provisional bool     `json:"provisional" doc:"the holidays of that year are not published yet"`
	Moved       *string  `json:"moved,omitempty" doc:"why it goes out later than the rule says"`
	Skipped     *string  `json:"skipped,omitempty" doc:"why it does not go out"`
	Recipients  *int     `json:"recipients" nullable:"true" doc:"how many would get it by today's rosters; null where the number would tell who has not read"`
}

// reminderTimeText is a time as people say it: 2026年11月24日（星期二）20:00.
func reminderTimeText(t time.Time) string {
	t = t.In(model.Zone)
	names := [...]string{"日", "一", "二", "三", "四", "五", "六"}
	return t.Format("2006年1月2日") + "（星期" + names[t.Weekday()] + "）" + t.Format("15:04")
}

// reminderTimesView is a preview.
type reminderTimesView struct {
	Items    []reminderTimeView `json:"items" nullable:"false"`
	RuleText string             `json:"rule_text" doc:"the rule and its hour in Chinese"`
	Note     *string            `json:"note" nullable:"true" doc:"what holds for more than one of them, in Chinese, such as that the reminder is paused"`
}

func reminderTimesOf(o *reminder.Outlook, err error) (reminderTimesView, error) {
	if err != nil {
		return reminderTimesView{}, err
	}
	return reminderTimesView{RuleText: o.Words, Note: textOrNil(o.Note), Items: mapped(o.Times, func(p reminder.Preview) reminderTimeView {
		return reminderTimeView{At: timeView(p.At), PlannedAt: timeView(p.Planned), Local: reminderTimeText(p.At), Provisional: p.Provisional,
			Moved: textOrNil(p.Moved), Skipped: textOrNil(p.Skipped), Recipients: p.Recipients}
	})}, nil
}

func (a *API) previewReminder(ctx context.Context, actor *model.Actor, in *IDPath) (reminderTimesView, error) {
	return reminderTimesOf(a.rooms.Reminder.Preview(ctx, actor, in.ID))
}

func (a *API) planReminder(ctx context.Context, actor *model.Actor, in *createReminderInput) (reminderTimesView, error) {
	return reminderTimesOf(a.rooms.Reminder.Plan(ctx, actor, in.draft()))
}

type reminderOccurrencesInput struct {
	ID     string `path:"id" maxLength:"64" doc:"identifier"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) reminderOccurrences(ctx context.Context, actor *model.Actor, in *reminderOccurrencesInput) (list[reminderOccurrenceView], error) {
	rows, next, err := a.rooms.Reminder.Occurrences(ctx, actor, in.ID, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[reminderOccurrenceView]{}, err
	}
	return listOf(rows, next, reminderOccurrenceOf), nil
}
