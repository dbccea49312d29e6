// Package comment is the whole life of what members say below articles: the content check, the moderation queue, likes, and who is told.
package comment

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Checker asks WeChat about a text before it is shown. An error means that the text was not checked.
type Checker interface {
	CheckText(ctx context.Context, openID, title, content string) (suggest string, label int, err error)
}

// Outbox tells people something, in the transaction of its cause. Drop takes back what was not sent yet.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Service is the room.
type Service struct {
	store    *store.Store
	checker  Checker
	outbox   Outbox
	clock    model.Clock
	policies model.Policies // nil: the built-in profile
	log      *slog.Logger

	switches switches
	orgs     orgs
}

// New makes the room. Call it before the program serves, since it listens to the store's changes.
func New(s *store.Store, checker Checker, outbox Outbox, clock model.Clock, log *slog.Logger) *Service {
	svc := &Service{store: s, checker: checker, outbox: outbox, clock: clock, log: log}
	s.OnChange(model.TopicSetting, svc.switches.forget)
	s.OnChange(model.TopicOrg, func(string) { svc.orgs.forget() })
	return svc
}

// Author is who wrote a comment, as far as the reader may know. Without an ID the reader is no member and sees a surname alone.
type Author struct {
	ID   string
	Name string
	Org  *model.Org // nil for who stood nowhere, and for readers who are no members
}

// Entry is a comment as a reader sees it.
type Entry struct {
	model.Comment
	Author  Author
	Liked   bool
	Article *model.Article // in the moderation queue alone
	Reasons []string       // of reports that nobody has looked at; in the moderation queue alone
}

// Listing is one page of an article's comments.
type Listing struct {
	Entries []Entry
	Next    string
	Open    bool // whether the category's comments are open; closed ones are not shown either
}

// List shows what is visible below an article, and the reader's own pending comments, the newest first. Errors: not_found, validation_failed.
func (s *Service) List(ctx context.Context, actor *model.Actor, articleID string, page model.Page) (*Listing, error) {
	ar, err := s.store.Article(ctx, articleID)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeArticle(actor, ar) {
		return nil, model.NotFound("这篇文章")
	}
	open, err := s.open(ctx, ar.Category)
	if err != nil || !open {
		return &Listing{Entries: []Entry{}}, err
	}
	reader := ""
	if actor.Bound() {
		reader = actor.MemberID
	}
	rows, next, err := s.store.CommentsOn(ctx, ar.ID, reader, page)
	if err != nil {
		return nil, err
	}
	entries, err := s.entries(ctx, actor, rows)
	return &Listing{Entries: entries, Next: next, Open: true}, err
}

// Follow makes the room go by the office's profiles instead of the built-in one. Call it before the room is used.
func (s *Service) Follow(p model.Policies) { s.policies = p }

func (s *Service) policy() model.ContentPolicy {
	if s.policies == nil {
		return model.DefaultPolicy().Content
	}
	return s.policies.PolicyAt(s.clock()).Content
}

// closed: the profile closes whole categories, whatever their switches say.
func (s *Service) closed(c model.Category) bool { return slices.Contains(s.policy().CommentsClosed, c) }

// open reads the switches of the site and of the category.
func (s *Service) open(ctx context.Context, c model.Category) (bool, error) {
	now, err := s.Switches(ctx)
	return now.Open(c) && !s.closed(c), err
}

// Shown reports whether comments of a category are shown to anybody: a count of what is not would only puzzle.
func (s *Service) Shown(ctx context.Context, c model.Category) bool {
	open, err := s.open(ctx, c)
	return open || err != nil // the count alone is no reason to fail
}

// entries completes comments with their authors and the reader's likes.
func (s *Service) entries(ctx context.Context, actor *model.Actor, rows []model.Comment) ([]Entry, error) {
	var ids, members, orgs []string
	for _, c := range rows {
		ids, members, orgs = append(ids, c.ID), append(members, c.AuthorID), append(orgs, c.AuthorOrgID)
	}
	entries := make([]Entry, len(rows))
	if len(rows) == 0 {
		return entries, nil
	}
	people, err := s.store.MembersByID(ctx, members)
	if err != nil {
		return nil, err
	}
	places, err := s.store.OrgsByID(ctx, orgs)
	if err != nil {
		return nil, err
	}
	reader := ""
	if actor.Bound() {
		reader = actor.MemberID
	}
	liked, err := s.store.LikedComments(ctx, reader, ids)
	if err != nil {
		return nil, err
	}
	for i, c := range rows {
		entries[i] = Entry{Comment: c, Author: authorOf(actor, c, people, places), Liked: liked[c.ID]}
	}
	return entries, nil
}

// goneName stands for who has left and asked to be forgotten.
const goneName = "已注销成员"

// authorOf names an author to members. To anybody else a full name with its branch would tell of a person's convictions.
func authorOf(reader *model.Actor, c model.Comment, people map[string]model.Member, places []model.Org) Author {
	m, known := people[c.AuthorID]
	if !known || m.ErasedAt != nil {
		return Author{Name: goneName}
	}
	if !reader.Bound() {
		return Author{Name: surname(m.Name)}
	}
	a := Author{ID: m.ID, Name: m.Name}
	for i := range places {
		if places[i].ID == c.AuthorOrgID {
			a.Org = &places[i]
		}
	}
	return a
}

// surname is a name with all but its first character hidden.
func surname(name string) string {
	for _, r := range name {
		return string(r) + "**"
	}
	return ""
}

// Add says something below an article. What the content check passes is shown at once, unless the category is moderated first; what needs
// a person waits in the queue. Errors: not_found, conflict (not published), forbidden (closed), consent_required, validation_failed, content_rejected.
func (s *Service) Add(ctx context.Context, actor *model.Actor, articleID, content, replyTo string) (*Entry, error) {
	ar, err := s.store.Article(ctx, articleID)
	if err != nil {
		return nil, err
	}
	if err := s.admit(ctx, actor, ar); err != nil {
		return nil, err
	}
	content = model.CleanText(content)
	if err := s.valid(ctx, ar, content, replyTo); err != nil {
		return nil, err
	}
	held, label, err := s.judge(ctx, actor, ar, content)
	if err != nil {
		return nil, err
	}
	c := model.Comment{
		ID: store.NewID(), ArticleID: ar.ID, AuthorID: actor.MemberID, AuthorOrgID: standsAt(actor, ar),
		Content: content, State: model.CommentVisible, Held: held, Label: label, CreatedAt: s.clock(),
	}
	if held != "" {
		c.State = model.CommentPending
	}
	err = s.store.Together(ctx, func(ctx context.Context, tx *store.Store) error {
		before := answered(ctx, tx, ar, replyTo)
		if err := before.Err(); err != nil { // it may have gone while the text was being checked
			return err
		}
		c.ReplyTo, c.AnswerTo = before.thread()
		if err := tx.AddComment(ctx, &c); err != nil {
			return err
		}
		if c.State != model.CommentVisible {
			return nil
		}
		if err := s.tellAnswered(ctx, tx, ar, &c); err != nil {
			return err
		}
		return tx.Changed(ctx, c.CreatedAt, model.TopicArticle, ar.ID)
	})
	if err != nil {
		return nil, err
	}
	return s.own(ctx, actor, c)
}

// own is a comment as its author sees it at once: only the organisation's name must be asked for.
func (s *Service) own(ctx context.Context, actor *model.Actor, c model.Comment) (*Entry, error) {
	e := &Entry{Comment: c, Author: Author{ID: actor.MemberID, Name: actor.Name}}
	if c.AuthorOrgID == "" {
		return e, nil
	}
	o, err := s.orgs.get(ctx, s.store, c.AuthorOrgID)
	if model.IsNotFound(err) {
		return e, nil
	}
	e.Author.Org = o
	return e, err
}

func (s *Service) entry(ctx context.Context, actor *model.Actor, c model.Comment) (*Entry, error) {
	entries, err := s.entries(ctx, actor, []model.Comment{c})
	if err != nil {
		return nil, err
	}
	return &entries[0], nil
}

// admit decides whether the actor may say anything here.
func (s *Service) admit(ctx context.Context, actor *model.Actor, ar *model.Article) error {
	switch {
	case !model.CanSeeArticle(actor, ar):
		return model.NotFound("这篇文章")
	case !actor.Bound():
		return model.Fail(model.CodeNotBound, "请先完成身份绑定，再发表评论。")
	case !model.CanComment(actor, ar):
		return model.Conflict("这篇文章尚未发布或已撤回，暂时不能评论。")
	}
	now, err := s.Switches(ctx)
	switch {
	case err != nil:
		return err
	case !now.Site:
		return model.Forbidden("评论功能暂未开放，感谢您的关注。")
	case !now.Open(ar.Category) || s.closed(ar.Category):
		return model.Forbidden("“" + ar.Category.Label() + "”栏目暂未开放评论，感谢您的关注。")
	case actor.Consent == "":
		return model.Fail(model.CodeConsent, "请先阅读并同意个人信息告知书，再发表评论。")
	}
	return nil
}

// CheckAdd finds the faults that Add would find, and says nothing; the content is not sent to the check. Where the actor may not speak at all it
// looks at the text alone. Errors: validation_failed.
func (s *Service) CheckAdd(ctx context.Context, actor *model.Actor, articleID, content, replyTo string) error {
	ar, err := s.store.Article(ctx, articleID)
	if err == nil {
		err = s.admit(ctx, actor, ar)
	}
	if err != nil {
		replyTo = ""
	}
	return s.valid(ctx, ar, model.CleanText(content), replyTo)
}

// valid names all faults of a comment at once.
func (s *Service) valid(ctx context.Context, ar *model.Article, content, replyTo string) error {
	v := answered(ctx, s.store, ar, replyTo)
	switch n := utf8.RuneCountInString(content); {
	case n == 0:
		v.Add("content", "required", "请填写评论内容。")
	case n > model.MaxComment:
		v.Add("content", "too_long", "评论不能超过 500 个字，请精简后重试。")
	}
	return v.Err()
}

// judge lets the text be checked, outside any transaction, and says why it must wait for a person, "" when it need not, and what the check found.
func (s *Service) judge(ctx context.Context, actor *model.Actor, ar *model.Article, content string) (model.HeldBecause, int, error) {
	held, found := model.HeldNoOpenID, 0
	if actor.OpenID != "" {
		// The article's title is left out: it is the society's own text, and would trip the label of politics for every comment.
		suggest, label, err := s.checker.CheckText(ctx, actor.OpenID, "", content)
		if err != nil {
			s.log.WarnContext(ctx, "comment held: not checked", "request_id", model.RequestID(ctx), "article", ar.ID, "cause", err)
			held = model.HeldUnchecked
		} else {
			var refused bool
			found = label
			if held, refused = (model.Verdict{Suggest: strings.ToLower(suggest), Label: label}).Judge(); refused {
				return "", label, model.Fail(model.CodeRejected, "评论内容未通过安全检测，请修改后再发布。")
			}
		}
	}
	if held == "" && slices.Contains(s.policy().ModeratedFirst, ar.Category) {
		held = model.HeldFirst
	}
	return held, found, nil
}

// standsAt is where an author stands: of several places the one that the article is for.
func standsAt(actor *model.Actor, ar *model.Article) string {
	for _, p := range actor.Places {
		if model.Within(p.Path, ar.OrgPath) {
			return p.OrgID
		}
	}
	if len(actor.Places) > 0 {
		return actor.Places[0].OrgID
	}
	if len(actor.Powers) > 0 {
		return actor.Powers[0].OrgID
	}
	return ""
}

// Like counts the actor's like once. Errors: not_found, conflict (not visible yet).
func (s *Service) Like(ctx context.Context, actor *model.Actor, id string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if err := s.likable(ctx, tx, actor, id); err != nil {
			return err
		}
		return tx.LikeComment(ctx, id, actor.MemberID, now)
	})
}

// Unlike takes the actor's like back, where there is one. Errors: not_found, conflict (not visible).
func (s *Service) Unlike(ctx context.Context, actor *model.Actor, id string) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if err := s.likable(ctx, tx, actor, id); err != nil {
			return err
		}
		return tx.UnlikeComment(ctx, id, actor.MemberID)
	})
}

func (s *Service) likable(ctx context.Context, tx *store.Store, actor *model.Actor, id string) error {
	c, ar, err := seen(ctx, tx, actor, id)
	if err != nil {
		return err
	}
	now, err := readSwitches(ctx, tx)
	if err != nil {
		return err
	}
	if !now.Open(ar.Category) || s.closed(ar.Category) {
		return model.Conflict("评论暂未开放，暂时不能点赞。")
	}
	if c.State != model.CommentVisible || ar.State != model.ArticlePublished {
		return model.Conflict("这条评论尚未公开显示，暂时不能点赞。")
	}
	return nil
}

// seen reads a comment with its article, if the actor may see it.
func seen(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*model.Comment, *model.Article, error) {
	c, err := tx.Comment(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	ar, err := tx.Article(ctx, c.ArticleID)
	if err != nil {
		return nil, nil, err
	}
	if !model.CanSeeComment(actor, ar, c) {
		return nil, nil, model.NotFound("这条评论")
	}
	return c, ar, nil
}

// minuteText is an instant as cards show it.
func minuteText(t time.Time) string { return t.In(model.Zone).Format("2006年1月2日 15:04") }
