package api_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// nextPushEvent reads one event; empty at the stream's end.
func nextPushEvent(r *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		if line == "\n" && b.Len() > 0 {
			return b.String()
		}
		b.WriteString(line)
	}
}

func TestPushIsFollowedToItsEnd(t *testing.T) {
	h := newPushHouse(t)
	at := h.now.Add(30 * 24 * 3600e9).Format("2006-01-02T15:04:05Z07:00")
	id := h.expect("secretary", "POST", "/pushes", `{"org_id":"b","kind":"announcement","title":"题","audience":{},"send_at":"`+at+`"}`, 201)["id"].(string)
	server := httptest.NewServer(h.api)
	defer server.Close()
	ask := func(who string) *http.Response {
		req, err := http.NewRequest("GET", server.URL+"/api/v1/pushes/"+id+"/events", nil)
		h.must(err)
		req.Header.Set("Authorization", "Bearer "+who)
		resp, err := http.DefaultClient.Do(req)
		h.must(err)
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	if resp := ask("neighbour"); resp.StatusCode != 404 {
		t.Errorf("the neighbour branch: %d", resp.StatusCode)
	}
	if resp := ask("member"); resp.StatusCode != 403 {
		t.Errorf("a member: %d", resp.StatusCode)
	}
	resp := ask("secretary")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	r := bufio.NewReader(resp.Body)
	if e := nextPushEvent(r); !strings.HasPrefix(e, "event: push\ndata: {") || !strings.Contains(e, `"state":"scheduled"`) {
		t.Fatalf("first event: %s", e)
	}
	h.expect("secretary", "POST", "/pushes/"+id+"/cancel", "", 200)
	if e := nextPushEvent(r); !strings.Contains(e, `"state":"cancelled"`) {
		t.Fatalf("second event: %s", e)
	}
	if e := nextPushEvent(r); e != "" {
		t.Errorf("the stream goes on after the end: %s", e)
	}
}

func TestPushStreamsEndWithTheServer(t *testing.T) {
	h := newPushHouse(t)
	at := h.now.Add(30 * 24 * 3600e9).Format("2006-01-02T15:04:05Z07:00")
	id := h.expect("secretary", "POST", "/pushes", `{"org_id":"b","kind":"announcement","title":"题","audience":{},"send_at":"`+at+`"}`, 201)["id"].(string)
	server := httptest.NewServer(h.api)
	defer server.Close()
	req, err := http.NewRequest("GET", server.URL+"/api/v1/pushes/"+id+"/events", nil)
	h.must(err)
	req.Header.Set("Authorization", "Bearer secretary")
	resp, err := http.DefaultClient.Do(req)
	h.must(err)
	defer func() { _ = resp.Body.Close() }()
	r := bufio.NewReader(resp.Body)
	nextPushEvent(r)
	h.api.EndStreams()
	if e := nextPushEvent(r); e != "" {
		t.Errorf("still said: %s", e)
	}
}

func TestPushCardsShowWhatTheTemplatesTake(t *testing.T) {
	h := newPushHouse(t)
	body := `{"org_id":"b","kind":"announcement","title":"材料已上传"}`
	for who, want := range map[string]int{"office": 200, "neighbour": 404, "member": 403, "stranger": 401} {
		h.expect(who, "POST", "/pushes/card", body, want)
	}
	h.expect("secretary", "POST", "/pushes/card", body, 200, `"field":"title","label":"标题","given":"材料已上传","shown":"材料已上传","whole":true`)
}
