package comment_test

import (
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/comment"
)

func TestThreadsHaveOneLevel(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	head := h.add(h.chen, ar, "一", "")
	answer := h.add(h.lin, ar, "二", head.ID)
	h.outbox.told()
	again := h.add(h.secretary, ar, "三", answer.ID)
	if answer.ReplyTo != head.ID || answer.AnswerTo != "" || again.ReplyTo != head.ID || again.AnswerTo != answer.ID {
		t.Errorf("the answers stand at %q (%q) and %q (%q)", answer.ReplyTo, answer.AnswerTo, again.ReplyTo, again.AnswerTo)
	}
	if got := h.outbox.told(); got != h.lin.MemberID+": 您的评论有了新回复" { // who is answered, not who began
		t.Errorf("told %q", got)
	}
	h.must(h.room.Delete(h.ctx, h.chen, head.ID))
	if last := h.add(h.lin, ar, "四", again.ID); last.ReplyTo != head.ID {
		t.Errorf("without its head the thread is torn: %q", last.ReplyTo)
	}
}

// queue lists the texts that wait for somebody, in a queue.
func (h *house) queue(actor *model.Actor, which model.CommentQueue) string {
	h.Helper()
	rows, _, err := h.room.Queue(h.ctx, actor, which, model.Page{})
	h.must(err)
	var all []string
	for _, e := range rows {
		all = append(all, strings.Join(append([]string{e.Content}, e.Reasons...), "/"))
	}
	return strings.Join(all, " ")
}

func TestReports(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	bad, good, waits := h.add(h.chen, ar, "坏话", ""), h.add(h.chen, ar, "好话", ""), h.add(h.chen, ar, "review", "")
	for _, c := range []struct {
		name   string
		actor  *model.Actor
		id     string
		reason string
		want   model.Code
	}{
		{"without a reason", h.lin, bad.ID, " ", model.CodeInvalid},
		{"with a long reason", h.lin, bad.ID, strings.Repeat("长", 201), model.CodeInvalid},
		{"one's own", h.chen, bad.ID, "理由", model.CodeConflict},
		{"what nobody sees", h.lin, waits.ID, "理由", model.CodeNotFound},
		{"what only moderators see", h.secretary, waits.ID, "理由", model.CodeConflict},
		{"by a neighbour", h.neighbour, bad.ID, "理由", model.CodeNotFound},
		{"by a stranger", nil, bad.ID, "理由", model.CodeNotFound},
		{"the first", h.lin, bad.ID, "人身攻击", ""},
		{"twice", h.lin, bad.ID, "人身攻击", model.CodeConflict},
		{"another's", h.office, bad.ID, "不实信息", ""},
		{"of what is fine", h.lin, good.ID, "不喜欢", ""},
	} {
		err := h.room.Report(h.ctx, c.actor, c.id, c.reason)
		if (err == nil) != (c.want == "") || (err != nil && model.CodeOf(err) != c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if got := h.outbox.told(); got != "" {
		t.Errorf("a report tells %q", got)
	}
	for which, want := range map[model.CommentQueue]string{
		"": "坏话/人身攻击/不实信息 好话/不喜欢 review", model.QueueReported: "坏话/人身攻击/不实信息 好话/不喜欢", "pending": "坏话/人身攻击/不实信息 好话/不喜欢 review", "hidden": "",
	} {
		if got := h.queue(h.secretary, which); got != want {
			t.Errorf("queue %q: %q, want %q", which, got, want)
		}
	}
	if n, err := h.room.PendingFor(h.ctx, h.secretary); err != nil || n != 3 {
		t.Errorf("%d wait (%v)", n, err)
	}
	// What is reported stays until somebody has looked.
	if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || len(l.Entries) != 2 {
		t.Errorf("shown %+v %v", l, err)
	}
	moderate := func(id string, m model.Moderation, reason string) string {
		t.Helper()
		_, err := h.room.Moderate(h.ctx, h.secretary, id, m, reason)
		h.must(err)
		for _, p := range h.outbox.pushes {
			if !p.Private || (strings.Contains(p.Title, "您的评论") && (strings.Contains(p.Body, "举报") || strings.Contains(p.Body, "林知远"))) {
				t.Errorf("the author learns of it: %+v", p)
			}
		}
		return h.outbox.told()
	}
	if got := moderate(good.ID, model.ModerationApprove, ""); got != h.lin.MemberID+": 您举报的评论已处理" {
		t.Errorf("kept: told %q", got)
	}
	if got := moderate(bad.ID, model.ModerationHide, "人身攻击"); got != h.chen.MemberID+": 您的评论已被隐藏; "+h.lin.MemberID+","+h.office.MemberID+": 您举报的评论已处理" {
		t.Errorf("hidden: told %q", got)
	}
	h.counted(ar, 1)
	if got := h.queue(h.secretary, ""); got != "review" {
		t.Errorf("still waiting: %q", got)
	}
	_, err := h.room.Moderate(h.ctx, h.secretary, good.ID, model.ModerationApprove, "")
	h.code(err, model.CodeConflict)
	h.code(h.room.Report(h.ctx, h.lin, good.ID, "还是不喜欢"), model.CodeConflict)
	// A reported comment that its author takes back leaves nothing open.
	third := h.add(h.chen, ar, "第三条", "")
	h.must(h.room.Report(h.ctx, h.lin, third.ID, "重复"))
	h.must(h.room.Delete(h.ctx, h.chen, third.ID))
	if got := h.outbox.told(); got != h.lin.MemberID+": 您举报的评论已处理" {
		t.Errorf("deleted: told %q", got)
	}
	if open, err := h.store.OpenReports(h.ctx, []string{third.ID}); err != nil || len(open) != 0 {
		t.Errorf("left open %v %v", open, err)
	}
}

func TestTheOfficeSwitchesCommentsOnEveryReplica(t *testing.T) {
	h := newHouse(t)
	other := comment.New(h.store, h.check, h.outbox, storetest.Clock, nil)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	c := h.add(h.chen, ar, "学习了", "")
	before, err := other.Switches(h.ctx) // kept from now on
	if err != nil || !before.Site || len(before.Categories) != 5 || !before.Open(model.CategoryLaw) || before.Open("") {
		t.Fatalf("%+v %v", before, err)
	}
	for _, actor := range []*model.Actor{h.secretary, h.lin, nil} {
		_, err := h.room.SetSwitches(h.ctx, actor, map[model.Category]bool{"": false})
		h.code(err, model.CodeForbidden)
		_, err = h.room.SwitchesFor(h.ctx, actor)
		h.code(err, model.CodeForbidden)
	}
	after, err := h.room.SetSwitches(h.ctx, h.office, map[model.Category]bool{model.CategoryNews: false, "odd": false})
	if err != nil || !after.Site || after.Categories[model.CategoryNews] || !after.Categories[model.CategoryLaw] || len(after.Categories) != 5 {
		t.Errorf("%+v %v", after, err)
	}
	_, err = other.Add(h.ctx, h.lin, ar.ID, "学习了", "")
	h.code(err, model.CodeForbidden)
	h.code(other.Like(h.ctx, h.lin, c.ID), model.CodeConflict)
	if l, err := other.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || l.Open || len(l.Entries) != 0 {
		t.Errorf("the other replica shows %+v %v", l, err)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "setting.comments"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].ActorID != h.office.MemberID {
		t.Errorf("audit %+v %v", entries, err)
	}
}

// What WeChat found is kept for the moderator.
func TestTheLabelOfTheCheckIsKept(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	for content, want := range map[string]int{"review": 20006, "politics": model.LabelPolitics, "down": 0, "学习了": 100} {
		if e := h.add(h.chen, ar, content, ""); e.Label != want {
			t.Errorf("%s: label %d, want %d", content, e.Label, want)
		}
	}
}

// The society's office decides, also where the installation's tree begins with an association above it.
func TestTheOfficeBelowAnAssociationSwitchesComments(t *testing.T) {
	h := newHouse(t)
	staff := &model.Actor{SessionID: "s", MemberID: h.office.MemberID, Powers: []model.Power{{OrgID: "s", Path: "/a/s/", Role: model.RoleStaff}}}
	other := &model.Actor{SessionID: "s", MemberID: h.lin.MemberID, Powers: []model.Power{{OrgID: "b", Path: "/a/s/b/", Role: model.RoleSecretary}}}
	fresh := storetest.Open(t)
	room := comment.New(fresh, h.check, h.outbox, storetest.Clock, nil)
	a, s := "a", "s"
	for _, o := range []model.Org{{ID: a, Kind: model.OrgAssociation, Path: "/a/"}, {ID: s, ParentID: &a, Kind: model.OrgSociety, Path: "/a/s/", Depth: 1},
		{ID: "b", ParentID: &s, Kind: model.OrgBranch, Path: "/a/s/b/", Depth: 2}} {
		h.must(fresh.AddOrg(h.ctx, &o))
	}
	_, err := room.SetSwitches(h.ctx, staff, map[model.Category]bool{"": false})
	h.must(err)
	_, err = room.SetSwitches(h.ctx, other, map[model.Category]bool{"": true})
	h.code(err, model.CodeForbidden)
}
