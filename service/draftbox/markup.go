package draftbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"zhibu/model"
)

// looks are the styles of a text. WeChat keeps what stands in style="…" and neither classes nor style sheets.
var looks = map[string]string{
	"p": "margin:0 0 1em;line-height:1.8", "h1": "font-size:1.3em;margin:1em 0 .6em", "h2": "font-size:1.2em;margin:1em 0 .6em", "h3": "font-size:1.1em;margin:1em 0 .6em",
	"blockquote": "margin:0 0 1em;padding:.4em 1em;border-left:3px solid #a61b1b;color:#555", "img": "max-width:100%;height:auto",
	"table": "width:100%;border-collapse:collapse;margin:0 0 1em", "th": "border:1px solid #ccc;padding:.4em", "td": "border:1px solid #ccc;padding:.4em",
	"ul": "margin:0 0 1em;padding-left:1.5em", "ol": "margin:0 0 1em;padding-left:1.5em", "li": "line-height:1.8", "pre": "white-space:pre-wrap;background:#f6f6f6;padding:.6em",
	"mark": "background:#fff3c4", "figcaption": "font-size:.85em;color:#888;text-align:center",
}

// others are elements that WeChat does not know, and those that stand for them.
var others = map[string]atom.Atom{
	"div": atom.Section, "article": atom.Section, "figure": atom.Section, "dl": atom.Section, "dt": atom.P, "dd": atom.P, "figcaption": atom.P,
	"mark": atom.Span, "ins": atom.U, "del": atom.S, "h4": atom.H3, "h5": atom.H3, "h6": atom.H3,
}

// keptAttributes mean something in a text beside its looks.
var keptAttributes = []string{"colspan", "rowspan", "start", "alt"}

// content is the article's text as the draft box takes it. Errors: validation_failed where it is too long, with or without its looks.
func (p *page) content(ar *model.Article, body string, pictures map[string]string) (string, error) {
	for _, styled := range []bool{true, false} {
		out, err := p.render(ar, body, pictures, styled)
		if err != nil {
			return "", model.Fail(model.CodeInternal, "文章内容处理出错了，请稍后再试。").Because(err)
		}
		if utf8.RuneCountInString(out) < p.limits.Content && len(out) < p.limits.Bytes {
			if !styled {
				p.note("文章较长，草稿中没有排版样式，请在公众号后台调整。")
			}
			return out, nil
		}
	}
	return "", model.BadField("body_html", "too_long", "正文超过公众号 2 万字符的限制，请精简或拆分后再放入草稿箱。")
}

func (p *page) render(ar *model.Article, body string, pictures map[string]string, styled bool) (string, error) {
	root := &html.Node{Type: html.ElementNode, Data: "section", DataAtom: atom.Section}
	nodes, err := html.ParseFragment(strings.NewReader(frame(ar, body)), root)
	if err != nil {
		return "", err
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	w := &rewriter{page: p, pictures: pictures, styled: styled}
	w.children(root)
	for i, address := range w.links {
		line := w.element(atom.P)
		line.AppendChild(&html.Node{Type: html.TextNode, Data: "[" + strconv.Itoa(i+1) + "] " + address})
		root.AppendChild(line)
	}
	var out strings.Builder
	for n := root.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&out, n); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// frame puts the key points before the text and the source behind it.
func frame(ar *model.Article, body string) string {
	var b strings.Builder
	if len(ar.KeyPoints) > 0 {
		b.WriteString("<blockquote><p><strong>要点</strong></p><ol>")
		for _, k := range ar.KeyPoints {
			b.WriteString("<li>" + html.EscapeString(k) + "</li>")
		}
		b.WriteString("</ol></blockquote>")
	}
	b.WriteString(body)
	if ar.DocNo != "" {
		b.WriteString("<p>发文字号：" + html.EscapeString(ar.DocNo) + "</p>")
	}
	if ar.SourceName != "" {
		b.WriteString("<p>来源：" + html.EscapeString(ar.SourceName))
		if ar.SourceDate != "" {
			b.WriteString("（" + html.EscapeString(string(ar.SourceDate)) + "）")
		}
		b.WriteString("</p>")
	}
	return b.String()
}

// rewriter turns a cleaned text into one that WeChat keeps as it is.
type rewriter struct {
	page     *page
	pictures map[string]string
	styled   bool
	links    []string // addresses that WeChat does not link to, for the end of the text
}

func (w *rewriter) element(a atom.Atom) *html.Node {
	n := &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
	if style := looks[n.Data]; w.styled && style != "" {
		n.Attr = []html.Attribute{{Key: "style", Val: style}}
	}
	return n
}

func (w *rewriter) children(parent *html.Node) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		w.node(parent, n)
		n = next
	}
}

func (w *rewriter) node(parent, n *html.Node) {
	switch n.Type {
	case html.TextNode:
		return
	case html.ElementNode:
	default:
		parent.RemoveChild(n)
		return
	}
	switch n.Data {
	case "script", "style", "iframe", "object", "embed", "form", "input":
		parent.RemoveChild(n)
		return
	case "img":
		w.picture(parent, n)
		return
	}
	w.children(n)
	if n.Data == "a" {
		w.link(parent, n)
		return
	}
	w.dress(n)
}

// dress leaves an element its meaning and gives it our looks.
func (w *rewriter) dress(n *html.Node) {
	attrs := slices.DeleteFunc(slices.Clone(n.Attr), func(a html.Attribute) bool { return !slices.Contains(keptAttributes, a.Key) })
	style := looks[n.Data]
	if other, ok := others[n.Data]; ok {
		n.DataAtom, n.Data = other, other.String()
		if style == "" {
			style = looks[n.Data]
		}
	}
	if w.styled && style != "" {
		attrs = append(attrs, html.Attribute{Key: "style", Val: style})
	}
	n.Attr = attrs
}

// picture shows one of ours under WeChat's address; what WeChat does not keep itself it would throw away.
func (w *rewriter) picture(parent, n *html.Node) {
	address, id := attribute(n, "src"), ""
	if rest, ok := strings.CutPrefix(address, "/files/"); ok {
		id, _, _ = strings.Cut(rest, "/")
	} else {
		w.page.note("有站外图片没有放入草稿，请先上传到本站。")
	}
	shown := w.pictures[id]
	if id == "" || shown == "" {
		parent.RemoveChild(n)
		return
	}
	w.dress(n)
	n.Attr = append(n.Attr, html.Attribute{Key: "src", Val: shown})
}

// link keeps what leads within WeChat. Of another address the words stay, with a number, and the address stands at the end of the text.
func (w *rewriter) link(parent, n *html.Node) {
	address := attribute(n, "href")
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "https" && u.Host == "mp.weixin.qq.com" {
		n.Attr = []html.Attribute{{Key: "href", Val: address}}
		return
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		parent.InsertBefore(c, n)
	}
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		at := slices.Index(w.links, address)
		if at < 0 {
			w.links = append(w.links, address)
			at = len(w.links) - 1
		}
		sup := &html.Node{Type: html.ElementNode, Data: "sup", DataAtom: atom.Sup}
		sup.AppendChild(&html.Node{Type: html.TextNode, Data: "[" + strconv.Itoa(at+1) + "]"})
		parent.InsertBefore(sup, n)
	} else if strings.HasPrefix(address, "/files/") {
		w.page.note("附件不能放入公众号，读者可由“阅读原文”下载。")
	}
	parent.RemoveChild(n)
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
