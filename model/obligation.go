package model

import (
	"fmt"
	"slices"
	"time"
)

// Obligation is what an organisation owes of one kind of meeting within one period of the calendar, and what became of it.
type Obligation struct {
	Key      string // within the organisation, such as committee.2026-03, lecture.2026-q1, lecture.2026-h2, life.2026
	OrgID    string
	Type     MeetingType
	From     Date   // the first day of the period
	Until    Date   // its last
	Period   string // the period in words
	Owed     int
	Held     int      // meetings that took place, also more than are owed
	Planned  int      // meetings that are still to come
	Meetings []string // those held and planned, by their start
	Reason   string   // why the organisation is excused; empty when it is not
	Minutes  int      // how long such a meeting usually takes
}

// Done is how much of what is owed was held: what is over in one period does not make up for another.
func (o *Obligation) Done() int { return min(o.Held, o.Owed) }

// Coming is how much of what is owed is planned.
func (o *Obligation) Coming() int { return min(o.Planned, o.Owed-o.Done()) }

// Excused is how much of what was neither held nor is planned is excused.
func (o *Obligation) Excused() int {
	if o.Reason == "" {
		return 0
	}
	return o.Owed - o.Done() - o.Coming()
}

// Missing is how much of what is owed nothing is known of.
func (o *Obligation) Missing() int { return o.Owed - o.Done() - o.Coming() - o.Excused() }

// ObligationState is how an obligation stands on a day.
type ObligationState string

// The states. What is open can still be held in time, what was missed can not.
const (
	ObligationDone    ObligationState = "done"
	ObligationPlanned ObligationState = "planned"
	ObligationExcused ObligationState = "excused"
	ObligationOpen    ObligationState = "open"
	ObligationLater   ObligationState = "later" // its period has not begun
	ObligationMissed  ObligationState = "missed"
)

// Label is the state in Chinese.
func (s ObligationState) Label() string {
	switch s {
	case ObligationDone:
		return "已完成"
	case ObligationPlanned:
		return "已安排"
	case ObligationExcused:
		return "已说明"
	case ObligationOpen:
		return "待安排"
	case ObligationLater:
		return "未到期"
	case ObligationMissed:
		return "未完成"
	}
	return ""
}

// State is how the obligation stands on the day.
func (o *Obligation) State(today Date) ObligationState {
	switch {
	case o.Done() == o.Owed:
		return ObligationDone
	case o.Excused() > 0:
		return ObligationExcused
	case o.Missing() == 0:
		return ObligationPlanned
	case today > o.Until:
		return ObligationMissed
	case today < o.From:
		return ObligationLater
	}
	return ObligationOpen
}

// HeldMeeting is a meeting as obligations need it: when it was, and whether anybody came.
type HeldMeeting struct {
	ID       string
	OrgID    string
	Type     MeetingType
	StartsAt time.Time
	EndsAt   time.Time
	Attended bool
}

// ObligationExcuse is the reason for which an organisation need not hold what it owes within a period.
type ObligationExcuse struct {
	OrgID     string `gorm:"primaryKey"`
	DutyKey   string `gorm:"primaryKey"` // the obligation's key
	Reason    string // one of the profile's
	Note      string // what there is to add
	CreatedBy string
	CreatedAt time.Time
}

// HelpLink is the branch that helps another one (一对一帮扶), as the office arranged it.
type HelpLink struct {
	OrgID     string `gorm:"primaryKey"`
	HelperID  string
	Note      string
	CreatedBy string
	CreatedAt time.Time
}

// Obligations are what an organisation of this kind owes within a calendar year, in the order of the profile and then of the calendar. Each period
// goes by the profile that held on its first day; from the end of that period on the next profile counts. Of a period that began before the
// organisation was there, or before a longer kind of period came into force, at least half must be left for anything to be owed.
func Obligations(policies Policies, org *Org, year int) []Obligation {
	var all []Obligation
	for _, t := range dutyTypes(policies, org.Kind, year) {
		all = append(all, obligationsOf(policies, org, t, year)...)
	}
	return all
}

func obligationsOf(policies Policies, org *Org, t MeetingType, year int) []Obligation {
	var out []Obligation
	founded := DateOf(org.CreatedAt)
	end := Date(fmt.Sprintf("%04d-01-01", year+1))
	for day := Date(fmt.Sprintf("%04d-01-01", year)); day < end; {
		duty := policies.PolicyAt(day.Start()).Duty(t)
		from, next := duty.Every.Bounds(day)
		if next == "" { // a kind that this profile does not name: perhaps the next month's does
			_, day = EveryMonth.Bounds(day)
			continue
		}
		if begin := max(from, day, founded); duty.Times > 0 && 2*daysBetween(begin, next) >= daysBetween(from, next) {
			out = append(out, Obligation{Key: string(t) + "." + periodKey(duty.Every, from), OrgID: org.ID, Type: t, From: from, Until: next.Add(-1), Period: duty.Every.Words(from),
				Owed: duty.Times, Minutes: duty.Minutes})
		}
		day = next
	}
	return out
}

// dutyTypes are the kinds of meetings that any profile of the year names for this kind of organisation, in the order of the last one.
func dutyTypes(policies Policies, kind OrgKind, year int) []MeetingType {
	var types []MeetingType
	for month := 12; month >= 1; month-- {
		for _, d := range policies.PolicyAt(Date(fmt.Sprintf("%04d-%02d-01", year, month)).Start()).Meetings {
			if d.Type.Concerns(kind) && !slices.Contains(types, d.Type) {
				types = append(types, d.Type)
			}
		}
	}
	return types
}

func daysBetween(from, to Date) int {
	return int(to.Start().Sub(from.Start()) / (24 * time.Hour)) // China has no summer time
}

// periodKey names a period by its first day.
func periodKey(every DutyPeriod, from Date) string {
	month := int(from.Start().Month())
	switch every {
	case EveryQuarter:
		return fmt.Sprintf("%s-q%d", from[:4], (month+2)/3)
	case EveryHalf:
		return fmt.Sprintf("%s-h%d", from[:4], (month+5)/6)
	case EveryYear:
		return string(from[:4])
	}
	return string(from[:7])
}

// Settle notes on each obligation what was held of it and is planned, and whether it is excused. A meeting counts for the period in which it begins by
// China's calendar; it was held when it is over and somebody came. Meetings of other organisations are passed over.
func Settle(owed []Obligation, meetings []HeldMeeting, excuses []ObligationExcuse, now time.Time) {
	for i := range owed {
		o := &owed[i]
		for _, m := range meetings {
			on := DateOf(m.StartsAt)
			if m.OrgID != o.OrgID || m.Type != o.Type || on < o.From || on > o.Until {
				continue
			}
			switch {
			case m.EndsAt.After(now):
				o.Planned++
			case m.Attended:
				o.Held++
			default:
				continue
			}
			o.Meetings = append(o.Meetings, m.ID)
		}
		for _, e := range excuses {
			if e.OrgID == o.OrgID && e.DutyKey == o.Key {
				o.Reason = e.Reason
			}
		}
	}
}

// CanSeeObligations: what an organisation owes is for those who lead it, the committee included, and the office.
func CanSeeObligations(a *Actor, o *Org) bool {
	if o.Kind == OrgGroup {
		return a.Has(RoleGroupLeader, o.Path)
	}
	return a.Has(RoleCommitteeMember, o.Path)
}

// CanExcuse: a reason is stated by the secretary or the office.
func CanExcuse(a *Actor, path string) bool { return a.Has(RoleSecretary, path) }

// CanArrangeHelp: who helps whom is arranged by the office.
func CanArrangeHelp(a *Actor, path string) bool { return a.Has(RoleStaff, path) }

// CanSetPolicy: the profile is kept by the office of the whole society.
func CanSetPolicy(a *Actor, officePath string) bool { return a.Has(RoleStaff, officePath) }
