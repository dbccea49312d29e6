// Package policy keeps the policy profile: which one holds, and what a new one would change.
package policy

import (
	"time"

	"zhibu/model"
)

// Service knows the profiles. It is safe for use by many goroutines.
type Service struct{ current *model.Policy }

// New makes the room with the built-in profile.
func New() *Service { return &Service{current: model.DefaultPolicy()} }

// PolicyAt is the profile in force at an instant.
func (s *Service) PolicyAt(time.Time) *model.Policy { return s.current }
