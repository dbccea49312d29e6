package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/content"
)

type sourceBody struct {
	Name string `json:"name,omitempty" doc:"who published it, 1 to 100 characters"`
	URL  string `json:"url,omitempty" doc:"http or https"`
	Date string `json:"date,omitempty" day:"yes" doc:"such as 2026-11-23"`
}

type sourceView struct {
	Name string  `json:"name"`
	URL  string  `json:"url"`
	Date *string `json:"date" nullable:"true" doc:"such as 2026-11-23"`
}

type fileView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size" doc:"bytes"`
	MIME string `json:"mime"`
	URL  string `json:"url"`
}

type articleView struct {
	FeedItem
	KeyPoints    []string           `json:"key_points" nullable:"false"`
	BodyHTML     string             `json:"body_html" doc:"cleaned: no script, no style"`
	Source       maybe[sourceView]  `json:"source"`
	DocNo        *string            `json:"doc_no" nullable:"true" doc:"发文字号"`
	Attachments  []fileView         `json:"attachments" nullable:"false"`
	Author       string             `json:"author" doc:"for strangers the organisation"`
	UpdatedAt    timeView           `json:"updated_at"`
	Version      int                `json:"version"`
	Visibility   model.Visibility   `json:"visibility" enum:"public,members,party,committee"`
	Status       model.ArticleState `json:"status" enum:"draft,scheduled,published,withdrawn"`
	PublishAt    *timeView          `json:"publish_at,omitempty" doc:"when a scheduled one comes out"`
	WithdrawnAt  *timeView          `json:"withdrawn_at,omitempty"`
	Corrections  []correctionView   `json:"corrections" nullable:"false" doc:"更正说明: what was wrong in what had been published, the newest first"`
	BodyMarkdown *string            `json:"body_markdown,omitempty" doc:"for editors, where it was written so"`
	CoverID      *string            `json:"cover_id,omitempty" doc:"for editors"`
	Notes        []string           `json:"notes,omitempty" doc:"for the editor who just saved it: what could not be brought along, in words"`
}

type correctionView struct {
	Text string   `json:"text"`
	At   timeView `json:"at"`
}

func (v articleView) etag() string { return `"v` + strconv.Itoa(v.Version) + `"` }

func (a *API) articleOf(f *content.Full, form content.Form) articleView {
	v := articleView{
		FeedItem: a.itemOf(content.Item{ArticleRow: content.Row{
			Article: f.Article, OrgName: f.OrgName, Views: f.Counts.Views, Likes: f.Counts.Likes, Comments: f.Counts.Comments,
		}, CoverURL: f.CoverURL}),
		KeyPoints: append([]string{}, f.KeyPoints...), BodyHTML: f.Body.HTML, DocNo: textOrNil(f.DocNo), Author: f.Author,
		Attachments: mapped(f.Attachments, func(r model.FileRef) fileView { return fileView(r) }),
		Corrections: mapped(f.Corrections, func(c content.Correction) correctionView { return correctionView{Text: c.Text, At: timeView(c.At)} }), Notes: f.Notes,
		UpdatedAt: timeView(f.UpdatedAt), Version: f.Version, Visibility: f.Visibility, Status: f.State,
	}
	if f.SourceName != "" {
		v.Source = some(sourceView{Name: f.SourceName, URL: f.SourceURL, Date: textOrNil(string(f.SourceDate))})
	}
	if form == content.ForEditors {
		v.PublishAt, v.WithdrawnAt = timeOrNil(f.PublishAt), timeOrNil(f.WithdrawnAt)
		v.BodyMarkdown, v.CoverID = textOrNil(f.Body.Markdown), textOrNil(f.CoverID)
	}
	return v
}

// renderArticle makes the bytes that are kept of an article.
func (a *API) renderArticle(f *content.Full, form content.Form) ([]byte, error) {
	return encode(a.articleOf(f, form))
}

// encode writes JSON as huma does, without escaping the markup of texts.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// articleFrom answers an editor.
func (a *API) articleFrom(f *content.Full, err error) (articleView, error) {
	if err != nil {
		return articleView{}, err
	}
	return a.articleOf(f, content.ForEditors), nil
}

func (a *API) article(ctx context.Context, actor *model.Actor, in *IDPath) (raw, error) {
	ready, err := a.rooms.Content.Article(ctx, actor, in.ID, a.renderArticle)
	return raw{Body: ready.Body, ETag: ready.ETag, Packed: ready.Packed, Private: actor.SignedIn()}, err
}

// articleText adds the route that answers with plain text, for listening.
func (a *API) articleText(w who, path, summary string) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
		text, err := a.rooms.Content.Text(ctx, actorOf(ctx), in.ID)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", "text/plain; charset=utf-8")
			hc.SetHeader("Cache-Control", "private, no-cache")
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write([]byte(text))
		}}, nil
	})
}

type articleListInput struct {
	PageQuery
	OrgID    string `query:"org_id" maxLength:"64" doc:"with all below it"`
	Status   string `query:"status" doc:"draft, scheduled, published or withdrawn"`
	Category string `query:"category" doc:"theory, central, law, example or news"`
	Q        string `query:"q" maxLength:"100" doc:"part of the title"`
}

type articleRow struct {
	FeedItem
	Status     model.ArticleState `json:"status" enum:"draft,scheduled,published,withdrawn"`
	Visibility model.Visibility   `json:"visibility" enum:"public,members,party,committee"`
	PublishAt  *timeView          `json:"publish_at" nullable:"true"`
	UpdatedAt  timeView           `json:"updated_at"`
	Version    int                `json:"version"`
}

func (a *API) articleRowOf(i content.Item) articleRow {
	return articleRow{FeedItem: a.itemOf(i), Status: i.State, Visibility: i.Visibility, PublishAt: timeOrNil(i.PublishAt), UpdatedAt: timeView(i.UpdatedAt), Version: i.Version}
}

func (a *API) listArticles(ctx context.Context, actor *model.Actor, in *articleListInput) (list[articleRow], error) {
	f := content.Filter{OrgID: in.OrgID, State: model.ArticleState(in.Status), Category: model.Category(in.Category), Title: in.Q}
	var v model.Invalid
	if in.Status != "" && !f.State.Valid() {
		v.Add("status", "not_allowed", "状态只能是 draft、scheduled、published 或 withdrawn。")
	}
	if in.Category != "" && !f.Category.Valid() {
		v.Add("category", "not_allowed", "没有这个栏目。")
	}
	if err := v.Err(); err != nil {
		return list[articleRow]{}, err
	}
	rows, next, err := a.rooms.Content.List(ctx, actor, f, in.page())
	return listOf(rows, next, a.articleRowOf), err
}

// ArticleBody is what an editor writes; exported for the same reason as FeedItem. Lengths and words are checked in the room, so that all faults are named together.
type ArticleBody struct {
	Digest         *string     `json:"digest,omitempty" nullable:"true" doc:"at most 200 characters; made from the text when missing or empty"`
	KeyPoints      *[]string   `json:"key_points,omitempty" doc:"at most 5"`
	BodyMarkdown   *string     `json:"body_markdown,omitempty" nullable:"true" doc:"or body_html"`
	BodyHTML       *string     `json:"body_html,omitempty" nullable:"true" doc:"pasted; it is cleaned"`
	CoverID        *string     `json:"cover_id,omitempty" nullable:"true" doc:"an upload; empty for none"`
	AttachmentIDs  *[]string   `json:"attachment_ids,omitempty"`
	Source         *sourceBody `json:"source,omitempty" doc:"required for central and law"`
	Visibility     *string     `json:"visibility,omitempty" nullable:"true" doc:"public, members (default), party or committee"`
	Required       *bool       `json:"required,omitempty" nullable:"true"`
	DueAt          *time.Time  `json:"due_at,omitempty" nullable:"true" doc:"only where required"`
	Pinned         *bool       `json:"pinned,omitempty" nullable:"true"`
	DocNo          *string     `json:"doc_no,omitempty" nullable:"true" doc:"发文字号"`
	ReadingMinutes *int        `json:"reading_minutes,omitempty" nullable:"true" doc:"counted from the text when missing or 0"`
}

func (b ArticleBody) input() content.Input {
	in := content.Input{
		Digest: b.Digest, KeyPoints: b.KeyPoints, BodyMarkdown: b.BodyMarkdown, BodyHTML: b.BodyHTML, CoverID: b.CoverID,
		AttachmentIDs: b.AttachmentIDs, Required: b.Required, DueAt: b.DueAt, Pinned: b.Pinned, DocNo: b.DocNo, ReadingMinutes: b.ReadingMinutes,
	}
	if b.Source != nil {
		in.Source = &content.Source{Name: b.Source.Name, URL: b.Source.URL, Date: model.Date(b.Source.Date)}
	}
	if b.Visibility != nil {
		v := model.Visibility(*b.Visibility)
		in.Visibility = &v
	}
	return in
}

type createArticleInput struct {
	Body struct {
		OrgID    string `json:"org_id" minLength:"1" maxLength:"64"`
		Category string `json:"category" doc:"theory, central, law, example or news"`
		Title    string `json:"title" doc:"1 to 100 characters"`
		ArticleBody
	}
}

func (in *createArticleInput) input() content.Input {
	w := in.Body.ArticleBody.input()
	c := model.Category(in.Body.Category)
	w.Category, w.Title = &c, &in.Body.Title
	return w
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *createArticleInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Content.CheckCreate(ctx, actor, in.Body.OrgID, in.input())
	})
}

func (a *API) createArticle(ctx context.Context, actor *model.Actor, in *createArticleInput) (articleView, error) {
	return a.articleFrom(a.rooms.Content.Create(ctx, actor, in.Body.OrgID, in.input()))
}

type changeArticleInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"100" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Category   *string `json:"category,omitempty" nullable:"true"`
		Title      *string `json:"title,omitempty" nullable:"true"`
		Correction *string `json:"correction,omitempty" nullable:"true" doc:"更正说明, at most 300 characters: readers of a published article are told so; without it the edit is silent, and in the revisions all the same"`
		ArticleBody
	}
}

func (in *changeArticleInput) input() content.Input {
	w := in.Body.ArticleBody.input()
	w.Title, w.Category, w.Correction = in.Body.Title, as[model.Category](in.Body.Category), in.Body.Correction
	return w
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *changeArticleInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Content.CheckEdit(ctx, actor, in.ID, in.input())
	})
}

func (a *API) changeArticle(ctx context.Context, actor *model.Actor, in *changeArticleInput) (articleView, error) {
	return a.articleFrom(a.rooms.Content.Edit(ctx, actor, in.ID, articleVersion(in.IfMatch), in.input()))
}

// articleVersion reads the version out of If-Match, which is either the tag of an edit's answer, "v3", or that of the article's page, "v3-…",
// which also changes with its counts: a like does not make an edit stale. 0 is any version, -1 none that ever was.
func articleVersion(ifMatch string) int {
	tag := strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/")
	if tag == "" || tag == "*" {
		return 0
	}
	tag, _, _ = strings.Cut(strings.Trim(tag, `"`), "-")
	n, err := strconv.Atoi(strings.TrimPrefix(tag, "v"))
	if err != nil || n <= 0 {
		return -1
	}
	return n
}

// ArticlePath names an article and, where that is said, the version that was read.
type ArticlePath struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"100" doc:"the ETag that was read; 412 when it is stale"`
}

func (a *API) deleteArticle(ctx context.Context, actor *model.Actor, in *ArticlePath) (empty, error) {
	return empty{}, a.rooms.Content.Delete(ctx, actor, in.ID, articleVersion(in.IfMatch))
}

type revisionView struct {
	Version    int      `json:"version"`
	Title      string   `json:"title"`
	Digest     string   `json:"digest"`
	KeyPoints  []string `json:"key_points" nullable:"false"`
	BodyHTML   string   `json:"body_html"`
	Correction *string  `json:"correction" nullable:"true" doc:"what readers were told of this edit"`
	Editor     string   `json:"editor"`
	CreatedAt  timeView `json:"created_at"`
}

type revisionsInput struct {
	ID string `path:"id" maxLength:"64"`
	PageQuery
}

func (a *API) articleRevisions(ctx context.Context, actor *model.Actor, in *revisionsInput) (list[revisionView], error) {
	rows, next, err := a.rooms.Content.Revisions(ctx, actor, in.ID, in.page())
	return listOf(rows, next, func(r content.Revision) revisionView {
		return revisionView{
			Version: r.Version, Title: r.Title, Digest: r.Digest, KeyPoints: append([]string{}, r.KeyPoints...), BodyHTML: r.HTML, Correction: textOrNil(r.Correction),
			Editor: r.Editor, CreatedAt: timeView(r.CreatedAt),
		}
	}), err
}

type publishInput struct {
	ArticlePath
	Body *struct {
		At     *time.Time `json:"at,omitempty" nullable:"true" doc:"in the future: scheduled; else now"`
		Notify bool       `json:"notify,omitempty" doc:"push it to those who may see it"`
	} `required:"false"`
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *publishInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error {
		if in.Body == nil {
			return nil
		}
		return a.rooms.Content.CheckPublish(in.Body.At)
	})
}

func (a *API) publishArticle(ctx context.Context, actor *model.Actor, in *publishInput) (articleView, error) {
	if in.Body == nil {
		return a.articleFrom(a.rooms.Content.Publish(ctx, actor, in.ID, articleVersion(in.IfMatch), nil, false))
	}
	return a.articleFrom(a.rooms.Content.Publish(ctx, actor, in.ID, articleVersion(in.IfMatch), in.Body.At, in.Body.Notify))
}

func (a *API) withdrawArticle(ctx context.Context, actor *model.Actor, in *ArticlePath) (articleView, error) {
	return a.articleFrom(a.rooms.Content.Withdraw(ctx, actor, in.ID, articleVersion(in.IfMatch)))
}
