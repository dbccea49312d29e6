package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Subject names a meeting's notices in the outbox. Its reminders have a subject of their own, so that they can be planned anew
// without taking back a notice that still waits for its hour.
func Subject(meetingID string) string { return "meeting:" + meetingID }

// ReminderSubject names a meeting's reminders in the outbox.
func ReminderSubject(meetingID string) string { return Subject(meetingID) + ":reminder" }

// notice is what all messages about a meeting have in common: to the invited, and pointless when it is over.
func notice(m *model.Meeting, org *model.Org, title, body, note string) *model.Push {
	ends := m.EndsAt
	return &model.Push{
		OrgID: org.ID, OrgPath: org.Path, Kind: model.PushMeeting, Title: title + "：" + m.Topic, Body: body,
		Fields: map[string]string{
			"topic": m.Topic, "time": m.StartsAt.In(model.Zone).Format("2006年1月2日 15:04"), "place": placeText(m), "note": note,
		},
		Page: "pages/meeting/detail?id=" + m.LeadID(), Audience: model.Audience{MeetingID: m.LeadID()}, Hours: model.HoursOrdinary,
		Subject: Subject(m.LeadID()), ExpiresAt: &ends, CreatedBy: m.CreatedBy,
	}
}

// callNotice invites to a meeting and to those held together with it.
func callNotice(m *model.Meeting, also []*model.Meeting, org *model.Org, now time.Time) *model.Push {
	what := m.Type.Label() + "“" + m.Topic + "”"
	for _, x := range also {
		what += "、" + x.Type.Label() + "“" + x.Topic + "”"
	}
	lines := []string{fmt.Sprintf("%s定于%s召开%s。", org.Name, whenText(m, now), what)}
	if len(also) > 0 {
		lines = append(lines, "以上会议合并召开，答复和签到各一次即可。")
	}
	lines = append(lines, whereLines(m)...)
	if m.OverrideReason != "" {
		lines = append(lines, "在上班时间召开的理由："+m.OverrideReason)
	}
	if m.Provisional {
		lines = append(lines, "当年放假安排尚未公布，如与之冲突，将另行通知。")
	}
	lines = append(lines, agendaLines(m, "议程：")...)
	for _, x := range also {
		lines = append(lines, agendaLines(x, x.Type.Label()+"议程：")...)
	}
	if m.Note != "" {
		lines = append(lines, m.Note)
	}
	lines = append(lines, "请答复参加或请假。")
	p := notice(m, org, "会议通知", strings.Join(lines, "\n"), "请答复参加或请假")
	key := Subject(m.LeadID()) + ":called"
	p.DedupeKey = &key
	return p
}

func agendaLines(m *model.Meeting, head string) []string {
	var lines []string
	for i, a := range m.Agenda {
		if i == 0 {
			lines = append(lines, head)
		}
		lines = append(lines, agendaLine(i, a))
	}
	return lines
}

func agendaLine(i int, a model.AgendaItem) string {
	if a.Minutes == 0 {
		return fmt.Sprintf("%d. %s", i+1, a.Title)
	}
	return fmt.Sprintf("%d. %s（%d 分钟）", i+1, a.Title, a.Minutes)
}

// planReminders puts a meeting's reminders into the outbox; those whose time is past are left out. Who asked for leave is not reminded.
func (s *Service) planReminders(ctx context.Context, tx *store.Store, m *model.Meeting, org *model.Org, actor *model.Actor, now time.Time) error {
	body := fmt.Sprintf("%s将于%s召开。\n%s", m.Type.Label()+"“"+m.Topic+"”", whenText(m, now), strings.Join(whereLines(m), "\n"))
	for _, minutes := range m.Reminders {
		at := m.StartsAt.Add(-time.Duration(minutes) * time.Minute)
		if !at.After(now) {
			continue
		}
		p := notice(m, org, "会议提醒", body, "请安排好时间，准时参加")
		p.Subject, p.Hours, p.SendAt, p.CreatedBy = ReminderSubject(m.LeadID()), model.HoursTimed, at, actor.MemberID
		p.Audience.RSVP = []model.RSVP{model.RSVPNone, model.RSVPAccept}
		key := fmt.Sprintf("meeting:%s:%d:reminder:%d", m.LeadID(), m.Plan, minutes)
		p.DedupeKey = &key
		if err := s.outbox.Push(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// urgentNotice goes out at once, at any hour, and says why.
func urgentNotice(m *model.Meeting, org *model.Org, actor *model.Actor, title, body, note, reason string) *model.Push {
	p := notice(m, org, title, body, note)
	p.Hours, p.Reason, p.CreatedBy = model.HoursUrgent, reason, actor.MemberID
	key := fmt.Sprintf("%s:changed:%s:%d", Subject(m.LeadID()), m.ID, m.Version)
	p.DedupeKey = &key
	return p
}

var weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}

// momentText is 11月24日（周二）19:30, with the year where it is not the present one.
func momentText(t, now time.Time) string {
	t, now = t.In(model.Zone), now.In(model.Zone)
	layout := "1月2日"
	if t.Year() != now.Year() {
		layout = "2006年1月2日"
	}
	return t.Format(layout) + "（周" + weekdays[t.Weekday()] + "）" + t.Format("15:04")
}

// whenText is the whole time of a meeting; an end on another day is written out.
func whenText(m *model.Meeting, now time.Time) string {
	end := m.EndsAt.In(model.Zone).Format("15:04")
	if model.DateOf(m.EndsAt) != model.DateOf(m.StartsAt) {
		end = momentText(m.EndsAt, now)
	}
	return momentText(m.StartsAt, now) + "–" + end
}

// placeText is the place in few words, for a card.
func placeText(m *model.Meeting) string {
	remote := m.Provider.Label()
	if m.JoinCode != "" {
		remote += " " + m.JoinCode
	}
	switch m.Mode {
	case model.ModeOnline:
		return remote
	case model.ModeHybrid:
		return m.Place + "（可线上参加）"
	}
	return m.Place
}

// whereLines say in full where to go and how to join.
func whereLines(m *model.Meeting) []string {
	var lines []string
	if m.Mode.InPlace() {
		lines = append(lines, "地点："+m.Place)
	}
	if m.Mode.Remote() {
		way := "线上参加：" + m.Provider.Label()
		if m.JoinCode != "" {
			way += "，会议号 " + m.JoinCode
		}
		lines = append(lines, way)
		if m.JoinURL != "" {
			lines = append(lines, "入会链接："+m.JoinURL)
		}
		if m.JoinURL == "" && m.JoinCode == "" {
			lines = append(lines, "入会链接将在会前另行通知。")
		}
	}
	return lines
}
