package suggestion

import (
	"context"

	"zhibu/model"
)

// Todo counts what waits for the actor: open suggestions at the very organisations where they are secretary or above, not those
// further down, which have secretaries of their own; those given to the actor; and the actor's own with an answer to be judged or a question of
// whether it may be published. The last is how an anonymous author learns of the answer at once: it is found while they ask, and written nowhere.
func (s *Service) Todo(ctx context.Context, actor *model.Actor) (int, error) {
	if !actor.Bound() {
		return 0, nil
	}
	var paths []string
	for _, p := range actor.Powers {
		if p.Role.Rank() < model.RoleSecretary.Rank() {
			continue
		}
		if p.Path != model.EverywherePath {
			paths = append(paths, p.Path)
			continue
		}
		root, err := s.store.RootOrg(ctx)
		if err != nil && !model.IsNotFound(err) {
			return 0, err
		}
		if err == nil {
			paths = append(paths, root.Path)
		}
	}
	n, err := s.store.OpenSuggestions(ctx, actor.MemberID, paths...)
	if err != nil {
		return 0, err
	}
	own, _, err := s.indexes(ctx, s.store, actor.MemberID)
	if err != nil {
		return 0, err
	}
	answered, err := s.store.AnsweredSuggestions(ctx, actor.MemberID, own, s.clock().AddDate(0, 0, -model.ReopenDays))
	return n + answered, err
}
