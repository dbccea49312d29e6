package suggestion_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/suggestion"
)

// traces counts how often each text stands anywhere in the database: in a compact copy of the whole file.
func traces(h *house, texts ...string) []int {
	h.t.Helper()
	file := filepath.Join(h.t.TempDir(), "copy.db")
	h.ok(h.store.Snapshot(context.Background(), file))
	raw, err := os.ReadFile(file)
	h.ok(err)
	n := make([]int, len(texts))
	for i, text := range texts {
		n[i] = bytes.Count(raw, []byte(text))
	}
	return n
}

// wholeLife lets a suggestion go through every step that an author and a handler can take.
func wholeLife(h *house, anonymous bool) *suggestion.Detail {
	h.t.Helper()
	h.files.owner["f"] = h.author.MemberID
	ctx := model.WithRequestID(context.Background(), "request-of-the-author")
	d, err := h.room.Submit(ctx, h.author, suggestion.Draft{ToOrgID: h.branch.ID, Title: "匿名的题目", Content: "正文", Anonymous: anonymous, AttachmentIDs: []string{"f"}})
	h.ok(err)
	h.step(h.secretary, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "extend", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "decline", model.SuggestionDeclined)
	_, err = h.room.Step(ctx, h.author, d.ID, suggestion.Request{Action: "reopen", Text: "请再看看"})
	h.ok(err)
	h.step(h.secretary, d.ID, "escalate", model.SuggestionEscalated)
	h.step(h.chair, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.chair, d.ID, "reply", model.SuggestionReplied)
	_, err = h.room.Step(ctx, h.author, d.ID, suggestion.Request{Action: "close"})
	h.ok(err)
	d, err = h.room.Rate(ctx, h.author, d.ID, 5, "好")
	h.ok(err)
	return d
}

// The database reader: nothing that a whole anonymous life writes holds the author's id, name or request. An open one is the control.
func TestAnonymityHoldsAgainstTheDatabase(t *testing.T) {
	h := newHouseIn(t, t.TempDir())
	who := []string{h.author.MemberID, h.author.Name, "request-of-the-author"}
	before := traces(h, who...)
	d := wholeLife(h, true)
	if after := traces(h, who...); !slices.Equal(before, after) {
		t.Errorf("an anonymous author left traces: id, name, request %v before, %v after", before, after)
	}
	if h.files.owner["f"] != "" {
		t.Error("the file still tells who uploaded it")
	}
	if n := traces(h, d.ID); n[0] == 0 {
		t.Error("the copy of the database holds nothing of the suggestion, so that the search proves nothing")
	}
	wholeLife(h, false)
	if after := traces(h, who...); after[0] == before[0] || after[2] == before[2] {
		t.Errorf("an open author left no trace, so that the search proves nothing: %v", after)
	}
}

// The reader of the outbox: notices to those who handle it do not name the author, and those to the author do not name the suggestion.
func TestAnonymityHoldsAgainstTheOutbox(t *testing.T) {
	h := newHouse(t)
	d := wholeLife(h, true)
	told := 0
	for _, p := range h.outbox.pushed {
		raw, err := json.Marshal(p)
		h.ok(err)
		if !slices.Contains(p.Audience.MemberIDs, h.author.MemberID) {
			if strings.Contains(string(raw), h.author.MemberID) || strings.Contains(string(raw), h.author.Name) {
				t.Errorf("a notice to others names the author: %s", raw)
			}
			continue
		}
		told++
		for _, word := range []string{d.ID, d.Title, "说明", h.branch.ID, h.branch.Name, h.secretary.Name, "匿名", "已答复"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("a notice to the author tells of %q: %s", word, raw)
			}
		}
		if !p.Private || p.OrgID != "" || p.CreatedBy != "" || p.DedupeKey != nil || len(p.Audience.MemberIDs) != 1 {
			t.Errorf("notice to the author: %s", raw)
		}
	}
	if told != 6 {
		t.Errorf("the author was told %d times, want 6: accepted twice, extended, declined, handed on, answered", told)
	}
}

// Everybody who may see it, the office and the author included, is shown no author; the author finds it and may act.
func TestAnonymityHoldsAgainstTheOffice(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	d := wholeLife(h, true)
	for _, by := range []*model.Actor{h.author, h.secretary, h.chair, h.office, admin()} {
		got := h.read(by, d.ID)
		if got.Author != nil || got.Mine != (by == h.author) || !got.Anonymous {
			t.Errorf("%s is shown %+v", by.Name, got.Author)
		}
		for _, e := range got.Timeline {
			authors := slices.Contains([]model.SuggestionAction{"submit", "reopen", "close", "rate"}, e.Action)
			if authors != (e.By == nil) {
				t.Errorf("%s sees in the timeline %s by %v", by.Name, e.Action, e.By)
			}
		}
	}
	entries, _, err := h.store.AuditEntries(ctx, store.AuditFilter{Object: "suggestion:" + d.ID}, model.Page{})
	h.ok(err)
	nobody := 0
	for _, e := range entries {
		if e.ActorID == h.author.MemberID || e.RequestID == "request-of-the-author" {
			t.Errorf("the audit tells who it was: %+v", e)
		}
		if e.ActorID == "" {
			nobody++
		}
	}
	if nobody != 4 || len(entries) != 10 {
		t.Errorf("%d of %d entries without a person", nobody, len(entries))
	}
	items, _, err := h.room.Suggestions(ctx, h.author, suggestion.Query{}, model.Page{})
	h.ok(err)
	if len(items) != 1 || items[0].ID != d.ID || !items[0].Mine {
		t.Errorf("the author finds %d", len(items))
	}
	if items, _, _ := h.room.Suggestions(ctx, h.helper, suggestion.Query{}, model.Page{}); len(items) != 0 {
		t.Error("another finds it among their own")
	}
}

// A secretary may write anonymously to the own branch: the call must reach them like any other, and what they do as author bears no name.
func TestAnonymousSecretary(t *testing.T) {
	h := newHouse(t)
	d := h.submit(h.secretary, h.branch, true)
	same(t, "told of it as secretary", h.outbox.to(h.secretary.MemberID), []string{"待受理"})
	h.step(h.chair, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "reply", model.SuggestionReplied)
	d = h.step(h.secretary, d.ID, "close", model.SuggestionClosed)
	if by := d.Timeline[2].By; by == nil || by.Role != "书记" {
		t.Errorf("the answer is by %v", by)
	}
	if by := d.Timeline[3].By; by != nil {
		t.Errorf("the author's close is by %v", by)
	}
	if got := fmt.Sprint(h.outbox.to(h.secretary.MemberID)); strings.Count(got, "有新进展") != 2 {
		t.Errorf("told as author also of the own step, or its absence would tell: %s", got)
	}
}

func TestAliasIsKeyedAndItsOwn(t *testing.T) {
	h := newHouse(t)
	a, b := h.room.Alias("m1"), h.room.Alias("m2")
	if a == b || a != h.room.Alias("m1") || strings.Contains(a, "m1") || len(a) > 64 {
		t.Errorf("aliases %q and %q", a, b)
	}
	d := h.submit(h.author, h.branch, true)
	if d.AuthorIndex == h.room.Alias(h.author.MemberID) {
		t.Error("the alias gives the author of a suggestion away")
	}
}
