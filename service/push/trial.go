package push

import (
	"context"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// TemplateState is one template of the settings, and what this process knows of it.
type TemplateState struct {
	Channel  model.Channel
	Kind     model.PushKind
	ID       string
	Title    string // WeChat's; empty until its list was read
	Quota    model.QuotaKind
	Fields   []TemplateField
	Faults   []string // between the settings and WeChat's list
	Trouble  string   // why it is out of service; empty when it is not
	Compared bool     // WeChat's list was read
}

// TemplateField is one line of a card: what the program says, and in which of the template's keys.
type TemplateField struct {
	Name, Label, Key string
	Among            []string // what WeChat takes there; none means any
}

// Trial is what came of a test message.
type Trial struct {
	Verdict Verdict
	Words   string // what it means and what to do, in Chinese
	Lines   []CardLine
}

// mayTry lets the office in. Errors: forbidden.
func (s *Service) mayTry(ctx context.Context, actor *model.Actor) error {
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return err
	}
	if !model.CanTryTemplates(actor, model.OfficePath(orgs)) {
		return model.Forbidden("微信设置由学会党办查看。")
	}
	return nil
}

// TemplateStates asks WeChat for its lists and holds the settings against them; where WeChat does not answer, the settings are shown as they are.
// Errors: forbidden.
func (s *Service) TemplateStates(ctx context.Context, actor *model.Actor) ([]TemplateState, error) {
	if err := s.mayTry(ctx, actor); err != nil {
		return nil, err
	}
	s.refreshGates(ctx, s.store)
	out := []TemplateState{}
	for _, c := range []model.Channel{model.ChannelSubscribe, model.ChannelOfficial} {
		carrier, settings := s.carriers[c], s.options.Templates[c]
		if carrier == nil || len(settings) == 0 {
			continue
		}
		facts, err := carrier.Templates(ctx)
		if err != nil {
			s.log.WarnContext(ctx, "templates not compared with wechat's list", "channel", c, "cause", err)
		} else {
			s.check.learn(facts)
		}
		for _, k := range []model.PushKind{model.PushMeeting, model.PushStudy, model.PushAnnouncement, model.PushSuggestion} {
			if t, ok := settings[k]; ok {
				out = append(out, s.stateOf(c, k, t, facts, err == nil))
			}
		}
	}
	return out, nil
}

func (s *Service) stateOf(c model.Channel, k model.PushKind, t model.PushTemplate, facts []model.TemplateFact, compared bool) TemplateState {
	state := TemplateState{Channel: c, Kind: k, ID: t.ID, Quota: t.Kind, Compared: compared, Trouble: s.gates.why(model.GateTemplate + t.ID)}
	if i := slices.IndexFunc(facts, func(f model.TemplateFact) bool { return f.ID == t.ID }); i >= 0 {
		state.Title = facts[i].Title
	}
	for _, name := range k.FieldNames() {
		if key, ok := t.Fields[name]; ok {
			state.Fields = append(state.Fields, TemplateField{Name: name, Label: fieldLabels[name], Key: key, Among: s.check.among(t.ID, key)})
		}
	}
	if compared {
		for _, f := range model.CheckTemplates(Templates{k: t}, facts) {
			state.Faults = append(state.Faults, f.Error())
		}
	}
	return state
}

// why is the reason for which a gate is shut; empty when it is not.
func (g *gates) why(name string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut[name].Why
}

// Try sends the actor, and nobody else, one card of a kind by one of WeChat's ways, and says what WeChat answered. It makes no push: it is in no
// ledger and in no inbox, but a grant that WeChat takes for it is booked. It may be tried also when the template is out of service, since that is
// when somebody wants to know. Errors: forbidden, conflict where no template serves the kind or the actor cannot be reached that way.
func (s *Service) Try(ctx context.Context, actor *model.Actor, c model.Channel, k model.PushKind) (*Trial, error) {
	if err := s.mayTry(ctx, actor); err != nil {
		return nil, err
	}
	t := s.template(c, k)
	if t == nil {
		return nil, model.Conflict("没有为这类消息设置微信模板，请管理员先在程序设置中填写。")
	}
	openID, err := s.ownOpenID(ctx, actor, c)
	if err != nil {
		return nil, err
	}
	now := s.now()
	p := &model.Push{Kind: k, Title: "测试消息，请勿理会", Fields: map[string]string{"from": "学会党办"}, SendAt: now}
	given := fieldsOf(p, k, p.Title, "由您本人在管理后台发出")
	trial := &Trial{Lines: s.cardLines(c, k, t, given)}
	data, fault := s.card(c, t, given)
	if fault != "" {
		return nil, model.Conflict("“" + fieldLabels[fault] + "”一栏填不进模板的字段，请核对字段对应。")
	}
	reserved, err := s.tryReserve(ctx, actor, c, k, t, openID)
	if err != nil {
		return nil, err
	}
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.CallTimeout)
	defer cancel()
	trial.Verdict = Verdict{Kind: VerdictSent}
	if _, err := s.carriers[c].Send(call, Message{OpenID: openID, TemplateID: t.ID, Data: data, ClientID: "zhibu-try-" + store.NewID()}); err != nil {
		trial.Verdict = s.carriers[c].Classify(err)
		trial.Verdict.ErrMsg = plainCause(trial.Verdict.ErrMsg)
	}
	trial.Words = trialWords(c, trial.Verdict)
	return trial, s.tryBook(context.WithoutCancel(ctx), trial.Verdict, t, openID, reserved)
}

// ownOpenID is where the actor is reached. Errors: conflict where they are not.
func (s *Service) ownOpenID(ctx context.Context, actor *model.Actor, c model.Channel) (string, error) {
	if c == model.ChannelSubscribe {
		return s.openID(ctx, actor)
	}
	ids, err := s.store.OfficialOpenIDs(ctx, []string{actor.MemberID})
	if err == nil && ids[actor.MemberID] == "" {
		err = model.Conflict("您还没有用绑定的微信关注公众号，收不到公众号消息；请先关注，再试一次。")
	}
	return ids[actor.MemberID], err
}

// tryReserve notes the test in the audit, and sets a grant aside where there is one.
func (s *Service) tryReserve(ctx context.Context, actor *model.Actor, c model.Channel, k model.PushKind, t *model.PushTemplate, openID string) (reserved bool, err error) {
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		now := s.now()
		if c == model.ChannelSubscribe && t.Kind != model.QuotaLongTerm {
			n, err := tx.MoveQuotas(ctx, model.QuotaReserve, t.ID, []string{openID}, now)
			if err != nil {
				return err
			}
			reserved = n > 0
		}
		orgs, err := tx.Orgs(ctx)
		if err != nil {
			return err
		}
		at := ""
		for _, o := range orgs {
			if o.Path == model.OfficePath(orgs) {
				at = o.ID
			}
		}
		return tx.Audit(ctx, now, actor, "push.try", "template:"+t.ID, at, map[string]string{"channel": string(c), "kind": string(k)})
	})
	return reserved, err
}

// tryBook books what became of the grant.
func (s *Service) tryBook(ctx context.Context, v Verdict, t *model.PushTemplate, openID string, reserved bool) error {
	step := model.QuotaRelease
	switch v.Kind {
	case VerdictSent:
		step = model.QuotaSpend
	case VerdictUnknown:
		step = model.QuotaSpend // it may have gone out, and nobody looks after a test: better one grant too few in the book than one too many
	case VerdictNoGrant:
		step = model.QuotaRefuse
	}
	if !reserved {
		step = model.QuotaNone
		if v.Kind == VerdictNoGrant {
			step = model.QuotaRevoke
		}
	}
	return s.store.Tx(ctx, func(tx *store.Store) error { return s.book(ctx, tx, step, t.ID, []string{openID}, s.now()) })
}

// trialWords say what an answer of WeChat means to who tried, and what to do.
func trialWords(c model.Channel, v Verdict) string {
	switch v.Kind {
	case VerdictSent:
		return "微信已接收，请看您的手机。"
	case VerdictNoGrant:
		return "您没有可用的订阅次数。请先在手机小程序“我的—消息订阅”中允许一次，再试。"
	case VerdictRecipient:
		return "微信不认识您的账号，可能换过微信；请重新进入小程序绑定。"
	case VerdictLeft:
		return "您没有关注公众号，请先关注，再试。"
	case VerdictTemplate:
		return "模板不存在或已被微信停用，请在微信公众平台核对模板编号。"
	case VerdictContent:
		return "微信不接受卡片的内容，多半是字段对应有误，请核对。"
	case VerdictDaily:
		return "微信今天不再接受" + channelName(c) + "，请明天再试。"
	case VerdictUnknown:
		return "微信没有明确答复，可能已经送达，请看您的手机；没有收到时稍后再试。"
	case VerdictDown:
		return "微信没有应答，或 AppID、AppSecret 有误，请稍后再试；一直如此时请管理员运行 zhibu doctor。"
	}
	return "微信暂时无法发送，请稍后再试。"
}
