package api

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// reference is the page for reading the API: Swagger UI (Apache-2.0, see reference/LICENSE), packed, so that the page needs no other address.
//
//go:embed reference/index.html reference/page.js reference/page.css reference/swagger-ui.js.gz reference/swagger-ui.css.gz
var reference embed.FS

// referencePolicy lets Swagger UI set the styles and draw the icons that it makes itself.
const referencePolicy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

func (a *API) referenceRoutes() {
	for path, file := range map[string]struct{ name, mime string }{
		"/docs":                {"index.html", "text/html; charset=utf-8"},
		"/docs/page.js":        {"page.js", "text/javascript; charset=utf-8"},
		"/docs/page.css":       {"page.css", "text/css; charset=utf-8"},
		"/docs/swagger-ui.js":  {"swagger-ui.js.gz", "text/javascript; charset=utf-8"},
		"/docs/swagger-ui.css": {"swagger-ui.css.gz", "text/css; charset=utf-8"},
	} {
		body, err := reference.ReadFile("reference/" + file.name)
		if err != nil {
			panic("api: the reference page is not embedded: " + err.Error()) // a mistake of the build
		}
		a.engine.GET(path, func(c *gin.Context) { serveReference(c, file.mime, body, strings.HasSuffix(file.name, ".gz")) })
	}
}

func serveReference(c *gin.Context, mime string, body []byte, packed bool) {
	c.Header("Content-Security-Policy", referencePolicy)
	c.Header("Cache-Control", "max-age=3600")
	if packed {
		c.Header("Vary", "Accept-Encoding")
		if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
			c.Header("Content-Encoding", "gzip")
		} else if plain, err := unpacked(body); err == nil {
			body = plain
		}
	}
	c.Data(http.StatusOK, mime, body)
}

func unpacked(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
