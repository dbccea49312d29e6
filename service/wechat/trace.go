package wechat

import (
	"net/http"
	"strings"

	"zhibu/model"
)

// tracedTransport tells the tracer of each call: which of WeChat's interfaces, and the status. The query holds secrets and is not told.
type tracedTransport struct {
	next   http.RoundTripper
	tracer model.Tracer
}

// RoundTrip makes the call. The span ends with the head of the answer; WeChat's answers are short.
func (t tracedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	_, end := t.tracer.Begin(req.Context(), model.Traced{Kind: model.SpanClient, Name: "WeChat " + strings.Clone(req.URL.Path), Facts: []model.Fact{
		{Key: "http.request.method", Text: req.Method}, {Key: "server.address", Text: req.URL.Hostname()}, {Key: "url.path", Text: req.URL.Path},
	}})
	res, err := t.next.RoundTrip(req)
	if err != nil {
		end("unreachable")
		return nil, err
	}
	failure := ""
	if res.StatusCode >= 400 {
		failure = res.Status
	}
	end(failure, model.Fact{Key: "http.response.status_code", Number: int64(res.StatusCode)})
	return res, nil
}

// CloseIdleConnections lets the client close those of the transport below.
func (t tracedTransport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
