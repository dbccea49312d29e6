package meeting_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/service/meeting"
)

// rooms is a meeting service that is away while fail is set.
type rooms struct {
	fail error
	log  []string
}

func (r *rooms) Book(_ context.Context, q meeting.RoomRequest) (meeting.Room, error) {
	if r.fail != nil {
		r.log = append(r.log, "asked")
		return meeting.Room{}, r.fail
	}
	r.log = append(r.log, "book "+q.StartsAt.In(model.Zone).Format("15:04"))
	n := len(r.log)
	return meeting.Room{ID: fmt.Sprintf("room-%d", n), URL: fmt.Sprintf("https://meeting.example.org/%d", n), Code: "860 215 477"}, nil
}

func (r *rooms) Move(_ context.Context, id string, q meeting.RoomRequest) error {
	r.log = append(r.log, "move "+id+q.StartsAt.In(model.Zone).Format(" 15:04"))
	return r.fail
}

func (r *rooms) End(_ context.Context, id, _ string) error {
	r.log = append(r.log, "end "+id)
	return r.fail
}

func (h *house) withRooms() (*rooms, meeting.Draft) {
	r := &rooms{}
	h.room.BookRooms(r)
	d := h.draft("2026-11-24 19:30", "2026-11-24 20:20")
	d.Online = &meeting.Online{Provider: model.ProviderTencent}
	return r, d
}

func TestARoomFollowsItsMeeting(t *testing.T) {
	h := newHouse(t)
	r, d := h.withRooms()
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	pushes, _ := h.outbox.take()
	if v.RoomState != model.RoomBooked || v.JoinURL != "https://meeting.example.org/1" || !strings.Contains(pushes[0].Body, v.JoinURL) {
		t.Errorf("called: %+v, told %s", v.Meeting, pushes[0].Body)
	}
	from, to := china(t, "2026-11-24 20:00"), china(t, "2026-11-24 21:00")
	_, err = h.room.Change(h.ctx(), h.as("sec"), v.ID, meeting.Patch{StartsAt: &from, EndsAt: &to})
	h.must(err)
	h.must(h.room.Tick(h.ctx()))
	h.must(h.room.Tick(h.ctx()))
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), v.ID, "急诊", false)
	h.must(err)
	h.must(h.room.Tick(h.ctx()))
	if got := strings.Join(r.log, ", "); got != "book 19:30, move room-1 20:00, end room-1" {
		t.Errorf("asked: %s", got)
	}
	if v, err = h.room.Get(h.ctx(), h.as("sec"), v.ID); err != nil || v.RoomState != model.RoomEnded {
		t.Errorf("%s %v", v.RoomState, err)
	}
}

func TestTheLinkFollowsWhenTheServiceIsBack(t *testing.T) {
	h := newHouse(t)
	r, d := h.withRooms()
	r.fail = errors.New("gateway timeout")
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	pushes, _ := h.outbox.take()
	if v.RoomState != model.RoomWanted || v.JoinURL != "" || !strings.Contains(pushes[0].Body, "入会链接将在会前另行通知") {
		t.Errorf("called: %+v, told %s", v.Meeting, pushes[0].Body)
	}
	h.tick("2026-11-23 19:00")
	h.tick("2026-11-23 19:02")
	h.tick("2026-11-23 19:02") // not yet again
	r.fail = nil
	h.tick("2026-11-23 19:06")
	if got := strings.Join(r.log, ", "); got != "asked, asked, book 19:30" {
		t.Errorf("asked: %s", got)
	}
	pushes, dropped := h.outbox.take()
	if got := titles(pushes); !strings.HasPrefix(got, "入会链接：") || len(pushes) != 3 || len(dropped) != 1 || !strings.Contains(pushes[0].Body, "https://meeting.example.org/3") {
		t.Errorf("told: %s, dropped %v", got, dropped)
	}
	if v, err = h.room.Get(h.ctx(), h.as("doc"), v.ID); err != nil || v.JoinCode != "860 215 477" || v.Version != 2 {
		t.Errorf("%+v %v", v, err)
	}
}

func TestASecretaryIsToldWhenThereIsNoRoom(t *testing.T) {
	h := newHouse(t)
	r, d := h.withRooms()
	r.fail = fmt.Errorf("%w: signature failed", meeting.ErrRoomRefused)
	v, err := h.room.Call(h.ctx(), h.as("com"), d)
	h.must(err)
	h.outbox.take()
	h.tick("2026-11-23 19:01")
	h.tick("2026-11-23 19:30")
	pushes, _ := h.outbox.take()
	if len(pushes) != 1 || fmt.Sprint(pushes[0].Audience.MemberIDs) != "[sec com]" || !strings.Contains(pushes[0].Body, "自行填写入会链接") {
		t.Fatalf("told: %+v", pushes)
	}
	hand := meeting.Online{Provider: model.ProviderTencent, JoinURL: "https://meeting.example.org/by-hand"}
	v, err = h.room.Change(h.ctx(), h.as("sec"), v.ID, meeting.Patch{Online: &hand})
	if err != nil || v.RoomState != "" || v.JoinURL != hand.JoinURL {
		t.Errorf("by hand: %+v %v", v, err)
	}
	if len(r.log) != 2 {
		t.Errorf("asked %v", r.log)
	}
}

func TestARoomIsGivenBackForALinkByHand(t *testing.T) {
	h := newHouse(t)
	r, d := h.withRooms()
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	_, err = h.room.Change(h.ctx(), h.as("sec"), v.ID, meeting.Patch{Online: &meeting.Online{JoinURL: "https://meeting.example.org/other"}})
	h.must(err)
	h.must(h.room.Tick(h.ctx()))
	if got := strings.Join(r.log, ", "); got != "book 19:30, end room-1" {
		t.Errorf("asked: %s", got)
	}
}

// Each occurrence of a series has a room of its own, asked for a little before its notice.
func TestASeriesBooksItsRoomsInTheirTurn(t *testing.T) {
	h := newHouse(t)
	r, d := h.withRooms()
	d.StartsAt, d.EndsAt, d.Repeat = china(t, "2026-12-08 19:30"), china(t, "2026-12-08 20:30"), "FREQ=MONTHLY;BYDAY=2TU;COUNT=2"
	v, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	h.must(h.room.Tick(h.ctx()))
	if len(r.log) != 0 {
		t.Errorf("a fortnight early: %v", r.log)
	}
	h.tick("2026-12-01 18:40")
	h.tick("2026-12-01 19:30")
	pushes, _ := h.outbox.take()
	if len(r.log) != 1 || len(pushes) == 0 || !strings.Contains(pushes[0].Body, "https://meeting.example.org/1") {
		t.Errorf("asked %v, told %s", r.log, titles(pushes))
	}
	if got, err := h.room.Get(h.ctx(), h.as("doc"), v.ID); err != nil || got.RoomID != "room-1" {
		t.Errorf("%+v %v", got, err)
	}
}
