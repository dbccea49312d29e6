package meeting

import (
	"context"

	"zhibu/model"
	"zhibu/model/store"
)

// debts tell what an organisation owes by the profile: how many meetings of a type each period wants, against those that are planned or were held.
type debts struct {
	kind   model.OrgKind
	policy *model.Policy
	have   []store.MeetingKind
}

// debtsOf reads what debts are reckoned from, for days within a stretch.
func (s *Service) debtsOf(ctx context.Context, org *model.Org, policy *model.Policy, from, to model.Date) (*debts, error) {
	first, _ := model.EveryYear.Bounds(from) // no period is longer than a year
	_, last := model.EveryYear.Bounds(to)
	have, err := s.store.MeetingKinds(ctx, org.ID, first.Start(), last.Start())
	return &debts{kind: org.Kind, policy: policy, have: have}, err
}

// on is what is still missing in the periods that hold the day, in the order of the profile.
func (d *debts) on(day model.Date) []Owed {
	var out []Owed
	for _, duty := range d.policy.Meetings {
		if n := d.missing(duty, day); n > 0 {
			out = append(out, Owed{Type: duty.Type, Missing: n, Period: duty.Every.Words(day)})
		}
	}
	return out
}

func (d *debts) missing(duty model.MeetingDuty, day model.Date) int {
	from, to := duty.Every.Bounds(day)
	if duty.Times == 0 || from == "" || !duty.Type.Concerns(d.kind) {
		return 0
	}
	n := duty.Times
	for _, m := range d.have {
		if on := model.DateOf(m.StartsAt); m.Type == duty.Type && on >= from && on < to {
			n--
		}
	}
	return max(n, 0)
}
