package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhibu/model"
)

// drawer keeps files for the actor who brings them.
type drawer struct {
	h    *house
	kept []string
	err  error
}

func (d *drawer) Keep(_ context.Context, actor *model.Actor, name string, r io.Reader) (string, error) {
	body, err := io.ReadAll(r)
	if err == nil {
		err = d.err
	}
	if err != nil {
		return "", err
	}
	id := fmt.Sprint("kept", len(d.kept))
	d.kept = append(d.kept, name+"="+string(body))
	d.h.files[id] = actor.MemberID
	return id, nil
}

func folderOf(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, body := range files {
		m[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return m
}

// folder imports files for the branch.
func (h *house) folder(files map[string]string, change ...func(*Import)) *ImportResult {
	h.t.Helper()
	im := Import{OrgID: h.branch.ID}
	for _, c := range change {
		c(&im)
	}
	r, err := h.room.ImportFolder(h.ctx, im, folderOf(files), "旧网站", &drawer{h: h})
	h.must(err)
	return r
}

// drafts are the branch's drafts as its secretary finds them, by title.
func (h *house) drafts() map[string]*Full {
	h.t.Helper()
	list, _, err := h.room.List(h.ctx, h.office, Filter{State: model.ArticleDraft}, model.Page{Limit: 100})
	h.must(err)
	out := map[string]*Full{}
	for _, i := range list {
		f, err := h.room.read(h.ctx, i.ID)
		h.must(err)
		out[i.Title] = f
	}
	return out
}

func wantCounts(t *testing.T, r *ImportResult, added, known, failed int) {
	t.Helper()
	if r.Added != added || r.Known != known || r.Failed != failed {
		t.Errorf("added %d, known %d, failed %d; want %d, %d, %d: %+v", r.Added, r.Known, r.Failed, added, known, failed, r.Items)
	}
}

const lawFile = `---
title: 守好患者的信息
category: law
key_points: [告知同意, 最小必要]
visibility: public
doc_no: 国发〔2026〕8号
date: 2026-08-20
source: {name: 中国人大网, url: "http://www.npc.gov.cn/1"}
tags: [学习]
---
第一段。

![图](pic/a.png)
`

func TestImportFolder(t *testing.T) {
	h := newHouse(t)
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String("<html><head><meta charset=gb2312><title>页面名</title></head><body><div>菜单</div><article><h1>支部动态</h1><p>我们去了县医院。</p><img src='p.jpg'><a href='/doc/x.html'>原文</a></article></body></html>")
	h.must(err)
	files := map[string]string{
		"law.md": lawFile, "pic/a.png": "picture", "a/old.html": gbk, "a/p.jpg": "photo",
		"notes.md": "# 只有标题\n\n正文一段。", "noname.md": "没有标题的正文。", ".git/x.md": "隐藏", "a/readme.txt": "别的",
		"comment.html": "<!--\n---\ntitle: 注释里的说明\ncategory: 先进事迹\nvisibility: 公开\nsource_url: https://old.example/n/1.html\nsource_name: 旧网站\n---\n-->\n<p>正文<img src=\"../up/1.png\"></p>",
		"bom.md":       "\xef\xbb\xbf---\r\ntitle: 换行\r\n---\r\n正文\r\n",
	}
	news := func(im *Import) { im.Category = model.CategoryNews }
	trial := h.folder(files, news, func(im *Import) { im.DryRun = true })
	wantCounts(t, trial, 6, 0, 0)
	if n := len(h.drafts()); n != 0 {
		t.Fatalf("a trial wrote %d drafts", n)
	}
	wantCounts(t, h.folder(files, news), 6, 0, 0)
	d := h.drafts()
	law := d["守好患者的信息"]
	if law == nil || law.Category != model.CategoryLaw || law.Visibility != model.VisiblePublic || law.DocNo != "国发〔2026〕8号" || len(law.KeyPoints) != 2 || law.State != model.ArticleDraft ||
		law.SourceName != "中国人大网" || law.SourceURL != "http://www.npc.gov.cn/1" || law.SourceDate != "2026-08-20" || law.AuthorID != h.secretary.MemberID {
		t.Errorf("law: %+v", law)
	} else if !strings.Contains(law.Body.Markdown, "/files/kept") || !strings.Contains(law.Body.HTML, `<img src="/files/kept`) {
		t.Errorf("its picture: %s", law.Body.HTML)
	}
	old := d["支部动态"]
	if old == nil || old.Category != model.CategoryNews || old.Visibility != model.VisibleMembers || strings.Contains(old.Body.HTML, "菜单") || strings.Contains(old.Body.HTML, "支部动态") ||
		!strings.Contains(old.Body.Plain, "我们去了县医院") || !strings.Contains(old.Body.HTML, `<img src="/files/kept`) {
		t.Errorf("old: %+v", old)
	}
	if c := d["注释里的说明"]; c == nil || c.Category != model.CategoryExample || c.SourceURL != "https://old.example/n/1.html" {
		t.Errorf("comment: %+v", c)
	}
	for _, title := range []string{"只有标题", "noname", "换行"} {
		if d[title] == nil || strings.Contains(d[title].Body.HTML, "<h1>") {
			t.Errorf("%s: %+v", title, d[title])
		}
	}

	wantCounts(t, h.folder(files, news), 0, 6, 0) // again
	moved := map[string]string{"elsewhere/new-name.md": lawFile}
	wantCounts(t, h.folder(moved, news), 0, 1, 0) // the same content under another name
	again := h.folder(map[string]string{"law.md": lawFile + "\n补一句。"}, news)
	wantCounts(t, again, 0, 1, 0)
	if len(again.Items[0].Notes) != 1 || !strings.Contains(again.Items[0].Notes[0], "有过改动") {
		t.Errorf("a file that was changed: %+v", again.Items[0])
	}
	h.must(h.room.Delete(h.ctx, h.secretary, d["只有标题"].ID, anyVersion))
	wantCounts(t, h.folder(files, news), 0, 6, 0) // what was thrown away stays away
	wantCounts(t, h.folder(files, news, func(im *Import) { im.OrgID = h.next.ID }), 6, 0, 0)
}

// What is wrong with one file is said of it, all of it, and the others go on.
func TestImportNamesFaultsByFile(t *testing.T) {
	h := newHouse(t)
	h.publish(h.root, "天气晴好的一天", model.VisiblePublic)
	r := h.folder(map[string]string{
		"01.md":         "---\ntitle: 好的\ncategory: news\n---\n正文",
		"02.md":         "---\ntitle: 没有来源\ncategory: central\n---\n正文",
		"03.md":         "---\ntitle: [坏\n---\n正文",
		"04.md":         "---\ntitle: 没有结束\n正文",
		"05.md":         "---\ntitle: 空的\ncategory: news\n---\n",
		"06.md":         "---\ncategory: 不存在的栏目\ntitle: " + strings.Repeat("长", 101) + "\ndate: 去年\n---\n正文",
		"07.md":         "---\ntitle: 没有栏目\n---\n正文",
		"08 秘密★.md":     "---\ntitle: 不能进\ncategory: news\n---\n正文",
		"09.md":         "---\ntitle: 内部资料汇编\ncategory: news\n---\n正文",
		"10.md":         strings.Repeat("字", maxImportFile),
		"11.md":         "---\ntitle: 六条\ncategory: news\nkey_points: [1,2,3,4,5,6]\n---\n正文",
		"12.md":         "---\ntitle: 是非\ncategory: news\npinned: 也许\n---\n正文",
		"13.html":       strings.Repeat("<div>", 2000) + "深",
		"14.md":         "---\ntitle: 最后的\ncategory: news\n---\n正文二",
		"15.md":         "---\ntitle: 天气晴好的一天\ncategory: news\nweather: 晴\n---\n正文三，另一篇。![](没有.png)",
		"16.md":         "----\n标题线\n",
		"17.md":         "---\ntitle: 多横\ncategory: news\n----\n正文",
		"18/nested.htm": "<p>正文</p>",
	})
	want := map[string]string{
		"02.md": "来源名称|来源网址", "03.md": "不是正确的 YAML", "04.md": "没有结束", "05.md": "正文不能为空", "06.md": "认不出来", "07.md": "没有注明栏目", "08 秘密★.md": "涉密或内部资料",
		"09.md": "涉密或内部资料", "10.md": "4 MB", "11.md": "要点最多 5 条", "12.md": "true 或 false", "13.html": "过于复杂", "16.md": "没有注明栏目", "17.md": "单独一行", "18/nested.htm": "没有注明栏目",
	}
	got := map[string]Imported{}
	for _, i := range r.Items {
		got[i.Name] = i
		if (want[i.Name] != "") != (len(i.Faults) > 0) {
			t.Errorf("%s: %v", i.Name, i.Faults)
		}
		for _, part := range strings.Split(want[i.Name], "|") {
			if !strings.Contains(strings.Join(i.Faults, "\n"), part) {
				t.Errorf("%s: %v, want %s", i.Name, i.Faults, part)
			}
		}
	}
	wantCounts(t, r, 3, 0, len(want))
	if notes := strings.Join(got["15.md"].Notes, "\n"); strings.Join(r.Unused, " ") != "weather" || !strings.Contains(notes, "没有.png") || !strings.Contains(notes, "已有同类内容：《天气晴好的一天》（学会党委）") {
		t.Errorf("notes: %s", notes)
	}
	// A file that was refused is imported once it is mended.
	mended := h.folder(map[string]string{"07.md": "---\ntitle: 没有栏目\ncategory: news\n---\n正文"})
	wantCounts(t, mended, 1, 0, 0)
}

func TestImportStandsInSomebodysName(t *testing.T) {
	h := newHouse(t)
	file := map[string]string{"a.md": "# 甲\n\n正文"}
	for _, c := range []struct {
		name   string
		org    string
		author string
		want   string
	}{
		{"the secretary", h.branch.ID, "", h.secretary.Name},
		{"the office stands over a branch without a secretary", h.next.ID, "", h.office.Name},
		{"the nearest over a group", h.group.ID, "", h.secretary.Name},
		{"by name", h.branch.ID, h.office.Name, h.office.Name},
		{"by id", h.root.ID, h.office.MemberID, h.office.Name},
	} {
		r, err := h.room.ImportFolder(h.ctx, Import{OrgID: c.org, Author: c.author, Category: model.CategoryNews, DryRun: true}, folderOf(file), "x", nil)
		if err != nil || r.Author != c.want || r.Added != 1 {
			t.Errorf("%s: %+v %v", c.name, r, err)
		}
	}
	for what, im := range map[string]Import{
		"a member without a role": {OrgID: h.branch.ID, Author: h.member.Name}, "the neighbour's": {OrgID: h.root.ID, Author: h.secretary.Name}, "no such category": {OrgID: h.root.ID, Category: "x"},
	} {
		_, err := h.room.ImportFolder(h.ctx, im, folderOf(file), "x", nil)
		wantCode(t, what, err, model.CodeInvalid)
	}
	_, err := h.room.ImportFolder(h.ctx, Import{OrgID: "none"}, folderOf(file), "x", nil)
	wantCode(t, "no organisation", err, model.CodeNotFound)
}

func TestImportedFilesThatCannotBeKept(t *testing.T) {
	h := newHouse(t)
	files := folderOf(map[string]string{"a.md": "# 甲\n\n[附件](x.pdf) ![](b.png) [别篇](b.md)", "x.pdf": "1", "b.png": "2", "b.md": "# 乙\n\n正文"})
	im := Import{OrgID: h.branch.ID, Category: model.CategoryNews}
	r, err := h.room.ImportFolder(h.ctx, im, files, "x", &drawer{h: h, err: model.BadField("file", "x", "文件已损坏。")})
	h.must(err)
	wantCounts(t, r, 2, 0, 0)
	if notes := strings.Join(r.Items[0].Notes, "\n"); !strings.Contains(notes, "x.pdf 没有导入：文件已损坏。") || !strings.Contains(notes, "b.png") || strings.Contains(notes, "b.md") {
		t.Errorf("notes: %s", notes)
	}
	_, err = h.room.ImportFolder(h.ctx, Import{OrgID: h.next.ID, Category: model.CategoryNews}, files, "x", &drawer{h: h, err: errors.New("disk full")})
	wantCode(t, "the disk is full", err, model.CodeInternal)
	outside := folderOf(map[string]string{"in/a.md": "# 甲\n\n![](../../etc/passwd) ![](/../x.png)"})
	keep := &drawer{h: h}
	if _, err := h.room.ImportFolder(h.ctx, Import{OrgID: h.root.ID, Category: model.CategoryNews}, outside, "x", keep); err != nil || len(keep.kept) != 0 {
		t.Errorf("kept %v, %v", keep.kept, err)
	}
}

const rssFile = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>学会网站</title><link>https://society.example/</link>
<item><title>新的 &amp; 好的</title><link>/news/2.html</link><guid isPermaLink="false">2</guid><pubDate>Fri, 20 Nov 2026 09:00:00 +0800</pubDate>
<description>一句简介</description><content:encoded><![CDATA[<p>全文<script>alert(1)</script></p><p><a href="3.html">下篇</a></p><img src="/up/1.jpg">]]></content:encoded></item>
<item><title>旧的</title><link>https://society.example/news/1.html#top</link><pubDate>not a date</pubDate><description>第一行
第二行</description></item>
<item><title>内部资料：通知</title><link>https://society.example/news/0.html</link><description>x</description></item>
<item><title></title><link>https://society.example/news/9.html</link><description>没有标题</description></item>
</channel></rss>`

const atomFile = `<feed xmlns="http://www.w3.org/2005/Atom"><title>学会网站</title><link href="https://society.example/"/><id>x</id><updated>2026-11-21T00:00:00Z</updated>
<entry><id>tag:2</id><title>新的 &amp; 好的</title><link href="https://society.example/news/2.html"/><updated>2026-11-21T00:00:00Z</updated><content type="html">&lt;p&gt;全文有改动&lt;/p&gt;</content></entry>
<entry><id>tag:3</id><title>第三篇</title><link href="https://society.example/news/3.html"/><published>2026-11-21T20:00:00Z</published><updated>2026-11-22T00:00:00Z</updated><content type="html">&lt;p&gt;第三篇的正文&lt;/p&gt;</content></entry>
</feed>`

func (h *house) feedOf(text string, change ...func(*Import)) *ImportResult {
	h.t.Helper()
	im := Import{OrgID: h.branch.ID, Category: model.CategoryNews}
	for _, c := range change {
		c(&im)
	}
	r, err := h.room.ImportFeed(h.ctx, im, "https://society.example/feed.xml", strings.NewReader(text))
	h.must(err)
	return r
}

func TestImportFeed(t *testing.T) {
	h := newHouse(t)
	wantCounts(t, h.feedOf(rssFile, func(im *Import) { im.DryRun = true }), 2, 0, 2)
	r := h.feedOf(rssFile)
	wantCounts(t, r, 2, 0, 2)
	d := h.drafts()
	a := d["新的 & 好的"]
	if a == nil || a.SourceName != "学会网站" || a.SourceURL != "https://society.example/news/2.html" || a.SourceDate != "2026-11-20" || a.Digest != "一句简介" || a.Category != model.CategoryNews {
		t.Fatalf("%+v", a)
	}
	if strings.Contains(a.Body.HTML, "script") || !strings.Contains(a.Body.HTML, `href="https://society.example/news/3.html"`) || !strings.Contains(a.Body.HTML, `src="https://society.example/up/1.jpg"`) {
		t.Errorf("body: %s", a.Body.HTML)
	}
	if b := d["旧的"]; b == nil || b.SourceDate != "" || b.Body.Plain != "第一行\n第二行" {
		t.Errorf("%+v", b)
	}
	wantCounts(t, h.feedOf(rssFile), 0, 2, 2)
	wantCounts(t, h.feedOf(atomFile), 1, 1, 0) // another kind of feed of the same site
	if c := h.drafts()["第三篇"]; c == nil || c.SourceDate != "2026-11-22" {
		t.Errorf("%+v", c)
	}
	wantCounts(t, h.feedOf(rssFile, func(im *Import) { im.OrgID = h.next.ID }), 2, 0, 2)
}

func TestImportFeedRefusesWhatIsNone(t *testing.T) {
	h := newHouse(t)
	im := Import{OrgID: h.branch.ID, Category: model.CategoryNews}
	for _, text := range []string{"", "<html><p>not a feed</p></html>", "{}", "<rss", strings.Repeat(" ", MaxFeed+1)} {
		_, err := h.room.ImportFeed(h.ctx, im, "", strings.NewReader(text))
		wantCode(t, model.CutRunes(text, 20), err, model.CodeInvalid)
	}
	// Entries that all lead to the same page are told apart by what they say.
	same := `<rss version="2.0"><channel><title>x</title>` +
		`<item><title>一</title><link>https://s.example/</link><description>甲</description></item><item><title>二</title><link>https://s.example/</link><description>乙</description></item></channel></rss>`
	wantCounts(t, h.feedOf(same), 2, 0, 0)
	wantCounts(t, h.feedOf(same), 0, 2, 0)
}

func FuzzImport(f *testing.F) {
	f.Add(lawFile, false)
	f.Add("<!--\n---\ntitle: a\n---\n-->\n<p>x<img data-src=a.png>", true)
	m := newMarkup()
	f.Fuzz(func(t *testing.T, source string, page bool) {
		head, body, err := splitFront(readText([]byte(source)))
		if err != nil {
			return
		}
		if _, _, err := head.input(); err != nil {
			return
		}
		if page {
			d, err := readDocument(body, against("https://s.example/"))
			if err == nil {
				m.fromHTML(d.body)
			}
			return
		}
		title, rest := markdownTitle(body)
		if len(title) > len(body) || len(rest) > len(body) {
			t.Fatalf("%q becomes %q and %q", body, title, rest)
		}
	})
}
