package suggestion

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Request asks for one step.
type Request struct {
	Action     model.SuggestionAction
	Text       string
	AssigneeID string // with assign, or with accept
	ToOrgID    string // with escalate; empty: the parent
}

// Check finds fault with what a request shows by itself. Errors: validation_failed.
func (r Request) Check() error { return r.clean() }

func (r *Request) clean() error {
	var v model.Invalid
	r.Text = model.CleanText(r.Text)
	missing := ""
	if r.Action.NeedsText() {
		missing = "请填写答复或理由。"
	}
	checkText(&v, "text", r.Text, model.MaxSuggestionText, missing, "不能超过 %d 个字。")
	switch {
	case r.Action == model.SuggestionAssign && r.AssigneeID == "":
		v.Add("assignee_id", "required", "请选择经办人。")
	case r.AssigneeID != "" && r.Action != model.SuggestionAssign && r.Action != model.SuggestionAccept:
		v.Add("assignee_id", "not_allowed", "只有受理或指派时可以选择经办人。")
	}
	if r.ToOrgID != "" && r.Action != model.SuggestionEscalate {
		v.Add("to_org_id", "not_allowed", "只有转交上级时可以选择组织。")
	}
	return v.Err()
}

// Step takes one step of the suggestion's life. Errors: not_found for who may not see it, forbidden for who may not take this step,
// conflict when the present state does not allow it or somebody else was first, validation_failed.
func (s *Service) Step(ctx context.Context, actor *model.Actor, id string, r Request) (*Detail, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var m *model.Suggestion
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		var side model.SuggestionSide
		if m, side, err = s.enter(ctx, tx, actor, id, r.Action, now); err != nil {
			return err
		}
		if err := r.clean(); err != nil {
			return err
		}
		from, at := m.State, instant(m, side, now)
		step := &model.SuggestionStep{Action: r.Action, Note: r.Text, At: at}
		s.sign(step, actor, m, side)
		if err := s.apply(ctx, tx, m, r, cal, at); err != nil {
			return err
		}
		step.OrgID, step.AssigneeID = m.OrgID, r.AssigneeID
		s.later(m, r.Action, side, now)
		if err := tx.SaveSuggestion(ctx, m, from, step); err != nil {
			return err
		}
		if !(m.Anonymous && side == model.SideAuthor) {
			if err := s.note(ctx, tx, actor, m, r.Action, side, now); err != nil {
				return err
			}
		}
		if err := s.lead(ctx, tx, m, step, side, now); err != nil {
			return err
		}
		return s.tell(ctx, tx, m, r, now)
	})
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, now)
}

// enter reads a suggestion for a step of the actor and tells in which capacity the actor takes it.
func (s *Service) enter(ctx context.Context, tx *store.Store, actor *model.Actor, id string, action model.SuggestionAction, now time.Time) (*model.Suggestion, model.SuggestionSide, error) {
	m, err := s.visible(ctx, tx, actor, id)
	if err != nil {
		return nil, 0, err
	}
	sides := model.SidesOf(actor, m, s.isAuthor(actor, m))
	if err := m.Check(action, sides, now); err != nil {
		return nil, 0, err
	}
	// Of several capacities the author's comes first: what an anonymous author does must not bear a name.
	for _, side := range []model.SuggestionSide{model.SideAuthor, model.SideHandler, model.SideAssignee} {
		if sides&side != 0 && m.Check(action, side, now) == nil {
			return m, side, nil
		}
	}
	return nil, 0, model.Forbidden("您不能进行这一步。")
}

// apply changes the row as the action wants it.
func (s *Service) apply(ctx context.Context, tx *store.Store, m *model.Suggestion, r Request, cal model.Calendar, now time.Time) error {
	if r.AssigneeID != "" {
		ok, err := s.mayBeAssigned(ctx, tx, m, r.AssigneeID)
		if err != nil {
			return err
		}
		if !ok {
			return model.BadField("assignee_id", "not_in_org", "经办人应是承办组织或其下级组织的成员。")
		}
		m.AssigneeID = r.AssigneeID
	}
	var up *model.Org
	if r.Action == model.SuggestionEscalate {
		var err error
		if up, err = s.above(ctx, tx, m, r.ToOrgID); err != nil {
			return err
		}
	}
	s.move(m, r.Action, now)
	switch r.Action {
	case model.SuggestionAccept:
		m.Reminded = 0
	case model.SuggestionReply, model.SuggestionDecline:
		m.Reply, m.RepliedAt = r.Text, &now
	case model.SuggestionExtend:
		m.Extend(cal, s.clocks(now).ExtendDays, r.Text)
	case model.SuggestionEscalate:
		s.raise(m, up, cal, now)
	case model.SuggestionReopen:
		m.Reply, m.RepliedAt, m.MergedInto = "", nil, ""
		m.State, m.StateAt = model.SuggestionSubmitted, now // also of one that was merged and is taken out again
		if m.Publication == model.PublicationAsked || m.Publication == model.PublicationShown {
			m.Publication, m.PublicAt = model.PublicationEnded, nil // the answer no longer stands
		}
		m.StartClock(cal, s.clocks(now), now)
	}
	return nil
}

// move takes the suggestion to the state after the action, which Check has found possible.
func (s *Service) move(m *model.Suggestion, action model.SuggestionAction, now time.Time) {
	if next, _ := action.From(m.State); next != m.State {
		m.State, m.StateAt = next, now
	}
	m.UpdatedAt = now
}

// raise hands the suggestion to an organisation further up, where the clocks begin anew.
func (s *Service) raise(m *model.Suggestion, up *model.Org, cal model.Calendar, now time.Time) {
	m.OrgID, m.OrgPath, m.AssigneeID, m.StateAt = up.ID, up.Path, "", now
	m.StartClock(cal, s.clocks(now), now)
}

// above is the parent of the holder, or the organisation asked for, which must be above the holder.
func (s *Service) above(ctx context.Context, tx *store.Store, m *model.Suggestion, id string) (*model.Org, error) {
	line := model.PathIDs(m.OrgPath)
	if id == "" {
		id = line[len(line)-2]
	}
	for _, up := range line[:len(line)-1] {
		if up == id {
			return tx.Org(ctx, id)
		}
	}
	return nil, model.BadField("to_org_id", "not_above", "只能转交给上级组织。")
}

// mayBeAssigned: to somebody of the holder's own part of the tree, or to one who handles its suggestions from above.
func (s *Service) mayBeAssigned(ctx context.Context, tx *store.Store, m *model.Suggestion, memberID string) (bool, error) {
	ok, err := tx.BelongsUnder(ctx, memberID, m.OrgPath)
	if err != nil || ok {
		return ok, err
	}
	over, err := tx.HoldersOver(ctx, m.OrgPath, model.RoleSecretary, model.RoleStaff, model.RoleAdmin)
	for _, g := range over {
		ok = ok || g.MemberID == memberID
	}
	return ok, err
}

// Rate takes the author's verdict, once; an answered suggestion is closed by it.
// Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) Rate(ctx context.Context, actor *model.Actor, id string, stars int, text string) (*Detail, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var m *model.Suggestion
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		var side model.SuggestionSide
		if m, side, err = s.enter(ctx, tx, actor, id, model.SuggestionRate, now); err != nil {
			return err
		}
		var v model.Invalid
		if stars < 1 || stars > 5 {
			v.Add("stars", "out_of_range", "请选择 1 至 5 星。")
		}
		text = model.CleanText(text)
		checkText(&v, "text", text, model.MaxSuggestionText, "", "不能超过 %d 个字。")
		if err := v.Err(); err != nil {
			return err
		}
		from, at := m.State, instant(m, side, now)
		step := &model.SuggestionStep{Action: model.SuggestionRate, Note: text, OrgID: m.OrgID, At: at}
		s.sign(step, actor, m, side)
		s.move(m, model.SuggestionRate, at)
		m.RatingStars, m.RatingText, m.RatedAt = stars, text, &at
		s.later(m, model.SuggestionRate, side, now)
		if err := tx.SaveSuggestion(ctx, m, from, step); err != nil || m.Anonymous {
			return err
		}
		return s.note(ctx, tx, actor, m, model.SuggestionRate, side, now)
	})
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, now)
}
