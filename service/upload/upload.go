// Package upload is the whole life of a file: what may come in and in which form, who may have it, links for those who cannot show a token,
// and the clearing away of what nothing uses.
package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Blobs keeps the bytes.
type Blobs interface {
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	Delete(ctx context.Context, key string) error
	// Each calls f with every key that was put before the instant.
	Each(ctx context.Context, before time.Time, f func(key string) error) error
}

// Signer signs links, so that a picture can be shown where no token can be sent.
type Signer interface {
	Sign(text string) string
	Check(text, signature string) bool
}

// Referrer is another room that ties files to its objects, as articles do.
type Referrer interface {
	// MaySeeFile reports whether the actor may see an object that uses the file.
	MaySeeFile(ctx context.Context, actor *model.Actor, uploadID string) (bool, error)
	// UsedFiles are those of these files that some object uses.
	UsedFiles(ctx context.Context, uploadIDs []string) ([]string, error)
}

// Options are the settings of the room.
type Options struct {
	MaxSize int64        // bytes of a file
	BaseURL string       // the site's address, without a slash at its end; may be empty
	Spool   string       // where a file stands while it comes in; empty is the system's folder for such things
	Media   MediaChecker // shows pictures to WeChat; nil: they need no verdict
	Hold    bool         // pictures need a verdict although nobody can be asked: a person looks at each
	Outbox  Outbox       // tells uploaders what was refused; nil where nothing is ever refused
	Log     *slog.Logger // nil is silent
}

// Incoming is a file on its way in, with what its sender says of it.
type Incoming struct {
	Name       string
	Disclosure model.Disclosure
	// Rest reads what was sent after the file, and tells the answer that stood there; may be nil.
	Rest func() (model.Disclosure, error)
}

// Service is the room.
type Service struct {
	store     *store.Store
	blobs     Blobs
	signer    Signer
	clock     model.Clock
	options   Options
	referrers []Referrer
	slow      chan struct{} // how many pictures are opened at once, since each may take 200 MB
}

// New makes the room.
func New(s *store.Store, blobs Blobs, signer Signer, clock model.Clock, options Options) *Service {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{store: s, blobs: blobs, signer: signer, clock: clock, options: options, slow: make(chan struct{}, 2)}
}

// Refer adds a room that uses files too. Do it before the program starts to serve.
func (s *Service) Refer(r Referrer) { s.referrers = append(s.referrers, r) }

// Add takes a file in, of which its sender says nothing but the name. Errors: those of Take.
func (s *Service) Add(ctx context.Context, actor *model.Actor, name string, r io.Reader) (*model.Upload, error) {
	return s.Take(ctx, actor, Incoming{Name: name}, r)
}

// Take takes a file in: judged by its content, pictures made anew without what the camera wrote into them.
// Errors: not_bound, validation_failed (name, disclosure, empty, broken), unsupported_media_type, payload_too_large, unavailable.
func (s *Service) Take(ctx context.Context, actor *model.Actor, in Incoming, r io.Reader) (_ *model.Upload, err error) {
	if !actor.Bound() {
		return nil, model.Fail(model.CodeNotBound, "请先完成身份绑定，再上传文件。")
	}
	if err := admissible(in.Name, in.Disclosure); err != nil {
		return nil, err
	}
	file, err := s.spool(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.discard()) }()
	if in.Rest != nil {
		said, err := in.Rest()
		if err != nil {
			return nil, err
		}
		if said != "" {
			in.Disclosure = said
		}
		if err := admissible(in.Name, in.Disclosure); err != nil {
			return nil, err
		}
	}
	kind, err := kindOf(file.file, file.size)
	if err != nil {
		return nil, err
	}
	u := &model.Upload{
		ID: store.NewID(), OwnerID: actor.MemberID, Name: model.CleanFileName(in.Name, kind), MIME: kind, Disclosure: in.Disclosure, CreatedAt: s.clock(),
	}
	body, thumbs := io.ReadSeeker(file.file), []thumb(nil)
	if model.IsPicture(kind) || kind == model.MIMEWebP {
		if body, thumbs, err = s.picture(ctx, u, file.file); err != nil {
			return nil, err
		}
	}
	return u, s.keep(ctx, u, body, thumbs)
}

// admissible refuses what must stay inside, by its name or by its sender's word, before its bytes are kept anywhere.
func admissible(name string, d model.Disclosure) error {
	var v model.Invalid
	if model.ClassifiedName(name) {
		v.Add("file", "classified_name", "文件名显示这可能是涉密或内部资料，不能上传到互联网。请核实；如确可公开，请更正文件名后再上传。")
	}
	switch {
	case !d.Valid():
		v.Add("disclosure", "not_allowed", "只能是以下之一：public（公开）、internal（内部不上网）。")
	case d == model.DisclosureInternal:
		v.Add("disclosure", "internal", "“内部不上网”的材料请勿上传，请按保密规定在线下传阅。")
	}
	return v.Err()
}

// keep writes the bytes, then the row; what has no row is taken back.
func (s *Service) keep(ctx context.Context, u *model.Upload, body io.ReadSeeker, thumbs []thumb) (err error) {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return broken(err)
	}
	hash := sha256.New()
	n, err := io.Copy(hash, body)
	if err != nil {
		return broken(err)
	}
	u.Size, u.SHA256 = n, hex.EncodeToString(hash.Sum(nil))
	u.BlobKey = u.SHA256 + "-" + u.ID // the id too: what two files share, neither could clear away safely
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return broken(err)
	}
	var put []string
	defer func() {
		if err != nil {
			for _, key := range put {
				err = errors.Join(err, s.blobs.Delete(context.WithoutCancel(ctx), key))
			}
		}
	}()
	if err := s.blobs.Put(ctx, u.BlobKey, body, u.Size); err != nil {
		return err
	}
	put = append(put, u.BlobKey)
	for _, t := range thumbs {
		key := thumbKey(u, t.width)
		if err := s.blobs.Put(ctx, key, bytes.NewReader(t.bytes), int64(len(t.bytes))); err != nil {
			return err
		}
		put = append(put, key)
		u.Thumbs = append(u.Thumbs, t.width)
	}
	s.await(u)
	return s.store.AddUpload(ctx, u)
}

// broken makes what went wrong on our side ours; a full disk may have room again later.
func broken(err error) error {
	var own *model.Error
	switch {
	case errors.As(err, &own):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return model.Fail(model.CodeUnavailable, "文件暂时无法保存，请稍后再试。").Because(err)
	}
	return model.Fail(model.CodeInternal, "文件处理出错了，请稍后再试。").Because(err)
}

// spooled is a file on its way in.
type spooled struct {
	file *os.File
	size int64
}

func (p spooled) discard() error {
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}

// spool brings the file onto the disk, so that slow senders cost no memory.
func (s *Service) spool(r io.Reader) (spooled, error) {
	f, err := os.CreateTemp(s.options.Spool, "zhibu-upload-*")
	if err != nil {
		return spooled{}, broken(err)
	}
	p := spooled{file: f}
	if p.size, err = io.Copy(f, io.LimitReader(r, s.options.MaxSize+1)); err == nil {
		switch {
		case p.size > s.options.MaxSize:
			err = model.Failf(model.CodeTooLarge, "文件不能超过 %d MB，请压缩后重试。", s.options.MaxSize>>20)
		case p.size == 0:
			err = model.BadField("file", "empty", "文件是空的，请重新选择。")
		}
	}
	if err != nil {
		return spooled{}, errors.Join(broken(err), p.discard())
	}
	return p, nil
}

// Describe tells what others show of these files, in the given order; unknown ones are left out. Whether the reader may have them is for the
// caller to know: the addresses are signed.
func (s *Service) Describe(ctx context.Context, ids []string) ([]model.FileRef, error) {
	rows, err := s.store.UploadsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	refs := make([]model.FileRef, 0, len(ids))
	for _, id := range ids {
		if u, ok := rows[id]; ok {
			refs = append(refs, model.FileRef{ID: u.ID, Name: u.Name, Size: u.Size, MIME: u.MIME, URL: s.URL(&u)})
		}
	}
	return refs, nil
}

// DescribeShown is Describe for what everybody may see of an object: a picture that waits for its verdict has no address.
func (s *Service) DescribeShown(ctx context.Context, ids []string) ([]model.FileRef, error) {
	rows, err := s.store.UploadsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	refs := make([]model.FileRef, 0, len(ids))
	for _, id := range ids {
		u, ok := rows[id]
		if !ok {
			continue
		}
		ref := model.FileRef{ID: u.ID, Name: u.Name, Size: u.Size, MIME: u.MIME}
		if u.Shown() {
			ref.URL = s.URL(&u)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// Mine makes sure that the actor has uploaded each of these files. Errors: validation_failed, naming attachment_ids[i].
func (s *Service) Mine(ctx context.Context, actor *model.Actor, ids []string) error {
	rows, err := s.store.UploadsByID(ctx, ids)
	if err != nil {
		return err
	}
	var v model.Invalid
	for i, id := range ids {
		if u, ok := rows[id]; !ok || !actor.Bound() || u.OwnerID != actor.MemberID {
			v.Add(fmt.Sprintf("attachment_ids[%d]", i), "not_found", "没有找到您上传的这个文件，请重新上传。")
		}
	}
	return v.Err()
}
