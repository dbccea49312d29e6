// Package trace sends what took how long to a collector that understands OpenTelemetry, as JSON over HTTP (OTLP). The format is published and does
// not change; the library that would write it adds eleven megabytes to the program, and would want a build of its own to stay out of it.
package trace

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zhibu/model"
)

const (
	// maxWaiting is how many spans may wait to be sent; more are dropped and counted, since nobody who is served may wait for them.
	maxWaiting = 4096
	// maxBatch is how many are sent at once, sendEvery how long the first of them waits at most.
	maxBatch  = 512
	sendEvery = 2 * time.Second
	// patience is how long the collector may take over a batch, lastPatience over all that is left when the program ends.
	patience     = 3 * time.Second
	lastPatience = time.Second
	// complainEvery is how often an absent collector is news.
	complainEvery = time.Minute
)

// Options say where spans go.
type Options struct {
	URL     string // of the collector, such as http://127.0.0.1:4318; /v1/traces is added
	Percent int    // of the requests, how many are traced
	Version string // of the program
	Process string // names this process among the replicas
	Now     func() time.Time
	Log     *slog.Logger
}

// Tracer is a model.Tracer that sends to a collector. Close it.
type Tracer struct {
	options Options
	client  *http.Client
	waiting chan *span
	dropped atomic.Int64
	stop    chan struct{}
	once    sync.Once
	life    context.Context
	end     context.CancelFunc
	sent    chan struct{} // closed when the last batch has gone

	complained time.Time
}

var _ model.Tracer = (*Tracer)(nil)

// New starts a tracer. It makes no call until there is something to send.
func New(o Options) *Tracer {
	t := &Tracer{options: o, client: &http.Client{Timeout: patience}, waiting: make(chan *span, maxWaiting), stop: make(chan struct{}), sent: make(chan struct{})}
	t.life, t.end = context.WithCancel(context.Background())
	go t.send()
	return t
}

// span is one that was begun, with what OTLP calls its fields.
type span struct {
	trace  [16]byte
	id     [8]byte
	parent [8]byte
	kind   model.SpanKind
	name   string
	start  time.Time
	end    time.Time
	facts  []model.Fact
	failed string
}

type spanKey struct{}

// Begin opens a span; see model.Tracer.
func (t *Tracer) Begin(ctx context.Context, s model.Traced) (context.Context, func(string, ...model.Fact)) {
	parent, _ := ctx.Value(spanKey{}).(*span)
	if parent == nil && (s.Kind != model.SpanServer || mathrand.IntN(100) >= t.options.Percent) {
		return ctx, func(string, ...model.Fact) {}
	}
	one := &span{kind: s.Kind, name: s.Name, start: s.Start, facts: s.Facts}
	if one.start.IsZero() {
		one.start = t.options.Now()
	}
	_, _ = rand.Read(one.id[:]) // never fails, by its documentation
	if parent != nil {
		one.trace, one.parent = parent.trace, parent.id
	} else {
		_, _ = rand.Read(one.trace[:])
	}
	return context.WithValue(ctx, spanKey{}, one), func(failure string, facts ...model.Fact) {
		done := *one // a span that is still the parent of others is not changed under them
		done.end, done.failed, done.facts = t.options.Now(), failure, append(done.facts[:len(done.facts):len(done.facts)], facts...)
		select {
		case t.waiting <- &done:
		default:
			t.dropped.Add(1)
		}
	}
}

// Close sends what waits and ends. What is begun after it is dropped.
func (t *Tracer) Close() {
	t.once.Do(func() { close(t.stop) })
	late := time.AfterFunc(lastPatience, t.end)
	<-t.sent
	late.Stop()
	t.end()
	t.client.CloseIdleConnections()
}

// send gathers spans into batches until the tracer is closed.
func (t *Tracer) send() {
	defer close(t.sent)
	beat := time.NewTicker(sendEvery)
	defer beat.Stop()
	var batch []*span
	flush := func() {
		if len(batch) > 0 {
			t.complain(t.post(batch))
			batch = nil
		}
	}
	for {
		select {
		case s := <-t.waiting:
			if batch = append(batch, s); len(batch) >= maxBatch {
				flush()
			}
		case <-beat.C:
			flush()
		case <-t.stop:
			for len(t.waiting) > 0 && len(batch) < maxBatch {
				batch = append(batch, <-t.waiting)
			}
			flush() // one batch: the program must end, also where the collector does not answer
			return
		}
	}
}

// post sends one batch.
func (t *Tracer) post(batch []*span) (err error) {
	body, err := json.Marshal(t.document(batch))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.life, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(t.options.URL, "/")+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := t.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)) // read so that the connection can be used again
	if err := res.Body.Close(); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answered %s", res.Status)
	}
	return nil
}

// complain says in the log, once in a while, that traces are lost.
func (t *Tracer) complain(err error) {
	dropped := t.dropped.Load()
	now := t.options.Now()
	if err == nil && dropped == 0 || now.Sub(t.complained) < complainEvery {
		return
	}
	t.complained = now
	t.dropped.Add(-dropped)
	t.options.Log.Warn("traces are lost", "cause", err, "dropped", dropped)
}

// object is a JSON object of OTLP.
type object map[string]any

// document is a batch as OTLP writes it.
func (t *Tracer) document(batch []*span) object {
	spans := make([]object, len(batch))
	for i, s := range batch {
		spans[i] = object{
			"traceId": hex.EncodeToString(s.trace[:]), "spanId": hex.EncodeToString(s.id[:]), "name": s.name, "kind": int(s.kind),
			"startTimeUnixNano": strconv.FormatInt(s.start.UnixNano(), 10), "endTimeUnixNano": strconv.FormatInt(s.end.UnixNano(), 10), "attributes": attributes(s.facts),
		}
		if s.parent != ([8]byte{}) {
			spans[i]["parentSpanId"] = hex.EncodeToString(s.parent[:])
		}
		if s.failed != "" {
			spans[i]["status"] = object{"code": 2, "message": s.failed}
		}
	}
	resource := attributes([]model.Fact{{Key: "service.name", Text: "zhibu"}, {Key: "service.version", Text: t.options.Version}, {Key: "service.instance.id", Text: t.options.Process}})
	return object{"resourceSpans": []object{{
		"resource": object{"attributes": resource}, "scopeSpans": []object{{"scope": object{"name": "zhibu"}, "spans": spans}},
	}}}
}

func attributes(facts []model.Fact) []object {
	out := make([]object, 0, len(facts))
	for _, f := range facts {
		value := object{"stringValue": f.Text}
		if f.Text == "" {
			value = object{"intValue": strconv.FormatInt(f.Number, 10)}
		}
		out = append(out, object{"key": f.Key, "value": value})
	}
	return out
}
