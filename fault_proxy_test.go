package main

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands before a server and can take it away: what no server does by itself at the moment that a test wants.
type proxy struct {
	t      *testing.T
	target string
	addr   string

	mu      sync.Mutex
	changed *sync.Cond
	listen  net.Listener
	conns   map[net.Conn]bool
	stalled bool
	work    sync.WaitGroup
}

// newProxy listens before the target and passes everything on.
func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{t: t, target: target, addr: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.mend()
	t.Cleanup(func() {
		p.cut()
		p.resume()
		p.work.Wait()
	})
	return p
}

// cut breaks every connection and refuses new ones, as a server that was stopped does.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listen == nil {
		return
	}
	_ = p.listen.Close()
	p.listen = nil
	for c := range p.conns {
		_ = c.Close()
	}
	p.changed.Broadcast()
}

// mend listens again, at the same address.
func (p *proxy) mend() {
	p.t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.listen, p.addr = l, l.Addr().String()
	p.mu.Unlock()
	p.work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.serve(l, c) })
		}
	})
}

// stall keeps connections open and lets nothing through, as a machine that hangs does; resume ends it, and nothing is lost.
func (p *proxy) stall() { p.setStalled(true) }

func (p *proxy) resume() { p.setStalled(false) }

func (p *proxy) setStalled(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = on
	p.changed.Broadcast()
}

func (p *proxy) serve(l net.Listener, c net.Conn) {
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	open := p.listen == l
	p.conns[c], p.conns[up] = true, true
	p.mu.Unlock()
	if !open {
		_, _ = c.Close(), up.Close()
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(up, c) })
	both.Go(func() { p.pass(c, up) })
	both.Wait()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, up)
	p.mu.Unlock()
}

// pass copies until either side ends, and then ends both.
func (p *proxy) pass(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.wait()
			if _, werr := to.Write(buf[:n]); werr != nil && err == nil {
				err = werr
			}
		}
		if err != nil {
			if err != io.EOF {
				_ = from.Close()
			}
			_ = to.Close()
			return
		}
	}
}

func (p *proxy) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.stalled && p.listen != nil {
		p.changed.Wait()
	}
}
