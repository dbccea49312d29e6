package content

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"zhibu/model"
)

// Addresses that may stand in an article. A picture comes from our own files or over https; a link leads to the web, to an address of
// e-mail or to one of our files. A host has a name and nobody's account before it. Everything else, scripts and data in addresses among it, is dropped.
var (
	pictureAddress = regexp.MustCompile(`^(?:/files/[A-Za-z0-9_-]+(?:[/?][^\s\\<>"'` + "`" + `]*)?|(?i:https)://[\p{L}\p{N}\[][^\s/\\?#@<>"'` + "`" + `]*(?:[/?#][^\s\\<>"'` + "`" + `]*)?)$`)
	linkAddress    = regexp.MustCompile(`^(?:/files/[A-Za-z0-9_-]+(?:[/?][^\s\\<>"'` + "`" + `]*)?|(?i:https?)://[\p{L}\p{N}\[][^\s/\\?#@<>"'` + "`" + `]*(?:[/?#][^\s\\<>"'` + "`" + `]*)?|(?i:mailto):[^\s\\<>"'` + "`" + `]+)$`)
	ownAddress     = regexp.MustCompile(`^/files/([A-Za-z0-9_-]+)`)
	ownReference   = regexp.MustCompile(`(src|href)="/files/([A-Za-z0-9_-]+)"`)
	remotePicture  = regexp.MustCompile(`(<img [^>]*?src=")(https://[^"]+)"`)
	smallNumber    = regexp.MustCompile(`^[0-9]{1,4}$`)
	plainText      = regexp.MustCompile(`^[^<>]{0,300}$`)
)

// markup turns what a person wrote or pasted into what may be shown. It is safe for use by many goroutines.
type markup struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

func newMarkup() *markup {
	return &markup{
		// HTML inside Markdown passes here, because everything is cleaned afterwards.
		markdown: goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify), goldmark.WithRendererOptions(gmhtml.WithUnsafe())),
		policy:   newPolicy(),
	}
}

// newPolicy names what may stay: structure, tables, pictures and links, without any style of their own.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "div", "section", "article", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd",
		"blockquote", "pre", "code", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "sub", "sup", "small",
		"figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td")
	p.AllowAttrs("start").Matching(smallNumber).OnElements("ol")
	p.AllowAttrs("colspan", "rowspan").Matching(smallNumber).OnElements("th", "td")
	p.AllowAttrs("src").Matching(pictureAddress).OnElements("img")
	p.AllowAttrs("alt", "title").Matching(plainText).OnElements("img")
	p.AllowAttrs("width", "height").Matching(smallNumber).OnElements("img")
	p.AllowAttrs("href").Matching(linkAddress).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // and with it rel="noopener"
	p.SkipElementsContent("template", "svg", "math", "textarea", "select", "button", "head", "xml", "audio", "video", "canvas", "form")
	return p
}

// text is one body in all its forms.
type text struct {
	markdown, html, plain string
	files                 []string        // our own files that the body shows or links to
	remote                []string        // pictures on other servers, each once
	insecure              map[string]bool // those of them that were named without TLS
	lost                  lost            // pictures that could not be brought along
	pasted                []pasted        // pictures that came in the text itself
}

// Markdown is small, but some of it takes quadratic time or makes a table of millions of cells; what no article needs is refused before it is read.
const (
	maxMarkdown = 50_000  // characters
	maxCells    = 100_000 // the widest row times the number of lines
	maxQuotes   = 12      // quotes within quotes
	maxHTML     = 1 << 20 // bytes, when cleaned
)

// tooTangled reports whether rendering would cost more than any article is worth.
func tooTangled(source string) bool {
	lines := strings.Split(source, "\n")
	cells := 0
	for _, l := range lines {
		head := strings.TrimLeft(l, "> \t-*+0123456789.)")
		if strings.Count(l[:len(l)-len(head)], ">") > maxQuotes {
			return true
		}
		cells = max(cells, strings.Count(l, "|"))
	}
	return cells*len(lines) > maxCells
}

// fromMarkdown renders Markdown and keeps it for the next edit.
func (m *markup) fromMarkdown(source string) (text, error) {
	source = model.CleanText(source)
	if utf8.RuneCountInString(withoutInline(source)) > maxMarkdown || tooTangled(source) {
		return text{}, model.BadField("body_markdown", "too_complex", "正文过长或结构过于复杂（表格过大、引用层数过多），请精简后重试。")
	}
	var b bytes.Buffer
	if err := m.markdown.Convert([]byte(source), &b); err != nil {
		return text{}, err
	}
	t := m.fromHTML(b.String())
	t.markdown = source
	return t, nil
}

// fromHTML cleans what was pasted.
func (m *markup) fromHTML(source string) text {
	paste := tidier{insecure: map[string]bool{}}
	clean := settle(m.policy.Sanitize(paste.tidy(model.CleanText(source))))
	t := text{html: clean, plain: plainOf(clean), insecure: paste.insecure, lost: paste.lost, pasted: paste.pasted}
	seen := map[string]bool{}
	for _, found := range ownReference.FindAllStringSubmatch(clean, -1) {
		if id := found[2]; !seen[id] {
			seen[id] = true
			t.files = append(t.files, id)
		}
	}
	for _, found := range remotePicture.FindAllStringSubmatch(clean, -1) {
		if address := html.UnescapeString(found[2]); !slices.Contains(t.remote, address) && !strings.HasPrefix(address, pastedPrefix) {
			t.remote = append(t.remote, address)
		}
	}
	return t
}

// settle finishes what was cleaned: pictures that lost their address go, since a browser would show them as broken, and addresses of our own
// files are cut to the file's id, because the rest is a signature that ends. It is put on anew whenever the article is shown.
func settle(clean string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		if kind == html.ErrorToken { // the end: what is read comes from memory
			return strings.TrimSpace(b.String())
		}
		raw := string(z.Raw())
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			b.WriteString(raw)
			continue
		}
		t := z.Token()
		address := ""
		for i, a := range t.Attr {
			if a.Key != "src" && a.Key != "href" {
				continue
			}
			address = a.Val
			if own := ownFile(a.Val); own != "" && own != a.Val {
				t.Attr[i].Val = own
				raw = t.String()
			}
		}
		if t.Data != "img" || address != "" {
			b.WriteString(raw)
		}
	}
}

// ownFile is the lasting address of one of our files; empty for another's. Clients may write the whole address with our host, signed.
func ownFile(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Host != "" && (u.Query().Get("e") == "" || u.Query().Get("s") == "") {
		return ""
	}
	return ownAddress.FindString(u.EscapedPath())
}

// withAddresses puts the present addresses of our files into a body. A file that is gone leaves its reference, which leads nowhere.
func withAddresses(body string, refs map[string]model.FileRef) string {
	return ownReference.ReplaceAllStringFunc(body, func(found string) string {
		m := ownReference.FindStringSubmatch(found)
		if r, ok := refs[m[2]]; ok && r.URL != "" {
			return m[1] + `="` + html.EscapeString(r.URL) + `"`
		}
		return found
	})
}

// plainOf is the text alone, a line for each block, for the search, for digests and for listening.
func plainOf(clean string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(clean))
	pre := false // only there a line's end in the source is one on the page
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return tidyLines(b.String())
		case html.TextToken:
			text := html.UnescapeString(string(z.Raw()))
			if !pre {
				text = strings.ReplaceAll(text, "\n", " ")
			}
			b.WriteString(text)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			if string(name) == "pre" {
				pre = kind == html.StartTagToken
			}
			switch string(name) {
			case "td", "th":
				b.WriteByte(' ')
			case "strong", "b", "em", "i", "u", "s", "del", "ins", "mark", "sub", "sup", "small", "a", "code", "img":
			default:
				b.WriteByte('\n')
			}
		}
	}
}

// tidyLines puts each line on one line without needless blanks, and leaves out empty ones.
func tidyLines(s string) string {
	lines := strings.Split(model.CleanText(s), "\n")
	kept := lines[:0]
	for _, l := range lines {
		if l = model.SingleLine(l); l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}
