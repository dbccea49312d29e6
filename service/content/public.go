package content

import (
	"context"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"zhibu/model"
	"zhibu/model/store"
)

// PublicFeed is the feed that strangers see, as rows with the time of their last change: for the public site, which keeps its own pages.
// Errors: validation_failed (the cursor or the category).
func (s *Service) PublicFeed(ctx context.Context, c model.Category, p model.Page) (FeedPage, error) {
	if c != "" && !c.Valid() {
		return FeedPage{}, model.BadField("category", "not_allowed", "没有这个栏目。")
	}
	rows, next, err := s.store.Feed(ctx, store.FeedFilter{Chain: model.SightOf(nil).Chain, Category: c}, p)
	if err != nil {
		return FeedPage{}, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	whole, err := s.store.ArticlesByID(ctx, ids)
	if err != nil {
		return FeedPage{}, err
	}
	list := make([]Item, 0, len(rows))
	for _, r := range rows {
		a := whole[r.ID]
		if !model.CanSeeArticle(nil, &a) { // withdrawn between the two
			continue
		}
		r.Article = a
		list = append(list, Item{ArticleRow: r})
	}
	return FeedPage{Items: list, Next: next}, nil
}

// PublicArticle is an article as strangers see it, read anew: with lasting addresses of its files instead of signed ones, which whoever may see the
// article may open, with the organisation for its author, and without anything that a browser would fetch from elsewhere.
// Errors: not_found.
func (s *Service) PublicArticle(ctx context.Context, id string) (*Full, error) {
	f, err := s.read(ctx, id)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeArticle(nil, &f.Article) {
		return nil, notFound()
	}
	f.Author = f.OrgName
	f.CoverURL = lasting(f.CoverURL)
	for i := range f.Attachments {
		f.Attachments[i].URL = lasting(f.Attachments[i].URL)
	}
	if f.Body.HTML, err = selfContained(f.Body.HTML); err != nil { // nested deeper than the parser follows
		f.Body.HTML = "<p>" + strings.ReplaceAll(html.EscapeString(f.Body.Plain), "\n", "</p>\n<p>") + "</p>"
	}
	return f, nil
}

// PublicAfter walks through everything that strangers may see, in the order of the ids. last is where to go on; empty at the end.
func (s *Service) PublicAfter(ctx context.Context, id string, limit int) (list []model.Article, last string, err error) {
	rows, err := s.store.ArticlesAfter(ctx, id, limit)
	if err != nil {
		return nil, "", err
	}
	for _, a := range rows {
		if model.CanSeeArticle(nil, &a) {
			list = append(list, a)
		}
	}
	if len(rows) == limit {
		last = rows[limit-1].ID
	}
	return list, last, nil
}

// PublicChange is when what strangers see of an article changed last: published after it was written, or edited after it was published.
func PublicChange(a *model.Article) time.Time {
	if a.PublishedAt != nil && a.PublishedAt.After(a.UpdatedAt) {
		return *a.PublishedAt
	}
	return a.UpdatedAt
}

// lasting is the address of one of our files from the root of the site, without its signature.
func lasting(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasPrefix(u.Path, "/files/") {
		return ""
	}
	return u.EscapedPath()
}

// selfContained makes a cleaned body fit to stand in a page of ours: every element is closed, files have lasting addresses, and a picture from
// elsewhere is a link to it, since who reads here is to be seen by nobody else.
func selfContained(clean string) (string, error) {
	around := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(clean), around)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, n := range nodes {
		around.AppendChild(n)
	}
	settleIn(around)
	for n := around.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func settleIn(parent *html.Node) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		switch {
		case n.Type == html.ElementNode && n.DataAtom == atom.Img:
			settlePicture(n)
		case n.Type == html.ElementNode && n.DataAtom == atom.A:
			if own := lasting(attribute(n, "href")); own != "" && ownFile(attribute(n, "href")) != "" {
				setAttribute(n, "href", own)
			}
			settleIn(n)
		default:
			settleIn(n)
		}
		n = next
	}
}

// settlePicture keeps a picture of ours, to be fetched when it is scrolled to, and turns another's into a link.
func settlePicture(n *html.Node) {
	address := attribute(n, "src")
	if ownFile(address) != "" {
		setAttribute(n, "src", lasting(address))
		setAttribute(n, "loading", "lazy")
		if attribute(n, "alt") == "" {
			setAttribute(n, "alt", "")
		}
		return
	}
	label := "图片"
	if alt := model.SingleLine(attribute(n, "alt")); alt != "" {
		label += "：" + alt
	}
	text := &html.Node{Type: html.TextNode, Data: "［" + label + "］"}
	for up := n.Parent; up != nil; up = up.Parent {
		if up.DataAtom == atom.A { // links do not stand in links
			n.Parent.InsertBefore(text, n)
			n.Parent.RemoveChild(n)
			return
		}
	}
	*n = html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A, Parent: n.Parent, PrevSibling: n.PrevSibling, NextSibling: n.NextSibling, Attr: []html.Attribute{
		{Key: "href", Val: address}, {Key: "rel", Val: "nofollow noopener"},
	}}
	n.AppendChild(text)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func setAttribute(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}
