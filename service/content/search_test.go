package content

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// found lists the titles of all hits, walking the pages.
func (h *house) found(actor *model.Actor, query string, limit int) []string {
	h.t.Helper()
	var list []string
	for p := (model.Page{Limit: limit}); ; {
		hits, next, err := h.room.Search(h.ctx, actor, query, "", p)
		h.must(err)
		for _, hit := range hits {
			list = append(list, hit.Title)
		}
		if p.Cursor = next; next == "" {
			return list
		}
	}
}

func TestSearchFindsFromOneCharacterToSentences(t *testing.T) {
	h := newHouse(t)
	write := func(title, body string, more ...func(*Input)) {
		h.publish(h.branch, title, model.VisibleMembers, append(more, func(in *Input) { in.BodyMarkdown = &body })...)
	}
	write("心肺康复新进展", "早期活动能改善预后，见 COVID-19 指南第 3 版。")
	write("学习二十届四中全会精神", "全会强调，坚持人民至上；要健全社会保障体系。", func(in *Input) { in.DocNo = ptr("中发〔2026〕8号") })
	write("支部动态", "康复科<b>党员</b>赴县医院义诊。", func(in *Input) { in.KeyPoints = &[]string{"义诊三百人次"} })
	write("甲乙相连", "乙丙也相连。")
	write("臺灣同胞來訪", "學習《黨章》，服務「群眾」；體檢義診。")
	for query, want := range map[string]string{
		"甲乙":       "甲乙相连",
		"台湾同胞":     "臺灣同胞來訪",
		"學習黨章":     "臺灣同胞來訪",
		"学习党章服务群众": "臺灣同胞來訪",
		"義":        "臺灣同胞來訪 支部动态",
		"體检":       "臺灣同胞來訪",
		"堅持人民至上":   "学习二十届四中全会精神",
		"甲乙丙":      "", // both pairs are there, the word is not
		"康":        "支部动态 心肺康复新进展",
		"康复":       "支部动态 心肺康复新进展",
		"复康":       "",
		"康复 义诊":    "支部动态",
		"肺康复新进":    "心肺康复新进展",
		"covid":    "心肺康复新进展",
		"ＣＯＶＩＤ－１９": "心肺康复新进展",
		"cov":      "",
		"全会强调，坚持人民至上；要健全社会保障体系。": "学习二十届四中全会精神",
		"全会强调坚持人民至上要健全社会保障体系":    "学习二十届四中全会精神",
		"全会强调坚持人民至上要健全社会治理体系":    "",
		"三百人次":                       "支部动态",
		"中发2026":                     "学习二十届四中全会精神",
		"，。！":                        "",
		"   ":                        "",
		"%":                          "",
		"' OR 1=1 --":                "",
		"党员赴县医院":                     "支部动态",
		strings.Repeat("康复", 40):     "",
		"早期活动 预后 指南":                 "心肺康复新进展",
		"早期活动\x00 <script>\u202e 预后": "",
	} {
		wantList(t, fmt.Sprintf("%q", query), h.found(h.member, query, 20), strings.Fields(want)...)
	}
	hits, _, err := h.room.Search(h.ctx, h.member, "康复", model.CategoryLaw, model.Page{})
	h.must(err)
	if len(hits) != 0 {
		t.Errorf("in another category: %v", hits)
	}
	_, _, err = h.room.Search(h.ctx, h.member, "康复", "", model.Page{Cursor: model.Cursor("feed", 1)})
	wantCode(t, "a foreign cursor", err, model.CodeInvalid)
}

func TestSearchShowsOnlyWhatTheCallerMaySee(t *testing.T) {
	h := newHouse(t)
	for _, o := range []struct {
		org    *model.Org
		letter string
	}{{h.root, "r"}, {h.branch, "b"}, {h.group, "g"}, {h.next, "n"}} {
		for v, letter := range map[model.Visibility]string{model.VisiblePublic: "p", model.VisibleMembers: "m", model.VisibleParty: "P", model.VisibleCommittee: "c"} {
			h.publish(o.org, o.letter+letter, v)
		}
	}
	h.draft(h.branch, "draft", model.VisiblePublic)
	for _, c := range []struct {
		who   string
		actor *model.Actor
		want  string
	}{
		{"stranger", nil, "rp bp gp np"},
		{"visitor", h.visitor, "rp bp gp np"},
		{"layman", h.layman, "rm rp bm bp gp np"},
		{"member", h.member, "rm rp rP bm bp bP gp np"},
		{"leader", h.leader, "rm rp rP bm bp bP gm gp gP gc np"},
		{"secretary", h.secretary, "rm rp rP rc bm bp bP bc gm gp gP gc np"},
		{"office", h.office, "rm rp rP rc bm bp bP bc gm gp gP gc nm np nP nc"},
	} {
		got := h.found(c.actor, "正文", 3)
		seen := map[string]bool{}
		for _, title := range got {
			seen[title] = true
		}
		for _, title := range strings.Fields(c.want) {
			if !seen[title] {
				t.Errorf("%s does not find %s", c.who, title)
			}
			delete(seen, title)
		}
		if len(seen) > 0 || len(got) != len(strings.Fields(c.want)) {
			t.Errorf("%s finds %v, and %v too much", c.who, got, seen)
		}
	}
}

func TestSearchFollowsEdits(t *testing.T) {
	h := newHouse(t)
	id := h.publish(h.branch, "旧题", model.VisibleMembers)
	_, err := h.room.Edit(h.ctx, h.secretary, id, 1, Input{Title: ptr("新颖之题"), BodyMarkdown: ptr("改过的文字")})
	h.must(err)
	wantList(t, "the old words", h.found(h.member, "正文", 20))
	wantList(t, "the new words", h.found(h.member, "改过", 20), "新颖之题")
	// The index is lost, and made again; what is left over of others goes.
	h.must(h.store.IndexArticle(h.ctx, id, nil))
	h.must(h.store.IndexArticle(h.ctx, "gone", []string{"改过"}))
	wantList(t, "without an index", h.found(h.member, "改过", 20))
	n, err := h.room.RebuildSearch(h.ctx)
	h.must(err)
	if n != 1 {
		t.Errorf("rebuilt %d", n)
	}
	wantList(t, "after rebuilding", h.found(h.member, "改过", 20), "新颖之题")
	ids, err := h.store.ArticlesSharing(h.ctx, []string{"改过"}, 10, 10)
	h.must(err)
	wantList(t, "postings", ids, id)
}

// An index of another version is written anew piece by piece, by several replicas, and not again once it is done.
func TestIndexOfAnotherFormIsWrittenAnew(t *testing.T) {
	h := newHouse(t)
	var ids []string
	for i := range 25 {
		ids = append(ids, h.publish(h.branch, fmt.Sprint("第", i), model.VisibleMembers))
	}
	h.draft(h.branch, "草稿", model.VisibleMembers)
	for _, form := range []string{"", "1", "1/" + ids[20]} {
		for _, id := range ids {
			h.must(h.store.IndexArticle(h.ctx, id, []string{"旧"}))
		}
		h.must(h.store.IndexArticle(h.ctx, "gone", []string{"正文"}))
		h.must(h.store.PutSetting(h.ctx, indexSetting, form, h.now))
		rooms := []*Service{New(h.store, h.box, h.files, nil, h.clock), New(h.store, h.box, h.files, nil, h.clock)}
		for turn := range 5 { // three for 26 articles, one that finds no more, one that does nothing
			h.must(rooms[turn%2].KeepIndex(h.ctx))
			if got, want := len(h.found(h.member, "正文", 100)), min(25, (turn+1)*indexAtOnce); got != want {
				t.Errorf("from %q: after turn %d %d are found, want %d", form, turn, got, want)
			}
		}
		at, err := h.store.Setting(h.ctx, indexSetting)
		h.must(err)
		left, err := h.store.ArticlesSharing(h.ctx, []string{"旧"}, 10, 10)
		h.must(err)
		if at != indexForm || len(left) != 0 || !rooms[0].indexed.Load() {
			t.Errorf("from %q: in the end %q, left %v", form, at, left)
		}
	}
	// Where another replica has gone on meanwhile, this one leaves it to it.
	mine, err := h.store.SwapSetting(h.ctx, indexSetting, "1", "2 x", h.now)
	h.must(err)
	if mine {
		t.Error("a setting of another value was written")
	}
	// The command leaves nothing for the job.
	h.must(h.store.PutSetting(h.ctx, indexSetting, "1", h.now))
	_, err = h.room.RebuildSearch(h.ctx)
	h.must(err)
	at, err := h.store.Setting(h.ctx, indexSetting)
	h.must(err)
	if at != indexForm {
		t.Errorf("after the command %q", at)
	}
}

func TestHighlight(t *testing.T) {
	words := queryWords("康复 a&b")
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"讲<康复>"}, "讲&lt;<em>康复</em>&gt;"},
		{[]string{"没有", "康复"}, "<em>康复</em>"},
		{[]string{"康。复 A & B"}, "<em>康。复</em> <em>A &amp; B</em>"},
		{[]string{"<script>", "x"}, ""},
		{[]string{strings.Repeat("前", 20) + "康复" + strings.Repeat("后", 100)}, "…" + strings.Repeat("前", 16) + "<em>康复</em>" + strings.Repeat("后", 62) + "…"},
	} {
		at, _ := locate(c.fields, words)
		if got := at.marked(words); got != c.want {
			t.Errorf("%q gives %q, want %q", c.fields, got, c.want)
		}
	}
}

func FuzzSearchQuery(f *testing.F) {
	for _, s := range []string{"康复", "a b", "，", "\x00", "İıſ", "\u202e康", "<em>", "𠀀𠀁", "e\u0301"} {
		f.Add(s, "心肺康复 <b>A</b> &amp; İstanbul")
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		if len(query) > 300 || len(text) > 1000 {
			return
		}
		words := queryWords(query)
		out := ""
		if at, ok := locate([]string{text}, words); ok {
			out = at.marked(words)
		}
		plain := strings.NewReplacer("<em>", "", "</em>", "").Replace(out)
		if strings.ContainsAny(plain, "<>\"") {
			t.Fatalf("%q in %q gives %q", query, text, out)
		}
		if len(queryTerms(query)) > maxTerms {
			t.Fatalf("%d terms", len(queryTerms(query)))
		}
		// What holds the query must have all its terms, or it would never be looked at.
		body := model.CleanText(text + " " + query)
		have := map[string]bool{}
		for _, term := range model.Bigrams(body) {
			have[term] = true
		}
		for _, term := range queryTerms(query) {
			if !have[term] {
				t.Fatalf("%q is not among the terms of a text that ends with %q", term, query)
			}
		}
	})
}

func TestSimilar(t *testing.T) {
	h := newHouse(t)
	h.publish(h.branch, "深入学习贯彻党的二十届四中全会精神", model.VisibleMembers)
	h.draft(h.branch, "另一件事", model.VisibleMembers, func(in *Input) { in.DocNo = ptr("中发〔2026〕8号") })
	h.publish(h.next, "学习贯彻党的二十届四中全会精神", model.VisibleMembers)
	for _, c := range []struct{ title, doc, want string }{
		{"学习贯彻党的二十届四中全会精神", "", "深入学习贯彻党的二十届四中全会精神:title"},
		{"", "中发[2026] 8号", "另一件事:doc_no"},
		{"深入学习党的四中全会精神", "中发（2026）8号", "另一件事:doc_no 深入学习贯彻党的二十届四中全会精神:title"},
		{"组织义诊", "", ""},
		{"", "", ""},
	} {
		list, err := h.room.Similar(h.ctx, h.secretary, c.title, c.doc)
		h.must(err)
		var got []string
		for _, s := range list {
			got = append(got, s.Title+":"+s.Reason)
			if s.OrgName != h.branch.Name {
				t.Errorf("%s is of %q", s.Title, s.OrgName)
			}
		}
		wantList(t, c.title+c.doc, got, strings.Fields(c.want)...)
	}
}

// Hundreds of articles that all hold the word: a page is answered without reading them all.
func TestSearchOfACommonWordIsQuick(t *testing.T) {
	h := newHouse(t)
	body := strings.Repeat("坚持以人民为中心，推进康复事业发展。", 60)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range 400 {
			at := h.now.Add(time.Duration(i) * time.Second)
			_, err := h.room.Place(h.ctx, tx, Placed{OrgID: h.branch.ID, AuthorID: h.member.MemberID, State: model.ArticlePublished, CreatedAt: at, PublishedAt: &at,
				Input: Input{Category: ptr(model.CategoryNews), Title: ptr(fmt.Sprint("第", i)), BodyMarkdown: &body}})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	for _, query := range []string{"康", "人民", "坚持以人民为中心 推进康复事业发展"} {
		start := time.Now()
		for range 10 {
			hits, next, err := h.room.Search(h.ctx, h.member, query, "", model.Page{})
			h.must(err)
			if len(hits) != 20 || next == "" || hits[0].Title != "第399" {
				t.Fatalf("%s: %d hits", query, len(hits))
			}
		}
		if each := time.Since(start) / 10; each > time.Second { // 8 ms here; the bound only catches what is far out
			t.Errorf("%s takes %s", query, each)
		} else {
			t.Logf("%s takes %s", query, each)
		}
	}
}
