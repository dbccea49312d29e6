package main

import (
	"strings"
	"testing"
)

// TestStorySignIn lives point 3: a code becomes a visitor, the visitor binds by phone or by invitation, tokens rotate, and a reused one ends the family.
func TestStorySignIn(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "", env)
		s := p.found()
		m := s.enrol(s.branch, "王建国", "full")

		code := p.wx.MintCode(testAppID, m.openID)
		first := p.must(200, "POST", "/auth/wechat", "", object{"code": code})
		token := first.text("access_token")
		if token == "" || first.text("token_type") != "Bearer" || first.number("expires_in") <= 0 || first.text("refresh_token") == "" || first.at("me", "bound") != false {
			t.Errorf("a new openid: %s", first.raw)
		}
		if strings.Contains(string(first.raw), "session_key") || strings.Contains(string(first.raw), m.openID) {
			t.Errorf("the answer tells what WeChat told the server alone: %s", first.raw)
		}
		p.refused(401, "wechat_code_invalid", "POST", "/auth/wechat", "", object{"code": code})
		p.refused(401, "wechat_code_invalid", "POST", "/auth/wechat", "", object{"code": "no-such-code"})
		p.refused(403, "not_bound", "GET", "/notices", token, nil)
		p.refused(401, "unauthenticated", "GET", "/me", "", nil)
		p.refused(401, "unauthenticated", "GET", "/me", "no-such-token", nil)

		bindByPhone(t, s, m, token)
		bindByInvitation(t, s)
		last := rotate(t, p, m)
		secretsAreKept(t, p, map[string]string{"WeChat's secret": testSecret, "the callback's token": testToken, "the callback's key": testAESKey, "a login code": code,
			"a phone number": m.phone, "a token": token, "the latest token": last.text("access_token"), "the latest refresh token": last.text("refresh_token")})
	})
}

func bindByPhone(t *testing.T, s *society, m person, token string) {
	t.Helper()
	p := s.program
	consent := p.must(200, "GET", "/consent", "", nil)
	version := consent.text("version")
	if version == "" || consent.text("title") == "" || consent.text("body_html") == "" {
		t.Errorf("consent: %s", consent.raw)
	}
	phoneCode := func(openID, phone string) string { return p.wx.MintPhoneCode(testAppID, openID, phone) }
	p.refused(422, "consent_required", "POST", "/auth/bind", token, object{"phone_code": phoneCode(m.openID, m.phone)})
	p.refused(422, "consent_required", "POST", "/auth/bind", token, object{"consent_version": "2019-01", "phone_code": phoneCode(m.openID, m.phone)})
	p.refused(404, "not_on_roster", "POST", "/auth/bind", token, object{"consent_version": version, "phone_code": phoneCode(m.openID, "13655550000")})
	bound := p.must(200, "POST", "/auth/bind", token, object{"consent_version": version, "phone_code": phoneCode(m.openID, m.phone)})
	me := bound.at("me")
	if bound.at("me", "bound") != true || bound.text("me", "id") != m.id || bound.text("me", "name") != "王建国" || bound.text("me", "party_status") != "full" ||
		bound.text("me", "org", "id") != s.branch || bound.text("me", "org", "kind") != "branch" || bound.text("access_token") == "" || bound.text("refresh_token") == "" {
		t.Errorf("bound: %v", me)
	}
	if got := bound.list("me", "memberships"); len(got) != 1 || got[0].text("ancestors", 0, "id") != s.root || got[0].text("roles", 0) != "member" {
		t.Errorf("memberships: %v", got)
	}
	if bound.number("me", "unread", "notices") != 0 || bound.number("me", "unread", "required_reading") != 0 || bound.number("me", "unread", "todo") != 0 {
		t.Errorf("unread: %v", bound.at("me", "unread"))
	}
	p.must(200, "GET", "/notices", bound.text("access_token"), nil)
	if again := p.visit(m.openID); again.at("me", "bound") != true || again.text("me", "id") != m.id {
		t.Errorf("the next visit: %s", again.raw)
	}
	other := p.visit("somebody-else").text("access_token")
	p.refused(409, "already_bound", "POST", "/auth/bind", other, object{"consent_version": version, "phone_code": phoneCode("somebody-else", m.phone)})
}

func bindByInvitation(t *testing.T, s *society) {
	t.Helper()
	p := s.program
	version := p.must(200, "GET", "/consent", "", nil).text("version")
	listed := s.enrol(s.branch, "赵海燕", "probationary")
	invite := p.must(201, "POST", "/orgs/"+s.branch+"/invites", s.admin, nil)
	if invite.text("code") == "" || !strings.HasSuffix(invite.text("expires_at"), "+08:00") {
		t.Errorf("invite: %s", invite.raw)
	}
	token := p.visit(listed.openID).text("access_token")
	if r := p.refused(422, "validation_failed", "POST", "/auth/bind", token, object{"consent_version": version, "invite_code": "NOPE", "name": "赵海燕"}); r.faults()["invite_code"] == "" {
		t.Errorf("a wrong invitation: %s", r.raw)
	}
	p.refused(422, "consent_required", "POST", "/auth/bind", token, object{"invite_code": invite.text("code"), "name": "赵海燕"})
	r := p.must(200, "POST", "/auth/bind", token, object{"consent_version": version, "invite_code": strings.ToLower(invite.text("code")), "name": "赵 海燕"})
	if r.text("me", "id") != listed.id || r.at("me", "bound") != true {
		t.Errorf("by invitation: %s", r.raw)
	}
	newcomer := p.visit("newcomer").text("access_token")
	r = p.must(200, "POST", "/auth/bind", newcomer, object{"consent_version": version, "invite_code": invite.text("code"), "name": "新同志"})
	if r.at("me", "bound") != true || r.text("me", "org", "id") != s.branch || find(p.roster(s.admin, s.branch), "name", "新同志") == nil {
		t.Errorf("somebody who was not on the roster: %s", r.raw)
	}
}

func rotate(t *testing.T, p *program, m person) response {
	t.Helper()
	first := p.visit(m.openID)
	second := p.must(200, "POST", "/auth/refresh", "", object{"refresh_token": first.text("refresh_token")})
	if second.text("refresh_token") == first.text("refresh_token") || second.text("access_token") == first.text("access_token") || second.text("me", "id") != m.id {
		t.Errorf("refreshed: %s", second.raw)
	}
	p.must(200, "GET", "/me", second.text("access_token"), nil)
	p.refused(401, "token_reused", "POST", "/auth/refresh", "", object{"refresh_token": first.text("refresh_token")})
	p.must(401, "GET", "/me", second.text("access_token"), nil)
	p.must(401, "POST", "/auth/refresh", "", object{"refresh_token": second.text("refresh_token")})
	p.refused(401, "unauthenticated", "POST", "/auth/refresh", "", object{"refresh_token": "made-up"})
	last := p.visit(m.openID)
	p.must(200, "GET", "/me", last.text("access_token"), nil)
	return last
}

// secretsAreKept searches what the program writes: neither its log nor its database tells a secret in the clear.
func secretsAreKept(t *testing.T, p *program, secrets map[string]string) {
	t.Helper()
	kept, log := p.everythingKept(), p.log.String()
	if !strings.Contains(log, `"route"`) || !strings.Contains(kept, "王建国") {
		t.Error("the search is blind")
	}
	for what, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %s", what)
		}
		if strings.Contains(kept, secret) {
			t.Errorf("the database tells %s", what)
		}
	}
}
