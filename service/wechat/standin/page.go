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

//go:embed page.html
var pageHTML string

// pageRows is how many people one look shows; the rest are found by name or telephone.
const pageRows = 40

// personRow is one person in the list.
type personRow struct {
	Person
	Messages int
}

// codeView is a code with what has become of it.
type codeView struct{ Code, State string }

// templateView is one template with what the user has granted.
type templateView struct {
	ID, Title string
	LongTerm  bool
	Left      int
}

// messageView is one card.
type messageView struct {
	SentMessage
	When     string
	Official bool
}

// pageView is what the page shows.
type pageView struct {
	Query     string
	Total     int
	Rows      []personRow
	Selected  *Person
	Login     codeView
	Phone     codeView
	Templates []templateView
	Official  bool // there is a service account at which the person has an openid
	Follows   bool
	Messages  []messageView
	Notice    string
}

// page is the human page: the demonstration's users, their codes, their grants and what arrived on their WeChat.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		refuse(w, err)
		return
	}
	var out strings.Builder
	if err := t.Execute(&out, s.view(r.URL.Query())); err != nil {
		s.log.Error("stand-in page", "error", err)
		refuse(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(out.String())) // the browser may have gone
}

func (s *Server) view(q url.Values) pageView {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := pageView{Query: strings.TrimSpace(q.Get("q")), Notice: q.Get("notice")}
	for _, p := range s.people {
		if p.OpenID == "" {
			continue // follows the service account only, and has nothing to log in to
		}
		if p.OpenID == q.Get("openid") {
			v.Selected = &p
		}
		if v.Query != "" && !strings.Contains(p.Name+" "+p.Phone+" "+p.Note+" "+p.OpenID, v.Query) {
			continue
		}
		v.Total++
		if len(v.Rows) < pageRows {
			v.Rows = append(v.Rows, personRow{Person: p, Messages: len(s.sent[p.OpenID]) + len(s.sent[p.OfficialOpenID])})
		}
	}
	if v.Selected != nil {
		s.viewPerson(&v)
	}
	return v
}

// viewPerson adds the codes, grants and messages of the selected person. The caller holds the lock.
func (s *Server) viewPerson(v *pageView) {
	p := *v.Selected
	now := s.opt.Clock()
	if u := s.users[p.OpenID]; u != nil {
		if c := s.codes[u.lastCode]; c != nil {
			v.Login = codeView{u.lastCode, codeState(c.used, c.minted, now)}
		}
		if c := s.phones[u.lastPhone]; c != nil {
			v.Phone = codeView{u.lastPhone, codeState(c.used, c.minted, now)}
		}
	}
	if a := s.firstApp(Mini); a != nil {
		for _, t := range a.Templates {
			g := s.ledger[grantKey{p.OpenID, t.ID}]
			row := templateView{ID: t.ID, Title: t.Title, LongTerm: t.Kind == LongTerm}
			if g.allows() {
				row.Left = max(g.left, 1)
			}
			v.Templates = append(v.Templates, row)
		}
	}
	if u := s.users[p.OfficialOpenID]; u != nil {
		v.Official, v.Follows = true, !u.unfollowed
	}
	for _, openid := range []string{p.OpenID, p.OfficialOpenID} {
		for _, m := range s.sent[openid] {
			v.Messages = append(v.Messages, messageView{m, m.At.In(model.Zone).Format("1月2日 15:04"), openid != p.OpenID})
		}
	}
	newestFirst(v.Messages)
	if len(v.Messages) > 30 {
		v.Messages = v.Messages[:30]
	}
}

func newestFirst(list []messageView) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].MsgID > list[j-1].MsgID; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

func codeState(used bool, minted, now time.Time) string {
	switch {
	case used:
		return "已使用，请重新获取"
	case !now.Before(minted.Add(codeLife)):
		return "已过期，请重新获取"
	}
	return "5 分钟内有效，只能用一次"
}

// pageAct is what the page's buttons do; it answers with the page again.
func (s *Server) pageAct(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	appid, p, err := s.find(who{OpenID: r.PostFormValue("openid")})
	if err != nil {
		refuse(w, err)
		return
	}
	back := url.Values{"openid": {p.OpenID}}
	switch act, tpl := r.PostFormValue("act"), r.PostFormValue("template"); act {
	case "code":
		s.MintCode(appid, p.OpenID)
	case "phone":
		s.MintPhoneCode(appid, p.OpenID, p.Phone)
	case "follow", "unfollow":
		s.followAs(p, act == "follow")
	case Accept, Reject:
		if _, err := s.Popup(p.OpenID, map[string]string{tpl: act}); err != nil {
			back.Set("notice", popupDetail(err))
		}
	}
	http.Redirect(w, r, "/standin/?"+back.Encode(), http.StatusSeeOther)
}
