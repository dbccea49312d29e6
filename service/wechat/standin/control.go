package standin

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"zhibu/model"
)

// action is one control endpoint: the answer's body, or an error for the person at the keyboard.
type action func(r *http.Request) (any, error)

// controlRoutes are the endpoints under /standin/, which WeChat does not have: what a user would do with thumbs.
func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	for pattern, act := range map[string]action{
		"GET /standin/apps":           s.doApps,
		"GET /standin/people":         func(*http.Request) (any, error) { return items(s.People()), nil },
		"POST /standin/people":        s.doAddPerson,
		"POST /standin/codes":         s.doCode,
		"POST /standin/phone-codes":   s.doPhoneCode,
		"POST /standin/popup":         s.doPopup,
		"POST /standin/change":        s.doChange,
		"POST /standin/grants":        s.doGrant,
		"POST /standin/follow":        s.doFollow,
		"POST /standin/ban":           s.doBan,
		"POST /standin/tokens/revoke": s.doRevoke,
		"GET /standin/sent":           s.doSent,
		"GET /standin/events":         func(r *http.Request) (any, error) { return items(s.Events(r.FormValue("appid"))), nil },
		"GET /standin/journal":        s.doJournal,
		"GET /standin/faults":         s.doFaults,
		"POST /standin/faults":        s.doSetFaults,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { answer(w, r, act) })
	}
	mux.HandleFunc("GET /standin/{$}", s.page)
	mux.HandleFunc("GET /connect/oauth2/authorize", s.authorize)
	mux.HandleFunc("POST /standin/page", s.pageAct)
	mux.HandleFunc("GET /standin", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/standin/", http.StatusSeeOther) })
	return guarded(mux)
}

// guarded lets in only pages of this machine: a foreign page open in the same browser could otherwise mint codes,
// by a form or through a name that resolves to 127.0.0.1.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		origin := r.Header.Get("Origin")
		if !loopback(host) || origin != "" && !loopbackOrigin(origin) {
			refuse(w, model.Forbidden("微信替身的控制接口只接受本机页面的访问。"))
			return
		}
		if origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Vary", "Origin")
		}
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && loopback(u.Hostname())
}

func answer(w http.ResponseWriter, r *http.Request, act action) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	body, err := act(r)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(encode(body)) // the client may have gone
}

// refuse answers in the problem shape the program's own errors have.
func refuse(w http.ResponseWriter, err error) {
	status, detail := http.StatusInternalServerError, "微信替身出错，请查看日志。"
	code := model.CodeOf(err)
	var e *model.Error
	if errors.As(err, &e) {
		detail = e.Detail
		switch code {
		case model.CodeInvalid:
			status = http.StatusUnprocessableEntity
		case model.CodeNotFound:
			status = http.StatusNotFound
		case model.CodeForbidden:
			status = http.StatusForbidden
		case model.CodeConflict:
			status = http.StatusConflict
		case model.CodeMalformed:
			status = http.StatusBadRequest
		}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail}))
}

func items[T any](list []T) any {
	if list == nil {
		list = []T{}
	}
	return map[string]any{"items": list}
}

func read(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return model.Fail(model.CodeMalformed, "请求体不是有效的 JSON，或含有未知字段。").Because(err)
	}
	return nil
}

// who names a user by openid, telephone or name.
type who struct {
	AppID  string `json:"appid"`
	OpenID string `json:"openid"`
	Phone  string `json:"phone"`
	Name   string `json:"name"`
}

// find resolves who to an app and a person. An openid nobody has is a new user.
func (s *Server) find(in who) (appid string, p Person, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apps[in.AppID]
	if in.AppID == "" {
		a = s.firstApp(Mini)
	}
	if a == nil {
		return "", Person{}, model.NotFound("该小程序（appid）")
	}
	var found []Person
	for _, p := range s.people {
		if in.OpenID != "" && p.OpenID == in.OpenID || in.OpenID == "" && in.Phone != "" && p.Phone == in.Phone ||
			in.OpenID == "" && in.Phone == "" && in.Name != "" && p.Name == in.Name {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 1:
		return a.AppID, found[0], nil
	case len(found) > 1:
		return "", Person{}, model.Conflict("有 " + strconv.Itoa(len(found)) + " 位用户符合，请改用 openid 或手机号指定。")
	case in.OpenID != "":
		return a.AppID, Person{OpenID: in.OpenID, Phone: in.Phone, Name: in.Name}, nil
	case in.Phone == "" && in.Name == "":
		return "", Person{}, model.BadField("openid", "required", "请用 openid、phone 或 name 指定用户。")
	}
	return "", Person{}, model.NotFound("该用户")
}

type codeBody struct {
	AppID   string `json:"appid"`
	OpenID  string `json:"openid"`
	Code    string `json:"code"`
	Expires int    `json:"expires_in"`
}

func (s *Server) doCode(r *http.Request) (any, error) {
	var in who
	if err := read(r, &in); err != nil {
		return nil, err
	}
	appid, p, err := s.find(in)
	if err != nil {
		return nil, err
	}
	return codeBody{appid, p.OpenID, s.MintCode(appid, p.OpenID), int(codeLife / time.Second)}, nil
}

func (s *Server) doPhoneCode(r *http.Request) (any, error) {
	var in who
	if err := read(r, &in); err != nil {
		return nil, err
	}
	appid, p, err := s.find(in)
	if err != nil {
		return nil, err
	}
	if in.Phone != "" {
		p.Phone = in.Phone
	}
	if p.Phone == "" {
		return nil, model.BadField("phone", "required", "该用户没有手机号，请在 phone 中给出。")
	}
	return codeBody{appid, p.OpenID, s.MintPhoneCode(appid, p.OpenID, p.Phone), int(codeLife / time.Second)}, nil
}

func (s *Server) doPopup(r *http.Request) (any, error) {
	var in struct {
		who
		Answers map[string]string `json:"answers"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	_, p, err := s.find(in.who)
	if err != nil {
		return nil, err
	}
	results, err := s.Popup(p.OpenID, in.Answers)
	if err != nil {
		return nil, model.BadField("answers", strconv.Itoa(IsClientError(err)), popupDetail(err)).Because(err)
	}
	return map[string]any{"openid": p.OpenID, "results": results}, nil
}

// popupDetail tells a failed dialog with its errCode, which developers look up.
func popupDetail(err error) string {
	var e *ClientError
	if !errors.As(err, &e) {
		return "订阅弹窗失败。"
	}
	return "订阅弹窗失败（" + strconv.Itoa(e.Code) + "）：" + e.Detail()
}

func (s *Server) doChange(r *http.Request) (any, error) {
	var in struct {
		who
		Templates []string `json:"templates"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	_, p, err := s.find(in.who)
	if err != nil {
		return nil, err
	}
	if err := s.Change(p.OpenID, in.Templates...); err != nil {
		return nil, model.BadField("templates", "invalid", "没有这样的模板。").Because(err)
	}
	return map[string]any{"openid": p.OpenID, "rejected": in.Templates}, nil
}

func (s *Server) doGrant(r *http.Request) (any, error) {
	in := struct {
		who
		Template string `json:"template_id"`
		N        int    `json:"n"`
	}{N: 1}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	_, p, err := s.find(in.who)
	if err != nil {
		return nil, err
	}
	if err := s.Grant(p.OpenID, in.Template, in.N); err != nil {
		return nil, model.BadField("template_id", "invalid", "没有这样的模板。").Because(err)
	}
	return map[string]any{"openid": p.OpenID, "remaining": s.Granted(p.OpenID, in.Template)}, nil
}

func (s *Server) doAddPerson(r *http.Request) (any, error) {
	var p Person
	if err := read(r, &p); err != nil {
		return nil, err
	}
	if p.OpenID == "" {
		return nil, model.BadField("openid", "required", "请填写 openid。")
	}
	s.AddPerson(p)
	return p, nil
}

func (s *Server) doRevoke(r *http.Request) (any, error) {
	var in struct {
		AppID string `json:"appid"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	appid, _, err := s.find(who{AppID: in.AppID, OpenID: "-"})
	if err != nil {
		return nil, err
	}
	s.RevokeTokens(appid)
	return map[string]any{"appid": appid}, nil
}

func (s *Server) doApps(*http.Request) (any, error) {
	type template struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Kind  int    `json:"kind"`
		Keys  []Key  `json:"keys"`
	}
	type row struct {
		AppID     string     `json:"appid"`
		Kind      Kind       `json:"kind"`
		Callback  string     `json:"callback_url"`
		Templates []template `json:"templates"`
	}
	var rows []row
	for _, a := range s.Apps() {
		one := row{AppID: a.AppID, Kind: a.Kind, Callback: a.CallbackURL, Templates: []template{}}
		for _, t := range a.Templates {
			one.Templates = append(one.Templates, template{t.ID, t.Title, t.Kind, t.Keys()})
		}
		rows = append(rows, one)
	}
	return items(rows), nil
}

func (s *Server) doSent(r *http.Request) (any, error) {
	return items(s.Sent(r.FormValue("openid"))), nil
}

// doJournal shows calls with the secrets of their queries hidden. ?api= and ?after= (a seq) narrow, ?limit= keeps the newest.
func (s *Server) doJournal(r *http.Request) (any, error) {
	type row struct {
		Seq     int64          `json:"seq"`
		At      time.Time      `json:"at"`
		Took    int64          `json:"took_ms"`
		API     string         `json:"api"`
		Method  string         `json:"method"`
		Query   string         `json:"query"`
		Body    map[string]any `json:"body,omitempty"`
		AppID   string         `json:"appid"`
		OpenID  string         `json:"openid,omitempty"`
		Status  int            `json:"status"`
		ErrCode int            `json:"errcode"`
		ErrMsg  string         `json:"errmsg,omitempty"`
		Rid     string         `json:"rid"`
		Fault   FaultKind      `json:"fault,omitempty"`
	}
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	limit, err := strconv.Atoi(r.FormValue("limit"))
	if err != nil || limit <= 0 {
		limit = 100
	}
	var rows []row
	for _, c := range s.Journal() {
		if api := r.FormValue("api"); c.Seq <= after || api != "" && api != c.API {
			continue
		}
		body := map[string]any{}
		for k, v := range c.Parsed {
			if k == "secret" || k == "appsecret" {
				v = "***"
			}
			body[k] = v
		}
		rows = append(rows, row{c.Seq, c.At, c.Took.Milliseconds(), c.API, c.Method, redacted(c.Query.Encode()), body,
			c.AppID, c.OpenID, c.Status, c.ErrCode, c.ErrMsg, c.Rid, c.Fault})
	}
	if len(rows) > limit {
		rows = rows[len(rows)-limit:]
	}
	return items(rows), nil
}
