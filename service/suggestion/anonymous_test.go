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
	"time"

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
	if anonymous { // three days on everything has been told
		h.tick("2026-11-27 09:00")
	}
	_, err = h.room.Step(ctx, h.author, d.ID, suggestion.Request{Action: "close"})
	h.ok(err)
	d, err = h.room.Rate(ctx, h.author, d.ID, 5, "好")
	h.ok(err)
	h.tick("2026-11-28 13:00")
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
	if h.files.owner["f"] != "" || !slices.Equal(d.AttachmentIDs, []string{"copy-of-f"}) {
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
	if told != 1 {
		t.Errorf("the author was told %d times of what happened on one evening, want once", told)
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
	same(t, "not told at once, or the time would tell", h.outbox.to(h.secretary.MemberID), nil)
	h.tick("2026-11-24 12:00")
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
	h.tick("2026-11-27 12:00")
	if got := fmt.Sprint(h.outbox.to(h.secretary.MemberID)); strings.Count(got, "有新进展") != 1 {
		t.Errorf("told as author also of the own step, or its absence would tell: %s", got)
	}
}

// What an anonymous author does bears the day and no time: neither in the row nor the timeline, nor in the id, the audit or a notice.
func TestAnonymousActsBearNoTime(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	h.at("2026-11-24 20:17")
	d := h.submit(h.author, h.branch, true)
	day := model.Date("2026-11-24").Start()
	if !d.CreatedAt.Equal(day) || !d.UpdatedAt.Equal(day) || !d.StateAt.Equal(day) || !d.ClockAt.Equal(day) || !d.Timeline[0].At.Equal(day) {
		t.Errorf("the row tells the time: %s %s %s %s %s", d.CreatedAt, d.UpdatedAt, d.StateAt, d.ClockAt, d.Timeline[0].At)
	}
	if d.ID[14] != '4' {
		t.Errorf("the id %s tells the time", d.ID)
	}
	audit := func() []model.AuditEntry {
		entries, _, err := h.store.AuditEntries(ctx, store.AuditFilter{Object: "suggestion:" + d.ID}, model.Page{})
		h.ok(err)
		return entries
	}
	if len(h.outbox.pushed) != 0 || len(audit()) != 0 {
		t.Error("a notice or the audit tells when it was submitted")
	}
	h.tick("2026-11-25 11:59")
	same(t, "before the push hours", h.outbox.to(h.secretary.MemberID), nil)
	h.tick("2026-11-25 12:00")
	h.tick("2026-11-25 12:01")
	same(t, "when they open", h.outbox.to(h.secretary.MemberID), []string{"待受理"})
	if got := audit(); len(got) != 1 || got[0].Action != "suggestion.submit" || got[0].ActorID != "" || !got[0].At.Equal(model.Date("2026-11-25").Start().Add(12*time.Hour)) {
		t.Errorf("audit: %+v", got)
	}
	h.at("2026-11-25 19:03")
	h.step(h.secretary, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.secretary, d.ID, "reply", model.SuggestionReplied)
	h.at("2026-11-25 20:44")
	before := len(audit())
	again := h.step(h.author, d.ID, "reopen", model.SuggestionSubmitted)
	if last := again.Timeline[len(again.Timeline)-1]; last.At.In(model.Zone).Format("15:04") != "19:03" {
		t.Errorf("reopened at %s, later than what happened last, so that the time is told", last.At)
	}
	if len(audit()) != before {
		t.Error("the audit tells when it was reopened")
	}
	kept, err := h.store.Suggestion(ctx, d.ID)
	h.ok(err)
	for what, at := range map[string]time.Time{"updated": kept.UpdatedAt, "state": kept.StateAt, "clock": kept.ClockAt} {
		if at.In(model.Zone).Format("15:04") != "19:03" {
			t.Errorf("the row's %s tells when it was reopened: %s", what, at)
		}
	}
}

// An anonymous author is told at some later opening of the push hours, so that no notice stands beside its cause; and finds the answer at once.
func TestAnonymousAuthorIsToldLater(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	openings := map[string]bool{}
	for range 40 {
		d := h.submit(h.author, h.branch, true)
		h.at("2026-11-24 20:17")
		h.step(h.secretary, d.ID, "decline", model.SuggestionDeclined)
		m, err := h.store.Suggestion(ctx, d.ID)
		h.ok(err)
		for n := range model.TellOpenings {
			opening := model.DefaultPushHours().Opening(h.now, n+1)
			if late := m.TellAt.Sub(opening); late >= 5*time.Minute && late < time.Hour {
				openings[opening.In(model.Zone).Format("01-02 15:04")] = true
			}
		}
		h.at("2026-11-23 19:00")
	}
	for at := range openings {
		if !slices.Contains([]string{"11-25 12:00", "11-25 18:30", "11-26 12:00", "11-26 18:30"}, at) {
			t.Errorf("told at %s", at)
		}
	}
	if len(openings) < 2 {
		t.Error("always told at the same opening")
	}
	h.outbox.clear()
	h.tick("2026-11-26 19:30")
	same(t, "forty answers, one notice", h.outbox.to(h.author.MemberID), []string{"有新进展"})
}

// Two anonymous suggestions of one person have nothing in common, and their author finds both; also those from before each had its own index.
func TestAnonymousSuggestionsAreNotTiedTogether(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	seen := map[string]bool{}
	for range 40 {
		d := h.submit(h.author, h.branch, true)
		seen[d.AuthorIndex], seen[string(d.AuthorSealed)] = true, true
	}
	if len(seen) != 80 {
		t.Errorf("%d different marks on 40 suggestions", len(seen))
	}
	items, _, err := h.room.Suggestions(ctx, h.author, suggestion.Query{}, model.Page{Limit: 100})
	h.ok(err)
	if len(items) != 40 || !items[39].Mine {
		t.Errorf("the author finds %d", len(items))
	}
	h.ok(h.store.Tx(ctx, func(tx *store.Store) error { return h.room.Forget(ctx, tx, h.author.MemberID) }))
	if items, _, _ := h.room.Suggestions(ctx, h.author, suggestion.Query{}, model.Page{}); len(items) != 0 {
		t.Errorf("forgotten, and yet %d are found", len(items))
	}
	h.step(h.secretary, items[0].ID, "accept", model.SuggestionAccepted)
	h.tick("2026-12-24 18:30")
}

// A document names its author in many places, so that only pictures come with an anonymous suggestion.
func TestAnonymousTakesPicturesAlone(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	h.files.owner["f"], h.files.mime = h.author.MemberID, model.MIMEDocx
	d := suggestion.Draft{ToOrgID: h.branch.ID, Title: "题", Content: "文", AttachmentIDs: []string{"f"}, Anonymous: true}
	if _, err := h.room.Submit(ctx, h.author, d); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a document of an anonymous author: %v", err)
	}
	d.Anonymous = false
	_, err := h.room.Submit(ctx, h.author, d)
	h.ok(err)
}
