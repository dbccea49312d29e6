// Package supervision is the office's and the branches' radar: what is owed, done, planned and excused, and who is offered help. Nothing here is a score,
// and nothing is sorted by one: branches stand in the order of the tree.
package supervision

import (
	"context"
	"fmt"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Calendars hands out the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Service is the room.
type Service struct {
	store     *store.Store
	policies  model.Policies
	calendars Calendars
	clock     model.Clock
}

// New makes the room.
func New(s *store.Store, policies model.Policies, calendars Calendars, clock model.Clock) *Service {
	return &Service{store: s, policies: policies, calendars: calendars, clock: clock}
}

// Figures are the sums of a year's obligations.
type Figures struct {
	Owed, Done, Planned, Excused int
	Missed                       int // of periods that are over
	Open                         int // can still be held in time, and is not planned
	Behind                       int // periods that are over with something missing
}

func (f *Figures) add(o *model.Obligation, today model.Date) {
	f.Owed += o.Owed
	f.Done += o.Done()
	f.Planned += o.Coming()
	f.Excused += o.Excused()
	switch {
	case o.Missing() == 0:
	case today > o.Until:
		f.Missed += o.Missing()
		f.Behind++
	case today >= o.From:
		f.Open += o.Missing()
	}
}

// Row is one branch in the overview, its groups included.
type Row struct {
	Org                model.Org
	Figures            Figures
	OverdueSuggestions int
	OpenActions        int
	NeedsHelp          bool
	Helper             *model.Org // who helps it already
	HelpNote           string
}

// Overview is every branch that the actor supervises, in the order of the tree. Errors: forbidden, validation_failed.
func (s *Service) Overview(ctx context.Context, actor *model.Actor, year int) (int, []Row, error) {
	now := s.clock()
	year, err := s.year(year, now)
	if err != nil {
		return 0, nil, err
	}
	if !actor.HasAnywhere(model.RoleStaff) {
		return 0, nil, model.Forbidden("这项功能供党办工作人员使用。")
	}
	l, err := s.ledger(ctx, model.EverywherePath, year, now)
	if err != nil {
		return 0, nil, err
	}
	overdue, err := s.store.OverdueSuggestionsBy(ctx, now)
	if err != nil {
		return 0, nil, err
	}
	actions, err := s.store.OpenActionsBy(ctx)
	if err != nil {
		return 0, nil, err
	}
	help := s.policies.PolicyAt(now).Help.Missed
	rows := []Row{}
	for _, o := range l.orgs {
		if o.Kind != model.OrgBranch || !actor.Has(model.RoleStaff, o.Path) {
			continue
		}
		row := Row{Org: o, OverdueSuggestions: sumUnder(overdue, o.Path), OpenActions: sumUnder(actions, o.Path), Figures: l.figures(o.Path)}
		row.NeedsHelp = row.Figures.Behind >= help
		row.Helper, row.HelpNote = l.helper(o.ID)
		rows = append(rows, row)
	}
	return year, rows, nil
}

func sumUnder(counts map[string]int, path string) int {
	n := 0
	for at, k := range counts {
		if model.Within(at, path) {
			n += k
		}
	}
	return n
}

// year is the one asked for, or the present one.
func (s *Service) year(year int, now time.Time) (int, error) {
	present := now.In(model.Zone).Year()
	switch {
	case year == 0:
		return present, nil
	case year < 2000 || year > present+1:
		return 0, model.BadField("year", "out_of_range", fmt.Sprintf("年份应在 2000 至 %d 之间。", present+1))
	}
	return year, nil
}

// ledger is all that a subtree owes within a year, settled.
type ledger struct {
	now      time.Time
	orgs     []model.Org // in the order of the tree
	owed     map[string][]model.Obligation
	meetings map[string]model.HeldMeeting
	excuses  []model.ObligationExcuse
	links    map[string]model.HelpLink
	named    map[string]model.Org
}

func (s *Service) ledger(ctx context.Context, path string, year int, now time.Time) (*ledger, error) {
	all, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	l := &ledger{now: now, owed: map[string][]model.Obligation{}, meetings: map[string]model.HeldMeeting{}, links: map[string]model.HelpLink{}, named: map[string]model.Org{}}
	first := model.Date(fmt.Sprintf("%04d-01-01", year))
	_, next := model.EveryYear.Bounds(first)
	held, err := s.store.HeldMeetings(ctx, path, first.Start(), next.Start())
	if err != nil {
		return nil, err
	}
	if l.excuses, err = s.store.ObligationExcuses(ctx, path, year); err != nil {
		return nil, err
	}
	links, err := s.store.HelpLinks(ctx, path)
	if err != nil {
		return nil, err
	}
	for _, x := range links {
		l.links[x.OrgID] = x
	}
	byOrg := map[string][]model.HeldMeeting{}
	for _, m := range held {
		byOrg[m.OrgID] = append(byOrg[m.OrgID], m)
		l.meetings[m.ID] = m
	}
	reasons := map[string][]model.ObligationExcuse{}
	for _, e := range l.excuses {
		reasons[e.OrgID] = append(reasons[e.OrgID], e)
	}
	for _, o := range model.TreeOrder(all) {
		l.named[o.ID] = o
		if !model.Within(o.Path, path) {
			continue
		}
		l.orgs = append(l.orgs, o)
		owed := model.Obligations(s.policies, &o, year)
		model.Settle(owed, byOrg[o.ID], reasons[o.ID], now)
		l.owed[o.ID] = owed
	}
	return l, nil
}

// figures are the sums of a branch with its groups.
func (l *ledger) figures(path string) Figures {
	var f Figures
	today := model.DateOf(l.now)
	for _, o := range l.orgs {
		if !model.Within(o.Path, path) {
			continue
		}
		owed := l.owed[o.ID]
		for i := range owed {
			f.add(&owed[i], today)
		}
	}
	return f
}

func (l *ledger) helper(orgID string) (*model.Org, string) {
	link, ok := l.links[orgID]
	if !ok {
		return nil, ""
	}
	org, ok := l.named[link.HelperID]
	if !ok {
		return nil, ""
	}
	return &org, link.Note
}
