package store

import (
	"context"
	"strings"

	"gorm.io/gorm/clause"

	"zhibu/model"
)

// AddAction writes what a resolution asks, and reports whether it was this call that did.
func (s *Store) AddAction(ctx context.Context, x *model.Action) (bool, error) {
	x.Version = 1
	return s.insertOnce(ctx, x)
}

// Action reads one action.
func (s *Store) Action(ctx context.Context, id string) (*model.Action, error) {
	return one[model.Action](s.read(ctx).Where("id = ?", id), "这项督办事项")
}

// SaveAction writes an open action whose version is still the one that was read, and reports whether it was.
func (s *Store) SaveAction(ctx context.Context, x *model.Action) (bool, error) {
	read := x.Version
	x.Version++
	n, err := changed(s.write(ctx).Model(&model.Action{}).Where("id = ? AND version = ? AND state = ?", x.ID, read, model.ActionOpen).
		Select("*").Omit("id", "created_at").Updates(x))
	return n > 0, err
}

// ActionFilter narrows the list of actions to what one member may see. Empty fields do not narrow.
type ActionFilter struct {
	MemberID string        // whose list it is: the owner sees an action
	Powers   []model.Power // and so do those who run such meetings
	Mine     bool
	OrgPath  string
	State    model.ActionState
}

// Actions lists actions by their day.
func (s *Store) Actions(ctx context.Context, f ActionFilter, page model.Page) ([]model.Action, string, error) {
	conds, args := []string{"owner_id = ?"}, []any{f.MemberID}
	for _, p := range f.Powers {
		if f.Mine || p.Role.Rank() < model.RoleGroupLeader.Rank() {
			continue
		}
		// The range of under, which cannot stand among alternatives.
		cond := "(org_path >= ? AND org_path < ?)"
		args = append(args, p.Path, strings.TrimSuffix(p.Path, "/")+"0")
		if p.Role.Rank() < model.RoleCommitteeMember.Rank() {
			cond = "(org_path >= ? AND org_path < ? AND meeting_type <> ?)"
			args = append(args, model.MeetingCommittee)
		}
		conds = append(conds, cond)
	}
	q := s.read(ctx).Where("("+strings.Join(conds, " OR ")+")", args...).Order("due_on, id").Limit(page.Size() + 1)
	if f.OrgPath != "" {
		q = under(q, "org_path", f.OrgPath)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	var after struct {
		DueOn model.Date
		ID    string
	}
	if ok, err := model.ReadCursor(page.Cursor, "actions", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("(due_on > ? OR (due_on = ? AND id > ?))", after.DueOn, after.DueOn, after.ID)
	}
	rows, err := many[model.Action](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "actions", func(x model.Action) any {
		return struct {
			DueOn model.Date
			ID    string
		}{x.DueOn, x.ID}
	})
	return rows, next, nil
}

// OpenActionsOf are an organisation's own open actions, but those of one meeting, by their day: with these the next meeting begins.
func (s *Store) OpenActionsOf(ctx context.Context, orgID, butMeetingID string) ([]model.Action, error) {
	return many[model.Action](s.read(ctx).Where("org_id = ? AND state = ? AND meeting_id <> ?", orgID, model.ActionOpen, butMeetingID).
		Order("due_on, id").Limit(50))
}

// OpenActions counts the open actions of the subtree of path.
func (s *Store) OpenActions(ctx context.Context, path string) (int, error) {
	var n int64
	err := under(s.read(ctx).Model(&model.Action{}), "org_path", path).Where("state = ?", model.ActionOpen).Count(&n).Error
	return int(n), fault(err)
}

// ActionsOnTheClock are some of the open actions, by id after the one given.
func (s *Store) ActionsOnTheClock(ctx context.Context, after string, limit int) ([]model.Action, error) {
	return many[model.Action](s.read(ctx).Where("state = ? AND id > ?", model.ActionOpen, after).Order("id").Limit(limit))
}

// OpenActionsOwnedBy are the open actions of one person, wherever they are, kept from others until the transaction ends.
func (s *Store) OpenActionsOwnedBy(ctx context.Context, memberID string) ([]model.Action, error) {
	return many[model.Action](s.write(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("owner_id = ? AND state = ?", memberID, model.ActionOpen).Order("due_on, id"))
}
