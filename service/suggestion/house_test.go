package suggestion_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/suggestion"
	"zhibu/service/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// outbox keeps what was pushed and dropped, and like the real one makes nothing twice of the same key.
type outbox struct {
	pushed  []*model.Push
	dropped []string
	keys    map[string]bool
}

func (o *outbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	if p.DedupeKey != nil {
		if o.keys[*p.DedupeKey] {
			return nil
		}
		o.keys[*p.DedupeKey] = true
	}
	o.pushed = append(o.pushed, p)
	return nil
}

func (o *outbox) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	o.dropped = append(o.dropped, subject)
	return nil
}

// to lists the titles of what a member was told since the last call of clear.
func (o *outbox) to(id string) (states []string) {
	for _, p := range o.pushed {
		if slices.Contains(p.Audience.MemberIDs, id) {
			states = append(states, p.Fields["state"])
		}
	}
	return states
}

// bodies is the text of what a member was told since then.
func (o *outbox) bodies(id string) (text string) {
	for _, p := range o.pushed {
		if slices.Contains(p.Audience.MemberIDs, id) {
			text += p.Body
		}
	}
	return text
}

func (o *outbox) clear() { o.pushed, o.dropped = nil, nil }

// files knows who uploaded what.
type files struct {
	owner map[string]string
	mime  string
}

func (f *files) Mine(_ context.Context, actor *model.Actor, ids []string) error {
	for _, id := range ids {
		if f.owner[id] != actor.MemberID {
			return model.BadField("attachment_ids", "not_found", "附件不存在，请重新上传。")
		}
	}
	return nil
}

func (f *files) Describe(_ context.Context, ids []string) (out []model.FileRef, _ error) {
	for _, id := range ids {
		out = append(out, model.FileRef{ID: id, Name: id + ".png", MIME: f.mime})
	}
	return out, nil
}

func (f *files) Unname(_ context.Context, ids []string) (out []model.Upload, _ error) {
	for _, id := range ids {
		out = append(out, model.Upload{ID: "copy-of-" + id})
	}
	return out, nil
}

func (f *files) Swap(_ context.Context, _ *store.Store, ids []string, _ []model.Upload) error {
	for _, id := range ids {
		delete(f.owner, id)
	}
	return nil
}

// policies is the built-in profile.
type policies struct{}

func (policies) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

// calendars holds the calendar of the test, which a notice may change.
type calendars struct{ cal model.Calendar }

func (c *calendars) Calendar(context.Context) (model.Calendar, error) { return c.cal, nil }

// house is the room over a society with two branches, a clock that the test moves, and a recording outbox.
type house struct {
	t                              *testing.T
	store                          *store.Store
	outbox                         *outbox
	files                          *files
	calendars                      *calendars
	now                            time.Time
	room                           *suggestion.Service
	root, society, branch, next    *model.Org
	author, helper                 *model.Actor // members of the branch
	secretary, neighbour, chair    *model.Actor // secretaries of the branch, the next branch and the society
	office, neighbourly, committee *model.Actor // staff of the association; member of the next branch; committee member of the branch
}

func newHouse(t *testing.T) *house { return newHouseIn(t, "") }

// newHouseIn opens SQLite in the folder, or with an empty one the database that the run asks for.
func newHouseIn(t *testing.T, dir string) *house {
	t.Helper()
	h := &house{t: t, now: storetest.Now(), outbox: &outbox{keys: map[string]bool{}}, files: &files{owner: map[string]string{}, mime: model.MIMEPNG}, calendars: &calendars{model.BuiltinCalendar()}}
	clock := func() time.Time { return h.now }
	if dir == "" {
		h.store = storetest.OpenAt(t, clock)
	} else {
		var err error
		if h.store, err = store.Open(context.Background(), "", dir, clock); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.store.Close() })
		if err := h.store.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	v, err := vault.New("a secret key for the tests of suggestions")
	if err != nil {
		t.Fatal(err)
	}
	h.room = suggestion.New(h.store, v, h.files, h.outbox, h.calendars, policies{}, clock)
	h.root = h.org(nil, model.OrgAssociation, "康复医学会")
	h.society = h.org(h.root, model.OrgSociety, "学会党委")
	h.branch = h.org(h.society, model.OrgBranch, "心肺康复党支部")
	h.next = h.org(h.society, model.OrgBranch, "神经康复党支部")
	h.author, h.helper = h.person("林知远", h.branch, ""), h.person("顾怀瑾", h.branch, "")
	h.secretary, h.neighbour = h.person("沈若谷", h.branch, model.RoleSecretary), h.person("邻支书", h.next, model.RoleSecretary)
	h.chair, h.office = h.person("周静宜", h.society, model.RoleSecretary), h.person("韩书砚", h.root, model.RoleStaff)
	h.neighbourly, h.committee = h.person("邻成员", h.next, ""), h.person("支委员", h.branch, model.RoleCommitteeMember)
	return h
}

func (h *house) org(parent *model.Org, kind model.OrgKind, name string) *model.Org {
	h.t.Helper()
	o := &model.Org{ID: store.NewID(), Kind: kind, Name: name, Version: 1}
	o.Path = model.PathUnder("", o.ID)
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
	}
	h.ok(h.store.AddOrg(context.Background(), o))
	return o
}

func (h *house) person(name string, at *model.Org, role model.Role) *model.Actor {
	h.t.Helper()
	ctx, id := context.Background(), store.NewID()
	h.ok(h.store.AddMember(ctx, &model.Member{ID: id, Name: name, NameSort: name, PartyStatus: model.PartyFull}))
	h.ok(h.store.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: at.ID, OrgPath: at.Path, JoinedOn: "2020-07-01"}))
	a := &model.Actor{SessionID: "s-" + id, MemberID: id, Name: name, Places: []model.Place{{OrgID: at.ID, Path: at.Path}}}
	if role != "" {
		h.ok(h.store.SetGrants(ctx, id, at, []model.Role{role}, h.now))
		a.Powers = []model.Power{{OrgID: at.ID, Path: at.Path, Role: role}}
	}
	return a
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) submit(by *model.Actor, to *model.Org, anonymous bool) *suggestion.Detail {
	h.t.Helper()
	d, err := h.room.Submit(context.Background(), by, suggestion.Draft{ToOrgID: to.ID, Title: "请提前发病例摘要", Content: "开始前才看到病例，准备不足。", Anonymous: anonymous})
	h.ok(err)
	return d
}

// step takes a step with a text and wants the state after it.
func (h *house) step(by *model.Actor, id string, action model.SuggestionAction, want model.SuggestionState) *suggestion.Detail {
	h.t.Helper()
	return h.stepWith(by, id, suggestion.Request{Action: action, Text: "说明" + string(action)}, want)
}

func (h *house) stepWith(by *model.Actor, id string, r suggestion.Request, want model.SuggestionState) *suggestion.Detail {
	h.t.Helper()
	d, err := h.room.Step(context.Background(), by, id, r)
	h.ok(err)
	if d.State != want {
		h.t.Fatalf("%s by %s leads to %s, want %s", r.Action, by.Name, d.State, want)
	}
	return d
}

// refused wants a step to fail with a code.
func (h *house) refused(by *model.Actor, id string, r suggestion.Request, code model.Code) {
	h.t.Helper()
	if _, err := h.room.Step(context.Background(), by, id, r); err == nil || model.CodeOf(err) != code {
		h.t.Errorf("%s by %s: %v, want %s", r.Action, by.Name, err, code)
	}
}

func (h *house) read(by *model.Actor, id string) *suggestion.Detail {
	h.t.Helper()
	d, err := h.room.Suggestion(context.Background(), by, id)
	h.ok(err)
	return d
}

// tick lets the clock's two turns come: what anonymous authors did is noted in one, and what they are told in another.
func (h *house) tick(at string) {
	h.t.Helper()
	h.at(at)
	h.ok(h.room.Tick(context.Background()))
	h.ok(h.room.Tick(context.Background()))
}

// at sets the clock without ticking.
func (h *house) at(when string) {
	h.t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", when, model.Zone)
	h.ok(err)
	h.now = now.UTC()
}

// clock stands still where the house's clock stands now, for rooms that run beside each other.
func (h *house) clock() model.Clock {
	now := h.now
	return func() time.Time { return now }
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
