package suggestion_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/suggestion"
)

func TestASuggestionGetsItsAnswer(t *testing.T) {
	h := newHouse(t)
	d := h.submit(h.author, h.branch, false)
	if d.State != model.SuggestionSubmitted || d.Author == nil || d.Author.Name != "林知远" || d.Author.Org.ID != h.branch.ID || !d.Mine || d.Version != 1 {
		t.Fatalf("submitted: %+v", d)
	}
	if model.DateOf(d.AcceptBy) != "2026-11-30" || model.DateOf(d.ReplyBy) != "2026-12-14" || d.Provisional || d.Overdue {
		t.Errorf("deadlines %s and %s", d.AcceptBy, d.ReplyBy)
	}
	same(t, "the secretary is told", h.outbox.to(h.secretary.MemberID), []string{"待受理"})
	for _, other := range []*model.Actor{h.chair, h.office, h.neighbour, h.committee, h.author} {
		same(t, other.Name+" is not", h.outbox.to(other.MemberID), nil)
	}
	p := h.outbox.pushed[0]
	if p.Page != "pages/suggestion/detail?id="+d.ID || !p.Private || p.CreatedBy != "" || p.Counted || p.Hours != model.HoursOrdinary ||
		p.Fields["note"] != "请在11月30日前受理" || p.Fields["time"] != "2026年11月23日 19:00" || p.OrgID != h.branch.ID {
		t.Errorf("notice to the secretary: %+v", p)
	}
	h.outbox.clear()

	d = h.stepWith(h.secretary, d.ID, suggestion.Request{Action: model.SuggestionAccept, AssigneeID: h.helper.MemberID}, model.SuggestionAccepted)
	if d.Assignee == nil || d.Assignee.Name != "顾怀瑾" || d.Due() != d.ReplyBy {
		t.Errorf("accepted: %+v", d.Item)
	}
	same(t, "the author hears", h.outbox.to(h.author.MemberID), []string{"已受理"})
	same(t, "the assignee hears", h.outbox.to(h.helper.MemberID), []string{"待办理"})
	same(t, "the pending call is dropped", h.outbox.dropped, []string{suggestion.DeskSubject(d.ID)})
	if p := h.outbox.pushed[1]; p.OrgID != "" || p.CreatedBy != "" || !p.Private || !strings.Contains(p.Body, "12月14日") || p.Subject != "suggestion:"+d.ID {
		t.Errorf("notice to the author: %+v", p)
	}
	same(t, "the assignee may", actions(h.read(h.helper, d.ID)), []string{"reply"})
	h.outbox.clear()

	d = h.step(h.helper, d.ID, model.SuggestionReply, model.SuggestionReplied)
	if d.Reply != "说明reply" || !d.Due().IsZero() {
		t.Errorf("replied: %q, due %s", d.Reply, d.Due())
	}
	same(t, "the author hears", h.outbox.to(h.author.MemberID), []string{"已答复"})
	same(t, "the author may", actions(h.read(h.author, d.ID)), []string{"close", "reopen"})
	h.outbox.clear()

	d = h.step(h.author, d.ID, model.SuggestionReopen, model.SuggestionSubmitted)
	if d.Reply != "" || d.Assignee == nil || !d.ClockAt.Equal(h.now) {
		t.Errorf("reopened: %+v", d.Item)
	}
	same(t, "the secretary hears", h.outbox.to(h.secretary.MemberID), []string{"重新提出"})
	h.step(h.secretary, d.ID, model.SuggestionAccept, model.SuggestionAccepted)
	h.step(h.secretary, d.ID, model.SuggestionReply, model.SuggestionReplied)

	rated, err := h.room.Rate(context.Background(), h.author, d.ID, 5, "谢谢")
	h.ok(err)
	if rated.State != model.SuggestionClosed || rated.RatingStars != 5 || rated.CanRate {
		t.Errorf("rated: %+v", rated.Item)
	}
	if _, err := h.room.Rate(context.Background(), h.author, d.ID, 1, ""); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("rated twice: %v", err)
	}
	var line []string
	for _, e := range rated.Timeline {
		who := "-"
		if e.By != nil {
			who = e.By.Name + "/" + e.By.Role
		}
		line = append(line, string(e.Action)+" "+who+" "+e.Assignee)
	}
	same(t, "timeline", line, []string{"submit 林知远/提出人 ", "accept 沈若谷/书记 顾怀瑾", "reply 顾怀瑾/经办人 ", "reopen 林知远/提出人 ",
		"accept 沈若谷/书记 ", "reply 沈若谷/书记 ", "rate 林知远/提出人 "})
	entries, _, err := h.store.AuditEntries(context.Background(), store.AuditFilter{Object: "suggestion:" + d.ID}, model.Page{})
	h.ok(err)
	if len(entries) != 7 || entries[0].ActorID != h.author.MemberID || entries[0].Action != "suggestion.rate" {
		t.Errorf("audit: %+v", entries)
	}
}

func actions(d *suggestion.Detail) (out []string) {
	for _, a := range d.Actions {
		out = append(out, string(a))
	}
	return out
}

func TestSubmitNamesEveryFault(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	_, err := h.room.Submit(ctx, h.author, suggestion.Draft{ToOrgID: h.branch.ID, Title: " \u200b", Content: strings.Repeat("长", 5001), AttachmentIDs: make([]string, 10)})
	var fault *model.Error
	if !asFault(err, &fault) || len(fault.Fields) != 3 {
		t.Errorf("faults: %v", err)
	}
	good := suggestion.Draft{ToOrgID: h.branch.ID, Title: "题", Content: "文"}
	for name, c := range map[string]struct {
		by   *model.Actor
		to   string
		file string
		code model.Code
	}{
		"to the neighbour":    {h.author, h.next.ID, "", model.CodeNotFound},
		"to nobody":           {h.author, "x", "", model.CodeNotFound},
		"a visitor":           {&model.Actor{SessionID: "s"}, h.branch.ID, "", model.CodeNotBound},
		"with another's file": {h.author, h.branch.ID, "f", model.CodeInvalid},
	} {
		d := good
		d.ToOrgID = c.to
		if c.file != "" {
			d.AttachmentIDs = []string{c.file}
		}
		if _, err := h.room.Submit(ctx, c.by, d); err == nil || model.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	h.files.owner["f"] = h.author.MemberID
	good.AttachmentIDs = []string{"f"}
	d, err := h.room.Submit(ctx, h.author, good)
	h.ok(err)
	if len(d.Attachments) != 1 || d.Attachments[0].Name != "f.png" || h.files.owner["f"] == "" {
		t.Errorf("attachments %v", d.Attachments)
	}
	for _, up := range []*model.Org{h.society, h.root} {
		h.submit(h.author, up, false)
	}
}

func asFault(err error, to **model.Error) bool {
	e, ok := err.(*model.Error)
	*to = e
	return ok
}

func TestStepsAreRefused(t *testing.T) {
	h := newHouse(t)
	d := h.submit(h.author, h.branch, false)
	step := func(a model.SuggestionAction) suggestion.Request {
		return suggestion.Request{Action: a, Text: "说明"}
	}
	for _, c := range []struct {
		by   *model.Actor
		r    suggestion.Request
		code model.Code
	}{
		{h.neighbour, step("accept"), model.CodeNotFound},
		{h.helper, step("accept"), model.CodeNotFound},
		{h.committee, step("accept"), model.CodeNotFound},
		{h.author, step("accept"), model.CodeForbidden},
		{h.author, step("escalate"), model.CodeForbidden},
		{h.secretary, step("reopen"), model.CodeForbidden},
		{h.secretary, step("reply"), model.CodeConflict},
		{h.secretary, step("close"), model.CodeConflict},
		{h.secretary, step("extend"), model.CodeConflict},
		{h.author, step("reopen"), model.CodeConflict},
		{h.secretary, suggestion.Request{Action: "decline", Text: " "}, model.CodeInvalid},
		{h.secretary, suggestion.Request{Action: "decline", Text: strings.Repeat("长", 2001)}, model.CodeInvalid},
		{h.secretary, suggestion.Request{Action: "extend"}, model.CodeConflict}, // not accepted yet
		{h.secretary, suggestion.Request{Action: "escalate", Text: "x", ToOrgID: h.next.ID}, model.CodeInvalid},
		{h.secretary, suggestion.Request{Action: "assign"}, model.CodeInvalid},
		{h.secretary, suggestion.Request{Action: "assign", AssigneeID: h.neighbourly.MemberID}, model.CodeInvalid},
		{h.secretary, suggestion.Request{Action: "decline", Text: "x", AssigneeID: h.helper.MemberID, ToOrgID: h.society.ID}, model.CodeInvalid},
	} {
		h.refused(c.by, d.ID, c.r, c.code)
	}
	h.refused(h.secretary, "x", step("accept"), model.CodeNotFound)
	if got := h.read(h.author, d.ID); got.State != model.SuggestionSubmitted || got.Version != 1 || len(got.Timeline) != 1 {
		t.Errorf("what was refused changed it: %+v", got)
	}
	for _, who := range []*model.Actor{h.helper, h.committee, h.neighbour, h.neighbourly, nil, {SessionID: "visitor"}} {
		if _, err := h.room.Suggestion(context.Background(), who, d.ID); !model.IsNotFound(err) {
			t.Errorf("%v sees it: %v", who, err)
		}
	}
	// One who handles it from above may take it on.
	h.stepWith(h.secretary, d.ID, suggestion.Request{Action: "assign", AssigneeID: h.chair.MemberID}, model.SuggestionSubmitted)
	if _, err := h.room.Rate(context.Background(), h.secretary, d.ID, 5, ""); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("the secretary rates: %v", err)
	}
	h.step(h.secretary, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "extend", model.SuggestionAccepted)
	h.refused(h.secretary, d.ID, step("extend"), model.CodeConflict)
	h.step(h.secretary, d.ID, "decline", model.SuggestionDeclined)
	if got := h.read(h.author, d.ID); got.Reply != "说明decline" || got.ExtensionReason != "说明extend" || model.DateOf(got.ReplyBy) != "2026-12-28" {
		t.Errorf("declined: %+v", got.Item)
	}
	if _, err := h.room.Rate(context.Background(), h.author, d.ID, 1, ""); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("rating what was declined: %v", err)
	}
}

func TestEscalationByHand(t *testing.T) {
	h := newHouse(t)
	d := h.submit(h.author, h.branch, false)
	h.stepWith(h.secretary, d.ID, suggestion.Request{Action: "accept", AssigneeID: h.helper.MemberID}, model.SuggestionAccepted)
	h.now = h.now.AddDate(0, 0, 3)
	h.outbox.clear()
	up := h.step(h.secretary, d.ID, "escalate", model.SuggestionEscalated)
	if up.Holder.ID != h.society.ID || up.ToOrg.ID != h.branch.ID || up.Assignee != nil || up.Due() != up.AcceptBy || model.DateOf(up.AcceptBy) != "2026-12-03" {
		t.Errorf("escalated: %+v", up.Item)
	}
	if last := up.Timeline[2]; last.ToOrg != "学会党委" || last.Text != "说明escalate" {
		t.Errorf("timeline: %+v", last)
	}
	same(t, "the branch's secretary keeps sight of it, and", actions(h.read(h.secretary, d.ID)), nil)
	same(t, "the society's is told", h.outbox.to(h.chair.MemberID), []string{"待受理"})
	same(t, "the author is told", h.outbox.to(h.author.MemberID), []string{"已转交"})
	h.refused(h.secretary, d.ID, suggestion.Request{Action: "accept"}, model.CodeForbidden)
	if _, err := h.room.Suggestion(context.Background(), h.helper, d.ID); !model.IsNotFound(err) {
		t.Errorf("whom it was given to before: %v", err)
	}
	if !slices.Contains(actions(h.read(h.chair, d.ID)), "escalate") {
		t.Error("the society may hand it on")
	}
	h.outbox.clear()
	h.stepWith(h.chair, d.ID, suggestion.Request{Action: "escalate", ToOrgID: h.root.ID}, model.SuggestionEscalated)
	if told := h.outbox.bodies(h.author.MemberID); !strings.HasSuffix(told, "已转交上级组织办理。") {
		t.Errorf("the author is told of an escalation without a reason: %q", told)
	}
	h.step(h.office, d.ID, "accept", model.SuggestionAccepted)
	h.refused(h.office, d.ID, suggestion.Request{Action: "escalate", Text: "x"}, model.CodeConflict)
	h.step(h.office, d.ID, "reply", model.SuggestionReplied)
	h.step(h.author, d.ID, "close", model.SuggestionClosed)
	h.now = h.now.AddDate(0, 0, 31)
	h.refused(h.author, d.ID, suggestion.Request{Action: "reopen", Text: "x"}, model.CodeConflict)
}

func TestBoxesAndTodo(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	open, hidden := h.submit(h.author, h.branch, false), h.submit(h.author, h.branch, true)
	h.submit(h.neighbourly, h.next, false)
	high := h.submit(h.helper, h.society, false)
	h.stepWith(h.chair, high.ID, suggestion.Request{Action: "accept", AssigneeID: h.committee.MemberID}, model.SuggestionAccepted)
	box := func(by *model.Actor, inbox bool, state model.SuggestionState) int {
		t.Helper()
		items, next, err := h.room.Suggestions(ctx, by, suggestion.Query{Inbox: inbox, State: state}, model.Page{})
		h.ok(err)
		if next != "" {
			t.Error("there should be one page")
		}
		for _, it := range items {
			if it.ID == hidden.ID && it.Author != nil {
				t.Errorf("%s sees the author of an anonymous one", by.Name)
			}
			if it.ID == open.ID && it.Author == nil {
				t.Errorf("%s does not see the author", by.Name)
			}
		}
		return len(items)
	}
	for _, c := range []struct {
		by                *model.Actor
		mine, inbox, todo int
	}{
		{h.author, 2, 0, 0}, {h.neighbourly, 1, 0, 0}, {h.helper, 1, 0, 0}, {h.secretary, 0, 2, 2}, {h.neighbour, 0, 1, 1},
		{h.committee, 0, 1, 1}, {h.chair, 0, 4, 1}, {h.office, 0, 4, 0}, {admin(), 0, 4, 0},
	} {
		todo, err := h.room.Todo(ctx, c.by)
		h.ok(err)
		if m, i := box(c.by, false, ""), box(c.by, true, ""); m != c.mine || i != c.inbox || todo != c.todo {
			t.Errorf("%s: mine %d, inbox %d, todo %d, want %d %d %d", c.by.Name, m, i, todo, c.mine, c.inbox, c.todo)
		}
	}
	if n := box(h.chair, true, model.SuggestionAccepted); n != 1 {
		t.Errorf("%d accepted", n)
	}
	h.step(h.committee, high.ID, "reply", model.SuggestionReplied)
	if n, _ := h.room.Todo(ctx, h.committee); n != 0 {
		t.Errorf("%d to do after the answer", n)
	}
	if n, err := h.room.Todo(ctx, nil); n != 0 || err != nil {
		t.Errorf("a stranger has %d to do, %v", n, err)
	}
	h.submit(h.author, h.root, false)
	if n, _ := h.room.Todo(ctx, admin()); n != 1 {
		t.Errorf("who answers for everything has %d to do at the root", n)
	}
}

func admin() *model.Actor {
	return &model.Actor{SessionID: "s", MemberID: "admin", Name: "管理员", Powers: []model.Power{{Path: "/", Role: model.RoleAdmin}}}
}
