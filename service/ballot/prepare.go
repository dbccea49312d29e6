package ballot

import (
	"context"
	"fmt"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// The lengths of what is written by hand.
const (
	maxQuestion = 200
	maxOption   = 50
	maxOptions  = 30
)

// Draft is a vote as it is prepared.
type Draft struct {
	AgendaItem int
	Question   string
	Rule       model.VoteRule
	Secret     bool
	Options    []string
	Seats      int // 0: one
}

// poll is the vote of a draft.
func (d Draft) poll() *model.Poll {
	p := &model.Poll{AgendaItem: d.AgendaItem, Question: model.SingleLine(d.Question), Rule: d.Rule, Secret: d.Secret, State: model.PollDraft, Options: []string{}, Approvals: []int{}}
	for _, o := range d.Options {
		p.Options = append(p.Options, model.SingleLine(o))
	}
	if len(p.Options) > 0 {
		p.Seats = max(d.Seats, 1)
	}
	return p
}

// CheckDraft finds the faults that Prepare would find, and writes nothing. Errors: those of Prepare.
func (s *Service) CheckDraft(ctx context.Context, actor *model.Actor, meetingID string, d Draft) error {
	m, _, err := s.meeting(ctx, s.store, actor, meetingID)
	if err != nil {
		return err
	}
	return s.check(m, d)
}

func (s *Service) check(m *model.Meeting, d Draft) error {
	var v model.Invalid
	p := d.poll()
	switch n := utf8.RuneCountInString(p.Question); {
	case n == 0:
		v.Add("question", "required", "请填写表决事项。")
	case n > maxQuestion:
		v.Add("question", "too_long", "表决事项不能超过 200 个字。")
	}
	switch {
	case !p.Rule.Valid():
		v.Add("rule", "not_allowed", "表决规则只能是 ordinary（一般表决）、admission（接收党员）、election（选举）、committee（支委会）或 consultative（征求意见）。")
	case p.Rule == model.VoteAdmission && !s.policies.PolicyAt(s.clock()).Votes.Admission:
		v.Add("rule", "not_allowed", "接收党员的表决在成员的组织关系所在党组织进行，本组织未启用。")
	case p.Rule == model.VoteCommittee && m.Type != model.MeetingCommittee:
		v.Add("rule", "not_allowed", "支委会表决规则只用于支委会。")
	}
	if d.AgendaItem < 0 || d.AgendaItem > len(m.Agenda) {
		v.Add("agenda_item", "out_of_range", "请填写议程中的序号，从 1 开始；与议程无关的填 0。")
	}
	checkOptions(&v, p, d.Seats)
	return v.Err()
}

func checkOptions(v *model.Invalid, p *model.Poll, seats int) {
	if len(p.Options) == 0 {
		if seats != 0 {
			v.Add("seats", "not_allowed", "没有候选项时不用填写应选名额。")
		}
		return
	}
	if p.Rule.Valid() && p.Rule != model.VoteElection && p.Rule != model.VoteConsultative {
		v.Add("options", "not_allowed", "只有选举和征求意见可以列出候选项。")
	}
	if len(p.Options) > maxOptions {
		v.Add("options", "too_many", "候选项不能超过 30 个。")
		return
	}
	seen := map[string]bool{}
	for i, o := range p.Options {
		place := fmt.Sprintf("options[%d]", i)
		switch n := utf8.RuneCountInString(o); {
		case n == 0:
			v.Add(place, "required", "候选项不能为空。")
		case n > maxOption:
			v.Add(place, "too_long", "候选项不能超过 50 个字。")
		case seen[o]:
			v.Add(place, "duplicate", "候选项“"+o+"”重复了；同名的请注明单位以作区分。")
		}
		seen[o] = true
	}
	if seats < 0 || p.Seats > len(p.Options) {
		v.Add("seats", "out_of_range", "应选名额应在 1 和候选项的数目之间。")
	}
}

// Prepare writes a vote of a meeting, for those who run it; it is opened on its own. Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) Prepare(ctx context.Context, actor *model.Actor, meetingID string, d Draft) (*View, error) {
	now := s.clock()
	p := d.poll()
	p.ID, p.MeetingID, p.CreatedBy, p.CreatedAt = store.NewID(), meetingID, actor.MemberID, now
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, _, err := s.meeting(ctx, tx, actor, meetingID)
		switch {
		case err != nil:
			return err
		case !model.CanRunMeeting(actor, m.Type, m.OrgPath):
			return model.Forbidden("表决由会议的召集人发起。")
		}
		if err := s.check(m, d); err != nil {
			return err
		}
		if m.CancelledAt != nil {
			return model.Conflict("会议已取消，不能进行表决。")
		}
		if err := unlocked(ctx, tx, meetingID); err != nil {
			return err
		}
		p.OrgID, p.OrgPath = m.OrgID, m.OrgPath
		if err := tx.AddPoll(ctx, p); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "poll.prepare", "poll:"+p.ID, p.OrgID, map[string]string{"meeting": meetingID, "rule": string(p.Rule)})
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, p.ID)
}

// unlocked refuses votes of a meeting whose minutes are locked: the signed document would not know of them.
func unlocked(ctx context.Context, tx *store.Store, meetingID string) error {
	m, err := tx.Minutes(ctx, meetingID)
	if model.IsNotFound(err) {
		return nil
	}
	if err == nil && m.State == model.MinutesLocked {
		return model.Conflict("会议记录已签署定稿，不能再增加表决。")
	}
	return err
}

// Drop deletes a vote that was not opened. Errors: not_found, forbidden, conflict.
func (s *Service) Drop(ctx context.Context, actor *model.Actor, id string) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		p, _, err := s.manage(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		gone, err := tx.DropPoll(ctx, id)
		switch {
		case err != nil:
			return err
		case !gone:
			return model.Conflict("表决已经发起，不能删除。")
		}
		return tx.Audit(ctx, now, actor, "poll.drop", "poll:"+id, p.OrgID, nil)
	})
}
