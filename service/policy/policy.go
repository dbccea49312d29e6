// Package policy keeps the policy profile: which one holds when, and what a new one would change.
package policy

import (
	"context"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Calendars hands out the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Service knows the profiles. It is safe for use by many goroutines.
type Service struct {
	store     *store.Store
	calendars Calendars
	clock     model.Clock
	current   *model.Policy
}

// New makes the room.
func New(s *store.Store, calendars Calendars, clock model.Clock) *Service {
	return &Service{store: s, calendars: calendars, clock: clock, current: model.DefaultPolicy()}
}

// PolicyAt is the profile in force at an instant.
func (s *Service) PolicyAt(time.Time) *model.Policy { return s.current }
