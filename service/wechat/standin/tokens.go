package standin

import (
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	tokenLife    = 7200 * time.Second
	tokenOverlap = 5 * time.Minute
	forcePause   = 30 * time.Second
	forcePerDay  = 20

	invalidCredential = "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
)

// tokenForm is what our tokens look like; anything else is garbage to WeChat.
var tokenForm = regexp.MustCompile(`^\d+_[A-Za-z0-9_-]{100,}$`)

// token is one access token. Its life ends at expires, or earlier when a successor or a test ended it.
type token struct {
	appid   string
	value   string
	expires time.Time
	ended   time.Time // superseded: good until then; zero is the latest
	revoked bool
	stuck   bool // revoked, but normal mode keeps handing it out
}

// mintToken makes a token of an app. The caller holds the lock.
func (s *Server) mintToken(appid string, now time.Time) *token {
	t := &token{appid: appid, value: "86_" + s.word(133), expires: now.Add(tokenLife)}
	s.tokens[t.value] = t
	return t
}

type tokenBody struct {
	Token   string `json:"access_token"`
	Expires int    `json:"expires_in"`
}

// credentials checks appid and secret. The caller holds the lock.
func (c *call) credentials(appid, secret string) (*app, reply, bool) {
	a := c.s.apps[appid]
	switch {
	case appid == "":
		return nil, c.fail(41002, "appid missing"), false
	case secret == "":
		return nil, c.fail(41004, "appsecret missing"), false
	case a == nil:
		return nil, c.fail(40013, "invalid appid"), false
	case a.Secret != secret:
		return nil, c.fail(40125, "invalid appsecret"), false
	}
	c.app = a
	return a, reply{}, true
}

// tokenCredentials adds what only the token endpoints ask for: the grant type and the caller's address.
func (c *call) tokenCredentials(grantType, appid, secret string) (*app, reply, bool) {
	if grantType != "client_credential" {
		return nil, c.fail(40002, "invalid grant_type"), false
	}
	a, out, ok := c.credentials(appid, secret)
	if !ok {
		return nil, out, false
	}
	ip := c.callerIP()
	if len(a.IPWhitelist) > 0 && !slices.Contains(a.IPWhitelist, ip) {
		six := ip
		if parsed := net.ParseIP(ip); parsed != nil && parsed.To4() != nil {
			six = "::ffff:" + ip
		}
		return nil, c.failf(40164, "invalid ip %s ipv6 %s, not in whitelist", ip, six), false
	}
	return a, reply{}, true
}

// plainToken is GET /cgi-bin/token: each call makes a new token, and its predecessor lives five minutes more.
func plainToken(c *call) reply {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	a, out, ok := c.tokenCredentials(c.query.Get("grant_type"), c.query.Get("appid"), c.query.Get("secret"))
	if !ok {
		return out
	}
	if out, ok := c.countLocked(); !ok {
		return out
	}
	if old := a.plain; old != nil {
		old.ended = earlier(old.expires, c.at.Add(tokenOverlap))
	}
	a.plain = s.mintToken(a.AppID, c.at)
	return c.ok(tokenBody{a.plain.value, int(tokenLife / time.Second)})
}

// stableToken is POST /cgi-bin/stable_token, whose tokens know nothing of plainToken's.
func stableToken(c *call) reply {
	var in struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	a, out, ok := c.tokenCredentials(in.GrantType, in.AppID, in.Secret)
	if !ok {
		return out
	}
	if out, ok := c.countLocked(); !ok {
		return out
	}
	t := a.stable
	switch {
	case t == nil || !c.at.Before(t.expires) || t.revoked && !t.stuck && !in.Force:
		t = s.mintToken(a.AppID, c.at)
	case in.Force:
		if !a.forcedAt.IsZero() && c.at.Sub(a.forcedAt) < forcePause {
			break // too soon: the same token again
		}
		if !s.within("force:"+a.AppID, forcePerDay, 24*time.Hour, c.at) {
			return c.fail(45009, knownText(45009))
		}
		a.forcedAt = c.at
		t.ended = c.at
		t = s.mintToken(a.AppID, c.at)
	case t.expires.Sub(c.at) < tokenOverlap:
		// In its last five minutes the old token gets a successor, and both work for five minutes.
		old := t
		old.ended = c.at.Add(tokenOverlap)
		old.expires = old.ended
		t = s.mintToken(a.AppID, c.at)
	}
	a.stable = t
	return c.ok(tokenBody{t.value, int(t.expires.Sub(c.at) / time.Second)})
}

// authorise checks the access token of a call and finds its app.
func (c *call) authorise(e entry) (reply, bool) {
	value := c.query.Get("access_token")
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[value]
	switch {
	case value == "":
		return c.fail(41001, "access_token missing"), false
	case t == nil && !tokenForm.MatchString(value):
		return c.fail(40014, "invalid access_token"), false
	case t == nil || t.revoked:
		return c.fail(40001, invalidCredential), false
	case !t.ended.IsZero() && !c.at.Before(t.ended):
		return c.fail(40001, invalidCredential), false
	case !c.at.Before(t.expires):
		return c.fail(42001, "access_token expired"), false
	}
	c.app = s.apps[t.appid]
	if e == miniOnly && c.app.Kind != Mini || e == officialOnly && c.app.Kind != Official {
		return c.fail(48001, "api unauthorized"), false
	}
	return reply{}, true
}

// RevokeTokens kills every token of an app now: the next call gets 40001, and the token endpoints give a new one.
func (s *Server) RevokeTokens(appid string) { s.revoke(appid, false) }

// RevokeTokensStuck kills every token of an app, but stable_token goes on handing out the dead one until force_refresh.
func (s *Server) RevokeTokensStuck(appid string) { s.revoke(appid, true) }

func (s *Server) revoke(appid string, stuck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		if t.appid == appid {
			t.revoked, t.stuck = true, stuck
		}
	}
}

// ExpireTokens ends the life of every token of an app now: the next call gets 42001.
func (s *Server) ExpireTokens(appid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opt.Clock()
	for _, t := range s.tokens {
		if t.appid == appid && t.ended.IsZero() {
			t.expires = earlier(t.expires, now)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// redacted hides what opens doors in a query, for the journal that people read.
func redacted(raw string) string {
	parts := strings.Split(raw, "&")
	for i, p := range parts {
		if k, _, ok := strings.Cut(p, "="); ok && (k == "secret" || k == "access_token") {
			parts[i] = k + "=***"
		}
	}
	return strings.Join(parts, "&")
}
