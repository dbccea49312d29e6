package yeartest

import (
	"fmt"
	"time"

	"zhibu/model"
)

// articles publishes news of a branch, or for -1 the society's own, each read by some.
func (m *maker) articles(b int) {
	org, author, people, since := m.y.Society, m.y.Staff, m.everybody(), m.day(-1, 4, 1)
	if b >= 0 {
		br := m.y.Branches[b]
		org, author, people, since = br.Org, br.Secretary, br.People, br.Org.CreatedAt
	}
	for i := range 2 + m.rand.IntN(5) {
		at := time.Date(m.y.Of, time.Month(1+m.rand.IntN(12)), 1+m.rand.IntN(28), 19, 0, 0, 0, model.Zone).UTC()
		if at.After(m.y.Now) || at.Before(since) {
			continue
		}
		category, source := model.CategoryNews, ""
		if b < 0 {
			category, source = model.CategoryCentral, "新华社"
		}
		a := Article{Branch: b, Text: "基层康复服务进社区。", Article: model.Article{
			ID: m.id("a%02d-%02d", b+1, i), OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Category: category, Title: fmt.Sprintf("动态%02d-%02d", b+1, i),
			SourceName: source, Visibility: model.VisibleMembers, State: model.ArticlePublished, ReadingMinutes: 1 + m.rand.IntN(3), AuthorID: author.ID,
			PublishAt: &at, PublishedAt: &at, Version: 1, CreatedAt: at, UpdatedAt: at,
		}}
		for _, p := range people {
			switch {
			case m.chance(40):
				a.Readers = append(a.Readers, p.ID)
			case m.chance(10):
				a.Claimed = append(a.Claimed, p.ID)
			}
		}
		m.y.Articles = append(m.y.Articles, a)
		m.y.Pushes = append(m.y.Pushes, m.push(&a.Article, at))
	}
}

func (m *maker) everybody() []Person {
	var all []Person
	for _, b := range m.y.Branches {
		all = append(all, b.People...)
	}
	return all
}

func (m *maker) push(a *model.Article, at time.Time) model.Push {
	return model.Push{
		ID: m.id("u%05d", len(m.y.Pushes)), OrgID: a.OrgID, OrgPath: a.OrgPath, Kind: model.PushStudy, Title: a.Title, Body: "请在方便时阅读。", Audience: model.Audience{OrgID: a.OrgID},
		Hours: model.HoursOrdinary, Counted: true, Subject: "article:" + a.ID, SendAt: at, State: model.PushDone, CreatedBy: a.AuthorID, CreatedAt: at, UpdatedAt: at,
		Recipients: len(m.y.Branches), ExpandedAt: &at,
	}
}

// suggestions are made to a branch; some are answered, and some have waited too long.
func (m *maker) suggestions(b int) {
	br := m.y.Branches[b]
	for i := range m.rand.IntN(4) {
		at := time.Date(m.y.Of, time.Month(1+m.rand.IntN(12)), 1+m.rand.IntN(28), 20, 0, 0, 0, model.Zone).UTC()
		if at.After(m.y.Now) || at.Before(br.Org.CreatedAt) {
			continue
		}
		who := br.People[m.rand.IntN(len(br.People))]
		x := model.Suggestion{
			ID: m.id("s%02d-%d", b, i), ToOrgID: br.Org.ID, ToOrgPath: br.Org.Path, OrgID: br.Org.ID, OrgPath: br.Org.Path, Title: fmt.Sprintf("建议%02d-%d", b, i), Content: "请提供大字版材料。",
			AuthorID: who.ID, AuthorOrgID: br.Org.ID, State: model.SuggestionSubmitted, StateAt: at, ClockAt: at, AcceptDays: 5, ReplyDays: 15,
			AcceptBy: at.AddDate(0, 0, 7), ReplyBy: at.AddDate(0, 0, 21), Version: 1, CreatedAt: at, UpdatedAt: at,
		}
		switch m.rand.IntN(3) {
		case 0: // answered within the same week
			done := at.AddDate(0, 0, 4)
			if done.Before(m.y.Now) {
				x.State, x.StateAt, x.Reply, x.RepliedAt = model.SuggestionReplied, done, "已安排。", &done
			}
		case 1:
			x.State = model.SuggestionAccepted
		}
		m.y.Suggestions = append(m.y.Suggestions, x)
	}
}
