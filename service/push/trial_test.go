package push

import (
	"context"
	"testing"

	"zhibu/model"
)

// A test card goes to who asked for it alone, outside every ledger but the book of grants; the settings are held against WeChat's list.
func TestTry(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.member("office", "o-office", 1)
	actor := &model.Actor{SessionID: "s", MemberID: "office", OpenID: "o-office", Powers: []model.Power{{Role: model.RoleStaff, Path: model.EverywherePath}}}
	trial, err := h.svc.Try(ctx, actor, model.ChannelSubscribe, model.PushMeeting)
	h.must(err)
	if trial.Verdict.Kind != VerdictSent || len(h.wire.sent) != 1 || h.wire.sent[0].openID != "o-office" || len(trial.Lines) != 2 {
		t.Fatalf("%+v %+v", trial, h.wire.sent)
	}
	if q := h.book("o-office", meetingTemplate); q.Spent != 1 || q.Available != 0 || !q.Balanced() {
		t.Errorf("the grant: %+v", q)
	}
	h.wire.say("o-office", VerdictNoGrant, VerdictTemplate)
	if trial, err = h.svc.Try(ctx, actor, model.ChannelSubscribe, model.PushMeeting); err != nil || trial.Verdict.Kind != VerdictNoGrant || trial.Words == "" {
		t.Errorf("without a grant: %+v %v", trial, err)
	}
	h.grant("o-office", meetingTemplate)
	if trial, err = h.svc.Try(ctx, actor, model.ChannelSubscribe, model.PushMeeting); err != nil || trial.Verdict.Kind != VerdictTemplate {
		t.Errorf("banned: %+v %v", trial, err)
	}
	if q := h.book("o-office", meetingTemplate); q.Available != 1 || !q.Balanced() {
		t.Errorf("what was not sent is given back: %+v", q)
	}
	if _, err = h.svc.Try(ctx, actor, model.ChannelSubscribe, model.PushAnnouncement); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("no template: %v", err)
	}
	if _, err = h.svc.Try(ctx, actor, model.ChannelOfficial, model.PushMeeting); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("no follower: %v", err)
	}
	lone := &model.Actor{SessionID: "s", MemberID: "m1", OpenID: "o-1"}
	if _, err = h.svc.Try(ctx, lone, model.ChannelSubscribe, model.PushMeeting); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("a member: %v", err)
	}
	h.wire.facts = factsOf(templates())[:0]
	states, err := h.svc.TemplateStates(ctx, actor)
	if err != nil || len(states) != 3 || len(states[0].Faults) == 0 || !states[0].Compared || states[0].Fields[0].Key != "thing1" {
		t.Errorf("states: %+v %v", states, err)
	}
}
