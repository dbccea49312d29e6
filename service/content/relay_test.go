package content

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

// notes renders a page as title and the note with which it was passed on.
func (h *house) notes(actor *model.Actor, c model.Category) []string {
	h.t.Helper()
	var list []string
	for p := (model.Page{Limit: 2}); ; {
		ready, err := h.room.Feed(h.ctx, actor, c, p, func(p FeedPage) ([]byte, error) {
			out := []string{p.Next}
			for _, i := range p.Items {
				line := i.Title
				if i.Relay != nil {
					line += "/" + i.Relay.OrgName + "/" + i.Relay.Note
				}
				out = append(out, line)
			}
			return json.Marshal(out)
		})
		h.must(err)
		var out []string
		h.must(json.Unmarshal(ready.Body, &out))
		list = append(list, out[1:]...)
		if p.Cursor = out[0]; p.Cursor == "" {
			return list
		}
	}
}

func TestRelayStandsOnceWhereItWasPassedOn(t *testing.T) {
	h := newHouse(t)
	old := h.publish(h.root, "旧", model.VisibleMembers)
	pinned := h.publish(h.root, "顶", model.VisibleMembers, func(in *Input) { in.Pinned = ptr(true) })
	party := h.publish(h.root, "党", model.VisibleParty)
	open := h.publish(h.next, "邻", model.VisiblePublic)
	closed := h.publish(h.next, "邻内", model.VisibleMembers)
	h.publish(h.branch, "本", model.VisibleMembers)
	pass := func(actor *model.Actor, id string, org *model.Org, note string) {
		h.now = h.now.Add(time.Second)
		_, err := h.room.Relay(h.ctx, actor, id, org.ID, note)
		h.must(err)
	}
	wantList(t, "before", h.notes(h.member, ""), "顶", "本", "党", "旧")
	pass(h.secretary, old, h.branch, "值得一读")
	pass(h.secretary, open, h.branch, "")
	pass(h.secretary, party, h.branch, "党员请读")
	pass(h.secretary, pinned, h.branch, "置顶的也说一句")
	wantList(t, "a member", h.notes(h.member, ""), "顶/心肺康复党支部/置顶的也说一句", "党/心肺康复党支部/党员请读", "邻/心肺康复党支部/", "旧/心肺康复党支部/值得一读", "本")
	wantList(t, "who is not in the Party", h.notes(h.layman, ""), "顶/心肺康复党支部/置顶的也说一句", "邻/心肺康复党支部/", "旧/心肺康复党支部/值得一读", "本")
	wantList(t, "the neighbours see nothing of it", h.notes(h.neighbour, ""), "顶", "邻内", "邻", "党", "旧")
	wantList(t, "strangers neither", h.notes(nil, ""), "邻")
	wantList(t, "another category", h.notes(h.member, model.CategoryLaw))
	// The group passes on what the branch did: in the group's feed the latest stands.
	pass(h.leader, old, h.group, "组内再读")
	wantList(t, "the group", h.notes(h.leader, "")[:2], "顶/心肺康复党支部/置顶的也说一句", "旧/第一党小组/组内再读")
	// Once, by whom it concerns, of what its people may see.
	for _, c := range []struct {
		what  string
		actor *model.Actor
		id    string
		org   *model.Org
		note  string
		want  model.Code
	}{
		{"its own", h.office, open, h.next, "", model.CodeConflict},
		{"what nobody there may see", h.office, closed, h.branch, "", model.CodeConflict},
		{"what the secretary may not see", h.secretary, closed, h.branch, "", model.CodeNotFound},
		{"by a member", h.member, old, h.branch, "", model.CodeForbidden},
		{"for the neighbours", h.secretary, open, h.next, "", model.CodeNotFound},
		{"a long sentence", h.secretary, open, h.branch, strings.Repeat("长", 101), model.CodeInvalid},
		{"a draft", h.secretary, h.draft(h.branch, "稿", model.VisibleMembers).ID, h.group, "", model.CodeConflict},
	} {
		_, err := h.room.Relay(h.ctx, c.actor, c.id, c.org.ID, c.note)
		wantCode(t, c.what, err, c.want)
	}
	// Passed on again it has another sentence, in its place.
	pass(h.secretary, party, h.branch, "党员必读")
	wantList(t, "with another sentence", h.notes(h.member, "")[1:2], "党/心肺康复党支部/党员必读")
	// Taken back it stands where it stood; withdrawn it is gone, also when it comes out again.
	h.must(h.room.Unrelay(h.ctx, h.secretary, party, h.branch.ID))
	h.must(h.room.Unrelay(h.ctx, h.secretary, party, h.branch.ID))
	wantCode(t, "taken back by a member", h.room.Unrelay(h.ctx, h.member, old, h.branch.ID), model.CodeForbidden)
	_, err := h.room.Withdraw(h.ctx, h.office, old, 0)
	h.must(err)
	wantList(t, "after withdrawing", h.notes(h.member, ""), "顶/心肺康复党支部/置顶的也说一句", "邻/心肺康复党支部/", "本", "党")
	h.now = h.now.Add(time.Second)
	_, err = h.room.Publish(h.ctx, h.office, old, 0, nil, false)
	h.must(err)
	wantList(t, "published again", h.notes(h.member, ""), "顶/心肺康复党支部/置顶的也说一句", "旧", "邻/心肺康复党支部/", "本", "党")
}
