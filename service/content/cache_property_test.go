package content

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// replicas are two processes on one database, with copies of their own, and a third that never keeps any: it says what an uncached read would show.
type replicas struct {
	t      *testing.T
	ctx    context.Context
	rand   *rand.Rand
	now    time.Time
	stores [2]*store.Store
	rooms  [2]*Service
	truth  *Service
	truthS *store.Store
	orgs   []*model.Org
	people []*model.Actor // nil is a stranger
	ids    []string
	did    []string
}

func newReplicas(t *testing.T, seed uint64) *replicas {
	t.Helper()
	w := &replicas{t: t, ctx: context.Background(), rand: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	clock := func() time.Time { return w.now }
	open := func() *store.Store {
		s, err := store.Open(w.ctx, "", dir, clock)
		w.must(err)
		t.Cleanup(func() { w.must(s.Close()) })
		return s
	}
	w.truthS = open()
	w.must(w.truthS.Migrate(w.ctx))
	w.truth = New(w.truthS, &box{}, shelfOfFiles{}, nil, clock)
	for i := range w.rooms {
		w.stores[i] = open()
		w.must(w.stores[i].Poll(w.ctx, w.now))
		w.rooms[i] = New(w.stores[i], &box{}, shelfOfFiles{}, nil, clock)
	}
	w.plant()
	return w
}

func (w *replicas) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\nafter %q", err, w.did)
	}
}

// plant makes a random tree with random people in it.
func (w *replicas) plant() {
	kinds := []model.OrgKind{model.OrgSociety, model.OrgBranch, model.OrgGroup}
	for i := range 3 + w.rand.IntN(4) {
		o := &model.Org{ID: store.NewID(), Kind: model.OrgSociety, Name: fmt.Sprint("组织", i), Version: 1, CreatedAt: w.now, UpdatedAt: w.now}
		o.Path = model.PathUnder("", o.ID)
		if i > 0 {
			parent := w.orgs[w.rand.IntN(i)]
			o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
			o.Kind = kinds[min(o.Depth, 2)]
		}
		w.must(w.truthS.AddOrg(w.ctx, o))
		w.orgs = append(w.orgs, o)
	}
	w.people = []*model.Actor{nil, {SessionID: "v", IdentityID: "v"}}
	for i := range 6 {
		m := &model.Member{ID: store.NewID(), Name: fmt.Sprint("成员", i), NameSort: "c", PartyStatus: model.PartyFull}
		w.must(w.truthS.AddMember(w.ctx, m))
		a := &model.Actor{SessionID: m.ID, MemberID: m.ID, Name: m.Name}
		w.people = append(w.people, a)
		w.appoint(a)
	}
	all := w.people[2] // somebody can always act
	all.Powers = []model.Power{{OrgID: w.orgs[0].ID, Path: w.orgs[0].Path, Role: model.RoleAdmin}}
}

// appoint gives a person other places and roles, as a change of the roster would.
func (w *replicas) appoint(a *model.Actor) {
	a.PartyStatus = []model.PartyStatus{model.PartyFull, model.PartyProbationary, model.PartyNone}[w.rand.IntN(3)]
	a.Places, a.Powers = nil, nil
	for range 1 + w.rand.IntN(2) {
		o := w.org()
		a.Places = append(a.Places, model.Place{OrgID: o.ID, Path: o.Path})
	}
	if role := []model.Role{"", "", model.RoleGroupLeader, model.RoleCommitteeMember, model.RoleSecretary}[w.rand.IntN(5)]; role != "" {
		o := w.org()
		a.Powers = []model.Power{{OrgID: o.ID, Path: o.Path, Role: role}}
	}
}

func (w *replicas) org() *model.Org { return w.orgs[w.rand.IntN(len(w.orgs))] }

func (w *replicas) visibility() model.Visibility {
	return []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty, model.VisibleCommittee}[w.rand.IntN(4)]
}

// step does one random thing at one of the replicas. What the rules refuse is no fault: it changes nothing.
func (w *replicas) step() {
	room, at := w.rooms[w.rand.IntN(2)], 0
	if room == w.rooms[1] {
		at = 1
	}
	actor := w.people[2+w.rand.IntN(len(w.people)-2)]
	if w.rand.IntN(2) == 0 {
		actor = w.people[2]
	}
	if len(w.ids) == 0 || w.rand.IntN(5) == 0 {
		w.write(room, actor)
		return
	}
	id := w.ids[w.rand.IntN(len(w.ids))]
	var err error
	action := ""
	switch w.rand.IntN(13) {
	case 0, 1:
		action = "publish"
		_, err = room.Publish(w.ctx, actor, id, 0, nil, false)
	case 2:
		action = "schedule"
		later := w.now.Add(time.Duration(1+w.rand.IntN(4)) * time.Second)
		_, err = room.Publish(w.ctx, actor, id, 0, &later, false)
	case 3:
		action = "come due"
		_, err = room.PublishDue(w.ctx)
	case 4, 5:
		action = "withdraw"
		_, err = room.Withdraw(w.ctx, actor, id, 0)
	case 6, 7:
		action = "edit"
		_, err = room.Edit(w.ctx, actor, id, 0, Input{Title: ptr(fmt.Sprint("改", w.rand.IntN(100))), Visibility: ptr(w.visibility()), Pinned: ptr(w.rand.IntN(3) == 0)})
	case 8:
		action = "pass on"
		_, err = room.Relay(w.ctx, w.people[2], id, w.org().ID, fmt.Sprint("语", w.rand.IntN(100)))
	case 9:
		action = "take back"
		err = room.Unrelay(w.ctx, w.people[2], id, w.org().ID)
	case 10:
		action = "like and read"
		if _, err = room.Like(w.ctx, actor, id); err == nil {
			_, err = room.Read(w.ctx, actor, id, 50)
		}
		w.must(room.WriteViews(w.ctx))
	case 11:
		action = "moderate"
		err = w.stores[at].Tx(w.ctx, func(tx *store.Store) error {
			if err := tx.BumpArticle(w.ctx, id, 0, 0, 1); err != nil {
				return err
			}
			return tx.Changed(w.ctx, w.now, model.TopicArticle, id)
		})
	case 12:
		action = "appoint"
		w.appoint(w.people[3+w.rand.IntN(len(w.people)-3)])
	}
	if err == nil {
		w.did = append(w.did, fmt.Sprintf("%s %s at %d by %s", action, id[len(id)-4:], at, actor.Name))
	} else if code := model.CodeOf(err); code == model.CodeInternal || code == model.CodeUnavailable {
		w.must(err)
	}
}

func (w *replicas) write(room *Service, actor *model.Actor) {
	title := fmt.Sprint("题", w.rand.IntN(100))
	f, err := room.Create(w.ctx, actor, w.org().ID, Input{Category: ptr(model.CategoryNews), Title: &title, Visibility: ptr(w.visibility()), BodyMarkdown: ptr("正文" + title)})
	if err == nil {
		w.ids = append(w.ids, f.ID)
		w.did = append(w.did, "write "+f.ID[len(f.ID)-4:])
	}
}

// everything renders all that an answer could hold.
func everything(p FeedPage) ([]byte, error) { return json.Marshal(p) }

func all(f *Full, form Form) ([]byte, error) {
	return json.Marshal(struct {
		Full *Full
		Form Form
	}{f, form})
}

// look compares what both replicas show somebody with what an uncached read shows, and that with the rule.
func (w *replicas) look(actor *model.Actor, articles bool) {
	w.t.Helper()
	w.truth.pages.forget()
	w.truth.shelf.forgetAll()
	page := model.Page{Limit: 6}
	want, err := w.truth.Feed(w.ctx, actor, "", page, everything)
	w.must(err)
	var shown struct{ Items []struct{ ID string } }
	w.must(json.Unmarshal(want.Body, &shown))
	for _, i := range shown.Items {
		a, err := w.truthS.Article(w.ctx, i.ID)
		w.must(err)
		if !model.CanSeeArticle(actor, a) {
			w.t.Fatalf("the feed of %+v shows %+v\nafter %q", actor, a, w.did)
		}
	}
	for r, room := range w.rooms {
		got, err := room.Feed(w.ctx, actor, "", page, everything)
		w.must(err)
		if string(got.Body) != string(want.Body) {
			w.t.Fatalf("replica %d shows %+v\n%s\nuncached\n%s\nafter %q", r, actor, got.Body, want.Body, w.did)
		}
		for _, id := range w.ids {
			if !articles {
				break
			}
			w.lookAt(r, room, actor, id)
		}
	}
}

func (w *replicas) lookAt(r int, room *Service, actor *model.Actor, id string) {
	w.t.Helper()
	want, wantErr := w.truth.Article(w.ctx, actor, id, all)
	got, err := room.Article(w.ctx, actor, id, all)
	if model.CodeOf(err) != model.CodeOf(wantErr) || string(got.Body) != string(want.Body) {
		w.t.Fatalf("replica %d shows %+v the article %s\n%s %v\nuncached\n%s %v\nafter %q", r, actor, id, got.Body, err, want.Body, wantErr, w.did)
	}
	a, err := w.truthS.Article(w.ctx, id)
	w.must(err)
	if (wantErr == nil) != model.CanSeeArticle(actor, a) {
		w.t.Fatalf("%+v and %+v: %v\nafter %q", actor, a, wantErr, w.did)
	}
}

// Whatever is written, published, passed on, moderated or withdrawn at either of two replicas, and whoever is appointed: once a change has reached the
// other, no copy shows anyone what an uncached read would not.
func TestNoCopyShowsWhatAnUncachedReadWouldNot(t *testing.T) {
	runs, steps := uint64(8), 30
	if testing.Short() {
		runs = 2
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := newReplicas(t, seed)
			for range steps {
				w.now = w.now.Add(2 * time.Second) // counts in feeds may be a second old
				w.step()
				for _, s := range w.stores {
					w.must(s.Poll(w.ctx, w.now))
				}
				curious := w.rand.IntN(len(w.people))
				for i, actor := range w.people { // everybody looks each time, so that there is a copy of everything
					w.look(actor, i == curious || i == 0)
				}
			}
			if len(w.did) < steps/3 {
				t.Errorf("only %q was done", w.did)
			}
		})
	}
}
