package content

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

func TestCreateMakesWhatIsMissing(t *testing.T) {
	h := newHouse(t)
	h.files["cover"], h.files["att"], h.files["pic"] = h.secretary.MemberID, h.secretary.MemberID, h.secretary.MemberID
	long := strings.Repeat("康复医学为人民服务。", 100) // 900 characters
	due := h.now.Add(72 * time.Hour).In(model.Zone)
	f, err := h.room.Create(h.ctx, h.secretary, h.branch.ID, Input{
		Category: ptr(model.CategoryLaw), Title: ptr("  题\n目  "), BodyMarkdown: ptr("# 头\n\n" + long + "\n\n![图](/files/pic/a.png?e=1&s=2)"), KeyPoints: &[]string{"一", " ", "二"},
		Source: &Source{Name: "国家法律法规数据库", URL: "https://flk.npc.gov.cn/a", Date: "2026-11-01"}, CoverID: ptr("cover"), AttachmentIDs: &[]string{"att", "att"},
		Required: ptr(true), DueAt: &due, DocNo: ptr("主席令〔2026〕 3号"),
	})
	h.must(err)
	if f.State != model.ArticleDraft || f.Version != 1 || f.Title != "题 目" || f.Visibility != model.VisibleMembers || f.ReadingMinutes != 3 || f.Author != h.secretary.Name {
		t.Errorf("%+v", f.Article)
	}
	if n := len([]rune(f.Digest)); n == 0 || n > madeDigest || !strings.HasPrefix(f.Digest, "头 康复") {
		t.Errorf("digest %q", f.Digest)
	}
	wantList(t, "key points", f.KeyPoints, "一", "二")
	if f.CoverURL != "/files/cover/a.pdf?e=1&s=x" || len(f.Attachments) != 1 || f.Attachments[0].ID != "att" || !f.DueAt.Equal(due) || f.DocKey != "主席令[2026]3号" {
		t.Errorf("%+v", f)
	}
	if !strings.Contains(f.Body.HTML, `src="/files/pic/a.pdf?e=1&amp;s=x"`) || !strings.Contains(f.Body.Markdown, "/files/pic/a.png") {
		t.Errorf("body %s", f.Body.HTML)
	}
	stored, err := h.store.ArticleBody(h.ctx, f.ID)
	h.must(err)
	if !strings.Contains(stored.HTML, `src="/files/pic"`) {
		t.Errorf("a signed address was stored: %s", stored.HTML)
	}
	using, err := h.store.ArticlesUsing(h.ctx, "pic")
	h.must(err)
	if len(using) != 1 || using[0].ID != f.ID {
		t.Errorf("the picture is used by %v", using)
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	h := newHouse(t)
	h.files["theirs"] = h.member.MemberID
	due := h.now
	for _, c := range []struct {
		name string
		in   Input
		want string
	}{
		{"nothing", Input{}, "body_markdown title category"},
		{"both bodies", Input{Category: ptr(model.CategoryNews), Title: ptr("题"), BodyMarkdown: ptr("一"), BodyHTML: ptr("二")}, "body_html"},
		{"an empty body", Input{Category: ptr(model.CategoryNews), Title: ptr("题"), BodyHTML: ptr("<script>x</script><p> </p>")}, "body_html"},
		{"everything", Input{
			Category: ptr(model.CategoryCentral), Title: ptr(strings.Repeat("长", 101)), Digest: ptr(strings.Repeat("长", 201)), BodyMarkdown: ptr("文 ![](/files/unknown)"),
			KeyPoints: &[]string{"1", "2", "3", "4", "5", "6"}, Visibility: ptr(model.Visibility("all")), DueAt: &due, CoverID: ptr("theirs"), AttachmentIDs: &[]string{"none"},
			DocNo: ptr(strings.Repeat("号", 101)), ReadingMinutes: ptr(-1),
		}, "key_points title digest doc_no visibility due_at reading_minutes source.name source.url cover_id attachment_ids body_markdown"},
		{"a source that is none", Input{Category: ptr(model.CategoryLaw), Title: ptr("题"), BodyMarkdown: ptr("文"), Source: &Source{Name: "x", URL: "javascript:alert(1)", Date: "2026-13-01"}}, "source.url source.date"},
		{"a source without a name", Input{Category: ptr(model.CategoryNews), Title: ptr("题"), BodyMarkdown: ptr("文"), Source: &Source{URL: "https://a.example"}}, "source.name"},
	} {
		_, err := h.room.Create(h.ctx, h.secretary, h.branch.ID, c.in)
		var fields []string
		if e, ok := err.(*model.Error); ok {
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
		}
		wantList(t, c.name, fields, strings.Fields(c.want)...)
	}
}

func TestWhoWrites(t *testing.T) {
	h := newHouse(t)
	news := func(actor *model.Actor, org *model.Org, c model.Category) error {
		_, err := h.room.Create(h.ctx, actor, org.ID, Input{Category: &c, Title: ptr("题"), BodyMarkdown: ptr("文")})
		return err
	}
	for _, c := range []struct {
		who   string
		actor *model.Actor
		org   *model.Org
		cat   model.Category
		want  model.Code
	}{
		{"stranger", nil, h.branch, model.CategoryNews, model.CodeNotFound},
		{"member", h.member, h.branch, model.CategoryNews, model.CodeForbidden},
		{"secretary", h.secretary, h.branch, model.CategoryTheory, ""},
		{"secretary in the group", h.secretary, h.group, model.CategoryTheory, ""},
		{"secretary at the root", h.secretary, h.root, model.CategoryNews, model.CodeForbidden},
		{"secretary at the neighbour's", h.secretary, h.next, model.CategoryNews, model.CodeNotFound},
		{"leader: news", h.leader, h.group, model.CategoryNews, ""},
		{"leader: theory", h.leader, h.group, model.CategoryTheory, model.CodeForbidden},
		{"leader at the branch", h.leader, h.branch, model.CategoryNews, model.CodeForbidden},
		{"office", h.office, h.next, model.CategoryTheory, ""},
	} {
		if err := news(c.actor, c.org, c.cat); (c.want == "" && err != nil) || (c.want != "" && (err == nil || model.CodeOf(err) != c.want)) {
			t.Errorf("%s: %v, want %q", c.who, err, c.want)
		}
	}
	// A leader's news stay news.
	f, err := h.room.Create(h.ctx, h.leader, h.group.ID, Input{Category: ptr(model.CategoryNews), Title: ptr("题"), BodyMarkdown: ptr("文")})
	h.must(err)
	_, err = h.room.Edit(h.ctx, h.leader, f.ID, anyVersion, Input{Category: ptr(model.CategoryTheory)})
	wantCode(t, "news turned into theory", err, model.CodeForbidden)
	_, err = h.room.Publish(h.ctx, h.leader, f.ID, 0, nil, false)
	h.must(err)
}

func TestEditKeepsVersionsApart(t *testing.T) {
	h := newHouse(t)
	f := h.draft(h.branch, "一", model.VisibleMembers)
	two, err := h.room.Edit(h.ctx, h.secretary, f.ID, 1, Input{Title: ptr("二")})
	h.must(err)
	if two.Version != 2 || two.Title != "二" || two.Body.Markdown != f.Body.Markdown {
		t.Errorf("after an edit: %+v", two)
	}
	_, err = h.room.Edit(h.ctx, h.office, f.ID, 1, Input{Title: ptr("旧")})
	wantCode(t, "a stale edit", err, model.CodeEditConflict)
	_, err = h.room.Edit(h.ctx, h.office, f.ID, -1, Input{Title: ptr("旧")})
	wantCode(t, "a tag that never was", err, model.CodeEditConflict)
	three, err := h.room.Edit(h.ctx, h.office, f.ID, anyVersion, Input{BodyHTML: ptr("<p>新文</p>")})
	h.must(err)
	if three.Version != 3 || three.Digest != "新文" || three.Body.Markdown != "" {
		t.Errorf("after a pasted body: %+v %+v", three.Article, three.Body)
	}
	kept, err := h.room.Edit(h.ctx, h.office, f.ID, 3, Input{Digest: ptr("我的摘要"), ReadingMinutes: ptr(9)})
	h.must(err)
	kept, err = h.room.Edit(h.ctx, h.office, f.ID, kept.Version, Input{BodyMarkdown: ptr("又一文")})
	h.must(err)
	if kept.Digest != "我的摘要" || kept.ReadingMinutes != 9 {
		t.Errorf("what was written by hand was made anew: %+v", kept.Article)
	}
	revisions, _, err := h.room.Revisions(h.ctx, h.secretary, f.ID, model.Page{})
	h.must(err)
	var says []string
	for _, r := range revisions {
		says = append(says, r.Title+r.HTML+r.Editor)
	}
	o, s := h.office.Name, h.secretary.Name
	wantList(t, "revisions", says, "二<p>又一文</p>"+o, "二<p>新文</p>"+o, "二<p>新文</p>"+o, "二<p>正文：一。</p>"+s, "一<p>正文：一。</p>"+o)
	_, _, err = h.room.Revisions(h.ctx, h.member, f.ID, model.Page{})
	wantCode(t, "a member asks for a draft's revisions", err, model.CodeNotFound)
}

// A file that came in with the article stays, also when an editor who does not own it saves.
func TestFilesOfOthersStay(t *testing.T) {
	h := newHouse(t)
	h.files["a"], h.files["b"] = h.office.MemberID, h.secretary.MemberID
	f := h.draft(h.branch, "题", model.VisibleMembers, func(in *Input) { in.AttachmentIDs = &[]string{"a"} })
	f, err := h.room.Edit(h.ctx, h.secretary, f.ID, 1, Input{AttachmentIDs: &[]string{"b", "a"}})
	h.must(err)
	if len(f.Attachments) != 2 || f.Attachments[0].ID != "b" {
		t.Errorf("attachments %v", f.Attachments)
	}
	_, err = h.room.Edit(h.ctx, h.secretary, f.ID, 2, Input{AttachmentIDs: &[]string{"x"}})
	wantCode(t, "another's file", err, model.CodeInvalid)
	f, err = h.room.Edit(h.ctx, h.secretary, f.ID, 2, Input{AttachmentIDs: &[]string{}})
	h.must(err)
	if len(f.Attachments) != 0 {
		t.Errorf("attachments %v, want none", f.Attachments)
	}
}

func TestDeleteIsForDrafts(t *testing.T) {
	h := newHouse(t)
	f := h.draft(h.branch, "题", model.VisibleMembers)
	wantCode(t, "a member deletes a draft", h.room.Delete(h.ctx, h.member, f.ID, 0), model.CodeNotFound)
	h.must(h.room.Delete(h.ctx, h.secretary, f.ID, 0))
	_, err := h.room.Article(h.ctx, h.secretary, f.ID, form)
	wantCode(t, "a deleted draft", err, model.CodeNotFound)
	id := h.publish(h.branch, "题", model.VisibleMembers)
	wantCode(t, "a member deletes what is published", h.room.Delete(h.ctx, h.member, id, 0), model.CodeForbidden)
	wantCode(t, "what is published", h.room.Delete(h.ctx, h.secretary, id, 0), model.CodeConflict)
}

func TestEditorsList(t *testing.T) {
	h := newHouse(t)
	h.publish(h.root, "根发布", model.VisibleMembers)
	h.draft(h.branch, "支部草稿 100%_a", model.VisibleMembers)
	h.publish(h.group, "小组动态", model.VisibleMembers)
	h.draft(h.group, "小组理论", model.VisibleMembers, func(in *Input) { in.Category = ptr(model.CategoryTheory) })
	h.draft(h.next, "邻支部", model.VisibleMembers)
	for _, c := range []struct {
		who   string
		actor *model.Actor
		f     Filter
		want  string
	}{
		{"office", h.office, Filter{}, "邻支部 小组理论 小组动态 支部草稿 根发布"},
		{"secretary", h.secretary, Filter{}, "小组理论 小组动态 支部草稿"},
		{"leader", h.leader, Filter{}, "小组动态"},
		{"member", h.member, Filter{}, ""},
		{"drafts", h.secretary, Filter{State: model.ArticleDraft}, "小组理论 支部草稿"},
		{"the group", h.secretary, Filter{OrgID: h.group.ID}, "小组理论 小组动态"},
		{"theory", h.office, Filter{Category: model.CategoryTheory}, "小组理论"},
		{"by title", h.office, Filter{Title: "0%_"}, "支部草稿"},
		{"by a title with a wildcard that is none", h.office, Filter{Title: "组%论"}, ""},
	} {
		rows, _, err := h.room.List(h.ctx, c.actor, c.f, model.Page{})
		h.must(err)
		var got []string
		for _, r := range rows {
			title, _, _ := strings.Cut(r.Title, " ")
			got = append(got, title)
		}
		wantList(t, c.who, got, strings.Fields(c.want)...)
	}
	_, _, err := h.room.List(h.ctx, h.secretary, Filter{OrgID: h.next.ID}, model.Page{})
	wantCode(t, "the neighbour's list", err, model.CodeNotFound)
	var walked []string
	for p := (model.Page{Limit: 2}); ; {
		rows, next, err := h.room.List(h.ctx, h.office, Filter{}, p)
		h.must(err)
		for _, r := range rows {
			walked = append(walked, r.Title)
		}
		if p.Cursor = next; next == "" {
			break
		}
	}
	if len(walked) != 5 || len(slices.Compact(walked)) != 5 {
		t.Errorf("walked %v", walked)
	}
}

func TestStrangersReadNoNames(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "题", model.VisiblePublic)
	if got := h.page(nil, id); strings.Contains(got, h.office.Name) || !strings.Contains(got, h.branch.Name) {
		t.Errorf("a stranger reads %s", got)
	}
	if got := h.page(h.neighbour, id); !strings.Contains(got, h.office.Name+" members") {
		t.Errorf("a member reads %s", got)
	}
	if got := h.page(h.secretary, id); !strings.Contains(got, " editors") {
		t.Errorf("an editor reads %s", got)
	}
	text, err := h.room.Text(h.ctx, nil, id)
	h.must(err)
	if text != "题\n正文：题。\n" {
		t.Errorf("for listening: %q", text)
	}
}

func TestPlace(t *testing.T) {
	h := newHouse(t)
	at := h.now.Add(-240 * time.Hour)
	var id string
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) (err error) {
		id, err = h.room.Place(h.ctx, tx, Placed{OrgID: h.branch.ID, AuthorID: h.member.MemberID, State: model.ArticlePublished, CreatedAt: at, PublishedAt: &at,
			Input: Input{Category: ptr(model.CategoryNews), Title: ptr("旧事"), BodyMarkdown: ptr("往日")}})
		return err
	}))
	got, _ := h.feed(h.member, "", model.Page{})
	wantList(t, "feed", got, "旧事")
	hits, _, err := h.room.Search(h.ctx, h.member, "往日", "", model.Page{})
	h.must(err)
	if len(hits) != 1 || hits[0].ID != id || !hits[0].PublishedAt.Equal(at.Truncate(time.Millisecond)) {
		t.Errorf("%+v", hits)
	}
}
