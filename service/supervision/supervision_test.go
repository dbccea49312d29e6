package supervision

import (
	"context"
	"fmt"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/supervision/yeartest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// profiles changes lectures from every quarter to every half-year from a day on; an empty day leaves the built-in profile.
type profiles struct{ from model.Date }

func (p profiles) PolicyAt(at time.Time) *model.Policy {
	policy := model.DefaultPolicy()
	if p.from != "" && model.DateOf(at) >= p.from {
		for i := range policy.Meetings {
			if policy.Meetings[i].Type == model.MeetingLecture {
				policy.Meetings[i].Every = model.EveryHalf
			}
		}
	}
	return policy
}

type calendar struct{}

func (calendar) Calendar(context.Context) (model.Calendar, error) {
	days := model.BuiltinDays()
	return model.NewCalendar(days, model.CoverageOf(days)), nil
}

func staff(y *yeartest.Year) *model.Actor {
	return &model.Actor{SessionID: "s", MemberID: y.Staff.ID, Powers: []model.Power{{OrgID: y.Society.ID, Path: y.Society.Path, Role: model.RoleStaff}},
		Places: []model.Place{{OrgID: y.Society.ID, Path: y.Society.Path}}}
}

// count is what the test works out by itself: straight loops over months and facts, with none of the service's code.
type count struct{ owed, done, planned, missed, open, behind int }

// period is a stretch of months, the first and the last of them.
type period struct{ first, last int }

func periodsOf(t model.MeetingType, lecturesByHalfFrom int) []period {
	var out []period
	switch t {
	case model.MeetingCommittee, model.MeetingPartyDay, model.MeetingGroup:
		for m := 1; m <= 12; m++ {
			out = append(out, period{m, m})
		}
	case model.MeetingAssembly:
		out = []period{{1, 3}, {4, 6}, {7, 9}, {10, 12}}
	case model.MeetingLecture:
		out = []period{{1, 3}, {4, 6}, {7, 9}, {10, 12}}
		if lecturesByHalfFrom == 7 {
			out = []period{{1, 3}, {4, 6}, {7, 12}}
		}
	case model.MeetingLife, model.MeetingReview:
		out = []period{{1, 12}}
	}
	return out
}

// expect counts what one branch with its groups owes and did.
func expect(y *yeartest.Year, b, lecturesByHalfFrom int, excused map[string]bool) count {
	var c count
	china := time.FixedZone("", 8*60*60)
	begin := func(month int) time.Time { return time.Date(y.Of, time.Month(month), 1, 0, 0, 0, 0, china) }
	one := func(group int, t model.MeetingType, founded model.Date) {
		since, err := time.ParseInLocation(time.DateOnly, string(founded), china)
		if err != nil {
			panic(err)
		}
		for _, p := range periodsOf(t, lecturesByHalfFrom) {
			from, to := begin(p.first), begin(p.last+1)
			if since.After(from) && 2*to.Sub(since) < to.Sub(from) {
				continue // founded when less than half of it was left
			}
			held, planned := 0, 0
			for _, m := range y.Meetings {
				if m.Branch != b || m.Group != group || m.Type != t || m.Cancelled() || m.StartsAt.Before(from) || !m.StartsAt.Before(to) {
					continue
				}
				came := len(m.Came)
				if m.JointID != "" {
					for _, lead := range y.Meetings {
						if lead.ID == m.JointID {
							came = len(lead.Came)
						}
					}
				}
				if m.EndsAt.After(y.Now) {
					planned++
				} else if came > 0 {
					held++
				}
			}
			c.owed++
			switch {
			case held > 0:
				c.done++
			case planned > 0:
				c.planned++
			case excused[fmt.Sprintf("%d/%s/%d", group, t, p.first)]:
			case !to.After(y.Now):
				c.missed++
				c.behind++
			case !from.After(y.Now):
				c.open++
			}
		}
	}
	for _, t := range []model.MeetingType{model.MeetingAssembly, model.MeetingCommittee, model.MeetingLecture, model.MeetingPartyDay, model.MeetingLife, model.MeetingReview} {
		one(-1, t, y.Branches[b].Founded)
	}
	for g := range y.Branches[b].Groups {
		one(g, model.MeetingGroup, y.Branches[b].Groups[g].Founded)
	}
	return c
}

// The radar of a whole generated year of twenty branches says what straight loops over the facts say.
func TestRadarAgainstPlainCounting(t *testing.T) {
	for _, c := range []struct {
		seed   uint64
		from   model.Date
		byHalf int
	}{{7, "", 0}, {2026, "", 0}, {41, "2026-07-01", 7}} {
		t.Run(fmt.Sprint(c.seed), func(t *testing.T) {
			s, ctx := storetest.Open(t), context.Background()
			y := yeartest.Make(c.seed, 2026, 20, storetest.Now())
			if err := y.Write(ctx, s); err != nil {
				t.Fatal(err)
			}
			room := New(s, profiles{c.from}, calendar{}, storetest.Clock)
			compare(t, room, y, c.byHalf)
		})
	}
}

func compare(t *testing.T, room *Service, y *yeartest.Year, byHalf int) {
	t.Helper()
	year, rows, err := room.Overview(context.Background(), staff(y), 0)
	if err != nil || year != 2026 || len(rows) != len(y.Branches) {
		t.Fatalf("%d rows of %d: %v", len(rows), year, err)
	}
	var all count
	for b, row := range rows {
		want := expect(y, b, byHalf, nil)
		f := row.Figures
		if got := (count{f.Owed, f.Done, f.Planned, f.Missed, f.Open, f.Behind}); got != want {
			t.Errorf("branch %d: %+v, counted %+v", b, got, want)
		}
		if row.Org.ID != y.Branches[b].Org.ID {
			t.Errorf("row %d is %s: not in the order of the tree", b, row.Org.Name)
		}
		if row.NeedsHelp != (want.behind >= 2) {
			t.Errorf("branch %d is offered help: %t, %d behind", b, row.NeedsHelp, want.behind)
		}
		overdue := 0
		for _, x := range y.Suggestions {
			if x.OrgID != row.Org.ID {
				continue
			}
			if x.State == model.SuggestionSubmitted && x.AcceptBy.Before(y.Now) || x.State == model.SuggestionAccepted && x.ReplyBy.Before(y.Now) {
				overdue++
			}
		}
		if row.OverdueSuggestions != overdue || row.OpenActions != 0 {
			t.Errorf("branch %d: %d overdue suggestions, %d actions; counted %d", b, row.OverdueSuggestions, row.OpenActions, overdue)
		}
		all.done, all.planned, all.missed, all.open = all.done+want.done, all.planned+want.planned, all.missed+want.missed, all.open+want.open
	}
	if all.done == 0 || all.planned == 0 || all.missed == 0 || all.open == 0 {
		t.Errorf("a year without all of them proves little: %+v", all)
	}
}

// pick is a branch with something missed in a month, and the first such item.
func pick(t *testing.T, room *Service, y *yeartest.Year, state model.ObligationState) (int, Item) {
	t.Helper()
	for b := range y.Branches {
		sheet, err := room.Obligations(context.Background(), staff(y), y.Branches[b].Org.ID, 2026)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range sheet.Items {
			if i.State == state && i.Org.ID == y.Branches[b].Org.ID {
				return b, i
			}
		}
	}
	t.Fatalf("nothing is %s", state)
	return 0, Item{}
}

func open(t *testing.T) (*Service, *store.Store, *yeartest.Year) {
	t.Helper()
	s := storetest.Open(t)
	y := yeartest.Make(7, 2026, 20, storetest.Now())
	if err := y.Write(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return New(s, profiles{}, calendar{}, storetest.Clock), s, y
}

func TestExcuse(t *testing.T) {
	room, _, y := open(t)
	ctx := context.Background()
	b, item := pick(t, room, y, model.ObligationMissed)
	before, err := room.Obligations(ctx, staff(y), item.OrgID, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key, reason string
		code        model.Code
	}{{item.Key, "没有时间", model.CodeInvalid}, {"lecture.2026-q9", "承担重大医疗保障任务", model.CodeNotFound}, {"x", "", model.CodeNotFound}, {"lecture.", "", model.CodeNotFound}} {
		if _, err := room.Excuse(ctx, staff(y), item.OrgID, c.key, c.reason, ""); model.CodeOf(err) != c.code {
			t.Errorf("%+v: %v", c, err)
		}
	}
	got, err := room.Excuse(ctx, staff(y), item.OrgID, item.Key, "承担重大医疗保障任务", "赴外地支援")
	if err != nil || got.State != model.ObligationExcused || got.Note != "赴外地支援" {
		t.Fatalf("%+v: %v", got, err)
	}
	after, err := room.Obligations(ctx, staff(y), item.OrgID, 0)
	if err != nil || after.Figures.Excused != before.Figures.Excused+1 || after.Figures.Missed != before.Figures.Missed-1 || after.Figures.Owed != before.Figures.Owed {
		t.Errorf("branch %d: %+v then %+v: %v", b, before.Figures, after.Figures, err)
	}
	if got, err = room.Excuse(ctx, staff(y), item.OrgID, item.Key, "", ""); err != nil || got.State != model.ObligationMissed {
		t.Errorf("taken back: %+v: %v", got, err)
	}
}

// Who may: the neighbour learns of nothing, a plain member of nothing, the committee reads, the secretary states reasons, the office arranges help.
func TestWhoMay(t *testing.T) {
	room, _, y := open(t)
	ctx := context.Background()
	_, item := pick(t, room, y, model.ObligationMissed)
	own := &item.Org
	other := &y.Branches[0].Org
	if other.ID == own.ID {
		other = &y.Branches[1].Org
	}
	at := func(o *model.Org, role model.Role) *model.Actor {
		a := &model.Actor{SessionID: "s", MemberID: "x", Places: []model.Place{{OrgID: o.ID, Path: o.Path}}}
		if role != "" {
			a.Powers = []model.Power{{OrgID: o.ID, Path: o.Path, Role: role}}
		}
		return a
	}
	const reason = "承担重大医疗保障任务"
	for _, c := range []struct {
		name               string
		actor              *model.Actor
		read, excuse, help model.Code
	}{
		{"the neighbour's secretary", at(other, model.RoleSecretary), model.CodeNotFound, model.CodeNotFound, model.CodeNotFound},
		{"a member", at(own, ""), model.CodeForbidden, model.CodeForbidden, model.CodeForbidden},
		{"the committee", at(own, model.RoleCommitteeMember), "", model.CodeForbidden, model.CodeForbidden},
		{"the secretary", at(own, model.RoleSecretary), "", "", model.CodeForbidden},
		{"the office", staff(y), "", "", ""},
	} {
		_, read := room.Obligations(ctx, c.actor, own.ID, 0)
		_, excuse := room.Excuse(ctx, c.actor, own.ID, item.Key, reason, "")
		help := room.Help(ctx, c.actor, own.ID, other.ID, "每月一次联合主题党日")
		for what, pair := range map[string][2]any{"read": {read, c.read}, "excuse": {excuse, c.excuse}, "help": {help, c.help}} {
			var got model.Code
			if err, _ := pair[0].(error); err != nil {
				got = model.CodeOf(err)
			}
			if got != pair[1] {
				t.Errorf("%s, %s: %q, want %q", c.name, what, got, pair[1])
			}
		}
		if _, _, err := room.Overview(ctx, c.actor, 0); (err == nil) != (c.help == "") {
			t.Errorf("%s, overview: %v", c.name, err)
		}
	}
	sheet, err := room.Obligations(ctx, staff(y), own.ID, 0)
	if err != nil || sheet.Helper == nil || sheet.Helper.ID != other.ID {
		t.Errorf("helped by %+v: %v", sheet.Helper, err)
	}
	for _, helper := range []string{own.ID, "nobody", y.Society.ID} {
		if err := room.Help(ctx, staff(y), own.ID, helper, ""); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("helped by %s: %v", helper, err)
		}
	}
	if err := room.Help(ctx, staff(y), own.ID, "", ""); err != nil {
		t.Error(err)
	}
}

// What can still be held in time has a slot of its own: within the period, after now, never in working hours, never two at once.
func TestSlotsAreProposed(t *testing.T) {
	room, _, y := open(t)
	cal, _ := calendar{}.Calendar(context.Background())
	proposed := 0
	for _, b := range y.Branches {
		sheet, err := room.Obligations(context.Background(), staff(y), b.Org.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		var taken []model.Span
		for _, i := range sheet.Items {
			if (i.State == model.ObligationOpen) != (i.Slot != nil) {
				t.Errorf("%s %s: %s, slot %v", b.Org.Name, i.Key, i.State, i.Slot)
			}
			if i.Slot == nil {
				continue
			}
			proposed++
			span := model.Span{StartsAt: i.Slot.StartsAt, EndsAt: i.Slot.EndsAt}
			if !span.StartsAt.After(y.Now) || model.DateOf(span.StartsAt) > i.Until || cal.WorkingHours(span.StartsAt, span.EndsAt) {
				t.Errorf("%s: at %s", i.Key, span.StartsAt)
			}
			for _, o := range taken {
				if o.Overlaps(span) {
					t.Errorf("%s: two at %s", b.Org.Name, span.StartsAt)
				}
			}
			taken = append(taken, span)
		}
	}
	if proposed == 0 {
		t.Error("nothing was proposed")
	}
}
