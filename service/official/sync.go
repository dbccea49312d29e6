package official

import (
	"context"
	"fmt"
	"math"
	"time"

	"zhibu/model"
)

// pages is the most one listing reads: ten million followers.
const pages = 1000

// Sync lists all followers once a night, and at once where that was never done: who followed before the program came, and whose events were
// lost, are found. Call it every few minutes; a listing that failed is begun again at the next call that WeChat's pauses allow.
func (s *Service) Sync(ctx context.Context) error {
	now := s.clock()
	last, err := s.store.FollowersSyncedAt(ctx)
	if err != nil || !model.OfficialSyncDue(last, now, syncHour) || s.resting(now) {
		return err
	}
	whole, err := s.list(ctx, now)
	if err != nil {
		s.failed(err, s.clock())
		return fmt.Errorf("list the followers: %w", err)
	}
	s.answered()
	gone := 0
	if whole {
		if gone, err = s.store.DropUnseen(ctx, now); err != nil {
			return err
		}
	}
	if _, err := s.store.AskAgain(ctx, now.Add(-20*time.Hour), s.clock()); err != nil {
		return err
	}
	if err := s.store.SetFollowersSyncedAt(ctx, now, s.clock()); err != nil {
		return err
	}
	return s.tell(ctx, whole, gone)
}

// list reads all pages and books them. It reports whether the listing was whole: where fewer came than WeChat counts, nobody is thought to
// have left.
func (s *Service) list(ctx context.Context, started time.Time) (whole bool, err error) {
	next, got, least := "", 0, math.MaxInt
	for range pages {
		asked := s.clock()
		page, err := s.wechat.Followers(ctx, next)
		if err != nil {
			return false, err
		}
		var ids []string
		for _, id := range page.OpenIDs {
			if model.ValidOpenID(id) {
				ids = append(ids, id)
			}
		}
		if ids, err = s.unforgotten(ctx, s.store, ids); err != nil {
			return false, err
		}
		if err := s.store.SeeFollowers(ctx, ids, started, asked); err != nil {
			return false, err
		}
		got, least = got+len(page.OpenIDs), min(least, page.Total)
		if page.Next == "" {
			return got >= least, nil
		}
		next = page.Next
	}
	return false, nil
}

// tell logs how far the service account reaches.
func (s *Service) tell(ctx context.Context, whole bool, gone int) error {
	c, err := s.store.OfficialCoverage(ctx)
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "followers of the service account listed", "following", c.Following, "with_unionid", c.WithUnionID, "members", c.Members, "gone", gone, "whole", whole)
	return nil
}

// Coverage counts whom the service account can reach.
func (s *Service) Coverage(ctx context.Context) (model.OfficialCoverage, error) {
	return s.store.OfficialCoverage(ctx)
}
