package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"zhibu/model"
)

// problem is the body of every error, RFC 9457.
type problem struct {
	Type      string        `json:"type" doc:"urn:zhibu:problem: and the code"`
	Title     string        `json:"title" doc:"what kind of error, in Chinese"`
	Status    int           `json:"status"`
	Code      string        `json:"code" doc:"a stable English word for programs"`
	Detail    string        `json:"detail" doc:"a Chinese sentence for the person"`
	Fields    []model.Field `json:"fields" doc:"every fault of the request, by its place"`
	RequestID string        `json:"request_id"`
	// Only second_factor_required has one.
	Challenge *challengeView `json:"challenge,omitempty"`
	// Only oauth_userinfo_required has one.
	URL string `json:"url,omitempty" doc:"the page of WeChat's on which signing in goes on"`

	retryAfter int
	cause      error
}

func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap gives the private cause, for the log alone.
func (p *problem) Unwrap() error { return p.cause }

// GetStatus makes a problem one of the errors that huma writes as they are.
func (p *problem) GetStatus() int { return p.Status }

// ContentType is what RFC 9457 asks for.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells a client when to come again.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

// statusOf is the one map from our codes to HTTP.
func statusOf(code model.Code) int {
	switch code {
	case model.CodeMalformed:
		return http.StatusBadRequest
	case model.CodeUnauthenticated, model.CodeTokenExpired, model.CodeTokenReused, model.CodeWechatCode, model.CodeSessionIdle, model.CodeSecondFactor, model.CodeFactorWrong:
		return http.StatusUnauthorized
	case model.CodeForbidden, model.CodeNotBound, model.CodeNoVote, model.CodeFactorSetup:
		return http.StatusForbidden
	case model.CodeNotFound, model.CodeNotOnRoster:
		return http.StatusNotFound
	case model.CodeMethod:
		return http.StatusMethodNotAllowed
	case model.CodeConflict, model.CodeAlreadyBound, model.CodeKeyReused, model.CodeNotOpen, model.CodeAlreadyVoted, model.CodeQuorum, model.CodeOAuthState, model.CodeOAuthAsk:
		return http.StatusConflict
	case model.CodeEditConflict:
		return http.StatusPreconditionFailed
	case model.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case model.CodeMediaType:
		return http.StatusUnsupportedMediaType
	case model.CodeInvalid, model.CodeConsent, model.CodeRejected, model.CodeWorkingHours:
		return http.StatusUnprocessableEntity
	case model.CodeRateLimited, model.CodeLoginLocked:
		return http.StatusTooManyRequests
	case model.CodeWechatDown:
		return http.StatusBadGateway
	case model.CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func titleOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "请求格式有误"
	case http.StatusUnauthorized:
		return "需要登录"
	case http.StatusForbidden:
		return "没有权限"
	case http.StatusNotFound:
		return "没有找到"
	case http.StatusMethodNotAllowed:
		return "不支持该方法"
	case http.StatusConflict:
		return "状态冲突"
	case http.StatusPreconditionFailed:
		return "内容已被修改"
	case http.StatusRequestEntityTooLarge:
		return "内容过大"
	case http.StatusUnsupportedMediaType:
		return "类型不支持"
	case http.StatusUnprocessableEntity:
		return "内容需要修改"
	case http.StatusTooManyRequests:
		return "操作过于频繁"
	case http.StatusBadGateway:
		return "微信服务暂不可用"
	case http.StatusServiceUnavailable:
		return "服务暂不可用"
	}
	return "系统出错"
}

// problemOf makes the answer to any error; what is not ours is internal and says nothing of its cause.
func problemOf(ctx context.Context, err error) *problem {
	var e *model.Error
	if !errors.As(err, &e) {
		e = model.Fail(model.CodeInternal, "系统出错了，请稍后再试；若一直如此，请把请求编号告诉管理员。").Because(err)
	}
	status := statusOf(e.Code)
	p := &problem{
		Type: "urn:zhibu:problem:" + string(e.Code), Title: titleOf(status), Status: status, Code: string(e.Code),
		Detail: e.Detail, Fields: e.Fields, URL: e.Location, RequestID: requestID(ctx), cause: err,
		retryAfter: int(math.Ceil(e.RetryAfter.Seconds())),
	}
	if e.Challenge != nil {
		p.Challenge = challengeOf(e.Challenge)
	}
	if p.Fields == nil {
		p.Fields = []model.Field{}
	}
	if (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && p.retryAfter == 0 {
		p.retryAfter = 5
	}
	return p
}

// logFault notes, once and with the request's id, what is not the caller's doing.
func logFault(ctx context.Context, log *slog.Logger, p *problem) {
	if p.Status >= 500 {
		log.ErrorContext(ctx, "request failed", "request_id", p.RequestID, "code", p.Code, "cause", p.cause)
	}
}

// writeProblem answers with a problem outside huma.
func writeProblem(w http.ResponseWriter, p *problem) {
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone away is not our fault to report
}

// humaOnce guards huma's package variables: they are the same for every server of the process.
var humaOnce sync.Once

// speakChinese makes huma answer in the contract's shape. Its messages are written as "code|sentence" and taken apart in fieldOf.
func speakChinese() {
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		std := context.Background()
		if ctx != nil {
			std = ctx.Context()
		}
		return problemOf(std, complete(std, fromHuma(status, msg, errs)))
	}
	for kind, format := range huma.DefaultFormats {
		format.Unmarshal = readJSON
		huma.DefaultFormats[kind] = format
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return problemOf(context.Background(), fromHuma(status, msg, errs))
	}
	for to, text := range map[*string]string{
		&validation.MsgUnexpectedProperty:            "unknown_field|没有这个字段，请检查字段名。",
		&validation.MsgExpectedRFC3339DateTime:       "invalid_time|时间格式应如 2026-11-23T19:00:00+08:00。",
		&validation.MsgExpectedRFC3339Date:           "invalid_date|日期格式应如 2026-11-23。",
		&validation.MsgExpectedRFC3339Time:           "invalid_time|时刻格式应如 20:00。",
		&validation.MsgExpectedRFC3986URI:            "invalid_url|不是有效的网址（%v）。",
		&validation.MsgExpectedRegexp:                "invalid|正则表达式有误（%v）。",
		&validation.MsgExpectedBoolean:               "wrong_type|应为 true 或 false。",
		&validation.MsgExpectedNumber:                "wrong_type|应为数字。",
		&validation.MsgExpectedInteger:               "wrong_type|应为整数。",
		&validation.MsgExpectedString:                "wrong_type|应为文字。",
		&validation.MsgExpectedArray:                 "wrong_type|应为列表。",
		&validation.MsgExpectedObject:                "wrong_type|应为对象。",
		&validation.MsgExpectedArrayItemsUnique:      "duplicate|列表中有重复的项。",
		&validation.MsgExpectedOneOf:                 "not_allowed|只能是以下之一：%s。",
		&validation.MsgExpectedMinimumNumber:         "too_small|不能小于 %v。",
		&validation.MsgExpectedMaximumNumber:         "too_large|不能大于 %v。",
		&validation.MsgExpectedMinLength:             "too_short|至少需要 %d 个字。",
		&validation.MsgExpectedMaxLength:             "too_long|不能超过 %d 个字。",
		&validation.MsgExpectedMinItems:              "too_few|至少需要 %d 项。",
		&validation.MsgExpectedMaxItems:              "too_many|最多 %d 项。",
		&validation.MsgExpectedBePattern:             "invalid|格式应为%s。",
		&validation.MsgExpectedMatchPattern:          "invalid|格式不符（%s）。",
		&validation.MsgExpectedRequiredProperty:      "required:%s|这一项必须填写。",
		&validation.MsgExpectedMaxProperties:         "too_many|最多 %d 项。",
		&validation.MsgExpectedMinProperties:         "too_few|至少需要 %d 项。",
		&validation.MsgExpectedMatchExactlyOneSchema: "invalid|内容不符合要求。",
		&validation.MsgExpectedMatchAtLeastOneSchema: "invalid|内容不符合要求。",
	} {
		*to = text
	}
}

// fromHuma turns what huma found into our error.
func fromHuma(status int, msg string, errs []error) error {
	for _, err := range errs { // an error of ours that passed through huma keeps its own code
		var own *model.Error
		if errors.As(err, &own) {
			return own
		}
	}
	switch status {
	case http.StatusBadRequest, http.StatusRequestTimeout:
		detail := "请求内容不是有效的 JSON，请检查后重试。"
		if strings.Contains(msg, "required") {
			detail = "请求内容不能为空，请以 JSON 提交。"
		}
		return model.Fail(model.CodeMalformed, detail).Because(errors.Join(errs...))
	case http.StatusRequestEntityTooLarge:
		return model.Fail(model.CodeTooLarge, "提交的内容过大，请精简后重试。")
	case http.StatusUnsupportedMediaType:
		return model.Fail(model.CodeMediaType, "请以 application/json 提交。")
	case http.StatusNotAcceptable:
		return model.Fail(model.CodeMediaType, "只能以 application/json 回答。")
	case http.StatusUnprocessableEntity:
		var v model.Invalid
		for _, err := range errs {
			f := fieldOf(err)
			v.Add(f.Field, f.Code, f.Detail)
		}
		if err := v.Err(); err != nil {
			return err
		}
		return model.Fail(model.CodeInvalid, "内容需要修改。")
	}
	return model.Fail(model.CodeInternal, "系统出错了，请稍后再试。").Because(errors.Join(append(errs, errors.New(msg))...))
}

func fieldOf(err error) model.Field {
	var d *huma.ErrorDetail
	if !errors.As(err, &d) {
		return model.Field{Code: "invalid", Detail: "内容需要修改。"}
	}
	place := d.Location
	for _, in := range []string{"body.", "query.", "path.", "header.", "form.", "cookie."} {
		if rest, ok := strings.CutPrefix(place, in); ok {
			place = rest
			break
		}
	}
	if place == "body" {
		place = ""
	}
	code, detail, ok := strings.Cut(d.Message, "|")
	if !ok {
		return model.Field{Field: place, Code: "invalid", Detail: foreignMessage(d.Message)}
	}
	if kind, name, ok := strings.Cut(code, ":"); ok { // a fault found from outside the field, which it names
		code = kind
		if place != "" {
			name = place + "." + name
		}
		place = name
	}
	return model.Field{Field: place, Code: code, Detail: detail}
}

// foreignMessage covers the few sentences huma does not let us replace.
func foreignMessage(s string) string {
	switch {
	case strings.Contains(s, "missing"):
		return "这一项必须填写。"
	case strings.Contains(s, "integer"):
		return "应为整数。"
	case strings.Contains(s, "boolean"):
		return "应为 true 或 false。"
	case strings.Contains(s, "date/time"), strings.Contains(s, "time"):
		return "时间格式应如 2026-11-23T19:00:00+08:00。"
	}
	return "格式不符，请检查后重试。"
}
