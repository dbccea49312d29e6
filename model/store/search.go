package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// SearchRow is what a search shows of an article, what it is verified on but for its text, and what says who may see it.
type SearchRow struct {
	ArticleRow
}

const searchColumns = feedColumns + ", a.key_points, a.doc_no, a.state, a.visibility, a.org_path, a.org_kind, a.version"

// SearchLook is one look into the index: for published articles under all the terms, of which the first drives the query, so that the rarest should
// stand there.
type SearchLook struct {
	Terms    []string
	Sight    model.Sight
	Category model.Category // "" for all
	Before   string         // the id before which it begins, "" for the newest
	From     string         // the id with which it ends, "" for the oldest
	Few      bool           // the sight allows few articles: look at these, instead of at what the first term names
}

// SearchArticles lists what a look finds, the newest first.
func (s *Store) SearchArticles(ctx context.Context, look SearchLook, limit int) ([]SearchRow, error) {
	if len(look.Terms) == 0 {
		return nil, nil
	}
	query, args := s.searchQuery(look, limit)
	rows := []SearchRow{}
	err := s.read(ctx).Raw(query, args...).Scan(&rows).Error
	return rows, fault(err)
}

// searchQuery walks down one list of ids, that of the first term or that of what may be seen, and asks for each whether the other terms name it, too.
func (s *Store) searchQuery(look SearchLook, limit int) (string, []any) {
	var q strings.Builder
	var args []any
	others := look.Terms[1:]
	driver := "t0.article_id"
	q.WriteString("SELECT " + searchColumns + " FROM (SELECT ")
	if look.Few {
		driver, others = "v.id", look.Terms
		parts, more := s.sightParts(look.Sight, "")
		q.WriteString("v.id FROM (" + parts + ") AS v ")
		args = more
	} else {
		q.WriteString("t0.article_id AS id FROM search_terms t0 ")
	}
	for i, term := range others {
		t := "t" + strconv.Itoa(i+1)
		q.WriteString(s.inOrder() + " search_terms " + t + " " + s.byTerm() + " ON " + t + ".term = ? AND " + t + ".article_id = " + driver + " ")
		args = append(args, term)
	}
	q.WriteString(s.inOrder() + " articles a ON a.id = " + driver + " WHERE a.state = ? ")
	args = append(args, model.ArticlePublished)
	add := func(condition string, arg any) {
		q.WriteString("AND " + condition + " ")
		args = append(args, arg)
	}
	if !look.Few {
		add("t0.term = ?", look.Terms[0])
	}
	if look.Before != "" {
		add(driver+" < ?", look.Before)
	}
	if look.From != "" {
		add(driver+" >= ?", look.From)
	}
	if look.Category != "" {
		add("a.category = ?", look.Category)
	}
	where, more := sightWhere(look.Sight)
	q.WriteString("AND " + where + " ORDER BY " + driver + " DESC LIMIT ?) AS k ")
	args = append(append(args, more...), limit)
	q.WriteString(s.inOrder() + " articles a ON a.id = k.id " + rowJoins + " ORDER BY a.id DESC")
	return q.String(), args
}

// byTerm names the index whose neighbours are articles of one term. By the other, of the terms of one article, each look would read another page of it.
func (s *Store) byTerm() string {
	if s.dialect == MySQL {
		return s.force("PRIMARY")
	}
	return s.force("sqlite_autoindex_search_terms_1")
}

// sightParts lists the ids of all that may be seen, each once, from the ranges of an index; each range with the given end. Editors' sights have none.
func (s *Store) sightParts(sight model.Sight, end string, more ...any) (string, []any) {
	base := "SELECT id FROM articles " + s.force("articles_open") + " WHERE state = ? AND visibility = ?"
	parts, args := []string{base}, []any{model.ArticlePublished, model.VisiblePublic}
	args = append(args, more...)
	for _, o := range sight.Chain {
		for _, v := range o.Visibilities {
			if v == model.VisiblePublic {
				continue // is in the first
			}
			parts = append(parts, "SELECT id FROM articles "+s.force("articles_feed")+" WHERE state = ? AND visibility = ? AND org_id = ?")
			args = append(append(args, model.ArticlePublished, v, o.OrgID), more...)
		}
	}
	for i, p := range parts {
		parts[i] = "SELECT * FROM (" + p + end + ") AS p" + strconv.Itoa(i)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// SeesFew reports whether a sight allows at most so many articles. Of editors, who see whole parts of the tree, it is never said.
func (s *Store) SeesFew(ctx context.Context, sight model.Sight, most int) (bool, error) {
	if len(sight.Under)+len(sight.NewsUnder) > 0 {
		return false, nil
	}
	parts, args := s.sightParts(sight, " LIMIT ?", most+1)
	var n int
	err := s.read(ctx).Raw("SELECT COUNT(*) FROM ("+parts+") AS v", args...).Scan(&n).Error
	return n <= most, fault(err)
}

// TermStep is the id of the article that stands so many places down the list of a term, from before an id on; "" where there are fewer.
func (s *Store) TermStep(ctx context.Context, term, before string, places int) (string, error) {
	q := s.read(ctx).Model(&model.SearchTerm{}).Where("term = ?", term)
	if before != "" {
		q = q.Where("article_id < ?", before)
	}
	var ids []string
	err := q.Order("article_id DESC").Limit(1).Offset(places-1).Pluck("article_id", &ids).Error
	if err != nil || len(ids) == 0 {
		return "", fault(err)
	}
	return ids[0], nil
}

// TermUse is how common a term is: of how many articles it is one, at most as many as was asked for, and the oldest of these.
type TermUse struct {
	N    int
	Last string
}

// TermUses looks at the newest articles of each of these terms.
func (s *Store) TermUses(ctx context.Context, terms []string, most int) (map[string]TermUse, error) {
	uses := make(map[string]TermUse, len(terms))
	if len(terms) == 0 {
		return uses, nil
	}
	parts, args := make([]string, len(terms)), []any{}
	for i, term := range terms {
		n := strconv.Itoa(i)
		parts[i] = "SELECT " + n + " AS place, COUNT(*) AS n, COALESCE(MIN(article_id), '') AS last FROM (SELECT article_id FROM search_terms WHERE term = ? ORDER BY article_id DESC LIMIT ?) AS t" + n
		args = append(args, term, most)
	}
	var rows []struct {
		Place int
		TermUse
	}
	if err := s.read(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, fault(err)
	}
	for _, r := range rows {
		uses[terms[r.Place]] = r.TermUse
	}
	return uses, nil
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

// SwapSetting writes a setting if it still has the value that was read, and reports whether it had.
func (s *Store) SwapSetting(ctx context.Context, name, from, to string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Setting{}).Where("name = ? AND value = ?", name, from).Updates(map[string]any{"value": to, "updated_at": now}))
	return n == 1, err
}
