package site

import (
	"cmp"
	"context"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"time"

	"zhibu/model"
)

// feedMost is how many articles a feed names.
const feedMost = 50

const mimeAtom = "application/atom+xml; charset=utf-8"

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Link      atomLink     `xml:"link"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Author    atomAuthor   `xml:"author"`
	Category  atomCategory `xml:"category"`
	Summary   string       `xml:"summary"`
}

// uuid is the form of our ids; such an id is a name in the world's namespace, whatever address the site has.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// feed is the newest of a category, or of everything, for feed readers.
func (s *Site) feed(ctx context.Context, q request) (*leaf, error) {
	society, err := s.source.Society(ctx)
	if err != nil {
		return nil, err
	}
	list, _, err := s.source.List(ctx, q.category, model.Page{Limit: feedMost})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b Item) int { return cmp.Or(b.Published.Compare(a.Published), strings.Compare(b.ID, a.ID)) })
	now := s.options.Clock()
	here := q.base + strings.TrimSuffix(categoryAddress(q.category), "/")
	f := atomFeed{
		Lang: "zh-CN", ID: here + "/feed.xml", Title: siteName, Author: atomAuthor{Name: cmp.Or(society, siteName)},
		Links: []atomLink{{"self", "application/atom+xml", here + "/feed.xml"}, {"alternate", "text/html", q.base + categoryAddress(q.category)}},
	}
	if q.category != "" {
		f.Title += "·" + q.category.Label()
	}
	if society != "" {
		f.Title += " - " + society
	}
	var newest time.Time
	for _, i := range list {
		f.Entries = append(f.Entries, entryOf(i, q.base))
		if i.Updated.After(newest) {
			newest = i.Updated
		}
	}
	if len(list) == 0 {
		newest = now // a feed has a date, also before there is anything in it
	}
	f.Updated = stamp(newest)
	return newXML(mimeAtom, f, now)
}

func entryOf(i Item, base string) atomEntry {
	e := atomEntry{
		ID: base + articleAddress(i.ID), Title: i.Title, Link: atomLink{"alternate", "text/html", base + articleAddress(i.ID)},
		Published: stamp(i.Published), Updated: stamp(i.Updated), Author: atomAuthor{Name: cmp.Or(i.Org, siteName)},
		Category: atomCategory{string(i.Category), i.Category.Label()}, Summary: i.Digest,
	}
	if uuid.MatchString(i.ID) {
		e.ID = "urn:uuid:" + strings.ToLower(i.ID)
	}
	return e
}

// newXML makes the copy of a document.
func newXML(mime string, v any, now time.Time) (*leaf, error) {
	body, err := xml.Marshal(v)
	if err != nil {
		return nil, err
	}
	return newLeaf(mime, append(append([]byte(xml.Header), body...), '\n'), now)
}
