package handover

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// contents is the package: what is open in the branch and below it. What was the old secretary's own to do is marked, since it becomes the new one's.
func (s *Service) contents(ctx context.Context, from *store.Store, h *model.Handover, now time.Time, prompts bool) ([]model.HandoverItem, error) {
	items := []model.HandoverItem{}
	for _, part := range []func(context.Context, *store.Store, *model.Handover, time.Time) ([]model.HandoverItem, error){
		actionItems, meetingItems, suggestionItems, articleItems, pushItems, reminderItems,
	} {
		more, err := part(ctx, from, h, now)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	if !prompts {
		return items, nil
	}
	short, err := s.subscriptions.Short(ctx, h.ToID)
	for _, k := range short {
		items = append(items, model.HandoverItem{Kind: model.HandoverSubscription, ID: string(k), Title: pushLabel(k),
			Note: "接任书记目前收不到这类微信消息，请在小程序提示时点“允许”；站内信不受影响"})
	}
	return items, err
}

// leftBehind tells whose work becomes the new secretary's: the old one's, and that of people who were erased since.
func leftBehind(ctx context.Context, from *store.Store, h *model.Handover, ids []string) (func(id string) bool, error) {
	people, err := from.MembersByID(ctx, ids)
	return func(id string) bool { return id != "" && (id == h.FromID || people[id].ErasedAt != nil) }, err
}

// because says whose work it was.
func because(h *model.Handover, id, did string) string {
	if id == h.FromID {
		return "由交出书记" + did
	}
	return "原由已注销成员" + did
}

// actionItems are the open actions. Those that went to somebody above the branch when their owner left come back to it.
func actionItems(ctx context.Context, from *store.Store, h *model.Handover, now time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.OpenActionsUnder(ctx, h.OrgPath)
	if err != nil {
		return nil, err
	}
	belongs := map[string]bool{}
	for _, x := range rows {
		if _, known := belongs[x.OwnerID]; !known {
			if belongs[x.OwnerID], err = from.BelongsUnder(ctx, x.OwnerID, h.OrgPath); err != nil {
				return nil, err
			}
		}
		kept := x.FirstOwnerID != "" && x.FirstOwnerID != x.OwnerID && !belongs[x.OwnerID]
		mine := kept || h.FromID != "" && x.OwnerID == h.FromID
		var notes []string
		if x.Overdue(now) {
			notes = append(notes, "已超期")
		}
		switch {
		case kept:
			notes = append(notes, "原责任人已离开，暂由上级代管")
		case mine:
			notes = append(notes, "由交出书记负责")
		}
		items = append(items, model.HandoverItem{Kind: model.HandoverAction, ID: x.ID, Title: x.Content, At: at(x.DueOn.Start()), Note: strings.Join(notes, "，"), Path: "/actions/" + x.ID, HandedOn: mine})
	}
	return items, nil
}

func meetingItems(ctx context.Context, from *store.Store, h *model.Handover, now time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.ComingMeetings(ctx, h.OrgPath, now)
	if err != nil {
		return nil, err
	}
	callers := make([]string, len(rows))
	for i, m := range rows {
		callers[i] = m.CreatedBy
	}
	left, err := leftBehind(ctx, from, h, callers)
	for _, m := range rows {
		it := model.HandoverItem{Kind: model.HandoverMeeting, ID: m.ID, Title: m.Type.Label() + "：" + m.Topic, At: at(m.StartsAt), Path: "/meetings/" + m.ID, HandedOn: left(m.CreatedBy)}
		if it.HandedOn {
			it.Note = because(h, m.CreatedBy, "召集")
		}
		items = append(items, it)
	}
	return items, err
}

func suggestionItems(ctx context.Context, from *store.Store, h *model.Handover, now time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.OpenSuggestionsUnder(ctx, h.OrgPath)
	for _, m := range rows {
		mine, due := h.FromID != "" && m.AssigneeID == h.FromID, m.Due()
		note := m.State.Label()
		if !due.IsZero() && now.After(due) {
			note += "，已超期"
		}
		if mine {
			note += "，由交出书记经办"
		}
		items = append(items, model.HandoverItem{Kind: model.HandoverSuggestion, ID: m.ID, Title: m.Title, At: at(due), Note: note, Path: "/suggestions/" + m.ID, HandedOn: mine})
	}
	return items, err
}

// articleItems are drafts; who wrote them stays their author.
func articleItems(ctx context.Context, from *store.Store, h *model.Handover, _ time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.UnpublishedArticles(ctx, h.OrgPath)
	for _, a := range rows {
		it := model.HandoverItem{Kind: model.HandoverDraft, ID: a.ID, Title: a.Title, Note: a.State.Label(), Path: "/articles/" + a.ID}
		if a.State == model.ArticleScheduled {
			it.At = a.PublishAt
		}
		items = append(items, it)
	}
	return items, err
}

func pushItems(ctx context.Context, from *store.Store, h *model.Handover, _ time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.PushesAwaiting(ctx, h.OrgPath)
	for _, p := range rows {
		items = append(items, model.HandoverItem{Kind: model.HandoverPush, ID: p.ID, Title: p.Title, At: at(p.SendAt), Note: pushLabel(p.Kind), Path: "/pushes/" + p.ID})
	}
	return items, err
}

func reminderItems(ctx context.Context, from *store.Store, h *model.Handover, _ time.Time) (items []model.HandoverItem, _ error) {
	rows, err := from.LivingReminders(ctx, h.OrgPath)
	if err != nil {
		return nil, err
	}
	makers := make([]string, len(rows))
	for i, r := range rows {
		makers[i] = r.CreatedBy
	}
	left, err := leftBehind(ctx, from, h, makers)
	for _, r := range rows {
		note := "进行中"
		if r.Paused {
			note = "已暂停"
		}
		if left(r.CreatedBy) {
			note += "，" + because(h, r.CreatedBy, "设置")
		}
		items = append(items, model.HandoverItem{Kind: model.HandoverReminder, ID: r.ID, Title: r.Name, At: r.NextAt, Note: note, Path: "/reminders/" + r.ID, HandedOn: left(r.CreatedBy)})
	}
	return items, err
}

// pass hands on what was the old secretary's to do, in the transaction in which the rights move.
func (s *Service) pass(ctx context.Context, tx *store.Store, h *model.Handover, actor *model.Actor, items []model.HandoverItem, now time.Time) error {
	ids := func(k model.HandoverKind) (list []string) {
		for _, it := range items {
			if it.Kind == k && it.HandedOn {
				list = append(list, it.ID)
			}
		}
		return list
	}
	for _, id := range ids(model.HandoverAction) {
		x, err := tx.Action(ctx, id)
		if err != nil {
			return err
		}
		if x.FirstOwnerID == "" { // the minutes keep to whom it was given
			x.FirstOwnerID = x.OwnerID
		}
		x.OwnerID, x.UpdatedAt = h.ToID, now
		saved, err := tx.SaveAction(ctx, x)
		if err != nil {
			return err
		}
		if !saved {
			return model.Conflict("有督办事项刚有变化，请刷新后再确认。")
		}
	}
	if err := tx.HandOnMeetings(ctx, ids(model.HandoverMeeting), h.ToID); err != nil {
		return err
	}
	if err := tx.HandOnReminders(ctx, ids(model.HandoverReminder), h.ToID); err != nil {
		return err
	}
	for _, id := range ids(model.HandoverSuggestion) {
		m, err := tx.Suggestion(ctx, id)
		if err != nil {
			return err
		}
		m.AssigneeID, m.UpdatedAt = h.ToID, now
		step := &model.SuggestionStep{Action: model.SuggestionAssign, ByID: actor.MemberID, ByRole: "支部交接", AssigneeID: h.ToID, OrgID: m.OrgID, Note: "随支部工作交接移交经办人", At: now}
		if err := tx.SaveSuggestion(ctx, m, m.State, step); err != nil {
			return err
		}
	}
	return nil
}

func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func pushLabel(k model.PushKind) string {
	switch k {
	case model.PushMeeting:
		return "会议通知"
	case model.PushStudy:
		return "学习提醒"
	case model.PushAnnouncement:
		return "通知公告"
	case model.PushSuggestion:
		return "意见建议进展"
	}
	return "消息"
}
