package official

import (
	"context"

	"zhibu/model/store"
)

// Forgets has the room pass over those who asked to be forgotten, though they follow the account. The function makes the mark by which their
// erasure is known. Call it before the program serves.
func (s *Service) Forgets(mark func(openID string) string) { s.mark = mark }

// unforgotten are those of the openids that no erasure has marked.
func (s *Service) unforgotten(ctx context.Context, tx *store.Store, openIDs []string) ([]string, error) {
	if s.mark == nil || len(openIDs) == 0 {
		return openIDs, nil
	}
	marks := make([]string, len(openIDs))
	for i, id := range openIDs {
		marks[i] = s.mark(id)
	}
	erased, err := tx.MarkedAsErased(ctx, marks)
	if err != nil || len(erased) == 0 {
		return openIDs, err
	}
	kept := make([]string, 0, len(openIDs))
	for i, id := range openIDs {
		if !erased[marks[i]] {
			kept = append(kept, id)
		}
	}
	return kept, nil
}
