package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// The updates that the store makes of the table of steps do what the model does, on this database.
func TestBookingsFollowTheModel(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	steps := []model.QuotaStep{model.QuotaGrant, model.QuotaGrant, model.QuotaReserve, model.QuotaReserve, model.QuotaSpend, model.QuotaRelease, model.QuotaDoubt,
		model.QuotaRetry, model.QuotaSettle, model.QuotaRefuse, model.QuotaRevoke}
	r := rand.New(rand.NewPCG(1, 2))
	users := []string{"a", "b", "c"}
	want := map[string]model.Quota{}
	for _, u := range users {
		if err := s.OpenQuota(ctx, u, "t", model.QuotaOneTime, now); err != nil {
			t.Fatal(err)
		}
	}
	for range 400 {
		step, n := steps[r.IntN(len(steps))], int64(0)
		who := users[:1+r.IntN(len(users))]
		for _, u := range who {
			next, ok := want[u].After(step)
			want[u] = next
			if ok {
				n++
			}
		}
		got, err := s.MoveQuotas(ctx, step, "t", who, now)
		if err != nil || got != n {
			t.Fatalf("%s for %v: booked %d, want %d: %v", step, who, got, n, err)
		}
		for _, u := range users {
			all, err := s.Quotas(ctx, u)
			if err != nil {
				t.Fatal(err)
			}
			q, w := all["t"], want[u]
			if q.Granted != w.Granted || q.Available != w.Available || q.Reserved != w.Reserved || q.Spent != w.Spent || q.Void != w.Void || q.InDoubt != w.InDoubt {
				t.Fatalf("after %s: %+v, want %+v", step, q, w)
			}
		}
	}
}

// crowd is a society of two branches with memberships of all sorts.
func crowd(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []model.Org{{ID: "r", Path: "/r/"}, {ID: "b", Path: "/r/b/"}, {ID: "g", Path: "/r/b/g/"}, {ID: "c", Path: "/r/c/"}} {
		o.Name, o.Kind, o.CreatedAt = o.ID, model.OrgBranch, storetest.Now()
		check(s.AddOrg(ctx, &o))
	}
	erased := storetest.Now()
	for _, m := range []struct {
		id     string
		status model.PartyStatus
		orgs   []string
		role   model.Role
		gone   *time.Time
	}{
		{"m1", model.PartyFull, []string{"/r/b/", "/r/b/g/", "/r/c/"}, "", nil}, {"m2", model.PartyFull, []string{"/r/b/g/"}, model.RoleGroupLeader, nil},
		{"m3", model.PartyNone, []string{"/r/b/"}, "", nil}, {"m4", model.PartyProbationary, []string{"/r/c/"}, model.RoleSecretary, nil},
		{"m5", model.PartyFull, []string{"/r/b/"}, "", &erased},
	} {
		check(s.AddMember(ctx, &model.Member{ID: m.id, Name: m.id, PartyStatus: m.status, ErasedAt: m.gone}))
		for _, path := range m.orgs {
			ids := model.PathIDs(path)
			check(s.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: m.id, OrgID: ids[len(ids)-1], OrgPath: path}))
			if m.role != "" {
				check(s.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: m.id, OrgID: ids[len(ids)-1], OrgPath: path, Role: m.role}))
			}
		}
	}
}

func TestAudience(t *testing.T) {
	s, ctx := storetest.Open(t), context.Background()
	crowd(t, s)
	seed := []string{
		"INSERT INTO meeting_invitees (meeting_id, member_id, entitled, voting, answer, leave_reason, attendance, attendance_reason, changed_by, wrong_codes) VALUES ('x', 'm1', 1, 1, 'accept', '', '', '', '', 0), ('x', 'm3', 1, 0, 'leave', '', '', '', '', 0), ('x', 'm4', 0, 0, 'none', '', '', '', '', 0)",
		fmt.Sprintf("INSERT INTO article_reads (article_id, member_id, percent, read_at) VALUES ('y', 'm1', %d, '2026-11-23 00:00:00'), ('y', 'm2', %d, '2026-11-23 00:00:00')", model.ReadPercent-1, model.ReadPercent),
		"INSERT INTO article_claims (article_id, member_id, studied_on, place, created_at) VALUES ('y', 'm3', '2026-11-01', '', '2026-11-23 00:00:00')",
	}
	for _, sql := range seed {
		if err := s.ExecForTest(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	if wide, err := s.WideAudience(ctx, model.Audience{OrgID: "b"}, 5); err != nil || wide {
		t.Errorf("five memberships are more than five: %v", err)
	}
	for _, c := range []struct {
		a    model.Audience
		wide bool
	}{
		{model.Audience{OrgID: "b"}, true}, {model.Audience{OrgID: "b", PartyStatus: []model.PartyStatus{model.PartyFull}}, true},
		{model.Audience{OrgID: "b", Roles: []model.Role{model.RoleSecretary}}, false}, {model.Audience{OrgID: "b", MeetingID: "x"}, false},
		{model.Audience{OrgID: "b", MemberIDs: []string{"m1"}}, false}, {model.Audience{OrgID: "z"}, false},
	} {
		if wide, err := s.WideAudience(ctx, c.a, 4); err != nil || wide != c.wide {
			t.Errorf("%+v is wide: %v, want %v: %v", c.a, wide, c.wide, err)
		}
	}
	for _, c := range []struct {
		name string
		a    model.Audience
		want []string
	}{
		{"a branch, each once, erased ones not", model.Audience{OrgID: "b"}, []string{"m1", "m2", "m3"}},
		{"everybody", model.Audience{OrgID: "r"}, []string{"m1", "m2", "m3", "m4"}},
		{"a group", model.Audience{OrgID: "g"}, []string{"m1", "m2"}},
		{"an organisation that is gone", model.Audience{OrgID: "z"}, nil},
		{"nobody named", model.Audience{}, nil},
		{"roles", model.Audience{OrgID: "r", Roles: []model.Role{model.RoleGroupLeader, model.RoleSecretary}}, []string{"m2", "m4"}},
		{"a role elsewhere", model.Audience{OrgID: "b", Roles: []model.Role{model.RoleSecretary}}, nil},
		{"the role member is everybody", model.Audience{OrgID: "c", Roles: []model.Role{model.RoleMember}}, []string{"m1", "m4"}},
		{"party status", model.Audience{OrgID: "r", PartyStatus: []model.PartyStatus{model.PartyNone, model.PartyProbationary}}, []string{"m3", "m4"}},
		{"persons with a role anywhere", model.Audience{MemberIDs: []string{"m1", "m2", "m4"}, Roles: []model.Role{model.RoleSecretary}}, []string{"m4"}},
		{"invited", model.Audience{MeetingID: "x"}, []string{"m1", "m3", "m4"}},
		{"by answer", model.Audience{MeetingID: "x", RSVP: []model.RSVP{model.RSVPNone, model.RSVPLeave}}, []string{"m3", "m4"}},
		{"invited and in the branch", model.Audience{OrgID: "b", MeetingID: "x"}, []string{"m1", "m3"}},
		{"neither read nor claimed", model.Audience{OrgID: "r", NotReadArticleID: "y"}, []string{"m1", "m4"}},
		{"persons", model.Audience{MemberIDs: []string{"m4", "m1", "m5", "zz"}}, []string{"m1", "m4"}},
		{"persons of a branch", model.Audience{OrgID: "b", MemberIDs: []string{"m4", "m1"}}, []string{"m1"}},
	} {
		for _, dense := range []bool{false, true} {
			got, err := s.AudienceIDs(ctx, c.a, "", 10, dense)
			if err != nil || !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("%s (dense %v): %v, want %v: %v", c.name, dense, got, c.want, err)
			}
			if len(c.want) > 1 {
				next, err := s.AudienceIDs(ctx, c.a, c.want[0], 1, dense)
				if err != nil || !slices.Equal(next, c.want[1:2]) {
					t.Errorf("%s, the second page: %v: %v", c.name, next, err)
				}
			}
		}
		if n, err := s.CountAudience(ctx, c.a); err != nil || n != len(c.want) {
			t.Errorf("%s counts %d: %v", c.name, n, err)
		}
	}
}

// Two processes that claim at the same moment share the work, and no delivery has two owners.
func TestClaimsAreExclusive(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	var rows []model.Delivery
	for i := range 200 {
		at := now.Add(-time.Second)
		rows = append(rows, model.Delivery{PushID: fmt.Sprint("p", i%4), MemberID: fmt.Sprint("m", i/4), OpenID: fmt.Sprint("o", i/4), TemplateID: "t",
			State: model.DeliveryQueued, Channel: model.ChannelSubscribe, Lane: model.LaneSubscribe, NotBefore: at, DueAt: &at, CreatedAt: now, UpdatedAt: now})
	}
	if err := s.AddDeliveries(ctx, rows); err != nil {
		t.Fatal(err)
	}
	type claim struct {
		owner string
		rows  []model.Delivery
	}
	claims := make(chan claim)
	for _, owner := range []string{"a", "b"} {
		go func() {
			got := claim{owner: owner}
			for range 20 {
				err := s.Tx(ctx, func(tx *store.Store) error {
					rows, err := tx.ClaimDeliveries(ctx, owner, model.Lanes(), now, now.Add(time.Minute), 10)
					if err == nil {
						for _, c := range rows {
							got.rows = append(got.rows, c.Delivery)
						}
					}
					return err
				})
				if err != nil && model.CodeOf(err) != model.CodeConflict {
					t.Error(err)
				}
			}
			claims <- got
		}()
	}
	seen, persons := map[int64]string{}, map[string]bool{}
	for range 2 {
		got := <-claims
		for _, d := range got.rows {
			if d.Owner != got.owner || seen[d.ID] != "" || persons[d.OpenID] {
				t.Errorf("delivery %d of %s is claimed by %s, %s and %s", d.ID, d.OpenID, d.Owner, got.owner, seen[d.ID])
			}
			seen[d.ID], persons[d.OpenID] = got.owner, true
		}
	}
	if len(seen) != 50 {
		t.Errorf("%d claimed, want one for each of 50 persons", len(seen))
	}
}

func TestDeliveryGoesOnlyWhereItMay(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	if err := s.AddDeliveries(ctx, []model.Delivery{{PushID: "p", MemberID: "m", State: model.DeliverySent, NotBefore: now, CreatedAt: now, UpdatedAt: now}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EndDelivery(ctx, 1, "", model.DeliverySent, store.DeliveryEnd{State: model.DeliveryQueued}, now); err == nil {
		t.Error("what was sent could be queued again")
	}
	if n, err := s.EndDelivery(ctx, 1, "somebody", model.DeliverySent, store.DeliveryEnd{State: model.DeliveryFailed}, now); err != nil || n {
		t.Errorf("another's delivery was written: %v %v", n, err)
	}
}

// Two processes that expand the same push from the same place: one chunk is written, the other process learns that it is behind.
func TestAChunkIsWrittenOnce(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	p := model.Push{ID: "p", State: model.PushScheduled, Kind: "announcement", Title: "通知", SendAt: now, CreatedAt: now}
	if first, err := s.AddPush(ctx, &p); err != nil || !first {
		t.Fatal(first, err)
	}
	one, other := p, p
	for i, step := range []struct {
		p      *model.Push
		cursor string
		want   bool
	}{{&one, "m1", true}, {&other, "m1", false}, {&other, "m2", false}} {
		if mine, err := s.AdvancePush(ctx, step.p, step.cursor, 1, false, now); err != nil || mine != step.want {
			t.Errorf("step %d: %v %v, want %v", i, mine, err, step.want)
		}
	}
	one.State, one.ExpandCursor, other = model.PushSending, "m1", one
	other.State, other.ExpandCursor = model.PushSending, ""
	if mine, err := s.AdvancePush(ctx, &other, "m2", 1, false, now); err != nil || mine {
		t.Errorf("a process that stands at the beginning wrote the second chunk: %v %v", mine, err)
	}
	if mine, err := s.AdvancePush(ctx, &one, "m2", 1, false, now); err != nil || !mine {
		t.Errorf("the process that is up to date did not: %v %v", mine, err)
	}
}
