package store_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// aSuggestion is a row with a value in every column.
func aSuggestion(id string) *model.Suggestion {
	now := storetest.Now()
	words := "拟公开的文字"
	return &model.Suggestion{
		ID: id, ToOrgID: "b", ToOrgPath: "/s/b/", OrgID: "s", OrgPath: "/s/", Title: "标题", Content: "内容", Anonymous: true,
		AuthorID: "m1", AuthorOrgID: "b", AuthorSealed: []byte{0, 1, 255}, AuthorKeyID: "k", AuthorIndex: "i1", AttachmentIDs: []string{"f1", "f2"},
		State: model.SuggestionSubmitted, StateAt: now, AssigneeID: "m2", ClockAt: now, AcceptDays: 5, ReplyDays: 15, ExtendDays: 10,
		AcceptBy: now.Add(time.Hour), ReplyBy: now.Add(2 * time.Hour), ExtensionReason: "原因", Reminded: 2, Reply: "答复", RepliedAt: &now,
		MergedInto: "other", Publication: model.PublicationAsked, PublicTitle: "题", PublicQuestion: &words, PublicAnswer: &words, PublicAt: &now,
		Hushed: 2, HushUntil: &now, TellAt: &now,
		RatingStars: 4, RatingText: "好", RatedAt: &now, CreatedAt: now, UpdatedAt: now,
	}
}

func addSuggestion(t *testing.T, s *store.Store, m *model.Suggestion) {
	t.Helper()
	if err := s.AddSuggestion(context.Background(), m, &model.SuggestionStep{Action: model.SuggestionSubmit, At: m.CreatedAt}); err != nil {
		t.Fatal(err)
	}
}

func TestSuggestionIsWrittenAndReadBack(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	m := aSuggestion("s1")
	addSuggestion(t, s, m)
	got, err := s.Suggestion(ctx, "s1")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(utcSuggestion(got), utcSuggestion(m)) {
		t.Errorf("read back\n%+v, want\n%+v", got, m)
	}
	for i, v := 0, reflect.ValueOf(*m); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("%s has no value in this test", v.Type().Field(i).Name)
		}
	}
	if _, err := s.Suggestion(ctx, "s2"); !model.IsNotFound(err) {
		t.Errorf("another one: %v", err)
	}
}

func utcSuggestion(m *model.Suggestion) model.Suggestion {
	c := *m
	for _, at := range []*time.Time{&c.StateAt, &c.ClockAt, &c.AcceptBy, &c.ReplyBy, &c.CreatedAt, &c.UpdatedAt} {
		*at = at.UTC()
	}
	for _, at := range []**time.Time{&c.RepliedAt, &c.RatedAt, &c.PublicAt, &c.HushUntil, &c.TellAt} {
		u := (*at).UTC()
		*at = &u
	}
	return c
}

func TestOnlyOneStepIsTakenFromAState(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	addSuggestion(t, s, aSuggestion("s1"))
	first, err := s.Suggestion(ctx, "s1")
	if err != nil {
		t.Fatal(err)
	}
	second := *first
	first.State, first.AssigneeID = model.SuggestionAccepted, ""
	if err := s.SaveSuggestion(ctx, first, model.SuggestionSubmitted, &model.SuggestionStep{Action: model.SuggestionAccept, ByID: "m2", ByRole: "书记", Note: "好", OrgID: "s", AssigneeID: "m3", At: storetest.Now()}); err != nil {
		t.Fatal(err)
	}
	second.State = model.SuggestionDeclined
	if err := s.SaveSuggestion(ctx, &second, model.SuggestionSubmitted, nil); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("the second step from the same state: %v", err)
	}
	second.Version = first.Version
	if err := s.SaveSuggestion(ctx, &second, model.SuggestionSubmitted, nil); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("a step from a state that is past: %v", err)
	}
	got, _ := s.Suggestion(ctx, "s1")
	if got.State != model.SuggestionAccepted || got.AssigneeID != "" || got.Version != 2 {
		t.Errorf("%s, %q, version %d", got.State, got.AssigneeID, got.Version)
	}
	steps, err := s.SuggestionSteps(ctx, "s1")
	if err != nil || len(steps) != 2 || steps[0].Action != model.SuggestionSubmit || steps[1].ByRole != "书记" || steps[1].Seq != 2 || steps[1].AssigneeID != "m3" {
		t.Errorf("timeline %+v, %v", steps, err)
	}
}

func TestSuggestionBoxesArePaged(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	for i := range 7 {
		m := aSuggestion(fmt.Sprintf("s%d", i))
		m.CreatedAt = storetest.Now().Add(time.Duration(i/2) * time.Minute) // two of each instant
		m.AuthorID, m.AuthorIndex, m.AssigneeID, m.OrgPath, m.MergedInto = "", "i1", "", "/s/b/", ""
		switch i {
		case 2:
			m.AuthorIndex = "i2" // somebody else's, in the next branch
			m.OrgPath = "/s/b0/"
		case 4:
			m.AuthorID, m.AuthorIndex, m.AssigneeID = "m1", "", "m2"
		case 6:
			m.State, m.OrgPath = model.SuggestionClosed, "/s/"
		}
		addSuggestion(t, s, m)
	}
	walk := func(f store.SuggestionFilter) string {
		t.Helper()
		var ids, cursor string
		for {
			rows, next, err := s.Suggestions(ctx, f, model.Page{Limit: 2, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				ids += r.ID[1:]
			}
			if next == "" {
				return ids
			}
			cursor = next
		}
	}
	for _, c := range []struct {
		f    store.SuggestionFilter
		want string
	}{
		{store.SuggestionFilter{AuthorID: "m1", AuthorIndex: []string{"i1"}}, "654310"},
		{store.SuggestionFilter{AuthorID: "m2", AuthorIndex: []string{"i2"}}, "2"},
		{store.SuggestionFilter{AuthorID: "m1", AuthorIndex: []string{"i1"}, State: model.SuggestionClosed}, "6"},
		{store.SuggestionFilter{AssigneeID: "m2"}, "4"},
		{store.SuggestionFilter{AssigneeID: "m2", HolderPaths: []string{"/s/b/"}}, "54310"},
		{store.SuggestionFilter{AssigneeID: "m9", HolderPaths: []string{"/s/b0/"}}, "2"},
		{store.SuggestionFilter{AssigneeID: "m9", HolderPaths: []string{"/"}}, "6543210"},
		{store.SuggestionFilter{AssigneeID: "m9"}, ""},
	} {
		if got := walk(c.f); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
	if _, _, err := s.Suggestions(ctx, store.SuggestionFilter{AuthorID: "m1"}, model.Page{Cursor: model.Cursor("meetings", 1)}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a foreign cursor: %v", err)
	}
	for want, args := range map[int][]string{5: {"m9", "/s/b/"}, 1: {"m2"}, 6: {"m2", "/s/b/", "/s/b0/"}, 0: {"m9", "/s/"}} {
		if n, err := s.OpenSuggestions(ctx, args[0], args[1:]...); err != nil || n != want {
			t.Errorf("open for %v: %d, %v, want %d", args, n, err, want)
		}
	}
}

func TestSuggestionsOnTheClockAndOverdue(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	for i, st := range []model.SuggestionState{"submitted", "escalated", "accepted", "replied", "closed", "declined"} {
		m := aSuggestion(fmt.Sprintf("s%d", i))
		m.State = st
		m.MergedInto = ""
		addSuggestion(t, s, m)
	}
	merged := aSuggestion("s9") // is handled with another one, whose clock runs
	addSuggestion(t, s, merged)
	var seen string
	for after := ""; ; {
		rows, err := s.SuggestionsOnTheClock(ctx, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			seen, after = seen+r.ID, r.ID
		}
	}
	if seen != "s0s1s2" {
		t.Errorf("on the clock: %s", seen)
	}
	for minutes, want := range map[int]int{59: 0, 61: 2, 121: 3} {
		n, err := s.OverdueSuggestions(ctx, "/s/", storetest.Now().Add(time.Duration(minutes)*time.Minute))
		if err != nil || n != want {
			t.Errorf("after %d minutes %d are overdue, %v, want %d", minutes, n, err, want)
		}
	}
	if n, _ := s.OverdueSuggestions(ctx, "/s/b/", storetest.Now().AddDate(1, 0, 0)); n != 0 {
		t.Errorf("%d are overdue where none is held", n)
	}
}

func TestWhoBelongsUnder(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	erased := storetest.Now()
	for id, gone := range map[string]*time.Time{"m1": nil, "m2": nil, "m3": nil, "m4": &erased} {
		if err := s.AddMember(ctx, &model.Member{ID: id, Name: id, ErasedAt: gone}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"m1", "m4"} {
		if err := s.AddMembership(ctx, &model.Membership{ID: "p" + id, MemberID: id, OrgID: "b", OrgPath: "/s/b/"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddGrant(ctx, &model.Grant{ID: "g", MemberID: "m2", OrgID: "s", OrgPath: "/s/", Role: model.RoleStaff}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[[2]string]bool{{"m1", "/s/"}: true, {"m1", "/s/b/"}: true, {"m1", "/s/b0/"}: false, {"m2", "/s/"}: true,
		{"m2", "/s/b/"}: false, {"m3", "/"}: false, {"m4", "/s/"}: false, {"nobody", "/"}: false} {
		if got, err := s.BelongsUnder(ctx, at[0], at[1]); err != nil || got != want {
			t.Errorf("%v: %v, %v", at, got, err)
		}
	}
}
