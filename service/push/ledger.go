package push

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"zhibu/model"
	"zhibu/model/store"
)

// Line is a push as lists show it.
type Line struct {
	model.Push
	model.Tally
}

// DeliveryRow is a line of a push's ledger with the next step about it.
type DeliveryRow struct {
	store.DeliveryRow
	Advice string
}

// NoticeRow is a line of a member's inbox, as the api sees it.
type NoticeRow = store.NoticeRow

// List is the pushes of the organisations that the actor leads, the newest first; private ones are in nobody's list.
func (s *Service) List(ctx context.Context, actor *model.Actor, page model.Page) ([]Line, string, error) {
	rows, next, err := s.store.PushesUnder(ctx, ledBy(actor), page)
	if err != nil {
		return nil, "", err
	}
	lines, err := s.lines(ctx, rows)
	return lines, next, err
}

// lines adds the counts. Of a push that is not all in the ledger yet, those still missing count as queued, or deferred before its time;
// of one that was stopped before, they count as cancelled.
func (s *Service) lines(ctx context.Context, rows []model.Push) ([]Line, error) {
	now := s.now()
	ids := make([]string, len(rows))
	for i, p := range rows {
		ids[i] = p.ID
	}
	counts, err := s.store.PushCounts(ctx, ids, now)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(rows))
	for i, p := range rows {
		c := counts[p.ID]
		stopped := p.State == model.PushCancelled || p.StopReason != ""
		if missing := p.Recipients - c.Recipients; missing > 0 && (stopped || p.ExpandedAt == nil) {
			c.Recipients = p.Recipients
			switch {
			case stopped:
				c.Cancelled += missing
			case p.SendAt.After(now):
				c.Deferred += missing
			default:
				c.Queued += missing
			}
		}
		lines[i] = Line{p, c}
	}
	return lines, nil
}

// Get is one push with its counts. Errors: not_found also for a private one and for that of an organisation the actor does not lead.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*Line, error) {
	p, err := s.visible(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, []model.Push{*p})
	if err != nil {
		return nil, err
	}
	return &lines[0], nil
}

func (s *Service) visible(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*model.Push, error) {
	p, err := from.PushOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if !model.CanSeePush(actor, p) {
		return nil, model.NotFound("这条推送")
	}
	return p, nil
}

// Deliveries is the ledger of a push, optionally of one state as its counts have it. Where who gets it tells who has not read something,
// no member is named. Errors: those of Get.
func (s *Service) Deliveries(ctx context.Context, actor *model.Actor, id string, state model.DeliveryState, page model.Page) ([]DeliveryRow, string, error) {
	p, err := s.visible(ctx, s.store, actor, id)
	if err != nil {
		return nil, "", err
	}
	now := s.now()
	rows, next, err := s.store.DeliveriesOf(ctx, id, state, now, page)
	out := make([]DeliveryRow, len(rows))
	for i, r := range rows {
		advice := advise(&r.Delivery, worthACall(p.Kind, p.Hours))
		r.State = r.Shown(now)
		r.Reason = plainWords(&r.Delivery)
		if p.NamesNobody() {
			r.MemberID, r.MemberName, advice = "", "（不显示姓名）", ""
		}
		out[i] = DeliveryRow{r, advice}
	}
	return out, next, err
}

// steer changes a push that the actor may steer, in one transaction with its audit entry, and returns it as it is afterwards.
func (s *Service) steer(ctx context.Context, actor *model.Actor, id, action string, change func(tx *store.Store, p *model.Push) error) (*Line, error) {
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, err := s.visible(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		org, err := tx.Org(ctx, p.OrgID)
		if err != nil {
			return err
		}
		if !model.CanSteerPush(actor, p, org) {
			return model.Forbidden("只有本组织的书记及以上工作人员（党小组由组长）可以操作推送。")
		}
		if err := change(tx, p); err != nil {
			return err
		}
		return tx.Audit(ctx, s.now(), actor, action, "push:"+p.ID, p.OrgID, nil)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// Cancel stops what has not gone out. Errors: those of Get, forbidden, conflict when the push is at its end.
func (s *Service) Cancel(ctx context.Context, actor *model.Actor, id string) (*Line, error) {
	return s.steer(ctx, actor, id, "push.cancel", func(tx *store.Store, p *model.Push) error {
		if p.State != model.PushScheduled && p.State != model.PushSending {
			return model.Conflict("这条推送已经结束，不能取消。")
		}
		return s.stop(ctx, tx, p, model.PushCancelled, "推送已取消", s.now())
	})
}

// Retry sends what failed again, and what stayed in doubt once more. Errors: those of Get, forbidden, conflict when nothing can be sent again.
func (s *Service) Retry(ctx context.Context, actor *model.Actor, id string) (*Line, error) {
	line, err := s.steer(ctx, actor, id, "push.retry", func(tx *store.Store, p *model.Push) error {
		switch {
		case p.State == model.PushScheduled:
			return model.Conflict("这条推送还没有开始发送。")
		case p.State == model.PushCancelled || p.StopReason != "":
			return model.Conflict("这条推送已经取消，不能重发。")
		case p.Over(s.now()):
			return model.Conflict("推送的事项已经结束，不再重发。")
		}
		n, err := s.requeue(ctx, tx, p)
		if err == nil && n == 0 {
			err = model.Conflict("没有需要重发的记录。")
		}
		return err
	})
	for n := chunkSize; err == nil && n == chunkSize; { // the rest, a chunk at a time
		err = s.store.Tx(ctx, func(tx *store.Store) (err error) {
			n, err = s.requeue(ctx, tx, &line.Push)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// requeue queues a chunk of what failed again, at the next hour that is right for it.
func (s *Service) requeue(ctx context.Context, tx *store.Store, p *model.Push) (int, error) {
	now := s.now()
	due, deferred := s.policy().Push.Next(now, p.Hours)
	n, err := tx.RetryDeliveries(ctx, p.ID, due.UTC(), deferred, now, chunkSize)
	if err != nil || n == 0 {
		return n, err
	}
	if err := tx.ReopenPush(ctx, p.ID, 0, now); err != nil {
		return n, err
	}
	return n, tx.Changed(ctx, now, model.TopicPush, p.ID)
}

// Notices are the actor's inbox, the newest first, optionally the unread alone.
func (s *Service) Notices(ctx context.Context, actor *model.Actor, unread bool, page model.Page) ([]NoticeRow, string, error) {
	rows, next, err := s.store.Notices(ctx, actor.MemberID, unread, page)
	for i := range rows {
		if r := &rows[i]; r.OwnTitle != "" && r.OwnBody != nil {
			r.Push.Title, r.Push.Body = r.OwnTitle, *r.OwnBody
		}
	}
	return rows, next, err
}

// NoticeID names a member's line of a push to the outside: many got the same push, and each has a notice of their own.
func NoticeID(pushID, memberID string) string {
	sum := sha256.Sum256([]byte(pushID + ":" + memberID))
	return pushID + "-" + hex.EncodeToString(sum[:6])
}

// ReadNotice marks one of the actor's notices as read. Errors: not_found, also for another's.
func (s *Service) ReadNotice(ctx context.Context, actor *model.Actor, id string) error {
	pushID := id[:max(0, strings.LastIndex(id, "-"))]
	if NoticeID(pushID, actor.MemberID) != id {
		return model.NotFound("这条消息")
	}
	return s.store.ReadNotice(ctx, actor.MemberID, pushID, s.now())
}

// ReadAllNotices marks the actor's whole inbox as read.
func (s *Service) ReadAllNotices(ctx context.Context, actor *model.Actor) error {
	return s.store.ReadAllNotices(ctx, actor.MemberID, s.now())
}
