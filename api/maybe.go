package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// maybe is an object that may be null. The reference says so, which it cannot of a plain pointer.
type maybe[T any] struct{ value *T }

// some wraps an object that is there.
func some[T any](v T) maybe[T] { return maybe[T]{&v} }

// MarshalJSON writes the object or null.
func (m maybe[T]) MarshalJSON() ([]byte, error) { return json.Marshal(m.value) }

// Schema is "this object, or null".
func (maybe[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null"}}}
}
