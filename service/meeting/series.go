package meeting

import (
	"context"
	"errors"
	"strconv"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// seriesYear is how far a series reaches.
const seriesYear = 366 * 24 * time.Hour

// callSeries plans a meeting that comes again: each occurrence is a meeting of its own, called in its turn. Holidays and times that fall into
// working hours, such as a Saturday on which people work, are left out and named.
func (s *Service) callSeries(ctx context.Context, actor *model.Actor, d Draft, c *calling, now time.Time) (*View, error) {
	series := &model.MeetingSeries{ID: store.NewID(), OrgID: c.org.ID, Rule: cleanRule(d.Repeat), Invitees: d.Invitees, CreatedBy: actor.MemberID, CreatedAt: now}
	rows, err := s.occurrences(series, d, c, now)
	if err != nil {
		return nil, err
	}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddMeetingSeries(ctx, series); err != nil {
			return err
		}
		for _, m := range rows {
			if err := tx.AddMeeting(ctx, m, nil); err != nil {
				return err
			}
		}
		detail := map[string]string{"type": string(c.m.Type), "rule": series.Rule, "occurrences": strconv.Itoa(len(rows)), "left_out": strconv.Itoa(len(series.LeftOut))}
		return tx.Audit(ctx, now, actor, "meeting.repeat", "meeting_series:"+series.ID, c.org.ID, detail)
	})
	if err != nil {
		return nil, err
	}
	// The first may have to be called at once. What goes wrong with that is tried again in a moment, and the series stands.
	_ = s.callDue(ctx)
	return s.Get(ctx, actor, rows[0].ID)
}

// occurrences are the meetings of a series, and into the series goes what was left out.
func (s *Service) occurrences(series *model.MeetingSeries, d Draft, c *calling, now time.Time) ([]*model.Meeting, error) {
	rule, err := walk(series.Rule, c.m.StartsAt)
	if err != nil {
		return nil, err
	}
	length := c.m.EndsAt.Sub(c.m.StartsAt)
	next := rule.Iterator()
	var rows []*model.Meeting
	for range maxCount {
		t, ok := next()
		if !ok || t.Sub(c.m.StartsAt) > seriesYear {
			break
		}
		if len(rows)+len(series.LeftOut) == 0 && !t.Equal(c.m.StartsAt) {
			return nil, model.BadField("starts_at", "not_in_rule", "首次会议的日期不符合重复规则，请改选规则中的日期。")
		}
		day := model.DateOf(t)
		at := model.Span{StartsAt: t.UTC(), EndsAt: t.Add(length).UTC()}
		if why := leftOut(c.cal, at, c.m.OverrideReason); why != "" {
			series.LeftOut = append(series.LeftOut, model.SeriesLeftOut{Date: day, Reason: why})
			continue
		}
		m := *c.m
		m.ID, m.SeriesID, m.StartsAt, m.EndsAt = store.NewID(), series.ID, at.StartsAt, at.EndsAt
		m.Topic = fillPeriod(model.SingleLine(d.Topic), c.policy.Duty(d.Type), day)
		m.Provisional = c.cal.Provisional(day)
		s.planNotice(&m, now)
		rows = append(rows, &m)
	}
	if len(rows) == 0 {
		return nil, model.BadField("repeat", "never", "按这个规则一年内没有可以开会的日期。")
	}
	return rows, nil
}

// leftOut says why no meeting is planned at a time of a rule, "" when one is.
func leftOut(cal model.Calendar, at model.Span, override string) string {
	day := model.DateOf(at.StartsAt)
	if cal.Kind(day) == model.DayHoliday {
		return cal.Reason(day) + "，本次不安排"
	}
	if work, hit := cal.WorkingDay(at.StartsAt, at.EndsAt); hit && override == "" {
		return cal.Reason(work) + "，本次不安排"
	}
	return ""
}

// planNotice sets when a planned meeting is called, and when its room is asked for: a little before, so that the notice has the link.
func (s *Service) planNotice(m *model.Meeting, now time.Time) {
	at := m.StartsAt.AddDate(0, 0, -s.policies.PolicyAt(now).Calls.NoticeDays)
	if at.Before(now) {
		at = now
	}
	m.NoticeAt = &at
	if m.RoomState == model.RoomWanted {
		room := at.Add(-time.Hour)
		if room.Before(now) {
			room = now
		}
		m.RoomNextAt = &room
	}
}

// Tick goes on with what has its time: planned meetings are called, rooms asked for, and what was planned on a day without published holidays is
// looked at again once they are known. Errors are of single meetings; the others go on.
func (s *Service) Tick(ctx context.Context) error {
	return errors.Join(s.renotice(ctx), s.askRooms(ctx), s.callDue(ctx), s.recheck(ctx))
}

// Turned tells that another profile holds: the next Tick sets the notices of planned meetings anew.
func (s *Service) Turned() { s.turned.Store(true) }

// renotice sets anew when the meetings that are planned and not called yet will be, by the profile that holds now. It reads nothing while that stays.
func (s *Service) renotice(ctx context.Context) error {
	if !s.turned.Swap(false) {
		return nil
	}
	now := s.clock()
	var errs []error
	for after := ""; ; {
		rows, err := s.store.PlannedMeetings(ctx, now, after, 200)
		if err != nil || len(rows) == 0 {
			if errs = append(errs, err); errors.Join(errs...) != nil {
				s.turned.Store(true)
			}
			return errors.Join(errs...)
		}
		for i := range rows {
			m := &rows[i]
			after = m.ID
			was, room := *m.NoticeAt, m.RoomNextAt
			s.planNotice(m, now)
			if m.NoticeAt.Equal(was) || !was.After(now) { // what is due is being called already
				continue
			}
			if m.RoomState == model.RoomWanted && m.RoomTries > 0 { // the room is being asked for at its own pace
				m.RoomNextAt = room
			}
			// Somebody who changes the meeting at this moment sets its notice too.
			if err := s.store.SaveMeeting(ctx, m); err != nil && model.CodeOf(err) != model.CodeEditConflict {
				errs = append(errs, err)
			}
		}
	}
}

// callDue calls the planned meetings whose notice is due.
func (s *Service) callDue(ctx context.Context) error {
	rows, err := s.store.UncalledMeetings(ctx, s.clock())
	if err != nil {
		return err
	}
	var errs []error
	for i := range rows {
		errs = append(errs, s.callPlanned(ctx, &rows[i]))
	}
	return errors.Join(errs...)
}

// callPlanned freezes the list of one occurrence as the roster stands now, and tells the invited.
func (s *Service) callPlanned(ctx context.Context, m *model.Meeting) error {
	now := s.clock()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		series, err := tx.MeetingSeries(ctx, m.SeriesID)
		if err != nil {
			return err
		}
		org, err := tx.Org(ctx, m.OrgID)
		if err != nil {
			return err
		}
		list, err := s.invitees(ctx, tx, &model.Invalid{}, m, series.Invitees)
		if err != nil {
			return err
		}
		first, err := tx.CallMeeting(ctx, m, list)
		if err != nil || !first {
			return err
		}
		m.NoticeAt = nil
		detail := map[string]string{"type": string(m.Type), "entitled": strconv.Itoa(len(list)), "series": m.SeriesID}
		if err := tx.Audit(ctx, now, model.SystemActor(), "meeting.call", "meeting:"+m.ID, m.OrgID, detail); err != nil {
			return err
		}
		if len(list) == 0 {
			text := m.Type.Label() + "“" + m.Topic + "”（" + whenText(m, now) + "）按设定的范围没有可以邀请的成员，请核对花名册，或取消这次会议。"
			return s.tellRunners(ctx, tx, m, "会议无人可邀", text, "nobody", now)
		}
		if err := s.outbox.Push(ctx, tx, callNotice(m, nil, org, now)); err != nil {
			return err
		}
		return s.planReminders(ctx, tx, m, org, &model.Actor{MemberID: m.CreatedBy}, now)
	})
}

// recheck looks again at the meetings that were planned on days whose year had no published holidays. It reads nothing while the calendar stays.
func (s *Service) recheck(ctx context.Context) error {
	if !s.stale.Swap(false) {
		return nil
	}
	cal, err := s.calendars.Calendar(ctx)
	var rows []model.Meeting
	if err == nil {
		rows, err = s.store.ProvisionalMeetings(ctx, s.clock())
	}
	for i := range rows {
		m := &rows[i]
		if err == nil && !cal.Provisional(model.DateOf(m.StartsAt)) {
			err = s.settle(ctx, m, cal.WithWork(s.policies.PolicyAt(m.StartsAt).Work))
		}
	}
	if err != nil {
		s.stale.Store(true)
	}
	return err
}

// settle holds one meeting against the holidays that are known now. An occurrence of which nobody knows yet is taken back where the day does not fit;
// one that was called stays, and those who run it decide.
func (s *Service) settle(ctx context.Context, m *model.Meeting, cal model.Calendar) error {
	now := s.clock()
	why := leftOut(cal, model.Span{StartsAt: m.StartsAt, EndsAt: m.EndsAt}, m.OverrideReason)
	return s.store.Tx(ctx, func(tx *store.Store) error {
		first, err := tx.SettleProvisional(ctx, m.ID)
		if err != nil || !first || why == "" || !m.Leads() {
			return err
		}
		m.Provisional = false
		reason := cal.Reason(model.DateOf(m.StartsAt))
		what := m.Type.Label() + "“" + m.Topic + "”（" + whenText(m, now) + "）"
		text := "放假安排已经公布：" + reason + "。" + what + "与之冲突，请确认是否改期；如仍按原时间召开，不需要任何操作。"
		if !m.Called() {
			m.CancelledAt, m.CancelReason, m.UpdatedAt = &now, model.CutRunes(reason, maxReason), now
			s.endRoom(m, now)
			if err := tx.SaveMeeting(ctx, m); err != nil {
				return err
			}
			if err := tx.Audit(ctx, now, model.SystemActor(), "meeting.cancel", "meeting:"+m.ID, m.OrgID, map[string]string{"why": "holidays"}); err != nil {
				return err
			}
			text = "放假安排已经公布：" + reason + "。尚未发出通知的" + what + "已从系列会议中撤下；如仍需召开，请另行召集。"
		}
		return s.tellRunners(ctx, tx, m, "会议与放假安排冲突", text, "holidays", now)
	})
}

// endRoom notes that a meeting needs no room any more.
func (s *Service) endRoom(m *model.Meeting, now time.Time) {
	switch m.RoomState {
	case model.RoomBooked, model.RoomMoving:
		m.RoomState, m.RoomTries, m.RoomNextAt = model.RoomEnding, 0, &now
	case model.RoomWanted, model.RoomFailed:
		m.RoomState, m.RoomNextAt = model.RoomEnded, nil
	}
}

// Series is a series as those who run it see it.
type Series struct {
	model.MeetingSeries
	Items []View
}

// SeriesOf is the series to which a meeting belongs, with all its occurrences. Errors: not_found, also for a meeting that comes once, forbidden.
func (s *Service) SeriesOf(ctx context.Context, actor *model.Actor, id string) (*Series, error) {
	m, err := s.manage(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	if m.SeriesID == "" {
		return nil, model.NotFound("该系列会议")
	}
	series, err := s.store.MeetingSeries(ctx, m.SeriesID)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.SeriesMeetings(ctx, m.SeriesID, time.Time{})
	if err != nil {
		return nil, err
	}
	views, err := s.views(ctx, actor, rows)
	return &Series{MeetingSeries: *series, Items: views}, err
}
