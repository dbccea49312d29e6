package push

import (
	"context"
	"maps"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// hour is when a push may ring at the earliest, and why not now.
type hour struct {
	at  time.Time
	why string
}

// gather reads what sending needs, closes what cannot go out any more, and puts off what would ring at a bad hour.
func (s *Service) gather(ctx context.Context, tx *store.Store, rows []store.Claimed, now time.Time) ([]job, error) {
	pushIDs := map[string]bool{}
	for _, d := range rows {
		pushIDs[d.PushID] = true
	}
	pushes, err := tx.PushesByID(ctx, slices.Collect(maps.Keys(pushIDs)))
	if err != nil {
		return nil, err
	}
	jobs, digests, late := make([]job, 0, len(rows)), map[string][]string{}, map[hour][]int64{}
	for _, d := range rows {
		p := pushes[d.PushID]
		t, kind := s.carrierOf(&p, d.Delivery)
		// A queue that ran late, or a WeChat that came back at night, must not ring when the hours are over.
		at, why := s.policy().Push.Next(now, p.Hours)
		over, to := s.obstacle(&p, d, t, now, at)
		switch {
		case over != "":
			if err := s.close(ctx, tx, d.Delivery, to, over, now); err != nil {
				return nil, err
			}
		case at.After(now):
			h := hour{at.UTC(), why}
			late[h] = append(late[h], d.ID)
		default:
			if p.Kind == model.PushDigest {
				digests[p.ID] = append(digests[p.ID], d.MemberID)
			}
			jobs = append(jobs, job{d: d.Delivery, push: &p, template: t, kind: kind})
		}
	}
	for h, ids := range late {
		if err := tx.PostponeDeliveries(ctx, ids, s.options.Owner, h.at, h.why, now); err != nil {
			return nil, err
		}
	}
	return jobs, s.ownWords(ctx, tx, jobs, digests)
}

// obstacle says why a claimed delivery is not to be sent any more, and as what it ends; empty when nothing is in its way. It would go out at at.
func (s *Service) obstacle(p *model.Push, d store.Claimed, t *model.PushTemplate, now, at time.Time) (string, model.DeliveryState) {
	switch {
	case p.State == model.PushCancelled || p.StopReason != "":
		return p.StopReason, model.DeliveryCancelled
	case p.Over(now), p.Over(at):
		return "轮到发送时事项已经结束，已放入站内信", model.DeliveryInboxOnly
	case t == nil:
		return "微信模板的设置已更改，已放入站内信", model.DeliveryInboxOnly
	case d.BoundTo == "", d.Channel == model.ChannelSubscribe && d.BoundTo != d.OpenID: // perhaps because the phone was lost
		return "已解除或更换微信绑定，已放入站内信" + p.PhoneAdvice(), model.DeliveryInboxOnly
	case d.State == model.DeliveryInDoubt && d.Channel == model.ChannelOfficial && d.SendingAt != nil && now.Sub(*d.SendingAt) > model.OfficialRepeatWithin:
		return "已放入站内信，建议电话确认", model.DeliveryInboxOnly // WeChat would not know any more that it is the same message
	case s.gates.isShut(model.GateTemplate + t.ID):
		return "微信模板已停用，已放入站内信" + p.PhoneAdvice(), model.DeliveryInboxOnly
	}
	return "", ""
}

// ownWords reads the digests' texts, which differ from member to member.
func (s *Service) ownWords(ctx context.Context, tx *store.Store, jobs []job, digests map[string][]string) error {
	for pushID, members := range digests {
		words, err := tx.OwnWords(ctx, pushID, members)
		if err != nil {
			return err
		}
		for i, j := range jobs {
			if w, ok := words[j.d.MemberID]; ok && j.push.ID == pushID {
				jobs[i].d.OwnTitle, jobs[i].d.OwnBody = w.OwnTitle, w.OwnBody
			}
		}
	}
	return nil
}
