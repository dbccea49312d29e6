package api

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"zhibu/model"
	"zhibu/service/upload"
)

type uploadView struct {
	ID     string `json:"id"`
	URL    string `json:"url" doc:"from the root of the site, signed for two weeks and more; ask for a new one with what refers to the file"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256" doc:"of the bytes as they are kept; pictures are made anew"`
	Width  int    `json:"width,omitempty" doc:"of pictures"`
	Height int    `json:"height,omitempty"`
}

// uploadRoutes are plain routes, since bodies of files are neither JSON nor small.
func (a *API) uploadRoutes() {
	op := a.operation(http.MethodPost, bound, "/uploads", "上传文件")
	op.Description = "类型以内容为准：JPG、PNG（重新编码，去除拍摄信息）、PDF、docx、xlsx、pptx。"
	op.MaxBodyBytes = a.options.MaxUpload + maxJSON
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}}}}
	schemas := a.huma.OpenAPI().Components.Schemas
	fault := &huma.Response{Description: "error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[problem](), true, "")}}}
	op.Responses = map[string]*huma.Response{"default": fault, "201": {Description: "Created", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[uploadView](), true, "")},
	}}}
	for _, status := range append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType) {
		op.Responses[strconv.Itoa(status)] = fault
	}
	a.huma.OpenAPI().AddOperation(&op)
	a.engine.POST(op.Path, a.addUpload)
	a.engine.GET("/files/:id/:name", a.file)
}

func (a *API) addUpload(c *gin.Context) {
	ctx := c.Request.Context()
	if err := admit(ctx, bound); err != nil {
		a.abort(c, err)
		return
	}
	whole := c.Request.Body
	u, err := a.takeFile(ctx, c.Writer, c.Request)
	if err != nil {
		// Some clients read no answer before they have sent everything: what is left is let in and thrown away, within reason.
		_, _ = io.CopyN(io.Discard, whole, drainLimit)
		a.abort(c, err)
		return
	}
	c.JSON(http.StatusCreated, uploadView{
		ID: u.ID, URL: a.rooms.Upload.URL(u), Name: u.Name, Size: u.Size, MIME: u.MIME, SHA256: u.SHA256, Width: u.Width, Height: u.Height,
	})
}

// drainLimit is how much of a body that is too large is still read.
const drainLimit = 64 << 20

// takeFile finds the part "file" of a multipart body and hands it on as it comes in.
func (a *API) takeFile(ctx context.Context, w http.ResponseWriter, r *http.Request) (*model.Upload, error) {
	limit := a.options.MaxUpload + maxJSON
	if r.ContentLength > limit {
		return nil, tooLargeFile(a.options.MaxUpload)
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, model.Fail(model.CodeMediaType, "请以 multipart/form-data 上传文件。").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && errors.Unwrap(err) == nil { // a body that breaks off between its parts wraps the same error
			return nil, model.BadField("file", "required", "请选择要上传的文件。")
		}
		if err != nil {
			return nil, a.cutShort(err)
		}
		if part.FormName() == "file" {
			return a.rooms.Upload.Add(ctx, actorOf(ctx), part.FileName(), partReader{part, a})
		}
	}
}

func tooLargeFile(max int64) error {
	return model.Failf(model.CodeTooLarge, "文件不能超过 %d MB，请压缩后重试。", max>>20)
}

// cutShort says why a body could not be read to its end.
func (a *API) cutShort(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return tooLargeFile(a.options.MaxUpload)
	}
	return model.Fail(model.CodeMalformed, "上传的内容不完整，请重试。").Because(err)
}

// partReader tells what went wrong with the request in our words.
type partReader struct {
	part *multipart.Part
	a    *API
}

func (p partReader) Read(b []byte) (int, error) {
	n, err := p.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = p.a.cutShort(err)
	}
	return n, err
}

// file hands out an attachment: to who may see what refers to it, or to the bearer of a signed address. The name in the address is only for saving.
func (a *API) file(c *gin.Context) {
	ctx := c.Request.Context()
	link := upload.Link{Signature: c.Query("s")}
	if e, err := strconv.ParseInt(c.Query("e"), 10, 64); err == nil {
		link.Expires = e
	}
	f, err := a.rooms.Upload.Open(ctx, actorOf(ctx), c.Param("id"), link)
	if err != nil {
		a.abort(c, err)
		return
	}
	defer func() {
		if err := f.Content.Close(); err != nil {
			a.log.WarnContext(ctx, "file not closed", "request_id", requestID(ctx), "cause", err)
		}
	}()
	h := c.Writer.Header()
	h.Set("ETag", `"`+f.SHA256+`"`)
	h.Set("Cache-Control", "private, max-age=86400")
	h.Set("Content-Type", f.MIME)
	h.Set("Content-Disposition", disposition(f.Name, model.ShownInline(f.MIME)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", filePolicy(f.MIME))
	http.ServeContent(c.Writer, c.Request, "", f.CreatedAt, f.Content)
}

// filePolicy keeps a file from doing anything in our name. A PDF is not put into the sandbox, in which browsers' own viewers refuse to work.
func filePolicy(kind string) string {
	if kind == model.MIMEPDF {
		return "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
	}
	return "default-src 'none'; frame-ancestors 'none'; sandbox"
}

// disposition names a file in UTF-8 after RFC 5987, and in plain letters for those who do not know it.
func disposition(name string, inline bool) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || r < ' ' || strings.ContainsRune(`"\%;`, r) {
			return '_'
		}
		return r
	}, name)
	return kind + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
