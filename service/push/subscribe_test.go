package push

import (
	"fmt"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

func popup(key, openID, template string, accept bool) model.WechatEvent {
	return model.WechatEvent{Key: key, Name: model.WechatPopup, OpenID: openID, CreatedAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Grants: []model.WechatGrant{{TemplateID: template, Accept: accept}}}
}

// One tap is reported by the client and by WeChat, in either order, soon or late, once or twice.
func TestTapsCountOnce(t *testing.T) {
	h := newHouse(t)
	for i, c := range []struct {
		name  string
		steps string // c: client accepts, r: client rejects, e: event accept, E: the same event again, R: event reject, +: a minute, w: past the window
		want  int
	}{
		{"client alone", "c", 1}, {"event alone", "e", 1}, {"client, event", "c+e", 1}, {"event, client", "e+c", 1},
		{"redelivered", "eEE", 1}, {"redelivered after the client", "ceE", 1}, {"two taps", "ccee", 2}, {"two taps, crossed", "cece", 2},
		{"two taps, events first", "eecc", 2}, {"too far apart", "cwe", 2}, {"three reports", "cec", 2},
		{"refused", "r", 0}, {"refused by both", "rR", 0}, {"accepted, then refused", "ceR", 0}, {"a refusal is no second report of an accept", "cR", 0},
		{"the client's refusal takes nothing", "cer", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			openID := fmt.Sprint("open-", i) // each case has a person of its own
			actor := &model.Actor{SessionID: "s", MemberID: "a", OpenID: openID}
			n := 0
			for _, step := range c.steps {
				switch step {
				case 'c', 'r':
					answer := model.TapAccept
					if step == 'r' {
						answer = model.TapReject
					}
					_, err := h.svc.Report(h.ctx, actor, map[string]model.TapAnswer{meetingTemplate: answer})
					h.must(err)
				case 'e', 'R', 'E':
					if step != 'E' {
						n++
					}
					h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, popup(fmt.Sprint("k", i, "-", n), openID, meetingTemplate, step != 'R')))
				case '+':
					h.clock.add(time.Minute)
				case 'w':
					h.clock.add(model.TapWindow + time.Second)
				}
			}
			if q := h.book(openID, meetingTemplate); q.Available != c.want {
				t.Errorf("%q gives %+v, want %d", c.steps, q, c.want)
			}
		})
	}
}

// The program's clock and WeChat's may differ by hours: one tap still counts once, in either order, and two taps a second apart count twice.
func TestTapsWithWeChatsClockOff(t *testing.T) {
	h := newHouse(t)
	for i, off := range []time.Duration{0, -5 * time.Hour, 8 * time.Hour, -30 * 24 * time.Hour} {
		for j, c := range []struct {
			steps string // c: client accepts, e: event accept, +: a second
			want  int
		}{
			{"ce", 1}, {"ec", 1}, {"c+e", 1}, {"e+c", 1}, {"c+c+e+e", 2}, {"e+e+c+c", 2}, {"ce+ce", 2}, {"ec+ec", 2}, {"ce+ec", 2}, {"c+ec+e", 2}, {"c+c", 2}, {"e+e", 2},
		} {
			openID, n := fmt.Sprintf("open-%d-%d", i, j), 0
			actor := &model.Actor{SessionID: "s", OpenID: openID}
			for _, step := range c.steps {
				switch step {
				case 'c':
					_, err := h.svc.Report(h.ctx, actor, map[string]model.TapAnswer{meetingTemplate: model.TapAccept})
					h.must(err)
				case 'e':
					n++
					e := popup(fmt.Sprint(openID, "/", n), openID, meetingTemplate, true)
					e.CreatedAt = h.clock.now().Add(off)
					h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
				case '+':
					h.clock.add(time.Second)
				}
			}
			if q := h.book(openID, meetingTemplate); q.Available != c.want || q.Granted != c.want {
				t.Errorf("%q with WeChat's clock off by %v gives %+v, want %d", c.steps, off, q, c.want)
			}
		}
	}
}

func TestRefusalInTheSettings(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 3, "heart")
	e := popup("k", "open-a", meetingTemplate, false)
	e.Name = model.WechatChange
	h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
	if q := h.book("open-a", meetingTemplate); q.Void != 3 || q.Available != 0 {
		t.Errorf("book %+v", q)
	}
	if q := h.book("open-a", studyTemplate); q.Available != 3 {
		t.Errorf("another template's book %+v", q)
	}
}

func TestLongTermIsNotUsedUp(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 0, "heart")
	h.grant("open-a", longTemplate)
	h.clock.add(model.TapWindow * 2)
	h.grant("open-a", longTemplate)
	for i := range 3 {
		p := meetingPush("a")
		p.Kind = model.PushSuggestion
		h.push(p)
		h.drain()
		h.is(p.ID, "a", model.DeliverySent)
		if q := h.book("open-a", longTemplate); q.Available != 1 || q.Granted != 1 {
			t.Errorf("after %d: %+v", i+1, q)
		}
	}
	h.wire.say("open-a", VerdictNoGrant)
	p := meetingPush("a")
	p.Kind = model.PushSuggestion
	h.push(p)
	h.drain()
	h.is(p.ID, "a", model.DeliveryInboxOnly)
	if q := h.book("open-a", longTemplate); q.Available != 0 || q.Void != 1 {
		t.Errorf("refused: %+v", q)
	}
}

func TestPrompts(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 0, "heart")
	actor := &model.Actor{SessionID: "s", MemberID: "a", OpenID: "open-a"}
	ask := func(scene string) string {
		t.Helper()
		ids, err := h.svc.Prompts(h.ctx, actor, scene)
		h.must(err)
		return fmt.Sprint(ids)
	}
	if got := ask(""); got != fmt.Sprint([]string{meetingTemplate, studyTemplate}) {
		t.Errorf("at first: %s", got)
	}
	if got := ask("study"); got != fmt.Sprint([]string{studyTemplate, meetingTemplate}) {
		t.Errorf("in the scene of studying: %s", got)
	}
	if got := ask("suggestion"); got != fmt.Sprint([]string{longTemplate}) {
		t.Errorf("a long-term template is asked for alone: %s", got)
	}
	_, err := h.svc.Report(h.ctx, actor, map[string]model.TapAnswer{meetingTemplate: model.TapAccept, studyTemplate: model.TapReject})
	h.must(err)
	if got := ask(""); got != "[]" {
		t.Errorf("a second time on one day: %s", got)
	}
	h.clock.add(4*time.Hour + 59*time.Minute) // 23:59
	if got := ask(""); got != "[]" {
		t.Errorf("still on that day: %s", got)
	}
	h.clock.add(time.Minute)
	if got := ask(""); got != fmt.Sprint([]string{longTemplate}) {
		t.Errorf("the next day, the shortest first, and of those what hurts most: %s", got)
	}
	h.grant("open-a", longTemplate)
	h.clock.add(24 * time.Hour)
	if got := ask(""); got != fmt.Sprint([]string{studyTemplate}) {
		t.Errorf("what is not short is not asked for: %s", got)
	}
	if got := ask("suggestion"); got != fmt.Sprint([]string{studyTemplate}) {
		t.Errorf("a long-term grant is not asked for again: %s", got)
	}
	h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, popup("lost report", "open-a", studyTemplate, false)))
	if got := ask(""); got != "[]" {
		t.Errorf("a second time on a day, the client's report being lost: %s", got)
	}
	h.clock.add(24 * time.Hour)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		_, err := h.svc.shut(h.ctx, tx, model.GateTemplate+studyTemplate, "banned", h.clock.now().Add(time.Hour), h.clock.now())
		return err
	}))
	if got := ask(""); got != "[]" {
		t.Errorf("a template out of service: %s", got)
	}
}

func TestReportNamesEveryFault(t *testing.T) {
	h := newHouse(t)
	actor := &model.Actor{SessionID: "s", OpenID: "open-a"}
	_, err := h.svc.Report(h.ctx, actor, map[string]model.TapAnswer{"other": model.TapAccept, meetingTemplate: "maybe"})
	var e *model.Error
	if model.CodeOf(err) != model.CodeInvalid {
		t.Fatal(err)
	}
	e, _ = err.(*model.Error)
	if len(e.Fields) != 2 {
		t.Errorf("faults %+v", e.Fields)
	}
	if _, err := h.svc.Books(h.ctx, &model.Actor{SessionID: "s", MemberID: "a"}); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("without a WeChat user: %v", err)
	}
}

// consistent holds the books against the ledger.
func (h *house) consistent(pushes, members []string) {
	h.t.Helper()
	holds := map[string]map[model.Hold]int{}
	all, err := h.store.PushCounts(h.ctx, pushes, h.clock.now())
	h.must(err)
	for _, id := range pushes {
		if c := all[id]; c.Recipients != len(members) || c.Recipients != sum(c) {
			h.t.Fatalf("the states do not add up: %+v", c)
		}
		for _, d := range h.rows(id) {
			if holds[d.OpenID] == nil {
				holds[d.OpenID] = map[model.Hold]int{}
			}
			holds[d.OpenID][d.Holds]++
		}
	}
	for _, m := range members {
		q := h.book("open-"+m, meetingTemplate)
		if got := holds["open-"+m]; got[model.HoldReserved] != q.Reserved || got[model.HoldDoubt] != q.InDoubt {
			h.t.Fatalf("%s: the ledger holds %v, the book says %+v", m, got, q)
		}
	}
}
