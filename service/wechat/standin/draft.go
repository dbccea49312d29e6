package standin

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// OfficialDraft is an article in a service account's draft box, as its operator would see it.
type OfficialDraft struct {
	MediaID string
	Title   string
	Author  string
	Digest  string
	Content string
	Source  string
	Thumb   string
	Updated int64
}

// draftBox is the draft box of all service accounts with their pictures.
type draftBox struct {
	drafts    map[string]*OfficialDraft // by app and media id
	materials map[string]int            // by app and media id: its bytes
	images    map[string]int            // by address: its bytes
	serial    int64
}

// The sizes that the endpoints of files take.
const (
	maxArticleImage = 1 << 20
	maxMaterial     = 10 << 20
	maxForm         = maxMaterial + 64<<10
)

// addDraftRoutes adds the endpoints of the draft box to the table.
func (s *Server) addDraftRoutes() {
	s.box = &draftBox{drafts: map[string]*OfficialDraft{}, materials: map[string]int{}, images: map[string]int{}}
	s.routes["/cgi-bin/draft/add"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 1000}, handle: draftAdd}
	s.routes["/cgi-bin/draft/update"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 1000}, handle: draftUpdate}
	s.routes["/cgi-bin/draft/get"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 500}, handle: draftGet}
	s.routes["/cgi-bin/draft/batchget"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 1000}, handle: draftList}
	s.routes["/cgi-bin/media/uploadimg"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 1000}, handle: uploadImage, form: true}
	s.routes["/cgi-bin/material/add_material"] = route{method: "POST", entry: officialOnly, rate: rate{daily: 1000}, handle: addMaterial, form: true}
}

// bodyLimit is how long a call's body may be.
func (s *Server) bodyLimit(api string) int64 {
	switch {
	case s.routes[api].form:
		return maxForm
	case strings.HasPrefix(api, "/cgi-bin/draft/"):
		return 4 << 20
	}
	return maxBody
}

// draftFields are an article's, as draft/add and draft/update take them.
type draftFields struct {
	Type    string `json:"article_type"`
	Title   string `json:"title"`
	Author  string `json:"author"`
	Digest  string `json:"digest"`
	Content string `json:"content"`
	Source  string `json:"content_source_url"`
	Thumb   string `json:"thumb_media_id"`
}

// scripts are taken out of a text, and so are pictures that WeChat did not keep itself.
var (
	scripts  = regexp.MustCompile(`(?is)<script.*?</script>|<style.*?</style>`)
	pictures = regexp.MustCompile(`(?is)<img[^>]*?\bsrc="([^"]*)"[^>]*>`)
)

// take checks an article as WeChat does and puts it into the box. The caller holds the lock.
func (c *call) take(id string, in draftFields) reply {
	b, app := c.s.box, c.app.AppID
	switch {
	case in.Type != "" && in.Type != "news":
		return c.fail(40097, "invalid args")
	case in.Title == "" || utf8.RuneCountInString(in.Title) > 32:
		return c.fail(45003, "title size out of limit")
	case utf8.RuneCountInString(in.Author) > 16:
		return c.fail(45110, "author size out of limit")
	case utf8.RuneCountInString(in.Digest) > 128:
		return c.fail(45004, "description size out of limit")
	case in.Content == "":
		return c.fail(44004, "empty content")
	case utf8.RuneCountInString(in.Content) >= 20_000 || len(in.Content) >= 1<<20:
		return c.fail(45002, "content size out of limit")
	case len(in.Source) > 1024:
		return c.fail(45010, "source url size out of limit")
	}
	if _, ok := b.materials[app+in.Thumb]; !ok {
		return c.fail(40007, "invalid media_id")
	}
	content := pictures.ReplaceAllStringFunc(scripts.ReplaceAllString(in.Content, ""), func(tag string) string {
		if _, ok := b.images[app+pictures.FindStringSubmatch(tag)[1]]; ok {
			return tag
		}
		return ""
	})
	b.drafts[app+id] = &OfficialDraft{
		MediaID: id, Title: in.Title, Author: in.Author, Digest: in.Digest, Content: content, Source: in.Source, Thumb: in.Thumb, Updated: c.at.UnixMilli(),
	}
	return reply{}
}

// draftAdd is POST /cgi-bin/draft/add.
func draftAdd(c *call) reply {
	var in struct {
		Articles []draftFields `json:"articles"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	if len(in.Articles) == 0 {
		return c.fail(44003, "empty news data")
	}
	if len(in.Articles) > 1 {
		return c.fail(45008, "article size out of limit")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.box.serial++
	id := fmt.Sprintf("draft-%s-%d", c.s.hex(16), c.s.box.serial)
	if out := c.take(id, in.Articles[0]); out.code != 0 {
		return out
	}
	return c.ok(struct {
		MediaID string `json:"media_id"`
		Item    []any  `json:"item"`
	}{id, []any{}})
}

// draftUpdate is POST /cgi-bin/draft/update.
func draftUpdate(c *call) reply {
	var in struct {
		MediaID  string      `json:"media_id"`
		Index    int         `json:"index"`
		Articles draftFields `json:"articles"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.box.drafts[c.app.AppID+in.MediaID] == nil || in.Index != 0 {
		return c.fail(40007, "invalid media_id")
	}
	if out := c.take(in.MediaID, in.Articles); out.code != 0 {
		return out
	}
	return c.ok(fine())
}

// newsItem is an article as draft/get and draft/batchget tell it.
func (d *OfficialDraft) newsItem(content bool) map[string]any {
	item := map[string]any{
		"article_type": "news", "title": d.Title, "author": d.Author, "digest": d.Digest, "content_source_url": d.Source, "thumb_media_id": d.Thumb,
		"url": "http://mp.weixin.qq.com/s/" + d.MediaID,
	}
	if content {
		item["content"] = d.Content
	}
	return item
}

// draftGet is POST /cgi-bin/draft/get.
func draftGet(c *call) reply {
	var in struct {
		MediaID string `json:"media_id"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	d := c.s.box.drafts[c.app.AppID+in.MediaID]
	if d == nil {
		return c.fail(40007, "invalid media_id")
	}
	return c.ok(map[string]any{"news_item": []any{d.newsItem(true)}})
}

// draftList is POST /cgi-bin/draft/batchget: the latest first.
func draftList(c *call) reply {
	var in struct {
		Offset    int `json:"offset"`
		Count     int `json:"count"`
		NoContent int `json:"no_content"`
	}
	if !c.decode(&in) || in.Count < 1 || in.Count > 20 || in.Offset < 0 {
		return c.fail(40097, "invalid args")
	}
	all := c.s.Drafts(c.app.AppID)
	items := []any{}
	for _, d := range all[min(in.Offset, len(all)):min(in.Offset+in.Count, len(all))] {
		items = append(items, map[string]any{"media_id": d.MediaID, "update_time": d.Updated / 1000, "content": map[string]any{"news_item": []any{d.newsItem(in.NoContent == 0)}}})
	}
	return c.ok(map[string]any{"total_count": len(all), "item_count": len(items), "item": items})
}

// media reads the part "media" of a form; its kind is told by its bytes, whatever it says.
func (c *call) media() (kind string, content []byte, out reply) {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return "", nil, c.fail(41005, "media data missing")
	}
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return "", nil, c.fail(41005, "media data missing")
		}
		if part.FormName() != "media" || part.FileName() == "" {
			continue
		}
		if content, err = io.ReadAll(part); err != nil || len(content) == 0 {
			return "", nil, c.fail(41005, "media data missing")
		}
		return http.DetectContentType(content), content, reply{}
	}
}

// forgetBody keeps the bytes of files out of the journal, where thousands of calls stand.
func (c *call) forgetBody() { c.body = nil }

// uploadImage is POST /cgi-bin/media/uploadimg: a picture for the text of an article.
func uploadImage(c *call) reply {
	defer c.forgetBody()
	kind, content, out := c.media()
	switch {
	case out.code != 0:
		return out
	case kind != "image/jpeg" && kind != "image/png":
		return c.fail(40005, "invalid file type")
	case len(content) >= maxArticleImage:
		return c.fail(40009, "invalid image size")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	address := "http://mmbiz.qpic.cn/mmbiz_" + strings.TrimPrefix(kind, "image/") + "/" + c.s.hex(24) + "/0"
	c.s.box.images[c.app.AppID+address] = len(content)
	return c.ok(struct {
		URL string `json:"url"`
	}{address})
}

// addMaterial is POST /cgi-bin/material/add_material for pictures.
func addMaterial(c *call) reply {
	if kind := c.query.Get("type"); kind != "image" {
		return c.fail(40004, "invalid media type")
	}
	defer c.forgetBody()
	kind, content, out := c.media()
	switch {
	case out.code != 0:
		return out
	case !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/bmp"}, kind):
		return c.fail(40113, "unsupported file type")
	case len(content) > maxMaterial:
		return c.fail(40009, "invalid image size")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	id := "material-" + c.s.hex(24)
	c.s.box.materials[c.app.AppID+id] = len(content)
	return c.ok(struct {
		MediaID string `json:"media_id"`
		URL     string `json:"url"`
		Item    []any  `json:"item"`
	}{id, "http://mmbiz.qpic.cn/" + id, []any{}})
}

// Drafts are what stands in an account's draft box, the latest first.
func (s *Server) Drafts(appid string) []OfficialDraft {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []OfficialDraft{}
	for key, d := range s.box.drafts {
		if key == appid+d.MediaID {
			list = append(list, *d)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Updated != list[j].Updated {
			return list[i].Updated > list[j].Updated
		}
		return list[i].MediaID < list[j].MediaID
	})
	return list
}

// DropDraft takes a draft out of the box, as its operator does who publishes or deletes it.
func (s *Server) DropDraft(appid, mediaID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.box.drafts, appid+mediaID)
}

// DraftMedia counts the pictures in texts and the materials that an account has uploaded.
func (s *Server) DraftMedia(appid string) (images, materials int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.box.images {
		if strings.HasPrefix(key, appid) {
			images++
		}
	}
	for key := range s.box.materials {
		if strings.HasPrefix(key, appid) {
			materials++
		}
	}
	return images, materials
}
