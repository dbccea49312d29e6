package wechat

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"
)

// tree is a pushed message in the one shape that JSON and XML share: names in lower case and without blanks, values as text, trees or
// lists. WeChat changes case, types and wrappers from push to push, so nothing is bound to a struct before it stands here.
type tree map[string]any

// A push is shallow and small; deeper or broader is no push.
const (
	maxDepth = 16
	maxNodes = 20000
)

// parseTree tells JSON from XML by the first character; the content type only helps where there is none.
func parseTree(contentType string, body []byte) (tree, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return nil, errors.New("empty body")
	}
	switch body[0] {
	case '{':
		return parseJSON(body)
	case '<':
		return parseXML(body)
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	return nil, fmt.Errorf("neither JSON nor XML, declared as %q", kind)
}

func parseJSON(body []byte) (tree, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // ids exceed what a float holds
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	n := 0
	v, err := tidy(raw, 0, &n)
	if err != nil {
		return nil, err
	}
	return v.(tree), nil
}

// tidy brings decoded JSON into the common shape.
func tidy(v any, depth int, n *int) (any, error) {
	*n++
	if depth > maxDepth || *n > maxNodes {
		return nil, errors.New("message too deep or too large")
	}
	switch v := v.(type) {
	case map[string]any:
		t := tree{}
		// In order, so that of two names that differ in case alone always the same one wins.
		for _, k := range slices.Sorted(maps.Keys(v)) {
			c, err := tidy(v[k], depth+1, n)
			if err != nil {
				return nil, err
			}
			if key := name(k); t[key] == nil {
				t[key] = c
			}
		}
		return t, nil
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			c, err := tidy(e, depth+1, n)
			if err != nil {
				return nil, err
			}
			list = append(list, c)
		}
		return list, nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", nil
}

func name(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// parseXML reads <xml>…</xml>. Entities beyond XML's own five are refused by the decoder, so there is nothing to expand.
func parseXML(body []byte) (tree, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	n := 0
	for {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		if _, ok := token.(xml.StartElement); !ok {
			continue
		}
		v, err := element(dec, 0, &n)
		if err != nil {
			return nil, err
		}
		t, ok := v.(tree)
		if !ok {
			return nil, errors.New("XML without elements")
		}
		return t, nil
	}
}

// element reads up to the end of the element that has begun.
func element(dec *xml.Decoder, depth int, n *int) (any, error) {
	*n++
	if depth > maxDepth || *n > maxNodes {
		return nil, errors.New("message too deep or too large")
	}
	var text strings.Builder
	var children tree
	for {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			child, err := element(dec, depth+1, n)
			if err != nil {
				return nil, err
			}
			if children == nil {
				children = tree{}
			}
			children.add(name(token.Name.Local), child)
		case xml.EndElement:
			if children != nil {
				return children, nil
			}
			return strings.TrimSpace(text.String()), nil
		}
	}
}

// add makes a list of elements that repeat.
func (t tree) add(key string, v any) {
	switch have := t[key].(type) {
	case nil:
		t[key] = v
	case []any:
		t[key] = append(have, v)
	default:
		t[key] = []any{have, v}
	}
}

// text is the first of the named values that is text.
func (t tree) text(keys ...string) string {
	for _, k := range keys {
		if s, ok := t[k].(string); ok && s != "" {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// sub is a tree below, empty when there is none.
func (t tree) sub(key string) tree {
	s, _ := t[key].(tree)
	return s
}

// items finds the List: an object when it has one item, an array when more, and in XML under a wrapper that does not always bear the
// event's own name.
func (t tree) items() []tree {
	if out := trees(t["list"]); out != nil {
		return out
	}
	var out []tree
	for _, k := range slices.Sorted(maps.Keys(t)) {
		for _, wrapper := range trees(t[k]) {
			out = append(out, trees(wrapper["list"])...)
		}
	}
	return out
}

func trees(v any) []tree {
	switch v := v.(type) {
	case tree:
		return []tree{v}
	case []any:
		var out []tree
		for _, e := range v {
			if t, ok := e.(tree); ok {
				out = append(out, t)
			}
		}
		return out
	}
	return nil
}

// whole reads an integer however it was written; what is none is 0.
func whole(s string) int {
	if n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil {
		return int(n)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || f != f || f > 1e15 || f < -1e15 {
		return 0
	}
	return int(f)
}
