package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"zhibu/model"
)

// maxFile is far above any real profile.
const maxFile = 128 << 10

// reader goes through a file and collects every fault with its line, so that all can be mended at once.
type reader struct {
	faults model.Invalid
	lines  map[string]int // where each place stands, for faults that show only when all is read
}

// fault notes a fault at a node.
func (r *reader) fault(n ast.Node, at, code, format string, args ...any) {
	r.say(lineOf(n), at, code, format, args...)
}

// say notes a fault at a line; 0 is for what stands nowhere.
func (r *reader) say(line int, at, code, format string, args ...any) {
	where := ""
	if line > 0 {
		where = fmt.Sprintf("第 %d 行，", line)
	}
	r.faults.Add(at, code, fmt.Sprintf("%s%s：%s。", where, at, fmt.Sprintf(format, args...)))
}

func lineOf(n ast.Node) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 0
	}
	return n.GetToken().Position.Line
}

// open parses the file's form. Faults of the form hide all others, since what follows them cannot be told.
func (r *reader) open(file []byte) (ast.Node, bool) {
	if len(file) > maxFile {
		r.say(0, "file", "too_long", "文件过大，制度参数文件不应超过 128 KB")
		return nil, false
	}
	if !utf8.Valid(file) {
		r.say(0, "file", "invalid_value", "文件不是 UTF-8 编码，请另存为 UTF-8 后再上传")
		return nil, false
	}
	doc, err := parser.ParseBytes([]byte(strings.TrimPrefix(string(file), "\ufeff")), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line := 0
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			line = syntax.Token.Position.Line
		}
		r.say(line, "file", "malformed", "YAML 格式有误，请检查该行及上一行的缩进、冒号和引号")
		return nil, false
	}
	if len(doc.Docs) != 1 || doc.Docs[0].Body == nil {
		r.say(0, "file", "malformed", "文件应恰好包含一份制度参数")
		return nil, false
	}
	return doc.Docs[0].Body, true
}

// mapping reads the lines of a group by the table, and names those it does not know.
func (r *reader) mapping(n ast.Node, at string, entries []entry, p *model.Policy) {
	seen := map[string]bool{}
	for _, kv := range r.pairs(n, at) {
		key := kv.Key.String()
		place := join(at, key)
		i := indexOf(entries, key)
		switch {
		case i < 0:
			r.fault(kv.Key, place, "unknown_field", "没有这个参数，请检查拼写或缩进")
			continue
		case seen[key]:
			r.fault(kv.Key, place, "duplicate", "重复填写")
			continue
		}
		seen[key] = true
		r.lines[place] = lineOf(kv.Key)
		if e := entries[i]; e.group != nil {
			r.mapping(kv.Value, place, e.group, p)
		} else {
			e.read(r, kv.Value, place, p)
		}
	}
}

func indexOf(entries []entry, key string) int {
	for i, e := range entries {
		if e.key == key {
			return i
		}
	}
	return -1
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// pairs are the lines of a mapping; another thing is a fault.
func (r *reader) pairs(n ast.Node, at string) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	if at == "" {
		at = "file"
	}
	r.fault(n, at, "invalid_value", "下面应逐行填写各项参数")
	return nil
}

// sequence are the items of a list; another thing is a fault.
func (r *reader) sequence(n ast.Node, at string) []ast.Node {
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	r.fault(n, at, "invalid_value", "应填写列表，例如 [ ]，或逐行以“- ”开头")
	return nil
}

// scalar is the text of a plain value, as it was written.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	}
	return "", false
}

func (r *reader) number(n ast.Node, at string, low, high int) (int, bool) {
	text, ok := scalar(n)
	v, err := strconv.Atoi(text)
	if !ok || err != nil || n.Type() != ast.IntegerType || v < low || v > high {
		r.fault(n, at, "out_of_range", "应填写 %d 至 %d 之间的整数", low, high)
		return 0, false
	}
	return v, true
}

func (r *reader) text(n ast.Node, at string, low, high int) (string, bool) {
	text, ok := scalar(n)
	if text = strings.TrimSpace(text); !ok || utf8.RuneCountInString(text) < low || utf8.RuneCountInString(text) > high || strings.ContainsAny(text, "\n\r\x00") {
		r.fault(n, at, "invalid_value", "应填写 %d 至 %d 个字，不换行", low, high)
		return "", false
	}
	return text, true
}

var clockForm = regexp.MustCompile(`^([01]?\d|2[0-4]):([0-5]\d)$`)

func parseClock(text string) (int, bool) {
	m := clockForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	hour, _ := strconv.Atoi(m[1]) // two digits
	minute, _ := strconv.Atoi(m[2])
	return hour*60 + minute, hour*60+minute <= 24*60
}

func (r *reader) clock(n ast.Node, at string) (int, bool) {
	text, _ := scalar(n)
	v, ok := parseClock(text)
	if ok = ok && v < 24*60; !ok {
		r.fault(n, at, "invalid_value", "应填写 24 小时制的时刻，例如 \"18:30\"")
	}
	return v, ok
}

func (r *reader) window(n ast.Node, at string) (model.Window, bool) {
	text, _ := scalar(n)
	from, to, _ := strings.Cut(text, "-")
	a, okA := parseClock(from)
	b, okB := parseClock(to)
	if !okA || !okB || a >= b {
		r.fault(n, at, "invalid_value", "应填写起止时刻，先早后晚且不跨零点，例如 \"08:00-18:00\"")
		return model.Window{}, false
	}
	return model.Window{From: a, To: b}, true
}
