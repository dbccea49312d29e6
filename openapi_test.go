package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestOpenAPIHasEveryRoute(t *testing.T) {
	spec := boot(t, "", nil).reference()
	documented := slices.Sorted(maps.Keys(spec.operations()))
	var routes []string
	for _, route := range served(t) {
		if !slices.Contains(outside, route) {
			routes = append(routes, route)
		}
	}
	for _, route := range routes {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is served, but not in the reference", route)
		}
	}
	for _, op := range documented {
		if !slices.Contains(routes, op) {
			t.Errorf("%s is in the reference, but not served", op)
		}
	}
	for _, path := range outside {
		if !slices.Contains(served(t), path) {
			t.Errorf("%s is not served any more", path)
		}
	}
}

func TestOpenAPIOperationsAreNamed(t *testing.T) {
	spec := boot(t, "", nil).reference()
	if v := spec.doc.text("openapi"); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("the version is %q", v)
	}
	if spec.doc.text("info", "title") == "" || spec.doc.text("info", "version") == "" {
		t.Error("the document has no title or version")
	}
	sections := map[string]bool{} // whether anything stands there
	for _, tag := range spec.doc.list("tags") {
		sections[tag.text("name")] = false
		if !inChinese(tag.text("description")) {
			t.Errorf("the section %s is not described in Chinese", tag.text("name"))
		}
	}
	seen := map[string]string{}
	for name, op := range spec.operations() {
		id := op.text("operationId")
		if !regexp.MustCompile(`^[a-z][A-Za-z0-9]+$`).MatchString(id) || seen[id] != "" {
			t.Errorf("%s: the operationId %q is no name, or that of %q", name, id, seen[id])
		}
		seen[id] = name
		if !inChinese(op.text("summary")) {
			t.Errorf("%s: the summary %q is not in Chinese", name, op.text("summary"))
		}
		if _, ok := sections[op.text("tags", 0)]; !ok || len(op.list("tags")) != 1 {
			t.Errorf("%s: it stands in no section, or in several: %v", name, op["tags"])
		}
		sections[op.text("tags", 0)] = true
	}
	for section, used := range sections {
		if !used {
			t.Errorf("nothing stands in the section %s", section)
		}
	}
}

func inChinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// TestOpenAPIDocumentIsSound checks the structure that OpenAPI 3.1 asks for, as far as this document uses it.
func TestOpenAPIDocumentIsSound(t *testing.T) {
	spec := boot(t, "", nil).reference()
	refs := 0
	each(map[string]any(spec.doc), "", func(at string, m map[string]any) {
		if ref, ok := m["$ref"].(string); ok {
			refs++
			if spec.resolve(ref) == nil {
				t.Errorf("%s: %s leads nowhere", at, ref)
			}
		}
		if _, ok := m["nullable"]; ok && !strings.HasSuffix(at, "/properties") {
			t.Errorf("%s: nullable is a word of 3.0", at)
		}
	})
	if refs == 0 {
		t.Error("nothing refers to anything: the test looks at the wrong place")
	}
	schemes, _ := spec.doc.at("components", "securitySchemes").(map[string]any)
	for name, op := range spec.operations() {
		for _, fault := range operationFaults(spec, name, op) {
			t.Errorf("%s: %s", name, fault)
		}
		for _, need := range op.list("security") {
			for scheme := range need {
				if schemes[scheme] == nil {
					t.Errorf("%s: there is no security scheme %q", name, scheme)
				}
			}
		}
	}
	for name := range spec.doc.at("components", "schemas").(map[string]any) {
		if !regexp.MustCompile(`^[A-Za-z0-9._-]+$`).MatchString(name) {
			t.Errorf("%q is no name for a schema", name)
		}
	}
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

func operationFaults(spec *reference, name string, op object) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	declared := map[string]bool{}
	for _, p := range op.list("parameters") {
		in, key := p.text("in"), p.text("name")
		if !slices.Contains([]string{"path", "query", "header", "cookie"}, in) || key == "" || declared[in+" "+key] {
			add("the parameter %q in %q is none, or there twice", key, in)
		}
		declared[in+" "+key] = true
		if p.at("schema") == nil {
			add("the parameter %q has no schema", key)
		}
		if in == "path" && (p.at("required") != true || !strings.Contains(name, "{"+key+"}")) {
			add("the path's parameter %q is not required, or not in the path", key)
		}
	}
	for _, m := range pathParameter.FindAllStringSubmatch(name, -1) {
		if !declared["path "+m[1]] {
			add("{%s} is not declared", m[1])
		}
	}
	responses, _ := op["responses"].(map[string]any)
	good := 0
	for status, r := range responses {
		if !regexp.MustCompile(`^([1-5]\d\d|default)$`).MatchString(status) {
			add("%q is no status", status)
		}
		if strings.HasPrefix(status, "2") {
			good++
		}
		answer, _ := r.(map[string]any)
		if object(answer).text("description") == "" {
			add("the answer %s has no description", status)
		}
		content, _ := answer["content"].(map[string]any)
		for media, kind := range content {
			schema, _ := object(kind.(map[string]any))["schema"].(map[string]any)
			if schema == nil {
				add("the answer %s in %s has no schema", status, media)
			}
			if status >= "4" && media != "application/problem+json" {
				add("the error %s is in %s", status, media)
			}
		}
	}
	if good != 1 || responses["default"] == nil {
		add("it needs one answer of success, and the default for faults: %v", slices.Sorted(maps.Keys(responses)))
	}
	if method, _, _ := strings.Cut(name, " "); (method == "GET" || method == "DELETE") && op["requestBody"] != nil {
		add("it has a body")
	}
	return out
}

// each visits every object of a document.
func each(v any, at string, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for k, e := range v {
			each(e, at+"/"+k, visit)
		}
	case []any:
		for i, e := range v {
			each(e, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

// TestOpenAPIPagesAreBound asks every list for a page that cannot be: an input whose fields are declared but not read would let it pass.
func TestOpenAPIPagesAreBound(t *testing.T) {
	r := newRealm(t, nil)
	spec := r.reference()
	fill := map[string]string{"/orgs/{id}": "/orgs/" + r.ids["A"], "/articles/{id}": "/articles/" + r.ids["a_public"], "/pushes/{id}": "/pushes/" + r.ids["p_sent"], "/reminders/{id}": "/reminders/" + r.ids["rem"],
		"/members/{id}": "/members/" + r.ids["spare"]}
	lists := 0
	for name, op := range spec.operations() {
		var cursor, limit bool
		for _, p := range op.list("parameters") {
			cursor = cursor || p.text("name") == "cursor"
			limit = limit || p.text("name") == "limit"
		}
		paged := cursor || limit
		_, path, _ := strings.Cut(name, " ")
		for from, to := range fill {
			path = strings.Replace(path, from+"/", to+"/", 1)
		}
		if !paged {
			continue
		}
		lists++
		if !cursor || !limit || strings.Contains(path, "{") {
			t.Errorf("%s: cursor %t, limit %t, asked as %s", name, cursor, limit, path)
			continue
		}
		more := "?"
		if path == "/search" {
			more = "?q=康复&"
		}
		for query, field := range map[string]string{"cursor=x": "cursor", "limit=0": "limit", "limit=101": "limit", "limit=ten": "limit", "cursor=%00": "cursor", "cursor=eyJrIjoieCJ9": "cursor"} {
			got := r.ask("GET", basePath+path+more+query, r.tokens["staff"], "")
			if got.status != 422 || got.text("code") != "validation_failed" || got.text("fields", 0, "field") != field {
				t.Errorf("GET %s with %s: %s", path, query, got.describe())
			}
		}
		if got := r.ask("GET", basePath+path+more+"limit=1", r.tokens["staff"], ""); got.status != 200 || len(got.list("items")) > 1 {
			t.Errorf("GET %s with limit=1: %s", path, got.describe())
		}
	}
	if lists < 12 {
		t.Errorf("only %d lists declare pages", lists)
	}
}

// TestOpenAPIPagesOfSomebodyElsesList holds that a cursor works for the list alone that gave it out.
func TestOpenAPIPagesOfSomebodyElsesList(t *testing.T) {
	r := newRealm(t, nil)
	cursor := r.ask("GET", basePath+"/articles?limit=1", r.tokens["staff"], "").text("next_cursor")
	if cursor == "" {
		t.Fatal("there is one page only")
	}
	for _, path := range []string{"/feed", "/meetings", "/pushes", "/reminders", "/notices", "/suggestions?box=inbox", "/me/favorites", "/moderation/comments", "/orgs/" + r.ids["A"] + "/members"} {
		join := "?"
		if strings.Contains(path, "?") {
			join = "&"
		}
		if got := r.ask("GET", basePath+path+join+"cursor="+cursor, r.tokens["staff"], ""); got.status != 422 || got.text("fields", 0, "field") != "cursor" {
			t.Errorf("%s with the cursor of the articles: %s", path, got.describe())
		}
	}
}

// TestOpenAPICheckerSeesFaults breaks an answer in the ways that matter: a checker that sees nothing would let every answer pass.
func TestOpenAPICheckerSeesFaults(t *testing.T) {
	spec := &reference{doc: object{"components": map[string]any{"schemas": map[string]any{"Org": map[string]any{
		"type": "object", "required": []any{"id"}, "properties": map[string]any{"id": map[string]any{"type": "string"}, "at": map[string]any{"type": []any{"string", "null"}, "format": "date-time"}},
	}}}}}
	schema := map[string]any{"anyOf": []any{map[string]any{"$ref": "#/components/schemas/Org"}, map[string]any{"type": "null"}}}
	for _, good := range []any{nil, map[string]any{"id": "a"}, map[string]any{"id": "a", "at": nil}, map[string]any{"id": "a", "at": "2026-11-23T19:00:00+08:00"}} {
		if f := spec.faults("", schema, good); len(f) > 0 {
			t.Errorf("%v: %v", good, f)
		}
	}
	for _, bad := range []any{"a", map[string]any{}, map[string]any{"id": nil}, map[string]any{"id": 1.0}, map[string]any{"id": "a", "more": 1.0},
		map[string]any{"id": "a", "at": "2026-11-23T11:00:00Z"}, map[string]any{"id": "a", "at": "today"}, []any{}} {
		if f := spec.faults("", schema, bad); len(f) == 0 {
			t.Errorf("%v passes", bad)
		}
	}
	if f := spec.faults("", map[string]any{"type": "string", "pattern": "x"}, "y"); len(f) == 0 {
		t.Error("a word that the checker does not know passes")
	}
}
