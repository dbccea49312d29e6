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
	if err := s.withRelays(ctx, rows, f.Chain); err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "feed", func(r ArticleRow) any {
		at := *r.PublishedAt
		if r.Relay != nil && !r.Pinned {
			at = r.Relay.CreatedAt
		}
		return feedKeys{Pinned: r.Pinned, At: at.UnixMilli(), ID: r.ID}
	})
	return rows, next, nil
}

// feedQuery takes the first rows of each index range (organisation, visibility, pinned or not), merges them, and reads only those that are shown.
// So a page costs the same whether there are ten thousand articles or a million, and wherever it is. One query with IN lists would sort
// everything the caller may see; the index is named because MariaDB has been seen to choose another.
func (s *Store) feedQuery(f FeedFilter, after feedKeys, continued bool, limit int) (string, []any) {
	index := "articles_open"
	if len(f.Chain) > 0 {
		index = "articles_feed"
	}
	if f.Category != "" {
		index += "_category"
	}
	u := &feedParts{after: after, limit: limit}
	add := func(orgID string, v model.Visibility, pinned bool) {
		q := "SELECT id, pinned, published_at AS placed_at FROM articles " + s.force(index) + " WHERE state = ? AND visibility = ? AND pinned = ?"
		args := []any{model.ArticlePublished, v, pinned}
		if orgID != "" {
			q += " AND org_id = ?"
			args = append(args, orgID)
		}
		if f.Category != "" {
			q += " AND category = ?"
			args = append(args, f.Category)
		}
		if len(f.Chain) > 0 && !pinned { // what was passed on stands where it was passed on
			q += " AND NOT EXISTS (SELECT 1 FROM article_relays r WHERE r.article_id = articles.id AND r.org_id IN ?)"
			args = append(args, chainIDs(f.Chain))
		}
		u.add(q, args, "published_at", "id", continued && pinned == after.Pinned)
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
	for _, o := range f.Chain {
		q, args := s.relayedQuery(o.OrgID, f)
		u.add(q, args, "r.created_at", "r.article_id", continued && !after.Pinned)
	}
	return "SELECT " + feedColumns + " FROM (SELECT id, placed_at FROM (" + strings.Join(u.parts, " UNION ALL ") +
		") AS merged ORDER BY pinned DESC, placed_at DESC, id DESC LIMIT ?) AS k " + s.inOrder() + " articles a ON a.id = k.id " + rowJoins +
		" ORDER BY a.pinned DESC, k.placed_at DESC, a.id DESC", append(u.args, limit)
}

// feedParts are the index ranges of a feed's page.
type feedParts struct {
	parts []string
	args  []any
	after feedKeys
	limit int
}

// add adds one range by its columns of time and id; below is for a range that the page before has begun.
func (u *feedParts) add(q string, args []any, at, id string, below bool) {
	if below {
		instant := time.UnixMilli(u.after.At).UTC()
		q += " AND " + at + " <= ? AND (" + at + " < ? OR " + id + " < ?)"
		args = append(args, instant, instant, u.after.ID)
	}
	u.parts = append(u.parts, "SELECT * FROM ("+q+" ORDER BY "+at+" DESC, "+id+" DESC LIMIT ?) AS t"+strconv.Itoa(len(u.parts)))
	u.args = append(append(u.args, args...), u.limit)
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
