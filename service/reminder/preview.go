package reminder

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Preview is one of the times to come.
type Preview struct {
	Planned     time.Time // by the rule
	At          time.Time // when it goes out
	Provisional bool      // the year's holidays are not published yet
	Skipped     string    // why it does not go out
	Moved       string    // why it goes out later than the rule says
	Recipients  *int      // how many would get it; nil where the number would tell who has not read
}

const (
	previewLength = 10
	fewest        = 5 // readers are counted among five or more, never fewer
)

// Preview lists the next ten times by the rule, those to be skipped among them, and how many would get each if it went out now. Of a paused
// reminder it lists what would come if it were resumed now.
// Errors: not_found.
func (s *Service) Preview(ctx context.Context, actor *model.Actor, id string) ([]Preview, string, error) {
	now := s.clock()
	row, err := find(ctx, s.store, actor, id)
	if err != nil {
		return nil, "", err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, "", err
	}
	items, err := s.preview(ctx, row, cal, now)
	if err != nil {
		return nil, "", err
	}
	switch {
	case row.Paused:
		return items, "提醒已暂停；恢复后将按以下时间提醒", nil
	case len(items) == 0:
		return items, "规则已到期，今后不再提醒", nil
	}
	return items, "", nil
}

// Plan is the preview of a reminder that is not made. Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Plan(ctx context.Context, actor *model.Actor, d Draft) ([]Preview, string, error) {
	now := s.clock()
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, "", err
	}
	r, org, err := s.prepare(ctx, actor, d, cal, now)
	if err != nil {
		return nil, "", err
	}
	items, err := s.preview(ctx, &store.ReminderRow{Reminder: *r, Org: *org}, cal, now)
	return items, ruleWords(r.Rule, r.At, r.StartsOn), err
}

func (s *Service) preview(ctx context.Context, row *store.ReminderRow, cal model.Calendar, now time.Time) ([]Preview, error) {
	items := []Preview{}
	if row.NextPlanned == nil {
		return items, nil
	}
	plan, err := newSchedule(&row.Reminder, cal, s.hours)
	if err != nil {
		return nil, err
	}
	to, err := s.reachOf(ctx, s.store, row)
	if err != nil {
		return nil, err
	}
	empty, err := to.empty(ctx, s.store)
	if err != nil {
		return nil, err
	}
	count, err := s.count(ctx, to)
	if err != nil {
		return nil, err
	}
	walk := plan.from(*row.NextPlanned)
	for t, ok := walk(); ok && len(items) < previewLength; t, ok = walk() {
		f := plan.judge(t, row.Paused, now)
		if f.state != "" && f.state != model.OccurrenceFired {
			continue // over, though not noted yet
		}
		p := Preview{Planned: f.planned, At: f.sendAt, Provisional: f.provisional, Skipped: f.skipped, Recipients: count}
		if p.Skipped == "" {
			p.Skipped = to.bar(f.sendAt)
		}
		if p.Skipped == "" {
			p.Skipped = empty
		}
		if p.Skipped != "" {
			p.Recipients = new(int)
		} else {
			p.Moved = f.reason
		}
		items = append(items, p)
	}
	return items, nil
}

// count counts an audience, where the number does not tell who has not read something.
func (s *Service) count(ctx context.Context, to *reach) (*int, error) {
	if to.discreet || to.nobody != "" {
		return nil, nil
	}
	n, err := s.counter.CountAudience(ctx, to.audience)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

// Occurrences lists what became of a reminder's times, the latest first. Errors: not_found, validation_failed for the cursor.
func (s *Service) Occurrences(ctx context.Context, actor *model.Actor, id string, page model.Page) ([]model.ReminderOccurrence, string, error) {
	if _, err := find(ctx, s.store, actor, id); err != nil {
		return nil, "", err
	}
	return s.store.Occurrences(ctx, id, page)
}
