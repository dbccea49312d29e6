// Package handover is the room in which a branch passes from one secretary to the next: one package of what is open, both confirm, and the rights move
// at one moment. Where the old secretary is gone, the office confirms in their place, with its reason.
package handover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox takes messages into the transaction, and drops those that have become pointless.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Subscriptions tells of which kinds of WeChat messages a member can get none at present.
type Subscriptions interface {
	Short(ctx context.Context, memberID string) ([]model.PushKind, error)
}

// Service keeps hand-overs.
type Service struct {
	store         *store.Store
	outbox        Outbox
	subscriptions Subscriptions
	policies      model.Policies
	clock         model.Clock
}

// New makes the room.
func New(s *store.Store, outbox Outbox, subscriptions Subscriptions, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, outbox: outbox, subscriptions: subscriptions, policies: policies, clock: clock}
}

// Draft asks for a hand-over. FromID is given where several hold the role; it is for those above the branch.
type Draft struct {
	OrgID, ToID, FromID, Note string
}

// Person is somebody by name; one who left altogether is 已注销成员.
type Person struct{ ID, Name string }

// View is a hand-over as somebody sees it.
type View struct {
	model.Handover
	Org         model.Org
	From        *Person // nil where there is no old secretary
	To          Person
	ConfirmedBy *Person // who confirmed on the old one's side
	Items       []model.HandoverItem
	CanConfirm  bool
	CanCancel   bool
	NeedsReason bool // the caller would confirm in the old one's place
}

// Check finds fault with what a draft shows by itself. Errors: validation_failed.
func (d *Draft) Check() error {
	var v model.Invalid
	d.Note = model.CleanText(d.Note)
	if d.ToID == "" {
		v.Add("to_member_id", "required", "请选择接任的书记。")
	}
	if n := len([]rune(d.Note)); n > model.MaxHandoverText {
		v.Add("note", "too_long", fmt.Sprintf("备注不能超过 %d 个字。", model.MaxHandoverText))
	}
	return v.Err()
}

// Start begins a hand-over and tells both. Errors: not_found, forbidden, validation_failed, conflict when one is under way already.
func (s *Service) Start(ctx context.Context, actor *model.Actor, d Draft) (*View, error) {
	now := s.clock()
	var h *model.Handover
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := seeOrg(ctx, tx, actor, d.OrgID)
		if err != nil {
			return err
		}
		if err := d.Check(); err != nil {
			return err
		}
		from, err := s.oldOne(ctx, tx, actor, o, d.FromID)
		if err != nil {
			return err
		}
		if err := mayFollow(ctx, tx, o, from, d.ToID); err != nil {
			return err
		}
		if err := s.clearExpired(ctx, tx, o.ID, now); err != nil {
			return err
		}
		h = &model.Handover{
			ID: store.NewID(), OrgID: o.ID, OrgPath: o.Path, FromID: from, ToID: d.ToID, Note: d.Note, State: model.HandoverOpen, OpenKey: &o.ID, StartedBy: actor.MemberID,
			ExpiresAt: model.DateOf(now).Add(s.policies.PolicyAt(now).Records.HandoverDays + 1).Start().UTC(), CreatedAt: now, UpdatedAt: now,
		}
		first, err := tx.AddHandover(ctx, h)
		if err != nil {
			return err
		}
		if !first {
			return model.Conflict("本支部已有一次交接正在进行，请先完成或取消。")
		}
		if err := tx.Audit(ctx, now, actor, "handover.start", subject(h), o.ID, map[string]string{"from": from, "to": d.ToID}); err != nil {
			return err
		}
		return s.tellStart(ctx, tx, h, o, actor, now)
	})
	if err != nil {
		return nil, err
	}
	return s.View(ctx, actor, h.ID)
}

// seeOrg reads the organisation for whoever may hand it over.
func seeOrg(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*model.Org, error) {
	o, err := from.Org(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case model.CanStartHandover(actor, o.Path):
		return o, nil
	case model.CanSeeOrg(actor, o.Path):
		return nil, model.Forbidden("支部交接由支部书记或党办办理。")
	}
	return nil, model.NotFound("该组织")
}

// oldOne is whose work is handed over: the caller's own where they are the secretary, else the only one there is; "" where there is none any more.
func (s *Service) oldOne(ctx context.Context, tx *store.Store, actor *model.Actor, o *model.Org, wanted string) (string, error) {
	grants, err := tx.SecretariesOf(ctx, o.ID)
	if err != nil {
		return "", err
	}
	ids := []string{}
	for _, g := range grants {
		ids = append(ids, g.MemberID)
	}
	switch {
	case wanted != "" && wanted != actor.MemberID && !model.CanConfirmInPlace(actor, &model.Handover{OrgPath: o.Path}):
		return "", model.BadField("from_member_id", "not_allowed", "只能交接您本人的工作；为他人办理交接请联系党办。")
	case wanted != "" && !slices.Contains(ids, wanted):
		return "", model.BadField("from_member_id", "not_found", "所选成员不是本支部书记，请重新选择。")
	case wanted != "":
		return wanted, nil
	case slices.Contains(ids, actor.MemberID):
		return actor.MemberID, nil
	case len(ids) > 1:
		return "", model.BadField("from_member_id", "required", "本支部有多位书记，请选择由谁交出工作。")
	case len(ids) == 1:
		return ids[0], nil
	}
	return "", nil
}

// mayFollow: the new secretary belongs to the branch and is not one already.
func mayFollow(ctx context.Context, tx *store.Store, o *model.Org, from, to string) error {
	refuse := func(code, detail string) error { return model.BadField("to_member_id", code, detail) }
	if to == from {
		return refuse("not_allowed", "接任人不能是交出工作的书记本人。")
	}
	belongs, err := tx.BelongsUnder(ctx, to, o.Path)
	if err != nil {
		return err
	}
	if !belongs {
		return refuse("not_found", "接任人须是本支部的成员，请先加入花名册。")
	}
	grants, err := tx.SecretariesOf(ctx, o.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(grants, func(g model.Grant) bool { return g.MemberID == to }) {
		return refuse("not_allowed", "所选成员已是本支部书记，无须交接。")
	}
	return nil
}

// clearExpired ends an open hand-over whose time is over, so that it does not stand in the way of the next.
func (s *Service) clearExpired(ctx context.Context, tx *store.Store, orgID string, now time.Time) error {
	h, err := tx.OpenHandover(ctx, orgID)
	if model.IsNotFound(err) {
		return nil
	}
	if err != nil || !h.Expired(now) {
		return err
	}
	return s.expire(ctx, tx, h, now)
}

// View reads one hand-over with its package: while it is open as things stand, afterwards as it was handed over. Errors: not_found.
func (s *Service) View(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	h, err := s.store.Handover(ctx, id)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeHandover(actor, h) {
		return nil, model.NotFound("这次交接")
	}
	views, err := s.views(ctx, actor, []model.Handover{*h})
	if err != nil {
		return nil, err
	}
	v := &views[0]
	if v.State == model.HandoverOpen {
		v.Items, err = s.contents(ctx, s.store, h, s.clock(), true)
	}
	return v, err
}

// List lists the hand-overs of an organisation, the newest first, without their packages. Errors: not_found, forbidden.
func (s *Service) List(ctx context.Context, actor *model.Actor, orgID string, page model.Page) ([]View, string, error) {
	o, err := seeOrg(ctx, s.store, actor, orgID)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := s.store.Handovers(ctx, o.ID, page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, actor, rows)
	return views, next, err
}

func (s *Service) views(ctx context.Context, actor *model.Actor, rows []model.Handover) ([]View, error) {
	now := s.clock()
	people, orgs := []string{}, []string{}
	for _, h := range rows {
		people, orgs = append(people, h.FromID, h.ToID, h.FromConfirmedBy), append(orgs, h.OrgID)
	}
	names, err := s.store.MembersByID(ctx, people)
	if err != nil {
		return nil, err
	}
	places, err := s.store.OrgsByID(ctx, orgs)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, h := range rows {
		v := View{Handover: h, To: personOf(names, h.ToID), Items: h.Package}
		if h.Expired(now) { // what the job has not ended yet reads as ended all the same
			v.State = model.HandoverExpired
		}
		if h.FromID != "" {
			p := personOf(names, h.FromID)
			v.From = &p
		}
		if h.FromConfirmedAt != nil {
			p := personOf(names, h.FromConfirmedBy)
			v.ConfirmedBy = &p
		}
		for _, o := range places {
			if o.ID == h.OrgID {
				v.Org = o
			}
		}
		if v.State == model.HandoverOpen {
			side := sideOf(actor, &h)
			v.CanConfirm = (side == sideTo && h.ToConfirmedAt == nil) || (side != sideNone && side != sideTo && h.FromConfirmedAt == nil)
			v.NeedsReason, v.CanCancel = side == sideOffice, model.CanCancelHandover(actor, &h)
		}
		views[i] = v
	}
	return views, nil
}

func personOf(names map[string]model.Member, id string) Person {
	m, ok := names[id]
	if !ok || m.ErasedAt != nil || strings.TrimSpace(m.Name) == "" {
		return Person{ID: id, Name: "已注销成员"}
	}
	return Person{ID: id, Name: m.Name}
}

func subject(h *model.Handover) string { return "handover:" + h.ID }
