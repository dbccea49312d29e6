package store

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
)

// Relay is how an organisation passed an article on, as a feed shows it.
type Relay struct {
	ArticleID string
	OrgID     string
	OrgName   string
	Note      string
	CreatedAt time.Time
}

// PutRelay passes an article on, or changes the sentence with which the organisation did so before; it answers with the row as it stands.
func (s *Store) PutRelay(ctx context.Context, r *model.ArticleRelay) (*model.ArticleRelay, error) {
	first, err := s.insertOnce(ctx, r)
	if err != nil || first {
		return r, err
	}
	mine := s.write(ctx).Model(&model.ArticleRelay{}).Where("article_id = ? AND org_id = ?", r.ArticleID, r.OrgID)
	if err := mine.Updates(map[string]any{"note": r.Note, "author_id": r.AuthorID}).Error; err != nil {
		return nil, fault(err)
	}
	return one[model.ArticleRelay](s.write(ctx).Where("article_id = ? AND org_id = ?", r.ArticleID, r.OrgID), "这次转发")
}

// DropRelay takes a relay back, and reports whether there was one.
func (s *Store) DropRelay(ctx context.Context, articleID, orgID string) (bool, error) {
	n, err := changed(s.write(ctx).Where("article_id = ? AND org_id = ?", articleID, orgID).Delete(&model.ArticleRelay{}))
	return n > 0, err
}

// DropRelays takes all relays of an article back.
func (s *Store) DropRelays(ctx context.Context, articleID string) error {
	return fault(s.write(ctx).Where("article_id = ?", articleID).Delete(&model.ArticleRelay{}).Error)
}

// relayedQuery starts the range of what one organisation of the chain passed on. What several of the chain passed on is the latest's; what is pinned
// stays where it is pinned; and a relay shows nobody what the article itself would not.
func (s *Store) relayedQuery(orgID string, f FeedFilter) (string, []any) {
	where, more := "a.visibility = ?", []any{string(model.VisiblePublic)}
	for _, o := range f.Chain {
		where += " OR (a.org_id = ? AND a.visibility IN (" + marks(len(o.Visibilities)) + "))"
		more = append(more, o.OrgID)
		for _, v := range o.Visibilities {
			more = append(more, string(v))
		}
	}
	q := "SELECT r.article_id AS id, a.pinned, r.created_at AS placed_at FROM article_relays r " + s.force("article_relays_feed") + " " +
		s.inOrder() + " articles a ON a.id = r.article_id WHERE r.org_id = ? AND a.state = ? AND a.pinned = ? AND (" + where + ")"
	args := append([]any{orgID, string(model.ArticlePublished), false}, more...)
	if f.Category != "" {
		q += " AND a.category = ?"
		args = append(args, string(f.Category))
	}
	if len(f.Chain) > 1 {
		q += " AND NOT EXISTS (SELECT 1 FROM article_relays l WHERE l.article_id = r.article_id AND l.org_id IN (" + marks(len(f.Chain)) + ") AND (l.created_at > r.created_at OR (l.created_at = r.created_at AND l.org_id > r.org_id)))"
		args = append(args, anys(chainIDs(f.Chain))...)
	}
	return q, args
}

func chainIDs(chain []model.OrgSight) []string {
	ids := make([]string, len(chain))
	for i, o := range chain {
		ids[i] = o.OrgID
	}
	return ids
}

// withRelays adds to rows of a feed how the organisations of its chain passed them on, the latest of each.
func (s *Store) withRelays(ctx context.Context, rows []ArticleRow, chain []model.OrgSight) error {
	if len(rows) == 0 || len(chain) == 0 {
		return nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var relays []Relay
	err := s.read(ctx).Table("article_relays r").Select("r.article_id, r.org_id, o.name AS org_name, r.note, r.created_at").
		Joins("JOIN orgs o ON o.id = r.org_id").Where("r.article_id IN ? AND r.org_id IN ?", ids, chainIDs(chain)).
		Order("r.created_at, r.org_id").Scan(&relays).Error
	for _, r := range relays {
		rows[slices.Index(ids, r.ArticleID)].Relay = &r
	}
	return fault(err)
}
