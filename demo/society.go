package demo

import (
	"embed"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"zhibu/model"
)

//go:embed materials/*.md people.yaml comments.yaml suggestions.yaml meetings.yaml
var files embed.FS

// Society is the demonstration society as it stands at now. It panics when an embedded text is malformed, which only a
// build with broken texts can do and the tests exclude.
func Society(now time.Time) *World {
	b := &builder{now: now.In(model.Zone), World: &World{Orgs: orgs(), Templates: templates(), OfficialTemplates: officialTemplates(), Reminders: reminders()}}
	b.parents = map[string]string{}
	for _, o := range b.Orgs {
		b.parents[o.Key] = o.Parent
	}
	b.people()
	b.Personas = b.personas()
	b.articles()
	b.comments()
	b.suggestions()
	b.meetings()
	return b.World
}

// builder carries what the parts need to know of each other while the world is made.
type builder struct {
	*World
	now     time.Time
	parents map[string]string
	byKey   map[string]*Person
}

func orgs() []Org {
	return []Org{
		{"root", "", "association", "全国康复医学会（演示）"},
		{"society", "root", "society", "学会党委"},
		{"cardio", "society", "branch", "心肺康复专业委员会党支部"},
		{"cardio-exercise", "cardio", "group", "运动治疗学组党小组"},
		{"cardio-nursing", "cardio", "group", "康复护理学组党小组"},
		{"cardio-assess", "cardio", "group", "心肺评定学组党小组"},
		{"neuro", "society", "branch", "神经康复专业委员会党支部"},
		{"neuro-stroke", "neuro", "group", "卒中康复学组党小组"},
		{"neuro-speech", "neuro", "group", "言语吞咽学组党小组"},
		{"neuro-spinal", "neuro", "group", "脊髓损伤学组党小组"},
		{"child", "society", "branch", "儿童康复专业委员会党支部"},
		{"child-dev", "child", "group", "发育评估学组党小组"},
		{"child-family", "child", "group", "家庭康复学组党小组"},
	}
}

func reminders() []Reminder {
	return []Reminder{{
		Org: "cardio", Name: "周二晚间短学习提醒", Rule: "FREQ=WEEKLY;BYDAY=TU", At: "20:00",
		OnlyAfterHours: true, Audience: "cardio", Template: "study",
	}}
}

// load reads one of the YAML files; a key the struct does not know is an error, so that a slip in the texts is seen.
func load(name string, into any) {
	raw, err := files.ReadFile(name)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, into, yaml.Strict())
	}
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %v", name, err))
	}
}

// when is the hour of a day counted back from now; a negative count lies ahead.
func (b *builder) when(daysAgo int, hour string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", b.day(-daysAgo)+" "+hour, model.Zone)
	if err != nil {
		panic(fmt.Sprintf("demo: hour %q: %v", hour, err))
	}
	return t
}

// day is a day counted ahead from now; a negative count lies back.
func (b *builder) day(ahead int) string { return string(model.DateOf(b.now).Add(ahead)) }

// workday is the hour of the n-th weekday ahead of now, or back when n is negative.
func (b *builder) workday(n int, hour string) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	days := 0
	for n > 0 {
		days += step
		if wd := b.now.AddDate(0, 0, days).Weekday(); wd != time.Saturday && wd != time.Sunday {
			n--
		}
	}
	return b.when(-days, hour)
}

// person finds somebody by key; a wrong key in the texts is a broken build.
func (b *builder) person(key string) *Person {
	p := b.byKey[key]
	if p == nil {
		panic(fmt.Sprintf("demo: nobody has the key %q", key))
	}
	return p
}

// under reports whether org is top or lies below it.
func (b *builder) under(org, top string) bool {
	for ; org != ""; org = b.parents[org] {
		if org == top {
			return true
		}
	}
	return false
}

// belongs reports whether one of the person's places is org or lies below it.
func (b *builder) belongs(p *Person, org string) bool {
	for _, m := range p.Memberships {
		if b.under(m.Org, org) {
			return true
		}
	}
	return false
}

func (p *Person) party() bool { return p.PartyStatus == "full" || p.PartyStatus == "probationary" }

// leads reports a seat on a committee or above, which is what the visibility "committee" asks for.
func (p *Person) leads() bool {
	for _, m := range p.Memberships {
		if strings.Contains(" committee_member secretary staff admin ", " "+m.Roles[len(m.Roles)-1]+" ") {
			return true
		}
	}
	return false
}

// sees is who may read an article: bound, under its organisation, and of the status or seat it asks for.
func (b *builder) sees(p *Person, a *Article) bool {
	if !p.Bound || !b.belongs(p, a.Org) {
		return false
	}
	switch a.Visibility {
	case "party":
		return p.party()
	case "committee":
		return p.leads()
	}
	return true
}
