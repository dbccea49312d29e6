package store

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
)

// Upload reads one file's row.
func (s *Store) Upload(ctx context.Context, id string) (*model.Upload, error) {
	return one[model.Upload](s.read(ctx).Where("id = ?", id), "这个文件")
}

// UploadsByID reads the rows of these ids, keyed by id.
func (s *Store) UploadsByID(ctx context.Context, ids []string) (map[string]model.Upload, error) {
	byID := make(map[string]model.Upload, len(ids))
	for start := 0; start < len(ids); start += 500 {
		rows, err := many[model.Upload](s.read(ctx).Where("id IN ?", ids[start:min(start+500, len(ids))]))
		if err != nil {
			return nil, err
		}
		for _, u := range rows {
			byID[u.ID] = u
		}
	}
	return byID, nil
}

// AddUpload writes a new file's row.
func (s *Store) AddUpload(ctx context.Context, u *model.Upload) error {
	return fault(s.write(ctx).Create(u).Error)
}

// unusedUpload holds for files that no article uses.
const unusedUpload = "NOT EXISTS (SELECT 1 FROM article_files f WHERE f.upload_id = uploads.id)"

// UnusedUploads are files that no article uses, uploaded before the instant, in the order of their ids after the given one.
func (s *Store) UnusedUploads(ctx context.Context, before time.Time, afterID string, limit int) ([]model.Upload, error) {
	return many[model.Upload](s.read(ctx).Where("created_at < ? AND id > ?", before, afterID).Where(unusedUpload).Order("id").Limit(limit))
}

// DropUnusedUpload removes a file's row if still no article uses it, and reports whether it did.
func (s *Store) DropUnusedUpload(ctx context.Context, id string) (bool, error) {
	n, err := changed(s.write(ctx).Where("id = ?", id).Where(unusedUpload).Delete(&model.Upload{}))
	return n > 0, err
}

// UploadsOf are all files of one member, the oldest first, for the export of personal data.
func (s *Store) UploadsOf(ctx context.Context, memberID string) ([]model.Upload, error) {
	return many[model.Upload](s.read(ctx).Where("owner_id = ?", memberID).Order("created_at, id"))
}

// DisownUploads forgets who uploaded these files.
func (s *Store) DisownUploads(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return fault(s.write(ctx).Model(&model.Upload{}).Where("id IN ?", ids).Update("owner_id", "").Error)
}

// SuggestionFiles are those of these files that some suggestion holds.
func (s *Store) SuggestionFiles(ctx context.Context, ids []string) ([]string, error) {
	rows, err := many[model.Suggestion](s.read(ctx).Select("id", "attachment_ids").Where("attachment_ids IS NOT NULL"))
	if err != nil {
		return nil, err
	}
	var used []string
	for _, r := range rows {
		for _, id := range r.AttachmentIDs {
			if slices.Contains(ids, id) {
				used = append(used, id)
			}
		}
	}
	return used, nil
}
