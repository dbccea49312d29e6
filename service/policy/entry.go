package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zhibu/model"
)

// entry is one line of the file, or a group of lines: how it is read, written, and said in words. The file, its annotations, its check and the
// differences between two profiles all follow from the one table in file.go.
type entry struct {
	key, label, note string
	group            []entry // when it has lines of its own

	read  func(r *reader, n ast.Node, at string, p *model.Policy)
	write func(p *model.Policy) string
	words func(p *model.Policy) string
}

// number is a whole number within limits.
func number(key, label, unit, note string, low, high int, of func(p *model.Policy) *int) entry {
	return entry{key: key, label: label, note: note,
		read: func(r *reader, n ast.Node, at string, p *model.Policy) {
			if v, ok := r.number(n, at, low, high); ok {
				*of(p) = v
			}
		},
		write: func(p *model.Policy) string { return strconv.Itoa(*of(p)) },
		words: func(p *model.Policy) string { return strconv.Itoa(*of(p)) + unit },
	}
}

// flag is true or false.
func flag(key, label, yes, no, note string, of func(p *model.Policy) *bool) entry {
	return entry{key: key, label: label, note: note,
		read: func(r *reader, n ast.Node, at string, p *model.Policy) {
			switch text, _ := scalar(n); {
			case n.Type() == ast.BoolType && text == "true":
				*of(p) = true
			case n.Type() == ast.BoolType && text == "false":
				*of(p) = false
			default:
				r.fault(n, at, "invalid_value", "应填写 true（是）或 false（否）")
			}
		},
		write: func(p *model.Policy) string { return strconv.FormatBool(*of(p)) },
		words: func(p *model.Policy) string {
			if *of(p) {
				return yes
			}
			return no
		},
	}
}

// clock is a time of day.
func clock(key, label, note string, of func(p *model.Policy) *int) entry {
	return entry{key: key, label: label, note: note,
		read: func(r *reader, n ast.Node, at string, p *model.Policy) {
			if v, ok := r.clock(n, at); ok {
				*of(p) = v
			}
		},
		write: func(p *model.Policy) string { return quote(clockText(*of(p))) },
		words: func(p *model.Policy) string { return clockText(*of(p)) },
	}
}

// listOf is a list of things that are each one text.
func listOf[T any](key, label, none, note string, of func(p *model.Policy) *[]T, parse func(r *reader, n ast.Node, at string) (T, bool), text, words func(T) string) entry {
	join := func(all []T, sep string, say func(T) string) string {
		parts := make([]string, len(all))
		for i, v := range all {
			parts[i] = say(v)
		}
		return strings.Join(parts, sep)
	}
	return entry{key: key, label: label, note: note,
		read: func(r *reader, n ast.Node, at string, p *model.Policy) {
			var all []T
			seen := map[string]bool{}
			for i, item := range r.sequence(n, at) {
				place := fmt.Sprintf("%s[%d]", at, i)
				v, ok := parse(r, item, place)
				if ok && seen[text(v)] {
					r.fault(item, place, "duplicate", "与前面重复")
				}
				if ok {
					seen[text(v)] = true
					all = append(all, v)
				}
			}
			*of(p) = all
		},
		write: func(p *model.Policy) string {
			return "[" + join(*of(p), ", ", func(v T) string { return quote(text(v)) }) + "]"
		},
		words: func(p *model.Policy) string {
			if len(*of(p)) == 0 {
				return none
			}
			return join(*of(p), "、", words)
		},
	}
}

func clocks(key, label, note string, of func(p *model.Policy) *[]int) entry {
	return listOf(key, label, "无", note, of, (*reader).clock, clockText, clockText)
}

func windows(key, label, note string, of func(p *model.Policy) *[]model.Window) entry {
	return listOf(key, label, "无", note, of, (*reader).window, windowText, windowText)
}

func categories(key, label, note string, of func(p *model.Policy) *[]model.Category) entry {
	return listOf(key, label, "无", note, of, func(r *reader, n ast.Node, at string) (model.Category, bool) {
		text, _ := scalar(n)
		c := model.Category(text)
		if !c.Valid() {
			r.fault(n, at, "invalid_value", "没有“%s”这个栏目，可填 theory、central、law、example、news", text)
		}
		return c, c.Valid()
	}, func(c model.Category) string { return string(c) }, model.Category.Label)
}

func sentences(key, label, note string, limit int, of func(p *model.Policy) *[]string) entry {
	return listOf(key, label, "无", note, of, func(r *reader, n ast.Node, at string) (string, bool) {
		return r.text(n, at, 1, limit)
	}, func(s string) string { return s }, func(s string) string { return s })
}

// window is a part of a day, such as 08:00-18:00.
func window(key, label, note string, of func(p *model.Policy) *model.Window) entry {
	return entry{key: key, label: label, note: note,
		read: func(r *reader, n ast.Node, at string, p *model.Policy) {
			if w, ok := r.window(n, at); ok {
				*of(p) = w
			}
		},
		write: func(p *model.Policy) string { return quote(windowText(*of(p))) },
		words: func(p *model.Policy) string { return windowText(*of(p)) },
	}
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func windowText(w model.Window) string { return clockText(w.From) + "-" + clockText(w.To) }

// quote writes a text as YAML and JSON both read it, in one line.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
