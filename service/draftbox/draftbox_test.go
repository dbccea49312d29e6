package draftbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/draftbox"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	errDown    = model.Fail(model.CodeWechatDown, "微信服务暂时不可用，请稍后再试。")
	errUnclear = model.Fail(model.CodeWechatDown, "微信没有应答。")
	errGone    = model.Fail(model.CodeRejected, "40007")
)

// box is a draft box of a few lines.
type box struct {
	mu      sync.Mutex
	app     string
	drafts  map[string]draftbox.Draft
	covers  map[string]bool
	texts   int
	serial  int
	fault   map[string]error // by the name of a call; the call does not happen
	lost    map[string]error // it happens, but the answer is lost
	calls   []string
	blocked chan struct{} // AddDraft waits for it, where it is set
	entered chan struct{}
}

func newBox() *box {
	return &box{app: "wx1", drafts: map[string]draftbox.Draft{}, covers: map[string]bool{}, fault: map[string]error{}, lost: map[string]error{}}
}

func (b *box) AppID() string { return b.app }

func (b *box) call(name string) error {
	b.calls = append(b.calls, name)
	return b.fault[name]
}

func (b *box) AddDraft(_ context.Context, d draftbox.Draft) (string, error) {
	if b.blocked != nil {
		b.entered <- struct{}{}
		<-b.blocked
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.call("add"); err != nil {
		return "", err
	}
	if !b.covers[d.Cover] {
		return "", errGone
	}
	b.serial++
	id := fmt.Sprint("draft-", b.serial)
	b.drafts[id] = d
	if err := b.lost["add"]; err != nil {
		return "", err
	}
	return id, nil
}

func (b *box) UpdateDraft(_ context.Context, id string, d draftbox.Draft) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.call("update"); err != nil {
		return err
	}
	if _, ok := b.drafts[id]; !ok || !b.covers[d.Cover] {
		return errGone
	}
	b.drafts[id] = d
	return nil
}

func (b *box) FindDraft(_ context.Context, source, title string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.call("find"); err != nil {
		return "", err
	}
	for id, d := range b.drafts {
		if d.SourceURL == source && (source != "" || d.Title == title) {
			return id, nil
		}
	}
	return "", nil
}

func (b *box) TextPicture(_ context.Context, p draftbox.Picture) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.call("text"); err != nil {
		return "", err
	}
	b.texts++
	return fmt.Sprintf("http://mmbiz.qpic.cn/%d-%s", b.texts, p.Name), nil
}

func (b *box) CoverPicture(_ context.Context, p draftbox.Picture) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.call("cover"); err != nil {
		return "", err
	}
	if _, _, err := image.Decode(bytes.NewReader(p.Bytes)); err != nil {
		return "", err
	}
	id := fmt.Sprint("cover-", len(b.covers)+1)
	b.covers[id] = true
	return id, nil
}

func (b *box) Why(err error) draftbox.Why {
	switch {
	case errors.Is(err, errGone):
		return draftbox.Gone
	case errors.Is(err, errUnclear):
		return draftbox.Unclear
	}
	return draftbox.Refused
}

// files are pictures by their ids.
type files map[string][]byte

func (f files) Public(_ context.Context, id string, width int) (*model.Upload, io.ReadCloser, error) {
	b, ok := f[id]
	if !ok {
		return nil, nil, model.NotFound("这个文件")
	}
	mime := model.MIMEPNG
	if bytes.HasPrefix(b, []byte("\xff\xd8")) {
		mime = model.MIMEJPEG
	}
	return &model.Upload{ID: id, MIME: mime}, io.NopCloser(bytes.NewReader(b)), nil
}

type house struct {
	*testing.T
	ctx   context.Context
	now   time.Time
	store *store.Store
	box   *box
	files files
	room  *draftbox.Service
	sec   *model.Actor
}

func newHouse(t *testing.T) *house {
	h := &house{T: t, ctx: context.Background(), now: storetest.Now(), box: newBox(), files: files{}}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	h.must(h.store.AddOrg(h.ctx, &model.Org{ID: "a", Kind: model.OrgBranch, Name: "心肺康复专业委员会功能型党支部委员会", Path: "/r/a/"}))
	h.room = draftbox.New(h.store, h.box, h.files, clock, draftbox.Options{BaseURL: "https://zhibu.example.org", Limits: draftbox.Limits{
		Title: 32, Author: 16, Digest: 120, Content: 20_000, Bytes: 1 << 20, Picture: 1 << 20,
	}})
	h.sec = &model.Actor{SessionID: "s", MemberID: "sec", Powers: []model.Power{{OrgID: "a", Path: "/r/a/", Role: model.RoleSecretary}}}
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) article(body string, more ...func(*model.Article)) *model.Article {
	h.Helper()
	a := &model.Article{ID: store.NewID(), OrgID: "a", OrgPath: "/r/a/", Category: model.CategoryNews, Title: "支部开展康复服务行", Digest: "摘要", Visibility: model.VisiblePublic,
		State: model.ArticlePublished, Version: 1}
	for _, m := range more {
		m(a)
	}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID, HTML: body}))
	return a
}

func (h *house) code(err error, want model.Code) {
	h.Helper()
	if err == nil || model.CodeOf(err) != want {
		h.Errorf("got %v, want %s", err, want)
	}
}

// picture is a small PNG of one colour.
func picture(t *testing.T, shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnArticleGoesIntoTheBoxOnceAndIsWrittenAnew(t *testing.T) {
	h := newHouse(t)
	h.files["p1"], h.files["p2"], h.files["p3"] = picture(t, 1), picture(t, 2), picture(t, 1) // two of the same bytes
	a := h.article(`<h1>标题</h1><p>一 <img src="/files/p1" alt="图"/></p><p><img src="/files/p2"/><img src="/files/p1"/><img src="/files/p3"/></p>`, func(a *model.Article) { a.CoverID = "p2" })
	first, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if first.MediaID != "draft-1" || first.Updated || first.Stale || first.Pictures != 3 || len(first.Notes) != 0 || first.Version != 1 || !first.SentAt.Equal(h.now) {
		t.Errorf("%+v", first)
	}
	d := h.box.drafts["draft-1"]
	if d.Title != a.Title || d.Digest != "摘要" || d.Author != "心肺康复专业委员会功能型党支部…" || d.SourceURL != "https://zhibu.example.org/a/"+a.ID || d.Cover != "cover-1" {
		t.Errorf("the draft is %+v", d)
	}
	if h.box.texts != 2 || strings.Count(d.Content, "http://mmbiz.qpic.cn/") != 4 || strings.Contains(d.Content, "/files/") {
		t.Errorf("%d pictures were uploaded: %s", h.box.texts, d.Content)
	}
	h.now = h.now.Add(time.Hour)
	again, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if again.MediaID != "draft-1" || !again.Updated || len(h.box.drafts) != 1 || h.box.texts != 2 || len(h.box.covers) != 1 {
		t.Errorf("again: %+v, %d drafts, %d pictures", again, len(h.box.drafts), h.box.texts)
	}
	// Its operator publishes it: what is put there afterwards is a new draft.
	delete(h.box.drafts, "draft-1")
	third, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if third.MediaID != "draft-2" || third.Updated || len(h.box.drafts) != 1 {
		t.Errorf("after publishing: %+v", third)
	}
	// A cover that its operator deleted is uploaded anew, and the draft stays the same.
	clear(h.box.covers)
	fourth, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if fourth.MediaID != "draft-2" || !fourth.Updated || len(h.box.drafts) != 1 {
		t.Errorf("after the cover went: %+v", fourth)
	}
	got, err := h.room.Get(h.ctx, h.sec, a.ID)
	if err != nil || got.MediaID != "draft-2" || got.Stale {
		t.Errorf("%+v %v", got, err)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "article.official_draft"}, model.Page{})
	if err != nil || len(entries) != 4 {
		t.Errorf("audit %d %v", len(entries), err)
	}
	h.box.app = "wx2" // another account has none of the pictures
	h.box.calls = nil
	_, err = h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if n := strings.Count(strings.Join(h.box.calls, " "), "text"); n != 2 {
		t.Errorf("the other account: %v", h.box.calls)
	}
}

func TestWhatMayGoOutOfTheHouse(t *testing.T) {
	h := newHouse(t)
	open := h.article("<p>一</p>")
	member := &model.Actor{SessionID: "s", MemberID: "m", Places: []model.Place{{OrgID: "a", Path: "/r/a/"}}}
	neighbour := &model.Actor{SessionID: "s", MemberID: "n", Powers: []model.Power{{OrgID: "b", Path: "/r/b/", Role: model.RoleSecretary}}}
	with := func(v model.Visibility, s model.ArticleState) string {
		return h.article("<p>一</p>", func(a *model.Article) { a.Visibility, a.State = v, s }).ID
	}
	for _, c := range []struct {
		name  string
		actor *model.Actor
		id    string
		want  model.Code
	}{
		{"a stranger", nil, open.ID, model.CodeForbidden},
		{"a member", member, open.ID, model.CodeForbidden},
		{"a neighbour", neighbour, open.ID, model.CodeForbidden},
		{"a neighbour, of what is not public", neighbour, with(model.VisibleMembers, model.ArticlePublished), model.CodeNotFound},
		{"the branch's own text", h.sec, with(model.VisibleMembers, model.ArticlePublished), model.CodeConflict},
		{"a draft", h.sec, with(model.VisiblePublic, model.ArticleDraft), model.CodeConflict},
		{"a scheduled one", h.sec, with(model.VisiblePublic, model.ArticleScheduled), model.CodeConflict},
		{"a withdrawn one", h.sec, with(model.VisiblePublic, model.ArticleWithdrawn), model.CodeConflict},
		{"nothing", h.sec, "x", model.CodeNotFound},
	} {
		_, err := h.room.Put(h.ctx, c.actor, c.id)
		if model.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if len(h.box.calls) != 0 {
		t.Errorf("WeChat was asked: %v", h.box.calls)
	}
	_, err := h.room.Get(h.ctx, h.sec, open.ID)
	h.code(err, model.CodeNotFound)
}

func TestAWeChatThatFailsLeavesNothingHalf(t *testing.T) {
	h := newHouse(t)
	h.files["p1"] = picture(t, 1)
	a := h.article(`<p><img src="/files/p1"/></p>`)
	for _, call := range []string{"text", "cover", "add"} {
		h.box.fault = map[string]error{call: errDown}
		_, err := h.room.Put(h.ctx, h.sec, a.ID)
		h.code(err, model.CodeWechatDown)
		if _, err := h.store.OfficialDraft(h.ctx, a.ID); !model.IsNotFound(err) {
			t.Errorf("%s: something is kept: %v", call, err)
		}
	}
	h.box.fault = nil
	first, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if h.box.texts != 1 || len(h.box.covers) != 1 {
		t.Errorf("pictures were uploaded again: %d, %d", h.box.texts, len(h.box.covers))
	}
	h.box.fault = map[string]error{"update": errDown}
	_, err = h.room.Put(h.ctx, h.sec, a.ID)
	h.code(err, model.CodeWechatDown)
	got, err := h.room.Get(h.ctx, h.sec, a.ID)
	if err != nil || got.MediaID != first.MediaID {
		t.Errorf("the draft is forgotten: %+v %v", got, err)
	}
	h.box.fault = nil
	if again, err := h.room.Put(h.ctx, h.sec, a.ID); err != nil || again.MediaID != first.MediaID || len(h.box.drafts) != 1 {
		t.Errorf("%+v %v", again, err)
	}
}

// A first draft whose answer was lost is found again: there are never two.
func TestALostAnswerMakesNoSecondDraft(t *testing.T) {
	for _, arrived := range []bool{true, false} {
		h := newHouse(t)
		a := h.article("<p>一</p>")
		if arrived {
			h.box.lost = map[string]error{"add": errUnclear}
		} else {
			h.box.fault = map[string]error{"add": errUnclear}
		}
		_, err := h.room.Put(h.ctx, h.sec, a.ID)
		h.code(err, model.CodeWechatDown)
		h.box.lost, h.box.fault = nil, map[string]error{"find": errDown}
		_, err = h.room.Put(h.ctx, h.sec, a.ID) // the doubt lasts until it can be looked into
		h.code(err, model.CodeWechatDown)
		h.box.fault = nil
		out, err := h.room.Put(h.ctx, h.sec, a.ID)
		if err != nil || len(h.box.drafts) != 1 || out.Updated != arrived {
			t.Errorf("arrived %v: %+v %v, %d drafts", arrived, out, err, len(h.box.drafts))
		}
	}
}

func TestTwoAtOnceMakeOneDraft(t *testing.T) {
	h := newHouse(t)
	a := h.article("<p>一</p>")
	h.box.blocked, h.box.entered = make(chan struct{}), make(chan struct{}, 1)
	done := make(chan error)
	go func() {
		_, err := h.room.Put(h.ctx, h.sec, a.ID)
		done <- err
	}()
	<-h.box.entered
	_, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.code(err, model.CodeConflict)
	close(h.box.blocked)
	h.must(<-done)
	h.box.blocked = nil
	out, err := h.room.Put(h.ctx, h.sec, a.ID)
	if err != nil || !out.Updated || len(h.box.drafts) != 1 {
		t.Errorf("%+v %v", out, err)
	}
}

// A crash within the call leaves a doubt, which the next turn looks into once the lease has ended.
func TestACrashLeavesADoubt(t *testing.T) {
	h := newHouse(t)
	a := h.article("<p>一</p>")
	held, err := h.store.HoldOfficialDraft(h.ctx, a.ID, "crashed", h.now, h.now.Add(3*time.Minute))
	if err != nil || !held {
		t.Fatal(held, err)
	}
	row, err := h.store.OfficialDraft(h.ctx, a.ID)
	h.must(err)
	row.Doubt = true
	if ok, err := h.store.SaveOfficialDraft(h.ctx, row); err != nil || !ok {
		t.Fatal(ok, err)
	}
	_, err = h.room.Put(h.ctx, h.sec, a.ID)
	h.code(err, model.CodeConflict)
	h.now = h.now.Add(3 * time.Minute)
	_, err = h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if !slices.Contains(h.box.calls, "find") {
		t.Errorf("nobody looked: %v", h.box.calls)
	}
	if ok, err := h.store.SaveOfficialDraft(h.ctx, row); err != nil || ok {
		t.Errorf("who lost the turn still writes: %v %v", ok, err)
	}
}

func TestTheTextIsOfTheFormThatWeChatKeeps(t *testing.T) {
	h := newHouse(t)
	a := h.article(`<div class="x"><h5 style="color:red" id="i">小标题</h5><p>见<a href="https://www.gov.cn/a?b=1&amp;c=2" rel="nofollow">通知</a>和<a href="https://www.gov.cn/a?b=1&amp;c=2">同一通知</a>，
		<a href="https://mp.weixin.qq.com/s/abc">旧文</a>，<a href="/files/doc1">附件</a></p><mark>重点</mark><script>alert(1)</script><style>p{}</style><!-- 注 -->
		<table><tr><td colspan="2" onclick="x()">格</td></tr></table><img src="https://elsewhere.example.org/a.png"/><img src="/files/gone"/></div>`,
		func(a *model.Article) {
			a.KeyPoints, a.DocNo, a.SourceName, a.SourceDate = []string{"第一<点>"}, "学发〔2026〕9号", "新华社", "2026-11-20"
			a.Title, a.Digest = strings.Repeat("长", 40), strings.Repeat("摘", 130)
		})
	out, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	d := h.box.drafts[out.MediaID]
	for _, want := range []string{
		"第一&lt;点&gt;", "发文字号：学发〔2026〕9号", "来源：新华社（2026-11-20）", `<h3 style="`, "通知<sup>[1]</sup>和同一通知<sup>[1]</sup>", "[1] https://www.gov.cn/a?b=1&amp;c=2",
		`<a href="https://mp.weixin.qq.com/s/abc">旧文</a>`, "附件</p>", `<span style="`, `<td colspan="2" style="`, "<section>",
	} {
		if !strings.Contains(d.Content, want) {
			t.Errorf("lacks %s", want)
		}
	}
	for _, no := range []string{"class=", "id=", "onclick", "<script", "alert", "<style", "p{}", "<!--", "<img", "elsewhere", "color:red", "<div", "<mark", "href=\"https://www.gov.cn", "/files/"} {
		if strings.Contains(d.Content, no) {
			t.Errorf("has %s", no)
		}
	}
	if t.Failed() {
		t.Log(d.Content)
	}
	if len([]rune(d.Title)) != 32 || len([]rune(d.Digest)) != 120 {
		t.Errorf("title of %d, digest of %d", len([]rune(d.Title)), len([]rune(d.Digest)))
	}
	notes := strings.Join(out.Notes, "")
	for _, want := range []string{"标题", "摘要", "站外图片", "已删除", "附件", "封面"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the operator is not told of %s: %s", want, notes)
		}
	}
}

func TestALongTextLosesItsLooksFirst(t *testing.T) {
	h := newHouse(t)
	long := h.article(strings.Repeat("<p>一段不长的文字，写在这里。</p>", 700))
	out, err := h.room.Put(h.ctx, h.sec, long.ID)
	h.must(err)
	if c := h.box.drafts[out.MediaID].Content; strings.Contains(c, "style=") || len([]rune(c)) >= 20_000 || !strings.Contains(strings.Join(out.Notes, ""), "排版") {
		t.Errorf("%d characters, %v", len([]rune(c)), out.Notes)
	}
	_, err = h.room.Put(h.ctx, h.sec, h.article("<p>"+strings.Repeat("长", 20_000)+"</p>").ID)
	h.code(err, model.CodeInvalid)
	if len(h.box.drafts) != 1 {
		t.Error("a text that is too long went there")
	}
}

func TestAPictureThatIsTooLargeIsPressed(t *testing.T) {
	h := newHouse(t)
	noise := image.NewRGBA(image.Rect(0, 0, 900, 700))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(noise.Pix); i += 4 {
		noise.Set(i/4%900, i/4/900, color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
	}
	var b bytes.Buffer
	h.must(png.Encode(&b, noise))
	if b.Len() < 1<<20 {
		t.Fatalf("the sample has %d bytes only", b.Len())
	}
	h.files["p1"] = b.Bytes()
	a := h.article(`<p><img src="/files/p1"/></p>`)
	out, err := h.room.Put(h.ctx, h.sec, a.ID)
	h.must(err)
	if out.Pictures != 1 || !strings.Contains(h.box.drafts[out.MediaID].Content, ".jpg") {
		t.Errorf("%+v %s", out, h.box.drafts[out.MediaID].Content)
	}
}
