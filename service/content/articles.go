package content

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Full is an article with everything its own page shows.
type Full struct {
	model.Article
	OrgName     string
	Author      string
	CoverURL    string
	Counts      model.ArticleCount
	Body        model.ArticleBody
	Attachments []model.FileRef
	Corrections []Correction // the newest first
	Notes       []string     // what the editor should know of what was just saved; it is not kept
}

// Correction tells readers what was wrong in what had been published.
type Correction struct {
	Text string
	At   time.Time
}

// Create writes a draft for an organisation.
// Errors: not_found (the organisation), forbidden, validation_failed.
func (s *Service) Create(ctx context.Context, actor *model.Actor, orgID string, in Input) (*Full, error) {
	return s.create(ctx, actor, orgID, in, func(*store.Store, *model.Article) error { return nil })
}

// create is Create with something more to be written in the same transaction.
func (s *Service) create(ctx context.Context, actor *model.Actor, orgID string, in Input, more func(tx *store.Store, a *model.Article) error) (*Full, error) {
	if orgID == "" {
		return nil, s.CheckCreate(ctx, actor, orgID, in)
	}
	org, err := s.store.Org(ctx, orgID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	a := &model.Article{
		ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Visibility: model.VisibleMembers, State: model.ArticleDraft,
		DigestMade: true, MinutesMade: true, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	set(&a.Category, in.Category)
	if err := mayWrite(actor, a, org); err != nil {
		return nil, err
	}
	a.AuthorID = actor.MemberID
	body, err := s.compose(ctx, actor, a, nil, &in)
	if err != nil {
		return nil, err
	}
	notes, err := s.takePictures(ctx, actor, body)
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddArticle(ctx, a, rowOf(a.ID, body)); err != nil {
			return err
		}
		if err := tx.SetArticlePrints(ctx, a.ID, model.Prints(body.plain)); err != nil {
			return err
		}
		var attachments []string
		set(&attachments, in.AttachmentIDs)
		if err := tx.SetArticleFiles(ctx, a.ID, filesOf(a.ID, a.CoverID, attachments, body.files)); err != nil {
			return err
		}
		if err := more(tx, a); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.create", "article:"+a.ID, a.OrgID, nil)
	})
	if err != nil {
		return nil, err
	}
	return s.noted(ctx, a, notes)
}

// noted is an article as it was saved, with what its editor should know of that.
func (s *Service) noted(ctx context.Context, a *model.Article, notes []string) (*Full, error) {
	f, err := s.full(ctx, a)
	if err == nil {
		f.Notes = notes
	}
	return f, err
}

// mayWrite: the organisation is hidden from those it does not concern; the others are told who may write here.
func mayWrite(actor *model.Actor, a *model.Article, org *model.Org) error {
	switch {
	case model.CanEditArticle(actor, a):
		return nil
	case !model.CanSeeOrg(actor, org.Path):
		return model.NotFound("该组织")
	case actor.Has(model.RoleGroupLeader, org.Path):
		return model.Forbidden("党小组组长只能发布本小组的动态，其他内容请联系支部书记或支委。")
	}
	return model.Forbidden("只有该组织的书记、支委及上级工作人员可以发布内容。")
}

func rowOf(articleID string, t *text) *model.ArticleBody {
	if t == nil {
		return nil
	}
	return &model.ArticleBody{ArticleID: articleID, Markdown: t.markdown, HTML: t.html, Plain: t.plain}
}

// anyVersion is for an edit that does not say which version it is based on.
const anyVersion = 0

// Edit changes an article of the given version; 0 stands for whichever it is.
// Errors: not_found, forbidden, edit_conflict, validation_failed.
func (s *Service) Edit(ctx context.Context, actor *model.Actor, id string, version int, in Input) (*Full, error) {
	for try := 1; ; try++ {
		a, notes, err := s.edit(ctx, actor, id, version, in)
		if model.CodeOf(err) == model.CodeEditConflict && version == anyVersion && try < 4 {
			continue // somebody was quicker, and this edit is based on no version: it comes after theirs
		}
		if err != nil {
			return nil, err
		}
		return s.noted(ctx, a, notes)
	}
}

func (s *Service) edit(ctx context.Context, actor *model.Actor, id string, version int, in Input) (*model.Article, []string, error) {
	a, err := editable(ctx, s.store, actor, id)
	if err != nil {
		return nil, nil, err
	}
	if version != anyVersion && version != a.Version {
		return nil, nil, store.EditedMeanwhile()
	}
	have, err := s.store.ArticleFiles(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if have == nil {
		have = []model.ArticleFile{}
	}
	body, err := s.compose(ctx, actor, a, have, &in)
	if err != nil {
		return nil, nil, err
	}
	if !model.CanEditArticle(actor, a) { // a group's leader may not turn news into something else
		return nil, nil, model.Forbidden("党小组组长只能发布本小组的动态。")
	}
	notes, err := s.takePictures(ctx, actor, body)
	if err != nil {
		return nil, nil, err
	}
	a.UpdatedAt = s.now()
	err = s.store.Tx(ctx, func(tx *store.Store) error { return s.saveEdit(ctx, tx, actor, a, &in, body, have) })
	if err == nil {
		a.Version++
	}
	return a, notes, err
}

// saveEdit writes an edit that was composed, with all that follows from it. a stays as it is: a retried transaction starts from what was composed.
func (s *Service) saveEdit(ctx context.Context, tx *store.Store, actor *model.Actor, a *model.Article, in *Input, body *text, have []model.ArticleFile) error {
	row := *a
	correction := ""
	if set(&correction, in.Correction); correction != "" {
		correction = model.SingleLine(correction)
	}
	if err := tx.SaveArticle(ctx, &row, rowOf(a.ID, body), actor.MemberID, correction); err != nil {
		return err
	}
	attachments, inBody := using(have, model.FileAttachment), using(have, model.FileBody)
	set(&attachments, in.AttachmentIDs)
	if body != nil {
		inBody = body.files
		if err := tx.SetArticlePrints(ctx, a.ID, model.Prints(body.plain)); err != nil {
			return err
		}
	}
	if err := tx.SetArticleFiles(ctx, a.ID, filesOf(a.ID, a.CoverID, attachments, inBody)); err != nil {
		return err
	}
	if row.State == model.ArticlePublished {
		if err := index(ctx, tx, &row); err != nil {
			return err
		}
		if err := tx.CarryClaims(ctx, a.ID, a.DocKey); err != nil {
			return err
		}
		if err := tx.Changed(ctx, a.UpdatedAt, model.TopicFeed, ""); err != nil {
			return err
		}
	}
	if err := tx.Changed(ctx, a.UpdatedAt, model.TopicArticle, a.ID); err != nil {
		return err
	}
	var detail map[string]string
	if correction != "" {
		detail = map[string]string{"corrected": "true"}
	}
	return tx.Audit(ctx, a.UpdatedAt, actor, "article.edit", "article:"+a.ID, a.OrgID, detail)
}

// using lists the files of one role.
func using(files []model.ArticleFile, role model.FileRole) []string {
	var ids []string
	for _, f := range files {
		if f.Role == role {
			ids = append(ids, f.UploadID)
		}
	}
	return ids
}

// Delete removes a draft of the given version, 0 for whichever it is; what has been public is withdrawn instead.
// Errors: not_found, forbidden, edit_conflict, conflict.
func (s *Service) Delete(ctx context.Context, actor *model.Actor, id string, version int) error {
	now := s.now()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		a, err := editable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if version != anyVersion && version != a.Version {
			return store.EditedMeanwhile()
		}
		dropped, err := tx.DropDraft(ctx, id)
		if err != nil {
			return err
		}
		if !dropped {
			return model.Conflict("只能删除草稿；已发布的文章请撤回。")
		}
		if err := tx.Changed(ctx, now, model.TopicArticle, id); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.delete", "article:"+id, a.OrgID, nil)
	})
}

// Filter narrows the editors' list; empty fields do not.
type Filter struct {
	OrgID    string
	State    model.ArticleState
	Category model.Category
	Title    string
}

// List is the editors' list: what they may edit, in whatever state, the newest first; with an organisation its whole subtree.
// Errors: not_found and forbidden for the organisation.
func (s *Service) List(ctx context.Context, actor *model.Actor, f Filter, page model.Page) ([]Item, string, error) {
	sight := model.SightOf(actor)
	narrow := store.ArticleFilter{Under: sight.Under, NewsUnder: sight.NewsUnder, State: f.State, Category: f.Category, Title: model.SingleLine(f.Title)}
	if f.OrgID != "" {
		org, err := s.store.Org(ctx, f.OrgID)
		if err != nil {
			return nil, "", err
		}
		switch {
		case actor.Has(model.RoleGroupLeader, org.Path):
		case model.CanSeeOrg(actor, org.Path):
			return nil, "", model.Forbidden("只有该组织的工作人员可以查看它的稿件。")
		default:
			return nil, "", model.NotFound("该组织")
		}
		narrow.OrgPath = org.Path
	}
	rows, next, err := s.store.Articles(ctx, narrow, page)
	if err != nil {
		return nil, "", err
	}
	list, err := s.items(ctx, rows)
	return list, next, err
}

// Revision is what an article said at one version, and who wrote it.
type Revision struct {
	model.ArticleRevision
	Editor string
}

// Revisions are for editors, the newest first.
// Errors: not_found, forbidden.
func (s *Service) Revisions(ctx context.Context, actor *model.Actor, id string, page model.Page) ([]Revision, string, error) {
	if _, err := editable(ctx, s.store, actor, id); err != nil {
		return nil, "", err
	}
	rows, next, err := s.store.Revisions(ctx, id, page)
	if err != nil {
		return nil, "", err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.EditorID
	}
	people, err := s.store.MembersByID(ctx, ids)
	list := make([]Revision, len(rows))
	for i, r := range rows {
		list[i] = Revision{ArticleRevision: r, Editor: people[r.EditorID].Name}
	}
	return list, next, err
}

// full reads everything that an article's page shows.
func (s *Service) full(ctx context.Context, a *model.Article) (*Full, error) {
	f := &Full{Article: *a}
	body, err := s.store.ArticleBody(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	f.Body = *body
	if f.Counts, err = s.store.ArticleCount(ctx, a.ID); err != nil {
		return nil, err
	}
	org, err := s.store.Org(ctx, a.OrgID)
	if err != nil {
		return nil, err
	}
	f.OrgName = org.Name
	author, err := s.store.Member(ctx, a.AuthorID)
	if err != nil && !model.IsNotFound(err) { // what the program itself brought in has no author
		return nil, err
	}
	if err == nil {
		f.Author = author.Name
	}
	files, err := s.store.ArticleFiles(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(files))
	for i, u := range files {
		ids[i] = u.UploadID
	}
	refs, err := s.describe(ctx, ids)
	if err != nil {
		return nil, err
	}
	f.CoverURL = refs[a.CoverID].URL
	f.Body.HTML = withAddresses(f.Body.HTML, refs)
	for _, id := range using(files, model.FileAttachment) {
		if r, ok := refs[id]; ok {
			f.Attachments = append(f.Attachments, r)
		}
	}
	corrected, err := s.store.Corrections(ctx, a.ID)
	for _, r := range corrected {
		f.Corrections = append(f.Corrections, Correction{Text: r.Correction, At: r.CreatedAt})
	}
	return f, err
}
