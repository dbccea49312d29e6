package meeting

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	maxMarks    = 100
	maxLabel    = 20
	maxBusyTime = 31 * 24 * time.Hour
)

// Busy are the actor's own busy marks that still matter.
func (s *Service) Busy(ctx context.Context, actor *model.Actor) ([]model.BusyMark, error) {
	return s.store.BusyMarks(ctx, actor.MemberID, s.clock())
}

// AddBusy marks an hour of the actor's own as taken, once or every week. Nobody else ever reads it. Errors: validation_failed, conflict when there are too many.
func (s *Service) AddBusy(ctx context.Context, actor *model.Actor, b model.BusyMark) (*model.BusyMark, error) {
	now := s.clock()
	b.ID, b.MemberID, b.CreatedAt = store.NewID(), actor.MemberID, now
	b.Label, b.Rule = model.SingleLine(b.Label), cleanRule(b.Rule)
	b.StartsAt, b.EndsAt = b.StartsAt.UTC().Truncate(time.Second), b.EndsAt.UTC().Truncate(time.Second)
	if err := checkBusy(&b, now); err != nil {
		return nil, err
	}
	over, err := busyEnd(&b)
	if err != nil {
		return nil, err
	}
	if b.OverAt = over; over != nil && !over.After(now) {
		return nil, model.BadField("ends_at", "in_the_past", "这段时间已经过去，不需要再标记。")
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		kept, err := tx.BusyMarks(ctx, actor.MemberID, now)
		if err != nil {
			return err
		}
		if len(kept) >= maxMarks {
			return model.Conflict("忙碌时段最多 100 条，请先删除不再需要的。")
		}
		return tx.AddBusyMark(ctx, &b)
	})
	if err != nil {
		return nil, err
	}
	return &b, nil
}

func checkBusy(b *model.BusyMark, now time.Time) error {
	var v model.Invalid
	checkText(&v, "label", "忙碌时段的说明", b.Label, maxLabel, false)
	longest := maxBusyTime
	if b.Rule != "" {
		longest = 7 * 24 * time.Hour
		if why := ruleFault(b.Rule, "WEEKLY"); why != "" {
			v.Add("rule", "invalid_rule", why)
		}
	}
	switch {
	case b.StartsAt.IsZero() || b.StartsAt.Year() < 2000 || b.StartsAt.After(now.AddDate(2, 0, 0)):
		v.Add("starts_at", "invalid_time", "请填写开始时间，不晚于两年之后。")
	case !b.EndsAt.After(b.StartsAt):
		v.Add("ends_at", "before_start", "结束时间应晚于开始时间。")
	case b.EndsAt.Sub(b.StartsAt) > longest:
		v.Add("ends_at", "too_long", "一段忙碌时间不应超过 31 天；每周重复的不应超过一周。")
	}
	return v.Err()
}

// busyEnd is when a mark no longer matters; nil while it comes again without an end.
func busyEnd(b *model.BusyMark) (*time.Time, error) {
	if b.Rule == "" {
		return &b.EndsAt, nil
	}
	rule, err := walk(b.Rule, b.StartsAt)
	if err != nil {
		return nil, err
	}
	if rule.OrigOptions.Count == 0 && rule.OrigOptions.Until.IsZero() {
		return nil, nil
	}
	last := b.StartsAt
	next := rule.Iterator()
	for range 60 * maxInterval { // a rule with an end may still name a day far off
		t, ok := next()
		if !ok {
			break
		}
		last = t
	}
	end := last.Add(b.EndsAt.Sub(b.StartsAt)).UTC()
	return &end, nil
}

// DropBusy removes a mark of the actor's own. Errors: not_found.
func (s *Service) DropBusy(ctx context.Context, actor *model.Actor, id string) error {
	return s.store.DropBusyMark(ctx, actor.MemberID, id)
}

// busySpans are the times of a mark that touch the stretch.
func busySpans(b *model.BusyMark, from, to time.Time) ([]model.Span, error) {
	if b.Rule == "" {
		return []model.Span{{StartsAt: b.StartsAt, EndsAt: b.EndsAt}}, nil
	}
	rule, err := walk(b.Rule, b.StartsAt)
	if err != nil {
		return nil, err
	}
	length := b.EndsAt.Sub(b.StartsAt)
	var out []model.Span
	for _, t := range rule.Between(from.Add(-length).In(model.Zone), to.In(model.Zone), true) {
		out = append(out, model.Span{StartsAt: t, EndsAt: t.Add(length)})
	}
	return out, nil
}

// diary is when the invited cannot come.
type diary struct {
	people   int
	fewest   int // so many people make a number about them nobody's
	meetings []store.Engagement
	uncalled []model.Span // planned meetings of the organisation without a list yet: nobody could come
	marks    []store.Engagement
}

// diaryOf reads when these people cannot come. Their own marks count only where they are enough people that the number tells about nobody.
func (s *Service) diaryOf(ctx context.Context, orgID string, ids []string, from, to time.Time) (*diary, error) {
	d := &diary{people: len(ids), fewest: s.policies.PolicyAt(s.clock()).Crowd()}
	var err error
	if d.meetings, err = s.store.EngagementsOf(ctx, ids, from, to); err != nil {
		return nil, err
	}
	if d.uncalled, err = s.store.UncalledSpans(ctx, orgID, from, to); err != nil {
		return nil, err
	}
	if !d.crowd() {
		return d, nil
	}
	marks, err := s.store.BusyMarksOf(ctx, ids, from, to)
	if err != nil {
		return nil, err
	}
	for i := range marks {
		spans, err := busySpans(&marks[i], from, to)
		if err != nil {
			return nil, err
		}
		for _, x := range spans {
			d.marks = append(d.marks, store.Engagement{MemberID: marks[i].MemberID, StartsAt: x.StartsAt, EndsAt: x.EndsAt})
		}
	}
	return d, nil
}

// crowd reports whether the people are enough for a number about their marks.
func (d *diary) crowd() bool { return d.people >= d.fewest }

// taken counts the people who cannot come at the time, each once.
func (d *diary) taken(at model.Span) int {
	for _, x := range d.uncalled {
		if x.Overlaps(at) {
			return d.people
		}
	}
	return countPeople(at, d.meetings, d.marks)
}

// inMeetings counts those who have another meeting then.
func (d *diary) inMeetings(at model.Span) int {
	for _, x := range d.uncalled {
		if x.Overlaps(at) {
			return d.people
		}
	}
	return countPeople(at, d.meetings)
}

// marked counts those whose own mark lies there; nil where the number would tell about somebody.
func (d *diary) marked(at model.Span) *int {
	if !d.crowd() {
		return nil
	}
	n := countPeople(at, d.marks)
	return &n
}

func countPeople(at model.Span, lists ...[]store.Engagement) int {
	who := map[string]bool{}
	for _, list := range lists {
		for _, e := range list {
			if e.Span().Overlaps(at) {
				who[e.MemberID] = true
			}
		}
	}
	return len(who)
}
