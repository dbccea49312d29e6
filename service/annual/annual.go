// Package annual is the room of the annual check (年检): it lists only what is missing, each with the tap that mends it or the reason why it stays, and
// keeps a hashed snapshot when it is frozen. Nobody fills in a form.
package annual

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Service makes checks.
type Service struct {
	store    *store.Store
	policies model.Policies
	clock    model.Clock
}

// New makes the room.
func New(s *store.Store, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, policies: policies, clock: clock}
}

// Frozen is a kept check and how it stands to what is known now.
type Frozen struct {
	model.AnnualSnapshot
	Facts   model.AnnualFacts
	Intact  bool     // the kept bytes are those whose digest was kept
	Matches bool     // a check made now says the same
	Changed []string // the keys of the items that are new, gone or said otherwise
}

// Check is the check of one organisation and year as things stand.
type Check struct {
	Org    model.Org
	Year   int
	Duties model.AnnualDuties
	Items  []model.AnnualItem // those without a reason first in their order, then those explained
	Frozen *Frozen            // nil while it was not frozen
}

// Missing is how many items nothing was said of.
func (c *Check) Missing() int {
	return len(slices.DeleteFunc(slices.Clone(c.Items), func(it model.AnnualItem) bool { return it.Reason != "" }))
}

// CheckYear refuses a year that lies ahead or before all records. Errors: validation_failed.
func (s *Service) CheckYear(year int) (int, error) {
	now := s.clock().In(model.Zone).Year()
	switch {
	case year == 0:
		return now, nil
	case year < 2000 || year > now:
		return 0, model.BadField("year", "out_of_range", "请选择今年或以前的年度。")
	}
	return year, nil
}

// Check makes the check of one organisation, a branch's with its groups. Errors: not_found, forbidden, validation_failed.
func (s *Service) Check(ctx context.Context, actor *model.Actor, orgID string, year int) (*Check, error) {
	o, err := s.org(ctx, s.store, actor, orgID, model.CanSeeAnnual, "年检情况供支部委员及党办查看。")
	if err != nil {
		return nil, err
	}
	if year, err = s.CheckYear(year); err != nil {
		return nil, err
	}
	return s.make(ctx, s.store, o, year)
}

func (s *Service) org(ctx context.Context, from *store.Store, actor *model.Actor, id string, may func(*model.Actor, *model.Org) bool, refusal string) (*model.Org, error) {
	o, err := from.Org(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case may(actor, o):
		return o, nil
	case model.CanSeeOrg(actor, o.Path):
		return nil, model.Forbidden(refusal)
	}
	return nil, model.NotFound("该组织")
}

// All makes the checks of all branches that the office answers for, in the order of the tree. Errors: forbidden, validation_failed.
func (s *Service) All(ctx context.Context, actor *model.Actor, year int) ([]Check, int, error) {
	if !actor.HasAnywhere(model.RoleStaff) {
		return nil, 0, model.Forbidden("各支部年检情况供党办工作人员查看。")
	}
	year, err := s.CheckYear(year)
	if err != nil {
		return nil, 0, err
	}
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, 0, err
	}
	out := []Check{}
	for _, o := range model.TreeOrder(orgs) {
		if o.Kind != model.OrgBranch || !actor.Has(model.RoleStaff, o.Path) {
			continue
		}
		c, err := s.make(ctx, s.store, &o, year)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, *c)
	}
	return out, year, nil
}

// Explain states why an item stays as it is; an empty reason takes it back.
// Errors: not_found also for a key that the check does not list, forbidden, validation_failed.
func (s *Service) Explain(ctx context.Context, actor *model.Actor, orgID string, year int, key, reason string) (*Check, error) {
	now := s.clock()
	var out *Check
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := s.org(ctx, tx, actor, orgID, model.CanAnswerAnnual, "年检事项由支部书记或党办说明。")
		if err != nil {
			return err
		}
		if year, err = s.CheckYear(year); err != nil {
			return err
		}
		c, err := s.make(ctx, tx, o, year)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(c.Items, func(it model.AnnualItem) bool { return it.Key == key }) {
			return model.NotFound("这项年检事项")
		}
		clean := model.SingleLine(reason)
		if n := len([]rune(clean)); n > model.MaxAnnualReason {
			return model.BadField("reason", "too_long", fmt.Sprintf("原因不能超过 %d 个字。", model.MaxAnnualReason))
		}
		if clean == "" {
			err = tx.DropAnnualReason(ctx, o.ID, year, key)
		} else {
			err = tx.PutAnnualReason(ctx, &model.AnnualReason{OrgID: o.ID, Year: year, ItemKey: key, Reason: clean, WrittenBy: actor.MemberID, UpdatedAt: now})
		}
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "annual.explain", "org:"+o.ID, o.ID, map[string]string{"year": fmt.Sprint(year), "item": key}); err != nil {
			return err
		}
		out, err = s.make(ctx, tx, o, year)
		return err
	})
	return out, err
}

// Freeze keeps the check as it is now. Where the last one kept says the same, nothing is added.
// Errors: not_found, forbidden, validation_failed, conflict when another was frozen at the same moment.
func (s *Service) Freeze(ctx context.Context, actor *model.Actor, orgID string, year int) (*Check, error) {
	now := s.clock()
	var out *Check
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := s.org(ctx, tx, actor, orgID, model.CanAnswerAnnual, "年检由支部书记或党办存档。")
		if err != nil {
			return err
		}
		if year, err = s.CheckYear(year); err != nil {
			return err
		}
		c, err := s.make(ctx, tx, o, year)
		if err != nil {
			return err
		}
		if c.Frozen != nil && c.Frozen.Matches && c.Frozen.Intact {
			out = c
			return nil
		}
		body, sum, err := c.facts().Canonical()
		if err != nil {
			return model.Fail(model.CodeInternal, "年检存档没有成功，请稍后再试。").Because(err)
		}
		x := &model.AnnualSnapshot{ID: store.NewID(), OrgID: o.ID, Year: year, Seq: 1, Body: body, Sha256: sum, FrozenBy: actor.MemberID, FrozenAt: now}
		if c.Frozen != nil {
			x.Seq = c.Frozen.Seq + 1
		}
		first, err := tx.AddAnnualSnapshot(ctx, x)
		if err == nil && !first {
			err = model.Conflict("年检刚由他人存档，请刷新后再看。")
		}
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "annual.freeze", "org:"+o.ID, o.ID, map[string]string{"year": fmt.Sprint(year), "sha256": sum}); err != nil {
			return err
		}
		out, err = s.make(ctx, tx, o, year)
		return err
	})
	return out, err
}

func (c *Check) facts() *model.AnnualFacts {
	return &model.AnnualFacts{OrgID: c.Org.ID, Org: c.Org.Name, Year: c.Year, Duties: c.Duties, Items: c.Items}
}

func (s *Service) make(ctx context.Context, from *store.Store, o *model.Org, year int) (*Check, error) {
	now := s.clock()
	c := &Check{Org: *o, Year: year, Items: []model.AnnualItem{}}
	first, end := model.Date(fmt.Sprintf("%04d-01-01", year)), model.Date(fmt.Sprintf("%04d-01-01", year+1))
	for _, part := range []func(context.Context, *store.Store, *Check, time.Time, time.Time, time.Time) error{
		s.secretary, s.meetings, s.minutes, s.suggestions, s.actions,
	} {
		if err := part(ctx, from, c, first.Start().UTC(), end.Start().UTC(), now); err != nil {
			return nil, err
		}
	}
	reasons, err := from.AnnualReasons(ctx, o.ID, year)
	if err != nil {
		return nil, err
	}
	for i := range c.Items {
		c.Items[i].Reason = reasons[c.Items[i].Key].Reason
	}
	slices.SortStableFunc(c.Items, func(a, b model.AnnualItem) int { return explained(a) - explained(b) })
	snap, err := from.AnnualSnapshot(ctx, o.ID, year)
	if model.IsNotFound(err) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	c.Frozen, err = compare(snap, c)
	return c, err
}

func explained(it model.AnnualItem) int {
	if it.Reason != "" {
		return 1
	}
	return 0
}

// compare lays a frozen check beside one made now.
func compare(snap *model.AnnualSnapshot, c *Check) (*Frozen, error) {
	f := &Frozen{AnnualSnapshot: *snap, Intact: snap.Intact(), Changed: []string{}}
	_, sum, err := c.facts().Canonical()
	if err != nil {
		return nil, model.Fail(model.CodeInternal, "年检存档没有读出，请稍后再试。").Because(err)
	}
	f.Matches = sum == snap.Sha256
	readable := json.Unmarshal([]byte(snap.Body), &f.Facts) == nil
	if !readable { // somebody wrote over it; what is left of it is not shown
		f.Intact = false
		return f, nil
	}
	before, after := map[string]model.AnnualItem{}, map[string]model.AnnualItem{}
	for _, it := range f.Facts.Items {
		before[it.Key] = it
	}
	for _, it := range c.Items {
		it.Path, it.Mend = "", ""
		after[it.Key] = it
		if before[it.Key] != it {
			f.Changed = append(f.Changed, it.Key)
		}
	}
	for _, it := range f.Facts.Items {
		if _, still := after[it.Key]; !still {
			f.Changed = append(f.Changed, it.Key)
		}
	}
	return f, nil
}

func (s *Service) secretary(ctx context.Context, from *store.Store, c *Check, _, _, _ time.Time) error {
	if c.Org.Kind == model.OrgGroup {
		return nil
	}
	grants, err := from.SecretariesOf(ctx, c.Org.ID)
	if err == nil && len(grants) == 0 {
		c.Items = append(c.Items, model.AnnualItem{Key: "secretary", Kind: model.AnnualSecretary, Title: "支部书记", Text: "目前没有支部书记", Path: "/orgs/" + c.Org.ID + "/handovers",
			Mend: "请党办确定书记人选，并办理交接"})
	}
	return err
}

// meetings are reckoned by the one rule that the radar goes by.
func (s *Service) meetings(ctx context.Context, from *store.Store, c *Check, first, end, now time.Time) error {
	orgs, err := from.OrgsUnder(ctx, c.Org.Path)
	if err != nil {
		return err
	}
	if c.Org.Kind != model.OrgBranch { // a committee answers for itself; its branches have checks of their own
		orgs = []model.Org{c.Org}
	}
	held, err := from.HeldMeetings(ctx, c.Org.Path, first, end)
	if err != nil {
		return err
	}
	excuses, err := from.ObligationExcuses(ctx, c.Org.Path, c.Year)
	if err != nil {
		return err
	}
	for _, o := range orgs {
		owed := model.Obligations(s.policies, &o, c.Year)
		model.Settle(owed, held, excuses, now)
		prefix, name := "", ""
		if o.ID != c.Org.ID {
			prefix, name = o.ID+":", o.Name+" "
		}
		items, sum := model.AnnualItems(owed, prefix, name, model.DateOf(now))
		c.Items = append(c.Items, items...)
		c.Duties.Owed += sum.Owed
		c.Duties.Done += sum.Done
		c.Duties.Planned += sum.Planned
		c.Duties.Excused += sum.Excused
		c.Duties.Missing += sum.Missing
	}
	return nil
}

func (c *Check) scope() store.Scope {
	return store.Scope{OrgID: c.Org.ID, Path: c.Org.Path, Below: c.Org.Kind == model.OrgBranch || c.Org.Kind == model.OrgGroup}
}

func (s *Service) minutes(ctx context.Context, from *store.Store, c *Check, first, end, now time.Time) error {
	rows, err := from.RecordedMeetings(ctx, c.scope(), first, end, now)
	for _, m := range rows {
		locked := m.Minutes != nil && m.Minutes.State == model.MinutesLocked
		if locked || m.Present == 0 || !model.MadeLate(m.EndsAt, now, s.policies.PolicyAt(m.EndsAt).Minutes.LateAfterDays) {
			continue
		}
		text := "会议记录尚未形成"
		if m.Minutes != nil {
			text = "会议记录尚未由主持人、记录人签名"
		}
		c.Items = append(c.Items, model.AnnualItem{Key: "minutes:" + m.ID, Kind: model.AnnualMinutes, Title: string(model.DateOf(m.StartsAt)) + " " + m.Type.Label() + "：" + m.Topic, Text: text,
			Path: "/meetings/" + m.ID + "/minutes", Mend: "补写并签署会议记录"})
	}
	return err
}

func (s *Service) suggestions(ctx context.Context, from *store.Store, c *Check, _, end, now time.Time) error {
	rows, err := from.OpenSuggestionsUnder(ctx, c.Org.Path)
	for _, m := range rows {
		due := m.Due()
		if !due.Before(now) || !due.Before(end) || (!c.scope().Below && m.OrgID != c.Org.ID) {
			continue
		}
		c.Items = append(c.Items, model.AnnualItem{Key: "suggestion:" + m.ID, Kind: model.AnnualSuggestion, Title: m.Title, Text: m.State.Label() + "，期限 " + string(model.DateOf(due)) + "，已超期",
			Path: "/suggestions/" + m.ID, Mend: "请办理并答复"})
	}
	return err
}

func (s *Service) actions(ctx context.Context, from *store.Store, c *Check, _, end, now time.Time) error {
	rows, err := from.OpenActionsUnder(ctx, c.Org.Path)
	for _, x := range rows {
		if !x.Overdue(now) || x.DueOn >= model.DateOf(end) || (!c.scope().Below && x.OrgID != c.Org.ID) {
			continue
		}
		c.Items = append(c.Items, model.AnnualItem{Key: "action:" + x.ID, Kind: model.AnnualAction, Title: strings.TrimSpace(x.Content), Text: "要求 " + string(x.DueOn) + " 前完成，尚未办结",
			Path: "/actions/" + x.ID, Mend: "办结后填写完成情况"})
	}
	return err
}
