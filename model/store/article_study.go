package store

import (
	"context"
	"time"

	"zhibu/model"
)

// MinutesAsked adds up the reading times of what an organisation published within [from, to) or has scheduled there, one article left out.
func (s *Store) MinutesAsked(ctx context.Context, orgID string, from, to time.Time, except string) (int, error) {
	var sum struct{ Minutes int }
	err := s.read(ctx).Model(&model.Article{}).Select("COALESCE(SUM(reading_minutes), 0) AS minutes").Where("org_id = ? AND id <> ?", orgID, except).
		Where("(state = ? AND published_at >= ? AND published_at < ?) OR (state = ? AND publish_at >= ? AND publish_at < ?)",
			model.ArticlePublished, from, to, model.ArticleScheduled, from, to).Scan(&sum).Error
	return sum.Minutes, fault(err)
}

// MinutesRequired adds up the reading times of what these organisations published within [from, to) and require of all their members.
func (s *Store) MinutesRequired(ctx context.Context, orgIDs []string, from, to time.Time) (int, error) {
	if len(orgIDs) == 0 {
		return 0, nil
	}
	var sum struct{ Minutes int }
	err := s.read(ctx).Model(&model.Article{}).Select("COALESCE(SUM(reading_minutes), 0) AS minutes").
		Where("required = ? AND state = ? AND org_id IN ? AND visibility <> ?", true, model.ArticlePublished, orgIDs, model.VisibleCommittee).
		Where("published_at >= ? AND published_at < ?", from, to).Scan(&sum).Error
	return sum.Minutes, fault(err)
}

// CarryClaims gives an article the claims of those who claimed another of the same document: it was studied once, under whatever title.
func (s *Store) CarryClaims(ctx context.Context, articleID, docKey string) error {
	if docKey == "" {
		return nil
	}
	return fault(s.write(ctx).Exec(`INSERT INTO article_claims (article_id, member_id, studied_on, place, created_at)
		SELECT ?, k.member_id, MIN(k.studied_on), MIN(k.place), MIN(k.created_at) FROM article_claims k JOIN articles o ON o.id = k.article_id
		WHERE o.doc_key = ? AND NOT EXISTS (SELECT 1 FROM (SELECT member_id FROM article_claims WHERE article_id = ?) AS h WHERE h.member_id = k.member_id)
		GROUP BY k.member_id`, articleID, docKey, articleID).Error)
}

// SameDocument are the ids of the articles with this one's document number, this one among them.
func (s *Store) SameDocument(ctx context.Context, a *model.Article) ([]string, error) {
	if a.DocKey == "" {
		return []string{a.ID}, nil
	}
	var ids []string
	err := s.read(ctx).Model(&model.Article{}).Where("doc_key = ?", a.DocKey).Order("id").Pluck("id", &ids).Error
	return ids, fault(err)
}
