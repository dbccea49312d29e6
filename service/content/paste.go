package content

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What is pasted from Word and from 公众号 pages is mostly wrapping: styles, spans within spans, sections around sections, lists that are no lists but
// paragraphs with a dot in front, pictures whose address stands where no browser looks. It is brought into plain structure here, before the
// policy decides what may stay; so nothing here needs to be safe, only right.

// kept are the elements that mean something; what is not among them gives way to what it holds.
var kept = map[string]bool{
	"p": true, "div": true, "section": true, "article": true, "br": true, "hr": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
	"ul": true, "ol": true, "li": true, "dl": true, "dt": true, "dd": true, "blockquote": true, "pre": true, "code": true, "strong": true, "b": true, "em": true,
	"i": true, "u": true, "s": true, "del": true, "ins": true, "mark": true, "sub": true, "sup": true, "small": true, "figure": true, "figcaption": true,
	"table": true, "caption": true, "thead": true, "tbody": true, "tfoot": true, "tr": true, "th": true, "td": true, "a": true, "img": true,
}

// gone are the elements that go with all they hold; so do 公众号's own, whose names begin with mp.
var gone = map[string]bool{
	"script": true, "style": true, "head": true, "title": true, "meta": true, "link": true, "base": true, "xml": true, "template": true, "noscript": true,
	"svg": true, "math": true, "iframe": true, "object": true, "embed": true, "applet": true, "video": true, "audio": true, "canvas": true, "form": true,
	"textarea": true, "select": true, "button": true, "input": true, "qqmusic": true, "frameset": true, "map": true,
}

// blocks are the elements that stand on lines of their own.
var blocks = map[string]bool{
	"p": true, "div": true, "section": true, "article": true, "hr": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "ul": true,
	"ol": true, "li": true, "dl": true, "dt": true, "dd": true, "blockquote": true, "pre": true, "figure": true, "figcaption": true, "table": true,
	"caption": true, "thead": true, "tbody": true, "tfoot": true, "tr": true, "th": true, "td": true,
}

// voids may be empty: they are something by themselves, or hold a place in a table.
var voids = map[string]bool{"br": true, "hr": true, "img": true, "td": true, "th": true, "tr": true, "tbody": true, "thead": true, "tfoot": true}

var (
	hiddenStyle  = regexp.MustCompile(`(?i)(?:^|;)\s*(?:display\s*:\s*none|mso-hide\s*:\s*all)`)
	boldStyle    = regexp.MustCompile(`(?i)(?:^|;)\s*font-weight\s*:\s*(?:bold|bolder|[6-9]00)\b`)
	lightStyle   = regexp.MustCompile(`(?i)(?:^|;)\s*font-weight\s*:\s*(?:normal|lighter|[1-4]00)\b`)
	outlineStyle = regexp.MustCompile(`(?i)mso-outline-level\s*:\s*([1-6])\b`)
	pastedLocal  = regexp.MustCompile(`(?i)^(?:file|blob|cid|webkit-fake-url):`)
	lineJoint    = regexp.MustCompile(`[ \t]*\n[ \t\n]*`)
	blanks       = regexp.MustCompile(`[ \t\f\x{a0}]+`)
)

// tidier brings one pasted text into plain structure, and notes what it could not bring along.
type tidier struct {
	lost     lost            // pictures that could not be brought along
	insecure map[string]bool // pictures that were named without TLS, by the address with it
	pasted   []pasted        // pictures that stand in the text itself, each once
}

// tidy answers with the source itself where it cannot be parsed, since the policy needs no parse.
func (t *tidier) tidy(source string) string {
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), root)
	if err != nil {
		return source
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	t.inside(root)
	dropGaps(root)
	var b strings.Builder
	for c := root.FirstChild; c != nil; c = c.NextSibling {
		if err := html.Render(&b, c); err != nil {
			return source
		}
	}
	return strings.ReplaceAll(b.String(), "/>", ">") // of void elements alone: everywhere else it is written &gt;
}

// dropGaps takes out the blanks that only part one block from the next.
func dropGaps(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		for c.Type == html.TextNode && c.NextSibling != nil && c.NextSibling.Type == html.TextNode { // what stood between them is gone
			c.Data = blanks.ReplaceAllString(c.Data+c.NextSibling.Data, " ")
			n.RemoveChild(c.NextSibling)
		}
		if c.Type == html.TextNode && c.PrevSibling != nil && c.PrevSibling.Data == "br" {
			c.Data = strings.TrimLeft(c.Data, " ")
		}
		next := c.NextSibling
		edge := func(s *html.Node) bool { return s == nil || isBlock(s) }
		switch {
		case c.Type == html.TextNode && empty(c) && edge(c.PrevSibling) && edge(next) && (c.PrevSibling != nil || next != nil):
			n.RemoveChild(c)
		case c.Data != "pre":
			dropGaps(c)
		}
		c = next
	}
}

// inside tidies what a node holds; the lists come first, because they are known by their styles.
func (t *tidier) inside(n *html.Node) {
	makeLists(n)
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		t.node(c)
		c = next
	}
}

func (t *tidier) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		n.Data = evenBlanks(n.Data)
	case html.ElementNode:
		t.element(n)
	default:
		n.Parent.RemoveChild(n)
	}
}

func (t *tidier) element(n *html.Node) {
	style := attribute(n, "style")
	switch {
	case gone[n.Data], strings.HasPrefix(n.Data, "mp"), n.Namespace != "", hiddenStyle.MatchString(style):
		n.Parent.RemoveChild(n)
		return
	case n.Data == "img":
		t.picture(n)
		return
	case n.Data == "pre":
		return // every blank counts there
	}
	t.inside(n)
	rename(n, style)
	switch {
	case !kept[n.Data]:
		unwrap(n)
	case n.Data == "div" || n.Data == "section" || n.Data == "article":
		flatten(n)
	case empty(n) && n.Data != "br":
		n.Parent.RemoveChild(n)
	default:
		trim(n)
	}
}

// rename gives an element the name that its style stands for.
func rename(n *html.Node, style string) {
	name := ""
	level := outlineStyle.FindStringSubmatch(style)
	switch {
	case n.Data == "span" && boldStyle.MatchString(style) && !holdsBlock(n):
		name = "strong"
	case (n.Data == "b" || n.Data == "strong") && lightStyle.MatchString(style):
		name = "span"
	case n.Data == "p" && attribute(n, "class") == "MsoTitle":
		name = "h1"
	case n.Data == "p" && level != nil && n.Parent.Data != "td":
		name = "h" + level[1]
	}
	if name != "" {
		setName(n, name)
	}
}

func setName(n *html.Node, name string) { n.Data, n.DataAtom = name, atom.Lookup([]byte(name)) }

// picture finds where a picture is. 公众号 loads pictures late: their address stands in data-src, and a blank one, or none, in src.
func (t *tidier) picture(n *html.Node) {
	src := strings.TrimSpace(attribute(n, "src"))
	if late := strings.TrimSpace(attribute(n, "data-src")); late != "" {
		src = late
	}
	if _, inline := cutFold(src, "data:"); inline {
		address := t.takeInline(src)
		if address == "" {
			n.Parent.RemoveChild(n)
			return
		}
		setAttribute(n, "src", address)
		return
	}
	if strings.HasPrefix(src, "//") {
		src = "https:" + src
	}
	if rest, ok := cutFold(src, "http://"); ok {
		src = "https://" + rest
		t.insecure[src] = true
	}
	src = unlikeWebP(src)
	if !pictureAddress.MatchString(src) {
		if pastedLocal.MatchString(src) {
			t.lost.local++
		}
		n.Parent.RemoveChild(n)
		return
	}
	setAttribute(n, "src", src)
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// unlikeWebP asks 公众号's servers for the picture as it was uploaded, and not in the form that they make for browsers.
func unlikeWebP(address string) string {
	u, err := url.Parse(address)
	if err != nil || !strings.HasSuffix(u.Hostname(), ".qpic.cn") || u.Query().Get("tp") == "" {
		return address
	}
	q := u.Query()
	for _, name := range []string{"tp", "wxfrom", "wx_lazy", "wx_co", "usePicPrefetch"} {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// evenBlanks makes each run of blanks one. Word breaks lines anywhere: between two Chinese characters such a break is nothing.
func evenBlanks(s string) string {
	s = blanks.ReplaceAllString(s, " ")
	if !strings.Contains(s, "\n") {
		return s
	}
	var b strings.Builder
	last := 0
	for _, at := range lineJoint.FindAllStringIndex(s, -1) {
		b.WriteString(s[last:at[0]])
		if before, after := lastRune(s[:at[0]]), firstRune(s[at[1]:]); !wide(before) || !wide(after) {
			b.WriteByte(' ')
		}
		last = at[1]
	}
	b.WriteString(s[last:])
	return b.String()
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) rune {
	rs := []rune(s[max(0, len(s)-4):])
	if len(rs) == 0 {
		return 0
	}
	return rs[len(rs)-1]
}

// wide holds for characters that stand without blanks between them.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || (r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xffef) || strings.ContainsRune("“”‘’…—·", r)
}

// unwrap puts what a node holds in its place.
func unwrap(n *html.Node) {
	for n.FirstChild != nil {
		c := n.FirstChild
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

// flatten makes a container a paragraph, or lets the blocks in it stand by themselves.
func flatten(n *html.Node) {
	if !holdsBlock(n) {
		if empty(n) || n.Parent.Data == "p" {
			unwrap(n)
			return
		}
		setName(n, "p")
		trim(n)
		return
	}
	var run *html.Node
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case isBlock(c):
			run = nil
		case run == nil:
			run = &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
			n.InsertBefore(run, c)
			fallthrough
		default:
			n.RemoveChild(c)
			run.AppendChild(c)
		}
		c = next
	}
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Data == "p" && c.Type == html.ElementNode {
			if empty(c) {
				n.RemoveChild(c)
			} else {
				trim(c)
			}
		}
		c = next
	}
	unwrap(n)
}

func isBlock(n *html.Node) bool {
	return n.Type == html.ElementNode && (blocks[n.Data] || holdsBlock(n))
}

func holdsBlock(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if isBlock(c) {
			return true
		}
	}
	return false
}

// empty holds for what shows nothing: neither text nor picture, nor a line or a table.
func empty(n *html.Node) bool {
	if n.Type == html.TextNode {
		return strings.TrimFunc(n.Data, unicode.IsSpace) == ""
	}
	if n.Data == "br" || n.Data == "pre" {
		return n.Data == "br"
	}
	if voids[n.Data] {
		return false
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if !empty(c) {
			return false
		}
	}
	return true
}

// trim takes blanks, also those that stand for an indent, and breaks off both ends of a block, and lets a single paragraph in a cell or an item be its text.
func trim(n *html.Node) {
	if !blocks[n.Data] {
		return
	}
	trimEdge(n, true)
	trimEdge(n, false)
	if n.Data == "li" || n.Data == "td" || n.Data == "th" {
		if c := n.FirstChild; c != nil && c.NextSibling == nil && c.Type == html.ElementNode && c.Data == "p" {
			unwrap(c)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling { // a break after a break is an empty line, which is no text
		for c.Data == "br" && c.NextSibling != nil && c.NextSibling.Type == html.ElementNode && c.NextSibling.Data == "br" {
			n.RemoveChild(c.NextSibling)
		}
	}
}

// trimEdge takes blanks and breaks off one end.
func trimEdge(n *html.Node, start bool) {
	for {
		c := n.LastChild
		if start {
			c = n.FirstChild
		}
		switch {
		case c == nil:
			return
		case c.Type == html.TextNode:
			if start {
				c.Data = strings.TrimLeftFunc(c.Data, unicode.IsSpace)
			} else {
				c.Data = strings.TrimRightFunc(c.Data, unicode.IsSpace)
			}
		case c.Data != "br" && !blocks[c.Data]:
			trimEdge(c, start)
		}
		if !empty(c) {
			return
		}
		n.RemoveChild(c)
	}
}
