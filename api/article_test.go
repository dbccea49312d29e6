package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	"zhibu/service/blob"
	"zhibu/service/content"
	"zhibu/service/signin"
	"zhibu/service/upload"
	"zhibu/service/vault"
)

// articleOutbox records what would be told.
type articleOutbox struct{ kinds []string }

func (o *articleOutbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.kinds = append(o.kinds, string(p.Kind)+" "+p.Title)
	return nil
}

func (o *articleOutbox) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	o.kinds = append(o.kinds, "drop "+subject)
	return nil
}

// articleHouse is the front of the house with content and files, and one session for each person, whose token is the person's id.
type articleHouse struct {
	*testing.T
	ctx    context.Context
	store  *store.Store
	room   *content.Service
	outbox *articleOutbox
	now    time.Time
	api    http.Handler
}

func newArticleHouse(t *testing.T) *articleHouse {
	t.Helper()
	h := &articleHouse{T: t, ctx: context.Background(), outbox: &articleOutbox{}, now: storetest.Now()}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	secrets, err := vault.New("a secret for the tests of articles")
	h.must(err)
	folder, err := blob.OpenFolder(t.TempDir())
	h.must(err)
	t.Cleanup(func() { h.must(folder.Close()) })
	files := upload.New(h.store, folder, secrets, clock, upload.Options{MaxSize: 1 << 20, Spool: t.TempDir()})
	h.room = content.New(h.store, h.outbox, files, nil, clock)
	h.api = api.New(api.Rooms{Signin: signin.New(h.store, nil, secrets, nil, nil, clock), Content: h.room, Upload: files, Replays: h.store},
		api.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, MaxUpload: 1 << 20})
	for _, o := range []model.Org{
		{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"},
		{ID: "b", Kind: model.OrgBranch, Name: "心肺康复支部", Path: "/r/b/", Depth: 1},
		{ID: "g", Kind: model.OrgGroup, Name: "第一党小组", Path: "/r/b/g/", Depth: 2},
		{ID: "c", Kind: model.OrgBranch, Name: "儿童康复支部", Path: "/r/c/", Depth: 1},
	} {
		h.must(h.store.AddOrg(h.ctx, &o))
	}
	for _, p := range []struct {
		id, org, path string
		role          model.Role
		status        model.PartyStatus
	}{
		{"member", "b", "/r/b/", "", model.PartyFull}, {"layman", "b", "/r/b/", "", model.PartyNone},
		{"committee", "b", "/r/b/", model.RoleCommitteeMember, model.PartyFull}, {"secretary", "b", "/r/b/", model.RoleSecretary, model.PartyFull},
		{"leader", "g", "/r/b/g/", model.RoleGroupLeader, model.PartyFull}, {"office", "r", "/r/", model.RoleStaff, model.PartyFull},
		{"neighbour", "c", "/r/c/", "", model.PartyFull}, {"neighbour-secretary", "c", "/r/c/", model.RoleSecretary, model.PartyFull},
	} {
		h.must(h.store.AddMember(h.ctx, &model.Member{ID: p.id, Name: "姓名" + p.id, NameSort: p.id, PartyStatus: p.status, ConsentVersion: "1"}))
		h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: p.id, OrgID: p.org, OrgPath: p.path}))
		if p.role != "" {
			h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: p.id, OrgID: p.org, OrgPath: p.path, Role: p.role}))
		}
		h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: "i-" + p.id, OpenID: "o-" + p.id, MemberID: &p.id}))
		h.session(p.id, "i-"+p.id, p.id)
	}
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: "i-visitor", OpenID: "o-visitor"}))
	h.session("visitor", "i-visitor", "")
	return h
}

func (h *articleHouse) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *articleHouse) session(token, identityID, memberID string) {
	h.Helper()
	ends := h.now.Add(365 * 24 * time.Hour)
	h.must(h.store.AddSession(h.ctx, &model.Session{ID: "s-" + token, IdentityID: identityID, MemberID: memberID, Kind: model.SessionWechat, ExpiresAt: ends}))
	sum := sha256.Sum256([]byte(token))
	h.must(h.store.AddToken(h.ctx, &model.Token{Hash: hex.EncodeToString(sum[:]), SessionID: "s-" + token, ExpiresAt: ends}))
}

// call makes one request; headers come in pairs.
func (h *articleHouse) call(token, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	h.Helper()
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

// want makes one request and holds its status, and what the answer must and must not hold.
func (h *articleHouse) want(token, method, path, body string, status int, holds, lacks string) *httptest.ResponseRecorder {
	h.Helper()
	w := h.call(token, method, path, body)
	out := w.Body.String()
	if w.Code != status || !strings.Contains(out, holds) || (lacks != "" && strings.Contains(out, lacks)) {
		h.Errorf("%s %s as %q: %d %s\nwant %d with %q without %q", method, path, token, w.Code, out, status, holds, lacks)
	}
	return w
}

func (h *articleHouse) field(w *httptest.ResponseRecorder, name string) string {
	h.Helper()
	var out map[string]any
	h.must(json.Unmarshal(w.Body.Bytes(), &out))
	return fmt.Sprint(out[name])
}

// article posts and publishes as the office.
func (h *articleHouse) article(org, title, visibility string) string {
	h.Helper()
	body := fmt.Sprintf(`{"org_id":%q,"category":"news","title":%q,"body_markdown":"正文。","visibility":%q}`, org, title, visibility)
	id := h.field(h.want("office", "POST", "/articles", body, 201, `"draft"`, ""), "id")
	h.now = h.now.Add(time.Second)
	h.want("office", "POST", "/articles/"+id+"/publish", "", 200, `"published"`, "")
	return id
}

func TestArticleLifeOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	w := h.want("secretary", "POST", "/articles", `{"org_id":"b","category":"central","title":"全会精神","body_html":"<p onclick=x>一<script>alert(1)</script></p>",
		"visibility":"members","source":{"name":"新华社","url":"https://www.news.cn/a","date":"2026-11-20"},"key_points":["要点"],"required":true,"due_at":"2026-11-30T21:00:00+08:00","pinned":true,"doc_no":"中发〔2026〕8号"}`,
		201, `"body_html":"<p>一</p>"`, "script")
	id := h.field(w, "id")
	for _, holds := range []string{`"status":"draft"`, `"version":1`, `"published_at":null`, `"due_at":"2026-11-30T21:00:00+08:00"`, `"source":{"name":"新华社","url":"https://www.news.cn/a","date":"2026-11-20"}`,
		`"org":{"id":"b","name":"心肺康复支部"}`, `"counts":{"views":0,"likes":0,"comments":0}`, `"attachments":[]`, `"author":"姓名secretary"`, `"reading_minutes":1`, `"cover_url":null`, `"digest":"一"`} {
		if !strings.Contains(w.Body.String(), holds) {
			t.Errorf("the draft lacks %s: %s", holds, w.Body)
		}
	}
	if w.Header().Get("ETag") != `"v1"` {
		t.Errorf("ETag %q", w.Header().Get("ETag"))
	}
	h.want("member", "GET", "/articles/"+id, "", 404, "not_found", "全会")
	h.want("secretary", "PATCH", "/articles/"+id, `{"digest":"摘要"}`, 200, `"version":2`, "")
	if w := h.call("committee", "PATCH", "/articles/"+id, `{"title":"旧"}`, "If-Match", `"v1"`); w.Code != 412 || !strings.Contains(w.Body.String(), "edit_conflict") {
		t.Errorf("a stale edit: %d %s", w.Code, w.Body)
	}
	if w := h.call("committee", "PATCH", "/articles/"+id, `{"title":"旧"}`, "If-Match", `"other"`); w.Code != 412 {
		t.Errorf("a foreign tag: %d %s", w.Code, w.Body)
	}
	h.want("secretary", "POST", "/articles/"+id+"/publish", `{"notify":true}`, 200, `"published_at":"2026-11-23T19:00:00+08:00"`, "")
	if len(h.outbox.kinds) != 1 || h.outbox.kinds[0] != "study 全会精神" {
		t.Errorf("told %v", h.outbox.kinds)
	}
	page := h.want("member", "GET", "/articles/"+id, "", 200, `"key_points":["要点"]`, "body_markdown")
	// The page's tag serves an edit too, and a like does not make it stale.
	h.want("member", "PUT", "/articles/"+id+"/like", "", 200, `"liked":true`, "")
	if w := h.call("secretary", "PATCH", "/articles/"+id, `{"title":"全会精神新解"}`, "If-Match", page.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("an edit by the page's tag: %d %s", w.Code, w.Body)
	}
	h.want("committee", "GET", "/articles/"+id+"/revisions", "", 200, `"version":3`, "")
	h.want("member", "GET", "/articles/"+id+"/revisions", "", 403, "forbidden", "")
	h.want("secretary", "DELETE", "/articles/"+id, "", 409, "conflict", "")
	h.want("member", "GET", "/articles/"+id+"/text", "", 200, "全会精神新解\n要点\n一\n", "<")
	h.want("secretary", "POST", "/articles/"+id+"/withdraw", "", 200, `"withdrawn"`, "")
	h.want("member", "GET", "/articles/"+id, "", 404, "not_found", "")
	h.want("member", "GET", "/feed", "", 200, `"items":[]`, "全会")
	draft := h.field(h.want("leader", "POST", "/articles", `{"org_id":"g","category":"news","title":"小组","body_markdown":"文"}`, 201, `"body_markdown":"文"`, ""), "id")
	h.want("leader", "POST", "/articles/"+draft+"/publish", `{"at":"2026-11-24T20:00:00+08:00"}`, 200, `"publish_at":"2026-11-24T20:00:00+08:00"`, "")
	h.want("secretary", "GET", "/articles?status=scheduled", "", 200, `"title":"小组"`, "全会")
	// A client may send null for what it leaves open.
	h.want("secretary", "POST", "/articles", `{"org_id":"b","category":"news","title":"空","body_markdown":"文","body_html":null,"digest":null,"key_points":null,"cover_id":null,
		"attachment_ids":null,"visibility":null,"required":null,"due_at":null,"pinned":null,"doc_no":null,"reading_minutes":null}`, 201, `"visibility":"members"`, "")
	other := h.field(h.want("leader", "POST", "/articles", `{"org_id":"g","category":"news","title":"小组","body_markdown":"文"}`, 201, "", ""), "id")
	h.want("leader", "DELETE", "/articles/"+other, "", 204, "", "")
}

func TestArticleFaultsOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	w := h.want("secretary", "POST", "/articles", `{"org_id":"b","category":"law","title":"","body_markdown":"文","key_points":["1","2","3","4","5","6"]}`, 422, "validation_failed", "")
	for _, field := range []string{`"title"`, `"key_points"`, `"source.name"`, `"source.url"`} {
		if !strings.Contains(w.Body.String(), `"field":`+field) {
			t.Errorf("%s is not named: %s", field, w.Body)
		}
	}
	id := h.article("b", "题", "members")
	for _, c := range []struct{ token, method, path, body, status, holds string }{
		{"secretary", "POST", "/articles", `{"org_id":"b","category":"news","title":"题","body_markdown":"文","points":1}`, "422", `"field":"points"`},
		{"secretary", "POST", "/articles", `{"org_id":`, "400", "malformed_json"},
		{"secretary", "POST", "/articles", ``, "4", ""},
		{"secretary", "POST", "/articles", `{"org_id":"nowhere","category":"news","title":"题","body_markdown":"文"}`, "404", "not_found"},
		{"secretary", "PATCH", "/articles/" + id, `{"category":"sport"}`, "422", `"field":"category"`},
		{"secretary", "POST", "/articles/" + id + "/publish", `{}`, "409", "conflict"},
		{"secretary", "POST", "/articles/" + id + "/publish", `{"at":"tomorrow"}`, "422", `"field":"at"`},
		{"member", "POST", "/articles/" + id + "/reads", `{"percent":101}`, "422", `"field":"percent"`},
		{"member", "POST", "/articles/" + id + "/reads", `{}`, "422", `"field":"percent"`},
		{"member", "PUT", "/articles/" + id + "/claim", `{"studied_on":"2026-12-01"}`, "422", `"field":"studied_on"`},
		{"member", "GET", "/feed?limit=0", "", "422", `"field":"limit"`},
		{"member", "GET", "/feed?limit=101", "", "422", `"field":"limit"`},
		{"member", "GET", "/feed?cursor=x", "", "422", `"field":"cursor"`},
		{"member", "GET", "/feed?category=sport", "", "422", `"field":"category"`},
		{"member", "GET", "/search?q=", "", "422", `"field":"q"`},
		{"member", "GET", "/search?q=a&cursor=x", "", "422", `"field":"cursor"`},
		{"member", "GET", "/me/study?year=1", "", "422", `"field":"year"`},
		{"secretary", "GET", "/articles?status=gone", "", "422", `"field":"status"`},
		{"", "GET", "/articles/%00", "", "4", ""},
		{"", "GET", "/articles/' OR 1=1", "", "404", "not_found"},
	} {
		w := h.call(c.token, c.method, strings.ReplaceAll(c.path, " ", "%20"), c.body)
		if !strings.HasPrefix(fmt.Sprint(w.Code), c.status) || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s %s %s: %d %s, want %s %s", c.method, c.path, c.body, w.Code, w.Body, c.status, c.holds)
		}
	}
}

// Who may call what on an article of the branch that is for its party members.
func TestArticlePermissionsOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	people := []string{"", "visitor", "layman", "neighbour", "neighbour-secretary", "member", "leader", "committee", "secretary", "office"}
	for _, c := range []struct {
		method, path, body string
		want               string // one status for each of the people, in order
	}{
		//                                                          -   vis lay nei nse mem lea com sec off
		{"GET", "/articles/{id}", "", "404 404 404 404 404 200 200 200 200 200"},
		{"GET", "/articles/{id}/text", "", "404 404 404 404 404 200 200 200 200 200"},
		{"GET", "/articles/{public}", "", "200 200 200 200 200 200 200 200 200 200"},
		{"GET", "/articles/{draft}", "", "404 404 404 404 404 404 404 200 200 200"},
		{"GET", "/articles/{committee}", "", "404 404 404 404 404 404 404 200 200 200"},
		{"GET", "/feed", "", "200 200 200 200 200 200 200 200 200 200"},
		{"GET", "/feed/marks?ids=a", "", "401 403 200 200 200 200 200 200 200 200"},
		{"GET", "/articles", "", "401 403 403 403 200 403 200 200 200 200"},
		{"GET", "/articles?org_id=b", "", "401 403 403 403 404 403 403 200 200 200"},
		{"POST", "/articles", `{"org_id":"b","category":"news","title":"题","body_markdown":"文"}`, "401 403 403 403 404 403 403 201 201 201"},
		{"PATCH", "/articles/{id}", `{"pinned":true}`, "401 403 403 403 404 403 403 200 200 200"},
		{"GET", "/articles/{id}/revisions", "", "401 403 403 403 404 403 403 200 200 200"},
		{"POST", "/articles/{id}/publish", `{}`, "401 403 403 403 404 403 403 409 409 409"},
		{"POST", "/articles/{draft}/withdraw", "", "401 403 403 403 404 403 404 409 409 409"},
		{"DELETE", "/articles/{id}", "", "401 403 403 403 404 403 403 409 409 409"},
		{"POST", "/articles/{id}/reads", `{"percent":50}`, "401 403 404 404 404 200 200 200 200 200"},
		{"PUT", "/articles/{id}/claim", `{"studied_on":"2026-11-20","where":"医院"}`, "401 403 404 404 404 200 200 200 200 200"},
		{"DELETE", "/articles/{id}/claim", "", "401 403 204 204 204 204 204 204 204 204"},
		{"PUT", "/articles/{id}/like", "", "401 403 404 404 404 200 200 200 200 200"},
		{"DELETE", "/articles/{id}/like", "", "401 403 204 204 204 204 204 204 204 204"},
		{"PUT", "/articles/{id}/favorite", "", "401 403 404 404 404 200 200 200 200 200"},
		{"DELETE", "/articles/{id}/favorite", "", "401 403 204 204 204 204 204 204 204 204"},
		{"GET", "/articles/{id}/reach", "", "401 403 403 403 404 403 403 200 200 200"},
		{"POST", "/articles/{id}/remind", "", "401 403 403 403 404 403 403 204 409 409"},
		{"GET", "/articles/similar?title=x", "", "401 403 403 403 200 403 200 200 200 200"},
		{"GET", "/me/favorites", "", "401 403 200 200 200 200 200 200 200 200"},
		{"GET", "/me/study", "", "401 403 200 200 200 200 200 200 200 200"},
		{"GET", "/search?q=%E6%AD%A3", "", "200 200 200 200 200 200 200 200 200 200"},
	} {
		id, public, committee := h.article("b", "党员可见", "party"), h.article("b", "公开", "public"), h.article("b", "支委可见", "committee")
		draft := h.field(h.want("office", "POST", "/articles", `{"org_id":"b","category":"news","title":"草稿","body_markdown":"文"}`, 201, "", ""), "id")
		path := strings.NewReplacer("{id}", id, "{public}", public, "{committee}", committee, "{draft}", draft).Replace(c.path)
		var got []string
		for _, who := range people {
			w := h.call(who, c.method, path, c.body)
			got = append(got, fmt.Sprint(w.Code))
			if w.Code >= 400 && strings.Contains(w.Body.String(), "可见") {
				t.Errorf("%s %s tells %q of the article: %s", c.method, c.path, who, w.Body)
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s %s\n gives %s\n want  %s", c.method, c.path, g, c.want)
		}
	}
}

func TestFeedOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	h.article("b", "支部", "members")
	h.article("r", "学会", "public")
	h.article("c", "邻支部", "members")
	w := h.want("member", "GET", "/feed?limit=1", "", 200, `"title":"学会"`, "邻支部")
	for _, field := range []string{"id", "category", "title", "digest", "cover_url", "org", "published_at", "reading_minutes", "pinned", "required", "due_at", "counts"} {
		var page struct{ Items []map[string]any }
		h.must(json.Unmarshal(w.Body.Bytes(), &page))
		if _, ok := page.Items[0][field]; !ok {
			t.Errorf("an item lacks %s: %s", field, w.Body)
		}
	}
	next := h.field(w, "next_cursor")
	w = h.want("member", "GET", "/feed?limit=1&cursor="+next, "", 200, `"title":"支部"`, "学会\"}")
	if h.field(w, "next_cursor") != "" {
		t.Errorf("the last page has a cursor: %s", w.Body)
	}
	first := h.want("member", "GET", "/feed", "", 200, "支部", "")
	tag := first.Header().Get("ETag")
	if got := h.call("layman", "GET", "/feed", "", "If-None-Match", "W/"+tag); got.Code != 304 || got.Body.Len() > 0 {
		t.Errorf("unchanged: %d %q", got.Code, got.Body)
	}
	if got := first.Header().Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("Cache-Control %q", got)
	}
	h.article("b", "又一", "members")
	if got := h.call("layman", "GET", "/feed", "", "If-None-Match", tag); got.Code != 200 {
		t.Errorf("changed: %d", got.Code)
	}
	h.want("", "GET", "/feed", "", 200, "学会", "支部\",")
}

func TestReadingOverHTTP(t *testing.T) {
	h := newArticleHouse(t)
	id := h.article("b", "题", "members")
	page := h.want("member", "GET", "/articles/"+id, "", 200, `"views":0`, "")
	if w := h.call("layman", "GET", "/articles/"+id, "", "If-None-Match", page.Header().Get("ETag")); w.Code != 304 {
		t.Errorf("unchanged: %d", w.Code)
	}
	h.want("member", "POST", "/articles/"+id+"/reads", `{"percent":95}`, 200, `"read_percent":95`, "")
	h.want("member", "POST", "/articles/"+id+"/reads", `{"percent":5}`, 200, `"read_percent":95`, "")
	h.want("member", "PUT", "/articles/"+id+"/favorite", "", 200, `"favorited":true`, "")
	h.want("member", "GET", "/feed/marks?ids="+id+",unknown", "", 200, `{"items":[{"id":"`+id+`","read_percent":95,"liked":false,"favorited":true,"claimed":false},{"id":"unknown","read_percent":0`, "")
	h.must(h.room.WriteViews(h.ctx))
	if w := h.call("layman", "GET", "/articles/"+id, "", "If-None-Match", page.Header().Get("ETag")); w.Code != 200 || !strings.Contains(w.Body.String(), `"views":1`) {
		t.Errorf("after a view: %d %s", w.Code, w.Body)
	}
	h.want("member", "GET", "/me/favorites", "", 200, `"title":"题"`, "")
	h.want("layman", "GET", "/me/favorites", "", 200, `"items":[]`, "")
	h.want("member", "GET", "/me/study?year=2026", "", 200, `"articles":1`, "")
	h.want("layman", "GET", "/me/study", "", 200, `"articles":0`, "")
	h.want("secretary", "GET", "/articles/"+id+"/reach", "", 200, `{"audience":5,"read":1,"claimed":0,"unread":4}`, "姓名")
	h.want("member", "GET", "/search?q=%E6%AD%A3%E6%96%87", "", 200, `"highlight":"<em>正文</em>。"`, "")
	h.want("secretary", "GET", "/articles/similar?title=%E9%A2%98", "", 200, `"reason":"title"`, "")
}
