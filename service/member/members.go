package member

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Filter narrows a roster.
type Filter = store.RosterFilter

// Roster is one page of the members of an organisation and all below it who are asked for, in the order of their names' sound.
// Errors: not_found, forbidden.
func (s *Service) Roster(ctx context.Context, actor *model.Actor, orgID string, f Filter, page model.Page) ([]Entry, string, error) {
	o, err := leadOrg(ctx, s.store, actor, orgID, model.CanSeeRoster, "花名册供支部工作人员查看。")
	if err != nil {
		return nil, "", err
	}
	rows, next, err := s.store.Roster(ctx, o.Path, f, page)
	if err != nil {
		return nil, "", err
	}
	list, err := s.entries(ctx, o, rows)
	return list, next, err
}

// entries completes the rows of an organisation's roster with the roles.
func (s *Service) entries(ctx context.Context, o *model.Org, rows []store.RosterRow) ([]Entry, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	held, err := s.store.GrantsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = Entry{Member: r.Member, OrgID: r.OrgID, OrgPath: r.OrgPath, JoinedOn: r.JoinedOn, Bound: r.Bound}
		list[i].show(held[r.ID], inOrg(o))
	}
	return list, nil
}

// Member is one person as the actor, who leads one of their places, may see them. Errors: not_found.
func (s *Service) Member(ctx context.Context, actor *model.Actor, id string) (*Entry, error) {
	p, err := seen(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	at, _ := p.where(actor, model.CanSeeRoster)
	return s.entry(ctx, s.store, actor, p, at)
}

// Add puts a person into an organisation; a phone known elsewhere is the same person, who gains a membership.
// Errors: not_found, forbidden, validation_failed, conflict when they are there already.
func (s *Service) Add(ctx context.Context, actor *model.Actor, orgID string, d Details) (*Entry, error) {
	now := s.clock()
	var out *Entry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := leadOrg(ctx, tx, actor, orgID, model.CanEditRoster, "新增成员由支部书记办理。")
		if err != nil {
			return err
		}
		clean, err := d.check(now)
		if err != nil {
			return err
		}
		m, err := s.add(ctx, tx, actor, o, clean, now)
		if err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "member.add", "member:"+m.ID, o.ID, nil); err != nil {
			return err
		}
		if err := rightsChanged(ctx, tx, now, m.ID); err != nil {
			return err
		}
		out, err = s.entryAt(ctx, tx, m.ID, o)
		return err
	})
	return out, err
}

func (s *Service) add(ctx context.Context, tx *store.Store, actor *model.Actor, o *model.Org, d Details, now time.Time) (*model.Member, error) {
	known, err := tx.MemberByPhone(ctx, s.vault.Index(d.Phone))
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	if known != nil && model.FoldName(known.Name) != d.Name {
		if err := s.takeNumber(ctx, tx, actor, known, now); err != nil {
			return nil, err
		}
		known = nil
	}
	if known == nil {
		if erased, err := tx.MarkedAsErased(ctx, []string{s.erasedMark(d.Phone)}); err != nil || len(erased) > 0 {
			return nil, orErased(err)
		}
		m, err := s.NewMember(d, now)
		if err != nil {
			return nil, err
		}
		if err := tx.AddMember(ctx, m); err != nil {
			return nil, err
		}
		return m, tx.AddMembership(ctx, newPlace(m.ID, o, d.JoinedOn, now))
	}
	places, err := tx.Memberships(ctx, known.ID)
	if err != nil {
		return nil, err
	}
	if d.fillInto(known) {
		known.UpdatedAt = now
		if err := tx.SaveMember(ctx, known); err != nil {
			return nil, err
		}
	}
	return known, join(ctx, tx, known, places, o, d.JoinedOn, now)
}

// join gives a known person a place. Who is in the branch itself and is put into one of its groups is moved there.
func join(ctx context.Context, tx *store.Store, m *model.Member, places []model.Membership, o *model.Org, day model.Date, now time.Time) error {
	for _, at := range places {
		switch {
		case model.Within(at.OrgPath, o.Path):
			return model.Conflict("该成员已在本组织的花名册中。")
		case o.Kind == model.OrgGroup && o.ParentID != nil && at.OrgID == *o.ParentID:
			if err := tx.MoveMembership(ctx, at.ID, o); err != nil || day == "" {
				return err
			}
			return tx.SetJoinedOn(ctx, at.ID, day)
		}
	}
	return tx.AddMembership(ctx, newPlace(m.ID, o, day, now))
}

func newPlace(memberID string, o *model.Org, day model.Date, now time.Time) *model.Membership {
	return &model.Membership{ID: store.NewID(), MemberID: memberID, OrgID: o.ID, OrgPath: o.Path, JoinedOn: day, CreatedAt: now}
}

// NewMember makes a person, not yet written, from details that are clean: with the sealed number and the key of the order. A status that is not known is 群众.
func (s *Service) NewMember(d Details, now time.Time) (*model.Member, error) {
	m := &model.Member{ID: store.NewID(), Name: d.Name, NameSort: SortKey(d.Name), PartyStatus: d.PartyStatus, Employer: d.Employer, Title: d.Title,
		CreatedAt: now, UpdatedAt: now}
	if m.PartyStatus == "" {
		m.PartyStatus = model.PartyNone
	}
	return m, s.setPhone(m, d.Phone)
}

// setPhone seals a normalised number into the row.
func (s *Service) setPhone(m *model.Member, phone string) error {
	sealed, err := s.vault.Seal(phone, PhonePlace(m.ID))
	if err != nil {
		return err
	}
	index := s.vault.Index(phone)
	m.PhoneCipher, m.PhoneKeyID, m.PhoneIndex, m.PhoneMask = sealed, s.vault.KeyID(), &index, model.MaskPhone(phone)
	return nil
}

func clearPhone(m *model.Member) {
	m.PhoneCipher, m.PhoneKeyID, m.PhoneIndex, m.PhoneMask = nil, "", nil, ""
}

// otherName is said where a number belongs to somebody of another name: nobody is silently renamed.
func otherName(name string) string {
	surname := model.FoldName(name)
	for _, r := range surname {
		surname = string(r)
		break
	}
	return "手机号已登记为其他姓名（" + surname + "*），请核对姓名和手机号。"
}

// takeNumber frees a number from somebody of another name who has left altogether: numbers are given out again. Everybody else keeps theirs.
func (s *Service) takeNumber(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Member, now time.Time) error {
	p, err := read(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	if !p.departed() {
		return model.BadField("name", "name_mismatch", otherName(m.Name))
	}
	return release(ctx, tx, actor, m, now)
}

// departed: neither a place nor a role is left.
func (p *person) departed() bool { return len(p.places) == 0 && len(p.held) == 0 }

func release(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Member, now time.Time) error {
	clearPhone(m)
	m.UpdatedAt = now
	if err := tx.SaveMember(ctx, m); err != nil {
		return err
	}
	return tx.Audit(ctx, now, actor, "member.phone_released", "member:"+m.ID, "", nil)
}

// entryAt shows a person as the roster of an organisation does.
func (s *Service) entryAt(ctx context.Context, tx *store.Store, id string, o *model.Org) (*Entry, error) {
	p, err := read(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	at := model.Membership{OrgID: o.ID, OrgPath: o.Path}
	for _, m := range p.places {
		if model.Within(m.OrgPath, o.Path) && (at.ID == "" || m.OrgPath < at.OrgPath) {
			at = m
		}
	}
	e, err := s.entry(ctx, tx, model.SystemActor(), p, at)
	if err == nil {
		e.Grants = nil
		e.show(p.held, inOrg(o))
	}
	return e, err
}

// Update changes what is known of a person. Errors: not_found, forbidden, validation_failed, edit_conflict, conflict when the phone is another's.
func (s *Service) Update(ctx context.Context, actor *model.Actor, id string, c Changes) (*Entry, error) {
	now := s.clock()
	var out *Entry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, at, err := edited(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if c.Version != 0 && c.Version != p.Version {
			return model.Fail(model.CodeEditConflict, "该成员的资料刚被他人修改，请刷新后再试。")
		}
		what, err := c.apply(p.Member, now)
		if err != nil {
			return err
		}
		if c.Phone != nil {
			moved, err := s.changePhone(ctx, tx, actor, p, at, *c.Phone)
			if err != nil {
				return err
			}
			what.note("phone", moved)
		}
		if err := s.saveChanges(ctx, tx, actor, p, at, c.JoinedOn, what, now); err != nil {
			return err
		}
		if p, err = read(ctx, tx, id); err != nil {
			return err
		}
		at, _ = p.where(actor, model.CanEditRoster)
		out, err = s.entry(ctx, tx, actor, p, at)
		return err
	})
	return out, err
}

// changePhone gives a person another number; it reports whether it is another.
func (s *Service) changePhone(ctx context.Context, tx *store.Store, actor *model.Actor, p *person, at model.Membership, text string) (bool, error) {
	phone, ok := model.NormalizePhone(text)
	if !ok {
		return false, badPhone()
	}
	index := s.vault.Index(phone)
	if p.PhoneIndex != nil && *p.PhoneIndex == index {
		return false, nil
	}
	if !model.CanManageAccount(actor, at.OrgPath, p.held) {
		return false, model.Forbidden("该成员在其他组织担任职务，手机号须由上级组织修改。")
	}
	other, err := tx.MemberByPhone(ctx, index)
	switch {
	case err == nil:
		who, err := read(ctx, tx, other.ID)
		if err != nil {
			return false, err
		}
		if !who.departed() {
			return false, model.Conflict("该手机号已登记在其他成员名下，请核对。")
		}
		if err := release(ctx, tx, actor, other, s.clock()); err != nil {
			return false, err
		}
	case !model.IsNotFound(err):
		return false, err
	}
	return true, s.setPhone(p.Member, phone)
}

// saveChanges writes what has changed, and nothing when nothing has.
func (s *Service) saveChanges(ctx context.Context, tx *store.Store, actor *model.Actor, p *person, at model.Membership, joined *model.Date, what changedFields, now time.Time) error {
	if len(what) > 0 {
		p.UpdatedAt = now
		if err := tx.SaveMember(ctx, p.Member); err != nil {
			return err
		}
	}
	for _, m := range p.places {
		if joined == nil || *joined == m.JoinedOn || !model.CanEditRoster(actor, m.OrgPath) {
			continue
		}
		if err := tx.SetJoinedOn(ctx, m.ID, *joined); err != nil {
			return err
		}
		what.note("joined_on", true)
	}
	if len(what) == 0 {
		return nil
	}
	if err := tx.Audit(ctx, now, actor, "member.update", "member:"+p.ID, at.OrgID, map[string]string{"fields": what.list()}); err != nil {
		return err
	}
	return rightsChanged(ctx, tx, now, p.ID)
}

// UpdateSelf lets a member correct what only they know best: employer and title. Errors: validation_failed.
func (s *Service) UpdateSelf(ctx context.Context, actor *model.Actor, employer, title *string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		p, err := read(ctx, tx, actor.MemberID)
		if err != nil {
			return err
		}
		what, err := Changes{Employer: employer, Title: title}.apply(p.Member, now)
		if err != nil {
			return err
		}
		return s.saveChanges(ctx, tx, actor, p, model.Membership{}, nil, what, now)
	})
}
