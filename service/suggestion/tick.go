package suggestion

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// clockRole stands in the timeline for what the program did by itself.
const clockRole = "期限提醒"

// Tick looks at the clock of every open suggestion: it computes deadlines anew where holidays have been published since, reminds those
// who handle it a working day before the deadline and when it has passed, and a working day later hands it to the parent
// organisation, or at the top tells the office. Each is done once, however many replicas tick.
func (s *Service) Tick(ctx context.Context) error {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	now := s.clock()
	errs := []error{s.catchUp(ctx, now)}
	for after := ""; ; {
		rows, err := s.store.SuggestionsOnTheClock(ctx, after, 200)
		if err != nil || len(rows) == 0 {
			return errors.Join(append(errs, err)...)
		}
		for _, m := range rows {
			after = m.ID
			if !m.Replan(cal) && m.Alarm(cal, now) == model.AlarmNone {
				continue
			}
			err := s.tick(ctx, m.ID, cal, now)
			if model.CodeOf(err) == model.CodeConflict { // somebody has just taken a step, or another replica was first
				continue
			}
			errs = append(errs, err)
		}
	}
}

// tick does, in one transaction, what the clock asks for one suggestion.
func (s *Service) tick(ctx context.Context, id string, cal model.Calendar, now time.Time) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		m, err := tx.Suggestion(ctx, id)
		if err != nil {
			return err
		}
		before := *m
		moved, from := m.Replan(cal), m.State
		if moved {
			m.Reminded = 0 // of the deadline that no longer holds
		}
		alarm := m.Alarm(cal, now)
		if !from.Open() || (!moved && alarm == model.AlarmNone) {
			return nil
		}
		m.UpdatedAt = now
		if moved {
			if err := s.replanned(ctx, tx, m, &before, now); err != nil {
				return err
			}
		}
		if alarm == model.AlarmEscalate {
			return s.raiseLate(ctx, tx, m, cal, now)
		}
		m.Reminded = max(m.Reminded, int(alarm))
		var step *model.SuggestionStep
		if alarm == model.AlarmTop {
			step = &model.SuggestionStep{Action: model.SuggestionOverdue, ByRole: clockRole, OrgID: m.OrgID, Note: "超过期限未办理，已提请党办督促。", At: now}
		}
		if err := tx.SaveSuggestion(ctx, m, from, step); err != nil {
			return err
		}
		return s.remind(ctx, tx, m, alarm, now)
	})
}

// replanned says, in the timeline and to both sides, that a year's holidays were published and which deadlines have moved.
func (s *Service) replanned(ctx context.Context, tx *store.Store, m, before *model.Suggestion, now time.Time) error {
	var said []string
	for _, d := range []struct {
		what     string
		from, to time.Time
		counts   bool
	}{
		{"受理期限", before.AcceptBy, m.AcceptBy, m.State != model.SuggestionAccepted},
		{"答复期限", before.ReplyBy, m.ReplyBy, true},
	} {
		if d.counts && !d.from.Equal(d.to) {
			said = append(said, d.what+"由"+day(d.from)+"调整为"+day(d.to))
		}
	}
	if len(said) == 0 {
		return nil
	}
	step := &model.SuggestionStep{Action: model.SuggestionReplan, ByRole: clockRole, OrgID: m.OrgID, Note: "放假安排已公布，" + strings.Join(said, "，") + "。", At: now}
	s.later(m, model.SuggestionReplan, model.SideClock, now)
	if err := tx.SaveSuggestion(ctx, m, m.State, step); err != nil {
		return err
	}
	if err := s.lead(ctx, tx, m, step, model.SideClock, now); err != nil {
		return err
	}
	if err := s.tellDesk(ctx, tx, m, bellReplan, now); err != nil {
		return err
	}
	return s.tellAuthor(ctx, tx, m, model.SuggestionReplan, step.Note, now)
}

func day(t time.Time) string { return t.In(model.Zone).Format("1月2日") }

// remind rings for whom the alarm concerns. Who was asked to answer hears of the deadline too.
func (s *Service) remind(ctx context.Context, tx *store.Store, m *model.Suggestion, alarm model.SuggestionAlarm, now time.Time) error {
	b, who := bellSoon, desk
	switch alarm {
	case model.AlarmNone:
		return nil
	case model.AlarmLate:
		b = bellLate
		if len(model.PathIDs(m.OrgPath)) < 2 {
			b.body = "意见建议“%s”已超过办理期限%s，请尽快办理。"
		}
	case model.AlarmTop:
		b, who = bellTop, office
	}
	to, err := who(ctx, tx, m.OrgPath)
	if err != nil {
		return err
	}
	if m.AssigneeID != "" && m.State == model.SuggestionAccepted && alarm != model.AlarmTop {
		to = slices.DeleteFunc(to, func(id string) bool { return id == m.AssigneeID })
		to = append(to, m.AssigneeID)
	}
	return s.ring(ctx, tx, m, b, to, now)
}

// raiseLate hands a suggestion whose deadline has passed to the parent organisation.
func (s *Service) raiseLate(ctx context.Context, tx *store.Store, m *model.Suggestion, cal model.Calendar, now time.Time) error {
	if err := m.Check(model.SuggestionEscalate, model.SideClock, now); err != nil {
		return err
	}
	up, err := s.above(ctx, tx, m, "")
	if err != nil {
		return err
	}
	from := m.State
	why := "超过受理期限未受理，系统自动转交上级组织办理。"
	if from == model.SuggestionAccepted {
		why = "超过答复期限未答复，系统自动转交上级组织办理。"
	}
	s.move(m, model.SuggestionEscalate, now)
	s.raise(m, up, cal, now)
	step := &model.SuggestionStep{Action: model.SuggestionEscalate, ByRole: clockRole, OrgID: up.ID, Note: why, At: now}
	s.later(m, model.SuggestionEscalate, model.SideClock, now)
	if err := tx.SaveSuggestion(ctx, m, from, step); err != nil {
		return err
	}
	if err := s.lead(ctx, tx, m, step, model.SideClock, now); err != nil {
		return err
	}
	if err := s.note(ctx, tx, nil, m, model.SuggestionEscalate, model.SideClock, now); err != nil {
		return err
	}
	return s.tell(ctx, tx, m, Request{Action: model.SuggestionEscalate, Text: why}, now)
}
