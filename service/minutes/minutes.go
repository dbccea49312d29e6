// Package minutes keeps the minutes of meetings: prefilled from facts, written by one or two, signed by host and recorder, locked, and after
// that only added to.
package minutes

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox tells people something. It writes into the transaction.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Actions begins what the resolutions of locked minutes ask for, in the transaction of the lock.
type Actions interface {
	Begin(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, resolutions []model.Resolution, now time.Time) error
}

// Service is the room.
type Service struct {
	store    *store.Store
	outbox   Outbox
	actions  Actions
	policies model.Policies
	clock    model.Clock
}

// New makes the room.
func New(s *store.Store, outbox Outbox, actions Actions, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, outbox: outbox, actions: actions, policies: policies, clock: clock}
}

// View is the minutes as one person sees them, with the facts of now or of the lock.
type View struct {
	model.Minutes
	Facts     model.MinutesFacts
	Names     map[string]string // of everybody the minutes name; who has left altogether is 已注销成员
	Additions []model.MinutesAddition
	CanWrite  bool
	CanSign   bool
	// Host and Recorder are the valid signatures: one under other facts than these no longer counts.
	HostSigned, RecorderSigned *time.Time
}

// Get reads a meeting's minutes; before the first draft they are what the system knows. Errors: not_found, also for who may not see them.
func (s *Service) Get(ctx context.Context, actor *model.Actor, meetingID string) (*View, error) {
	m, min, err := s.find(ctx, s.store, actor, meetingID)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, s.store, actor, m, min)
}

// Agenda is what the sheet of a meeting's agenda shows, for all who may see the meeting. Errors: not_found.
func (s *Service) Agenda(ctx context.Context, actor *model.Actor, meetingID string) (*model.MinutesFacts, error) {
	m, _, err := s.meeting(ctx, s.store, actor, meetingID)
	if err != nil {
		return nil, err
	}
	f, err := s.facts(ctx, s.store, m, &model.Minutes{})
	if err == nil && !model.CanRunMeeting(actor, m.Type, m.OrgPath) {
		f.Absent = nil // why somebody asked for leave is for those who run the meeting
	}
	return f, err
}

func (s *Service) meeting(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Meeting, bool, error) {
	m, err := st.Meeting(ctx, id)
	if err != nil {
		return nil, false, err
	}
	mine, err := st.MeetingInvitee(ctx, id, actor.MemberID)
	if err != nil && !model.IsNotFound(err) {
		return nil, false, err
	}
	if !model.CanSeeMeeting(actor, m, mine != nil) {
		return nil, false, model.NotFound("该会议")
	}
	return m, mine != nil, nil
}

// find reads minutes that the actor may see; where there are none yet, a draft with what can be known.
func (s *Service) find(ctx context.Context, st *store.Store, actor *model.Actor, meetingID string) (*model.Meeting, *model.Minutes, error) {
	m, invited, err := s.meeting(ctx, st, actor, meetingID)
	if err != nil {
		return nil, nil, err
	}
	min, err := st.Minutes(ctx, meetingID)
	if model.IsNotFound(err) {
		min, err = nil, nil // until somebody has written, only those who run the meeting may
	}
	if err != nil {
		return nil, nil, err
	}
	if min == nil && model.CanSeeMinutes(actor, m, nil, invited) {
		return m, prefilled(m, actor, invited), nil
	}
	if min == nil || !model.CanSeeMinutes(actor, m, min, invited) {
		return nil, nil, model.NotFound("会议记录")
	}
	return m, min, nil
}

// prefilled are minutes before anybody has written: the caller of the meeting hosts it, and who writes down is the recorder.
func prefilled(m *model.Meeting, actor *model.Actor, invited bool) *model.Minutes {
	min := &model.Minutes{
		MeetingID: m.ID, OrgID: m.OrgID, OrgPath: m.OrgPath, State: model.MinutesDraft, Mode: model.MinutesFull, HostID: m.CreatedBy,
		Discussion: []model.Opinion{}, Resolutions: []model.Resolution{},
	}
	if invited && actor.MemberID != m.CreatedBy {
		min.RecorderID = actor.MemberID
	}
	return min
}

func (s *Service) view(ctx context.Context, st *store.Store, actor *model.Actor, m *model.Meeting, min *model.Minutes) (*View, error) {
	f := min.Facts
	if min.State != model.MinutesLocked || f == nil {
		var err error
		if f, err = s.facts(ctx, st, m, min); err != nil {
			return nil, err
		}
	}
	v := &View{Minutes: *min, Facts: *f, HostSigned: min.HostSignedAt, RecorderSigned: min.RecorderSignedAt}
	v.CanWrite = model.CanWriteMinutes(actor, m, min)
	if min.State != model.MinutesLocked {
		digest := min.Digest(f)
		if min.HostSigned != digest {
			v.HostSigned = nil
		}
		if min.RecorderSigned != digest {
			v.RecorderSigned = nil
		}
		if v.HostSigned == nil && v.RecorderSigned == nil {
			v.State = model.MinutesDraft
		}
		v.CanSign = min.Version > 0 && ((actor.MemberID == min.HostID && v.HostSigned == nil) || (actor.MemberID == min.RecorderID && v.RecorderSigned == nil))
	}
	var err error
	if v.Additions, err = st.MinutesAdditions(ctx, m.ID); err != nil {
		return nil, err
	}
	v.Names, err = s.names(ctx, st, min, v)
	return v, err
}

// names are the names of everybody in the document. After the lock they are those of the lock, but who was erased since is shown as that.
func (s *Service) names(ctx context.Context, st *store.Store, min *model.Minutes, v *View) (map[string]string, error) {
	ids := min.People()
	for _, a := range v.Additions {
		ids = append(ids, a.AuthorID)
	}
	for _, u := range v.Facts.Unclosed {
		ids = append(ids, u.OwnerID)
	}
	for _, list := range [][]model.FactPerson{v.Facts.Attending, v.Facts.Observers, v.Facts.Absent} {
		for _, p := range list {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	people, err := st.MembersByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, id := range ids {
		who, there := people[id]
		switch name, kept := v.Facts.Names[id]; {
		case id == "":
		case there && who.ErasedAt != nil, !there:
			names[id] = model.ErasedName
		case kept && min.State == model.MinutesLocked:
			names[id] = name
		default:
			names[id] = who.Name
		}
	}
	for _, list := range [][]model.FactPerson{v.Facts.Attending, v.Facts.Observers, v.Facts.Absent} {
		for i := range list {
			if names[list[i].ID] == model.ErasedName {
				list[i].Name, list[i].Reason = model.ErasedName, ""
			}
		}
	}
	return names, nil
}
