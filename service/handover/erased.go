package handover

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Forget settles, in the transaction of an erasure, the open hand-overs of somebody who is erased: one to them ends, and one from them waits for the
// office, which confirms in the place of a secretary who is gone.
func (s *Service) Forget(ctx context.Context, tx *store.Store, memberID string) ([]model.ErasureLine, error) {
	now := s.clock()
	rows, err := tx.OpenHandoversOf(ctx, memberID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	office, err := tx.OfficeIDs(ctx)
	if err != nil {
		return nil, err
	}
	office = slices.DeleteFunc(office, func(id string) bool { return id == memberID })
	var ended, left int
	for i := range rows {
		h := &rows[i]
		if h.ToID == memberID {
			ended++
			err = s.successorLeft(ctx, tx, h, office, now)
		} else {
			left++
			err = s.predecessorLeft(ctx, tx, h, office, now)
		}
		if err != nil {
			return nil, err
		}
	}
	var lines []model.ErasureLine
	if ended > 0 {
		lines = append(lines, model.ErasureLine{What: "由您接任的支部交接（已终止）", Count: ended})
	}
	if left > 0 {
		lines = append(lines, model.ErasureLine{What: "由您交出的支部交接（已转党办办理）", Count: left})
	}
	return lines, nil
}

// successorLeft ends a hand-over to somebody who is erased. Nothing has moved; the old secretary and the office hear of it.
func (s *Service) successorLeft(ctx context.Context, tx *store.Store, h *model.Handover, office []string, now time.Time) error {
	o, err := tx.Org(ctx, h.OrgID)
	if err != nil {
		return err
	}
	h.State, h.OpenKey, h.EndedAt, h.UpdatedAt, h.EndReason = model.HandoverCancelled, nil, &now, now, "接任人已注销账号"
	if err := tx.SaveHandover(ctx, h); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, model.SystemActor(), "handover.cancel", subject(h), h.OrgID, map[string]string{"cause": "erased"}); err != nil {
		return err
	}
	if err := s.outbox.Drop(ctx, tx, subject(h), "交接已结束"); err != nil {
		return err
	}
	body := fmt.Sprintf("“%s”书记工作的接任人已注销账号，交接已自动终止，没有移交任何权限和事项。请另选接任人后重新发起交接。", o.Name)
	return s.tell(ctx, tx, h, "支部工作交接已终止", body, "请另选接任人", "", now, append([]string{h.FromID}, office...)...)
}

// predecessorLeft keeps a hand-over from somebody who is erased open. What they had confirmed stands; else the office is asked to.
func (s *Service) predecessorLeft(ctx context.Context, tx *store.Store, h *model.Handover, office []string, now time.Time) error {
	o, err := tx.Org(ctx, h.OrgID)
	if err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, model.SystemActor(), "handover.left", subject(h), h.OrgID, map[string]string{"cause": "erased"}); err != nil {
		return err
	}
	if h.FromConfirmedAt != nil {
		return nil
	}
	until := h.ExpiresAt.Add(-time.Second).In(model.Zone).Format("1月2日")
	body := fmt.Sprintf("“%s”的原书记已注销账号，正在进行的书记工作交接需由党办代为确认。请在%s前查看交接清单，说明原因并确认。", o.Name, until)
	return s.tell(ctx, tx, h, "请代为确认支部工作交接", body, "请在"+until+"前确认", "", now, office...)
}
