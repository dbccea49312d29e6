package suggestion_test

import (
	"context"
	"sync"
	"testing"

	"zhibu/model"
	"zhibu/service/suggestion"
)

func TestNeglectedSuggestionClimbsToTheOffice(t *testing.T) {
	h := newHouse(t)
	h.at("2026-09-29 09:00") // before National Day: 1-7 off, Saturday 10 worked
	d := h.submit(h.author, h.branch, false)
	h.outbox.clear()
	told := func(when string, want map[*model.Actor][]string) {
		t.Helper()
		h.tick(when)
		h.tick(when) // nothing is done twice
		for _, by := range []*model.Actor{h.author, h.secretary, h.chair, h.office} {
			same(t, when+": "+by.Name, h.outbox.to(by.MemberID), want[by])
		}
		h.outbox.clear()
	}
	told("2026-10-09 20:00", nil)
	told("2026-10-10 08:00", map[*model.Actor][]string{h.secretary: {"即将到期"}})
	told("2026-10-12 23:50", nil)
	told("2026-10-13 00:05", map[*model.Actor][]string{h.secretary: {"已超期"}})
	if got := h.read(h.author, d.ID); !got.Overdue || got.State != model.SuggestionSubmitted {
		t.Errorf("overdue: %+v", got.Item)
	}
	told("2026-10-13 23:50", nil)
	told("2026-10-14 00:05", map[*model.Actor][]string{h.chair: {"待受理"}, h.author: {"已转交"}})
	got := h.read(h.author, d.ID)
	if got.State != model.SuggestionEscalated || got.Holder.ID != h.society.ID || model.DateOf(got.AcceptBy) != "2026-10-21" {
		t.Fatalf("with the society: %+v", got.Item)
	}
	last := got.Timeline[len(got.Timeline)-1]
	if last.By == nil || last.By.Name != "系统" || last.Text != "超过受理期限未受理，系统自动转交上级组织办理。" || last.ToOrg != "学会党委" {
		t.Errorf("timeline: %+v", last)
	}
	// The society accepts it and lets the answer wait.
	h.at("2026-10-15 19:00")
	h.step(h.chair, d.ID, "accept", model.SuggestionAccepted)
	h.outbox.clear()
	told("2026-11-03 12:00", map[*model.Actor][]string{h.chair: {"即将到期"}}) // to be answered by 11-04
	told("2026-11-05 00:05", map[*model.Actor][]string{h.chair: {"已超期"}})
	told("2026-11-06 00:05", map[*model.Actor][]string{h.office: {"待受理"}, h.author: {"已转交"}})
	// The office is the top: it is urged once, and the suggestion stays where it is.
	told("2026-11-12 12:00", map[*model.Actor][]string{h.office: {"即将到期"}}) // by 11-13, a Friday
	told("2026-11-14 12:00", map[*model.Actor][]string{h.office: {"已超期"}})
	told("2026-11-16 23:50", nil)
	told("2026-11-17 00:05", map[*model.Actor][]string{h.office: {"已超期"}})
	told("2026-12-17 00:05", nil)
	got = h.read(h.author, d.ID)
	if last := got.Timeline[len(got.Timeline)-1]; last.Action != model.SuggestionOverdue || got.Holder.ID != h.root.ID {
		t.Errorf("at the top: %+v", last)
	}
	h.step(h.office, d.ID, "accept", model.SuggestionAccepted)
	h.step(h.office, d.ID, "reply", model.SuggestionReplied)
	h.outbox.clear()
	told("2027-06-01 12:00", nil)
}

func TestExtensionPutsTheEscalationOff(t *testing.T) {
	h := newHouse(t)
	h.at("2026-11-02 09:00")
	d := h.submit(h.author, h.branch, false)
	h.stepWith(h.secretary, d.ID, suggestion.Request{Action: "accept", AssigneeID: h.helper.MemberID}, model.SuggestionAccepted)
	h.tick("2026-11-20 12:00") // to be answered by Monday 11-23
	same(t, "who was asked to answer is reminded too", h.outbox.to(h.helper.MemberID), []string{"待办理", "即将到期"})
	h.step(h.secretary, d.ID, "extend", model.SuggestionAccepted)
	same(t, "the author hears", h.outbox.to(h.author.MemberID), []string{"已受理", "延期答复"})
	h.tick("2026-12-03 12:00")
	if got := h.read(h.author, d.ID); got.State != model.SuggestionAccepted || model.DateOf(got.ReplyBy) != "2026-12-07" || got.Overdue {
		t.Errorf("extended: %+v", got.Item)
	}
	h.outbox.clear()
	h.tick("2026-12-04 12:00")
	same(t, "the new deadline is reminded of", h.outbox.to(h.secretary.MemberID), []string{"即将到期"})
	h.tick("2026-12-08 12:00")
	h.refused(h.secretary, d.ID, suggestion.Request{Action: "extend", Text: "x"}, model.CodeConflict)
	h.tick("2026-12-09 00:05")
	if got := h.read(h.author, d.ID); got.State != model.SuggestionEscalated || got.ExtendDays != 0 || got.Assignee != nil {
		t.Errorf("escalated: %+v", got.Item)
	}
}

func TestDeadlinesMoveWhenTheNoticeArrives(t *testing.T) {
	h := newHouse(t)
	h.at("2026-12-28 09:00")
	d := h.submit(h.author, h.branch, false)
	if !d.Provisional || model.DateOf(d.AcceptBy) != "2027-01-04" {
		t.Fatalf("before the notice: %s, provisional %v", d.AcceptBy, d.Provisional)
	}
	h.tick("2026-12-31 12:00")
	if got := h.read(h.author, d.ID); got.Version != 1 {
		t.Errorf("nothing moved, and yet version %d", got.Version)
	}
	h.tick("2027-01-01 12:00")
	same(t, "reminded of the first deadline", h.outbox.to(h.secretary.MemberID), []string{"待受理", "即将到期"})
	days := append(model.BuiltinDays(), model.CalendarDay{Date: "2027-01-01", Kind: model.DayHoliday, Name: "元旦"})
	h.calendars.cal = model.NewCalendar(days, model.CoverageOf(days))
	h.tick("2027-01-01 13:00")
	if got := h.read(h.author, d.ID); got.Provisional || model.DateOf(got.AcceptBy) != "2027-01-05" || len(got.Timeline) != 2 {
		t.Errorf("after the notice: %s, provisional %v", got.AcceptBy, got.Provisional)
	}
	if said := h.read(h.author, d.ID).Timeline[1]; said.Action != model.SuggestionReplan || said.Text != "放假安排已公布，受理期限由1月4日调整为1月5日，答复期限由1月18日调整为1月19日。" {
		t.Errorf("it is said: %+v", said)
	}
	same(t, "the author hears", h.outbox.to(h.author.MemberID), []string{"期限调整"})
	h.tick("2027-01-04 12:00")
	same(t, "reminded of the new deadline", h.outbox.to(h.secretary.MemberID), []string{"待受理", "即将到期", "期限调整", "即将到期"})
}

// Several replicas tick at the same moment: one of them escalates, and nobody fails.
func TestReplicasTickTogether(t *testing.T) {
	h := newHouse(t)
	h.at("2026-11-02 09:00")
	var ids []string
	for range 5 {
		ids = append(ids, h.submit(h.author, h.branch, false).ID)
	}
	h.at("2026-11-11 00:05")
	errs := make(chan error, 4)
	var all sync.WaitGroup
	for range cap(errs) {
		replica := suggestion.New(h.store, nil, h.files, &outbox{keys: map[string]bool{}}, h.calendars, policies{}, h.clock())
		all.Go(func() { errs <- replica.Tick(context.Background()) })
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Errorf("a replica failed: %v", err)
		}
	}
	for _, id := range ids {
		if got := h.read(h.author, id); got.Version != 2 || len(got.Timeline) != 2 || got.Holder.ID != h.society.ID {
			t.Errorf("version %d with %d lines at %s", got.Version, len(got.Timeline), got.Holder.Name)
		}
	}
}

// Two who handle it answer at the same moment: one is told that the other was first.
func TestTwoAnswerAtOnce(t *testing.T) {
	h := newHouse(t)
	d := h.submit(h.author, h.branch, false)
	errs := make(chan error, 2)
	for _, action := range []model.SuggestionAction{"accept", "decline"} {
		room := suggestion.New(h.store, nil, h.files, &outbox{keys: map[string]bool{}}, h.calendars, policies{}, h.clock())
		go func() {
			_, err := room.Step(context.Background(), h.secretary, d.ID, suggestion.Request{Action: action, Text: "x"})
			errs <- err
		}()
	}
	failed := 0
	for range 2 {
		if err := <-errs; err != nil {
			failed++
			if model.CodeOf(err) != model.CodeConflict {
				t.Errorf("the second: %v", err)
			}
		}
	}
	// Accepting first leaves declining possible; declining first leaves nothing.
	got := h.read(h.author, d.ID)
	if len(got.Timeline) != 3-failed || got.Version != 3-failed {
		t.Errorf("%d failed, %d lines, version %d", failed, len(got.Timeline), got.Version)
	}
}
