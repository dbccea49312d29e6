package model

import (
	"context"
	"time"
)

// Tracer is told what takes how long: the answering of a request, and below it what is asked of the database and of WeChat. It is nil where nobody
// wants to know, so that asking costs one comparison. What it is told leaves the house: routes, tables and codes, never names, numbers or texts.
type Tracer interface {
	// Begin opens a span below the one that the context holds, and returns a context that holds it and the function that ends it, told in a word why it
	// failed, or nothing. Only a request opens a trace: what happens below none is not traced.
	Begin(ctx context.Context, s Traced) (context.Context, func(failure string, facts ...Fact))
}

// SpanKind says on which side of the house a span is, by OpenTelemetry's numbers.
type SpanKind int

// The kinds of spans.
const (
	SpanServer SpanKind = 2 // somebody asks us
	SpanClient SpanKind = 3 // we ask somebody
)

// Traced is the beginning of something that takes time.
type Traced struct {
	Kind  SpanKind
	Name  string
	Start time.Time // zero: now
	Facts []Fact
}

// Fact is one thing that is known of a span, by OpenTelemetry's names. Text empty: the number holds.
type Fact struct {
	Key    string
	Text   string
	Number int64
}
