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

// AddRelay passes an article on, and reports whether the organisation had not done so before.
func (s *Store) AddRelay(ctx context.Context, r *model.ArticleRelay) (bool, error) {
	return s.insertOnce(ctx, r)
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

// Relays are those who passed an article on, the first first.
func (s *Store) Relays(ctx context.Context, articleID string) ([]model.ArticleRelay, error) {
	return many[model.ArticleRelay](s.read(ctx).Where("article_id = ?", articleID).Order("created_at, org_id"))
}

// relayedQuery starts the range of what one organisation of the chain passed on. What several of the chain passed on is the latest's; what is pinned
// stays where it is pinned; and a relay shows nobody what the article itself would not.
func (s *Store) relayedQuery(orgID string, f FeedFilter) (string, []any) {
	where, more := sightWhere(model.Sight{Chain: f.Chain})
	q := "SELECT r.article_id AS id, a.pinned, r.created_at AS placed_at FROM article_relays r " + s.force("article_relays_feed") + " " +
		s.inOrder() + " articles a ON a.id = r.article_id WHERE r.org_id = ? AND a.state = ? AND a.pinned = ? AND " + where
	args := append([]any{orgID, model.ArticlePublished, false}, more...)
	if f.Category != "" {
		q += " AND a.category = ?"
		args = append(args, f.Category)
	}
	if len(f.Chain) > 1 {
		q += " AND NOT EXISTS (SELECT 1 FROM article_relays l WHERE l.article_id = r.article_id AND l.org_id IN ? AND (l.created_at > r.created_at OR (l.created_at = r.created_at AND l.org_id > r.org_id)))"
		args = append(args, chainIDs(f.Chain))
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
