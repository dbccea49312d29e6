package member

import (
	"context"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// maxOrgName is the longest name of an organisation, in characters.
const maxOrgName = 100

// OrgEntry is one place in the tree with the number of its people.
type OrgEntry struct {
	model.Org
	Members int // distinct persons of the subtree
}

// Orgs is the part of the tree that the actor may see, parents first.
func (s *Service) Orgs(ctx context.Context, actor *model.Actor) ([]OrgEntry, error) {
	all, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	sizes, err := s.store.OrgSizes(ctx)
	if err != nil {
		return nil, err
	}
	list := []OrgEntry{}
	for _, o := range all {
		if model.CanSeeOrg(actor, o.Path) {
			list = append(list, OrgEntry{Org: o, Members: sizes[o.ID]})
		}
	}
	return list, nil
}

// AddOrg adds a place to the tree; without a parent it is a root. Errors: validation_failed, not_found for a parent the actor may not see,
// forbidden, conflict when the name is taken there.
func (s *Service) AddOrg(ctx context.Context, actor *model.Actor, parentID string, kind model.OrgKind, name string) (*OrgEntry, error) {
	now := s.clock()
	var out *OrgEntry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o := &model.Org{ID: store.NewID(), Kind: kind, Version: 1, CreatedAt: now, UpdatedAt: now}
		parent, err := parentFor(ctx, tx, actor, parentID, kind)
		if err != nil {
			return err
		}
		if o.Name, err = checkOrg(kind, parent, name); err != nil {
			return err
		}
		if parent == nil {
			o.Path = model.PathUnder("", o.ID)
		} else {
			o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
		}
		if err := freeName(ctx, tx, o); err != nil {
			return err
		}
		if err := addOrg(ctx, tx, actor, o); err != nil {
			return err
		}
		out = &OrgEntry{Org: *o}
		return nil
	})
	return out, err
}

// CheckAddOrg finds the faults that AddOrg would find, and adds nothing. Errors: those of AddOrg but a name that is taken.
func (s *Service) CheckAddOrg(ctx context.Context, actor *model.Actor, parentID string, kind model.OrgKind, name string) error {
	parent, err := parentFor(ctx, s.store, actor, parentID, kind)
	if err != nil {
		return err
	}
	_, err = checkOrg(kind, parent, name)
	return err
}

// CheckOrgName finds fault with a name alone. Errors: validation_failed.
func CheckOrgName(name string) error {
	var v model.Invalid
	checkOrgName(&v, name)
	return v.Err()
}

// parentFor reads the parent under which the actor may add a place; nil for a root.
func parentFor(ctx context.Context, tx *store.Store, actor *model.Actor, parentID string, kind model.OrgKind) (*model.Org, error) {
	const refusal = "新增组织由党办办理；支部书记可在本支部下新增党小组。"
	if parentID == "" {
		if !model.CanAddOrg(actor, model.EverywherePath, model.OrgSociety) {
			return nil, model.Forbidden("新增最上级组织须由系统管理员办理。")
		}
		return nil, nil
	}
	may := func(a *model.Actor, path string) bool { return model.CanAddOrg(a, path, kind) }
	return leadOrg(ctx, tx, actor, parentID, may, refusal)
}

func checkOrg(kind model.OrgKind, parent *model.Org, name string) (string, error) {
	var v model.Invalid
	switch {
	case !kind.Valid():
		v.Add("kind", "not_allowed", "组织类别只能是学会、学会党委、分支机构党支部或党小组。")
	case parent == nil && kind == model.OrgGroup:
		v.Add("kind", "not_allowed", "党小组须设在党支部之下。")
	case parent != nil && !parent.Kind.MayHold(kind):
		v.Add("kind", "not_allowed", parent.Kind.Label()+"之下不能设"+kind.Label()+"。")
	}
	name = checkOrgName(&v, name)
	return name, v.Err()
}

func checkOrgName(v *model.Invalid, name string) string {
	name = model.SingleLine(name)
	switch {
	case name == "":
		v.Add("name", "required", "请填写组织名称。")
	case utf8.RuneCountInString(name) > maxOrgName:
		v.Add("name", "too_long", "组织名称不能超过 100 个字。")
	}
	return name
}

// freeName refuses a name that another place under the same parent has.
func freeName(ctx context.Context, tx *store.Store, o *model.Org) error {
	var other *model.Org
	var err error
	if o.ParentID == nil {
		other, err = tx.RootNamed(ctx, o.Name)
	} else {
		other, err = tx.ChildOrg(ctx, *o.ParentID, o.Name)
	}
	switch {
	case model.IsNotFound(err), err == nil && other.ID == o.ID:
		return nil
	case err != nil:
		return err
	}
	return model.Conflict("同一上级之下已有同名组织，请换一个名称。")
}

func addOrg(ctx context.Context, tx *store.Store, actor *model.Actor, o *model.Org) error {
	if err := tx.AddOrg(ctx, o); err != nil {
		return err
	}
	if err := tx.Audit(ctx, o.CreatedAt, actor, "org.create", "org:"+o.ID, o.ID, map[string]string{"kind": string(o.Kind)}); err != nil {
		return err
	}
	return tx.Changed(ctx, o.CreatedAt, model.TopicOrg, o.ID)
}

// RenameOrg gives a place another name. A version that is not 0 must be the present one.
// Errors: not_found, forbidden, validation_failed, conflict when the name is taken, edit_conflict.
func (s *Service) RenameOrg(ctx context.Context, actor *model.Actor, id string, name *string, version int) (*OrgEntry, error) {
	now := s.clock()
	var out *OrgEntry
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := tx.Org(ctx, id)
		if err != nil {
			return err
		}
		if !model.CanEditOrg(actor, o) {
			_, err := leadOrg(ctx, tx, actor, id, func(*model.Actor, string) bool { return false }, "组织名称由党办维护。")
			return err
		}
		out = &OrgEntry{Org: *o}
		if version != 0 && version != o.Version {
			return model.Fail(model.CodeEditConflict, "该组织刚被他人修改，请刷新后再试。")
		}
		if name == nil || model.SingleLine(*name) == o.Name {
			return nil
		}
		return rename(ctx, tx, actor, out, *name, now)
	})
	if err != nil {
		return nil, err
	}
	sizes, err := s.store.OrgSizes(ctx)
	out.Members = sizes[id]
	return out, err
}

func rename(ctx context.Context, tx *store.Store, actor *model.Actor, e *OrgEntry, name string, now time.Time) error {
	o := &e.Org
	var v model.Invalid
	o.Name, o.UpdatedAt = checkOrgName(&v, name), now
	if err := v.Err(); err != nil {
		return err
	}
	if err := freeName(ctx, tx, o); err != nil {
		return err
	}
	if err := tx.SaveOrg(ctx, o); err != nil {
		return err
	}
	o.Version++
	if err := tx.Audit(ctx, now, actor, "org.rename", "org:"+o.ID, o.ID, nil); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicOrg, o.ID)
}
