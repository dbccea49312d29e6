package member

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/member/roster"
)

// plan is what an import will do. It is made from what is known before the first write, so that a dry run and a real one count the same.
type plan struct {
	svc    *Service
	actor  *model.Actor
	org    *model.Org
	now    time.Time
	byTel  map[string]*model.Member // by blind index
	places map[string][]model.Membership
	held   map[string][]model.Grant
	groups map[string]*model.Org // directly below the organisation, by their folded name
	noTel  map[string]bool       // names of persons there whose phone is not known
	erased map[string]bool       // marks of persons who withdrew their consent

	newGroups  []*model.Org
	newMembers []*model.Member
	newPlaces  []*model.Membership
	released   []*model.Member
	changed    []*model.Member
	moves      []move
	days       []day
	lost       []model.Grant
	touched    []string // persons known before, whose rights change
	faults     []roster.Problem

	created, updated, unchanged int
}

type move struct {
	place string
	to    *model.Org
}

type day struct {
	place string
	day   model.Date
}

// plan compares the sheet with what is known.
func (s *Service) plan(ctx context.Context, tx *store.Store, actor *model.Actor, orgID string, sheet *roster.Sheet, now time.Time) (*plan, error) {
	p := &plan{svc: s, actor: actor, now: now, groups: map[string]*model.Org{}, noTel: map[string]bool{}}
	if err := p.load(ctx, tx, orgID, sheet); err != nil {
		return nil, err
	}
	for _, r := range sheet.Rows {
		if err := p.row(r); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// load reads everything that the rows are compared with, in a few statements instead of several for each row.
func (p *plan) load(ctx context.Context, tx *store.Store, orgID string, sheet *roster.Sheet) (err error) {
	if p.org, err = tx.Org(ctx, orgID); err != nil {
		return err
	}
	indexes, marks := make([]string, len(sheet.Rows)), make([]string, len(sheet.Rows))
	for i, r := range sheet.Rows {
		indexes[i], marks[i] = p.svc.vault.Index(r.Phone), p.svc.erasedMark(r.Phone)
	}
	if p.erased, err = tx.MarkedAsErased(ctx, marks); err != nil {
		return err
	}
	if p.byTel, err = tx.MembersByPhones(ctx, indexes); err != nil {
		return err
	}
	ids := make([]string, 0, len(p.byTel))
	for _, m := range p.byTel {
		ids = append(ids, m.ID)
	}
	if p.places, err = tx.MembershipsOf(ctx, ids); err != nil {
		return err
	}
	if p.held, err = tx.GrantsOf(ctx, ids); err != nil {
		return err
	}
	children, err := tx.ChildOrgs(ctx, orgID)
	if err != nil {
		return err
	}
	for i, c := range children {
		if key := groupKey(c.Name); c.Kind == model.OrgGroup && p.groups[key] == nil {
			p.groups[key] = &children[i]
		}
	}
	unknown, err := tx.PhonelessUnder(ctx, p.org.Path)
	for _, m := range unknown {
		p.noTel[model.FoldName(m.Name)] = true
	}
	return err
}

// groupKey is what two wordings of one group's name have in common: 第一党小组, 第一小组.
func groupKey(name string) string {
	key := strings.ReplaceAll(model.FoldText(model.SingleLine(name)), " ", "")
	for _, end := range []string{"党小组", "小组"} {
		if rest, ok := strings.CutSuffix(key, end); ok && rest != "" {
			return rest
		}
	}
	return key
}

// result counts, with the faults of the file and those found here in the order of the rows.
func (p *plan) result(sheet *roster.Sheet) *Result {
	r := &Result{Created: p.created, Updated: p.updated, Unchanged: p.unchanged, IgnoredColumns: sheet.IgnoredColumns,
		Errors: append(slices.Clone(sheet.Problems), p.faults...)}
	slices.SortStableFunc(r.Errors, func(a, b roster.Problem) int { return cmp.Compare(a.Row, b.Row) })
	return r
}

func (p *plan) fault(r roster.Row, column, code, detail string) error {
	p.faults = append(p.faults, roster.Problem{Row: r.Row, Column: column, Code: code, Detail: detail})
	return nil
}

// row plans one person.
func (p *plan) row(r roster.Row) error {
	known := p.byTel[p.svc.vault.Index(r.Phone)]
	if known != nil && model.FoldName(known.Name) != r.Name {
		if who := (&person{Member: known, places: p.places[known.ID], held: p.held[known.ID]}); !who.departed() {
			return p.fault(r, "姓名", CodeNameMismatch, otherName(known.Name))
		}
	}
	if p.org.Kind == model.OrgGroup && r.Group != "" && groupKey(r.Group) != groupKey(p.org.Name) {
		return p.fault(r, "党小组", CodeOtherGroup, "这里导入的是“"+p.org.Name+"”的名单，该行写的是其他党小组，请核对或在所属党支部导入。")
	}
	if known == nil && p.erased[p.svc.erasedMark(r.Phone)] {
		return p.fault(r, "手机号", CodeErased, erasedAdvice)
	}
	if known == nil || model.FoldName(known.Name) != r.Name {
		if p.noTel[r.Name] {
			return p.fault(r, "姓名", CodeNamesake, "花名册中已有一位同名成员没有登记手机号，请先核对：如是同一人，请在其资料中补充手机号后再导入。")
		}
		return p.fresh(r, known)
	}
	return p.again(r, known)
}

// fresh plans a person whose phone nobody has, or somebody who has left.
func (p *plan) fresh(r roster.Row, before *model.Member) error {
	m, err := p.svc.NewMember(detailsOf(r), p.now)
	if err != nil {
		return err
	}
	if before != nil {
		p.released = append(p.released, before)
	}
	p.newMembers = append(p.newMembers, m)
	p.newPlaces = append(p.newPlaces, newPlace(m.ID, p.target(r), r.JoinedOn, p.now))
	p.created++
	return nil
}

func detailsOf(r roster.Row) Details {
	return Details{Name: r.Name, Phone: r.Phone, PartyStatus: r.PartyStatus, Employer: r.Employer, Title: r.Title, JoinedOn: r.JoinedOn}
}

// again plans a person who is known. A row that must not be carried out changes nothing, so its faults are found first.
func (p *plan) again(r roster.Row, m *model.Member) error {
	inside, at, moves := p.place(r, m.ID)
	if moves {
		lost := p.lostBy(r, m.ID, at)
		for _, g := range lost {
			if !model.CanGrant(p.actor, g.Role, g.OrgPath) {
				return p.fault(r, "党小组", CodeHoldsRole, "该成员在原党小组担任的职务须由上级组织先行撤销，才能调整党小组。")
			}
		}
		p.lost = append(p.lost, lost...)
	}
	changed := detailsOf(r).fillInto(m)
	if changed {
		m.UpdatedAt = p.now
		p.changed = append(p.changed, m)
	}
	switch {
	case at == nil:
		p.newPlaces = append(p.newPlaces, newPlace(m.ID, p.target(r), r.JoinedOn, p.now))
		changed = true
	case moves:
		p.moves = append(p.moves, move{at.ID, p.target(r)})
		changed = true
	}
	if at != nil && r.JoinedOn != "" && r.JoinedOn != at.JoinedOn {
		p.days = append(p.days, day{at.ID, r.JoinedOn})
		changed = true
	}
	switch {
	case !inside:
		p.created++
	case changed:
		p.updated++
	default:
		p.unchanged++
	}
	if changed {
		p.touched = append(p.touched, m.ID)
	}
	return nil
}

// place finds the person's place that the row is about, nil when they gain one, and whether it moves to the row's group. A row without a group
// moves nobody. Who is in the organisation itself, or in one other of its groups, moves to the group named; who is in several gains one more.
// Inside tells whether they were in the organisation before.
func (p *plan) place(r roster.Row, id string) (inside bool, at *model.Membership, moves bool) {
	var here, grouped []*model.Membership
	group := p.groups[groupKey(r.Group)]
	named := r.Group != "" && p.org.Kind != model.OrgGroup
	for i := range p.places[id] {
		m := &p.places[id][i]
		switch {
		case named && group != nil && m.OrgID == group.ID:
			return true, m, false
		case m.OrgID == p.org.ID:
			here = append(here, m)
		case p.isGroup(m.OrgID):
			grouped = append(grouped, m)
		case p.org.Kind == model.OrgGroup && p.org.ParentID != nil && m.OrgID == *p.org.ParentID:
			at, moves = m, true // from the branch itself into this group of it
		}
		inside = inside || model.Within(m.OrgPath, p.org.Path)
	}
	switch {
	case len(here) > 0:
		return inside, here[0], named
	case len(grouped) > 0 && !named, len(grouped) == 1:
		return inside, grouped[0], named
	case inside && !named:
		return inside, p.highest(id), false
	}
	return inside, at, moves
}

// highest is the person's place inside the organisation that is nearest to its top.
func (p *plan) highest(id string) *model.Membership {
	var best *model.Membership
	for i := range p.places[id] {
		if m := &p.places[id][i]; model.Within(m.OrgPath, p.org.Path) && (best == nil || m.OrgPath < best.OrgPath) {
			best = m
		}
	}
	return best
}

func (p *plan) isGroup(orgID string) bool {
	for _, g := range p.groups {
		if g.ID == orgID {
			return true
		}
	}
	return false
}

// lostBy are the roles that end when a place moves to the row's group. A group that is not made yet is as good as the organisation itself here:
// nobody holds a role in it.
func (p *plan) lostBy(r roster.Row, id string, at *model.Membership) []model.Grant {
	to := p.org.Path
	if g := p.groups[groupKey(r.Group)]; g != nil && p.org.Kind != model.OrgGroup {
		to = g.Path
	}
	after := slices.Clone(p.places[id])
	for i := range after {
		if after[i].ID == at.ID {
			after[i].OrgPath = to
		}
	}
	return model.GrantsLost(p.held[id], p.places[id], after)
}

// target is the organisation, or the group of it that the row names, which is made where it is missing.
func (p *plan) target(r roster.Row) *model.Org {
	if r.Group == "" || p.org.Kind == model.OrgGroup {
		return p.org
	}
	key := groupKey(r.Group)
	if g := p.groups[key]; g != nil {
		return g
	}
	id := store.NewID()
	g := &model.Org{ID: id, ParentID: &p.org.ID, Kind: model.OrgGroup, Name: model.SingleLine(r.Group), Path: model.PathUnder(p.org.Path, id),
		Depth: p.org.Depth + 1, Version: 1, CreatedAt: p.now, UpdatedAt: p.now}
	p.groups[key] = g
	p.newGroups = append(p.newGroups, g)
	return g
}
