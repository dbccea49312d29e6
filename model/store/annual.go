package store

import (
	"context"

	"gorm.io/gorm/clause"

	"zhibu/model"
)

// AnnualReasons are the reasons stated in an organisation's check of a year, by the keys of the items.
func (s *Store) AnnualReasons(ctx context.Context, orgID string, year int) (map[string]model.AnnualReason, error) {
	rows, err := many[model.AnnualReason](s.read(ctx).Where("org_id = ? AND year = ?", orgID, year))
	byKey := make(map[string]model.AnnualReason, len(rows))
	for _, r := range rows {
		byKey[r.ItemKey] = r
	}
	return byKey, err
}

// PutAnnualReason writes a reason over the one before.
func (s *Store) PutAnnualReason(ctx context.Context, r *model.AnnualReason) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(r).Error)
}

// DropAnnualReason takes a reason back.
func (s *Store) DropAnnualReason(ctx context.Context, orgID string, year int, key string) error {
	return fault(s.write(ctx).Where("org_id = ? AND year = ? AND item_key = ?", orgID, year, key).Delete(&model.AnnualReason{}).Error)
}

// AnnualSnapshot is the last frozen check of an organisation's year; not found where there is none.
func (s *Store) AnnualSnapshot(ctx context.Context, orgID string, year int) (*model.AnnualSnapshot, error) {
	return one[model.AnnualSnapshot](s.read(ctx).Where("org_id = ? AND year = ?", orgID, year).Order("seq DESC"), "年检存档")
}

// AddAnnualSnapshot freezes a check after those that are there, and reports whether it was this call that did.
func (s *Store) AddAnnualSnapshot(ctx context.Context, x *model.AnnualSnapshot) (bool, error) {
	return s.insertOnce(ctx, x)
}
