package meeting

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"zhibu/model"
	"zhibu/model/store"
)

// feedPast is how far back a subscribed calendar shows meetings.
const feedPast = 90 * 24 * time.Hour

// File is a meeting as a calendar file. Errors: not_found.
func (s *Service) File(ctx context.Context, actor *model.Actor, id string) ([]byte, error) {
	m, _, err := s.find(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	return s.calendarFile(ctx, []model.Meeting{*m})
}

// FileByToken is File for a phone's calendar, which shows its owner's token instead of signing in: invitations only. Errors: unauthenticated, not_found.
func (s *Service) FileByToken(ctx context.Context, token, id string) ([]byte, error) {
	owner, err := s.tokenOwner(ctx, token)
	if err != nil {
		return nil, err
	}
	return s.File(ctx, owner, id)
}

// Feed is the calendar of all meetings that the token's owner is invited to and has not asked leave from. Errors: unauthenticated.
func (s *Service) Feed(ctx context.Context, token string) ([]byte, error) {
	owner, err := s.tokenOwner(ctx, token)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.InvitedMeetings(ctx, owner.MemberID, s.clock().Add(-feedPast))
	if err != nil {
		return nil, err
	}
	return s.calendarFile(ctx, rows)
}

// NewCalendarToken gives the actor a secret for subscribing to the own meetings; the one before ends.
func (s *Service) NewCalendarToken(ctx context.Context, actor *model.Actor) (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(b)
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.PutCalendarToken(ctx, &model.CalendarToken{MemberID: actor.MemberID, Hash: hash(token), CreatedAt: now}); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "calendar.subscribe", "member:"+actor.MemberID, "", nil)
	})
	return token, err
}

// DropCalendarToken ends the actor's calendar subscription.
func (s *Service) DropCalendarToken(ctx context.Context, actor *model.Actor) error {
	return s.store.DropCalendarToken(ctx, actor.MemberID)
}

// tokenOwner is the member of a calendar token, without any role: the token opens invitations and nothing else.
func (s *Service) tokenOwner(ctx context.Context, token string) (*model.Actor, error) {
	refused := model.Fail(model.CodeUnauthenticated, "日历订阅地址已失效，请在小程序中重新获取。")
	if token == "" {
		return nil, refused
	}
	t, err := s.store.CalendarToken(ctx, hash(token))
	if model.IsNotFound(err) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	return &model.Actor{MemberID: t.MemberID}, nil
}

// hash is how the token is stored: whoever reads the database cannot use it.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// calendarFile writes meetings as iCalendar. Times are in UTC, which every calendar shows in its own zone.
func (s *Service) calendarFile(ctx context.Context, rows []model.Meeting) ([]byte, error) {
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.OrgID
	}
	orgs, err := s.store.OrgsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(orgs))
	for _, o := range orgs {
		names[o.ID] = o.Name
	}
	cal := ics.NewCalendarFor("zhibu")
	cal.SetProductId("-//zhibu//手机党支部//ZH")
	cal.SetMethod(ics.MethodPublish)
	cal.SetCalscale("GREGORIAN")
	cal.SetXWRCalName("支部会议")
	cal.SetXWRTimezone("Asia/Shanghai")
	cal.SetRefreshInterval("PT1H") // the library says itself that it is a duration
	for i := range rows {
		addEvent(cal, &rows[i], names[rows[i].OrgID])
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows)), nil
}

func addEvent(cal *ics.Calendar, m *model.Meeting, org string) {
	e := cal.AddEvent(m.ID + "@zhibu")
	e.SetDtStampTime(m.UpdatedAt)
	e.SetCreatedTime(m.CreatedAt)
	e.SetLastModifiedAt(m.UpdatedAt)
	e.SetSequence(m.Version - 1)
	e.SetStartAt(m.StartsAt)
	e.SetEndAt(m.EndsAt)
	e.SetSummary(m.Topic)
	e.SetLocation(placeText(m))
	e.SetDescription(strings.Join(describe(m, org), "\n"))
	e.SetStatus(ics.ObjectStatusConfirmed)
	if m.CancelledAt != nil {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	if m.JoinURL != "" {
		e.SetURL(m.JoinURL)
	}
	if m.CancelledAt != nil {
		return
	}
	for _, minutes := range m.Reminders { // the phone rings by itself, also where WeChat may not
		alarm := e.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetDescription(m.Topic)
		alarm.SetTrigger(fmt.Sprintf("-PT%dM", minutes))
	}
}

func describe(m *model.Meeting, org string) []string {
	lines := append([]string{org + " · " + m.Type.Label()}, whereLines(m)...)
	if m.CancelledAt != nil {
		lines = append(lines, "会议已取消："+m.CancelReason)
	}
	lines = append(lines, agendaLines(m, "议程：")...)
	if m.Note != "" {
		lines = append(lines, m.Note)
	}
	return lines
}
