// Package content is the whole life of an article: written, cleaned, published, read, found, withdrawn. Comments and uploads live elsewhere.
//
// What is read most is kept as ready bytes: a page of the feed for each standing, an article for all its readers. The store's change feed keeps
// the copies true on every replica; see copies.go for how stale a count in the feed may be.
package content

import (
	"context"
	"sync/atomic"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox tells people something. It writes into the transaction.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	// Drop cancels what has not been sent yet of a subject.
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Files knows the uploaded files.
type Files interface {
	// Describe tells what is needed to show files; ids that are not there are left out.
	Describe(ctx context.Context, ids []string) ([]model.FileRef, error)
	// Mine is an error unless the actor may put these files into an article.
	Mine(ctx context.Context, actor *model.Actor, ids []string) error
}

// MeetingHours knows which meetings a member attended.
type MeetingHours interface {
	Attended(ctx context.Context, memberID string, from, to time.Time) ([]model.AttendedMeeting, error)
}

// Service is the room.
type Service struct {
	store    *store.Store
	outbox   Outbox
	files    Files
	meetings MeetingHours   // nil: meetings do not count as study
	pictures Pictures       // nil: pictures of other servers stay there
	policies model.Policies // nil: the built-in profile
	clock    model.Clock
	markup   *markup
	pages    *pages
	shelf    *shelf
	kin      *kin
	views    *views
	uses     termUses
	texts    texts
	reach    reach
	indexed  atomic.Bool // the index is known to have this program's form
}

// New makes the room. Call it before the program serves, since it listens to the store's changes.
func New(s *store.Store, outbox Outbox, files Files, meetings MeetingHours, clock model.Clock) *Service {
	svc := &Service{store: s, outbox: outbox, files: files, meetings: meetings, clock: clock, markup: newMarkup(), pages: newPages(), shelf: newShelf(), kin: newKin(), views: newViews(), uses: newTermUses(), texts: newTexts(), reach: usualReach()}
	s.OnChange(model.TopicFeed, func(string) { svc.pages.forget() })
	s.OnChange(model.TopicOrg, func(string) { svc.Forget() })
	s.OnChange(model.TopicArticle, func(id string) { svc.shelf.forget(id); svc.pages.counted(svc.clock()) })
	s.OnChange(model.TopicSession, svc.shelf.forget) // "member:…": the author may have another name
	return svc
}

// Forget has every page and article made anew: something beside the articles that is shown with them has changed, such as where comments are open.
func (s *Service) Forget() {
	s.pages.forget()
	s.shelf.forgetAll()
}

// now is the instant of an operation, to the millisecond as the databases keep it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// notFound is what the caller gets for an article that is not there or not for them.
func notFound() error { return model.NotFound("这篇文章") }

// editable reads an article for one who may edit it. Who may only see it is told so; who may not learns nothing.
func editable(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*model.Article, error) {
	a, err := tx.Article(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !model.CanSeeArticle(actor, a):
		return nil, notFound()
	case !model.CanEditArticle(actor, a):
		return nil, model.Forbidden("您没有编辑这篇文章的权限，请联系发布单位的支部书记或支委。")
	}
	return a, nil
}

// readable reads a published article that the actor may see. Editors learn of a draft that it is not out yet.
func readable(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*model.Article, error) {
	a, err := tx.Article(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !model.CanSeeArticle(actor, a):
		return nil, notFound()
	case a.State != model.ArticlePublished:
		return nil, model.Conflict("这篇文章" + a.State.Label() + "，暂时不能进行此操作。")
	}
	return a, nil
}

// Item is an article in a list.
type Item struct {
	store.ArticleRow
	CoverURL string
}

// items adds to rows the addresses of their covers.
func (s *Service) items(ctx context.Context, rows []store.ArticleRow) ([]Item, error) {
	var ids []string
	for _, r := range rows {
		if r.CoverID != "" {
			ids = append(ids, r.CoverID)
		}
	}
	refs, err := s.describe(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Item, len(rows))
	for i, r := range rows {
		list[i] = Item{ArticleRow: r, CoverURL: refs[r.CoverID].URL}
	}
	return list, nil
}

// describe asks for files, keyed by id; without ids it asks nobody.
func (s *Service) describe(ctx context.Context, ids []string) (map[string]model.FileRef, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	refs, err := s.files.Describe(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]model.FileRef, len(refs))
	for _, r := range refs {
		byID[r.ID] = r
	}
	return byID, nil
}

// Follow makes the room go by the office's profiles instead of the built-in one. Call it before the room is used.
func (s *Service) Follow(p model.Policies) { s.policies = p }

// crowd is the smallest number of people about whom counts are told.
func (s *Service) crowd() int {
	if s.policies == nil {
		return model.CrowdSize
	}
	return s.policies.PolicyAt(s.clock()).Crowd()
}

// study are the numbers of study in force.
func (s *Service) study() model.StudyPolicy {
	if s.policies == nil {
		return model.DefaultStudyPolicy()
	}
	return s.policies.PolicyAt(s.clock()).Study
}
