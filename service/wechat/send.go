package wechat

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/officialaccount/message"

	"zhibu/model"
)

// SubscribeMessage is one card to one person. The values of Data are fitted by the caller, with Fit.
type SubscribeMessage struct {
	OpenID     string
	TemplateID string
	Page       string            // without it the card cannot be tapped
	Data       map[string]string // key, such as thing1, to value
	State      string            // developer, trial or formal, the default
	Lang       string            // zh_CN is the default
}

type value struct {
	Value string `json:"value"`
}

func values(data map[string]string) map[string]value {
	out := make(map[string]value, len(data))
	for k, v := range data {
		out[k] = value{v}
	}
	return out
}

// sent is the answer to a send. Here errcode is always there; its absence is no success.
type sent struct {
	head
	MsgID loose `json:"msgid"`
}

// SendSubscribe sends a subscribe message of the mini-program and returns WeChat's id of it.
// WeChat has no key against sending twice, so nothing but a dead token is tried again here. The error's class tells whether the
// message may have gone out all the same: ClassUnknownOutcome; every other class means that it did not.
func (d *Door) SendSubscribe(ctx context.Context, m SubscribeMessage) (string, error) {
	body := struct {
		ToUser     string           `json:"touser"`
		TemplateID string           `json:"template_id"`
		Page       string           `json:"page,omitempty"`
		Data       map[string]value `json:"data"`
		State      string           `json:"miniprogram_state"`
		Lang       string           `json:"lang"`
	}{m.OpenID, m.TemplateID, m.Page, values(m.Data), m.State, m.Lang}
	if body.State == "" {
		body.State = "formal"
	}
	if body.Lang == "" {
		body.Lang = "zh_CN"
	}
	return d.send(ctx, request{api: APISubscribeSend, app: d.mini, body: body})
}

// TemplateMessage is one template message of the service account. OpenID is the person's at the service account, not at the mini-program.
type TemplateMessage struct {
	OpenID          string
	TemplateID      string
	Data            map[string]string
	URL             string // the fallback where MiniProgramPage is set too
	MiniProgramPage string // a page of our own mini-program
	ClientMsgID     string // the same one to the same person within ten minutes is one message
}

// templateBody is the SDK's, without its always present and mostly empty miniprogram.
type templateBody struct {
	message.TemplateMessage
	MiniProgram *miniTarget `json:"miniprogram,omitempty"`
}

type miniTarget struct {
	AppID    string `json:"appid"`
	PagePath string `json:"pagepath"`
}

// SendTemplate sends a template message of the service account and returns WeChat's id of it.
//
// Errors are those of SendSubscribe, and ClassNotFollowing. With a ClientMsgID an unknown outcome may be tried again with the same one within
// model.OfficialRepeatWithin of the first try: WeChat documents that one message goes out. What it answers to the repeat is UNCONFIRMED, so
// only its success settles the matter: a refusal of the repeat, of whatever class, says nothing about the first try. Whether the message
// arrived is told by the event EventTemplateJob alone.
func (d *Door) SendTemplate(ctx context.Context, m TemplateMessage) (string, error) {
	body := templateBody{TemplateMessage: message.TemplateMessage{
		ToUser: m.OpenID, TemplateID: m.TemplateID, URL: m.URL, ClientMsgID: m.ClientMsgID,
		Data: make(map[string]*message.TemplateDataItem, len(m.Data)),
	}}
	for k, v := range m.Data {
		body.Data[k] = &message.TemplateDataItem{Value: v}
	}
	if m.MiniProgramPage != "" && d.mini.AppID != "" {
		body.MiniProgram = &miniTarget{AppID: d.mini.AppID, PagePath: m.MiniProgramPage}
	}
	return d.send(ctx, request{api: APITemplateSend, app: d.oa, body: body})
}

func (d *Door) send(ctx context.Context, r request) (string, error) {
	var out sent
	if _, err := d.do(ctx, r, &out); err != nil {
		return "", err
	}
	if out.ErrCode == nil {
		return "", unreadable(r.api, "answer without an errcode")
	}
	return string(out.MsgID), nil
}

// The kinds of a subscription template.
const (
	KindOneTime  = "one_time"
	KindLongTerm = "long_term"
)

// Template is a message template as an account has it. The type is model's, so that its rule CheckTemplates can read it.
type Template = model.TemplateFact

// The places of a card's content where a value goes. The account's older templates have names of any kind, without digits.
var keyPattern = regexp.MustCompile(`\{\{\s*([^{}\s.]+)\.DATA\s*\}\}`)

// keysOf are the keys of a template's content, each once, in their order.
func keysOf(content string) (keys []string) {
	for _, m := range keyPattern.FindAllStringSubmatch(content, -1) {
		if !slices.Contains(keys, m[1]) {
			keys = append(keys, m[1])
		}
	}
	return keys
}

// Templates lists the mini-program's templates, so that a start can compare the settings with what WeChat knows.
func (d *Door) Templates(ctx context.Context) ([]Template, error) {
	var out struct {
		head
		Data []subscribe.TemplateItem `json:"data"`
	}
	if _, err := d.do(ctx, request{api: APITemplates, app: d.mini}, &out); err != nil {
		return nil, err
	}
	items := make([]Template, 0, len(out.Data))
	for _, t := range out.Data {
		item := Template{ID: t.PriTmplID, Title: t.Title, Kind: KindOneTime, Keys: keysOf(t.Content)}
		if t.Type == 3 {
			item.Kind = KindLongTerm
		}
		for _, e := range t.KeywordEnumValueList {
			if item.Enums == nil {
				item.Enums = map[string][]string{}
			}
			// WeChat names the key as it stands in the content, with .DATA after it.
			item.Enums[strings.TrimSuffix(e.KeywordCode, ".DATA")] = e.EnumValueList
		}
		items = append(items, item)
	}
	return items, nil
}
