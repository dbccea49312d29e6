package upload

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"zhibu/model"
)

// orphanAge is how long a file may wait to be used, for example by an article that is still being written.
const orphanAge = 7 * 24 * time.Hour

// verdictAge is how long a verdict is kept that came before its trace was known.
const verdictAge = 24 * time.Hour

// Prune clears away old files that nothing uses, and bytes that no file has, and tells how many files went.
func (s *Service) Prune(ctx context.Context) (int, error) {
	gone, err := s.pruneUnused(ctx)
	return gone, errors.Join(err, s.pruneBytes(ctx), s.store.PruneVerdicts(ctx, s.clock().Add(-verdictAge)))
}

func (s *Service) pruneUnused(ctx context.Context) (int, error) {
	before, after, gone := s.clock().Add(-orphanAge), "", 0
	for {
		rows, err := s.store.UnusedUploads(ctx, before, after, 200)
		if err != nil || len(rows) == 0 {
			return gone, err
		}
		used, err := s.usedElsewhere(ctx, rows)
		if err != nil {
			return gone, err
		}
		for _, u := range rows {
			after = u.ID
			if slices.Contains(used, u.ID) {
				continue
			}
			ok, err := s.store.DropUnusedUpload(ctx, u.ID) // asks once more whether an article uses it
			if err == nil && ok {
				gone++
				err = s.forget(ctx, &u)
			}
			if err != nil {
				return gone, err
			}
		}
	}
}

// forget deletes a file's bytes in all widths.
func (s *Service) forget(ctx context.Context, u *model.Upload) error {
	err := s.blobs.Delete(ctx, u.BlobKey)
	for _, w := range u.Thumbs {
		err = errors.Join(err, s.blobs.Delete(ctx, thumbKey(u, w)))
	}
	return err
}

// ours finds the id of a file in the keys that this room gives its bytes; the probes of a check-up that was cut short have none.
var ours = regexp.MustCompile(`^(?:[0-9a-f]{64}-([0-9a-f-]{36})(?:-w[0-9]+)?|probe-[0-9a-f]+)$`)

// pruneBytes clears away bytes that no row names, such as a crash leaves between the two. What is not of this room is left alone.
func (s *Service) pruneBytes(ctx context.Context) error {
	byID := map[string][]string{}
	sweep := func() error {
		ids := make([]string, 0, len(byID))
		for id := range byID {
			ids = append(ids, id)
		}
		rows, err := s.store.UploadsByID(ctx, ids)
		if err != nil {
			return err
		}
		for id, keys := range byID {
			if _, ok := rows[id]; ok {
				continue
			}
			for _, key := range keys {
				if err := s.blobs.Delete(ctx, key); err != nil {
					return err
				}
			}
		}
		clear(byID)
		return nil
	}
	err := s.blobs.Each(ctx, s.clock().Add(-orphanAge), func(key string) error {
		if m := ours.FindStringSubmatch(key); m != nil {
			byID[m[1]] = append(byID[m[1]], key)
		}
		if len(byID) < 200 {
			return nil
		}
		return sweep()
	})
	if err != nil {
		return err
	}
	return sweep()
}

func (s *Service) usedElsewhere(ctx context.Context, rows []model.Upload) ([]string, error) {
	ids := make([]string, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	var used []string
	for _, r := range s.referrers {
		more, err := r.UsedFiles(ctx, ids)
		if err != nil {
			return nil, err
		}
		used = append(used, more...)
	}
	return used, nil
}
