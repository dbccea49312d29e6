package main

import (
	"context"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/content"
	"zhibu/service/signin"
	"zhibu/site"
)

// publicSite makes the public site and lets it hear of every change of what it shows: here at once, from other replicas when their changes are found.
// Counts are not among that: model.TopicArticle alone changes no page of the site.
func (h *house) publicSite() *site.Site {
	s := site.New(openView{h.content, h.signin, h.store}, site.Options{PublicURL: h.cfg.PublicURL, Clock: h.clock, Log: h.log})
	h.store.OnChange(model.TopicFeed, func(string) { s.Forget() })
	h.store.OnChange(model.TopicOrg, func(string) { s.Forget() })
	return s
}

// openView is what the public site shows: the content room's answers to a stranger.
type openView struct {
	content *content.Service
	signin  *signin.Service
	store   *store.Store
}

// Society is the root's name.
func (v openView) Society(ctx context.Context) (string, error) {
	root, err := v.store.RootOrg(ctx)
	if model.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return root.Name, nil
}

// List is a page of the strangers' feed.
func (v openView) List(ctx context.Context, c model.Category, p model.Page) ([]site.Item, string, error) {
	page, err := v.content.PublicFeed(ctx, c, p)
	items := make([]site.Item, len(page.Items))
	for i := range page.Items {
		items[i] = siteItem(&page.Items[i].Article, page.Items[i].OrgName)
	}
	return items, page.Next, err
}

func siteItem(a *model.Article, org string) site.Item {
	i := site.Item{
		ID: a.ID, Category: a.Category, Title: a.Title, Digest: a.Digest, Org: org, Updated: content.PublicChange(a), Minutes: a.ReadingMinutes, Pinned: a.Pinned,
	}
	if a.PublishedAt != nil {
		i.Published = *a.PublishedAt
	}
	return i
}

// Article is one article as strangers see it.
func (v openView) Article(ctx context.Context, id string) (*site.Article, error) {
	f, err := v.content.PublicArticle(ctx, id)
	if err != nil {
		return nil, err
	}
	corrections := make([]site.Correction, len(f.Corrections))
	for i, c := range f.Corrections {
		corrections[i] = site.Correction{At: c.At, Note: c.Text}
	}
	return &site.Article{
		Item: siteItem(&f.Article, f.OrgName), Corrections: corrections, KeyPoints: f.KeyPoints, BodyHTML: f.Body.HTML, CoverURL: f.CoverURL, DocNo: f.DocNo,
		SourceName: f.SourceName, SourceURL: f.SourceURL, SourceDate: f.SourceDate, Attachments: f.Attachments,
	}, nil
}

// Search finds what strangers may see.
func (v openView) Search(ctx context.Context, query string, p model.Page) ([]site.Hit, string, error) {
	found, next, err := v.content.Search(ctx, nil, query, "", p)
	hits := make([]site.Hit, len(found))
	for i := range found {
		hits[i] = site.Hit{Item: siteItem(&found[i].Article, found[i].OrgName), Highlight: found[i].Highlight}
	}
	return hits, next, err
}

// After walks through what strangers may see.
func (v openView) After(ctx context.Context, id string, limit int) ([]site.Address, string, error) {
	rows, last, err := v.content.PublicAfter(ctx, id, limit)
	list := make([]site.Address, len(rows))
	for i := range rows {
		list[i] = site.Address{ID: rows[i].ID, Updated: content.PublicChange(&rows[i])}
	}
	return list, last, err
}

// Notice is the privacy notice in force.
func (v openView) Notice() site.Notice { return site.Notice(v.signin.Consent()) }
