package wechat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"zhibu/model"
)

// CallError is a call to WeChat that failed. It never holds a secret, a token, a session key or a code.
type CallError struct {
	API        string // the path, one of the API constants
	Code       int    // WeChat's errcode; 0 when there was no readable answer
	Msg        string // WeChat's errmsg without the rid, or what went wrong on the way
	RID        string // names the call in WeChat's own log for seven days
	Class      RetryClass
	FieldKey   string // the template key that 47003 complains of
	RetryAfter time.Duration
	cause      error
}

func (e *CallError) Error() string {
	s := fmt.Sprintf("wechat %s: %d %s (%s", e.API, e.Code, e.Msg, e.Class)
	if e.RID != "" {
		s += ", rid " + e.RID
	}
	return s + ")"
}

// Unwrap shows a cancelled or expired context and nothing else of the cause.
func (e *CallError) Unwrap() error { return e.cause }

// As lets errors.As find the *model.Error that people get, so that a CallError crosses rooms like any other error.
func (e *CallError) As(target any) bool {
	t, ok := target.(**model.Error)
	if ok {
		*t = e.public()
	}
	return ok
}

// ClassOf is the class of an error from this door; a foreign error has none, and missing settings are ClassConfig.
func ClassOf(err error) RetryClass {
	var c *CallError
	if errors.As(err, &c) {
		return c.Class
	}
	if err != nil && model.CodeOf(err) == model.CodeWechatDown {
		return ClassConfig
	}
	return ""
}

// Public turns an error of this door into the one for people; anything else comes back unchanged.
func Public(err error) error {
	var c *CallError
	if errors.As(err, &c) {
		return c.public()
	}
	return err
}

func (e *CallError) public() *model.Error {
	m := e.sentence().Because(e)
	m.RetryAfter = e.RetryAfter
	return m
}

func (e *CallError) sentence() *model.Error {
	switch e.Class {
	case ClassCode:
		if e.API == APIPhone {
			return model.Fail(model.CodeWechatCode, "手机号授权已失效，请重新点击授权按钮。")
		}
		return model.Fail(model.CodeWechatCode, "微信登录凭证无效或已过期，请重新登录。")
	case ClassBlocked:
		return model.Fail(model.CodeForbidden, "微信提示该账号存在安全风险，暂时无法登录，请先在微信中处理。")
	case ClassContent:
		return model.Fail(model.CodeRejected, "内容未通过微信的安全检查，请修改后再试。")
	case ClassNotRecent:
		return model.Fail(model.CodeWechatDown, "微信要求近两小时内打开过小程序，请重新进入小程序后再试。")
	case ClassMinute, ClassSecond, ClassDaily, ClassConcurrent:
		return model.Fail(model.CodeWechatDown, "微信接口调用过于频繁，请稍后再试。")
	case ClassConfig, ClassTemplate, ClassPage:
		return model.Fail(model.CodeWechatDown, "微信一侧的设置有误，请联系管理员处理。")
	}
	switch e.API {
	case APILogin, APIWebLogin, APIWebUser:
		return model.Fail(model.CodeWechatDown, "微信暂时没有应答，请稍后重新登录。")
	case APIPhone:
		return model.Fail(model.CodeWechatDown, "微信暂时没有应答，请稍后重新点击授权按钮。")
	}
	return model.Fail(model.CodeWechatDown, "微信服务暂时不可用，请稍后再试。")
}

var (
	// The rid, or the req_id of older answers, stands at the end of errmsg.
	ridPattern = regexp.MustCompile(`(?i)[,\s]*(?:hints?:\s*\[\s*)?(?:rid|req_id):\s*([0-9a-z][0-9a-z._-]{3,63})\s*\]?`)
	// 47003 names the key in one of two ways, by the API.
	fieldPattern = regexp.MustCompile(`data\.([A-Za-z_]+\d*)\.value|\b([A-Za-z_]+\d*)\.DATA`)
	// secretPattern finds secrets in addresses, forms and JSON, whatever wrote them there.
	secretPattern = regexp.MustCompile(`(?i)((?:app_?)?secret|access_token|session_key|js_code|refresh_token|encoding_?aes_?key|phone_?code)("?\s*[=:]\s*"?)([^&\s"',;}<>]+)`)
)

// redact blanks what looks like a secret and every secret that is known by value.
func redact(s string, known ...string) string {
	for _, k := range known {
		// What is shorter than a real secret is not searched for: it would blank innocent words.
		if len(k) >= 6 {
			s = strings.ReplaceAll(s, k, "***")
			s = strings.ReplaceAll(s, url.QueryEscape(k), "***")
		}
	}
	return secretPattern.ReplaceAllString(s, "${1}${2}***")
}

// plain keeps foreign text fit for one log line.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return model.CutRunes(strings.TrimSpace(s), 300)
}

// refused is WeChat's own no.
func refused(api string, code int, errmsg string, known []string) *CallError {
	e := &CallError{API: api, Code: code, Class: Class(api, code)}
	e.RetryAfter = waitFor(e.Class, code)
	msg := redact(errmsg, known...)
	if m := ridPattern.FindStringSubmatch(msg); m != nil {
		e.RID = m[1]
		msg = strings.Replace(msg, m[0], "", 1)
	}
	if e.Class == ClassData {
		if m := fieldPattern.FindStringSubmatch(msg); m != nil {
			e.FieldKey = m[1] + m[2]
		}
	}
	e.Msg = plain(msg)
	return e
}

// unreadable is an answer that says nothing: a gateway's page, half a JSON. It is treated like WeChat's -1.
func unreadable(api, what string) *CallError {
	e := &CallError{API: api, Msg: what, Class: Class(api, unclear)}
	e.RetryAfter = waitFor(e.Class, 0)
	return e
}

// broken is a call that ended without an answer. Before a connection was there nothing can have happened; after that, anything.
func broken(api string, err error, connected bool, known []string) *CallError {
	e := &CallError{API: api, Class: ClassNotSent}
	if connected {
		e.Class = Class(api, unclear)
	}
	e.RetryAfter = waitFor(e.Class, 0)
	// url.Error would repeat the whole address with its secrets.
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	e.Msg = plain(redact(err.Error(), known...))
	var ne net.Error
	switch {
	case errors.Is(err, context.Canceled):
		e.cause = context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		e.cause = context.DeadlineExceeded
	}
	return e
}

// AsCallError finds the CallError in an error of this door. errors.As alone would do; this saves the caller the variable.
func AsCallError(err error) (*CallError, bool) {
	var c *CallError
	ok := errors.As(err, &c)
	return c, ok
}
