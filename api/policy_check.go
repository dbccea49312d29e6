package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/policy"
)

type selfCheckItem struct {
	Key       string   `json:"key"`
	Principle string   `json:"principle"`
	OK        bool     `json:"ok"`
	Evidence  string   `json:"evidence" doc:"what was looked at"`
	Where     []string `json:"where" nullable:"false" doc:"where it is broken"`
}

type selfCheckView struct {
	OK     bool            `json:"ok"`
	Checks []selfCheckItem `json:"checks" nullable:"false"`
}

type selfCheckInput struct {
	Authorization string `header:"Authorization" hidden:"true" maxLength:"4096"`
}

// selfCheck holds the principles against the live schema, the reference and what the routes really answer to the caller.
func (a *API) selfCheck(ctx context.Context, actor *model.Actor, in *selfCheckInput) (selfCheckView, error) {
	routes := a.described()
	found, err := a.rooms.Policy.SelfCheck(ctx, actor, routes, a.answers(ctx, routes, in.Authorization))
	if err != nil {
		return selfCheckView{}, err
	}
	v := selfCheckView{OK: true, Checks: []selfCheckItem{}}
	for _, f := range found {
		v.OK = v.OK && f.OK
		v.Checks = append(v.Checks, selfCheckItem{Key: f.Key, Principle: f.Principle, OK: f.OK, Evidence: f.Evidence, Where: append([]string{}, f.Where...)})
	}
	return v, nil
}

// described is the reference as the self-check reads it: every route, those that the router knows and the reference does not too.
func (a *API) described() []policy.Route {
	doc := a.huma.OpenAPI()
	var out []policy.Route
	known := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "DELETE": item.Delete, "PATCH": item.Patch} {
			if op == nil {
				continue
			}
			r := policy.Route{Method: method, Path: strings.TrimPrefix(path, basePath)}
			known[method+" "+path] = true
			for _, p := range op.Parameters {
				if p.In == "query" {
					r.Query = append(r.Query, policy.Field{Path: p.Name, Required: p.Required})
				}
			}
			w := fieldWalk{doc.Components.Schemas, nil}
			if op.RequestBody != nil {
				for _, m := range op.RequestBody.Content {
					w.walk(m.Schema, "", true, nil)
				}
			}
			r.Request, w.out = w.out, nil
			for status, res := range op.Responses {
				if strings.HasPrefix(status, "2") {
					for _, m := range res.Content {
						w.walk(m.Schema, "", true, nil)
					}
				}
			}
			r.Response = w.out
			out = append(out, r)
		}
	}
	for _, r := range a.Routes() {
		if method, path, _ := strings.Cut(r, " "); !known[method+" "+path] && !strings.Contains(path, ":") {
			out = append(out, policy.Route{Method: method, Path: strings.TrimPrefix(path, basePath)})
		}
	}
	slices.SortFunc(out, func(x, y policy.Route) int { return strings.Compare(x.Path+x.Method, y.Path+y.Method) })
	return out
}

// fieldWalk lists the fields of a schema.
type fieldWalk struct {
	schemas huma.Registry
	out     []policy.Field
}

func (w *fieldWalk) walk(s *huma.Schema, at string, required bool, within []string) {
	if s == nil || len(within) > 12 {
		return
	}
	if s.Ref != "" {
		if !slices.Contains(within, s.Ref) {
			w.walk(w.schemas.SchemaFromRef(s.Ref), at, required, append(slices.Clone(within), s.Ref))
		}
		return
	}
	for _, one := range slices.Concat(s.AnyOf, s.OneOf, s.AllOf) {
		w.walk(one, at, required, within)
	}
	w.walk(s.Items, strings.TrimPrefix(at+"[]", "[]"), required, within)
	for name, p := range s.Properties {
		place := strings.TrimPrefix(at+"."+name, ".")
		must := required && slices.Contains(s.Required, name)
		w.out = append(w.out, policy.Field{Path: place, Required: must})
		w.walk(p, place, must, within)
	}
}

// notAsked are left out when real answers are collected: they are what is asked, or would count as somebody's reading.
var notAsked = []string{"/policy/self-check", "/articles/{id}", "/me/calendar.ics", "/auth/console-codes/{id}", "/feed/marks"}

// mostAnswers keeps the self-check within what one person may ask at once.
const mostAnswers = 70

// answers asks the program itself, as the caller: every list, and for the first things of each list what hangs on them.
func (a *API) answers(ctx context.Context, routes []policy.Route, authorization string) []policy.Answer {
	var out []policy.Answer
	ask := func(path string) any {
		if len(out) >= mostAnswers || ctx.Err() != nil {
			return nil
		}
		body, ok := a.askSelf(ctx, path, authorization)
		if ok {
			out = append(out, policy.Answer{Path: path, Body: body})
		}
		return body
	}
	readable := func(r policy.Route) bool {
		return r.Method == http.MethodGet && len(r.Response) > 0 && !slices.Contains(notAsked, r.Path) && !slices.ContainsFunc(r.Query, func(f policy.Field) bool { return f.Required })
	}
	things := map[string][]string{}
	for _, r := range routes {
		if readable(r) && !strings.Contains(r.Path, "{") {
			things[r.Path] = idsOf(ask(r.Path))
		}
	}
	for _, r := range routes {
		list, rest, ok := strings.Cut(r.Path, "/{id}")
		if !ok || !readable(r) || strings.Contains(rest, "{") {
			continue
		}
		for _, id := range things[list] {
			ask(list + "/" + id + rest)
		}
	}
	return out
}

// idsOf are the identifiers of the first and the last thing of a list.
func idsOf(body any) []string {
	m, _ := body.(map[string]any)
	all, _ := m["items"].([]any)
	var ids []string
	for _, i := range all {
		item, _ := i.(map[string]any)
		if id, ok := item["id"].(string); ok {
			ids = append(ids, id)
		}
	}
	if len(ids) > 2 {
		ids = []string{ids[0], ids[len(ids)-1]}
	}
	return ids
}

// kept is an answer that stays in memory.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }
func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}
func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// askSelf is one request of the program to itself, through everything a request goes through.
func (a *API) askSelf(ctx context.Context, path, authorization string) (any, bool) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, basePath+path, nil)
	if err != nil {
		return nil, false
	}
	r.RemoteAddr = "127.0.0.1:0"
	r.Header.Set("Authorization", authorization)
	k := &kept{header: http.Header{}}
	a.engine.ServeHTTP(k, r)
	var body any
	if k.status != http.StatusOK || json.Unmarshal(k.body.Bytes(), &body) != nil {
		return nil, false
	}
	return body, true
}
