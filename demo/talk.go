package demo

import (
	"fmt"
	"sort"
	"time"
)

type commentEntry struct {
	By, Text, State, Reason string
	After, Reply, Likes     int
}

// comments reads what was said under the articles. One is likely to be liked by those who may read the article.
func (b *builder) comments() {
	var under map[string][]commentEntry
	load("comments.yaml", &under)
	written := 0
	for i := range b.Articles {
		a := &b.Articles[i]
		written += len(under[a.Key])
		for n, e := range under[a.Key] {
			c := Comment{
				Key: fmt.Sprintf("%s#%d", a.Key, n+1), Article: a.Key, Author: b.person(e.By).Key, Content: e.Text,
				State: e.State, Reason: e.Reason, CreatedAt: a.PublishAt.Add(time.Duration(e.After)*time.Hour + 7*time.Minute),
			}
			if c.State == "" {
				c.State = "visible"
			}
			if e.Reply > 0 {
				c.ReplyTo = fmt.Sprintf("%s#%d", a.Key, e.Reply)
			}
			// A young article's talk is squeezed in between its publication and now.
			if latest := b.now.Add(-time.Duration(len(under[a.Key])-n) * time.Minute); c.CreatedAt.After(latest) {
				c.CreatedAt = latest
			}
			c.Likes = b.admirers(c.Key, a, e)
			b.Comments = append(b.Comments, c)
		}
	}
	all := 0
	for _, list := range under {
		all += len(list)
	}
	if written != all {
		panic("demo: comments.yaml speaks of an article that is not there")
	}
}

func (b *builder) admirers(key string, a *Article, e commentEntry) []string {
	var may []string
	for i := range b.People {
		if p := &b.People[i]; p.Key != e.By && b.sees(p, a) {
			may = append(may, p.Key)
		}
	}
	likes := sample(seeded(key), may, e.Likes)
	sort.Strings(likes)
	return likes
}

type suggestionEntry struct {
	Key, To, By, Title, Content, State, Assignee string
	EscalatedTo                                  string `yaml:"escalated_to"`
	Anonymous                                    bool
	Steps                                        []struct {
		Action, By, At, Text, Assignee, To string
		Days                               int
	}
	Rating *struct {
		Stars, Days int
		Text, At    string
	}
}

func (b *builder) suggestions() {
	var entries []suggestionEntry
	load("suggestions.yaml", &entries)
	for _, e := range entries {
		s := Suggestion{
			Key: e.Key, To: e.To, Holder: e.To, Author: b.person(e.By).Key, Title: e.Title, Content: e.Content,
			State: e.State, Assignee: e.Assignee, Anonymous: e.Anonymous,
		}
		if e.EscalatedTo != "" {
			s.Holder = e.EscalatedTo
		}
		for _, st := range e.Steps {
			s.Steps = append(s.Steps, Step{
				Action: st.Action, By: b.person(st.By).Key, Text: st.Text, Assignee: st.Assignee, To: st.To, At: b.when(st.Days, st.At),
			})
		}
		if r := e.Rating; r != nil {
			s.Rating = &Rating{Stars: r.Stars, Text: r.Text, At: b.when(r.Days, r.At)}
		}
		b.Suggestions = append(b.Suggestions, s)
	}
}
