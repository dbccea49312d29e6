package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// collector takes traces as a real one does.
type collector struct {
	mu    sync.Mutex
	spans []object
	raw   strings.Builder
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var doc object
	if err != nil || json.Unmarshal(body, &doc) != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	for _, resource := range doc.list("resourceSpans") {
		for _, scope := range resource.list("scopeSpans") {
			c.spans = append(c.spans, scope.list("spans")...)
		}
	}
}

// named are the spans of a name.
func (c *collector) named(name string) (out []object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.text("name") == name {
			out = append(out, s)
		}
	}
	return out
}

// TestTraces holds what a collector is told where one is named: the request, below it what was asked of the database and of WeChat, and nothing by which
// a person could be found.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"TRACES_URL": server.URL})
	s := p.found()
	ann := s.join(s.branch, "安书记", "full", "secretary")
	suggested := p.must(201, "POST", "/suggestions", ann.token, object{"to_org_id": s.branch, "title": "建议增设义诊", "content": "每月一次。", "anonymous": true}).text("id")
	p.must(200, "GET", "/suggestions/"+suggested, ann.token, nil)
	for range 3 { // the last ones are at hand
		p.must(200, "GET", "/feed", ann.token, nil)
	}
	p.end() // which sends what is left
	asked := c.named("POST /api/v1/auth/wechat")
	if len(asked) == 0 {
		t.Fatalf("%d spans, none of signing in", len(c.spans))
	}
	sign := asked[0]
	below := map[string]object{}
	for _, one := range c.spans {
		if one.text("parentSpanId") == sign.text("spanId") && one.text("traceId") == sign.text("traceId") {
			below[one.text("name")] = one
		}
	}
	if below["WeChat /sns/jscode2session"] == nil || !slices.ContainsFunc(c.spans, func(one object) bool {
		return strings.HasPrefix(one.text("name"), "INSERT") && one.text("traceId") == sign.text("traceId")
	}) {
		t.Errorf("below signing in: %v", below)
	}
	if sign.number("kind") != 2 || sign.text("parentSpanId") != "" || len(sign.text("traceId")) != 32 || len(sign.text("spanId")) != 16 || sign.text("endTimeUnixNano") <= sign.text("startTimeUnixNano") {
		t.Errorf("the span of a request: %v", sign)
	}
	if n := len(c.named("GET /api/v1/feed")); n != 3 {
		t.Errorf("three feeds are %d spans", n)
	}
	whole := c.raw.String()
	for _, secret := range []string{ann.openID, ann.phone, "安书记", ann.id, ann.token, s.admin, testSecret, "a long enough password", "建议增设义诊", suggested, "/suggestions", "suggestion_steps", "access_token=", "secret="} {
		if strings.Contains(whole, secret) {
			t.Errorf("the collector was told %q", secret)
		}
	}
	for _, say := range []string{`"service.name"`, `"zhibu.request_id"`, `"http.route"`, `"http.response.status_code"`, `"db.collection.name"`} {
		if !strings.Contains(whole, say) {
			t.Errorf("the collector was not told %s", say)
		}
	}
}

// TestTracesLost: a collector that is away, or that does not answer, slows nobody and does not keep the program from ending.
func TestTracesLost(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(hangs)
	p := boot(t, "", map[string]string{"TRACES_URL": server.URL})
	token := p.admin()
	for range 50 {
		began := time.Now()
		p.must(200, "GET", "/me", token, nil)
		if took := time.Since(began); took > time.Second {
			t.Errorf("a request took %s", took)
		}
	}
	p.end()
	if !strings.Contains(p.log.String(), "traces are lost") {
		t.Error("nobody was told that traces are lost")
	}
}
