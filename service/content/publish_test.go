package content

import (
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
)

func TestPublishTellsWhoItIsFor(t *testing.T) {
	h := newHouse(t)
	due := h.now.Add(48 * time.Hour)
	quiet := h.draft(h.branch, "静", model.VisibleMembers)
	_, err := h.room.Publish(h.ctx, h.secretary, quiet.ID, 0, nil, false)
	h.must(err)
	if len(h.box.pushes) != 0 {
		t.Fatalf("pushed without being asked: %+v", h.box.pushes)
	}
	loud := h.draft(h.branch, "响", model.VisibleParty)
	_, err = h.room.Publish(h.ctx, h.secretary, loud.ID, 0, nil, true)
	h.must(err)
	study := h.draft(h.branch, "学", model.VisibleCommittee, func(in *Input) { in.Required, in.DueAt = ptr(true), &due })
	_, err = h.room.Publish(h.ctx, h.secretary, study.ID, 0, nil, true)
	h.must(err)
	if len(h.box.pushes) != 2 {
		t.Fatalf("%d pushes, want 2", len(h.box.pushes))
	}
	p := h.box.pushes[0]
	if p.Kind != model.PushAnnouncement || p.Fields["title"] != "响" || p.Fields["from"] != h.branch.Name || p.Fields["time"] != "2026年11月23日 19:00" || p.Fields["note"] != "正文：响。" ||
		p.Audience.OrgID != h.branch.ID || len(p.Audience.PartyStatus) != 2 || p.Audience.NotReadArticleID != loud.ID || !p.Counted || p.Hours != model.HoursOrdinary ||
		p.Subject != "article:"+loud.ID || p.Page != "pages/article/detail?id="+loud.ID || p.OrgPath != h.branch.Path {
		t.Errorf("announcement %+v", p)
	}
	p = h.box.pushes[1]
	if p.Kind != model.PushStudy || p.Fields["title"] != "学" || p.Fields["due"] != "2026年11月25日 19:00" || p.Fields["note"] == "" || len(p.Audience.Roles) == 0 {
		t.Errorf("study %+v", p)
	}
	_, err = h.room.Publish(h.ctx, h.secretary, loud.ID, 0, nil, true)
	wantCode(t, "publishing twice", err, model.CodeConflict)
	_, err = h.room.Publish(h.ctx, h.member, quiet.ID, 0, nil, false)
	wantCode(t, "a member publishes", err, model.CodeForbidden)
	_, err = h.room.Publish(h.ctx, h.neighbour, quiet.ID, 0, nil, false)
	wantCode(t, "the neighbour publishes", err, model.CodeNotFound)
}

func TestScheduledComesOutOnceInTime(t *testing.T) {
	h := newHouse(t)
	at := h.now.Add(time.Hour)
	f := h.draft(h.branch, "定时", model.VisibleMembers)
	got, err := h.room.Publish(h.ctx, h.secretary, f.ID, 0, ptr(at.In(model.Zone)), true)
	h.must(err)
	if got.State != model.ArticleScheduled || !got.PublishAt.Equal(at) || got.PublishedAt != nil || len(h.box.pushes) != 0 {
		t.Fatalf("scheduled: %+v, %d pushes", got.Article, len(h.box.pushes))
	}
	_, err = h.room.Article(h.ctx, h.member, f.ID, form)
	wantCode(t, "a member reads it before", err, model.CodeNotFound)
	h.now = at.Add(-time.Millisecond)
	if n, err := h.room.PublishDue(h.ctx); n != 0 || err != nil {
		t.Fatalf("before its time %d came out: %v", n, err)
	}
	h.now = at
	// Several replicas run the job at the same moment.
	var wg sync.WaitGroup
	total := make(chan int, 4)
	for range 4 {
		wg.Go(func() {
			n, err := h.room.PublishDue(h.ctx)
			if err != nil {
				t.Error(err)
			}
			total <- n
		})
	}
	wg.Wait()
	close(total)
	sum := 0
	for n := range total {
		sum += n
	}
	if sum != 1 || len(h.box.pushes) != 1 {
		t.Errorf("came out %d times with %d pushes, want once each", sum, len(h.box.pushes))
	}
	titles, _ := h.feed(h.member, "", model.Page{})
	wantList(t, "feed", titles, "定时")
	_, err = h.room.Publish(h.ctx, h.secretary, h.draft(h.branch, "远", model.VisibleMembers).ID, 0, ptr(h.now.AddDate(2, 0, 0)), false)
	wantCode(t, "two years ahead", err, model.CodeInvalid)
}

func TestScheduleMayBeMovedAndTakenBack(t *testing.T) {
	h := newHouse(t)
	f := h.draft(h.branch, "定时", model.VisibleMembers)
	for _, after := range []time.Duration{time.Hour, 2 * time.Hour} {
		_, err := h.room.Publish(h.ctx, h.secretary, f.ID, 0, ptr(h.now.Add(after)), false)
		h.must(err)
	}
	h.now = h.now.Add(90 * time.Minute)
	if n, _ := h.room.PublishDue(h.ctx); n != 0 {
		t.Error("came out at the time it was moved from")
	}
	_, err := h.room.Withdraw(h.ctx, h.secretary, f.ID, 0)
	h.must(err)
	h.now = h.now.Add(time.Hour)
	if n, _ := h.room.PublishDue(h.ctx); n != 0 {
		t.Error("came out although taken back")
	}
}

func TestWithdrawnIsGoneEverywhere(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "撤回之题", model.VisiblePublic)
	h.page(nil, id)
	h.feed(nil, "", model.Page{})
	got, err := h.room.Withdraw(h.ctx, h.secretary, id, 0)
	h.must(err)
	if got.State != model.ArticleWithdrawn || got.WithdrawnAt == nil {
		t.Errorf("%+v", got.Article)
	}
	wantList(t, "dropped", h.box.dropped, "article:"+id)
	left, err := h.store.ArticlesSharing(h.ctx, []string{"撤回"}, 10, 10)
	h.must(err)
	wantList(t, "left in the index", left)
	for _, actor := range []*model.Actor{nil, h.member, h.neighbour} {
		list, _ := h.feed(actor, "", model.Page{})
		wantList(t, "feed", list)
		_, err := h.room.Article(h.ctx, actor, id, form)
		wantCode(t, "article", err, model.CodeNotFound)
		hits, _, err := h.room.Search(h.ctx, actor, "撤回", "", model.Page{})
		h.must(err)
		if len(hits) != 0 {
			t.Errorf("found %v", hits)
		}
	}
	if !strings.Contains(h.page(h.secretary, id), "撤回之题") {
		t.Error("its editor no longer sees it")
	}
	_, err = h.room.Like(h.ctx, h.member, id)
	wantCode(t, "a like for what is withdrawn", err, model.CodeNotFound)
	_, err = h.room.Withdraw(h.ctx, h.secretary, id, 0)
	wantCode(t, "withdrawn twice", err, model.CodeConflict)
	_, err = h.room.Publish(h.ctx, h.secretary, id, 0, nil, false)
	h.must(err)
	list, _ := h.feed(nil, "", model.Page{})
	wantList(t, "published again", list, "撤回之题")
}

func TestReachCountsAndRemindsOnce(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "必学", model.VisibleMembers, func(in *Input) { in.Required = ptr(true) })
	// The branch with its group: secretary, leader, member, peer, layman.
	_, err := h.room.Read(h.ctx, h.member, id, 95)
	h.must(err)
	_, err = h.room.Read(h.ctx, h.peer, id, 40)
	h.must(err)
	_, err = h.room.Claim(h.ctx, h.layman, id, "2026-11-20", "医院党支部")
	h.must(err)
	_, err = h.room.Claim(h.ctx, h.member, id, "2026-11-20", "")
	h.must(err)
	r, err := h.room.Reach(h.ctx, h.secretary, id)
	h.must(err)
	if r.Audience == nil || *r.Audience != 5 || *r.Read != 1 || *r.Claimed != 1 || *r.Unread != 3 {
		t.Errorf("reach %v %v %v %v", r.Audience, r.Read, r.Claimed, r.Unread)
	}
	party := h.publish(h.branch, "党员", model.VisibleParty)
	r, err = h.room.Reach(h.ctx, h.secretary, party)
	h.must(err)
	if r != (Reach{}) {
		t.Errorf("four people are counted: %+v", r)
	}
	if few, err := h.store.ArticleReach(h.ctx, &model.Article{ID: party, OrgID: h.root.ID, OrgPath: h.root.Path, Visibility: model.VisibleCommittee}); err != nil || few.Audience != 2 {
		t.Errorf("committees below the root: %+v %v, want office and secretary", few, err)
	}
	_, err = h.room.Reach(h.ctx, h.member, id)
	wantCode(t, "a member asks for the reach", err, model.CodeForbidden)
	wantCode(t, "the neighbour reminds", h.room.Remind(h.ctx, h.neighbour, id), model.CodeNotFound)
	h.must(h.room.Remind(h.ctx, h.secretary, id))
	wantCode(t, "reminding twice", h.room.Remind(h.ctx, h.office, id), model.CodeConflict)
	if len(h.box.pushes) != 1 {
		t.Fatalf("%d pushes", len(h.box.pushes))
	}
	p := h.box.pushes[0]
	if p.Kind != model.PushStudy || p.Audience.NotReadArticleID != id || p.Fields["due"] != "2026年11月30日 21:00" || p.CreatedBy != h.secretary.MemberID {
		t.Errorf("reminder %+v", p)
	}
}
