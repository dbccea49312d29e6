package content

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"zhibu/model"
)

// frontMatter is what a file says of itself before its text, as it was written. What was asked for is noted, so that the rest can be named.
type frontMatter struct {
	values map[string]any
	used   map[string]bool
	faults model.Invalid
}

const maxFront = 64 << 10

// splitFront takes the front matter off a file: YAML between two lines of ---, in HTML also inside a comment. A file may have none.
func splitFront(text string) (*frontMatter, string, error) {
	f := &frontMatter{values: map[string]any{}, used: map[string]bool{}}
	text = strings.TrimLeft(strings.ReplaceAll(text, "\r\n", "\n"), "\n ")
	start, end := "---\n", "\n---"
	if strings.HasPrefix(text, "<!--\n---\n") {
		start, end = "<!--\n---\n", "\n---\n-->"
	}
	rest, ok := strings.CutPrefix(text, start)
	if !ok {
		return f, text, nil
	}
	head, body, closed := strings.Cut("\n"+rest, end)
	if after, _, _ := strings.Cut(body, "\n"); !closed || strings.TrimSpace(after) != "" {
		if closed && end == "\n---" { // a line that only begins with dashes
			return nil, "", frontFault("开头的说明（front matter）应以单独一行 --- 结束。", nil)
		}
		return nil, "", frontFault("开头的说明（front matter）没有结束，应以单独一行 --- 结束。", nil)
	}
	if len(head) > maxFront {
		return nil, "", frontFault("开头的说明（front matter）过长。", nil)
	}
	if err := yaml.Unmarshal([]byte(head), &f.values); err != nil {
		return nil, "", frontFault("开头的说明（front matter）不是正确的 YAML："+model.SingleLine(yaml.FormatError(err, false, false)), err)
	}
	return f, strings.TrimPrefix(body, "\n"), nil
}

func frontFault(detail string, cause error) error {
	return model.BadField("front_matter", "invalid", detail).Because(cause)
}

// value is the first of these keys that is there.
func (f *frontMatter) value(keys ...string) any {
	for _, k := range keys {
		if v, ok := f.values[k]; ok && v != nil {
			f.used[k] = true
			return v
		}
	}
	return nil
}

// text is a value as one line; nil when there is none.
func (f *frontMatter) text(keys ...string) *string {
	switch v := f.value(keys...).(type) {
	case nil:
		return nil
	case time.Time:
		s := string(model.DateOf(v))
		return &s
	case map[string]any, []any:
		f.faults.Add(keys[0], "invalid", keys[0]+" 应是一行文字。")
		return nil
	default:
		if s := model.SingleLine(fmt.Sprint(v)); s != "" {
			return &s
		}
		return nil
	}
}

// list is a value as lines: a list, or one text with several lines.
func (f *frontMatter) list(keys ...string) *[]string {
	var out []string
	switch v := f.value(keys...).(type) {
	case nil:
		return nil
	case []any:
		for _, one := range v {
			out = append(out, fmt.Sprint(one))
		}
	default:
		out = strings.Split(fmt.Sprint(v), "\n")
	}
	return &out
}

func (f *frontMatter) yes(key string) *bool {
	switch v := f.value(key).(type) {
	case nil:
		return nil
	case bool:
		return &v
	default:
		f.faults.Add(key, "invalid", key+" 只能是 true 或 false。")
		return nil
	}
}

// dateForms are the ways in which a day is written; what follows it, a time of day, does not matter.
var dateForms = []string{time.DateOnly, "2006/1/2", "2006.1.2", "2006年1月2日", "2006-1-2"}

// day is a value as a day; empty when there is none.
func (f *frontMatter) day(keys ...string) model.Date {
	s := f.text(keys...)
	if s == nil {
		return ""
	}
	if at, err := time.Parse(time.RFC3339, *s); err == nil {
		return model.DateOf(at)
	}
	first, _, _ := strings.Cut(strings.ReplaceAll(*s, "T", " "), " ")
	for _, form := range dateForms {
		if at, err := time.ParseInLocation(form, first, model.Zone); err == nil {
			return model.DateOf(at)
		}
	}
	f.faults.Add(keys[0], "invalid_date", "日期“"+model.CutRunes(*s, 30)+"”认不出来，请写成 2026-11-23。")
	return ""
}

// sourceURL is where the file says it was published.
func (f *frontMatter) sourceURL() string {
	if m, ok := f.values["source"].(map[string]any); ok {
		s, _ := m["url"].(string)
		return s
	}
	for _, k := range sourceKeys {
		if s, ok := f.values[k].(string); ok {
			return s
		}
	}
	return ""
}

var sourceKeys = []string{"source_url", "link", "来源网址"}

func (f *frontMatter) source() *Source {
	src := Source{Date: f.day("source_date", "date", "发布日期", "日期")}
	if m, ok := f.value("source", "来源").(map[string]any); ok {
		inner := &frontMatter{values: m, used: map[string]bool{}}
		src.Name, src.URL = deref(inner.text("name")), deref(inner.text("url"))
		if d := inner.day("date"); d != "" {
			src.Date = d
		}
		_ = f.faults.With(inner.faults.Err())
	} else {
		src.Name = deref(f.text("source", "来源", "source_name"))
		src.URL = deref(f.text(sourceKeys...))
	}
	if src == (Source{}) {
		return nil
	}
	return &src
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// visibilities are the words that may stand for who may see an article.
var visibilities = map[string]model.Visibility{"公开": model.VisiblePublic, "会员": model.VisibleMembers, "党员": model.VisibleParty, "支委": model.VisibleCommittee}

// input is what the front matter says, without the body; unused names what it says beyond that.
func (f *frontMatter) input() (in Input, unused []string, err error) {
	in = Input{
		Title: f.text("title", "标题"), Digest: f.text("digest", "summary", "description", "摘要"), KeyPoints: f.list("key_points", "要点"),
		DocNo: f.text("doc_no", "发文字号"), Pinned: f.yes("pinned"), Required: f.yes("required"), Source: f.source(),
	}
	if s := f.text("category", "栏目"); s != nil {
		c := model.Category(*s)
		for _, known := range []model.Category{model.CategoryTheory, model.CategoryCentral, model.CategoryLaw, model.CategoryExample, model.CategoryNews} {
			if known.Label() == *s {
				c = known
			}
		}
		in.Category = &c
	}
	if s := f.text("visibility", "可见范围"); s != nil {
		v := model.Visibility(*s)
		if named, ok := visibilities[*s]; ok {
			v = named
		}
		in.Visibility = &v
	}
	for k := range f.values {
		if !f.used[k] {
			unused = append(unused, k)
		}
	}
	slices.Sort(unused)
	return in, unused, f.faults.Err()
}
