package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
)

const (
	// streamEvery is how often a push that is followed is looked at; streamQuiet is how long nothing is said at most, so that proxies keep the line.
	streamEvery = time.Second
	streamQuiet = 15 * time.Second
	// streamLife is shorter than the time that the server gives an answer; a browser opens the stream again.
	streamLife = 100 * time.Second
)

// pushStream adds the route that tells, as server-sent events, how a push goes on: one event when it begins and one with each change, until it is done.
func (a *API) pushStream(w who, path, summary string) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
		actor := actorOf(ctx)
		first, err := a.getPush(ctx, actor, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) { a.follow(ctx, hc, in, first) }}, nil
	})
}

// EndStreams ends what is followed when the server stops, so that nobody has to wait for it.
func (a *API) EndStreams() { a.endStreams() }

// follow writes the events. Each look asks for the push anew, so that a right that has been taken back ends the stream.
func (a *API) follow(ctx context.Context, hc huma.Context, in *IDPath, view pushView) {
	hc.SetHeader("Content-Type", "text/event-stream")
	hc.SetHeader("Cache-Control", "no-store")
	hc.SetHeader("X-Accel-Buffering", "no")
	hc.SetStatus(http.StatusOK)
	out := hc.BodyWriter()
	send := func(format string, args ...any) bool {
		if _, err := fmt.Fprintf(out, format, args...); err != nil {
			return false
		}
		if f, ok := out.(http.Flusher); ok {
			f.Flush()
		}
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, streamLife)
	defer cancel()
	defer context.AfterFunc(a.streams, cancel)()
	token, _ := strings.CutPrefix(hc.Header("Authorization"), "Bearer ")
	tick := time.NewTicker(streamEvery)
	defer tick.Stop()
	var last []byte
	said := time.Now()
	for {
		b, err := json.Marshal(view)
		if err != nil {
			return
		}
		switch {
		case !bytes.Equal(b, last):
			last, said = b, time.Now()
			if !send("event: push\ndata: %s\n\n", b) {
				return
			}
		case time.Since(said) >= streamQuiet:
			said = time.Now()
			if !send(": \n\n") {
				return
			}
		}
		if view.State == string(model.PushDone) || view.State == string(model.PushCancelled) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		actor, err := a.rooms.Signin.Actor(ctx, token)
		if err != nil {
			return
		}
		if view, err = a.getPush(ctx, actor, in); err != nil {
			return // the client asks again, and learns why
		}
	}
}
