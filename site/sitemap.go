package site

import (
	"context"
	"encoding/xml"
	"strings"

	"zhibu/model"
)

// sitemapMost is how many addresses one file may name by the protocol.
const sitemapMost = 50_000

// walkStep is how many articles are read at a time.
const walkStep = 1000

const (
	mimeXML  = "application/xml; charset=utf-8"
	mimeText = "text/plain; charset=utf-8"
)

type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

type sitemapSet struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapIndex struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Files   []sitemapURL `xml:"sitemap"`
}

// The files of a large site are named by the article after which they begin, so that each is read without reading those before it.
const (
	firstPart = "first.xml"
	laterPart = "after-"
	partsEnd  = ".xml"
)

// sitemap names every page; where one file cannot hold them, the files that do.
func (s *Site) sitemap(ctx context.Context, q request) (*leaf, error) {
	first, last, err := s.addresses(ctx, q.base, "")
	if err != nil {
		return nil, err
	}
	now := s.options.Clock()
	if last == "" {
		return newXML(mimeXML, sitemapSet{URLs: first}, now)
	}
	index := sitemapIndex{Files: []sitemapURL{{Loc: q.base + "/sitemaps/" + firstPart}}}
	for last != "" {
		index.Files = append(index.Files, sitemapURL{Loc: q.base + "/sitemaps/" + laterPart + last + partsEnd})
		if _, last, err = s.addresses(ctx, q.base, last); err != nil {
			return nil, err
		}
	}
	return newXML(mimeXML, index, now)
}

// sitemapPart is one file of a large site.
func (s *Site) sitemapPart(ctx context.Context, q request) (*leaf, error) {
	after := ""
	if q.file != firstPart {
		rest, later := strings.CutPrefix(q.file, laterPart)
		id, ok := strings.CutSuffix(rest, partsEnd)
		if !later || !ok || !plainID.MatchString(id) {
			return nil, model.NotFound("这个地址")
		}
		after = id
	}
	list, _, err := s.addresses(ctx, q.base, after)
	if err != nil {
		return nil, err
	}
	return newXML(mimeXML, sitemapSet{URLs: list}, s.options.Clock())
}

// addresses are as many pages as one file may name, from after an article on; from the start with the pages that are none. last is the article
// with which the file ends; empty when nothing comes after it.
func (s *Site) addresses(ctx context.Context, base, after string) (list []sitemapURL, last string, err error) {
	if after == "" {
		list = append(list, sitemapURL{Loc: base + "/"})
		for _, c := range categories {
			list = append(list, sitemapURL{Loc: base + categoryAddress(c)})
		}
		list = append(list, sitemapURL{Loc: base + "/privacy"})
	}
	for {
		found, next, err := s.source.After(ctx, after, walkStep)
		if err != nil {
			return nil, "", err
		}
		for _, a := range found {
			if len(list) == s.sitemapMost {
				return list, last, nil // this one is the first of the next file
			}
			list = append(list, sitemapURL{Loc: base + articleAddress(a.ID), LastMod: stamp(a.Updated)})
			last = a.ID
		}
		if next == "" {
			return list, "", nil
		}
		after = next
	}
}

// robots tells search engines what there is, and what is of no use to them.
func (s *Site) robots(_ context.Context, q request) (*leaf, error) {
	lines := []string{"User-agent: *", "Disallow: /api/", "Disallow: /search", "Disallow: /console/", "Disallow: /m/", "Disallow: /docs", "Allow: /"}
	if q.base != "" {
		lines = append(lines, "", "Sitemap: "+q.base+"/sitemap.xml")
	}
	return newLeaf(mimeText, []byte(strings.Join(lines, "\n")+"\n"), s.options.Clock())
}
