package reminder_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/reminder"
)

func TestPreviewListsTenTimes(t *testing.T) {
	h := newHouse(t, "2026-09-28 19:00")
	for range 3 {
		h.actor(h.branch, model.RoleMember)
	}
	v := h.weekly(nil)
	items := h.preview(v.ID)
	if len(items) != 10 || *items[0].Recipients != 4 || items[0].Skipped != "" || *items[1].Recipients != 0 || !strings.Contains(items[1].Skipped, "国庆节") {
		t.Errorf("preview: %+v", items)
	}
	three := h.weekly(func(d *reminder.Draft) { d.Rule = "FREQ=DAILY;COUNT=3" })
	if items := h.preview(three.ID); len(items) != 3 {
		t.Errorf("three times in all: %+v", items)
	}
	for _, at := range []string{"2026-09-28 20:00", "2026-09-29 20:00", "2026-09-30 20:00", "2026-10-10 20:00"} {
		h.at(at)
	}
	h.wantNext(three.ID, "")
	if o, err := h.room.Preview(h.ctx, h.secretary, three.ID); err != nil || len(o.Times) != 0 || !strings.Contains(o.Note, "到期") {
		t.Errorf("at its end: %+v %v", o, err)
	}
}

func TestFewReadersAreNotCounted(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	a := &model.Article{ID: store.NewID(), OrgID: h.branch.ID, OrgPath: h.branch.Path, OrgKind: h.branch.Kind, Category: model.CategoryTheory, Title: "要点",
		State: model.ArticlePublished, Visibility: model.VisibleMembers}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
	v := h.weekly(func(d *reminder.Draft) { d.ArticleID = a.ID })
	count := func() *int {
		t.Helper()
		return h.preview(v.ID)[0].Recipients
	}
	for range 3 {
		h.actor(h.branch, model.RoleMember)
	}
	if n := count(); n != nil {
		t.Errorf("%d of four have not read: that must not be told", *n)
	}
	h.actor(h.branch, model.RoleMember)
	if n := count(); n == nil || *n != 5 {
		t.Errorf("of five: %v", n)
	}
	h.at("2026-11-24 20:00")
	if p := h.outbox.pushes[0]; p.Audience.NotReadArticleID != a.ID || p.Page != "pages/article/detail?id="+a.ID {
		t.Errorf("message: %+v", p)
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	other := h.org(nil, model.OrgBranch, "骨科康复党支部")
	_, err := h.room.Create(h.ctx, h.secretary, reminder.Draft{
		OrgID: h.branch.ID, Name: " ", Rule: "每周二", At: "23:00", StartsOn: "2026-02-30", Template: "meeting", Title: strings.Repeat("长", 101), ArticleID: "none",
		Audience: model.Audience{OrgID: other.ID, Roles: []model.Role{"chief"}, PartyStatus: []model.PartyStatus{"green"}, NotReadArticleID: "none"},
	})
	var e *model.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field+" "+f.Code)
	}
	want := []string{"rule invalid_rule", "starts_on invalid_date", "at at_night", "name required", "title too_long", "template not_allowed", "audience.roles[0] not_allowed",
		"audience.party_status[0] not_allowed", "audience.org_id not_found", "article_id not_found", "audience.not_read_article_id not_found"}
	if !slices.Equal(fields, want) {
		t.Errorf("faults: %q\nwant %q", fields, want)
	}
	for rule, want := range map[string]string{
		"FREQ=DAILY;UNTIL=20260101":           "截止日期 2026年1月1日 已过",
		"FREQ=DAILY;COUNT=3":                  "自 2026-11-01 起的 3 次都已过去",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "没有符合这条规则的日子",
	} {
		_, err := h.room.Create(h.ctx, h.secretary, reminder.Draft{OrgID: h.branch.ID, Name: "从不", Rule: rule, At: "20:00", StartsOn: "2026-11-01"})
		if !errors.As(err, &e) || e.Fields[0].Field != "rule" || e.Fields[0].Code != "never" || !strings.Contains(e.Detail, want) {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestAPreviewSaysWhatItsReaderShouldKnow(t *testing.T) {
	h := newHouse(t, "2026-11-23 19:00")
	a := h.article(h.branch, nil)
	for _, c := range []struct {
		change       func(*reminder.Draft)
		holds, lacks string
	}{
		{func(d *reminder.Draft) { d.Rule = "FREQ=WEEKLY;COUNT=3" }, "", "。"},
		{func(*reminder.Draft) {}, "2027 年的放假安排尚未公布", "晚间摘要"},
		{func(d *reminder.Draft) { d.Rule = "FREQ=DAILY" }, "每人每周至多响铃 2 次，一周内超出的并入晚间摘要", "尚未公布"},
		{func(d *reminder.Draft) { d.Rule = "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9" }, "", "晚间摘要"},
		{func(d *reminder.Draft) { d.ArticleID = a.ID }, "接收范围不足 5 人", "暂停"},
	} {
		o, err := h.room.Preview(h.ctx, h.secretary, h.weekly(c.change).ID)
		h.must(err)
		if (c.holds == "") != (o.Note == "") || !strings.Contains(o.Note, c.holds) || strings.Contains(o.Note, c.lacks) {
			t.Errorf("%s: %q, want %q without %q", o.Words, o.Note, c.holds, c.lacks)
		}
	}
}
