package model

import (
	"errors"
	"fmt"
	"time"
)

// Code is the stable English word a client's program reads; each belongs to one HTTP status, mapped in api.
type Code string

// The codes of the contract.
const (
	CodeMalformed       Code = "malformed_json"
	CodeUnauthenticated Code = "unauthenticated"
	CodeTokenExpired    Code = "token_expired"
	CodeTokenReused     Code = "token_reused"
	CodeSessionIdle     Code = "session_idle"
	CodeSecondFactor    Code = "second_factor_required"
	CodeFactorWrong     Code = "second_factor_invalid"
	CodeFactorSetup     Code = "second_factor_setup_required"
	CodeWechatCode      Code = "wechat_code_invalid"
	CodeOAuthState      Code = "oauth_state_invalid"
	CodeOAuthAsk        Code = "oauth_userinfo_required"
	CodeForbidden       Code = "forbidden"
	CodeNotBound        Code = "not_bound"
	CodeNoVote          Code = "no_vote"
	CodeNotFound        Code = "not_found"
	CodeNotOnRoster     Code = "not_on_roster"
	CodeMethod          Code = "method_not_allowed"
	CodeConflict        Code = "conflict"
	CodeAlreadyBound    Code = "already_bound"
	CodeAlreadyVoted    Code = "already_voted"
	CodeQuorum          Code = "quorum_not_met"
	CodeKeyReused       Code = "idempotency_key_reused"
	CodeNotOpen         Code = "not_open"
	CodeEditConflict    Code = "edit_conflict"
	CodeTooLarge        Code = "payload_too_large"
	CodeMediaType       Code = "unsupported_media_type"
	CodeInvalid         Code = "validation_failed"
	CodeConsent         Code = "consent_required"
	CodeRejected        Code = "content_rejected"
	CodeWorkingHours    Code = "within_working_hours"
	CodeRateLimited     Code = "rate_limited"
	CodeLoginLocked     Code = "login_locked"
	CodeInternal        Code = "internal"
	CodeWechatDown      Code = "wechat_unavailable"
	CodeUnavailable     Code = "unavailable"
)

// Field names one fault of a request: the place in the body or the parameter, a code for programs, a sentence for people.
type Field struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error is the one error type that crosses rooms: a code, a safe Chinese sentence for the person, and a private cause for the log.
type Error struct {
	Code       Code
	Detail     string
	Fields     []Field
	RetryAfter time.Duration
	Challenge  *Challenge // of second_factor_required: how to go on
	Location   string     // of oauth_userinfo_required: where to go on
	Cause      error
}

// Error is for logs and tests; what a person sees is Detail alone.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Detail
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s %s]", f.Field, f.Code)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// Fail makes an Error with a Chinese sentence.
func Fail(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// Failf is Fail with formatting.
func Failf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Because returns a copy that carries the private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// NotFound is what the caller gets for what is not there and for what they may not see alike, so that neither is told apart.
func NotFound(what string) *Error {
	return Fail(CodeNotFound, "没有找到"+what+"，可能已删除，或您无权查看。")
}

// Forbidden is for what the caller may see but not do.
func Forbidden(detail string) *Error { return Fail(CodeForbidden, detail) }

// Conflict is for a step that the present state does not allow.
func Conflict(detail string) *Error { return Fail(CodeConflict, detail) }

// Invalid collects the faults of one request. Use Add, then Err.
type Invalid struct{ fields []Field }

// Add notes one fault: the field's place, a code such as "required", and how to mend it, in Chinese.
func (v *Invalid) Add(field, code, detail string) {
	v.fields = append(v.fields, Field{Field: field, Code: code, Detail: detail})
}

// Err is nil when nothing was added. The first fault's sentence is also the whole error's.
func (v *Invalid) Err() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &Error{Code: CodeInvalid, Detail: v.fields[0].Detail, Fields: v.fields}
}

// With is Err, where err may hold more faults of the same request; another error is returned as it is.
func (v *Invalid) With(err error) error {
	if err == nil {
		return v.Err()
	}
	var e *Error
	if !errors.As(err, &e) || e.Code != CodeInvalid || len(e.Fields) == 0 {
		return err
	}
	v.fields = append(v.fields, e.Fields...)
	return v.Err()
}

// BadField is an error about one field only.
func BadField(field, code, detail string) *Error {
	return &Error{Code: CodeInvalid, Detail: detail, Fields: []Field{{Field: field, Code: code, Detail: detail}}}
}

// CodeOf tells the code of any error; a foreign one is internal.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// IsNotFound reports whether err says that something is not there.
func IsNotFound(err error) bool { return CodeOf(err) == CodeNotFound }
