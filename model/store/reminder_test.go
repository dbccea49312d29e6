package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// reminderTree is two branches, the first with a group, and a reminder in each place, made in this order.
func reminderTree(t *testing.T, s *store.Store) {
	t.Helper()
	ctx, next := context.Background(), storetest.Now()
	for i, o := range []model.Org{{ID: "b", Path: "/r/b/"}, {ID: "g", Path: "/r/b/g/"}, {ID: "c", Path: "/r/c/"}} {
		o.Kind, o.Name = model.OrgBranch, o.ID
		if err := s.AddOrg(ctx, &o); err != nil {
			t.Fatal(err)
		}
		r := &model.Reminder{ID: fmt.Sprint("r", i), OrgID: o.ID, Name: "周二学习", Rule: "FREQ=WEEKLY;BYDAY=TU", StartsOn: "2026-11-23", At: "20:00",
			Audience: model.Audience{Roles: []model.Role{model.RoleMember}}, Template: model.PushStudy, NextPlanned: &next, NextAt: &next, WakeAt: &next}
		if err := s.AddReminder(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRemindersAreListedBelowThePathsOfTheCaller(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	reminderTree(t, s)
	for _, c := range []struct {
		paths  []string
		within string
		want   string
	}{
		{nil, "", "[]"},
		{[]string{"/r/b/"}, "", "[r1 r0]"},
		{[]string{"/r/b/g/", "/r/c/"}, "", "[r2 r1]"},
		{[]string{"/r/b/g/", "/r/c/"}, "/r/b/", "[r1]"}, // the alternatives stand in brackets
		{[]string{"/"}, "", "[r2 r1 r0]"},
	} {
		ids := []string{}
		for cursor := ""; ; {
			rows, next, err := s.RemindersUnder(ctx, c.paths, c.within, model.Page{Limit: 1, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				ids = append(ids, r.ID)
				if r.Org.Name != r.OrgID || !model.Within(r.Org.Path, "/r/") || r.Audience.Roles[0] != model.RoleMember || !r.NextAt.Equal(storetest.Now()) {
					t.Errorf("read back: %+v", r)
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
		if got := fmt.Sprint(ids); got != c.want {
			t.Errorf("below %v and %q: %s, want %s", c.paths, c.within, got, c.want)
		}
	}
	if _, _, err := s.RemindersUnder(ctx, []string{"/"}, "", model.Page{Cursor: model.Cursor("roster", "x")}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a foreign cursor: %v", err)
	}
}

func TestReminderIsAdvancedOnce(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	reminderTree(t, s)
	now, at := storetest.Now(), storetest.Now().Add(time.Hour)
	later := model.Reminder{NextPlanned: &at, NextAt: &at, WakeAt: &at}
	due, err := s.DueReminders(ctx, now, 10)
	if err != nil || len(due) != 3 {
		t.Fatalf("due: %+v %v", due, err)
	}
	if early, err := s.DueReminders(ctx, now.Add(-time.Second), 10); err != nil || len(early) != 0 {
		t.Errorf("a second before: %+v %v", early, err)
	}
	for i, want := range []bool{true, false} {
		if ok, err := s.AdvanceReminder(ctx, &due[0], later); err != nil || ok != want {
			t.Errorf("advance %d: %v %v", i, ok, err)
		}
	}
	edited := due[1]
	edited.Name = "周四学习"
	if err := s.SaveReminder(ctx, &edited); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.AdvanceReminder(ctx, &due[1], later); err != nil || ok {
		t.Errorf("advance of what was edited meanwhile: %v %v", ok, err)
	}
	stale := due[1]
	if err := s.SaveReminder(ctx, &stale); model.CodeOf(err) != model.CodeEditConflict {
		t.Errorf("saving what is stale: %v", err)
	}
	if err := s.DropReminder(ctx, due[2].ID); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.AdvanceReminder(ctx, &due[2], later); err != nil || ok {
		t.Errorf("advance of what is gone: %v %v", ok, err)
	}
	if err := s.DropReminder(ctx, due[2].ID); !model.IsNotFound(err) {
		t.Errorf("dropped twice: %v", err)
	}
	if left, err := s.PlannedReminders(ctx, "r0", 10); err != nil || len(left) != 1 || left[0].Name != "周四学习" {
		t.Errorf("planned after r0: %+v %v", left, err)
	}
}

func TestOccurrenceIsNotedOnce(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	now := storetest.Now()
	for i, want := range []bool{true, false, true} {
		o := model.ReminderOccurrence{ReminderID: "r", PlannedAt: now.Add(time.Duration(i/2) * time.Hour), State: model.OccurrenceFired, At: now}
		if ok, err := s.AddOccurrence(ctx, &o); err != nil || ok != want {
			t.Errorf("note %d: %v %v", i, ok, err)
		}
	}
	skipped := model.ReminderOccurrence{ReminderID: "r", PlannedAt: now.Add(2 * time.Hour), State: model.OccurrenceSkipped, At: now}
	if ok, err := s.AddOccurrence(ctx, &skipped); err != nil || !ok {
		t.Errorf("skipped: %v %v", ok, err)
	}
	last, err := s.LastOccurrences(ctx, []string{"r", "s"})
	if err != nil || len(last) != 1 || !last["r"].PlannedAt.Equal(now.Add(2*time.Hour)) {
		t.Errorf("last: %+v %v", last, err)
	}
	fired, err := s.LastOccurrences(ctx, []string{"r", "s"}, model.OccurrenceFired)
	if err != nil || len(fired) != 1 || !fired["r"].PlannedAt.Equal(now.Add(time.Hour)) {
		t.Errorf("last fired: %+v %v", fired, err)
	}
	push, n := "p", 7
	o := fired["r"]
	o.PushID, o.Recipients = &push, &n
	if err := s.TellOccurrence(ctx, &o); err != nil {
		t.Fatal(err)
	}
	var all []model.ReminderOccurrence
	for cursor := ""; ; {
		rows, next, err := s.Occurrences(ctx, "r", model.Page{Limit: 1, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
		if cursor = next; next == "" {
			break
		}
	}
	if len(all) != 3 || !slices.IsSortedFunc(all, func(a, b model.ReminderOccurrence) int { return b.PlannedAt.Compare(a.PlannedAt) }) {
		t.Errorf("all: %+v", all)
	}
	if all[1].PushID == nil || *all[1].PushID != "p" || *all[1].Recipients != 7 || all[2].PushID != nil || all[2].Recipients != nil {
		t.Errorf("what went out: %+v", all)
	}
	if _, _, err := s.Occurrences(ctx, "r", model.Page{Cursor: model.Cursor("occurrences:s", now)}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("another reminder's cursor: %v", err)
	}
}

func TestRemindersAboutAnArticle(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	for id, r := range map[string]model.Reminder{
		"leads":     {ArticleID: "a"},
		"asks":      {Audience: model.Audience{NotReadArticleID: "a"}},
		"elsewhere": {ArticleID: "b", Audience: model.Audience{NotReadArticleID: "a"}},
		"nothing":   {},
	} {
		r.ID, r.OrgID = id, "o"
		if err := s.AddReminder(ctx, &r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		ids  []string
		any  bool
		want string
	}{
		{[]string{"a"}, false, "[asks leads]"},
		{[]string{"b", "c"}, false, "[elsewhere]"},
		{[]string{"c"}, false, "[]"},
		{nil, true, "[asks elsewhere leads]"},
	} {
		rows, err := s.RemindersAbout(ctx, c.ids, c.any)
		ids := []string{}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		if got := fmt.Sprint(ids); err != nil || got != c.want {
			t.Errorf("about %v, any %v: %s %v, want %s", c.ids, c.any, got, err, c.want)
		}
	}
}
