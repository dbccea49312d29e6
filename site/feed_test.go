package site

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

// readFeed parses a feed as a stranger would.
type readFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID        string `xml:"id"`
		Title     string `xml:"title"`
		Published string `xml:"published"`
		Updated   string `xml:"updated"`
		Author    string `xml:"author>name"`
		Link      struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func (s *stand) feed(path string, headers ...string) (f readFeed) {
	s.Helper()
	w := s.get(path, headers...)
	if w.Code != 200 || w.Header().Get("Content-Type") != mimeAtom {
		s.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil {
		s.Fatalf("%s: %v\n%s", path, err, w.Body)
	}
	return f
}

func TestFeed(t *testing.T) {
	list := many(60, model.CategoryNews)
	list[3].Category = model.CategoryLaw
	list[40].Pinned = true
	list[7].Updated = time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	list[9].Title = "控制符\x01与 <b> & ]]>"
	s := newStand(t, list...)
	f := s.feed("/feed.xml")
	if f.ID != "https://party.example.org/feed.xml" || len(f.Entries) != feedMost || f.Updated != "2026-11-20T09:02:03+08:00" || f.Title != "网上党建 - 康复医学会" {
		t.Errorf("%s %s %d entries, updated %s", f.ID, f.Title, len(f.Entries), f.Updated)
	}
	ids := map[string]bool{}
	for i, e := range f.Entries {
		at, err := time.Parse(time.RFC3339, e.Published)
		if err != nil || e.Author == "" || ids[e.ID] || !strings.HasPrefix(e.Link.Href, "https://party.example.org/a/") {
			t.Errorf("entry %+v: %v", e, err)
		}
		if ids[e.ID] = true; i > 0 && e.Published > f.Entries[i-1].Published {
			t.Errorf("%v comes after an older one", at)
		}
	}
	if f.Entries[0].ID != "urn:uuid:018f0000-0000-7000-8000-000000001000" {
		t.Errorf("id %s", f.Entries[0].ID)
	}
	s.site.options.PublicURL = "" // under another address, the ids stay
	if g := s.feed("/feed.xml", "Host", "other.example.org:8443"); g.Entries[5].ID != f.Entries[5].ID || g.Entries[5].Link.Href != "http://other.example.org:8443/a/"+list[5].ID {
		t.Errorf("under another address: %+v", g.Entries[5])
	}
	if law := s.feed("/c/law/feed.xml"); len(law.Entries) != 1 || law.Title != "网上党建·法律法规 - 康复医学会" {
		t.Errorf("of a category: %+v", law)
	}
	if empty := s.feed("/c/theory/feed.xml"); len(empty.Entries) != 0 || empty.Updated == "" {
		t.Errorf("empty: %+v", empty)
	}
	s.want(s.get("/c/none/feed.xml"), 404)
}

func TestSitemap(t *testing.T) {
	s := newStand(t, many(30, model.CategoryNews)...)
	read := func(path string) (locs []string, index bool) {
		t.Helper()
		w := s.get(path)
		var doc struct {
			XMLName xml.Name
			URLs    []struct {
				Loc string `xml:"loc"`
			} `xml:"url"`
			Files []struct {
				Loc string `xml:"loc"`
			} `xml:"sitemap"`
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v", path, w.Code, err)
		}
		for _, u := range append(doc.URLs, doc.Files...) {
			locs = append(locs, strings.TrimPrefix(u.Loc, "https://party.example.org"))
		}
		return locs, doc.XMLName.Local == "sitemapindex"
	}
	whole, index := read("/sitemap.xml")
	if index || len(whole) != 37 || whole[0] != "/" || !slices.Contains(whole, "/c/example") {
		t.Fatalf("%v", whole)
	}
	s.site.sitemapMost = 10
	s.site.Forget()
	files, index := read("/sitemap.xml")
	var parts []string
	for _, f := range files {
		locs, _ := read(f)
		if len(locs) > 10 {
			t.Errorf("%s names %d", f, len(locs))
		}
		parts = append(parts, locs...)
	}
	if !index || !slices.Equal(parts, whole) {
		t.Errorf("%v together name %d, want %d", files, len(parts), len(whole))
	}
	for _, path := range []string{"/sitemaps/x.xml", "/sitemaps/after-.xml", "/sitemaps/after-%3Cb%3E.xml"} {
		s.want(s.get(path), 404)
	}
}
