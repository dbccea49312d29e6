package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// Unname makes copies of pictures for an object whose author must stay unknown: with an id that tells no time, dated by the day, under a plain
// name and without an owner. The bytes are copied; the rows are written by Swap, and copies that nothing comes to have are cleared away at night.
func (s *Service) Unname(ctx context.Context, ids []string) ([]model.Upload, error) {
	rows, err := s.store.UploadsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	copies := make([]model.Upload, 0, len(ids))
	for i, id := range ids {
		u, ok := rows[id]
		if !ok {
			return nil, model.NotFound("这个文件")
		}
		c := model.Upload{
			ID: store.NewQuietID(), Name: fmt.Sprintf("附件%d%s", i+1, path.Ext(u.Name)), MIME: u.MIME, Size: u.Size, SHA256: u.SHA256, Width: u.Width, Height: u.Height,
			CreatedAt: model.DateOf(s.clock()).Start().UTC(), Thumbs: u.Thumbs, Disclosure: u.Disclosure, Media: u.Media, MediaReason: u.MediaReason,
		}
		if u.Media == model.MediaWaiting { // WeChat looks at no picture without its uploader
			c.Media, c.MediaHeld = model.MediaHeld, model.HeldNoOpenID
		}
		c.BlobKey = c.SHA256 + "-" + c.ID
		if err := s.copyBytes(ctx, u.BlobKey, c.BlobKey); err != nil {
			return nil, err
		}
		for _, w := range u.Thumbs {
			err := s.copyBytes(ctx, thumbKey(&u, w), thumbKey(&c, w))
			if model.IsNotFound(err) { // a smaller picture that is lost is no loss
				err = nil
			}
			if err != nil {
				return nil, err
			}
		}
		copies = append(copies, c)
	}
	return copies, nil
}

func (s *Service) copyBytes(ctx context.Context, from, to string) (err error) {
	r, err := s.blobs.Open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	raw, err := io.ReadAll(r)
	if err != nil {
		return broken(err)
	}
	return s.blobs.Put(ctx, to, bytes.NewReader(raw), int64(len(raw)))
}

// Swap writes the copies' rows and takes away those of the files they were made of, unless something else uses these; bytes go after the commit.
func (s *Service) Swap(ctx context.Context, tx *store.Store, ids []string, copies []model.Upload) error {
	for i := range copies {
		if err := tx.AddUpload(ctx, &copies[i]); err != nil {
			return err
		}
	}
	rows, err := tx.UploadsByID(ctx, ids)
	if err != nil {
		return err
	}
	used, err := tx.SuggestionFiles(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		u := rows[id]
		if slices.Contains(used, id) {
			continue
		}
		gone, err := tx.DropUnusedUpload(ctx, id)
		if err != nil {
			return err
		}
		if gone {
			tx.After(func() {
				if err := s.forget(context.WithoutCancel(ctx), &u); err != nil { // the nightly clearing takes what is left
					s.options.Log.WarnContext(ctx, "bytes of a replaced file not deleted", "cause", err)
				}
			})
		}
	}
	return nil
}
