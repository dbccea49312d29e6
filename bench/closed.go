package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// connections are how many ask at the same time, each as soon as it has its answer.
const connections = 64

// stream makes requests one after the other over open connections. It writes and reads plain bytes: the usual client costs more than the fastest of
// the servers that are measured here, and would measure itself.
type stream struct {
	address string
	want    int                // the status of every answer
	length  int                // its length in bytes, when above 0
	next    func(n int) []byte // the n-th request, whole
	made    atomic.Int64
}

// volley is what came of a while of asking.
type volley struct {
	answers int
	took    time.Duration
}

func (v *volley) add(more volley) { v.answers, v.took = v.answers+more.answers, v.took+more.took }

func (v volley) rate() float64 { return float64(v.answers) / v.took.Seconds() }

// run asks for a span over all connections.
func (s *stream) run(ctx context.Context, span time.Duration) (volley, error) {
	conns := make([]net.Conn, 0, connections)
	defer func() {
		for _, c := range conns {
			_ = c.Close() // all answers are read
		}
	}()
	for range connections {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
		if err != nil {
			return volley{}, err
		}
		conns = append(conns, c)
	}
	began := time.Now()
	ends := began.Add(span)
	counts, errs := make([]int, len(conns)), make([]error, len(conns))
	var all sync.WaitGroup
	for i, c := range conns {
		all.Go(func() { counts[i], errs[i] = s.ask(c, ends) })
	}
	all.Wait()
	v := volley{took: time.Since(began)}
	for _, n := range counts {
		v.answers += n
	}
	return v, errors.Join(errs...)
}

// ask makes requests over one connection until the end.
func (s *stream) ask(c net.Conn, ends time.Time) (n int, err error) {
	if err := c.SetDeadline(ends.Add(15 * time.Second)); err != nil {
		return 0, err
	}
	r := bufio.NewReaderSize(c, 16<<10)
	for time.Now().Before(ends) {
		if _, err := c.Write(s.next(int(s.made.Add(1)))); err != nil {
			return n, err
		}
		status, length, body, err := readAnswer(r)
		if err != nil {
			return n, err
		}
		if status != s.want || (s.length > 0 && length != s.length) {
			return n, fmt.Errorf("answered %d with %d bytes instead of %d with %d: %s", status, length, s.want, s.length, body)
		}
		n++
	}
	return n, nil
}

// readAnswer reads one answer to its end. Of its body it keeps what explains a failure.
func readAnswer(r *bufio.Reader) (status, length int, body []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, 0, nil, err
	}
	if len(line) < 12 {
		return 0, 0, nil, fmt.Errorf("no answer of HTTP: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, nil, err
	}
	chunked := false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, 0, nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	var from io.Reader = io.LimitReader(r, int64(length))
	if chunked {
		from = httputil.NewChunkedReader(r)
	}
	if status >= 400 {
		body, err = io.ReadAll(from)
		length = len(body)
	} else if chunked {
		var n int64
		n, err = io.Copy(io.Discard, from)
		length = int(n)
	} else {
		_, err = r.Discard(length)
	}
	if chunked && err == nil {
		_, err = r.ReadSlice('\n') // the blank line behind the last chunk
	}
	return status, length, body, err
}

// request is a whole request in bytes.
func request(method, path, token, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: bench\r\n", method, path)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	if body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(&b, "\r\n%s", body)
	return b.Bytes()
}

// rival is one of two servers that are compared, with how it is asked.
type rival struct {
	*process
	*stream
	volley
	used time.Duration // processor time
}

// turn lets a rival answer for a span.
func (r *rival) turn(ctx context.Context, span time.Duration) error {
	before, err := r.cpu()
	if err != nil {
		return err
	}
	v, err := r.run(ctx, span)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, r.tail())
	}
	after, err := r.cpu()
	r.add(v)
	r.used += after - before
	return err
}

// duel lets two servers answer in turns of a second, so that a bad moment of the machine hits both; what one does in the background meanwhile is
// its own affair. The first turn of each warms it and is not counted.
func (h *house) duel(ctx context.Context, turns int, a, b *rival) error {
	for _, r := range []*rival{a, b} {
		if err := r.turn(ctx, h.options.span(time.Second)); err != nil {
			return err
		}
		r.volley, r.used = volley{}, 0
	}
	for i := range turns {
		for _, r := range []*rival{a, b} {
			if err := r.turn(ctx, h.options.span(time.Second)); err != nil {
				return err
			}
		}
		if h.options.Smoke && i == 0 {
			break
		}
	}
	if a.answers == 0 || b.answers == 0 {
		return errors.New("nothing was answered")
	}
	return nil
}

// each is the processor time of one answer in microseconds.
func (r *rival) each() float64 { return float64(r.used.Microseconds()) / float64(r.answers) }

// busy is the share of its core that a rival had while it answered.
func (r *rival) busy() float64 { return r.used.Seconds() / r.took.Seconds() }

// sideBySide are the facts that say what stood behind two rates.
func sideBySide(a, b *rival) []fact {
	return []fact{
		{"processor time of an answer", a.each(), "µs"}, {"of the yardstick", b.each(), "µs"}, {"ratio by processor time", b.each() / a.each(), ""},
		{"core busy", a.busy(), ""}, {"of the yardstick", b.busy(), ""},
	}
}
