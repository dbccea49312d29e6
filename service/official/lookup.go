package official

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhibu/model"
)

// LookUp asks WeChat who the followers are whose look-up is due, a hundred in a call, until none is. Several workers may do so at once. While
// WeChat gives no answer it pauses for longer and longer, and every look-up stays due; nothing is held in memory that a restart would lose.
func (s *Service) LookUp(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.clock()
		if s.resting(now) {
			return nil
		}
		until := now.Add(lease)
		rows, err := s.store.TakeLookUps(ctx, now, until, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := s.lookUp(ctx, rows, until); err != nil {
			return fmt.Errorf("look %d followers up: %w", len(rows), err)
		}
	}
	return nil
}

// lookUp asks about followers that were taken until an instant, and books what came of it.
func (s *Service) lookUp(ctx context.Context, rows []model.OfficialFollower, taken time.Time) error {
	tries := map[string]int{}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i], tries[r.OpenID] = r.OpenID, r.Tries
	}
	profiles, asked := s.ask(ctx, ids)
	// What was learnt is kept also when the program is stopping, or when a later part of it failed.
	keep := context.WithoutCancel(ctx)
	now := s.clock()
	if err := s.store.EndLookUps(keep, taken, profiles, now); err != nil {
		return err
	}
	for _, p := range profiles {
		delete(tries, p.OpenID)
	}
	if asked == nil {
		s.answered()
	} else {
		s.failed(asked, now)
	}
	// The rest is asked about again: at once after a stop, else later with each failure, so that those behind them get their turn.
	left, most := make([]string, 0, len(tries)), 0
	for _, id := range ids {
		if n, ok := tries[id]; ok {
			left, most = append(left, id), max(most, n)
		}
	}
	wait := model.OfficialRetryIn(most+1, farthest) // WeChat answered, and left them out
	switch {
	case ctx.Err() != nil:
		wait = 0
	case asked != nil:
		wait = max(model.OfficialRetryIn(most+1, longest), retryAfter(asked))
	}
	return errors.Join(asked, s.store.PutOffLookUps(keep, taken, left, now.Add(wait)))
}

// ask asks WeChat about openids. WeChat refuses all of them for the sake of one that is none of the account's; halving finds that one, of whom
// it is then known that they do not follow. The profiles are good also beside an error.
func (s *Service) ask(ctx context.Context, ids []string) ([]model.OfficialProfile, error) {
	profiles, err := s.wechat.FollowersInfo(ctx, ids)
	switch {
	case err == nil:
		return only(ids, profiles), nil
	case !model.IsNotFound(err):
		return nil, err
	case len(ids) == 1:
		return []model.OfficialProfile{{OpenID: ids[0]}}, nil
	}
	half := len(ids) / 2
	first, err := s.ask(ctx, ids[:half])
	if err != nil {
		return first, err
	}
	second, err := s.ask(ctx, ids[half:])
	return append(first, second...), err
}

// only keeps the profiles that were asked for, with unionids that can be kept.
func only(ids []string, profiles []model.OfficialProfile) []model.OfficialProfile {
	asked := make(map[string]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	var out []model.OfficialProfile
	for _, p := range profiles {
		if asked[p.OpenID] {
			asked[p.OpenID] = false
			if !model.ValidOpenID(p.UnionID) {
				p.UnionID = ""
			}
			out = append(out, p)
		}
	}
	return out
}

// retryAfter is how long WeChat, or its door, asks to be left alone.
func retryAfter(err error) time.Duration {
	var e *model.Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
