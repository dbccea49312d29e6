package main

import (
	"fmt"
	"testing"
)

// story runs one on both databases, beside the other stories: most of their time is waiting for a minute to come.
func story(t *testing.T, live func(t *testing.T, env map[string]string)) {
	t.Parallel()
	onBoth(t, func(t *testing.T, env map[string]string) {
		t.Parallel()
		live(t, env)
	})
}

// society is a small society as the stories need it: an office, two branches that neighbour each other, and people who have bound their WeChat.
type society struct {
	*program
	t                       *testing.T
	admin                   string // token of the first account
	root, branch, neighbour string // identifiers
	people                  int
}

// person is somebody with a bound WeChat.
type person struct {
	id, openID, phone, token string
}

const (
	branchName    = "心肺康复专业委员会党支部"
	neighbourName = "骨科康复专业委员会党支部"
)

// found makes the society: its root and two branches without people.
func (p *program) found() *society {
	p.t.Helper()
	s := &society{program: p, t: p.t, admin: p.admin()}
	s.root = p.org(s.admin, "", "society", "康复医学会党委")
	s.branch = p.org(s.admin, s.root, "branch", branchName)
	s.neighbour = p.org(s.admin, s.root, "branch", neighbourName)
	return s
}

// enrol puts a new person on an organisation's roster, with roles there, and returns them not yet bound.
func (s *society) enrol(org, name, status string, roles ...string) person {
	s.t.Helper()
	s.people++
	m := person{openID: fmt.Sprintf("openid-%03d", s.people), phone: fmt.Sprintf("138000%05d", s.people)}
	m.id = s.must(201, "POST", "/orgs/"+org+"/members", s.admin, object{"name": name, "phone": m.phone, "party_status": status}).text("id")
	if len(roles) > 0 {
		s.must(200, "PUT", "/orgs/"+org+"/members/"+m.id+"/roles", s.admin, object{"roles": roles})
	}
	return m
}

// join is enrol, and the person opens the mini-program and binds by phone.
func (s *society) join(org, name, status string, roles ...string) person {
	s.t.Helper()
	m := s.enrol(org, name, status, roles...)
	m.token = s.bind(m.openID, m.phone)
	return m
}

// faults maps the fields named in a problem to their codes.
func (r response) faults() map[string]string {
	out := map[string]string{}
	for _, f := range r.list("fields") {
		out[f.text("field")] = f.text("code")
	}
	return out
}

// refused holds that a call is refused with this status and code, in Chinese and by the contract's form.
func (p *program) refused(status int, code, method, path, token string, body any, headers ...string) response {
	p.t.Helper()
	r := p.must(status, method, path, token, body, headers...)
	if r.text("code") != code {
		p.t.Errorf("%s %s: code %q, want %q: %s", method, path, r.text("code"), code, r.raw)
	}
	if r.header.Get("Content-Type") != "application/problem+json" || r.number("status") != status || r.text("detail") == "" || r.text("request_id") == "" {
		p.t.Errorf("%s %s: not a problem of the contract: %s %s", method, path, r.header.Get("Content-Type"), r.raw)
	}
	return r
}

// texts are one field of all items.
func texts(items []object, path ...any) []string {
	out := make([]string, 0, len(items))
	for _, i := range items {
		out = append(out, i.text(path...))
	}
	return out
}

// find is the item with this value of a field, nil when there is none.
func find(items []object, field, value string) object {
	for _, i := range items {
		if i.text(field) == value {
			return i
		}
	}
	return nil
}
