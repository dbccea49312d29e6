package standin

import (
	"encoding/base64"
	"time"
)

// Person is somebody the page and the control endpoints offer: a WeChat user with a telephone.
type Person struct {
	OpenID string `json:"openid"` // in the first mini-program
	// OfficialOpenID is the openid in the first service account; empty is one who does not follow it.
	OfficialOpenID string `json:"official_openid,omitempty"`
	UnionID        string `json:"unionid,omitempty"` // empty derives one from OpenID
	Name           string `json:"name"`
	Phone          string `json:"phone"`
	Note           string `json:"note,omitempty"` // such as 支部书记
}

// user is what WeChat knows about one openid. An openid belongs to one app.
type user struct {
	appid      string
	openid     string
	unionid    string
	sessionKey string
	visited    time.Time
	blocked    bool
	unfollowed bool
	since      time.Time // of following the service account
	serial     int64     // the order in which the app came to know its users
	muted      bool      // 订阅消息 main switch off
	lastCode   string
	lastPhone  string
}

// AddPerson adds a user to those the page offers.
func (s *Server) AddPerson(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.People = append(s.opt.People, p)
	s.addPerson(p)
}

// addPerson makes the person's openids known as far as their apps exist. The caller holds the lock.
func (s *Server) addPerson(p Person) {
	union := p.UnionID
	if union == "" {
		union = "o6" + digest("union", p.OpenID)[:26]
	}
	if a := s.firstApp(Mini); a != nil && p.OpenID != "" {
		s.user(a.AppID, p.OpenID).unionid = union
	}
	if a := s.firstApp(Official); a != nil && p.OfficialOpenID != "" {
		s.user(a.AppID, p.OfficialOpenID).unionid = union
	}
	known := false
	for i := range s.people {
		if s.people[i].OpenID == p.OpenID && s.people[i].OfficialOpenID == p.OfficialOpenID {
			s.people[i], known = p, true
		}
	}
	if !known {
		s.people = append(s.people, p)
	}
}

// People lists the users the page offers.
func (s *Server) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Person(nil), s.people...)
}

// AddUser makes an openid known to an app without a visit; MintCode does it as well.
func (s *Server) AddUser(appid, openid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(appid, openid)
}

// user finds or makes the user of an openid. The caller holds the lock.
func (s *Server) user(appid, openid string) *user {
	u := s.users[openid]
	if u == nil {
		u = &user{appid: appid, openid: openid, unionid: "o6" + digest("union", openid)[:26], since: s.opt.Clock(), serial: int64(len(s.users) + 1)}
		s.users[openid] = u
	}
	return u
}

// known finds the user of an openid within an app, nil when it is unknown or another app's. The caller holds the lock.
func (s *Server) known(appid, openid string) *user {
	u := s.users[openid]
	if u == nil || u.appid != appid {
		return nil
	}
	return u
}

// Visit notes that the user has the mini-program open now, which the content check asks for.
func (s *Server) Visit(appid, openid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(appid, openid).visited = s.opt.Clock()
}

// Block makes a user high-risk, whose login is refused with 40226, or lifts it.
func (s *Server) Block(appid, openid string, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(appid, openid).blocked = blocked
}

// MainSwitch sets the user's switch for subscribe messages as a whole; off, no dialog appears (20004).
func (s *Server) MainSwitch(appid, openid string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.user(appid, openid).muted = !on
}

// rotateKey gives the user a new session key, whose predecessor is worthless from now on. The caller holds the lock.
func (s *Server) rotateKey(u *user) {
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(s.random.UintN(256))
	}
	u.sessionKey = base64.StdEncoding.EncodeToString(b)
}
