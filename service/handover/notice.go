package handover

import (
	"context"
	"fmt"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

const detailPage = "pages/handover/detail?id="

// tell rings for these members, but not for who has just acted.
func (s *Service) tell(ctx context.Context, tx *store.Store, h *model.Handover, title, body, note string, but string, now time.Time, to ...string) error {
	ids := []string{}
	for _, id := range to {
		if id != "" && id != but {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.outbox.Push(ctx, tx, &model.Push{
		OrgID: h.OrgID, OrgPath: h.OrgPath, Kind: model.PushAnnouncement, Title: title, Body: body,
		Fields: map[string]string{"title": title, "from": "支部工作交接", "time": now.In(model.Zone).Format("2006年1月2日 15:04"), "note": note},
		Page:   detailPage + h.ID, Audience: model.Audience{MemberIDs: ids}, Hours: model.HoursOrdinary, Private: true, Subject: subject(h), SendAt: now,
	})
}

func (s *Service) tellStart(ctx context.Context, tx *store.Store, h *model.Handover, o *model.Org, actor *model.Actor, now time.Time) error {
	until := h.ExpiresAt.Add(-time.Second).In(model.Zone).Format("1月2日")
	body := fmt.Sprintf("拟请您接任“%s”书记。请在%s前查看交接清单并确认；双方确认后，权限与未办结事项一并移交。", o.Name, until)
	if err := s.tell(ctx, tx, h, "请确认接任支部书记工作", body, "请在"+until+"前确认", actor.MemberID, now, h.ToID); err != nil {
		return err
	}
	body = fmt.Sprintf("党办已发起“%s”的书记工作交接。请在%s前查看交接清单并确认，感谢您一直以来的付出。", o.Name, until)
	return s.tell(ctx, tx, h, "请确认交出支部书记工作", body, "请在"+until+"前确认", actor.MemberID, now, h.FromID)
}

// tellOther asks the side that has not confirmed yet.
func (s *Service) tellOther(ctx context.Context, tx *store.Store, h *model.Handover, who side, now time.Time) error {
	to, body := h.ToID, "交出方已确认支部工作交接，请您查看交接清单并确认。"
	if who == sideTo {
		to, body = h.FromID, "接任书记已确认支部工作交接，请您查看交接清单并确认。"
	}
	return s.tell(ctx, tx, h, "支部工作交接等待您确认", body, "请查看并确认", "", now, to)
}

func (s *Service) tellDone(ctx context.Context, tx *store.Store, h *model.Handover, o *model.Org, now time.Time) error {
	if err := s.outbox.Drop(ctx, tx, subject(h), "交接已完成"); err != nil {
		return err
	}
	n := 0
	for _, it := range h.Package {
		if it.HandedOn {
			n++
		}
	}
	moved := ""
	if n > 0 {
		moved = fmt.Sprintf("原书记名下的 %d 项未办结事项已移交给您，", n)
	}
	body := fmt.Sprintf("您已接任“%s”书记，权限即时生效。%s可随时查看交接清单。", o.Name, moved)
	if err := s.tell(ctx, tx, h, "支部工作交接已完成", body, "权限已生效", "", now, h.ToID); err != nil {
		return err
	}
	body = fmt.Sprintf("“%s”的书记工作已交接完毕，您的书记权限同时结束。感谢您为支部工作付出的辛劳。", o.Name)
	if h.InPlace() {
		body = fmt.Sprintf("“%s”的书记工作已由党办代您确认交接，您的书记权限同时结束，原因：%s。感谢您为支部工作付出的辛劳；如有疑问，请与党办联系。", o.Name, h.FromReason)
	}
	return s.tell(ctx, tx, h, "支部工作交接已完成", body, "书记权限已结束", "", now, h.FromID)
}

// tellOver tells both that nothing has moved.
func (s *Service) tellOver(ctx context.Context, tx *store.Store, h *model.Handover, title, body, but string, now time.Time) error {
	if err := s.outbox.Drop(ctx, tx, subject(h), "交接已结束"); err != nil {
		return err
	}
	return s.tell(ctx, tx, h, title, body, "支部工作仍由原书记负责", but, now, h.FromID, h.ToID)
}
