package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"zhibu/service/blob"
	"zhibu/service/cache"
	"zhibu/service/comment"
	"zhibu/service/signin"
	"zhibu/service/upload"
	"zhibu/service/vault"
)

// commentCheck holds what says "待审" and refuses what says "违规".
type commentCheck struct{}

func (commentCheck) CheckText(_ context.Context, _, _, content string) (string, int, error) {
	switch {
	case strings.Contains(content, "待审"):
		return "review", 20006, nil
	case strings.Contains(content, "违规"):
		return "risky", 20002, nil
	}
	return "pass", 100, nil
}

type commentOutbox struct{ pushes []*model.Push }

func (o *commentOutbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushes = append(o.pushes, p)
	return nil
}

func (o *commentOutbox) Drop(context.Context, *store.Store, string, string) error { return nil }

// commentHouse is the front of the house with comments and files, and one session for each person, whose token is the person's id.
type commentHouse struct {
	*testing.T
	ctx     context.Context
	store   *store.Store
	vault   *vault.Vault
	uploads *upload.Service
	outbox  *commentOutbox
	mu      sync.Mutex // the house reads its clock while the test moves it
	now     time.Time
	api     http.Handler
}

func (h *commentHouse) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *commentHouse) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newCommentHouse(t *testing.T, limits ...bool) *commentHouse {
	t.Helper()
	h := &commentHouse{T: t, ctx: context.Background(), outbox: &commentOutbox{}, now: storetest.Now()}
	clock := h.clock
	h.store = storetest.OpenAt(t, clock)
	var err error
	h.vault, err = vault.New("a secret for the tests of comments")
	h.must(err)
	files, err := blob.OpenFolder(t.TempDir())
	h.must(err)
	t.Cleanup(func() { h.must(files.Close()) })
	h.uploads = upload.New(h.store, files, h.vault, clock, upload.Options{MaxSize: 1 << 20, Spool: t.TempDir()})
	quiet := slog.New(slog.DiscardHandler)
	h.api = api.New(api.Rooms{
		Signin: signin.New(h.store, nil, h.vault, nil, nil, clock), Comment: comment.New(h.store, commentCheck{}, h.outbox, clock, quiet),
		Upload: h.uploads, Replays: h.store, Limiter: cache.NewMemoryLimiter(clock),
	}, api.Options{Log: quiet, Clock: clock, MaxUpload: 1 << 20, Limits: len(limits) > 0})
	for _, o := range []model.Org{
		{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"},
		{ID: "b", Kind: model.OrgBranch, Name: "心肺康复支部", Path: "/r/b/", Depth: 1},
		{ID: "c", Kind: model.OrgBranch, Name: "儿童康复支部", Path: "/r/c/", Depth: 1},
	} {
		h.must(h.store.AddOrg(h.ctx, &o))
	}
	for _, p := range []struct {
		id, name, org, path string
		role                model.Role
	}{
		{"author", "陈一一", "b", "/r/b/", ""}, {"member", "林知远", "b", "/r/b/", ""}, {"moderator", "沈若谷", "b", "/r/b/", model.RoleCommitteeMember},
		{"leader", "吴组长", "b", "/r/b/", model.RoleGroupLeader}, {"office", "周党办", "r", "/r/", model.RoleStaff},
		{"neighbour", "赵邻", "c", "/r/c/", ""}, {"neighbour-moderator", "钱邻", "c", "/r/c/", model.RoleSecretary},
	} {
		h.must(h.store.AddMember(h.ctx, &model.Member{ID: p.id, Name: p.name, NameSort: p.id, PartyStatus: model.PartyFull, ConsentVersion: "1"}))
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

func (h *commentHouse) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *commentHouse) session(token, identityID, memberID string) {
	h.Helper()
	ends := h.now.Add(365 * 24 * time.Hour)
	h.must(h.store.AddSession(h.ctx, &model.Session{ID: "s-" + token, IdentityID: identityID, MemberID: memberID, Kind: model.SessionWechat, ExpiresAt: ends}))
	sum := sha256.Sum256([]byte(token))
	h.must(h.store.AddToken(h.ctx, &model.Token{Hash: hex.EncodeToString(sum[:]), SessionID: "s-" + token, ExpiresAt: ends}))
}

func (h *commentHouse) article(id, path string, category model.Category, v model.Visibility) {
	h.Helper()
	ids := model.PathIDs(path)
	a := &model.Article{ID: id, OrgID: ids[len(ids)-1], OrgPath: path, OrgKind: model.OrgBranch, Category: category, Title: "文章 " + id,
		Visibility: v, State: model.ArticlePublished, PublishedAt: &h.now, Version: 1}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: id}))
}

// call asks as the person whose token it is; "stranger" has none.
func (h *commentHouse) call(who, method, path, body string) *httptest.ResponseRecorder {
	h.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, "/api/v1"+path, r)
	req.Header.Set("Content-Type", "application/json")
	if who != "stranger" {
		req.Header.Set("Authorization", "Bearer "+who)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

// expect fails the test unless status and parts of the answer are as wanted; parts after "!" must not be there. It returns the id of what was made.
func (h *commentHouse) expect(status int, who, method, path, body string, parts ...string) string {
	h.Helper()
	w := h.call(who, method, path, body)
	if w.Code != status {
		h.Errorf("%s: %s %s %s: %d %s, want %d", who, method, path, body, w.Code, w.Body, status)
	}
	for _, p := range parts {
		absent, not := strings.CutPrefix(p, "!")
		if not && strings.Contains(w.Body.String(), absent) {
			h.Errorf("%s: %s %s holds %s: %s", who, method, path, absent, w.Body)
		}
		if !not && !strings.Contains(w.Body.String(), p) {
			h.Errorf("%s: %s %s lacks %s: %s", who, method, path, p, w.Body)
		}
	}
	var made struct{ ID string }
	_ = json.Unmarshal(w.Body.Bytes(), &made)
	return made.ID
}

func (h *commentHouse) commentsOf(article string) int64 {
	h.Helper()
	c, err := h.store.ArticleCount(h.ctx, article)
	h.must(err)
	return c.Comments
}

func TestCommentPermissions(t *testing.T) {
	h := newCommentHouse(t)
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	h.article("open", "/r/", model.CategoryTheory, model.VisiblePublic)
	said := `{"content":"学习了"}`
	for _, c := range []struct {
		who               string
		listNews, addNews int
		listOpen, addOpen int
		queue             int
	}{
		{"author", 200, 201, 200, 201, 403},
		{"member", 200, 201, 200, 201, 403},
		{"leader", 200, 201, 200, 201, 403},
		{"moderator", 200, 201, 200, 201, 200},
		{"office", 200, 201, 200, 201, 200},
		{"neighbour", 404, 404, 200, 201, 403},
		{"neighbour-moderator", 404, 404, 200, 201, 200},
		{"visitor", 404, 403, 200, 403, 403},
		{"stranger", 404, 401, 200, 401, 401},
	} {
		h.expect(c.listNews, c.who, "GET", "/articles/news/comments", "")
		h.expect(c.addNews, c.who, "POST", "/articles/news/comments", said)
		h.expect(c.listOpen, c.who, "GET", "/articles/open/comments", "")
		h.expect(c.addOpen, c.who, "POST", "/articles/open/comments", said)
		h.expect(c.queue, c.who, "GET", "/moderation/comments", "")
	}
	shown := h.expect(201, "author", "POST", "/articles/news/comments", said)
	waiting := h.expect(201, "author", "POST", "/articles/news/comments", `{"content":"待审"}`, `"state":"pending"`)
	onOpen := h.expect(201, "author", "POST", "/articles/open/comments", said)
	approve := `{"action":"approve"}`
	for _, c := range []commentCase{
		{"member", false, 204, 404, 403, 403, 403, 404, 204},
		{"leader", false, 204, 404, 404, 403, 403, 404, 204},
		{"neighbour", false, 404, 404, 403, 403, 404, 404, 204},
		{"neighbour-moderator", false, 404, 404, 404, 403, 404, 404, 204},
		{"visitor", false, 403, 403, 403, 403, 403, 403, 403},
		{"stranger", false, 401, 401, 401, 401, 401, 401, 401},
		{"author", true, 204, 409, 403, 403, 0, 0, 204},
	} {
		if c.listable() {
			list := h.call(c.who, "GET", "/articles/news/comments", "").Body.String()
			if strings.Contains(list, waiting) != c.sees {
				t.Errorf("%s sees what waits: %s", c.who, list)
			}
		}
		h.expect(c.like, c.who, "PUT", "/comments/"+shown+"/like", "")
		h.expect(c.like, c.who, "DELETE", "/comments/"+shown+"/like", "")
		h.expect(c.likeWaiting, c.who, "PUT", "/comments/"+waiting+"/like", "")
		h.expect(c.likesOpen, c.who, "PUT", "/comments/"+onOpen+"/like", "")
		h.expect(c.moderate, c.who, "POST", "/comments/"+waiting+"/moderate", approve, "!SELECT")
		h.expect(c.openToo, c.who, "POST", "/comments/"+onOpen+"/moderate", `{"action":"hide","reason":"r"}`)
		if c.deleteShown != 0 {
			h.expect(c.deleteShown, c.who, "DELETE", "/comments/"+shown, "")
			h.expect(c.deleteWaiting, c.who, "DELETE", "/comments/"+waiting, "")
		}
	}
	// The branch's committee does not look after what stands below the society's text; the office looks after all.
	h.expect(403, "moderator", "POST", "/comments/"+onOpen+"/moderate", `{"action":"hide","reason":"r"}`)
	h.expect(200, "office", "POST", "/comments/"+onOpen+"/moderate", `{"action":"hide","reason":"r"}`, `"state":"hidden"`)
	h.expect(200, "office", "GET", "/moderation/comments?state=pending", "", waiting, `"held_because":"review"`, `"title":"文章 news"`)
	h.expect(200, "neighbour-moderator", "GET", "/moderation/comments", "", "!"+waiting)
	h.expect(200, "moderator", "POST", "/comments/"+waiting+"/moderate", approve, `"state":"visible"`)
	h.expect(409, "moderator", "POST", "/comments/"+waiting+"/moderate", approve)
	h.expect(200, "member", "GET", "/articles/news/comments", "", waiting)
	h.expect(204, "author", "DELETE", "/comments/"+waiting, "")
	h.expect(404, "author", "DELETE", "/comments/"+waiting, "")
}

// commentCase is what one person gets for each act.
type commentCase struct {
	who                                   string
	sees                                  bool // the waiting one in the article's list
	like, likeWaiting, moderate, openToo  int  // moderating what waits on the branch's, and what is shown on the society's text
	deleteShown, deleteWaiting, likesOpen int
}

// listable leaves out those who may not read the article at all.
func (c commentCase) listable() bool { return c.like == 204 || c.sees }

func TestCommentOverHTTP(t *testing.T) {
	h := newCommentHouse(t)
	h.article("news", "/r/b/", model.CategoryNews, model.VisiblePublic)
	h.article("law", "/r/b/", model.CategoryLaw, model.VisibleMembers)
	first := h.expect(201, "author", "POST", "/articles/news/comments", `{"content":" 学习了\u0000 "}`,
		`"content":"学习了"`, `"author":{"id":"author","name":"陈一一","org":{"id":"b","name":"心肺康复支部"}}`,
		`"reply_to":null`, `"state":"visible"`, `"created_at":"2026-11-23T19:00:00+08:00"`, `"likes":0`, `"liked":false`, "!held", "!openid")
	h.expect(201, "member", "POST", "/articles/news/comments", `{"content":"同意","reply_to":"`+first+`"}`, `"reply_to":"`+first+`"`)
	if len(h.outbox.pushes) != 1 || h.outbox.pushes[0].Audience.MemberIDs[0] != "author" || h.commentsOf("news") != 2 {
		t.Errorf("told %+v, %d counted", h.outbox.pushes, h.commentsOf("news"))
	}
	h.expect(204, "member", "PUT", "/comments/"+first+"/like", "")
	h.expect(204, "member", "PUT", "/comments/"+first+"/like", "")
	h.expect(200, "member", "GET", "/articles/news/comments", "", `"likes":1,"liked":true`, `"open":true`, `"next_cursor":""`)
	// Who is no member reads surnames, without branch and id.
	for _, who := range []string{"stranger", "visitor"} {
		h.expect(200, who, "GET", "/articles/news/comments", "", `"name":"陈**"`, `"org":null`, "!陈一一", "!心肺康复", `!"author"`+`:{"id":"author"`, "!liked")
	}
	for _, c := range []struct {
		status int
		body   string
		parts  []string
	}{
		{422, `{"content":"违规"}`, []string{`"code":"content_rejected"`}},
		{422, `{"content":" "}`, []string{`"validation_failed"`, `"field":"content","code":"required"`}},
		{422, `{"content":"` + strings.Repeat("长", 501) + `","reply_to":"x"}`, []string{`"field":"content","code":"too_long"`, `"field":"reply_to"`}},
		{422, `{}`, []string{`"field":"content"`}},
		{422, `{"content":"a","state":"visible"}`, []string{`"field":"state","code":"unknown_field"`}},
		{400, `{`, []string{`"malformed_json"`}},
	} {
		h.expect(c.status, "member", "POST", "/articles/news/comments", c.body, c.parts...)
	}
	if n := h.commentsOf("news"); n != 2 {
		t.Errorf("%d are counted after refusals", n)
	}
	waiting := h.expect(201, "author", "POST", "/articles/law/comments", `{"content":"学习了"}`, `"state":"pending"`)
	h.expect(200, "author", "GET", "/articles/law/comments", "", waiting)
	h.expect(200, "moderator", "GET", "/moderation/comments", "", waiting, `"held_because":"moderated_first"`, `"category":"law"`)
	h.expect(422, "moderator", "GET", "/moderation/comments?state=all", "", `"field":"state"`)
	h.expect(422, "moderator", "GET", "/moderation/comments?cursor=xx", "", `"field":"cursor"`)
	h.expect(422, "moderator", "POST", "/comments/"+waiting+"/moderate", `{"action":"hide"}`, `"field":"reason","code":"required"`)
	h.expect(422, "moderator", "POST", "/comments/"+waiting+"/moderate", `{"action":"burn"}`, `"field":"action"`)
	if n := h.commentsOf("law"); n != 0 {
		t.Errorf("%d are counted while one waits", n)
	}
	h.expect(200, "moderator", "POST", "/comments/"+waiting+"/moderate", `{"action":"approve"}`, `"state":"visible"`)
	if n := h.commentsOf("law"); n != 1 {
		t.Errorf("%d are counted once it is approved", n)
	}
	h.expect(200, "moderator", "POST", "/comments/"+waiting+"/moderate", `{"action":"hide","reason":"与文章无关"}`, `"state":"hidden"`, `"reason":"与文章无关"`)
	if n := h.commentsOf("law"); n != 0 {
		t.Errorf("%d are counted once it is hidden", n)
	}
	h.expect(200, "office", "PUT", "/settings/comments", `{"categories":{"news":false}}`, `"news":false`, `"law":true`, `"open":true`)
	h.expect(403, "member", "POST", "/articles/news/comments", `{"content":"还能说吗"}`, `"code":"forbidden"`, "暂未开放评论")
	h.expect(200, "member", "GET", "/articles/news/comments", "", `"open":false`, `"items":[]`)
}

func TestCommentsInPages(t *testing.T) {
	h := newCommentHouse(t)
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	for range 5 {
		h.later(time.Second)
		h.expect(201, "author", "POST", "/articles/news/comments", `{"content":"学习了"}`)
	}
	seen, cursor := map[string]bool{}, ""
	last := "9"
	for range 3 {
		var page struct {
			Items []struct {
				ID        string
				CreatedAt string `json:"created_at"`
			}
			NextCursor string `json:"next_cursor"`
		}
		h.must(json.Unmarshal(h.call("member", "GET", "/articles/news/comments?limit=2&cursor="+cursor, "").Body.Bytes(), &page))
		for _, c := range page.Items {
			if seen[c.ID] || c.CreatedAt > last {
				t.Errorf("%s of %s is out of order", c.ID, c.CreatedAt)
			}
			seen[c.ID], last = true, c.CreatedAt
		}
		cursor = page.NextCursor
		h.expect(201, "author", "POST", "/articles/news/comments", `{"content":"插队"}`)
	}
	if len(seen) != 5 || cursor != "" {
		t.Errorf("%d comments on three pages, cursor %q", len(seen), cursor)
	}
}

func TestCommentReportsOverHTTP(t *testing.T) {
	h := newCommentHouse(t)
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	head := h.expect(201, "author", "POST", "/articles/news/comments", `{"content":"坏话"}`)
	answer := h.expect(201, "member", "POST", "/articles/news/comments", `{"content":"不对","reply_to":"`+head+`"}`, `"reply_to":"`+head+`"`, "!answer_to")
	h.expect(201, "leader", "POST", "/articles/news/comments", `{"content":"同意","reply_to":"`+answer+`"}`, `"reply_to":"`+head+`"`, `"answer_to":"`+answer+`"`)
	h.outbox.pushes = nil
	report := "/comments/" + head + "/report"
	for who, status := range map[string]int{"author": 409, "neighbour": 404, "neighbour-moderator": 404, "visitor": 403, "stranger": 401} {
		h.expect(status, who, "POST", report, `{"reason":"人身攻击"}`)
	}
	h.expect(422, "member", "POST", report, `{"reason":" "}`, `"field":"reason"`)
	h.expect(422, "member", "POST", report, `{}`, `"field":"reason"`)
	h.expect(204, "member", "POST", report, `{"reason":"人身攻击"}`)
	h.expect(409, "member", "POST", report, `{"reason":"人身攻击"}`, `"code":"conflict"`)
	h.later(time.Second)
	h.expect(204, "leader", "POST", report, `{"reason":"不实"}`)
	h.expect(200, "moderator", "GET", "/moderation/comments", "", head, `"reports":["人身攻击","不实"]`, `"held_because":"reported"`, `"state":"visible"`, "!林知远", "!吴组长")
	h.expect(200, "moderator", "GET", "/moderation/comments?state=pending", "", head)
	h.expect(200, "moderator", "GET", "/moderation/comments?state=reported", "", head, "!"+answer)
	h.expect(200, "author", "GET", "/articles/news/comments", "", head, "!report", "!人身攻击")
	h.expect(200, "moderator", "POST", "/comments/"+head+"/moderate", `{"action":"hide","reason":"请文明发言"}`)
	for _, p := range h.outbox.pushes {
		if all := p.Title + p.Body; p.Audience.MemberIDs[0] == "author" && (strings.Contains(all, "举报") || strings.Contains(all, "林知远") || strings.Contains(all, "人身攻击")) {
			t.Errorf("the author is told %s", all)
		}
	}
	if len(h.outbox.pushes) != 2 || len(h.outbox.pushes[1].Audience.MemberIDs) != 2 {
		t.Errorf("told %+v", h.outbox.pushes)
	}
	h.expect(404, "member", "POST", report, `{"reason":"再报"}`)
}

func TestCommentSwitchesOverHTTP(t *testing.T) {
	h := newCommentHouse(t)
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	for who, status := range map[string]int{"office": 200, "moderator": 403, "member": 403, "neighbour-moderator": 403, "visitor": 403, "stranger": 401} {
		h.expect(status, who, "GET", "/settings/comments", "")
		h.expect(status, who, "PUT", "/settings/comments", `{"open":true}`)
	}
	h.expect(422, "office", "PUT", "/settings/comments", `{"categories":{"gossip":true}}`, `"code":"unknown_field"`)
	h.expect(200, "office", "PUT", "/settings/comments", `{"open":false}`, `"open":false`, `"news":true`)
	h.expect(403, "member", "POST", "/articles/news/comments", `{"content":"学习了"}`, "暂未开放")
	h.expect(200, "office", "PUT", "/settings/comments", `{"open":true}`)
	h.expect(201, "member", "POST", "/articles/news/comments", `{"content":"学习了"}`)
}

func TestCommentsAreLimitedByPersonAndMinute(t *testing.T) {
	h := newCommentHouse(t, true)
	h.article("news", "/r/b/", model.CategoryNews, model.VisibleMembers)
	said := `{"content":"学习了"}`
	for range 20 {
		h.expect(201, "author", "POST", "/articles/news/comments", said)
	}
	w := h.call("author", "POST", "/articles/news/comments", said)
	if after := w.Header().Get("Retry-After"); w.Code != 429 || after == "" || after == "0" {
		t.Errorf("the twenty-first: %d, Retry-After %q", w.Code, after)
	}
	h.expect(201, "member", "POST", "/articles/news/comments", said) // another's minute is another's
	h.later(time.Minute)
	h.expect(201, "author", "POST", "/articles/news/comments", said)
}
