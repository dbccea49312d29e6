package store

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
)

// AddSuggestion writes a new suggestion with the first line of its timeline.
func (s *Store) AddSuggestion(ctx context.Context, m *model.Suggestion, step *model.SuggestionStep) error {
	m.Version = 1
	if err := s.write(ctx).Create(m).Error; err != nil {
		return fault(err)
	}
	return s.addSuggestionStep(ctx, m, step)
}

func (s *Store) addSuggestionStep(ctx context.Context, m *model.Suggestion, step *model.SuggestionStep) error {
	step.SuggestionID, step.Seq = m.ID, m.Version
	return fault(s.write(ctx).Create(step).Error)
}

// Suggestion reads one suggestion.
func (s *Store) Suggestion(ctx context.Context, id string) (*model.Suggestion, error) {
	return one[model.Suggestion](s.read(ctx).Where("id = ?", id), "这条意见建议")
}

// SaveSuggestion writes a suggestion that is still in the state and of the version that was read, and a line of the timeline unless it is nil.
// Whoever comes second gets a conflict.
func (s *Store) SaveSuggestion(ctx context.Context, m *model.Suggestion, from model.SuggestionState, step *model.SuggestionStep) error {
	read := m.Version
	m.Version++
	n, err := changed(s.write(ctx).Model(&model.Suggestion{}).Where("id = ? AND version = ? AND state = ?", m.ID, read, from).
		Select("*").Omit("id", "created_at").Updates(m))
	if err == nil && n == 0 {
		err = model.Conflict("这条意见建议刚被他人处理，请刷新后再试。")
	}
	if err != nil || step == nil {
		return err
	}
	return s.addSuggestionStep(ctx, m, step)
}

// SuggestionSteps are a suggestion's timeline, the oldest first.
func (s *Store) SuggestionSteps(ctx context.Context, id string) ([]model.SuggestionStep, error) {
	return many[model.SuggestionStep](s.read(ctx).Where("suggestion_id = ?", id).Order("seq"))
}

// SuggestionFilter says whose suggestions are listed: those of an author, or those that wait for somebody. Exactly one of the two is set.
type SuggestionFilter struct {
	AuthorID    string // with the index by which the author's anonymous ones are found
	AuthorIndex string
	AssigneeID  string   // given to this member,
	HolderPaths []string // or held in one of these subtrees
	State       model.SuggestionState
}

// Suggestions lists suggestions, the newest first.
func (s *Store) Suggestions(ctx context.Context, f SuggestionFilter, page model.Page) ([]model.Suggestion, string, error) {
	conds, args := []string{}, []any{}
	if f.AuthorID != "" {
		conds, args = append(conds, "author_id = ?", "author_index = ?"), append(args, f.AuthorID, f.AuthorIndex)
	} else {
		conds, args = append(conds, "assignee_id = ?"), append(args, f.AssigneeID)
		for _, p := range f.HolderPaths {
			// The same range as in under, which cannot stand among alternatives.
			conds, args = append(conds, "(org_path >= ? AND org_path < ?)"), append(args, p, strings.TrimSuffix(p, "/")+"0")
		}
	}
	q := s.read(ctx).Where("("+strings.Join(conds, " OR ")+")", args...).Order("created_at DESC, id DESC").Limit(page.Size() + 1)
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	var after struct {
		At time.Time
		ID string
	}
	if ok, err := model.ReadCursor(page.Cursor, "suggestions", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(created_at < ? OR (created_at = ? AND id < ?))", after.At.UTC(), after.At.UTC(), after.ID)
	}
	rows, err := many[model.Suggestion](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "suggestions", func(m model.Suggestion) any {
		return struct {
			At time.Time
			ID string
		}{m.CreatedAt, m.ID}
	})
	return rows, next, nil
}

// OpenSuggestions counts those that wait for an answer at the very organisations of these paths, not below them, and those that
// the member was asked to answer. Each counts once.
func (s *Store) OpenSuggestions(ctx context.Context, memberID string, paths ...string) (int, error) {
	var n int64
	q := s.read(ctx).Model(&model.Suggestion{}).Where("state IN ?", model.OpenSuggestionStates())
	if len(paths) > 0 {
		q = q.Where("(assignee_id = ? OR org_path IN ?)", memberID, paths)
	} else {
		q = q.Where("assignee_id = ?", memberID)
	}
	err := q.Count(&n).Error
	return int(n), fault(err)
}

// SuggestionsOnTheClock are some of those that wait for an answer, by id after the one given.
func (s *Store) SuggestionsOnTheClock(ctx context.Context, after string, limit int) ([]model.Suggestion, error) {
	return many[model.Suggestion](s.read(ctx).Where("state IN ? AND id > ?", model.OpenSuggestionStates(), after).Order("id").Limit(limit))
}

// OverdueSuggestions counts those held in the subtree of path whose present deadline has passed.
func (s *Store) OverdueSuggestions(ctx context.Context, path string, now time.Time) (int, error) {
	var n int64
	err := under(s.read(ctx).Model(&model.Suggestion{}), "org_path", path).
		Where("((state IN ? AND accept_by < ?) OR (state = ? AND reply_by < ?))",
			[]model.SuggestionState{model.SuggestionSubmitted, model.SuggestionEscalated}, now.UTC(), model.SuggestionAccepted, now.UTC()).
		Count(&n).Error
	return int(n), fault(err)
}

// BelongsUnder reports whether a living member has a place or a role in the subtree of path.
func (s *Store) BelongsUnder(ctx context.Context, memberID, path string) (bool, error) {
	var n int64
	places := under(s.read(ctx).Model(&model.Membership{}).Select("member_id"), "org_path", path).Where("member_id = ?", memberID)
	roles := under(s.read(ctx).Model(&model.Grant{}).Select("member_id"), "org_path", path).Where("member_id = ?", memberID)
	err := s.read(ctx).Model(&model.Member{}).Where("id = ? AND erased_at IS NULL AND (id IN (?) OR id IN (?))", memberID, places, roles).Count(&n).Error
	return n > 0, fault(err)
}
