package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/member"
	"zhibu/service/member/roster"
)

type rowFaultView struct {
	Row    int    `json:"row" doc:"as the sheet numbers it"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Detail string `json:"detail" doc:"how to mend it, in Chinese"`
}

type importView struct {
	Created        int            `json:"created" doc:"persons who are new in the organisation"`
	Updated        int            `json:"updated"`
	Unchanged      int            `json:"unchanged"`
	IgnoredColumns []string       `json:"ignored_columns" nullable:"false"`
	Errors         []rowFaultView `json:"errors" nullable:"false"`
}

func importOf(r *member.Result) importView {
	v := importView{Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, IgnoredColumns: append([]string{}, r.IgnoredColumns...)}
	v.Errors = mapped(r.Errors, func(p roster.Problem) rowFaultView { return rowFaultView(p) })
	return v
}

// importInput takes the body as a stream: a roster is read from the request into memory, within its limits, and never touches the disk,
// since it may hold numbers that must not be kept.
type importInput struct {
	ID     string `path:"id" maxLength:"64"`
	DryRun bool   `query:"dry_run" doc:"count and check, and write nothing"`
	body   io.Reader
	media  string
}

// Resolve keeps the body for the handler, which runs once the caller has been let in.
func (in *importInput) Resolve(ctx huma.Context) []error {
	in.body, in.media = ctx.BodyReader(), ctx.Header("Content-Type")
	return nil
}

// rosterImport adds the route that takes a file in multipart form.
func (a *API) rosterImport(w who, path, summary string) {
	op := a.operation(http.MethodPost, w, path, summary)
	op.DefaultStatus = http.StatusOK
	op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	huma.Register(a.huma, op, func(ctx context.Context, in *importInput) (*answer[importView], error) {
		out, err := a.importMembers(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &answer[importView]{Status: http.StatusOK, Body: out}, nil
	})
	// Told to the reference only afterwards: huma would otherwise read and check the body itself.
	a.huma.OpenAPI().Paths[op.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file": {Type: huma.TypeString, Format: "binary", Description: "花名册，.xlsx 或 .csv，表头含姓名、手机号"},
		}},
	}}}
}

func (a *API) importMembers(ctx context.Context, actor *model.Actor, in *importInput) (importView, error) {
	// What is left of a refused file is taken in all the same, up to a bound, so that the client reads the answer instead of a broken connection.
	defer func() { _, _ = io.CopyN(io.Discard, in.body, 16<<20) }()
	file, name, err := filePart(in.body, in.media)
	if err != nil {
		return importView{}, err
	}
	r, err := a.rooms.Member.ImportFile(ctx, actor, in.ID, file, -1, name, in.DryRun)
	if err != nil {
		return importView{}, err
	}
	return importOf(r), nil
}

// filePart finds the part named file.
func filePart(body io.Reader, media string) (io.Reader, string, error) {
	kind, params, err := mime.ParseMediaType(media)
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, "", model.Fail(model.CodeMediaType, "请以 multipart/form-data 提交文件，字段名为 file。")
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, "", model.BadField("file", "required", "请选择花名册文件。")
		case err != nil:
			return nil, "", model.BadField("file", "unreadable", "文件没有完整收到，请重新上传。").Because(err)
		case part.FormName() == "file":
			return part, part.FileName(), nil
		}
	}
}

// rosterExport adds the route that answers with a spreadsheet.
func (a *API) rosterExport(w who, path, summary string) {
	const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		sheet: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
		file, err := a.rooms.Member.Export(ctx, actorOf(ctx), in.ID)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", sheet)
			hc.SetHeader("Content-Disposition", `attachment; filename="roster.xlsx"; filename*=UTF-8''`+url.PathEscape(file.Name))
			hc.SetHeader("Content-Length", strconv.Itoa(len(file.Data)))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write(file.Data)
		}}, nil
	})
}
