package demo

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"
)

const (
	rosterSize  = 300
	boundPeople = 240
)

// draw is splitmix64: a fixed sequence from a seed, the same on every machine and Go version for ever, which the
// standard library promises for none of its convenience functions.
type draw uint64

func seeded(name string) *draw {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	d := draw(h.Sum64())
	return &d
}

func (d *draw) n(below int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(below))
}

func (d *draw) of(list []string) string { return list[d.n(len(list))] }

// sample picks n of the list without repetition, in the order of the draw.
func sample[T any](d *draw, list []T, n int) []T {
	pool := append([]T(nil), list...)
	n = min(n, len(pool))
	for i := range n {
		j := i + d.n(len(pool)-i)
		pool[i], pool[j] = pool[j], pool[i]
	}
	return pool[:n]
}

type castEntry struct {
	Key, Name, Sex, Status, Employer, Title string
	In                                      []struct {
		Org   string
		Roles []string
	}
	Unbound bool
}

// people writes the roster: the named cast first, then a crowd drawn from the seed until there are 300.
func (b *builder) people() {
	var cast []castEntry
	load("people.yaml", &cast)
	d := seeded("roster")
	taken := map[string]bool{}
	for _, c := range cast {
		taken[c.Name] = true
		p := Person{Key: c.Key, Name: c.Name, PartyStatus: c.Status, Employer: c.Employer, Title: c.Title, Bound: !c.Unbound}
		for _, in := range c.In {
			p.Memberships = append(p.Memberships, b.membership(d, in.Org, in.Roles...))
		}
		b.People = append(b.People, p)
	}
	named := len(b.People)
	for len(b.People) < rosterSize {
		b.People = append(b.People, b.stranger(d, taken, len(b.People)+1))
	}
	bound := 0
	for _, p := range b.People[:named] {
		if p.Bound {
			bound++
		}
	}
	crowd := make([]int, rosterSize-named)
	for i := range crowd {
		crowd[i] = named + i
	}
	for _, i := range sample(d, crowd, boundPeople-bound) {
		b.People[i].Bound = true
	}
	b.byKey = map[string]*Person{}
	for i := range b.People {
		p := &b.People[i]
		p.Phone = fmt.Sprintf("1990000%04d", i+1)
		p.OpenID = openID(p.Key)
		if p.Bound {
			p.BoundAt = b.when(57-d.n(20), "12:40").Add(time.Duration(d.n(500)) * time.Minute)
		}
		b.byKey[p.Key] = p
	}
}

// membership joins a place between four months and eight years before now.
func (b *builder) membership(d *draw, org string, roles ...string) Membership {
	return Membership{Org: org, Roles: append([]string{"member"}, roles...), JoinedOn: b.day(-120 - d.n(2800))}
}

// stranger draws one of the crowd: in a group, one in thirteen also in a group of another branch.
func (b *builder) stranger(d *draw, taken map[string]bool, number int) Person {
	groups := []string{"cardio-exercise", "cardio-nursing", "cardio-assess", "neuro-stroke", "neuro-speech", "neuro-spinal", "child-dev", "child-family"}
	p := Person{Key: fmt.Sprintf("p%03d", number), Name: fullName(d, taken)}
	group := d.of(groups)
	p.Memberships = []Membership{b.membership(d, group)}
	if d.n(13) == 0 {
		other := d.of(groups)
		for b.parents[other] == b.parents[group] {
			other = d.of(groups)
		}
		p.Memberships = append(p.Memberships, b.membership(d, other))
	}
	switch roll := d.n(100); {
	case roll < 60:
		p.PartyStatus = "full"
	case roll < 66:
		p.PartyStatus = "probationary"
	case roll < 76:
		p.PartyStatus = "applicant"
	default:
		p.PartyStatus = "non_party"
	}
	p.Employer = d.of(towns()) + d.of(houses(strings.HasPrefix(group, "child")))
	p.Title = d.of(titles(group))
	return p
}

// openID has the look of a real one, 28 characters, and cannot be mistaken for it.
func openID(key string) string {
	return "oDEMO" + strings.Repeat("0", 23-len(key)) + strings.ReplaceAll(key, "-", "_")
}

func (b *builder) personas() []Persona {
	as := func(key, label, hint string) Persona {
		return Persona{Key: key, Label: label, Person: key, OpenID: openID(key), Hint: hint}
	}
	secretary := as("sec-cardio", "支部书记", "心肺康复专业委员会党支部书记，可发布支部动态、召集会议、办理意见建议")
	secretary.Key = "secretary"
	return []Persona{
		as("member", "会员", "心肺康复支部、神经康复支部两个支部的会员，可看要闻、评论、提建议、答复会议通知"),
		secretary,
		as("office", "党办", "学会党办主任，可发布中央声音和法律法规、审核评论、查看各支部情况"),
		as("newcomer", "新会员", "已在名册、尚未绑定，可用登记的手机号绑定"),
		{Key: "visitor", Label: "访客", OpenID: openID("visitor"), Hint: "不在名册，只能浏览公开内容"},
	}
}
