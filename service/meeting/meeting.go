// Package meeting is the whole life of a meeting before its minutes: calling it at an hour people can come, telling the invited,
// their answers, changes and cancellation, who came, and the calendar file.
package meeting

import (
	"context"
	"sync/atomic"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Outbox tells people something. It writes into the transaction, so that a meeting and its notice are there together or not at all.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	// Drop cancels the pushes of the subject that have not been sent.
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Calendars tells the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Rooms books rooms at a meeting service, so that nobody has to put a link in by hand. Its errors are tried again, but for ErrRoomRefused.
type Rooms interface {
	Book(ctx context.Context, r RoomRequest) (Room, error)
	Move(ctx context.Context, roomID string, r RoomRequest) error
	End(ctx context.Context, roomID, reason string) error
}

// Signer makes keyed digests in hexadecimal, from which the rotating check-in codes are taken.
type Signer interface {
	Sign(text string) string
}

// Service is the room.
type Service struct {
	store     *store.Store
	outbox    Outbox
	calendars Calendars
	policies  model.Policies
	signer    Signer
	clock     model.Clock
	rooms     Rooms       // nil when links are put in by hand
	turned    atomic.Bool // another profile holds since the notices of planned meetings were set
	stale     atomic.Bool // the calendar may have changed since the provisional meetings were looked at
}

// New makes the room. The store's change feed tells it when holidays were loaded; the first Tick looks for what changed before.
func New(s *store.Store, outbox Outbox, calendars Calendars, policies model.Policies, signer Signer, clock model.Clock) *Service {
	svc := &Service{store: s, outbox: outbox, calendars: calendars, policies: policies, signer: signer, clock: clock}
	svc.stale.Store(true)
	s.OnChange(model.TopicCalendar, func(string) { svc.stale.Store(true) })
	return svc
}

// BookRooms lets the program book the rooms of online meetings, or with nil leaves the links to people. It is called before the first request.
func (s *Service) BookRooms(r Rooms) { s.rooms = r }

// View is a meeting as one member sees it.
type View struct {
	model.Meeting
	Org         model.Org
	State       model.MeetingState
	Counts      store.AnswerCounts
	Mine        *model.MeetingInvitee // nil when not invited
	CanManage   bool
	CreatorName string
	Together    []model.Meeting // the meetings held together with it, the leading one first; empty when it is held alone
	Clashes     []model.Meeting // of one meeting alone: the reader's other meetings at that time
	Elsewhere   int             // of one meeting alone, for who runs it: how many of the invited have another meeting then
}

// Get reads one meeting. Errors: not_found, also for who is neither invited nor runs it.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*View, error) {
	m, _, err := s.find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, actor, []model.Meeting{*m})
	if err != nil {
		return nil, err
	}
	return &views[0], s.complete(ctx, actor, &views[0])
}

// Query narrows the list of meetings. From and To are instants or days, which count whole.
type Query struct {
	OrgID    string
	From, To string
	Mine     bool
	Page     model.Page
}

// List lists by their start the meetings the actor is invited to or runs. Errors: not_found for the organisation, validation_failed.
func (s *Service) List(ctx context.Context, actor *model.Actor, q Query) ([]View, string, error) {
	var v model.Invalid
	f := store.MeetingFilter{MemberID: actor.MemberID, Powers: actor.Powers, Mine: q.Mine}
	f.From = readInstant(&v, "from", q.From, 0)
	f.To = readInstant(&v, "to", q.To, 1)
	if err := v.Err(); err != nil {
		return nil, "", err
	}
	if q.OrgID != "" {
		org, err := s.store.Org(ctx, q.OrgID)
		if err != nil {
			return nil, "", err
		}
		if !model.CanSeeOrg(actor, org.Path) {
			return nil, "", model.NotFound("该组织")
		}
		f.OrgPath = org.Path
	}
	rows, next, err := s.store.Meetings(ctx, f, q.Page)
	if err != nil {
		return nil, "", err
	}
	views, err := s.views(ctx, actor, rows)
	return views, next, err
}

// readInstant reads an instant, or a day moved by so many days to the midnight that begins it.
func readInstant(v *model.Invalid, field, text string, days int) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if d := model.Date(text); d.Valid() {
		t, err = d.Start().AddDate(0, 0, days), nil
	}
	if err != nil || !model.Keepable(t) {
		v.Add(field, "invalid_time", "时间格式应如 2026-11-23 或 2026-11-23T19:00:00+08:00。")
	}
	return t
}

// find reads a meeting that the actor may see, and the actor's place on its list, nil when there is none.
func (s *Service) find(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Meeting, *model.MeetingInvitee, error) {
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

// manage reads a meeting that the actor runs.
func (s *Service) manage(ctx context.Context, st *store.Store, actor *model.Actor, id string) (*model.Meeting, error) {
	m, _, err := s.find(ctx, st, actor, id)
	if err == nil && !model.CanRunMeeting(actor, m.Type, m.OrgPath) {
		err = model.Forbidden("这项操作由会议的召集人办理。")
	}
	return m, err
}

// views completes meetings with what their reader is told.
func (s *Service) views(ctx context.Context, actor *model.Actor, rows []model.Meeting) ([]View, error) {
	now := s.clock()
	ids, orgIDs, people := make([]string, len(rows)), make([]string, len(rows)), make([]string, len(rows))
	for i, m := range rows {
		ids[i], orgIDs[i], people[i] = m.ID, m.OrgID, m.CreatedBy
	}
	counts, err := s.store.AnswerCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	mine, err := s.store.InvitationsOf(ctx, actor.MemberID, ids)
	if err != nil {
		return nil, err
	}
	orgs, err := s.store.OrgsByID(ctx, orgIDs)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]model.Org, len(orgs))
	for _, o := range orgs {
		byID[o.ID] = o
	}
	creators, err := s.store.MembersByID(ctx, people)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(rows))
	for i, m := range rows {
		views[i] = View{
			Meeting: m, Org: byID[m.OrgID], State: m.State(now), Counts: counts[m.ID],
			CanManage: model.CanRunMeeting(actor, m.Type, m.OrgPath), CreatorName: creators[m.CreatedBy].Name,
		}
		if invited, ok := mine[m.ID]; ok {
			views[i].Mine = &invited
		}
	}
	return views, nil
}
