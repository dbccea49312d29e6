package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/cache"
	"zhibu/service/member"
	"zhibu/service/signin"
	"zhibu/service/vault"
)

// memberOutbox remembers what it was given.
type memberOutbox struct{ pushed []*model.Push }

func (o *memberOutbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushed = append(o.pushed, p)
	return nil
}

// memberHouse is the front of the house with the member room behind it. Everything that is logged is kept.
type memberHouse struct {
	t      *testing.T
	ctx    context.Context
	store  *store.Store
	vault  *vault.Vault
	outbox *memberOutbox
	logged *bytes.Buffer
	api    http.Handler
	tokens map[string]string
	orgs   map[string]string // their ids by name
}

func newMemberHouse(t *testing.T) *memberHouse {
	h := &memberHouse{t: t, ctx: context.Background(), store: storetest.Open(t), outbox: &memberOutbox{}, logged: &bytes.Buffer{},
		tokens: map[string]string{}, orgs: map[string]string{}}
	var err error
	if h.vault, err = vault.New("a secret key for the tests of members"); err != nil {
		t.Fatal(err)
	}
	room := member.New(h.store, h.vault, h.outbox, storetest.Clock)
	door := signin.New(h.store, scriptedWechat{}, h.vault, room, nothingWaits{}, storetest.Clock)
	if err := door.CreateAdmin(h.ctx, "root", "a long password"); err != nil {
		t.Fatal(err)
	}
	h.api = api.New(api.Rooms{Signin: door, Member: room, Limiter: cache.NewMemoryLimiter(storetest.Clock), Replays: h.store,
		Ready: func(context.Context) map[string]error { return nil }},
		api.Options{Log: slog.New(slog.NewTextHandler(h.logged, &slog.HandlerOptions{Level: slog.LevelDebug})), Clock: storetest.Clock, Version: "test", MaxUpload: 10 << 20})
	h.tokens["admin"] = h.must(200, "", "stranger", "POST", "/auth/password", `{"username":"root","password":"a long password"}`)["access_token"].(string)
	return h
}

func (h *memberHouse) send(who, method, path string, body io.Reader, media string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "/api/v1"+path, body)
	req.Header.Set("Content-Type", media)
	if token := h.tokens[who]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

// must fails the test unless the status, and where given the code, are as expected.
func (h *memberHouse) must(status int, code, who, method, path, body string) map[string]any {
	h.t.Helper()
	w := h.send(who, method, path, strings.NewReader(body), "application/json")
	return h.read(w, status, code, who+" "+method+" "+path)
}

func (h *memberHouse) read(w *httptest.ResponseRecorder, status int, code, what string) map[string]any {
	h.t.Helper()
	out := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			h.t.Fatalf("%s answered %d with %q", what, w.Code, w.Body)
		}
	}
	if w.Code != status || code != "" && out["code"] != code {
		h.t.Fatalf("%s: %d %v, want %d %s", what, w.Code, out, status, code)
	}
	return out
}

func (h *memberHouse) org(parent, kind, name string) string {
	h.t.Helper()
	up := "null"
	if parent != "" {
		up = `"` + h.orgs[parent] + `"`
	}
	out := h.must(201, "", "admin", "POST", "/orgs", fmt.Sprintf(`{"parent_id":%s,"kind":%q,"name":%q}`, up, kind, name))
	h.orgs[name] = out["id"].(string)
	return h.orgs[name]
}

// enrol adds a person through the contract, gives them roles there, and signs them in with WeChat.
func (h *memberHouse) enrol(name, phone, org string, roles ...string) string {
	h.t.Helper()
	id := h.must(201, "", "admin", "POST", "/orgs/"+h.orgs[org]+"/members", fmt.Sprintf(`{"name":%q,"phone":%q,"party_status":"full"}`, name, phone))["id"].(string)
	if len(roles) > 0 {
		b, _ := json.Marshal(roles)
		h.must(200, "", "admin", "PUT", "/orgs/"+h.orgs[org]+"/members/"+id+"/roles", `{"roles":`+string(b)+`}`)
	}
	return id
}

func (h *memberHouse) bind(who, phone string) map[string]any {
	h.t.Helper()
	h.visit(who)
	out := h.must(200, "", who, "POST", "/auth/bind", fmt.Sprintf(`{"consent_version":%q,"phone_code":"phone:%s"}`, signin.ConsentVersion, phone))
	h.tokens[who] = out["access_token"].(string)
	return out
}

func (h *memberHouse) visit(who string) {
	h.t.Helper()
	h.tokens[who] = h.must(200, "", "stranger", "POST", "/auth/wechat", `{"code":"code:open-`+who+`"}`)["access_token"].(string)
}

// society builds the tree and one person of each role through the contract alone.
func (h *memberHouse) society() map[string]string {
	h.t.Helper()
	h.org("", "association", "学会")
	h.org("学会", "society", "党委")
	h.org("党委", "branch", "心肺")
	h.org("心肺", "group", "第一党小组")
	h.org("党委", "branch", "神经")
	ids := map[string]string{}
	for i, p := range []struct {
		who, org string
		roles    []string
	}{
		{"plain", "第一党小组", nil}, {"leader", "第一党小组", []string{"member", "group_leader"}}, {"committee", "心肺", []string{"committee_member"}},
		{"secretary", "心肺", []string{"secretary"}}, {"neighbour", "神经", []string{"secretary"}}, {"staff", "党委", []string{"staff"}},
	} {
		phone := fmt.Sprintf("1391000000%d", i)
		ids[p.who] = h.enrol("人"+p.who, phone, p.org, p.roles...)
		h.bind(p.who, phone)
	}
	h.visit("visitor")
	return ids
}

func (h *memberHouse) upload(who, path, name string, data []byte) *httptest.ResponseRecorder {
	h.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if err := form.WriteField("note", "another part before the file"); err != nil {
		h.t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return h.send(who, "POST", path, &b, form.FormDataContentType())
}

var memberActors = []string{"stranger", "visitor", "plain", "leader", "committee", "secretary", "neighbour", "staff", "admin"}

// notTried stands where an act would succeed and disturb those after it.
const notTried = 0

// The status of each route for each actor. Acts that would disturb the next are written so that they change nothing.
func TestMemberRoutesForEveryActor(t *testing.T) {
	h := newMemberHouse(t)
	ids := h.society()
	branch, group := h.orgs["心肺"], h.orgs["第一党小组"]
	for _, c := range []struct {
		method, path, body string
		want               [9]int // stranger visitor plain leader committee secretary neighbour staff admin
	}{
		{"GET", "/orgs", "", [9]int{401, 403, 200, 200, 200, 200, 200, 200, 200}},
		{"POST", "/orgs", `{"parent_id":"` + branch + `","kind":"branch","name":"某"}`, [9]int{401, 403, 403, 403, 403, 403, 404, 422, 422}},
		{"POST", "/orgs", `{"parent_id":"` + branch + `","kind":"group","name":"第一党小组"}`, [9]int{401, 403, 403, 403, 403, 409, 404, 409, 409}},
		{"POST", "/orgs", `{"kind":"group","name":"某组"}`, [9]int{401, 403, 403, 403, 403, 403, 403, 403, 422}},
		{"PATCH", "/orgs/" + branch, `{"name":"心肺"}`, [9]int{401, 403, 403, 403, 403, 403, 404, 200, 200}},
		{"PATCH", "/orgs/" + group, `{}`, [9]int{401, 403, 403, 403, 403, 200, 404, 200, 200}},
		{"GET", "/orgs/" + branch + "/members", "", [9]int{401, 403, 403, 403, 200, 200, 404, 200, 200}},
		{"GET", "/orgs/" + group + "/members", "", [9]int{401, 403, 403, 200, 200, 200, 404, 200, 200}},
		{"POST", "/orgs/" + branch + "/members", `{"name":"人plain","phone":"13910000000","party_status":"full"}`, [9]int{401, 403, 403, 403, 403, 409, 404, 409, 409}},
		{"GET", "/orgs/" + branch + "/members/export", "", [9]int{401, 403, 403, 403, 403, 200, 404, 200, 200}},
		{"PUT", "/orgs/" + branch + "/members/" + ids["plain"] + "/roles", `{"roles":["member"]}`, [9]int{401, 403, 403, 403, 403, 200, 404, 200, 200}},
		{"PUT", "/orgs/" + branch + "/members/" + ids["plain"] + "/roles", `{"roles":["admin"]}`, [9]int{401, 403, 403, 403, 403, 403, 404, 403, notTried}},
		{"POST", "/orgs/" + branch + "/invites", "", [9]int{401, 403, 403, 403, 403, 201, 404, 201, 201}},
		{"GET", "/members/" + ids["plain"], "", [9]int{401, 403, 403, 200, 200, 200, 404, 200, 200}},
		{"GET", "/members/" + ids["staff"], "", [9]int{401, 403, 403, 404, 404, 404, 404, 200, 200}},
		{"PATCH", "/members/" + ids["plain"], `{"title":"主任医师"}`, [9]int{401, 403, 403, 403, 403, 200, 404, 200, 200}},
		{"DELETE", "/members/" + ids["plain"] + "?org_id=" + h.orgs["神经"], "", [9]int{401, 403, 403, 404, 404, 404, 404, 404, 404}},
		{"POST", "/members/" + ids["plain"] + "/reveal-phone", "", [9]int{401, 403, 403, 403, 403, 403, 404, 403, 403}},
		{"POST", "/members/" + ids["admin"] + "x/unbind", "", [9]int{401, 403, 403, 404, 404, 404, 404, 404, 404}},
		{"PATCH", "/me", `{"employer":"北京协和医院"}`, [9]int{401, 403, 200, 200, 200, 200, 200, 200, 200}},
	} {
		for i, who := range memberActors {
			if c.want[i] == notTried {
				continue
			}
			w := h.send(who, c.method, c.path, strings.NewReader(c.body), "application/json")
			if w.Code != c.want[i] {
				t.Errorf("%s %s %s by %s: %d %s, want %d", c.method, c.path, c.body, who, w.Code, w.Body, c.want[i])
			}
			if strings.Contains(w.Body.String(), "1391000000") && !strings.HasSuffix(c.path, "reveal-phone") {
				t.Errorf("%s %s by %s shows a whole number: %s", c.method, c.path, who, w.Body)
			}
		}
	}
	for i, want := range []int{401, 403, 403, 403, 403, 200, 404, 200, 200} {
		w := h.upload(memberActors[i], "/orgs/"+branch+"/members/import?dry_run=true", "a.csv", []byte("姓名,手机号\n甲,13900000001\n"))
		if w.Code != want {
			t.Errorf("a dry import by %s: %d %s, want %d", memberActors[i], w.Code, w.Body, want)
		}
	}
	h.nothingLeaks()
}

// nothingLeaks looks for numbers in everything that was logged and audited.
func (h *memberHouse) nothingLeaks() {
	h.t.Helper()
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{}, model.Page{Limit: 100})
	if err != nil || len(entries) == 0 || h.logged.Len() == 0 {
		h.t.Fatalf("there is nothing to look at: %v", err)
	}
	all := h.logged.String() + fmt.Sprintf("%+v", entries)
	for _, sign := range []string{"1391000", "1390000", "138****", "139****", "人plain"} {
		if strings.Contains(all, sign) {
			h.t.Errorf("%q is in the log or the audit", sign)
		}
	}
}

func TestRosterOverHTTP(t *testing.T) {
	h := newMemberHouse(t)
	h.society()
	data, err := os.ReadFile("../testdata/roster/花名册-心肺康复.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	branch := h.orgs["心肺"]
	for _, c := range []struct {
		query                               string
		created, updated, unchanged, errors float64
	}{{"?dry_run=true", 38, 0, 0, 6}, {"", 38, 0, 0, 6}, {"?dry_run=false", 0, 0, 38, 6}} {
		out := h.read(h.upload("secretary", "/orgs/"+branch+"/members/import"+c.query, "花名册.xlsx", data), 200, "", "import"+c.query)
		if out["created"] != c.created || out["updated"] != c.updated || out["unchanged"] != c.unchanged || float64(len(out["errors"].([]any))) != c.errors {
			t.Errorf("import%s: %v", c.query, out)
		}
	}
	// The first line's number is that of the plain member, who has another name.
	seen, names, cursor := map[string]bool{}, []string{}, ""
	for {
		out := h.must(200, "", "secretary", "GET", "/orgs/"+branch+"/members?limit=7&cursor="+cursor, "")
		for _, v := range out["items"].([]any) {
			m := v.(map[string]any)
			if seen[m["id"].(string)] {
				t.Errorf("%v is shown twice", m["name"])
			}
			seen[m["id"].(string)] = true
			names = append(names, m["name"].(string))
			if m["name"] == "赵海燕" && (m["phone"] != "139****0137" || m["party_status"] != "full" || m["bound"] != false || m["joined_on"] != "1998-06-01" ||
				fmt.Sprint(m["roles"]) != "[member]" || m["org_id"] == branch) {
				t.Errorf("shown as %v", m)
			}
			if m["name"] == "人leader" && (fmt.Sprint(m["roles"]) != "[member group_leader]" || m["joined_on"] != nil) {
				t.Errorf("shown as %v", m)
			}
		}
		if cursor = out["next_cursor"].(string); cursor == "" {
			break
		}
	}
	if len(seen) != 42 || names[len(names)-1] != "钟思远" {
		t.Errorf("%d members, the last is %s", len(seen), names[len(names)-1])
	}
	h.must(422, "validation_failed", "secretary", "GET", "/orgs/"+branch+"/members?cursor=broken", "")

	w := h.send("secretary", "GET", "/orgs/"+branch+"/members/export", nil, "")
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "filename*=UTF-8''"+url.PathEscape("心肺花名册-2026-11-23.xlsx")) || !bytes.HasPrefix(w.Body.Bytes(), []byte("PK")) {
		t.Errorf("the export: %d %v", w.Code, w.Header())
	}
	for _, o := range h.must(200, "", "secretary", "GET", "/orgs", "")["items"].([]any) {
		if o := o.(map[string]any); o["id"] == branch && (o["members"] != 42.0 || o["kind"] != "branch" || o["parent_id"] != h.orgs["党委"]) {
			t.Errorf("the branch: %v", o)
		}
	}
	h.nothingLeaks()
}

func TestImportRefusesForms(t *testing.T) {
	h := newMemberHouse(t)
	h.society()
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	var reference struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]any `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &reference); err != nil {
		t.Fatal(err)
	}
	if reference.Paths["/api/v1/orgs/{id}/members/import"]["post"].RequestBody.Content["multipart/form-data"] == nil {
		t.Error("the reference does not tell that the import takes a form")
	}
	path := "/orgs/" + h.orgs["心肺"] + "/members/import"
	h.must(415, "unsupported_media_type", "secretary", "POST", path, `{}`)
	w = h.send("secretary", "POST", path, strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x--\r\n"), "multipart/form-data; boundary=x")
	if out := h.read(w, 422, "validation_failed", "no file"); fmt.Sprint(out["fields"]) == "[]" || out["fields"].([]any)[0].(map[string]any)["field"] != "file" {
		t.Errorf("no file: %v", out)
	}
	h.read(h.upload("secretary", path, "a.pdf", []byte("%PDF-1.7")), 415, "unsupported_media_type", "a PDF")
	h.read(h.upload("secretary", path, "a.csv", bytes.Repeat([]byte("姓名,手机号\n"), 500_000)), 413, "payload_too_large", "a long file")
	w = h.send("secretary", "POST", path, strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n姓名,手"), "multipart/form-data; boundary=x")
	h.read(w, 422, "validation_failed", "a file cut short")
}

func TestMembersOfTwoBranches(t *testing.T) {
	h := newMemberHouse(t)
	h.society()
	first := h.must(201, "", "secretary", "POST", "/orgs/"+h.orgs["心肺"]+"/members", `{"name":"双支部","phone":"139 0000 0001","party_status":"full","employer":"北京协和医院","joined_on":"2015-07-01"}`)
	if first["phone"] != "139****0001" || first["joined_on"] != "2015-07-01" || first["employer"] != "北京协和医院" {
		t.Errorf("added %v", first)
	}
	second := h.must(201, "", "neighbour", "POST", "/orgs/"+h.orgs["神经"]+"/members", `{"name":"双支部","phone":"13900000001","party_status":"full"}`)
	if second["id"] != first["id"] || second["org_id"] != h.orgs["神经"] || second["employer"] != "北京协和医院" {
		t.Errorf("the same person: %v", second)
	}
	id := first["id"].(string)
	me := h.bind("both", "13900000001")["me"].(map[string]any)
	if len(me["memberships"].([]any)) != 2 {
		t.Errorf("me: %v", me)
	}
	// The rights that a role gives hold at the very next request, though the actor is kept in memory.
	h.must(403, "forbidden", "both", "GET", "/orgs/"+h.orgs["心肺"]+"/members", "")
	out := h.must(200, "", "secretary", "PUT", "/orgs/"+h.orgs["心肺"]+"/members/"+id+"/roles", `{"roles":["member","committee_member"]}`)
	if fmt.Sprint(out["roles"]) != "[member committee_member]" || out["bound"] != true {
		t.Errorf("roles: %v", out)
	}
	h.must(200, "", "both", "GET", "/orgs/"+h.orgs["心肺"]+"/members", "")
	out = h.must(422, "validation_failed", "secretary", "PUT", "/orgs/"+h.orgs["心肺"]+"/members/"+id+"/roles", `{"roles":["chairman"]}`)
	if out["fields"].([]any)[0].(map[string]any)["field"] != "roles[0]" {
		t.Errorf("an unknown role: %v", out)
	}

	h.must(204, "", "secretary", "DELETE", "/members/"+id, "")
	h.must(403, "forbidden", "both", "GET", "/orgs/"+h.orgs["心肺"]+"/members", "")
	me = h.must(200, "", "both", "GET", "/me", "")
	if me["bound"] != true || len(me["memberships"].([]any)) != 1 || me["org"].(map[string]any)["id"] != h.orgs["神经"] {
		t.Errorf("after leaving one: %v", me)
	}
	h.must(404, "not_found", "secretary", "GET", "/members/"+id, "")
	h.must(200, "", "neighbour", "POST", "/members/"+id+"/unbind", "")
	h.must(401, "unauthenticated", "both", "GET", "/me", "")
	h.bind("new phone", "13900000001")
}

func TestMemberEdits(t *testing.T) {
	h := newMemberHouse(t)
	ids := h.society()
	path := "/members/" + ids["plain"]
	w := h.send("secretary", "GET", path, nil, "")
	tag := w.Header().Get("ETag")
	edit := func(tag, body string) *httptest.ResponseRecorder {
		req := httptest.NewRequest("PATCH", "/api/v1"+path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+h.tokens["secretary"])
		req.Header.Set("If-Match", tag)
		w := httptest.NewRecorder()
		h.api.ServeHTTP(w, req)
		return w
	}
	out := h.read(edit(tag, `{"name":"林 知远","party_status":"probationary","joined_on":"2025-07-01"}`), 200, "", "an edit")
	if out["name"] != "林知远" || out["party_status"] != "probationary" || out["joined_on"] != "2025-07-01" {
		t.Errorf("edited: %v", out)
	}
	h.read(edit(tag, `{"title":"教授"}`), 412, "edit_conflict", "a stale edit")
	h.read(edit(`"strange"`, `{"title":"教授"}`), 412, "edit_conflict", "a strange tag")
	h.read(edit("*", `{"title":"教授"}`), 200, "", "any tag")
	out = h.must(422, "validation_failed", "secretary", "PATCH", path, `{"phone":"12","party_status":"youth","nick":"小林"}`)
	if len(out["fields"].([]any)) < 2 {
		t.Errorf("several faults: %v", out)
	}
	if me := h.must(200, "", "plain", "GET", "/me", ""); me["name"] != "林知远" || me["party_status"] != "probationary" {
		t.Errorf("the own view: %v", me)
	}
	h.must(422, "validation_failed", "plain", "PATCH", "/me", `{"party_status":"full"}`)
	h.must(200, "", "plain", "PATCH", "/me", `{"title":"主任医师","employer":"北京协和医院"}`)
	if out := h.must(200, "", "secretary", "GET", path, ""); out["title"] != "主任医师" || out["employer"] != "北京协和医院" {
		t.Errorf("corrected: %v", out)
	}
	h.must(204, "", "staff", "PUT", "/orgs/"+h.orgs["心肺"]+"/members/"+ids["secretary"]+"/phone-right", "")
	if out := h.must(200, "", "secretary", "POST", path+"/reveal-phone", ""); out["phone"] != "13910000000" {
		t.Errorf("revealed: %v", out)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "member.reveal_phone"}, model.Page{})
	if err != nil || len(entries) != 1 || entries[0].ActorID != ids["secretary"] || entries[0].Object != "member:"+ids["plain"] {
		t.Errorf("audit of the reveal: %+v %v", entries, err)
	}
	h.nothingLeaks()
}

func TestInviteOverHTTP(t *testing.T) {
	h := newMemberHouse(t)
	h.society()
	out := h.must(201, "", "secretary", "POST", "/orgs/"+h.orgs["心肺"]+"/invites", "")
	code := out["code"].(string)
	if at, err := time.Parse(time.RFC3339, out["expires_at"].(string)); err != nil || !at.Equal(storetest.Now().AddDate(0, 0, 7)) {
		t.Errorf("expires at %v", out["expires_at"])
	}
	h.visit("guest")
	me := h.must(200, "", "guest", "POST", "/auth/bind", fmt.Sprintf(`{"consent_version":%q,"invite_code":%q,"name":"单 新人"}`, signin.ConsentVersion, strings.ToLower(code)))["me"].(map[string]any)
	if me["bound"] != true || me["name"] != "单新人" || me["org"].(map[string]any)["id"] != h.orgs["心肺"] {
		t.Errorf("the newcomer: %v", me)
	}
	if len(h.outbox.pushed) != 1 || !strings.Contains(h.outbox.pushed[0].Body, "单新人通过邀请码加入了心肺") {
		t.Errorf("told: %+v", h.outbox.pushed)
	}
	m, err := h.store.Member(h.ctx, me["id"].(string))
	if err != nil || m.NameSort != member.SortKey("单新人") {
		t.Errorf("stands in the roster at %q %v", m.NameSort, err)
	}
	once := h.must(201, "", "secretary", "POST", "/orgs/"+h.orgs["心肺"]+"/invites", `{"days":1,"max_uses":1}`)["code"].(string)
	h.visit("second")
	h.must(200, "", "second", "POST", "/auth/bind", fmt.Sprintf(`{"consent_version":%q,"invite_code":%q,"name":"甲"}`, signin.ConsentVersion, once))
	h.visit("third")
	h.must(422, "validation_failed", "third", "POST", "/auth/bind", fmt.Sprintf(`{"consent_version":%q,"invite_code":%q,"name":"乙"}`, signin.ConsentVersion, once))
	h.must(422, "validation_failed", "secretary", "POST", "/orgs/"+h.orgs["心肺"]+"/invites", `{"days":31}`)
}
