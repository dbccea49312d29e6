// Package yeartest generates a year of a society for tests: branches and groups, their people, what they held, published, read and suggested.
//
// Make works out plain facts from a seed, without any code of a service, so that a test can count over them in straight loops and hold a room's
// figures against its own. Write puts the same facts into a database through the store. The same seed gives the same year on every machine.
//
//	y := yeartest.Make(7, 2026, 20, now)      // 20 branches; what lies after now is planned only
//	if err := y.Write(ctx, s); err != nil {…} // on SQLite or MariaDB
//	for _, m := range y.Meetings { … }        // and count
//
// The traps are in it on purpose: branches and groups founded within the year, meetings in the first hours of a month in China (which is still the
// month before in UTC), two of a kind in one period, cancelled ones, ones that nobody came to, ones planned, and two kinds held as one (套会).
package yeartest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"zhibu/model"
)

// Year is everything that happened in a society within one calendar year, and what is planned in it after Now.
type Year struct {
	Seed        uint64
	Of          int
	Now         time.Time
	Society     model.Org
	Staff       Person
	Branches    []Branch  // in the order of the tree, which is that of their founding
	Meetings    []Meeting // by their start
	Articles    []Article
	Suggestions []model.Suggestion
	Pushes      []model.Push
}

// Branch is one branch with its groups and its own people; the people of the groups are among them.
type Branch struct {
	Org       model.Org
	Founded   model.Date
	Groups    []Group
	People    []Person
	Secretary Person
	Deputy    Person // a member of the committee
}

// Group is one group of a branch with the people who are in it.
type Group struct {
	Org     model.Org
	Founded model.Date
	People  []Person
}

// Person is one member of a branch.
type Person struct {
	ID, Name string
	Status   model.PartyStatus
}

// Meeting is a meeting with who was asked and who came.
type Meeting struct {
	model.Meeting
	Branch   int      // which of Branches
	Group    int      // which of its groups; -1 for the branch itself
	Entitled []string // who was asked; empty for the second of two held as one, whose list is the first's
	Came     []string
	OnLeave  []string
}

// Cancelled reports whether it was called off.
func (m *Meeting) Cancelled() bool { return m.CancelledAt != nil }

// Article is a published item with who read it to its end, and who had studied it at the hospital.
type Article struct {
	model.Article
	Branch  int // which of Branches; -1 for the society
	Text    string
	Readers []string
	Claimed []string
}

// maker holds what is needed while a year is made.
type maker struct {
	y    *Year
	rand *rand.Rand
}

// Make works out a year. What begins after now is planned, and has nobody who came.
func Make(seed uint64, year, branches int, now time.Time) *Year {
	m := &maker{y: &Year{Seed: seed, Of: year, Now: now.UTC()}, rand: rand.New(rand.NewPCG(seed, uint64(year)))}
	before := m.day(-1, 3, 1)
	m.y.Society = model.Org{ID: m.id("society"), Kind: model.OrgSociety, Name: "康复医学会党委", Version: 1, CreatedAt: before, UpdatedAt: before}
	m.y.Society.Path = model.PathUnder("", m.y.Society.ID)
	m.y.Staff = Person{ID: m.id("staff"), Name: "党办", Status: model.PartyFull}
	for b := range branches {
		m.branch(b)
	}
	slices.SortStableFunc(m.y.Branches, func(a, b Branch) int { return a.Org.CreatedAt.Compare(b.Org.CreatedAt) })
	for b := range m.y.Branches {
		m.meetings(b)
		m.articles(b)
		m.suggestions(b)
	}
	m.articles(-1)
	slices.SortStableFunc(m.y.Meetings, func(a, b Meeting) int { return a.StartsAt.Compare(b.StartsAt) })
	return m.y
}

// id is an identifier that the same seed gives again.
func (m *maker) id(format string, args ...any) string {
	return fmt.Sprintf("y%d-", m.y.Seed%1000) + fmt.Sprintf(format, args...)
}

// day is 10:00 in China on a day of the year, or of one so many years off.
func (m *maker) day(offset, month, day int) time.Time {
	return time.Date(m.y.Of+offset, time.Month(month), day, 10, 0, 0, 0, model.Zone).UTC()
}

func (m *maker) chance(percent int) bool { return m.rand.IntN(100) < percent }

// branch founds one, mostly in years before, every fourth within the year.
func (m *maker) branch(b int) {
	founded := m.day(-1, 4, 1).Add(time.Duration(b) * time.Minute)
	if b%4 == 3 {
		founded = m.day(0, 1+m.rand.IntN(10), 1+m.rand.IntN(28)).Add(time.Duration(b) * time.Minute)
	}
	br := Branch{Org: m.org(m.y.Society.Path, &m.y.Society.ID, model.OrgBranch, m.id("branch-%02d", b), fmt.Sprintf("第%02d专业委员会党支部", b+1), founded, 1)}
	br.Founded = model.DateOf(founded)
	for i := range 7 + m.rand.IntN(6) {
		status := model.PartyFull
		if m.chance(20) {
			status = model.PartyProbationary
		}
		br.People = append(br.People, Person{ID: m.id("b%02d-p%02d", b, i), Name: fmt.Sprintf("成员%02d%02d", b, i), Status: status})
	}
	br.Secretary, br.Deputy = br.People[0], br.People[1]
	for g := range m.rand.IntN(3) {
		since := founded
		if m.chance(30) && founded.Before(m.day(0, 1, 1)) {
			since = m.day(0, 2+m.rand.IntN(10), 1+m.rand.IntN(28))
		}
		since = since.Add(time.Duration(g+1) * time.Second)
		gr := Group{Org: m.org(br.Org.Path, &br.Org.ID, model.OrgGroup, m.id("group-%02d-%d", b, g), fmt.Sprintf("第%d党小组", g+1), since, 2), Founded: model.DateOf(since)}
		for i, p := range br.People {
			if i%2 == g {
				gr.People = append(gr.People, p)
			}
		}
		br.Groups = append(br.Groups, gr)
	}
	m.y.Branches = append(m.y.Branches, br)
}

func (m *maker) org(parent string, parentID *string, kind model.OrgKind, id, name string, at time.Time, depth int) model.Org {
	return model.Org{ID: id, ParentID: parentID, Kind: kind, Name: name, Path: model.PathUnder(parent, id), Depth: depth, Version: 1, CreatedAt: at, UpdatedAt: at}
}

// meetings holds a branch's year. Some branches are diligent and some fall behind.
func (m *maker) meetings(b int) {
	br := &m.y.Branches[b]
	zeal := []int{97, 85, 60, 30}[m.rand.IntN(4)]
	for month := 1; month <= 12; month++ {
		m.maybe(zeal, b, -1, model.MeetingCommittee, month)
		if party := m.maybe(zeal, b, -1, model.MeetingPartyDay, month); party >= 0 && m.chance(15) {
			m.together(party, model.MeetingLecture)
		}
		if month%3 == 2 {
			for _, t := range []model.MeetingType{model.MeetingAssembly, model.MeetingLecture} {
				for m.maybe(zeal, b, -1, t, month-1+m.rand.IntN(3)) >= 0 && m.chance(15) {
					continue // two of a kind in one quarter
				}
			}
		}
		for g := range br.Groups {
			m.maybe(zeal, b, g, model.MeetingGroup, month)
		}
		m.maybe(10, b, -1, model.MeetingTraining, month)
	}
	m.maybe(zeal, b, -1, model.MeetingLife, 1+m.rand.IntN(12))
	m.maybe(zeal, b, -1, model.MeetingReview, 11+m.rand.IntN(2))
}

// maybe calls a meeting within a month, at the odds given, and returns where it stands in the list; -1 when there was none.
func (m *maker) maybe(percent, b, g int, t model.MeetingType, month int) int {
	if !m.chance(percent) {
		return -1
	}
	br := &m.y.Branches[b]
	org, people, founded := br.Org, br.People, br.Founded
	if g >= 0 {
		org, people, founded = br.Groups[g].Org, br.Groups[g].People, br.Groups[g].Founded
	}
	if t == model.MeetingCommittee {
		people = []Person{br.Secretary, br.Deputy}
	}
	begin := time.Date(m.y.Of, time.Month(month), 1+m.rand.IntN(28), 19, 30, 0, 0, model.Zone)
	if m.chance(10) {
		begin = time.Date(m.y.Of, time.Month(month), 1, 7, 30, 0, 0, model.Zone) // in UTC still the month before
	}
	if model.DateOf(begin) < founded {
		return -1
	}
	called := begin.AddDate(0, 0, -5).UTC()
	id := m.id("m%05d", len(m.y.Meetings))
	x := Meeting{Branch: b, Group: g, Meeting: model.Meeting{
		ID: id, OrgID: org.ID, OrgPath: org.Path, Type: t, Topic: fmt.Sprintf("%d月%s", month, t.Label()), StartsAt: begin.UTC(), EndsAt: begin.Add(time.Hour).UTC(),
		Mode: model.ModeOnline, Provider: model.ProviderManual, JoinURL: "https://meeting.example.cn/" + id, CreatedBy: br.Secretary.ID,
		Agenda: []model.AgendaItem{{Title: "学习", Minutes: 30}}, Version: 1, CreatedAt: called, UpdatedAt: called,
	}}
	for _, p := range people {
		x.Entitled = append(x.Entitled, p.ID)
	}
	m.attend(&x, called)
	m.y.Meetings = append(m.y.Meetings, x)
	return len(m.y.Meetings) - 1
}

// attend says who came: to a few nobody, and a few are cancelled.
func (m *maker) attend(x *Meeting, called time.Time) {
	if m.chance(6) {
		at := called.Add(24 * time.Hour)
		x.CancelledAt, x.CancelReason = &at, "多数成员有值班任务"
		return
	}
	if x.EndsAt.After(m.y.Now) || m.chance(4) {
		return
	}
	for i, id := range x.Entitled {
		switch {
		case i == 0 || m.chance(75):
			x.Came = append(x.Came, id)
		case m.chance(50):
			x.OnLeave = append(x.OnLeave, id)
		}
	}
}

// together holds a second kind with a meeting, as one: the list of the first is that of both.
func (m *maker) together(first int, t model.MeetingType) {
	lead := &m.y.Meetings[first]
	lead.JointID = lead.ID
	second := *lead
	second.ID, second.Type, second.Topic = m.id("m%05d", len(m.y.Meetings)), t, "套会："+t.Label()
	second.Entitled, second.Came, second.OnLeave = nil, nil, nil
	m.y.Meetings = append(m.y.Meetings, second)
}
