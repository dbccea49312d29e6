package push

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

// Every end but a message that was sent has a reason and a next step, in words without a program's, and nobody is told to phone around
// because of something to read.
func TestEveryEndHasANextStep(t *testing.T) {
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	ends := map[string]model.Delivery{}
	note := func(d model.Delivery) { ends[string(d.State)+" "+d.Reason] = d }
	for _, kind := range []model.PushKind{model.PushMeeting, model.PushStudy} {
		over := now
		for _, expires := range []*time.Time{nil, &over} {
			p := &model.Push{Kind: kind, Counted: kind.Ordinary(), ExpiresAt: expires, Hours: model.HoursOrdinary}
			for _, verdict := range []VerdictKind{VerdictSent, VerdictRetry, VerdictBusy, VerdictDown, VerdictDaily, VerdictNoGrant, VerdictRecipient, VerdictLeft,
				VerdictTemplate, VerdictPage, VerdictContent, VerdictUnknown, VerdictNotBegun} {
				for _, holds := range []model.Hold{model.HoldNothing, model.HoldReserved} {
					for _, retried := range []bool{false, true} {
						for _, code := range []int{0, 1} {
							d := model.Delivery{Holds: holds, Retried: retried, NotBefore: now.Add(-48 * time.Hour), SendingAt: &now}
							e := judge(result{job: job{d: d, push: p}, verdict: Verdict{Kind: verdict, ErrCode: code}}, now, now.Add(time.Hour)).end
							if e.DueAt == nil && e.State != model.DeliverySent {
								note(model.Delivery{State: e.State, Reason: e.Reason})
							}
						}
					}
				}
			}
			template := &model.PushTemplate{ID: "t"}
			for _, ways := range []model.Ways{{}, {Subscribe: model.Way{Template: template}}, {Subscribe: model.Way{Template: template, Down: true}}} {
				for _, f := range []model.ReachFacts{{}, {OpenID: "o"}, {OpenID: "o", Available: 1}, {OpenID: "o", Available: 1, Counted: 9}} {
					if r := model.NewReacher(p, ways, model.DefaultPushHours(), model.DefaultPushBudget(), now).Reach(f); r.State == model.DeliveryInboxOnly {
						note(model.Delivery{State: r.State, Reason: r.Reason})
					}
				}
			}
		}
	}
	// Those that claiming and the digest write.
	for _, reason := range []string{"轮到发送时事项已经结束，已放入站内信", "微信模板的设置已更改，已放入站内信", "晚间摘要前事项已经结束，已放入站内信", "当晚的摘要已经发出，已放入站内信",
		foldedReason(model.Delivery{NotBefore: now, State: model.DeliveryQueued}), foldedReason(model.Delivery{NotBefore: now, State: model.DeliveryInboxOnly})} {
		note(model.Delivery{State: model.DeliveryInboxOnly, Reason: reason})
	}
	note(model.Delivery{State: model.DeliveryInDoubt, Reason: "微信没有明确答复，可能已经送达；会议已取消"})
	if len(ends) < 20 {
		t.Fatalf("only %d ends", len(ends))
	}
	jargon := regexp.MustCompile(`[A-Za-z_]|系统错误|异常|errcode|openid`)
	for name, d := range ends {
		call, quiet := advise(&d, true), advise(&d, false)
		if d.Reason == "" || call == "" || quiet == "" || !strings.HasSuffix(call, "。") || !strings.HasSuffix(quiet, "。") || strings.HasSuffix(d.Reason, "。") {
			t.Errorf("%s: %q, %q", name, call, quiet)
		}
		if strings.Contains(quiet, "电话") || jargon.MatchString(d.Reason+call) {
			t.Errorf("%s: %q, %q", name, call, quiet)
		}
		pointless := strings.Contains(d.Reason, matterOver) || strings.HasPrefix(d.Reason, foldedWord) && !strings.Contains(d.Reason, "仅站内信")
		if resend := strings.Contains(d.Reason, "持续无法发送"); !pointless && !strings.Contains(call, "电话") || resend != strings.Contains(call, "重发") && d.Reason != reportedFailure && !strings.HasPrefix(d.Reason, reportedFailure) {
			t.Errorf("%s: %q", name, call)
		}
	}
	for _, open := range []model.Delivery{{State: model.DeliveryQueued}, {State: model.DeliverySent}, {State: model.DeliveryCancelled, Reason: "会议已取消"},
		{State: model.DeliveryInDoubt, DueAt: &now}, {State: model.DeliveryInDoubt, Owner: "x"}} {
		if got := advise(&open, true); got != "" {
			t.Errorf("%s: a step where there is nothing to do: %s", open.State, got)
		}
	}
}

func TestSummary(t *testing.T) {
	done := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	tally := func(queued, deferred, sent, failed, doubt, inbox, cancelled int) model.Tally {
		t := model.Tally{Counts: model.Counts{Queued: queued, Deferred: deferred, Sent: sent, Failed: failed, InDoubt: doubt, InboxOnly: inbox}, Cancelled: cancelled}
		t.Recipients = sum(t)
		return t
	}
	for _, c := range []struct {
		want string
		line Line
	}{
		{"共 47 人：微信送达 40，仅站内信 5，失败 2（可导出电话名单）。", Line{model.Push{ExpandedAt: &done}, tally(0, 0, 40, 2, 0, 5, 0)}},
		{"共 3 人：微信送达 3。", Line{model.Push{ExpandedAt: &done}, tally(0, 0, 3, 0, 0, 0, 0)}},
		{"共 6 人：微信送达 1，等待发送 2，稍后发送 3。", Line{model.Push{}, tally(2, 3, 1, 0, 0, 0, 0)}},
		{"共 4 人：微信送达 1，尚未确认 1（可导出电话名单），已取消 2。已停止发送：会议已取消。", Line{model.Push{ExpandedAt: &done, StopReason: "会议已取消"}, tally(0, 0, 1, 0, 1, 0, 2)}},
		{"共 5 人：仅站内信 5。", Line{model.Push{ExpandedAt: &done, Audience: model.Audience{NotReadArticleID: "x"}}, tally(0, 0, 0, 0, 0, 5, 0)}},
		{"收件人将在发送时确定。", Line{model.Push{}, model.Tally{}}},
		{"没有符合条件的收件人。", Line{model.Push{ExpandedAt: &done}, model.Tally{}}},
		{"没有符合条件的收件人。已停止发送：文章已撤回。", Line{model.Push{StopReason: "文章已撤回"}, model.Tally{}}},
	} {
		if got := c.line.Summary(); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
}

// Trying again takes grants anew: whose grant has gone meanwhile is left with the inbox, in words.
func TestRetryTakesGrantsAnew(t *testing.T) {
	h := newHouse(t)
	ids := []string{"kept", "revoked", "spent"}
	for _, id := range ids {
		h.member(id, "o-"+id, 1, "heart")
	}
	h.wire.say("o-kept", VerdictContent)
	h.wire.say("o-revoked", VerdictContent)
	p := h.push(meetingPush(ids...))
	h.drain()
	for _, e := range []model.WechatEvent{
		{Key: "change", Name: model.WechatChange, OpenID: "o-revoked", Grants: []model.WechatGrant{{TemplateID: meetingTemplate}}},
		{Key: "sent", Name: model.WechatSent, OpenID: "o-spent", Sent: []model.WechatSendResult{
			{TemplateID: meetingTemplate, MsgID: h.rows(p.ID)["spent"].MsgID, ErrorCode: 10, Status: "system failed"}}},
	} {
		h.must(h.svc.Receive(h.ctx, model.WechatMiniProgram, e))
	}
	for _, id := range ids {
		h.is(p.ID, id, model.DeliveryFailed)
	}
	sent := len(h.wire.sent)
	line, err := h.svc.Retry(h.ctx, h.secretary(), p.ID)
	h.must(err)
	if line.Queued != 3 || line.Summary() != "共 3 人：等待发送 3。" {
		t.Errorf("after retry: %s", line.Summary())
	}
	h.drain()
	h.is(p.ID, "kept", model.DeliverySent)
	for _, id := range ids[1:] {
		if d := h.is(p.ID, id, model.DeliveryInboxOnly); !strings.Contains(d.Reason, "没有剩余的订阅次数") || !strings.Contains(d.Reason, "建议电话通知") || d.Channel != model.ChannelInbox {
			t.Errorf("%s: %s by %s", id, d.Reason, d.Channel)
		}
	}
	if len(h.wire.sent) != sent+1 || h.state(p.ID) != model.PushDone {
		t.Errorf("%d sent again, push is %s", len(h.wire.sent)-sent, h.state(p.ID))
	}
	for id, want := range map[string]model.Quota{"kept": {Granted: 1, Spent: 1}, "revoked": {Granted: 1, Void: 1}, "spent": {Granted: 1, Spent: 1}} {
		if q := h.book("o-"+id, meetingTemplate); q.Granted != want.Granted || q.Spent != want.Spent || q.Void != want.Void || q.Available+q.Reserved+q.InDoubt != 0 {
			t.Errorf("book of %s: %+v", id, q)
		}
	}
	rows, _, err := h.svc.Deliveries(h.ctx, h.secretary(), p.ID, model.DeliverySent, model.Page{})
	h.must(err)
	if len(rows) != 1 || rows[0].Reason != "已通过微信发送" || rows[0].Advice != "" {
		t.Errorf("sent: %+v", rows)
	}
	if _, err := h.svc.Retry(h.ctx, h.secretary(), p.ID); model.CodeOf(err) != model.CodeConflict {
		t.Errorf("retry of nothing: %v", err)
	}
}

func TestMemberHistory(t *testing.T) {
	h := newHouse(t)
	h.member("a", "o-a", 1, "heart", "heart-1")
	h.member("b", "", 0, "lung")
	to := func(kind model.PushKind, org, title string, change func(*model.Push)) {
		h.clock.add(time.Second)
		p := &model.Push{OrgID: org, OrgPath: h.orgs[org].Path, Kind: kind, Title: title, Hours: model.HoursUrgent, Audience: model.Audience{MemberIDs: []string{"a", "b"}}}
		if change != nil {
			change(p)
		}
		h.push(p)
		h.drain()
	}
	to(model.PushMeeting, "heart", "支部大会", nil)
	to(model.PushStudy, "heart-1", "小组学习", nil)
	to(model.PushMeeting, "root", "学会会议", nil)
	to(model.PushSuggestion, "heart", "您的建议有了答复", func(p *model.Push) { p.Private = true })
	to(model.PushStudy, "heart", "请补学", func(p *model.Push) { p.Audience = model.Audience{OrgID: "heart", NotReadArticleID: "x"} })
	to(model.PushMeeting, "heart-1", "小组会", func(p *model.Push) { p.SendAt, p.Hours = h.clock.now().Add(12*time.Hour), model.HoursTimed })
	h.must(h.store.ReadAllNotices(h.ctx, "a", h.clock.now()))
	to(model.PushMeeting, "heart", "临时会议", nil)
	titles := func(actor *model.Actor, id string, page model.Page) ([]MemberLine, string, string) {
		rows, next, err := h.svc.MemberHistory(h.ctx, actor, id, page)
		if err != nil {
			return nil, "", string(model.CodeOf(err))
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.PushTitle)
		}
		return rows, next, strings.Join(got, " ")
	}
	for _, c := range []struct {
		who  *model.Actor
		id   string
		want string
	}{
		{h.leads(model.RoleSecretary, "/root/heart/"), "a", "临时会议 小组学习 支部大会"},
		{h.leads(model.RoleGroupLeader, "/root/heart/heart-1/"), "a", "小组学习"},
		{h.leads(model.RoleStaff, "/root/"), "a", "临时会议 学会会议 小组学习 支部大会"},
		{h.leads(model.RoleStaff, model.EverywherePath), "a", "临时会议 学会会议 小组学习 支部大会"},
		{h.leads(model.RoleSecretary, "/root/lung/"), "a", "not_found"},
		{h.leads(model.RoleSecretary, "/root/lung/"), "b", ""},
		{h.leads(model.RoleSecretary, "/root/heart/"), "b", "not_found"},
		{h.leads(model.RoleSecretary, "/root/heart/"), "nobody", "not_found"},
		{&model.Actor{SessionID: "s", MemberID: "a"}, "a", "not_found"},
	} {
		if _, _, got := titles(c.who, c.id, model.Page{}); got != c.want {
			t.Errorf("%+v of %s: %q, want %q", c.who.Powers, c.id, got, c.want)
		}
	}
	rows, _, _ := titles(h.secretary(), "a", model.Page{})
	if r := rows[0]; r.State != model.DeliveryInboxOnly || r.Read == nil || *r.Read || !strings.HasPrefix(r.Advice, "请电话通知") {
		t.Errorf("the last: %+v", r)
	}
	if r := rows[1]; r.Read != nil { // what is to be learned is nobody's to watch
		t.Errorf("of a study: %+v", r)
	}
	if r := rows[2]; r.State != model.DeliverySent || r.Read == nil || !*r.Read || r.Reason != "已通过微信发送" || r.Advice != "" {
		t.Errorf("the first: %+v", r)
	}
	// Page by page, each once, though a new one comes between.
	var all []string
	for cursor := ""; ; {
		_, next, got := titles(h.leads(model.RoleStaff, "/root/"), "a", model.Page{Limit: 1, Cursor: cursor})
		all = append(all, got)
		to(model.PushStudy, "heart", "插入", nil)
		if cursor = next; cursor == "" {
			break
		}
	}
	if got := strings.Join(all, " "); got != "临时会议 学会会议 小组学习 支部大会" {
		t.Errorf("pages: %s", got)
	}
	if _, _, err := h.svc.MemberHistory(h.ctx, h.secretary(), "a", model.Page{Cursor: model.Cursor("notices", "x")}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a foreign cursor: %v", err)
	}
}
