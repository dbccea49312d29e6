package standin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// codeLife is how long a login or phone code can be exchanged.
const codeLife = 5 * time.Minute

// loginCode is what wx.login gave to a client.
type loginCode struct {
	appid, openid string
	minted        time.Time
	used          bool
}

// phoneCode is what the phone number button gave to a client; another namespace than login codes.
type phoneCode struct {
	appid, openid, phone string
	minted               time.Time
	used                 bool
}

// MintCode is the user's wx.login: a visit, a new session key and a code good for one exchange within five minutes.
func (s *Server) MintCode(appid, openid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(appid, openid)
	u.visited = s.opt.Clock()
	s.rotateKey(u)
	code := "0" + s.word(31)
	u.lastCode = code
	s.codes[code] = &loginCode{appid: appid, openid: openid, minted: u.visited}
	return code
}

// MintPhoneCode is the user's tap on the phone number button.
func (s *Server) MintPhoneCode(appid, openid, phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.user(appid, openid)
	u.visited = s.opt.Clock()
	code := s.hex(64)
	u.lastPhone = code
	s.phones[code] = &phoneCode{appid: appid, openid: openid, phone: phone, minted: u.visited}
	return code
}

// code2session is GET /sns/jscode2session. Its success has no errcode.
func code2session(c *call) reply {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	a, out, ok := c.credentials(c.query.Get("appid"), c.query.Get("secret"))
	if !ok {
		return out
	}
	if a.Kind != Mini {
		return c.fail(40013, "invalid appid")
	}
	if c.query.Get("grant_type") != "authorization_code" {
		return c.fail(40002, "invalid grant_type")
	}
	code := s.codes[c.query.Get("js_code")]
	if code == nil || code.appid != a.AppID {
		return c.fail(40029, "invalid code,")
	}
	c.openid = code.openid
	u := s.user(a.AppID, code.openid)
	if !s.within("login:"+u.openid, 100, time.Minute, c.at) {
		return c.fail(45011, knownText(45011))
	}
	switch {
	case code.used:
		return c.fail(40163, "code been used,")
	case !c.at.Before(code.minted.Add(codeLife)):
		return c.fail(40029, "invalid code,")
	case u.blocked:
		return c.fail(40226, "code blocked")
	}
	code.used = true
	body := struct {
		SessionKey string `json:"session_key"`
		OpenID     string `json:"openid"`
		UnionID    string `json:"unionid,omitempty"`
	}{SessionKey: u.sessionKey, OpenID: u.openid}
	if a.OpenPlatform {
		body.UnionID = u.unionid
	}
	return c.ok(body)
}

// phoneNumber is POST /wxa/business/getuserphonenumber.
func phoneNumber(c *call) reply {
	var in struct {
		Code   string `json:"code"`
		OpenID string `json:"openid"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	code := s.phones[in.Code]
	invalid := "invalid code hint: [" + s.word(16) + "]"
	if code == nil {
		return c.fail(40029, invalid)
	}
	if code.appid != c.app.AppID {
		return c.fail(40013, "invalid appid")
	}
	c.openid = code.openid
	// What a spent code yields is not known; 40029 is the answer of the published table.
	if code.used || !c.at.Before(code.minted.Add(codeLife)) || in.OpenID != "" && in.OpenID != code.openid {
		return c.fail(40029, invalid)
	}
	code.used = true
	var country any = "86"
	if s.quirks.NumericCountryCode {
		country = 86
	}
	type watermark struct {
		Timestamp int64  `json:"timestamp"`
		AppID     string `json:"appid"`
	}
	type info struct {
		Phone     string    `json:"phoneNumber"`
		Pure      string    `json:"purePhoneNumber"`
		Country   any       `json:"countryCode"`
		Watermark watermark `json:"watermark"`
	}
	return c.ok(struct {
		okBody
		Info info `json:"phone_info"`
	}{fine(), info{code.phone, code.phone, country, watermark{c.at.Unix(), c.app.AppID}}})
}

// signedSession checks the query that checksession and resetusersessionkey share. The caller holds the lock.
func (c *call) signedSession() (*user, reply, bool) {
	openid := c.query.Get("openid")
	c.openid = openid
	u := c.s.known(c.app.AppID, openid)
	switch {
	case u == nil:
		return nil, c.fail(40003, "invalid openid"), false
	case c.query.Get("sig_method") != "hmac_sha256":
		return nil, c.fail(87008, "invalid sig_method"), false
	case u.sessionKey == "":
		return nil, c.fail(87007, "session_key is not existed or expired"), false
	}
	// The key is the base64 text as it was received, not its bytes; the message is empty.
	mac := hmac.New(sha256.New, []byte(u.sessionKey))
	if c.query.Get("signature") != hex.EncodeToString(mac.Sum(nil)) {
		return nil, c.fail(87009, "invalid signature"), false
	}
	return u, reply{}, true
}

// checkSession is GET /wxa/checksession.
func checkSession(c *call) reply {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if _, out, ok := c.signedSession(); !ok {
		return out
	}
	return c.ok(fine())
}

// resetSession is GET /wxa/resetusersessionkey.
func resetSession(c *call) reply {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	u, out, ok := c.signedSession()
	if !ok {
		return out
	}
	c.s.rotateKey(u)
	return c.ok(struct {
		okBody
		OpenID     string `json:"openid"`
		SessionKey string `json:"session_key"`
	}{fine(), u.openid, u.sessionKey})
}
