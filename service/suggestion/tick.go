package suggestion

import (
	"context"
	"errors"
	"slices"
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
	var errs []error
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
		moved, from := m.Replan(cal), m.State
		if moved {
			m.Reminded = 0 // of the deadline that no longer holds
		}
		alarm := m.Alarm(cal, now)
		if !from.Open() || (!moved && alarm == model.AlarmNone) {
			return nil
		}
		m.UpdatedAt = now
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
	if err := tx.SaveSuggestion(ctx, m, from, step); err != nil {
		return err
	}
	if err := s.note(ctx, tx, nil, m, model.SuggestionEscalate, model.SideClock, now); err != nil {
		return err
	}
	return s.tell(ctx, tx, m, Request{Action: model.SuggestionEscalate, Text: why}, now)
}
