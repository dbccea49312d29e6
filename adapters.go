package main

import (
	"bytes"
	"context"
	"net/url"
	"time"

	"zhibu/api"
	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/fetch"
	"zhibu/service/member"
	"zhibu/service/push"
	"zhibu/service/signin"
	"zhibu/service/upload"
	"zhibu/service/vault"
	"zhibu/service/wechat"
)

// loginDoor is what signing in sees of WeChat.
type loginDoor struct{ door *wechat.Door }

// Login turns a code into openid and unionid.
func (d loginDoor) Login(ctx context.Context, code string) (openID, unionID string, err error) {
	s, err := d.door.Login(ctx, code)
	return s.OpenID, s.UnionID, wechat.Public(err)
}

// Phone turns a code into a number.
func (d loginDoor) Phone(ctx context.Context, code string) (string, error) {
	phone, err := d.door.Phone(ctx, code)
	return phone, wechat.Public(err)
}

// webDoor is what signing in sees of the service account.
type webDoor struct{ door *wechat.Door }

// Ready reports whether the account is set up.
func (d webDoor) Ready() bool { return d.door.HasOfficial() }

// AuthorizeURL is WeChat's page.
func (d webDoor) AuthorizeURL(redirect, state string, ask bool) (string, error) {
	return d.door.AuthorizeURL(redirect, state, ask)
}

// WebLogin turns the page's code into the user.
func (d webDoor) WebLogin(ctx context.Context, code string) (signin.WebUser, error) {
	u, err := d.door.WebLogin(ctx, code)
	return signin.WebUser(u), wechat.Public(err)
}

// checkDoor is what comments see of WeChat.
type checkDoor struct{ door *wechat.Door }

// CheckText asks WeChat about a comment.
func (d checkDoor) CheckText(ctx context.Context, openID, title, content string) (suggest string, label int, err error) {
	v, err := d.door.CheckText(ctx, wechat.TextCheck{OpenID: openID, Scene: wechat.SceneComment, Title: title, Content: content})
	return string(v.Suggest), v.Label, err
}

// subscribeDoor is what the push room sees of the mini-program's subscribe messages.
type subscribeDoor struct {
	door  *wechat.Door
	state string
}

// Send sends one subscribe message.
func (d subscribeDoor) Send(ctx context.Context, m push.Message) (string, error) {
	return d.door.SendSubscribe(ctx, wechat.SubscribeMessage{OpenID: m.OpenID, TemplateID: m.TemplateID, Page: m.Page, Data: m.Data, State: d.state, Lang: "zh_CN"})
}

// Fit brings a value into the limits of a template's key.
func (d subscribeDoor) Fit(key, value string, among []string) (string, bool) {
	return wechat.FitAmong(key, value, among)
}

// Classify tells what an error of Send means.
func (d subscribeDoor) Classify(err error) push.Verdict { return verdictOf(err) }

// Templates are the mini-program's own.
func (d subscribeDoor) Templates(ctx context.Context) ([]model.TemplateFact, error) {
	return d.door.Templates(ctx)
}

// officialDoor is what the push room sees of the service account's template messages.
type officialDoor struct{ door *wechat.Door }

// Send sends one template message; WeChat knows a repetition by its ClientID.
func (d officialDoor) Send(ctx context.Context, m push.Message) (string, error) {
	return d.door.SendTemplate(ctx, wechat.TemplateMessage{OpenID: m.OpenID, TemplateID: m.TemplateID, Data: m.Data, MiniProgramPage: m.Page, ClientMsgID: m.ClientID})
}

// Fit brings a value into the limits of a template's key.
func (d officialDoor) Fit(key, value string, among []string) (string, bool) {
	return wechat.FitAmong(key, value, among)
}

// Classify tells what an error of Send means.
func (d officialDoor) Classify(err error) push.Verdict { return verdictOf(err) }

// Templates are the service account's own.
func (d officialDoor) Templates(ctx context.Context) ([]model.TemplateFact, error) {
	return d.door.OfficialTemplates(ctx)
}

// wechatFacts are what the office may know of the settings.
func wechatFacts(wx config.Wechat) api.WechatFacts {
	account := func(a config.App) api.WechatAccount {
		return api.WechatAccount{AppID: a.AppID, Secret: a.Secret != "", Push: a.Token != "" && a.AESKey != ""}
	}
	return api.WechatFacts{MiniProgram: account(wx.MiniProgram), Official: account(wx.Official), Standin: wx.BaseURL != config.WechatBaseURL}
}

// carriers are the ways to WeChat for which there are templates.
func (h *house) carriers() (map[model.Channel]push.Carrier, map[model.Channel]push.Templates) {
	wx := h.cfg.Wechat
	carriers := map[model.Channel]push.Carrier{model.ChannelSubscribe: subscribeDoor{h.door, "formal"}}
	templates := map[model.Channel]push.Templates{model.ChannelSubscribe: pushTemplates(wx.Templates)}
	if len(wx.OfficialTemplates) > 0 {
		carriers[model.ChannelOfficial], templates[model.ChannelOfficial] = officialDoor{h.door}, pushTemplates(wx.OfficialTemplates)
	}
	return carriers, templates
}

// verdicts says what WeChat's retry classes mean to the ledger. What is not here is a refusal of this one message.
var verdicts = map[wechat.RetryClass]push.VerdictKind{
	wechat.ClassRetry: push.VerdictRetry, wechat.ClassMinute: push.VerdictRetry, wechat.ClassSecond: push.VerdictRetry,
	wechat.ClassToken: push.VerdictDown, wechat.ClassConfig: push.VerdictDown, wechat.ClassNotSent: push.VerdictDown,
	wechat.ClassDaily: push.VerdictDaily, wechat.ClassConcurrent: push.VerdictBusy, wechat.ClassNotFollowing: push.VerdictLeft,
	wechat.ClassRecipient: push.VerdictRecipient, wechat.ClassNoGrant: push.VerdictNoGrant, wechat.ClassTemplate: push.VerdictTemplate,
	wechat.ClassPage: push.VerdictPage, wechat.ClassUnknownOutcome: push.VerdictUnknown,
}

// verdictOf tells what an error of a send means. An error that is not WeChat's own was found before anything was sent.
func verdictOf(err error) push.Verdict {
	if err == nil {
		return push.Verdict{Kind: push.VerdictSent}
	}
	v := push.Verdict{Kind: push.VerdictContent, ErrMsg: model.CutRunes(err.Error(), 200)}
	if kind, ok := verdicts[wechat.ClassOf(err)]; ok {
		v.Kind = kind
	}
	if call, ok := wechat.AsCallError(err); ok {
		v.ErrCode, v.ErrMsg, v.RetryAfter = call.Code, model.CutRunes(call.Msg, 200), call.RetryAfter
	}
	return v
}

// followerDoor is what the room of the service account's followers sees of WeChat.
type followerDoor struct{ door *wechat.Door }

// Followers reads one page of the followers.
func (d followerDoor) Followers(ctx context.Context, next string) (model.OfficialListing, error) {
	l, err := d.door.Followers(ctx, next)
	return l, followerFault(err)
}

// FollowersInfo asks about up to a hundred of them.
func (d followerDoor) FollowersInfo(ctx context.Context, openIDs []string) ([]model.OfficialProfile, error) {
	p, err := d.door.FollowersInfo(ctx, openIDs)
	return p, followerFault(err)
}

// followerFault says in the room's words that an openid is none of the account's.
func followerFault(err error) error {
	if wechat.ClassOf(err) == wechat.ClassRecipient {
		return model.NotFound("该关注者").Because(err)
	}
	return wechat.Public(err)
}

// phoneVault opens members' numbers for the push room's lists.
type phoneVault struct{ vault *vault.Vault }

// Phone opens one number.
func (v phoneVault) Phone(m *model.Member) (string, error) {
	return v.vault.Open(m.PhoneCipher, m.PhoneKeyID, member.PhonePlace(m.ID))
}

// pushTemplates puts the settings' templates into the push room's words.
func pushTemplates(from map[string]config.Template) push.Templates {
	to := push.Templates{}
	for kind, t := range from {
		to[model.PushKind(kind)] = model.PushTemplate{ID: t.ID, Kind: model.QuotaKind(t.Kind), Fields: t.Fields}
	}
	return to
}

// receiver opens WeChat's message pushes and evens them out for the rooms.
type receiver struct{ tries []wechat.Receiver }

// callbackOf opens what WeChat pushes to one account; nil without the settings that prove where a push comes from.
// The program's clock is trusted for the time window, and where that is set by hand the real one too: WeChat does not know of it.
func callbackOf(app config.App, r wechat.Receiver, clockIsSet bool) api.Callback {
	if app.Token == "" {
		return nil
	}
	tries := []wechat.Receiver{r}
	if clockIsSet {
		r.Clock = func() time.Time { return time.Now().UTC() }
		tries = append(tries, r)
	}
	return receiver{tries}
}

// Verify answers WeChat's question whether this address is ours.
func (r receiver) Verify(query url.Values) (string, bool) { return r.tries[0].Verify(query) }

// Open proves where a message came from, and reads it.
func (r receiver) Open(query url.Values, contentType string, body []byte) (model.WechatEvent, error) {
	var e wechat.Event
	var err error
	for _, try := range r.tries {
		if e, err = try.Open(query, contentType, body); err == nil {
			return eventOf(e), nil
		}
	}
	return model.WechatEvent{}, err
}

func eventOf(e wechat.Event) model.WechatEvent {
	out := model.WechatEvent{Key: e.Key, Name: e.Name, OpenID: e.OpenID, CreatedAt: e.CreatedAt}
	for _, list := range [][]wechat.Grant{e.Popup, e.Change} {
		for _, g := range list {
			out.Grants = append(out.Grants, model.WechatGrant{TemplateID: g.TemplateID, Accept: g.Accept})
		}
	}
	for _, s := range e.Sent {
		out.Sent = append(out.Sent, model.WechatSendResult(s))
	}
	if m := e.Media; m != nil {
		out.Media = &model.WechatMedia{TraceID: m.TraceID, Suggest: string(m.Suggest), Label: m.Label, ErrCode: m.ErrCode}
	}
	if j := e.TemplateJob; j != nil {
		out.Sent = append(out.Sent, model.WechatSendResult{MsgID: j.MsgID, OK: j.OK, Status: j.Status})
	}
	if v := e.Revoke; v != nil {
		out.OpenID, out.Revoked = v.OpenID, &model.WechatRevocation{Event: e.Name, Info: v.Info}
	}
	return out
}

// waiting counts what waits for a member in all rooms.
type waiting struct{ h *house }

// Unread adds up the rooms' counts.
func (w waiting) Unread(ctx context.Context, actor *model.Actor) (signin.Unread, error) {
	var u signin.Unread
	var err error
	if u.Notices, err = w.h.store.UnreadNotices(ctx, actor.MemberID); err != nil {
		return u, err
	}
	if u.RequiredReading, err = w.h.content.RequiredUnread(ctx, actor); err != nil {
		return u, err
	}
	if u.Todo, err = w.h.store.OpenInvites(ctx, actor.MemberID, w.h.clock()); err != nil {
		return u, err
	}
	for _, count := range []func(context.Context, *model.Actor) (int, error){w.h.comment.PendingFor, w.h.upload.HeldFor, w.h.suggestion.Todo} {
		n, err := count(ctx, actor)
		if err != nil {
			return u, err
		}
		u.Todo += n
	}
	return u, nil
}

// attended is what the study record knows of meetings.
type attended struct{ store *store.Store }

// Attended are the meetings of a span that a member took part in.
func (a attended) Attended(ctx context.Context, memberID string, from, to time.Time) ([]model.AttendedMeeting, error) {
	var out []model.AttendedMeeting
	for year := from.In(model.Zone).Year(); year <= to.In(model.Zone).Year(); year++ {
		rows, err := a.store.AttendedMeetings(ctx, memberID, year)
		if err != nil {
			return nil, err
		}
		for _, m := range rows {
			if !m.StartsAt.Before(from) && m.StartsAt.Before(to) {
				out = append(out, model.AttendedMeeting{MeetingID: m.ID, Topic: m.Topic, StartsAt: m.StartsAt, Minutes: int(m.EndsAt.Sub(m.StartsAt).Minutes())})
			}
		}
	}
	return out, nil
}

// suggestionFiles lets suggestions keep files, and lets uploads know which they keep.
type suggestionFiles struct {
	*upload.Service
	store *store.Store
}

// MaySeeFile is never decided here: who reads a suggestion gets signed addresses of its files.
func (f suggestionFiles) MaySeeFile(context.Context, *model.Actor, string) (bool, error) {
	return false, nil
}

// UsedFiles are those that a suggestion keeps.
func (f suggestionFiles) UsedFiles(ctx context.Context, ids []string) ([]string, error) {
	return f.store.SuggestionFiles(ctx, ids)
}

// remotePictures brings the pictures of other servers into our own files.
type remotePictures struct {
	fetch *fetch.Fetcher
	files *upload.Service
}

// Take fetches a picture and keeps it as a file of the actor's.
func (p remotePictures) Take(ctx context.Context, actor *model.Actor, address string) (string, error) {
	got, err := p.fetch.Picture(ctx, address)
	if err != nil {
		return "", err
	}
	return p.add(ctx, actor, got.Name, got.Bytes)
}

// Keep keeps a picture that came with a text, under the same rules.
func (p remotePictures) Keep(ctx context.Context, actor *model.Actor, picture []byte) (string, error) {
	still, err := fetch.Still(picture)
	if err != nil {
		return "", err
	}
	return p.add(ctx, actor, "粘贴的图片", still)
}

func (p remotePictures) add(ctx context.Context, actor *model.Actor, name string, picture []byte) (string, error) {
	u, err := p.files.Add(ctx, actor, name, bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	return u.ID, nil
}
