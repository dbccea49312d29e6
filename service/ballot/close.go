package ballot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// errTally is a count that does not match the roll of voters.
var errTally = errors.New("ballot: the count does not match the roll")

// Close ends a vote and works out its result, once. Errors: not_found, forbidden, conflict.
func (s *Service) Close(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	p, _, err := s.manage(ctx, s.store, actor, id)
	switch {
	case err != nil:
		return nil, err
	case p.State == model.PollDraft:
		return nil, model.Conflict("表决尚未发起。")
	case p.State == model.PollClosed:
		return nil, model.Conflict("表决已经结束。")
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		// No ballot is taken from here on. It comes before anything is read: what a transaction reads may be as old as its first reading.
		t, err := tx.EndTally(ctx, id)
		if err != nil || t == nil {
			return orConflict(err, "表决刚由他人结束，请刷新查看。")
		}
		p, err := tx.PollByID(ctx, id)
		if err != nil {
			return err
		}
		c, present, err := s.count(ctx, tx, p, t)
		if err != nil {
			return err
		}
		return s.finish(ctx, tx, actor, p, c, present, model.PollOpen)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// count adds up the ballots of a vote that takes no more, and who is present in the end: those there, and those who have voted.
func (s *Service) count(ctx context.Context, tx *store.Store, p *model.Poll, t *model.PollTally) (model.Count, int, error) {
	voters, err := tx.PollVoters(ctx, p.ID)
	if err != nil {
		return model.Count{}, 0, err
	}
	_, present, err := s.there(ctx, tx, p)
	if err != nil {
		return model.Count{}, 0, err
	}
	n := len(voters)
	for _, id := range present {
		if !slices.Contains(voters, id) {
			n++
		}
	}
	c := model.NewCount(len(p.Options))
	if p.Secret {
		c, err = s.unseal(t, len(p.Options))
	} else {
		var ballots []model.PollBallot
		ballots, err = tx.PollBallots(ctx, p.ID)
		for _, b := range ballots {
			c.Add(b.Choice, b.Options)
		}
	}
	if err == nil && (c.Cast != len(voters) || c.Cast != t.Ballots) {
		err = model.Fail(model.CodeInternal, "票数与投票人数不符，请联系管理员。").Because(fmt.Errorf("%w: %d ballots, %d voters", errTally, c.Cast, len(voters)))
	}
	return c, n, err
}

// finish writes the result of a vote, and forgets its sealed count.
func (s *Service) finish(ctx context.Context, tx *store.Store, actor *model.Actor, p *model.Poll, c model.Count, present int, from model.PollState) error {
	now := s.clock()
	if err := p.Take(c, present); err != nil {
		return model.Fail(model.CodeInternal, "表决结果有误，请核对到会人数。").Because(err)
	}
	p.State, p.ClosedBy, p.ClosedAt = model.PollClosed, actor.MemberID, &now
	if first, err := tx.MovePoll(ctx, p, from); err != nil || !first {
		return orConflict(err, "表决刚由他人结束，请刷新查看。")
	}
	if err := tx.ForgetTally(ctx, p.ID); err != nil {
		return err
	}
	return tx.Audit(ctx, now, actor, "poll.close", "poll:"+p.ID, p.OrgID, map[string]string{"passed": fmt.Sprint(p.Passed), "by_hand": fmt.Sprint(p.ByHand)})
}

// Tally is the result of a vote that was held by hand in the room.
type Tally struct {
	Approve, Against, Abstain int
	Approvals                 []int // of each option, for a vote with options
	Cast                      int   // ballots handed in, for a vote with options
}

// CheckTally finds fault with counts that cannot be.
func CheckTally(p *model.Poll, t Tally, present int) error {
	var v model.Invalid
	for name, n := range map[string]int{"approve": t.Approve, "against": t.Against, "abstain": t.Abstain, "cast": t.Cast} {
		if n < 0 {
			v.Add(name, "out_of_range", "票数不能是负数。")
		}
	}
	if len(p.Options) == 0 {
		if t.Cast != 0 || len(t.Approvals) != 0 {
			v.Add("approvals", "not_allowed", "这项表决没有候选项，请填写赞成、反对和弃权的票数。")
		}
		if sum := t.Approve + t.Against + t.Abstain; sum > present {
			v.Add("approve", "out_of_range", fmt.Sprintf("赞成、反对、弃权合计 %d 票，多于到会有表决权的 %d 人，请核对票数或签到情况。", sum, present))
		}
		return v.Err()
	}
	if t.Approve+t.Against+t.Abstain != 0 {
		v.Add("approve", "not_allowed", "这项表决有候选项，请填写各候选项的得票数。")
	}
	if len(t.Approvals) != len(p.Options) {
		v.Add("approvals", "required", fmt.Sprintf("请按候选项的次序填写 %d 个得票数。", len(p.Options)))
	}
	if t.Cast > present {
		v.Add("cast", "out_of_range", fmt.Sprintf("收回选票 %d 张，多于到会有表决权的 %d 人，请核对。", t.Cast, present))
	}
	sum := 0
	for i, n := range t.Approvals {
		sum += max(n, 0)
		if n < 0 || n > t.Cast {
			v.Add(fmt.Sprintf("approvals[%d]", i), "out_of_range", "得票数应在 0 和收回的选票数之间。")
		}
	}
	if sum > t.Cast*p.Seats {
		v.Add("approvals", "out_of_range", "得票总数多于全部选票所能投的票数，请核对。")
	}
	return v.Err()
}

// Record writes the tally of a vote that was held by hand, which resolves what its rule resolves. Errors: not_found, forbidden, conflict,
// not_open before the meeting, quorum_not_met, validation_failed.
func (s *Service) Record(ctx context.Context, actor *model.Actor, id string, t Tally) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		p, m, err := s.manage(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		switch {
		case p.State != model.PollDraft:
			return model.Conflict("这项表决已在线上发起，不能再登记现场票数；请另建一项。")
		case m.CancelledAt != nil:
			return model.Conflict("会议已取消，不能进行表决。")
		}
		if err := s.quorum(ctx, tx, p); err != nil {
			return err
		}
		if !m.UnderWay(now, s.policies.PolicyAt(m.StartsAt).Calls) {
			return model.Fail(model.CodeNotOpen, "会议尚未开始，现场表决的票数请在会上或会后登记。")
		}
		if err := unlocked(ctx, tx, p.MeetingID); err != nil {
			return err
		}
		if err := CheckTally(p, t, p.Present); err != nil {
			return err
		}
		p.ByHand, p.OpenedBy, p.OpenedAt = true, actor.MemberID, &now
		p.Formal = model.FormalVote(p.Rule, true, s.policies.PolicyAt(now).Votes)
		c := model.Count{Cast: t.Approve + t.Against + t.Abstain, Approve: t.Approve, Against: t.Against, Abstain: t.Abstain, Approvals: []int{}}
		if len(p.Options) > 0 {
			c.Cast, c.Approvals = t.Cast, t.Approvals
		}
		return s.finish(ctx, tx, actor, p, c, p.Present, model.PollDraft)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}
