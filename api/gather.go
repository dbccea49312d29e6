package api

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// Gather makes the connections of a listener such that a ready answer leaves with one call of the system: the server alone would hand it over in
// three parts, and each costs more than all else that is done for a hot page. Give the server Gathered as its ConnContext.
func Gather(l net.Listener) net.Listener {
	return &gathering{Listener: l, buffers: sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}}
}

// gathering lends buffers for the moment of an answer, so that an idle connection holds none.
type gathering struct {
	net.Listener
	buffers sync.Pool
}

// Accept waits for the next connection.
func (g *gathering) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if t, ok := c.(*net.TCPConn); ok && err == nil {
		return &gatheredConn{TCPConn: t, from: g}, nil
	}
	return c, err
}

type gatheredKey struct{}

// Gathered lets handlers find the connection of a request.
func Gathered(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, gatheredKey{}, c)
}

// gatheredConn can hold back what is written for a moment. Only the goroutine that answers the request writes, so nothing is locked.
type gatheredConn struct {
	*net.TCPConn
	from *gathering
	held *[]byte // nil when nothing is held back
}

// Write sends, or holds back.
func (c *gatheredConn) Write(p []byte) (int, error) {
	if c.held == nil {
		return c.TCPConn.Write(p)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

// mostHeld is how large an answer may be to be gathered; what is larger is sent in few large parts anyway.
const mostHeld = 64 << 10

// writeWhole answers 200 with a body and these lines of a head, each with its end, in one piece. The server writes the rest of the head, which is
// the status, the length, the date, and whether the connection stays. It reports whether it could; if not, nothing has been written.
func writeWhole(w http.ResponseWriter, r *http.Request, lines func(head []byte) []byte, body []byte) bool {
	c, ok := r.Context().Value(gatheredKey{}).(*gatheredConn)
	flusher, flushes := w.(http.Flusher)
	if !ok || !flushes || len(body) > mostHeld || len(body) == 0 {
		return false
	}
	buffer := c.from.buffers.Get().(*[]byte)
	c.held = buffer
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(http.StatusOK)
	flusher.Flush()
	if bytes.HasSuffix(*buffer, endOfHead) { // else the client has gone, and the server wrote nothing
		*buffer = append(lines((*buffer)[:len(*buffer)-2]), endOfHead[2:]...)
	}
	_, _ = w.Write(body) // who has gone cannot be told
	flusher.Flush()
	c.held = nil
	_, _ = c.TCPConn.Write(*buffer)
	*buffer = (*buffer)[:0]
	c.from.buffers.Put(buffer)
	return true
}

// inOnePiece writes a body, and with it the head that was not sent yet.
func inOnePiece(ctx context.Context, w io.Writer, body []byte) {
	c, ok := ctx.Value(gatheredKey{}).(*gatheredConn)
	flusher, flushes := w.(http.Flusher)
	if !ok || !flushes || len(body) > mostHeld {
		_, _ = w.Write(body) // who has gone cannot be told
		return
	}
	buffer := c.from.buffers.Get().(*[]byte)
	c.held = buffer
	_, _ = w.Write(body)
	flusher.Flush()
	c.held = nil
	_, _ = c.TCPConn.Write(*buffer)
	*buffer = (*buffer)[:0]
	c.from.buffers.Put(buffer)
}

var endOfHead = []byte("\r\n\r\n")
