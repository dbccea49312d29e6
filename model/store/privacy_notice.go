package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"zhibu/model"
)

// ConsentNotices are the versions of the privacy notice that the office put in, in the order in which they begin to hold.
func (s *Store) ConsentNotices(ctx context.Context) ([]model.ConsentNotice, error) {
	return many[model.ConsentNotice](s.read(ctx).Order("holds_from, created_at, version"))
}

// AddConsentNotice writes a version; one of the same name is a conflict.
func (s *Store) AddConsentNotice(ctx context.Context, n *model.ConsentNotice) error {
	return fault(s.write(ctx).Create(n).Error)
}

// PutRetentionRun writes what the night removed; a second run of one day takes the place of the first.
func (s *Store) PutRetentionRun(ctx context.Context, r *model.RetentionRun) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(r).Error)
}

// RetentionRuns are the last nights, the newest first.
func (s *Store) RetentionRuns(ctx context.Context, limit int) ([]model.RetentionRun, error) {
	return many[model.RetentionRun](s.read(ctx).Order("day DESC").Limit(limit))
}

// retentionChunk is how many rows one statement removes, so that no lock is held for long.
const retentionChunk = 500

// chunked removes until nothing is left to remove, and tells how much it was.
func chunked(remove func() (int64, error)) (int, error) {
	total := 0
	for {
		n, err := remove()
		if err != nil || n == 0 {
			return total, err
		}
		total += int(n)
	}
}

// RemoveOldReads forgets what members read before the instant. The counts of the articles stay.
func (s *Store) RemoveOldReads(ctx context.Context, before time.Time) (int, error) {
	return chunked(func() (int64, error) {
		rows, err := many[model.ArticleRead](s.read(ctx).Where("read_at < ?", before).Limit(retentionChunk))
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		var n int64
		err = s.Tx(ctx, func(tx *Store) error {
			n = 0
			for _, r := range rows {
				gone, err := changed(tx.write(ctx).Where("article_id = ? AND member_id = ? AND read_at < ?", r.ArticleID, r.MemberID, before).Delete(&model.ArticleRead{}))
				if err != nil {
					return err
				}
				n += gone
			}
			return nil
		})
		return n, err
	})
}

// ForgetOldDestinations takes out of the ledger where messages went that are over; their lines in the inboxes stay.
func (s *Store) ForgetOldDestinations(ctx context.Context, before time.Time) (int, error) {
	return chunked(func() (int64, error) {
		ids := []int64{}
		err := s.read(ctx).Model(&model.Delivery{}).Where("created_at < ? AND openid <> '' AND owner = '' AND due_at IS NULL AND state IN ?", before,
			[]model.DeliveryState{model.DeliverySent, model.DeliveryFailed, model.DeliveryInDoubt, model.DeliveryInboxOnly, model.DeliveryCancelled}).
			Limit(retentionChunk).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return 0, fault(err)
		}
		return changed(s.write(ctx).Model(&model.Delivery{}).Where("id IN ?", ids).Updates(map[string]any{"openid": "", "msg_id": "", "errmsg": ""}))
	})
}

// RemoveOldDrafts removes drafts that nobody has touched since the instant.
func (s *Store) RemoveOldDrafts(ctx context.Context, before time.Time) (int, error) {
	return chunked(func() (n int64, err error) {
		ids := []string{}
		err = s.read(ctx).Model(&model.Article{}).Where("state = ? AND updated_at < ?", model.ArticleDraft, before).Limit(50).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return 0, fault(err)
		}
		err = s.Tx(ctx, func(tx *Store) error {
			n = 0
			for _, id := range ids {
				gone, err := tx.DropDraft(ctx, id)
				if err != nil {
					return err
				}
				if gone {
					n++
				}
			}
			return nil
		})
		return n, err
	})
}

// RemoveOldPushes removes pushes that are over, with their lines in the inboxes.
func (s *Store) RemoveOldPushes(ctx context.Context, before time.Time) (int, error) {
	return chunked(func() (int64, error) {
		ids, err := s.OldPushes(ctx, before, 50)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			for more := true; more; {
				if more, err = s.PrunePush(ctx, id, retentionChunk); err != nil {
					return 0, err
				}
			}
		}
		return int64(len(ids)), nil
	})
}

// RemoveOldMarks forgets the marks of erasures of long ago.
func (s *Store) RemoveOldMarks(ctx context.Context, before time.Time) (int, error) {
	n, err := changed(s.write(ctx).Where("created_at < ?", before).Delete(&model.ErasureMark{}))
	return int(n), err
}

// RemoveSessions forgets sessions that ended before the instant, and tells how many.
func (s *Store) RemoveSessions(ctx context.Context, before time.Time) (int, error) {
	var n int64
	if err := s.read(ctx).Model(&model.Session{}).Where("expires_at < ? OR revoked_at < ?", before, before).Count(&n).Error; err != nil || n == 0 {
		return 0, fault(err)
	}
	return int(n), s.PruneSessions(ctx, before)
}

// ErasedSince reports whether anybody was erased after the instant.
func (s *Store) ErasedSince(ctx context.Context, at time.Time) (bool, error) {
	var n int64
	err := s.read(ctx).Model(&model.Erasure{}).Where("erased_at >= ?", at).Limit(1).Count(&n).Error
	return n > 0, fault(err)
}

// UploadsOfErased are the persons who were erased and still own files, which a crash may leave.
func (s *Store) UploadsOfErased(ctx context.Context) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Table("uploads u").Joins("JOIN members m ON m.id = u.owner_id AND m.erased_at IS NOT NULL").Distinct("u.owner_id").Limit(100).Pluck("u.owner_id", &ids).Error
	return ids, fault(err)
}
