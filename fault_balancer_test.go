package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// balancer stands before several servers as nginx does in deploy: it keeps connections to them, takes each in turn, asks them whether they are
// ready, and goes to the next where a connection is refused. What was sent to a server whose connection then breaks it gives to another only where
// asking twice is harmless, as nginx does, and counts it: by draining there should be none.
type balancer struct {
	t      *testing.T
	url    string
	client http.RoundTripper

	mu      sync.Mutex
	changed chan struct{}
	doors   []*door
	turn    int
	lost    []string // requests whose connection broke after they were sent
}

// door is one server behind the balancer.
type door struct {
	base  string
	ready bool
	said  int // what /readyz answered last; 0: nothing
}

// newBalancer listens, and asks the doors until the test ends.
func newBalancer(t *testing.T, doors int) *balancer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 32, DisableCompression: true}
	b := &balancer{t: t, url: "http://" + l.Addr().String(), client: transport, changed: make(chan struct{})}
	for range doors {
		b.doors = append(b.doors, &door{})
	}
	server := &http.Server{Handler: b, ReadHeaderTimeout: time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { _ = server.Serve(l) })
	for i := range doors {
		work.Go(func() { b.probe(ctx, i) })
	}
	t.Cleanup(func() {
		stop()
		_ = server.Close()
		transport.CloseIdleConnections()
		work.Wait()
	})
	return b
}

// lead tells where a door leads now, and waits until it is ready.
func (b *balancer) lead(i int, base string) {
	b.t.Helper()
	b.mu.Lock()
	b.doors[i].base, b.doors[i].ready, b.doors[i].said = base, false, 0
	b.mu.Unlock()
	b.until("the door is ready", func() bool { return b.doors[i].ready })
}

// heard is what a door's server said last when it was asked whether it is ready.
func (b *balancer) heard(i int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.doors[i].said
}

// until waits until right is true; the balancer is locked while it is asked.
func (b *balancer) until(what string, right func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	for {
		b.mu.Lock()
		ok, changed := right(), b.changed
		b.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			b.t.Fatalf("not within half a minute: %s", what)
		}
	}
}

// notify wakes who waits. The caller holds the lock.
func (b *balancer) notify() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// probe asks one door, over a connection of its own each time, as a balancer's health check does.
func (b *balancer) probe(ctx context.Context, i int) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		b.mu.Lock()
		base := b.doors[i].base
		b.mu.Unlock()
		if base == "" {
			continue
		}
		said := 0
		if req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil); err == nil {
			if res, err := client.Do(req); err == nil {
				said = res.StatusCode
				_ = res.Body.Close()
			}
		}
		b.mu.Lock()
		if d := b.doors[i]; d.base == base {
			d.ready = said == http.StatusOK
			if said != 0 {
				d.said = said
			}
			b.notify()
		}
		b.mu.Unlock()
	}
}

// order is in which order the doors are tried for one request: the ready ones in turn, then the others.
func (b *balancer) order() []*door {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn++
	n := len(b.doors)
	var first, then []*door
	for i := range n {
		if d := b.doors[(b.turn+i)%n]; d.ready {
			first = append(first, d)
		} else if d.base != "" {
			then = append(then, d)
		}
	}
	return slices.Concat(first, then)
}

// ServeHTTP passes one request on.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	for _, d := range b.order() {
		b.mu.Lock()
		base := d.base
		b.mu.Unlock()
		res, err := b.pass(r, base, body)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			b.mu.Lock()
			d.ready = false // until it says so again
			b.mu.Unlock()
			continue
		case err != nil && r.Context().Err() != nil:
			return
		case err != nil:
			b.mu.Lock()
			b.lost = append(b.lost, r.Method+" "+r.URL.Path+": "+err.Error())
			b.mu.Unlock()
			if r.Method == http.MethodGet || r.Method == http.MethodPut || r.Method == http.MethodDelete {
				continue
			}
			http.Error(w, "bad gateway", http.StatusBadGateway)
			return
		}
		maps.Copy(w.Header(), res.Header)
		w.Header().Del("Connection")
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body) // a client that has gone cannot be told
		_ = res.Body.Close()
		return
	}
	http.Error(w, "bad gateway", http.StatusBadGateway)
}

// pass sends the request to a server. The body cannot be read twice, so that nothing below sends it a second time unasked.
func (b *balancer) pass(r *http.Request, base string, body []byte) (*http.Response, error) {
	out, err := http.NewRequestWithContext(r.Context(), r.Method, base+r.URL.RequestURI(), nil)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	out.Header = r.Header.Clone()
	return b.client.RoundTrip(out)
}

// broken is what was lost so far.
func (b *balancer) broken() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lost)
}
