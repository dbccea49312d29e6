package suggestion

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Subject names the notices to an open author in the outbox.
func Subject(m *model.Suggestion) string { return "suggestion:" + m.ID }

// quietSubject is that of the notices to anonymous authors. It bears no number, so that the outbox does not tell who wrote what.
const quietSubject = "suggestion"

// DeskSubject names the notices to those who handle a suggestion; what is not sent when the step is taken is dropped.
func DeskSubject(id string) string { return "suggestion:" + id + ":desk" }

const (
	detailPage = "pages/suggestion/detail?id="
	minePage   = "pages/suggestion/list?box=mine"
	systemName = "系统"
)

// bell is why those who handle a suggestion are told of it.
type bell struct {
	key, title, state string
	body              string // with the title of the suggestion and the deadline
	note              string // with the deadline
}

var (
	bellNew      = bell{"new", "收到新的意见建议", "待受理", "收到意见建议“%s”，请在%s前受理。", "请在%s前受理"}
	bellReopened = bell{"reopened", "意见建议重新提出", "重新提出", "提出人对“%s”的答复仍有意见，已重新提出，请在%s前受理。", "请在%s前受理"}
	bellRaised   = bell{"raised", "收到转交的意见建议", "待受理", "下级组织转来意见建议“%s”，请在%s前受理。", "请在%s前受理"}
	bellAssigned = bell{"assigned", "请您办理意见建议", "待办理", "意见建议“%s”已交由您办理，请在%s前答复。", "请在%s前答复"}
	bellSoon     = bell{"soon", "意见建议即将到期", "即将到期", "意见建议“%s”的办理期限为%s，请及时办理。", "期限为%s，请及时办理"}
	bellLate     = bell{"late", "意见建议已超期", "已超期", "意见建议“%s”已超过办理期限%s，请尽快办理；再过一个工作日仍未办理，将自动转交上级组织。", "已过期限%s，请尽快办理"}
	bellReplan   = bell{"replan", "意见建议期限调整", "期限调整", "放假安排已公布，意见建议“%s”的办理期限现为%s。", "办理期限现为%s"}
	bellTop      = bell{"top", "意见建议超期未办", "已超期", "意见建议“%s”已超过办理期限%s仍未办理，请党办督促。", "已过期限%s，请督促办理"}
)

// tellDesk rings for those who handle the holder's suggestions.
func (s *Service) tellDesk(ctx context.Context, tx *store.Store, m *model.Suggestion, b bell, now time.Time) error {
	to, err := desk(ctx, tx, m.OrgPath)
	if err != nil {
		return err
	}
	return s.ring(ctx, tx, m, b, to, now)
}

// ring tells these members, once for each reason and deadline. The notice names nobody, so it is alike for open and anonymous authors.
func (s *Service) ring(ctx context.Context, tx *store.Store, m *model.Suggestion, b bell, to []string, now time.Time) error {
	if len(to) == 0 {
		return nil
	}
	due := m.Due()
	day := due.In(model.Zone).Format("1月2日")
	key := fmt.Sprintf("suggestion:%s:%s:%d:%d", m.ID, b.key, m.ClockAt.Unix(), due.Unix())
	if b.key == bellAssigned.key {
		key = fmt.Sprintf("suggestion:%s:%s:%d", m.ID, b.key, m.Version)
	}
	return s.outbox.Push(ctx, tx, &model.Push{
		OrgID: m.OrgID, OrgPath: m.OrgPath, Kind: model.PushSuggestion, Title: b.title + "：" + m.Title, Body: fmt.Sprintf(b.body, m.Title, day),
		Fields: fields(m.Title, b.state, fmt.Sprintf(b.note, day), now), Page: detailPage + m.ID,
		Audience: model.Audience{MemberIDs: to}, Hours: model.HoursOrdinary, Private: true, Subject: DeskSubject(m.ID), DedupeKey: &key, SendAt: now,
	})
}

// desk is who handles the suggestions of the organisation at path: its secretaries and those of the office who have their role there;
// where it has none, those of the next organisation above that has.
func desk(ctx context.Context, tx *store.Store, path string) ([]string, error) {
	grants, err := tx.HoldersOver(ctx, path, model.RoleSecretary, model.RoleStaff, model.RoleAdmin)
	if err != nil {
		return nil, err
	}
	var nearest string
	for _, g := range grants {
		if len(g.OrgPath) > len(nearest) {
			nearest = g.OrgPath
		}
	}
	return holders(grants, func(g model.Grant) bool { return g.OrgPath == nearest }), nil
}

// office is who of the office answers for the organisation at path.
func office(ctx context.Context, tx *store.Store, path string) ([]string, error) {
	grants, err := tx.HoldersOver(ctx, path, model.RoleStaff, model.RoleAdmin)
	return holders(grants, func(model.Grant) bool { return true }), err
}

func holders(grants []model.Grant, with func(model.Grant) bool) []string {
	var ids []string
	for _, g := range grants {
		if with(g) && !slices.Contains(ids, g.MemberID) {
			ids = append(ids, g.MemberID)
		}
	}
	return ids
}

func fields(title, state, note string, now time.Time) map[string]string {
	return map[string]string{"title": title, "state": state, "time": now.In(model.Zone).Format("2006年1月2日 15:04"), "note": note}
}

// tell rings for whom a step concerns: the author, those who must act next, and whom it was given to.
func (s *Service) tell(ctx context.Context, tx *store.Store, m *model.Suggestion, r Request, now time.Time) error {
	switch r.Action {
	case model.SuggestionAccept, model.SuggestionReply, model.SuggestionDecline, model.SuggestionEscalate:
		if err := s.outbox.Drop(ctx, tx, DeskSubject(m.ID), "意见建议已办理"); err != nil {
			return err
		}
	}
	if r.AssigneeID != "" {
		if err := s.ring(ctx, tx, m, bellAssigned, []string{r.AssigneeID}, now); err != nil {
			return err
		}
	}
	switch r.Action {
	case model.SuggestionReopen:
		if m.Anonymous { // at the next opening of the push hours
			return nil
		}
		return s.tellDesk(ctx, tx, m, bellReopened, now)
	case model.SuggestionEscalate:
		if err := s.tellDesk(ctx, tx, m, bellRaised, now); err != nil {
			return err
		}
	}
	return s.tellAuthor(ctx, tx, m, r.Action, r.Text, now)
}

// later marks, before the row is saved, that its anonymous author has news, or did something that is noted later.
func (s *Service) later(m *model.Suggestion, action model.SuggestionAction, side model.SuggestionSide, now time.Time) {
	if !m.Anonymous || len(m.AuthorSealed) == 0 { // an author who has left the program is told no more
		return
	}
	if side == model.SideAuthor {
		s.hush(m, now)
	}
	if _, ok := news[action]; ok {
		s.tellLater(m, now)
	}
}

// news is what the author is told of a step.
var news = map[model.SuggestionAction]struct{ title, state, body, note string }{
	model.SuggestionAccept:      {"意见建议已受理", "已受理", "您的意见建议“%s”已受理，将在%s前答复。", "点击查看办理进度"},
	model.SuggestionReply:       {"意见建议已答复", "已答复", "您的意见建议“%s”已答复：", "点击查看答复并评价"},
	model.SuggestionDecline:     {"意见建议未采纳", "未采纳", "您的意见建议“%s”未予采纳，理由：", "点击查看理由"},
	model.SuggestionEscalate:    {"意见建议已转交", "已转交", "您的意见建议“%s”已转交上级组织办理，原因：", "点击查看办理进度"},
	model.SuggestionMerge:       {"意见建议合并办理", "合并办理", "您的意见建议“%s”与一条相近的意见建议合并办理，答复时会同时告知您。", "点击查看办理进度"},
	model.SuggestionReplan:      {"意见建议期限调整", "期限调整", "您的意见建议“%s”的办理期限因放假安排公布而调整：", "点击查看新的期限"},
	model.SuggestionPublication: {"征求公开答复的意见", "征求意见", "承办组织希望公开“%s”的问题和答复（不含提出人），请选择是否同意。", "点击查看拟公开的内容"},
	model.SuggestionExtend:      {"意见建议延期答复", "延期答复", "您的意见建议“%s”将延至%s前答复，原因：", "点击查看延期原因"},
}

// tellAuthor writes to an open author alone, in nobody's list. An anonymous one is told later.
func (s *Service) tellAuthor(ctx context.Context, tx *store.Store, m *model.Suggestion, action model.SuggestionAction, text string, now time.Time) error {
	n, ok := news[action]
	if !ok || m.Anonymous {
		return nil
	}
	p := &model.Push{
		Kind: model.PushSuggestion, Audience: model.Audience{MemberIDs: []string{m.AuthorID}}, Hours: model.HoursOrdinary, Private: true,
		Subject: Subject(m), SendAt: now,
	}
	day, text := m.ReplyBy.In(model.Zone).Format("1月2日"), model.CutRunes(text, 500)
	switch action {
	case model.SuggestionAccept:
		p.Body = fmt.Sprintf(n.body, m.Title, day)
	case model.SuggestionExtend:
		p.Body = fmt.Sprintf(n.body, m.Title, day) + text
	case model.SuggestionMerge, model.SuggestionPublication:
		p.Body = fmt.Sprintf(n.body, m.Title)
	default:
		p.Body = fmt.Sprintf(n.body, m.Title) + text
		if text == "" { // what went up needs no reason
			p.Body = strings.TrimSuffix(p.Body, "，原因：") + "。"
		}
	}
	p.Title, p.Page, p.Fields = n.title+"："+m.Title, detailPage+m.ID, fields(m.Title, n.state, n.note, now)
	return s.outbox.Push(ctx, tx, p)
}
