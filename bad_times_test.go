package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestBadTimes sends every route that takes an instant or a day years that no database keeps. Each is refused at its place, in words that say what is
// wrong, and nothing else is looked at first.
func TestBadTimes(t *testing.T) {
	r := newRealm(t, nil)
	spec := r.reference()
	instants := []string{"1850-06-01T00:00:00Z", "9999-12-31T23:59:59-08:00", "0002-01-01T00:00:00Z"}
	days := []string{"1850-06-01", "1899-12-31", "9999-01-01", "12026-01-01"}
	bodies, queries := 0, 0
	for _, op := range slices.Sorted(maps.Keys(spec.operations())) {
		row, who := exampleOf(spec, op)
		b := badInput{realm: r, spec: spec, op: op, row: row, who: who, token: r.tokens[who]}
		for _, place := range b.timePlaces(spec.bodyOf(op), 0) {
			values := instants
			if place.day {
				values = days
			}
			for _, v := range values {
				method, path := b.address(b.row.call, b.fresh)
				body := map[string]json.RawMessage{}
				if err := json.Unmarshal([]byte(b.fill(b.row.body, b.fresh)), &body); err != nil && b.row.body != "" {
					t.Fatal(err)
				}
				body[place.top] = json.RawMessage(strings.Replace(place.wrap, "?", `"`+v+`"`, 1))
				b.refusedTime(place.name+"="+v, method, path, rawObject(body), place.name)
				bodies++
			}
		}
		for _, p := range spec.operations()[op].list("parameters") {
			name, instant := p.text("name"), p.text("schema", "format") == "date-time"
			if p.text("in") != "query" || !instant && name != "from" && name != "to" {
				continue
			}
			values := days
			if instant {
				values = instants
			}
			method, path := b.address(b.row.call, b.fresh)
			path, _, _ = strings.Cut(path, "?")
			for _, v := range values {
				if len(v) > 10 && !instant { // longer than the parameter may be
					continue
				}
				b.refusedTime(name+"="+v, method, path+"?"+name+"="+v, "", name)
				queries++
			}
		}
	}
	if bodies < 60 || queries < 15 {
		t.Errorf("only %d values of bodies and %d of queries were tried", bodies, queries)
	}
}

// refusedTime makes one request that must be refused at that place for its time.
func (b *badInput) refusedTime(what, method, path, body, name string) {
	b.t.Helper()
	got := b.send(what, method, path, body)
	ours := slices.ContainsFunc(got.list("fields"), func(f object) bool {
		place := f.text("field")
		return (place == name || strings.HasSuffix(place, "."+name)) && (strings.HasPrefix(f.text("code"), "invalid"))
	})
	if got.status != 422 || !ours {
		b.t.Errorf("%s with %s: %s", b.op, what, got.describe())
	}
}

// timePlace is where a body holds an instant or a day.
type timePlace struct {
	top, wrap, name string // the field of the body, how the value is wrapped in it, and the innermost name
	day             bool
}

// timePlaces finds the instants by their format, and the days by that or by their names, since some may be empty.
func (b *badInput) timePlaces(schema map[string]any, depth int) (out []timePlace) {
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(map[string]any)
		property = b.spec.follow(property)
		format, _ := property["format"].(string)
		day := format == "date" || slices.Contains([]string{"starts_on", "ends_on", "due_on", "studied_on", "joined_on", "date"}, name)
		if day || format == "date-time" {
			out = append(out, timePlace{top: name, wrap: "?", name: name, day: day})
		}
		wrap := "?"
		if item, ok := property["items"].(map[string]any); ok {
			property, wrap = b.spec.follow(item), "[?]"
		}
		if depth > 0 {
			continue
		}
		for _, inner := range b.timePlaces(property, depth+1) {
			inner.wrap = strings.Replace(wrap, "?", `{"`+inner.top+`":`+inner.wrap+`}`, 1)
			inner.top = name
			out = append(out, inner)
		}
	}
	return out
}
