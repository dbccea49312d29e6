package member_test

import (
	"context"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/member"
	"zhibu/service/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// outbox remembers what it was given.
type outbox struct{ pushed []*model.Push }

func (o *outbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushed = append(o.pushed, p)
	return nil
}

// house is the room on a real store, with a society of two branches.
type house struct {
	t      testing.TB
	ctx    context.Context
	store  *store.Store
	vault  *vault.Vault
	outbox *outbox
	svc    *member.Service
	orgs   map[string]*model.Org
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, ctx: context.Background(), store: storetest.Open(t), outbox: &outbox{}, orgs: map[string]*model.Org{}}
	var err error
	if h.vault, err = vault.New("a secret key for the tests of members"); err != nil {
		t.Fatal(err)
	}
	h.svc = member.New(h.store, h.vault, h.outbox, storetest.Clock)
	h.org("root", "", model.OrgAssociation, "全国康复医学会")
	h.org("society", "root", model.OrgSociety, "学会党委")
	h.org("cardio", "society", model.OrgBranch, "心肺康复专业委员会党支部")
	h.org("first", "cardio", model.OrgGroup, "第一党小组")
	h.org("neuro", "society", model.OrgBranch, "神经康复专业委员会党支部")
	h.org("stroke", "neuro", model.OrgGroup, "卒中康复党小组")
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) org(id, parent string, kind model.OrgKind, name string) {
	h.t.Helper()
	o := &model.Org{ID: id, Kind: kind, Name: name, Path: model.PathUnder("", id), Version: 1}
	if up := h.orgs[parent]; up != nil {
		o.ParentID, o.Path, o.Depth = &up.ID, model.PathUnder(up.Path, id), up.Depth+1
	}
	// Each is made a second after the one before, so that their order is known.
	o.CreatedAt = storetest.Now().Add(time.Duration(len(h.orgs)-100) * time.Second)
	h.orgs[id] = o
	h.must(h.store.AddOrg(h.ctx, o))
}

// enrol puts a person into organisations; the phone may be empty.
func (h *house) enrol(id, name, phone string, orgs ...string) {
	h.t.Helper()
	m := &model.Member{ID: id, Name: name, NameSort: member.SortKey(name), PartyStatus: model.PartyFull}
	if phone != "" {
		index := h.vault.Index(phone)
		sealed, err := h.vault.Seal(phone, member.PhonePlace(id))
		h.must(err)
		m.PhoneCipher, m.PhoneKeyID, m.PhoneIndex, m.PhoneMask = sealed, h.vault.KeyID(), &index, model.MaskPhone(phone)
	}
	h.must(h.store.AddMember(h.ctx, m))
	for i, o := range orgs {
		at := storetest.Now().Add(time.Duration(i) * time.Second)
		h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: o, OrgPath: h.orgs[o].Path, CreatedAt: at}))
	}
}

// grant gives a role; an empty organisation means everything.
func (h *house) grant(id, org string, role model.Role) {
	h.t.Helper()
	g := &model.Grant{ID: store.NewID(), MemberID: id, OrgPath: model.EverywherePath, Role: role}
	if org != "" {
		g.OrgID, g.OrgPath = org, h.orgs[org].Path
	}
	h.must(h.store.AddGrant(h.ctx, g))
}

// bind gives a person a WeChat user with one session.
func (h *house) bind(id string) {
	h.t.Helper()
	i := &model.Identity{ID: "wx-" + id, OpenID: "open-" + id, MemberID: &id}
	h.must(h.store.AddIdentity(h.ctx, i))
	h.session("session-"+id, id, "wx-"+id, model.SessionWechat)
}

func (h *house) session(id, memberID, identityID string, kind model.SessionKind) {
	h.t.Helper()
	h.must(h.store.AddSession(h.ctx, &model.Session{ID: id, MemberID: memberID, IdentityID: identityID, Kind: kind, ExpiresAt: storetest.Now().Add(time.Hour)}))
}

func (h *house) alive(session string) bool {
	h.t.Helper()
	v, err := h.store.Session(h.ctx, session)
	h.must(err)
	return v.RevokedAt == nil
}

// as is the actor that signing in makes of a person.
func (h *house) as(id string) *model.Actor {
	h.t.Helper()
	switch id {
	case "stranger":
		return nil
	case "visitor":
		return &model.Actor{SessionID: "s-visitor", IdentityID: "wx-visitor"}
	}
	m, err := h.store.Member(h.ctx, id)
	h.must(err)
	a := &model.Actor{SessionID: "s-" + id, MemberID: id, Name: m.Name, PartyStatus: m.PartyStatus}
	places, err := h.store.Memberships(h.ctx, id)
	h.must(err)
	for _, p := range places {
		a.Places = append(a.Places, model.Place{OrgID: p.OrgID, Path: p.OrgPath})
	}
	grants, err := h.store.Grants(h.ctx, id)
	h.must(err)
	for _, g := range grants {
		a.Powers = append(a.Powers, model.Power{OrgID: g.OrgID, Path: g.OrgPath, Role: g.Role})
	}
	return a
}

// cast is one person of each role in the cardio branch, the neighbour's secretary, the office and an administrator.
func (h *house) cast() {
	h.t.Helper()
	h.enrol("plain", "林知远", "13910000001", "first")
	h.enrol("leader", "王组长", "13910000002", "first")
	h.grant("leader", "first", model.RoleGroupLeader)
	h.enrol("committee", "赵支委", "13910000003", "cardio")
	h.grant("committee", "cardio", model.RoleCommitteeMember)
	h.enrol("secretary", "钱书记", "13910000004", "cardio")
	h.grant("secretary", "cardio", model.RoleSecretary)
	h.enrol("neighbour", "孙书记", "13910000005", "neuro")
	h.grant("neighbour", "neuro", model.RoleSecretary)
	h.enrol("staff", "李党办", "13910000006", "society")
	h.grant("staff", "society", model.RoleStaff)
	h.enrol("admin", "管理员", "")
	h.grant("admin", "", model.RoleAdmin)
}

func (h *house) roles(id string) map[string]bool {
	h.t.Helper()
	grants, err := h.store.Grants(h.ctx, id)
	h.must(err)
	held := map[string]bool{}
	for _, g := range grants {
		held[g.OrgID+"/"+string(g.Role)] = true
	}
	return held
}

func (h *house) places(id string) map[string]bool {
	h.t.Helper()
	rows, err := h.store.Memberships(h.ctx, id)
	h.must(err)
	at := map[string]bool{}
	for _, m := range rows {
		at[m.OrgID] = true
	}
	return at
}

func wantCode(t *testing.T, what string, err error, want model.Code) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || model.CodeOf(err) != want):
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}
