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
	AuthorID    string // with the indexes by which the author's anonymous ones are found
	AuthorIndex []string
	AssigneeID  string   // given to this member,
	HolderPaths []string // or held in one of these subtrees
	State       model.SuggestionState
}

// Suggestions lists suggestions, the newest first.
func (s *Store) Suggestions(ctx context.Context, f SuggestionFilter, page model.Page) ([]model.Suggestion, string, error) {
	conds, args := []string{}, []any{}
	if f.AuthorID != "" {
		conds, args = append(conds, "author_id = ?", "author_index IN ?"), append(args, f.AuthorID, padded(f.AuthorIndex))
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
	q := s.read(ctx).Model(&model.Suggestion{}).Where("state IN ? AND merged_into = ''", model.OpenSuggestionStates())
	if len(paths) > 0 {
		q = q.Where("(assignee_id = ? OR org_path IN ?)", memberID, paths)
	} else {
		q = q.Where("assignee_id = ?", memberID)
	}
	err := q.Count(&n).Error
	return int(n), fault(err)
}

// SuggestionsOnTheClock are some of those that wait for an answer of their own, by id after the one given.
func (s *Store) SuggestionsOnTheClock(ctx context.Context, after string, limit int) ([]model.Suggestion, error) {
	return many[model.Suggestion](s.read(ctx).Where("state IN ? AND merged_into = '' AND id > ?", model.OpenSuggestionStates(), after).Order("id").Limit(limit))
}

// OverdueSuggestions counts those to be answered in the subtree of path whose present deadline has passed.
func (s *Store) OverdueSuggestions(ctx context.Context, path string, now time.Time) (int, error) {
	var n int64
	err := under(s.read(ctx).Model(&model.Suggestion{}), "org_path", path).
		Where("merged_into = '' AND ((state IN ? AND accept_by < ?) OR (state = ? AND reply_by < ?))",
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

// AnsweredSuggestions counts the member's own that wait for the member: answered since the instant and not yet judged, or with a question of
// whether the answer may be published.
func (s *Store) AnsweredSuggestions(ctx context.Context, memberID string, indexes []string, since time.Time) (int, error) {
	var n int64
	err := s.read(ctx).Model(&model.Suggestion{}).Where("(author_id = ? OR author_index IN ?)", memberID, padded(indexes)).
		Where("((state = ? AND state_at > ?) OR publication = ?)", model.SuggestionReplied, since, model.PublicationAsked).Count(&n).Error
	return int(n), fault(err)
}

// KnownAuthorIndexes are those of these indexes that some suggestion has.
func (s *Store) KnownAuthorIndexes(ctx context.Context, indexes []string) ([]string, error) {
	known := []string{}
	err := s.read(ctx).Model(&model.Suggestion{}).Where("author_index IN ?", indexes).Distinct().Pluck("author_index", &known).Error
	return known, fault(err)
}

// SuggestionsMergedInto are those handled together with one, in the order of their ids.
func (s *Store) SuggestionsMergedInto(ctx context.Context, id string) ([]model.Suggestion, error) {
	return many[model.Suggestion](s.read(ctx).Where("merged_into = ?", id).Order("id"))
}

// SuggestionsAwaiting are the newest of those that wait for an answer of their own in the subtrees of these paths.
func (s *Store) SuggestionsAwaiting(ctx context.Context, paths []string, limit int) ([]model.Suggestion, error) {
	conds, args := []string{}, []any{}
	for _, p := range paths {
		conds, args = append(conds, "(org_path >= ? AND org_path < ?)"), append(args, p, strings.TrimSuffix(p, "/")+"0")
	}
	if len(conds) == 0 {
		return nil, nil
	}
	return many[model.Suggestion](s.read(ctx).Where("state IN ? AND merged_into = ''", model.OpenSuggestionStates()).
		Where("("+strings.Join(conds, " OR ")+")", args...).Order("created_at DESC, id DESC").Limit(limit))
}

// PublishedSuggestions are those whose answers the organisations of these ids have published, the newest first.
func (s *Store) PublishedSuggestions(ctx context.Context, orgIDs []string, page model.Page) ([]model.Suggestion, string, error) {
	q := s.read(ctx).Where("publication = ? AND org_id IN ?", model.PublicationShown, padded(orgIDs)).Order("public_at DESC, id DESC").Limit(page.Size() + 1)
	var after publishedPlace
	if ok, err := model.ReadCursor(page.Cursor, "published", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(public_at < ? OR (public_at = ? AND id < ?))", after.At.UTC(), after.At.UTC(), after.ID)
	}
	rows, err := many[model.Suggestion](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "published", func(m model.Suggestion) any { return publishedPlace{*m.PublicAt, m.ID} })
	return rows, next, nil
}

// publishedPlace is where a page of published answers ends.
type publishedPlace struct {
	At time.Time
	ID string
}

// HushedSuggestions are those with an act of an anonymous author that may be noted by now.
func (s *Store) HushedSuggestions(ctx context.Context, now time.Time, limit int) ([]model.Suggestion, error) {
	return many[model.Suggestion](s.read(ctx).Where("hush_until <= ?", now.UTC()).Order("id").Limit(limit))
}

// SuggestionsToTell are those whose anonymous authors may be told of news by now.
func (s *Store) SuggestionsToTell(ctx context.Context, now time.Time, limit int) ([]model.Suggestion, error) {
	return many[model.Suggestion](s.read(ctx).Where("tell_at <= ?", now.UTC()).Order("id").Limit(limit))
}

// SuggestionStepsOfYear are the timelines of all suggestions with a step in the span and in the subtree of path or on the way through it, those
// that were merged left out: suggestion by suggestion, the oldest step first.
func (s *Store) SuggestionStepsOfYear(ctx context.Context, path string, from, to time.Time) ([]model.SuggestionStep, error) {
	active := s.read(ctx).Table("suggestion_steps a").Select("a.suggestion_id").Where("a.at >= ? AND a.at < ?", from.UTC(), to.UTC())
	ids := under(s.read(ctx).Model(&model.Suggestion{}).Select("id"), "to_org_path", path).Where("merged_into = '' AND id IN (?)", active)
	return many[model.SuggestionStep](s.read(ctx).Where("suggestion_id IN (?)", ids).Order("suggestion_id, seq"))
}

// ForgetAuthor takes the sealed author out of the suggestions with these indexes.
func (s *Store) ForgetAuthor(ctx context.Context, indexes []string) error {
	return fault(s.write(ctx).Model(&model.Suggestion{}).Where("author_index IN ?", indexes).
		Updates(map[string]any{"author_sealed": nil, "author_key_id": "", "author_index": "", "tell_at": nil}).Error)
}
