package setting_test

import (
	"context"
	"fmt"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/setting"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func office(path string) *model.Actor {
	return &model.Actor{SessionID: "s", MemberID: "office", Powers: []model.Power{{Path: path, Role: model.RoleStaff}}}
}

const notice2027 = `{"$schema":"x","year":2027,"papers":["y"],"days":[
	{"name":"元旦","date":"2026-12-31","isOffDay":true},
	{"name":"元旦","date":"2027-01-01","isOffDay":true},
	{"name":"元旦","date":"2027-01-02","isOffDay":true},
	{"name":"元旦","date":"2027-01-10","isOffDay":false}]}`

func calendar(t *testing.T, s *setting.Service) model.Calendar {
	t.Helper()
	c, err := s.Calendar(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestANoticeIsLoadedWithoutANewRelease(t *testing.T) {
	st, ctx := storetest.Open(t), context.Background()
	s := setting.New(st, storetest.Clock)
	before := calendar(t, s)
	if !before.Provisional("2027-01-01") || before.CoveredUntil() != "2026-12-31" || before.IsWorkday("2026-10-01") || !before.IsWorkday("2026-10-10") {
		t.Fatal("the days of the program should hold before anything is loaded")
	}
	after, err := s.LoadHolidays(ctx, office("/"), 2027, []byte(notice2027))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []model.Calendar{after, calendar(t, s), calendar(t, setting.New(st, storetest.Clock))} {
		if c.CoveredUntil() != "2027-12-31" || c.IsWorkday("2027-01-01") || !c.IsWorkday("2027-01-10") || c.IsWorkday("2026-12-31") || c.IsWorkday("2026-10-01") {
			t.Errorf("after the notice: %s, %v", c.CoveredUntil(), c.Days())
		}
	}
	entries, _, err := st.AuditEntries(ctx, store.AuditFilter{Action: "calendar.load"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].Object != "calendar:2027" || entries[0].ActorID != "office" {
		t.Errorf("audit %+v %v", entries, err)
	}
}

func TestANewNoticeReplacesItsYear(t *testing.T) {
	st, ctx := storetest.Open(t), context.Background()
	s := setting.New(st, storetest.Clock)
	for _, c := range []struct {
		year int
		file string
	}{
		{2027, notice2027},
		{2026, `{"year":2026,"days":[{"name":"元旦","date":"2026-01-01","isOffDay":true},{"name":"国庆节","date":"2026-10-01","isOffDay":true}]}`},
	} {
		if _, err := s.LoadHolidays(ctx, office("/"), c.year, []byte(c.file)); err != nil {
			t.Fatal(err)
		}
	}
	cal := calendar(t, s)
	for day, want := range map[model.Date]model.DayKind{
		"2026-10-01": model.DayHoliday, "2026-10-02": model.DayWorkday, "2026-10-10": model.DayWeekend, // built in, but not in the corrected notice
		"2026-12-31": model.DayHoliday, // the next year's notice spoke of it
		"2025-10-01": model.DayHoliday, "2027-01-01": model.DayHoliday,
	} {
		if got := cal.Kind(day); got != want {
			t.Errorf("%s is %s, want %s", day, got, want)
		}
	}
}

func TestWhoLoadsANoticeAndOfWhichYear(t *testing.T) {
	st, ctx := storetest.Open(t), context.Background()
	if err := st.AddOrg(ctx, &model.Org{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"}); err != nil {
		t.Fatal(err)
	}
	s := setting.New(st, storetest.Clock)
	for _, c := range []struct {
		name  string
		actor *model.Actor
		year  int
		file  string
		code  model.Code
	}{
		{"the office", office("/r/"), 2027, notice2027, ""},
		{"with a byte order mark", office("/r/"), 2027, "\ufeff" + notice2027, ""},
		{"a branch's staff", office("/r/b/"), 2027, notice2027, model.CodeForbidden},
		{"a secretary", &model.Actor{MemberID: "m", Powers: []model.Power{{Path: "/r/", Role: model.RoleSecretary}}}, 2027, notice2027, model.CodeForbidden},
		{"a stranger", nil, 2027, notice2027, model.CodeForbidden},
		{"another year", office("/r/"), 2028, notice2027, model.CodeInvalid},
		{"no notice", office("/r/"), 2027, "[]", model.CodeInvalid},
	} {
		_, err := s.LoadHolidays(ctx, c.actor, c.year, []byte(c.file))
		if c.code == "" && err != nil || c.code != "" && model.CodeOf(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAnotherReplicaHearsOfIt(t *testing.T) {
	st, ctx := storetest.Open(t), context.Background()
	a, b := setting.New(st, storetest.Clock), setting.New(st, storetest.Clock)
	if fmt.Sprint(calendar(t, b).CoveredUntil()) != "2026-12-31" {
		t.Fatal("before")
	}
	if _, err := a.LoadHolidays(ctx, office("/"), 2027, []byte(notice2027)); err != nil {
		t.Fatal(err)
	}
	if got := calendar(t, b).CoveredUntil(); got != "2027-12-31" {
		t.Errorf("the other copy still covers %s", got)
	}
}
