package standin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"zhibu/model"
)

// Kind is what an app is: a mini-program or a service account.
type Kind string

// The kinds of app.
const (
	Mini     Kind = "mini"
	Official Kind = "official"
)

// The modes of message push.
const (
	ModePlain  = "plain"
	ModeCompat = "compat"
	ModeSafe   = "safe"
)

// The formats of message push.
const (
	FormatJSON = "json"
	FormatXML  = "xml"
)

// The kinds of template: one accept grants one message, or one accept grants them all.
const (
	OneTime  = 2
	LongTerm = 3
)

// App is one mini-program or service account as its owner has set it up.
type App struct {
	AppID  string
	Secret string
	Kind   Kind
	// OriginalID is the gh_… name events are addressed to; empty derives one.
	OriginalID string
	// Token and AESKey (43 characters) sign and encrypt message push.
	Token, AESKey string
	// Published is false for a mini-program without a released version: 100 text checks a day, no QR codes of pages.
	Published bool
	// Pay is whether WeChat Pay is enabled, which lifts the daily sends from 10 to 30 million.
	Pay bool
	// OpenPlatform is whether the app is bound to an Open Platform account, so that login tells the unionid.
	OpenPlatform bool
	Templates    []Template
	// Pages are the pages of the released version, without leading slash; none means every page exists.
	Pages []string
	// IPWhitelist are the addresses that may fetch tokens; none means all.
	IPWhitelist []string
	// CallbackURL receives events; empty keeps them for Events only. SetCallback changes it later.
	CallbackURL    string
	CallbackMode   string // plain (default), compat, safe
	CallbackFormat string // json (default), xml
}

// Template is one private template of an app. Content has one line for each field, as the console shows it:
// "会议主题:{{thing1.DATA}}".
type Template struct {
	ID      string
	Title   string
	Kind    int // OneTime or LongTerm
	Content string
	Example string
	// Enums lists the allowed values of each enum key.
	Enums map[string][]string
}

// Key is one field of a template.
type Key struct {
	Label string // 会议主题
	Name  string // thing1
	Type  string // thing
}

var (
	contentLine = regexp.MustCompile(`(?m)^[ \t]*(.*?)[ \t]*[:：]?[ \t]*\{\{([A-Za-z_]+)(\d*)\.DATA\}\}`)
	aesKeyForm  = regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)
)

// Keys reads the fields out of the template's content, in their order.
func (t Template) Keys() []Key {
	var keys []Key
	for _, m := range contentLine.FindAllStringSubmatch(t.Content, -1) {
		keys = append(keys, Key{Label: strings.TrimRight(m[1], ":： "), Name: m[2] + m[3], Type: m[2]})
	}
	return keys
}

// app is an App with what the simulator keeps about it.
type app struct {
	App
	aes       []byte
	templates map[string]Template
	plain     *token
	stable    *token
	forcedAt  time.Time
	push      PushKnobs
}

// AddApp adds an app, or replaces one of the same AppID; tokens and users stay.
func (s *Server) AddApp(a App) error {
	next, err := readApp(a)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.apps[a.AppID]; old != nil {
		next.plain, next.stable, next.forcedAt, next.push = old.plain, old.stable, old.forcedAt, old.push
	} else {
		s.order = append(s.order, a.AppID)
	}
	s.apps[a.AppID] = next
	for _, p := range s.opt.People {
		s.addPerson(p)
	}
	return nil
}

// readApp checks an App and prepares its keys and templates, so that a wrong set-up is told at once.
func readApp(a App) (*app, error) {
	var bad model.Invalid
	if a.AppID == "" {
		bad.Add("app_id", "required", "请填写 AppID。")
	}
	if a.Kind != Mini && a.Kind != Official {
		bad.Add("kind", "invalid", "账号类型只能是 mini 或 official。")
	}
	if a.CallbackMode == "" {
		a.CallbackMode = ModePlain
	}
	if a.CallbackFormat == "" {
		a.CallbackFormat = FormatJSON
	}
	if !slices.Contains([]string{ModePlain, ModeCompat, ModeSafe}, a.CallbackMode) {
		bad.Add("callback_mode", "invalid", "推送模式只能是 plain、compat 或 safe。")
	}
	if a.CallbackFormat != FormatJSON && a.CallbackFormat != FormatXML {
		bad.Add("callback_format", "invalid", "推送格式只能是 json 或 xml。")
	}
	out := &app{App: a, templates: map[string]Template{}}
	if a.CallbackMode != ModePlain || a.AESKey != "" {
		key, err := base64.StdEncoding.DecodeString(a.AESKey + "=")
		if err != nil || !aesKeyForm.MatchString(a.AESKey) {
			bad.Add("aes_key", "invalid", "EncodingAESKey 应为 43 位字母或数字。")
		}
		out.aes = key
	}
	if a.OriginalID == "" {
		out.OriginalID = "gh_" + digest("original", a.AppID)[:12]
	}
	for _, t := range a.Templates {
		if t.ID == "" || (t.Kind != OneTime && t.Kind != LongTerm) || len(t.Keys()) == 0 {
			bad.Add("templates", "invalid", "模板“"+t.Title+"”需有编号、类型（2 或 3）和至少一个字段。")
		}
		out.templates[t.ID] = t
	}
	return out, bad.Err()
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// SetCallback changes where an app's events go, for a server whose address is known only once it runs.
func (s *Server) SetCallback(appid, url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.apps[appid]; a != nil {
		a.CallbackURL = url
	}
}

// Apps lists the apps in the order in which they were added.
func (s *Server) Apps() []App {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]App, 0, len(s.order))
	for _, id := range s.order {
		out = append(out, s.apps[id].App)
	}
	return out
}

// firstApp is the first app of a kind, nil when there is none. The caller holds the lock.
func (s *Server) firstApp(k Kind) *app {
	for _, id := range s.order {
		if s.apps[id].Kind == k {
			return s.apps[id]
		}
	}
	return nil
}

// templateItem is one entry of gettemplate.
type templateItem struct {
	ID      string     `json:"priTmplId"`
	Title   string     `json:"title"`
	Content string     `json:"content"`
	Example string     `json:"example"`
	Type    int        `json:"type"`
	Enums   []enumList `json:"keywordEnumValueList,omitempty"`
}

type enumList struct {
	Key    string   `json:"keywordCode"`
	Values []string `json:"enumValueList"`
}

// listTemplates is GET /wxaapi/newtmpl/gettemplate.
func listTemplates(c *call) reply {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	items := []templateItem{}
	for _, t := range c.app.Templates {
		it := templateItem{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example, Type: t.Kind}
		for key, values := range t.Enums {
			it.Enums = append(it.Enums, enumList{Key: key + ".DATA", Values: values})
		}
		sort.Slice(it.Enums, func(i, j int) bool { return it.Enums[i].Key < it.Enums[j].Key })
		items = append(items, it)
	}
	return c.ok(struct {
		okBody
		Data []templateItem `json:"data"`
	}{fine(), items})
}
