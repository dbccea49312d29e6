package policy

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type calendar struct{}

func (calendar) Calendar(context.Context) (model.Calendar, error) {
	days := model.BuiltinDays()
	return model.NewCalendar(days, model.CoverageOf(days)), nil
}

// society is an office with two branches, the second of them with a group.
func society(t *testing.T, s *store.Store) *model.Actor {
	t.Helper()
	at := time.Date(2025, 3, 1, 10, 0, 0, 0, model.Zone).UTC()
	root := &model.Org{ID: "root", Kind: model.OrgSociety, Name: "党委", Path: "/root/", Version: 1, CreatedAt: at, UpdatedAt: at}
	orgs := []*model.Org{root}
	for i, id := range []string{"a", "b"} {
		orgs = append(orgs, &model.Org{ID: id, ParentID: &root.ID, Kind: model.OrgBranch, Name: id, Path: "/root/" + id + "/", Depth: 1, Version: 1, CreatedAt: at.Add(time.Duration(i) * time.Second), UpdatedAt: at})
	}
	orgs = append(orgs, &model.Org{ID: "g", ParentID: &orgs[2].ID, Kind: model.OrgGroup, Name: "g", Path: "/root/b/g/", Depth: 2, Version: 1, CreatedAt: at, UpdatedAt: at})
	for _, o := range orgs {
		if err := s.AddOrg(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	}
	return &model.Actor{SessionID: "s", MemberID: "m", Powers: []model.Power{{OrgID: "root", Path: "/root/", Role: model.RoleStaff}}}
}

func profileOf(version, from string, changes ...string) []byte {
	p := model.DefaultPolicy()
	p.Version, p.HoldsFrom = version, model.Date(from)
	return []byte(strings.NewReplacer(changes...).Replace(string(Write(p))))
}

// A dry run says, from the code that is used, what each branch would owe, and stores nothing.
func TestDryRunInWords(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	office := society(t, s)
	push := &model.Push{ID: "p", OrgID: "a", OrgPath: "/root/a/", Kind: model.PushAnnouncement, Title: "通知", Hours: model.HoursOrdinary, State: model.PushScheduled, CreatedBy: "m",
		SendAt: time.Date(2026, 12, 1, 12, 10, 0, 0, model.Zone).UTC(), CreatedAt: storetest.Now(), UpdatedAt: storetest.Now()}
	if _, err := s.AddPush(ctx, push); err != nil {
		t.Fatal(err)
	}
	room := New(s, calendar{}, storetest.Clock)
	file := profileOf("半年", "2026-12-01", `type: lecture  # 党课
    times: 1
    every: quarter`, `type: lecture  # 党课
    times: 1
    every: half_year`, `type: group  # 党小组会
    times: 1`, `type: group  # 党小组会
    times: 2`, `"12:00-13:30", `, "")
	plan, err := room.Put(ctx, office, file, "", true)
	if err != nil {
		t.Fatal(err)
	}
	var changes []string
	for _, c := range plan.Changes {
		changes = append(changes, c.Text)
	}
	if want := []string{"党小组会：由每月1次改为每月2次", "党课：由每季度1次改为每半年1次", "推送时段：由12:00-13:30、18:30-21:00改为18:30-21:00"}; !slices.Equal(changes, want) {
		t.Errorf("changes: %q", changes)
	}
	want := map[string][]string{
		"a": {"党课：由每季度1次改为每半年1次，2026年度应开展4次，不变，2027年度应开展2次，少2次", "已定时的推送中，1条顺延"},
		"b": {"党小组会：由每月1次改为每月2次，2026年度应开展13次，多1次，2027年度应开展24次，多12次", "党课：由每季度1次改为每半年1次，2026年度应开展4次，不变，2027年度应开展2次，少2次"},
	}
	if len(plan.Effects) != 2 || plan.Effects[0].Org.ID != "a" {
		t.Errorf("effects: %+v", plan.Effects)
	}
	for _, e := range plan.Effects {
		if !slices.Equal(e.Texts, want[e.Org.ID]) {
			t.Errorf("%s: %q", e.Org.ID, e.Texts)
		}
	}
	if rows, err := s.PolicyProfiles(ctx); err != nil || len(rows) != 0 {
		t.Errorf("stored: %v %v", rows, err)
	}
}

// Each instant has the profile of its day; another replica knows it after its poll; an old version stays listed.
func TestProfilesHoldFromTheirDay(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	office := society(t, s)
	here, there := New(s, calendar{}, storetest.Clock), New(s, calendar{}, storetest.Clock)
	day := func(d model.Date) time.Time { return d.Start().Add(12 * time.Hour) }
	for _, file := range [][]byte{
		profileOf("一", "2020-01-01", "accept_days: 5", "accept_days: 6"), profileOf("三", "2027-01-01", "accept_days: 5", "accept_days: 3"),
		profileOf("二", "2026-12-01", "accept_days: 5", "accept_days: 4"), profileOf("三改", "2027-01-01", "accept_days: 5", "accept_days: 2"),
	} {
		if _, err := here.Put(ctx, office, file, "", false); err != nil {
			t.Fatal(err)
		}
	}
	for _, room := range []*Service{here, there} {
		for at, want := range map[model.Date]int{"2019-12-31": 5, "2020-01-01": 6, "2026-11-30": 6, "2026-12-01": 4, "2026-12-31": 4, "2027-01-01": 2} {
			if got := room.PolicyAt(day(at)).Suggestions.AcceptDays; got != want {
				t.Errorf("%s: %d, want %d", at, got, want)
			}
		}
		if got := room.PolicyAt(model.Date("2026-12-01").Start().Add(-time.Second)).Suggestions.AcceptDays; got != 6 {
			t.Errorf("the second before midnight in China: %d", got)
		}
	}
	all, err := here.Profiles(ctx)
	var states []string
	for _, p := range all {
		states = append(states, p.Version+" "+string(p.State))
	}
	if want := []string{"built-in past", "一 in_force", "三 replaced", "二 future", "三改 future"}; err != nil || !slices.Equal(states, want) {
		t.Errorf("%q: %v", states, err)
	}
	for _, c := range []struct {
		file  []byte
		match string
		code  model.Code
	}{
		{profileOf("一", "2027-02-01"), "", model.CodeInvalid}, {profileOf("built-in", "2027-02-01"), "", model.CodeInvalid}, {profileOf("四", "2026-11-22"), "", model.CodeInvalid},
		{profileOf("四", "2027-02-01"), "3", model.CodeEditConflict},
	} {
		if _, err := here.Put(ctx, office, c.file, c.match, false); model.CodeOf(err) != c.code {
			t.Errorf("%v, want %s", err, c.code)
		}
	}
	if _, err := here.Put(ctx, &model.Actor{SessionID: "s", MemberID: "x", Powers: []model.Power{{OrgID: "a", Path: "/root/a/", Role: model.RoleStaff}}}, profileOf("四", "2027-02-01"), "", true); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("the staff of a branch: %v", err)
	}
}

// Another process learns of a profile by the feed of changes.
func TestReplicaFollows(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	open := func() *store.Store {
		s, err := store.Open(ctx, "", dir, storetest.Clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	one, two := open(), open()
	if err := one.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	office := society(t, one)
	here, there := New(one, calendar{}, storetest.Clock), New(two, calendar{}, storetest.Clock)
	if err := there.Load(ctx); err != nil {
		t.Fatal(err)
	}
	if err := two.Poll(ctx, storetest.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Put(ctx, office, profileOf("一", "2026-11-01", "accept_days: 5", "accept_days: 6"), "", false); err != nil {
		t.Fatal(err)
	}
	if got := there.PolicyAt(storetest.Now()).Suggestions.AcceptDays; got != 5 {
		t.Errorf("before the poll: %d", got)
	}
	if err := two.Poll(ctx, storetest.Now()); err != nil {
		t.Fatal(err)
	}
	if got := there.PolicyAt(storetest.Now()).Suggestions.AcceptDays; got != 6 {
		t.Errorf("after the poll: %d", got)
	}
}
