package upload

import (
	"context"
	"slices"

	"zhibu/model/store"
)

// Erase clears away the files of somebody who is being erased. What an article or a suggestion shows stays, as the organisation's, and no longer
// says who brought it. It tells how many went and how many stayed. It may be run again after a crash.
func (s *Service) Erase(ctx context.Context, memberID string) (gone, kept int, err error) {
	rows, err := s.store.UploadsOf(ctx, memberID)
	if err != nil || len(rows) == 0 {
		return 0, 0, err
	}
	used, err := s.usedElsewhere(ctx, rows)
	if err != nil {
		return 0, 0, err
	}
	for _, u := range rows {
		dropped := false
		if !slices.Contains(used, u.ID) {
			if dropped, err = s.store.DropUnusedUpload(ctx, u.ID); err != nil {
				return gone, kept, err
			}
		}
		if dropped {
			gone++
			err = s.forget(ctx, &u)
		} else {
			kept++
			err = s.store.Tx(ctx, func(tx *store.Store) error { return tx.DisownUploads(ctx, []string{u.ID}) })
		}
		if err != nil {
			return gone, kept, err
		}
	}
	return gone, kept, nil
}
