package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/cache"
	"zhibu/service/signin"
	"zhibu/service/suggestion"
	"zhibu/service/vault"
)

// suggestionOutbox keeps everything that was pushed, as one text.
type suggestionOutbox struct{ all strings.Builder }

func (o *suggestionOutbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	_, err := fmt.Fprintf(&o.all, "%+v\n", *p)
	return err
}

func (o *suggestionOutbox) Drop(context.Context, *store.Store, string, string) error { return nil }

// suggestionFiles knows one file, which anybody may attach.
type suggestionFiles struct{}

func (suggestionFiles) Mine(_ context.Context, _ *model.Actor, ids []string) error {
	if len(ids) != 1 || ids[0] != "f1" {
		return model.BadField("attachment_ids", "not_found", "附件不存在，请重新上传。")
	}
	return nil
}

func (suggestionFiles) Describe(_ context.Context, ids []string) (out []model.FileRef, _ error) {
	for _, id := range ids {
		out = append(out, model.FileRef{ID: id, Name: "现场.png", Size: 7, MIME: "image/png", URL: "/files/" + id})
	}
	return out, nil
}

func (suggestionFiles) Unname(_ context.Context, ids []string) ([]model.Upload, error) {
	return []model.Upload{{ID: ids[0]}}, nil
}

func (suggestionFiles) Swap(context.Context, *store.Store, []string, []model.Upload) error {
	return nil
}

// suggestionPolicies is the built-in profile.
type suggestionPolicies struct{}

func (suggestionPolicies) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

type suggestionCalendar struct{}

func (suggestionCalendar) Calendar(context.Context) (model.Calendar, error) {
	return model.BuiltinCalendar(), nil
}

// suggestionHouse is the front of the house over a society with two branches; people are found by name, and everybody has a session.
type suggestionHouse struct {
	*sessionHouse
	outbox                  *suggestionOutbox
	room                    *suggestion.Service
	society, branch, next   *model.Org
	token, member           map[string]string // by name
	id, hidden, beyond, top string            // suggestions: to the branch, anonymous, to the next branch, to the society
}

func newSuggestionHouse(t *testing.T) *suggestionHouse {
	t.Helper()
	h := &suggestionHouse{sessionHouse: &sessionHouse{t: t, now: storetest.Now()}, outbox: &suggestionOutbox{}, token: map[string]string{}, member: map[string]string{}}
	clock := h.tell
	h.store = storetest.OpenAt(t, clock)
	var err error
	if h.vault, err = vault.New("a secret key for the tests of suggestions"); err != nil {
		t.Fatal(err)
	}
	h.signin = signin.New(h.store, scriptedWechat{}, h.vault, nil, nothingWaits{}, clock)
	h.room = suggestion.New(h.store, h.vault, suggestionFiles{}, h.outbox, suggestionCalendar{}, suggestionPolicies{}, clock)
	h.api = api.New(api.Rooms{Signin: h.signin, Suggestion: h.room, Limiter: cache.NewMemoryLimiter(clock), Replays: h.store,
		Ready: func(context.Context) map[string]error { return nil }},
		api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock, Version: "test", MaxUpload: 1 << 20})
	h.society = h.org(nil, model.OrgSociety, "学会党委")
	h.branch, h.next = h.org(h.society, model.OrgBranch, "心肺康复党支部"), h.org(h.society, model.OrgBranch, "神经康复党支部")
	for _, p := range []struct {
		name string
		at   *model.Org
		role model.Role
	}{
		{"author", h.branch, ""}, {"helper", h.branch, ""}, {"member", h.branch, ""}, {"committee", h.branch, model.RoleCommitteeMember},
		{"secretary", h.branch, model.RoleSecretary}, {"neighbour", h.next, model.RoleSecretary}, {"office", h.society, model.RoleStaff},
	} {
		h.enter(p.name, p.at, p.role)
	}
	h.token["visitor"] = text(h.visitor("visitor"), "access_token")
	h.token["stranger"] = ""
	h.id, h.hidden = h.write("author", h.branch, false), h.write("author", h.branch, true)
	h.beyond, h.top = h.write("neighbour", h.next, false), h.write("author", h.society, false)
	return h
}

// enter puts a person into an organisation, with a role, and signs them in.
func (h *suggestionHouse) enter(name string, at *model.Org, role model.Role) {
	h.t.Helper()
	phone := fmt.Sprintf("138001380%02d", len(h.member))
	m := h.enrol(at, "姓名"+name, phone)
	h.member[name] = m.ID
	if role != "" {
		if err := h.store.SetGrants(context.Background(), m.ID, at, []model.Role{role}, h.now); err != nil {
			h.t.Fatal(err)
		}
	}
	token := text(h.visitor("open-"+name), "access_token")
	out := h.must(200, "", "POST", "/auth/bind", token, `{"consent_version":"`+signin.ConsentVersion+`","phone_code":"phone:`+phone+`"}`)
	h.token[name] = text(out, "access_token")
}

func (h *suggestionHouse) write(by string, to *model.Org, anonymous bool) string {
	h.t.Helper()
	return text(h.must(201, "", "POST", "/suggestions", h.token[by],
		fmt.Sprintf(`{"to_org_id":"%s","title":"请提前发摘要","content":"开始前才看到病例。","anonymous":%v}`, to.ID, anonymous)), "id")
}

// raw answers the status and the whole body as text.
func (h *suggestionHouse) raw(method, path, token, body string) (int, string) {
	h.t.Helper()
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func TestWhoMayDoWhatWithASuggestion(t *testing.T) {
	h := newSuggestionHouse(t)
	accept, reopen := `{"action":"accept"}`, `{"action":"reopen","text":"仍有问题"}`
	for _, c := range []struct {
		by, method, path, body string
		status                 int
		holds, lacks           []string
	}{
		{"stranger", "GET", "/suggestions", "", 401, []string{"unauthenticated"}, nil},
		{"stranger", "GET", "/suggestions/" + h.id, "", 401, nil, []string{"摘要"}},
		{"stranger", "POST", "/suggestions", `{}`, 401, nil, nil},
		{"visitor", "GET", "/suggestions", "", 403, []string{"not_bound"}, nil},
		{"visitor", "GET", "/suggestions/" + h.id, "", 403, nil, []string{"摘要"}},
		{"visitor", "POST", "/suggestions", `{"to_org_id":"` + h.branch.ID + `","title":"题","content":"文"}`, 403, []string{"not_bound"}, nil},
		{"visitor", "POST", "/suggestions/" + h.id + "/transitions", accept, 403, nil, nil},
		{"member", "GET", "/suggestions/" + h.id, "", 404, []string{"not_found"}, []string{"摘要"}},
		{"committee", "GET", "/suggestions/" + h.id, "", 404, nil, []string{"摘要"}},
		{"neighbour", "GET", "/suggestions/" + h.id, "", 404, nil, []string{"摘要"}},
		{"secretary", "GET", "/suggestions/" + h.beyond, "", 404, nil, []string{"摘要"}},
		{"secretary", "GET", "/suggestions/" + h.top, "", 404, nil, []string{"摘要"}},
		{"neighbour", "POST", "/suggestions/" + h.id + "/transitions", accept, 404, nil, nil},
		{"neighbour", "POST", "/suggestions/" + h.id + "/rating", `{"stars":5}`, 404, nil, nil},
		{"member", "POST", "/suggestions/" + h.id + "/transitions", accept, 404, nil, nil},
		{"author", "POST", "/suggestions/" + h.id + "/transitions", accept, 403, []string{"forbidden"}, nil},
		{"author", "POST", "/suggestions/" + h.hidden + "/transitions", accept, 403, nil, nil},
		{"secretary", "POST", "/suggestions/" + h.id + "/transitions", reopen, 403, nil, nil},
		{"author", "POST", "/suggestions/" + h.id + "/transitions", reopen, 409, []string{"conflict"}, nil},
		{"author", "POST", "/suggestions/" + h.id + "/rating", `{"stars":5}`, 409, nil, nil},
		{"secretary", "POST", "/suggestions/" + h.id + "/rating", `{"stars":5}`, 403, nil, nil},
		{"author", "POST", "/suggestions", `{"to_org_id":"` + h.next.ID + `","title":"题","content":"文"}`, 404, []string{"not_found"}, []string{h.next.Name}},
		{"author", "GET", "/suggestions/" + h.id, "", 200, []string{`"mine":true`, `"name":"姓名author"`, `"actions":[]`}, nil},
		{"author", "GET", "/suggestions/" + h.hidden, "", 200, []string{`"mine":true`, `"author":null`}, []string{"姓名author"}},
		{"secretary", "GET", "/suggestions/" + h.id, "", 200, []string{`"name":"姓名author"`, `"actions":["accept","decline","assign","escalate"]`}, []string{"sealed", "index"}},
		{"secretary", "GET", "/suggestions/" + h.hidden, "", 200, []string{`"author":null`, `"by":null`, `"mine":false`}, []string{"姓名author", h.member["author"]}},
		{"office", "GET", "/suggestions/" + h.hidden, "", 200, []string{`"author":null`}, []string{"姓名author", h.member["author"]}},
		{"office", "GET", "/suggestions/" + h.top, "", 200, []string{`"name":"姓名author"`, `"actions":["accept","decline","assign"]`}, nil},
		{"author", "GET", "/suggestions", "", 200, []string{h.id, h.hidden, h.top}, []string{h.beyond}},
		{"author", "GET", "/suggestions?box=inbox", "", 200, []string{`"items":[]`, `"next_cursor":""`}, nil},
		{"committee", "GET", "/suggestions?box=inbox", "", 200, []string{`"items":[]`}, nil},
		{"secretary", "GET", "/suggestions?box=inbox", "", 200, []string{h.id, h.hidden}, []string{h.beyond, h.top}},
		{"secretary", "GET", "/suggestions?box=mine", "", 200, []string{`"items":[]`}, nil},
		{"neighbour", "GET", "/suggestions?box=inbox&state=submitted", "", 200, []string{h.beyond}, []string{h.id}},
		{"office", "GET", "/suggestions?box=inbox", "", 200, []string{h.id, h.hidden, h.beyond, h.top}, nil},
		{"office", "GET", "/suggestions?box=inbox&state=closed", "", 200, []string{`"items":[]`}, []string{h.id}},
		{"office", "GET", "/suggestions?box=outbox", "", 422, []string{`"field":"box"`}, nil},
		{"office", "GET", "/suggestions?state=reopened", "", 422, []string{`"field":"state"`}, nil},
		{"office", "GET", "/suggestions?cursor=zzz", "", 422, []string{`"field":"cursor"`}, nil},
		{"office", "GET", "/suggestions/nothing", "", 404, nil, nil},
	} {
		status, body := h.raw(c.method, c.path, h.token[c.by], c.body)
		if status != c.status {
			t.Errorf("%s %s by %s: %d %s, want %d", c.method, c.path, c.by, status, body, c.status)
		}
		for _, s := range c.holds {
			if !strings.Contains(body, s) {
				t.Errorf("%s %s by %s lacks %s: %s", c.method, c.path, c.by, s, body)
			}
		}
		for _, s := range c.lacks {
			if strings.Contains(body, s) {
				t.Errorf("%s %s by %s must not hold %s: %s", c.method, c.path, c.by, s, body)
			}
		}
	}
}

func TestASuggestionOverHTTP(t *testing.T) {
	h := newSuggestionHouse(t)
	out := h.must(201, "", "POST", "/suggestions", h.token["author"], `{"to_org_id":"`+h.branch.ID+`","title":"附图的建议","content":"如图。","attachment_ids":["f1"]}`)
	id := text(out, "id")
	if out["anonymous"] != false || text(out, "state") != "submitted" || text(out, "due_at") != "2026-11-30T23:59:59+08:00" || text(out, "due_at") != text(out, "accept_by") ||
		text(out, "created_at") != "2026-11-23T19:00:00+08:00" || text(out, "org", "id") != h.branch.ID || text(out, "to_org", "name") != h.branch.Name ||
		text(out, "author", "org", "id") != h.branch.ID || out["reply"] != nil || out["rating"] != nil || out["version"] != 1.0 {
		t.Fatalf("submitted: %v", out)
	}
	if f := out["attachments"].([]any); len(f) != 1 || text(f[0].(map[string]any), "url") != "/files/f1" {
		t.Errorf("attachments: %v", f)
	}
	step := func(by, body, state string) map[string]any {
		t.Helper()
		out := h.must(200, "", "POST", "/suggestions/"+id+"/transitions", h.token[by], body)
		if text(out, "state") != state {
			t.Fatalf("%s by %s: %v", body, by, out)
		}
		return out
	}
	out = step("secretary", `{"action":"accept","assignee_id":"`+h.member["helper"]+`","text":"请核实"}`, "accepted")
	if text(out, "due_at") != "2026-12-14T23:59:59+08:00" || text(out, "assignee", "name") != "姓名helper" {
		t.Errorf("accepted: %v", out)
	}
	h.must(409, "conflict", "POST", "/suggestions/"+id+"/transitions", h.token["secretary"], `{"action":"accept"}`)
	out = step("secretary", `{"action":"extend","text":"需要征求意见"}`, "accepted")
	if out["extended"] != true || text(out, "extension_reason") != "需要征求意见" || text(out, "due_at") != "2026-12-28T23:59:59+08:00" {
		t.Errorf("extended: %v", out)
	}
	if _, body := h.raw("GET", "/suggestions?box=inbox", h.token["helper"], ""); !strings.Contains(body, id) {
		t.Errorf("the assignee's inbox: %s", body)
	}
	out = step("helper", `{"action":"reply","text":"已改"}`, "replied")
	if text(out, "reply") != "已改" || out["due_at"] != nil {
		t.Errorf("replied: %v", out)
	}
	step("author", `{"action":"reopen","text":"还差一处"}`, "submitted")
	step("secretary", `{"action":"escalate","text":"超出权限"}`, "escalated")
	step("office", `{"action":"accept"}`, "accepted")
	step("office", `{"action":"reply","text":"已统一办理"}`, "replied")
	out = h.must(200, "", "POST", "/suggestions/"+id+"/rating", h.token["author"], `{"stars":4,"text":"谢谢"}`)
	if text(out, "state") != "closed" || out["rating"].(map[string]any)["stars"] != 4.0 || out["can_rate"] != false {
		t.Errorf("rated: %v", out)
	}
	var line []string
	for _, e := range out["timeline"].([]any) {
		line = append(line, text(e.(map[string]any), "action")+":"+text(e.(map[string]any), "by", "role"))
	}
	if got := strings.Join(line, " "); got != "submit:提出人 accept:书记 extend:书记 reply:经办人 reopen:提出人 escalate:书记 accept:党办 reply:党办 rate:提出人" {
		t.Errorf("timeline: %s", got)
	}
}

func TestSuggestionFaultsAreNamed(t *testing.T) {
	h := newSuggestionHouse(t)
	for _, c := range []struct {
		by, path, body, field, code string
	}{
		{"author", "/suggestions", `{"title":"题","content":"文"}`, "to_org_id", "required"},
		{"author", "/suggestions", `{"to_org_id":"x","content":"文"}`, "title", "required"},
		{"author", "/suggestions", `{"to_org_id":"x","title":"题"}`, "content", "required"},
		{"author", "/suggestions", `{"to_org_id":"x","title":"` + strings.Repeat("题", 101) + `","content":"文"}`, "title", "too_long"},
		{"author", "/suggestions", `{"to_org_id":"x","title":" ","content":"文"}`, "title", "required"},
		{"author", "/suggestions", `{"to_org_id":"x","title":"题","content":"文","author":"我"}`, "author", "unknown_field"},
		{"author", "/suggestions", `{"to_org_id":"` + h.branch.ID + `","title":"题","content":"文","attachment_ids":["f2"]}`, "attachment_ids", "not_found"},
		{"author", "/suggestions", `{"to_org_id":"x","title":"题","content":"文","anonymous":"是"}`, "anonymous", "wrong_type"},
		{"secretary", "/suggestions/" + h.id + "/transitions", `{"action":"burn"}`, "action", "not_allowed"},
		{"secretary", "/suggestions/" + h.id + "/transitions", `{"action":"decline"}`, "text", "required"},
		{"secretary", "/suggestions/" + h.id + "/transitions", `{"action":"assign"}`, "assignee_id", "required"},
		{"secretary", "/suggestions/" + h.id + "/transitions", `{"action":"assign","assignee_id":"` + h.member["neighbour"] + `"}`, "assignee_id", "not_in_org"},
		{"secretary", "/suggestions/" + h.id + "/transitions", `{"action":"escalate","text":"因","to_org_id":"` + h.next.ID + `"}`, "to_org_id", "not_above"},
		{"author", "/suggestions/" + h.id + "/rating", `{"stars":6}`, "stars", "too_large"},
		{"author", "/suggestions/" + h.id + "/rating", `{}`, "stars", "required"},
	} {
		out := h.must(http.StatusUnprocessableEntity, "validation_failed", "POST", c.path, h.token[c.by], c.body)
		f := out["fields"].([]any)
		if len(f) != 1 || text(f[0].(map[string]any), "field") != c.field || text(f[0].(map[string]any), "code") != c.code {
			t.Errorf("%s: %v, want %s %s", c.body, f, c.field, c.code)
		}
	}
}

func TestSuggestionPagesAreWhole(t *testing.T) {
	h := newSuggestionHouse(t)
	for range 5 {
		h.pass(time.Minute)
		h.write("author", h.branch, true)
	}
	seen, cursor := map[string]bool{}, ""
	for range 10 {
		out := h.must(200, "", "GET", "/suggestions?box=mine&limit=3&cursor="+cursor, h.token["author"], "")
		if n := len(out["items"].([]any)); n > 3 {
			t.Fatalf("%d on a page of 3", n)
		}
		for _, it := range out["items"].([]any) {
			id := text(it.(map[string]any), "id")
			if seen[id] {
				t.Errorf("%s twice", id)
			}
			seen[id] = true
		}
		if cursor = text(out, "next_cursor"); cursor == "" {
			break
		}
		h.write("author", h.branch, false) // a row inserted between two pages
	}
	if len(seen) != 8 {
		t.Errorf("%d suggestions on the pages, want the 8 of the beginning", len(seen))
	}
	if strings.Contains(h.outbox.all.String(), "姓名author") || strings.Contains(h.outbox.all.String(), h.member["author"]) {
		t.Error("a notice of a new suggestion names its author")
	}
}

func TestSuggestionIsInTheReference(t *testing.T) {
	h := newSuggestionHouse(t)
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var doc struct {
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range map[string]int{"": 2, "/{id}": 1, "/{id}/transitions": 1, "/{id}/rating": 1} {
		if got := doc.Paths["/api/v1/suggestions"+path]; len(got) != methods {
			t.Errorf("%s has the methods %v", path, got)
		}
	}
	// The reference of a detail names exactly what an answer holds.
	out := h.must(200, "", "GET", "/suggestions/"+h.id, h.token["author"], "")
	said := doc.Components.Schemas["SuggestionView"].Properties
	for name := range out {
		if said[name] == nil {
			t.Errorf("the reference lacks %s", name)
		}
	}
	if len(said) != len(out) {
		t.Errorf("the reference names %d fields, the answer holds %d", len(said), len(out))
	}
}
