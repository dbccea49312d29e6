package api_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/push"
	"zhibu/service/signin"
	"zhibu/service/wechat"
)

// pushWire takes every message.
type pushWire struct {
	mu   sync.Mutex
	sent []string
}

func (w *pushWire) Send(_ context.Context, m push.Message) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, m.OpenID)
	return fmt.Sprint("msg-", len(w.sent)), nil
}
func (w *pushWire) Fit(_, value string, _ []string) (string, bool) { return value, true }
func (w *pushWire) Classify(error) push.Verdict                    { return push.Verdict{Kind: push.VerdictUnknown} }
func (w *pushWire) Templates(context.Context) ([]model.TemplateFact, error) {
	return nil, errors.New("not asked here")
}

// pushCallback opens pushes with the real receiver.
type pushCallback struct{ wechat.Receiver }

func (c pushCallback) Open(query url.Values, contentType string, body []byte) (model.WechatEvent, error) {
	e, err := c.Receiver.Open(query, contentType, body)
	out := model.WechatEvent{Key: e.Key, Name: e.Name, OpenID: e.OpenID, CreatedAt: e.CreatedAt}
	for _, g := range slices.Concat(e.Popup, e.Change) {
		out.Grants = append(out.Grants, model.WechatGrant{TemplateID: g.TemplateID, Accept: g.Accept})
	}
	return out, err
}

// pushHouse is the front of the house with the push room, and one session for each person, whose token is the person's id.
type pushHouse struct {
	*testing.T
	ctx   context.Context
	store *store.Store
	push  *push.Service
	wire  *pushWire
	now   time.Time
	api   *api.API

	logged bytes.Buffer // by the room and by the door
}

// pushPhones opens numbers that were never sealed.
type pushPhones struct{}

func (pushPhones) Phone(m *model.Member) (string, error) { return string(m.PhoneCipher), nil }

const pushToken = "callback-token"

func newPushHouse(t *testing.T) *pushHouse {
	t.Helper()
	h := &pushHouse{T: t, ctx: context.Background(), now: storetest.Now(), wire: &pushWire{}}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	log := slog.New(slog.NewJSONHandler(&h.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.push = push.New(h.store, map[model.Channel]push.Carrier{model.ChannelSubscribe: h.wire}, push.Options{Log: log, Phones: pushPhones{}, Templates: map[model.Channel]push.Templates{model.ChannelSubscribe: {
		model.PushMeeting:      {ID: "tmpl-meeting", Kind: model.QuotaOneTime, Fields: map[string]string{"topic": "thing1"}},
		model.PushAnnouncement: {ID: "tmpl-announcement", Kind: model.QuotaOneTime, Fields: map[string]string{"title": "thing1"}},
	}}}, clock)
	h.api = api.New(api.Rooms{
		Signin: signin.New(h.store, nil, nil, nil, nil, clock), Push: h.push, Replays: h.store,
		MiniProgramCallback: pushCallback{wechat.Receiver{Token: pushToken, AppID: "wx1", Clock: clock}},
	}, api.Options{Log: log, Clock: clock})
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
	}{
		{"member", "b", "/r/b/", ""}, {"leader", "g", "/r/b/g/", model.RoleGroupLeader}, {"committee", "b", "/r/b/", model.RoleCommitteeMember},
		{"secretary", "b", "/r/b/", model.RoleSecretary}, {"office", "r", "/r/", model.RoleStaff}, {"neighbour", "c", "/r/c/", model.RoleSecretary},
		{"unbound", "b", "/r/b/", ""},
	} {
		h.must(h.store.AddMember(h.ctx, &model.Member{ID: p.id, Name: "姓名" + p.id, NameSort: p.id, PartyStatus: model.PartyFull, ConsentVersion: "1"}))
		h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: p.id, OrgID: p.org, OrgPath: p.path}))
		if p.role != "" {
			h.must(h.store.AddGrant(h.ctx, &model.Grant{ID: store.NewID(), MemberID: p.id, OrgID: p.org, OrgPath: p.path, Role: p.role}))
		}
		if p.id != "unbound" {
			h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: "i-" + p.id, OpenID: "o-" + p.id, MemberID: &p.id}))
			h.session(p.id, "i-"+p.id, p.id)
		}
	}
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: "i-visitor", OpenID: "o-visitor"}))
	h.session("visitor", "i-visitor", "")
	return h
}

func (h *pushHouse) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *pushHouse) session(token, identityID, memberID string) {
	h.Helper()
	ends := h.now.Add(365 * 24 * time.Hour)
	h.must(h.store.AddSession(h.ctx, &model.Session{ID: "s-" + token, IdentityID: identityID, MemberID: memberID, Kind: model.SessionWechat, ExpiresAt: ends}))
	sum := sha256.Sum256([]byte(token))
	h.must(h.store.AddToken(h.ctx, &model.Token{Hash: hex.EncodeToString(sum[:]), SessionID: "s-" + token, ExpiresAt: ends}))
}

func (h *pushHouse) call(who, method, path, body string) *httptest.ResponseRecorder {
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
	rec := httptest.NewRecorder()
	h.api.ServeHTTP(rec, req)
	return rec
}

// expect calls and checks the status, what the answer holds, and what it must not hold (after "!").
func (h *pushHouse) expect(who, method, path, body string, status int, holds ...string) map[string]any {
	h.Helper()
	rec := h.call(who, method, path, body)
	if rec.Code != status {
		h.Errorf("%s %s %s as %s: %d, want %d: %s", method, path, body, who, rec.Code, status, rec.Body)
	}
	for _, want := range holds {
		without, not := strings.CutPrefix(want, "!")
		if strings.Contains(rec.Body.String(), without) == not {
			h.Errorf("%s %s as %s: want %s in %s", method, path, who, want, rec.Body)
		}
	}
	out := map[string]any{}
	if rec.Body.Len() > 0 {
		h.must(json.Unmarshal(rec.Body.Bytes(), &out))
	}
	return out
}

const announcement = `{"org_id":"b","kind":"announcement","title":"学术年会期间安排","fields":{"note":"请提前报到"},"audience":{}}`

func TestWhoMaySendPushes(t *testing.T) {
	h := newPushHouse(t)
	group := strings.Replace(announcement, `"org_id":"b"`, `"org_id":"g"`, 1)
	root := strings.Replace(announcement, `"org_id":"b"`, `"org_id":"r"`, 1)
	wide := strings.Replace(announcement, `"audience":{}`, `"audience":{"org_id":"c"}`, 1)
	for _, c := range []struct {
		who, body string
		status    int
		code      string
	}{
		{"stranger", announcement, 401, "unauthenticated"}, {"visitor", announcement, 403, "not_bound"}, {"member", announcement, 403, "forbidden"},
		{"leader", announcement, 403, "forbidden"}, {"committee", announcement, 403, "forbidden"}, {"neighbour", announcement, 404, "not_found"},
		{"secretary", announcement, 201, ""}, {"office", announcement, 201, ""},
		{"leader", group, 201, ""}, {"secretary", group, 201, ""}, {"neighbour", group, 404, "not_found"},
		{"secretary", root, 403, "forbidden"}, {"office", root, 201, ""},
		{"secretary", wide, 422, "audience.org_id"},
		{"office", strings.Replace(announcement, `"org_id":"b"`, `"org_id":"zz"`, 1), 404, "not_found"},
	} {
		h.expect(c.who, "POST", "/pushes", c.body, c.status, c.code)
		plan := c.status
		if plan == 201 {
			plan = 200
		}
		h.expect(c.who, "POST", "/pushes/plan", c.body, plan, c.code)
	}
}

func TestWhoMaySeePushes(t *testing.T) {
	h := newPushHouse(t)
	id := h.expect("secretary", "POST", "/pushes", announcement, 201)["id"].(string)
	private := &model.Push{OrgID: "b", OrgPath: "/r/b/", Kind: model.PushSuggestion, Title: "您的建议有了答复", Private: true, Audience: model.Audience{MemberIDs: []string{"member"}}}
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.push.Push(h.ctx, tx, private) }))
	for _, c := range []struct {
		who                       string
		list, one, ledger, cancel int
		holds                     string
	}{
		{"stranger", 401, 401, 401, 401, "unauthenticated"}, {"visitor", 403, 403, 403, 403, "not_bound"}, {"member", 403, 403, 403, 403, "forbidden"},
		{"neighbour", 200, 404, 404, 404, `"items":[]`}, {"leader", 200, 404, 404, 404, `"items":[]`},
		{"committee", 200, 200, 200, 403, id}, {"office", 200, 200, 200, 200, id}, {"secretary", 200, 200, 200, 409, id},
	} {
		h.expect(c.who, "GET", "/pushes", "", c.list, c.holds, "!"+private.ID, "!您的建议")
		h.expect(c.who, "GET", "/pushes/"+id, "", c.one)
		h.expect(c.who, "GET", "/pushes/"+id+"/deliveries", "", c.ledger)
		h.expect(c.who, "POST", "/pushes/"+id+"/cancel", "", c.cancel)
		retry := c.cancel
		if retry == 200 {
			retry = 409 // it was just cancelled
		}
		h.expect(c.who, "POST", "/pushes/"+id+"/retry", "", retry)
		for _, path := range []string{"", "/deliveries"} {
			if c.list == 200 {
				h.expect(c.who, "GET", "/pushes/"+private.ID+path, "", 404, "!您的建议", "!member")
			}
		}
	}
	// The one it is for sees it, and nobody else.
	h.expect("member", "GET", "/notices", "", 200, "您的建议有了答复")
	h.expect("secretary", "GET", "/notices", "", 200, "!您的建议有了答复")
}

func TestPushFaultsAreAllNamed(t *testing.T) {
	h := newPushHouse(t)
	h.expect("secretary", "POST", "/pushes", `{"org_id":"b","kind":"party","title":"","audience":{},"extra":1}`, 422, `"kind"`, `"title"`, `"extra"`)
	h.expect("secretary", "POST", "/pushes", `{"org_id":"b","kind":"meeting","title":"会","fields":{"state":"x","colour":"y"},"page":"https://example.org","send_at":"2030-01-01T00:00:00+08:00",
		"audience":{"roles":["king"],"party_status":["league"],"rsvp":["maybe"],"not_read_article_id":"x"}}`, 422,
		"fields.state", "fields.colour", `"page"`, "send_at", "audience.roles", "audience.party_status", "audience.rsvp", "audience.meeting_id")
	h.expect("office", "POST", "/pushes", `{"org_id":"g","kind":"study","title":"学","audience":{"not_read_article_id":"x"}}`, 422, "audience.not_read_article_id", "too_few")
	h.expect("secretary", "POST", "/pushes", `{"org_id":"b"`, 400, "malformed_json")
	h.expect("secretary", "GET", "/pushes?cursor=rubbish", "", 422, "cursor")
	h.expect("secretary", "GET", "/pushes/none", "", 404, "not_found")
}

// The plan says what then happens.
func TestPlanIsTrue(t *testing.T) {
	h := newPushHouse(t)
	for _, who := range []string{"member", "secretary"} {
		h.expect(who, "POST", "/subscriptions", `{"results":{"tmpl-announcement":"accept"}}`, 200)
	}
	plan := h.expect("secretary", "POST", "/pushes/plan", announcement, 200, `"unreachable":[{"id":"unbound","name":"姓名unbound"}]`, `"deferred":[]`)
	for name, want := range map[string]float64{"recipients": 5, "by_wechat": 2, "inbox_only": 3, "over_budget": 0} {
		if plan[name] != want {
			t.Errorf("plan %s is %v, want %v", name, plan[name], want)
		}
	}
	if n, _ := h.store.UnreadNotices(h.ctx, "member"); n != 0 {
		t.Error("planning sent something")
	}
	made := h.expect("secretary", "POST", "/pushes", announcement, 201, `"recipients":5`)
	id := made["id"].(string)
	h.must(h.push.Drain(h.ctx))
	h.expect("secretary", "GET", "/pushes/"+id, "", 200, `"state":"done"`, `"counts":{"recipients":5,"queued":0,"deferred":0,"sent":2,"failed":0,"in_doubt":0,"inbox_only":3,"cancelled":0}`)
	h.expect("secretary", "GET", "/pushes/"+id+"/deliveries?state=sent", "", 200, `"member":{"id":"member","name":"姓名member"}`, `"channel":"subscribe"`, "!unbound", `"sent_at":"2026-11-23T19:00:00+08:00"`)
	h.expect("secretary", "GET", "/pushes/"+id+"/deliveries?state=inbox_only", "", 200, "unbound", "没有剩余的订阅次数", `"channel":"inbox"`)
	h.expect("member", "GET", "/notices", "", 200, "学术年会期间安排", "备注：请提前报到", "发布单位：心肺康复支部")
	// In working hours the same push is deferred, and both say so.
	h.now = time.Date(2026, 11, 30, 9, 0, 0, 0, model.Zone).UTC()
	h.expect("member", "POST", "/subscriptions", `{"results":{"tmpl-announcement":"accept"}}`, 200)
	h.expect("secretary", "POST", "/pushes/plan", announcement, 200, `"until":"2026-11-30T12:00:00+08:00","count":1`)
	id = h.expect("secretary", "POST", "/pushes", announcement, 201)["id"].(string)
	h.expect("secretary", "GET", "/pushes/"+id+"/deliveries?state=deferred", "", 200, `"not_before":"2026-11-30T12:00:00+08:00"`, "推迟到")
	h.expect("secretary", "POST", "/pushes/"+id+"/cancel", "", 200, `"state":"cancelled"`, `"inbox_only":4,"cancelled":1`)
	h.expect("secretary", "POST", "/pushes/"+id+"/retry", "", 409, "conflict")
	h.expect("secretary", "POST", "/pushes/plan", strings.Replace(announcement, `"audience"`, `"urgent_reason":"会场临时变更","audience"`, 1), 200, `"deferred":[]`)
}

// Whoever gets a push because of not having read something is named to nobody.
func TestUnreadPushNamesNobody(t *testing.T) {
	h := newPushHouse(t)
	h.must(h.store.AddArticle(h.ctx, &model.Article{ID: "x", OrgID: "r", OrgPath: "/r/", Title: "文件", State: model.ArticlePublished}, &model.ArticleBody{ArticleID: "x"}))
	h.expect("secretary", "POST", "/pushes/plan", strings.Replace(announcement, `"audience":{}`, `"audience":{"not_read_article_id":"y","meeting_id":"z"}`, 1), 422, "没有找到这篇文章", "没有找到本组织的这个会议")
	body := strings.Replace(announcement, `"audience":{}`, `"audience":{"not_read_article_id":"x"}`, 1)
	h.expect("secretary", "POST", "/pushes/plan", body, 200, `"unreachable":[]`, `"unreachable_count":1`)
	id := h.expect("secretary", "POST", "/pushes", body, 201)["id"].(string)
	h.expect("secretary", "GET", "/pushes/"+id+"/deliveries", "", 200, `"member":{"id":""`, "!姓名member", "!姓名unbound", `"inbox_only"`)
}

func TestNoticesAreTheMembersOwn(t *testing.T) {
	h := newPushHouse(t)
	for range 3 {
		h.expect("secretary", "POST", "/pushes", announcement, 201)
	}
	page := h.expect("member", "GET", "/notices?limit=2", "", 200, `"read_at":null`, `"kind":"announcement"`)
	items, cursor := page["items"].([]any), page["next_cursor"].(string)
	if len(items) != 2 || cursor == "" {
		t.Fatalf("first page %v", page)
	}
	id := items[0].(map[string]any)["id"].(string)
	h.expect("secretary", "POST", "/notices/"+id+"/read", "", 404, "not_found")
	h.expect("visitor", "GET", "/notices", "", 403, "not_bound")
	h.expect("stranger", "GET", "/notices", "", 401)
	h.expect("member", "POST", "/notices/"+id+"/read", "", 204)
	h.expect("member", "POST", "/notices/"+id+"/read", "", 204)
	h.expect("member", "GET", "/notices?unread=true", "", 200, "!"+id)
	if rest := h.expect("member", "GET", "/notices?limit=2&cursor="+cursor, "", 200)["items"].([]any); len(rest) != 1 {
		t.Errorf("second page %v", rest)
	}
	h.expect("member", "POST", "/notices/read-all", "", 204)
	h.expect("member", "GET", "/notices?unread=true", "", 200, `"items":[]`)
	if n, _ := h.store.UnreadNotices(h.ctx, "secretary"); n != 3 {
		t.Errorf("another's inbox has %d unread, want 3", n)
	}
}

func TestSubscriptions(t *testing.T) {
	h := newPushHouse(t)
	h.expect("stranger", "GET", "/subscriptions", "", 401)
	h.expect("visitor", "GET", "/subscriptions/prompts?scene=meeting", "", 200, `{"template_ids":["tmpl-meeting","tmpl-announcement"]}`)
	h.expect("visitor", "POST", "/subscriptions", `{"results":{"tmpl-meeting":"accept","tmpl-announcement":"reject"}}`, 200,
		`{"quotas":[{"template_id":"tmpl-meeting","kind":"one_time","remaining":1,"needed":1},{"template_id":"tmpl-announcement","kind":"one_time","remaining":0,"needed":1}]}`)
	h.expect("visitor", "GET", "/subscriptions/prompts", "", 200, `"template_ids":[]`)
	h.expect("visitor", "GET", "/subscriptions", "", 200, `"remaining":1`)
	h.expect("member", "GET", "/subscriptions", "", 200, "!\"remaining\":1")
	h.expect("member", "POST", "/subscriptions", `{"results":{"else":"accept","tmpl-meeting":"perhaps"}}`, 422, "results.else", "results.tmpl-meeting")
}

func TestCallback(t *testing.T) {
	h := newPushHouse(t)
	sign := func(at time.Time) string {
		parts := []string{pushToken, fmt.Sprint(at.Unix()), "nonce"}
		slices.Sort(parts)
		sum := sha1.Sum([]byte(strings.Join(parts, "")))
		return fmt.Sprintf("?timestamp=%d&nonce=nonce&echostr=hello&signature=%s", at.Unix(), hex.EncodeToString(sum[:]))
	}
	do := func(method, path, body string) (int, string) {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		h.api.ServeHTTP(rec, req)
		return rec.Code, rec.Body.String()
	}
	const mini = "/wechat/callback/miniprogram"
	event := `{"ToUserName":"gh","FromUserName":"o-member","CreateTime":1763895600,"MsgType":"event","Event":"subscribe_msg_popup_event","List":{"TemplateId":"tmpl-meeting","SubscribeStatusString":"accept","PopupScene":"0"}}`
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		holds                    string
	}{
		{"verify", "GET", mini + sign(h.now), "", 200, "hello"},
		{"verify, forged", "GET", mini + "?timestamp=1&nonce=n&echostr=hello&signature=x", "", 403, "forbidden"},
		{"no settings", "GET", "/wechat/callback/official" + sign(h.now), "", 503, "unavailable"},
		{"no settings", "POST", "/wechat/callback/official" + sign(h.now), event, 503, "unavailable"},
		{"unsigned", "POST", mini, event, 403, "forbidden"},
		{"replayed", "POST", mini + sign(h.now.Add(-time.Hour)), event, 403, "forbidden"},
		{"rubbish", "POST", mini + sign(h.now), "{", 400, "malformed_json"},
		{"huge", "POST", mini + sign(h.now), strings.Repeat("x", 1<<20+1), 413, "payload_too_large"},
		{"event", "POST", mini + sign(h.now), event, 200, "success"},
		{"redelivered", "POST", mini + sign(h.now), event, 200, "success"},
	} {
		status, body := do(c.method, c.path, c.body)
		if status != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.status, c.holds)
		}
	}
	h.expect("member", "GET", "/subscriptions", "", 200, `"remaining":1`, `!"remaining":2`)
}
