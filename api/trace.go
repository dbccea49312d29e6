package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"zhibu/model"
)

// trace opens the span of a request, below which the database's and WeChat's lie: by its route and never its address, without who asks. Of suggestions
// there is none, for the same reason as there is no line in the log. What a caller says of traces of its own is not taken.
func (a *API) trace(c *gin.Context) {
	route := c.FullPath()
	if strings.HasPrefix(route, basePath+"/suggestions") {
		c.Next()
		return
	}
	if route == "" {
		route = "none"
	}
	ctx, end := a.options.Tracer.Begin(c.Request.Context(), a.requestSpan(c.Request.Method, route, requestID(c.Request.Context()), time.Time{}))
	c.Request = c.Request.WithContext(ctx)
	c.Next()
	endRequest(end, c.Writer.Status())
}

// traceHot is trace for a page that was answered before the router.
func (a *API) traceHot(r *http.Request, route, id string, status int, start time.Time) {
	_, end := a.options.Tracer.Begin(r.Context(), a.requestSpan(r.Method, route, id, start))
	endRequest(end, status)
}

func (a *API) requestSpan(method, route, id string, start time.Time) model.Traced {
	return model.Traced{Kind: model.SpanServer, Name: method + " " + route, Start: start, Facts: []model.Fact{
		{Key: "http.request.method", Text: method}, {Key: "http.route", Text: route}, {Key: "zhibu.request_id", Text: id},
	}}
}

func endRequest(end func(string, ...model.Fact), status int) {
	failure := ""
	if status >= http.StatusInternalServerError {
		failure = strconv.Itoa(status)
	}
	end(failure, model.Fact{Key: "http.response.status_code", Number: int64(status)})
}
