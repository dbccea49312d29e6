package standin

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"zhibu/model"
)

//go:embed authorize.html
var authorizeHTML string

// The scopes of a web page's sign-in.
const (
	scopeBase     = "snsapi_base"
	scopeUserInfo = "snsapi_userinfo"
)

// webCode is what the authorize page gave to a browser.
type webCode struct {
	appid, openid, scope string
	minted               time.Time
	used                 bool
}

// webToken is what the code was exchanged for: it opens the person's own particulars alone.
type webToken struct {
	appid, openid, scope string
	minted               time.Time
}

// MintWebCode is what the authorize page would give to a person of the page: to the openid at the service account, which a person who does not
// follow it has as well.
func (s *Server) MintWebCode(appid string, p Person, userInfo bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mintWebCode(appid, p, userInfo)
}

func (s *Server) mintWebCode(appid string, p Person, userInfo bool) string {
	openid, scope := p.OfficialOpenID, scopeBase
	if openid == "" {
		openid = "w" + digest("web", p.OpenID)[:27]
		if s.users[openid] == nil {
			u := s.user(appid, openid)
			u.unfollowed = true
			if mini := s.users[p.OpenID]; mini != nil {
				u.unionid = mini.unionid
			} else if p.UnionID != "" {
				u.unionid = p.UnionID
			}
		}
	}
	if userInfo {
		scope = scopeUserInfo
	}
	code := "0" + s.word(31)
	s.webCodes[code] = &webCode{appid: appid, openid: openid, scope: scope, minted: s.opt.Clock()}
	return code
}

// authorizeView is what the authorize page shows.
type authorizeView struct {
	Ask    bool
	People []Person
	Query  url.Values
}

// Link is the page's own address with a person picked.
func (v authorizeView) Link(openid string) string {
	q := url.Values{}
	for k, list := range v.Query {
		q[k] = list
	}
	q.Set("openid", openid)
	return "/connect/oauth2/authorize?" + q.Encode()
}

// authorize is open.weixin.qq.com/connect/oauth2/authorize. WeChat knows who holds the phone; here that is picked.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	s.mu.Lock()
	a := s.apps[q.Get("appid")]
	s.mu.Unlock()
	scope := q.Get("scope")
	switch {
	case a == nil || a.Kind != Official:
		refuse(w, model.NotFound("该公众号（appid）"))
		return
	case err != nil || !loopback(back.Hostname()) || (back.Scheme != "http" && back.Scheme != "https"):
		refuse(w, model.BadField("redirect_uri", "invalid", "redirect_uri 参数错误：替身只送回本机的页面。"))
		return
	case q.Get("response_type") != "code" || (scope != scopeBase && scope != scopeUserInfo) || len(q.Get("state")) > 128:
		refuse(w, model.BadField("scope", "invalid", "Scope、response_type 或 state 参数错误。"))
		return
	}
	if q.Get("openid") == "" {
		v := authorizeView{Ask: scope == scopeUserInfo, Query: q}
		for _, p := range s.People() {
			if p.OpenID != "" && len(v.People) < pageRows {
				v.People = append(v.People, p)
			}
		}
		s.authorizePage(w, v)
		return
	}
	_, p, err := s.find(who{OpenID: q.Get("openid")})
	if err != nil {
		refuse(w, err)
		return
	}
	code := s.MintWebCode(a.AppID, p, scope == scopeUserInfo)
	query := back.Query()
	query.Set("code", code)
	query.Set("state", q.Get("state"))
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (s *Server) authorizePage(w http.ResponseWriter, v authorizeView) {
	t, err := template.New("authorize").Parse(authorizeHTML)
	if err != nil {
		refuse(w, err)
		return
	}
	var out strings.Builder
	if err := t.Execute(&out, v); err != nil {
		s.log.Error("stand-in authorize page", "error", err)
		refuse(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(out.String())) // the browser may have gone
}

// webAccess is GET /sns/oauth2/access_token. The unionid comes only with the wider scope, and only where an Open Platform account binds the account.
func webAccess(c *call) reply {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	a, out, ok := c.credentials(c.query.Get("appid"), c.query.Get("secret"))
	if !ok {
		return out
	}
	if a.Kind != Official {
		return c.fail(40013, "invalid appid")
	}
	if c.query.Get("grant_type") != "authorization_code" {
		return c.fail(40002, "invalid grant_type")
	}
	code := s.webCodes[c.query.Get("code")]
	switch {
	case code == nil || code.appid != a.AppID || !c.at.Before(code.minted.Add(codeLife)):
		return c.fail(40029, "invalid code,")
	case code.used:
		return c.fail(40163, "code been used,")
	}
	code.used = true
	c.openid = code.openid
	token := s.word(110)
	s.webTokens[token] = &webToken{appid: a.AppID, openid: code.openid, scope: code.scope, minted: c.at}
	body := struct {
		Token    string `json:"access_token"`
		Expires  int    `json:"expires_in"`
		Refresh  string `json:"refresh_token"`
		OpenID   string `json:"openid"`
		Scope    string `json:"scope"`
		Snapshot int    `json:"is_snapshotuser,omitempty"`
		UnionID  string `json:"unionid,omitempty"`
	}{Token: token, Expires: 7200, Refresh: s.word(110), OpenID: code.openid, Scope: code.scope}
	if s.quirks.SnapshotUser {
		body.Snapshot = 1
	}
	if code.scope == scopeUserInfo && a.OpenPlatform && !s.quirks.UnionIDLate {
		body.UnionID = s.user(a.AppID, code.openid).unionid
	}
	return c.ok(body)
}

// webUserInfo is GET /sns/userinfo.
func webUserInfo(c *call) reply {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	token := s.webTokens[c.query.Get("access_token")]
	c.openid = c.query.Get("openid")
	switch {
	case token == nil:
		return c.fail(40001, "invalid credential, access_token is invalid or not latest,")
	case !c.at.Before(token.minted.Add(2 * time.Hour)):
		return c.fail(42001, "access_token expired,")
	case token.openid != c.openid:
		return c.fail(40003, "invalid openid")
	case token.scope != scopeUserInfo:
		return c.fail(48001, "api unauthorized")
	}
	body := struct {
		OpenID   string   `json:"openid"`
		Nickname string   `json:"nickname"`
		Sex      int      `json:"sex"`
		Province string   `json:"province"`
		City     string   `json:"city"`
		Country  string   `json:"country"`
		Picture  string   `json:"headimgurl"`
		Rights   []string `json:"privilege"`
		UnionID  string   `json:"unionid,omitempty"`
	}{OpenID: c.openid, Nickname: "微信用户", Rights: []string{}}
	if a := s.apps[token.appid]; a != nil && a.OpenPlatform {
		body.UnionID = s.user(token.appid, c.openid).unionid
	}
	return c.ok(body)
}
