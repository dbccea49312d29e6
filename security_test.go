package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSecurityHeaders holds that whatever the program answers, a page, a file, data or a refusal, carries what keeps a browser from being led astray,
// sets no cookie, does not say what it is made of, and lets no other site read it.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", nil)
	r := p.found().readership()
	id := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "公开的动态", "body_markdown": "正文。", "visibility": "public"})
	photo := p.upload("/uploads", r.member.token, "合影.png", picture(t))
	seen := 0
	for _, path := range []string{
		"/api/v1/feed", "/api/v1/me", "/api/v1/articles/" + id, "/api/v1/none", "/api/v1/articles/%00", "/api/v1/consent", "/healthz", "/readyz", "/openapi.json", "/docs", "/docs/page.js", "/docs/page.css",
		"/", "/c/news", "/a/" + id, "/feed.xml", "/sitemap.xml", "/robots.txt", "/search?q=a", "/privacy", "/none", "/console/", "/console", "/console/none", "/console/assets/none.js", "/console/index.html",
		"/files/none/none.png", strings.TrimPrefix(photo.text("url"), p.base), "/wechat/callback/miniprogram", "/wechat/callback/official", "/metrics", "/debug/pprof/",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE"} {
			for _, token := range []string{"", r.member.token, "made-up"} {
				req, err := http.NewRequestWithContext(t.Context(), method, p.base+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Origin", "https://evil.example")
				req.Header.Set("Access-Control-Request-Method", "GET")
				req.Header.Set("Access-Control-Request-Headers", "authorization")
				if token != "" {
					req.Header.Set("Authorization", "Bearer "+token)
				}
				res, err := http.DefaultTransport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(res.Body)
				_ = res.Body.Close()
				seen++
				if fault := headFault(res.Header); fault != "" {
					t.Errorf("%s %s: %d with %s", method, path, res.StatusCode, fault)
				}
				switch {
				case method == "OPTIONS" && res.StatusCode < 400:
					t.Errorf("OPTIONS %s: %d, though nothing may be asked from elsewhere", path, res.StatusCode)
				case res.StatusCode >= 500 && path != "/wechat/callback/official" || strings.HasPrefix(path, "/metrics") && res.StatusCode < 400, strings.HasPrefix(path, "/debug") && res.StatusCode < 400:
					t.Errorf("%s %s: %d", method, path, res.StatusCode)
				case method == "TRACE" && strings.Contains(string(body), "evil.example"):
					t.Errorf("TRACE %s gives back what it was sent", path)
				}
			}
		}
	}
	t.Logf("%d answers", seen)
}

// headFault says what is missing in the head of an answer, or should not be there.
func headFault(h http.Header) string {
	policy := h.Get("Content-Security-Policy")
	i := strings.Index(policy, "script-src")
	if i < 0 {
		i = strings.Index(policy, "default-src")
	}
	if i < 0 {
		return "no policy for scripts: " + policy
	}
	scripts, _, _ := strings.Cut(policy[i:], ";")
	switch {
	case h.Get("X-Content-Type-Options") != "nosniff":
		return "a type that may be guessed"
	case strings.ContainsAny(scripts, "*") || strings.Contains(scripts, "unsafe") || strings.Contains(scripts, "http"):
		return "a policy that lets scripts in: " + scripts
	case !strings.Contains(policy, "frame-ancestors 'none'"):
		return "frames of other sites let in: " + policy
	case h.Get("Referrer-Policy") != "no-referrer" && h.Get("Referrer-Policy") != "strict-origin-when-cross-origin" && h.Get("Referrer-Policy") != "same-origin":
		return "no policy for where readers came from"
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Set-Cookie", "Server", "X-Powered-By"} {
		if h.Get(name) != "" {
			return name + ": " + h.Get(name)
		}
	}
	return ""
}

// TestSecurityAdminListener holds that what is for the operator is on the admin listener, and only there.
func TestSecurityAdminListener(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	var admin []string
	p.eventually("the log says where it is", 10*time.Second, func() bool {
		admin = regexp.MustCompile(`"admin":"([0-9.:]+)"`).FindStringSubmatch(p.log.String())
		return admin != nil
	})
	for path, holds := range map[string]string{"/metrics": "zhibu_requests_total", "/debug/pprof/": "goroutine", "/debug/pprof/heap?debug=1": "heap profile", "/debug/pprof/trace?seconds=0.01": ""} {
		for base, want := range map[string]int{"http://" + admin[1]: 200, p.base: 404} {
			res, err := http.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != want || want == 200 && !strings.Contains(string(body), holds) {
				t.Errorf("%s%s: %d", base, path, res.StatusCode)
			}
		}
	}
	for _, path := range []string{"/api/v1/feed", "/", "/console/", "/healthz"} {
		if res, err := http.Get("http://" + admin[1] + path); err != nil || res.StatusCode != 404 {
			t.Errorf("the admin listener answers %s: %v", path, err)
		} else {
			_ = res.Body.Close()
		}
	}
}

// raw sends bytes as they are over a connection of its own and returns what comes back until the server closes, or for a moment.
func (p *program) raw(request string) string {
	p.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		p.t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		p.t.Fatal(err)
	}
	said, _ := io.ReadAll(c) // what was said until it closed
	return string(said)
}

// TestSecuritySmuggling sends requests that two servers in a row could read differently: one that ends where the other sees another begin. Each is
// refused, or is one request and no more, and the connection is closed.
func TestSecuritySmuggling(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	const host, hidden = "Host: zhibu\r\n", "GET /api/v1/consent HTTP/1.1\r\nHost: zhibu\r\n\r\n"
	for name, request := range map[string]string{
		"two lengths":               "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + hidden,
		"a length with a sign":      "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Content-Length: +2\r\n\r\n{}" + hidden,
		"a length of two numbers":   "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Content-Length: 2, 60\r\n\r\n{}" + hidden,
		"an unknown encoding":       "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden,
		"two encodings":             "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		"a space before the colon":  "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Content-Length : 2\r\n\r\n{}" + hidden,
		"a piece of unknown length": "POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + hidden,
		"a name with a line's end":  "GET /api/v1/feed HTTP/1.1\r\n" + host + "X-A\rB: 1\r\n\r\n" + hidden,
		"no host":                   "GET /api/v1/feed HTTP/1.1\r\n\r\n" + hidden,
		"two hosts":                 "GET /api/v1/feed HTTP/1.1\r\n" + host + "Host: other\r\n\r\n" + hidden,
		"a head without end":        "GET /api/v1/feed HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 200<<10) + "\r\n\r\n" + hidden,
		"no HTTP":                   "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" + hidden,
	} {
		got := p.raw(request)
		status, _, _ := strings.Cut(strings.TrimPrefix(got, "HTTP/1.1 "), " ")
		if n := strings.Count(got, "HTTP/1.1 "); n > 1 || status < "400" || strings.Contains(got, "body_html") {
			t.Errorf("%s: %d answers: %.300q", name, n, got)
		}
	}
	// A length beside an encoding: the encoding holds, as the rule is, and nothing of the body is taken for another request.
	got := p.raw("POST /api/v1/auth/wechat HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden))
	if strings.Count(got, "HTTP/1.1 ") != 1 || strings.Contains(got, "body_html") {
		t.Errorf("a length beside an encoding: %.300q", got)
	}
}

// TestSecurityHotHeads sends hostile heads to the pages that are answered with lines put together by hand: nothing of them comes back as a line.
func TestSecurityHotHeads(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", nil)
	r := p.found().readership()
	p.feedIDs(r.member.token)
	for _, lines := range []string{
		"X-Request-Id: good-id-1", "X-Request-Id: a%0d%0aEvil: 1", "X-Request-Id: a\r\n Evil: 1", "X-Request-Id: a\r\n\tEvil: 1", "X-Request-Id: a\x0bEvil: 1", "X-Request-Id: " + strings.Repeat("a", 65),
		"X-Request-Id: a\r\nX-Request-Id: b", "X-Request-Id: \"a\", Evil", "X-Request-Id: \u515a\u5efa", "X-Request-Id:", "If-None-Match: \"x\r\n Evil: 1\"", "If-None-Match: *, \"a\"", "If-None-Match: W/\"\x7f\"",
		"Accept-Encoding: gzip;q=1, Evil: 1", "Accept-Encoding: gzip\r\n Evil: 1", "Range: bytes=0-1", "Connection: close, Evil", "Expect: 100-continue",
	} {
		for range 2 { // the second time it is at hand for sure
			said := p.raw("GET /api/v1/feed HTTP/1.1\r\nHost: zhibu\r\nAuthorization: Bearer " + r.member.token + "\r\n" + lines + "\r\nConnection: close\r\n\r\n")
			res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(said)), nil)
			if err != nil {
				t.Errorf("%q: %v: %.200q", lines, err, said)
				continue
			}
			head, _, _ := strings.Cut(said, "\r\n\r\n")
			if strings.Contains(head, "Evil") || strings.Count(head, "X-Request-Id") > 1 {
				t.Errorf("%q comes back in the head: %q", lines, head)
			}
			if id := res.Header.Get("X-Request-Id"); res.StatusCode != 400 && !regexp.MustCompile(`^[0-9A-Za-z_.-]{1,64}$`).MatchString(id) {
				t.Errorf("%q: the id is %q", lines, id)
			}
			if res.StatusCode == 200 {
				if fault := headFault(res.Header); fault != "" {
					t.Errorf("%q: %s", lines, fault)
				}
			}
		}
	}
}

// TestSecurityGuessing tries a thousand passwords and codes from one address at once: a few are looked at, the rest are sent away with the time after
// which to come again, and others hardly notice.
func TestSecurityGuessing(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", nil)
	office := p.admin()
	for _, c := range []struct {
		path string
		body func(i int) object
		most int32
	}{
		{"/auth/password", func(i int) object {
			return object{"username": fmt.Sprintf("name-%d", i), "password": "a wrong password"}
		}, 31},
		{"/auth/wechat", func(i int) object { return object{"code": fmt.Sprintf("made-up-%d", i)} }, 310},
	} {
		var looked, refused atomic.Int32
		var work sync.WaitGroup
		began := time.Now()
		for w := range 40 {
			work.Go(func() {
				for i := range 25 {
					got := p.call("POST", c.path, "", c.body(w*25+i), "X-Forwarded-For", "203.0.113.7")
					switch {
					case got.status == 401:
						looked.Add(1)
					case got.status == 429 && got.header.Get("Retry-After") != "" && got.text("code") == "rate_limited":
						refused.Add(1)
					default:
						t.Errorf("%s: %s", c.path, got.describe())
					}
				}
			})
		}
		asked := time.Now()
		p.must(200, "GET", "/me", office, nil, "X-Forwarded-For", "203.0.113.8")
		if took := time.Since(asked); took > 3*time.Second {
			t.Errorf("meanwhile somebody else waits %s", took)
		}
		work.Wait()
		if may := c.most + int32(time.Since(began).Seconds()*float64(c.most)/60); looked.Load() > may || looked.Load() == 0 || refused.Load() < 500 {
			t.Errorf("%s: %d of 1000 were looked at, %d sent away", c.path, looked.Load(), refused.Load())
		}
	}
}

// TestSecurityPasswords holds what a password costs who has the database, and what a session leaves there.
func TestSecurityPasswords(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", nil)
	p.command("a long enough password\n", "admin", "create", "--username", "office")
	session := p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"})
	db := rawDatabase(p)
	var hash string
	if err := db.QueryRowContext(context.Background(), "SELECT password_hash FROM credentials WHERE username = 'office'").Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=65536,t=3,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
		t.Errorf("kept as %q", hash)
	}
	whole := string(readFile(t, p.env["DATA_DIR"]+"/zhibu.db")) + string(readFile(t, p.env["DATA_DIR"]+"/zhibu.db-wal"))
	for _, secret := range []string{"a long enough password", session.text("access_token"), session.text("refresh_token")} {
		if strings.Contains(whole, secret) {
			t.Errorf("the database holds %q as it is", secret)
		}
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
