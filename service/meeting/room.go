package meeting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// RoomRequest is what the meeting service has to know of a meeting.
type RoomRequest struct {
	Subject          string
	StartsAt, EndsAt time.Time
}

// Room is what it gives.
type Room struct{ ID, URL, Code string }

// ErrRoomRefused says that asking again would not help: the account may not, or the request is wrong.
var ErrRoomRefused = errors.New("the meeting service refuses")

const (
	roomPatience = 6 * time.Second // how long a caller waits for the service
	roomLease    = time.Minute     // how long a process has for one question
	roomTries    = 8
	roomDeadline = 30 * time.Minute // before the start, after which a link must come from a person
)

// wantRoom notes that the program books the room, where it can and no link was put in.
func (s *Service) wantRoom(m *model.Meeting, now time.Time) {
	if s.rooms != nil && m.Mode.Remote() && m.Provider == model.ProviderTencent && m.JoinURL == "" && m.JoinCode == "" {
		m.RoomState, m.RoomNextAt, m.RoomTries = model.RoomWanted, &now, 0
	}
}

func roomRequest(m *model.Meeting) RoomRequest {
	return RoomRequest{Subject: m.Topic, StartsAt: m.StartsAt, EndsAt: m.EndsAt}
}

// bookFirst asks for a room before the invited are told, so that the notice has its link. When the service is away the meeting is called all the
// same, and the link follows. The service knows no repetition of a request: an answer that was lost leaves a room that nobody uses.
func (s *Service) bookFirst(ctx context.Context, m *model.Meeting, now time.Time) {
	if m.RoomState != model.RoomWanted {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, roomPatience)
	defer cancel()
	room, err := s.rooms.Book(ctx, roomRequest(m))
	if err != nil {
		next := now.Add(roomLease)
		m.RoomNextAt, m.RoomTries = &next, 1
		return
	}
	m.RoomState, m.RoomID, m.JoinURL, m.JoinCode, m.RoomNextAt = model.RoomBooked, room.ID, room.URL, room.Code, nil
}

// giveBack ends a room whose meeting could not be written.
func (s *Service) giveBack(ctx context.Context, m *model.Meeting) {
	if m.RoomState != model.RoomBooked {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), roomPatience)
	defer cancel()
	_ = s.rooms.End(ctx, m.RoomID, "会议未能召集") // a room that stays is used by nobody
}

// followRoom notes what a change asks of a room: one that is booked moves with its meeting, and is given back when people join another way.
func (s *Service) followRoom(was, m *model.Meeting, byHand bool, now time.Time) {
	held := was.RoomState == model.RoomBooked || was.RoomState == model.RoomMoving
	switch {
	case held && (!m.Mode.Remote() || m.Provider != model.ProviderTencent || byHand && rejoined(was, m)):
		m.RoomState, m.RoomTries, m.RoomNextAt = model.RoomEnding, 0, &now
	case held && (moved(was, m) || m.Topic != was.Topic):
		m.RoomState, m.RoomTries, m.RoomNextAt = model.RoomMoving, 0, &now
	case held:
	case m.JoinURL != "" || m.JoinCode != "" || !m.Mode.Remote() || m.Provider != model.ProviderTencent:
		if m.RoomState == model.RoomWanted || m.RoomState == model.RoomFailed {
			m.RoomState, m.RoomNextAt = "", nil
		}
	case m.RoomState == "" || m.RoomState == model.RoomFailed || m.RoomState == model.RoomEnded:
		s.wantRoom(m, now)
	}
}

// askRooms goes on with the rooms that are due: books what is wanted, moves and ends what is booked.
func (s *Service) askRooms(ctx context.Context) error {
	if s.rooms == nil {
		return nil
	}
	rows, err := s.store.DueRooms(ctx, s.clock())
	if err != nil {
		return err
	}
	var errs []error
	for i := range rows {
		errs = append(errs, s.askRoom(ctx, &rows[i]))
	}
	return errors.Join(errs...)
}

// askRoom asks the service once about one room. Only one process does at a time.
func (s *Service) askRoom(ctx context.Context, m *model.Meeting) error {
	first, err := s.store.ClaimRoom(ctx, m, s.clock().Add(roomLease))
	if err != nil || !first {
		return err
	}
	was := m.RoomState
	ask, cancel := context.WithTimeout(ctx, roomPatience)
	defer cancel()
	var room Room
	switch was {
	case model.RoomWanted:
		room, err = s.rooms.Book(ask, roomRequest(m))
	case model.RoomMoving:
		err = s.rooms.Move(ask, m.RoomID, roomRequest(m))
	case model.RoomEnding:
		err = s.rooms.End(ask, m.RoomID, "会议已取消")
	}
	now := s.clock()
	if err != nil {
		return s.roomFault(ctx, m, was, err, now)
	}
	m.RoomTries, m.RoomNextAt = 0, nil
	switch was {
	case model.RoomWanted:
		return s.roomCame(ctx, m, room, now)
	case model.RoomEnding:
		m.RoomState = model.RoomEnded
	default:
		m.RoomState = model.RoomBooked
	}
	_, err = s.store.SetRoom(ctx, m, was)
	return err
}

// roomCame writes the link that was awaited, and tells the invited if they were told of the meeting already.
func (s *Service) roomCame(ctx context.Context, m *model.Meeting, room Room, now time.Time) error {
	m.RoomState, m.RoomID, m.JoinURL, m.JoinCode = model.RoomBooked, room.ID, room.URL, room.Code
	wanted := true
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		var err error
		if wanted, err = tx.SetRoom(ctx, m, model.RoomWanted); err != nil || !wanted {
			return err
		}
		fresh, err := tx.Meeting(ctx, m.ID)
		if err != nil {
			return err
		}
		fresh.JoinURL, fresh.JoinCode, fresh.Plan = room.URL, room.Code, fresh.Plan+1
		if err := tx.SetJoin(ctx, fresh, now); err != nil || !fresh.Called() || fresh.State(now) != model.MeetingPlanned {
			return err
		}
		org, err := tx.Org(ctx, m.OrgID)
		if err != nil {
			return err
		}
		if err := s.outbox.Drop(ctx, tx, ReminderSubject(m.LeadID()), "入会链接已定，提醒重新安排"); err != nil {
			return err
		}
		lines := append([]string{org.Name + m.Type.Label() + "“" + m.Topic + "”定于" + whenText(fresh, now) + "召开，入会方式已定。"}, whereLines(fresh)...)
		p := notice(fresh, org, "入会链接", strings.Join(lines, "\n"), "入会链接已定，请查看")
		key := Subject(m.LeadID()) + ":room"
		p.DedupeKey = &key
		if err := s.outbox.Push(ctx, tx, p); err != nil {
			return err
		}
		return s.planReminders(ctx, tx, fresh, org, &model.Actor{MemberID: m.CreatedBy}, now)
	})
	if err == nil && !wanted { // cancelled, or a link put in by hand, while the service was asked
		s.giveBack(ctx, m)
	}
	return err
}

// roomFault puts the next question off, longer each time; when it no longer helps to ask, those who run the meeting are told.
func (s *Service) roomFault(ctx context.Context, m *model.Meeting, was model.MeetingRoom, cause error, now time.Time) error {
	next := now.Add(min(time.Minute<<min(m.RoomTries-1, 4), 15*time.Minute))
	late := was == model.RoomWanted && next.After(m.StartsAt.Add(-roomDeadline))
	if !errors.Is(cause, ErrRoomRefused) && m.RoomTries < roomTries && !late {
		m.RoomNextAt = &next
		_, err := s.store.SetRoom(ctx, m, was)
		return err
	}
	m.RoomNextAt = nil
	m.RoomState = model.RoomFailed
	if was == model.RoomEnding {
		m.RoomState = model.RoomEnded // it closes by itself; nobody has to do anything
	}
	return s.store.Tx(ctx, func(tx *store.Store) error {
		set, err := tx.SetRoom(ctx, m, was)
		if err != nil || !set || was == model.RoomEnding {
			return err
		}
		text := "腾讯会议暂时不能为" + m.Type.Label() + "“" + m.Topic + "”（" + whenText(m, now) + "）建立会议室，请在会议中自行填写入会链接，系统会通知受邀成员。"
		if was == model.RoomMoving {
			text = "腾讯会议未能跟随" + m.Type.Label() + "“" + m.Topic + "”改到" + whenText(m, now) + "，请在腾讯会议中自行调整，或在会议中改填新的入会链接。"
		}
		return s.tellRunners(ctx, tx, m, "入会链接待处理", text, fmt.Sprintf("room:%s:%d", was, m.Plan), now)
	})
}

// tellRunners tells something to those who run a meeting now: the secretary of the organisation, or the leader of the group, and who called it if
// they still hold a role there. Where nobody holds one, it is who called it.
func (s *Service) tellRunners(ctx context.Context, tx *store.Store, m *model.Meeting, title, text, key string, now time.Time) error {
	leads, err := tx.Leads(ctx, m.OrgID, model.RoleSecretary, model.RoleGroupLeader)
	if err != nil {
		return err
	}
	others, err := tx.Leads(ctx, m.OrgID, model.RoleCommitteeMember, model.RoleStaff, model.RoleAdmin)
	if err != nil {
		return err
	}
	for _, id := range others {
		if id == m.CreatedBy {
			leads = append(leads, id)
		}
	}
	if len(leads) == 0 {
		leads = []string{m.CreatedBy}
	}
	org, err := tx.Org(ctx, m.OrgID)
	if err != nil {
		return err
	}
	p := notice(m, org, title, text, title)
	p.Audience, p.Subject = model.Audience{MemberIDs: leads}, Subject(m.LeadID())+":runners"
	full := Subject(m.LeadID()) + ":" + key
	p.DedupeKey, p.SendAt = &full, now
	return s.outbox.Push(ctx, tx, p)
}
