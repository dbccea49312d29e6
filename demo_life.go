package main

import (
	"context"
	"fmt"
	"time"

	"zhibu/demo"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/content"
	"zhibu/service/meeting"
	"zhibu/service/reminder"
	"zhibu/service/suggestion"
)

// set is an optional instant as the rooms take it.
func set(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (st *stage) writeArticles(ctx context.Context) error {
	for _, a := range st.Articles {
		category, visibility := model.Category(a.Category), model.Visibility(a.Visibility)
		in := content.Input{Category: &category, Title: &a.Title, Digest: &a.Digest, KeyPoints: &a.KeyPoints, BodyMarkdown: &a.BodyMarkdown, Visibility: &visibility, Required: &a.Required, Pinned: &a.Pinned}
		if a.Source != nil {
			in.Source = &content.Source{Name: a.Source.Name, URL: a.Source.URL, Date: model.Date(a.Source.Date)}
		}
		p := content.Placed{OrgID: st.org[a.Org].ID, AuthorID: st.actor[a.Author].MemberID, State: model.ArticleState(a.State), CreatedAt: a.CreatedAt,
			PublishAt: set(a.PublishAt), WithdrawnAt: set(a.WithdrawnAt), Due: set(a.DueAt), Input: in}
		if a.State == string(model.ArticlePublished) || a.State == string(model.ArticleWithdrawn) {
			p.PublishedAt = set(a.PublishAt)
		}
		st.at = a.CreatedAt
		id, err := st.content.Place(ctx, st.tx, p)
		if err != nil {
			return fmt.Errorf("article %s: %w", a.Key, err)
		}
		st.article[a.Key] = id
	}
	return nil
}

// reading replays who read, liked and claimed what is published now.
func (st *stage) reading(ctx context.Context) error {
	for _, a := range st.Articles {
		if a.State != string(model.ArticlePublished) {
			continue
		}
		id := st.article[a.Key]
		for _, r := range a.Reads {
			st.at = r.At
			if _, err := st.content.Read(ctx, st.actor[r.Person], id, r.Percent); err != nil {
				return fmt.Errorf("%s reads %s: %w", r.Person, a.Key, err)
			}
		}
		// A serving room gathers views and writes them later; the stage's is gone by then.
		if err := st.tx.BumpArticle(ctx, id, len(a.Reads), 0, 0); err != nil {
			return fmt.Errorf("views of %s: %w", a.Key, err)
		}
		st.at = st.now
		for _, who := range a.Likes {
			if _, err := st.content.Like(ctx, st.actor[who], id); err != nil {
				return fmt.Errorf("%s likes %s: %w", who, a.Key, err)
			}
		}
		for _, c := range a.Claims {
			if _, err := st.content.Claim(ctx, st.actor[c.Person], id, model.Date(c.StudiedOn), c.Where); err != nil {
				return fmt.Errorf("%s claims %s: %w", c.Person, a.Key, err)
			}
		}
	}
	return nil
}

// comments are written as they stand: WeChat's verdict on them was given long ago.
func (st *stage) comments(ctx context.Context) error {
	ids := map[string]string{}
	for _, c := range st.Comments {
		author := st.actor[c.Author]
		row := &model.Comment{ID: store.NewID(), ArticleID: st.article[c.Article], AuthorID: author.MemberID, AuthorOrgID: author.Places[0].OrgID, ReplyTo: ids[c.ReplyTo],
			Content: c.Content, State: model.CommentState(c.State), Reason: c.Reason, CreatedAt: c.CreatedAt.UTC().Truncate(time.Millisecond)}
		if row.State == model.CommentPending {
			row.Held = model.HeldReview
		}
		if err := st.tx.AddComment(ctx, row); err != nil {
			return fmt.Errorf("comment %s: %w", c.Key, err)
		}
		ids[c.Key] = row.ID
		for _, who := range c.Likes {
			if err := st.tx.LikeComment(ctx, row.ID, st.actor[who].MemberID, st.now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *stage) suggestions(ctx context.Context) error {
	for _, s := range st.Suggestions {
		id := ""
		for _, step := range s.Steps {
			st.at = step.At
			if step.Action == "submit" {
				d, err := st.suggestion.Submit(ctx, st.actor[s.Author], suggestion.Draft{ToOrgID: st.org[s.To].ID, Title: s.Title, Content: s.Content, Anonymous: s.Anonymous})
				if err != nil {
					return fmt.Errorf("suggestion %s: %w", s.Key, err)
				}
				id = d.ID
				continue
			}
			r := suggestion.Request{Action: model.SuggestionAction(step.Action), Text: step.Text}
			if step.Assignee != "" {
				r.AssigneeID = st.actor[step.Assignee].MemberID
			}
			if step.To != "" {
				r.ToOrgID = st.org[step.To].ID
			}
			if _, err := st.suggestion.Step(ctx, st.actor[step.By], id, r); err != nil {
				return fmt.Errorf("suggestion %s, %s by %s: %w", s.Key, step.Action, step.By, err)
			}
		}
		if s.Rating != nil {
			st.at = s.Rating.At
			if _, err := st.suggestion.Rate(ctx, st.actor[s.Author], id, s.Rating.Stars, s.Rating.Text); err != nil {
				return fmt.Errorf("suggestion %s, rating: %w", s.Key, err)
			}
		}
	}
	return nil
}

func (st *stage) meetings(ctx context.Context) error {
	for _, m := range st.Meetings {
		if err := st.oneMeeting(ctx, m); err != nil {
			return fmt.Errorf("meeting %s: %w", m.Key, err)
		}
	}
	return nil
}

func (st *stage) oneMeeting(ctx context.Context, m demo.Meeting) error {
	st.at = m.CalledAt
	d := meeting.Draft{OrgID: st.org[m.Org].ID, Type: model.MeetingType(m.Type), Topic: m.Topic, StartsAt: m.StartsAt, EndsAt: m.EndsAt, Mode: model.MeetingMode(m.Mode),
		Place: m.Place, Reminders: m.Reminders, Invitees: &meeting.Invitees{}}
	if m.JoinURL != "" || m.Code != "" {
		d.Online = &meeting.Online{Provider: model.ProviderManual, JoinURL: m.JoinURL, Code: m.Code}
	}
	for _, a := range m.Agenda {
		d.Agenda = append(d.Agenda, model.AgendaItem{Title: a.Title, Minutes: a.Minutes})
	}
	for _, who := range m.Invited {
		d.Invitees.MemberIDs = append(d.Invitees.MemberIDs, st.actor[who].MemberID)
	}
	view, err := st.meeting.Call(ctx, st.actor[m.By], d)
	if err != nil {
		return err
	}
	for _, r := range m.RSVPs {
		st.at = r.At
		if _, err := st.meeting.Answer(ctx, st.actor[r.Person], view.ID, model.RSVP(r.Status), r.Reason); err != nil {
			return fmt.Errorf("%s answers: %w", r.Person, err)
		}
	}
	st.at = m.EndsAt
	for _, a := range m.Attendance {
		reason := a.Reason
		if reason == "" {
			reason = "会后登记"
		}
		if _, err := st.meeting.Note(ctx, st.actor[m.By], view.ID, st.actor[a.Person].MemberID, model.Attendance(a.Status), reason); err != nil {
			return fmt.Errorf("%s attends: %w", a.Person, err)
		}
	}
	if m.Cancel != nil {
		st.at = m.Cancel.At
		if _, err := st.meeting.Cancel(ctx, st.actor[m.Cancel.By], view.ID, m.Cancel.Reason, false); err != nil {
			return err
		}
	}
	if m.Past { // nobody is reminded of what is over
		return st.outbox.Drop(ctx, st.tx, meeting.ReminderSubject(view.ID), "会议已结束")
	}
	return nil
}

func (st *stage) reminders(ctx context.Context) error {
	st.at = st.now
	for _, r := range st.Reminders {
		who := st.secretaryOf(r.Org)
		_, err := st.reminder.Create(ctx, who, reminder.Draft{OrgID: st.org[r.Org].ID, Name: r.Name, Rule: r.Rule, At: r.At, OnlyAfterHours: &r.OnlyAfterHours, Template: r.Template})
		if err != nil {
			return fmt.Errorf("reminder %s: %w", r.Name, err)
		}
	}
	return nil
}

// secretaryOf is who speaks for an organisation.
func (st *stage) secretaryOf(org string) *model.Actor {
	for _, p := range st.People {
		if a := st.actor[p.Key]; a.Has(model.RoleSecretary, st.org[org].Path) {
			return a
		}
	}
	return nil
}
