// Package upload is the whole life of a file: what may come in and in which form, who may have it, links for those who cannot show a token,
// and the clearing away of what nothing uses.
package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
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
	MaxSize int64  // bytes of a file
	BaseURL string // the site's address, without a slash at its end; may be empty
	Spool   string // where a file stands while it comes in; empty is the system's folder for such things
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
	return &Service{store: s, blobs: blobs, signer: signer, clock: clock, options: options, slow: make(chan struct{}, 2)}
}

// Refer adds a room that uses files too. Do it before the program starts to serve.
func (s *Service) Refer(r Referrer) { s.referrers = append(s.referrers, r) }

// Add takes a file in: judged by its content, pictures made anew without what the camera wrote into them.
// Errors: forbidden, validation_failed (name, empty, broken), unsupported_media_type, payload_too_large, unavailable.
func (s *Service) Add(ctx context.Context, actor *model.Actor, name string, r io.Reader) (_ *model.Upload, err error) {
	if !actor.Bound() {
		return nil, model.Fail(model.CodeNotBound, "请先完成身份绑定，再上传文件。")
	}
	if model.ClassifiedName(name) {
		return nil, model.BadField("file", "classified_name", "文件名显示这可能是涉密或内部资料，不能上传到互联网。请核实；如确可公开，请更正文件名后再上传。")
	}
	in, err := s.spool(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.discard()) }()
	kind, err := kindOf(in.file, in.size)
	if err != nil {
		return nil, err
	}
	u := &model.Upload{ID: store.NewID(), OwnerID: actor.MemberID, Name: model.CleanFileName(name, kind), MIME: kind, CreatedAt: s.clock()}
	body := io.ReadSeeker(in.file)
	if model.IsPicture(kind) {
		if body, err = s.picture(ctx, u, in.file); err != nil {
			return nil, err
		}
	}
	return u, s.keep(ctx, u, body)
}

// keep writes the bytes, then the row; what has no row is taken back.
func (s *Service) keep(ctx context.Context, u *model.Upload, body io.ReadSeeker) error {
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
	if err := s.blobs.Put(ctx, u.BlobKey, body, u.Size); err != nil {
		return err
	}
	if err := s.store.AddUpload(ctx, u); err != nil {
		return errors.Join(err, s.blobs.Delete(context.WithoutCancel(ctx), u.BlobKey))
	}
	return nil
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

// Link is the signed part of a file's address.
type Link struct {
	Expires   int64 // unix seconds
	Signature string
}

// File is an open file. Close its content.
type File struct {
	model.Upload
	Content io.ReadSeekCloser
}

// Open hands out a file to its owner, to whoever may see something that uses it, and to the bearer of a live link. Errors: not_found.
func (s *Service) Open(ctx context.Context, actor *model.Actor, id string, link Link) (*File, error) {
	u, err := s.store.Upload(ctx, id)
	if err != nil {
		return nil, err
	}
	ok, err := s.maySee(ctx, actor, u)
	if err == nil && !ok && s.live(u.ID, link) {
		ok, err = s.linkHolds(ctx, actor, u)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, model.NotFound("这个文件")
	}
	content, err := s.blobs.Open(ctx, u.BlobKey)
	if err != nil {
		return nil, err
	}
	return &File{Upload: *u, Content: content}, nil
}

func (s *Service) live(id string, link Link) bool {
	return link.Signature != "" && s.clock().Before(time.Unix(link.Expires, 0)) && s.signer.Check(model.FileLinkText(id, link.Expires), link.Signature)
}

// linkHolds reports whether a live link opens the file: not once every article that uses it is withdrawn, and not for a member who says who
// they are and may see none of them. A link is for the pictures of a page, where no token can be sent.
func (s *Service) linkHolds(ctx context.Context, actor *model.Actor, u *model.Upload) (bool, error) {
	articles, err := s.store.ArticlesUsing(ctx, u.ID)
	if err != nil || len(articles) == 0 {
		return err == nil, err
	}
	standing := slices.ContainsFunc(articles, func(a model.Article) bool { return a.State != model.ArticleWithdrawn })
	return standing && !actor.SignedIn(), nil
}

func (s *Service) maySee(ctx context.Context, actor *model.Actor, u *model.Upload) (bool, error) {
	if actor.Bound() && actor.MemberID == u.OwnerID {
		return true, nil
	}
	articles, err := s.store.ArticlesUsing(ctx, u.ID)
	if err != nil {
		return false, err
	}
	for i := range articles {
		if model.CanSeeArticle(actor, &articles[i]) {
			return true, nil
		}
	}
	for _, r := range s.referrers {
		if ok, err := r.MaySeeFile(ctx, actor, u.ID); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// URL is the signed address of a file, the same for all of a day: absolute where the site's address is set, else from the root of the site.
func (s *Service) URL(u *model.Upload) string {
	expires := model.FileLinkExpiry(s.clock()).Unix()
	return s.options.BaseURL + "/files/" + u.ID + "/" + url.PathEscape(u.Name) + "?e=" + strconv.FormatInt(expires, 10) +
		"&s=" + url.QueryEscape(s.signer.Sign(model.FileLinkText(u.ID, expires)))
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

// orphanAge is how long a file may wait to be used, for example by an article that is still being written.
const orphanAge = 7 * 24 * time.Hour

// Prune clears away old files that nothing uses, and tells how many.
func (s *Service) Prune(ctx context.Context) (int, error) {
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
				err = s.blobs.Delete(ctx, u.BlobKey)
			}
			if err != nil {
				return gone, err
			}
		}
	}
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
