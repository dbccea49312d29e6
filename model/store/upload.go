package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

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

// DueMedia are pictures whose turn has come to be shown to WeChat, the longest due first.
func (s *Store) DueMedia(ctx context.Context, now time.Time, limit int) ([]model.Upload, error) {
	return many[model.Upload](s.read(ctx).Where("media = ? AND media_due <= ?", model.MediaWaiting, now).Order("media_due, id").Limit(limit))
}

// TakeMedia takes a picture up if nobody else has since it was read, and reports whether it did. Where it is never put back it is due again at the instant.
func (s *Store) TakeMedia(ctx context.Context, u *model.Upload, due time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Upload{}).Where("id = ? AND media = ? AND media_tries = ?", u.ID, model.MediaWaiting, u.MediaTries).
		Updates(map[string]any{"media_tries": u.MediaTries + 1, "media_due": due}))
	if n > 0 {
		u.MediaTries, u.MediaDue = u.MediaTries+1, &due
	}
	return n > 0, err
}

// MediaAsked notes that WeChat took a picture and under which trace it will tell its verdict.
func (s *Store) MediaAsked(ctx context.Context, id, trace string) error {
	return fault(s.write(ctx).Model(&model.Upload{}).Where("id = ? AND media = ?", id, model.MediaWaiting).
		Updates(map[string]any{"media_trace": trace, "media_asked": gormExpr("media_asked + 1")}).Error)
}

// MediaLater puts off when a picture is taken up again.
func (s *Store) MediaLater(ctx context.Context, id string, due time.Time) error {
	return fault(s.write(ctx).Model(&model.Upload{}).Where("id = ? AND media = ?", id, model.MediaWaiting).Update("media_due", due).Error)
}

// StepMedia writes what became of a picture if it is still in the state that was read, and reports whether it was.
func (s *Store) StepMedia(ctx context.Context, u *model.Upload, from model.MediaState) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Upload{}).Where("id = ? AND media = ?", u.ID, from).
		Select("media", "media_label", "media_held", "media_reason", "media_due", "moderator_id", "moderated_at").Updates(u))
	return n > 0, err
}

// UploadByTrace finds the picture that waits for this verdict.
func (s *Store) UploadByTrace(ctx context.Context, trace string) (*model.Upload, error) {
	return one[model.Upload](s.read(ctx).Where("media_trace = ? AND media_trace <> ''", trace), "这个文件")
}

// KeepVerdict keeps a verdict whose picture is not known yet.
func (s *Store) KeepVerdict(ctx context.Context, v *model.MediaVerdict) error {
	_, err := s.insertOnce(ctx, v)
	return err
}

// Verdict reads a verdict that came before its trace was known; nil where none did.
func (s *Store) Verdict(ctx context.Context, trace string) (*model.MediaVerdict, error) {
	v, err := one[model.MediaVerdict](s.read(ctx).Where("trace_id = ?", trace), "这个结论")
	if model.IsNotFound(err) {
		return nil, nil
	}
	return v, err
}

// PruneVerdicts forgets verdicts of before the instant.
func (s *Store) PruneVerdicts(ctx context.Context, before time.Time) error {
	return fault(s.write(ctx).Where("received_at < ?", before).Delete(&model.MediaVerdict{}).Error)
}

// FilePaths are the paths of the organisations that look after a file: those of its uploader, and those whose articles use it.
func (s *Store) FilePaths(ctx context.Context, u *model.Upload) ([]string, error) {
	var paths []string
	for _, q := range []struct {
		table, column, where string
		arg                  any
	}{
		{"memberships", "org_path", "member_id = ? AND member_id <> ''", u.OwnerID},
		{"grants", "org_path", "member_id = ? AND member_id <> ''", u.OwnerID},
		{"articles", "org_path", "id IN (SELECT f.article_id FROM article_files f WHERE f.upload_id = ?)", u.ID},
	} {
		var found []string
		if err := s.read(ctx).Table(q.table).Where(q.where, q.arg).Distinct().Pluck(q.column, &found).Error; err != nil {
			return nil, fault(err)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// FileQueue lists the pictures of a state that those who lead at these paths look after, the oldest first.
func (s *Store) FileQueue(ctx context.Context, paths []string, state model.MediaState, page model.Page) ([]model.Upload, string, error) {
	if len(paths) == 0 {
		return []model.Upload{}, "", nil
	}
	q := s.fileQueue(ctx, paths, state).Order("created_at, id").Limit(page.Size() + 1)
	var after commentKeys
	list := "files:" + string(state)
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("created_at >= ? AND (created_at > ? OR id > ?)", at, at, after.ID)
	}
	rows, err := many[model.Upload](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, func(u model.Upload) any { return commentKeys{u.CreatedAt.UnixMilli(), u.ID} })
	return rows, next, nil
}

// CountFileQueue counts what FileQueue lists.
func (s *Store) CountFileQueue(ctx context.Context, paths []string, state model.MediaState) (int, error) {
	if len(paths) == 0 {
		return 0, nil
	}
	var n int64
	err := s.fileQueue(ctx, paths, state).Model(&model.Upload{}).Count(&n).Error
	return int(n), fault(err)
}

func (s *Store) fileQueue(ctx context.Context, paths []string, state model.MediaState) *gorm.DB {
	mine := s.read(ctx)
	for _, p := range paths {
		mine = mine.Or("EXISTS (SELECT 1 FROM memberships m WHERE m.member_id = uploads.owner_id AND m.org_path LIKE ?)", p+"%").
			Or("EXISTS (SELECT 1 FROM grants g WHERE g.member_id = uploads.owner_id AND g.org_path LIKE ?)", p+"%").
			Or("EXISTS (SELECT 1 FROM article_files f JOIN articles a ON a.id = f.article_id WHERE f.upload_id = uploads.id AND a.org_path LIKE ?)", p+"%")
	}
	return s.read(ctx).Where("media = ?", state).Where(mine)
}
