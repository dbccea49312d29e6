package action_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/action"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// outbox keeps the keys of what it was given.
type outbox struct {
	mu     sync.Mutex
	pushes []model.Push
}

func (o *outbox) Push(_ context.Context, tx *store.Store, p *model.Push) error {
	tx.After(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.pushes = append(o.pushes, *p)
	})
	return nil
}

func (o *outbox) Drop(context.Context, *store.Store, string, string) error { return nil }

func (o *outbox) take() []string {
	var out []string
	for _, p := range o.pushes {
		out = append(out, fmt.Sprint(p.Title, " ", p.Audience.MemberIDs))
	}
	o.pushes = nil
	slices.Sort(out)
	return out
}

type calendars struct{}

func (calendars) Calendar(context.Context) (model.Calendar, error) {
	return model.BuiltinCalendar(), nil
}

type policy struct{}

func (policy) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

// TestActionsComeBackOnce: with several replicas ticking at once each is told once, a program that was off catches up, and what its owner
// leaves behind goes to the secretary.
func TestActionsComeBackOnce(t *testing.T) {
	ctx := context.Background()
	now := storetest.Now()
	s := storetest.OpenAt(t, func() time.Time { return now })
	out := &outbox{}
	room := action.New(s, out, calendars{}, policy{}, func() time.Time { return now })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddOrg(ctx, &model.Org{ID: "r", Kind: model.OrgSociety, Name: "党委", Path: "/r/"}))
	must(s.AddOrg(ctx, &model.Org{ID: "b", Kind: model.OrgBranch, Name: "支部", Path: "/r/b/", Depth: 1}))
	for id, role := range map[string]model.Role{"owner": "", "sec": model.RoleSecretary, "office": model.RoleStaff} {
		must(s.AddMember(ctx, &model.Member{ID: id, Name: id, PartyStatus: model.PartyFull}))
		org, path := "b", "/r/b/"
		if id == "office" {
			org, path = "r", "/r/"
		}
		must(s.AddMembership(ctx, &model.Membership{ID: id, MemberID: id, OrgID: org, OrgPath: path}))
		if role != "" {
			must(s.AddGrant(ctx, &model.Grant{ID: id, MemberID: id, OrgID: org, OrgPath: path, Role: role}))
		}
	}
	m := &model.Meeting{ID: "m", OrgID: "b", OrgPath: "/r/b/", Type: model.MeetingAssembly}
	begin := func() error {
		return s.Tx(ctx, func(tx *store.Store) error {
			return room.Begin(ctx, tx, &model.Actor{MemberID: "sec"}, m, []model.Resolution{{Text: "存档", NoFollowUp: true}, {Text: "联系医院", OwnerID: "owner", DueOn: "2026-12-04"}}, now)
		})
	}
	must(begin())
	must(begin()) // the lock happens once, and would make them once
	if got := out.take(); fmt.Sprint(got) != "[督办事项：联系医院 [owner]]" {
		t.Fatalf("begun: %v", got)
	}
	tick := func() []string {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := room.Tick(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return out.take()
	}
	if got := tick(); len(got) != 0 {
		t.Errorf("too early: %v", got)
	}
	now = time.Date(2026, 12, 14, 10, 0, 0, 0, model.Zone).UTC() // the program was off for weeks: six working days after the day
	got := tick()
	want := []string{"督办事项已超期：联系医院 [owner]", "督办事项已超期：联系医院 [owner]", "督办事项超期未办结：联系医院 [sec]", "督办事项长期未办结：联系医院 [office]"}
	slices.Sort(want)
	if !slices.Equal(got, want) { // the two to the owner have one key, so that the outbox makes one of them
		t.Errorf("catching up: %v", got)
	}
	if got := tick(); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	must(s.MoveMembership(ctx, "owner", &model.Org{ID: "r", Path: "/r/"}))
	if got := tick(); fmt.Sprint(got) != "[督办事项转交：联系医院 [sec]]" {
		t.Errorf("the owner has left: %v", got)
	}
	rows, _, err := s.Actions(ctx, store.ActionFilter{MemberID: "sec"}, model.Page{})
	must(err)
	if len(rows) != 1 || rows[0].FirstOwnerID != "owner" {
		t.Errorf("handed over: %+v", rows)
	}
}
