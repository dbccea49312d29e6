package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// siteRoutes are what is served outside the JSON contract.
func (a *API) siteRoutes() {
	a.engine.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	a.engine.GET("/readyz", a.ready)
	a.engine.GET("/openapi.json", a.openAPI)
	a.referenceRoutes()
	a.callbackRoutes()
}

// ready reports each thing that serving needs; a missing one makes the whole not ready.
func (a *API) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	status, checks := http.StatusOK, map[string]string{}
	for name, err := range a.rooms.Ready(ctx) {
		checks[name] = "ok"
		if err != nil {
			checks[name] = "unavailable"
			if name == "database" || name == "queue" { // losing the cache only slows
				status = http.StatusServiceUnavailable
			}
		}
	}
	c.JSON(status, gin.H{"status": map[bool]string{true: "ready", false: "not ready"}[status == http.StatusOK], "checks": checks})
}

func (a *API) openAPI(c *gin.Context) {
	b, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		a.abort(c, err)
		return
	}
	c.Data(http.StatusOK, "application/json", b)
}

// Probes answers the health checks alone, for processes that serve no clients.
func (a *API) Probes() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			a.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
}
