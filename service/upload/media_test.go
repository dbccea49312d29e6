package upload_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/blob"
	"zhibu/service/upload"
)

// pictureOf is the size of a picture as it is handed out where this width is asked for.
func (h *house) pictureOf(u *model.Upload, width int) image.Point {
	h.Helper()
	f, err := h.room.Open(h.ctx, &model.Actor{MemberID: u.OwnerID}, u.ID, upload.Link{Width: width})
	h.must(err)
	defer func() { _ = f.Content.Close() }()
	c, _, err := image.DecodeConfig(f.Content)
	h.must(err)
	return image.Pt(c.Width, c.Height)
}

func TestSmallerPicturesLookLikeTheWhole(t *testing.T) {
	h := newHouse(t)
	for name, content := range map[string][]byte{"a.jpg": jpegOf(t, quarters(1000, 600)), "a.png": pngOf(t, quarters(1000, 600))} {
		u := h.add(chen, name, content)
		f, err := h.room.Open(h.ctx, chen, u.ID, upload.Link{Width: 240})
		h.must(err)
		img, _, err := image.Decode(f.Content)
		h.must(err)
		h.must(f.Content.Close())
		if img.Bounds().Size() != image.Pt(240, 144) || f.Tag != u.SHA256+"-240" {
			t.Errorf("%s: %v %s", name, img.Bounds(), f.Tag)
		}
		for at, want := range map[image.Point]color.RGBA{{20, 20}: {255, 0, 0, 255}, {220, 20}: {0, 255, 0, 255}, {120, 130}: {0, 0, 255, 255}} {
			r, g, b, _ := img.At(at.X, at.Y).RGBA()
			if far(r>>8, want.R) || far(g>>8, want.G) || far(b>>8, want.B) {
				t.Errorf("%s at %v: %v", name, at, img.At(at.X, at.Y))
			}
		}
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 500, 100)) // what can be seen through stays so
	for i := range glass.Pix {
		glass.Pix[i] = 100
	}
	u := h.add(chen, "glass.png", pngOf(t, glass))
	f, err := h.room.Open(h.ctx, chen, u.ID, upload.Link{Width: 240})
	h.must(err)
	img, err := png.Decode(f.Content)
	h.must(err)
	h.must(f.Content.Close())
	if c := color.NRGBAModel.Convert(img.At(9, 9)).(color.NRGBA); far(uint32(c.R), 100) || c.A != 100 {
		t.Errorf("glass became %v", c)
	}
	// A smaller picture that is lost is no loss.
	h.must(filepath.WalkDir(h.files, func(name string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, "-w240") {
			return os.Remove(name)
		}
		return err
	}))
	if got := h.pictureOf(u, 240); got != image.Pt(500, 100) {
		t.Errorf("instead of the lost one: %v", got)
	}
}

func far(got uint32, want uint8) bool { return got > uint32(want)+12 || got+12 < uint32(want) }

func TestFilesThatAreTwoThingsAreRefused(t *testing.T) {
	h := newHouse(t)
	word := packageOf(t, "[Content_Types].xml", "word/document.xml")
	pdf := []byte("%PDF-1.7\n%%EOF\n")
	for name, content := range map[string][]byte{
		"a document with a package behind it": append(bytes.Clone(pdf), packageOf(t, "evil.class")...),
		"a document behind a blank":           append([]byte("\n"), pdf...),
		"a package with something behind it":  append(bytes.Clone(word), "<script>1</script>"...),
		"a package behind something":          append([]byte("GIF89a;"), word...),
		"a book with macros of old":           packageOf(t, "[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"),
		"a text with controls":                packageOf(t, "[Content_Types].xml", "word/document.xml", `word\activeX\activeX1.bin`),
		"two lists of types":                  packageOf(t, "[Content_Types].xml", "[Content_Types].xml", "word/document.xml"),
		"a text and a book":                   packageOf(t, "[Content_Types].xml", "word/document.xml", "xl/workbook.xml"),
	} {
		if u, err := h.room.Add(h.ctx, chen, "a.docx", bytes.NewReader(content)); model.CodeOf(err) != model.CodeMediaType {
			t.Errorf("%s: %+v %v", name, u, err)
		}
	}
	typed := func(list string) []byte {
		return packageWith(t, map[string]string{"[Content_Types].xml": list, "word/document.xml": "<x/>"})
	}
	if _, err := h.room.Add(h.ctx, chen, "a.docx", bytes.NewReader(typed(`<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>`))); model.CodeOf(err) != model.CodeMediaType {
		t.Errorf("types with macros: %v", err)
	}
	h.add(chen, "a.docx", typed(`<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`))
}

func TestWhatMustStayInsideStaysOutside(t *testing.T) {
	h := newHouse(t)
	pdf := []byte("%PDF-1.7")
	rest := func(d model.Disclosure, err error) func() (model.Disclosure, error) {
		return func() (model.Disclosure, error) { return d, err }
	}
	for _, c := range []struct {
		what  string
		in    upload.Incoming
		codes string
	}{
		{"public", upload.Incoming{Name: "a.pdf", Disclosure: model.DisclosurePublic}, ""},
		{"not asked", upload.Incoming{Name: "a.pdf"}, ""},
		{"internal", upload.Incoming{Name: "a.pdf", Disclosure: model.DisclosureInternal}, "disclosure internal"},
		{"said after the file", upload.Incoming{Name: "a.pdf", Rest: rest(model.DisclosureInternal, nil)}, "disclosure internal"},
		{"said before and after", upload.Incoming{Name: "a.pdf", Disclosure: model.DisclosurePublic, Rest: rest("", nil)}, ""},
		{"another word", upload.Incoming{Name: "a.pdf", Disclosure: "maybe"}, "disclosure not_allowed"},
		{"both", upload.Incoming{Name: "绝密.pdf", Disclosure: model.DisclosureInternal}, "file classified_name; disclosure internal"},
	} {
		u, err := h.room.Take(h.ctx, chen, c.in, bytes.NewReader(pdf))
		var e *model.Error
		var codes []string
		if errors.As(err, &e) {
			for _, f := range e.Fields {
				codes = append(codes, f.Field+" "+f.Code)
			}
		}
		if got := strings.Join(codes, "; "); got != c.codes || (err == nil) != (c.codes == "") {
			t.Errorf("%s: %q %v", c.what, got, err)
		}
		if err == nil && c.in.Disclosure != u.Disclosure {
			t.Errorf("%s: kept %q", c.what, u.Disclosure)
		}
	}
	if _, err := h.room.Take(h.ctx, chen, upload.Incoming{Name: "a.pdf", Rest: rest("", model.Fail(model.CodeMalformed, "断了"))}, bytes.NewReader(pdf)); model.CodeOf(err) != model.CodeMalformed {
		t.Errorf("a body that breaks off after the file: %v", err)
	}
	if n := h.left(h.files); n != 3 {
		t.Errorf("%d files are kept, want the three that came in", n)
	}
}

// flaky is a store that fails at the n-th write, and is away for good when n is 0.
type flaky struct {
	upload.Blobs
	n int
}

func (f *flaky) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if f.n--; f.n < 0 {
		return model.Fail(model.CodeUnavailable, "文件存储暂时不可用，请稍后再试。")
	}
	return f.Blobs.Put(ctx, key, r, size)
}

func TestAStoreThatFailsLeavesNothing(t *testing.T) {
	h := newHouse(t)
	folder, err := blob.OpenFolder(h.files)
	h.must(err)
	t.Cleanup(func() { _ = folder.Close() })
	for n := range 3 {
		room := upload.New(h.store, &flaky{folder, n}, plainSigner{}, func() time.Time { return h.now }, upload.Options{MaxSize: 1 << 20, Spool: h.spool})
		if _, err := room.Add(h.ctx, chen, "a.png", bytes.NewReader(pngOf(t, quarters(1000, 500)))); model.CodeOf(err) != model.CodeUnavailable {
			t.Errorf("failing after %d: %v", n, err)
		}
	}
	mine, err := h.store.UploadsOf(h.ctx, chen.MemberID)
	if err != nil || len(mine) != 0 || h.left(h.files)+h.left(h.spool) != 0 {
		t.Errorf("left: %d rows, %d files, %v", len(mine), h.left(h.files), err)
	}
}

func TestBytesThatNoFileHasAreClearedAway(t *testing.T) {
	h := newHouse(t)
	kept := h.add(chen, "a.png", pngOf(t, quarters(300, 200)))
	h.must(h.store.SetArticleFiles(h.ctx, "a1", []model.ArticleFile{{ArticleID: "a1", Role: model.FileCover, UploadID: kept.ID}}))
	folder, err := blob.OpenFolder(h.files)
	h.must(err)
	t.Cleanup(func() { _ = folder.Close() })
	lost := strings.Repeat("ab", 32) + "-" + store.NewID()
	for _, key := range []string{lost, lost + "-w240", "probe-0011223344", "something-else"} {
		h.must(folder.Put(h.ctx, key, strings.NewReader("x"), 1))
	}
	day := h.now.Add(-8 * 24 * time.Hour)
	h.must(filepath.WalkDir(h.files, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			return os.Chtimes(name, day, day)
		}
		return err
	}))
	fresh := strings.Repeat("cd", 32) + "-" + store.NewID()
	h.must(folder.Put(h.ctx, fresh, strings.NewReader("x"), 1))
	h.must(os.Chtimes(filepath.Join(h.files, "cd", fresh), h.now, h.now))
	if _, err := h.room.Prune(h.ctx); err != nil {
		t.Fatal(err)
	}
	var left []string
	h.must(folder.Each(h.ctx, h.now.Add(24*time.Hour), func(key string) error { left = append(left, key); return nil }))
	if len(left) != 4 { // the picture in two widths, the fresh one, and what is not of this room
		t.Errorf("left %v", left)
	}
}

// wechat is a content check that takes what it is shown and answers as it is told.
type wechat struct {
	shown  []string
	answer upload.MediaAnswer
}

func (w *wechat) CheckMedia(_ context.Context, openID, address string) upload.MediaAnswer {
	w.shown = append(w.shown, openID+" "+address)
	a := w.answer
	if a.Err == nil && a.TraceID == "" {
		a.TraceID = "trace-" + strconv.Itoa(len(w.shown))
	}
	return a
}

type outbox struct{ pushes []*model.Push }

func (o *outbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushes = append(o.pushes, p)
	return nil
}

// checked is a house whose pictures need WeChat's verdict. Chen sits in branch a; the secretary and the office lead above.
func checked(t *testing.T, options upload.Options) (*house, *wechat, *outbox) {
	h, w, o := newHouse(t), &wechat{}, &outbox{}
	folder, err := blob.OpenFolder(h.files)
	h.must(err)
	t.Cleanup(func() { _ = folder.Close() })
	options.MaxSize, options.Spool, options.BaseURL, options.Outbox = 1<<20, h.spool, "https://zhibu.example.org", o
	if !options.Hold {
		options.Media = w
	}
	h.room = upload.New(h.store, folder, plainSigner{}, func() time.Time { return h.now }, options)
	h.must(h.store.AddMember(h.ctx, &model.Member{ID: "chen", Name: "陈一一"}))
	h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: "chen", OrgID: "a", OrgPath: "/r/a/"}))
	me := "chen"
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: "i", OpenID: "o-chen", MemberID: &me}))
	return h, w, o
}

var (
	mediaSecretary = &model.Actor{SessionID: "s", MemberID: "sec", Powers: []model.Power{{OrgID: "a", Path: "/r/a/", Role: model.RoleSecretary}}}
	mediaNeighbour = &model.Actor{SessionID: "s", MemberID: "nei", Powers: []model.Power{{OrgID: "b", Path: "/r/b/", Role: model.RoleSecretary}}}
	mediaMember    = &model.Actor{SessionID: "s", MemberID: "lin", Places: []model.Place{{OrgID: "a", Path: "/r/a/"}}}
)

// publish puts a picture into a public article.
func (h *house) publish(u *model.Upload) {
	a := &model.Article{ID: store.NewID(), OrgID: "a", OrgPath: "/r/a/", Category: model.CategoryNews, Visibility: model.VisiblePublic, State: model.ArticlePublished, Version: 1}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
	h.must(h.store.SetArticleFiles(h.ctx, a.ID, []model.ArticleFile{{ArticleID: a.ID, Role: model.FileCover, UploadID: u.ID}}))
}

// linkOf reads what an address says.
func linkOf(t *testing.T, address string) upload.Link {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := strconv.ParseInt(u.Query().Get("e"), 10, 64)
	return upload.Link{Expires: e, Signature: u.Query().Get("s"), Peek: u.Query().Get("p")}
}

// seers lists who may see a picture: by token, by a page's link, by its own address.
func (h *house) seers(u *model.Upload) string {
	h.Helper()
	row, err := h.store.Upload(h.ctx, u.ID)
	h.must(err)
	var all []string
	for _, c := range []struct {
		name  string
		actor *model.Actor
		link  upload.Link
	}{
		{"owner", chen, upload.Link{}}, {"secretary", mediaSecretary, upload.Link{}}, {"neighbour", mediaNeighbour, upload.Link{}},
		{"member", mediaMember, upload.Link{}}, {"stranger", nil, upload.Link{}}, {"page", nil, linkOf(h.T, h.room.URL(row))}, {"own", nil, linkOf(h.T, h.room.ShowURL(row))},
	} {
		f, err := h.room.Open(h.ctx, c.actor, u.ID, c.link)
		if err == nil {
			h.must(f.Content.Close())
			all = append(all, c.name)
		} else if !model.IsNotFound(err) {
			h.Errorf("%s: %v", c.name, err)
		}
	}
	return strings.Join(all, " ")
}

func (h *house) verdict(trace, suggest string, label, code int) {
	h.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		return h.room.MediaChecked(h.ctx, tx, &model.WechatMedia{TraceID: trace, Suggest: suggest, Label: label, ErrCode: code})
	}))
}

func (h *house) media(u *model.Upload) string {
	h.Helper()
	row, err := h.store.Upload(h.ctx, u.ID)
	h.must(err)
	return strings.TrimSpace(string(row.Media) + " " + string(row.MediaHeld))
}

const (
	few      = "owner secretary own"
	everyone = "owner secretary neighbour member stranger page own"
)

func TestAPictureIsSeenByFewUntilItsVerdict(t *testing.T) {
	for _, c := range []struct {
		suggest     string
		label, code int
		media, seen string
		told        string
	}{
		{"pass", 100, 0, "passed", everyone, ""},
		{"PASS", 0, 0, "passed", everyone, ""},
		{"review", 20006, 0, "held review", few, ""},
		{"risky", model.LabelPolitics, 0, "held politics", few, ""},
		{"pass", model.LabelPolitics, 0, "held politics", few, ""},
		{"", 0, 0, "held review", few, ""},
		{"risky", 20002, 0, "refused", few, "您上传的图片未予公开"},
	} {
		h, w, o := checked(t, upload.Options{})
		u := h.add(chen, "活动.png", pngOf(t, quarters(300, 200)))
		h.publish(u)
		if got := h.media(u) + ": " + h.seers(u); got != "waiting: "+few {
			t.Errorf("before it was shown: %s", got)
		}
		h.must(h.room.CheckDue(h.ctx))
		h.must(h.room.CheckDue(h.ctx)) // once only
		if len(w.shown) != 1 || !strings.HasPrefix(w.shown[0], "o-chen https://zhibu.example.org/files/"+u.ID+"/picture.png?e=") {
			t.Fatalf("shown %q", w.shown)
		}
		if l := linkOf(t, strings.TrimPrefix(w.shown[0], "o-chen ")); time.Unix(l.Expires, 0).Sub(h.now) <= 30*time.Minute || l.Peek == "" {
			t.Errorf("the address does not outlive half an hour: %+v", l)
		}
		if got := h.seers(u); got != few {
			t.Errorf("shown, but not judged: %s", got)
		}
		var heard []string
		h.store.OnChange(model.TopicArticle, func(key string) { heard = append(heard, key) })
		described := func() string {
			refs, err := h.room.DescribeShown(h.ctx, []string{u.ID})
			h.must(err)
			return refs[0].URL
		}
		if described() != "" {
			t.Error("what waits has an address")
		}
		h.verdict("trace-1", c.suggest, c.label, c.code)
		if shown := c.media == "passed"; (described() != "") != shown || (len(heard) == 1) != (shown || c.media == "refused") {
			t.Errorf("%s: the address %q, heard %v", c.media, described(), heard)
		}
		if got := h.media(u); got != c.media || h.seers(u) != c.seen {
			t.Errorf("%s %d: %s, seen by %s", c.suggest, c.label, got, h.seers(u))
		}
		told := ""
		for _, p := range o.pushes {
			told += p.Title
			if !p.Private || p.Audience.MemberIDs[0] != "chen" {
				t.Errorf("told %+v", p)
			}
		}
		if told != c.told {
			t.Errorf("%s %d: told %q", c.suggest, c.label, told)
		}
	}
}

func TestAVerdictThatIsFasterThanItsTrace(t *testing.T) {
	h, _, _ := checked(t, upload.Options{})
	u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
	h.verdict("trace-1", "pass", 100, 0)
	h.verdict("trace-1", "pass", 100, 0) // and told twice
	h.must(h.room.CheckDue(h.ctx))
	if got := h.media(u); got != "passed" {
		t.Errorf("it is %s", got)
	}
	h.verdict("", "risky", 20002, 0) // means nothing
	if got := h.media(u); got != "passed" {
		t.Errorf("it is %s", got)
	}
}

func TestAPictureWithoutAVerdictIsShownOnceMoreAndThenHeld(t *testing.T) {
	h, w, _ := checked(t, upload.Options{})
	u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
	for i, step := range []struct {
		after time.Duration
		shown int
		media string
	}{{0, 1, "waiting"}, {29 * time.Minute, 1, "waiting"}, {time.Minute, 2, "waiting"}, {29 * time.Minute, 2, "waiting"}, {time.Minute, 2, "held no_verdict"}, {time.Hour, 2, "held no_verdict"}} {
		h.now = h.now.Add(step.after)
		h.must(h.room.CheckDue(h.ctx))
		if len(w.shown) != step.shown || h.media(u) != step.media {
			t.Fatalf("step %d: shown %d, %s", i, len(w.shown), h.media(u))
		}
	}
	if w.shown[0] == w.shown[1] {
		t.Error("the second address is the first, which WeChat takes for a repeat")
	}
	h.verdict("trace-2", "pass", 100, 0) // too late: a person looks already
	if got := h.media(u); got != "held no_verdict" {
		t.Errorf("it is %s", got)
	}
}

func TestWeChatThatCannotBeAskedHoldsThePicture(t *testing.T) {
	down := upload.MediaAnswer{Err: errors.New("busy"), Again: true, Wait: time.Second}
	for name, c := range map[string]struct {
		answer upload.MediaAnswer
		media  string
		fetch  bool // the answer is fine, but WeChat could not fetch
	}{
		"refuses":      {upload.MediaAnswer{Err: errors.New("61010")}, "held unchecked", false},
		"down":         {down, "waiting", false},
		"cannot fetch": {upload.MediaAnswer{}, "waiting", true},
	} {
		h, w, _ := checked(t, upload.Options{})
		w.answer = c.answer
		u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
		h.must(h.room.CheckDue(h.ctx))
		if c.fetch {
			h.verdict("trace-1", "", 0, -1008)
		}
		if got := h.media(u); got != c.media {
			t.Errorf("%s: %s", name, got)
		}
		switch name {
		case "down": // it is asked again from minute to minute, and not for ever
			for range 200 {
				h.now = h.now.Add(time.Minute)
				h.must(h.room.CheckDue(h.ctx))
			}
			if got := h.media(u); got != "held unchecked" || len(w.shown) < 100 || len(w.shown) > 121 {
				t.Errorf("%s: %s after %d", name, got, len(w.shown))
			}
		case "cannot fetch":
			h.must(h.room.CheckDue(h.ctx))
			h.verdict("trace-2", "", 0, -1008)
			if got := h.media(u); got != "held unchecked" || len(w.shown) != 2 {
				t.Errorf("%s: %s after %d", name, got, len(w.shown))
			}
		}
	}
	h, _, _ := checked(t, upload.Options{Hold: true})
	u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
	if got := h.media(u); got != "held unchecked" {
		t.Errorf("nobody to ask: %s", got)
	}
	if doc := h.add(chen, "a.pdf", []byte("%PDF-1.7")); h.media(doc) != "" {
		t.Errorf("a document is %s", h.media(doc))
	}
	h.must(h.store.DisownUploads(h.ctx, []string{u.ID}))
}

func TestModeratorsDecideAboutPictures(t *testing.T) {
	h, _, o := checked(t, upload.Options{})
	u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
	h.must(h.room.CheckDue(h.ctx))
	h.verdict("trace-1", "review", 20006, 0)
	h.publish(u)
	if _, _, err := h.room.Queue(h.ctx, mediaMember, "", model.Page{}); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("a member's queue: %v", err)
	}
	for actor, want := range map[*model.Actor]int{mediaSecretary: 1, mediaNeighbour: 0} {
		rows, _, err := h.room.Queue(h.ctx, actor, "", model.Page{})
		n, err2 := h.room.HeldFor(h.ctx, actor)
		if err != nil || err2 != nil || len(rows) != want || n != want {
			t.Errorf("%s's queue: %d %d %v %v", actor.MemberID, len(rows), n, err, err2)
		}
	}
	for _, c := range []struct {
		actor    *model.Actor
		decision model.Moderation
		reason   string
		code     model.Code
		media    string
	}{
		{mediaNeighbour, model.ModerationApprove, "", model.CodeNotFound, "held review"},
		{mediaMember, model.ModerationApprove, "", model.CodeNotFound, "held review"},
		{chen, model.ModerationApprove, "", model.CodeForbidden, "held review"},
		{mediaSecretary, model.ModerationHide, " ", model.CodeInvalid, "held review"},
		{mediaSecretary, "burn", "", model.CodeInvalid, "held review"},
		{mediaSecretary, model.ModerationApprove, "", "", "passed review"},
		{mediaSecretary, model.ModerationApprove, "", model.CodeConflict, "passed review"},
		{mediaSecretary, model.ModerationHide, "含有患者隐私", "", "refused review"},
	} {
		_, err := h.room.Moderate(h.ctx, c.actor, u.ID, c.decision, c.reason)
		if (err == nil) != (c.code == "") || (err != nil && model.CodeOf(err) != c.code) || h.media(u) != c.media {
			t.Errorf("%s %s: %v, %s", c.actor.MemberID, c.decision, err, h.media(u))
		}
	}
	if len(o.pushes) != 1 || !strings.Contains(o.pushes[0].Body, "含有患者隐私") || o.pushes[0].Audience.MemberIDs[0] != "chen" {
		t.Errorf("told %+v", o.pushes)
	}
	if got := h.seers(u); got != few {
		t.Errorf("a refused picture is seen by %s", got)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "upload.hide"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].ActorID != "sec" {
		t.Errorf("audit %+v %v", entries, err)
	}
}

// What another room keeps for the few whom its object is for is not held from them.
func TestALinkOfAnotherRoomOpensWhatWaits(t *testing.T) {
	h, _, _ := checked(t, upload.Options{})
	u := h.add(chen, "a.png", pngOf(t, quarters(3, 2)))
	link := linkOf(t, h.room.URL(u))
	opens := func() bool {
		f, err := h.room.Open(h.ctx, nil, u.ID, link)
		if err == nil {
			h.must(f.Content.Close())
		}
		return err == nil
	}
	if opens() {
		t.Error("a link of nobody's opens it")
	}
	h.room.Refer(attachments{[]string{u.ID}})
	if !opens() {
		t.Error("the handler of a suggestion cannot see its picture")
	}
}
