package member

import (
	"context"
	"io"
	"strconv"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/member/roster"
)

// Result is what an import did, or in a dry run would do.
type Result struct {
	Created        int // persons who are new in the organisation
	Updated        int // persons of whom something changed
	Unchanged      int
	IgnoredColumns []string
	Errors         []roster.Problem // by row; the other rows go in
}

// The codes of a row that reads well but does not fit what is known, beside those of the roster file.
const (
	CodeNameMismatch = "name_mismatch"
	CodeNamesake     = "namesake"
	CodeOtherGroup   = "other_group"
	CodeHoldsRole    = "holds_role"
	CodeErased       = "erased"
)

// ImportFile reads a roster file into an organisation; groups that it names are made where they are missing. A dry run plans the same and writes
// nothing. All good rows go in together, in one transaction: of a roster, at most 5,000 rows, an interrupted import leaves nothing half done, and it
// takes about a second. Errors: not_found, forbidden, and those of the file: unsupported_media_type, payload_too_large, validation_failed.
func (s *Service) ImportFile(ctx context.Context, actor *model.Actor, orgID string, file io.Reader, size int64, filename string, dryRun bool) (*Result, error) {
	const refusal = "导入花名册由支部书记办理。"
	if _, err := leadOrg(ctx, s.store, actor, orgID, model.CanEditRoster, refusal); err != nil {
		return nil, err // before a large file is read for nothing
	}
	sheet, err := roster.Read(file, size, filename, roster.DefaultLimits())
	if err != nil {
		return nil, err
	}
	now := s.clock()
	if dryRun {
		p, err := s.plan(ctx, s.store, actor, orgID, sheet, now)
		if err != nil {
			return nil, err
		}
		return p.result(sheet), nil
	}
	var out *Result
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		p, err := s.plan(ctx, tx, actor, orgID, sheet, now)
		if err != nil {
			return err
		}
		out = p.result(sheet)
		return p.write(ctx, tx, actor)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// write carries the plan out. A plan without changes writes nothing at all.
func (p *plan) write(ctx context.Context, tx *store.Store, actor *model.Actor) error {
	if p.created+p.updated == 0 {
		return nil
	}
	for _, g := range p.newGroups {
		if err := addOrg(ctx, tx, actor, g); err != nil {
			return err
		}
	}
	for _, m := range p.released { // before somebody else gets the number
		if err := release(ctx, tx, actor, m, p.now); err != nil {
			return err
		}
	}
	if err := tx.AddMembers(ctx, p.newMembers); err != nil {
		return err
	}
	if err := tx.AddMemberships(ctx, p.newPlaces); err != nil {
		return err
	}
	for _, m := range p.changed {
		if err := tx.SaveMember(ctx, m); err != nil {
			return err
		}
	}
	for _, m := range p.moves {
		if err := tx.MoveMembership(ctx, m.place, m.to); err != nil {
			return err
		}
	}
	for _, d := range p.days {
		if err := tx.SetJoinedOn(ctx, d.place, d.day); err != nil {
			return err
		}
	}
	if err := tx.DropGrants(ctx, grantIDs(p.lost)); err != nil {
		return err
	}
	return p.tell(ctx, tx, actor)
}

// manyChanged is from how many persons on it is cheaper to let every copy of rights be read again.
const manyChanged = 100

// tell writes one audit entry for the whole import, and lets copies of the persons' rights be forgotten.
func (p *plan) tell(ctx context.Context, tx *store.Store, actor *model.Actor) error {
	detail := map[string]string{"created": strconv.Itoa(p.created), "updated": strconv.Itoa(p.updated), "unchanged": strconv.Itoa(p.unchanged),
		"errors": strconv.Itoa(len(p.faults))}
	if err := tx.Audit(ctx, p.now, actor, "roster.import", "org:"+p.org.ID, p.org.ID, detail); err != nil {
		return err
	}
	if len(p.touched) > manyChanged {
		return tx.Changed(ctx, p.now, model.TopicOrg, p.org.ID)
	}
	for _, id := range p.touched {
		if err := rightsChanged(ctx, tx, p.now, id); err != nil {
			return err
		}
	}
	return nil
}
