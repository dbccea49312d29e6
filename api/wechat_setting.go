package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/push"
)

// WechatFacts are what the office may know of the settings: that something is set, and never what it is where it is a secret.
type WechatFacts struct {
	MiniProgram, Official WechatAccount
	Standin               bool // not WeChat itself is asked, but a stand-in
}

// WechatAccount is one account's part.
type WechatAccount struct {
	AppID        string
	Secret, Push bool // the AppSecret; the token and the key of WeChat's own messages
}

type wechatAccountView struct {
	AppID     string `json:"app_id" doc:"empty where the account is not set"`
	SecretSet bool   `json:"secret_set"`
	EventsSet bool   `json:"events_set" doc:"whether WeChat's own messages can come in: token and key are set"`
}

type templateFieldView struct {
	Field string   `json:"field"`
	Label string   `json:"label"`
	Key   string   `json:"key" doc:"of the template, such as thing1"`
	Among []string `json:"among" nullable:"false" doc:"what WeChat takes there; empty where anything of the key's kind goes"`
}

type wechatTemplateView struct {
	Channel  string              `json:"channel" enum:"subscribe,official"`
	Kind     string              `json:"kind" enum:"meeting,study,announcement,suggestion"`
	ID       string              `json:"id"`
	Title    string              `json:"title" doc:"WeChat's; empty where WeChat did not answer or has no such template"`
	Quota    string              `json:"quota" enum:"one_time,long_term,"`
	Fields   []templateFieldView `json:"fields" nullable:"false"`
	Compared bool                `json:"compared" doc:"whether WeChat's list could be read just now"`
	Faults   []string            `json:"faults" nullable:"false" doc:"where the settings do not fit WeChat's list"`
	Trouble  string              `json:"trouble" doc:"why it is out of service; empty when it is not"`
}

type wechatSettingsView struct {
	MiniProgram wechatAccountView    `json:"mini_program"`
	Official    wechatAccountView    `json:"official"`
	Standin     bool                 `json:"standin" doc:"the stand-in for WeChat is asked, not WeChat"`
	PublicURL   string               `json:"public_url" doc:"under which address people reach the server; empty where it is taken from the request"`
	MaxUpload   int64                `json:"max_upload" doc:"bytes"`
	Templates   []wechatTemplateView `json:"templates" nullable:"false"`
}

func wechatAccountOf(a WechatAccount) wechatAccountView {
	return wechatAccountView{AppID: a.AppID, SecretSet: a.Secret, EventsSet: a.Push}
}

func wechatTemplateOf(t push.TemplateState) wechatTemplateView {
	return wechatTemplateView{Channel: string(t.Channel), Kind: string(t.Kind), ID: t.ID, Title: t.Title, Quota: string(t.Quota), Compared: t.Compared,
		Faults: append([]string{}, t.Faults...), Trouble: t.Trouble, Fields: mapped(t.Fields, func(f push.TemplateField) templateFieldView {
			return templateFieldView{Field: f.Name, Label: f.Label, Key: f.Key, Among: append([]string{}, f.Among...)}
		})}
}

func (a *API) wechatSettings(ctx context.Context, actor *model.Actor, _ *struct{}) (wechatSettingsView, error) {
	rows, err := a.rooms.Push.TemplateStates(ctx, actor)
	if err != nil {
		return wechatSettingsView{}, err
	}
	w := a.options.Wechat
	return wechatSettingsView{MiniProgram: wechatAccountOf(w.MiniProgram), Official: wechatAccountOf(w.Official), Standin: w.Standin, PublicURL: a.options.PublicURL,
		MaxUpload: a.options.MaxUpload, Templates: mapped(rows, wechatTemplateOf)}, nil
}

type tryTemplateInput struct {
	Body struct {
		Channel string `json:"channel" enum:"subscribe,official"`
		Kind    string `json:"kind" enum:"meeting,study,announcement,suggestion"`
	}
}

type tryTemplateView struct {
	Sent    bool               `json:"sent" doc:"WeChat has taken it"`
	Text    string             `json:"text" doc:"what came of it and what to do, in Chinese"`
	ErrCode int                `json:"errcode" doc:"WeChat's; 0 when there is none"`
	ErrMsg  string             `json:"errmsg"`
	Lines   []pushCardLineView `json:"lines" nullable:"false" doc:"the card that was sent"`
}

// tryTemplate sends one card to the caller, and to nobody else.
func (a *API) tryTemplate(ctx context.Context, actor *model.Actor, in *tryTemplateInput) (tryTemplateView, error) {
	t, err := a.rooms.Push.Try(ctx, actor, model.Channel(in.Body.Channel), model.PushKind(in.Body.Kind))
	if err != nil {
		return tryTemplateView{}, err
	}
	return tryTemplateView{Sent: t.Verdict.Kind == push.VerdictSent, Text: t.Words, ErrCode: t.Verdict.ErrCode, ErrMsg: t.Verdict.ErrMsg,
		Lines: mapped(t.Lines, func(l push.CardLine) pushCardLineView { return pushCardLineView(l) })}, nil
}
