package policy

import (
	"context"
	"fmt"

	"zhibu/model"
	"zhibu/model/store"
)

// Plan is what putting in a profile changes, in words.
type Plan struct {
	Version   string
	HoldsFrom model.Date
	Stored    bool // false for a dry run
	Revision  string
	Changes   []Change // number by number
	Effects   []Effect // branch by branch, in the order of the tree
}

// Put takes over a new profile, or for a dry run only says what it would change. match is the revision that the caller has seen, empty for any.
// Errors: forbidden, validation_failed, edit_conflict.
func (s *Service) Put(ctx context.Context, actor *model.Actor, file []byte, match string, dry bool) (*Plan, error) {
	now := s.clock()
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	if !model.CanSetPolicy(actor, model.OfficePath(orgs)) {
		return nil, model.Forbidden("制度参数由学会党办维护。")
	}
	p, err := Parse(file)
	if err != nil {
		return nil, err
	}
	sh, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	if err := admissible(sh, p, model.DateOf(now)); err != nil {
		return nil, err
	}
	if match != "" && match != revision(len(sh.all)) {
		return nil, model.Fail(model.CodeEditConflict, "制度参数刚被他人更新，请刷新后再试。")
	}
	plan, err := s.plan(ctx, sh, p, orgs)
	if err != nil || dry {
		return plan, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		row := model.PolicyProfile{Seq: len(sh.all) + 1, Version: p.Version, HoldsFrom: p.HoldsFrom, Body: string(file), CreatedBy: actor.MemberID, CreatedAt: now}
		if err := tx.AddPolicyProfile(ctx, &row); err != nil {
			if model.CodeOf(err) == model.CodeConflict {
				err = model.Fail(model.CodeEditConflict, "制度参数刚被他人更新，请刷新后再试。")
			}
			return err
		}
		detail := map[string]string{"version": p.Version, "holds_from": string(p.HoldsFrom), "changes": fmt.Sprint(len(plan.Changes))}
		if err := tx.Audit(ctx, now, actor, "policy.put", "policy:"+revision(row.Seq), "", detail); err != nil {
			return err
		}
		return tx.Changed(ctx, now, model.TopicPolicy, revision(row.Seq))
	})
	if err != nil {
		return nil, err
	}
	plan.Stored, plan.Revision = true, revision(len(sh.all)+1)
	return plan, nil
}

// admissible checks what follows from the profiles that are there.
func admissible(sh *Shelf, p *model.Policy, today model.Date) error {
	var faults model.Invalid
	if p.Version == sh.plain.Version {
		faults.Add("version", "duplicate", "version：“"+p.Version+"”是内置版本的名称，请另取一个版本名。")
	}
	for _, o := range sh.all {
		if o.Version == p.Version {
			faults.Add("version", "duplicate", "version：“"+p.Version+"”已经用过，请另取一个版本名。")
		}
	}
	if len(sh.all) > 0 && p.HoldsFrom < today {
		faults.Add("holds_from", "in_the_past", "holds_from：生效日期不能早于今天（"+string(today)+"）。")
	}
	return faults.Err()
}
