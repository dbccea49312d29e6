package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// FeedFilter says whose published articles a feed shows: those of the chain's organisations by visibility, or without a chain all that is public.
type FeedFilter struct {
	Chain    []model.OrgSight
	Category model.Category
	Ranges   *FeedRanges // what FeedRanges has found of the same filter; nil when nobody has looked
}

// FeedRanges are those index ranges of a feed that hold anything: of a member's dozen usually two or three.
type FeedRanges struct {
	pinned, plain []feedRange
	relays        []string // the organisations that passed anything on
}

// feedRange is what one organisation shows at one visibility; without an organisation it is what everybody shows.
type feedRange struct {
	orgID string
	v     model.Visibility
}

// all are the ranges that a filter speaks of.
func (f FeedFilter) all() *FeedRanges {
	var each []feedRange
	if len(f.Chain) == 0 {
		each = append(each, feedRange{v: model.VisiblePublic})
	}
	for _, o := range f.Chain {
		for _, v := range o.Visibilities {
			each = append(each, feedRange{o.OrgID, v})
		}
	}
	return &FeedRanges{pinned: each, plain: each, relays: chainIDs(f.Chain)}
}

// FeedRanges looks which ranges of a filter hold anything. It is true until the next change of model.TopicFeed.
func (s *Store) FeedRanges(ctx context.Context, f FeedFilter) (*FeedRanges, error) {
	all := f.all()
	var parts []string
	var args []any
	add := func(q string, more []any) {
		parts, args = append(parts, "EXISTS ("+q+")"), append(args, more...)
	}
	for _, r := range all.plain {
		for _, pinned := range []bool{true, false} {
			add(s.rangeQuery("1", r, pinned, f))
		}
	}
	for _, id := range all.relays {
		add("SELECT 1 FROM article_relays "+s.force("article_relays_feed")+" WHERE org_id = ?", []any{id})
	}
	holds, targets := make([]bool, len(parts)), make([]any, len(parts))
	for i := range holds {
		targets[i] = &holds[i]
	}
	if err := s.reading().QueryRowContext(ctx, "SELECT "+strings.Join(parts, ", "), args...).Scan(targets...); err != nil {
		return nil, fault(err)
	}
	found := &FeedRanges{}
	for i, r := range all.plain {
		if holds[2*i] {
			found.pinned = append(found.pinned, r)
		}
		if holds[2*i+1] {
			found.plain = append(found.plain, r)
		}
	}
	for i, id := range all.relays {
		if holds[2*len(all.plain)+i] {
			found.relays = append(found.relays, id)
		}
	}
	return found, nil
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
	rows, err := s.feedRows(ctx, f, after, continued, page.Size()+1)
	if err != nil {
		return nil, "", err
	}
	if f.Ranges == nil || len(f.Ranges.relays) > 0 {
		if err := s.withRelays(ctx, rows, f.Chain); err != nil {
			return nil, "", err
		}
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

// feedRows reads the rows of a page. It reads field by field, since finding them by their names costs as much as the database.
func (s *Store) feedRows(ctx context.Context, f FeedFilter, after feedKeys, continued bool, limit int) ([]ArticleRow, error) {
	query, args := s.feedQuery(f, after, continued, limit)
	list := make([]ArticleRow, 0, limit)
	if query == "" {
		return list, nil
	}
	rows, err := s.reading().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = rows.Close() }() // Err tells of faults
	for rows.Next() {
		var r ArticleRow
		var published sql.NullTime
		if err := rows.Scan(&r.ID, &r.OrgID, (*string)(&r.Category), &r.Title, &r.Digest, &r.CoverID, &published, &r.ReadingMinutes, &r.Pinned, &r.Required, &r.DueAt,
			&r.OrgName, &r.Views, &r.Likes, &r.Comments); err != nil {
			return nil, fault(err)
		}
		if published.Valid {
			r.PublishedAt = &published.Time
		}
		list = append(list, r)
	}
	return list, fault(rows.Err())
}

// rangeQuery selects from one index range. The index is named because MariaDB has been seen to choose another.
func (s *Store) rangeQuery(columns string, r feedRange, pinned bool, f FeedFilter) (string, []any) {
	index := "articles_open"
	if len(f.Chain) > 0 {
		index = "articles_feed"
	}
	if f.Category != "" {
		index += "_category"
	}
	q := "SELECT " + columns + " FROM articles " + s.force(index) + " WHERE state = ? AND visibility = ? AND pinned = ?"
	args := []any{string(model.ArticlePublished), string(r.v), pinned}
	if r.orgID != "" {
		q += " AND org_id = ?"
		args = append(args, r.orgID)
	}
	if f.Category != "" {
		q += " AND category = ?"
		args = append(args, string(f.Category))
	}
	return q, args
}

// feedQuery takes the first rows of each index range (organisation, visibility, pinned or not), merges them, and reads only those that are shown.
// So a page costs the same whether there are ten thousand articles or a million, and wherever it is. One query with IN lists would sort
// everything the caller may see. Without any range there is no query. Limits stand in the text: SQLite would plan anew for each value.
func (s *Store) feedQuery(f FeedFilter, after feedKeys, continued bool, limit int) (string, []any) {
	ranges := f.Ranges
	if ranges == nil {
		ranges = f.all()
	}
	u := &feedParts{after: after, limit: strconv.Itoa(limit)}
	if after.Pinned { // else all pinned ones were shown before
		for _, r := range ranges.pinned {
			q, args := s.rangeQuery("id, pinned, published_at AS placed_at", r, true, f)
			u.add(q, args, "published_at", "id", continued)
		}
	}
	for _, r := range ranges.plain {
		q, args := s.rangeQuery("id, pinned, published_at AS placed_at", r, false, f)
		if len(ranges.relays) > 0 { // what was passed on stands where it was passed on
			q += " AND NOT EXISTS (SELECT 1 FROM article_relays r WHERE r.article_id = articles.id AND r.org_id IN (" + marks(len(ranges.relays)) + "))"
			args = append(args, anys(ranges.relays)...)
		}
		u.add(q, args, "published_at", "id", continued && !after.Pinned)
	}
	for _, id := range ranges.relays {
		q, args := s.relayedQuery(id, f)
		u.add(q, args, "r.created_at", "r.article_id", continued && !after.Pinned)
	}
	if len(u.parts) == 0 {
		return "", nil
	}
	return "SELECT " + feedColumns + " FROM (SELECT id, placed_at FROM (" + strings.Join(u.parts, " UNION ALL ") +
		") AS merged ORDER BY pinned DESC, placed_at DESC, id DESC LIMIT " + u.limit + ") AS k " + s.inOrder() + " articles a ON a.id = k.id " + rowJoins +
		" ORDER BY a.pinned DESC, k.placed_at DESC, a.id DESC", u.args
}

// marks are the places of so many values.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// feedParts are the index ranges of a feed's page.
type feedParts struct {
	parts []string
	args  []any
	after feedKeys
	limit string
}

// add adds one range by its columns of time and id; below is for a range that the page before has begun.
func (u *feedParts) add(q string, args []any, at, id string, below bool) {
	if below {
		instant := time.UnixMilli(u.after.At).UTC()
		q += " AND " + at + " <= ? AND (" + at + " < ? OR " + id + " < ?)"
		args = append(args, instant, instant, u.after.ID)
	}
	u.parts = append(u.parts, "SELECT * FROM ("+q+" ORDER BY "+at+" DESC, "+id+" DESC LIMIT "+u.limit+") AS t"+strconv.Itoa(len(u.parts)))
	u.args = append(u.args, args...)
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
