package content

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// box records what would be told.
type box struct {
	pushes  []model.Push
	dropped []string
}

func (b *box) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	b.pushes = append(b.pushes, *p)
	return nil
}

func (b *box) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	b.dropped = append(b.dropped, subject)
	return nil
}

// shelfOfFiles knows files by their owner.
type shelfOfFiles map[string]string

func (f shelfOfFiles) Describe(_ context.Context, ids []string) ([]model.FileRef, error) {
	var refs []model.FileRef
	for _, id := range ids {
		if _, ok := f[id]; ok {
			refs = append(refs, model.FileRef{ID: id, Name: id + ".pdf", Size: 7, MIME: "application/pdf", URL: "/files/" + id + "/a.pdf?e=1&s=x"})
		}
	}
	return refs, nil
}

func (f shelfOfFiles) Mine(_ context.Context, actor *model.Actor, ids []string) error {
	for _, id := range ids {
		if f[id] != actor.MemberID {
			return model.BadField("attachment_ids", "not_found", "没有这个文件。")
		}
	}
	return nil
}

// attended counts one meeting of ninety minutes in March.
type attended struct{}

func (attended) Attended(_ context.Context, _ string, from, to time.Time) ([]model.AttendedMeeting, error) {
	at := time.Date(2026, 3, 10, 19, 30, 0, 0, model.Zone)
	if at.Before(from) || !at.Before(to) {
		return nil, nil
	}
	return []model.AttendedMeeting{{MeetingID: "m", StartsAt: at, Minutes: 90}}, nil
}

// house is a room over a real store, with a small tree: root, branch, group below it, and the neighbour branch.
type house struct {
	t                         *testing.T
	ctx                       context.Context
	now                       time.Time
	store                     *store.Store
	room                      *Service
	box                       *box
	files                     shelfOfFiles
	root, branch, group, next *model.Org
	office, secretary, leader *model.Actor // at root, branch, group
	member, peer              *model.Actor // full members of the branch
	layman                    *model.Actor // of the branch, not in the Party
	neighbour                 *model.Actor // full member of the next branch
	visitor                   *model.Actor
	people                    int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), now: storetest.Now(), box: &box{}, files: shelfOfFiles{}}
	h.store = storetest.OpenAt(t, h.clock)
	h.room = New(h.store, h.box, h.files, attended{}, h.clock)
	h.root = h.org(nil, model.OrgSociety, "学会党委")
	h.branch = h.org(h.root, model.OrgBranch, "心肺康复党支部")
	h.group = h.org(h.branch, model.OrgGroup, "第一党小组")
	h.next = h.org(h.root, model.OrgBranch, "神经康复党支部")
	h.office = h.person(model.PartyFull, h.root, model.RoleStaff)
	h.secretary = h.person(model.PartyFull, h.branch, model.RoleSecretary)
	h.leader = h.person(model.PartyFull, h.group, model.RoleGroupLeader)
	h.member = h.person(model.PartyFull, h.branch, "")
	h.peer = h.person(model.PartyFull, h.branch, "")
	h.layman = h.person(model.PartyNone, h.branch, "")
	h.neighbour = h.person(model.PartyFull, h.next, "")
	h.visitor = &model.Actor{SessionID: "v", IdentityID: "v"}
	return h
}

func (h *house) clock() time.Time { return h.now }

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) org(parent *model.Org, kind model.OrgKind, name string) *model.Org {
	h.t.Helper()
	o := &model.Org{ID: store.NewID(), Kind: kind, Name: name, Version: 1, CreatedAt: h.now, UpdatedAt: h.now}
	o.Path = model.PathUnder("", o.ID)
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
	}
	h.must(h.store.AddOrg(h.ctx, o))
	return o
}

func (h *house) person(status model.PartyStatus, org *model.Org, role model.Role) *model.Actor {
	h.t.Helper()
	h.people++
	m := &model.Member{ID: store.NewID(), Name: fmt.Sprintf("成员%02d", h.people), NameSort: "c", PartyStatus: status}
	h.must(h.store.AddMember(h.ctx, m))
	h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: org.ID, OrgPath: org.Path, CreatedAt: h.now}))
	a := &model.Actor{SessionID: m.ID, MemberID: m.ID, Name: m.Name, PartyStatus: status, Places: []model.Place{{OrgID: org.ID, Path: org.Path}}}
	if role != "" {
		h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: m.ID, OrgID: org.ID, OrgPath: org.Path, Role: role, CreatedAt: h.now}))
		a.Powers = []model.Power{{OrgID: org.ID, Path: org.Path, Role: role}}
	}
	return a
}

func ptr[T any](v T) *T { return &v }

// draft writes an article of the office's at an organisation.
func (h *house) draft(org *model.Org, title string, v model.Visibility, more ...func(*Input)) *Full {
	h.t.Helper()
	in := Input{Category: ptr(model.CategoryNews), Title: &title, Visibility: &v, BodyMarkdown: ptr("正文：" + title + "。")}
	for _, f := range more {
		f(&in)
	}
	f, err := h.room.Create(h.ctx, h.office, org.ID, in)
	h.must(err)
	return f
}

// publish writes an article and lets it out a millisecond after the one before, so that their order is known.
func (h *house) publish(org *model.Org, title string, v model.Visibility, more ...func(*Input)) string {
	h.t.Helper()
	f := h.draft(org, title, v, more...)
	h.now = h.now.Add(time.Millisecond)
	_, err := h.room.Publish(h.ctx, h.office, f.ID, 0, nil, false)
	h.must(err)
	return f.ID
}

// titles renders a page as the titles on it, one a line.
func titles(p FeedPage) ([]byte, error) {
	var list []string
	for _, i := range p.Items {
		list = append(list, fmt.Sprintf("%s %d/%d/%d", i.Title, i.Views, i.Likes, i.Comments))
	}
	return json.Marshal(struct {
		Items []string
		Next  string
	}{list, p.Next})
}

// feed reads one page as titles.
func (h *house) feed(actor *model.Actor, c model.Category, p model.Page) (list []string, next string) {
	h.t.Helper()
	ready, err := h.room.Feed(h.ctx, actor, c, p, titles)
	h.must(err)
	var out struct {
		Items []string
		Next  string
	}
	h.must(json.Unmarshal(ready.Body, &out))
	for i, s := range out.Items {
		out.Items[i], _, _ = strings.Cut(s, " ")
	}
	return out.Items, out.Next
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantCode(t *testing.T, what string, err error, want model.Code) {
	t.Helper()
	if err == nil || model.CodeOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}
