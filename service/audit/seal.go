package audit

import (
	"context"

	"zhibu/model"
	"zhibu/model/store"
)

// sealAtOnce is how many entries one block holds at the most, the first one aside, which adopts all that older programs wrote.
const (
	sealAtOnce = 2000
	adoptMost  = 600_000
	sealTurns  = 50
)

// Seal puts what was committed since the last time into blocks at the end of the chain. Replicas may do it at the same time: of two one
// wins, and every entry is in one block only, also one whose transaction ended late. Nothing is written where there is nothing to seal.
func (s *Service) Seal(ctx context.Context) error {
	for range sealTurns {
		b, err := s.seal(ctx)
		switch {
		case model.CodeOf(err) == model.CodeConflict: // another replica is at it
			return nil
		case err != nil || b == nil:
			return err
		}
		// The line in the log is an anchor too: whoever keeps the logs elsewhere can prove where the chain ended.
		s.log.InfoContext(ctx, "audit sealed", "block", b.Number, "entries", b.Entries, "hash", b.Hash)
		if b.Entries < sealAtOnce {
			break
		}
	}
	return s.KeepAnchor(ctx)
}

// seal writes one block; nil when there is nothing to seal.
func (s *Service) seal(ctx context.Context) (*model.AuditBlock, error) {
	if waiting, err := s.store.UnsealedEntries(ctx, 1); err != nil || len(waiting) == 0 {
		return nil, err
	}
	now := s.clock()
	var block *model.AuditBlock
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		block = nil
		last, err := tx.LastAuditBlock(ctx)
		if err != nil {
			return err
		}
		most := sealAtOnce
		if last == nil {
			most = adoptMost
		}
		entries, err := tx.UnsealedEntries(ctx, most)
		if err != nil || len(entries) == 0 {
			return err
		}
		block = model.NewAuditBlock(s.key, last, entries, now)
		return tx.AddAuditBlock(ctx, block)
	})
	if err != nil {
		return nil, err
	}
	return block, nil
}
