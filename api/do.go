package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
)

// who may enter a route. What they may do with the object is decided by the room, with the pure functions of model.
type who int

const (
	anyone   who = iota // also without a token
	signedIn            // a session, also a visitor's
	bound               // a member
	leader              // a member with a role somewhere
	office              // staff or admin somewhere
)

// handler is every route's shape: bind a request type, call a room, answer with what goes out.
type handler[I, O any] func(ctx context.Context, actor *model.Actor, in *I) (O, error)

// answer is a JSON body with the headers that some routes set.
type answer[O any] struct {
	Status       int
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         O
}

// empty is the answer without a body.
type empty struct{}

// IDPath is the input of routes that need an identifier alone; exported since huma passes over embedded types that are not.
type IDPath struct {
	ID string `path:"id" maxLength:"64" doc:"identifier"`
}

// PageQuery is embedded by the inputs of lists. It is exported since huma passes over embedded types that are not.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (p PageQuery) page() model.Page { return model.Page{Limit: p.Limit, Cursor: p.Cursor} }

// list is the shape of every page.
type list[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor" doc:"empty on the last page"`
}

// items is the shape of a list that has no pages.
type items[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

// listOf maps rows to what leaves the house.
func listOf[R, T any](rows []R, next string, view func(R) T) list[T] {
	return list[T]{Items: mapped(rows, view), NextCursor: next}
}

func mapped[R, T any](rows []R, view func(R) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = view(r)
	}
	return out
}

// get, post, put, patch and del add a JSON route below /api/v1. The summary says in Chinese what it does, for the reference.
func get[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodGet, w, path, summary, http.StatusOK, h)
}

func post[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodPost, w, path, summary, http.StatusOK, h)
}

// create is a POST that answers 201.
func create[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodPost, w, path, summary, http.StatusCreated, h)
}

func put[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodPut, w, path, summary, http.StatusOK, h)
}

func patch[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodPatch, w, path, summary, http.StatusOK, h)
}

func del[I, O any](a *API, w who, path, summary string, h handler[I, O]) {
	add(a, http.MethodDelete, w, path, summary, http.StatusOK, h)
}

// tagged is implemented by bodies that carry a version, which becomes the ETag.
type tagged interface{ etag() string }

func add[I, O any](a *API, method string, w who, path, summary string, status int, h handler[I, O]) {
	op := a.operation(method, w, path, summary)
	op.Middlewares = append(op.Middlewares, a.withRest)
	h = heldInTime(h)
	if reflect.TypeFor[O]() == reflect.TypeFor[empty]() {
		op.DefaultStatus = http.StatusNoContent
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*empty, error) {
			if _, err := h(ctx, actorOf(ctx), in); err != nil {
				return nil, a.fail(ctx, err)
			}
			return nil, nil
		})
		return
	}
	op.DefaultStatus = status
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*answer[O], error) {
		out, err := h(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		res := &answer[O]{Status: status, Body: out}
		if t, ok := any(out).(tagged); ok {
			res.ETag = t.etag()
		}
		return res, nil
	})
}

// bodyLimit is wider for what is pasted as an article, since pictures come in the text itself.
func bodyLimit(method, path string) int64 {
	switch method + " " + path {
	case "POST /articles", "PATCH /articles/{id}", "POST /articles/assess":
		return maxPaste
	}
	return maxJSON
}

func (a *API) operation(method string, w who, path, summary string) huma.Operation {
	op := huma.Operation{
		Method: method, Path: basePath + path, Summary: summary, OperationID: operationID(method, path),
		Tags: []string{section(path)}, MaxBodyBytes: bodyLimit(method, path),
		Errors: []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable},
	}
	if w > anyone {
		op.Security = []map[string][]string{{"bearer": {}}}
		op.Errors = append(op.Errors, http.StatusForbidden, http.StatusNotFound)
		op.Middlewares = huma.Middlewares{a.gate(w)}
		if needsConsent(method, w, path) {
			op.Middlewares = append(op.Middlewares, a.consented)
		}
	}
	a.gates[method+" "+op.Path] = w
	return op
}

// operationID is a name for generated clients, such as postArticlesIdPublish.
func operationID(method, path string) string {
	id := strings.ToLower(method)
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/{}.-_", r) }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

// gate lets in only who may enter; it stands before the body is read.
func (a *API) gate(w who) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := admit(ctx.Context(), w); err != nil {
			p := problemOf(ctx.Context(), err)
			_ = huma.WriteErr(a.huma, ctx, p.Status, p.Detail, err)
			return
		}
		next(ctx)
	}
}

// admit decides whether the request's actor may enter a route of this kind.
func admit(ctx context.Context, w who) error {
	actor := actorOf(ctx)
	switch {
	case w == anyone:
		return nil
	case !actor.SignedIn():
		if err := tokenFault(ctx); err != nil {
			return err
		}
		return model.Fail(model.CodeUnauthenticated, "请先登录。")
	case w == signedIn:
		return nil
	case !actor.Bound():
		return model.Fail(model.CodeNotBound, "请先完成身份绑定。")
	case w == leader && !actor.HasAnywhere(model.RoleGroupLeader):
		return model.Forbidden("这项功能供支部工作人员使用。")
	case w == office && !actor.HasAnywhere(model.RoleStaff):
		return model.Forbidden("这项功能供党办工作人员使用。")
	}
	return nil
}

// fail logs what is our fault and makes the answer.
func (a *API) fail(ctx context.Context, err error) error {
	p := problemOf(ctx, err)
	logFault(ctx, a.log, p)
	if h := p.GetHeaders(); len(h) > 0 {
		return huma.ErrorWithHeaders(p, h)
	}
	return p
}

// raw is a ready answer: bytes that were made before, with their tag.
type raw struct {
	Body []byte
	ETag string
	// Packed is the body compressed by gzip, where that was worth it; it may be nil.
	Packed func() []byte
	// Private answers may be kept by the client alone.
	Private bool
}

// rawGet adds a GET that answers with ready bytes, so that a hot route marshals nothing. O is the shape in the reference.
func rawGet[I, O any](a *API, w who, path, summary string, h handler[I, raw]) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, "")},
	}}, "304": {Description: "not modified"}}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		out, err := h(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) { writeRaw(hc, out) }}, nil
	})
}

func writeRaw(hc huma.Context, out raw) {
	cache := "no-cache"
	if out.Private {
		cache = "private, no-cache"
	}
	hc.SetHeader("Cache-Control", cache)
	var packed []byte
	if out.Packed != nil {
		hc.SetHeader("Vary", "Accept-Encoding")
		if takesGzip(hc.Header("Accept-Encoding")) {
			packed = out.Packed()
		}
	}
	tag := out.ETag
	if packed != nil {
		tag = "W/" + tag // the same in meaning, not in bytes
	}
	hc.SetHeader("ETag", tag)
	if etagMatches(hc.Header("If-None-Match"), out.ETag) {
		hc.SetStatus(http.StatusNotModified)
		return
	}
	hc.SetHeader("Content-Type", "application/json")
	body := out.Body
	if packed != nil {
		hc.SetHeader("Content-Encoding", "gzip")
		body = packed
	}
	hc.SetHeader("Content-Length", strconv.Itoa(len(body)))
	hc.SetStatus(http.StatusOK)
	inOnePiece(hc.Context(), hc.BodyWriter(), body)
}

// takesGzip reads Accept-Encoding: gzip is named, and not with a weight of zero.
func takesGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return !strings.HasPrefix(weight, "q=0") || strings.ContainsAny(strings.TrimPrefix(weight, "q=0"), "123456789")
		}
	}
	return false
}

// etagMatches compares If-None-Match, which may list several tags, with the present one.
func etagMatches(header, etag string) bool {
	if header == "" {
		return false
	}
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == "*" || t == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
