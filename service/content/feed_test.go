package content

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Each letter of a title: where it is posted (r, b, g, n) and for whom (p public, m members, P party, c committee).
func TestFeedShowsEachStandingItsOwn(t *testing.T) {
	h := newHouse(t)
	for _, o := range []struct {
		org    *model.Org
		letter string
	}{{h.root, "r"}, {h.branch, "b"}, {h.group, "g"}, {h.next, "n"}} {
		for v, letter := range map[model.Visibility]string{model.VisiblePublic: "p", model.VisibleMembers: "m", model.VisibleParty: "P", model.VisibleCommittee: "c"} {
			h.publish(o.org, o.letter+letter, v)
		}
	}
	h.draft(h.branch, "draft", model.VisiblePublic)
	everywhere := &model.Actor{SessionID: "a", MemberID: "admin", Powers: []model.Power{{Path: model.EverywherePath, Role: model.RoleAdmin}}}
	for _, c := range []struct {
		who   string
		actor *model.Actor
		want  string
	}{
		{"stranger", nil, "bp gp np rp"},
		{"visitor", h.visitor, "bp gp np rp"},
		{"member of no organisation", &model.Actor{SessionID: "x", MemberID: "x"}, "bp gp np rp"},
		{"layman of the branch", h.layman, "bm bp rm rp"},
		{"party member of the branch", h.member, "bP bm bp rP rm rp"},
		{"leader of the group", h.leader, "bP bm bp gP gm gp rP rm rp"},
		{"secretary of the branch", h.secretary, "bP bc bm bp rP rc rm rp"},
		{"neighbour", h.neighbour, "nP nm np rP rm rp"},
		{"office", h.office, "rP rc rm rp"},
		{"admin of everything", everywhere, "rP rc rm rp"},
		{"member of both branches", &model.Actor{SessionID: "y", MemberID: "y", Places: append(slices.Clone(h.layman.Places), h.neighbour.Places...)}, "bm bp nm np rm rp"},
	} {
		got, _ := h.feed(c.actor, "", model.Page{Limit: 100})
		slices.Sort(got)
		wantList(t, c.who, got, strings.Fields(c.want)...)
		got, _ = h.feed(c.actor, model.CategoryNews, model.Page{Limit: 100})
		slices.Sort(got)
		wantList(t, c.who+", news", got, strings.Fields(c.want)...)
		got, _ = h.feed(c.actor, model.CategoryLaw, model.Page{Limit: 100})
		wantList(t, c.who+", law", got)
	}
}

func TestFeedIsPinnedFirstThenNewest(t *testing.T) {
	h := newHouse(t)
	pin := func(in *Input) { in.Pinned = ptr(true) }
	for i, more := range [][]func(*Input){nil, {pin}, nil, {pin}, nil} {
		h.publish([]*model.Org{h.root, h.branch}[i%2], fmt.Sprint(i), model.VisibleMembers, more...)
	}
	got, next := h.feed(h.member, "", model.Page{Limit: 3})
	wantList(t, "first page", got, "3", "1", "4")
	got, next = h.feed(h.member, "", model.Page{Limit: 3, Cursor: next})
	wantList(t, "second page", got, "2", "0")
	if next != "" {
		t.Errorf("the last page has a cursor %q", next)
	}
	for _, bad := range []string{"x", model.Cursor("articles", "x"), "e30"} {
		_, err := h.room.Feed(h.ctx, h.member, "", model.Page{Cursor: bad}, titles)
		wantCode(t, "cursor "+bad, err, model.CodeInvalid)
	}
	_, err := h.room.Feed(h.ctx, h.member, "sport", model.Page{}, titles)
	wantCode(t, "a category that is none", err, model.CodeInvalid)
}

// Whatever is published, withdrawn or pinned between two pages: nothing that stays is shown twice or skipped.
func TestFeedPagesNeitherRepeatNorSkip(t *testing.T) {
	h := newHouse(t)
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	orgs := []*model.Org{h.root, h.branch, h.next}
	visible := []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty}
	n := 0
	add := func() string {
		n++
		pinned := r.IntN(5) == 0
		if r.IntN(3) > 0 { // else at the same instant as the one before
			h.now = h.now.Add(time.Millisecond)
		}
		f := h.draft(orgs[r.IntN(3)], fmt.Sprintf("t%d", n), visible[r.IntN(3)], func(in *Input) { in.Pinned = &pinned })
		_, err := h.room.Publish(h.ctx, h.office, f.ID, 0, nil, false)
		h.must(err)
		return f.ID
	}
	for range 40 {
		add()
	}
	for round := range 4 {
		all, _ := h.feed(h.member, "", model.Page{Limit: 100})
		var seen []string
		for p := (model.Page{Limit: 1 + r.IntN(9)}); ; {
			list, next := h.feed(h.member, "", p)
			seen = append(seen, list...)
			if next == "" {
				break
			}
			p.Cursor = next
			add()
		}
		for i, title := range seen {
			if slices.Contains(seen[:i], title) {
				t.Fatalf("seed %d round %d: %s twice in %v", seed, round, title, seen)
			}
		}
		old := slices.DeleteFunc(slices.Clone(seen), func(s string) bool { return !slices.Contains(all, s) })
		if !slices.Equal(old, all) {
			t.Fatalf("seed %d round %d: walked %v, there were %v", seed, round, old, all)
		}
	}
}

// Nothing has changed, and the database is away: feeds and articles are still answered.
func TestUnchangedPagesNeedNoDatabase(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	actors := []*model.Actor{nil, h.member, h.secretary}
	read := func() (all []string) {
		for _, a := range actors {
			ready, err := h.room.Feed(h.ctx, a, "", model.Page{}, titles)
			h.must(err)
			all = append(all, ready.ETag+string(ready.Body))
			if a != nil {
				ready, err = h.room.Article(h.ctx, a, id, form)
				h.must(err)
				all = append(all, ready.ETag+string(ready.Body))
			}
		}
		return all
	}
	before := read()
	h.must(h.store.Close())
	wantList(t, "with the database closed", read(), before...)
	// The rule is still asked for each reader, on the copy.
	_, err := h.room.Article(h.ctx, h.neighbour, id, form)
	wantCode(t, "the neighbour", err, model.CodeNotFound)
	_, err = h.room.Feed(h.ctx, h.neighbour, "", model.Page{}, titles)
	wantCode(t, "a feed that nobody read before", err, model.CodeUnavailable)
}

// form renders an article as its title, text and counts.
func form(f *Full, form Form) ([]byte, error) {
	return []byte(fmt.Sprint(f.Title, " ", f.Body.HTML, " ", f.Author, " ", form, " ", f.Counts.Views, f.Counts.Likes, f.Counts.Comments)), nil
}

func (h *house) page(actor *model.Actor, id string) string {
	h.t.Helper()
	ready, err := h.room.Article(h.ctx, actor, id, form)
	h.must(err)
	return string(ready.Body)
}

func TestCopiesFollowEveryChange(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "旧题", model.VisibleMembers)
	other := New(h.store, h.box, h.files, nil, h.clock) // hears the same feed, as a second room of this process
	see := func(s *Service) string {
		h.t.Helper()
		ready, err := s.Feed(h.ctx, h.member, "", model.Page{}, titles)
		h.must(err)
		return string(ready.Body)
	}
	see(h.room)
	see(other)
	h.page(h.member, id)
	_, err := h.room.Edit(h.ctx, h.secretary, id, 1, Input{Title: ptr("新题")})
	h.must(err)
	for _, s := range []*Service{h.room, other} {
		if got := see(s); !strings.Contains(got, "新题") {
			t.Errorf("after an edit the feed says %s", got)
		}
	}
	if got := h.page(h.member, id); !strings.Contains(got, "新题") {
		t.Errorf("after an edit the article says %s", got)
	}
	_, err = h.room.Edit(h.ctx, h.secretary, id, 2, Input{Visibility: ptr(model.VisibleCommittee)})
	h.must(err)
	if got := see(h.room); strings.Contains(got, "新题") {
		t.Errorf("hidden from the member, and still in the feed: %s", got)
	}
	_, err = h.room.Article(h.ctx, h.member, id, form)
	wantCode(t, "the member after the article was narrowed", err, model.CodeNotFound)
	// Another name of the author reaches the page.
	h.page(h.secretary, id)
	author, err := h.store.Member(h.ctx, h.office.MemberID)
	h.must(err)
	author.Name = "改名"
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		if err := tx.SaveMember(h.ctx, author); err != nil {
			return err
		}
		return tx.Changed(h.ctx, h.now, model.TopicSession, "member:"+author.ID)
	}))
	if got := h.page(h.secretary, id); !strings.Contains(got, "改名") {
		t.Errorf("after the author's renaming the page says %s", got)
	}
	_, err = h.room.Withdraw(h.ctx, h.secretary, id, 0)
	h.must(err)
	got, _ := h.feed(h.secretary, "", model.Page{})
	wantList(t, "after the withdrawal", got)
}

func TestCopiesGrowOld(t *testing.T) {
	h := newHouse(t)
	h.publish(h.branch, "题", model.VisibleMembers)
	rendered := 0
	read := func() {
		_, err := h.room.Feed(h.ctx, h.member, "", model.Page{}, func(p FeedPage) ([]byte, error) { rendered++; return titles(p) })
		h.must(err)
	}
	read()
	h.now = h.now.Add(copyLife - time.Second)
	read()
	h.now = h.now.Add(2 * time.Second)
	read()
	if rendered != 2 {
		t.Errorf("rendered %d times, want anew after %s only", rendered, copyLife)
	}
}

// The article's own counts are exact at once; the feed follows at once after a quiet second, and otherwise when the second is over.
func TestCountsInFeedAreAtMostASecondOld(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	h.now = h.now.Add(time.Hour)
	see := func() string {
		h.t.Helper()
		ready, err := h.room.Feed(h.ctx, h.member, "", model.Page{}, titles)
		h.must(err)
		_, counts, _ := strings.Cut(string(ready.Body), " ")
		return counts[:5]
	}
	if got := see(); got != "0/0/0" {
		t.Fatal(got)
	}
	_, err := h.room.Like(h.ctx, h.member, id)
	h.must(err)
	if got := see(); got != "0/1/0" {
		t.Errorf("after a like in a quiet moment the feed says %s", got)
	}
	h.now = h.now.Add(300 * time.Millisecond)
	_, err = h.room.Like(h.ctx, h.peer, id)
	h.must(err)
	_, err = h.room.Read(h.ctx, h.peer, id, 10)
	h.must(err)
	h.must(h.room.WriteViews(h.ctx))
	if got := h.page(h.member, id); !strings.HasSuffix(got, " 1 2 0") {
		t.Errorf("the article says %s", got)
	}
	if got := see(); got != "0/1/0" {
		t.Errorf("within the second the feed says %s", got)
	}
	h.now = h.now.Add(time.Second)
	if got := see(); got != "1/2/0" {
		t.Errorf("when the second is over the feed says %s", got)
	}
	h.must(h.room.Unlike(h.ctx, h.peer, id))
	h.must(h.room.Unlike(h.ctx, h.peer, id))
	if got := h.page(h.member, id); !strings.HasSuffix(got, " 1 1 0") {
		t.Errorf("after taking the like back twice the article says %s", got)
	}
}
