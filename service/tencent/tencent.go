// Package tencent is the door to Tencent Meeting's REST API, for an application of one's own enterprise: rooms are made, moved and ended.
// Each request is signed as its documentation asks (企业内部应用鉴权). The program's own secrets stay out of every error.
package tencent

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
)

// DefaultBaseURL is where the service answers.
const DefaultBaseURL = "https://api.meeting.qq.com"

// Config is what the enterprise's administrator finds in the console under 企业管理, 高级, REST API.
type Config struct {
	BaseURL   string // DefaultBaseURL when empty
	AppID     string // the enterprise
	SDKID     string // the application
	SecretID  string
	SecretKey string
	UserID    string // the account in whose name rooms are made
	Clock     model.Clock
	HTTP      *http.Client // one of its own when nil
}

// Client asks the service. It is safe for use by many goroutines.
type Client struct {
	cfg  Config
	http *http.Client
}

const (
	patience   = 10 * time.Second
	maxAnswer  = 1 << 20
	instance   = 1  // a PC: the document has no number for a server
	maxSubject = 80 // runes; the service takes more, phones show less
)

// New makes a client.
func New(cfg Config) *Client {
	if cfg.BaseURL == "" {
		cfg.BaseURL = DefaultBaseURL
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	c := &Client{cfg: cfg, http: cfg.HTTP}
	if c.http == nil {
		c.http = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return c
}

// Meeting is what the service has to know.
type Meeting struct {
	Subject          string
	StartsAt, EndsAt time.Time
}

// Room is a meeting at the service.
type Room struct {
	ID   string // its own name of it
	Code string // what people type in, nine digits or more
	URL  string
}

// Error is a refusal by the service.
type Error struct {
	Status  int
	Code    int
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("tencent meeting: status %d, code %d: %s", e.Status, e.Code, e.Message)
}

// Permanent reports whether asking again would be refused again: the request or the account is wrong. Too many requests, a clock that is off by a
// moment and the service's own faults pass.
func (e *Error) Permanent() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout && e.Code != codeReplayed
}

// codeReplayed: the same time and nonce were seen within five minutes.
const codeReplayed = 190301

// Create makes a room. It is not idempotent: when the answer is lost, there may be a room that nobody knows of.
func (c *Client) Create(ctx context.Context, m Meeting) (Room, error) {
	body := map[string]any{
		"userid": c.cfg.UserID, "instanceid": instance, "subject": model.CutRunes(m.Subject, maxSubject), "type": 0,
		"start_time": unix(m.StartsAt), "end_time": unix(m.EndsAt),
		"settings": map[string]any{"mute_enable_join": true, "allow_in_before_host": true},
	}
	var answer struct {
		List []struct {
			ID      string `json:"meeting_id"`
			Code    string `json:"meeting_code"`
			JoinURL string `json:"join_url"`
		} `json:"meeting_info_list"`
	}
	if err := c.call(ctx, http.MethodPost, "/v1/meetings", body, &answer); err != nil {
		return Room{}, err
	}
	if len(answer.List) == 0 || answer.List[0].ID == "" || answer.List[0].JoinURL == "" && answer.List[0].Code == "" {
		return Room{}, errors.New("tencent meeting: the answer names no room")
	}
	r := answer.List[0]
	return Room{ID: r.ID, Code: spaced(r.Code), URL: r.JoinURL}, nil
}

// Update moves a room or gives it another subject.
func (c *Client) Update(ctx context.Context, id string, m Meeting) error {
	body := map[string]any{
		"userid": c.cfg.UserID, "instanceid": instance, "subject": model.CutRunes(m.Subject, maxSubject), "start_time": unix(m.StartsAt), "end_time": unix(m.EndsAt),
	}
	return c.call(ctx, http.MethodPut, "/v1/meetings/"+url.PathEscape(id), body, nil)
}

// Cancel ends a room.
func (c *Client) Cancel(ctx context.Context, id, reason string) error {
	body := map[string]any{"userid": c.cfg.UserID, "instanceid": instance, "reason_code": 1, "reason_detail": model.CutRunes(reason, maxSubject)}
	return c.call(ctx, http.MethodPost, "/v1/meetings/"+url.PathEscape(id)+"/cancel", body, nil)
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// spaced writes a code of nine digits as people read it aloud: 860 215 477.
func spaced(code string) string {
	if len(code) != 9 || strings.Trim(code, "0123456789") != "" {
		return code
	}
	return code[:3] + " " + code[3:6] + " " + code[6:]
}

// call makes one signed request. uri is the path as it is signed, with what follows it.
func (c *Client) call(ctx context.Context, method, uri string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.cfg.BaseURL+uri, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("tencent meeting: %w", err)
	}
	if err := c.sign(req, uri, body); err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("tencent meeting: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("tencent meeting: read the answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return refusal(res.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("tencent meeting: the answer is not JSON: %w", err)
	}
	return nil
}

// sign puts the headers of the service's signature on a request.
func (c *Client) sign(req *http.Request, uri string, body []byte) error {
	n, err := rand.Int(rand.Reader, big.NewInt(1<<31-2))
	if err != nil {
		return err
	}
	nonce := strconv.FormatInt(n.Int64()+1, 10)
	timestamp := strconv.FormatInt(c.cfg.Clock().Unix(), 10)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-TC-Key": c.cfg.SecretID, "X-TC-Timestamp": timestamp, "X-TC-Nonce": nonce, "AppId": c.cfg.AppID, "SdkId": c.cfg.SDKID,
		"X-TC-Registered": "1", "X-TC-Signature": Signature(c.cfg.SecretID, c.cfg.SecretKey, req.Method, nonce, timestamp, uri, body),
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	return nil
}

// Signature is base64 of the hexadecimal HMAC-SHA256 over method, the three signed headers in this order, the path with its query, and the body.
func Signature(secretID, secretKey, method, nonce, timestamp, uri string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secretKey))
	fmt.Fprintf(mac, "%s\nX-TC-Key=%s&X-TC-Nonce=%s&X-TC-Timestamp=%s\n%s\n%s", method, secretID, nonce, timestamp, uri, body)
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(mac.Sum(nil))))
}

// refusal reads the service's error; a proxy's page is none and only told by its status.
func refusal(status int, answer []byte) error {
	var body struct {
		Info struct {
			Code    int    `json:"error_code"`
			NewCode int    `json:"new_error_code"`
			Message string `json:"message"`
		} `json:"error_info"`
	}
	e := &Error{Status: status, Message: "no reason given"}
	if json.Unmarshal(answer, &body) == nil && body.Info.Message != "" && utf8.ValidString(body.Info.Message) {
		e.Code, e.Message = body.Info.Code, model.CutRunes(model.SingleLine(body.Info.Message), 200)
	}
	return e
}
