package official_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/official"
	"zhibu/service/wechat/standin"
)

// Who followed before the program came is found by the first listing, page by page.
func TestFirstSync(t *testing.T) {
	h := newHouse(t)
	members := map[string]string{}
	for i := range 7 {
		key := fmt.Sprint("N", i)
		members[key] = h.person(key)
	}
	h.sync()
	h.lookUp()
	for key, id := range members {
		if got := h.reaches(id); got != "p"+key {
			t.Errorf("%s is reached at %q", key, got)
		}
	}
	if c, err := h.room.Coverage(h.ctx); err != nil || c != (model.OfficialCoverage{Following: 7, WithUnionID: 7, Members: 7}) {
		t.Errorf("%+v, %v", c, err)
	}
	n := h.calls(listAPI)
	if n != 4 { // 3, 3, 1, and the empty page that ends it
		t.Errorf("%d pages", n)
	}
	h.sync()
	h.pass(8 * time.Hour)
	h.sync()
	if h.calls(listAPI) != n {
		t.Error("listed twice before the next night")
	}
	h.pass(2 * time.Hour) // 05:00
	h.sync()
	if h.calls(listAPI) != 2*n {
		t.Error("not listed in the night")
	}
	batches := h.calls(batchAPI)
	h.lookUp()
	if h.calls(batchAPI) != batches {
		t.Error("who is known is looked up again")
	}
}

// Events that were lost are made good in the night.
func TestLostEvents(t *testing.T) {
	h := newHouse(t)
	stays, leaves, comes := h.person("Stays"), h.person("Leaves"), h.person("Comes")
	h.wx.SetPush(accountID, standin.PushKnobs{Silent: true})
	h.wx.Follow(accountID, "pComes", false)
	h.sync()
	h.lookUp()
	h.wx.Follow(accountID, "pLeaves", false)
	h.wx.Follow(accountID, "pComes", true)
	h.pass(24 * time.Hour)
	h.sync()
	h.lookUp()
	for id, want := range map[string]string{stays: "pStays", leaves: "", comes: "pComes"} {
		if got := h.reaches(id); got != want {
			t.Errorf("reached at %q, want %q", got, want)
		}
	}
}

// A listing that breaks off makes nobody leave, and is begun again after a pause.
func TestBrokenSync(t *testing.T) {
	h := newHouse(t)
	var members []string
	for i := range 7 {
		members = append(members, h.person(fmt.Sprint("N", i)))
	}
	h.sync()
	h.lookUp()
	h.pass(24 * time.Hour)
	before := h.calls(listAPI)
	h.wx.SetFault(listAPI, standin.Fault{Kind: standin.FaultBusy, Skip: 1})
	if err := h.room.Sync(h.ctx); model.CodeOf(err) != model.CodeWechatDown {
		t.Errorf("%v", err)
	}
	got, err := h.store.OfficialOpenIDs(h.ctx, members)
	if err != nil || len(got) != 7 {
		t.Errorf("%d of 7 are left: %v", len(got), err)
	}
	h.sync() // too soon
	if n := h.calls(listAPI) - before; n != 2 {
		t.Errorf("%d calls", n)
	}
	h.wx.ClearFaults()
	h.pass(10 * time.Minute)
	h.sync()
	if n := h.calls(listAPI) - before; n != 2+4 {
		t.Errorf("%d calls", n)
	}
}

// An account that no Open Platform account binds tells no unionids; once it is bound, the next night finds them.
func TestBoundLater(t *testing.T) {
	h := newHouse(t)
	account := standin.App{AppID: accountID, Secret: "account", Kind: standin.Official, Token: "push-token"}
	if err := h.wx.AddApp(account); err != nil {
		t.Fatal(err)
	}
	eve := h.person("Eve")
	h.sync()
	h.lookUp()
	if c, err := h.room.Coverage(h.ctx); err != nil || c != (model.OfficialCoverage{Following: 1}) || h.reaches(eve) != "" {
		t.Errorf("%+v, %v", c, err)
	}
	account.OpenPlatform = true
	if err := h.wx.AddApp(account); err != nil {
		t.Fatal(err)
	}
	h.pass(24 * time.Hour)
	h.sync()
	h.lookUp()
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("reached at %q", got)
	}
}

// A member whose unionid WeChat tells only at a later sign-in is reached from then on.
func TestUnionIDLater(t *testing.T) {
	h := newHouse(t)
	h.wx.AddPerson(standin.Person{OpenID: "oEve", OfficialOpenID: "pEve", UnionID: "uEve", Name: "Eve"})
	eve := h.member("Eve", "")
	h.sync()
	h.lookUp()
	if got := h.reaches(eve); got != "" {
		t.Errorf("reached at %q without a unionid", got)
	}
	i, err := h.store.IdentityOf(h.ctx, eve)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.TouchIdentity(h.ctx, i.ID, "uEve", h.clock()); err != nil {
		t.Fatal(err)
	}
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("reached at %q", got)
	}
	if err := h.store.TouchIdentity(h.ctx, i.ID, "", h.clock()); err != nil { // a sign-in that tells none forgets none
		t.Fatal(err)
	}
	if got := h.reaches(eve); got != "pEve" {
		t.Errorf("reached at %q", got)
	}
}

// shortListing says that there are more followers than it lists.
type shortListing struct{ official.Wechat }

func (shortListing) Followers(context.Context, string) (model.OfficialListing, error) {
	return model.OfficialListing{Total: 7, OpenIDs: []string{"pN0", "pN1", "not an openid"}}, nil
}

// A listing shorter than WeChat's own count makes nobody leave.
func TestShortListing(t *testing.T) {
	h := newHouse(t)
	var members []string
	for i := range 7 {
		members = append(members, h.person(fmt.Sprint("N", i)))
	}
	h.sync()
	h.lookUp()
	h.pass(24 * time.Hour)
	if err := official.New(h.store, shortListing{}, h.clock, nil).Sync(h.ctx); err != nil {
		t.Fatal(err)
	}
	got, err := h.store.OfficialOpenIDs(h.ctx, members)
	if err != nil || len(got) != 7 {
		t.Errorf("%d of 7 are left: %v", len(got), err)
	}
}
