package reminder

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

const previewLength = 10

// Outlook is what is to come of a reminder.
type Outlook struct {
	Times []Preview
	Words string // the rule as people say it
	Note  string // what holds for more than one of the times, in Chinese; often empty

	weekly int // how often a phone rings within a week
	fewest int // people among whom readers are counted
}

// Preview lists the next ten times by the rule, those to be skipped among them, and how many would get each if it went out now. Of a paused
// reminder it lists what would come if it were resumed now.
// Errors: not_found.
func (s *Service) Preview(ctx context.Context, actor *model.Actor, id string) (*Outlook, error) {
	now := s.clock()
	row, err := find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	return s.preview(ctx, row, cal, now)
}

// Plan is the preview of a reminder that is not made. Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Plan(ctx context.Context, actor *model.Actor, d Draft) (*Outlook, error) {
	now := s.clock()
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	r, org, err := s.prepare(ctx, actor, d, cal, now)
	if err != nil {
		return nil, err
	}
	return s.preview(ctx, &store.ReminderRow{Reminder: *r, Org: *org}, cal, now)
}

func (s *Service) preview(ctx context.Context, row *store.ReminderRow, cal model.Calendar, now time.Time) (*Outlook, error) {
	out := &Outlook{weekly: s.policy().Budget.PerWeek, fewest: s.policy().Crowd(), Times: []Preview{}, Words: ruleWords(&row.Reminder, model.DateOf(now))}
	if row.NextPlanned == nil {
		out.Note = endedNote
		return out, nil
	}
	plan, err := newSchedule(&row.Reminder, cal, s.policy().Push)
	if err != nil {
		return nil, err
	}
	to, err := s.reachOf(ctx, s.store, row)
	if err != nil {
		return nil, err
	}
	if err := to.look(ctx, s.store); err != nil {
		return nil, err
	}
	count, err := s.count(ctx, to)
	if err != nil {
		return nil, err
	}
	walk := plan.from(*row.NextPlanned)
	for t, ok := walk(); ok && len(out.Times) < previewLength; t, ok = walk() {
		f := plan.judge(t, row.Paused, now)
		if f.state != "" && f.state != model.OccurrenceFired {
			continue // over, though not noted yet
		}
		p := Preview{Planned: f.planned, At: f.sendAt, Provisional: f.provisional, Skipped: f.skipped, Recipients: count}
		if p.Skipped == "" {
			p.Skipped = to.bar(f.sendAt)
		}
		if p.Skipped == "" {
			p.Skipped = to.vacant
		}
		if p.Skipped != "" {
			p.Recipients = new(int)
		} else {
			p.Moved = f.reason
		}
		out.Times = append(out.Times, p)
	}
	out.Note = out.note(row.Paused, to)
	return out, nil
}

// note gathers what a preview's reader should know beside the single times.
func (o *Outlook) note(paused bool, to *reach) string {
	var notes []string
	if paused {
		notes = append(notes, "提醒已暂停，恢复后将按以下时间提醒")
	}
	if to.narrowed != "" && to.nobody == "" {
		notes = append(notes, to.narrowed)
	}
	if to.discreet {
		notes = append(notes, fmt.Sprintf("接收范围不足 %d 人，为不透露个人学习情况，不显示人数", o.fewest))
	}
	if i := slices.IndexFunc(o.Times, func(p Preview) bool { return p.Provisional && p.Skipped == "" }); i >= 0 {
		notes = append(notes, fmt.Sprintf("%d 年的放假安排尚未公布，该年的时间届时可能顺延或取消", o.Times[i].At.In(model.Zone).Year()))
	}
	if o.crowded() {
		notes = append(notes, fmt.Sprintf("每人每周至多响铃 %d 次，一周内超出的并入晚间摘要", o.weekly))
	}
	return strings.Join(notes, "；")
}

// crowded reports whether some week has more messages than the week's budget lets ring.
func (o *Outlook) crowded() bool {
	weeks := map[time.Time]int{}
	for _, p := range o.Times {
		if p.Skipped == "" {
			monday, _ := model.WeekOf(p.At)
			weeks[monday]++
			if weeks[monday] > o.weekly {
				return true
			}
		}
	}
	return false
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
