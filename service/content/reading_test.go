package content

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

func TestReadIsKeptAtItsGreatest(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	for _, step := range []struct{ percent, want int }{{10, 10}, {60, 60}, {30, 60}, {100, 100}, {0, 100}} {
		m, err := h.room.Read(h.ctx, h.member, id, step.percent)
		h.must(err)
		if m.Percent != step.want {
			t.Errorf("after %d the mark says %d, want %d", step.percent, m.Percent, step.want)
		}
	}
	h.must(h.room.WriteViews(h.ctx))
	if got := h.page(h.secretary, id); got[len(got)-5:] != "1 0 0" {
		t.Errorf("one reader counts as %s", got)
	}
	for _, bad := range []int{-1, 101} {
		_, err := h.room.Read(h.ctx, h.member, id, bad)
		wantCode(t, fmt.Sprint(bad), err, model.CodeInvalid)
	}
	_, err := h.room.Read(h.ctx, h.neighbour, id, 10)
	wantCode(t, "the neighbour", err, model.CodeNotFound)
	draft := h.draft(h.branch, "稿", model.VisibleMembers)
	_, err = h.room.Read(h.ctx, h.secretary, draft.ID, 10)
	wantCode(t, "a draft", err, model.CodeConflict)
}

func TestMarksAreTheMembersOwn(t *testing.T) {
	h := newHouse(t)
	a, b := h.publish(h.branch, "甲", model.VisibleMembers), h.publish(h.branch, "乙", model.VisibleMembers)
	for range 2 {
		_, err := h.room.Like(h.ctx, h.member, a)
		h.must(err)
		_, err = h.room.Favorite(h.ctx, h.member, b)
		h.must(err)
		_, err = h.room.Claim(h.ctx, h.member, b, "2026-11-01", "医院")
		h.must(err)
	}
	_, err := h.room.Read(h.ctx, h.peer, a, 50)
	h.must(err)
	marks, err := h.room.Marks(h.ctx, h.member, []string{b, a, "unknown", "", b})
	h.must(err)
	want := []Mark{{ArticleID: b, Favorited: true, Claimed: true}, {ArticleID: a, Liked: true}, {ArticleID: "unknown"}}
	if fmt.Sprint(marks) != fmt.Sprint(want) {
		t.Errorf("marks %v, want %v", marks, want)
	}
	h.must(h.room.Unfavorite(h.ctx, h.member, b))
	h.must(h.room.Unclaim(h.ctx, h.member, b))
	h.must(h.room.Unlike(h.ctx, h.member, a))
	marks, err = h.room.Marks(h.ctx, h.member, []string{a, b})
	h.must(err)
	if fmt.Sprint(marks) != fmt.Sprint([]Mark{{ArticleID: a}, {ArticleID: b}}) {
		t.Errorf("after taking all back: %v", marks)
	}
	_, err = h.room.Marks(h.ctx, h.member, make100("x", 101))
	wantCode(t, "101 ids", err, model.CodeInvalid)
}

func make100(prefix string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint(prefix, i)
	}
	return list
}

// Many likes at one moment, each twice, are counted exactly.
func TestLikesAreCountedExactly(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	var people []*model.Actor
	for range 12 {
		people = append(people, h.person(model.PartyFull, h.branch, ""))
	}
	var wg sync.WaitGroup
	for _, p := range append(people, people...) {
		wg.Go(func() {
			if _, err := h.room.Like(h.ctx, p, id); err != nil {
				t.Error(err)
			}
			if _, err := h.room.Read(h.ctx, p, id, 50); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h.must(h.room.WriteViews(h.ctx))
	n, err := h.store.ArticleCount(h.ctx, id)
	h.must(err)
	if n.Likes != 12 || n.Views != 12 {
		t.Errorf("%+v, want 12 of each", n)
	}
}

func TestClaimNamesARealDay(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	for _, bad := range []model.Date{"", "2026-02-30", "2026-11-24", "1999-12-31", "昨天"} {
		_, err := h.room.Claim(h.ctx, h.member, id, bad, "")
		wantCode(t, string(bad), err, model.CodeInvalid)
	}
	_, err := h.room.Claim(h.ctx, h.neighbour, id, "2026-11-01", "")
	wantCode(t, "the neighbour", err, model.CodeNotFound)
}

func TestFavorites(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range 5 {
		id := h.publish(h.branch, fmt.Sprint(i), model.VisibleMembers)
		ids = append(ids, id)
		if i > 0 && i < 3 { // two at the same instant
			h.now = h.now.Add(time.Second)
		}
		_, err := h.room.Favorite(h.ctx, h.member, id)
		h.must(err)
	}
	_, err := h.room.Withdraw(h.ctx, h.secretary, ids[3], 0)
	h.must(err)
	_, err = h.room.Edit(h.ctx, h.secretary, ids[1], 1, Input{Visibility: ptr(model.VisibleCommittee)})
	h.must(err)
	var got []string
	for p := (model.Page{Limit: 2}); ; {
		rows, next, err := h.room.Favorites(h.ctx, h.member, p)
		h.must(err)
		for _, r := range rows {
			got = append(got, r.Title)
		}
		if p.Cursor = next; next == "" {
			break
		}
	}
	wantList(t, "favourites", got, "4", "2", "0")
}

func TestRequiredUnread(t *testing.T) {
	h := newHouse(t)
	required := func(in *Input) { in.Required = ptr(true) }
	a := h.publish(h.root, "全体", model.VisibleMembers, required)
	b := h.publish(h.branch, "党员", model.VisibleParty, required)
	h.publish(h.branch, "选读", model.VisibleMembers)
	h.publish(h.group, "小组", model.VisibleMembers, required)
	h.publish(h.next, "公开的邻支部", model.VisiblePublic, required)
	h.draft(h.branch, "稿", model.VisibleMembers, required)
	count := func(who string, actor *model.Actor, want int) {
		t.Helper()
		if got, err := h.room.RequiredUnread(h.ctx, actor); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", who, got, err, want)
		}
	}
	count("visitor", h.visitor, 0)
	count("layman", h.layman, 1)
	count("member", h.member, 2)
	count("leader", h.leader, 3)
	count("neighbour", h.neighbour, 2)
	_, err := h.room.Read(h.ctx, h.member, a, model.ReadWhole-1)
	h.must(err)
	count("member after most of it", h.member, 2)
	_, err = h.room.Read(h.ctx, h.member, a, model.ReadWhole)
	h.must(err)
	count("member after reading one", h.member, 1)
	_, err = h.room.Claim(h.ctx, h.member, b, "2026-11-01", "")
	h.must(err)
	count("member after claiming the other", h.member, 0)
}

func TestStudyIsTheMembersOwnYear(t *testing.T) {
	h := newHouse(t)
	long := func(minutes int) func(*Input) { return func(in *Input) { in.ReadingMinutes = &minutes } }
	a := h.publish(h.branch, "甲", model.VisibleMembers, long(12))
	b := h.publish(h.branch, "乙", model.VisibleMembers, long(30))
	c := h.publish(h.branch, "丙", model.VisibleMembers, long(60))
	d := h.publish(h.branch, "丁", model.VisibleMembers, long(18))
	read := func(id string, percent int) {
		_, err := h.room.Read(h.ctx, h.member, id, percent)
		h.must(err)
	}
	read(a, 100)
	read(a, 100)
	read(c, 50)
	_, err := h.room.Claim(h.ctx, h.member, b, "2026-10-05", "")
	h.must(err)
	_, err = h.room.Claim(h.ctx, h.member, a, "2026-10-05", "") // read and claimed: once
	h.must(err)
	_, err = h.room.Claim(h.ctx, h.member, d, "2025-12-31", "")
	h.must(err)
	_, err = h.room.Read(h.ctx, h.peer, c, 100)
	h.must(err)
	s, err := h.room.Study(h.ctx, h.member, 0)
	h.must(err)
	// 12 minutes read, 30 claimed, 90 in a meeting.
	if s.Year != 2026 || s.Hours != 2.2 || s.Articles != 2 || s.Meetings != 1 || len(s.Months) != 12 {
		t.Errorf("%+v", s)
	}
	for i, want := range map[int]StudyMonth{2: {"2026-03", 1.5, 0, 1}, 9: {"2026-10", 0.5, 1, 0}, 10: {"2026-11", 0.2, 1, 0}, 11: {"2026-12", 0, 0, 0}} {
		if s.Months[i] != want {
			t.Errorf("%+v, want %+v", s.Months[i], want)
		}
	}
	last, err := h.room.Study(h.ctx, h.member, 2025)
	h.must(err)
	if last.Articles != 1 || last.Hours != 0.3 || last.Meetings != 0 {
		t.Errorf("the year before: %+v", last)
	}
	_, err = h.room.Study(h.ctx, h.member, 1)
	wantCode(t, "the year 1", err, model.CodeInvalid)
	// Who leaves takes the record along; the counts stay.
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return tx.EraseReading(h.ctx, h.member.MemberID) }))
	s, err = h.room.Study(h.ctx, h.member, 2026)
	h.must(err)
	h.must(h.room.WriteViews(h.ctx))
	n, err := h.store.ArticleCount(h.ctx, a)
	h.must(err)
	if s.Articles != 0 || n.Views != 1 {
		t.Errorf("after erasure: %+v, views %d", s, n.Views)
	}
}
