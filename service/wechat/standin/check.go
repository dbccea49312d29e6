package standin

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// Suggest is what the content check advises.
type Suggest string

// What the content check advises.
const (
	Pass   Suggest = "pass"
	Review Suggest = "review"
	Risky  Suggest = "risky"
)

// The labels of the content check.
const (
	LabelNormal    = 100
	LabelAds       = 10001
	LabelPolitics  = 20001
	LabelPorn      = 20002
	LabelAbuse     = 20003
	LabelCrime     = 20006
	LabelFraud     = 20008
	LabelVulgar    = 20012
	LabelCopyright = 20013
	LabelOther     = 21000
)

// Word is one entry of the content check's list.
type Word struct {
	Text    string  `json:"text"`
	Suggest Suggest `json:"suggest"`
	Label   int     `json:"label"`
}

// DefaultWords is a short list with one word for most labels; political words of daily Party life are not in it.
func DefaultWords() []Word {
	return []Word{
		{"加微信领红包", Risky, LabelAds}, {"代开发票", Risky, LabelAds}, {"色情", Risky, LabelPorn}, {"赌博", Risky, LabelCrime},
		{"刷单返利", Risky, LabelFraud}, {"混蛋", Review, LabelAbuse}, {"低俗", Review, LabelVulgar}, {"盗版", Review, LabelCopyright},
	}
}

// PartyWords is a list that treats the vocabulary of a Party branch as WeChat's check often does: for review, label 20001.
func PartyWords() []Word {
	return []Word{{"党", Review, LabelPolitics}, {"政治", Review, LabelPolitics}, {"主席", Review, LabelPolitics}, {"书记", Review, LabelPolitics}}
}

// SetWords replaces the content check's word list.
func (s *Server) SetWords(words []Word) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append([]Word(nil), words...)
}

// visitLife is how long after a visit a user's text can be checked.
const visitLife = 2 * time.Hour

type verdict struct {
	Suggest Suggest `json:"suggest"`
	Label   int     `json:"label"`
}

// finding is one entry of detail.
type finding struct {
	Strategy string  `json:"strategy"`
	ErrCode  int     `json:"errcode"`
	Suggest  Suggest `json:"suggest"`
	Label    int     `json:"label"`
	Prob     int     `json:"prob,omitempty"`
	Level    int     `json:"level,omitempty"`
	Keyword  string  `json:"keyword,omitempty"`
}

func (s Suggest) weight() int {
	switch s {
	case Risky:
		return 2
	case Review:
		return 1
	}
	return 0
}

// judge finds the gravest word. The caller holds the lock.
func (s *Server) judge(text string) (verdict, []finding) {
	v := verdict{Pass, LabelNormal}
	var hits []finding
	for _, w := range s.words {
		if w.Text == "" || !strings.Contains(text, w.Text) {
			continue
		}
		hits = append(hits, finding{Strategy: "keyword", Suggest: w.Suggest, Label: w.Label, Level: 90, Keyword: w.Text})
		if w.Suggest.weight() > v.Suggest.weight() {
			v = verdict{w.Suggest, w.Label}
		}
	}
	model := finding{Strategy: "content_model", Suggest: v.Suggest, Label: v.Label, Prob: 90}
	return v, append([]finding{model}, hits...)
}

// checkUser makes the checks both content checks share: scene, user, and the visit within two hours. The caller holds the lock.
func (c *call) checkUser(scene int, openid string) (reply, bool) {
	c.openid = openid
	if scene < 1 || scene > 4 {
		return c.fail(40129, "invalid scene"), false
	}
	u := c.s.users[openid]
	switch {
	case u == nil:
		return c.fail(40003, "invalid openid"), false
	case u.appid != c.app.AppID:
		return c.fail(43104, "appid does not match openid"), false
	case u.visited.IsZero() || c.at.Sub(u.visited) > visitLife:
		return c.fail(61010, "code is expired"), false
	}
	return reply{}, true
}

// textCheck is POST /wxa/msg_sec_check. In version 2 a violation is errcode 0 with a verdict; 87014 belongs to version 1.
func textCheck(c *call) reply {
	var in struct {
		Content   string `json:"content"`
		Version   int    `json:"version"`
		Scene     int    `json:"scene"`
		OpenID    string `json:"openid"`
		Title     string `json:"title"`
		Nickname  string `json:"nickname"`
		Signature string `json:"signature"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join([]string{in.Content, in.Title, in.Nickname, in.Signature}, "\n")
	if in.Version != 2 {
		if v, _ := s.judge(text); v.Suggest == Risky {
			return c.fail(87014, "risky content")
		}
		return c.ok(fine())
	}
	if out, ok := c.checkUser(in.Scene, in.OpenID); !ok {
		return out
	}
	if in.Content == "" {
		return c.fail(44002, "empty post data")
	}
	if width(in.Content) > 2500 {
		// The real code for a text that is too long is not known; it is certainly refused.
		return c.fail(47001, "data format error, content is too long")
	}
	v, detail := s.judge(text)
	return c.ok(struct {
		okBody
		Detail  []finding `json:"detail"`
		TraceID string    `json:"trace_id"`
		Result  verdict   `json:"result"`
	}{fine(), detail, s.traceID(c.at), v})
}

func (s *Server) traceID(now time.Time) string {
	return s.hex(8) + "-" + s.hex(8) + "-" + decimal(now.Unix())
}

// mediaVerdict judges every media_url that contains part.
type mediaVerdict struct {
	part    string
	verdict verdict
}

// SetMediaVerdict makes media whose address contains part get the verdict; what matches nothing passes.
func (s *Server) SetMediaVerdict(part string, suggest Suggest, label int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts = append(s.verdicts, mediaVerdict{part, verdict{suggest, label}})
}

// mediaCheck is POST /wxa/media_check_async: a trace_id now, the verdict by push later.
func mediaCheck(c *call) reply {
	var in struct {
		URL     string `json:"media_url"`
		Type    int    `json:"media_type"`
		Version int    `json:"version"`
		Scene   int    `json:"scene"`
		OpenID  string `json:"openid"`
	}
	if !c.decode(&in) {
		return c.fail(47001, "data format error")
	}
	s := c.s
	s.mu.Lock()
	if in.Type != 1 && in.Type != 2 {
		s.mu.Unlock()
		return c.fail(40004, "invalid media type")
	}
	out, ok := c.checkUser(in.Scene, in.OpenID)
	repeat := s.media[c.app.AppID+in.URL]
	if !ok || repeat {
		s.mu.Unlock()
		if !ok {
			return out
		}
		return c.fail(87020, "repeated media check")
	}
	s.media[c.app.AppID+in.URL] = true
	trace := s.traceID(c.at)
	a := c.app
	s.mu.Unlock()
	if s.opt.MediaDelay >= 0 {
		s.spawn(func() { s.finishMedia(a, in.OpenID, in.URL, trace) })
	}
	return c.ok(struct {
		okBody
		TraceID string `json:"trace_id"`
	}{fine(), trace})
}

// finishMedia fetches the file, waits the configured time and pushes the verdict.
func (s *Server) finishMedia(a *app, openid, url, trace string) {
	fetched := s.fetch(url)
	if !s.sleep(s.ctx, s.opt.MediaDelay) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := verdict{Pass, LabelNormal}
	for _, m := range s.verdicts {
		if strings.Contains(url, m.part) {
			v = m.verdict
		}
	}
	label := any(v.Label)
	fields := []field{{"appid", a.AppID}, {"trace_id", trace}, {"version", 2}}
	detail := []field{{"strategy", "content_model"}, {"errcode", 0}, {"suggest", string(v.Suggest)}, {"label", v.Label}, {"prob", 90}}
	if s.quirks.StringLabel {
		label = decimal(int64(v.Label))
	}
	switch {
	case !fetched:
		fields = append(fields, field{"errcode", -1008}, field{"errmsg", "download media failed"})
		s.emitFields(a, openid, openid, "wxa_media_check", fields)
		return
	case !s.quirks.StringLabel:
		fields = append(fields, field{"detail", [][]field{detail}}, field{"errcode", 0}, field{"errmsg", "ok"})
	}
	fields = append(fields, field{"result", []field{{"suggest", string(v.Suggest)}, {"label", label}}})
	s.emitFields(a, openid, openid, "wxa_media_check", fields)
}

// fetch downloads the file as WeChat would: at most 10 MB, no answer but 200.
func (s *Server) fetch(url string) bool {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer s.timers.After(s.opt.PushTimeout, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := s.client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(io.Discard, io.LimitReader(res.Body, 10<<20+1))
	return err == nil && res.StatusCode == http.StatusOK && n <= 10<<20
}
