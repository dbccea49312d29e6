package meeting

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Patch changes a meeting; nil fields stay. Version is what the editor read, 0 when the client did not say.
type Patch struct {
	Version          int
	Topic            *string
	StartsAt, EndsAt *time.Time
	Mode             *model.MeetingMode
	Place            *string
	Online           *Online
	Agenda           *[]model.AgendaItem
	Reminders        *[]int
	OverrideReason   *string
	CheckinCode      *bool
	Note             *string
	Following        bool   // of a series: this occurrence and all after it
	Reason           string // why, for those who are told
}

// Change edits a meeting that is neither over nor cancelled. Another time or place is told to the invited at once and the reminders
// are planned anew; another time also takes the answers back, since people said yes to the old one.
// Errors: not_found, forbidden, conflict, edit_conflict, validation_failed, within_working_hours.
func (s *Service) Change(ctx context.Context, actor *model.Actor, id string, p Patch) (*View, error) {
	now := s.clock()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		was, err := s.manage(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := open(was, now, "修改"); err != nil {
			return err
		}
		if p.Version != 0 && p.Version != was.Version {
			return model.Fail(model.CodeEditConflict, "该会议刚被他人修改，请刷新后再试。")
		}
		m, err := s.changed(ctx, was, p, now)
		if err != nil {
			return err
		}
		if err := s.save(ctx, tx, actor, was, m, p, now); err != nil || !p.Following {
			return err
		}
		return s.changeFollowing(ctx, tx, actor, was, m, p, now)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// CheckChange finds the faults that Change would find, and changes nothing. Errors: those of Change.
func (s *Service) CheckChange(ctx context.Context, actor *model.Actor, id string, p Patch) error {
	was, err := s.manage(ctx, s.store, actor, id)
	if err != nil {
		return err
	}
	_, err = s.changed(ctx, was, p, s.clock())
	return err
}

// changed is the meeting as the patch would make it, or all the faults of that.
func (s *Service) changed(ctx context.Context, was *model.Meeting, p Patch, now time.Time) (*model.Meeting, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	m := p.apply(was)
	cal = cal.WithWork(s.policies.PolicyAt(m.StartsAt).Work)
	if moved(was, m) {
		m.Provisional = cal.Provisional(model.DateOf(m.StartsAt))
		if !m.Called() {
			s.planNotice(m, now)
		}
	}
	s.followRoom(was, m, p.Online != nil && (m.JoinURL != "" || m.JoinCode != ""), now)
	return m, p.check(was, m, cal, now)
}

// changeFollowing does to the later occurrences of a series what was done to one: a time moves by as much, everything else becomes the same.
func (s *Service) changeFollowing(ctx context.Context, tx *store.Store, actor *model.Actor, was, m *model.Meeting, p Patch, now time.Time) error {
	if was.SeriesID == "" {
		return model.BadField("scope", "not_a_series", "这次会议不属于系列会议，不能连同以后各次一并修改。")
	}
	later, err := tx.SeriesMeetings(ctx, was.SeriesID, was.StartsAt)
	if err != nil {
		return err
	}
	for i := range later {
		x := &later[i]
		if x.ID == was.ID || x.State(now) != model.MeetingPlanned || x.Started(now) {
			continue
		}
		same := p
		if moved(was, m) {
			from := x.StartsAt.Add(m.StartsAt.Sub(was.StartsAt))
			to := from.Add(m.EndsAt.Sub(m.StartsAt))
			same.StartsAt, same.EndsAt = &from, &to
		}
		next, err := s.changed(ctx, x, same, now)
		if err != nil {
			var own *model.Error
			if errors.As(err, &own) {
				own.Detail = momentText(x.StartsAt, now) + "的一次不能这样修改：" + own.Detail
			}
			return err
		}
		if err := s.save(ctx, tx, actor, x, next, same, now); err != nil {
			return err
		}
	}
	return nil
}

// open refuses what can no longer be done with a meeting that is over or cancelled.
func open(m *model.Meeting, now time.Time, what string) error {
	switch m.State(now) {
	case model.MeetingCancelled:
		return model.Conflict("会议已取消，不能再" + what + "。")
	case model.MeetingOver:
		return model.Conflict("会议已结束，不能再" + what + "。")
	}
	return nil
}

// apply is the meeting as it would be.
func (p Patch) apply(was *model.Meeting) *model.Meeting {
	m := *was
	set(&m.CheckinCode, p.CheckinCode)
	if p.Note != nil {
		m.Note = model.SingleLine(*p.Note)
	}
	set(&m.Mode, p.Mode)
	if p.Topic != nil {
		m.Topic = model.SingleLine(*p.Topic)
	}
	if p.Place != nil {
		m.Place = model.SingleLine(*p.Place)
	}
	if p.StartsAt != nil {
		m.StartsAt = p.StartsAt.UTC().Truncate(time.Second)
	}
	if p.EndsAt != nil {
		m.EndsAt = p.EndsAt.UTC().Truncate(time.Second)
	}
	if p.Agenda != nil {
		m.Agenda = cleanAgenda(*p.Agenda)
	}
	if p.Reminders != nil {
		m.Reminders = cleanReminders(*p.Reminders)
	}
	if moved(was, &m) {
		m.OverrideReason = "" // the old reason was for the old hour
	}
	if p.OverrideReason != nil {
		m.OverrideReason = model.SingleLine(*p.OverrideReason)
	}
	setOnline(&m, p.Online)
	return &m
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (p Patch) check(was, m *model.Meeting, cal model.Calendar, now time.Time) error {
	var v model.Invalid
	checkMeeting(&v, m)
	checkText(&v, "reason", "变更原因", model.SingleLine(p.Reason), maxReason, false)
	if p.Reminders != nil {
		checkReminders(&v, *p.Reminders)
	}
	if !moved(was, m) {
		return v.Err()
	}
	began := was.Started(now)
	if began && !m.StartsAt.Equal(was.StartsAt) {
		v.Add("starts_at", "already_started", "会议已经开始，开始时间不能再改。")
	}
	checkTimes(&v, m, now, began)
	return checkHours(&v, m, cal)
}

func moved(was, m *model.Meeting) bool {
	return !m.StartsAt.Equal(was.StartsAt) || !m.EndsAt.Equal(was.EndsAt)
}

func elsewhere(was, m *model.Meeting) bool {
	return m.Mode != was.Mode || m.Place != was.Place || rejoined(was, m)
}

func rejoined(was, m *model.Meeting) bool {
	return m.Provider != was.Provider || m.JoinURL != was.JoinURL || m.JoinCode != was.JoinCode
}

// save writes the change, tells it and plans the reminders anew.
func (s *Service) save(ctx context.Context, tx *store.Store, actor *model.Actor, was, m *model.Meeting, p Patch, now time.Time) error {
	told := moved(was, m) || elsewhere(was, m)
	replan := told || m.Topic != was.Topic || !slices.Equal(m.Reminders, was.Reminders)
	reset := moved(was, m) && !was.Started(now)
	if replan {
		m.Plan++
	}
	m.UpdatedAt = now
	if err := tx.SaveMeeting(ctx, m); err != nil {
		return err
	}
	detail := map[string]string{"fields": strings.Join(p.fields(was, m), ",")}
	if moved(was, m) {
		detail["starts_at_was"], detail["starts_at"] = was.StartsAt.Format(time.RFC3339), m.StartsAt.Format(time.RFC3339)
	}
	if err := tx.Audit(ctx, now, actor, "meeting.change", "meeting:"+m.ID, m.OrgID, detail); err != nil {
		return err
	}
	if reset {
		if err := eachTogether(ctx, tx, m, func(id string) error { return tx.ResetAnswers(ctx, id) }); err != nil {
			return err
		}
	}
	if err := share(ctx, tx, m); err != nil || !replan || !m.Called() {
		return err
	}
	org, err := tx.Org(ctx, m.OrgID)
	if err != nil {
		return err
	}
	if err := s.outbox.Drop(ctx, tx, ReminderSubject(m.LeadID()), "会议已变更，提醒重新安排"); err != nil {
		return err
	}
	if told {
		if err := s.outbox.Drop(ctx, tx, Subject(m.LeadID()), "会议已变更，以新的通知为准"); err != nil {
			return err
		}
		if err := s.outbox.Push(ctx, tx, changeNotice(was, m, org, actor, p.Reason, reset, now)); err != nil {
			return err
		}
	}
	return s.planReminders(ctx, tx, m, org, actor, now)
}

// fields names what a change touched, for the audit.
func (p Patch) fields(was, m *model.Meeting) []string {
	var names []string
	for _, f := range []struct {
		name string
		hit  bool
	}{
		{"topic", m.Topic != was.Topic}, {"time", moved(was, m)}, {"mode", m.Mode != was.Mode}, {"place", m.Place != was.Place},
		{"online", rejoined(was, m)}, {"agenda", !slices.Equal(m.Agenda, was.Agenda)}, {"reminders", !slices.Equal(m.Reminders, was.Reminders)},
		{"checkin_code", m.CheckinCode != was.CheckinCode}, {"note", m.Note != was.Note},
	} {
		if f.hit {
			names = append(names, f.name)
		}
	}
	return names
}

// changeNotice says what is new, then the whole meeting once more: the first notice may not have gone out yet.
func changeNotice(was, m *model.Meeting, org *model.Org, actor *model.Actor, why string, reset bool, now time.Time) *model.Push {
	var lines, what []string
	if moved(was, m) {
		lines = append(lines, "会议时间已改为"+whenText(m, now)+"，原定"+whenText(was, now)+"。")
		what = append(what, "时间")
	}
	if elsewhere(was, m) {
		lines = append(lines, "会议地点或入会方式已改为："+placeText(m)+"。")
		what = append(what, "地点")
	}
	if why = model.SingleLine(why); why != "" {
		lines = append(lines, "原因："+why)
	}
	lines = append(lines, org.Name+m.Type.Label()+"“"+m.Topic+"”")
	lines = append(lines, "时间："+whenText(m, now))
	lines = append(lines, whereLines(m)...)
	changed := strings.Join(what, "、")
	note := changed + "有变，请以此为准"
	if reset {
		lines = append(lines, "时间有变，此前的答复已作废，请重新答复参加或请假。")
		note = changed + "有变，请重新答复"
	}
	return urgentNotice(m, org, actor, "会议变更", strings.Join(lines, "\n"), note, "会议"+changed+"变更")
}

// CheckCancel finds fault with the reason of a cancellation.
func CheckCancel(reason string) error {
	switch n := utf8.RuneCountInString(model.SingleLine(reason)); {
	case n == 0:
		return model.BadField("reason", "required", "请填写取消的原因，它会告知所有受邀的成员。")
	case n > maxReason:
		return model.BadField("reason", "too_long", "取消的原因不能超过 200 个字。")
	}
	return nil
}

// Cancel calls a meeting off, with those held together with it, and tells the invited at once; of a series, where following says so, all the later
// occurrences too. Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) Cancel(ctx context.Context, actor *model.Actor, id, reason string, following bool) (*View, error) {
	now := s.clock()
	reason = model.SingleLine(reason)
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, err := s.manage(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := CheckCancel(reason); err != nil {
			return err
		}
		if err := open(m, now, "取消"); err != nil {
			return err
		}
		if err := s.callOff(ctx, tx, actor, m, reason, now); err != nil || !following {
			return err
		}
		if m.SeriesID == "" {
			return model.BadField("scope", "not_a_series", "这次会议不属于系列会议，不能连同以后各次一并取消。")
		}
		later, err := tx.SeriesMeetings(ctx, m.SeriesID, m.StartsAt)
		for i := range later {
			if err == nil && later[i].ID != m.ID && later[i].State(now) == model.MeetingPlanned {
				err = s.callOff(ctx, tx, actor, &later[i], reason, now)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// callOff cancels one meeting with those held together with it. Who was not told of it is not told of its end either.
func (s *Service) callOff(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Meeting, reason string, now time.Time) error {
	m.CancelledAt, m.CancelReason, m.UpdatedAt = &now, reason, now
	if err := s.endRooms(ctx, tx, m, now); err != nil {
		return err
	}
	if err := tx.SaveMeeting(ctx, m); err != nil {
		return err
	}
	if err := share(ctx, tx, m); err != nil {
		return err
	}
	err := eachTogether(ctx, tx, m, func(id string) error {
		return tx.Audit(ctx, now, actor, "meeting.cancel", "meeting:"+id, m.OrgID, nil)
	})
	if err != nil || !m.Called() {
		return err
	}
	for _, subject := range []string{ReminderSubject(m.LeadID()), Subject(m.LeadID())} {
		if err := s.outbox.Drop(ctx, tx, subject, "会议已取消"); err != nil {
			return err
		}
	}
	org, err := tx.Org(ctx, m.OrgID)
	if err != nil {
		return err
	}
	body := "原定" + whenText(m, now) + "的" + org.Name + m.Type.Label() + "“" + m.Topic + "”已取消。\n原因：" + reason
	if m.JointID != "" {
		body += "\n与其合并召开的会议一并取消。"
	}
	return s.outbox.Push(ctx, tx, urgentNotice(m, org, actor, "会议取消", body, "会议已取消："+reason, "会议取消"))
}

// endRooms gives the room back that the leading one of meetings held together has.
func (s *Service) endRooms(ctx context.Context, tx *store.Store, m *model.Meeting, now time.Time) error {
	if m.Leads() {
		s.endRoom(m, now)
		return nil
	}
	lead, err := tx.Meeting(ctx, m.LeadID())
	if err != nil {
		return err
	}
	was := lead.RoomState
	s.endRoom(lead, now)
	if was != lead.RoomState {
		_, err = tx.SetRoom(ctx, lead, was)
	}
	return err
}
