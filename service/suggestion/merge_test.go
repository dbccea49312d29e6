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

func entries(d *suggestion.Detail) (out []string) {
	for _, e := range d.Timeline {
		out = append(out, string(e.Action))
	}
	return out
}

// Three ask the same: one is handled, and each of the three authors gets the answer in a timeline of their own.
func TestMergedSuggestionsGetOneAnswer(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	early := h.submit(h.helper, h.branch, true)
	h.at("2026-11-25 19:00")
	lead, late := h.submit(h.author, h.branch, false), h.submit(h.committee, h.branch, false)
	for name, c := range map[string]struct {
		by       *model.Actor
		id, into string
		code     model.Code
	}{
		"its author":    {h.author, lead.ID, late.ID, model.CodeNotFound},
		"both authors'": {h.committee, late.ID, late.ID, model.CodeInvalid},
		"the neighbour": {h.neighbour, late.ID, lead.ID, model.CodeNotFound},
		"with itself":   {h.secretary, lead.ID, lead.ID, model.CodeInvalid},
		"with nothing":  {h.secretary, lead.ID, "x", model.CodeNotFound},
	} {
		if _, err := h.room.Merge(ctx, c.by, c.id, c.into); err == nil || model.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	h.step(h.secretary, lead.ID, "accept", model.SuggestionAccepted)
	h.outbox.clear()
	d, err := h.room.Merge(ctx, h.secretary, early.ID, late.ID)
	h.ok(err)
	if d.State != model.SuggestionSubmitted || d.Leader != late.ID {
		t.Errorf("merged: %+v", d.Item)
	}
	_, err = h.room.Merge(ctx, h.secretary, late.ID, lead.ID) // takes the first along
	h.ok(err)
	got := h.read(h.secretary, lead.ID)
	if !got.ClockAt.Equal(early.ClockAt) || model.DateOf(got.ReplyBy) != model.DateOf(early.ReplyBy) {
		t.Errorf("merging gained time: %s instead of %s", got.ReplyBy, early.ReplyBy)
	}
	if followers := got.Followers; len(followers) != 2 || !slices.Contains(followers, early.ID) || !slices.Contains(followers, late.ID) {
		t.Errorf("followers %v", followers)
	}
	same(t, "an open author hears of it", h.outbox.to(h.committee.MemberID), []string{"合并办理"})
	same(t, "an anonymous one later", h.outbox.to(h.helper.MemberID), nil)
	h.refused(h.secretary, late.ID, suggestion.Request{Action: "reply", Text: "x"}, model.CodeConflict)
	if n, err := h.room.Todo(ctx, h.secretary); err != nil || n != 1 {
		t.Errorf("three in one are %d to do, %v", n, err)
	}
	h.step(h.secretary, lead.ID, "extend", model.SuggestionAccepted)
	h.step(h.secretary, lead.ID, "escalate", model.SuggestionEscalated)
	h.step(h.chair, lead.ID, "accept", model.SuggestionAccepted)
	h.stepWith(h.chair, lead.ID, suggestion.Request{Action: "reply", Text: "改为四十分钟。"}, model.SuggestionReplied)
	for _, c := range []struct {
		by *model.Actor
		id string
	}{{h.author, lead.ID}, {h.committee, late.ID}, {h.helper, early.ID}} {
		got := h.read(c.by, c.id)
		if got.State != model.SuggestionReplied || got.Reply != "改为四十分钟。" || got.Holder.ID != h.society.ID || got.Leader != "" || got.Followers != nil {
			t.Errorf("%s is shown %+v", c.by.Name, got.Item)
		}
		for _, other := range []string{"林知远", "顾怀瑾", "支委员"} {
			for _, e := range got.Timeline {
				if other != c.by.Name && (strings.Contains(e.Text, other) || (e.By != nil && e.By.Name == other)) {
					t.Errorf("%s learns of %s: %+v", c.by.Name, other, e)
				}
			}
		}
		for _, other := range []string{lead.ID, late.ID, early.ID} {
			if _, err := h.room.Suggestion(ctx, c.by, other); other != c.id && !model.IsNotFound(err) {
				t.Errorf("%s may read another's: %v", c.by.Name, err)
			}
		}
	}
	same(t, "its own timeline", entries(h.read(h.helper, early.ID)), []string{"submit", "merge", "extend", "escalate", "accept", "reply"})
	if hears := h.outbox.to(h.committee.MemberID); hears[len(hears)-1] != "已答复" {
		t.Errorf("the answer reaches the open author: %v", hears)
	}
	h.tick("2026-11-28 12:00")
	same(t, "and the anonymous one", h.outbox.to(h.helper.MemberID), []string{"有新进展"})
	// Each judges for themselves. Who reopens is on their own again; the others keep their answer.
	if _, err := h.room.Rate(ctx, h.helper, early.ID, 4, ""); err != nil {
		t.Error(err)
	}
	h.step(h.committee, late.ID, "reopen", model.SuggestionSubmitted)
	if got := h.read(h.chair, lead.ID); got.State != model.SuggestionReplied || len(got.Followers) != 1 {
		t.Errorf("the first after another was reopened: %+v", got.Item)
	}
	h.step(h.chair, late.ID, "accept", model.SuggestionAccepted)
}

// Who thinks that it is not the same has it handled alone again.
func TestMergedMayBeTakenOut(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	a, b := h.submit(h.author, h.branch, false), h.submit(h.helper, h.branch, false)
	_, err := h.room.Merge(ctx, h.secretary, b.ID, a.ID)
	h.ok(err)
	same(t, "the author may", actions(h.read(h.helper, b.ID)), []string{"reopen"})
	h.stepWith(h.helper, b.ID, suggestion.Request{Action: "reopen", Text: "不是同一件事"}, model.SuggestionSubmitted)
	h.step(h.secretary, a.ID, "accept", model.SuggestionAccepted)
	if got := h.read(h.helper, b.ID); got.State != model.SuggestionSubmitted || got.Follows() {
		t.Errorf("it still follows: %+v", got.Item)
	}
	// What is late escalates once, and takes along what follows it.
	_, err = h.room.Merge(ctx, h.secretary, b.ID, a.ID)
	h.ok(err)
	h.tick("2026-12-24 12:00")
	for _, id := range []string{a.ID, b.ID} {
		if got := h.read(h.chair, id); got.State != model.SuggestionEscalated || got.Holder.ID != h.society.ID {
			t.Errorf("%+v", got.Item)
		}
	}
}

func TestLikenessIsOffered(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	write := func(by *model.Actor, anonymous bool, title, content string) *suggestion.Detail {
		d, err := h.room.Submit(ctx, by, suggestion.Draft{ToOrgID: h.branch.ID, Title: title, Content: content, Anonymous: anonymous})
		h.ok(err)
		return d
	}
	a := write(h.author, false, "支部例会时间太长", "每次例会都超过两小时，建议压缩到四十分钟以内。")
	b := write(h.helper, true, "建议缩短支部例会时间", "例会时间太长了，经常超过两小时，希望压缩到四十分钟。")
	write(h.committee, false, "增加线上病例讨论", "希望增加线上病例讨论的次数。")
	rows, err := h.room.Similar(ctx, h.secretary, a.ID)
	h.ok(err)
	if len(rows) != 1 || rows[0].ID != b.ID || rows[0].Author != nil || !strings.HasPrefix(rows[0].Why, "文字相近 ") {
		t.Errorf("alike: %+v", rows)
	}
	if _, err := h.room.Similar(ctx, h.author, a.ID); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("an author asks: %v", err)
	}
	draft := suggestion.Draft{ToOrgID: h.branch.ID, Title: "例会时间太长", Content: "例会时间太长，超过两小时。"}
	hint := func(by *model.Actor) *suggestion.Hint {
		out, err := h.room.Hints(ctx, by, draft)
		h.ok(err)
		return out
	}
	if got := hint(h.author); len(got.Own) != 1 || got.Own[0].ID != a.ID || len(got.Published) != 0 || !got.Few {
		t.Errorf("the author is told: %+v", got)
	}
	if got := hint(h.helper); len(got.Own) != 1 || got.Own[0].ID != b.ID {
		t.Errorf("the anonymous author is told: %+v", got)
	}
	if got := hint(h.committee); len(got.Own)+len(got.Published) != 0 {
		t.Errorf("others are told of what is not theirs: %+v", got)
	}
	if _, err := h.room.Hints(ctx, h.neighbourly, draft); !model.IsNotFound(err) {
		t.Errorf("a neighbour asks: %v", err)
	}
}

func TestAnswerIsPublishedWithConsent(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	d := h.submit(h.author, h.branch, true)
	do := func(by *model.Actor, r suggestion.PublicationRequest, want model.Code) *suggestion.Detail {
		t.Helper()
		got, err := h.room.Publish(ctx, by, d.ID, r)
		if want == "" {
			h.ok(err)
		} else if err == nil || model.CodeOf(err) != want {
			t.Errorf("%s by %s: %v, want %s", r.Action, by.Name, err, want)
		}
		return got
	}
	shown := func(by *model.Actor, org string) int {
		t.Helper()
		rows, _, err := h.room.Published(ctx, by, org, model.Page{})
		h.ok(err)
		return len(rows)
	}
	ask := suggestion.PublicationRequest{Action: "ask", Title: "例会多长", Question: "例会能否短些？", Answer: "四十分钟。"}
	do(h.secretary, ask, model.CodeConflict)
	h.step(h.secretary, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "reply", model.SuggestionReplied)
	do(h.author, ask, model.CodeForbidden)
	do(h.helper, ask, model.CodeNotFound)
	do(h.secretary, ask, "")
	if n := shown(h.author, ""); n != 0 {
		t.Error("published without consent")
	}
	if n, err := h.room.Todo(ctx, h.author); err != nil || n != 1 {
		t.Errorf("the author has %d to do, %v", n, err)
	}
	do(h.secretary, suggestion.PublicationRequest{Action: "agree", Version: h.read(h.secretary, d.ID).Version}, model.CodeForbidden)
	read := h.read(h.author, d.ID).Version
	ask.Answer = "三十分钟。"
	do(h.secretary, ask, "")
	do(h.author, suggestion.PublicationRequest{Action: "agree", Version: read}, model.CodeEditConflict)
	got := do(h.author, suggestion.PublicationRequest{Action: "agree", Version: h.read(h.author, d.ID).Version}, "")
	if got.Publication != model.PublicationShown || got.Timeline[len(got.Timeline)-1].By != nil {
		t.Errorf("agreed: %+v", got.Timeline)
	}
	rows, _, err := h.room.Published(ctx, h.helper, h.branch.ID, model.Page{})
	h.ok(err)
	if len(rows) != 1 || rows[0].Question != "例会能否短些？" || rows[0].Answer != "三十分钟。" || rows[0].At.In(model.Zone).Format("15:04") != "00:00" {
		t.Errorf("published: %+v", rows)
	}
	if n := shown(h.office, ""); n != 1 {
		t.Error("who leads above does not see it")
	}
	if _, _, err := h.room.Published(ctx, h.neighbourly, h.branch.ID, model.Page{}); !model.IsNotFound(err) || shown(h.neighbourly, "") != 0 {
		t.Errorf("the neighbours see it: %v", err)
	}
	if out, err := h.room.Hints(ctx, h.helper, suggestion.Draft{ToOrgID: h.branch.ID, Title: "例会多长"}); err != nil || len(out.Published) != 1 {
		t.Errorf("the published one is offered: %+v, %v", out, err)
	}
	do(h.author, suggestion.PublicationRequest{Action: "end"}, "")
	if n := shown(h.helper, ""); n != 0 {
		t.Error("still shown after its author took it back")
	}
	do(h.secretary, ask, "")
	do(h.author, suggestion.PublicationRequest{Action: "refuse"}, "")
	do(h.secretary, ask, model.CodeConflict) // a no is a no
	entries, _, err := h.store.AuditEntries(ctx, store.AuditFilter{Action: "suggestion.publication"}, model.Page{})
	h.ok(err)
	for _, e := range entries {
		if e.ActorID != h.secretary.MemberID {
			t.Errorf("the audit names the author's step at once: %+v", e)
		}
	}
}

func TestFiguresTellOfAnsweringAlone(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	h.at("2026-11-02 09:00")
	figures := func(by *model.Actor) *suggestion.Figures {
		t.Helper()
		f, err := h.room.Figures(ctx, by, h.society.ID, 2026)
		h.ok(err)
		return f
	}
	var ids []string
	for range 5 {
		ids = append(ids, h.submit(h.author, h.branch, true).ID)
	}
	h.submit(h.neighbourly, h.next, false)
	for i, at := range []string{"2026-11-02 12:00", "2026-11-03 12:00", "2026-11-04 12:00", "2026-11-05 12:00", "2026-11-09 12:00"} {
		h.at(at)
		h.step(h.secretary, ids[i], "accept", model.SuggestionAccepted)
	}
	h.at("2026-11-10 09:00")
	for _, id := range ids[:4] {
		h.step(h.secretary, id, "reply", model.SuggestionReplied)
	}
	f := figures(h.chair)
	branch, next := f.Items[1], f.Items[2]
	if f.Items[0].Org.ID != h.society.ID || branch.Org.ID != h.branch.ID || branch.Received != 5 || branch.Answered != 4 {
		t.Errorf("figures: %+v", f.Items)
	}
	if n, ok := model.Median(branch.AcceptDays, 5); !ok || n != 2 {
		t.Errorf("median of acceptance %d of %v", n, branch.AcceptDays)
	}
	if _, ok := model.Median(branch.AnswerDays, 5); ok {
		t.Error("a median of four answers is told")
	}
	if !next.Withheld || next.Received != 0 {
		t.Errorf("one suggestion is told of: %+v", next)
	}
	if f.All != nil {
		t.Errorf("the sum gives away the one that is withheld: %+v", f.All)
	}
	for name, c := range map[string]struct {
		by   *model.Actor
		code model.Code
	}{"a member": {h.author, model.CodeForbidden}, "the branch's secretary": {h.secretary, model.CodeForbidden}} {
		if _, err := h.room.Figures(ctx, c.by, h.society.ID, 2026); model.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.room.Figures(ctx, h.neighbour, h.branch.ID, 2026); !model.IsNotFound(err) {
		t.Errorf("the neighbour: %v", err)
	}
	h.tick("2026-11-26 12:00") // the last one was never answered
	if late := figures(h.chair).Items[1].Late; late != 1 {
		t.Errorf("%d went up late", late)
	}
}
