package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// ArticleMark is what one member did with one article.
type ArticleMark struct {
	ArticleID string
	Percent   int
	Liked     bool
	Favorited bool
	Claimed   bool
}

// ArticleMarks reads a member's own marks, one for each id in the order given.
func (s *Store) ArticleMarks(ctx context.Context, memberID string, ids []string) ([]ArticleMark, error) {
	marks := make([]ArticleMark, len(ids))
	at := make(map[string]*ArticleMark, len(ids))
	for i, id := range ids {
		marks[i].ArticleID = id
		at[id] = &marks[i]
	}
	reads, err := many[model.ArticleRead](s.read(ctx).Where("member_id = ? AND article_id IN ?", memberID, ids))
	if err != nil {
		return nil, err
	}
	for _, r := range reads {
		at[r.ArticleID].Percent = r.Percent
	}
	for _, set := range []struct {
		row  any
		mark func(*ArticleMark)
	}{
		{&model.ArticleLike{}, func(m *ArticleMark) { m.Liked = true }},
		{&model.ArticleFavorite{}, func(m *ArticleMark) { m.Favorited = true }},
		{&model.ArticleClaim{}, func(m *ArticleMark) { m.Claimed = true }},
	} {
		var found []string
		if err := s.read(ctx).Model(set.row).Where("member_id = ? AND article_id IN ?", memberID, ids).Pluck("article_id", &found).Error; err != nil {
			return nil, fault(err)
		}
		for _, id := range found {
			set.mark(at[id])
		}
	}
	return marks, nil
}

// PutRead raises how far a member got, and reports whether this was the first time.
func (s *Store) PutRead(ctx context.Context, articleID, memberID string, percent int, now time.Time) (first bool, err error) {
	row := model.ArticleRead{ArticleID: articleID, MemberID: memberID, Percent: percent, ReadAt: now}
	if percent >= model.ReadWhole {
		row.FinishedAt = &now
	}
	if first, err = s.insertOnce(ctx, &row); err != nil || first {
		return first, err
	}
	mine := "article_id = ? AND member_id = ?"
	if err := s.write(ctx).Model(&model.ArticleRead{}).Where(mine+" AND percent < ?", articleID, memberID, percent).
		Updates(map[string]any{"percent": percent, "read_at": now}).Error; err != nil {
		return false, fault(err)
	}
	if row.FinishedAt == nil {
		return false, nil
	}
	return false, fault(s.write(ctx).Model(&model.ArticleRead{}).Where(mine+" AND finished_at IS NULL", articleID, memberID).
		Update("finished_at", now).Error)
}

// ReadSoFar is how far a member got in an article; zero for one not begun.
func (s *Store) ReadSoFar(ctx context.Context, articleID, memberID string) (model.ArticleRead, error) {
	rows, err := many[model.ArticleRead](s.read(ctx).Where("article_id = ? AND member_id = ?", articleID, memberID).Limit(1))
	if err != nil || len(rows) == 0 {
		return model.ArticleRead{}, err
	}
	return rows[0], nil
}

// PutClaim writes that a member studied an article elsewhere, over what was claimed before.
func (s *Store) PutClaim(ctx context.Context, c *model.ArticleClaim) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(c).Error)
}

// DropClaims takes a member's claims on these articles back.
func (s *Store) DropClaims(ctx context.Context, articleIDs []string, memberID string) error {
	return fault(s.write(ctx).Where("article_id IN ? AND member_id = ?", articleIDs, memberID).Delete(&model.ArticleClaim{}).Error)
}

// AddLike reports whether the member had not liked the article before.
func (s *Store) AddLike(ctx context.Context, articleID, memberID string, now time.Time) (bool, error) {
	return s.insertOnce(ctx, &model.ArticleLike{ArticleID: articleID, MemberID: memberID, CreatedAt: now})
}

// DropLike reports whether there was a like to take back.
func (s *Store) DropLike(ctx context.Context, articleID, memberID string) (bool, error) {
	n, err := changed(s.write(ctx).Where("article_id = ? AND member_id = ?", articleID, memberID).Delete(&model.ArticleLike{}))
	return n > 0, err
}

// AddFavorite keeps an article among the member's favourites; once.
func (s *Store) AddFavorite(ctx context.Context, articleID, memberID string, now time.Time) error {
	_, err := s.insertOnce(ctx, &model.ArticleFavorite{ArticleID: articleID, MemberID: memberID, CreatedAt: now})
	return err
}

// DropFavorite takes an article out of the favourites.
func (s *Store) DropFavorite(ctx context.Context, articleID, memberID string) error {
	return fault(s.write(ctx).Where("article_id = ? AND member_id = ?", articleID, memberID).Delete(&model.ArticleFavorite{}).Error)
}

type favoriteKeys struct {
	At int64
	ID string
}

// favoriteRow is an article with the instant at which it became a favourite.
type favoriteRow struct {
	ArticleRow
	FavoredAt time.Time
}

// Favorites lists a member's favourites that are published, the latest first. Whether the member may still see each is for the caller to ask.
func (s *Store) Favorites(ctx context.Context, memberID string, page model.Page) ([]ArticleRow, string, error) {
	q := s.read(ctx).Table("article_favorites f").Select(rowColumns+", f.created_at AS favored_at").
		Joins(s.inOrder()+" articles a ON a.id = f.article_id AND a.state = ? "+rowJoins, model.ArticlePublished).
		Where("f.member_id = ?", memberID).Order("f.created_at DESC, f.article_id DESC").Limit(page.Size() + 1)
	var after favoriteKeys
	if ok, err := model.ReadCursor(page.Cursor, "favorites", &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("f.created_at <= ? AND (f.created_at < ? OR f.article_id < ?)", at, at, after.ID)
	}
	found, err := many[favoriteRow](q)
	if err != nil {
		return nil, "", err
	}
	found, next := cut(found, page, "favorites", func(r favoriteRow) any { return favoriteKeys{r.FavoredAt.UnixMilli(), r.ID} })
	rows := make([]ArticleRow, len(found))
	for i, f := range found {
		rows[i] = f.ArticleRow
	}
	return rows, next, nil
}

// Reach counts how far an article has got with those it is meant for.
type Reach struct{ Audience, Read, Claimed int }

// ArticleReach counts the audience of an article, those of it who read it, and those who claimed it without reading it here. It may be some seconds old.
func (s *Store) ArticleReach(ctx context.Context, a *model.Article) (Reach, error) {
	who, args := "SELECT DISTINCT m.id FROM memberships p JOIN members m ON m.id = p.member_id AND m.erased_at IS NULL WHERE p.org_path LIKE ?", []any{a.OrgPath + "%"}
	to := model.ArticleAudience(a)
	if len(to.PartyStatus) > 0 {
		who += " AND m.party_status IN ?"
		args = append(args, to.PartyStatus)
	}
	if len(to.Roles) > 0 {
		who = "SELECT DISTINCT m.id FROM grants g JOIN members m ON m.id = g.member_id AND m.erased_at IS NULL WHERE g.org_path LIKE ? AND g.role IN ?"
		args = []any{a.OrgPath + "%", to.Roles}
	}
	query := `SELECT COUNT(*) AS audience, COALESCE(SUM(CASE WHEN r.percent >= ? THEN 1 ELSE 0 END), 0) AS ` + "`read`" + `,
		COALESCE(SUM(CASE WHEN k.article_id IS NOT NULL AND (r.percent IS NULL OR r.percent < ?) THEN 1 ELSE 0 END), 0) AS claimed
		FROM (` + who + `) AS w
		LEFT JOIN article_reads r ON r.article_id = ? AND r.member_id = w.id
		LEFT JOIN article_claims k ON k.article_id = ? AND k.member_id = w.id`
	args = append(append([]any{model.ReadWhole, model.ReadWhole}, args...), a.ID, a.ID)
	var out Reach
	err := s.readLate(ctx).Raw(query, args...).Scan(&out).Error
	return out, fault(err)
}

// RequiredUnread counts the required articles of the chain that a member has neither read nor claimed.
func (s *Store) RequiredUnread(ctx context.Context, memberID string, chain []model.OrgSight) (int, error) {
	if len(chain) == 0 {
		return 0, nil
	}
	var n int64
	err := s.requiredUnread(ctx, s.read(ctx).Table("articles a"), memberID, chain).Count(&n).Error
	return int(n), fault(err)
}

// requiredUnread narrows a query of the articles a.
func (s *Store) requiredUnread(ctx context.Context, q *gorm.DB, memberID string, chain []model.OrgSight) *gorm.DB {
	meant := s.read(ctx)
	for _, o := range chain {
		meant = meant.Or("a.org_id = ? AND a.visibility IN ?", o.OrgID, o.Visibilities)
	}
	return q.Where("a.required = ? AND a.state = ?", true, model.ArticlePublished).Where(meant).
		Where("NOT EXISTS (SELECT 1 FROM article_reads r WHERE r.article_id = a.id AND r.member_id = ? AND r.percent >= ?)", memberID, model.ReadWhole).
		Where("NOT EXISTS (SELECT 1 FROM article_claims k WHERE k.article_id = a.id AND k.member_id = ?)", memberID)
}

// RequiredFor are the required articles of the chain that a member has neither read nor claimed, those that are due first.
func (s *Store) RequiredFor(ctx context.Context, memberID string, chain []model.OrgSight, limit int) ([]ArticleRow, error) {
	if len(chain) == 0 {
		return nil, nil
	}
	q := s.requiredUnread(ctx, s.rows(ctx), memberID, chain)
	return many[ArticleRow](q.Order("CASE WHEN a.due_at IS NULL THEN 1 ELSE 0 END, a.due_at, a.published_at DESC, a.id DESC").Limit(limit))
}

// Studied is one text a member read or claimed: when, and how long reading it takes.
type Studied struct {
	ArticleID string
	On        model.Date
	Minutes   int
	Title     string
	DocKey    string
	Claimed   bool // 单位已学
}

// StudiedBetween are the texts a member finished, or claimed for a day, within [from, to), each document once.
func (s *Store) StudiedBetween(ctx context.Context, memberID string, from, to model.Date) ([]Studied, error) {
	var read []struct {
		ArticleID  string
		FinishedAt time.Time
		Minutes    int
		Title      string
		DocKey     string
	}
	err := s.read(ctx).Table("article_reads r").Select("r.article_id, r.finished_at, a.reading_minutes AS minutes, a.title, a.doc_key").
		Joins("JOIN articles a ON a.id = r.article_id").
		Where("r.member_id = ? AND r.finished_at >= ? AND r.finished_at < ?", memberID, from.Start().UTC(), to.Start().UTC()).
		Order("r.finished_at, r.article_id").Scan(&read).Error
	if err != nil {
		return nil, fault(err)
	}
	var list []Studied
	known := map[string]bool{}
	add := func(t Studied) {
		if t.DocKey == "" || !known[t.DocKey] {
			list = append(list, t)
		}
		known[t.DocKey] = true
	}
	for _, r := range read {
		add(Studied{ArticleID: r.ArticleID, On: model.DateOf(r.FinishedAt), Minutes: r.Minutes, Title: r.Title, DocKey: r.DocKey})
	}
	var claimed []Studied
	err = s.read(ctx).Table("article_claims k").Select("k.article_id, k.studied_on AS `on`, a.reading_minutes AS minutes, a.title, a.doc_key").
		Joins("JOIN articles a ON a.id = k.article_id").
		Where("k.member_id = ? AND k.studied_on >= ? AND k.studied_on < ?", memberID, from, to).
		Where("NOT EXISTS (SELECT 1 FROM article_reads r WHERE r.article_id = k.article_id AND r.member_id = k.member_id AND r.finished_at IS NOT NULL)").
		Order("k.studied_on, k.article_id").Scan(&claimed).Error
	for _, c := range claimed {
		c.Claimed = true
		add(c)
	}
	return list, fault(err)
}

// EraseReading forgets what a member read, claimed, liked and kept; the counts of the articles stay, since they name nobody.
func (s *Store) EraseReading(ctx context.Context, memberID string) error {
	for _, row := range []any{&model.ArticleRead{}, &model.ArticleClaim{}, &model.ArticleLike{}, &model.ArticleFavorite{}} {
		if err := s.write(ctx).Where("member_id = ?", memberID).Delete(row).Error; err != nil {
			return fault(err)
		}
	}
	return nil
}
