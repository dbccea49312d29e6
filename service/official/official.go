// Package official keeps which user of the mini-program is which follower of the service account (公众号). WeChat names a person differently at
// each account; the unionid joins the two. Followers are learnt from WeChat's events, and once a night from a listing of all of them.
package official

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Wechat is what this room asks the service account. Calls that fail may always be made again. An openid that is none of this account's is
// model.NotFound; other errors may carry the time to wait in model.Error.RetryAfter.
type Wechat interface {
	Followers(ctx context.Context, next string) (model.OfficialListing, error)
	FollowersInfo(ctx context.Context, openIDs []string) ([]model.OfficialProfile, error)
}

const (
	batch    = 100              // WeChat's own limit for one call
	lease    = 2 * time.Minute  // how long a look-up belongs to the worker that took it
	longest  = 10 * time.Minute // the longest pause while WeChat gives no answers
	farthest = 6 * time.Hour    // the longest time until one follower is asked about again
	syncHour = 4                // when the followers are listed, in China
)

// Service is the room.
type Service struct {
	store  *store.Store
	wechat Wechat
	clock  model.Clock
	log    *slog.Logger
	mark   func(openID string) string // by which those are known who asked to be forgotten; nil where nobody can

	mu       sync.Mutex
	failures int       // in a row
	resumeAt time.Time // WeChat is left alone until then
}

// New makes the room. It does nothing by itself: LookUp and Sync are jobs.
func New(s *store.Store, w Wechat, clock model.Clock, log *slog.Logger) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{store: s, wechat: w, clock: clock, log: log}
}

// Followed books WeChat's event that somebody follows the account or no longer does, in the transaction of the event. A redelivery, or an event
// that comes after a newer one, changes nothing.
func (s *Service) Followed(ctx context.Context, tx *store.Store, e model.WechatEvent) error {
	if e.Name != model.WechatFollow && e.Name != model.WechatUnfollow || !model.ValidOpenID(e.OpenID) {
		return nil
	}
	if kept, err := s.unforgotten(ctx, tx, []string{e.OpenID}); err != nil || len(kept) == 0 {
		return err
	}
	now := s.clock()
	at := e.CreatedAt
	if at.IsZero() {
		at = now
	}
	return tx.TellFollower(ctx, e.OpenID, e.Name == model.WechatFollow, at.UTC(), now)
}

// resting reports whether WeChat is to be left alone at now.
func (s *Service) resting(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.resumeAt)
}

// answered ends the pauses: WeChat is there.
func (s *Service) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures, s.resumeAt = 0, time.Time{}
}

// failed begins a pause, longer with each failure in a row, or as long as WeChat asks for.
func (s *Service) failed(err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures++
	s.resumeAt = now.Add(max(model.OfficialRetryIn(s.failures, longest), retryAfter(err)))
}
