package upload_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/blob"
	"zhibu/service/upload"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// plainSigner signs by repeating; it stands for the vault.
type plainSigner struct{}

func (plainSigner) Sign(text string) string       { return "signed " + text }
func (plainSigner) Check(text, given string) bool { return given == "signed "+text }

type house struct {
	*testing.T
	ctx   context.Context
	now   time.Time
	store *store.Store
	files string
	spool string
	room  *upload.Service
}

func newHouse(t *testing.T) *house {
	h := &house{T: t, ctx: context.Background(), now: storetest.Now(), files: t.TempDir(), spool: t.TempDir()}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	folder, err := blob.OpenFolder(h.files)
	h.must(err)
	t.Cleanup(func() { _ = folder.Close() })
	h.room = upload.New(h.store, folder, plainSigner{}, clock, upload.Options{MaxSize: 1 << 20, Spool: h.spool})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// left counts the files below a folder.
func (h *house) left(dir string) (n int) {
	h.must(filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func (h *house) add(actor *model.Actor, name string, content []byte) *model.Upload {
	h.Helper()
	u, err := h.room.Add(h.ctx, actor, name, bytes.NewReader(content))
	h.must(err)
	return u
}

// bytesOf reads a file as its owner.
func (h *house) bytesOf(u *model.Upload) []byte {
	h.Helper()
	f, err := h.room.Open(h.ctx, &model.Actor{MemberID: u.OwnerID}, u.ID, upload.Link{})
	h.must(err)
	defer func() { _ = f.Content.Close() }()
	b, err := io.ReadAll(f.Content)
	h.must(err)
	return b
}

var chen = &model.Actor{MemberID: "chen", SessionID: "s"}

// quarters is a picture whose left upper quarter is red and whose right upper one is green; the rest is blue.
func quarters(w, hgt int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, hgt))
	for y := range hgt {
		for x := range w {
			c := color.RGBA{0, 0, 255, 255}
			if y < hgt/2 && x < w/2 {
				c = color.RGBA{255, 0, 0, 255}
			} else if y < hgt/2 {
				c = color.RGBA{0, 255, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t *testing.T, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withCamera puts into a JPEG what a phone writes: the orientation, its name, and where it was.
func withCamera(plain []byte, orientation uint16) []byte {
	t := []byte("II*\x00\x08\x00\x00\x00\x02\x00")
	t = append(t, 0x0f, 0x01, 2, 0, 21, 0, 0, 0, 38, 0, 0, 0) // the maker, at 38
	t = append(t, 0x12, 0x01, 3, 0, 1, 0, 0, 0)
	t = binary.LittleEndian.AppendUint16(t, orientation)
	t = append(t, 0, 0, 0, 0, 0, 0)
	t = append(t, "SECRETPHONE 39.9N116.4E\x00"...)
	note := append([]byte("Exif\x00\x00"), t...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(note)+2))...)
	out = append(out, note...)
	return append(out, plain[2:]...)
}

func packageOf(t *testing.T, parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p)
		if err == nil {
			_, err = w.Write([]byte(strings.Repeat("<x/>", 3000))) // longer than what a look at the beginning sees
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packageWith is a package of these parts.
func packageWith(t *testing.T, parts map[string]string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pngClaiming is a PNG of a few bytes that says to be of this size.
func pngClaiming(w, hgt uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), hgt)
	head = append(head, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

func TestWhatComesIn(t *testing.T) {
	h := newHouse(t)
	pdf := []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
	small := quarters(8, 8)
	whole := jpegOf(t, quarters(400, 400))
	half := whole[:len(whole)/2]
	manyScans := append(jpegOf(t, small), bytes.Repeat([]byte{0xff, 0xda}, 200)...)
	for _, c := range []struct {
		what, name string
		content    []byte
		code       model.Code // empty: it comes in
		field      string     // the code of its field
		mime, kept string
	}{
		{"a photograph", "活动.jpg", jpegOf(t, small), "", "", model.MIMEJPEG, "活动.jpg"},
		{"a picture", "表.png", pngOf(t, small), "", "", model.MIMEPNG, "表.png"},
		{"a document", "通知.pdf", pdf, "", "", model.MIMEPDF, "通知.pdf"},
		{"Word", "总结.docx", packageOf(t, "docProps/app.xml", "[Content_Types].xml", "word/document.xml"), "", "", model.MIMEDocx, "总结.docx"},
		{"Excel", "名册.xlsx", packageOf(t, "[Content_Types].xml", "xl/workbook.xml"), "", "", model.MIMEXlsx, "名册.xlsx"},
		{"PowerPoint", "党课.pptx", packageOf(t, "[Content_Types].xml", "ppt/presentation.xml"), "", "", model.MIMEPptx, "党课.pptx"},
		{"a document under a picture's name", "p.jpg", pdf, "", "", model.MIMEPDF, "p.jpg.pdf"},
		{"a page under a picture's name", "p.jpg", []byte("<!doctype html><script>alert(1)</script>"), model.CodeMediaType, "", "", ""},
		{"a drawing with script", "p.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), model.CodeMediaType, "", "", ""},
		{"a program under a document's name", "p.pdf", []byte("MZ\x90\x00" + strings.Repeat("\x00", 200)), model.CodeMediaType, "", "", ""},
		{"a moving picture", "p.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), model.CodeMediaType, "", "", ""},
		{"webp", "活动.webp", webpOf(t, "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="), "", "", model.MIMEJPEG, "活动.jpg"},
		{"webp with transparent parts", "标志.WebP", webpOf(t, "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="), "", "", model.MIMEPNG, "标志.png"},
		{"webp under another name", "p.jpg", webpOf(t, "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="), "", "", model.MIMEJPEG, "p.jpg"},
		{"half of webp", "p.jpg", []byte("RIFF\x24\x00\x00\x00WEBPVP8 "), model.CodeInvalid, "broken", "", ""},
		{"a bomb of webp", "p.webp", append([]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"), "\x1f\x4e\x00\x1f\x4e\x00"...), model.CodeInvalid, "too_many_pixels", "", ""},
		{"old Word", "p.doc", append([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, make([]byte, 600)...), model.CodeMediaType, "", "", ""},
		{"an archive under Word's name", "p.docx", packageOf(t, "a.txt"), model.CodeMediaType, "", "", ""},
		{"Word with macros", "p.docx", packageOf(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), model.CodeMediaType, "", "", ""},
		{"Word without its list of types", "p.docx", packageOf(t, "word/document.xml"), model.CodeMediaType, "", "", ""},
		{"half of Word", "p.docx", packageOf(t, "[Content_Types].xml", "word/document.xml")[:300], model.CodeMediaType, "", "", ""},
		{"text", "p.txt", []byte("你好"), model.CodeMediaType, "", "", ""},
		{"nothing", "p.pdf", nil, model.CodeInvalid, "empty", "", ""},
		{"too much", "p.pdf", append(pdf, make([]byte, 1<<20)...), model.CodeTooLarge, "", "", ""},
		{"half a photograph", "p.jpg", half, model.CodeInvalid, "broken", "", ""},
		{"a bomb of pixels", "p.png", pngClaiming(60000, 60000), model.CodeInvalid, "too_many_pixels", "", ""},
		{"a bomb whose product overflows", "p.png", pngClaiming(1<<31-1, 1<<31-1), model.CodeInvalid, "", "", ""},
		{"a bomb of passes", "p.jpg", manyScans, model.CodeInvalid, "broken", "", ""},
		{"what is confidential", "通知（机密）.pdf", pdf, model.CodeInvalid, "classified_name", "", ""},
		{"what is secret", "秘密★3年.pdf", pdf, model.CodeInvalid, "classified_name", "", ""},
		{"what is internal", "内部资料.pdf", pdf, model.CodeInvalid, "classified_name", "", ""},
	} {
		before := h.left(h.files)
		u, err := h.room.Add(h.ctx, chen, c.name, bytes.NewReader(c.content))
		if c.code == "" {
			if err != nil || u.MIME != c.mime || u.Name != c.kept || u.OwnerID != "chen" || len(u.SHA256) != 64 {
				t.Errorf("%s: %+v %v", c.what, u, err)
				continue
			}
			if got := h.bytesOf(u); int64(len(got)) != u.Size || (!model.IsPicture(u.MIME) && !bytes.Equal(got, c.content)) {
				t.Errorf("%s: %d bytes are kept of %d", c.what, len(got), len(c.content))
			}
			continue
		}
		var e *model.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
			continue
		}
		if c.field != "" && (len(e.Fields) != 1 || e.Fields[0].Field != "file" || e.Fields[0].Code != c.field) {
			t.Errorf("%s: %+v, want %s", c.what, e.Fields, c.field)
		}
		if h.left(h.files) != before {
			t.Errorf("%s: left behind in the store", c.what)
		}
	}
	if n := h.left(h.spool); n != 0 {
		t.Errorf("%d files are left where they came in", n)
	}
}

type breaking struct{ io.Reader }

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = model.Fail(model.CodeMalformed, "上传的内容不完整，请重试。")
	}
	return n, err
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	h := newHouse(t)
	_, err := h.room.Add(h.ctx, chen, "a.pdf", breaking{strings.NewReader("%PDF-1.7 half")})
	if model.CodeOf(err) != model.CodeMalformed || h.left(h.files)+h.left(h.spool) != 0 {
		t.Errorf("%v, %d and %d files left", err, h.left(h.files), h.left(h.spool))
	}
	if _, err := h.room.Add(h.ctx, &model.Actor{SessionID: "s"}, "a.pdf", strings.NewReader("%PDF-1.7")); model.CodeOf(err) != model.CodeNotBound {
		t.Errorf("a visitor: %v", err)
	}
}

func TestPicturesLoseTheCameraAndStandUpright(t *testing.T) {
	h := newHouse(t)
	const red, green, blue = "red", "green", "blue"
	at := func(img image.Image, x, y int) string {
		r, g, b, _ := img.At(x, y).RGBA()
		switch {
		case r > 0xc000 && g < 0x4000:
			return red
		case g > 0xc000 && r < 0x4000:
			return green
		case b > 0xc000:
			return blue
		}
		return "mixed"
	}
	// Where the four corners of the upright picture lie in the order left upper, right upper, left lower, right lower.
	for orientation, want := range map[uint16][4]string{
		0: {red, green, blue, blue}, 1: {red, green, blue, blue}, 2: {green, red, blue, blue}, 3: {blue, blue, green, red}, 4: {blue, blue, red, green},
		5: {red, blue, green, blue}, 6: {blue, red, blue, green}, 7: {blue, green, blue, red}, 8: {green, blue, red, blue}, 9: {red, green, blue, blue},
	} {
		raw := withCamera(jpegOf(t, quarters(64, 32)), orientation)
		if !bytes.Contains(raw, []byte("SECRETPHONE")) {
			t.Fatal("the sample says nothing of its camera")
		}
		u := h.add(chen, "IMG.jpg", raw)
		got := h.bytesOf(u)
		if bytes.Contains(got, []byte("SECRETPHONE")) || bytes.Contains(got, []byte("Exif")) {
			t.Errorf("orientation %d: the camera's note is kept", orientation)
		}
		img, err := jpeg.Decode(bytes.NewReader(got))
		h.must(err)
		w, hgt := img.Bounds().Dx(), img.Bounds().Dy()
		if turned := orientation >= 5 && orientation <= 8; (w == 32 && hgt == 64) != turned || u.Width != w || u.Height != hgt {
			t.Errorf("orientation %d: %d by %d, said to be %d by %d", orientation, w, hgt, u.Width, u.Height)
			continue
		}
		corners := [4]string{at(img, 4, 4), at(img, w-5, 4), at(img, 4, hgt-5), at(img, w-5, hgt-5)}
		if corners != want {
			t.Errorf("orientation %d: %v, want %v", orientation, corners, want)
		}
	}
	raw := pngOf(t, quarters(8, 8))
	note := append([]byte("tEXt"), "Author\x00SECRETPHONE"...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(note)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, note...), crc32.ChecksumIEEE(note))
	noted := append(append(append([]byte{}, raw[:33]...), chunk...), raw[33:]...)
	if got := h.bytesOf(h.add(chen, "a.png", noted)); bytes.Contains(got, []byte("SECRETPHONE")) {
		t.Error("a PNG keeps its notes")
	}
}

func TestDescribeAndMine(t *testing.T) {
	h := newHouse(t)
	a, b := h.add(chen, "一 份.pdf", []byte("%PDF-1.7 a")), h.add(&model.Actor{MemberID: "lin"}, "二.pdf", []byte("%PDF-1.7 b"))
	refs, err := h.room.Describe(h.ctx, []string{b.ID, "x", a.ID})
	if err != nil || len(refs) != 2 || refs[0].ID != b.ID || refs[1].ID != a.ID || refs[1].Name != "一 份.pdf" || refs[1].Size != a.Size || refs[1].MIME != model.MIMEPDF {
		t.Fatalf("described %+v %v", refs, err)
	}
	if !strings.HasPrefix(refs[1].URL, "/files/"+a.ID+"/%E4%B8%80%20%E4%BB%BD.pdf?e=") {
		t.Errorf("the address is %s", refs[1].URL)
	}
	h.now = h.now.Add(2 * time.Hour) // still the same day
	if again := h.room.URL(a); again != refs[1].URL {
		t.Errorf("the address has changed within the day: %s", again)
	}
	h.must(h.room.Mine(h.ctx, chen, nil))
	h.must(h.room.Mine(h.ctx, chen, []string{a.ID}))
	err = h.room.Mine(h.ctx, chen, []string{"x", a.ID, b.ID})
	var e *model.Error
	if !errors.As(err, &e) || e.Code != model.CodeInvalid || len(e.Fields) != 2 || e.Fields[0].Field != "attachment_ids[0]" || e.Fields[1].Field != "attachment_ids[2]" {
		t.Errorf("another's file: %v", err)
	}
	if h.room.Mine(h.ctx, nil, []string{a.ID}) == nil || h.room.Mine(h.ctx, &model.Actor{}, []string{a.ID}) == nil {
		t.Error("a stranger has files")
	}
}

func TestLinksEndAndCannotBeMade(t *testing.T) {
	h := newHouse(t)
	a, b := h.add(chen, "a.pdf", []byte("%PDF-1.7 a")), h.add(chen, "b.pdf", []byte("%PDF-1.7 b"))
	ends := model.FileLinkExpiry(h.now)
	good := upload.Link{Expires: ends.Unix(), Signature: plainSigner{}.Sign(model.FileLinkText(a.ID, ends.Unix()))}
	later := good
	later.Expires++
	for _, c := range []struct {
		name string
		id   string
		link upload.Link
		at   time.Time
		want bool
	}{
		{"a good link", a.ID, good, h.now, true},
		{"at the last moment", a.ID, good, ends.Add(-time.Second), true},
		{"too late", a.ID, good, ends, false},
		{"with another end", a.ID, later, h.now, false},
		{"of another file", b.ID, good, h.now, false},
		{"without a signature", a.ID, upload.Link{Expires: good.Expires}, h.now, false},
		{"without an end", a.ID, upload.Link{Signature: good.Signature}, h.now, false},
	} {
		h.now = c.at
		f, err := h.room.Open(h.ctx, nil, c.id, c.link)
		if (err == nil) != c.want || (err != nil && !model.IsNotFound(err)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			h.must(f.Content.Close())
		}
	}
}

// attachments is another room that uses files.
type attachments struct{ ids []string }

func (a attachments) MaySeeFile(_ context.Context, actor *model.Actor, _ string) (bool, error) {
	return actor.Bound() && actor.MemberID == "reader", nil
}

func (a attachments) UsedFiles(context.Context, []string) ([]string, error) { return a.ids, nil }

func TestPruneClearsWhatNothingUses(t *testing.T) {
	h := newHouse(t)
	pdf := []byte("%PDF-1.7 the same bytes")
	orphan, twin, used, elsewhere := h.add(chen, "a.pdf", pdf), h.add(chen, "b.pdf", pdf), h.add(chen, "c.pdf", pdf), h.add(chen, "d.pdf", pdf)
	h.must(h.store.SetArticleFiles(h.ctx, "a1", []model.ArticleFile{
		{ArticleID: "a1", Role: model.FileAttachment, UploadID: used.ID}, {ArticleID: "a1", Role: model.FileBody, UploadID: twin.ID}}))
	h.room.Refer(attachments{[]string{elsewhere.ID}})
	if n, err := h.room.Prune(h.ctx); err != nil || n != 0 {
		t.Fatalf("fresh files are cleared away: %d %v", n, err)
	}
	h.now = h.now.Add(7*24*time.Hour + time.Second)
	fresh := h.add(chen, "e.pdf", pdf)
	if n, err := h.room.Prune(h.ctx); err != nil || n != 1 {
		t.Fatalf("cleared %d %v, want the orphan alone", n, err)
	}
	if _, err := h.room.Open(h.ctx, chen, orphan.ID, upload.Link{}); !model.IsNotFound(err) {
		t.Errorf("the orphan is still there: %v", err)
	}
	for _, u := range []*model.Upload{twin, used, elsewhere, fresh} {
		if !bytes.Equal(h.bytesOf(u), pdf) {
			t.Errorf("%s has lost its bytes", u.Name)
		}
	}
	if n := h.left(h.files); n != 4 {
		t.Errorf("%d files are kept", n)
	}
}

func TestWhoMaySeeAFile(t *testing.T) {
	h := newHouse(t)
	u := h.add(chen, "a.pdf", []byte("%PDF-1.7 a"))
	article := func(v model.Visibility, state model.ArticleState) *model.Article {
		a := &model.Article{ID: store.NewID(), OrgID: "a", OrgPath: "/r/a/", OrgKind: model.OrgBranch, Category: model.CategoryNews, Visibility: v, State: state, Version: 1}
		h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
		return a
	}
	at := func(id, path string, role model.Role) *model.Actor {
		a := &model.Actor{MemberID: id, Places: []model.Place{{OrgID: id, Path: path}}}
		if role != "" {
			a.Powers = []model.Power{{OrgID: id, Path: path, Role: role}}
		}
		return a
	}
	actors := map[string]*model.Actor{
		"owner": chen, "member": at("m", "/r/a/", ""), "secretary": at("s", "/r/a/", model.RoleSecretary), "office": at("o", "/r/", model.RoleStaff),
		"neighbour": at("n", "/r/b/", model.RoleSecretary), "visitor": {SessionID: "v"}, "stranger": nil,
	}
	sees := func(what string, want ...string) {
		t.Helper()
		for name, actor := range actors {
			f, err := h.room.Open(h.ctx, actor, u.ID, upload.Link{})
			if err == nil {
				h.must(f.Content.Close())
			}
			if got, should := err == nil, strings.Contains(" "+strings.Join(want, " ")+" ", " "+name+" "); got != should || (err != nil && !model.IsNotFound(err)) {
				t.Errorf("%s: the %s %v (%v)", what, name, got, err)
			}
		}
	}
	use := func(articles ...*model.Article) {
		t.Helper()
		for _, a := range articles {
			h.must(h.store.SetArticleFiles(h.ctx, a.ID, []model.ArticleFile{{ArticleID: a.ID, Role: model.FileAttachment, UploadID: u.ID}}))
		}
	}
	sees("used by nothing", "owner")
	use(article(model.VisibleMembers, model.ArticleDraft))
	sees("used by a draft", "owner", "secretary", "office")
	use(article(model.VisibleMembers, model.ArticlePublished))
	sees("used by the branch's text", "owner", "secretary", "office", "member")
	use(article(model.VisiblePublic, model.ArticlePublished))
	sees("used by a public text", "owner", "secretary", "office", "member", "neighbour", "visitor", "stranger")
}

func TestOtherRoomsMayShowAFile(t *testing.T) {
	h := newHouse(t)
	u := h.add(chen, "a.pdf", []byte("%PDF-1.7 a"))
	h.room.Refer(attachments{})
	for id, want := range map[string]bool{"reader": true, "another": false} {
		f, err := h.room.Open(h.ctx, &model.Actor{MemberID: id}, u.ID, upload.Link{})
		if (err == nil) != want {
			t.Errorf("%s: %v", id, err)
		}
		if err == nil {
			h.must(f.Content.Close())
		}
	}
}

func TestALinkEndsWithItsArticle(t *testing.T) {
	h := newHouse(t)
	u := h.add(chen, "a.pdf", []byte("%PDF-1.7 a"))
	ends := model.FileLinkExpiry(h.now)
	link := upload.Link{Expires: ends.Unix(), Signature: plainSigner{}.Sign(model.FileLinkText(u.ID, ends.Unix()))}
	a := &model.Article{ID: "a1", OrgID: "b", OrgPath: "/r/b/", Category: model.CategoryNews, Title: "t", Visibility: model.VisibleParty, State: model.ArticlePublished, AuthorID: chen.MemberID, Version: 1}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
	h.must(h.store.SetArticleFiles(h.ctx, a.ID, []model.ArticleFile{{ArticleID: a.ID, Role: model.FileAttachment, UploadID: u.ID}}))
	outsider := &model.Actor{SessionID: "s", MemberID: "outsider", PartyStatus: model.PartyNone, Places: []model.Place{{OrgID: "b", Path: "/r/b/"}}}
	opens := func(actor *model.Actor) bool {
		f, err := h.room.Open(h.ctx, actor, u.ID, link)
		if err == nil {
			h.must(f.Content.Close())
		}
		return err == nil
	}
	if !opens(nil) || !opens(chen) {
		t.Error("the picture of a published article must show without a token, and to its owner")
	}
	if opens(outsider) {
		t.Error("a member who may not see the article opened its file by a link")
	}
	from := a.State
	a.State = model.ArticleWithdrawn
	if moved, err := h.store.StepArticle(h.ctx, a, from); err != nil || !moved {
		t.Fatal(moved, err)
	}
	if opens(nil) || opens(outsider) {
		t.Error("the link of a withdrawn article still opens the file")
	}
	if !opens(chen) {
		t.Error("the owner may still open the file")
	}
}

// webpOf is a WebP picture of one pixel.
func webpOf(t *testing.T, coded string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
