package api

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"zhibu/model"
)

// nonceMark stands in a front end's page where the nonce of its answer belongs.
const nonceMark = "__CSP_NONCE__"

// Frontend is a built client that is served from below its path.
type Frontend struct {
	Path  string // such as /console/
	Files fs.FS  // with index.html; what is below assets/ has names that change with what is in it
}

// frontend serves one client. What it has read, packed and hashed is kept: the files do not change while the program runs.
type frontend struct {
	Frontend
	mu   sync.Mutex
	kept map[string]*frontFile
}

type frontFile struct {
	kind   string
	plain  []byte
	packed []byte // nil where packing saves nothing
	tag    string
}

// frontendRoutes give each client its addresses.
func (a *API) frontendRoutes() {
	for _, f := range a.options.Frontends {
		front := &frontend{Frontend: f, kept: map[string]*frontFile{}}
		bare := strings.TrimSuffix(f.Path, "/")
		a.engine.GET(bare, func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, f.Path) })
		a.engine.GET(f.Path+"*name", func(c *gin.Context) { a.frontFile(c, front) })
	}
}

// rootFiles answers with the texts by which others prove that the domain is ours.
func (a *API) rootFiles() {
	for name, text := range a.options.RootFiles {
		a.engine.GET("/"+name, func(c *gin.Context) { c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(text)) })
	}
}

// frontFile answers with a file, or with the client's page for every address that the client itself knows.
func (a *API) frontFile(c *gin.Context, front *frontend) {
	name := strings.TrimPrefix(path.Clean("/"+c.Param("name")), "/")
	hashed := strings.HasPrefix(name+"/", "assets/")
	if name != "" && name != "index.html" {
		f, err := front.file(name)
		if err == nil {
			cache := "no-cache"
			if hashed {
				cache = "public, max-age=31536000, immutable"
			}
			f.serve(c, name, cache)
			return
		}
		if hashed || path.Ext(name) != "" { // a page in the place of a script would only hide that it is gone
			a.abort(c, model.NotFound("这个文件"))
			return
		}
	}
	front.page(a, c)
}

// page answers with index.html. The nonce lets the style sheets that the client makes in the browser pass, and no others; scripts come from files alone.
func (f *frontend) page(a *API, c *gin.Context) {
	index, err := f.file("index.html")
	if err != nil {
		a.abort(c, err)
		return
	}
	body, styles := index.plain, "'self'"
	if bytes.Contains(body, []byte(nonceMark)) {
		nonce := freshNonce()
		body = bytes.ReplaceAll(body, []byte(nonceMark), []byte(nonce))
		styles += " 'nonce-" + nonce + "'"
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src "+styles+"; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store") // a kept page would carry a nonce that no longer holds
	c.Data(http.StatusOK, "text/html; charset=utf-8", body)
}

func freshNonce() string {
	b := make([]byte, 18)
	_, _ = rand.Read(b) // never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(b)
}

// file reads a file once, with what a browser is told of it.
func (f *frontend) file(name string) (*frontFile, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept := f.kept[name]; kept != nil {
		return kept, nil
	}
	plain, err := fs.ReadFile(f.Files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	file := &frontFile{kind: mime.TypeByExtension(path.Ext(name)), plain: plain, tag: hex.EncodeToString(sum[:8])}
	if file.kind == "" {
		file.kind = http.DetectContentType(plain)
	}
	if packable(file.kind) {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that exists
		if _, err := w.Write(plain); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		if b.Len() < len(plain) {
			file.packed = b.Bytes()
		}
	}
	f.kept[name] = file
	return file, nil
}

func packable(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "javascript") || strings.Contains(kind, "json") || strings.Contains(kind, "svg")
}

func (f *frontFile) serve(c *gin.Context, name, cache string) {
	h := c.Writer.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", cache)
	body, tag := f.plain, f.tag
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") && c.GetHeader("Range") == "" {
			body, tag = f.packed, tag+"z"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(body))
}
