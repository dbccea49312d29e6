// Package policy keeps the policy profile: which one holds when, and what a new one would change.
package policy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
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

	mu      sync.Mutex
	shelf   *Shelf // nil until it was read
	stale   bool   // something changed that could not be read yet
	triedAt time.Time

	turns []func()
	held  string // the version that held at the last look
}

// New makes the room. The store's change feed keeps its copy of the profiles true on every replica.
func New(s *store.Store, calendars Calendars, clock model.Clock) *Service {
	svc := &Service{store: s, calendars: calendars, clock: clock, stale: true}
	s.OnChange(model.TopicPolicy, func(string) {
		svc.mu.Lock()
		svc.stale, svc.triedAt = true, time.Time{}
		svc.mu.Unlock()
		svc.current()
	})
	return svc
}

// PolicyAt is the profile in force at an instant, from memory.
func (s *Service) PolicyAt(at time.Time) *model.Policy { return s.current().PolicyAt(at) }

// OnTurn has something done whenever another profile begins to hold: what was reckoned ahead by the old one is reckoned anew. Call it before the
// program serves.
func (s *Service) OnTurn(do func()) { s.turns = append(s.turns, do) }

// Turn looks whether another profile holds than at its last look, since its day has come or it was put in for today, and lets the rooms know. Each
// process looks for itself; its first look counts, for a day that came while it was off.
func (s *Service) Turn(context.Context) error {
	version := s.PolicyAt(s.clock()).Version
	s.mu.Lock()
	turned := version != s.held
	s.held = version
	s.mu.Unlock()
	if turned {
		for _, do := range s.turns {
			do()
		}
	}
	return nil
}

// Load reads the profiles at the start, so that nothing is decided by the built-in one while the office's cannot be read.
func (s *Service) Load(ctx context.Context) error {
	shelf, err := s.read(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shelf, s.stale = shelf, false
	return nil
}

// readLimit is how long a change of the profile may take to be read, and how often that is tried again when the database is away.
const readLimit = time.Second

// current is the copy in memory; after a change it is read anew, and where that fails the old one holds until it can be.
func (s *Service) current() *Shelf {
	now := s.clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale && (s.shelf == nil || now.Sub(s.triedAt) >= readLimit || now.Before(s.triedAt)) {
		s.triedAt = now
		ctx, cancel := context.WithTimeout(context.Background(), readLimit)
		defer cancel()
		if shelf, err := s.read(ctx); err == nil {
			s.shelf, s.stale = shelf, false
		}
	}
	if s.shelf == nil {
		return newShelf(nil)
	}
	return s.shelf
}

func (s *Service) read(ctx context.Context) (*Shelf, error) {
	rows, err := s.store.PolicyProfiles(ctx)
	if err != nil {
		return nil, err
	}
	return shelve(rows)
}

func shelve(rows []model.PolicyProfile) (*Shelf, error) {
	all := make([]*model.Policy, len(rows))
	for i, r := range rows {
		p, err := Parse([]byte(r.Body))
		if err != nil {
			return nil, model.Fail(model.CodeInternal, "已保存的制度参数无法读取，请联系管理员。").Because(fmt.Errorf("profile %d: %w", r.Seq, err))
		}
		all[i] = p
	}
	return newShelf(all), nil
}

// Shelf is all profiles, each with the stretch of days on which it holds.
type Shelf struct {
	all   []*model.Policy // in the order in which they came
	order []*model.Policy // those that hold at some time, by their first day
	plain *model.Policy   // before the first
}

func newShelf(all []*model.Policy) *Shelf {
	sh := &Shelf{all: all, plain: model.DefaultPolicy()}
	for _, p := range all {
		sh.order = slices.DeleteFunc(sh.order, func(o *model.Policy) bool { return o.HoldsFrom == p.HoldsFrom }) // the later one for a day counts
		sh.order = append(sh.order, p)
	}
	slices.SortFunc(sh.order, func(a, b *model.Policy) int { return a.HoldsFrom.Start().Compare(b.HoldsFrom.Start()) })
	return sh
}

// PolicyAt is the profile in force at an instant.
func (sh *Shelf) PolicyAt(at time.Time) *model.Policy {
	day, found := model.DateOf(at), sh.plain
	for _, p := range sh.order {
		if p.HoldsFrom <= day {
			found = p
		}
	}
	return found
}

// with is the shelf as it would be with one more.
func (sh *Shelf) with(p *model.Policy) *Shelf { return newShelf(append(slices.Clone(sh.all), p)) }

// State says how a profile stands today.
type State string

// The states of a profile.
const (
	InForce  State = "in_force"
	Future   State = "future"
	Past     State = "past"
	Replaced State = "replaced" // another one for the same day came after it, before it ever held
)

func (sh *Shelf) state(p *model.Policy, now time.Time) State {
	switch {
	case sh.PolicyAt(now) == p:
		return InForce
	case p != sh.plain && !slices.Contains(sh.order, p):
		return Replaced
	case p.HoldsFrom > model.DateOf(now):
		return Future
	}
	return Past
}

// Profile is one profile with what is known of it.
type Profile struct {
	*model.Policy
	State    State
	BuiltIn  bool
	Body     []byte // the file, as it was put in
	PutAt    time.Time
	PutBy    string // the member
	PutName  string
	Revision string // changes whenever any profile is put in; for If-Match
}

// Current is the profile in force, or the one of a version. Errors: not_found.
func (s *Service) Current(ctx context.Context, version string) (*Profile, error) {
	now := s.clock()
	all, err := s.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if p := &all[i]; p.Version == version || version == "" && p.State == InForce {
			if p.BuiltIn {
				filled := *p.Policy
				filled.HoldsFrom = model.DateOf(now)
				p.Body = Write(&filled)
			}
			return p, nil
		}
	}
	return nil, model.NotFound("这一版制度参数")
}

// Profiles are all profiles, the built-in one first.
func (s *Service) Profiles(ctx context.Context) ([]Profile, error) {
	now := s.clock()
	rows, err := s.store.PolicyProfiles(ctx)
	if err != nil {
		return nil, err
	}
	sh, err := shelve(rows)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.CreatedBy)
	}
	people, err := s.store.MembersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []Profile{{Policy: sh.plain, State: sh.state(sh.plain, now), BuiltIn: true, Revision: revision(len(rows))}}
	for i, r := range rows {
		out = append(out, Profile{Policy: sh.all[i], State: sh.state(sh.all[i], now), Body: []byte(r.Body), PutAt: r.CreatedAt, PutBy: r.CreatedBy,
			PutName: people[r.CreatedBy].Name, Revision: revision(len(rows))})
	}
	return out, nil
}

// revision counts the profiles: none is ever changed or taken away.
func revision(n int) string { return strconv.Itoa(n) }
