package demo

import (
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"zhibu/model"
)

// instants are moments that have broken calendars before: just after midnight, a Sunday, the end of a year, a leap day.
func instants() []time.Time {
	return []time.Time{
		time.Date(2026, 11, 23, 14, 48, 0, 0, time.UTC),
		time.Date(2026, 11, 24, 0, 3, 0, 0, model.Zone),
		time.Date(2026, 11, 29, 23, 58, 0, 0, model.Zone),
		time.Date(2026, 12, 31, 9, 0, 0, 0, model.Zone),
		time.Date(2028, 2, 29, 12, 0, 0, 0, model.Zone),
	}
}

func everyTime(t *testing.T, check func(t *testing.T, now time.Time, w *World)) {
	t.Helper()
	for _, now := range instants() {
		t.Run(now.In(model.Zone).Format("2006-01-02 15:04"), func(t *testing.T) { check(t, now, Society(now)) })
	}
}

func TestTheSameInstantGivesTheSameWorld(t *testing.T) {
	everyTime(t, func(t *testing.T, now time.Time, w *World) {
		if !reflect.DeepEqual(w, Society(now)) {
			t.Error("two calls differ")
		}
		if again := Society(now.Add(24 * time.Hour)); !reflect.DeepEqual(names(w), names(again)) {
			t.Error("the people change with the day")
		}
	})
}

func names(w *World) (out []string) {
	for _, p := range w.People {
		out = append(out, p.Name+p.Phone)
	}
	return out
}

func count[T any](list []T, is func(T) bool) (n int) {
	for _, x := range list {
		if is(x) {
			n++
		}
	}
	return n
}

func TestItHoldsWhatTheDemonstrationPromises(t *testing.T) {
	w := Society(instants()[0])
	if n := count(w.Orgs, func(o Org) bool { return o.Kind == "branch" }); n != 3 {
		t.Errorf("%d branches", n)
	}
	if len(w.People) != 300 || len(w.Articles) != 40 {
		t.Errorf("%d people, %d articles", len(w.People), len(w.Articles))
	}
	if n := count(w.People, func(p Person) bool { return p.Bound }); n != 240 {
		t.Errorf("%d bound", n)
	}
	for _, c := range []string{"theory", "central", "law", "example", "news"} {
		if n := count(w.Articles, func(a Article) bool { return a.Category == c && a.State == "published" }); n < 5 {
			t.Errorf("%d published articles in %s", n, c)
		}
	}
	for state, want := range map[string]int{"published": 37, "draft": 1, "scheduled": 1, "withdrawn": 1} {
		if n := count(w.Articles, func(a Article) bool { return a.State == state }); n != want {
			t.Errorf("%d articles %s", n, state)
		}
	}
	for _, v := range []string{"public", "members", "party", "committee"} {
		if !slices.ContainsFunc(w.Articles, func(a Article) bool { return a.Visibility == v }) {
			t.Errorf("nothing for %s", v)
		}
	}
	for _, s := range []string{"submitted", "accepted", "replied", "closed", "declined", "escalated", "reopened"} {
		for _, anonymous := range []bool{false, true} {
			if anonymous && s != "submitted" && s != "closed" {
				continue
			}
			if !slices.ContainsFunc(w.Suggestions, func(x Suggestion) bool { return x.State == s && x.Anonymous == anonymous }) {
				t.Errorf("no suggestion %s, anonymous %v", s, anonymous)
			}
		}
	}
	for _, s := range []string{"visible", "pending", "hidden"} {
		if !slices.ContainsFunc(w.Comments, func(c Comment) bool { return c.State == s }) {
			t.Errorf("no comment %s", s)
		}
	}
	for _, s := range []string{"full", "probationary", "applicant", "non_party"} {
		if n := count(w.People, func(p Person) bool { return p.PartyStatus == s }); n < 10 {
			t.Errorf("%d people %s", n, s)
		}
	}
}

func TestRolesAreWhereTheyBelong(t *testing.T) {
	w := Society(instants()[0])
	kinds := map[string]string{}
	for i, o := range w.Orgs {
		if o.Parent != "" && kinds[o.Parent] == "" {
			t.Errorf("%s stands before its parent", o.Key)
		}
		kinds[o.Key] = w.Orgs[i].Kind
	}
	holders := map[string]int{}
	several := 0
	for _, p := range w.People {
		if len(p.Memberships) > 1 {
			several++
		}
		for _, m := range p.Memberships {
			role := m.Roles[len(m.Roles)-1]
			holders[m.Org+" "+role]++
			place := map[string]string{"secretary": "branch", "committee_member": "branch", "group_leader": "group", "member": "group", "staff": "society", "admin": "association"}
			if m.Roles[0] != "member" || place[role] != kinds[m.Org] {
				t.Errorf("%s is %v in %s", p.Key, m.Roles, m.Org)
			}
			if role != "member" && p.PartyStatus != "full" {
				t.Errorf("%s is %s and no full member", p.Key, role)
			}
			if !model.Date(m.JoinedOn).Valid() {
				t.Errorf("%s joined on %q", p.Key, m.JoinedOn)
			}
		}
	}
	for _, o := range w.Orgs {
		want := map[string]map[string]int{
			"branch": {"secretary": 1, "committee_member": 2}, "group": {"group_leader": 1}, "society": {"staff": 2}, "association": {"admin": 1},
		}[o.Kind]
		for role, n := range want {
			if holders[o.Key+" "+role] != n {
				t.Errorf("%s has %d %s", o.Key, holders[o.Key+" "+role], role)
			}
		}
		if o.Kind == "group" && holders[o.Key+" member"] < 20 {
			t.Errorf("%s has only %d members", o.Key, holders[o.Key+" member"])
		}
	}
	if several < 15 {
		t.Errorf("only %d people in two branches", several)
	}
}

func TestNobodyIsTwiceAndNobodyIsMeant(t *testing.T) {
	w := Society(instants()[0])
	phone, hanName := regexp.MustCompile(`^1[3-9]\d{9}$`), regexp.MustCompile(`^\p{Han}{2,4}$`)
	seen := map[string]bool{}
	once := func(what string) {
		if seen[what] {
			t.Errorf("%s twice", what)
		}
		seen[what] = true
	}
	short, compound := 0, 0
	for _, p := range w.People {
		once(p.Key)
		once(p.Name)
		once(p.Phone)
		once(p.OpenID)
		if !phone.MatchString(p.Phone) || !strings.HasPrefix(p.Phone, "1990000") || !hanName.MatchString(p.Name) || len(p.OpenID) != 28 {
			t.Errorf("odd line of the roster: %+v", p)
		}
		if p.Employer == "" || p.Title == "" || p.Bound == p.BoundAt.IsZero() {
			t.Errorf("incomplete: %+v", p)
		}
		switch len([]rune(p.Name)) {
		case 2:
			short++
		case 4:
			compound++
		}
	}
	if short < 10 || compound < 5 {
		t.Errorf("%d names of two characters, %d of four", short, compound)
	}
	for _, a := range append(texts(w), names(w)...) {
		for _, f := range append(famous(), "李必跃") {
			// Two characters may meet by chance inside a sentence, so only a whole name counts there.
			if strings.Contains(a, f) && (len([]rune(f)) > 2 || strings.TrimRight(a, "0123456789") == f) {
				t.Errorf("%s in %q", f, a)
			}
		}
	}
}

func TestTheDrawNamesNobodyFamous(t *testing.T) {
	d, met := seeded("many"), 0
	for range 20000 {
		name := d.of(surnames()) + d.of(givenNames())
		if slices.Contains(famous(), name) {
			met++
		}
		if made := fullName(d, map[string]bool{}); slices.Contains(famous(), made) {
			t.Fatalf("%s was drawn", made)
		}
	}
	if met == 0 {
		t.Error("the pools cannot even make a famous name, so nothing was tested")
	}
}

func TestPersonasCanSignIn(t *testing.T) {
	w := Society(instants()[0])
	byKey := map[string]Person{}
	for _, p := range w.People {
		byKey[p.Key] = p
	}
	want := map[string][2]any{"member": {"member", true}, "secretary": {"secretary", true}, "office": {"staff", true}, "newcomer": {"member", false}}
	for _, persona := range w.Personas {
		if persona.Key == "visitor" {
			if persona.Person != "" || persona.OpenID == "" {
				t.Errorf("the visitor is on the roster: %+v", persona)
			}
			continue
		}
		p := byKey[persona.Person]
		if p.OpenID != persona.OpenID || len(p.Memberships) == 0 {
			t.Fatalf("%+v is nobody", persona)
		}
		roles := p.Memberships[0].Roles
		if got := [2]any{roles[len(roles)-1], p.Bound}; got != want[persona.Key] {
			t.Errorf("%s is %v", persona.Key, got)
		}
	}
	if len(w.Personas) != 5 || len(byKey["member"].Memberships) != 2 {
		t.Errorf("%d personas, the member in %d places", len(w.Personas), len(byKey["member"].Memberships))
	}
}

func TestArticlesAreReady(t *testing.T) {
	everyTime(t, func(t *testing.T, now time.Time, w *World) {
		b := Society(now)
		long, pinned, required, newest := 0, 0, 0, time.Time{}
		for _, a := range b.Articles {
			if a.Title == "" || a.Digest == "" || len(a.KeyPoints) < 1 || len(a.KeyPoints) > 5 || !strings.Contains(a.BodyMarkdown, "## ") {
				t.Errorf("%s is incomplete", a.Key)
			}
			n := 0
			for _, r := range a.BodyMarkdown {
				if unicode.Is(unicode.Han, r) {
					n++
				}
			}
			if n < 300 || n > 1200 {
				t.Errorf("%s has %d characters", a.Key, n)
			}
			if model.ReadingMinutes(model.CountChars(a.BodyMarkdown), 0) > 3 {
				long++
			}
			if (a.Category == "central" || a.Category == "law") && a.Source == nil {
				t.Errorf("%s names no source", a.Key)
			}
			if s := a.Source; s != nil {
				u, err := url.Parse(s.URL)
				if err != nil || !strings.HasPrefix(u.Scheme, "http") || u.Host == "" || s.Name == "" || !model.Date(s.Date).Valid() || s.Date >= "2026-11-23" {
					t.Errorf("%s has the source %+v", a.Key, *s)
				}
			}
			if a.Required != !a.DueAt.IsZero() || a.Required && !a.DueAt.After(now) {
				t.Errorf("%s: required %v, due %v", a.Key, a.Required, a.DueAt)
			}
			if a.Pinned {
				pinned++
			}
			if a.Required {
				required++
			}
			switch a.State {
			case "published":
				if !a.PublishAt.Before(now) || now.Sub(a.PublishAt) > 60*24*time.Hour {
					t.Errorf("%s was published at %v", a.Key, a.PublishAt)
				}
				if a.PublishAt.After(newest) {
					newest = a.PublishAt
				}
				if len(a.Reads) < 10 || len(a.Likes) == 0 {
					t.Errorf("%s: %d reads, %d likes", a.Key, len(a.Reads), len(a.Likes))
				}
			case "draft":
				if !a.PublishAt.IsZero() {
					t.Errorf("%s has a date", a.Key)
				}
			case "scheduled":
				if !a.PublishAt.After(now) {
					t.Errorf("%s waits for %v", a.Key, a.PublishAt)
				}
			case "withdrawn":
				if !a.WithdrawnAt.After(a.PublishAt) || !a.WithdrawnAt.Before(now) {
					t.Errorf("%s was withdrawn at %v", a.Key, a.WithdrawnAt)
				}
			}
			if a.State != "published" && len(a.Reads)+len(a.Likes)+len(a.Claims) > 0 {
				t.Errorf("%s is %s and read", a.Key, a.State)
			}
			if !a.CreatedAt.Before(now) {
				t.Errorf("%s was written at %v", a.Key, a.CreatedAt)
			}
			checkReaders(t, now, b, a)
		}
		if long > 0 || pinned < 2 || pinned > 3 || required < 3 {
			t.Errorf("%d over three minutes, %d pinned, %d required", long, pinned, required)
		}
		if yesterday := model.DateOf(now).Add(-1); model.DateOf(newest) != yesterday || newest.In(model.Zone).Hour() < 18 {
			t.Errorf("the newest is of %v", newest)
		}
	})
}

func checkReaders(t *testing.T, now time.Time, w *World, a Article) {
	t.Helper()
	b := index(w)
	seen := map[string]bool{}
	for _, r := range a.Reads {
		if seen[r.Person] || !b.sees(b.person(r.Person), &a) || !r.At.After(a.PublishAt) || !r.At.Before(now) || r.Percent < 1 || r.Percent > 100 {
			t.Errorf("%s: %+v", a.Key, r)
		}
		seen[r.Person] = true
	}
	for _, k := range a.Likes {
		if !seen[k] {
			t.Errorf("%s liked %s unread", k, a.Key)
		}
	}
	for _, c := range a.Claims {
		if seen[c.Person] || !model.Date(c.StudiedOn).Valid() || c.StudiedOn >= string(model.DateOf(now)) {
			t.Errorf("%s: %+v", a.Key, c)
		}
	}
}

// index looks people and places up in a finished world.
func index(w *World) *builder {
	b := &builder{World: w, parents: map[string]string{}, byKey: map[string]*Person{}}
	for _, o := range w.Orgs {
		b.parents[o.Key] = o.Parent
	}
	for i := range w.People {
		b.byKey[w.People[i].Key] = &w.People[i]
	}
	return b
}

func TestTemplatesFitTheSetting(t *testing.T) {
	var setting map[string]struct {
		ID, Kind string
		Fields   map[string]string
	}
	if err := json.Unmarshal([]byte(WeChatTemplates()), &setting); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"meeting": {"note", "place", "time", "topic"}, "study": {"due", "note", "title"},
		"announcement": {"from", "note", "time", "title"}, "suggestion": {"note", "state", "time", "title"},
	}
	keys := regexp.MustCompile(`\{\{(\w+)\.DATA\}\}`)
	ids := map[string]bool{}
	for _, tpl := range Society(instants()[0]).Templates {
		s := setting[tpl.Name]
		if s.ID != tpl.ID || len(tpl.ID) != 43 || ids[tpl.ID] || s.Kind != "one_time" || tpl.Type != 2 {
			t.Errorf("%s: %+v", tpl.Name, s)
		}
		ids[tpl.ID] = true
		var ours, theirs, content []string
		for o, k := range s.Fields {
			ours, theirs = append(ours, o), append(theirs, k)
		}
		for _, m := range keys.FindAllStringSubmatch(tpl.Content, -1) {
			content = append(content, m[1])
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		slices.Sort(content)
		if !slices.Equal(ours, want[tpl.Name]) || !slices.Equal(theirs, content) {
			t.Errorf("%s: %v, %v against %v", tpl.Name, ours, theirs, content)
		}
	}
	if len(ids) != 4 || len(setting) != 4 {
		t.Errorf("%d templates, %d in the setting", len(ids), len(setting))
	}
}
