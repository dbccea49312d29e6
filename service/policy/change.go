package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Change is one number that would be another, in words.
type Change struct {
	Key, Text string
}

// Effect is what a change means for one branch, in words.
type Effect struct {
	Org   model.Org
	Texts []string
}

// Changes say in words what differs between two profiles.
func Changes(old, next *model.Policy) []Change {
	return append(dutyChanges(old, next), entryChanges(table(), "", old, next)...)
}

func entryChanges(entries []entry, at string, old, next *model.Policy) []Change {
	var out []Change
	for _, e := range entries {
		place := join(at, e.key)
		switch {
		case e.group != nil:
			out = append(out, entryChanges(e.group, place, old, next)...)
		case e.words != nil && e.words(old) != e.words(next):
			out = append(out, Change{place, fmt.Sprintf("%s：由%s改为%s", e.label, e.words(old), e.words(next))})
		}
	}
	return out
}

func dutyChanges(old, next *model.Policy) []Change {
	var out []Change
	var types []model.MeetingType
	for _, d := range append(slices.Clone(next.Meetings), old.Meetings...) {
		if !slices.Contains(types, d.Type) {
			types = append(types, d.Type)
		}
	}
	for _, t := range types {
		a, b := old.Duty(t), next.Duty(t)
		say := func(key, what, from, to string) {
			if from != to {
				out = append(out, Change{"meetings." + string(t) + "." + key, fmt.Sprintf("%s%s由%s改为%s", t.Label(), what, from, to)})
			}
		}
		say("times", "：", often(a), often(b))
		say("minutes", "时长：", fmt.Sprintf("%d分钟", a.Minutes), fmt.Sprintf("%d分钟", b.Minutes))
		say("rule", "表决规则：", ruleWord(a.Rule), ruleWord(b.Rule))
		say("topic", "主题：", "“"+a.Topic+"”", "“"+b.Topic+"”")
		say("note", "通知附言：", "“"+a.Note+"”", "“"+b.Note+"”")
		say("agenda", "议程：", agendaWords(a), agendaWords(b))
	}
	return out
}

func agendaWords(d model.MeetingDuty) string {
	if len(d.Agenda) == 0 {
		return "无"
	}
	var parts []string
	for _, i := range d.Agenda {
		parts = append(parts, fmt.Sprintf("%s%d分钟", i.Title, i.Minutes))
	}
	return strings.Join(parts, "、")
}

// facts are what the consequences are reckoned from.
type facts struct {
	now, from time.Time
	cal       model.Calendar
	before    *Shelf
	after     *Shelf
	old, next *model.Policy
	open      map[string]int // suggestions that wait, by path
	pushes    []store.WaitingPush
	meetings  []model.HeldMeeting // planned on the first day or later
}

func (s *Service) plan(ctx context.Context, sh *Shelf, p *model.Policy, orgs []model.Org) (*Plan, error) {
	f := facts{now: s.clock(), from: p.HoldsFrom.Start(), before: sh, after: sh.with(p), next: p}
	if f.from.Before(f.now) {
		f.from = f.now
	}
	f.old = sh.PolicyAt(p.HoldsFrom.Start())
	var err error
	if f.cal, err = s.calendars.Calendar(ctx); err != nil {
		return nil, err
	}
	if f.open, err = s.store.OpenSuggestionsBy(ctx); err != nil {
		return nil, err
	}
	if f.pushes, err = s.store.PushesFrom(ctx, f.from); err != nil {
		return nil, err
	}
	if f.meetings, err = s.store.HeldMeetings(ctx, model.EverywherePath, f.from, f.from.AddDate(1, 0, 0)); err != nil {
		return nil, err
	}
	plan := &Plan{Version: p.Version, HoldsFrom: p.HoldsFrom, Revision: revision(len(sh.all)), Changes: Changes(f.old, p)}
	for _, o := range model.TreeOrder(orgs) {
		if o.Kind != model.OrgBranch {
			continue
		}
		if texts := f.effects(&o, orgs); len(texts) > 0 {
			plan.Effects = append(plan.Effects, Effect{Org: o, Texts: texts})
		}
	}
	return plan, nil
}

// effects are what changes for one branch with its groups.
func (f *facts) effects(branch *model.Org, orgs []model.Org) []string {
	texts := f.duties(branch, orgs)
	if t := f.deadlines(branch.Path); t != "" {
		texts = append(texts, t)
	}
	if t := f.deferred(branch.Path); t != "" {
		texts = append(texts, t)
	}
	if a, b := f.old.Minutes.LateAfterDays, f.next.Minutes.LateAfterDays; a != b {
		n := 0
		for _, m := range f.meetings {
			if org := orgOf(orgs, m.OrgID); org != nil && model.Within(org.Path, branch.Path) {
				n++
			}
		}
		if n > 0 {
			texts = append(texts, fmt.Sprintf("生效后已安排的%d次会议，会议记录应在会后%d天内形成（原为%d天）", n, b, a))
		}
	}
	return texts
}

func orgOf(orgs []model.Org, id string) *model.Org {
	if i := slices.IndexFunc(orgs, func(o model.Org) bool { return o.ID == id }); i >= 0 {
		return &orgs[i]
	}
	return nil
}

// duties compares what is owed within the year in which the profile begins, and in the next, by the same function as the radar.
func (f *facts) duties(branch *model.Org, orgs []model.Org) []string {
	var texts []string
	first := f.next.HoldsFrom.Start().Year()
	for _, t := range allTypes(f.old, f.next) {
		if often(f.old.Duty(t)) == often(f.next.Duty(t)) {
			continue
		}
		var parts []string
		concerned := false
		for _, year := range []int{first, first + 1} {
			before, after := 0, 0
			for i := range orgs {
				if o := &orgs[i]; model.Within(o.Path, branch.Path) && t.Concerns(o.Kind) {
					concerned = true
					before += owedOf(f.before, o, t, year)
					after += owedOf(f.after, o, t, year)
				}
			}
			parts = append(parts, fmt.Sprintf("%d年度%s", year, difference(before, after)))
		}
		if concerned {
			texts = append(texts, fmt.Sprintf("%s：由%s改为%s，%s", t.Label(), often(f.old.Duty(t)), often(f.next.Duty(t)), strings.Join(parts, "，")))
		}
	}
	return texts
}

func difference(before, after int) string {
	switch {
	case after < before:
		return fmt.Sprintf("应开展%d次，少%d次", after, before-after)
	case after > before:
		return fmt.Sprintf("应开展%d次，多%d次", after, after-before)
	}
	return fmt.Sprintf("应开展%d次，不变", after)
}

func owedOf(policies model.Policies, org *model.Org, t model.MeetingType, year int) int {
	n := 0
	for _, o := range model.Obligations(policies, org, year) {
		if o.Type == t {
			n += o.Owed
		}
	}
	return n
}

func allTypes(old, next *model.Policy) []model.MeetingType {
	var types []model.MeetingType
	for _, d := range append(slices.Clone(next.Meetings), old.Meetings...) {
		if !slices.Contains(types, d.Type) {
			types = append(types, d.Type)
		}
	}
	return types
}

// deadlines tells of the suggestions that wait, which keep theirs, and of those that will come.
func (f *facts) deadlines(path string) string {
	if f.old.Suggestions == f.next.Suggestions {
		return ""
	}
	n := 0
	for at, k := range f.open {
		if model.Within(at, path) {
			n += k
		}
	}
	accept := func(c model.SuggestionClocks) model.Date { return model.DateOf(c.AcceptBy(f.cal, f.from)) }
	reply := func(c model.SuggestionClocks) model.Date { return model.DateOf(c.ReplyBy(f.cal, f.from)) }
	a, b := f.old.Suggestions, f.next.Suggestions
	text := fmt.Sprintf("%s提出的意见：受理期限由%s变为%s，答复期限由%s变为%s", model.DateOf(f.from), accept(a), accept(b), reply(a), reply(b))
	if n > 0 {
		text = fmt.Sprintf("在办的%d件意见建议仍按原时限办理；", n) + text
	}
	return text
}

// deferred counts the pushes already set that would go out at another hour.
func (f *facts) deferred(path string) string {
	later, sooner := 0, 0
	for _, p := range f.pushes {
		if !model.Within(p.OrgPath, path) {
			continue
		}
		was, _ := f.old.Push.Next(p.SendAt, p.Hours)
		is, _ := f.next.Push.Next(p.SendAt, p.Hours)
		switch {
		case is.After(was):
			later++
		case is.Before(was):
			sooner++
		}
	}
	var parts []string
	if later > 0 {
		parts = append(parts, fmt.Sprintf("%d条顺延", later))
	}
	if sooner > 0 {
		parts = append(parts, fmt.Sprintf("%d条提前", sooner))
	}
	if len(parts) == 0 {
		return ""
	}
	return "已定时的推送中，" + strings.Join(parts, "，")
}
