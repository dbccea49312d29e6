package content

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
)

// essay is a text of about so many characters, no two sentences of it alike.
func essay(seed string, chars int) string {
	var b strings.Builder
	for i := 0; model.CountChars(b.String()) < chars; i++ {
		fmt.Fprintf(&b, "%s第%d条要求，各党支部围绕康复服务%c%c开展学习讨论。", seed, i, rune(0x4e00+i*37%2000), rune(0x5e00+i*53%2000))
	}
	return b.String()
}

func TestAssessTellsWhatAnEditorShouldKnow(t *testing.T) {
	h := newHouse(t)
	minutes := func(n int) func(*Input) { return func(in *Input) { in.ReadingMinutes = &n } }
	h.publish(h.branch, "本月已发", model.VisibleMembers, minutes(20))
	h.publish(h.root, "上级必学", model.VisibleMembers, minutes(15), func(in *Input) { in.Required = ptr(true) })
	h.publish(h.root, "上级选读", model.VisibleMembers, minutes(30))
	h.publish(h.next, "邻支部", model.VisibleMembers, minutes(30))
	later := h.draft(h.branch, "月底发布", model.VisibleMembers, minutes(10))
	_, err := h.room.Publish(h.ctx, h.secretary, later.ID, 0, ptr(h.now.Add(48*time.Hour)), false)
	h.must(err)
	h.draft(h.branch, "草稿不算", model.VisibleMembers, minutes(50))
	now := h.now
	h.now = h.now.AddDate(0, -1, 0)
	h.publish(h.branch, "上月", model.VisibleMembers, minutes(40))
	h.now = now

	as, err := h.room.Assess(h.ctx, h.secretary, h.branch.ID, "", Input{
		Category: ptr(model.CategoryCentral), Title: ptr("学习要求"), BodyHTML: ptr("<p style='color:red'>" + essay("新", 6900) + `</p><img src="file:///C:/a.png">`), DocNo: ptr("中发[2026]第08 号"),
		KeyPoints: &[]string{"一", "二", "三", "四", "五", "六"}, Required: ptr(true), DueAt: ptr(h.now.Add(-time.Hour)),
	})
	h.must(err)
	if as.Minutes != 18 || as.Chars < 6900 || as.Digest == "" || as.DocNo != "中发〔2026〕8号" || strings.Contains(as.HTML, "style") || !strings.HasPrefix(as.HTML, "<p>新第0条") {
		t.Errorf("%d minutes, %d characters, %q, %q, %.40s", as.Minutes, as.Chars, as.Digest, as.DocNo, as.HTML)
	}
	if b := as.Budget; b != (model.StudyBudget{Month: "2026-11", Minutes: 60, Own: 30, Above: 15}) || b.Left() != 15 {
		t.Errorf("budget %+v", b)
	}
	var faults []string
	for _, f := range as.Faults {
		faults = append(faults, f.Field+" "+f.Code)
	}
	wantList(t, "faults", faults, "key_points too_many", "source.name required", "source.url required")
	said := strings.Join(as.Warnings, "\n")
	for _, want := range []string{"读完约需 18 分钟，超过 3 分钟", "将超出 3 分钟", "截止时间已经过去", "1 张图片在您的电脑上"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	// A short one within the budget has nothing to be warned of; what is kept already does not count against itself.
	as, err = h.room.Assess(h.ctx, h.secretary, h.branch.ID, later.ID, Input{Title: ptr("短讯"), BodyMarkdown: ptr("今晚学习。"), ReadingMinutes: ptr(0)})
	h.must(err)
	if len(as.Warnings)+len(as.Similar) != 0 || as.Budget.Own != 20 || as.Minutes != 1 {
		t.Errorf("%+v", as)
	}
	for _, c := range []struct {
		what    string
		actor   *model.Actor
		org     string
		article string
		want    model.Code
	}{
		{"a member", h.member, h.branch.ID, "", model.CodeForbidden}, {"the neighbours' branch", h.secretary, h.next.ID, "", model.CodeNotFound},
		{"no organisation", h.secretary, "", "", model.CodeNotFound}, {"no article", h.secretary, h.branch.ID, "none", model.CodeNotFound},
		{"the leader for the branch", h.leader, h.branch.ID, "", model.CodeForbidden},
	} {
		_, err := h.room.Assess(h.ctx, c.actor, c.org, c.article, Input{})
		wantCode(t, c.what, err, c.want)
	}
	_, err = h.room.Assess(h.ctx, h.leader, h.group.ID, "", Input{})
	h.must(err)
}

func TestWhatIsThereAlreadyIsFoundByItsText(t *testing.T) {
	h := newHouse(t)
	text := essay("甲", 1500)
	there := h.publish(h.root, "关于加强学习的通知", model.VisibleMembers, func(in *Input) { in.BodyMarkdown = &text })
	h.publish(h.root, "别的事情", model.VisibleMembers, func(in *Input) {
		in.BodyMarkdown = ptr(strings.Repeat("会议定于周五晚上召开，请准时参加并做好准备。", 9))
	})
	mine := h.draft(h.branch, "另起的题目", model.VisibleMembers, func(in *Input) { in.BodyMarkdown = &text })
	changed := strings.Replace(text, "康复服务", "康复事业", 3) + "以上请遵照执行。"
	as, err := h.room.Assess(h.ctx, h.secretary, h.branch.ID, mine.ID, Input{Title: ptr("关于加强学习的 通知！"), BodyMarkdown: &changed})
	h.must(err)
	if len(as.Similar) != 1 || as.Similar[0].ID != there || !as.Similar[0].Relayable || as.Similar[0].OrgName != h.root.Name {
		t.Fatalf("%+v", as.Similar)
	}
	if why := strings.Join(as.Similar[0].Why, "，"); !strings.HasPrefix(why, "标题相同，正文相似 9") {
		t.Errorf("because %s", why)
	}
	if said := strings.Join(as.Warnings, "\n"); !strings.Contains(said, "已有同类内容：《关于加强学习的通知》（学会党委，标题相同，正文相似 9") || !strings.Contains(said, "可以转发") {
		t.Error(said)
	}
	// Another's draft of the same text is found by its editors alone, and not offered to be passed on.
	as, err = h.room.Assess(h.ctx, h.office, h.root.ID, there, Input{Title: ptr("无关"), BodyMarkdown: &text})
	h.must(err)
	if len(as.Similar) != 1 || as.Similar[0].ID != mine.ID || as.Similar[0].Relayable || as.Similar[0].Why[0] != "正文相同" {
		t.Errorf("the office finds %+v", as.Similar)
	}
	// After an edit the draft is like it no more; the index can be lost and made again.
	_, err = h.room.Edit(h.ctx, h.secretary, mine.ID, 1, Input{BodyMarkdown: ptr(strings.Repeat("全新的内容，与前文没有任何关系可言，讲的是春节慰问困难党员。", 6))})
	h.must(err)
	h.must(h.store.SetArticlePrints(h.ctx, there, nil))
	found := func() int {
		list, err := h.room.similar(h.ctx, h.office, Likely{Plain: text})
		h.must(err)
		return len(list)
	}
	if n := found(); n != 0 {
		t.Errorf("%d found without an index", n)
	}
	_, err = h.room.RebuildSearch(h.ctx)
	h.must(err)
	if n := found(); n != 1 {
		t.Errorf("%d found after rebuilding", n)
	}
}

func TestCorrectionsAreShownToReaders(t *testing.T) {
	h := newHouse(t)
	f := h.draft(h.branch, "通知", model.VisiblePublic, func(in *Input) { in.BodyMarkdown = ptr("周五开会。\n\n地点另告。\n\n请准时。") })
	_, err := h.room.Edit(h.ctx, h.secretary, f.ID, 1, Input{Correction: ptr("写错了")})
	wantCode(t, "a correction of a draft", err, model.CodeInvalid)
	_, err = h.room.Publish(h.ctx, h.secretary, f.ID, 7, nil, false)
	wantCode(t, "publishing what was not read", err, model.CodeEditConflict)
	_, err = h.room.Publish(h.ctx, h.secretary, f.ID, 1, nil, false)
	h.must(err)
	_, err = h.room.Edit(h.ctx, h.secretary, f.ID, 1, Input{BodyMarkdown: ptr("周五开会。\n\n地点另告。\n\n请准时参加。")}) // a slip of the pen
	h.must(err)
	h.now = h.now.Add(time.Hour)
	got, err := h.room.Edit(h.ctx, h.secretary, f.ID, 2, Input{Title: ptr("会议通知"), BodyMarkdown: ptr("周六开会。\n\n请准时参加。\n\n可以线上。"), Correction: ptr("会议改在周六，\n特此更正。")})
	h.must(err)
	if len(got.Corrections) != 1 || got.Corrections[0].Text != "会议改在周六， 特此更正。" || !got.Corrections[0].At.Equal(h.now) {
		t.Errorf("%+v", got.Corrections)
	}
	text, err := h.room.Text(h.ctx, nil, f.ID)
	h.must(err)
	if !strings.Contains(text, "更正说明：会议改在周六") {
		t.Error(text)
	}
	_, err = h.room.Edit(h.ctx, h.secretary, f.ID, 3, Input{Correction: ptr(strings.Repeat("长", 301))})
	wantCode(t, "a long correction", err, model.CodeInvalid)

	d, err := h.room.Differences(h.ctx, h.secretary, f.ID, 3)
	h.must(err)
	want := []Difference{
		{"title", "changed", "通知", "会议通知"}, {"digest", "changed", "周五开会。 地点另告。 请准时参加。", "周六开会。 请准时参加。 可以线上。"},
		{"body", "changed", "周五开会。", "周六开会。"}, {"body", "removed", "地点另告。", ""}, {"body", "added", "", "可以线上。"},
	}
	if fmt.Sprint(d.List) != fmt.Sprint(want) || d.Against != 2 || d.Correction == "" {
		t.Errorf("%+v, want %v", d, want)
	}
	d, err = h.room.Differences(h.ctx, h.secretary, f.ID, 1)
	h.must(err)
	if d.Against != 0 || len(d.List) != 0 {
		t.Errorf("the first version: %+v", d)
	}
	_, err = h.room.Differences(h.ctx, h.secretary, f.ID, 9)
	wantCode(t, "no such version", err, model.CodeNotFound)
	_, err = h.room.Differences(h.ctx, h.member, f.ID, 2)
	wantCode(t, "a member", err, model.CodeForbidden)
	_, err = h.room.Withdraw(h.ctx, h.secretary, f.ID, 1)
	wantCode(t, "withdrawing what was not read", err, model.CodeEditConflict)
	wantCode(t, "deleting what was not read", h.room.Delete(h.ctx, h.secretary, h.draft(h.branch, "稿", model.VisibleMembers).ID, 2), model.CodeEditConflict)
}

// gallery keeps what can be had, and counts how often it was asked.
type gallery struct {
	mu    sync.Mutex
	files shelfOfFiles
	asked []string
}

func (g *gallery) Take(_ context.Context, actor *model.Actor, address string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, address)
	name, ok := strings.CutPrefix(address, "https://good.example/")
	if !ok {
		if name, ok = strings.CutPrefix(address, "http://plain.example/"); !ok {
			return "", errors.New("not there")
		}
	}
	g.files["got-"+name] = actor.MemberID
	return "got-" + name, nil
}

func (g *gallery) Keep(_ context.Context, actor *model.Actor, picture []byte) (string, error) {
	if string(picture) == "no picture" {
		return "", errors.New("no picture")
	}
	id := "pasted-" + string(picture[:min(len(picture), 9)])
	g.asked = append(g.asked, id)
	g.files[id] = actor.MemberID
	return id, nil
}

func TestPicturesInAPasteAreKept(t *testing.T) {
	h := newHouse(t)
	g := &gallery{files: h.files}
	h.room.FetchPictures(g)
	data := func(kind, s string) string {
		return "data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString([]byte(s))
	}
	body := `<p>前<img alt="a" src="` + data("png", "one") + `">中<img src="` + data("JPEG", "two") + `"><img src="` + data("png", "one") + `"></p><p>后<img src="` +
		data("png", "no picture") + `"><img src="` + data("svg+xml", "<svg/>") + `"><img src="data:image/png;base64,*"><img src="data:text/html,x"></p>`
	f := h.draft(h.branch, "图", model.VisibleMembers, func(in *Input) { in.BodyMarkdown, in.BodyHTML = nil, &body })
	one, two := `src="/files/pasted-one/a.pdf?e=1&amp;s=x"`, `src="/files/pasted-two/a.pdf?e=1&amp;s=x"`
	if want := `<p>前<img alt="a" ` + one + `>中<img ` + two + `><img ` + one + `></p><p>后</p>`; f.Body.HTML != want {
		t.Errorf("%s\nwant %s", f.Body.HTML, want)
	}
	if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "4 张粘贴的图片无法识别") || len(g.asked) != 2 {
		t.Errorf("notes %q, asked %q", f.Notes, g.asked)
	}
	used, err := h.store.ArticleFiles(h.ctx, f.ID)
	h.must(err)
	wantList(t, "files", using(used, model.FileBody), "pasted-one", "pasted-two")
	// Looked at alone, nothing is kept and the picture shows.
	g.asked = nil
	as, err := h.room.Assess(h.ctx, h.secretary, h.branch.ID, "", Input{BodyHTML: &body})
	h.must(err)
	if len(g.asked) != 0 || !strings.Contains(as.HTML, `src="`+data("png", "one")+`"`) || strings.Contains(as.HTML, pastedPrefix) || strings.Contains(as.HTML, "svg") {
		t.Errorf("asked %q for %s", g.asked, as.HTML)
	}
	// The bytes of a picture are no characters of the text, and Markdown keeps the file's address.
	large := "字![x](" + data("png", strings.Repeat("x", 300_000)) + ")"
	got, err := h.room.Edit(h.ctx, h.office, f.ID, 1, Input{BodyMarkdown: &large})
	h.must(err)
	if got.Body.Markdown != "字![x](/files/pasted-xxxxxxxxx)" || len(got.Notes) != 0 {
		t.Errorf("%.60q %q", got.Body.Markdown, got.Notes)
	}
	// What is too large or too many is told as that.
	crowd := `<p>字<img src="` + data("png", strings.Repeat("x", maxPasted+1)) + `">`
	for i := range maxRemote + 2 {
		crowd += `<img src="` + data("webp", fmt.Sprint("p", i)) + `">`
	}
	as, err = h.room.Assess(h.ctx, h.secretary, h.branch.ID, "", Input{BodyHTML: &crowd})
	h.must(err)
	said := strings.Join(as.Warnings, "\n")
	if !strings.Contains(said, "有 1 张粘贴的图片超过 5 MB") || !strings.Contains(said, "最多随文带入 30 张粘贴的图片，有 2 张没有带过来") || strings.Contains(said, "您的电脑上") {
		t.Error(said)
	}
	for what, only := range map[string]string{"no picture": data("png", "no picture"), "too large": data("png", strings.Repeat("x", maxPasted+1))} {
		_, err = h.room.Edit(h.ctx, h.office, f.ID, 2, Input{BodyHTML: ptr(`<img src="` + only + `">`)})
		wantCode(t, what, err, model.CodeInvalid)
	}
}

func TestRemotePicturesAreFetchedOnceAndKept(t *testing.T) {
	h := newHouse(t)
	g := &gallery{files: h.files}
	h.room.FetchPictures(g)
	f := h.draft(h.branch, "图", model.VisibleMembers, func(in *Input) {
		in.BodyMarkdown = nil
		in.BodyHTML = ptr(`<p>前<img alt="a" src="https://good.example/a"><img src="https://bad.example/b"><img data-src="http://plain.example/c"></p><p><img src="https://good.example/a">后<img src="file:///d"></p>`)
	})
	if want := `<p>前<img alt="a" src="/files/got-a/a.pdf?e=1&amp;s=x"><img src="/files/got-c/a.pdf?e=1&amp;s=x"></p><p><img src="/files/got-a/a.pdf?e=1&amp;s=x">后</p>`; f.Body.HTML != want {
		t.Errorf("%s\nwant %s", f.Body.HTML, want)
	}
	if len(f.Notes) != 2 || !strings.Contains(f.Notes[0], "1 张图片在您的电脑上") || !strings.Contains(f.Notes[1], "1 张外部图片没有取到") {
		t.Errorf("notes %q", f.Notes)
	}
	if len(g.asked) != 4 { // a, b, and c with TLS and without
		t.Errorf("asked %q", g.asked)
	}
	used, err := h.store.ArticleFiles(h.ctx, f.ID)
	h.must(err)
	wantList(t, "files", using(used, model.FileBody), "got-a", "got-c")
	// What was kept is not fetched again, also not out of Markdown.
	g.asked = nil
	body := "![x](https://good.example/m)"
	got, err := h.room.Edit(h.ctx, h.office, f.ID, 1, Input{BodyMarkdown: &body})
	h.must(err)
	if got.Body.Markdown != "![x](/files/got-m)" || len(g.asked) != 1 || len(got.Notes) != 0 {
		t.Errorf("%q, asked %q, notes %q", got.Body.Markdown, g.asked, got.Notes)
	}
	_, err = h.room.Edit(h.ctx, h.office, f.ID, 2, Input{BodyMarkdown: &got.Body.Markdown})
	h.must(err)
	if len(g.asked) != 1 {
		t.Errorf("asked again: %q", g.asked)
	}
	_, err = h.room.Edit(h.ctx, h.office, f.ID, 3, Input{BodyHTML: ptr(`<img src="https://bad.example/only">`)})
	wantCode(t, "nothing left", err, model.CodeInvalid)
}
