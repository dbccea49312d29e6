package handover

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// side is in which capacity somebody meets a hand-over.
type side int

const (
	sideNone side = iota
	sideFrom
	sideTo
	sideOffice // in the place of the old secretary
)

func sideOf(actor *model.Actor, h *model.Handover) side {
	switch {
	case !actor.Bound():
		return sideNone
	case actor.MemberID == h.ToID:
		return sideTo
	case actor.MemberID == h.FromID:
		return sideFrom
	case model.CanConfirmInPlace(actor, h):
		return sideOffice
	}
	return sideNone
}

// Confirm confirms one side; the office does it in the place of an old secretary who is gone, with its reason. With the second confirmation the rights
// and what was the old one's to do move in the same transaction. Confirming again changes nothing.
// Errors: not_found, forbidden, validation_failed without the reason, conflict when it is over or the new one may not follow any more.
func (s *Service) Confirm(ctx context.Context, actor *model.Actor, id, reason string) (*View, error) {
	now := s.clock()
	reason = model.CleanText(reason)
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		h, who, err := s.enter(ctx, tx, actor, id, now)
		if err != nil {
			return err
		}
		switch {
		case who == sideNone:
			return model.Forbidden("请由交出与接任的两位书记确认；原书记无法确认时由党办代为确认。")
		case h.State == model.HandoverDone && (who != sideOffice || h.InPlace()):
			return nil // what was confirmed is confirmed
		case h.State != model.HandoverOpen:
			return model.Conflict("这次交接" + h.State.Label() + "，不能再确认。")
		case (who == sideTo && h.ToConfirmedAt != nil) || (who != sideTo && h.FromConfirmedAt != nil):
			return nil
		case who == sideOffice:
			if err := CheckReason(reason, "请说明为何由党办代原书记确认。"); err != nil {
				return err
			}
		}
		detail := map[string]string{"side": "from", "in_place": strconv.FormatBool(who == sideOffice)}
		if who == sideTo {
			h.ToConfirmedAt, detail = &now, map[string]string{"side": "to"}
		} else {
			h.FromConfirmedAt, h.FromConfirmedBy = &now, actor.MemberID
			if who == sideOffice {
				h.FromReason = reason
			}
		}
		h.UpdatedAt = now
		if err := tx.Audit(ctx, now, actor, "handover.confirm", subject(h), h.OrgID, detail); err != nil {
			return err
		}
		if h.Ready() {
			return s.complete(ctx, tx, h, actor, now)
		}
		if err := tx.SaveHandover(ctx, h); err != nil {
			return err
		}
		return s.tellOther(ctx, tx, h, who, now)
	})
	if err != nil {
		return nil, err
	}
	return s.View(ctx, actor, id)
}

// CheckReason finds a reason that is missing or too long. Errors: validation_failed.
func CheckReason(reason, missing string) error {
	switch n := len([]rune(reason)); {
	case strings.TrimSpace(reason) == "":
		return model.BadField("reason", "required", missing)
	case n > model.MaxHandoverText:
		return model.BadField("reason", "too_long", fmt.Sprintf("原因不能超过 %d 个字。", model.MaxHandoverText))
	}
	return nil
}

// enter reads a hand-over for a step, and keeps others away from it. One whose time is over reads so.
func (s *Service) enter(ctx context.Context, tx *store.Store, actor *model.Actor, id string, now time.Time) (*model.Handover, side, error) {
	h, err := tx.LockHandover(ctx, id)
	if err != nil {
		return nil, sideNone, err
	}
	if !model.CanSeeHandover(actor, h) {
		return nil, sideNone, model.NotFound("这次交接")
	}
	if h.Expired(now) {
		h.State = model.HandoverExpired
	}
	return h, sideOf(actor, h), nil
}

// complete moves the rights and the work at one moment.
func (s *Service) complete(ctx context.Context, tx *store.Store, h *model.Handover, actor *model.Actor, now time.Time) error {
	o, err := tx.Org(ctx, h.OrgID)
	if err != nil {
		return err
	}
	belongs, err := tx.BelongsUnder(ctx, h.ToID, o.Path)
	if err != nil {
		return err
	}
	if !belongs {
		return model.Conflict("接任人已不在本支部，请取消后重新发起交接。")
	}
	if h.Package, err = s.contents(ctx, tx, h, now, false); err != nil {
		return err
	}
	if err := s.moveRole(ctx, tx, h, o, actor, now); err != nil {
		return err
	}
	if err := s.pass(ctx, tx, h, actor, h.Package, now); err != nil {
		return err
	}
	h.State, h.OpenKey, h.EndedAt, h.EndedBy = model.HandoverDone, nil, &now, actor.MemberID
	if err := tx.SaveHandover(ctx, h); err != nil {
		return err
	}
	detail := map[string]string{"from": h.FromID, "to": h.ToID, "in_place": strconv.FormatBool(h.InPlace()), "items": strconv.Itoa(len(h.Package))}
	if err := tx.Audit(ctx, now, actor, "handover.done", subject(h), h.OrgID, detail); err != nil {
		return err
	}
	return s.tellDone(ctx, tx, h, o, now)
}

// moveRole takes the secretary's role from the one and gives it to the other. Whoever keeps a copy of their rights hears of it with the commit.
func (s *Service) moveRole(ctx context.Context, tx *store.Store, h *model.Handover, o *model.Org, actor *model.Actor, now time.Time) error {
	grants, err := tx.SecretariesOf(ctx, o.ID)
	if err != nil {
		return err
	}
	ends := []string{}
	for _, g := range grants {
		if g.MemberID == h.FromID {
			ends = append(ends, g.ID)
		}
	}
	if len(ends) > 0 {
		if err := tx.DropGrants(ctx, ends); err != nil {
			return err
		}
		if err := s.noteRole(ctx, tx, actor, h.FromID, o.ID, map[string]string{"removed": string(model.RoleSecretary), "by": subject(h)}, now); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(grants, func(g model.Grant) bool { return g.MemberID == h.ToID }) {
		return nil
	}
	g := &model.Grant{ID: store.NewID(), MemberID: h.ToID, OrgID: o.ID, OrgPath: o.Path, Role: model.RoleSecretary, CreatedAt: now}
	if err := tx.AddGrant(ctx, g); err != nil {
		return err
	}
	return s.noteRole(ctx, tx, actor, h.ToID, o.ID, map[string]string{"added": string(model.RoleSecretary), "by": subject(h)}, now)
}

func (s *Service) noteRole(ctx context.Context, tx *store.Store, actor *model.Actor, memberID, orgID string, detail map[string]string, now time.Time) error {
	if err := tx.Audit(ctx, now, actor, "member.roles", "member:"+memberID, orgID, detail); err != nil {
		return err
	}
	return tx.Changed(ctx, now, model.TopicSession, model.MemberChange(memberID))
}

// Cancel takes a hand-over back; nothing has moved. Errors: not_found, forbidden, validation_failed without a reason, conflict when it is over.
func (s *Service) Cancel(ctx context.Context, actor *model.Actor, id, reason string) (*View, error) {
	now := s.clock()
	reason = model.CleanText(reason)
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		h, _, err := s.enter(ctx, tx, actor, id, now)
		if err != nil {
			return err
		}
		if !model.CanCancelHandover(actor, h) {
			return model.Forbidden("交接由双方书记、发起人或党办取消。")
		}
		if h.State != model.HandoverOpen {
			return model.Conflict("这次交接" + h.State.Label() + "，不能取消。")
		}
		if err := CheckReason(reason, "请说明取消交接的原因。"); err != nil {
			return err
		}
		h.State, h.OpenKey, h.EndedAt, h.EndedBy, h.EndReason, h.UpdatedAt = model.HandoverCancelled, nil, &now, actor.MemberID, reason, now
		if err := tx.SaveHandover(ctx, h); err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "handover.cancel", subject(h), h.OrgID, nil); err != nil {
			return err
		}
		return s.tellOver(ctx, tx, h, "支部工作交接已取消", "交接已取消，原因："+reason+"。支部工作仍由原书记负责。", actor.MemberID, now)
	})
	if err != nil {
		return nil, err
	}
	return s.View(ctx, actor, id)
}

// Tick ends what both sides have not confirmed in time, and tells them.
func (s *Service) Tick(ctx context.Context) error {
	now := s.clock()
	rows, err := s.store.OverdueHandovers(ctx, now, 100)
	if err != nil {
		return err
	}
	for _, row := range rows {
		err := s.store.Tx(ctx, func(tx *store.Store) error {
			h, err := tx.LockHandover(ctx, row.ID)
			if err != nil || !h.Expired(now) {
				return err
			}
			return s.expire(ctx, tx, h, now)
		})
		if err != nil && model.CodeOf(err) != model.CodeConflict {
			return err
		}
	}
	return nil
}

func (s *Service) expire(ctx context.Context, tx *store.Store, h *model.Handover, now time.Time) error {
	h.State, h.OpenKey, h.EndedAt, h.UpdatedAt = model.HandoverExpired, nil, &now, now
	h.EndReason = "双方未在期限内确认"
	if err := tx.SaveHandover(ctx, h); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, model.SystemActor(), "handover.expire", subject(h), h.OrgID, nil); err != nil {
		return err
	}
	return s.tellOver(ctx, tx, h, "支部工作交接已过期", "双方未在期限内确认，交接已自动结束，支部工作仍由原书记负责。如仍需交接，请重新发起。", "", now)
}
