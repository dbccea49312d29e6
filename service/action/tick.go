package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Subject names an action's messages in the outbox; what has not gone out when it is closed is dropped.
func Subject(id string) string { return "action:" + id }

// bell is why somebody is told of an action.
type bell struct {
	key, title, body string // the body with the action's text and its day
	note             string // with the day
}

var (
	bellNew    = bell{"new", "督办事项", "会议决议“%s”由您负责，完成时限%s。办结后请登记办理结果。", "请于%s前完成"}
	bellOwner  = bell{"owner", "督办事项即将到期", "由您负责的督办事项“%s”将于%s到期，请抓紧办理；办结后请登记办理结果。", "%s到期，请抓紧办理"}
	bellLate   = bell{"late", "督办事项已超期", "由您负责的督办事项“%s”已超过时限%s，请尽快办理并登记结果。", "已过时限%s，请尽快办理"}
	bellDesk   = bell{"secretary", "督办事项超期未办结", "督办事项“%s”已超过时限%s仍未办结，请支部督促或协助办理。", "已过时限%s，请督促办理"}
	bellOffice = bell{"office", "督办事项长期未办结", "督办事项“%s”已超过时限%s多个工作日仍未办结，请党办了解情况并给予帮助。", "已过时限%s，请协调办理"}
	bellHanded = bell{"handed", "督办事项转交", "督办事项“%s”（时限%s）的原责任人已离开本组织，现转由您负责。", "时限%s，现由您负责"}
)

// ring tells these members, once for each reason, day and owner.
func (s *Service) ring(ctx context.Context, tx *store.Store, x *model.Action, b bell, to []string, now time.Time) error {
	if len(to) == 0 {
		return nil
	}
	day := x.DueOn.Start().Format("1月2日")
	key := fmt.Sprintf("%s:%s:%s:%s", Subject(x.ID), b.key, x.DueOn, x.OwnerID)
	title := model.CutRunes(model.SingleLine(x.Content), 30)
	return s.outbox.Push(ctx, tx, &model.Push{
		OrgID: x.OrgID, OrgPath: x.OrgPath, Kind: model.PushMeeting, Title: b.title + "：" + title, Body: fmt.Sprintf(b.body, model.SingleLine(x.Content), day),
		Fields: map[string]string{"topic": title, "time": x.DueOn.Start().Format("2006年1月2日 15:04"), "place": "督办事项", "note": fmt.Sprintf(b.note, day)},
		Page:   "pages/action/detail?id=" + x.ID, Audience: model.Audience{MemberIDs: to}, Hours: model.HoursOrdinary, Subject: Subject(x.ID), DedupeKey: &key, SendAt: now,
	})
}

// Tick looks at every open action: what its owner has left goes to the secretary, and who has to hear of its day is told. Each is done once,
// however many replicas tick.
func (s *Service) Tick(ctx context.Context) error {
	now := s.clock()
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return err
	}
	clocks := s.policies.PolicyAt(now).Actions
	var errs []error
	for after := ""; ; {
		rows, err := s.store.ActionsOnTheClock(ctx, after, 200)
		if err != nil || len(rows) == 0 {
			return errors.Join(append(errs, err)...)
		}
		for _, x := range rows {
			after = x.ID
			errs = append(errs, s.look(ctx, &x, cal, clocks, now))
		}
	}
}

// look does what one action asks for, a step a transaction.
func (s *Service) look(ctx context.Context, x *model.Action, cal model.Calendar, clocks model.ActionClocks, now time.Time) error {
	stays, err := s.store.BelongsUnder(ctx, x.OwnerID, x.OrgPath)
	if err != nil {
		return err
	}
	if !stays {
		if err := s.hand(ctx, x.ID, x.OwnerID, now); err != nil {
			return err
		}
	}
	for x.Due(cal, clocks, now) != x.Step {
		next, err := s.step(ctx, x.ID, cal, clocks, now)
		if err != nil || next == nil || next.Step == x.Step {
			return err
		}
		x = next
	}
	return nil
}

// step takes the next step of one action; nil when another replica was first.
func (s *Service) step(ctx context.Context, id string, cal model.Calendar, clocks model.ActionClocks, now time.Time) (*model.Action, error) {
	var out *model.Action
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		out = nil
		x, err := tx.Action(ctx, id)
		if err != nil {
			return err
		}
		due := x.Due(cal, clocks, now)
		if due == x.Step {
			return nil
		}
		x.Step, x.UpdatedAt = due, now
		saved, err := tx.SaveAction(ctx, x)
		if err != nil || !saved {
			return err
		}
		out = x
		return s.tell(ctx, tx, x, now)
	})
	return out, err
}

// tell rings for whom the step that was just taken concerns.
func (s *Service) tell(ctx context.Context, tx *store.Store, x *model.Action, now time.Time) error {
	switch x.Step {
	case model.ActionOwnerTold:
		if x.Overdue(now) {
			return s.ring(ctx, tx, x, bellLate, []string{x.OwnerID}, now)
		}
		return s.ring(ctx, tx, x, bellOwner, []string{x.OwnerID}, now)
	case model.ActionSecretaryTold:
		to, err := nearest(ctx, tx, "", x.OrgPath, model.RoleSecretary, model.RoleStaff, model.RoleAdmin)
		if err != nil {
			return err
		}
		if err := s.ring(ctx, tx, x, bellDesk, without(to, x.OwnerID), now); err != nil {
			return err
		}
		return s.ring(ctx, tx, x, bellLate, []string{x.OwnerID}, now)
	case model.ActionOfficeTold:
		to, err := nearest(ctx, tx, "", x.OrgPath, model.RoleStaff, model.RoleAdmin)
		if err != nil {
			return err
		}
		return s.ring(ctx, tx, x, bellOffice, to, now)
	case model.ActionUntold:
	}
	return nil
}

// hand gives what its owner has left behind to the secretary, or where there is none to the next above.
func (s *Service) hand(ctx context.Context, id, from string, now time.Time) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		x, err := tx.Action(ctx, id)
		if err != nil || x.OwnerID != from || x.State != model.ActionOpen {
			return err
		}
		to, err := nearest(ctx, tx, "", x.OrgPath, model.RoleSecretary, model.RoleStaff, model.RoleAdmin)
		// Who answers for the organisation from above is on no roster of it, and stays.
		if err != nil || len(to) == 0 || slices.Contains(to, from) {
			return err
		}
		if err := s.handTo(ctx, tx, x, to[0], now); model.CodeOf(err) != model.CodeConflict { // another replica was first, and its work stands
			return err
		}
		return nil
	})
}

// Forget passes on, in the transaction of an erasure, what somebody leaves behind who is erased: to the secretary, or where there is none to the next
// above. Minutes and closed actions keep the number of a row that says 已注销成员.
func (s *Service) Forget(ctx context.Context, tx *store.Store, memberID string) ([]model.ErasureLine, error) {
	now := s.clock()
	rows, err := tx.OpenActionsOwnedBy(ctx, memberID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	handed := 0
	for i := range rows {
		to, err := nearest(ctx, tx, memberID, rows[i].OrgPath, model.RoleSecretary, model.RoleStaff, model.RoleAdmin)
		if err != nil {
			return nil, err
		}
		if len(to) == 0 { // nobody is left at all; the first who answers for the place gets it at the next look
			continue
		}
		if err := s.handTo(ctx, tx, &rows[i], to[0], now); err != nil {
			return nil, err
		}
		handed++
	}
	if handed == 0 {
		return nil, nil
	}
	return []model.ErasureLine{{What: "未办结的督办事项（已移交）", Count: handed}}, nil
}

// handTo makes somebody else the owner, with an entry in the audit and a message.
func (s *Service) handTo(ctx context.Context, tx *store.Store, x *model.Action, to string, now time.Time) error {
	from := x.OwnerID
	if x.FirstOwnerID == "" { // the minutes keep to whom it was given
		x.FirstOwnerID = from
	}
	x.OwnerID, x.UpdatedAt = to, now
	saved, err := tx.SaveAction(ctx, x)
	if err == nil && !saved {
		err = model.Conflict("督办事项“" + model.CutRunes(model.SingleLine(x.Content), 30) + "”刚有变化，请再试一次。")
	}
	if err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, nil, "action.hand", "action:"+x.ID, x.OrgID, map[string]string{"from": from, "to": to}); err != nil {
		return err
	}
	return s.ring(ctx, tx, x, bellHanded, []string{to}, now)
}

// nearest are those who hold one of the roles for the organisation at path, as near to it as there is anybody but one.
func nearest(ctx context.Context, tx *store.Store, but, path string, roles ...model.Role) ([]string, error) {
	grants, err := tx.HoldersOver(ctx, path, roles...)
	if err != nil {
		return nil, err
	}
	grants = slices.DeleteFunc(grants, func(g model.Grant) bool { return g.MemberID == but })
	at := ""
	for _, g := range grants {
		if len(g.OrgPath) > len(at) {
			at = g.OrgPath
		}
	}
	var ids []string
	for _, g := range grants {
		if g.OrgPath == at && !slices.Contains(ids, g.MemberID) {
			ids = append(ids, g.MemberID)
		}
	}
	return ids, nil
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(i string) bool { return i == id })
}
