package standin

import (
	"errors"
	"fmt"
	"sort"
)

// grantKey is one user's standing with one template.
type grantKey struct{ openid, template string }

// grant is what WeChat keeps and never tells: how many messages may still be sent.
type grant struct {
	left     int  // one-time: accepts not yet spent
	forever  bool // long-term: accepted
	rejected bool
}

func (g *grant) allows() bool { return g != nil && !g.rejected && (g.forever || g.left > 0) }

// The answers of the subscribe dialog.
const (
	Accept = "accept"
	Reject = "reject"
	Banned = "ban"
	Filter = "filter"
)

// ClientError is the errCode wx.requestSubscribeMessage fails with.
type ClientError struct {
	Code int
	Msg  string
}

func (e *ClientError) Error() string {
	return fmt.Sprintf("requestSubscribeMessage:fail %s (%d)", e.Msg, e.Code)
}

// Detail says in Chinese why the dialog failed, for the page and the control endpoints.
func (e *ClientError) Detail() string {
	switch e.Code {
	case 20001:
		return "没有这样的模板。"
	case 20002:
		return "一次性订阅与长期订阅不能同时请求。"
	case 20003:
		return "一次最多请求 5 个模板。"
	case 20004:
		return "该用户关闭了订阅消息总开关。"
	}
	return "回答只能是 accept 或 reject。"
}

// IsClientError reports the errCode of a failed dialog, 0 when err is none.
func IsClientError(err error) int {
	var e *ClientError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// Grant books n accepted messages (or a long-term acceptance) without dialog or event, as a silent "always keep" call may.
func (s *Server) Grant(openid, template string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, a := s.template(template)
	if a == nil {
		return &ClientError{20001, "No template data return, verify the template id exist"}
	}
	s.user(a.AppID, openid)
	s.accept(openid, t, n)
	return nil
}

// accept books n accepts. The caller holds the lock.
func (s *Server) accept(openid string, t Template, n int) {
	g := s.grantOf(openid, t.ID)
	g.rejected = false
	if t.Kind == LongTerm {
		g.forever = true
		return
	}
	g.left += n
}

// refuse ends what was granted: 43101 from now on until the next accept. The caller holds the lock.
func (s *Server) refuse(openid, template string) {
	*s.grantOf(openid, template) = grant{rejected: true}
}

func (s *Server) grantOf(openid, template string) *grant {
	k := grantKey{openid, template}
	if s.ledger[k] == nil {
		s.ledger[k] = &grant{}
	}
	return s.ledger[k]
}

// Granted tells how many one-time messages are left, or -1 for a long-term acceptance. Real WeChat has no such call.
func (s *Server) Granted(openid, template string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.ledger[grantKey{openid, template}]
	switch {
	case !g.allows():
		return 0
	case g.forever:
		return -1
	}
	return g.left
}

// template finds a template by id in any app. The caller holds the lock.
func (s *Server) template(id string) (Template, *app) {
	for _, appid := range s.order {
		if t, ok := s.apps[appid].templates[id]; ok {
			return t, s.apps[appid]
		}
	}
	return Template{}, nil
}

// BanTemplate bans a template, which then fails with 43107 and shows as "ban" in the dialog, or lifts the ban.
func (s *Server) BanTemplate(template string, banned bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.banned[template] = banned
}

// Popup is one wx.requestSubscribeMessage and the user's answers, accept or reject by template. It changes the
// ledger, pushes subscribe_msg_popup_event, and returns what the client would get: accept, reject, ban or filter
// (of two templates with one title the second is filtered).
func (s *Server) Popup(openid string, answers map[string]string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids, owner, err := s.dialog(openid, answers)
	if err != nil {
		return nil, err
	}
	results, titles := map[string]string{}, map[string]bool{}
	var list [][]field
	for _, id := range ids {
		t := owner.templates[id]
		switch {
		case s.banned[id]:
			results[id] = Banned
			continue
		case titles[t.Title]:
			results[id] = Filter
			continue
		case answers[id] == Accept:
			s.accept(openid, t, 1)
		default:
			s.refuse(openid, id)
		}
		titles[t.Title] = true
		results[id] = answers[id]
		list = append(list, []field{{"TemplateId", id}, {"SubscribeStatusString", answers[id]}, {"PopupScene", "0"}})
	}
	if len(list) > 0 {
		s.emit(owner, openid, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", list)
	}
	s.notify()
	return results, nil
}

// dialog checks a dialog as the client does and gives its templates in order. The caller holds the lock.
func (s *Server) dialog(openid string, answers map[string]string) ([]string, *app, error) {
	var ids []string
	var owner *app
	kinds := map[int]bool{}
	for id, answer := range answers {
		if answer != Accept && answer != Reject {
			return nil, nil, &ClientError{10001, "invalid answer " + answer}
		}
		t, a := s.template(id)
		if a == nil || owner != nil && a != owner {
			return nil, nil, &ClientError{20001, "No template data return, verify the template id exist"}
		}
		owner = a
		kinds[t.Kind] = true
		ids = append(ids, id)
	}
	sort.Strings(ids)
	switch {
	case len(ids) == 0:
		return nil, nil, &ClientError{20001, "No template data return, verify the template id exist"}
	case len(ids) > 5:
		return nil, nil, &ClientError{20003, "Templates count out of max bounds"}
	case len(kinds) > 1:
		return nil, nil, &ClientError{20002, "Templates type must be same"}
	case s.user(owner.AppID, openid).muted:
		return nil, nil, &ClientError{20004, "The main switch is switched off"}
	}
	return ids, owner, nil
}

// Change is the user refusing templates in the mini-program's settings: subscribe_msg_change_event, which tells refusals only.
func (s *Server) Change(openid string, templates ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list [][]field
	var owner *app
	for _, id := range templates {
		_, a := s.template(id)
		if a == nil || owner != nil && a != owner {
			return &ClientError{20001, "No template data return, verify the template id exist"}
		}
		owner = a
		s.refuse(openid, id)
		list = append(list, []field{{"TemplateId", id}, {"SubscribeStatusString", Reject}})
	}
	if owner != nil {
		s.emit(owner, openid, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", list)
	}
	s.notify()
	return nil
}
