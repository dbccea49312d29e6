package suggestion

import (
	"context"

	"zhibu/model/store"
)

// OwnIndexes are the names under which anonymous suggestions know a member, for the export of their data and for their erasure.
func (s *Service) OwnIndexes(ctx context.Context, tx *store.Store, memberID string) ([]string, error) {
	taken, _, err := s.indexes(ctx, tx, memberID)
	return taken, err
}
