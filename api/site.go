package api

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"zhibu/model"
)

// siteRoutes are what is served outside the JSON contract.
func (a *API) siteRoutes() {
	a.engine.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	a.engine.GET("/readyz", a.ready)
	a.engine.GET("/openapi.json", a.openAPI)
	a.referenceRoutes()
	a.callbackRoutes()
	a.publicRoutes()
	a.frontendRoutes()
	a.rootFiles()
}

// pathParameter is a parameter in a pattern of net/http.
var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// publicRoutes gives the public site its addresses. They go through the same middleware as everything else: limits, log, recover.
func (a *API) publicRoutes() {
	if a.options.Site == nil {
		return
	}
	for _, path := range a.options.SitePaths {
		path = pathParameter.ReplaceAllString(strings.TrimSuffix(path, "{$}"), ":$1")
		a.engine.GET(path, a.publicSite)
	}
}

func (a *API) publicSite(c *gin.Context) { a.options.Site.ServeHTTP(c.Writer, c.Request) }

// nowhere answers for addresses that are none: a browser that looks for a page gets one that helps on, a program a problem.
func (a *API) nowhere(c *gin.Context) {
	programs := slices.ContainsFunc([]string{"/api/", "/files/", "/wechat/"}, func(p string) bool { return strings.HasPrefix(c.Request.URL.Path, p) })
	if a.options.Site != nil && !programs && c.Request.Method == http.MethodGet && strings.Contains(c.GetHeader("Accept"), "text/html") {
		a.publicSite(c)
		return
	}
	a.abort(c, model.NotFound("这个地址"))
}

// Drain says on /readyz that nobody should be sent here any more, and asks every connection to end after its next answer. Whoever comes all the same is
// answered as before.
func (a *API) Drain() { a.draining.Store(true) }

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
	if a.draining.Load() {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "stopping", "checks": checks})
		return
	}
	c.JSON(status, gin.H{"status": map[bool]string{true: "ready", false: "not ready"}[status == http.StatusOK], "checks": checks})
}

// Reference is the OpenAPI document of every JSON route.
func (a *API) Reference() ([]byte, error) { return json.Marshal(a.huma.OpenAPI()) }

func (a *API) openAPI(c *gin.Context) {
	b, err := a.Reference()
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
