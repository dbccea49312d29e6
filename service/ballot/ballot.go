// Package ballot holds the votes of meetings: preparing one, opening it with the quorum, one ballot each, and the result by the rule.
//
// What a secret vote keeps: who has voted, in rows without a time, ordered by the member's own number; and the counts, sealed with the
// installation's key and made anew with each ballot, so that neither the rows nor the database's log of changes tells by how much a
// count grew when somebody's row came. Nobody reads a count before the close; then the sealed one is deleted. Casting a ballot writes no
// audit entry and no idempotency row, and is answered alike whatever was chosen.
package ballot

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Sealer encrypts for one place, so that what is kept cannot be read without the installation's key.
type Sealer interface {
	Seal(text, place string) ([]byte, error)
	Open(sealed []byte, keyID, place string) (string, error)
	KeyID() string
}

// Service is the room.
type Service struct {
	store    *store.Store
	sealer   Sealer
	policies model.Policies
	clock    model.Clock
}

// New makes the room.
func New(s *store.Store, sealer Sealer, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, sealer: sealer, policies: policies, clock: clock}
}

// View is a vote as one person sees it.
type View struct {
	model.Poll
	Needed     int // the fewest approvals that pass, once it is open
	Candidates []model.CandidateOutcome
	Ballots    []Ballot // of an open vote that is closed
	HasVote    bool
	Voted      bool
	CanManage  bool
}

// Ballot is what somebody voted, by name.
type Ballot struct {
	model.PollBallot
	Name string
}

// Get reads one vote. Errors: not_found, also for who may not see the meeting.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	p, m, mine, err := s.find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, actor, m, mine, []model.Poll{*p})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// List are a meeting's votes. Errors: not_found.
func (s *Service) List(ctx context.Context, actor *model.Actor, meetingID string) ([]View, error) {
	m, mine, err := s.meeting(ctx, s.store, actor, meetingID)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Polls(ctx, meetingID)
	if err != nil {
		return nil, err
	}
	return s.views(ctx, actor, m, mine, rows)
}

// meeting reads a meeting that the actor may see, and the actor's place on its list.
func (s *Service) meeting(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Meeting, *model.MeetingInvitee, error) {
	m, err := st.Meeting(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	mine, err := st.MeetingInvitee(ctx, id, actor.MemberID)
	if err != nil && !model.IsNotFound(err) {
		return nil, nil, err
	}
	if !model.CanSeeMeeting(actor, m, mine != nil) {
		return nil, nil, model.NotFound("该会议")
	}
	return m, mine, nil
}

// find reads a vote whose meeting the actor may see.
func (s *Service) find(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Poll, *model.Meeting, *model.MeetingInvitee, error) {
	p, err := st.PollByID(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	m, mine, err := s.meeting(ctx, st, actor, p.MeetingID)
	if model.IsNotFound(err) {
		err = model.NotFound("这项表决")
	}
	return p, m, mine, err
}

// manage reads a vote of a meeting that the actor runs.
func (s *Service) manage(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Poll, *model.Meeting, error) {
	p, m, _, err := s.find(ctx, st, actor, id)
	if err == nil && !model.CanRunMeeting(actor, m.Type, m.OrgPath) {
		err = model.Forbidden("这项操作由会议的召集人办理。")
	}
	return p, m, err
}

func (s *Service) views(ctx context.Context, actor *model.Actor, m *model.Meeting, mine *model.MeetingInvitee, rows []model.Poll) ([]View, error) {
	ids := make([]string, len(rows))
	for i, p := range rows {
		ids[i] = p.ID
	}
	voted, err := s.store.VotedIn(ctx, actor.MemberID, ids)
	if err != nil {
		return nil, err
	}
	cast, err := s.store.BallotsCast(ctx, ids)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, p := range rows {
		has, _ := mine.MayVoteIn(p.Rule)
		v := View{Poll: p, HasVote: has, Voted: voted[p.ID], CanManage: model.CanRunMeeting(actor, m.Type, m.OrgPath)}
		if p.State == model.PollOpen {
			v.Cast = cast[p.ID]
		}
		if p.State != model.PollDraft {
			o, candidates, err := p.Outcome()
			if err != nil {
				return nil, model.Fail(model.CodeInternal, "表决结果有误，请联系管理员。").Because(err)
			}
			v.Needed, v.Candidates = o.Needed, candidates
		}
		if p.State == model.PollClosed && !p.Secret && !p.ByHand {
			if v.Ballots, err = s.named(ctx, p.ID); err != nil {
				return nil, err
			}
		}
		views[i] = v
	}
	return views, nil
}

// named are the ballots of an open vote with the voters' names.
func (s *Service) named(ctx context.Context, pollID string) ([]Ballot, error) {
	rows, err := s.store.PollBallots(ctx, pollID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, b := range rows {
		ids[i] = b.MemberID
	}
	people, err := s.store.MembersByID(ctx, ids)
	out := make([]Ballot, len(rows))
	for i, b := range rows {
		who := people[b.MemberID]
		out[i] = Ballot{PollBallot: b, Name: who.ShownName()}
	}
	return out, err
}

// there counts who of a meeting's list has a vote, and who of these is present.
func (s *Service) there(ctx context.Context, tx *store.Store, p *model.Poll) (entitled int, present []string, err error) {
	rows, err := tx.MeetingInvitees(ctx, p.MeetingID)
	if err != nil {
		return 0, nil, err
	}
	for _, i := range rows {
		if !i.Entitled || !i.Voting {
			continue
		}
		entitled++
		if i.Attendance == model.AttendancePresent {
			present = append(present, i.MemberID)
		}
	}
	if p.Rule != model.VoteCommittee {
		return entitled, present, nil
	}
	// A committee's majority is of its seats, also of those who were not invited.
	seats, err := tx.CommitteeOf(ctx, p.OrgID)
	full := 0
	for _, c := range seats {
		if c.PartyStatus.MayVote() {
			full++
		}
	}
	return max(entitled, full), present, err
}

// openHours says when a vote that resolves something may be opened.
func (s *Service) openHours(m *model.Meeting, p *model.Poll, now time.Time) error {
	if m.CancelledAt != nil {
		return model.Conflict("会议已取消，不能进行表决。")
	}
	if p.Rule == model.VoteConsultative {
		return nil
	}
	switch {
	case !m.UnderWay(now, s.policies.PolicyAt(m.StartsAt).Calls):
		return model.Fail(model.CodeNotOpen, "会议尚未开始，表决请在会议进行时发起。")
	case now.After(m.EndsAt.Add(time.Duration(s.policies.PolicyAt(now).Votes.OverrunHours) * time.Hour)):
		return model.Fail(model.CodeNotOpen, "会议已经结束，不能再发起线上表决；在会上进行的表决请登记票数。")
	}
	return nil
}
