package demo

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// front is the head of a material's file. days_ago counts back to the day of publication; a negative one lies ahead.
type front struct {
	Category   string   `yaml:"category"`
	Title      string   `yaml:"title"`
	Digest     string   `yaml:"digest"`
	KeyPoints  []string `yaml:"key_points"`
	Visibility string   `yaml:"visibility"`
	Org        string   `yaml:"org"`
	Author     string   `yaml:"author"`
	State      string   `yaml:"state"`
	DaysAgo    int      `yaml:"days_ago"`
	At         string   `yaml:"at"`
	Required   bool     `yaml:"required"`
	DueIn      int      `yaml:"due_in"`
	Pinned     bool     `yaml:"pinned"`
	Source     *Source  `yaml:"source"`
	Reads      int      `yaml:"reads"`
	Likes      int      `yaml:"likes"`
	Claims     int      `yaml:"claims"`
}

// articles reads every material, in the order of publication, and lets the right number of people read it.
func (b *builder) articles() {
	entries, err := files.ReadDir("materials")
	if err != nil {
		panic(fmt.Sprintf("demo: materials: %v", err))
	}
	for _, e := range entries {
		head, body := material(e.Name())
		a := b.article(strings.TrimSuffix(e.Name(), ".md"), head, body)
		b.readers(&a, head)
		b.Articles = append(b.Articles, a)
	}
	sort.SliceStable(b.Articles, func(i, j int) bool { return b.Articles[i].CreatedAt.Before(b.Articles[j].CreatedAt) })
}

// material splits one file into its head and its Markdown.
func material(name string) (front, string) {
	raw, err := files.ReadFile(path.Join("materials", name))
	parts := strings.SplitN(string(raw), "---\n", 3)
	var head front
	if err == nil && len(parts) == 3 {
		err = yaml.UnmarshalWithOptions([]byte(parts[1]), &head, yaml.Strict())
	}
	if err != nil || len(parts) != 3 {
		panic(fmt.Sprintf("demo: %s: no front matter, or %v", name, err))
	}
	return head, strings.TrimSpace(parts[2]) + "\n"
}

// article turns a head into the article. What is published was written two hours before; what waits, the evening before now.
func (b *builder) article(key string, f front, body string) Article {
	published := b.when(f.DaysAgo, f.At)
	a := Article{
		Key: key, Category: f.Category, Title: f.Title, Digest: f.Digest, KeyPoints: f.KeyPoints, BodyMarkdown: body,
		Visibility: f.Visibility, Org: f.Org, Author: f.Author, State: f.State, Required: f.Required, Pinned: f.Pinned,
		Source: f.Source, CreatedAt: published.Add(-2 * time.Hour), PublishAt: published,
	}
	switch f.State {
	case "":
		a.State = "published"
	case "draft":
		a.CreatedAt, a.PublishAt = published, time.Time{}
	case "scheduled":
		a.CreatedAt = b.when(1, "18:40")
	case "withdrawn":
		a.WithdrawnAt = published.Add(100 * time.Minute)
	}
	if f.DueIn > 0 {
		a.DueAt = b.when(-f.DueIn, "21:00")
	}
	return a
}

// readers draws who read the article, who of them liked it, and who had studied it at the employer's branch instead.
func (b *builder) readers(a *Article, f front) {
	var audience []*Person
	for i := range b.People {
		if p := &b.People[i]; b.sees(p, a) && p.Key != a.Author {
			audience = append(audience, p)
		}
	}
	d := seeded(a.Key)
	drawn := sample(d, audience, f.Reads+f.Claims)
	window := int(b.now.Sub(a.PublishAt) / time.Minute)
	for i, p := range drawn {
		if i >= f.Reads {
			a.Claims = append(a.Claims, Claim{Person: p.Key, StudiedOn: b.day(-f.DaysAgo - 1 - d.n(5)), Where: p.Employer + "党支部"})
			continue
		}
		r := Read{Person: p.Key, Percent: 100, At: a.PublishAt.Add(time.Duration(1+d.n(min(window-1, 6000))) * time.Minute)}
		if d.n(4) == 0 {
			r.Percent = 20 + 10*d.n(7)
		}
		a.Reads = append(a.Reads, r)
		if len(a.Likes) < f.Likes && r.Percent == 100 {
			a.Likes = append(a.Likes, p.Key)
		}
	}
	sort.SliceStable(a.Reads, func(i, j int) bool { return a.Reads[i].At.Before(a.Reads[j].At) })
}
