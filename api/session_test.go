package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/cache"
	"zhibu/service/signin"
	"zhibu/service/vault"
)

// scriptedWechat knows codes as "code:openid" and phone codes as "phone:number".
type scriptedWechat struct{}

func (scriptedWechat) Login(_ context.Context, code string) (string, string, error) {
	if open, ok := strings.CutPrefix(code, "code:"); ok {
		return open, "", nil
	}
	return "", "", model.Fail(model.CodeWechatCode, "微信登录凭证无效或已过期，请重新登录。")
}

func (scriptedWechat) Phone(_ context.Context, code string) (string, error) {
	if phone, ok := strings.CutPrefix(code, "phone:"); ok {
		return phone, nil
	}
	return "", model.Fail(model.CodeWechatCode, "手机号授权已失效，请重新点击授权按钮。")
}

type toldOfInvite struct{ names []string }

func (t *toldOfInvite) JoinedByInvite(_ context.Context, _ *store.Store, m *model.Member, _ *model.Org) error {
	t.names = append(t.names, m.Name)
	return nil
}

// sessionHouse is the front of the house with signing in alone, and a clock that the test moves.
type sessionHouse struct {
	t      *testing.T
	store  *store.Store
	vault  *vault.Vault
	signin *signin.Service
	told   *toldOfInvite
	api    http.Handler

	clock sync.Mutex // the limiter asks for the time in a goroutine of its own
	now   time.Time
}

// tell is the clock.
func (h *sessionHouse) tell() time.Time {
	h.clock.Lock()
	defer h.clock.Unlock()
	return h.now
}

// pass moves the clock.
func (h *sessionHouse) pass(d time.Duration) {
	h.clock.Lock()
	defer h.clock.Unlock()
	h.now = h.now.Add(d)
}

func newSessionHouse(t *testing.T) *sessionHouse {
	h := &sessionHouse{t: t, now: storetest.Now(), told: &toldOfInvite{}}
	clock := h.tell
	h.store = storetest.OpenAt(t, clock)
	var err error
	if h.vault, err = vault.New("a secret key for the tests of sessions"); err != nil {
		t.Fatal(err)
	}
	h.signin = signin.New(h.store, scriptedWechat{}, h.vault, h.told, nothingWaits{}, clock)
	h.api = api.New(api.Rooms{Signin: h.signin, Limiter: cache.NewMemoryLimiter(clock), Replays: h.store,
		Ready: func(context.Context) map[string]error { return nil }},
		api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock, Limits: true, Version: "test", MaxUpload: 1 << 20})
	return h
}

func (h *sessionHouse) do(method, path, token, body string) (int, map[string]any) {
	h.t.Helper()
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	out := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&out); err != nil {
			h.t.Fatalf("%s %s answered %d with %q", method, path, w.Code, w.Body)
		}
	}
	return w.Code, out
}

// must fails the test unless the status, and where given the code, are as expected.
func (h *sessionHouse) must(status int, code, method, path, token, body string) map[string]any {
	h.t.Helper()
	got, out := h.do(method, path, token, body)
	if got != status || (code != "" && out["code"] != code) {
		h.t.Fatalf("%s %s: %d %v, want %d %s", method, path, got, out, status, code)
	}
	return out
}

func (h *sessionHouse) visitor(openID string) map[string]any {
	h.t.Helper()
	return h.must(200, "", "POST", "/auth/wechat", "", `{"code":"code:`+openID+`"}`)
}

// enrol puts a person with a phone into an organisation.
func (h *sessionHouse) enrol(org *model.Org, name, phone string) *model.Member {
	h.t.Helper()
	m := &model.Member{ID: store.NewID(), Name: name, NameSort: name, PartyStatus: model.PartyFull}
	if phone != "" {
		index := h.vault.Index(phone)
		m.PhoneIndex = &index
	}
	ctx := context.Background()
	if err := h.store.AddMember(ctx, m); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: org.ID, OrgPath: org.Path, JoinedOn: "2020-07-01"}); err != nil {
		h.t.Fatal(err)
	}
	return m
}

func (h *sessionHouse) org(parent *model.Org, kind model.OrgKind, name string) *model.Org {
	h.t.Helper()
	o := &model.Org{ID: store.NewID(), Kind: kind, Name: name, Version: 1}
	o.Path = model.PathUnder("", o.ID)
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
	}
	if err := h.store.AddOrg(context.Background(), o); err != nil {
		h.t.Fatal(err)
	}
	return o
}

func text(v map[string]any, path ...string) string {
	var at any = v
	for _, p := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return ""
		}
		at = m[p]
	}
	s, _ := at.(string)
	return s
}

func TestVisitorBindsByPhone(t *testing.T) {
	h := newSessionHouse(t)
	society := h.org(nil, model.OrgSociety, "学会党委")
	branch := h.org(society, model.OrgBranch, "心肺康复党支部")
	m := h.enrol(branch, "林知远", "13800138000")
	v := h.visitor("o1")
	token := text(v, "access_token")
	me := v["me"].(map[string]any)
	if me["bound"] != false || me["org"] != nil {
		t.Fatalf("a new openid must be a visitor: %v", me)
	}
	h.must(403, "not_bound", "GET", "/me/sessions", token, "")
	h.must(422, "consent_required", "POST", "/auth/bind", token, `{"phone_code":"phone:13800138000"}`)
	version := text(h.must(200, "", "GET", "/consent", "", ""), "version")
	bind := func(phone string) string {
		return `{"consent_version":"` + version + `","phone_code":"phone:` + phone + `"}`
	}
	h.must(404, "not_on_roster", "POST", "/auth/bind", token, bind("13900139000"))
	h.must(401, "wechat_code_invalid", "POST", "/auth/bind", token, `{"consent_version":"`+version+`","phone_code":"x"}`)
	h.must(422, "validation_failed", "POST", "/auth/bind", token, `{"consent_version":"`+version+`"}`)
	out := h.must(200, "", "POST", "/auth/bind", token, bind("+86 138-0013-8000"))
	if text(out, "me", "id") != m.ID || text(out, "me", "org", "id") != branch.ID || out["me"].(map[string]any)["bound"] != true {
		t.Fatalf("bound as %v", out["me"])
	}
	standing := out["me"].(map[string]any)["memberships"].([]any)[0].(map[string]any)
	if up := standing["ancestors"].([]any); len(up) != 1 || up[0].(map[string]any)["id"] != society.ID {
		t.Errorf("ancestors: %v", up)
	}
	// The token from before the binding sees it at once, and a second person cannot take the same place.
	if got := h.must(200, "", "GET", "/me", token, ""); got["id"] != m.ID {
		t.Errorf("the old token still shows %v", got)
	}
	other := text(h.visitor("o2"), "access_token")
	h.must(409, "already_bound", "POST", "/auth/bind", other, bind("13800138000"))
	if again := h.visitor("o1"); text(again, "me", "id") != m.ID {
		t.Errorf("the next sign-in is %v", again["me"])
	}
}

func TestVisitorBindsByInvite(t *testing.T) {
	h := newSessionHouse(t)
	branch := h.org(nil, model.OrgBranch, "心肺康复党支部")
	m := h.enrol(branch, "沈若谷", "")
	h.enrol(branch, "王同名", "")
	h.enrol(branch, "王同名", "")

	invite := &model.Invite{ID: store.NewID(), CodeHash: signin.HashCode("ABCD2345"), OrgID: branch.ID, MaxUses: 3, ExpiresAt: h.now.Add(time.Hour)}

	if err := h.store.AddInvite(context.Background(), invite); err != nil {
		t.Fatal(err)
	}
	leading := h.enrol(branch, "王支委", "")
	if err := h.store.SetGrants(context.Background(), leading.ID, branch, []model.Role{model.RoleCommitteeMember}, h.now); err != nil {
		t.Fatal(err)
	}
	body := func(code, name string) string {
		return `{"consent_version":"` + signin.ConsentVersion + `","invite_code":"` + code + `","name":"` + name + `"}`
	}
	token := text(h.visitor("o1"), "access_token")
	h.must(422, "validation_failed", "POST", "/auth/bind", token, body("WRONG", "沈若谷"))
	h.must(422, "validation_failed", "POST", "/auth/bind", token, body("ABCD2345", " "))
	h.must(409, "conflict", "POST", "/auth/bind", token, body("ABCD2345", "王同名"))
	h.must(409, "conflict", "POST", "/auth/bind", token, body("ABCD2345", "王支委")) // who holds a role binds by phone
	if out := h.must(200, "", "POST", "/auth/bind", token, body("abcd2345", "沈 若谷")); text(out, "me", "id") != m.ID {
		t.Fatalf("bound as %v", out["me"])
	}
	h.must(409, "already_bound", "POST", "/auth/bind", text(h.visitor("o2"), "access_token"), body("ABCD2345", "沈若谷"))
	fresh := h.must(200, "", "POST", "/auth/bind", text(h.visitor("o3"), "access_token"), body("ABCD2345", "唐新来"))
	if text(fresh, "me", "org", "id") != branch.ID || text(fresh, "me", "party_status") != "non_party" || len(h.told.names) != 1 {
		t.Errorf("who is not on the roster joins it, and the secretary is told: %v %v", fresh["me"], h.told.names)
	}
	h.pass(2 * time.Hour)
	h.must(422, "validation_failed", "POST", "/auth/bind", text(h.visitor("o4"), "access_token"), body("ABCD2345", "赵迟到"))
}

func TestTokensRotateAndReuseEndsTheFamily(t *testing.T) {
	h := newSessionHouse(t)
	first := h.visitor("o1")
	second := h.must(200, "", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(first, "refresh_token")+`"}`)
	if text(second, "refresh_token") == text(first, "refresh_token") {
		t.Fatal("the refresh token did not rotate")
	}
	h.must(200, "", "GET", "/me", text(second, "access_token"), "")
	h.must(401, "unauthenticated", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(second, "access_token")+`"}`)
	h.must(401, "token_reused", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(first, "refresh_token")+`"}`)
	for _, v := range []map[string]any{first, second} {
		h.must(401, "unauthenticated", "GET", "/me", text(v, "access_token"), "")
	}
	h.must(401, "unauthenticated", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(second, "refresh_token")+`"}`)
	h.must(200, "", "GET", "/me", text(h.visitor("o1"), "access_token"), "")
}

func TestAccessTokenExpires(t *testing.T) {
	h := newSessionHouse(t)
	v := h.visitor("o1")
	h.pass(2*time.Hour + time.Second)
	h.must(401, "token_expired", "GET", "/me", text(v, "access_token"), "")
	v = h.must(200, "", "POST", "/auth/refresh", text(v, "access_token"), `{"refresh_token":"`+text(v, "refresh_token")+`"}`)
	h.must(200, "", "GET", "/me", text(v, "access_token"), "")
	h.pass(31 * 24 * time.Hour)
	h.must(401, "unauthenticated", "POST", "/auth/refresh", "", `{"refresh_token":"`+text(v, "refresh_token")+`"}`)
}

func TestLogoutEndsOneSession(t *testing.T) {
	h := newSessionHouse(t)
	a, b := text(h.visitor("o1"), "access_token"), text(h.visitor("o1"), "access_token")
	h.must(204, "", "POST", "/auth/logout", a, "")
	h.must(401, "unauthenticated", "GET", "/me", a, "")
	h.must(401, "unauthenticated", "POST", "/auth/logout", a, "")
	h.must(200, "", "GET", "/me", b, "")
}

func TestPasswordLocksTheNameAfterFiveFailures(t *testing.T) {
	h := newSessionHouse(t)
	if err := h.signin.CreateAdmin(context.Background(), "Office", "correct-horse-1"); err != nil {
		t.Fatal(err)
	}
	right, wrong := `{"username":"office","password":"correct-horse-1"}`, `{"username":"OFFICE","password":"wrong"}`
	h.must(200, "", "POST", "/auth/password", "", right)
	for range 5 {
		h.must(401, "unauthenticated", "POST", "/auth/password", "", wrong)
	}
	h.must(429, "login_locked", "POST", "/auth/password", "", wrong)
	h.must(429, "login_locked", "POST", "/auth/password", "", right)
	h.pass(15*time.Minute + time.Second)
	h.must(401, "unauthenticated", "POST", "/auth/password", "", wrong)
	h.must(200, "", "POST", "/auth/password", "", right)
	// A name that does not exist is locked alike, so that names cannot be told from locks.
	for i := range 6 {
		want := 401
		if i == 5 {
			want = 429
		}
		h.must(want, "", "POST", "/auth/password", "", `{"username":"nobody","password":"wrong"}`)
	}
}

func TestConsoleIsOpenedByThePhone(t *testing.T) {
	h := newSessionHouse(t)
	branch := h.org(nil, model.OrgBranch, "心肺康复党支部")
	m := h.enrol(branch, "沈若谷", "13800138000")
	h.enrol(branch, "林知远", "13800138001")
	if err := h.store.SetGrants(context.Background(), m.ID, branch, []model.Role{model.RoleSecretary}, h.now); err != nil {
		t.Fatal(err)
	}
	bind := func(openID, phone string) string {
		return text(h.must(200, "", "POST", "/auth/bind", text(h.visitor(openID), "access_token"), `{"consent_version":"`+signin.ConsentVersion+`","phone_code":"phone:`+phone+`"}`), "access_token")
	}
	secretary, member := bind("o1", "13800138000"), bind("o2", "13800138001")
	code := h.must(201, "", "POST", "/auth/console-codes", "", "")
	path := "/auth/console-codes/" + text(code, "id")
	if got := h.must(200, "", "GET", path, "", ""); got["state"] != "pending" || got["session"] != nil {
		t.Fatalf("fresh code: %v", got)
	}
	h.must(401, "unauthenticated", "POST", path+"/approve", "", "")
	h.must(403, "forbidden", "POST", path+"/approve", member, "")
	h.must(204, "", "POST", path+"/approve", secretary, "")
	h.must(409, "conflict", "POST", path+"/approve", secretary, "")
	got := h.must(200, "", "GET", path, "", "")
	if got["state"] != "approved" || text(got, "session", "me", "id") != m.ID {
		t.Fatalf("approved code: %v", got)
	}
	h.must(200, "", "GET", "/me", text(got, "session", "access_token"), "")
	if got := h.must(200, "", "GET", path, "", ""); got["session"] != nil {
		t.Error("the session was handed out twice")
	}
	late := h.must(201, "", "POST", "/auth/console-codes", "", "")
	h.pass(4 * time.Minute)
	if got := h.must(200, "", "GET", "/auth/console-codes/"+text(late, "id"), "", ""); got["state"] != "expired" {
		t.Errorf("old code: %v", got)
	}
	h.must(409, "conflict", "POST", "/auth/console-codes/"+text(late, "id")+"/approve", secretary, "")
}

func TestErrorsAreProblems(t *testing.T) {
	h := newSessionHouse(t)
	for _, c := range []struct {
		method, path, body, code string
		status                   int
	}{
		{"POST", "/auth/wechat", `{`, "malformed_json", 400},
		{"POST", "/auth/wechat", ``, "malformed_json", 400},
		{"POST", "/auth/wechat", `{"code":7,"colour":"red"}`, "validation_failed", 422},
		{"POST", "/auth/wechat", `{"code":"` + strings.Repeat("x", 600) + `"}`, "validation_failed", 422},
		{"POST", "/auth/wechat", `{"code":"` + strings.Repeat("x", 2<<20) + `"}`, "payload_too_large", 413},
		{"DELETE", "/auth/wechat", ``, "method_not_allowed", 405},
		{"GET", "/nowhere", ``, "not_found", 404},
		{"GET", "/me", ``, "unauthenticated", 401},
	} {
		out := h.must(c.status, c.code, c.method, c.path, "", c.body)
		if text(out, "detail") == "" || text(out, "request_id") == "" || out["fields"] == nil || int(out["status"].(float64)) != c.status {
			t.Errorf("%s %s: incomplete problem %v", c.method, c.path, out)
		}
	}
	out := h.must(422, "", "POST", "/auth/wechat", "", `{"code":7,"colour":"red"}`)
	var fields []string
	for _, f := range out["fields"].([]any) {
		fields = append(fields, text(f.(map[string]any), "field"))
	}
	if strings.Join(fields, ",") != "code,colour" && strings.Join(fields, ",") != "colour,code" {
		t.Errorf("all faults are named at once: %v", fields)
	}
}

// nothingWaits is for tests in which the counts of other rooms do not matter.
type nothingWaits struct{}

func (nothingWaits) Unread(context.Context, *model.Actor) (signin.Unread, error) {
	return signin.Unread{}, nil
}
