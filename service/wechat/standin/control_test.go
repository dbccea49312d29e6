package standin

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func demoPeople(o *Options) {
	o.People = []Person{
		{OpenID: alice, Name: "李秀英", Phone: "13800138000", Note: "支部书记"},
		{OpenID: bob, Name: "王<b>伟</b>", Phone: "13900139000"},
		{OpenID: "oTwin", Name: "李秀英", Phone: "13700137000"},
		{OfficialOpenID: "pOnly", Name: "只关注公众号", Phone: "13600136000"},
	}
}

func TestControlOverHTTP(t *testing.T) {
	w := openWorld(t, demoPeople)
	code := w.post("/standin/codes", `{"phone":"13800138000"}`)
	if code.text("openid") != alice || code.text("appid") != mini || code.number("expires_in") != 300 {
		t.Fatal(code)
	}
	if b := w.get(login(mini, miniSecret, code.text("code"))); b.text("openid") != alice {
		t.Error(b)
	}
	if b := w.get(login(other, otherSecret, w.post("/standin/codes", `{"appid":"`+other+`","openid":"oNew"}`).text("code"))); b.text("openid") != "oNew" {
		t.Error(b)
	}
	phone := w.post("/standin/phone-codes", `{"openid":"`+bob+`"}`).text("code")
	if b := w.post(w.as(mini, "/wxa/business/getuserphonenumber"), `{"code":"`+phone+`"}`); body(b["phone_info"].(map[string]any)).text("phoneNumber") != "13900139000" {
		t.Error(b)
	}
	pop := w.post("/standin/popup", `{"openid":"oAlice","answers":{"tpl-meeting":"accept"}}`)
	if results, _ := pop["results"].(map[string]any); results[meeting] != Accept || w.Granted(alice, meeting) != 1 {
		t.Error(pop)
	}
	w.send(alice, nil)
	sent, _ := w.get("/standin/sent?openid=oAlice")["items"].([]any)
	if len(sent) != 1 || body(sent[0].(map[string]any)).text("title") != "会议通知" {
		t.Error(sent)
	}
	if b := w.post("/standin/grants", `{"openid":"oAlice","template_id":"tpl-study","n":3}`); b.number("remaining") != 3 {
		t.Error(b)
	}
	w.post("/standin/change", `{"openid":"oAlice","templates":["tpl-study"]}`)
	if w.Granted(alice, study) != 0 {
		t.Error("change")
	}
	if events, _ := w.get("/standin/events?appid=" + mini)["items"].([]any); len(events) != 3 {
		t.Error(events)
	}
	token := w.stable(mini, miniSecret).text("access_token")
	w.post("/standin/tokens/revoke", `{}`)
	if w.alive(token) != 40001 {
		t.Error("revoke")
	}
	w.post("/standin/people", `{"openid":"oNewcomer","name":"新人","phone":"1"}`)
	if people, _ := w.get("/standin/people")["items"].([]any); len(people) != 5 {
		t.Error(people)
	}
	_, raw, _ := w.do("GET", "/standin/apps", "")
	if strings.Contains(string(raw), miniSecret) || !strings.Contains(string(raw), meeting) {
		t.Errorf("%s", raw)
	}
}

func TestControlFaultsAndJournal(t *testing.T) {
	w := openWorld(t, demoPeople)
	w.post("/standin/faults", `{"api":"/cgi-bin/token","faults":[{"kind":"code","code":45009,"times":1}]}`)
	if b := w.get("/standin/faults"); len(body(b["faults"].(map[string]any))) != 1 {
		t.Error(b)
	}
	w.want(w.get(plainPath), 45009, "reach max api daily quota limit")
	w.post("/standin/faults", `{"api":"/cgi-bin/token","faults":[]}`)
	w.get(plainPath)
	w.stable(mini, miniSecret)
	_, raw, err := w.do("GET", "/standin/journal?limit=2", "")
	if err != nil || strings.Contains(string(raw), miniSecret) {
		t.Errorf("the journal hides secrets: %s", raw)
	}
	rows, _ := decodeBody(t, raw)["items"].([]any)
	if len(rows) != 2 || body(rows[1].(map[string]any)).text("api") != "/cgi-bin/stable_token" {
		t.Errorf("%s", raw)
	}
	if rows, _ = w.get("/standin/journal?api=/cgi-bin/token&after=1")["items"].([]any); len(rows) != 1 {
		t.Error(rows)
	}
}

func TestControlRefusals(t *testing.T) {
	w := openWorld(t, demoPeople)
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"nobody named":   {"/standin/codes", `{}`, 422, "openid、phone 或 name"},
		"two of a name":  {"/standin/codes", `{"name":"李秀英"}`, 409, "2 位用户"},
		"unknown phone":  {"/standin/codes", `{"phone":"1"}`, 404, "没有找到该用户"},
		"unknown app":    {"/standin/codes", `{"appid":"x","openid":"oAlice"}`, 404, "小程序"},
		"not JSON":       {"/standin/codes", `{`, 400, "JSON"},
		"unknown field":  {"/standin/codes", `{"open_id":"x"}`, 400, "未知字段"},
		"no phone":       {"/standin/phone-codes", `{"openid":"oNobody"}`, 422, "没有手机号"},
		"unknown templ.": {"/standin/popup", `{"openid":"oAlice","answers":{"x":"accept"}}`, 422, "20001"},
		"unknown api":    {"/standin/faults", `{"api":"/x"}`, 422, "没有这样的微信接口"},
		"unknown fault":  {"/standin/faults", `{"api":"*","faults":[{"kind":"x"}]}`, 422, "故障种类"},
		"no openid":      {"/standin/people", `{"name":"x"}`, 422, "openid"},
	} {
		t.Run(name, func(t *testing.T) {
			res, raw, err := w.do("POST", c.path, c.body)
			if err != nil || res.StatusCode != c.status || !strings.Contains(string(raw), c.says) || res.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%v %d %s", err, res.StatusCode, raw)
			}
		})
	}
}

func TestControlKeepsForeignPagesOut(t *testing.T) {
	w := openWorld(t, demoPeople)
	for name, c := range map[string]struct {
		host, origin string
		status       int
	}{
		"curl":             {"", "", 200},
		"own page":         {"", "self", 200},
		"client in dev":    {"", "http://localhost:10086", 200},
		"foreign page":     {"", "https://evil.example", 403},
		"opaque origin":    {"", "null", 403},
		"rebound name":     {"evil.example", "", 403},
		"loopback lookali": {"", "http://127.0.0.1.evil.example", 403},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(w.ctx, "POST", w.URL()+"/standin/codes", strings.NewReader(`{"openid":"oAlice"}`))
			if err != nil {
				t.Fatal(err)
			}
			if c.host != "" {
				req.Host = c.host
			}
			if c.origin == "self" {
				c.origin = w.URL()
			}
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != c.status || c.status == 200 && res.Header.Get("Access-Control-Allow-Origin") != c.origin {
				t.Error(res.StatusCode, res.Header)
			}
		})
	}
}

func (w *world) html(path string) string {
	w.t.Helper()
	res, raw, err := w.do("GET", path, "")
	if err != nil || res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		w.t.Fatal(res, err)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		w.t.Error(csp)
	}
	return string(raw)
}

func (w *world) press(values url.Values) string {
	w.t.Helper()
	res, err := http.DefaultClient.PostForm(w.URL()+"/standin/page", values)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 200 {
		w.t.Fatal(res.Status)
	}
	return w.html(res.Request.URL.RequestURI())
}

func TestPage(t *testing.T) {
	w := openWorld(t, demoPeople)
	list := w.html("/standin/")
	for _, want := range []string{"李秀英", "支部书记", "取登录码", "王&lt;b&gt;伟&lt;/b&gt;", `name="viewport"`, `lang="zh-CN"`} {
		if !strings.Contains(list, want) {
			t.Errorf("the list misses %s", want)
		}
	}
	for _, not := range []string{"<b>伟", "http://", "https://", "<script", "只关注公众号"} {
		if strings.Contains(list, not) {
			t.Errorf("the list holds %s", not)
		}
	}
	if found := w.html("/standin/?q=139"); strings.Contains(found, "李秀英") || !strings.Contains(found, "13900139000") {
		t.Error("search")
	}
	page := w.press(url.Values{"openid": {alice}, "act": {"code"}})
	w.mu.Lock()
	code := w.users[alice].lastCode
	w.mu.Unlock()
	if !strings.Contains(page, code) || !strings.Contains(page, "5 分钟内有效") || !strings.Contains(page, "还没有收到消息") {
		t.Error(page)
	}
	w.get(login(mini, miniSecret, code))
	if page = w.html("/standin/?openid=" + alice); !strings.Contains(page, "已使用") {
		t.Error("a used code is shown as used")
	}
	w.press(url.Values{"openid": {alice}, "act": {"phone"}})
	page = w.press(url.Values{"openid": {alice}, "act": {Accept}, "template": {meeting}})
	if !strings.Contains(page, "还可接收 1 条") || len(w.Events(mini)) != 1 {
		t.Error("the popup button grants and pushes")
	}
	w.send(alice, map[string]any{"data": map[string]any{"thing1": map[string]any{"value": "<script>大会"}, "time2": map[string]any{"value": "19:30"}}})
	w.hands.move(10 * time.Minute)
	page = w.html("/standin/?openid=" + alice)
	for _, want := range []string{"会议通知", "会议主题", "&lt;script&gt;大会", "19:30", "11月23日 20:00", "pages/meeting?id=1", "还可接收 0 条", "已过期"} {
		if !strings.Contains(page, want) {
			t.Errorf("the person's page misses %s", want)
		}
	}
	if strings.Contains(page, "<script>") {
		t.Error("unescaped")
	}
	w.MainSwitch(mini, alice, false)
	if page = w.press(url.Values{"openid": {alice}, "act": {Accept}, "template": {meeting}}); !strings.Contains(page, "20004") {
		t.Error("a failed popup says why")
	}
	if w.html("/standin/?notice=<script>x") == "" || strings.Contains(w.html("/standin/?notice=<script>x"), "<script>") {
		t.Error("notice is escaped")
	}
}
