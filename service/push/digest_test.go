package push

import (
	"maps"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

const announcementTemplate = "tmpl-announcement"

// withAnnouncements opens the room anew with a template for announcements too.
func (h *house) withAnnouncements() {
	all := maps.Clone(templates())
	all[model.PushAnnouncement] = model.PushTemplate{ID: announcementTemplate, Kind: model.QuotaOneTime,
		Fields: map[string]string{"title": "thing1", "from": "thing2", "time": "time3", "note": "thing4"}}
	h.wire.facts = factsOf(all)
	h.svc = h.openWith("announcing", all)
}

// secretary may send for the branch, and see its ledger.
func (h *house) secretary() *model.Actor {
	h.t.Helper()
	return &model.Actor{SessionID: "s", MemberID: "sec", Powers: []model.Power{{Path: h.orgs["heart"].Path, Role: model.RoleSecretary}, {Path: h.orgs["heart"].Path, Role: model.RoleRevealPhone}}}
}

func (h *house) grants(openID, template string, n int) {
	h.t.Helper()
	for range n {
		h.clock.add(time.Second)
		h.grant(openID, template)
	}
}

// The evening's card rides on a template for which its reader has a grant: that of study first, else one of the parts' kinds. The plan
// said so, and the ledger of the folded push names the card.
func TestDigestRidesOnAnyGrant(t *testing.T) {
	words := map[string]string{"thing1": "晚间摘要：2 条消息", "thing2": "党支部", "time3": "2026年11月23日 19:30", "thing4": "第三条 第四条"}
	for _, c := range []struct {
		name                 string
		kind                 model.PushKind
		announcements, study int
		before               func(h *house) // the digest
		template             string
		data                 map[string]string
		reason               string
	}{
		{"of announcements alone", model.PushAnnouncement, 3, 0, nil, announcementTemplate, words, "已并入11月23日19:30的晚间摘要"},
		{"of study too", model.PushAnnouncement, 3, 1, nil, studyTemplate,
			map[string]string{"thing1": "晚间摘要：2 条消息", "time2": "2026年11月23日 23:59", "thing3": "第三条 第四条"}, "已并入11月23日19:30的晚间摘要"},
		{"the last one is gone by then", model.PushAnnouncement, 3, 0, func(h *house) {
			e := popup("gone", "open-a", announcementTemplate, false)
			e.Name = model.WechatChange
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
		}, "", nil, "已并入11月23日19:30的晚间摘要（仅站内信）"},
		{"of no part's kind", model.PushStudy, 1, 3, func(h *house) {
			e := popup("gone", "open-a", studyTemplate, false)
			e.Name = model.WechatChange
			h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
		}, "", nil, "已并入11月23日19:30的晚间摘要（仅站内信）"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.withAnnouncements()
			h.clock.set(time.Date(2026, 11, 23, 12, 0, 0, 0, model.Zone).UTC())
			h.member("a", "open-a", 0, "heart")
			h.grants("open-a", announcementTemplate, c.announcements)
			h.grants("open-a", studyTemplate, c.study)
			draft := Draft{OrgID: "heart", Kind: c.kind}
			var ids []string
			for i, title := range []string{"第一条", "第二条", "第三条", "第四条"} {
				draft.Title = title
				if i >= 2 {
					plan, err := h.svc.Plan(h.ctx, h.secretary(), draft)
					h.must(err)
					if plan.ByWechat != 1 || plan.OverBudget != 1 || plan.InboxOnly != 0 {
						t.Errorf("plan of the %s: %+v", title, plan)
					}
				}
				p, err := h.svc.Create(h.ctx, h.secretary(), draft)
				h.must(err)
				h.drain()
				ids = append(ids, p.ID)
			}
			h.is(ids[1], "a", model.DeliverySent)
			h.is(ids[2], "a", model.DeliveryHeld)
			if c.before != nil {
				c.before(h)
			}
			h.clock.set(time.Date(2026, 11, 23, 19, 30, 0, 0, model.Zone).UTC())
			sent := len(h.wire.sent)
			h.drain()
			cards := h.wire.sent[sent:]
			if c.template == "" && len(cards) != 0 {
				t.Errorf("cards without a grant: %+v", cards)
			}
			if c.template != "" && (len(cards) != 1 || cards[0].template != c.template || !maps.Equal(cards[0].data, c.data)) {
				t.Errorf("cards %+v, want one by %s with %v", cards, c.template, c.data)
			}
			for _, id := range ids[2:] {
				rows, _, err := h.svc.Deliveries(h.ctx, h.secretary(), id, "", model.Page{})
				h.must(err)
				if len(rows) != 1 || rows[0].Reason != c.reason || rows[0].State != model.DeliveryInboxOnly {
					t.Errorf("folded: %+v", rows)
				}
			}
			h.book("open-a", announcementTemplate)
			rows, _, err := h.svc.Notices(h.ctx, &model.Actor{SessionID: "s", MemberID: "a"}, true, model.Page{})
			h.must(err)
			if len(rows) != 5 || rows[0].Push.Kind != model.PushDigest || rows[0].Push.Body != "第三条\n第四条" {
				t.Errorf("inbox %+v", rows)
			}
			list, _, err := h.svc.List(h.ctx, h.secretary(), model.Page{})
			h.must(err)
			if len(list) != 4 {
				t.Errorf("%d pushes are listed, want the four and no digest", len(list))
			}
		})
	}
}

// A part that is over by the evening is in no card, and the ledger does not say that it was.
func TestWhatIsOverIsInNoDigest(t *testing.T) {
	h := newHouse(t)
	h.clock.set(time.Date(2026, 11, 23, 12, 0, 0, 0, model.Zone).UTC())
	h.member("a", "open-a", 5, "heart")
	h.push(ordinary("第一条", "a"))
	h.push(ordinary("第二条", "a"))
	late := ordinary("第三条", "a")
	ends := time.Date(2026, 11, 23, 19, 40, 0, 0, model.Zone).UTC()
	late.ExpiresAt = &ends
	h.push(late)
	h.drain()
	h.is(late.ID, "a", model.DeliveryHeld)
	sent := len(h.wire.sent)
	h.clock.set(ends) // the program was away at half past seven
	h.drain()
	if d := h.is(late.ID, "a", model.DeliveryInboxOnly); !strings.Contains(d.Reason, "已经结束") || len(h.wire.sent) != sent {
		t.Errorf("%+v, %d cards", d.Delivery, len(h.wire.sent)-sent)
	}
}

// Only what is to be studied and what is announced counts towards the week; an urgent one does not.
func TestWhatCountsTowardsTheWeek(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		kind    model.PushKind
		urgent  string
		counted bool
	}{
		{model.PushMeeting, "", false}, {model.PushSuggestion, "", false}, {model.PushStudy, "", true}, {model.PushAnnouncement, "", true},
		{model.PushAnnouncement, "会场临时变更", false},
	} {
		p, err := h.svc.Create(h.ctx, h.secretary(), Draft{OrgID: "heart", Kind: c.kind, Title: "通知", UrgentReason: c.urgent})
		h.must(err)
		if row, err := h.store.PushOf(h.ctx, p.ID); err != nil || row.Counted != c.counted {
			t.Errorf("%s %q counts: %v, %v", c.kind, c.urgent, row.Counted, err)
		}
	}
}
