package demo

import (
	"sort"
	"time"
)

type meetingEntry struct {
	Key, Org, Type, Topic, By, At, Mode, Place, Code string
	JoinURL                                          string `yaml:"join_url"`
	Workdays, Minutes, Accept, Leave                 int
	Reminders                                        []int
	Agenda                                           []AgendaItem
	Record                                           *struct {
		Host, Recorder, Discussion string
		PassedOn                   string `yaml:"passed_on"`
		Vote                       *struct {
			Question         string
			Against, Abstain int
		}
		Resolutions []struct {
			Text, Owner string
			DueIn       int  `yaml:"due_in"`
			NoFollowUp  bool `yaml:"no_follow_up"`
		}
	}
	Cancel *struct {
		By, At, Reason string
		Days           int
	}
}

func (b *builder) meetings() {
	var entries []meetingEntry
	load("meetings.yaml", &entries)
	for _, e := range entries {
		start := b.workday(e.Workdays, e.At)
		m := Meeting{
			Key: e.Key, Org: e.Org, Type: e.Type, Topic: e.Topic, By: b.person(e.By).Key, StartsAt: start,
			EndsAt: start.Add(time.Duration(e.Minutes) * time.Minute), Mode: e.Mode, Place: e.Place, JoinURL: e.JoinURL,
			Code: e.Code, Agenda: e.Agenda, Reminders: e.Reminders, Past: e.Workdays < 0,
		}
		m.CalledAt = b.when(2, "19:05")
		if m.Past {
			m.CalledAt = start.AddDate(0, 0, -5)
		}
		b.invite(&m)
		b.answers(&m, e)
		if m.Past {
			b.attend(&m)
		}
		if e.Record != nil {
			b.minutes(&m, e)
		}
		if c := e.Cancel; c != nil {
			m.Cancel = &Cancel{By: b.person(c.By).Key, Reason: c.Reason, At: b.when(c.Days, c.At)}
		}
		b.Meetings = append(b.Meetings, m)
	}
}

// invite asks those whom the kind of meeting concerns: the committee, the Party members, or everybody.
func (b *builder) invite(m *Meeting) {
	for i := range b.People {
		p := &b.People[i]
		switch m.Type {
		case "committee":
			if !b.belongs(p, m.Org) || !p.leads() {
				continue
			}
		case "branch_assembly", "group":
			if !b.belongs(p, m.Org) || !p.party() {
				continue
			}
		default:
			if !b.belongs(p, m.Org) {
				continue
			}
		}
		m.Invited = append(m.Invited, p.Key)
	}
}

// answers draws who accepted and who asked for leave; only those who signed in can answer, and who leads always comes.
func (b *builder) answers(m *Meeting, e meetingEntry) {
	reasons := []string{
		"当晚值夜班", "科室有急诊手术，需要留守", "出差在途中，信号不稳定", "照顾生病的家人", "参加医院安排的会诊", "带教考核，时间冲突", "身体不适，请假一次",
	}
	d := seeded(m.Key)
	window := int(min(b.now.Sub(m.CalledAt), m.StartsAt.Sub(m.CalledAt)) / time.Minute)
	if e.Cancel != nil {
		window = int(b.when(e.Cancel.Days, e.Cancel.At).Sub(m.CalledAt) / time.Minute)
	}
	for _, key := range m.Invited {
		p := b.person(key)
		roll := d.n(100)
		at := m.CalledAt.Add(time.Duration(1+d.n(window-1)) * time.Minute)
		switch {
		case !p.Bound:
		case roll < e.Accept || key == m.By || p.leads():
			m.RSVPs = append(m.RSVPs, RSVP{Person: key, Status: "accept", At: at})
		case roll < e.Accept+e.Leave:
			m.RSVPs = append(m.RSVPs, RSVP{Person: key, Status: "leave", Reason: d.of(reasons), At: at})
		}
	}
	sort.SliceStable(m.RSVPs, func(i, j int) bool { return m.RSVPs[i].At.Before(m.RSVPs[j].At) })
}

// attend fills the list of a meeting that is over. Who answered did as they said; of the silent, two in five came.
func (b *builder) attend(m *Meeting) {
	answered := map[string]RSVP{}
	for _, r := range m.RSVPs {
		answered[r.Person] = r
	}
	d := seeded(m.Key + " attendance")
	for _, key := range m.Invited {
		a := Attendance{Person: key, Status: "absent"}
		switch r := answered[key]; {
		case r.Status == "accept", r.Status == "" && d.n(5) < 2:
			a.Status = "present"
		case r.Status == "leave":
			a.Status, a.Reason = "leave", r.Reason
		}
		m.Attendance = append(m.Attendance, a)
	}
}

// minutes writes the record; only full members count on either side of the vote.
func (b *builder) minutes(m *Meeting, e meetingEntry) {
	r := e.Record
	m.Minutes = &Minutes{
		Host: b.person(r.Host).Key, Recorder: b.person(r.Recorder).Key, PassedOn: r.PassedOn, Discussion: r.Discussion,
		SignedAt: m.EndsAt.Add(70 * time.Minute),
	}
	for _, res := range r.Resolutions {
		out := Resolution{Text: res.Text, NoFollowUp: res.NoFollowUp}
		if !res.NoFollowUp {
			out.Owner, out.DueOn = b.person(res.Owner).Key, b.day(res.DueIn)
		}
		m.Minutes.Resolutions = append(m.Minutes.Resolutions, out)
	}
	if r.Vote == nil {
		return
	}
	v := &Vote{Question: r.Vote.Question, Against: r.Vote.Against, Abstain: r.Vote.Abstain}
	for _, a := range m.Attendance {
		if b.person(a.Person).PartyStatus != "full" {
			continue
		}
		v.Entitled++
		if a.Status == "present" {
			v.Present++
		}
	}
	v.Approve = v.Present - v.Against - v.Abstain
	m.Minutes.Vote = v
}
