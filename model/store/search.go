package store

import (
	"context"
	"strconv"
	"strings"

	"zhibu/model"
)

// SearchRow is an article that holds the terms of a search, with its plain text, on which the search is verified.
type SearchRow struct {
	ArticleRow
	Plain string
}

// SearchArticles lists the published articles under all the terms that the sight allows, from before an id on, the newest first.
// The first term drives the query, so that the rarest should stand there.
func (s *Store) SearchArticles(ctx context.Context, terms []string, sight model.Sight, c model.Category, before string, limit int) ([]SearchRow, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	query, args := s.searchQuery(terms, sight, c, before, limit)
	rows := []SearchRow{}
	err := s.read(ctx).Raw(query, args...).Scan(&rows).Error
	return rows, fault(err)
}

func (s *Store) searchQuery(terms []string, sight model.Sight, c model.Category, before string, limit int) (string, []any) {
	var q strings.Builder
	var args []any
	q.WriteString("SELECT " + rowColumns + ", b.plain FROM (SELECT t0.article_id AS id FROM search_terms t0 ")
	for i, term := range terms[1:] {
		t := "t" + strconv.Itoa(i+1)
		q.WriteString(s.inOrder() + " search_terms " + t + " ON " + t + ".term = ? AND " + t + ".article_id = t0.article_id ")
		args = append(args, term)
	}
	q.WriteString(s.inOrder() + " articles a ON a.id = t0.article_id WHERE t0.term = ? AND a.state = ? ")
	args = append(args, terms[0], model.ArticlePublished)
	if before != "" {
		q.WriteString("AND t0.article_id < ? ")
		args = append(args, before)
	}
	if c != "" {
		q.WriteString("AND a.category = ? ")
		args = append(args, c)
	}
	where, more := sightWhere(sight)
	q.WriteString("AND " + where + " ORDER BY t0.article_id DESC LIMIT ?) AS k ")
	args = append(append(args, more...), limit)
	q.WriteString(s.inOrder() + " articles a ON a.id = k.id " + rowJoins + " JOIN article_bodies b ON b.article_id = a.id ORDER BY a.id DESC")
	return q.String(), args
}

// sightWhere is a Sight as a condition on the articles named a.
func sightWhere(sight model.Sight) (string, []any) {
	where, args := []string{"a.visibility = ?"}, []any{model.VisiblePublic}
	for _, o := range sight.Chain {
		where = append(where, "(a.org_id = ? AND a.visibility IN ?)")
		args = append(args, o.OrgID, o.Visibilities)
	}
	for _, p := range sight.Under {
		where = append(where, "a.org_path LIKE ?")
		args = append(args, p+"%")
	}
	for _, p := range sight.NewsUnder {
		where = append(where, "(a.org_path LIKE ? AND a.org_kind = ? AND a.category = ?)")
		args = append(args, p+"%", model.OrgGroup, model.CategoryNews)
	}
	return "(" + strings.Join(where, " OR ") + ")", args
}

// IndexArticle makes the terms under which an article is found exactly these; none takes it out of the index.
// Only the difference is written, since most edits change few words.
func (s *Store) IndexArticle(ctx context.Context, articleID string, terms []string) error {
	var have []string
	if err := s.write(ctx).Model(&model.SearchTerm{}).Where("article_id = ?", articleID).Pluck("term", &have).Error; err != nil {
		return fault(err)
	}
	want := make(map[string]bool, len(terms))
	for _, t := range terms {
		want[t] = true
	}
	var gone []string
	for _, t := range have {
		if want[t] {
			delete(want, t)
		} else {
			gone = append(gone, t)
		}
	}
	for start := 0; start < len(gone); start += 500 {
		if err := s.write(ctx).Where("article_id = ? AND term IN ?", articleID, gone[start:min(start+500, len(gone))]).Delete(&model.SearchTerm{}).Error; err != nil {
			return fault(err)
		}
	}
	rows := make([]model.SearchTerm, 0, len(want))
	for _, t := range terms {
		if want[t] {
			rows = append(rows, model.SearchTerm{Term: t, ArticleID: articleID})
			delete(want, t)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return fault(s.write(ctx).CreateInBatches(&rows, 500).Error)
}

// PruneSearch takes out of the index whatever is not published.
func (s *Store) PruneSearch(ctx context.Context) error {
	live := s.write(ctx).Model(&model.Article{}).Select("id").Where("state = ?", model.ArticlePublished)
	return fault(s.write(ctx).Where("article_id NOT IN (?)", live).Delete(&model.SearchTerm{}).Error)
}

// maxSharing is how many terms one look for what is shared takes.
const maxSharing = 40

// ArticlesSharing are the ids of the published articles that share the most of these terms. Of each term only the newest articles are looked at, each
// of them at most: rare terms, which tell the most, are looked at in full, and common ones cost no more than that.
func (s *Store) ArticlesSharing(ctx context.Context, terms []string, each, limit int) ([]string, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	query, args := sharingQuery(terms, each, limit)
	var ids []string
	err := s.read(ctx).Raw(query, args...).Scan(&ids).Error
	return ids, fault(err)
}

func sharingQuery(terms []string, each, limit int) (string, []any) {
	var parts []string
	var args []any
	for i, term := range terms[:min(len(terms), maxSharing)] {
		parts = append(parts, "SELECT * FROM (SELECT article_id FROM search_terms WHERE term = ? ORDER BY article_id DESC LIMIT ?) AS t"+strconv.Itoa(i))
		args = append(args, term, each)
	}
	return "SELECT article_id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS merged GROUP BY article_id ORDER BY COUNT(*) DESC, article_id DESC LIMIT ?", append(args, limit)
}

// SetArticlePrints makes the parts by which a text's likeness is found exactly these.
func (s *Store) SetArticlePrints(ctx context.Context, articleID string, chunks []int) error {
	if err := s.write(ctx).Where("article_id = ?", articleID).Delete(&model.ArticlePrint{}).Error; err != nil {
		return fault(err)
	}
	rows := make([]model.ArticlePrint, len(chunks))
	for i, c := range chunks {
		rows[i] = model.ArticlePrint{Chunk: c, ArticleID: articleID}
	}
	if len(rows) == 0 {
		return nil
	}
	return fault(s.write(ctx).Create(&rows).Error)
}

// ArticlesLike are the ids of the articles that share parts of a print, in whatever state, those that share the most first.
func (s *Store) ArticlesLike(ctx context.Context, chunks []int, limit int) ([]string, error) {
	if len(chunks) == 0 {
		return nil, nil
	}
	var ids []string
	err := s.read(ctx).Model(&model.ArticlePrint{}).Where("chunk IN ?", chunks).Group("article_id").
		Order("COUNT(*) DESC, article_id DESC").Limit(limit).Pluck("article_id", &ids).Error
	return ids, fault(err)
}

// ArticlesAfter are articles in whatever state in the order of their ids, after one; it walks through all of them.
func (s *Store) ArticlesAfter(ctx context.Context, id string, limit int) ([]model.Article, error) {
	return many[model.Article](s.read(ctx).Where("id > ?", id).Order("id").Limit(limit))
}

// PlainTexts reads the plain texts of these articles, keyed by id.
func (s *Store) PlainTexts(ctx context.Context, ids []string) (map[string]string, error) {
	rows, err := many[model.ArticleBody](s.read(ctx).Select("article_id", "plain").Where("article_id IN ?", ids))
	byID := make(map[string]string, len(rows))
	for _, r := range rows {
		byID[r.ArticleID] = r.Plain
	}
	return byID, err
}

// PublishedAfter are published articles in the order of their ids, after one; it walks through all of them.
func (s *Store) PublishedAfter(ctx context.Context, id string, limit int) ([]model.Article, error) {
	return many[model.Article](s.read(ctx).Where("state = ? AND id > ?", model.ArticlePublished, id).Order("id").Limit(limit))
}
