package push

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Draft is a push that a person wants to send.
type Draft struct {
	OrgID        string
	Kind         model.PushKind
	Title        string
	Body         string // what the inbox shows below the title; made of the fields when empty
	Fields       map[string]string
	Page         string
	Audience     model.Audience
	SendAt       *time.Time
	UrgentReason string // goes out at once, at any hour, because of this
}

// sendSlack is how far in the past a sending time may lie, for clocks that differ and forms that stood open.
const sendSlack = 10 * time.Minute

var fieldLabels = map[string]string{
	"topic": "主题", "title": "标题", "time": "时间", "place": "地点", "note": "备注", "due": "截止", "from": "发布单位", "state": "状态",
}

var pagePattern = regexp.MustCompile(`^[A-Za-z0-9_\-/]+(\?[A-Za-z0-9_\-=&%.]*)?$`)

// compose makes a push of a draft. Errors: not_found for an organisation the actor may not see, forbidden where they may not send,
// validation_failed naming every fault.
func (s *Service) compose(ctx context.Context, actor *model.Actor, d Draft, now time.Time) (*model.Push, error) {
	org, err := s.onBehalf(ctx, actor, d.OrgID)
	if err != nil {
		return nil, err
	}
	if err := s.faultsOf(ctx, &d, org, now); err != nil {
		return nil, err
	}
	p := &model.Push{
		OrgID: org.ID, OrgPath: org.Path, Kind: d.Kind, Title: d.Title, Body: d.Body, Fields: map[string]string{}, Page: d.Page,
		Audience: d.Audience, Hours: model.HoursOrdinary, Counted: d.Kind.Ordinary(), CreatedBy: actor.MemberID, SendAt: now,
	}
	for name, v := range d.Fields {
		p.Fields[name] = model.SingleLine(v)
	}
	if d.Kind == model.PushAnnouncement && p.Fields["from"] == "" {
		p.Fields["from"] = org.Name
	}
	if d.SendAt != nil && d.SendAt.After(now) {
		p.SendAt, p.Hours = *d.SendAt, model.HoursTimed
		if _, late := s.policy().Push.Next(p.SendAt, p.Hours); late != "" { // set into the night: then it need not be the night's very end
			p.Hours = model.HoursOrdinary
		}
	}
	if model.CleanText(d.Body) == "" {
		p.Body = bodyOf(p)
	}
	if why := model.SingleLine(d.UrgentReason); why != "" {
		p.Hours, p.Reason, p.Counted = model.HoursUrgent, why, false
		p.Body = strings.TrimSpace("紧急通知，原因：" + why + "\n" + p.Body) // whom it disturbs is told why
	}
	return p, nil
}

// onBehalf is the organisation on whose behalf the actor sends. Errors: not_found, forbidden.
func (s *Service) onBehalf(ctx context.Context, actor *model.Actor, id string) (*model.Org, error) {
	org, err := s.store.Org(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case model.CanPush(actor, org):
		return org, nil
	case model.CanSeeOrg(actor, org.Path):
		return nil, model.Forbidden("只有本组织的书记及以上工作人员（党小组由组长）可以发送推送。")
	}
	return nil, model.NotFound("该组织")
}

// Check names everything that compose would find wrong with a draft, which may be incomplete: what is missing is not a fault here, since the
// schema names it. Without an organisation nothing is asked of the database. Errors: those of compose.
func (s *Service) Check(ctx context.Context, actor *model.Actor, d Draft) error {
	var org *model.Org
	if d.OrgID != "" {
		var err error
		if org, err = s.onBehalf(ctx, actor, d.OrgID); err != nil {
			return err
		}
	}
	return s.faultsOf(ctx, &d, org, s.now())
}

// faultsOf names every fault of a draft, and fills in whose audience it has. Without an organisation only what stands by itself is looked at.
func (s *Service) faultsOf(ctx context.Context, d *Draft, org *model.Org, now time.Time) error {
	var faults model.Invalid
	checkDraft(&faults, *d, now)
	checkWords(&faults, d.Audience)
	if org != nil {
		if err := s.checkReach(ctx, &faults, &d.Audience, org); err != nil {
			return err
		}
	}
	return faults.Err()
}

func checkDraft(faults *model.Invalid, d Draft, now time.Time) {
	if !d.Kind.Valid() {
		faults.Add("kind", "not_allowed", "消息类型只能是 meeting、study、announcement 或 suggestion。")
	}
	switch n := utf8.RuneCountInString(model.SingleLine(d.Title)); {
	case n == 0:
		faults.Add("title", "required", "请填写标题。")
	case n > 100:
		faults.Add("title", "too_long", "标题不能超过 100 个字。")
	}
	names := make([]string, 0, len(d.Fields))
	for name := range d.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case d.Kind.Valid() && !slices.Contains(d.Kind.FieldNames(), name):
			faults.Add("fields."+model.CutRunes(model.SingleLine(name), 40), "unknown_field", "这类消息只有这些字段："+strings.Join(d.Kind.FieldNames(), "、")+"。")
		case utf8.RuneCountInString(d.Fields[name]) > 500:
			faults.Add("fields."+name, "too_long", "不能超过 500 个字。")
		}
	}
	if d.UrgentReason != "" && model.SingleLine(d.UrgentReason) == "" {
		faults.Add("urgent_reason", "required", "请写明需要立即发送的原因。")
	}
	if d.Page != "" && !pagePattern.MatchString(d.Page) || strings.HasPrefix(d.Page, "/") {
		faults.Add("page", "invalid", "页面应为小程序内的路径，如 pages/meeting/detail?id=…，开头不带斜杠。")
	}
	if d.SendAt != nil && d.SendAt.Before(now.Add(-sendSlack)) {
		faults.Add("send_at", "too_early", "发送时间已经过去；要立即发送，请不填发送时间。")
	}
	if d.SendAt != nil && d.SendAt.After(now.AddDate(1, 0, 0)) {
		faults.Add("send_at", "too_late", "发送时间不能晚于一年之后。")
	}
}

// checkWords looks at an audience by itself.
func checkWords(faults *model.Invalid, a model.Audience) {
	word := func(w string) string { return "没有“" + model.CutRunes(model.SingleLine(w), 20) + "”这种" }
	for _, r := range a.Roles {
		if r.Rank() == 0 {
			faults.Add("audience.roles", "not_allowed", word(string(r))+"角色。")
		}
	}
	for _, p := range a.PartyStatus {
		if !p.Valid() {
			faults.Add("audience.party_status", "not_allowed", word(string(p))+"政治面貌。")
		}
	}
	for _, r := range a.RSVP {
		if r != model.RSVPNone && r != model.RSVPAccept && r != model.RSVPLeave {
			faults.Add("audience.rsvp", "not_allowed", "答复只能是 none、accept 或 leave。")
		}
	}
	if len(a.RSVP) > 0 && a.MeetingID == "" {
		faults.Add("audience.meeting_id", "required", "按答复筛选时请指定会议。")
	}
}

// checkReach fills in the organisation, keeps the audience within it, and keeps it from telling who has not read something.
func (s *Service) checkReach(ctx context.Context, faults *model.Invalid, a *model.Audience, org *model.Org) error {
	if a.OrgID == "" {
		a.OrgID = org.ID
	}
	if a.OrgID != org.ID {
		at, err := s.store.Org(ctx, a.OrgID)
		if err != nil && !model.IsNotFound(err) {
			return err
		}
		if at == nil || !model.Within(at.Path, org.Path) {
			faults.Add("audience.org_id", "out_of_range", "发送范围只能是本组织或其下级组织。")
			return nil // whom it would reach out there is not the actor's to know
		}
	}
	if err := s.checkSubject(ctx, faults, a, org); err != nil || a.NotReadArticleID == "" {
		return err
	}
	all := *a
	all.NotReadArticleID = ""
	fewest := s.policy().Crowd() // among fewer, the count of those who have not read would tell on somebody
	ids, err := s.store.AudienceIDs(ctx, all, "", fewest, false)
	if err != nil {
		return err
	}
	if len(ids) < fewest {
		faults.Add("audience.not_read_article_id", "too_few", fmt.Sprintf("范围内不足 %d 人，不能按是否已读筛选，以免暴露个人的阅读情况。", fewest))
	}
	return nil
}

// checkSubject names a meeting or an article that is not there, so that nobody believes that a message to no one has reached them.
func (s *Service) checkSubject(ctx context.Context, faults *model.Invalid, a *model.Audience, org *model.Org) error {
	if a.MeetingID != "" {
		m, err := s.store.Meeting(ctx, a.MeetingID)
		if err != nil && !model.IsNotFound(err) {
			return err
		}
		if m == nil || !model.Within(m.OrgPath, org.Path) {
			faults.Add("audience.meeting_id", "not_found", "没有找到本组织的这个会议，请核对。")
		}
	}
	if a.NotReadArticleID != "" {
		if _, err := s.store.Article(ctx, a.NotReadArticleID); model.IsNotFound(err) {
			faults.Add("audience.not_read_article_id", "not_found", "没有找到这篇文章，请核对。")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// bodyOf is the fields as the inbox shows them.
func bodyOf(p *model.Push) string {
	var lines []string
	for _, name := range p.Kind.FieldNames() {
		if v := p.Fields[name]; v != "" && v != p.Title {
			lines = append(lines, fieldLabels[name]+"："+v)
		}
	}
	return strings.Join(lines, "\n")
}

// Create sends a push, now or at its time. Errors: those of compose.
func (s *Service) Create(ctx context.Context, actor *model.Actor, d Draft) (*model.Push, error) {
	now := s.now()
	p, err := s.compose(ctx, actor, d, now)
	if err != nil {
		return nil, err
	}
	if p.Recipients, err = s.recipients(ctx, p); err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := s.Push(ctx, tx, p); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "push.create", "push:"+p.ID, p.OrgID, map[string]string{"kind": string(p.Kind), "hours": string(p.Hours)})
	})
	return p, err
}

// recipients counts a large audience before the transaction; a small one is counted in it.
func (s *Service) recipients(ctx context.Context, p *model.Push) (int, error) {
	wide, err := s.store.WideAudience(ctx, p.Audience, smallAudience)
	if err != nil || !wide {
		return 0, err
	}
	return s.store.CountAudience(ctx, p.Audience)
}

// Deferral is how many are reached later than asked, and why.
type Deferral struct {
	Until  time.Time
	Count  int
	Reason string
}

// Silence is how many have no bell, and why.
type Silence struct {
	Reason string
	Count  int
}

// Plan is whom a push would reach and how. Recipients = ByWechat + InboxOnly; the unreachable are among those of the inbox, to be phoned.
type Plan struct {
	Recipients, ByWechat, InboxOnly int
	Unreachable                     []model.Member // at most maxNamed; nobody where the audience depends on who has read something
	UnreachableCount                int
	Deferred                        []Deferral
	OverBudget                      int
	Silent                          []Silence // those of the inbox alone, by reason
}

const maxNamed = 200

// Plan tells what Create would do, by the same code, and sends nothing. Errors: those of compose.
func (s *Service) Plan(ctx context.Context, actor *model.Actor, d Draft) (*Plan, error) {
	now := s.now()
	p, err := s.compose(ctx, actor, d, now)
	if err != nil {
		return nil, err
	}
	s.refreshGates(ctx, s.store)
	out, r := &Plan{}, s.reacher(p, p.Kind, now)
	need := s.factsNeeded(p.Kind, p.Counted, r.At())
	wide, err := s.store.WideAudience(ctx, p.Audience, smallAudience)
	if err != nil {
		return nil, err
	}
	var phone []string
	for after := ""; ; {
		ids, facts, err := s.store.AudienceFacts(ctx, p.Audience, after, chunkSize, wide, need)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			break
		}
		if err := s.store.CountWeek(ctx, ids, facts, need, false); err != nil {
			return nil, err
		}
		for _, id := range ids {
			reach := r.Reach(facts[id])
			out.add(reach, p)
			if reach.Phone && len(phone) < maxNamed {
				phone = append(phone, id)
			}
		}
		after = ids[len(ids)-1]
	}
	if p.NamesNobody() {
		return out, nil
	}
	members, err := s.store.MembersByID(ctx, phone)
	for _, id := range phone {
		out.Unreachable = append(out.Unreachable, members[id])
	}
	return out, err
}

func (out *Plan) add(r model.Reach, p *model.Push) {
	out.Recipients++
	if r.Phone {
		out.UnreachableCount++
	}
	if r.State == model.DeliveryInboxOnly {
		out.InboxOnly++
		for i := range out.Silent {
			if out.Silent[i].Reason == r.Reason {
				out.Silent[i].Count++
				return
			}
		}
		out.Silent = append(out.Silent, Silence{r.Reason, 1})
		return
	}
	out.ByWechat++
	if r.State == model.DeliveryHeld {
		out.OverBudget++
	}
	if !r.At.After(p.SendAt) && r.Deferred == "" {
		return
	}
	for i := range out.Deferred {
		if f := &out.Deferred[i]; f.Until.Equal(r.At) && f.Reason == r.Deferred {
			f.Count++
			return
		}
	}
	out.Deferred = append(out.Deferred, Deferral{r.At, 1, r.Deferred})
}
