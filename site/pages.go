package site

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
)

// How many articles the pages name.
const (
	pinnedMost   = 5
	categoryMost = 5
	listMost     = 20
)

const mimeHTML = "text/html; charset=utf-8"

// frame is what every page has around its own part.
type frame struct {
	Society   string // empty: there is none yet
	Title     string // of the page; empty on the home page
	Digest    string // for those who link to it
	Canonical string // the page's lasting address; empty: it has none
	FeedURL   string // of the page's own feed, as a path
	FeedTitle string
	Next      string // the next page's path
	Current   string // the path of what is marked in the menu
	Query     string // what stands in the search box
	Hidden    bool   // from search engines
	Article   *articlePart
	Page      any
}

// articlePart is what an article says about itself to those who link to it.
type articlePart struct {
	Published, Updated time.Time
	Section            string
	Cover              string
}

// categories are the menu, in the contract's order.
var categories = []model.Category{model.CategoryTheory, model.CategoryCentral, model.CategoryLaw, model.CategoryExample, model.CategoryNews}

// Menu are the categories.
func (frame) Menu() []model.Category { return categories }

// Heading is the page's title with the site's behind it.
func (f frame) Heading() string {
	site := siteName
	if f.Society != "" {
		site += " - " + f.Society
	}
	if f.Title == "" {
		return site
	}
	return f.Title + " - " + site
}

const siteName = "网上党建"

// page renders one page to its copy.
func (s *Site) page(look string, f frame) (*leaf, error) {
	body, err := s.looks.render(look, f)
	if err != nil {
		return nil, err
	}
	return newLeaf(mimeHTML, body, s.options.Clock())
}

type section struct {
	Category model.Category
	Items    []Item
}

type homePage struct {
	Pinned   []Item
	Sections []section
}

// home names what is pinned, and the newest of each category.
func (s *Site) home(ctx context.Context, q request) (*leaf, error) {
	society, err := s.source.Society(ctx)
	if err != nil {
		return nil, err
	}
	all, _, err := s.source.List(ctx, "", model.Page{Limit: pinnedMost})
	if err != nil {
		return nil, err
	}
	var p homePage
	for _, i := range all {
		if i.Pinned {
			p.Pinned = append(p.Pinned, i)
		}
	}
	for _, c := range categories {
		list, _, err := s.source.List(ctx, c, model.Page{Limit: pinnedMost + categoryMost})
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(i Item) bool {
			return slices.ContainsFunc(p.Pinned, func(o Item) bool { return o.ID == i.ID })
		})
		p.Sections = append(p.Sections, section{Category: c, Items: list[:min(len(list), categoryMost)]})
	}
	return s.page("home", frame{
		Society: society, Digest: "党建理论、中央声音、法律法规、先进事迹和支部动态：要点在前，几分钟读完。", Canonical: q.base + "/", Current: "/",
		FeedURL: "/feed.xml", FeedTitle: siteName, Page: p,
	})
}

type listPage struct {
	Category  model.Category
	Items     []Item
	Next      string
	Continued bool
}

// category is one page of a category.
func (s *Site) category(ctx context.Context, q request) (*leaf, error) {
	society, err := s.source.Society(ctx)
	if err != nil {
		return nil, err
	}
	list, next, err := s.source.List(ctx, q.category, model.Page{Limit: listMost, Cursor: q.after})
	if err != nil {
		return nil, err
	}
	here := categoryAddress(q.category)
	f := frame{
		Society: society, Title: q.category.Label(), Digest: "“" + q.category.Label() + "”栏目的全部公开内容。", Canonical: q.base + here, Current: here,
		FeedURL: here + "/feed.xml", FeedTitle: siteName + "·" + q.category.Label(),
	}
	p := listPage{Category: q.category, Items: list, Continued: q.after != ""}
	if next != "" {
		p.Next = here + "?after=" + url.QueryEscape(next)
		f.Next = p.Next
	}
	if q.after != "" {
		f.Canonical += "?after=" + url.QueryEscape(q.after)
	}
	f.Page = p
	return s.page("category", f)
}

type articlePage struct {
	Article
	Body template.HTML
}

// article is one article's page.
func (s *Site) article(ctx context.Context, q request) (*leaf, error) {
	a, err := s.source.Article(ctx, q.id)
	if err != nil {
		return nil, err
	}
	society, err := s.source.Society(ctx)
	if err != nil {
		return nil, err
	}
	about := &articlePart{Published: a.Published, Updated: a.Updated, Section: a.Category.Label()}
	if strings.HasPrefix(a.CoverURL, "/") && q.base != "" {
		about.Cover = q.base + a.CoverURL
	}
	return s.page("article", frame{
		Society: society, Title: a.Title, Digest: a.Digest, Canonical: q.base + articleAddress(a.ID), Current: categoryAddress(a.Category),
		FeedURL: categoryAddress(a.Category) + "/feed.xml", FeedTitle: siteName + "·" + a.Category.Label(), Article: about,
		Page: articlePage{Article: *a, Body: template.HTML(a.BodyHTML)}, // cleaned in the content room, and the policy forbids scripts
	})
}

type hitRow struct {
	Item
	Highlight template.HTML
}

type searchPage struct {
	Query, Fault string
	Items        []hitRow
	Next         string
	Continued    bool
}

// maxQuery is how many characters may be sought.
const maxQuery = 100

// search is made for each request: what people seek is not kept.
func (s *Site) search(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	society, err := s.source.Society(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	given := r.URL.Query()
	p := searchPage{Query: model.SingleLine(model.CleanText(given.Get("q"))), Continued: given.Get("after") != ""}
	if utf8.RuneCountInString(p.Query) > maxQuery {
		p.Query, p.Fault = model.CutRunes(p.Query, maxQuery), "要找的内容不能超过 "+strconv.Itoa(maxQuery)+" 个字，已按前面的部分查找。"
	}
	if p.Query != "" {
		hits, next, err := s.source.Search(ctx, p.Query, model.Page{Limit: listMost, Cursor: model.CutRunes(given.Get("after"), maxCursor)})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		for _, h := range hits {
			p.Items = append(p.Items, hitRow{h.Item, template.HTML(h.Highlight)}) // escaped in the content room
		}
		if next != "" {
			p.Next = "/search?" + url.Values{"q": {p.Query}, "after": {next}}.Encode()
		}
	}
	s.fresh(w, r, http.StatusOK, "search", frame{Society: society, Title: "搜索", FeedURL: "/feed.xml", FeedTitle: siteName, Current: "/search", Query: p.Query, Hidden: true, Page: p})
}

type privacyPage struct {
	Notice
	Body template.HTML
}

// privacy is about the site and how it treats who reads it, with the notice that members agree to.
func (s *Site) privacy(ctx context.Context, q request) (*leaf, error) {
	society, err := s.source.Society(ctx)
	if err != nil {
		return nil, err
	}
	n := s.source.Notice()
	return s.page("privacy", frame{
		Society: society, Title: "关于本站与个人信息", Digest: "本站的内容来自哪里，以及我们如何处理个人信息。", Canonical: q.base + "/privacy", Current: "/privacy",
		FeedURL: "/feed.xml", FeedTitle: siteName, Page: privacyPage{Notice: n, Body: template.HTML(n.BodyHTML)}, // part of the program
	})
}

type faultPage struct{ Sentence string }

// fault answers with a page that says what is wrong and where to go on.
func (s *Site) fault(w http.ResponseWriter, r *http.Request, status int, title, sentence string) {
	s.fresh(w, r, status, "fault", frame{Title: title, FeedURL: "/feed.xml", FeedTitle: siteName, Hidden: true, Page: faultPage{sentence}})
}

// fresh renders a page for one request alone.
func (s *Site) fresh(w http.ResponseWriter, r *http.Request, status int, look string, f frame) {
	body, err := s.looks.render(look, f)
	if err != nil {
		s.options.Log.ErrorContext(r.Context(), "site", "request_id", model.RequestID(r.Context()), "page", look, "cause", err)
		http.Error(w, "页面出错了，请稍后再试。", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", mimeHTML)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = bytes.NewReader(body).WriteTo(w) // an error says that the client has gone
	}
}
