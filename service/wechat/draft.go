package wechat

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// The APIs of the service account's draft box.
const (
	APIDraftAdd     = "/cgi-bin/draft/add"
	APIDraftUpdate  = "/cgi-bin/draft/update"
	APIDraftList    = "/cgi-bin/draft/batchget"
	APIArticleImage = "/cgi-bin/media/uploadimg"
	APIMaterialAdd  = "/cgi-bin/material/add_material"
)

// What a draft may hold, by the page of draft/add. The content is counted with its markup.
const (
	MaxDraftTitle   = 32
	MaxDraftAuthor  = 16
	MaxDraftDigest  = 120
	MaxDraftContent = 20_000  // characters, exclusive
	MaxDraftBytes   = 1 << 20 // of the content, exclusive
	MaxArticleImage = 1 << 20 // bytes of a picture in the text, exclusive
	MaxThumb        = 10 << 20
)

// CodeMediaGone is WeChat's word for a media id that it does not know: of a draft that was published or deleted, or of a cover that was deleted.
const CodeMediaGone = 40007

// Draft is an article for the draft box. ThumbMediaID is of a lasting material.
type Draft struct {
	Title, Author, Digest, Content string
	SourceURL                      string // 阅读原文
	ThumbMediaID                   string
}

// draftJSON is a draft in WeChat's words. The fields that WeChat trips over when they are empty are left out.
type draftJSON struct {
	Type         string `json:"article_type"`
	Title        string `json:"title"`
	Author       string `json:"author,omitempty"`
	Digest       string `json:"digest,omitempty"`
	Content      string `json:"content"`
	SourceURL    string `json:"content_source_url,omitempty"`
	ThumbMediaID string `json:"thumb_media_id"`
	Comments     int    `json:"need_open_comment"`
}

func (a Draft) json() draftJSON {
	return draftJSON{Type: "news", Title: a.Title, Author: a.Author, Digest: a.Digest, Content: a.Content, SourceURL: a.SourceURL, ThumbMediaID: a.ThumbMediaID}
}

// AddDraft puts an article into the draft box and returns its media id. It is not idempotent: after ClassRetry the draft may be there.
func (d *Door) AddDraft(ctx context.Context, a Draft) (string, error) {
	body := struct {
		Articles []draftJSON `json:"articles"`
	}{[]draftJSON{a.json()}}
	var out struct {
		head
		MediaID string `json:"media_id"`
	}
	if _, err := d.do(ctx, request{api: APIDraftAdd, app: d.oa, body: body}, &out); err != nil {
		return "", err
	}
	if out.MediaID == "" {
		return "", unreadable(APIDraftAdd, "answer without a media id")
	}
	return out.MediaID, nil
}

// UpdateDraft writes a draft anew. CodeMediaGone says that it was published or deleted, or that its cover was.
func (d *Door) UpdateDraft(ctx context.Context, mediaID string, a Draft) error {
	body := struct {
		MediaID string    `json:"media_id"`
		Index   int       `json:"index"`
		Article draftJSON `json:"articles"`
	}{mediaID, 0, a.json()}
	var out struct{ head }
	_, err := d.do(ctx, request{api: APIDraftUpdate, app: d.oa, body: body}, &out)
	return err
}

// DraftItem is a draft as the list of the box tells it.
type DraftItem struct {
	MediaID, Title, SourceURL string
}

// Drafts are the latest drafts, at most twenty.
func (d *Door) Drafts(ctx context.Context) ([]DraftItem, error) {
	body := map[string]int{"offset": 0, "count": 20, "no_content": 1}
	var out struct {
		head
		Item []struct {
			MediaID string `json:"media_id"`
			Content struct {
				News []struct {
					Title     string `json:"title"`
					SourceURL string `json:"content_source_url"`
				} `json:"news_item"`
			} `json:"content"`
		} `json:"item"`
	}
	if _, err := d.do(ctx, request{api: APIDraftList, app: d.oa, body: body}, &out); err != nil {
		return nil, err
	}
	var list []DraftItem
	for _, i := range out.Item {
		if len(i.Content.News) == 1 { // what has several articles is not ours
			list = append(list, DraftItem{MediaID: i.MediaID, Title: i.Content.News[0].Title, SourceURL: i.Content.News[0].SourceURL})
		}
	}
	return list, nil
}

// Picture is a file for WeChat.
type Picture struct {
	Name  string
	MIME  string
	Bytes []byte
}

// ArticleImage uploads a picture for the text of an article and returns the address under which WeChat shows it.
func (d *Door) ArticleImage(ctx context.Context, p Picture) (string, error) {
	var out struct {
		head
		URL string `json:"url"`
	}
	if _, err := d.do(ctx, request{api: APIArticleImage, app: d.oa, body: &p}, &out); err != nil {
		return "", err
	}
	if u, err := url.Parse(out.URL); err != nil || u.Host == "" {
		return "", unreadable(APIArticleImage, "answer without an address")
	}
	return out.URL, nil
}

// AddImage uploads a picture among the lasting materials, where covers come from, and returns its media id.
func (d *Door) AddImage(ctx context.Context, p Picture) (string, error) {
	var out struct {
		head
		MediaID string `json:"media_id"`
	}
	if _, err := d.do(ctx, request{api: APIMaterialAdd, app: d.oa, query: url.Values{"type": {"image"}}, body: &p}, &out); err != nil {
		return "", err
	}
	if out.MediaID == "" {
		return "", unreadable(APIMaterialAdd, "answer without a media id")
	}
	return out.MediaID, nil
}

// fileTimeout bounds the exchange of a file, which takes longer than words.
const fileTimeout = 30 * time.Second

// patience is how long an exchange may take.
func (d *Door) patience(r request) time.Duration {
	if _, ok := r.body.(*Picture); ok {
		return max(d.timeout, fileTimeout)
	}
	return d.timeout
}

var quoteEscaper = strings.NewReplacer(`\`, `_`, `"`, `_`, "\r", "_", "\n", "_")

// composeFile makes the request of a file, in the part "media" that WeChat looks for.
func composeFile(ctx context.Context, address string, p *Picture) (*http.Request, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name="media"; filename="%s"`, quoteEscaper.Replace(p.Name))}, "Content-Type": {p.MIME},
	})
	if err == nil {
		_, err = io.Copy(part, bytes.NewReader(p.Bytes))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &buf)
	if err == nil {
		req.Header.Set("Content-Type", w.FormDataContentType())
	}
	return req, err
}
