package wechat

import (
	"context"
	"regexp"

	"github.com/silenceper/wechat/v2/miniprogram/subscribe"
	"github.com/silenceper/wechat/v2/officialaccount/message"
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
	ClientMsgID     string // WeChat sends the same one to the same person once within ten minutes
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
// Errors are those of SendSubscribe; with a ClientMsgID the caller may try again within ten minutes.
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

// Template is a subscription template of the mini-program, as WeChat's console has it.
type Template struct {
	ID    string
	Title string
	Kind  string              // KindOneTime or KindLongTerm
	Keys  []string            // in the order of the card, such as thing1, time2
	Enums map[string][]string // the values that an enumerated key may take
}

var keyPattern = regexp.MustCompile(`\{\{\s*([A-Za-z_]+\d*)\.DATA\s*\}\}`)

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
		item := Template{ID: t.PriTmplID, Title: t.Title, Kind: KindOneTime}
		if t.Type == 3 {
			item.Kind = KindLongTerm
		}
		for _, m := range keyPattern.FindAllStringSubmatch(t.Content, -1) {
			item.Keys = append(item.Keys, m[1])
		}
		for _, e := range t.KeywordEnumValueList {
			if item.Enums == nil {
				item.Enums = map[string][]string{}
			}
			item.Enums[e.KeywordCode] = e.EnumValueList
		}
		items = append(items, item)
	}
	return items, nil
}
