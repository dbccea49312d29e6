package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
)

// All faults of a request are named at once, though two look for them: the schema for types, limits and unknown fields, and the room for what
// its values mean. A request that the schema finds no fault with goes to the room, which names all its own. For one that the schema refuses the
// room is asked here what else is wrong with it, and writes nothing; so each rule has one home and a good request is looked at once.

// rest is the room's part of looking at one request; its input leaves it while it is bound.
type rest struct {
	api *API
	ask asking
}

type restKey struct{}

// asking asks the room what is wrong with an input of which the schema could read a part only.
type asking func(ctx context.Context, a *API, actor *model.Actor) error

// withRest makes the place in which a request's input leaves how to ask for the rest.
func (a *API) withRest(hc huma.Context, next func(huma.Context)) {
	next(huma.WithValue(hc, restKey{}, &rest{api: a}))
}

// leaveRest is what an input's Resolve does. It never finds fault itself.
func leaveRest(hc huma.Context, ask asking) []error {
	if r, ok := hc.Context().Value(restKey{}).(*rest); ok {
		r.ask = ask
	}
	return nil
}

// complete adds to the schema's faults those that the room finds.
func complete(ctx context.Context, err error) error {
	r, ok := ctx.Value(restKey{}).(*rest)
	var known, more *model.Error
	if !ok || r.ask == nil || !errors.As(err, &known) || known.Code != model.CodeInvalid {
		return err
	}
	if !errors.As(r.ask(ctx, r.api, actorOf(ctx)), &more) || statusOf(more.Code) != http.StatusUnprocessableEntity {
		return err // a caller whom the room would refuse altogether learns what the schema says and no more
	}
	all := *known
	all.Fields = slices.Clone(known.Fields)
	for _, f := range more.Fields {
		if !slices.ContainsFunc(known.Fields, func(k model.Field) bool { return explains(k, f.Field) }) {
			all.Fields = append(all.Fields, f)
		}
	}
	return &all
}

// leansOn says which fault is not one of its own where the other field could not be read.
var leansOn = map[string]string{
	"due_at": "required", "body_markdown": "body_html", "online.join_url": "online.code", "assignee_id": "action", "to_org_id": "action",
}

// explains reports whether a fault that the schema found is the reason why the room finds fault with a place: the same one, one inside it or around it.
func explains(known model.Field, place string) bool {
	switch {
	case known.Code == "unknown_field":
		return false
	case known.Field == place, leansOn[place] == known.Field:
		return true
	}
	return inside(known.Field, place) || inside(place, known.Field)
}

// inside reports whether a place such as agenda[0].title lies in another such as agenda.
func inside(place, whole string) bool {
	after, ok := strings.CutPrefix(place, whole)
	return ok && whole != "" && (strings.HasPrefix(after, ".") || strings.HasPrefix(after, "["))
}

// readJSON reads a body as encoding/json does. Where that stops at a value, the other fields are read all the same, so that the room can look at them.
func readJSON(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	if _, schema := v.(*any); err == nil || schema {
		return err
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, fault := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		if fault == nil {
			fault = json.Unmarshal(one, v)
		}
		if fault != nil {
			err = fmt.Errorf("invalid_value:%s|格式不符，请检查后重试。", name)
		}
	}
	return err
}
