package api

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"zhibu/model"
)

// Callback opens what WeChat pushes to one account's address.
type Callback interface {
	// Verify answers the GET with which WeChat makes sure that the address is ours.
	Verify(query url.Values) (echo string, ok bool)
	// Open checks the origin of a pushed message and reads it.
	Open(query url.Values, contentType string, body []byte) (model.WechatEvent, error)
}

// callbackRoutes are the addresses to which WeChat pushes. They speak WeChat's way, not the contract's.
func (a *API) callbackRoutes() {
	for _, account := range []struct {
		source   model.WechatSource
		callback Callback
	}{{model.WechatMiniProgram, a.rooms.MiniProgramCallback}, {model.WechatOfficial, a.rooms.OfficialCallback}} {
		path := "/wechat/callback/" + string(account.source)
		a.engine.GET(path, func(c *gin.Context) { a.verifyCallback(c, account.callback) })
		a.engine.POST(path, func(c *gin.Context) { a.receiveCallback(c, account.source, account.callback) })
	}
}

func (a *API) verifyCallback(c *gin.Context, callback Callback) {
	if callback == nil {
		a.abort(c, model.Fail(model.CodeUnavailable, "尚未配置微信消息推送。"))
		return
	}
	echo, ok := callback.Verify(c.Request.URL.Query())
	if !ok {
		a.abort(c, model.Forbidden("微信消息的签名不正确。"))
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(echo))
}

// receiveCallback stores and handles an event and says so; whatever else it answers makes WeChat deliver the event again.
func (a *API) receiveCallback(c *gin.Context, source model.WechatSource, callback Callback) {
	if callback == nil {
		a.abort(c, model.Fail(model.CodeUnavailable, "尚未配置微信消息推送。"))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			a.abort(c, model.Fail(model.CodeTooLarge, "微信消息过大。").Because(err))
			return
		}
		a.abort(c, model.Fail(model.CodeMalformed, "微信消息的内容无法识别。").Because(err))
		return
	}
	e, err := callback.Open(c.Request.URL.Query(), c.ContentType(), body)
	if err != nil {
		a.abort(c, err)
		return
	}
	if err := a.rooms.Push.Receive(c.Request.Context(), source, e); err != nil {
		a.abort(c, err)
		return
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte("success"))
}
