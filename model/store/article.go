package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// Article reads one article without its body, in whatever state.
func (s *Store) Article(ctx context.Context, id string) (*model.Article, error) {
	return one[model.Article](s.read(ctx).Where("id = ?", id), "这篇文章")
}

// ArticleBody reads an article's text.
func (s *Store) ArticleBody(ctx context.Context, id string) (*model.ArticleBody, error) {
	return one[model.ArticleBody](s.read(ctx).Where("article_id = ?", id), "这篇文章")
}

// ArticleCount reads an article's counts; zeroes when there are none yet.
func (s *Store) ArticleCount(ctx context.Context, id string) (model.ArticleCount, error) {
	rows, err := many[model.ArticleCount](s.read(ctx).Where("article_id = ?", id))
	if err != nil || len(rows) == 0 {
		return model.ArticleCount{ArticleID: id}, err
	}
	return rows[0], nil
}

// ArticleCounts reads the counts of these articles, keyed by id.
func (s *Store) ArticleCounts(ctx context.Context, ids []string) (map[string]model.ArticleCount, error) {
	byID := make(map[string]model.ArticleCount, len(ids))
	if len(ids) == 0 {
		return byID, nil
	}
	rows, err := many[model.ArticleCount](s.read(ctx).Where("article_id IN ?", ids))
	for _, c := range rows {
		byID[c.ArticleID] = c
	}
	return byID, err
}

// ArticlesByID reads articles of these ids, keyed by id.
func (s *Store) ArticlesByID(ctx context.Context, ids []string) (map[string]model.Article, error) {
	byID := make(map[string]model.Article, len(ids))
	for start := 0; start < len(ids); start += 500 {
		rows, err := many[model.Article](s.read(ctx).Where("id IN ?", ids[start:min(start+500, len(ids))]))
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			byID[a.ID] = a
		}
	}
	return byID, nil
}

// ArticlesByDocKey are the articles of one document number, the newest first.
func (s *Store) ArticlesByDocKey(ctx context.Context, key string) ([]model.Article, error) {
	return many[model.Article](s.read(ctx).Where("doc_key = ?", key).Order("id DESC").Limit(50))
}

// AddArticle writes a new draft with its text, its counts and its first revision.
func (s *Store) AddArticle(ctx context.Context, a *model.Article, body *model.ArticleBody) error {
	for _, row := range []any{a, body, &model.ArticleCount{ArticleID: a.ID}} {
		if err := s.write(ctx).Create(row).Error; err != nil {
			return fault(err)
		}
	}
	return s.addRevision(ctx, a, body, a.AuthorID, "")
}

// SaveArticle writes what an editor changed, if version and state are still those that were read; body is nil when the text stayed, correction is what
// readers are told of it.
func (s *Store) SaveArticle(ctx context.Context, a *model.Article, body *model.ArticleBody, editorID, correction string) error {
	read := a.Version
	a.Version++
	n, err := changed(s.write(ctx).Model(&model.Article{}).Where("id = ? AND version = ? AND state = ?", a.ID, read, a.State).
		Select("*").Omit("id", "created_at").Updates(a))
	if err != nil {
		return err
	}
	if n == 0 {
		return EditedMeanwhile()
	}
	if body == nil {
		if body, err = s.ArticleBody(ctx, a.ID); err != nil {
			return err
		}
	} else if err := s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(body).Error; err != nil {
		return fault(err)
	}
	return s.addRevision(ctx, a, body, editorID, correction)
}

// EditedMeanwhile is the answer to whoever edits what another has just changed.
func EditedMeanwhile() error {
	return model.Fail(model.CodeEditConflict, "这篇文章刚被他人修改，请刷新后再试。")
}

func (s *Store) addRevision(ctx context.Context, a *model.Article, body *model.ArticleBody, editorID, correction string) error {
	r := model.ArticleRevision{
		ArticleID: a.ID, Version: a.Version, Title: a.Title, Digest: a.Digest, KeyPoints: a.KeyPoints,
		HTML: body.HTML, EditorID: editorID, Correction: correction, CreatedAt: a.UpdatedAt,
	}
	return fault(s.write(ctx).Create(&r).Error)
}

// StepArticle writes the state of an article and what belongs to it, if version and state are still those that were read; it reports whether they were.
func (s *Store) StepArticle(ctx context.Context, a *model.Article, from model.ArticleState) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Article{}).Where("id = ? AND version = ? AND state = ?", a.ID, a.Version, from).
		Select("state", "notify", "publish_at", "published_at", "withdrawn_at", "updated_at").Updates(a))
	return n > 0, err
}

// MarkReminded notes the one reminder of an article, and reports whether it was the first.
func (s *Store) MarkReminded(ctx context.Context, id string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Article{}).Where("id = ? AND reminded_at IS NULL", id).
		UpdateColumn("reminded_at", now))
	return n > 0, err
}

// DueArticles are the ids of scheduled articles whose time has come, the earliest first.
func (s *Store) DueArticles(ctx context.Context, now time.Time, limit int) ([]string, error) {
	var ids []string
	err := s.read(ctx).Model(&model.Article{}).Where("state = ? AND publish_at <= ?", model.ArticleScheduled, now).
		Order("publish_at, id").Limit(limit).Pluck("id", &ids).Error
	return ids, fault(err)
}

// DropDraft removes a draft with everything of it, and reports whether it still was one.
func (s *Store) DropDraft(ctx context.Context, id string) (bool, error) {
	n, err := changed(s.write(ctx).Where("id = ? AND state = ?", id, model.ArticleDraft).Delete(&model.Article{}))
	if err != nil || n == 0 {
		return false, err
	}
	for _, row := range []any{&model.ArticleBody{}, &model.ArticleCount{}, &model.ArticleRevision{}, &model.ArticleFile{}, &model.SearchTerm{}, &model.ArticlePrint{}} {
		if err := s.write(ctx).Where("article_id = ?", id).Delete(row).Error; err != nil {
			return false, fault(err)
		}
	}
	return true, nil
}

// Revisions are what an article said at each version, the newest first.
func (s *Store) Revisions(ctx context.Context, articleID string, page model.Page) ([]model.ArticleRevision, string, error) {
	q := s.read(ctx).Where("article_id = ?", articleID).Order("version DESC").Limit(page.Size() + 1)
	var before int
	if ok, err := model.ReadCursor(page.Cursor, "revisions", &before); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("version < ?", before)
	}
	rows, err := many[model.ArticleRevision](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "revisions", func(r model.ArticleRevision) any { return r.Version })
	return rows, next, nil
}

// Revision reads what an article said at one version, and at the version before, which the first has not.
func (s *Store) Revision(ctx context.Context, articleID string, version int) (now, before *model.ArticleRevision, err error) {
	rows, err := many[model.ArticleRevision](s.read(ctx).Where("article_id = ? AND version <= ?", articleID, version).Order("version DESC").Limit(2))
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 || rows[0].Version != version {
		return nil, nil, model.NotFound("这个版本")
	}
	if len(rows) > 1 {
		before = &rows[1]
	}
	return &rows[0], before, nil
}

// Corrections are the revisions of an article that readers are told of, the newest first, without their texts.
func (s *Store) Corrections(ctx context.Context, articleID string) ([]model.ArticleRevision, error) {
	return many[model.ArticleRevision](s.read(ctx).Select("article_id", "version", "correction", "created_at").
		Where("article_id = ? AND correction <> ''", articleID).Order("version DESC").Limit(20))
}

// ArticleFiles are the files an article uses, the attachments in their order.
func (s *Store) ArticleFiles(ctx context.Context, articleID string) ([]model.ArticleFile, error) {
	return many[model.ArticleFile](s.read(ctx).Where("article_id = ?", articleID).Order("role, place, upload_id"))
}

// SetArticleFiles makes the files of an article exactly these.
func (s *Store) SetArticleFiles(ctx context.Context, articleID string, files []model.ArticleFile) error {
	if err := s.write(ctx).Where("article_id = ?", articleID).Delete(&model.ArticleFile{}).Error; err != nil {
		return fault(err)
	}
	if len(files) == 0 {
		return nil
	}
	return fault(s.write(ctx).Create(&files).Error)
}

// ArticlesUsing are the articles that use a file; who may see one of them may see the file.
func (s *Store) ArticlesUsing(ctx context.Context, uploadID string) ([]model.Article, error) {
	ids := s.read(ctx).Model(&model.ArticleFile{}).Select("article_id").Where("upload_id = ?", uploadID)
	return many[model.Article](s.read(ctx).Where("id IN (?)", ids).Order("id"))
}

// BumpArticle adds to an article's counts; deltas may be negative. Tell model.TopicArticle of it in the same transaction.
func (s *Store) BumpArticle(ctx context.Context, id string, views, likes, comments int) error {
	res, err := s.exec(ctx, "UPDATE article_counts SET views = views + ?, likes = likes + ?, comments = comments + ? WHERE article_id = ?", views, likes, comments, id)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = model.NotFound("这篇文章")
	}
	return fault(err)
}

// ArticleFilter narrows the editors' list. Under and NewsUnder are what the editor may see; OrgPath narrows to one subtree.
type ArticleFilter struct {
	Under, NewsUnder []string
	OrgPath          string
	State            model.ArticleState
	Category         model.Category
	Title            string
}

// Articles lists for editors, in whatever state, the newest first.
func (s *Store) Articles(ctx context.Context, f ArticleFilter, page model.Page) ([]ArticleRow, string, error) {
	if len(f.Under)+len(f.NewsUnder) == 0 {
		return []ArticleRow{}, "", nil
	}
	q := s.rows(ctx).Order("a.id DESC").Limit(page.Size() + 1)
	var before string
	if ok, err := model.ReadCursor(page.Cursor, "articles", &before); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("a.id < ?", before)
	}
	mine := s.read(ctx)
	for _, p := range f.Under {
		mine = mine.Or("a.org_path LIKE ?", p+"%")
	}
	for _, p := range f.NewsUnder {
		mine = mine.Or("a.org_path LIKE ? AND a.org_kind = ? AND a.category = ?", p+"%", model.OrgGroup, model.CategoryNews)
	}
	q = q.Where(mine)
	if f.OrgPath != "" {
		q = under(q, "a.org_path", f.OrgPath)
	}
	if f.State != "" {
		q = q.Where("a.state = ?", f.State)
	}
	if f.Category != "" {
		q = q.Where("a.category = ?", f.Category)
	}
	if f.Title != "" {
		q = q.Where("a.title LIKE ? ESCAPE '!'", "%"+escapeLike(f.Title)+"%")
	}
	rows, err := many[ArticleRow](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "articles", func(r ArticleRow) any { return r.ID })
	return rows, next, nil
}

// escapeLike makes a person's text stand for itself in a LIKE with the escape character '!'.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

// ArticleRow is an article as lists show it.
type ArticleRow struct {
	model.Article
	OrgName  string
	Views    int64
	Likes    int64
	Comments int64
	Relay    *Relay `gorm:"-"` // in a feed: how an organisation of the reader passed it on
}

const (
	rowColumns = "a.*, o.name AS org_name, COALESCE(c.views, 0) AS views, COALESCE(c.likes, 0) AS likes, COALESCE(c.comments, 0) AS comments"
	rowJoins   = "JOIN orgs o ON o.id = a.org_id LEFT JOIN article_counts c ON c.article_id = a.id"
)

// rows starts a query of ArticleRow, with the article as a.
func (s *Store) rows(ctx context.Context) *gorm.DB {
	return s.read(ctx).Table("articles a").Select(rowColumns).Joins(rowJoins)
}
