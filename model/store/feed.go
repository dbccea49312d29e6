package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// FeedFilter says whose published articles a feed shows: those of the chain's organisations by visibility, or without a chain all that is public.
type FeedFilter struct {
	Chain    []model.OrgSight
	Category model.Category
}

// feedKeys is the place of an article in a feed. Pinned first, then the newest; times to the millisecond, as the database keeps them.
type feedKeys struct {
	Pinned bool
	At     int64
	ID     string
}

// feedColumns are what a feed's item shows, and no more: reading a row costs by the column.
const feedColumns = `a.id, a.org_id, a.category, a.title, a.digest, a.cover_id, a.published_at, a.reading_minutes, a.pinned, a.required, a.due_at,
	o.name AS org_name, COALESCE(c.views, 0) AS views, COALESCE(c.likes, 0) AS likes, COALESCE(c.comments, 0) AS comments`

// Feed lists published articles, pinned first, the newest first.
func (s *Store) Feed(ctx context.Context, f FeedFilter, page model.Page) ([]ArticleRow, string, error) {
	var after feedKeys
	continued, err := model.ReadCursor(page.Cursor, "feed", &after)
	if err != nil {
		return nil, "", err
	}
	if !continued {
		after = feedKeys{Pinned: true}
	}
	query, args := s.feedQuery(f, after, continued, page.Size()+1)
	rows := []ArticleRow{}
	if err := s.read(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, "", fault(err)
	}
	rows, next := cut(rows, page, "feed", func(r ArticleRow) any {
		return feedKeys{Pinned: r.Pinned, At: r.PublishedAt.UnixMilli(), ID: r.ID}
	})
	return rows, next, nil
}

// feedQuery takes the first rows of each index range (organisation, visibility, pinned or not), merges them, and reads only those that are shown.
// So a page costs the same whether there are ten thousand articles or a million, and wherever it is. One query with IN lists would sort
// everything the caller may see; the index is named because MariaDB has been seen to choose another.
func (s *Store) feedQuery(f FeedFilter, after feedKeys, continued bool, limit int) (string, []any) {
	var parts []string
	var args []any
	index := "articles_open"
	if len(f.Chain) > 0 {
		index = "articles_feed"
	}
	if f.Category != "" {
		index += "_category"
	}
	add := func(orgID string, v model.Visibility, pinned bool) {
		q := "SELECT id, pinned, published_at FROM articles " + s.force(index) + " WHERE state = ? AND visibility = ? AND pinned = ?"
		args = append(args, model.ArticlePublished, v, pinned)
		if orgID != "" {
			q += " AND org_id = ?"
			args = append(args, orgID)
		}
		if f.Category != "" {
			q += " AND category = ?"
			args = append(args, f.Category)
		}
		if continued && pinned == after.Pinned {
			at := time.UnixMilli(after.At).UTC()
			q += " AND published_at <= ? AND (published_at < ? OR id < ?)"
			args = append(args, at, at, after.ID)
		}
		parts = append(parts, "SELECT * FROM ("+q+" ORDER BY published_at DESC, id DESC LIMIT ?) AS t"+strconv.Itoa(len(parts)))
		args = append(args, limit)
	}
	for _, pinned := range []bool{true, false} {
		if pinned && !after.Pinned {
			continue // all pinned ones were shown before
		}
		if len(f.Chain) == 0 {
			add("", model.VisiblePublic, pinned)
		}
		for _, o := range f.Chain {
			for _, v := range o.Visibilities {
				add(o.OrgID, v, pinned)
			}
		}
	}
	args = append(args, limit)
	return "SELECT " + feedColumns + " FROM (SELECT id FROM (" + strings.Join(parts, " UNION ALL ") +
		") AS merged ORDER BY pinned DESC, published_at DESC, id DESC LIMIT ?) AS k " + s.inOrder() + " articles a ON a.id = k.id " + rowJoins +
		" ORDER BY a.pinned DESC, a.published_at DESC, a.id DESC", args
}

// force names the index that a list must be read by.
func (s *Store) force(index string) string {
	if s.dialect == MySQL {
		return "FORCE INDEX (" + index + ")"
	}
	return "INDEXED BY " + index
}

// inOrder joins in the order written, whatever the planner thinks.
func (s *Store) inOrder() string {
	if s.dialect == MySQL {
		return "STRAIGHT_JOIN"
	}
	return "CROSS JOIN"
}
