package push

import (
	"context"
	"fmt"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// How long a gate stays shut when nothing else opens it.
const (
	templateRest = 24 * time.Hour      // a banned template is tried again after a day
	pageRest     = 30 * 24 * time.Hour // a page may come with the next version of the mini-program
)

// learn draws from outcomes what concerns more than their own deliveries, in the transaction that writes them: one line in the log for each
// news, and where somebody must act, a word to the office.
func (s *Service) learn(ctx context.Context, tx *store.Store, results []result, now time.Time) error {
	tx.After(func() { s.tellBreakers(ctx, results, now) }) // a transaction that is run again must not count twice
	for _, r := range results {
		if r.verdict.Kind == VerdictNotBegun || r.d.Channel == "" {
			continue
		}
		if err := s.learnOne(ctx, tx, r, now); err != nil {
			return err
		}
	}
	return nil
}

// tellBreakers counts the outcomes for the APIs that they came from.
func (s *Service) tellBreakers(ctx context.Context, results []result, now time.Time) {
	for _, r := range results {
		v, b := r.verdict, s.breakers[r.d.Channel]
		if v.Kind == VerdictNotBegun || b == nil {
			continue
		}
		if b.note(v.Kind != VerdictUnknown && v.Kind != VerdictDown, now) {
			s.log.ErrorContext(ctx, "wechat does not take messages; sending pauses", "channel", r.d.Channel, "errcode", v.ErrCode, "errmsg", v.ErrMsg)
		}
	}
}

func (s *Service) learnOne(ctx context.Context, tx *store.Store, r result, now time.Time) error {
	v, c := r.verdict, string(r.d.Channel)
	switch v.Kind {
	case VerdictRetry:
		if v.RetryAfter <= 0 {
			return nil
		}
		_, err := s.shut(ctx, tx, model.GateQuiet+c, v.ErrMsg, now.Add(v.RetryAfter), now)
		return err
	case VerdictTemplate:
		return s.templateDown(ctx, tx, r.d.TemplateID, r.kind, v, now)
	case VerdictPage:
		news, err := s.shut(ctx, tx, model.GatePage+model.CutRunes(pathOf(r.page), 100), v.ErrMsg, now.Add(pageRest), now)
		if news {
			s.log.ErrorContext(ctx, "page unknown to wechat; cards go without it", "page", pathOf(r.page), "errmsg", v.ErrMsg)
		}
		return err
	case VerdictDaily:
		until := s.tomorrow(now)
		news, err := s.shut(ctx, tx, model.GateDaily+c, v.ErrMsg, until, now)
		if err != nil || !news {
			return err
		}
		s.log.ErrorContext(ctx, "daily quota of wechat used up", "channel", c, "until", until, "errmsg", v.ErrMsg)
		return s.tellOffice(ctx, tx, "daily:"+c+":"+string(model.DateOf(now)), "微信今日发送额度已用完",
			fmt.Sprintf("微信今天不再接受%s，尚未发出的推送已自动推迟到%s。站内信不受影响；紧急事项请电话通知。", channelName(r.d.Channel), until.In(model.Zone).Format("1月2日 15:04")), now)
	case VerdictLeft:
		_, err := tx.Unfollow(ctx, r.d.OpenID, now)
		return err
	case VerdictContent:
		s.log.ErrorContext(ctx, "wechat refuses a message's content", "push", r.d.PushID, "errcode", v.ErrCode, "errmsg", v.ErrMsg)
		s.recheck()
	}
	return nil
}

func channelName(c model.Channel) string {
	if c == model.ChannelOfficial {
		return "公众号模板消息"
	}
	return "小程序订阅消息"
}

// templateDown takes a template out of service, with an alarm; everything else goes on.
func (s *Service) templateDown(ctx context.Context, tx *store.Store, id string, kind model.PushKind, v Verdict, now time.Time) error {
	news, err := s.shut(ctx, tx, model.GateTemplate+id, v.ErrMsg, now.Add(templateRest), now)
	if err != nil || !news {
		return err
	}
	s.log.ErrorContext(ctx, "template out of service", "template", id, "kind", kind, "errcode", v.ErrCode, "errmsg", v.ErrMsg)
	return s.tellOffice(ctx, tx, "template:"+id+":"+string(model.DateOf(now)), "一个微信消息模板已停用",
		fmt.Sprintf("“%s”类消息的微信模板不能使用（%s），这类消息暂时只放入站内信，其他消息照常发送。请管理员在微信后台查看模板，并核对程序设置。", kindNames[kind], model.CutRunes(v.ErrMsg, 80)), now)
}

var kindNames = map[model.PushKind]string{
	model.PushMeeting: "会议", model.PushStudy: "学习", model.PushAnnouncement: "通知", model.PushSuggestion: "意见建议", model.PushDigest: "晚间摘要",
}

// tellOffice puts a word into the inboxes of the office and the administrators, once for each key. It is urgent enough for any hour, and rides on nobody's budget.
func (s *Service) tellOffice(ctx context.Context, tx *store.Store, key, title, body string, now time.Time) error {
	root, err := tx.RootOrg(ctx)
	if model.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	ids, err := tx.OfficeIDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	key = "office:" + key
	return s.Push(ctx, tx, &model.Push{
		OrgID: root.ID, OrgPath: root.Path, Kind: model.PushAnnouncement, Title: title, Body: body, Private: true, Hours: model.HoursTimed, DedupeKey: &key,
		Fields: map[string]string{"title": title, "from": "手机党支部", "note": body}, Audience: model.Audience{MemberIDs: ids},
		SendAt: now, Subject: "system:push",
	})
}
