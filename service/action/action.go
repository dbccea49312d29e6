// Package action sees to what resolutions ask of whom by when (督办事项): it begins when minutes are locked, comes back by itself to the
// owner, the secretary and the office, and ends with what was done.
package action

import (
	"context"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox tells people something. It writes into the transaction.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Calendars tells the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Service is the room.
type Service struct {
	store     *store.Store
	outbox    Outbox
	calendars Calendars
	policies  model.Policies
	clock     model.Clock
}

// New makes the room.
func New(s *store.Store, outbox Outbox, calendars Calendars, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, outbox: outbox, calendars: calendars, policies: policies, clock: clock}
}

// View is an action as one person sees it.
type View struct {
	model.Action
	OrgName   string
	OwnerName string
	Overdue   bool
	CanClose  bool
}

// Query narrows the list.
type Query struct {
	OrgID string
	State model.ActionState
	Mine  bool
	Page  model.Page
}

// List lists by their day the actions that are the actor's or of meetings the actor runs. Errors: not_found for the organisation, validation_failed.
func (s *Service) List(ctx context.Context, actor *model.Actor, q Query) ([]View, string, error) {
	f := store.ActionFilter{MemberID: actor.MemberID, Powers: actor.Powers, Mine: q.Mine, State: q.State}
	if q.State != "" && q.State != model.ActionOpen && q.State != model.ActionClosed {
		return nil, "", model.BadField("state", "not_allowed", "状态只能是 open（未办结）或 closed（已办结）。")
	}
	if q.OrgID != "" {
		org, err := s.store.Org(ctx, q.OrgID)
		if err != nil {
			return nil, "", err
		}
		if !model.CanSeeOrg(actor, org.Path) {
			return nil, "", model.NotFound("该组织")
		}
		f.OrgPath = org.Path
	}
	rows, next, err := s.store.Actions(ctx, f, q.Page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, actor, rows)
	return views, next, err
}

// Get reads one action. Errors: not_found, also for who may not see it.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	x, err := s.find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, actor, []model.Action{*x})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

func (s *Service) find(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Action, error) {
	x, err := st.Action(ctx, id)
	if err == nil && !model.CanSeeAction(actor, x) {
		err = model.NotFound("这项督办事项")
	}
	return x, err
}

func (s *Service) views(ctx context.Context, actor *model.Actor, rows []model.Action) ([]View, error) {
	now := s.clock()
	people, orgIDs := make([]string, len(rows)), make([]string, len(rows))
	for i, x := range rows {
		people[i], orgIDs[i] = x.OwnerID, x.OrgID
	}
	owners, err := s.store.MembersByID(ctx, people)
	if err != nil {
		return nil, err
	}
	orgs, err := s.store.OrgsByID(ctx, orgIDs)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, o := range orgs {
		names[o.ID] = o.Name
	}
	views := make([]View, len(rows))
	for i, x := range rows {
		views[i] = View{
			Action: x, OrgName: names[x.OrgID], OwnerName: owners[x.OwnerID].ShownName(), Overdue: x.Overdue(now),
			CanClose: x.State == model.ActionOpen && model.CanSeeAction(actor, &x),
		}
	}
	return views, nil
}

const maxClosing = 500

// CheckClosing finds fault with the words about what was done.
func CheckClosing(text string) error {
	switch n := utf8.RuneCountInString(model.CleanText(text)); {
	case n == 0:
		return model.BadField("text", "required", "请填写办理结果。")
	case n > maxClosing:
		return model.BadField("text", "too_long", "办理结果不能超过 500 个字。")
	}
	return nil
}

// Close ends an action with what was done, by its owner or those who run such meetings. Errors: not_found, conflict, validation_failed.
func (s *Service) Close(ctx context.Context, actor *model.Actor, id, text string) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		x, err := s.find(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := CheckClosing(text); err != nil {
			return err
		}
		if x.State != model.ActionOpen {
			return model.Conflict("这项督办事项已经办结。")
		}
		x.State, x.Closing, x.ClosedBy, x.ClosedAt, x.UpdatedAt = model.ActionClosed, model.CleanText(text), actor.MemberID, &now, now
		saved, err := tx.SaveAction(ctx, x)
		if err == nil && !saved {
			err = model.Conflict("这项督办事项刚被他人处理，请刷新后再试。")
		}
		if err != nil {
			return err
		}
		if err := s.outbox.Drop(ctx, tx, Subject(id), "督办事项已办结"); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "action.close", "action:"+id, x.OrgID, nil)
	})
	if err != nil {
		return nil, err
	}
	return s.byID(ctx, actor, id)
}

// byID is the view of an action that was just closed.
func (s *Service) byID(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	x, err := s.store.Action(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, actor, []model.Action{*x})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// Begin makes the actions of locked minutes, once, and tells their owners. It writes into the transaction of the lock.
func (s *Service) Begin(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, resolutions []model.Resolution, now time.Time) error {
	for i, r := range resolutions {
		if r.NoFollowUp {
			continue
		}
		x := &model.Action{
			ID: store.NewID(), MeetingID: m.ID, Seq: i + 1, MeetingType: m.Type, OrgID: m.OrgID, OrgPath: m.OrgPath, Content: r.Text, OwnerID: r.OwnerID,
			FirstOwnerID: r.OwnerID, DueOn: r.DueOn, State: model.ActionOpen, CreatedAt: now, UpdatedAt: now,
		}
		first, err := tx.AddAction(ctx, x)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		if err := tx.Audit(ctx, now, actor, "action.begin", "action:"+x.ID, x.OrgID, map[string]string{"meeting": m.ID}); err != nil {
			return err
		}
		if err := s.ring(ctx, tx, x, bellNew, []string{x.OwnerID}, now); err != nil {
			return err
		}
	}
	return nil
}
