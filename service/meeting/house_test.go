package meeting_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/meeting"
	"zhibu/service/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// outbox keeps what it was given, and forgets of a dropped subject what has not gone out.
type outbox struct {
	pushes  []model.Push
	dropped []string
	fail    error
}

func (o *outbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushes = append(o.pushes, *p)
	return o.fail
}

func (o *outbox) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	o.dropped = append(o.dropped, subject)
	return nil
}

func (o *outbox) take() (pushes []model.Push, dropped []string) {
	pushes, dropped = o.pushes, o.dropped
	o.pushes, o.dropped = nil, nil
	return pushes, dropped
}

// calendars is the calendar that the test set.
type calendars struct{ h *house }

func (c calendars) Calendar(context.Context) (model.Calendar, error) { return c.h.cal, nil }

// policies always hold the built-in profile.
type policies struct{}

func (policies) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

// house is a society with a branch of five and a group in it, and a neighbour branch; its clock is set by the test.
type house struct {
	t      *testing.T
	store  *store.Store
	outbox *outbox
	room   *meeting.Service
	now    time.Time
	cal    model.Calendar
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, outbox: &outbox{}, now: storetest.Now(), cal: model.BuiltinCalendar()}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	v, err := vault.New("a secret of tests")
	if err != nil {
		t.Fatal(err)
	}
	h.room = meeting.New(h.store, h.outbox, calendars{h}, policies{}, v, clock)
	for _, o := range []model.Org{
		{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"},
		{ID: "b", Kind: model.OrgBranch, Name: "心肺康复支部", Path: "/r/b/", Depth: 1},
		{ID: "g", Kind: model.OrgGroup, Name: "护理学组", Path: "/r/b/g/", Depth: 2},
		{ID: "c", Kind: model.OrgBranch, Name: "儿童康复支部", Path: "/r/c/", Depth: 1},
	} {
		h.must(h.store.AddOrg(h.ctx(), &o))
	}
	h.person("sec", model.PartyFull, model.RoleSecretary, "/r/b/", "/r/b/")
	h.person("com", model.PartyFull, model.RoleCommitteeMember, "/r/b/", "/r/b/")
	h.person("lead", model.PartyProbationary, model.RoleGroupLeader, "/r/b/g/", "/r/b/", "/r/b/g/") // in the branch and in its group
	h.person("nurse", model.PartyNone, "", "", "/r/b/g/")
	h.person("doc", model.PartyFull, "", "", "/r/b/")
	h.person("office", model.PartyFull, model.RoleStaff, "/r/")
	h.person("other", model.PartyFull, model.RoleSecretary, "/r/c/", "/r/c/")
	return h
}

func (h *house) ctx() context.Context { return context.Background() }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) person(id string, status model.PartyStatus, role model.Role, at string, places ...string) {
	h.t.Helper()
	h.must(h.store.AddMember(h.ctx(), &model.Member{ID: id, Name: "成员" + id, NameSort: id, PartyStatus: status}))
	last := func(p string) string { ids := model.PathIDs(p); return ids[len(ids)-1] }
	for _, p := range places {
		h.must(h.store.AddMembership(h.ctx(), &model.Membership{ID: store.NewID(), MemberID: id, OrgID: last(p), OrgPath: p}))
	}
	if role != "" {
		h.must(h.store.AddGrant(h.ctx(), &model.Grant{ID: store.NewID(), MemberID: id, OrgID: last(at), OrgPath: at, Role: role}))
	}
}

// leaves takes a person off every roster.
func (h *house) leaves(id string) {
	h.t.Helper()
	places, err := h.store.Memberships(h.ctx(), id)
	h.must(err)
	for _, p := range places {
		h.must(h.store.DropPlaces(h.ctx(), []string{p.ID}))
	}
}

// resigns takes all roles from a person.
func (h *house) resigns(id string) {
	h.t.Helper()
	grants, err := h.store.Grants(h.ctx(), id)
	h.must(err)
	for _, g := range grants {
		h.must(h.store.DropGrants(h.ctx(), []string{g.ID}))
	}
}

// as is the actor of a person, as signing in would make it.
func (h *house) as(id string) *model.Actor {
	h.t.Helper()
	m, err := h.store.Member(h.ctx(), id)
	h.must(err)
	a := &model.Actor{SessionID: "s-" + id, MemberID: id, Name: m.Name, PartyStatus: m.PartyStatus}
	places, err := h.store.Memberships(h.ctx(), id)
	h.must(err)
	for _, p := range places {
		a.Places = append(a.Places, model.Place{OrgID: p.OrgID, Path: p.OrgPath})
	}
	grants, err := h.store.Grants(h.ctx(), id)
	h.must(err)
	for _, g := range grants {
		a.Powers = append(a.Powers, model.Power{OrgID: g.OrgID, Path: g.OrgPath, Role: g.Role})
	}
	return a
}

// china reads a minute of China's time.
func china(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, model.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// draft is an online lecture of the branch from one minute to another.
func (h *house) draft(from, to string) meeting.Draft {
	return meeting.Draft{
		OrgID: "b", Type: model.MeetingLecture, Topic: "线上党课：把随访电话打到患者家里", StartsAt: china(h.t, from), EndsAt: china(h.t, to),
		Mode: model.ModeOnline, Online: &meeting.Online{Provider: model.ProviderTencent, JoinURL: "https://meeting.example.org/j/860215477", Code: "860 215 477"},
		Agenda: []model.AgendaItem{{Title: "领学", Minutes: 10}, {Title: "讨论", Minutes: 40}},
	}
}

// called is a lecture of tomorrow evening, with the outbox emptied.
func (h *house) called() *meeting.View {
	h.t.Helper()
	m, err := h.room.Call(h.ctx(), h.as("sec"), h.draft("2026-11-24 19:30", "2026-11-24 20:20"))
	h.must(err)
	h.outbox.take()
	return m
}

func wantCode(t *testing.T, what string, err error, code model.Code) {
	t.Helper()
	if err == nil && code != "" || err != nil && (code == "" || model.CodeOf(err) != code) {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// fieldsOf lists the faults of an error as "place code", in order.
func fieldsOf(err error) string {
	var e *model.Error
	if !errors.As(err, &e) {
		return ""
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Field+" "+f.Code)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
