package content

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/simplifiedchinese"

	"zhibu/model"
)

// document is an HTML page or piece, taken apart.
type document struct {
	title string // of the first heading, else of the page
	body  string
}

// resolver puts an address in the place of one in a document; attribute is src or href.
type resolver func(attribute, address string) string

// tooDeep is for pages nested deeper than a parser follows.
func tooDeep(err error) error {
	return model.BadField("body_html", "too_complex", "页面结构过于复杂，无法读取。").Because(err)
}

// readDocument takes an HTML page or piece apart: what is called an article or the main part of a page is the body, else everything.
// The heading that becomes the title does not stay in the body.
func readDocument(source string, resolve resolver) (document, error) {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return document{}, tooDeep(err)
	}
	var d document
	page := findIn(root, func(n *html.Node) bool { return n.DataAtom == atom.Title })
	body := findIn(root, func(n *html.Node) bool { return n.DataAtom == atom.Body })
	for _, part := range []atom.Atom{atom.Article, atom.Main} {
		if found := findIn(body, func(n *html.Node) bool { return n.DataAtom == part }); found != nil {
			body = found
			break
		}
	}
	if h := findIn(body, func(n *html.Node) bool { return n.DataAtom == atom.H1 }); h != nil {
		d.title = model.SingleLine(textIn(h))
		h.Parent.RemoveChild(h)
	} else if page != nil {
		d.title = model.SingleLine(textIn(page))
	}
	resolveIn(body, resolve)
	var b bytes.Buffer
	for n := body.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&b, n); err != nil {
			return document{}, err
		}
	}
	d.body = strings.TrimSpace(b.String())
	return d, nil
}

// findIn is the first element below a node that is asked for, or nil.
func findIn(n *html.Node, is func(n *html.Node) bool) *html.Node {
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			return d
		}
	}
	return nil
}

func textIn(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// pictureAttributes are where pages keep the address of a picture, some only until it is scrolled to.
var pictureAttributes = []string{"src", "data-src", "data-original"}

func resolveIn(root *html.Node, resolve resolver) {
	for n := range root.Descendants() {
		for i, a := range n.Attr {
			switch {
			case n.DataAtom == atom.Img && slices.Contains(pictureAttributes, a.Key):
				n.Attr[i].Val = resolve("src", a.Val)
			case n.DataAtom == atom.A && a.Key == "href":
				n.Attr[i].Val = resolve("href", a.Val)
			}
		}
	}
}

// against completes addresses that are written from where a page stands.
func against(base string) resolver {
	root, err := url.Parse(base)
	return func(_, address string) string {
		to, bad := url.Parse(strings.TrimSpace(address))
		if err != nil || bad != nil || root.Host == "" || to.Scheme != "" || strings.HasPrefix(address, "#") {
			return address
		}
		return root.ResolveReference(to).String()
	}
}

// readText brings a file's bytes to UTF-8: what is not UTF-8 already is what the page says of itself, else GB 18030, which older Chinese systems write.
func readText(raw []byte) string {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if utf8.Valid(raw) {
		return string(raw)
	}
	encoding, _, certain := charset.DetermineEncoding(raw, "")
	if !certain {
		encoding = simplifiedchinese.GB18030
	}
	text, err := encoding.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "")
	}
	return string(text)
}
