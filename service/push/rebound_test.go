package push

import (
	"testing"

	"zhibu/model"
	"zhibu/model/store"
)

// Between the reading of a chunk and its writing a member binds another WeChat: no line may go to one openid with the grant of the other reserved.
func TestReboundWhileExpanding(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 1, "heart")
	h.member("b", "ob", 1, "heart")
	p := meetingPush("a", "b")
	p.SendAt = h.clock.now().AddDate(0, 0, 1)
	h.push(p)
	h.clock.set(p.SendAt)
	c, err := h.svc.nextChunk(h.ctx, p)
	h.must(err)
	i, err := h.store.IdentityOf(h.ctx, "a")
	h.must(err)
	h.must(h.store.BindIdentity(h.ctx, i.ID, nil, h.clock.now()))
	a := "a"
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: store.NewID(), OpenID: "new", MemberID: &a}))
	before := *p
	err = h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.expand(h.ctx, tx, p, c, h.clock.now()) })
	if model.CodeOf(err) != model.CodeConflict {
		t.Fatalf("written with the openid of before: %v", err)
	}
	if n := len(h.rows(p.ID)); n != 0 {
		t.Fatalf("%d lines of a chunk that was refused", n)
	}
	*p = before
	h.must(h.svc.expandAll(h.ctx, p))
	if rows := h.rows(p.ID); rows["a"].OpenID == "oa" || rows["b"].OpenID != "ob" {
		t.Errorf("%+v", rows)
	}
}
