package upload

import (
	"context"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"time"

	"zhibu/model"
)

// Link is what a file's address says beside its id.
type Link struct {
	Expires   int64 // unix seconds
	Signature string
	Peek      string // the signature of an address that shows a picture before its verdict
	Width     int    // 0: the file itself; else a picture at least this wide, where it is kept so
}

// File is an open file. Close its content.
type File struct {
	model.Upload
	Content io.ReadSeekCloser
	Tag     string // the same for the same bytes
}

// Open hands out a file to its owner, to whoever may see something that uses it, and to the bearer of a live link. Errors: not_found.
func (s *Service) Open(ctx context.Context, actor *model.Actor, id string, link Link) (*File, error) {
	u, err := s.store.Upload(ctx, id)
	if err != nil {
		return nil, err
	}
	ok := s.live(model.FilePeekText(u.ID, link.Expires), link.Peek, link)
	if !ok {
		ok, err = s.maySee(ctx, actor, u)
	}
	if err == nil && !ok && s.live(model.FileLinkText(u.ID, link.Expires), link.Signature, link) {
		ok, err = s.linkHolds(ctx, actor, u)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, model.NotFound("这个文件")
	}
	return s.open(ctx, u, u.ThumbFor(link.Width))
}

// Public opens a file, or a picture of about this width, for another room that knows that everybody may see what uses it. Close its content.
// Errors: not_found, also for what waits for its verdict.
func (s *Service) Public(ctx context.Context, id string, width int) (*model.Upload, io.ReadCloser, error) {
	u, err := s.store.Upload(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if !u.Shown() {
		return nil, nil, model.NotFound("这个文件")
	}
	f, err := s.open(ctx, u, u.ThumbFor(width))
	if err != nil {
		return nil, nil, err
	}
	return u, f.Content, nil
}

// open reads a file, or the picture of this width; a smaller picture that is lost is no loss.
func (s *Service) open(ctx context.Context, u *model.Upload, width int) (*File, error) {
	if width > 0 {
		content, err := s.blobs.Open(ctx, thumbKey(u, width))
		if err == nil {
			return &File{Upload: *u, Content: content, Tag: u.SHA256 + "-" + strconv.Itoa(width)}, nil
		}
		if !model.IsNotFound(err) {
			return nil, err
		}
	}
	content, err := s.blobs.Open(ctx, u.BlobKey)
	if err != nil {
		return nil, err
	}
	return &File{Upload: *u, Content: content, Tag: u.SHA256}, nil
}

func (s *Service) live(text, signature string, link Link) bool {
	return signature != "" && s.clock().Before(time.Unix(link.Expires, 0)) && s.signer.Check(text, signature)
}

// linkHolds reports whether a live link opens the file: not once every article that uses it is withdrawn, and not for a member who says who
// they are and may see none of them. A link is for the pictures of a page, where no token can be sent. What waits for its verdict is opened by
// the links of other rooms alone, which hand them to the few whom their object is for.
func (s *Service) linkHolds(ctx context.Context, actor *model.Actor, u *model.Upload) (bool, error) {
	if !u.Shown() {
		used, err := s.usedElsewhere(ctx, []model.Upload{*u})
		return u.Media != model.MediaRefused && slices.Contains(used, u.ID), err
	}
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
	if !u.Shown() {
		paths, err := s.store.FilePaths(ctx, u)
		return err == nil && model.CanModerateFile(actor, paths), err
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

// ShowURL is the address for the one who uploaded or moderates the file: as URL, but for a picture that waits for its verdict one that shows it all the same.
func (s *Service) ShowURL(u *model.Upload) string {
	if u.Shown() {
		return s.URL(u)
	}
	return s.peekURL(u)
}

// peekLife is how long an address lives under which a picture may be seen before its verdict. WeChat fetches within half an hour.
const peekLife = 2 * time.Hour

func (s *Service) peekURL(u *model.Upload) string {
	expires := s.clock().Add(peekLife).Unix()
	return s.options.BaseURL + "/files/" + u.ID + "/picture" + path.Ext(u.Name) + "?e=" + strconv.FormatInt(expires, 10) +
		"&p=" + url.QueryEscape(s.signer.Sign(model.FilePeekText(u.ID, expires)))
}

// URL is the signed address of a file, the same for all of a day: absolute where the site's address is set, else from the root of the site.
func (s *Service) URL(u *model.Upload) string {
	expires := model.FileLinkExpiry(s.clock()).Unix()
	return s.options.BaseURL + "/files/" + u.ID + "/" + url.PathEscape(u.Name) + "?e=" + strconv.FormatInt(expires, 10) +
		"&s=" + url.QueryEscape(s.signer.Sign(model.FileLinkText(u.ID, expires)))
}
