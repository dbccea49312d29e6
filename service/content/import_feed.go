package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"zhibu/model"
)

// MaxFeed is how large a feed may be, in bytes.
const MaxFeed = 8 << 20

// maxEntries is how many entries of one feed are read.
const maxEntries = 1000

// ImportFeed makes drafts of the entries of an RSS or Atom feed, the oldest first, each with the address it came from. address is the feed's own,
// against which its links are completed; it may be empty.
// Errors: not_found (the organisation), validation_failed. What is wrong with an entry stands in the result.
func (s *Service) ImportFeed(ctx context.Context, im Import, address string, r io.Reader) (*ImportResult, error) {
	run, err := s.startImport(ctx, im)
	if err != nil {
		return nil, err
	}
	feed, err := parseFeed(r)
	if err != nil {
		return nil, err
	}
	base := address
	if feed.Link != "" {
		base = against(address)("href", feed.Link)
	}
	entries := feed.Items[:min(len(feed.Items), maxEntries)]
	links := map[string]int{}
	for _, e := range entries {
		e.Link = against(base)("href", strings.TrimSpace(e.Link))
		links[e.Link]++
	}
	for _, e := range slices.Backward(entries) {
		if err := run.take(ctx, run.entryCandidate(model.SingleLine(plainOf(feed.Title)), base, e, links[e.Link] == 1)); err != nil {
			return &run.result, err
		}
	}
	return &run.result, nil
}

func parseFeed(r io.Reader) (*gofeed.Feed, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFeed+1))
	if err != nil {
		return nil, model.BadField("feed", "unreadable", "订阅源读取中断，请稍后再试。").Because(err)
	}
	if len(raw) > MaxFeed {
		return nil, model.BadField("feed", "too_long", "订阅源超过 8 MB，请缩小范围后导入。")
	}
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(raw))
	if err != nil || feed.FeedType != "rss" && feed.FeedType != "atom" {
		return nil, model.BadField("feed", "invalid", "这不是 RSS 或 Atom 订阅源，请核对地址或文件。").Because(err)
	}
	feed.Items = slices.DeleteFunc(feed.Items, func(i *gofeed.Item) bool { return i == nil })
	return feed, nil
}

// entryCandidate knows an entry by its id, and by its link where no other entry has the same.
func (r *importRun) entryCandidate(site, base string, e *gofeed.Item, ownLink bool) candidate {
	title := model.SingleLine(plainOf(e.Title))
	body := e.Content
	if strings.TrimSpace(body) == "" {
		body = e.Description
	}
	sum := sha256.Sum256([]byte(title + "\n" + body))
	c := candidate{name: title, digest: hex.EncodeToString(sum[:])}
	if c.name == "" {
		c.name = e.Link
	}
	if e.GUID != "" {
		c.sources = append(c.sources, hashOf("entry", r.OrgID, hostOf(base), e.GUID))
	}
	if ownLink && e.Link != "" {
		link, _, _ := strings.Cut(e.Link, "#")
		c.sources = append(c.sources, hashOf("link", r.OrgID, link))
	}
	if len(c.sources) == 0 {
		c.sources = []string{hashOf("content", r.OrgID, c.digest)}
	}
	c.read = func(context.Context) (Input, []string, error) { return entryInput(site, base, title, body, e) }
	return c
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// entryInput makes what an editor would write out of an entry.
func entryInput(site, base, title, body string, e *gofeed.Item) (Input, []string, error) {
	var notes []string
	if model.ClassifiedName(title) {
		return Input{}, nil, model.BadField("title", "classified_name", "标题显示这可能是涉密或内部资料，不能导入。")
	}
	if !strings.ContainsAny(body, "<&") { // a plain text has lines instead of paragraphs
		body = "<p>" + strings.ReplaceAll(html.EscapeString(body), "\n", "</p><p>") + "</p>"
	}
	if e.Link != "" {
		base = e.Link
	}
	d, err := readDocument("<main>"+body+"</main>", against(base))
	if err != nil {
		return Input{}, nil, err
	}
	in := Input{Title: &title, BodyHTML: &d.body}
	if d.title != "" && model.SingleLine(d.title) != title { // its heading was no repetition of the title
		with := "<h2>" + html.EscapeString(d.title) + "</h2>" + d.body
		in.BodyHTML = &with
	}
	if strings.TrimSpace(e.Content) == "" {
		notes = append(notes, "订阅源只给出了简介，请对照原文补全。")
	} else if digest := model.SingleLine(plainOf(e.Description)); digest != "" && utf8.RuneCountInString(digest) <= model.MaxDigest {
		in.Digest = &digest
	}
	src := Source{Name: model.CutRunes(site, 100), URL: e.Link}
	if at := firstTime(e.PublishedParsed, e.UpdatedParsed); at != nil {
		src.Date = model.DateOf(*at)
	}
	if src.Name == "" {
		src.Name = hostOf(base)
	}
	if src.Name != "" || src.Date != "" {
		in.Source = &src
	}
	return in, notes, nil
}

func firstTime(list ...*time.Time) *time.Time {
	for _, t := range list {
		if t != nil && !t.IsZero() {
			return t
		}
	}
	return nil
}
