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

// UploadView is a file as its uploader sees it; exported since huma passes over embedded types that are not.
type UploadView struct {
	ID     string `json:"id"`
	URL    string `json:"url" doc:"from the root of the site or absolute, signed for two days and more; ask for a new one with what refers to the file"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256" doc:"of the bytes as they are kept; pictures are made anew"`
	Width  int    `json:"width,omitempty" doc:"of pictures"`
	Height int    `json:"height,omitempty"`
	Widths []int  `json:"widths,omitempty" doc:"in which a picture is kept too: add &w=240 or &w=750 to its address"`
	Check  string `json:"check" enum:"none,waiting,held,passed,refused" doc:"what WeChat's check, or a person, says of a picture. Until it is passed it is shown to its uploader and the moderators alone, and url is an address for them, which lives for two hours"`
	Reason string `json:"reason,omitempty" doc:"why it is refused"`
}

func (a *API) uploadViewOf(u model.Upload) UploadView {
	v := UploadView{
		ID: u.ID, URL: a.rooms.Upload.ShowURL(&u), Name: u.Name, Size: u.Size, MIME: u.MIME, SHA256: u.SHA256, Width: u.Width, Height: u.Height,
		Widths: u.Thumbs, Check: string(u.Media), Reason: u.MediaReason,
	}
	if u.Media == model.MediaFree {
		v.Check = "none"
	}
	return v
}

func (a *API) getUpload(ctx context.Context, actor *model.Actor, in *IDPath) (UploadView, error) {
	u, err := a.rooms.Upload.Get(ctx, actor, in.ID)
	if err != nil {
		return UploadView{}, err
	}
	return a.uploadViewOf(*u), nil
}

type heldFileView struct {
	UploadView
	HeldBecause string   `json:"held_because,omitempty" enum:"review,politics,unchecked,console,no_verdict,too_large" doc:"why a person must look"`
	Label       int      `json:"label,omitempty" doc:"what WeChat's check found"`
	LabelName   string   `json:"label_name,omitempty" doc:"the same in Chinese"`
	CreatedAt   timeView `json:"created_at"`
}

type heldFilesInput struct {
	State  string `query:"state" enum:"held,waiting,passed,refused" default:"held"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) heldFiles(ctx context.Context, actor *model.Actor, in *heldFilesInput) (list[heldFileView], error) {
	rows, next, err := a.rooms.Upload.Queue(ctx, actor, model.MediaState(in.State), model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[heldFileView]{}, err
	}
	return listOf(rows, next, a.heldFileOf), nil
}

func (a *API) heldFileOf(u model.Upload) heldFileView {
	return heldFileView{
		UploadView: a.uploadViewOf(u), HeldBecause: string(u.MediaHeld), Label: u.MediaLabel, LabelName: model.CheckLabel(u.MediaLabel), CreatedAt: timeView(u.CreatedAt),
	}
}

type moderateFileInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action string `json:"action" enum:"approve,hide"`
		Reason string `json:"reason,omitempty" maxLength:"200" doc:"needed for hide; the uploader sees it"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *moderateFileInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		return upload.CheckDecision(model.Moderation(in.Body.Action), in.Body.Reason)
	})
}

func (a *API) moderateFile(ctx context.Context, actor *model.Actor, in *moderateFileInput) (heldFileView, error) {
	u, err := a.rooms.Upload.Moderate(ctx, actor, in.ID, model.Moderation(in.Body.Action), in.Body.Reason)
	if err != nil {
		return heldFileView{}, err
	}
	return a.heldFileOf(*u), nil
}

// uploadRoutes are plain routes, since bodies of files are neither JSON nor small.
func (a *API) uploadRoutes() {
	op := a.operation(http.MethodPost, bound, "/uploads", "上传文件")
	op.Description = "类型以内容为准：JPG、PNG（重新编码，去除拍摄信息）、WebP（转为 JPG 或 PNG 保存）、PDF、docx、xlsx、pptx。"
	op.MaxBodyBytes = a.options.MaxUpload + maxJSON
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file":       {Type: huma.TypeString, Format: "binary"},
			"disclosure": {Type: huma.TypeString, Enum: []any{"public", "internal"}, Description: "公开（public）或内部不上网（internal）；后者一律不收。文件名带有机密、秘密★、内部资料等字样的也不收。"},
		},
	}}}}
	schemas := a.huma.OpenAPI().Components.Schemas
	fault := &huma.Response{Description: "error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[problem](), true, "")}}}
	op.Responses = map[string]*huma.Response{"default": fault, "201": {Description: "Created", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[UploadView](), true, "")},
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
	c.JSON(http.StatusCreated, a.uploadViewOf(*u))
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
	said, file, err := a.nextFile(parts)
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, model.BadField("file", "required", "请选择要上传的文件。")
	}
	in := upload.Incoming{Name: file.FileName(), Disclosure: said, Rest: func() (model.Disclosure, error) {
		said, more, err := a.nextFile(parts)
		if err == nil && more != nil {
			err = model.BadField("file", "too_many", "一次只能上传一个文件。")
		}
		return said, err
	}}
	return a.rooms.Upload.Take(ctx, actorOf(ctx), in, partReader{file, a})
}

// nextFile reads parts up to the next file, or to the end, and tells what stood in disclosure on the way.
func (a *API) nextFile(parts *multipart.Reader) (said model.Disclosure, file *multipart.Part, err error) {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && errors.Unwrap(err) == nil { // a body that breaks off between its parts wraps the same error
			return said, nil, nil
		}
		if err != nil {
			return said, nil, a.cutShort(err)
		}
		switch part.FormName() {
		case "file":
			return said, part, nil
		case "disclosure":
			word, err := io.ReadAll(io.LimitReader(part, 32))
			if err != nil {
				return said, nil, a.cutShort(err)
			}
			said = model.Disclosure(strings.TrimSpace(string(word)))
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
	link := upload.Link{Signature: c.Query("s"), Peek: c.Query("p")}
	if w, err := strconv.Atoi(c.Query("w")); err == nil {
		link.Width = w
	}
	if e, err := strconv.ParseInt(c.Query("e"), 10, 64); err == nil {
		link.Expires = e
	}
	f, err := a.rooms.Upload.Open(ctx, actorOf(ctx), c.Param("id"), link)
	if err != nil {
		c.Header("Cache-Control", "no-store") // a picture that waits for its verdict may be there in a moment
		a.abort(c, err)
		return
	}
	defer func() {
		if err := f.Content.Close(); err != nil {
			a.log.WarnContext(ctx, "file not closed", "request_id", requestID(ctx), "cause", err)
		}
	}()
	h := c.Writer.Header()
	h.Set("ETag", `"`+f.Tag+`"`)
	if f.Shown() {
		h.Set("Cache-Control", "private, max-age=86400")
	} else {
		h.Set("Cache-Control", "no-store")
	}
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
