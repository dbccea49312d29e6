package meeting

import (
	"context"
	"fmt"

	"zhibu/model"
)

// SlotQuery asks for free hours. The zero values stand for today, a fortnight and an hour.
type SlotQuery struct {
	OrgID         string
	From          model.Date
	Days, Minutes int
}

// Slot is a proposed time, with the reason in words.
type Slot struct {
	model.Slot
	Text string
}

const (
	slotDays       = 14
	slotMaxDays    = 92
	slotMinutes    = 60
	slotMaxMinutes = 12 * 60
)

// Slots proposes hours after work, at weekends and on holidays, those with the fewest other meetings of the organisation first.
// Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Slots(ctx context.Context, actor *model.Actor, q SlotQuery) ([]Slot, error) {
	now := s.clock()
	if err := q.complete(model.DateOf(now)); err != nil {
		return nil, err
	}
	org, err := s.store.Org(ctx, q.OrgID)
	if err != nil {
		return nil, err
	}
	if !model.CanCallMeeting(actor, model.MeetingOther, org.Path) {
		return nil, refuseCall(actor, model.MeetingOther, org)
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	busy, err := s.store.MeetingSpans(ctx, org.Path, q.From.Start(), q.From.Add(q.Days+1).Start())
	if err != nil {
		return nil, err
	}
	rows := model.Slots(cal, now, q.From, q.Days, q.Minutes, busy)
	slots := make([]Slot, len(rows))
	for i, r := range rows {
		slots[i] = Slot{Slot: r, Text: slotText(cal, r)}
	}
	return slots, nil
}

// complete fills in what was not asked and names what cannot be.
func (q *SlotQuery) complete(today model.Date) error {
	var v model.Invalid
	if q.OrgID == "" {
		v.Add("org_id", "required", "请指定召集会议的组织。")
	}
	if q.From == "" {
		q.From = today
	}
	if !q.From.Valid() {
		v.Add("from", "invalid_date", "日期格式应如 2026-11-23。")
	}
	if q.Days == 0 {
		q.Days = slotDays
	}
	if q.Days < 0 || q.Days > slotMaxDays {
		v.Add("days", "out_of_range", fmt.Sprintf("天数应在 1 到 %d 之间。", slotMaxDays))
	}
	if q.Minutes == 0 {
		q.Minutes = slotMinutes
	}
	if q.Minutes < 0 || q.Minutes > slotMaxMinutes {
		v.Add("minutes", "out_of_range", fmt.Sprintf("会议时长应在 1 到 %d 分钟之间。", slotMaxMinutes))
	}
	return v.Err()
}

func slotText(cal model.Calendar, s model.Slot) string {
	t := s.StartsAt.In(model.Zone)
	part := "上午"
	switch {
	case t.Hour() >= 18:
		part = "晚上"
	case t.Hour() >= 12:
		part = "下午"
	}
	day := model.DateOf(t)
	text := fmt.Sprintf("%s（周%s）%s，", t.Format("1月2日"), weekdays[t.Weekday()], part)
	switch s.Reason {
	case model.SlotEvening:
		text += "工作日下班后"
	case model.SlotWeekend:
		text += "周末休息"
	case model.SlotHoliday:
		text += cal.Name(day) + "假期"
	}
	if s.Provisional {
		text += fmt.Sprintf("（%d 年放假安排尚未公布，暂按星期推算）", t.Year())
	}
	if s.Conflicts > 0 {
		text += fmt.Sprintf("，与 %d 场会议时间重叠", s.Conflicts)
	}
	return text
}
