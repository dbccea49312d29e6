package reminder_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/reminder"
)

// article puts a published article of an organisation into the store; change may make it another.
func (h *house) article(org *model.Org, change func(*model.Article)) *model.Article {
	h.t.Helper()
	a := &model.Article{ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Category: model.CategoryTheory, Title: "全会精神要点",
		State: model.ArticlePublished, Visibility: model.VisibleMembers, ReadingMinutes: 3}
	if change != nil {
		change(a)
	}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
	return a
}

func (h *house) becomes(a *model.Article, state model.ArticleState) {
	h.t.Helper()
	from := a.State
	a.State = state
	ok, err := h.store.StepArticle(h.ctx, a, from)
	h.must(err)
	if !ok {
		h.t.Fatal("the article is in another state")
	}
}

// told is the latest entry of a reminder's history in one line.
func (h *house) told(id string) string {
	h.t.Helper()
	rows := h.history(id)
	if len(rows) == 0 {
		return ""
	}
	return rows[0].PlannedAt.In(model.Zone).Format("01-02 15:04 ") + string(rows[0].State) + " " + rows[0].Reason
}

func (h *house) wantTold(id, want string) {
	h.t.Helper()
	if got := h.told(id); !strings.Contains(got, want) {
		h.t.Fatalf("the history says %q, want %q", got, want)
	}
}

// wantPreview holds the first time of a preview against what its Skipped must say; "" for a time that comes.
func (h *house) wantPreview(id, skipped string) {
	h.t.Helper()
	p := h.preview(id)[0]
	if (p.Skipped == "") != (skipped == "") || !strings.Contains(p.Skipped, skipped) {
		h.t.Fatalf("the preview says %q, want %q", p.Skipped, skipped)
	}
	if skipped != "" && (p.Recipients == nil || *p.Recipients != 0) {
		h.t.Fatalf("what is skipped has recipients: %+v", p)
	}
}

func daily(a *model.Article) func(*reminder.Draft) {
	return func(d *reminder.Draft) { d.Rule, d.ArticleID = "FREQ=DAILY", a.ID }
}

func TestAnArticleThatIsNotToBeReadIsNotRemindedOf(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	h.people(5)
	a := h.article(h.branch, nil)
	v := h.weekly(daily(a))
	h.at("2026-11-23 20:00")
	h.wantSent("11-23 20:00")
	h.becomes(a, model.ArticleWithdrawn)
	h.wantPreview(v.ID, "已撤回")
	got, err := h.room.Get(h.ctx, h.secretary, v.ID)
	h.must(err)
	if !strings.Contains(got.NextNote, "《全会精神要点》已撤回") {
		t.Errorf("the next time's note: %q", got.NextNote)
	}
	h.at("2026-11-24 20:00")
	h.wantTold(v.ID, "11-24 20:00 skipped 《全会精神要点》已撤回")
	h.becomes(a, model.ArticlePublished)
	h.wantPreview(v.ID, "")
	h.at("2026-11-25 20:00")
	h.wantSent("11-23 20:00", "11-25 20:00")
}

func TestAnArticleIsRemindedOfUntilItIsDue(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	due := time.Date(2026, 11, 24, 20, 0, 0, 0, model.Zone).UTC()
	h.people(5)
	a := h.article(h.branch, func(a *model.Article) { a.Required, a.DueAt = true, &due })
	v := h.weekly(daily(a))
	if items := h.preview(v.ID); items[0].Skipped != "" || !strings.Contains(items[1].Skipped, "截止时间 11月24日 20:00 已过") {
		t.Errorf("preview: %+v", items[:2])
	}
	h.at("2026-11-23 20:00")
	p := h.outbox.pushes[0]
	if p.Fields["due"] != "2026年11月24日 20:00" || p.Fields["note"] != "约3分钟，单位已学可直接标记" || p.Title != "周二学习" || p.Fields["title"] != "全会精神要点" ||
		p.Body != "请学习《全会精神要点》，约3分钟，单位已学可直接标记。请在 2026年11月24日 20:00 前完成。" || !p.ExpiresAt.Equal(due) {
		t.Errorf("message: %+v", p)
	}
	h.at("2026-11-24 20:00")
	h.wantTold(v.ID, "11-24 20:00 skipped 《全会精神要点》的学习截止时间")
	h.wantSent("11-23 20:00")

	h.weekly(func(d *reminder.Draft) {
		d.Rule, d.At, d.ArticleID, d.Title, d.Note, d.Template = "FREQ=DAILY", "20:30", h.article(h.branch, nil).ID, "本周必读", "晚饭后读一读。", "announcement"
	})
	h.at("2026-11-24 20:30")
	p = h.outbox.pushes[1]
	if p.Title != "本周必读" || p.Fields["title"] != "本周必读" || p.Fields["from"] != h.branch.Name || p.Fields["note"] != "晚饭后读一读。" ||
		p.Body != "晚饭后读一读。\n请学习《全会精神要点》，约3分钟，单位已学可直接标记。" {
		t.Errorf("message with words of its own: %+v", p)
	}
}

func TestADraftIsNotRemindedOf(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	h.people(5)
	at := time.Date(2026, 11, 24, 20, 0, 0, 0, model.Zone).UTC()
	a := h.article(h.branch, func(a *model.Article) { a.State = model.ArticleDraft })
	v := h.weekly(daily(a))
	h.wantPreview(v.ID, "尚未发布")
	h.at("2026-11-23 20:00")
	h.wantTold(v.ID, "11-23 20:00 skipped 《全会精神要点》尚未发布")
	a.PublishAt = &at
	h.becomes(a, model.ArticleScheduled)
	h.wantPreview(v.ID, "") // it will be out by then
	h.at("2026-11-24 20:00")
	h.wantSent() // it is not out yet, though it is time
	a.PublishAt = nil
	h.becomes(a, model.ArticlePublished)
	h.must(h.room.Tick(h.ctx))
	h.wantSent("11-24 20:00")
	a.PublishAt = &at
	h.becomes(a, model.ArticleWithdrawn)
	h.becomes(a, model.ArticleScheduled)
	h.at("2026-11-25 20:05")
	h.wantSent("11-24 20:00")
	h.at("2026-11-25 20:11") // nobody publishes it
	h.wantTold(v.ID, "11-25 20:00 skipped 《全会精神要点》尚未发布")
	h.becomes(a, model.ArticleDraft)
	_, err := h.store.DropDraft(h.ctx, a.ID)
	h.must(err)
	h.wantPreview(v.ID, "所附文章已删除")
	h.at("2026-11-26 20:00")
	h.wantTold(v.ID, "11-26 20:00 skipped 所附文章已删除")
}

func TestWhoCannotOpenTheArticleIsNotReminded(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	group := h.org(h.branch, model.OrgGroup, "护理党小组")
	other := h.org(nil, model.OrgBranch, "骨科康复党支部")
	h.people(6)
	h.actor(group, model.RoleGroupLeader)
	h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: h.secretary.MemberID, OrgID: h.branch.ID, OrgPath: h.branch.Path, Role: model.RoleSecretary}))
	own := &model.Audience{}
	for _, c := range []struct {
		name     string
		article  *model.Article
		audience *model.Audience
		want     model.Audience
		nobody   bool
		said     string
	}{
		{"the group's own", h.article(group, nil), own, model.Audience{OrgID: group.ID}, false, "仅文章所属组织的成员可见"},
		{"the Party's", h.article(h.branch, func(a *model.Article) { a.Visibility = model.VisibleParty }), own,
			model.Audience{OrgID: h.branch.ID, PartyStatus: []model.PartyStatus{model.PartyFull, model.PartyProbationary}}, false, "仅党员可见，只提醒接收范围内的党员"},
		{"the Party's, of those outside it", h.article(h.branch, func(a *model.Article) { a.Visibility = model.VisibleParty }),
			&model.Audience{PartyStatus: []model.PartyStatus{model.PartyApplicant}}, model.Audience{}, true, ""},
		{"the committee's", h.article(h.branch, func(a *model.Article) { a.Visibility = model.VisibleCommittee }), &model.Audience{Roles: []model.Role{model.RoleGroupLeader, model.RoleSecretary}},
			model.Audience{OrgID: h.branch.ID, Roles: []model.Role{model.RoleSecretary}}, false, "仅支委及以上可见"},
		{"a neighbour's", h.article(other, nil), own, model.Audience{}, true, ""},
		{"a neighbour's for everybody", h.article(other, func(a *model.Article) { a.Visibility = model.VisiblePublic }), own, model.Audience{OrgID: h.branch.ID}, false, ""},
	} {
		h.outbox.pushes = nil
		r := &model.Reminder{ID: store.NewID(), OrgID: h.branch.ID, Name: c.name, Rule: "FREQ=DAILY", StartsOn: "2026-11-23", At: "20:00", Audience: *c.audience,
			Template: model.PushStudy, ArticleID: c.article.ID}
		at := time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone).UTC()
		r.NextPlanned, r.NextAt, r.WakeAt = &at, &at, &at
		h.must(h.store.AddReminder(h.ctx, r))
		h.move("2026-11-23 19:00")
		before := h.preview(r.ID)[0]
		h.at("2026-11-23 20:00")
		if c.nobody {
			if !strings.Contains(before.Skipped, "没有人可以查看") || len(h.outbox.pushes) != 0 || !strings.Contains(h.told(r.ID), "没有人可以查看") {
				t.Errorf("%s: preview %+v, %d sent, %s", c.name, before, len(h.outbox.pushes), h.told(r.ID))
			}
			h.must(h.store.DropReminder(h.ctx, r.ID))
			continue
		}
		c.want.NotReadArticleID = c.article.ID
		if len(h.outbox.pushes) != 1 {
			t.Fatalf("%s: %s", c.name, h.told(r.ID))
		}
		if o, err := h.room.Preview(h.ctx, h.secretary, r.ID); err != nil || (c.said == "") == strings.Contains(o.Note, "可见") || !strings.Contains(o.Note, c.said) {
			t.Errorf("%s: the preview says %+v %v", c.name, o, err)
		}
		if got := h.outbox.pushes[0].Audience; got.OrgID != c.want.OrgID || !slices.Equal(got.Roles, c.want.Roles) || !slices.Equal(got.PartyStatus, c.want.PartyStatus) || got.NotReadArticleID != c.article.ID {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		h.must(h.store.DropReminder(h.ctx, r.ID))
	}
}

func TestWhoHasLearntItIsLeftInPeace(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	h.people(5)
	due := time.Date(2026, 12, 24, 20, 0, 0, 0, model.Zone).UTC()
	a := h.article(h.branch, func(a *model.Article) { a.Required, a.DueAt = true, &due })
	v := h.weekly(daily(a))
	everybody := append(slices.Clone(h.members), h.secretary)
	for i, m := range everybody {
		if n := h.preview(v.ID)[0].Recipients; n == nil || *n != len(everybody)-i {
			t.Errorf("%d have learnt it: %v are left", i, n)
		}
		if i%2 == 0 {
			h.must(h.store.PutClaim(h.ctx, &model.ArticleClaim{ArticleID: a.ID, MemberID: m.MemberID, StudiedOn: "2026-11-20"}))
		} else {
			_, err := h.store.PutRead(h.ctx, a.ID, m.MemberID, 100, h.now)
			h.must(err)
		}
	}
	h.wantPreview(v.ID, "应提醒的人都已学习")
	h.at("2026-11-23 20:00")
	h.wantSent()
	h.wantTold(v.ID, "skipped 应提醒的人都已学习，本次不打扰")
}

func TestAnEmptyAudienceIsSaid(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	group := h.org(h.branch, model.OrgGroup, "护理党小组")
	a := h.article(h.branch, nil)
	plain := h.weekly(func(d *reminder.Draft) { d.OrgID, d.Rule = group.ID, "FREQ=DAILY" })
	about := h.weekly(func(d *reminder.Draft) { d.OrgID, d.Rule, d.ArticleID = group.ID, "FREQ=DAILY", a.ID })
	for _, v := range []*reminder.View{plain, about} {
		h.wantPreview(v.ID, "没有符合条件的成员")
	}
	h.at("2026-11-23 20:00")
	for _, v := range []*reminder.View{plain, about} {
		h.wantTold(v.ID, "skipped 接收范围内没有符合条件的成员")
	}
	h.wantSent()
	// Of two people nobody is told whether both have read it.
	for range 2 {
		m := h.actor(group, model.RoleMember)
		_, err := h.store.PutRead(h.ctx, a.ID, m.MemberID, 100, h.now)
		h.must(err)
	}
	if p := h.preview(about.ID)[0]; p.Recipients != nil || p.Skipped != "" {
		t.Errorf("two readers: %+v", p)
	}
	h.at("2026-11-24 20:00")
	for id, n := range map[string]bool{plain.ID: true, about.ID: false} {
		if o := h.history(id)[0]; o.State != model.OccurrenceFired || (o.Recipients != nil) != n || o.PushID == nil {
			t.Errorf("counted %v: %+v", n, o)
		}
	}
}

func TestAReminderWhoseOrganisationIsGoneGoesToSleep(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	at := h.now.Add(time.Hour)
	for _, r := range []*model.Reminder{
		{ID: "gone", OrgID: "none"},
		{ID: "narrow", OrgID: h.branch.ID, Audience: model.Audience{OrgID: "none"}},
	} {
		r.Name, r.Rule, r.StartsOn, r.At, r.Template, r.NextPlanned, r.NextAt, r.WakeAt = "学习", "FREQ=DAILY", "2026-11-23", "20:00", model.PushStudy, &at, &at, &at
		h.must(h.store.AddReminder(h.ctx, r))
	}
	h.wantPreview("narrow", "接收范围的组织已不存在")
	h.at("2026-11-23 20:00")
	h.wantSent()
	h.wantTold("narrow", "skipped 接收范围的组织已不存在")
	if due, err := h.store.DueReminders(h.ctx, h.now.AddDate(0, 0, 2), 10); err != nil || len(due) != 1 || due[0].ID != "narrow" {
		t.Errorf("awake: %+v %v", due, err)
	}
}

func TestWhatIsWithdrawnIsTakenBackFromTheOutbox(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	h.people(5)
	a, b := h.article(h.branch, nil), h.article(h.branch, nil)
	about := h.weekly(daily(a))
	h.weekly(daily(b))
	h.at("2026-11-23 20:00")
	changed := func() {
		t.Helper()
		h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return tx.Changed(h.ctx, h.now, model.TopicArticle, a.ID) }))
		h.must(h.room.Tick(h.ctx))
	}
	changed() // somebody liked it
	if len(h.outbox.dropped) != 0 {
		t.Fatalf("dropped: %q", h.outbox.dropped)
	}
	h.becomes(a, model.ArticleWithdrawn)
	changed()
	if want := []string{"reminder:" + about.ID + " 《全会精神要点》已撤回"}; !slices.Equal(h.outbox.dropped, want) {
		t.Errorf("dropped: %q", h.outbox.dropped)
	}
	h.outbox.dropped = nil
	h.must(h.room.Tick(h.ctx))
	if len(h.outbox.dropped) != 0 {
		t.Errorf("dropped again: %q", h.outbox.dropped)
	}
	h.room = h.start() // it may have been withdrawn while nobody was up
	h.must(h.room.Tick(h.ctx))
	if len(h.outbox.dropped) != 1 {
		t.Errorf("after a restart: %q", h.outbox.dropped)
	}
}
