package wechat_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/wechat"
	"zhibu/service/wechat/standin"
)

const draftApp = "wxofficialdraft"

func newDraftBox(t *testing.T) (*standin.Server, *wechat.Door) {
	t.Helper()
	clock := func() time.Time { return time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone) }
	s := standin.New(standin.Options{Clock: clock, Seed: 1})
	if err := s.AddApp(standin.App{AppID: draftApp, Secret: "official-secret", Kind: standin.Official, Published: true}); err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	door := wechat.New(wechat.Config{BaseURL: s.URL(), Official: wechat.App{AppID: draftApp, Secret: "official-secret"}, Clock: clock, Timeout: 5 * time.Second})
	t.Cleanup(func() {
		door.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, door
}

func draftPicture(t *testing.T) wechat.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9)), nil); err != nil {
		t.Fatal(err)
	}
	return wechat.Picture{Name: `图"1".jpg`, MIME: "image/jpeg", Bytes: b.Bytes()}
}

func TestTheDraftBox(t *testing.T) {
	s, door := newDraftBox(t)
	ctx := context.Background()
	p := draftPicture(t)
	address, err := door.ArticleImage(ctx, p)
	if err != nil || !strings.HasPrefix(address, "http://mmbiz.qpic.cn/") {
		t.Fatal(address, err)
	}
	thumb, err := door.AddImage(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	fine := wechat.Draft{Title: "标题", Author: "支部", Digest: "摘要", Content: `<p>一<img src="` + address + `"/><img src="https://elsewhere/a.png"/></p>`, SourceURL: "https://x/a/1", ThumbMediaID: thumb}
	id, err := door.AddDraft(ctx, fine)
	if err != nil {
		t.Fatal(err)
	}
	list := s.Drafts(draftApp)
	if len(list) != 1 || list[0].MediaID != id || list[0].Content != `<p>一<img src="`+address+`"/></p>` || list[0].Source != "https://x/a/1" {
		t.Errorf("%+v", list)
	}
	changed := fine
	changed.Title = "新标题"
	if err := door.UpdateDraft(ctx, id, changed); err != nil {
		t.Error(err)
	}
	got, err := door.Drafts(ctx)
	if err != nil || len(got) != 1 || got[0] != (wechat.DraftItem{MediaID: id, Title: "新标题", SourceURL: "https://x/a/1"}) {
		t.Errorf("%+v %v", got, err)
	}
	if images, materials := s.DraftMedia(draftApp); images != 1 || materials != 1 {
		t.Errorf("%d images, %d materials", images, materials)
	}
	for name, c := range map[string]struct {
		change func(*wechat.Draft)
		code   int
	}{
		"a long title":   {func(d *wechat.Draft) { d.Title = strings.Repeat("长", wechat.MaxDraftTitle+1) }, 45003},
		"a long author":  {func(d *wechat.Draft) { d.Author = strings.Repeat("长", wechat.MaxDraftAuthor+1) }, 45110},
		"a long digest":  {func(d *wechat.Draft) { d.Digest = strings.Repeat("长", 129) }, 45004},
		"a long text":    {func(d *wechat.Draft) { d.Content = strings.Repeat("长", wechat.MaxDraftContent) }, 45002},
		"nothing to say": {func(d *wechat.Draft) { d.Content = "" }, 44004},
		"no cover":       {func(d *wechat.Draft) { d.ThumbMediaID = "x" }, wechat.CodeMediaGone},
	} {
		d := fine
		c.change(&d)
		_, err := door.AddDraft(ctx, d)
		if call, ok := wechat.AsCallError(err); !ok || call.Code != c.code || call.Class == wechat.ClassRetry {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := fine
	whole.Title, whole.Author, whole.Digest = strings.Repeat("长", wechat.MaxDraftTitle), strings.Repeat("长", wechat.MaxDraftAuthor), strings.Repeat("长", wechat.MaxDraftDigest)
	whole.Content = strings.Repeat("长", wechat.MaxDraftContent-1)
	if _, err := door.AddDraft(ctx, whole); err != nil {
		t.Errorf("just enough: %v", err)
	}
	s.DropDraft(draftApp, id)
	if call, ok := wechat.AsCallError(door.UpdateDraft(ctx, id, fine)); !ok || call.Code != wechat.CodeMediaGone {
		t.Errorf("a draft that is gone: %v", call)
	}
}

func TestPicturesForTheDraftBox(t *testing.T) {
	_, door := newDraftBox(t)
	ctx := context.Background()
	p := draftPicture(t)
	for name, c := range map[string]struct {
		content []byte
		code    int
	}{
		"no picture":         {[]byte("GIF89a and so on"), 40005},
		"nothing":            {nil, 41005},
		"larger than a page": {append(bytes.Clone(p.Bytes), make([]byte, wechat.MaxArticleImage)...), 40009},
	} {
		_, err := door.ArticleImage(ctx, wechat.Picture{Name: "a.jpg", MIME: "image/jpeg", Bytes: c.content})
		if call, ok := wechat.AsCallError(err); !ok || call.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := door.AddImage(ctx, wechat.Picture{Name: "a.jpg", MIME: "image/jpeg", Bytes: append(bytes.Clone(p.Bytes), make([]byte, 2<<20)...)}); err != nil {
		t.Errorf("a large cover: %v", err)
	}
}

// Files too get a new token when theirs is dead, and no error tells one.
func TestFilesRenewADeadToken(t *testing.T) {
	s, door := newDraftBox(t)
	ctx := context.Background()
	if _, err := door.AddImage(ctx, draftPicture(t)); err != nil {
		t.Fatal(err)
	}
	s.RevokeTokens(draftApp)
	if _, err := door.ArticleImage(ctx, draftPicture(t)); err != nil {
		t.Errorf("with a dead token: %v", err)
	}
	mute := wechat.New(wechat.Config{BaseURL: s.URL(), Clock: time.Now})
	defer mute.Close()
	if _, err := mute.ArticleImage(ctx, draftPicture(t)); model.CodeOf(err) != model.CodeWechatDown || !strings.Contains(err.Error(), "ZHIBU_WECHAT_OFFICIAL_APPID") {
		t.Errorf("without settings: %v", err)
	}
}
