package store

import (
	"context"

	"zhibu/model"
)

// AddPoll writes a vote that is being prepared.
func (s *Store) AddPoll(ctx context.Context, p *model.Poll) error {
	return fault(s.write(ctx).Create(p).Error)
}

// PollByID reads one vote.
func (s *Store) PollByID(ctx context.Context, id string) (*model.Poll, error) {
	return one[model.Poll](s.read(ctx).Where("id = ?", id), "这项表决")
}

// Polls are a meeting's votes in the order of the agenda.
func (s *Store) Polls(ctx context.Context, meetingID string) ([]model.Poll, error) {
	return many[model.Poll](s.read(ctx).Where("meeting_id = ?", meetingID).Order("agenda_item, created_at, id"))
}

// MovePoll writes a vote that goes from one state to the next, and reports whether it was this call that took it there.
func (s *Store) MovePoll(ctx context.Context, p *model.Poll, from model.PollState) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Poll{}).Where("id = ? AND state = ?", p.ID, from).Select("*").Omit("id", "created_at").Updates(p))
	return n > 0, err
}

// DropPoll deletes a vote that was never opened, and reports whether there was one.
func (s *Store) DropPoll(ctx context.Context, id string) (bool, error) {
	n, err := changed(s.write(ctx).Where("id = ? AND state = ?", id, model.PollDraft).Delete(&model.Poll{}))
	return n > 0, err
}

// BeginTally makes the count of a vote that is being opened.
func (s *Store) BeginTally(ctx context.Context, t *model.PollTally) error {
	return fault(s.write(ctx).Create(t).Error)
}

// TakeBallot locks the count of a vote that takes ballots, with one ballot more, until the transaction ends. Nil when it takes none.
func (s *Store) TakeBallot(ctx context.Context, pollID string) (*model.PollTally, error) {
	n, err := changed(s.write(ctx).Model(&model.PollTally{}).Where("poll_id = ? AND taking = ?", pollID, true).UpdateColumn("ballots", gormExpr("ballots + 1")))
	if err != nil || n == 0 {
		return nil, err
	}
	return one[model.PollTally](s.write(ctx).Where("poll_id = ?", pollID), "这项表决的计票")
}

// SealTally writes the sealed counts.
func (s *Store) SealTally(ctx context.Context, t *model.PollTally) error {
	return fault(s.write(ctx).Model(&model.PollTally{}).Where("poll_id = ?", t.PollID).Select("sealed", "key_id").Updates(t).Error)
}

// EndTally takes no more ballots and hands out the count; nil when somebody else has ended it.
func (s *Store) EndTally(ctx context.Context, pollID string) (*model.PollTally, error) {
	n, err := changed(s.write(ctx).Model(&model.PollTally{}).Where("poll_id = ? AND taking = ?", pollID, true).UpdateColumn("taking", false))
	if err != nil || n == 0 {
		return nil, err
	}
	return one[model.PollTally](s.write(ctx).Where("poll_id = ?", pollID), "这项表决的计票")
}

// ForgetTally deletes the count of a vote whose result is written.
func (s *Store) ForgetTally(ctx context.Context, pollID string) error {
	return fault(s.write(ctx).Where("poll_id = ?", pollID).Delete(&model.PollTally{}).Error)
}

// BallotsCast are how many have voted so far in each of these votes that are open.
func (s *Store) BallotsCast(ctx context.Context, pollIDs []string) (map[string]int, error) {
	out := make(map[string]int, len(pollIDs))
	if len(pollIDs) == 0 {
		return out, nil
	}
	rows, err := many[model.PollTally](s.read(ctx).Select("poll_id", "ballots").Where("poll_id IN ?", pollIDs))
	for _, r := range rows {
		out[r.PollID] = r.Ballots
	}
	return out, err
}

// NoteVoter writes that somebody has voted, and reports whether it is the first time.
func (s *Store) NoteVoter(ctx context.Context, v *model.PollVoter) (bool, error) {
	return s.insertOnce(ctx, v)
}

// VotedIn tells in which of these votes a member has voted.
func (s *Store) VotedIn(ctx context.Context, memberID string, pollIDs []string) (map[string]bool, error) {
	out := make(map[string]bool, len(pollIDs))
	if len(pollIDs) == 0 {
		return out, nil
	}
	rows, err := many[model.PollVoter](s.read(ctx).Where("member_id = ? AND poll_id IN ?", memberID, pollIDs))
	for _, r := range rows {
		out[r.PollID] = true
	}
	return out, err
}

// PollVoters are those who have voted, by their ids and so in no order that tells anything.
func (s *Store) PollVoters(ctx context.Context, pollID string) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.PollVoter{}).Where("poll_id = ?", pollID).Order("member_id").Pluck("member_id", &ids).Error
	return ids, fault(err)
}

// AddBallot writes what somebody voted in an open vote.
func (s *Store) AddBallot(ctx context.Context, b *model.PollBallot) error {
	return fault(s.write(ctx).Create(b).Error)
}

// PollBallots are the ballots of an open vote.
func (s *Store) PollBallots(ctx context.Context, pollID string) ([]model.PollBallot, error) {
	return many[model.PollBallot](s.read(ctx).Where("poll_id = ?", pollID).Order("member_id"))
}

// MeetingInvitees is a meeting's list, without names.
func (s *Store) MeetingInvitees(ctx context.Context, meetingID string) ([]model.MeetingInvitee, error) {
	return many[model.MeetingInvitee](s.read(ctx).Where("meeting_id = ?", meetingID).Order("member_id"))
}
