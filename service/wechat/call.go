package wechat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// The sizes of what WeChat may answer.
const (
	jsonLimit  = 1 << 20
	imageLimit = 5 << 20
)

// request is one call. With a body it is a POST, else a GET.
type request struct {
	api    string
	app    *account
	query  url.Values
	body   any
	secret string // a code that must not appear in errors
	image  bool   // the good answer is no JSON
}

// reply is WeChat's answer, read whole.
type reply struct {
	body []byte
	// resent says that the transport may have sent the request twice, which it does with a GET on a connection that died.
	resent bool
}

// head is what every JSON answer may carry. Embed it first in the type of an answer.
type head struct {
	ErrCode *int   `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

func (h *head) fault() (*int, string) { return h.ErrCode, h.ErrMsg }

// reset forgets an earlier try: a good answer to a login has no errcode that would overwrite the bad one's.
func (h *head) reset() { *h = head{} }

type answer interface {
	fault() (*int, string)
	reset()
}

// do makes a call that needs an access token. A dead token is renewed once, and the call made once more: a refused token says that
// nothing was done, so this holds for sends too. No other failure is tried again here.
func (d *Door) do(ctx context.Context, r request, into answer) (reply, error) {
	if err := d.need(r.app); err != nil {
		return reply{}, err
	}
	token, err := d.token(ctx, r.app, "")
	if err != nil {
		return reply{}, err
	}
	res, err := d.try(ctx, r, token, into)
	if ClassOf(err) != ClassToken {
		return res, err
	}
	if token, err = d.token(ctx, r.app, token); err != nil {
		return reply{}, err
	}
	return d.try(ctx, r, token, into)
}

// try is one exchange and its reading, logged.
func (d *Door) try(ctx context.Context, r request, token string, into answer) (reply, error) {
	start := d.clock()
	res, err := d.exchange(ctx, r, token)
	if err == nil && !(r.image && looksLikeImage(res.body)) {
		err = decode(r, res.body, into, d.known(r, token))
	}
	level, attrs := slog.LevelDebug, []slog.Attr{slog.String("api", r.api), slog.Duration("took", d.clock().Sub(start))}
	if c, ok := AsCallError(err); ok {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Int("errcode", c.Code), slog.String("class", string(c.Class)), slog.String("rid", c.RID), slog.String("errmsg", c.Msg))
	}
	d.log.LogAttrs(ctx, level, "wechat call", attrs...)
	d.figures.count(r.api, err, d.clock().Sub(start))
	return res, err
}

// exchange sends the request and reads the answer within the limits of time and size.
func (d *Door) exchange(ctx context.Context, r request, token string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, d.patience(r))
	defer cancel()
	// A connection that was handed to the request is the last moment at which we know that nothing was sent.
	var connections atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections.Add(1) }})
	known := d.known(r, token)
	req, err := d.compose(ctx, r, token)
	if err != nil {
		return reply{}, &CallError{API: r.api, Class: ClassBug, Msg: plain(redact(err.Error(), known...))}
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return reply{}, broken(r.api, err, connections.Load() > 0, known)
	}
	defer func() { _ = resp.Body.Close() }()
	limit := jsonLimit
	if r.image {
		limit = imageLimit
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return reply{}, unreadable(r.api, fmt.Sprintf("HTTP status %d", resp.StatusCode))
	case err != nil:
		return reply{}, broken(r.api, err, true, known)
	case len(body) > limit:
		return reply{}, unreadable(r.api, fmt.Sprintf("answer of more than %d bytes", limit))
	}
	return reply{body: body, resent: connections.Load() > 1}, nil
}

func (d *Door) compose(ctx context.Context, r request, token string) (*http.Request, error) {
	query := url.Values{}
	for k, v := range r.query {
		query[k] = v
	}
	if token != "" {
		query.Set("access_token", token)
	}
	address := d.base + r.api
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	if r.body == nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	}
	if p, ok := r.body.(*Picture); ok {
		return composeFile(ctx, address, p)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // WeChat counts and shows < and & as they are
	if err := enc.Encode(r.body); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, &buf)
	if err == nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return req, err
}

// known are the secrets that one call could betray.
func (d *Door) known(r request, token string) []string {
	return []string{r.app.Secret, r.app.AESKey, r.app.Token, token, r.secret}
}

// decode reads an answer. Its bytes never enter an error: they may hold a session key or a phone number.
func decode(r request, body []byte, into answer, known []string) error {
	into.reset()
	if err := json.Unmarshal(body, into); err != nil {
		return unreadable(r.api, fmt.Sprintf("answer of %d bytes that is not the expected JSON", len(body)))
	}
	if code, msg := into.fault(); code != nil && *code != 0 {
		return refused(r.api, *code, msg, known)
	}
	return nil
}
