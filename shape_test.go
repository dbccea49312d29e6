package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// reference is the OpenAPI document of the running program, with what was held against it so far.
type reference struct {
	doc      object
	answered map[string]bool // operations of which a successful answer was checked
	found    map[string]bool // the faults that were told once
}

func (p *program) reference() *reference {
	p.t.Helper()
	return &reference{doc: p.must(200, "GET", "/openapi.json", "", nil).object, answered: map[string]bool{}, found: map[string]bool{}}
}

// operations are the methods of the document, by "GET /feed".
func (s *reference) operations() map[string]object {
	out := map[string]object{}
	paths, _ := s.doc["paths"].(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for method, op := range methods {
			o, _ := op.(map[string]any)
			out[strings.ToUpper(method)+" "+strings.TrimPrefix(path, basePath)] = o
		}
	}
	return out
}

// outside are the routes that are not in the document, since they do not speak the contract's way.
var outside = []string{
	"GET //healthz", "GET //readyz", "GET //openapi.json", "GET //docs", "GET //docs/page.js", "GET //docs/page.css", "GET //docs/swagger-ui.js",
	"GET //docs/swagger-ui.css", "GET //wechat/callback/miniprogram", "POST //wechat/callback/miniprogram", "GET //wechat/callback/official",
	"POST //wechat/callback/official", "GET //files/{id}/{name}",
}

var placeholder = regexp.MustCompile(`<[^>]*>`)

// match finds the operation that a call of the table is about; "" when there is none.
func (s *reference) match(call string) string {
	call, _, _ = strings.Cut(call, "?")
	if rest, ok := strings.CutPrefix(call, "HEAD "); ok { // answered as GET is
		call = "GET " + rest
	}
	if placeholder.ReplaceAllString(call, "") == "GET //" { // a signed address, which the program made
		call = "GET //files/<x>/<x>"
	}
	ask := strings.Split(strings.Replace(call, ">.ics", ">", 1), "/")
	candidates := slices.Concat(outside, slices.Collect(maps.Keys(s.operations())))
	slices.Sort(candidates) // what is spelled out comes before a parameter
	for _, op := range candidates {
		if slices.EqualFunc(strings.Split(op, "/"), ask, func(part, asked string) bool { return part == asked || strings.HasPrefix(part, "{") }) {
			return op
		}
	}
	return ""
}

// unanswered are the operations with a JSON answer none of whose successes was checked.
func (s *reference) unanswered() []string {
	var out []string
	for op, o := range s.operations() {
		if !s.answered[op] {
			out = append(out, op+" "+o.text("operationId"))
		}
	}
	slices.Sort(out)
	return out
}

// check holds one answer against what the operation declares, and says what is wrong; each fault of an operation once.
func (s *reference) check(op string, got response) []string {
	var out []string
	for _, fault := range s.compare(op, got) {
		if key := op + " " + index.ReplaceAllString(fault, "[]"); !s.found[key] {
			s.found[key] = true
			out = append(out, fault)
		}
	}
	return out
}

var index = regexp.MustCompile(`\[\d+\]`)

func (s *reference) compare(op string, got response) []string {
	o, ok := s.operations()[op]
	if !ok {
		return nil // outside the document
	}
	responses, _ := o["responses"].(map[string]any)
	declared, ok := responses[fmt.Sprint(got.status)].(map[string]any)
	if !ok && got.status >= 400 {
		declared, ok = responses["default"].(map[string]any)
	}
	if !ok {
		return []string{fmt.Sprintf("the status %d is not declared", got.status)}
	}
	if got.status < 300 {
		s.answered[op] = true
	}
	content, _ := declared["content"].(map[string]any)
	media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	if len(content) == 0 {
		if len(got.raw) > 0 {
			return []string{fmt.Sprintf("a body of %s, though none is declared", media)}
		}
		return nil
	}
	kind, ok := content[media].(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%q is not among the declared %v", media, slices.Collect(maps.Keys(content)))}
	}
	schema, _ := kind["schema"].(map[string]any)
	if schema == nil {
		return []string{"no schema is declared"}
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	var v any
	if err := json.Unmarshal(got.raw, &v); err != nil {
		return []string{"not JSON: " + err.Error()}
	}
	return s.faults("", schema, v)
}

// resolve follows a $ref inside the document; nil when it leads nowhere.
func (s *reference) resolve(ref string) map[string]any {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	var v any = map[string]any(s.doc)
	for _, part := range strings.Split(path, "/") {
		m, _ := v.(map[string]any)
		v = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
	}
	m, _ := v.(map[string]any)
	return m
}

// faults holds a value against a schema. It knows the words that occur here and refuses others, so that none passes unread. Properties that are not
// declared are faults even where the schema would allow them: what is answered must be in the reference.
func (s *reference) faults(at string, schema map[string]any, v any) []string {
	if ref, ok := schema["$ref"].(string); ok {
		target := s.resolve(ref)
		if target == nil {
			return []string{at + ": " + ref + " leads nowhere"}
		}
		return s.faults(at, target, v)
	}
	var out []string
	add := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	for word := range schema {
		if !slices.Contains(knownWords, word) {
			add("the schema says %q, which this test does not know", word)
		}
	}
	if alternatives, ok := schema["anyOf"].([]any); ok {
		var all []string
		for _, alternative := range alternatives {
			m, _ := alternative.(map[string]any)
			f := s.faults(at, m, v)
			if len(f) == 0 {
				return out
			}
			all = append(all, f...)
		}
		return append(out, all...)
	}
	if !ofType(schema["type"], v) {
		add("%s is not of type %v", brief(v), schema["type"])
		return out
	}
	if list, ok := schema["enum"].([]any); ok && v != nil && !slices.Contains(list, v) {
		add("%s is not among %v", brief(v), list)
	}
	switch v := v.(type) {
	case string:
		out = append(out, textFaults(at, schema, v)...)
	case float64:
		if low, ok := schema["minimum"].(float64); ok && v < low {
			add("%v is below %v", v, low)
		}
		if high, ok := schema["maximum"].(float64); ok && v > high {
			add("%v is above %v", v, high)
		}
	case []any:
		item, _ := schema["items"].(map[string]any)
		for i, e := range v {
			out = append(out, s.faults(fmt.Sprintf("%s[%d]", at, i), item, e)...)
		}
	case map[string]any:
		out = append(out, s.objectFaults(at, schema, v)...)
	}
	return out
}

func (s *reference) objectFaults(at string, schema map[string]any, v map[string]any) []string {
	if len(schema) == 0 { // anything: the reference promises nothing of what is inside
		return nil
	}
	var out []string
	properties, _ := schema["properties"].(map[string]any)
	extra, _ := schema["additionalProperties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			out = append(out, fmt.Sprintf("%s.%s: missing", at, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		property, ok := properties[name].(map[string]any)
		if !ok {
			property = extra
		}
		if property == nil {
			out = append(out, fmt.Sprintf("%s.%s: not in the reference", at, name))
			continue
		}
		out = append(out, s.faults(at+"."+name, property, v[name])...)
	}
	return out
}

var knownWords = []string{
	"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "format", "minimum", "maximum", "description", "examples",
	"minLength", "maxLength", "contentEncoding",
}

var chinaTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$`)

func textFaults(at string, schema map[string]any, v string) []string {
	switch schema["format"] {
	case nil, "binary", "uri", "uri-reference":
		return nil
	case "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil || !chinaTime.MatchString(v) {
			return []string{fmt.Sprintf("%s: %q is no time at +08:00", at, v)}
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			return []string{fmt.Sprintf("%s: %q is no date", at, v)}
		}
	default:
		return []string{fmt.Sprintf("%s: the format %v is unknown to this test", at, schema["format"])}
	}
	return nil
}

// ofType holds a value against a type or a list of types.
func ofType(want any, v any) bool {
	switch want := want.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(want, func(one any) bool { return ofType(one, v) })
	case string:
		switch v := v.(type) {
		case nil:
			return want == "null"
		case bool:
			return want == "boolean"
		case string:
			return want == "string"
		case float64:
			return want == "number" || want == "integer" && v == math.Trunc(v)
		case []any:
			return want == "array"
		case map[string]any:
			return want == "object"
		}
	}
	return false
}

func brief(v any) string {
	b, err := json.Marshal(v)
	if err != nil || len(b) > 80 {
		return fmt.Sprintf("%.80s", b)
	}
	return string(b)
}
