package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const chosenPassword = "夜里九点的随访电话 2026"

// offer has the administrator offer a member an account, and returns the code.
func (s *society) offer(id string, more ...string) response {
	s.t.Helper()
	body := object{"member_id": id}
	if len(more) > 0 {
		body["username"] = more[0]
	}
	return s.must(201, "POST", "/accounts", s.admin, body)
}

// accountOf is a member's line in the list of accounts.
func (s *society) accountOf(id string) object {
	s.t.Helper()
	for _, o := range s.must(200, "GET", "/accounts", s.admin, nil).list("items") {
		if o.text("id") == id {
			return o
		}
	}
	return nil
}

// TestStoryAccounts lives the accounts of the console: offered, set up by their owners, closed and opened again, and kept from everybody else.
func TestStoryAccounts(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		settings := map[string]string{"LIMITS": "off"} // one address tries more passwords than a person would
		maps.Copy(settings, env)
		p := boot(t, "2026-11-26T18:40:00+08:00", settings)
		s := p.found()
		wang := s.join(s.branch, "王建国", "full", "secretary")
		li := s.join(s.neighbour, "李秀英", "full", "secretary")
		zhou := s.join(s.root, "周静宜", "full", "staff")
		layman := s.join(s.branch, "赵一", "full")

		offered := s.offer(wang.id)
		code := offered.text("code")
		if offered.text("url") != p.base+"/console/setup#code="+code || len(code) < 40 || offered.text("account", "state") != "waiting" || offered.text("account", "username") != "" {
			t.Errorf("offered: %s", offered.raw)
		}
		if look := p.must(200, "POST", "/auth/setup/look", "", object{"code": code}); look.text("name") != "王建国" || look.text("username") != "" || look.at("second_factor_required") != false {
			t.Errorf("whose it is: %s", look.raw)
		}
		bad := p.refused(422, "validation_failed", "POST", "/auth/setup", "", object{"code": code, "username": "a b", "password": "1234567890"})
		if len(bad.list("fields")) != 2 {
			t.Errorf("all faults at once: %s", bad.raw)
		}
		p.refused(422, "validation_failed", "POST", "/auth/setup", "", object{"code": code, "password": chosenPassword})
		p.refused(422, "validation_failed", "POST", "/auth/setup", "", object{"code": code, "username": "office", "password": chosenPassword}) // somebody else's
		p.refused(404, "not_found", "POST", "/auth/setup", "", object{"code": code + "x", "username": "wangjg", "password": chosenPassword})

		entered := onceOnly(t, p, object{"code": code, "username": "WangJG", "password": chosenPassword})
		if entered.text("me", "id") != wang.id {
			t.Errorf("set up: %s", entered.raw)
		}
		p.refused(404, "not_found", "POST", "/auth/setup/look", "", object{"code": code})
		session := p.must(200, "POST", "/auth/password", "", object{"username": "wangjg", "password": chosenPassword}).text("access_token")
		if got := s.accountOf(wang.id); got.text("state") != "active" || got.text("username") != "wangjg" || got.at("can_change") != true || got.at("second_factor_required") != false {
			t.Errorf("in the list: %v", got)
		}
		accountsAreGuarded(t, s, wang, li, zhou, layman)
		accountCloses(t, s, wang, session)
		accountOfTheOffice(t, s, zhou)
		heldUntilSetUp(t, s, li)
		secretsAreKept(t, p, map[string]string{"a set-up code": code, "a password": chosenPassword})

		late := s.offer(wang.id).text("code")
		p.moveTo(p.now().Add(72*time.Hour + time.Second).Format(time.RFC3339))
		p.refused(404, "not_found", "POST", "/auth/setup/look", "", object{"code": late})
		p.refused(404, "not_found", "POST", "/auth/setup", "", object{"code": late, "password": chosenPassword})
	})
}

// onceOnly uses a set-up code twice at the same moment: one call sets the account up.
func onceOnly(t *testing.T, p *program, body object) response {
	t.Helper()
	got := make([]response, 2)
	var both sync.WaitGroup
	for i := range got {
		both.Go(func() { got[i] = p.call("POST", "/auth/setup", "", body) })
	}
	both.Wait()
	slices.SortFunc(got, func(a, b response) int { return a.status - b.status })
	if got[0].status != 200 || got[1].status < 400 || got[1].status >= 500 {
		t.Fatalf("one code at once: %s and %s", got[0].describe(), got[1].describe())
	}
	return got[0]
}

// accountsAreGuarded: the office reads, the administrator changes, nobody else learns anything.
func accountsAreGuarded(t *testing.T, s *society, wang, li, zhou, layman person) {
	t.Helper()
	offer, reason := object{"member_id": wang.id}, object{"reason": "换了手机"}
	for who, token := range map[string]string{"the secretary": wang.token, "the neighbour": li.token, "a member": layman.token} {
		for _, c := range [][2]string{{"GET", "/accounts"}, {"POST", "/accounts"}, {"DELETE", "/accounts/" + wang.id}, {"POST", "/accounts/" + wang.id + "/reset-factor"}} {
			body := offer
			if strings.HasSuffix(c[1], "factor") {
				body = reason
			}
			if c[0] == "GET" || c[0] == "DELETE" {
				body = nil
			}
			if got := s.call(c[0], c[1], token, body); got.status != 403 || got.text("code") != "forbidden" || strings.Contains(string(got.raw), "wangjg") {
				t.Errorf("%s, %s %s: %s", who, c[0], c[1], got.describe())
			}
		}
	}
	if got := s.must(200, "GET", "/accounts", zhou.token, nil); len(got.list("items")) != 2 || strings.Contains(string(got.raw), `"can_change":true`) {
		t.Errorf("the office reads: %s", got.raw)
	}
	s.refused(403, "forbidden", "POST", "/accounts", zhou.token, offer)
	s.refused(403, "forbidden", "DELETE", "/accounts/"+wang.id, zhou.token, nil)
	s.refused(403, "forbidden", "POST", "/accounts/"+wang.id+"/reset-factor", zhou.token, reason)
	// The administrator's own account has its own ways, and who holds no role needs none.
	me := s.must(200, "GET", "/me", s.admin, nil).text("id")
	s.refused(409, "conflict", "DELETE", "/accounts/"+me, s.admin, nil)
	s.refused(409, "conflict", "POST", "/accounts", s.admin, object{"member_id": me})
	s.refused(409, "conflict", "POST", "/accounts/"+me+"/reset-factor", s.admin, reason)
	s.refused(409, "conflict", "POST", "/accounts", s.admin, object{"member_id": layman.id})
	s.refused(404, "not_found", "POST", "/accounts", s.admin, object{"member_id": "nobody"})
	s.refused(404, "not_found", "DELETE", "/accounts/"+layman.id, s.admin, nil)
	s.refused(404, "not_found", "POST", "/accounts/"+wang.id+"/reset-factor", s.admin, reason) // there is none to reset
	s.refused(422, "validation_failed", "POST", "/accounts/"+wang.id+"/reset-factor", s.admin, object{"reason": "  "})
}

// accountCloses: a closed account lets nobody in, and its sessions end; a new link opens it again with a new password.
func accountCloses(t *testing.T, s *society, wang person, session string) {
	t.Helper()
	s.must(200, "GET", "/me", session, nil)
	s.must(204, "DELETE", "/accounts/"+wang.id, s.admin, nil)
	s.refused(409, "conflict", "DELETE", "/accounts/"+wang.id, s.admin, nil)
	s.eventually("its sessions end", 5*time.Second, func() bool { return s.call("GET", "/me", session, nil).status == 401 })
	s.must(200, "GET", "/me", wang.token, nil) // the phone's session is no concern of the account's
	s.refused(403, "forbidden", "POST", "/auth/password", "", object{"username": "wangjg", "password": chosenPassword})
	s.refused(422, "validation_failed", "POST", "/accounts", s.admin, object{"member_id": wang.id, "username": "another"})
	again := s.offer(wang.id)
	if again.text("account", "username") != "wangjg" || again.text("account", "state") != "waiting" {
		t.Errorf("offered again: %s", again.raw)
	}
	s.refused(401, "unauthenticated", "POST", "/auth/password", "", object{"username": "wangjg", "password": chosenPassword})
	s.must(200, "POST", "/auth/setup", "", object{"code": again.text("code"), "password": chosenPassword + "!"})
	s.must(200, "POST", "/auth/password", "", object{"username": "wangjg", "password": chosenPassword + "!"})
}

// accountOfTheOffice: who has a say over the whole society sets up the second factor on the way in, and gets it reset by the administrator alone.
func accountOfTheOffice(t *testing.T, s *society, zhou person) {
	t.Helper()
	code := s.offer(zhou.id, "zhoujy").text("code")
	asked := s.refused(401, "second_factor_required", "POST", "/auth/setup", "", object{"code": code, "password": chosenPassword})
	if asked.text("challenge", "kind") != "enrol" {
		t.Fatalf("the way in: %s", asked.raw)
	}
	entered := s.must(200, "POST", "/auth/factor", "", object{"challenge": asked.text("challenge", "token"), "code": appDigits(t, asked.text("challenge", "secret"), s.now())})
	token, first := entered.text("access_token"), entered.at("recovery_codes").([]any)
	s.refused(401, "unauthenticated", "POST", "/me/recovery-codes", token, object{"password": "not the password"})
	s.refused(422, "validation_failed", "POST", "/me/recovery-codes", token, object{})
	s.refused(401, "second_factor_invalid", "POST", "/me/recovery-codes", token, object{"recovery_code": "abcd-efgh-ijkl"})
	s.refused(404, "not_found", "POST", "/me/recovery-codes", zhou2(s), object{"password": chosenPassword})
	second := s.must(200, "POST", "/me/recovery-codes", token, object{"password": chosenPassword}).at("recovery_codes").([]any)
	login := func(code any) object {
		return object{"username": "zhoujy", "password": chosenPassword, "recovery_code": code}
	}
	s.refused(401, "second_factor_invalid", "POST", "/auth/password", "", login(first[0]))
	s.must(200, "POST", "/auth/password", "", login(second[0]))
	third := s.must(200, "POST", "/me/recovery-codes", token, object{"recovery_code": second[1]}).at("recovery_codes").([]any)
	s.refused(401, "second_factor_invalid", "POST", "/auth/password", "", login(second[2]))
	s.must(200, "POST", "/auth/password", "", login(third[0]))
	s.must(204, "POST", "/accounts/"+zhou.id+"/reset-factor", s.admin, object{"reason": "换了手机，恢复码遗失，已当面核实"})
	s.eventually("the sessions of the lost phone end", 5*time.Second, func() bool { return s.call("GET", "/me", token, nil).status == 401 })
	again := s.refused(401, "second_factor_required", "POST", "/auth/password", "", object{"username": "zhoujy", "password": chosenPassword})
	if again.text("challenge", "kind") != "enrol" {
		t.Errorf("after the reset: %s", again.raw)
	}
	audit := s.must(200, "GET", "/audit?limit=100", s.admin, nil)
	for _, words := range []string{"重置动态验证码", "已当面核实", "重新生成恢复码", "开通后台账号", "停用后台账号", "启用后台账号", "设置账号密码", "密码或验证码输错"} {
		if !strings.Contains(string(audit.raw), words) {
			t.Errorf("the audit does not say %s", words)
		}
	}
}

// zhou2 is a member with a role and without an account.
func zhou2(s *society) string {
	return s.join(s.branch, "钱二", "full", "committee_member").token
}

// heldUntilSetUp: a secretary's open session is held when its owner comes to the office, until the second factor is set up. The phone's is not.
func heldUntilSetUp(t *testing.T, s *society, li person) {
	t.Helper()
	code := s.offer(li.id).text("code")
	token := s.must(200, "POST", "/auth/setup", "", object{"code": code, "username": "lixy", "password": chosenPassword}).text("access_token")
	s.must(200, "GET", "/orgs", token, nil)
	s.must(200, "GET", "/feed", token, nil)
	s.refused(409, "conflict", "POST", "/me/recovery-codes", token, object{"password": chosenPassword})
	s.must(200, "PUT", "/orgs/"+s.neighbour+"/members/"+li.id+"/roles", s.admin, object{"roles": []string{"staff"}})
	s.eventually("the session is held", 5*time.Second, func() bool { return s.call("GET", "/orgs", token, nil).text("code") == "second_factor_setup_required" })
	for _, c := range [][2]string{{"GET", "/orgs"}, {"GET", "/feed"}, {"GET", "/audit"}, {"POST", "/auth/console-codes/x/approve"}, {"GET", "/me/export"}, {"DELETE", "/me"}} {
		s.refused(http.StatusForbidden, "second_factor_setup_required", c[0], c[1], token, nil)
	}
	s.must(200, "GET", "/orgs", li.token, nil)
	s.must(200, "GET", "/me", token, nil)
	if got := s.must(200, "GET", "/me/account", token, nil); got.at("second_factor_required") != true || got.at("second_factor") != false {
		t.Errorf("the account: %s", got.raw)
	}
	begun := s.must(200, "POST", "/me/second-factor", token, object{"password": chosenPassword})
	s.must(200, "POST", "/me/second-factor/confirm", token, object{"challenge": begun.text("token"), "code": appDigits(t, begun.text("secret"), s.now())})
	s.eventually("the session is free", 5*time.Second, func() bool { return s.call("GET", "/orgs", token, nil).status == 200 })
	s.must(200, "GET", "/feed", token, nil)
}
