package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestBadInput sends every route what it does not expect. Whatever that is, the answer is the caller's to mend and in the contract's shape: never a
// fault of the program's own. It runs on both databases, since they differ most in what they make of odd texts and times.
func TestBadInput(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		r := newRealm(t, env)
		spec := r.reference()
		for _, op := range slices.Sorted(maps.Keys(spec.operations())) {
			row, who := exampleOf(spec, op)
			if who == "" {
				t.Errorf("%s: the table of permissions has no example of it", op)
				continue
			}
			b := badInput{realm: r, spec: spec, op: op, row: row, who: who, token: r.tokens[who], again: len(env) > 0}
			if who == "visitor" { // binding makes a visitor another
				b.token = r.visit("open-bad-visitor").text("access_token")
			}
			b.addresses()
			if spec.bodyOf(op) == nil {
				continue
			}
			b.values()
			if !b.again {
				b.bodies()
			}
		}
		if log := r.log.String(); strings.Contains(log, `"msg":"panic"`) || strings.Contains(log, `"msg":"request failed"`) {
			t.Errorf("the log tells of faults of our own: %.2000s", log[max(0, strings.Index(log, `"level":"ERROR"`)-100):])
		}
	})
}

// exampleOf is the first row of the table that lets somebody do what the operation does, and somebody whom it lets.
func exampleOf(spec *reference, op string) (row, string) {
	for _, row := range permissions {
		if spec.match(row.call) != op {
			continue
		}
		want := strings.Fields(row.want)
		for _, who := range []string{"secretary", "member", "staff", "admin", "visitor", "stranger"} {
			// What only the browser that began it can finish has no row that succeeds.
			if status := want[min(slices.Index(cast, who), len(want)-1)]; (status < "300" && status >= "200") || row.code == "oauth_state_invalid" {
				return row, who
			}
		}
	}
	return row{}, ""
}

// bodyOf is the schema of the JSON that an operation takes; nil when it takes none.
func (s *reference) bodyOf(op string) map[string]any {
	m, _ := s.operations()[op].at("requestBody", "content", "application/json", "schema").(map[string]any)
	return s.follow(m)
}

// follow resolves a reference, and picks the object of what may be null.
func (s *reference) follow(schema map[string]any) map[string]any {
	if ref, ok := schema["$ref"].(string); ok {
		return s.follow(s.resolve(ref))
	}
	if list, ok := schema["anyOf"].([]any); ok && len(list) > 0 {
		first, _ := list[0].(map[string]any)
		return s.follow(first)
	}
	return schema
}

// badInput is what is sent to one operation.
type badInput struct {
	*realm
	spec  *reference
	op    string
	row   row
	who   string
	token string
	again bool              // on the second database: what no database ever sees is left out
	made  map[string]string // the things of the row that were made for it; made anew once one was used up
}

func (b *badInput) fresh(kind string) string {
	if b.made == nil {
		b.made = map[string]string{}
	}
	if kind == "own_enrolment" { // the wrong passwords before have locked the administrator's name
		kind = "enrolment"
	}
	if b.made[kind] == "" || kind == "name" || kind == "phone" {
		b.made[kind] = b.make(kind, b.who)
	}
	return b.made[kind]
}

// send makes one request and holds the answer against the contract.
func (b *badInput) send(what, method, path, body string, headers ...string) response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatalf("%s %q: %v", b.op, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got := b.do(req)
	if got.status < 300 {
		b.made = nil
		if b.op == "POST /auth/logout" || b.op == "POST /auth/bind" {
			b.token = b.visit("open-bad-" + b.phone()).text("access_token")
		}
	}
	if fault := problemFault(got); fault != "" {
		b.t.Errorf("%s with %s: %s: %d %.400s", b.op, what, fault, got.status, got.raw)
	}
	return got
}

// problemFault says what is wrong with an answer to a bad request, "" when nothing is.
func problemFault(got response) string {
	switch {
	case got.status >= 500:
		return "a fault of our own"
	case got.status < 400:
		return ""
	}
	keys := slices.Sorted(maps.Keys(got.object))
	if want := []string{"code", "detail", "fields", "request_id", "status", "title", "type"}; !slices.Equal(keys, want) {
		return fmt.Sprintf("the fields %v are not those of the contract", keys)
	}
	switch {
	case got.header.Get("Content-Type") != "application/problem+json":
		return "in " + got.header.Get("Content-Type")
	case got.number("status") != got.status:
		return "another status inside"
	case got.text("type") != "urn:zhibu:problem:"+got.text("code") || got.text("code") == "":
		return "another type than the code"
	case !inChinese(got.text("detail")) || !inChinese(got.text("title")):
		return "nothing for the person to read"
	case got.text("request_id") == "" || got.text("request_id") != got.header.Get("X-Request-Id"):
		return "another request_id than in the header"
	}
	if _, ok := got.at("fields").([]any); !ok {
		return "the fields are no list"
	}
	for _, f := range got.list("fields") {
		if f.text("code") == "" || !inChinese(f.text("detail")) {
			return "a field without its code or sentence"
		}
	}
	for _, inner := range []string{"SELECT", "INSERT", "sqlite", "mysql", "goroutine", ".go:", "json:", "strconv"} {
		if strings.Contains(string(got.raw), inner) {
			return "it tells of our inside: " + inner
		}
	}
	return ""
}

// oddIDs are identifiers that nothing has, or that another branch's things have.
func (r *realm) oddIDs() []string {
	ids := []string{"none", "%00", "%FF%FE", "..%2F..%2Fetc%2Fpasswd", "%F0%9F%98%80", "'%20OR%201=1--", strings.Repeat("a", 5000), "%20"}
	for _, name := range []string{"B", "B1", "rival", "a_draft", "m_committee", "sg_anonymous", "p_sent", "rem", "c_pending"} {
		ids = append(ids, r.ids[name])
	}
	return ids
}

// addresses puts odd identifiers into the path, and odd values into the query and the headers.
func (b *badInput) addresses() {
	method, path := b.address(b.row.call, b.fresh)
	path, query, _ := strings.Cut(path, "?")
	body := b.fill(b.row.body, b.fresh)
	if strings.HasPrefix(body, "file:") {
		body = "no file"
	}
	_, template, _ := strings.Cut(b.op, " ")
	for i, part := range strings.Split(template, "/") {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		for _, id := range b.oddIDs() {
			parts := strings.Split(strings.TrimPrefix(path, basePath), "/")
			parts[i] = id
			b.send("the identifier "+id[:min(len(id), 40)], method, basePath+strings.Join(parts, "/"), body)
		}
	}
	method, path = b.address(b.row.call, b.fresh)
	path, _, _ = strings.Cut(path, "?")
	for _, p := range b.spec.operations()[b.op].list("parameters") {
		for _, value := range []string{"", "%00", "%FF", "-1", "99999999999999999999", "x'--", "2026-13-45", "9999-12-31", "0000-01-01T00:00:00Z", strings.Repeat("%E5%85%9A", 2000), "%F0%9F%98%80", "a,,b,%00", b.ids["B"]} {
			switch p.text("in") {
			case "query":
				b.send("the parameter "+p.text("name")+"="+value[:min(len(value), 40)], method, path+"?"+query+"&"+p.text("name")+"="+value, body)
			case "header":
				b.send("the header "+p.text("name"), method, path, body, p.text("name"), strings.ReplaceAll(value, "%00", "x"))
			}
		}
	}
}

// bodies sends what is no body for any route.
func (b *badInput) bodies() {
	required := b.spec.operations()[b.op].at("requestBody", "required") == true
	large := 2 << 20
	switch b.op {
	case "POST /articles", "PATCH /articles/{id}", "POST /articles/assess": // pictures come in the pasted text itself
		large = 13 << 20
	}
	for what, body := range map[string]string{
		"nothing": "", "a piece": "{", "a list": "[]", "a text": `"x"`, "null": "null", "a number": "1", "two objects": `{}{}`, "NUL": "\x00", "no UTF-8": "\xff\xfe{}", "a mark of order": "\ufeff{}",
		"deep lists": strings.Repeat("[", 100_000), "deep objects": strings.Repeat(`{"a":`, 50_000), "deep and closed": `{"title":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
		"too much": `{"title":"` + strings.Repeat("a", large) + `"}`, "a form": "a=1&b=2",
	} {
		method, path := b.address(b.row.call, b.fresh)
		got := b.send(what, method, path, body)
		switch {
		case what == "too much" && got.status != 413:
			b.t.Errorf("%s with %d bytes: %d", b.op, large, got.status)
		case what == "nothing" && required && got.status != 400 && got.status != 422:
			b.t.Errorf("%s with nothing, though a body is required: %d", b.op, got.status)
		case (what == "a piece" || what == "deep lists" || what == "deep objects" || what == "a form") && (got.status != 400 || got.text("code") != "malformed_json"):
			b.t.Errorf("%s with %s: %s", b.op, what, got.describe())
		}
	}
	method, path := b.address(b.row.call, b.fresh)
	b.send("a body said to be text", method, path, "{}", "Content-Type", "text/plain")
	b.send("a body said to be XML", method, path, "<a/>", "Content-Type", "application/xml")
	b.send("an unknown charset", method, path, "{}", "Content-Type", "application/json; charset=x")
	if b.op == "PUT /calendar/{year}" { // takes a file of somebody else's form
		return
	}
	got := b.send("an unknown field", method, path, `{"no_such_field":1}`)
	if !slices.ContainsFunc(got.list("fields"), func(f object) bool { return f.text("field") == "no_such_field" }) || got.status != 422 {
		b.t.Errorf("%s with an unknown field: %s", b.op, got.describe())
	}
}

// values puts odd values into each field, one at a time, with the others as they should be.
func (b *badInput) values() {
	odd := []string{ // of the right type, so that they get far
		"1", "-1", `""`, `"a\u0000b"`, "\"\xff\xfe\"", `"\ud800"`, `"\u202e\u2028"`, `"😀"`, `"x' OR 1=1 --"`, `"` + strings.Repeat("党", 20_000) + `"`,
		`"0000-00-00"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59+08:00"`, `["a\u0000b"]`, "[\"\xff\"]", `{"a\u0000":"b"}`, `["` + b.ids["B"] + `"]`,
	}
	if !b.again {
		odd = append(odd, "null", "true", "0.5", "1e308", "12345678901234567890", `" "`, `"%s%n"`, `"2026-99-99"`, `"2026-11-30T12:00:00.123456789Z"`,
			`"javascript:alert(1)"`, "[]", "{}", "[null]", `[""]`, "[[[]]]", "[{}]", `{"a":{}}`, "[1e308]")
	}
	if b.again && strings.HasPrefix(b.op, "POST /auth/") { // hashing a password is slow on purpose, and comes before the database
		odd = odd[:10]
	}
	for _, name := range []string{"B", "rival", "a_draft", "m_committee", "f_private", "p_sent", "c_pending", "outsider"} {
		odd = append(odd, `"`+b.ids[name]+`"`)
	}
	for _, place := range b.places(b.spec.bodyOf(b.op), 0) {
		for _, v := range odd {
			method, path := b.address(b.row.call, b.fresh)
			body := map[string]json.RawMessage{}
			if err := json.Unmarshal([]byte(b.fill(b.row.body, b.fresh)), &body); err != nil && b.row.body != "" {
				b.t.Fatal(err)
			}
			body[place[0]] = json.RawMessage(strings.Replace(place[1], "?", v, 1))
			b.send(fmt.Sprintf("%s = %.60q", place[0], body[place[0]]), method, path, rawObject(body))
		}
	}
}

// places are the fields of a body, each with how its value is wrapped: ? for itself, {"x":?} for a field inside, [?] for an item.
func (b *badInput) places(schema map[string]any, depth int) [][2]string {
	var out [][2]string
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		out = append(out, [2]string{name, "?"})
		property, _ := properties[name].(map[string]any)
		property = b.spec.follow(property)
		wrap := "?"
		if item, ok := property["items"].(map[string]any); ok {
			property, wrap = b.spec.follow(item), "[?]"
		}
		if depth > 0 {
			continue
		}
		for _, inner := range b.places(property, depth+1) {
			out = append(out, [2]string{name, strings.Replace(wrap, "?", `{"`+inner[0]+`":?}`, 1)})
		}
		if _, ok := property["additionalProperties"].(map[string]any); ok {
			out = append(out, [2]string{name, `{"title":?}`})
		}
	}
	return out
}

// rawObject writes an object without looking at its values, which may be no JSON.
func rawObject(fields map[string]json.RawMessage) string {
	parts := make([]string, 0, len(fields))
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, fmt.Sprintf("%q:%s", k, fields[k]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
