package reminder

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// reach is whom a reminder reaches and what stands in its way, as the store knows it now. Firing and preview ask the same one, so that the preview
// is true.
type reach struct {
	audience model.Audience
	nobody   string         // why there is nobody at all, in Chinese
	about    *model.Article // nil without one
	lost     bool           // the article it was about is gone
	discreet bool           // so few that counting would tell who has not read
	narrowed string         // why fewer are reminded than were named, in Chinese
	vacant   string         // why there is nobody as the rosters stand, once it was looked at
}

// reachOf looks at a reminder's audience and article.
func (s *Service) reachOf(ctx context.Context, from *store.Store, row *store.ReminderRow) (*reach, error) {
	r := &reach{audience: row.Recipients()}
	org, err := from.Org(ctx, r.audience.OrgID)
	if model.IsNotFound(err) {
		r.nobody = "接收范围的组织已不存在，本次不提醒，请修改接收范围"
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	id := row.About()
	if id == "" {
		return r, nil
	}
	about, err := from.Article(ctx, id)
	if model.IsNotFound(err) {
		r.lost = true
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.about = about
	readers, some := r.audience.ForReaders(org.Path, about)
	if !some {
		r.nobody = "接收范围内没有人可以查看" + named(about) + "，本次不提醒"
	}
	r.narrowed = narrowed(r.audience, readers, about)
	r.audience = readers
	everybody := r.audience
	everybody.NotReadArticleID = ""
	few, err := from.AudienceIDs(ctx, everybody, "", s.policy().Crowd(), false)
	r.discreet = len(few) < s.policy().Crowd() && len(few) > 0
	return r, err
}

// narrowed says which of an audience may read an article, where that is not all of it.
func narrowed(whole, readers model.Audience, about *model.Article) string {
	var who string
	switch {
	case about.Visibility == model.VisibleParty && !slices.Equal(whole.PartyStatus, readers.PartyStatus):
		who = "党员"
	case about.Visibility == model.VisibleCommittee && !slices.Equal(whole.Roles, readers.Roles):
		who = "支委及以上"
	case whole.OrgID != readers.OrgID:
		who = "文章所属组织的成员"
	default:
		return ""
	}
	return named(about) + "仅" + who + "可见，只提醒接收范围内的" + who
}

func named(a *model.Article) string { return "《" + model.CutRunes(a.Title, 40) + "》" }

// bar is why a reminder does not go out at t, in Chinese; empty when it does.
func (r *reach) bar(t time.Time) string {
	a := r.about
	switch {
	case r.nobody != "":
		return r.nobody
	case r.lost:
		return "所附文章已删除，本次不提醒，请为提醒另选文章"
	case a == nil:
		return ""
	case a.State == model.ArticleWithdrawn:
		return named(a) + "已撤回，本次不提醒；重新发布后照常提醒"
	case a.State == model.ArticleScheduled && a.PublishAt != nil && !a.PublishAt.After(t):
	case a.State != model.ArticlePublished:
		return unpublished(a)
	}
	if a.DueAt != nil && !t.Before(*a.DueAt) {
		return named(a) + "的学习截止时间 " + a.DueAt.In(model.Zone).Format("1月2日 15:04") + " 已过，不再提醒"
	}
	return ""
}

func unpublished(a *model.Article) string {
	return named(a) + "尚未发布，本次不提醒；发布后照常提醒"
}

// waits reports whether the article is to be published at this very time: nobody is told of what is not visible yet.
func (r *reach) waits(due, now time.Time) bool {
	return r.about != nil && r.about.State == model.ArticleScheduled && r.bar(now) == "" && now.Sub(due) <= punctual
}

// hindrance is why a reminder that is due does not go out after all, in Chinese; empty when it does.
func (r *reach) hindrance(now time.Time) string {
	if why := r.bar(now); why != "" {
		return why
	}
	if r.about != nil && r.about.State == model.ArticleScheduled { // its time has passed, and nobody published it
		return unpublished(r.about)
	}
	return r.vacant
}

// look finds out whether there is somebody to be reminded as the rosters stand. It says nothing where that would tell who has read.
func (r *reach) look(ctx context.Context, from *store.Store) error {
	if r.discreet || r.nobody != "" {
		return nil
	}
	some, err := from.AudienceIDs(ctx, r.audience, "", 1, false)
	if err != nil || len(some) > 0 {
		return err
	}
	everybody := r.audience
	everybody.NotReadArticleID = ""
	if some, err = from.AudienceIDs(ctx, everybody, "", 1, false); err != nil {
		return err
	}
	r.vacant = "接收范围内没有符合条件的成员，本次不提醒"
	if len(some) > 0 {
		r.vacant = "应提醒的人都已学习，本次不打扰"
	}
	return nil
}

// message is what a reminder says at one of its times. It has become pointless when the next one comes, or what is to be read is due, and at the
// latest with the push hours of the following day: until then what is over somebody's budget may still come in the evening's digest.
func message(row *store.ReminderRow, r *reach, f fate, hours model.PushHours) *model.Push {
	expires := pointless(row, r, f, hours)
	key := Subject(row.ID) + ":" + f.planned.In(model.Zone).Format(time.RFC3339)
	at := f.sendAt.In(model.Zone).Format(momentLayout)
	title, due, note, body := row.Headline(), at, row.Note, row.Note
	if note == "" {
		note = noteOf(row, r.about)
	}
	if a := r.about; a != nil {
		if row.Title == "" { // the card has room for one line, and what is to be read says more than the reminder's name
			title = a.Title
		}
		body = strings.TrimLeft(body+"\n"+"请学习"+named(a)+"，"+noteOf(row, a)+"。", "\n")
		if a.DueAt != nil {
			due = a.DueAt.In(model.Zone).Format(momentLayout)
			body += "请在 " + due + " 前完成。"
		}
	}
	if body == "" {
		body = note
	}
	fields := map[string]string{"title": title, "due": due, "note": note}
	if row.Template == model.PushAnnouncement {
		fields = map[string]string{"title": title, "from": row.Org.Name, "time": at, "note": note}
	}
	p := &model.Push{
		OrgID: row.Org.ID, OrgPath: row.Org.Path, Kind: row.Template, Title: row.Headline(), Body: body, Fields: fields,
		Audience: r.audience, Hours: model.HoursTimed, Counted: true, Subject: Subject(row.ID), DedupeKey: &key,
		SendAt: f.sendAt, ExpiresAt: &expires, CreatedBy: row.CreatedBy, Page: inboxPage,
	}
	if r.about != nil {
		p.Page = "pages/article/detail?id=" + r.about.ID
	}
	return p
}

// noteOf is what a card says where the secretary wrote nothing.
func noteOf(row *store.ReminderRow, about *model.Article) string {
	switch {
	case about != nil:
		return "约" + strconv.Itoa(max(about.ReadingMinutes, 1)) + "分钟，单位已学可直接标记"
	case row.Template == model.PushAnnouncement:
		return "请在方便时查看"
	}
	return "请在方便时安排学习"
}

// inboxPage is where a tap leads without an article: to the notice itself.
const inboxPage = "pages/notice/index"

func pointless(row *store.ReminderRow, r *reach, f fate, hours model.PushHours) time.Time {
	last := 0
	for _, w := range hours.Open {
		last = max(last, w.To)
	}
	at := model.DateOf(f.sendAt).Add(1).Start().Add(time.Duration(last) * time.Minute)
	for _, sooner := range []*time.Time{row.NextAt, dueOf(r.about)} {
		if sooner != nil && sooner.After(f.sendAt) && sooner.Before(at) {
			at = *sooner
		}
	}
	return at.UTC()
}

func dueOf(a *model.Article) *time.Time {
	if a == nil {
		return nil
	}
	return a.DueAt
}
