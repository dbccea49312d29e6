package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// page is what a browser gets from the public site, without an account.
type page struct {
	status int
	header http.Header
	body   string
}

// browse asks the public site; headers come in pairs.
func (p *program) browse(method, path string, headers ...string) page {
	p.t.Helper()
	req, err := http.NewRequest(method, p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header, string(body)}
}

// listing are the pages of the site that name articles.
var listing = []string{"/", "/c/news", "/feed.xml", "/c/news/feed.xml", "/sitemap.xml", "/search?q=%E4%B9%89%E8%AF%8A"}

// shows holds which of the listing pages name an article, and whether its own page is there.
func (p *program) shows(what, id, title string, want bool) {
	p.t.Helper()
	for _, path := range listing {
		if got := p.browse("GET", path); got.status != 200 || strings.Contains(got.body, "/a/"+id) != want || !want && strings.Contains(got.body, title) {
			p.t.Errorf("%s: %s answers %d and names it: %v, want %v", what, path, got.status, !want, want)
		}
	}
	if got := p.browse("GET", "/a/"+id); (got.status == 200) != want || !want && (got.status != 404 || strings.Contains(got.body, title)) {
		p.t.Errorf("%s: its page answers %d", what, got.status)
	}
}

// TestStorySite lives the third place of an article: whoever has the address reads what is public, and nothing else, on every replica.
func TestStorySite(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		if got := p.browse("GET", "/"); got.status != 200 || !strings.Contains(got.body, "还没有公开的内容") {
			t.Errorf("an empty installation: %d %s", got.status, got.body)
		}
		r := p.found().readership()
		b := p.replica()
		open := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "义诊<script>alert(1)</script>走进社区", "visibility": "public", "key_points": []string{"二十名专家"},
			"body_html": `<p>服务群众三百人次。</p></div></article><p onclick="x()">第二段</p>`})
		shut := map[string]string{}
		for _, v := range []string{"members", "party", "committee"} {
			shut[v] = r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "义诊内部安排" + v, "visibility": v, "body_markdown": "义诊内部安排的内容"})
		}
		draft := r.must(201, "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "义诊草稿", "visibility": "public", "body_markdown": "草稿"}).text("id")
		p.shows("public", open, "", true)
		for v, id := range shut {
			p.shows(v, id, "义诊内部安排", false)
		}
		p.shows("a draft", draft, "义诊草稿", false)
		siteArticle(t, p, open)
		siteAnswers(t, p, r)

		// An edit and a withdrawal are seen at once here, and within the poll on the other replica.
		b.eventually("the other replica shows it", 3*time.Second, func() bool { return b.browse("GET", "/a/"+open).status == 200 })
		before := p.browse("GET", "/a/"+open)
		r.must(200, "PATCH", "/articles/"+open, r.secretary.token, object{"title": "义诊改了标题"}, "If-Match", "*")
		after := p.browse("GET", "/a/"+open, "If-None-Match", before.header.Get("ETag"))
		if after.status != 200 || !strings.Contains(after.body, "义诊改了标题") {
			t.Errorf("edited: %d %s", after.status, after.body)
		}
		for _, path := range listing[:4] {
			if !strings.Contains(p.browse("GET", path).body, "义诊改了标题") {
				t.Errorf("%s still shows the title before", path)
			}
		}
		b.eventually("the other replica shows the edit", 3*time.Second, func() bool {
			return strings.Contains(b.browse("GET", "/a/"+open).body, "义诊改了标题") && strings.Contains(b.browse("GET", "/").body, "义诊改了标题")
		})
		r.must(200, "POST", "/articles/"+open+"/withdraw", r.secretary.token, object{})
		p.shows("withdrawn", open, "义诊改了标题", false)
		b.eventually("the other replica has let go of it", 3*time.Second, func() bool { return b.browse("GET", "/a/"+open).status == 404 })
		b.shows("withdrawn, on the other replica", open, "义诊改了标题", false)
	})
}

func siteArticle(t *testing.T, p *program, id string) {
	t.Helper()
	got := p.browse("GET", "/a/"+id)
	for _, part := range []string{"<h1>义诊&lt;script&gt;", "二十名专家", "<p>服务群众三百人次。</p>", "第二段", branchName, `href="` + p.base + "/a/" + id + `"`} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the article's page lacks %q:\n%s", part, got.body)
		}
	}
	if strings.Contains(got.body, "<script") || strings.Contains(got.body, "onclick") || strings.Contains(got.body, "钱书记") || strings.Count(got.body, "</article>") != 1 {
		t.Errorf("the article's page:\n%s", got.body)
	}
	if policy := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || got.header.Get("X-Request-Id") == "" {
		t.Errorf("headers %v", got.header)
	}
	tag := got.header.Get("ETag")
	if again := p.browse("GET", "/a/"+id, "If-None-Match", tag); again.status != 304 || again.body != "" {
		t.Errorf("unchanged: %d %s", again.status, again.body)
	}
	head := p.browse("HEAD", "/a/"+id, "Accept-Encoding", "identity")
	if head.status != 200 || head.body != "" || head.header.Get("ETag") != tag || head.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []struct {
			ID    string `xml:"id"`
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(p.browse("GET", "/feed.xml").body), &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].ID != "urn:uuid:"+id || !strings.Contains(feed.Entries[0].Title, "<script>") {
		t.Errorf("the feed: %+v %v", feed, err)
	}
}

// siteAnswers holds what is said to those who come to the wrong address, and that rights change nothing of what the site shows.
func siteAnswers(t *testing.T, p *program, r *readership) {
	t.Helper()
	if got := p.browse("GET", "/nowhere", "Accept", "text/html,*/*"); got.status != 404 || !strings.Contains(got.body, "没有找到这个页面") {
		t.Errorf("a browser at no address: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/nowhere", "/api/v1/nowhere"} {
		if got := p.browse("GET", path, "Accept", "application/json"); got.status != 404 || !strings.Contains(got.body, `"not_found"`) {
			t.Errorf("a program at %s: %d %s", path, got.status, got.body)
		}
	}
	if got := p.browse("POST", "/"); got.status != 405 {
		t.Errorf("POST: %d", got.status)
	}
	stranger := p.browse("GET", "/")
	if got := p.browse("GET", "/", "Authorization", "Bearer "+r.staff.token); got.body != stranger.body {
		t.Errorf("the office is shown another site")
	}
	if got := p.browse("GET", "/privacy"); got.status != 200 || !strings.Contains(got.body, "我们处理哪些信息") {
		t.Errorf("privacy: %d %s", got.status, got.body)
	}
}

// TestStoryImport brings an old site's texts in at the terminal; they wait as drafts in the secretary's name, and twice adds nothing.
func TestStoryImport(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		dir := filepath.Join(t.TempDir(), "旧网站")
		for name, text := range map[string]string{
			"一.md":      "---\ntitle: 国家规定学习要点\ncategory: central\nsource: {name: 新华社, url: 'https://news.example/1', date: 2026-03-05}\nvisibility: public\n---\n正文[附件](附件/全文.pdf)",
			"二.md":      "---\ntitle: 没有来源\ncategory: central\n---\n正文",
			"附件/全文.pdf": "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
		} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p.end() // the command may also run beside the program; here it has the data for itself
		args := []string{"import", "articles", dir, "--org", branchName}
		// bring runs the import, of which one file fails: the others come in, and the command ends with an error.
		bring := func(more ...string) string {
			var out bytes.Buffer
			err := run(context.Background(), append(slices.Clone(args), more...), p.getenv, strings.NewReader(""), &out, p.log)
			if err == nil || !strings.Contains(err.Error(), "1 篇没有导入") {
				t.Errorf("the import of a folder with a faulty file ends with %v", err)
			}
			return out.String()
		}
		if out := bring("--dry-run"); !strings.Contains(out, "可导入 1（记在 钱书记 名下）") || !strings.Contains(out, "未导入 二.md：请填写来源") {
			t.Errorf("a trial says: %s", out)
		}
		if out := bring(); !strings.Contains(out, "新增草稿 1（记在 钱书记 名下），此前已导入 0，有问题 1") {
			t.Errorf("the import says: %s", out)
		}
		if out := bring(); !strings.Contains(out, "新增草稿 0（记在 钱书记 名下），此前已导入 1，有问题 1") {
			t.Errorf("again it says: %s", out)
		}
		old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>学会网站</title><link>/</link><item><title>网站动态</title><link>/n/1</link><description>&lt;p&gt;动态全文&lt;/p&gt;</description></item></channel></rss>`)
		}))
		defer old.Close()
		feed := []string{"import", "feed", old.URL + "/rss.xml", "--org", branchName, "--category", "news"}
		for _, want := range []string{"新增草稿 1", "新增草稿 0"} {
			if out := p.command("", feed...); !strings.Contains(out, want) {
				t.Errorf("the feed, want %s: %s", want, out)
			}
		}
		p.start("serve")
		drafts := r.must(200, "GET", "/articles?status=draft&org_id="+r.branch, r.secretary.token, nil).list("items")
		if got := texts(drafts, "title"); !slices.Equal(got, []string{"网站动态", "国家规定学习要点"}) {
			t.Fatalf("drafts: %v", got)
		}
		a := r.must(200, "GET", "/articles/"+drafts[1].text("id"), r.secretary.token, nil)
		if a.text("source", "name") != "新华社" || a.text("source", "date") != "2026-03-05" || a.text("author") != "钱书记" || !strings.Contains(a.text("body_html"), "/files/") {
			t.Errorf("the draft: %s", a.raw)
		}
		if b := r.must(200, "GET", "/articles/"+drafts[0].text("id"), r.secretary.token, nil); b.text("source", "url") != old.URL+"/n/1" {
			t.Errorf("from the feed: %s", b.raw)
		}
	})
}
