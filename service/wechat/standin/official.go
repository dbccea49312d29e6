package standin

import (
	"cmp"
	"net/http"
	"slices"

	"zhibu/model"
)

// The most that WeChat gives at once.
const (
	followersPerPage = 10_000
	followersPerCall = 100
)

// Follow has a user follow the service account, or leave it, and pushes the event subscribe or unsubscribe when that is new. Users whom AddUser
// or AddPerson made known follow already, without an event: those are who followed before the program came.
func (s *Server) Follow(appid, openid string, follows bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.users[openid]
	u := s.user(appid, openid)
	if known && u.unfollowed == !follows {
		return
	}
	u.unfollowed = !follows
	event := "unsubscribe"
	if follows {
		event, u.since = "subscribe", s.opt.Clock()
	}
	if a := s.apps[appid]; a != nil {
		s.emitFields(a, openid, openid, event, []field{{"EventKey", ""}})
	}
	s.notify()
}

// followAs is Follow for a person of the page, at the first service account.
func (s *Server) followAs(p Person, follows bool) {
	s.mu.Lock()
	a := s.firstApp(Official)
	s.mu.Unlock()
	if a != nil && p.OfficialOpenID != "" {
		s.Follow(a.AppID, p.OfficialOpenID, follows)
	}
}

// SetJobStatus makes the later template messages to a user end with a status such as "failed:user block" or "failed: system failed": WeChat
// takes them, they reach nobody, and the event TEMPLATESENDJOBFINISH says so. "success" or the empty status heals.
func (s *Server) SetJobStatus(openid, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[openid] = status
}

// SetTemplates replaces an account's templates, as when somebody deletes one in WeChat's console or WeChat changes its keys.
// Grants stay with the template's id. It panics for templates that AddApp would refuse, which are a mistake of the test.
func (s *Server) SetTemplates(appid string, list ...Template) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apps[appid]
	if a == nil {
		panic("standin: SetTemplates: no such app")
	}
	next := a.App
	next.Templates = list
	read, err := readApp(next)
	if err != nil {
		panic("standin: SetTemplates: " + err.Error())
	}
	a.Templates, a.templates = list, read.templates
}

// followers are those of an account in the order in which it came to know them. The caller holds the lock.
func (s *Server) followers(appid string) []*user {
	var out []*user
	for _, u := range s.users {
		if u.appid == appid && !u.unfollowed {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *user) int { return cmp.Compare(a.serial, b.serial) })
	return out
}

// userGet is GET /cgi-bin/user/get: a page of openids after next_openid. The last page names its last openid as the next one as well; the page
// after it is empty, without data, and names none.
func userGet(c *call) reply {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.followers(c.app.AppID)
	from := 0
	if next := c.query.Get("next_openid"); next != "" {
		// Somebody who has left meanwhile still marks a place in the list.
		at := s.known(c.app.AppID, next)
		if at == nil {
			return c.fail(40003, "invalid openid")
		}
		from, _ = slices.BinarySearchFunc(all, at.serial+1, func(u *user, serial int64) int { return cmp.Compare(u.serial, serial) })
	}
	page := all[from:min(len(all), from+s.opt.FollowerPage)]
	type data struct {
		OpenID []string `json:"openid"`
	}
	body := struct {
		Total int    `json:"total"`
		Count int    `json:"count"`
		Data  *data  `json:"data,omitempty"`
		Next  string `json:"next_openid"`
	}{Total: len(all), Count: len(page)}
	if len(page) > 0 {
		body.Data, body.Next = &data{}, page[len(page)-1].openid
		for _, u := range page {
			body.Data.OpenID = append(body.Data.OpenID, u.openid)
		}
	}
	return c.ok(body)
}

// userBody is what WeChat tells of a follower; of who has left only the openid. Names and pictures are empty since 2021.
type userBody struct {
	Subscribe int    `json:"subscribe"`
	OpenID    string `json:"openid"`
	Nickname  string `json:"nickname"`
	Sex       int    `json:"sex"`
	Language  string `json:"language"`
	City      string `json:"city"`
	Province  string `json:"province"`
	Country   string `json:"country"`
	HeadImg   string `json:"headimgurl"`
	Since     int64  `json:"subscribe_time"`
	UnionID   string `json:"unionid,omitempty"`
	Remark    string `json:"remark"`
	GroupID   int    `json:"groupid"`
	Tags      []int  `json:"tagid_list"`
	Scene     string `json:"subscribe_scene"`
	QRScene   int    `json:"qr_scene"`
	QRText    string `json:"qr_scene_str"`
}

type leftBody struct {
	Subscribe int    `json:"subscribe"`
	OpenID    string `json:"openid"`
}

// tell is what user/info answers about one user. The caller holds the lock.
func (c *call) tell(u *user) any {
	if u.unfollowed {
		return leftBody{OpenID: u.openid}
	}
	b := userBody{Subscribe: 1, OpenID: u.openid, Language: "zh_CN", Since: u.since.Unix(), Tags: []int{}, Scene: "ADD_SCENE_SEARCH"}
	if c.app.OpenPlatform {
		b.UnionID = u.unionid
	}
	return b
}

// userInfo is GET /cgi-bin/user/info.
func userInfo(c *call) reply {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.openid = c.query.Get("openid")
	u := c.s.known(c.app.AppID, c.openid)
	if u == nil {
		return c.fail(40003, "invalid openid")
	}
	return c.ok(c.tell(u))
}

// userBatch is POST /cgi-bin/user/info/batchget: up to 100 users. One openid that is none spoils the whole call.
func userBatch(c *call) reply {
	var in struct {
		Users []struct {
			OpenID string `json:"openid"`
			Lang   string `json:"lang"`
		} `json:"user_list"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	if len(in.Users) == 0 || len(in.Users) > followersPerCall {
		return c.fail(40032, "invalid openid list size")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	list := []any{}
	for _, one := range in.Users {
		u := c.s.known(c.app.AppID, one.OpenID)
		if u == nil {
			return c.fail(40003, "invalid openid")
		}
		list = append(list, c.tell(u))
	}
	return c.ok(struct {
		Users []any `json:"user_info_list"`
	}{list})
}

// accountTemplates is GET /cgi-bin/template/get_all_private_template. Its success has no errcode.
func accountTemplates(c *call) reply {
	type item struct {
		ID       string `json:"template_id"`
		Title    string `json:"title"`
		Industry string `json:"primary_industry"`
		Deputy   string `json:"deputy_industry"`
		Content  string `json:"content"`
		Example  string `json:"example"`
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	items := []item{}
	for _, t := range c.app.Templates {
		items = append(items, item{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example})
	}
	return c.ok(struct {
		List []item `json:"template_list"`
	}{items})
}

// doFollow is what a user does on the service account's page: follow it, or leave it.
func (s *Server) doFollow(r *http.Request) (any, error) {
	in := struct {
		who
		Follows bool `json:"follows"`
	}{Follows: true}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	openid, appid := in.OpenID, in.AppID
	if openid == "" {
		_, p, err := s.find(who{Phone: in.Phone, Name: in.Name})
		if err != nil {
			return nil, err
		}
		openid = p.OfficialOpenID
	}
	s.mu.Lock()
	a := s.apps[appid]
	if appid == "" {
		a = s.firstApp(Official)
	}
	s.mu.Unlock()
	switch {
	case a == nil || a.Kind != Official:
		return nil, model.NotFound("该公众号（appid）")
	case openid == "":
		return nil, model.BadField("openid", "required", "该用户在公众号没有 openid，请在 openid 中给出。")
	}
	s.Follow(a.AppID, openid, in.Follows)
	return map[string]any{"appid": a.AppID, "openid": openid, "follows": in.Follows}, nil
}

// doBan bans a template, or lifts the ban.
func (s *Server) doBan(r *http.Request) (any, error) {
	in := struct {
		Template string `json:"template_id"`
		Banned   bool   `json:"banned"`
	}{Banned: true}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	_, a := s.template(in.Template)
	s.mu.Unlock()
	if a == nil {
		return nil, model.BadField("template_id", "invalid", "没有这样的模板。")
	}
	s.BanTemplate(in.Template, in.Banned)
	return in, nil
}
