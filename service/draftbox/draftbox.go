// Package draftbox puts an article into the service account's draft box, for its operator to look at and to publish: pictures uploaded once,
// the text in the form that WeChat keeps. There is one draft of an article; putting it there again writes that one anew.
package draftbox

import (
	"context"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Draft is an article as the draft box takes it.
type Draft struct {
	Title, Author, Digest, Content string
	SourceURL                      string
	Cover                          string // the media id of its cover
}

// Picture is a file on its way to WeChat.
type Picture struct {
	Name, MIME string
	Bytes      []byte
}

// Wechat is what this room needs of the service account. Its errors are for people, and Why tells what they mean.
type Wechat interface {
	AppID() string
	AddDraft(ctx context.Context, d Draft) (mediaID string, err error)
	UpdateDraft(ctx context.Context, mediaID string, d Draft) error
	// FindDraft looks among the latest drafts for the one of this source address, or without one of this title; empty where there is none.
	FindDraft(ctx context.Context, source, title string) (mediaID string, err error)
	TextPicture(ctx context.Context, p Picture) (address string, err error)
	CoverPicture(ctx context.Context, p Picture) (mediaID string, err error)
	Why(err error) Why
}

// Why says what a failed call means.
type Why int

// The meanings: WeChat refused, and nothing happened; it does not know a media id; no clear answer came, so it may have happened.
const (
	Refused Why = iota
	Gone
	Unclear
)

// Files reads pictures for this room, which knows that they belong to a public article. What may not be shown to everybody is a not_found.
type Files interface {
	Public(ctx context.Context, id string, width int) (u *model.Upload, content io.ReadCloser, err error)
}

// Limits are those of the draft box, in characters and bytes; the last two are exclusive.
type Limits struct {
	Title, Author, Digest, Content, Bytes int
	Picture                               int // of a picture in the text
}

// Options are the settings of the room.
type Options struct {
	BaseURL string // the site's address, for 阅读原文; may be empty
	Limits  Limits
}

// Service is the room.
type Service struct {
	store   *store.Store
	wechat  Wechat
	files   Files
	clock   model.Clock
	options Options
}

// New makes the room.
func New(s *store.Store, wechat Wechat, files Files, clock model.Clock, options Options) *Service {
	return &Service{store: s, wechat: wechat, files: files, clock: clock, options: options}
}

// Result is what stands in the draft box.
type Result struct {
	ArticleID string
	MediaID   string
	Title     string // as it stands there
	Version   int
	SentAt    time.Time
	Stale     bool     // the article has changed since
	Updated   bool     // the draft was there before
	Pictures  int      // in the text
	Notes     []string // what is not there as it is here, for its operator
}

// lease is how long one turn may take, all pictures included.
const lease = 3 * time.Minute

// Put puts an article into the draft box, or writes its draft anew.
// Errors: not_found, forbidden, conflict (not public or not published; another is at it), validation_failed (too long), wechat_unavailable, content_rejected.
func (s *Service) Put(ctx context.Context, actor *model.Actor, articleID string) (*Result, error) {
	ar, err := s.editable(ctx, actor, articleID)
	if err != nil {
		return nil, err
	}
	if !model.InDraftBox(ar) {
		return nil, model.Conflict("只有已发布且对所有人公开的文章可以放入公众号草稿箱。")
	}
	now, holder := s.clock(), store.NewID()
	held, err := s.store.HoldOfficialDraft(ctx, ar.ID, holder, now, now.Add(lease))
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, model.Conflict("这篇文章正在放入公众号草稿箱，请稍后再试。")
	}
	row, err := s.store.OfficialDraft(ctx, ar.ID)
	if err != nil {
		return nil, err
	}
	out, err := s.turn(ctx, actor, ar, row)
	if err != nil {
		return nil, s.leave(ctx, row, err)
	}
	return out, nil
}

// Get tells what the draft box holds of an article. Errors: not_found, forbidden.
func (s *Service) Get(ctx context.Context, actor *model.Actor, articleID string) (*Result, error) {
	ar, err := s.editable(ctx, actor, articleID)
	if err != nil {
		return nil, err
	}
	row, err := s.store.OfficialDraft(ctx, ar.ID)
	if err != nil {
		return nil, err
	}
	if row.MediaID == "" || row.SentAt == nil {
		return nil, model.NotFound("这篇文章的公众号草稿")
	}
	return &Result{ArticleID: ar.ID, MediaID: row.MediaID, Title: row.Title, Version: row.Version, SentAt: *row.SentAt, Stale: row.Version != ar.Version, Updated: true}, nil
}

func (s *Service) editable(ctx context.Context, actor *model.Actor, id string) (*model.Article, error) {
	ar, err := s.store.Article(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !model.CanSeeArticle(actor, ar):
		return nil, model.NotFound("这篇文章")
	case !model.CanEditArticle(actor, ar):
		return nil, model.Forbidden("放入公众号草稿箱由发布单位的支部书记或支委办理。")
	}
	return ar, nil
}

// leave ends a turn that failed: what never reached the box is forgotten, what may be there is kept in doubt.
func (s *Service) leave(ctx context.Context, row *model.OfficialDraft, why error) error {
	ctx = context.WithoutCancel(ctx)
	if row.MediaID == "" && !row.Doubt {
		if err := s.store.DropOfficialDraft(ctx, row.ArticleID, row.Holder); err != nil {
			return err
		}
		return why
	}
	row.LeaseUntil = s.clock()
	if _, err := s.store.SaveOfficialDraft(ctx, row); err != nil {
		return err
	}
	return why
}

// turn makes the draft and puts it there.
func (s *Service) turn(ctx context.Context, actor *model.Actor, ar *model.Article, row *model.OfficialDraft) (*Result, error) {
	body, err := s.store.ArticleBody(ctx, ar.ID)
	if err != nil {
		return nil, err
	}
	org, err := s.store.Org(ctx, ar.OrgID)
	if err != nil {
		return nil, err
	}
	page := &page{limits: s.options.Limits}
	d := Draft{
		Title: page.cut("标题", ar.Title, s.options.Limits.Title), Author: model.CutRunes(org.Name, s.options.Limits.Author),
		Digest: page.cut("摘要", ar.Digest, s.options.Limits.Digest),
	}
	if s.options.BaseURL != "" {
		d.SourceURL = s.options.BaseURL + "/a/" + ar.ID
	}
	pictures, err := s.pictures(ctx, body.HTML, page)
	if err != nil {
		return nil, err
	}
	if d.Content, err = page.content(ar, body.HTML, pictures.addresses); err != nil {
		return nil, err
	}
	cover, err := s.cover(ctx, ar, pictures, page)
	if err != nil {
		return nil, err
	}
	updated, err := s.put(ctx, row, d, cover)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	row.Title, row.Version, row.SentBy, row.SentAt, row.LeaseUntil, row.Doubt = d.Title, ar.Version, actor.MemberID, &now, now, false
	err = s.store.Tx(context.WithoutCancel(ctx), func(tx *store.Store) error { // it stands there now, whoever still waits for the answer
		if _, err := tx.SaveOfficialDraft(ctx, row); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.official_draft", "article:"+ar.ID, ar.OrgID, map[string]string{"media_id": row.MediaID})
	})
	if err != nil {
		return nil, err
	}
	return &Result{
		ArticleID: ar.ID, MediaID: row.MediaID, Title: d.Title, Version: ar.Version, SentAt: now, Updated: updated, Pictures: len(pictures.used()), Notes: page.notes,
	}, nil
}

// put writes the draft that is there, or the first one, and reports whether one was there.
func (s *Service) put(ctx context.Context, row *model.OfficialDraft, d Draft, cover *cover) (updated bool, err error) {
	if d.Cover, err = cover.id(ctx); err != nil {
		return false, err
	}
	if row.MediaID == "" && row.Doubt { // the last turn never heard whether its draft is there
		if row.MediaID, err = s.wechat.FindDraft(ctx, d.SourceURL, d.Title); err != nil {
			return false, err
		}
		if row.MediaID == "" {
			row.Doubt = false
		}
	}
	if row.MediaID != "" {
		again, err := s.withCover(ctx, &d, cover, func() error { return s.wechat.UpdateDraft(ctx, row.MediaID, d) })
		if err == nil || !again {
			return true, err
		}
		row.MediaID, row.Doubt = "", false // its operator has published or deleted it
	}
	row.Doubt = true
	if _, err := s.store.SaveOfficialDraft(ctx, row); err != nil { // before the call, so that a crash within it leaves a doubt
		row.Doubt = false
		return false, err
	}
	_, err = s.withCover(ctx, &d, cover, func() (err error) {
		row.MediaID, err = s.wechat.AddDraft(ctx, d)
		return err
	})
	if err != nil && s.wechat.Why(err) != Unclear {
		row.Doubt = false
	}
	return false, err
}

// withCover makes a call that names the cover; where WeChat does not know a media id the cover is uploaded anew and the call made once more.
// gone tells that it still is not known, so that it is the draft's.
func (s *Service) withCover(ctx context.Context, d *Draft, cover *cover, call func() error) (gone bool, err error) {
	err = call()
	if err == nil || s.wechat.Why(err) != Gone {
		return false, err
	}
	if d.Cover, err = cover.anew(ctx); err != nil {
		return false, err
	}
	err = call()
	return err != nil && s.wechat.Why(err) == Gone, err
}

// page collects what its operator should know of a draft.
type page struct {
	limits Limits
	notes  []string
}

func (p *page) note(s string) {
	if !slices.Contains(p.notes, s) {
		p.notes = append(p.notes, s)
	}
}

func (p *page) cut(what, text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	p.note(what + "超过公众号的字数限制，已截短，请核对。")
	return model.CutRunes(text, limit)
}
