// Package member is the room of the organisation's tree and its people: who is where, with which roles, how they come in and how they leave.
// A person is one, found by the blind index of the phone, with a membership for each branch or group.
package member

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Vault seals phone numbers, and finds them without opening them.
type Vault interface {
	Seal(text, place string) ([]byte, error)
	Open(sealed []byte, keyID, place string) (string, error)
	Index(phone string) string
	KeyID() string
}

// Outbox takes a message into the transaction and sends it afterwards.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
}

// Service keeps the tree and the rosters.
type Service struct {
	store  *store.Store
	vault  Vault
	outbox Outbox
	clock  model.Clock
}

// New makes the room.
func New(s *store.Store, v Vault, outbox Outbox, clock model.Clock) *Service {
	return &Service{store: s, vault: v, outbox: outbox, clock: clock}
}

// PhonePlace is the place for which the vault seals a member's phone, so that a number copied to another person's row does not open.
func PhonePlace(memberID string) string { return "members.phone_cipher:" + memberID }

// Entry is one person of a roster, with what they are in the part of the tree that was asked about.
type Entry struct {
	Member   model.Member
	OrgID    string // the place that put them there, the highest in the tree where there are several
	OrgPath  string
	JoinedOn model.Date
	Bound    bool
	Roles    []model.Role  // "member" first, then what they hold at the organisation asked about and below it, the least first
	Grants   []model.Grant // the same roles with the organisation at which each is held
}

// person is a member with every place and every role.
type person struct {
	*model.Member
	places []model.Membership
	held   []model.Grant
}

// read reads a person without asking who wants to know.
func read(ctx context.Context, tx *store.Store, id string) (*person, error) {
	m, err := tx.Member(ctx, id)
	if err != nil {
		return nil, err
	}
	if m.ErasedAt != nil {
		return nil, model.NotFound("该成员")
	}
	p := &person{Member: m}
	if p.places, err = tx.Memberships(ctx, id); err != nil {
		return nil, err
	}
	p.held, err = tx.Grants(ctx, id)
	return p, err
}

// seen reads a person on a roster that the actor may see; everybody else is not found.
func seen(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*person, error) {
	p, err := read(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if _, ok := p.where(actor, model.CanSeeRoster); !ok {
		return nil, model.NotFound("该成员")
	}
	return p, nil
}

// edited is seen for somebody whom the actor may also change; it returns the place that gives the right.
func edited(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*person, model.Membership, error) {
	p, err := seen(ctx, tx, actor, id)
	if err != nil {
		return nil, model.Membership{}, err
	}
	at, ok := p.where(actor, model.CanEditRoster)
	if !ok {
		return nil, at, model.Forbidden("成员资料由支部书记维护。")
	}
	return p, at, nil
}

// where finds the first place of the person for which the actor has a right. Who has no place at all is only within the reach of those whose
// power is everywhere.
func (p *person) where(actor *model.Actor, may func(*model.Actor, string) bool) (model.Membership, bool) {
	if len(p.places) == 0 {
		return model.Membership{OrgPath: model.EverywherePath}, may(actor, model.EverywherePath)
	}
	for _, m := range p.places {
		if may(actor, m.OrgPath) {
			return m, true
		}
	}
	return model.Membership{}, false
}

// entry shows a person as the actor may see them, at one of their places.
func (s *Service) entry(ctx context.Context, tx *store.Store, actor *model.Actor, p *person, at model.Membership) (*Entry, error) {
	e := &Entry{Member: *p.Member, OrgID: at.OrgID, OrgPath: at.OrgPath, JoinedOn: at.JoinedOn}
	_, err := tx.IdentityOf(ctx, p.ID)
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	e.Bound = err == nil
	e.show(p.held, func(g model.Grant) bool { return model.CanSeeRoster(actor, g.OrgPath) })
	return e, nil
}

// show fills in the roles, each once, the least first.
func (e *Entry) show(held []model.Grant, wanted func(model.Grant) bool) {
	e.Roles = []model.Role{model.RoleMember}
	for rank := model.RoleMember.Rank() + 1; rank <= model.RoleAdmin.Rank(); rank++ {
		first := true
		for _, g := range held {
			if g.Role.Rank() != rank || !wanted(g) {
				continue
			}
			if first {
				e.Roles = append(e.Roles, g.Role)
			}
			first = false
			e.Grants = append(e.Grants, g)
		}
	}
}

// inOrg tells which roles are shown on an organisation's roster: those held there and below it, and at the root also those held for everything.
func inOrg(o *model.Org) func(model.Grant) bool {
	return func(g model.Grant) bool { return model.Within(g.OrgPath, o.Path) || standsAt(g, o) }
}

// standsAt reports whether a role is held at exactly this organisation. A role for everything stands at the root.
func standsAt(g model.Grant, o *model.Org) bool {
	return g.OrgID == o.ID || g.OrgID == "" && o.ParentID == nil
}

// leadOrg reads an organisation for which the actor has a right; what the actor may not even see is not found.
func leadOrg(ctx context.Context, tx *store.Store, actor *model.Actor, id string, may func(*model.Actor, string) bool, refusal string) (*model.Org, error) {
	o, err := tx.Org(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case may(actor, o.Path):
		return o, nil
	case model.CanSeeOrg(actor, o.Path):
		return nil, model.Forbidden(refusal)
	}
	return nil, model.NotFound("该组织")
}

// rightsChanged tells everybody who keeps a copy of what the member is and may do.
func rightsChanged(ctx context.Context, tx *store.Store, now time.Time, memberID string) error {
	return tx.Changed(ctx, now, model.TopicSession, model.MemberChange(memberID))
}
