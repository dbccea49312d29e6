package store

import (
	"context"
	"time"

	"zhibu/model"
)

// PolicyProfiles are all profiles ever put in, in the order in which they came.
func (s *Store) PolicyProfiles(ctx context.Context) ([]model.PolicyProfile, error) {
	return many[model.PolicyProfile](s.read(ctx).Order("seq"))
}

// AddPolicyProfile writes a profile after those that are there. Of two at once one is a conflict.
func (s *Store) AddPolicyProfile(ctx context.Context, p *model.PolicyProfile) error {
	return fault(s.write(ctx).Create(p).Error)
}

// Column is one column of the live database.
type Column struct{ Table, Name string }

// Columns are all columns of all tables, as the database itself tells them.
func (s *Store) Columns(ctx context.Context) ([]Column, error) {
	q := s.read(ctx).Raw("SELECT m.name AS `table`, p.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') ORDER BY m.name, p.cid")
	if s.dialect == MySQL {
		q = s.read(ctx).Raw("SELECT TABLE_NAME AS `table`, COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION")
	}
	rows := []Column{}
	return rows, fault(q.Scan(&rows).Error)
}

// OpenSuggestionsBy counts the suggestions that wait for an answer, by the path of the organisation that holds them.
func (s *Store) OpenSuggestionsBy(ctx context.Context) (map[string]int, error) {
	return s.countByPath(ctx, `SELECT org_path, COUNT(*) AS n FROM suggestions WHERE state IN ? GROUP BY org_path`, model.OpenSuggestionStates())
}

// OverdueSuggestionsBy counts those whose present deadline has passed.
func (s *Store) OverdueSuggestionsBy(ctx context.Context, now time.Time) (map[string]int, error) {
	return s.countByPath(ctx, `SELECT org_path, COUNT(*) AS n FROM suggestions WHERE (state IN ? AND accept_by < ?) OR (state = ? AND reply_by < ?) GROUP BY org_path`,
		[]model.SuggestionState{model.SuggestionSubmitted, model.SuggestionEscalated}, now.UTC(), model.SuggestionAccepted, now.UTC())
}

// OpenActionsBy counts what meetings resolved and nobody has closed, by the path of the organisation.
func (s *Store) OpenActionsBy(ctx context.Context) (map[string]int, error) {
	return s.countByPath(ctx, `SELECT org_path, COUNT(*) AS n FROM actions WHERE closed_at IS NULL GROUP BY org_path`)
}

func (s *Store) countByPath(ctx context.Context, query string, args ...any) (map[string]int, error) {
	var rows []struct {
		OrgPath string
		N       int
	}
	err := s.read(ctx).Raw(query, args...).Scan(&rows).Error
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.OrgPath] += r.N
	}
	return counts, fault(err)
}

// WaitingPush is a push that has not gone out, as far as its hour matters.
type WaitingPush struct {
	OrgPath string
	Hours   model.HoursClass
	SendAt  time.Time
}

// PushesFrom are the pushes set for an instant or later.
func (s *Store) PushesFrom(ctx context.Context, from time.Time) ([]WaitingPush, error) {
	return many[WaitingPush](s.read(ctx).Model(&model.Push{}).Select("org_path, hours, send_at").
		Where("state = ? AND send_at >= ?", model.PushScheduled, from.UTC()).Order("send_at, id"))
}
