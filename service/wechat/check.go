package wechat

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/miniprogram/security"

	"zhibu/model"
)

// Suggest is what WeChat advises about a text or a picture.
type Suggest string

// Only Pass lets a text out by itself.
const (
	Pass   Suggest = Suggest(security.CheckSuggestPass)
	Review Suggest = Suggest(security.CheckSuggestReview)
	Risky  Suggest = Suggest(security.CheckSuggestRisky)
)

// The labels that a rule of ours asks about.
const (
	LabelNormal   = 100
	LabelPolitics = 20001
)

// Scene says where a text will stand.
type Scene int

// The scenes of the content check.
const (
	SceneProfile Scene = Scene(security.MsgSceneMaterial)
	SceneComment Scene = Scene(security.MsgSceneComment)
	SceneForum   Scene = Scene(security.MsgSceneForum)
	SceneSocial  Scene = Scene(security.MsgSceneSocialLog)
)

// Verdict is the outcome of a check that took place.
type Verdict struct {
	Suggest Suggest
	Label   int
	TraceID string
}

// strict orders the verdicts; what WeChat may invent later is for a person to see.
func (s Suggest) strict() int {
	switch s {
	case Pass:
		return 0
	case Risky:
		return 2
	}
	return 1
}

// reviewed turns any advice into one of the three.
func reviewed(s string) Suggest {
	switch v := Suggest(strings.ToLower(strings.TrimSpace(s))); v {
	case Pass, Risky:
		return v
	}
	return Review
}

// TextCheck is a text before it is shown. OpenID is its author's, who must have been in the mini-program within two hours.
type TextCheck struct {
	OpenID   string
	Scene    Scene // SceneComment when 0
	Title    string
	Content  string
	Nickname string
}

// A check takes at most 2500 characters. Pieces overlap, so that a word on the seam is seen whole.
const (
	checkLimit   = 2500
	checkOverlap = 32
)

// checkPauses are the waits before a check is tried again, and checkPatience is when to stop all the same: a person is waiting.
var checkPauses = [...]time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}

const checkPatience = 1500 * time.Millisecond

// CheckText asks WeChat about a text of any length and returns the worst verdict of its pieces.
// An error means that the text was not checked: hold it. ClassNotRecent asks for a person.
func (d *Door) CheckText(ctx context.Context, t TextCheck) (Verdict, error) {
	if strings.TrimSpace(t.Content) == "" {
		t.Content, t.Title = t.Title, ""
	}
	if strings.TrimSpace(t.Content) == "" {
		return Verdict{}, model.BadField("content", "required", "请填写内容。")
	}
	if t.Scene == 0 {
		t.Scene = SceneComment
	}
	deadline := d.clock().Add(checkPatience)
	worst := Verdict{}
	for n, piece := range pieces(t.Content, checkLimit, checkOverlap) {
		part := t
		part.Content = piece
		if n > 0 {
			part.Title, part.Nickname = "", ""
		}
		v, err := d.checkPiece(ctx, part, deadline)
		if err != nil {
			return Verdict{}, err
		}
		if n == 0 || v.Suggest.strict() > worst.Suggest.strict() {
			worst = v
		}
		if worst.Suggest == Risky {
			break
		}
	}
	return worst, nil
}

// checkPiece tries again while WeChat is busy and patience lasts.
func (d *Door) checkPiece(ctx context.Context, t TextCheck, deadline time.Time) (Verdict, error) {
	for n := 0; ; n++ {
		v, err := d.checkOnce(ctx, t)
		var c *CallError
		if !errors.As(err, &c) {
			return v, err
		}
		if c.Code == 87014 {
			return Verdict{Suggest: Risky, TraceID: c.RID}, nil
		}
		passing := c.Class == ClassRetry || c.Class == ClassNotSent || c.Code == 45011
		if !passing || c.Unwrap() != nil || n == len(checkPauses) || d.clock().Add(checkPauses[n]).After(deadline) {
			return Verdict{}, err
		}
		if d.pause(ctx, checkPauses[n]) != nil {
			return Verdict{}, err
		}
	}
}

func (d *Door) checkOnce(ctx context.Context, t TextCheck) (Verdict, error) {
	body := struct {
		Version  int    `json:"version"`
		OpenID   string `json:"openid"`
		Scene    Scene  `json:"scene"`
		Content  string `json:"content"`
		Title    string `json:"title,omitempty"`
		Nickname string `json:"nickname,omitempty"`
	}{2, t.OpenID, t.Scene, t.Content, t.Title, t.Nickname}
	var out struct {
		head
		TraceID string `json:"trace_id"`
		Result  struct {
			Suggest string `json:"suggest"`
			Label   loose  `json:"label"`
		} `json:"result"`
	}
	if _, err := d.do(ctx, request{api: APITextCheck, app: d.mini, body: body}, &out); err != nil {
		return Verdict{}, err
	}
	if out.ErrCode == nil || out.Result.Suggest == "" {
		return Verdict{}, unreadable(APITextCheck, "answer without a verdict")
	}
	return Verdict{Suggest: reviewed(out.Result.Suggest), Label: whole(string(out.Result.Label)), TraceID: out.TraceID}, nil
}

// pieces cuts a text at limit characters, counted in UTF-16 units because that is the stricter count, each piece beginning with the
// last overlap characters of the one before.
func pieces(s string, limit, overlap int) []string {
	var out []string
	runes := []rune(s)
	for start := 0; ; {
		end, size := start, 0
		for end < len(runes) && size+width(runes[end]) <= limit {
			size += width(runes[end])
			end++
		}
		out = append(out, string(runes[start:end]))
		if end == len(runes) {
			return out
		}
		start = end - overlap
	}
}

// width is how many UTF-16 units a character takes.
func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// The kinds of media that can be checked.
const (
	MediaAudio = 1
	MediaImage = 2
)

// MediaCheck is a file before it is shown. URL must be public and live for more than thirty minutes.
type MediaCheck struct {
	OpenID string
	URL    string
	Type   int   // MediaImage when 0
	Scene  Scene // SceneForum when 0
}

// MediaCheck hands a file to WeChat and returns the trace id under which the verdict is pushed within thirty minutes.
// ClassDuplicate says that the file was handed in before: its first trace id holds.
func (d *Door) MediaCheck(ctx context.Context, m MediaCheck) (string, error) {
	if m.Type == 0 {
		m.Type = MediaImage
	}
	if m.Scene == 0 {
		m.Scene = SceneForum
	}
	body := struct {
		security.MediaCheckAsyncRequest
		Version int `json:"version"`
	}{security.MediaCheckAsyncRequest{MediaURL: m.URL, MediaType: uint8(m.Type), OpenID: m.OpenID, Scene: uint8(m.Scene)}, 2}
	var out struct {
		head
		TraceID string `json:"trace_id"`
	}
	if _, err := d.do(ctx, request{api: APIMediaCheck, app: d.mini, body: body}, &out); err != nil {
		return "", err
	}
	if out.TraceID == "" {
		return "", unreadable(APIMediaCheck, "answer without a trace id")
	}
	return out.TraceID, nil
}
