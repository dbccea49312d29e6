package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zhibu/api"
)

// TestPermissions holds every route against every role: the status and the code of each answer by the table, and the shape of each answer by the
// reference. A route without a row fails, so that a new one has to be decided.
func TestPermissions(t *testing.T) {
	t.Parallel()
	r := newRealm(t, nil)
	spec := r.reference()
	covered := map[string]bool{}
	for _, row := range permissions {
		op := spec.match(row.call)
		if op == "" {
			t.Errorf("%s: there is no such route", row.call)
			continue
		}
		covered[op] = true
		r.walk(spec, op, row)
	}
	// The one answer that takes a cookie, which the table has no place for.
	for _, fault := range spec.check("POST /auth/oauth", (&browser{p: r.program}).signIn("open-browser", "")) {
		t.Errorf("POST /auth/oauth with its cookie: not as the reference says: %s", fault)
	}
	for _, route := range served(t) {
		if !covered[route] {
			t.Errorf("%s: nobody has decided who may; add a row to the table", route)
		}
	}
	for _, op := range spec.unanswered() {
		t.Errorf("%s: no row let anybody succeed, so that its answer was never held against the reference", op)
	}
}

// TestPermissionsOfLists holds what is in each list against who may know of it.
func TestPermissionsOfLists(t *testing.T) {
	t.Parallel()
	r := newRealm(t, nil)
	for _, s := range sights {
		show := r.fill(s.show, nil)
		for i, who := range cast {
			method, path := r.address(s.call, nil)
			got := r.ask(method, path, r.tokens[who], "")
			want, held := strings.Fields(s.want)[i], strings.Contains(string(got.raw), show)
			switch {
			case (want == "-") != (got.status != 200):
				t.Errorf("%s by %s: %s, but the table says %q", s.call, who, got.describe(), want)
			case held != (want == "y"):
				t.Errorf("%s by %s: %s is in the answer: %t, but the table says %q", s.call, who, s.show, held, want)
			}
		}
	}
}

// served are all routes of the program, as its router knows them, in the form of the table's: "GET /feed", or "GET //healthz" outside the base path.
func served(t *testing.T) []string {
	t.Helper()
	routes := api.New(api.Rooms{}, api.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now}).Routes()
	for i, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		parts := strings.Split(path, "/")
		for j, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[j] = "{" + name + "}"
			}
		}
		path = strings.Join(parts, "/")
		if rest, ok := strings.CutPrefix(path, basePath); ok {
			path = rest
		} else {
			path = "/" + path
		}
		routes[i] = method + " " + path
	}
	slices.Sort(routes)
	return routes
}

const basePath = "/api/v1"

// address makes the real address of a call of the table.
func (r *realm) address(call string, fresh func(string) string) (method, path string) {
	method, path, _ = strings.Cut(r.fill(call, fresh), " ")
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		return method, "/" + rest
	}
	return method, basePath + path
}

// walk makes the call of one row as everybody, those who must be refused first.
func (r *realm) walk(spec *reference, op string, row row) {
	r.t.Helper()
	want := strings.Fields(row.want)
	if len(want) == 1 {
		want = slices.Repeat(want, len(cast))
	}
	if len(want) != len(cast) {
		r.t.Fatalf("%s: %d columns, want %d", row.call, len(want), len(cast))
	}
	first := map[string]string{}
	used := false
	for _, refused := range []bool{true, false} {
		for i, who := range cast {
			status, err := strconv.Atoi(want[i])
			if err != nil {
				r.t.Fatalf("%s: %v", row.call, err)
			}
			if (status >= 400) != refused {
				continue
			}
			fresh := func(kind string) string {
				if (!refused && used) || kind == "session" || kind == "name" || kind == "busy" {
					return r.make(kind, who)
				}
				if first[kind] == "" {
					first[kind] = r.make(kind, who)
				}
				return first[kind]
			}
			method, path := r.address(row.call, fresh)
			token := r.tokens[who]
			switch {
			case op == "POST /auth/logout": // uses the session up
				token = r.signIn(who)
			case op == "DELETE /me" && status == 200: // somebody who is not asked about again
				phone := r.phone()
				r.post("admin", "/orgs/"+r.ids["A"]+"/members", object{"name": "赵七", "phone": phone, "party_status": "full"})
				token = r.bind("open-"+phone, phone)
			case op == "POST /auth/bind" && who == "visitor": // makes the visitor another
				token = r.visit("open-" + r.phone()).text("access_token")
			}
			got := r.ask(method, path, token, r.fill(row.body, fresh))
			if fault := refusalFault(row, who, status, got); fault != "" {
				r.t.Errorf("%s by %s: %s: %s", row.call, who, fault, got.describe())
			}
			for _, fault := range spec.check(op, got) {
				r.t.Errorf("%s by %s: not as the reference says: %s", row.call, who, fault)
			}
			used = used || !refused
		}
	}
}

// refusalFault compares an answer with what the table says, "" when it is right.
func refusalFault(row row, who string, status int, got response) string {
	if got.status != status {
		return fmt.Sprintf("%d, want %d", got.status, status)
	}
	if status < 400 || got.header.Get("Content-Type") == "" { // the answer to HEAD
		return ""
	}
	code := row.code
	if len(strings.Fields(row.want)) > 1 {
		switch {
		case status == 401:
			code = "unauthenticated"
		case status == 403 && who == "visitor":
			code = "not_bound"
		case status == 403 && row.code != "no_vote":
			code = "forbidden"
		}
	}
	if status == 404 {
		code = "not_found"
	}
	if len(got.raw) > 0 && got.text("code") != code {
		return fmt.Sprintf("the code is %q, want %q", got.text("code"), code)
	}
	if len(got.raw) > 0 && status < 500 {
		return problemFault(got)
	}
	return ""
}
