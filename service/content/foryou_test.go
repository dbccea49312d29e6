package content

import (
	"fmt"
	"testing"
	"time"

	"zhibu/model"
)

func TestForYouIsRequiredFirstThenNewEachOnce(t *testing.T) {
	h := newHouse(t)
	due := func(days int) func(*Input) {
		return func(in *Input) { in.Required, in.DueAt = ptr(true), ptr(h.now.AddDate(0, 0, days)) }
	}
	doc := func(in *Input) { in.DocNo = ptr("中发〔2026〕8号") }
	h.publish(h.root, "必学无期限", model.VisibleMembers, func(in *Input) { in.Required = ptr(true) })
	h.publish(h.root, "必学晚", model.VisibleParty, due(9))
	soon := h.publish(h.branch, "必学早", model.VisibleMembers, due(2), doc)
	h.publish(h.root, "同一文件", model.VisibleMembers, doc)
	read := h.publish(h.branch, "已读", model.VisibleMembers)
	begun := h.publish(h.branch, "读了一半", model.VisibleMembers)
	h.publish(h.branch, "新", model.VisibleMembers)
	h.publish(h.branch, "支委的", model.VisibleCommittee)
	h.publish(h.next, "邻支部", model.VisibleMembers)
	relayed := h.publish(h.next, "邻支部公开", model.VisiblePublic)
	h.now = h.now.Add(time.Minute)
	_, err := h.room.Relay(h.ctx, h.secretary, relayed, h.branch.ID, "看看")
	h.must(err)
	for id, p := range map[string]int{read: 95, begun: 40} {
		_, err := h.room.Read(h.ctx, h.member, id, p)
		h.must(err)
	}
	list := func(actor *model.Actor, limit int) []string {
		rows, err := h.room.ForYou(h.ctx, actor, limit)
		h.must(err)
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprintf("%s/%s/%d", r.Title, r.Why, r.Percent))
		}
		return got
	}
	wantList(t, "a member", list(h.member, 10), "必学早/required/0", "必学晚/required/0", "必学无期限/required/0", "邻支部公开/new/0", "新/new/0", "读了一半/begun/40")
	wantList(t, "two of them", list(h.member, 2), "必学早/required/0", "必学晚/required/0")
	wantList(t, "not in the Party", list(h.layman, 3), "必学早/required/0", "必学无期限/required/0", "邻支部公开/new/0")
	// What was studied at the hospital is known here, under whatever title, also what comes out later.
	_, err = h.room.Claim(h.ctx, h.member, soon, "2026-11-01", "")
	h.must(err)
	h.publish(h.branch, "再发同一文件", model.VisibleMembers, doc)
	wantList(t, "after claiming", list(h.member, 10), "必学晚/required/0", "必学无期限/required/0", "邻支部公开/new/0", "新/new/0", "读了一半/begun/40")
	st, err := h.room.Study(h.ctx, h.member, 2026)
	h.must(err)
	if st.Articles != 2 { // the one read and the document claimed, once
		t.Errorf("%d articles studied", st.Articles)
	}
	h.must(h.room.Unclaim(h.ctx, h.member, soon))
	wantList(t, "after taking the claim back", list(h.member, 1), "必学早/required/0")
	if st, err = h.room.Study(h.ctx, h.member, 2026); err != nil || st.Articles != 1 {
		t.Errorf("%+v %v", st, err)
	}
}

func TestRelatedAreNearAndSeen(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.root, "心肺康复早期活动的新进展", model.VisiblePublic)
	h.publish(h.branch, "心肺康复早期活动的经验", model.VisibleMembers)
	open := h.publish(h.next, "早期活动与心肺康复", model.VisiblePublic)
	h.publish(h.root, "关于召开年会的通知", model.VisiblePublic)
	h.draft(h.branch, "心肺康复早期活动草稿", model.VisiblePublic)
	titles := func(actor *model.Actor) []string {
		rows, err := h.room.Related(h.ctx, actor, id)
		h.must(err)
		var got []string
		for _, r := range rows {
			if r.OrgName == "" {
				t.Errorf("%s has no organisation", r.Title)
			}
			got = append(got, r.Title)
		}
		return got
	}
	wantList(t, "a member", titles(h.member), "心肺康复早期活动的经验", "早期活动与心肺康复")
	wantList(t, "a stranger", titles(nil), "早期活动与心肺康复")
	// The nearest are remembered, who may see them is not.
	_, err := h.room.Withdraw(h.ctx, h.office, open, 0)
	h.must(err)
	wantList(t, "after withdrawing", titles(nil))
	_, err = h.room.Related(h.ctx, nil, h.publish(h.branch, "内部", model.VisibleMembers))
	wantCode(t, "of what a stranger may not see", err, model.CodeNotFound)
}

func TestViewsAreWrittenTogether(t *testing.T) {
	h := newHouse(t)
	a, b := h.publish(h.branch, "甲", model.VisibleMembers), h.publish(h.branch, "乙", model.VisibleMembers)
	var changes []string
	h.store.OnChange(model.TopicArticle, func(id string) { changes = append(changes, id) })
	for _, p := range []*model.Actor{h.member, h.peer, h.layman} {
		for range 2 {
			_, err := h.room.Read(h.ctx, p, a, 10)
			h.must(err)
		}
	}
	_, err := h.room.Read(h.ctx, h.member, b, 10)
	h.must(err)
	if len(changes) != 0 {
		t.Errorf("reading changed %v", changes)
	}
	h.must(h.room.WriteViews(h.ctx))
	h.must(h.room.WriteViews(h.ctx))
	if len(changes) != 2 {
		t.Errorf("writing changed %v, want each once", changes)
	}
	n, err := h.store.ArticleCounts(h.ctx, []string{a, b})
	h.must(err)
	if n[a].Views != 3 || n[b].Views != 1 {
		t.Errorf("%+v", n)
	}
}
