package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/service/cache"
)

// firstUnderWay says of every key that its first request has not ended.
type firstUnderWay struct{ api.Replays }

func (firstUnderWay) BeginReplay(_ context.Context, r *model.Replay, _ time.Time) (*model.Replay, error) {
	return r, nil
}

// Whoever repeats a request whose first has not ended is told, after some patience, when to ask again.
func TestUnfinishedKeySaysWhenToAskAgain(t *testing.T) {
	h := newSessionHouse(t)
	token, _ := h.visitor("patient")["access_token"].(string)
	h.api = api.New(api.Rooms{Signin: h.signin, Limiter: cache.NewMemoryLimiter(h.tell), Replays: firstUnderWay{}, Ready: func(context.Context) map[string]error { return nil }},
		api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: h.tell, Version: "test", MaxUpload: 1 << 20, Patience: 60 * time.Millisecond})
	req := httptest.NewRequest("POST", "/api/v1/suggestions", strings.NewReader("{}"))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", "once")
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	if w.Code != 409 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `"code":"conflict"`) {
		t.Errorf("%d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}
