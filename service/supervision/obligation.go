package supervision

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Item is one obligation with its meetings, and where something can still be held in time, a slot for it.
type Item struct {
	model.Obligation
	Org   model.Org
	State model.ObligationState
	Meets []model.HeldMeeting // the meetings held and planned
	Note  string              // what was added to the reason
	Slot  *model.Slot
}

// Sheet is what an organisation owes within a year, its groups included.
type Sheet struct {
	Org       model.Org
	Year      int
	Figures   Figures
	NeedsHelp bool
	Helper    *model.Org
	HelpNote  string
	Excuses   []string // reasons that the profile knows
	Items     []Item
}

// Obligations are what an organisation with its groups owes within a year. Errors: not_found, forbidden, validation_failed.
func (s *Service) Obligations(ctx context.Context, actor *model.Actor, orgID string, year int) (*Sheet, error) {
	now := s.clock()
	org, err := s.seen(ctx, actor, orgID)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeObligations(actor, org) {
		return nil, model.Forbidden("应开展的组织生活供本组织的工作人员查看。")
	}
	if year, err = s.year(year, now); err != nil {
		return nil, err
	}
	return s.sheet(ctx, org, year, now)
}

// seen is an organisation of which the actor knows.
func (s *Service) seen(ctx context.Context, actor *model.Actor, orgID string) (*model.Org, error) {
	org, err := s.store.Org(ctx, orgID)
	if err == nil && !model.CanSeeOrg(actor, org.Path) {
		err = model.NotFound("该组织")
	}
	return org, err
}

func (s *Service) sheet(ctx context.Context, org *model.Org, year int, now time.Time) (*Sheet, error) {
	l, err := s.ledger(ctx, org.Path, year, now)
	if err != nil {
		return nil, err
	}
	policy := s.policies.PolicyAt(now)
	sh := &Sheet{Org: *org, Year: year, Figures: l.figures(org.Path), Excuses: policy.Excuses, Items: []Item{}}
	sh.NeedsHelp = sh.Figures.Behind >= policy.Help.Missed
	sh.Helper, sh.HelpNote = l.helper(org.ID)
	today := model.DateOf(now)
	for _, o := range l.orgs {
		for _, ob := range l.owed[o.ID] {
			item := Item{Obligation: ob, Org: o, State: ob.State(today)}
			for _, id := range ob.Meetings {
				item.Meets = append(item.Meets, l.meetings[id])
			}
			for _, e := range l.excuses {
				if e.OrgID == o.ID && e.DutyKey == ob.Key {
					item.Note = e.Note
				}
			}
			sh.Items = append(sh.Items, item)
		}
	}
	return sh, s.propose(ctx, sh, now)
}

// propose gives each obligation that can still be met in time a slot of its own: the first in which the fewest are busy.
func (s *Service) propose(ctx context.Context, sh *Sheet, now time.Time) error {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	today := model.DateOf(now)
	policy := s.policies.PolicyAt(now)
	busy, err := s.store.MeetingSpans(ctx, sh.Org.Path, now, now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	for i := range sh.Items {
		item := &sh.Items[i]
		if item.State != model.ObligationOpen {
			continue
		}
		days := int(item.Until.Add(1).Start().Sub(today.Start()) / (24 * time.Hour))
		slots := model.Slots(cal.WithWork(policy.Work), policy.Slots, now, today, days, item.Minutes, func(at model.Span) int {
			n := 0
			for _, b := range busy {
				if b.Overlaps(at) {
					n++
				}
			}
			return n
		})
		if len(slots) > 0 {
			item.Slot = &slots[0]
			busy = append(busy, model.Span{StartsAt: slots[0].StartsAt, EndsAt: slots[0].EndsAt})
		}
	}
	return nil
}

// Excuse states a reason why what is owed within a period is not held; an empty reason takes it back.
// Errors: not_found, forbidden, validation_failed.
func (s *Service) Excuse(ctx context.Context, actor *model.Actor, orgID, key, reason, note string) (*Item, error) {
	now := s.clock()
	org, err := s.seen(ctx, actor, orgID)
	if err != nil {
		return nil, err
	}
	if !model.CanExcuse(actor, org.Path) {
		return nil, model.Forbidden("情况说明由支部书记或党办填写。")
	}
	owed, year := s.owed(org, key)
	if owed == nil {
		return nil, model.NotFound("这一项应开展的组织生活")
	}
	reason, note = strings.TrimSpace(reason), strings.TrimSpace(note)
	if err := s.checkExcuse(owed, reason, note, now); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		verb := "obligation.excuse"
		if reason == "" {
			verb = "obligation.unexcuse"
			if _, err := tx.DropObligationExcuse(ctx, org.ID, key); err != nil {
				return err
			}
		} else if err := tx.PutObligationExcuse(ctx, &model.ObligationExcuse{OrgID: org.ID, DutyKey: key, Reason: reason, Note: note, CreatedBy: actor.MemberID, CreatedAt: now}); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, verb, "org:"+org.ID, org.ID, map[string]string{"key": key})
	})
	if err != nil {
		return nil, err
	}
	sh, err := s.sheet(ctx, org, year, now)
	if err != nil {
		return nil, err
	}
	for i := range sh.Items {
		if sh.Items[i].OrgID == org.ID && sh.Items[i].Key == key {
			return &sh.Items[i], nil
		}
	}
	return nil, model.NotFound("这一项应开展的组织生活")
}

// checkExcuse: the reason is one of those that the profile of the period knows, or the present one.
func (s *Service) checkExcuse(o *model.Obligation, reason, note string, now time.Time) error {
	var faults model.Invalid
	known := append(slices.Clone(s.policies.PolicyAt(o.From.Start()).Excuses), s.policies.PolicyAt(now).Excuses...)
	if reason != "" && !slices.Contains(known, reason) {
		faults.Add("reason", "invalid_value", "请从制度规定的情形中选择："+strings.Join(s.policies.PolicyAt(now).Excuses, "、")+"。")
	}
	if utf8.RuneCountInString(note) > 200 {
		faults.Add("note", "too_long", "补充说明不能超过 200 个字。")
	}
	return faults.Err()
}

// owed finds the obligation of this key; nil when there is none.
func (s *Service) owed(org *model.Org, key string) (*model.Obligation, int) {
	_, period, _ := strings.Cut(key, ".")
	first := model.Date(period[:min(4, len(period))] + "-01-01")
	if !first.Valid() {
		return nil, 0
	}
	year := first.Start().Year()
	for _, o := range model.Obligations(s.policies, org, year) {
		if o.Key == key {
			return &o, year
		}
	}
	return nil, 0
}

// Help arranges which branch helps another (一对一帮扶); an empty helper ends it. Errors: not_found, forbidden, validation_failed, conflict.
func (s *Service) Help(ctx context.Context, actor *model.Actor, orgID, helperID, note string) error {
	now := s.clock()
	org, err := s.seen(ctx, actor, orgID)
	if err != nil {
		return err
	}
	if !model.CanArrangeHelp(actor, org.Path) {
		return model.Forbidden("一对一帮扶由党办安排。")
	}
	if err := s.checkHelp(ctx, actor, org, helperID, note); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if helperID == "" {
			if _, err := tx.DropHelpLink(ctx, org.ID); err != nil {
				return err
			}
		} else if err := tx.PutHelpLink(ctx, &model.HelpLink{OrgID: org.ID, HelperID: helperID, Note: strings.TrimSpace(note), CreatedBy: actor.MemberID, CreatedAt: now}); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "help.arrange", "org:"+org.ID, org.ID, map[string]string{"helper": helperID})
	})
}

func (s *Service) checkHelp(ctx context.Context, actor *model.Actor, org *model.Org, helperID, note string) error {
	var faults model.Invalid
	if org.Kind != model.OrgBranch {
		faults.Add("id", "invalid_value", "帮扶的对象应是党支部。")
	}
	if utf8.RuneCountInString(note) > 200 {
		faults.Add("note", "too_long", "说明不能超过 200 个字。")
	}
	if helperID == org.ID {
		faults.Add("helper_id", "invalid_value", "请选择另一个党支部结对。")
	} else if helperID != "" {
		helper, err := s.seen(ctx, actor, helperID)
		if err != nil && !model.IsNotFound(err) {
			return err
		}
		if err != nil || helper.Kind != model.OrgBranch {
			faults.Add("helper_id", "not_found", "没有找到用来结对的党支部。")
		}
	}
	return faults.Err()
}
