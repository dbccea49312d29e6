package ballot

import (
	"context"
	"fmt"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// Open lets the ballots begin, with the quorum; entitled, present and what the result will be worth are frozen now. It is done once.
// Errors: not_found, forbidden, conflict, quorum_not_met, not_open.
func (s *Service) Open(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, m, err := s.manage(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if p.State != model.PollDraft {
			return model.Conflict("表决已经发起过，不能再次发起；需要重新表决的，请另建一项。")
		}
		if err := s.quorum(ctx, tx, p); err != nil {
			return err
		}
		if err := s.openHours(m, p, now); err != nil {
			return err
		}
		if err := unlocked(ctx, tx, p.MeetingID); err != nil {
			return err
		}
		p.State, p.OpenedBy, p.OpenedAt = model.PollOpen, actor.MemberID, &now
		p.Formal = model.FormalVote(p.Rule, false, s.policies.PolicyAt(now).Votes)
		p.Approvals = make([]int, len(p.Options))
		t := &model.PollTally{PollID: id, Taking: true}
		if p.Secret {
			if err := s.seal(t, model.NewCount(len(p.Options))); err != nil {
				return err
			}
		}
		if first, err := tx.MovePoll(ctx, p, model.PollDraft); err != nil || !first {
			return orConflict(err, "表决刚由他人发起，请刷新查看。")
		}
		if err := tx.BeginTally(ctx, t); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "poll.open", "poll:"+id, p.OrgID, map[string]string{"entitled": fmt.Sprint(p.Entitled), "present": fmt.Sprint(p.Present)})
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

func orConflict(err error, detail string) error {
	if err != nil {
		return err
	}
	return model.Conflict(detail)
}

// quorum counts who has a vote and who is there, and refuses what they may not begin.
func (s *Service) quorum(ctx context.Context, tx *store.Store, p *model.Poll) error {
	entitled, present, err := s.there(ctx, tx, p)
	if err != nil {
		return err
	}
	p.Entitled, p.Present = entitled, len(present)
	may, err := model.MayStart(p.Rule, p.Entitled, p.Present)
	switch {
	case entitled == 0:
		return model.Fail(model.CodeQuorum, "本次会议的应到名单中没有正式党员，不能进行表决。").Because(err)
	case err != nil:
		return model.Fail(model.CodeInternal, "到会人数有误，请核对签到情况。").Because(err)
	case !may:
		return model.Failf(model.CodeQuorum, "到会人数不足：有表决权的应到 %d 人，实到 %d 人，%s。", p.Entitled, p.Present, quorumWords(p.Rule))
	}
	return nil
}

func quorumWords(r model.VoteRule) string {
	switch r {
	case model.VoteElection:
		return "选举需五分之四以上到会"
	case model.VoteAdmission:
		return "需超过半数到会"
	case model.VoteCommittee:
		return "支委会需超过半数委员到会"
	}
	return "需半数以上到会"
}

// Vote is one ballot: a choice, or for a vote with options the approved ones by name.
type Vote struct {
	Choice  model.Choice
	Options []string
}

// Cast takes one ballot of the actor. The answer is alike whatever was chosen. Errors: not_found, no_vote, not_open, already_voted, validation_failed.
func (s *Service) Cast(ctx context.Context, actor *model.Actor, id string, vote Vote) (*View, error) {
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, m, mine, err := s.find(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		has, there := mine.MayVoteIn(p.Rule)
		if !has {
			return model.Fail(model.CodeNoVote, "您在本次会议中没有表决权：应到名单中的正式党员才有表决权。")
		}
		chosen, err := read(p, vote)
		switch {
		case err != nil:
			return err
		case p.State != model.PollOpen || m.CancelledAt != nil:
			return model.Fail(model.CodeNotOpen, "这项表决尚未开始或已经结束。")
		case !there:
			return model.Fail(model.CodeNoVote, "您尚未签到，到会后才能投票；请先签到，或请会议召集人为您登记。")
		}
		return s.take(ctx, tx, p, actor.MemberID, vote.Choice, chosen)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// take notes the voter and counts the ballot in one transaction, so that two requests at once count once.
func (s *Service) take(ctx context.Context, tx *store.Store, p *model.Poll, memberID string, choice model.Choice, chosen []int) error {
	first, err := tx.NoteVoter(ctx, &model.PollVoter{PollID: p.ID, MemberID: memberID})
	switch {
	case err != nil:
		return err
	case !first:
		return model.Fail(model.CodeAlreadyVoted, "您已经投过票了，每人一票，不能更改。")
	}
	t, err := tx.TakeBallot(ctx, p.ID)
	switch {
	case err != nil:
		return err
	case t == nil:
		return model.Fail(model.CodeNotOpen, "这项表决已经结束。")
	case !p.Secret:
		return tx.AddBallot(ctx, &model.PollBallot{PollID: p.ID, MemberID: memberID, Choice: choice, Options: chosen})
	}
	c, err := s.unseal(t, len(p.Options))
	if err != nil {
		return err
	}
	c.Add(choice, chosen)
	if err := s.seal(t, c); err != nil {
		return err
	}
	return tx.SealTally(ctx, t)
}

// read turns a ballot into the places of the options it approves; choice alone is for a plain question.
func read(p *model.Poll, vote Vote) ([]int, error) {
	var v model.Invalid
	chosen := []int{}
	if len(p.Options) == 0 {
		if len(vote.Options) > 0 {
			v.Add("options", "not_allowed", "这项表决没有候选项，请选择赞成、反对或弃权。")
		}
		if !vote.Choice.Valid() {
			v.Add("choice", "not_allowed", "请选择 approve（赞成）、against（反对）或 abstain（弃权）。")
		}
		return chosen, v.Err()
	}
	for i, name := range vote.Options {
		at := slices.Index(p.Options, model.SingleLine(name))
		switch {
		case at < 0:
			v.Add(fmt.Sprintf("options[%d]", i), "not_allowed", "没有这个候选项。")
		case slices.Contains(chosen, at):
			v.Add(fmt.Sprintf("options[%d]", i), "duplicate", "同一个候选项只能选一次。")
		}
		chosen = append(chosen, at)
	}
	if len(chosen) > p.Seats {
		v.Add("options", "too_many", fmt.Sprintf("最多选 %d 个，多选的选票无效，请减少后再提交。", p.Seats))
	}
	switch {
	case len(chosen) > 0 && vote.Choice != model.ChoiceApprove && vote.Choice != "":
		v.Add("choice", "not_allowed", "选了候选项时，choice 只能是 approve（赞成）或不填。")
	case len(chosen) == 0 && vote.Choice != model.ChoiceAbstain && vote.Choice != model.ChoiceAgainst:
		v.Add("options", "required", "请选择候选项；都不选的，请选择弃权或反对。")
	}
	slices.Sort(chosen)
	return chosen, v.Err()
}

func place(pollID string) string { return "poll_tallies.sealed:" + pollID }

func (s *Service) seal(t *model.PollTally, c model.Count) error {
	sealed, err := s.sealer.Seal(string(c.Pack()), place(t.PollID))
	if err != nil {
		return model.Fail(model.CodeInternal, "计票时出错了，请稍后再试。").Because(err)
	}
	t.Sealed, t.KeyID = sealed, s.sealer.KeyID()
	return nil
}

func (s *Service) unseal(t *model.PollTally, options int) (model.Count, error) {
	text, err := s.sealer.Open(t.Sealed, t.KeyID, place(t.PollID))
	if err == nil {
		var c model.Count
		if c, err = model.UnpackCount([]byte(text), options); err == nil {
			return c, nil
		}
	}
	return model.Count{}, model.Fail(model.CodeInternal, "计票时出错了，请联系管理员。").Because(err)
}
