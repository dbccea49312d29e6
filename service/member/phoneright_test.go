package member_test

import (
	"testing"

	"zhibu/model"
)

// withNumbers is the actor with the right to see whole numbers, wherever they lead.
func withNumbers(a *model.Actor) *model.Actor {
	own := *a
	own.Powers = append([]model.Power{}, a.Powers...)
	for _, p := range a.Powers {
		own.Powers = append(own.Powers, model.Power{OrgID: p.OrgID, Path: p.Path, Role: model.RoleRevealPhone})
	}
	return &own
}

func TestThePhoneRightIsGrantedApart(t *testing.T) {
	h := newHouse(t)
	h.cast()
	set := func(who string, has bool) error {
		return h.svc.SetPhoneRight(h.ctx, h.as(who), "cardio", "secretary", has)
	}
	if err := set("secretary", true); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("a secretary grants it: %v", err)
	}
	for _, has := range []bool{true, true, false, false} {
		h.must(set("staff", has))
		_, err := h.svc.RevealPhone(h.ctx, h.as("secretary"), "plain")
		if want := map[bool]model.Code{true: "", false: model.CodeForbidden}[has]; (err == nil) != has || err != nil && model.CodeOf(err) != want {
			t.Errorf("granted %t: %v", has, err)
		}
	}
}
