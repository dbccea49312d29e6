package store

import (
	"context"

	"zhibu/model"
)

// FeedPlanOf lets the tests outside ask for the query of a feed's page that begins after an instant.
func (s *Store) FeedPlanOf(f FeedFilter, at int64, id string) (string, []any) {
	return s.feedQuery(f, feedKeys{At: at, ID: id}, true, 21)
}

// SearchPlanOf is the query of a search.
func (s *Store) SearchPlanOf(terms []string, sight model.Sight, before string) (string, []any) {
	return s.searchQuery(SearchLook{Terms: terms, Sight: sight, Category: model.CategoryNews, Before: before}, 21)
}

// SharingPlanOf is the query for what shares terms.
func (s *Store) SharingPlanOf(terms []string) (string, []any) { return sharingQuery(terms, 200, 40) }

// Explain is how the database will carry out a query, one row of its answer after the other.
func (s *Store) Explain(ctx context.Context, query string, args ...any) (rows []map[string]any, err error) {
	verb := "EXPLAIN "
	if s.dialect == SQLite {
		verb = "EXPLAIN QUERY PLAN "
	}
	err = s.reader.WithContext(ctx).Raw(verb+query, args...).Scan(&rows).Error
	return rows, err
}

// Analyze lets the planner know what there is.
func (s *Store) Analyze(ctx context.Context) error {
	if s.dialect == SQLite {
		return s.writer.WithContext(ctx).Exec("ANALYZE").Error
	}
	return s.writer.WithContext(ctx).Exec("ANALYZE TABLE articles, search_terms, article_relays, article_prints, article_bodies").Error
}
