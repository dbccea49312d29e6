package meeting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
)

// SlotQuery asks for free hours. The zero values stand for today, a fortnight, an hour and everybody.
type SlotQuery struct {
	OrgID         string
	Type          model.MeetingType // whom it concerns and what is owed
	From          model.Date
	Days, Minutes int
}

// Slot is a proposed time, with the reason in words.
type Slot struct {
	model.Slot
	Text     string
	Meetings int          // how many of the invited have another meeting then
	Busy     *int         // how many have marked themselves busy; nil where the number would tell about somebody
	Event    *model.Event // the congress within which it lies
	Owed     []Owed       // what the branch could do then all together
}

// Owed is a type of meeting of which the organisation owes more in the period of a day.
type Owed struct {
	Type    model.MeetingType
	Missing int
	Period  string // in words
}

const (
	slotDays       = 14
	slotMaxDays    = 92
	slotMinutes    = 60
	slotMaxMinutes = 12 * 60
)

// Slots proposes hours after work, at weekends and on holidays, those first at which the fewest of the invited have another meeting or have marked
// themselves busy. An hour that a congress keeps for its branches is offered for what the branch owes; one that its programme needs is not offered.
// Errors: not_found and forbidden for the organisation, validation_failed.
func (s *Service) Slots(ctx context.Context, actor *model.Actor, q SlotQuery) ([]Slot, error) {
	if err := q.complete(model.DateOf(s.clock())); err != nil {
		return nil, err
	}
	org, err := s.store.Org(ctx, q.OrgID)
	if err != nil {
		return nil, err
	}
	if !model.CanCallMeeting(actor, q.Type, org.Path) {
		return nil, refuseCall(actor, q.Type, org)
	}
	return s.propose(ctx, org, q)
}

// planner is what proposing hours for one organisation takes.
type planner struct {
	cal    model.Calendar
	policy *model.Policy
	diary  *diary
	events []model.Event
	debts  *debts
	now    time.Time
}

func (s *Service) propose(ctx context.Context, org *model.Org, q SlotQuery) ([]Slot, error) {
	p, err := s.planner(ctx, org, q)
	if err != nil {
		return nil, err
	}
	rows := model.Slots(p.cal, p.policy.Slots, p.now, q.From, q.Days, q.Minutes, p.diary.taken)
	rows = append(rows, p.reserved(q)...)
	model.SortSlots(rows)
	var slots []Slot
	for _, r := range rows {
		at := model.Span{StartsAt: r.StartsAt, EndsAt: r.EndsAt}
		if slices.ContainsFunc(p.events, func(e model.Event) bool { return e.Taken(at) }) {
			continue // the society's people are at its congress
		}
		slot := Slot{Slot: r, Meetings: p.diary.inMeetings(at), Busy: p.diary.marked(at)}
		if i := slices.IndexFunc(p.events, func(e model.Event) bool { return e.Holds(at) }); i >= 0 {
			slot.Event, slot.Owed = &p.events[i], p.joinable(model.DateOf(r.StartsAt))
		}
		slot.Text = p.text(slot)
		slots = append(slots, slot)
	}
	return slots, nil
}

func (s *Service) planner(ctx context.Context, org *model.Org, q SlotQuery) (*planner, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	p := &planner{policy: s.policies.PolicyAt(q.From.Start()), now: s.clock()}
	p.cal = cal.WithWork(p.policy.Work)
	people, err := s.concerned(ctx, s.store, &model.Meeting{OrgID: org.ID, OrgPath: org.Path, Type: q.Type})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(people))
	for i, x := range people {
		ids[i] = x.MemberID
	}
	if p.diary, err = s.diaryOf(ctx, org.ID, ids, q.From.Start(), q.From.Add(q.Days+1).Start()); err != nil {
		return nil, err
	}
	if p.events, err = s.eventsOver(ctx, org.Path, q.From, q.From.Add(q.Days-1)); err != nil {
		return nil, err
	}
	p.debts, err = s.debtsOf(ctx, org, p.policy, q.From, q.From.Add(q.Days))
	return p, err
}

// reserved are the hours that congresses keep for their branches, one behind the other, on the days for which something is owed.
func (p *planner) reserved(q SlotQuery) []model.Slot {
	var out []model.Slot
	length := time.Duration(q.Minutes) * time.Minute
	from, to := q.From.Start(), q.From.Add(q.Days).Start()
	for _, e := range p.events {
		for _, x := range e.Sessions {
			if !x.ForBranches || len(p.joinable(model.DateOf(x.StartsAt))) == 0 {
				continue
			}
			for at := x.StartsAt; !at.Add(length).After(x.EndsAt); at = at.Add(length) {
				if at.After(p.now) && !at.Before(from) && at.Before(to) {
					span := model.Span{StartsAt: at, EndsAt: at.Add(length)}
					out = append(out, model.Slot{StartsAt: span.StartsAt, EndsAt: span.EndsAt, Reason: model.SlotEvent, Conflicts: p.diary.taken(span), Provisional: p.cal.Provisional(model.DateOf(at))})
				}
			}
		}
	}
	return out
}

// joinable is what is owed and can be held together. The committee meets by itself.
func (p *planner) joinable(day model.Date) []Owed {
	return slices.DeleteFunc(p.debts.on(day), func(o Owed) bool { return o.Type == model.MeetingCommittee })
}

// complete fills in what was not asked and names what cannot be.
func (q *SlotQuery) complete(today model.Date) error {
	var v model.Invalid
	if q.OrgID == "" {
		v.Add("org_id", "required", "请指定召集会议的组织。")
	}
	if q.Type == "" {
		q.Type = model.MeetingOther
	}
	if !q.Type.Valid() {
		v.Add("type", "not_allowed", "会议类型不正确，请从列出的类型中选择。")
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

// text is why the hour is a good one, and what speaks against it.
func (p *planner) text(s Slot) string {
	t := s.StartsAt.In(model.Zone)
	part := "上午"
	switch {
	case t.Hour() >= 18:
		part = "晚上"
	case t.Hour() >= 12:
		part = "下午"
	}
	text := fmt.Sprintf("%s（周%s）%s，", t.Format("1月2日"), weekdays[t.Weekday()], part)
	switch s.Reason {
	case model.SlotEvening:
		text += "工作日下班后"
	case model.SlotWeekend:
		text += "周末休息"
	case model.SlotHoliday:
		text += p.cal.Name(model.DateOf(t)) + "假期"
	case model.SlotEvent:
		text += "“" + s.Event.Name + "”留给支部的时段"
	}
	if s.Event != nil && s.Reason != model.SlotEvent {
		text += "，正值“" + s.Event.Name + "”，可与其合并召开"
	}
	if len(s.Owed) > 0 {
		text += "，可一并完成" + owedText(s.Owed)
	}
	if s.Provisional {
		text += fmt.Sprintf("（%d 年放假安排尚未公布，暂按星期推算）", t.Year())
	}
	switch {
	case s.Conflicts > 0 && s.Meetings == s.Conflicts:
		text += fmt.Sprintf("，有 %d 人当时另有会议", s.Conflicts)
	case s.Conflicts > 0:
		text += fmt.Sprintf("，有 %d 人当时不便", s.Conflicts)
	}
	return text
}

func owedText(owed []Owed) string {
	parts := make([]string, len(owed))
	for i, o := range owed {
		parts[i] = o.Type.Label()
	}
	return strings.Join(parts, "、")
}
