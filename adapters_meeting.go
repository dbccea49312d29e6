package main

import (
	"context"
	"errors"
	"fmt"

	"zhibu/model"
	"zhibu/service/meeting"
	"zhibu/service/tencent"
)

// workCalendar is the calendar in force with the working hours of the policy profile.
type workCalendar struct{ h *house }

// Calendar tells it.
func (w workCalendar) Calendar(ctx context.Context) (model.Calendar, error) {
	cal, err := w.h.setting.Calendar(ctx)
	return cal.WithWork(w.h.policy.PolicyAt(w.h.clock()).Work), err
}

// tencentRooms are the rooms of Tencent Meeting.
type tencentRooms struct{ client *tencent.Client }

// tencentRooms are nil where nobody has entered the enterprise's keys: links are put in by hand then.
func (h *house) tencentRooms() meeting.Rooms {
	c := h.cfg.Tencent
	if c.SecretID == "" {
		return nil
	}
	return tencentRooms{tencent.New(tencent.Config{
		BaseURL: c.BaseURL, AppID: c.AppID, SDKID: c.SDKID, SecretID: c.SecretID, SecretKey: c.SecretKey, UserID: c.UserID, Clock: h.clock,
	})}
}

// Book makes a room.
func (r tencentRooms) Book(ctx context.Context, q meeting.RoomRequest) (meeting.Room, error) {
	room, err := r.client.Create(ctx, tencent.Meeting(q))
	return meeting.Room{ID: room.ID, URL: room.URL, Code: room.Code}, roomFault(err)
}

// Move moves a room.
func (r tencentRooms) Move(ctx context.Context, id string, q meeting.RoomRequest) error {
	return roomFault(r.client.Update(ctx, id, tencent.Meeting(q)))
}

// End gives a room back.
func (r tencentRooms) End(ctx context.Context, id, reason string) error {
	return roomFault(r.client.Cancel(ctx, id, reason))
}

// roomFault says in the room's words that asking again will not help.
func roomFault(err error) error {
	var refused *tencent.Error
	if errors.As(err, &refused) && refused.Permanent() {
		return fmt.Errorf("%w: %w", meeting.ErrRoomRefused, err)
	}
	return err
}
