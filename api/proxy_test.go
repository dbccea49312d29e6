package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"zhibu/api"
	"zhibu/model/store/storetest"
	"zhibu/service/cache"
)

// A client's address is what the limits go by. It is taken from whoever stands in the settings as our proxy, and from nobody else, or a guesser
// would have as many addresses as he can write.
func TestOnlyOurProxiesNameTheClient(t *testing.T) {
	for _, c := range []struct {
		name, peer string
		passes     bool // a second client's guesses are counted apart from the first's
	}{
		{"our proxy", "10.1.2.3:4000", true},
		{"a stranger", "192.0.2.9:4000", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			door := api.New(api.Rooms{Limiter: cache.NewMemoryLimiter(storetest.Clock)},
				api.Options{Log: slog.New(slog.DiscardHandler), Clock: storetest.Clock, Limits: true, Proxies: []string{"10.1.0.0/16"}})
			ask := func(client string) int {
				r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
				r.RemoteAddr = c.peer
				r.Header.Set("X-Forwarded-For", client)
				w := httptest.NewRecorder()
				door.ServeHTTP(w, r)
				return w.Code
			}
			refused := false
			for range 500 {
				refused = refused || ask("198.51.100.1") == http.StatusTooManyRequests
			}
			if !refused {
				t.Fatal("500 requests at once were let through")
			}
			if got := ask("198.51.100.2"); (got == http.StatusOK) != c.passes {
				t.Errorf("another client behind it: %d", got)
			}
		})
	}
}
