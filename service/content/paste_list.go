package content

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Word writes a list as paragraphs whose style names a list and a level, with the dot or number before the text in a span that is to be ignored.
var (
	listStyle   = regexp.MustCompile(`(?i)mso-list\s*:\s*l[0-9]+\s+level([1-9])`)
	ignoreStyle = regexp.MustCompile(`(?i)mso-list\s*:\s*ignore`)
	counted     = regexp.MustCompile(`^[(（]?(?:[0-9]+|[一二三四五六七八九十百]+|[①-⑳]|[a-zA-Z]{1,4}[.)）、．])`)
	number      = regexp.MustCompile(`^[(（]?([0-9]{1,4})`)
)

// makeLists turns runs of such paragraphs among the children of a node into lists.
func makeLists(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		if listLevel(c) == 0 {
			c = c.NextSibling
			continue
		}
		c = makeList(n, c)
	}
}

// listLevel is the level at which a paragraph stands in a list; 0 for what stands in none.
func listLevel(n *html.Node) int {
	if n.Type != html.ElementNode || n.Data != "p" {
		return 0
	}
	m := listStyle.FindStringSubmatch(attribute(n, "style"))
	if m == nil {
		return 0
	}
	level, _ := strconv.Atoi(m[1]) // one digit
	return level
}

// makeList takes the run that begins with a paragraph, puts a list in its place, and answers with what follows it.
func makeList(parent, first *html.Node) *html.Node {
	type open struct {
		level int
		list  *html.Node
	}
	var stack []open
	c := first
	for c != nil {
		next := c.NextSibling
		level := listLevel(c)
		if level == 0 {
			if c.Type == html.ElementNode || !empty(c) && c.Type == html.TextNode {
				break
			}
			parent.RemoveChild(c) // blanks and comments between two items
			c = next
			continue
		}
		marker := takeMarker(c)
		for len(stack) > 0 && stack[len(stack)-1].level > level {
			stack = stack[:len(stack)-1]
		}
		if len(stack) == 0 || stack[len(stack)-1].level < level {
			list := newList(marker)
			if len(stack) == 0 {
				parent.InsertBefore(list, c)
			} else {
				stack[len(stack)-1].list.LastChild.AppendChild(list)
			}
			stack = append(stack, open{level, list})
		}
		parent.RemoveChild(c)
		item := &html.Node{Type: html.ElementNode, Data: "li", DataAtom: atom.Li}
		for c.FirstChild != nil {
			child := c.FirstChild
			c.RemoveChild(child)
			item.AppendChild(child)
		}
		stack[len(stack)-1].list.AppendChild(item)
		c = next
	}
	return c
}

func newList(marker string) *html.Node {
	list := &html.Node{Type: html.ElementNode, Data: "ul", DataAtom: atom.Ul}
	if !counted.MatchString(marker) {
		return list
	}
	setName(list, "ol")
	if m := number.FindStringSubmatch(marker); m != nil && m[1] != "1" {
		setAttribute(list, "start", m[1])
	}
	return list
}

// takeMarker takes the dot or number off an item and tells what it was.
func takeMarker(n *html.Node) string {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && ignoreStyle.MatchString(attribute(c, "style")) {
			marker := strings.TrimSpace(strings.ReplaceAll(textOf(c), "\u00a0", " "))
			n.RemoveChild(c)
			return marker
		}
		if marker := takeMarker(c); marker != "" {
			return marker
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}
