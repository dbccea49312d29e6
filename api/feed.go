package api

import (
	"context"

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
}

func itemOf(i content.Item) FeedItem {
	return FeedItem{
		ID: i.ID, Category: i.Category, Title: i.Title, Digest: i.Digest, CoverURL: textOrNil(i.CoverURL), Org: articleOrg{ID: i.OrgID, Name: i.OrgName}, OrgID: i.OrgID,
		PublishedAt: timeOrNil(i.PublishedAt), ReadingMinutes: i.ReadingMinutes, Pinned: i.Pinned, Required: i.Required, DueAt: timeOrNil(i.DueAt),
		Counts: countsView{Views: i.Views, Likes: i.Likes, Comments: i.Comments},
	}
}

func renderFeed(p content.FeedPage) ([]byte, error) { return encode(listOf(p.Items, p.Next, itemOf)) }

type feedInput struct {
	PageQuery
	Category string `query:"category" doc:"theory, central, law, example or news"`
}

func (a *API) feed(ctx context.Context, actor *model.Actor, in *feedInput) (raw, error) {
	ready, err := a.rooms.Content.Feed(ctx, actor, model.Category(in.Category), in.page(), renderFeed)
	return raw{Body: ready.Body, ETag: ready.ETag, Private: actor.SignedIn()}, err
}
