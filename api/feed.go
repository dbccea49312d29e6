package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/content"
)

type articleOrg struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type countsView struct {
	Views    int64 `json:"views" doc:"members who opened it"`
	Likes    int64 `json:"likes"`
	Comments int64 `json:"comments"`
}

// FeedItem is an article in a list. It is exported because the reference leaves out what an unexported embedded type holds.
type FeedItem struct {
	ID             string         `json:"id"`
	Category       model.Category `json:"category" enum:"theory,central,law,example,news"`
	Title          string         `json:"title"`
	Digest         string         `json:"digest"`
	CoverURL       *string        `json:"cover_url" nullable:"true"`
	Org            articleOrg     `json:"org"`
	OrgID          string         `json:"org_id" doc:"the same as in org"`
	PublishedAt    *timeView      `json:"published_at" nullable:"true"`
	ReadingMinutes int            `json:"reading_minutes"`
	Pinned         bool           `json:"pinned"`
	Required       bool           `json:"required"`
	DueAt          *timeView      `json:"due_at" nullable:"true"`
	Counts         countsView     `json:"counts"`
	Relay          *relayNote     `json:"relay,omitempty" doc:"转发: which of the reader's organisations passed it on, in a feed"`
}

type relayNote struct {
	Org  articleOrg `json:"org"`
	Note string     `json:"note" doc:"a sentence of its own; may be empty"`
	At   timeView   `json:"at"`
}

func relayOf(r *content.Relay) *relayNote {
	if r == nil {
		return nil
	}
	return &relayNote{Org: articleOrg{ID: r.OrgID, Name: r.OrgName}, Note: r.Note, At: timeView(r.CreatedAt)}
}

// itemOf is an article in a list. Where comments are closed none is shown, and so none is counted.
func (a *API) itemOf(i content.Item) FeedItem {
	if c := a.rooms.Comment; c != nil && i.Comments > 0 && !c.Shown(context.Background(), i.Category) {
		i.Comments = 0
	}
	return FeedItem{
		ID: i.ID, Category: i.Category, Title: i.Title, Digest: i.Digest, CoverURL: textOrNil(i.CoverURL), Org: articleOrg{ID: i.OrgID, Name: i.OrgName}, OrgID: i.OrgID,
		PublishedAt: timeOrNil(i.PublishedAt), ReadingMinutes: i.ReadingMinutes, Pinned: i.Pinned, Required: i.Required, DueAt: timeOrNil(i.DueAt),
		Counts: countsView{Views: i.Views, Likes: i.Likes, Comments: i.Comments}, Relay: relayOf(i.Relay),
	}
}

func (a *API) renderFeed(p content.FeedPage) ([]byte, error) {
	return encode(listOf(p.Items, p.Next, a.itemOf))
}

type feedInput struct {
	PageQuery
	Category string `query:"category" doc:"theory, central, law, example or news"`
}

func (a *API) feed(ctx context.Context, actor *model.Actor, in *feedInput) (raw, error) {
	ready, err := a.rooms.Content.Feed(ctx, actor, model.Category(in.Category), in.page(), a.renderFeed)
	return raw{Body: ready.Body, ETag: ready.ETag, Packed: ready.Packed, Private: actor.SignedIn()}, err
}

type forYouView struct {
	FeedItem
	Why         string `json:"why" enum:"required,begun,new" doc:"why now: asked of the reader, begun, or new to them"`
	ReadPercent int    `json:"read_percent"`
}

func (a *API) feedForYou(ctx context.Context, actor *model.Actor, _ *struct{}) (items[forYouView], error) {
	rows, err := a.rooms.Content.ForYou(ctx, actor, content.ForYouMost)
	return items[forYouView]{Items: mapped(rows, func(f content.ForYou) forYouView {
		return forYouView{FeedItem: a.itemOf(f.Item), Why: f.Why, ReadPercent: f.Percent}
	})}, err
}

func (a *API) relatedArticles(ctx context.Context, actor *model.Actor, in *IDPath) (items[FeedItem], error) {
	rows, err := a.rooms.Content.Related(ctx, actor, in.ID)
	return items[FeedItem]{Items: mapped(rows, a.itemOf)}, err
}

type relayView struct {
	ArticleID string     `json:"article_id"`
	Org       articleOrg `json:"org"`
	Note      string     `json:"note"`
	At        timeView   `json:"at"`
}

type relayInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		OrgID string  `json:"org_id" minLength:"1" maxLength:"64" doc:"whose people it is passed on to"`
		Note  *string `json:"note,omitempty" nullable:"true" doc:"a sentence of its own, at most 100 characters"`
	}
}

func (in *relayInput) note() string {
	if in.Body.Note == nil {
		return ""
	}
	return *in.Body.Note
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *relayInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error { return a.rooms.Content.CheckRelay(in.note()) })
}

func (a *API) relayArticle(ctx context.Context, actor *model.Actor, in *relayInput) (relayView, error) {
	r, err := a.rooms.Content.Relay(ctx, actor, in.ID, in.Body.OrgID, in.note())
	if err != nil {
		return relayView{}, err
	}
	return relayView{ArticleID: r.ArticleID, Org: articleOrg{ID: r.OrgID, Name: r.OrgName}, Note: r.Note, At: timeView(r.CreatedAt)}, nil
}

type unrelayInput struct {
	ID    string `path:"id" maxLength:"64"`
	OrgID string `query:"org_id" required:"true" minLength:"1" maxLength:"64"`
}

func (a *API) unrelayArticle(ctx context.Context, actor *model.Actor, in *unrelayInput) (empty, error) {
	return empty{}, a.rooms.Content.Unrelay(ctx, actor, in.ID, in.OrgID)
}
