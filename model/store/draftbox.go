package store

import (
	"context"
	"time"

	"zhibu/model"
)

// OfficialDraft reads what the draft box holds of an article.
func (s *Store) OfficialDraft(ctx context.Context, articleID string) (*model.OfficialDraft, error) {
	return one[model.OfficialDraft](s.read(ctx).Where("article_id = ?", articleID), "这篇文章的公众号草稿")
}

// HoldOfficialDraft takes the turn of putting an article into the draft box, until the lease ends, and reports whether it did.
func (s *Store) HoldOfficialDraft(ctx context.Context, articleID, holder string, now, lease time.Time) (bool, error) {
	row := &model.OfficialDraft{ArticleID: articleID, Holder: holder, LeaseUntil: lease, CreatedAt: now}
	if first, err := s.insertOnce(ctx, row); err != nil || first {
		return first, err
	}
	n, err := changed(s.write(ctx).Model(&model.OfficialDraft{}).Where("article_id = ? AND lease_until <= ?", articleID, now).
		Updates(map[string]any{"holder": holder, "lease_until": lease}))
	return n > 0, err
}

// SaveOfficialDraft writes what became of the turn, if it is still the holder's, and reports whether it was.
func (s *Store) SaveOfficialDraft(ctx context.Context, d *model.OfficialDraft) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.OfficialDraft{}).Where("article_id = ? AND holder = ?", d.ArticleID, d.Holder).
		Select("media_id", "title", "version", "doubt", "lease_until", "sent_by", "sent_at").Updates(d))
	return n > 0, err
}

// DropOfficialDraft forgets a turn that left nothing behind, if it is still the holder's.
func (s *Store) DropOfficialDraft(ctx context.Context, articleID, holder string) error {
	return fault(s.write(ctx).Where("article_id = ? AND holder = ?", articleID, holder).Delete(&model.OfficialDraft{}).Error)
}

// OfficialPicture reads where a service account keeps a picture; empty where it does not.
func (s *Store) OfficialPicture(ctx context.Context, sha256 string, place model.OfficialPlace, appID string) (string, error) {
	rows, err := many[model.OfficialPicture](s.read(ctx).Where("sha256 = ? AND place = ? AND app_id = ?", sha256, place, appID))
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Reference, nil
}

// KeepOfficialPicture remembers where a service account keeps a picture.
func (s *Store) KeepOfficialPicture(ctx context.Context, p *model.OfficialPicture) error {
	_, err := s.insertOnce(ctx, p)
	return err
}

// DropOfficialPicture forgets a picture that the service account does not keep any more.
func (s *Store) DropOfficialPicture(ctx context.Context, sha256 string, place model.OfficialPlace, appID string) error {
	return fault(s.write(ctx).Where("sha256 = ? AND place = ? AND app_id = ?", sha256, place, appID).Delete(&model.OfficialPicture{}).Error)
}
