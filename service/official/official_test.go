package official_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/official"
	"zhibu/service/wechat"
	"zhibu/service/wechat/standin"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	miniID, accountID = "wx0123456789abcdef", "wxfedcba9876543210"
	batchAPI          = "/cgi-bin/user/info/batchget"
	listAPI           = "/cgi-bin/user/get"
)

// house is the room with a real store, a real door and the stand-in behind it, whose events reach the room as they do in the program.
type house struct {
	t     *testing.T
	ctx   context.Context
	wx    *standin.Server
	door  *wechat.Door
	store *store.Store
	room  *official.Service

	mu  sync.Mutex
	now time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// door is the adapter of the program, which this package cannot import.
type door struct{ *wechat.Door }

func told(err error) error {
	if wechat.ClassOf(err) == wechat.ClassRecipient {
		return model.NotFound("该关注者").Because(err)
	}
	return wechat.Public(err)
}

func (d door) Followers(ctx context.Context, next string) (model.OfficialListing, error) {
	l, err := d.Door.Followers(ctx, next)
	return l, told(err)
}

func (d door) FollowersInfo(ctx context.Context, ids []string) ([]model.OfficialProfile, error) {
	p, err := d.Door.FollowersInfo(ctx, ids)
	return p, told(err)
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context(), now: storetest.Now()}
	h.wx = standin.New(standin.Options{Clock: h.clock, Seed: 1, FollowerPage: 3})
	for _, a := range []standin.App{
		{AppID: miniID, Secret: "mini", Kind: standin.Mini, Published: true, OpenPlatform: true},
		{AppID: accountID, Secret: "account", Kind: standin.Official, Token: "push-token", OpenPlatform: true},
	} {
		if err := h.wx.AddApp(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.wx.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	h.door = wechat.New(wechat.Config{BaseURL: h.wx.URL(), Clock: h.clock, Official: wechat.App{AppID: accountID, Secret: "account", Token: "push-token"}})
	h.store = storetest.OpenAt(t, h.clock)
	h.room = h.worker()
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e, err := h.door.OfficialReceiver().Open(r.URL.Query(), r.Header.Get("Content-Type"), body)
		if err == nil {
			err = h.followed(e.Name, e.OpenID, e.CreatedAt)
		}
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "success")
	}))
	h.wx.SetCallback(accountID, ours.URL)
	t.Cleanup(func() {
		h.door.Close()
		if err := h.wx.Close(context.Background()); err != nil {
			t.Error(err)
		}
		ours.Close()
	})
	return h
}

// worker is the room of another process of the same program.
func (h *house) worker() *official.Service {
	return official.New(h.store, door{h.door}, h.clock, nil)
}

// followed hands an event to the room in a transaction, as the push room does.
func (h *house) followed(name, openID string, at time.Time) error {
	return h.store.Tx(context.Background(), func(tx *store.Store) error {
		return h.room.Followed(context.Background(), tx, model.WechatEvent{Key: "k", Name: name, OpenID: openID, CreatedAt: at})
	})
}

// follow has a user do so on their telephone, and waits for WeChat's event.
func (h *house) follow(openID string, follows bool) {
	h.t.Helper()
	h.wx.Follow(accountID, openID, follows)
	if err := h.wx.WaitPushes(h.ctx, accountID); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) lookUp() {
	h.t.Helper()
	if err := h.room.LookUp(h.ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) sync() {
	h.t.Helper()
	if err := h.room.Sync(h.ctx); err != nil {
		h.t.Fatal(err)
	}
}

// person makes a member who signed in to the mini-program and has an openid at the account, and gives the member's id.
func (h *house) person(key string) string {
	h.t.Helper()
	h.wx.AddPerson(standin.Person{OpenID: "o" + key, OfficialOpenID: "p" + key, UnionID: "u" + key, Name: key})
	return h.member(key, "u"+key)
}

// member writes the rows that signing in and binding leave.
func (h *house) member(key, unionID string) string {
	h.t.Helper()
	m := &model.Member{ID: store.NewID(), Name: key, NameSort: key, PartyStatus: model.PartyFull}
	i := &model.Identity{ID: store.NewID(), OpenID: "o" + key, UnionID: unionID, MemberID: &m.ID, LastSeenAt: h.clock(), CreatedAt: h.clock()}
	if err := h.store.AddMember(h.ctx, m); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddIdentity(h.ctx, i); err != nil {
		h.t.Fatal(err)
	}
	return m.ID
}

// reaches tells the openid at which the service account reaches a member, or "".
func (h *house) reaches(memberID string) string {
	h.t.Helper()
	got, err := h.store.OfficialOpenIDs(h.ctx, []string{memberID, "nobody"})
	if err != nil {
		h.t.Fatal(err)
	}
	return got[memberID]
}

func (h *house) calls(api string) int { return len(h.wx.CallsTo(api)) }

func TestFollowAndLeave(t *testing.T) {
	h := newHouse(t)
	h.wx.AddPerson(standin.Person{OpenID: "oDan", UnionID: "uDan", Name: "丹"})
	dan := h.member("Dan", "uDan")
	h.follow("pDan", true) // WeChat derives another unionid for who is no person of the stand-in
	h.lookUp()
	if got := h.reaches(dan); got != "" {
		t.Errorf("reached a stranger: %q", got)
	}
	eve := h.person("Eve")
	h.follow("pEve", false)
	h.follow("pEve", true)
	if got := h.reaches(eve); got != "" {
		t.Errorf("before the look-up: %q", got)
	}
	h.lookUp()
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("after it: %q", got)
	}
	h.follow("pEve", false)
	if got := h.reaches(eve); got != "" {
		t.Errorf("who left is still reached: %q", got)
	}
	h.lookUp()
	h.pass(time.Minute)
	h.follow("pEve", true)
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("who came back is known at once: %q", got)
	}
	n := h.calls(batchAPI)
	h.lookUp()
	h.lookUp()
	if got := h.calls(batchAPI); got != n+1 {
		t.Errorf("%d look-ups where one was due", got-n)
	}
}

// Events may come again and in another order than they happened.
func TestEventOrder(t *testing.T) {
	h := newHouse(t)
	eve := h.person("Eve")
	at := h.clock()
	tell := func(name string, at time.Time) {
		t.Helper()
		if err := h.followed(name, "pEve", at); err != nil {
			t.Fatal(err)
		}
	}
	tell(model.WechatFollow, at)
	h.lookUp()
	tell(model.WechatFollow, at.Add(20*time.Second))
	tell(model.WechatUnfollow, at.Add(10*time.Second)) // late
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("a late event unfollowed: %q", got)
	}
	tell(model.WechatUnfollow, at.Add(30*time.Second))
	tell(model.WechatFollow, at.Add(20*time.Second)) // again
	if got := h.reaches(eve); got != "" {
		t.Errorf("a redelivery followed again: %q", got)
	}
	// Of two events of one second the look-up knows the truth: the stand-in's Eve follows.
	tell(model.WechatFollow, at.Add(40*time.Second))
	tell(model.WechatUnfollow, at.Add(40*time.Second))
	h.lookUp()
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("the look-up did not decide: %q", got)
	}
	for _, e := range []model.WechatEvent{{Name: model.WechatFollow}, {Name: model.WechatFollow, OpenID: "不是"}, {Name: model.WechatPopup, OpenID: "pX"}} {
		if err := h.followed(e.Name, e.OpenID, at); err != nil {
			t.Error(err)
		}
		if _, err := h.store.Follower(h.ctx, e.OpenID); !model.IsNotFound(err) {
			t.Errorf("%+v left a row: %v", e, err)
		}
	}
}

// While WeChat is down nothing is lost, and WeChat is not asked more often than the pauses allow.
func TestWechatDown(t *testing.T) {
	h := newHouse(t)
	var crowd []string // several batches, so that each beat would find another one due
	for i := range 450 {
		crowd = append(crowd, fmt.Sprint("pCrowd", i))
		h.wx.AddUser(accountID, crowd[i])
	}
	if err := h.store.SeeFollowers(h.ctx, crowd, h.clock(), h.clock()); err != nil {
		t.Fatal(err)
	}
	eve := h.person("Eve")
	if err := h.followed(model.WechatFollow, "pEve", h.clock()); err != nil {
		t.Fatal(err)
	}
	h.wx.SetFault(batchAPI, standin.Fault{Kind: standin.FaultHTTP})
	for range 3600 { // an hour of beats
		_ = h.room.LookUp(h.ctx)
		h.pass(time.Second)
	}
	if n := h.calls(batchAPI); n < 5 || n > 14 {
		t.Errorf("%d calls in an hour", n)
	}
	h.wx.ClearFaults()
	for range 1200 {
		h.lookUp()
		h.pass(time.Second)
	}
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("WeChat is back, and she is not reached: %q", got)
	}
	n := h.calls(batchAPI)
	h.lookUp()
	if h.calls(batchAPI) != n {
		t.Error("asked again although it is known")
	}
}

// The day's quota is used up: WeChat is left alone for an hour.
func TestQuotaUsedUp(t *testing.T) {
	h := newHouse(t)
	h.person("Eve")
	if err := h.followed(model.WechatFollow, "pEve", h.clock()); err != nil {
		t.Fatal(err)
	}
	h.wx.SetFault(batchAPI, standin.Fault{Kind: standin.FaultCode, Code: 45009})
	if err := h.room.LookUp(h.ctx); model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("%v", err)
	}
	for range 59 {
		h.pass(time.Minute)
		h.lookUp()
	}
	if n := h.calls(batchAPI); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// A crash in the middle of a look-up hands it to whoever comes after the lease.
func TestCrash(t *testing.T) {
	h := newHouse(t)
	eve := h.person("Eve")
	if err := h.followed(model.WechatFollow, "pEve", h.clock()); err != nil {
		t.Fatal(err)
	}
	if rows, err := h.store.TakeLookUps(h.ctx, h.clock(), h.clock().Add(2*time.Minute), 100); err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	other := h.worker()
	if err := other.LookUp(h.ctx); err != nil || h.calls(batchAPI) != 0 {
		t.Errorf("two asked at once: %v", err)
	}
	h.pass(2 * time.Minute)
	if err := other.LookUp(h.ctx); err != nil || h.reaches(eve) != "pEve" {
		t.Errorf("nobody took it over: %v", err)
	}
}

// An event that comes in while WeChat is being asked is not overwritten by the older answer.
func TestEventDuringLookUp(t *testing.T) {
	h := newHouse(t)
	eve := h.person("Eve")
	if err := h.followed(model.WechatFollow, "pEve", h.clock()); err != nil {
		t.Fatal(err)
	}
	release := h.wx.Hold(batchAPI)
	done := make(chan error)
	go func() { done <- h.room.LookUp(h.ctx) }()
	if err := h.wx.WaitHolding(h.ctx, batchAPI, 1); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Second)
	h.follow("pEve", false)
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := h.reaches(eve); got != "" {
		t.Errorf("the old answer won: %q", got)
	}
	if f, err := h.store.Follower(h.ctx, "pEve"); err != nil || f.Following || f.LookUpAt != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

// One openid that is none of the account's does not keep the others from being known.
func TestOneBadOpenID(t *testing.T) {
	h := newHouse(t)
	var members []string
	for i := range 120 {
		key := fmt.Sprint("N", i)
		members = append(members, h.person(key))
		if err := h.followed(model.WechatFollow, "p"+key, h.clock()); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.followed(model.WechatFollow, "pStranger", h.clock()); err != nil {
		t.Fatal(err)
	}
	h.lookUp()
	got, err := h.store.OfficialOpenIDs(h.ctx, members)
	if err != nil || len(got) != 120 {
		t.Errorf("%d of 120 are known: %v", len(got), err)
	}
	if f, err := h.store.Follower(h.ctx, "pStranger"); err != nil || f.Following || f.LookUpAt != nil || f.LookedUpAt == nil {
		t.Errorf("%+v, %v", f, err)
	}
	if n := h.calls(batchAPI); n > 2+2*7 {
		t.Errorf("%d calls to find it", n)
	}
}
