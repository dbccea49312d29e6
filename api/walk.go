package api

import (
	"maps"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Routes lists what is served, such as "GET /api/v1/feed", as the router knows it: for whatever must hold something against every route.
func (a *API) Routes() []string {
	rows := a.engine.Routes()
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Method + " " + r.Path
	}
	return out
}

// declareFaults says in the reference that whatever else a route answers is a problem: every room has errors of its own, such as conflict.
func (a *API) declareFaults() {
	doc := a.huma.OpenAPI()
	fault := &huma.Response{Description: "any other error", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "")},
	}}
	for item := range maps.Values(doc.Paths) {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch} {
			if op != nil && op.Responses["default"] == nil {
				op.Responses["default"] = fault
			}
		}
	}
}
