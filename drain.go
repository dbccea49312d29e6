package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// linger is how long connections that stay open are still answered once no new one is taken.
const linger = 500 * time.Millisecond

// drain takes the process out of use before anything of it is closed, so that a balancer in front sends nobody to a door that shuts. First /readyz
// says no, and every answer asks its connection to end; new connections are still taken for as long as the setting says. Then no new ones are,
// which a balancer answers by going to the next server, and the open ones have a moment more: one that is closed while a request is on its way
// would lose it, and a balancer may not send a writing request twice.
func (h *house) drain(ctx context.Context, public net.Listener, ended chan error, guests *guests) error {
	h.api.Drain()
	wait(ctx, h.cfg.Drain, nil)
	err := public.Close()
	if served := <-ended; !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	ended <- http.ErrServerClosed
	wait(ctx, linger, guests.left())
	return err
}

// wait returns after some time, or when the other event comes before.
func wait(ctx context.Context, d time.Duration, event <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-event:
	case <-ctx.Done():
	}
}

// guests counts the open connections of a server.
type guests struct {
	mu    sync.Mutex
	n     int
	empty chan struct{} // closed when the last has gone; nil as long as nobody asks
}

func watchGuests(s *http.Server) *guests {
	g := &guests{}
	s.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			g.count(1)
		case http.StateClosed, http.StateHijacked:
			g.count(-1)
		}
	}
	return g
}

func (g *guests) count(by int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n += by; g.n == 0 && g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

// left is closed once no connection is open. It is asked for when no new ones come.
func (g *guests) left() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	empty := make(chan struct{})
	if g.n == 0 {
		close(empty)
	} else {
		g.empty = empty
	}
	return empty
}
