package store

import (
	"context"

	"zhibu/model"
)

// ArticleImports are those of these sources that became drafts before, keyed by source.
func (s *Store) ArticleImports(ctx context.Context, sources []string) (map[string]model.ArticleImport, error) {
	rows, err := many[model.ArticleImport](s.read(ctx).Where("source IN ?", sources))
	bySource := make(map[string]model.ArticleImport, len(rows))
	for _, r := range rows {
		bySource[r.Source] = r
	}
	return bySource, err
}

// AddArticleImport remembers a source, and reports whether it was new.
func (s *Store) AddArticleImport(ctx context.Context, row model.ArticleImport) (bool, error) {
	return s.insertOnce(ctx, &row)
}
