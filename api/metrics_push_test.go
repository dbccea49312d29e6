package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The admin listener tells how pushes ended and how the queue stands, and names no person.
func TestPushFigures(t *testing.T) {
	h := newPushHouse(t)
	h.expect("member", "POST", "/subscriptions", `{"results":{"tmpl-meeting":"accept"}}`, 200)
	server := httptest.NewServer(h.api.Admin())
	defer server.Close()
	resp, err := http.Get(server.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zhibu_push_waiting 0", "zhibu_push_sending 0", "zhibu_push_oldest_due_seconds 0", `zhibu_push_grants_left{template="tmpl-meeting"} 1`} {
		if !strings.Contains(string(body), name) {
			t.Errorf("no %q in the figures", name)
		}
	}
	if strings.Contains(string(body), "openid") {
		t.Error("the figures name somebody")
	}
}
