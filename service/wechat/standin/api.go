package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// entry says which accounts' tokens open an endpoint.
type entry int

const (
	open         entry = iota // no token: login and the token endpoints
	anyApp                    // a token of either kind
	miniOnly                  // a mini-program's token, else 48001
	officialOnly              // a service account's token, else 48001
)

// route is one endpoint of WeChat.
type route struct {
	method string
	entry  entry
	rate   rate
	handle func(c *call) reply
	form   bool // its body is a form with a file, not JSON
}

// call is one request on its way through the simulator.
type call struct {
	s       *Server
	r       *http.Request
	api     string
	query   url.Values
	body    []byte
	at      time.Time
	rid     string
	app     *app
	openid  string
	latency time.Duration
	paused  bool
}

// reply is what WeChat would answer, before faults spoil it.
type reply struct {
	status int
	ctype  string
	body   []byte
	code   int
	msg    string
}

const (
	jsonType = "application/json; encoding=utf-8"
	textType = "text/plain"
	maxBody  = 1 << 20
)

// okBody starts the answer of most endpoints; login, token and QR code answer without it.
type okBody struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

func fine() okBody { return okBody{ErrMsg: "ok"} }

// table lists every endpoint, so that one look shows what is simulated.
func (s *Server) table() map[string]route {
	return map[string]route{
		"/sns/jscode2session":                        {method: "GET", entry: open, handle: code2session},
		"/sns/oauth2/access_token":                   {method: "GET", entry: open, handle: webAccess},
		"/sns/userinfo":                              {method: "GET", entry: open, handle: webUserInfo},
		"/cgi-bin/token":                             {method: "GET", entry: open, rate: rate{daily: 2000}, handle: plainToken},
		"/cgi-bin/stable_token":                      {method: "POST", entry: open, rate: rate{minute: 10_000, minuteCode: 45011, daily: 500_000}, handle: stableToken},
		"/cgi-bin/message/subscribe/send":            {method: "POST", entry: miniOnly, rate: rate{daily: 10_000_000}, handle: subscribeSend},
		"/cgi-bin/message/subscribe/bizsend":         {method: "POST", entry: officialOnly, handle: bizSend},
		"/cgi-bin/message/template/send":             {method: "POST", entry: officialOnly, rate: rate{daily: 100_000}, handle: templateSend},
		"/wxa/msg_sec_check":                         {method: "POST", entry: miniOnly, rate: rate{minute: 4000, minuteCode: 44991, daily: 2_000_000}, handle: textCheck},
		"/wxa/media_check_async":                     {method: "POST", entry: miniOnly, rate: rate{minute: 2000, minuteCode: 44991, daily: 200_000}, handle: mediaCheck},
		"/wxa/business/getuserphonenumber":           {method: "POST", entry: miniOnly, handle: phoneNumber},
		"/wxa/getwxacodeunlimit":                     {method: "POST", entry: miniOnly, rate: rate{minute: 5000, minuteCode: 45009}, handle: qrCode},
		"/wxa/checksession":                          {method: "GET", entry: miniOnly, handle: checkSession},
		"/wxa/resetusersessionkey":                   {method: "GET", entry: miniOnly, handle: resetSession},
		"/wxaapi/newtmpl/gettemplate":                {method: "GET", entry: anyApp, handle: listTemplates},
		"/cgi-bin/user/get":                          {method: "GET", entry: officialOnly, rate: rate{daily: 500}, handle: userGet},
		"/cgi-bin/user/info":                         {method: "GET", entry: officialOnly, rate: rate{daily: 5_000_000}, handle: userInfo},
		"/cgi-bin/user/info/batchget":                {method: "POST", entry: officialOnly, rate: rate{daily: 500_000}, handle: userBatch},
		"/cgi-bin/template/get_all_private_template": {method: "GET", entry: officialOnly, handle: accountTemplates},
		"/cgi-bin/openapi/rid/get":                   {method: "POST", entry: anyApp, handle: ridGet},
		"/cgi-bin/openapi/quota/get":                 {method: "POST", entry: anyApp, handle: quotaGet},
		"/cgi-bin/clear_quota":                       {method: "POST", entry: anyApp, handle: clearQuota},
		"/cgi-bin/clear_quota/v2":                    {method: "POST", entry: open, handle: clearQuotaBySecret},
		"/cgi-bin/getcallbackip":                     {method: "GET", entry: anyApp, handle: callbackIP},
	}
}

// serveAPI takes one WeChat call through faults, checks, the endpoint and the journal.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.bodyLimit(r.URL.Path)))
	c := &call{s: s, r: r, api: r.URL.Path, query: r.URL.Query(), body: body, at: s.opt.Clock()}
	s.mu.Lock()
	c.rid = fmt.Sprintf("%08x-%s-%s", c.at.Unix(), s.hex(8), s.hex(8))
	c.latency = s.drawLatency()
	fired := s.drawFaults(c.api)
	s.mu.Unlock()

	var out reply
	f := chosen(fired)
	for _, one := range fired {
		c.latency += one.Latency
	}
	switch {
	case err != nil:
		out = c.fail(47001, "data format error")
	case f.before():
		c.pause()
		out = f.reply(c)
	default:
		out = c.serve()
		c.pause()
		if f.Kind == FaultBusyAfter {
			out = c.fail(-1, "system error")
		}
	}
	s.record(c, out, f)
	s.write(w, c, out, f)
}

// serve does WeChat's own checks in the order method, body, token, and then asks the endpoint.
func (c *call) serve() reply {
	rt, ok := c.s.routes[c.api]
	if !ok {
		return c.fail(40066, "invalid url")
	}
	switch {
	case rt.method == "POST" && c.r.Method != "POST":
		return c.fail(43002, "require POST method")
	case rt.method == "GET" && c.r.Method != "GET":
		return c.fail(43001, "require GET method")
	case rt.method == "POST" && len(bytes.TrimSpace(c.body)) == 0:
		return c.fail(44002, "empty post data")
	case rt.method == "POST" && !rt.form && !isObject(c.body):
		return c.fail(47001, "data format error")
	}
	if rt.entry != open {
		if out, ok := c.authorise(rt.entry); !ok {
			return out
		}
		if out, ok := c.count(); !ok {
			return out
		}
	}
	return rt.handle(c)
}

func isObject(b []byte) bool {
	var m map[string]json.RawMessage
	return json.Unmarshal(b, &m) == nil && m != nil
}

// decode reads the body into v, a pointer to a struct; wrong types are 47001, as on WeChat.
func (c *call) decode(v any) bool { return exact(c.body, v) == nil }

// exact is json.Unmarshal with names taken as written: WeChat does not see touser in "toUser", and Go would.
func exact(b []byte, v any) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	kept := map[string]json.RawMessage{}
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("json")
		if raw, ok := all[name]; ok {
			kept[name] = raw
		}
	}
	again, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return json.Unmarshal(again, v)
}

// fail makes an error answer: HTTP 200, and a text that ends with the rid.
func (c *call) fail(code int, msg string) reply {
	msg += " rid: " + c.rid
	return c.failText(code, msg)
}

// failf is fail with formatting.
func (c *call) failf(code int, format string, args ...any) reply {
	return c.fail(code, fmt.Sprintf(format, args...))
}

func (c *call) failText(code int, msg string) reply {
	return reply{status: 200, ctype: c.ctype(), body: encode(okBody{ErrCode: code, ErrMsg: msg}), code: code, msg: msg}
}

// ok answers with v as it stands; v embeds okBody where the endpoint sends errcode 0.
func (c *call) ok(v any) reply {
	return reply{status: 200, ctype: c.ctype(), body: encode(v), msg: "ok"}
}

// ctype is text/plain for login, which clients must not depend on, and JSON elsewhere.
func (c *call) ctype() string {
	if c.api == "/sns/jscode2session" {
		return textType
	}
	return jsonType
}

// encode writes JSON as WeChat does, with < and & left as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{"errcode":-1,"errmsg":"system error"}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// pause spends the call's latency and waits at the endpoint's gate, once. A send calls it while it occupies
// the user, so that two sends can overlap. Processing goes on when the client has gone away, as on WeChat.
func (c *call) pause() {
	if c.paused {
		return
	}
	c.paused = true
	c.s.sleep(c.r.Context(), c.latency)
	c.s.waitGate(c)
}

// callerIP is the address WeChat would see.
func (c *call) callerIP() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}

// write sends the answer, spoilt by the fault if it is of a kind that spoils.
func (s *Server) write(w http.ResponseWriter, c *call, out reply, f Fault) {
	switch f.Kind {
	case FaultResetBefore, FaultResetAfter:
		reset(w)
		return
	case FaultHangAfter:
		select {
		case <-c.r.Context().Done():
		case <-s.ctx.Done():
		}
		reset(w)
		return
	case FaultTruncate:
		out.body = out.body[:len(out.body)/2]
	}
	w.Header().Set("Content-Type", out.ctype)
	if c.r.Method == "HEAD" || strings.TrimSpace(out.ctype) == "" {
		w.Header().Set("Content-Type", jsonType)
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // the client may have gone; there is nobody to tell
}

// reset closes the connection with RST, as a broken gateway does.
func reset(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
