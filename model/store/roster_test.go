package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// rosterForest makes branches with groups below one root, and persons in them, some in several places.
func rosterForest(t testing.TB, s *store.Store, branches, groups, people int) []*model.Org {
	t.Helper()
	ctx, now := context.Background(), storetest.Now()
	root := &model.Org{ID: "root", Kind: model.OrgSociety, Name: "学会党委", Path: "/root/", CreatedAt: now, UpdatedAt: now}
	orgs := []*model.Org{root}
	add := func(parent *model.Org, kind model.OrgKind, id string) *model.Org {
		o := &model.Org{ID: id, ParentID: &parent.ID, Kind: kind, Name: id, Path: model.PathUnder(parent.Path, id), Depth: parent.Depth + 1, CreatedAt: now, UpdatedAt: now}
		orgs = append(orgs, o)
		return o
	}
	for b := range branches {
		branch := add(root, model.OrgBranch, fmt.Sprintf("b%d", b))
		for g := range groups {
			add(branch, model.OrgGroup, fmt.Sprintf("b%dg%d", b, g))
		}
	}
	draw := rand.New(rand.NewPCG(1, 2))
	var members []*model.Member
	var places []*model.Membership
	for i := range people {
		m := &model.Member{ID: fmt.Sprintf("m%05d", i), Name: "某人", NameSort: fmt.Sprint(draw.IntN(people)), PartyStatus: model.PartyFull, CreatedAt: now, UpdatedAt: now}
		members = append(members, m)
		taken := map[string]bool{}
		for range 1 + i%7/5 + i%11/10 { // one place, for some two or three
			o := orgs[draw.IntN(len(orgs))]
			if !taken[o.ID] {
				taken[o.ID] = true
				places = append(places, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: o.ID, OrgPath: o.Path, CreatedAt: now})
			}
		}
	}
	err := s.Tx(ctx, func(tx *store.Store) error {
		for _, o := range orgs {
			if err := tx.AddOrg(ctx, o); err != nil {
				return err
			}
		}
		if err := tx.AddMembers(ctx, members); err != nil {
			return err
		}
		return tx.AddMemberships(ctx, places)
	})
	if err != nil {
		t.Fatal(err)
	}
	return orgs
}

// Each number is held against a count of that organisation alone.
func TestOrgSizesCountEachPersonOnce(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	orgs := rosterForest(t, s, 4, 3, 300)
	sizes, err := s.OrgSizes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orgs {
		rows, err := s.WholeRoster(ctx, o.Path)
		if err != nil {
			t.Fatal(err)
		}
		if sizes[o.ID] != len(rows) || len(rows) == 0 {
			t.Errorf("%s has %d members, counted as %d", o.Name, len(rows), sizes[o.ID])
		}
	}
	if sizes["root"] != 300 {
		t.Errorf("the root counts %d of 300", sizes["root"])
	}
}

// b1 and b10 begin alike, and must not be taken for one another.
func TestSubtreesDoNotRunIntoEachOther(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	rosterForest(t, s, 11, 0, 0)
	for _, id := range []string{"b1", "b10"} {
		m := &model.Member{ID: "in-" + id, Name: id, PartyStatus: model.PartyFull}
		if err := s.AddMember(ctx, m); err != nil {
			t.Fatal(err)
		}
		if err := s.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: id, OrgPath: "/root/" + id + "/"}); err != nil {
			t.Fatal(err)
		}
	}
	rows, _, err := s.Roster(ctx, "/root/b1/", store.RosterFilter{}, model.Page{})
	if err != nil || len(rows) != 1 || rows[0].ID != "in-b1" {
		t.Errorf("the roster of b1: %v %v", rows, err)
	}
	rows, _, err = s.Roster(ctx, "/", store.RosterFilter{}, model.Page{})
	if err != nil || len(rows) != 2 {
		t.Errorf("everybody: %v %v", rows, err)
	}
}

// A roster is narrowed by what is asked for; a person's text stands for itself.
func TestRosterFilter(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	orgs := rosterForest(t, s, 1, 0, 6)
	extra := &model.Member{ID: "x", Name: "林_晚", NameSort: "x", Employer: "第一医院", PartyStatus: model.PartyApplicant, CreatedAt: storetest.Now(), UpdatedAt: storetest.Now()}
	if err := s.AddMember(ctx, extra); err != nil {
		t.Fatal(err)
	}
	if err := s.AddMembership(ctx, &model.Membership{ID: "p", MemberID: "x", OrgID: orgs[0].ID, OrgPath: orgs[0].Path, CreatedAt: storetest.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddGrant(ctx, &model.Grant{ID: "g", MemberID: "x", OrgID: orgs[0].ID, OrgPath: orgs[0].Path, Role: model.RoleSecretary, CreatedAt: storetest.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter store.RosterFilter
		want   int
	}{
		{store.RosterFilter{}, 7}, {store.RosterFilter{Text: "林_"}, 1}, {store.RosterFilter{Text: "_"}, 1}, {store.RosterFilter{Text: "%"}, 0}, {store.RosterFilter{Text: "一医"}, 1},
		{store.RosterFilter{Status: model.PartyFull}, 6}, {store.RosterFilter{Status: model.PartyApplicant, Text: "某"}, 0}, {store.RosterFilter{Bound: new(false)}, 7}, {store.RosterFilter{Bound: new(true)}, 0}, {store.RosterFilter{Leads: true}, 1},
	} {
		rows, _, err := s.Roster(ctx, orgs[0].Path, c.filter, model.Page{Limit: 50})
		if err != nil || len(rows) != c.want {
			t.Errorf("%+v: %d rows, %v, want %d", c.filter, len(rows), err, c.want)
		}
	}
}

// Somebody who comes in between two pages shifts nobody else out or in twice.
func TestRosterPagesHoldStill(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	rosterForest(t, s, 2, 2, 45)
	seen := map[string]int{}
	page := model.Page{Limit: 10}
	for n := 0; ; n++ {
		rows, next, err := s.Roster(ctx, "/root/", store.RosterFilter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			seen[r.ID]++
		}
		if next == "" {
			break
		}
		page.Cursor = next
		late := &model.Member{ID: fmt.Sprintf("late%d", n), Name: "新来", NameSort: "", PartyStatus: model.PartyFull}
		if err := s.AddMember(ctx, late); err != nil {
			t.Fatal(err)
		}
		if err := s.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: late.ID, OrgID: "root", OrgPath: "/root/"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 45 {
		t.Errorf("%d persons were shown, want the 45 who were there", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was shown %d times", id, n)
		}
	}
}

func BenchmarkOrgSizes(b *testing.B) {
	s, ctx := storetest.Open(b), context.Background()
	rosterForest(b, s, 60, 4, 30_000)
	for b.Loop() {
		start := time.Now()
		if _, err := s.OrgSizes(ctx); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms")
	}
}

func BenchmarkRosterPage(b *testing.B) {
	s, ctx := storetest.Open(b), context.Background()
	rosterForest(b, s, 60, 4, 30_000)
	for _, path := range []string{"/root/", "/root/b7/"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.Roster(ctx, path, store.RosterFilter{}, model.Page{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
