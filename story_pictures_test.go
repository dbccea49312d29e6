package main

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"zhibu/service/wechat/standin"
)

// freeAddress is an address of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// widePicture is wider than a phone.
func widePicture(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1000, 20))
	r := rand.New(rand.NewPCG(1, 1))
	for i := range img.Pix {
		img.Pix[i] = uint8(r.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStoryPictures lives a picture's life: it is shown to WeChat, which fetches it, and to readers only after WeChat's verdict or a moderator's; a public
// article goes with it into the service account's draft box, whatever WeChat does meanwhile.
func TestStoryPictures(t *testing.T) {
	address := freeAddress(t)
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{
		"LISTEN": address, "PUBLIC_URL": "http://" + address, "WECHAT_OFFICIAL_APPID": "wxofficial", "WECHAT_OFFICIAL_SECRET": "the service account's",
	})
	if err := p.wx.AddApp(standin.App{AppID: "wxofficial", Secret: "the service account's", Kind: standin.Official, Published: true}); err != nil {
		t.Fatal(err)
	}
	s := p.found().readership()
	cover := checkedPicture(t, s)
	heldPicture(t, s)
	draftBox(t, s, cover)
}

func (r *readership) fetched(address, token string) response {
	r.t.Helper()
	return r.call("GET", strings.TrimPrefix(address, r.base), token, nil)
}

func checkedPicture(t *testing.T, r *readership) string {
	t.Helper()
	up := r.upload("/uploads", r.secretary.token, "活动.png", widePicture(t))
	if up.status != 201 || up.text("check") != "waiting" || !strings.HasPrefix(up.text("url"), r.base+"/files/") {
		t.Fatalf("%d %s", up.status, up.raw)
	}
	id := up.text("id")
	if got := r.fetched(up.text("url"), ""); got.status != 200 || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("its uploader's own address: %d %s", got.status, got.header.Get("Cache-Control"))
	}
	r.eventually("WeChat has fetched and passed the picture", 20*time.Second, func() bool {
		return r.must(200, "GET", "/uploads/"+id, r.secretary.token, nil).text("check") == "passed"
	})
	article := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "支部开展康复服务行", "visibility": "public",
		"body_html": `<p>专家进社区 <img src="/files/` + id + `" alt="合影"/></p>`, "cover_id": id})
	r.must(200, "GET", "/articles/"+article, "", nil)
	shown := r.must(200, "GET", "/feed", "", nil)
	url, _ := shown.at("items", 0, "cover_url").(string)
	whole, small := r.fetched(url, ""), r.fetched(url+"&w=240", "")
	if whole.status != 200 || small.status != 200 || len(small.raw) >= len(whole.raw) || small.header.Get("ETag") == whole.header.Get("ETag") {
		t.Errorf("the cover: %d bytes and %d bytes", len(whole.raw), len(small.raw))
	}
	if c, err := png.DecodeConfig(bytes.NewReader(small.raw)); err != nil || c.Width != 240 {
		t.Errorf("the small cover: %+v %v", c, err)
	}
	return article
}

// heldPicture trips the label of politics, as Party pictures do: a person looks.
func heldPicture(t *testing.T, r *readership) {
	t.Helper()
	r.wx.SetMediaVerdict("/files/", standin.Review, standin.LabelPolitics)
	up := r.upload("/uploads", r.member.token, "会场.png", picture(t))
	id := up.text("id")
	r.eventually("the picture is held", 20*time.Second, func() bool {
		return r.must(200, "GET", "/uploads/"+id, r.member.token, nil).text("check") == "held"
	})
	queue := r.must(200, "GET", "/moderation/files", r.secretary.token, nil)
	if queue.text("items", 0, "id") != id || queue.text("items", 0, "held_because") != "politics" || queue.text("items", 0, "label_name") != "时政" {
		t.Errorf("the queue: %s", queue.raw)
	}
	if got := r.fetched(queue.text("items", 0, "url"), ""); got.status != 200 {
		t.Errorf("the moderator's own address: %d", got.status)
	}
	if todo := r.must(200, "GET", "/me", r.secretary.token, nil); todo.at("unread", "todo") == float64(0) {
		t.Errorf("nobody is told that a picture waits: %s", todo.raw)
	}
	r.refused(404, "not_found", "POST", "/uploads/"+id+"/moderate", r.other.token, object{"action": "approve"})
	if out := r.must(200, "POST", "/uploads/"+id+"/moderate", r.secretary.token, object{"action": "approve"}); out.text("check") != "passed" {
		t.Errorf("approved: %s", out.raw)
	}
}

func draftBox(t *testing.T, r *readership, article string) {
	t.Helper()
	call := "/articles/" + article + "/official-draft"
	r.wx.SetFault("/cgi-bin/draft/add", standin.Fault{Kind: standin.FaultHTTP})
	r.refused(502, "wechat_unavailable", "POST", call, r.secretary.token, nil)
	if list := r.wx.Drafts("wxofficial"); len(list) != 0 {
		t.Errorf("after a failure: %+v", list)
	}
	r.wx.SetFault("/cgi-bin/draft/add", standin.Fault{Kind: standin.FaultResetAfter, Times: 1}) // it is there, and nobody heard of it
	r.refused(502, "wechat_unavailable", "POST", call, r.secretary.token, nil)
	first := r.must(200, "POST", call, r.secretary.token, nil)
	list := r.wx.Drafts("wxofficial")
	if len(list) != 1 || list[0].MediaID != first.text("media_id") || list[0].Source != r.base+"/a/"+article || !strings.Contains(list[0].Content, `src="http://mmbiz.qpic.cn/`) {
		t.Errorf("the box: %+v; the answer: %s", list, first.raw)
	}
	if images, materials := r.wx.DraftMedia("wxofficial"); images != 1 || materials != 1 {
		t.Errorf("%d pictures and %d covers were uploaded", images, materials)
	}
	r.must(200, "PATCH", "/articles/"+article, r.secretary.token, object{"title": "支部开展康复服务行（更新）"})
	if got := r.must(200, "GET", call, r.secretary.token, nil); got.at("stale") != true {
		t.Errorf("the article has changed: %s", got.raw)
	}
	if again := r.must(200, "POST", call, r.secretary.token, nil); again.at("updated") != true || again.text("media_id") != first.text("media_id") {
		t.Errorf("again: %s", again.raw)
	}
	if list := r.wx.Drafts("wxofficial"); len(list) != 1 || list[0].Title != "支部开展康复服务行（更新）" {
		t.Errorf("the box: %+v", list)
	}
	r.wx.SetFault("*", standin.Fault{Kind: standin.FaultHTTP})
	r.refused(502, "wechat_unavailable", "POST", call, r.secretary.token, nil)
	r.wx.ClearFaults()
	r.must(200, "POST", "/articles/"+article+"/withdraw", r.secretary.token, nil)
	r.refused(409, "conflict", "POST", call, r.secretary.token, nil)
}
