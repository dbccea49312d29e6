package content

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

// publicIDs walks through everything that the public site's sitemap would name.
func (h *house) publicIDs(limit int) (ids []string) {
	h.t.Helper()
	for after := ""; ; {
		list, last, err := h.room.PublicAfter(h.ctx, after, limit)
		h.must(err)
		for _, a := range list {
			ids = append(ids, a.ID)
		}
		if after = last; last == "" {
			return ids
		}
	}
}

// publicTitles walks through the strangers' feed.
func (h *house) publicTitles(c model.Category, limit int) (list []string) {
	h.t.Helper()
	for p := (model.Page{Limit: limit}); ; {
		page, err := h.room.PublicFeed(h.ctx, c, p)
		h.must(err)
		for _, i := range page.Items {
			list = append(list, i.Title)
			if i.OrgName == "" || i.UpdatedAt.IsZero() || PublicChange(&i.Article).Before(*i.PublishedAt) {
				h.t.Errorf("incomplete: %+v", i)
			}
		}
		if p.Cursor = page.Next; p.Cursor == "" {
			return list
		}
	}
}

func TestPublicViewShowsWhatStrangersMaySee(t *testing.T) {
	h := newHouse(t)
	law := func(in *Input) {
		in.Category, in.Source = ptr(model.CategoryLaw), &Source{Name: "人大网", URL: "https://npc.example/1"}
	}
	ids := map[string]string{}
	for _, v := range []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty, model.VisibleCommittee} {
		ids["out "+string(v)] = h.publish(h.branch, "out "+string(v), v)
		ids["draft "+string(v)] = h.draft(h.branch, "draft "+string(v), v).ID
	}
	ids["law"] = h.publish(h.next, "law", model.VisiblePublic, law)
	ids["pinned"] = h.publish(h.root, "pinned", model.VisiblePublic, func(in *Input) { in.Pinned = ptr(true) })
	ids["gone"] = h.publish(h.branch, "gone", model.VisiblePublic)
	later := h.draft(h.branch, "later", model.VisiblePublic)
	_, err := h.room.Publish(h.ctx, h.office, later.ID, anyVersion, ptr(h.now.Add(time.Hour)), false)
	h.must(err)
	ids["later"] = later.ID
	wantList(t, "before", h.publicTitles("", 2), "pinned", "gone", "law", "out public")

	_, err = h.room.Withdraw(h.ctx, h.office, ids["gone"], anyVersion)
	h.must(err)
	wantList(t, "everything", h.publicTitles("", 2), "pinned", "law", "out public")
	wantList(t, "of a category", h.publicTitles(model.CategoryLaw, 20), "law")
	for name, id := range ids {
		open := slices.Contains([]string{"out public", "law", "pinned"}, name)
		f, err := h.room.PublicArticle(h.ctx, id)
		switch {
		case open && (err != nil || f.Author != f.OrgName):
			t.Errorf("%s: %+v %v", name, f, err)
		case !open && !model.IsNotFound(err):
			t.Errorf("%s is shown to strangers: %v", name, err)
		}
		for _, limit := range []int{1, 3, 100} {
			if slices.Contains(h.publicIDs(limit), id) != open {
				t.Errorf("%s in the walk by %d: %v", name, limit, !open)
			}
		}
	}
	_, err = h.room.PublicArticle(h.ctx, "none")
	wantCode(t, "none", err, model.CodeNotFound)
	_, err = h.room.PublicFeed(h.ctx, "none", model.Page{})
	wantCode(t, "no category", err, model.CodeInvalid)
	_, err = h.room.PublicFeed(h.ctx, "", model.Page{Cursor: "x"})
	wantCode(t, "no cursor", err, model.CodeInvalid)
}

func TestPublicArticleIsSelfContained(t *testing.T) {
	h := newHouse(t)
	h.files["pic"], h.files["doc"] = h.office.MemberID, h.office.MemberID
	id := h.publish(h.root, "有图", model.VisiblePublic, func(in *Input) {
		in.BodyMarkdown = nil
		in.BodyHTML = ptr(`<p>一</p><img src="/files/pic"><a href="/files/doc">文件</a>`)
		in.CoverID, in.AttachmentIDs = ptr("pic"), &[]string{"doc"}
	})
	f, err := h.room.PublicArticle(h.ctx, id)
	h.must(err)
	if f.CoverURL != "/files/pic/a.pdf" || len(f.Attachments) != 1 || f.Attachments[0].URL != "/files/doc/a.pdf" {
		t.Errorf("cover %s, attachments %v", f.CoverURL, f.Attachments)
	}
	if strings.Contains(f.Body.HTML, "s=x") || !strings.Contains(f.Body.HTML, `src="/files/pic/a.pdf"`) || !strings.Contains(f.Body.HTML, `href="/files/doc/a.pdf"`) {
		t.Errorf("body %s", f.Body.HTML)
	}
}

func TestSelfContained(t *testing.T) {
	for clean, want := range map[string]string{
		`<p>一<p>二`:                               `<p>一</p><p>二</p>`,
		`</div></article><p>一</p>`:               `<p>一</p>`,
		`<ul><li>一`:                              `<ul><li>一</li></ul>`,
		`<img src="/files/a/b.png?e=1&amp;s=2">`: `<img src="/files/a/b.png" loading="lazy" alt=""/>`,
		`<img src="https://we.example/files/a/b.png?e=1&amp;s=2" alt="图">`:            `<img src="/files/a/b.png" alt="图" loading="lazy"/>`,
		`<img src="https://x.example/1.png" alt="合影">`:                                `<a href="https://x.example/1.png" rel="nofollow noopener">［图片：合影］</a>`,
		`<p><img src="https://x.example/1.png"></p>`:                                  `<p><a href="https://x.example/1.png" rel="nofollow noopener">［图片］</a></p>`,
		`<a href="https://x.example/"><b><img src="https://x.example/1.png"></b></a>`: `<a href="https://x.example/"><b>［图片］</b></a>`,
		`<a href="https://x.example/files/a/b">外</a>`:                                 `<a href="https://x.example/files/a/b">外</a>`,
		`<a href="mailto:a@b.example">信</a>`:                                          `<a href="mailto:a@b.example">信</a>`,
		`1 &lt; 2 &amp;`:                                                              `1 &lt; 2 &amp;`,
	} {
		got, err := selfContained(clean)
		if err != nil || got != want {
			t.Errorf("%s becomes\n%s, want\n%s (%v)", clean, got, want, err)
		}
	}
}

// Whatever was cleaned stands in a page without asking others for anything, and without breaking out of where it stands.
func FuzzSelfContained(f *testing.F) {
	f.Add(`<p>一<img src="https://x.example/1.png"></div>`)
	f.Add(`<table><tr><td><a href="x"><img src="/files/a/b?e=1&s=2"></a>`)
	m := newMarkup()
	f.Fuzz(func(t *testing.T, source string) {
		got, err := selfContained(m.fromHTML(source).html)
		if err != nil {
			return // nested deeper than the parser follows
		}
		again, err := selfContained(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(again, "<img ")[1:] {
			if !strings.HasPrefix(part, `src="/files/`) && !strings.Contains(part, ` src="/files/`) {
				t.Fatalf("%q shows %q", source, part)
			}
		}
		if strings.Contains(got, "<script") || strings.Count(got, "<div") != strings.Count(got, "</div>") {
			t.Fatalf("%q becomes %q", source, fmt.Sprint(got))
		}
	})
}
