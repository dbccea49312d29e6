package standin

import (
	"fmt"
	"time"

	"zhibu/model"
)

// rate is what WeChat allows an app on one endpoint; 0 is no documented limit.
type rate struct {
	minute     int
	minuteCode int
	daily      int
}

// undocumented is what quota/get tells for an endpoint without a published daily limit.
const undocumented = 10_000_000

// within counts one use of key in the current window and reports whether it is still allowed. Windows are
// calendar ones in China's time; at what hour the real quotas start anew is not published. The caller holds the lock.
func (s *Server) within(key string, limit int, window time.Duration, now time.Time) bool {
	k := bucket(key, window, now)
	s.use(k, now.Add(window), now)
	return limit <= 0 || s.usage[k].n <= limit
}

// tally counts the uses in one window, and may be forgotten after it.
type tally struct {
	n     int
	until time.Time
}

// use adds one to a window; now and then the windows that are over are forgotten. The caller holds the lock.
func (s *Server) use(k string, until, now time.Time) {
	if _, ok := s.usage[k]; !ok && len(s.usage) >= 10_000 {
		for old, t := range s.usage {
			if t.until.Before(now) {
				delete(s.usage, old)
			}
		}
	}
	s.usage[k] = tally{s.usage[k].n + 1, until}
}

func bucket(key string, window time.Duration, now time.Time) string {
	if window >= 24*time.Hour {
		return key + "@" + string(model.DateOf(now))
	}
	return fmt.Sprintf("%s@%d", key, now.Unix()/int64(window/time.Second))
}

// count counts the call against its endpoint's minute and day.
func (c *call) count() (reply, bool) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.countLocked()
}

// countLocked is count for those who hold the lock.
func (c *call) countLocked() (reply, bool) {
	appid, r := c.app.AppID, c.s.routes[c.api].rate
	if r.minute > 0 && !c.s.within("minute:"+appid+c.api, r.minute, time.Minute, c.at) {
		return c.fail(r.minuteCode, knownText(r.minuteCode)), false
	}
	if !c.s.within("day:"+appid+c.api, c.s.daily(appid, c.api, r), 24*time.Hour, c.at) {
		return c.fail(45009, knownText(45009)), false
	}
	return reply{}, true
}

// daily is an app's daily limit on an endpoint; 0 is none. The caller holds the lock.
func (s *Server) daily(appid, api string, r rate) int {
	if n, ok := s.limits[appid+api]; ok {
		return n
	}
	a := s.apps[appid]
	switch {
	case api == "/cgi-bin/message/subscribe/send" && a.Pay:
		return 3 * r.daily
	case api == "/wxa/msg_sec_check" && !a.Published:
		return 100
	}
	return r.daily
}

// SetDailyLimit changes an app's daily limit on an endpoint, so that 45009 can be reached with few calls; 0 is none.
func (s *Server) SetDailyLimit(appid, api string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits[appid+api] = n
}

// quotaGet is POST /cgi-bin/openapi/quota/get.
func quotaGet(c *call) reply {
	var in struct {
		Path string `json:"cgi_path"`
	}
	rt, ok := route{}, false
	if c.decode(&in) {
		rt, ok = c.s.routes[in.Path]
	}
	if !ok {
		return c.fail(76021, "cgi_path not found, please check")
	}
	if rt.entry == miniOnly && c.app.Kind != Mini || rt.entry == officialOnly && c.app.Kind != Official {
		return c.fail(76022, "could not use this cgi_path, no permission")
	}
	type quota struct {
		Limit  int `json:"daily_limit"`
		Used   int `json:"used"`
		Remain int `json:"remain"`
	}
	type perMinute struct {
		Calls   int `json:"call_count"`
		Refresh int `json:"refresh_second"`
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	limit := c.s.daily(c.app.AppID, in.Path, rt.rate)
	if limit == 0 {
		limit = undocumented
	}
	used := min(limit, c.s.usage[bucket("day:"+c.app.AppID+in.Path, 24*time.Hour, c.at)].n)
	body := struct {
		okBody
		Quota quota      `json:"quota"`
		Rate  *perMinute `json:"rate_limit,omitempty"`
	}{okBody: fine(), Quota: quota{limit, used, limit - used}}
	if rt.rate.minute > 0 {
		body.Rate = &perMinute{rt.rate.minute, 60}
	}
	return c.ok(body)
}

// clearQuota is POST /cgi-bin/clear_quota: ten a month, then 48006.
func clearQuota(c *call) reply {
	var in struct {
		AppID string `json:"appid"`
	}
	if !c.decode(&in) || in.AppID != c.app.AppID {
		return c.fail(40013, "invalid appid")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.clear()
}

// clearQuotaBySecret is POST /cgi-bin/clear_quota/v2, which takes the secret in place of a token.
func clearQuotaBySecret(c *call) reply {
	var in struct {
		AppID  string `json:"appid"`
		Secret string `json:"appsecret"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if _, out, ok := c.credentials(in.AppID, in.Secret); !ok {
		return out
	}
	return c.clear()
}

// clear forgets today's counts of the app. Both ways share the month's ten. The caller holds the lock.
func (c *call) clear() reply {
	month := "clear:" + c.app.AppID + "@" + c.at.In(model.Zone).Format("2006-01")
	if c.s.usage[month].n >= 10 {
		return c.fail(48006, "forbid to clear quota because of reaching the limit")
	}
	c.s.use(month, c.at.AddDate(0, 1, 0), c.at)
	for api := range c.s.routes {
		delete(c.s.usage, bucket("day:"+c.app.AppID+api, 24*time.Hour, c.at))
	}
	return c.ok(fine())
}

// ridLife is how long a failed call can be looked up.
const ridLife = 7 * 24 * time.Hour

// ridEntry is what rid/get tells about a failed call.
type ridEntry struct {
	appid string
	call  Call
}

// ridGet is POST /cgi-bin/openapi/rid/get.
func ridGet(c *call) reply {
	var in struct {
		Rid string `json:"rid"`
	}
	if !c.decode(&in) || in.Rid == "" {
		return c.fail(76002, "rid is empty or bad format")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	e, ok := c.s.rids[in.Rid]
	switch {
	case !ok:
		return c.fail(76001, "rid not found")
	case e.appid != "" && e.appid != c.app.AppID:
		return c.fail(76003, "could not get this rid, no permission")
	case c.at.Sub(e.call.At) > ridLife:
		return c.fail(76004, "rid is expired")
	}
	type request struct {
		Invoked int64  `json:"invoke_time"`
		Cost    int64  `json:"cost_in_ms"`
		URL     string `json:"request_url"`
		Body    string `json:"request_body"`
		Answer  string `json:"response_body"`
		IP      string `json:"client_ip"`
	}
	return c.ok(struct {
		okBody
		Request request `json:"request"`
	}{fine(), request{e.call.At.Unix(), e.call.Took.Milliseconds(), redacted(e.call.Query.Encode()), string(e.call.Body), string(e.call.Reply), e.call.IP}})
}

// callbackIP is GET /cgi-bin/getcallbackip: events come from this machine.
func callbackIP(c *call) reply {
	return c.ok(struct {
		IPs []string `json:"ip_list"`
	}{[]string{"127.0.0.1"}})
}
