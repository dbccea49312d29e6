package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFaultSlowClients: hundreds who never finish their request, in its head or in its body, keep nobody else waiting, and do not keep the program from
// ending in time and well.
func TestFaultSlowClients(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"LIMITS": "off"})
	r := p.found().readership()
	for i, start := range []string{
		"GET /api/v1/feed HTTP/1.1\r\nHost: zhibu\r\nX-Slow: ", "",
		"POST /api/v1/uploads HTTP/1.1\r\nHost: zhibu\r\nAuthorization: Bearer " + r.member.token + "\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n\x89PNG",
		"POST /api/v1/articles HTTP/1.1\r\nHost: zhibu\r\nAuthorization: Bearer " + r.secretary.token + "\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"title\":",
		"POST /api/v1/auth/wechat HTTP/1.1\r\nHost: zhibu\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"",
	} {
		for range []int{200, 100, 40, 40, 40}[i] {
			c, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if _, err := io.WriteString(c, start); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 20 {
		began := time.Now()
		p.must(200, "GET", "/me", r.member.token, nil)
		p.must(201, "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": fmt.Sprintf("第 %d 篇", i), "body_markdown": "正文。", "visibility": "members"})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("meanwhile somebody waits %s", took)
		}
	}
	p.end()
}

// TestFaultBoundsOfClients holds how long a client may take over each part of a request.
func TestFaultBoundsOfClients(t *testing.T) {
	t.Parallel()
	s := (&house{}).server(nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadHeaderTimeout > 15*time.Second || s.ReadTimeout <= 0 || s.ReadTimeout > 2*time.Minute || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("a client may take its time: %+v", s)
	}
}

// TestFaultWechatHasNoName: where WeChat's name leads nowhere, who signs in is told so at once and not after a minute, and all else goes on.
func TestFaultWechatHasNoName(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"WECHAT_BASE_URL": "http://wechat.invalid"})
	office := p.admin()
	for range 2 {
		began := time.Now()
		p.refused(502, "wechat_unavailable", "POST", "/auth/wechat", "", object{"code": "any"})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("told after %s", took)
		}
	}
	p.must(200, "GET", "/me", office, nil)
	p.must(200, "GET", "/readyz", "", nil)
}

// TestFaultManyUploads: pictures that come in together are kept each, and each as it is.
func TestFaultManyUploads(t *testing.T) {
	t.Parallel()
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"LIMITS": "off"})
	r := p.found().readership()
	var work sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for i := range 24 {
		work.Go(func() {
			got := p.upload("/uploads", r.member.token, fmt.Sprintf("合影%d.png", i), picture(t))
			mu.Lock()
			defer mu.Unlock()
			if got.status != 201 && (got.status != 503 || got.header.Get("Retry-After") == "") || seen[got.text("id")] && got.status == 201 {
				t.Errorf("upload %d: %s", i, got.describe())
			}
			seen[got.text("id")] = true
		})
	}
	work.Wait()
	if len(seen) < 12 {
		t.Errorf("of 24 only %d were kept", len(seen))
	}
}
