package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func followed(t *testing.T, s *store.Store, openID string, following bool, at time.Time) {
	t.Helper()
	if err := s.TellFollower(context.Background(), openID, following, at, at); err != nil {
		t.Fatal(err)
	}
}

func followerOf(t *testing.T, s *store.Store, openID string) *model.OfficialFollower {
	t.Helper()
	f, err := s.Follower(context.Background(), openID)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOfficialOpenIDs(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	var ids []string
	for i := range 5 {
		id := store.NewID()
		ids = append(ids, id)
		unionID := fmt.Sprint("u", i)
		if i == 3 {
			unionID = "" // WeChat told none
		}
		if err := s.AddIdentity(ctx, &model.Identity{ID: store.NewID(), OpenID: fmt.Sprint("o", i), UnionID: unionID, MemberID: &id, LastSeenAt: now, CreatedAt: now}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddIdentity(ctx, &model.Identity{ID: store.NewID(), OpenID: "oVisitor", UnionID: "u9", LastSeenAt: now, CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		model.OfficialProfile
		at time.Duration
	}{
		{model.OfficialProfile{OpenID: "p0", UnionID: "u0", Following: true}, 0},
		{model.OfficialProfile{OpenID: "p1", UnionID: "u1"}, 0},
		{model.OfficialProfile{OpenID: "pNone", Following: true}, 0},
		{model.OfficialProfile{OpenID: "pNew", UnionID: "u4", Following: true}, time.Hour},
		{model.OfficialProfile{OpenID: "pOld", UnionID: "u4", Following: true}, 0},
		{model.OfficialProfile{OpenID: "p9", UnionID: "u9", Following: true}, 0},
	} {
		followed(t, s, p.OpenID, true, now)
		taken := now.Add(time.Minute)
		if rows, err := s.TakeLookUps(ctx, now, taken, 10); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		if err := s.EndLookUps(ctx, taken, []model.OfficialProfile{p.OfficialProfile}, now.Add(p.at)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.OfficialOpenIDs(ctx, append(ids, "nobody"))
	want := map[string]string{ids[0]: "p0", ids[4]: "pNew"}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v; %v", got, want, err)
	}
	if got, err := s.OfficialOpenIDs(ctx, nil); err != nil || len(got) != 0 {
		t.Errorf("nobody: %v, %v", got, err)
	}
	if c, err := s.OfficialCoverage(ctx); err != nil || c != (model.OfficialCoverage{Following: 5, WithUnionID: 4, Members: 2}) {
		t.Errorf("%+v, %v", c, err)
	}
	if news, err := s.Unfollow(ctx, "p0", now); err != nil || !news {
		t.Errorf("%v, %v", news, err)
	}
	if news, err := s.Unfollow(ctx, "p0", now); err != nil || news {
		t.Errorf("twice the same news: %v, %v", news, err)
	}
	if got, err := s.OfficialOpenIDs(ctx, ids); err != nil || got[ids[0]] != "" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTellFollowerOrder(t *testing.T) {
	s, now := storetest.Open(t), storetest.Now()
	for i, step := range []struct {
		following bool
		at        time.Duration
		want      bool
	}{{true, 0, true}, {false, time.Second, false}, {true, 0, false}, {true, time.Second, true}, {false, 2 * time.Second, false}} {
		followed(t, s, "p1", step.following, now.Add(step.at))
		if got := followerOf(t, s, "p1"); got.Following != step.want {
			t.Errorf("step %d: following is %v", i, got.Following)
		}
	}
}

// A look-up that an event overtook writes nothing, and is due again.
func TestLookUpsAreTakenOnce(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	for i := range 5 {
		followed(t, s, fmt.Sprint("p", i), true, now)
	}
	taken := now.Add(2 * time.Minute)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	for range 4 {
		wg.Go(func() {
			rows, err := s.TakeLookUps(ctx, now, taken, 100)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, r := range rows {
				got[r.OpenID]++
			}
		})
	}
	wg.Wait()
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
	if rows, err := s.TakeLookUps(ctx, now, taken, 100); err != nil || len(rows) != 0 {
		t.Errorf("%v, %v", rows, err)
	}
	followed(t, s, "p0", false, now.Add(time.Second))
	profiles := []model.OfficialProfile{{OpenID: "p0", UnionID: "u0", Following: true}, {OpenID: "p1", UnionID: "u1", Following: true}}
	if err := s.EndLookUps(ctx, taken, profiles, now); err != nil {
		t.Fatal(err)
	}
	if f := followerOf(t, s, "p0"); f.Following || f.UnionID != "" || f.LookUpAt == nil {
		t.Errorf("%+v", f)
	}
	if f := followerOf(t, s, "p1"); !f.Following || f.UnionID != "u1" || f.LookUpAt != nil || f.LookedUpAt == nil {
		t.Errorf("%+v", f)
	}
	// The answer about who has left holds no unionid.
	followed(t, s, "p1", false, now.Add(2*time.Second))
	again := now.Add(time.Hour)
	if rows, err := s.TakeLookUps(ctx, now.Add(3*time.Second), again, 100); err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if err := s.EndLookUps(ctx, again, []model.OfficialProfile{{OpenID: "p1"}}, now); err != nil {
		t.Fatal(err)
	}
	if f := followerOf(t, s, "p1"); f.Following || f.UnionID != "u1" {
		t.Errorf("%+v", f)
	}
	if err := s.PutOffLookUps(ctx, again, []string{"p0", "p1"}, now.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if f := followerOf(t, s, "p0"); f.Tries != 1 || !f.LookUpAt.Equal(now.Add(2*time.Hour)) {
		t.Errorf("%+v", f)
	}
	if f := followerOf(t, s, "p1"); f.Tries != 0 || f.LookUpAt != nil {
		t.Errorf("what had ended was put off: %+v", f)
	}
}

func TestSeeFollowers(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	var all []string
	for i := range 700 {
		all = append(all, fmt.Sprintf("p%04d", i))
	}
	followed(t, s, all[0], true, now.Add(-time.Hour))  // known
	followed(t, s, all[1], false, now.Add(-time.Hour)) // had left
	followed(t, s, "pGone", true, now.Add(-time.Hour))
	followed(t, s, all[2], false, now.Add(time.Second)) // leaves while the page is on its way
	if err := s.SeeFollowers(ctx, append(all, all[5]), now, now); err != nil {
		t.Fatal(err)
	}
	followed(t, s, "pLate", true, now.Add(time.Second))
	for range 2 { // the second time nothing is left to do
		if _, err := s.DropUnseen(ctx, now); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]bool{all[0]: true, all[1]: true, all[2]: false, all[5]: true, all[699]: true, "pGone": false, "pLate": true} {
		if f := followerOf(t, s, id); f.Following != want {
			t.Errorf("%s: following is %v", id, f.Following)
		}
	}
	if c, err := s.OfficialCoverage(ctx); err != nil || c.Following != 700 {
		t.Errorf("%+v, %v", c, err)
	}
	later := now.Add(24 * time.Hour)
	if err := s.SeeFollowers(ctx, all[1:600], later, later); err != nil {
		t.Fatal(err)
	}
	if n, err := s.DropUnseen(ctx, later); err != nil || n != 1+100+1 { // the first, the last hundred, and who came late
		t.Errorf("%d dropped, %v", n, err)
	}
}

func TestAskAgain(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	taken := now.Add(time.Minute)
	for _, p := range []model.OfficialProfile{{OpenID: "pKnown", UnionID: "u1", Following: true}, {OpenID: "pBare", Following: true}, {OpenID: "pLeft"}} {
		followed(t, s, p.OpenID, true, now)
		if _, err := s.TakeLookUps(ctx, now, taken, 10); err != nil {
			t.Fatal(err)
		}
		if err := s.EndLookUps(ctx, taken, []model.OfficialProfile{p}, now); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.AskAgain(ctx, now, now); err != nil || n != 0 {
		t.Errorf("too soon: %d, %v", n, err)
	}
	if n, err := s.AskAgain(ctx, now.Add(time.Second), now); err != nil || n != 1 || followerOf(t, s, "pBare").LookUpAt == nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestFollowersSyncedAt(t *testing.T) {
	s, ctx, now := storetest.Open(t), context.Background(), storetest.Now()
	if at, err := s.FollowersSyncedAt(ctx); err != nil || !at.IsZero() {
		t.Errorf("%v, %v", at, err)
	}
	if err := s.SetFollowersSyncedAt(ctx, now, now); err != nil {
		t.Fatal(err)
	}
	if at, err := s.FollowersSyncedAt(ctx); err != nil || !at.Equal(now) {
		t.Errorf("%v, %v", at, err)
	}
}
