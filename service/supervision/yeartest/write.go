package yeartest

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Write puts the year into a fresh database, one transaction a branch.
func (y *Year) Write(ctx context.Context, s *store.Store) error {
	err := s.Tx(ctx, func(tx *store.Store) error {
		if err := tx.AddOrg(ctx, &y.Society); err != nil {
			return err
		}
		if err := y.people(ctx, tx, &y.Society, []Person{y.Staff}); err != nil {
			return err
		}
		return y.grant(ctx, tx, y.Staff, &y.Society, model.RoleStaff)
	})
	for b := range y.Branches {
		if err == nil {
			err = s.Tx(ctx, func(tx *store.Store) error { return y.branch(ctx, tx, b) })
		}
	}
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(tx *store.Store) error { return y.published(ctx, tx, -1) })
}

func (y *Year) branch(ctx context.Context, tx *store.Store, b int) error {
	br := &y.Branches[b]
	if err := tx.AddOrg(ctx, &br.Org); err != nil {
		return err
	}
	if err := y.people(ctx, tx, &br.Org, br.People); err != nil {
		return err
	}
	for i := range br.Groups {
		if err := tx.AddOrg(ctx, &br.Groups[i].Org); err != nil {
			return err
		}
		if err := tx.AddMemberships(ctx, y.places(&br.Groups[i].Org, br.Groups[i].People)); err != nil {
			return err
		}
	}
	if err := y.grant(ctx, tx, br.Secretary, &br.Org, model.RoleSecretary); err != nil {
		return err
	}
	if err := y.grant(ctx, tx, br.Deputy, &br.Org, model.RoleCommitteeMember); err != nil {
		return err
	}
	for i := range y.Meetings {
		if m := &y.Meetings[i]; m.Branch == b {
			row := m.Meeting
			if err := tx.AddMeeting(ctx, &row, m.invitees()); err != nil {
				return err
			}
		}
	}
	for _, x := range y.Suggestions {
		if x.OrgID == br.Org.ID {
			step := model.SuggestionStep{Action: model.SuggestionSubmit, ByID: x.AuthorID, ByRole: model.RoleMember.Label(), OrgID: x.OrgID, At: x.CreatedAt}
			if err := tx.AddSuggestion(ctx, &x, &step); err != nil {
				return err
			}
		}
	}
	return y.published(ctx, tx, b)
}

// published writes the articles of a branch, or of the society for -1, with their marks and pushes.
func (y *Year) published(ctx context.Context, tx *store.Store, b int) error {
	for i := range y.Articles {
		a := &y.Articles[i]
		if a.Branch != b {
			continue
		}
		row := a.Article
		if err := tx.AddArticle(ctx, &row, &model.ArticleBody{ArticleID: a.ID, Markdown: a.Text, HTML: "<p>" + a.Text + "</p>", Plain: a.Text}); err != nil {
			return err
		}
		for _, id := range a.Readers {
			if _, err := tx.PutRead(ctx, a.ID, id, 100, a.PublishedAt.Add(time.Hour)); err != nil {
				return err
			}
		}
		for _, id := range a.Claimed {
			claim := model.ArticleClaim{ArticleID: a.ID, MemberID: id, StudiedOn: model.DateOf(*a.PublishedAt), Place: "所在医院党支部", CreatedAt: a.PublishedAt.Add(time.Hour)}
			if err := tx.PutClaim(ctx, &claim); err != nil {
				return err
			}
		}
		push := slices.IndexFunc(y.Pushes, func(p model.Push) bool { return p.Subject == "article:"+a.ID })
		p := y.Pushes[push]
		if _, err := tx.AddPush(ctx, &p); err != nil {
			return err
		}
	}
	return nil
}

func (y *Year) people(ctx context.Context, tx *store.Store, org *model.Org, people []Person) error {
	var rows []*model.Member
	for _, p := range people {
		rows = append(rows, &model.Member{ID: p.ID, Name: p.Name, NameSort: p.ID, PartyStatus: p.Status, Version: 1, CreatedAt: org.CreatedAt, UpdatedAt: org.CreatedAt})
	}
	if err := tx.AddMembers(ctx, rows); err != nil {
		return err
	}
	return tx.AddMemberships(ctx, y.places(org, people))
}

func (y *Year) places(org *model.Org, people []Person) []*model.Membership {
	var rows []*model.Membership
	for _, p := range people {
		rows = append(rows, &model.Membership{ID: store.NewID(), MemberID: p.ID, OrgID: org.ID, OrgPath: org.Path, JoinedOn: model.DateOf(org.CreatedAt), CreatedAt: org.CreatedAt})
	}
	return rows
}

func (y *Year) grant(ctx context.Context, tx *store.Store, p Person, org *model.Org, role model.Role) error {
	return tx.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: p.ID, OrgID: org.ID, OrgPath: org.Path, Role: role, CreatedAt: org.CreatedAt})
}

func (m *Meeting) invitees() []model.MeetingInvitee {
	var rows []model.MeetingInvitee
	for _, id := range m.Entitled {
		row := model.MeetingInvitee{MeetingID: m.ID, MemberID: id, Entitled: true, Voting: true, Answer: model.RSVPNone}
		switch {
		case slices.Contains(m.Came, id):
			at := m.StartsAt
			row.Answer, row.Attendance, row.CheckedInAt = model.RSVPAccept, model.AttendancePresent, &at
		case slices.Contains(m.OnLeave, id):
			row.Answer, row.LeaveReason = model.RSVPLeave, "值班"
		}
		rows = append(rows, row)
	}
	return rows
}
