package minutes

import (
	"context"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Subject names the messages about a meeting's minutes in the outbox.
func Subject(meetingID string) string { return "meeting:" + meetingID + ":minutes" }

// Sign notes the signature of host or recorder under the document as it is now. With the second one it is locked, its facts are kept as they
// are, and what it resolved begins. Again it changes nothing. Errors: not_found, forbidden for anybody else, conflict while a vote is open
// or nothing was written, not_open before the meeting, edit_conflict when other minutes were read, validation_failed for what is missing.
func (s *Service) Sign(ctx context.Context, actor *model.Actor, meetingID string, version int) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, min, err := s.find(ctx, tx, actor, meetingID)
		switch {
		case err != nil:
			return err
		case min.State == model.MinutesLocked && (actor.MemberID == min.HostID || actor.MemberID == min.RecorderID):
			return nil
		case min.Version > 0 && actor.MemberID != min.HostID && actor.MemberID != min.RecorderID:
			return model.Forbidden("会议记录由主持人和记录人签署。")
		}
		if err := s.signable(ctx, tx, m, min, version, now); err != nil {
			return err
		}
		return s.sign(ctx, tx, actor, m, min, now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, meetingID)
}

// signable refuses what cannot be signed yet.
func (s *Service) signable(ctx context.Context, tx *store.Store, m *model.Meeting, min *model.Minutes, version int, now time.Time) error {
	switch {
	case m.CancelledAt != nil:
		return model.Conflict("会议已取消，没有会议记录。")
	case !m.UnderWay(now, s.policies.PolicyAt(m.StartsAt).Calls):
		return model.Fail(model.CodeNotOpen, "会议尚未开始，不能签署会议记录。")
	case min.Version == 0:
		return model.Conflict("会议记录尚未保存，请先填写并保存。")
	case version >= 0 && version != min.Version:
		return model.Fail(model.CodeEditConflict, "会议记录刚被他人修改，请核对后再签署。")
	}
	polls, err := tx.Polls(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, p := range polls {
		if p.State == model.PollOpen {
			return model.Conflict("表决“" + p.Question + "”尚未结束，结束后才能签署会议记录。")
		}
	}
	return min.CheckSigning()
}

func (s *Service) sign(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, min *model.Minutes, now time.Time) error {
	f, err := s.facts(ctx, tx, m, min)
	if err != nil {
		return err
	}
	locked := min.Sign(actor.MemberID, min.Digest(f), now)
	min.UpdatedAt = now
	if locked {
		min.Facts = f
	}
	if err := tx.SaveMinutes(ctx, min); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, actor, "minutes.sign", "minutes:"+m.ID, m.OrgID, nil); err != nil {
		return err
	}
	if !locked {
		return s.askOther(ctx, tx, actor, m, min, now)
	}
	if err := tx.Audit(ctx, now, actor, "minutes.lock", "minutes:"+m.ID, m.OrgID, map[string]string{"digest": min.HostSigned}); err != nil {
		return err
	}
	if err := s.outbox.Drop(ctx, tx, Subject(m.ID), "会议记录已签署定稿"); err != nil {
		return err
	}
	return s.actions.Begin(ctx, tx, actor, m, min.Resolutions, now)
}

// askOther tells the one of the two who has not signed.
func (s *Service) askOther(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, min *model.Minutes, now time.Time) error {
	other := min.HostID
	if other == actor.MemberID {
		other = min.RecorderID
	}
	key := Subject(m.ID) + ":sign:" + other + ":" + now.UTC().Format(time.RFC3339)
	return s.outbox.Push(ctx, tx, &model.Push{
		OrgID: m.OrgID, OrgPath: m.OrgPath, Kind: model.PushMeeting, Title: "请签署会议记录：" + m.Topic,
		Body: actor.Name + "已签署“" + m.Topic + "”的会议记录，请您核对后签署。两人都签署后，会议记录即定稿。",
		Fields: map[string]string{
			"topic": m.Topic, "time": m.StartsAt.In(model.Zone).Format("2006年1月2日 15:04"), "place": "会议记录", "note": "请核对并签署会议记录",
		},
		Page: "pages/meeting/minutes?id=" + m.ID, Audience: model.Audience{MemberIDs: []string{other}}, Hours: model.HoursOrdinary,
		Subject: Subject(m.ID), DedupeKey: &key, SendAt: now, CreatedBy: actor.MemberID,
	})
}

// CheckAddition finds fault with the text of an addendum.
func CheckAddition(text string) error {
	switch n := utf8.RuneCountInString(model.CleanText(text)); {
	case n == 0:
		return model.BadField("text", "required", "请填写补记的内容。")
	case n > maxOpinion:
		return model.BadField("text", "too_long", "补记的内容不能超过 2000 个字。")
	}
	return nil
}

// Append writes an addendum to locked minutes. Errors: not_found, forbidden, conflict while they are not locked, validation_failed.
func (s *Service) Append(ctx context.Context, actor *model.Actor, meetingID, text string) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, min, err := s.writable(ctx, tx, actor, meetingID)
		if err != nil {
			return err
		}
		if err := CheckAddition(text); err != nil {
			return err
		}
		if min.State != model.MinutesLocked {
			return model.Conflict("会议记录尚未定稿，可以直接修改；定稿之后才用补记。")
		}
		a := &model.MinutesAddition{MeetingID: meetingID, Content: model.CleanText(text), AuthorID: actor.MemberID, AddedAt: now}
		if err := tx.AddMinutesAddition(ctx, a); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "minutes.append", "minutes:"+meetingID, m.OrgID, nil)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, meetingID)
}
