package push

import (
	"testing"
	"time"

	"zhibu/model"
)

// The figures count the branch and what is below it, by week and way, and say how far the grants of its people go; the neighbour's are not in it.
func TestFiguresOfTheBranch(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.member("b", "open-b", 0, "heart-1", "heart")
	h.member("c", "", 0, "heart")
	h.member("z", "open-z", 3, "lung")
	h.push(meetingPush("a", "b", "c"))
	h.drain()
	h.clock.add(8 * 24 * time.Hour)
	h.grants("open-b", meetingTemplate, 2)
	h.push(meetingPush("b"))
	h.push(&model.Push{OrgID: "lung", OrgPath: "/root/lung/", Kind: model.PushMeeting, Title: "邻支部", Subject: "meeting:2", Hours: model.HoursUrgent, Audience: model.Audience{MemberIDs: []string{"z"}}})
	h.drain()

	f, err := h.svc.Figures(h.ctx, h.secretary(), "heart")
	h.must(err)
	if len(f.Weeks) != 2 || f.Weeks[0].Monday >= f.Weeks[1].Monday {
		t.Fatalf("weeks: %+v", f.Weeks)
	}
	first, second := f.Weeks[0], f.Weeks[1]
	first.Monday, second.Monday = "", ""
	if want := (ReachWeek{Subscribe: 1, Inbox: 2}); first != want {
		t.Errorf("the first week is %+v, want %+v", first, want)
	}
	if want := (ReachWeek{Subscribe: 1}); second != want {
		t.Errorf("the second week is %+v, want %+v", second, want)
	}
	if f.Members != 2 {
		t.Errorf("%d are bound, want a and b", f.Members)
	}
	got := map[string]Forecast{}
	for _, c := range f.Forecasts {
		got[c.TemplateID] = c
	}
	// a got one message and has no grant left; b got two and has one. Nobody got a study task, but one is always needed: a has a grant for it.
	if c := got[meetingTemplate]; c.Needed != 3 || c.Covered != 1 || c.Short != 2 {
		t.Errorf("meetings: %+v", c)
	}
	if c := got[studyTemplate]; c.Needed != 2 || c.Covered != 1 || c.Short != 1 {
		t.Errorf("study: %+v", c)
	}
	if c := got[longTemplate]; c.Needed != 2 || c.Covered != 0 || c.Kind != model.QuotaLongTerm {
		t.Errorf("for long: %+v", c)
	}
	h.grant("open-a", longTemplate)
	f, err = h.svc.Figures(h.ctx, h.secretary(), "heart")
	h.must(err)
	for _, c := range f.Forecasts {
		if c.TemplateID == longTemplate && (c.Covered != 1 || c.Short != 1) {
			t.Errorf("for long, with one grant: %+v", c)
		}
	}
	if _, err := h.svc.Figures(h.ctx, h.secretary(), "lung"); model.CodeOf(err) != model.CodeNotFound && model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("the neighbour's: %v", err)
	}
}
